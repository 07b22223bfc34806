//! The events of one night: what is new goes into a ledger, and every event
//! of the last days leaves a mark by which it is known again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::event::{Event, Period, Timestamp};
use crate::ingest::Fold;
use crate::ledger::{Ledger, Roster, Slot, value_hash};

/// What is known before a night is read.
#[derive(Debug)]
pub(super) struct Before<'m> {
    /// Days before this time are judged; the smallest time, if none is.
    pub(super) horizon: Option<Timestamp>,
    /// Marks of the events of the last of these days.
    pub(super) marks: &'m BTreeMap<Slot, Vec<u64>>,
    /// Days before this one have no marks any more.
    pub(super) oldest: Option<Slot>,
    /// Numbers of the files of which earlier nights read a part.
    pub(super) reread: BTreeSet<u32>,
    /// Events after this time are the clock's error, or somebody's lie.
    pub(super) latest: Option<Timestamp>,
}

/// Events that are told about in numbers only.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    /// Of days that were judged already.
    pub(super) late: u64,
    /// Of days that are too long ago to be judged again.
    pub(super) too_late: u64,
    /// From the future.
    pub(super) implausible: u64,
}

/// What one thread reads in a night.
pub(super) struct Night<'m> {
    before: &'m Before<'m>,
    /// Events that were not known.
    pub(super) ledger: Ledger,
    /// Their marks.
    pub(super) marks: BTreeMap<Slot, BTreeSet<u64>>,
    pub(super) counts: Counts,
}

/// What is to be done with an event.
enum Place {
    Learn(Slot, u64),
    Ignore,
}

impl<'m> Night<'m> {
    pub(super) fn new(before: &'m Before<'m>, roster: &Arc<Roster>) -> Self {
        Self {
            before,
            ledger: Ledger::enrolling(Period::Day, Arc::clone(roster)),
            marks: BTreeMap::new(),
            counts: Counts::default(),
        }
    }

    /// Adds what another thread read.
    pub(super) fn merge(&mut self, other: Self) {
        self.ledger.merge(other.ledger);
        for (slot, marks) in other.marks {
            self.marks.entry(slot).or_default().extend(marks);
        }
        let (own, theirs) = (&mut self.counts, other.counts);
        own.late = own.late.saturating_add(theirs.late);
        own.too_late = own.too_late.saturating_add(theirs.too_late);
        own.implausible = own.implausible.saturating_add(theirs.implausible);
    }

    fn place(&mut self, event: &Event<'_>) -> Place {
        let (before, counts) = (self.before, &mut self.counts);
        let slot = Period::Day.slot_of(event.time);
        let mark = mark_of(event);
        if before.latest.is_some_and(|latest| latest < event.time) {
            counts.implausible = counts.implausible.saturating_add(1);
            return Place::Ignore;
        }
        if before.horizon.is_none_or(|horizon| horizon <= event.time) {
            return Place::Learn(slot, mark);
        }
        if before.oldest.is_some_and(|oldest| slot < oldest) {
            // A file that is read again, for its end is new, tells old things.
            if !before.reread.contains(&event.provenance.file) {
                counts.too_late = counts.too_late.saturating_add(1);
            }
            return Place::Ignore;
        }
        let known = before.marks.get(&slot);
        if known.is_some_and(|marks| marks.binary_search(&mark).is_ok()) {
            return Place::Ignore;
        }
        counts.late = counts.late.saturating_add(1);
        Place::Learn(slot, mark)
    }
}

impl Fold for Night<'_> {
    fn observe(&mut self, event: &Event<'_>) {
        if let Place::Learn(slot, mark) = self.place(event) {
            self.marks.entry(slot).or_default().insert(mark);
            self.ledger.observe(event);
        }
    }

    fn observe_duplicate(&mut self, event: &Event<'_>) {
        // Another record of an event that was observed, and so has its mark.
        let is_known = self
            .before
            .horizon
            .is_some_and(|horizon| event.time < horizon);
        if !is_known {
            self.ledger.observe_duplicate(event);
        }
    }
}

/// What an event is known by: the product's id, or all that it says.
fn mark_of(event: &Event<'_>) -> u64 {
    let (source, time) = (event.source.name(), event.time.micros());
    if event.native_id.is_empty() {
        let resources: Vec<&str> = event.resources.iter().map(|r| r.id.as_ref()).collect();
        value_hash(&format!(
            "{source}\n{time}\n{}\n{}\n{:?}\n{:?}\n{resources:?}",
            event.actor.key, event.action.name, event.outcome, event.origin.network
        ))
    } else {
        value_hash(&format!("{source}\n{time}\n{}", event.native_id))
    }
}
