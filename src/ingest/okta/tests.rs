#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

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

#[test]
fn plain_text_is_borrowed_from_the_record() {
    let record = sso().to_string();
    let event = try_event(&record).unwrap();
    assert!(matches!(event.action.name, std::borrow::Cow::Borrowed(_)));
    assert!(matches!(
        event.action.service,
        std::borrow::Cow::Borrowed(_)
    ));
    assert!(matches!(event.actor.display, std::borrow::Cow::Borrowed(_)));
}

#[test]
fn shapes_that_exports_really_have_all_parse() {
    for (pointer, value) in [
        ("/version", json!(0)),
        ("/client/geographicalContext/postalCode", json!(150)),
        ("/target", json!(null)),
        ("/target", json!("cat")),
        ("/client", json!(null)),
        ("/client", json!({})),
        ("/debugContext", json!(null)),
        ("/debugContext/debugData", json!("")),
        ("/securityContext/asNumber", json!("64500")),
        ("/securityContext/isProxy", json!("false")),
        ("/authenticationContext", json!([])),
        ("/request", json!({"ipChain": null})),
        ("/outcome", json!(null)),
        ("/transaction", json!(7)),
        ("/uuid", json!(null)),
    ] {
        let event = event(&with([(pointer, value)]));
        assert_eq!(event.actor.key, "okta:corp/00u1example", "{pointer}");
    }
    let mut record = sso();
    record.as_object_mut().unwrap().remove("debugContext");
    assert_eq!(event(&record).outcome, Outcome::Success);
}

#[test]
fn objects_given_as_json_text_are_read() {
    let plain = event(&sso());
    let actor = sso()["actor"].to_string();
    let app = sso()["target"][0].to_string();
    let other = event(&with([("/actor", json!(actor)), ("/target", json!([app]))]));
    assert_eq!(other.actor.key, plain.actor.key);
    assert_eq!(other.edges, plain.edges);
    let list = sso()["target"].to_string();
    let third = event(&with([("/target", json!(list))]));
    assert_eq!(third.edges, plain.edges);
}

#[test]
fn lower_cased_outer_keys_are_read() {
    let text = sso().to_string();
    let lower = text
        .replace("eventType", "eventtype")
        .replace("securityContext", "securitycontext");
    let event = try_event(&lower).unwrap();
    assert_eq!(event.action.name, "user.authentication.sso");
    assert_eq!(event.origin.network.as_deref(), Some("AS64500"));
}

#[track_caller]
fn skipped(record: &str, reason: SkipReason) {
    assert_eq!(try_event(record).err(), Some(reason), "{record}");
}

#[test]
fn what_is_no_event_is_skipped_with_its_reason() {
    skipped(&with([event_type("")]).to_string(), SkipReason::NoAction);
    skipped(
        &with([("/published", json!("redacted"))]).to_string(),
        SkipReason::NoTime,
    );
    skipped(
        &with([("/published", json!("1970-01-01T00:00:00Z"))]).to_string(),
        SkipReason::ImplausibleTime,
    );
    skipped("{}", SkipReason::UnknownType);
    skipped("[]", SkipReason::UnknownType);
    skipped("7", SkipReason::UnknownType);
    skipped("{\"uuid\":", SkipReason::TruncatedRecord);
    skipped("{\"uuid\" 7}", SkipReason::Malformed);
    let twice = r#"{"eventType":"a.b","eventType":"c.d"}"#;
    skipped(twice, SkipReason::DuplicateKey);
}

#[test]
fn order_of_targets_changes_nothing() {
    let targets = [
        user("00u2", "bob@corp.example"),
        sso()["target"][0].clone(),
        json!({"id": "00g1", "type": "UserGroup", "displayName": "Admins"}),
    ];
    let record = |order: [usize; 3]| {
        let list: Vec<_> = order.iter().map(|i| targets[*i].clone()).collect();
        event(&with([
            event_type("group.user_membership.add"),
            ("/target", json!(list)),
        ]))
    };
    let (a, b) = (record([0, 1, 2]), record([2, 0, 1]));
    assert_eq!(a.resources, b.resources);
    assert_eq!(a.edges, b.edges);
    assert_eq!(
        edges(&a),
        [
            "grant:app/AWS IAM Identity Center",
            "grant:group/Admins",
            "grant:okta:corp/00u2"
        ]
    );
}

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
    outcome(sso, "UNANSWERED", "", AuthFailure, None);
    outcome(sso, "ABANDONED", "", AuthFailure, None);
    outcome(sso, "SKIPPED", "", Unknown, None);
    outcome(sso, "unknown", "", Unknown, None);
    outcome(sso, "BRAND_NEW", "", Unknown, None);
    outcome(sso, "DENY", "AB", Denied, None);
    outcome(sso, "DENY", &"A".repeat(64), Denied, Some(&"A".repeat(64)));
    outcome(sso, "DENY", &"A".repeat(65), Denied, None);
}

