//! Route: which mount of which kind a path leads to, and what lies behind it.

use std::borrow::Cow;

use super::actor::users_of;
use super::entry::{Entry, Request};
use crate::event::{Mount, encode_component};

/// A request path, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Route<'e> {
    /// Kind of mount: `kv`, `database`, `sys`, and `auth/…` for auth methods.
    pub(super) service: Cow<'e, str>,
    /// Where it is mounted, without the final slash.
    pub(super) mount: &'e str,
    /// The path behind the mount, without slashes around it.
    pub(super) rest: &'e str,
    /// Path of the namespace, absent for the root.
    pub(super) namespace: Option<&'e str>,
    /// A key/value store that certainly keeps no versions.
    is_plain: bool,
}

/// Secrets engines by the words in a mount's name that usually stand for them,
/// for logs that lack the mount's type, as those of older versions do.
const ENGINES: &[(&str, &str)] = &[
    ("ad", "ad"),
    ("aws", "aws"),
    ("azure", "azure"),
    ("consul", "consul"),
    ("cubbyhole", "cubbyhole"),
    ("database", "database"),
    ("db", "database"),
    ("gcp", "gcp"),
    ("identity", "identity"),
    ("kubernetes", "kubernetes"),
    ("kv", "kv"),
    ("ldap", "ldap"),
    ("nomad", "nomad"),
    ("pki", "pki"),
    ("rabbitmq", "rabbitmq"),
    ("secret", "kv"),
    ("secrets", "kv"),
    ("ssh", "ssh"),
    ("sys", "sys"),
    ("terraform", "terraform"),
    ("totp", "totp"),
    ("transit", "transit"),
];

/// Auth methods, in the same way.
const METHODS: &[(&str, &str)] = &[
    ("alicloud", "alicloud"),
    ("approle", "approle"),
    ("aws", "aws"),
    ("azure", "azure"),
    ("cert", "cert"),
    ("gcp", "gcp"),
    ("github", "github"),
    ("jwt", "jwt"),
    ("kerberos", "kerberos"),
    ("kubernetes", "kubernetes"),
    ("k8s", "kubernetes"),
    ("ldap", "ldap"),
    ("oidc", "oidc"),
    ("okta", "okta"),
    ("radius", "radius"),
    ("token", "token"),
    ("userpass", "userpass"),
];

/// The first segments of paths of the key/value store, version 2. The version
/// itself is never logged.
const KV2_VERBS: [&str; 7] = [
    "data", "metadata", "delete", "undelete", "destroy", "subkeys", "config",
];

/// A mount type that is neither logged nor guessed.
const OTHER: &str = "other";

/// The longest mount type that is taken at its word.
const MAX_TYPE: usize = 32;

impl<'e> Route<'e> {
    /// The route of a call of which one or two lines are known: either may lack
    /// the mount.
    pub(super) fn of(lines: impl Iterator<Item = &'e Entry> + Clone) -> Self {
        let requests = || lines.clone().map(|entry| &entry.request);
        let path = requests().next().map_or("", |request| &request.path);
        let path = path.trim_start_matches('/');
        let find = |part: fn(&Request) -> Option<&str>| requests().find_map(part);
        let (mount, rest) = find(|request| request.mount_point.as_deref())
            .and_then(|mount| split_at_mount(path, mount))
            .unwrap_or_else(|| split_by_convention(path));
        let rest = rest.trim_matches('/');
        let logged_kind = find(|request| request.mount_type.as_deref());
        let kind = logged_kind
            .and_then(known_type)
            .unwrap_or_else(|| guess_type(mount, rest).into());
        Self {
            service: if mount == "auth" || mount.starts_with("auth/") {
                format!("auth/{kind}").into()
            } else {
                kind
            },
            mount,
            rest,
            namespace: find(|request| request.namespace.as_deref()),
            is_plain: logged_kind == Some("generic"),
        }
    }

