//! A backtest on a terminal: what failed, what is found, how often ordinary
//! life raises an alarm, and who cannot be watched.

use std::collections::BTreeMap;
use std::io::Write;

use super::Backtest;
use crate::backtest::{Criterion, NOMINAL_RATES, Outcome, Rates, Reason, Recall, Scope, Share};
use crate::event::Class;
use crate::report::Style;
use crate::report::inspect::table::rows;
use crate::report::layout::wrap;
use crate::report::pen::{Ink, Pen};
use crate::report::phrase::{self, count, counted, number};

/// From this width on, everything that is known of a plant has a column.
const WIDE: usize = 120;
/// Names listed of each reason for not being watched.
const NAMES_SHOWN: usize = 4;

/// Writes the backtest as sections of a page.
pub(super) fn write(
    backtest: &Backtest<'_>,
    style: &Style,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let mut pen = Pen::new(style, out);
    let outcome = backtest.outcome;
    title(&mut pen, backtest)?;
    criteria(&mut pen, &outcome.criteria)?;
    recall(&mut pen, outcome)?;
    by_class(&mut pen, outcome)?;
    weights(&mut pen, outcome)?;
    alarms(&mut pen, outcome)?;
    controls(&mut pen, outcome)?;
    unwatched(&mut pen, outcome)
}

fn title(pen: &mut Pen<'_>, backtest: &Backtest<'_>) -> anyhow::Result<()> {
    let outcome = backtest.outcome;
    for line in wrap(&headline(outcome), pen.width()) {
        let line = pen.paint(&line, Ink::Bold);
        pen.line(&line)?;
    }
    let text = what_was_done(outcome);
    if !text.is_empty() {
        pen.block("", &text)?;
    }
    if backtest.coverage.is_incomplete() {
        pen.warning("the input is incomplete; habitual inspect says what is missing")?;
    }
    Ok(())
}

/// What was tested, and whether it can be relied on.
fn headline(outcome: &Outcome) -> String {
    let failed = failure(outcome).map_or_else(String::new, |text| format!(": {text}"));
    format!("Backtest on {} UTC{failed}.", phrase::window(outcome.data))
}

/// `3 criteria failed`; `None` where none did.
pub(super) fn failure(outcome: &Outcome) -> Option<String> {
    let n = failed(&outcome.criteria).count();
    let noun = if n == 1 { "criterion" } else { "criteria" };
    (n > 0).then(|| format!("{} {noun} failed", count(number(n))))
}

/// How much was tried; empty where nothing was.
pub(super) fn what_was_done(outcome: &Outcome) -> String {
    let sampling = outcome.sampling;
    let (Some(first), Some(last)) = (outcome.steps.first(), outcome.steps.last()) else {
        return String::new();
    };
    format!(
        "{} of {} in {}..{}, each held against everything before it: {} of {} in their own \
         reviews, and {} planted in {} of these. Every account is judged alone.",
        counted(number(outcome.steps.len()), "review"),
        phrase::length(phrase::seconds(first.review)),
        first.review.start.date(),
        last.review.end.date(),
        counted(sampling.n_days, &format!("active {}", outcome.period)),
        counted(sampling.n_identities, "identity"),
        counted(sampling.n_plants, "plant")
            .replace("plants", "changes")
            .replace("plant", "change"),
        count(sampling.n_planted_reviews),
    )
}

fn failed(criteria: &[Criterion]) -> impl Iterator<Item = &Criterion> {
    criteria
        .iter()
        .filter(|criterion| criterion.holds == Some(false))
}

fn criteria(pen: &mut Pen<'_>, criteria: &[Criterion]) -> anyhow::Result<()> {
    pen.heading("Can it be relied on here?")?;
    for criterion in criteria {
        let (mark, ink) = match criterion.holds {
            Some(false) => ("failed   ", Ink::Red),
            Some(true) => ("holds    ", Ink::Dim),
            None => ("unknown  ", Ink::Dim),
        };
        let margin = pen.paint(mark, ink);
        let room = pen.width().saturating_sub(mark.len());
        for (idx, line) in wrap(&criterion.sentence, room).into_iter().enumerate() {
            let indent = if idx == 0 {
                margin.clone()
            } else {
                " ".repeat(mark.len())
            };
            pen.line(&format!("{indent}{line}"))?;
        }
    }
    Ok(())
}

/// A share in whole per cent, or a dash.
pub(super) fn percent(share: Share) -> String {
    share
        .value()
        .map_or_else(|| "-".to_owned(), |value| format!("{:.0}%", 100.0 * value))
}

