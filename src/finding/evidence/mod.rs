//! Evidence: one departure from habit as a sentence with its denominators and
//! the records that show it.

mod cited;
mod level;
mod new_value;
mod noun;
mod order;
mod split;
mod twin;

pub use noun::doing;

use std::collections::BTreeMap;

use super::case::Case;
use super::wording::{self, number};
use super::{Evidence, Novelty};
use crate::event::Untrusted;
use crate::ledger::Dimension;
use crate::model::{Detail, Deviation, Family, NewValue, Statistic};
use crate::stats::novelty::NoveltyType;
use cited::Cited;

/// Families that contribute less are told together …
const MIN_SHARE: f64 = 0.03;
/// … unless they would be unusual alone: 1 in 100.
const ALONE_BITS: f64 = 6.64;
/// Values listed in one piece of evidence.
const MAX_VALUES: usize = 20;
/// Values written out in one sentence.
const SHOWN: usize = 5;

/// The evidence of a case, the most telling first and otherwise in the order
/// of its deviations: no two say the same, and what hardly counts comes last
/// and together.
pub(super) fn of(case: &Case<'_>) -> Vec<Evidence> {
    let mut deviations = twin::without(case);
    deviations.sort_by_key(telling);
    let mut told: Vec<(Family, Evidence)> = deviations
        .iter()
        .filter_map(|deviation| Some((deviation.family, tell(case, deviation)?)))
        .collect();
    let mut shares: BTreeMap<Family, f64> = BTreeMap::new();
    for (family, evidence) in &told {
        *shares.entry(*family).or_default() += evidence.share;
    }
    let total: f64 = shares.values().sum();
    let is_small = |family: &Family, evidence: &Evidence| {
        let share = shares.get(family).copied().unwrap_or_default();
        total > 0.0 && share < MIN_SHARE && evidence.bits < ALONE_BITS
    };
    if told.iter().filter(|(f, e)| is_small(f, e)).count() < 2 {
        return told.into_iter().map(|(_, evidence)| evidence).collect();
    }
    let small = told.extract_if(.., |(f, e)| is_small(f, e));
    let rest = together(small.map(|(_, evidence)| evidence).collect());
    told.into_iter()
        .map(|(_, evidence)| evidence)
        .chain(rest)
        .collect()
}

/// How much a deviation tells somebody who has to decide: sensitive actions
/// before anything else, what is new and secrets before amounts. Only what
/// would be unusual alone is moved to the front.
fn telling(deviation: &Deviation) -> Telling {
    let is_sensitive = |new: &NewValue| new.is_sensitive && new.kind != NoveltyType::Peer;
    match &deviation.detail {
        _ if deviation.bits < ALONE_BITS => Telling::Rest,
        Detail::NewValues { values, .. } if values.iter().any(is_sensitive) => Telling::Sensitive,
        Detail::NewValues { .. } => Telling::New,
        _ if deviation.statistic == Statistic::SecretsDay => Telling::New,
        _ => Telling::Rest,
    }
}

/// See [`telling`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Telling {
    Sensitive,
    New,
    Rest,
}

/// What one deviation comes to, before it is cited.
struct Told {
    observed: String,
    typical: String,
    sentence: String,
    novelty: Option<Novelty>,
    values: Vec<String>,
    cited: Cited,
}

fn tell(case: &Case<'_>, deviation: &Deviation) -> Option<Evidence> {
    let told = match &deviation.detail {
        Detail::NewValues { .. } => new_value::tell(case, deviation)?,
        Detail::NewOverall { k, n, usual_share } => {
            let cited = cited::of_period(case, deviation.ordinal);
            new_value::overall(case, (*k, *n), *usual_share, cited)
        }
        Detail::Hours { hours, n_days } => level::hours(case, deviation, hours, *n_days),
        Detail::Steps { steps } => order::tell(case, deviation, steps)?,
        Detail::Amount { .. } => level::amount(case, deviation)?,
        Detail::Share { k, n, .. } if deviation.statistic == Statistic::SessionSplit => {
            split::tell(case, deviation, (*k, *n))?
        }
        Detail::Share { k, n, usual_share } => {
            level::share(case, deviation, (*k, *n), *usual_share)
        }
    };
    let n_more = told.values.len().saturating_sub(MAX_VALUES);
    let values = told.values.into_iter().take(MAX_VALUES);
    let background = case.background;
    let citations = &told.cited.citations;
    Some(Evidence {
        dimension: deviation.statistic.name(),
        family: deviation.family.name(),
        day: background.label(deviation.ordinal),
        bits: deviation.bits,
        share: deviation.share,
        novelty: told.novelty,
        observed: told.observed.into(),
        typical: told.typical.into(),
        sentence: told.sentence.into(),
        first_time: told.cited.first_time(),
        n_events: told.cited.n_events,
        values: values.map(Untrusted::from).collect(),
        n_more_values: number(n_more).into(),
        event_ids: citations
            .iter()
            .map(|c| c.native_id.to_string().into())
            .collect(),
        records: citations.iter().map(|c| background.record(c)).collect(),
    })
}

/// Small departures as one.
fn together(small: Vec<Evidence>) -> Option<Evidence> {
    let mut small = small.into_iter();
    let mut all = small.next()?;
    let mut phrases = vec![phrase(&all)];
    for other in small {
        phrases.push(phrase(&other));
        all.bits = all.bits.max(other.bits);
        all.share += other.share;
        all.first_time = match (all.first_time, other.first_time) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        all.n_events = all.n_events.max(other.n_events);
        all.n_more_values = all.n_more_values.saturating_add(other.n_more_values);
        all.novelty = all.novelty.max(other.novelty);
        all.values.extend(other.values);
        all.event_ids.extend(other.event_ids.into_iter().take(1));
        all.records.extend(other.records.into_iter().take(1));
    }
    let n_more = all.values.len().saturating_sub(MAX_VALUES);
    all.values.truncate(MAX_VALUES);
    all.n_more_values = all.n_more_values.saturating_add(number(n_more).into());
    let share = wording::percent(all.share);
    Some(Evidence {
        dimension: "other",
        family: "other",
        observed: format!("{} smaller departures", phrases.len()).into(),
        typical: Untrusted::default(),
        sentence: format!(
            "besides, adding {share} of the score: {}",
            phrases.join("; ")
        )
        .into(),
        ..all
    })
}

fn phrase(evidence: &Evidence) -> String {
    let typical = evidence.typical.as_raw();
    let usually = if typical.starts_with("usually") {
        ""
    } else {
        "usually "
    };
    format!("{} ({usually}{typical})", evidence.observed.as_raw())
}

/// The dimension and the values of a deviation that is about new values.
pub(super) fn new_values(deviation: &Deviation) -> Option<(Dimension, &[NewValue])> {
    match &deviation.detail {
        Detail::NewValues {
            dimension, values, ..
        } => Some((*dimension, values)),
        _ => None,
    }
}
