//! The file a worker is reading.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::time::SystemTime;

use crate::event::{Flags, Provenance, Source, Untrusted};
use crate::ingest::coverage::{
    FileCoverage, FileProblem, Member, ProblemKind, Sample, SkipReason, Tally,
};
use crate::ingest::decode::Tracker;
use crate::ingest::fidelity::Fidelity;
use crate::ingest::prefix::Partials;
use crate::ingest::split::Shape;
use crate::ingest::stranger;
use crate::ingest::vault::{Exchange, Pairing};

/// What is known of the file so far. It survives a panic in the middle.
#[derive(Debug, Default)]
pub(super) struct OpenFile {
    /// [`Provenance::file`].
    pub(super) number: u32,
    /// Position in the queues of all rounds.
    pub(super) position: usize,
    /// The round it is read in.
    pub(super) round: Fidelity,
    /// Whether it can be read again in a later round.
    pub(super) can_wait: bool,
    /// Flags of every event that is read at the moment.
    pub(super) flags: Flags,
    pub(super) coverage: FileCoverage,
    /// Offset of the current piece in the decoded text.
    pub(super) offset: u64,
    /// What is around the current text, outermost first: `gzip`, `tar`.
    pub(super) layers: Vec<&'static str>,
    /// What is known of the current text.
    pub(super) text: OpenText,
    /// Members of archives that were met.
    pub(super) n_members: u32,
    /// Members whose data cannot be had.
    pub(super) n_sealed: u32,
    /// What was packed inside of its records.
    pub(super) packed: PackedData,
    pub(super) pairing: Pairing,
    /// Vault halves offered and not paired.
    pub(super) n_waiting: u64,
    /// Vault calls that wait for the file's turn.
    pub(super) held: Vec<Exchange>,
    /// Whether the turn has come.
    pub(super) has_turn: bool,
    /// Bytes and records that the watcher knows of, in the round in which the
    /// watcher is told of the file.
    pub(super) reported: Option<(u64, u64)>,
    /// Number of the last record or text line.
    n_numbered: u32,
    n_problems: u64,
    sources: BTreeSet<Source>,
    /// What the mappings that read it are called.
    mappings: BTreeSet<String>,
    /// Later rounds that it holds something for.
    deferred: BTreeSet<Fidelity>,
    /// Lines without records, of texts that hold logs: they are skipped records.
    lines: BTreeMap<SkipReason, Tally>,
    /// The first text with a known record: its container, and what is around.
    format: Option<(String, Vec<&'static str>)>,
    /// The archives that are open, outermost first.
    archives: Vec<OpenArchive>,
}

/// The packed data inside of the records of one file.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PackedData {
    n_packed: u64,
    n_unpacked: u64,
}

/// How many times its size all packed data of a file may unpack to, beyond what
/// is always allowed. Log subscriptions, in base64, unpack to 6 to 12 times.
const MAX_PACKED_RATIO: u64 = 24;

impl PackedData {
    /// What `n` more bytes of it may unpack to, where `floor` bytes of a file are
    /// always allowed.
    pub(super) fn room_for(&mut self, n: usize, floor: u64) -> usize {
        self.n_packed = self.n_packed.saturating_add(n as u64);
        let most = self.n_packed.saturating_mul(MAX_PACKED_RATIO);
        let room = most.saturating_add(floor).saturating_sub(self.n_unpacked);
        usize::try_from(room).unwrap_or(usize::MAX)
    }

    /// It unpacked to `n` bytes.
    pub(super) fn note(&mut self, n: usize) {
        self.n_unpacked = self.n_unpacked.saturating_add(n as u64);
    }
}

/// An archive that is being read.
#[derive(Debug)]
struct OpenArchive {
    /// How many layers are around its members.
    n_layers: usize,
    /// The name of the current member.
    member: String,
}

/// The text that is being read: all of a file, or of a member of an archive.
#[derive(Debug, Default)]
pub(super) struct OpenText {
    pub(super) shape: Shape,
    /// What kind of table it is; empty if it is none.
    pub(super) container: String,
    /// The columns of a table that is not known.
    pub(super) header: String,
    /// What the first record is that is not known.
    pub(super) stranger: String,
    /// Beginnings of lines of text that go on.
    pub(super) partials: Partials,
    /// Whether anything in it was of a known kind.
    is_recognised: bool,
    /// Lines without records: records that are skipped if it holds logs, and no
    /// records at all if it does not.
    lines: BTreeMap<SkipReason, Tally>,
    /// What the file had before it.
    n_records: u64,
    n_numbered: u32,
    n_problems: u64,
}

