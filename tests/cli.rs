//! Flags, help, every exit status, closed pipes.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::Stdio;

use clap::Parser as _;
use habitual::cli::Cli;

use crate::support::Sandbox;

const VERBS: [&str; 5] = ["replay", "inspect", "backtest", "demo", "check-mapping"];

/// What the command prints on standard output, with 80 columns.
#[track_caller]
fn prints(words: &str) -> String {
    let output = Sandbox::new()
        .habitual(words)
        .env("COLUMNS", "80")
        .assert()
        .success()
        .get_output()
        .clone();
    assert!(output.stderr.is_empty());
    String::from_utf8(output.stdout).unwrap()
}

/// What the command says on standard error when it ends with `status`; it
/// must not print anything else.
#[track_caller]
fn fails(sandbox: &Sandbox, words: &str, status: i32) -> String {
    let output = sandbox
        .habitual(words)
        .assert()
        .code(status)
        .get_output()
        .clone();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
    assert!(
        !output.stderr.contains(&0x1b),
        "no terminal, no control characters"
    );
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn the_short_help_fits_on_a_screen() {
    for words in ["-h"]
        .map(str::to_owned)
        .into_iter()
        .chain(VERBS.map(|verb| format!("{verb} -h")))
    {
        let help = prints(&words);
        assert!(help.lines().count() <= 25, "habitual {words}:\n{help}");
    }
}

#[test]
fn the_long_help_starts_with_examples_that_work() {
    for words in ["--help"]
        .map(str::to_owned)
        .into_iter()
        .chain(VERBS.map(|verb| format!("{verb} --help")))
    {
        let help = prints(&words);
        let before_usage = help.split("\nUsage:").next().unwrap();
        let examples: Vec<_> = before_usage
            .lines()
            .filter(|line| line.starts_with("  "))
            .collect();
        assert!(examples.len() >= 3, "habitual {words}:\n{help}");
        for example in examples {
            parses(example);
        }
    }
}

/// Parses a command as it stands in a text, and in a shell. A mapping of the
/// reader's own is not here: one that comes built in takes its place.
#[track_caller]
fn parses(command: &str) {
    let own = command.split('|').find(|part| part.contains("habitual"));
    let words = own
        .unwrap()
        .replace('\'', "")
        .replace("mine.toml", "github");
    let parsed = Cli::try_parse_from(words.split_whitespace());
    assert!(parsed.is_ok(), "{command}: {}", parsed.unwrap_err());
}

#[test]
fn the_commands_of_the_readme_work() {
    let readme = include_str!("../README.md").replace("\\|", "|");
    let (blocks, prose): (Vec<_>, Vec<_>) = readme
        .split("```")
        .enumerate()
        .partition(|(idx, _)| idx % 2 == 1);
    let in_blocks = blocks
        .iter()
        .flat_map(|(_, block)| block.lines())
        .filter(|line| line.starts_with("habitual "))
        .map(str::to_owned);
    let in_prose = prose
        .iter()
        .flat_map(|(_, text)| text.split('`').skip(1).step_by(2))
        .filter(|quoted| quoted.contains("habitual "))
        .map(|quoted| quoted.replace('\n', " "));
    let commands: Vec<_> = in_blocks.chain(in_prose).collect();
    assert!(commands.len() >= 10, "{commands:?}");
    for command in commands {
        parses(&command);
    }
}

#[test]
fn the_long_help_names_every_exit_status() {
    for words in ["--help", "replay --help"] {
        let help = prints(words);
        for status in [0, 1, 2, 3, 10, 13, 130, 143] {
            assert!(help.contains(&status.to_string()), "{status} in {words}");
        }
    }
}

#[test]
fn the_version_is_that_of_the_package() {
    assert_eq!(
        prints("--version"),
        format!("habitual {}\n", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn no_arguments_show_the_help_and_are_a_usage_error() {
    let said = fails(&Sandbox::new(), "", 2);
    assert!(said.contains("Usage: habitual"), "{said}");
}

#[test]
fn a_slip_of_the_pen_is_answered_with_what_was_meant() {
    let sandbox = Sandbox::new();
    for (words, meant) in [
        ("repaly logs", "'replay'"),
        ("replay logs --revew 7d", "'--review'"),
        ("replay logs -f jsnol", "'jsonl'"),
        ("replay logs --fail-on hihg", "'high'"),
        ("replay logs --class humann", "'human'"),
    ] {
        let said = fails(&sandbox, words, 2);
        assert!(said.contains(meant), "{words}: {said}");
    }
}

#[test]
fn values_that_cannot_be_are_usage_errors_with_an_example() {
    let sandbox = Sandbox::new();
    for (words, example) in [
        ("replay logs --review yesterday", "2026-11-01..2026-11-08"),
        ("replay logs --review 2026-11-31..", "as in 2026-11-07"),
        ("replay logs --history 7", "7d"),
        ("replay logs --gap 2days", "7d"),
        ("replay logs --around noon", "2026-11-20T03:00Z~2h"),
        ("replay logs --period week", "day"),
        ("replay logs --max-record 1", "32MiB"),
        ("replay logs --max-decompressed lots", "512MiB"),
        ("replay logs --alerts-per-day 0", "0.5"),
        ("replay logs --threads 0", "--threads"),
        ("replay logs --max-ratio 1", "--max-ratio"),
        ("inspect logs -f csv", "json"),
        ("replay", "<PATH>"),
    ] {
        let said = fails(&sandbox, words, 2);
        assert!(said.contains(example), "{words}: {said}");
    }
}

#[test]
fn flags_that_contradict_each_other_are_usage_errors() {
    let sandbox = Sandbox::new();
    for (words, named) in [
        ("replay logs --review ..2026-11-01", "--history"),
        ("replay logs --review 2026-11-08..2026-11-01", "is empty"),
        (
            "replay logs --review 2026-11-01.. --history ..2026-11-05",
            "--history ends at 2026-11-05",
        ),
        (
            "replay logs --review 7d --around 2026-11-01~2h",
            "cannot be used with",
        ),
        ("replay - -", "only once"),
        (
            "replay logs --path-dates",
            "needs a review that is given as dates",
        ),
        ("replay logs --settle soon", "invalid value 'soon'"),
        ("replay logs -f json -f csv", "standard output"),
        ("replay logs -o report", "-f jsonl -o \"report\""),
        ("replay logs -o a.csv -o a.csv", "given twice"),
        ("inspect logs -o a.parquet", "table, json"),
    ] {
        let said = fails(&sandbox, words, 2);
        assert!(said.contains(named), "{words}: {said}");
    }
    assert!(sandbox.names().is_empty(), "nothing was written");
}

#[test]
fn an_output_that_cannot_be_written_fails_before_anything_is_read() {
    let sandbox = Sandbox::new();
    // The input does not exist, so that whoever reads it first says so.
    let said = fails(&sandbox, "replay missing -o nowhere/report.csv", 1);
    assert!(
        said.starts_with("habitual: -o \"nowhere/report.csv\""),
        "{said}"
    );
    assert!(!said.contains("missing"), "{said}");
}

#[test]
fn an_input_is_never_replaced_by_an_output() {
    let sandbox = Sandbox::new();
    sandbox.write("log.jsonl", "{}");
    let said = fails(&sandbox, "replay log.jsonl -o ./log.jsonl", 2);
    assert!(said.contains("is one of the inputs"), "{said}");
}

#[test]
fn the_demo_does_not_write_among_other_files() {
    let sandbox = Sandbox::new();
    sandbox.write("mine/notes.txt", "precious");
    fails(&sandbox, "demo mine", 1);
    assert_eq!(sandbox.names(), ["mine", "mine/notes.txt"]);
}

/// The command with its output going to `stdout`.
fn status_with(stdout: impl Into<Stdio>) -> Option<i32> {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_habitual"));
    command.arg("--help").env_clear().stdout(stdout);
    command.status().unwrap().code()
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    assert_eq!(status_with(writer), Some(0));
}

#[cfg(target_os = "linux")]
#[test]
fn lost_output_is_a_failure() {
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    assert_eq!(status_with(full), Some(1));
}
