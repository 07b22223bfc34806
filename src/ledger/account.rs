//! The account of one identity: what it used on which days, and how much.

use std::ops::Range;

use super::aliases::Aliases;
use super::atoms::Atoms;
use super::citations::{Citations, First};
use super::sample::Sample;
use super::streams::Sequencer;
use super::tenants::{Reading, TenantDecision};
use super::timeline::Timeline;
use super::whereabouts::Whereabouts;
use super::{Cell, Dimension, Keys, Slot, StringId, Strings};
use crate::event::{Class, Event, KeyBasis, Source, Subject, Traits};

/// One identity: who it is, and everything that was distinct about it.
#[derive(Clone, Debug)]
pub struct Account {
    /// Who.
    pub row: IdentityRow,
    /// Values used.
    pub atoms: Atoms,
    /// Amounts per slot.
    pub cells: Timeline<Box<Cell>>,
    /// Names under which other products may know it.
    pub(super) aliases: Aliases,
    /// Where it was, and when it came to other products.
    pub(super) whereabouts: Whereabouts,
    /// Long-lived credentials.
    pub keys: Keys,
    pub(super) sample: Option<Box<Sample>>,
}

/// Who an identity is, as far as its events tell.
#[derive(Clone, Debug)]
pub struct IdentityRow {
    /// Stable key.
    pub key: Box<str>,
    /// Readable name.
    pub name: Box<str>,
    /// Class guessed with the highest confidence.
    pub class: Class,
    /// How sure, 0 to 100.
    pub class_confidence: u8,
    /// Which rule produced the key.
    pub basis: KeyBasis,
    /// Smallest tenant it was recorded for.
    pub tenant: Box<str>,
    /// The vendor's own name.
    pub native: Option<Box<str>>,
    /// Set while this is a role session that may or may not deserve an
    /// identity of its own.
    pub session: Option<Box<SessionRow>>,
    /// What its events reveal about it.
    pub traits: Traits,
    /// Products that recorded it, one bit per [`Source::ALL`].
    pub sources: u8,
    /// Events, without side effects.
    pub n_events: u64,
}

/// A role session kept apart until the history has decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    /// Key of the role.
    pub role: Box<str>,
    /// Name of the session as logged.
    pub name: Box<str>,
    /// Name of the role for display.
    pub role_name: Box<str>,
    /// Looks like an e-mail address.
    pub is_email: bool,
}

impl IdentityRow {
    pub(super) fn of(event: &Event<'_>, key: &str, session: Option<Box<SessionRow>>) -> Self {
        let actor = &event.actor;
        let name = match &session {
            Some(session) => format!("{}/{}", session.role_name, session.name).into(),
            None => actor.display.as_ref().into(),
        };
        Self {
            key: key.into(),
            name,
            class: actor.class,
            class_confidence: actor.class_confidence,
            basis: actor.basis,
            tenant: event.tenant.as_ref().into(),
            native: actor.native.as_deref().map(Into::into),
            session,
            traits: Traits::default(),
            sources: 0,
            n_events: 0,
        }
    }

    /// Takes note of what the events of a pattern tell of the identity.
    pub(super) fn observe(&mut self, event: &Event<'_>) {
        let actor = &event.actor;
        self.offer_class(actor.class, actor.class_confidence);
        self.basis = self.basis.min(actor.basis);
        if self.session.is_none() {
            keep_min(&mut self.name, &actor.display);
        }
        keep_min(&mut self.tenant, &event.tenant);
        if let Some(native) = actor.native.as_deref()
            && self.native.as_deref().is_none_or(|own| native < own)
        {
            self.native = Some(native.into());
        }
        self.traits = self.traits.with(Traits::of(event));
        self.sources |= source_bit(event.source);
    }

    /// The row of somebody of whom only acts by others are known so far.
    pub(super) fn of_subject(event: &Event<'_>, subject: &Subject<'_>) -> Self {
        Self {
            key: subject.key.as_ref().into(),
            name: Box::default(),
            class: subject.class,
            class_confidence: subject.class_confidence,
            basis: subject.basis,
            tenant: event.tenant.as_ref().into(),
            native: None,
            session: None,
            traits: Traits::default(),
            sources: 0,
            n_events: 0,
        }
    }

