//! What no rule knows: the members of an object by whose names shippers hand
//! records on, one after the other until something is found.
//!
//! Names alone prove nothing, so each is tried, and what leads nowhere leaves no
//! trace: the object as a whole is then of an unknown type. Only these names are
//! tried, for elsewhere in foreign logs stands what strangers wrote.

use super::{
    Found, Level, Sink, begins_json, packed, unwrap_each, unwrap_packed, unwrap_sequence,
    unwrap_slice,
};
use crate::ingest::coverage::SkipReason;
use crate::ingest::generic::Mappings;
use crate::ingest::members::{members, string};
use crate::ingest::prefix;

/// Whether a member of this name may hold records: as an object, as text, in
/// lists or packed.
fn is_carrier(name: &str) -> bool {
    // Event buses, queues, streams and functions.
    let is_of_buses = matches!(
        name,
        "Data"
            | "Messages"
            | "Sns"
            | "body"
            | "Body"
            | "data"
            | "data_base64"
            | "detail"
            | "kinesis"
            | "message"
            | "payload"
            | "rawData"
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
        "audit" | "cloudtrail" | "gcp" | "github" | "kubernetes" | "properties"
    );
    // What searches and archives give.
    let is_of_searches = matches!(
        name,
        "@message"
            | "@rawstring"
            | "attributes"
            | "full_message"
            | "logs"
            | "map"
            | "matches"
            | "messages"
            | "raw"
            | "rawEvent"
            | "rawLog"
            | "raw_event"
            | "raw_log"
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
        "RECORD" | "VALUE" | "cloud_trail_event" | "cloudtrail_event" | "event"
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

/// What the value of a carrier holds.
fn take(value: &str, level: Level, sink: &mut dyn Sink) {
    match value.as_bytes().first() {
        Some(b'{') => unwrap_slice(value, level, sink),
        Some(b'[') => unwrap_each(value, level, sink),
        Some(b'"') => match string(value) {
            Some(content) if begins_json(&content) => unwrap_sequence(&content, level, sink),
            Some(content) if packed::is_likely(&content) => unwrap_packed(&content, level, sink),
            _ => {}
        },
        _ => {}
    }
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
