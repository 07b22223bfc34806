//! The quick way of reading, as a whole run shows it.

use super::*;

pub(super) const RECORDS: &str = include_str!("../../../fixtures/quick/records.jsonl");

/// All records so many times, each time under other ids: a caller who comes
/// again is known.
pub(super) fn records(n_rounds: usize) -> Vec<String> {
    (0..n_rounds)
        .flat_map(|round| {
            let id = format!("5d1a2c58-{round:04}-");
            RECORDS
                .lines()
                .map(move |record| record.replace("5d1a2c58-0000-", &id))
        })
        .collect()
}

fn read_file(content: impl AsRef<[u8]>) -> (Book, Coverage) {
    let sandbox = Sandbox::new().with("log", content);
    Book::read(&[sandbox.path().to_owned()], &Options::default())
}

/// What became of the records, but for where they stand.
fn account(coverage: Coverage) -> impl PartialEq + std::fmt::Debug {
    let skipped = coverage.skipped.into_iter();
    (
        [
            coverage.n_records,
            coverage.n_used,
            coverage.n_duplicate,
            coverage.n_repaired,
            coverage.conflicts.n,
        ],
        skipped
            .map(|(reason, tally)| (reason, tally.n))
            .collect::<Vec<_>>(),
        coverage.sources,
        coverage.unknown_values,
        coverage.trail,
    )
}

#[test]
fn records_come_to_the_same_in_the_quick_way_and_in_the_plain_one() {
    let records = records(3);
    // Nothing is quick about a record that is the text of a string.
    let strings: Vec<_> = records.iter().map(|record| quoted(record)).collect();
    let (plain, plain_coverage) = read_file(format!("[{}]", strings.join(",\n")));
    assert!(plain_coverage.trail.n_retold > 0 && plain_coverage.trail.n_delayed > 0);
    let plain_account = account(plain_coverage);
    let lines = records.join("\n");
    // Two members are unpacked as a stream.
    let members = [gzip(&lines), gzip("\n")].concat();
    for file in [lines.as_bytes(), &gzip(&lines), &members] {
        let (quick, coverage) = read_file(file);
        assert_eq!(quick.events, plain.events);
        assert_eq!(quick.n_duplicates, plain.n_duplicates);
        assert_eq!(account(coverage), plain_account);
    }
}

#[test]
fn a_file_unpacked_in_one_go_is_reported_like_a_stream() {
    let lines = records(3).join("\n");
    let report = |content: Vec<u8>| {
        let mut coverage = read_file(content).1;
        let mut file = coverage.files.pop().unwrap();
        // The members take up more.
        file.n_bytes = 0;
        file.path = "log".to_owned().into();
        (file, account(coverage))
    };
    let members = [gzip(&lines), gzip("")].concat();
    assert_eq!(report(gzip(&lines)), report(members));
}
