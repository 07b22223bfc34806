//! CloudTrail records whose names lost their capitals, as databases that know
//! one case of column names give them (Athena, Glue and what is fed from them).

use super::Rebuilt;
use crate::event::Source;
use crate::ingest::coverage::SkipReason;
use crate::ingest::members::{elements, members};

/// Names with a capital, as CloudTrail writes them.
const NAMES: &[&str] = &[
    "ARN",
    "ARNPrefix",
    "accessKeyId",
    "accountId",
    "additionalEventData",
    "apiVersion",
    "awsRegion",
    "bytesTransferredOut",
    "CalledViaAWSMCP",
    "creationDate",
    "credentialId",
    "credentialsIssuedTo",
    "ec2RoleDelivery",
    "errorCode",
    "errorMessage",
    "eventCategory",
    "eventID",
    "eventName",
    "eventSource",
    "eventTime",
    "eventType",
    "eventVersion",
    "federatedProvider",
    "identityProvider",
    "identityStoreArn",
    "inScopeOf",
    "invokedBy",
    "issuerType",
    "LoginTo",
    "managementEvent",
    "mfaAuthenticated",
    "MFAUsed",
    "onBehalfOf",
    "originalEventID",
    "principalId",
    "readOnly",
    "recipientAccountId",
    "requestID",
    "requestParameters",
    "responseElements",
    "serviceEventDetails",
    "sessionContext",
    "sessionCredentialFromConsole",
    "sessionIssuer",
    "sharedEventID",
    "sourceArn",
    "sourceIdentity",
    "sourceIPAddress",
    "userAgent",
    "userId",
    "userIdentity",
    "userName",
    "ViaAWSMCPService",
    "vpcEndpointId",
    "webIdFederationData",
];

/// Fields whose inner names are the services' own; they are read in any case.
const FOREIGN: &[&str] = &[
    "requestParameters",
    "responseElements",
    "serviceEventDetails",
];

/// The record `text` with the capitals of its names restored.
pub(super) fn rebuild(text: &str) -> Result<Rebuilt, SkipReason> {
    let mut restored = String::with_capacity(text.len());
    restore(text, &mut restored);
    Ok(Rebuilt {
        source: Source::CloudTrail,
        is_reduced: !restored.contains("\"userIdentity\":"),
        text: restored,
    })
}

/// Writes the JSON value `text` with restored names. Nesting is bounded where
/// records are cut.
fn restore(text: &str, into: &mut String) {
    match text.as_bytes().first() {
        Some(b'{') => {
            into.push('{');
            for (at, member) in members(text).enumerate() {
                let name = native(member.key);
                if at > 0 {
                    into.push(',');
                }
                into.push('"');
                into.push_str(name);
                into.push_str("\":");
                if FOREIGN.contains(&name) {
                    into.push_str(member.value);
                } else {
                    restore(member.value, into);
                }
            }
            into.push('}');
        }
        Some(b'[') => {
            into.push('[');
            for (at, element) in elements(text).enumerate() {
                if at > 0 {
                    into.push(',');
                }
                restore(element, into);
            }
            into.push(']');
        }
        _ => into.push_str(text),
    }
}

/// The name as CloudTrail writes it. `arn` stays: a caller's is lower case, and
/// a resource's may be.
fn native(name: &str) -> &str {
    if name == "arn" {
        return name;
    }
    NAMES
        .iter()
        .find(|native| native.eq_ignore_ascii_case(name))
        .copied()
        .unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn restores(text: &str, expected: &str, is_reduced: bool) {
        let rebuilt = rebuild(text).map(|rebuilt| (rebuilt.text, rebuilt.is_reduced));
        assert_eq!(rebuilt, Ok((expected.to_owned(), is_reduced)));
    }

    #[test]
    fn names_get_their_capitals_back_and_values_stay() {
        restores(
            r#"{ "eventsource": "s3.amazonaws.com", "useridentity" : {"accountid":"1","arn":"eventname"},
               "resources":[{"accountid":"2","arn":"x"}],"requestparameters":{"bucketname":"b"}}"#,
            r#"{"eventSource":"s3.amazonaws.com","userIdentity":{"accountId":"1","arn":"eventname"},"resources":[{"accountId":"2","arn":"x"}],"requestParameters":{"bucketname":"b"}}"#,
            false,
        );
        restores(
            r#"{"eventname":"x","unheard":null}"#,
            r#"{"eventName":"x","unheard":null}"#,
            true,
        );
    }
}
