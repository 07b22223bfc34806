//! Where an Okta event came from.

use std::borrow::Cow;

use super::event_types::{Agency, Meaning};
use super::known;
use super::record::{IpDetails, LogEvent};
use crate::event::{Client, CredentialKind, Interface, NetKind, Origin};
use crate::ingest::net::Network;
use crate::ingest::record::Notes;
use crate::ingest::text::Text;
use crate::ingest::user_agent::UserAgent;

/// Services that hide where a caller is.
const ANONYMISERS: [&str; 5] = ["VPN", "Proxy", "Tor", "Residential Proxy", "Blockchain VPN"];

/// Operating systems by the beginning of their name; versions are no habit.
const SYSTEMS: &[(&str, &str)] = &[
    ("windows", "windows"),
    ("mac", "macos"),
    ("ios", "ios"),
    ("ipad", "ios"),
    ("android", "android"),
    ("chrome os", "chromeos"),
    ("linux", "linux"),
    ("ubuntu", "linux"),
];

/// Network, place, client and interface of an event.
pub(super) fn origin<'a>(
    log: &LogEvent<'a>,
    org: &str,
    meaning: &Meaning,
    credential: CredentialKind,
    notes: &mut Notes,
) -> Origin<'a> {
    let (client, agent_interface) = client(log);
    let network = network(log, org);
    let kind = if is_anonymised(log, notes) {
        NetKind::Anonymiser
    } else {
        network.kind
    };
    Origin {
        address: network.address,
        net_kind: kind,
        network: network.value,
        country: log
            .client
            .value
            .geographical_context
            .value
            .country
            .cloned()
            .filter(|country| !country.eq_ignore_ascii_case("unknown")),
        client,
        interface: match credential {
            _ if meaning.agency == Agency::SignIn => Interface::Login,
            CredentialKind::ApiToken | CredentialKind::Oauth => Interface::Api,
            _ => agent_interface,
        },
    }
}

/// The client's address; its autonomous system, which Okta looks up itself, is
/// a steadier name for the place than a prefix.
fn network<'a>(log: &LogEvent<'a>, org: &str) -> Network<'a> {
    let first_hop = || {
        log.request
            .value
            .ip_chain
            .0
            .first()
            .and_then(|hop| hop.ip.cloned())
    };
    let address = log.client.value.ip_address.cloned().or_else(first_hop);
    let mut network =
        address.map_or_else(Network::default, |address| Network::of(address, org, None));
    if let Some(number) = log.security_context.value.as_number.0.filter(|n| *n > 0) {
        network.value = Some(format!("AS{number}").into());
    }
    network
}

fn is_anonymised(log: &LogEvent<'_>, notes: &mut Notes) -> bool {
    let security = &log.security_context.value;
    let hop = log.request.value.ip_chain.0.first();
    let details = [
        Some(&security.ip_details.value),
        hop.map(|hop| &hop.ip_details.value),
    ];
    let mut is_anonymised = security.is_proxy.is_true();
    for kind in details.into_iter().flatten().flat_map(services) {
        if ANONYMISERS
            .iter()
            .any(|known| known.eq_ignore_ascii_case(kind))
        {
            is_anonymised = true;
        } else {
            notes.unknown("okta.ipServiceCategories.type");
        }
    }
    is_anonymised
}

fn services<'r>(details: &'r IpDetails<'_>) -> impl Iterator<Item = &'r str> {
    let services = details.ip_service_categories.0.iter();
    services.filter_map(|service| known(&service.kind))
}

/// Browser and operating system, or the program that is no browser.
fn client<'a>(log: &LogEvent<'a>) -> (Client<'a>, Interface) {
    let logged = &log.client.value.user_agent.value;
    let agent = UserAgent::of(logged.raw_user_agent.get().unwrap_or_default());
    let is_browser = agent.interface == Interface::Console;
    let browser = known(&logged.browser)
        .map(|name| Cow::Owned(name.to_lowercase()))
        .or(agent.client.product.clone().filter(|_| is_browser));
    match browser {
        Some(family) => {
            let client = Client {
                family,
                product: system(&logged.os).map(Cow::Borrowed),
                major: None,
            };
            (client, Interface::Console)
        }
        None => (agent.client, agent.interface),
    }
}

fn system(os: &Text<'_>) -> Option<&'static str> {
    let os = os.get()?.to_lowercase();
    SYSTEMS
        .iter()
        .find(|(start, _)| os.starts_with(start))
        .map(|(_, family)| *family)
}
