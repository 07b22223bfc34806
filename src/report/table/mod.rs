//! The table: one screen that says who, when, why, how sure and what next.
//!
//! Many findings are listed on one line each, then come the facts, then the
//! details of the foremost: a short block of sentences each, because a reason
//! squeezed into a column cannot be read. Without a terminal it is
//! tab-separated lines instead ([`piped`]).

mod below;
mod column;
mod entry;
mod facts;
mod nearest;
mod piped;

use std::io::Write;

use super::pen::{Ink, Pen};
use super::phrase::{self, count, counted, expected, number};
use super::{Report, Selection, Style, gaps};
use crate::finding::{Finding, Severity};
use crate::ingest::coverage::Coverage;
use column::Names;

/// From this width on there is room for three reasons with their shares.
const WIDE: usize = 100;

/// From this width on class, tenant and citations get a place of their own.
const VERY_WIDE: usize = 130;

/// Findings that are told in detail. If there are more, all of them are listed
/// first.
const DETAILED: usize = 3;

/// Writes the table in the given style.
pub(super) fn write(report: &Report<'_>, style: &Style, out: &mut dyn Write) -> anyhow::Result<()> {
    if style.width.is_none() {
        return piped::write(report, style, out);
    }
    let mut pen = Pen::new(style, out);
    let listed = report.listed();
    title(&mut pen, report, &listed)?;
    cautions(&mut pen, report)?;
    let names = Names::new(&report.assessment.findings);
    // Whoever kept to habit gets a line, not a block.
    let departed = listed.iter().filter(|f| f.severity > Severity::None);
    let detailed: Vec<&Finding> = departed.copied().take(DETAILED).collect();
    if listed.len() > detailed.len() {
        list(&mut pen, report, &names, &listed)?;
    }
    if listed.is_empty() {
        nearest::write(&mut pen, report, &names)?;
    }
    facts::write(&mut pen, &report.assessment.facts)?;
    if !detailed.is_empty() {
        entry::write(&mut pen, report, &names, &detailed)?;
    }
    below::write(&mut pen, report, &names, &listed, detailed.len())
}

/// One line per finding.
fn list(
    pen: &mut Pen<'_>,
    report: &Report<'_>,
    names: &Names,
    listed: &[&Finding],
) -> anyhow::Result<()> {
    let columns = column::of_list(pen, report, names, listed);
    column::titles(pen, &columns)?;
    for finding in listed {
        column::line(pen, &columns, names, finding)?;
    }
    Ok(())
}

/// The answer in a sentence; `review` says of when: `2026-11-01..2026-11-08
/// UTC`.
pub(super) fn headline(report: &Report<'_>, listed: &[&Finding], review: &str) -> String {
    let n_scored = u64::from(report.assessment.n_scored);
    let identities = counted(n_scored, "identity");
    match (report.selection, listed.len()) {
        (_, 0) if n_scored == 0 => format!("No identity could be scored in {review}."),
        (Selection::Selected, 0) if is_all_thin(report) => {
            format!("Too little history to say who stands out in {review}: {identities} scored.")
        }
        (Selection::Selected, 0) if is_narrowed(report) => {
            format!(
                "Nobody among those asked for stands out in {review}; {identities} scored in all."
            )
        }
        (Selection::Selected, 0) => {
            format!("Nothing stands out in {review}: {identities} scored, no finding.")
        }
        (Selection::Selected, n) if is_narrowed(report) => {
            let findings = counted(number(n), "finding");
            format!("{findings} among those asked for in {review}; {identities} scored in all.")
        }
        (Selection::Selected, n) => {
            format!("{n} of {identities} departed from habit in {review}.")
        }
        (Selection::All, _) => format!("{identities} scored in {review}."),
    }
}

/// The answer in a sentence, and what was compared with what.
fn title(pen: &mut Pen<'_>, report: &Report<'_>, listed: &[&Finding]) -> anyhow::Result<()> {
    let assessment = report.assessment;
    let review = format!("{} UTC", phrase::window(assessment.review));
    let headline = headline(report, listed, &review);
    for line in super::layout::wrap(&headline, pen.width()) {
        let line = pen.paint(&line, Ink::Bold);
        pen.line(&line)?;
    }
    if assessment.n_scored > 0 {
        let text = tally(report, listed);
        pen.block("", &text)?;
    }
    let compared = format!(
        "Each compared with its own {} ({}), scored per {}.",
        phrase::window(assessment.history),
        phrase::length(phrase::seconds(assessment.history)),
        assessment.period,
    );
    let compared = pen.text(&compared);
    pen.block("", &compared)?;
    pen.block("", &format!("{}.", phrase::accounted(report.coverage)))
}

/// How many of which severity, against what chance alone would bring.
fn tally(report: &Report<'_>, listed: &[&Finding]) -> String {
    let by_chance = expected(report.assessment.expected_by_chance);
    match phrase::levels(listed) {
        levels if levels.is_empty() => {
            format!("About {by_chance} expected to depart by chance alone.")
        }
        levels => format!("{levels}; about {by_chance} expected by chance alone."),
    }
}

/// Whether only some of those who were scored were asked for.
fn is_narrowed(report: &Report<'_>) -> bool {
    let findings = report.assessment.findings.iter();
    number(findings.filter(|f| f.p_value.is_some()).count()) < u64::from(report.assessment.n_scored)
}

/// Whether everybody who was scored was scored on little history.
fn is_all_thin(report: &Report<'_>) -> bool {
    let findings = report.assessment.findings.iter();
    let mut scored = findings.filter(|f| f.p_value.is_some());
    scored.all(|f| below::is_little(f.support.verdict))
}

/// Gaps shown; the rest is counted.
const GAPS_SHOWN: usize = 3;

/// Cautions shown; the rest is counted.
const CAUTIONS_SHOWN: usize = 5;

/// What limits the answer, before the answer.
fn cautions(pen: &mut Pen<'_>, report: &Report<'_>) -> anyhow::Result<()> {
    if let Some(text) = incomplete(report.coverage) {
        pen.warning(&text)?;
    }
    let gaps = gaps::sentences(report);
    for gap in gaps.iter().take(GAPS_SHOWN) {
        pen.warning(gap)?;
    }
    let n_more = gaps.len().saturating_sub(GAPS_SHOWN);
    if n_more > 0 {
        let more = counted(number(n_more), "more gap");
        pen.warning(&format!("and {more}; `habitual inspect` lists them"))?;
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

/// How much of the input is missing, if any is.
pub(super) fn incomplete(coverage: &Coverage) -> Option<String> {
    let troubled = coverage.files.iter().filter(|f| !f.problems.is_empty());
    coverage.is_incomplete().then(|| {
        format!(
            "the input is incomplete: trouble with {} of {}, {} of {} skipped",
            count(number(troubled.count())),
            counted(number(coverage.files.len()), "file"),
            count(coverage.n_skipped()),
            counted(coverage.n_records, "record"),
        )
    })
}
