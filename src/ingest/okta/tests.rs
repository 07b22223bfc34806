#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod beside;
mod corpus;
mod outcome;
mod shape;
mod target;
mod who;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::parse;
use crate::event::{
    Class, CredentialKind, EdgeKind, Event, Flags, Interface, KeyBasis, Mfa, NetKind, Outcome,
    Provenance, Sensitive, Verb,
};
use crate::ingest::coverage::SkipReason;
use crate::ingest::record::{Context, Notes};
use crate::ingest::sample_logs;

/// The example of an application access, as the vendor documents it.
fn sso() -> Value {
    json!({
        "uuid": "9a1f0000-0000-11ef-8000-000000000001",
        "published": "2026-11-07T08:59:40.120Z",
        "eventType": "user.authentication.sso", "version": "0", "severity": "INFO",
        "actor": {"id": "00u1example", "type": "User", "alternateId": "Alice@Corp.example",
                  "displayName": "Alice A"},
        "client": {
            "userAgent": {"rawUserAgent": "Mozilla/5.0 (Macintosh)", "os": "Mac OS X",
                          "browser": "CHROME"},
            "zone": "null", "device": "Computer", "id": null, "ipAddress": "203.0.113.7",
            "geographicalContext": {"city": "Oslo", "country": "Norway", "postalCode": "0150"}},
        "authenticationContext": {"authenticationStep": 0, "rootSessionId": "idxRoot1"},
        "securityContext": {"asNumber": 64500, "isProxy": false},
        "outcome": {"result": "SUCCESS", "reason": null},
        "target": [
            {"id": "0oa9", "type": "AppInstance", "alternateId": "AWS IAM Identity Center",
             "displayName": "AWS IAM Identity Center"},
            {"id": "0ua9", "type": "AppUser", "alternateId": "alice@corp.example",
             "displayName": "Alice A"}],
        "transaction": {"type": "WEB", "id": "tx1", "detail": {}},
        "debugContext": {"debugData": {"requestUri": "/app/amazon_aws_sso/exk1/sso/saml",
                                       "behaviors": "{New Device=NEGATIVE}"}},
        "request": {"ipChain": [{"ip": "203.0.113.7", "version": "V4", "source": null}]}
    })
}

/// [`sso`] with fields replaced, each given by its JSON pointer.
fn with<const N: usize>(changes: [(&str, Value); N]) -> Value {
    let mut record = sso();
    for (pointer, value) in changes {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let parent = record.pointer_mut(parent).unwrap();
        parent[name] = value;
    }
    record
}

fn event_type(name: &str) -> (&'static str, Value) {
    ("/eventType", json!(name))
}

fn user(id: &str, login: &str) -> Value {
    json!({"id": id, "type": "User", "alternateId": login, "displayName": login})
}

fn try_event(record: &str) -> Result<Event<'_>, SkipReason> {
    parse(record, &mut context(&mut Notes::default()))
}

fn context(notes: &mut Notes) -> Context<'_> {
    Context {
        provenance: Provenance { file: 1, record: 2 },
        okta_org: "corp",
        vault_cluster: "prod",
        notes,
    }
}

fn event(record: &Value) -> Event<'static> {
    // The text is leaked so that each test reads as one line.
    try_event(Box::leak(record.to_string().into_boxed_str())).unwrap()
}

fn edges(event: &Event<'_>) -> Vec<String> {
    let text = |kind: EdgeKind, target: &str| format!("{}:{target}", kind.name());
    event
        .edges
        .iter()
        .map(|e| text(e.kind, &e.target))
        .collect()
}

fn scopes(event: &Event<'_>) -> Vec<String> {
    event
        .resources
        .iter()
        .map(|r| r.scope.to_string())
        .collect()
}

#[test]
fn application_access_is_read_in_full() {
    let event = event(&sso());
    assert_eq!(event.native_id, "9a1f0000-0000-11ef-8000-000000000001");
    assert_eq!(event.time.rfc3339(), "2026-11-07T08:59:40.120Z");
    assert_eq!(event.tenant, "corp");
    assert_eq!(event.actor.key, "okta:corp/00u1example");
    assert_eq!(event.actor.display, "Alice@Corp.example");
    assert_eq!(event.actor.class, Class::Human);
    assert_eq!(event.actor.basis, KeyBasis::OktaActor);
    assert_eq!(event.action.service, "user.authentication");
    assert_eq!(event.action.name, "user.authentication.sso");
    assert_eq!(event.action.verb, Verb::Auth);
    assert_eq!(event.outcome, Outcome::Success);
    assert_eq!(scopes(&event), ["app/AWS IAM Identity Center"]);
    assert_eq!(edges(&event), ["invoke:app/AWS IAM Identity Center"]);
    assert_eq!(event.origin.address.as_deref(), Some("203.0.113.7"));
    assert_eq!(event.origin.network.as_deref(), Some("AS64500"));
    assert_eq!(event.origin.net_kind, NetKind::Public);
    assert_eq!(event.origin.country.as_deref(), Some("Norway"));
    assert_eq!(event.origin.client.family, "chrome");
    assert_eq!(event.origin.client.product.as_deref(), Some("macos"));
    assert_eq!(event.origin.interface, Interface::Console);
    assert_eq!(event.credential.kind, CredentialKind::WebSession);
    assert_eq!(event.session.as_deref(), Some("idxRoot1"));
    assert_eq!(event.mfa, Mfa::Unknown);
    assert_eq!(event.flags, Flags::none());
    assert_eq!(event.provenance, Provenance { file: 1, record: 2 });
}
