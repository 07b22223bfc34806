//! Security lakes: OCSF as JSON and as Parquet, beside the records themselves.

use serde_json::{Value, json};

use super::*;
use crate::ingest::parquet::tests::writer::{How, write};

const SCHEMA: &str = "message row {
    optional int32 class_uid;
    optional group metadata { optional binary uid (UTF8); optional group product { optional binary name (UTF8); optional binary version (UTF8); } }
    optional group api { optional binary operation (UTF8); optional group service { optional binary name (UTF8); } }
    optional group actor { optional group user { optional binary type (UTF8); optional binary uid (UTF8); } }
    optional int64 time;
    optional group unmapped (MAP) { repeated group key_value { required binary key (UTF8); optional binary value (UTF8); } }
    optional binary raw_data (UTF8);
}";

/// [`trail`] as OCSF.
fn ocsf(n: u32) -> Value {
    let native: Value = serde_json::from_str(&trail(n)).unwrap();
    json!({
        "class_uid": 6003,
        "metadata": {"uid": native["eventID"], "product": {"name": "CloudTrail", "version": "1.08"}},
        "api": {"operation": "GetObject", "service": {"name": "s3.amazonaws.com"}},
        "actor": {"user": {"type": "IAMUser", "uid": "arn:aws:iam::1:user/a"}},
        "time": (1_794_009_600 + i64::from(n % 10) * 3_600) * 1_000,
        "unmapped": {"requestParameters.k": "x"},
    })
}

fn lake(numbers: std::ops::Range<u32>) -> Vec<u8> {
    let rows: Vec<Value> = numbers.map(ocsf).collect();
    write(SCHEMA, &rows, How::default())
}

#[test]
fn a_lake_beside_the_logs_adds_what_they_lack() {
    let lines: Vec<String> = (2..6).map(|n| ocsf(n).to_string()).collect();
    let sandbox = Sandbox::new()
        .with("a.json", lines.join("\n"))
        .with("b.gz.parquet", lake(0..4))
        .with("c.parquet.gz", gzip(lake(4..8)))
        .with("d.json", (0..3).map(trail).collect::<String>());
    let paths = [sandbox.path().to_owned()];
    let expected = read_all(&paths, &Options::default());
    let (seen, coverage) = &expected;
    assert_eq!((seen.n_events, seen.n_duplicates), (8, 7));
    assert_eq!(coverage.n_records, 15);
    assert_eq!(coverage.conflicts.n, 0);
    assert!(!coverage.is_incomplete(), "{coverage:#?}");
    let formats: Vec<_> = coverage.files.iter().map(|file| &*file.format).collect();
    assert_eq!(
        formats,
        [
            "CloudTrail JSON lines",
            "CloudTrail Parquet",
            "CloudTrail Parquet, gzip",
            "CloudTrail JSON lines"
        ]
    );
    for threads in [2, 5] {
        let options = Options {
            threads,
            ..Options::default()
        };
        assert_eq!(read_all(&paths, &options), expected);
    }
}

#[test]
fn other_products_in_a_lake_are_left_out_by_name() {
    let mut other = ocsf(1);
    other["metadata"]["product"]["name"] = json!("Amazon VPC");
    let file = write(SCHEMA, &[ocsf(0), other], How::default());
    let (seen, coverage) = read_bytes(file);
    assert_eq!(seen.n_events, 1);
    assert_skipped(&coverage, &[(SkipReason::OtherProduct, 1)]);
    assert!(!coverage.is_incomplete());
}

#[test]
fn half_a_character_in_a_lake_costs_nothing() {
    let line = ocsf(1).to_string().replace("user/a", "user/\\ud83d");
    assert_eq!(read_bytes(line).0.n_events, 1);
}

#[test]
fn a_damaged_lake_costs_itself_alone() {
    let mut damaged = lake(0..100);
    let end = damaged.len();
    damaged[4..end / 2].fill(0xff);
    let sandbox = Sandbox::new()
        .with("a.parquet", &damaged)
        .with("b.parquet", &lake(0..2)[..100])
        .with("c.parquet", b"PAR1....")
        .with("d.json", trail(1));
    let (seen, coverage) = sandbox.read();
    assert_eq!(seen.n_events, 1);
    let kinds: Vec<_> = coverage
        .files
        .iter()
        .map(|f| f.problems.first().map(|p| p.kind))
        .collect();
    assert_eq!(
        kinds,
        [
            Some(ProblemKind::Corrupt),
            Some(ProblemKind::Truncated),
            Some(ProblemKind::Truncated),
            None
        ]
    );
}

#[test]
fn parquet_of_something_else_is_refused_by_name() {
    let file = write(
        "message m { required int32 x; }",
        &[json!({"x":1})],
        How::default(),
    );
    let (_, coverage) = Sandbox::new().with("x.gz.parquet", file).read();
    let problem = &coverage.files[0].problems[0];
    assert_eq!(problem.kind, ProblemKind::Unsupported);
    assert!(problem.detail.as_raw().contains("Parquet"));
    assert_eq!(coverage.n_records, 0);
}

#[test]
fn texts_in_a_column_are_records() {
    let rows = [json!({"message": trail(1)}), json!({"message": "plain"})];
    let (seen, coverage) = read_bytes(write(
        "message m { optional binary message (UTF8); }",
        &rows,
        How::default(),
    ));
    assert_eq!(seen.n_events, 1);
    assert_skipped(&coverage, &[(SkipReason::UnknownType, 1)]);
}

#[test]
fn parquet_whose_names_lost_their_capitals_is_read() {
    let schema = "message row {
        optional binary eventversion (UTF8); optional binary eventsource (UTF8);
        optional binary eventname (UTF8); optional binary eventtime (UTF8);
        optional group useridentity { optional binary type (UTF8); optional binary arn (UTF8); optional binary accountid (UTF8); }
        optional binary requestparameters (UTF8); optional binary eventid (UTF8);
    }";
    let rows: Vec<Value> = (0..3)
        .map(|n| {
            json!({
                "eventversion": "1.08",
                "eventsource": "s3.amazonaws.com",
                "eventname": "GetObject",
                "eventtime": format!("2026-11-07T0{n}:00:00Z"),
                "useridentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/ann", "accountid": "111122223333"},
                "requestparameters": r#"{"bucketName":"reports","key":"k"}"#,
                "eventid": format!("e{n}"),
            })
        })
        .collect();
    let (seen, coverage) = read_bytes(write(schema, &rows, How::default()));
    assert_eq!((seen.n_events, coverage.n_records), (3, 3));
    assert_eq!(&*coverage.files[0].format, "CloudTrail Parquet");
    assert!(!coverage.is_incomplete(), "{coverage:#?}");
}
