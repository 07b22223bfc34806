//! Normalised events: records of the schema `habitual.event/1`, as `inspect
//! --dump-events` writes them, read back as the events that they were.
//!
//! A dump is input like any other. It can claim whatever a log can claim, but
//! no more: its identity keys must be made like those of its product, without
//! the delimiters that only this program puts there.

mod shape;

use std::borrow::Cow;

use super::coverage::SkipReason;
use super::members::{member, members};
use super::record::{Context, Notes};
use super::text::skip_reason;
use crate::event::{
    Action, Actor, Alias, AliasKind, Class, Client, Credential, CredentialKind, Edge, EdgeKind,
    Event, Flags, Interface, KeyBasis, Mfa, Minted, Mount, NetKind, Origin, Outcome, Resource,
    Sensitive, Session, Source, Subject, Ties, Timestamp, Verb,
};

use shape::{ActorShape, AliasShape, Exact, MintedShape, MountShape, Shape, TiesShape};

/// The value of `schema` in such records.
pub(super) const SCHEMA: &str = "habitual.event/1";

/// How many resources, and how many relations, of one event are kept.
const MAX_KEPT: usize = 64;

/// Objects whose fields are columns in Parquet: `actor_key` is `key` of
/// `actor`.
const GROUPS: [&str; 5] = ["actor", "net", "ua", "credential", "origin"];

/// What the identity keys of a product begin with.
const PREFIXES: [(Source, &str); 4] = [
    (Source::CloudTrail, "aws:"),
    (Source::Okta, "okta:"),
    (Source::Vault, "vault:"),
    (Source::Generic, "generic:"),
];

/// The record with its columns put into the objects that they were taken from.
pub(super) fn nested(text: &str) -> Cow<'_, str> {
    if member(text, "actor").is_some() {
        return Cow::Borrowed(text);
    }
    let mut groups = [const { String::new() }; GROUPS.len()];
    let mut whole = String::with_capacity(text.len().saturating_add(64));
    for member in members(text) {
        let inner = GROUPS.iter().zip(&mut groups).find_map(|(name, group)| {
            let field = member.key.strip_prefix(name)?.strip_prefix('_')?;
            Some((group, field))
        });
        let (object, name) = inner.unwrap_or((&mut whole, member.key));
        add(object, name, member.value);
    }
    for (name, group) in GROUPS.iter().zip(&groups) {
        add(&mut whole, name, &format!("{{{group}}}"));
    }
    Cow::Owned(format!("{{{whole}}}"))
}

/// Adds a member to an object without its braces.
fn add(object: &mut String, key: &str, value: &str) {
    if !object.is_empty() {
        object.push(',');
    }
    object.push('"');
    object.push_str(key);
    object.push_str("\":");
    object.push_str(value);
}

/// Turns the JSON text of a normalised event into the event.
///
/// # Errors
///
/// The reason why the record is no event.
pub(super) fn parse<'a>(
    record: &'a str,
    context: &mut Context<'_>,
) -> Result<Event<'a>, SkipReason> {
    let shape: Shape<'a> = serde_json::from_str(record).map_err(|error| skip_reason(&error))?;
    let source = Source::ALL
        .into_iter()
        .find(|source| shape.source.get() == Some(source.name()))
        .ok_or(SkipReason::UnknownType)?;
    let time = time(&shape)?;
    let Some(action) = shape.action.cloned().filter(|name| !name.is_empty()) else {
        return Err(SkipReason::NoAction);
    };
    let notes = &mut *context.notes;
    let actor = actor(&shape.actor.value, source, notes)?;
    let mut words = Words(notes);
    Ok(Event {
        source,
        native_id: shape.native_id.or_empty(),
        time,
        tenant: shape.tenant.or_empty(),
        region: shape.region.cloned(),
        actor,
        via: shape.via.cloned(),
        action: Action {
            service: shape.service.or_empty(),
            name: action,
            verb: words.one(
                &shape.verb,
                "event.verb",
                &Verb::ALL,
                Verb::name,
                Verb::Other,
            ),
            sensitive: words.some(
                &shape.sensitive,
                "event.sensitive",
                &Sensitive::ALL,
                Sensitive::name,
            ),
        },
        resources: resources(&shape),
        resources_total: shape
            .resources_total
            .0
            .map_or(0, |n| u32::try_from(n).unwrap_or(u32::MAX)),
        outcome: words.one(
            &shape.outcome,
            "event.outcome",
            &Outcome::ALL,
            Outcome::name,
            Outcome::Unknown,
        ),
        outcome_code: shape.outcome_code.cloned(),
        origin: origin(&shape, &mut words),
        mfa: words.one(&shape.mfa, "event.mfa", &Mfa::ALL, Mfa::name, Mfa::Unknown),
        credential: credential(&shape, &mut words),
        session: shape.session.cloned(),
        edges: edges(&shape, &mut words),
        bytes_out: shape.bytes_out.0,
        minted: minted(&shape.minted.value, source),
        ties: ties(&shape.ties.value, source, &mut *words.0),
        flags: flags(&shape, &mut words),
        provenance: context.provenance,
        // One record tells it now, however many did once.
        n_records: 1,
    })
}

