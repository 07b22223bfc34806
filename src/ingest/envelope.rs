//! Unwrapping: from whatever a log was shipped in to the native records.
//!
//! Native records are recognised before wrappers, so that no key inside a
//! record can make it a wrapper. The wrappers are a table: the keys an object
//! must have, and what it then wraps. Support for another one is another line.

mod awslogs;
mod row;

use std::borrow::Cow;
use std::sync::Arc;

use crate::event::Source;

use super::coverage::SkipReason;
use super::generic::{Mapping, Mappings};
use super::keys::Keys;
use super::members::{elements, member, member_of_kind, members, string};
use super::normal;
use super::prefix;
use super::rebuild::Rendering;
use super::structure::{delimit, is_too_deep};
use super::text::valid_prefix;

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
}

/// What an object wraps.
#[derive(Clone, Debug)]
enum Inner<'t> {
    /// A value.
    Value(&'t str),
    /// An array of values.
    Each(&'t str),
    /// The text of a value, or a log line that holds one.
    Text(Cow<'t, str>),
    /// A record that was taken apart.
    Apart(Rendering),
    /// Nothing of use.
    Skip(SkipReason),
}

/// Reports the records in the JSON value `text` to `sink`. `keys` are those of
/// its top level.
pub(super) fn unwrap(text: &str, keys: Keys, sink: &mut dyn Sink) {
    unwrap_value(text, keys, 0, sink);
}

/// Reports the records in the text `line`, which may have anything in front of
/// its JSON. False when there is no record in it.
pub(super) fn unwrap_line(line: &str, sink: &mut dyn Sink) -> bool {
    prefix::read(line, &mut |text, keys| {
        unwrap_object(text, keys, 1, sink);
    })
}

/// Reports the records in `content`, the text of a cell: JSON, or a log line
/// that holds it.
pub(super) fn unwrap_content(content: &str, sink: &mut dyn Sink) {
    unwrap_text(content, 1, sink);
}

/// What the object `text` is, if it is no wrapper.
pub(super) fn recognise<'t>(text: &'t str, keys: Keys) -> Option<Found<'t>> {
    if keys.has(Keys::SCHEMA) && is_value(text, "schema", normal::SCHEMA) {
        return Some(Found::Event(text));
    }
    let cloudtrail = Keys::EVENT_VERSION.with(Keys::EVENT_SOURCE);
    if keys.has(cloudtrail) && keys.has_any(Keys::USER_IDENTITY.with(Keys::EVENT_NAME)) {
        return Some(
            if keys.has(Keys::S3) && is_value(text, "eventSource", "aws:s3") {
                Found::Skip(SkipReason::Notification)
            } else {
                Found::Record(Source::CloudTrail, text)
            },
        );
    }
    let okta = Keys::EVENT_TYPE.with(Keys::PUBLISHED).with(Keys::ACTOR);
    if keys.has(okta) {
        return Some(Found::Record(Source::Okta, text));
    }
    if keys.has(Keys::TYPE.with(Keys::REQUEST)) && is_vault_entry(text) {
        return Some(Found::Record(Source::Vault, text));
    }
    let ocsf = Keys::CLASS_UID.with(Keys::METADATA);
    if keys.has(ocsf) && keys.has_any(Keys::API.with(Keys::ACTOR)) {
        return Some(Found::Apart(Rendering::Ocsf, text));
    }
    let lower = Keys::LOWER_SOURCE.with(Keys::LOWER_NAME);
    if keys.has(lower) && keys.has_any(Keys::LOWER_VERSION.with(Keys::LOWER_IDENTITY)) {
        return Some(Found::Apart(Rendering::LowerCase, text));
    }
    LEFT_OUT
        .iter()
        .find(|(needed, _)| keys.has(*needed))
        .map(|(_, reason)| *reason)
        .or_else(|| {
            keys.has(Keys::EVENT_VERSION)
                .then(|| context(text))
                .flatten()
        })
        .map(|reason| match reason {
            SkipReason::Insight | SkipReason::Digest => Found::Context(reason, text),
            _ => Found::Skip(reason),
        })
}

/// What kind of context a CloudTrail record is that describes no action.
fn context(text: &str) -> Option<SkipReason> {
    CONTEXTS
        .iter()
        .find(|(key, name, _)| {
            member(text, key)
                .and_then(string)
                .is_some_and(|value| value.eq_ignore_ascii_case(name))
        })
        .map(|(_, _, reason)| *reason)
}

/// CloudTrail records that describe no action, by a key and its value.
const CONTEXTS: [(&str, &str, SkipReason); 4] = [
    ("eventCategory", "Insight", SkipReason::Insight),
    ("eventType", "AwsCloudTrailInsight", SkipReason::Insight),
    ("eventCategory", "Aggregated", SkipReason::Aggregated),
    ("eventType", "AwsAggregatedEvent", SkipReason::Aggregated),
];

