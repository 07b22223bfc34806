//! Adding an event: most repeat a pattern, which is looked up as a whole.
//!
//! The pattern tells what the actor's account gets. What an event says about
//! others (its tenant, the role that it issues credentials of, the identities
//! that were acted on) is rare and looked up every time.

use smallvec::SmallVec;

use super::atoms::{self, Atom, AtomKey};
use super::cell::Told;
use super::citations::{Citations, Offer};
use super::memo::{NOWHERE, Pattern};
use super::{Account, Cell, Dimension, IdentityRow, Ledger, SessionRow, Slot, streams, value_hash};
use crate::event::{Event, Minted, Subject, Verb, encode_component};

/// What an event touches.
struct Touched {
    pattern: Pattern,
    /// Atoms that the pattern has no room for. Such a pattern is not
    /// remembered.
    rest: Vec<u32>,
}

impl Ledger {
    /// Adds one event.
    pub fn observe(&mut self, event: &Event<'_>) {
        self.stretch(event.time, event.time);
        let slot = self.period.slot_of(event.time);
        self.add_records(slot, event.n_records.into());
        if let Some(minted) = &event.minted {
            self.observe_minted(minted, &event.actor.key, slot);
        }
        self.observe_actor(event, slot);
        if is_learned(event) {
            self.tenants.observe(event, &event.actor.key, slot);
            for subject in &event.ties.subjects {
                self.observe_subject(event, subject, slot, Telling::New);
            }
            self.citations.sweep_if_crowded(&mut self.accounts);
        }
    }

    fn observe_actor(&mut self, event: &Event<'_>, slot: Slot) {
        let hash = self.memo.hash_of(event);
        let known = self.memo.pattern(hash).map(Touched::of);
        let Some(touched) = known.or_else(|| self.learn(event, hash)) else {
            self.pass_over(event);
            return;
        };
        let at = touched.pattern.account as usize;
        if let Some(account) = self.accounts.get_mut(at) {
            account.row.n_events = account.row.n_events.saturating_add(1);
            for alias in &event.ties.aliases {
                account.aliases.observe(alias, slot);
            }
        }
        if is_learned(event) {
            let mut offer = Offer::of(event);
            self.each_atom(event, &touched, |atom, citations| {
                atom.observe(slot);
                citations.offer(&mut atom.first, &mut offer);
            });
            self.with_cell(event, &touched, slot, &mut offer, Cell::observe);
        }
    }

    /// Lets a further record of an event compete for being cited; changes
    /// nothing else once this ledger is merged with the one that holds the
    /// event itself.
    pub fn observe_duplicate(&mut self, event: &Event<'_>) {
        self.stretch(event.time, event.time);
        let slot = self.period.slot_of(event.time);
        self.cite_actor(event, slot);
        if is_learned(event) {
            for subject in &event.ties.subjects {
                self.observe_subject(event, subject, slot, Telling::Again);
            }
            self.citations.sweep_if_crowded(&mut self.accounts);
        }
    }

    fn cite_actor(&mut self, event: &Event<'_>, slot: Slot) {
        let hash = self.memo.hash_of(event);
        let known = self.memo.pattern(hash).map(Touched::of);
        // Not remembered: nothing is learned of the identity.
        let Some(touched) = known.or_else(|| self.recognise(event)) else {
            return;
        };
        if is_learned(event) {
            let mut offer = Offer::of(event);
            self.each_atom(event, &touched, |atom, citations| {
                citations.offer(&mut atom.first, &mut offer);
            });
            self.with_cell(event, &touched, slot, &mut offer, Cell::cite_duplicate);
        }
    }

    /// Takes note that `caller` had credentials of a role issued. The role is
    /// an identity like any other, even if it does nothing.
    fn observe_minted(&mut self, minted: &Minted<'_>, caller: &str, slot: Slot) {
        if !self.chains.has(&minted.role) {
            if self.admits_key(&minted.role) {
                self.enrol_key(&minted.role);
            }
            if !self.admits_key(&minted.role) {
                self.pass_over_key(&minted.role);
                return;
            }
        }
        self.chains.observe(minted, caller, slot);
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
        let Some(at) = self.subject_account(event, subject) else {
            self.pass_over_key(&subject.key);
            return;
        };
        let value = atoms::undergone(event, &mut self.buffer);
        let mut keys: SmallVec<[AtomKey; 1]> = SmallVec::new();
        if let Some(account) = self.accounts.get_mut(at as usize) {
            account.row.observe_subject(event, subject);
            if account.keeps(Dimension::Edge, value) {
                keys.push((Dimension::Edge, self.strings.intern(value)));
            }
        }
        let places = self.place(at, &keys);
        let Some(account) = self.accounts.get_mut(at as usize) else {
            return;
        };
        let mut offer = Offer::of(event);
        for place in places {
            if let Some(atom) = account.atoms.at_mut(place as usize) {
                if telling == Telling::New {
                    atom.observe(slot);
                }
                self.citations.offer(&mut atom.first, &mut offer);
            }
        }
        let cell = account.cells.entry(slot);
        cell.cite(event, &mut offer, &mut self.citations);
    }

