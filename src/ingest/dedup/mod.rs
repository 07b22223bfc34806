//! Duplicates: the same event told by several records.
//!
//! Exports overlap: redelivered files, an organisation's trail and an
//! account's, polled pages, several routes to the same archive. An event counts
//! once per distinct content of its native id. What is distinct is a set, so
//! the result does not depend on the order in which threads meet the records.
//!
//! Of each event only a mark of 64 bits is kept. With the ten bits that choose
//! its table, 54 bits tell the id and 20 the content:
//!
//! * two events that have nothing to do with each other are taken for one only
//!   if all 74 bits agree. Among n events that happens with a probability of
//!   n² / 2⁷⁵: 10⁻⁹ for 6 million, 3·10⁻⁷ for 100 million;
//! * if only the 54 bits agree, both are used, and a conflict too many is
//!   counted. An event of lesser fidelity would be left out: n·m / 2⁵⁴;
//! * two contents of the same id are taken for one with a probability of 2⁻²⁰.
//!   That is the same in every run; all else depends on a secret of the run, so
//!   that nobody can choose ids that collide.

mod content;
mod marks;
mod table;

use std::collections::HashSet;
use std::hash::{BuildHasher, Hasher};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use foldhash::quality::{FixedState, RandomState};
use sha2::{Digest, Sha256};

use super::coverage::Conflicts;
use super::fidelity::Fidelity;
use crate::event::{Event, NativeId, Source, Untrusted};
use content::{hash_content, hash_without_blanks};
use marks::Marks;

/// Tables per round, a power of two: enough that threads seldom meet.
const N_SHARDS: usize = 1024;
/// The lower bits of a mark tell the content.
const CONTENT: u64 = (1 << 20) - 1;

/// Whether an event was met before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Novelty {
    /// Not with this content.
    New,
    /// Another record told the same.
    Duplicate,
}

/// Every event met so far.
#[derive(Debug)]
pub(super) struct Dedup {
    rounds: [Round; Fidelity::ROUNDS.len()],
    ids: RandomState,
    contents: FixedState,
    conflicts: Mutex<Conflicts>,
}

/// The events that were first met in one round.
#[derive(Debug)]
struct Round {
    fidelity: Fidelity,
    /// Whether there is any.
    is_used: AtomicBool,
    shards: Vec<Place>,
}

/// A shard with its lock. It fills one line of a processor's cache, because
/// looking there is what takes the time.
#[derive(Debug, Default)]
#[repr(align(64))]
struct Place(Mutex<Shard>);

#[derive(Debug, Default)]
struct Shard {
    /// One mark of each id.
    firsts: Marks,
    /// The marks of further contents, which may be very many for one id.
    #[expect(
        clippy::box_collection,
        reason = "most shards have none: eight bytes for each"
    )]
    others: Option<Box<HashSet<u64, RandomState>>>,
}

/// What was met of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    No,
    /// Its id, with another content.
    Id,
    /// Its id with its content.
    Whole,
}

impl Shard {
    fn knows(&self, mark: u64) -> Known {
        match self.firsts.of_id(mark) {
            None => Known::No,
            Some(first) if first == mark || self.has_other(mark) => Known::Whole,
            Some(_) => Known::Id,
        }
    }

    fn has_other(&self, mark: u64) -> bool {
        let others = self.others.as_ref();
        others.is_some_and(|others| others.contains(&mark))
    }
}

impl Dedup {
    /// Nothing met.
    pub(super) fn new() -> Self {
        Self {
            rounds: Fidelity::ROUNDS.map(|fidelity| Round {
                fidelity,
                is_used: AtomicBool::new(false),
                shards: std::iter::repeat_with(Place::default)
                    .take(N_SHARDS)
                    .collect(),
            }),
            ids: RandomState::default(),
            contents: FixedState::default(),
            conflicts: Mutex::default(),
        }
    }

