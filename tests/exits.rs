//! Every exit status through the binary, and what is said with it: the path,
//! the cause and what to do on standard error, and data alone on standard
//! output.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::process::{Command, Output, Stdio};

use crate::support::Sandbox;
use crate::support::events::{Event, ct, lines};
use crate::support::house::{REVIEW, Routine, account, on_review_day};

/// Accounts in the log, so that there is something to be unlike.
const ACCOUNTS: [(&str, i64); 5] = [
    ("svc-labels", 11),
    ("svc-mailer", 15),
    ("svc-invoices", 5),
    ("svc-warehouse", 7),
    ("svc-stock", 9),
];

/// Seven weeks of some accounts, and an hour out of habit if `is_odd`.
fn log(is_odd: bool) -> Vec<Event> {
    let routines = ACCOUNTS.map(|(user, hour)| account(user, hour));
    let mut events: Vec<Event> = routines.iter().flat_map(Routine::always).collect();
    if is_odd {
        events.extend((0..40).map(|i| {
            ct("svc-labels")
                .does("iam:CreateAccessKey")
                .from("203.0.113.9")
                .with("curl/8.5.0")
                .at(&on_review_day(1, "02:00:00"))
                .later(i * 5)
        }));
    }
    events
}

/// A folder with that log.
fn sandbox(is_odd: bool) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write_lines("logs/trail.jsonl", &log(is_odd));
    sandbox
}

/// What the command leaves when it ends with `status`: standard output and
/// standard error.
#[track_caller]
fn ends(sandbox: &Sandbox, words: &str, status: i32) -> (String, String) {
    let output: Output = sandbox.habitual(words).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let (out, said) = (text(output.stdout), text(output.stderr));
    assert_eq!(output.status.code(), Some(status), "{words}: {said}");
    assert!(
        !said.contains('\u{1b}'),
        "no terminal, no control characters"
    );
    (out, said)
}

/// A failure: nothing on standard output, and these words beside.
#[track_caller]
fn fails(sandbox: &Sandbox, words: &str, parts: &[&str]) {
    let (out, said) = ends(sandbox, words, 1);
    assert_eq!(out, "");
    assert!(said.starts_with("habitual: "), "{said}");
    for part in parts {
        assert!(said.contains(part), "{part:?} not in {said}");
    }
}

#[test]
fn status_0_is_done_and_only_data_is_printed() {
    let sandbox = sandbox(false);
    let (out, said) = ends(&sandbox, &format!("replay logs -f jsonl {REVIEW}"), 0);
    assert_eq!(said, "");
    assert_eq!(out.lines().count(), ACCOUNTS.len());
    let parse = |line| serde_json::from_str::<serde_json::Value>(line).unwrap();
    assert!(
        out.lines()
            .map(parse)
            .all(|f| f["schema"] == "habitual.finding/1")
    );
    ends(
        &sandbox,
        &format!("replay logs {REVIEW} --fail-on critical"),
        0,
    );
    ends(&sandbox, "inspect logs", 0);
}

#[test]
fn status_1_names_a_path_that_is_not_there() {
    fails(
        &Sandbox::new(),
        "replay missing/logs",
        &[
            "\"missing/logs\"",
            "No such file or directory",
            "check the paths",
        ],
    );
}

#[test]
fn status_1_for_a_folder_without_files() {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.path("empty")).unwrap();
    fails(
        &sandbox,
        "replay empty",
        &[
            "no files to read in \"empty\"",
            "name the folder that holds the exported logs",
        ],
    );
}

