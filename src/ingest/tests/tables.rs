//! The same records in the tables they are exported to.

mod damage;
mod exports;
mod identity;
mod okta;
mod renderings;

use serde_json::{Value, json};

use super::*;
use crate::event::Flags;
use crate::ingest::Fold;
use renderings::{ACCOUNT, CONSOLE, athena, cell, columns, csv, json_lines, tables};

/// Remembers everything that an event says.
#[derive(Debug, Default)]
struct Told(BTreeSet<String>);

impl Fold for Told {
    fn observe(&mut self, event: &Event<'_>) {
        let mut event = event.clone();
        event.provenance = Provenance::default();
        self.0.insert(format!("{event:#?}"));
    }

    fn observe_duplicate(&mut self, _: &Event<'_>) {}
}

/// What the events of one file say.
#[track_caller]
fn told(content: impl AsRef<[u8]>) -> BTreeSet<String> {
    let sandbox = Sandbox::new().with("log", content);
    let paths = [sandbox.path().to_owned()];
    let intake = read(&paths, &Options::default(), &|_| {}, Told::default).unwrap();
    let told: BTreeSet<String> = intake.folds.into_iter().flat_map(|fold| fold.0).collect();
    assert_eq!(
        told.len() as u64,
        intake.coverage.n_used,
        "{:#?}",
        intake.coverage
    );
    told
}

#[test]
fn full_renderings_tell_what_the_records_tell() {
    let expected = told(json_lines());
    for (name, table, _) in tables().into_iter().filter(|(name, ..)| *name != "console") {
        let told = told(&table);
        for (told, expected) in told.iter().zip(&expected) {
            assert_eq!(told, expected, "{name}\n{table}");
        }
        assert_eq!(told.len(), 3, "{name}\n{table}");
    }
}

#[test]
fn every_table_repeats_the_records_and_the_fullest_counts() {
    for (name, table, format) in tables() {
        let (seen, coverage) = read_bytes(&table);
        assert_eq!(
            (seen.n_events, coverage.n_used),
            (3, 3),
            "{name}\n{coverage:#?}\n{table}"
        );
        assert_eq!(coverage.files[0].format, format);
        assert!(coverage.files[0].problems.is_empty(), "{coverage:#?}");
        assert_eq!(coverage.files[0].n_decoded, table.len() as u64);
    }
    let mut sandbox = Sandbox::new().with("records", json_lines());
    for (name, table, _) in tables() {
        sandbox = sandbox.with(name, table);
    }
    let expected = sandbox.read();
    assert_eq!((expected.0.n_events, expected.1.n_duplicate), (3, 27));
    assert_eq!(expected.1.conflicts.n, 0);
    for threads in [2, 5] {
        let options = Options {
            threads,
            ..Options::default()
        };
        assert_eq!(read_all(&[sandbox.path().to_owned()], &options), expected);
    }
}

#[test]
fn a_fuller_table_counts_whatever_the_order_of_files() {
    // The summary comes first in every order, and is not used.
    let sandbox = Sandbox::new()
        .with("a console", columns(&CONSOLE))
        .with("b athena", athena());
    let (seen, coverage) = sandbox.read();
    assert_eq!((seen.n_events, coverage.n_duplicate), (3, 3));
    assert_eq!(coverage.conflicts.n, 0);
    assert_eq!(
        (coverage.files[0].n_events, coverage.files[1].n_events),
        (3, 3)
    );
}

#[test]
fn the_watcher_is_told_of_every_table_once() {
    let sandbox = Sandbox::new().with("a", athena()).with("b", json_lines());
    let last = std::sync::Mutex::new(Progress::default());
    let watch = |progress: Progress| *last.lock().unwrap() = progress;
    read(
        &[sandbox.path().to_owned()],
        &Options::default(),
        &watch,
        Seen::default,
    )
    .unwrap();
    let last = *last.lock().unwrap();
    assert_eq!(
        (last.n_files, last.n_bytes, last.n_records),
        (2, last.n_bytes_total, 6)
    );
}

#[test]
fn encodings_and_line_ends_make_no_difference() {
    let table = athena();
    let expected = told(&table);
    let utf16: Vec<u8> = [0xfeff]
        .into_iter()
        .chain(table.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let semicolons = {
        let mut reader = csv::Reader::from_reader(table.as_bytes());
        let mut writer = csv::WriterBuilder::new()
            .delimiter(b';')
            .from_writer(Vec::new());
        writer.write_record(reader.headers().unwrap()).unwrap();
        for record in reader.records() {
            writer.write_record(&record.unwrap()).unwrap();
        }
        [b"sep=;\r\n".to_vec(), writer.into_inner().unwrap()].concat()
    };
    for (name, bytes) in [
        ("UTF-16LE", utf16),
        ("CRLF", table.replace('\n', "\r\n").into_bytes()),
        ("mark", format!("\u{feff}{table}").into_bytes()),
        ("sep=;", semicolons),
        ("gzip", gzip(&table)),
        ("comment", format!("# query 1\n\n{table}").into_bytes()),
    ] {
        assert_eq!(told(bytes), expected, "{name}");
    }
    let (_, coverage) = read_bytes(gzip(table));
    assert_eq!(coverage.files[0].format, "CloudTrail Athena CSV, gzip");
}

#[test]
fn text_that_only_looks_like_a_table_is_read_as_text() {
    let record = trail(1);
    let (seen, _) = read_bytes(format!("message\n{record}\n{}", trail(2)));
    assert_eq!(seen.n_events, 2);
    let (seen, _) = read_bytes(format!("a,b,c\nd,e,f\n{record}"));
    assert_eq!(seen.n_events, 1);
}

#[test]
fn rows_of_every_kind_of_record_are_unwrapped() {
    let rows = [
        trail(1),
        vault(1, "request"),
        format!("<13>Nov 21 04:40:24 h t[1]: {}", trail(2)),
        r#"{"@level":"info","@message":"m"}"#.to_owned(),
        "no record".to_owned(),
        trail(3)[..80].to_owned(),
    ];
    let table = csv(
        &["_time", "_raw"],
        rows.map(|row| vec!["t".to_owned(), row]),
    );
    let (seen, coverage) = read_bytes(table);
    assert_eq!((seen.n_events, coverage.n_records), (3, 6));
    let expected = [
        (SkipReason::TruncatedRecord, 1),
        (SkipReason::UnknownType, 1),
        (SkipReason::OperationalLine, 1),
    ];
    assert_skipped(&coverage, &expected);
    assert_eq!(coverage.files[0].format, "CloudTrail and Vault CSV");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn a_table_with_any_bytes_changed_is_accounted_for(
        changes in proptest::collection::vec((0_usize..6000, proptest::sample::select(b"\",;\n\r{}=\\\0\xffa".to_vec())), 0..20),
        which in 0_usize..9,
    ) {
        let mut table = tables()[which].1.clone().into_bytes();
        for (at, byte) in changes {
            let at = at % table.len();
            table[at] = byte;
        }
        // Checks that the account adds up.
        read_bytes(table);
    }
}
