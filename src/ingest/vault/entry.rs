//! One audit line: the request or the response of one call.
//!
//! An entry is owned, because it may wait long for its other half. It keeps
//! what is named here; in particular it cannot hold a token, a secret or the
//! text of an error.

use sha2::{Digest, Sha256};

use super::record::{Line, LoggedAuth, LoggedRequest, Namespace};
use super::shape::Payload;
use crate::event::{NativeId, Outcome, Provenance, Timestamp};
use crate::ingest::coverage::SkipReason;
use crate::ingest::net::parse_address;
use crate::ingest::record::Context;
use crate::ingest::repair;
use crate::ingest::text::{Text, skip_reason};

/// One line of an audit device.
#[derive(Clone, Debug)]
pub struct Entry {
    pub(super) provenance: Provenance,
    pub(super) cluster: Box<str>,
    pub(super) time: Timestamp,
    pub(super) is_response: bool,
    /// Only its beginning was logged.
    pub(super) is_cut: bool,
    /// What the line's own error text says.
    pub(super) failure: Option<Failure>,
    /// The policies did not allow it.
    pub(super) is_refused: bool,
    pub(super) request: Request,
    /// The token presented; on the response to a login, the new one.
    pub(super) auth: Auth,
    /// The token that the response hands out.
    pub(super) issued: Option<Auth>,
    pub(super) payload: Payload,
}

impl Entry {
    /// Which record it is.
    #[must_use]
    pub fn provenance(&self) -> Provenance {
        self.provenance
    }

    /// The id that both halves of a call share; empty when not logged.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.request.id
    }

    /// Whether it is the response half.
    #[must_use]
    pub fn is_response(&self) -> bool {
        self.is_response
    }
}

/// A call as it was made.
#[derive(Clone, Debug, Default)]
pub(super) struct Request {
    pub(super) id: Box<str>,
    pub(super) operation: Operation,
    pub(super) path: Box<str>,
    pub(super) mount_point: Option<Box<str>>,
    pub(super) mount_type: Option<Box<str>>,
    /// Path of the namespace, absent for the root.
    pub(super) namespace: Option<Box<str>>,
    pub(super) remote_address: Option<Box<str>>,
    pub(super) user_agent: Option<Box<str>>,
    /// The client's address by a proxy's account.
    pub(super) forwarded_for: Option<Box<str>>,
}

/// What is logged of a token and whom it stands for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Auth {
    /// Sixteen hexadecimal digits of the hashed accessor.
    pub(super) accessor: Option<Box<str>>,
    pub(super) display_name: Option<Box<str>>,
    pub(super) entity_id: Option<Box<str>>,
    /// The token has the `root` policy.
    pub(super) is_root: bool,
    pub(super) metadata: Metadata,
}

impl Auth {
    /// Whether it names somebody, and not only a token.
    pub(super) fn is_named(&self) -> bool {
        self.is_root || self.display_name.is_some() || self.entity_id.is_some()
    }

    /// Whether it says who somebody is.
    pub(super) fn is_somebody(&self) -> bool {
        self.is_named() || self.accessor.is_some()
    }
}

/// What auth methods write beside a token; other keys hold claims that are
/// none of our business.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Metadata {
    pub(super) role: Option<Box<str>>,
    pub(super) role_name: Option<Box<str>>,
    pub(super) username: Option<Box<str>>,
    pub(super) email: Option<Box<str>>,
    pub(super) preferred_username: Option<Box<str>>,
    pub(super) upn: Option<Box<str>>,
    pub(super) repository: Option<Box<str>>,
    pub(super) client_user_id: Option<Box<str>>,
    pub(super) service_account_name: Option<Box<str>>,
    pub(super) service_account_namespace: Option<Box<str>>,
    pub(super) canonical_arn: Option<Box<str>>,
    pub(super) client_arn: Option<Box<str>>,
    pub(super) instance_id: Option<Box<str>>,
    pub(super) cert_name: Option<Box<str>>,
    pub(super) common_name: Option<Box<str>>,
}

/// What was asked for, in Vault's words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Operation(pub(super) &'static str);

impl Operation {
    const ALL: [&'static str; 14] = [
        "create",
        "read",
        "update",
        "patch",
        "delete",
        "list",
        "scan",
        "help",
        "header",
        "revoke",
        "renew",
        "alias-lookahead",
        "resolve-role",
        "rollback",
    ];

