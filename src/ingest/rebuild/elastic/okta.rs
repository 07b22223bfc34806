//! Okta's System Log: its own paths in snake case under `okta`, but for what
//! the common schema has a place for.

use serde_json::{Map, Value};

use super::{get, is_scalar, put};
use crate::event::Source;
use crate::ingest::rebuild::Rebuilt;

/// Where the document keeps what is not under `okta`.
const OUTSIDE: [(&str, &str); 4] = [
    ("published", "@timestamp"),
    ("uuid", "event.id"),
    ("eventType", "event.action"),
    (
        "client.geographicalContext.country",
        "client.geo.country_name",
    ),
];

/// Paths under `okta`, in camel case, whose names say more than the letter case
/// has changed.
const RENAMED: [(&str, &str); 3] = [
    ("client.ipAddress", "client.ip"),
    ("securityContext.asNumber", "securityContext.as.number"),
    (
        "securityContext.asOrg",
        "securityContext.as.organization.name",
    ),
];

/// The debug data as they were.
const WHOLE: &str = "flattened";

/// Puts the event `event` of the document together again.
pub(super) fn rebuild(document: &Value, event: Map<String, Value>) -> Rebuilt {
    let mut record = Value::Object(camel_keys(event));
    for (native, stored) in RENAMED {
        if let Some(value) = get(&record, stored).cloned() {
            put(&mut record, native, value);
        }
    }
    for (native, path) in OUTSIDE {
        if get(&record, native).is_none()
            && let Some(value) = get(document, path).filter(|value| is_scalar(value))
        {
            put(&mut record, native, value.clone());
        }
    }
    if let Some(Value::Object(data)) = get(&record, "debugContext.debugData") {
        let data = debug_data(data.clone());
        put(&mut record, "debugContext.debugData", data);
    }
    Rebuilt {
        source: Source::Okta,
        text: record.to_string(),
        is_reduced: true,
    }
}

/// The debug data: as they were, with what is only known from their extract.
fn debug_data(mut extract: Map<String, Value>) -> Value {
    let mut data = match extract.remove(WHOLE) {
        Some(Value::Object(whole)) => whole,
        _ => Map::new(),
    };
    if let Some(level) = extract.remove("riskLevel") {
        let risk = Map::from_iter([("level".to_owned(), level)]);
        data.entry("risk").or_insert(Value::Object(risk));
    }
    let found = match extract.remove("riskBehaviors") {
        Some(Value::Array(found)) => found,
        one => one.into_iter().collect(),
    };
    if !found.is_empty() {
        let found = found.iter().filter_map(Value::as_str);
        let marks = found.map(|name| (name.to_owned(), Value::from("POSITIVE")));
        let marks = Value::Object(marks.collect());
        data.entry("behaviors").or_insert(marks);
    }
    for (name, value) in extract {
        data.entry(name).or_insert(value);
    }
    Value::Object(data)
}

/// The object with its names and those inside of it in camel case. How deep it
/// is was bounded where records are cut.
fn camel_keys(object: Map<String, Value>) -> Map<String, Value> {
    let members = object.into_iter();
    let renamed = members.map(|(key, value)| match key.as_str() {
        WHOLE => (key, value),
        _ => (camel(&key), camel_value(value)),
    });
    renamed.collect()
}

fn camel_value(value: Value) -> Value {
    match value {
        Value::Object(object) => Value::Object(camel_keys(object)),
        Value::Array(list) => list.into_iter().map(camel_value).collect(),
        other => other,
    }
}

/// `alternateId` of `alternate_id`.
fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |mut name, word| {
        let mut letters = word.chars();
        name.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        name.push_str(letters.as_str());
        name
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use serde_json::json;

    use super::*;

    fn rebuilt(document: &Value) -> Value {
        let rebuilt = super::super::rebuild(&document.to_string()).unwrap();
        assert_eq!((rebuilt.source, rebuilt.is_reduced), (Source::Okta, true));
        serde_json::from_str(&rebuilt.text).unwrap()
    }

    #[test]
    fn event_gets_its_own_names_back() {
        let document = json!({
            "@timestamp": "2026-11-07T08:59:40.120Z",
            "event": {"action": "user.session.start", "id": "u1", "outcome": "success"},
            "client": {"ip": "203.0.113.7", "geo": {"country_name": "Norway"}},
            "source": {"geo": {"country_name": "Elsewhere"}},
            "okta": {
                "uuid": "u1",
                "event_type": "user.session.start",
                "actor": {"id": "00u1", "alternate_id": "alice@corp.example", "type": "User"},
                "client": {"ip": "203.0.113.7", "user_agent": {"raw_user_agent": "Mozilla/5.0"}},
                "security_context": {
                    "as": {"number": 64500, "organization": {"name": "Example Net"}},
                    "is_proxy": false
                },
                "target": [{"id": "0oa9", "alternate_id": "AWS", "type": "AppInstance"}],
                "debug_context": {"debug_data": {
                    "request_uri": "/a",
                    "risk_level": "LOW",
                    "flattened": {"requestUri": "/a", "risk": {"level": "HIGH"}, "a_b": "kept"}
                }}
            }
        });
        let expected = json!({
            "uuid": "u1",
            "published": "2026-11-07T08:59:40.120Z",
            "eventType": "user.session.start",
            "actor": {"id": "00u1", "alternateId": "alice@corp.example", "type": "User"},
            "client": {
                "ip": "203.0.113.7",
                "ipAddress": "203.0.113.7",
                "userAgent": {"rawUserAgent": "Mozilla/5.0"},
                "geographicalContext": {"country": "Norway"}
            },
            "securityContext": {
                "as": {"number": 64500, "organization": {"name": "Example Net"}},
                "asNumber": 64500,
                "asOrg": "Example Net",
                "isProxy": false
            },
            "target": [{"id": "0oa9", "alternateId": "AWS", "type": "AppInstance"}],
            "debugContext": {"debugData": {
                "requestUri": "/a", "risk": {"level": "HIGH"}, "a_b": "kept"
            }}
        });
        assert_eq!(rebuilt(&document), expected);
    }

    #[test]
    fn dots_may_be_parts_of_keys_and_verdicts_an_extract() {
        let document = json!({
            "@timestamp": "2026-11-07T08:59:40.120Z",
            "okta.event_type": "user.session.start",
            "okta.actor.alternate_id": "alice@corp.example",
            "okta.debug_context.debug_data.risk_behaviors": ["New IP"],
            "okta.debug_context.debug_data.risk_level": "HIGH"
        });
        let expected = json!({
            "published": "2026-11-07T08:59:40.120Z",
            "eventType": "user.session.start",
            "actor": {"alternateId": "alice@corp.example"},
            "debugContext": {"debugData": {
                "risk": {"level": "HIGH"}, "behaviors": {"New IP": "POSITIVE"}
            }}
        });
        assert_eq!(rebuilt(&document), expected);
    }
}
