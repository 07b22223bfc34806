//! CloudTrail records: spread over the common schema, with parameters printed as
//! Java prints maps.

use serde_json::{Map, Value};

use super::{get, is_scalar, put};
use crate::event::Source;
use crate::ingest::rebuild::{Rebuilt, java_map};

/// Where a document keeps the fields of a record.
const FIELDS: [(&str, &str); 32] = [
    ("eventVersion", "aws.cloudtrail.event_version"),
    ("eventTime", "@timestamp"),
    ("eventSource", "event.provider"),
    ("eventName", "event.action"),
    ("eventID", "event.id"),
    ("awsRegion", "cloud.region"),
    ("sourceIPAddress", "source.ip"),
    ("sourceIPAddress", "source.address"),
    ("userAgent", "user_agent.original"),
    ("errorCode", "aws.cloudtrail.error_code"),
    ("errorMessage", "aws.cloudtrail.error_message"),
    ("requestID", "aws.cloudtrail.request_id"),
    ("eventType", "aws.cloudtrail.event_type"),
    ("apiVersion", "aws.cloudtrail.api_version"),
    ("managementEvent", "aws.cloudtrail.management_event"),
    ("readOnly", "aws.cloudtrail.read_only"),
    ("recipientAccountId", "aws.cloudtrail.recipient_account_id"),
    ("sharedEventID", "aws.cloudtrail.shared_event_id"),
    ("vpcEndpointId", "aws.cloudtrail.vpc_endpoint_id"),
    ("eventCategory", "aws.cloudtrail.event_category"),
    ("userIdentity.type", "aws.cloudtrail.user_identity.type"),
    ("userIdentity.principalId", "user.id"),
    ("userIdentity.arn", "aws.cloudtrail.user_identity.arn"),
    ("userIdentity.accountId", "cloud.account.id"),
    (
        "userIdentity.accessKeyId",
        "aws.cloudtrail.user_identity.access_key_id",
    ),
    (
        "userIdentity.invokedBy",
        "aws.cloudtrail.user_identity.invoked_by",
    ),
    (
        "userIdentity.sessionContext.attributes.mfaAuthenticated",
        "aws.cloudtrail.user_identity.session_context.mfa_authenticated",
    ),
    (
        "userIdentity.sessionContext.attributes.creationDate",
        "aws.cloudtrail.user_identity.session_context.creation_date",
    ),
    (
        "userIdentity.sessionContext.sessionIssuer.type",
        "aws.cloudtrail.user_identity.session_context.session_issuer.type",
    ),
    (
        "userIdentity.sessionContext.sessionIssuer.principalId",
        "aws.cloudtrail.user_identity.session_context.session_issuer.principal_id",
    ),
    (
        "userIdentity.sessionContext.sessionIssuer.arn",
        "aws.cloudtrail.user_identity.session_context.session_issuer.arn",
    ),
    (
        "userIdentity.sessionContext.sessionIssuer.accountId",
        "aws.cloudtrail.user_identity.session_context.session_issuer.account_id",
    ),
];

/// Parts that are kept as they were, and once more as text.
const PARTS: [(&str, &str); 4] = [
    ("requestParameters", "request_parameters"),
    ("responseElements", "response_elements"),
    ("additionalEventData", "additional_eventdata"),
    ("serviceEventDetails", "service_event_details"),
];

const ISSUER: &str = "userIdentity.sessionContext.sessionIssuer";

/// Puts the record in `document` together again.
pub(super) fn rebuild(document: &Value) -> Rebuilt {
    let mut record = Value::Object(Map::new());
    for (native, path) in FIELDS {
        if let Some(value) = get(document, path).filter(|value| is_scalar(value)) {
            put(&mut record, native, value.clone());
        }
    }
    if let Some(name) = get(document, "user.name") {
        // The pipeline writes both names to one place, the role's last.
        let is_role = lookup(&record, ISSUER).is_some();
        let owner = if is_role { ISSUER } else { "userIdentity" };
        put(&mut record, &format!("{owner}.userName"), name.clone());
    }
    for (native, name) in PARTS {
        if let Some(part) = part(document, name) {
            put(&mut record, native, part);
        }
    }
    sign_in(document, &mut record);
    if let Some(resources) = resources(document) {
        put(&mut record, "resources", resources);
    }
    Rebuilt {
        source: Source::CloudTrail,
        text: record.to_string(),
        is_reduced: true,
    }
}

/// The value at a dotted path, whose dots are levels.
fn lookup<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(value, |value, key| value.get(key))
}

/// A part as it was, or else what its text can be read as.
fn part(document: &Value, name: &str) -> Option<Value> {
    let whole = get(document, &format!("aws.cloudtrail.flattened.{name}"));
    if let Some(whole) = whole.filter(|whole| whole.is_object()) {
        return Some(whole.clone());
    }
    match get(document, &format!("aws.cloudtrail.{name}"))? {
        Value::String(text) => serde_json::from_str(text)
            .ok()
            .or_else(|| java_map::parse(text)),
        Value::Object(object) => Some(Value::Object(object.clone())),
        _ => None,
    }
}