    fn of(logged: &str) -> Option<Self> {
        let known = Self::ALL.into_iter().find(|known| *known == logged);
        known.map(Self)
    }

    /// Whether Vault only makes it for itself.
    fn is_internal(self, has_remote_address: bool) -> bool {
        match self.0 {
            "alias-lookahead" | "resolve-role" | "rollback" => true,
            "renew" | "revoke" => !has_remote_address,
            _ => false,
        }
    }
}

/// What an error text comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) outcome: Outcome,
    pub(super) code: &'static str,
}

/// Error texts by a part of them, first match wins; the texts are multi-line
/// renderings of several errors. What they quote is not kept.
const FAILURES: &[(&str, Outcome, &str)] = &[
    ("permission denied", Outcome::Denied, "permission_denied"),
    (
        "invalid credentials",
        Outcome::AuthFailure,
        "invalid_credentials",
    ),
    ("bad token", Outcome::AuthFailure, "bad_token"),
    ("invalid token", Outcome::AuthFailure, "invalid_token"),
    (
        "missing client token",
        Outcome::AuthFailure,
        "missing_client_token",
    ),
    ("token is expired", Outcome::AuthFailure, "token_expired"),
    ("quota exceeded", Outcome::Throttled, "quota_exceeded"),
    ("rate limited", Outcome::Throttled, "rate_limited"),
    ("unsupported path", Outcome::Error, "unsupported_path"),
    (
        "unsupported operation",
        Outcome::Error,
        "unsupported_operation",
    ),
    ("invalid request", Outcome::Error, "invalid_request"),
    ("sealed", Outcome::Error, "sealed"),
    (
        "no handler for route",
        Outcome::Error,
        "no_handler_for_route",
    ),
];

impl Failure {
    /// What `text` comes to; an unknown text is an error all the same.
    fn of(text: &str) -> Self {
        let text = text.to_lowercase();
        let found = FAILURES.iter().find(|(part, ..)| text.contains(part));
        let (outcome, code) = found.map_or((Outcome::Error, "error"), |(_, outcome, code)| {
            (*outcome, *code)
        });
        Self { outcome, code }
    }
}

/// Reads one audit line.
///
/// # Errors
///
/// The reason why the line is no half of a call: broken JSON, a repeated
/// field, an operational log line, one of Vault's own operations, no time, no
/// path or operation.
pub fn parse(record: &str, context: &mut Context<'_>) -> Result<Entry, SkipReason> {
    read(record, false, context)
}

/// Reads what is left of an audit line whose end was cut off: `beginning` is
/// everything before it.
///
/// Relays by UDP cut long lines. When and who stands at the beginning of a
/// line, what came of it at its end, so the outcome of such a line is unknown.
///
/// # Errors
///
/// [`SkipReason::TruncatedRecord`] when too little is left.
pub fn salvage(beginning: &str, context: &mut Context<'_>) -> Result<Entry, SkipReason> {
    let text = repair::close(beginning).ok_or(SkipReason::TruncatedRecord)?;
    let entry = read(&text, true, context).map_err(|reason| match reason {
        SkipReason::Internal => reason,
        _ => SkipReason::TruncatedRecord,
    })?;
    Ok(Entry {
        issued: None,
        payload: Payload::default(),
        ..entry
    })
}

fn read(record: &str, is_cut: bool, context: &mut Context<'_>) -> Result<Entry, SkipReason> {
    let line: Line<'_> = serde_json::from_str(record).map_err(|err| skip_reason(&err))?;
    if line.level.is_present() || line.message.is_present() {
        return Err(SkipReason::OperationalLine);
    }
    let is_response = match line.kind.get() {
        Some("request") => false,
        Some("response") => true,
        _ => return Err(SkipReason::UnknownType),
    };
    let request = request(&line.request.value, context)?;
    let time = line.time.0.ok_or(SkipReason::NoTime)?;
    Ok(Entry {
        provenance: context.provenance,
        cluster: context.vault_cluster.into(),
        time: time.plausible().ok_or(SkipReason::ImplausibleTime)?,
        is_response,
        is_cut,
        failure: line.error.get().map(Failure::of),
        is_refused: line.auth.value.policy_results.value.allowed.0 == Some(false),
        auth: presented(&line),
        issued: Some(auth(&line.response.value.auth.value)).filter(Auth::is_somebody),
        payload: Payload {
            is_wrapped: line.response.value.wrap_info.is_present,
            ..line.response.value.data
        },
        request,
    })
}

