//! Okta's columns: the console's export, whose names are dotted paths in snake
//! case, and the same paths as search engines write them.

use super::document::Document;
use super::field::{Field, Form};
use super::product::Product;
use crate::event::Source;

use Form::Plain;

/// The System Log, as tables have it. No export is known to be complete.
pub(super) const OKTA: Product = Product {
    source: Source::Okta,
    fields: FIELDS,
    leaves: &[],
    list: Some(("target", &["id", "type", "alternateId", "displayName"])),
    open: &[],
    needed: &["published", "eventType", "actor.id"],
    whole: &[],
    elastic: "okta",
    ecs: &[
        ("timestamp", "published"),
        ("oktaclientip", "client.ipAddress"),
    ],
    complete: |_: &mut Document| {},
};

/// The columns of one event.
#[rustfmt::skip]
const FIELDS: &[Field] = &[
    Field("uuid", Plain, &[]),
    Field("published", Form::Time, &["timestamp"]),
    Field("eventType", Plain, &[]),
    Field("version", Plain, &[]),
    Field("severity", Plain, &[]),
    Field("actor.id", Plain, &[]),
    Field("actor.type", Plain, &[]),
    Field("actor.alternateId", Plain, &[]),
    Field("actor.displayName", Plain, &[]),
    Field("client.id", Plain, &[]),
    Field("client.ipAddress", Plain, &[]),
    Field("client.zone", Plain, &[]),
    Field("client.device", Plain, &[]),
    Field("client.userAgent.rawUserAgent", Plain, &[]),
    Field("client.userAgent.os", Plain, &[]),
    Field("client.userAgent.browser", Plain, &[]),
    Field("client.geographicalContext.city", Plain, &[]),
    Field("client.geographicalContext.country", Plain, &[]),
    Field("outcome.result", Plain, &[]),
    Field("outcome.reason", Plain, &[]),
    Field("transaction.id", Plain, &[]),
    Field("transaction.type", Plain, &[]),
    Field("transaction.detail.requestApiTokenId", Plain, &[]),
    Field("authenticationContext.credentialType", Plain, &[]),
    Field("authenticationContext.externalSessionId", Plain, &[]),
    Field("authenticationContext.rootSessionId", Plain, &[]),
    Field("debugContext.debugData.factor", Plain, &[]),
    Field("debugContext.debugData.privilegeGranted", Plain, &[]),
    Field("debugContext.debugData.threatSuspected", Plain, &[]),
    Field("debugContext.debugData.risk", Plain, &[]),
    Field("debugContext.debugData.behaviors", Plain, &[]),
    Field("debugContext.debugData.originalPrincipal.id", Plain, &[]),
    Field("debugContext.debugData.originalPrincipal.type", Plain, &[]),
    Field("debugContext.debugData.originalPrincipal.alternateId", Plain, &[]),
    Field("debugContext.debugData.originalPrincipal.displayName", Plain, &[]),
    Field("securityContext.asNumber", Plain, &[]),
    Field("securityContext.asOrg", Plain, &[]),
    Field("securityContext.isp", Plain, &[]),
    Field("securityContext.isProxy", Plain, &[]),
];
