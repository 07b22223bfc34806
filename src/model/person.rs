//! Persons: what the accounts of one person in several products say together.
//!
//! Every account is held against its own habits alone, so that a quiet product
//! hides nothing that a busy one shows, nor the other way round. Only then are
//! their days put side by side.

use std::collections::BTreeMap;

use super::judge::Judge;
use super::reckoning::Reckoning;
use super::slate::{Ordinal, Slate};
use super::{IdentityScore, Judgement, Pairs, ReviewScore, Together};
use crate::ledger::Links;
use crate::stats::combine::{days_p, review_p};
use crate::stats::joint::{JOINT_P, joint_p};

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
    let pairs = pairs(judge, links, &persons);
    let mut members: BTreeMap<usize, Vec<IdentityScore>> = BTreeMap::new();
    for identity in identities {
        let person = persons.get(identity.subject).copied();
        let person = person.unwrap_or(identity.subject);
        members.entry(person).or_default().push(identity);
    }
    let members = members.into_values();
    members
        .filter_map(|members| one(judge, pairs, members))
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

/// Over the history, how many pairs of accounts of one person were in use on
/// the same day, and in how many of them both departed.
fn pairs(judge: &Judge<'_>, links: &Links, persons: &[usize]) -> Pairs {
    let slate = judge.slate;
    let is_theirs = |subject: usize, ordinal: Ordinal| {
        let own = slate.subjects.get(subject);
        let slot = usize::try_from(ordinal).ok();
        let slot = slot.and_then(|at| slate.slots.get(at));
        own.zip(slot)
            .is_some_and(|(own, slot)| links.is_theirs(&own.row.key, *slot))
    };
    let mut days: BTreeMap<(usize, Ordinal), (usize, usize)> = BTreeMap::new();
    let windows = judge.past.windows.iter();
    for window in windows.filter(|it| is_theirs(it.subject, it.ordinal)) {
        if let Some(person) = persons.get(window.subject) {
            let (n, n_departed) = days.entry((*person, window.ordinal)).or_default();
            *n += 1;
            *n_departed += usize::from(window.p_final < JOINT_P);
        }
    }
    let pairs = |n: usize| n * n.saturating_sub(1) / 2;
    let none = Pairs { n: 0, n_both: 0 };
    days.values().fold(none, |all, (n, n_departed)| Pairs {
        n: all.n + pairs(*n),
        n_both: all.n_both + pairs(*n_departed),
    })
}

/// The score of one person. The account that departs most leads.
fn one(judge: &Judge<'_>, pairs: Pairs, mut members: Vec<IdentityScore>) -> Option<IdentityScore> {
    if members.len() < 2 {
        return members.pop();
    }
    super::judge::rank(&mut members);
    let days: Vec<(Ordinal, f64)> = joint_days(members.iter(), pairs.again())
        .iter()
        .map(|day| (day.ordinal, day.p))
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
        pairs,
    }));
    Some(lead)
}

/// Each period in which any of the `accounts` was active and scored.
fn joint_days<'a>(
    accounts: impl Iterator<Item = &'a IdentityScore>,
    again: f64,
) -> Vec<JointDayReckoning> {
    let mut days: BTreeMap<Ordinal, Vec<(usize, f64)>> = BTreeMap::new();
    for (at, account) in accounts.enumerate() {
        let days_of = account.days.iter();
        for day in days_of.filter(|_| account.judgement.review().is_some()) {
            days.entry(day.ordinal).or_default().push((at, day.p));
        }
    }
    let days = days.into_iter();
    days.map(|(ordinal, ps)| {
        let alone: Vec<f64> = ps.iter().map(|(_, p)| *p).collect();
        let p = joint_p(&alone, again);
        JointDayReckoning { ordinal, ps, p }
    })
    .collect()
}

/// How a person's p-value comes about from those of the accounts.
#[derive(Clone, Debug)]
pub struct PersonReckoning {
    /// The accounts that do not lead, as they are alone: number in
    /// [`Slate::subjects`], and how their p-values come about; `None` where
    /// there is none.
    pub others: Vec<(usize, Option<Reckoning>)>,
    /// Only a p-value below this adds to the others.
    pub threshold: f64,
    /// What the history shows about accounts that depart together.
    pub pairs: Pairs,
    /// Each period of any account.
    pub days: Vec<JointDayReckoning>,
    /// Of the days: 1 − (1 − min p)^n.
    pub p_days: f64,
    /// Of the n reviews as a whole: 1 − (1 − min p)^n; `None` without any.
    pub p_whole: Option<f64>,
    /// min(1, 2 min(`p_days`, `p_whole`)).
    pub p_review: f64,
}

/// One period of all accounts of a person.
#[derive(Clone, Debug)]
pub struct JointDayReckoning {
    /// Number of the period.
    pub ordinal: Ordinal,
    /// The accounts in use, the leading one 0 and the others from 1, and the
    /// p-value of each.
    pub ps: Vec<(usize, f64)>,
    /// The p-value of all of them, see [`joint_p`].
    pub p: f64,
}

/// How the judgement of a person came about, whose leading account is `lead`
/// and whose other accounts `reckon` explains.
pub(super) fn reckoning(
    lead: &IdentityScore,
    reckon: impl Fn(&IdentityScore) -> Option<Reckoning>,
) -> Option<PersonReckoning> {
    let (together, score) = (lead.together.as_ref()?, lead.judgement.review()?);
    let others = together.others.iter();
    Some(PersonReckoning {
        others: others.map(|it| (it.subject, reckon(it))).collect(),
        threshold: JOINT_P,
        pairs: together.pairs,
        days: joint_days(lead.accounts(), together.pairs.again()),
        p_days: score.p_days,
        p_whole: score.p_whole,
        p_review: score.p_review,
    })
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
