//! The statistics of one window, and the families they form.

use std::num::NonZeroUsize;

use super::Teams;
use super::first_use::TypedDay;
use crate::event::Class;
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

/// Which statistics are computed, how they are grouped and weighed, and how
/// the result is calibrated.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "switches that a backtest turns one by one"
)]
pub struct Parameters {
    /// Every statistic with its family, in storage order.
    pub statistics: Vec<(Statistic, Family)>,
    /// Weight of each family in the takeover score.
    pub weights: Vec<(Family, f64)>,
    /// Families of which one alone, far out of range, is enough: the third
    /// channel is the largest of them.
    pub lone: Vec<Family>,
    /// Length of the rhythm: 24 hours of the day, or 168 of the week.
    pub rhythm: Rhythm,
    /// Whether weekdays and weekends have volumes of their own.
    pub day_types: DayTypes,
    /// Steps, in bits, in which levels are compared; 0 for exactly.
    ///
    /// A review window is compared with more windows than a history window,
    /// so the same amount gets a slightly other surprise. Such a difference
    /// must not rank the most ordinary day as the strangest.
    pub level_step: f64,
    /// Whether the order of steps is discounted where it repeats what new
    /// actions say already. A step to something that is new to an identity then
    /// says nothing where peers do it (what a team adopts changes the order of
    /// all of them), and of action and order the fragment score counts the
    /// stronger one only.
    pub discounts_echoes: bool,
    /// How channel scores become p-values.
    pub channels: ChannelCalibration,
    /// Whether pools are counted where they have a tail, too: most statistics are
    /// zero on most days, and a tail that is fitted to a few large values among
    /// zeros thinks them rarer than they are.
    pub counts_tails: bool,
    /// Whether a calibration goes only so far beyond a statistic that is a tail
    /// probability itself, see [`crate::stats::calibration::least_p`].
    pub bounds_tails: bool,
    /// Whether weights are learned from planted takeovers (MODEL §7.3).
    pub weighing: Weighing,
    /// Weights that were learned.
    pub learned: Learned,
    /// Whether the most unusual history windows are taken out and everything
    /// is computed a second time.
    pub quarantines_history: bool,
    /// Teams that identities belong to, where somebody has told.
    pub teams: Teams,
    /// Threads to compute with; no result depends on it.
    pub threads: NonZeroUsize,
}

/// Where the weights of families and terms come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weighing {
    /// The defaults, which were measured on other organisations.
    Default,
    /// Learned from takeovers planted in the history, where that proves better
    /// on a later part of it.
    Learned,
}

impl Weighing {
    /// Every choice, the usual one first.
    pub const ALL: [Self; 2] = [Self::Default, Self::Learned];

    /// The name used in flags.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Learned => "learned",
        }
    }
}

/// Something for one class, or for everybody else.
pub type PerClass<T> = Vec<(Option<Class>, T)>;

/// Weights that were learned and adopted.
#[derive(Clone, Debug, Default)]
pub struct Learned {
    /// Of the families in the takeover score.
    pub takeover: PerClass<Vec<(Family, f64)>>,
    /// Of the terms of the review score, in the order of [`ReviewTerm::ALL`];
    /// only their proportions count.
    pub review: PerClass<[f64; ReviewTerm::ALL.len()]>,
}

/// A term of the review score (MODEL §0, A2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReviewTerm {
    /// Days on which every network is new.
    OriginDays,
    /// Hours of all days.
    Hour,
    /// Most events in an hour.
    EventsHour,
    /// New resources that others use.
    Scope,
    /// New resources that no peer uses.
    ScopeLateral,
    /// New actions.
    Action,
    /// Events beyond breadth.
    Amount,
    /// New sensitive actions.
    Sensitive,
    /// The strangest day's takeover score.
    Takeover,
}

