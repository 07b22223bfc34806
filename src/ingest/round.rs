//! The order in which the files of one round are read.
//!
//! Files that CloudTrail delivered tell in their names whose and from when they
//! are. They are read in the order of their paths, each thread in a stretch of
//! its own: so a thread meets the same few identities again and again, finds what
//! it remembers of them at hand, and keeps what the others need not keep. All
//! other files come before them, largest first, so that no long file begins last.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::discover::Input;
use super::fidelity::Fidelity;

/// The files that are read in one round.
pub(super) struct Round {
    pub(super) fidelity: Fidelity,
    /// Numbers of the files.
    queue: Vec<u32>,
    /// Stretches of the queue: the first for everybody, then one per thread.
    stretches: Vec<Stretch>,
    /// How many files were in the queues of earlier rounds.
    n_before: usize,
}

/// A part of a queue.
struct Stretch {
    next: AtomicUsize,
    end: usize,
}

impl Round {
    /// The round of `n_threads` that reads `files`, which come in the order of
    /// their paths. Each of them is a number and what it stands for.
    pub(super) fn new(
        fidelity: Fidelity,
        files: &[(u32, &Input)],
        n_threads: usize,
        n_before: usize,
    ) -> Self {
        let files = files.iter().copied();
        let (delivered, mut others): (Vec<_>, Vec<_>) =
            files.partition(|(_, input)| input.is_delivered());
        others.sort_by_key(|(_, input)| std::cmp::Reverse(input.n_bytes));
        let mut stretches = vec![Stretch::new(0, others.len())];
        for end in ends_of(&delivered, n_threads) {
            let from = stretches.last().map_or(0, |stretch| stretch.end);
            stretches.push(Stretch::new(from, others.len().saturating_add(end)));
        }
        let queue = others.into_iter().chain(delivered);
        Self {
            fidelity,
            queue: queue.map(|(file, _)| file).collect(),
            stretches,
            n_before,
        }
    }

    /// How many files are read.
    pub(super) fn len(&self) -> usize {
        self.queue.len()
    }

    /// The next file for a thread, after its position in the queues of all
    /// rounds. Who has read its own stretch helps with the others'.
    ///
    /// A file may have to wait for those before it (see [`super::turns`]). Of
    /// these, whatever is not begun is in the stretch of a thread that is busy
    /// with an earlier one; so somebody can always go on.
    pub(super) fn next_file(&self, thread: usize) -> Option<(usize, u32)> {
        let (shared, own) = self.stretches.split_first()?;
        let (before, after) = own.split_at_checked(thread).unwrap_or((own, &[]));
        let mut stretches = std::iter::once(shared).chain(after).chain(before);
        let at = stretches.find_map(Stretch::take)?;
        Some((self.n_before + at, self.queue.get(at).copied()?))
    }
}

impl Stretch {
    fn new(from: usize, end: usize) -> Self {
        Self {
            next: AtomicUsize::new(from),
            end,
        }
    }

    fn take(&self) -> Option<usize> {
        let at = self.next.fetch_add(1, Ordering::Relaxed);
        (at < self.end).then_some(at)
    }
}

/// Where `n` stretches of `files` end that hold about as many bytes each.
fn ends_of(files: &[(u32, &Input)], n: usize) -> Vec<usize> {
    let mut total = 0_u64;
    let mut before = Vec::with_capacity(files.len());
    for (_, input) in files {
        before.push(total);
        total = total.saturating_add(input.n_bytes);
    }
    let share = total / u64::try_from(n).unwrap_or(u64::MAX).max(1);
    let ends = (1..).map(|nth| before.partition_point(|bytes| *bytes < share.saturating_mul(nth)));
    let ends = ends.take(n.saturating_sub(1));
    ends.chain([files.len()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::discover::InputKind;

    fn input(name: &str, n_bytes: u64) -> Input {
        Input {
            path: name.into(),
            kind: InputKind::Found,
            n_bytes,
        }
    }

    fn inputs() -> Vec<Input> {
        let delivered = (0..40_u64).map(|day| {
            let name = format!("111122223333_CloudTrail_eu-west-1_202611{day:02}T1805Z_x.json.gz");
            input(&name, 10 + day)
        });
        let days = delivered.filter(Input::is_delivered);
        let others = [input("okta.json", 5), input("vault.log", 900)];
        days.chain(others).collect()
    }

    fn order(n_threads: usize, calls: impl Iterator<Item = usize>) -> Vec<(usize, u32)> {
        let inputs = inputs();
        let files: Vec<(u32, &Input)> = (0..).zip(&inputs).collect();
        let round = Round::new(Fidelity::Original, &files, n_threads, 100);
        assert_eq!(round.len(), inputs.len());
        calls.filter_map(|thread| round.next_file(thread)).collect()
    }

    #[test]
    fn one_thread_reads_what_was_delivered_last_and_by_path() {
        let n = u32::try_from(inputs().len()).unwrap_or_default();
        let files = [n - 1, n - 2].into_iter().chain(0..n - 2);
        let expected: Vec<(usize, u32)> = (100..).zip(files).collect();
        assert_eq!(order(1, std::iter::repeat_n(0, 200)), expected);
    }

    #[test]
    fn every_file_is_read_once_whoever_is_faster() {
        for n_threads in [1, 2, 3, 50] {
            for pattern in [vec![0], vec![0, 1], vec![1, 1, 2, 0], vec![49, 3]] {
                let calls = pattern.iter().cycle().map(|thread| thread % n_threads);
                let mut read = order(n_threads, calls.take(20_000));
                read.sort_unstable();
                let positions: Vec<usize> = read.iter().map(|(at, _)| *at).collect();
                assert_eq!(positions, (100..100 + inputs().len()).collect::<Vec<_>>());
                read.sort_unstable_by_key(|(_, file)| *file);
                read.dedup_by_key(|(_, file)| *file);
                assert_eq!(read.len(), positions.len());
            }
        }
    }

    #[test]
    fn each_thread_begins_with_its_own_share() {
        // What all share first, then one each.
        let read = order(2, [0, 1, 0, 1].into_iter());
        let files: Vec<u32> = read.iter().map(|(_, file)| *file).collect();
        let n = u32::try_from(inputs().len()).unwrap_or_default();
        assert_eq!(files.get(..3), Some(&[n - 1, n - 2, 0][..]));
        assert!(
            files
                .get(3)
                .is_some_and(|own| (n / 3..n * 2 / 3).contains(own))
        );
    }
}
