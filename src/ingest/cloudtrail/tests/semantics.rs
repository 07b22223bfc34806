//! What the fields of one record mean.

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
fn event_borrows_from_the_record() {
    let text = example().to_string();
    let event = parse_text(&text).unwrap();
    for field in [event.native_id, event.tenant, event.actor.display] {
        assert!(matches!(field, Cow::Borrowed(_)), "{field}");
    }
    assert!(matches!(event.resources[0].scope, Cow::Borrowed(_)));
}

#[test]
fn version_is_two_integers_and_only_major_one_is_known() {
    for version in ["1.9", "1.10", "1.02", "1.08", "1"] {
        see(&with(json!({"eventVersion": version})), |_| ());
    }
    see(&with(json!({"eventVersion": null})), |_| ());
    for version in ["2.0", "0.9", "1.x", "latest"] {
        let record = with(json!({"eventVersion": version}));
        skips(&record.to_string(), SkipReason::UnsupportedVersion);
    }
}

#[test]
fn absent_mfa_is_a_fact_about_users_and_root_only() {
    let with_mfa = |value: Value| json!({"userIdentity": {"sessionContext": {"attributes": {"mfaAuthenticated": value}}}});
    #[track_caller]
    fn proves(record: &Value, expected: Mfa) {
        assert_eq!(see(record, |event| event.mfa), expected);
    }
    proves(&user(with_mfa(json!("false"))), Mfa::No);
    proves(&user(with_mfa(json!(false))), Mfa::No);
    proves(&user(with_mfa(json!("true"))), Mfa::Yes);
    proves(&user(json!({})), Mfa::Unknown);
    proves(&with(with_mfa(json!("false"))), Mfa::Unknown);
    proves(&with(with_mfa(json!(true))), Mfa::Yes);
}

#[test]
fn one_person_is_one_identity_across_accounts_and_permission_sets() {
    let mut keys = std::collections::BTreeSet::new();
    for (account, set) in [
        ("111122223333", "Admin"),
        ("444455556666", "ReadOnly"),
        ("444455556666", "Dev"),
    ] {
        let role = format!("AWSReservedSSO_{set}_0123456789abcdef");
        keys.insert(key_of(&with(json!({"userIdentity": {
            "principalId": format!("AROA{account}{set}:Alice@corp.example"),
            "accountId": account,
            "sessionContext": {"sessionIssuer": {
                "userName": role,
                "arn": format!("arn:aws:iam::{account}:role/aws-reserved/sso.amazonaws.com/{role}")
            }}
        }}))));
    }
    assert_eq!(
        keys.into_iter().collect::<Vec<_>>(),
        ["aws:sso:alice@corp.example"]
    );
}

#[test]
fn role_named_like_sso_outside_its_path_is_a_plain_role() {
    let record = with(
        json!({"userIdentity": {"sessionContext": {"sessionIssuer": {
            "arn": "arn:aws:iam::111122223333:role/AWSReservedSSO_Admin_0123456789abcdef"
        }}}}),
    );
    assert_eq!(key_of(&record), "aws:role:AROAEXAMPLE1");
    let unknown_path =
        with(json!({"userIdentity": {"sessionContext": {"sessionIssuer": {"arn": null}}}}));
    assert_eq!(key_of(&unknown_path), "aws:sso:alice@corp.example");
}

#[test]
fn generated_session_names_are_no_candidates_and_chosen_ones_are() {
    #[track_caller]
    fn candidate(session: &str, expected: Option<bool>) {
        see(&role_session(session), |event| {
            assert_eq!(event.actor.key, "aws:role:AROAEXAMPLE2");
            assert_eq!(event.actor.basis, KeyBasis::Role);
            assert_eq!(event.actor.display, "Deploy");
            assert_eq!(event.actor.sub.as_deref(), Some(session));
            let found = event.actor.session.as_ref();
            assert_eq!(found.map(|session| session.is_email), expected, "{session}");
        });
    }
    candidate("botocore-session-1699350000", None);
    candidate("1699350000123", None);
    candidate("etl", Some(false));
    candidate("employee-00012345", Some(false));
    // A claim to be a person: the key stays the role's, not the victim's.
    candidate("victim@corp.example", Some(true));
}

