//! The criteria: what has to hold for the promises to be believed (MODEL §11).

use std::collections::BTreeMap;

use super::outcome::{Control, Criterion, Cut, NOMINAL_RATES, Rates, Recall, Scope};
use super::quiet::alarms;
use super::record::Records;
use crate::model::Verdict;
use crate::model::plant::Group;

/// How far an observed rate may lie from the nominal one.
const FACTOR: f64 = 1.5;
/// Periods from which a class or identity can be told about.
const MIN_DAYS: u64 = 30;
/// No identity raises alarms on more than this share of its periods.
const MAX_SHARE: f64 = 0.05;
/// Groups of plants in which the model has to be better than counting.
const MIN_BETTER: usize = 3;

/// All four.
pub(super) fn all(
    records: &Records,
    groups: &[Recall],
    rates: &[Rates],
    controls: &[Control],
) -> Vec<Criterion> {
    vec![
        honest(rates),
        better(groups),
        quiet(controls),
        loud(records),
    ]
}

/// Every class near the nominal rate at 1 %.
fn honest(rates: &[Rates]) -> Criterion {
    let [_, _, nominal, ..] = NOMINAL_RATES;
    let classes = rates
        .iter()
        .filter(|rates| matches!(rates.cut, Cut::Class(_)));
    let (mut n, mut off) = (0, Vec::new());
    for rates in classes {
        let [_, _, days, ..] = rates.days;
        let Some(observed) = days.value().filter(|_| days.n >= MIN_DAYS) else {
            continue;
        };
        n += 1;
        let (from, to) = days.interval();
        if from > nominal * FACTOR || to < nominal / FACTOR {
            off.push(format!("{} {:.2} %", rates.cut.name(), 100.0 * observed));
        }
    }
    let sentence = if n == 0 {
        "no class has enough ordinary periods to tell its alarm rate".to_owned()
    } else if off.is_empty() {
        format!("every class raises about 1 % alarms at nominal 1 % (within a factor of {FACTOR})")
    } else {
        format!(
            "alarms at nominal 1 % are off by more than a factor of {FACTOR}: {}",
            off.join(", ")
        )
    };
    Criterion {
        name: "honest_rates",
        holds: (n > 0).then_some(off.is_empty()),
        sentence,
    }
}

/// Better than the share of first-seen values in three of four groups.
fn better(groups: &[Recall]) -> Criterion {
    let asked = [
        Group::Foreign,
        Group::Fragment,
        Group::Origin,
        Group::Amount,
    ];
    let (mut n, mut better) = (0, Vec::new());
    for recall in groups {
        let Scope::Group(group) = recall.scope else {
            continue;
        };
        let ([ours, _], [_, share, _]) = (recall.at_rates, recall.by_rules);
        if asked.contains(&group) {
            n += 1;
            if ours.value() > share.value() {
                better.push(group.name());
            }
        }
    }
    let sentence = if n < asked.len() {
        "not every group of plants could be planted here".to_owned()
    } else if better.is_empty() {
        "finds no more than the share of first-seen values does, in any group of plants".to_owned()
    } else {
        format!(
            "finds more than the share of first-seen values does in {} of {n} groups of plants: {}",
            better.len(),
            better.join(", ")
        )
    };
    Criterion {
        name: "better_than_counting",
        holds: (n == asked.len()).then_some(better.len() >= MIN_BETTER),
        sentence,
    }
}

/// No control became a finding.
fn quiet(controls: &[Control]) -> Criterion {
    let n: u64 = controls.iter().map(|control| control.raised.n).sum();
    let k: u64 = controls.iter().map(|control| control.raised.k).sum();
    Criterion {
        name: "controls_quiet",
        holds: (n > 0).then_some(k == 0),
        sentence: match (n, k) {
            (0, _) => "no control could be planted here".to_owned(),
            (_, 0) => format!("none of {n} ordinary changes became a finding"),
            _ => format!("{k} of {n} ordinary changes became findings"),
        },
    }
}

/// Nobody raises alarms all the time.
fn loud(records: &Records) -> Criterion {
    let verdicts: BTreeMap<usize, Verdict> = records
        .own
        .iter()
        .map(|own| (own.who, own.verdict))
        .collect();
    let excused = |who: &usize| {
        let verdict = verdicts.get(who);
        verdict.is_some_and(|v| matches!(v, Verdict::Drifting | Verdict::Shared))
    };
    let (mut n, mut k) = (0_u64, 0_u64);
    for (who, share) in alarms(records) {
        if share.n >= MIN_DAYS && !excused(&who) {
            n += 1;
            k += u64::from(share.value().is_some_and(|value| value > MAX_SHARE));
        }
    }
    Criterion {
        name: "nobody_loud",
        holds: (n > 0).then_some(k == 0),
        sentence: match (n, k) {
            (0, _) => format!("no identity has {MIN_DAYS} ordinary periods to count its alarms in"),
            (_, 0) => format!(
                "none of {n} identities raises alarms at 1 % on more than 5 % of its periods"
            ),
            _ => format!(
                "{k} of {n} identities raise alarms at 1 % on more than 5 % of their periods"
            ),
        },
    }
}
