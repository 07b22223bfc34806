//! How it ended and what it proves.

use super::*;

#[track_caller]
fn outcome(name: &str, result: &str, reason: &str, expected: Outcome, code: Option<&str>) {
    let event = event(&with([
        event_type(name),
        ("/outcome", json!({"result": result, "reason": reason})),
    ]));
    assert_eq!(event.outcome, expected, "{name} {result}");
    assert_eq!(event.outcome_code.as_deref(), code, "{name} {result}");
}

#[test]
fn outcomes_follow_result_type_and_reason() {
    use Outcome::{AuthFailure, Challenge, Denied, Error, Success, Throttled, Unknown};
    let sso = "user.authentication.sso";
    outcome(sso, "SUCCESS", "SOME_CODE", Success, None);
    outcome(sso, "ALLOW", "", Success, None);
    outcome(sso, "DENY", "Policy says so", Denied, None);
    outcome(sso, "FAILURE", "no idea", Error, None);
    outcome(sso, "FAILURE", "User is NOT Authorized", Denied, None);
    outcome(
        "user.authentication.auth",
        "FAILURE",
        "access denied",
        AuthFailure,
        None,
    );
    outcome(
        "app.generic.unauth_app_access_attempt",
        "FAILURE",
        "",
        Denied,
        None,
    );
    outcome(sso, "CHALLENGE", "", Challenge, None);
    outcome(sso, "RATE_LIMIT", "TOO_MANY", Throttled, Some("TOO_MANY"));
    outcome(sso, "UNANSWERED", "", AuthFailure, Some("UNANSWERED"));
    outcome(
        sso,
        "ABANDONED",
        "no reaction",
        AuthFailure,
        Some("ABANDONED"),
    );
    outcome(sso, "SKIPPED", "", Unknown, None);
    outcome(sso, "unknown", "", Unknown, None);
    outcome(sso, "BRAND_NEW", "", Unknown, None);
    outcome(sso, "DENY", "AB", Denied, None);
    outcome(sso, "DENY", &"A".repeat(64), Denied, Some(&"A".repeat(64)));
    outcome(sso, "DENY", &"A".repeat(65), Denied, None);
}

#[track_caller]
fn second_factor(factor: Value, result: &str, expected: Mfa) {
    let event = event(&with([
        event_type("user.authentication.auth_via_mfa"),
        ("/debugContext/debugData/factor", factor.clone()),
        ("/outcome/result", json!(result)),
    ]));
    assert_eq!(event.mfa, expected, "{factor} {result}");
}

#[test]
fn second_factor_is_proven_by_a_factor_that_is_no_password() {
    second_factor(json!("OKTA_VERIFY_PUSH"), "SUCCESS", Mfa::Yes);
    second_factor(json!("OKTA_VERIFY_PUSH"), "FAILURE", Mfa::Unknown);
    second_factor(json!("PASSWORD_AS_FACTOR"), "SUCCESS", Mfa::Unknown);
    second_factor(json!(null), "SUCCESS", Mfa::Unknown);
    let enrolment = |name: &str| {
        let target = json!([{"id": "1", "type": "AuthenticatorEnrollment", "displayName": name}]);
        event(&with([
            event_type("user.authentication.auth_via_mfa"),
            ("/target", target),
        ]))
        .mfa
    };
    assert_eq!(enrolment("Okta Verify"), Mfa::Yes);
    assert_eq!(enrolment("Password"), Mfa::Unknown);
}
