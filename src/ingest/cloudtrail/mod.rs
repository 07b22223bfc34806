//! AWS CloudTrail: one record's JSON text becomes one event.
//!
//! Reading never fails on an unknown field or an odd shape. A record is left
//! out only when it is no action at all, or says neither what nor when.

mod action;
mod arn;
mod callers;
mod claim;
mod context;
mod credential;
mod edge;
mod fields;
pub(super) mod memo;
mod origin;
mod outcome;
mod parameters;
mod principal;
pub(super) mod quick;
mod resource;
mod role;
mod sensitive;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

pub(super) use self::context::observe as observe_context;

use self::action::Call;
use self::fields::Record;
use self::memo::Recall;
use super::coverage::SkipReason;
use super::record::Context;
use super::text::{Nested, Text, part, skip_reason};
use crate::event::{Class, Event, Flags, Interface, NetKind, Outcome, Source, Ties, Timestamp};

/// Event types that are known.
const EVENT_TYPES: &[&str] = &[
    "AwsApiCall",
    "AwsServiceEvent",
    "AwsConsoleAction",
    "AwsConsoleSignIn",
    "AwsVpceEvent",
];

/// The code of a call that never got past a VPC endpoint, so that only the
/// endpoint recorded it. Other network activity is a second view of a call.
const REFUSED_AT_ENDPOINT: &str = "VpceAccessDenied";

/// Turns the JSON text of one record into an event that borrows from it.
///
/// # Errors
///
/// The reason why the record is no event.
pub fn parse<'a>(record: &'a str, context: &mut Context<'_>) -> Result<Event<'a>, SkipReason> {
    let record: Nested<Record<'a>> =
        serde_json::from_str(record).map_err(|error| skip_reason(&error))?;
    if record.is_damaged {
        return Err(SkipReason::Malformed);
    }
    event(&record.value, Recall::default(), context)
}

/// Turns one record into an event that borrows from its text.
fn event<'a>(
    record: &Record<'a>,
    mut recall: Recall<'a>,
    context: &mut Context<'_>,
) -> Result<Event<'a>, SkipReason> {
    screen(record)?;
    let call = Call::of(record, &mut recall).ok_or(SkipReason::NoAction)?;
    let time = time(record)?;
    if record.event_type.is_present() && !is_one_of(&record.event_type, EVENT_TYPES) {
        context.notes.unknown("cloudtrail.eventType");
    }

    context.notes.claim(claim::claim(record));
    if claim::is_delayed(record) {
        context.notes.delayed();
    }

    let tenant = tenant(record);
    let route = origin::route(record, &call, &tenant, &mut recall);
    let actor = recall.actor(record, route.agency, context.notes);
    let action = call.action(record);
    let verdict = outcome::verdict(record, &call);
    let resources = resource::resources(record, &call);
    let credential = credential::credential(record, &call);
    let edges = edge::edges(record, &call, action.sensitive, &tenant);

    let mut event = Event {
        source: Source::CloudTrail,
        native_id: record.event_id.cloned().unwrap_or_default(),
        time,
        region: region(record, &call),
        via: route.via.filter(|_| actor.class.is_scored()),
        resources: resources.kept,
        resources_total: resources.total,
        outcome: verdict.outcome,
        outcome_code: record.error_code.cloned(),
        mfa: credential::mfa(record),
        session: credential::session(record, &credential),
        bytes_out: record.additional_event_data.value.bytes_out.0,
        flags: Flags::none(),
        provenance: context.provenance,
        n_records: 1,
        ties: Ties::default(),
        origin: route.origin,
        tenant,
        actor,
        action,
        credential,
        edges,
        minted: None,
    };
    event.flags = flags(record, &event, verdict.is_dry_run);
    event.minted = credential::minted(record, event.outcome);
    Ok(event)
}

