//! The review read in order of time: after each period its unremarkable
//! windows are learned, so that habits stay fresh (MODEL §9).

use std::collections::BTreeMap;

use super::novelty::{Habit, marks_of, typed};
use super::past::{Candidate, Past, QUARANTINE_P, Reading};
use super::slate::{Ordinal, Slate};
use super::{Parameters, parallel};

/// The readings of each subject that was active in the review, in order; each
/// day's by its position in the subject's days.
pub(super) type Readings = Vec<(usize, Vec<(usize, Reading)>)>;

/// Scores the review in order of time; after each period the unremarkable
/// windows of it are learned.
pub(super) fn read_review(
    slate: &mut Slate,
    peers: &[Vec<usize>],
    parameters: &Parameters,
    past: &Past,
    shared: &[bool],
) -> Readings {
    let mut habits: BTreeMap<usize, Habit> = BTreeMap::new();
    let mut readings: BTreeMap<usize, Vec<(usize, Reading)>> = BTreeMap::new();
    for (_, windows) in review_periods(slate) {
        let today = parallel::map(parameters.threads, windows.len(), |n| {
            let (subject, at) = *windows.get(n)?;
            let own = slate.subjects.get(subject)?;
            let day = own.days.get(at)?;
            let habit = habits.get(&subject).or(past.habits.get(subject))?;
            let own_peers = peers.get(subject).map(Vec::as_slice).unwrap_or_default();
            let typed = typed(slate, own_peers, subject, marks_of(own, day), day.ordinal);
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
            let is_learned = reading.p_final >= QUARANTINE_P;
            if let (true, Some(own), Some(before)) = (
                is_learned,
                slate.subjects.get_mut(subject),
                past.habits.get(subject),
            ) && let Some(day) = own.days.get(at)
            {
                let habit = habits.entry(subject).or_insert_with(|| before.clone());
                habit.learn(own, day, &typed);
                own.hidden.remove(day.ordinal);
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