/// Known things that are no events, by the keys they must have.
const LEFT_OUT: [(Keys, SkipReason); 4] = [
    (Keys::INSIGHT_DETAILS, SkipReason::Insight),
    (Keys::DIGEST_START.with(Keys::LOG_FILES), SkipReason::Digest),
    (Keys::CONFIGURATION_ITEMS, SkipReason::OtherAwsLog),
    (
        Keys::LEVEL.with(Keys::LOG_MESSAGE),
        SkipReason::OperationalLine,
    ),
];

/// Whether the object `text` is a wrapper that can be opened.
pub(super) fn is_wrapper(text: &str, keys: Keys) -> bool {
    wrapped(text, keys).is_some()
}

type Rule = (Keys, for<'t> fn(&'t str) -> Option<Inner<'t>>);

/// The wrappers, in order: the first that fits is opened.
const WRAPPERS: [Rule; 25] = [
    (Keys::RECORDS, |t| array(t, "Records")),
    (Keys::EVENTS, |t| array(t, "Events")),
    (Keys::CLOUDTRAIL_EVENT, |t| text_of(t, "CloudTrailEvent")),
    (Keys::DETAIL_TYPE.with(Keys::DETAIL), |t| {
        object(t, "detail")
    }),
    (Keys::MESSAGE_TYPE.with(Keys::LOG_EVENTS), subscription),
    (Keys::AWSLOGS, subscription_data),
    (Keys::EVENTS_LOWER, |t| array(t, "events")),
    (Keys::RESULTS, |t| array(t, "results")),
    (Keys::ROWS, |t| array(t, "QueryResultRows")),
    (Keys::HITS, |t| {
        array(member_of_kind(t, "hits", '{')?, "hits")
    }),
    (Keys::SOURCE_DOCUMENT, |t| object(t, "_source")),
    (Keys::EVENT, |t| {
        text_of(member_of_kind(t, "event", '{')?, "original")
    }),
    (Keys::EVENT_ORIGINAL, |t| text_of(t, "event.original")),
    (Keys::ELASTIC, elastic),
    (Keys::RESULT, splunk_result),
    (Keys::RAW, |t| text_of(t, "_raw")),
    (Keys::EVENT.with(Keys::EVENT_CONTEXT), |t| {
        object(t, "event").or_else(|| text_of(t, "event"))
    }),
    (Keys::DATA.with(Keys::EVENT_TYPE), event_hook),
    (Keys::LIST, |t| {
        ["records", "value", "items"]
            .iter()
            .find_map(|key| array(t, key))
    }),
    (Keys::NOTIFICATION_BODY, notification),
    (Keys::NOTIFICATION_BODY, |t| {
        json_text(t, "Body").or_else(|| json_text(t, "body"))
    }),
    (Keys::EXTRACTED_FIELDS, fields_of_cut_message),
    (Keys::TEXT, |t| {
        ["log", "message", "line", "Message", "msg", "payload"]
            .iter()
            .find_map(|key| json_text(t, key))
    }),
    (Keys::JSON_PAYLOAD, log_entry),
    (Keys::DATA, rule_test),
];

fn wrapped(text: &str, keys: Keys) -> Option<Inner<'_>> {
    WRAPPERS
        .iter()
        .filter(|(needed, _)| keys.has(*needed))
        .find_map(|(_, open)| open(text))
}

fn array<'t>(text: &'t str, key: &str) -> Option<Inner<'t>> {
    member_of_kind(text, key, '[').map(Inner::Each)
}

fn object<'t>(text: &'t str, key: &str) -> Option<Inner<'t>> {
    member_of_kind(text, key, '{').map(Inner::Value)
}

fn text_of<'t>(text: &'t str, key: &str) -> Option<Inner<'t>> {
    string(member(text, key)?).map(Inner::Text)
}

/// A string under `key`, but only if it looks like an object.
fn json_text<'t>(text: &'t str, key: &str) -> Option<Inner<'t>> {
    string(member(text, key)?)
        .filter(|content| content.trim_start().starts_with('{'))
        .map(Inner::Text)
}

/// CloudWatch Logs subscription.
fn subscription(text: &str) -> Option<Inner<'_>> {
    if is_value(text, "messageType", "CONTROL_MESSAGE") {
        return Some(Inner::Skip(SkipReason::ControlMessage));
    }
    array(text, "logEvents")
}

/// CloudWatch Logs subscription as a function is given it.
fn subscription_data(text: &str) -> Option<Inner<'_>> {
    let data = string(member(member_of_kind(text, "awslogs", '{')?, "data")?)?;
    Some(match awslogs::unpack(&data) {
        Ok(text) => Inner::Text(Cow::Owned(text)),
        Err(reason) => Inner::Skip(reason),
    })
}