impl ReviewTerm {
    /// Every term, in summation order.
    pub const ALL: [Self; 9] = [
        Self::OriginDays,
        Self::Hour,
        Self::EventsHour,
        Self::Scope,
        Self::ScopeLateral,
        Self::Action,
        Self::Amount,
        Self::Sensitive,
        Self::Takeover,
    ];

    /// The name used in machine output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::OriginDays => "origin.days",
            Self::Hour => "hour.review",
            Self::EventsHour => "events.hour.review",
            Self::Scope => "scope.review",
            Self::ScopeLateral => "scope.review.lateral",
            Self::Action => "action.review",
            Self::Amount => "amount.review",
            Self::Sensitive => "sensitive.review",
            Self::Takeover => "takeover.day",
        }
    }

    /// The family that explains it.
    #[must_use]
    pub fn family(self) -> Family {
        match self {
            Self::OriginDays => Family::From,
            Self::Hour => Family::Hour,
            Self::EventsHour | Self::Amount => Family::Volume,
            Self::Scope | Self::ScopeLateral => Family::Target,
            Self::Action => Family::What,
            Self::Sensitive => Family::Sensitive,
            Self::Takeover => Family::Novelty,
        }
    }

    /// Its weight unless another was learned. Of classes that run by
    /// themselves, actions say more, and so does the strangest day.
    #[must_use]
    pub fn default_weight(self, class: Class) -> f64 {
        let runs_by_itself = class.is_service_like() || class == Class::Federated;
        match (self, runs_by_itself) {
            (Self::OriginDays, _) | (Self::Takeover, true) => 0.5,
            (Self::Sensitive, _) => 0.3,
            (Self::Hour | Self::EventsHour | Self::Scope, _) | (Self::Action, true) => 0.25,
            (Self::ScopeLateral | Self::Action | Self::Amount, _) => 0.1,
            (Self::Takeover, false) => 0.0,
        }
    }
}

/// Length of the rhythm that hours are compared on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rhythm {
    /// Hours of the day.
    Day,
    /// Hours of the week.
    Week,
}

impl Rhythm {
    /// Number of hours.
    #[must_use]
    pub const fn hours(self) -> usize {
        match self {
            Self::Day => 24,
            Self::Week => 168,
        }
    }
}

/// Whether weekdays and weekends have volumes of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayTypes {
    /// Always.
    Always,
    /// Only for identities whose means differ by a factor of two.
    WhenDifferent,
}

/// How channel scores become p-values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelCalibration {
    /// Their rank in the pool alone: the scores are sums of p-values that
    /// were calibrated per identity already.
    Pool,
    /// Pool-sharpened conformal, like single statistics.
    OwnAndPool,
}

