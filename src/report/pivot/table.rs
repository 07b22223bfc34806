//! A pivot on a terminal: who and when, every kind of value with what is new
//! about it, the timeline, and the commands to run next.

use std::io::Write;

use super::PivotReport;
use crate::event::Timestamp;
use crate::pivot::{Dimension, Followed, Mark, Row, Tallied, Trail, ValueOf};
use crate::report::layout::{pad, truncate, truncate_start, width, wrap_command};
use crate::report::pen::{Ink, Pen};
use crate::report::phrase::{count, counted, minute, number};
use crate::report::{Style, citation};

/// Values shown of one dimension.
const VALUES_SHOWN: usize = 6;
/// A terminal at least so wide also shows when a value was last used.
const WIDE: usize = 110;

pub(super) fn write(
    report: &PivotReport<'_>,
    style: &Style,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let mut pen = Pen::new(style, out);
    for (at, followed) in report.trails.iter().enumerate() {
        if at > 0 {
            pen.line("")?;
            let rule = pen.rule();
            pen.line(&rule)?;
        }
        title(&mut pen, report, followed)?;
        if followed.trail.total().n == 0 {
            continue;
        }
        for dimension in Dimension::ALL {
            values(&mut pen, report, &followed.trail, dimension)?;
        }
        timeline(&mut pen, report, &followed.trail)?;
        next(&mut pen, report, &followed.trail)?;
    }
    Ok(())
}

fn title(pen: &mut Pen<'_>, report: &PivotReport<'_>, followed: &Followed) -> anyhow::Result<()> {
    let trail = &followed.trail;
    let (target, total) = (trail.target(), trail.total());
    let what = format!("{} {}", target.kind.name(), pen.text(&target.value));
    let times = match (total.first, total.last) {
        (Some(first), Some(last)) => format!(" from {} to {}", minute(first), minute(last)),
        _ => String::new(),
    };
    let text = format!("{what}: {}{times}", counted(total.n, "event"));
    let text = pen.paint(&text, Ink::Bold);
    pen.line(&text)?;
    if let Some(parent) = followed.parent.and_then(|at| report.trails.get(at)) {
        let parent = parent.trail.target();
        let parent = format!("{} {}", parent.kind.name(), pen.text(&parent.value));
        pen.line(&format!("found on the way from {parent}"))?;
    }
    if !target.accounts.is_empty() {
        let accounts: Vec<String> = target.accounts.iter().map(|key| pen.text(key)).collect();
        pen.block("also as   ", &accounts.join(", "))?;
    }
    if total.n > 0 {
        let sources = listed(&trail.sources());
        let outcomes = listed(&trail.outcomes());
        pen.block("sources   ", &sources)?;
        pen.block("outcomes  ", &outcomes)?;
    }
    let mut outside = Vec::new();
    if total.n_before > 0 {
        outside.push(format!("{} before", counted(total.n_before, "event")));
    }
    if trail.n_after() > 0 {
        outside.push(format!("{} after", counted(trail.n_after(), "event")));
    }
    if !outside.is_empty() {
        let outside = format!("{} the times asked for", outside.join(" and "));
        pen.block("outside   ", &outside)?;
    }
    match report.since {
        Some(since) => pen.block(
            "new       ",
            &format!("first used since {}, going by these logs", minute(since)),
        ),
        None => pen.block("new       ", "cannot be told: there are no earlier events"),
    }
}

fn listed(tallies: &[Tallied]) -> String {
    let used = tallies.iter().filter(|(_, tally)| tally.n > 0);
    let words: Vec<String> = used
        .map(|(name, tally)| format!("{name} {}", count(tally.n)))
        .collect();
    words.join(", ")
}

fn heading(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Identity => "Identities",
        Dimension::Ip => "Addresses",
        Dimension::Client => "Clients",
        Dimension::Key => "Credentials used",
        Dimension::IssuedKey => "Credentials issued",
        Dimension::Session => "Sessions",
        Dimension::Role => "Roles",
        Dimension::Action => "Actions",
        Dimension::Resource => "Resources",
    }
}

fn in_words(mark: Option<Mark>) -> &'static str {
    match mark {
        Some(Mark::New) => "NEW",
        Some(Mark::NewToIt) => "new to it",
        Some(Mark::Unsure) => "new?",
        Some(Mark::Usual) | None => "",
    }
}

fn values(
    pen: &mut Pen<'_>,
    report: &PivotReport<'_>,
    trail: &Trail,
    dimension: Dimension,
) -> anyhow::Result<()> {
    let values = trail.values(dimension, report.known, report.since);
    if values.is_empty() {
        return Ok(());
    }
    pen.heading(heading(dimension))?;
    let is_wide = pen.width() >= WIDE;
    let room = pen.width().saturating_sub(if is_wide { 60 } else { 41 });
    for value in values.iter().take(VALUES_SHOWN) {
        let line = value_line(pen, value, room, is_wide);
        pen.line(&line)?;
    }
    let n_more = values.len().saturating_sub(VALUES_SHOWN);
    let halvings = trail.n_halvings(dimension);
    if halvings > 0 {
        let about = number(values.len())
            .checked_shl(halvings)
            .unwrap_or(u64::MAX);
        pen.line(&format!("and more: about {} in all", count(about)))?;
    } else if n_more > 0 {
        let n_new = values.iter().skip(VALUES_SHOWN);
        let n_new = n_new.filter(|v| v.mark != Some(Mark::Usual)).count();
        let new = match n_new {
            n if n > 0 && report.since.is_some() => format!(", {} of them new", count(number(n))),
            _ => String::new(),
        };
        let more = count(number(n_more));
        pen.line(&format!("and {more} more{new}; -f json lists them"))?;
    }
    Ok(())
}