/// Problems that are told of one file; an archive may have one per member.
const MAX_PROBLEMS: u64 = 50;

impl OpenFile {
    /// The file `number`, unread in this `round`.
    pub(super) fn new(round: Fidelity, position: usize, number: u32) -> Self {
        Self {
            number,
            position,
            round,
            // It is read once more because there is something in it.
            text: OpenText {
                is_recognised: round == Fidelity::Retold,
                ..OpenText::default()
            },
            reported: (round == Fidelity::Original).then_some((0, 0)),
            ..Self::default()
        }
    }

    /// Notes a problem with the file as a whole, or with the current member.
    pub(super) fn note(&mut self, kind: ProblemKind, detail: &str) {
        self.n_problems = self.n_problems.saturating_add(1);
        let detail = match self.n_problems.cmp(&MAX_PROBLEMS) {
            Ordering::Less if self.archives.is_empty() => detail.to_owned(),
            Ordering::Less => format!("{}: {detail}", self.current_member()),
            Ordering::Equal => "and other problems of its members".to_owned(),
            Ordering::Greater => return,
        };
        self.coverage.problems.push(FileProblem {
            kind,
            detail: Untrusted::from(detail),
        });
    }

    /// Takes note of the record `text` if it is the first and not known.
    pub(super) fn note_stranger(&mut self, text: &str) {
        if !self.text.is_recognised && self.text.stranger.is_empty() {
            self.text.stranger = stranger::describe(text);
        }
    }

    /// Takes over what the layers noted.
    fn take_problems(&mut self, tracker: &Tracker) {
        for problem in tracker.take_problems() {
            self.note(problem.kind, problem.detail.as_raw());
        }
    }

    /// Begins an archive, unless it is inside as many as are opened at all.
    pub(super) fn open_archive(&mut self, format: &'static str, max_depth: usize) -> bool {
        if self.archives.len() >= max_depth {
            return false;
        }
        self.layers.push(format);
        self.archives.push(OpenArchive {
            n_layers: self.layers.len(),
            member: String::new(),
        });
        true
    }

    /// Ends the innermost archive.
    pub(super) fn close_archive(&mut self) {
        self.archives.pop();
    }

    /// Begins a member of the innermost archive.
    pub(super) fn begin_member(&mut self, name: &str, tracker: &Tracker) {
        self.take_problems(tracker);
        if let Some(archive) = self.archives.last_mut() {
            name.clone_into(&mut archive.member);
        }
        self.begin_text();
    }

    /// Ends the current member of the innermost archive.
    pub(super) fn end_member(&mut self, tracker: &Tracker) {
        self.end_text(tracker);
        if self.text.n_numbered < self.n_numbered {
            self.coverage.members.push(Member {
                name: self.current_member().into(),
                first_record: self.text.n_numbered.saturating_add(1),
            });
        }
        if let Some(archive) = self.archives.last_mut() {
            archive.member.clear();
            self.layers.truncate(archive.n_layers);
        }
        self.begin_text();
    }

    /// The current member, and the archives inside the file that it is in.
    fn current_member(&self) -> String {
        let names = self.archives.iter().map(|archive| archive.member.as_str());
        let names: Vec<&str> = names.filter(|name| !name.is_empty()).collect();
        names.join("!")
    }

    /// What the member `name` of the innermost archive is called in the file.
    pub(super) fn member_path(&self, name: &str) -> String {
        let archives = self.current_member();
        if archives.is_empty() {
            return name.to_owned();
        }
        format!("{archives}!{name}")
    }

    /// Whether a record of this `fidelity` is to be used now. If not, it keeps
    /// its number and is used, or was, in another round.
    pub(super) fn is_due(&mut self, fidelity: Fidelity) -> bool {
        if fidelity == self.round || fidelity > self.round && !self.can_wait {
            return true;
        }
        if fidelity > self.round {
            self.leave_to(fidelity);
        } else {
            self.pass_over(1);
        }
        false
    }