#[test]
fn machines_are_told_by_issuer_or_by_session_name() {
    #[track_caller]
    fn machine(record: &Value, key: &str, basis: KeyBasis) {
        see(record, |event| {
            assert_eq!(event.actor.key, key);
            assert_eq!(event.actor.basis, basis);
            assert_eq!(event.actor.class, Class::Workload);
            assert_eq!(event.actor.session, None);
        });
    }
    let role = "aws:role:AROAEXAMPLE2";
    let patched = |patch: Value| {
        let mut record = role_session("etl");
        merge(&mut record, patch);
        record
    };
    let context = |patch: Value| patched(json!({"userIdentity": {"sessionContext": patch}}));
    machine(
        &role_session("i-0123456789abcdef0"),
        role,
        KeyBasis::Compute,
    );
    machine(
        &context(json!({"ec2RoleDelivery": "2.0"})),
        role,
        KeyBasis::Compute,
    );
    machine(
        &patched(json!({"userAgent": "Boto3/1.2 exec-env/AWS_Lambda_python3.12"})),
        role,
        KeyBasis::Compute,
    );
    let eks = json!({"webIdFederationData": {"federatedProvider": "arn:aws:iam::1:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/X"}});
    machine(&context(eks), role, KeyBasis::Compute);
    let github = json!({"webIdFederationData": {"federatedProvider": "arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com"}});
    machine(&context(github), role, KeyBasis::Ci);
    machine(&role_session("GitHubActions"), role, KeyBasis::Ci);
    let scope = json!({"userIdentity": {"inScopeOf": {
        "issuerType": "AWS::Lambda::Function",
        "sourceArn": "arn:aws:lambda:eu-west-1:111122223333:function:report"
    }}});
    machine(
        &patched(scope),
        "aws:role:AROAEXAMPLE2/fn:report",
        KeyBasis::Compute,
    );
}

#[test]
fn stronger_proofs_come_before_the_session_name() {
    let on_behalf = with(json!({"userIdentity": {"onBehalfOf": {
        "userId": "u-1", "identityStoreArn": "arn:aws:identitystore::111122223333:identitystore/d-1"
    }}}));
    assert_eq!(key_of(&on_behalf), "aws:idc:d-1/u-1");
    let mut source = role_session("i-0123456789abcdef0");
    merge(
        &mut source,
        json!({"userIdentity": {"sessionContext": {"sourceIdentity": "Bob@Corp.example"}}}),
    );
    see(&source, |event| {
        assert_eq!(event.actor.key, "aws:srcid:bob@corp.example");
        assert_eq!(event.actor.class, Class::Human);
    });
    let mut linked = role_session("x");
    merge(
        &mut linked,
        json!({"userIdentity": {"sessionContext": {"sessionIssuer": {
            "arn": "arn:aws:iam::1:role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS"
        }}}}),
    );
    see(&linked, |event| {
        assert_eq!(event.actor.class, Class::CloudService)
    });
}

#[test]
fn hostile_names_cannot_forge_a_key() {
    let sso = with(json!({"userIdentity": {"principalId": "AROAEXAMPLE1:eve#x/y|z:%"}}));
    assert_eq!(key_of(&sso), "aws:sso:eve%23x%2Fy%7Cz%3A%25");
    let mut user = user(json!({}));
    merge(
        &mut user,
        json!({"userIdentity": {"principalId": null, "userName": "a/b"}}),
    );
    assert_eq!(key_of(&user), "aws:user:111122223333/a%2Fb");
}

