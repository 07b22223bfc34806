//! What an event of a known pattern touches, remembered.
//!
//! Most events repeat earlier ones in everything but time, ids and resources:
//! the same identity does the same, from the same place. The two are remembered
//! apart, for there are far fewer of each than of both together. Each is
//! recognised by a hash of 64 bits, and what it touches need not be looked up
//! again. Patterns are taken for one another only if their hashes agree, which
//! for any two has a probability of 2⁻⁶⁴ and depends on a secret of the run, so
//! that nobody can choose texts that collide. What is forgotten is looked up
//! again: the size of the memory changes no result.

use std::hash::{BuildHasher, Hasher};

use foldhash::quality::RandomState;

use super::{Dimension, StringId, Strings, atoms, short_hash, value_hash};
use crate::event::Event;

/// Patterns and scopes that are remembered at first ...
const N_AT_FIRST: usize = 1 << 10;
/// ... and at most: of deeds and scopes there are many, ...
const N_AT_MOST: usize = 1 << 16;
/// ... of the places that people act from few.
const N_WHENCES: usize = 1 << 14;

/// Position of a value that is not kept.
pub(super) const NOWHERE: u32 = u32::MAX;

/// Positions of up to `N` values in an account.
#[derive(Clone, Copy, Debug)]
pub(super) struct Places<const N: usize> {
    n: u8,
    places: [u16; N],
}

impl<const N: usize> Default for Places<N> {
    fn default() -> Self {
        Self {
            n: 0,
            places: [0; N],
        }
    }
}

impl<const N: usize> Places<N> {
    /// Adds a position; whether there was room for it.
    pub(super) fn push(&mut self, at: u32) -> bool {
        let place = self.places.get_mut(usize::from(self.n));
        let (Some(place), Ok(at)) = (place, u16::try_from(at)) else {
            return false;
        };
        *place = at;
        self.n += 1;
        true
    }

    /// The positions.
    pub(super) fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        let places = self.places.get(..usize::from(self.n)).unwrap_or_default();
        places.iter().map(|at| u32::from(*at))
    }
}

/// Who does what: what the events that say so have in common.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Deed {
    /// Position of the account.
    pub(super) account: u32,
    /// Name of the action.
    pub(super) action: StringId,
    /// What kind of step it is, see [`super::streams`].
    pub(super) token: StringId,
    /// Values, but for those that resources and the time bring. Few events have
    /// more.
    pub(super) atoms: Places<8>,
}

/// From where and by what means an identity acts.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Whence {
    /// Upper half of a stable hash of network and client.
    origin: u32,
    /// Upper half of a stable hash of the network.
    network: u32,
    has_origin: bool,
    /// Values.
    pub(super) atoms: Places<4>,
}

