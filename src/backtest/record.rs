//! Records: each review as it was, and each with something planted in it.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::outcome::{BUDGETS, Reason};
use super::rules::{self, N_RULES};
use crate::event::Class;
use crate::model::plant::{Kind, Planted, Trial};
use crate::model::subject::Subject;
use crate::model::{Abstention, Family, Judgement, Lesson, ReviewScore, Severity, Verdict};

const DAY_SECONDS: i64 = 86_400;

/// How unusual a review is, in the order of reports.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Place {
    pub(super) p: f64,
    pub(super) score: f64,
}

impl Place {
    pub(super) fn of(review: &ReviewScore) -> Self {
        Self {
            p: review.p_review,
            score: review.score,
        }
    }

    /// The more unusual one is less.
    pub(super) fn order(&self, other: &Self) -> Ordering {
        let by_p = self.p.total_cmp(&other.p);
        by_p.then(other.score.total_cmp(&self.score))
    }
}

/// A ranked identity's review, nothing planted.
#[derive(Clone, Debug)]
pub(super) struct Own {
    /// Number in [`Records::who`].
    pub(super) who: usize,
    pub(super) place: Place,
    /// p-value of each active period.
    pub(super) days: Vec<f64>,
    pub(super) n_usable: u32,
    /// Standard deviation over mean of its events a day; `None` for too few.
    pub(super) burstiness: Option<f64>,
    pub(super) rules: [f64; N_RULES],
    pub(super) verdict: Verdict,
    /// Whether it is a finding, within each of [`BUDGETS`].
    pub(super) is_finding: [bool; BUDGETS.len()],
}

/// The same with something planted in it.
#[derive(Clone, Debug)]
pub(super) struct Tried {
    pub(super) who: usize,
    pub(super) kind: Kind,
    pub(super) place: Place,
    pub(super) rank: usize,
    pub(super) n_ranked: usize,
    /// Whether it is a finding, within each of [`BUDGETS`].
    pub(super) is_finding: [bool; BUDGETS.len()],
    /// Whether the review was one already, within the first of them.
    pub(super) was_finding: bool,
    /// Active periods since the first planted one, and p-value, of each period
    /// that something was planted in.
    pub(super) days: Vec<(u32, f64)>,
    /// Active periods from the first planted one to the end of the review.
    pub(super) n_until_end: u32,
    pub(super) rules: [f64; N_RULES],
    pub(super) leading: Option<Family>,
}

/// An identity that was met in any review.
#[derive(Clone, Debug)]
pub(super) struct Who {
    pub(super) key: Box<str>,
    pub(super) name: Box<str>,
    pub(super) class: Class,
    /// What stood in the way in the last review that it was not ranked in.
    pub(super) reason: Option<Reason>,
    pub(super) was_ranked: bool,
    pub(super) has_one_event_days: bool,
}

/// Everything that was scored.
#[derive(Clone, Debug, Default)]
pub(super) struct Records {
    /// What the last review learned about weights.
    pub(super) lessons: Vec<Lesson>,
    pub(super) who: Vec<Who>,
    numbers: BTreeMap<Box<str>, usize>,
    pub(super) own: Vec<Own>,
    pub(super) tried: Vec<Tried>,
    pub(super) n_planted_reviews: u64,
}

impl Records {
    /// Takes down every identity of a review as it was.
    pub(super) fn observe(&mut self, trial: &Trial, n_days: f64) {
        self.lessons = trial.lessons().to_vec();
        for (rank, identity) in (1..).zip(trial.identities()) {
            let Some(subject) = trial.slate().subjects.get(identity.subject) else {
                continue;
            };
            let who = self.number(subject);
            if let Some(known) = self.who.get_mut(who) {
                known.reason = reason_of(&identity.judgement);
                known.was_ranked |= known.reason.is_none();
                known.has_one_event_days = has_one_event_days(subject);
            }
            if let Judgement::Ranked(review) = &identity.judgement {
                self.own.push(Own {
                    who,
                    place: Place::of(review),
                    days: identity.days.iter().map(|day| day.p).collect(),
                    n_usable: identity.n_usable,
                    burstiness: burstiness(subject),
                    rules: rules::measure(trial.slate(), subject),
                    is_finding: BUDGETS.map(|budget| is_finding(review, rank, budget, n_days)),
                    verdict: identity
                        .verdicts
                        .first()
                        .copied()
                        .unwrap_or(Verdict::Stable),
                });
            }
        }
    }

