//! The slate: history and review side by side, numbered densely for scoring.
//!
//! Identities, values and periods are replaced by small numbers whose order is
//! that of their names and times, so that no sum or tie depends on a hash.
//! Periods of the history come first; a day that is cut by the border between
//! both windows is two periods.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use foldhash::fast::RandomState;

use super::subject::{Builder, Subject};
use super::{owner, sequence};
use crate::event::{Period, Timestamp};
use crate::ledger::{Account, Dimension, Ledger, Slot, StringId};

/// Number of a period on the slate.
pub type Ordinal = i32;

/// Periods within which a failure spreads …
const STORM_PERIODS: Ordinal = 3;
/// … to so many identities, for it to be the environment's and not theirs.
const STORM_IDENTITIES: usize = 3;

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
    /// The number of each token that anybody's steps end with.
    pub(super) tokens: BTreeMap<Box<str>, u32>,
    /// The owner of each value of [`Dimension::Scope`].
    owners: Vec<Option<u32>>,
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
                .flat_map(|account| account.cells.slots())
                .collect();
            slots.sort_unstable();
            slots.dedup();
            slots
        };
        let (past, present) = (slots_of(history), slots_of(review));
        let n_history = ordinal(past.len());
        let mut values = sorted_values(history, review);
        let mut subjects = subjects(history, review, &past, &present, &values);
        let owners = owner::mark(&mut subjects, &mut values, n_history);
        let period = history.period().max(review.period());
        let slots = past.into_iter().chain(present).collect();
        Self {
            owners,
            ..Self::of(period, slots, n_history, values, subjects)
        }
    }

    /// A slate of subjects that are numbered already.
    pub(super) fn of(
        period: Period,
        slots: Vec<Slot>,
        n_history: Ordinal,
        values: Vec<Box<str>>,
        mut subjects: Vec<Subject>,
    ) -> Self {
        let users = HashMap::default();
        let tokens = sequence::number_steps(&mut subjects, &values);
        let mut slate = Self {
            period,
            slots,
            n_history,
            subjects,
            values,
            users,
            tokens,
            owners: Vec::new(),
        };
        slate.index_users();
        slate
    }

    /// The text of a value.
    #[must_use]
    pub fn value(&self, value: u32) -> &str {
        self.values.get(value as usize).map_or("", AsRef::as_ref)
    }

    /// The number of a value, if anybody uses it.
    #[must_use]
    pub fn number_of(&self, value: &str) -> Option<u32> {
        // Behind the values of the ledgers, which are sorted, stand owners.
        let sorted = self.values.get(..self.owners.len());
        let sorted = sorted.filter(|values| !values.is_empty());
        let values = sorted.unwrap_or(&self.values);
        let at = values.binary_search_by(|own| own.as_ref().cmp(value));
        at.ok().map(number)
    }

    /// The number of the `nth` value that nobody uses.
    pub(super) fn unseen(&self, nth: u32) -> u32 {
        number(self.values.len()).saturating_add(nth)
    }

    /// The identity that chiefly uses a resource, as a value of
    /// [`Dimension::Owner`].
    #[must_use]
    pub fn owner_of(&self, scope: u32) -> Option<u32> {
        self.owners.get(scope as usize).copied().flatten()
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

    /// Whether a kind of failure befell several identities at once: three or
    /// more met it for the first time within the three periods up to
    /// `ordinal`. A policy has expired or a service is down; that says nothing
    /// about any one of them.
    #[must_use]
    pub fn is_storm(&self, error: u32, ordinal: Ordinal) -> bool {
        let users = self.users.get(&(Dimension::Error, error));
        let users = users.map(Vec::as_slice).unwrap_or_default();
        let from =
            users.partition_point(|user| user.first <= ordinal.saturating_sub(STORM_PERIODS));
        let to = users.partition_point(|user| user.first <= ordinal);
        to.saturating_sub(from) >= STORM_IDENTITIES
    }

    /// Whether the history knows any session with its network.
    pub(super) fn has_sessions(&self) -> bool {
        let mut subjects = self.subjects.iter();
        subjects.any(|subject| {
            let mut days = subject.history().iter();
            days.any(|day| day.amounts.sessions.n > 0)
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

fn sorted_values(history: &Ledger, review: &Ledger) -> Vec<Box<str>> {
    let mut values: Vec<Box<str>> = Vec::new();
    for ledger in [history, review] {
        let mut used = vec![false; ledger.strings().len()];
        for account in ledger.accounts() {
            for atom in account.atoms.iter() {
                if let Some(flag) = used.get_mut(atom.value as usize) {
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
    let (before_numbers, after_numbers) =
        (Numbers::new(history, values), Numbers::new(review, values));
    // Who never acted, and was only acted upon, has no habits and is no other
    // identity's company.
    let has_acted = |account: Option<&Account>| account.is_some_and(|own| own.row.n_events > 0);
    parts
        .into_values()
        .filter(|(before, after)| has_acted(*before) || has_acted(*after))
        .filter_map(|(before, after)| {
            let mut builder = Builder::default();
            if let Some(account) = before {
                builder.add(account, &before_numbers, past, 0);
            }
            let n_history = builder.n_days();
            if let Some(account) = after {
                builder.add(account, &after_numbers, present, n_past);
            }
            let mut subject = builder.finish(
                before.map(|a| &a.row),
                after.map(|a| &a.row),
                n_history,
                n_past,
            )?;
            subject.sensitive = after.map_or_else(BTreeSet::new, |account| {
                sensitive_actions(account, &after_numbers)
            });
            Some(subject)
        })
        .collect()
}

fn sensitive_actions(account: &Account, numbers: &Numbers) -> BTreeSet<u32> {
    let acts = account
        .cells
        .values()
        .flat_map(|cell| &cell.rare().sensitive);
    acts.filter_map(|act| numbers.of(act.action)).collect()
}

/// The numbers that the slate gives to the strings of one ledger.
pub(super) struct Numbers(Vec<Option<u32>>);

impl Numbers {
    /// Numbers by position in `values`, which are sorted.
    fn new(ledger: &Ledger, values: &[Box<str>]) -> Self {
        let strings = ledger.strings();
        let number_of = |id: usize| {
            let text = strings.text(number(id));
            let at = values.binary_search_by(|own| own.as_ref().cmp(text));
            at.ok().map(number)
        };
        Self((0..strings.len()).map(number_of).collect())
    }

    /// The number of `string`, if anybody uses it as a value.
    pub(super) fn of(&self, string: StringId) -> Option<u32> {
        self.0.get(string as usize).copied().flatten()
    }
}

pub(super) fn ordinal(at: usize) -> Ordinal {
    Ordinal::try_from(at).unwrap_or(Ordinal::MAX)
}

pub(super) fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