    /// Whether the file, all of whose records have this `fidelity`, has no
    /// business in this round.
    pub(super) fn waits_for(&mut self, fidelity: Fidelity) -> bool {
        let is_late = fidelity > self.round && !self.can_wait;
        if fidelity == self.round || self.round == Fidelity::Retold || is_late {
            return false;
        }
        if fidelity > self.round {
            self.defer(fidelity);
        }
        true
    }

    /// Leaves a record to a later round.
    pub(super) fn leave_to(&mut self, round: Fidelity) {
        self.pass_over(1);
        self.text.is_recognised = true;
        self.deferred.insert(round);
    }

    /// Passes over `n` records of another round or thread, which keep their
    /// numbers.
    pub(super) fn pass_over(&mut self, n: u32) {
        self.n_numbered = self.n_numbered.saturating_add(n);
    }

    /// The same file, for who reads on ahead.
    pub(super) fn ahead(&self) -> Self {
        Self {
            number: self.number,
            position: self.position,
            round: self.round,
            can_wait: self.can_wait,
            n_numbered: self.n_numbered,
            ..Self::default()
        }
    }

    /// Goes on behind what was read ahead.
    pub(super) fn join(&mut self, ahead: Self) {
        self.offset = ahead.offset;
        self.n_numbered = ahead.n_numbered;
        self.n_problems = self.n_problems.saturating_add(ahead.n_problems);
        self.text.is_recognised |= ahead.text.is_recognised;
        self.coverage.merge(ahead.coverage);
        self.sources.extend(ahead.sources);
        self.deferred.extend(ahead.deferred);
    }

    /// Leaves all of it to a later round.
    pub(super) fn defer(&mut self, fidelity: Fidelity) {
        self.deferred.insert(fidelity);
        self.reported = None;
    }

    /// Takes out the later rounds that the file holds something for.
    pub(super) fn take_deferred(&mut self) -> BTreeSet<Fidelity> {
        std::mem::take(&mut self.deferred)
    }

    /// Where the next record is.
    pub(super) fn next_provenance(&self) -> Provenance {
        Provenance {
            file: self.number,
            record: self.n_numbered.saturating_add(1),
        }
    }

    /// Counts a record that became an event or a part of one.
    pub(super) fn count_event(&mut self, source: Source) {
        self.n_numbered = self.n_numbered.saturating_add(1);
        self.coverage.n_records += 1;
        self.coverage.n_events += 1;
        self.text.is_recognised = true;
        self.sources.insert(source);
    }

    /// Takes note of a mapping that read a record.
    pub(super) fn note_mapping(&mut self, name: &str) {
        if !self.mappings.contains(name) {
            self.mappings.insert(name.to_owned());
        }
    }

    /// Counts a record that is not used.
    pub(super) fn skip(&mut self, reason: SkipReason) -> Sample {
        self.coverage.n_records += 1;
        self.coverage.n_skipped += 1;
        self.text.is_recognised |= !matches!(
            reason,
            SkipReason::Malformed
                | SkipReason::TruncatedRecord
                | SkipReason::TooLarge
                | SkipReason::TooDeep
                | SkipReason::UnknownType
                | SkipReason::OperationalLine
        );
        self.sample()
    }

    /// Counts a line of text without a record.
    pub(super) fn skip_text(&mut self, reason: SkipReason) {
        let sample = self.sample();
        self.text.lines.entry(reason).or_default().observe(sample);
    }

    fn sample(&mut self) -> Sample {
        let provenance = self.next_provenance();
        self.n_numbered = provenance.record;
        Sample {
            provenance,
            detail: Untrusted::from(format!("byte {}", self.offset)),
        }
    }

    fn begin_text(&mut self) {
        self.text = OpenText {
            n_records: self.coverage.n_records,
            n_numbered: self.n_numbered,
            n_problems: self.n_problems,
            is_recognised: self.round == Fidelity::Retold,
            ..OpenText::default()
        };
    }

