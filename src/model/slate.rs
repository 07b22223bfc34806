//! The slate: history and review side by side, numbered densely for scoring.
//!
//! Identities, values and periods are replaced by small numbers whose order is
//! that of their names and times, so that no sum or tie depends on a hash.
//! Periods of the history come first; a day that is cut by the border between
//! both windows is two periods.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use foldhash::fast::RandomState;

use crate::event::{Class, Period, Timestamp};
use crate::identity::settle;
use crate::ledger::{Account, Cell, Dimension, IdentityRow, Ledger, Slot, SlotSet};

/// Number of a period on the slate.
pub type Ordinal = i32;

/// History and review, numbered.
#[derive(Debug)]
pub struct Slate {
    /// Length of one period.
    pub period: Period,
    /// Start slot of each period, history first.
    pub slots: Vec<Slot>,
    /// Periods below this number are history.
    pub n_history: Ordinal,
    /// Every identity that is scored, by key.
    pub subjects: Vec<Subject>,
    values: Vec<Box<str>>,
    users: HashMap<(Dimension, u32), Vec<User>, RandomState>,
}

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
    /// Hours of the day with direct activity; bit 0 is 00–01 UTC.
    pub hours: u32,
}

/// A subject that uses a value, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct User {
    first: Ordinal,
    subject: u32,
    atom: u32,
}

impl Slate {
    /// Lays history and review side by side. Both have slots of one length.
    #[must_use]
    pub fn new(history: &Ledger, review: &Ledger) -> Self {
        let slots_of = |ledger: &Ledger| -> Vec<Slot> {
            let mut slots: Vec<Slot> = ledger
                .accounts()
                .iter()
                .flat_map(|account| account.cells.keys().copied())
                .collect();
            slots.sort_unstable();
            slots.dedup();
            slots
        };
        let (past, present) = (slots_of(history), slots_of(review));
        let n_history = ordinal(past.len());
        let values = sorted_values(history, review);
        let subjects = subjects(history, review, &past, &present, &values);
        let period = history.period().max(review.period());
        let slots = past.into_iter().chain(present).collect();
        Self::of(period, slots, n_history, values, subjects)
    }

    /// A slate of subjects that are numbered already.
    pub(super) fn of(
        period: Period,
        slots: Vec<Slot>,
        n_history: Ordinal,
        values: Vec<Box<str>>,
        subjects: Vec<Subject>,
    ) -> Self {
        let users = HashMap::default();
        let mut slate = Self {
            period,
            slots,
            n_history,
            subjects,
            values,
            users,
        };
        slate.index_users();
        slate
    }

    /// The text of a value.
    #[must_use]
    pub fn value(&self, value: u32) -> &str {
        self.values.get(value as usize).map_or("", AsRef::as_ref)
    }

    /// Start of a period.
    #[must_use]
    pub fn start_of(&self, ordinal: Ordinal) -> Timestamp {
        let slot = usize::try_from(ordinal)
            .ok()
            .and_then(|at| self.slots.get(at));
        self.period.start_of(slot.copied().unwrap_or_default())
    }

    /// Whether a period is part of the review.
    #[must_use]
    pub fn is_review(&self, ordinal: Ordinal) -> bool {
        ordinal >= self.n_history
    }

    /// Other subjects that used a value, in order of first use, with the
    /// period of that first use as seen from `as_of`: periods hidden from
    /// learning count only if they are `as_of` itself.
    pub(super) fn other_users(
        &self,
        subject: usize,
        dimension: Dimension,
        value: u32,
        as_of: Ordinal,
    ) -> impl Iterator<Item = (usize, Ordinal)> + '_ {
        self.users
            .get(&(dimension, value))
            .map(Vec::as_slice)
            .unwrap_or_default()
            .iter()
            .take_while(move |user| user.first <= as_of)
            .filter(move |user| user.subject as usize != subject)
            .filter_map(move |user| {
                let other = self.subjects.get(user.subject as usize)?;
                let days = &other.atoms.get(user.atom as usize)?.days;
                let first = days
                    .first_outside(&other.hidden)
                    .filter(|first| *first <= as_of);
                let today = || days.contains(as_of).then_some(as_of);
                Some((user.subject as usize, first.or_else(today)?))
            })
    }

    /// Whether any history window has a value of `dimension`.
    #[must_use]
    pub fn is_observed(&self, dimension: Dimension) -> bool {
        self.subjects.iter().any(|subject| {
            subject.atoms.iter().any(|mark| {
                mark.dimension == dimension
                    && mark.days.first().is_some_and(|day| day < self.n_history)
            })
        })
    }

    fn index_users(&mut self) {
        for (i, subject) in self.subjects.iter().enumerate() {
            for (a, mark) in subject.atoms.iter().enumerate() {
                if let Some(first) = mark.days.first() {
                    let user = User {
                        first,
                        subject: number(i),
                        atom: number(a),
                    };
                    self.users
                        .entry((mark.dimension, mark.value))
                        .or_default()
                        .push(user);
                }
            }
        }
        #[expect(clippy::iter_over_hash_type, reason = "each list by itself")]
        for users in self.users.values_mut() {
            users.sort_unstable();
        }
    }
}

impl Subject {
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

    /// Whether anything may be learned from `ordinal`.
    pub(super) fn learns_from(&self, ordinal: Ordinal) -> bool {
        !self.hidden.contains(ordinal)
    }
}

