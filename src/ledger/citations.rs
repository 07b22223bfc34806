//! Which events are cited: the earliest few of every value and of every slot.
//!
//! One event is often cited many times over, by each of the values it brought,
//! so a ledger keeps every cited event once and the rest are numbers.

use super::{Account, CITATIONS};
use crate::event::{Citation, Event, NativeId, Provenance, Timestamp};

/// Position in a ledger's list of cited events.
type CitationId = u32;

/// No event.
const NONE: CitationId = CitationId::MAX;

/// So many events are cited before those that no longer are get removed.
const SWEEP_MIN: usize = 8 * 1024;

/// The earliest few events of something, as positions in its ledger's list.
#[derive(Clone, Copy, Debug)]
pub struct First {
    /// Earliest first, [`NONE`] behind the last.
    ids: [CitationId; CITATIONS],
    /// Events after this second are not among the earliest.
    until: u32,
}

impl First {
    /// No event.
    pub(super) const NONE: Self = Self {
        ids: [NONE; CITATIONS],
        until: u32::MAX,
    };

    fn ids(&self) -> &[CitationId] {
        let n = self.ids.iter().position(|id| *id == NONE);
        self.ids.get(..n.unwrap_or(CITATIONS)).unwrap_or_default()
    }
}

impl Default for First {
    fn default() -> Self {
        Self::NONE
    }
}

/// The cited events of a ledger.
#[derive(Clone, Debug, Default)]
pub(super) struct Citations {
    kept: Vec<Citation>,
    /// How many to keep before looking for those that nothing cites any more.
    next_sweep: usize,
    /// Set where nobody will ask.
    is_off: bool,
}

/// An event that competes for being cited.
pub(super) struct Offer<'e, 'a> {
    second: u32,
    origin: Origin<'e, 'a>,
    /// Its position, once it is kept.
    id: CitationId,
}

enum Origin<'e, 'a> {
    Event(&'e Event<'a>),
    Citation(Citation),
}

impl<'e, 'a> Offer<'e, 'a> {
    /// This event.
    pub(super) fn of(event: &'e Event<'a>) -> Self {
        Self {
            second: second_of(event.time),
            origin: Origin::Event(event),
            id: NONE,
        }
    }

    /// Makes the citation, which most events never need.
    fn settle(&mut self) {
        if let Origin::Event(event) = self.origin {
            self.origin = Origin::Citation(event.citation());
        }
    }
}

static NOTHING: Citation = Citation {
    time: Timestamp::MAX,
    native_id: NativeId::Uuid([0; 16]),
    provenance: Provenance { file: 0, record: 0 },
};

impl Citations {
    /// Keeps nothing.
    pub(super) fn off() -> Self {
        Self {
            is_off: true,
            ..Self::default()
        }
    }

    /// The events that `first` stands for, earliest first.
    pub(super) fn of<'c>(&'c self, first: &'c First) -> impl Iterator<Item = &'c Citation> {
        first.ids().iter().map(|id| self.get(*id))
    }

    /// Keeps an event if it is among the earliest few. An event that several
    /// records tell of (an audit log may have several devices) is cited once,
    /// by the earliest of them.
    #[inline]
    pub(super) fn offer(&mut self, first: &mut First, offer: &mut Offer<'_, '_>) {
        if offer.second <= first.until && !self.is_off {
            self.consider(first, offer);
        }
    }

    #[inline(never)]
    fn consider(&mut self, first: &mut First, offer: &mut Offer<'_, '_>) {
        offer.settle();
        let Origin::Citation(new) = &offer.origin else {
            return;
        };
        let mut ids = *first;
        let is_same = |id: &CitationId| {
            *id != NONE && self.get(*id).native_id == new.native_id && !new.native_id.is_empty()
        };
        if let Some(at) = ids.ids.iter().position(is_same) {
            if ids.ids.get(at).is_some_and(|id| self.get(*id) <= new) {
                return;
            }
            if let Some(tail) = ids.ids.get_mut(at..) {
                tail.rotate_left(1);
            }
            if let Some(last) = ids.ids.last_mut() {
                *last = NONE;
            }
        }
        let at = ids.ids().partition_point(|id| self.get(*id) < new);
        if at >= CITATIONS || ids.ids().get(at).is_some_and(|id| self.get(*id) == new) {
            return;
        }
        if offer.id == NONE {
            let citation = new.clone();
            offer.id = self.keep(citation);
        }
        ids.ids.copy_within(at..CITATIONS - 1, at + 1);
        if let Some(place) = ids.ids.get_mut(at) {
            *place = offer.id;
        }
        ids.until = match ids.ids.last() {
            Some(last) if *last != NONE => second_of(self.get(*last).time),
            _ => u32::MAX,
        };
        *first = ids;
    }

