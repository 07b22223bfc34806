//! The wrappers: the keys an object must have, and what it then wraps. Support
//! for another one is another line.

use std::borrow::Cow;

use super::Found;
use super::kind::{is_value, is_vault_entry, recognise};
use crate::event::Source;
use crate::ingest::coverage::SkipReason;
use crate::ingest::keys::Keys;
use crate::ingest::members::{elements, member, member_of_kind, members, string};
use crate::ingest::rebuild::Rendering;
use crate::ingest::structure::delimit;

/// What an object wraps.
#[derive(Clone, Debug)]
pub(super) enum Inner<'t> {
    /// A value.
    Value(&'t str),
    /// An array of values.
    Each(&'t str),
    /// The text of a value, or a log line that holds one.
    Text(Cow<'t, str>),
    /// Text in base64.
    Packed(Cow<'t, str>),
    /// A record that was taken apart.
    Apart(Rendering),
    /// Nothing of use.
    Skip(SkipReason),
}

/// Whether the object `text` is a wrapper that can be opened.
pub(in crate::ingest) fn is_wrapper(text: &str, keys: Keys) -> bool {
    wrapped(text, keys).is_some()
}

type Rule = (Keys, for<'t> fn(&'t str) -> Option<Inner<'t>>);

/// The wrappers, in order: the first that fits is opened.
const WRAPPERS: [Rule; 24] = [
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
    (Keys::SOURCE_DOCUMENT, |t| {
        let source = member_of_kind(t, "_source", '{')?;
        // Searches that ask for fields leave it empty.
        members(source).next().map(|_| Inner::Value(source))
    }),
    (Keys::EVENT, |t| {
        text_of(member_of_kind(t, "event", '{')?, "original")
    }),
    (Keys::EVENT_ORIGINAL, |t| {
        text_of(t, "event.original").or_else(|| only_text_of(t, "event.original"))
    }),
    (Keys::ELASTIC, elastic),
    (Keys::RESULT, splunk_result),
    (Keys::RAW, |t| {
        text_of(t, "_raw").or_else(|| object(t, "_raw"))
    }),
    (Keys::EVENT.with(Keys::EVENT_CONTEXT), |t| {
        text_of(t, "event")
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
];

pub(super) fn wrapped(text: &str, keys: Keys) -> Option<Inner<'_>> {
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

/// The only string of the array under `key`, as a search gives a field.
fn only_text_of<'t>(text: &'t str, key: &str) -> Option<Inner<'t>> {
    let mut elements = elements(member_of_kind(text, key, '[')?);
    let only = elements.next().and_then(string)?;
    elements.next().is_none().then_some(Inner::Text(only))
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
    Some(Inner::Packed(data))
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
    if let Some(record) = wazuh(text) {
        return Some(Inner::Value(record));
    }
    let object = |text, key| member_of_kind(text, key, '{');
    let is_nested = || {
        object(text, "aws").is_some_and(|aws| object(aws, "cloudtrail").is_some())
            || object(text, "okta").is_some_and(|okta| member(okta, "event_type").is_some())
            || object(text, "hashicorp_vault").is_some_and(|own| object(own, "audit").is_some())
    };
    let is_known = DOTTED.iter().any(|key| member(text, key).is_some()) || is_nested();
    is_known.then_some(Inner::Apart(Rendering::Elastic))
}

/// The CloudTrail record that Wazuh keeps under the name of its provider.
fn wazuh(text: &str) -> Option<&str> {
    let record = member_of_kind(text, "aws", '{')?;
    let (_, keys) = delimit(record.as_bytes())?;
    let is_record = matches!(
        recognise(record, keys),
        Some(Found::Record(Source::CloudTrail, _))
    );
    is_record.then_some(record)
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

/// SNS inside SQS.
fn notification(text: &str) -> Option<Inner<'_>> {
    let body = member_of_kind(text, "Body", '{').or_else(|| member_of_kind(text, "body", '{'))?;
    is_value(body, "Type", "Notification").then_some(())?;
    text_of(body, "Message")
}
