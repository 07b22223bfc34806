//! Rows of query results that are arrays of cells: those that the AWS CLI
//! prints, and Loki's.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::wrapper::Inner;
use crate::ingest::members::{elements, members, string};

/// The column of Logs Insights that holds the line as it was logged.
const MESSAGE: &str = "@message";

/// What the array `text` holds if it is a row.
pub(super) fn open(text: &str) -> Option<Inner<'_>> {
    insights(text).or_else(|| lake(text)).or_else(|| loki(text))
}

/// A line of Loki's: when it was written, in nanoseconds, itself, and in some
/// versions what is known of it.
fn loki(text: &str) -> Option<Inner<'_>> {
    let mut cells = elements(text);
    let time = string(cells.next()?)?;
    let line = string(cells.next()?)?;
    let is_time = time.len() >= 10 && time.bytes().all(|byte| byte.is_ascii_digit());
    let is_line = is_time && cells.all(|cell| cell.starts_with('{'));
    is_line.then_some(Inner::Text(line))
}

/// A row of Logs Insights: cells of `field` and `value`. The line as it was
/// logged, or else an object of what the query has read of it.
fn insights(text: &str) -> Option<Inner<'_>> {
    let mut message = None;
    let mut object = String::new();
    for cell in elements(text) {
        let mut parts = [None, None];
        for member in members(cell) {
            let at = ["field", "value"]
                .iter()
                .position(|key| *key == member.key)?;
            *parts.get_mut(at)? = Some(member.value);
        }
        let [Some(field), Some(value)] = parts else {
            return None;
        };
        if string(field)? == MESSAGE {
            message = string(value);
        }
        object.push(if object.is_empty() { '{' } else { ',' });
        object.push_str(field);
        object.push(':');
        object.push_str(value);
    }
    let is_row = !object.is_empty();
    is_row.then(|| Inner::Text(message.unwrap_or(Cow::Owned(object + "}"))))
}

/// A row of a CloudTrail Lake query: cells of one column each, all of them text.
/// Messages in a list look alike, but they all have the same key.
fn lake(text: &str) -> Option<Inner<'_>> {
    let mut columns = BTreeMap::new();
    for cell in elements(text) {
        let mut members = members(cell);
        let (Some(column), None) = (members.next(), members.next()) else {
            return None;
        };
        let is_text = column.value.starts_with('"');
        if !is_text || columns.insert(column.key, column.value).is_some() {
            return None;
        }
    }
    let columns: Vec<String> = columns
        .into_iter()
        .map(|(key, value)| format!("\"{key}\":{value}"))
        .collect();
    let row = format!("{{{}}}", columns.join(","));
    (columns.len() > 1).then_some(Inner::Text(Cow::Owned(row)))
}
