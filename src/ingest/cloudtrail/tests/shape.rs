//! Odd shapes, left-out records, and what must not leave the parser.

use super::*;

#[test]
fn event_borrows_from_the_record() {
    let text = example().to_string();
    let event = parse_text(&text).unwrap();
    for field in [event.native_id, event.tenant, event.actor.display] {
        assert!(matches!(field, Cow::Borrowed(_)), "{field}");
    }
    assert!(matches!(event.resources[0].scope, Cow::Borrowed(_)));
}

#[test]
fn version_is_two_integers_and_only_major_one_is_known() {
    for version in ["1.9", "1.10", "1.02", "1.08", "1"] {
        see(&with(json!({"eventVersion": version})), |_| ());
    }
    see(&with(json!({"eventVersion": null})), |_| ());
    for blanked in ["...", "REDACTED", "1.x"] {
        see(&with(json!({"eventVersion": blanked})), |_| ());
    }
    for version in ["2.0", "0.9"] {
        let record = with(json!({"eventVersion": version}));
        skips(&record.to_string(), SkipReason::UnsupportedVersion);
    }
}

#[test]
fn odd_shapes_read_as_absent() {
    let record = with(json!({
        "resources": "none", "requestParameters": "truncat", "responseElements": [1],
        "additionalEventData": 7, "readOnly": "Yes", "recipientAccountId": 111122223333_u64,
        "sourceIPAddress": {"ipaddress": "198.51.100.4", "asn": {"number": 1}},
        "userIdentity": {"sessionContext": {"webIdFederationData": "", "attributes": null}}
    }));
    see(&record, |event| {
        assert_eq!(event.tenant, "111122223333");
        assert_eq!(event.origin.address.as_deref(), Some("198.51.100.4"));
        assert!(event.resources.is_empty());
        assert_eq!(event.bytes_out, None);
        assert!(!event.flags.has(Flags::TRUNCATED));
    });
    let cut = with(json!({"requestParameters": "{\"bucketName\":\"b"}));
    see(&cut, |event| assert!(event.flags.has(Flags::TRUNCATED)));
    let shipped = with(json!({"eventTime": null, "@timestamp": 1_424_476_529.0}));
    see(&shipped, |event| {
        assert_eq!(event.time.seconds(), 1_424_476_529)
    });
}

#[test]
fn records_that_are_no_actions_are_named() {
    skips(
        &with(json!({"eventCategory": "Insight"})).to_string(),
        SkipReason::Insight,
    );
    skips(
        r#"{"insightDetails":{},"eventVersion":"1.08"}"#,
        SkipReason::Insight,
    );
    skips(
        r#"{"eventCategory":"Aggregated","eventVersion":"1.0"}"#,
        SkipReason::Aggregated,
    );
    skips(
        r#"{"digestStartTime":"2026-11-07T00:00:00Z","logFiles":[]}"#,
        SkipReason::Digest,
    );
    skips(r#"{"hello":"world"}"#, SkipReason::UnknownType);
    skips("[]", SkipReason::UnknownType);
    skips("7", SkipReason::UnknownType);
}

#[test]
fn unusable_records_say_why() {
    skips("{\"eventName\":", SkipReason::TruncatedRecord);
    skips("{eventName}", SkipReason::Malformed);
    skips("", SkipReason::TruncatedRecord);
    skips(
        r#"{"eventName":"a","eventName":"b"}"#,
        SkipReason::DuplicateKey,
    );
    skips(
        r#"{"requestParameters":{"key":"a","key":"b"}}"#,
        SkipReason::DuplicateKey,
    );
    skips(
        &with(json!({"eventName": null})).to_string(),
        SkipReason::NoAction,
    );
    skips(
        &with(json!({"eventTime": null})).to_string(),
        SkipReason::NoTime,
    );
    skips(
        &with(json!({"eventTime": "1970-01-01T00:00:00Z"})).to_string(),
        SkipReason::ImplausibleTime,
    );
    let arrays = format!("{}{}", "[".repeat(300), "]".repeat(300));
    let deep = example()
        .to_string()
        .replace("\"2026/10/all.csv\"", &arrays);
    skips(&deep, SkipReason::TooDeep);
}

#[test]
fn unknown_field_may_be_nested_without_end_or_occur_twice() {
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let text = format!("{{\"x\":{deep},\"x\":1e400,{}", &example().to_string()[1..]);
    assert!(parse_text(&text).is_ok());
}

#[test]
fn no_secret_of_a_response_leaves_the_parser() {
    let record = with(json!({
        "eventSource": "sts.amazonaws.com", "eventName": "AssumeRole", "resources": null,
        "requestParameters": {"roleArn": "arn:aws:iam::444455556666:role/team/Deploy", "password": "CANARY1"},
        "responseElements": {"credentials": {
            "accessKeyId": "ASIAEXAMPLE2", "secretAccessKey": "CANARY2", "sessionToken": "CANARY3"
        }}
    }));
    see(&record, |event| {
        assert!(!format!("{event:?}").contains("CANARY"));
        assert_eq!(event.edges[0].kind, EdgeKind::Assume);
        assert_eq!(
            event.edges[0].target,
            "arn:aws:iam::444455556666:role/team/Deploy"
        );
        assert_eq!(
            event.resources[0].scope,
            "arn:aws:iam::444455556666:role/team/Deploy"
        );
    });
}

#[test]
fn record_cut_anywhere_is_truncated() {
    let text = example().to_string();
    for end in 0..text.len() {
        skips(&text[..end], SkipReason::TruncatedRecord);
    }
}

#[test]
fn unknown_words_of_closed_vocabularies_are_counted() {
    let record = user(json!({"eventType": "AwsNewThing", "userIdentity": {"type": "Robot"}}));
    let text = record.to_string();
    let mut notes = Notes::default();
    let mut context = Context {
        provenance: Provenance::default(),
        okta_org: "",
        vault_cluster: "",
        notes: &mut notes,
    };
    let key = parse(&text, &mut context).map(|event| event.actor.key.into_owned());
    assert_eq!(key.as_deref(), Ok("aws:unknown:111122223333/AIDAEXAMPLE1"));
    let counts: Vec<_> = notes.into_counts().into_iter().collect();
    let expected = ["cloudtrail.eventType", "cloudtrail.userIdentity.type"];
    assert_eq!(counts, expected.map(|label| (label.to_owned(), 1)));
}
