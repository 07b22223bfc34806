//! One event as a line of JSON.

use std::fmt;

use anyhow::Context as _;
use serde::Serialize;

use crate::event::{Alias, Edge, Event, Flags, Minted, Mount, Provenance, Resource, Subject, Ties};
use crate::report::sanitize::{exact, json_document};

/// The schema, as every line names it.
pub(super) const SCHEMA: &str = "habitual.event/1";

/// An event in its final form: what it says, and which record says it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'l> {
    /// A JSON object without its closing brace.
    pub(super) body: &'l str,
    /// Which record told it.
    pub(super) origin: Provenance,
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Provenance { file, record } = self.origin;
        let body = self.body;
        write!(
            f,
            r#"{body},"origin":{{"file_index":{file},"record_index":{record}}}}}"#
        )
    }
}

/// Everything that `event` says, except where it was read.
pub(super) fn body_of(event: &Event<'_>) -> anyhow::Result<String> {
    let json = serde_json::to_string(&Shape::of(event)).context("encoding an event")?;
    let json = json_document(&json);
    Ok(json.strip_suffix('}').unwrap_or(&json).to_owned())
}

/// Text on its way out, secrets redacted.
struct Text<'a>(&'a str);

impl Serialize for Text<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&exact(self.0))
    }
}

/// A text that may be absent.
fn some<T: AsRef<str>>(text: Option<&T>) -> Option<Text<'_>> {
    text.map(|text| Text(text.as_ref()))
}

#[derive(Serialize)]
struct Shape<'a> {
    schema: &'static str,
    source: &'static str,
    native_id: Text<'a>,
    time: String,
    tenant: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Text<'a>>,
    actor: ActorShape<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    via: Option<Text<'a>>,
    action: Text<'a>,
    service: Text<'a>,
    verb: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sensitive: Option<&'static str>,
    resources: Vec<ResourceShape<'a>>,
    resources_total: u32,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome_code: Option<Text<'a>>,
    net: NetShape<'a>,
    ua: ClientShape<'a>,
    interface: &'static str,
    mfa: &'static str,
    credential: CredentialShape<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<Text<'a>>,
    edges: Vec<EdgeShape<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes_out: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    minted: Option<MintedShape<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ties: Option<TiesShape<'a>>,
    flags: Vec<&'static str>,
    n_records: u32,
}

impl<'a> Shape<'a> {
    /// Names every field, so that none can be forgotten.
    fn of(event: &'a Event<'_>) -> Self {
        let Event {
            source,
            native_id,
            time,
            tenant,
            region,
            actor,
            via,
            action,
            resources,
            resources_total,
            outcome,
            outcome_code,
            origin,
            mfa,
            credential,
            session,
            edges,
            bytes_out,
            ties,
            minted,
            flags,
            provenance: _,
            n_records,
        } = event;
        Self {
            schema: SCHEMA,
            source: source.name(),
            native_id: Text(native_id),
            time: time.rfc3339(),
            tenant: Text(tenant),
            region: some(region.as_ref()),
            actor: ActorShape::of(actor),
            via: some(via.as_ref()),
            action: Text(&action.name),
            service: Text(&action.service),
            verb: action.verb.name(),
            sensitive: action.sensitive.map(crate::event::Sensitive::name),
            resources: resources.iter().map(ResourceShape::of).collect(),
            resources_total: *resources_total,
            outcome: outcome.name(),
            outcome_code: some(outcome_code.as_ref()),
            net: NetShape::of(origin),
            ua: ClientShape::of(&origin.client),
            interface: origin.interface.name(),
            mfa: mfa.name(),
            credential: CredentialShape {
                kind: credential.kind.name(),
                id: some(credential.id.as_ref()),
                long_lived: credential.is_long_lived,
            },
            session: some(session.as_ref()),
            edges: edges.iter().map(EdgeShape::of).collect(),
            bytes_out: *bytes_out,
            minted: minted.as_ref().map(MintedShape::of),
            ties: (*ties != Ties::default()).then(|| TiesShape::of(ties)),
            flags: names_of(*flags),
            n_records: *n_records,
        }
    }
}

fn names_of(flags: Flags) -> Vec<&'static str> {
    let set = Flags::NAMED.iter().filter(|(flag, _)| flags.has(*flag));
    set.map(|(_, name)| *name).collect()
}

#[derive(Serialize)]
struct ActorShape<'a> {
    key: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<Text<'a>>,
    class: &'static str,
    class_confidence: f64,
    key_basis: &'static str,
    display: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    native: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_name: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_is_email: Option<bool>,
}

impl<'a> ActorShape<'a> {
    fn of(actor: &'a crate::event::Actor<'_>) -> Self {
        let crate::event::Actor {
            key,
            display,
            class,
            class_confidence,
            basis,
            sub,
            native,
            session,
        } = actor;
        Self {
            key: Text(key),
            sub: some(sub.as_ref()),
            class: class.name(),
            class_confidence: f64::from(*class_confidence) / 100.0,
            key_basis: basis.name(),
            display: Text(display),
            native: some(native.as_ref()),
            session_name: session.as_ref().map(|session| Text(&session.name)),
            session_is_email: session.as_ref().map(|session| session.is_email),
        }
    }
}

