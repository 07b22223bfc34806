//! What must not leave a line.

use super::*;

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
