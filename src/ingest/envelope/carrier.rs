//! What no rule knows: the members of an object by whose names shippers hand
//! records on, one after the other until something is found.
//!
//! Names alone prove nothing, so each is tried, and what leads nowhere leaves no
//! trace: the object as a whole is then of an unknown type. Only these names are
//! tried, for elsewhere in foreign logs stands what strangers wrote.

use super::{
    Found, Level, Sink, begins_json, is_wrapper, packed, recognise, unwrap_each, unwrap_packed,
    unwrap_sequence, unwrap_slice, unwrap_text,
};
use crate::ingest::coverage::SkipReason;
use crate::ingest::generic::Mappings;
use crate::ingest::members::{elements, members, string};
use crate::ingest::prefix;
use crate::ingest::structure::delimit;

/// Whether a member of this name may hold records: as an object, as text, in
/// lists or packed.
fn is_carrier(name: &str) -> bool {
    // Event buses, queues, streams and functions.
    let is_of_buses = matches!(
        name,
        "Data"
            | "Messages"
            | "Sns"
            | "_1"
            | "body"
            | "Body"
            | "data"
            | "data_base64"
            | "detail"
            | "kinesis"
            | "message"
            | "payload"
            | "rawData"
            | "receivedMessages"
            | "record"
            | "value"
    );
    // Collectors.
    let is_of_collectors = matches!(
        name,
        "MESSAGE"
            | "content"
            | "custom"
            | "fields"
            | "json"
            | "log"
            | "logRecords"
            | "log_processed"
            | "msg"
            | "resourceLogs"
            | "scopeLogs"
            | "stringValue"
            | "textPayload"
    );
    // By the product that they are of.
    let is_of_products = matches!(
        name,
        "audit"
            | "cloudtrail"
            | "gcp"
            | "github"
            | "kubernetes"
            | "okta"
            | "openbao"
            | "properties"
            | "vault"
    );
    // What searches and archives give.
    let is_of_searches = matches!(
        name,
        "@message"
            | "@rawstring"
            | "RawData"
            | "attributes"
            | "docs"
            | "entries"
            | "expected"
            | "full_message"
            | "input"
            | "logText"
            | "logs"
            | "map"
            | "matches"
            | "messages"
            | "raw"
            | "rawEvent"
            | "rawLog"
            | "raw_event"
            | "raw_log"
            | "response"
            | "result"
            | "results"
            | "rows"
            | "short_message"
            | "source_json"
            | "streams"
            | "tables"
            | "text"
            | "userData"
            | "values"
    );
    // Databases.
    let is_of_databases = matches!(
        name,
        "Item" | "RECORD" | "VALUE" | "cloud_trail_event" | "cloudtrail_event" | "doc" | "event"
    );
    is_of_buses || is_of_collectors || is_of_products || is_of_searches || is_of_databases
}

/// Reports what the members of the object `text` carry. False if nothing is
/// found in any of them.
pub(super) fn open(text: &str, level: Level, sink: &mut dyn Sink) -> bool {
    members(text)
        .filter(|member| is_carrier(member.key))
        .any(|member| Trial::found(sink, |sink| take(member.value, level.below(), sink)))
}

/// Reports the records that stand in lists under any names in the object `text`,
/// or under names alone where it has nothing else. False if there are none.
///
/// What stands there must be a record or a wrapper itself: a script has saved
/// what it fetched.
pub(super) fn open_lists(text: &str, level: Level, sink: &mut dyn Sink) -> bool {
    let is_map = members(text).all(|member| member.value.starts_with(['{', '[']));
    let mut is_found = false;
    for member in members(text) {
        let is_list = member.value.starts_with('[');
        let first = if is_list {
            elements(member.value).next()
        } else {
            Some(member.value)
        };
        let is_candidate = (is_list || is_map) && first.is_some_and(is_known);
        is_found |=
            is_candidate && Trial::found(sink, |sink| take(member.value, level.below(), sink));
    }
    is_found
}

/// Whether a value is a record or a wrapper.
fn is_known(value: &str) -> bool {
    let keys = value
        .starts_with('{')
        .then(|| delimit(value.as_bytes()))
        .flatten();
    keys.is_some_and(|(_, keys)| recognise(value, keys).is_some() || is_wrapper(value, keys))
}

/// What the value of a carrier holds.
fn take(value: &str, level: Level, sink: &mut dyn Sink) {
    match value.as_bytes().first() {
        Some(b'{') => unwrap_slice(value, level, sink),
        Some(b'[') => match bytes(value) {
            Some(content) => unwrap_text(&content, level, sink),
            None => unwrap_each(value, level, sink),
        },
        Some(b'"') => match string(value) {
            Some(content) if begins_json(&content) => unwrap_sequence(&content, level, sink),
            Some(content) if packed::is_likely(&content) => unwrap_packed(&content, level, sink),
            _ => {}
        },
        _ => {}
    }
}

/// The text whose bytes a list gives as numbers: the journal's way with texts that
/// cannot be printed.
fn bytes(list: &str) -> Option<String> {
    let is_number = |list: &str| list.trim_start().starts_with(|c: char| c.is_ascii_digit());
    list.strip_prefix('[').filter(|list| is_number(list))?;
    let bytes = elements(list).map(|byte| byte.parse().ok());
    let bytes = bytes.collect::<Option<Vec<u8>>>()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Passes on what is found, from the first that is something on; what comes
/// before it is held back, and dropped if it never comes.
pub(super) struct Trial<'s> {
    sink: &'s mut dyn Sink,
    held: Vec<SkipReason>,
    is_found: bool,
}

impl<'s> Trial<'s> {
    /// Whether `look` finds anything, which is passed on to `sink`.
    pub(super) fn found(sink: &'s mut dyn Sink, look: impl FnOnce(&mut dyn Sink)) -> bool {
        let mut trial = Trial {
            sink,
            held: Vec::new(),
            is_found: false,
        };
        look(&mut trial);
        trial.is_found
    }
}

impl Sink for Trial<'_> {
    fn mappings(&self) -> &Mappings {
        self.sink.mappings()
    }

    fn room_for(&mut self, n_packed: usize) -> usize {
        self.sink.room_for(n_packed)
    }

    fn note_unpacked(&mut self, n: usize) {
        self.sink.note_unpacked(n);
    }

    fn found(&mut self, found: Found<'_>) {
        if !self.is_found {
            if let Some(reason) = nothing(&found) {
                return self.held.push(reason);
            }
            self.is_found = true;
            for reason in self.held.drain(..) {
                self.sink.found(Found::Skip(reason));
            }
        }
        self.sink.found(found);
    }
}

/// Why `found` proves nothing, if it does not.
fn nothing(found: &Found<'_>) -> Option<SkipReason> {
    match found {
        Found::Skip(
            reason @ (SkipReason::UnknownType
            | SkipReason::Malformed
            | SkipReason::TooDeep
            | SkipReason::TooLarge
            | SkipReason::TruncatedRecord
            | SkipReason::OtherProduct),
        ) => Some(*reason),
        Found::Cut(beginning) if prefix::cut_record(beginning).is_none() => {
            Some(SkipReason::TruncatedRecord)
        }
        _ => None,
    }
}
