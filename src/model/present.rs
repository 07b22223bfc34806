//! The review read in order of time: after each period its unremarkable
//! windows are learned, so that habits stay fresh (MODEL §9).

use std::collections::BTreeMap;

use super::Parameters;
use super::novelty::{Habit, marks_of, typed};
use super::past::{Candidate, Past, QUARANTINE_P, Reading};
use super::slate::{Ordinal, Slate};

/// One review day's reading, by position in the subject's days.
pub(super) type Readings = BTreeMap<usize, Vec<(usize, Reading)>>;

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
    let mut readings = Readings::new();
    for (_, windows) in review_periods(slate) {
        let mut today = Vec::with_capacity(windows.len());
        for (subject, at) in windows {
            let (Some(own), Some(before)) = (slate.subjects.get(subject), past.habits.get(subject))
            else {
                continue;
            };
            let Some(day) = own.days.get(at) else {
                continue;
            };
            let own_peers = peers.get(subject).map(Vec::as_slice).unwrap_or_default();
            let typed = typed(slate, own_peers, subject, marks_of(own, day), day.ordinal);
            let habit = habits.entry(subject).or_insert_with(|| before.clone());
            let is_shared = shared.get(subject).copied().unwrap_or_default();
            let window = Candidate {
                subject,
                day,
                habit,
                typed: &typed,
                is_shared,
            };
            let reading = past.read(slate, parameters, &window);
            today.push((subject, at, typed, reading));
        }
        for (subject, at, typed, reading) in today {
            let is_learned = reading.p_final >= QUARANTINE_P;
            if let (true, Some(own), Some(habit)) = (
                is_learned,
                slate.subjects.get_mut(subject),
                habits.get_mut(&subject),
            ) && let Some(day) = own.days.get(at)
            {
                habit.learn(own, day, &typed);
                own.hidden.remove(day.ordinal);
            }
            readings.entry(subject).or_default().push((at, reading));
        }
    }
    readings
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
