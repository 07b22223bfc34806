//! What was presented to Okta, and what it proves.

use std::borrow::Cow;

use super::event_types::{Agency, Meaning};
use super::known;
use super::record::LogEvent;
use crate::event::{Class, Credential, CredentialKind, Mfa, Outcome};

/// The credential behind an event.
pub(super) fn credential<'a>(
    log: &LogEvent<'a>,
    meaning: &Meaning,
    class: Class,
) -> Credential<'a> {
    let token = &log.transaction.value.detail.value.request_api_token_id;
    let is_client = matches!(class, Class::ServiceAccount | Class::Agent);
    if known(token).is_some() {
        Credential {
            kind: CredentialKind::ApiToken,
            id: token.cloned(),
            is_long_lived: true,
        }
    } else if meaning.is_oauth || is_client {
        Credential {
            kind: CredentialKind::Oauth,
            id: log.client.value.id.cloned(),
            is_long_lived: false,
        }
    } else {
        let is_web = meaning.agency == Agency::SignIn || session(log).is_some();
        let kind = if is_web {
            CredentialKind::WebSession
        } else {
            CredentialKind::Unknown
        };
        Credential {
            kind,
            ..Credential::default()
        }
    }
}

/// The session id. Values that begin with `trs` carry a token.
pub(super) fn session<'a>(log: &LogEvent<'a>) -> Option<Cow<'a, str>> {
    let context = &log.authentication_context.value;
    [&context.root_session_id, &context.external_session_id]
        .into_iter()
        .find(|id| known(id).is_some_and(|id| !id.starts_with("trs")))
        .and_then(|id| id.cloned())
}

/// Whether a second factor was proven.
///
/// On Identity Engine `auth_via_mfa` is also written for the password, so it
/// proves something only together with the factor's name.
pub(super) fn mfa(log: &LogEvent<'_>, event_type: &str, outcome: Outcome) -> Mfa {
    if event_type != "user.authentication.auth_via_mfa" || outcome != Outcome::Success {
        return Mfa::Unknown;
    }
    let enrolments = log.target.0.iter().filter(|target| {
        target
            .kind
            .get()
            .is_some_and(|kind| kind.starts_with("AuthenticatorEnrollment"))
    });
    let is_proof = enrolments
        .filter_map(|target| known(&target.display_name))
        .chain(known(&log.debug_context.value.debug_data.value.factor))
        .chain(known(&log.authentication_context.value.credential_type))
        .any(|factor| !factor.to_lowercase().contains("password"));
    if is_proof { Mfa::Yes } else { Mfa::Unknown }
}
