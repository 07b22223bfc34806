#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod acceptance_cloudtrail;
mod acceptance_containers;
mod acceptance_identity;
mod acceptance_okta;
mod acceptance_vault;
mod archives;
mod changing;
mod containers;
mod hostile;
mod lake;
mod packed;
mod quick;
mod real;
mod tables;
mod together;

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;

use super::coverage::{Coverage, ProblemKind, SkipReason};
use super::{Fold, Options, Progress, read};
use crate::event::{Event, Period, Provenance, Timestamp, Window};
use crate::ledger::{Decisions, Dimension, Ledger};

/// Remembers what it was given.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) events: BTreeSet<(Timestamp, String, String)>,
    pub(super) n_events: u64,
    pub(super) n_duplicates: u64,
    pub(super) citations: BTreeSet<Provenance>,
}

impl Fold for Seen {
    fn observe(&mut self, event: &Event<'_>) {
        assert_ne!(event.action.name, "s3:Panic", "asked to");
        self.events.insert((
            event.time,
            event.native_id.to_string(),
            event.action.name.to_string(),
        ));
        self.n_events += 1;
        self.citations.insert(event.provenance);
    }

    fn observe_duplicate(&mut self, event: &Event<'_>) {
        self.n_duplicates += 1;
        self.citations.insert(event.provenance);
    }
}

impl Seen {
    fn merge(&mut self, other: Self) {
        self.events.extend(other.events);
        self.n_events += other.n_events;
        self.n_duplicates += other.n_duplicates;
        self.citations.extend(other.citations);
    }
}

/// What reading comes to when it is kept in full.
#[derive(Debug)]
pub(super) struct Book {
    /// Every event as text, sorted.
    pub(super) events: Vec<String>,
    pub(super) ledger: Ledger,
    n_duplicates: u64,
}

impl Book {
    fn new() -> Self {
        Self {
            events: Vec::new(),
            ledger: Ledger::new(Period::Day),
            n_duplicates: 0,
        }
    }

    /// Reads `paths`; the ledger is decided on itself.
    pub(super) fn read(paths: &[PathBuf], options: &Options) -> (Self, Coverage) {
        let intake = read(paths, options, &|_: Progress| {}, Self::new).unwrap();
        let mut book = Self::new();
        for part in intake.folds {
            book.events.extend(part.events);
            book.ledger.merge(part.ledger);
            book.n_duplicates += part.n_duplicates;
        }
        book.events.sort();
        book.ledger.settle();
        book.ledger.coarsen(Period::Day);
        Decisions::from_history(&book.ledger).apply_to_history(&mut book.ledger);
        let coverage = intake.coverage;
        assert!(coverage.adds_up(), "{coverage:#?}");
        (book, coverage)
    }

    /// Reads a log of these lines.
    pub(super) fn of_lines<T: std::fmt::Display>(lines: &[T]) -> (Self, Coverage) {
        let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
        let sandbox = Sandbox::new().with("log", lines.join("\n") + "\n");
        Self::read(&[sandbox.path().to_owned()], &Options::default())
    }

    /// The only event.
    pub(super) fn event(&self) -> &str {
        assert_eq!(self.events.len(), 1, "{:#?}", self.events);
        &self.events[0]
    }

    /// Values of a dimension that the account with this key used.
    pub(super) fn values(&self, key: &str, dimension: Dimension) -> Vec<String> {
        let account = self.ledger.account(key).unwrap();
        let atoms = account
            .atoms
            .iter()
            .filter(|atom| atom.dimension == dimension);
        let text = |value: u32| self.ledger.strings().text(value).to_owned();
        let mut values: Vec<String> = atoms.map(|atom| text(atom.value)).collect();
        values.sort();
        values
    }

    /// Everything that it says, as text.
    pub(super) fn text(&self, coverage: &Coverage) -> String {
        format!("{self:?} {coverage:?}")
    }
}

impl Fold for Book {
    fn observe(&mut self, event: &Event<'_>) {
        self.events.push(format!("{event:?}"));
        self.ledger.observe(event);
    }

