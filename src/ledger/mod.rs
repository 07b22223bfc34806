//! What was distinct: mergeable statistics per identity, slot and value.
//!
//! A [`Ledger`] is what remains of the events once they are read. Everything in
//! it merges by sum, union, minimum or maximum, so the result is a function of
//! the set of events alone: not of their order, of how they were split into
//! files, or of how many threads read them. History and review are both
//! ledgers.

mod account;
mod atoms;
mod cell;
mod chains;
mod decisions;
mod dimension;
mod distinct;
mod recreated;
mod remark;
mod sample;
mod sessions;
mod slots;
mod strings;
mod template;
mod tenants;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

use foldhash::fast::RandomState;
use smallvec::SmallVec;

pub use account::{Account, Atom, AtomKey, IdentityRow, SessionRow};
pub use cell::{Attempt, CITATIONS, Cell, HourTally, SensitiveAct};
pub use chains::Chains;
pub use decisions::Decisions;
pub use dimension::Dimension;
pub use distinct::DistinctCount;
pub use remark::Remark;
pub use slots::{Slot, SlotSet};
pub use strings::{StringId, Strings, value_hash};
pub use template::template_scope;
pub use tenants::TenantDecision;

use crate::event::{Event, Period, Source, Subject, Timestamp, Verb, Window, encode_component};
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
    index: HashMap<Box<str>, usize, RandomState>,
    roles: HashMap<Box<str>, RoleSessions, RandomState>,
    tenants: Tenants,
    span: Option<(Timestamp, Timestamp)>,
    /// Records behind the events of each slot, whatever they feed.
    records: BTreeMap<Slot, u64>,
    chains: Chains,
    remarks: Vec<Remark>,
    /// Scratch space of `observe`.
    buffer: String,
}

impl Ledger {
    /// An empty ledger whose slots never get longer than `coarsest`.
    #[must_use]
    pub fn new(coarsest: Period) -> Self {
        Self {
            period: Period::Minute.min(coarsest),
            coarsest,
            strings: Strings::default(),
            accounts: Vec::new(),
            index: HashMap::default(),
            roles: HashMap::default(),
            tenants: Tenants::default(),
            span: None,
            records: BTreeMap::new(),
            chains: Chains::default(),
            remarks: Vec::new(),
            buffer: String::new(),
        }
    }

    /// Adds one event.
    pub fn observe(&mut self, event: &Event<'_>) {
        self.stretch(event.time, event.time);
        let account = self.account_of(event);
        let slot = self.period.slot_of(event.time);
        self.add_records(slot, event.n_records.into());
        if let Some(minted) = &event.minted {
            self.chains.observe(minted, &event.actor.key, slot);
        }
        let Self {
            accounts,
            strings,
            tenants,
            buffer,
            ..
        } = self;
        let Some(account) = accounts.get_mut(account) else {
            return;
        };
        account.row.observe(event);
        if event.action.verb == Verb::Eval || !event.actor.class.is_scored() {
            return;
        }
        tenants.observe(event, &account.row.key, slot);
        let citation = event.citation();
        atoms::for_each_atom(event, buffer, |dimension, value| {
            if account.keeps(dimension, value) {
                account.observe_atom((dimension, strings.intern(value)), slot, &citation);
            }
        });
        account.bound(strings);
        let action = strings.intern(&event.action.name);
        let hashes = hashes_of(event, strings.hash(action));
        account
            .cells
            .entry(slot)
            .or_default()
            .observe(event, action, &hashes);
        for subject in &event.ties.subjects {
            self.observe_subject(event, subject, slot, Telling::New);
        }
    }

    /// Puts an event on the timeline of somebody whom the actor acted on. It
    /// is no action of theirs, so it feeds neither their amounts nor any habit
    /// but the one of being acted on.
    fn observe_subject(
        &mut self,
        event: &Event<'_>,
        subject: &Subject<'_>,
        slot: Slot,
        telling: Telling,
    ) {
        if !subject.class.is_scored() {
            return;
        }
        let at = match self.index.get(subject.key.as_ref()) {
            Some(at) => *at,
            None => self.insert(Account::new(IdentityRow::of_subject(event, subject))),
        };
        let Self {
            accounts,
            strings,
            buffer,
            ..
        } = self;
        let Some(account) = accounts.get_mut(at) else {
            return;
        };
        account.row.observe_subject(event, subject);
        let citation = event.citation();
        let value = atoms::undergone(event, buffer);
        if account.keeps(Dimension::Edge, value) {
            let key = (Dimension::Edge, strings.intern(value));
            match telling {
                Telling::New => account.observe_atom(key, slot, &citation),
                Telling::Again => account.cite_atom(key, &citation),
            }
        }
        account.bound(strings);
        account.cells.entry(slot).or_default().cite(event);
    }

    /// Lets a further record of an event compete for being cited; changes
    /// nothing else once this ledger is merged with the one that holds the
    /// event itself.
    pub fn observe_duplicate(&mut self, event: &Event<'_>) {
        self.stretch(event.time, event.time);
        let account = self.account_of(event);
        let slot = self.period.slot_of(event.time);
        let Self {
            accounts,
            strings,
            buffer,
            ..
        } = self;
        let Some(account) = accounts.get_mut(account) else {
            return;
        };
        if event.action.verb == Verb::Eval || !event.actor.class.is_scored() {
            return;
        }
        let citation = event.citation();
        atoms::for_each_atom(event, buffer, |dimension, value| {
            if account.keeps(dimension, value) {
                account.cite_atom((dimension, strings.intern(value)), &citation);
            }
        });
        let action = strings.intern(&event.action.name);
        account
            .cells
            .entry(slot)
            .or_default()
            .cite_duplicate(event, action);
        for subject in &event.ties.subjects {
            self.observe_subject(event, subject, slot, Telling::Again);
        }
    }

