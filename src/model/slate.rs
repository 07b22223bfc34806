//! The slate: history and review side by side, numbered densely for scoring.
//!
//! Identities, values and periods are replaced by small numbers whose order is
//! that of their names and times, so that no sum or tie depends on a hash.
//! Periods of the history come first; a day that is cut by the border between
//! both windows is two periods.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;

use super::adoption::Actors;
use super::elsewhere::Elsewhere;
use super::subject::{Builder, Subject};
use super::{owner, parallel, sequence};
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
    /// Which pseudo-review each period belongs to, see [`Self::cut`]; ascending.
    runs: Vec<i64>,
    /// Every identity that is scored, by key.
    pub subjects: Vec<Subject>,
    values: Vec<Box<str>>,
    /// Who uses which value, by value.
    users: Vec<User>,
    /// Where the users of each value begin, and behind the last where they
    /// end.
    starts: Vec<u32>,
    /// The number of each token that anybody's steps end with.
    pub(super) tokens: BTreeMap<Box<str>, u32>,
    /// The owner of each value of [`Dimension::Scope`].
    owners: Vec<Option<u32>>,
    /// Who is behind each subject.
    pub(super) actors: Actors,
    /// What the other accounts of a person know.
    pub(super) elsewhere: Elsewhere,
    /// Actions that were ever sensitive, reads of secrets among them.
    sensitive: BTreeSet<u32>,
}

/// A subject that uses a value, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct User {
    value: u32,
    dimension: Dimension,
    first: Ordinal,
    subject: u32,
    atom: u32,
}