    /// Judges the current text as a whole.
    fn end_text(&mut self, tracker: &Tracker) {
        self.take_problems(tracker);
        let is_sound = self.n_problems == self.text.n_problems;
        let n_records = self.coverage.n_records.saturating_sub(self.text.n_records);
        let lines = std::mem::take(&mut self.text.lines);
        let is_anything = n_records > 0 || !lines.is_empty() || self.has_lost_debris();
        if !self.text.is_recognised && is_sound && is_anything && !self.is_cut_envelope() {
            let detail = match (&self.text.header, &self.text.stranger) {
                (header, _) if !header.is_empty() => {
                    format!("a table whose columns are not known: {header}")
                }
                (_, stranger) if !stranger.is_empty() => stranger.clone(),
                _ => "no record of a known product".to_owned(),
            };
            self.note(ProblemKind::Unrecognised, &detail);
        }
        if is_sound && self.text.shape.is_cut && n_records > 0 {
            let detail = format!(
                "the text ends inside a document (byte {})",
                tracker.n_decoded()
            );
            self.note(ProblemKind::Truncated, &detail);
        }
        if self.text.is_recognised {
            self.format
                .get_or_insert((self.container(), self.layers.clone()));
            for (reason, tally) in lines {
                self.coverage.n_records += tally.n;
                self.coverage.n_skipped += tally.n;
                self.lines.entry(reason).or_default().merge(tally);
            }
        }
    }

    /// Judges the file as a whole and returns the text lines that are records.
    pub(super) fn close(&mut self, tracker: &Tracker) -> BTreeMap<SkipReason, Tally> {
        // A defect of ours may have left a member open.
        while let Some(archive) = self.archives.pop() {
            self.layers.truncate(archive.n_layers);
        }
        self.end_text(tracker);
        if self.n_sealed > 0 {
            let detail = format!(
                "{} of its members are encrypted or packed in a way that is not read; \
                 unpack it first",
                self.n_sealed
            );
            self.note(ProblemKind::Unsupported, &detail);
        }
        self.coverage.n_decoded = tracker.n_decoded();
        self.coverage.format = self.format();
        std::mem::take(&mut self.lines)
    }

    /// Whether there is nothing but what is left of a broken file. Later rounds
    /// pass over records, which proves nothing.
    fn has_lost_debris(&self) -> bool {
        self.text.shape.has_debris && self.round == Fidelity::default()
    }

    /// What the file is, for people: `CloudTrail Records, gzip`.
    fn format(&self) -> String {
        let native = self.sources.iter().filter_map(|source| name(*source));
        let names: Vec<&str> = native
            .chain(self.mappings.iter().map(String::as_str))
            .collect();
        let (container, layers) = match &self.format {
            Some((container, layers)) => (container.clone(), layers),
            None => (self.container(), &self.layers),
        };
        let content = if names.is_empty() {
            "nothing usable".to_owned()
        } else {
            format!("{} {container}", names.join(" and "))
        };
        std::iter::once(content.as_str())
            .chain(layers.iter().copied())
            .collect::<Vec<_>>()
            .join(", ")
    }

    fn container(&self) -> String {
        match self.text.shape.envelope {
            _ if !self.text.container.is_empty() => &self.text.container,
            Some(key) => key,
            None if self.text.shape.has_array => "JSON array",
            None => "JSON lines",
        }
        .to_owned()
    }

    /// Whether the file is the beginning of an envelope whose first record is
    /// cut: known, but nothing of it can be used.
    fn is_cut_envelope(&self) -> bool {
        self.text.shape.is_cut && self.text.shape.envelope.is_some()
    }
}

/// What a product is called; others are called as their mappings are.
fn name(source: Source) -> Option<&'static str> {
    match source {
        Source::CloudTrail => Some("CloudTrail"),
        Source::Okta => Some("Okta"),
        Source::Vault => Some("Vault"),
        Source::Generic => None,
    }
}

/// What tells whether a file changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    n_bytes: u64,
    changed: Option<SystemTime>,
}

impl Stamp {
    /// The stamp of a regular file.
    pub(super) fn of(file: &File) -> Option<Self> {
        let meta = file.metadata().ok().filter(std::fs::Metadata::is_file)?;
        Some(Self {
            n_bytes: meta.len(),
            changed: meta.modified().ok(),
        })
    }
}
