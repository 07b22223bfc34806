//! Who acted.

use super::*;

#[test]
fn missing_id_falls_back_to_the_login_in_lower_case() {
    let actor = json!({"type": "User", "alternateId": "Alice@Corp.example"});
    let event = event(&with([("/actor", actor)]));
    assert_eq!(event.actor.key, "okta:corp/login:alice@corp.example");
    assert_eq!(event.actor.basis, KeyBasis::OktaLogin);
}

#[test]
fn logged_names_cannot_forge_a_key() {
    let event = event(&with([("/actor/id", json!("x/login:y#z"))]));
    assert_eq!(event.actor.key, "okta:corp/x%2Flogin%3Ay%23z");
}

#[test]
fn failed_sign_in_of_nobody_shows_nothing_that_was_typed() {
    let secret = "Tr0ub4dor&3";
    let typed = |actor: Value| {
        event(&with([
            event_type("user.session.start"),
            ("/actor", actor),
            (
                "/outcome",
                json!({"result": "FAILURE", "reason": "VERIFICATION_ERROR"}),
            ),
            (
                "/target",
                json!([user("unknown", secret), user("", secret)]),
            ),
        ]))
    };
    for actor in [
        json!({"id": "unknown", "type": "User", "alternateId": secret, "displayName": secret}),
        json!({"id": null, "type": "User", "alternateId": secret, "displayName": "unknown"}),
    ] {
        let event = typed(actor);
        assert_eq!(event.actor.key, "okta:corp/unresolved");
        assert_eq!(event.actor.class, Class::Anonymous);
        assert!(!event.actor.class.is_scored());
        assert!(!format!("{event:?}").contains("ub4dor"), "{event:?}");
        assert_eq!(event.outcome, Outcome::AuthFailure);
    }
    let address =
        typed(json!({"id": "unknown", "type": "User", "alternateId": "eve@corp.example"}));
    assert_eq!(address.actor.native.as_deref(), Some("eve@corp.example"));
    assert_eq!(address.actor.key, "okta:corp/unresolved");
}

#[test]
fn failed_sign_in_of_somebody_is_about_the_identity() {
    let failed = |name| {
        event(&with([
            event_type(name),
            (
                "/outcome",
                json!({"result": "FAILURE", "reason": "INVALID_CREDENTIALS"}),
            ),
        ]))
    };
    let sign_in = failed("user.session.start");
    assert_eq!(sign_in.actor.key, "okta:corp/00u1example");
    assert_eq!(sign_in.outcome, Outcome::AuthFailure);
    assert_eq!(sign_in.outcome_code.as_deref(), Some("INVALID_CREDENTIALS"));
    assert_eq!(sign_in.origin.interface, Interface::Login);
    assert!(sign_in.flags.has(Flags::ABOUT_IDENTITY));
    assert!(!sign_in.is_direct());
    assert!(failed("user.account.lock").flags.has(Flags::ABOUT_IDENTITY));
    // Enrolling a factor is the user's own act, even when it fails.
    let factor = failed("user.mfa.factor.activate");
    assert_eq!(factor.outcome, Outcome::AuthFailure);
    assert!(!factor.flags.has(Flags::ABOUT_IDENTITY));
    let success = event(&with([event_type("user.session.start")]));
    assert!(success.is_direct());
}

#[test]
fn token_use_is_told_from_its_owner_s_clicks() {
    let event = event(&with([(
        "/transaction/detail",
        json!({"requestApiTokenId": "00T1"}),
    )]));
    assert_eq!(event.actor.key, "okta:corp/00u1example");
    assert_eq!(event.actor.sub.as_deref(), Some("token:00T1"));
    assert_eq!(event.credential.kind, CredentialKind::ApiToken);
    assert_eq!(event.credential.id.as_deref(), Some("00T1"));
    assert!(event.credential.is_long_lived);
    assert_eq!(event.origin.interface, Interface::Api);
}

#[test]
fn oauth_client_is_a_service_account() {
    let event = event(&with([
        event_type("app.oauth2.as.token.grant.access_token"),
        ("/actor/type", json!("PublicClientApp")),
        ("/client/id", json!("0oaClient")),
        (
            "/client/userAgent",
            json!({"rawUserAgent": "okta-sdk-python/2.9 python/3.11"}),
        ),
    ]));
    assert_eq!(event.actor.class, Class::ServiceAccount);
    assert_eq!(event.credential.kind, CredentialKind::Oauth);
    assert_eq!(event.credential.id.as_deref(), Some("0oaClient"));
    assert_eq!(event.origin.interface, Interface::Api);
    assert_eq!(event.origin.client.family, "other:okta-sdk-python");
    assert_eq!(edges(&event), ["invoke:app/AWS IAM Identity Center"]);
}

#[test]
fn impersonation_is_the_original_principal_s() {
    let original = json!({"id": "00uSupport", "type": "User", "alternateId": "help@okta.example"});
    let event = event(&with([(
        "/debugContext/debugData/originalPrincipal",
        original,
    )]));
    assert_eq!(event.actor.key, "okta:corp/00uSupport");
    assert!(edges(&event).contains(&"assume:okta:corp/00u1example".to_owned()));

    let start = with([
        event_type("user.session.impersonation.initiate"),
        ("/target", json!([user("00u2", "bob@corp.example")])),
    ]);
    assert_eq!(edges(&self::event(&start)), ["assume:okta:corp/00u2"]);
}

#[test]
fn product_and_its_agents_are_no_identities() {
    for kind in ["SystemPrincipal", "ADAgent", "LDAPAgent"] {
        let event = event(&with([("/actor/type", json!(kind))]));
        assert_eq!(event.actor.class, Class::CloudService, "{kind}");
        assert!(event.flags.has(Flags::SERVICE_INITIATED), "{kind}");
    }
    let import = event(&with([event_type("system.import.user.create")]));
    assert!(import.flags.has(Flags::SERVICE_INITIATED));
    let agent = event(&with([("/actor/type", json!("AIAgent"))]));
    assert_eq!(agent.actor.class, Class::Agent);
    let attacker = json!({"id": "198.51.100.9", "type": "IP address", "alternateId": "unknown"});
    assert_eq!(
        event(&with([("/actor", attacker)])).actor.key,
        "okta:corp/unresolved"
    );
}
