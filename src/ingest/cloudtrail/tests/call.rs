//! The call as a whole: origin, credential, outcome.

use super::*;

#[test]
fn minimal_example_becomes_the_documented_event() {
    see(&example(), |event| {
        assert_eq!(event.actor.key, "aws:sso:alice@corp.example");
        assert_eq!(event.actor.sub.as_deref(), Some("111122223333/Admin"));
        assert_eq!(event.actor.class, Class::Human);
        assert_eq!(event.actor.basis, KeyBasis::Sso);
        assert_eq!(event.actor.display, "alice@corp.example");
        assert_eq!(event.action.name, "s3:GetObject");
        assert_eq!(event.action.service, "s3");
        assert_eq!(event.action.verb, Verb::Read);
        let scopes: Vec<_> = event.resources.iter().map(|r| &*r.scope).collect();
        assert_eq!(scopes, ["payroll-example/2026/10", "payroll-example"]);
        assert_eq!(event.resources_total, 2);
        assert_eq!(event.outcome, Outcome::Success);
        assert_eq!(event.origin.network.as_deref(), Some("203.0.113.0/24"));
        assert_eq!(event.origin.client.family, "aws_cli");
        assert_eq!(event.origin.client.major, Some(2));
        assert_eq!(event.mfa, Mfa::Unknown);
        assert_eq!(event.credential.kind, CredentialKind::SessionKey);
        assert_eq!(event.session.as_deref(), Some("ASIAEXAMPLE1"));
        assert_eq!(event.tenant, "111122223333");
        assert_eq!(event.region.as_deref(), Some("eu-west-1"));
        assert_eq!(event.bytes_out, Some(48_211));
        assert_eq!(event.native_id, "5d1a2c58-0000-4000-8000-000000000001");
        assert_eq!(event.time.rfc3339(), "2026-11-07T18:03:11Z");
        assert!(event.is_direct());
    });
}

#[test]
fn failed_sign_in_happens_to_the_user() {
    let failed = login(json!({
        "errorMessage": "Failed authentication",
        "responseElements": {"ConsoleLogin": "Failure"}
    }));
    see(&failed, |event| {
        assert_eq!(event.outcome, Outcome::AuthFailure);
        assert_eq!(event.origin.interface, Interface::Login);
        assert!(event.flags.has(Flags::ABOUT_IDENTITY));
        assert_eq!(event.mfa, Mfa::No);
        assert_eq!(event.region, None);
        assert_eq!(event.credential.kind, CredentialKind::Console);
        assert_eq!(event.resources[0].scope, "console.aws.amazon.com");
    });
    let passed = login(
        json!({"responseElements": {"ConsoleLogin": "Success"}, "additionalEventData": {"MFAUsed": "YES"}}),
    );
    see(&passed, |event| {
        assert_eq!(event.outcome, Outcome::Success);
        assert_eq!(event.mfa, Mfa::Yes);
        assert_eq!(event.action.verb, Verb::Auth);
        assert!(event.is_direct());
    });
}

#[test]
fn outcome_is_read_from_all_four_places() {
    #[track_caller]
    fn ends(patch: Value, expected: Outcome) {
        assert_eq!(see(&with(patch), |event| event.outcome), expected);
    }
    ends(json!({"errorCode": "AccessDenied"}), Outcome::Denied);
    ends(json!({"errorCode": "NoSuchKey"}), Outcome::Error);
    ends(json!({"errorCode": "-"}), Outcome::Success);
    ends(json!({"errorMessage": "odd"}), Outcome::Error);
    ends(
        json!({"errorMessage": "x is not authorized to perform: y"}),
        Outcome::Denied,
    );
    ends(
        json!({"responseElements": {"statusCode": 403}}),
        Outcome::Denied,
    );
    ends(
        json!({"responseElements": {"statusCode": "401"}}),
        Outcome::AuthFailure,
    );
    ends(
        json!({"responseElements": {"statusCode": 200}}),
        Outcome::Success,
    );
    ends(
        json!({"responseElements": {"body": {"error": "x"}}}),
        Outcome::Error,
    );
    ends(
        json!({"responseElements": {"errorCode": "AccessDenied"}}),
        Outcome::Denied,
    );
    ends(
        json!({"eventName": "RunJob", "responseElements": {"RunJob": "Failure"}}),
        Outcome::Error,
    );
    for name in ["SwitchRole", "GetSigninToken", "PasswordRecoveryRequested"] {
        ends(
            json!({"eventSource": "signin.amazonaws.com", "eventName": name,
                   "responseElements": {name: "Failure"}}),
            Outcome::AuthFailure,
        );
    }
    let dry = with(json!({"errorCode": "Client.DryRunOperation"}));
    see(&dry, |event| {
        assert_eq!(event.outcome, Outcome::Success);
        assert!(event.flags.has(Flags::DRY_RUN));
    });
}

#[test]
fn global_services_have_no_region() {
    #[track_caller]
    fn region(source: &str, region: &str, expected: Option<&str>) {
        let record = with(json!({"eventSource": source, "awsRegion": region}));
        see(&record, |event| {
            assert_eq!(event.region.as_deref(), expected)
        });
    }
    region("iam.amazonaws.com", "us-east-1", None);
    region("signin.amazonaws.com", "eu-north-1", None);
    region("sts.amazonaws.com", "us-east-1", None);
    region("sts.amazonaws.com", "eu-west-1", Some("eu-west-1"));
    region("s3.amazonaws.com", "us-east-1", Some("us-east-1"));
}

#[test]
fn network_activity_is_an_event_only_where_the_endpoint_refused() {
    let passed = with(json!({"eventType": "AwsVpceEvent", "eventCategory": "NetworkActivity"}));
    skips(&passed.to_string(), SkipReason::NetworkActivity);
    let failed = with(json!({"eventCategory": "NetworkActivity", "errorCode": "AccessDenied"}));
    skips(&failed.to_string(), SkipReason::NetworkActivity);
    let record = with(json!({
        "eventType": "AwsVpceEvent", "eventCategory": "NetworkActivity", "userAgent": null,
        "readOnly": null, "sourceIPAddress": "10.0.0.9", "vpcEndpointId": "vpce-0a1b",
        "errorCode": "VpceAccessDenied"
    }));
    see(&record, |event| {
        assert_eq!(event.outcome, Outcome::Denied);
        assert_eq!(event.origin.net_kind, NetKind::VpcEndpoint);
        assert_eq!(event.origin.network.as_deref(), Some("vpce-0a1b"));
    });
}
