//! Entries: a line of columns per finding, and under it why, when, how sure
//! and what next, aligned so that the eye can skim the labels.

use crate::finding::{Evidence, Finding, FindingDay, Severity};
use crate::report::layout::{pad, truncate, width, wrap, wrap_at_most, wrap_command};
use crate::report::pen::{Ink, Pen};
use crate::report::phrase::{counted, minute, number, one_in, percent};
use crate::report::{PLACEHOLDER, Report, days_in_evidence, leading, safe_steps};

/// From this width on there is room for three reasons with their shares.
const WIDE: usize = 100;

/// From this width on class, tenant and citations get a place of their own.
const VERY_WIDE: usize = 130;

/// Columns before the text of an entry: rank and severity.
const MARGIN: usize = 15;

/// Periods drawn as bars; more would not fit the line.
const BARS: usize = 31;

/// Writes the column titles and every entry.
pub(super) fn write(
    pen: &mut Pen<'_>,
    report: &Report<'_>,
    listed: &[&Finding],
) -> anyhow::Result<()> {
    let columns = columns(pen.width(), report.assessment.period, listed);
    pen.line("")?;
    let titles: Vec<String> = columns.iter().map(|c| pad(c.title, c.width)).collect();
    let titles = pen.paint(titles.join("  ").trim_end(), Ink::Bold);
    pen.line(&titles)?;
    let rule = pen.rule();
    let rule = pen.paint(&rule, Ink::Dim);
    pen.line(&rule)?;
    for (idx, finding) in listed.iter().enumerate() {
        // Whoever kept to habit gets a line, not a block.
        let is_quiet = finding.severity == Severity::None;
        if idx > 0 && !is_quiet {
            pen.line("")?;
        }
        headline(pen, &columns, finding)?;
        if is_quiet {
            continue;
        }
        why(pen, finding)?;
        when(pen, finding)?;
        sure(pen, finding)?;
        next(pen, report, finding)?;
    }
    Ok(())
}

/// What a column shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Rank,
    Severity,
    Identity,
    Class,
    Tenant,
    Odds,
    FirstSign,
    Bars,
}

struct Column {
    field: Field,
    title: &'static str,
    width: usize,
}

/// The columns that fit, the identity taking what is left.
fn columns(line: usize, period: &str, listed: &[&Finding]) -> Vec<Column> {
    let n_bars = listed.iter().map(|f| f.days.len()).max().unwrap_or(0);
    let mut columns = vec![
        Column {
            field: Field::Rank,
            title: "  #",
            width: 3,
        },
        Column {
            field: Field::Severity,
            title: "SEVERITY",
            width: 8,
        },
        Column {
            field: Field::Identity,
            title: "IDENTITY",
            width: 0,
        },
    ];
    if line >= VERY_WIDE {
        columns.push(Column {
            field: Field::Class,
            title: "CLASS",
            width: 15,
        });
        columns.push(Column {
            field: Field::Tenant,
            title: "TENANT",
            width: 20,
        });
    }
    columns.push(Column {
        field: Field::Odds,
        title: "CHANCE",
        width: 14,
    });
    if line >= WIDE && (2..=BARS).contains(&n_bars) {
        columns.push(Column {
            field: Field::Bars,
            title: if period == "day" { "DAYS" } else { "TIMES" },
            width: n_bars.max(5),
        });
    }
    if line >= 56 {
        let width = if line >= 72 { 17 } else { 10 };
        columns.push(Column {
            field: Field::FirstSign,
            title: "FIRST SIGN",
            width,
        });
    }
    let taken: usize = columns
        .iter()
        .map(|c| c.width + 2)
        .sum::<usize>()
        .saturating_sub(2);
    let longest = listed
        .iter()
        .map(|f| f.identity.name.as_raw().chars().count())
        .max();
    for column in &mut columns {
        if column.field == Field::Identity {
            let wanted = longest
                .unwrap_or(0)
                .max(if line >= WIDE { 32 } else { usize::MAX });
            column.width = line.saturating_sub(taken).min(wanted).max(4);
        }
    }
    columns
}

