//! A Parquet file of flat typed columns, in row groups as they fill.
//!
//! Nothing of the clock or the machine is in it: equal rows give equal bytes.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical, ZstdLevel};
use parquet::data_type::DataType;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::Type;

/// The type of a column. Every cell may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::report) enum Kind {
    Text,
    /// Microseconds since the epoch, UTC.
    Time,
    Count,
    Number,
    Flag,
    /// Text that holds JSON.
    Json,
}

/// A file on its way to `out`.
pub(in crate::report) struct Table<'o> {
    out: &'o mut dyn Write,
    /// What the writer wrote and `out` has not yet.
    pending: Pending,
    writer: SerializedFileWriter<Pending>,
}

/// Some rows, column by column in the order of the table.
pub(in crate::report) type Group<'w> = SerializedRowGroupWriter<'w, Pending>;

impl<'o> Table<'o> {
    /// A table of `name` without rows.
    pub(in crate::report) fn new(
        out: &'o mut dyn Write,
        name: &str,
        columns: impl IntoIterator<Item = (String, Kind)>,
    ) -> anyhow::Result<Self> {
        let schema = schema(name, columns).context("describing the columns")?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_created_by("habitual".to_owned())
            .build();
        let pending = Pending::default();
        let writer = SerializedFileWriter::new(pending.clone(), schema, Arc::new(properties))
            .context("beginning the Parquet file")?;
        Ok(Self {
            out,
            pending,
            writer,
        })
    }

    /// Adds the rows that `fill` writes.
    pub(in crate::report) fn add(
        &mut self,
        fill: impl FnOnce(&mut Group<'_>) -> parquet::errors::Result<()>,
    ) -> anyhow::Result<()> {
        let mut group = self.writer.next_row_group().context("writing Parquet")?;
        fill(&mut group).context("writing Parquet")?;
        group.close().context("writing Parquet")?;
        self.pending.drain(self.out)
    }

    /// Ends the file.
    pub(in crate::report) fn finish(self) -> anyhow::Result<()> {
        let Self {
            out,
            pending,
            writer,
        } = self;
        writer.close().context("ending the Parquet file")?;
        pending.drain(out)?;
        out.flush().context("writing Parquet")
    }
}

fn schema(
    name: &str,
    columns: impl IntoIterator<Item = (String, Kind)>,
) -> parquet::errors::Result<Arc<Type>> {
    let fields = columns
        .into_iter()
        .map(|(name, kind)| column(&name, kind).map(Arc::new))
        .collect::<Result<Vec<_>, _>>()?;
    let schema = Type::group_type_builder(name).with_fields(fields).build()?;
    Ok(Arc::new(schema))
}

fn column(name: &str, kind: Kind) -> parquet::errors::Result<Type> {
    let (physical, logical) = match kind {
        Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        Kind::Json => (Physical::BYTE_ARRAY, Some(LogicalType::Json)),
        Kind::Time => {
            let micros = LogicalType::timestamp(true, TimeUnit::MICROS);
            (Physical::INT64, Some(micros))
        }
        Kind::Count => (Physical::INT64, Some(LogicalType::integer(64, false))),
        Kind::Number => (Physical::DOUBLE, None),
        Kind::Flag => (Physical::BOOLEAN, None),
    };
    Type::primitive_type_builder(name, physical)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(logical)
        .build()
}

/// Writes the next column of `group`.
pub(in crate::report) fn write<T: DataType>(
    group: &mut Group<'_>,
    cells: impl Iterator<Item = Option<T::T>>,
) -> parquet::errors::Result<()> {
    let mut values = Vec::new();
    let mut levels = Vec::new();
    for cell in cells {
        levels.push(i16::from(cell.is_some()));
        values.extend(cell);
    }
    if let Some(mut column) = group.next_column()? {
        column
            .typed::<T>()
            .write_batch(&values, Some(&levels), None)?;
        column.close()?;
    }
    Ok(())
}

/// Bytes that wait to be written: the writer wants to own what it writes to.
#[derive(Clone, Default)]
pub(in crate::report) struct Pending(Arc<Mutex<Vec<u8>>>);

impl Pending {
    fn drain(&self, out: &mut dyn Write) -> anyhow::Result<()> {
        let mut bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        out.write_all(&bytes).context("writing Parquet")?;
        bytes.clear();
        Ok(())
    }
}

impl Write for Pending {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut pending = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pending.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
