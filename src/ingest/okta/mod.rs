//! Okta System Log: one record to one event.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDateTime};
use serde::Deserialize;
use smallvec::SmallVec;

use super::coverage::SkipReason;
use super::record::Context;
use crate::event::{
    Action, Actor, Class, Credential, Event, Flags, KeyBasis, Mfa, Origin, Outcome, Source,
    Timestamp, Verb,
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    #[serde(default, borrow)]
    uuid: Cow<'a, str>,
    #[serde(default)]
    published: String,
    #[serde(default, borrow)]
    event_type: Cow<'a, str>,
}

/// Reads one record.
///
/// # Errors
///
/// The reason why it cannot be used.
pub fn parse<'a>(record: &'a str, context: &mut Context<'_>) -> Result<Event<'a>, SkipReason> {
    let record: Record<'a> = serde_json::from_str(record).map_err(|_| SkipReason::Malformed)?;
    let published = &record.published;
    let time = DateTime::parse_from_rfc3339(published)
        .map(|time| time.to_utc())
        .or_else(|_| {
            NaiveDateTime::parse_from_str(published, "%F %T%.f").map(|time| time.and_utc())
        })
        .map_err(|_| SkipReason::NoTime)?;
    Ok(Event {
        source: Source::Okta,
        native_id: record.uuid,
        time: Timestamp::from_datetime(time),
        tenant: Cow::Owned(context.okta_org.to_owned()),
        region: None,
        actor: Actor {
            key: Cow::Borrowed(""),
            display: Cow::Borrowed(""),
            class: Class::Unknown,
            class_confidence: 0,
            basis: KeyBasis::Unresolved,
            sub: None,
            native: None,
            session: None,
        },
        via: None,
        action: Action {
            service: Cow::Borrowed(""),
            name: record.event_type,
            verb: Verb::Other,
            sensitive: None,
        },
        resources: SmallVec::new(),
        resources_total: 0,
        outcome: Outcome::Unknown,
        outcome_code: None,
        origin: Origin::default(),
        mfa: Mfa::Unknown,
        credential: Credential::default(),
        session: None,
        edges: SmallVec::new(),
        bytes_out: None,
        flags: Flags::none(),
        provenance: context.provenance,
    })
}
