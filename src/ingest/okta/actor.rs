//! Who acted, by Okta's account.

use std::borrow::Cow;

use super::event_types::{Agency, Meaning};
use super::known;
use super::record::{LogEvent, Principal};
use crate::event::{Actor, Class, KeyBasis, Outcome, Subject, encode_component};
use crate::ingest::record::Notes;

/// How sure it is that a `User` is a person.
pub(super) const USER_CONFIDENCE: u8 = 85;

/// What an actor type says, by its exact name.
const TYPES: &[(&str, Class, u8)] = &[
    ("User", Class::Human, USER_CONFIDENCE),
    ("SystemPrincipal", Class::CloudService, 100),
    ("PublicClientApp", Class::ServiceAccount, 85),
    ("Client", Class::ServiceAccount, 70),
    ("AppInstance", Class::ServiceAccount, 70),
    ("AppUser", Class::ServiceAccount, 50),
    ("Application", Class::ServiceAccount, 70),
    ("WorkloadPrincipal", Class::Agent, 70),
    ("AIAgent", Class::Agent, 85),
    ("Device", Class::Workload, 60),
    // The source of attacks on nobody in particular.
    ("IP address", Class::Anonymous, 100),
];

/// What an actor type says, by a part of its name; asked after [`TYPES`].
const TYPE_PARTS: &[(&str, Class, u8)] = &[
    ("OAuth2Client", Class::ServiceAccount, 85),
    ("AIAgent", Class::Agent, 70),
    ("AiAgent", Class::Agent, 70),
    ("WorkloadPrincipal", Class::Agent, 60),
    // On-premises connectors (`ADAgent`, `LDAPAgent`), no AI agents.
    ("Agent", Class::CloudService, 80),
];

/// The actor of an event, and whom it impersonates.
pub(super) struct Who<'a> {
    pub(super) actor: Actor<'a>,
    /// Okta id of the actor, to tell acts on others from acts on oneself.
    pub(super) id: Option<Cow<'a, str>>,
    /// The user in whose name the actor acts.
    pub(super) impersonated: Option<Subject<'a>>,
    /// What the actor signs in as, if it is a user whose id is known.
    pub(super) login: Option<Cow<'a, str>>,
}

/// Finds out who acted.
///
/// During an impersonation Okta names the impersonated user as the actor; the
/// habits are those of the original principal.
pub(super) fn who<'a>(
    log: &LogEvent<'a>,
    org: &str,
    meaning: &Meaning,
    outcome: Outcome,
    notes: &mut Notes,
) -> Who<'a> {
    let named = &log.actor.value;
    let original = &log
        .debug_context
        .value
        .debug_data
        .value
        .original_principal
        .value;
    if known(&original.id).is_some() {
        let impersonated = identify(named, org, meaning, outcome, notes);
        return Who {
            impersonated: Some(Subject {
                key: impersonated.key,
                display: impersonated.display,
                basis: impersonated.basis,
                class: impersonated.class,
                class_confidence: impersonated.class_confidence,
            }),
            actor: identify(original, org, meaning, outcome, notes),
            id: original.id.cloned(),
            login: login(original),
        };
    }
    Who {
        actor: Actor {
            sub: api_token(log),
            ..identify(named, org, meaning, outcome, notes)
        },
        id: named.id.cloned(),
        impersonated: None,
        login: login(named),
    }
}

/// The login of a user whom Okta identified. Without an id it may be any text
/// that was typed.
fn login<'a>(principal: &Principal<'a>) -> Option<Cow<'a, str>> {
    let is_user = principal.kind.get() == Some("User") && known(&principal.id).is_some();
    let is_known = is_user && known(&principal.alternate_id).is_some();
    principal.alternate_id.cloned().filter(|_| is_known)
}

/// A token's owner and the automation that uses the token share an actor; the
/// token tells them apart.
fn api_token<'a>(log: &LogEvent<'a>) -> Option<Cow<'a, str>> {
    known(&log.transaction.value.detail.value.request_api_token_id)
        .map(|token| format!("token:{token}").into())
}

