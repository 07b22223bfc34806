//! Parquet: one row per finding, typed columns, no lists.
//!
//! Text is exact (secrets redacted).

pub(in crate::report) mod table;

use std::io::Write;

use parquet::data_type::{BoolType, ByteArrayType, DoubleType, Int64Type};

use super::Report;
use super::flat::{self, CellOf, Column};
use crate::finding::Finding;
use table::{Group, Kind, Table};

/// Writes all findings as one Parquet file.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> anyhow::Result<()> {
    let rows = flat::rows(report);
    let columns = flat::COLUMNS.iter();
    let columns = columns.map(|column| (column.name.to_owned(), kind_of(&column.cell)));
    let mut table = Table::new(out, "finding", columns)?;
    table.add(|group| {
        let mut columns = flat::COLUMNS.iter();
        columns.try_for_each(|column| write_column(group, column, &rows))
    })?;
    table.finish()
}

fn kind_of(cell: &CellOf) -> Kind {
    match cell {
        CellOf::Text(_) => Kind::Text,
        CellOf::Count(_) => Kind::Count,
        CellOf::Number(_) => Kind::Number,
        CellOf::Time(_) => Kind::Time,
        CellOf::Flag(_) => Kind::Flag,
    }
}

fn write_column(
    group: &mut Group<'_>,
    column: &Column,
    rows: &[&Finding],
) -> parquet::errors::Result<()> {
    let rows = rows.iter().copied();
    match column.cell {
        CellOf::Text(of) => {
            table::write::<ByteArrayType>(group, rows.map(|f| Some(of(f)?.into_bytes().into())))
        }
        CellOf::Count(of) => {
            table::write::<Int64Type>(group, rows.map(|f| Some(of(f)?.cast_signed())))
        }
        CellOf::Number(of) => {
            table::write::<DoubleType>(group, rows.map(|f| of(f).filter(|x| x.is_finite())))
        }
        CellOf::Time(of) => table::write::<Int64Type>(group, rows.map(|f| Some(of(f)?.micros()))),
        CellOf::Flag(of) => table::write::<BoolType>(group, rows.map(|f| Some(of(f)))),
    }
}