/// What the pipeline keeps of a sign-in to the console apart from its parts.
fn sign_in(document: &Value, record: &mut Value) {
    let login = "aws.cloudtrail.console_login.additional_eventdata";
    let is_used = get(document, &format!("{login}.mfa_used")).and_then(Value::as_bool);
    let native = "additionalEventData.MFAUsed";
    if let Some(is_used) = is_used
        && lookup(record, native).is_none()
    {
        put(record, native, if is_used { "Yes" } else { "No" }.into());
    }
}

fn resources(document: &Value) -> Option<Value> {
    let stored = get(document, "aws.cloudtrail.resources")?;
    let native = |stored: &Value| {
        let names = [
            ("ARN", "arn"),
            ("accountId", "account_id"),
            ("type", "type"),
        ];
        let fields = names.into_iter().filter_map(|(native, name)| {
            let value = stored.get(name).filter(|value| is_scalar(value))?;
            Some((native.to_owned(), value.clone()))
        });
        Value::Object(fields.collect())
    };
    Some(match stored {
        Value::Array(list) => list.iter().map(native).collect(),
        one => Value::Array(vec![native(one)]),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use serde_json::json;

    fn document() -> Value {
        json!({
            "@timestamp": "2026-11-07T09:01:00.000Z",
            "event": {"action": "AssumeRole", "provider": "sts.amazonaws.com", "id": "e1", "outcome": "success"},
            "cloud": {"region": "us-east-2", "account": {"id": "111122223333"}},
            "source": {"address": "203.0.113.7", "ip": "203.0.113.7"},
            "user": {"id": "AROAEXAMPLE:alice", "name": "Dev"},
            "user_agent": {"original": "aws-cli/2"},
            "host": {"name": "h"},
            "aws": {"cloudtrail": {
                "event_version": "1.08",
                "event_type": "AwsApiCall",
                "recipient_account_id": "111122223333",
                "user_identity": {
                    "type": "AssumedRole",
                    "arn": "arn:aws:sts::111122223333:assumed-role/Dev/alice",
                    "access_key_id": "ASIAEXAMPLE",
                    "session_context": {
                        "mfa_authenticated": "false",
                        "session_issuer": {"type": "Role", "arn": "arn:aws:iam::111122223333:role/Dev"}
                    }
                },
                "request_parameters": "{roleArn=arn:aws:iam::1:role/a, tags=[{value=1, key=b}]}",
                "resources": [{"arn": "arn:aws:iam::1:role/a", "account_id": "1", "type": "AWS::IAM::Role"}]
            }}
        })
    }

    fn rebuilt(document: &Value) -> Value {
        let rebuilt = super::super::rebuild(&document.to_string()).unwrap();
        assert!(rebuilt.is_reduced);
        serde_json::from_str(&rebuilt.text).unwrap()
    }

    #[test]
    fn fields_are_found_in_the_common_schema() {
        let record = rebuilt(&document());
        let expected = json!({
            "eventVersion": "1.08",
            "eventTime": "2026-11-07T09:01:00.000Z",
            "eventSource": "sts.amazonaws.com",
            "eventName": "AssumeRole",
            "eventID": "e1",
            "awsRegion": "us-east-2",
            "sourceIPAddress": "203.0.113.7",
            "userAgent": "aws-cli/2",
            "eventType": "AwsApiCall",
            "recipientAccountId": "111122223333",
            "userIdentity": {
                "type": "AssumedRole",
                "principalId": "AROAEXAMPLE:alice",
                "arn": "arn:aws:sts::111122223333:assumed-role/Dev/alice",
                "accountId": "111122223333",
                "accessKeyId": "ASIAEXAMPLE",
                "sessionContext": {
                    "attributes": {"mfaAuthenticated": "false"},
                    "sessionIssuer": {
                        "type": "Role",
                        "arn": "arn:aws:iam::111122223333:role/Dev",
                        "userName": "Dev"
                    }
                }
            },
            "requestParameters": {
                "roleArn": "arn:aws:iam::1:role/a",
                "tags": [{"value": "1", "key": "b"}]
            },
            "resources": [{"ARN": "arn:aws:iam::1:role/a", "accountId": "1", "type": "AWS::IAM::Role"}]
        });
        assert_eq!(record, expected);
    }

    #[test]
    fn parameters_that_kept_their_shape_are_preferred() {
        let mut document = document();
        let flattened = json!({"request_parameters": {"roleArn": "whole"}});
        document["aws"]["cloudtrail"]["flattened"] = flattened;
        assert_eq!(
            rebuilt(&document)["requestParameters"],
            json!({"roleArn": "whole"})
        );
    }

    #[test]
    fn dots_may_be_parts_of_keys() {
        let document = json!({
            "aws.cloudtrail.event_version": "1.05",
            "aws.cloudtrail.user_identity.type": "IAMUser",
            "aws.cloudtrail.console_login.additional_eventdata.mfa_used": true,
            "user.name": "alice",
            "event": {"action": "ConsoleLogin"}
        });
        let expected = json!({
            "eventVersion": "1.05",
            "eventName": "ConsoleLogin",
            "additionalEventData": {"MFAUsed": "Yes"},
            "userIdentity": {"type": "IAMUser", "userName": "alice"}
        });
        assert_eq!(rebuilt(&document), expected);
    }
}
