#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use tempfile::TempDir;

use super::*;
use crate::event::{Period, Window};
use crate::ledger::saved::{Column, Kind, SavedLedger, TABLES};
use crate::ledger::{Ledger, Roster, SlotSet};
use crate::state::NightState;

const RULES: u32 = 2;

/// A ledger of one identity that did `n` things.
fn ledger(n: u32) -> Ledger {
    let mut tables: Vec<_> = TABLES.iter().map(|layout| layout.empty()).collect();
    let fill = |column: &mut Column, name: &str| match column {
        Column::Text(texts) => texts.push(Some(match name {
            "identity" => "aws:user:AIDAEXAMPLE",
            "class" => "human",
            "basis" => "user",
            "dimension" => "action",
            "value" => "s3:GetObject",
            _ => "",
        })),
        Column::Small(values) => values.push(if name == "n_events" { n } else { 0 }),
        Column::Count(values) => values.push(n.into()),
        Column::Slot(values) => values.push(20_000),
        Column::Time(values) => values.push(None),
        Column::Slots(values) => values.push(SlotSet::single(20_000)),
        Column::Bytes(values) => values.push(Box::default()),
        Column::Flag(values) => values.push(false),
    };
    for table in tables
        .iter_mut()
        .filter(|t| ["identities", "atoms", "days", "records"].contains(&t.name))
    {
        for (name, column) in &mut table.columns {
            match (*name, &mut *column) {
                ("role" | "session" | "role_name" | "native", Column::Text(texts)) => {
                    texts.push(None);
                }
                _ => fill(column, name),
            }
        }
    }
    let saved = SavedLedger {
        period: Period::Day,
        coarsest: Period::Day,
        span: None,
        threshold: u64::MAX,
        tables,
    };
    Ledger::restore(&saved, Arc::new(Roster::new(9))).unwrap()
}

fn described() -> Manifest {
    let mut manifest = Manifest::new(RULES);
    manifest.set_window(Window {
        start: Period::Day.start_of(20_000),
        end: Period::Day.start_of(20_001),
    });
    manifest
}

fn read(folder: &Folder) -> Result<Ledger, BaselineProblem> {
    let manifest = folder.manifest(RULES)?;
    folder.ledger(&manifest, Arc::new(Roster::new(9)))
}

/// A folder with `ledger(1)` in it.
fn written() -> (TempDir, Folder) {
    let sandbox = tempfile::tempdir().unwrap();
    let folder = Folder::at(&sandbox.path().join("baseline"));
    let lock = folder.lock().unwrap();
    folder
        .write(&Content::of(&ledger(1)), &described(), &lock)
        .unwrap();
    (sandbox, folder)
}

fn content(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries
        .map(|entry| {
            (
                entry.file_name().into_string().unwrap(),
                fs::read(entry.path()).unwrap(),
            )
        })
        .filter(|(name, _)| name != lock::NAME)
        .collect()
}

#[test]
fn what_is_read_is_what_was_written_and_equal_ledgers_are_equal_files() {
    let (_sandbox, folder) = written();
    assert_eq!(read(&folder).unwrap().save(), ledger(1).save());
    let (_other_sandbox, other) = written();
    assert_eq!(content(folder.path()), content(other.path()));
}

#[test]
fn r_wr_5_no_flipped_bit_gets_through() {
    let (_sandbox, folder) = written();
    for (name, bytes) in content(folder.path()) {
        let path = folder.path().join(&name);
        for at in (0..bytes.len()).step_by(if name == "manifest.json" { 1 } else { 7 }) {
            let mut broken = bytes.clone();
            broken[at] ^= 1 << (at % 8);
            fs::write(&path, &broken).unwrap();
            let problem = read(&folder).map(|_| ()).unwrap_err();
            assert!(!matches!(problem.cause, Cause::Missing), "{name}:{at}");
        }
        fs::write(&path, &bytes).unwrap();
    }
    assert!(read(&folder).is_ok());
}

