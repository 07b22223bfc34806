//! Ledgers to scores: how unusual each identity's review is *for that
//! identity*, as a calibrated probability (MODEL).
//!
//! The plot is [`score()`]: lay history and review side by side ([`slate`]),
//! find peers, replay the history as if every day of it were the review
//! (`replay`, `past`), score the review day by day and as a whole, explain. Nothing in
//! here reads a file, a clock or a vendor's field name.
//!
//! # Departures from the reference document, and why
//!
//! * Breadth counts distinct resources by native id, not by template:
//!   enumerating generated ids is breadth.
//! * `denied.then_success` watches privileged actions only, so that a cell
//!   need not remember every action of the day.
//! * Hour bits are those beyond the identity's own usual day.
//! * Levels are compared in steps of a quarter bit
//!   ([`Parameters::level_step`]).
//! * A kind of failure that three identities meet for the first time within
//!   three periods is the environment's ([`slate::Slate::is_storm`]): neither it
//!   nor its refusals count for anybody.
//! * What three independent peers begin with in the same week surprises nobody
//!   (`adoption`), and the review's own days count as seen for it.
//! * What begins on one day with several peers is known to peers only if most of
//!   those that are active do so: networks and sensitive actions, too.
//! * What is set aside in a review is learned once it has come to stay
//!   (`present`), as it is in the history.
//! * What new actions say already, their order does not say again
//!   ([`Parameters::discounts_echoes`]); orders of tactics count if no peer
//!   follows them, and owners if no peer touches what is theirs: else whatever
//!   a team adopts would be strange twice.
//! * Who has fewer than eight usable windows is ranked among the first eight of
//!   everybody (`calibration`): to a beginner much is new, and often is.
//! * The first three days of an identity are ranked among days of others who are
//!   taken for newcomers (`newcomer`), and say nothing of a review as a whole.
//!   What its peers know, a newcomer knows. Those with fewer than three usable
//!   windows are not listed behind everybody: each takes the place of a p-value ten
//!   times its own.
//! * What windows of a pool reach is never said to be rarer than it is among them
//!   ([`Parameters::counts_tails`]).
//! * Days of the history are held against those outside of their own week, as long
//!   as the review is ([`slate::Slate`] is cut): a review's days know nothing of
//!   each other either, and what lasts a week excused itself before.
//! * What nothing is learned from stays in the pools, though not in own lists: pools
//!   ended before their tails, and a review's strangest days found nothing like them.
//! * A calibration goes only so far beyond a tail probability
//!   ([`Parameters::bounds_tails`]): where a class has always as much of something,
//!   or none, a little more was one in a hundred million.
//! * On a day on which every network is new, a person who signs in as ever has
//!   arrived (`arrival`): a review does not count it as one from nowhere.
//! * The gaps of identities and credentials are facts, and of the review only.
//! * Sensitive actions have a dimension and family of their own: one that is
//!   new says more than the ten harmless ones that are new beside it.
//! * The third channel is the largest of the families that say enough alone
//!   ([`Parameters::lone`]), not of amounts only: a stolen session or a shifted
//!   day is one departure too.
//! * A session in two networks in turns weighs as much as a new network does: what
//!   a team takes up never brings it about.
//! * The review score's terms use the bits of each day's calibrated p-values.
//! * A network that another account of the same person knew before is not new
//!   (`elsewhere`): who moves is in a new place once, and not once per product.
//! * Accounts that are linked keep their own habits, lists and scores (`person`):
//!   pooling their rates and amounts let one product hide what another showed.
//!   Their p-values of a day are combined ([`crate::stats::joint`]), those of the
//!   review as a whole by Šidák.

mod adoption;
mod arrival;
mod calibration;
mod elsewhere;
mod explain;
mod first_use;
mod firsts;
mod judge;
mod judgement;
mod keys;
mod learn;
mod level;
mod newcomer;
mod novelty;
mod owner;
mod parallel;
mod past;
mod peers;
mod person;
pub mod plant;
mod prepared;
mod present;
mod quarantine;
mod ranking;
mod reading;
mod reckoning;
mod replay;
mod review;
mod rows;
mod score;
mod sequence;
pub mod slate;
mod statistic;
pub mod subject;
mod verdict;
mod whole;

#[cfg(test)]
mod tests;

pub use crate::identity::SSO_ROLE;
pub use calibration::Calibrated;
pub use judgement::{Channel, Severity, Verdict};
pub use keys::Teams;
pub use learn::{Lesson, Weighed};
pub use person::{JointDayReckoning, PersonReckoning};
pub use reckoning::{
    Among, ChannelReckoning, DayReckoning, Discovery, FamilyReckoning, Measure, PoolAge,
    PoolReckoning, Reckoning, StatisticReckoning, TermReckoning, WholeReckoning,
};
pub use score::{
    Abstention, DayScore, Detail, Deviation, IdentityScore, Judgement, NewValue, OddStep, Pairs,
    ReviewScore, Scores, Together,
};
pub use statistic::{
    ChannelCalibration, DayTypes, Family, Learned, NewSet, Parameters, PerClass, ReviewTerm,
    Rhythm, Statistic, Weighing,
};

use prepared::Prepared;

use crate::event::Window;
use crate::ledger::Ledger;

/// Scores `review` against `history`.
///
/// Both ledgers have slots of one length and hold settled identities
/// (`Decisions`). `windows` are those of both: pseudo-reviews are as long as
/// the review and are counted back from the end of the history. Those that the
/// review's links make one have one score together.
#[must_use]
pub fn score(
    history: &Ledger,
    review: &Ledger,
    windows: (Window, Window),
    parameters: &Parameters,
) -> Scores {
    Prepared::new(history, review, windows, parameters).into_scores(review.links())
}