impl Whence {
    /// Where `event` came from, without values.
    pub(super) fn of(event: &Event<'_>) -> Self {
        let Some(network) = event.origin.network.as_deref() else {
            return Self::default();
        };
        let hash = value_hash(network);
        let client = value_hash(&event.origin.client.family).rotate_left(17);
        Self {
            origin: short_hash(hash ^ client),
            network: short_hash(hash),
            has_origin: true,
            ..Self::default()
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
}

/// The patterns and scopes that were met last.
#[derive(Clone, Debug, Default)]
pub(super) struct Memo {
    deeds: Cache<Deed, N_AT_MOST>,
    whences: Cache<Whence, N_WHENCES>,
    /// The area and the scope that a resource of an identity brings.
    scopes: Cache<[u32; 2], N_AT_MOST>,
    hasher: RandomState,
    n_cleared: u64,
    pub(super) last: Last,
}

/// The value of each dimension that was met last: what is in one file is of one
/// account and one region.
#[derive(Clone, Debug, Default)]
pub(super) struct Last([StringId; Dimension::ALL.len()]);

impl Last {
    /// The number of `value`, which is added to `strings` if it is new.
    pub(super) fn intern(
        &mut self,
        dimension: Dimension,
        value: &str,
        strings: &mut Strings,
    ) -> StringId {
        match self.0.get_mut(dimension.index()) {
            Some(last) => strings.intern_again(value, last),
            None => strings.intern(value),
        }
    }
}

impl Memo {
    /// The hash of who does what in `event`.
    pub(super) fn deed_hash(&self, event: &Event<'_>) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        hash_deed(event, &mut hasher);
        hasher.finish()
    }

    /// What is remembered of the deed with this hash.
    pub(super) fn deed(&self, hash: u64) -> Option<Deed> {
        self.deeds.get(hash)
    }

    /// Remembers a deed.
    pub(super) fn learn_deed(&mut self, hash: u64, deed: Deed) {
        self.deeds.put(hash, deed);
    }

    /// The hash of where `event`, of the identity in `account`, came from.
    /// Where it is not `learned`, that touches nothing.
    pub(super) fn whence_hash(&self, account: u32, event: &Event<'_>, learned: bool) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        hasher.write_u64(u64::from(account) << 1 | u64::from(learned));
        hash_whence(event, &mut hasher);
        hasher.finish()
    }

    /// What is remembered of the origin with this hash.
    pub(super) fn whence(&self, hash: u64) -> Option<Whence> {
        self.whences.get(hash)
    }

    /// Remembers an origin.
    pub(super) fn learn_whence(&mut self, hash: u64, whence: Whence) {
        self.whences.put(hash, whence);
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
        self.deeds = Cache::default();
        self.whences = Cache::default();
        self.scopes = Cache::default();
        self.n_cleared += 1;
    }

    /// How often everything was forgotten.
    pub(super) fn n_cleared(&self) -> u64 {
        self.n_cleared
    }
}

/// What was put last at each of up to `N` places; it grows as long as that
/// drives others out.
#[derive(Clone, Debug, Default)]
struct Cache<T, const N: usize> {
    places: Vec<(u64, T)>,
    /// How often something was driven out since it last grew.
    n_lost: usize,
}

impl<T: Copy + Default, const N: usize> Cache<T, N> {
    fn get(&self, hash: u64) -> Option<T> {
        let (known, value) = self.places.get(self.place_of(hash))?;
        (*known == hash && hash != 0).then_some(*value)
    }

    fn put(&mut self, hash: u64, value: T) {
        let n = self.places.len();
        if n == 0 || self.n_lost > n && n < N {
            self.grow();
        }
        let at = self.place_of(hash);
        if let Some(place) = self.places.get_mut(at) {
            self.n_lost += usize::from(place.0 != 0);
            *place = (hash, value);
        }
    }

    fn grow(&mut self) {
        let n = (self.places.len() * 4).clamp(N_AT_FIRST, N);
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

/// Feeds who acts and what is done: with [`hash_whence`] everything that decides
/// what an event touches, except its resources, its time, and what a cell counts
/// by itself.
fn hash_deed(event: &Event<'_>, state: &mut impl Hasher) {
    let Event { actor, action, .. } = event;
    for text in [
        &actor.key,
        &actor.display,
        &event.tenant,
        &action.name,
        &action.service,
    ] {
        state.write(text.as_bytes());
    }
    let mut present = 0_u64;
    for text in [
        actor.native.as_deref(),
        actor.session.as_ref().map(|session| session.name.as_ref()),
        event.region.as_deref(),
        event.outcome_code.as_deref(),
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
    present = present << 1 | u64::from(actor.session.as_ref().is_some_and(|s| s.is_email));
    present = present << 16 | u64::from(event.flags.bits());
    state.write_u64(present);
    let kinds = [
        event.source as u8,
        actor.class as u8,
        actor.class_confidence,
        actor.basis as u8,
        action.verb as u8,
        event.outcome as u8,
        action.sensitive.map_or(u8::MAX, |kind| kind as u8),
        0,
    ];
    state.write_u64(u64::from_le_bytes(kinds));
}

/// Feeds from where and by what means somebody acts.
fn hash_whence(event: &Event<'_>, state: &mut impl Hasher) {
    let Event {
        origin, credential, ..
    } = event;
    let mut present = u64::from(event.is_direct());
    present = present << 1 | u64::from(credential.is_long_lived);
    state.write(origin.client.family.as_bytes());
    for text in [
        origin.network.as_deref(),
        origin.country.as_deref(),
        origin.client.product.as_deref(),
        event.ties.forwarded.as_deref(),
    ] {
        present = present << 1 | u64::from(text.is_some());
        if let Some(text) = text {
            state.write(text.as_bytes());
        }
    }
    let major = origin.client.major.map_or(u64::MAX, u64::from);
    state.write_u64(major);
    let kinds = [
        origin.net_kind as u8,
        origin.interface as u8,
        event.mfa as u8,
        credential.kind as u8,
    ];
    state.write_u64(present << 32 | u64::from(u32::from_le_bytes(kinds)));
}
