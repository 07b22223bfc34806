//! A finding on a terminal: why, what counted how much, the sums, and when it
//! happened.

use std::io::Write;

use super::person::Shown;
use super::steps::{self, digits};
use crate::event::Timestamp;
use crate::finding::{
    DayReckoning, Explanation, Measure, Moment, Names, Reckoning, StatisticReckoning, Story,
};
use crate::report::layout::{pad, truncate, truncate_start, width, wrap};
use crate::report::pen::{Ink, Pen};
use crate::report::phrase::{self, class, count, counted, number, one_in, percent};
use crate::report::{Style, safe_steps, steps as next_steps};

/// Columns of the name of a statistic or family.
const NAME: usize = 20;

pub(super) fn write(
    explanation: &Explanation,
    style: &Style,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let mut pen = Pen::new(style, out);
    let Story::Arithmetic {
        reckoning,
        names,
        timeline,
    } = &explanation.story
    else {
        return Ok(());
    };
    title(&mut pen, explanation)?;
    why(&mut pen, explanation)?;
    if let Some(own) = reckoning {
        let accounts = names.accounts.iter().map(|key| pen.text(key)).collect();
        let shown = Shown { names, accounts };
        leading(&mut pen, own, &shown)?;
        if let Some(day) = steps::strongest_day(own) {
            statistics(&mut pen, day, names.day(day.ordinal))?;
            families(&mut pen, day)?;
            sums(&mut pen, own, day, &shown)?;
        }
        periods(&mut pen, own, names)?;
    }
    moments(&mut pen, timeline)?;
    next(&mut pen, explanation)
}

/// Who, how unusual, and what that rests on.
pub(super) fn title(pen: &mut Pen<'_>, explanation: &Explanation) -> anyhow::Result<()> {
    let finding = &explanation.finding;
    let name = pen.text(&finding.identity.name);
    let judged = match finding.p_value {
        Some(p) => format!("{}, {}", finding.severity.name(), one_in(p)),
        None => "not judged".to_owned(),
    };
    let text = format!("{name} ({}): {judged}", class(finding));
    for line in wrap(&text, pen.width()) {
        let line = pen.paint(&line, Ink::Bold);
        pen.line(&line)?;
    }
    let rank = finding
        .rank
        .map_or_else(String::new, |rank| format!(", rank {rank}"));
    pen.block("finding  ", &format!("{}{rank}", finding.finding_id))?;
    pen.block("key      ", &pen.text(&finding.identity.id))?;
    let windows = format!(
        "{} against {}, per {}",
        phrase::window(explanation.review),
        phrase::window(explanation.history),
        explanation.period
    );
    pen.block("review   ", &windows)?;
    let support = &finding.support;
    let verdicts: Vec<&str> = support.verdicts.iter().map(|v| v.name()).collect();
    let rests = format!(
        "{} with {}, {} of them scored; {}",
        phrase::active(support.active_days.into(), explanation.period),
        counted(support.n_events, "event"),
        count(support.usable_days.into()),
        verdicts.join(", ")
    );
    pen.block("history  ", &rests)?;
    if let Some(reason) = &finding.abstained {
        pen.block("no p     ", &pen.text(reason))?;
    }
    Ok(())
}

fn why(pen: &mut Pen<'_>, explanation: &Explanation) -> anyhow::Result<()> {
    if explanation.finding.evidence.is_empty() {
        return Ok(());
    }
    pen.heading("Why")?;
    for (nth, evidence) in (1_u32..).zip(&explanation.finding.evidence) {
        let sentence = pen.text(&evidence.sentence);
        pen.block(&format!("{nth:>2} "), &sentence)?;
    }
    Ok(())
}

/// Whose account the sums begin with, where there are several.
fn leading(pen: &mut Pen<'_>, own: &Reckoning, shown: &Shown<'_>) -> anyhow::Result<()> {
    let Some((lead, others)) = shown
        .accounts
        .split_first()
        .filter(|_| own.person.is_some())
    else {
        return Ok(());
    };
    pen.heading("Accounts")?;
    let text = format!(
        "Judged together, each by its own habits: {lead}, which departs most and whose sums these \
         are, and {}. -f json has those of all.",
        others.join(", ")
    );
    pen.block("", &text)
}

