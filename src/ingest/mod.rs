//! Bytes to events: the only place that knows a vendor's field names.
//!
//! [`read`] is the whole of it: files are found (`discover`), unpacked
//! (`decode`, `archive`), cut into candidate records (`split`) or rows (`table`), unwrapped
//! or put together to native records (`envelope`, `rebuild`), parsed (one folder
//! per product), freed of duplicates (`dedup`) and folded, several files at a
//! time. What became of every record is in the [`Coverage`].

mod archive;
mod cache;
mod checksum;
pub mod cloudtrail;
#[doc(hidden)]
pub mod compare;
pub mod coverage;
mod cursor;
mod decode;
mod dedup;
mod discover;
mod envelope;
mod fidelity;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzzing;
pub mod generic;
mod keys;
mod members;
pub mod net;
mod normal;
pub mod okta;
mod parquet;
mod prefix;
pub mod raw;
mod rebuild;
pub mod record;
mod repair;
mod retelling;
mod round;
#[cfg(test)]
pub(crate) mod sample_logs;
mod split;
mod stranger;
mod structure;
mod table;
pub mod text;
pub mod time;
mod turns;
pub mod user_agent;
pub mod vault;
mod verify;
mod worker;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context as _, anyhow};

use crate::event::{Event, Window};

pub use checksum::sha256_of;
use coverage::Coverage;
use dedup::Dedup;
use discover::Input;
pub use discover::{Listed, Selection, list};
use fidelity::Fidelity;
use generic::Mappings;
use net::Geography;
use raw::Raw;
use retelling::Retellings;
use round::Round;
use turns::Turns;
pub use verify::{DigestCheck, verify_digests};
use worker::{Idle, Spare, Worker};

/// How to read.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many files to work on at a time; at least one.
    pub threads: usize,
    /// What is too much.
    pub limits: Limits,
    /// Events outside are counted and not folded.
    pub span: Window,
    /// Which of the files that are found are read.
    pub selection: Selection,
    /// The name of the Okta organisation, which its records do not tell.
    pub okta_org: Option<String>,
    /// The name of the Vault cluster, which its records do not tell.
    pub vault_cluster: Option<String>,
    /// What the records of other products mean.
    pub mappings: Mappings,
    /// What is known about addresses beyond what the logs say.
    pub geography: Option<Arc<Geography>>,
    /// Records to keep as they were logged.
    pub raw: Option<Arc<Raw>>,
}

/// Stands for an organisation or cluster that the user did not name.
pub const UNNAMED_TENANT: &str = "default";

impl Default for Options {
    /// One thread, the default limits, all of time.
    fn default() -> Self {
        Self {
            threads: 1,
            limits: Limits::default(),
            span: Window::ALWAYS,
            selection: Selection::default(),
            okta_org: None,
            vault_cluster: None,
            mappings: Mappings::default(),
            geography: None,
            raw: None,
        }
    }
}

/// What is too much for one record or one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one record.
    pub max_record: usize,
    /// Levels of nesting of one record; at most 128.
    pub max_depth: u32,
    /// Bytes that one compressed file may unpack to.
    pub max_decoded: u64,
    /// How many times its size a compressed file may unpack to, ...
    pub max_ratio: u64,
    /// ... once it has unpacked to so many bytes.
    pub ratio_floor: u64,
    /// Vault lines that wait for their other half at a time.
    pub max_waiting: usize,
    /// Bytes of records that may wait in memory for others; beyond it they are
    /// read again.
    pub max_waiting_bytes: usize,
    /// Bytes that are read at once: more or fewer must make no difference.
    #[cfg(any(test, fuzzing))]
    pub stride: Option<std::num::NonZeroUsize>,
}

