//! A report: findings written for one sink. One file per format, one encoder
//! per sink ([`sanitize`]); nothing here computes a score.
//!
//! Text formats are safe to show in a terminal, wherever they end up first.
//! Machine formats give text back exactly, except for secrets.

pub mod sanitize;

mod alert;
mod backtest;
mod csv;
mod ecs;
mod events;
mod explanation;
mod flat;
mod gaps;
mod hec;
mod html;
mod inspect;
mod json;
mod layout;
mod manifest;
mod markdown;
mod measures;
mod ocsf;
mod parquet;
mod pen;
mod phrase;
mod pivot;
mod roll;
mod sarif;
mod schema;
mod slack;
mod spark;
mod steps;
mod summary;
mod table;
mod timesketch;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;

use std::io::Write;

use anyhow::Context as _;

use crate::event::{Provenance, Untrusted};
use crate::finding::{Assessment, Evidence, Finding, Severity};
use crate::ingest::coverage::Coverage;

use sanitize::{Charset, Logged};

pub use backtest::{Backtest, write_backtest};
pub use events::{DumpFormat, Spool, event_line, write_events};
pub use explanation::write_explanation;
pub use inspect::{ClassCount, Gap, Inspection, Recommended, write_inspection};
pub use manifest::{Manifest, Parameter, Written, write_manifest};
pub use pivot::{PivotReport, write_pivot};
pub use roll::{Listed, Refused, Roll, write_roll};
pub use schema::Schema;
pub use summary::write_summary;

/// Everything that a report is written from.
#[derive(Clone, Debug)]
pub struct Report<'a> {
    /// What was found.
    pub assessment: &'a Assessment,
    /// What was read.
    pub coverage: &'a Coverage,
    /// Which findings people are shown.
    pub selection: Selection,
    /// At most so many findings, in every format.
    pub top: Option<usize>,
    /// Paths as given, for the commands that a report suggests.
    pub inputs: Vec<String>,
}

/// Which findings are listed: by the table, and by the formats that other
/// products take in as alerts. Our own machine formats carry every scored
/// identity and say which are selected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Selection {
    /// Those that the alert budget selects and that depart from habit.
    #[default]
    Selected,
    /// Every scored identity.
    All,
}

impl<'a> Report<'a> {
    /// Every finding, best rank first, up to `top`.
    fn findings(&self) -> impl Iterator<Item = &'a Finding> {
        let top = self.top.unwrap_or(usize::MAX);
        self.assessment.findings.iter().take(top)
    }

    /// Findings that people are shown, up to `top`.
    fn listed(&self) -> Vec<&'a Finding> {
        let top = self.top.unwrap_or(usize::MAX);
        self.listable().take(top).collect()
    }

    /// Findings that people would be shown without `top`.
    fn listable(&self) -> impl Iterator<Item = &'a Finding> {
        let selection = self.selection;
        self.assessment
            .findings
            .iter()
            .filter(move |finding| match selection {
                Selection::All => finding.p_value.is_some(),
                Selection::Selected => finding.is_selected && finding.severity != Severity::None,
            })
    }

    /// The inputs as shell words, or a placeholder.
    fn inputs_in_words(&self) -> String {
        inputs_in_words(&self.inputs)
    }

    /// The command that shows everything about the identity of a finding.
    fn look_command(&self, finding: &Finding) -> String {
        let identity = &finding.identity;
        let who =
            sanitize::shell_word(&identity.name).or_else(|| sanitize::shell_word(&identity.id));
        match who {
            Some(who) => format!(
                "habitual replay --identity={who} -f json {}",
                self.inputs_in_words()
            ),
            None => LAST_RESORT.to_owned(),
        }
    }
}

/// Inputs written out in a command; beyond that nobody reads them.
const INPUTS_WRITTEN: usize = 4;

/// Stands for inputs that cannot be written out.
const PLACEHOLDER: &str = "PATH...";

/// The command that is suggested where no other can be shown.
const LAST_RESORT: &str = "habitual replay -f json PATH...";

fn inputs_in_words(inputs: &[String]) -> String {
    let words: Option<Vec<String>> = inputs.iter().map(sanitize::shell_word).collect();
    match words {
        Some(words) if (1..=INPUTS_WRITTEN).contains(&words.len()) => words.join(" "),
        _ => PLACEHOLDER.to_owned(),
    }
}

/// The suggested steps that may be shown: none with hidden characters, which
/// would look different from what it does.
fn safe_steps(finding: &Finding) -> impl Iterator<Item = &Untrusted> {
    finding
        .next_steps
        .iter()
        .filter(|step| !sanitize::has_hidden(*step))
}

