//! The timeline alone, one event per line: separated by tabs for the shell, or
//! quoted for a spreadsheet. Absent is empty.

use std::io::Write;

use anyhow::Context as _;

use super::PivotReport;
use crate::event::Provenance;
use crate::pivot::{Followed, Row};
use crate::report::sanitize::csv_cell;
use crate::report::{Style, citation};

const COLUMNS: [&str; 16] = [
    "pivot",
    "time",
    "source",
    "identity",
    "action",
    "resource",
    "resources",
    "outcome",
    "outcome_code",
    "ip",
    "client",
    "key",
    "issued_key",
    "new",
    "record",
    "event_id",
];

/// A cell: logged text, or a number of ours.
enum Cell<'r> {
    Text(&'r str),
    Own(String),
    Count(u32),
}

fn cells<'r>(
    report: &PivotReport<'_>,
    followed: &Followed,
    row: &'r Row,
    record: Provenance,
) -> [Cell<'r>; 16] {
    let target = followed.trail.target();
    [
        Cell::Own(format!("{}={}", target.kind.name(), target.value)),
        Cell::Own(row.time.rfc3339()),
        Cell::Text(row.source.name()),
        Cell::Text(&row.identity),
        Cell::Text(&row.action),
        Cell::Text(&row.resource),
        Cell::Count(row.n_resources),
        Cell::Text(row.outcome.name()),
        Cell::Text(&row.outcome_code),
        Cell::Text(&row.ip),
        Cell::Text(&row.client),
        Cell::Text(&row.key),
        Cell::Text(&row.issued_key),
        Cell::Own(report.news_of(&followed.trail, row).join(" ")),
        Cell::Own(citation(report.coverage, record)),
        Cell::Text(&row.event_id),
    ]
}

/// Writes every row of every trail; one that stands for several events is
/// written as often.
fn each_line(
    report: &PivotReport<'_>,
    take: &mut dyn FnMut([Cell<'_>; 16]) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    for followed in report.trails {
        for (row, n, record) in followed.trail.rows() {
            for _ in 0..n {
                take(cells(report, followed, row, record))?;
            }
        }
    }
    Ok(())
}

pub(super) fn write_tsv(
    report: &PivotReport<'_>,
    style: &Style,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    writeln!(out, "{}", COLUMNS.join("\t")).context("writing the pivot")?;
    each_line(report, &mut |cells| {
        let cells = cells.map(|cell| match cell {
            Cell::Text(text) => style.text(text),
            Cell::Own(text) => style.text(&text),
            Cell::Count(n) => n.to_string(),
        });
        writeln!(out, "{}", cells.join("\t")).context("writing the pivot")
    })
}

pub(super) fn write_csv(report: &PivotReport<'_>, out: &mut dyn Write) -> anyhow::Result<()> {
    writeln!(out, "{}", COLUMNS.join(",")).context("writing the pivot")?;
    each_line(report, &mut |cells| {
        let cells = cells.map(|cell| match cell {
            Cell::Text("") => String::new(),
            Cell::Text(text) => csv_cell(text),
            Cell::Own(text) if text.is_empty() => text,
            Cell::Own(text) => csv_cell(&text),
            Cell::Count(n) => n.to_string(),
        });
        writeln!(out, "{}", cells.join(",")).context("writing the pivot")
    })
}
