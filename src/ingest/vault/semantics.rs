//! What a path means: a table from kind of mount and path to action.

mod table;

use super::entry::Operation;
use crate::event::{EdgeKind, Sensitive, Verb};
use table::MEANINGS;

/// The grammar of a key/value store that has no verbs in its paths.
pub(super) const PLAIN_STORE: &str = "kv-v1";

/// What one kind of path means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Meaning {
    /// Kind of mount: a whole service, `auth/*` for any auth method, `broker`
    /// for what makes credentials for other systems, `*` for any other mount.
    service: &'static str,
    /// Segments behind the mount: `*` is any one segment, `x*` any that begins
    /// with `x`, and a final `**` any number, even none.
    path: &'static str,
    /// To which operations the row applies.
    operations: Operations,
    /// The action behind the service; the operation is appended where this is
    /// empty or ends in `/`. No logged text enters a name, which bounds the
    /// number of names.
    name: &'static str,
    /// Kind of action; `None` for the one that the operation implies.
    verb: Option<Verb>,
    pub(super) sensitive: Option<Sensitive>,
    /// Relation to what the last `*` of the path names.
    pub(super) edge: Option<EdgeKind>,
}

/// Groups of operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operations {
    /// Reads one thing.
    Reads,
    /// Enumerates.
    Lists,
    /// Creates, changes, deletes.
    Changes,
    /// Reads or changes: paths that do something however they are called.
    Calls,
    /// Any.
    All,
}

impl Operations {
    fn cover(self, operation: Operation) -> bool {
        let of_operation = match operation.0 {
            "read" | "help" | "header" => Self::Reads,
            "list" | "scan" => Self::Lists,
            _ => Self::Changes,
        };
        match self {
            Self::All => true,
            Self::Calls => of_operation != Self::Lists,
            _ => self == of_operation,
        }
    }
}

impl Meaning {
    /// The meaning of an operation on the path `rest` of a `service`.
    pub(super) fn of(service: &str, rest: &str, operation: Operation) -> Self {
        MEANINGS
            .iter()
            .find(|row| {
                row.operations.cover(operation)
                    && covers(row.service, service)
                    && matches(row.path, rest)
            })
            .copied()
            .unwrap_or(row("*", "**", Operations::All, ""))
    }

    /// The name of the action: `kv/read`, `sys/policies/acl/update`.
    pub(super) fn name(&self, service: &str, operation: Operation) -> String {
        let operation = operation.0;
        match self.name {
            "" => format!("{service}/{operation}"),
            name if name.ends_with('/') => format!("{service}/{name}{operation}"),
            name => format!("{service}/{name}"),
        }
    }

    /// What kind of action it is.
    pub(super) fn verb(&self, operation: Operation) -> Verb {
        self.verb.unwrap_or(match operation.0 {
            "read" | "help" | "header" => Verb::Read,
            "list" | "scan" => Verb::List,
            "create" | "update" | "patch" => Verb::Write,
            "delete" | "revoke" => Verb::Delete,
            "renew" => Verb::Eval,
            _ => Verb::Other,
        })
    }

    /// Whether it signs somebody in, so that the response names the identity.
    pub(super) fn is_login(&self) -> bool {
        self.verb == Some(Verb::Auth)
    }

    /// `rest` up to the segment that the last `*` of the path stands for: the
    /// thing that the action is about.
    pub(super) fn subject<'r>(&self, rest: &'r str) -> Option<&'r str> {
        let is_subject = |(_, segment): &(usize, &str)| *segment == "*";
        let (n_segments, _) = self.path.split('/').enumerate().filter(is_subject).last()?;
        let end = rest
            .match_indices('/')
            .nth(n_segments)
            .map_or(rest.len(), |(at, _)| at);
        rest.get(..end)
    }

    /// How many segments of the path stand for themselves: the rest may be
    /// typed text, tokens or accessors.
    pub(super) fn n_literal_segments(&self) -> usize {
        let is_literal = |segment: &&str| !matches!(*segment, "*" | "**");
        self.path.split('/').take_while(is_literal).count()
    }

    const fn verb_is(self, verb: Verb) -> Self {
        Self {
            verb: Some(verb),
            ..self
        }
    }

    const fn sensitive(self, why: Sensitive) -> Self {
        Self {
            sensitive: Some(why),
            ..self
        }
    }

    const fn edge(self, edge: EdgeKind) -> Self {
        Self {
            edge: Some(edge),
            ..self
        }
    }
}

