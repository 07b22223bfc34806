//! The same work for many things on several threads.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Things that a thread takes on at once, at most.
const BATCH: usize = 1_024;
/// Batches per thread, so that none waits long for the last one.
const BATCHES: usize = 32;

/// `work` done for each of the first `n` numbers, in their order. The result
/// does not depend on the number of threads.
pub(super) fn map<R: Send>(
    threads: NonZeroUsize,
    n: usize,
    work: impl Fn(usize) -> R + Sync,
) -> Vec<R> {
    let threads = threads.get().min(n);
    if threads <= 1 {
        return (0..n).map(work).collect();
    }
    let batch = (n / threads.saturating_mul(BATCHES)).clamp(1, BATCH);
    let next = AtomicUsize::new(0);
    let run = || {
        let mut done: Vec<(usize, Vec<R>)> = Vec::new();
        loop {
            let from = next.fetch_add(batch, Ordering::Relaxed);
            if from >= n {
                return done;
            }
            let to = from.saturating_add(batch).min(n);
            done.push((from, (from..to).map(&work).collect()));
        }
    };
    let mut done = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(run)).collect();
        let mut done = run();
        for other in others {
            match other.join() {
                Ok(more) => done.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    done.sort_unstable_by_key(|(from, _)| *from);
    done.into_iter().flat_map(|(_, results)| results).collect()
}

/// `work` done for each of `things`, in their order.
pub(super) fn map_each<T: Sync, R: Send>(
    threads: NonZeroUsize,
    things: &[T],
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let done = map(threads, things.len(), |at| things.get(at).map(&work));
    done.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn results_come_in_order_whatever_the_number_of_threads() {
        for n in [0, 1, 2, 100, 5_000] {
            let squares: Vec<usize> = (0..n).map(|i| i * i).collect();
            for threads in [1, 2, 7] {
                let threads = NonZeroUsize::new(threads).unwrap();
                assert_eq!(map(threads, n, |i| i * i), squares);
            }
        }
    }
}
