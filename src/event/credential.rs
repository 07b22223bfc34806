//! What was presented to authenticate. Ids only: no secret has a field here.

use std::borrow::Cow;

/// The credential behind a call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Credential<'a> {
    /// What kind it is.
    pub kind: CredentialKind,
    /// The public id (`AKIA…`, token id, hashed accessor); never the secret.
    pub id: Option<Cow<'a, str>>,
    /// Whether it lives until somebody revokes it.
    pub is_long_lived: bool,
}

/// Kinds of credential.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CredentialKind {
    /// Long-term access key.
    AccessKey,
    /// Temporary session key.
    SessionKey,
    /// Bearer token.
    Bearer,
    /// A console sign-in.
    Console,
    /// An API token.
    ApiToken,
    /// An OAuth client or grant.
    Oauth,
    /// A Vault token.
    VaultToken,
    /// An interactive web session.
    WebSession,
    /// Not logged.
    #[default]
    Unknown,
}

impl CredentialKind {
    /// Every kind, in the order of their declaration.
    pub const ALL: [Self; 9] = [
        Self::AccessKey,
        Self::SessionKey,
        Self::Bearer,
        Self::Console,
        Self::ApiToken,
        Self::Oauth,
        Self::VaultToken,
        Self::WebSession,
        Self::Unknown,
    ];

    /// The lower-case name used in dimensions and machine output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AccessKey => "access_key",
            Self::SessionKey => "session_key",
            Self::Bearer => "bearer",
            Self::Console => "console",
            Self::ApiToken => "api_token",
            Self::Oauth => "oauth",
            Self::VaultToken => "vault_token",
            Self::WebSession => "web_session",
            Self::Unknown => "unknown",
        }
    }
}

/// Credentials that a call issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Minted<'a> {
    /// Key of the role that they act as.
    pub role: Cow<'a, str>,
    /// Their public id; never the secret.
    pub credential: Cow<'a, str>,
}

/// Whether a second factor was proven.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mfa {
    /// Proven.
    Yes,
    /// Proven absent.
    No,
    /// The record does not say.
    #[default]
    Unknown,
}

impl Mfa {
    /// Every answer, in the order of their declaration.
    pub const ALL: [Self; 3] = [Self::Yes, Self::No, Self::Unknown];

    /// The lower-case name used in machine output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }
}
