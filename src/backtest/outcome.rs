//! The outcome: what a backtest found, as plain records from which every
//! format is written.

use super::rules::N_RULES;
use super::schedule::Step;
use crate::event::{Class, Untrusted, Window};
use crate::model::plant::{Group, Kind};
use crate::model::{Family, Lesson};
use crate::stats::interval::wilson;

/// Shares of false alarms that recall is told at.
pub const ALARM_RATES: [f64; 2] = [0.01, 0.001];

/// Findings a day that recall is told at.
pub const BUDGETS: [u32; 3] = [5, 10, 20];

/// Rates at which what was observed is held against what was promised.
pub const NOMINAL_RATES: [f64; 5] = [0.1, 0.03, 0.01, 0.003, 0.001];

/// What a backtest found.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What was read.
    pub data: Window,
    /// Length of one scored period, in words.
    pub period: &'static str,
    /// The reviews, in order of time.
    pub steps: Vec<Step>,
    /// What was asked for.
    pub sampling: Sampling,
    /// The criteria, failed ones first.
    pub criteria: Vec<Criterion>,
    /// Findings within each of [`BUDGETS`], nothing planted.
    pub quiet: [Share; BUDGETS.len()],
    /// What the last review learned about weights.
    pub lessons: Vec<Lesson>,
    /// Recall per kind of plant, and by class.
    pub recalls: Vec<Recall>,
    /// Recall per group of kinds.
    pub groups: Vec<Recall>,
    /// Observed against nominal rates: overall first, then by cut.
    pub rates: Vec<Rates>,
    /// Identities with the most alarms among their own days.
    pub loudest: Option<Loudest>,
    /// Controls, which must stay quiet.
    pub controls: Vec<Control>,
    /// Who cannot be watched, and why.
    pub unwatched: Vec<Unwatched>,
}

/// How much was tried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sampling {
    /// Identities that were ranked in at least one review.
    pub n_identities: u64,
    /// Reviews of one identity each, nothing planted.
    pub n_reviews: u64,
    /// Active periods in them.
    pub n_days: u64,
    /// Of these reviews, those that were planted in.
    pub n_planted_reviews: u64,
    /// Plants that were scored.
    pub n_plants: u64,
    /// Which draw of partners.
    pub seed: u64,
}

/// k of n.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// How many.
    pub k: u64,
    /// Of how many.
    pub n: u64,
}

impl Share {
    /// Adds one, which counts or not.
    pub fn add(&mut self, counts: bool) {
        self.n += 1;
        self.k += u64::from(counts);
    }

    /// k/n; `None` for n = 0.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
    pub fn value(self) -> Option<f64> {
        (self.n > 0).then(|| self.k as f64 / self.n as f64)
    }

    /// The Wilson interval at 95 %.
    #[must_use]
    pub fn interval(self) -> (f64, f64) {
        wilson(self.k, self.n)
    }
}

/// What recall is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// A kind of plant.
    Kind(Kind),
    /// A group of kinds.
    Group(Group),
}

/// How much of what was planted is found.
#[derive(Clone, Debug)]
pub struct Recall {
    /// Of which plants.
    pub scope: Scope,
    /// In identities of which class; `None` for all.
    pub class: Option<Class>,
    /// Found at each of [`ALARM_RATES`].
    pub at_rates: [Share; ALARM_RATES.len()],
    /// Found within each of [`BUDGETS`].
    pub at_budgets: [Share; BUDGETS.len()],
    /// Found at the first of [`ALARM_RATES`] by each plain rule.
    pub by_rules: [Share; N_RULES],
    /// Median of the active periods until it is found, of those found.
    pub median_delay: Option<f64>,
    /// Mean place among all identities of its review.
    pub mean_rank: Option<f64>,
    /// Mean number of identities it is ranked among.
    pub mean_ranked: Option<f64>,
    /// The family that leads most often, and in how many.
    pub leading: Option<(Family, Share)>,
}

/// Observed against nominal rates, nothing planted.
#[derive(Clone, Debug)]
pub struct Rates {
    /// Of whom.
    pub cut: Cut,
    /// Periods at or below each of [`NOMINAL_RATES`].
    pub days: [Share; NOMINAL_RATES.len()],
    /// Reviews at or below each of [`NOMINAL_RATES`].
    pub reviews: [Share; NOMINAL_RATES.len()],
}

/// A part of the identities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cut {
    /// All of them.
    All,
    /// Those of one class.
    Class(Class),
    /// Those with so many usable history windows, up to the second number.
    History(u32, Option<u32>),
    /// A fifth by how much their volumes vary, 1 the steadiest.
    Burstiness(u8),
}

impl Cut {
    /// The name used in reports.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::All => "all".to_owned(),
            Self::Class(class) => class.name().to_owned(),
            Self::History(from, Some(to)) => format!("{from}-{to} usable windows"),
            Self::History(from, None) => format!("{from}+ usable windows"),
            Self::Burstiness(1) => "steadiest fifth".to_owned(),
            Self::Burstiness(5) => "burstiest fifth".to_owned(),
            Self::Burstiness(nth) => format!("burstiness fifth {nth}"),
        }
    }
}

/// Who raises the most alarms among their own periods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loudest {
    /// Who.
    pub name: Untrusted,
    /// Periods at or below 1 %.
    pub days: Share,
    /// Share of all such periods that the loudest tenth of identities raises.
    pub of_top_tenth: Share,
}

/// A change that is no attack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Control {
    /// Which.
    pub kind: Kind,
    /// How many became findings that were none before, at the usual budget.
    pub raised: Share,
}

/// An identity that nothing, or not enough, can be said about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unwatched {
    /// Stable key.
    pub id: Untrusted,
    /// Readable name.
    pub name: Untrusted,
    /// Class.
    pub class: Class,
    /// Why.
    pub reason: Reason,
}

/// Why an identity cannot be watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// Several callers behind one identity.
    Shared,
    /// No history before its reviews.
    NoHistory,
    /// Too little history.
    Thin,
    /// Its days hold a single event, and nobody can tell whose.
    OneEventDays,
    /// Nothing that was planted in it ever became a finding.
    NeverFound,
    /// Its class is not judged.
    NotJudged,
}

impl Reason {
    /// The name used in machine output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Shared => "shared",
            Self::NoHistory => "no_history",
            Self::Thin => "thin",
            Self::OneEventDays => "one_event_days",
            Self::NeverFound => "never_found",
            Self::NotJudged => "not_judged",
        }
    }

    /// Why, in words.
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Self::Shared => "several callers share it, none of them with habits",
            Self::NoHistory => "first seen in its review",
            Self::Thin => "too little history",
            Self::OneEventDays => "its days hold one event each",
            Self::NeverFound => "nothing planted in it became a finding",
            Self::NotJudged => "its class is not judged",
        }
    }
}

/// What has to hold for the promises to be believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Criterion {
    /// Short name, for machine output.
    pub name: &'static str,
    /// Whether it holds; `None` if there was not enough to tell.
    pub holds: Option<bool>,
    /// What was seen.
    pub sentence: String,
}
