//! The review read in order of time: after each period its unremarkable
//! windows are learned, so that habits stay fresh (MODEL §9).

use std::collections::BTreeMap;

use super::first_use::{TypedDay, marks_of, typed};
use super::novelty::Habit;
use super::past::Past;
use super::quarantine::{QUARANTINE_P, came_to_stay};
use super::reading::{Candidate, Reading};
use super::slate::{Ordinal, Slate};
use super::{Parameters, parallel};

/// The readings of each subject that was active in the review, in order; each
/// day's by its position in the subject's days.
pub(super) type Readings = Vec<(usize, Vec<(usize, Reading)>)>;

/// What one identity learns from its review.
pub(super) struct Learner {
    pub(super) habit: Habit,
    /// Windows that are set aside, by position.
    set_aside: Vec<(usize, TypedDay)>,
}

impl Learner {
    pub(super) fn new(habit: Habit) -> Self {
        Self {
            habit,
            set_aside: Vec::new(),
        }
    }

    /// Takes note of the window at `at`, which got the p-value `p`, and learns
    /// what may be learned: the window if it is unremarkable, and those before
    /// it that came to stay. A change of duty is told for as many days as it
    /// takes to see that, and not for ever.
    pub(super) fn take(
        &mut self,
        slate: &mut Slate,
        peers: &[usize],
        subject: usize,
        (at, typed, p): (usize, TypedDay, f64),
    ) {
        self.set_aside.push((at, typed));
        let is_learned = |(window, _): &(usize, TypedDay)| {
            let is_unremarkable = *window == at && p >= QUARANTINE_P;
            is_unremarkable || came_to_stay(slate, peers, subject, *window, at)
        };
        let (learned, left): (Vec<_>, Vec<_>) = self.set_aside.drain(..).partition(is_learned);
        self.set_aside = left;
        for (window, typed) in learned {
            if let Some(own) = slate.subjects.get_mut(subject)
                && let Some(day) = own.days.get(window)
            {
                self.habit.learn(own, day, &typed);
                own.hidden.remove(day.ordinal);
            }
        }
    }
}

/// Scores the review in order of time; after each period what may be learned of
/// it is.
pub(super) fn read_review(
    slate: &mut Slate,
    peers: &[Vec<usize>],
    parameters: &Parameters,
    past: &Past,
    shared: &[bool],
) -> Readings {
    let mut learners: BTreeMap<usize, Learner> = BTreeMap::new();
    let mut readings: BTreeMap<usize, Vec<(usize, Reading)>> = BTreeMap::new();
    let peers_of = |subject: usize| peers.get(subject).map(Vec::as_slice).unwrap_or_default();
    for (_, windows) in review_periods(slate) {
        let today = parallel::map(parameters.threads, windows.len(), |n| {
            let (subject, at) = *windows.get(n)?;
            let own = slate.subjects.get(subject)?;
            let day = own.days.get(at)?;
            let learned = learners.get(&subject).map(|own| &own.habit);
            let habit = learned.or(past.habits.get(subject))?;
            let marks = marks_of(own, day);
            let typed = typed(slate, peers_of(subject), subject, marks, day.ordinal);
            let is_shared = shared.get(subject).copied().unwrap_or_default();
            let window = Candidate {
                subject,
                day,
                habit,
                typed: &typed,
                is_shared,
            };
            let reading = past.read(slate, parameters, &window);
            Some((subject, at, typed, reading))
        });
        for (subject, at, typed, reading) in today.into_iter().flatten() {
            if let Some(before) = past.habits.get(subject) {
                let learner = learners.entry(subject);
                let learner = learner.or_insert_with(|| Learner::new(before.clone()));
                let window = (at, typed, reading.p_final);
                learner.take(slate, peers_of(subject), subject, window);
            }
            readings.entry(subject).or_default().push((at, reading));
        }
    }
    readings.into_iter().collect()
}

/// Subject and day position of every review window, by period.
fn review_periods(slate: &Slate) -> BTreeMap<Ordinal, Vec<(usize, usize)>> {
    let mut periods: BTreeMap<Ordinal, Vec<(usize, usize)>> = BTreeMap::new();
    for (i, subject) in slate.subjects.iter().enumerate() {
        for (at, day) in subject.days.iter().enumerate().skip(subject.n_history) {
            periods.entry(day.ordinal).or_default().push((i, at));
        }
    }
    periods
}
