//! The summary: what a run read and found, in at most twenty lines.

use std::cmp::Reverse;
use std::io::Write;

use anyhow::Context as _;

use super::inspect::longest_silence;
use super::layout::{pad, truncate, width, wrap_at_most, wrap_command};
use super::pen::Pen;
use super::phrase::{self, by_severity, count, counted, expected, minute, number};
use super::{LAST_RESORT, Report, Style, citation, safe_steps, spark};
use crate::event::{Source, Untrusted};
use crate::finding::Finding;
use crate::ingest::coverage::{Coverage, SourceCoverage};

/// Skip reasons that get a line of their own.
const REASONS_SHOWN: usize = 2;

/// Lines of the whole summary.
const MAX_LINES: usize = 20;

/// Identities that are named, if there is room.
const MAX_NAMED: usize = 5;

/// Columns of the name of one of them.
const NAME: usize = 30;

/// Lines of the next command.
const NEXT_LINES: usize = 3;

/// Columns of the label at the start of a line.
const LABEL: usize = 12;

/// Writes the summary of `report`: windows, coverage and gaps first, then what
/// was found and what to run next.
///
/// # Errors
///
/// When `out` fails.
pub fn write_summary(
    report: &Report<'_>,
    style: &Style,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let mut above = Vec::new();
    account(&mut Pen::new(style, &mut above), report)?;
    let n_lines = above.split(|byte| *byte == b'\n').count();
    out.write_all(&above).context("writing the summary")?;
    let mut pen = Pen::new(style, out);
    let mut below = Vec::new();
    next(&mut Pen::new(style, &mut below), report)?;
    let n_below = below.split(|byte| *byte == b'\n').count();
    // Both end in a line that is empty.
    let n_taken = n_lines.saturating_add(n_below).saturating_sub(2);
    named(&mut pen, report, MAX_LINES.saturating_sub(n_taken))?;
    pen.flush()?;
    out.write_all(&below).context("writing the summary")
}

/// Windows, coverage and numbers of findings.
fn account(pen: &mut Pen<'_>, report: &Report<'_>) -> anyhow::Result<()> {
    windows(pen, report)?;
    for (source, covered) in &report.coverage.sources {
        source_line(pen, *source, covered)?;
    }
    records(pen, report.coverage)?;
    skipped(pen, report.coverage)?;
    troubles(pen, report.coverage)?;
    oddities(pen, report.coverage)?;
    weights(pen, report)?;
    alerts(pen, report)
}

/// The foremost identities, at most `n`, with their days.
fn named(pen: &mut Pen<'_>, report: &Report<'_>, n: usize) -> anyhow::Result<()> {
    let listed = report.listed();
    let names: Vec<String> = listed
        .iter()
        .take(n.min(MAX_NAMED))
        .map(|finding| pen.text(&finding.identity.name))
        .collect();
    let columns = names.iter().map(|name| width(name)).max();
    let columns = columns.unwrap_or_default().min(NAME);
    let days: Vec<String> = listed.iter().map(|f| spark::line(pen, f)).collect();
    let n_days = days.iter().take(names.len()).map(|days| width(days)).max();
    let n_days = n_days.unwrap_or_default();
    for (idx, ((name, days), finding)) in names.iter().zip(&days).zip(&listed).enumerate() {
        let label = if idx == 0 { "foremost" } else { "" };
        let name = pad(&truncate(name, columns, pen.ellipsis()), columns);
        let days = pad(days, n_days);
        let odds = finding.p_value.map(phrase::one_in).unwrap_or_default();
        let severity = finding.severity.name();
        entry(pen, label, &format!("{severity:<8} {name}  {days}  {odds}"))?;
    }
    Ok(())
}

/// One line, cut to the width.
fn entry(pen: &mut Pen<'_>, name: &str, text: &str) -> anyhow::Result<()> {
    let room = pen.width().saturating_sub(LABEL);
    let line = truncate(text, room, pen.ellipsis());
    pen.lines(&format!("{name:<LABEL$}"), &[line])
}

/// A text of numbers, on two lines if need be: a cut number is a wrong one.
fn wrapped(pen: &mut Pen<'_>, name: &str, text: &str) -> anyhow::Result<()> {
    let room = pen.width().saturating_sub(LABEL);
    let lines = wrap_at_most(text, room, 2, pen.ellipsis());
    pen.lines(&format!("{name:<LABEL$}"), &lines)
}

fn windows(pen: &mut Pen<'_>, report: &Report<'_>) -> anyhow::Result<()> {
    let assessment = report.assessment;
    for (name, window) in [
        ("history", assessment.history),
        ("review", assessment.review),
    ] {
        let length = phrase::length(phrase::seconds(window));
        let text = format!("{} UTC, {length}", phrase::window(window));
        entry(pen, name, &text)?;
    }
    Ok(())
}

/// Which weights were tried, and which are in force.
fn weights(pen: &mut Pen<'_>, report: &Report<'_>) -> anyhow::Result<()> {
    for lesson in &report.assessment.lessons {
        wrapped(pen, "weights", &phrase::lesson(lesson))?;
    }
    Ok(())
}

/// The account of every record.
fn records(pen: &mut Pen<'_>, coverage: &Coverage) -> anyhow::Result<()> {
    let mut text = phrase::accounted(coverage);
    let passed_over: Vec<String> = coverage
        .passed_over
        .iter()
        .map(|(reason, tally)| format!("{} {}", count(tally.n), reason.name()))
        .collect();
    if !passed_over.is_empty() {
        text.push_str(&format!("; passed over: {}", passed_over.join(", ")));
    }
    wrapped(pen, "records", &text)
}

