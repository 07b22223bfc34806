//! How a call ended.

use super::*;

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
fn wrapped_answer_is_not_an_empty_one() {
    let wrapped =
        json!({"wrap_info": {"ttl": 60, "token": "hmac-sha256:aa", "creation_path": "x"}});
    let event = event(&with([("/response", wrapped)]));
    assert_eq!(event.outcome, Outcome::Success);
    assert_eq!(event.outcome_code, None);
}
