//! CloudTrail records in OCSF, from 1.0.0-rc.2 to 1.5.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::tree::Tree;
use super::{Record, Row, instant};

/// Fields that were renamed. Where a version renamed them again, both are here.
const ROWS: [Row; 26] = [
    ("metadata.uid", "eventID"),
    ("metadata.product.version", "eventVersion"),
    ("metadata.event_code", "eventType"),
    ("api.service.name", "eventSource"),
    ("api.operation", "eventName"),
    ("api.version", "apiVersion"),
    ("api.request.uid", "requestID"),
    ("api.request.data", "requestParameters"),
    ("api.response.data", "responseElements"),
    ("api.response.error", "errorCode"),
    ("api.response.message", "errorMessage"),
    ("cloud.region", "awsRegion"),
    ("cloud.account.uid", "recipientAccountId"),
    ("http_request.user_agent", "userAgent"),
    ("src_endpoint.ip", "sourceIPAddress"),
    ("src_endpoint.domain", "sourceIPAddress"),
    ("src_endpoint.uid", "vpcEndpointId"),
    ("actor.user.type", "userIdentity.type"),
    ("actor.user.name", "userIdentity.userName"),
    ("actor.user.account.uid", "userIdentity.accountId"),
    ("actor.user.account_uid", "userIdentity.accountId"),
    ("actor.invoked_by", "userIdentity.invokedBy"),
    ("actor.session.is_mfa", MFA),
    ("actor.session.mfa", MFA),
    ("is_mfa", "additionalEventData.MFAUsed"),
    ("mfa", "additionalEventData.MFAUsed"),
];

const MFA: &str = "userIdentity.sessionContext.attributes.mfaAuthenticated";
const BEGIN: &str = "userIdentity.sessionContext.attributes.creationDate";
const ISSUER: &str = "userIdentity.sessionContext.sessionIssuer";

/// The categories of events. Translators of old records write a sentence
/// instead.
const CATEGORIES: [&str; 5] = [
    "Management",
    "Data",
    "NetworkActivity",
    "Insight",
    "Aggregated",
];

/// Where the caller's ARN and unique id are; which is where depends on the
/// version.
const PRINCIPALS: [&str; 3] = ["actor.user.uid", "actor.user.uuid", "actor.user.uid_alt"];

#[expect(
    clippy::expect_used,
    reason = "the pattern is a literal, compiled in tests"
)]
static UNIQUE_ID: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("(?s)^A[A-Z0-9]{15,}(:.*)?$").expect("unique id pattern is valid"));

/// Fills `tree` with what `record` says.
pub(super) fn fill(record: &Record, tree: &mut Tree) {
    record.copy(&ROWS, tree);
    if let Some(time) = record.time() {
        tree.put_text("eventTime", time.rfc3339());
    }
    if let Some(category) = record.text("metadata.product.feature.name")
        && CATEGORIES.contains(&category)
    {
        tree.put_text("eventCategory", category);
    }
    let principal = Principal::of(record);
    identity(record, &principal, tree);
    session(record, &principal, tree);
    sign_in(record, tree);
    resources(record, tree);
}

/// The names of the caller, told apart by their shape.
#[derive(Default)]
struct Principal<'r> {
    arn: Option<&'r str>,
    unique_id: Option<&'r str>,
    other: Option<&'r str>,
}

impl<'r> Principal<'r> {
    fn of(record: &'r Record) -> Self {
        let mut principal = Self::default();
        for name in PRINCIPALS.iter().filter_map(|path| record.text(path)) {
            let slot = if name.starts_with("arn:") {
                &mut principal.arn
            } else if UNIQUE_ID.is_match(name) {
                &mut principal.unique_id
            } else {
                &mut principal.other
            };
            slot.get_or_insert(name);
        }
        principal
    }
}

