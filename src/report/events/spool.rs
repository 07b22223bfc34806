//! Spools: the events of one thread, sorted in runs that go to disk when they
//! grow large, so that memory does not follow the size of the logs.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::Context as _;

use super::line::{Line, body_of};
use crate::event::{Event, Provenance};

/// Bytes of events that one thread keeps in memory.
const MAX_KEPT: usize = 32 << 20;

/// Bytes of a run that are read at a time.
const READ_BYTES: usize = 64 << 10;

/// Repeats of one event whose records are remembered while it is not known
/// how often it is to be written.
const MAX_REPEATS: usize = 1024;

/// The events of one thread.
#[derive(Debug)]
pub struct Spool {
    /// Where runs go that are too large for memory.
    folder: PathBuf,
    kept: Vec<Entry>,
    n_kept: usize,
    file: Option<File>,
    /// The runs in the file: first byte, and first byte after.
    runs: Vec<(u64, u64)>,
    error: Option<anyhow::Error>,
    max_kept: usize,
}

/// One telling of an event. Entries are in the order of the dump.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    micros: i64,
    body: String,
    origin: Provenance,
    /// Another record told it before.
    is_repeat: bool,
}

impl Spool {
    /// A spool that puts what it cannot keep in memory into `folder`, in files
    /// without a name.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self::keeping(folder, MAX_KEPT)
    }

    pub(super) fn keeping(folder: &Path, max_kept: usize) -> Self {
        Self {
            folder: folder.to_owned(),
            kept: Vec::new(),
            n_kept: 0,
            file: None,
            runs: Vec::new(),
            error: None,
            max_kept,
        }
    }

    /// Adds an event.
    pub fn add(&mut self, event: &Event<'_>) {
        self.add_telling(event, false);
    }

    /// Adds another record's telling of an event that was added to this or
    /// another spool.
    pub fn add_repeat(&mut self, event: &Event<'_>) {
        self.add_telling(event, true);
    }

    /// After an error nothing is kept: there will be no dump.
    fn add_telling(&mut self, event: &Event<'_>, is_repeat: bool) {
        if self.error.is_none()
            && let Err(error) = self.try_add(event, is_repeat)
        {
            self.error = Some(error);
            self.kept = Vec::new();
        }
    }

    fn try_add(&mut self, event: &Event<'_>, is_repeat: bool) -> anyhow::Result<()> {
        let entry = Entry {
            micros: event.time.micros(),
            body: body_of(event)?,
            origin: event.provenance,
            is_repeat,
        };
        let n_bytes = entry.body.len().saturating_add(size_of::<Entry>());
        self.n_kept = self.n_kept.saturating_add(n_bytes);
        self.kept.push(entry);
        if self.n_kept > self.max_kept {
            self.spill().context("keeping the events of the dump")?;
        }
        Ok(())
    }

    /// Writes what is in memory to the disk, as one more run.
    fn spill(&mut self) -> anyhow::Result<()> {
        self.kept.sort_unstable();
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(tempfile::tempfile_in(&self.folder)?),
        };
        let start = self.runs.last().map_or(0, |(_, end)| *end);
        let mut end = start;
        let mut bytes = Vec::with_capacity(READ_BYTES);
        for entry in self.kept.drain(..) {
            entry.encode(&mut bytes)?;
            if bytes.len() >= READ_BYTES {
                end = end.saturating_add(bytes.len() as u64);
                file.write_all(&bytes)?;
                bytes.clear();
            }
        }
        end = end.saturating_add(bytes.len() as u64);
        file.write_all(&bytes)?;
        self.runs.push((start, end));
        self.n_kept = 0;
        Ok(())
    }

    /// All runs of the spool.
    fn into_runs(mut self) -> anyhow::Result<Vec<Run>> {
        if let Some(error) = self.error {
            return Err(error);
        }
        self.kept.sort_unstable();
        let mut runs = vec![Run::Kept(self.kept.into())];
        if let Some(file) = self.file {
            let file = Rc::new(file);
            runs.extend(self.runs.iter().map(|(start, end)| {
                Run::Spilt(Spilt {
                    file: Rc::clone(&file),
                    at: *start,
                    end: *end,
                    bytes: VecDeque::new(),
                })
            }));
        }
        Ok(runs)
    }
}

