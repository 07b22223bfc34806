//! The same records in everything they are shipped in.

use super::*;

fn three() -> [String; 3] {
    [trail(1), trail(2), trail(3)]
}

fn pretty(record: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(record).unwrap();
    serde_json::to_string_pretty(&value).unwrap()
}

#[expect(clippy::too_many_lines, reason = "a table written as code")]
/// Every container with the same three records in it.
pub(super) fn containers() -> Vec<(&'static str, Vec<u8>)> {
    let three = three();
    let each = |wrap: &dyn Fn(&str) -> String, between: &str| -> String {
        three
            .iter()
            .map(|record| wrap(record))
            .collect::<Vec<_>>()
            .join(between)
    };
    let plain = each(&str::to_owned, ",");
    let records = format!("{{\"Records\":[{plain}]}}");
    let messages = each(
        &|r| format!(r#"{{"id":"1","timestamp":1,"message":{}}}"#, quoted(r)),
        ",",
    );
    let text: Vec<(&'static str, String)> = vec![
        ("records", records.clone()),
        (
            "records behind keys",
            format!(r#"{{"NextToken":{{"a":[1]}},"Records":[{plain}],"x":[2]}}"#),
        ),
        ("records pretty", pretty(&records)),
        ("lines", each(&str::to_owned, "\n")),
        ("lines with CR", each(&str::to_owned, "\r\n")),
        ("back to back", each(&str::to_owned, "")),
        ("pretty back to back", each(&pretty, "\n")),
        ("tabs", each(&str::to_owned, "\t")),
        ("record separators", each(&|r| format!("\u{1e}{r}\n"), "")),
        ("NUL runs", each(&|r| format!("\0\0\0{r}\n"), "\0")),
        ("marks", each(&|r| format!("\u{feff}{r}\n"), "")),
        ("array", format!("[{plain}]")),
        (
            "array on lines",
            format!("[\n{}\n]", each(&str::to_owned, ",\n")),
        ),
        ("arrays of pages", each(&|r| format!("[{r}]"), "")),
        ("strings", format!("[{}]", each(&quoted, ","))),
        (
            "lookup-events",
            format!(
                r#"{{"NextToken":"t","Events":[{}]}}"#,
                each(
                    &|r| format!(r#"{{"EventId":"x","CloudTrailEvent":{}}}"#, quoted(r)),
                    ","
                )
            ),
        ),
        (
            "lookup-events, token last",
            format!(
                r#"{{"Events":[{}],"NextToken":"t"}}"#,
                each(
                    &|r| format!(r#"{{"EventId":"x","CloudTrailEvent":{}}}"#, quoted(r)),
                    ","
                )
            ),
        ),
        (
            "EventBridge",
            each(
                &|r| {
                    format!(r#"{{"id":"o","detail-type":"AWS API Call","time":"t","detail":{r}}}"#)
                },
                "\n",
            ),
        ),
        (
            "subscription",
            format!(r#"{{"messageType":"DATA_MESSAGE","owner":"1","logEvents":[{messages}]}}"#),
        ),
        (
            "extracted fields",
            format!(
                r#"{{"messageType":"DATA_MESSAGE","logEvents":[{}]}}"#,
                each(
                    &|r| format!(r#"{{"message":"cut","extractedFields":{r}}}"#),
                    ","
                )
            ),
        ),
        (
            "filter-log-events",
            format!(
                r#"{{"events":[{}],"searchedLogStreams":[]}}"#,
                each(
                    &|r| format!(r#"{{"ingestionTime":1,"message":{}}}"#, quoted(r)),
                    ","
                )
            ),
        ),
        (
            "export lines",
            each(&|r| format!("2026-11-21T04:40:24.120Z {r}"), "\n"),
        ),
        (
            "CRI lines",
            each(&|r| format!("2026-11-21T04:40:24.120Z stdout F {r}"), "\n"),
        ),
        (
            "syslog",
            each(&|r| format!("<13>Nov 21 04:40:24 h t[1]: {r}"), "\n"),
        ),
        (
            "octet counts",
            each(&|r| format!("{} <86>1 - h t - - - {r}", r.len()), ""),
        ),
        (
            "Splunk raw",
            each(
                &|r| format!(r#"{{"_time":"1","_raw":{}}}"#, quoted(r)),
                "\n",
            ),
        ),
        (
            "Splunk result",
            each(
                &|r| format!(r#"{{"preview":false,"result":{{"_raw":{}}}}}"#, quoted(r)),
                "\n",
            ),
        ),
        (
            "HEC object",
            each(&|r| format!(r#"{{"time":1,"host":"h","event":{r}}}"#), ""),
        ),
        (
            "HEC string",
            each(&|r| format!(r#"{{"index":"i","event":{}}}"#, quoted(r)), ""),
        ),
        (
            "Elastic",
            each(
                &|r| {
                    format!(
                        r#"{{"_source":{{"event":{{"original":{}}},"message":"m"}}}}"#,
                        quoted(r)
                    )
                },
                "\n",
            ),
        ),
        (
            "Elastic, dotted",
            each(&|r| format!(r#"{{"event.original":{}}}"#, quoted(r)), "\n"),
        ),
        (
            "Elastic hits",
            format!(
                r#"{{"took":1,"hits":{{"total":3,"hits":[{}]}}}}"#,
                each(&|r| format!(r#"{{"_id":"1","_source":{r}}}"#), ",")
            ),
        ),
        (
            "Docker",
            each(
                &|r| {
                    format!(
                        r#"{{"log":{},"stream":"stdout"}}"#,
                        quoted(&format!("{r}\n"))
                    )
                },
                "\n",
            ),
        ),
        ("Azure", format!(r#"{{"records":[{plain}]}}"#)),
        (
            "SNS",
            each(
                &|r| format!(r#"{{"Type":"Notification","Message":{}}}"#, quoted(r)),
                "\n",
            ),
        ),
        (
            "SNS in SQS",
            each(
                &|r| {
                    let note = format!(r#"{{"Type":"Notification","Message":{}}}"#, quoted(r));
                    format!(r#"{{"MessageId":"1","Body":{}}}"#, quoted(&note))
                },
                "\n",
            ),
        ),
        (
            "SNS object in SQS",
            each(
                &|r| {
                    format!(
                        r#"{{"body":{{"Type":"Notification","Message":{}}}}}"#,
                        quoted(r)
                    )
                },
                "\n",
            ),
        ),
    ];
    let mut all: Vec<_> = text
        .into_iter()
        .map(|(name, text)| (name, text.into_bytes()))
        .collect();
    let members = [gzip(&records[..300]), gzip(&records[300..])].concat();
    all.push(("gzip", gzip(&records)));
    all.push(("gzip of two members", members));
    all.push(("gzip of gzip of gzip", gzip(gzip(gzip(&records)))));
    for (name, order) in [("UTF-16LE", 0), ("UTF-16BE", 1)] {
        let units = std::iter::once(0xfeff).chain(records.encode_utf16());
        let bytes = units.flat_map(|u: u16| match order {
            0 => u.to_le_bytes(),
            _ => u.to_be_bytes(),
        });
        all.push((name, bytes.collect()));
    }
    all
}

#[test]
fn every_container_holds_the_same_three_events() {
    let (expected, _) = read_bytes(three().join("\n"));
    assert_eq!(expected.n_events, 3);
    for (name, content) in containers() {
        let (seen, coverage) = read_bytes(content);
        assert_eq!(seen.events, expected.events, "{name}");
        assert_eq!((coverage.n_records, coverage.n_used), (3, 3), "{name}");
        assert_eq!(coverage.files[0].problems, [], "{name}");
    }
}

#[test]
fn all_containers_together_hold_three_events() {
    let mut sandbox = Sandbox::new();
    let all = containers();
    let n = all.len() as u64;
    for (name, content) in all {
        sandbox = sandbox.with(name, content);
    }
    let (seen, coverage) = sandbox.read();
    assert_eq!(seen.n_events, 3);
    assert_eq!((coverage.n_used, coverage.n_duplicate), (3, 3 * n - 3));
    assert_eq!(coverage.conflicts.n, 0);
}

#[test]
fn okta_records_come_out_of_their_envelopes() {
    let record = |n| {
        format!(
            r#"{{"uuid":"u{n}","published":"2026-11-07T09:01:00.5Z","eventType":"user.session.start","actor":{{}}}}"#
        )
    };
    let hook = format!(
        r#"{{"eventType":"com.okta.event_hook","eventId":"e","data":{{"events":[{},{}]}}}}"#,
        record(1),
        record(2)
    );
    let bridge = format!(
        r#"{{"detail-type":"SystemLog","source":"aws.partner/okta.com/x","detail":{}}}"#,
        record(3)
    );
    let pages = format!("[{},{}][{}]", record(2), record(3), record(4));
    let (seen, coverage) = read_bytes([hook, bridge, pages].join("\n"));
    assert_eq!((seen.n_events, coverage.n_duplicate), (4, 2));
}

#[test]
fn what_is_no_event_has_its_own_reason() {
    let values = [
        r#"{"digestStartTime":"t","digestEndTime":"t","logFiles":[]}"#,
        r#"{"Records":[{"eventVersion":"1.08","eventType":"AwsCloudTrailInsight","insightDetails":{}}]}"#,
        r#"{"eventVersion":"1.0","eventCategory":"Aggregated","timeWindow":{},"summary":{}}"#,
        r#"{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"object":{"key":"k"}}}]}"#,
        r#"{"messageType":"CONTROL_MESSAGE","logEvents":[{"message":"x"}]}"#,
        r#"{"fileVersion":"1.0","configSnapshotId":"1","configurationItems":[{}]}"#,
        r#"{"@level":"info","@message":"core: unsealed"}"#,
        r#"{"Version":"2012-10-17","Statement":[]}"#,
    ];
    let (seen, coverage) = read_bytes(values.join("\n"));
    assert_eq!(seen.n_events, 0);
    assert_skipped(
        &coverage,
        &[
            (SkipReason::UnknownType, 1),
            (SkipReason::Digest, 1),
            (SkipReason::Insight, 1),
            (SkipReason::Aggregated, 1),
            (SkipReason::Notification, 1),
            (SkipReason::ControlMessage, 1),
            (SkipReason::OperationalLine, 1),
            (SkipReason::OtherAwsLog, 1),
        ],
    );
}

#[test]
fn a_key_inside_a_native_record_makes_no_envelope() {
    let inner = trail(2);
    let record =
        |key: &str, at: &str| trail(1).replacen(at, &format!(r#"{key}:[{inner}],{at}"#), 1);
    for key in [r#""Records""#, r#""Events""#, r#""message""#, r#""value""#] {
        let (seen, coverage) = read_bytes(record(key, r#""eventTime""#));
        assert_eq!((seen.n_events, coverage.n_records), (1, 1), "{key}");
    }
    let (seen, _) = read_bytes(record(r#""records""#, r#""eventVersion""#));
    assert_eq!(
        seen.n_events, 1,
        "buffered whole, so the order of keys is no matter"
    );
}

#[test]
fn operational_lines_between_audit_lines_are_counted() {
    let lines = [
        "==> Vault server configuration:".to_owned(),
        vault(1, "request"),
        "2026-11-07T09:00:00Z [INFO]  core: {seal} {\"a\":1}".to_owned(),
        r#"{"@level":"info","@message":"x"}"#.to_owned(),
        vault(1, "response"),
        format!("<13>vault: {}", &vault(2, "request")[..80]),
    ];
    let (seen, coverage) = read_bytes(lines.join("\n"));
    assert_eq!(seen.n_events, 1);
    assert_skipped(
        &coverage,
        &[
            (SkipReason::TruncatedRecord, 1),
            (SkipReason::OperationalLine, 3),
        ],
    );
}

#[test]
fn formats_that_are_not_read_are_refused_by_name() {
    let files: [(&str, &[u8], ProblemKind); 8] = [
        ("Parquet", b"PAR1....PAR1", ProblemKind::Corrupt),
        ("Parquet", b"PAR1....", ProblemKind::Truncated),
        (
            "error page",
            b"<?xml version=\"1.0\"?>\n<Error><Code>AccessDenied</Code></Error>",
            ProblemKind::Unsupported,
        ),
        (
            "error page",
            b"<!DOCTYPE html><html>",
            ProblemKind::Unsupported,
        ),
        (
            "format=json",
            b"<json:object xmlns:json=\"x\"><json:string name=\"type\">",
            ProblemKind::Unsupported,
        ),
        (
            "--output json",
            b"Events:\n- AccessKeyId: ASIA\n  CloudTrailEvent: '{\"eventVersion\":\"1.08\"}'\n",
            ProblemKind::Unsupported,
        ),
        (
            "--output json",
            b"-------------\n|LookupEvents|\n+----------+\n",
            ProblemKind::Unsupported,
        ),
        (
            "no",
            b"plain text\nwith { braces }\n",
            ProblemKind::Unrecognised,
        ),
    ];
    for (name, content, kind) in files {
        let (_, coverage) = Sandbox::new().with("x.gz.parquet", content).read();
        let [problem] = coverage.files[0].problems.as_slice() else {
            unreachable!("{name}: {coverage:?}");
        };
        assert_eq!(problem.kind, kind, "{name}");
        assert!(problem.detail.as_raw().contains(name), "{name}");
        assert_eq!(coverage.n_records, 0);
    }
}

#[test]
fn an_export_without_events_is_in_order() {
    for content in [
        "{\"Records\":[]}",
        "[]",
        "{\"Events\": [ ]}\n",
        "eventtime,eventsource,eventname\n",
    ] {
        let (_, coverage) = read_bytes(content);
        assert!(!coverage.is_incomplete(), "{content}");
    }
}
