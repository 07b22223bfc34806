//! Traps that CloudTrail records hold, one test each.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use serde_json::{Value, json};

use super::*;
use crate::event::{CredentialKind, EdgeKind, KeyBasis, Mfa, Provenance, Sensitive, Verb};
use crate::ingest::record::Notes;

mod call;
mod corpus;
mod shape;
mod target;
mod who;

/// The minimal example of a role session, to be altered.
fn example() -> Value {
    json!({
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": "AROAEXAMPLE1:alice@corp.example",
            "arn": "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/alice@corp.example",
            "accountId": "111122223333",
            "accessKeyId": "ASIAEXAMPLE1",
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role",
                    "principalId": "AROAEXAMPLE1",
                    "arn": "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_0123456789abcdef",
                    "accountId": "111122223333",
                    "userName": "AWSReservedSSO_Admin_0123456789abcdef"
                },
                "attributes": {"creationDate": "2026-11-07T18:00:00Z", "mfaAuthenticated": "false"}
            }
        },
        "eventTime": "2026-11-07T18:03:11Z",
        "eventSource": "s3.amazonaws.com",
        "eventName": "GetObject",
        "awsRegion": "eu-west-1",
        "sourceIPAddress": "203.0.113.7",
        "userAgent": "[aws-cli/2.18.5 md/command#s3.cp]",
        "requestParameters": {"bucketName": "payroll-example", "key": "2026/10/all.csv"},
        "responseElements": null,
        "additionalEventData": {"bytesTransferredIn": 0, "bytesTransferredOut": 48211},
        "eventID": "5d1a2c58-0000-4000-8000-000000000001",
        "readOnly": true,
        "resources": [
            {"type": "AWS::S3::Object", "ARN": "arn:aws:s3:::payroll-example/2026/10/all.csv"},
            {"accountId": "111122223333", "type": "AWS::S3::Bucket", "ARN": "arn:aws:s3:::payroll-example"}
        ],
        "eventType": "AwsApiCall",
        "managementEvent": false,
        "recipientAccountId": "111122223333",
        "eventCategory": "Data"
    })
}

/// The example with `patch` laid over it; null removes.
fn with(patch: Value) -> Value {
    let mut record = example();
    merge(&mut record, patch);
    record
}

fn merge(into: &mut Value, patch: Value) {
    match (into, patch) {
        (Value::Object(into), Value::Object(patch)) => {
            for (key, value) in patch {
                if value.is_null() {
                    into.remove(&key);
                } else {
                    merge(into.entry(key).or_insert(Value::Null), value);
                }
            }
        }
        (into, patch) => *into = patch,
    }
}

/// A call by the plain role `Deploy` under `session`.
fn role_session(session: &str) -> Value {
    with(json!({"userIdentity": {
        "principalId": format!("AROAEXAMPLE2:{session}"),
        "arn": format!("arn:aws:sts::111122223333:assumed-role/Deploy/{session}"),
        "sessionContext": {"sessionIssuer": {
            "principalId": "AROAEXAMPLE2",
            "arn": "arn:aws:iam::111122223333:role/team/Deploy",
            "userName": "Deploy"
        }}
    }}))
}

/// A call by the IAM user `bob`.
fn user(patch: Value) -> Value {
    let mut record = with(json!({"userIdentity": null}));
    merge(
        &mut record,
        json!({"userIdentity": {
            "type": "IAMUser", "principalId": "AIDAEXAMPLE1", "userName": "bob",
            "arn": "arn:aws:iam::111122223333:user/ops/bob",
            "accountId": "111122223333", "accessKeyId": "AKIAEXAMPLE1"
        }}),
    );
    merge(&mut record, patch);
    record
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

fn parse_text(text: &str) -> Result<Event<'_>, SkipReason> {
    let mut notes = Notes::default();
    let mut context = Context {
        provenance: Provenance { file: 0, record: 1 },
        okta_org: "default",
        vault_cluster: "default",
        notes: &mut notes,
    };
    parse(text, &mut context)
}

/// What `look` sees in the event of `record`.
#[track_caller]
fn see<T>(record: &Value, look: impl FnOnce(&Event<'_>) -> T) -> T {
    let text = record.to_string();
    let event = parse_text(&text).unwrap();
    look(&event)
}

#[track_caller]
fn key_of(record: &Value) -> String {
    see(record, |event| event.actor.key.to_string())
}

#[track_caller]
fn skips(text: &str, expected: SkipReason) {
    assert_eq!(parse_text(text).map(|_| ()), Err(expected), "{text}");
}
