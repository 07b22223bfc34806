//! The fields of a normalised event, as they are written.

use std::borrow::Cow;

use serde::de::SeqAccess;
use serde::{Deserialize, Deserializer};

use crate::ingest::text::{Bool, Count, List, Loose, Nested, clip, read};
use crate::ingest::time::Time;

/// The longest text: a key of several components, each encoded.
const MAX_EXACT: usize = 16 << 10;

/// An optional text as it stands: unlike those of logs, no word in it means
/// nothing. Numbers and booleans read as their text.
#[derive(Clone, Debug, Default)]
pub(super) struct Exact<'a>(Option<Cow<'a, str>>);

impl<'a> Exact<'a> {
    /// The text, if any.
    pub(super) fn get(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// The text, if any, cheap to copy where it was borrowed.
    pub(super) fn cloned(&self) -> Option<Cow<'a, str>> {
        self.0.clone()
    }

    /// The text, or none.
    pub(super) fn or_empty(&self) -> Cow<'a, str> {
        self.cloned().unwrap_or_default()
    }
}

impl<'a> From<&'a str> for Exact<'a> {
    fn from(text: &'a str) -> Self {
        Self(Some(Cow::Borrowed(text)))
    }
}

impl<'de> Loose<'de> for Exact<'de> {
    fn scalar(text: Cow<'de, str>) -> Self {
        Self(Some(clip(text, MAX_EXACT)))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Exact<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        read::<D, Exact<'de>>(from)
    }
}

/// Short names: an array, or text that holds one.
#[derive(Clone, Debug, Default)]
pub(super) struct Names(pub(super) Vec<String>);

/// More names than there are flags.
const MAX_NAMES: usize = 64;

impl<'de> Loose<'de> for Names {
    fn scalar(text: Cow<'de, str>) -> Self {
        let mut reader = serde_json::Deserializer::from_reader(text.as_bytes());
        match text.starts_with('[') {
            true => Self::deserialize(&mut reader).unwrap_or_default(),
            false => Self::default(),
        }
    }

    fn array<A: SeqAccess<'de>>(mut seq: A) -> Result<Self, A::Error> {
        let mut names = Vec::new();
        while let Some(name) = seq.next_element::<Exact<'de>>()? {
            if let (Some(name), true) = (name.cloned(), names.len() < MAX_NAMES) {
                names.push(name.into_owned());
            }
        }
        Ok(Self(names))
    }
}

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        read(from)
    }
}

/// One normalised event.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Shape<'a> {
    #[serde(borrow)]
    pub(super) source: Exact<'a>,
    pub(super) native_id: Exact<'a>,
    pub(super) time: Time,
    pub(super) tenant: Exact<'a>,
    pub(super) region: Exact<'a>,
    pub(super) actor: Nested<ActorShape<'a>>,
    pub(super) via: Exact<'a>,
    pub(super) action: Exact<'a>,
    pub(super) service: Exact<'a>,
    pub(super) verb: Exact<'a>,
    pub(super) sensitive: Exact<'a>,
    pub(super) resources: List<ResourceShape<'a>>,
    pub(super) resources_total: Count,
    pub(super) outcome: Exact<'a>,
    pub(super) outcome_code: Exact<'a>,
    pub(super) net: Nested<NetShape<'a>>,
    pub(super) ua: Nested<ClientShape<'a>>,
    pub(super) interface: Exact<'a>,
    pub(super) mfa: Exact<'a>,
    pub(super) credential: Nested<CredentialShape<'a>>,
    pub(super) session: Exact<'a>,
    pub(super) edges: List<EdgeShape<'a>>,
    pub(super) bytes_out: Count,
    pub(super) minted: Nested<MintedShape<'a>>,
    pub(super) ties: Nested<TiesShape<'a>>,
    pub(super) flags: Names,
}

/// Credentials of a role that the call issued.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct MintedShape<'a> {
    #[serde(borrow)]
    pub(super) role: Exact<'a>,
    pub(super) credential: Exact<'a>,
}

/// What the event is tied to besides its actor.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TiesShape<'a> {
    #[serde(borrow)]
    pub(super) transaction: Exact<'a>,
    pub(super) subjects: List<ActorShape<'a>>,
    pub(super) mount: Nested<MountShape<'a>>,
    pub(super) forwarded: Exact<'a>,
    pub(super) aliases: List<AliasShape<'a>>,
}

/// Another name of the actor.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AliasShape<'a> {
    #[serde(borrow)]
    pub(super) kind: Exact<'a>,
    pub(super) name: Exact<'a>,
}

/// The mount it went to.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct MountShape<'a> {
    #[serde(borrow)]
    pub(super) kind: Exact<'a>,
    pub(super) path: Exact<'a>,
    pub(super) class: Exact<'a>,
    pub(super) class_confidence: Exact<'a>,
    pub(super) plain_scope: Exact<'a>,
}

/// Who acted.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ActorShape<'a> {
    #[serde(borrow)]
    pub(super) key: Exact<'a>,
    pub(super) sub: Exact<'a>,
    pub(super) class: Exact<'a>,
    pub(super) class_confidence: Exact<'a>,
    pub(super) key_basis: Exact<'a>,
    pub(super) display: Exact<'a>,
    pub(super) native: Exact<'a>,
    pub(super) session_name: Exact<'a>,
    pub(super) session_is_email: Bool,
}

/// One thing acted on.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ResourceShape<'a> {
    #[serde(borrow)]
    pub(super) kind: Exact<'a>,
    pub(super) id: Exact<'a>,
    pub(super) scope: Exact<'a>,
}

/// One relation.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct EdgeShape<'a> {
    #[serde(borrow)]
    pub(super) kind: Exact<'a>,
    pub(super) target: Exact<'a>,
}

/// Where the call came from.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct NetShape<'a> {
    #[serde(borrow)]
    pub(super) addr: Exact<'a>,
    pub(super) kind: Exact<'a>,
    pub(super) network: Exact<'a>,
    pub(super) country: Exact<'a>,
}

/// The calling program.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ClientShape<'a> {
    #[serde(borrow)]
    pub(super) family: Exact<'a>,
    pub(super) product: Exact<'a>,
    pub(super) version: Exact<'a>,
}

/// What was presented.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct CredentialShape<'a> {
    #[serde(borrow)]
    pub(super) kind: Exact<'a>,
    pub(super) id: Exact<'a>,
    pub(super) long_lived: Bool,
}
