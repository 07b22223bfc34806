//! Scores: what the model says about each identity, ready to be explained.

use super::slate::Slate;
use super::{Channel, Family, Lesson, NewSet, Severity, Statistic, Verdict};
use crate::ledger::Dimension;
use crate::stats::joint;
use crate::stats::novelty::NoveltyType;

/// The result of scoring a review.
#[derive(Debug)]
pub struct Scores {
    /// What was scored: identities, values and periods by number.
    pub slate: Slate,
    /// One per identity that was active in the review, best ranked first;
    /// those without a p-value last.
    pub identities: Vec<IdentityScore>,
    /// History windows that calibrated the scores.
    pub n_pool: usize,
    /// Pseudo-reviews that calibrated the reviews.
    pub n_pool_reviews: usize,
    /// What was learned about weights.
    pub lessons: Vec<Lesson>,
}

/// What the model says about one identity over the review.
#[derive(Clone, Debug)]
pub struct IdentityScore {
    /// Number of the identity in [`Slate::subjects`].
    pub subject: usize,
    /// How its p-value came about, or why there is none.
    pub judgement: Judgement,
    /// Windows of the history that could be scored.
    pub n_usable: u32,
    /// Every verdict that applies, the leading one first.
    pub verdicts: Vec<Verdict>,
    /// Each active period of the review, in order.
    pub days: Vec<DayScore>,
    /// Departures from habit, strongest contribution first.
    pub deviations: Vec<Deviation>,
    /// Numbers of its peers, nearest first.
    pub peers: Vec<usize>,
    /// What most of its peers have in common with it by name, by team or by
    /// permission set: `role/ci-*`. It may hold logged text.
    pub peer_key: Option<Box<str>>,
    /// What it is judged together with, if its accounts are several: then the
    /// judgement is that of all of them, and all else its own.
    pub together: Option<Box<Together>>,
}

impl IdentityScore {
    /// Its accounts, the leading one first: itself, and those that it is judged
    /// together with.
    pub fn accounts(&self) -> impl Iterator<Item = &Self> {
        let others = self.together.iter().flat_map(|it| &it.others);
        std::iter::once(self).chain(others)
    }
}

/// One person with several accounts.
#[derive(Clone, Debug)]
pub struct Together {
    /// What the leading account says alone.
    pub alone: Option<ReviewScore>,
    /// The other accounts as they are alone, the one that departs most first.
    pub others: Vec<IdentityScore>,
    /// Each period in which any of them was active and scored, in order, with
    /// the calibrated p-value of all of them.
    pub days: Vec<(i32, f64)>,
    /// What the history shows about accounts that depart together.
    pub pairs: Pairs,
}

/// Pairs of accounts of one person that were in use on one day of the history,
/// of all persons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pairs {
    /// All of them.
    pub n: usize,
    /// Those of which both departed.
    pub n_both: usize,
}

impl Pairs {
    /// How much likelier an account departs where another one does, see
    /// [`joint::again`].
    #[must_use]
    pub fn again(self) -> f64 {
        joint::again(self.n_both, self.n)
    }
}

/// The outcome for one identity.
#[derive(Clone, Debug, PartialEq)]
pub enum Judgement {
    /// Scored and ranked.
    Ranked(ReviewScore),
    /// Scored against others' habits for want of its own; placed lower.
    Thin(ReviewScore),
    /// Not scored.
    Abstained(Abstention),
}

impl Judgement {
    /// The scores, if there are any.
    #[must_use]
    pub fn review(&self) -> Option<&ReviewScore> {
        match self {
            Self::Ranked(score) | Self::Thin(score) => Some(score),
            Self::Abstained(_) => None,
        }
    }
}

