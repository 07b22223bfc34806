//! JSON objects whose fields are named as columns are: one object is one row.
//!
//! Query engines print rows as objects, search engines flatten records to dotted
//! keys, databases change the case of names and pipelines write them in snake
//! case. Objects inside of objects are levels of a dotted name.

use std::borrow::Cow;

use csv::StringRecord;

use super::field::{Field, Form};
use super::{Assembly, PRODUCTS, Product};
use crate::event::Source;
use crate::ingest::coverage::SkipReason;
use crate::ingest::members::{elements, members, string};
use crate::ingest::rebuild::Rebuilt;
use crate::ingest::table::{Columns, Row, canonical};

use super::super::struct_text::Shape;

/// The most fields of one object that are looked at, and the levels of a name.
const MAX_FIELDS: usize = 1024;
const MAX_LEVELS: usize = 8;

/// Columns one of which any record has, so that most objects are told at a
/// glance.
const TELLING: [&str; 5] = [
    "eventname",
    "eventtype",
    "eventoriginaltype",
    "request",
    "requestpath",
];

/// The ends of the names of columns by which Log Analytics tells their types.
const TYPES: [&str; 5] = ["_s", "_d", "_t", "_g", "_b"];

/// Whether the object `text` is a record whose fields are named like columns.
pub(in crate::ingest) fn is_record(text: &str) -> bool {
    let is_telling = |key: &str| TELLING.iter().any(|name| is_named(untyped(key), name));
    members(text).any(|member| is_telling(member.key)) && Fields::of(text).plan().is_some()
}

/// Puts the record in the fields of the object `text` together again.
pub(in crate::ingest) fn rebuild(text: &str) -> Result<Rebuilt, SkipReason> {
    let fields = Fields::of(text);
    let (mut assembly, columns) = fields.plan().ok_or(SkipReason::UnknownType)?;
    assembly.rebuild(&Row::new(&columns, &fields.cells))
}

/// Whether the canonical form of `key` is `name`.
fn is_named(key: &str, name: &str) -> bool {
    let plain = key.bytes().filter(u8::is_ascii_alphanumeric);
    plain.map(|byte| byte.to_ascii_lowercase()).eq(name.bytes())
}

/// The fields of one object.
#[derive(Default)]
struct Fields {
    names: Vec<String>,
    cells: StringRecord,
}

impl Fields {
    fn of(text: &str) -> Self {
        let mut fields = Self::default();
        fields.add(text, "", 0);
        fields
    }

    /// Adds the members of the object `text`, which stands at `path`.
    fn add(&mut self, text: &str, path: &str, n_levels: usize) {
        for member in members(text) {
            if self.names.len() >= MAX_FIELDS {
                return;
            }
            let name = match path {
                "" => untyped(member.key).to_owned(),
                _ => format!("{path}.{}", member.key),
            };
            let is_object = member.value.starts_with('{');
            if is_object && n_levels < MAX_LEVELS && !is_whole(&name) {
                self.add(member.value, &name, n_levels.saturating_add(1));
            } else if let Some(cell) = cell(member.value) {
                self.names.push(name);
                self.cells.push_field(&cell);
            }
        }
    }

    /// How the record is put together, if it is one.
    fn plan(&self) -> Option<(Assembly, Columns)> {
        let columns = Columns::new(self.names.iter().map(String::as_str));
        let row = Row::new(&columns, &self.cells);
        let mut products = PRODUCTS.iter().filter(|product| is_of(product, &row));
        let assembly = products.find_map(|product| Assembly::of(product, &columns))?;
        Some((assembly, columns))
    }
}

/// Whether a row is of a product beyond doubt. A table says so by all of its
/// columns; other products' objects may have some of them.
fn is_of(product: &Product, row: &Row<'_>) -> bool {
    match product.source {
        Source::CloudTrail => {
            let source = row.get("eventsource").unwrap_or_default();
            source.contains(".amazonaws.com")
        }
        Source::Vault => matches!(row.get("type"), Some("request" | "response")),
        _ => {
            let product = row.get("eventproduct").unwrap_or_default();
            let mut names = ["actoralternateid", "originalactoralternateid", "actor"].iter();
            product.contains("Okta") || names.any(|name| row.get(name).is_some())
        }
    }
}

/// A name without its type.
fn untyped(name: &str) -> &str {
    let mut types = TYPES.iter();
    types.find_map(|end| name.strip_suffix(end)).unwrap_or(name)
}

/// Whether the field of this name may have any keys, and so is one cell.
fn is_whole(name: &str) -> bool {
    let name = canonical(name);
    let fields = PRODUCTS.iter().flat_map(|product| product.fields);
    let is_map = |field: &Field| matches!(field.1, Form::Nested(Shape::Map));
    fields
        .filter(|field| is_map(field))
        .any(|field| field.is_named(&name))
}