impl Default for Limits {
    /// CloudTrail records are at most 256 KB by contract, lists in Vault
    /// responses tens of megabytes at worst; real exports compress 9 to 30
    /// times.
    fn default() -> Self {
        Self {
            max_record: 16 << 20,
            max_depth: structure::MAX_DEPTH,
            max_decoded: 16 << 30,
            max_ratio: 200,
            ratio_floor: 64 << 20,
            max_waiting: vault::MAX_WAITING,
            max_waiting_bytes: 64 << 20,
            #[cfg(any(test, fuzzing))]
            stride: None,
        }
    }
}

/// Receives the events of one worker thread.
///
/// Which thread meets which event is chance, so folding must commute: the
/// merged folds may depend on the set of events only.
pub trait Fold: Send {
    /// One more event.
    fn observe(&mut self, event: &Event<'_>);

    /// An event that was observed before, by this or another fold, told by
    /// another record: only its citation may matter.
    fn observe_duplicate(&mut self, event: &Event<'_>);
}

/// What reading came to.
#[derive(Debug)]
pub struct Intake<F> {
    /// One fold per thread.
    pub folds: Vec<F>,
    /// What became of every record.
    pub coverage: Coverage,
}

/// How far reading has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Files that are done.
    pub n_files: u64,
    /// Files to read.
    pub n_files_total: u64,
    /// Bytes that are done, on disk.
    pub n_bytes: u64,
    /// Bytes to read, as far as they are known.
    pub n_bytes_total: u64,
    /// Records met.
    pub n_records: u64,
}

/// Files that are open at the same time, one per thread: with what a process
/// has open anyway, fewer than the 64 that the smallest systems allow.
const MAX_THREADS: usize = 48;

/// For each so many bytes one thread is of use, if there are fewer files: it
/// helps with a long one.
const LONG_BYTES: u64 = 8 << 20;

/// Reads every log that `paths` name and folds its events.
///
/// Problems with files and records are in the coverage; whether nothing at all
/// was recognised is for the caller to judge.
///
/// # Errors
///
/// When the machine itself fails: more than `u32::MAX` files, or a thread that
/// cannot be started.
pub fn read<F: Fold>(
    paths: &[PathBuf],
    options: &Options,
    progress: &(dyn Fn(Progress) + Sync),
    make: impl Fn() -> F,
) -> anyhow::Result<Intake<F>> {
    let found = discover::discover(paths, &options.selection);
    u32::try_from(found.inputs.len()).context("counting the files to read")?;
    let run = Run::new(found.inputs, options, progress);
    let idle = Idle::default();
    for _ in 0..run.n_threads() {
        idle.give(Spare::new(make()));
    }
    let mut n_before = 0;
    for fidelity in Fidelity::ROUNDS {
        let round = run.begin_round(fidelity, run.n_threads(), n_before);
        n_before += round.len();
        read_round(&run, &round, &idle)?;
    }
    let mut intake = worker::merge(&run, idle.take(usize::MAX));
    for (reason, tally) in found.passed_over {
        let total = intake.coverage.passed_over.entry(reason).or_default();
        total.merge(tally);
    }
    intake.coverage.conflicts = run.dedup.into_conflicts();
    Ok(intake)
}

/// Lets those that are `idle` read the files of one round, one thread for each
/// as long as there are files. This thread is one of them: the memory that a
/// thread of its own gives back, no other would take again.
fn read_round<'r, F: Fold>(
    run: &'r Run<'r>,
    round: &Round,
    idle: &'r Idle<F>,
) -> anyhow::Result<()> {
    if round.len() == 0 {
        return Ok(());
    }
    let read = |thread: usize, spare: Spare<F>| {
        let mut worker = Worker::new(run, idle, spare);
        while let Some((position, file)) = round.next_file(thread) {
            worker.read_file(round.fidelity, position, file);
        }
        idle.give(worker.into_spare());
    };
    let failed = |_| anyhow!("a reading thread failed");
    let mut spares = idle.take(round.len());
    let own = spares.pop();
    std::thread::scope(|scope| {
        let mut handles = Vec::new();
        for (thread, spare) in spares.into_iter().enumerate() {
            let handle = std::thread::Builder::new()
                .spawn_scoped(scope, move || read(thread, spare))
                .context("starting a thread")?;
            handles.push(handle);
        }
        let thread = handles.len();
        let own = own.map(|spare| catch_unwind(AssertUnwindSafe(|| read(thread, spare))));
        for handle in handles {
            handle.join().map_err(failed)?;
        }
        own.transpose().map_err(failed)?;
        Ok(())
    })
}