impl Slate {
    /// Lays history and review side by side. Both have slots of one length.
    #[must_use]
    pub fn new(history: &Ledger, review: &Ledger, threads: NonZeroUsize) -> Self {
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
        let (mut values, numbers) = numbered_values([history, review]);
        let slots = [past.as_slice(), &present];
        let mut subjects = subjects([history, review], slots, &numbers, threads);
        let elsewhere = Elsewhere::of(&subjects, &values, [history, review], |part, slot| {
            let at = slots.get(part)?.binary_search(&slot).ok()?;
            Some(ordinal(if part == 0 {
                at
            } else {
                past.len().saturating_add(at)
            }))
        });
        let owners = owner::mark(&mut subjects, &mut values, n_history);
        let period = history.period().max(review.period());
        let slots = past.into_iter().chain(present).collect();
        let actors = Actors::of(&subjects, [history.chains(), review.chains()]);
        let ledgers = [history, review].into_iter().zip(&numbers);
        let sensitive = ledgers.flat_map(|(ledger, numbers)| {
            let accounts = ledger.accounts().iter();
            accounts.flat_map(|account| sensitive_actions(account, numbers))
        });
        Self {
            owners,
            actors,
            elsewhere,
            sensitive: sensitive.collect(),
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
        let tokens = sequence::number_steps(&mut subjects, &values);
        let users = users_of(&subjects);
        let starts = (0..=number(values.len()))
            .map(|value| number(users.partition_point(|user| user.value < value)))
            .collect();
        Self {
            period,
            slots,
            n_history,
            runs: Vec::new(),
            subjects,
            values,
            users,
            starts,
            tokens,
            owners: Vec::new(),
            actors: Actors::default(),
            elsewhere: Elsewhere::default(),
            sensitive: BTreeSet::new(),
        }
    }

    /// The subjects that use a value, in order of first use.
    fn users(&self, dimension: Dimension, value: u32) -> &[User] {
        let start = |value: u32| {
            let start = self.starts.get(value as usize);
            start.map_or(self.users.len(), |start| *start as usize)
        };
        let range = start(value)..start(value.saturating_add(1));
        let users = self.users.get(range).unwrap_or_default();
        let from = users.partition_point(|user| user.dimension < dimension);
        let to = users.partition_point(|user| user.dimension <= dimension);
        users.get(from..to).unwrap_or_default()
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

    /// Whether an action was ever sensitive, be it only that it reads a secret.
    pub(super) fn is_sensitive(&self, action: u32) -> bool {
        self.sensitive.contains(&action)
    }

    /// Start of a period.
    #[must_use]
    pub fn start_of(&self, ordinal: Ordinal) -> Timestamp {
        let slot = usize::try_from(ordinal)
            .ok()
            .and_then(|at| self.slots.get(at));
        self.period.start_of(slot.copied().unwrap_or_default())
    }

    /// Cuts the slate into pseudo-reviews of `length` seconds, counted back from
    /// `end`.
    ///
    /// A day of the review knows no later day of it, and its own list holds none
    /// of them. What lasts a week would excuse itself in the history if it were
    /// otherwise there: days of one pseudo-review are held against those outside
    /// of it.
    ///
    /// # Source
    ///
    /// Burman, Chow & Nolan (1994), "A cross-validatory method for dependent
    /// data", Biometrika 81(2): blocks are left out instead of single values.
    pub(super) fn cut(&mut self, end: Timestamp, length: i64) {
        let starts = self.slots.iter().map(|slot| self.period.start_of(*slot));
        self.runs = starts.map(|start| run_of(start, end, length)).collect();
    }

    /// Which pseudo-review a period belongs to: one of its own until the slate is
    /// [cut](Self::cut).
    pub(super) fn run_of(&self, ordinal: Ordinal) -> i64 {
        let at = usize::try_from(ordinal).ok();
        let run = at.and_then(|at| self.runs.get(at));
        run.copied().unwrap_or(i64::from(ordinal))
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
        self.users(dimension, value)
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
        let users = self.users(Dimension::Error, error);
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
}

/// The number of the run of `length` seconds, counted back from `end`, that a
/// period which starts at `start` belongs to. The one before `end` is number 0,
/// older ones have smaller numbers.
pub(super) fn run_of(start: Timestamp, end: Timestamp, length: i64) -> i64 {
    let before = end.seconds().saturating_sub(start.seconds());
    before.saturating_sub(1).div_euclid(length).saturating_neg()
}

/// Every use of a value by a subject, ordered by value and first use.
fn users_of(subjects: &[Subject]) -> Vec<User> {
    let n_users = subjects.iter().map(|subject| subject.atoms.len()).sum();
    let mut users = Vec::with_capacity(n_users);
    for (subject, own) in (0..).zip(subjects) {
        for (atom, mark) in (0..).zip(&own.atoms) {
            let first = mark.days.first();
            users.extend(first.map(|first| User {
                value: mark.value,
                dimension: mark.dimension,
                first,
                subject,
                atom,
            }));
        }
    }
    users.sort_unstable();
    users
}

/// The values that the accounts of both ledgers use, sorted, with the numbers
/// that the strings of each ledger get by that.
fn numbered_values(ledgers: [&Ledger; 2]) -> (Vec<Box<str>>, [Numbers; 2]) {
    let mut numbers = ledgers.map(|ledger| Numbers(vec![None; ledger.strings().len()]));
    let mut used: Vec<(&str, usize, StringId)> = Vec::new();
    for (part, ledger) in ledgers.into_iter().enumerate() {
        let mut is_used = vec![false; ledger.strings().len()];
        for atom in ledger.accounts().iter().flat_map(|own| own.atoms.iter()) {
            if let Some(is_used) = is_used.get_mut(atom.value as usize) {
                *is_used = true;
            }
        }
        let ids = (0..).zip(is_used).filter(|(_, is_used)| *is_used);
        used.extend(ids.map(|(id, _)| (ledger.strings().text(id), part, id)));
    }
    used.sort_unstable();
    let mut values: Vec<Box<str>> = Vec::new();
    for (text, part, id) in used {
        if values.last().is_none_or(|last| last.as_ref() != text) {
            values.push(text.into());
        }
        let own = numbers.get_mut(part).and_then(|n| n.0.get_mut(id as usize));
        if let Some(own) = own {
            *own = values.len().checked_sub(1).map(number);
        }
    }
    values.shrink_to_fit();
    (values, numbers)
}

fn subjects(
    [history, review]: [&Ledger; 2],
    [past, present]: [&[Slot]; 2],
    [before_numbers, after_numbers]: &[Numbers; 2],
    threads: NonZeroUsize,
) -> Vec<Subject> {
    let mut parts: BTreeMap<&str, (Option<&Account>, Option<&Account>)> = BTreeMap::new();
    for account in history.accounts() {
        parts.entry(&account.row.key).or_default().0 = Some(account);
    }
    for account in review.accounts() {
        parts.entry(&account.row.key).or_default().1 = Some(account);
    }
    let n_past = ordinal(past.len());
    // Who never acted, and was only acted upon, has no habits and is no other
    // identity's company.
    let has_acted = |account: Option<&Account>| account.is_some_and(|own| own.row.n_events > 0);
    let parts = parts.into_values();
    let parts = parts.filter(|(before, after)| has_acted(*before) || has_acted(*after));
    let parts: Vec<_> = parts.collect();
    let subjects = parallel::map_each(threads, &parts, |(before, after)| {
        let mut builder = Builder::default();
        if let Some(account) = *before {
            builder.add(account, before_numbers, past, 0);
        }
        let n_history = builder.n_days();
        if let Some(account) = *after {
            builder.add(account, after_numbers, present, n_past);
        }
        let mut subject = builder.finish(
            before.map(|a| &a.row),
            after.map(|a| &a.row),
            n_history,
            n_past,
        )?;
        subject.sensitive = after.map_or_else(BTreeSet::new, |account| {
            sensitive_actions(account, after_numbers)
        });
        Some(subject)
    });
    subjects.into_iter().flatten().collect()
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
