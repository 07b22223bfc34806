//! What was distinct: mergeable statistics per identity, slot and value.
//!
//! A [`Ledger`] is what remains of the events once they are read. Everything in
//! it merges by sum, union, minimum or maximum, so the result is a function of
//! the set of events alone: not of their order, of how they were split into
//! files, or of how many threads read them. History and review are both
//! ledgers.

mod account;
mod aliases;
mod atoms;
mod cell;
mod chains;
mod citations;
mod decisions;
mod derive;
mod dimension;
mod distinct;
mod followed;
mod index;
mod keys;
mod links;
mod memo;
mod notable;
mod observe;
mod recreated;
mod remark;
mod roster;
mod sample;
pub mod saved;
mod sessions;
mod slots;
mod streams;
mod strings;
mod tactic;
mod template;
mod tenants;
mod timeline;
mod transactions;
mod whereabouts;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use foldhash::fast::RandomState;

pub use account::{Account, IdentityRow, SessionRow};
pub use atoms::{Atom, AtomKey, Atoms};
pub use cell::{Attempt, CITATIONS, Cell, HourTally, Rare, SensitiveAct};
pub use chains::Chains;
pub(crate) use chains::role_of;
pub use citations::First;
pub use decisions::Decisions;
pub use dimension::Dimension;
pub use distinct::DistinctCount;
pub use keys::Keys;
pub use links::{Linked, Links};
pub use notable::{Notable, NotableAct};
pub use remark::Remark;
pub use roster::{Overflow, Roster};
pub use slots::{Slot, SlotSet};
pub use streams::{Sessions, Streams, Use, is_split, is_step, short_hash, steps_of};
pub use strings::{StringId, Strings, value_hash};
pub use tactic::Tactic;
pub use template::template_scope;
pub use tenants::TenantDecision;
pub use timeline::Timeline;
pub use whereabouts::network_hash;

use crate::event::{Citation, Period, Timestamp, Window};
use citations::{Citations, Transfer};
use index::Index;
use memo::Memo;
use sessions::RoleSessions;
use tenants::Tenants;

/// Everything that was distinct about the events of one window.
#[derive(Clone, Debug)]
pub struct Ledger {
    /// Length of one slot. It grows with the span of the data, up to
    /// `coarsest`.
    period: Period,
    coarsest: Period,
    strings: Strings,
    accounts: Vec<Account>,
    index: Index,
    roles: HashMap<Box<str>, RoleSessions, RandomState>,
    tenants: Tenants,
    citations: Citations,
    roster: Arc<Roster>,
    /// The roster's threshold when the accounts were last held against it.
    threshold: u64,
    overflow: Overflow,
    span: Option<(Timestamp, Timestamp)>,
    /// Whether it was cut out of a longer one, whose counts of values it kept.
    is_slice: bool,
    /// Records behind the events of each slot, whatever they feed.
    records: Timeline<u64>,
    chains: Chains,
    remarks: Vec<Remark>,
    links: Arc<Links>,
    memo: Memo,
    /// Scratch space of `observe`.
    buffer: String,
}

impl Ledger {
    /// An empty ledger whose slots never get longer than `coarsest`.
    #[must_use]
    pub fn new(coarsest: Period) -> Self {
        Self::enrolling(coarsest, Arc::new(Roster::new(roster::MAX_IDENTITIES)))
    }

    /// An empty ledger whose identities share the limit of a `roster` with
    /// those of other ledgers.
    #[must_use]
    pub fn enrolling(coarsest: Period, roster: Arc<Roster>) -> Self {
        Self {
            period: Period::Minute.min(coarsest),
            coarsest,
            strings: Strings::default(),
            accounts: Vec::new(),
            index: Index::default(),
            roles: HashMap::default(),
            tenants: Tenants::default(),
            citations: Citations::default(),
            roster,
            threshold: u64::MAX,
            overflow: Overflow::default(),
            span: None,
            is_slice: false,
            records: Timeline::default(),
            chains: Chains::default(),
            remarks: Vec::new(),
            links: Arc::default(),
            memo: Memo::default(),
            buffer: String::new(),
        }
    }