/// The fields that a subscription filter has read from a message, where the
/// message itself is no whole object.
fn fields_of_cut_message(text: &str) -> Option<Inner<'_>> {
    let message = member(text, "message").and_then(string);
    let is_whole = message.is_some_and(|message| {
        let message = message.trim();
        let end = delimit(message.as_bytes()).map(|(n, _)| n);
        message.starts_with('{') && end == Some(message.len())
    });
    (!is_whole).then(|| object(text, "extractedFields"))?
}

/// A document of one of Elastic's pipelines: a key whose name is dotted, or the
/// objects on the way to one.
fn elastic(text: &str) -> Option<Inner<'_>> {
    const DOTTED: [&str; 3] = [
        "aws.cloudtrail.event_version",
        "okta.event_type",
        "hashicorp_vault.audit.type",
    ];
    let object = |text, key| member_of_kind(text, key, '{');
    let is_nested = || {
        object(text, "aws").is_some_and(|aws| object(aws, "cloudtrail").is_some())
            || object(text, "okta").is_some_and(|okta| member(okta, "event_type").is_some())
            || object(text, "hashicorp_vault").is_some_and(|own| object(own, "audit").is_some())
    };
    let is_known = DOTTED.iter().any(|key| member(text, key).is_some()) || is_nested();
    is_known.then_some(Inner::Apart(Rendering::Elastic))
}

/// What Google's logging was given. An agent takes the time out of it.
fn log_entry(text: &str) -> Option<Inner<'_>> {
    let payload = member_of_kind(text, "jsonPayload", '{')?;
    Some(if is_vault_entry(payload) {
        Inner::Apart(Rendering::LogEntry)
    } else {
        Inner::Value(payload)
    })
}

/// Splunk's JSON export.
fn splunk_result(text: &str) -> Option<Inner<'_>> {
    let result = member_of_kind(text, "result", '{')?;
    members(result)
        .any(|member| matches!(member.key, "_raw" | "_time"))
        .then_some(Inner::Value(result))
}

/// Okta event hook.
fn event_hook(text: &str) -> Option<Inner<'_>> {
    is_value(text, "eventType", "com.okta.event_hook").then_some(())?;
    array(member_of_kind(text, "data", '{')?, "events")
}

/// The record that a detection rule is tested with. Much else is called
/// `data`, so it must hold what is known.
fn rule_test(text: &str) -> Option<Inner<'_>> {
    let data = member_of_kind(text, "data", '{')?;
    let (_, keys) = delimit(data.as_bytes())?;
    let is_wrapper = keys.has(Keys::RECORDS) || keys.has(Keys::DETAIL_TYPE.with(Keys::DETAIL));
    let is_record = || matches!(recognise(data, keys), Some(Found::Record(..)));
    (is_wrapper || is_record()).then_some(Inner::Value(data))
}

/// SNS inside SQS.
fn notification(text: &str) -> Option<Inner<'_>> {
    let body = member_of_kind(text, "Body", '{').or_else(|| member_of_kind(text, "body", '{'))?;
    is_value(body, "Type", "Notification").then_some(())?;
    text_of(body, "Message")
}

fn unwrap_value(text: &str, keys: Keys, n_wrappers: u8, sink: &mut dyn Sink) {
    match text.as_bytes().first() {
        Some(b'{') => unwrap_object(text, keys, n_wrappers, sink),
        _ if n_wrappers >= MAX_WRAPPERS => sink.found(Found::Skip(SkipReason::UnknownType)),
        Some(b'[') => match row::open(text) {
            Some(row) => unwrap_inner(text, row, n_wrappers, sink),
            None => unwrap_each(text, n_wrappers + 1, sink),
        },
        Some(b'"') => match string(text) {
            Some(content) => unwrap_text(&content, n_wrappers + 1, sink),
            None => sink.found(Found::Skip(SkipReason::Malformed)),
        },
        _ => sink.found(Found::Skip(SkipReason::UnknownType)),
    }
}

fn unwrap_object(text: &str, keys: Keys, n_wrappers: u8, sink: &mut dyn Sink) {
    if let Some(found) = recognise(text, keys) {
        return sink.found(found);
    }
    if let Some(mapping) = sink.mappings().of_record(text) {
        return sink.found(Found::Mapped(mapping, text));
    }
    let inner = (n_wrappers < MAX_WRAPPERS)
        .then(|| {
            let asked = sink.mappings().array_in(text).map(Inner::Each);
            asked.or_else(|| wrapped(text, keys))
        })
        .flatten();
    match inner {
        Some(inner) => unwrap_inner(text, inner, n_wrappers, sink),
        None => sink.found(Found::Skip(SkipReason::UnknownType)),
    }
}

