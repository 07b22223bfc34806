//! What a thread has come to, apart from the file that it reads: it goes on with
//! it in another file, or lends it to a thread that reads a long one.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::account::Account;
use super::waiting::Waiting;
use crate::ingest::cloudtrail::memo::Memo;
use crate::ingest::coverage::{Coverage, FileCoverage};
use crate::ingest::fidelity::Fidelity;
use crate::ingest::record::Notes;
use crate::ingest::vault::Half;

/// What one thread has come to.
pub(in crate::ingest) struct Spare<F> {
    pub(super) fold: F,
    pub(super) account: Account,
    pub(super) notes: Notes,
    /// What the quick reading of CloudTrail remembers.
    pub(super) memo: Option<Box<Memo>>,
    /// Vault halves by file, for the other half may be in another file.
    pub(super) halves: Vec<(u32, Vec<Half>)>,
    /// What was read, by file and round.
    pub(super) files: Vec<((u32, Fidelity), FileCoverage)>,
    /// Records whose action another record may tell better.
    pub(super) waiting: Vec<Waiting>,
}

impl<F> Spare<F> {
    /// Of a thread that has read nothing.
    pub(in crate::ingest) fn new(fold: F) -> Self {
        Self {
            fold,
            account: Account::default(),
            notes: Notes::default(),
            memo: None,
            halves: Vec::new(),
            files: Vec::new(),
            waiting: Vec::new(),
        }
    }

    /// What was counted, and the fold.
    pub(super) fn into_parts(self) -> (Coverage, F) {
        let mut coverage = self.account.into_coverage();
        coverage.trail.n_delayed = self.notes.n_delayed();
        coverage.unknown_values = self.notes.into_counts();
        (coverage, self.fold)
    }
}

/// The threads that find no file to read any more, in one round.
pub(in crate::ingest) struct Idle<F> {
    spares: Mutex<Vec<Spare<F>>>,
    /// How many there are, to be asked often.
    n: AtomicUsize,
}

impl<F> Default for Idle<F> {
    fn default() -> Self {
        Self {
            spares: Mutex::new(Vec::new()),
            n: AtomicUsize::new(0),
        }
    }
}

impl<F> Idle<F> {
    /// Whether there is one at the moment.
    pub(super) fn has_any(&self) -> bool {
        self.n.load(Ordering::Relaxed) > 0
    }

    /// Takes all of them, at most `n_most`.
    pub(in crate::ingest) fn take(&self, n_most: usize) -> Vec<Spare<F>> {
        let mut spares = self.lock();
        let n_left = spares.len().saturating_sub(n_most);
        let taken = spares.split_off(n_left);
        self.n.store(n_left, Ordering::Relaxed);
        taken
    }

    /// Leaves one to whoever needs it.
    pub(in crate::ingest) fn give(&self, spare: Spare<F>) {
        let mut spares = self.lock();
        spares.push(spare);
        self.n.store(spares.len(), Ordering::Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Spare<F>>> {
        self.spares.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