    /// Takes note of `event`, of which nothing fuller is still to come.
    /// `record` is its text, used where it has no id.
    pub(super) fn observe(
        &self,
        event: &Event<'_>,
        record: Option<&str>,
        fidelity: Fidelity,
    ) -> Novelty {
        let id = self.id_of(event, record);
        // Zero is no mark.
        let mark = (id & !CONTENT | self.content_of(event, fidelity) & CONTENT).max(1);
        let mut is_conflict = false;
        let is_other = |round: &&Round| round.fidelity != fidelity && round.is_used();
        for round in self.rounds.iter().filter(is_other) {
            let shard = round.shard(id);
            // What is fuller counts, whatever this says.
            match shard.map_or(Known::No, |shard| shard.knows(mark)) {
                Known::Id if round.fidelity < fidelity => return Novelty::Duplicate,
                Known::Whole => return Novelty::Duplicate,
                Known::Id => is_conflict = true,
                Known::No => {}
            }
        }
        let own = self.rounds.iter().find(|r| r.fidelity == fidelity);
        if let Some((own, mut shard)) = own.and_then(|own| Some((own, own.shard(id)?))) {
            match shard.knows(mark) {
                Known::Whole => return Novelty::Duplicate,
                Known::Id => {
                    is_conflict = true;
                    shard.others.get_or_insert_default().insert(mark);
                }
                Known::No => shard.firsts.insert(mark),
            }
            if !own.is_used() {
                own.is_used.store(true, Ordering::Relaxed);
            }
        }
        if is_conflict {
            let id = NativeId::new(&event.native_id).to_string();
            let conflicts = self.conflicts.lock();
            let mut conflicts = conflicts.unwrap_or_else(PoisonError::into_inner);
            conflicts.observe(Untrusted::from(id));
        }
        Novelty::New
    }

    /// Whether an event with this id was met.
    pub(super) fn knows(&self, source: Source, native_id: &str) -> bool {
        let id = self.id_of_native(source, native_id);
        let used = self.rounds.iter().filter(|round| round.is_used());
        used.filter_map(|round| round.shard(id))
            .any(|shard| shard.knows(id) != Known::No)
    }

    /// The events that repeat an id with different content, beyond one of each
    /// id.
    pub(super) fn into_conflicts(self) -> Conflicts {
        let conflicts = self.conflicts.into_inner();
        conflicts.unwrap_or_else(PoisonError::into_inner)
    }

    /// A hash of the id. An event without an id is identified by the text of
    /// its record.
    fn id_of(&self, event: &Event<'_>, record: Option<&str>) -> u64 {
        if !event.native_id.is_empty() {
            return self.id_of_native(event.source, &event.native_id);
        }
        let mut hasher = self.ids.build_hasher();
        let kind = event.source as u8;
        match record {
            Some(record) => {
                hasher.write_u16(u16::from_be_bytes([kind, 1]));
                hash_without_blanks(record, &mut hasher);
            }
            None => {
                hasher.write_u16(u16::from_be_bytes([kind, 2]));
                hash_content(event, &mut hasher);
            }
        }
        hasher.finish()
    }

    fn id_of_native(&self, source: Source, native_id: &str) -> u64 {
        let mut hasher = self.ids.build_hasher();
        hasher.write_u16(u16::from_be_bytes([source as u8, 0]));
        hasher.write(native_id.as_bytes());
        hasher.finish()
    }

    /// A hash of everything the event says, so that events which count as the
    /// same are the same to whoever folds them.
    ///
    /// Two audit devices of one Vault write different token hashes and times
    /// for one request; its id, chosen by Vault, has to do. In what order the
    /// devices are read is settled, in what order dumps are is not.
    fn content_of(&self, event: &Event<'_>, fidelity: Fidelity) -> u64 {
        let is_told_in_turn = fidelity == Fidelity::Original;
        if event.source == Source::Vault && !event.native_id.is_empty() && is_told_in_turn {
            return 0;
        }
        let mut hasher = self.contents.build_hasher();
        hash_content(event, &mut hasher);
        hasher.finish()
    }
}

impl Round {
    /// Rounds follow each other, so this does not change while it matters.
    fn is_used(&self) -> bool {
        self.is_used.load(Ordering::Relaxed)
    }