    /// Where the account of somebody who was acted on is, made if it is new.
    /// `None` if there is no room for it.
    fn subject_account(&mut self, event: &Event<'_>, subject: &Subject<'_>) -> Option<u32> {
        let known = self.index.find(&subject.key, &self.accounts);
        if known.is_none() && self.admits_key(&subject.key) {
            self.insert(Account::new(IdentityRow::of_subject(event, subject)));
            self.enrol_key(&subject.key);
        }
        let at = self.index.find(&subject.key, &self.accounts)?;
        u32::try_from(at).ok()
    }

    /// Calls `touch` with every atom that `event` contributes to.
    fn each_atom(
        &mut self,
        event: &Event<'_>,
        touched: &Touched,
        mut touch: impl FnMut(&mut Atom, &mut Citations),
    ) {
        let Pattern { account, .. } = touched.pattern;
        if let Some(account) = self.accounts.get_mut(account as usize) {
            let known = touched.pattern.atoms().iter().map(|at| u32::from(*at));
            for at in known.chain(touched.rest.iter().copied()) {
                if let Some(atom) = account.atoms.at_mut(at as usize) {
                    touch(atom, &mut self.citations);
                }
            }
        }
        if atoms::has_hour(event) {
            let hour = self.hour_atom(account, atoms::hour_of(event.time));
            let account = self.accounts.get_mut(account as usize);
            if let Some(atom) = account.zip(hour).and_then(|(own, at)| own.atoms.at_mut(at)) {
                touch(atom, &mut self.citations);
            }
        }
        if !atoms::has_scopes(event) {
            return;
        }
        for resource in event.resources.iter().filter(|r| !r.scope.is_empty()) {
            let places = self.scope_atoms(account, event, &resource.scope);
            let Some(account) = self.accounts.get_mut(account as usize) else {
                return;
            };
            for at in places.into_iter().filter(|at| *at != NOWHERE) {
                if let Some(atom) = account.atoms.at_mut(at as usize) {
                    touch(atom, &mut self.citations);
                }
            }
        }
    }

    /// Where `account` keeps the value of an hour of the day.
    fn hour_atom(&mut self, account: u32, hour: u8) -> Option<usize> {
        let own = self.accounts.get_mut(account as usize)?;
        if let Some(at) = own.atoms.hour(hour) {
            return Some(at);
        }
        let value = self
            .strings
            .intern(atoms::hour_text(hour, &mut self.buffer));
        let at = own.atoms.place((Dimension::Hour, value));
        own.atoms.note_hour(hour, at);
        Some(at)
    }

    /// Where `account` keeps the area and the scope of a resource.
    fn scope_atoms(&mut self, account: u32, event: &Event<'_>, scope: &str) -> [u32; 2] {
        let hash = self.memo.scope_hash(account, event, scope);
        if let Some(known) = self.memo.scope(hash) {
            return known;
        }
        let mut keys: SmallVec<[AtomKey; 2]> = SmallVec::new();
        if let Some(account) = self.accounts.get(account as usize) {
            let strings = &mut self.strings;
            atoms::for_each_place(event, scope, &mut self.buffer, |dimension, value| {
                if account.keeps(dimension, value) {
                    keys.push((dimension, strings.intern(value)));
                }
            });
        }
        let mut found = [NOWHERE; 2];
        for (place, at) in found.iter_mut().zip(self.place(account, &keys)) {
            *place = at;
        }
        self.memo.learn_scope(hash, found);
        found
    }

    /// Where `account` keeps these values, which are added where they are new.
    fn place(&mut self, account: u32, keys: &[AtomKey]) -> SmallVec<[u32; 16]> {
        let Some(account) = self.accounts.get_mut(account as usize) else {
            return SmallVec::new();
        };
        for key in keys {
            account.atoms.place(*key);
        }
        if account.bound(&self.strings) {
            self.memo.clear();
        }
        let found = keys.iter().filter_map(|key| account.atoms.find(*key));
        found.filter_map(|at| u32::try_from(at).ok()).collect()
    }

