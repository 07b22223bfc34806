//! Flags, help, every exit status, closed pipes.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::Parser as _;
use habitual::cli::Cli;

use crate::support::Sandbox;

const VERBS: [&str; 22] = [
    "replay",
    "inspect",
    "identities",
    "pivot",
    "case",
    "backtest",
    "explain",
    "learn",
    "score",
    "merge",
    "baseline",
    "nightly",
    "acknowledge",
    "suppress",
    "diff",
    "demo",
    "check-mapping",
    "config",
    "schema",
    "errors",
    "completions",
    "man",
];

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
        // There are many verbs.
        let limit = if words == "-h" { 30 } else { 25 };
        assert!(help.lines().count() <= limit, "habitual {words}:\n{help}");
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
    // Where the shell puts the output is none of the command's business.
    let own = own.unwrap().split(" > ").next();
    let words = own
        .unwrap()
        .replace('\'', "")
        .replace("mine.toml", "github");
    let parsed = Cli::try_parse_from(words.split_whitespace());
    assert!(parsed.is_ok(), "{command}: {}", parsed.unwrap_err());
}

/// A folder with everything that the examples name, made of the demo.
fn sandbox_of_examples() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox
        .habitual("demo corp -q --days 35")
        .assert()
        .success();
    let of = |folder: &str| {
        let mut paths: Vec<_> = fs::read_dir(sandbox.path(format!("corp/{folder}")))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        paths.sort();
        paths
    };
    fs::create_dir(sandbox.path("logs")).unwrap();
    let okta = of("okta").remove(0);
    fs::copy(okta, sandbox.path("okta.json")).unwrap();
    // Every day: one alone has no history.
    for (idx, path) in of("vault").iter().enumerate() {
        sandbox.write(&format!("audit.log.{idx}.gz"), fs::read(path).unwrap());
        fs::copy(path, sandbox.path("vault.log")).unwrap();
    }
    fs::rename(sandbox.path("corp/cloudtrail"), sandbox.path("cloudtrail")).unwrap();
    fs::rename(sandbox.path("corp/okta"), sandbox.path("logs/okta")).unwrap();
    fs::rename(sandbox.path("corp/vault"), sandbox.path("logs/vault")).unwrap();
    for folder in [".zfunc", ".config/fish/completions"] {
        fs::create_dir_all(sandbox.path(folder)).unwrap();
    }
    sandbox
}

/// Runs an example as a shell would, up to the command itself: what comes after
/// it may not be installed.
#[track_caller]
fn runs(sandbox: &Sandbox, example: &str) {
    let parts: Vec<&str> = example.split(" | ").collect();
    let own = parts.iter().position(|part| part.contains("habitual"));
    let pipeline = parts[..=own.unwrap()].join(" | ");
    let command = sandbox.habitual("");
    let folder = Path::new(command.get_program()).parent().unwrap();
    let path = format!("{}:/usr/bin:/bin", folder.display());
    let output = Command::new("sh")
        .args(["-c", &format!("exec 2>&1; {pipeline}")])
        .current_dir(sandbox.path(""))
        .env_clear()
        .env("PATH", path)
        .env("HOME", sandbox.path(""))
        .output()
        .unwrap();
    let status = output.status.code();
    // Input may be incomplete, and findings may be severe.
    assert!(
        matches!(status, Some(0 | 3 | 10 | 13)),
        "{example}: {status:?}\n{}",
        String::from_utf8_lossy(&output.stdout)
    );
}

#[test]
fn the_examples_of_the_help_do_what_they_say() {
    let sandbox = sandbox_of_examples();
    for verb in [
        "replay",
        "inspect",
        "config",
        "schema",
        "completions",
        "man",
    ] {
        let help = prints(&format!("{verb} --help"));
        let examples = help.split("Examples:").nth(1).unwrap();
        let examples = examples.split("Usage:").next().unwrap().lines();
        let examples: Vec<_> = examples.filter(|line| line.contains("habitual")).collect();
        assert!(examples.len() >= 3, "{verb}: {help}");
        for example in examples {
            runs(&sandbox, example);
        }
    }
    for written in [
        "findings.jsonl",
        "findings.ocsf.jsonl",
        "ticket.md",
        "report.json",
        "inspection.json",
        "events.parquet",
        "habitual.1",
        ".zfunc/_habitual",
        ".local/share/man/man1/habitual-replay.1",
    ] {
        assert!(
            fs::metadata(sandbox.path(written)).unwrap().len() > 100,
            "{written}"
        );
    }
}

