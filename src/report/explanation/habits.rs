//! An identity on a terminal: what, where from, with whom, when, how much, and
//! how well it can be watched.

use std::io::Write;

use super::arithmetic::{next, title};
use crate::finding::{Explanation, Habits, Tried, Used, ValuesOf};
use crate::report::layout::{pad, truncate};
use crate::report::pen::{Ink, Pen};
use crate::report::phrase::{self, count, counted, number, one_in};
use crate::report::{Style, spark};

/// Values shown of one dimension, and of those that are new.
const SHOWN: usize = 5;
/// Columns behind a value: periods and events.
const BEHIND: usize = 26;
const HOURS: usize = 24;
const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// Headings, and the dimensions below them.
const PARTS: [(&str, &[&str]); 4] = [
    ("What it does", &["action", "service"]),
    ("To what", &["scope", "account"]),
    (
        "Where from",
        &["network", "client", "access", "region", "place"],
    ),
    ("With whom", &["edge"]),
];

pub(super) fn write(
    explanation: &Explanation,
    habits: &Habits,
    style: &Style,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let mut pen = Pen::new(style, out);
    title(&mut pen, explanation)?;
    let unit = explanation.period;
    for (heading, dimensions) in PARTS {
        let told: Vec<&ValuesOf> = dimensions
            .iter()
            .filter_map(|name| habits.values.iter().find(|own| own.dimension == *name))
            .collect();
        let is_with_whom = heading == "With whom";
        if told.is_empty() && !is_with_whom {
            continue;
        }
        pen.heading(heading)?;
        for own in told {
            values(&mut pen, own, explanation)?;
        }
        if is_with_whom {
            company(&mut pen, explanation)?;
        }
    }
    hours(&mut pen, habits)?;
    amounts(&mut pen, explanation, habits, unit)?;
    watch(&mut pen, habits)?;
    next(&mut pen, explanation)
}

fn noun(dimension: &str) -> &str {
    match dimension {
        "scope" => "resource",
        "client" => "program",
        "access" => "way of access",
        "edge" => "relation",
        other => other,
    }
}

fn values(pen: &mut Pen<'_>, own: &ValuesOf, explanation: &Explanation) -> anyhow::Result<()> {
    let n_days = explanation.finding.support.active_days;
    let once = match own.n_once {
        0 => String::new(),
        n => format!(", {} on one {} only", count(n.into()), explanation.period),
    };
    let nouns = match own.n {
        1 => format!("1 {}", noun(own.dimension)),
        n => format!("{} {}", count(n.into()), plural(noun(own.dimension))),
    };
    let new = match own.n_new {
        0 => String::new(),
        n => format!("; {} new in the review", count(n.into())),
    };
    let head = pen.paint(&format!("{nouns}{once}{new}"), Ink::Dim);
    pen.line(&head)?;
    for used in own.usual.iter().take(SHOWN) {
        line(pen, used, &format!("{} of {n_days}", used.n_days), "  ")?;
    }
    for used in own.new.iter().take(SHOWN) {
        line(pen, used, "new", "! ")?;
    }
    Ok(())
}

fn plural(noun: &str) -> String {
    match noun {
        "way of access" => "ways of access".to_owned(),
        _ => noun
            .strip_suffix('y')
            .map_or_else(|| format!("{noun}s"), |stem| format!("{stem}ies")),
    }
}

fn line(pen: &mut Pen<'_>, used: &Used, days: &str, mark: &str) -> anyhow::Result<()> {
    let room = pen.width().saturating_sub(BEHIND + 2).max(12);
    let name = truncate(&pen.text(&used.value), room, pen.ellipsis());
    let mark = pen.paint(mark, Ink::Yellow);
    pen.line(&format!(
        "{mark}{} {days:>10} {:>14}",
        pad(&name, room),
        counted(used.n_events, "event")
    ))
}

