//! The memory that one row group may take.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes of pages and values that are kept at a time, over all columns.
const MAX_HELD: u64 = 512 << 20;

/// What all columns hold together.
#[derive(Debug, Default)]
pub(super) struct Budget(AtomicU64);

/// What one column holds: its dictionary, and the pages of the rows that are
/// being read.
#[derive(Debug)]
pub(super) struct Share {
    budget: Arc<Budget>,
    dictionary: AtomicU64,
    pages: AtomicU64,
    last: AtomicU64,
}

impl Share {
    /// A share of `budget` that holds nothing.
    pub(super) fn new(budget: &Arc<Budget>) -> Self {
        Self {
            budget: Arc::clone(budget),
            dictionary: AtomicU64::new(0),
            pages: AtomicU64::new(0),
            last: AtomicU64::new(0),
        }
    }

    /// Holds a dictionary. `None` when that is too much.
    pub(super) fn keep(&self, n: u64) -> Option<()> {
        self.budget.take(n)?;
        self.dictionary.fetch_add(n, Ordering::Relaxed);
        Some(())
    }

    /// Holds one more page. `None` when that is too much.
    pub(super) fn take(&self, n: u64) -> Option<()> {
        self.budget.take(n)?;
        self.pages.fetch_add(n, Ordering::Relaxed);
        self.last.store(n, Ordering::Relaxed);
        Some(())
    }

    /// The rows so far are done with: only the last page is still needed.
    pub(super) fn release(&self) {
        let last = self.last.load(Ordering::Relaxed);
        let held = self.pages.swap(last, Ordering::Relaxed);
        self.budget.give(held.saturating_sub(last));
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let held = self.pages.load(Ordering::Relaxed);
        let kept = self.dictionary.load(Ordering::Relaxed);
        self.budget.give(held.saturating_add(kept));
    }
}

impl Budget {
    fn take(&self, n: u64) -> Option<()> {
        let held = self.0.fetch_add(n, Ordering::Relaxed);
        (held.saturating_add(n) <= MAX_HELD).then_some(())
    }

    fn give(&self, n: u64) {
        self.0.fetch_sub(n, Ordering::Relaxed);
    }
}
