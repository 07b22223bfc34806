#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::*;
use crate::event::Provenance;
use crate::report::{DumpFormat, Spool, write_events};

fn read<T>(text: &str, take: impl FnOnce(Result<Event<'_>, SkipReason>) -> T) -> T {
    let mut context = Context {
        provenance: Provenance::default(),
        okta_org: "o",
        vault_cluster: "c",
        notes: &mut Notes::default(),
    };
    let text = nested(text);
    let event = parse(&text, &mut context);
    take(event)
}

/// What a log's own parser makes of a record.
fn parsed<T>(source: Source, text: &str, take: impl FnOnce(&Event<'_>) -> T) -> T {
    let mut context = Context {
        provenance: Provenance::default(),
        okta_org: "corp/x",
        vault_cluster: "prod",
        notes: &mut Notes::default(),
    };
    match source {
        Source::CloudTrail => take(&crate::ingest::cloudtrail::parse(text, &mut context).unwrap()),
        Source::Okta => take(&crate::ingest::okta::parse(text, &mut context).unwrap()),
        Source::Vault => {
            let entry = crate::ingest::vault::parse(text, &mut context).unwrap();
            take(&crate::ingest::vault::Exchange::from_half(entry).event())
        }
        Source::Generic => unreachable!("no native records"),
    }
}

const TRAIL: &str = r#"{"eventVersion":"1.11","userIdentity":{"type":"AssumedRole","principalId":"AROAEXAMPLE:a#b|c/é",
"arn":"arn:aws:sts::111122223333:assumed-role/dev/a","accountId":"111122223333","accessKeyId":"ASIAEXAMPLE1",
"sessionContext":{"sessionIssuer":{"type":"Role","arn":"arn:aws:iam::111122223333:role/dev","userName":"dev"}}},
"eventTime":"2026-11-07T18:03:11Z","eventSource":"sts.amazonaws.com","eventName":"AssumeRole","awsRegion":"eu-west-1",
"sourceIPAddress":"203.0.113.7","userAgent":"aws-cli/2.18.5","errorCode":"AccessDenied",
"requestParameters":{"roleArn":"arn:aws:iam::444455556666:role/admin","roleSessionName":"x"},
"additionalEventData":{"bytesTransferredOut":48211},"eventID":"5d1a2c58-0000-4000-8000-000000000001","recipientAccountId":"111122223333"}"#;
const OKTA: &str = r#"{"uuid":"u1","published":"2026-11-07T08:59:40.120Z","eventType":"user.session.start",
"actor":{"id":"00u1/x","type":"User","alternateId":"a@b","displayName":"-"},"client":{"ipAddress":"203.0.113.7",
"geographicalContext":{"country":"Norway"},"userAgent":{"rawUserAgent":"Mozilla/5.0","browser":"CHROME"}},
"securityContext":{"asNumber":64500},"outcome":{"result":"FAILURE","reason":"LOCKED_OUT"},"transaction":{"id":"t"}}"#;
const VAULT: &str = r#"{"time":"2026-11-07T09:00:00.123456789Z","type":"request","auth":{"display_name":"oidc-alice",
"entity_id":"e1","accessor":"hmac-sha256:aa"},"request":{"id":"v1","operation":"read","path":"kv/data/prod/db","remote_address":"10.1.2.3"}}"#;

/// The records as their dump in `format`.
fn dump(format: DumpFormat) -> Vec<u8> {
    let mut spool = Spool::new(std::path::Path::new("."));
    for (source, text) in [
        (Source::CloudTrail, TRAIL),
        (Source::Okta, OKTA),
        (Source::Vault, VAULT),
    ] {
        parsed(source, text, |event| spool.add(event));
    }
    let mut out = Vec::new();
    write_events(format, vec![spool], &mut out).unwrap();
    out
}

/// Everything that an event says, but where and in how many records.
fn saying(event: &Event<'_>) -> String {
    let mut event = event.clone();
    event.provenance = Provenance::default();
    event.n_records = 1;
    format!("{event:#?}")
}

fn expected() -> Vec<String> {
    [
        (Source::Okta, OKTA),
        (Source::Vault, VAULT),
        (Source::CloudTrail, TRAIL),
    ]
    .iter()
    .map(|(source, text)| parsed(*source, text, saying))
    .collect()
}

#[test]
fn lines_read_back_as_the_events_that_they_were() {
    let text = String::from_utf8(dump(DumpFormat::Jsonl)).unwrap();
    let read: Vec<String> = text
        .lines()
        .map(|line| read(line, |event| saying(&event.unwrap())))
        .collect();
    assert_eq!(read, expected());
}

#[test]
fn rows_read_back_as_the_events_that_they_were() {
    use crate::ingest::Limits;
    use crate::ingest::parquet::{Row, Source as Bytes, Table};

    let bytes = Bytes::of_bytes(dump(DumpFormat::Parquet));
    let mut table = Table::open(bytes, &Limits::default()).unwrap();
    let mut events = Vec::new();
    while let Some(row) = table.next_row() {
        let Row::Text(text) = row.unwrap() else {
            unreachable!("a small row")
        };
        events.push(read(text, |event| saying(&event.unwrap())));
    }
    assert_eq!(events, expected());
}

fn line() -> String {
    let text = String::from_utf8(dump(DumpFormat::Jsonl)).unwrap();
    text.lines().last().unwrap().to_owned()
}

#[track_caller]
fn with_key(key: &str, expected: Option<SkipReason>) {
    let line = line().replace("aws:role:AROAEXAMPLE", key);
    assert!(line.contains(key), "{line}");
    read(&line, |event| assert_eq!(event.err(), expected, "{key}"));
}

#[test]
fn a_forged_key_has_the_prefix_of_its_source_and_no_delimiter_of_ours() {
    with_key("aws:role:AROA", None);
    with_key("aws:role:a%2Fb", None);
    // A profile of its own, which logs may claim too.
    with_key("aws:role:AROA|agent", None);
    for key in [
        "okta:corp/00u1",
        "role",
        "",
        "aws:role:AROA#alice",
        "aws:role:\\u0007",
        "aws:100%",
        "aws:%2f",
        "aws:%2",
        "aws:%é",
    ] {
        with_key(key, Some(SkipReason::Malformed));
    }
}

#[track_caller]
fn changed(from: &str, to: &str, expected: Option<SkipReason>) {
    let line = line();
    assert!(line.contains(from), "{line}");
    read(&line.replace(from, to), |event| {
        assert_eq!(event.err(), expected, "{to}")
    });
}

#[test]
fn what_is_needed_is_missed_and_what_is_unknown_counted() {
    changed("2026-11-07T18:03:11Z", "", Some(SkipReason::NoTime));
    changed(
        "2026-11-07T18:03:11Z",
        "1999-01-01T00:00:00Z",
        Some(SkipReason::ImplausibleTime),
    );
    changed("\"action\"", "\"x\"", Some(SkipReason::NoAction));
    changed(
        "\"cloudtrail\"",
        "\"syslog\"",
        Some(SkipReason::UnknownType),
    );
    changed("\"mfa\"", "\"verb\"", Some(SkipReason::DuplicateKey));
    changed("\"denied\"", "\"shrugged\"", None);
    changed("\"flags\":[", "\"flags\":[\"new\",{}", None);
}

#[test]
fn confidence_is_read_as_it_is_written() {
    for percent in 0..=100_u8 {
        let written = f64::from(percent) / 100.0;
        assert_eq!(super::percent(&written.to_string()), percent);
    }
    for text in ["", "x", "-1", "0.é", "2"] {
        assert_eq!(super::percent(text), 0, "{text}");
    }
}