    fn with_cell<'e, 'a>(
        &mut self,
        event: &'e Event<'a>,
        touched: &Touched,
        slot: Slot,
        offer: &mut Offer<'e, 'a>,
        tell: impl FnOnce(&mut Cell, &mut Told<'_, 'e, 'a>),
    ) {
        let pattern = &touched.pattern;
        if let Some(account) = self.accounts.get_mut(pattern.account as usize) {
            account.observe_key(event, slot);
            let mut told = Told {
                event,
                action: pattern.action,
                action_hash: self.strings.hash(pattern.action),
                origin: pattern.origin(),
                network: pattern.network(),
                token: pattern.token,
                strings: &self.strings,
                citations: &mut self.citations,
                offer,
            };
            tell(account.cells.entry(slot), &mut told);
        }
    }

    /// Takes note of what a new pattern tells of its identity, and remembers
    /// it. `None` if the identity has no room.
    fn learn(&mut self, event: &Event<'_>, hash: u64) -> Option<Touched> {
        let touched = self.recognise(event)?;
        let account = self.accounts.get_mut(touched.pattern.account as usize);
        if let Some(account) = account {
            account.row.observe(event);
        }
        if touched.rest.is_empty() {
            self.memo.learn(hash, touched.pattern);
        }
        Some(touched)
    }

    /// Finds what an event touches, and makes what is new.
    fn recognise(&mut self, event: &Event<'_>) -> Option<Touched> {
        let account = u32::try_from(self.account_of(event)?).ok()?;
        if !is_learned(event) {
            return Some(Touched::of(Pattern::new(account, 0, None)));
        }
        let mut keys: SmallVec<[AtomKey; 16]> = SmallVec::new();
        if let Some(account) = self.accounts.get(account as usize) {
            let strings = &mut self.strings;
            atoms::for_each_atom(event, &mut self.buffer, |dimension, value| {
                if account.keeps(dimension, value) {
                    keys.push((dimension, strings.intern(value)));
                }
            });
        }
        let origin = event.origin.network.as_deref().map(|network| {
            value_hash(network) ^ value_hash(&event.origin.client.family).rotate_left(17)
        });
        let action = self.strings.intern(&event.action.name);
        let token = streams::write_token(event, &mut self.buffer);
        let token = self.strings.intern(token);
        let network = event.origin.network.as_deref();
        let pattern = Pattern::new(account, action, origin).with_step(token, network);
        let mut touched = Touched::of(pattern);
        for at in self.place(account, &keys) {
            if !touched.pattern.push(at) {
                touched.rest.push(at);
            }
        }
        Some(touched)
    }

    /// Where the account of an event is, made if it is new. `None` if there is
    /// no room for it.
    fn account_of(&mut self, event: &Event<'_>) -> Option<usize> {
        if !self.admits(event) {
            return None;
        }
        let actor = &event.actor;
        if let Some(session) = &actor.session
            && self.keeps_session(&actor.key, &session.name)
        {
            let key = format!("{}#{}", actor.key, encode_component(&session.name));
            if let Some(at) = self.index.find(&key, &self.accounts) {
                return Some(at);
            }
            let row = SessionRow {
                role: actor.key.as_ref().into(),
                name: session.name.as_ref().into(),
                role_name: actor.display.as_ref().into(),
                is_email: session.is_email,
            };
            let row = IdentityRow::of(event, &key, Some(Box::new(row)));
            self.insert(Account::new(row));
            self.after_new_session(&actor.key);
            self.enrol(event);
            let found = self.index.find(&key, &self.accounts);
            return found.or_else(|| self.role_account(event));
        }
        self.role_account(event)
    }

    fn role_account(&mut self, event: &Event<'_>) -> Option<usize> {
        let key = &event.actor.key;
        let known = self.index.find(key, &self.accounts);
        if known.is_some() || !self.admits(event) {
            return known;
        }
        self.insert(Account::new(IdentityRow::of(event, key, None)));
        self.enrol(event);
        self.index.find(key, &self.accounts)
    }
}

impl Touched {
    fn of(pattern: Pattern) -> Self {
        Self {
            pattern,
            rest: Vec::new(),
        }
    }
}

/// Whether the event is part of anybody's habits.
fn is_learned(event: &Event<'_>) -> bool {
    event.action.verb != Verb::Eval && event.actor.class.is_scored()
}

/// Whether an event is told for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Telling {
    New,
    Again,
}