#[test]
fn r_wr_5_nothing_cut_off_or_missing_gets_through() {
    let (_sandbox, folder) = written();
    for (name, bytes) in content(folder.path()) {
        let path = folder.path().join(&name);
        for length in [0, 1, bytes.len() / 2, bytes.len() - 1] {
            fs::write(&path, &bytes[..length]).unwrap();
            assert!(read(&folder).is_err(), "{name}: {length}");
        }
        fs::remove_file(&path).unwrap();
        assert!(read(&folder).is_err(), "{name}");
        fs::write(&path, &bytes).unwrap();
    }
}

#[test]
fn r_wr_6_a_newer_form_is_refused_by_name() {
    let (_sandbox, folder) = written();
    let path = folder.path().join("manifest.json");
    let text = fs::read_to_string(&path).unwrap();
    let newer = text
        .replace("\"min_reader\": 1", "\"min_reader\": 9")
        .replace("\"generation\"", "\"something_new\"")
        .replace(env!("CARGO_PKG_VERSION"), "9.0.0");
    fs::write(&path, newer).unwrap();
    let problem = read(&folder).map(|_| ()).unwrap_err();
    assert!(
        problem
            .to_string()
            .ends_with("written by habitual \"9.0.0\", which is newer than 0.1.0")
    );
    fs::write(&path, text).unwrap();
    let other = folder.manifest(RULES + 1).unwrap_err();
    assert!(matches!(
        other.cause,
        Cause::OtherRules { theirs: 2, ours: 3 }
    ));
}

#[test]
fn r_wr_7_a_crafted_table_is_refused_before_room_is_made_for_it() {
    let layout = TABLES
        .iter()
        .find(|layout| layout.name == "records")
        .unwrap();
    let table = ledger(1)
        .save()
        .tables
        .into_iter()
        .find(|t| t.name == "records")
        .unwrap();
    let encoded = parquet::encode(&table).unwrap();
    assert_eq!(parquet::decode(layout, 1, encoded.clone()).unwrap(), table);
    assert!(parquet::decode(layout, 2, encoded.clone()).is_err());
    let other = TABLES.iter().find(|layout| layout.name == "atoms").unwrap();
    assert!(parquet::decode(other, 1, encoded.clone()).is_err());
    for at in 0..encoded.len() {
        let mut crafted = encoded.clone();
        crafted[at] = 0xff;
        // Anything but a panic or a hang.
        let _ = parquet::decode(layout, 1, crafted);
    }
}

#[test]
fn r_wr_1_a_crash_before_the_manifest_leaves_the_old_one_and_the_next_writer_cleans_up() {
    let (_sandbox, folder) = written();
    let before = content(folder.path());
    // What a killed writer leaves: a table nobody names, and half a file.
    fs::write(folder.path().join("atoms-0123456789abcdef.parquet"), "new").unwrap();
    fs::write(folder.path().join(".habitual-Ab12Cd.tmp"), "half").unwrap();
    assert_eq!(read(&folder).unwrap().save(), ledger(1).save());
    let lock = folder.lock().unwrap();
    folder
        .write(&Content::of(&ledger(2)), &described(), &lock)
        .unwrap();
    assert_eq!(read(&folder).unwrap().save(), ledger(2).save());
    let names: Vec<String> = content(folder.path()).into_keys().collect();
    assert!(
        !names
            .iter()
            .any(|name| name.contains("0123456789abcdef") || name.ends_with(".tmp"))
    );
    // The tables of the generation before are still there.
    assert!(before.keys().all(|name| names.contains(name)));
}

#[test]
fn r_wr_9_nothing_is_removed_that_a_manifest_may_name_which_cannot_be_read() {
    let (_sandbox, folder) = written();
    let lock = folder.lock().unwrap();
    let write = |n| {
        folder
            .write(&Content::of(&ledger(n)), &described(), &lock)
            .unwrap()
    };
    write(2);
    let older = folder.path().join("manifest.1.json");
    let text = fs::read(&older).unwrap();
    fs::write(&older, "{").unwrap();
    write(3);
    fs::write(&older, text).unwrap();
    folder.roll_back(1, &lock).unwrap();
    assert_eq!(read(&folder).unwrap().save(), ledger(1).save());
}