#[test]
fn completions_know_the_verbs_and_their_flags() {
    for (shell, flag) in [
        ("bash", "--alerts-per-day"),
        ("zsh", "--alerts-per-day"),
        ("fish", "alerts-per-day"),
        ("powershell", "--alerts-per-day"),
        ("elvish", "--alerts-per-day"),
    ] {
        let script = prints(&format!("completions {shell}"));
        assert!(
            script.contains(flag) && script.contains("check-mapping"),
            "{shell}"
        );
        // The other two shells complete no values.
        let has_values = !matches!(shell, "powershell" | "elvish");
        assert_eq!(script.contains("timesketch"), has_values, "{shell}");
    }
    let said = fails(&Sandbox::new(), "completions tcsh", 2);
    assert!(said.contains("powershell"), "{said}");
}

#[test]
fn the_manual_is_made_of_the_help() {
    let page = prints("man");
    assert!(
        page.starts_with(".ie") && page.contains("Exit status"),
        "{page}"
    );
    let sandbox = Sandbox::new();
    sandbox
        .habitual("man pages -q")
        .assert()
        .success()
        .stderr("");
    let names = sandbox.names();
    for verb in VERBS {
        assert!(
            names.contains(&format!("pages/habitual-{verb}.1")),
            "{names:?}"
        );
    }
    let page = fs::read_to_string(sandbox.path("pages/habitual-replay.1")).unwrap();
    assert!(page.contains("fail\\-on"), "{page}");
}

#[test]
fn settings_come_from_the_folder_and_are_shown_with_their_origin() {
    let sandbox = Sandbox::new();
    sandbox.write("habitual.toml", "okta-org = \"corp\"\nthreads = 3\n");
    let shown = |words: &str| {
        let mut command = sandbox.habitual(words);
        let output = command.env("HABITUAL_THREADS", "2").output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let settings = shown("config show --origin");
    let line = |name: &str| {
        settings
            .lines()
            .find(|l| l.contains(name))
            .unwrap()
            .to_owned()
    };
    assert!(
        line("okta-org").ends_with("# file \"habitual.toml\""),
        "{settings}"
    );
    assert!(line("threads").starts_with("threads = \"2\""), "{settings}");
    assert!(
        line("threads").ends_with("# variable HABITUAL_THREADS"),
        "{settings}"
    );
    assert!(line("alerts-per-day").contains("\"5\""), "{settings}");
    assert!(line("alerts-per-day").ends_with("# default"), "{settings}");
    // What is shown can be used.
    sandbox.write("other.toml", shown("config show"));
    let again = shown("config show --config other.toml --origin");
    assert!(again.contains("# file \"other.toml\""), "{again}");
}

#[test]
fn a_configuration_with_a_mistake_is_refused_and_one_among_the_logs_not_read() {
    let sandbox = Sandbox::new();
    sandbox.write("logs/habitual.toml", "what = 1");
    sandbox.write("habitual.toml", "treads = 1");
    let said = fails(&sandbox, "replay logs", 2);
    assert!(
        said.contains("\"habitual.toml\": \"treads\" is no setting; did you mean threads?"),
        "{said}"
    );
    let said = fails(&sandbox, "replay logs --config missing.toml", 2);
    assert!(said.contains("missing.toml"), "{said}");
    // `.` holds the file, so whoever writes the logs could have written it.
    let said = fails(&sandbox, "replay .", 1);
    assert!(said.contains("nothing recognised"), "{said}");
}

#[test]
fn the_commands_of_the_readme_and_the_docs_work() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages: Vec<PathBuf> = fs::read_dir(root.join("docs"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "md"))
        .collect();
    pages.push(root.join("README.md"));
    let mut n_commands = 0;
    for page in pages {
        let text = fs::read_to_string(&page).unwrap().replace("\\|", "|");
        for command in commands_in(&text) {
            parses(&command);
            n_commands += 1;
        }
    }
    assert!(n_commands >= 60, "{n_commands}");
}

/// Lines of code blocks that are commands of ours, and those quoted in prose.
fn commands_in(text: &str) -> Vec<String> {
    let (blocks, prose): (Vec<_>, Vec<_>) = text
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
    in_blocks.chain(in_prose).collect()
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
fn logs_without_a_verb_are_answered_with_one() {
    let sandbox = Sandbox::new();
    sandbox.write("logs/a.jsonl", "{}");
    let said = fails(&sandbox, "logs", 2);
    assert!(said.contains("habitual replay PATH"), "{said}");
    assert!(!fails(&sandbox, "lags", 2).contains("habitual replay PATH"));
}

#[test]
fn values_that_cannot_be_are_usage_errors_with_an_example() {
    let sandbox = Sandbox::new();
    for (words, example) in [
        ("replay logs --review yesterday", "2026-11-01..2026-11-08"),
        ("replay logs --review 2026-11-31..", "no such day"),
        ("replay logs --review -7d", "as in 7d, 36h or 20m"),
        ("replay logs --gap --top 5", "value '--top' for '--gap"),
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
