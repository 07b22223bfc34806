//! The account of one identity: what it used on which days, and how much.

use std::collections::{BTreeMap, HashMap};

use foldhash::fast::RandomState;

use super::sample::Sample;
use super::tenants::{Reading, TenantDecision};
use super::{Cell, Dimension, Slot, SlotSet, StringId, Strings, cell::keep_smallest};
use crate::event::{Citation, Class, Event, KeyBasis, Source, Subject, Traits};

/// A value in a dimension.
pub type AtomKey = (Dimension, StringId);

/// The slots in which an identity used one value.
#[derive(Clone, Debug, Default)]
pub struct Atom {
    /// When.
    pub slots: SlotSet,
    /// How often, over all slots.
    pub n_events: u32,
    /// The earliest events.
    pub first: Vec<Citation>,
}

impl Atom {
    fn merge(&mut self, other: &Self) {
        self.slots.union(&other.slots);
        self.n_events = self.n_events.saturating_add(other.n_events);
        for citation in &other.first {
            keep_smallest(&mut self.first, citation);
        }
    }
}

/// One identity: who it is, and everything that was distinct about it.
#[derive(Clone, Debug)]
pub struct Account {
    /// Who.
    pub row: IdentityRow,
    /// Values used, per dimension. The order of this map is never observable.
    pub atoms: HashMap<AtomKey, Atom, RandomState>,
    /// Amounts per slot. Boxed: most identities have few, and a node of the
    /// map has room for eleven.
    pub cells: BTreeMap<Slot, Box<Cell>>,
    pub(super) sample: Sample,
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
    pub session: Option<SessionRow>,
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
    pub(super) fn of(event: &Event<'_>, key: &str, session: Option<SessionRow>) -> Self {
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
        self.n_events = self.n_events.saturating_add(1);
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
            atoms: HashMap::default(),
            cells: BTreeMap::new(),
            sample: Sample::default(),
        }
    }

    /// Gives every value that has two readings the one that was decided on,
    /// and drops those that say nothing.
    pub(super) fn read_as(&mut self, decision: &TenantDecision, strings: &mut Strings) {
        #[expect(clippy::iter_over_hash_type, reason = "merging commutes")]
        for ((dimension, value), atom) in std::mem::take(&mut self.atoms) {
            let text = strings.text(value);
            let read = match dimension {
                Dimension::Scope | Dimension::Network => match Reading::of(text) {
                    Some(reading) => decision.read(&reading).map(str::to_owned),
                    None if dimension == Dimension::Network && decision.is_balancer(text) => None,
                    None => Some(text.to_owned()),
                },
                _ => {
                    self.atoms.insert((dimension, value), atom);
                    continue;
                }
            };
            if let Some(read) = read {
                let value = strings.intern(&read);
                self.atoms
                    .entry((dimension, value))
                    .or_default()
                    .merge(&atom);
            }
        }
    }

    pub(super) fn observe_atom(&mut self, key: AtomKey, slot: Slot, citation: &Citation) {
        let atom = self.atoms.entry(key).or_default();
        atom.slots.insert(slot);
        atom.n_events = atom.n_events.saturating_add(1);
        keep_smallest(&mut atom.first, citation);
    }

    /// Cites one more record of an event that uses this value.
    pub(super) fn cite_atom(&mut self, key: AtomKey, citation: &Citation) {
        keep_smallest(&mut self.atoms.entry(key).or_default().first, citation);
    }

    /// Adds what another part of the input said about the same identity.
    pub(super) fn merge(&mut self, other: Self, rename: &impl Fn(StringId) -> StringId) {
        self.row.merge(&other.row);
        #[expect(clippy::iter_over_hash_type, reason = "merging commutes")]
        for ((dimension, value), theirs) in other.atoms {
            let atom = self.atoms.entry((dimension, rename(value))).or_default();
            atom.merge(&theirs);
        }
        for (slot, cell) in other.cells {
            self.cells.entry(slot).or_default().merge(*cell, rename);
        }
    }

    /// The same account in slots `ratio` times as long.
    pub(super) fn coarsen(&mut self, ratio: i32) {
        #[expect(clippy::iter_over_hash_type, reason = "each atom by itself")]
        for atom in self.atoms.values_mut() {
            atom.slots = atom.slots.coarsened(ratio);
        }
        for (slot, cell) in std::mem::take(&mut self.cells) {
            self.cells
                .entry(slot.div_euclid(ratio))
                .or_default()
                .merge(*cell, &|id| id);
        }
    }

    /// The part of the account inside `[start, end)`, `None` if there is none.
    pub(super) fn between(&self, start: Slot, end: Slot) -> Option<Self> {
        let cells: BTreeMap<_, _> = self
            .cells
            .range(start..end)
            .map(|(slot, cell)| (*slot, cell.clone()))
            .collect();
        if cells.is_empty() {
            return None;
        }
        let mut part = Self::new(self.row.clone());
        part.sample = self.sample.clone();
        part.row.n_events = cells.values().map(|cell| u64::from(cell.volume())).sum();
        part.cells = cells;
        #[expect(clippy::iter_over_hash_type, reason = "each atom by itself")]
        for (key, atom) in &self.atoms {
            let slots = atom.slots.between(start, end);
            if !slots.is_empty() {
                part.atoms.insert(
                    *key,
                    Atom {
                        slots,
                        ..atom.clone()
                    },
                );
            }
        }
        Some(part)
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
