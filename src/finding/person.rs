//! Persons: one finding from the cases of one person's accounts.

use std::collections::{BTreeMap, BTreeSet};

use super::case::Case;
use super::fact::{self, Draft};
use super::wording::number;
use super::{Evidence, Finding, FindingDay, Support};
use crate::event::Source;
use crate::model::slate::Ordinal;
use crate::stats::combine::bits;
use crate::stats::joint::JOINT_P;

/// A case with its facts.
pub(super) type Told<'a> = (Case<'a>, Vec<Draft>);

/// What the accounts of one person say, of which the one that departs most is
/// first; `findings` are what each would be alone. One account alone stays as
/// it is.
pub(super) fn unite(parts: &[Told<'_>], findings: Vec<Finding>) -> Option<Finding> {
    let mut findings = findings.into_iter();
    let mut whole = findings.next()?;
    let (lead, _) = parts.first()?;
    let Some(together) = &lead.score.together else {
        return Some(whole);
    };
    let others: Vec<Finding> = findings.collect();
    whole.identity.sources = sources(parts);
    if let Some((own, _)) = parts.iter().find(|(it, _)| is_itself(it)) {
        whole.identity.class = own.subject.class;
    }
    whole.support = support(parts, &whole.support);
    whole.days = days(parts, &together.days);
    whole.facts = fact::told(parts);
    for ((_, facts), other) in parts.iter().skip(1).zip(&others) {
        whole.severity = whole.severity.max(fact::least_severity(facts));
        whole.tags.merge(&other.tags);
    }
    let alone = together.alone.as_ref().map(|score| score.p_review);
    whole.evidence = evidence(parts, (alone, whole.evidence), others);
    Some(whole)
}

/// Whether it is the account that the person is called by.
fn is_itself(case: &Case<'_>) -> bool {
    case.person().key == case.subject.row.key
}

fn sources(parts: &[Told<'_>]) -> Vec<Source> {
    let all: BTreeSet<Source> = parts.iter().flat_map(|(case, _)| case.sources()).collect();
    Source::ALL
        .into_iter()
        .filter(|it| all.contains(it))
        .collect()
}

/// Periods are counted once, however many accounts were in use in them. How
/// far the baseline can be relied on is that of the account that leads.
fn support(parts: &[Told<'_>], lead: &Support) -> Support {
    let history = parts.iter().flat_map(|(case, _)| case.subject.history());
    let active: BTreeSet<Ordinal> = history.map(|day| day.ordinal).collect();
    let supports: Vec<Support> = parts.iter().map(|(case, _)| case.support()).collect();
    let usable = supports.iter().map(|it| it.usable_days);
    Support {
        active_days: number(active.len()),
        usable_days: usable.max().unwrap_or_default(),
        n_events: supports.iter().map(|it| it.n_events).sum(),
        ..lead.clone()
    }
}

/// Every scored period of any account.
fn days(parts: &[Told<'_>], joint: &[(Ordinal, f64)]) -> Vec<FindingDay> {
    let joint: BTreeMap<Ordinal, f64> = joint.iter().copied().collect();
    let mut days: BTreeMap<Ordinal, FindingDay> = BTreeMap::new();
    for (case, _) in parts {
        for (score, day) in case.score.days.iter().zip(case.days()) {
            let n_events = day.n_events;
            let own = days.entry(score.ordinal).or_insert(FindingDay {
                p_value: joint.get(&score.ordinal).copied(),
                n_events: 0,
                ..day
            });
            own.n_events = own.n_events.saturating_add(n_events);
        }
    }
    days.into_values().collect()
}

/// The evidence of the account that departs most and of all others that do,
/// each with the name of its product. Shares are of what all of them say.
fn evidence(
    parts: &[Told<'_>],
    lead: (Option<f64>, Vec<Evidence>),
    others: Vec<Finding>,
) -> Vec<Evidence> {
    let others = others.into_iter().map(|it| (it.p_value, it.evidence));
    let accounts = parts.iter().zip(std::iter::once(lead).chain(others));
    let departing: Vec<_> = accounts
        .enumerate()
        .filter(|(at, (_, (p, _)))| *at == 0 || p.is_some_and(|p| p < JOINT_P))
        .map(|(_, ((case, _), (p, evidence)))| (case, bits(p.unwrap_or(1.0)), evidence))
        .collect();
    let total: f64 = departing.iter().map(|(_, bits, _)| bits).sum();
    let mut all = Vec::new();
    for (case, bits, evidence) in departing {
        let share = if total > 0.0 { bits / total } else { 1.0 };
        let product = case.subject.row.source().map_or("", Source::name);
        all.extend(evidence.into_iter().map(|it| Evidence {
            share: it.share * share,
            sentence: format!("{product}: {}", it.sentence.as_raw()).into(),
            ..it
        }));
    }
    all
}
