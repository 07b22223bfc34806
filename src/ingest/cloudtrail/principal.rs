//! Who called, by the type of identity that the record states.

use std::borrow::Cow;

use super::fields::{Record, UserIdentity};
use super::origin::Agency;
use super::role;
use crate::event::{Actor, Class, KeyBasis, encode_component};
use crate::ingest::record::Notes;
use crate::ingest::text::{Text, part};

/// What CloudTrail writes for a user name that never existed.
const HIDDEN: &str = "HIDDEN_DUE_TO_SECURITY_REASONS";

/// What the type of an identity gives: the key, and what follows from it.
#[derive(Debug)]
pub(super) struct Principal<'a> {
    /// The identity key.
    pub(super) key: String,
    /// The rule that made it.
    pub(super) basis: KeyBasis,
    /// Kind of identity, and how sure.
    pub(super) class: (Class, u8),
    /// Readable name.
    pub(super) display: Cow<'a, str>,
    /// Sub-identity.
    pub(super) sub: Option<Cow<'a, str>>,
    /// Session name that may turn out to be stable.
    pub(super) session: Option<Cow<'a, str>>,
}

impl<'a> Principal<'a> {
    /// A principal without sub-identity or session.
    pub(super) fn new(
        key: String,
        basis: KeyBasis,
        class: (Class, u8),
        display: Cow<'a, str>,
    ) -> Self {
        Self {
            key,
            basis,
            class,
            display,
            sub: None,
            session: None,
        }
    }
}

/// The actor of `record`, for which an AI agent may have acted.
///
/// What the provider says went through an agent has a profile of its own: an
/// agent's rhythm inside a person's credentials must neither spoil the
/// person's nor be judged by it. A user agent alone opens no such profile. The
/// caller writes it, and whoever steals a key could step out of its habits
/// with one header.
pub(super) fn actor<'a>(record: &Record<'a>, agency: Agency, notes: &mut Notes) -> Actor<'a> {
    let identity = &record.user_identity.value;
    let mut principal = resolve(record, notes);
    if agency != Agency::None && principal.class.0.is_scored() {
        principal.class = (Class::Agent, 70);
        if agency == Agency::Proven {
            principal.key.push_str("|agent");
        }
    }
    let class = principal.class;
    Actor {
        key: principal.key.into(),
        display: principal.display,
        class: class.0,
        class_confidence: class.1,
        basis: principal.basis,
        sub: principal.sub,
        native: identity
            .arn
            .cloned()
            .or_else(|| identity.principal_id.cloned()),
        session: principal.session.map(role::candidate),
    }
}

fn resolve<'a>(record: &Record<'a>, notes: &mut Notes) -> Principal<'a> {
    let identity = &record.user_identity.value;
    let account = account(identity);
    if identity.user_name.get() == Some(HIDDEN) {
        let display = Cow::Borrowed("unknown user");
        let key = key("hidden", &[&account]);
        // Nobody signed in, and names that never existed have no habits.
        let class = (Class::Anonymous, 50);
        return Principal::new(key, KeyBasis::Unresolved, class, display);
    }
    let kind = identity.kind.get().or_else(|| inferred_kind(identity));
    match kind {
        Some("Root") => {
            let display = identity.user_name.cloned().unwrap_or("root".into());
            let key = key("root", &[&account]);
            Principal::new(key, KeyBasis::Root, (Class::Root, 100), display)
        }
        Some("IAMUser") => user(identity, &account, (Class::Unknown, 50)),
        Some("AssumedRole") => role::session(record, &account),
        Some("Role") => role::itself(identity, &account),
        Some("FederatedUser") => federated(identity, &account),
        Some("Directory") => named("dir", identity, &account, (Class::Human, 80)),
        Some("AWSAccount") => foreign(record, &account),
        Some("AWSService") => service(record),
        Some("IdentityCenterUser") => identity_center(identity)
            .unwrap_or_else(|| unresolved(identity, &account, Class::Human)),
        Some("SAMLUser") => external("saml", identity),
        Some("WebIdentityUser") => external("oidc", identity),
        None if !record.user_identity.is_damaged => service(record),
        kind => {
            if !matches!(kind, None | Some("Unknown")) {
                notes.unknown("cloudtrail.userIdentity.type");
            }
            identity_center(identity)
                .unwrap_or_else(|| unresolved(identity, &account, Class::Unknown))
        }
    }
}

