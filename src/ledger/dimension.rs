//! What is compared: the categorical dimensions.

/// One respect in which an identity has habits.
///
/// The values of a dimension are text; a value that occurs on a day is one
/// *atom* of that day, however often it occurs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Dimension {
    /// Service and verb as normalised.
    Action,
    /// Service part of the action.
    Service,
    /// `<outcome>/<service>/<code>` of unsuccessful calls.
    Error,
    /// Templated resource: container and two segments.
    Scope,
    /// The container alone: bucket, mount, table.
    Area,
    /// Tenant the call acted in.
    Account,
    /// Where the call came from.
    Network,
    /// Calling program: family, product, major version.
    Client,
    /// Interface, credential kind and second factor.
    Access,
    /// AWS region; absent for global services.
    Region,
    /// Country and kind of network.
    Place,
    /// Typed relation to another principal or tenant.
    Edge,
    /// Derived on the slate: the identity that chiefly uses what was touched.
    Owner,
    /// Derived from streams: tactics that followed each other.
    Tactic,
    /// Derived on the slate: sensitive action, other than reading secrets.
    Sensitive,
    /// Hour of the day, UTC; levels only, never novelty.
    Hour,
    /// Derived from streams: a step and the one before it; sequence statistics
    /// only, never novelty.
    Bigram,
}

impl Dimension {
    /// Every dimension, in storage order.
    pub const ALL: [Self; 17] = [
        Self::Action,
        Self::Service,
        Self::Error,
        Self::Scope,
        Self::Area,
        Self::Account,
        Self::Network,
        Self::Client,
        Self::Access,
        Self::Region,
        Self::Place,
        Self::Edge,
        Self::Owner,
        Self::Tactic,
        Self::Sensitive,
        Self::Hour,
        Self::Bigram,
    ];

    /// Whether its values count among all new values of a day. Derived ones
    /// repeat what others say.
    #[must_use]
    pub const fn is_counted(self) -> bool {
        self.index() < Self::Owner.index()
    }

    /// Position in [`Dimension::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The lower-case name used in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Action => "action",
            Self::Service => "service",
            Self::Error => "error",
            Self::Scope => "scope",
            Self::Area => "area",
            Self::Account => "account",
            Self::Network => "network",
            Self::Client => "client",
            Self::Access => "access",
            Self::Region => "region",
            Self::Place => "place",
            Self::Edge => "edge",
            Self::Owner => "owner",
            Self::Tactic => "tactic",
            Self::Sensitive => "sensitive",
            Self::Hour => "hour",
            Self::Bigram => "bigram",
        }
    }
}
