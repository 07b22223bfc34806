//! What was read: every record is used, duplicate, out of window or skipped
//! with a reason, and the sum is checked.

mod digest;
mod insight;
mod trail;

use std::collections::{BTreeMap, BTreeSet};

pub(super) use digest::Digest;
pub use digest::{Digests, MissingFiles};
pub(in crate::ingest) use digest::{is_log_file, stem};
pub use insight::{Insight, Insights};
pub use trail::TrailCoverage;

use crate::event::{Provenance, Source, Timestamp, Untrusted, Window};

/// How many samples are kept per reason.
pub const SAMPLES_PER_REASON: usize = 5;

/// The account of everything a run was given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// One entry per input file, in the order of [`Provenance::file`].
    pub files: Vec<FileCoverage>,
    /// Things in the given folders and archives that are not input, by reason.
    pub passed_over: BTreeMap<PassReason, Tally>,
    /// Records read, over all files.
    pub n_records: u64,
    /// Records that became an event, or a part of one, inside the windows.
    pub n_used: u64,
    /// Records that said again what another record had said.
    pub n_duplicate: u64,
    /// Records outside the history and the review.
    pub n_out_of_window: u64,
    /// Records that could not be used, by reason.
    pub skipped: BTreeMap<SkipReason, Tally>,
    /// Events that share their native id with another of different content. They
    /// are used.
    pub conflicts: Conflicts,
    /// Identities that there was no room for.
    pub overflow: Overflow,
    /// Per source: how many events, and which hours hold any.
    pub sources: BTreeMap<Source, SourceCoverage>,
    /// Values of closed vocabularies that we do not know, by
    /// `source.field=value` without the value's text.
    pub unknown_values: BTreeMap<String, u64>,
    /// Vault requests without a response, and responses without a request.
    pub n_unpaired: u64,
    /// Records whose text was no valid Unicode and was read with U+FFFD in place
    /// of what was not.
    pub n_repaired: u64,
    /// Records whose end was cut off and of which the beginning is used.
    pub n_salvaged: u64,
    /// What only CloudTrail tells about itself.
    pub trail: TrailCoverage,
}

impl Coverage {
    /// Records skipped, over all reasons.
    #[must_use]
    pub fn n_skipped(&self) -> u64 {
        self.skipped.values().map(|tally| tally.n).sum()
    }

    /// Whether every record is accounted for.
    #[must_use]
    pub fn adds_up(&self) -> bool {
        self.n_records
            == self
                .n_used
                .saturating_add(self.n_duplicate)
                .saturating_add(self.n_out_of_window)
                .saturating_add(self.n_skipped())
    }

    /// Tells hours of proven silence from hours of which nothing is known.
    pub(super) fn prove_silence(&mut self) {
        let names = self.files.iter().map(|file| file.path.as_raw());
        self.trail.digests.compare(names);
        if let Some(source) = self.sources.get_mut(&Source::CloudTrail) {
            source.silent_hours = self.trail.digests.silent_hours(&source.hours);
        }
    }

    /// Whether something was lost that the user would want to know of: an
    /// unreadable, truncated or unrecognised file, more than 1 % of the records
    /// malformed, or identities without room.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        let malformed: u64 = self
            .skipped
            .iter()
            .filter(|(reason, _)| reason.is_damage())
            .map(|(_, tally)| tally.n)
            .sum();
        malformed.saturating_mul(100) > self.n_records
            || self.overflow.n_identities > 0
            || self.files.iter().any(|file| !file.problems.is_empty())
    }
}

/// The account of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileCoverage {
    /// Path as given or found, `-` for standard input. File names are
    /// hostile too.
    pub path: Untrusted,
    /// What the content turned out to be: `CloudTrail Records, gzip`.
    pub format: String,
    /// Bytes on disk, and after decompression.
    pub n_bytes: u64,
    /// Bytes after decompression.
    pub n_decoded: u64,
    /// Records read from this file.
    pub n_records: u64,
    /// Of these, records that became an event or a part of one (before
    /// windows and duplicates).
    pub n_events: u64,
    /// Records skipped in this file.
    pub n_skipped: u64,
    /// Time of the earliest event.
    pub first: Option<Timestamp>,
    /// Time of the latest event.
    pub last: Option<Timestamp>,
    /// What went wrong with the file as a whole.
    pub problems: Vec<FileProblem>,
    /// Of an archive: its members that hold records, in order.
    pub members: Vec<Member>,
}

