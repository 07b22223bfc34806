//! The statistics of one window, and the families they form.

use crate::ledger::Dimension;

/// Which kinds of new value a novelty statistic counts (MODEL §4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NewSet {
    /// Known to somebody in the organisation: peer or lateral.
    Other,
    /// Known to others, but to no peer.
    Lateral,
    /// Known to nobody.
    World,
    /// Known to no peer: lateral or world.
    Foreign,
}

/// One number per window; larger is more unusual. Its scale does not matter,
/// because each identity's own past calibrates it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Statistic {
    /// New values of all dimensions together.
    Novelty,
    /// Share of values that are new.
    Fraction,
    /// New values of one dimension and kind.
    New(Dimension, NewSet),
    /// Steps that do not usually follow each other, on average.
    SequenceMean,
    /// The three most surprising steps.
    SequenceTop3,
    /// Hours of the day that are not its own.
    Hour,
    /// Hours outside the window that holds nearly all its activity.
    HourWindow,
    /// Events in the period.
    EventsDay,
    /// Most events in one hour.
    EventsHour,
    /// Bytes received, in units of 64 KiB.
    BytesDay,
    /// Distinct resources in the period.
    TargetsDay,
    /// Most distinct resources in one hour.
    TargetsHour,
    /// Distinct secrets read.
    SecretsDay,
    /// Share of resources that were listed.
    ListShare,
    /// Share of actions that were refused.
    DeniedShare,
    /// Refusals of privileged actions.
    DeniedRetry,
    /// Privileged actions refused, then granted.
    DeniedThenSuccess,
    /// Share of sessions that were used from two networks in turns.
    SessionSplit,
}

impl NewSet {
    /// The name used in machine output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Other => "other",
            Self::Lateral => "lateral",
            Self::World => "world",
            Self::Foreign => "foreign",
        }
    }
}

impl Statistic {
    /// Which kinds of new value it counts, of those that count any.
    #[must_use]
    pub fn set(self) -> Option<&'static str> {
        match self {
            Self::New(_, set) => Some(set.name()),
            _ => None,
        }
    }

    /// Whether it is the bits of a tail probability under the identity's own
    /// rates and moments: then its calibration can only go so far beyond it
    /// ([`crate::stats::calibration::least_p`]).
    #[must_use]
    pub fn is_tail(self) -> bool {
        !matches!(
            self,
            Self::Fraction | Self::SequenceMean | Self::SequenceTop3 | Self::Hour
        )
    }

    /// The name used in reports and test vectors.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Novelty => "novelty",
            Self::Fraction => "fraction",
            Self::New(dimension, _) => dimension.name(),
            Self::SequenceMean => "sequence.mean",
            Self::SequenceTop3 => "sequence.top3",
            Self::Hour => "hour",
            Self::HourWindow => "hour.window",
            Self::EventsDay => "events.day",
            Self::EventsHour => "events.hour",
            Self::BytesDay => "bytes.day",
            Self::TargetsDay => "targets.day",
            Self::TargetsHour => "targets.hour",
            Self::SecretsDay => "secrets.day",
            Self::ListShare => "list.share",
            Self::DeniedShare => "denied.share",
            Self::DeniedRetry => "denied.retry",
            Self::DeniedThenSuccess => "denied.then_success",
            Self::SessionSplit => "session.split",
        }
    }
}

/// Statistics that look at the same thing. Inside a family the strongest one
/// counts, paid for by Bonferroni.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// New values altogether.
    Novelty,
    /// Share of new values; shown, not weighed.
    Fraction,
    /// What was done.
    What,
    /// What it was done to.
    Target,
    /// Where from and with what.
    From,
    /// Interface, region and place.
    Extra,
    /// Relations to other principals.
    Relation,
    /// In which order.
    Sequence,
    /// When.
    Hour,
    /// How much.
    Volume,
    /// How many different things.
    Breadth,
    /// How much was refused.
    Failure,
    /// How credentials were used.
    Credential,
    /// What gives power over others, or blinds them.
    Sensitive,
}

impl Family {
    /// Every family, in summation order.
    pub const ALL: [Self; 14] = [
        Self::Novelty,
        Self::Fraction,
        Self::What,
        Self::Target,
        Self::From,
        Self::Extra,
        Self::Relation,
        Self::Sequence,
        Self::Hour,
        Self::Volume,
        Self::Breadth,
        Self::Failure,
        Self::Credential,
        Self::Sensitive,
    ];

    /// The name used in machine output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Novelty => "novelty",
            Self::Fraction => "fraction",
            Self::What => "what",
            Self::Target => "where_to",
            Self::From => "where_from",
            Self::Extra => "how",
            Self::Relation => "relation",
            Self::Sequence => "order",
            Self::Hour => "when",
            Self::Volume => "how_much",
            Self::Breadth => "breadth",
            Self::Failure => "refusals",
            Self::Credential => "credentials",
            Self::Sensitive => "sensitive",
        }
    }
}
