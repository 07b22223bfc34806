//! Files that lie.

use super::*;
use crate::ingest::parquet::page::unread_codec;

const FLAT: &str = "message m { required int32 class_uid; optional binary metadata (UTF8); }";

fn small() -> Vec<u8> {
    let row = |n: i32| json!({"class_uid": n, "metadata": format!("text {n}")});
    write(
        FLAT,
        &[row(1), row(2)],
        How {
            codec: gzip(),
            ..How::default()
        },
    )
}

/// `body` between the marks, with a footer of that length.
fn with_footer(footer: &[u8]) -> Vec<u8> {
    let mut file = b"PAR1".to_vec();
    file.extend_from_slice(footer);
    file.extend_from_slice(&(footer.len() as u32).to_le_bytes());
    file.extend_from_slice(b"PAR1");
    file
}

#[track_caller]
fn refused(file: &[u8], expected: ProblemKind) {
    assert_eq!(read(file), (Vec::new(), Some(expected)));
}

#[test]
fn a_file_that_is_cut_or_no_file_at_all_is_refused() {
    let whole = small();
    refused(b"PAR1", ProblemKind::Truncated);
    refused(b"PAR1PAR1", ProblemKind::Corrupt);
    refused(&whole[..whole.len() - 1], ProblemKind::Truncated);
    refused(&whole[..whole.len() / 2], ProblemKind::Truncated);
    refused(&with_footer(b""), ProblemKind::Corrupt);
    refused(&with_footer(&[0xff; 100]), ProblemKind::Corrupt);
    let mut encrypted = whole.clone();
    let end = whole.len();
    encrypted[end - 1] = b'E';
    refused(&encrypted, ProblemKind::Unsupported);
}

#[test]
fn a_footer_that_promises_its_own_length_and_more_is_not_read() {
    for length in [u32::MAX, 9 << 20, 4096] {
        let mut file = small();
        let at = file.len() - 8;
        file[at..at + 4].copy_from_slice(&length.to_le_bytes());
        refused(&file, ProblemKind::Corrupt);
    }
}

/// A footer whose schema has these numbers of children.
fn schema(children: &[u64]) -> Vec<u8> {
    let varint = |mut n: u64, out: &mut Vec<u8>| {
        while n > 0x7f {
            out.push((n & 0x7f) as u8 | 0x80);
            n >>= 7;
        }
        out.push(n as u8);
    };
    // Field 1: version 1. Field 2: a list of structures.
    let mut footer = vec![0x15, 0x02, 0x19, 0xfc];
    varint(children.len() as u64, &mut footer);
    for n in children {
        // Fields 3 (optional), 4 (name) and 5 (children).
        footer.extend_from_slice(&[0x35, 0x02, 0x18, 0x01, b'a', 0x15]);
        varint(n << 1, &mut footer);
        footer.push(0);
    }
    // Fields 3 (rows) and 4 (no row group).
    footer.extend_from_slice(&[0x16, 0x00, 0x19, 0x0c, 0x00]);
    footer
}

#[test]
fn a_tower_of_groups_is_refused_before_anybody_climbs_it() {
    refused(
        &with_footer(&schema(&vec![1; 900_000])),
        ProblemKind::Corrupt,
    );
    refused(
        &with_footer(&schema(&[1, u64::from(u32::MAX >> 1)])),
        ProblemKind::Corrupt,
    );
    refused(&with_footer(&schema(&[3, 0, 0])), ProblemKind::Corrupt);
    refused(&with_footer(&schema(&[1, 0, 0])), ProblemKind::Corrupt);
}

#[test]
fn no_byte_can_be_changed_to_something_that_ends_the_run() {
    let whole = small();
    let wanted = read(&whole).0;
    assert_eq!(wanted.len(), 2);
    for at in 0..whole.len() {
        for byte in [0, 1, 0x7f, 0x80, 0xff, whole[at] ^ 1] {
            let mut file = whole.clone();
            file[at] = byte;
            let (rows, _) = read(&file);
            assert!(rows.len() <= 2, "{at} {byte}");
        }
    }
}

