//! A dump as Parquet: flat typed columns, in row groups as they fill.
//!
//! A column is named by its path in the line, with `_` for `.`. Lists are text
//! that holds JSON.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical, ZstdLevel};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::Type;
use serde_json::Value;

use super::Sink;
use super::line::Line;

/// Rows of one group: a few tens of megabytes.
const ROWS: usize = 32 << 10;

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    /// Microseconds, UTC.
    Time,
    Count,
    Number,
    Flag,
    /// Text that holds JSON.
    Json,
}

/// The columns: path in the line, and type.
pub(super) const COLUMNS: [(&str, Kind); 45] = {
    use Kind::{Count, Flag, Json, Number, Text, Time};
    [
        ("schema", Text),
        ("source", Text),
        ("native_id", Text),
        ("time", Time),
        ("tenant", Text),
        ("region", Text),
        ("actor.key", Text),
        ("actor.sub", Text),
        ("actor.class", Text),
        ("actor.class_confidence", Number),
        ("actor.key_basis", Text),
        ("actor.display", Text),
        ("actor.native", Text),
        ("actor.session_name", Text),
        ("actor.session_is_email", Flag),
        ("via", Text),
        ("action", Text),
        ("service", Text),
        ("verb", Text),
        ("sensitive", Text),
        ("resources", Json),
        ("resources_total", Count),
        ("outcome", Text),
        ("outcome_code", Text),
        ("net.addr", Text),
        ("net.kind", Text),
        ("net.network", Text),
        ("net.country", Text),
        ("ua.family", Text),
        ("ua.product", Text),
        ("ua.version", Text),
        ("interface", Text),
        ("mfa", Text),
        ("credential.kind", Text),
        ("credential.id", Text),
        ("credential.long_lived", Flag),
        ("session", Text),
        ("edges", Json),
        ("bytes_out", Count),
        ("minted", Json),
        ("ties", Json),
        ("flags", Json),
        ("n_records", Count),
        ("origin.file_index", Count),
        ("origin.record_index", Count),
    ]
};

/// Rows on their way into a file.
pub(super) struct Rows<'o> {
    out: &'o mut dyn Write,
    /// What the writer wrote and `out` has not yet.
    pending: Pending,
    writer: SerializedFileWriter<Pending>,
    rows: Vec<Value>,
}

impl<'o> Rows<'o> {
    /// An empty file.
    pub(super) fn new(out: &'o mut dyn Write) -> anyhow::Result<Self> {
        let fields = COLUMNS
            .into_iter()
            .map(|(path, kind)| column(path, kind).map(Arc::new))
            .collect::<Result<Vec<_>, _>>()
            .context("describing the columns of the dump")?;
        let schema = Type::group_type_builder("event")
            .with_fields(fields)
            .build()
            .context("describing the columns of the dump")?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_created_by("habitual".to_owned())
            .build();
        let pending = Pending::default();
        let writer =
            SerializedFileWriter::new(pending.clone(), Arc::new(schema), Arc::new(properties))
                .context("beginning the dump")?;
        Ok(Self {
            out,
            pending,
            writer,
            rows: Vec::new(),
        })
    }

    fn write_group(&mut self) -> anyhow::Result<()> {
        let rows = std::mem::take(&mut self.rows);
        if rows.is_empty() {
            return Ok(());
        }
        let mut group = self.writer.next_row_group().context("writing the dump")?;
        for (path, kind) in COLUMNS {
            write_column(&mut group, path, kind, &rows).context("writing the dump")?;
        }
        group.close().context("writing the dump")?;
        self.pending.drain(self.out)
    }
}

impl Sink for Rows<'_> {
    fn take(&mut self, line: &Line<'_>) -> anyhow::Result<()> {
        let row = serde_json::from_str(&line.to_string()).context("reading an event back")?;
        self.rows.push(row);
        if self.rows.len() >= ROWS {
            self.write_group()?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> anyhow::Result<()> {
        self.write_group()?;
        let Self {
            out,
            pending,
            writer,
            ..
        } = *self;
        writer.close().context("ending the dump")?;
        pending.drain(out)?;
        out.flush().context("writing the dump")
    }
}

fn column(path: &str, kind: Kind) -> parquet::errors::Result<Type> {
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
    Type::primitive_type_builder(&path.replace('.', "_"), physical)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(logical)
        .build()
}

fn write_column(
    group: &mut SerializedRowGroupWriter<'_, Pending>,
    path: &str,
    kind: Kind,
    rows: &[Value],
) -> parquet::errors::Result<()> {
    let cells = rows.iter().map(|row| cell(row, path));
    match kind {
        Kind::Text => write::<ByteArrayType>(group, cells.map(|cell| Some(cell?.as_str()?.into()))),
        Kind::Json => {
            let text = |cell: Option<&Value>| Some(ByteArray::from(&*cell?.to_string()));
            write::<ByteArrayType>(group, cells.map(text))
        }
        Kind::Time => write::<Int64Type>(group, cells.map(micros)),
        Kind::Count => {
            let count = |cell: Option<&Value>| Some(cell?.as_u64()?.cast_signed());
            write::<Int64Type>(group, cells.map(count))
        }
        Kind::Number => write::<DoubleType>(group, cells.map(|cell| cell?.as_f64())),
        Kind::Flag => write::<BoolType>(group, cells.map(|cell| cell?.as_bool())),
    }
}

fn cell<'r>(row: &'r Value, path: &str) -> Option<&'r Value> {
    path.split('.').try_fold(row, |value, name| value.get(name))
}

fn micros(time: Option<&Value>) -> Option<i64> {
    let time = chrono::DateTime::parse_from_rfc3339(time?.as_str()?).ok()?;
    Some(time.timestamp_micros())
}

fn write<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, Pending>,
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
struct Pending(Arc<Mutex<Vec<u8>>>);

impl Pending {
    fn drain(&self, out: &mut dyn Write) -> anyhow::Result<()> {
        let mut bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        out.write_all(&bytes).context("writing the dump")?;
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
