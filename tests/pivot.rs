//! `pivot`: the story of one thing, the commands that lead to it and on from
//! it, and what hostile logs make of both.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::process::{Command, Output};
use std::sync::LazyLock;

use serde_json::Value;

use crate::support::Sandbox;
use crate::support::events::{Event, ct, ct_role, okta, vault};

/// A small organisation.
static DEMO: LazyLock<Sandbox> = LazyLock::new(|| {
    let sandbox = Sandbox::new();
    run(&sandbox, "demo corp -q --days 35 --identities 3");
    sandbox
});

const LOGS: &str = "corp/cloudtrail corp/okta corp/vault";

#[track_caller]
fn ends(sandbox: &Sandbox, words: &str, status: i32) -> Output {
    let output = sandbox.habitual(words).output().unwrap();
    assert_eq!(output.status.code(), Some(status), "{words}: {output:?}");
    output
}

#[track_caller]
fn run(sandbox: &Sandbox, words: &str) -> String {
    String::from_utf8(ends(sandbox, words, 0).stdout).unwrap()
}

/// What a command of a report prints, run as it stands by a shell.
fn in_a_shell(sandbox: &Sandbox, command: &str) -> Output {
    let binary = env!("CARGO_BIN_EXE_habitual");
    let script = format!("habitual() {{ '{binary}' \"$@\"; }}\n{command}");
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(script).current_dir(sandbox.path(""));
    shell.env("LANG", "C.UTF-8").output().unwrap()
}

/// A key that is stolen: used as ever, then from elsewhere, where it takes on
/// a role, which reads a secret and is refused another. Beside it, somebody
/// signs in to Okta and reads from Vault, from the same address.
fn theft() -> Vec<Event> {
    let role = "arn:aws:iam::111122223333:role/admin";
    let mut events = ct("alice")
        .does("s3:ListBuckets")
        .using("AKIAALICE00000000001")
        .from("198.18.0.5")
        .at("2026-10-01T09:00:00Z")
        .daily(20);
    events.extend(
        ct("bob")
            .does("ec2:DescribeInstances")
            .using("AKIABOB0000000000001")
            .from("198.18.0.6")
            .at("2026-10-01T10:00:00Z")
            .daily(20),
    );
    let stolen = ct("alice")
        .using("AKIAALICE00000000001")
        .from("203.0.113.66");
    let at = |time: &str| format!("2026-10-20T{time}Z");
    events.extend([
        stolen
            .clone()
            .does("ec2:DescribeInstances")
            .at(&at("02:00:00")),
        stolen
            .does("sts:AssumeRole")
            .at(&at("02:01:00"))
            .set("/requestParameters", serde_json::json!({"roleArn": role}))
            .set(
                "/responseElements",
                serde_json::json!({
                    "credentials": {"accessKeyId": "ASIAFRESH00000000001"},
                    "assumedRoleUser": {"assumedRoleId": "AROAADMIN:x", "arn": role}
                }),
            ),
        ct_role("admin", "x")
            .does("secretsmanager:GetSecretValue")
            .using("ASIAFRESH00000000001")
            .from("203.0.113.66")
            .at(&at("02:02:00")),
        ct_role("admin", "x")
            .does("iam:CreateUser")
            .using("ASIAFRESH00000000001")
            .from("203.0.113.66")
            .at(&at("02:03:00"))
            .denied(),
        okta("alice@corp.example")
            .does("user.session.start")
            .from("203.0.113.66")
            .at(&at("02:04:00")),
        vault("oidc-alice")
            .does("read")
            .on("secret/data/payments/db")
            .from("203.0.113.66")
            .at(&at("02:05:00")),
    ]);
    events
}

fn stolen() -> Sandbox {
    let sandbox = Sandbox::new();
    let events = theft();
    for source in ["cloudtrail", "okta", "vault"] {
        let own: Vec<Event> = events
            .iter()
            .filter(|e| e.source() == source)
            .cloned()
            .collect();
        let (head, tail) = own.split_at(own.len() / 2);
        sandbox.write_lines(&format!("logs/{source}-1.jsonl"), head);
        sandbox.write_lines(&format!("logs/{source}-2.jsonl.gz"), tail);
    }
    sandbox
}

fn json(sandbox: &Sandbox, words: &str) -> Value {
    serde_json::from_str(&run(sandbox, &format!("pivot {words} -f json"))).unwrap()
}

