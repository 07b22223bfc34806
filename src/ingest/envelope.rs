//! Unwrapping: from whatever a log was shipped in to the native records.
//!
//! Native records are recognised before wrappers, so that no key inside a
//! record can make it a wrapper. The wrappers are a table: the keys an object
//! must have, and what it then wraps (`wrapper`). What is in no table is taken
//! for a list of rows (`grid`), searched by the names under which shippers carry
//! records (`carrier`), or is a row itself.

mod array;
mod carrier;
mod grid;
mod kind;
mod packed;
mod row;
mod wrapper;

use std::sync::Arc;

use crate::event::Source;

use super::coverage::SkipReason;
use super::generic::{Mapping, Mappings};
use super::keys::Keys;
use super::members::{elements, member, string};
use super::prefix;
use super::rebuild::table::fields;
use super::rebuild::{Rendering, python, typed};
use super::structure::{delimit, is_too_deep};

pub(super) use array::{name_of, record_array};
use carrier::Trial;
pub(super) use kind::recognise;
pub(super) use wrapper::is_wrapper;
use wrapper::{Inner, wrapped};

/// Wrappers inside wrappers that are opened.
const MAX_WRAPPERS: u8 = 6;

/// What was found inside a candidate record.
#[derive(Clone, Debug)]
pub(super) enum Found<'t> {
    /// A native record.
    Record(Source, &'t str),
    /// Something that is not used.
    Skip(SkipReason),
    /// A record that a mapping can read.
    Mapped(Arc<Mapping>, &'t str),
    /// A CloudTrail document that is no event and says something about them.
    Context(SkipReason, &'t str),
    /// A record that was taken apart.
    Apart(Rendering, &'t str),
    /// The beginning of a record whose end was cut off.
    Cut(&'t str),
    /// A normalised event.
    Event(&'t str),
}

/// Takes what is found.
pub(super) trait Sink {
    /// One record was found, in order.
    fn found(&mut self, found: Found<'_>);

    /// The mappings that are tried on what is no native record.
    fn mappings(&self) -> &Mappings;

    /// What so many more bytes of packed data may unpack to.
    fn room_for(&mut self, _n_packed: usize) -> usize {
        usize::MAX
    }

    /// They unpacked to so many bytes.
    fn note_unpacked(&mut self, _n: usize) {}
}

/// How far inside of what was read a value is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Level {
    /// Wrappers around it.
    n_wrappers: u8,
    /// Whether one of them was packed. Nothing packed is opened inside of it, so
    /// that sizes multiply once.
    is_unpacked: bool,
}

impl Level {
    /// What stands alone.
    const TOP: Self = Self {
        n_wrappers: 0,
        is_unpacked: false,
    };

    /// What stands in a line, a cell or the like.
    const INNER: Self = Self::TOP.below();

    /// Inside of a wrapper on this level.
    const fn below(self) -> Self {
        Self {
            n_wrappers: self.n_wrappers.saturating_add(1),
            ..self
        }
    }

    /// Inside of a packed one on this level.
    const fn unpacked(self) -> Self {
        Self {
            is_unpacked: true,
            ..self.below()
        }
    }

    /// Whether wrappers on this level are opened.
    const fn has_room(self) -> bool {
        self.n_wrappers < MAX_WRAPPERS
    }
}

/// Reports the records in the JSON value `text` to `sink`. `keys` are those of
/// its top level.
pub(super) fn unwrap(text: &str, keys: Keys, sink: &mut dyn Sink) {
    unwrap_value(text, keys, Level::TOP, sink);
}

/// Reports the records in the text `line`, which may have anything in front of
/// its JSON. False when there is no record in it.
pub(super) fn unwrap_line(line: &str, sink: &mut dyn Sink) -> bool {
    let mut take = |text: &str, keys: Keys| unwrap_object(text, keys, Level::INNER, sink);
    prefix::read(line, &mut take) || prefix::read_quoted(line, &mut take)
}

/// Reports the records in `content`, the text of a cell: JSON, or a log line
/// that holds it.
pub(super) fn unwrap_content(content: &str, sink: &mut dyn Sink) {
    unwrap_text(content, Level::INNER, sink);
}

fn unwrap_value(text: &str, keys: Keys, level: Level, sink: &mut dyn Sink) {
    match text.as_bytes().first() {
        Some(b'{') => unwrap_object(text, keys, level, sink),
        _ if !level.has_room() => sink.found(Found::Skip(SkipReason::UnknownType)),
        Some(b'[') => match row::open(text) {
            Some(row) => unwrap_inner(text, row, level, sink),
            None => unwrap_each(text, level.below(), sink),
        },
        Some(b'"') => match string(text) {
            Some(content) => unwrap_text(&content, level.below(), sink),
            None => sink.found(Found::Skip(SkipReason::Malformed)),
        },
        _ => sink.found(Found::Skip(SkipReason::UnknownType)),
    }
}

fn unwrap_object(text: &str, keys: Keys, level: Level, sink: &mut dyn Sink) {
    if let Some(found) = recognise(text, keys) {
        return sink.found(found);
    }
    if let Some(mapping) = sink.mappings().of_record(text) {
        return sink.found(Found::Mapped(mapping, text));
    }
    let inner = level
        .has_room()
        .then(|| {
            let asked = sink.mappings().array_in(text).map(Inner::Each);
            asked.or_else(|| wrapped(text, keys))
        })
        .flatten();
    match inner {
        Some(inner) => unwrap_inner(text, inner, level, sink),
        None => unwrap_unknown(text, keys, level, sink),
    }
}

/// An object that no rule knows.
fn unwrap_unknown(text: &str, keys: Keys, level: Level, sink: &mut dyn Sink) {
    if level.has_room() && is_opened(text, level, sink) {
        return;
    }
    let action = Keys::EVENT_SOURCE.with(Keys::EVENT_NAME);
    sink.found(if fields::is_record(text) {
        Found::Apart(Rendering::Fields, text)
    } else if keys.has(action.with(Keys::USER_IDENTITY)) {
        // Without a version and, or it had fields enough, without a time.
        Found::Record(Source::CloudTrail, text)
    } else {
        Found::Skip(SkipReason::UnknownType)
    });
}

/// Whether the object `text`, which no rule knows, is found to hold something.
fn is_opened(text: &str, level: Level, sink: &mut dyn Sink) -> bool {
    if let Some(is_found) = grid::open(text, level, sink) {
        return is_found;
    }
    let written_otherwise = match text {
        _ if member(text, "kvlistValue").is_some() => typed::plain(text),
        _ if python::is_likely(text) => python::to_json(text),
        _ => None,
    };
    match written_otherwise {
        Some(text) => Trial::found(sink, |sink| unwrap_slice(&text, level.below(), sink)),
        None => {
            carrier::open(text, level, sink)
                || level == Level::TOP && carrier::open_lists(text, level, sink)
        }
    }
}

/// What the wrapper `text` holds.
fn unwrap_inner(text: &str, inner: Inner<'_>, level: Level, sink: &mut dyn Sink) {
    match inner {
        Inner::Value(value) => unwrap_slice(value, level.below(), sink),
        Inner::Each(array) => unwrap_each(array, level.below(), sink),
        Inner::Text(content) => unwrap_text(&content, level.below(), sink),
        Inner::Packed(data) => unwrap_packed(&data, level, sink),
        Inner::Apart(rendering) => sink.found(Found::Apart(rendering, text)),
        Inner::Skip(reason) => sink.found(Found::Skip(reason)),
    }
}

fn unwrap_each(array: &str, level: Level, sink: &mut dyn Sink) {
    for element in elements(array) {
        unwrap_slice(element, level, sink);
    }
}

/// A value whose keys are not known yet.
fn unwrap_slice(text: &str, level: Level, sink: &mut dyn Sink) {
    let keys = delimit(text.as_bytes()).map_or_else(Keys::default, |(_, keys)| keys);
    unwrap_value(text, keys, level, sink);
}

/// The content of a string: a JSON value, or a log line that holds one.
fn unwrap_text(content: &str, level: Level, sink: &mut dyn Sink) {
    let content = content.trim();
    if content.starts_with(['{', '[']) {
        match delimit(content.as_bytes()) {
            Some((n, keys)) if n == content.len() => {
                unwrap_value(content, keys, level, sink);
            }
            Some(_) => sink.found(Found::Skip(SkipReason::Malformed)),
            None if is_too_deep(content.as_bytes()) => {
                sink.found(Found::Skip(SkipReason::TooDeep));
            }
            None => sink.found(Found::Cut(content)),
        }
        return;
    }
    let is_record = prefix::read(content, &mut |text, keys| {
        unwrap_object(text, keys, level, sink);
    });
    if !is_record {
        sink.found(Found::Skip(SkipReason::UnknownType));
    }
}

/// The contents of a string that may hold several JSON values, of which only the
/// first may have something in front.
fn unwrap_sequence(content: &str, level: Level, sink: &mut dyn Sink) {
    let mut rest = content.trim();
    let mut is_first = true;
    while let Some((n, keys)) = begins_json(rest)
        .then(|| delimit(rest.as_bytes()))
        .flatten()
    {
        let Some((value, tail)) = rest.split_at_checked(n) else {
            return;
        };
        unwrap_value(value, keys, level, sink);
        rest = tail.trim_start_matches(|c: char| c == ',' || c.is_whitespace());
        if rest.is_empty() {
            return;
        }
        is_first = false;
    }
    if is_first || begins_json(rest) {
        unwrap_text(rest, level, sink);
    } else {
        sink.found(Found::Skip(SkipReason::Malformed));
    }
}

/// Whether `text` begins like an object, or an array of them.
fn begins_json(text: &str) -> bool {
    let inner = text.trim_start().strip_prefix('[').unwrap_or(text);
    inner.trim_start().starts_with('{')
}

/// What `data`, which is in base64, stands for.
fn unwrap_packed(data: &str, level: Level, sink: &mut dyn Sink) {
    if level.is_unpacked {
        return sink.found(Found::Skip(SkipReason::UnknownType));
    }
    let room = sink.room_for(data.len());
    let (text, n_unpacked) = packed::unpack(data, room);
    sink.note_unpacked(n_unpacked);
    match text {
        Ok(text) => unwrap_sequence(&text, level.unpacked(), sink),
        Err(reason) => sink.found(Found::Skip(reason)),
    }
}

#[cfg(test)]
mod tests;
