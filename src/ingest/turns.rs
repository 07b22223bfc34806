//! Turns: the order in which files may say what their Vault calls were.
//!
//! Several audit devices log the same call, each at its own time and with its
//! own hashes, and only one copy counts. Which one must not be chance, so the
//! calls of a file are used when those of every file before it in the queue
//! were. Files are read meanwhile; what cannot be used yet is parked, up to a
//! limit, and beyond it the reader waits.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::vault::Exchange;

/// How many calls may be parked or held back; one is a kilobyte or two.
pub(super) const MAX_HELD: usize = 16 * 1024;

/// Whose turn it is, by position in the queue of files.
#[derive(Debug, Default)]
pub(super) struct Turns {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// The first position that is not done.
    next: usize,
    /// The calls of files that were read before their turn.
    parked: BTreeMap<usize, Vec<Exchange>>,
    n_parked: usize,
}

impl Turns {
    /// Whether every file before `position` is done. It stays so until
    /// [`Turns::pass`].
    pub(super) fn has_come(&self, position: usize) -> bool {
        self.lock().next == position
    }

    /// Waits until every file before `position` is done. Only the file that is
    /// not read yet may wait: those before it are being read or parked.
    pub(super) fn wait_for(&self, position: usize) {
        let state = self.lock();
        drop(
            self.changed
                .wait_while(state, |state| state.next < position)
                .unwrap_or_else(PoisonError::into_inner),
        );
    }

    /// Leaves the calls of a file that was read to whoever is done with the
    /// file before it. Gives them back when the turn has come, if need be
    /// after waiting for it.
    pub(super) fn park(&self, position: usize, calls: Vec<Exchange>) -> Option<Vec<Exchange>> {
        {
            let mut state = self.lock();
            let n_parked = state.n_parked.saturating_add(calls.len());
            if state.next < position && n_parked <= MAX_HELD {
                state.n_parked = n_parked;
                state.parked.insert(position, calls);
                return None;
            }
        }
        self.wait_for(position);
        Some(calls)
    }

    /// The file at `position` is done. The calls of the next one, if they are
    /// parked: they are to be used, and then that file is done too.
    pub(super) fn pass(&self, position: usize) -> Option<(usize, Vec<Exchange>)> {
        let mut state = self.lock();
        state.next = state.next.max(position.saturating_add(1));
        let next = state.next;
        let calls = state.parked.remove(&next);
        let n_calls = calls.as_ref().map_or(0, Vec::len);
        state.n_parked = state.n_parked.saturating_sub(n_calls);
        self.changed.notify_all();
        calls.map(|calls| (next, calls))
    }

    /// A thread that panicked left the state whole: it is changed in one go.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::coverage::SkipReason;
    use crate::ingest::record::{Context, Notes};
    use crate::ingest::vault;

    fn call(id: &str) -> Result<Exchange, SkipReason> {
        let mut context = Context {
            provenance: crate::event::Provenance::default(),
            okta_org: "o",
            vault_cluster: "c",
            notes: &mut Notes::default(),
        };
        let line = format!(
            r#"{{"time":"2026-11-07T09:00:00Z","type":"request","request":{{"id":"{id}","operation":"read","path":"kv/x"}}}}"#
        );
        vault::parse(&line, &mut context).map(Exchange::from_half)
    }

    #[test]
    fn files_are_used_in_order_whatever_the_order_of_reading() -> Result<(), SkipReason> {
        let turns = Turns::default();
        assert!(turns.has_come(0) && !turns.has_come(1));
        assert!(turns.park(2, vec![call("c")?]).is_none());
        assert!(turns.park(1, Vec::new()).is_none());
        assert_eq!(
            turns.park(0, vec![call("a")?]).map(|calls| calls.len()),
            Some(1)
        );
        let parked =
            |turn: Option<(usize, Vec<Exchange>)>| turn.map(|(at, calls)| (at, calls.len()));
        assert_eq!(parked(turns.pass(0)), Some((1, 0)));
        assert_eq!(parked(turns.pass(1)), Some((2, 1)));
        assert_eq!(parked(turns.pass(2)), None);
        assert!(turns.has_come(3));
        Ok(())
    }

    #[test]
    fn who_has_too_much_to_park_waits() -> Result<(), SkipReason> {
        let turns = Turns::default();
        let calls = vec![call("b")?; MAX_HELD + 1];
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| turns.park(1, calls).map(|calls| calls.len()));
            std::thread::sleep(std::time::Duration::from_millis(20));
            assert!(!waiting.is_finished());
            assert!(turns.pass(0).is_none());
            assert_eq!(waiting.join().ok().flatten(), Some(MAX_HELD + 1));
        });
        Ok(())
    }
}
