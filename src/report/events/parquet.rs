//! A dump as Parquet: flat typed columns, in row groups as they fill.
//!
//! A column is named by its path in the line, with `_` for `.`. Lists are text
//! that holds JSON.

use std::io::Write;

use anyhow::Context as _;
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int64Type};
use serde_json::Value;

use super::Sink;
use super::line::Line;
use crate::report::parquet::table::{self, Group, Kind, Table};

/// Rows of one group: a few tens of megabytes.
const ROWS: usize = 32 << 10;

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
    table: Table<'o>,
    rows: Vec<Value>,
}

impl<'o> Rows<'o> {
    /// An empty file.
    pub(super) fn new(out: &'o mut dyn Write) -> anyhow::Result<Self> {
        let columns = COLUMNS.map(|(path, kind)| (path.replace('.', "_"), kind));
        let table = Table::new(out, "event", columns)?;
        let rows = Vec::new();
        Ok(Self { table, rows })
    }

    fn write_group(&mut self) -> anyhow::Result<()> {
        let rows = std::mem::take(&mut self.rows);
        if rows.is_empty() {
            return Ok(());
        }
        self.table.add(|group| {
            let mut columns = COLUMNS.into_iter();
            columns.try_for_each(|(path, kind)| write_column(group, path, kind, &rows))
        })
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
        self.table.finish()
    }
}

fn write_column(
    group: &mut Group<'_>,
    path: &str,
    kind: Kind,
    rows: &[Value],
) -> parquet::errors::Result<()> {
    let cells = rows.iter().map(|row| cell(row, path));
    match kind {
        Kind::Text => {
            table::write::<ByteArrayType>(group, cells.map(|cell| Some(cell?.as_str()?.into())))
        }
        Kind::Json => {
            let text = |cell: Option<&Value>| Some(ByteArray::from(&*cell?.to_string()));
            table::write::<ByteArrayType>(group, cells.map(text))
        }
        Kind::Time => table::write::<Int64Type>(group, cells.map(micros)),
        Kind::Count => {
            let count = |cell: Option<&Value>| Some(cell?.as_u64()?.cast_signed());
            table::write::<Int64Type>(group, cells.map(count))
        }
        Kind::Number => table::write::<DoubleType>(group, cells.map(|cell| cell?.as_f64())),
        Kind::Flag => table::write::<BoolType>(group, cells.map(|cell| cell?.as_bool())),
    }
}

fn cell<'r>(row: &'r Value, path: &str) -> Option<&'r Value> {
    path.split('.').try_fold(row, |value, name| value.get(name))
}

fn micros(time: Option<&Value>) -> Option<i64> {
    let time = chrono::DateTime::parse_from_rfc3339(time?.as_str()?).ok()?;
    Some(time.timestamp_micros())
}
