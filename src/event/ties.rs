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
    /// Names under which other products may know the actor.
    pub aliases: SmallVec<[Alias<'a>; 1]>,
}

/// A name under which another product may know an identity.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Alias<'a> {
    /// Whose word it is.
    pub kind: AliasKind,
    /// As logged.
    pub name: Cow<'a, str>,
}

/// Who says that an identity is called so, which tells what it proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AliasKind {
    /// The login of an Okta user.
    Login,
    /// The Okta user who signed in to Vault's `okta` method.
    OktaUser,
    /// What an identity provider calls the user of a Vault mount.
    Federated,
    /// A claim about the user that the mount passed on.
    Claim,
    /// A user of a directory or of a mount's own list.
    Directory,
    /// ARN or unique id of an AWS principal.
    Principal,
    /// ARN of a session of an AWS role.
    RoleSession,
    /// `<namespace>/<name>` of a Kubernetes service account.
    ServiceAccount,
    /// `<owner>/<repository>` that a job of continuous integration runs for.
    Repository,
}

impl AliasKind {
    /// Every kind, in the order of their declaration.
    pub const ALL: [Self; 9] = [
        Self::Login,
        Self::OktaUser,
        Self::Federated,
        Self::Claim,
        Self::Directory,
        Self::Principal,
        Self::RoleSession,
        Self::ServiceAccount,
        Self::Repository,
    ];

    /// The lower-case name used in machine output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::OktaUser => "okta_user",
            Self::Federated => "federated",
            Self::Claim => "claim",
            Self::Directory => "directory",
            Self::Principal => "principal",
            Self::RoleSession => "role_session",
            Self::ServiceAccount => "service_account",
            Self::Repository => "repository",
        }
    }
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
