//! What reading Okta must come to, from files to the ledger.

use serde_json::{Value, json};

use super::*;

/// Event `n` of Alice's, of some type.
fn log_event(n: u32, event_type: &str) -> Value {
    json!({
        "uuid": format!("9a1f0000-0000-11ef-8000-{n:012x}"),
        "published": format!("2026-11-07T08:59:{:02}.120Z", n % 60),
        "eventType": event_type, "version": "0",
        "actor": {"id": "00u1", "type": "User", "alternateId": "alice@corp.example"},
        "client": {"ipAddress": "203.0.113.7",
                   "geographicalContext": {"country": "Norway", "postalCode": "0150"}},
        "outcome": {"result": "SUCCESS"}, "target": [],
        "transaction": {"type": "WEB", "id": "tx1"},
        "debugContext": {"debugData": {}},
    })
}

fn changed<const N: usize>(mut record: Value, changes: [(&str, Value); N]) -> Value {
    for (pointer, value) in changes {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        record.pointer_mut(parent).unwrap()[name] = value;
    }
    record
}

const SSO: &str = "user.authentication.sso";
const ALICE: &str = "okta:default/00u1";

#[test]
fn odd_versions_postal_codes_and_missing_objects_parse() {
    let mut without_debug = log_event(0, SSO);
    without_debug
        .as_object_mut()
        .unwrap()
        .remove("debugContext");
    let records = [
        without_debug,
        changed(log_event(1, SSO), [("/version", json!(0))]),
        changed(log_event(2, SSO), [("/version", json!("0"))]),
        changed(
            log_event(3, SSO),
            [("/client/geographicalContext/postalCode", json!(150))],
        ),
        changed(log_event(4, SSO), [("/target", json!(null))]),
        changed(log_event(5, SSO), [("/client", json!(null))]),
    ];
    let (book, coverage) = Book::of_lines(&records);
    assert_eq!((book.events.len(), coverage.n_skipped()), (6, 0));
}

#[test]
fn swapped_targets_are_the_same_event() {
    let user = json!({"id": "00u2", "type": "User", "alternateId": "bob@corp.example"});
    let other = json!({"id": "00u3", "type": "User", "alternateId": "eve@corp.example"});
    let group = json!({"id": "00g1", "type": "UserGroup", "displayName": "Admins"});
    let with = |targets: Value| {
        changed(
            log_event(1, "group.user_membership.add"),
            [("/target", targets)],
        )
    };
    let (book, coverage) = Book::of_lines(&[
        with(json!([user, group, other])),
        with(json!([other, user, group])),
    ]);
    assert_eq!((book.events.len(), coverage.n_duplicate), (1, 1));
    assert_eq!(coverage.conflicts.n, 0);
}

#[test]
fn eight_events_of_one_transaction_are_a_volume_of_one() {
    let types = [
        "user.session.start",
        "user.authentication.auth_via_mfa",
        "user.authentication.auth_via_mfa",
        "user.authentication.verify",
        SSO,
        "user.mfa.factor.activate",
        "application.user_membership.add",
        "app.oauth2.as.token.grant.id_token",
    ];
    let click: Vec<Value> = types
        .iter()
        .zip(1..)
        .map(|(t, n)| log_event(n, t))
        .collect();
    let volume = |records: &[Value]| {
        let (book, _) = Book::of_lines(records);
        assert_eq!(book.events.len(), records.len());
        let cells = book.ledger.account(ALICE).unwrap().cells.values();
        cells.map(|cell| cell.n_direct).sum::<u32>()
    };
    assert_eq!(volume(&click), 1);
    let mut reversed = click.clone();
    reversed.reverse();
    assert_eq!(volume(&reversed), 1);
    let other = changed(log_event(9, SSO), [("/transaction/id", json!("tx2"))]);
    assert_eq!(volume(&[click, vec![other]].concat()), 2);
}

#[test]
fn password_typed_as_a_login_is_not_shown_and_has_no_baseline() {
    let secret = "Tr0ub4dor&3";
    let failed = |n: u32, actor: Value| {
        changed(
            log_event(n, "user.session.start"),
            [
                ("/actor", actor),
                (
                    "/outcome",
                    json!({"result": "FAILURE", "reason": "VERIFICATION_ERROR"}),
                ),
                (
                    "/target",
                    json!([{"id": "unknown", "type": "User", "alternateId": secret}]),
                ),
                (
                    "/debugContext/debugData",
                    json!({"url": secret, "behaviors": secret}),
                ),
            ],
        )
    };
    let unknown =
        json!({"id": "unknown", "type": "User", "alternateId": secret, "displayName": secret});
    let without_id = json!({"type": "User", "alternateId": secret});
    let (book, coverage) = Book::of_lines(&[failed(1, unknown), failed(2, without_id)]);
    assert_eq!(book.events.len(), 2);
    assert!(!book.text(&coverage).contains("ub4dor"));
    let keys: Vec<&str> = book
        .ledger
        .accounts()
        .iter()
        .map(|a| a.row.key.as_ref())
        .collect();
    assert_eq!(keys, ["okta:default/unresolved"]);
    assert!(book.ledger.accounts()[0].cells.is_empty());
}

