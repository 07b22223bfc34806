//! Plants: takeovers, and changes that are none, written into copies of an
//! identity's review and scored like it (MODEL §11).
//!
//! A plant is values and amounts of days, so that every statistic sees it.
//! Partners are drawn by hash: the same plants on every run.

mod draft;
mod kind;
mod lot;
mod planter;
mod watch;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

pub use kind::{Band, Group, Kind};
pub use watch::{Tried, Watch, watch};

use super::first_use::{marks_of, typed};
use super::novelty::Habit;
use super::prepared::Prepared;
use super::present::Learner;
use super::reading::{Candidate, Reading};
use super::slate::{Ordinal, Slate};
use super::subject::Subject;
use super::{
    DayScore, Family, IdentityScore, Judgement, Lesson, Parameters, Reckoning, ReviewScore, Scores,
};
use crate::event::Window;
use crate::ledger::{Ledger, Links};
use crate::stats::combine::{days_p, final_p, review_p};
use draft::Drafted;
use lot::Lot;
use planter::Plan;
pub(super) use planter::{Acts, Planter};

/// A number that draws one period of a subject.
pub(super) fn day_lot(subject: &Subject, ordinal: Ordinal) -> u64 {
    Lot::new(0, &subject.row.key)
        .and(u64::from(ordinal.unsigned_abs()))
        .number()
}

/// A scored review in which plants can be tried.
pub struct Trial {
    prepared: Prepared,
    identities: Vec<IdentityScore>,
}

/// Subjects as they were, by number.
type Originals = Vec<(usize, Subject)>;

/// An identity's review with something planted in it, scored.
#[derive(Clone, Debug)]
pub struct Planted {
    /// The scores of the review.
    pub review: ReviewScore,
    /// Each of its periods.
    pub days: Vec<DayScore>,
    /// The periods that something was planted in.
    pub planted: BTreeSet<Ordinal>,
    /// The family that says most.
    pub leading: Option<Family>,
    /// The identity as it was scored.
    pub subject: Subject,
}

impl Trial {
    /// Scores `review` against `history` as [`super::score()`] does.
    #[must_use]
    pub fn new(
        history: &Ledger,
        review: &Ledger,
        windows: (Window, Window),
        parameters: &Parameters,
    ) -> Self {
        Self::of(Prepared::new(history, review, windows, parameters))
    }

    fn of(prepared: Prepared) -> Self {
        let identities = prepared.identities();
        Self {
            prepared,
            identities,
        }
    }

    /// The same, with one score for the accounts that are one. What is planted
    /// from then on is planted into leading accounts, and judged alone.
    #[must_use]
    pub fn united(mut self, links: &Links) -> Self {
        self.identities = self.prepared.united(links, self.identities);
        self
    }

    /// What was learned about weights.
    #[must_use]
    pub fn lessons(&self) -> &[Lesson] {
        &self.prepared.lessons
    }

    /// Every identity of the review as it was, best ranked first.
    #[must_use]
    pub fn identities(&self) -> &[IdentityScore] {
        &self.identities
    }

    /// What was scored.
    #[must_use]
    pub fn slate(&self) -> &Slate {
        &self.prepared.slate
    }

    /// How the judgement of the identity at `rank` came about, from 0; `None`
    /// where there is none.
    #[must_use]
    pub fn reckoning(&self, rank: usize) -> Option<Reckoning> {
        let own = self.identities.get(rank)?;
        self.prepared.reckoning(own, &self.identities)
    }

    /// The least p-value that the pools of the identity at `rank` support.
    #[must_use]
    pub fn least_p(&self, rank: usize) -> Option<f64> {
        let own = self.identities.get(rank)?;
        let subject = own.subject;
        let (past, whole) = (&self.prepared.past, &self.prepared.whole);
        let scores = [f64::MAX; 3];
        let among = past.ranking(past.is_newcomer(subject));
        let ranks = among.channel_ranks(subject, scores);
        let mut shares = ranks.into_iter().map(|rank| rank.map_or(0.0, |own| own.pi));
        let of_days = final_p(
            scores.map(|_| shares.next().unwrap_or_default()),
            among.n_pool(subject),
        );
        let of_review = whole.reckoning(subject, f64::MAX).map(|own| own.p);
        // A day like that among the others of its review.
        let of_days = days_p(&vec![of_days; own.days.len()]);
        Some(review_p(of_days, of_review))
    }

    /// What is known about a subject that was not active in the review: its
    /// verdicts and its peers.
    #[must_use]
    pub fn at_rest(&self, subject: usize) -> IdentityScore {
        self.prepared.judge().identity(subject, &[])
    }

    /// The scores, once nothing else is tried.
    #[must_use]
    pub fn into_scores(self) -> Scores {
        self.prepared.into_scores_of(self.identities)
    }

    /// Scores the review of a ranked identity, the one at `rank` from 0, with
    /// `kind` planted in it; `None` where that cannot be planted.
    pub fn plant(&mut self, rank: usize, kind: Kind, seed: u64) -> Option<Planted> {
        let own = self.identities.get(rank)?;
        let subject = own.subject;
        if !matches!(own.judgement, Judgement::Ranked(_)) {
            return None;
        }
        let plan = self.planter(seed).plan(subject, kind)?;
        self.score(rank, plan)
    }

