//! HashiCorp Vault and OpenBao audit: one line to one half of an exchange.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::DateTime;
use serde::Deserialize;
use smallvec::SmallVec;

use super::coverage::SkipReason;
use super::record::Context;
use crate::event::{
    Action, Actor, Class, Credential, Event, Flags, KeyBasis, Mfa, Origin, Outcome, Provenance,
    Source, Timestamp, Verb,
};

#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    time: String,
    r#type: String,
    request: Request,
}

#[derive(Deserialize)]
struct Request {
    #[serde(default)]
    id: String,
    #[serde(default)]
    operation: String,
    #[serde(default)]
    path: String,
}

/// One half of an exchange.
#[derive(Clone, Debug)]
pub struct Entry {
    is_response: bool,
    time: Timestamp,
    request_id: String,
    action: String,
    provenance: Provenance,
}

/// Reads one line.
///
/// # Errors
///
/// The reason why it cannot be used.
pub fn parse(record: &str, context: &mut Context<'_>) -> Result<Entry, SkipReason> {
    let line: Line = serde_json::from_str(record).map_err(|_| SkipReason::Malformed)?;
    let time = DateTime::parse_from_rfc3339(&line.time).map_err(|_| SkipReason::NoTime)?;
    Ok(Entry {
        is_response: line.r#type == "response",
        time: Timestamp::from_datetime(time.to_utc()),
        request_id: line.request.id,
        action: format!("{} {}", line.request.operation, line.request.path),
        provenance: context.provenance,
    })
}

/// Halves that wait for each other.
#[derive(Debug, Default)]
pub struct Pairing {
    waiting: BTreeMap<String, Vec<Entry>>,
}

impl Pairing {
    /// Nothing waits.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The exchange that `entry` completes, if its other half was waiting.
    pub fn offer(&mut self, entry: Entry) -> Option<Exchange> {
        let waiting = self.waiting.entry(entry.request_id.clone()).or_default();
        let other = waiting.iter().position(|other| {
            other.is_response != entry.is_response && !other.request_id.is_empty()
        });
        let Some(other) = other else {
            waiting.push(entry);
            return None;
        };
        let other = waiting.remove(other);
        let (request, _) = if entry.is_response {
            (other, entry)
        } else {
            (entry, other)
        };
        Some(Exchange { request })
    }

    /// What never met its other half, in order of id.
    #[must_use]
    pub fn into_unpaired(self) -> Vec<Entry> {
        self.waiting.into_values().flatten().collect()
    }
}

/// One or two halves.
#[derive(Debug)]
pub struct Exchange {
    request: Entry,
}

impl Exchange {
    /// An exchange of which only one half was found.
    #[must_use]
    pub fn from_half(entry: Entry) -> Self {
        Self { request: entry }
    }

    /// What happened.
    #[must_use]
    pub fn event(&self) -> Event<'_> {
        Event {
            source: Source::Vault,
            native_id: Cow::Borrowed(&self.request.request_id),
            time: self.request.time,
            tenant: Cow::Borrowed(""),
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
                name: Cow::Borrowed(&self.request.action),
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
            provenance: self.request.provenance,
        }
    }
}
