//! One identity on the slate: what it used when, in small numbers.

use std::collections::{BTreeMap, BTreeSet};

use super::sequence::Steps;
use super::slate::{Numbers, Ordinal, number, ordinal};
use crate::event::{Class, Sensitive};
use crate::identity::settle;
use crate::ledger::{Account, Cell, Dimension, HourTally, IdentityRow, Sessions, Slot, SlotSet};

/// One identity on the slate.
#[derive(Clone, Debug)]
pub struct Subject {
    /// Who.
    pub row: IdentityRow,
    /// Class, settled on the history.
    pub class: Class,
    /// Values used, by dimension and value.
    pub atoms: Vec<Mark>,
    /// Sensitive actions carried out in the review, as values of
    /// [`Dimension::Action`].
    pub sensitive: BTreeSet<u32>,
    /// Each active period in order.
    pub days: Vec<Day>,
    /// How many of `days` are history.
    pub n_history: usize,
    /// Periods that nothing may be learned from: flagged history, and review
    /// not yet absorbed.
    pub hidden: SlotSet,
    /// Which of `atoms` are steps, and of what.
    pub(super) steps: Steps,
}

/// The periods in which a subject used one value.
#[derive(Clone, Debug)]
pub struct Mark {
    /// Of which dimension.
    pub dimension: Dimension,
    /// Which value.
    pub value: u32,
    /// When.
    pub days: SlotSet,
}

/// One active period of a subject.
#[derive(Clone, Debug)]
pub struct Day {
    /// Which period.
    pub ordinal: Ordinal,
    /// Positions in [`Subject::atoms`], ascending.
    pub atoms: Vec<u32>,
    /// How much.
    pub amounts: Amounts,
}

/// A day cell, closed: plain numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amounts {
    /// Events of any kind.
    pub n_events: u32,
    /// Direct events.
    pub n_direct: u32,
    /// Most direct events in one hour.
    pub max_hour_events: u32,
    /// Bytes received, in units of 64 KiB, rounded up.
    pub bytes_units: u64,
    /// Distinct resources.
    pub n_targets: u32,
    /// Most distinct resources in one hour.
    pub max_hour_targets: u32,
    /// Distinct resources listed.
    pub n_listed: u32,
    /// Distinct secrets read.
    pub n_secrets: u32,
    /// Distinct actions refused.
    pub n_denied_actions: u32,
    /// Refusals of privileged actions.
    pub n_denied_privileged: u32,
    /// Privileged actions refused, then granted.
    pub n_denied_then_success: u32,
    /// Distinct pairs of network and client.
    pub n_origins: u32,
    /// Distinct sub-identities.
    pub n_subs: u32,
    /// Sessions and credentials, as far as their network is known.
    pub sessions: Sessions,
    /// Hours of the day with direct activity; bit 0 is 00–01 UTC.
    pub hours: u32,
}

impl Subject {
    /// Sessions and credentials of one of its days that strayed, and all of them:
    /// those that were used from two networks in turns, and those that went on in
    /// another network although credentials of its class do not travel, or in one
    /// in which it had never been.
    #[must_use]
    pub fn strayed(&self, day: &Day) -> (u32, u32) {
        let sessions = day.amounts.sessions;
        let is_told = || self.class == Class::Workload || self.is_somewhere_new(day);
        let n_moved = match sessions.n_moved {
            moved if moved > 0 && is_told() => moved,
            _ => 0,
        };
        let k = u32::from(sessions.n_split).saturating_add(n_moved.into());
        (k, sessions.n.into())
    }

    /// Whether one of the networks of a day is new to it.
    fn is_somewhere_new(&self, day: &Day) -> bool {
        let marks = day.atoms.iter();
        let marks = marks.filter_map(|at| self.atoms.get(*at as usize));
        let mut networks = marks.filter(|mark| mark.dimension == Dimension::Network);
        networks.any(|mark| {
            let first = mark.days.first_outside(&self.hidden);
            first.is_none_or(|first| first >= day.ordinal)
        })
    }

    /// Adds values of a dimension that has none so far, ascending.
    pub(super) fn add_marks(&mut self, dimension: Dimension, marks: Vec<Mark>) {
        let at = self
            .atoms
            .partition_point(|mark| mark.dimension < dimension);
        let shift = number(marks.len());
        let from = number(at);
        for day in &mut self.days {
            let behind = day.atoms.partition_point(|atom| *atom < from);
            for atom in day.atoms.iter_mut().skip(behind) {
                *atom = atom.saturating_add(shift);
            }
            let today = marks.iter().zip(from..);
            let today = today.filter(|(mark, _)| mark.days.contains(day.ordinal));
            let new: Vec<u32> = today.map(|(_, atom)| atom).collect();
            day.atoms.splice(behind..behind, new);
        }
        self.atoms.reserve_exact(marks.len());
        self.atoms.splice(at..at, marks);
    }

    /// When a value was used, if ever.
    pub(super) fn mark(&self, dimension: Dimension, value: u32) -> Option<&Mark> {
        let key = |mark: &Mark| (mark.dimension, mark.value);
        let at = self.atoms.binary_search_by_key(&(dimension, value), key);
        self.atoms.get(at.ok()?)
    }

    /// Positions of the atoms of one dimension.
    pub(super) fn atoms_of(&self, dimension: Dimension) -> impl Iterator<Item = &Mark> {
        let from = self
            .atoms
            .partition_point(|mark| mark.dimension < dimension);
        self.atoms
            .iter()
            .skip(from)
            .take_while(move |mark| mark.dimension == dimension)
    }