#[test]
fn each_type_of_identity_has_its_key() {
    #[track_caller]
    fn typed(identity: Value, key: &str, class: Class) {
        let mut record = with(json!({"userIdentity": null}));
        merge(&mut record, json!({"userIdentity": identity}));
        see(&record, |event| {
            assert_eq!(event.actor.key, key);
            assert_eq!(event.actor.class, class, "{key}");
        });
    }
    typed(
        json!({"type": "Root", "accountId": "1", "arn": "arn:aws:iam::1:root"}),
        "aws:root:1",
        Class::Root,
    );
    typed(
        json!({"type": "IAMUser", "principalId": "AIDA1", "accountId": "1"}),
        "aws:user:AIDA1",
        Class::Unknown,
    );
    typed(
        json!({"type": "Role", "principalId": "AROA1", "accountId": "1"}),
        "aws:role:AROA1",
        Class::Workload,
    );
    typed(
        json!({"type": "FederatedUser", "principalId": "1:ann", "accountId": "1"}),
        "aws:fed:1/ann",
        Class::Federated,
    );
    typed(
        json!({"type": "Directory", "userName": "ann", "accountId": "1"}),
        "aws:dir:1/ann",
        Class::Human,
    );
    typed(
        json!({"type": "AWSAccount", "principalId": "", "accountId": "2"}),
        "aws:account:2",
        Class::Federated,
    );
    typed(
        json!({"type": "AWSAccount", "principalId": "AIDA9", "accountId": "2"}),
        "aws:user:AIDA9",
        Class::Federated,
    );
    typed(
        json!({"type": "AWSAccount", "principalId": "AROA9:i-01234567", "accountId": "2"}),
        "aws:role:AROA9",
        Class::Workload,
    );
    typed(
        json!({"type": "AWSAccount", "accountId": "anonymous"}),
        "aws:anonymous",
        Class::Anonymous,
    );
    typed(
        json!({"type": "AWSService", "invokedBy": "rds.amazonaws.com"}),
        "aws:service:rds.amazonaws.com",
        Class::CloudService,
    );
    typed(
        json!({"type": "IdentityCenterUser", "onBehalfOf": {"userId": "u", "identityStoreArn": "arn:x/d-1"}}),
        "aws:idc:d-1/u",
        Class::Human,
    );
    typed(
        json!({"type": "Unknown", "onBehalfOf": {"userId": "u", "identityStoreArn": "d-1"}}),
        "aws:idc:d-1/u",
        Class::Human,
    );
    typed(
        json!({"type": "Unknown", "accountId": "1", "principalId": "p"}),
        "aws:unknown:1/p",
        Class::Unknown,
    );
    typed(
        json!({"type": "SAMLUser", "identityProvider": "idp", "userName": "ann"}),
        "aws:saml:idp/ann",
        Class::Federated,
    );
    typed(
        json!({"type": "WebIdentityUser", "identityProvider": "accounts.google.com", "userName": "7"}),
        "aws:oidc:accounts.google.com/7",
        Class::Federated,
    );
    typed(
        json!({"type": "WebIdentityUser", "identityProvider": "token.actions.githubusercontent.com", "userName": "repo:o/r:ref:refs/heads/x"}),
        "aws:oidc:token.actions.githubusercontent.com/repo%3Ao%2Fr",
        Class::Workload,
    );
    typed(
        json!({"invokedBy": "ec2.amazonaws.com"}),
        "aws:service:ec2.amazonaws.com",
        Class::CloudService,
    );
    typed(
        json!({}),
        "aws:service:s3.amazonaws.com",
        Class::CloudService,
    );
    typed(
        json!({"arn": "arn:aws:iam::1:user/ann", "principalId": "AIDA3"}),
        "aws:user:AIDA3",
        Class::Unknown,
    );
    typed(
        json!("{\"type\":\"Root\",\"accountId\":\"1\"}"),
        "aws:root:1",
        Class::Root,
    );
    typed(
        json!("{\"type\":\"Root\",\"acc"),
        "aws:unknown:/",
        Class::Unknown,
    );
    typed(
        json!({"type": "AssumedRole", "accountId": "1", "arn": "arn:aws:sts::1:assumed-role/Ops/i-01234567", "sessionContext": {"sessionIssuer": {}}}),
        "aws:role:1/Ops",
        Class::Workload,
    );
}

