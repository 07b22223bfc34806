#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test fails by panicking"
)]

mod hostile;
pub(crate) mod writer;

use parquet::basic::{Compression, Encoding};
use parquet::file::properties::WriterVersion;
use serde_json::{Value, json};

use super::{Row, Source, Table};
use crate::ingest::Limits;
use crate::ingest::coverage::ProblemKind;

use writer::{How, gzip, write, zstd};

/// Every row of a file, and the refusal that ended it.
fn read(bytes: &[u8]) -> (Vec<Value>, Option<ProblemKind>) {
    read_within(bytes, &Limits::default())
}

fn read_within(bytes: &[u8], limits: &Limits) -> (Vec<Value>, Option<ProblemKind>) {
    let mut table = match Table::open(Source::of_bytes(bytes.to_vec()), limits) {
        Ok(table) => table,
        Err(refusal) => return (Vec::new(), Some(refusal.kind)),
    };
    let mut rows = Vec::new();
    while let Some(row) = table.next_row() {
        match row {
            Ok(Row::Text(text)) => rows.push(serde_json::from_str(text).unwrap()),
            Ok(Row::TooLarge) => rows.push(json!("too large")),
            Err(refusal) => return (rows, Some(refusal.kind)),
        }
    }
    (rows, None)
}

/// Everything that a schema can be made of, and columns that nobody wants.
const SCHEMA: &str = "message row {
    optional int32 class_uid;
    optional group metadata { optional binary version (UTF8); required group product { optional binary name (UTF8); } }
    optional group observables (LIST) { repeated group list { optional binary element (UTF8); } }
    optional group resources (LIST) { repeated group list { optional group element {
        optional binary uid (UTF8); optional group tags (LIST) { repeated group list { optional binary element (UTF8); } } } } }
    optional group unmapped (MAP) { repeated group key_value { required binary key (UTF8); optional binary value (UTF8); } }
    repeated binary device (UTF8);
    required int64 time;
    optional int96 time_dt;
    optional boolean is_mfa;
    optional group user (MAP) { repeated group key_value { required int64 key; required double value; } }
    optional binary severity (UTF8);
}";

fn rows() -> Vec<Value> {
    (0..50_i64).map(row).collect()
}

fn row(n: i64) -> Value {
    let tags: Vec<Value> = (0..n % 4).map(|n| json!(format!("t{n}"))).collect();
    let resources = match n % 5 {
        0 => Value::Null,
        1 => json!([]),
        n => (0..n)
            .map(|k| json!({"uid": format!("r{k}\"\n\u{202e}"), "tags": tags}))
            .collect(),
    };
    json!({
        "class_uid": n,
        "metadata": {"version": "1.1.0", "product": {"name": if n % 2 == 0 { json!("CloudTrail") } else { Value::Null }}},
        "resources": resources,
        "unmapped": if n % 3 == 0 { Value::Null } else { json!({"a.b": format!("v{n}"), "c": null}) },
        "device": tags,
        "time": 1_794_074_591_000 + n,
        "time_dt": 1_794_074_591_000 + n,
        "is_mfa": n % 2 == 0,
        "user": {"7": 0.5},
    })
}

/// The row with its columns of other tables, as it is written.
fn with_more(row: &Value) -> Value {
    let mut row = row.clone();
    row["observables"] = json!(["x", null]);
    row["severity"] = json!("low");
    row["user"] = Value::Null;
    row
}

/// A row as it is read: without what is absent.
fn expected(row: &Value) -> Value {
    let n = row["class_uid"].as_i64().unwrap();
    let mut row = row.clone();
    let time = format!(
        "2026-11-07T18:03:11{}Z",
        match n {
            0 => String::new(),
            n => format!(".{n:03}"),
        }
    );
    row["time_dt"] = json!(time);
    row.as_object_mut().unwrap().remove("user");
    without_nulls(&mut row);
    row["device"].as_array().map(Vec::is_empty).unwrap();
    if let Some(unmapped) = row.get_mut("unmapped") {
        unmapped["c"] = Value::Null;
    }
    row
}

fn without_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, value| !value.is_null());
            fields.values_mut().for_each(without_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(without_nulls),
        _ => {}
    }
}

#[track_caller]
fn reads_back(how: How) {
    let rows = rows();
    let written: Vec<Value> = rows.iter().map(with_more).collect();
    let (read, refusal) = read(&write(SCHEMA, &written, how));
    assert_eq!(refusal, None);
    let expected: Vec<Value> = rows.iter().map(expected).collect();
    assert_eq!(read, expected);
}

