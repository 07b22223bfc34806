//! A call: its request and its response, or what is left of the two.

use std::borrow::Cow;

use smallvec::{SmallVec, smallvec};

use super::actor;
use super::alias;
use super::entry::{Auth, Entry, Operation};
use super::outcome::outcome;
use super::pairing::Half;
use super::route::Route;
use super::semantics::Meaning;
use crate::event::{
    Action, Credential, CredentialKind, Edge, EdgeKind, Event, Flags, Interface, Mfa, Origin,
    Outcome, Resource, Source, Ties,
};
use crate::ingest::net::Network;
use crate::ingest::user_agent::UserAgent;

/// One call: both of its lines, or the one that was found.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The request, unless only the response was found.
    first: Half,
    second: Option<Half>,
}

impl Exchange {
    /// The call of two lines of different sides, in either order.
    pub(super) fn of(one: Half, other: Half) -> Self {
        let (first, second) = if one.is_response {
            (other, one)
        } else {
            (one, other)
        };
        Self {
            first,
            second: Some(second),
        }
    }

    /// The call of which only one line was found.
    #[must_use]
    pub fn from_half(entry: impl Into<Half>) -> Self {
        Self {
            first: entry.into(),
            second: None,
        }
    }

    /// How many records it was made from.
    #[must_use]
    pub fn n_records(&self) -> u32 {
        if self.second.is_some() { 2 } else { 1 }
    }

    /// The event: at the request's time, with the outcome of both lines, and
    /// with the identity that the response to a login names.
    #[must_use]
    pub fn event(&self) -> Event<'_> {
        let route = Route::of(self.lines());
        let operation = self.first.request.operation;
        let meaning = Meaning::of(route.grammar(), route.rest, operation);
        let is_read = operation.0 == "read" && !meaning.is_login();
        let (outcome, code) = outcome(self.lines(), meaning.is_login(), is_read);
        let auth = self.auth(&route, &meaning);
        let method = route.service.strip_prefix("auth/");
        let method = method.filter(|_| meaning.is_login());
        Event {
            source: Source::Vault,
            native_id: Cow::Borrowed(self.first.request_id()),
            time: self.first.time,
            tenant: Cow::Borrowed(&self.first.cluster),
            region: route.namespace.map(Cow::Borrowed),
            actor: actor::actor(&self.first.cluster, auth, method),
            via: None,
            action: Action {
                name: meaning.name(&route.service, operation).into(),
                verb: meaning.verb(operation),
                sensitive: meaning.sensitive,
                service: route.service.clone(),
            },
            resources: smallvec![resource(&route, &meaning)],
            resources_total: self.n_resources(operation),
            outcome,
            outcome_code: code.map(Cow::Borrowed),
            origin: self.origin(&meaning),
            mfa: self.mfa(&route, outcome),
            credential: credential(auth),
            session: None,
            edges: edges(&route, &meaning, auth),
            ties: Ties {
                aliases: alias::aliases(auth, method.map(|method| (method, route.mount))),
                ..self.ties(&route, &meaning)
            },
            minted: None,
            bytes_out: None,
            flags: self.flags(),
            provenance: self.first.provenance,
            n_records: self.n_records(),
        }
    }

    fn lines(&self) -> impl Iterator<Item = &Entry> + Clone {
        std::iter::once(&*self.first).chain(self.second.as_deref())
    }

    /// The token that stands for the actor: the new one after a login, else
    /// the one presented. A failed login has none, whatever name was typed. A
    /// login may come out of a wrapping, where the token presented is good for
    /// the unwrapping only and names nobody.
    fn auth(&self, route: &Route<'_>, meaning: &Meaning) -> Option<&Auth> {
        let issued = || self.lines().find_map(|entry| entry.issued.as_ref());
        let presented = || {
            let presented = self.lines().map(|entry| &entry.auth);
            presented.into_iter().find(|auth| auth.is_somebody())
        };
        let is_unwrapped = route.service == "sys" && route.rest == "wrapping/unwrap";
        if meaning.is_login() {
            issued().or_else(presented)
        } else if is_unwrapped {
            presented()
                .filter(|auth| auth.is_named())
                .or_else(issued)
                .or_else(presented)
        } else {
            presented()
        }
    }

    fn flags(&self) -> Flags {
        if self.lines().any(|entry| entry.is_cut) {
            Flags::TRUNCATED
        } else {
            Flags::none()
        }
    }

    /// What the history has to decide on.
    fn ties<'e>(&'e self, route: &Route<'e>, meaning: &Meaning) -> Ties<'e> {
        let forwarded = self
            .lines()
            .find_map(|entry| entry.request.forwarded_for.as_deref());
        let network =
            forwarded.map(|address| Network::of(address.into(), &self.first.cluster, None));
        let plain = || {
            path(
                route,
                route.rest,
                n_shown(route, meaning).min(SCOPE_SEGMENTS),
            )
        };
        Ties {
            mount: route.mount_tie(plain),
            forwarded: network.and_then(|network| network.value),
            ..Ties::default()
        }
    }

    /// A list touches what it lists.
    fn n_resources(&self, operation: Operation) -> u32 {
        let n_listed = self.lines().find_map(|entry| entry.payload.n_keys);
        let is_list = matches!(operation.0, "list" | "scan");
        n_listed.filter(|_| is_list).unwrap_or(1)
    }

    fn origin(&self, meaning: &Meaning) -> Origin<'_> {
        let requests = || self.lines().map(|entry| &entry.request);
        let address = requests().find_map(|request| request.remote_address.as_deref());
        let agent = requests().find_map(|request| request.user_agent.as_deref());
        let network = address.map_or_else(Network::default, |address| {
            Network::of(address.into(), &self.first.cluster, None)
        });
        Origin {
            address: network.address,
            net_kind: network.kind,
            network: network.value,
            country: None,
            client: UserAgent::of(agent.unwrap_or_default()).client,
            interface: if meaning.is_login() {
                Interface::Login
            } else {
                Interface::Api
            },
        }
    }

    fn mfa(&self, route: &Route<'_>, outcome: Outcome) -> Mfa {
        let is_validation = route.service == "sys" && route.rest == "mfa/validate";
        let has_token = self.lines().any(|entry| entry.issued.is_some());
        if is_validation && has_token && outcome == Outcome::Success {
            Mfa::Yes
        } else {
            Mfa::Unknown
        }
    }
}

