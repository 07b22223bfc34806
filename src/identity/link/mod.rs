//! Linking: which identities of different products are one and the same.
//!
//! Every rule compares what a product asserts of an identity with what another
//! product asserts: never merely what the identity calls itself, for whoever
//! steals a key could then step into a colleague's habits, or spoil them. What
//! a caller chose (the name of a role session) may make a link likely and no
//! more.
//!
//! Links are edges between identity keys. Those that are sure enough join
//! identities into one, unless something forbids it: then the weakest edge on
//! the way gives way, and is told.

mod called;
mod directory;
mod file;
mod group;
mod meeting;
mod name;
mod propose;

pub use directory::{Directory, DirectoryError};
pub use file::{LinkFile, LinkFileError};
pub use meeting::{Arrival, Visit};

use std::collections::BTreeSet;

use crate::event::{AliasKind, Class, KeyBasis, Timestamp};

/// From this confidence on, in percent, two identities are one.
pub const MERGED: u8 = 90;
/// From this confidence on, in percent, a link is worth telling.
pub const LIKELY: u8 = 60;

/// How often something was told, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Evidence {
    /// How many times.
    pub n: u64,
    /// Start of the period of the first time.
    pub first: Timestamp,
    /// Start of the period of the last time.
    pub last: Timestamp,
}

/// An identity that may be linked.
#[derive(Clone, Debug)]
pub struct Node<'a> {
    /// Its key.
    pub key: &'a str,
    /// Its readable name.
    pub name: &'a str,
    /// The vendor's own name.
    pub native: Option<&'a str>,
    /// The rule that made the key.
    pub basis: KeyBasis,
    /// What kind of identity it is.
    pub class: Class,
    /// The session name, of a role session.
    pub session: Option<&'a str>,
    /// Other names, and how often they were told.
    pub aliases: Vec<(AliasKind, &'a str, Evidence)>,
    /// How often it signed in, as far as that can be told.
    pub seen: Evidence,
    /// Periods in which it was active, in order.
    pub slots: Vec<i32>,
    /// Hashes of the access keys that it used in each period, of an Identity
    /// Center user and of an SSO session; in order.
    pub keys: Vec<(i32, u32)>,
    /// Hours at each address, of a user of the identity provider.
    pub visits: Vec<Visit>,
    /// When it was sent on to a product, or came to one; in order of time.
    pub arrivals: Vec<Arrival>,
}

/// Why two identities may be one. The numbers are those under which the rules
/// are documented.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// The user says so.
    Told,
    /// An SSO session is named by an Okta login.
    SsoLogin,
    /// An SSO session is named by the first part of an Okta login.
    SsoLocal,
    /// The subject of a SAML sign-in is an Okta login.
    Saml,
    /// A `sourceIdentity` is an Okta login or id.
    SourceIdentity,
    /// An IAM user is named by an Okta login.
    IamUser,
    /// A role session is named by an Okta login; the caller chose the name.
    SessionName,
    /// The subject of a web identity that Okta issued is an Okta id.
    OktaSubject,
    /// A user of Vault's `okta` method.
    VaultOkta,
    /// A user of a Vault mount that trusts an identity provider.
    VaultFederated,
    /// A claim in the metadata of a Vault token.
    VaultClaim,
    /// A user of a directory or of a list of Vault's own.
    VaultDirectory,
    /// A Vault token was given to an AWS principal.
    AwsPrincipal,
    /// A Vault token was given to a session of an AWS role.
    AwsSession,
    /// A Vault token was given to a Kubernetes service account.
    ServiceAccount,
    /// Jobs of one repository.
    Repository,
    /// The directory of Identity Center names its user.
    Directory,
    /// A user of Identity Center and an SSO session have access keys in common.
    AccessKey,
    /// Nobody else took on the role.
    Chain,
    /// Sent on by Okta, and there from the same address a moment later.
    Meeting,
}

