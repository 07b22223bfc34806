//! Who made a call.

use super::*;

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
fn validated_second_factor_is_proven() {
    let mut line = login("sys/mfa/validate", "system", json!({"entity_id": ENTITY}));
    line["request"]["mount_point"] = json!("sys/");
    assert_eq!(event(&line).mfa, Mfa::Yes);
    assert_eq!(event(&response()).mfa, Mfa::Unknown);
}

/// An unwrapping by this token, out of which this login comes.
fn unwrapping(presented: Value, issued: Value) -> Event<'static> {
    let mut line = with([
        ("/request/path", json!("sys/wrapping/unwrap")),
        ("/request/operation", json!("update")),
        ("/request/mount_point", json!("sys/")),
        ("/request/mount_type", json!("system")),
        ("/auth", presented),
        ("/response", json!({})),
    ]);
    line["response"]["auth"] = issued;
    event(&line)
}

#[test]
fn login_that_comes_out_of_a_wrapping_belongs_to_the_identity_inside() {
    let wrapping = || json!({"accessor": "hmac-sha256:0f", "policies": ["response-wrapping"]});
    let issued = || json!({"entity_id": "e9", "display_name": "approle"});
    let delivered = unwrapping(wrapping(), issued());
    assert_eq!(delivered.actor.key, "vault:prod:entity:e9");
    assert_eq!(delivered.action.name, "sys/wrapping/unwrap");
    // Somebody with a token of its own unwraps for itself.
    let own = json!({"entity_id": "e1", "display_name": "oidc-alice"});
    assert_eq!(unwrapping(own, issued()).actor.key, "vault:prod:entity:e1");
    let secret = unwrapping(wrapping(), json!(null));
    assert_eq!(secret.actor.basis, KeyBasis::VaultToken);
}

#[test]
fn client_id_stands_for_a_missing_entity_if_it_can_be_one() {
    let of = |client: &str, auth: Value| {
        let line = with([("/request/client_id", json!(client)), ("/auth", auth)]);
        event(&line).actor.key.into_owned()
    };
    let named = || json!({"display_name": "ldap-bob"});
    assert_eq!(of(ENTITY, named()), format!("vault:prod:entity:{ENTITY}"));
    // Tokens without an entity share generated ids.
    assert_eq!(of("pZ3kq/generated=", named()), "vault:prod:dn:ldap-bob");
    let other = json!({"entity_id": "e1"});
    assert_eq!(of(ENTITY, other), "vault:prod:entity:e1");
    assert_eq!(of(ENTITY, json!(null)), "vault:prod:unauthenticated");
}

#[test]
fn logins_and_methods_tell_their_mounts_and_tokens_none() {
    let tie = |path: &str, mount: &str, kind: &str| {
        let line = with([
            ("/request/path", json!(path)),
            ("/request/mount_point", json!(mount)),
            ("/request/mount_type", json!(kind)),
        ]);
        event(&line).ties.mount
    };
    let login = |path: &'static str, class| {
        Some(Mount::Login {
            path: path.into(),
            class,
            class_confidence: if class == Class::Unknown { 0 } else { 85 },
        })
    };
    let mount = tie("auth/a/b/login", "auth/a/b/", "oidc");
    assert_eq!(mount, login("a/b", Class::Human));
    let mount = tie("auth/x/role/y", "auth/x/", "aws");
    assert_eq!(mount, login("x", Class::Workload));
    let mount = tie("auth/x/login", "auth/x/", "brandnew");
    assert_eq!(mount, login("x", Class::Unknown));
    assert_eq!(tie("auth/token/create", "auth/token/", "token"), None);
    assert_eq!(tie("sys/mounts", "sys/", "system"), None);
}
