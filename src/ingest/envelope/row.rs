//! Rows of query results, which the AWS CLI prints as arrays of cells.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::Inner;
use crate::ingest::coverage::SkipReason;
use crate::ingest::members::{elements, members, string};

/// The column of Logs Insights that holds the line as it was logged.
const MESSAGE: &str = "@message";

/// What the array `text` holds if it is a row.
pub(super) fn open(text: &str) -> Option<Inner<'_>> {
    insights(text).or_else(|| lake(text))
}

/// A row of Logs Insights: cells of `field` and `value`.
fn insights(text: &str) -> Option<Inner<'_>> {
    let mut message = None;
    let mut n_cells = 0;
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
        n_cells += 1;
    }
    (n_cells > 0).then_some(message.map_or(Inner::Skip(SkipReason::UnknownType), Inner::Text))
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
