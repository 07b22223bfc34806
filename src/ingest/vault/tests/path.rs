//! What a path leads to.

use super::*;

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
fn a_role_that_rotates_its_own_secret_id_reaches_nobody() {
    let reach = |metadata: Value, role: &str| {
        let line = with([
            ("/auth/metadata", metadata),
            (
                "/request/path",
                json!(format!("auth/approle/role/{role}/secret-id")),
            ),
            ("/request/operation", json!("update")),
            ("/request/mount_point", json!("auth/approle/")),
            ("/request/mount_type", json!("approle")),
        ]);
        edges(&event(&line)).join(" ")
    };
    let approle = json!({"role_name": "ci"});
    assert_eq!(reach(approle.clone(), "ci"), "");
    assert_eq!(reach(approle, "backup"), "mint:auth/approle/role/backup");
    // A role of the same name at another method is another's.
    let jwt = json!({"role": "ci"});
    assert_eq!(reach(jwt, "ci"), "mint:auth/approle/role/ci");
}

#[test]
fn name_that_may_begin_with_a_verb_has_two_readings() {
    let tie = |path: &str, kind: &str| {
        let line = with([
            ("/request/path", json!(path)),
            ("/request/mount_type", json!(kind)),
            ("/request/namespace", json!({"id": "n1", "path": "team/"})),
        ]);
        event(&line).ties.mount
    };
    let store = |plain: Option<&'static str>| {
        Some(Mount::Store {
            path: "team:secret".into(),
            plain_scope: plain.map(Into::into),
        })
    };
    assert_eq!(
        tie("secret/data/a/b", "kv"),
        store(Some("team:secret/data/a"))
    );
    assert_eq!(tie("secret/app/a", "kv"), store(None));
    assert_eq!(tie("secret/database/a", "kv"), store(None));
    assert_eq!(tie("secret/", "kv"), None);
    // The older kind has no versions.
    assert_eq!(tie("secret/data/a", "generic"), None);
}

#[test]
fn scan_of_the_other_flavour_enumerates() {
    let line = with([
        ("/request/operation", json!("scan")),
        ("/request/path", json!("secret/metadata/")),
    ]);
    let event = event(&line);
    assert_eq!(
        (&*event.action.name, event.action.verb),
        ("kv/scan", Verb::List)
    );
}
