//! Pairing: a call is logged as two lines, and one event needs both.

use hashbrown::HashMap;
use smallvec::SmallVec;

use super::entry::Entry;
use super::exchange::Exchange;

/// A line that waits for its other half. Very many may wait in vain, so that
/// tables of them grow and are sorted without moving the lines.
pub type Half = Box<Entry>;

/// Lines that wait for their other half.
///
/// Several audit devices may write the same call, so several halves of one id
/// may wait at once. They are always of the same side: as soon as the other
/// side arrives, it finds its partner. Each device's pair becomes an exchange
/// of its own; that they say the same is told by their common id.
#[derive(Debug, Default)]
pub struct Pairing {
    waiting: HashMap<Box<str>, SmallVec<[Half; 1]>>,
    /// Lines without an id, which nothing can be paired with.
    nameless: Vec<Half>,
    n_waiting: usize,
}

impl Pairing {
    /// No line waits.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes one line; the whole call when the other half was waiting.
    pub fn offer(&mut self, entry: impl Into<Half>) -> Option<Exchange> {
        let entry = entry.into();
        if let Some(half) = self.take_other_half(&entry) {
            self.n_waiting = self.n_waiting.saturating_sub(1);
            return Some(Exchange::of(half, entry));
        }
        self.n_waiting = self.n_waiting.saturating_add(1);
        if entry.request_id().is_empty() {
            self.nameless.push(entry);
        } else {
            let halves = self.waiting.entry_ref(entry.request_id()).or_default();
            halves.push(entry);
        }
        None
    }

    /// How many lines wait.
    #[must_use]
    pub fn n_waiting(&self) -> usize {
        self.n_waiting
    }

    /// What never met its other half, by request id, side, time and record.
    #[must_use]
    pub fn into_unpaired(self) -> Vec<Half> {
        let mut entries: Vec<_> = self.waiting.into_values().flatten().collect();
        entries.extend(self.nameless);
        entries.sort_by(|a, b| order(a).cmp(&order(b)));
        entries
    }

    /// The half that waits for `entry`: of the same device, if there are
    /// several. A device writes its own file and hashes with its own salt.
    fn take_other_half(&mut self, entry: &Entry) -> Option<Half> {
        let halves = self.waiting.get_mut(entry.request_id())?;
        let (at, _) = halves
            .iter()
            .enumerate()
            .filter(|(_, half)| half.is_response() != entry.is_response())
            .min_by_key(|(_, half)| {
                (
                    half.provenance().file != entry.provenance().file,
                    half.auth.accessor != entry.auth.accessor,
                )
            })?;
        let half = halves.remove(at);
        if halves.is_empty() {
            self.waiting.remove(entry.request_id());
        }
        Some(half)
    }
}

fn order(entry: &Entry) -> impl Ord + '_ {
    (
        entry.request_id(),
        entry.is_response(),
        entry.time,
        entry.provenance(),
    )
}
