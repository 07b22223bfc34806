#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Entry, Exchange, Pairing, parse};
use crate::event::{
    Class, CredentialKind, EdgeKind, Event, Interface, KeyBasis, Mfa, NetKind, Outcome, Provenance,
    Sensitive, Verb,
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

#[test]
fn halves_meet_in_either_order() {
    let (response, request) = (response(), request_of(&response()));
    let meet = |first: &Value, second: &Value| {
        let mut pairing = Pairing::new();
        assert!(pairing.offer(entry(first)).is_none());
        assert_eq!(pairing.n_waiting(), 1);
        let exchange = pairing.offer(entry(second)).unwrap();
        assert_eq!((exchange.n_records(), pairing.n_waiting()), (2, 0));
        assert!(pairing.into_unpaired().is_empty());
        format!("{:?}", exchange.event())
    };
    assert_eq!(meet(&request, &response), meet(&response, &request));
}

/// One half as written by the device of file `file`, with its own salt.
fn of_device(file: u32, line: &Value) -> Entry {
    let accessor = format!("hmac-sha256:{}", file.to_string().repeat(16));
    let line = changed(line.clone(), [("/auth/accessor", json!(accessor))]);
    let provenance = Provenance { file, record: 1 };
    try_entry(&line.to_string(), provenance).unwrap()
}

#[test]
fn two_devices_interleaved_give_two_whole_calls_of_one_id() {
    let (response, request) = (response(), request_of(&response()));
    for order in [[1, 2], [2, 1]] {
        let mut pairing = Pairing::new();
        assert!(pairing.offer(of_device(1, &request)).is_none());
        assert!(pairing.offer(of_device(2, &request)).is_none());
        for file in order {
            let exchange = pairing.offer(of_device(file, &response)).unwrap();
            let event = exchange.event();
            assert_eq!((exchange.n_records(), &*event.native_id), (2, ID));
            assert_eq!(event.provenance.file, file, "each meets its own device");
        }
        assert_eq!(pairing.n_waiting(), 0);
    }
}

#[test]
fn second_copy_of_a_half_waits_and_keeps_its_id() {
    let mut pairing = Pairing::new();
    for line in [request_of(&response()), request_of(&response()), response()] {
        pairing.offer(entry(&line));
    }
    let unpaired = pairing.into_unpaired();
    assert_eq!(unpaired.len(), 1);
    assert_eq!(unpaired[0].request_id(), ID);
    assert!(!unpaired[0].is_response());
}

#[test]
fn unpaired_lines_come_out_in_a_stable_order() {
    let lines: Vec<_> = ["c", "a", "", "b", ""]
        .map(|id| entry(&with([("/request/id", json!(id))])))
        .into();
    let order = |lines: Vec<Entry>| {
        let mut pairing = Pairing::new();
        for line in lines {
            assert!(pairing.offer(line).is_none());
        }
        assert_eq!(pairing.n_waiting(), 5);
        let entries = pairing.into_unpaired();
        entries
            .iter()
            .map(|entry| entry.request_id().to_owned())
            .collect::<Vec<_>>()
    };
    let reversed = lines.iter().rev().cloned().collect();
    assert_eq!(order(lines), ["", "", "a", "b", "c"]);
    assert_eq!(order(reversed), ["", "", "a", "b", "c"]);
}

#[test]
fn half_a_call_is_an_event_that_knows_less() {
    let response = half(&response());
    assert_eq!(response.time.rfc3339(), "2026-11-07T09:01:00.500Z");
    assert_eq!(response.outcome, Outcome::Success);
    let request = half(&request_of(&self::response()));
    assert_eq!(request.outcome, Outcome::Unknown);
    let error = json!("1 error occurred:\n\t* permission denied\n\n");
    let denied = changed(request_of(&self::response()), [("/error", error)]);
    assert_eq!(half(&denied).outcome, Outcome::Denied);
}

#[test]
fn denial_on_both_lines_is_one_denial() {
    let denied = with([
        (
            "/error",
            json!("1 error occurred:\n\t* permission denied\n\n"),
        ),
        ("/response", json!({"data": {"error": "hmac-sha256:cc03"}})),
    ]);
    let event = event(&denied);
    assert_eq!(event.outcome, Outcome::Denied);
    assert_eq!(event.outcome_code.as_deref(), Some("permission_denied"));
}

#[track_caller]
fn outcome(changes: [(&str, Value); 2], expected: Outcome, code: &str) {
    let event = event(&with(changes));
    assert_eq!(event.outcome, expected);
    assert_eq!(event.outcome_code.as_deref().unwrap_or(""), code);
}

#[test]
fn outcomes_follow_errors_policies_and_payload() {
    use Outcome::{AuthFailure, Denied, Error, Success, Throttled};
    let none = || ("/error", json!(""));
    let error = |text: &str| ("/error", json!(text));
    let full = || ("/response", json!({"data": {"keys": []}}));
    outcome(
        [error("PERMISSION DENIED"), full()],
        Denied,
        "permission_denied",
    );
    let refused = ("/auth/policy_results", json!({"allowed": false}));
    outcome([none(), refused], Denied, "permission_denied");
    outcome(
        [error("missing client token"), full()],
        AuthFailure,
        "missing_client_token",
    );
    outcome(
        [error("* invalid token"), full()],
        AuthFailure,
        "invalid_token",
    );
    let quota = "request path \"x\": rate limit quota exceeded";
    outcome([error(quota), full()], Throttled, "quota_exceeded");
    outcome(
        [error("* unsupported path"), full()],
        Error,
        "unsupported_path",
    );
    outcome([error("never heard of CANARY"), full()], Error, "error");
    let failed = ("/response", json!({"data": {"error": "hmac-sha256:aa"}}));
    outcome([none(), failed], Error, "error_response");
    outcome([none(), full()], Success, "");
    outcome([none(), ("/response", json!({}))], Success, "empty");
}

#[test]
fn failed_login_has_its_error_in_the_payload_only() {
    let mut line = login("auth/userpass/login/hunter2", "userpass", json!(null));
    line["response"] = json!({"data": {"error": "hmac-sha256:cc03"}});
    let event = event(&line);
    assert_eq!(event.outcome, Outcome::AuthFailure);
    assert_eq!(event.outcome_code.as_deref(), Some("login_failed"));
    assert_eq!(event.actor.key, "vault:prod:unauthenticated");
    assert_eq!(event.actor.class, Class::Anonymous);
    assert_eq!(event.credential.kind, CredentialKind::Unknown);
    // What was typed as a user name may be a password.
    assert!(!format!("{event:?}").contains("hunter2"));
}

#[test]
fn login_belongs_to_the_identity_in_the_response() {
    let issued = json!({
        "accessor": "hmac-sha256:0123456789abcdef0123", "display_name": "approle",
        "entity_id": ENTITY, "metadata": {"role_name": "ci"}, "policies": ["default"]});
    let event = event(&login("auth/approle/login", "approle", issued));
    assert_eq!(event.actor.key, format!("vault:prod:entity:{ENTITY}"));
    assert_eq!(event.actor.class, Class::ServiceAccount);
    assert_eq!(event.actor.display, "approle ci");
    assert_eq!(event.action.name, "auth/approle/login");
    assert_eq!(event.action.service, "auth/approle");
    assert_eq!(event.action.verb, Verb::Auth);
    assert_eq!(event.origin.interface, Interface::Login);
    assert_eq!(event.credential.id.as_deref(), Some("0123456789abcdef"));
    assert_eq!(event.resources[0].scope, "auth/approle/login");
    assert_eq!(edges(&event), ["assume:auth/approle/role/ci"]);
    assert_eq!(event.outcome, Outcome::Success);
}

#[test]
fn token_creation_belongs_to_the_parent() {
    let mut line = with([
        ("/request/path", json!("auth/token/create/ci")),
        ("/request/operation", json!("update")),
        ("/request/mount_point", json!("auth/token/")),
        ("/request/mount_type", json!("token")),
    ]);
    line["response"] =
        json!({"auth": {"display_name": "token-child", "accessor": "hmac-sha256:99"}});
    let event = event(&line);
    assert_eq!(event.actor.display, "oidc-alice@corp.example");
    assert_eq!(event.action.name, "auth/token/create");
    assert_eq!(edges(&event), ["mint:auth/token/create/ci"]);
}

#[track_caller]
fn identity(auth: Value, key: &str, class: Class, basis: KeyBasis) {
    let event = event(&with([("/auth", auth)]));
    assert_eq!(event.actor.key, key);
    assert_eq!(
        (event.actor.class, event.actor.basis),
        (class, basis),
        "{key}"
    );
}

#[test]
fn identity_is_entity_then_root_then_name_then_token() {
    use KeyBasis::{Root, Unresolved, VaultDisplayName, VaultEntity, VaultToken};
    let root = json!(["root"]);
    identity(
        json!({"entity_id": "e1", "display_name": "ldap-bob", "policies": root}),
        "vault:prod:entity:e1",
        Class::Human,
        VaultEntity,
    );
    identity(
        json!({"display_name": "token", "policies": root, "accessor": "hmac-sha256:1"}),
        "vault:prod:root",
        Class::Root,
        Root,
    );
    identity(
        json!({"display_name": "Team-OIDC-Bob:x", "policies": ["default"]}),
        "vault:prod:dn:team-oidc-bob%3Ax",
        Class::Unknown,
        VaultDisplayName,
    );
    identity(
        json!({"display_name": "team-oidc-bob"}),
        "vault:prod:dn:team-oidc-bob",
        Class::Human,
        VaultDisplayName,
    );
    identity(
        json!({"display_name": "token-oidc-bob"}),
        "vault:prod:dn:token-oidc-bob",
        Class::Unknown,
        VaultDisplayName,
    );
    identity(
        json!({"accessor": "hmac-sha256:0123456789abcdef9999"}),
        "vault:prod:token:0123456789abcdef",
        Class::Unknown,
        VaultToken,
    );
    identity(
        json!({"token_type": "default"}),
        "vault:prod:unauthenticated",
        Class::Anonymous,
        Unresolved,
    );
    identity(
        json!(null),
        "vault:prod:unauthenticated",
        Class::Anonymous,
        Unresolved,
    );
}

#[test]
fn metadata_of_the_method_tells_workloads_and_names_them() {
    let pod = json!({"entity_id": "e1", "display_name": "kubernetes-prod-api",
        "metadata": {"service_account_name": "api", "service_account_namespace": "prod"}});
    let pod = event(&with([("/auth", pod)]));
    assert_eq!(pod.actor.class, Class::Workload);
    assert_eq!(pod.actor.sub.as_deref(), Some("prod/api"));
    let arn = "arn:aws:iam::111122223333:role/Deploy";
    let role = json!({"entity_id": "e2", "display_name": "x",
        "metadata": {"canonical_arn": arn, "role": "n/a"}});
    let role = event(&with([("/auth", role)]));
    assert_eq!(role.actor.class, Class::Workload);
    assert_eq!(role.actor.sub.as_deref(), Some(arn));
}

#[test]
fn accessor_in_clear_is_hashed() {
    let event = event(&with([(
        "/auth/accessor",
        json!("Xk2hUzwBq3hTXBcFVKTX6vtN"),
    )]));
    let id = event.credential.id.as_deref().unwrap();
    assert_eq!(id.len(), 16);
    assert!(!format!("{event:?}").contains("Xk2hUzwBq3hTXBcFVKTX6vtN"));
}

#[test]
fn nothing_of_the_payloads_or_tokens_reaches_an_event() {
    let canary = "CANARY";
    let mut line = with([
        ("/auth/client_token", json!(format!("hvs.{canary}"))),
        ("/auth/metadata/claim", json!(canary)),
        ("/request/client_token", json!(canary)),
        (
            "/request/data",
            json!({"password": canary, "nested": {"a": [canary]}}),
        ),
        ("/request/headers/x-vault-token", json!([canary])),
        ("/error", json!(format!("failed to parse \"{canary}\""))),
        (
            "/request/path",
            json!(format!("secret/data/hvs.{canary}AAAAAAAAAAAAAAAAAAAA")),
        ),
    ]);
    line["response"] = json!({
        "data": {"data": {"password": canary}, "keys": [canary], "error": canary, canary: 1},
        "secret": {"lease_id": canary}, "wrap_info": {"token": canary},
        "auth": {"client_token": canary}, "warnings": [canary]});
    let (response, request) = (entry(&line), entry(&request_of(&line)));
    assert!(
        !format!("{response:?}{request:?}")
            .replace("hvs.CANARY", "")
            .contains(canary)
    );
    let event = event(&line);
    assert!(!format!("{event:?}").contains(canary), "{event:?}");
    assert_eq!(event.resources[0].scope, "secret/{token}");
}

#[test]
fn tokens_in_paths_of_token_operations_are_not_shown() {
    for path in ["lookup/CANARY", "revoke-accessor/CANARY", "renew/CANARY"] {
        let event = event(&with([
            ("/request/path", json!(format!("auth/token/{path}"))),
            ("/request/mount_point", json!("auth/token/")),
            ("/request/mount_type", json!("token")),
            ("/request/operation", json!("update")),
        ]));
        assert!(!format!("{event:?}").contains("CANARY"), "{event:?}");
    }
}

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
fn missing_mount_is_taken_from_the_path() {
    let bare = |path: &str, operation: &str| {
        let mut line = with([
            ("/request/path", json!(path)),
            ("/request/operation", json!(operation)),
        ]);
        let request = line["request"].as_object_mut().unwrap();
        request.remove("mount_point");
        request.remove("mount_type");
        let event = event(&line);
        (
            event.action.name.to_string(),
            event.resources[0].scope.to_string(),
        )
    };
    let pair = |name: &str, scope: &str| (name.to_owned(), scope.to_owned());
    assert_eq!(
        bare("kv-v2/data/lab/x/y", "read"),
        pair("kv/read", "kv-v2/lab/x")
    );
    assert_eq!(
        bare("pki_int/issue/web", "update"),
        pair("pki/issue", "pki_int/issue/web")
    );
    assert_eq!(bare("vault7/data/x", "read"), pair("kv/read", "vault7/x"));
    assert_eq!(bare("probe/x", "read"), pair("other/read", "probe/x"));
    assert_eq!(
        bare("auth/team-oidc/login", "update"),
        pair("auth/oidc/login", "auth/team-oidc/login")
    );
    assert_eq!(
        bare("sys/audit/file", "update"),
        pair("sys/audit/update", "sys/audit/file")
    );
}

#[test]
fn namespace_is_one_segment_of_the_scope() {
    let event = event(&with([(
        "/request/namespace",
        json!({"id": "a1b2", "path": "team/a/"}),
    )]));
    assert_eq!(event.region.as_deref(), Some("team/a"));
    assert_eq!(event.resources[0].scope, "team%2Fa:secret/payroll/db");
    assert_eq!(event.tenant, "prod");
}

#[test]
fn grants_and_mints_name_what_they_reach() {
    let reach = |path: &str, mount: &str, kind: &str| {
        let line = with([
            ("/request/path", json!(path)),
            ("/request/operation", json!("update")),
            ("/request/mount_point", json!(mount)),
            ("/request/mount_type", json!(kind)),
        ]);
        edges(&event(&line)).join(" ")
    };
    assert_eq!(
        reach("sys/policies/acl/app", "sys/", "system"),
        "grant:sys/policies/acl/app"
    );
    assert_eq!(
        reach("aws/creds/deploy", "aws/", "aws"),
        "mint:aws/creds/deploy"
    );
    assert_eq!(
        reach("auth/approle/role/ci/secret-id", "auth/approle/", "approle"),
        "mint:auth/approle/role/ci"
    );
    assert_eq!(
        reach("identity/group/name/ops", "identity/", "ns_identity"),
        "grant:identity/group/name/ops"
    );
    assert_eq!(reach("secret/data/x", "secret/", "kv"), "");
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

#[test]
fn validated_second_factor_is_proven() {
    let mut line = login("sys/mfa/validate", "system", json!({"entity_id": ENTITY}));
    line["request"]["mount_point"] = json!("sys/");
    assert_eq!(event(&line).mfa, Mfa::Yes);
    assert_eq!(event(&response()).mfa, Mfa::Unknown);
}

/// What a whole log comes to.
#[derive(Debug, Default, PartialEq)]
struct Tally {
    n_pairs: usize,
    n_halves: usize,
    skipped: BTreeMap<&'static str, usize>,
    events: BTreeMap<String, usize>,
}

impl Tally {
    fn of(lines: &[String]) -> Self {
        let mut tally = Self::default();
        let mut pairing = Pairing::new();
        for line in lines {
            match try_entry(line, Provenance::default()) {
                Ok(entry) => {
                    if let Some(exchange) = pairing.offer(entry) {
                        tally.n_pairs += 1;
                        tally.observe(&exchange.event());
                    }
                }
                Err(reason) => *tally.skipped.entry(reason.name()).or_default() += 1,
            }
        }
        for entry in pairing.into_unpaired() {
            tally.n_halves += 1;
            tally.observe(&Exchange::from_half(entry).event());
        }
        tally
    }

    fn observe(&mut self, event: &Event<'_>) {
        assert!(!format!("{event:?}").contains("hmac-"), "{event:?}");
        let line = format!("{} {}", event.action.name, event.outcome.name());
        *self.events.entry(line).or_default() += 1;
        *self.events.entry(event.actor.key.to_string()).or_default() += 1;
    }

    fn n(&self, line: &str) -> usize {
        self.events.get(line).copied().unwrap_or_default()
    }
}

#[test]
fn real_log_of_a_lab_comes_out_whole() {
    let name = "vault/hashicorp-education_learn-vault-monitoring/vault-audit.log";
    let Some(lines) = sample_logs::lines(name) else {
        return;
    };
    assert_eq!(lines.len(), 1397);
    let tally = Tally::of(&lines);
    assert_eq!((tally.n_pairs, tally.n_halves), (698, 1));
    assert!(tally.skipped.is_empty());
    assert_eq!(tally.n("auth/userpass/login success"), 221);
    assert_eq!(tally.n("auth/approle/login success"), 8);
    assert_eq!(tally.n("auth/approle/login auth_failure"), 2);
    assert_eq!(tally.n("sys/mounts/read denied"), 2);
    assert_eq!(tally.n("other/roles/list error"), 1);
    assert_eq!(tally.n("totp/code/read success"), 25);
    assert_eq!(tally.n("transit/encrypt success"), 100);
    let entities = tally.events.keys().filter(|line| line.contains(":entity:"));
    assert_eq!(entities.count(), 6);
}

#[test]
fn real_log_of_a_scraper_comes_out_whole() {
    let Some(lines) = sample_logs::lines("vault/samgabrail_vault-monitoring/vault-audit.log")
    else {
        return;
    };
    let tally = Tally::of(&lines);
    assert_eq!((tally.n_pairs, tally.n_halves), (92, 1));
    assert_eq!(tally.skipped, [("internal", 1)].into());
    assert_eq!(tally.n("sys/metrics/read success"), 92);
    assert_eq!(tally.n("sys/audit/update success"), 1);
}

#[test]
fn real_log_of_a_root_token_comes_out_whole() {
    let Some(lines) = sample_logs::lines("vault/ParleSec_DIDentity/audit.log") else {
        return;
    };
    let tally = Tally::of(&lines);
    assert_eq!((tally.n_pairs, tally.n_halves), (17, 2));
    assert_eq!(tally.skipped, [("internal", 2)].into());
    assert_eq!(tally.n("kv/read success"), 17);
    assert_eq!(tally.n("vault:prod:root"), 19);
}

#[test]
fn real_log_behind_a_block_of_nuls_comes_out_whole() {
    let Some(lines) = sample_logs::lines("vault/testdrivenio_vault-consul-docker/audit.log") else {
        return;
    };
    let tally = Tally::of(&lines);
    assert_eq!(
        (tally.n_pairs, tally.n_halves),
        (54, 0),
        "{:?}",
        tally.skipped
    );
    assert!(tally.skipped.is_empty());
    assert_eq!(tally.n("aws/creds/read error"), 3);
    assert_eq!(tally.n("kv/read denied"), 3);
    assert_eq!(tally.n("sys/leases/revoke success"), 2);
    assert_eq!(tally.n("vault:prod:root"), 44);
}
