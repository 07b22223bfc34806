//! A backtest: how well the model would have worked on this history, and
//! whether its promises hold there. Needs no labels.
//!
//! The history is reviewed week by week in the order of time, each week held
//! against all that lies before it. Nothing planted, the reviews say how often
//! ordinary life raises an alarm; with takeovers planted into copies of them,
//! how often those are found.

mod criteria;
mod outcome;
mod quiet;
mod recall;
mod record;
mod rules;
mod schedule;

#[cfg(test)]
mod tests;

pub use crate::model::plant::{Group, Kind};
pub use crate::model::{Family, Lesson, Weighed};
pub use outcome::{
    ALARM_RATES, BUDGETS, Control, Criterion, Cut, Loudest, NOMINAL_RATES, Outcome, Rates, Reason,
    Recall, Sampling, Scope, Share, Unwatched,
};
pub use rules::{N_RULES, RULES};
pub use schedule::{Step, TooShort};

use crate::event::{Period, Window};
use crate::ledger::{Decisions, Ledger};
use crate::model::Parameters;
use crate::model::plant::Trial;
use record::{Records, days_in};
use schedule::schedule;

/// What to try.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What was read; begins and ends between two periods.
    pub data: Window,
    /// Length of one scored period.
    pub period: Period,
    /// Length of one review, in seconds; `None` for a week.
    pub review_seconds: Option<i64>,
    /// At most so many reviews, the last ones.
    pub max_reviews: usize,
    /// At most so many plants.
    pub max_plants: usize,
    /// Which draw of partners.
    pub seed: u64,
    /// How the model is set.
    pub parameters: Parameters,
}

/// Runs a backtest on `ledger`, whose identities are not settled yet.
///
/// # Errors
///
/// [`TooShort`], when the data does not cover a history and a review.
pub fn run(ledger: &Ledger, plan: &Plan) -> Result<Outcome, TooShort> {
    let steps = schedule(
        plan.data,
        plan.period,
        plan.review_seconds,
        plan.max_reviews,
    )?;
    let mut records = Records::default();
    for (nth, step) in steps.iter().enumerate() {
        let (history, review) = settled(ledger, *step);
        let windows = (step.history, step.review);
        let mut trial = Trial::new(&history, &review, windows, &plan.parameters);
        let Window { start, end } = step.review;
        let n_days = days_in(end.seconds().saturating_sub(start.seconds()));
        records.observe(&trial, n_days);
        plant(&mut records, (nth, n_days), &mut trial, plan, steps.len());
    }
    Ok(assess(&records, steps, plan))
}

/// The two ledgers of a step, with the identities that its history decides on.
fn settled(ledger: &Ledger, step: Step) -> (Ledger, Ledger) {
    let (mut history, mut review) = (ledger.slice(step.history), ledger.slice(step.review));
    let decisions = Decisions::from_history(&history);
    decisions.apply_to_history(&mut history);
    decisions.apply_to_review(&mut review);
    (history, review)
}

/// Plants every kind into some of the identities of one review.
fn plant(
    records: &mut Records,
    (nth, n_days): (usize, f64),
    trial: &mut Trial,
    plan: &Plan,
    n_steps: usize,
) {
    let n_kinds = Kind::ATTACKS.len() + Kind::CONTROLS.len();
    let quota = (plan.max_plants / n_kinds / n_steps.max(1)).max(1);
    // Each review has partners of its own.
    let seed = plan.seed.rotate_left(20) ^ u64::try_from(nth).unwrap_or_default();
    for rank in trial.sample(quota, seed) {
        for kind in Kind::ATTACKS.into_iter().chain(Kind::CONTROLS) {
            if let Some(planted) = trial.plant(rank, kind, seed) {
                records.plant(trial, rank, kind, &planted, n_days);
            }
        }
        records.n_planted_reviews += 1;
    }
}

fn assess(records: &Records, steps: Vec<Step>, plan: &Plan) -> Outcome {
    let recalls = recall::by_kind(records);
    let groups = recall::by_group(records);
    let rates = quiet::rates(records);
    let controls = quiet::controls(records);
    let mut criteria = criteria::all(records, &groups, &rates, &controls);
    // A failed one first, those that could not be told last.
    criteria.sort_by_key(|criterion| match criterion.holds {
        Some(false) => 0,
        Some(true) => 1,
        None => 2,
    });
    Outcome {
        data: plan.data,
        period: plan.period.name(),
        steps,
        sampling: Sampling {
            n_identities: records.n_identities(),
            n_reviews: length(records.own.len()),
            n_days: records.own.iter().map(|own| length(own.days.len())).sum(),
            n_planted_reviews: records.n_planted_reviews,
            n_plants: length(records.tried.len()),
            seed: plan.seed,
        },
        criteria,
        quiet: quiet::findings(records),
        recalls,
        groups,
        lessons: records.lessons.clone(),
        loudest: quiet::loudest(records),
        rates,
        controls,
        unwatched: quiet::unwatched(records),
    }
}

fn length(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