fn sorted_values(history: &Ledger, review: &Ledger) -> Vec<Box<str>> {
    let mut values: Vec<Box<str>> = Vec::new();
    for ledger in [history, review] {
        let mut used = vec![false; ledger.strings().len()];
        for account in ledger.accounts() {
            #[expect(clippy::iter_over_hash_type, reason = "sorted below")]
            for (_, value) in account.atoms.keys() {
                if let Some(flag) = used.get_mut(*value as usize) {
                    *flag = true;
                }
            }
        }
        let used = used.into_iter().enumerate().filter(|(_, used)| *used);
        values.extend(used.map(|(id, _)| ledger.strings().text(number(id)).into()));
    }
    values.sort_unstable();
    values.dedup();
    values
}

fn subjects(
    history: &Ledger,
    review: &Ledger,
    past: &[Slot],
    present: &[Slot],
    values: &[Box<str>],
) -> Vec<Subject> {
    let mut parts: BTreeMap<&str, (Option<&Account>, Option<&Account>)> = BTreeMap::new();
    for account in history.accounts() {
        parts.entry(&account.row.key).or_default().0 = Some(account);
    }
    for account in review.accounts() {
        parts.entry(&account.row.key).or_default().1 = Some(account);
    }
    let n_past = ordinal(past.len());
    parts
        .into_values()
        .filter_map(|(before, after)| {
            let mut builder = Builder::default();
            if let Some(account) = before {
                builder.add(account, history, values, past, 0);
            }
            let n_history = builder.days.len();
            if let Some(account) = after {
                builder.add(account, review, values, present, n_past);
            }
            let mut subject = builder.finish(
                before.map(|a| &a.row),
                after.map(|a| &a.row),
                n_history,
                n_past,
            )?;
            subject.sensitive = after.map_or_else(BTreeSet::new, |account| {
                sensitive_actions(account, review, values)
            });
            Some(subject)
        })
        .collect()
}

fn sensitive_actions(account: &Account, ledger: &Ledger, values: &[Box<str>]) -> BTreeSet<u32> {
    let acts = account.cells.values().flat_map(|cell| &cell.sensitive);
    acts.filter_map(|act| {
        let text = ledger.strings().text(act.action);
        let at = values.binary_search_by(|own| own.as_ref().cmp(text));
        at.ok().map(number)
    })
    .collect()
}

/// Collects the marks and days of one subject from both ledgers.
#[derive(Default)]
pub(super) struct Builder {
    marks: BTreeMap<(Dimension, u32), SlotSet>,
    days: Vec<(Ordinal, Amounts)>,
}

impl Builder {
    fn add(
        &mut self,
        account: &Account,
        ledger: &Ledger,
        values: &[Box<str>],
        slots: &[Slot],
        offset: Ordinal,
    ) {
        let to_ordinal = |slot: &Slot| {
            slots
                .binary_search(slot)
                .ok()
                .map(|at| ordinal(at).saturating_add(offset))
        };
        #[expect(clippy::iter_over_hash_type, reason = "collected in an ordered map")]
        for ((dimension, id), atom) in &account.atoms {
            let text = ledger.strings().text(*id);
            let Ok(value) = values.binary_search_by(|own| own.as_ref().cmp(text)) else {
                continue;
            };
            for day in atom.slots.iter().filter_map(|slot| to_ordinal(&slot)) {
                self.mark(*dimension, number(value), day);
            }
        }
        for (slot, cell) in &account.cells {
            if let Some(day) = to_ordinal(slot) {
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

    pub(super) fn finish(
        self,
        before: Option<&IdentityRow>,
        after: Option<&IdentityRow>,
        n_history: usize,
        n_past: Ordinal,
    ) -> Option<Subject> {
        let row = before.or(after)?.clone();
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
        let mut by_day: BTreeMap<Ordinal, Vec<u32>> = BTreeMap::new();
        for (at, mark) in atoms.iter().enumerate() {
            for day in mark.days.iter() {
                by_day.entry(day).or_default().push(number(at));
            }
        }
        let days: Vec<Day> = self
            .days
            .into_iter()
            .map(|(ordinal, amounts)| Day {
                ordinal,
                atoms: by_day.remove(&ordinal).unwrap_or_default(),
                amounts,
            })
            .collect();
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
        })
    }
}

/// Reduces a cell to plain numbers.
fn close(cell: &Cell) -> Amounts {
    let most = |count: fn(&crate::ledger::HourTally) -> u32| {
        cell.hours.iter().map(count).max().unwrap_or_default()
    };
    Amounts {
        n_events: cell.n_events,
        n_direct: cell.n_direct,
        max_hour_events: most(|hour| hour.n_events),
        bytes_units: cell.bytes_out.div_ceil(65_536),
        n_targets: cell.n_targets(),
        max_hour_targets: most(|hour| hour.targets.count()),
        n_listed: cell.listed.count(),
        n_secrets: cell.secrets.count(),
        n_denied_actions: cell.denied_actions.count(),
        n_denied_privileged: cell.n_denied_privileged,
        n_denied_then_success: cell.n_denied_then_success(),
        n_origins: cell.origins.count(),
        n_subs: cell.subs.count(),
        hours: cell
            .hours
            .iter()
            .fold(0, |bits, hour| bits | 1 << hour.hour.min(23)),
    }
}

fn ordinal(at: usize) -> Ordinal {
    Ordinal::try_from(at).unwrap_or(Ordinal::MAX)
}

fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