    fn observe_duplicate(&mut self, event: &Event<'_>) {
        self.n_duplicates += 1;
        self.ledger.observe_duplicate(event);
    }
}

/// A private folder of input files.
pub(super) struct Sandbox(TempDir);

impl Sandbox {
    pub(super) fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(super) fn with(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
        self
    }

    pub(super) fn read(&self) -> (Seen, Coverage) {
        read_all(&[self.path().to_owned()], &Options::default())
    }
}

/// Reads `paths` and checks that every record is accounted for.
#[track_caller]
pub(super) fn read_all(paths: &[PathBuf], options: &Options) -> (Seen, Coverage) {
    let intake = read(paths, options, &|_: Progress| {}, Seen::default).unwrap();
    let mut seen = Seen::default();
    for fold in intake.folds {
        seen.merge(fold);
    }
    let coverage = intake.coverage;
    assert!(coverage.adds_up(), "{coverage:#?}");
    let in_files: u64 = coverage.files.iter().map(|file| file.n_records).sum();
    assert_eq!(coverage.n_records, in_files);
    let hours: u64 = coverage
        .sources
        .values()
        .flat_map(|s| s.hours.values())
        .sum();
    assert_eq!(hours, seen.n_events);
    (seen, coverage)
}

/// Reads one file with `content`.
#[track_caller]
pub(super) fn read_bytes(content: impl AsRef<[u8]>) -> (Seen, Coverage) {
    Sandbox::new().with("log", content).read()
}

/// A CloudTrail record.
pub(super) fn trail(n: u32) -> String {
    format!(
        concat!(
            r#"{{"eventVersion":"1.08","userIdentity":{{"type":"IAMUser","arn":"arn:aws:iam::1:user/a"}},"#,
            r#""eventTime":"2026-11-07T0{}:00:00Z","eventSource":"s3.amazonaws.com","#,
            r#""eventName":"GetObject","requestParameters":{{"k":["a{{\"b",null,1.5]}},"#,
            r#""eventID":"5d1a2c58-0000-4000-8000-{:012x}"}}"#
        ),
        n % 10,
        n
    )
}

/// One half of a Vault exchange.
pub(super) fn vault(n: u32, half: &str) -> String {
    format!(
        r#"{{"time":"2026-11-07T09:00:00.5Z","type":"{half}","auth":{{}},"request":{{"id":"v{n}","operation":"read","path":"kv/x"}}}}"#
    )
}

pub(super) fn gzip(content: impl AsRef<[u8]>) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content.as_ref()).unwrap();
    encoder.finish().unwrap()
}

/// `text` as a JSON string.
pub(super) fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

#[track_caller]
pub(super) fn assert_skipped(coverage: &Coverage, expected: &[(SkipReason, u64)]) {
    let skipped: Vec<_> = coverage.skipped.iter().map(|(r, t)| (*r, t.n)).collect();
    assert_eq!(skipped, expected);
}

#[test]
fn result_does_not_depend_on_threads_or_order_of_arguments() {
    let mut sandbox = Sandbox::new();
    for file in 0..12_u32 {
        let lines: Vec<String> = (0..40).map(|n| trail(file * 20 + n)).collect();
        let halves = [vault(file, "request"), vault((file + 1) % 12, "response")];
        let text = format!("{}\nbroken {{\n{}\n", lines.join("\n"), halves.join("\n"));
        sandbox = sandbox.with(&format!("{file}.log"), text);
    }
    let mut paths: Vec<PathBuf> = (0..12)
        .map(|file| sandbox.path().join(format!("{file}.log")))
        .collect();
    let expected = read_all(&paths, &Options::default());
    assert_eq!(expected.0.n_events, 12 * 20 + 20 + 12);
    for threads in [2, 3, 8] {
        paths.rotate_left(5);
        let options = Options {
            threads,
            ..Options::default()
        };
        assert_eq!(read_all(&paths, &options), expected);
    }
}

