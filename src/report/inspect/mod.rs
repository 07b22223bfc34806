//! An inspection: what is in the given exports, before anything is learned.

use std::io::Write;

use anyhow::{Context as _, bail};

use super::{Format, Style, json, phrase};
use crate::event::{Class, Source, Timestamp, Untrusted, Window};
use crate::ingest::coverage::{Coverage, SourceCoverage};

mod piped;
mod table;

/// What an inspection is written from.
#[derive(Clone, Debug)]
pub struct Inspection<'a> {
    /// What was read.
    pub coverage: &'a Coverage,
    /// Identities by class.
    pub identities: Vec<ClassCount>,
    /// Windows worth trying; `None` where there is too little.
    pub recommended: Option<Recommended>,
    /// Silences, per source and in time order.
    pub gaps: Vec<Gap>,
    /// Remarks, as finished sentences.
    pub notes: Vec<Untrusted>,
    /// Paths as given, for the suggested command.
    pub inputs: Vec<String>,
}

/// How many identities of one class there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClassCount {
    /// The class.
    pub class: Class,
    /// Identities in it.
    pub n_identities: u64,
    /// Their events.
    pub n_events: u64,
}

/// Windows worth trying.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recommended {
    /// What to learn from.
    pub history: Window,
    /// What to score.
    pub review: Window,
    /// Length of one scored period, in words.
    pub period: &'static str,
    /// Why these.
    pub reason: String,
}

/// A time in which a source recorded nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    /// Which source.
    pub source: Source,
    /// Start of the first silent hour.
    pub start: Timestamp,
    /// End of the last silent hour.
    pub end: Timestamp,
    /// How many hours.
    pub n_hours: u64,
}

/// Writes an inspection to `out` and flushes it.
///
/// # Errors
///
/// For a format that has no place for an inspection, and when `out` fails.
pub fn write_inspection(
    format: Format,
    inspection: &Inspection<'_>,
    style: &Style,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    match format {
        Format::Table if style.width.is_none() => piped::write(inspection, style, out),
        Format::Table => table::write(inspection, style, out),
        Format::Json => json::write_inspection(inspection, out),
        Format::Jsonl => json::write_inspection_line(inspection, out),
        _ => bail!(
            "an inspection cannot be written as {}; choose table, json or jsonl",
            format.name()
        ),
    }?;
    out.flush().context("writing the inspection")
}

/// The longest run of hours without events between a source's first and last.
pub(super) fn longest_silence(source: Source, covered: &SourceCoverage) -> Option<Gap> {
    let hours: Vec<i64> = covered
        .hours
        .iter()
        .filter(|(_, n)| **n > 0)
        .map(|(hour, _)| *hour)
        .collect();
    hours
        .windows(2)
        .filter_map(|pair| match pair {
            [before, after] => gap_between(source, *before, *after),
            _ => None,
        })
        .max_by_key(|gap| (gap.n_hours, std::cmp::Reverse(gap.start)))
}

fn gap_between(source: Source, before: i64, after: i64) -> Option<Gap> {
    let start = before.saturating_add(1);
    let n_hours = u64::try_from(after.saturating_sub(start)).ok()?;
    (n_hours > 0).then(|| Gap {
        source,
        start: Timestamp::from_seconds(start.saturating_mul(3600)),
        end: Timestamp::from_seconds(after.saturating_mul(3600)),
        n_hours,
    })
}

/// The command that replays the recommended windows.
fn replay_command(windows: &Recommended, inputs: &str) -> String {
    format!(
        "habitual replay --history {} --review {} {inputs}",
        phrase::window(windows.history),
        phrase::window(windows.review),
    )
}
