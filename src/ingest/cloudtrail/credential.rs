//! What was presented: the kind of credential, the session, the second factor.

use std::borrow::Cow;

use super::action::Call;
use super::fields::Record;
use super::principal::key;
use crate::event::{Credential, CredentialKind, Mfa, Minted, Outcome};

/// Kinds of access key by the prefix of the id: prefix, kind, long-lived.
const PREFIXES: &[(&str, CredentialKind, bool)] = &[
    ("AKIA", CredentialKind::AccessKey, true),
    ("ASIA", CredentialKind::SessionKey, false),
    ("ABIA", CredentialKind::Bearer, false),
    ("ACCA", CredentialKind::Bearer, false),
];

/// The credential behind the call of `record`.
pub(super) fn credential<'a>(record: &Record<'a>, call: &Call<'_>) -> Credential<'a> {
    let identity = &record.user_identity.value;
    let Some(id) = identity.access_key_id.cloned() else {
        let is_console = call.is_login() || record.session_credential_from_console.is_true();
        let bearer = identity.credential_id.cloned();
        return Credential {
            kind: match &bearer {
                _ if is_console => CredentialKind::Console,
                Some(_) => CredentialKind::Bearer,
                None => CredentialKind::Unknown,
            },
            id: bearer,
            is_long_lived: false,
        };
    };
    let (kind, is_long_lived) = PREFIXES
        .iter()
        .find(|(prefix, ..)| id.starts_with(prefix))
        .map_or(
            (CredentialKind::Unknown, false),
            |(_, kind, is_long_lived)| (*kind, *is_long_lived),
        );
    Credential {
        kind,
        id: Some(id),
        is_long_lived,
    }
}

/// The session of the call: a temporary key names one by itself, otherwise
/// principal and begin do.
pub(super) fn session<'a>(
    record: &Record<'a>,
    credential: &Credential<'a>,
) -> Option<Cow<'a, str>> {
    if credential.kind == CredentialKind::SessionKey {
        return credential.id.clone();
    }
    let identity = &record.user_identity.value;
    let attributes = &identity.session_context.value.attributes.value;
    let principal = identity.principal_id.get()?;
    let begin = attributes.creation_date.get()?;
    Some(format!("{principal} {begin}").into())
}

/// The credentials of a role that the call of `record` issued.
pub(super) fn minted<'a>(record: &Record<'a>, outcome: Outcome) -> Option<Minted<'a>> {
    let response = &record.response_elements.value;
    let credential = response.credentials.value.access_key_id.cloned()?;
    // `<unique id of the role>:<session name>`.
    let session = response.assumed_role_user.value.assumed_role_id.get()?;
    let role = session.split(':').next().filter(|id| !id.is_empty())?;
    (outcome == Outcome::Success).then(|| Minted {
        role: key("role", &[role]).into(),
        credential,
    })
}

/// Whether a second factor was proven. That none was proven to AWS says
/// something of users and root only: a role's caller may have proven one to
/// the identity provider.
pub(super) fn mfa(record: &Record<'_>) -> Mfa {
    let identity = &record.user_identity.value;
    let attributes = &identity.session_context.value.attributes.value;
    let used = record.additional_event_data.value.mfa_used;
    let is_direct = identity.kind.is("IAMUser") || identity.kind.is("Root");
    match attributes.mfa_authenticated.0.or(used.0) {
        Some(true) => Mfa::Yes,
        Some(false) if is_direct => Mfa::No,
        _ => Mfa::Unknown,
    }
}