/// Gives the events of all `spools` to `take`, in order.
pub(super) fn merge(
    spools: Vec<Spool>,
    take: &mut dyn FnMut(&Line<'_>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut runs = Vec::new();
    for spool in spools {
        runs.extend(spool.into_runs()?);
    }
    let mut heads = BinaryHeap::new();
    for (at, run) in runs.iter_mut().enumerate() {
        heads.extend(run.next()?.map(|entry| Reverse((entry, at))));
    }
    let mut group = Group::default();
    while let Some(Reverse((entry, at))) = heads.pop() {
        if let Some(run) = runs.get_mut(at) {
            heads.extend(run.next()?.map(|entry| Reverse((entry, at))));
        }
        group.add(entry, take)?;
    }
    Ok(())
}

/// Tellings of the same: as many events as were no repeats, told by the first
/// of their records.
#[derive(Default)]
struct Group {
    micros: i64,
    body: String,
    origins: VecDeque<Provenance>,
}

impl Group {
    fn add(
        &mut self,
        entry: Entry,
        take: &mut dyn FnMut(&Line<'_>) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        if (self.micros, &self.body) != (entry.micros, &entry.body) {
            self.micros = entry.micros;
            self.body = entry.body;
            self.origins.clear();
        }
        if self.origins.len() < MAX_REPEATS {
            self.origins.push_back(entry.origin);
        }
        if !entry.is_repeat
            && let Some(origin) = self.origins.pop_front()
        {
            let body = &self.body;
            take(&Line { body, origin })?;
        }
        Ok(())
    }
}

/// Sorted entries.
enum Run {
    Kept(VecDeque<Entry>),
    Spilt(Spilt),
}

impl Run {
    fn next(&mut self) -> anyhow::Result<Option<Entry>> {
        match self {
            Self::Kept(entries) => Ok(entries.pop_front()),
            Self::Spilt(run) => run.next().context("reading back the events of the dump"),
        }
    }
}

/// A run on disk. All runs of a spool share its file, so each finds its place
/// again.
struct Spilt {
    file: Rc<File>,
    at: u64,
    end: u64,
    bytes: VecDeque<u8>,
}

impl Spilt {
    fn next(&mut self) -> anyhow::Result<Option<Entry>> {
        if self.bytes.is_empty() && self.at >= self.end {
            return Ok(None);
        }
        let head = self.take(HEAD_BYTES)?;
        let (entry, n) = Entry::decode(&head).context("a damaged run")?;
        let body = self.take(n)?;
        let body = String::from_utf8(body)?;
        Ok(Some(Entry { body, ..entry }))
    }

    fn take(&mut self, n: usize) -> anyhow::Result<Vec<u8>> {
        while self.bytes.len() < n {
            let wanted = READ_BYTES.max(n) as u64;
            let wanted = wanted.min(self.end.saturating_sub(self.at));
            let mut more = Vec::new();
            let mut file = &*self.file;
            file.seek(SeekFrom::Start(self.at))?;
            file.take(wanted).read_to_end(&mut more)?;
            anyhow::ensure!(!more.is_empty(), "a run ends early");
            self.at = self.at.saturating_add(more.len() as u64);
            self.bytes.extend(more);
        }
        Ok(self.bytes.drain(..n).collect())
    }
}

/// Time, file, record, repeat, length of the body.
const HEAD_BYTES: usize = 8 + 4 + 4 + 1 + 4;

impl Entry {
    fn encode(&self, out: &mut Vec<u8>) -> anyhow::Result<()> {
        let n = u32::try_from(self.body.len()).context("an event of more than 4 GiB")?;
        out.extend_from_slice(&self.micros.to_le_bytes());
        out.extend_from_slice(&self.origin.file.to_le_bytes());
        out.extend_from_slice(&self.origin.record.to_le_bytes());
        out.push(self.is_repeat.into());
        out.extend_from_slice(&n.to_le_bytes());
        out.extend_from_slice(self.body.as_bytes());
        Ok(())
    }

    /// The entry that begins with `head`, without its body, and the length of
    /// that.
    fn decode(head: &[u8]) -> Option<(Self, usize)> {
        let (micros, head) = head.split_first_chunk()?;
        let (file, head) = head.split_first_chunk()?;
        let (record, head) = head.split_first_chunk()?;
        let (is_repeat, head) = head.split_first()?;
        let (n, _) = head.split_first_chunk()?;
        let entry = Self {
            micros: i64::from_le_bytes(*micros),
            body: String::new(),
            origin: Provenance {
                file: u32::from_le_bytes(*file),
                record: u32::from_le_bytes(*record),
            },
            is_repeat: *is_repeat != 0,
        };
        Some((entry, usize::try_from(u32::from_le_bytes(*n)).ok()?))
    }
}