/// Scores of the review as a whole.
#[derive(Clone, Debug, PartialEq)]
pub struct ReviewScore {
    /// Probability that ordinary life of this identity looks at least this
    /// unusual over a review of this length.
    pub p_review: f64,
    /// From the days: Šidák over the smallest.
    pub p_days: f64,
    /// From the review as a whole; `None` where no pseudo-review calibrates
    /// it.
    pub p_whole: Option<f64>,
    /// The review score R, in weighted bits.
    pub score: f64,
    /// The terms of R: name and weighted bits.
    pub terms: Vec<(&'static str, f64)>,
    /// Benjamini–Hochberg q over all scored identities.
    pub q_value: f64,
    /// Which reading set the p-value.
    pub channel: Channel,
    /// How serious.
    pub severity: Severity,
}

/// Why an identity has no p-value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Abstention {
    /// Not a single event in the history, and nobody to compare it with.
    NoHistory,
    /// Several callers behind one identity, none of them with habits.
    Shared,
    /// The class is not judged (account root without history of its own).
    NotJudged,
}

/// One scored period.
#[derive(Clone, Debug)]
pub struct DayScore {
    /// Number of the period.
    pub ordinal: i32,
    /// Calibrated p-value.
    pub p: f64,
    /// Events.
    pub n_events: u32,
    /// Scores of takeover, fragment and burst.
    pub scores: [f64; 3],
    /// Their p-values.
    pub p_channels: [f64; 3],
    /// Bits per family.
    pub families: Vec<(Family, f64)>,
}

/// One departure from habit, in numbers.
#[derive(Clone, Debug)]
pub struct Deviation {
    /// Which statistic leads.
    pub statistic: Statistic,
    /// The family it stands for.
    pub family: Family,
    /// Period it was seen in.
    pub ordinal: i32,
    /// Surprise of the family, in bits.
    pub bits: f64,
    /// Its share of the score, 0 to 1.
    pub share: f64,
    /// The facts.
    pub detail: Detail,
}

/// The facts behind a deviation.
#[derive(Clone, Debug)]
pub enum Detail {
    /// Values never used before.
    NewValues {
        /// Of which dimension.
        dimension: Dimension,
        /// Which kinds the statistic counts.
        set: NewSet,
        /// How many distinct values are new (of any kind), of how many.
        k: u32,
        /// Distinct values in the period.
        n: u32,
        /// Share of values that is usually new to this identity.
        usual_share: f64,
        /// The new values: world first, then lateral, then peer; sensitive
        /// ones and those with fewer users first.
        values: Vec<NewValue>,
    },
    /// Many new values over several dimensions.
    NewOverall {
        /// New values.
        k: u32,
        /// Distinct values.
        n: u32,
        /// Share that is usually new.
        usual_share: f64,
    },
    /// Activity at hours that are not its own.
    Hours {
        /// Hours of the day (0–23, UTC) with the number of history days that
        /// had activity within one hour of it, rarest first.
        hours: Vec<(u8, u32)>,
        /// Active days in the history.
        n_days: u32,
    },
    /// Steps that do not usually follow each other, the most surprising first.
    Steps {
        /// At most a few.
        steps: Vec<OddStep>,
    },
    /// An amount.
    Amount {
        /// What was counted.
        x: u64,
        /// Windows it is compared with.
        n_windows: u32,
        /// Median of these.
        median: u64,
        /// Largest of these.
        max: u64,
        /// Largest of its peers', if it has any.
        peers_max: Option<u64>,
    },
    /// A share.
    Share {
        /// How many.
        k: u32,
        /// Of how many.
        n: u32,
        /// The usual share.
        usual_share: f64,
    },
}

/// A step that was taken after an unusual one, with what is usual over the
/// history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OddStep {
    /// The step and the one before it: their number in [`Slate::value`].
    pub value: u32,
    /// Days on which they followed each other.
    pub n_days: u32,
    /// Days on which anything followed the one before.
    pub n_context_days: u32,
    /// Days on which the step was taken at all.
    pub n_token_days: u32,
    /// What usually followed the one before, and on how many days.
    pub usual_next: Option<(u32, u32)>,
    /// What usually stood before the step, and on how many days.
    pub usual_before: Option<(u32, u32)>,
}

/// A value that was new to the identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewValue {
    /// Its number in [`Slate::value`].
    pub value: u32,
    /// To whom it is new.
    pub kind: NoveltyType,
    /// Peers that used it before.
    pub n_peers: u32,
    /// Other identities that used it before.
    pub n_others: u32,
    /// Whether the action is sensitive.
    pub is_sensitive: bool,
}