fn texts(list: &Value, field: &str) -> Vec<String> {
    let items = list.as_array().unwrap().iter();
    items
        .map(|item| item[field].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn an_address_is_one_story_over_all_products() {
    let report = json(&stolen(), "--ip 203.0.113.66 logs");
    let trail = &report["trails"][0];
    assert_eq!(trail["n_events"], 6);
    assert_eq!(trail["n_failed"], 1);
    assert_eq!(
        texts(&trail["sources"], "name"),
        ["cloudtrail", "okta", "vault"]
    );
    let times = texts(&trail["events"], "time");
    assert_eq!((times.len(), times.is_sorted()), (6, true));
    assert_eq!(texts(&trail["events"], "source")[4..], ["okta", "vault"]);
    let cited = texts(&trail["events"], "cited");
    assert!(
        cited.iter().all(|cited| cited.starts_with("logs/")),
        "{cited:?}"
    );
}

#[test]
fn a_key_shows_what_is_new_to_it_what_is_new_to_all_and_where_it_leads() {
    let sandbox = stolen();
    let report = json(
        &sandbox,
        "--key akiaalice00000000001 logs --from 2026-10-20",
    );
    let trail = &report["trails"][0];
    assert_eq!(
        (&trail["n_events"], &trail["n_before"]),
        (&3.into(), &19.into())
    );
    let marks: Vec<_> = trail["values"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|value| value["mark"] != "usual")
        .filter(|value| ["action", "ip"].contains(&value["dimension"].as_str().unwrap()))
        .map(|value| {
            (
                value["value"].as_str().unwrap(),
                value["mark"].as_str().unwrap(),
            )
        })
        .collect();
    let expected = [
        ("203.0.113.66", "new"),
        ("sts:AssumeRole", "new"),
        ("ec2:DescribeInstances", "new_to_it"),
    ];
    assert_eq!(marks, expected);
    assert_eq!(trail["next"][0]["value"], "ASIAFRESH00000000001");
    // Every command that is suggested leads somewhere.
    let commands = texts(&trail["next"], "command");
    assert!(commands.len() >= 4, "{commands:?}");
    for command in commands {
        let output = in_a_shell(&sandbox, &format!("{command} -f jsonl"));
        assert!(
            output.status.success() && output.stderr.is_empty(),
            "{command}: {output:?}"
        );
        assert!(String::from_utf8_lossy(&output.stdout).contains("\"record\":\"event\""));
    }
}

#[test]
fn depth_follows_the_issued_credentials_in_one_run() {
    let sandbox = stolen();
    let words = "--key AKIAALICE00000000001 logs --from 2026-10-20 --depth 2";
    let report = json(&sandbox, words);
    let trails = report["trails"].as_array().unwrap();
    let found = trails
        .iter()
        .find(|trail| trail["pivot"]["value"] == "ASIAFRESH00000000001");
    let issued = found.unwrap();
    assert_eq!(
        (&issued["pivot"]["depth"], &issued["parent"]),
        (&2.into(), &0.into())
    );
    let actions = texts(&issued["events"], "action");
    assert_eq!(
        actions,
        [
            "sts:AssumeRole",
            "secretsmanager:GetSecretValue",
            "iam:CreateUser"
        ]
    );
    let said = ends(&sandbox, "pivot --key AKIA1 - --depth 2", 2).stderr;
    assert!(String::from_utf8_lossy(&said).contains("--depth"));
}

#[test]
fn the_bytes_are_the_same_for_any_threads_and_order_of_files() {
    let sandbox = stolen();
    for format in ["csv", "table", "jsonl"] {
        let pivot = |logs: &str, threads: u32| {
            let who = "--identity=*a* --depth 2 --rows 9 --from 2026-10-05";
            let text = run(
                &sandbox,
                &format!("pivot {who} {logs} -q -f {format} --threads {threads}"),
            );
            // The commands name the logs as they were given.
            let lines = text
                .lines()
                .filter(|line| !line.contains("\"record\":\"next\""));
            lines.map(str::to_owned).collect::<Vec<_>>()
        };
        let names = [
            "cloudtrail-1.jsonl",
            "cloudtrail-2.jsonl.gz",
            "vault-1.jsonl",
        ];
        let mut names = names.map(|name| format!("logs/{name}"));
        let one = pivot(&format!("{} logs", names.join(" ")), 1);
        assert!(one.len() > 20);
        names.reverse();
        assert!(
            one == pivot(&format!("logs {}", names.join(" ")), 3),
            "{format}"
        );
    }
}

#[test]
fn the_pivots_that_findings_suggest_run_and_find() {
    let report = run(&DEMO, &format!("replay {LOGS} -f jsonl -q"));
    let findings: Vec<Value> = report
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let pivots_of = |finding: &Value| -> Vec<String> {
        let steps = finding["next_steps"].as_array().unwrap().iter();
        let steps = steps.map(|step| step.as_str().unwrap().to_owned());
        steps
            .filter(|step| step.starts_with("habitual pivot "))
            .collect()
    };
    assert!(findings.len() > 2);
    assert!(
        findings
            .iter()
            .all(|finding| !pivots_of(finding).is_empty())
    );
    let selected = findings
        .iter()
        .filter(|finding| finding["is_selected"] == true);
    // A debug build reads slowly: the foremost stand for the others.
    let commands: BTreeSet<String> = selected.take(3).flat_map(pivots_of).collect();
    assert!(commands.len() >= 3, "{commands:?}");
    for command in commands {
        let output = in_a_shell(&DEMO, &format!("{command} -f csv"));
        assert!(output.status.success(), "{command}: {output:?}");
        let n_lines = output.stdout.split(|byte| *byte == b'\n').count();
        assert!(n_lines > 2, "{command} finds nothing");
    }
}

#[test]
fn what_is_not_listed_is_counted_and_said() {
    let sandbox = stolen();
    let output = ends(&sandbox, "pivot --identity alice logs --rows 2", 0);
    let lines = String::from_utf8(output.stdout).unwrap();
    assert_eq!(lines.lines().count(), 3);
    assert!(lines.contains("sts:AssumeRole"), "the last ones: {lines}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("20 more events"), "{said}");
    let first = run(
        &sandbox,
        "pivot --identity alice logs --rows 2 --from 2026-10-01 -q",
    );
    assert!(
        first.contains("2026-10-02T09:00:00Z"),
        "the first ones: {first}"
    );
}

#[test]
fn nothing_found_is_no_failure_and_says_what_was_looked_for() {
    let sandbox = stolen();
    let output = ends(&sandbox, "pivot --identity alic logs", 0);
    assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), 1);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("nothing in these logs touched identity alic") && said.contains('*'),
        "{said}"
    );
    let output = ends(&sandbox, "pivot --identity alice logs --from 2027-01-01", 0);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("22 events before"), "{said}");
}

