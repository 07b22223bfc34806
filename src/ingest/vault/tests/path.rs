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
