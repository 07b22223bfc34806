//! What an event of a known pattern touches, remembered.
//!
//! Most events repeat an earlier one in everything but time, ids and resources:
//! the same identity does the same from the same place. Such a *pattern* is
//! recognised by a hash of 64 bits, and what it touches need not be looked up
//! again. Patterns are taken for one another only if their hashes agree, which
//! for any two has a probability of 2⁻⁶⁴ and depends on a secret of the run, so
//! that nobody can choose texts that collide. What is forgotten is looked up
//! again: the size of the memory changes no result.

use std::hash::{BuildHasher, Hasher};

use foldhash::quality::RandomState;

use super::StringId;
use crate::event::Event;

/// Patterns and scopes that are remembered, powers of two.
const N_PATTERNS: usize = 1 << 13;
const N_SCOPES: usize = 1 << 13;

/// Values of an event that are remembered; few events have more.
const MAX_ATOMS: usize = 12;

/// Position of a value that is not kept.
pub(super) const NOWHERE: u32 = u32::MAX;

/// What the events of a pattern have in common.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pattern {
    /// Zero where nothing is remembered.
    hash: u64,
    /// Of network and client together.
    pub(super) origin: Option<u64>,
    /// Position of the account.
    pub(super) account: u32,
    /// Name of the action.
    pub(super) action: StringId,
    n_atoms: u32,
    /// Positions in the account, but for those that resources bring.
    atoms: [u32; MAX_ATOMS],
}

impl Pattern {
    /// A pattern without values.
    pub(super) fn new(account: u32, action: StringId, origin: Option<u64>) -> Self {
        Self {
            origin,
            account,
            action,
            ..Self::default()
        }
    }

    /// Adds a value; whether there was room for it.
    pub(super) fn push(&mut self, atom: u32) -> bool {
        let place = self.atoms.get_mut(self.n_atoms as usize);
        let has_room = place.is_some();
        if let Some(place) = place {
            *place = atom;
            self.n_atoms += 1;
        }
        has_room
    }

    /// Positions of the values in the account.
    pub(super) fn atoms(&self) -> &[u32] {
        self.atoms.get(..self.n_atoms as usize).unwrap_or_default()
    }
}

/// The values that a resource of an identity brings.
#[derive(Clone, Copy, Debug, Default)]
struct Scope {
    hash: u64,
    atoms: [u32; 2],
}

/// The patterns and scopes that were met last.
#[derive(Clone, Debug, Default)]
pub(super) struct Memo {
    patterns: Vec<Pattern>,
    scopes: Vec<Scope>,
    hasher: RandomState,
}

impl Memo {
    /// The hash of what `event` has in common with those of its pattern.
    pub(super) fn hash_of(&self, event: &Event<'_>) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        hash_pattern(event, &mut hasher);
        hasher.finish().max(1)
    }

    /// What is remembered of the pattern with this hash.
    pub(super) fn pattern(&self, hash: u64) -> Option<&Pattern> {
        let known = self.patterns.get(place_of(hash, N_PATTERNS))?;
        (known.hash == hash).then_some(known)
    }

    /// Remembers a pattern.
    pub(super) fn learn(&mut self, hash: u64, pattern: Pattern) {
        if self.patterns.is_empty() {
            self.patterns.resize(N_PATTERNS, Pattern::default());
        }
        if let Some(place) = self.patterns.get_mut(place_of(hash, N_PATTERNS)) {
            *place = Pattern { hash, ..pattern };
        }
    }

    /// The hash of a resource's scope in an account.
    pub(super) fn scope_hash(&self, account: u32, scope: &str) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        hasher.write_u32(account);
        hasher.write(scope.as_bytes());
        hasher.finish().max(1)
    }

    /// Where the account keeps what the scope with this hash brings.
    pub(super) fn scope(&self, hash: u64) -> Option<[u32; 2]> {
        let known = self.scopes.get(place_of(hash, N_SCOPES))?;
        (known.hash == hash).then_some(known.atoms)
    }

    /// Remembers a scope.
    pub(super) fn learn_scope(&mut self, hash: u64, atoms: [u32; 2]) {
        if self.scopes.is_empty() {
            self.scopes.resize(N_SCOPES, Scope::default());
        }
        if let Some(place) = self.scopes.get_mut(place_of(hash, N_SCOPES)) {
            *place = Scope { hash, atoms };
        }
    }

    /// Forgets everything, because something has moved.
    pub(super) fn clear(&mut self) {
        self.patterns.clear();
        self.scopes.clear();
    }
}

/// The lower bits: `n` is a power of two.
fn place_of(hash: u64, n: usize) -> usize {
    usize::try_from(hash & (n as u64 - 1)).unwrap_or_default()
}

/// Feeds everything that decides what an event touches, except its resources,
/// its time but for the hour, and what a cell counts by itself.
fn hash_pattern(event: &Event<'_>, state: &mut impl Hasher) {
    let Event {
        actor,
        action,
        origin,
        credential,
        ..
    } = event;
    for text in [
        &actor.key,
        &actor.display,
        &event.tenant,
        &action.name,
        &action.service,
        &origin.client.family,
    ] {
        state.write(text.as_bytes());
    }
    let mut present = 0_u64;
    for text in [
        actor.native.as_deref(),
        actor.session.as_ref().map(|session| session.name.as_ref()),
        event.region.as_deref(),
        event.outcome_code.as_deref(),
        origin.network.as_deref(),
        origin.country.as_deref(),
        origin.client.product.as_deref(),
    ] {
        present = present << 1 | u64::from(text.is_some());
        if let Some(text) = text {
            state.write(text.as_bytes());
        }
    }
    for edge in &event.edges {
        state.write_u8(edge.kind as u8);
        state.write(edge.target.as_bytes());
    }
    present = present << 1 | u64::from(event.via.is_some());
    present = present << 1 | u64::from(credential.is_long_lived);
    present = present << 1 | u64::from(actor.session.as_ref().is_some_and(|s| s.is_email));
    let kinds = [
        event.source as u8,
        actor.class as u8,
        actor.class_confidence,
        actor.basis as u8,
        action.verb as u8,
        event.outcome as u8,
        origin.net_kind as u8,
        origin.interface as u8,
        event.mfa as u8,
        credential.kind as u8,
        super::atoms::hour_of(event.time),
    ];
    state.write(&kinds);
    state.write_u64(present);
    let major = origin.client.major.map_or(u64::MAX, u64::from);
    state.write_u64(major);
    state.write_u16(event.flags.bits());
}
