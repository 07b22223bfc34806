//! CSV: one row per finding, safe to open in a spreadsheet.
//!
//! Quoting is ours rather than the `csv` crate's because it depends on the
//! type of the column: every text is quoted and neutralised
//! ([`csv_cell`]), every number is bare, so that `-1` typed by
//! an attacker and `-1` computed by us stay apart. Absent is empty.

use std::io::Write;

use anyhow::Context as _;

use super::Report;
use super::flat::{self, CellOf, Column};
use super::sanitize::csv_cell;
use crate::finding::Finding;

/// Writes the header and one row per finding.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> anyhow::Result<()> {
    let header = flat::COLUMNS.map(|column| column.name).join(",");
    writeln!(out, "{header}").context("writing the CSV header")?;
    for finding in flat::rows(report) {
        let cells: Vec<String> = flat::COLUMNS
            .iter()
            .map(|column| cell(column, finding))
            .collect();
        writeln!(out, "{}", cells.join(",")).context("writing a CSV row")?;
    }
    Ok(())
}

fn cell(column: &Column, finding: &Finding) -> String {
    let cell = match column.cell {
        CellOf::Text(of) => of(finding).map(|text| csv_cell(&text)),
        CellOf::Count(of) => of(finding).map(|n| n.to_string()),
        CellOf::Number(of) => of(finding)
            .filter(|x| x.is_finite())
            .map(|x| format!("{x:?}")),
        CellOf::Time(of) => of(finding).map(|time| csv_cell(&time.rfc3339())),
        CellOf::Flag(of) => Some(of(finding).to_string()),
    };
    cell.unwrap_or_default()
}
