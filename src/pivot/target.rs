//! The thing that is pivoted on, and which events it touches.

use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;

use regex::Regex;
use sha2::{Digest, Sha256};

use super::name::{self, Role};
use crate::event::{EdgeKind, Event};

/// What kind of thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Who acted, or was acted on.
    Identity,
    /// Where a call came from.
    Ip,
    /// A credential, by its public id.
    Key,
    /// A session.
    Session,
    /// A role that acted or was taken on.
    Role,
    /// What was acted on.
    Resource,
}

impl Kind {
    /// Every kind, in the order in which they are listed.
    pub const ALL: [Self; 6] = [
        Self::Identity,
        Self::Ip,
        Self::Key,
        Self::Session,
        Self::Role,
        Self::Resource,
    ];

    /// The name of its flag, and in machine output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Ip => "ip",
            Self::Key => "key",
            Self::Session => "session",
            Self::Role => "role",
            Self::Resource => "resource",
        }
    }
}

/// One thing to pivot on.
#[derive(Clone, Debug)]
pub struct Target {
    /// What kind of thing.
    pub kind: Kind,
    /// The value in its normal form.
    pub value: String,
    /// Keys of further accounts of the same identities.
    pub accounts: BTreeSet<String>,
    matcher: Matcher,
}

#[derive(Clone, Debug)]
enum Matcher {
    /// The whole of a name, with `*` and `?`.
    Names(Regex),
    /// Addresses that begin with these bits.
    Net(IpAddr, u8),
    /// Exactly one of these.
    Words(Vec<String>),
}

impl Target {
    /// Reads a value as it was typed or logged.
    ///
    /// # Errors
    ///
    /// [`TargetError`], when there is nothing to look for.
    pub fn new(kind: Kind, value: &str) -> Result<Self, TargetError> {
        let value = value.trim();
        if value.is_empty() {
            return Err(TargetError::Empty);
        }
        let (value, matcher) = match kind {
            Kind::Identity => (value.to_owned(), Matcher::Names(glob(value, "(?is)")?)),
            Kind::Resource => (value.to_owned(), Matcher::Names(glob(value, "(?s)")?)),
            Kind::Ip => address(value)?,
            Kind::Key => key(value),
            Kind::Session | Kind::Role => (value.to_owned(), words([value.to_owned()])),
        };
        Ok(Self {
            kind,
            value,
            accounts: BTreeSet::new(),
            matcher,
        })
    }

    /// A value as an event holds it, where `*` is no pattern.
    #[must_use]
    pub fn exactly(kind: Kind, value: &str) -> Self {
        let (value, matcher) = match kind {
            Kind::Ip => address(value).ok(),
            Kind::Key => Some(key(value)),
            _ => None,
        }
        .unwrap_or_else(|| (value.to_owned(), words([value.to_owned()])));
        Self {
            kind,
            value,
            accounts: BTreeSet::new(),
            matcher,
        }
    }

    /// The same with further accounts of the identity, by their keys.
    #[must_use]
    pub fn with(self, accounts: BTreeSet<String>) -> Self {
        Self { accounts, ..self }
    }

    /// Whether the thing had a part in `event`.
    #[must_use]
    pub fn matches(&self, event: &Event<'_>) -> bool {
        match self.kind {
            Kind::Identity => self.is_identity(event),
            Kind::Ip => self.is_origin(event),
            Kind::Key => self.is_key(event),
            Kind::Session => self.is_session(event),
            Kind::Role => self.is_role(event),
            Kind::Resource => self.is_resource(event),
        }
    }

    /// Whether something of that name is meant.
    #[must_use]
    pub fn is(&self, text: &str) -> bool {
        match &self.matcher {
            Matcher::Names(regex) => regex.is_match(text),
            Matcher::Words(words) => words.iter().any(|word| word == text),
            Matcher::Net(..) => false,
        }
    }

    fn is_some(&self, text: Option<&str>) -> bool {
        text.is_some_and(|text| self.is(text))
    }