/// What the call issued; the role is an identity like any other.
fn minted<'a>(shape: &MintedShape<'a>, source: Source) -> Option<Minted<'a>> {
    let role = shape.role.cloned().filter(|role| is_key_of(source, role))?;
    let credential = shape.credential.cloned()?;
    Some(Minted { role, credential })
}

fn ties<'a>(shape: &TiesShape<'a>, source: Source, notes: &mut Notes) -> Ties<'a> {
    let subjects = shape.subjects.0.iter().take(MAX_KEPT);
    Ties {
        transaction: shape.transaction.cloned(),
        // One that is not made as it must be is nobody's timeline.
        subjects: subjects
            .filter_map(|subject| {
                let actor = actor(subject, source, notes).ok()?;
                Some(Subject {
                    key: actor.key,
                    display: actor.display,
                    basis: actor.basis,
                    class: actor.class,
                    class_confidence: actor.class_confidence,
                })
            })
            .collect(),
        mount: mount(&shape.mount.value, notes),
        forwarded: shape.forwarded.cloned(),
        aliases: shape
            .aliases
            .0
            .iter()
            .filter_map(alias)
            .take(MAX_KEPT)
            .collect(),
    }
}

fn alias<'a>(shape: &AliasShape<'a>) -> Option<Alias<'a>> {
    let kind = AliasKind::ALL
        .into_iter()
        .find(|kind| shape.kind.get() == Some(kind.name()))?;
    let name = shape.name.cloned()?;
    Some(Alias { kind, name })
}

fn mount<'a>(shape: &MountShape<'a>, notes: &mut Notes) -> Option<Mount<'a>> {
    let path = shape.path.or_empty();
    match shape.kind.get()? {
        "login" => Some(Mount::Login {
            path,
            class: Words(notes).one(
                &shape.class,
                "event.ties.mount.class",
                &Class::ALL,
                Class::name,
                Class::Unknown,
            ),
            class_confidence: percent(shape.class_confidence.get().unwrap_or_default()),
        }),
        "store" => Some(Mount::Store {
            path,
            plain_scope: shape.plain_scope.cloned(),
        }),
        _ => {
            notes.unknown("event.ties.mount.kind");
            None
        }
    }
}

fn time(shape: &Shape<'_>) -> Result<Timestamp, SkipReason> {
    let time = shape.time.0.ok_or(SkipReason::NoTime)?;
    time.plausible().ok_or(SkipReason::ImplausibleTime)
}

fn actor<'a>(
    shape: &ActorShape<'a>,
    source: Source,
    notes: &mut Notes,
) -> Result<Actor<'a>, SkipReason> {
    let key = shape.key.or_empty();
    if !is_key_of(source, &key) {
        return Err(SkipReason::Malformed);
    }
    let mut words = Words(notes);
    Ok(Actor {
        key,
        display: shape.display.or_empty(),
        class: words.one(
            &shape.class,
            "event.actor.class",
            &Class::ALL,
            Class::name,
            Class::Unknown,
        ),
        class_confidence: percent(shape.class_confidence.get().unwrap_or_default()),
        basis: words.one(
            &shape.key_basis,
            "event.actor.key_basis",
            &KeyBasis::ALL,
            KeyBasis::name,
            KeyBasis::Unresolved,
        ),
        sub: shape.sub.cloned(),
        native: shape.native.cloned(),
        session: shape.session_name.cloned().map(|name| Session {
            name,
            is_email: shape.session_is_email.is_true(),
        }),
    })
}

