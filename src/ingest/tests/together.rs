//! One file that several threads read.

use std::num::NonZeroUsize;

use super::quick::{RECORDS, records};
use super::*;

/// What one file of `content` comes to, read by `threads`, so many bytes at a
/// time.
fn reading(content: &str, threads: usize, stride: usize) -> (Book, String) {
    let sandbox = Sandbox::new().with("log", content);
    let mut options = Options {
        threads,
        ..Options::default()
    };
    options.limits.stride = NonZeroUsize::new(stride);
    let (book, mut coverage) = Book::read(&[sandbox.path().to_owned()], &options);
    for file in &mut coverage.files {
        file.path = "log".to_owned().into();
    }
    (book, format!("{coverage:?}"))
}

/// Many threads come to what one does, to the number of every record, whatever
/// they hold at a time.
#[track_caller]
fn assert_alike(content: &str) {
    let (alone, coverage_alone) = reading(content, 1, 1 << 16);
    assert!(alone.events.len() > 100);
    for threads in [2, 3, 9] {
        for stride in [2_000, 7_001, 40_000, 1 << 20] {
            let (together, coverage) = reading(content, threads, stride);
            let what = format!("{threads} threads, {stride} bytes");
            assert_eq!(alone.events.len(), together.events.len(), "{what}");
            for (one, other) in alone.events.iter().zip(&together.events) {
                assert_eq!(one, other, "{what}");
            }
            assert_eq!(alone.n_duplicates, together.n_duplicates, "{what}");
            assert_eq!(coverage_alone, coverage, "{what}");
        }
    }
}

#[test]
fn many_threads_read_the_lines_of_one_file() {
    assert_alike(&records(40).join("\n"));
}

#[test]
fn many_threads_read_the_records_of_one_envelope() {
    assert_alike(&format!("{{\"Records\":[{}]}}", records(40).join(",")));
}

#[test]
fn what_is_not_easy_to_read_keeps_its_place() {
    let mut lines = records(30);
    let n = lines.len();
    let wrapped = format!(
        "{{\"Records\":[{}]}}",
        records(31)[30 * n / 30..].join(", ")
    );
    let pretty = serde_json::from_str::<serde_json::Value>(&records(40)[39 * n / 30]).unwrap();
    let pretty = serde_json::to_string_pretty(&pretty).unwrap();
    for (at, odd) in [
        (n / 7, "no record at all"),
        (n / 5, wrapped.as_str()),
        (n / 3, "{\"eventVersion\":\"1.08\",\"broken"),
        (n / 2, pretty.as_str()),
        (2 * n / 3, "[1,2,{\"a\":3}]"),
        (
            n - 1,
            "{\"eventVersion\":\"9.0\",\"eventSource\":\"x\",\"eventName\":\"y\"}",
        ),
    ] {
        lines.insert(at, odd.to_owned());
    }
    assert_alike(&lines.join("\n"));
}

#[test]
fn records_that_come_twice_count_once_whoever_reads_them() {
    let lines = [records(20), records(20)].concat().join("\n");
    let (alone, coverage_alone) = reading(&lines, 1, 1 << 16);
    assert!(alone.n_duplicates > 100);
    for threads in [2, 5] {
        let (together, coverage) = reading(&lines, threads, 10_000);
        assert_eq!(alone.events.len(), together.events.len());
        assert_eq!(alone.n_duplicates, together.n_duplicates);
        assert_eq!(coverage_alone, coverage);
    }
}

#[test]
fn whoever_has_no_file_helps() {
    let easy = RECORDS.lines().next().unwrap();
    let lines = (0..400).map(|n| easy.replace("5d1a2c58-0000-", &format!("5d1a2c58-{n:04}-")));
    let lines = lines.collect::<Vec<_>>().join("\n");
    let sandbox = Sandbox::new().with("log", &lines);
    let mut options = Options {
        threads: 4,
        ..Options::default()
    };
    options.limits.stride = NonZeroUsize::new(lines.len());
    let paths = [sandbox.path().to_owned()];
    let intake = read(&paths, &options, &|_: Progress| {}, Seen::default).unwrap();
    let n_events: Vec<u64> = intake.folds.iter().map(|fold| fold.n_events).collect();
    assert!(n_events.iter().all(|n| *n > 30), "{n_events:?}");
}