    pub(super) fn observe_subject(&mut self, event: &Event<'_>, subject: &Subject<'_>) {
        self.offer_class(subject.class, subject.class_confidence);
        keep_min(&mut self.name, &subject.display);
        keep_min(&mut self.tenant, &event.tenant);
        self.sources |= source_bit(event.source);
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.offer_class(other.class, other.class_confidence);
        self.basis = self.basis.min(other.basis);
        keep_min(&mut self.name, &other.name);
        keep_min(&mut self.tenant, &other.tenant);
        self.native = match (self.native.take(), other.native.clone()) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        self.traits = self.traits.with(other.traits);
        self.sources |= other.sources;
        self.n_events = self.n_events.saturating_add(other.n_events);
    }

    /// Whether it is a role, and not one of its sessions.
    #[must_use]
    pub fn is_role(&self) -> bool {
        let is_role = matches!(
            self.basis,
            KeyBasis::Role | KeyBasis::Compute | KeyBasis::Ci | KeyBasis::ServiceLinked
        );
        is_role && self.session.is_none()
    }

    /// The products that recorded this identity.
    pub fn sources(&self) -> impl Iterator<Item = Source> + '_ {
        Source::ALL
            .into_iter()
            .filter(|source| self.sources & source_bit(*source) != 0)
    }

    /// Highest confidence wins, then the smaller class.
    fn offer_class(&mut self, class: Class, confidence: u8) {
        let wins = (confidence, std::cmp::Reverse(class))
            > (self.class_confidence, std::cmp::Reverse(self.class));
        if wins {
            (self.class, self.class_confidence) = (class, confidence);
        }
    }
}

impl Account {
    pub(super) fn new(row: IdentityRow) -> Self {
        Self {
            row,
            atoms: Atoms::default(),
            cells: Timeline::default(),
            aliases: Aliases::default(),
            whereabouts: Whereabouts::default(),
            keys: Keys::default(),
            sample: None,
        }
    }

    /// When it used the identity provider from which network, by
    /// [`network_hash`](super::network_hash).
    pub fn visited(&self) -> impl Iterator<Item = (Slot, u32)> {
        let stays = self.whereabouts.iter();
        stays.flat_map(|(slot, stay)| stay.visits.iter().map(move |visit| (slot, visit.network)))
    }

    /// Takes note of the credential behind an event, if it is a lasting one.
    pub(super) fn observe_key(&mut self, event: &Event<'_>, slot: Slot) {
        if let Some(id) = &event.credential.id
            && event.credential.is_long_lived
            && event.is_direct()
        {
            self.keys.observe(id, slot);
        }
    }

    /// Leaves the streams exactly the steps that they may keep.
    pub(super) fn bound_streams(&mut self, strings: &Strings) {
        for cell in self.cells.values_mut() {
            cell.bound_streams(strings);
        }
    }

    /// Adds the values that follow from the order of steps. To be called once
    /// nothing is merged any more.
    pub(super) fn derive(&mut self, sequencer: &mut Sequencer, strings: &mut Strings) {
        let atoms = &mut self.atoms;
        for (slot, cell) in self.cells.iter() {
            let Some(streams) = cell.streams() else {
                continue;
            };
            sequencer.each(streams, strings, |dimension, value| {
                let at = atoms.place((dimension, value));
                if let Some(atom) = atoms.at_mut(at) {
                    atom.observe(slot);
                }
            });
        }
        atoms.shrink();
        for cell in self.cells.values_mut() {
            cell.count_sessions();
        }
    }

    /// Forgets what only a review is asked for.
    pub(super) fn forget_streams(&mut self) {
        for cell in self.cells.values_mut() {
            cell.streams = None;
        }
    }

    /// Gives every value that has two readings the one that was decided on,
    /// and drops those that say nothing.
    pub(super) fn read_as(
        &mut self,
        decision: &TenantDecision,
        strings: &mut Strings,
        citations: &mut Citations,
    ) {
        for mut atom in std::mem::take(&mut self.atoms) {
            let text = strings.text(atom.value);
            let read = match atom.dimension {
                Dimension::Scope | Dimension::Network => match Reading::of(text) {
                    Some(reading) => decision.read(&reading).map(str::to_owned),
                    None if atom.dimension == Dimension::Network && decision.is_balancer(text) => {
                        None
                    }
                    None => Some(text.to_owned()),
                },
                _ => {
                    self.atoms.merge(atom, citations);
                    continue;
                }
            };
            if let Some(read) = read {
                atom.value = strings.intern(&read);
                self.atoms.merge(atom, citations);
            }
        }
    }

