//! Ledgers to scores: how unusual each identity's review is *for that
//! identity*, as a calibrated probability (MODEL).
//!
//! The plot is [`score()`]: lay history and review side by side ([`slate`]),
//! find peers, replay the history as if every day of it were the review
//! (`past`), score the review day by day and as a whole, explain. Nothing in
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
//! * What new actions say already, their order does not say again
//!   ([`Parameters::discounts_echoes`]); orders of tactics count if no peer
//!   follows them, and owners if no peer touches what is theirs: else whatever
//!   a team adopts would be strange twice.
//! * The gaps of identities and credentials are facts, and of the review only.
//! * Sensitive actions have a dimension and family of their own: one that is
//!   new says more than the ten harmless ones that are new beside it.
//! * The third channel is the largest of the families that say enough alone
//!   ([`Parameters::lone`]), not of amounts only: a stolen session or a shifted
//!   day is one departure too.
//! * The review score's terms use the bits of each day's calibrated p-values.

mod calibration;
mod explain;
mod judge;
mod judgement;
mod keys;
mod level;
mod novelty;
mod owner;
mod parallel;
mod past;
mod peers;
mod present;
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

pub use judgement::{Channel, Severity, Verdict};
pub use keys::Teams;
pub use score::{
    Abstention, DayScore, Detail, Deviation, IdentityScore, Judgement, NewValue, OddStep,
    ReviewScore, Scores,
};
pub use statistic::{ChannelCalibration, DayTypes, Family, NewSet, Parameters, Rhythm, Statistic};

use judge::{Judge, rank};
use past::Past;
use peers::Peers;
use present::read_review;
use slate::Slate;
use whole::Whole;

use crate::event::Window;
use crate::ledger::{Dimension, Ledger};

/// Scores `review` against `history`.
///
/// Both ledgers have slots of one length and hold settled identities
/// (`Decisions`). `windows` are those of both: pseudo-reviews are as long as
/// the review and are counted back from the end of the history.
#[must_use]
pub fn score(
    history: &Ledger,
    review: &Ledger,
    windows: (Window, Window),
    parameters: &Parameters,
) -> Scores {
    let mut slate = Slate::new(history, review);
    let Peers { near, shared_keys } = peers::find(&slate, parameters);
    let parameters = observed(parameters, &slate);
    let shared: Vec<bool> = slate.subjects.iter().map(verdict::is_shared).collect();
    let past = replayed(&mut slate, &near, &parameters, &shared);
    let readings = read_review(&mut slate, &near, &parameters, &past, &shared);
    let whole = Whole::calibrate(&slate, &near, &past, &parameters, &shared, windows);
    let judge = Judge {
        slate: &slate,
        peers: &near,
        shared_keys: &shared_keys,
        parameters: &parameters,
        past: &past,
        shared: &shared,
        whole: &whole,
    };
    let mut identities = parallel::map_each(parameters.threads, &readings, |(subject, days)| {
        judge.identity(*subject, days)
    });
    rank(&mut identities);
    Scores {
        n_pool: past.windows.len(),
        n_pool_reviews: whole.n_blocks,
        identities,
        slate,
    }
}

/// The history replayed, the second time without what was too unusual to be
/// learned from.
fn replayed(
    slate: &mut Slate,
    peers: &[Vec<usize>],
    parameters: &Parameters,
    shared: &[bool],
) -> Past {
    let past = Past::replay(slate, peers, parameters, shared);
    if !(parameters.quarantines_history && past.quarantine(slate, peers)) {
        return past;
    }
    // Nothing is larger than this, and nobody needs the first one any more.
    drop(past);
    Past::replay(slate, peers, parameters, shared)
}

/// The parameters without statistics of dimensions that the history never saw:
/// they would be paid for and could never speak.
fn observed(parameters: &Parameters, slate: &Slate) -> Parameters {
    let mut observed = parameters.clone();
    observed
        .statistics
        .retain(|(statistic, _)| match statistic {
            Statistic::New(dimension, _) => slate.is_observed(*dimension),
            Statistic::SequenceMean | Statistic::SequenceTop3 => {
                slate.is_observed(Dimension::Bigram)
            }
            Statistic::SessionSplit => slate.has_sessions(),
            _ => true,
        });
    observed
}
