//! Tables as Parquet, and back. The only file of the state that knows polars.
//!
//! Numbers of periods are 32-bit integers and times 64-bit microseconds, so
//! that any reader understands them. Columns are encoded one after the other
//! and without a clock: equal tables give equal bytes.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use anyhow::Context as _;
use parquet::file::metadata::ParquetMetaDataReader;
use polars::prelude::{
    BinaryChunkedBuilder, BooleanChunked, Column as Series, DataFrame, DataType, Int32Type,
    IntoColumn as _, IntoSeries as _, ListBuilderTrait as _, ListPrimitiveChunkedBuilder,
    NewChunkedArray as _, ParquetReader, ParquetWriter, SerReader as _, StringChunkedBuilder,
};

use crate::ledger::SlotSet;
use crate::ledger::saved::{Column, Kind, Layout, Table, Texts};

/// Bytes, unpacked, per byte in the file: beyond that it is no table of ours.
const MAX_RATIO: u64 = 1_000;
/// Room for the headers of small tables.
const MIN_BYTES: u64 = 1 << 20;

/// Encodes a table.
///
/// # Errors
///
/// When polars refuses.
pub(super) fn encode(table: &Table) -> anyhow::Result<Vec<u8>> {
    let columns = table
        .columns
        .iter()
        .map(|(name, column)| series(name, column));
    let mut frame = DataFrame::new(table.n_rows(), columns.collect())?;
    let mut encoded = Vec::new();
    ParquetWriter::new(&mut encoded)
        .set_parallel(false)
        .finish(&mut frame)
        .with_context(|| format!("encoding the table {}", table.name))?;
    Ok(encoded)
}

fn series(name: &str, column: &Column) -> Series {
    match column {
        Column::Text(texts) => {
            let mut all = StringChunkedBuilder::new(name.into(), texts.len());
            texts.iter().for_each(|text| all.append_option(text));
            all.finish().into_column()
        }
        Column::Small(values) => Series::new(name.into(), values),
        Column::Count(values) => Series::new(name.into(), values),
        Column::Slot(values) => Series::new(name.into(), values),
        Column::Time(values) => Series::new(name.into(), values),
        Column::Slots(values) => {
            let mut all = ListPrimitiveChunkedBuilder::<Int32Type>::new(
                name.into(),
                values.len(),
                values.len().saturating_mul(4),
                DataType::Int32,
            );
            for slots in values {
                all.append_values_iter(slots.iter());
            }
            all.finish().into_series().into_column()
        }
        Column::Bytes(values) => {
            let mut all = BinaryChunkedBuilder::new(name.into(), values.len());
            values
                .iter()
                .for_each(|bytes| all.append_value(bytes.as_ref()));
            all.finish().into_column()
        }
        Column::Flag(values) => BooleanChunked::from_slice(name.into(), values).into_column(),
    }
}

/// Decodes a table of `layout` that has `n_rows` rows.
///
/// # Errors
///
/// When `encoded` is none.
pub(super) fn decode(layout: &Layout, n_rows: u64, encoded: Vec<u8>) -> anyhow::Result<Table> {
    check_promises(&encoded, n_rows)?;
    let read = || ParquetReader::new(Cursor::new(encoded)).finish();
    // Whatever a crafted file makes the decoder do, it ends here.
    let frame = catch_unwind(AssertUnwindSafe(read));
    let frame = frame.map_err(|_| anyhow::anyhow!("it cannot be decoded"))??;
    let mut columns = Vec::with_capacity(layout.columns.len());
    for (name, kind) in layout.columns {
        let column = frame.column(name)?;
        let column = values(*kind, column).with_context(|| format!("column {name}"))?;
        columns.push((*name, column));
    }
    let name = layout.name;
    Ok(Table { name, columns })
}

/// What the file promises must be what is expected of it and in proportion to
/// its size, before room is made for it.
fn check_promises(encoded: &[u8], n_rows: u64) -> anyhow::Result<()> {
    let (before, tail) = encoded.split_last_chunk::<8>().context("it is too short")?;
    let [a, b, c, d, ..] = *tail;
    let length = usize::try_from(u32::from_le_bytes([a, b, c, d]))?;
    let footer = before
        .len()
        .checked_sub(length)
        .and_then(|at| before.get(at..));
    let metadata = ParquetMetaDataReader::decode_metadata(footer.context("it has no footer")?)?;
    let promised = u64::try_from(metadata.file_metadata().num_rows())?;
    anyhow::ensure!(promised == n_rows, "it has {promised} rows, not {n_rows}");
    let mut unpacked = 0_u64;
    for group in metadata.row_groups() {
        let size = u64::try_from(group.total_byte_size())?;
        unpacked = unpacked.saturating_add(size);
    }
    let size = u64::try_from(encoded.len())?;
    let most = size.saturating_mul(MAX_RATIO).max(MIN_BYTES);
    anyhow::ensure!(unpacked <= most, "it unpacks to {unpacked} bytes");
    anyhow::ensure!(n_rows <= most, "it has too many rows for its size");
    Ok(())
}

fn values(kind: Kind, column: &Series) -> anyhow::Result<Column> {
    let missing = || anyhow::anyhow!("a value is missing");
    Ok(match kind {
        Kind::Text => {
            let mut texts = Texts::default();
            column.str()?.iter().for_each(|text| texts.push(text));
            Column::Text(texts)
        }
        Kind::Small => Column::Small(all(column.u32()?.iter()).ok_or_else(missing)?),
        Kind::Count => Column::Count(all(column.u64()?.iter()).ok_or_else(missing)?),
        Kind::Slot => Column::Slot(all(column.i32()?.iter()).ok_or_else(missing)?),
        Kind::Time => Column::Time(column.i64()?.iter().collect()),
        Kind::Flag => Column::Flag(all(column.bool()?.iter()).ok_or_else(missing)?),
        Kind::Bytes => {
            let bytes = column.binary()?.iter().map(|bytes| bytes.map(Box::from));
            Column::Bytes(all(bytes).ok_or_else(missing)?)
        }
        Kind::Slots => {
            let mut all_sets = Vec::with_capacity(column.len());
            for slots in column.list()?.amortized_iter() {
                let slots = slots.ok_or_else(missing)?;
                let slots = all(slots.as_ref().i32()?.iter()).ok_or_else(missing)?;
                let set = SlotSet::of_saved(&slots);
                all_sets.push(set.context("its periods are too far apart")?);
            }
            Column::Slots(all_sets)
        }
    })
}

fn all<T>(values: impl Iterator<Item = Option<T>>) -> Option<Vec<T>> {
    values.collect()
}
