//! Elsewhere: the networks that a person's other accounts know. Whoever moves
//! house is in a new place once, and not once more in every product.
//!
//! A place counts as known once another account was there on two earlier
//! periods that may be learned from, so that whoever comes with a stolen session
//! on one day is news in every product.

use std::collections::{BTreeMap, BTreeSet};

use super::slate::{Ordinal, Slate};
use super::subject::Subject;
use crate::ledger::{Account, Dimension, Ledger, Links, SlotSet, network_hash};

/// Periods in which another account was there before.
const USED: usize = 2;

/// Per subject and network, when other accounts of its person were there.
#[derive(Debug, Default)]
pub(super) struct Elsewhere(BTreeMap<(usize, u32), Vec<(usize, SlotSet)>>);

/// When an account was in which network, by the hash of its prefix.
type Visited = BTreeMap<u32, SlotSet>;

impl Elsewhere {
    /// Of accounts that are one, as `review` knows; `ordinal_of` numbers the
    /// slots of the history and of the review.
    pub(super) fn of(
        subjects: &[Subject],
        values: &[Box<str>],
        ledgers: [&Ledger; 2],
        ordinal_of: impl Fn(usize, i32) -> Option<Ordinal>,
    ) -> Self {
        let links = ledgers[1].links();
        let visited = |own: &Subject| -> Visited {
            let mut all = Visited::new();
            for (part, ledger) in ledgers.into_iter().enumerate() {
                let account = ledger.account(&own.row.key).into_iter();
                for (slot, network) in account.flat_map(Account::visited) {
                    if let Some(ordinal) = ordinal_of(part, slot) {
                        all.entry(network).or_default().insert(ordinal);
                    }
                }
            }
            all
        };
        let mut known = Self::default();
        for accounts in persons(subjects, links) {
            let places: Vec<(usize, Visited)> = accounts
                .iter()
                .filter_map(|at| Some((*at, visited(subjects.get(*at)?))))
                .collect();
            for own in &accounts {
                known.add(*own, &places, subjects, values);
            }
        }
        known
    }

    /// One network of one account, and when another account was there.
    #[cfg(test)]
    pub(super) fn knowing(own: (usize, u32), other: (usize, SlotSet)) -> Self {
        Self(BTreeMap::from([(own, vec![other])]))
    }

    /// Notes which networks of the account `own` the others know.
    fn add(
        &mut self,
        own: usize,
        places: &[(usize, Visited)],
        subjects: &[Subject],
        values: &[Box<str>],
    ) {
        let marks = subjects.get(own).into_iter();
        for mark in marks.flat_map(|it| it.atoms_of(Dimension::Network)) {
            let text = values.get(mark.value as usize);
            let hash = text.and_then(|text| network_hash(text));
            let others = places.iter().filter(|(at, _)| *at != own);
            let there = others.filter_map(|(at, visited)| {
                let same = subjects.get(*at)?.mark(Dimension::Network, mark.value);
                let mut days = same.map_or_else(SlotSet::default, |same| same.days.clone());
                if let Some(visited) = hash.and_then(|hash| visited.get(&hash)) {
                    days.union(visited);
                }
                (!days.is_empty()).then_some((*at, days))
            });
            let there: Vec<(usize, SlotSet)> = there.collect();
            if !there.is_empty() {
                self.0.insert((own, mark.value), there);
            }
        }
    }

    /// The other accounts of the person behind `subject` that were ever in a
    /// network, and when.
    pub(super) fn others(
        &self,
        subject: usize,
        value: u32,
    ) -> impl Iterator<Item = (usize, &SlotSet)> {
        let others = self.0.get(&(subject, value)).into_iter().flatten();
        others.map(|(other, days)| (*other, days))
    }

    /// Whether another account of the person behind `subject` knew a network
    /// before `as_of`.
    pub(super) fn knows(&self, slate: &Slate, subject: usize, value: u32, as_of: Ordinal) -> bool {
        self.others(subject, value).any(|(other, days)| {
            let other = slate.subjects.get(other);
            let is_learned = |day: &Ordinal| other.is_some_and(|it| it.learns_from(*day));
            let before = days.iter().take_while(|day| *day < as_of);
            before.filter(is_learned).take(USED).count() == USED
        })
    }
}

/// Accounts that are one person's, where there are several.
fn persons(subjects: &[Subject], links: &Links) -> Vec<BTreeSet<usize>> {
    let mut persons: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    let linked = subjects.iter().enumerate();
    let linked = linked.filter(|(_, own)| links.is_linked(&own.row.key));
    for (at, own) in linked {
        let person = links.account_of(&own.row.key);
        persons.entry(person).or_default().insert(at);
    }
    persons.into_values().filter(|own| own.len() > 1).collect()
}