    /// The same ledger, which will cite nothing: nothing was added yet.
    #[must_use]
    pub fn uncited(mut self) -> Self {
        self.citations = Citations::off();
        self
    }

    /// Adds what another part of the input holds.
    pub fn merge(&mut self, mut other: Self) {
        self.drop_beyond();
        other.drop_beyond();
        self.overflow.merge(&other.overflow);
        if let Some((first, last)) = other.span {
            self.stretch(first, last);
        }
        self.coarsen(other.period);
        other.coarsen(self.period);
        for (slot, n) in std::mem::take(&mut other.records) {
            self.add_records(slot, n);
        }
        self.chains.merge(&other.chains);
        self.tenants.merge(std::mem::take(&mut other.tenants));
        self.memo.clear();
        let (strings, theirs) = (&mut self.strings, &other.strings);
        let every = (0..theirs.len()).map(|id| StringId::try_from(id).unwrap_or_default());
        let renamed: Vec<StringId> = every.map(|id| strings.intern(theirs.text(id))).collect();
        let rename = |id: StringId| renamed.get(id as usize).copied().unwrap_or(id);
        let mut citations = Transfer::new(&other.citations);
        for mut account in other.accounts {
            account.rename(&mut |id| rename(id));
            account.for_each_first(|first| citations.rename(first, &mut self.citations));
            self.merge_account(account);
        }
        self.citations.sweep_if_crowded(&mut self.accounts);
    }

    /// Makes every slot at least `period` long.
    pub fn coarsen(&mut self, period: Period) {
        if period <= self.period {
            return;
        }
        let ratio = self.period.ratio_to(period);
        for (slot, n) in std::mem::take(&mut self.records) {
            self.add_records(slot.div_euclid(ratio), n);
        }
        self.tenants.coarsen(ratio);
        for account in &mut self.accounts {
            account.coarsen(ratio, &mut self.citations);
            account.bound_streams(&self.strings);
        }
        self.chains.coarsen(ratio);
        self.period = period;
    }

    /// The part inside `window`, whose ends lie on slot boundaries.
    #[must_use]
    pub fn slice(&self, window: Window) -> Self {
        let slots = self.slots_of(window);
        let mut part = Self::enrolling(self.coarsest, Arc::clone(&self.roster));
        part.period = self.period;
        part.records = self.records.between(&slots).iter().copied().collect();
        part.chains = self.chains.between(slots.start, slots.end);
        part.tenants = self.tenants.between(slots.start, slots.end);
        part.span = self.span_within(window);
        part.is_slice = true;
        let mut citations = Transfer::new(&self.citations);
        for account in self.accounts.iter().filter(|a| a.is_active(&slots)) {
            let mut account = account.between(&slots);
            account.rename(&mut |id| part.strings.intern(self.strings.text(id)));
            account.for_each_first(|first| citations.rename(first, &mut part.citations));
            part.insert(account);
        }
        part
    }

    /// The ledger without the accounts that `is_taken` names, and a ledger of
    /// these.
    #[must_use]
    pub fn divide(&self, is_taken: impl Fn(&IdentityRow) -> bool) -> (Self, Self) {
        let mut rest = self.clone();
        let mut taken = Self::enrolling(self.coarsest, Arc::clone(&self.roster)).uncited();
        taken.period = self.period;
        taken.span = self.span;
        for mut account in rest.take_accounts() {
            if is_taken(&account.row) {
                account.rename(&mut |id| taken.strings.intern(self.strings.text(id)));
                account.for_each_first(|first| *first = First::NONE);
                taken.insert(account);
            } else {
                rest.insert(account);
            }
        }
        (rest, taken)
    }