impl Rule {
    /// The number used in machine output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Told => "X-0",
            Self::SsoLogin => "X-A1",
            Self::SsoLocal => "X-A2",
            Self::Saml => "X-A3",
            Self::SourceIdentity => "X-A4",
            Self::IamUser => "X-A7",
            Self::SessionName => "X-A8",
            Self::OktaSubject => "X-A9",
            Self::VaultOkta => "X-V1",
            Self::VaultFederated => "X-V2",
            Self::VaultClaim => "X-V3",
            Self::VaultDirectory => "X-V4",
            Self::AwsPrincipal => "X-V5",
            Self::AwsSession => "X-V6",
            Self::ServiceAccount => "X-V8",
            Self::Repository => "X-G3",
            Self::Directory => "X-A5",
            Self::AccessKey => "X-A6",
            Self::Chain => "R5",
            Self::Meeting => "X-T1",
        }
    }
}

/// That two identities may be one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// Keys of both, the smaller first.
    pub keys: [Box<str>; 2],
    /// Why.
    pub rule: Rule,
    /// How sure, in percent.
    pub confidence: u8,
    /// How often it was seen, and when.
    pub evidence: Evidence,
}

impl Edge {
    /// The key at the other end.
    #[must_use]
    pub fn other(&self, key: &str) -> Option<&str> {
        match &self.keys {
            [a, b] if a.as_ref() == key => Some(b),
            [a, b] if b.as_ref() == key => Some(a),
            _ => None,
        }
    }
}

/// Why an edge that was sure enough joined nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Obstacle {
    /// The name fits several identities as well.
    Ambiguous,
    /// It would join two Okta users.
    OktaUsers,
    /// It would join two IAM users.
    IamUsers,
    /// It would join two Vault entities that are active at the same time.
    VaultEntities,
    /// It would join a person and a machine.
    Machine,
    /// The user denied it.
    Denied,
}

impl Obstacle {
    /// What was in the way, in words.
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Self::Ambiguous => "the name fits several identities equally",
            Self::OktaUsers => "it would make two Okta users one",
            Self::IamUsers => "it would make two IAM users one",
            Self::VaultEntities => "it would make two Vault entities one that are active together",
            Self::Machine => "it would make a person and a machine one",
            Self::Denied => "the link file denies it",
        }
    }
}

/// What is linked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Linking {
    /// Keys of those that are one, by groups of at least two.
    pub groups: Vec<BTreeSet<Box<str>>>,
    /// The edges that join them.
    pub merged: Vec<Edge>,
    /// Edges that are worth telling and join nothing.
    pub likely: Vec<Edge>,
    /// Edges that were sure enough and gave way.
    pub conflicts: Vec<(Edge, Obstacle)>,
}

/// Links `nodes` by the rules, and by what the user says in `file`.
///
/// The result is a function of the set of nodes: their order is of no
/// consequence.
#[must_use]
pub fn link(nodes: &[Node<'_>], file: &LinkFile) -> Linking {
    let mut nodes: Vec<&Node<'_>> = nodes.iter().filter(|node| is_linkable(node)).collect();
    nodes.sort_unstable_by_key(|node| node.key);
    let (edges, ambiguous) = propose::edges(&nodes, file);
    let mut linking = group::group(&nodes, edges, file);
    let ambiguous = ambiguous
        .into_iter()
        .map(|edge| (edge, Obstacle::Ambiguous));
    linking.conflicts.extend(ambiguous);
    linking.conflicts.sort();
    linking
}

/// Whether an identity may be part of anybody: the root, the provider and
/// nobody in particular are not, nor are acts that went through an agent.
fn is_linkable(node: &Node<'_>) -> bool {
    node.class.is_scored()
        && node.class != Class::Root
        && !matches!(
            node.basis,
            KeyBasis::Root
                | KeyBasis::Service
                | KeyBasis::ServiceLinked
                | KeyBasis::Account
                | KeyBasis::Unresolved
        )
        && !node.key.ends_with("|agent")
}

#[cfg(test)]
mod tests;