/// What the wrapper `text` holds.
fn unwrap_inner(text: &str, inner: Inner<'_>, n_wrappers: u8, sink: &mut dyn Sink) {
    match inner {
        Inner::Value(value) => unwrap_slice(value, n_wrappers + 1, sink),
        Inner::Each(array) => unwrap_each(array, n_wrappers + 1, sink),
        Inner::Text(content) => unwrap_text(&content, n_wrappers + 1, sink),
        Inner::Apart(rendering) => sink.found(Found::Apart(rendering, text)),
        Inner::Skip(reason) => sink.found(Found::Skip(reason)),
    }
}

fn unwrap_each(array: &str, n_wrappers: u8, sink: &mut dyn Sink) {
    for element in elements(array) {
        unwrap_slice(element, n_wrappers, sink);
    }
}

/// A value whose keys are not known yet.
fn unwrap_slice(text: &str, n_wrappers: u8, sink: &mut dyn Sink) {
    let keys = delimit(text.as_bytes()).map_or_else(Keys::default, |(_, keys)| keys);
    unwrap_value(text, keys, n_wrappers, sink);
}

/// The content of a string: a JSON value, or a log line that holds one.
fn unwrap_text(content: &str, n_wrappers: u8, sink: &mut dyn Sink) {
    let content = content.trim();
    if content.starts_with(['{', '[']) {
        match delimit(content.as_bytes()) {
            Some((n, keys)) if n == content.len() => {
                unwrap_value(content, keys, n_wrappers, sink);
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
        unwrap_object(text, keys, n_wrappers, sink);
    });
    if !is_record {
        sink.found(Found::Skip(SkipReason::UnknownType));
    }
}

fn is_value(text: &str, key: &str, expected: &str) -> bool {
    member(text, key)
        .and_then(string)
        .is_some_and(|value| value == expected)
}

fn is_vault_entry(text: &str) -> bool {
    let mut is_typed = false;
    let mut has_request = false;
    for member in members(text) {
        match member.key {
            "type" => is_typed = matches!(member.value, "\"request\"" | "\"response\""),
            "request" => has_request = member.value.starts_with('{'),
            _ => continue,
        }
        if is_typed && has_request {
            return true;
        }
    }
    false
}

/// An array of records inside an envelope of which only the beginning is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RecordArray {
    /// Bytes up to and including the array's opening bracket.
    pub(super) n_bytes: usize,
    /// Objects that are open around the array.
    pub(super) n_objects: usize,
    /// The outermost key on the way to it.
    pub(super) key: &'static str,
}

/// Where records may be in an envelope too large to be kept, besides
/// [`Keys::RECORDS`] and [`Keys::EVENTS`], which are always streamed.
const RECORD_ARRAYS: [&[&str]; 9] = [
    &["logEvents"],
    &["events"],
    &["results"],
    &["QueryResultRows"],
    &["hits", "hits"],
    &["data", "events"],
    &["records"],
    &["value"],
    &["items"],
];

/// The name of an envelope's key, one of [`Keys::ENVELOPES`].
pub(super) fn name_of(key: Keys) -> &'static str {
    NAMES
        .iter()
        .find(|(named, _)| *named == key)
        .map_or("records", |(_, name)| name)
}

/// Keys of envelopes that have one name only.
const NAMES: [(Keys, &str); 6] = [
    (Keys::RECORDS, "Records"),
    (Keys::EVENTS, "Events"),
    (Keys::LOG_EVENTS, "logEvents"),
    (Keys::EVENTS_LOWER, "events"),
    (Keys::RESULTS, "results"),
    (Keys::ROWS, "QueryResultRows"),
];

/// The array of records in the envelope that begins with `prefix`.
pub(super) fn record_array(prefix: &[u8]) -> Option<RecordArray> {
    let text = valid_prefix(prefix);
    RECORD_ARRAYS.iter().find_map(|path| {
        let inner = path
            .iter()
            .try_fold(text, |object, key| open(object, key))?;
        let n_bytes = text.len().checked_sub(inner.len())?.checked_add(1)?;
        inner.starts_with('[').then_some(RecordArray {
            n_bytes,
            n_objects: path.len(),
            key: path.first().copied().unwrap_or_default(),
        })
    })
}

/// What follows `key` in the object that `text` begins with.
fn open<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    let mut end = text.strip_prefix('{')?;
    for member in members(text) {
        if member.key == key {
            // The member is whole, so it is not the one that is too large.
            return None;
        }
        let from = member.value.as_ptr().addr() - text.as_ptr().addr();
        end = text.get(from + member.value.len()..)?;
    }
    let rest = end.trim_start_matches([',', ' ', '\t', '\r', '\n']);
    let rest = rest
        .strip_prefix('"')?
        .strip_prefix(key)?
        .strip_prefix('"')?;
    Some(rest.trim_start().strip_prefix(':')?.trim_start())
}

#[cfg(test)]
mod tests;