    /// The shard that holds the marks of `id`.
    fn shard(&self, id: u64) -> Option<MutexGuard<'_, Shard>> {
        let at = usize::try_from(id % N_SHARDS as u64).ok()?;
        let Place(shard) = self.shards.get(at)?;
        // A thread that panicked left at most one event out.
        Some(shard.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A number that stands for the id `text` in every run: a UUID as it is,
/// anything else as a hash.
pub(super) fn number(text: &str) -> u128 {
    match NativeId::new(text) {
        NativeId::Uuid(uuid) => u128::from_be_bytes(uuid),
        NativeId::Text(_) => {
            let digest = Sha256::new()
                .chain_update(b"id")
                .chain_update(text)
                .finalize();
            let half = digest.iter().take(16);
            half.fold(0_u128, |id, byte| id << 8 | u128::from(*byte))
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::event::Provenance;
    use crate::ingest::cloudtrail;
    use crate::ingest::record::{Context, Notes};

    fn with_event<T>(id: &str, action: &str, then: impl FnOnce(&Event<'_>) -> T) -> T {
        let text = format!(
            r#"{{"eventVersion":"1.08","userIdentity":{{"type":"Root","accountId":"1"}},"eventTime":"2026-11-07T09:00:00Z","eventSource":"s3.amazonaws.com","eventName":"{action}","eventID":"{id}"}}"#
        );
        let mut context = Context {
            provenance: Provenance::default(),
            okta_org: "o",
            vault_cluster: "c",
            notes: &mut Notes::default(),
        };
        then(&cloudtrail::parse(&text, &mut context).unwrap())
    }

    #[test]
    fn a_shard_is_one_line_of_the_cache() {
        assert_eq!(size_of::<Place>(), 64);
    }

    #[test]
    fn one_id_with_very_many_contents_costs_no_more_than_others() {
        let dedup = Dedup::new();
        for n in 0..20_000 {
            let action = format!("Get{n}");
            told(&dedup, "same", &action, Fidelity::Original);
        }
        // Some agree in their 20 bits.
        assert!(dedup.into_conflicts().n > 19_500);
    }

    fn told(dedup: &Dedup, id: &str, action: &str, fidelity: Fidelity) -> Novelty {
        with_event(id, action, |event| dedup.observe(event, None, fidelity))
    }

    #[test]
    fn a_lesser_rendering_of_a_known_id_is_a_duplicate_whatever_it_says() {
        let dedup = Dedup::new();
        let original = Fidelity::Original;
        assert_eq!(told(&dedup, "a", "GetObject", original), Novelty::New);
        let columns = Fidelity::Columns;
        assert_eq!(told(&dedup, "a", "PutObject", columns), Novelty::Duplicate);
        assert_eq!(told(&dedup, "b", "GetObject", columns), Novelty::New);
        assert_eq!(told(&dedup, "b", "PutObject", columns), Novelty::New);
        assert_eq!(told(&dedup, "b", "PutObject", columns), Novelty::Duplicate);
        let conflicts = dedup.into_conflicts();
        assert_eq!((conflicts.n, conflicts.ids), (1, vec!["b".into()]));
    }

    #[test]
    fn an_id_is_known_in_whatever_round_it_was_met() {
        let dedup = Dedup::new();
        told(&dedup, "a", "GetObject", Fidelity::Original);
        told(&dedup, "b", "GetObject", Fidelity::Columns);
        let knows = |id| dedup.knows(Source::CloudTrail, id);
        assert_eq!(["a", "b", "c"].map(knows), [true, true, false]);
        assert!(!dedup.knows(Source::Okta, "a"));
    }

    // R-RS-5: every run draws its own seeds.
    #[test]
    fn no_seed_decides_what_is_new() {
        let novelties = || {
            let dedup = Dedup::new();
            let told = (0..2_000).map(|n| {
                let (id, action) = (format!("{}", n % 700), format!("Get{}", n % 3));
                told(&dedup, &id, &action, Fidelity::Original)
            });
            let told: Vec<_> = told.collect();
            (told, dedup.into_conflicts())
        };
        let first = novelties();
        let n_new = first
            .0
            .iter()
            .filter(|novelty| **novelty == Novelty::New)
            .count();
        assert_eq!((n_new, first.1.n), (2_000, 1_300));
        assert_eq!(first, novelties());
    }
}