#[test]
fn rows_come_back_in_every_codec_version_and_size_of_group() {
    for codec in [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        zstd(),
        gzip(),
    ] {
        for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
            for rows_per_group in [1, 7, 1000] {
                let encoding = None;
                // The writer falls back to encodings that are refused only
                // without dictionaries.
                reads_back(How {
                    codec,
                    version,
                    encoding,
                    rows_per_group,
                });
            }
        }
    }
}

#[test]
fn only_the_columns_that_tell_of_events_are_read() {
    let mut file = write(SCHEMA, &[with_more(&row(2))], How::default());
    let at = file.windows(3).position(|bytes| bytes == b"low").unwrap();
    // The length of a text in a column that nobody wants.
    file[at - 4..at].fill(0xff);
    let (rows, refusal) = read(&file);
    assert_eq!((rows.len(), refusal), (1, None));
}

#[track_caller]
fn reads_columns(schema: &str, row: &Value, expected: &Value) {
    let (rows, refusal) = read(&write(schema, std::slice::from_ref(row), How::default()));
    assert_eq!((rows.first(), refusal), (Some(expected), None), "{schema}");
}

#[test]
fn a_column_that_is_missing_is_absent_and_times_of_every_kind_are_text() {
    reads_columns(
        "message m { optional int32 class_uid; optional group metadata { optional int64 t (TIMESTAMP(MICROS,true)); }
         optional int64 time (TIMESTAMP(NANOS,true)); optional int64 time_dt (TIMESTAMP_MILLIS); optional int32 status (DATE); }",
        &json!({"class_uid":1,"metadata":{"t":1_794_074_591_000_001_i64},"time":1_794_074_591_000_000_001_i64,
               "time_dt":1_794_074_591_000_i64,"status":20_764}),
        &json!({"class_uid":1,"metadata":{"t":"2026-11-07T18:03:11.000001Z"},"time":"2026-11-07T18:03:11Z",
               "time_dt":"2026-11-07T18:03:11Z","status":"2026-11-07"}),
    );
}

#[test]
fn lists_of_two_levels_and_keys_that_are_no_text_are_read() {
    reads_columns(
        "message m { required int32 class_uid; required int32 metadata;
         optional group resources { repeated group array { optional int32 uid; } }
         optional group user (MAP) { repeated group key_value { required int64 key; required double value; } } }",
        &json!({"class_uid":1,"metadata":2,"resources":{"array":[{"uid":1},{}]},"user":{}}),
        &json!({"class_uid":1,"metadata":2,"resources":{"array":[{"uid":1},{}]},"user":{}}),
    );
}

#[test]
fn a_row_that_is_too_large_costs_itself_alone() {
    let schema = "message m { required int32 class_uid; required binary metadata (UTF8); }";
    let rows = [
        json!({"class_uid":1,"metadata":"a"}),
        json!({"class_uid":2,"metadata":"b".repeat(500)}),
        json!({"class_uid":3,"metadata":"c"}),
    ];
    let limits = Limits {
        max_record: 100,
        ..Limits::default()
    };
    let (read, refusal) = read_within(&write(schema, &rows, How::default()), &limits);
    assert_eq!(read, [rows[0].clone(), json!("too large"), rows[2].clone()]);
    assert_eq!(refusal, None);
}

#[test]
fn lengths_in_deltas_are_read_and_texts_in_deltas_refused_by_name() {
    let with = |encoding| How {
        encoding: Some(encoding),
        ..How::default()
    };
    let schema = "message m { optional binary class_uid (UTF8); optional binary metadata (UTF8); }";
    let rows: Vec<Value> = (0..300)
        .map(|n| json!({"class_uid":format!("{n}"),"metadata":"x"}))
        .collect();
    let file = write(schema, &rows, with(Encoding::DELTA_LENGTH_BYTE_ARRAY));
    assert_eq!(read(&file), (rows.clone(), None));
    let file = write(schema, &rows, with(Encoding::DELTA_BYTE_ARRAY));
    let refused = Table::open(Source::of_bytes(file), &Limits::default())
        .and_then(|mut table| table.next_row().unwrap().map(|_| ()));
    assert!(refused.unwrap_err().detail.contains("DELTA_BYTE_ARRAY"));
}

#[test]
fn a_file_without_a_known_column_is_refused_by_name() {
    let file = write(
        "message m { required int32 x; }",
        &[json!({"x":1})],
        How::default(),
    );
    assert_eq!(read(&file), (Vec::new(), Some(ProblemKind::Unsupported)));
}