pub(super) fn tenths(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.1}"))
}

fn name_of(recall: &Recall) -> &'static str {
    match recall.scope {
        Scope::Kind(kind) => kind.name(),
        Scope::Group(group) => group.name(),
    }
}

fn recall(pen: &mut Pen<'_>, outcome: &Outcome) -> anyhow::Result<()> {
    pen.heading("What is found, of what was planted")?;
    let is_wide = pen.width() >= WIDE;
    let all = outcome
        .recalls
        .iter()
        .filter(|recall| recall.class.is_none());
    let lines = all.map(|recall| {
        let [at_1, at_01] = recall.at_rates;
        let [five, ten, twenty] = recall.at_budgets;
        let [count_of, share_of, z] = recall.by_rules;
        let mut line = vec![name_of(recall).to_owned(), count(at_1.n)];
        line.extend([at_1, at_01, five].map(percent));
        if is_wide {
            line.extend([ten, twenty].map(percent));
        }
        line.extend([tenths(recall.median_delay), tenths(recall.mean_rank)]);
        line.extend([count_of, share_of, z].map(percent));
        if is_wide {
            let leading = recall.leading.map_or("-", |(family, _)| family.name());
            line.push(leading.to_owned());
        }
        line
    });
    let lines = std::iter::once(nothing(outcome, is_wide))
        .chain(lines)
        .collect();
    let wide = [
        "PLANT", "N", "1%", "0.1%", "5/DAY", "10/DAY", "20/DAY", "DELAY", "RANK", "NEW", "NEW%",
        "VOL", "LEADS",
    ];
    let narrow = [
        "PLANT", "N", "1%", "0.1%", "5/DAY", "DELAY", "RANK", "NEW", "NEW%", "VOL",
    ];
    if is_wide {
        rows(pen, &wide, 1..12, lines)?;
    } else {
        rows(pen, &narrow, 1..10, lines)?;
    }
    legend(pen, outcome)
}

/// The row of reviews in which nothing was planted.
fn nothing(outcome: &Outcome, is_wide: bool) -> Vec<String> {
    let [five, ten, twenty] = outcome.quiet;
    let mut line = vec![
        "(nothing)".to_owned(),
        count(five.n),
        String::new(),
        String::new(),
    ];
    line.push(percent(five));
    if is_wide {
        line.extend([ten, twenty].map(percent));
    }
    line.resize(if is_wide { 13 } else { 10 }, String::new());
    line
}

/// What was learned about weights.
fn weights(pen: &mut Pen<'_>, outcome: &Outcome) -> anyhow::Result<()> {
    if outcome.lessons.is_empty() {
        return Ok(());
    }
    pen.heading("Weights learned before the last review")?;
    for lesson in &outcome.lessons {
        let what = phrase::lesson(lesson);
        pen.block("", &what)?;
    }
    Ok(())
}

fn legend(pen: &mut Pen<'_>, outcome: &Outcome) -> anyhow::Result<()> {
    let ranked = outcome
        .recalls
        .iter()
        .filter_map(|recall| recall.mean_ranked);
    let most = ranked.fold(0.0, f64::max);
    let n = outcome.sampling.n_reviews;
    let resolved = if n < 1_000 {
        format!(
            " 0.1% is stricter than any of the {} own reviews.",
            count(n)
        )
    } else {
        String::new()
    };
    let text = format!(
        "1%, 0.1%: stranger than all but that share of own reviews.{resolved} 5/DAY: a finding of \
         `habitual replay` with so many alerts a day. DELAY: median active {}s until found. RANK: \
         mean place among {most:.0}. NEW, NEW%, VOL: found at 1% by counting first-seen values, by \
         their share, by the z-score of the volume alone.",
        outcome.period,
    );
    pen.block("", &text)
}

/// Classes that have a column.
fn classes(outcome: &Outcome) -> Vec<Class> {
    let planted = |class: &Class| outcome.recalls.iter().any(|r| r.class == Some(*class));
    Class::ALL.into_iter().filter(planted).collect()
}

