//! What a path means: a table from kind of mount and path to action.

use super::entry::Operation;
use crate::event::{EdgeKind, Sensitive, Verb};

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

/// A row whose verb is the one its operation implies.
const fn plain(service: &'static str, path: &'static str, name: &'static str) -> Meaning {
    row(service, path, All, name)
}

/// A change with a meaning of its own.
const fn change(
    service: &'static str,
    path: &'static str,
    name: &'static str,
    verb: Verb,
) -> Meaning {
    row(service, path, Changes, name).verb_is(verb)
}

/// Something that a path does however it is called.
const fn call(
    service: &'static str,
    path: &'static str,
    name: &'static str,
    verb: Verb,
) -> Meaning {
    row(service, path, Calls, name).verb_is(verb)
}

/// A client's or the web interface's own noise.
const fn noise(service: &'static str, path: &'static str, name: &'static str) -> Meaning {
    row(service, path, All, name).verb_is(Eval)
}

use EdgeKind::{Grant, Mint};
use Operations::{All, Calls, Changes, Lists, Reads};
use Sensitive::{
    AccessRevoked, CredentialCreated, FactorChanged, LogTampering, PermissionGranted, SecretRead,
    TrustChanged,
};
use Verb::{Admin, Auth, Credential, Delete, Eval, Permission, Read, Write};

