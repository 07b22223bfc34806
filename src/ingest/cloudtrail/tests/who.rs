//! Who called.

use super::*;

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
    let subject = json!({"webIdFederationData": {
        "federatedProvider": "arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com",
        "attributes": {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": "repo:corp/web#x:ref:refs/heads/main"
        }
    }});
    machine(
        &context(subject),
        "aws:role:AROAEXAMPLE2/ci:corp/web%23x",
        KeyBasis::Ci,
    );
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
    let issued = json!({"userIdentity": {"inScopeOf": {
        "issuerType": "AWS::Lambda::Function",
        "credentialsIssuedTo": "arn:aws:lambda:eu-west-1:111122223333:function:report:$LATEST",
        "sourceArn": "arn:aws:events:eu-west-1:111122223333:rule/nightly"
    }}});
    machine(
        &patched(issued),
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

/// The identity has this key and this class.
#[track_caller]
fn typed(identity: Value, key: &str, class: Class) {
    let mut record = with(json!({"userIdentity": null}));
    merge(&mut record, json!({"userIdentity": identity}));
    see(&record, |event| {
        assert_eq!(event.actor.key, key);
        assert_eq!(event.actor.class, class, "{key}");
    });
}

#[test]
fn each_type_of_identity_has_its_key() {
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
}

#[test]
fn incomplete_identities_are_read_by_what_is_left() {
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

#[test]
fn hidden_user_name_is_nobody_in_particular() {
    let record = login(json!({
        "errorMessage": "No username found in supplied account",
        "userIdentity": {"userName": "HIDDEN_DUE_TO_SECURITY_REASONS"}
    }));
    see(&record, |event| {
        assert_eq!(event.actor.key, "aws:hidden:111122223333");
        assert!(!event.actor.class.is_scored(), "no baseline");
        assert_eq!(event.actor.basis, KeyBasis::Unresolved);
        assert_eq!(event.outcome, Outcome::AuthFailure);
    });
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
fn agent_has_a_profile_of_its_own_beside_its_principal_s_where_the_provider_says_so() {
    #[track_caller]
    fn acts(patch: Value, key: &str) {
        see(&user(patch), |event| {
            assert_eq!(event.actor.key, key);
            assert_eq!(event.actor.class, Class::Agent);
        });
    }
    let proven = "aws:user:AIDAEXAMPLE1|agent";
    acts(
        json!({"userIdentity": {"invokedBy": "aws-mcp.amazonaws.com"}}),
        proven,
    );
    acts(
        json!({"sourceIPAddress": "bedrock-agentcore.amazonaws.com"}),
        proven,
    );
    acts(
        json!({"additionalEventData": {"CalledViaAWSMCP": "x"}}),
        proven,
    );
    acts(
        json!({"additionalEventData": {"ViaAWSMCPService": "true"}}),
        proven,
    );
    // Whoever writes the user agent does not leave the user's habits by it.
    acts(
        json!({"userAgent": "claude-code/1.0"}),
        "aws:user:AIDAEXAMPLE1",
    );
    acts(
        json!({"userAgent": "aws-mcp.amazonaws.com"}),
        "aws:user:AIDAEXAMPLE1",
    );
}