fn headline(pen: &mut Pen<'_>, columns: &[Column], finding: &Finding) -> anyhow::Result<()> {
    let cells: Vec<String> = columns
        .iter()
        .map(|column| {
            let text = cell(pen, column, finding);
            let shown = truncate(&text, column.width, pen.ellipsis());
            let padded = pad(&shown, column.width);
            match column.field {
                Field::Severity => pen.paint(&padded, Ink::of(finding.severity)),
                Field::Identity => pen.paint(&padded, Ink::Bold),
                _ => padded,
            }
        })
        .collect();
    pen.line(&cells.join("  "))
}

fn cell(pen: &Pen<'_>, column: &Column, finding: &Finding) -> String {
    match column.field {
        Field::Rank => finding
            .rank
            .map_or_else(String::new, |rank| format!("{rank:>3}")),
        Field::Severity => finding.severity.name().to_owned(),
        Field::Identity => pen.text(&finding.identity.name),
        Field::Class => finding.identity.class.name().to_owned(),
        Field::Tenant => pen.text(&finding.identity.tenant),
        Field::Odds => finding.p_value.map_or_else(String::new, one_in),
        Field::Bars => bars(pen, &finding.days),
        Field::FirstSign => first_sign(finding, column.width),
    }
}

/// When the leading evidence begins.
fn first_sign(finding: &Finding, columns: usize) -> String {
    let Some(lead) = leading(finding) else {
        return String::new();
    };
    match lead.first_time {
        Some(time) if columns >= 17 => minute(time),
        Some(time) => time.date(),
        None => lead.day.clone(),
    }
}

/// One mark per period, higher for the more unusual: every two bits of
/// surprise beyond 1 in 4 are a step.
fn bars(pen: &Pen<'_>, days: &[FindingDay]) -> String {
    const UNICODE: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
    const ASCII: [&str; 8] = ["_", ".", ":", "-", "=", "+", "*", "#"];
    const STEPS: [f64; 7] = [4.0, 6.0, 8.0, 10.0, 12.0, 14.0, 16.0];
    days.iter()
        .map(|day| {
            let Some(p) = day.p_value else {
                return pen.either("·", " ");
            };
            let level = STEPS.iter().filter(|bits| -p.log2() >= **bits).count();
            let (unicode, ascii) = (UNICODE.get(level), ASCII.get(level));
            pen.either(unicode.unwrap_or(&"█"), ascii.unwrap_or(&"#"))
        })
        .collect()
}

/// A label in the column of the severity, its text in that of the identity.
fn label(name: &str) -> String {
    format!("     {}", pad(name, MARGIN - 5))
}

/// The leading reason in full, then the next ones as far as there is room.
fn why(pen: &mut Pen<'_>, finding: &Finding) -> anyhow::Result<()> {
    let is_wide = pen.width() >= WIDE;
    let (n_shown, n_lines) = if is_wide { (3, 2) } else { (2, 1) };
    if finding.evidence.is_empty() {
        return pen.lines(&label("why"), &["no single habit stands out".to_owned()]);
    }
    for (idx, evidence) in finding.evidence.iter().take(n_shown).enumerate() {
        let name = label(if idx == 0 { "why" } else { "" });
        let share = if is_wide {
            share_of(evidence)
        } else {
            String::new()
        };
        let room = pen.width().saturating_sub(MARGIN + width(&share));
        let n_lines = if idx == 0 { 4 } else { n_lines };
        let sentence = pen.text(&evidence.sentence);
        let mut lines = wrap_at_most(&sentence, room, n_lines, pen.ellipsis());
        let indent = " ".repeat(width(&share));
        for (idx, line) in lines.iter_mut().enumerate() {
            let margin = if idx == 0 { &share } else { &indent };
            *line = format!("{margin}{line}");
        }
        pen.lines(&name, &lines)?;
    }
    match finding.evidence.len().saturating_sub(n_shown) {
        0 => Ok(()),
        n => {
            let more = counted(number(n), "more reason");
            pen.lines(&label(""), &[format!("and {more}")])
        }
    }
}

