//! The fields of a CloudTrail record that may leave the parser, and no others.
//!
//! Everything else, secrets included, is skipped while reading.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

use super::parameters::{Key, Parameters};
use crate::ingest::text::{Bool, Count, List, Loose, Nested, Text, read};
use crate::ingest::time::Time;

/// One record, as delivered.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Record<'a> {
    #[serde(borrow)]
    pub(super) event_version: Text<'a>,
    pub(super) event_time: Time,
    /// Where a shipper moved `eventTime`.
    #[serde(rename = "@timestamp")]
    pub(super) shipper_time: Time,
    pub(super) event_source: Text<'a>,
    pub(super) event_name: Text<'a>,
    pub(super) event_type: Text<'a>,
    pub(super) event_category: Text<'a>,
    #[serde(rename = "eventID")]
    pub(super) event_id: Text<'a>,
    pub(super) aws_region: Text<'a>,
    #[serde(rename = "sourceIPAddress")]
    pub(super) source_address: Address<'a>,
    pub(super) user_agent: Text<'a>,
    pub(super) error_code: Text<'a>,
    pub(super) error_message: Text<'a>,
    pub(super) user_identity: Nested<UserIdentity<'a>>,
    pub(super) request_parameters: Nested<Parameters<'a>>,
    pub(super) response_elements: Nested<ResponseElements<'a>>,
    pub(super) service_event_details: Nested<ResponseElements<'a>>,
    pub(super) additional_event_data: Nested<AdditionalEventData<'a>>,
    pub(super) resources: List<ResourceEntry<'a>>,
    pub(super) read_only: Bool,
    pub(super) recipient_account_id: Text<'a>,
    pub(super) vpc_endpoint_id: Text<'a>,
    #[serde(rename = "sharedEventID")]
    pub(super) shared_event_id: Text<'a>,
    pub(super) addendum: Nested<Addendum<'a>>,
    pub(super) session_credential_from_console: Bool,
    pub(super) insight_details: Presence,
    pub(super) digest_start_time: Presence,
}

/// Why a record came late or once more.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Addendum<'a> {
    #[serde(borrow)]
    pub(super) reason: Text<'a>,
    #[serde(rename = "originalEventID")]
    pub(super) original_event_id: Text<'a>,
}

/// Who called.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct UserIdentity<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Text<'a>,
    pub(super) principal_id: Text<'a>,
    pub(super) arn: Text<'a>,
    pub(super) account_id: Text<'a>,
    pub(super) access_key_id: Text<'a>,
    pub(super) user_name: Text<'a>,
    pub(super) invoked_by: Text<'a>,
    pub(super) identity_provider: Text<'a>,
    pub(super) credential_id: Text<'a>,
    pub(super) on_behalf_of: Nested<OnBehalfOf<'a>>,
    pub(super) in_scope_of: Nested<InScopeOf<'a>>,
    pub(super) session_context: Nested<SessionContext<'a>>,
}

/// The Identity Center user behind a session.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct OnBehalfOf<'a> {
    #[serde(borrow)]
    pub(super) user_id: Text<'a>,
    pub(super) identity_store_arn: Text<'a>,
}

/// The resource that a credential was issued to.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct InScopeOf<'a> {
    #[serde(borrow)]
    pub(super) source_arn: Text<'a>,
    pub(super) issuer_type: Text<'a>,
    pub(super) credentials_issued_to: Text<'a>,
}

/// How temporary credentials came about.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct SessionContext<'a> {
    #[serde(borrow)]
    pub(super) attributes: Nested<SessionAttributes<'a>>,
    pub(super) session_issuer: Nested<SessionIssuer<'a>>,
    pub(super) web_id_federation_data: Nested<WebIdFederationData<'a>>,
    pub(super) source_identity: Text<'a>,
    pub(super) ec2_role_delivery: Text<'a>,
}

/// Attributes of temporary credentials.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct SessionAttributes<'a> {
    #[serde(borrow)]
    pub(super) creation_date: Text<'a>,
    pub(super) mfa_authenticated: Bool,
}

/// The role or user that issued temporary credentials.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct SessionIssuer<'a> {
    #[serde(borrow)]
    pub(super) principal_id: Text<'a>,
    pub(super) arn: Text<'a>,
    pub(super) user_name: Text<'a>,
}

/// The provider that signed the caller in.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct WebIdFederationData<'a> {
    #[serde(borrow)]
    pub(super) federated_provider: Text<'a>,
    pub(super) attributes: Claims<'a>,
}

/// The subject among the claims of a token, whatever provider stands in front
/// of its name (`token.actions.githubusercontent.com:sub`).
#[derive(Debug, Default)]
pub(super) struct Claims<'a> {
    pub(super) subject: Text<'a>,
}

