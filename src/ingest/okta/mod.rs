//! Okta: one System Log event to one [`Event`].
//!
//! Behaviour is keyed on `eventType` alone, and identities on `actor.id`;
//! messages, legacy types and logins change under the same event or person.
//!
//! # One click, several events
//!
//! A request to Okta is one transaction, and one click writes up to ten events
//! with its id: the act itself (`user.session.start`) and its effects (factors,
//! assignments, mail). A parser sees one record at a time, so it only passes
//! the id on ([`Ties::transaction`]); whoever counts, counts transactions.
//!
//! # Two timelines
//!
//! An administrator who resets somebody's factors acts, and somebody's account
//! changes hands. Such an event belongs to both: the actor did it, and each
//! user it was done to is a subject of it ([`Ties::subjects`]).

mod actor;
mod credential;
mod event_types;
mod origin;
mod outcome;
mod record;
mod risk;
mod target;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use self::event_types::{Agency, Meaning};
use self::record::LogEvent;
use super::coverage::SkipReason;
use super::record::Context;
use super::text::{Text, part, skip_reason};
use crate::event::{
    Action, Alias, AliasKind, Class, Event, Flags, Outcome, Source, Ties, Timestamp,
};

/// Turns one System Log event, given as JSON, into an [`Event`].
///
/// Fields of an unexpected shape are absent fields; only the time and the
/// event type are needed.
///
/// # Errors
///
/// The reason why the record is no event: broken JSON, a repeated field, no
/// time, no type, or not Okta's at all.
pub fn parse<'a>(record: &'a str, context: &mut Context<'_>) -> Result<Event<'a>, SkipReason> {
    let log: LogEvent<'a> = serde_json::from_str(record).map_err(|err| skip_reason(&err))?;
    let event_type = event_type(&log)?;
    let time = time(&log)?;
    let (org, notes) = (context.okta_org, &mut *context.notes);

    let (meaning, is_known) = Meaning::of(&event_type);
    if !is_known {
        notes.unknown("okta.eventType");
    }
    let outcome = outcome::outcome(&log.outcome.value, &meaning, notes);
    let who = actor::who(&log, org, &meaning, outcome, notes);
    let targets = target::targets(&log, org, &meaning, &who, outcome);
    let credential = credential::credential(&log, &meaning, who.actor.class);
    Ok(Event {
        source: Source::Okta,
        native_id: log.uuid.cloned().unwrap_or_default(),
        time,
        tenant: org.to_owned().into(),
        region: None,
        via: None,
        resources: targets.resources,
        resources_total: targets.n_resources,
        edges: targets.edges,
        minted: None,
        outcome,
        outcome_code: outcome::code(&log.outcome.value, outcome),
        origin: origin::origin(&log, org, &meaning, credential.kind, notes),
        mfa: credential::mfa(&log, &event_type, outcome),
        credential,
        session: credential::session(&log),
        ties: Ties {
            transaction: transaction(&log),
            subjects: targets.subjects,
            aliases: login_alias(who.login).into_iter().collect(),
            ..Ties::default()
        },
        bytes_out: None,
        flags: flags(&log, &meaning, outcome, who.actor.class),
        action: Action {
            service: part(&event_type, first_two_segments),
            verb: meaning.verb,
            sensitive: meaning.sensitive_for(targets.has_other_user),
            name: event_type,
        },
        actor: who.actor,
        provenance: context.provenance,
        n_records: 1,
    })
}

fn login_alias(login: Option<Cow<'_, str>>) -> Option<Alias<'_>> {
    let kind = AliasKind::Login;
    login.map(|name| Alias { kind, name })
}

fn event_type<'a>(log: &LogEvent<'a>) -> Result<Cow<'a, str>, SkipReason> {
    let is_okta = log.published.0.is_some() || log.uuid.is_present();
    log.event_type.cloned().ok_or(if is_okta {
        SkipReason::NoAction
    } else {
        SkipReason::UnknownType
    })
}

fn time(log: &LogEvent<'_>) -> Result<Timestamp, SkipReason> {
    let time = log.published.0.ok_or(SkipReason::NoTime)?;
    time.plausible().ok_or(SkipReason::ImplausibleTime)
}

/// The text, unless Okta says that it is `unknown`.
fn known<'t>(text: &'t Text<'_>) -> Option<&'t str> {
    text.get()
        .filter(|text| !text.eq_ignore_ascii_case("unknown"))
}

/// `user.session` of `user.session.start`.
fn first_two_segments(event_type: &str) -> &str {
    let end = event_type
        .match_indices('.')
        .nth(1)
        .map_or(event_type.len(), |(at, _)| at);
    event_type.get(..end).unwrap_or_default()
}

/// The request or job that wrote the event.
fn transaction<'a>(log: &LogEvent<'a>) -> Option<Cow<'a, str>> {
    let id = &log.transaction.value.id;
    id.cloned().filter(|_| known(id).is_some())
}

fn flags(log: &LogEvent<'_>, meaning: &Meaning, outcome: Outcome, class: Class) -> Flags {
    let is_failed = matches!(outcome, Outcome::AuthFailure | Outcome::Denied);
    let is_about_actor = match meaning.agency {
        Agency::AboutActor => true,
        Agency::SignIn => is_failed,
        Agency::Actor | Agency::Service => false,
    };
    let is_service = meaning.agency == Agency::Service || class == Class::CloudService;
    [
        (is_about_actor, Flags::ABOUT_IDENTITY),
        (is_service, Flags::SERVICE_INITIATED),
        (meaning.is_risk || risk::is_marked(log), Flags::VENDOR_RISK),
    ]
    .into_iter()
    .filter(|(is_set, _)| *is_set)
    .fold(Flags::none(), |flags, (_, flag)| flags.with(flag))
}