/// First match wins.
#[rustfmt::skip]
const MEANINGS: &[Meaning] = &[
    // Key/value secrets. Version 2 is told by its API verb in the path.
    row("kv", "data/**", Reads, "").verb_is(Credential).sensitive(SecretRead),
    plain("kv", "data/**", ""),
    row("kv", "metadata/**", Lists, ""),
    plain("kv", "metadata/**", "metadata/"),
    plain("kv", "subkeys/**", "subkeys/"),
    change("kv", "delete/**", "delete", Delete),
    change("kv", "undelete/**", "undelete", Write),
    change("kv", "destroy/**", "destroy", Delete),
    change("kv", "config", "config/", Admin),
    plain("kv", "config", "config/"),
    row("kv", "**", Reads, "").verb_is(Credential).sensitive(SecretRead),
    plain("kv", "**", ""),
    row(PLAIN_STORE, "**", Reads, "").verb_is(Credential).sensitive(SecretRead),
    plain(PLAIN_STORE, "**", ""),
    row("cubbyhole", "**", Reads, "").verb_is(Credential),
    plain("cubbyhole", "**", ""),

    // The system backend.
    noise("sys", "audit-hash/**", "audit-hash"),
    change("sys", "audit/**", "audit/", Admin).sensitive(LogTampering),
    plain("sys", "audit/**", "audit/"),
    change("sys", "config/auditing/**", "config/auditing/", Admin).sensitive(LogTampering),
    change("sys", "config/**", "config/", Admin),
    plain("sys", "config/**", "config/"),
    change("sys", "policies/acl/*", "policies/acl/", Permission).sensitive(PermissionGranted).edge(Grant),
    plain("sys", "policies/acl/**", "policies/acl/"),
    change("sys", "policies/*/*", "policies/", Permission).sensitive(PermissionGranted).edge(Grant),
    plain("sys", "policies/**", "policies/"),
    change("sys", "policy/*", "policy/", Permission).sensitive(PermissionGranted).edge(Grant),
    plain("sys", "policy/**", "policy/"),
    change("sys", "auth/**", "auth/", Admin).sensitive(TrustChanged),
    plain("sys", "auth/**", "auth/"),
    change("sys", "mounts/**", "mounts/", Admin),
    plain("sys", "mounts/**", "mounts/"),
    change("sys", "remount/**", "remount", Admin),
    call("sys", "leases/lookup/**", "leases/lookup", Read),
    row("sys", "leases/lookup/**", Lists, "leases/lookup/"),
    noise("sys", "leases/renew/**", "leases/renew"),
    noise("sys", "renew/**", "leases/renew"),
    change("sys", "leases/revoke-prefix/**", "leases/revoke-prefix", Admin).sensitive(AccessRevoked),
    change("sys", "leases/revoke-force/**", "leases/revoke-force", Admin).sensitive(AccessRevoked),
    change("sys", "leases/revoke*/**", "leases/revoke", Admin),
    change("sys", "leases/**", "leases/", Admin),
    change("sys", "revoke-prefix/**", "leases/revoke-prefix", Admin).sensitive(AccessRevoked),
    change("sys", "revoke-force/**", "leases/revoke-force", Admin).sensitive(AccessRevoked),
    change("sys", "revoke*/**", "leases/revoke", Admin),
    call("sys", "storage/raft/snapshot*/**", "storage/raft/snapshot/", Admin).sensitive(SecretRead),
    change("sys", "storage/**", "storage/", Admin),
    call("sys", "raw/**", "raw/", Admin).sensitive(SecretRead),
    row("sys", "raw/**", Lists, "raw/"),
    change("sys", "generate-root/**", "generate-root", Admin).sensitive(CredentialCreated),
    change("sys", "generate-recovery-token/**", "generate-recovery-token", Admin).sensitive(CredentialCreated),
    change("sys", "rotate/**", "rotate", Admin),
    change("sys", "rekey*/**", "rekey", Admin),
    change("sys", "replication/**", "replication/", Admin),
    change("sys", "namespaces/**", "namespaces/", Admin),
    plain("sys", "namespaces/**", "namespaces/"),
    change("sys", "plugins/**", "plugins/", Admin),
    plain("sys", "plugins/**", "plugins/"),
    change("sys", "quotas/**", "quotas/", Admin),
    noise("sys", "internal/ui/**", "internal/ui"),
    plain("sys", "internal/**", "internal/"),
    noise("sys", "capabilities*/**", "capabilities"),
    call("sys", "wrapping/wrap", "wrapping/wrap", Write),
    call("sys", "wrapping/rewrap", "wrapping/rewrap", Write),
    call("sys", "wrapping/unwrap", "wrapping/unwrap", Credential).sensitive(SecretRead),
    noise("sys", "wrapping/lookup", "wrapping/lookup"),
    noise("sys", "tools/**", "tools"),
    noise("sys", "health", "health"),
    noise("sys", "leader", "leader"),
    noise("sys", "seal-status", "seal-status"),
    plain("sys", "metrics", "metrics/"),
    call("sys", "mfa/validate", "mfa/validate", Auth),
    change("sys", "mfa/**", "mfa/", Credential).sensitive(FactorChanged),
    call("sys", "control-group/authorize", "control-group/authorize", Permission),
    call("sys", "control-group/request", "control-group/request", Read),
    change("sys", "**", "", Admin),
    plain("sys", "**", ""),

    // Entities, groups and Vault as an identity provider.
    call("identity", "lookup/**", "lookup", Read),
    change("identity", "entity/id/*", "entity/", Permission).sensitive(PermissionGranted).edge(Grant),
    change("identity", "entity/name/*", "entity/", Permission).sensitive(PermissionGranted).edge(Grant),
    change("identity", "entity-alias/**", "entity-alias/", Permission).sensitive(PermissionGranted),
    change("identity", "entity/**", "entity/", Permission).sensitive(PermissionGranted),
    change("identity", "group/id/*", "group/", Permission).sensitive(PermissionGranted).edge(Grant),
    change("identity", "group/name/*", "group/", Permission).sensitive(PermissionGranted).edge(Grant),
    change("identity", "group-alias/**", "group-alias/", Permission).sensitive(PermissionGranted),
    change("identity", "group/**", "group/", Permission).sensitive(PermissionGranted),
    plain("identity", "entity*/**", "entity/"),
    plain("identity", "group*/**", "group/"),
    change("identity", "mfa/**", "mfa/", Credential).sensitive(FactorChanged),
    call("identity", "oidc/token/*", "oidc/token", Credential).edge(Mint),
    noise("identity", "oidc/introspect", "oidc/introspect"),
    change("identity", "oidc/**", "oidc/", Admin).sensitive(TrustChanged),
    plain("identity", "oidc/**", "oidc/"),
    change("identity", "**", "", Permission),
    plain("identity", "**", ""),

    // Tokens.
    change("auth/token", "create-orphan", "create-orphan", Credential).sensitive(CredentialCreated),
    change("auth/token", "create/*", "create", Credential).edge(Mint),
    change("auth/token", "create", "create", Credential),
    change("auth/token", "roles/*", "roles/", Credential).edge(Grant),
    plain("auth/token", "roles/**", "roles/"),
    call("auth/token", "lookup-accessor/**", "lookup-accessor", Read),
    noise("auth/token", "lookup*/**", "lookup"),
    noise("auth/token", "renew*/**", "renew"),
    change("auth/token", "revoke*/**", "revoke", Admin),
    change("auth/token", "tidy", "tidy", Admin),
    plain("auth/token", "accessors", "accessors/"),

    // Auth methods.
    call("auth/*", "login/**", "login", Auth),
    call("auth/*", "oidc/callback", "login", Auth),
    call("auth/*", "callback", "login", Auth),
    call("auth/*", "cel/login", "login", Auth),
    noise("auth/*", "oidc/auth_url", "oidc/auth_url"),
    noise("auth/*", "oidc/poll", "oidc/poll"),
    change("auth/*", "role/*/secret-id", "role/secret-id", Credential).sensitive(CredentialCreated).edge(Mint),
    change("auth/*", "role/*/custom-secret-id", "role/secret-id", Credential).sensitive(CredentialCreated).edge(Mint),
    call("auth/*", "role/*/secret-id*/lookup", "role/secret-id/lookup", Read),
    change("auth/*", "role/*/secret-id*/destroy", "role/secret-id/destroy", Delete),
    plain("auth/*", "role/*/secret-id/**", "role/secret-id/"),
    change("auth/*", "role/*/role-id", "role/role-id/", Credential).sensitive(CredentialCreated).edge(Mint),
    plain("auth/*", "role/*/role-id", "role/role-id/"),
    change("auth/*", "role/*/**", "role/", Permission).sensitive(PermissionGranted).edge(Grant),
    plain("auth/*", "role/**", "role/"),
    change("auth/*", "users/*/password", "users/password/", Credential).sensitive(CredentialCreated).edge(Mint),
    change("auth/userpass", "users/*", "users/", Credential).sensitive(CredentialCreated).edge(Mint),
    change("auth/*", "users/*/**", "users/", Permission).sensitive(PermissionGranted).edge(Grant),
    plain("auth/*", "users/**", "users/"),
    change("auth/*", "groups/*/**", "groups/", Permission).sensitive(PermissionGranted).edge(Grant),
    plain("auth/*", "groups/**", "groups/"),
    change("auth/*", "map/*/*", "map/", Permission).sensitive(PermissionGranted).edge(Grant),
    plain("auth/*", "map/**", "map/"),
    change("auth/*", "certs/*", "certs/", Permission).sensitive(TrustChanged).edge(Grant),
    plain("auth/*", "certs/**", "certs/"),
    change("auth/*", "config/**", "config/", Admin).sensitive(TrustChanged),
    plain("auth/*", "config/**", "config/"),
    change("auth/*", "tidy/**", "tidy", Admin),
    change("auth/*", "**", "", Admin),

    // Certificates.
    change("pki", "issue/*", "issue", Credential).edge(Mint),
    change("pki", "sign/*", "sign", Credential).edge(Mint),
    change("pki", "sign-verbatim/**", "sign-verbatim", Credential).sensitive(CredentialCreated),
    change("pki", "issuer/*/issue/*", "issue", Credential).edge(Mint),
    change("pki", "issuer/*/sign/*", "sign", Credential).edge(Mint),
    change("pki", "issuer/*/sign-verbatim/**", "sign-verbatim", Credential).sensitive(CredentialCreated),
    change("pki", "root/**", "root/", Admin),
    change("pki", "intermediate/**", "intermediate/", Admin),
    change("pki", "revoke*/**", "revoke", Admin),
    change("pki", "tidy/**", "tidy", Admin),
    change("ssh", "issue/*", "issue", Credential).edge(Mint),
    change("ssh", "sign/*", "sign", Credential).edge(Mint),

    // Encryption as a service.
    change("transit", "decrypt/**", "decrypt", Credential),
    change("transit", "datakey/plaintext/*", "datakey/plaintext", Credential),
    change("transit", "encrypt/**", "encrypt", Read),
    change("transit", "rewrap/**", "rewrap", Read),
    change("transit", "sign/**", "sign", Read),
    change("transit", "verify/**", "verify", Read),
    change("transit", "hmac/**", "hmac", Read),
    change("transit", "hash/**", "hash", Read),
    change("transit", "random/**", "random", Read),
    change("transit", "datakey/**", "datakey", Read),
    call("transit", "export/**", "export", Admin).sensitive(SecretRead),
    call("transit", "byok-export/**", "export", Admin).sensitive(SecretRead),
    call("transit", "backup/**", "backup", Admin).sensitive(SecretRead),
    change("transit", "restore/**", "restore", Admin),
    change("transit", "keys/*/config", "keys/config/", Admin),
    plain("transit", "keys/**", "keys/"),

    // One-time passwords.
    row("totp", "code/*", Reads, "code/").verb_is(Credential).sensitive(SecretRead),
    change("totp", "code/*", "code/validate", Read),
    change("totp", "keys/*", "keys/", Credential),
    plain("totp", "keys/**", "keys/"),

    // Engines that make credentials for other systems.
    call("*", "creds/*", "creds/", Credential).sensitive(SecretRead).edge(Mint),
    call("*", "sts/*", "sts/", Credential).sensitive(SecretRead).edge(Mint),
    call("*", "static-creds/*", "static-creds/", Credential).sensitive(SecretRead).edge(Mint),
    call("*", "static-cred/*", "static-creds/", Credential).sensitive(SecretRead).edge(Mint),
    call("broker", "token/*", "token/", Credential).sensitive(SecretRead).edge(Mint),
    call("broker", "key/*", "key/", Credential).sensitive(SecretRead).edge(Mint),
    call("*", "roleset/*/token", "token/", Credential).sensitive(SecretRead).edge(Mint),
    call("*", "roleset/*/key", "key/", Credential).sensitive(SecretRead).edge(Mint),
    call("*", "static-account/*/token", "token/", Credential).sensitive(SecretRead).edge(Mint),
    call("*", "static-account/*/key", "key/", Credential).sensitive(SecretRead).edge(Mint),
    call("*", "library/*/check-out", "library/check-out", Credential).sensitive(SecretRead).edge(Mint),
    change("*", "library/*/check-in", "library/check-in", Write),
    change("*", "rotate-root/**", "rotate-root", Credential),
    change("*", "rotate-role/**", "rotate-role", Credential),
    change("*", "rotate-credentials/**", "rotate-role", Credential),
    change("*", "config/**", "config/", Admin),
    plain("*", "config/**", "config/"),
    change("*", "roles/**", "roles/", Admin),
    plain("*", "roles/**", "roles/"),
    change("*", "role/**", "roles/", Admin),
    plain("*", "role/**", "roles/"),
    change("*", "static-roles/**", "static-roles/", Admin),
    plain("*", "static-roles/**", "static-roles/"),
];

#[cfg(test)]
mod tests {
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