    /// Scores the review at `rank` with a plan carried out.
    fn score(&mut self, rank: usize, plan: Plan) -> Option<Planted> {
        let subject = self.identities.get(rank)?.subject;
        let n_history = self.slate().subjects.get(subject)?.n_history;
        let (moved, mut originals) = self.enact(subject, &plan)?;
        // A history that never was has lists of its own to be ranked among.
        let (habit, lists) = if plan.rewrites_history(n_history) {
            let Prepared {
                slate,
                peers,
                parameters,
                past,
                ..
            } = &mut self.prepared;
            let (habit, own) = past.relearned(slate, peers, parameters, subject);
            (Some(habit), Some(past.replace(subject, own)))
        } else {
            let version = self.slate().subjects.get(subject);
            let before = self.prepared.past.habits.get(subject).zip(version);
            let moved = before.map(|(habit, version)| habit.moved(&moved, version, n_history));
            (moved, None)
        };
        let scored = habit.and_then(|habit| self.scored(rank, habit));
        if let Some(lists) = lists {
            self.prepared.past.replace(subject, lists);
        }
        let subjects = &mut self.prepared.slate.subjects;
        let mut scored_subject = None;
        for (at, original) in originals.drain(..) {
            if let Some(own) = subjects.get_mut(at) {
                let version = std::mem::replace(own, original);
                scored_subject = scored_subject.or((at == subject).then_some(version));
            }
        }
        let (review, days, leading) = scored?;
        Some(Planted {
            review,
            days,
            planted: plan.planted,
            leading,
            subject: scored_subject?,
        })
    }

    /// Scores the review at `rank` as it is now, of an identity that has learned
    /// `habit`.
    fn scored(
        &mut self,
        rank: usize,
        habit: Habit,
    ) -> Option<(ReviewScore, Vec<DayScore>, Option<Family>)> {
        let own = self.identities.get(rank)?.clone();
        let readings = self.read(own.subject, habit.clone());
        // What the review as a whole is held against is this, too.
        let learned = self.prepared.past.habits.get_mut(own.subject)?;
        let before = std::mem::replace(learned, habit);
        let scored = self.prepared.judge().another(&own, &readings);
        if let Some(learned) = self.prepared.past.habits.get_mut(own.subject) {
            *learned = before;
        }
        Some(scored)
    }

    /// Ranks, from 0, of at most `n` ranked identities, drawn by hash.
    #[must_use]
    pub fn sample(&self, n: usize, seed: u64) -> Vec<usize> {
        let identities = self.identities.iter().enumerate();
        let mut drawn: Vec<(Lot, usize)> = identities
            .filter(|(_, own)| matches!(own.judgement, Judgement::Ranked(_)))
            .filter_map(|(rank, own)| {
                let subject = self.slate().subjects.get(own.subject)?;
                Some((Lot::new(seed, &subject.row.key), rank))
            })
            .collect();
        drawn.sort_unstable();
        drawn.truncate(n);
        drawn.into_iter().map(|(_, rank)| rank).collect()
    }

    fn planter(&self, seed: u64) -> Planter<'_> {
        Planter {
            slate: &self.prepared.slate,
            peers: &self.prepared.peers,
            acts: &self.prepared.acts,
            seed,
        }
    }

    /// Puts the drafts of a plan in the place of the subjects; returns where the
    /// atoms of `subject` went, and everybody as they were.
    fn enact(&mut self, subject: usize, plan: &Plan) -> Option<(Vec<usize>, Originals)> {
        let slate = &self.prepared.slate;
        let Drafted {
            subject: own,
            moved,
        } = plan.draft.apply(slate, slate.subjects.get(subject)?);
        let mut versions = vec![(subject, own)];
        for (at, draft) in &plan.companions {
            let before = slate.subjects.get(*at)?;
            let mut companion = draft.apply(slate, before).subject;
            companion.hidden = before.hidden.clone();
            versions.push((*at, companion));
        }
        let subjects = &mut self.prepared.slate.subjects;
        let mut originals = Vec::with_capacity(versions.len());
        for (at, version) in versions {
            if let Some(own) = subjects.get_mut(at) {
                originals.push((at, std::mem::replace(own, version)));
            }
        }
        Some((moved, originals))
    }

    /// Reads the review of one subject in order of time, learning as it goes.
    fn read(&mut self, subject: usize, habit: Habit) -> Vec<(usize, Reading)> {
        let Prepared {
            slate,
            peers,
            parameters,
            shared,
            past,
            ..
        } = &mut self.prepared;
        let is_shared = shared.get(subject).copied().unwrap_or_default();
        let peers = peers.get(subject).map(Vec::as_slice).unwrap_or_default();
        let own = slate.subjects.get(subject);
        let review = own.map_or(0..0, |own| own.n_history..own.days.len());
        let mut learner = Learner::new(habit);
        let mut readings = Vec::new();
        for at in review {
            let own = slate.subjects.get(subject);
            let Some((own, day)) = own.and_then(|own| Some((own, own.days.get(at)?))) else {
                continue;
            };
            let typed = typed(slate, peers, subject, marks_of(own, day), day.ordinal);
            let window = Candidate {
                subject,
                day,
                habit: &learner.habit,
                typed: &typed,
                is_shared,
            };
            let reading = past.read(slate, parameters, &window);
            learner.take(slate, peers, subject, (at, typed, reading.p_final));
            readings.push((at, reading));
        }
        readings
    }
}
