//! How a recorded call ended.

/// How the call ended, decided once, in ingest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It was carried out.
    Success,
    /// Refused for lack of permission.
    Denied,
    /// Refused for lack of proof of identity.
    AuthFailure,
    /// A further factor was asked for.
    Challenge,
    /// Refused for being too frequent.
    Throttled,
    /// Failed for another reason.
    Error,
    /// The record does not say.
    Unknown,
}

impl Outcome {
    /// Every outcome, in the order of their declaration.
    pub const ALL: [Self; 7] = [
        Self::Success,
        Self::Denied,
        Self::AuthFailure,
        Self::Challenge,
        Self::Throttled,
        Self::Error,
        Self::Unknown,
    ];

    /// The lower-case name used in dimensions and machine output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Denied => "denied",
            Self::AuthFailure => "auth_failure",
            Self::Challenge => "challenge",
            Self::Throttled => "throttled",
            Self::Error => "error",
            Self::Unknown => "unknown",
        }
    }

    /// Whether this outcome feeds the error dimension.
    #[must_use]
    pub fn is_failure(self) -> bool {
        matches!(self, Self::Denied | Self::AuthFailure | Self::Error)
    }
}