impl Default for Parameters {
    /// The defaults of MODEL §7.1 with the amendments A4.
    fn default() -> Self {
        use Dimension as D;
        use NewSet::{Foreign, Lateral as L, Other as O, World as W};
        use Statistic as S;
        let mut statistics = vec![
            (S::Novelty, Family::Novelty),
            (S::Fraction, Family::Fraction),
        ];
        let mut new = |dimension, sets: &[NewSet], family| {
            statistics.extend(sets.iter().map(|set| (S::New(dimension, *set), family)));
        };
        new(D::Action, &[O, L, W], Family::What);
        new(D::Service, &[O, L], Family::What);
        new(D::Error, &[O, W], Family::What);
        new(D::Scope, &[O, L], Family::Target);
        new(D::Area, &[O, L], Family::Target);
        new(D::Account, &[O, L, W], Family::Target);
        new(D::Network, &[L, W], Family::From);
        new(D::Client, &[L, W], Family::From);
        new(D::Access, &[O, L], Family::Extra);
        new(D::Region, &[L, W], Family::Extra);
        new(D::Place, &[L, W], Family::Extra);
        new(D::Edge, &[O, L, W], Family::Relation);
        new(D::Owner, &[L], Family::Relation);
        new(D::Tactic, &[Foreign], Family::Sequence);
        new(D::Sensitive, &[O, W], Family::Sensitive);
        statistics.extend([
            (S::SequenceMean, Family::Sequence),
            (S::SequenceTop3, Family::Sequence),
            (S::Hour, Family::Hour),
            (S::HourWindow, Family::Hour),
            (S::EventsDay, Family::Volume),
            (S::EventsHour, Family::Volume),
            (S::BytesDay, Family::Volume),
            (S::TargetsDay, Family::Breadth),
            (S::TargetsHour, Family::Breadth),
            (S::SecretsDay, Family::Breadth),
            (S::ListShare, Family::Breadth),
            (S::DeniedShare, Family::Failure),
            (S::DeniedRetry, Family::Failure),
            (S::DeniedThenSuccess, Family::Failure),
            (S::SessionSplit, Family::Credential),
        ]);
        let weights = vec![
            (Family::Novelty, 0.25),
            (Family::What, 0.10),
            (Family::Target, 0.10),
            (Family::From, 0.80),
            (Family::Extra, 0.20),
            (Family::Relation, 0.15),
            (Family::Sequence, 0.12),
            (Family::Hour, 0.25),
            (Family::Breadth, 0.10),
            (Family::Failure, 0.10),
            (Family::Credential, 0.80),
            (Family::Sensitive, 0.30),
        ];
        Self {
            statistics,
            weights,
            lone: vec![
                Family::Volume,
                Family::Breadth,
                Family::Failure,
                Family::From,
                Family::Hour,
                Family::Sensitive,
                Family::Credential,
            ],
            rhythm: Rhythm::Day,
            day_types: DayTypes::WhenDifferent,
            level_step: 0.25,
            discounts_echoes: true,
            channels: ChannelCalibration::Pool,
            counts_tails: true,
            bounds_tails: true,
            weighing: Weighing::Default,
            learned: Learned::default(),
            quarantines_history: true,
            teams: Teams::default(),
            threads: NonZeroUsize::MIN,
        }
    }
}

impl Parameters {
    /// Weight of a family in the takeover score of a class; 0 if it is not
    /// weighed.
    #[must_use]
    pub fn weight(&self, family: Family, class: Class) -> f64 {
        let learned = self.learned.takeover.iter();
        let learned = learned.filter(|(own, _)| own.is_none_or(|own| own == class));
        // What was learned of the class comes before what was of everybody.
        let learned = learned.max_by_key(|(own, _)| own.is_some());
        let weights = learned.map_or(&self.weights, |(_, weights)| weights);
        weights
            .iter()
            .find(|(own, _)| *own == family)
            .map_or(0.0, |(_, weight)| *weight)
    }

    /// Weights of the terms of the review score of a class, in the order of
    /// [`ReviewTerm::ALL`].
    #[must_use]
    pub fn review_weights(&self, class: Class) -> [f64; ReviewTerm::ALL.len()] {
        let learned = self.learned.review.iter();
        let learned = learned.filter(|(own, _)| own.is_none_or(|own| own == class));
        let learned = learned.max_by_key(|(own, _)| own.is_some());
        let scale = |weights: &[f64; ReviewTerm::ALL.len()]| weights.iter().sum::<f64>();
        let default = ReviewTerm::ALL.map(|term| term.default_weight(class));
        learned.map_or(default, |(_, weights)| {
            let factor = scale(&default) / scale(weights).max(1e-12);
            weights.map(|weight| weight * factor)
        })
    }

    /// Which of the steps of a day say nothing.
    pub(super) fn excused(&self, typed: &TypedDay) -> u64 {
        if self.discounts_echoes {
            typed.peer_steps
        } else {
            0
        }
    }

    /// Position of `statistic` in a window's list.
    #[must_use]
    pub fn position(&self, statistic: Statistic) -> Option<usize> {
        self.statistics
            .iter()
            .position(|(own, _)| *own == statistic)
    }
}
