#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod translator;

use serde_json::{Value, json};

use super::rebuild;
use crate::event::{Event, Outcome, Source};
use crate::ingest::coverage::SkipReason;
use crate::ingest::record::{Context, Notes};
use crate::ingest::{cloudtrail, okta};

use translator::{VERSIONS, translate};

/// What the product's own parser makes of `text`, as text.
#[track_caller]
fn event_of(source: Source, text: &str) -> String {
    let mut context = Context {
        provenance: crate::event::Provenance::default(),
        okta_org: "corp",
        vault_cluster: "c",
        notes: &mut Notes::default(),
    };
    let event: Result<Event<'_>, _> = match source {
        Source::CloudTrail => cloudtrail::parse(text, &mut context),
        _ => okta::parse(text, &mut context),
    };
    format!("{:#?}", event.unwrap())
}

#[track_caller]
fn event_of_ocsf(text: &str) -> String {
    let rebuilt = rebuild(text).unwrap();
    event_of(rebuilt.source, &rebuilt.text)
}

/// The record of the specification, with identifiers of the usual length.
fn sso() -> Value {
    json!({"eventVersion":"1.11","userIdentity":{"type":"AssumedRole","principalId":"AROAEXAMPLEEXAMPLE12:alice@corp.example",
    "arn":"arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/alice@corp.example","accountId":"111122223333",
    "accessKeyId":"ASIAEXAMPLE1","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROAEXAMPLEEXAMPLE12",
    "arn":"arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_0123456789abcdef",
    "accountId":"111122223333","userName":"AWSReservedSSO_Admin_0123456789abcdef"},
    "attributes":{"creationDate":"2026-11-07T18:00:00Z","mfaAuthenticated":"false"}}},"eventTime":"2026-11-07T18:03:11Z",
    "eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"eu-west-1","sourceIPAddress":"203.0.113.7",
    "userAgent":"[aws-cli/2.18.5 md/awscrt#0.22.0 ua/2.0 os/macos#24.1]","requestParameters":{"bucketName":"payroll-example",
    "key":"2026/10/all.csv"},"responseElements":null,"additionalEventData":{"bytesTransferredOut":48211},"requestID":"7E1EXAMPLE",
    "eventID":"5d1a2c58-0000-4000-8000-000000000001","readOnly":true,"resources":[{"type":"AWS::S3::Object",
    "ARN":"arn:aws:s3:::payroll-example/2026/10/all.csv"},{"accountId":"111122223333","type":"AWS::S3::Bucket",
    "ARN":"arn:aws:s3:::payroll-example"}],"eventType":"AwsApiCall","managementEvent":false,"recipientAccountId":"111122223333","eventCategory":"Data"})
}

fn login(result: &str) -> Value {
    json!({"eventVersion":"1.08","userIdentity":{"type":"IAMUser","principalId":"AIDAEXAMPLEEXAMPLE12","accountId":"111122223333",
    "arn":"arn:aws:iam::111122223333:user/anaya","userName":"anaya"},"eventTime":"2026-11-07T18:03:11Z","eventSource":"signin.amazonaws.com",
    "eventName":"ConsoleLogin","awsRegion":"us-east-1","sourceIPAddress":"203.0.113.7","userAgent":"Mozilla/5.0",
    "responseElements":{"ConsoleLogin":result},"additionalEventData":{"LoginTo":"https://console.aws.amazon.com/","MobileVersion":"No","MFAUsed":"No"},
    "eventID":"5d1a2c58-0000-4000-8000-000000000002","eventType":"AwsConsoleSignIn","recipientAccountId":"111122223333","eventCategory":"Management"})
}

fn service_call() -> Value {
    json!({"eventVersion":"1.11","userIdentity":{"type":"AssumedRole","principalId":"AROAEXAMPLEEXAMPLE13:scheduler",
    "arn":"arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForECS/scheduler","accountId":"111122223333",
    "sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROAEXAMPLEEXAMPLE13","userName":"AWSServiceRoleForECS",
    "arn":"arn:aws:iam::111122223333:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS","accountId":"111122223333"},
    "attributes":{"creationDate":"2026-11-07T18:00:00Z"}},"invokedBy":"ecs.amazonaws.com"},"eventTime":"2026-11-07T18:03:11Z",
    "eventSource":"elasticloadbalancing.amazonaws.com","eventName":"DescribeTargetHealth","awsRegion":"us-east-2",
    "sourceIPAddress":"ecs.amazonaws.com","userAgent":"ecs.amazonaws.com","errorCode":"AccessDenied","errorMessage":"no",
    "requestParameters":{"targetGroupArn":"arn:aws:elasticloadbalancing:us-east-2:111122223333:targetgroup/a"},
    "vpcEndpointId":"vpce-0a1b","eventID":"5d1a2c58-0000-4000-8000-000000000003","readOnly":true,"eventType":"AwsApiCall",
    "recipientAccountId":"111122223333","eventCategory":"Management"})
}

