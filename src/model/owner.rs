//! Owners: whose resources an identity touches (MODEL §2.5).

use std::collections::BTreeMap;

use super::slate::{Ordinal, number};
use super::subject::{Mark, Subject};
use crate::ledger::{Dimension, SlotSet};

/// How often a resource was used in the history.
#[derive(Clone, Copy, Debug, Default)]
struct Usage {
    n_users: u32,
    /// Days, summed over its users.
    n_days: u32,
    /// Days of the one who used it most, and who that is.
    most: u32,
    owner: usize,
}

impl Usage {
    /// The identity that chiefly uses it: at least half of all days of at least
    /// two users.
    fn owner(self) -> Option<usize> {
        let is_owned = self.n_users > 1 && self.most.saturating_mul(2) >= self.n_days;
        is_owned.then_some(self.owner)
    }
}

/// Marks on whose resources each subject touched when. Owners are learned from
/// the history and are values of their own, named by their keys and numbered
/// behind all others. Returns the owner of each value of
/// [`Dimension::Scope`].
pub(super) fn mark(
    subjects: &mut [Subject],
    values: &mut Vec<Box<str>>,
    n_history: Ordinal,
) -> Vec<Option<u32>> {
    let owners = owners(subjects, values.len(), n_history);
    let mut numbers: BTreeMap<usize, u32> = BTreeMap::new();
    for owner in owners.iter().flatten() {
        numbers.entry(*owner).or_default();
    }
    // Subjects are in the order of their keys.
    for (owner, value) in &mut numbers {
        *value = number(values.len());
        values.push(
            subjects
                .get(*owner)
                .map_or_else(Box::default, |subject| subject.row.key.clone()),
        );
    }
    for (i, subject) in subjects.iter_mut().enumerate() {
        let mut days: BTreeMap<u32, SlotSet> = BTreeMap::new();
        for mark in subject.atoms_of(Dimension::Scope) {
            let owner = owners.get(mark.value as usize).copied().flatten();
            let value = owner
                .filter(|owner| *owner != i)
                .and_then(|owner| numbers.get(&owner));
            if let Some(value) = value {
                days.entry(*value).or_default().union(&mark.days);
            }
        }
        let marks = days.into_iter().map(|(value, days)| Mark {
            dimension: Dimension::Owner,
            value,
            days,
        });
        let marks: Vec<Mark> = marks.collect();
        if !marks.is_empty() {
            subject.add_marks(Dimension::Owner, marks);
        }
    }
    let number_of = |owner: Option<usize>| numbers.get(&owner?).copied();
    owners.into_iter().map(number_of).collect()
}

/// The owner of each value of [`Dimension::Scope`]. Of equal users it is the
/// one with the smaller key.
fn owners(subjects: &[Subject], n_values: usize, n_history: Ordinal) -> Vec<Option<usize>> {
    let mut usage = vec![Usage::default(); n_values];
    let nothing = SlotSet::default();
    for (i, subject) in subjects.iter().enumerate() {
        for mark in subject.atoms_of(Dimension::Scope) {
            let n_days = mark.days.count_below(n_history, &nothing);
            let Some(usage) = usage.get_mut(mark.value as usize).filter(|_| n_days > 0) else {
                continue;
            };
            usage.n_users += 1;
            usage.n_days = usage.n_days.saturating_add(n_days);
            if n_days > usage.most {
                (usage.most, usage.owner) = (n_days, i);
            }
        }
    }
    usage.into_iter().map(Usage::owner).collect()
}