/// Peers, products, and who is one with it.
fn company(pen: &mut Pen<'_>, explanation: &Explanation) -> anyhow::Result<()> {
    let finding = &explanation.finding;
    let peers = &finding.peers;
    let names: Vec<String> = peers.nearest.iter().map(|name| pen.text(name)).collect();
    let text = match peers.size {
        0 => "none: nobody is like it".to_owned(),
        n => format!(
            "{n}, {}; nearest: {}",
            pen.text(&peers.group),
            names.join(", ")
        ),
    };
    pen.block("peers     ", &text)?;
    let sources: Vec<&str> = finding.identity.sources.iter().map(|s| s.name()).collect();
    pen.block("products  ", &sources.join(", "))?;
    for linked in &finding.identity.linked {
        let text = format!("{} ({})", pen.text(&linked.name), pen.text(&linked.id));
        pen.block(&pad(linked.kind.name(), 10), &text)?;
    }
    Ok(())
}

/// Shades of an hour, from never to most days.
const SHADES: [&str; 5] = ["·", "░", "▒", "▓", "█"];
const ASCII_SHADES: [&str; 5] = [".", "-", "+", "x", "#"];

fn hours(pen: &mut Pen<'_>, habits: &Habits) -> anyhow::Result<()> {
    let rhythm = &habits.rhythm;
    let map = HourMap::of(habits);
    if rhythm.history_hours.is_empty() && rhythm.review_hours.is_empty() {
        return Ok(());
    }
    pen.heading("When: hours of the week, UTC")?;
    let ruler: String = (0..HOURS)
        .step_by(6)
        .map(|hour| format!("{hour:02}{}", " ".repeat(10)))
        .collect();
    let ruler = pen.paint(&format!("     {ruler}"), Ink::Dim);
    pen.line(&ruler)?;
    let shades = if pen.is_ascii() { ASCII_SHADES } else { SHADES };
    for (name, row) in WEEKDAYS.iter().zip(&map.cells) {
        let row = row.iter().map(|cell| match cell {
            Cell::Foreign => "!!".to_owned(),
            Cell::Known(level) => shades.get(*level).unwrap_or(&" ").repeat(2),
        });
        let row: Vec<String> = row.collect();
        pen.line(&format!("{name}  {}", row.concat()))?;
    }
    let legend = format!(
        "{} never, {} to {} on more and more days; !! in the review only",
        shades[0], shades[1], shades[4]
    );
    let legend = pen.paint(&legend, Ink::Dim);
    pen.line(&legend)
}

/// An hour of the week.
#[derive(Clone, Copy)]
enum Cell {
    /// Used in the review and never before.
    Foreign,
    /// How often it is used, 0 to 4.
    Known(usize),
}

struct HourMap {
    cells: [[Cell; HOURS]; 7],
}

impl HourMap {
    fn of(habits: &Habits) -> Self {
        let rhythm = &habits.rhythm;
        let most = rhythm.history_hours.iter().map(|hour| hour.n_days).max();
        let most = most.unwrap_or(1).max(1);
        let mut map = Self {
            cells: [[Cell::Known(0); HOURS]; 7],
        };
        for hour in &rhythm.review_hours {
            map.set(hour.hour, Cell::Foreign);
        }
        for hour in &rhythm.history_hours {
            let level = hour.n_days.saturating_mul(4).div_ceil(most).min(4);
            let level = usize::try_from(level).unwrap_or_default();
            map.set(hour.hour, Cell::Known(level));
        }
        map
    }

    fn set(&mut self, hour: u8, cell: Cell) {
        let (row, column) = (usize::from(hour) / HOURS, usize::from(hour) % HOURS);
        let place = self.cells.get_mut(row).and_then(|row| row.get_mut(column));
        if let Some(place) = place {
            *place = cell;
        }
    }
}