#[test]
fn recreated_user_is_another_identity() {
    let again = user(json!({"userIdentity": {"principalId": "AIDAEXAMPLE2"}}));
    assert_ne!(key_of(&user(json!({}))), key_of(&again));
}

#[test]
fn forwarded_call_is_not_the_person_s_own_doing() {
    let record = user(json!({
        "userIdentity": {"invokedBy": "cloudformation.amazonaws.com"},
        "sourceIPAddress": "cloudformation.amazonaws.com",
        "userAgent": "cloudformation.amazonaws.com"
    }));
    see(&record, |event| {
        assert_eq!(event.actor.key, "aws:user:AIDAEXAMPLE1");
        assert_eq!(event.via.as_deref(), Some("cloudformation.amazonaws.com"));
        assert!(event.flags.has(Flags::FORWARDED) && !event.is_direct());
        assert_eq!(event.origin.network, None);
        assert_eq!(event.origin.net_kind, NetKind::Provider);
    });
    let internal = user(json!({"sourceIPAddress": "AWS Internal/3"}));
    see(&internal, |event| {
        assert_eq!(event.via.as_deref(), Some("AWS Internal"));
        assert!(!event.is_direct());
    });
}

/// A sign-in by `bob` whose record says `patch`.
fn login(patch: Value) -> Value {
    let mut record = user(json!({
        "eventSource": "signin.amazonaws.com", "eventName": "ConsoleLogin",
        "eventType": "AwsConsoleSignIn", "requestParameters": null, "resources": null,
        "userIdentity": {"arn": null, "accessKeyId": ""},
        "additionalEventData": {"LoginTo": "https://console.aws.amazon.com/console/home?x=1", "MFAUsed": "No"},
        "userAgent": "Mozilla/5.0 (X11) Firefox/102.0"
    }));
    merge(&mut record, patch);
    record
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
fn hidden_user_name_is_nobody_in_particular() {
    let record = login(json!({
        "errorMessage": "No username found in supplied account",
        "userIdentity": {"userName": "HIDDEN_DUE_TO_SECURITY_REASONS"}
    }));
    see(&record, |event| {
        assert_eq!(event.actor.key, "aws:hidden:111122223333");
        assert_eq!(event.actor.basis, KeyBasis::Unresolved);
        assert_eq!(event.outcome, Outcome::AuthFailure);
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
    let dry = with(json!({"errorCode": "Client.DryRunOperation"}));
    see(&dry, |event| {
        assert_eq!(event.outcome, Outcome::Success);
        assert!(event.flags.has(Flags::DRY_RUN));
    });
}

#[test]
fn odd_shapes_read_as_absent() {
    let record = with(json!({
        "resources": "none", "requestParameters": "truncat", "responseElements": [1],
        "additionalEventData": 7, "readOnly": "Yes", "recipientAccountId": 111122223333_u64,
        "sourceIPAddress": {"ipaddress": "198.51.100.4", "asn": {"number": 1}},
        "userIdentity": {"sessionContext": {"webIdFederationData": "", "attributes": null}}
    }));
    see(&record, |event| {
        assert_eq!(event.tenant, "111122223333");
        assert_eq!(event.origin.address.as_deref(), Some("198.51.100.4"));
        assert!(event.resources.is_empty());
        assert_eq!(event.bytes_out, None);
        assert!(!event.flags.has(Flags::TRUNCATED));
    });
    let cut = with(json!({"requestParameters": "{\"bucketName\":\"b"}));
    see(&cut, |event| assert!(event.flags.has(Flags::TRUNCATED)));
    let shipped = with(json!({"eventTime": null, "@timestamp": 1_424_476_529.0}));
    see(&shipped, |event| {
        assert_eq!(event.time.seconds(), 1_424_476_529)
    });
}

#[test]
fn records_that_are_no_actions_are_named() {
    skips(
        &with(json!({"eventCategory": "Insight"})).to_string(),
        SkipReason::Insight,
    );
    skips(
        r#"{"insightDetails":{},"eventVersion":"1.08"}"#,
        SkipReason::Insight,
    );
    skips(
        r#"{"eventCategory":"Aggregated","eventVersion":"1.0"}"#,
        SkipReason::Aggregated,
    );
    skips(
        r#"{"digestStartTime":"2026-11-07T00:00:00Z","logFiles":[]}"#,
        SkipReason::Digest,
    );
    skips(r#"{"hello":"world"}"#, SkipReason::UnknownType);
    skips("[]", SkipReason::UnknownType);
    skips("7", SkipReason::UnknownType);
}

#[test]
fn unusable_records_say_why() {
    skips("{\"eventName\":", SkipReason::TruncatedRecord);
    skips("{eventName}", SkipReason::Malformed);
    skips("", SkipReason::TruncatedRecord);
    skips(
        r#"{"eventName":"a","eventName":"b"}"#,
        SkipReason::DuplicateKey,
    );
    skips(
        r#"{"requestParameters":{"key":"a","key":"b"}}"#,
        SkipReason::DuplicateKey,
    );
    skips(
        &with(json!({"eventName": null})).to_string(),
        SkipReason::NoAction,
    );
    skips(
        &with(json!({"eventTime": null})).to_string(),
        SkipReason::NoTime,
    );
    skips(
        &with(json!({"eventTime": "1970-01-01T00:00:00Z"})).to_string(),
        SkipReason::ImplausibleTime,
    );
    let arrays = format!("{}{}", "[".repeat(300), "]".repeat(300));
    let deep = example()
        .to_string()
        .replace("\"2026/10/all.csv\"", &arrays);
    skips(&deep, SkipReason::TooDeep);
}

#[test]
fn unknown_field_may_be_nested_without_end_or_occur_twice() {
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let text = format!("{{\"x\":{deep},\"x\":1e400,{}", &example().to_string()[1..]);
    assert!(parse_text(&text).is_ok());
}

#[test]
fn no_secret_of_a_response_leaves_the_parser() {
    let record = with(json!({
        "eventSource": "sts.amazonaws.com", "eventName": "AssumeRole", "resources": null,
        "requestParameters": {"roleArn": "arn:aws:iam::444455556666:role/team/Deploy", "password": "CANARY1"},
        "responseElements": {"credentials": {
            "accessKeyId": "ASIAEXAMPLE2", "secretAccessKey": "CANARY2", "sessionToken": "CANARY3"
        }}
    }));
    see(&record, |event| {
        assert!(!format!("{event:?}").contains("CANARY"));
        assert_eq!(event.edges[0].kind, EdgeKind::Assume);
        assert_eq!(
            event.edges[0].target,
            "arn:aws:iam::444455556666:role/team/Deploy"
        );
        assert_eq!(
            event.resources[0].scope,
            "arn:aws:iam::444455556666:role/team/Deploy"
        );
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
fn service_event_of_a_person_counts_and_of_the_provider_does_not() {
    let person = with(json!({"eventType": "AwsServiceEvent"}));
    see(&person, |event| assert!(event.is_direct()));
    let provider = with(json!({"eventType": "AwsServiceEvent", "userIdentity": null}));
    see(&provider, |event| {
        assert!(event.flags.has(Flags::SERVICE_INITIATED))
    });
}

#[test]
fn agent_keeps_the_key_of_its_principal() {
    for patch in [
        json!({"userIdentity": {"invokedBy": "aws-mcp.amazonaws.com"}}),
        json!({"userAgent": "claude-code/1.0"}),
        json!({"additionalEventData": {"CalledViaAWSMCP": "x"}}),
    ] {
        see(&user(patch), |event| {
            assert_eq!(event.actor.key, "aws:user:AIDAEXAMPLE1");
            assert_eq!(event.actor.class, Class::Agent);
        });
    }
}

#[test]
fn network_activity_at_an_endpoint_is_an_event() {
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

/// A call by `bob` with these parameters and no listed resources.
fn call(source: &str, name: &str, parameters: Value) -> Value {
    let mut record = user(json!({
        "eventSource": format!("{source}.amazonaws.com"), "eventName": name,
        "resources": null, "requestParameters": null
    }));
    merge(&mut record, json!({"requestParameters": parameters}));
    record
}

#[test]
fn parameters_name_resources_that_the_record_does_not_list() {
    #[track_caller]
    fn acts_on(source: &str, name: &str, parameters: Value, expected: &[(&str, &str)]) {
        see(&call(source, name, parameters), |event| {
            let found: Vec<_> = event
                .resources
                .iter()
                .map(|r| (&*r.kind, &*r.scope))
                .collect();
            assert_eq!(found, expected);
        });
    }
    acts_on(
        "s3",
        "PutObject",
        json!({"bucketName": "b", "Key": "x/y/z"}),
        &[("s3:object", "b/x/y"), ("s3:bucket", "b")],
    );
    acts_on(
        "s3",
        "ListBuckets",
        json!({"Host": "s3.amazonaws.com"}),
        &[],
    );
    acts_on(
        "secretsmanager",
        "GetSecretValue",
        json!({"secretId": "arn:aws:secretsmanager:r:1:secret:prod/db-AbC123"}),
        &[("secret", "prod/db")],
    );
    acts_on(
        "ssm",
        "GetParameters",
        json!({"names": ["/app/db/pw", "/app/x"]}),
        &[("parameter", "app/db/pw"), ("parameter", "app/x")],
    );
    acts_on(
        "lambda",
        "Invoke",
        json!({"functionName": "arn:aws:lambda:r:1:function:report:7"}),
        &[("lambda:function", "report")],
    );
    acts_on(
        "dynamodb",
        "BatchGetItem",
        json!({"requestItems": {"orders": {}}}),
        &[("table", "orders")],
    );
    acts_on(
        "ec2",
        "StopInstances",
        json!({"instancesSet": {"items": [{"instanceId": "i-1"}]}}),
        &[("ec2:instance", "i-1")],
    );
    acts_on(
        "ec2",
        "DescribeInstances",
        json!({"instancesSet": {"items": [{"instanceId": "i-1"}]}}),
        &[],
    );
    acts_on(
        "rds",
        "StopDBInstance",
        json!({"dBInstanceIdentifier": "main"}),
        &[("db:instance", "main")],
    );
    acts_on(
        "sqs",
        "SendMessage",
        json!({"queueUrl": "https://sqs.r.amazonaws.com/1/jobs"}),
        &[("queue", "jobs")],
    );
    acts_on(
        "cloudformation",
        "DeleteStack",
        json!({"stackName": "arn:aws:cloudformation:r:1:stack/web/0a1b"}),
        &[("stack", "web")],
    );
    acts_on(
        "bedrock-runtime",
        "InvokeModel",
        json!({"modelId": "anthropic.x-v2:0"}),
        &[("model", "anthropic.x-v2")],
    );
    acts_on(
        "iam",
        "CreateAccessKey",
        json!({"userName": "carol"}),
        &[("iam:user", "carol")],
    );
    acts_on(
        "glue",
        "StartJobRun",
        json!({"deep": {"a": ["arn:aws:glue:r:1:job/nightly"]}}),
        &[("glue:job", "job/nightly")],
    );
}

#[test]
fn many_resources_are_counted_and_few_kept() {
    let names: Vec<_> = (0..100).map(|n| format!("/p/{n}")).collect();
    see(
        &call("ssm", "GetParameters", json!({"names": names})),
        |event| {
            assert_eq!(event.resources.len(), 64);
            assert_eq!(event.resources_total, 100);
        },
    );
}

#[test]
fn relations_are_edges_with_stable_ends() {
    #[track_caller]
    fn forms(source: &str, name: &str, parameters: Value, expected: &[(EdgeKind, &str)]) {
        see(&call(source, name, parameters), |event| {
            let found: Vec<_> = event.edges.iter().map(|e| (e.kind, &*e.target)).collect();
            assert_eq!(found, expected);
        });
    }
    use EdgeKind::{Grant, Invoke, Mint, Share, Touch};
    forms(
        "iam",
        "CreateAccessKey",
        json!({"userName": "carol"}),
        &[(Mint, "aws:user:111122223333/carol")],
    );
    forms("iam", "CreateAccessKey", json!({"userName": "bob"}), &[]);
    forms(
        "iam",
        "AttachUserPolicy",
        json!({"userName": "bob", "policyArn": "arn:aws:iam::aws:policy/X"}),
        &[(Grant, "aws:user:111122223333/bob")],
    );
    forms(
        "iam",
        "CreatePolicyVersion",
        json!({"policyArn": "arn:aws:iam::1:policy/P"}),
        &[(Grant, "arn:aws:iam::1:policy/P")],
    );
    forms(
        "iam",
        "GetRole",
        json!({"roleName": "Deploy"}),
        &[(Touch, "aws:role:111122223333/Deploy")],
    );
    forms(
        "lambda",
        "Invoke",
        json!({"functionName": "report:live"}),
        &[(Invoke, "lambda/report")],
    );
    let outside = json!({"snapshotId": "snap-1", "createVolumePermission": {"add": {"items": [{"userId": "444455556666"}, {"group": "all"}, {"userId": "111122223333"}]}}});
    forms(
        "ec2",
        "ModifySnapshotAttribute",
        outside,
        &[(Share, "444455556666"), (Share, "everybody")],
    );
    forms(
        "rds",
        "ModifyDBSnapshotAttribute",
        json!({"valuesToAdd": ["444455556666"]}),
        &[(Share, "444455556666")],
    );
    forms(
        "s3",
        "PutBucketAcl",
        json!({"bucketName": "b", "x-amz-acl": ["public-read"]}),
        &[(Share, "everybody")],
    );
    let policy = json!({"bucketName": "b", "bucketPolicy": {"Statement": [{"Principal": {"AWS": "arn:aws:iam::444455556666:root"}}, {"Principal": "*"}]}});
    forms(
        "s3",
        "PutBucketPolicy",
        policy,
        &[(Share, "everybody"), (Share, "444455556666")],
    );
    let trust = json!({"roleName": "Ops", "policyDocument": "{\"Statement\":[{\"Principal\":{\"AWS\":\"arn:aws:iam::444455556666:root\"}}]}"});
    forms(
        "iam",
        "UpdateAssumeRolePolicy",
        trust,
        &[
            (Grant, "aws:role:111122223333/Ops"),
            (Share, "444455556666"),
        ],
    );
    forms(
        "s3",
        "PutBucketPolicy",
        json!({"bucketPolicy": {"Statement": [{"Principal": {"Service": "x"}}]}}),
        &[],
    );
}

#[test]
fn sensitive_actions_are_marked() {
    #[track_caller]
    fn marked(source: &str, name: &str, expected: Sensitive) {
        see(&call(source, name, json!({})), |event| {
            assert_eq!(event.action.sensitive, Some(expected));
        });
    }
    marked("iam", "CreateAccessKey", Sensitive::CredentialCreated);
    marked("iam", "AttachRolePolicy", Sensitive::PermissionGranted);
    marked("iam", "DeactivateMFADevice", Sensitive::FactorChanged);
    marked("iam", "UpdateAssumeRolePolicy", Sensitive::TrustChanged);
    marked("cloudtrail", "StopLogging", Sensitive::LogTampering);
    marked("guardduty", "DeleteDetector", Sensitive::LogTampering);
    marked(
        "config",
        "StopConfigurationRecorder",
        Sensitive::LogTampering,
    );
    marked("ec2", "DeleteFlowLogs", Sensitive::LogTampering);
    marked("secretsmanager", "GetSecretValue", Sensitive::SecretRead);
    marked("ec2", "ModifyImageAttribute", Sensitive::SharedOutside);
    marked("s3", "PutBucketPolicy", Sensitive::SharedOutside);
    marked(
        "lambda",
        "AddPermission20150331v2",
        Sensitive::SharedOutside,
    );
    see(&call("s3", "GetObject", json!({})), |event| {
        assert_eq!(event.action.sensitive, None);
    });
}
