//! A System Log event as Okta writes it: the fields we read, and no others.
//!
//! The debug data may hold passwords, tokens and assertions, so its keys are
//! named one by one here; what is not named never leaves the JSON text.

use serde::Deserialize;

use super::risk::Verdict;
use crate::ingest::text::{Bool, Count, List, Nested, Text};
use crate::ingest::time::Time;

/// One event. Some pipelines lower-case the outer keys, hence the aliases.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct LogEvent<'a> {
    #[serde(borrow)]
    pub(super) uuid: Text<'a>,
    pub(super) published: Time,
    #[serde(borrow, alias = "eventtype")]
    pub(super) event_type: Text<'a>,
    #[serde(borrow)]
    pub(super) actor: Nested<Principal<'a>>,
    #[serde(borrow)]
    pub(super) client: Nested<Client<'a>>,
    #[serde(borrow, alias = "authenticationcontext")]
    pub(super) authentication_context: Nested<Authentication<'a>>,
    #[serde(borrow, alias = "securitycontext")]
    pub(super) security_context: Nested<Security<'a>>,
    #[serde(borrow)]
    pub(super) outcome: Nested<Result<'a>>,
    #[serde(borrow)]
    pub(super) target: List<Principal<'a>>,
    #[serde(borrow)]
    pub(super) transaction: Nested<Transaction<'a>>,
    #[serde(borrow, alias = "debugcontext")]
    pub(super) debug_context: Nested<DebugContext<'a>>,
    #[serde(borrow)]
    pub(super) request: Nested<Request<'a>>,
}

/// An actor or a target.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Principal<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow, rename = "type")]
    pub(super) kind: Text<'a>,
    #[serde(borrow)]
    pub(super) alternate_id: Text<'a>,
    #[serde(borrow)]
    pub(super) display_name: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Client<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow)]
    pub(super) ip_address: Text<'a>,
    #[serde(borrow)]
    pub(super) user_agent: Nested<UserAgent<'a>>,
    #[serde(borrow)]
    pub(super) geographical_context: Nested<Geography<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct UserAgent<'a> {
    #[serde(borrow)]
    pub(super) os: Text<'a>,
    #[serde(borrow)]
    pub(super) browser: Text<'a>,
    #[serde(borrow)]
    pub(super) raw_user_agent: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Geography<'a> {
    #[serde(borrow)]
    pub(super) country: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Authentication<'a> {
    #[serde(borrow)]
    pub(super) credential_type: Text<'a>,
    #[serde(borrow)]
    pub(super) external_session_id: Text<'a>,
    #[serde(borrow)]
    pub(super) root_session_id: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Security<'a> {
    pub(super) as_number: Count,
    pub(super) is_proxy: Bool,
    #[serde(borrow)]
    pub(super) ip_details: Nested<IpDetails<'a>>,
    pub(super) risk: Verdict,
    pub(super) user_behaviors: Verdict,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct IpDetails<'a> {
    #[serde(borrow)]
    pub(super) ip_service_categories: List<IpService<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct IpService<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Result<'a> {
    #[serde(borrow)]
    pub(super) result: Text<'a>,
    #[serde(borrow)]
    pub(super) reason: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Transaction<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow)]
    pub(super) detail: Nested<TransactionDetail<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct TransactionDetail<'a> {
    #[serde(borrow)]
    pub(super) request_api_token_id: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct DebugContext<'a> {
    #[serde(borrow)]
    pub(super) debug_data: Nested<DebugData<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct DebugData<'a> {
    #[serde(borrow)]
    pub(super) factor: Text<'a>,
    #[serde(borrow)]
    pub(super) original_principal: Nested<Principal<'a>>,
    #[serde(borrow)]
    pub(super) privilege_granted: Text<'a>,
    pub(super) threat_suspected: Bool,
    pub(super) risk: Verdict,
    pub(super) behaviors: Verdict,
    pub(super) log_only_security_data: Nested<LogOnly>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct LogOnly {
    pub(super) risk: Verdict,
    pub(super) behaviors: Verdict,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Request<'a> {
    #[serde(borrow)]
    pub(super) ip_chain: List<Hop<'a>>,
}

/// One address that a request passed; the client comes first.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Hop<'a> {
    #[serde(borrow)]
    pub(super) ip: Text<'a>,
    #[serde(borrow)]
    pub(super) ip_details: Nested<IpDetails<'a>>,
}
