//! What was attempted.

use std::borrow::Cow;

/// Service and verb of an event, in the product's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action<'a> {
    /// `s3`, `user.session`, `kv`: lower case. Part of `name`'s meaning, used
    /// as a dimension of its own.
    pub service: Cow<'a, str>,
    /// The whole action as it is displayed and learned: `s3:GetObject`,
    /// `user.session.start`, `kv/read`.
    pub name: Cow<'a, str>,
    /// What kind of thing the action does.
    pub verb: Verb,
    /// Set when the action is one of the few that severity looks at.
    pub sensitive: Option<Sensitive>,
}

/// What kind of thing an action does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// Signs in, out or up.
    Auth,
    /// Reads one thing.
    Read,
    /// Enumerates things.
    List,
    /// Creates or changes a thing.
    Write,
    /// Removes a thing.
    Delete,
    /// Changes who may do what.
    Permission,
    /// Creates, reads or changes a credential or a secret.
    Credential,
    /// Changes the system itself.
    Admin,
    /// A side effect (policy evaluation, heartbeat, mail delivery): feeds
    /// nothing.
    Eval,
    /// None of these.
    Other,
}

impl Verb {
    /// Every verb, in the order of their declaration.
    pub const ALL: [Self; 10] = [
        Self::Auth,
        Self::Read,
        Self::List,
        Self::Write,
        Self::Delete,
        Self::Permission,
        Self::Credential,
        Self::Admin,
        Self::Eval,
        Self::Other,
    ];

    /// The lower-case name used in machine output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Read => "read",
            Self::List => "list",
            Self::Write => "write",
            Self::Delete => "delete",
            Self::Permission => "permission",
            Self::Credential => "credential",
            Self::Admin => "admin",
            Self::Eval => "eval",
            Self::Other => "other",
        }
    }

    /// Whether a refusal of this verb is worth counting as an attempt at
    /// privilege.
    #[must_use]
    pub fn is_privileged(self) -> bool {
        matches!(self, Self::Permission | Self::Credential | Self::Admin)
    }
}

/// Why an action is sensitive: it changes what an intruder can do next or what
/// a defender can see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sensitive {
    /// Creates or resets a credential of a principal.
    CredentialCreated,
    /// Grants or widens permissions.
    PermissionGranted,
    /// Switches logging or monitoring off, or narrows it.
    LogTampering,
    /// Reads secret material.
    SecretRead,
    /// Changes federation or trust.
    TrustChanged,
    /// Shares something outside the tenant or with everybody.
    SharedOutside,
    /// Weakens or resets a second factor.
    FactorChanged,
    /// Takes access away from many at once.
    AccessRevoked,
}

impl Sensitive {
    /// Every reason, in the order of their declaration.
    pub const ALL: [Self; 8] = [
        Self::CredentialCreated,
        Self::PermissionGranted,
        Self::LogTampering,
        Self::SecretRead,
        Self::TrustChanged,
        Self::SharedOutside,
        Self::FactorChanged,
        Self::AccessRevoked,
    ];

    /// The lower-case name used in machine output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CredentialCreated => "credential_created",
            Self::PermissionGranted => "permission_granted",
            Self::LogTampering => "log_tampering",
            Self::SecretRead => "secret_read",
            Self::TrustChanged => "trust_changed",
            Self::SharedOutside => "shared_outside",
            Self::FactorChanged => "factor_changed",
            Self::AccessRevoked => "access_revoked",
        }
    }
}