impl<'de> Loose<'de> for Claims<'de> {
    fn object<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut claims = Self::default();
        while let Some(Key(key)) = map.next_key::<Key<'de>>()? {
            if is_subject(&key) {
                claims.subject = map.next_value()?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(claims)
    }
}

/// Whether `key` names the subject of a token.
pub(super) fn is_subject(key: &str) -> bool {
    key == "sub" || key.ends_with(":sub")
}

impl<'de: 'a, 'a> Deserialize<'de> for Claims<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        read::<D, Claims<'de>>(from)
    }
}

/// The few response fields that decide the outcome, and those that tell what
/// credential was issued to whom.
#[derive(Debug, Default)]
pub(super) struct ResponseElements<'a> {
    /// A field says `Failure`: sign-in events put their result under their own
    /// name (`"ConsoleLogin": "Failure"`).
    pub(super) says_failure: bool,
    pub(super) error_code: Text<'a>,
    pub(super) status_code: Count,
    pub(super) body: Nested<ResponseBody>,
    pub(super) credentials: Nested<IssuedCredentials<'a>>,
    pub(super) assumed_role_user: Nested<AssumedRoleUser<'a>>,
}

/// Credentials that were issued, without what is secret about them.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct IssuedCredentials<'a> {
    #[serde(borrow)]
    pub(super) access_key_id: Text<'a>,
}

/// The session that credentials were issued for.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct AssumedRoleUser<'a> {
    #[serde(borrow)]
    pub(super) assumed_role_id: Text<'a>,
}

struct ResponseVisitor;

impl<'de> Visitor<'de> for ResponseVisitor {
    type Value = ResponseElements<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = ResponseElements::default();
        while let Some(Key(key)) = map.next_key::<Key<'de>>()? {
            match &*key {
                "errorCode" => found.error_code = map.next_value()?,
                "statusCode" => found.status_code = map.next_value()?,
                "body" => found.body = map.next_value()?,
                "credentials" => found.credentials = map.next_value()?,
                "assumedRoleUser" => found.assumed_role_user = map.next_value()?,
                name if names_result(name) => {
                    found.says_failure |= map.next_value::<IsFailure>()?.0;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(found)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for ResponseElements<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(ResponseVisitor)
    }
}

/// Whether `key` names a result: results stand under the name of an event.
pub(super) fn names_result(key: &str) -> bool {
    key.starts_with(|c: char| c.is_ascii_uppercase())
}

/// Whether a result is that of a failure.
pub(super) fn is_failure(result: &str) -> bool {
    result.eq_ignore_ascii_case("Failure")
}

/// Whether a value is the word `Failure`.
#[derive(Default)]
struct IsFailure(bool);

impl Loose<'_> for IsFailure {
    fn scalar(text: Cow<'_, str>) -> Self {
        Self(is_failure(&text))
    }
}

impl<'de> Deserialize<'de> for IsFailure {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        read(from)
    }
}

/// A response body that may hold an error.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ResponseBody {
    pub(super) error: Presence,
}

/// Facts that the service adds.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AdditionalEventData<'a> {
    #[serde(borrow, rename = "LoginTo")]
    pub(super) login_to: Text<'a>,
    #[serde(rename = "MFAUsed")]
    pub(super) mfa_used: Bool,
    #[serde(rename = "bytesTransferredOut")]
    pub(super) bytes_out: Count,
    #[serde(rename = "CalledViaAWSMCP")]
    pub(super) called_via_mcp: Presence,
    #[serde(rename = "ViaAWSMCPService")]
    pub(super) via_mcp_service: Bool,
}

/// One entry of `resources`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ResourceEntry<'a> {
    #[serde(borrow, rename = "ARN")]
    pub(super) arn: Text<'a>,
    #[serde(rename = "arn")]
    pub(super) lower_arn: Text<'a>,
    #[serde(rename = "ARNPrefix")]
    pub(super) arn_prefix: Text<'a>,
}

/// Whether a field is there with any value but null.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Presence(pub(super) bool);

impl<'de> Deserialize<'de> for Presence {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Option::<IgnoredAny>::deserialize(from).map(|value| Self(value.is_some()))
    }
}

/// The source address: text, or an enriched object that holds it.
#[derive(Debug, Default)]
pub(super) struct Address<'a>(pub(super) Text<'a>);

#[derive(Default, Deserialize)]
#[serde(default)]
struct EnrichedAddress<'a> {
    #[serde(borrow, alias = "ipAddress", alias = "ip")]
    ipaddress: Text<'a>,
}

impl<'de> Loose<'de> for Address<'de> {
    fn scalar(text: Cow<'de, str>) -> Self {
        Self(Text::from(text))
    }

    fn object<A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        EnrichedAddress::deserialize(MapAccessDeserializer::new(map))
            .map(|enriched| Self(enriched.ipaddress))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Address<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        read::<D, Address<'de>>(from)
    }
}