fn skipped(pen: &mut Pen<'_>, coverage: &Coverage) -> anyhow::Result<()> {
    let mut reasons: Vec<_> = coverage.skipped.iter().filter(|(_, t)| t.n > 0).collect();
    reasons.sort_by_key(|(reason, tally)| (!reason.is_damage(), Reverse(tally.n), **reason));
    let n_more = reasons.len().saturating_sub(REASONS_SHOWN);
    for (idx, (reason, tally)) in reasons.iter().take(REASONS_SHOWN).enumerate() {
        let mut text = format!("{} {}", count(tally.n), reason.name());
        if idx + 1 == REASONS_SHOWN && n_more > 0 {
            let more = counted(number(n_more), "more reason");
            text.push_str(&format!(" (and {more})"));
        }
        if let Some(sample) = tally.samples.first() {
            let record = pen.text(&citation(coverage, sample.provenance));
            let detail = pen.text(&sample.detail);
            text.push_str(&format!(", first {record} {detail}"));
        }
        entry(pen, "skipped", &text)?;
    }
    Ok(())
}

/// How many files are in trouble, and the first of them with what to do.
fn troubles(pen: &mut Pen<'_>, coverage: &Coverage) -> anyhow::Result<()> {
    let troubled = || coverage.files.iter().filter(|f| !f.problems.is_empty());
    let Some((file, problem)) = troubled().find_map(|f| f.problems.first().map(|p| (f, p))) else {
        return Ok(());
    };
    let (kind, hint) = problem.kind.describe();
    let text = format!(
        "{}, first {}: {kind} ({}); {hint}",
        counted(number(troubled().count()), "file"),
        pen.text(&file.path),
        pen.text(&problem.detail),
    );
    wrapped(pen, "trouble", &text)
}

/// Things that are not wrong, but worth knowing of.
fn oddities(pen: &mut Pen<'_>, coverage: &Coverage) -> anyhow::Result<()> {
    let unknown = number(coverage.unknown_values.len());
    let found: Vec<String> = [
        (coverage.conflicts.n, "id used twice with different content"),
        (
            coverage.overflow.n_identities,
            "identity (estimated) beyond --memory-limit, not scored",
        ),
        (coverage.n_unpaired, "Vault entry without its counterpart"),
        (unknown, "value unknown to this version"),
    ]
    .into_iter()
    .filter(|(n, _)| *n > 0)
    .map(|(n, what)| format!("{} × {what}", count(n)))
    .collect();
    if found.is_empty() {
        return Ok(());
    }
    let text = pen.text(&found.join(", "));
    entry(pen, "also", &text)
}

fn source_line(pen: &mut Pen<'_>, source: Source, covered: &SourceCoverage) -> anyhow::Result<()> {
    let mut text = counted(covered.n_events, "event");
    if let (Some(first), Some(last)) = (covered.first, covered.last) {
        text.push_str(&format!(", {} to {}", minute(first), minute(last)));
    }
    match longest_silence(source, covered) {
        Some(gap) => text.push_str(&format!(
            "; longest silence {} from {}",
            counted(gap.n_hours, "hour"),
            minute(gap.start)
        )),
        None => text.push_str("; no hour without events"),
    }
    wrapped(pen, source.name(), &text)
}

fn alerts(pen: &mut Pen<'_>, report: &Report<'_>) -> anyhow::Result<()> {
    let assessment = report.assessment;
    let listed = report.listed();
    let levels = by_severity(&listed).map(|(level, n)| format!("{n} {}", level.name()));
    let text = format!(
        "{} listed ({}), {} expected by chance",
        counted(number(listed.len()), "finding"),
        levels.join(", "),
        expected(assessment.expected_by_chance),
    );
    wrapped(pen, "alerts", &text)?;
    let n_unjudged = assessment
        .findings
        .iter()
        .filter(|f| f.p_value.is_none())
        .count();
    let text = format!(
        "{} and {n_unjudged} without judgement; {}",
        counted(assessment.n_scored.into(), "identity"),
        counted(number(assessment.facts.len()), "fact"),
    );
    entry(pen, "scored", &text)
}

/// The command to run next: how the first finding came about, or everybody.
fn next(pen: &mut Pen<'_>, report: &Report<'_>) -> anyhow::Result<()> {
    let room = pen.width().saturating_sub(LABEL);
    let first = report.listed().into_iter().next();
    let command = match first.and_then(explain_step) {
        Some(step) => step.to_owned(),
        None if first.is_some() => format!("habitual replay {} -f json", report.inputs_in_words()),
        None => format!("habitual replay {} --all", report.inputs_in_words()),
    };
    let shown = pen.command(&command);
    let lines = shown.and_then(|command| wrap_command(&command, room));
    let lines = lines.filter(|lines| lines.len() <= NEXT_LINES);
    let lines = lines.unwrap_or_else(|| vec![LAST_RESORT.to_owned()]);
    pen.lines(&format!("{:<LABEL$}", "next"), &lines)
}

fn explain_step(finding: &Finding) -> Option<&str> {
    let mut steps = safe_steps(finding).map(Untrusted::as_raw);
    steps.find(|step| step.starts_with("habitual explain "))
}
