//! What lines look like, and which are no calls.

use super::*;

#[test]
fn elided_and_full_lists_count_the_same() {
    let listed = |keys: Value| {
        let line = with([
            ("/request/operation", json!("list")),
            ("/request/path", json!("secret/metadata/")),
            ("/response", json!({"data": {"keys": keys}})),
        ]);
        let event = event(&line);
        assert_eq!(event.action.name, "kv/list");
        assert_eq!(event.resources[0].scope, "secret");
        event.resources_total
    };
    assert_eq!(listed(json!(["a", "b", "c", "d"])), 4);
    assert_eq!(listed(json!(4)), 4);
    assert_eq!(listed(json!(null)), 1);
}

#[test]
fn times_sort_whatever_their_precision() {
    let time = |text: &str| entry(&with([("/time", json!(text))])).time;
    let times = [
        "2026-11-07T09:01:00Z",
        "2026-11-07T09:01:00.000001Z",
        "2026-11-07T09:01:00.000002999Z",
        "2026-11-07T09:01:00.5Z",
    ]
    .map(time);
    assert!(times.is_sorted_by(|a, b| a < b));
}

#[track_caller]
fn skipped(line: &str, reason: SkipReason) {
    let result = try_entry(line, Provenance::default());
    assert_eq!(result.err(), Some(reason), "{line}");
}

#[test]
fn what_is_no_call_is_skipped_with_its_reason() {
    let line = |changes: [(&str, Value); 1]| with(changes).to_string();
    let operational = r#"{"@level":"info","@message":"core: vault is unsealed"}"#;
    skipped(operational, SkipReason::OperationalLine);
    skipped(&line([("/type", json!("metric"))]), SkipReason::UnknownType);
    skipped("{}", SkipReason::UnknownType);
    skipped("[]", SkipReason::UnknownType);
    skipped(
        &line([("/request/path", json!("sys/audit/test"))]),
        SkipReason::Internal,
    );
    for operation in ["alias-lookahead", "resolve-role", "rollback"] {
        skipped(
            &line([("/request/operation", json!(operation))]),
            SkipReason::Internal,
        );
    }
    let mut revoke = with([("/request/operation", json!("revoke"))]);
    assert_eq!(half(&revoke).action.verb, Verb::Delete);
    revoke["request"]["remote_address"] = json!("");
    skipped(&revoke.to_string(), SkipReason::Internal);
    skipped(&line([("/time", json!(null))]), SkipReason::NoTime);
    skipped(
        &line([("/time", json!("0001-01-01T00:00:00Z"))]),
        SkipReason::ImplausibleTime,
    );
    skipped(&line([("/request/path", json!(""))]), SkipReason::NoAction);
    skipped(
        &line([("/request/operation", json!(null))]),
        SkipReason::NoAction,
    );
    skipped(
        r#"{"type":"request","type":"response"}"#,
        SkipReason::DuplicateKey,
    );
    skipped(r#"{"type":"request","requ"#, SkipReason::TruncatedRecord);
    skipped(r#"{"type":"request","requ"}"#, SkipReason::Malformed);
    let deep = format!("{{\"data\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    skipped(&deep, SkipReason::UnknownType);
}

#[test]
fn hashed_or_missing_agents_leave_the_client_empty() {
    for headers in [
        json!(null),
        json!({"user-agent": ["hmac-sha256:aa"]}),
        json!({"user-agent": []}),
    ] {
        let event = event(&with([("/request/headers", headers)]));
        assert_eq!(event.origin.client.family, "");
    }
}
