//! Entries: a line of columns per finding, and under it why, when, how sure
//! and what next, aligned so that the eye can skim the labels.

use super::column::{self, Names};
use super::{VERY_WIDE, WIDE};
use crate::event::Source;
use crate::finding::{Evidence, Finding, LinkKind, LinkedIdentity};
use crate::report::layout::{pad, truncate, width, wrap_at_most};
use crate::report::pen::Pen;
use crate::report::phrase::{active, class, counted, number, percent, tenant};
use crate::report::{LAST_RESORT, Report, days_in_evidence, leading, safe_steps, steps};

/// Columns before the text of an entry: rank and severity.
const MARGIN: usize = 15;

/// Writes a block per finding: its line of columns, and under it the rest.
pub(super) fn write(
    pen: &mut Pen<'_>,
    report: &Report<'_>,
    names: &Names,
    detailed: &[&Finding],
) -> anyhow::Result<()> {
    let columns = column::of_entries(pen, report, names, detailed);
    column::titles(pen, &columns)?;
    for (idx, finding) in detailed.iter().enumerate() {
        if idx > 0 {
            pen.line("")?;
        }
        column::line(pen, &columns, names, finding)?;
        let n_shown = if pen.width() >= WIDE { 3 } else { 2 };
        why(pen, finding, n_shown)?;
        when(pen, finding)?;
        sure(pen, report, finding)?;
        linked(pen, finding)?;
        next(pen, report, finding)?;
    }
    Ok(())
}

/// A label in the column of the severity, its text in that of the identity.
fn label(name: &str) -> String {
    format!("     {}", pad(name, MARGIN - 5))
}

/// The leading reason in full, then the next ones as far as there is room.
pub(super) fn why(pen: &mut Pen<'_>, finding: &Finding, n_shown: usize) -> anyhow::Result<()> {
    let is_wide = pen.width() >= WIDE;
    if finding.evidence.is_empty() {
        return pen.lines(&label("why"), &["no single habit stands out".to_owned()]);
    }
    for (idx, evidence) in told(finding, n_shown).into_iter().enumerate() {
        let name = label(if idx == 0 { "why" } else { "" });
        let share = if is_wide {
            share_of(evidence)
        } else {
            String::new()
        };
        let room = pen.width().saturating_sub(MARGIN + width(&share));
        let is_first = leading(finding).is_some_and(|lead| std::ptr::eq(lead, evidence));
        let n_lines = if is_first { 4 } else { 2 };
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

/// The strongest reasons, strongest first; of somebody who acted in several
/// products as a story, in order of time.
fn told(finding: &Finding, n_shown: usize) -> Vec<&Evidence> {
    let mut told: Vec<&Evidence> = finding.evidence.iter().take(n_shown).collect();
    let mut linked = finding.identity.linked.iter();
    if linked.any(|linked| linked.kind == LinkKind::Merged) {
        told.sort_by_key(|evidence| evidence.first_time);
    }
    told
}

/// Which share of the score a piece of evidence carries: `43%  network`.
fn share_of(evidence: &Evidence) -> String {
    format!(
        "{:>4}  {}  ",
        // What adds nothing to the score can still tell the most.
        if evidence.share < 0.005 {
            "-".to_owned()
        } else {
            percent(evidence.share)
        },
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
fn sure(pen: &mut Pen<'_>, report: &Report<'_>, finding: &Finding) -> anyhow::Result<()> {
    let support = &finding.support;
    let verdicts = if support.verdicts.is_empty() {
        support.verdict.name().to_owned()
    } else {
        let names: Vec<&str> = support.verdicts.iter().map(|v| v.name()).collect();
        names.join(", ")
    };
    let mut text = format!(
        "{verdicts} baseline of {} on {}",
        counted(support.n_events, "event"),
        active(support.active_days.into(), report.assessment.period),
    );
    if let Some(q) = finding.q_value {
        text.push_str(&format!("; false alarms down to here: {}", percent(q)));
    }
    if pen.width() < VERY_WIDE {
        let place = tenant(finding).map_or_else(String::new, |of| format!(" in {}", pen.text(of)));
        text = format!("{}{place}; {text}", class(finding));
    }
    let room = pen.width().saturating_sub(MARGIN);
    let lines = wrap_at_most(&text, room, 3, pen.ellipsis());
    pen.lines(&label("sure"), &lines)
}

/// Links shown; the others are counted.
const LINKS: usize = 3;

/// Who is judged as one with it, and who is likely the same.
fn linked(pen: &mut Pen<'_>, finding: &Finding) -> anyhow::Result<()> {
    let all = &finding.identity.linked;
    for (idx, linked) in all.iter().take(LINKS).enumerate() {
        let name = label(match idx {
            0 => "links",
            _ => "",
        });
        let text = link(&pen.text(&linked.name), linked);
        let room = pen.width().saturating_sub(MARGIN);
        pen.lines(&name, &wrap_at_most(&text, room, 2, pen.ellipsis()))?;
    }
    match all.len().saturating_sub(LINKS) {
        0 => Ok(()),
        n => pen.lines(
            &label(""),
            &[format!("and {}", counted(number(n), "more link"))],
        ),
    }
}

/// `= vault oidc-alice@corp.example, 0.97, seen 41 times`.
fn link(name: &str, linked: &LinkedIdentity) -> String {
    let sign = match linked.kind {
        LinkKind::Merged => "=",
        LinkKind::Likely => "likely",
    };
    let source = linked.source.map_or("", Source::name);
    let times = counted(linked.n_evidence, "time");
    let own = linked.finding_id.as_ref();
    let own = own.map_or_else(String::new, |id| {
        format!("; has a finding of its own, {id}")
    });
    let confidence = linked.confidence;
    format!("{sign} {source} {name}, {confidence:.2}, seen {times}{own}")
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
    let fitting: Vec<Vec<String>> = safe_steps(finding)
        .filter_map(|step| pen.command(step))
        .chain(pen.command(&report.look_command(finding)))
        .filter_map(|step| steps::lines(&step, room))
        .chain(steps::lines(LAST_RESORT, room))
        .collect();
    let n_steps = n_steps.min(fitting.len().saturating_sub(1)).max(1);
    for (idx, step) in fitting.iter().take(n_steps).enumerate() {
        pen.lines(&label(if idx == 0 { "next" } else { "" }), step)?;
    }
    Ok(())
}
