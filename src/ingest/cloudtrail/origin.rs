//! Where a call came from, and whether somebody made it on the actor's behalf.

use std::borrow::Cow;

use super::action::Call;
use super::fields::Record;
use super::memo::Recall;
use crate::event::{Interface, NetKind, Origin};
use crate::ingest::net::Network;
use crate::ingest::text::part;
use crate::ingest::user_agent::UserAgent;

/// Services of the provider that act for AI agents.
const AGENT_GATEWAYS: &[&str] = &["aws-mcp.amazonaws.com", "bedrock-agentcore.amazonaws.com"];

/// Origin of a call, and who stood in between.
#[derive(Debug)]
pub(super) struct Route<'a> {
    /// Where it came from.
    pub(super) origin: Origin<'a>,
    /// The provider's service that made the call for the actor.
    pub(super) via: Option<Cow<'a, str>>,
    /// Whether an AI agent made the call.
    pub(super) agency: Agency,
}

/// Whether an AI agent made a call, and who says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Agency {
    /// Nothing says so.
    None,
    /// The user agent, which the caller writes.
    Claimed,
    /// The provider's gateway for agents.
    Proven,
}

/// The way that the call of `record` took.
pub(super) fn route<'a>(
    record: &Record<'a>,
    call: &Call<'_>,
    tenant: &str,
    recall: &mut Recall<'a>,
) -> Route<'a> {
    let source = record.source_address.0.cloned();
    let invoker = record.user_identity.value.invoked_by.cloned();
    let user_agent = recall.user_agent(record.user_agent.get().unwrap_or_default());
    let provider = source.as_ref().filter(|source| is_provider(source));
    let via = invoker.or_else(|| provider.cloned());
    let names_gateway =
        |name: Option<&str>| name.is_some_and(|name| AGENT_GATEWAYS.contains(&name));
    let extra = &record.additional_event_data.value;
    let is_proven =
        names_gateway(via.as_deref()) || extra.called_via_mcp.0 || extra.via_mcp_service.is_true();
    let is_claimed = user_agent.is_agent || names_gateway(record.user_agent.get());
    Route {
        agency: match (is_proven, is_claimed) {
            (true, _) => Agency::Proven,
            (_, true) => Agency::Claimed,
            _ => Agency::None,
        },
        origin: origin(record, call, user_agent, network(record, tenant, recall)),
        via: via.map(|via| part(&via, strip_internal)),
    }
}

fn origin<'a>(
    record: &Record<'a>,
    call: &Call<'_>,
    user_agent: UserAgent<'a>,
    network: Network<'a>,
) -> Origin<'a> {
    let interface = if call.is_login() {
        Interface::Login
    } else if record.session_credential_from_console.is_true()
        && user_agent.interface == Interface::Api
    {
        Interface::Console
    } else {
        user_agent.interface
    };
    Origin {
        address: network.address,
        net_kind: network.kind,
        network: network.value,
        country: None,
        client: user_agent.client,
        interface,
    }
}

fn network<'a>(record: &Record<'a>, tenant: &str, recall: &mut Recall<'a>) -> Network<'a> {
    let source = &record.source_address.0;
    let endpoint = &record.vpc_endpoint_id;
    let texts = [source.get(), Some(tenant), endpoint.get()].map(Option::unwrap_or_default);
    recall.network(texts, || {
        let source = source.cloned().unwrap_or_default();
        if is_provider(&source) {
            return Network {
                kind: NetKind::Provider,
                ..Network::default()
            };
        }
        Network::of(source, tenant, endpoint.cloned())
    })
}

/// Whether a source "address" is the provider's own.
fn is_provider(source: &str) -> bool {
    source == "AWS Internal"
        || source.starts_with("AWS Internal/")
        || source.ends_with(".amazonaws.com")
        || source.ends_with(".amazonaws.com.cn")
}

/// `AWS Internal` whatever number follows.
fn strip_internal(name: &str) -> &str {
    name.split('/').next().unwrap_or(name)
}
