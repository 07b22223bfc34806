//! Who made a call, by Vault's account.

use std::borrow::Cow;

use super::entry::{Auth, Metadata};
use crate::event::{Actor, Class, KeyBasis, encode_component};

/// What an auth method says about those who use it.
const METHODS: &[(&str, Class, u8)] = &[
    ("oidc", Class::Human, 85),
    ("saml", Class::Human, 85),
    ("okta", Class::Human, 85),
    ("ldap", Class::Human, 75),
    ("radius", Class::Human, 75),
    ("kerberos", Class::Human, 75),
    ("github", Class::Human, 75),
    ("userpass", Class::Human, 60),
    ("approle", Class::ServiceAccount, 90),
    ("jwt", Class::Workload, 70),
    ("kubernetes", Class::Workload, 90),
    ("aws", Class::Workload, 85),
    ("azure", Class::Workload, 85),
    ("gcp", Class::Workload, 85),
    ("alicloud", Class::Workload, 85),
    ("oci", Class::Workload, 85),
    ("cf", Class::Workload, 85),
    ("cert", Class::Workload, 80),
];

/// What the users of an auth method are, and how sure that is.
pub(super) fn users_of(method: &str) -> (Class, u8) {
    let row = METHODS.iter().find(|(name, ..)| *name == method);
    row.map_or((Class::Unknown, 0), |(_, class, confidence)| {
        (*class, *confidence)
    })
}

/// Finds out who acted. `method` is the auth method of a login.
pub(super) fn actor<'e>(cluster: &str, auth: Option<&'e Auth>, method: Option<&str>) -> Actor<'e> {
    let Some(auth) = auth else {
        return nobody(cluster);
    };
    let (key, basis) = key(cluster, auth);
    let (class, class_confidence) = match basis {
        KeyBasis::Root => (Class::Root, 100),
        _ => class(auth, method),
    };
    Actor {
        key: key.into(),
        display: display(auth),
        class,
        class_confidence,
        basis,
        sub: principal(&auth.metadata),
        native: auth.entity_id.as_deref().map(Cow::Borrowed),
        session: None,
    }
}

/// Calls without a token share one key: nobody's habits are learned from them.
fn nobody<'e>(cluster: &str) -> Actor<'e> {
    Actor {
        key: format!("vault:{}:unauthenticated", encode_component(cluster)).into(),
        display: "unauthenticated".into(),
        class: Class::Anonymous,
        class_confidence: 100,
        basis: KeyBasis::Unresolved,
        sub: None,
        native: None,
        session: None,
    }
}

/// The identity key: entity, else root, else display name, else token.
fn key(cluster: &str, auth: &Auth) -> (String, KeyBasis) {
    let cluster = encode_component(cluster);
    if let Some(entity) = &auth.entity_id {
        let key = format!("vault:{cluster}:entity:{}", encode_component(entity));
        (key, KeyBasis::VaultEntity)
    } else if auth.is_root {
        (format!("vault:{cluster}:root"), KeyBasis::Root)
    } else if let Some(name) = &auth.display_name {
        let name = name.to_lowercase();
        let key = format!("vault:{cluster}:dn:{}", encode_component(&name));
        (key, KeyBasis::VaultDisplayName)
    } else {
        let token = auth.accessor.as_deref().unwrap_or_default();
        let key = format!("vault:{cluster}:token:{}", encode_component(token));
        (key, KeyBasis::VaultToken)
    }
}

/// Method of a login first, then what the method left in the metadata, then
/// the mount in the display name, which is only a convention.
fn class(auth: &Auth, method: Option<&str>) -> (Class, u8) {
    let of = |method: &str| METHODS.iter().find(|(name, ..)| *name == method);
    let by_method = method.and_then(of);
    let by_metadata = || method_of_metadata(&auth.metadata).and_then(of);
    let by_name = || {
        auth.display_name
            .as_deref()
            .into_iter()
            .flat_map(words)
            .find_map(of)
    };
    by_method
        .or_else(by_metadata)
        .or_else(by_name)
        .map_or((Class::Unknown, 0), |(_, class, confidence)| {
            (*class, *confidence)
        })
}

/// The words of a display name, whose first ones name the mount.
fn words(display_name: &str) -> impl Iterator<Item = &str> {
    // Child tokens carry a name that their parent chose: it proves nothing.
    let is_child = display_name == "token" || display_name.starts_with("token-");
    let words = if is_child { "" } else { display_name };
    words.split(['-', '_'])
}

fn method_of_metadata(metadata: &Metadata) -> Option<&'static str> {
    if metadata.service_account_name.is_some() {
        Some("kubernetes")
    } else if metadata.canonical_arn.is_some()
        || metadata.client_arn.is_some()
        || metadata.instance_id.is_some()
    {
        Some("aws")
    } else if metadata.role_name.is_some() {
        Some("approle")
    } else if metadata.cert_name.is_some() || metadata.common_name.is_some() {
        Some("cert")
    } else {
        None
    }
}

/// Who stands behind the token, by the method's own metadata.
fn principal(metadata: &Metadata) -> Option<Cow<'_, str>> {
    if let (Some(namespace), Some(name)) = (
        &metadata.service_account_namespace,
        &metadata.service_account_name,
    ) {
        return Some(format!("{namespace}/{name}").into());
    }
    [
        &metadata.email,
        &metadata.username,
        &metadata.client_arn,
        &metadata.canonical_arn,
        &metadata.instance_id,
        &metadata.role_name,
        &metadata.common_name,
        &metadata.cert_name,
    ]
    .into_iter()
    .find_map(|text| text.as_deref())
    .map(Cow::Borrowed)
}

/// The display name; a role's, where that is just the method's name.
fn display(auth: &Auth) -> Cow<'_, str> {
    match (&auth.display_name, &auth.metadata.role_name) {
        (Some(name), Some(role)) if !name.contains('-') => format!("{name} {role}").into(),
        (Some(name), _) => Cow::Borrowed(name),
        (None, _) if auth.is_root => "root".into(),
        (None, _) => {
            let id = auth.entity_id.as_deref().or(auth.accessor.as_deref());
            Cow::Borrowed(id.unwrap_or_default())
        }
    }
}