#[test]
fn unknown_vocabulary_is_counted_without_its_text() {
    let mut notes = Notes::default();
    let record = with([
        event_type("brandnew.thing.frobnicate"),
        ("/actor/type", json!("Martian")),
        ("/outcome/result", json!("MAYBE")),
    ]);
    let record = record.to_string();
    let event = parse(&record, &mut context(&mut notes)).unwrap();
    assert_eq!(event.action.verb, Verb::Other);
    assert_eq!(event.actor.class, Class::Unknown);
    let expected = ["okta.actor.type", "okta.eventType", "okta.outcome.result"];
    let expected: BTreeMap<_, _> = expected.map(|label| (label.to_owned(), 1)).into();
    assert_eq!(notes.into_counts(), expected);
}

#[test]
fn administrator_s_act_reaches_the_user_it_hits() {
    let reset = event(&with([
        event_type("user.mfa.factor.reset_all"),
        ("/target", json!([user("00u2", "bob@corp.example")])),
    ]));
    assert_eq!(edges(&reset), ["mint:okta:corp/00u2"]);
    assert_eq!(reset.action.sensitive, Some(Sensitive::FactorChanged));
    assert_eq!(scopes(&reset), ["user/00u2"]);
    assert_eq!(reset.resources[0].id, "bob@corp.example");

    let itself = |name| {
        let target = json!([user("00u1example", "Alice@Corp.example")]);
        event(&with([event_type(name), ("/target", target)]))
    };
    assert_eq!(edges(&itself("user.mfa.factor.reset_all")), [""; 0]);
    let own_reset = itself("user.account.reset_password");
    assert_eq!(own_reset.action.sensitive, None);
}