    /// Lets what `theirs` stands for, in this list, compete.
    pub(super) fn merge(&mut self, own: &mut First, theirs: &First) {
        for id in theirs.ids() {
            let mut offer = self.offer_again(*id);
            self.offer(own, &mut offer);
        }
    }

    fn offer_again(&self, id: CitationId) -> Offer<'static, 'static> {
        let citation = self.get(id).clone();
        Offer {
            second: second_of(citation.time),
            origin: Origin::Citation(citation),
            id,
        }
    }

    /// Removes what no account cites any more, if that may be much.
    pub(super) fn sweep_if_crowded(&mut self, accounts: &mut [Account]) {
        if self.kept.len() >= self.next_sweep.max(SWEEP_MIN) {
            self.sweep(accounts);
            self.next_sweep = self.kept.len().saturating_mul(3) / 2;
        }
    }

    /// Removes what no account cites any more, in place: this list is one of the
    /// longest.
    fn sweep(&mut self, accounts: &mut [Account]) {
        let mut moved = vec![NONE; self.kept.len()];
        for_each_id(accounts, |id| {
            if let Some(place) = moved.get_mut(*id as usize) {
                *place = 0;
            }
        });
        let mut n_kept = 0;
        let mut places = moved.iter_mut();
        self.kept.retain(|_| {
            let place = places.next().filter(|place| **place != NONE);
            let is_cited = place.is_some();
            if let Some(place) = place {
                *place = n_kept;
                n_kept += 1;
            }
            is_cited
        });
        self.kept.shrink_to_fit();
        for_each_id(accounts, |id| {
            *id = moved.get(*id as usize).copied().unwrap_or(NONE);
        });
    }

    fn keep(&mut self, citation: Citation) -> CitationId {
        if self.kept.len() == self.kept.capacity() {
            // No room for twice as many: this list is one of the longest.
            self.kept.reserve_exact(64 + self.kept.len() / 8);
        }
        let id = CitationId::try_from(self.kept.len()).unwrap_or(NONE);
        self.kept.push(citation);
        id
    }

    fn get(&self, id: CitationId) -> &Citation {
        self.kept.get(id as usize).unwrap_or(&NOTHING)
    }
}

/// Citations on their way to another ledger.
pub(super) struct Transfer<'c> {
    from: &'c Citations,
    ids: Vec<CitationId>,
}

impl<'c> Transfer<'c> {
    /// Nothing moved yet.
    pub(super) fn new(from: &'c Citations) -> Self {
        Self {
            ids: vec![NONE; from.kept.len()],
            from,
        }
    }

    /// Makes `first` stand for the same events in `to`.
    pub(super) fn rename(&mut self, first: &mut First, to: &mut Citations) {
        if to.is_off {
            *first = First::NONE;
            return;
        }
        for id in first.ids.iter_mut().filter(|id| **id != NONE) {
            let Some(moved) = self.ids.get_mut(*id as usize) else {
                continue;
            };
            if *moved == NONE {
                *moved = to.keep(self.from.get(*id).clone());
            }
            *id = *moved;
        }
    }
}

/// Every position of a cited event in `accounts`.
fn for_each_id(accounts: &mut [Account], mut each: impl FnMut(&mut CitationId)) {
    for account in accounts {
        account.for_each_first(|first| {
            let ids = first.ids.iter_mut();
            ids.filter(|id| **id != NONE).for_each(&mut each);
        });
    }
}

/// Seconds of a time, for comparing. Later times never have fewer.
pub(super) fn second_of(time: Timestamp) -> u32 {
    u32::try_from(time.seconds().max(0)).unwrap_or(u32::MAX)
}