fn federated(kind: &str) -> Value {
    json!({"eventVersion":"1.08","userIdentity":{"type":kind,"principalId":"provider:subject","userName":"subject",
    "identityProvider":"arn:aws:iam::111122223333:saml-provider/corp"},"eventTime":"2026-11-07T18:03:11Z",
    "eventSource":"sts.amazonaws.com","eventName":"AssumeRoleWithSAML","awsRegion":"eu-west-1","sourceIPAddress":"203.0.113.7",
    "userAgent":"x","requestParameters":{"roleArn":"arn:aws:iam::111122223333:role/dev","roleSessionName":"bob"},
    "eventID":"5d1a2c58-0000-4000-8000-000000000004","eventType":"AwsApiCall","recipientAccountId":"111122223333","eventCategory":"Management"})
}

#[track_caller]
fn same_in_every_version(native: &Value) {
    let expected = event_of(Source::CloudTrail, &native.to_string());
    for version in VERSIONS {
        let ocsf = translate(version, native).to_string();
        assert_eq!(event_of_ocsf(&ocsf), expected, "{version}: {ocsf}");
    }
}

#[test]
fn every_version_of_one_record_gives_the_event_of_the_record_itself() {
    same_in_every_version(&sso());
    same_in_every_version(&login("Success"));
    same_in_every_version(&login("Failure"));
    same_in_every_version(&service_call());
    same_in_every_version(&federated("SAMLUser"));
    same_in_every_version(&federated("WebIdentityUser"));
}

#[test]
fn a_failed_sign_in_that_only_the_status_tells_of_is_a_failure() {
    let mut ocsf = translate("1.0.0-rc.2", &login("Failure"));
    ocsf["api"]["response"] = json!({});
    let told = |ocsf: &Value| event_of_ocsf(&ocsf.to_string());
    assert!(told(&ocsf).contains(&format!("outcome: {:?}", Outcome::AuthFailure)));
    ocsf["status"] = Value::Null;
    assert!(told(&ocsf).contains("outcome: Success"));
    ocsf["status_id"] = json!(2);
    assert!(told(&ocsf).contains("outcome: AuthFailure"));
}

#[test]
fn an_identity_center_user_is_known_by_its_id_not_by_its_shape() {
    let ocsf = json!({"class_uid":6003,"metadata":{"product":{"name":"CloudTrail","version":"1.11"},"uid":"1","version":"1.5.0"},
        "time":1_794_074_591_000_i64,"api":{"operation":"GetRoleCredentials","service":{"name":"sso.amazonaws.com"}},
        "actor":{"user":{"type":"IdentityCenterUser","uid_alt":"d4e8e478-1111","credential_uid":"90e292de-5eb8"},
        "idp":{"uid":"arn:aws:identitystore::111122223333:identitystore/d-1"}}});
    let event = event_of_ocsf(&ocsf.to_string());
    assert!(event.contains("aws:idc:d-1/d4e8e478-1111"), "{event}");
    assert!(event.contains("Bearer"), "{event}");
}

/// An Okta event, and what the translator published for 1.3 makes of it.
fn okta_pair() -> (Value, Value) {
    let native = json!({"uuid":"9a1f0000-0000-11ef-8000-000000000001","published":"2026-11-07T08:59:40.120Z",
        "eventType":"user.authentication.sso","version":"0","displayMessage":"User single sign on to app",
        "actor":{"id":"00u1example","type":"User","alternateId":"Alice@Corp.example","displayName":"Alice A"},
        "client":{"userAgent":{"rawUserAgent":"Mozilla/5.0 (Macintosh)","os":"Mac OS X","browser":"CHROME"},"device":"Computer",
        "ipAddress":"203.0.113.7","geographicalContext":{"city":"Oslo","country":"Norway"}},
        "authenticationContext":{"rootSessionId":"idxRoot1","externalSessionId":"idxExt1"},
        "securityContext":{"asNumber":64500,"isProxy":false},"outcome":{"result":"FAILURE","reason":"LOCKED_OUT"},
        "target":[{"id":"0oa9","type":"AppInstance","alternateId":"AWS","displayName":"AWS"}],
        "transaction":{"type":"WEB","id":"tx1"},"debugContext":{"debugData":{"requestUri":"/app"}},
        "request":{"ipChain":[{"ip":"203.0.113.7"}]}});
    let ocsf = json!({"class_uid":3002,"time":1_794_041_980_120_i64,"time_dt":"2026-11-07T09:59:40.120+01:00","message":"User single sign on to app",
        "metadata":{"event_code":"user.authentication.sso","product":{"name":"Okta System Log","vendor_name":"Okta","version":"0"},
        "uid":"9a1f0000-0000-11ef-8000-000000000001","version":"1.3.0"},
        "actor":{"session":{"uid":"idxExt1"},"user":{"email_addr":"Alice@Corp.example","name":"Alice A","type":"User","type_id":1,"uid":"00u1example"}},
        "user":{"email_addr":"Alice@Corp.example","name":"Alice A","type":"User","uid":"00u1example"},
        "http_request":{"user_agent":"Mozilla/5.0 (Macintosh)"},"status":"Failure","status_id":2,
        "src_endpoint":{"ip":"203.0.113.7","type":"Computer","os":{"name":"Mac OS X"},"location":{"city":"Oslo","country":"Norway"},
        "autonomous_system":{"number":64500}},
        "unmapped":{"authenticationContext":{"rootSessionId":"idxRoot1"},"securityContext":{"isProxy":false},"outcome.reason":"LOCKED_OUT",
        "client":{"userAgent":{"browser":"CHROME"}},"transaction":{"type":"WEB","id":"tx1"},"debugContext":{"debugData":{"requestUri":"/app"}},
        "request":{"ipChain":[{"ip":"203.0.113.7"}]},"target":[{"id":"0oa9","type":"AppInstance","alternateId":"AWS","displayName":"AWS"}]}});
    (native, ocsf)
}