/// What all threads of one run share.
struct Run<'r> {
    options: &'r Options,
    inputs: Vec<Input>,
    /// Files that hold something for a later round.
    deferred: Mutex<BTreeSet<(Fidelity, u32)>>,
    dedup: Dedup,
    retellings: Retellings,
    /// Files by position in the queue: whose Vault calls may be used.
    turns: Turns,
    n_bytes_total: u64,
    progress: &'r (dyn Fn(Progress) + Sync),
    n_files: AtomicU64,
    n_bytes: AtomicU64,
    n_records: AtomicU64,
}

impl<'r> Run<'r> {
    fn new(
        inputs: Vec<Input>,
        options: &'r Options,
        progress: &'r (dyn Fn(Progress) + Sync),
    ) -> Self {
        let every = (0_u32..).take(inputs.len());
        let deferred = every.map(|file| (Fidelity::default(), file)).collect();
        let sizes = inputs.iter().map(|input| input.n_bytes);
        Self {
            n_bytes_total: sizes.fold(0, u64::saturating_add),
            options,
            inputs,
            deferred: Mutex::new(deferred),
            dedup: Dedup::new(),
            retellings: Retellings::new(options.limits.max_waiting_bytes),
            turns: Turns::default(),
            progress,
            n_files: AtomicU64::new(0),
            n_bytes: AtomicU64::new(0),
            n_records: AtomicU64::new(0),
        }
    }

    /// How many threads read: those that have a file, or can help with a long
    /// one.
    fn n_threads(&self) -> usize {
        let n_threads = self.options.threads.clamp(1, MAX_THREADS);
        #[cfg(any(test, fuzzing))]
        if self.options.limits.stride.is_some() {
            return n_threads;
        }
        // Nobody knows how much comes through a pipe.
        if self.inputs.iter().any(|input| input.n_bytes == 0) {
            return n_threads;
        }
        let n_long = usize::try_from(self.n_bytes_total / LONG_BYTES).unwrap_or(usize::MAX);
        n_threads.min(self.inputs.len().max(n_long).max(1))
    }

    /// The round that reads everything of this `fidelity`.
    fn begin_round(&self, fidelity: Fidelity, n_threads: usize, n_before: usize) -> Round {
        let deferred = self.deferred();
        let files = deferred.iter().filter(|(due, _)| *due == fidelity);
        let files: Vec<(u32, &Input)> = files
            .filter_map(|(_, file)| Some((*file, self.input(*file)?)))
            .collect();
        Round::new(fidelity, &files, n_threads, n_before)
    }

    /// Leaves what `file` holds of this `fidelity` to a later round.
    fn defer(&self, fidelity: Fidelity, file: u32) {
        self.deferred().insert((fidelity, file));
    }

    fn deferred(&self) -> MutexGuard<'_, BTreeSet<(Fidelity, u32)>> {
        self.deferred.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn input(&self, file: u32) -> Option<&Input> {
        self.inputs.get(usize::try_from(file).ok()?)
    }

    /// Tells whoever watches that so much more was done.
    fn advance(&self, n_files: u64, n_bytes: u64, n_records: u64) {
        let add = |total: &AtomicU64, n: u64| total.fetch_add(n, Ordering::Relaxed) + n;
        (self.progress)(Progress {
            n_files: add(&self.n_files, n_files),
            n_files_total: self.inputs.len() as u64,
            n_bytes: add(&self.n_bytes, n_bytes),
            n_bytes_total: self.n_bytes_total,
            n_records: add(&self.n_records, n_records),
        });
    }
}

#[cfg(test)]
mod tests;