/// The probe that Vault sends through an audit device being enabled.
const AUDIT_PROBE: &str = "sys/audit/test";

fn request(logged: &LoggedRequest<'_>, context: &mut Context<'_>) -> Result<Request, SkipReason> {
    let path = logged.path.get().ok_or(SkipReason::NoAction)?;
    let operation = logged.operation.get().ok_or(SkipReason::NoAction)?;
    let operation = Operation::of(operation).unwrap_or_else(|| {
        context.notes.unknown("vault.request.operation");
        Operation("other")
    });
    let has_remote_address = logged.remote_address.is_present();
    if operation.is_internal(has_remote_address) || path == AUDIT_PROBE {
        return Err(SkipReason::Internal);
    }
    let headers = &logged.headers.value;
    let user_agent = headers.user_agent.iter().next();
    Ok(Request {
        id: logged.id.get().unwrap_or_default().into(),
        operation,
        path: path.into(),
        mount_point: boxed(&logged.mount_point),
        mount_type: boxed(&logged.mount_type),
        namespace: namespace(&logged.namespace.value),
        remote_address: boxed(&logged.remote_address),
        user_agent: user_agent
            .filter(|agent| !agent.starts_with(HASHED))
            .map(Box::from),
        forwarded_for: headers.forwarded_for.iter().find_map(first_address),
    })
}

/// The client's own address in a list of those that a request came by; absent
/// where the header was hashed.
fn first_address(forwarded_for: &str) -> Option<Box<str>> {
    let first = forwarded_for.split(',').next()?.trim();
    parse_address(first).map(|_| first.into())
}

/// The token presented. Entities are UUIDs and serve as client ids; tokens
/// without an entity have client ids of another form, which many share.
fn presented(line: &Line<'_>) -> Auth {
    let mut presented = auth(&line.auth.value);
    let client = &line.request.value.client_id;
    if presented.is_somebody() && presented.entity_id.is_none() {
        presented.entity_id = boxed(client).filter(|id| is_uuid(id));
    }
    presented
}

fn is_uuid(text: &str) -> bool {
    matches!(NativeId::new(&text.to_ascii_lowercase()), NativeId::Uuid(_))
}

fn boxed(text: &Text<'_>) -> Option<Box<str>> {
    text.get().map(Box::from)
}

fn namespace(logged: &Namespace<'_>) -> Option<Box<str>> {
    [&logged.path, &logged.id]
        .into_iter()
        .filter_map(|text| text.get())
        .map(|text| text.trim_matches('/'))
        .find(|text| !text.is_empty())
        .filter(|text| *text != "root")
        .map(Box::from)
}

fn auth(logged: &LoggedAuth<'_>) -> Auth {
    let metadata = &logged.metadata.value;
    Auth {
        accessor: logged.accessor.get().map(accessor_id),
        display_name: boxed(&logged.display_name),
        entity_id: boxed(&logged.entity_id),
        is_root: logged.policies.iter().any(|policy| policy == "root"),
        metadata: Metadata {
            role: boxed(&metadata.role),
            role_name: boxed(&metadata.role_name),
            username: boxed(&metadata.username),
            email: boxed(&metadata.email),
            preferred_username: boxed(&metadata.preferred_username),
            upn: boxed(&metadata.upn),
            repository: boxed(&metadata.repository),
            client_user_id: boxed(&metadata.client_user_id),
            service_account_name: boxed(&metadata.service_account_name),
            service_account_namespace: boxed(&metadata.service_account_namespace),
            canonical_arn: boxed(&metadata.canonical_arn),
            client_arn: boxed(&metadata.client_arn),
            instance_id: boxed(&metadata.instance_id),
            cert_name: boxed(&metadata.cert_name),
            common_name: boxed(&metadata.common_name),
        },
    }
}

/// What every hashed value begins with.
const HASHED: &str = "hmac-sha256:";

/// The first sixteen digits of an accessor's hash. With `hmac_accessor=false`
/// the accessor itself is logged, which is enough to revoke the token, so it
/// is hashed here.
fn accessor_id(accessor: &str) -> Box<str> {
    let digits = accessor.strip_prefix(HASHED).map(str::to_owned);
    let digits = digits.unwrap_or_else(|| {
        let hash = Sha256::digest(accessor.as_bytes());
        hash.iter().map(|byte| format!("{byte:02x}")).collect()
    });
    digits.chars().take(16).collect::<String>().into()
}
