//! Days as examples: the weights of the families in the takeover score.

use std::collections::BTreeSet;

use super::{Columns, Example, Lesson, MIN_WINDOWS, Weighed, classes_of, drawn};
use crate::event::Class;
use crate::model::first_use::{marks_of, typed};
use crate::model::novelty::Habit;
use crate::model::past::Past;
use crate::model::plant::{Acts, Kind, Planter, day_lot};
use crate::model::reading::{Candidate, Reading};
use crate::model::slate::Slate;
use crate::model::subject::Subject;
use crate::model::{Family, Parameters};
use crate::stats::CAP_FAMILY;

/// What is planted in a day: nothing that moves amounts.
pub(super) const KINDS: [Kind; 6] = [
    Kind::ForeignDay,
    Kind::PeerDay,
    Kind::Fragment(6),
    Kind::ForeignOrigin,
    Kind::UnseenOrigin,
    Kind::Sensitive,
];

/// The history that examples are taken from.
#[derive(Clone, Copy)]
pub(in crate::model) struct School<'s> {
    pub(in crate::model) slate: &'s Slate,
    pub(in crate::model) peers: &'s [Vec<usize>],
    pub(in crate::model) past: &'s Past,
    pub(in crate::model) shared: &'s [bool],
    pub(in crate::model) acts: &'s Acts,
}

/// Learns the weights of families; those that are adopted are in force in
/// `parameters` afterwards.
pub(in crate::model) fn learn_days(
    school: &School<'_>,
    parameters: &mut Parameters,
) -> Vec<Lesson> {
    let examples = examples(school, parameters);
    let is_amount = |family: &Family| {
        matches!(
            family,
            Family::Volume | Family::Breadth | Family::Failure | Family::Fraction
        )
    };
    let columns = Columns {
        score: Weighed::Day,
        names: Family::ALL.iter().map(|family| family.name()).collect(),
        is_fitted: Family::ALL
            .iter()
            .map(|family| !is_amount(family))
            .collect(),
    };
    let scopes = classes_of(&examples).into_iter().map(Some);
    let mut lessons = Vec::new();
    for class in std::iter::once(None).chain(scopes) {
        let before = parameters.clone();
        let in_force = |class: Class| {
            let weights = Family::ALL
                .iter()
                .map(|family| before.weight(*family, class));
            weights.collect::<Vec<f64>>()
        };
        let Some((lesson, weights)) = columns.learn(&examples, class, &in_force) else {
            continue;
        };
        if lesson.is_adopted {
            let weights = Family::ALL.into_iter().zip(weights).collect();
            parameters.learned.takeover.push((class, weights));
        }
        lessons.push(lesson);
    }
    lessons
}

fn examples(school: &School<'_>, parameters: &Parameters) -> Vec<Example> {
    let planter = school.planter();
    let chosen = chosen(school);
    let mut examples = Vec::new();
    for (at, subject) in school.slate.subjects.iter().enumerate() {
        let own = school.past.range_of(at);
        let positions: Vec<usize> = own.filter(|window| chosen.contains(window)).collect();
        school.visit(at, &positions, |window, habit| {
            let Some(past) = school.past.windows.get(window) else {
                return;
            };
            let mut add = |kind, reading: &Reading| {
                examples.push(Example {
                    subject: at,
                    class: subject.class,
                    ordinal: past.ordinal,
                    kind,
                    bits: bits_of(reading),
                });
            };
            add(None, &school.reading(parameters, window));
            for kind in KINDS {
                let version = planter.version(at, past.day, kind);
                if let Some((version, moved)) = version {
                    let habit = habit.moved(&moved, &version, past.day);
                    if let Some(reading) = school.reread(parameters, window, &version, &habit) {
                        add(Some(kind), &reading);
                    }
                }
            }
        });
    }
    examples
}

/// Windows to take as examples: late enough in a long enough history.
fn chosen(school: &School<'_>) -> BTreeSet<usize> {
    let mut numbered = Vec::new();
    for (at, subject) in school.slate.subjects.iter().enumerate() {
        let windows = school.past.windows_of(at);
        if windows.len() < MIN_WINDOWS {
            continue;
        }
        for (own, window) in windows.iter().zip(school.past.range_of(at)) {
            if own.day >= MIN_WINDOWS && !own.is_hidden {
                numbered.push((day_lot(subject, own.ordinal), window));
            }
        }
    }
    drawn(numbered, KINDS.len())
}

fn bits_of(reading: &Reading) -> Vec<f64> {
    let bits = |family: &Family| {
        let own = reading.families.iter().find(|(own, _)| own == family);
        own.map_or(0.0, |(_, bits)| bits.min(CAP_FAMILY))
    };
    Family::ALL.iter().map(bits).collect()
}

impl School<'_> {
    pub(super) fn planter(&self) -> Planter<'_> {
        Planter {
            slate: self.slate,
            peers: self.peers,
            acts: self.acts,
            seed: 0,
        }
    }

    pub(super) fn peers_of(&self, subject: usize) -> &[usize] {
        self.peers
            .get(subject)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// Visits history windows of a subject, given by ascending positions, with
    /// what it had learned before each.
    pub(super) fn visit(
        &self,
        subject: usize,
        windows: &[usize],
        mut visit: impl FnMut(usize, &Habit),
    ) {
        let Some(own) = self.slate.subjects.get(subject) else {
            return;
        };
        let (mut habit, mut learned) = (Habit::new(own), 0);
        for window in windows {
            let Some(past) = self.past.windows.get(*window) else {
                continue;
            };
            for day in own.history().iter().take(past.day).skip(learned) {
                if own.learns_from(day.ordinal) {
                    let marks = marks_of(own, day);
                    let typed = typed(
                        self.slate,
                        self.peers_of(subject),
                        subject,
                        marks,
                        day.ordinal,
                    );
                    habit.learn(own, day, &typed);
                }
            }
            learned = past.day;
            visit(*window, &habit);
        }
    }

    /// The reading of a history window as it was.
    fn reading(&self, parameters: &Parameters, window: usize) -> Reading {
        self.past
            .reading(self.slate, parameters, self.shared, window)
    }

    /// The reading of a history window in another version of its subject.
    pub(super) fn reread(
        &self,
        parameters: &Parameters,
        window: usize,
        version: &Subject,
        habit: &Habit,
    ) -> Option<Reading> {
        let past = self.past.windows.get(window)?;
        let day = version.days.get(past.day)?;
        let peers = self.peers_of(past.subject);
        let typed = typed(
            self.slate,
            peers,
            past.subject,
            marks_of(version, day),
            day.ordinal,
        );
        let candidate = Candidate {
            subject: past.subject,
            day,
            habit,
            typed: &typed,
            is_shared: self.shared.get(past.subject).copied().unwrap_or_default(),
        };
        Some(
            self.past
                .reread(self.slate, parameters, window, version, &candidate),
        )
    }
}
