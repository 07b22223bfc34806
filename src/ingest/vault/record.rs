//! An audit line as it is logged: the fields we read, and no others.
//!
//! What is not named here never leaves the JSON text, least of all the values
//! under `data` and the tokens.

use serde::Deserialize;

use super::shape::{Payload, Words};
use crate::ingest::text::{Bool, Nested, Text};
use crate::ingest::time::Time;

/// A line as logged.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Line<'a> {
    pub(super) time: Time,
    #[serde(borrow, rename = "type")]
    pub(super) kind: Text<'a>,
    #[serde(borrow)]
    pub(super) error: Text<'a>,
    #[serde(borrow)]
    pub(super) auth: Nested<LoggedAuth<'a>>,
    #[serde(borrow)]
    pub(super) request: Nested<LoggedRequest<'a>>,
    #[serde(borrow)]
    pub(super) response: Nested<LoggedResponse<'a>>,
    #[serde(borrow, rename = "@level")]
    pub(super) level: Text<'a>,
    #[serde(borrow, rename = "@message")]
    pub(super) message: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct LoggedAuth<'a> {
    #[serde(borrow)]
    pub(super) accessor: Text<'a>,
    #[serde(borrow)]
    pub(super) display_name: Text<'a>,
    #[serde(borrow)]
    pub(super) entity_id: Text<'a>,
    #[serde(borrow)]
    pub(super) policies: Words<'a>,
    #[serde(borrow)]
    pub(super) metadata: Nested<LoggedMetadata<'a>>,
    pub(super) policy_results: Nested<PolicyResults>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct LoggedMetadata<'a> {
    #[serde(borrow)]
    pub(super) role: Text<'a>,
    #[serde(borrow)]
    pub(super) role_name: Text<'a>,
    #[serde(borrow, alias = "user")]
    pub(super) username: Text<'a>,
    #[serde(borrow)]
    pub(super) email: Text<'a>,
    #[serde(borrow)]
    pub(super) service_account_name: Text<'a>,
    #[serde(borrow)]
    pub(super) service_account_namespace: Text<'a>,
    #[serde(borrow)]
    pub(super) canonical_arn: Text<'a>,
    #[serde(borrow)]
    pub(super) preferred_username: Text<'a>,
    #[serde(borrow)]
    pub(super) upn: Text<'a>,
    #[serde(borrow)]
    pub(super) repository: Text<'a>,
    #[serde(borrow)]
    pub(super) client_user_id: Text<'a>,
    #[serde(borrow)]
    pub(super) client_arn: Text<'a>,
    #[serde(borrow)]
    pub(super) instance_id: Text<'a>,
    #[serde(borrow)]
    pub(super) cert_name: Text<'a>,
    #[serde(borrow)]
    pub(super) common_name: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PolicyResults {
    pub(super) allowed: Bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct LoggedRequest<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow)]
    pub(super) client_id: Text<'a>,
    #[serde(borrow)]
    pub(super) operation: Text<'a>,
    #[serde(borrow)]
    pub(super) path: Text<'a>,
    #[serde(borrow)]
    pub(super) mount_point: Text<'a>,
    #[serde(borrow)]
    pub(super) mount_type: Text<'a>,
    #[serde(borrow)]
    pub(super) namespace: Nested<Namespace<'a>>,
    #[serde(borrow)]
    pub(super) remote_address: Text<'a>,
    #[serde(borrow)]
    pub(super) headers: Nested<Headers<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Namespace<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow)]
    pub(super) path: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Headers<'a> {
    #[serde(borrow, rename = "user-agent", alias = "User-Agent")]
    pub(super) user_agent: Words<'a>,
    #[serde(borrow, rename = "x-forwarded-for", alias = "X-Forwarded-For")]
    pub(super) forwarded_for: Words<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct LoggedResponse<'a> {
    #[serde(borrow)]
    pub(super) auth: Nested<LoggedAuth<'a>>,
    pub(super) data: Payload,
    pub(super) wrap_info: Payload,
}