fn value_line(pen: &Pen<'_>, value: &ValueOf, room: usize, is_wide: bool) -> String {
    let ellipsis = pen.ellipsis();
    let name = pen.text(&value.label);
    let name = match value.dimension {
        // The end tells resources apart, the beginning everything else.
        Dimension::Resource | Dimension::Role => truncate_start(&name, room, ellipsis),
        _ => truncate(&name, room, ellipsis),
    };
    let time = |time: Option<Timestamp>| time.map(minute).unwrap_or_default();
    let tally = value.tally;
    let last = if is_wide {
        format!("{:<19}", time(tally.last))
    } else {
        String::new()
    };
    format!(
        "{}  {:>7}  {:<17}  {last}{}",
        pad(&name, room),
        count(tally.n),
        time(tally.first),
        in_words(value.mark)
    )
}

fn timeline(pen: &mut Pen<'_>, report: &PivotReport<'_>, trail: &Trail) -> anyhow::Result<()> {
    pen.heading("Timeline (UTC)")?;
    let n_unlisted = trail.n_unlisted();
    let has_start = report.window.start != Timestamp::MIN;
    if n_unlisted > 0 && !has_start {
        pen.line(&format!(
            "{} earlier; --from lists them",
            counted(n_unlisted, "event")
        ))?;
    }
    for (row, n, record) in trail.rows() {
        entry(pen, report, trail, (row, n))?;
        let cited = citation(report.coverage, record);
        cite(pen, &cited, &row.event_id)?;
    }
    if n_unlisted > 0 && has_start {
        let more = count(n_unlisted);
        pen.line(&format!("and {more} more; a higher --rows lists them"))?;
    }
    Ok(())
}

/// `2026-11-13T23:20:27Z`, without the fraction.
const TIME_COLUMNS: usize = 20;

fn entry(
    pen: &mut Pen<'_>,
    report: &PivotReport<'_>,
    trail: &Trail,
    (row, n): (&Row, u64),
) -> anyhow::Result<()> {
    let ellipsis = pen.ellipsis();
    let room = room(pen);
    let seconds = Timestamp::from_seconds(row.time.seconds()).rfc3339();
    let mut what = pen.text(&row.action);
    if row.outcome.is_failure() {
        let code = match row.outcome_code.as_str() {
            "" => row.outcome.name().to_owned(),
            code => format!("{}: {}", row.outcome.name(), pen.text(code)),
        };
        what.push_str(&format!(" [{code}]"));
    }
    if n > 1 {
        what.push_str(&format!(" ({} times)", count(n)));
    }
    if !row.resource.is_empty() {
        let on = room.saturating_sub(width(&what) + 4).max(12);
        let resource = truncate_start(&pen.text(&row.resource), on, ellipsis);
        what.push_str(&format!(" on {resource}"));
    }
    let what = truncate(&what, room, ellipsis);
    let news = report.news_of(trail, row);
    let mark = if news.is_empty() { " " } else { "!" };
    let mark = pen.paint(mark, Ink::Yellow);
    pen.line(&format!("{}{mark} {what}", pad(&seconds, TIME_COLUMNS)))?;
    let who = who(pen, trail, row, &news);
    detail(pen, &truncate(&who, room, ellipsis))
}

/// Columns for what stands right of the time.
fn room(pen: &Pen<'_>) -> usize {
    pen.width().saturating_sub(TIME_COLUMNS + 2)
}

fn detail(pen: &mut Pen<'_>, text: &str) -> anyhow::Result<()> {
    let text = pen.paint(text, Ink::Dim);
    pen.line(&format!("{:TIME_COLUMNS$}  {text}", ""))
}

/// Product, what is new, and who with what: as far as that is not the same in
/// every event, and so told above.
fn who(pen: &Pen<'_>, trail: &Trail, row: &Row, news: &[&str]) -> String {
    let mut words = vec![row.source.name().to_owned()];
    if !news.is_empty() {
        words.push(format!("new: {}", news.join(", ")));
    }
    for (dimension, before, text) in [
        (Dimension::Identity, "", &row.identity),
        (Dimension::Ip, "from ", &row.ip),
        (Dimension::IssuedKey, "issued ", &row.issued_key),
        (Dimension::Key, "with ", &row.key),
        (Dimension::Client, "by ", &row.client),
    ] {
        let is_told_above = dimension != Dimension::IssuedKey && trail.n_values(dimension) == 1;
        if !text.is_empty() && !is_told_above {
            words.push(format!("{before}{}", pen.text(text)));
        }
    }
    words.join("  ")
}

/// Which record tells it: the end of a path tells it from its neighbours.
fn cite(pen: &mut Pen<'_>, record: &str, event_id: &str) -> anyhow::Result<()> {
    let (room, ellipsis) = (room(pen), pen.ellipsis());
    let (record, id) = (pen.text(record), pen.text(event_id));
    let room_for_path = room.saturating_sub(width(&id) + 2).max(12);
    let record = truncate_start(&record, room_for_path, ellipsis);
    detail(pen, &truncate(&format!("{record}  {id}"), room, ellipsis))
}

fn next(pen: &mut Pen<'_>, report: &PivotReport<'_>, trail: &Trail) -> anyhow::Result<()> {
    let next = report.next_of(trail);
    let commands: Vec<String> = next.iter().filter_map(|n| report.command(n)).collect();
    let commands: Vec<String> = commands.iter().filter_map(|c| pen.command(c)).collect();
    if commands.is_empty() {
        return Ok(());
    }
    pen.heading("Next")?;
    for command in commands {
        let room = pen.width().saturating_sub(2);
        let lines = wrap_command(&command, room).unwrap_or(vec![command]);
        pen.lines("  ", &lines)?;
    }
    Ok(())
}