/// A member of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its name in the archive: a label, and as hostile as any.
    pub name: Untrusted,
    /// Number of its first record. Numbers run over the whole archive.
    pub first_record: u32,
}

impl FileCoverage {
    /// The member that holds the record of this number, if the file is an
    /// archive.
    #[must_use]
    pub fn member(&self, record: u32) -> Option<&Member> {
        let n_begun = self.members.partition_point(|m| m.first_record <= record);
        self.members.get(n_begun.checked_sub(1)?)
    }

    /// A record as reports cite it: `path:12`, and of an archive the record's
    /// number in its member, `logs.zip!AWSLogs/a.json.gz:12`.
    #[must_use]
    pub fn cite(&self, record: u32) -> String {
        let path = self.path.as_raw();
        match self.member(record) {
            Some(member) => {
                let number = record.saturating_sub(member.first_record).saturating_add(1);
                format!("{path}!{}:{number}", member.name.as_raw())
            }
            None => format!("{path}:{record}"),
        }
    }
}

/// Something that went wrong with a file as a whole. Its complete records, if
/// any, were used all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileProblem {
    /// What kind of problem.
    pub kind: ProblemKind,
    /// Cause, for people: the system's message, or the byte offset.
    pub detail: Untrusted,
}

/// Kinds of file problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProblemKind {
    /// It could not be opened or read.
    Unreadable,
    /// The compressed stream or the document ends early.
    Truncated,
    /// The compressed stream is damaged.
    Corrupt,
    /// Bytes after the compressed stream that belong to nothing.
    TrailingGarbage,
    /// It decompresses to more than the limits allow.
    TooLarge,
    /// It grew or shrank while it was read.
    ChangedWhileReading,
    /// A table that was altered on the way: by a spreadsheet, or by hand.
    Damaged,
    /// No known format.
    Unrecognised,
    /// A known format that this version cannot read.
    Unsupported,
}

impl ProblemKind {
    /// Short name, and what the user can do about it.
    #[must_use]
    pub fn describe(self) -> (&'static str, &'static str) {
        match self {
            Self::Unreadable => ("unreadable", "check the path and its permissions"),
            Self::Truncated => (
                "truncated",
                "export or copy the file again; its complete records were used",
            ),
            Self::Corrupt => (
                "corrupt",
                "export or copy the file again; its complete records were used",
            ),
            Self::TrailingGarbage => ("trailing_garbage", "the records before it were used"),
            Self::TooLarge => (
                "too_large",
                "raise --max-ratio or --max-decompressed if you trust the file",
            ),
            Self::ChangedWhileReading => ("changed_while_reading", "run again when it is complete"),
            Self::Damaged => (
                "damaged",
                "export again, and do not open the table in a spreadsheet on the way",
            ),
            Self::Unrecognised => (
                "unrecognised",
                "give CloudTrail, Okta System Log or Vault audit logs, or describe it with --mapping \
                 (`habitual check-mapping` helps)",
            ),
            Self::Unsupported => ("unsupported", "nothing in it was counted"),
        }
    }
}

/// A count and its first samples, in order of file and record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many.
    pub n: u64,
    /// The first few, smallest [`Provenance`] first.
    pub samples: Vec<Sample>,
}

impl Tally {
    /// Counts one more, and keeps it as a sample if it is among the first.
    pub fn observe(&mut self, sample: Sample) {
        self.n = self.n.saturating_add(1);
        self.keep(sample);
    }

