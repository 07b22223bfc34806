//! A review ready to be judged: history and review side by side, the history
//! replayed and calibrated, the review read.

use super::judge::{Judge, rank};
use super::learn::{School, learn_days, learn_reviews};
use super::past::Past;
use super::peers::{self, Peers};
use super::plant::Acts;
use super::present::{Readings, read_review};
use super::reckoning::discovery;
use super::slate::Slate;
use super::whole::{self, Whole, review_seconds};
use super::{
    IdentityScore, Lesson, Parameters, Reckoning, ReviewScore, Scores, Statistic, Weighing,
    parallel, person, verdict,
};
use crate::event::Window;
use crate::ledger::{Dimension, Ledger, Links};

/// Everything that a review is judged with.
pub(super) struct Prepared {
    pub(super) slate: Slate,
    pub(super) peers: Vec<Vec<usize>>,
    shared_keys: Vec<Option<Box<str>>>,
    pub(super) parameters: Parameters,
    pub(super) shared: Vec<bool>,
    pub(super) past: Past,
    pub(super) whole: Whole,
    pub(super) acts: Acts,
    pub(super) lessons: Vec<Lesson>,
    readings: Readings,
}

impl Prepared {
    /// Learns the history and reads the review.
    pub(super) fn new(
        history: &Ledger,
        review: &Ledger,
        windows: (Window, Window),
        parameters: &Parameters,
    ) -> Self {
        let slate = Slate::new(history, review, parameters.threads);
        let acts = Acts::of(&slate, [history, review]);
        Self::of(slate, acts, windows, parameters)
    }

    /// The same, of what is numbered already.
    pub(super) fn of(
        mut slate: Slate,
        acts: Acts,
        windows: (Window, Window),
        parameters: &Parameters,
    ) -> Self {
        let (history, review) = windows;
        let end = history.end.min(review.start);
        slate.cut(end, review_seconds(&slate, review));
        let peers = peers::find(&slate, parameters);
        let mut parameters = observed(parameters, &slate);
        let shared: Vec<bool> = slate.subjects.iter().map(verdict::is_shared).collect();
        let mut past = replayed(&mut slate, &peers, &parameters, &shared);
        let Peers {
            near, shared_keys, ..
        } = peers;
        let mut lessons = Vec::new();
        if parameters.weighing == Weighing::Learned {
            lessons = learn(
                &slate,
                &near,
                &mut past,
                &shared,
                &acts,
                windows,
                &mut parameters,
            );
        }
        let readings = read_review(&mut slate, &near, &parameters, &past, &shared);
        let whole = Whole::calibrate(&slate, &near, &past, &parameters, &shared, windows);
        Self {
            slate,
            peers: near,
            shared_keys,
            parameters,
            shared,
            past,
            whole,
            acts,
            lessons,
            readings,
        }
    }

    /// The judge of this review.
    pub(super) fn judge(&self) -> Judge<'_> {
        Judge {
            slate: &self.slate,
            peers: &self.peers,
            shared_keys: &self.shared_keys,
            parameters: &self.parameters,
            past: &self.past,
            shared: &self.shared,
            whole: &self.whole,
        }
    }

    /// Every identity of the review, best ranked first.
    pub(super) fn identities(&self) -> Vec<IdentityScore> {
        let judge = self.judge();
        let threads = self.parameters.threads;
        let mut identities = parallel::map_each(threads, &self.readings, |(subject, days)| {
            judge.identity(*subject, days)
        });
        rank(&mut identities);
        identities
    }

    /// The scores, once nothing else is asked of the review; one for those that
    /// are one.
    pub(super) fn into_scores(self, links: &Links) -> Scores {
        let identities = self.united(links, self.identities());
        self.into_scores_of(identities)
    }

    /// One score for those of `identities` that are one, best ranked first.
    pub(super) fn united(
        &self,
        links: &Links,
        identities: Vec<IdentityScore>,
    ) -> Vec<IdentityScore> {
        let mut identities = person::unite(&self.judge(), links, identities);
        rank(&mut identities);
        identities
    }

    /// The same, once they are known.
    pub(super) fn into_scores_of(self, identities: Vec<IdentityScore>) -> Scores {
        Scores {
            identities,
            n_pool: self.past.windows.len(),
            n_pool_reviews: self.whole.n_blocks,
            lessons: self.lessons,
            slate: self.slate,
        }
    }

    /// How the judgement of one of `all` identities came about.
    pub(super) fn reckoning(
        &self,
        identity: &IdentityScore,
        all: &[IdentityScore],
    ) -> Option<Reckoning> {
        let account = |subject: usize, score: &ReviewScore| {
            let mut readings = self.readings.iter();
            let (_, days) = readings.find(|(at, _)| *at == subject)?;
            self.judge().reckoning(subject, score, days)
        };
        let score = identity.judgement.review()?;
        let alone = identity.together.as_ref().and_then(|it| it.alone.as_ref());
        let person = person::reckoning(identity, |other| {
            account(other.subject, other.judgement.review()?)
        });
        Some(Reckoning {
            discovery: Some(discovery(score.p_review, all)),
            person: person.map(Box::new),
            ..account(identity.subject, alone.unwrap_or(score))?
        })
    }
}

/// The history replayed, the second time without what was too unusual to be
/// learned from.
fn replayed(slate: &mut Slate, peers: &Peers, parameters: &Parameters, shared: &[bool]) -> Past {
    let past = Past::replay(slate, peers, parameters, shared);
    if !(parameters.quarantines_history && past.quarantine(slate, &peers.near)) {
        return past;
    }
    // Nothing is larger than this, and nobody needs the first one any more.
    drop(past);
    Past::replay(slate, peers, parameters, shared)
}

/// Learns weights from takeovers planted in the history; those that prove
/// better are in force afterwards.
fn learn(
    slate: &Slate,
    peers: &[Vec<usize>],
    past: &mut Past,
    shared: &[bool],
    acts: &Acts,
    windows: (Window, Window),
    parameters: &mut Parameters,
) -> Vec<Lesson> {
    let school = School {
        slate,
        peers,
        past,
        shared,
        acts,
    };
    let mut lessons = learn_days(&school, parameters);
    if lessons.iter().any(|lesson| lesson.is_adopted) {
        past.reweigh(slate, parameters, shared);
    }
    let (history, review) = windows;
    let counted = (history.end.min(review.start), review_seconds(slate, review));
    let has_networks = whole::has_networks(parameters);
    let school = School {
        slate,
        peers,
        past,
        shared,
        acts,
    };
    lessons.extend(learn_reviews(&school, parameters, counted, has_networks));
    lessons
}

/// The parameters without statistics of dimensions that the history never saw:
/// they would be paid for and could never speak.
fn observed(parameters: &Parameters, slate: &Slate) -> Parameters {
    let mut observed = parameters.clone();
    observed
        .statistics
        .retain(|(statistic, _)| match statistic {
            Statistic::New(dimension, _) => slate.is_observed(*dimension),
            Statistic::SequenceMean | Statistic::SequenceTop3 => {
                slate.is_observed(Dimension::Bigram)
            }
            Statistic::SessionSplit => slate.has_sessions(),
            _ => true,
        });
    observed
}
