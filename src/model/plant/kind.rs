//! What can be planted, and what it stands for.

/// How alike two identities are, among those that a stream could be swapped
/// with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Band {
    /// The most similar one.
    Similar,
    /// The one in the middle.
    Middling,
    /// The least similar one.
    Dissimilar,
}

/// Something that is written into a copy of an identity's review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A day is another identity's day.
    ForeignDay,
    /// A day is a peer's day.
    PeerDay,
    /// Every day is another identity's day.
    Swap(Band),
    /// So many acts of another identity on an ordinary day, from its own
    /// origin.
    Fragment(u8),
    /// Two sensitive actions of others on an ordinary day.
    Sensitive,
    /// Twelve secrets read on an ordinary day.
    Sweep,
    /// An ordinary day from another identity's network, client and place.
    ForeignOrigin,
    /// An ordinary day from a network that nobody used.
    UnseenOrigin,
    /// A session of an ordinary day is used from another network, too, in
    /// turns.
    Split,
    /// Eight times the events of an ordinary day.
    Burst,
    /// An ordinary day, nine hours later.
    Shift,
    /// An ordinary day after a long silence.
    Awakening,
    /// One act of another identity on each of ten active days.
    Slow,
    /// A control: the identity and three peers begin to use something new on
    /// one day.
    Rollout,
    /// A control: a day of a hundred times the events, as every seventh day
    /// had them.
    Jobs,
    /// A control: back to habits after two weeks of silence.
    Holiday,
}

/// What a kind tells about a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// Somebody else acts, for a day or more.
    Foreign,
    /// A few foreign acts inside ordinary life.
    Fragment,
    /// Ordinary acts from elsewhere.
    Origin,
    /// Far more than usual.
    Amount,
    /// At another time.
    Time,
    /// Nothing is wrong.
    Control,
}

impl Group {
    /// The name used in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Foreign => "foreign day",
            Self::Fragment => "fragment",
            Self::Origin => "origin",
            Self::Amount => "amount",
            Self::Time => "time",
            Self::Control => "control",
        }
    }
}

impl Kind {
    /// Every attack, in the order of reports.
    pub const ATTACKS: [Self; 18] = [
        Self::Swap(Band::Dissimilar),
        Self::Swap(Band::Middling),
        Self::Swap(Band::Similar),
        Self::ForeignDay,
        Self::PeerDay,
        Self::Fragment(15),
        Self::Fragment(6),
        Self::Fragment(2),
        Self::Fragment(1),
        Self::Slow,
        Self::Sensitive,
        Self::UnseenOrigin,
        Self::ForeignOrigin,
        Self::Split,
        Self::Burst,
        Self::Sweep,
        Self::Shift,
        Self::Awakening,
    ];

    /// Every control, in the order of reports.
    pub const CONTROLS: [Self; 3] = [Self::Rollout, Self::Jobs, Self::Holiday];

    /// The name used in reports and machine output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ForeignDay => "foreign-day",
            Self::PeerDay => "peer-day",
            Self::Swap(Band::Similar) => "swap-similar",
            Self::Swap(Band::Middling) => "swap-middling",
            Self::Swap(Band::Dissimilar) => "swap-dissimilar",
            Self::Fragment(0..=1) => "fragment-1",
            Self::Fragment(2) => "fragment-2",
            Self::Fragment(3..=6) => "fragment-6",
            Self::Fragment(_) => "fragment-15",
            Self::Sensitive => "sensitive-2",
            Self::Sweep => "secrets-12",
            Self::ForeignOrigin => "foreign-origin",
            Self::UnseenOrigin => "unseen-network",
            Self::Split => "split-session",
            Self::Burst => "burst-8x",
            Self::Shift => "shift-9h",
            Self::Awakening => "awakening",
            Self::Slow => "slow-10-days",
            Self::Rollout => "rollout",
            Self::Jobs => "jobs-100x",
            Self::Holiday => "holiday",
        }
    }

    /// What is planted, in words.
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Self::ForeignDay => "one day is another identity's day",
            Self::PeerDay => "one day is a peer's day",
            Self::Swap(Band::Similar) => "every day is that of the most similar identity",
            Self::Swap(Band::Middling) => "every day is that of a middling similar identity",
            Self::Swap(Band::Dissimilar) => "every day is that of the least similar identity",
            Self::Fragment(0..=1) => "1 foreign act on one day, own origin",
            Self::Fragment(2) => "2 foreign acts on one day, own origin",
            Self::Fragment(3..=6) => "6 foreign acts on one day, own origin",
            Self::Fragment(_) => "15 foreign acts on one day, own origin",
            Self::Sensitive => "2 sensitive actions of others on one day",
            Self::Sweep => "12 secrets read on one day",
            Self::ForeignOrigin => "own acts from another identity's network and client",
            Self::UnseenOrigin => "own acts from a network that nobody used",
            Self::Split => "own acts, and a session also used from an unseen network",
            Self::Burst => "8 times the events of one day",
            Self::Shift => "one day, nine hours later",
            Self::Awakening => "one own day after a long silence",
            Self::Slow => "1 foreign act on each of ten active days",
            Self::Rollout => "new to it and to three peers on the same day",
            Self::Jobs => "100 times the events, as every seventh day had them",
            Self::Holiday => "own days after two weeks of silence",
        }
    }

    /// What it tells about a model.
    #[must_use]
    pub fn group(self) -> Group {
        match self {
            Self::ForeignDay | Self::PeerDay | Self::Swap(_) => Group::Foreign,
            Self::Fragment(_) | Self::Sensitive | Self::Slow => Group::Fragment,
            Self::ForeignOrigin | Self::UnseenOrigin | Self::Split => Group::Origin,
            Self::Burst | Self::Sweep => Group::Amount,
            Self::Shift | Self::Awakening => Group::Time,
            Self::Rollout | Self::Jobs | Self::Holiday => Group::Control,
        }
    }
}