#[test]
fn okta_in_ocsf_gives_the_event_of_the_record_itself() {
    let (native, ocsf) = okta_pair();
    let rebuilt = rebuild(&ocsf.to_string()).unwrap();
    assert!(rebuilt.is_reduced && rebuilt.source == Source::Okta);
    assert_eq!(
        event_of_ocsf(&ocsf.to_string()),
        event_of(Source::Okta, &native.to_string())
    );
}

#[test]
fn a_group_and_its_new_member_are_targets() {
    let (_, mut ocsf) = okta_pair();
    ocsf["unmapped"] = json!({});
    ocsf["group"] = json!({"name":"Admins","type":"UserGroup","uid":"00g1"});
    ocsf["user"] = json!({"email_addr":"bob@corp.example","name":"Bob","uid":"00u2"});
    ocsf["metadata"]["event_code"] = json!("group.user_membership.add");
    let rebuilt: Value = serde_json::from_str(&rebuild(&ocsf.to_string()).unwrap().text).unwrap();
    assert_eq!(
        rebuilt["target"],
        json!([{"id":"00u2","alternateId":"bob@corp.example","displayName":"Bob","type":"User"},
               {"id":"00g1","displayName":"Admins","type":"UserGroup"}])
    );
}

#[track_caller]
fn happened(time: &Value, time_dt: &Value, expected: &str) {
    let mut ocsf = translate("1.1.0", &sso());
    ocsf["time"] = time.clone();
    ocsf["time_dt"] = time_dt.clone();
    let rebuilt: Value = serde_json::from_str(&rebuild(&ocsf.to_string()).unwrap().text).unwrap();
    assert_eq!(rebuilt["eventTime"].as_str().unwrap_or_default(), expected);
}

#[test]
fn time_is_milliseconds_else_text_with_any_offset_else_seconds() {
    let local = json!("2026-11-07T19:03:11.000+01:00");
    let expected = "2026-11-07T18:03:11Z";
    happened(&json!(1_794_074_591_000_i64), &Value::Null, expected);
    happened(&json!("1794074591000"), &Value::Null, expected);
    happened(&Value::Null, &local, expected);
    happened(&json!(1_794_074_591), &local, expected);
    happened(&json!(1_794_074_591), &Value::Null, expected);
    happened(&json!(expected), &Value::Null, expected);
    happened(&json!(7), &Value::Null, "1970-01-01T00:00:00.007Z");
    happened(&Value::Null, &Value::Null, "");
}

#[track_caller]
fn refused(text: &str, expected: SkipReason) {
    assert_eq!(rebuild(text), Err(expected), "{text}");
}

#[test]
fn other_products_and_broken_records_are_refused() {
    refused(
        r#"{"class_uid":4001,"metadata":{"product":{"name":"Amazon VPC"}},"api":{}}"#,
        SkipReason::OtherProduct,
    );
    refused(
        r#"{"class_uid":1,"metadata":{},"api":{}}"#,
        SkipReason::OtherProduct,
    );
    refused(r#"{"metadata":{},"metadata":{}}"#, SkipReason::DuplicateKey);
    refused(r#"{"metadata":{"a":x}}"#, SkipReason::Malformed);
}

#[test]
fn a_path_of_a_million_names_is_no_tower_of_objects() {
    let mut ocsf = translate("1.1.0", &sso());
    ocsf["unmapped"][&"a.".repeat(1_000_000)] = json!("x");
    ocsf["unmapped"]["eventTime.x"] = json!("no object");
    let text = ocsf.to_string();
    assert!(rebuild(&text).unwrap().text.len() < 10_000);
}

#[test]
fn unmapped_fields_may_be_text_and_never_lose_to_a_renamed_one() {
    let mut ocsf = translate("1.1.0", &sso());
    ocsf["unmapped"] = json!(ocsf["unmapped"].to_string());
    assert_eq!(
        event_of_ocsf(&ocsf.to_string()),
        event_of(Source::CloudTrail, &sso().to_string())
    );
    ocsf["unmapped"] = json!({"eventName":"PutObject","resources":"","sourceIPAddress":""});
    let event = event_of_ocsf(&ocsf.to_string());
    assert!(event.contains("s3:PutObject") && event.contains("203.0.113.7"));
}
