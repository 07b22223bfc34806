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

use super::{StringId, atoms, short_hash, value_hash};
use crate::event::Event;

/// Patterns and scopes that are remembered at first, and at most.
const N_PLACES: std::ops::RangeInclusive<usize> = 1 << 10..=1 << 16;

/// Values of an event that are remembered; few events have more.
const MAX_ATOMS: usize = 12;

/// Position of a value that is not kept.
pub(super) const NOWHERE: u32 = u32::MAX;

/// What the events of a pattern have in common.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pattern {
    /// Position of the account.
    pub(super) account: u32,
    /// Name of the action.
    pub(super) action: StringId,
    /// What kind of step it is, see [`super::streams`].
    pub(super) token: StringId,
    /// Upper half of a stable hash of network and client.
    origin: u32,
    /// Upper half of a stable hash of the network.
    network: u32,
    has_origin: bool,
    n_atoms: u8,
    /// Positions in the account, but for those that resources and the time
    /// bring.
    atoms: [u16; MAX_ATOMS],
}

impl Pattern {
    /// A pattern without values.
    pub(super) fn new(account: u32, action: StringId, origin: Option<u64>) -> Self {
        Self {
            account,
            action,
            origin: short_hash(origin.unwrap_or_default()),
            has_origin: origin.is_some(),
            ..Self::default()
        }
    }

    /// The same with what kind of step it is, and from which network.
    pub(super) fn with_step(self, token: StringId, network: Option<&str>) -> Self {
        Self {
            token,
            network: network.map_or(0, |network| short_hash(value_hash(network))),
            ..self
        }
    }

    /// A hash of the network, if it is known.
    pub(super) fn network(&self) -> Option<u32> {
        self.has_origin.then_some(self.network)
    }

    /// A hash of network and client, as good as the whole one for counting.
    pub(super) fn origin(&self) -> Option<u64> {
        self.has_origin.then_some(u64::from(self.origin) << 32)
    }

    /// Adds a value; whether there was room for it.
    pub(super) fn push(&mut self, atom: u32) -> bool {
        let place = self.atoms.get_mut(usize::from(self.n_atoms));
        let (Some(place), Ok(atom)) = (place, u16::try_from(atom)) else {
            return false;
        };
        *place = atom;
        self.n_atoms += 1;
        true
    }

    /// Positions of the values in the account.
    pub(super) fn atoms(&self) -> &[u16] {
        self.atoms
            .get(..usize::from(self.n_atoms))
            .unwrap_or_default()
    }
}

/// The patterns and scopes that were met last.
#[derive(Clone, Debug, Default)]
pub(super) struct Memo {
    patterns: Cache<Pattern>,
    /// The area and the scope that a resource of an identity brings.
    scopes: Cache<[u32; 2]>,
    hasher: RandomState,
}

impl Memo {
    /// The hash of what `event` has in common with those of its pattern.
    pub(super) fn hash_of(&self, event: &Event<'_>) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        hash_pattern(event, &mut hasher);
        hasher.finish()
    }

    /// What is remembered of the pattern with this hash.
    pub(super) fn pattern(&self, hash: u64) -> Option<Pattern> {
        self.patterns.get(hash)
    }

    /// Remembers a pattern.
    pub(super) fn learn(&mut self, hash: u64, pattern: Pattern) {
        self.patterns.put(hash, pattern);
    }

    /// The hash of the scope of one of the event's resources, in an account.
    pub(super) fn scope_hash(&self, account: u32, event: &Event<'_>, scope: &str) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        hasher.write_u32(account);
        hasher.write(scope.as_bytes());
        if let Some((mount, plain)) = atoms::plain_scope(event) {
            hasher.write(mount.as_bytes());
            hasher.write(plain.as_bytes());
        }
        hasher.finish()
    }

    /// Where the account keeps what the scope with this hash brings.
    pub(super) fn scope(&self, hash: u64) -> Option<[u32; 2]> {
        self.scopes.get(hash)
    }

    /// Remembers a scope.
    pub(super) fn learn_scope(&mut self, hash: u64, atoms: [u32; 2]) {
        self.scopes.put(hash, atoms);
    }

    /// Forgets everything, because something has moved.
    pub(super) fn clear(&mut self) {
        self.patterns = Cache::default();
        self.scopes = Cache::default();
    }
}

/// What was put last at each place; it grows as long as that drives others
/// out.
#[derive(Clone, Debug, Default)]
struct Cache<T> {
    places: Vec<(u64, T)>,
    /// How often something was driven out since it last grew.
    n_lost: usize,
}

impl<T: Copy + Default> Cache<T> {
    fn get(&self, hash: u64) -> Option<T> {
        let (known, value) = self.places.get(self.place_of(hash))?;
        (*known == hash && hash != 0).then_some(*value)
    }

    fn put(&mut self, hash: u64, value: T) {
        let n = self.places.len();
        if n == 0 || self.n_lost > n && n < *N_PLACES.end() {
            self.grow();
        }
        let at = self.place_of(hash);
        if let Some(place) = self.places.get_mut(at) {
            self.n_lost += usize::from(place.0 != 0);
            *place = (hash, value);
        }
    }

    fn grow(&mut self) {
        let n = (self.places.len() * 4).clamp(*N_PLACES.start(), *N_PLACES.end());
        let places = std::mem::replace(&mut self.places, vec![(0, T::default()); n]);
        for (hash, value) in places {
            let at = self.place_of(hash);
            if let Some(place) = self.places.get_mut(at)
                && hash != 0
            {
                *place = (hash, value);
            }
        }
        self.n_lost = 0;
    }

    /// The lower bits: the number of places is a power of two.
    fn place_of(&self, hash: u64) -> usize {
        let mask = (self.places.len() as u64).wrapping_sub(1);
        usize::try_from(hash & mask).unwrap_or(usize::MAX)
    }
}

/// Feeds everything that decides what an event touches, except its resources,
/// its time, and what a cell counts by itself.
fn hash_pattern(event: &Event<'_>, state: &mut impl Hasher) {
    let Event {
        actor,
        action,
        origin,
        credential,
        ties,
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
        ties.forwarded.as_deref(),
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
        action.sensitive.map_or(u8::MAX, |kind| kind as u8),
    ];
    state.write(&kinds);
    state.write_u64(present);
    let major = origin.client.major.map_or(u64::MAX, u64::from);
    state.write_u64(major);
    state.write_u16(event.flags.bits());
}
