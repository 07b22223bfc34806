//! Saved baselines: the same as having read everything at once, whatever was
//! learned when.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fs;
use std::sync::LazyLock;

use serde_json::Value;

use crate::support::Sandbox;

const LOGS: &str = "corp/cloudtrail corp/okta corp/vault";
const REVIEW: &str = "2026-11-09..2026-11-16";

/// The demo's logs, written once, and a baseline of what is before the review.
static DEMO: LazyLock<Sandbox> = LazyLock::new(|| {
    let sandbox = Sandbox::new();
    run(&sandbox, "demo corp -q --days 35");
    run(
        &sandbox,
        &format!("learn {LOGS} --history ..2026-11-09 -o whole"),
    );
    sandbox
});

#[track_caller]
fn run(sandbox: &Sandbox, words: &str) -> Vec<u8> {
    let output = sandbox.habitual(words).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{words}: {output:?}");
    output.stdout
}

/// How a command fails.
#[track_caller]
fn fails(words: &str) -> (Option<i32>, String) {
    let output = DEMO.habitual(words).output().unwrap();
    assert!(output.stdout.is_empty());
    (
        output.status.code(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

/// The hash of each table of a baseline.
fn tables(folder: &str) -> BTreeMap<String, String> {
    let manifest = fs::read(DEMO.path(folder).join("manifest.json")).unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    let tables = manifest["tables"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    tables
        .map(|table| (text(&table["name"]), text(&table["sha256"])))
        .collect()
}

#[test]
fn learning_and_scoring_say_what_a_replay_says_to_the_byte() {
    let replayed = run(
        &DEMO,
        &format!("replay {LOGS} --history ..2026-11-09 --review {REVIEW} -q -f jsonl --all"),
    );
    let scored = run(
        &DEMO,
        &format!("score {LOGS} --baseline whole -q -f jsonl --all"),
    );
    assert!(scored.len() > 10_000 && scored == replayed);
    let days = run(
        &DEMO,
        &format!("score {LOGS} --baseline whole --review 2d -q -f csv --all"),
    );
    assert!(
        String::from_utf8(days)
            .unwrap()
            .contains("2026-11-14T00:00:00Z")
    );
}

#[test]
fn shards_in_any_grouping_and_days_one_by_one_are_the_whole() {
    for (part, window) in [
        ("first", "..2026-10-18"),
        ("second", "2026-10-18..2026-10-30"),
        ("third", "2026-10-30..2026-11-09"),
    ] {
        run(
            &DEMO,
            &format!("learn {LOGS} --history {window} -o {part} --threads 1"),
        );
    }
    run(&DEMO, "merge third first second -o one-step");
    run(&DEMO, "merge second third -o later");
    run(&DEMO, "merge later first -o two-steps");
    run(
        &DEMO,
        &format!("learn {LOGS} --history ..2026-11-06 -o by-day"),
    );
    for (from, to) in [("06", "07"), ("07", "08"), ("08", "09")] {
        let window = format!("2026-11-{from}..2026-11-{to}");
        run(
            &DEMO,
            &format!("learn {LOGS} --history {window} -o by-day --update"),
        );
    }
    let whole = tables("whole");
    for folder in ["one-step", "two-steps", "by-day"] {
        assert_eq!(tables(folder), whole, "{folder}");
    }
    let generations = String::from_utf8(run(&DEMO, "baseline list by-day")).unwrap();
    assert_eq!(generations.lines().count(), 4);
    run(&DEMO, "baseline rollback by-day");
    assert_ne!(tables("by-day"), whole);
    let shown = String::from_utf8(run(&DEMO, "baseline show by-day")).unwrap();
    assert!(
        shown.contains("to 2026-11-08T00:00:00Z, every byte checked."),
        "{shown}"
    );
}

#[test]
fn a_baseline_that_is_not_there_or_not_whole_has_a_status_of_its_own() {
    let (status, said) = fails(&format!("score {LOGS} --baseline nowhere"));
    assert_eq!(status, Some(12));
    assert_eq!(
        said,
        "habitual: no baseline in \"nowhere\"\n  hint: make one with: habitual learn PATH... -o \
         BASELINE; the state of a nightly job with: habitual nightly PATH... --state STATE\n  more: habitual errors E0301\n"
    );
    run(
        &DEMO,
        &format!("learn {LOGS} --history ..2026-10-18 -o broken"),
    );
    let atoms = fs::read_dir(DEMO.path("broken"))
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let atoms = atoms
        .into_iter()
        .find(|path| path.to_str().unwrap().contains("atoms-"))
        .unwrap();
    let mut bytes = fs::read(&atoms).unwrap();
    bytes[100] ^= 4;
    fs::write(&atoms, bytes).unwrap();
    let (status, said) = fails(&format!("score {LOGS} --baseline broken"));
    assert_eq!(status, Some(12));
    assert!(
        said.contains("is damaged: atoms-") && said.contains("it is not what was written"),
        "{said}"
    );
}

#[test]
fn a_baseline_that_is_being_written_is_left_alone() {
    run(
        &DEMO,
        &format!("learn {LOGS} --history ..2026-10-18 -o busy"),
    );
    let before = tables("busy");
    let lock = fs::File::options()
        .write(true)
        .open(DEMO.path("busy/lock"))
        .unwrap();
    lock.lock().unwrap();
    let (status, said) = fails(&format!(
        "learn {LOGS} --history 2026-10-18.. -o busy --update"
    ));
    assert_eq!(status, Some(11), "{said}");
    assert!(
        said.starts_with("habitual: \"busy\" is being written by another run"),
        "{said}"
    );
    assert_eq!(tables("busy"), before);
}

#[test]
fn nothing_is_learned_twice_or_under_other_names() {
    let (status, said) = fails(&format!("learn {LOGS} -o whole"));
    assert_eq!(status, Some(2));
    assert!(
        said.contains("there is a baseline in \"whole\" already; add to it with --update"),
        "{said}"
    );
    let before = tables("whole");
    let (status, said) = fails(&format!(
        "learn {LOGS} --history ..2026-11-09 -o whole --update"
    ));
    assert_eq!(status, Some(2));
    assert!(
        said.contains("was learned from already, and would count twice"),
        "{said}"
    );
    let (status, said) = fails(&format!("score {LOGS} --baseline whole --okta-org other"));
    assert_eq!(status, Some(2));
    assert!(
        said.contains("--okta-org differs from the one that was learned with: \"none\""),
        "{said}"
    );
    let (status, said) = fails(&format!(
        "score {LOGS} --baseline whole --review 2026-11-01..2026-11-05"
    ));
    assert_eq!(status, Some(2));
    assert!(
        said.contains("overlap") || said.contains("after the review starts"),
        "{said}"
    );
    assert_eq!(tables("whole"), before);
}