#[test]
fn equal_id_with_other_content_is_a_conflict_and_both_are_used() {
    let other = trail(1).replace("GetObject", "PutObject");
    let (seen, coverage) = read_bytes(format!("{}{other}{}{other}", trail(1), trail(1)));
    assert_eq!((seen.n_events, seen.n_duplicates), (2, 2));
    assert_eq!((coverage.n_used, coverage.n_duplicate), (2, 2));
    assert_eq!(coverage.conflicts.n, 1);
    let ids: Vec<_> = coverage
        .conflicts
        .ids
        .iter()
        .map(|id| id.as_raw())
        .collect();
    assert_eq!(ids, ["5d1a2c58-0000-4000-8000-000000000001"]);
}

#[test]
fn records_without_an_id_are_told_apart_by_their_text() {
    let bare = trail(1).replace("eventID", "requestID");
    let other = trail(2)
        .replace("eventID", "requestID")
        .replace("T02", "T01");
    let spaced = bare.replace(',', ",\n  ");
    let (seen, coverage) = read_bytes(format!("{bare}\n{spaced}\n{other}"));
    assert_eq!((seen.n_events, coverage.n_duplicate), (2, 1));
}

#[test]
fn events_outside_the_span_are_counted() {
    let sandbox = Sandbox::new().with("log", format!("{}{}{}", trail(1), trail(2), trail(3)));
    let at = |hour: i64| Timestamp::from_seconds(1_794_009_600 + hour * 3600);
    let options = Options {
        span: Window {
            start: at(2),
            end: at(3),
        },
        ..Options::default()
    };
    let (seen, coverage) = read_all(&[sandbox.path().to_owned()], &options);
    assert_eq!(seen.events.first().unwrap().0, at(2));
    assert_eq!((coverage.n_used, coverage.n_out_of_window), (1, 2));
}

#[test]
fn halves_in_different_files_make_one_exchange() {
    let sandbox = Sandbox::new()
        .with(
            "a",
            format!("{}\n{}\n", vault(1, "response"), vault(2, "request")),
        )
        .with(
            "b",
            format!("{}\n{}\n", vault(1, "request"), vault(3, "request")),
        )
        .with(
            "c",
            format!("{}\n{}\n", vault(3, "request"), vault(3, "response")),
        );
    let (seen, coverage) = sandbox.read();
    assert_eq!(seen.n_events, 3);
    assert_eq!((coverage.n_used, coverage.n_duplicate), (5, 1));
    assert_eq!(coverage.n_unpaired, 2);
}