fn identity(record: &Record, principal: &Principal<'_>, tree: &mut Tree) {
    if let Some(arn) = principal.arn {
        tree.put_text("userIdentity.arn", arn);
    }
    let kind = record.text("actor.user.type").unwrap_or_default();
    let store = record.text("actor.idp.uid");
    if let Some(id) = principal.unique_id {
        tree.put_text("userIdentity.principalId", id);
    }
    match principal.other {
        Some(id) if kind == "IdentityCenterUser" || store.is_some() => {
            tree.put_text("userIdentity.onBehalfOf.userId", id);
        }
        Some(id) => tree.put_text("userIdentity.principalId", id),
        None => {}
    }
    if let Some(store) = store {
        tree.put_text("userIdentity.onBehalfOf.identityStoreArn", store);
    }
    if let Some(provider) = record.text("actor.idp.name") {
        let path = match kind {
            "SAMLUser" | "WebIdentityUser" => "userIdentity.identityProvider",
            _ => "userIdentity.sessionContext.webIdFederationData.federatedProvider",
        };
        tree.put_text(path, provider);
    }
    if let Some(id) = record.text("actor.user.credential_uid") {
        let is_key = id
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        let name = if is_key {
            "userIdentity.accessKeyId"
        } else {
            "userIdentity.credentialId"
        };
        tree.put_text(name, id);
    }
}

/// How temporary credentials came about. Only the ARN of the role is told; its
/// name is the end of it, and its unique id the beginning of the caller's.
fn session(record: &Record, principal: &Principal<'_>, tree: &mut Tree) {
    let begin = [
        "actor.session.created_time_dt",
        "actor.session.created_time",
    ]
    .iter()
    .find_map(|path| instant(record.get(path))?.plausible());
    if let Some(begin) = begin {
        tree.put_text(BEGIN, begin.rfc3339());
    }
    let Some(issuer) = record.text("actor.session.issuer") else {
        return;
    };
    tree.put_text(&format!("{ISSUER}.arn"), issuer);
    let resource = issuer.splitn(6, ':').nth(5).unwrap_or_default();
    if !resource.starts_with("role/") {
        return;
    }
    tree.put_text(&format!("{ISSUER}.type"), "Role");
    if let Some(name) = resource.rsplit('/').next() {
        tree.put_text(&format!("{ISSUER}.userName"), name);
    }
    if let Some((role, _)) = principal.unique_id.and_then(|id| id.split_once(':')) {
        tree.put_text(&format!("{ISSUER}.principalId"), role);
    }
}

/// What the class for sign-ins has fields of its own for.
fn sign_in(record: &Record, tree: &mut Tree) {
    if let Some(page) = record.text("dst_endpoint.svc_name") {
        tree.put_text("additionalEventData.LoginTo", page);
    }
    let operation = record.text("api.operation").unwrap_or_default();
    if operation.starts_with("AssumeRole") && !tree.has("requestParameters") {
        let names = ["user.uuid", "user.uid", "user.uid_alt"];
        let mut names = names.iter().filter_map(|path| record.text(path));
        if let Some(role) = names.find(|name| name.starts_with("arn:") && name.contains(":role/")) {
            tree.put_text("requestParameters.roleArn", role);
        }
        if let Some(name) = record.text("user.name") {
            tree.put_text("requestParameters.roleSessionName", name);
        }
    }
    // A sign-in that failed has no error code; early versions say so here only.
    let status = record.text("status").or(match record.get("status_id") {
        Some(id) if id.as_i64() == Some(2) => Some("Failure"),
        _ => None,
    });
    let is_told = ["responseElements", "errorCode", "errorMessage"];
    if status == Some("Failure") && !operation.is_empty() && !is_told.iter().any(|f| tree.has(f)) {
        let field = format!("responseElements.{operation}");
        tree.put_text(&field, "Failure");
    }
}

fn resources(record: &Record, tree: &mut Tree) {
    let Some(Value::Array(entries)) = record.get("resources") else {
        return;
    };
    let entries: Vec<Value> = entries.iter().filter_map(resource).collect();
    if !entries.is_empty() {
        tree.put("resources", Value::Array(entries));
    }
}

/// One entry of `resources`.
fn resource(entry: &Value) -> Option<Value> {
    let mut native = Tree::default();
    let mut copy = |from: &str, to: &str| {
        let value = from
            .split('.')
            .try_fold(entry, |value, name| value.get(name));
        if let Some(value) = value {
            native.put(to, value.clone());
        }
    };
    copy("uid", "ARN");
    copy("type", "type");
    copy("owner.account.uid", "accountId");
    copy("account.uid", "accountId");
    copy("account_uid", "accountId");
    native.has("ARN").then(|| native.into_value())
}
