//! The table: one screen that says who, when, why, how sure and what next.
//!
//! Under a line of columns each finding has a short block of sentences, because
//! a reason squeezed into a column cannot be read. Without a terminal it is
//! tab-separated lines instead ([`piped`]).

mod below;
mod entry;
mod piped;

use std::io::Write;

use super::pen::{Ink, Pen};
use super::phrase::{self, count, counted, expected, number};
use super::{Report, Selection, Style};
use crate::finding::Finding;

/// Writes the table in the given style.
pub(super) fn write(report: &Report<'_>, style: &Style, out: &mut dyn Write) -> anyhow::Result<()> {
    if style.width.is_none() {
        return piped::write(report, style, out);
    }
    let mut pen = Pen::new(style, out);
    let listed = report.listed();
    title(&mut pen, report, &listed)?;
    cautions(&mut pen, report)?;
    if !listed.is_empty() {
        entry::write(&mut pen, report, &listed)?;
    }
    below::write(&mut pen, report, &listed)
}

/// The answer in a sentence, and what was compared with what.
fn title(pen: &mut Pen<'_>, report: &Report<'_>, listed: &[&Finding]) -> anyhow::Result<()> {
    let assessment = report.assessment;
    let n_scored = u64::from(assessment.n_scored);
    let identities = counted(n_scored, "identity");
    let review = phrase::window(assessment.review);
    let headline = match (report.selection, listed.len()) {
        (_, 0) if n_scored == 0 => format!("No identity could be scored in {review} UTC."),
        (Selection::Selected, 0) => {
            format!("Nothing stands out in {review} UTC: {identities} scored, no finding.")
        }
        (Selection::Selected, n) => {
            format!("{n} of {identities} departed from habit in {review} UTC.")
        }
        (Selection::All, _) => format!("{identities} scored in {review} UTC."),
    };
    for line in super::layout::wrap(&headline, pen.width()) {
        let line = pen.paint(&line, Ink::Bold);
        pen.line(&line)?;
    }
    let compared = format!(
        "Each compared with its own {} ({}), scored per {}; {} findings expected by chance alone.",
        phrase::window(assessment.history),
        phrase::length(phrase::seconds(assessment.history)),
        assessment.period,
        expected(assessment.expected_by_chance),
    );
    let compared = pen.text(&compared);
    pen.block("", &compared)
}

/// Cautions shown; the rest is counted.
const CAUTIONS_SHOWN: usize = 5;

/// What limits the answer, before the answer.
fn cautions(pen: &mut Pen<'_>, report: &Report<'_>) -> anyhow::Result<()> {
    let coverage = report.coverage;
    if coverage.is_incomplete() {
        let n_files = coverage
            .files
            .iter()
            .filter(|f| !f.problems.is_empty())
            .count();
        let text = format!(
            "the input is incomplete: trouble with {} of {}, {} of {} skipped",
            count(number(n_files)),
            counted(number(coverage.files.len()), "file"),
            count(coverage.n_skipped()),
            counted(coverage.n_records, "record"),
        );
        pen.warning(&text)?;
    }
    let cautions = &report.assessment.cautions;
    for caution in cautions.iter().take(CAUTIONS_SHOWN) {
        let text = pen.text(caution);
        pen.warning(&text)?;
    }
    let n_more = cautions.len().saturating_sub(CAUTIONS_SHOWN);
    if n_more > 0 {
        pen.warning(&format!("and {n_more} more; -f json lists them"))?;
    }
    Ok(())
}