    fn is_identity(&self, event: &Event<'_>) -> bool {
        let actor = &event.actor;
        let subjects = &event.ties.subjects;
        let is_key = |key: &str| self.is(key) || self.accounts.contains(key);
        is_key(&actor.key)
            || self.is(&actor.display)
            || self.is_some(actor.native.as_deref())
            || name::is_role(actor) && self.is(&name::readable(actor))
            || name::of_session(actor).is_some_and(|names| names.iter().any(|n| self.is(n)))
            || subjects
                .iter()
                .any(|s| is_key(&s.key) || self.is(&s.display))
    }

    fn is_origin(&self, event: &Event<'_>) -> bool {
        let origin = &event.origin;
        if self.is_some(origin.network.as_deref()) || self.is_some(event.ties.forwarded.as_deref())
        {
            return true;
        }
        let Some(address) = origin.address.as_deref() else {
            return false;
        };
        match &self.matcher {
            Matcher::Net(net, n_bits) => address
                .parse()
                .is_ok_and(|address: IpAddr| is_inside(address.to_canonical(), *net, *n_bits)),
            _ => self.is(address),
        }
    }

    fn is_key(&self, event: &Event<'_>) -> bool {
        let issued = event.minted.as_ref().map(|m| m.credential.as_ref());
        let names = |id: &str| self.is(id) || id.rsplit('/').next().is_some_and(|id| self.is(id));
        self.is_some(event.credential.id.as_deref())
            || self.is_some(issued)
            || self.is_some(event.session.as_deref())
            || event.resources.iter().any(|resource| names(&resource.id))
    }

    fn is_session(&self, event: &Event<'_>) -> bool {
        let actor = &event.actor;
        let issued = event.minted.as_ref().map(|m| m.credential.as_ref());
        self.is_some(event.session.as_deref())
            || self.is_some(actor.session.as_ref().map(|session| session.name.as_ref()))
            || self.is_some(actor.sub.as_deref())
            || self.is_some(actor.native.as_deref())
            || self.is_some(event.credential.id.as_deref())
            || self.is_some(issued)
    }

    fn is_role(&self, event: &Event<'_>) -> bool {
        let actor = &event.actor;
        let issued = event.minted.as_ref().map(|m| m.role.as_ref());
        let unique_id = |key: &str| key.strip_prefix("aws:role:").is_some_and(|id| self.is(id));
        let wanted = Role::of(&self.value);
        let is_like = |text: &str| match (wanted, Role::of(text)) {
            (Some(wanted), Some(role)) => wanted.is_like(role),
            _ => false,
        };
        self.is(&actor.key)
            || unique_id(&actor.key)
            || self.is_some(issued)
            || issued.is_some_and(unique_id)
            || name::own_role(actor).is_some_and(|role| is_like(&role))
            || event.edges.iter().any(|edge| {
                edge.kind == EdgeKind::Assume && (self.is(&edge.target) || is_like(&edge.target))
            })
            || event
                .resources
                .iter()
                .any(|resource| resource.kind == "iam:role" && is_like(&resource.id))
    }

    fn is_resource(&self, event: &Event<'_>) -> bool {
        let is = |text: &str| self.is(text) || self.is(name::without_arn(text));
        let plain = name::without_arn(&self.value);
        let is_plain = |text: &str| plain != self.value && plain == text;
        let resources = &event.resources;
        resources
            .iter()
            .any(|r| is(&r.id) || is(&r.scope) || is_plain(&r.id))
            || event.edges.iter().any(|edge| is(&edge.target))
    }
}

/// All of a name: `*` stands for anything and `?` for one character.
fn glob(text: &str, flags: &str) -> Result<Regex, TargetError> {
    let regex = regex::escape(text).replace(r"\*", ".*").replace(r"\?", ".");
    Regex::new(&format!("{flags}^{regex}$")).map_err(|_| TargetError::TooLong)
}

fn words(words: impl Into<Vec<String>>) -> Matcher {
    Matcher::Words(words.into())
}

