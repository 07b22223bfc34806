//! The table: what each kind of path means, the first that fits.

use super::Operations::{All, Calls, Changes, Lists, Reads};
use super::{Meaning, PLAIN_STORE, row};
use crate::event::EdgeKind::{Grant, Mint};
use crate::event::Sensitive::{
    AccessRevoked, CredentialCreated, FactorChanged, LogTampering, PermissionGranted, SecretRead,
    TrustChanged,
};
use crate::event::Verb::{self, Admin, Auth, Credential, Delete, Eval, Permission, Read, Write};

/// First match wins.
#[rustfmt::skip]
pub(super) const MEANINGS: &[Meaning] = &[
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
