//! Vault's columns: the paths of its audit lines, with dots or underscores
//! between their parts, or its three objects in a column each.

use super::document::Document;
use super::field::{Field, Form};
use super::product::Product;
use crate::event::Source;

use Form::{List, Object, Plain};

/// Audit lines, as tables have them.
pub(super) const VAULT: Product = Product {
    source: Source::Vault,
    fields: FIELDS,
    leaves: &[],
    list: None,
    open: OPEN,
    needed: &[
        &["type"],
        &["request", "request.path"],
        // Other logs have requests too.
        &["auth", "request.operation"],
    ],
    whole: &[],
    elastic: "hashicorpvaultaudit",
    ecs: &[("timestamp", "time")],
    complete: |_: &mut Document| {},
};

/// The columns of one line. Tokens have none.
#[rustfmt::skip]
const FIELDS: &[Field] = &[
    Field("time", Form::Time, &["timestamp", "timegenerated", "timegeneratedutc"]),
    Field("type", Plain, &[]),
    Field("error", Plain, &[]),
    Field("auth", Object, &[]),
    Field("auth.accessor", Plain, &[]),
    Field("auth.display_name", Plain, &[]),
    Field("auth.entity_id", Plain, &[]),
    Field("auth.policies", List, &[]),
    Field("auth.metadata", Object, &[]),
    Field("auth.metadata.role", Plain, &[]),
    Field("auth.metadata.role_name", Plain, &[]),
    Field("auth.metadata.username", Plain, &[]),
    Field("auth.metadata.email", Plain, &[]),
    Field("auth.metadata.service_account_name", Plain, &[]),
    Field("auth.metadata.service_account_namespace", Plain, &[]),
    Field("auth.policy_results", Object, &[]),
    Field("auth.policy_results.allowed", Plain, &[]),
    Field("request", Object, &[]),
    Field("request.id", Plain, &[]),
    Field("request.client_id", Plain, &[]),
    Field("request.operation", Plain, &[]),
    Field("request.path", Plain, &[]),
    Field("request.mount_point", Plain, &[]),
    Field("request.mount_type", Plain, &[]),
    Field("request.namespace", Object, &[]),
    Field("request.namespace.id", Plain, &[]),
    Field("request.namespace.path", Plain, &[]),
    Field("request.remote_address", Plain, &[]),
    Field("request.headers", Object, &[]),
    Field("response", Object, &[]),
    Field("response.data", Object, &[]),
    Field("response.data.error", Plain, &[]),
    Field("response.auth", Object, &[]),
    Field("response.auth.accessor", Plain, &[]),
    Field("response.auth.display_name", Plain, &[]),
    Field("response.auth.entity_id", Plain, &[]),
    Field("response.auth.policies", List, &[]),
    Field("response.auth.metadata", Object, &[]),
    Field("response.auth.metadata.role", Plain, &[]),
    Field("response.auth.metadata.role_name", Plain, &[]),
    Field("response.auth.metadata.username", Plain, &[]),
    Field("response.auth.metadata.email", Plain, &[]),
    Field("response.wrap_info", Object, &[]),
];

/// What may have any keys, by how the names of their columns begin.
const OPEN: &[(&str, &str)] = &[
    ("auth.", "auth"),
    ("request.", "request"),
    ("response.", "response"),
];