#[test]
fn r_wr_9_seven_generations_are_kept_and_any_can_come_back() {
    let (_sandbox, folder) = written();
    let lock = folder.lock().unwrap();
    for n in 2..=12 {
        folder
            .write(&Content::of(&ledger(n)), &described(), &lock)
            .unwrap();
    }
    assert_eq!(folder.generations().unwrap(), (5..=11).collect::<Vec<_>>());
    let manifest = folder.roll_back(6, &lock).unwrap();
    assert_eq!(manifest.generation, 13);
    assert_eq!(read(&folder).unwrap().save(), ledger(6).save());
    assert!(folder.roll_back(2, &lock).is_err());
    assert_eq!(read(&folder).unwrap().save(), ledger(6).save());
}

#[test]
fn r_wr_4_one_writer_at_a_time_and_the_next_after_it() {
    let (_sandbox, folder) = written();
    let lock = folder.lock().unwrap();
    let refused = folder.lock().unwrap_err();
    assert!(refused.is::<Locked>());
    let holder = format!("(process {})", std::process::id());
    assert!(refused.to_string().ends_with(&holder), "{refused}");
    drop(lock);
    folder.lock().unwrap();
}

#[test]
fn a_folder_with_something_else_is_left_alone() {
    let sandbox = tempfile::tempdir().unwrap();
    fs::write(sandbox.path().join("thesis.tex"), "years").unwrap();
    let folder = Folder::at(sandbox.path());
    let refused = folder.lock().unwrap_err().to_string();
    assert!(
        refused.contains("is there and holds no baseline"),
        "{refused}"
    );
    let missing = folder.manifest(RULES).unwrap_err();
    assert!(matches!(missing.cause, Cause::Missing));
}

#[cfg(unix)]
#[test]
fn r_wr_3_only_the_owner_may_read_it() {
    use std::os::unix::fs::PermissionsExt as _;

    let (_sandbox, folder) = written();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(folder.path()), 0o700);
    for name in content(folder.path()).into_keys() {
        assert_eq!(mode(&folder.path().join(&name)), 0o600, "{name}");
    }
    assert_eq!(mode(&folder.path().join(lock::NAME)), 0o600);
}

/// The type of a column as DuckDB calls it.
fn type_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "VARCHAR",
        Kind::Small => "UINTEGER",
        Kind::Count => "UBIGINT",
        Kind::Slot => "INTEGER",
        Kind::Time => "BIGINT",
        Kind::Slots => "INTEGER[]",
        Kind::Bytes => "BLOB",
        Kind::Flag => "BOOLEAN",
    }
}

#[test]
fn the_document_names_every_table_and_column_and_no_other() {
    let document = include_str!("../../../docs/baseline.md");
    let in_backticks = |text: &str| text.split('`').nth(1).map(str::to_owned);
    let mut documented = Vec::new();
    for line in document.lines() {
        if let Some(table) = line.strip_prefix("### ") {
            documented.push((in_backticks(table).unwrap(), Vec::new()));
        } else if line.starts_with("| `") {
            let mut cells = line.split(" | ");
            let column = in_backticks(cells.next().unwrap()).unwrap();
            let (_, columns) = documented.last_mut().unwrap();
            columns.push((column, cells.next().unwrap().to_owned()));
        }
    }
    let written = TABLES.iter().chain(&NightState::LAYOUTS).map(|layout| {
        let columns = layout.columns.iter();
        let columns = columns.map(|(name, kind)| ((*name).to_owned(), type_of(*kind).to_owned()));
        (layout.name.to_owned(), columns.collect::<Vec<_>>())
    });
    assert_eq!(documented, written.collect::<Vec<_>>());
}
