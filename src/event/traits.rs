//! What the events of an identity reveal about its nature, accumulated.

use super::{CredentialKind, Event, Interface, Mfa};

/// A set of observations about an identity; merging is set union.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traits(u16);

impl Traits {
    /// Used a web console or a browser.
    pub const CONSOLE: Self = Self(1);
    /// Signed in interactively.
    pub const LOGIN: Self = Self(1 << 1);
    /// Used a long-lived key or token.
    pub const LONG_LIVED_KEY: Self = Self(1 << 2);
    /// Used an SDK, command line or automation client.
    pub const PROGRAM: Self = Self(1 << 3);
    /// Proved a second factor.
    pub const MFA: Self = Self(1 << 4);
    /// Used an API token.
    pub const API_TOKEN: Self = Self(1 << 5);

    /// What one event reveals.
    #[must_use]
    pub fn of(event: &Event<'_>) -> Self {
        let mut traits = Self::default();
        if !event.is_direct() {
            return traits;
        }
        match event.origin.interface {
            Interface::Console | Interface::CloudShell => traits = traits.with(Self::CONSOLE),
            Interface::Login => traits = traits.with(Self::LOGIN),
            Interface::Api if !event.origin.client.family.is_empty() => {
                traits = traits.with(Self::PROGRAM);
            }
            Interface::Api => {}
        }
        if event.credential.is_long_lived {
            traits = traits.with(Self::LONG_LIVED_KEY);
        }
        if event.credential.kind == CredentialKind::ApiToken {
            traits = traits.with(Self::API_TOKEN);
        }
        if event.mfa == Mfa::Yes {
            traits = traits.with(Self::MFA);
        }
        traits
    }

    /// One bit per observation.
    #[must_use]
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// The observations of these bits.
    #[must_use]
    pub const fn from_bits(bits: u16) -> Self {
        Self(bits)
    }

    /// The union of both.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether every observation of `other` was made.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}
