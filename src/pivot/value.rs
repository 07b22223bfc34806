//! The values of an event that one can pivot on, or that say what was done.

use std::borrow::Cow;

use super::name;
use super::target::Kind;
use crate::event::{Client, EdgeKind, Event};

/// What kind of value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// Who acted.
    Identity,
    /// The source address.
    Ip,
    /// The calling program.
    Client,
    /// The public id of the credential that was presented.
    Key,
    /// The public id of a credential that the call issued.
    IssuedKey,
    /// The product's session.
    Session,
    /// A role that acted or was taken on.
    Role,
    /// What was attempted.
    Action,
    /// What it was attempted on.
    Resource,
}

impl Dimension {
    /// Every dimension, in display order.
    pub const ALL: [Self; 9] = [
        Self::Identity,
        Self::Ip,
        Self::Client,
        Self::Key,
        Self::IssuedKey,
        Self::Session,
        Self::Role,
        Self::Action,
        Self::Resource,
    ];

    /// The lower-case name used in machine output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Ip => "ip",
            Self::Client => "client",
            Self::Key => "key",
            Self::IssuedKey => "issued_key",
            Self::Session => "session",
            Self::Role => "role",
            Self::Action => "action",
            Self::Resource => "resource",
        }
    }

    /// What a value of it is looked for as; `None` where nobody would pivot on
    /// it.
    #[must_use]
    pub fn kind(self) -> Option<Kind> {
        match self {
            Self::Identity => Some(Kind::Identity),
            Self::Ip => Some(Kind::Ip),
            Self::Key | Self::IssuedKey => Some(Kind::Key),
            Self::Session => Some(Kind::Session),
            Self::Role => Some(Kind::Role),
            Self::Resource => Some(Kind::Resource),
            Self::Client | Self::Action => None,
        }
    }

    /// A key issued is the key used later, so both are one thing to whoever
    /// asks whether it was seen before.
    pub(super) fn seed(self) -> u64 {
        match self {
            Self::Identity => 1,
            Self::Ip => 2,
            Self::Client => 3,
            Self::Key | Self::IssuedKey => 4,
            Self::Session => 5,
            Self::Role => 6,
            Self::Action => 7,
            Self::Resource => 8,
        }
    }
}

/// Gives every value of `event` to `take`: dimension, value, and what people
/// call it. An event may hold a value more than once.
pub fn each_value(event: &Event<'_>, take: &mut dyn FnMut(Dimension, &str, &str)) {
    let actor = &event.actor;
    take(Dimension::Identity, &actor.key, &name::readable(actor));
    take(Dimension::Action, &event.action.name, &event.action.name);
    let origin = &event.origin;
    let address = origin.address.as_deref().or(origin.network.as_deref());
    let key = event.credential.id.as_deref();
    let issued = event.minted.as_ref().map(|m| m.credential.as_ref());
    // A temporary key names its session by itself.
    let session = event.session.as_deref().filter(|id| Some(*id) != key);
    let single = [
        (Dimension::Ip, address),
        (Dimension::Key, key),
        (Dimension::IssuedKey, issued),
        (Dimension::Session, session),
    ];
    for (dimension, value) in single {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            take(dimension, value, value);
        }
    }
    let client = client(&origin.client);
    if !client.is_empty() {
        take(Dimension::Client, &client, &client);
    }
    for resource in &event.resources {
        if !resource.id.is_empty() {
            take(Dimension::Resource, &resource.id, &resource.id);
        }
    }
    each_role(event, &mut |role| take(Dimension::Role, role, role));
}

fn each_role(event: &Event<'_>, take: &mut dyn FnMut(&str)) {
    if let Some(role) = name::own_role(&event.actor) {
        take(&role);
    }
    for edge in &event.edges {
        if edge.kind == EdgeKind::Assume {
            take(&edge.target);
        }
    }
}

/// Program and major version: `sdk_go aws-sdk-go-v2 1`.
pub(super) fn client<'a>(client: &'a Client<'_>) -> Cow<'a, str> {
    if client.product.is_none() && client.major.is_none() {
        return Cow::Borrowed(&client.family);
    }
    let mut text = client.family.clone().into_owned();
    if let Some(product) = &client.product {
        text.push(' ');
        text.push_str(product);
    }
    if let Some(major) = client.major {
        text.push_str(&format!(" {major}"));
    }
    text.into()
}
