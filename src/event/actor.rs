//! Who acted.

use std::borrow::Cow;

/// The identity behind an event, before any decision that needs the history.
#[derive(Clone, Debug)]
pub struct Actor<'a> {
    /// Stable key; one baseline each: `aws:role:AROAEXAMPLE`,
    /// `okta:corp/00u1`, `vault:prod:entity:…`. Components are encoded with
    /// [`encode_component`], so no logged name can forge a delimiter.
    pub key: Cow<'a, str>,
    /// Readable name, as logged.
    pub display: Cow<'a, str>,
    /// What kind of identity it is, as far as one record can tell.
    pub class: Class,
    /// How sure `class` is, 0 to 100.
    pub class_confidence: u8,
    /// Which rule produced the key.
    pub basis: KeyBasis,
    /// Sub-identity inside the key (instance, task, permission set, pod): a
    /// feature, never a key.
    pub sub: Option<Cow<'a, str>>,
    /// The vendor's own name of the principal (ARN, Okta id, entity id).
    pub native: Option<Cow<'a, str>>,
    /// Set for a role session whose name may turn out to be a stable
    /// sub-identity; `key` is then the role's. The ledger keeps such sessions
    /// apart until the history has decided (`identity::decide`).
    pub session: Option<Session<'a>>,
}

/// A role-session name that might denote a stable caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session<'a> {
    /// The session name as logged.
    pub name: Cow<'a, str>,
    /// Looks like a person's e-mail address.
    pub is_email: bool,
}

/// What kind of identity acted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// A person drives it directly.
    Human,
    /// A long-lived non-human account.
    ServiceAccount,
    /// A compute identity: instance, function, pod, CI job.
    Workload,
    /// Authenticated elsewhere; person or workload not yet known.
    Federated,
    /// An AI agent, or an agent gateway acting for somebody.
    Agent,
    /// The account root or the Vault root token.
    Root,
    /// The provider itself.
    CloudService,
    /// Nobody signed in.
    Anonymous,
    /// Not known.
    Unknown,
}

impl Class {
    /// Every class, in display order.
    pub const ALL: [Self; 9] = [
        Self::Human,
        Self::ServiceAccount,
        Self::Workload,
        Self::Federated,
        Self::Agent,
        Self::Root,
        Self::CloudService,
        Self::Anonymous,
        Self::Unknown,
    ];

    /// The lower-case name used in flags and machine output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::ServiceAccount => "service_account",
            Self::Workload => "workload",
            Self::Federated => "federated",
            Self::Agent => "agent",
            Self::Root => "root",
            Self::CloudService => "cloud_service",
            Self::Anonymous => "anonymous",
            Self::Unknown => "unknown",
        }
    }

    /// Whether identities of this class are learned and scored at all.
    #[must_use]
    pub fn is_scored(self) -> bool {
        !matches!(self, Self::CloudService | Self::Anonymous)
    }

    /// Whether the class runs by itself, so that its habits are those of a
    /// program.
    #[must_use]
    pub fn is_service_like(self) -> bool {
        matches!(self, Self::ServiceAccount | Self::Workload | Self::Agent)
    }
}

/// The rule that produced an identity key, for explanations and for the
/// compatibility of saved baselines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyBasis {
    /// Identity Center user id.
    OnBehalfOf,
    /// SSO role session, by its session name.
    Sso,
    /// `sourceIdentity` of the session.
    SourceIdentity,
    /// Service-linked role.
    ServiceLinked,
    /// Instance, task, function or pod role.
    Compute,
    /// CI role.
    Ci,
    /// Role session with a name that recurs.
    StableSession,
    /// The role itself.
    Role,
    /// IAM user, by unique id where logged.
    User,
    /// Account root or Vault root.
    Root,
    /// Federated or directory user.
    Federated,
    /// Another account, as seen from the resource's owner.
    Account,
    /// A provider's service.
    Service,
    /// Okta actor id.
    OktaActor,
    /// Okta login, where no id was logged.
    OktaLogin,
    /// Vault entity.
    VaultEntity,
    /// Vault auth mount and the name that it gave.
    VaultMount,
    /// Vault display name.
    VaultDisplayName,
    /// Vault token accessor.
    VaultToken,
    /// Nothing identifies the actor.
    Unresolved,
    /// As a mapping says.
    Mapping,
}

impl KeyBasis {
    /// Every rule, in the order of their declaration.
    pub const ALL: [Self; 21] = [
        Self::OnBehalfOf,
        Self::Sso,
        Self::SourceIdentity,
        Self::ServiceLinked,
        Self::Compute,
        Self::Ci,
        Self::StableSession,
        Self::Role,
        Self::User,
        Self::Root,
        Self::Federated,
        Self::Account,
        Self::Service,
        Self::OktaActor,
        Self::OktaLogin,
        Self::VaultEntity,
        Self::VaultDisplayName,
        Self::VaultToken,
        Self::Unresolved,
        Self::Mapping,
        Self::VaultMount,
    ];

    /// The lower-case name used in machine output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::OnBehalfOf => "on_behalf_of",
            Self::Sso => "sso",
            Self::SourceIdentity => "source_identity",
            Self::ServiceLinked => "service_linked",
            Self::Compute => "compute",
            Self::Ci => "ci",
            Self::StableSession => "stable_session",
            Self::Role => "role",
            Self::User => "user",
            Self::Root => "root",
            Self::Federated => "federated",
            Self::Account => "account",
            Self::Service => "service",
            Self::OktaActor => "okta_actor",
            Self::OktaLogin => "okta_login",
            Self::VaultEntity => "vault_entity",
            Self::VaultMount => "vault_mount",
            Self::VaultDisplayName => "vault_display_name",
            Self::VaultToken => "vault_token",
            Self::Unresolved => "unresolved",
            Self::Mapping => "mapping",
        }
    }
}

/// Encodes one component of an identity key, so that a logged name can never
/// be mistaken for a delimiter.
///
/// `/`, `#`, `|`, `:`, `%` and control characters become `%XX` of their UTF-8
/// bytes; everything else is kept.
///
/// # Examples
///
/// ```
/// # use habitual::event::encode_component;
/// assert_eq!(encode_component("alice@corp.example"), "alice@corp.example");
/// assert_eq!(encode_component("x#y"), "x%23y");
/// ```
#[must_use]
pub fn encode_component(text: &str) -> Cow<'_, str> {
    let is_unsafe = |c: char| matches!(c, '/' | '#' | '|' | ':' | '%') || c.is_control();
    if !text.contains(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len().saturating_add(8));
    for c in text.chars() {
        if is_unsafe(c) {
            let mut utf8 = [0_u8; 4];
            for byte in c.encode_utf8(&mut utf8).bytes() {
                out.push('%');
                out.push_str(&format!("{byte:02X}"));
            }
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}
