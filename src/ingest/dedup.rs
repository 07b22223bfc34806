//! Duplicates: the same event told by several records.
//!
//! Exports overlap: redelivered files, an organisation's trail and an
//! account's, polled pages, several routes to the same archive. An event counts
//! once per distinct content of its native id. What is distinct is a set, so
//! the result does not depend on the order in which threads meet the records.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::{Mutex, PoisonError};

use foldhash::quality::{FixedState, RandomState};
use sha2::{Digest, Sha256};

use super::coverage::{Sample, Tally};
use super::fidelity::Fidelity;
use crate::event::{Event, NativeId, Provenance, Source, Untrusted};

/// Shards per kind of id: enough that threads seldom meet.
const N_SHARDS: usize = 64;

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
    /// By source and by whether the id is a UUID.
    shards: Vec<Mutex<Shard>>,
    contents: FixedState,
}

/// Events by 128-bit id.
#[derive(Debug, Default)]
struct Shard {
    firsts: HashMap<u128, Telling, RandomState>,
    /// The contents after the first of ids that occur with several.
    others: HashMap<u128, Vec<Telling>, RandomState>,
}

/// One content of an id, and the first record that tells it.
#[derive(Clone, Copy, Debug)]
struct Telling {
    content: u64,
    fidelity: Fidelity,
    provenance: Provenance,
}

