//! A roll on a terminal: one line per identity, and under it its links.

use std::io::Write;

use super::{Listed, Roll};
use crate::event::Source;
use crate::finding::{LinkKind, LinkedIdentity};
use crate::report::Style;
use crate::report::layout::{pad, truncate, width, wrap_at_most};
use crate::report::pen::{Ink, Pen};
use crate::report::phrase::{count, counted, number};

/// Columns behind the name: class, events and products.
const CLASS: usize = 17;
const EVENTS: usize = 11;
const SOURCES: usize = 22;
/// Columns before a link.
const MARGIN: &str = "    ";
/// Links shown per identity; the others are counted.
const SHOWN: usize = 6;

/// Writes a summary, then every identity.
pub(super) fn write(roll: &Roll, style: &Style, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut pen = Pen::new(style, out);
    summary(&mut pen, roll)?;
    pen.line("")?;
    let titles = [
        "IDENTITY".to_owned(),
        "CLASS".to_owned(),
        "EVENTS".to_owned(),
        "SOURCES".to_owned(),
    ];
    columns(&mut pen, &titles, Some(Ink::Dim))?;
    for listed in &roll.identities {
        entry(&mut pen, listed)?;
    }
    Ok(())
}

fn summary(pen: &mut Pen<'_>, roll: &Roll) -> anyhow::Result<()> {
    let links = || roll.identities.iter().flat_map(|listed| &listed.linked);
    let merged = links().filter(|linked| linked.kind == LinkKind::Merged);
    let n_merged = number(merged.count());
    let n_one = roll.identities.iter().filter(|listed| {
        let mut linked = listed.linked.iter();
        linked.any(|linked| linked.kind == LinkKind::Merged)
    });
    let n_one = number(n_one.count());
    let n = number(roll.identities.len());
    let text = format!(
        "{} under {}; {} under more than one.",
        counted(n, "identity"),
        counted(n.saturating_add(n_merged), "id"),
        count(n_one),
    );
    let text = pen.paint(&text, Ink::Bold);
    pen.line(&text)
}

fn entry(pen: &mut Pen<'_>, listed: &Listed) -> anyhow::Result<()> {
    let sources: Vec<&str> = listed.sources.iter().map(|source| source.name()).collect();
    let cells = [
        pen.text(&listed.name),
        listed.class.0.name().replace('_', " "),
        count(listed.n_events),
        sources.join(", "),
    ];
    columns(pen, &cells, None)?;
    let linked = listed.linked.iter().map(|linked| {
        let (name, id) = (pen.text(&linked.name), pen.text(&linked.id));
        link(&name, &id, linked)
    });
    let refused = listed.refused.iter().map(|refused| {
        format!(
            "not {} ({}, {:.2}): {}",
            pen.text(&refused.id),
            refused.rule,
            refused.confidence,
            refused.reason
        )
    });
    let lines: Vec<String> = linked.chain(refused).collect();
    let room = pen.width().saturating_sub(MARGIN.len());
    for line in lines.iter().take(SHOWN) {
        pen.lines(MARGIN, &wrap_at_most(line, room, 2, pen.ellipsis()))?;
    }
    match lines.len().saturating_sub(SHOWN) {
        0 => Ok(()),
        n => pen.line(&format!("{MARGIN}and {}", counted(number(n), "more link"))),
    }
}

/// `= vault oidc-alice@corp.example (vault:…; X-V2, 0.95, seen 41 times)`.
fn link(name: &str, id: &str, linked: &LinkedIdentity) -> String {
    let sign = match linked.kind {
        LinkKind::Merged => "=",
        LinkKind::Likely => "likely",
    };
    let source = linked.source.map_or("", Source::name);
    let times = counted(linked.n_evidence, "time");
    format!(
        "{sign} {source} {name} ({}, {:.2}, seen {times}) {id}",
        linked.rule, linked.confidence
    )
}

fn columns(pen: &mut Pen<'_>, cells: &[String; 4], ink: Option<Ink>) -> anyhow::Result<()> {
    let [name, class, events, sources] = cells;
    let others = CLASS + EVENTS + SOURCES;
    let room = pen.width().saturating_sub(others).max(12);
    let events = format!(
        "{}{events}",
        " ".repeat((EVENTS - 2).saturating_sub(width(events)))
    );
    let line = format!(
        "{}{}{}{}",
        pad(&truncate(name, room - 2, pen.ellipsis()), room),
        pad(class, CLASS),
        pad(&events, EVENTS),
        sources
    );
    let line = truncate(line.trim_end(), pen.width(), pen.ellipsis());
    let line = ink.map_or(line.clone(), |ink| pen.paint(&line, ink));
    pen.line(&line)
}
