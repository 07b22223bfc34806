//! Words for how serious, how sure and why: shared by scores and findings.

/// How serious a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Within habit.
    None,
    /// p at most 1 %.
    Low,
    /// p at most 0.1 %.
    Medium,
    /// p at most 0.01 %.
    High,
    /// p at most 0.001 %.
    Critical,
}

impl Severity {
    /// Every severity, the lowest first.
    pub const ALL: [Self; 5] = [
        Self::None,
        Self::Low,
        Self::Medium,
        Self::High,
        Self::Critical,
    ];

    /// Those of a departure from habit, the lowest first.
    pub const DEVIATING: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The severity of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|own| own.name() == name)
    }

    /// From 0 (none) to 4 (critical) and beyond.
    #[must_use]
    pub fn from_level(level: u8) -> Self {
        match level {
            0 => Self::None,
            1 => Self::Low,
            2 => Self::Medium,
            3 => Self::High,
            _ => Self::Critical,
        }
    }

    /// The lower-case name used in flags and machine output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// Which reading of the evidence set the p-value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// Somebody else seems to drive this identity.
    Takeover,
    /// A few foreign acts inside ordinary life.
    Fragment,
    /// One kind of departure far out of range, as a burst is.
    Burst,
    /// The review as a whole.
    Review,
}

impl Channel {
    /// The lower-case name used in machine output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Takeover => "takeover",
            Self::Fragment => "fragment",
            Self::Burst => "burst",
            Self::Review => "review",
        }
    }
}

/// How far a baseline can be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// No history at all: compared with peers only.
    New,
    /// Too little history to say much.
    Thin,
    /// Several callers behind one identity.
    Shared,
    /// Habits change faster than they used to.
    Drifting,
    /// Amounts vary wildly by nature.
    Bursty,
    /// None of these.
    Stable,
}

impl Verdict {
    /// The lower-case name used in machine output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Thin => "thin",
            Self::Shared => "shared",
            Self::Drifting => "drifting",
            Self::Bursty => "bursty",
            Self::Stable => "stable",
        }
    }
}