#[test]
fn what_makes_no_sense_is_refused_before_anything_is_read() {
    let sandbox = Sandbox::new();
    for words in [
        "pivot logs",
        "pivot --ip 1.2.3.4 --key AKIA1 logs",
        "pivot --ip 1.2.3.0/40 logs",
        "pivot --key AKIA1 logs --from 2026-11-02 --to 2026-11-01",
        "pivot --key AKIA1 logs -f parquet",
        "pivot --key AKIA1",
    ] {
        let output = ends(&sandbox, words, 2);
        assert!(output.stdout.is_empty(), "{words}");
    }
    ends(&sandbox, "pivot --key AKIA1 logs", 1);
}

/// Names that terminals, spreadsheets and shells obey.
const HOSTILE: [&str; 5] = [
    "=cmd|'/c calc'!A1",
    "\u{1b}[2J\u{1b}]0;owned\u{7}",
    "a\nb\tc\r,\"d\"",
    "'; touch pwned; $(touch pwned) `touch pwned` #",
    "\u{202e}gpj.exe",
];

#[test]
fn hostile_names_are_shown_and_never_obeyed() {
    let sandbox = Sandbox::new();
    let events: Vec<Event> = HOSTILE
        .iter()
        .zip(0..)
        .map(|(name, i)| {
            ct(name)
                .does("s3:GetObject")
                .on(&format!("arn:aws:s3:::bucket/{name}"))
                .with(name)
                .from("203.0.113.9")
                .at("2026-10-20T02:00:00Z")
                .later(i)
        })
        .collect();
    let early = ct("x")
        .does("s3:GetObject")
        .from("198.18.0.1")
        .at("2026-10-01T02:00:00Z");
    sandbox.write_lines("logs/a.jsonl", &[vec![early], events].concat());
    let shown = |format: &str| {
        run(
            &sandbox,
            &format!("pivot --ip 203.0.113.9 logs --from 2026-10-20 -f {format}"),
        )
    };
    for format in ["table", "csv", "json", "jsonl"] {
        let text = shown(format);
        let is_obeyed = |c: char| c.is_control() && c != '\n' && !(c == '\t' && format == "table");
        assert!(
            !text.contains(is_obeyed) && !text.contains('\u{202e}'),
            "{format}: {text:?}"
        );
    }
    assert_eq!(shown("table").lines().count(), 1 + HOSTILE.len());
    assert!(shown("csv").contains("\"'=cmd|'/c calc'!A1\""));
    for line in shown("jsonl").lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        if let Some(command) = line["command"].as_str() {
            let output = in_a_shell(&sandbox, &format!("{command} -q -f jsonl"));
            assert!(output.status.success(), "{command}: {output:?}");
        }
    }
    assert!(!sandbox.path("pwned").exists());
}