fn amounts(
    pen: &mut Pen<'_>,
    explanation: &Explanation,
    habits: &Habits,
    unit: &str,
) -> anyhow::Result<()> {
    if habits.amounts.is_empty() {
        return Ok(());
    }
    pen.heading(&format!("How much in one active {unit}"))?;
    let head = format!(
        "{}{:>10}{:>10}{:>10}",
        pad("", 20),
        "USUAL",
        "MOST",
        "REVIEW"
    );
    let head = pen.paint(&head, Ink::Dim);
    pen.line(&head)?;
    for own in &habits.amounts {
        let review = own.review_max.map_or_else(|| "-".to_owned(), count);
        pen.line(&format!(
            "{}{:>10}{:>10}{review:>10}",
            pad(own.name, 20),
            count(own.median),
            count(own.max),
        ))?;
    }
    let days = days(explanation, habits);
    let room = pen.width().saturating_sub(2);
    let (before, review) = days.split_at(days.len().saturating_sub(n_review(explanation, habits)));
    let n_shown = before.len().min(room.saturating_sub(review.len()));
    let before = before
        .get(before.len().saturating_sub(n_shown)..)
        .unwrap_or_default();
    let all: Vec<u64> = before.iter().chain(review).copied().collect();
    let most = all.iter().copied().max().unwrap_or_default();
    let line = |values: &[u64]| spark::of(values, most, pen.is_ascii());
    let text = format!("{}|{}", line(before), line(review));
    pen.line(&text)?;
    let note = format!(
        "events per {unit}, the last {} of the history | the review; full height: {}",
        count(number(before.len())),
        count(most)
    );
    for line in crate::report::layout::wrap(&note, pen.width()) {
        let line = pen.paint(&line, Ink::Dim);
        pen.line(&line)?;
    }
    Ok(())
}

/// Periods of the review.
fn n_review(explanation: &Explanation, habits: &Habits) -> usize {
    let step = habits.rhythm.period_seconds.max(1);
    let periods = phrase::seconds(explanation.review) / step;
    usize::try_from(periods.max(1)).unwrap_or(1).min(MAX_REVIEW)
}

/// Periods of the review that are drawn.
const MAX_REVIEW: usize = 31;
/// Periods of both that are kept.
const MAX_PERIODS: usize = 400;

/// Events of each period that ends with the review, idle ones included.
fn days(explanation: &Explanation, habits: &Habits) -> Vec<u64> {
    let step = habits.rhythm.period_seconds.max(1);
    let end = explanation.review.end.seconds();
    let mut events = vec![0; MAX_PERIODS];
    let review = explanation.finding.days.iter();
    let review = review.map(|day| (day.start, day.n_events));
    let history = habits.rhythm.history.iter();
    let all = history
        .map(|period| (period.start, period.n_events))
        .chain(review);
    for (start, n_events) in all {
        let back = end.saturating_sub(start.seconds()).saturating_sub(1) / step;
        let at = usize::try_from(back)
            .ok()
            .and_then(|back| MAX_PERIODS.checked_sub(back.saturating_add(1)));
        if let Some(own) = at.and_then(|at| events.get_mut(at)) {
            *own = n_events;
        }
    }
    let first = habits.rhythm.history.first().map(|period| period.start);
    let first = first.unwrap_or(explanation.review.start).seconds();
    let n = end.saturating_sub(first).saturating_add(step - 1) / step;
    let n = usize::try_from(n).unwrap_or(MAX_PERIODS).min(MAX_PERIODS);
    events.split_off(MAX_PERIODS - n)
}

fn watch(pen: &mut Pen<'_>, habits: &Habits) -> anyhow::Result<()> {
    pen.heading("How well it can be watched")?;
    let Some(watch) = &habits.watch else {
        return pen.block("", "The history is too short to try.");
    };
    if watch.tried.is_empty() {
        return pen.block(
            "",
            "It was not ranked at the end of the history, so nothing could be tried on it: too \
             little is known of it, or too many callers share it.",
        );
    }
    let text = format!(
        "Takeovers planted in its own {}, each five times where possible, and how often its review \
         then departed from habit (p at most 1 %):",
        phrase::window(watch.windows.1)
    );
    pen.block("", &text)?;
    for own in &watch.tried {
        tried(pen, own)?;
    }
    match watch.least_p {
        Some(least) if least > 0.01 => pen.warning(&format!(
            "Nothing could be noticed: so few windows are there to rank among that p is never \
             below {}.",
            one_in(least)
        )),
        _ => Ok(()),
    }
}

fn tried(pen: &mut Pen<'_>, own: &Tried) -> anyhow::Result<()> {
    let room = pen.width().saturating_sub(30).max(20);
    let what = truncate(own.kind.describe(), room, pen.ellipsis());
    let noticed = format!("{} of {}", own.n_noticed, own.n);
    let ink = match own.n_noticed {
        0 => Ink::Yellow,
        _ => Ink::Dim,
    };
    let noticed = pen.paint(&format!("{noticed:>7}"), ink);
    pen.line(&format!(
        "  {}{noticed}  {:>17}",
        pad(&what, room),
        one_in(own.median_p)
    ))
}
