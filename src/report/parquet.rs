//! Parquet: one row per finding, typed columns, no lists. The only file of the
//! report that knows polars.
//!
//! Times are 64-bit microseconds since the epoch, UTC, in columns whose names
//! end in `_us`: the build leaves polars' timestamp type out. Text is exact
//! (secrets redacted). Columns are encoded one after the other and without a
//! clock, so that equal findings give equal bytes.

use std::io::Write;

use anyhow::Context as _;
use polars::prelude::{Column as Series, DataFrame, ParquetWriter};

use super::Report;
use super::flat::{self, CellOf, Column};
use crate::finding::Finding;

/// Writes all findings as one Parquet file.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> anyhow::Result<()> {
    let rows = flat::rows(report);
    let columns = flat::COLUMNS
        .iter()
        .map(|column| series(column, &rows))
        .collect();
    let mut frame = DataFrame::new(rows.len(), columns).context("building the Parquet columns")?;
    let mut encoded = Vec::new();
    ParquetWriter::new(&mut encoded)
        .set_parallel(false)
        .finish(&mut frame)
        .context("encoding the Parquet report")?;
    out.write_all(&encoded)
        .context("writing the Parquet report")
}

fn series(column: &Column, rows: &[&Finding]) -> Series {
    let name = column.name;
    match column.cell {
        CellOf::Text(of) => Series::new(name.into(), collect(rows, of)),
        CellOf::Count(of) => Series::new(name.into(), collect(rows, of)),
        CellOf::Number(of) => Series::new(
            name.into(),
            collect(rows, |f| of(f).filter(|x| x.is_finite())),
        ),
        CellOf::Time(of) => Series::new(
            format!("{name}_us").into(),
            collect(rows, |f| of(f).map(|time| time.micros())),
        ),
        CellOf::Flag(of) => Series::new(name.into(), collect(rows, of)),
    }
}

fn collect<T>(rows: &[&Finding], cell: impl Fn(&Finding) -> T) -> Vec<T> {
    rows.iter().map(|finding| cell(finding)).collect()
}
