//! When: an identity's days, and its hours against those that it never used.

use std::collections::BTreeSet;

use super::Subject;
use super::markup::Markup;
use super::summary::{activity_label, bars};
use super::svg::{self, Boxes};
use crate::finding::{Finding, Rhythm, WeekHour};
use crate::report::phrase::{count, number};

/// Height of the strip of days, in its own units.
const DAYS_HIGH: u64 = 56;
/// Width of a bin with the space after it, and of the bin alone.
const BIN: (u64, u64) = (8, 7);

/// Side of an hour with the space after it, and of the hour alone.
const CELL: (u64, u64) = (15, 14);
/// Side of the mark inside an hour.
const MARK: u64 = 6;
/// Room for the names of the weekdays and the numbers of the hours.
const LABELS: (u64, u64) = (34, 14);
const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const HOURS_PER_DAY: u64 = 24;
/// Shades of habit.
const SHADES: [&str; 4] = ["h1", "h2", "h3", "h4"];
/// With a shorter history weekdays cannot be told apart.
const WEEKS_OF_DAYS: usize = 14;

/// Draws the days and, where they are known, the hours.
pub(super) fn draw(m: &mut Markup, subject: &Subject<'_>, finding: &Finding) {
    days(m, subject, finding);
    if let Some(rhythm) = &finding.rhythm
        && !(rhythm.history_hours.is_empty() && rhythm.review_hours.is_empty())
    {
        hours(m, finding, rhythm);
    }
}

fn days(m: &mut Markup, subject: &Subject<'_>, finding: &Finding) {
    let bins = subject.axis.bins_of(finding);
    let label = activity_label(subject, &bins);
    let title = format!("Events per {}", subject.axis.step_name);
    m.line("h4", &[], &title);
    m.element("figure", &[], |m| {
        bars(m, subject, &bins, "days", (BIN, DAYS_HIGH), &label);
        m.element("p", &[("class", "scale"), ("aria-hidden", "true")], |m| {
            m.line("span", &[], &subject.axis.start_of(0).date());
            m.line("span", &[], &subject.report.assessment.review.end.date());
        });
        m.line("figcaption", &[], &format!("{}.", label));
    });
    m.newline();
}

/// Activity by hour of the week, or of the day.
struct HourMap {
    /// Days of the history with activity, row by row.
    history: Vec<[u64; 24]>,
    /// Whether the review has any.
    review: Vec<[bool; 24]>,
}

impl HourMap {
    fn of(rhythm: &Rhythm) -> Self {
        let n_rows = if rhythm.history.len() >= WEEKS_OF_DAYS {
            WEEKDAYS.len()
        } else {
            1
        };
        let mut map = Self {
            history: vec![[0; 24]; n_rows],
            review: vec![[false; 24]; n_rows],
        };
        let place = |hour: &WeekHour| {
            let hour = usize::from(hour.hour);
            ((hour / 24) % n_rows, hour % 24)
        };
        for hour in &rhythm.history_hours {
            let (row, column) = place(hour);
            if let Some(n) = map.history.get_mut(row).and_then(|r| r.get_mut(column)) {
                *n = n.saturating_add(hour.n_days.into());
            }
        }
        for hour in &rhythm.review_hours {
            let (row, column) = place(hour);
            if let Some(is) = map.review.get_mut(row).and_then(|r| r.get_mut(column)) {
                *is = true;
            }
        }
        map
    }

    /// Hours of the day that the review used and the history never did.
    fn foreign(&self) -> BTreeSet<usize> {
        let used = |hour: usize| {
            let is_used = |row: &[u64; 24]| row.get(hour).is_some_and(|n| *n > 0);
            self.history.iter().any(is_used)
        };
        let reviewed = |hour: &usize| {
            let is_used = |row: &[bool; 24]| row.get(*hour).is_some_and(|is| *is);
            self.review.iter().any(is_used)
        };
        (0..24)
            .filter(reviewed)
            .filter(|hour| !used(*hour))
            .collect()
    }
}

