#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::io::Read;

use proptest::prelude::*;

use super::*;
use crate::ingest::coverage::SkipReason::{self, Malformed, TooLarge, TruncatedRecord};

const MAX_RECORD: usize = 1000;

/// Delivers a few bytes at a time.
struct Drip<'t>(&'t [u8], usize);

impl Read for Drip<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let n = self.1.min(out.len());
        (&mut self.0).take(n as u64).read(out)
    }
}

fn layout(text: &[u8]) -> Option<Layout> {
    Layout::of(text, &|name| matches!(name, "id" | "user"))
}

type Cells = Vec<Result<Vec<String>, SkipReason>>;

fn rows_by(text: &[u8], n_bytes: usize) -> (Cells, Tally) {
    let mut rows = Rows::new(Drip(text, n_bytes), layout(text).unwrap(), MAX_RECORD);
    let mut read = Vec::new();
    while let Some(piece) = rows.next() {
        read.push(match piece.content {
            Content::Row(row) => Ok(row.iter().map(|(_, cell)| cell.to_owned()).collect()),
            Content::Lost(reason) => Err(reason),
        });
    }
    (read, rows.tally())
}

#[track_caller]
fn reads(text: &str, expected: &[Result<&[&str], SkipReason>]) -> Tally {
    let owned = |row: &Result<&[&str], SkipReason>| {
        row.map(|cells| cells.iter().map(ToString::to_string).collect::<Vec<_>>())
    };
    let expected: Cells = expected.iter().map(owned).collect();
    let (read, tally) = rows_by(text.as_bytes(), usize::MAX);
    assert_eq!(read, expected);
    for n_bytes in [1, 2, 7] {
        assert_eq!(rows_by(text.as_bytes(), n_bytes), (read.clone(), tally));
    }
    tally
}

#[test]
fn the_same_rows_however_they_are_written() {
    let expected: &[Result<&[&str], _>] = &[Ok(&["1", "a\nb", "x"]), Ok(&["2", "", "say \"y\""])];
    for text in [
        "id,user,note\n1,\"a\nb\",x\n2,,\"say \"\"y\"\"\"\n",
        "\u{feff}id,user,note\r\n1,\"a\nb\",x\r\n2,,\"say \"\"y\"\"\"",
        "sep=;\r\nid;user;note\r\n1;\"a\nb\";x\r\n2;;\"say \"\"y\"\"\"\r\n",
        "# made by hand\n\nid\tuser\tnote\n1\t\"a\nb\"\tx\n\n2\t\tsay \"y\"\n",
        "id|user|note\n\"1\"|\"a\nb\"|\"x\"\n\"2\"|\"\"|\"say \"\"y\"\"\"\n||\n",
        "\"id\",\"user\",\"note\"\n1,\"a\nb\",x\n2,,\"say \\\"y\\\"\"\n",
        "id,user,note\n1,\"a\nb\",x\nid,user,note\n\u{feff}2,,\"say \"\"y\"\"\"\n",
    ] {
        assert_eq!(reads(text, expected), Tally::default(), "{text}");
    }
}

#[test]
fn ragged_rows_are_fitted_and_counted() {
    let tally = reads(
        "id,user,note\n1,a\n2,b,c,d,e\n3\n4,d,e\n",
        &[
            Ok(&["1", "a"]),
            Ok(&["2", "b", "c,d,e"]),
            Ok(&["3"]),
            Ok(&["4", "d", "e"]),
        ],
    );
    assert_eq!((tally.n_short, tally.n_long), (2, 1));
}

#[test]
fn a_quote_that_is_never_closed_costs_one_row() {
    // The next quoted cell seems to close it.
    reads(
        "id,user,note\n1,\"a,x\n2,b,y\n3,\"c\",\"z\"\n4,d,w\n",
        &[
            Err(Malformed),
            Ok(&["2", "b", "y"]),
            Ok(&["3", "c", "z"]),
            Ok(&["4", "d", "w"]),
        ],
    );
    // Nothing closes it.
    let tally = reads(
        "id,user,note\n1,a,x\n2,\"b,y\n3,c,z\n",
        &[
            Ok(&["1", "a", "x"]),
            Err(TruncatedRecord),
            Ok(&["3", "c", "z"]),
        ],
    );
    assert!(tally.is_cut);
    // Nothing closes it within one record.
    let many = "3,c,z\n".repeat(400);
    let text = format!("id,user,note\n1,\"a,x\n{many}");
    let (read, _) = rows_by(text.as_bytes(), 64);
    assert_eq!(read[0], Err(TooLarge));
    assert_eq!(read.iter().filter(|row| row.is_ok()).count(), 400);
}

#[test]
fn a_torn_table_before_another_costs_the_torn_row() {
    reads(
        "id,user,note\n1,a,\"pretty\n  te\u{feff}id,user,note\n2,\"b\",\"y\"\n3,c,z\n",
        &[Err(Malformed), Ok(&["2", "b", "y"]), Ok(&["3", "c", "z"])],
    );
}

#[test]
fn rows_that_are_all_too_short_are_found_again() {
    let tally = reads(
        "id,user,note\n1,a\n2,\"b\"x\n3,c\n4,d\n",
        &[
            Ok(&["1", "a"]),
            Err(Malformed),
            Ok(&["3", "c"]),
            Ok(&["4", "d"]),
        ],
    );
    assert_eq!((tally.n_short, tally.n_passed_over), (3, 0));
}

