//! Twins: two deviations that tell one story. Only the more telling one is
//! told, in the first one's place and with the share of both.

use super::SHOWN;
use crate::finding::case::Case;
use crate::ledger::Dimension;
use crate::model::{Detail, Deviation, NewSet, NewValue, Statistic};

/// Statistics of which the first may say again what the second says: a new
/// service shows in its new actions, a new area in its new resources, an hour
/// in the other reading of hours, steps in their mean, a day's amount in that of its busiest hour,
/// and what was touched in the secrets that were read.
const TWINS: [(Statistic, Statistic); 9] = [
    (of(Dimension::Service), of(Dimension::Action)),
    (of(Dimension::Area), of(Dimension::Scope)),
    (of(Dimension::Action), of(Dimension::Sensitive)),
    (Statistic::SequenceTop3, Statistic::SequenceMean),
    (Statistic::Hour, Statistic::HourWindow),
    (Statistic::EventsDay, Statistic::EventsHour),
    (Statistic::TargetsDay, Statistic::TargetsHour),
    (Statistic::TargetsDay, Statistic::SecretsDay),
    (Statistic::TargetsHour, Statistic::SecretsDay),
];

const fn of(dimension: Dimension) -> Statistic {
    Statistic::New(dimension, NewSet::World)
}

/// Which of two twins is told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    First,
    Second,
    Both,
}

/// The deviations of a case without those that another one tells better.
pub(super) fn without(case: &Case<'_>) -> Vec<Deviation> {
    let mut deviations = case.score.deviations.clone();
    for (first, second) in TWINS {
        let position = |of: Statistic| {
            // New values of a dimension may be led by any kind of novelty.
            let mut own = deviations.iter();
            own.position(|d| d.statistic.name() == of.name())
        };
        let (Some(a), Some(b)) = (position(first), position(second)) else {
            continue;
        };
        let (Some(one), Some(other)) = (deviations.get(a), deviations.get(b)) else {
            continue;
        };
        let told = match more_telling(case, one, other) {
            Told::First => one,
            Told::Second => other,
            Told::Both => continue,
        };
        let merged = Deviation {
            bits: one.bits.max(other.bits),
            share: one.share + other.share,
            ..told.clone()
        };
        if let Some(place) = deviations.get_mut(a.min(b)) {
            *place = merged;
        }
        deviations.remove(a.max(b));
    }
    deviations
}

fn more_telling(case: &Case<'_>, first: &Deviation, second: &Deviation) -> Told {
    match (&first.detail, &second.detail) {
        // The sensitive ones are among the actions, which say how many more.
        (Detail::NewValues { .. }, Detail::NewValues { dimension, .. })
            if *dimension == Dimension::Sensitive =>
        {
            Told::First
        }
        (Detail::NewValues { values: coarse, .. }, Detail::NewValues { values: fine, .. }) => {
            coarse_or_fine(case, coarse, fine)
        }
        (Detail::Hours { hours: a, .. }, Detail::Hours { hours: b, .. }) => {
            // The rarer hour; it comes first.
            let near = |hours: &[(u8, u32)]| hours.first().map(|(_, n)| *n);
            if near(a) < near(b) {
                Told::First
            } else {
                Told::Second
            }
        }
        (Detail::Steps { .. }, Detail::Steps { .. }) => Told::Second,
        (Detail::Amount { x: a, .. }, Detail::Amount { x: b, .. })
            if first.ordinal == second.ordinal =>
        {
            match second.statistic {
                // Secrets that are most of what was touched are the story.
                Statistic::SecretsDay if b.saturating_mul(2) < *a => Told::Both,
                Statistic::SecretsDay => Told::Second,
                _ if first.bits > second.bits => Told::First,
                _ => Told::Second,
            }
        }
        _ => Told::Both,
    }
}

/// The coarse values say it better if all fine ones are theirs, and too many to
/// be written out.
fn coarse_or_fine(case: &Case<'_>, coarse: &[NewValue], fine: &[NewValue]) -> Told {
    let text = |value: &NewValue| case.slate().value(value.value);
    let is_part = |fine: &NewValue| {
        coarse.iter().any(|whole| {
            let rest = text(fine).strip_prefix(text(whole));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/', '.']))
        })
    };
    if fine.len() > SHOWN && fine.iter().all(is_part) {
        Told::First
    } else {
        Told::Second
    }
}
