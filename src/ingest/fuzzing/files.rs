//! Whole files, on the way that every file goes.

use std::io::Write;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::NamedTempFile;

use super::check;
use crate::event::{Event, Provenance};
use crate::ingest::coverage::Coverage;
use crate::ingest::{Fold, Limits, Options, Progress, read};

/// How many bytes are read at once, beside all there are.
const STRIDES: [usize; 6] = [1, 2, 3, 7, 64, 1021];

/// Where files are in memory.
const MEMORY: &str = "/dev/shm";

/// Reads `bytes` as one file, at once and little by little.
///
/// # Panics
///
/// When the two come to something else, when an account does not add up, or
/// when an event cannot be.
pub fn file(bytes: &[u8]) {
    let Some(file) = in_memory(bytes) else {
        return;
    };
    let paths = [file.path().to_owned()];
    let whole = Reading::of(&paths, None);
    let again = Reading::of(&paths, stride_of(bytes));
    if !whole.is_exhausted() && !again.is_exhausted() {
        assert_same(&whole, &again);
    }
}

/// Reads `bytes` once alone and once beside a copy.
///
/// # Panics
///
/// When the copy has an effect, and as [`file`].
pub fn copied(bytes: &[u8]) {
    let (Some(one), Some(two)) = (in_memory(bytes), in_memory(bytes)) else {
        return;
    };
    let paths = [one.path().to_owned(), two.path().to_owned()];
    let alone = Reading::of(paths.get(..1).unwrap_or_default(), None);
    let both = Reading::of(&paths, None);
    assert_eq!(alone.events_anywhere(), both.events_anywhere());
    let (alone, both) = (&alone.coverage, &both.coverage);
    assert_eq!(alone.n_records.saturating_mul(2), both.n_records);
    assert_eq!(alone.n_skipped().saturating_mul(2), both.n_skipped());
    assert_eq!(alone.n_used, both.n_used);
}

/// Reads `bytes` once as they are and once packed.
///
/// # Panics
///
/// When packing has an effect, and as [`file`].
pub fn packed(bytes: &[u8]) {
    let (Some(plain), Some(packed)) = (in_memory(bytes), in_memory(&gzip(bytes))) else {
        return;
    };
    let plain = Reading::of(&[plain.path().to_owned()], None);
    let packed = Reading::of(&[packed.path().to_owned()], stride_of(bytes));
    // One layer more may be one too many, and other formats are not looked for
    // in compressed ones.
    if plain.has_problems() || packed.has_problems() {
        return;
    }
    assert_eq!(plain.events, packed.events);
    assert_eq!(plain.coverage.n_used, packed.coverage.n_used);
    assert_eq!(plain.coverage.skipped, packed.coverage.skipped);
}

/// A gzip file, some of them of two members.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let (first, second) = bytes.split_at(bytes.len() / 2);
    let pack = |part: &[u8]| {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(part).and_then(|()| gzip.finish())
    };
    [first, second]
        .map(|part| pack(part).unwrap_or_default())
        .concat()
}

/// A file with this content.
fn in_memory(bytes: &[u8]) -> Option<NamedTempFile> {
    let memory = Path::new(MEMORY);
    let mut file = if memory.is_dir() {
        NamedTempFile::new_in(memory)
    } else {
        NamedTempFile::new()
    }
    .ok()?;
    file.write_all(bytes).ok()?;
    // Empty files are passed over when they are found.
    (!bytes.is_empty()).then_some(file)
}

/// A stride that depends on nothing but the content.
fn stride_of(bytes: &[u8]) -> Option<NonZeroUsize> {
    let sum = bytes.iter().fold(bytes.len(), |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(usize::from(*byte))
    });
    let stride = STRIDES.get(sum % STRIDES.len()).copied();
    stride.and_then(NonZeroUsize::new)
}

/// Little enough that small inputs meet every limit.
fn options(stride: Option<NonZeroUsize>) -> Options {
    Options {
        limits: Limits {
            max_record: 4096,
            max_decoded: 1 << 20,
            max_ratio: 100,
            ratio_floor: 64 << 10,
            stride,
            ..Limits::default()
        },
        ..Options::default()
    }
}

/// What reading came to.
#[derive(Debug, PartialEq, Eq)]
struct Reading {
    events: Vec<String>,
    duplicates: Vec<String>,
    /// The events without where they were found.
    contents: Vec<String>,
    coverage: Coverage,
}

impl Reading {
    fn of(paths: &[PathBuf], stride: Option<NonZeroUsize>) -> Self {
        let options = options(stride);
        let intake = read(paths, &options, &|_: Progress| {}, Seen::default);
        assert!(intake.is_ok(), "the machine failed");
        let (seen, mut coverage) = intake.map_or_else(
            |_| (Seen::default(), Coverage::default()),
            |intake| {
                let seen = intake.folds.into_iter().next().unwrap_or_default();
                (seen, intake.coverage)
            },
        );
        check::coverage(&coverage);
        for file in &mut coverage.files {
            file.path = Default::default();
        }
        Self {
            events: sorted(seen.events),
            duplicates: sorted(seen.duplicates),
            contents: sorted(seen.contents),
            coverage,
        }
    }

    fn events_anywhere(&self) -> &[String] {
        &self.contents
    }

    fn is_exhausted(&self) -> bool {
        check::is_exhausted(&self.coverage)
    }

    fn has_problems(&self) -> bool {
        let mut files = self.coverage.files.iter();
        files.any(|file| !file.problems.is_empty())
    }
}

fn assert_same(one: &Reading, other: &Reading) {
    assert_eq!(one.events, other.events);
    assert_eq!(one.duplicates, other.duplicates);
    assert_eq!(one.coverage, other.coverage);
}

fn sorted(mut texts: Vec<String>) -> Vec<String> {
    texts.sort_unstable();
    texts
}

/// Remembers every event in full.
#[derive(Debug, Default)]
struct Seen {
    events: Vec<String>,
    duplicates: Vec<String>,
    contents: Vec<String>,
}

impl Fold for Seen {
    fn observe(&mut self, event: &Event<'_>) {
        check::event(event);
        self.events.push(format!("{event:?}"));
        let mut event = event.clone();
        event.provenance = Provenance::default();
        self.contents.push(format!("{event:?}"));
    }

    fn observe_duplicate(&mut self, event: &Event<'_>) {
        check::event(event);
        self.duplicates.push(format!("{event:?}"));
    }
}