#[test]
fn what_is_left_of_a_broken_row_is_no_row() {
    let tally = reads(
        "id,user,note\n1,a,\"x\"y\nrest\nmore, rest\"\n2,b,z\n",
        &[Err(Malformed), Ok(&["2", "b", "z"])],
    );
    assert_eq!(tally.n_passed_over, 2);
}

#[test]
fn a_row_larger_than_a_record_is_passed_over() {
    for cell in ["x".repeat(MAX_RECORD), format!("\"{}\"", "x".repeat(5000))] {
        let text = format!("id,user,note\n1,a,b\n2,{cell},c\n3,d,e\n");
        reads(
            &text,
            &[Ok(&["1", "a", "b"]), Err(TooLarge), Ok(&["3", "d", "e"])],
        );
    }
}

#[test]
fn looking_back_costs_no_more_than_reading_twice() {
    // Every line opens a quote, and closes and opens one if it is in a quote.
    let text = format!("id,user\n{}", "a\",\",\n".repeat(200_000));
    let mut rows = Rows::new(text.as_bytes(), layout(text.as_bytes()).unwrap(), 100_000);
    let mut n = 0_u64;
    while rows.next().is_some() {
        n += 1;
    }
    assert!(n > 0);
    assert!(rows.n_looked_back() <= text.len() as u64 + 100_000);
}

#[test]
fn unreadable_characters_are_replaced_and_counted() {
    let (read, tally) = rows_by(b"id,user,note\n1,\xff,x\n2,b,y\n", usize::MAX);
    assert_eq!(read[0].as_ref().unwrap()[1], "\u{fffd}");
    assert_eq!((read.len(), tally.n_repaired), (2, 1));
}

#[test]
fn a_formula_escape_is_taken_off_once() {
    reads(
        "id,user,note\n'=1,'+a,'-x\n'@2,'b,''=c\n",
        &[Ok(&["=1", "+a", "-x"]), Ok(&["@2", "'b", "''=c"])],
    );
}

#[test]
fn a_cell_as_long_as_a_spreadsheet_allows_was_cut() {
    for (n, is_cut) in [(32_766, false), (32_767, true), (32_768, false)] {
        let text = format!("id,user\n1,{}\n", "é".repeat(n));
        let mut rows = Rows::new(text.as_bytes(), layout(text.as_bytes()).unwrap(), 1 << 20);
        let piece = rows.next().unwrap();
        assert!(matches!(piece.content, Content::Row(row) if row.is_cut() == is_cut));
    }
}

#[test]
fn columns_have_canonical_names_and_the_first_of_a_name_counts() {
    let text = b"Source IP address,source_ip_address,User,x\n1,2,3,4\n";
    let layout = layout(text).unwrap();
    let columns = layout.columns();
    assert_eq!((columns.len(), columns.n_duplicate()), (4, 1));
    assert_eq!(columns.position("sourceipaddress"), Some(0));
    assert_eq!(columns.position("none"), None);
    assert_eq!(
        columns.describe(),
        "Source IP address, source_ip_address, User, x"
    );
    let mut rows = Rows::new(&text[..], layout, MAX_RECORD);
    let piece = rows.next().unwrap();
    let Content::Row(row) = piece.content else {
        unreachable!("{piece:?}");
    };
    assert_eq!((piece.offset, row.get("sourceipaddress")), (43, Some("1")));
}

#[test]
fn a_table_is_told_by_a_known_column_or_by_even_rows() {
    let is_table = |text: &str| layout(text.as_bytes()).is_some();
    assert!(is_table("id,x\n"));
    assert!(is_table("a,b,c\n1,2,3\n4,5,6\n"));
    assert!(!is_table("a,b\n1,2\n"));
    assert!(!is_table("a,b,c\n"));
    assert!(!is_table("a,b,c\n1,2,3\n4,5\n"));
    assert!(!is_table("{\"id\":1,\"user\":2}\n"));
    assert!(!is_table("<13>Nov 21 id, x, y\n1,2,3\n"));
    assert!(!is_table(
        "2026 {\"a\":1,\"b\":2,\"c\":3}\n2026 {\"a\":1,\"b\":2,\"c\":3}\n"
    ));
    assert!(!is_table(""));
    assert_eq!(layout(b"x\tuser\n").unwrap().name(), "TSV");
}

fn written(cells: &[Vec<String>]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["id", "user", "note"]).unwrap();
    for row in cells {
        writer.write_record(row).unwrap();
    }
    writer.into_inner().unwrap()
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        cells in prop::collection::vec(prop::collection::vec("[a-z\",;\\n\\r\\t |\\\\{}é]{1,9}", 3), 1..9),
        n_bytes in 1_usize..40,
    ) {
        let (read, tally) = rows_by(&written(&cells), n_bytes);
        let expected: Cells = cells.into_iter().map(Ok).collect();
        prop_assert_eq!(read, expected);
        prop_assert_eq!(tally, Tally::default());
    }

    #[test]
    fn any_bytes_are_read_to_their_end(
        text in prop::collection::vec(prop::sample::select(b"ab,\"\n\r\\\xff".to_vec()), 0..400),
        n_bytes in 1_usize..40,
    ) {
        let text = [b"id,user\n", &text[..]].concat();
        prop_assert_eq!(rows_by(&text, n_bytes), rows_by(&text, usize::MAX));
    }
}

#[test]
fn a_column_under_its_old_name_is_not_taken_for_damage() {
    let layout = layout(b"AwsRequestId,AwsRequestId_,EventName\n1,2,3\n").unwrap();
    let columns = layout.columns();
    assert_eq!((columns.len(), columns.n_duplicate()), (3, 0));
    assert_eq!(columns.position("awsrequestid"), Some(0));
}
