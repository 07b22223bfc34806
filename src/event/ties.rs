//! What an event is tied to besides its actor.
//!
//! Some of it one record cannot judge: which of several events of a request
//! counts, how a path is to be read, whether an address is the caller's. The
//! ledger keeps such things apart until the history has decided.

use std::borrow::Cow;

use smallvec::SmallVec;

use super::{Class, KeyBasis};

/// Other events, other identities and places that an event belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Ties<'a> {
    /// The client's request that wrote this event, often along with others:
    /// together they count once in any volume.
    pub transaction: Option<Cow<'a, str>>,
    /// Identities that the actor acted on and whose timeline shows it too.
    pub subjects: SmallVec<[Subject<'a>; 1]>,
    /// The mount it went to, where its nature matters and is not logged.
    pub mount: Option<Mount<'a>>,
    /// The network that a proxy names as the caller's. It counts only where
    /// the history shows that callers come through one address.
    pub forwarded: Option<Cow<'a, str>>,
}

/// An identity that somebody else acted on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Subject<'a> {
    /// Its identity key.
    pub key: Cow<'a, str>,
    /// Readable name, as logged.
    pub display: Cow<'a, str>,
    /// Which rule produced the key.
    pub basis: KeyBasis,
    /// What kind of identity it is.
    pub class: Class,
    /// How sure `class` is, 0 to 100.
    pub class_confidence: u8,
}

/// A place in a product's own tree of which only many events tell the nature.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Mount<'a> {
    /// It signs users in; their names begin with its path.
    Login {
        /// Where it is mounted, without `auth/`.
        path: Cow<'a, str>,
        /// What its users are.
        class: Class,
        /// How sure `class` is, 0 to 100.
        class_confidence: u8,
    },
    /// It keeps secrets, with or without versions. A versioned store has a
    /// verb in front of every name.
    Store {
        /// Where it is mounted, behind its namespace.
        path: Cow<'a, str>,
        /// The path begins with such a verb: the resource's scope if this is
        /// a part of the name all the same.
        plain_scope: Option<Cow<'a, str>>,
    },
}
