//! AWS CloudTrail: one record to one event.

use std::borrow::Cow;

use chrono::DateTime;
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
    #[serde(rename = "eventID", default, borrow)]
    event_id: Cow<'a, str>,
    #[serde(default)]
    event_time: String,
    #[serde(default, borrow)]
    event_name: Cow<'a, str>,
    #[serde(default)]
    user_identity: Identity,
}

#[derive(Default, Deserialize)]
struct Identity {
    #[serde(default)]
    arn: String,
}

/// Reads one record.
///
/// # Errors
///
/// The reason why it cannot be used.
pub fn parse<'a>(record: &'a str, context: &mut Context<'_>) -> Result<Event<'a>, SkipReason> {
    let record: Record<'a> = serde_json::from_str(record).map_err(|_| SkipReason::Malformed)?;
    let time = DateTime::parse_from_rfc3339(&record.event_time).map_err(|_| SkipReason::NoTime)?;
    Ok(Event {
        source: Source::CloudTrail,
        native_id: record.event_id,
        time: Timestamp::from_datetime(time.to_utc()),
        tenant: Cow::Borrowed(""),
        region: None,
        actor: actor(record.user_identity.arn),
        via: None,
        action: Action {
            service: Cow::Borrowed(""),
            name: record.event_name,
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

fn actor<'a>(key: String) -> Actor<'a> {
    Actor {
        key: Cow::Owned(key),
        display: Cow::Borrowed(""),
        class: Class::Unknown,
        class_confidence: 0,
        basis: KeyBasis::Unresolved,
        sub: None,
        native: None,
        session: None,
    }
}
