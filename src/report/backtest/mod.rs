//! A backtest: how well the model would have worked on a history.

use std::io::Write;

use anyhow::{Context as _, bail};

use super::{Format, Style};
use crate::backtest::Outcome;
use crate::ingest::coverage::Coverage;

mod curve;
mod json;
mod page;
mod piped;
mod table;

pub(super) use json::LessonShape;

/// What the report of a backtest is written from.
#[derive(Clone, Debug)]
pub struct Backtest<'a> {
    /// What was found.
    pub outcome: &'a Outcome,
    /// What was read.
    pub coverage: &'a Coverage,
    /// Paths as given.
    pub inputs: Vec<String>,
}

/// Writes a backtest to `out` and flushes it.
///
/// # Errors
///
/// For a format that has no place for a backtest, and when `out` fails.
pub fn write_backtest(
    format: Format,
    backtest: &Backtest<'_>,
    style: &Style,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    match format {
        Format::Table if style.width.is_none() => piped::write(backtest, style, out),
        Format::Table => table::write(backtest, style, out),
        Format::Json => json::write(backtest, out),
        Format::Html => page::write(backtest, out),
        other => bail!(
            "a backtest cannot be written as {}; choose table, json or html",
            other.name()
        ),
    }?;
    out.flush().context("writing the backtest")
}