    /// The path behind the mount without the API verb that version 2 of the
    /// key/value store puts first: what the secret is called.
    pub(super) fn name(&self) -> &'e str {
        match self.rest.split_once('/') {
            _ if !self.has_verb() => self.rest,
            Some((_, name)) => name,
            None => "",
        }
    }

    /// Whether the path begins with a verb of version 2, unless it is certain
    /// that there is none.
    pub(super) fn has_verb(&self) -> bool {
        let first = self.rest.split('/').next().unwrap_or_default();
        self.service == "kv" && !self.is_plain && KV2_VERBS.contains(&first)
    }

    /// The kind of mount by which paths get their meaning.
    pub(super) fn grammar(&self) -> &str {
        if self.is_plain {
            super::semantics::PLAIN_STORE
        } else {
            &self.service
        }
    }

    /// The mount, where only many calls tell what it is: an auth method's for
    /// its part in names, and a store's for its version.
    pub(super) fn mount_tie(&self, plain_scope: impl Fn() -> String) -> Option<Mount<'e>> {
        match self.service.strip_prefix("auth/") {
            Some("token") => None,
            Some(method) => {
                let (class, class_confidence) = users_of(method);
                Some(Mount::Login {
                    path: self.mount.strip_prefix("auth/")?.into(),
                    class,
                    class_confidence,
                })
            }
            None if self.service != "kv" || self.is_plain || self.rest.is_empty() => None,
            None => Some(Mount::Store {
                path: self.qualified(self.mount).into(),
                plain_scope: self.has_verb().then(|| plain_scope().into()),
            }),
        }
    }

    /// `text` behind its namespace, if that is not the root: both are one
    /// segment, so that the mount stays the container of what it holds.
    pub(super) fn qualified(&self, text: &str) -> String {
        match self.namespace.map(encode_component) {
            Some(namespace) => format!("{namespace}:{text}"),
            None => text.to_owned(),
        }
    }
}

fn split_at_mount<'e>(path: &'e str, mount: &str) -> Option<(&'e str, &'e str)> {
    let mount = mount.trim_matches('/');
    let (found, rest) = path.split_at_checked(mount.len())?;
    let is_whole = rest.is_empty() || rest.starts_with('/');
    (!mount.is_empty() && found == mount && is_whole).then_some((found, rest))
}

/// The first segment is the mount; under `auth/` the first two are.
fn split_by_convention(path: &str) -> (&str, &str) {
    let n_segments = if path.starts_with("auth/") { 2 } else { 1 };
    let end = path
        .match_indices('/')
        .nth(n_segments - 1)
        .map_or(path.len(), |(at, _)| at);
    path.split_at_checked(end).unwrap_or((path, ""))
}

/// The logged type in our words; `None` when it is no plausible type name.
fn known_type(logged: &str) -> Option<Cow<'_, str>> {
    let kind = logged.strip_prefix("ns_").unwrap_or(logged);
    let is_name = kind.len() <= MAX_TYPE
        && kind
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    is_name.then_some(match kind {
        "system" => "sys".into(),
        "generic" => "kv".into(),
        _ => kind.into(),
    })
}

/// The type that a mount of this name usually has, or, for a name that says
/// nothing, the one whose paths begin like this.
fn guess_type(mount: &str, rest: &str) -> &'static str {
    let (conventions, name) = match mount.strip_prefix("auth/") {
        Some(name) => (METHODS, name),
        None => (ENGINES, mount),
    };
    let by_name = name
        .split(['/', '-', '_'])
        .map(|word| word.trim_end_matches(|c: char| c.is_ascii_digit()))
        .find_map(|word| conventions.iter().find(|(name, _)| *name == word));
    match by_name {
        Some((_, kind)) => kind,
        None if ["data/", "metadata/"]
            .iter()
            .any(|verb| rest.starts_with(verb)) =>
        {
            "kv"
        }
        None => OTHER,
    }
}