impl Dedup {
    /// Nothing met.
    pub(super) fn new() -> Self {
        let n = Source::ALL.len() * 2 * N_SHARDS;
        Self {
            shards: std::iter::repeat_with(Mutex::default).take(n).collect(),
            // Fixed, so that a collision, if ever there is one, is reproducible.
            contents: FixedState::default(),
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
        let (kind, id) = id_of(event, record);
        let telling = Telling {
            content: self.content_of(event, fidelity),
            fidelity,
            provenance: event.provenance,
        };
        let Some(shard) = self.shard(kind, id) else {
            return Novelty::New;
        };
        // A thread that panicked left at most one event out.
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        shard.observe(id, telling)
    }

    /// Whether an event with this id was met.
    pub(super) fn knows(&self, source: Source, native_id: &str) -> bool {
        let (kind, id) = id_of_native(source, native_id);
        self.shard(kind, id).is_some_and(|shard| {
            let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            shard.firsts.contains_key(&id)
        })
    }

    fn shard(&self, kind: usize, id: u128) -> Option<&Mutex<Shard>> {
        let shard = usize::try_from(id % N_SHARDS as u128).unwrap_or_default();
        self.shards.get(kind * N_SHARDS + shard)
    }

    /// The records that repeat an id with different content, beyond the one
    /// that comes first in the input.
    pub(super) fn into_conflicts(self) -> Tally {
        let mut tally = Tally::default();
        for shard in self.shards {
            let shard = shard.into_inner().unwrap_or_else(PoisonError::into_inner);
            #[expect(
                clippy::iter_over_hash_type,
                reason = "a tally does not depend on order"
            )]
            for (id, mut tellings) in shard.others {
                tellings.extend(shard.firsts.get(&id));
                tellings.sort_by_key(|telling| telling.provenance);
                for telling in tellings.iter().skip(1) {
                    tally.observe(Sample {
                        provenance: telling.provenance,
                        detail: Untrusted::default(),
                    });
                }
            }
        }
        tally
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

impl Shard {
    fn observe(&mut self, id: u128, telling: Telling) -> Novelty {
        let first = match self.firsts.entry(id) {
            Entry::Vacant(vacant) => {
                vacant.insert(telling);
                return Novelty::New;
            }
            Entry::Occupied(occupied) => occupied.into_mut(),
        };
        let known = if first.fidelity < telling.fidelity || first.content == telling.content {
            first
        } else {
            let others = self.others.entry(id).or_default();
            match others
                .iter_mut()
                .find(|other| other.content == telling.content)
            {
                Some(other) => other,
                None => {
                    others.push(telling);
                    return Novelty::New;
                }
            }
        };
        known.provenance = known.provenance.min(telling.provenance);
        Novelty::Duplicate
    }
}

/// The kind of id and the id: a UUID as it is, anything else as a hash. An
/// event without an id is identified by the text of its record.
fn id_of(event: &Event<'_>, record: Option<&str>) -> (usize, u128) {
    if !event.native_id.is_empty() {
        return id_of_native(event.source, &event.native_id);
    }
    let mut hasher = Sha256::new();
    match record {
        Some(record) => {
            hasher.update(b"record");
            hash_without_blanks(record, &mut hasher);
        }
        None => {
            hasher.update(b"event");
            hash_content(event, &mut Sha256Writer(&mut hasher));
        }
    }
    (event.source as usize * 2 + 1, first_half(hasher))
}

fn id_of_native(source: Source, text: &str) -> (usize, u128) {
    let kind = source as usize * 2;
    match NativeId::new(text) {
        NativeId::Uuid(uuid) => (kind, u128::from_be_bytes(uuid)),
        NativeId::Text(_) => (kind + 1, hashed(text)),
    }
}

/// A number that stands for the id `text`: a UUID as it is, anything else as a
/// hash.
pub(super) fn number(text: &str) -> u128 {
    match NativeId::new(text) {
        NativeId::Uuid(uuid) => u128::from_be_bytes(uuid),
        NativeId::Text(_) => hashed(text),
    }
}

fn hashed(text: &str) -> u128 {
    let mut hasher = Sha256::new();
    hasher.update(b"id");
    hasher.update(text.as_bytes());
    first_half(hasher)
}

fn first_half(hasher: Sha256) -> u128 {
    let digest = hasher.finalize();
    digest
        .iter()
        .take(16)
        .fold(0_u128, |id, byte| id << 8 | u128::from(*byte))
}

/// Hashes the text of a record as if it were printed on one line, so that
/// indentation does not make two events of one.
fn hash_without_blanks(record: &str, hasher: &mut Sha256) {
    let mut is_quoted = false;
    let mut is_escaped = false;
    let compact: Vec<u8> = record
        .bytes()
        .filter(|byte| {
            if is_quoted {
                is_quoted = is_escaped || *byte != b'"';
                is_escaped = !is_escaped && *byte == b'\\';
                return true;
            }
            is_quoted = *byte == b'"';
            !byte.is_ascii_whitespace()
        })
        .collect();
    hasher.update(compact);
}

/// Feeds everything the event says, except where it was read.
fn hash_content(event: &Event<'_>, state: &mut impl Hasher) {
    let Event {
        source,
        native_id: _,
        time,
        tenant,
        region,
        actor,
        via,
        action,
        resources,
        resources_total,
        outcome,
        outcome_code,
        origin,
        mfa,
        credential,
        session,
        edges,
        ties,
        // One call issues credentials once, whatever a copy says of them.
        minted: _,
        bytes_out,
        flags,
        provenance: _,
        n_records: _,
    } = event;
    (source, time, tenant, region, via).hash(state);
    (
        &actor.key,
        &actor.display,
        actor.class,
        actor.class_confidence,
    )
        .hash(state);
    (actor.basis, &actor.sub, &actor.native).hash(state);
    if let Some(session) = &actor.session {
        (&session.name, session.is_email).hash(state);
    }
    (&action.service, &action.name, action.verb, action.sensitive).hash(state);
    for resource in resources {
        (&resource.kind, &resource.id, &resource.scope).hash(state);
    }
    (resources_total, outcome, outcome_code).hash(state);
    (
        &origin.address,
        origin.net_kind,
        &origin.network,
        &origin.country,
    )
        .hash(state);
    (
        &origin.client.family,
        &origin.client.product,
        origin.client.major,
    )
        .hash(state);
    (origin.interface, mfa, credential.kind, &credential.id).hash(state);
    (credential.is_long_lived, session).hash(state);
    for edge in edges {
        (edge.kind, &edge.target).hash(state);
    }
    (ties, bytes_out, flags).hash(state);
}

/// Lets `Hash` feed a cryptographic hash.
struct Sha256Writer<'h>(&'h mut Sha256);

impl Hasher for Sha256Writer<'_> {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        0
    }
}
