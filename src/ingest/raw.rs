//! Raw records: the bytes of chosen records, as the files hold them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};

use crate::event::Provenance;

/// Which records to keep as they are, and those that were met.
#[derive(Debug, Default)]
pub struct Raw {
    wanted: BTreeSet<Provenance>,
    /// Ids of Vault calls: each has two records.
    calls: BTreeSet<String>,
    max_bytes: usize,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    records: BTreeMap<Provenance, RawRecord>,
    n_bytes: usize,
}

/// A record as it was logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawRecord {
    /// Offset of the bytes in the decoded text of the file or archive member.
    pub offset: u64,
    /// The record, or the smallest part of the text around it that could be
    /// cut out.
    pub bytes: Vec<u8>,
    /// Whether the bytes are those of the text. If not, the record was put
    /// together from a table.
    pub is_exact: bool,
}

impl Raw {
    /// Keeps the `wanted` records, and all of these Vault `calls`, as long as
    /// they are no more than `max_bytes` together.
    #[must_use]
    pub fn new(wanted: BTreeSet<Provenance>, calls: BTreeSet<String>, max_bytes: usize) -> Self {
        Self {
            wanted,
            calls,
            max_bytes,
            kept: Mutex::default(),
        }
    }

    /// What was met; `None` if it was too much.
    #[must_use]
    pub fn take(&self) -> Option<BTreeMap<Provenance, RawRecord>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = std::mem::take(&mut *kept);
        (kept.n_bytes <= self.max_bytes).then_some(kept.records)
    }

    pub(super) fn wants(&self, provenance: Provenance, call: Option<&str>) -> bool {
        self.wanted.contains(&provenance) || call.is_some_and(|call| self.calls.contains(call))
    }

    /// Beyond the limit only the size is kept, which says so.
    pub(super) fn keep(&self, provenance: Provenance, record: RawRecord) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.records.contains_key(&provenance) {
            return;
        }
        kept.n_bytes = kept.n_bytes.saturating_add(record.bytes.len());
        if kept.n_bytes <= self.max_bytes {
            kept.records.insert(provenance, record);
        }
    }
}

/// The piece of text that is being taken apart, while raw records are wanted.
#[derive(Debug, Default)]
pub(super) struct RawPiece {
    offset: u64,
    /// Where the text was in memory: what a record was read from in place lies
    /// inside.
    address: usize,
    bytes: Vec<u8>,
}

impl RawPiece {
    pub(super) fn of(offset: u64, bytes: &[u8]) -> Self {
        Self {
            offset,
            address: bytes.as_ptr().addr(),
            bytes: bytes.to_vec(),
        }
    }

    /// The record whose text is `text`: its own bytes where it was read in
    /// place, else all of the piece; `text` itself where there is no piece.
    pub(super) fn record(&self, text: &str) -> RawRecord {
        let at = text.as_ptr().addr().checked_sub(self.address);
        let own = at.and_then(|at| self.bytes.get(at..at.checked_add(text.len())?));
        match (own, at) {
            (Some(own), Some(at)) if own == text.as_bytes() => RawRecord {
                offset: self.offset.saturating_add(at as u64),
                bytes: own.to_vec(),
                is_exact: true,
            },
            _ if self.bytes.is_empty() => RawRecord {
                offset: self.offset,
                bytes: text.into(),
                is_exact: false,
            },
            _ => RawRecord {
                offset: self.offset,
                bytes: self.bytes.clone(),
                is_exact: true,
            },
        }
    }
}

/// Bytes of a file that are hashed at a time.
const HASHED_BYTES: usize = 64 << 10;

/// The SHA-256 of a regular file, as it is on disk.
///
/// # Errors
///
/// When it cannot be read, or is no regular file.
pub fn sha256_of(path: &Path) -> io::Result<String> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("no regular file"));
    }
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; HASHED_BYTES];
    loop {
        let n = file.read(&mut buffer)?;
        if n == 0 {
            let hash = hash.finalize();
            return Ok(hash.iter().map(|byte| format!("{byte:02x}")).collect());
        }
        hash.update(buffer.get(..n).unwrap_or_default());
    }
}