/// The first page header of an uncompressed file of one column, changed.
fn with_page(change: impl Fn(&mut Vec<u8>)) -> Vec<u8> {
    let schema = "message m { required binary class_uid (UTF8); optional int32 metadata; }";
    let rows = vec![json!({"class_uid":"abc"}); 3];
    let how = How {
        encoding: Some(Encoding::PLAIN),
        ..How::default()
    };
    let mut file = write(schema, &rows, how);
    // Kind 0, then the sizes unpacked and packed: 3 x (4 + 3) bytes.
    assert_eq!(file[4..10], [0x15, 0x00, 0x15, 42, 0x15, 42]);
    change(&mut file);
    file
}

#[test]
fn a_page_that_promises_too_much_ends_its_file() {
    assert_eq!(read(&with_page(|_| {})).0.len(), 3);
    // 63 bytes instead of 21.
    refused(&with_page(|file| file[7] = 126), ProblemKind::Corrupt);
    // A packed size beyond the column.
    refused(&with_page(|file| file[9] = 126), ProblemKind::Corrupt);
    // Less than nothing.
    refused(&with_page(|file| file[7] = 1), ProblemKind::Corrupt);
    // More values than there are.
    let more = with_page(|file| {
        let at = file.windows(2).position(|b| b == [0x15, 0x06]).unwrap();
        file[at + 1] = 0x7e;
    });
    assert_eq!(read(&more).1, Some(ProblemKind::Corrupt));
}

#[test]
fn a_row_group_with_fewer_rows_than_it_says_is_corrupt_and_its_rows_are_used() {
    let whole = small();
    // The number of rows of the group and of the file: 2, after their heads.
    let mut file = whole.clone();
    let mut n_changed = 0;
    for at in whole.len() / 2..whole.len() - 12 {
        if whole[at..at + 2] == [0x16, 0x04] {
            file[at + 1] = 0x06;
            n_changed += 1;
        }
    }
    assert!(n_changed > 0);
    let (rows, refusal) = read(&file);
    assert_eq!((rows.len(), refusal), (2, Some(ProblemKind::Corrupt)));
}

#[test]
fn rows_that_unpack_to_more_than_the_limits_allow_end_the_file() {
    let rows = vec![json!({"class_uid": 1, "metadata": "x".repeat(1000)}); 500];
    let file = write(
        FLAT,
        &rows,
        How {
            codec: zstd(),
            ..How::default()
        },
    );
    let limits = Limits {
        ratio_floor: 100_000,
        max_ratio: 20,
        ..Limits::default()
    };
    let (read, refusal) = read_within(&file, &limits);
    assert!(read.len() < 500);
    assert_eq!(refusal, Some(ProblemKind::TooLarge));
}

#[test]
fn a_word_repeated_a_million_times_in_one_row_does_not_fill_the_memory() {
    let schema = "message m { required int32 class_uid;
        optional group metadata (LIST) { repeated group list { optional binary element (UTF8); } } }";
    let words = vec![json!("x".repeat(10_000)); 20_000];
    let rows = [
        json!({"class_uid": 1, "metadata": words}),
        json!({"class_uid": 2}),
    ];
    let (read, refusal) = read(&write(
        schema,
        &rows,
        How {
            codec: zstd(),
            ..How::default()
        },
    ));
    assert_eq!(
        (read, refusal),
        (vec![json!("too large"), json!({"class_uid": 2})], None)
    );
}

#[test]
fn codecs_that_are_not_read_have_a_name() {
    for codec in [Compression::LZ4, Compression::LZ4_RAW, Compression::LZO] {
        assert!(unread_codec(codec).is_some());
    }
    assert_eq!(unread_codec(Compression::SNAPPY), None);
}
