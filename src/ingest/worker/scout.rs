//! One long file, read by several threads.
//!
//! Where a record begins is known only to who has read those before it, and so
//! is its number. But to find the end of a record takes less than half of the time
//! that it takes to use it. So of a window that is held, the thread whose file it is
//! uses the first part; another, a scout, goes over that part quickly, counts,
//! and uses what follows; a third one goes over both; and each part is smaller
//! than the one before it, so that all are done at the same time. Nothing is
//! guessed: a scout that meets a record which is not easy to read gives up, and
//! then everything from there on is read in the ordinary way.

use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::thread;

use super::Worker;
use crate::ingest::Fold;
use crate::ingest::cloudtrail::memo::Memo;
use crate::ingest::cloudtrail::quick::Quick;
use crate::ingest::decode::Tracker;
use crate::ingest::split::{Splitter, Stretch, Window};

/// What is held for all of them.
const WINDOW_BYTES: usize = 2 << 20;

/// More would have next to nothing to use.
const MAX_SCOUTS: usize = 7;

/// How much a scout uses of what the one before it uses. In the rest of its time
/// it finds where that begins, which takes nearly half as long as to use it.
const SHARE: f64 = 0.55;

impl<F: Fold> Worker<'_, F> {
    /// Reads on with the help of all threads that are idle, as long as there are
    /// any and the records are easy to read.
    pub(super) fn read_together<R: Read>(
        &mut self,
        splitter: &mut Splitter<R>,
        memo: &mut Memo,
        tracker: &Tracker,
    ) {
        let is_possible = self.run.options.raw.is_none();
        while is_possible && self.idle.has_any() {
            let size = self.window_bytes();
            let is_on = splitter.offer_window(size, |window| self.read_window(window, memo));
            self.report(0, tracker);
            if !is_on {
                return;
            }
        }
    }

    fn window_bytes(&self) -> usize {
        #[cfg(any(test, fuzzing))]
        if let Some(stride) = self.run.options.limits.stride {
            return stride.get();
        }
        WINDOW_BYTES
    }

    /// Reads a window with all that are idle.
    fn read_window(&mut self, window: Window<'_>, memo: &mut Memo) -> Stretch {
        let mut scouts = self.scouts();
        let marks = marks(window.len(), scouts.len() + 1);
        let own_end = marks.first().copied().unwrap_or(usize::MAX);
        let (own, ahead) = thread::scope(|scope| {
            let mut handles = Vec::new();
            for (scout, mark) in scouts.iter_mut().zip(marks.windows(2)) {
                let &[from, until] = mark else { break };
                let work = move || scout.scout(window, from, until);
                let Ok(handle) = thread::Builder::new().spawn_scoped(scope, work) else {
                    break;
                };
                handles.push(handle);
            }
            // Whatever happens, the scouts are given back with what they have.
            let own = catch_unwind(AssertUnwindSafe(|| {
                window.read(0, own_end, |offset, text| {
                    self.take_quick(memo, offset, text)
                })
            }));
            let ahead = handles
                .into_iter()
                .map(|handle| handle.join().ok().flatten());
            (own, ahead.collect::<Vec<_>>())
        });
        // Threads that could not be started have read nothing.
        let stretches = ahead.iter().copied().chain(std::iter::repeat(None));
        for (mut scout, stretch) in scouts.into_iter().zip(stretches) {
            if stretch.is_some() {
                self.file.join(std::mem::take(&mut scout.file));
            }
            self.idle.give(scout.into_spare());
        }
        let ahead = ahead.into_iter().map_while(|stretch| stretch);
        match own {
            Ok(own) => ahead.fold(own, Stretch::then),
            Err(defect) => resume_unwind(defect),
        }
    }

    /// All that are idle, each with the same file.
    fn scouts(&self) -> Vec<Self> {
        let spares = self.idle.take(MAX_SCOUTS).into_iter();
        let scouts = spares.map(|spare| {
            let mut scout = Self::new(self.run, self.idle, spare);
            scout.file = self.file.ahead();
            scout
        });
        scouts.collect()
    }

    /// Counts the records up to the first that ends at `from` or behind it, and
    /// uses those from there up to the first that ends at `until` or behind it.
    /// Gives how far these were read; nothing was used if one of those before is
    /// not easy to read.
    fn scout(&mut self, window: Window<'_>, from: usize, until: usize) -> Option<Stretch> {
        let mut memo = self.memo.take().unwrap_or_default();
        let max_depth = self.run.options.limits.max_depth;
        let mut n_before = 0;
        let before = window.read(0, from, |_, text| {
            let taken =
                Quick::default().read(text, max_depth, &mut memo.order, &mut memo.callers)?;
            n_before += 1;
            Ok(taken)
        });
        let mut used = None;
        if before.end >= from {
            self.file.pass_over(n_before);
            self.survive(|worker| {
                used = Some(window.read(before.end, until, |offset, text| {
                    worker.take_quick(&mut memo, offset, text)
                }));
            });
        }
        self.memo = Some(memo);
        used
    }
}

/// Where the parts of a window of `n_bytes` end, one for each of `n` threads.
fn marks(n_bytes: usize, n: usize) -> Vec<usize> {
    let parts = || std::iter::successors(Some(1.0), |part| Some(part * SHARE)).take(n);
    let all: f64 = parts().sum();
    let mut done = 0.0;
    let mut marks: Vec<usize> = parts()
        .map(|part| {
            done += part;
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_precision_loss,
                reason = "a window has some megabytes"
            )]
            let mark = (n_bytes as f64 * done / all) as usize;
            mark
        })
        .collect();
    // The last one goes on to the end.
    if let Some(last) = marks.last_mut() {
        *last = usize::MAX;
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_smaller_than_the_one_before_it() {
        assert_eq!(marks(1000, 1), [usize::MAX]);
        assert_eq!(marks(1550, 2), [1000, usize::MAX]);
        let marks = marks(1 << 20, MAX_SCOUTS + 1);
        let parts: Vec<_> = marks.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(parts.iter().rev().skip(1).is_sorted(), "{parts:?}");
    }
}
