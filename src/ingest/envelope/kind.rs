//! What an object is by itself: a native record, or something that is rightly
//! left out.

use super::Found;
use crate::event::Source;
use crate::ingest::coverage::SkipReason;
use crate::ingest::keys::Keys;
use crate::ingest::members::{Member, member, member_of_kind, members, string};
use crate::ingest::normal;
use crate::ingest::rebuild::Rendering;
use crate::ingest::rebuild::table::fields;

/// What the object `text` is, if it is no wrapper.
pub(in crate::ingest) fn recognise<'t>(text: &'t str, keys: Keys) -> Option<Found<'t>> {
    if keys.has(Keys::SCHEMA) && is_value(text, "schema", normal::SCHEMA) {
        return Some(Found::Event(text));
    }
    let cloudtrail = Keys::EVENT_VERSION.with(Keys::EVENT_SOURCE);
    if keys.has(cloudtrail) && keys.has_any(Keys::USER_IDENTITY.with(Keys::EVENT_NAME)) {
        if keys.has(Keys::NOTICE) && is_notice(text) {
            let is_wrapper = member(text, "kinesis").is_some();
            return (!is_wrapper).then_some(Found::Skip(SkipReason::Notification));
        }
        let is_of_identity = |member: Member<'_>| member.key.starts_with("userIdentity");
        let is_flat = !keys.has(Keys::USER_IDENTITY) && members(text).any(is_of_identity);
        return Some(if is_flat {
            Found::Apart(Rendering::Fields, text)
        } else {
            Found::Record(Source::CloudTrail, text)
        });
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
        let is_object = member_of_kind(text, "useridentity", '"').is_none();
        let rendering = if is_object || !fields::is_record(text) {
            Rendering::LowerCase
        } else {
            Rendering::Fields
        };
        return Some(Found::Apart(rendering, text));
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

/// Whether the object `text` is what a function is given of another service,
/// which is made like a record.
fn is_notice(text: &str) -> bool {
    let source = member(text, "eventSource").and_then(string);
    source.is_some_and(|source| source.starts_with("aws:"))
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
const CONTEXTS: [(&str, &str, SkipReason); 7] = [
    ("eventCategory", "Insight", SkipReason::Insight),
    ("eventType", "AwsCloudTrailInsight", SkipReason::Insight),
    ("eventCategory", "Aggregated", SkipReason::Aggregated),
    ("eventType", "AwsAggregatedEvent", SkipReason::Aggregated),
    // What CloudTrail Lake stores besides.
    (
        "eventCategory",
        "ActivityAuditLog",
        SkipReason::OtherProduct,
    ),
    (
        "eventCategory",
        "ConfigurationItem",
        SkipReason::OtherAwsLog,
    ),
    ("eventCategory", "Evidence", SkipReason::OtherAwsLog),
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

pub(super) fn is_value(text: &str, key: &str, expected: &str) -> bool {
    member(text, key)
        .and_then(string)
        .is_some_and(|value| value == expected)
}

pub(super) fn is_vault_entry(text: &str) -> bool {
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
