//! Okta's System Log in OCSF 1.1 and 1.3.

use serde_json::Value;

use super::tree::Tree;
use super::{Record, Row};

/// Fields that were renamed.
const ROWS: [Row; 27] = [
    ("metadata.uid", "uuid"),
    ("metadata.event_code", "eventType"),
    ("api.operation", "eventType"),
    ("metadata.product.version", "version"),
    ("message", "displayMessage"),
    ("actor.user.uid", "actor.id"),
    ("actor.user.email_addr", "actor.alternateId"),
    ("actor.user.name", "actor.displayName"),
    ("actor.user.type", "actor.type"),
    (
        "actor.session.uid",
        "authenticationContext.externalSessionId",
    ),
    ("actor.session.issuer", "authenticationContext.issuer.id"),
    ("device.uid", "device.id"),
    ("device.name", "device.name"),
    ("http_request.uid", "debugContext.debugData.requestId"),
    ("http_request.url.path", "debugContext.debugData.url"),
    ("dst_endpoint.svc_name", "debugContext.debugData.url"),
    ("http_request.user_agent", "client.userAgent.rawUserAgent"),
    ("src_endpoint.os.name", "client.userAgent.os"),
    ("src_endpoint.ip", "client.ipAddress"),
    ("src_endpoint.type", "client.device"),
    (
        "src_endpoint.location.city",
        "client.geographicalContext.city",
    ),
    (
        "src_endpoint.location.country",
        "client.geographicalContext.country",
    ),
    (
        "src_endpoint.location.postal_code",
        "client.geographicalContext.postalCode",
    ),
    ("src_endpoint.location.isp", "securityContext.isp"),
    ("src_endpoint.domain", "securityContext.domain"),
    (
        "src_endpoint.autonomous_system.name",
        "securityContext.asOrg",
    ),
    (
        "src_endpoint.autonomous_system.number",
        "securityContext.asNumber",
    ),
];

/// Results, by what the schema folds them into.
const RESULTS: [(&str, i64, &str); 3] = [
    ("Unknown", 0, "UNKNOWN"),
    ("Success", 1, "SUCCESS"),
    ("Failure", 2, "FAILURE"),
];

/// Things acted on that have a place of their own: where, and Okta's type
/// where the record does not say.
const TARGETS: [(&str, &str); 4] = [
    ("user", "User"),
    ("group", "UserGroup"),
    ("entity", ""),
    ("entity.policy", "Policy"),
];

/// Fills `tree` with what `record` says.
pub(super) fn fill(record: &Record, tree: &mut Tree) {
    record.copy(&ROWS, tree);
    if let Some(time) = record.time() {
        tree.put_text("published", time.rfc3339());
    }
    if let Some(result) = result(record) {
        tree.put_text("outcome.result", result);
    }
    let targets: Vec<Value> = TARGETS
        .iter()
        .filter_map(|(path, kind)| target(record, path, kind))
        .collect();
    if !targets.is_empty() {
        tree.put("target", Value::Array(targets));
    }
}

/// The result, as Okta writes it.
fn result(record: &Record) -> Option<String> {
    let status = record.text("status");
    let id = record.get("status_id").and_then(Value::as_i64);
    let folded = RESULTS.iter().find(|(name, number, _)| match status {
        Some(status) => status.eq_ignore_ascii_case(name),
        None => id == Some(*number),
    });
    match folded {
        Some((_, _, result)) => Some((*result).to_owned()),
        // `status` may also be what Okta said.
        None => status.map(str::to_ascii_uppercase),
    }
}

/// The thing acted on at `path`. The actor is no target of its own act.
fn target(record: &Record, path: &str, kind: &str) -> Option<Value> {
    let uid = record.text(&format!("{path}.uid"))?;
    if record.text("actor.user.uid") == Some(uid) {
        return None;
    }
    let mut target = Tree::default();
    target.put_text("id", uid);
    let rows = [
        ("type", "type"),
        ("email_addr", "alternateId"),
        ("name", "displayName"),
    ];
    for (from, to) in rows {
        if let Some(text) = record.text(&format!("{path}.{from}")) {
            target.put_text(to, text);
        }
    }
    target.put_text("type", kind);
    Some(target.into_value())
}
