//! Transaction, verdicts, place, session and what must not be kept.

use super::*;

#[test]
fn events_of_one_click_share_its_transaction() {
    let transaction = |record: &Value| event(record).ties.transaction;
    for name in ["user.session.start", "user.authentication.auth_via_mfa"] {
        let found = transaction(&with([event_type(name)]));
        assert_eq!(found.as_deref(), Some("tx1"), "{name}");
    }
    // Without a transaction there is nothing that it could be part of.
    let alone = with([("/transaction", json!({"id": "unknown"}))]);
    assert_eq!(transaction(&alone), None);
}

#[test]
fn vendor_s_verdicts_are_marked() {
    let data = "/debugContext/debugData";
    let marked = |pointer: &str, value: Value| {
        event(&with([(pointer, value)]))
            .flags
            .has(Flags::VENDOR_RISK)
    };
    assert!(marked(data, json!({"threatSuspected": "true"})));
    assert!(!marked(data, json!({"threatSuspected": "false"})));
    assert!(marked(
        data,
        json!({"risk": "{reasons=Anomalous Device, level=HIGH}"})
    ));
    assert!(!marked(data, json!({"risk": "{level=LOW}"})));
    assert!(marked(
        data,
        json!({"behaviors": "{New Device=POSITIVE, New IP=NEGATIVE}"})
    ));
    assert!(marked(
        data,
        json!({"logOnlySecurityData": "{\"risk\":{\"level\":\"HIGH\"}}"})
    ));
    assert!(marked("/eventType", json!("security.threat.detected")));
}

#[test]
fn network_falls_back_to_the_prefix_and_names_anonymisers() {
    let security = |value: Value| event(&with([("/securityContext", value)])).origin;
    let plain = security(json!(null));
    assert_eq!(plain.network.as_deref(), Some("203.0.113.0/24"));
    assert_eq!(plain.net_kind, NetKind::Public);
    let proxy = security(json!({"asNumber": 0, "isProxy": true}));
    assert_eq!(proxy.network.as_deref(), Some("203.0.113.0/24"));
    assert_eq!(proxy.net_kind, NetKind::Anonymiser);
    let tor = security(json!({"ipDetails": {"ipServiceCategories": [{"type": "Tor"}]}}));
    assert_eq!(tor.net_kind, NetKind::Anonymiser);
    let hosting = security(json!({"ipDetails": {"ipServiceCategories": [{"type": "Hosting"}]}}));
    assert_eq!(hosting.net_kind, NetKind::Public);
    let job = event(&with([("/client", json!({})), ("/request", json!({}))])).origin;
    assert_eq!((job.address, job.net_kind), (None, NetKind::None));
}

#[test]
fn session_that_holds_a_token_is_absent() {
    let context = |value: Value| event(&with([("/authenticationContext", value)])).session;
    assert_eq!(
        context(json!({"externalSessionId": "102a"})).as_deref(),
        Some("102a")
    );
    assert_eq!(context(json!({"externalSessionId": "trsAbCdEf"})), None);
    assert_eq!(context(json!({"rootSessionId": "unknown"})), None);
}

#[test]
fn debug_secrets_reach_no_event() {
    let canary = "CANARY";
    let data = json!({
        "assertion": canary, "password": canary, "clientSecret": canary, "code": canary,
        "requestUri": canary, "url": canary, "sessionToken": canary, "state": canary,
    });
    let transient = ["access_token", "code", "refresh_token", "id_token"];
    let targets = transient.map(|kind| json!({"id": canary, "type": kind, "displayName": canary}));
    let event = event(&with([
        event_type("app.oauth2.as.token.grant.access_token"),
        ("/debugContext/debugData", data),
        ("/target", json!(targets)),
    ]));
    assert!(!format!("{event:?}").contains(canary));
}

#[test]
fn verdicts_of_every_place_are_marked() {
    let security = |value: Value| event(&with([("/securityContext", value)])).flags;
    let behaviors = json!({"userBehaviors": [{"name": "New IP", "result": "POSITIVE"}]});
    assert!(security(behaviors).has(Flags::VENDOR_RISK));
    assert!(security(json!({"risk": {"level": "HIGH"}})).has(Flags::VENDOR_RISK));
    assert!(!security(json!({"risk": {"level": "LOW"}})).has(Flags::VENDOR_RISK));
    let log_only = json!({"logOnlySecurityData": "{\"behaviors\":{\"New IP\":\"POSITIVE\"}}"});
    let marked = event(&with([("/debugContext/debugData", log_only)]));
    assert!(marked.flags.has(Flags::VENDOR_RISK));
}
