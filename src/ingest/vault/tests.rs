#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod corpus;
mod outcome;
mod pairing;
mod path;
mod secrets;
mod shape;
mod who;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Entry, Exchange, Half, Pairing, parse};
use crate::event::{
    Class, CredentialKind, EdgeKind, Event, Interface, KeyBasis, Mfa, Mount, NetKind, Outcome,
    Provenance, Sensitive, Verb,
};
use crate::ingest::coverage::SkipReason;
use crate::ingest::record::{Context, Notes};
use crate::ingest::sample_logs;

const ENTITY: &str = "0d5f1c7e-0000-4000-8000-000000000001";
const ID: &str = "c0ffee00-0000-4000-8000-000000000001";

/// Somebody's read of a secret: the response, as the vendor documents it.
fn response() -> Value {
    json!({
        "time": "2026-11-07T09:01:00.5Z", "type": "response",
        "auth": {
            "accessor": "hmac-sha256:aa01bb02cc03dd04ee05ff06", "entity_id": ENTITY,
            "display_name": "oidc-alice@corp.example", "metadata": {"role": "dev"},
            "policies": ["default", "dev"], "policy_results": {"allowed": true},
            "token_type": "service"},
        "request": {
            "id": ID, "operation": "read", "mount_point": "secret/", "mount_type": "kv",
            "namespace": {"id": "root"}, "path": "secret/data/payroll/db",
            "headers": {"user-agent": ["Go-http-client/1.1"]},
            "remote_address": "203.0.113.7", "remote_port": 51234},
        "response": {
            "mount_type": "kv",
            "data": {"data": {"password": "hmac-sha256:bb02"}, "metadata": {"version": 3}}}
    })
}

/// The request that belongs to a response.
fn request_of(response: &Value) -> Value {
    let mut request = response.clone();
    let line = request.as_object_mut().unwrap();
    line.remove("response");
    line.insert("type".into(), json!("request"));
    line.insert("time".into(), json!("2026-11-07T09:01:00.4Z"));
    request
}

/// [`response`] with fields replaced, each given by its JSON pointer.
fn with<const N: usize>(changes: [(&str, Value); N]) -> Value {
    changed(response(), changes)
}

fn changed<const N: usize>(mut line: Value, changes: [(&str, Value); N]) -> Value {
    for (pointer, value) in changes {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        line.pointer_mut(parent).unwrap()[name] = value;
    }
    line
}

/// A login to a mount of some type, as the response says.
fn login(path: &str, mount_type: &str, issued: Value) -> Value {
    let mount = path.split('/').take(2).collect::<Vec<_>>().join("/");
    let mut line = with([
        ("/request/path", json!(path)),
        ("/request/operation", json!("update")),
        ("/request/mount_point", json!(format!("{mount}/"))),
        ("/request/mount_type", json!(mount_type)),
        ("/auth", json!({"token_type": "default"})),
        ("/response", json!({})),
    ]);
    if !issued.is_null() {
        line["response"]["auth"] = issued;
    }
    line
}

fn try_entry(line: &str, provenance: Provenance) -> Result<Entry, SkipReason> {
    let mut context = Context {
        provenance,
        okta_org: "corp",
        vault_cluster: "prod",
        notes: &mut Notes::default(),
    };
    parse(line, &mut context)
}

fn entry(line: &Value) -> Entry {
    try_entry(&line.to_string(), Provenance::default()).unwrap()
}

/// The event of a response and its request.
fn event(response: &Value) -> Event<'static> {
    let mut pairing = Pairing::new();
    assert!(pairing.offer(entry(&request_of(response))).is_none());
    leaked(pairing.offer(entry(response)).unwrap())
}

/// The event of one line alone.
fn half(line: &Value) -> Event<'static> {
    leaked(Exchange::from_half(entry(line)))
}

/// Leaks the call so that each test reads as one line.
fn leaked(exchange: Exchange) -> Event<'static> {
    Box::leak(Box::new(exchange)).event()
}

fn edges(event: &Event<'_>) -> Vec<String> {
    let text = |kind: EdgeKind, target: &str| format!("{}:{target}", kind.name());
    event
        .edges
        .iter()
        .map(|e| text(e.kind, &e.target))
        .collect()
}

#[test]
fn secret_read_is_read_in_full() {
    let event = event(&response());
    assert_eq!(event.native_id, ID);
    assert_eq!(event.time.rfc3339(), "2026-11-07T09:01:00.400Z");
    assert_eq!((&*event.tenant, event.region.as_deref()), ("prod", None));
    assert_eq!(event.actor.key, format!("vault:prod:entity:{ENTITY}"));
    assert_eq!(event.actor.display, "oidc-alice@corp.example");
    assert_eq!(event.actor.class, Class::Human);
    assert_eq!(event.actor.basis, KeyBasis::VaultEntity);
    assert_eq!(event.actor.native.as_deref(), Some(ENTITY));
    assert_eq!(event.action.service, "kv");
    assert_eq!(event.action.name, "kv/read");
    assert_eq!(event.action.verb, Verb::Credential);
    assert_eq!(event.action.sensitive, Some(Sensitive::SecretRead));
    assert_eq!(event.resources[0].kind, "vault:kv");
    assert_eq!(event.resources[0].id, "secret/data/payroll/db");
    assert_eq!(event.resources[0].scope, "secret/payroll/db");
    assert_eq!(event.resources_total, 1);
    assert_eq!(
        (event.outcome, event.outcome_code.clone()),
        (Outcome::Success, None)
    );
    assert_eq!(event.origin.network.as_deref(), Some("203.0.113.0/24"));
    assert_eq!(event.origin.net_kind, NetKind::Public);
    assert_eq!(
        event.origin.client.product.as_deref(),
        Some("go-http-client")
    );
    assert_eq!(event.origin.interface, Interface::Api);
    assert_eq!(event.credential.kind, CredentialKind::VaultToken);
    assert_eq!(event.credential.id.as_deref(), Some("aa01bb02cc03dd04"));
    assert!(!event.credential.is_long_lived);
    assert!(event.is_direct());
}