fn statistics(pen: &mut Pen<'_>, day: &DayReckoning, label: &str) -> anyhow::Result<()> {
    pen.heading(&format!(
        "Statistics of {label}, which counts most ({})",
        counted(day.n_events.into(), "event")
    ))?;
    let head = row(
        ["STATISTIC", "SEEN", "USUAL"],
        ["OWN", "PEERS", "ALL"],
        ["P", "BITS"],
    );
    let head = pen.paint(&head, Ink::Dim);
    pen.line(&head)?;
    let mut statistics: Vec<&StatisticReckoning> = day.statistics.iter().collect();
    statistics.sort_by(|a, b| b.bits.total_cmp(&a.bits));
    for statistic in &statistics {
        pen.line(&statistic_line(statistic))?;
    }
    let n_all: usize = day.families.iter().map(|own| own.n_statistics).sum();
    let n_rest = n_all.saturating_sub(statistics.len());
    let class = day.pool.class;
    let pool = class.map_or("the organisation", |class| class.name());
    pen.block(
        "",
        &format!(
            "OWN, PEERS and ALL: how many windows of theirs are as surprising. {} 0 and say \
             nothing. Pool: {} of {pool}{}.",
            match n_rest {
                1 => "1 other statistic is".to_owned(),
                n => format!("{n} other statistics are"),
            },
            counted(number(day.pool.n), "window"),
            steps::which(day.pool.age),
        ),
    )
}

fn statistic_line(own: &StatisticReckoning) -> String {
    let (seen, usual) = match own.measure {
        // Its unit, as the model counts it.
        Measure::Amount { x, median, .. } if own.statistic.name() == "bytes.day" => {
            let bytes = |n: u64| phrase::bytes(n.saturating_mul(65_536));
            (bytes(x), bytes(median))
        }
        Measure::Amount { x, median, .. } => (count(x), count(median)),
        Measure::Share { k, n, usual } => (format!("{k} of {n}"), percent(usual)),
        Measure::Surprise => (format!("t {:.1}", own.calibrated.t), String::new()),
    };
    let among = |of: crate::finding::Among| format!("{}/{}", of.n_at_least, of.n);
    row(
        [&steps::name(own), &seen, &usual],
        [&among(own.own), &among(own.peers), &among(own.organisation)],
        [&short(own.calibrated.p), &format!("{:.2}", own.bits)],
    )
}

/// 80 columns.
fn row(what: [&str; 3], among: [&str; 3], result: [&str; 2]) -> String {
    let [name, seen, usual] = what;
    let [own, peers, all] = among;
    let [p, bits] = result;
    let name = truncate(name, NAME, "~");
    format!(
        "{}{seen:>9} {usual:>8} {own:>7} {peers:>8} {all:>9} {p:>7} {bits:>6}",
        pad(&name, NAME)
    )
}

/// `3.1e-6`, `0.012`.
fn short(p: f64) -> String {
    if p >= 1e-3 {
        format!("{p:.3}")
    } else {
        format!("{p:.1e}")
    }
}

fn families(pen: &mut Pen<'_>, day: &DayReckoning) -> anyhow::Result<()> {
    pen.heading("Families: the strongest statistic of each, less log2 of how many it has")?;
    let head = format!(
        "{}{:>9} {:>5} {:>9}  {:>10} {:>9}",
        pad("FAMILY", NAME),
        "STRONGEST",
        "OF",
        "BITS",
        "x WEIGHT",
        "= ADDS"
    );
    let head = pen.paint(&head, Ink::Dim);
    pen.line(&head)?;
    for own in day.families.iter().filter(|own| own.strongest > 0.0) {
        let mark = if own.is_lone { "*" } else { "" };
        let capped = if own.bits > 12.0 { "12 x" } else { "" };
        let line = format!(
            "{}{:>9} {:>5} {:>9}  {:>10} {:>9}",
            pad(&format!("{}{mark}", own.family.name()), NAME),
            format!("{:.4}", own.strongest),
            own.n_statistics,
            format!("{:.4}", own.bits),
            format!("{capped} {}", digits(own.weight)).trim().to_owned(),
            format!("{:.4}", own.contribution)
        );
        pen.line(&line)?;
    }
    pen.line("* may set the burst score alone")
}