/// The periods that the evidence points at, in time order.
fn days_in_evidence(finding: &Finding) -> Vec<&str> {
    let mut days: Vec<&str> = finding.evidence.iter().map(|e| e.day.as_str()).collect();
    days.sort_unstable();
    days.dedup();
    days
}

/// The strongest piece of evidence.
fn leading(finding: &Finding) -> Option<&Evidence> {
    finding.evidence.first()
}

/// `path:record` of a cited record.
fn citation(coverage: &Coverage, provenance: Provenance) -> String {
    let file = usize::try_from(provenance.file)
        .ok()
        .and_then(|idx| coverage.files.get(idx));
    file.map_or_else(
        || format!("?:{}", provenance.record),
        |file| file.cite(provenance.record),
    )
}

/// What a report is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// For people; tab-separated lines where the width is unknown.
    Table,
    /// One JSON object per finding and line, `habitual.finding/1`.
    Jsonl,
    /// One JSON document, `habitual.report/1`.
    Json,
    /// One row per finding, safe to open in a spreadsheet.
    Csv,
    /// One row per finding, typed columns.
    Parquet,
    /// One page for a browser, complete in itself.
    Html,
    /// One OCSF Detection Finding per line.
    Ocsf,
    /// One document of the Elastic Common Schema per line.
    Ecs,
    /// One event for Splunk's HTTP Event Collector per line.
    Hec,
    /// One row for Timesketch per piece of evidence.
    Timesketch,
    /// One SARIF log.
    Sarif,
    /// A report for a ticket.
    Markdown,
    /// The payload of one message in Slack.
    Slack,
}

impl Format {
    /// Every format, in display order.
    pub const ALL: [Self; 13] = [
        Self::Table,
        Self::Jsonl,
        Self::Json,
        Self::Csv,
        Self::Parquet,
        Self::Html,
        Self::Ocsf,
        Self::Ecs,
        Self::Hec,
        Self::Timesketch,
        Self::Sarif,
        Self::Markdown,
        Self::Slack,
    ];

    /// The name used in flags.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Jsonl => "jsonl",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Parquet => "parquet",
            Self::Html => "html",
            Self::Ocsf => "ocsf",
            Self::Ecs => "ecs",
            Self::Hec => "hec",
            Self::Timesketch => "timesketch",
            Self::Sarif => "sarif",
            Self::Markdown => "markdown",
            Self::Slack => "slack",
        }
    }

    /// What the name of a file of this format ends in.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Table => "txt",
            Self::Jsonl => "jsonl",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Parquet => "parquet",
            Self::Html => "html",
            Self::Ocsf => "ocsf.jsonl",
            Self::Ecs => "ecs.ndjson",
            Self::Hec => "hec.json",
            Self::Timesketch => "timesketch.jsonl",
            Self::Sarif => "sarif",
            Self::Markdown => "md",
            Self::Slack => "slack.json",
        }
    }

    /// The format of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }
}

/// How a report for people looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Columns of the terminal; `None` where there is none: fields separated by
    /// tabs, nothing cut off.
    pub width: Option<u16>,
    /// Whether to colour. Words carry the meaning either way.
    pub color: bool,
    /// Whether to write U+0020 to U+007E only.
    pub ascii: bool,
}

impl Style {
    /// Encodes logged text for a sink of this style.
    fn text<T: Logged + ?Sized>(&self, text: &T) -> String {
        let charset = if self.ascii {
            Charset::Ascii
        } else {
            Charset::Unicode
        };
        sanitize::terminal(text, charset)
    }
}

/// Writes `report` to `out` and flushes it.
///
/// # Errors
///
/// When `out` fails; a closed pipe is the [`std::io::ErrorKind::BrokenPipe`]
/// at the root of the chain.
pub fn write(
    format: Format,
    report: &Report<'_>,
    style: &Style,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    match format {
        Format::Table => table::write(report, style, out),
        Format::Jsonl => json::write_lines(report, out),
        Format::Json => json::write_document(report, out),
        Format::Csv => csv::write(report, out),
        Format::Parquet => parquet::write(report, out),
        Format::Html => html::write(report, out),
        Format::Ocsf => ocsf::write(report, out),
        Format::Ecs => ecs::write(report, out),
        Format::Hec => hec::write(report, out),
        Format::Timesketch => timesketch::write(report, out),
        Format::Sarif => sarif::write(report, out),
        Format::Markdown => markdown::write(report, out),
        Format::Slack => slack::write(report, out),
    }?;
    out.flush().context("writing the report")
}