#[derive(Serialize)]
struct ResourceShape<'a> {
    kind: Text<'a>,
    id: Text<'a>,
    scope: Text<'a>,
}

impl<'a> ResourceShape<'a> {
    fn of(resource: &'a Resource<'_>) -> Self {
        let Resource { kind, id, scope } = resource;
        Self {
            kind: Text(kind),
            id: Text(id),
            scope: Text(scope),
        }
    }
}

#[derive(Serialize)]
struct EdgeShape<'a> {
    kind: &'static str,
    target: Text<'a>,
}

impl<'a> EdgeShape<'a> {
    fn of(edge: &'a Edge<'_>) -> Self {
        let Edge { kind, target } = edge;
        Self {
            kind: kind.name(),
            target: Text(target),
        }
    }
}

#[derive(Serialize)]
struct NetShape<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    addr: Option<Text<'a>>,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    network: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<Text<'a>>,
}

impl<'a> NetShape<'a> {
    fn of(origin: &'a crate::event::Origin<'_>) -> Self {
        let crate::event::Origin {
            address,
            net_kind,
            network,
            country,
            client: _,
            interface: _,
        } = origin;
        Self {
            addr: some(address.as_ref()),
            kind: net_kind.name(),
            network: some(network.as_ref()),
            country: some(country.as_ref()),
        }
    }
}

#[derive(Serialize)]
struct ClientShape<'a> {
    family: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    product: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
}

impl<'a> ClientShape<'a> {
    fn of(client: &'a crate::event::Client<'_>) -> Self {
        let crate::event::Client {
            family,
            product,
            major,
        } = client;
        Self {
            family: Text(family),
            product: some(product.as_ref()),
            version: major.map(|major| major.to_string()),
        }
    }
}

#[derive(Serialize)]
struct CredentialShape<'a> {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Text<'a>>,
    long_lived: bool,
}

#[derive(Serialize)]
struct MintedShape<'a> {
    role: Text<'a>,
    credential: Text<'a>,
}

impl<'a> MintedShape<'a> {
    fn of(minted: &'a Minted<'_>) -> Self {
        let Minted { role, credential } = minted;
        Self {
            role: Text(role),
            credential: Text(credential),
        }
    }
}

#[derive(Serialize)]
struct TiesShape<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    subjects: Vec<SubjectShape<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mount: Option<MountShape<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    forwarded: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    aliases: Vec<AliasShape<'a>>,
}

impl<'a> TiesShape<'a> {
    fn of(ties: &'a Ties<'_>) -> Self {
        let Ties {
            transaction,
            subjects,
            mount,
            forwarded,
            aliases,
        } = ties;
        Self {
            transaction: some(transaction.as_ref()),
            subjects: subjects.iter().map(SubjectShape::of).collect(),
            mount: mount.as_ref().map(MountShape::of),
            forwarded: some(forwarded.as_ref()),
            aliases: aliases.iter().map(AliasShape::of).collect(),
        }
    }
}

#[derive(Serialize)]
struct AliasShape<'a> {
    kind: &'static str,
    name: Text<'a>,
}

impl<'a> AliasShape<'a> {
    fn of(alias: &'a Alias<'_>) -> Self {
        let Alias { kind, name } = alias;
        Self {
            kind: kind.name(),
            name: Text(name),
        }
    }
}

#[derive(Serialize)]
struct SubjectShape<'a> {
    key: Text<'a>,
    class: &'static str,
    class_confidence: f64,
    key_basis: &'static str,
    display: Text<'a>,
}

impl<'a> SubjectShape<'a> {
    fn of(subject: &'a Subject<'_>) -> Self {
        let Subject {
            key,
            display,
            basis,
            class,
            class_confidence,
        } = subject;
        Self {
            key: Text(key),
            class: class.name(),
            class_confidence: f64::from(*class_confidence) / 100.0,
            key_basis: basis.name(),
            display: Text(display),
        }
    }
}

#[derive(Serialize)]
struct MountShape<'a> {
    kind: &'static str,
    path: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    class_confidence: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plain_scope: Option<Text<'a>>,
}

impl<'a> MountShape<'a> {
    fn of(mount: &'a Mount<'_>) -> Self {
        match mount {
            Mount::Login {
                path,
                class,
                class_confidence,
            } => Self {
                kind: "login",
                path: Text(path),
                class: Some(class.name()),
                class_confidence: Some(f64::from(*class_confidence) / 100.0),
                plain_scope: None,
            },
            Mount::Store { path, plain_scope } => Self {
                kind: "store",
                path: Text(path),
                class: None,
                class_confidence: None,
                plain_scope: some(plain_scope.as_ref()),
            },
        }
    }
}