    /// Adds what another part of the run counted.
    pub fn merge(&mut self, other: Self) {
        self.n = self.n.saturating_add(other.n);
        for sample in other.samples {
            self.keep(sample);
        }
    }

    fn keep(&mut self, sample: Sample) {
        let at = self.samples.partition_point(|kept| *kept <= sample);
        if at < SAMPLES_PER_REASON {
            self.samples.insert(at, sample);
            self.samples.truncate(SAMPLES_PER_REASON);
        }
    }
}

/// Identities beyond the limit: their events are used, but nothing is learned
/// of them or said about them one by one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overflow {
    /// How many identities, by estimate.
    pub n_identities: u64,
    /// How many events they have.
    pub n_events: u64,
}

/// Native ids that stand for several events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conflicts {
    /// How many events there were beyond one of each id.
    pub n: u64,
    /// The first few of the ids, in their order.
    pub ids: Vec<Untrusted>,
}

impl Conflicts {
    /// Counts one more event with the same `id`, and keeps the id as a sample if
    /// it is among the first.
    pub fn observe(&mut self, id: Untrusted) {
        self.n = self.n.saturating_add(1);
        if let Err(at) = self.ids.binary_search(&id)
            && at < SAMPLES_PER_REASON
        {
            self.ids.insert(at, id);
            self.ids.truncate(SAMPLES_PER_REASON);
        }
    }
}

/// One example of a counted thing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sample {
    /// Where it is.
    pub provenance: Provenance,
    /// What exactly (a parser's message, a path): at most 200 bytes, no
    /// record content.
    pub detail: Untrusted,
}

/// Why a path inside a given folder is not input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PassReason {
    /// Zero bytes.
    Empty,
    /// A symbolic link; links are not followed.
    Symlink,
    /// A pipe, socket or device.
    NotAFile,
    /// A side file of an export (`.DS_Store`, `*.csv.metadata`, `_SUCCESS`).
    SideFile,
    /// Another kind of AWS log in the same tree.
    OtherAwsLog,
    /// CloudTrail's aggregated events, which repeat data events.
    Aggregated,
    /// Delivered outside of the windows, by its name.
    OtherDate,
    /// Written to a moment ago.
    Unsettled,
    /// A report or a baseline that this program wrote.
    OwnOutput,
    /// An encrypted member of an archive.
    Encrypted,
    /// A member of an archive that is packed in a way that is not read.
    UnknownPacking,
}

impl PassReason {
    /// The lower-case name used in machine output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty_file",
            Self::Symlink => "symlink",
            Self::NotAFile => "not_a_file",
            Self::SideFile => "side_file",
            Self::OtherAwsLog => "other_aws_log",
            Self::Aggregated => "aggregated",
            Self::OtherDate => "other_date",
            Self::Unsettled => "unsettled",
            Self::OwnOutput => "own_output",
            Self::Encrypted => "encrypted_member",
            Self::UnknownPacking => "unknown_packing",
        }
    }
}

/// Why a record was not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SkipReason {
    /// Not valid JSON.
    Malformed,
    /// The file ended inside the record.
    TruncatedRecord,
    /// Larger than the record limit.
    TooLarge,
    /// Nested deeper than the limit.
    TooDeep,
    /// A field that matters occurs twice.
    DuplicateKey,
    /// JSON, but no record of a known product.
    UnknownType,
    /// No usable time.
    NoTime,
    /// A time that no such log can bear.
    ImplausibleTime,
    /// No usable action.
    NoAction,
    /// A schema version that this release does not know.
    UnsupportedVersion,
    /// CloudTrail digest: proof of coverage, not an event.
    Digest,
    /// CloudTrail Insight: context, not an event.
    Insight,
    /// CloudTrail aggregated event: repeats data events.
    Aggregated,
    /// CloudTrail network activity event of a call that was let through: the
    /// call has an event of its own.
    NetworkActivity,
    /// A notification that names an object, not a log record.
    Notification,
    /// A delivery service's control message.
    ControlMessage,
    /// An operational log line between audit lines.
    OperationalLine,
    /// An internal probe or operation of the product.
    Internal,
    /// An item of another AWS log (a Config snapshot).
    OtherAwsLog,
    /// A mapping says that it does not count.
    Filtered,
    /// A record of a known schema (OCSF) that tells of another product.
    OtherProduct,
}

