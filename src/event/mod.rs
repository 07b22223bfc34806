//! The vocabulary: one [`Event`] is one action attempted by one identity,
//! whatever product wrote it down.
//!
//! This module knows no vendor's field names, no files and no statistics; it
//! depends on nothing else of ours. Text that came out of a log is borrowed
//! from the record it was read from ([`std::borrow::Cow`]), because an event
//! does not outlive its fold into the ledger. No field can hold a secret.

mod action;
mod actor;
mod credential;
mod origin;
mod outcome;
mod period;
mod provenance;
mod resource;
mod ties;
mod time;
mod traits;
mod untrusted;
mod window;

use std::borrow::Cow;

use smallvec::SmallVec;

pub use action::{Action, Sensitive, Verb};
pub use actor::{Actor, Class, KeyBasis, Session, encode_component};
pub use credential::{Credential, CredentialKind, Mfa, Minted};
pub use origin::{Client, Interface, NetKind, Origin};
pub use outcome::Outcome;
pub use period::Period;
pub use provenance::{Citation, NativeId, Provenance};
pub use resource::{Edge, EdgeKind, Resource};
pub use ties::{Alias, AliasKind, Mount, Subject, Ties};
pub use time::Timestamp;
pub use traits::Traits;
pub use untrusted::Untrusted;
pub use window::Window;

/// Which product wrote the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// AWS CloudTrail.
    CloudTrail,
    /// Okta System Log.
    Okta,
    /// HashiCorp Vault or OpenBao audit device.
    Vault,
    /// Any other product, read as a mapping says.
    Generic,
}

impl Source {
    /// Every source, in display order.
    pub const ALL: [Self; 4] = [Self::CloudTrail, Self::Okta, Self::Vault, Self::Generic];

    /// The name used in flags and machine output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CloudTrail => "cloudtrail",
            Self::Okta => "okta",
            Self::Vault => "vault",
            Self::Generic => "generic",
        }
    }
}

/// Facts about an event that are neither its action nor its actor.
///
/// A small bit set; combine with [`Flags::with`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Flags(u16);

impl Flags {
    /// The provider acted on its own or on somebody's behalf: no network,
    /// client, hour or volume statistic may learn from it.
    pub const FORWARDED: Self = Self(1);
    /// A service event: excluded from per-identity scoring.
    pub const SERVICE_INITIATED: Self = Self(1 << 1);
    /// The record was cut or salvaged.
    pub const TRUNCATED: Self = Self(1 << 2);
    /// Rebuilt from an export that dropped fields.
    pub const REDUCED_FIDELITY: Self = Self(1 << 3);
    /// The vendor's own risk engine marked it.
    pub const VENDOR_RISK: Self = Self(1 << 4);
    /// A permission probe that would have succeeded (`DryRunOperation`).
    pub const DRY_RUN: Self = Self(1 << 5);
    /// Something that happened *to* the identity (a failed sign-in in its
    /// name): feeds failure statistics, never volume or habits.
    pub const ABOUT_IDENTITY: Self = Self(1 << 6);

    /// Every flag, with the lower-case name used in machine output.
    pub const NAMED: [(Self, &'static str); 7] = [
        (Self::FORWARDED, "forwarded"),
        (Self::SERVICE_INITIATED, "service_initiated"),
        (Self::TRUNCATED, "truncated"),
        (Self::REDUCED_FIDELITY, "reduced_fidelity"),
        (Self::VENDOR_RISK, "vendor_risk"),
        (Self::DRY_RUN, "dry_run"),
        (Self::ABOUT_IDENTITY, "about_identity"),
    ];

    /// No flag.
    #[must_use]
    pub const fn none() -> Self {
        Self(0)
    }

    /// These flags and `other`.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// One bit per flag.
    #[must_use]
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// Whether every flag of `other` is set.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// One action attempted by one identity.
#[derive(Clone, Debug)]
pub struct Event<'a> {
    /// The product that recorded it.
    pub source: Source,
    /// The product's own id (`eventID`, `uuid`, `request.id`); empty when the
    /// export has none.
    pub native_id: Cow<'a, str>,
    /// When it happened, by the product's clock.
    pub time: Timestamp,
    /// AWS account, Okta organisation or Vault cluster it was recorded for.
    pub tenant: Cow<'a, str>,
    /// AWS region; absent for global services and sign-in records.
    pub region: Option<Cow<'a, str>>,
    /// Who acted.
    pub actor: Actor<'a>,
    /// The service that made the call on the actor's behalf.
    pub via: Option<Cow<'a, str>>,
    /// What was attempted.
    pub action: Action<'a>,
    /// What it was attempted on; at most 64.
    pub resources: SmallVec<[Resource<'a>; 2]>,
    /// How many resources the record named or counted.
    pub resources_total: u32,
    /// How it ended.
    pub outcome: Outcome,
    /// The product's code for a failure.
    pub outcome_code: Option<Cow<'a, str>>,
    /// Where the call came from.
    pub origin: Origin<'a>,
    /// Whether a second factor was proven; absence of evidence is `Unknown`.
    pub mfa: Mfa,
    /// What was presented to authenticate.
    pub credential: Credential<'a>,
    /// The product's session id.
    pub session: Option<Cow<'a, str>>,
    /// Relations to other principals or tenants that the action forms.
    pub edges: SmallVec<[Edge<'a>; 1]>,
    /// What else the event belongs to.
    pub ties: Ties<'a>,
    /// Credentials of a role that the call issued.
    pub minted: Option<Minted<'a>>,
    /// Bytes sent to the caller, when logged.
    pub bytes_out: Option<u64>,
    /// See [`Flags`].
    pub flags: Flags,
    /// Which record this is.
    pub provenance: Provenance,
    /// How many records told it: two for a Vault request and its response.
    pub n_records: u32,
}

impl Event<'_> {
    /// Whether the identity itself made this call: only then do network,
    /// client, hour and volume belong to its habits.
    #[must_use]
    pub fn is_direct(&self) -> bool {
        self.via.is_none()
            && !self.flags.has(Flags::FORWARDED)
            && !self.flags.has(Flags::SERVICE_INITIATED)
            && !self.flags.has(Flags::ABOUT_IDENTITY)
    }

    /// The citation that evidence gives for this event.
    #[must_use]
    pub fn citation(&self) -> Citation {
        Citation {
            time: self.time,
            provenance: self.provenance,
            native_id: NativeId::new(&self.native_id),
        }
    }
}
