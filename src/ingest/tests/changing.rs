//! Files that somebody writes to while they are read (R-IN-12).

use super::*;

/// Reads a file of `before`, which becomes one of `after` in the middle, and
/// says how many records were read.
#[track_caller]
fn assert_noted(before: &str, after: &str) -> u64 {
    let sandbox = Sandbox::new().with("log", before);
    let path = sandbox.path().join("log");
    let change = |_: Progress| std::fs::write(&path, after).unwrap();
    let paths = std::slice::from_ref(&path);
    let intake = read(paths, &Options::default(), &change, Seen::default).unwrap();
    let coverage = intake.coverage;
    assert!(coverage.adds_up(), "{coverage:#?}");
    let problems = coverage.files[0].problems.iter();
    let is_noted = problems
        .map(|problem| problem.kind)
        .any(|kind| kind == ProblemKind::ChangedWhileReading);
    assert!(is_noted, "{:?}", coverage.files[0].problems);
    coverage.n_records
}

#[test]
fn a_file_that_grows_or_shrinks_or_is_emptied_meanwhile_is_noted() {
    let before = "{}".repeat(5000);
    for after in ["{}".repeat(9000), "{}".repeat(10), String::new()] {
        assert!(assert_noted(&before, &after) >= 4096);
    }
    // More than is read at once: the end is missed, and that is noted.
    let before = "{}\n".repeat(400_000);
    assert!(assert_noted(&before, "{}") < 400_000);
}

#[test]
fn a_file_that_is_moved_away_meanwhile_is_read_to_its_end() {
    let sandbox = Sandbox::new().with("log", "{}".repeat(5000));
    let (path, elsewhere) = (sandbox.path().join("log"), sandbox.path().join("log.1"));
    let rotate = |_: Progress| {
        let _ = std::fs::rename(&path, &elsewhere);
    };
    let paths = std::slice::from_ref(&path);
    let intake = read(paths, &Options::default(), &rotate, Seen::default).unwrap();
    assert_eq!(intake.coverage.n_records, 5000);
}