/// Alice resets the factors of Bob.
fn reset(n: u32) -> Value {
    let bob = json!({"id": "00u2", "type": "User", "alternateId": "bob@corp.example"});
    changed(
        log_event(n, "user.mfa.factor.reset_all"),
        [("/target", json!([bob]))],
    )
}

#[test]
fn factors_reset_by_an_administrator_are_on_both_timelines() {
    let bob = "okta:default/00u2";
    let undergone = format!("undergo:user.mfa.factor.reset_all by {ALICE}");
    let (book, coverage) = Book::of_lines(&[reset(1)]);
    assert_eq!(
        (book.events.len(), coverage.n_used),
        (1, 1),
        "it happened once"
    );
    assert_eq!(book.values(ALICE, Dimension::Edge), [format!("mint:{bob}")]);
    assert_eq!(book.values(bob, Dimension::Edge), [undergone]);
    assert_eq!(book.values(bob, Dimension::Action), [""; 0]);
    assert_eq!(book.ledger.n_records(), 1);
    let cells = book.ledger.account(bob).unwrap().cells.values();
    assert_eq!(cells.map(|cell| cell.n_events).sum::<u32>(), 0);
}

#[test]
fn refused_and_own_resets_are_on_the_actor_s_timeline_alone() {
    let refused = changed(reset(1), [("/outcome", json!({"result": "DENY"}))]);
    let own = json!([{"id": "00u1", "type": "User", "alternateId": "alice@corp.example"}]);
    let own = changed(reset(2), [("/target", own)]);
    let system = json!({"id": "sys", "type": "SystemPrincipal", "alternateId": "system@okta.com"});
    let job = changed(reset(3), [("/actor", system)]);
    let (book, _) = Book::of_lines(&[refused, own, job]);
    assert!(book.ledger.account("okta:default/00u2").is_none());
    assert_eq!(
        book.values(ALICE, Dimension::Edge),
        ["mint:okta:default/00u2"]
    );
}

#[test]
fn impersonated_user_sees_who_acted_in_the_user_s_name() {
    let original = json!({"id": "00uS", "type": "User", "alternateId": "help@okta.example"});
    let record = changed(
        log_event(1, SSO),
        [("/debugContext/debugData/originalPrincipal", original)],
    );
    let (book, _) = Book::of_lines(&[record]);
    assert_eq!(book.values("okta:default/00uS", Dimension::Action), [SSO]);
    assert_eq!(book.values(ALICE, Dimension::Action), [""; 0]);
    let edges = book.values(ALICE, Dimension::Edge);
    assert_eq!(edges, [format!("undergo:{SSO} by okta:default/00uS")]);
}

#[test]
fn every_container_of_okta_holds_the_same_event_and_all_together_one() {
    let record = log_event(1, SSO);
    let text = record.to_string();
    let containers = [
        ("lines", text.clone()),
        ("page", json!([record]).to_string()),
        ("pages", format!("[{text}][{text}]")),
        (
            "pretty",
            serde_json::to_string_pretty(&json!([record])).unwrap(),
        ),
        (
            "bus",
            json!({"id": "e", "detail-type": "SystemLog", "source": "aws.partner/okta.com/corp/x",
                       "account": "1", "time": "t", "detail": record})
            .to_string(),
        ),
        (
            "hook",
            json!({"eventType": "com.okta.event_hook", "cloudEventsVersion": "0.1",
                        "source": "https://corp.okta.com/api/v1/eventHooks/w", "eventId": "h",
                        "data": {"events": [record]}})
            .to_string(),
        ),
        (
            "hec",
            json!({"event": record, "sourcetype": "OktaIM2:log", "time": 1}).to_string(),
        ),
        (
            "raw",
            json!({"result": {"_raw": text, "_time": "t"}}).to_string(),
        ),
        (
            "elastic",
            json!({"_source": {"event": {"original": text}, "okta": {}}}).to_string(),
        ),
        (
            "docker",
            json!({"log": text, "stream": "stdout"}).to_string(),
        ),
    ];
    let mut all = Sandbox::new();
    for (name, content) in &containers {
        let (seen, coverage) = read_bytes(content);
        assert_eq!(seen.n_events, 1, "{name}");
        assert_eq!(coverage.n_skipped(), 0, "{name}");
        all = all.with(name, content);
    }
    let (seen, coverage) = all.read();
    assert_eq!((seen.n_events, coverage.n_duplicate), (1, 10));
    assert_eq!(coverage.conflicts.n, 0);
}