    /// Adds what another part of the input said about the same identity, in
    /// the strings and citations of this ledger.
    pub(super) fn merge(&mut self, other: Self, citations: &mut Citations) {
        self.row.merge(&other.row);
        self.aliases.merge(other.aliases);
        self.whereabouts.merge(other.whereabouts);
        for theirs in other.atoms {
            self.atoms.merge(theirs, citations);
        }
        for (slot, cell) in other.cells {
            self.cells.entry(slot).merge(*cell, citations);
        }
        self.keys.merge(&other.keys);
    }

    /// Renames all strings.
    pub(super) fn rename(&mut self, rename: &mut impl FnMut(StringId) -> StringId) {
        let renamed = std::mem::take(&mut self.atoms).into_iter().map(|mut atom| {
            atom.value = rename(atom.value);
            atom
        });
        self.atoms = renamed.collect();
        for cell in self.cells.values_mut() {
            cell.rename(rename);
        }
    }

    /// Every list of citations.
    pub(super) fn for_each_first(&mut self, mut each: impl FnMut(&mut First)) {
        for atom in self.atoms.iter_mut() {
            each(&mut atom.first);
        }
        for cell in self.cells.values_mut() {
            cell.for_each_first(&mut each);
        }
    }

    /// The same account in slots `ratio` times as long.
    pub(super) fn coarsen(&mut self, ratio: i32, citations: &mut Citations) {
        for atom in self.atoms.iter_mut() {
            atom.slots = atom.slots.coarsened(ratio);
        }
        self.aliases.coarsen(ratio);
        self.whereabouts.coarsen(ratio);
        for (slot, cell) in std::mem::take(&mut self.cells) {
            let coarse = self.cells.entry(slot.div_euclid(ratio));
            coarse.merge(*cell, citations);
        }
        self.keys.coarsen(ratio);
    }

    /// Whether there is anything inside of `slots`.
    pub(super) fn is_active(&self, slots: &Range<Slot>) -> bool {
        !self.cells.between(slots).is_empty()
    }

    /// The part of the account inside of `slots`.
    pub(super) fn between(&self, slots: &Range<Slot>) -> Self {
        let cells = self.cells.between(slots).iter().cloned().collect();
        let atoms = self.atoms.iter().filter_map(|atom| {
            let inside = atom.slots.between(slots.start, slots.end);
            let is_used = !inside.is_empty();
            is_used.then(|| super::Atom {
                slots: inside,
                ..atom.clone()
            })
        });
        let mut part = Self {
            row: self.row.clone(),
            atoms: atoms.collect(),
            cells,
            aliases: self.aliases.between(slots),
            whereabouts: self.whereabouts.between(slots),
            keys: self.keys.between(slots.start, slots.end),
            sample: self.sample.clone(),
        };
        part.count_events();
        part
    }

    /// Drops everything outside of `slots`.
    pub(super) fn retain(&mut self, slots: &Range<Slot>) {
        self.cells.retain(slots);
        self.aliases = self.aliases.between(slots);
        self.whereabouts = self.whereabouts.between(slots);
        self.keys = self.keys.between(slots.start, slots.end);
        for atom in self.atoms.iter_mut() {
            atom.slots = atom.slots.between(slots.start, slots.end);
        }
        self.atoms.retain(|atom| !atom.slots.is_empty());
        self.count_events();
    }

    fn count_events(&mut self) {
        self.row.n_events = self
            .cells
            .values()
            .map(|cell| u64::from(cell.volume()))
            .sum();
    }
}

fn source_bit(source: Source) -> u8 {
    match source {
        Source::CloudTrail => 1,
        Source::Okta => 2,
        Source::Vault => 4,
        Source::Generic => 8,
    }
}

fn keep_min(own: &mut Box<str>, other: &str) {
    if !other.is_empty() && (own.is_empty() || other < own.as_ref()) {
        *own = other.into();
    }
}
