//! Values that databases and collectors wrap in the names of their types:
//! `{"$date": …}`, `{"S": …}`, `{"stringValue": …}`.

use serde_json::{Map, Value};

/// The JSON `text` with every such value as it was before, if it has any.
pub(in crate::ingest) fn plain(text: &str) -> Option<String> {
    let value: Value = serde_json::from_str(text).ok()?;
    let mut is_typed = false;
    let value = unwrapped(value, &mut is_typed);
    is_typed.then(|| value.to_string())
}

/// How deep it goes, the reader of JSON bounds.
fn unwrapped(value: Value, is_typed: &mut bool) -> Value {
    let value = match value {
        Value::Array(list) => {
            let list = list.into_iter();
            return list.map(|value| unwrapped(value, is_typed)).collect();
        }
        Value::Object(object) => object,
        other => return other,
    };
    match only_member(value) {
        Ok((key, inner)) => match untyped(&key, inner) {
            Ok(inner) => {
                *is_typed = true;
                unwrapped(inner, is_typed)
            }
            Err(inner) => Map::from_iter([(key, unwrapped(inner, is_typed))]).into(),
        },
        Err(object) => {
            let members = object.into_iter();
            let members = members.map(|(key, value)| (key, unwrapped(value, is_typed)));
            Value::Object(members.collect())
        }
    }
}

/// The only member of an object.
fn only_member(object: Map<String, Value>) -> Result<(String, Value), Map<String, Value>> {
    if object.len() != 1 {
        return Err(object);
    }
    let mut members = object.into_iter();
    members.next().ok_or_else(Map::new)
}

/// What a value under the name of a type stands for; the value itself where that
/// is no name of a type.
fn untyped(key: &str, value: Value) -> Result<Value, Value> {
    match (key, value) {
        // MongoDB's extended JSON, DynamoDB's JSON, OpenTelemetry's.
        (
            "$date" | "$numberInt" | "$numberLong" | "$numberDouble" | "$numberDecimal" | "N"
            | "intValue" | "doubleValue",
            value,
        ) => Ok(number(value)),
        ("S" | "stringValue" | "$oid", value @ Value::String(_))
        | ("BOOL" | "boolValue", value @ Value::Bool(_))
        | ("L" | "SS", value @ Value::Array(_))
        | ("M", value @ Value::Object(_)) => Ok(value),
        ("NULL", Value::Bool(true)) => Ok(Value::Null),
        ("arrayValue", Value::Object(mut list)) => Ok(list
            .remove("values")
            .unwrap_or_else(|| Vec::<Value>::new().into())),
        ("kvlistValue", Value::Object(mut list)) => Ok(pairs(list.remove("values"))),
        (_, value) => Err(value),
    }
}

/// A number that stands in text, or the value as it is.
fn number(value: Value) -> Value {
    let number = value.as_str().and_then(|text| text.parse::<i64>().ok());
    number.map_or(value, Value::from)
}

/// The object of a list of keys and values.
fn pairs(list: Option<Value>) -> Value {
    let Some(Value::Array(list)) = list else {
        return Value::Object(Map::new());
    };
    let pair = |mut pair: Value| {
        let key = pair.get("key")?.as_str()?.to_owned();
        Some((key, pair.get_mut("value")?.take()))
    };
    Value::Object(list.into_iter().filter_map(pair).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn becomes(typed: &Value, expected: &Value) {
        let plain = plain(&typed.to_string());
        let plain = plain.and_then(|text| serde_json::from_str::<Value>(&text).ok());
        assert_eq!(plain.as_ref(), Some(expected));
    }

    #[test]
    fn values_are_as_they_were_before_they_were_stored() {
        becomes(
            &json!({
                "at": {"$date": {"$numberLong": "1794074581000"}}, "id": {"$oid": "65"},
                "n": {"$numberInt": "7"}, "iso": {"$date": "2026-11-07T18:03:01Z"},
            }),
            &json!({"at": 1_794_074_581_000_i64, "id": "65", "n": 7, "iso": "2026-11-07T18:03:01Z"}),
        );
        becomes(
            &json!({
                "m": {"M": {"a": {"S": "x"}, "b": {"BOOL": true}, "c": {"NULL": true}}},
                "l": {"L": [{"N": "1"}, {"S": "y"}]},
            }),
            &json!({"m": {"a": "x", "b": true, "c": null}, "l": [1, "y"]}),
        );
        let pair = |key: &str, value: Value| json!({"key": key, "value": value});
        becomes(
            &json!({"kvlistValue": {"values": [
                pair("a", json!({"stringValue": "x"})),
                pair("b", json!({"arrayValue": {"values": [{"intValue": "1"}]}})),
                pair("c", json!({"kvlistValue": {}})),
            ]}}),
            &json!({"a": "x", "b": [1], "c": {}}),
        );
    }

    #[test]
    fn other_objects_of_one_member_are_none() {
        assert_eq!(plain(r#"{"a":{"S":1},"b":{"name":"x"}}"#), None);
        assert_eq!(plain("{"), None);
    }
}