/// R-IN-13
#[test]
fn status_1_when_nothing_is_recognised() {
    let sandbox = Sandbox::new();
    sandbox
        .write("logs/notes.txt", "milk\nbread\n")
        .write("logs/other.json", r#"{"level":"info","message":"started"}"#);
    fails(
        &sandbox,
        "replay logs",
        &[
            "nothing recognised in \"logs\"",
            "2 files",
            "habitual inspect",
        ],
    );
}

#[test]
fn status_1_for_a_history_without_events() {
    let sandbox = sandbox(false);
    fails(
        &sandbox,
        "replay logs --history 2026-01-01..2026-02-01 --review 2026-11-16..2026-11-19",
        &[
            "no events to learn from",
            "2026-01-01T00:00:00Z..2026-02-01T00:00:00Z",
            "2026-10-05T",
            "add older logs",
        ],
    );
}

/// R-IN-1
#[test]
fn status_1_when_strict_and_damaged_and_nothing_is_written() {
    let sandbox = sandbox(false);
    sandbox.write(
        "logs/broken.jsonl",
        "{\"eventVersion\": \"1.11\", \"eventTime\"\n",
    );
    let words = format!("replay logs {REVIEW} --strict -o report.csv");
    fails(&sandbox, &words, &["--strict", "habitual inspect"]);
    assert!(!sandbox.names().contains(&"report.csv".to_owned()));
}

#[cfg(target_os = "linux")]
#[test]
fn status_1_when_the_output_is_lost() {
    let sandbox = sandbox(true);
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_habitual"));
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
    let output = command
        .args(["replay", "logs", "-f", "json", "--fail-on", "low"])
        .current_dir(sandbox.path(""))
        .env_clear()
        .stdout(full.unwrap())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("No space left on device"), "{said}");
}

#[test]
fn status_2_is_for_wrong_use_before_anything_is_read() {
    let (out, said) = ends(&Sandbox::new(), "replay missing --review tomorrow", 2);
    assert_eq!(out, "");
    assert!(said.contains("--review"), "{said}");
    assert!(!said.contains("missing"), "{said}");
}

#[test]
fn status_3_keeps_every_complete_record_of_a_file_that_was_cut_off() {
    let sandbox = sandbox(false);
    let extra = ct("late").at("2026-11-17T10:00:00Z");
    let text = lines(&(0..400).map(|i| extra.clone().later(i)).collect::<Vec<_>>());
    sandbox.write("logs/whole.jsonl.gz", &text);
    let packed = std::fs::read(sandbox.path("logs/whole.jsonl.gz")).unwrap();
    std::fs::remove_file(sandbox.path("logs/whole.jsonl.gz")).unwrap();
    sandbox.write("logs/cut.jsonl", "");
    std::fs::write(
        sandbox.path("logs/cut.jsonl.gz"),
        &packed[..packed.len() / 2],
    )
    .unwrap();
    let (out, said) = ends(&sandbox, &format!("replay logs -f json {REVIEW}"), 3);
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let late = findings.iter().find(|f| f["identity"]["name"] == "late");
    let n_kept = late.unwrap()["days"][0]["n_events"].as_u64().unwrap();
    assert!((1..400).contains(&n_kept), "{n_kept} records kept");
    assert_eq!(report["coverage"]["is_incomplete"], true);
    assert_eq!(report["coverage"]["adds_up"], true);
    assert_eq!(said, "", "the report says it");
    let (out, _) = ends(&sandbox, "inspect logs", 3);
    assert!(out.contains("cut.jsonl.gz"), "{out}");
}

#[test]
fn status_3_for_a_missing_path_beside_a_good_one() {
    let (out, _) = ends(
        &sandbox(false),
        &format!("replay logs gone -f json {REVIEW}"),
        3,
    );
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["findings"].as_array().unwrap().len(), ACCOUNTS.len());
    assert!(out.contains("gone"), "{}", report["coverage"]);
}

/// R-IN-13
#[test]
fn status_3_for_a_review_without_events() {
    let (out, said) = ends(
        &sandbox(false),
        "replay logs --review 2027-01-01..2027-01-08",
        3,
    );
    assert_eq!(out, "");
    for part in [
        "no events to score in the review 2027-01-01T00:00:00Z..2027-01-08T00:00:00Z",
        "the events found are from 2026-10-05T",
        "add newer logs",
    ] {
        assert!(said.contains(part), "{part:?} not in {said}");
    }
}

#[test]
fn status_10_for_findings_as_severe_as_asked() {
    let sandbox = sandbox(true);
    let words = format!("replay logs -f jsonl {REVIEW} --fail-on low");
    let (out, said) = ends(&sandbox, &words, 10);
    assert_eq!((out.lines().count(), said.as_str()), (ACCOUNTS.len(), ""));
    // What is not listed counts; what is not asked for does not.
    ends(&sandbox, &format!("{words} --min-severity critical"), 10);
    ends(&sandbox, &format!("{words} --identity nobody"), 0);
}

