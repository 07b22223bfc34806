//! A finding: what the scores say about one identity, as a person reads it.
//!
//! This module computes no score. It turns the model's numbers into sentences
//! with their denominators, cites the records behind them, chooses what the
//! alert budget allows, and says what to do next. Everything that quotes a log
//! is [`Untrusted`](crate::event::Untrusted) until a report encodes it.

mod abstention;
mod case;
mod caution;
mod evidence;
mod explanation;
mod fact;
pub mod framework;
mod linked;
mod person;
mod record;
mod rhythm;
mod selection;
pub(crate) mod shell;
mod step;
mod tag;
#[cfg(test)]
mod tests;
mod wording;

pub use case::readable_name;
pub use evidence::doing;
pub use explanation::{
    Among, AmountOf, Calibrated, ChannelReckoning, DayReckoning, Discovery, Explanation,
    FamilyReckoning, Habits, JointDayReckoning, Measure, Moment, Names, PersonReckoning, PoolAge,
    PoolRank, PoolReckoning, Reckoning, StatisticReckoning, Story, TermReckoning, Tried, Used,
    ValuesOf, Watched, WholeReckoning, arithmetic, habits, meant,
};
pub use linked::linked;
pub use record::*;

use sha2::{Digest, Sha256};

use crate::event::Window;
use crate::ingest::coverage::{FileCoverage, Insights};
use crate::ledger::Ledger;
use crate::model::{Judgement, Scores};
use case::Background;
use person::Told;

/// What findings are built from.
#[derive(Clone, Copy, Debug)]
pub struct BuildInput<'a> {
    /// What the model says.
    pub scores: &'a Scores,
    /// What was learned from.
    pub history: &'a Ledger,
    /// What was scored.
    pub review: &'a Ledger,
    /// History and review.
    pub windows: (Window, Window),
    /// Whether the windows are those that a run without window flags takes, so
    /// that a suggested command need not name them.
    pub are_windows_default: bool,
    /// Every input file, in the order of [`Provenance::file`].
    ///
    /// [`Provenance::file`]: crate::event::Provenance::file
    pub files: &'a [FileCoverage],
    /// What CloudTrail itself found unusual.
    pub insights: &'a Insights,
    /// Paths as the user gave them, for the commands that are suggested.
    pub inputs: &'a [String],
    /// How much can be followed up.
    pub budget: Budget,
}

/// How many findings somebody can follow up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Budget {
    /// Per day of the review.
    pub alerts_per_day: f64,
}

/// Builds the findings of a run, in the order of the scores.
#[must_use]
pub fn build(input: &BuildInput<'_>) -> Assessment {
    let background = Background::new(*input);
    let cases = background.cases();
    let told: Vec<Told<'_>> = cases
        .iter()
        .map(|case| (*case, fact::drafts(case)))
        .collect();
    let mut findings: Vec<Finding> = told
        .chunk_by(|_, (case, _)| case.follows)
        .filter_map(|parts| person::unite(parts, parts.iter().map(finding).collect()))
        .collect();
    selection::number(&mut findings);
    let expected_by_chance = selection::select(&mut findings, input.budget, input.windows.1);
    let n_scored = findings.iter().filter(|f| f.p_value.is_some()).count();
    Assessment {
        history: input.windows.0,
        review: input.windows.1,
        period: input.scores.slate.period.name(),
        findings,
        n_scored: wording::number(n_scored),
        expected_by_chance,
        facts: fact::foremost(&told),
        cautions: caution::cautions(&background, &cases),
        lessons: input.scores.lessons.clone(),
    }
}

fn finding(told: &Told<'_>) -> Finding {
    let (case, facts) = told;
    let judgement = &case.score.judgement;
    let review = judgement.review();
    let evidence = evidence::of(case);
    let severity = review.map_or(Severity::None, |review| review.severity);
    let severity = severity.max(fact::least_severity(facts));
    Finding {
        finding_id: finding_id(&case.person().key, case.background.windows.1),
        rank: None,
        identity: case.identity(),
        review: case.background.windows.1,
        p_value: review.map(|review| review.p_review),
        q_value: review.map(|review| review.q_value),
        severity,
        is_selected: false,
        recurrence: None,
        channel: review.map_or(Channel::Review, |review| review.channel),
        support: case.support(),
        abstained: match judgement {
            Judgement::Abstained(reason) => Some(abstention::reason(case, *reason)),
            Judgement::Ranked(_) | Judgement::Thin(_) => None,
        },
        days: case.days(),
        peers: case.peer_group(),
        tags: tag::tags(case, severity, facts),
        next_steps: step::steps(case, severity, &evidence),
        rhythm: (severity > Severity::None).then(|| rhythm::of(case)),
        facts: fact::told(std::slice::from_ref(told)),
        evidence,
    }
}

/// 16 hexadecimal digits that name an identity in a review, whatever its score
/// and place.
#[must_use]
pub fn finding_id(key: &str, review: Window) -> String {
    let mut hash = Sha256::new();
    hash.update(key.as_bytes());
    // No key holds this byte, so that no key can run into the times.
    hash.update([0]);
    hash.update(review.start.micros().to_be_bytes());
    hash.update(review.end.micros().to_be_bytes());
    hash.finalize()
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