    /// Takes down what was planted in the identity at `rank`.
    pub(super) fn plant(
        &mut self,
        trial: &Trial,
        rank: usize,
        kind: Kind,
        planted: &Planted,
        n_days: f64,
    ) {
        let place = Place::of(&planted.review);
        let ranked = trial.identities().iter().enumerate();
        let others: Vec<Place> = ranked
            .filter(|(at, _)| *at != rank)
            .filter_map(|(_, other)| match &other.judgement {
                Judgement::Ranked(review) => Some(Place::of(review)),
                _ => None,
            })
            .collect();
        let before = others.iter().filter(|other| other.order(&place).is_lt());
        let own_rank = before.count() + 1;
        let own = trial
            .identities()
            .get(rank)
            .and_then(|own| own.judgement.review());
        let who = self.number(&planted.subject);
        self.tried.push(Tried {
            who,
            kind,
            place,
            rank: own_rank,
            n_ranked: others.len() + 1,
            is_finding: BUDGETS.map(|budget| is_finding(&planted.review, own_rank, budget, n_days)),
            was_finding: own.is_some_and(|own| is_finding(own, rank + 1, BUDGETS[0], n_days)),
            days: planted_days(planted),
            n_until_end: since_first(planted, i32::MAX),
            rules: rules::measure(trial.slate(), &planted.subject),
            leading: planted.leading,
        });
    }

    /// Identities that were ranked at least once.
    pub(super) fn n_identities(&self) -> u64 {
        let ranked: BTreeSet<usize> = self.own.iter().map(|own| own.who).collect();
        super::length(ranked.len())
    }

    /// The class of an identity.
    pub(super) fn class_of(&self, who: usize) -> Option<Class> {
        self.who.get(who).map(|who| who.class)
    }

    fn number(&mut self, subject: &Subject) -> usize {
        let row = &subject.row;
        if let Some(at) = self.numbers.get(&row.key) {
            return *at;
        }
        self.numbers.insert(row.key.clone(), self.who.len());
        self.who.push(Who {
            key: row.key.clone(),
            name: row.name.clone(),
            class: subject.class,
            reason: None,
            was_ranked: false,
            has_one_event_days: false,
        });
        self.who.len() - 1
    }
}

/// Length of a trial's review in days.
#[expect(clippy::cast_precision_loss, reason = "a length of time in seconds")]
pub(super) fn days_in(seconds: i64) -> f64 {
    seconds as f64 / DAY_SECONDS as f64
}

/// As `replay` selects findings: those with a severity, as many as the budget
/// allows.
fn is_finding(review: &ReviewScore, rank: usize, budget: u32, n_days: f64) -> bool {
    let allowed = (f64::from(budget) * n_days).ceil();
    let rank = u32::try_from(rank).unwrap_or(u32::MAX);
    review.severity > Severity::None && f64::from(rank) <= allowed
}

/// Active periods from the first planted one up to `ordinal`.
fn since_first(planted: &Planted, ordinal: i32) -> u32 {
    let Some(first) = planted.planted.first() else {
        return 0;
    };
    let days = planted.subject.days.iter().map(|day| day.ordinal);
    let between = days.filter(|day| *first <= *day && *day < ordinal);
    u32::try_from(between.count()).unwrap_or(u32::MAX)
}

fn planted_days(planted: &Planted) -> Vec<(u32, f64)> {
    let days = planted.days.iter();
    days.filter(|day| planted.planted.contains(&day.ordinal))
        .map(|day| (since_first(planted, day.ordinal), day.p))
        .collect()
}

fn reason_of(judgement: &Judgement) -> Option<Reason> {
    match judgement {
        Judgement::Ranked(_) => None,
        Judgement::Thin(_) => Some(Reason::Thin),
        Judgement::Abstained(Abstention::NoHistory) => Some(Reason::NoHistory),
        Judgement::Abstained(Abstention::Shared) => Some(Reason::Shared),
        Judgement::Abstained(Abstention::NotJudged) => Some(Reason::NotJudged),
    }
}

fn has_one_event_days(subject: &Subject) -> bool {
    let days = subject.history();
    let one = days.iter().filter(|day| day.amounts.n_events <= 1).count();
    !days.is_empty() && one.saturating_mul(2) > days.len()
}

/// Fewer history days than this say nothing about how volumes vary.
const MIN_DAYS: usize = 8;

fn burstiness(subject: &Subject) -> Option<f64> {
    let days = subject.history();
    let events: Vec<f64> = days.iter().map(|d| f64::from(d.amounts.n_direct)).collect();
    let n = f64::from(u32::try_from(events.len()).unwrap_or(u32::MAX));
    let mean = events.iter().sum::<f64>() / n.max(1.0);
    let variance = events.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n.max(1.0);
    (days.len() >= MIN_DAYS && mean > 0.0).then(|| variance.sqrt() / mean)
}
