#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use super::*;
use crate::cli::Verb;
use crate::cli::replay::ReplayConfig;

/// A command line as if typed in an empty folder, with the lines of a file.
fn parsed(words: &str, variables: &[(&'static str, &str)], lines: &str) -> Result<Cli, Answer> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("habitual.toml");
    fs::write(&path, lines).unwrap();
    let file = path.to_string_lossy().into_owned();
    let variables = variables
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()))
        .chain([(FILE_VARIABLE, file)]);
    let environment = Environment {
        variables: BTreeMap::from_iter(variables),
        ..Environment::default()
    };
    let words: Vec<OsString> = words.split_whitespace().map(OsString::from).collect();
    parse(&words, &environment)
}

fn replay(words: &str, variables: &[(&'static str, &str)], lines: &str) -> ReplayConfig {
    let args = match parsed(words, variables, lines).unwrap().verb {
        Verb::Replay(args) => Some(args),
        _ => None,
    };
    ReplayConfig::new(&args.unwrap()).unwrap()
}

#[test]
fn a_flag_wins_over_a_variable_and_a_variable_over_the_file() {
    let threads = |words: &str, variables: &[(&'static str, &str)], lines: &str| {
        replay(words, variables, lines).inputs.limits.threads.get()
    };
    let variable = ("HABITUAL_THREADS", "5");
    let file = "threads = 3";
    assert_eq!(threads("habitual replay logs", &[], file), 3);
    assert_eq!(threads("habitual replay logs", &[variable], file), 5);
    assert_eq!(
        threads("habitual replay logs --threads 7", &[variable], file),
        7
    );
    assert_eq!(threads("habitual replay --threads 7 -- logs", &[], file), 7);
    assert_eq!(threads("habitual replay -- logs", &[], file), 3);
}

#[test]
fn a_default_gives_way() {
    let config = replay(
        "habitual replay logs",
        &[],
        "alerts-per-day = 0.5\nokta-org = \"a b\"",
    );
    assert!((config.alerts_per_day - 0.5).abs() < 1e-12);
    assert_eq!(config.inputs.labels.okta_org.as_deref(), Some("a b"));
}

#[test]
fn a_switch_can_be_on_or_off_and_a_global_flag_is_one_too() {
    let ascii = |lines: &str, variables: &[(&'static str, &str)]| {
        let cli = parsed("habitual --quiet replay logs", variables, lines).unwrap();
        cli.terminal.ascii
    };
    assert!(ascii("ascii = true", &[]));
    assert!(!ascii("ascii = false", &[]));
    assert!(!ascii("ascii = true", &[("HABITUAL_ASCII", "0")]));
}

#[test]
fn a_setting_that_the_verb_does_not_have_is_no_mistake() {
    parsed("habitual schema", &[], "threads = 3\nalerts-per-day = 2").unwrap();
    parsed("habitual inspect logs", &[], "alerts-per-day = 2").unwrap();
}

#[track_caller]
fn refused(variables: &[(&'static str, &str)], lines: &str, parts: &[&str]) {
    match parsed("habitual replay logs", variables, lines) {
        Err(Answer::Settings(problem)) => {
            let text = problem.to_string();
            for part in parts {
                assert!(text.contains(part), "{text}");
            }
        }
        other => assert!(other.is_err(), "{other:?}"),
    }
}

#[test]
fn a_value_that_cannot_be_is_blamed_on_whoever_gave_it() {
    refused(&[], "threads = 0", &["habitual.toml", "--threads"]);
    refused(
        &[("HABITUAL_MEMORY_LIMIT", "lots")],
        "threads = 2",
        &["HABITUAL_MEMORY_LIMIT", "lots"],
    );
}

#[test]
fn a_file_among_the_logs_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("habitual.toml");
    fs::write(&file, "").unwrap();
    let other = tempfile::tempdir().unwrap();
    let paths = |path: &Path| vec![other.path().to_owned(), path.to_owned()];
    assert!(is_among(paths(folder.path()).iter(), &file));
    assert!(is_among(paths(&file).iter(), &file));
    assert!(!is_among(paths(other.path()).iter(), &file));
    assert!(!is_among(
        paths(&folder.path().join("missing")).iter(),
        &file
    ));
}
