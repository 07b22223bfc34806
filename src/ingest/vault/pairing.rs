//! Pairing: a call is logged as two lines, and one event needs both.

use hashbrown::HashMap;
use smallvec::SmallVec;

use super::entry::Entry;
use super::exchange::Exchange;
use crate::event::Timestamp;

/// A line that waits for its other half. Very many may wait in vain, so that
/// tables of them grow and are sorted without moving the lines.
pub type Half = Box<Entry>;

/// Lines that may wait at a time; one takes about a kilobyte.
pub const MAX_WAITING: usize = 200_000;

/// Lines of one id that may be paired at a time: more than there are audit
/// devices. What looks for its other half looks at all of them.
const MAX_OF_ONE_ID: usize = 64;

/// How long a line is sure to wait when there are too many of them, by the
/// clock of the log.
const PATIENCE_MICROS: i64 = 600_000_000;

/// Lines that wait for their other half.
///
/// Several audit devices may write the same call, so several halves of one id
/// may wait at once. They are always of the same side: as soon as the other
/// side arrives, it finds its partner. Each device's pair becomes an exchange
/// of its own; that they say the same is told by their common id.
///
/// A log may lack one side altogether, so no more than a limit may wait. Below
/// it, every pair is found, however far apart its lines are. Beyond it the
/// lines that waited longest are given up: each becomes an event that knows
/// less, and whoever remembers the ids of events takes a half that comes after
/// all for a duplicate.
#[derive(Debug)]
pub struct Pairing {
    waiting: HashMap<Box<str>, SmallVec<[Half; 1]>>,
    /// Lines that nothing can be paired with: without an id, or with one that
    /// too many have.
    nameless: Vec<Half>,
    n_waiting: usize,
    limit: usize,
    /// Time of the first and of the last line.
    span: Option<(Timestamp, Timestamp)>,
}

impl Default for Pairing {
    fn default() -> Self {
        Self::with_limit(MAX_WAITING)
    }
}

impl Pairing {
    /// No line waits, and as many as memory is meant for may.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// No line waits, and at most `limit` may.
    #[must_use]
    pub fn with_limit(limit: usize) -> Self {
        Self {
            waiting: HashMap::new(),
            nameless: Vec::new(),
            n_waiting: 0,
            limit,
            span: None,
        }
    }

    /// Takes one line; the whole call when the other half was waiting.
    pub fn offer(&mut self, entry: impl Into<Half>) -> Option<Exchange> {
        let entry = entry.into();
        let time = entry.time;
        self.span = Some(
            self.span
                .map_or((time, time), |(a, b)| (a.min(time), b.max(time))),
        );
        if let Some(half) = self.take_other_half(&entry) {
            self.n_waiting = self.n_waiting.saturating_sub(1);
            return Some(Exchange::of(half, entry));
        }
        self.n_waiting = self.n_waiting.saturating_add(1);
        self.wait(entry);
        None
    }

    fn wait(&mut self, half: Half) {
        if half.request_id().is_empty() {
            return self.nameless.push(half);
        }
        let same = self.waiting.entry_ref(half.request_id()).or_default();
        if same.len() < MAX_OF_ONE_ID {
            same.push(half);
        } else {
            self.nameless.push(half);
        }
    }

    /// How many lines wait.
    #[must_use]
    pub fn n_waiting(&self) -> usize {
        self.n_waiting
    }

    /// Gives up on lines when more than the limit wait: on all that are older
    /// than ten minutes of log time, and if need be on more, the oldest first.
    pub fn take_overdue(&mut self) -> Vec<Half> {
        if self.n_waiting <= self.limit {
            return Vec::new();
        }
        let last = self.span.map_or(0, |(_, last)| last.micros());
        let mut halves = self.drain();
        halves.sort_by(|a, b| (a.time, order(a)).cmp(&(b.time, order(b))));
        let is_old = |half: &Half| last.saturating_sub(half.time.micros()) > PATIENCE_MICROS;
        let n_old = halves.partition_point(is_old);
        let n_surplus = halves.len().saturating_sub(self.limit / 2);
        let kept = halves.split_off(n_old.max(n_surplus).min(halves.len()));
        self.keep(kept);
        halves
    }

    /// Gives up on all but `n` lines. Those next to the beginning and the end
    /// of the log are kept: their other halves may be in the files before and
    /// after.
    pub fn take_surplus(&mut self, n: usize) -> Vec<Half> {
        let (Some((first, last)), true) = (self.span, self.n_waiting > n) else {
            return Vec::new();
        };
        let distance = |half: &Half| {
            let time = half.time.micros();
            let from_start = time.saturating_sub(first.micros());
            from_start.min(last.micros().saturating_sub(time))
        };
        let mut halves = self.drain();
        halves.sort_by(|a, b| (distance(a), order(a)).cmp(&(distance(b), order(b))));
        let surplus = halves.split_off(n.min(halves.len()));
        self.keep(halves);
        surplus
    }

    /// What never met its other half, by request id, side, time and record.
    #[must_use]
    pub fn into_unpaired(mut self) -> Vec<Half> {
        let mut entries = self.drain();
        entries.sort_by(|a, b| order(a).cmp(&order(b)));
        entries
    }

    fn drain(&mut self) -> Vec<Half> {
        let mut halves = std::mem::take(&mut self.nameless);
        halves.extend(self.waiting.drain().flat_map(|(_, halves)| halves));
        self.n_waiting = 0;
        halves
    }

    /// Lets lines wait again of which none is the other half of another.
    fn keep(&mut self, halves: Vec<Half>) {
        self.n_waiting = halves.len();
        for half in halves {
            self.wait(half);
        }
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
