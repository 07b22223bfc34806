//! Callers that were met before, by the very text of their identity.
//!
//! That text is a third of a record and repeats as long as a session lasts. A
//! record whose identity begins like a known one is compared with it; where it
//! is the same, so is everything that was read in it, and where it ends.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use super::fields::UserIdentity;
use super::quick::{Keep, Lend};

/// How much of an identity chooses the places where it may be: as far as the
/// name of the session.
const PREFIX_BYTES: usize = 128;

/// Longer identities are not kept.
const MAX_BYTES: usize = 4096;

const N_SETS: usize = 256;

/// How many identities that begin alike are kept.
const N_WAYS: usize = 4;

/// The callers that are kept.
#[derive(Debug, Default)]
pub(in crate::ingest) struct Callers {
    sets: Vec<Set>,
    n_kept: u64,
}

/// The places of identities that begin alike.
#[derive(Debug, Default)]
struct Set {
    callers: [Option<Box<Caller>>; N_WAYS],
    /// The place that is taken next.
    next: usize,
    /// Hash of the last identity that was not kept: it is when it comes again.
    candidate: u64,
}

#[derive(Debug)]
struct Caller {
    text: Box<str>,
    /// As it was read in the text.
    identity: UserIdentity<'static>,
    number: u64,
}

/// Where a caller is kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    set: usize,
    way: usize,
    /// How long the text of its identity is.
    pub(super) n_bytes: usize,
}

impl Callers {
    /// The caller with whose identity `text` begins.
    pub(super) fn find(&self, text: &str) -> Option<Place> {
        let set = set_of(text);
        let callers = &self.sets.get(set)?.callers;
        let way = callers.iter().position(|caller| {
            let caller = caller.as_deref();
            caller.is_some_and(|caller| text.as_bytes().starts_with(caller.text.as_bytes()))
        })?;
        let n_bytes = callers.get(way)?.as_ref()?.text.len();
        Some(Place { set, way, n_bytes })
    }

    /// The number and the identity of the caller at `place`. No other caller
    /// ever has that number.
    pub(super) fn at(&self, place: Place) -> Option<(u64, UserIdentity<'_>)> {
        let caller = self.sets.get(place.set)?.callers.get(place.way)?.as_ref()?;
        Some((caller.number, UserIdentity::lend(&caller.identity)))
    }

    /// Keeps the caller whose `identity` was read in `text`, if it was met
    /// before.
    pub(super) fn meet(&mut self, text: &str, identity: &UserIdentity<'_>) {
        if text.len() > MAX_BYTES || text.contains('\n') {
            return;
        }
        if self.sets.is_empty() {
            self.sets.resize_with(N_SETS, Set::default);
        }
        let Some(set) = self.sets.get_mut(set_of(text)) else {
            return;
        };
        let candidate = FixedState::default().hash_one(text);
        if set.candidate != candidate {
            set.candidate = candidate;
            return;
        }
        self.n_kept += 1;
        let caller = Caller {
            text: text.into(),
            identity: identity.keep(),
            number: self.n_kept,
        };
        if let Some(place) = set.callers.get_mut(set.next) {
            *place = Some(Box::new(caller));
        }
        set.next = (set.next + 1) % N_WAYS;
    }
}

/// The set of the identity that `text` begins with.
fn set_of(text: &str) -> usize {
    let head = text.as_bytes();
    let head = head.get(..PREFIX_BYTES).unwrap_or(head);
    // The identity of a service is short, and what follows is another time.
    let end = memchr::memchr(b'}', head).unwrap_or(head.len());
    let hash = FixedState::default().hash_one(head.get(..end));
    usize::try_from(hash % N_SETS as u64).unwrap_or_default()
}
