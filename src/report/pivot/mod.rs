//! Pivots: what one thing touched, as a page, as lines of a timeline, and for
//! other programs (`habitual.pivot/1`).

use std::io::Write;

use anyhow::{Context as _, bail};

use super::sanitize::{redact, shell_word};
use super::{Format, Style, inputs_in_words, json};
use crate::event::{Timestamp, Window};
use crate::ingest::coverage::Coverage;
use crate::pivot::{Dimension, Followed, Kind, Known, Next, Row, Target, Trail, next_of};

mod lines;
mod table;

/// What is written about the trails of a run.
#[derive(Clone, Debug)]
pub struct PivotReport<'a> {
    /// The thing that was asked for, and what it led to.
    pub trails: &'a [Followed],
    /// When anybody first used a value.
    pub known: &'a Known,
    /// What was first used from here on is new; `None` where nothing is known
    /// from before.
    pub since: Option<Timestamp>,
    /// What is listed.
    pub window: Window,
    /// What was read.
    pub coverage: &'a Coverage,
    /// Paths as given, for the commands that are suggested.
    pub inputs: Vec<String>,
}

impl PivotReport<'_> {
    pub(super) fn next_of(&self, trail: &Trail) -> Vec<Next> {
        next_of(trail, self.known, self.since)
    }

    /// What of a row is new to the thing.
    pub(super) fn news_of(&self, trail: &Trail, row: &Row) -> Vec<&'static str> {
        let news = trail.news_of(row, self.known, self.since);
        news.into_iter().map(Dimension::name).collect()
    }

    /// The command that follows `next`; `None` where its value cannot be
    /// written so that it is safe to paste.
    pub(super) fn command(&self, next: &Next) -> Option<String> {
        // An identity is asked for by its name where that leads to it.
        let value = match next.kind {
            Kind::Identity if !next.label.contains(['*', '?']) => &next.label,
            _ => &next.value,
        };
        if redact(value) != value.as_str() || Target::new(next.kind, value).is_err() {
            return None;
        }
        let word = shell_word(value)?;
        let kind = next.kind.name();
        let times = [("--from", self.window.start), ("--to", self.window.end)];
        let times: String = times
            .into_iter()
            .filter(|(_, time)| time.plausible().is_some())
            .map(|(flag, time)| format!(" {flag} {}", time_word(time)))
            .collect();
        let inputs = inputs_in_words(&self.inputs);
        let dashes = if inputs.starts_with('-') { "-- " } else { "" };
        Some(format!(
            "habitual pivot --{kind}={word}{times} {dashes}{inputs}"
        ))
    }
}

/// A time as it is given on the command line: a date where it is midnight.
fn time_word(time: Timestamp) -> String {
    let text = time.rfc3339();
    match text.strip_suffix("T00:00:00Z") {
        Some(date) => date.to_owned(),
        None => text,
    }
}

/// Writes what the trails hold.
///
/// # Errors
///
/// For a format that has no place for it, and when `out` fails.
pub fn write_pivot(
    format: Format,
    report: &PivotReport<'_>,
    style: &Style,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    match format {
        Format::Table if style.width.is_none() => lines::write_tsv(report, style, out),
        Format::Table => table::write(report, style, out),
        Format::Csv => lines::write_csv(report, out),
        Format::Json => json::write_pivot(report, out),
        Format::Jsonl => json::write_pivot_lines(report, out),
        other => bail!(
            "a pivot cannot be written as {}; choose table, json, jsonl or csv",
            other.name()
        ),
    }?;
    out.flush().context("writing the pivot")
}
