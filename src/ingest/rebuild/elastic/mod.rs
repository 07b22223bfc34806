//! Records as Elastic's pipelines store them: renamed, in snake case and spread
//! over the common schema. Unless it is told to keep it, a pipeline drops the
//! original.

mod cloudtrail;
mod okta;

use serde_json::{Map, Value};

use super::{Rebuilt, timed};
use crate::ingest::coverage::SkipReason;

/// The path of a Vault entry, which is stored whole but for its time.
const VAULT: &str = "hashicorp_vault.audit";

/// Levels that one key may stand for.
const MAX_LEVELS: usize = 16;

/// Puts the record in the document `text` together again.
pub(super) fn rebuild(text: &str) -> Result<Rebuilt, SkipReason> {
    let mut document: Value = serde_json::from_str(text).map_err(|_| SkipReason::Malformed)?;
    take_out_of_lists(&mut document);
    if let Some(event) = subtree(&document, "okta") {
        return Ok(okta::rebuild(&document, event));
    }
    if let Some(entry) = subtree(&document, VAULT) {
        return timed::rebuild(entry, get(&document, "@timestamp"));
    }
    Ok(cloudtrail::rebuild(&document))
}

/// Takes values out of the lists of one in which a search gives every field, of
/// which a time is the sign.
fn take_out_of_lists(document: &mut Value) {
    let Value::Object(fields) = document else {
        return;
    };
    if !fields.get("@timestamp").is_some_and(Value::is_array) {
        return;
    }
    for field in fields.values_mut() {
        if let Value::Array(list) = field
            && let [only] = list.as_mut_slice()
            && is_scalar(only)
        {
            *field = only.take();
        }
    }
}

/// The value at a dotted path, whose dots may be levels or parts of keys.
fn get<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    let object = value.as_object()?;
    object.get(path).or_else(|| {
        path.match_indices('.').find_map(|(at, _)| {
            let (head, tail) = (path.get(..at)?, path.get(at + 1..)?);
            get(object.get(head)?, tail)
        })
    })
}

/// The object at a dotted path, with what keys of the document's top level say
/// of it.
fn subtree(document: &Value, path: &str) -> Option<Map<String, Value>> {
    let mut tree = get(document, path)
        .filter(|whole| whole.is_object())
        .cloned()
        .unwrap_or_default();
    for (key, value) in document.as_object()? {
        let inner = key.strip_prefix(path).and_then(|key| key.strip_prefix('.'));
        if let Some(inner) = inner
            && inner.split('.').take(MAX_LEVELS + 1).count() <= MAX_LEVELS
        {
            put(&mut tree, inner, value.clone());
        }
    }
    match tree {
        Value::Object(tree) => Some(tree),
        _ => None,
    }
}

fn is_scalar(value: &Value) -> bool {
    matches!(value, Value::String(_) | Value::Bool(_) | Value::Number(_))
}

/// Puts `value` at a dotted path, and objects on the way to it.
fn put(record: &mut Value, path: &str, value: Value) {
    let mut place = record;
    for key in path.split('.') {
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        let Value::Object(object) = place else {
            return;
        };
        place = object.entry(key).or_insert(Value::Null);
    }
    *place = value;
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use serde_json::json;

    use super::*;
    use crate::event::Source;

    #[test]
    fn vault_entry_gets_its_time_back() {
        let request = json!({"id": "r1", "path": "secret/data/a"});
        let nested = json!({
            "@timestamp": "2026-11-07T09:01:00.500Z",
            "event": {"action": "read"},
            "hashicorp_vault": {"audit": {"type": "request", "request": request}}
        });
        let dotted = json!({
            "@timestamp": "2026-11-07T09:01:00.500Z",
            "hashicorp_vault.audit.type": "request",
            "hashicorp_vault.audit.request.id": "r1",
            "hashicorp_vault.audit.request.path": "secret/data/a"
        });
        let expected =
            json!({"type": "request", "request": request, "time": "2026-11-07T09:01:00.500Z"});
        for document in [nested, dotted] {
            let rebuilt = rebuild(&document.to_string()).unwrap();
            assert_eq!((rebuilt.source, rebuilt.is_reduced), (Source::Vault, false));
            let record: Value = serde_json::from_str(&rebuilt.text).unwrap();
            assert_eq!(record, expected);
        }
        let no_request = json!({"hashicorp_vault": {"audit": {"type": "request"}}});
        assert_eq!(
            rebuild(&no_request.to_string()),
            Err(SkipReason::UnknownType)
        );
    }

    #[test]
    fn fields_of_a_search_are_lists_of_one() {
        let fields = json!({
            "@timestamp": ["2026-11-07T09:01:00.500Z"],
            "okta.event_type": ["user.session.start"],
            "okta.actor.id": ["00u1"],
            "okta.debug_context.debug_data.risk_behaviors": ["New IP"],
            "okta.target": [{"id": "0oa1", "display_name": "app"}],
        });
        let rebuilt = rebuild(&fields.to_string()).unwrap();
        let record: Value = serde_json::from_str(&rebuilt.text).unwrap();
        let expected = json!({
            "published": "2026-11-07T09:01:00.500Z", "eventType": "user.session.start",
            "actor": {"id": "00u1"}, "target": [{"id": "0oa1", "displayName": "app"}],
            "debugContext": {"debugData": {"behaviors": {"New IP": "POSITIVE"}}},
        });
        assert_eq!(record, expected);
    }

    /// R-IN-3
    #[test]
    fn a_key_cannot_stand_for_more_levels_than_a_record_may_have() {
        let deep = format!("okta.{}", "a.".repeat(1_000_000));
        let document = json!({"okta.event_type": "a", deep: 1});
        let rebuilt = rebuild(&document.to_string()).unwrap();
        assert_eq!(rebuilt.text, r#"{"eventType":"a"}"#);
    }
}