    /// What remains when everything outside of `window` is dropped, and with it
    /// the citations: only what is reviewed is cited.
    #[must_use]
    pub fn into_uncited_slice(mut self, window: Window) -> Self {
        let slots = self.slots_of(window);
        self.span = self.span_within(window);
        self.is_slice = true;
        self.records.retain(&slots);
        self.chains = self.chains.between(slots.start, slots.end);
        self.tenants = self.tenants.between(slots.start, slots.end);
        self.citations = Citations::off();
        let mut accounts = self.take_accounts();
        accounts.retain_mut(|account| {
            account.retain(&slots);
            account.for_each_first(|first| *first = First::NONE);
            !account.cells.is_empty()
        });
        self.index.rebuild(&accounts);
        self.accounts = accounts;
        self
    }

    /// Whether it was cut out of a longer ledger: its values count the events
    /// of that one.
    #[must_use]
    pub fn is_slice(&self) -> bool {
        self.is_slice
    }

    fn slots_of(&self, window: Window) -> Range<Slot> {
        self.period.slot_of(window.start)..self.period.slot_of(window.end)
    }

    fn span_within(&self, window: Window) -> Option<(Timestamp, Timestamp)> {
        let (first, last) = self.span?;
        Some((first.max(window.start), last.min(window.end)))
    }

    /// Length of one slot.
    #[must_use]
    pub fn period(&self) -> Period {
        self.period
    }

    /// Time of the first and of the last event.
    #[must_use]
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        self.span
    }

    /// Every identity, in no particular order.
    #[must_use]
    pub fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// The account with this key.
    #[must_use]
    pub fn account(&self, key: &str) -> Option<&Account> {
        let at = self.index.find(key, &self.accounts)?;
        self.accounts.get(at)
    }

    /// The events that are cited, earliest first.
    pub fn cited<'l>(&'l self, first: &'l First) -> impl Iterator<Item = &'l Citation> {
        self.citations.of(first)
    }

    /// The strings that atoms and attempts refer to.
    #[must_use]
    pub fn strings(&self) -> &Strings {
        &self.strings
    }

    /// Who took on which role.
    #[must_use]
    pub fn chains(&self) -> &Chains {
        &self.chains
    }

    /// What comparing it with a history showed.
    #[must_use]
    pub fn remarks(&self) -> &[Remark] {
        &self.remarks
    }

    /// Which accounts were made one, and which may be.
    #[must_use]
    pub fn links(&self) -> &Arc<Links> {
        &self.links
    }

    /// Records behind the events of this ledger.
    #[must_use]
    pub fn n_records(&self) -> u64 {
        self.records.values().sum()
    }

    fn add_records(&mut self, slot: Slot, n: u64) {
        let records = self.records.entry(slot);
        *records = records.saturating_add(n);
    }

    /// Adds what another part of the input said about an identity, in the
    /// strings and citations of this ledger.
    fn merge_account(&mut self, account: Account) {
        let at = self.index.find(&account.row.key, &self.accounts);
        let Some(own) = at.and_then(|at| self.accounts.get_mut(at)) else {
            self.insert(account);
            return;
        };
        let sample = account.sample.clone();
        own.merge(account, &mut self.citations);
        own.ignore_like(sample.as_deref(), |value| self.strings.hash(value));
        own.bound(&self.strings);
        own.bound_streams(&self.strings);
    }

    fn insert(&mut self, account: Account) -> usize {
        let at = self.accounts.len();
        self.accounts.push(account);
        self.index.push(&self.accounts);
        at
    }

    /// Takes all accounts out, to be put back in another order.
    fn take_accounts(&mut self) -> Vec<Account> {
        self.memo.clear();
        self.index = Index::default();
        std::mem::take(&mut self.accounts)
    }

    /// Takes note of the span of the data and coarsens slots that are finer
    /// than any choice of period could still want.
    fn stretch(&mut self, first: Timestamp, last: Timestamp) {
        if let Some((start, end)) = self.span
            && start <= first
            && last <= end
        {
            return;
        }
        let (start, end) = self
            .span
            .map_or((first, last), |(a, b)| (a.min(first), b.max(last)));
        self.span = Some((start, end));
        let fitting = Period::fitting(start, end).min(self.coarsest);
        self.coarsen(fitting);
    }
}
