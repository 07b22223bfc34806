//! Query results as lists: the names of the columns once, and the cells of each
//! row (Log Analytics, Data Explorer, Elastic's ES|QL, Splunk, Athena).

use super::carrier::Trial;
use super::{Level, Sink, unwrap_slice};
use crate::ingest::members::{elements, member, member_of_kind, members, string};

/// What the lists of columns and rows are called.
const LISTS: [(&str, &str); 5] = [
    ("columns", "rows"),
    ("columns", "data"),
    ("Columns", "Rows"),
    ("columns", "values"),
    ("fields", "rows"),
];

/// What the name of a column is called where a column is an object.
const NAMES: [&str; 3] = ["name", "ColumnName", "Name"];

/// The longest name of a column, in bytes: every row repeats it.
const MAX_NAME: usize = 128;

/// Reports the rows of the object `text` as records, and says whether anything
/// is found in them. `None` if it is no list of rows.
pub(super) fn open(text: &str, level: Level, sink: &mut dyn Sink) -> Option<bool> {
    let is_telling = |key: &str| matches!(key, "columns" | "Columns" | "fields" | "ResultSet");
    members(text).find(|member| is_telling(member.key))?;
    let (columns, rows) = lists(text).or_else(|| athena(text))?;
    if columns.iter().any(|name| name.len() > MAX_NAME) {
        return None;
    }
    Some(Trial::found(sink, |sink| {
        for row in rows.filter_map(|row| object(&columns, row)) {
            unwrap_slice(&row, level.below(), sink);
        }
    }))
}

/// The rows of a table.
type Rows<'t> = Box<dyn Iterator<Item = &'t str> + 't>;

fn lists(text: &str) -> Option<(Vec<&str>, Rows<'_>)> {
    LISTS.iter().find_map(|(columns, rows)| {
        let columns: Option<Vec<&str>> = elements(member_of_kind(text, columns, '[')?)
            .map(|column| match column.as_bytes().first() {
                Some(b'"') => Some(column),
                _ => NAMES
                    .iter()
                    .find_map(|name| member_of_kind(column, name, '"')),
            })
            .collect();
        let rows = member_of_kind(text, rows, '[')?;
        let is_of_cells = elements(rows).next()?.starts_with('[');
        (is_of_cells).then_some((columns?, Box::new(elements(rows)) as Rows<'_>))
    })
}

/// The rows that the AWS CLI prints, the first of which names the columns.
fn athena(text: &str) -> Option<(Vec<&str>, Rows<'_>)> {
    let set = member_of_kind(text, "ResultSet", '{')?;
    let mut rows = elements(member_of_kind(set, "Rows", '[')?);
    let columns = cells(rows.next()?).collect::<Option<Vec<&str>>>()?;
    Some((columns, Box::new(rows)))
}

/// The cells of a row.
fn cells(row: &str) -> impl Iterator<Item = Option<&str>> {
    let is_object = row.starts_with('{');
    let list = match is_object {
        true => member_of_kind(row, "Data", '[').unwrap_or_default(),
        false => row,
    };
    elements(list).map(move |cell| match is_object {
        true => member(cell, "VarCharValue"),
        false => Some(cell),
    })
}

/// The row as an object, cells without a column left out.
fn object(columns: &[&str], row: &str) -> Option<String> {
    let mut object = String::with_capacity(row.len().saturating_mul(2));
    for (column, cell) in columns.iter().zip(cells(row)) {
        let Some(cell) = cell else { continue };
        string(column)?;
        object.push(if object.is_empty() { '{' } else { ',' });
        object.push_str(column);
        object.push(':');
        object.push_str(cell);
    }
    (!object.is_empty()).then(|| object + "}")
}