/// The identity key of the user or application `id`.
pub(super) fn key(org: &str, id: &str) -> String {
    format!("okta:{}/{}", encode_component(org), encode_component(id))
}

/// The identity key of a user of whom only the login was logged.
fn login_key(org: &str, login: &str) -> String {
    let login = login.to_lowercase();
    format!(
        "okta:{}/login:{}",
        encode_component(org),
        encode_component(&login)
    )
}

fn identify<'a>(
    principal: &Principal<'a>,
    org: &str,
    meaning: &Meaning,
    outcome: Outcome,
    notes: &mut Notes,
) -> Actor<'a> {
    let (class, class_confidence) = class(principal, notes);
    let login = known(&principal.alternate_id);
    // What was typed into a sign-in form may be a password.
    let is_typed = meaning.agency != Agency::Actor && outcome != Outcome::Success;
    let (key, basis) = match (principal.id.get(), known(&principal.id), login) {
        _ if class == Class::Anonymous => return unresolved(principal, org),
        (_, Some(id), _) => (key(org, id), KeyBasis::OktaActor),
        (None, None, Some(login)) if !is_typed => (login_key(org, login), KeyBasis::OktaLogin),
        _ => return unresolved(principal, org),
    };
    let display = [
        &principal.alternate_id,
        &principal.display_name,
        &principal.id,
    ]
    .into_iter()
    .find(|text| known(text).is_some())
    .and_then(|text| text.cloned())
    .unwrap_or_default();
    Actor {
        key: key.into(),
        display,
        class,
        class_confidence,
        basis,
        sub: None,
        native: principal.id.cloned(),
        session: None,
    }
}

/// Somebody who is nobody we know: one key for all, and no name but an e-mail
/// address.
fn unresolved<'a>(principal: &Principal<'a>, org: &str) -> Actor<'a> {
    Actor {
        key: format!("okta:{}/unresolved", encode_component(org)).into(),
        display: "unresolved".into(),
        class: Class::Anonymous,
        class_confidence: 100,
        basis: KeyBasis::Unresolved,
        sub: None,
        native: principal
            .alternate_id
            .cloned()
            .filter(|login| is_email_shaped(login)),
        session: None,
    }
}

fn class(principal: &Principal<'_>, notes: &mut Notes) -> (Class, u8) {
    let Some(kind) = known(&principal.kind) else {
        return (Class::Unknown, 0);
    };
    let exact = TYPES.iter().find(|(name, ..)| *name == kind);
    let found = exact.or_else(|| TYPE_PARTS.iter().find(|(part, ..)| kind.contains(part)));
    if let Some((_, class, confidence)) = found {
        (*class, *confidence)
    } else {
        notes.unknown("okta.actor.type");
        (Class::Unknown, 0)
    }
}

/// Whether `text` can only be meant as an e-mail address: one `@`, plain
/// characters before it, host labels and an alphabetic top-level domain after.
pub(super) fn is_email_shaped(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let is_local = (1..=64).contains(&local.len())
        && local
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'+' | b'\''));
    let is_label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let Some((_, top)) = domain.rsplit_once('.') else {
        return false;
    };
    is_local
        && domain.len() <= 253
        && domain.split('.').all(is_label)
        && top.len() >= 2
        && top.bytes().all(|b| b.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e_mail_addresses_are_told_from_passwords() {
        for text in ["a@b.co", "o'neil+x@mail.corp.example"] {
            assert!(is_email_shaped(text), "{text}");
        }
        for text in [
            "hunter2",
            "P@ssw0rd",
            "P@ssw0rd.1",
            "p@ss@word.com",
            "a b@c.de",
            "@b.co",
            "a@.co",
            "a@b..co",
            "correct horse@battery.staple!",
            "é@b.co",
        ] {
            assert!(!is_email_shaped(text), "{text}");
        }
    }
}
