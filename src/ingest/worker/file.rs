//! The file a worker is reading.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::time::SystemTime;

use crate::event::{Flags, Provenance, Source, Untrusted};
use crate::ingest::coverage::{FileCoverage, FileProblem, ProblemKind, Sample, SkipReason, Tally};
use crate::ingest::decode::Tracker;
use crate::ingest::fidelity::Fidelity;
use crate::ingest::split::Shape;
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
    pub(super) layers: Vec<&'static str>,
    pub(super) shape: Shape,
    pub(super) has_ocsf: bool,
    pub(super) pairing: Pairing,
    /// Vault halves offered and not paired.
    pub(super) n_waiting: u64,
    /// Vault calls that wait for the file's turn.
    pub(super) held: Vec<Exchange>,
    /// Whether the turn has come.
    pub(super) has_turn: bool,
    /// What kind of table it is; empty if it is none.
    pub(super) container: String,
    /// The columns of a table that is not known.
    pub(super) header: String,
    /// Bytes and records that the watcher knows of, in the round in which the
    /// watcher is told of the file.
    pub(super) reported: Option<(u64, u64)>,
    /// Number of the last record or text line.
    n_numbered: u32,
    /// Whether anything in the file was of a known kind.
    is_recognised: bool,
    sources: BTreeSet<Source>,
    /// Later rounds that it holds something for.
    deferred: BTreeSet<Fidelity>,
    /// Text without records: records that are skipped if the file holds logs,
    /// and no records at all if it does not.
    text: BTreeMap<SkipReason, Tally>,
}

impl OpenFile {
    /// The file `number`, unread in this `round`.
    pub(super) fn new(round: Fidelity, position: usize, number: u32) -> Self {
        Self {
            number,
            position,
            round,
            reported: (round == Fidelity::Original).then_some((0, 0)),
            ..Self::default()
        }
    }

    /// Notes a problem with the file as a whole.
    pub(super) fn note(&mut self, kind: ProblemKind, detail: &str) {
        self.coverage.problems.push(FileProblem {
            kind,
            detail: Untrusted::from(detail),
        });
    }

    /// Whether a record of this `fidelity` is to be used now. If not, it keeps
    /// its number and is used, or was, in another round.
    pub(super) fn is_due(&mut self, fidelity: Fidelity) -> bool {
        if fidelity == self.round || fidelity > self.round && !self.can_wait {
            return true;
        }
        self.n_numbered = self.n_numbered.saturating_add(1);
        if fidelity > self.round {
            self.deferred.insert(fidelity);
        }
        false
    }

    /// Leaves all of it to a later round.
    pub(super) fn defer(&mut self, fidelity: Fidelity) {
        self.deferred.insert(fidelity);
        self.reported = None;
    }

    /// Takes out the later rounds that the file holds something for.
    pub(super) fn take_deferred(&mut self) -> BTreeSet<Fidelity> {
        self.is_recognised |= !self.deferred.is_empty();
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
        self.is_recognised = true;
        self.sources.insert(source);
    }

    /// Counts a record that is not used.
    pub(super) fn skip(&mut self, reason: SkipReason) -> Sample {
        self.coverage.n_records += 1;
        self.coverage.n_skipped += 1;
        self.is_recognised |= !matches!(
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
        self.text.entry(reason).or_default().observe(sample);
    }

    fn sample(&mut self) -> Sample {
        let provenance = self.next_provenance();
        self.n_numbered = provenance.record;
        Sample {
            provenance,
            detail: Untrusted::from(format!("byte {}", self.offset)),
        }
    }

    /// Judges the file as a whole and returns the text lines that are records.
    pub(super) fn close(&mut self, tracker: &Tracker) -> BTreeMap<SkipReason, Tally> {
        self.coverage.n_decoded = tracker.n_decoded();
        self.coverage.problems.extend(tracker.take_problems());
        let is_sound = self.coverage.problems.is_empty();
        let mut text = std::mem::take(&mut self.text);
        if !self.is_recognised {
            if self.has_ocsf {
                self.note(ProblemKind::Unsupported, "OCSF records");
            } else if is_sound
                && (self.coverage.n_records > 0 || !text.is_empty() || self.shape.has_debris)
                && !self.is_cut_envelope()
            {
                let detail = if self.header.is_empty() {
                    "no record of a known product".to_owned()
                } else {
                    format!("a table whose columns are not known: {}", self.header)
                };
                self.note(ProblemKind::Unrecognised, &detail);
            }
            text.clear();
        }
        if is_sound && self.shape.is_cut && self.coverage.n_records > 0 {
            let detail = format!(
                "the text ends inside a document (byte {})",
                tracker.n_decoded()
            );
            self.note(ProblemKind::Truncated, &detail);
        }
        for tally in text.values() {
            self.coverage.n_records += tally.n;
            self.coverage.n_skipped += tally.n;
        }
        self.coverage.format = self.format();
        text
    }

    /// What the file is, for people: `CloudTrail Records, gzip`.
    fn format(&self) -> String {
        let names: Vec<&str> = self.sources.iter().map(|source| name(*source)).collect();
        let container = match self.shape.envelope {
            _ if !self.container.is_empty() => self.container.as_str(),
            Some(key) => key,
            None if self.shape.has_array => "JSON array",
            None => "JSON lines",
        };
        let content = if names.is_empty() {
            "nothing usable".to_owned()
        } else {
            format!("{} {container}", names.join(" and "))
        };
        std::iter::once(content.as_str())
            .chain(self.layers.iter().copied())
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// Whether the file is the beginning of an envelope whose first record is
    /// cut: known, but nothing of it can be used.
    fn is_cut_envelope(&self) -> bool {
        self.shape.is_cut && self.shape.envelope.is_some()
    }
}

fn name(source: Source) -> &'static str {
    match source {
        Source::CloudTrail => "CloudTrail",
        Source::Okta => "Okta",
        Source::Vault => "Vault",
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
