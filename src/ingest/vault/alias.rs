//! Aliases: what other products call whoever stands behind a token.

use std::borrow::Cow;

use smallvec::SmallVec;

use super::entry::{Auth, Metadata};
use crate::event::{Alias, AliasKind};

/// Auth methods whose display names are users of something else, and of what.
const METHODS: &[(&str, AliasKind)] = &[
    ("oidc", AliasKind::Federated),
    ("saml", AliasKind::Federated),
    ("jwt", AliasKind::Federated),
    ("okta", AliasKind::OktaUser),
    ("ldap", AliasKind::Directory),
    ("radius", AliasKind::Directory),
    ("kerberos", AliasKind::Directory),
    ("github", AliasKind::Directory),
    ("userpass", AliasKind::Directory),
];

/// The other names of the owner of a token. `login` is method and mount of a
/// login: only there is it certain where the name of the mount ends.
pub(super) fn aliases<'e>(
    auth: Option<&'e Auth>,
    login: Option<(&str, &str)>,
) -> SmallVec<[Alias<'e>; 1]> {
    let Some(auth) = auth else {
        return SmallVec::new();
    };
    let signed_in = login.and_then(|(method, mount)| signed_in(auth, method, mount));
    signed_in.into_iter().chain(told(&auth.metadata)).collect()
}

/// The name behind that of the mount.
fn signed_in<'e>(auth: &'e Auth, method: &str, mount: &str) -> Option<Alias<'e>> {
    let (_, kind) = METHODS.iter().find(|(name, _)| *name == method)?;
    let mount = mount.strip_prefix("auth/").unwrap_or(mount);
    let display = auth.display_name.as_deref()?;
    let name = display.strip_prefix(mount.replace('/', "-").as_str())?;
    let name = name.strip_prefix('-').filter(|name| !name.is_empty())?;
    // Not a person but a job: what stands behind the repository changes with
    // every branch, and the metadata tell it apart.
    let is_job = name.starts_with("repo:");
    (!is_job).then_some(Alias {
        kind: *kind,
        name: Cow::Borrowed(name),
    })
}

/// What the method left in the metadata.
fn told(metadata: &Metadata) -> impl Iterator<Item = Alias<'_>> {
    let named = [
        (AliasKind::Claim, &metadata.email),
        (AliasKind::Claim, &metadata.preferred_username),
        (AliasKind::Claim, &metadata.upn),
        (AliasKind::Principal, &metadata.canonical_arn),
        (AliasKind::Principal, &metadata.client_user_id),
        (AliasKind::RoleSession, &metadata.client_arn),
        (AliasKind::Repository, &metadata.repository),
    ];
    let of_pod = metadata
        .service_account_namespace
        .as_deref()
        .zip(metadata.service_account_name.as_deref());
    let of_pod = of_pod.map(|(namespace, name)| Alias {
        kind: AliasKind::ServiceAccount,
        name: format!("{namespace}/{name}").into(),
    });
    let named = named.into_iter().filter_map(|(kind, name)| {
        let name = Cow::Borrowed(name.as_deref()?);
        Some(Alias { kind, name })
    });
    named.chain(of_pod)
}
