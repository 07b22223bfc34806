//! Adding an event: most repeat a pattern of who does what from where.
//!
//! The pattern tells what the actor's account gets. What an event says about
//! others (its tenant, the role that it issues credentials of, the identities
//! that were acted on) is rare and looked up every time.

use smallvec::SmallVec;

use super::atoms::{self, Atom, AtomKey};
use super::cell::Told;
use super::citations::{Citations, Offer};
use super::memo::{Deed, NOWHERE, Places, Whence};
use super::{Account, Cell, Dimension, IdentityRow, Ledger, SessionRow, Slot, streams};
use crate::event::{Event, Minted, Subject, Verb, encode_component};

/// What an event touches.
struct Touched {
    deed: Deed,
    whence: Whence,
    /// Atoms that these have no room for. Such a pattern is not remembered.
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
        let Some(touched) = self.touch(event, Telling::New) else {
            self.pass_over(event);
            return;
        };
        let at = touched.deed.account as usize;
        if let Some(account) = self.accounts.get_mut(at) {
            account.row.n_events = account.row.n_events.saturating_add(1);
            for alias in &event.ties.aliases {
                account.aliases.observe(alias, slot);
            }
            account.whereabouts.observe(event, slot);
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
        let Some(touched) = self.touch(event, Telling::Again) else {
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
        let Deed { account, atoms, .. } = touched.deed;
        if let Some(account) = self.accounts.get_mut(account as usize) {
            let known = atoms.iter().chain(touched.whence.atoms.iter());
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
        let own = &mut account.atoms;
        let places = keys.iter().map(|key| own.place(*key));
        let mut found: SmallVec<[u32; 16]> =
            places.filter_map(|at| u32::try_from(at).ok()).collect();
        if account.bound(&self.strings) {
            // Some were dropped, and those that are left have moved.
            self.memo.clear();
            let places = keys.iter().filter_map(|key| account.atoms.find(*key));
            found = places.filter_map(|at| u32::try_from(at).ok()).collect();
        }
        found
    }

    fn with_cell<'e, 'a>(
        &mut self,
        event: &'e Event<'a>,
        touched: &Touched,
        slot: Slot,
        offer: &mut Offer<'e, 'a>,
        tell: impl FnOnce(&mut Cell, &mut Told<'_, 'e, 'a>),
    ) {
        let Touched { deed, whence, .. } = touched;
        if let Some(account) = self.accounts.get_mut(deed.account as usize) {
            account.observe_key(event, slot);
            let mut told = Told {
                event,
                action: deed.action,
                action_hash: self.strings.hash(deed.action),
                origin: whence.origin(),
                network: whence.network(),
                token: deed.token,
                strings: &self.strings,
                citations: &mut self.citations,
                offer,
            };
            tell(account.cells.entry(slot), &mut told);
        }
    }

    /// What an event touches; what is new is made. Unless the event is told
    /// again, it is remembered, and what it tells of the identity noted. `None`
    /// if the identity has no room.
    fn touch(&mut self, event: &Event<'_>, telling: Telling) -> Option<Touched> {
        let (mut rest, mut more) = (Vec::new(), Vec::new());
        let deed_hash = self.memo.deed_hash(event);
        let known_deed = self.memo.deed(deed_hash);
        let mut deed = match known_deed {
            Some(deed) => deed,
            None => self.recognise_deed(event, &mut rest)?,
        };
        let learned = is_learned(event);
        let whence_hash = self.memo.whence_hash(deed.account, event, learned);
        let known_whence = self.memo.whence(whence_hash);
        let whence = known_whence.unwrap_or_else(|| {
            let n_cleared = self.memo.n_cleared();
            let whence = self.recognise_whence(event, deed.account, &mut more);
            if self.memo.n_cleared() != n_cleared {
                // Values were dropped, and those that are left have moved.
                rest.clear();
                deed = self.recognise_deed(event, &mut rest).unwrap_or(deed);
            }
            whence
        });
        rest.append(&mut more);
        let is_known = known_deed.is_some() && known_whence.is_some();
        if telling == Telling::New && !is_known {
            if let Some(account) = self.accounts.get_mut(deed.account as usize) {
                account.row.observe(event);
            }
            if rest.is_empty() {
                self.memo.learn_deed(deed_hash, deed);
                self.memo.learn_whence(whence_hash, whence);
            }
        }
        Some(Touched { deed, whence, rest })
    }

    /// Finds what it touches who does what in `event`, and makes what is new.
    /// What has no room is added to `rest`.
    fn recognise_deed(&mut self, event: &Event<'_>, rest: &mut Vec<u32>) -> Option<Deed> {
        let mut deed = Deed {
            account: u32::try_from(self.account_of(event)?).ok()?,
            ..Deed::default()
        };
        if is_learned(event) {
            deed.action = self.strings.intern(&event.action.name);
            let token = streams::write_token(event, &mut self.buffer);
            deed.token = self.strings.intern(token);
            let mut keys: SmallVec<[AtomKey; 16]> = SmallVec::new();
            if let Some(account) = self.accounts.get(deed.account as usize) {
                let (strings, last) = (&mut self.strings, &mut self.memo.last);
                atoms::for_each_deed(event, &mut self.buffer, |dimension, value| {
                    if account.keeps(dimension, value) {
                        keys.push((dimension, last.intern(dimension, value, strings)));
                    }
                });
            }
            self.place_in(deed.account, &keys, &mut deed.atoms, rest);
        }
        Some(deed)
    }

    /// Finds what the origin of `event`, of the identity in `account`, touches,
    /// and makes what is new. What has no room is added to `rest`.
    fn recognise_whence(&mut self, event: &Event<'_>, account: u32, rest: &mut Vec<u32>) -> Whence {
        if !is_learned(event) {
            return Whence::default();
        }
        let mut whence = Whence::of(event);
        let mut keys: SmallVec<[AtomKey; 4]> = SmallVec::new();
        if let Some(account) = self.accounts.get(account as usize) {
            let strings = &mut self.strings;
            atoms::for_each_origin(event, &mut self.buffer, |dimension, value| {
                if account.keeps(dimension, value) {
                    keys.push((dimension, strings.intern(value)));
                }
            });
        }
        self.place_in(account, &keys, &mut whence.atoms, rest);
        whence
    }

    /// Adds where `account` keeps these values to `places`, or to `rest` where
    /// there is no room.
    fn place_in<const N: usize>(
        &mut self,
        account: u32,
        keys: &[AtomKey],
        places: &mut Places<N>,
        rest: &mut Vec<u32>,
    ) {
        for at in self.place(account, keys) {
            if !places.push(at) {
                rest.push(at);
            }
        }
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