/// Which share of the score a piece of evidence carries: `43%  network`.
fn share_of(evidence: &Evidence) -> String {
    format!(
        "{:>4}  {}  ",
        percent(evidence.share),
        pad(&truncate(evidence.dimension, 12, "."), 12)
    )
}

/// The periods concerned, where the first sign alone does not say it.
fn when(pen: &mut Pen<'_>, finding: &Finding) -> anyhow::Result<()> {
    let days = days_in_evidence(finding);
    let is_said = days.len() < 2 && pen.width() >= 56;
    if is_said || days.is_empty() {
        return Ok(());
    }
    let shown: Vec<String> = days.iter().take(4).map(|day| pen.text(*day)).collect();
    let mut text = shown.join(", ");
    if days.len() > shown.len() {
        text.push_str(&format!(" and {} more", days.len() - shown.len()));
    }
    pen.block(&label("when"), &text)
}

/// How far the odds can be relied on.
fn sure(pen: &mut Pen<'_>, finding: &Finding) -> anyhow::Result<()> {
    let support = &finding.support;
    let verdicts = if support.verdicts.is_empty() {
        support.verdict.name().to_owned()
    } else {
        let names: Vec<&str> = support.verdicts.iter().map(|v| v.name()).collect();
        names.join(", ")
    };
    let mut text = format!(
        "{verdicts} baseline: {} in {}",
        counted(support.n_events, "event"),
        counted(support.active_days.into(), "active day"),
    );
    if support.usable_days < support.active_days {
        text.push_str(&format!(", {} of them usable", support.usable_days));
    }
    if let Some(q) = finding.q_value {
        text.push_str(&format!(
            "; up to here, {} of findings expected false",
            percent(q)
        ));
    }
    if pen.width() < VERY_WIDE {
        let tenant = pen.text(&finding.identity.tenant);
        let place = if tenant.is_empty() {
            String::new()
        } else {
            format!(" in {tenant}")
        };
        text = format!("{}{place}; {text}", finding.identity.class.name());
    }
    let room = pen.width().saturating_sub(MARGIN);
    let lines = wrap_at_most(&text, room, 3, pen.ellipsis());
    pen.lines(&label("sure"), &lines)
}

/// What to look at next: the cited record, and the first steps that fit.
fn next(pen: &mut Pen<'_>, report: &Report<'_>, finding: &Finding) -> anyhow::Result<()> {
    let room = pen.width().saturating_sub(MARGIN);
    let record = leading(finding).and_then(|lead| lead.records.first());
    if let (Some(record), true) = (record, pen.width() >= VERY_WIDE) {
        let tags = finding.tags.attack.iter().chain(&finding.tags.owasp_nhi);
        let tags: String = tags.map(|tag| format!("  {tag}")).collect();
        let room_for_record = room.saturating_sub(width(&tags));
        let record = truncate(&pen.text(record), room_for_record, pen.ellipsis());
        let shown = format!("{record}{tags}");
        pen.lines(&label("see"), &[shown])?;
    }
    let n_steps = if pen.width() >= WIDE { 2 } else { 1 };
    let last_resort = format!("habitual explain {} {PLACEHOLDER}", finding.finding_id);
    let steps: Vec<Vec<String>> = safe_steps(finding)
        .filter_map(|step| pen.command(step))
        .chain(pen.command(&report.explain_command(finding)))
        .filter_map(|step| step_lines(&step, room))
        .chain([vec![last_resort]])
        .collect();
    let n_steps = n_steps.min(steps.len().saturating_sub(1)).max(1);
    for (idx, step) in steps.iter().take(n_steps).enumerate() {
        pen.lines(&label(if idx == 0 { "next" } else { "" }), step)?;
    }
    Ok(())
}

/// Programs whose command lines are broken so that they can be pasted.
const PROGRAMS: [&str; 6] = ["habitual", "aws", "vault", "okta", "jq", "duckdb"];

/// A step on lines that fit; `None` for a command that cannot be broken.
fn step_lines(step: &str, room: usize) -> Option<Vec<String>> {
    let program = step.split(' ').next().unwrap_or_default();
    if PROGRAMS.contains(&program) {
        wrap_command(step, room)
    } else {
        Some(wrap(step, room))
    }
}