const fn row(
    service: &'static str,
    path: &'static str,
    operations: Operations,
    name: &'static str,
) -> Meaning {
    Meaning {
        service,
        path,
        operations,
        name,
        verb: None,
        sensitive: None,
        edge: None,
    }
}

/// Engines whose `token/*` and `key/*` are credentials for another system.
const BROKERS: [&str; 9] = [
    "ad",
    "azure",
    "consul",
    "gcp",
    "kubernetes",
    "ldap",
    "nomad",
    "rabbitmq",
    "terraform",
];

fn covers(pattern: &str, service: &str) -> bool {
    match pattern {
        "*" => {
            !service.starts_with("auth/")
                && !matches!(service, "sys" | "identity" | "kv" | PLAIN_STORE)
        }
        "broker" => BROKERS.contains(&service),
        "auth/*" => service.starts_with("auth/") && service != "auth/token",
        _ => pattern == service,
    }
}

fn matches(pattern: &str, path: &str) -> bool {
    let mut path = path.split('/').filter(|segment| !segment.is_empty());
    for expected in pattern.split('/') {
        if expected == "**" {
            return true;
        }
        let Some(segment) = path.next() else {
            return false;
        };
        let is_match = match expected.strip_suffix('*') {
            Some(start) => segment.starts_with(start),
            None => segment == expected,
        };
        if !is_match {
            return false;
        }
    }
    path.next().is_none()
}

#[cfg(test)]
mod tests {
    use Sensitive::{
        AccessRevoked, CredentialCreated, LogTampering, PermissionGranted, SecretRead, TrustChanged,
    };
    use Verb::{Admin, Auth, Credential, Delete, Eval, Permission, Read, Write};

    use super::*;

    /// `operation service rest` means `name`, `verb` and, if sensitive, why.
    #[track_caller]
    fn means(call: &str, name: &str, verb: Verb, sensitive: Option<Sensitive>) {
        let mut words = call.split(' ');
        let mut word = || words.next().unwrap_or_default();
        let (operation, service, rest) = (word(), word(), word());
        // The words of a test live as long as the table.
        let operation = [
            "create", "read", "update", "patch", "delete", "list", "scan", "renew",
        ]
        .into_iter()
        .find(|known| *known == operation)
        .map_or(Operation("other"), Operation);
        let meaning = Meaning::of(service, rest, operation);
        assert_eq!(meaning.name(service, operation), name, "{call}");
        assert_eq!(meaning.verb(operation), verb, "{call}");
        assert_eq!(meaning.sensitive, sensitive, "{call}");
    }

    #[test]
    #[rustfmt::skip]
    fn secrets_are_told_from_their_metadata_in_both_versions() {
        means("read kv data/payroll/db", "kv/read", Credential, Some(SecretRead));
        means("update kv data/payroll/db", "kv/update", Write, None);
        means("patch kv data/payroll/db", "kv/patch", Write, None);
        means("delete kv data/payroll/db", "kv/delete", Delete, None);
        means("list kv metadata/payroll", "kv/list", Verb::List, None);
        means("scan kv metadata", "kv/scan", Verb::List, None);
        means("read kv metadata/payroll", "kv/metadata/read", Read, None);
        means("delete kv metadata/x", "kv/metadata/delete", Delete, None);
        means("update kv delete/x", "kv/delete", Delete, None);
        means("update kv undelete/x", "kv/undelete", Write, None);
        means("update kv destroy/x", "kv/destroy", Delete, None);
        means("read kv subkeys/x", "kv/subkeys/read", Read, None);
        means("update kv config", "kv/config/update", Admin, None);
        means("read kv payroll/db", "kv/read", Credential, Some(SecretRead));
        means("read kv config/app", "kv/read", Credential, Some(SecretRead));
        means("list kv payroll", "kv/list", Verb::List, None);
        means("read cubbyhole x", "cubbyhole/read", Credential, None);
        means("update cubbyhole creds/x", "cubbyhole/update", Write, None);
    }