/// Leaves out what is no action, and what only a later release can read.
fn screen(record: &Record<'_>) -> Result<(), SkipReason> {
    if record.digest_start_time.0 {
        return Err(SkipReason::Digest);
    }
    let (kind, category) = (&record.event_type, &record.event_category);
    // Nearly every record says this, and is then nothing of what follows.
    let is_usual = kind.get() == Some("AwsApiCall")
        && matches!(category.get(), None | Some("Management" | "Data"));
    let is = |text: &Text<'_>, word| !is_usual && text.is(word);
    if record.insight_details.0 || is(category, "Insight") || is(kind, "AwsCloudTrailInsight") {
        return Err(SkipReason::Insight);
    }
    if is(category, "Aggregated") || is(kind, "AwsAggregatedEvent") {
        return Err(SkipReason::Aggregated);
    }
    let is_network_activity = is(kind, "AwsVpceEvent") || is(category, "NetworkActivity");
    if is_network_activity && !record.error_code.is(REFUSED_AT_ENDPOINT) {
        return Err(SkipReason::NetworkActivity);
    }
    let is_recognised = record.event_name.is_present()
        || record.event_source.is_present()
        || record.event_version.is_present();
    if !is_recognised {
        return Err(SkipReason::UnknownType);
    }
    match record.event_version.get() {
        // What is no version at all was blanked by who published the record.
        Some(version) if major(version).is_some_and(|major| major != 1) => {
            Err(SkipReason::UnsupportedVersion)
        }
        _ => Ok(()),
    }
}

/// The first of the two integers of a version: `1` of `1.08`.
fn major(version: &str) -> Option<u32> {
    if let [b'1', b'.', b'0'..=b'9', b'0'..=b'9'] = version.as_bytes() {
        return Some(1);
    }
    let (major, minor) = version.split_once('.').unwrap_or((version, "0"));
    minor.parse::<u32>().ok()?;
    major.parse().ok()
}

fn time(record: &Record<'_>) -> Result<Timestamp, SkipReason> {
    record
        .event_time
        .0
        .or(record.shipper_time.0)
        .ok_or(SkipReason::NoTime)?
        .plausible()
        .ok_or(SkipReason::ImplausibleTime)
}

/// The account that the record was delivered to, else the caller's.
fn tenant<'a>(record: &Record<'a>) -> Cow<'a, str> {
    let identity = &record.user_identity.value;
    let in_arn = || {
        let arn = identity.arn.cloned()?;
        Some(part(&arn, |arn| arn.split(':').nth(4).unwrap_or_default()))
    };
    record
        .recipient_account_id
        .cloned()
        .or_else(|| identity.account_id.cloned().filter(|id| id != "anonymous"))
        .or_else(in_arn)
        .unwrap_or_default()
}

fn region<'a>(record: &Record<'a>, call: &Call<'_>) -> Option<Cow<'a, str>> {
    let region = record.aws_region.cloned()?;
    // The global endpoint of STS is in us-east-1, as is a regional one.
    let is_global = call.is_global || (call.service == "sts" && region == "us-east-1");
    (!is_global).then_some(region)
}

fn flags(record: &Record<'_>, event: &Event<'_>, is_dry_run: bool) -> Flags {
    let is_forwarded = event.via.is_some() || event.origin.net_kind == NetKind::Provider;
    // People act through service events too (Identity Center sign-ins).
    let is_service = record.event_type.is("AwsServiceEvent")
        && matches!(event.actor.class, Class::CloudService | Class::Anonymous);
    let is_about =
        event.origin.interface == Interface::Login && event.outcome == Outcome::AuthFailure;
    let parameters = &record.request_parameters;
    let is_cut =
        record.user_identity.is_damaged || parameters.is_damaged || parameters.value.is_truncated;
    [
        (is_forwarded, Flags::FORWARDED),
        (is_service, Flags::SERVICE_INITIATED),
        (is_about, Flags::ABOUT_IDENTITY),
        (is_cut, Flags::TRUNCATED),
        (is_dry_run, Flags::DRY_RUN),
    ]
    .into_iter()
    .filter(|(holds, _)| *holds)
    .fold(Flags::none(), |flags, (_, flag)| flags.with(flag))
}

fn is_one_of(text: &Text<'_>, words: &[&str]) -> bool {
    words.iter().any(|word| text.is(word))
}
