//! Parameters: which statistics are computed, how they are weighed, and how the
//! result is calibrated (MODEL §7.1, §0 A4).

use std::num::NonZeroUsize;

use super::first_use::TypedDay;
use super::{Family, NewSet, ReviewTerm, Statistic, Teams};
use crate::event::Class;
use crate::ledger::Dimension;

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
