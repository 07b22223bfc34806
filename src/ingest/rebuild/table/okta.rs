//! Okta's columns: the console's export, whose names are dotted paths in snake
//! case, the same paths as search engines write them, and Sentinel's names.

use serde_json::Value;

use super::super::struct_text::Shape;
use super::document::Document;
use super::field::{Field, Form};
use super::product::Product;
use crate::event::Source;

use Form::{Nested, Object, Plain};

/// The System Log, as tables have it. No export is known to be complete.
pub(super) const OKTA: Product = Product {
    source: Source::Okta,
    fields: FIELDS,
    leaves: &[],
    list: Some(("target", &["id", "type", "alternateId", "displayName"])),
    open: &[],
    needed: &[
        &["published"],
        &["eventType"],
        &["actor", "actor.id"],
        // Other tables have actors too.
        &[
            "actor.id",
            "authenticationContext",
            "debugContext",
            "securityContext",
        ],
    ],
    whole: &[],
    elastic: "okta",
    ecs: &[
        ("timestamp", "published"),
        ("oktaclientip", "client.ipAddress"),
    ],
    complete,
};

/// Sentinel's own words for results are Okta's in lower case.
fn complete(record: &mut Document) {
    let outcome = record.get_mut("outcome").and_then(Value::as_object_mut);
    if let Some(Value::String(result)) = outcome.and_then(|outcome| outcome.get_mut("result")) {
        result.make_ascii_uppercase();
    }
}

/// The columns of one event.
#[rustfmt::skip]
const FIELDS: &[Field] = &[
    Field("uuid", Plain, &["eventoriginaluid"]),
    Field("published", Form::Time, &["timestamp", "timegenerated", "timegeneratedutc"]),
    Field("eventType", Plain, &["eventoriginaltype"]),
    Field("version", Plain, &[]),
    Field("severity", Plain, &["originalseverity"]),
    Field("actor", Object, &[]),
    Field("actor.id", Plain, &["originaluserid", "actoruserid"]),
    Field("actor.type", Plain, &["originalusertype", "actorusertype"]),
    Field("actor.alternateId", Plain, &["originalactoralternateid", "actorusername"]),
    Field("actor.displayName", Plain, &[]),
    Field("client", Object, &[]),
    Field("client.id", Plain, &["srcdvcid"]),
    Field("client.ipAddress", Plain, &["srcipaddr"]),
    Field("client.zone", Plain, &["srczone"]),
    Field("client.device", Plain, &["originalclientdevice"]),
    Field("client.userAgent.rawUserAgent", Plain, &["httpuseragent"]),
    Field("client.userAgent.os", Plain, &["srcdvcos"]),
    Field("client.userAgent.browser", Plain, &["actingappname"]),
    Field("client.geographicalContext.city", Plain, &["srcgeocity"]),
    Field("client.geographicalContext.country", Plain, &["srcgeocountry"]),
    Field("outcome", Object, &[]),
    Field("outcome.result", Plain, &["originaloutcomeresult", "eventresult"]),
    Field("outcome.reason", Plain, &["eventoriginalresultdetails"]),
    Field("transaction", Object, &[]),
    Field("transaction.id", Plain, &[]),
    Field("transaction.type", Plain, &[]),
    Field("transaction.detail", Nested(Shape::Map), &["transactiondetails"]),
    Field("transaction.detail.requestApiTokenId", Plain, &[]),
    Field("authenticationContext", Object, &[]),
    Field("authenticationContext.credentialType", Plain, &["logonmethod"]),
    Field("authenticationContext.externalSessionId", Plain, &["actorsessionid"]),
    Field("authenticationContext.rootSessionId", Plain, &[]),
    Field("debugContext", Object, &[]),
    Field("debugContext.debugData", Nested(Shape::Map), &["debugdata"]),
    Field("debugContext.debugData.factor", Plain, &[]),
    Field("debugContext.debugData.privilegeGranted", Plain, &[]),
    Field("debugContext.debugData.threatSuspected", Plain, &[]),
    Field("debugContext.debugData.risk", Plain, &[]),
    Field("debugContext.debugData.behaviors", Plain, &[]),
    Field("debugContext.debugData.originalPrincipal.id", Plain, &[]),
    Field("debugContext.debugData.originalPrincipal.type", Plain, &[]),
    Field("debugContext.debugData.originalPrincipal.alternateId", Plain, &[]),
    Field("debugContext.debugData.originalPrincipal.displayName", Plain, &[]),
    Field("securityContext", Object, &[]),
    Field("securityContext.asNumber", Plain, &[]),
    Field("securityContext.asOrg", Plain, &[]),
    Field("securityContext.isp", Plain, &["srcisp"]),
    Field("securityContext.isProxy", Plain, &[]),
    Field("request", Object, &[]),
    Field("target", Nested(Shape::Map), &["originaltarget"]),
];