fn by_class(pen: &mut Pen<'_>, outcome: &Outcome) -> anyhow::Result<()> {
    let classes = classes(outcome);
    if classes.len() < 2 {
        return Ok(());
    }
    pen.heading("Found at 1% false alarms, by class (of how many)")?;
    let all = outcome
        .recalls
        .iter()
        .filter(|recall| recall.class.is_none());
    let cell = |recall: &Recall, class: Class| {
        let mut own = outcome.recalls.iter();
        let own = own.find(|r| r.scope == recall.scope && r.class == Some(class));
        own.map_or_else(
            || "-".to_owned(),
            |own| {
                format!(
                    "{} ({})",
                    percent(own.at_rates[0]),
                    count(own.at_rates[0].n)
                )
            },
        )
    };
    let lines = all
        .map(|recall| {
            let cells = classes.iter().map(|class| cell(recall, *class));
            std::iter::once(name_of(recall).to_owned())
                .chain(cells)
                .collect()
        })
        .collect();
    let titles: Vec<String> = classes
        .iter()
        .map(|class| {
            class
                .name()
                .to_uppercase()
                .replace("SERVICE_ACCOUNT", "SERVICE")
        })
        .collect();
    let titles: Vec<&str> = std::iter::once("PLANT")
        .chain(titles.iter().map(String::as_str))
        .collect();
    let n = titles.len();
    rows(pen, &titles, 1..n, lines)
}

/// A small share to two digits.
pub(super) fn small(share: Share) -> String {
    share
        .value()
        .map_or_else(|| "-".to_owned(), |value| format!("{:.2}%", 100.0 * value))
}

pub(super) fn interval(share: Share) -> String {
    let (from, to) = share.interval();
    format!("{:.1}-{:.1}%", 100.0 * from, 100.0 * to)
}

fn alarms(pen: &mut Pen<'_>, outcome: &Outcome) -> anyhow::Result<()> {
    let period = outcome.period;
    alarm_table(
        pen,
        &format!("Alarms in ordinary life, per active {period}: seen where so many are promised"),
        outcome,
        |rates| rates.days,
    )?;
    alarm_table(pen, "The same, per review", outcome, |rates| rates.reviews)?;
    let Some(loudest) = &outcome.loudest else {
        return Ok(());
    };
    let name = pen.text(&loudest.name);
    let text = format!(
        "Loudest: {name}, {} of {} at 1%. The loudest tenth of identities raises {} of {}.",
        count(loudest.days.k),
        counted(loudest.days.n, &format!("active {period}")),
        count(loudest.of_top_tenth.k),
        counted(loudest.of_top_tenth.n, "alarm"),
    );
    pen.block("", &text)
}

fn alarm_table(
    pen: &mut Pen<'_>,
    title: &str,
    outcome: &Outcome,
    of: fn(&Rates) -> [Share; NOMINAL_RATES.len()],
) -> anyhow::Result<()> {
    pen.heading(title)?;
    let lines = outcome
        .rates
        .iter()
        .map(|rates| {
            let [ten, three, one, third, tenth] = of(rates);
            vec![
                rates.cut.name(),
                count(one.n),
                small(ten),
                small(three),
                small(one),
                interval(one),
                small(third),
                small(tenth),
            ]
        })
        .collect();
    let titles = ["", "N", "10%", "3%", "1%", "95% INTERVAL", "0.3%", "0.1%"];
    rows(pen, &titles, 1..8, lines)
}

fn controls(pen: &mut Pen<'_>, outcome: &Outcome) -> anyhow::Result<()> {
    let tried: Vec<_> = outcome
        .controls
        .iter()
        .filter(|control| control.raised.n > 0)
        .collect();
    if tried.is_empty() {
        return Ok(());
    }
    pen.heading("Ordinary changes that must stay quiet")?;
    for control in tried {
        let text = format!(
            "{} of {} became findings: {}",
            count(control.raised.k),
            count(control.raised.n),
            control.kind.describe()
        );
        pen.block(&format!("{:<12}", control.kind.name()), &text)?;
    }
    Ok(())
}

fn unwatched(pen: &mut Pen<'_>, outcome: &Outcome) -> anyhow::Result<()> {
    if outcome.unwatched.is_empty() {
        return Ok(());
    }
    let title = format!(
        "Beyond what can be watched: {}",
        counted(number(outcome.unwatched.len()), "identity")
    );
    pen.heading(&title)?;
    let mut by_reason: BTreeMap<Reason, Vec<String>> = BTreeMap::new();
    for unwatched in &outcome.unwatched {
        let names = by_reason.entry(unwatched.reason).or_default();
        names.push(pen.text(&unwatched.name));
    }
    for (reason, names) in by_reason {
        let shown = names.iter().take(NAMES_SHOWN).cloned().collect::<Vec<_>>();
        let more = match names.len().saturating_sub(NAMES_SHOWN) {
            0 => String::new(),
            n => format!(" and {n} more"),
        };
        let text = format!("{}: {}{more}", reason.describe(), shown.join(", "));
        pen.block(&format!("{:>4}  ", names.len()), &text)?;
    }
    Ok(())
}