fn credential(auth: Option<&Auth>) -> Credential<'_> {
    auth.map_or_else(Credential::default, |auth| Credential {
        kind: CredentialKind::VaultToken,
        id: auth.accessor.as_deref().map(Cow::Borrowed),
        // Only root tokens never expire.
        is_long_lived: auth.is_root,
    })
}

/// How many segments of a name are learned.
const SCOPE_SEGMENTS: usize = 2;

/// The path, as far as it names a thing. What stands behind the verb of a
/// login was typed, and behind that of a token operation may be a token.
fn resource<'e>(route: &Route<'_>, meaning: &Meaning) -> Resource<'e> {
    let n_shown = n_shown(route, meaning);
    Resource {
        kind: format!("vault:{}", route.service).into(),
        id: path(route, route.rest, n_shown).into(),
        scope: path(route, route.name(), n_shown.min(SCOPE_SEGMENTS)).into(),
    }
}

/// How many segments behind the mount may be shown.
fn n_shown(route: &Route<'_>, meaning: &Meaning) -> usize {
    let has_typed_text = meaning.is_login() || route.service == "auth/token";
    match has_typed_text {
        true if meaning.edge.is_none() => meaning.n_literal_segments(),
        _ => usize::MAX,
    }
}

/// Mount and the first segments of `rest` behind its namespace.
fn path(route: &Route<'_>, rest: &str, n_segments: usize) -> String {
    let segments = rest.split('/').filter(|segment| !segment.is_empty());
    let segments = segments.take(n_segments).map(without_token);
    let path: SmallVec<[&str; 8]> = std::iter::once(route.mount).chain(segments).collect();
    route.qualified(&path.join("/"))
}

/// A segment that is no token; clients put tokens into paths by mistake.
fn without_token(segment: &str) -> &str {
    const PREFIXES: [&str; 6] = ["hvs.", "hvb.", "hvr.", "s.", "b.", "r."];
    let is_token = |prefix: &&str| {
        segment.strip_prefix(*prefix).is_some_and(|tail| {
            tail.len() >= 20
                && tail
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        })
    };
    if PREFIXES.iter().any(is_token) {
        "{token}"
    } else {
        segment
    }
}

/// What the action's row relates to, and the role that a login takes on. A
/// credential for the role that one acts as is no relation: it is rotated.
fn edges<'e>(route: &Route<'_>, meaning: &Meaning, auth: Option<&Auth>) -> SmallVec<[Edge<'e>; 1]> {
    let mut edges = SmallVec::new();
    let metadata = auth.map(|auth| &auth.metadata);
    let role = metadata.and_then(|m| m.role_name.as_deref().or(m.role.as_deref()));
    // Only AppRole names its roles so.
    let own = metadata.and_then(|m| m.role_name.as_deref());
    let is_own = |subject: &str| own.is_some() && subject.strip_prefix("role/") == own;
    if let (Some(kind), Some(subject)) = (meaning.edge, meaning.subject(route.rest))
        && !(kind == EdgeKind::Mint && is_own(subject))
    {
        let target = route.qualified(&format!("{}/{subject}", route.mount));
        edges.push(Edge {
            kind,
            target: target.into(),
        });
    }
    if let Some(role) = role.filter(|_| meaning.is_login()) {
        let target = route.qualified(&format!("{}/role/{role}", route.mount));
        edges.push(Edge {
            kind: EdgeKind::Assume,
            target: target.into(),
        });
    }
    edges
}
