//! What CloudTrail's own habits of delivery must not change: retold, corrected
//! and second-hand records, insights and digests.

use serde_json::{Value, json};

use super::*;

/// A cross-account use of a key, as one of the accounts has it.
fn retold(event: u32, recipient: &str, identity: Value) -> Value {
    json!({
        "eventVersion": "1.08", "eventTime": "2026-11-07T09:00:00Z",
        "eventSource": "kms.amazonaws.com", "eventName": "Decrypt",
        "awsRegion": "eu-west-1", "sourceIPAddress": "203.0.113.7",
        "eventID": format!("5d1a2c58-0000-4000-8000-{event:012x}"),
        "sharedEventID": "77aa0000-0000-4000-8000-000000000001",
        "recipientAccountId": recipient, "userIdentity": identity
    })
}

fn caller() -> Value {
    json!({"type": "IAMUser", "principalId": "AIDAEXAMPLE1", "userName": "ann", "accountId": "111122223333"})
}

fn stranger() -> Value {
    json!({"type": "AWSAccount", "principalId": "AIDAEXAMPLE1", "accountId": "111122223333"})
}

fn own_copy() -> Value {
    retold(1, "111122223333", caller())
}

fn owner_copy() -> Value {
    retold(2, "444455556666", stranger())
}

fn file(records: &[Value]) -> String {
    json!({"Records": records}).to_string()
}

/// Native ids and accounting of the records, in every order of files and all in
/// one file.
#[track_caller]
fn counts(records: &[Value], used: &[u32], n_retold: u64) -> Coverage {
    let named = |order: &[usize]| {
        let mut sandbox = Sandbox::new();
        for (at, record) in order.iter().enumerate() {
            sandbox = sandbox.with(&format!("{at}.json"), file(&records[*record..=*record]));
        }
        sandbox.read()
    };
    let forward: Vec<usize> = (0..records.len()).collect();
    let backward: Vec<usize> = forward.iter().rev().copied().collect();
    let whole = Sandbox::new().with("all.json", file(records)).read();
    let mut last = Coverage::default();
    for (seen, coverage) in [named(&forward), named(&backward), whole] {
        let ids: Vec<String> = seen.events.iter().map(|(_, id, _)| id.clone()).collect();
        let expected = used
            .iter()
            .map(|n| format!("5d1a2c58-0000-4000-8000-{n:012x}"));
        assert_eq!(ids, expected.collect::<Vec<_>>());
        assert_eq!(coverage.n_used, used.len() as u64);
        assert_eq!(coverage.trail.n_retold, n_retold);
        last = coverage;
    }
    last
}

#[test]
fn cross_account_use_of_a_key_in_two_trails_is_one_event_of_the_caller() {
    counts(&[own_copy(), owner_copy()], &[1], 1);
    counts(&[own_copy(), owner_copy(), owner_copy()], &[1], 2);
}

#[test]
fn record_of_the_owner_counts_where_the_caller_s_is_not_at_hand() {
    counts(&[owner_copy()], &[2], 0);
    let coverage = counts(&[owner_copy(), owner_copy()], &[2], 0);
    assert_eq!(coverage.n_duplicate, 1);
    let third = retold(3, "777788889999", stranger());
    counts(&[owner_copy(), third], &[2], 1);
    // Another account that sees the caller knows more than one that does not.
    let witness = retold(9, "444455556666", caller());
    counts(&[owner_copy(), witness.clone()], &[9], 1);
    counts(&[own_copy(), witness, owner_copy()], &[1], 2);
}

#[test]
fn retold_record_outside_the_windows_is_out_of_window() {
    let sandbox = Sandbox::new().with("a.json", file(&[own_copy(), owner_copy()]));
    let options = Options {
        span: Window {
            start: Timestamp::from_seconds(0),
            end: Timestamp::from_seconds(1),
        },
        ..Options::default()
    };
    let (_, coverage) = read_all(&[sandbox.path().to_owned()], &options);
    assert_eq!((coverage.n_used, coverage.n_out_of_window), (0, 2));
    assert_eq!((coverage.n_duplicate, coverage.trail.n_retold), (0, 0));
}

fn plain(event: u32, addendum: Value) -> Value {
    let mut record = own_copy();
    record["eventID"] = json!(format!("5d1a2c58-0000-4000-8000-{event:012x}"));
    record["sharedEventID"] = Value::Null;
    record["addendum"] = addendum;
    record
}

fn correction(event: u32, original: u32) -> Value {
    let original = format!("5d1a2c58-0000-4000-8000-{original:012x}");
    plain(
        event,
        json!({"reason": "UPDATED_DATA", "updatedFields": "errorCode", "originalEventID": original}),
    )
}

