//! Sentences about the order in which things were done.

use super::{Told, cited};
use crate::finding::case::Case;
use crate::finding::wording::{self, count};
use crate::ledger::steps_of;
use crate::model::{Deviation, OddStep};

/// What every sequence begins with.
const START: &str = "^";

/// Steps that do not usually follow each other.
pub(super) fn tell(case: &Case<'_>, deviation: &Deviation, steps: &[OddStep]) -> Option<Told> {
    let lead = steps.first()?;
    let text = |step: &OddStep| case.slate().value(step.value);
    let sentences: Vec<String> = steps.iter().map(|step| sentence(case, step)).collect();
    let tokens: Vec<&str> = steps.iter().map(|step| steps_of(text(step)).1).collect();
    Some(Told {
        observed: pair(text(lead)),
        typical: typical(case, lead),
        sentence: format!("unusual order: {}", sentences.join("; ")),
        novelty: None,
        values: steps.iter().map(|step| pair(text(step))).collect(),
        cited: cited::of_steps(case, deviation.ordinal, &tokens),
    })
}

/// `iam/credential after s3/read`.
fn pair(bigram: &str) -> String {
    let (context, token) = steps_of(bigram);
    match context {
        START => format!("{} as the first step", wording::value(token)),
        context => format!(
            "{} after {}",
            wording::value(token),
            wording::value(context)
        ),
    }
}

/// `iam/credential after s3/read, never before: it took that step on 0 of 44
/// active days; s3/read was followed by s3/write on 41 of 44`.
fn sentence(case: &Case<'_>, step: &OddStep) -> String {
    let text = case.slate().value(step.value);
    let (context, token) = steps_of(text);
    let how_often = match (step.n_token_days, step.n_days) {
        (0, _) => format!("never took that step on {}", case.active()),
        (n, 0) => format!(
            "never in this order on the {} it took that step",
            days(case, n)
        ),
        (n, own) => format!(
            "in this order on {} of the {} with it",
            count(own),
            days(case, n)
        ),
    };
    let before = match step.usual_before {
        Some((usual, n)) if step.n_token_days > 0 => match steps_of(case.slate().value(usual)).0 {
            START => format!(
                ", which was its first step on {} of {}",
                count(n),
                count(step.n_token_days)
            ),
            usual => format!(
                ", without the {} that came before it on {} of {}",
                wording::value(usual),
                count(n),
                count(step.n_token_days)
            ),
        },
        _ => next(case, step, context),
    };
    let _ = token;
    format!("{} ({how_often}{before})", pair(text))
}

/// What usually follows the step before.
fn next(case: &Case<'_>, step: &OddStep, context: &str) -> String {
    let Some((usual, n)) = step.usual_next else {
        return String::new();
    };
    let usual = wording::value(steps_of(case.slate().value(usual)).1);
    let of = count(step.n_context_days);
    match context {
        START => format!("; its first step was {usual} on {} of {of}", count(n)),
        context => format!(
            "; {} was followed by {usual} on {} of {of}",
            wording::value(context),
            count(n)
        ),
    }
}

fn typical(case: &Case<'_>, step: &OddStep) -> String {
    let usual = step.usual_before.filter(|_| step.n_token_days > 0);
    match usual.or(step.usual_next) {
        Some((usual, n)) => {
            let of = match usual_of(step) {
                0 => case.n_active(),
                of => of,
            };
            let usual = pair(case.slate().value(usual));
            format!("usually {usual} on {} of {}", count(n), days(case, of))
        }
        None => format!("usually other steps, over {}", case.active()),
    }
}

/// Days that the usual step is compared with.
fn usual_of(step: &OddStep) -> u32 {
    if step.n_token_days > 0 && step.usual_before.is_some() {
        step.n_token_days
    } else {
        step.n_context_days
    }
}

fn days(case: &Case<'_>, n: u32) -> String {
    wording::active(n, case.slate().period)
}
