//! `inspect --dump-events`: what is written, and what it is worth when it is
//! read in place of the logs.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::sync::LazyLock;

use serde_json::Value;

use crate::support::Sandbox;

const LOGS: &str = "corp/cloudtrail corp/okta corp/vault";

/// The demo's logs and their dumps, written once for all tests here.
static DUMPED: LazyLock<Sandbox> = LazyLock::new(|| {
    let sandbox = Sandbox::new();
    run(&sandbox, "demo corp -q --days 35");
    for (file, threads) in [("one.jsonl", 1), ("three.jsonl", 3), ("events.parquet", 2)] {
        let words = format!("inspect {LOGS} -q -f json --dump-events {file} --threads {threads}");
        run(&sandbox, &words);
    }
    sandbox
});

#[track_caller]
fn run(sandbox: &Sandbox, words: &str) -> Vec<u8> {
    let output = sandbox.habitual(words).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{words}: {output:?}");
    output.stdout
}

/// The findings of a replay, without what cites files and the commands that
/// name them.
fn findings(words: &str) -> Value {
    let report = run(&DUMPED, &format!("replay {words} -f json -q --all"));
    let mut report: Value = serde_json::from_slice(&report).unwrap();
    without_citations(&mut report["findings"]);
    assert!(report["findings"].as_array().unwrap().len() > 10);
    report["findings"].take()
}

fn without_citations(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| !matches!(&**name, "records" | "record" | "next_steps"));
            fields.values_mut().for_each(without_citations);
        }
        Value::Array(items) => items.iter_mut().for_each(without_citations),
        _ => {}
    }
}

#[test]
fn a_dump_is_the_same_for_any_number_of_threads_and_in_order_of_time() {
    let one = fs::read_to_string(DUMPED.path("one.jsonl")).unwrap();
    assert!(one == fs::read_to_string(DUMPED.path("three.jsonl")).unwrap());
    let events = one
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let times: Vec<String> = events
        .map(|event| event["time"].as_str().unwrap().replace('Z', ""))
        .collect();
    assert!(times.len() > 1000 && times.is_sorted_by_key(|time| time.replace('.', "!")));
    let inspection = run(&DUMPED, &format!("inspect {LOGS} -q -f json"));
    let inspection: Value = serde_json::from_slice(&inspection).unwrap();
    let n_events: u64 = inspection["coverage"]["sources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|source| source["n_events"].as_u64().unwrap())
        .sum();
    assert_eq!(times.len() as u64, n_events);
}

#[test]
fn a_replay_of_the_dump_finds_what_a_replay_of_the_logs_finds() {
    let expected = findings(LOGS);
    assert!(findings("one.jsonl") == expected);
    assert!(findings("events.parquet") == expected);
}

#[test]
fn a_dump_beside_its_logs_adds_nothing() {
    assert!(findings(&format!("{LOGS} one.jsonl events.parquet")) == findings(LOGS));
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_a_dump() {
    use std::os::unix::fs::PermissionsExt as _;

    for name in ["one.jsonl", "events.parquet"] {
        let mode = fs::metadata(DUMPED.path(name))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[track_caller]
fn refused(words: &str, status: i32, says: &str) {
    let output = DUMPED.habitual(words).output().unwrap();
    assert_eq!(output.status.code(), Some(status), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains(says), "{said}");
}

#[test]
fn a_dump_replaces_no_input_and_no_other_output() {
    refused(
        "inspect one.jsonl --dump-events one.jsonl",
        2,
        "one of the inputs",
    );
    refused(
        "inspect one.jsonl -f json -o x.json --dump-events x.json",
        2,
        "x.json",
    );
    refused("inspect one.jsonl --dump-events corp", 1, "folder");
    assert!(!DUMPED.path("x.json").exists());
}