#[test]
fn corrected_record_counts_once() {
    counts(&[plain(1, Value::Null), correction(2, 1)], &[1], 1);
    counts(
        &[plain(1, Value::Null), correction(2, 1), correction(3, 1)],
        &[1],
        2,
    );
    counts(&[correction(2, 1)], &[2], 0);
    counts(&[correction(3, 1), correction(2, 1)], &[2], 1);
    // The original may itself be one that had to wait.
    let mut corrected_copy = correction(5, 2);
    corrected_copy["sharedEventID"] = owner_copy()["sharedEventID"].clone();
    corrected_copy["userIdentity"] = stranger();
    corrected_copy["recipientAccountId"] = json!("444455556666");
    counts(&[owner_copy(), corrected_copy], &[2], 1);
}

#[test]
fn late_delivery_is_noted_and_changes_nothing() {
    let late = plain(1, json!({"reason": "DELIVERY_DELAY"}));
    let outage = plain(2, json!({"reason": "SERVICE_OUTAGE"}));
    let coverage = counts(&[late, outage], &[1, 2], 0);
    assert_eq!(coverage.trail.n_delayed, 2);
}

#[test]
fn too_many_records_to_wait_in_memory_are_read_again_with_the_same_result() {
    // There is room for two.
    let large = |event: u32| {
        let mut record = owner_copy();
        record["eventID"] = json!(format!("5d1a2c58-0000-4000-8000-{event:012x}"));
        record["sharedEventID"] = json!(format!("77aa0000-0000-4000-8000-{event:012x}"));
        record["requestParameters"] = json!({"padding": "x".repeat(20_000)});
        record
    };
    let records = [large(1), large(2), large(3), large(4)];
    let mut own = own_copy();
    own["sharedEventID"] = records[2]["sharedEventID"].clone();
    let options = Options {
        limits: crate::ingest::Limits {
            max_waiting_bytes: 50_000,
            ..crate::ingest::Limits::default()
        },
        ..Options::default()
    };
    let sandbox = Sandbox::new()
        .with("a.json", file(&records))
        .with("b.json", file(&[own]));
    let (seen, coverage) = read_all(&[sandbox.path().to_owned()], &options);
    assert_eq!((coverage.n_records, coverage.n_used), (5, 4));
    assert_eq!(coverage.trail.n_retold, 1);
    let records: BTreeSet<u32> = seen
        .citations
        .iter()
        .filter(|citation| citation.file == 0)
        .map(|citation| citation.record)
        .collect();
    assert_eq!(records, BTreeSet::from([1, 2, 4]));
    assert!(
        coverage.files[0].problems.is_empty(),
        "{:?}",
        coverage.files
    );
}

#[test]
fn insights_are_context_and_never_events() {
    let insight = |id: &str, state: &str| {
        json!({
            "eventVersion": "1.08", "eventTime": "2026-11-07T09:00:00Z", "eventID": id,
            "eventCategory": "Insight", "eventType": "AwsCloudTrailInsight",
            "sharedEventID": "77aa0000-0000-4000-8000-000000000001",
            "insightDetails": {
                "state": state, "eventSource": "kms.amazonaws.com", "eventName": "Decrypt",
                "insightType": "ApiCallRateInsight", "insightContext": {"attributions": [
                    {"attribute": "userIdentityArn", "insight": [{"value": "arn:aws:iam::1:user/ann"}]}
                ]}
            }
        })
    };
    let records = [
        own_copy(),
        insight("a", "Start"),
        insight("b", "End"),
        insight("a", "Start"),
    ];
    let coverage = counts(&records, &[1], 0);
    assert_eq!(coverage.skipped[&SkipReason::Insight].n, 3);
    let insights = &coverage.trail.insights;
    assert_eq!((insights.n, insights.kept.len()), (3, 1));
    let remarks = coverage.trail.remarks();
    assert_eq!(
        remarks[0].as_raw(),
        "CloudTrail Insights saw an unusual rate of kms:Decrypt by arn:aws:iam::1:user/ann at \
         2026-11-07T09:00:00Z."
    );
}

const FOLDER: &str = "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/11/07";

fn log_name(n: u32) -> String {
    format!("111122223333_CloudTrail_eu-west-1_20261107T0905Z_{n:016}.json")
}

fn digest(hour: u32, log_files: &[u32]) -> String {
    let name = |hour: u32| {
        format!(
            "AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2026/11/07/111122223333_\
             CloudTrail-Digest_eu-west-1_main_eu-west-1_20261107T{hour:02}0000Z.json.gz"
        )
    };
    let files: Vec<Value> = log_files
        .iter()
        .map(|n| json!({"s3Object": format!("{FOLDER}/{}.gz", log_name(*n)), "hashValue": "00"}))
        .collect();
    json!({
        "awsAccountId": "111122223333", "digestS3Object": name(hour + 1),
        "digestStartTime": format!("2026-11-07T{hour:02}:00:00Z"),
        "digestEndTime": format!("2026-11-07T{:02}:00:00Z", hour + 1),
        "oldestEventTime": null, "newestEventTime": null,
        "previousDigestS3Object": name(hour), "logFiles": files
    })
    .to_string()
}

