//! A draft: a copy of one subject in which single days say something else.

use std::collections::{BTreeMap, BTreeSet};

use crate::ledger::Dimension;
use crate::model::sequence::renumber_steps;
use crate::model::slate::{Slate, number};
use crate::model::subject::{Amounts, Day, Mark, Subject};

/// A value of a dimension.
pub(super) type Value = (Dimension, u32);

/// What one day holds: its values and its amounts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Content {
    pub(super) values: BTreeSet<Value>,
    pub(super) amounts: Amounts,
}

impl Content {
    /// What `day` of `subject` holds.
    pub(super) fn of(subject: &Subject, day: &Day) -> Self {
        let marks = day.atoms.iter();
        Self {
            values: marks
                .filter_map(|at| subject.atoms.get(*at as usize))
                .map(|mark| (mark.dimension, mark.value))
                .collect(),
            amounts: day.amounts,
        }
    }

    /// The values of one dimension.
    pub(super) fn of_dimension(&self, dimension: Dimension) -> impl Iterator<Item = u32> + '_ {
        let of = move |value: &&Value| value.0 == dimension;
        self.values.iter().filter(of).map(|value| value.1)
    }

    /// Puts `values` in the place of all values of `dimensions`.
    pub(super) fn replace(
        &mut self,
        dimensions: &[Dimension],
        values: impl IntoIterator<Item = Value>,
    ) {
        self.values
            .retain(|(dimension, _)| !dimensions.contains(dimension));
        let of = |value: &Value| dimensions.contains(&value.0);
        self.values.extend(values.into_iter().filter(of));
    }
}

/// Changes to the days of one subject, not yet made.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    /// What a day holds instead, by position.
    pub(super) changed: BTreeMap<usize, Content>,
    /// Days that never happened, by position.
    pub(super) removed: BTreeSet<usize>,
    /// Actions of the changed days that are sensitive.
    pub(super) sensitive: BTreeSet<u32>,
}

/// A subject after its days were changed.
#[derive(Clone, Debug)]
pub(super) struct Drafted {
    pub(super) subject: Subject,
    /// New position of each of the atoms that there were before.
    pub(super) moved: Vec<usize>,
}

impl Draft {
    /// The subject with these changes made.
    pub(super) fn apply(&self, slate: &Slate, own: &Subject) -> Drafted {
        let (mut atoms, moved) = self.atoms(own);
        for (at, day) in own.days.iter().enumerate() {
            if !self.removed.contains(&at) && !self.changed.contains_key(&at) {
                continue;
            }
            for before in day
                .atoms
                .iter()
                .filter_map(|atom| moved.get(*atom as usize))
            {
                if let Some(mark) = atoms.get_mut(*before) {
                    mark.days.remove(day.ordinal);
                }
            }
        }
        let mut subject = Subject {
            days: Vec::with_capacity(own.days.len()),
            ..own.clone()
        };
        subject.sensitive.extend(&self.sensitive);
        for (at, day) in own.days.iter().enumerate() {
            if self.removed.contains(&at) {
                subject.n_history -= usize::from(at < own.n_history);
                continue;
            }
            subject.days.push(match self.changed.get(&at) {
                Some(content) => change(&mut atoms, day, content),
                None => Day {
                    atoms: day
                        .atoms
                        .iter()
                        .filter_map(|atom| moved.get(*atom as usize))
                        .map(|atom| number(*atom))
                        .collect(),
                    ..day.clone()
                },
            });
        }
        subject.atoms = atoms;
        // A review is unknown until it is read again.
        let review = subject.days.iter().map(|day| day.ordinal);
        let unread: Vec<_> = review.filter(|day| slate.is_review(*day)).collect();
        for day in unread {
            subject.hidden.insert(day);
        }
        renumber_steps(slate, &mut subject);
        Drafted { subject, moved }
    }

    /// The atoms of `own` and those of the changed days, in order, and where
    /// each of the former went.
    fn atoms(&self, own: &Subject) -> (Vec<Mark>, Vec<usize>) {
        let known = |value: &Value| {
            let key = |mark: &Mark| (mark.dimension, mark.value);
            own.atoms.binary_search_by_key(value, key).is_ok()
        };
        let contents = self.changed.values().flat_map(|content| &content.values);
        let added: BTreeSet<Value> = contents.copied().filter(|value| !known(value)).collect();
        let mut atoms = Vec::with_capacity(own.atoms.len() + added.len());
        let mut moved = Vec::with_capacity(own.atoms.len());
        let mut added = added.into_iter().peekable();
        let new = |(dimension, value)| Mark {
            dimension,
            value,
            days: crate::ledger::SlotSet::default(),
        };
        for mark in &own.atoms {
            while let Some(value) = added.next_if(|next| *next < (mark.dimension, mark.value)) {
                atoms.push(new(value));
            }
            moved.push(atoms.len());
            atoms.push(mark.clone());
        }
        atoms.extend(added.map(new));
        (atoms, moved)
    }
}

/// `day` with `content` in it, which is marked among the `atoms`.
fn change(atoms: &mut [Mark], day: &Day, content: &Content) -> Day {
    let mut positions = Vec::with_capacity(content.values.len());
    for value in &content.values {
        let key = |mark: &Mark| (mark.dimension, mark.value);
        if let Ok(at) = atoms.binary_search_by_key(value, key)
            && let Some(mark) = atoms.get_mut(at)
        {
            mark.days.insert(day.ordinal);
            positions.push(number(at));
        }
    }
    Day {
        ordinal: day.ordinal,
        atoms: positions,
        amounts: content.amounts,
    }
}