/// An address, a network in CIDR notation, or the name of a network.
fn address(text: &str) -> Result<(String, Matcher), TargetError> {
    let (address, n_bits) = match text.split_once('/') {
        Some((address, n_bits)) => (address, Some(n_bits)),
        None => (text, None),
    };
    let Ok(address) = address.parse::<IpAddr>() else {
        let named = network_name(text).ok_or(TargetError::Address)?;
        return Ok((named.clone(), words([named])));
    };
    let address = address.to_canonical();
    let n_all = if address.is_ipv4() { 32 } else { 128 };
    let n_bits = match n_bits {
        None => n_all,
        Some(text) => text
            .parse()
            .ok()
            .filter(|n| *n <= n_all)
            .ok_or(TargetError::Cidr)?,
    };
    let value = match n_bits {
        n if n == n_all => address.to_string(),
        n => format!("{address}/{n}"),
    };
    Ok((value, Matcher::Net(address, n_bits)))
}

/// What products log in place of an address: an autonomous system, an endpoint,
/// a private network, the host name of a service.
fn network_name(text: &str) -> Option<String> {
    let upper = text.to_ascii_uppercase();
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if upper.strip_prefix("AS").is_some_and(is_number) {
        return Some(upper);
    }
    let is_host = || {
        let (_, top) = text.rsplit_once('.')?;
        let is_part = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_');
        let is_top = top.len() > 1 && top.bytes().all(|b| b.is_ascii_alphabetic());
        (is_top && text.bytes().all(is_part)).then_some(())
    };
    let has_prefix = ["vpce-", "private/"].iter().any(|it| text.starts_with(it));
    (has_prefix || upper == "AWS INTERNAL" || is_host().is_some()).then(|| text.to_owned())
}

fn is_inside(address: IpAddr, net: IpAddr, n_bits: u8) -> bool {
    let bits = |address: IpAddr| match address {
        IpAddr::V4(v4) => u128::from(u32::from(v4)) << 96,
        IpAddr::V6(v6) => u128::from(v6),
    };
    let n_ignored = 128_u32.saturating_sub(n_bits.into());
    let differ = bits(address) ^ bits(net);
    address.is_ipv4() == net.is_ipv4() && differ.checked_shr(n_ignored).unwrap_or(0) == 0
}

const KEY_PREFIXES: [&str; 4] = ["AKIA", "ASIA", "ABIA", "ACCA"];
/// Digits of a hashed accessor that events keep.
const ACCESSOR_DIGITS: usize = 16;

/// A key under every name that events may know it by: as it is, and a token
/// accessor by the beginning of its hash.
fn key(text: &str) -> (String, Matcher) {
    let upper = text.to_ascii_uppercase();
    if KEY_PREFIXES.iter().any(|prefix| upper.starts_with(prefix)) {
        return (upper.clone(), words([upper]));
    }
    let hash = text.strip_prefix("hmac-sha256:").map(str::to_owned);
    let hash = hash.unwrap_or_else(|| {
        let hash = Sha256::digest(text.as_bytes());
        hash.iter().map(|byte| format!("{byte:02x}")).collect()
    });
    let hash = hash.chars().take(ACCESSOR_DIGITS).collect();
    (text.to_owned(), words([text.to_owned(), hash]))
}

/// Why a text is nothing to pivot on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetError {
    /// Nothing.
    Empty,
    /// A pattern that is too long to be compiled.
    TooLong,
    /// More bits than an address has.
    Cidr,
    /// No address, and nothing that is logged in place of one.
    Address,
}

impl fmt::Display for TargetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "write what to look for, as in alice or 'role/ci-*'",
            Self::TooLong => "the pattern is too long; write a part of the name and a *",
            Self::Cidr => "write an address or a network, as in 203.0.113.7 or 203.0.113.0/24",
            Self::Address => {
                "that is no address; write one, a network or its name, as in 203.0.113.7, \
                 203.0.113.0/24 or AS64500"
            }
        })
    }
}

impl std::error::Error for TargetError {}