#[test]
fn granted_role_is_a_resource_and_the_grantee_an_edge() {
    let grant = event(&with([
        event_type("user.account.privilege.grant"),
        ("/target", json!([user("00u2", "bob@corp.example")])),
        (
            "/debugContext/debugData/privilegeGranted",
            json!("Super administrator"),
        ),
    ]));
    assert_eq!(scopes(&grant), ["role/Super administrator", "user/00u2"]);
    assert_eq!(edges(&grant), ["grant:okta:corp/00u2"]);
    assert_eq!(grant.action.sensitive, Some(Sensitive::PermissionGranted));
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

#[test]
fn one_sign_in_of_eight_events_counts_once() {
    let n_counted = [
        "user.session.start",
        "policy.evaluate_sign_on",
        "user.authentication.auth_via_mfa",
        "user.authentication.auth_via_mfa",
        "user.authentication.verify",
        "user.mfa.okta_verify",
        "system.push.send_factor_verify_push",
        "system.email.new_device_notification.sent_message",
    ]
    .into_iter()
    .filter(|name| {
        !event(&with([event_type(name)]))
            .flags
            .has(Flags::SAME_TRANSACTION)
    })
    .count();
    assert_eq!(n_counted, 1);
    // Without a transaction there is nothing that it could be part of.
    let alone = with([
        event_type("user.authentication.auth_via_mfa"),
        ("/transaction", json!({"id": "unknown"})),
    ]);
    assert!(!event(&alone).flags.has(Flags::SAME_TRANSACTION));
}

#[test]
fn vendor_s_verdicts_are_marked() {
    let data = "/debugContext/debugData";
    let marked = |pointer: &str, value: Value| {
        event(&with([(pointer, value)]))
            .flags
            .has(Flags::VENDOR_RISK)
    };
    assert!(marked(data, json!({"threatSuspected": "true"})));
    assert!(!marked(data, json!({"threatSuspected": "false"})));
    assert!(marked(
        data,
        json!({"risk": "{reasons=Anomalous Device, level=HIGH}"})
    ));
    assert!(!marked(data, json!({"risk": "{level=LOW}"})));
    assert!(marked(
        data,
        json!({"behaviors": "{New Device=POSITIVE, New IP=NEGATIVE}"})
    ));
    assert!(marked(
        data,
        json!({"logOnlySecurityData": "{\"risk\":{\"level\":\"HIGH\"}}"})
    ));
    assert!(marked("/eventType", json!("security.threat.detected")));
}

#[test]
fn network_falls_back_to_the_prefix_and_names_anonymisers() {
    let security = |value: Value| event(&with([("/securityContext", value)])).origin;
    let plain = security(json!(null));
    assert_eq!(plain.network.as_deref(), Some("203.0.113.0/24"));
    assert_eq!(plain.net_kind, NetKind::Public);
    let proxy = security(json!({"asNumber": 0, "isProxy": true}));
    assert_eq!(proxy.network.as_deref(), Some("203.0.113.0/24"));
    assert_eq!(proxy.net_kind, NetKind::Anonymiser);
    let tor = security(json!({"ipDetails": {"ipServiceCategories": [{"type": "Tor"}]}}));
    assert_eq!(tor.net_kind, NetKind::Anonymiser);
    let hosting = security(json!({"ipDetails": {"ipServiceCategories": [{"type": "Hosting"}]}}));
    assert_eq!(hosting.net_kind, NetKind::Public);
    let job = event(&with([("/client", json!({})), ("/request", json!({}))])).origin;
    assert_eq!((job.address, job.net_kind), (None, NetKind::None));
}

#[test]
fn session_that_holds_a_token_is_absent() {
    let context = |value: Value| event(&with([("/authenticationContext", value)])).session;
    assert_eq!(
        context(json!({"externalSessionId": "102a"})).as_deref(),
        Some("102a")
    );
    assert_eq!(context(json!({"externalSessionId": "trsAbCdEf"})), None);
    assert_eq!(context(json!({"rootSessionId": "unknown"})), None);
}

#[test]
fn debug_secrets_reach_no_event() {
    let canary = "CANARY";
    let data = json!({
        "assertion": canary, "password": canary, "clientSecret": canary, "code": canary,
        "requestUri": canary, "url": canary, "sessionToken": canary, "state": canary,
    });
    let transient = ["access_token", "code", "refresh_token", "id_token"];
    let targets = transient.map(|kind| json!({"id": canary, "type": kind, "displayName": canary}));
    let event = event(&with([
        event_type("app.oauth2.as.token.grant.access_token"),
        ("/debugContext/debugData", data),
        ("/target", json!(targets)),
    ]));
    assert!(!format!("{event:?}").contains(canary));
}

#[test]
fn many_targets_are_counted_and_cut() {
    let targets: Vec<_> = (0..100)
        .map(|i| user(&format!("00u{i:03}"), "x@corp.example"))
        .collect();
    let event = event(&with([
        event_type("group.user_membership.add"),
        ("/target", json!(targets)),
    ]));
    assert_eq!(event.resources_total, 100);
    assert_eq!(event.resources.len(), 64);
    assert_eq!(event.edges.len(), 64);
}

/// How a set of records came out: events, and skipped ones by reason.
fn tally(lines: impl Iterator<Item = String>) -> BTreeMap<&'static str, usize> {
    let mut tally = BTreeMap::new();
    for line in lines {
        let result = try_event(&line)
            .map(|_| "event")
            .unwrap_or_else(SkipReason::name);
        *tally.entry(result).or_default() += 1;
    }
    tally
}

#[test]
fn real_events_of_a_rule_collection_parse() {
    let Some(lines) = sample_logs::lines("panther-analysis/okta.jsonl") else {
        return;
    };
    assert_eq!(lines.len(), 143);
    // A third of the collection shows the rules records of other products, and
    // some of Okta's own were cut down to the fields that a rule looks at.
    let expected = [
        ("event", 69),
        ("no_action", 5),
        ("no_time", 25),
        ("unknown_type", 44),
    ];
    assert_eq!(tally(lines.into_iter()), expected.into());
}

#[test]
fn real_event_inside_a_rule_test_parses() {
    let name = "streamalert/rules/community/okta/okta_new_login.json";
    let Some(lines) = sample_logs::lines(name) else {
        return;
    };
    let tests: Value = serde_json::from_str(&lines.join("\n")).unwrap();
    let event = event(&tests[0]["data"]);
    assert_eq!(event.action.verb, Verb::Eval);
    assert_eq!(event.origin.network.as_deref(), Some("AS1234"));
}
