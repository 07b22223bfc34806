//! One field of a record: where it stands, and how a cell becomes its value.

use serde_json::Value;

use super::super::python;
use super::super::struct_text::{self, Shape};
use super::damage::Damage;
use crate::ingest::table::{Row, canonical};
use crate::ingest::time;
use crate::ingest::time::local::{self, DateOrder};

/// A path in the record, the form of its cell, and the canonical names of its
/// column besides that of the path itself.
pub(super) struct Field(
    pub(super) &'static str,
    pub(super) Form,
    pub(super) &'static [&'static str],
);

impl Field {
    /// The canonical names of its column.
    pub(super) fn names(&self) -> Vec<String> {
        let aliases = self.2.iter().map(|alias| (*alias).to_owned());
        std::iter::once(canonical(self.0)).chain(aliases).collect()
    }

    /// Whether a column with this canonical name is its own.
    pub(super) fn is_named(&self, name: &str) -> bool {
        self.2.contains(&name) || canonical(self.0) == name
    }
}

/// How a cell is read.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form {
    /// As it is.
    Plain,
    /// The time of the event; the product's parser reads it.
    Time,
    /// A time that is part of a name, and so is written as the product does.
    Moment,
    /// The id of an AWS account.
    Account,
    /// JSON, or the struct text of this shape.
    Nested(Shape),
    /// An object with any keys, as JSON.
    Object,
    /// Words: a list as JSON, one per line, or between commas.
    List,
}

/// What a cell came to.
pub(super) struct Reading {
    pub(super) value: Value,
    /// A structure that cannot be read.
    pub(super) is_damaged: bool,
}

impl Form {
    fn is_nested(self) -> bool {
        matches!(self, Self::Nested(_) | Self::Object | Self::List)
    }

    /// Reads a `cell` of `row`, in a table that writes dates in this `order`.
    /// `None` where nothing in it can be trusted.
    pub(super) fn read(
        self,
        cell: &str,
        row: &Row<'_>,
        order: Option<DateOrder>,
        damage: &mut Damage,
    ) -> Option<Reading> {
        let local = |cell: &str| {
            let time = local::parse(cell, order?)?;
            Some(Value::String(time.rfc3339()))
        };
        let plain = |text: &str| Value::String(text.to_owned());
        let is_python = self.is_nested() && python::is_likely(cell);
        let json = is_python.then(|| python::to_json(cell)).flatten();
        let cell = json.as_deref().unwrap_or(cell);
        let value = match self {
            Self::Plain => plain(single(cell)),
            Self::Time => {
                let cell = without_zone(cell);
                local(cell).unwrap_or_else(|| {
                    damage.check_time(cell);
                    plain(cell)
                })
            }
            Self::Moment => time::parse(without_zone(cell))
                .map(|time| Value::String(time.rfc3339()))
                .or_else(|| local(without_zone(cell)))
                .unwrap_or_else(|| plain(cell)),
            Self::Account => Value::String(damage.account(single(cell), row)?),
            Self::Nested(_) if is_json(cell) => plain(cell),
            Self::Object => serde_json::from_str(cell).ok().filter(Value::is_object)?,
            Self::List => serde_json::from_str(cell)
                .ok()
                .filter(Value::is_array)
                .unwrap_or_else(|| cell.split(['\n', ',']).map(str::trim).collect()),
            Self::Nested(shape) => {
                let value = struct_text::parse(cell, shape);
                return Some(Reading {
                    is_damaged: value.is_none() && cell.starts_with(['{', '[']),
                    value: value.unwrap_or_else(|| plain(cell)),
                });
            }
        };
        Some(Reading {
            value,
            is_damaged: false,
        })
    }
}

/// Search engines repeat a value that they extracted twice, one per line.
fn single(cell: &str) -> &str {
    let mut lines = cell.lines();
    match lines.next() {
        Some(first) if lines.all(|line| line == first) => first.trim(),
        _ => cell,
    }
}

/// Query engines name the zone of a time; without one it is the same.
fn without_zone(cell: &str) -> &str {
    let time = single(cell);
    time.strip_suffix(" UTC").unwrap_or(time)
}

/// Whether a structure is JSON, by its first key; the parser reads JSON text
/// where it expects a structure.
fn is_json(cell: &str) -> bool {
    let inner = cell.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '{' | '['));
    inner.starts_with('"')
}
