//! The HTML report: what the command writes, and how a browser takes it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::Command;

use crate::support::Sandbox;
use crate::support::events::ct;
use crate::support::house::{REVIEW, Routine, account, batch, on_review_day, person};

/// Set to run `scripts/check-html.sh` with the tests.
const REQUEST: &str = "HABITUAL_BROWSER";

#[test]
fn page_is_the_same_for_any_number_of_threads() {
    let sandbox = Sandbox::new();
    let routines = [
        batch("etl", 2),
        account("svc-labels", 11),
        person("alice@example.com"),
    ];
    for (idx, routine) in routines.iter().enumerate() {
        sandbox.write_lines(&format!("logs/{idx}.jsonl"), &Routine::always(routine));
    }
    let odd = ct("svc-labels")
        .does("cloudtrail:StopLogging")
        .at(&on_review_day(1, "23:40:00"));
    sandbox.write_lines("logs/odd.jsonl", &[odd]);
    let page = |threads: usize| {
        let words = format!("replay logs -q -f html {REVIEW} --threads {threads}");
        let output = sandbox.habitual(&words).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let one = page(1);
    assert!(one.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"));
    assert!(one.ends_with("</html>\n"));
    assert!(one.contains("cloudtrail:StopLogging"));
    assert_eq!(page(2), one);
}

#[test]
#[expect(clippy::print_stderr, reason = "a test that was skipped says so")]
fn page_holds_in_a_browser() {
    if std::env::var_os(REQUEST).is_none() {
        eprintln!("skipped: needs node and chromium; set {REQUEST}=1 to run scripts/check-html.sh");
        return;
    }
    let sandbox = Sandbox::new();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/check-html.sh");
    let status = Command::new(script)
        .arg(env!("CARGO_BIN_EXE_habitual"))
        .arg(sandbox.path("browser"))
        .status()
        .unwrap();
    assert!(status.success());
}