    /// History periods, in order.
    #[must_use]
    pub fn history(&self) -> &[Day] {
        self.days.get(..self.n_history).unwrap_or_default()
    }

    /// Review periods, in order.
    #[must_use]
    pub fn review(&self) -> &[Day] {
        self.days.get(self.n_history..).unwrap_or_default()
    }

    /// Whether it did anything in `ordinal`.
    pub(super) fn is_active(&self, ordinal: Ordinal) -> bool {
        let day = self.days.binary_search_by_key(&ordinal, |day| day.ordinal);
        day.is_ok()
    }

    /// Whether anything may be learned from `ordinal`.
    pub(super) fn learns_from(&self, ordinal: Ordinal) -> bool {
        !self.hidden.contains(ordinal)
    }
}

/// Collects the marks and days of one subject from both ledgers.
#[derive(Default)]
pub(super) struct Builder {
    marks: BTreeMap<(Dimension, u32), SlotSet>,
    days: Vec<(Ordinal, Amounts)>,
}

impl Builder {
    pub(super) fn add(
        &mut self,
        account: &Account,
        numbers: &Numbers,
        slots: &[Slot],
        offset: Ordinal,
    ) {
        let to_ordinal = |slot: Slot| {
            slots
                .binary_search(&slot)
                .ok()
                .map(|at| ordinal(at).saturating_add(offset))
        };
        for atom in account.atoms.iter() {
            let Some(value) = numbers.of(atom.value) else {
                continue;
            };
            let mut days = atom.slots.iter().filter_map(to_ordinal).peekable();
            if days.peek().is_some() {
                let mark = self.marks.entry((atom.dimension, value)).or_default();
                days.for_each(|day| mark.insert(day));
            }
        }
        for (slot, cell) in account.cells.iter() {
            if let Some(day) = to_ordinal(slot) {
                let acts = cell.rare().sensitive.iter();
                let acts = acts.filter(|act| act.kind != Sensitive::SecretRead);
                for value in acts.filter_map(|act| numbers.of(act.action)) {
                    self.mark(Dimension::Sensitive, value, day);
                }
                self.day(day, close(cell));
            }
        }
    }

    /// Marks `value` as used on `day`.
    pub(super) fn mark(&mut self, dimension: Dimension, value: u32, day: Ordinal) {
        self.marks
            .entry((dimension, value))
            .or_default()
            .insert(day);
    }

    /// Adds an active day; days come in order.
    pub(super) fn day(&mut self, day: Ordinal, amounts: Amounts) {
        self.days.push((day, amounts));
    }

    /// Active days so far.
    pub(super) fn n_days(&self) -> usize {
        self.days.len()
    }

    /// The subject, unless it was never active.
    pub(super) fn finish(
        self,
        before: Option<&IdentityRow>,
        after: Option<&IdentityRow>,
        n_history: usize,
        n_past: Ordinal,
    ) -> Option<Subject> {
        let mut row = before.or(after)?.clone();
        row.sources |= after.map_or(0, |row| row.sources);
        let traits = row.traits;
        let (class, _) = settle(
            row.basis,
            row.class,
            row.class_confidence,
            traits,
            &row.name,
        );
        let atoms: Vec<Mark> = self
            .marks
            .into_iter()
            .map(|((dimension, value), days)| Mark {
                dimension,
                value,
                days,
            })
            .collect();
        let days = self.days.into_iter();
        let mut days: Vec<Day> = days
            .map(|(ordinal, amounts)| Day {
                ordinal,
                atoms: Vec::new(),
                amounts,
            })
            .collect();
        for (at, mark) in (0..).zip(&atoms) {
            for day in mark.days.iter() {
                let day = days.binary_search_by_key(&day, |own| own.ordinal);
                if let Some(day) = day.ok().and_then(|at| days.get_mut(at)) {
                    day.atoms.push(at);
                }
            }
        }
        for day in &mut days {
            day.atoms.shrink_to_fit();
        }
        let hidden = days
            .iter()
            .map(|day| day.ordinal)
            .filter(|day| *day >= n_past)
            .collect();
        let sensitive = BTreeSet::new();
        (!days.is_empty()).then_some(Subject {
            row,
            class,
            atoms,
            sensitive,
            days,
            n_history,
            hidden,
            steps: Steps::default(),
        })
    }
}

/// Reduces a cell to plain numbers.
fn close(cell: &Cell) -> Amounts {
    let most =
        |count: fn(&HourTally) -> u32| cell.hours.iter().map(count).max().unwrap_or_default();
    let rare = cell.rare();
    Amounts {
        n_events: cell.n_events,
        n_direct: cell.n_direct,
        max_hour_events: most(|hour| hour.n_events),
        bytes_units: cell.bytes_out.div_ceil(65_536),
        n_targets: cell.n_targets(),
        max_hour_targets: most(|hour| hour.targets.count()),
        n_listed: cell.listed.count(),
        n_secrets: rare.secrets.count(),
        n_denied_actions: rare.denied_actions.count(),
        n_denied_privileged: rare.n_denied_privileged,
        n_denied_then_success: rare.n_denied_then_success(),
        n_origins: cell.origins.count(),
        n_subs: cell.subs.count(),
        sessions: cell.sessions,
        hours: cell
            .hours
            .iter()
            .fold(0, |bits, hour| bits | 1 << hour.hour.min(23)),
    }
}