fn sums(
    pen: &mut Pen<'_>,
    own: &Reckoning,
    day: &DayReckoning,
    shown: &Shown<'_>,
) -> anyhow::Result<()> {
    pen.heading("How p comes about")?;
    for (nth, step) in (1_u32..).zip(steps::of(own, day, shown)) {
        let title = pen.paint(&format!("{nth} {}", step.title), Ink::Bold);
        pen.line(&title)?;
        for line in &step.lines {
            pen.block("    ", line)?;
        }
    }
    Ok(())
}

/// Every period, so that the one that counts most is seen among the others.
fn periods(pen: &mut Pen<'_>, own: &Reckoning, names: &Names) -> anyhow::Result<()> {
    pen.heading("All scored periods")?;
    let labels = own.days.iter().map(|day| names.day(day.ordinal));
    let columns = labels.clone().map(width).max().unwrap_or(10);
    for (day, label) in own.days.iter().zip(labels) {
        let lead = day.channels.iter().min_by(|a, b| a.p.total_cmp(&b.p));
        pen.line(&format!(
            "{}  p {:>9}  {:<9} {:>16}",
            pad(label, columns),
            short(day.p),
            lead.map_or("", |own| own.channel.name()),
            counted(day.n_events.into(), "event")
        ))?;
    }
    Ok(())
}

fn moments(pen: &mut Pen<'_>, timeline: &[Moment]) -> anyhow::Result<()> {
    if timeline.is_empty() {
        return Ok(());
    }
    pen.heading("Timeline of what is cited (UTC)")?;
    let room = pen.width().saturating_sub(MARGIN);
    for same in timeline.chunk_by(|a, b| a.time == b.time && a.record == b.record) {
        let Some(first) = same.first() else { continue };
        let time = Timestamp::from_seconds(first.time.seconds());
        let mut label = format!("{}  ", time.rfc3339());
        for moment in same {
            let what = format!("{}: {}", moment.dimension, pen.text(&moment.what));
            pen.block(&label, &what)?;
            label = " ".repeat(MARGIN);
        }
        let record = truncate_start(&pen.text(&first.record), room, pen.ellipsis());
        for line in [record, pen.text(&first.event_id)] {
            let line = pen.paint(&truncate(&line, room, pen.ellipsis()), Ink::Dim);
            pen.line(&format!("{label}{line}"))?;
        }
    }
    Ok(())
}

/// Columns of a time, and the space behind it.
const MARGIN: usize = 22;

/// What to do next. Commands can be pasted as they are.
pub(super) fn next(pen: &mut Pen<'_>, explanation: &Explanation) -> anyhow::Result<()> {
    let shown = safe_steps(&explanation.finding);
    let shown: Vec<String> = shown.filter_map(|step| pen.command(step)).collect();
    if shown.is_empty() {
        return Ok(());
    }
    pen.heading("Next")?;
    for (number, step) in (1_usize..).zip(&shown) {
        let label = format!("{number:>2} ");
        if next_steps::is_command(step) {
            let purpose = next_steps::purpose(step).unwrap_or("Run");
            pen.lines(&label, &[purpose.to_owned()])?;
            let room = pen.width().saturating_sub(COMMAND.len());
            pen.lines(COMMAND, &next_steps::whole_lines(step, room))?;
        } else {
            pen.block(&label, step)?;
        }
    }
    Ok(())
}

/// Indents a command.
const COMMAND: &str = "     ";