/// The account of the caller, else the one inside its ARN.
fn account<'a>(identity: &UserIdentity<'a>) -> Cow<'a, str> {
    let in_arn = || {
        let arn = identity.arn.cloned()?;
        let account = part(&arn, |arn| arn.split(':').nth(4).unwrap_or_default());
        (!account.is_empty()).then_some(account)
    };
    identity
        .account_id
        .cloned()
        .or_else(in_arn)
        .unwrap_or_default()
}

/// The type of an identity that an export left out, by the form of its ARN.
fn inferred_kind(identity: &UserIdentity<'_>) -> Option<&'static str> {
    let resource = identity.arn.get()?.splitn(6, ':').nth(5)?;
    match resource.split('/').next()? {
        "user" => Some("IAMUser"),
        "assumed-role" => Some("AssumedRole"),
        "federated-user" => Some("FederatedUser"),
        "role" => Some("Role"),
        "root" => Some("Root"),
        _ => None,
    }
}

/// `aws:<kind>:<part>/<part>`, every part encoded.
pub(super) fn key(kind: &str, parts: &[&str]) -> String {
    let parts: Vec<_> = parts.iter().map(|part| encode_component(part)).collect();
    format!("aws:{kind}:{}", parts.join("/"))
}

fn user<'a>(identity: &UserIdentity<'a>, account: &str, class: (Class, u8)) -> Principal<'a> {
    let name = identity
        .user_name
        .cloned()
        .or_else(|| arn_tail(&identity.arn));
    let id = identity.principal_id.cloned();
    let (key, display) = match (id, name) {
        (Some(id), name) => (key("user", &[&id]), name.unwrap_or(id)),
        (None, Some(name)) => (key("user", &[account, &name]), name),
        (None, None) => return unresolved(identity, account, class.0),
    };
    Principal::new(key, KeyBasis::User, class, display)
}

/// `principalId` of a federated user is `<account>:<name>`.
fn federated<'a>(identity: &UserIdentity<'a>, account: &str) -> Principal<'a> {
    let name = identity
        .principal_id
        .cloned()
        .map(|id| part(&id, |id| id.split_once(':').map_or(id, |(_, name)| name)))
        .or_else(|| arn_tail(&identity.arn))
        .or_else(|| identity.user_name.cloned());
    let Some(name) = name else {
        return unresolved(identity, account, Class::Federated);
    };
    let key = key("fed", &[account, &name]);
    Principal::new(key, KeyBasis::Federated, (Class::Federated, 80), name)
}

fn named<'a>(
    kind: &str,
    identity: &UserIdentity<'a>,
    account: &str,
    class: (Class, u8),
) -> Principal<'a> {
    let id = identity.principal_id.cloned();
    let name = identity.user_name.cloned();
    let Some(id) = id.or_else(|| name.clone()) else {
        return unresolved(identity, account, class.0);
    };
    let key = key(kind, &[account, &id]);
    Principal::new(key, KeyBasis::Federated, class, name.unwrap_or(id))
}