#[test]
fn digests_prove_silence_and_name_what_is_missing() {
    let sandbox = Sandbox::new()
        .with(&format!("{FOLDER}/{}", log_name(1)), file(&[own_copy()]))
        .with("d/09.json", digest(9, &[1]))
        .with("d/10.json", digest(10, &[]))
        .with("d/11.json", digest(11, &[2]))
        .with("d/13.json", digest(13, &[]))
        .with("d/14.json", digest(14, &[]))
        .with("d/15.json", digest(15, &[]));
    let (_, coverage) = sandbox.read();
    assert_eq!(coverage.skipped[&SkipReason::Digest].n, 6);
    let digests = &coverage.trail.digests;
    let missing = digests.missing.clone().unwrap_or_default();
    assert_eq!(
        (missing.n, missing.names[0].as_raw()),
        (1, log_name(2).as_str())
    );
    assert_eq!(digests.breaks.n, 1, "the digest of 12:00 is not there");
    let silent: Vec<i64> = coverage.sources[&crate::event::Source::CloudTrail]
        .silent_hours
        .iter()
        .map(|hour| hour.rem_euclid(24))
        .collect();
    // 10:00 may lack events that a missing file of 11:00 brought.
    assert_eq!(silent, [13, 14]);
    assert_eq!(coverage.trail.remarks().len(), 2);
    assert_eq!(coverage.trail.cautions(), coverage.trail.remarks());
}

#[test]
fn hour_that_digests_prove_silent_is_no_gap() {
    let day = |n: u32| {
        let mut record = plain(n, Value::Null);
        record["eventTime"] = json!(format!("2026-11-{:02}T09:00:00Z", 5 + n));
        record
    };
    let logs = Sandbox::new().with(&log_name(1), file(&[day(1), day(4)]));
    let gaps = |coverage: &Coverage| {
        coverage.sources[&crate::event::Source::CloudTrail]
            .silences()
            .len()
    };
    assert_eq!(gaps(&logs.read().1), 1);
    let whole = format!(
        r#"{{"digestS3Object":"x_1.json","digestStartTime":"2026-11-06T00:00:00Z","digestEndTime":"2026-11-10T00:00:00Z","logFiles":[{{"s3Object":"{}.gz"}}]}}"#,
        log_name(1)
    );
    let proven = logs.with("digest.json", whole);
    assert_eq!(gaps(&proven.read().1), 0);
}

#[test]
fn record_without_capitals_is_a_poorer_rendering_of_the_same_event() {
    fn lowered(value: &Value) -> Value {
        match value {
            Value::Object(members) => members
                .iter()
                .map(|(name, value)| (name.to_lowercase(), lowered(value)))
                .collect(),
            other => other.clone(),
        }
    }
    let lower = lowered(&plain(2, Value::Null));
    let alone = counts(std::slice::from_ref(&lower), &[2], 0);
    assert_eq!(alone.n_skipped(), 0);
    let both = counts(&[lower, plain(2, Value::Null)], &[2], 0);
    assert_eq!(both.n_duplicate, 1);
    // The order in which one action was told in two ways does not matter.
    counts(&[lowered(&owner_copy()), own_copy()], &[1], 1);
    counts(&[owner_copy(), lowered(&owner_copy())], &[2], 1);
}

#[test]
fn numbers_that_say_nothing_cost_no_record() {
    let text = file(&[own_copy()]);
    let odd = text.replace(
        "\"eventName\"",
        "\"requestParameters\":{\"name\":1e400,\"key\":-0},\"responseElements\":{\"statusCode\":-1e999},\"eventName\"",
    );
    assert_ne!(text, odd);
    let (seen, coverage) = read_bytes(odd);
    assert_eq!((seen.n_events, coverage.n_skipped()), (1, 0));
}

#[test]
fn export_without_global_services_says_so() {
    let mut other = plain(2, Value::Null);
    other["eventSource"] = json!("s3.amazonaws.com");
    let alone = counts(&[plain(1, Value::Null)], &[1], 0);
    assert!(
        !alone.trail.lacks_global_services(),
        "one service says nothing"
    );
    let coverage = counts(&[plain(1, Value::Null), other.clone()], &[1, 2], 0);
    assert!(coverage.trail.lacks_global_services());
    let mut iam = plain(3, Value::Null);
    iam["eventSource"] = json!("iam.amazonaws.com");
    let coverage = counts(&[plain(1, Value::Null), other, iam], &[1, 2, 3], 0);
    assert!(!coverage.trail.lacks_global_services());
}