    /// Adds what another part of the input holds.
    pub fn merge(&mut self, mut other: Self) {
        if let Some((first, last)) = other.span {
            self.stretch(first, last);
        }
        self.coarsen(other.period);
        other.coarsen(self.period);
        self.chains.merge(&other.chains);
        for (slot, n) in std::mem::take(&mut other.records) {
            self.add_records(slot, n);
        }
        self.tenants.merge(std::mem::take(&mut other.tenants));
        let renamed: Vec<StringId> = (0..other.strings.len())
            .map(|id| {
                self.strings.intern(
                    other
                        .strings
                        .text(StringId::try_from(id).unwrap_or_default()),
                )
            })
            .collect();
        let rename = |id: StringId| renamed.get(id as usize).copied().unwrap_or(id);
        for account in other.accounts {
            let at = self.slot_for(&account.row);
            if let Some(own) = self.accounts.get_mut(at) {
                let sample = account.sample.clone();
                own.merge(account, &rename);
                own.ignore_like(&sample, |value| self.strings.hash(value));
                own.bound(&self.strings);
            }
        }
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
            account.coarsen(ratio);
        }
        self.chains.coarsen(ratio);
        self.period = period;
    }

    /// The part inside `window`, whose ends lie on slot boundaries.
    #[must_use]
    pub fn slice(&self, window: Window) -> Self {
        let start = self.period.slot_of(window.start);
        let end = self.period.slot_of(window.end);
        let mut part = Self::new(self.coarsest);
        part.period = self.period;
        part.strings = self.strings.clone();
        part.chains = self.chains.between(start, end);
        part.records = self
            .records
            .range(start..end)
            .map(|(slot, n)| (*slot, *n))
            .collect();
        part.tenants = self.tenants.between(start, end);
        part.span = self
            .span
            .map(|(first, last)| (first.max(window.start), last.min(window.end)));
        for account in self
            .accounts
            .iter()
            .filter_map(|account| account.between(start, end))
        {
            part.insert(account);
        }
        part
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
        self.index.get(key).and_then(|at| self.accounts.get(*at))
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

    /// Records behind the events of this ledger.
    #[must_use]
    pub fn n_records(&self) -> u64 {
        self.records.values().sum()
    }

    fn account_of(&mut self, event: &Event<'_>) -> usize {
        let actor = &event.actor;
        if let Some(session) = &actor.session
            && self.keeps_session(&actor.key, &session.name)
        {
            let key = format!("{}#{}", actor.key, encode_component(&session.name));
            if let Some(at) = self.index.get(key.as_str()) {
                return *at;
            }
            let row = SessionRow {
                role: actor.key.as_ref().into(),
                name: session.name.as_ref().into(),
                role_name: actor.display.as_ref().into(),
                is_email: session.is_email,
            };
            self.insert(Account::new(IdentityRow::of(event, &key, Some(row))));
            self.after_new_session(&actor.key);
            return self
                .index
                .get(key.as_str())
                .copied()
                .unwrap_or_else(|| self.role_account(event));
        }
        self.role_account(event)
    }

    fn add_records(&mut self, slot: Slot, n: u64) {
        let records = self.records.entry(slot).or_default();
        *records = records.saturating_add(n);
    }

    fn role_account(&mut self, event: &Event<'_>) -> usize {
        if let Some(at) = self.index.get(event.actor.key.as_ref()) {
            return *at;
        }
        self.insert(Account::new(IdentityRow::of(event, &event.actor.key, None)))
    }

    /// Position of the account with the key of `row`, made if it is new.
    fn slot_for(&mut self, row: &IdentityRow) -> usize {
        if let Some(at) = self.index.get(row.key.as_ref()) {
            return *at;
        }
        let mut empty = row.clone();
        empty.n_events = 0;
        self.insert(Account::new(empty))
    }

    fn insert(&mut self, account: Account) -> usize {
        let at = self.accounts.len();
        self.index.insert(account.row.key.clone(), at);
        self.accounts.push(account);
        at
    }

    /// Takes note of the span of the data and coarsens slots that are finer
    /// than any choice of period could still want.
    fn stretch(&mut self, first: Timestamp, last: Timestamp) {
        let (start, end) = self
            .span
            .map_or((first, last), |(a, b)| (a.min(first), b.max(last)));
        self.span = Some((start, end));
        let fitting = Period::fitting(start, end).min(self.coarsest);
        self.coarsen(fitting);
    }
}

/// Whether an event is told for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Telling {
    New,
    Again,
}

fn hashes_of(event: &Event<'_>, action: u64) -> cell::Hashes {
    let origin = event.origin.network.as_deref().map(|network| {
        value_hash(network) ^ value_hash(&event.origin.client.family).rotate_left(17)
    });
    cell::Hashes {
        targets: event
            .resources
            .iter()
            .map(|r| value_hash(&r.id))
            .collect::<SmallVec<_>>(),
        origin,
        // Only role sessions are told apart by their keys. A Vault accessor
        // differs between the devices that logged the same request.
        credential: event
            .credential
            .id
            .as_deref()
            .filter(|_| event.source == Source::CloudTrail)
            .map(value_hash),
        sub: event.actor.sub.as_deref().map(value_hash),
        transaction: event.ties.transaction.as_deref().map(value_hash),
        action,
    }
}