    #[test]
    #[rustfmt::skip]
    fn credentials_for_other_systems_are_minted() {
        means("read database creds/ro", "database/creds/read", Credential, Some(SecretRead));
        means("update aws sts/deploy", "aws/sts/update", Credential, Some(SecretRead));
        means("update database config/db", "database/config/update", Admin, None);
        means("read database config/db", "database/config/read", Read, None);
        means("list database roles", "database/roles/list", Verb::List, None);
        means("update database rotate-root/db", "database/rotate-root", Credential, None);
        means("read nomad token/ops", "nomad/token/read", Credential, Some(SecretRead));
        means("read other token/ops", "other/read", Read, None);
        means("read kv-v1 metadata/x", "kv-v1/read", Credential, Some(SecretRead));
        means("update pki issue/web", "pki/issue", Credential, None);
        means("update pki root/generate/internal", "pki/root/update", Admin, None);
        means("update ssh sign/ops", "ssh/sign", Credential, None);
        means("update ldap library/dba/check-out", "ldap/library/check-out", Credential, Some(SecretRead));
        means("read totp code/me", "totp/code/read", Credential, Some(SecretRead));
        means("update totp code/me", "totp/code/validate", Read, None);
        means("update transit decrypt/k", "transit/decrypt", Credential, None);
        means("update transit encrypt/k", "transit/encrypt", Read, None);
        means("read transit export/k", "transit/export", Admin, Some(SecretRead));
        means("read transit keys/k", "transit/keys/read", Read, None);
        means("update transit keys/k/config", "transit/keys/config/update", Admin, None);
    }

    #[test]
    #[rustfmt::skip]
    fn system_changes_are_told_from_looking_at_the_system() {
        means("update sys audit/file", "sys/audit/update", Admin, Some(LogTampering));
        means("delete sys audit/file", "sys/audit/delete", Admin, Some(LogTampering));
        means("read sys audit", "sys/audit/read", Read, None);
        means("update sys audit-hash/file", "sys/audit-hash", Eval, None);
        means("update sys policies/acl/app", "sys/policies/acl/update", Permission, Some(PermissionGranted));
        means("read sys policies/acl/app", "sys/policies/acl/read", Read, None);
        means("list sys policies/acl", "sys/policies/acl/list", Verb::List, None);
        means("update sys auth/oidc", "sys/auth/update", Admin, Some(TrustChanged));
        means("read sys mounts", "sys/mounts/read", Read, None);
        means("update sys leases/revoke-prefix/aws", "sys/leases/revoke-prefix", Admin, Some(AccessRevoked));
        means("update sys revoke-force/aws", "sys/leases/revoke-force", Admin, Some(AccessRevoked));
        means("update sys leases/revoke", "sys/leases/revoke", Admin, None);
        means("update sys generate-root/attempt", "sys/generate-root", Admin, Some(CredentialCreated));
        means("list sys leases/lookup/aws", "sys/leases/lookup/list", Verb::List, None);
        means("update sys leases/renew", "sys/leases/renew", Eval, None);
        means("read sys storage/raft/snapshot", "sys/storage/raft/snapshot/read", Admin, Some(SecretRead));
        means("read sys raw/core", "sys/raw/read", Admin, Some(SecretRead));
        means("read sys internal/ui/mounts/kv", "sys/internal/ui", Eval, None);
        means("update sys capabilities-self", "sys/capabilities", Eval, None);
        means("update sys wrapping/unwrap", "sys/wrapping/unwrap", Credential, Some(SecretRead));
        means("read sys metrics", "sys/metrics/read", Read, None);
        means("update sys brand-new/thing", "sys/update", Admin, None);
    }