/// The cell of a value: its text, that of the only element of a list, or JSON.
fn cell(value: &str) -> Option<Cow<'_, str>> {
    match value.as_bytes().first()? {
        b'"' => string(value),
        b'n' => None,
        b'[' => {
            let mut list = elements(value);
            match (list.next(), list.next()) {
                (Some(only), None) if !only.starts_with(['{', '[']) => cell(only),
                _ => Some(value.into()),
            }
        }
        _ => Some(value.into()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[track_caller]
    fn rebuilds(object: &Value, expected: &Value) -> bool {
        let text = object.to_string();
        assert!(is_record(&text), "{text}");
        let rebuilt = rebuild(&text).unwrap();
        let record: Value = serde_json::from_str(&rebuilt.text).unwrap();
        assert_eq!(record, *expected);
        rebuilt.is_reduced
    }

    #[test]
    fn names_in_any_case_and_form_are_put_in_their_place() {
        let expected = json!({
            "eventTime": "2026-11-07T09:00:00Z", "eventSource": "s3.amazonaws.com",
            "eventName": "GetObject", "readOnly": "true",
            "userIdentity": {
                "type": "AssumedRole", "accountId": "111122223333",
                "sessionContext": {"sessionIssuer": {"userName": "Dev"}},
            },
            "requestParameters": r#"{"bucketName":"b","a":{"b":1}}"#,
        });
        let snake = json!({
            "event_time": "2026-11-07T09:00:00Z", "event_source": "s3.amazonaws.com",
            "event_name": "GetObject", "read_only": true, "error_code": null,
            "user_identity": {
                "type": "AssumedRole", "account_id": "111122223333",
                "session_context": {"session_issuer": {"user_name": "Dev"}},
            },
            "request_parameters": {"bucketName": "b", "a": {"b": 1}},
        });
        let mut flat = json!({
            "EVENTTIME": "2026-11-07T09:00:00Z", "EVENTSOURCE": ["s3.amazonaws.com"],
            "EVENTNAME": "GetObject", "READONLY": "true",
            "userIdentity.type": "AssumedRole", "userIdentity.accountId": "111122223333",
            "userIdentity.sessionContext.sessionIssuer.userName": "Dev",
        });
        flat["REQUESTPARAMETERS"] = json!(r#"{"bucketName":"b","a":{"b":1}}"#);
        let mut parameters = expected.clone();
        parameters["requestParameters"] = json!(r#"{"a":{"b":1},"bucketName":"b"}"#);
        assert!(rebuilds(&snake, &parameters));
        assert!(rebuilds(&flat, &expected));
    }

    #[test]
    fn parameters_that_were_flattened_are_together_again() {
        let flat = json!({
            "eventTime": "t", "eventSource": "s3.amazonaws.com", "eventName": "n",
            "requestParameters.bucketName": "b", "requestParameters.a.c": "1",
        });
        let expected = json!({
            "eventTime": "t", "eventSource": "s3.amazonaws.com", "eventName": "n",
            "requestParameters": {"bucketName": "b", "a": {"c": "1"}},
        });
        assert!(rebuilds(&flat, &expected));
    }

    #[test]
    fn both_tables_of_sentinel_are_the_system_log() {
        let expected = json!({
            "published": "2026-11-07T09:00:00Z", "eventType": "user.session.start", "uuid": "u",
            "actor": {"id": "00u1", "alternateId": "a@b.example"},
            "outcome": {"result": "SUCCESS"}, "target": r#"[{"id":"0oa1"}]"#,
        });
        let old = json!({
            "TimeGenerated": "later", "published_t": "2026-11-07T09:00:00Z", "uuid_g": "u",
            "eventType_s": "user.session.start", "actor_id_s": "00u1",
            "actor_alternateId_s": "a@b.example", "outcome_result_s": "SUCCESS",
            "target_s": r#"[{"id":"0oa1"}]"#,
        });
        let new = json!({
            "TimeGenerated": "2026-11-07T09:00:00Z", "EventOriginalUid": "u",
            "EventOriginalType": "user.session.start", "OriginalUserId": "00u1",
            "OriginalActorAlternateId": "a@b.example", "OriginalOutcomeResult": "SUCCESS",
            "OriginalTarget": [{"id": "0oa1"}],
        });
        assert!(rebuilds(&old, &expected));
        assert!(rebuilds(&new, &expected));
    }

    /// R-IN-3, R-IN-4
    #[test]
    fn names_and_fields_without_end_are_not_followed() {
        let deep = format!(
            r#"{{"eventTime":"t","eventSource":"s3.amazonaws.com","eventName":"n","a":{}1{}}}"#,
            r#"{"a":"#.repeat(100),
            "}".repeat(100)
        );
        assert_eq!(Fields::of(&deep).names.len(), 4);
        let wide: Vec<String> = (0..10_000).map(|n| format!(r#""a{n}":1"#)).collect();
        let wide = format!("{{{}}}", wide.join(","));
        assert_eq!(Fields::of(&wide).names.len(), MAX_FIELDS);
    }
}