#[test]
fn status_13_is_both() {
    ends(
        &sandbox(true),
        &format!("replay logs gone {REVIEW} --fail-on low"),
        13,
    );
}

#[test]
fn a_closed_pipe_changes_no_verdict_and_is_not_mentioned() {
    let sandbox = sandbox(true);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_habitual"));
    let output = command
        .args(["replay", "logs", "-f", "json", "--fail-on", "low"])
        .args(REVIEW.split(' '))
        .current_dir(sandbox.path(""))
        .env_clear()
        .stdout(writer)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
        .wait_with_output()
        .unwrap();
    assert_eq!(output.status.code(), Some(10));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

#[test]
fn a_quiet_run_says_nothing_beside_its_files() {
    let sandbox = sandbox(true);
    let words = format!("replay logs {REVIEW} -q -o report.txt -o findings.jsonl");
    assert_eq!(ends(&sandbox, &words, 0), (String::new(), String::new()));
    assert_eq!(
        sandbox.names(),
        ["findings.jsonl", "logs", "logs/trail.jsonl", "report.txt"]
    );
    // Errors are said all the same.
    let (_, said) = ends(&sandbox, "replay missing -q", 1);
    assert!(said.contains("missing"), "{said}");
}

#[test]
fn an_empty_environment_is_enough() {
    let sandbox = sandbox(true);
    let run = |command: &mut assert_cmd::Command| command.output().unwrap().stdout;
    let words = format!("replay logs {REVIEW}");
    let mut bare = sandbox.habitual(&words);
    let bare = run(bare.env_clear());
    let mut rich = sandbox.habitual(&words);
    let rich = rich
        .env("TZ", "Asia/Kathmandu")
        .env("HOME", "/nonexistent")
        .env("CI", "true");
    assert!(!bare.is_empty());
    assert_eq!(run(rich.env_remove("LANG")), bare);
}

/// R-RS-8
#[test]
fn a_run_that_takes_too_long_ends_and_replaces_nothing() {
    let sandbox = sandbox(false);
    sandbox.write("report.txt", "of yesterday");
    // Standard input stays open, so the run would never end by itself.
    let mut child = Command::new(env!("CARGO_BIN_EXE_habitual"))
        .args(["replay", "-", "-o", "report.txt", "--timeout", "1s"])
        .current_dir(sandbox.path(""))
        .env_clear()
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let input = child.stdin.take();
    let output = child.wait_with_output().unwrap();
    drop(input);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_eq!(
        said,
        "habitual: not done within --timeout; nothing was replaced\n"
    );
    let kept = fs::read_to_string(sandbox.path("report.txt")).unwrap();
    assert_eq!(kept, "of yesterday");
    assert_eq!(ends(&sandbox, "replay logs --timeout 1h", 0).1, "");
}

#[test]
fn a_message_obeys_nothing_that_it_quotes() {
    let sandbox = sandbox(false);
    let evil = "a\u{202e}\u{1b}]0;owned\u{7}";
    sandbox.write("mapping.toml", format!("version = 1\n[[link]]\n{evil}\n"));
    sandbox.write("taken", "");
    let words = [
        vec!["check-mapping", "mapping.toml", "logs"],
        vec!["replay", "logs", "--mapping", "mapping.toml"],
        vec!["errors", evil],
        vec!["explain", evil, "logs"],
        vec!["demo", &format!("taken/{evil}")],
    ]
    .map(|words| {
        words
            .iter()
            .map(|&word| word.to_owned())
            .collect::<Vec<_>>()
    });
    for words in words {
        let output = sandbox.habitual("").args(&words).output().unwrap();
        assert!(
            [1, 2].map(Some).contains(&output.status.code()),
            "{output:?}"
        );
        let said = String::from_utf8(output.stderr).unwrap();
        let is_obeyed = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!said.contains(is_obeyed), "{said:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_lost_on_its_last_way_out_is_a_failure() {
    let sandbox = sandbox(false);
    ends(&sandbox, "learn logs -o baseline -q", 0);
    for words in ["baseline show baseline", "baseline list baseline"] {
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_habitual"))
            .current_dir(sandbox.path("."))
            .args(words.split_whitespace())
            .stdout(full)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
    }
}
