#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::path::Path;

use proptest::prelude::*;

use super::*;

/// Records of every kind that the quick way knows or declines, one per line.
const RECORDS: &str = include_str!("../../../fixtures/quick/records.jsonl");

fn records() -> Vec<&'static str> {
    RECORDS.lines().collect()
}

#[track_caller]
fn assert_same(bytes: &[u8]) {
    if let Err(difference) = compare_paths(bytes) {
        panic!("{difference}\nof {}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn every_record_is_read_alike() {
    for record in records() {
        assert_same(record.as_bytes());
    }
    assert_same(RECORDS.as_bytes());
    let wrapped = format!("{{\"Records\":[{}]}}", records().join(","));
    assert_same(wrapped.as_bytes());
    assert!(count_quick(wrapped.as_bytes()) > records().len() / 2);
}

#[test]
fn records_are_read_alike_cut_at_every_byte() {
    for record in records() {
        for end in 0..record.len() {
            let (before, after) = record.as_bytes().split_at(end);
            assert_same(before);
            assert_same(&[before, b"\n", after].concat());
        }
    }
}

#[test]
fn what_is_common_is_read_in_the_quick_way() {
    let quick = |needle: &str| {
        let found = records().into_iter().find(|record| record.contains(needle));
        count_quick(found.unwrap().as_bytes())
    };
    assert_eq!(quick("\"credentials\":{"), 1);
    assert_eq!(quick("\"sharedEventID\":\"0a1b0000"), 1);
    assert_eq!(quick("\"reason\":\"UPDATED_DATA\""), 1);
    assert_eq!(quick("githubusercontent.com:sub\""), 1);
    assert_eq!(quick("\"CheckMfa\":\"Success\""), 1);
    assert_eq!(quick("VpceAccessDenied"), 1);
    assert_eq!(quick("\"schema\":"), 0);
}

/// The members of an object, as they stand.
fn members_of(record: &str) -> Vec<String> {
    crate::ingest::members::members(record)
        .map(|member| format!("\"{}\":{}", member.key, member.value))
        .collect()
}

fn whole_record() -> impl Strategy<Value = String> {
    proptest::sample::select(records()).prop_map(str::to_owned)
}

fn mixed_record() -> impl Strategy<Value = String> {
    (whole_record(), whole_record()).prop_flat_map(|(one, other)| {
        let mut members = members_of(&one);
        members.extend(members_of(&other));
        let n = members.len();
        proptest::sample::subsequence(members, 0..=n)
            .prop_shuffle()
            .prop_map(|members| format!("{{{}}}", members.join(",")))
    })
}

/// Bytes that mean something in JSON, and some that do not.
fn byte() -> impl Strategy<Value = u8> {
    prop_oneof![
        4 => proptest::sample::select(&b"{}[],:\"\\ \n\t\0\x1eu0-.eE1tfn/"[..]),
        1 => any::<u8>(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn damaged_records_are_read_alike(
        record in prop_oneof![whole_record(), mixed_record()],
        changes in proptest::collection::vec((any::<prop::sample::Index>(), byte(), 0..3_u8), 0..4),
        next in whole_record(),
    ) {
        let mut bytes = record.into_bytes();
        for (index, byte, kind) in changes {
            let at = index.index(bytes.len().max(1)).min(bytes.len().saturating_sub(1));
            match kind {
                0 if !bytes.is_empty() => bytes[at] = byte,
                1 if !bytes.is_empty() => {
                    bytes.remove(at);
                }
                _ => bytes.insert(at, byte),
            }
        }
        bytes.push(b'\n');
        bytes.extend(next.bytes());
        assert_same(&bytes);
    }

    #[test]
    fn spread_out_records_are_read_alike(
        record in mixed_record(),
        blanks in proptest::collection::vec(proptest::sample::select(vec!["", " ", "\n", "\r\n\t", "  "]), 1..8),
    ) {
        let mut blanks = blanks.iter().cycle();
        let mut is_quoted = false;
        let mut is_escaped = false;
        let mut spread = String::new();
        for c in record.chars() {
            let is_mark = !is_quoted && "{}[],:".contains(c);
            if is_mark {
                spread.push_str(blanks.next().unwrap());
            }
            spread.push(c);
            if is_mark {
                spread.push_str(blanks.next().unwrap());
            }
            is_quoted ^= c == '"' && !is_escaped;
            is_escaped = c == '\\' && !is_escaped;
        }
        let text = format!("[{spread},\n{spread}]\n{spread}");
        assert_same(text.as_bytes());
    }
}

/// All files below `folder`.
fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    entries
        .flatten()
        .flat_map(|entry| match entry.path() {
            path if path.is_dir() => files(&path),
            path => vec![path],
        })
        .collect()
}

#[test]
fn real_logs_are_read_alike() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let data = root
        .ancestors()
        .take(4)
        .map(|root| root.join("shared/data"));
    #[allow(clippy::print_stderr, reason = "a test says that it was skipped")]
    let Some(data) = data.into_iter().find(|path| path.exists()) else {
        eprintln!("skipped: no shared/data");
        return;
    };
    let mut n_quick = 0;
    for path in files(&data) {
        let mut bytes = std::fs::read(&path).unwrap();
        if bytes.starts_with(b"\x1f\x8b") {
            let mut text = Vec::new();
            let mut gzip = flate2::read::MultiGzDecoder::new(&*bytes);
            let _ = std::io::Read::read_to_end(&mut gzip, &mut text);
            bytes = text;
        }
        if let Err(difference) = compare_paths(&bytes) {
            panic!("{}: {difference}", path.display());
        }
        n_quick += count_quick(&bytes);
    }
    assert!(n_quick > 3000, "{n_quick} records were read quickly");
}