fn hours(m: &mut Markup, finding: &Finding, rhythm: &Rhythm) {
    let map = HourMap::of(rhythm);
    let is_weekly = map.history.len() > 1;
    let title = if is_weekly {
        "Hours of the week, UTC"
    } else {
        "Hours of the day, UTC"
    };
    let foreign = map.foreign();
    let caption = caption(finding, &foreign);
    m.line("h4", &[], title);
    m.element("figure", &[], |m| {
        let top = LABELS.1;
        let left = if is_weekly { LABELS.0 } else { 0 };
        let size = (
            left + HOURS_PER_DAY * CELL.0,
            top + number(map.history.len()) * CELL.0,
        );
        svg::drawing(m, "hours", size, &caption, |m| {
            labels(m, left, is_weekly);
            habit(m, &map, (left, top));
            marks(m, &map, &foreign, (left, top));
        });
        m.element("p", &[("class", "legend"), ("aria-hidden", "true")], |m| {
            for (key, text) in [
                ("key h1", "sometimes"),
                ("key h4", "usual"),
                ("key mark", "review"),
                ("key odd", "review, hour never used before"),
            ] {
                m.element("span", &[], |m| {
                    m.element("span", &[("class", key)], |_| ());
                    m.text(text);
                });
                m.text(" ");
            }
        });
        m.line("figcaption", &[], &caption);
    });
    m.newline();
}

fn caption(finding: &Finding, foreign: &BTreeSet<usize>) -> String {
    let n = count(finding.support.active_days.into());
    if foreign.is_empty() {
        return format!("The review keeps to hours of the day known from {n} active days.");
    }
    let hours: Vec<String> = foreign.iter().map(|hour| format!("{hour:02}:00")).collect();
    format!(
        "In the review it was active at {}, at which it never was on {n} active days.",
        hours.join(", "),
    )
}

fn labels(m: &mut Markup, left: u64, is_weekly: bool) {
    for hour in (0..HOURS_PER_DAY).step_by(6) {
        let x = (left + hour * CELL.0).to_string();
        m.element("text", &[("x", &x), ("y", "10")], |m| {
            m.text(&format!("{hour:02}"))
        });
    }
    if is_weekly {
        for (row, name) in (0_u64..).zip(WEEKDAYS) {
            let y = (LABELS.1 + row * CELL.0 + 11).to_string();
            m.element("text", &[("x", "0"), ("y", &y)], |m| m.text(name));
        }
    }
}

/// Each hour shaded by the days of the history on which it was used.
fn habit(m: &mut Markup, map: &HourMap, (left, top): (u64, u64)) {
    let most = map
        .history
        .iter()
        .flatten()
        .copied()
        .max()
        .unwrap_or_default();
    let mut empty = Boxes::default();
    let mut shades: [Boxes; 4] = Default::default();
    for_each_hour(&map.history, |row, column, n| {
        let level = svg::scaled(*n, most, 4);
        let at = level
            .checked_sub(1)
            .and_then(|level| usize::try_from(level).ok());
        let boxes = at.and_then(|at| shades.get_mut(at)).unwrap_or(&mut empty);
        boxes.add(left + column * CELL.0, top + row * CELL.0, CELL.1, CELL.1);
    });
    empty.draw(m, "h0");
    for (boxes, class) in shades.iter().zip(SHADES) {
        boxes.draw(m, class);
    }
}

/// A mark in each hour that the review used.
fn marks(m: &mut Markup, map: &HourMap, foreign: &BTreeSet<usize>, (left, top): (u64, u64)) {
    let (mut known, mut odd) = (Boxes::default(), Boxes::default());
    let inset = (CELL.1 - MARK) / 2;
    for_each_hour(&map.review, |row, column, is_used| {
        let (x, y) = (left + column * CELL.0, top + row * CELL.0);
        let is_foreign = usize::try_from(column).is_ok_and(|hour| foreign.contains(&hour));
        match (*is_used, is_foreign) {
            (false, _) => {}
            (true, false) => known.add(x + inset, y + inset, MARK, MARK),
            (true, true) => odd.add(x + 1, y + 1, CELL.1 - 2, CELL.1 - 2),
        }
    });
    known.draw(m, "mark");
    odd.draw(m, "odd");
}

fn for_each_hour<T>(rows: &[[T; 24]], mut each: impl FnMut(u64, u64, &T)) {
    for (row, hours) in (0_u64..).zip(rows) {
        for (column, hour) in (0_u64..).zip(hours) {
            each(row, column, hour);
        }
    }
}