/// Whether `key` is an identity key as the parser of `source` makes them:
/// every component encoded, none of the delimiters that later stages add.
fn is_key_of(source: Source, key: &str) -> bool {
    let mut prefixes = PREFIXES.iter();
    let has_prefix = prefixes.any(|(of, prefix)| *of == source && key.starts_with(prefix));
    let mut parts = key.split('%');
    let is_plain = |part: &str| !part.contains(|c: char| c == '#' || c.is_control());
    let is_encoded = |part: &str| {
        let hex = part.as_bytes().first_chunk::<2>();
        hex.is_some_and(|hex| hex.iter().all(|b| matches!(b, b'0'..=b'9' | b'A'..=b'F')))
    };
    has_prefix
        && parts.next().is_some_and(is_plain)
        && parts.all(|part| is_plain(part) && is_encoded(part))
}

/// `95` of `0.95`.
fn percent(text: &str) -> u8 {
    match text.split_once('.') {
        Some(("0", digits)) => {
            let tens = format!("{digits:0<2}");
            tens.get(..2).and_then(|two| two.parse().ok()).unwrap_or(0)
        }
        _ if text.starts_with('1') => 100,
        _ => 0,
    }
}

fn resources<'a>(shape: &Shape<'a>) -> smallvec::SmallVec<[Resource<'a>; 2]> {
    let resources = shape.resources.0.iter().take(MAX_KEPT);
    resources
        .map(|resource| Resource {
            kind: resource.kind.or_empty(),
            id: resource.id.or_empty(),
            scope: resource.scope.or_empty(),
        })
        .collect()
}

fn edges<'a>(shape: &Shape<'a>, words: &mut Words<'_>) -> smallvec::SmallVec<[Edge<'a>; 1]> {
    let edges = shape.edges.0.iter().take(MAX_KEPT);
    edges
        .filter_map(|edge| {
            let kind = words.some(
                &edge.kind,
                "event.edges.kind",
                &EdgeKind::ALL,
                EdgeKind::name,
            )?;
            let target = edge.target.or_empty();
            Some(Edge { kind, target })
        })
        .collect()
}

fn origin<'a>(shape: &Shape<'a>, words: &mut Words<'_>) -> Origin<'a> {
    let (net, client) = (&shape.net.value, &shape.ua.value);
    Origin {
        address: net.addr.cloned(),
        net_kind: words.one(
            &net.kind,
            "event.net.kind",
            &NetKind::ALL,
            NetKind::name,
            NetKind::None,
        ),
        network: net.network.cloned(),
        country: net.country.cloned(),
        client: Client {
            family: client.family.or_empty(),
            product: client.product.cloned(),
            major: client.version.get().and_then(|major| major.parse().ok()),
        },
        interface: words.one(
            &shape.interface,
            "event.interface",
            &Interface::ALL,
            Interface::name,
            Interface::Api,
        ),
    }
}

fn credential<'a>(shape: &Shape<'a>, words: &mut Words<'_>) -> Credential<'a> {
    let credential = &shape.credential.value;
    Credential {
        kind: words.one(
            &credential.kind,
            "event.credential.kind",
            &CredentialKind::ALL,
            CredentialKind::name,
            CredentialKind::Unknown,
        ),
        id: credential.id.cloned(),
        is_long_lived: credential.long_lived.is_true(),
    }
}

fn flags(shape: &Shape<'_>, words: &mut Words<'_>) -> Flags {
    let named = shape.flags.0.iter().filter_map(|name| {
        let name = Exact::from(&**name);
        words.some(&name, "event.flags", &Flags::NAMED, |(_, name)| name)
    });
    named.fold(Flags::none(), |flags, (flag, _)| flags.with(flag))
}

/// Words of closed vocabularies; unknown ones are counted.
struct Words<'n>(&'n mut Notes);

impl Words<'_> {
    /// The value that `word` names.
    fn some<T: Copy>(
        &mut self,
        word: &Exact<'_>,
        label: &'static str,
        all: &[T],
        name: fn(T) -> &'static str,
    ) -> Option<T> {
        let word = word.get()?;
        let found = all.iter().find(|value| name(**value) == word).copied();
        if found.is_none() {
            self.0.unknown(label);
        }
        found
    }

    /// The value that `word` names, or `other`.
    fn one<T: Copy>(
        &mut self,
        word: &Exact<'_>,
        label: &'static str,
        all: &[T],
        name: fn(T) -> &'static str,
        other: T,
    ) -> T {
        self.some(word, label, all, name).unwrap_or(other)
    }
}

#[cfg(test)]
mod tests;