/// What one of several audit devices wrote of call `n`.
fn device(n: u32, half: &str, device: u32) -> String {
    vault(n, half)
        .replace("00.5Z", &format!("{:02}.{n:03}Z", device * 7))
        .replace(
            r#""auth":{}"#,
            &format!(r#""auth":{{"display_name":"d","accessor":"hmac-sha256:{device:016x}"}}"#),
        )
}

#[test]
fn which_of_two_devices_tells_a_call_does_not_depend_on_threads() {
    let mut sandbox = Sandbox::new();
    for of in 1..5_u32 {
        let n_calls = 400 + 30 * (of % 3);
        let lines: Vec<String> = (0..n_calls)
            .flat_map(|n| [device(n, "request", of), device(n, "response", of)])
            .collect();
        sandbox = sandbox
            .with(&format!("device{of}"), lines.join("\n"))
            .with(&format!("trail{of}"), trail(of));
    }
    let paths = [sandbox.path().to_owned()];
    let expected = read_all(&paths, &Options::default());
    assert_eq!(expected.0.n_events, 460 + 4);
    // The longest file comes first.
    let told = expected.0.events.iter();
    let by_second = told.filter(|(time, id, _)| id.starts_with('v') && time.seconds() % 60 == 14);
    assert_eq!(by_second.count(), 460);
    for threads in [2, 3, 5, 8] {
        for _ in 0..8 {
            let options = Options {
                threads,
                ..Options::default()
            };
            assert_eq!(read_all(&paths, &options), expected);
        }
    }
}

/// R-IN-1: whatever defect of ours a file lays bare.
#[test]
fn a_panic_costs_only_its_file() {
    let panics = trail(2).replace("GetObject", "Panic");
    let sandbox = Sandbox::new()
        .with("a", format!("{}{panics}{}", vault(1, "request"), trail(3)))
        .with("b", trail(4));
    let (seen, coverage) = sandbox.read_despite_panic();
    assert_eq!(seen.n_events, 2);
    assert_eq!(coverage.files[0].problems.len(), 1);
    assert!(coverage.adds_up());
}

impl Sandbox {
    fn read_despite_panic(&self) -> (Seen, Coverage) {
        let paths = [self.path().to_owned()];
        let intake = read(&paths, &Options::default(), &|_| {}, Seen::default).unwrap();
        (intake.folds.into_iter().next().unwrap(), intake.coverage)
    }
}

#[test]
fn progress_ends_at_the_total() {
    let sandbox = Sandbox::new().with("a", trail(1)).with("b", trail(2));
    let last = std::sync::Mutex::new(Progress::default());
    let watch = |progress: Progress| *last.lock().unwrap() = progress;
    read(
        &[sandbox.path().to_owned()],
        &Options::default(),
        &watch,
        Seen::default,
    )
    .unwrap();
    let last = *last.lock().unwrap();
    assert_eq!((last.n_files, last.n_bytes), (2, last.n_bytes_total));
    assert_eq!((last.n_files_total, last.n_records), (2, 2));
}

#[test]
fn a_path_that_is_missing_is_a_problem_and_the_others_are_read() {
    let sandbox = Sandbox::new().with("log", trail(1));
    let paths = [sandbox.path().join("none"), sandbox.path().join("log")];
    let (seen, coverage) = read_all(&paths, &Options::default());
    assert_eq!(seen.n_events, 1);
    assert_eq!(coverage.files[1].problems[0].kind, ProblemKind::Unreadable);
    assert!(coverage.is_incomplete());
}

#[test]
fn a_named_pipe_is_read_when_it_is_named() {
    let sandbox = Sandbox::new();
    let pipe = sandbox.path().join("pipe");
    Command::new("mkfifo").arg(&pipe).status().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| std::fs::write(&pipe, gzip(trail(1))).unwrap());
        let (seen, coverage) = read_all(std::slice::from_ref(&pipe), &Options::default());
        assert_eq!(seen.n_events, 1);
        assert_eq!(coverage.files[0].n_bytes, gzip(trail(1)).len() as u64);
    });
}

#[test]
fn a_file_that_grows_meanwhile_is_noted() {
    let sandbox = Sandbox::new().with("log", "{}".repeat(5000));
    let path = sandbox.path().join("log");
    let grow = |_: Progress| std::fs::write(&path, "{}".repeat(9000)).unwrap();
    let intake = read(
        std::slice::from_ref(&path),
        &Options::default(),
        &grow,
        Seen::default,
    )
    .unwrap();
    let kinds: Vec<_> = intake.coverage.files[0]
        .problems
        .iter()
        .map(|p| p.kind)
        .collect();
    assert!(
        kinds.contains(&ProblemKind::ChangedWhileReading),
        "{kinds:?}"
    );
}

#[test]
fn files_tell_what_they_are() {
    let record = trail(1);
    let sandbox = Sandbox::new()
        .with("a", gzip(format!("{{\"Records\":[{record}]}}")))
        .with("b", format!("[{record}]"))
        .with("c", format!("{}\n{record}", vault(1, "request")))
        .with("d", "text");
    let (_, coverage) = sandbox.read();
    let formats: Vec<_> = coverage
        .files
        .iter()
        .map(|file| file.format.as_str())
        .collect();
    let expected = [
        "CloudTrail Records, gzip",
        "CloudTrail JSON array",
        "CloudTrail and Vault JSON lines",
        "nothing usable",
    ];
    assert_eq!(formats, expected);
    let first = &coverage.files[0];
    assert_eq!(
        (first.n_records, first.n_events, first.n_skipped),
        (1, 1, 0)
    );
    assert_eq!(first.n_decoded, record.len() as u64 + 14);
    assert!(first.first.is_some() && first.first == first.last);
}
