//! Persons: what the accounts of one person in several products say together.
//!
//! Every account is held against its own habits alone, so that a quiet product
//! hides nothing that a busy one shows, nor the other way round. Only then are
//! their days put side by side.

use std::collections::BTreeMap;

use super::judge::Judge;
use super::past::Past;
use super::slate::{Ordinal, Slate};
use super::{IdentityScore, Judgement, ReviewScore, Together};
use crate::ledger::Links;
use crate::stats::combine::{days_p, review_p};
use crate::stats::joint::{self, JOINT_P, joint_p};

/// Makes one of the scores of those that are one; the others stay as they are.
pub(super) fn unite(
    judge: &Judge<'_>,
    links: &Links,
    identities: Vec<IdentityScore>,
) -> Vec<IdentityScore> {
    if links.joins_nobody() {
        return identities;
    }
    let persons = persons(judge.slate, links);
    let again = again(judge.past, &persons);
    let mut members: BTreeMap<usize, Vec<IdentityScore>> = BTreeMap::new();
    for identity in identities {
        let person = persons.get(identity.subject).copied();
        let person = person.unwrap_or(identity.subject);
        members.entry(person).or_default().push(identity);
    }
    let members = members.into_values();
    members
        .filter_map(|members| one(judge, again, members))
        .collect()
}

/// Per subject, the first subject of its person.
fn persons(slate: &Slate, links: &Links) -> Vec<usize> {
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    let subjects = slate.subjects.iter().enumerate();
    subjects
        .map(|(at, own)| *first.entry(links.account_of(&own.row.key)).or_insert(at))
        .collect()
}

/// How much likelier a departure is where another account of the person
/// departs on the same day, over the history.
fn again(past: &Past, persons: &[usize]) -> f64 {
    let mut days: BTreeMap<(usize, Ordinal), (usize, usize)> = BTreeMap::new();
    for window in &past.windows {
        if let Some(person) = persons.get(window.subject) {
            let (n, n_departed) = days.entry((*person, window.ordinal)).or_default();
            *n += 1;
            *n_departed += usize::from(window.p_final < JOINT_P);
        }
    }
    let pairs = |n: usize| n * n.saturating_sub(1) / 2;
    let (n_pairs, n_both) = days.values().fold((0, 0), |(all, both), (n, n_departed)| {
        (all + pairs(*n), both + pairs(*n_departed))
    });
    joint::again(n_both, n_pairs)
}

/// The score of one person. The account that departs most leads.
fn one(judge: &Judge<'_>, again: f64, mut members: Vec<IdentityScore>) -> Option<IdentityScore> {
    if members.len() < 2 {
        return members.pop();
    }
    super::judge::rank(&mut members);
    let scored = members.iter().filter(|it| it.judgement.review().is_some());
    let mut ps: BTreeMap<Ordinal, Vec<f64>> = BTreeMap::new();
    for day in scored.flat_map(|it| &it.days) {
        ps.entry(day.ordinal).or_default().push(day.p);
    }
    let ps = ps.into_iter();
    let days: Vec<(Ordinal, f64)> = ps
        .map(|(ordinal, ps)| (ordinal, joint_p(&ps, again)))
        .collect();
    let together = score(judge, &days, &members);
    let mut members = members.into_iter();
    let mut lead = members.next()?;
    let alone = lead.judgement.review().cloned();
    lead.judgement = match (lead.judgement, together) {
        (Judgement::Ranked(_), Some(score)) => Judgement::Ranked(score),
        (Judgement::Thin(_), Some(score)) => Judgement::Thin(score),
        (judgement, _) => judgement,
    };
    lead.together = Some(Box::new(Together {
        alone,
        others: members.collect(),
        days,
    }));
    Some(lead)
}

/// The scores of a person whose accounts are `members`, the one that departs
/// most first; `None` if none of them has any.
fn score(
    judge: &Judge<'_>,
    days: &[(Ordinal, f64)],
    members: &[IdentityScore],
) -> Option<ReviewScore> {
    let lead = members.first()?.judgement.review()?;
    let scores = || members.iter().filter_map(|it| it.judgement.review());
    let p_days = days_p(&days.iter().map(|(_, p)| *p).collect::<Vec<_>>());
    let wholes: Vec<f64> = scores().filter_map(|score| score.p_whole).collect();
    let p_whole = (!wholes.is_empty()).then(|| days_p(&wholes));
    let p_review = review_p(p_days, p_whole);
    let departs = |it: &IdentityScore| {
        let score = it.judgement.review();
        score.is_some_and(|score| score.p_review < JOINT_P)
    };
    let counted = members.iter().enumerate();
    let counted = counted.filter(|(at, it)| *at == 0 || departs(it));
    let severities = counted.map(|(_, it)| judge.severity_at(it, p_review));
    let severity = severities.max().unwrap_or(lead.severity);
    Some(ReviewScore {
        p_review,
        p_days,
        p_whole,
        severity,
        ..lead.clone()
    })
}