    #[test]
    #[rustfmt::skip]
    fn logins_heartbeats_and_method_changes_are_told_apart() {
        means("update auth/userpass login/alice", "auth/userpass/login", Auth, None);
        means("read auth/oidc oidc/callback", "auth/oidc/login", Auth, None);
        means("update auth/oidc oidc/auth_url", "auth/oidc/oidc/auth_url", Eval, None);
        means("read auth/token lookup-self", "auth/token/lookup", Eval, None);
        means("update auth/token renew-self", "auth/token/renew", Eval, None);
        means("update auth/token create", "auth/token/create", Credential, None);
        means("update auth/token create-orphan", "auth/token/create-orphan", Credential, Some(CredentialCreated));
        means("update auth/token revoke-accessor", "auth/token/revoke", Admin, None);
        means("list auth/token accessors", "auth/token/accessors/list", Verb::List, None);
        means("update auth/approle role/ci/secret-id", "auth/approle/role/secret-id", Credential, Some(CredentialCreated));
        means("update auth/approle role/ci/secret-id/lookup", "auth/approle/role/secret-id/lookup", Read, None);
        means("update auth/approle role/ci", "auth/approle/role/update", Permission, Some(PermissionGranted));
        means("update auth/kubernetes role/ci/policies", "auth/kubernetes/role/update", Permission, Some(PermissionGranted));
        means("update auth/userpass users/bob", "auth/userpass/users/update", Credential, Some(CredentialCreated));
        means("update auth/ldap users/bob", "auth/ldap/users/update", Permission, Some(PermissionGranted));
        means("update auth/oidc config", "auth/oidc/config/update", Admin, Some(TrustChanged));
        means("update identity group/name/ops", "identity/group/update", Permission, Some(PermissionGranted));
        means("read identity entity/id/1", "identity/entity/read", Read, None);
        means("update identity lookup/entity", "identity/lookup", Read, None);
    }

    #[test]
    #[rustfmt::skip]
    fn unknown_mounts_and_operations_keep_a_bounded_name() {
        means("read other creds/x", "other/creds/read", Credential, Some(SecretRead));
        means("read other a/b/c", "other/read", Read, None);
        means("create other a", "other/create", Write, None);
        means("frobnicate other a", "other/other", Verb::Other, None);
        means("renew other a", "other/renew", Eval, None);
        means("list auth/other role", "auth/other/role/list", Verb::List, None);
    }

    #[test]
    fn patterns_match_whole_segments() {
        assert!(matches("a/*/c", "a/b/c"));
        assert!(!matches("a/*/c", "a/b/c/d"));
        assert!(!matches("a/*/c", "a/c"));
        assert!(matches("a/**", "a"));
        assert!(matches("a/**", "a/b/c"));
        assert!(!matches("a/**", "ab"));
        assert!(matches("re*/**", "revoke-self"));
        assert!(matches("**", ""));
        assert!(matches("a/b", "a//b/"));
    }

    #[test]
    fn subject_is_what_the_last_wildcard_names() {
        let subject = |service, rest| Meaning::of(service, rest, Operation("update")).subject(rest);
        assert_eq!(
            subject("auth/approle", "role/ci/secret-id"),
            Some("role/ci")
        );
        assert_eq!(subject("sys", "policies/acl/app"), Some("policies/acl/app"));
        assert_eq!(subject("aws", "creds/deploy"), Some("creds/deploy"));
        assert_eq!(subject("auth/token", "create"), None);
    }
}