impl SkipReason {
    /// The lower-case name used in machine output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::TruncatedRecord => "truncated_record",
            Self::TooLarge => "too_large",
            Self::TooDeep => "too_deep",
            Self::DuplicateKey => "duplicate_key",
            Self::UnknownType => "unknown_type",
            Self::NoTime => "no_time",
            Self::ImplausibleTime => "time_implausible",
            Self::NoAction => "no_action",
            Self::UnsupportedVersion => "unsupported_version",
            Self::Digest => "digest",
            Self::Insight => "insight",
            Self::Aggregated => "aggregated",
            Self::NetworkActivity => "network_activity",
            Self::Notification => "notification",
            Self::ControlMessage => "control_message",
            Self::OperationalLine => "operational_line",
            Self::Internal => "internal",
            Self::OtherAwsLog => "other_aws_log",
            Self::Filtered => "filtered",
            Self::OtherProduct => "other_product",
        }
    }

    /// Whether the record should have been an event: damage, as opposed to
    /// things that are rightly left out.
    #[must_use]
    pub fn is_damage(self) -> bool {
        matches!(
            self,
            Self::Malformed
                | Self::TruncatedRecord
                | Self::TooLarge
                | Self::TooDeep
                | Self::DuplicateKey
                | Self::NoTime
                | Self::ImplausibleTime
                | Self::NoAction
        )
    }
}

/// What one source delivered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceCoverage {
    /// Events used, duplicates not counted.
    pub n_events: u64,
    /// Earliest event.
    pub first: Option<Timestamp>,
    /// Latest event.
    pub last: Option<Timestamp>,
    /// Events per hour since the epoch (`seconds / 3600`).
    pub hours: BTreeMap<i64, u64>,
    /// Hours without events of which it is proven that nothing happened.
    pub silent_hours: BTreeSet<i64>,
}

/// A silence shorter than this is never called a gap.
const GAP_MIN_HOURS: i64 = 24;
/// A gap is longer than this times what is long for the source.
const GAP_FACTOR: i64 = 2;
/// Gaps listed per source, the longest.
const GAPS_MAX: usize = 10;

impl SourceCoverage {
    /// Silences that look like missing data: at least a day, and at least twice
    /// as long as 19 of 20 silences of this source (a weekend is no gap in the
    /// log of an office). In order of time.
    #[must_use]
    pub fn silences(&self) -> Vec<Window> {
        let covered: BTreeSet<i64> = self
            .hours
            .keys()
            .chain(&self.silent_hours)
            .copied()
            .collect();
        let hours: Vec<i64> = covered.into_iter().collect();
        let mut silences: Vec<(i64, i64)> = hours
            .windows(2)
            .filter_map(|pair| match pair {
                [before, after] if after - before > 1 => Some((after - before - 1, before + 1)),
                _ => None,
            })
            .collect();
        silences.sort_unstable();
        let usual = silences
            .get(silences.len().saturating_mul(19) / 20)
            .map_or(0, |(length, _)| *length);
        let is_alone = silences.len() < 20;
        let limit = if is_alone {
            GAP_MIN_HOURS
        } else {
            GAP_MIN_HOURS.max(usual.saturating_mul(GAP_FACTOR))
        };
        let mut gaps: Vec<(i64, i64)> = silences
            .into_iter()
            .rev()
            .filter(|(length, _)| *length >= limit)
            .take(GAPS_MAX)
            .collect();
        gaps.sort_unstable_by_key(|(_, start)| *start);
        gaps.into_iter()
            .map(|(length, start)| Window {
                start: Timestamp::from_seconds(start.saturating_mul(3_600)),
                end: Timestamp::from_seconds(start.saturating_add(length).saturating_mul(3_600)),
            })
            .collect()
    }
}
