//! The acceptance matrix of the format document, lines 1 to 6: containers.

use std::collections::BTreeMap;

use super::archives::{tar, zip};
use super::containers::containers;
use super::hostile::problem;
use super::packed::{bzip2, xz, zstd};
use super::*;
use crate::ingest::coverage::PassReason;

/// Everything that events say, but not where.
#[derive(Debug, Default, PartialEq, Eq)]
struct Whole {
    events: Vec<String>,
    n_duplicates: u64,
}

impl Fold for Whole {
    fn observe(&mut self, event: &Event<'_>) {
        let mut event = event.clone();
        event.provenance = Provenance::default();
        self.events.push(format!("{event:?}"));
    }

    fn observe_duplicate(&mut self, _: &Event<'_>) {
        self.n_duplicates += 1;
    }
}

fn read_whole(sandbox: &Sandbox) -> (Whole, Coverage) {
    let paths = [sandbox.path().to_owned()];
    let intake = read(&paths, &Options::default(), &|_| {}, Whole::default).unwrap();
    let mut whole = intake.folds.into_iter().next().unwrap();
    whole.events.sort();
    assert!(intake.coverage.adds_up());
    (whole, intake.coverage)
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// The containers of line 1 that are no plain text of one kind.
fn more_containers() -> Vec<(&'static str, Vec<u8>)> {
    let three = [trail(1), trail(2), trail(3)];
    let records = format!("{{\"Records\":[{}]}}", three.join(","));
    let each = |wrap: &dyn Fn(&str) -> String, between: &str| {
        let wrapped: Vec<String> = three.iter().map(|record| wrap(record)).collect();
        wrapped.join(between)
    };
    let messages = each(&|r| format!(r#"{{"id":"1","message":{}}}"#, quoted(r)), ",");
    let subscription = format!(r#"{{"messageType":"DATA_MESSAGE","logEvents":[{messages}]}}"#);
    let delivered = gzip(format!("{subscription}{subscription}").replace("}]}{", "}]}\n{"));
    let cells = each(
        &|r| {
            let message = quoted(r);
            format!(r#"[{{"field":"@ptr","value":"p"}},{{"field":"@message","value":{message}}}]"#)
        },
        ",",
    );
    let text_output = each(
        &|r| format!("EVENTS\tASIAEXAMPLE\t{r}\tid\tGetObject\ts3.amazonaws.com"),
        "\n",
    );
    let members = three.each_ref().map(gzip);
    let [a, b, c] = &members;
    let (a, b, c) = (
        ("a", a.as_slice()),
        ("b", b.as_slice()),
        ("c", c.as_slice()),
    );
    let pieces = each(
        &|r| {
            let (head, tail) = r.split_at(100);
            let time = "2026-11-21T04:40:24.120Z";
            format!("{time} stdout P {head}\n{time} stderr F \n{time} stdout F {tail}")
        },
        "\n",
    );
    vec![
        (
            "subscription in base64 and gzip",
            format!(
                r#"{{"awslogs":{{"data":"{}"}}}}"#,
                base64(&gzip(&subscription))
            )
            .into_bytes(),
        ),
        ("subscription as Firehose stores it", delivered),
        (
            "Logs Insights",
            format!(r#"{{"results":[{cells}],"status":"Complete"}}"#).into_bytes(),
        ),
        ("lookup-events as text", text_output.into_bytes()),
        (
            "Splunk raw behind a header",
            each(
                &|r| format!(r#"{{"_raw":{}}}"#, quoted(&format!("<13>Nov 21 h t: {r}"))),
                "\n",
            )
            .into_bytes(),
        ),
        (
            "marks inside",
            each(&|r| format!("\u{feff}{r}"), "\r\n").into_bytes(),
        ),
        ("lines in pieces", pieces.into_bytes()),
        ("zstd", zstd(&records)),
        ("bzip2", bzip2(&records)),
        ("xz", xz(&records)),
        ("zip", zip(&[a, b, c])),
        ("tar", tar(&[a, b, c])),
        ("tar in gzip", gzip(tar(&[a, b, c]))),
        ("tar in zstd", zstd(tar(&[a, b, c]))),
        ("zip in tar", tar(&[("z", &zip(&[a, b])), c])),
    ]
}

/// The three records of line 1, each wrapped.
fn each(wrap: &dyn Fn(&str) -> String, between: &str) -> String {
    let wrapped = [1, 2, 3].map(|n| wrap(&trail(n)));
    wrapped.join(between)
}

/// The containers of line 1 that streams deliver.
fn streamed_containers() -> Vec<(&'static str, String)> {
    let bridged = |r: &str| format!(r#"{{"detail-type":"a","source":"aws.s3","detail":{r}}}"#);
    let messages = each(&|r| format!(r#"{{"id":"1","message":{}}}"#, quoted(r)), ",");
    let subscription = format!(r#"{{"messageType":"DATA_MESSAGE","logEvents":[{messages}]}}"#);
    let data = |text: &[u8]| format!(r#""data":"{}""#, base64(text));
    let of_stream = |r: &str| format!(r#"{{"recordId":"1",{}}}"#, data(bridged(r).as_bytes()));
    vec![
        (
            "Firehose",
            format!(
                r#"{{"invocationId":"i","records":[{}]}}"#,
                each(&of_stream, ",")
            ),
        ),
        (
            "Firehose of a subscription",
            format!(r#"{{"records":[{{{}}}]}}"#, data(&gzip(&subscription))),
        ),
        (
            "what Firehose could not deliver",
            format!(
                r#"{{"attemptsMade":4,"rawData":"{}"}}"#,
                base64(&gzip(&subscription))
            ),
        ),
        (
            "Kinesis",
            format!(
                r#"{{"Records":[{{"kinesis":{{{}}},"eventSource":"aws:kinesis","eventVersion":"1.0","eventName":"aws:kinesis:record"}}]}}"#,
                data(&gzip(&subscription))
            ),
        ),
        (
            "messages of a queue",
            format!(
                r#"{{"Messages":[{}]}}"#,
                each(&|r| format!(r#"{{"Body":{}}}"#, quoted(&bridged(r))), ",")
            ),
        ),
    ]
}

/// The containers of line 1 that collectors and searches give.
fn found_containers() -> Vec<(&'static str, String)> {
    vec![
        (
            "Logs Insights in the console",
            format!(
                "[{}]",
                each(&|r| format!(r#"{{"@timestamp":"t","@message":{r}}}"#), ",")
            ),
        ),
        (
            "Datadog",
            each(
                &|r| format!(r#"{{"_id":"1","attributes":{r},"message":"","tags":["a:b"]}}"#),
                "\n",
            ),
        ),
        (
            "Sumo Logic",
            format!(
                r#"{{"fields":[],"messages":[{}]}}"#,
                each(&|r| format!(r#"{{"map":{{"_raw":{}}}}}"#, quoted(r)), ",")
            ),
        ),
        (
            "LogScale",
            each(
                &|r| format!(r#"{{"@rawstring":{},"@id":"1"}}"#, quoted(r)),
                "\n",
            ),
        ),
        (
            "Loki",
            format!(
                r#"{{"status":"success","data":{{"resultType":"streams","result":[{{"stream":{{}},"values":[{}]}}]}}}}"#,
                each(
                    &|r| format!(r#"["1794042000000000000",{}]"#, quoted(r)),
                    ","
                )
            ),
        ),
        (
            "OpenTelemetry",
            each(
                &|r| {
                    let body = format!(r#"{{"body":{{"stringValue":{}}}}}"#, quoted(r));
                    format!(r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{body}]}}]}}]}}"#)
                },
                "\n",
            ),
        ),
        (
            "Graylog",
            each(
                &|r| {
                    let text = quoted(r);
                    format!(r#"{{"version":"1.1","short_message":"s","full_message":{text}}}"#)
                },
                "\n",
            ),
        ),
        (
            "rows of a database",
            format!(
                r#"{{"meta":[],"data":[{}],"rows":3}}"#,
                each(&str::to_owned, ",")
            ),
        ),
        (
            "Splunk's rows",
            format!(
                r#"{{"fields":["_time","_raw"],"rows":[{}]}}"#,
                each(&|r| format!(r#"["t",{}]"#, quoted(r)), ",")
            ),
        ),
    ]
}

/// Line 1.
#[test]
fn line_1_the_same_events_in_every_container() {
    let sandbox = Sandbox::new().with("log", [trail(1), trail(2), trail(3)].join("\n"));
    let (expected, _) = read_whole(&sandbox);
    assert_eq!(expected.events.len(), 3);
    let all = containers().into_iter().chain(more_containers());
    let shipped = streamed_containers().into_iter().chain(found_containers());
    let shipped = shipped.map(|(name, text)| (name, text.into_bytes()));
    let all: Vec<_> = all.chain(shipped).collect();
    let mut together = Sandbox::new();
    for (name, content) in &all {
        let (whole, coverage) = read_whole(&Sandbox::new().with("log", content));
        assert_eq!(whole.events, expected.events, "{name}");
        assert_eq!(coverage.files[0].problems, [], "{name}");
        together = together.with(name, content);
    }
    let (whole, coverage) = read_whole(&together);
    assert_eq!(whole.events, expected.events);
    assert_eq!(
        coverage.n_duplicate,
        coverage.n_records - coverage.n_skipped() - 3
    );
    assert_eq!(coverage.n_duplicate, whole.n_duplicates);
    assert_eq!(coverage.conflicts.n, 0);
}

/// Line 3.
#[test]
fn line_3_gzip_cut_inside_record_1001_gives_1000_events_and_one_warning() {
    let lines: Vec<String> = (0..1500).map(trail).collect();
    let n_whole: usize = lines.iter().take(1000).map(|line| line.len() + 1).sum();
    let text = lines.join("\n");
    // The data up to the middle of the record, and no more of the stream.
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder
        .write_all(&text.as_bytes()[..n_whole + 150])
        .unwrap();
    encoder.flush().unwrap();
    let (seen, coverage) = read_bytes(encoder.get_ref());
    assert_eq!(seen.n_events, 1000);
    assert_eq!(problem(&coverage).0, ProblemKind::Truncated);
}

/// Line 4, for JSON.
#[test]
fn line_4_encodings_and_line_ends_change_nothing() {
    let lines = [trail(1), trail(2)];
    let text = lines
        .join("\r\n")
        .replace("GetObject", "Get\u{dc}bj\u{1f600}ct");
    let (expected, _) = read_whole(&Sandbox::new().with("log", &text));
    let units = |mark: &str, order: fn(u16) -> [u8; 2]| -> Vec<u8> {
        let text = format!("{mark}{text}");
        text.encode_utf16().flat_map(order).collect()
    };
    for content in [
        format!("\u{feff}{text}").into_bytes(),
        text.replace('\r', "").into_bytes(),
        text.replace("\r\n", "\u{1e}").into_bytes(),
        text.replace("\r\n", "\n\0\0\0\0\n\u{feff}").into_bytes(),
        units("\u{feff}", u16::to_le_bytes),
        units("\u{feff}", u16::to_be_bytes),
        units("", u16::to_le_bytes),
        units("", u16::to_be_bytes),
        gzip(units("\u{feff}", u16::to_le_bytes)),
    ] {
        let (whole, coverage) = read_whole(&Sandbox::new().with("log", &content));
        assert_eq!(whole, expected);
        assert_eq!(coverage.n_skipped(), 0);
    }
}

/// Line 5.
#[test]
fn line_5_what_is_no_event_has_its_own_reason() {
    let account = "AWSLogs/111122223333";
    let sandbox = Sandbox::new()
        .with(
            &format!("{account}/CloudTrail-Digest/d.json"),
            r#"{"digestStartTime":"t","digestEndTime":"t","logFiles":[]}"#,
        )
        .with(
            &format!("{account}/CloudTrail-Insight/i.json"),
            r#"{"Records":[{"eventVersion":"1.08","eventType":"AwsCloudTrailInsight","insightDetails":{}}]}"#,
        )
        .with(
            "aggregated.json",
            r#"{"eventVersion":"1.0","eventCategory":"Aggregated","summary":{}}"#,
        )
        .with(&format!("{account}/CloudTrail-Aggregated/a.json"), "x")
        .with(
            "notification.json",
            r#"{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"object":{"key":"k"}}}]}"#,
        )
        .with("q.csv.metadata", "x")
        .with(&format!("{account}/Config/c.json"), "x")
        .with("snapshot.json", r#"{"configSnapshotId":"1","configurationItems":[{}]}"#);
    let (seen, coverage) = sandbox.read();
    assert_eq!(seen.n_events, 0);
    assert_skipped(
        &coverage,
        &[
            (SkipReason::Digest, 1),
            (SkipReason::Insight, 1),
            (SkipReason::Aggregated, 1),
            (SkipReason::Notification, 1),
            (SkipReason::OtherAwsLog, 1),
        ],
    );
    let passed: BTreeMap<_, _> = coverage
        .passed_over
        .iter()
        .map(|(r, t)| (*r, t.n))
        .collect();
    let expected = [
        (PassReason::SideFile, 1),
        (PassReason::OtherAwsLog, 1),
        (PassReason::Aggregated, 1),
    ];
    assert_eq!(passed, BTreeMap::from(expected));
}

/// Line 6.
#[test]
fn line_6_a_parquet_file_is_no_gzip_file_whatever_its_name() {
    let sandbox = Sandbox::new().with("x.gz.parquet", b"PAR1....PAR1");
    let (kind, detail) = problem(&sandbox.read().1);
    assert_eq!(kind, ProblemKind::Corrupt);
    assert!(detail.contains("Parquet"), "{detail}");
}

/// A record and the row that Sentinel makes of it are one event, and the record
/// counts, whichever is read first.
#[test]
fn rows_as_objects_give_way_to_records() {
    let row = |time: &str| {
        format!(
            r#"{{"TimeGenerated":"{time}","EventSource":"s3.amazonaws.com","EventName":"GetObject","AwsEventId":"5d1a2c58-0000-4000-8000-000000000001","UserIdentityType":"IAMUser","UserIdentityArn":"arn:aws:iam::111122223333:user/x"}}"#
        )
    };
    let record = r#"{"eventVersion":"1.08","eventTime":"2026-11-07T09:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","eventID":"5d1a2c58-0000-4000-8000-000000000001","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/x"},"requestParameters":{"bucketName":"b"}}"#;
    let time = "2026-11-07T09:00:00Z";
    let (alone, _) = read_whole(&Sandbox::new().with("log", record));
    for (first, second) in [("a", "b"), ("b", "a")] {
        let sandbox = Sandbox::new().with(first, row(time)).with(second, record);
        let (whole, coverage) = read_whole(&sandbox);
        assert_eq!(whole.events, alone.events);
        assert_eq!((whole.n_duplicates, coverage.n_duplicate), (1, 1));
    }
    let (rows, _) = read_whole(&Sandbox::new().with("log", format!("[{}]", row(time))));
    assert!(rows.events.iter().all(|event| event.contains("user/x")));
    assert_eq!(rows.events.len(), 1);
}