/// A caller of another account, or nobody, seen from the resource's owner.
fn foreign<'a>(record: &Record<'a>, account: &str) -> Principal<'a> {
    let identity = &record.user_identity.value;
    let id = identity.principal_id.get().unwrap_or_default();
    if account == "anonymous" || identity.account_id.is("anonymous") {
        let class = (Class::Anonymous, 100);
        let display = Cow::Borrowed("anonymous");
        return Principal::new(
            "aws:anonymous".to_owned(),
            KeyBasis::Account,
            class,
            display,
        );
    }
    if id.starts_with("AROA") {
        return if id.contains(':') {
            role::session(record, account)
        } else {
            role::itself(identity, account)
        };
    }
    if id.starts_with("AIDA") {
        return user(identity, account, (Class::Federated, 50));
    }
    if account.is_empty() {
        return unresolved(identity, account, Class::Federated);
    }
    let display = identity.account_id.cloned().unwrap_or_default();
    let class = (Class::Federated, 50);
    Principal::new(
        key("account", &[account]),
        KeyBasis::Account,
        class,
        display,
    )
}

/// Whether a caller may be named after the service that it called.
pub(super) fn names_service(identity: &UserIdentity<'_>) -> bool {
    matches!(identity.kind.get(), None | Some("AWSService"))
}

/// The provider itself, by the service that acted.
fn service<'a>(record: &Record<'a>) -> Principal<'a> {
    let identity = &record.user_identity.value;
    let name = identity
        .invoked_by
        .cloned()
        .or_else(|| record.event_source.cloned())
        .unwrap_or_default();
    let class = (Class::CloudService, 95);
    Principal::new(key("service", &[&name]), KeyBasis::Service, class, name)
}

/// The Identity Center user on whose behalf the call was made.
pub(super) fn identity_center<'a>(identity: &UserIdentity<'a>) -> Option<Principal<'a>> {
    let on_behalf_of = &identity.on_behalf_of.value;
    let id = on_behalf_of.user_id.cloned()?;
    let store = on_behalf_of.identity_store_arn.get().unwrap_or_default();
    let store = store.rsplit('/').next().unwrap_or_default();
    let key = key("idc", &[store, &id]);
    let display = identity.user_name.cloned().unwrap_or(id);
    Some(Principal::new(
        key,
        KeyBasis::OnBehalfOf,
        (Class::Human, 95),
        display,
    ))
}

/// A caller that signed in elsewhere: provider and subject.
fn external<'a>(kind: &str, identity: &UserIdentity<'a>) -> Principal<'a> {
    let provider = identity.identity_provider.get().unwrap_or_default();
    let subject = identity
        .user_name
        .cloned()
        .or_else(|| identity.principal_id.cloned());
    let Some(subject) = subject else {
        return unresolved(identity, provider, Class::Federated);
    };
    if role::is_ci_issuer(provider) {
        // Branch, environment and run stand behind the repository.
        let repository = part(&subject, repository);
        let key = key(kind, &[provider, &repository]);
        let class = (Class::Workload, 90);
        let mut principal = Principal::new(key, KeyBasis::Federated, class, repository);
        principal.sub = Some(subject);
        return principal;
    }
    let key = key(kind, &[provider, &subject]);
    Principal::new(key, KeyBasis::Federated, (Class::Federated, 80), subject)
}

/// `repo:<owner>/<repo>` of a CI token's subject.
fn repository(subject: &str) -> &str {
    let end = subject.match_indices(':').nth(1).map(|(at, _)| at);
    end.and_then(|end| subject.get(..end)).unwrap_or(subject)
}

/// A caller that nothing identifies.
pub(super) fn unresolved<'a>(
    identity: &UserIdentity<'a>,
    account: &str,
    class: Class,
) -> Principal<'a> {
    let name = identity
        .principal_id
        .cloned()
        .or_else(|| identity.user_name.cloned())
        .or_else(|| identity.credential_id.cloned())
        .unwrap_or_default();
    let key = key("unknown", &[account, &name]);
    Principal::new(key, KeyBasis::Unresolved, (class, 50), name)
}

/// The last part of an ARN.
fn arn_tail<'a>(arn: &Text<'a>) -> Option<Cow<'a, str>> {
    let arn = arn.cloned()?;
    let tail = part(&arn, |arn| arn.rsplit('/').next().unwrap_or_default());
    (!tail.is_empty() && tail != arn).then_some(tail)
}
