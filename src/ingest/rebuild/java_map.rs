//! Maps as Java prints them: `{bucketName=b, key=a/b, tags=[{k=v}, {k=w}]}`.
//!
//! Nothing is quoted or escaped, so a value that holds `, key=` cannot be told
//! from two values. What could be read in two ways is not read at all.

use serde_json::{Map, Value};

/// Maps inside maps that are followed.
const MAX_DEPTH: u8 = 24;

/// The map that all of `text` is; `None` when it is none, or not clearly one.
pub(super) fn parse(text: &str) -> Option<Value> {
    map(text, 0)
}

fn map(text: &str, depth: u8) -> Option<Value> {
    let inner = text.strip_prefix('{')?.strip_suffix('}')?;
    let mut map = Map::new();
    if inner.is_empty() {
        return Some(Value::Object(map));
    }
    for member in split(inner, |rest| key(rest).is_some())? {
        let name = key(member)?;
        let value = member.get(name.len() + 1..)?;
        let is_new = map.insert(name.to_owned(), self::value(value, depth)?);
        if is_new.is_some() {
            return None;
        }
    }
    Some(Value::Object(map))
}

fn value(text: &str, depth: u8) -> Option<Value> {
    if depth >= MAX_DEPTH {
        return None;
    }
    if text == "null" {
        return Some(Value::Null);
    }
    // JSON text inside a map looks like one from outside.
    let nested = map(text, depth + 1).or_else(|| list(text, depth + 1));
    Some(nested.unwrap_or_else(|| text.into()))
}

fn list(text: &str, depth: u8) -> Option<Value> {
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    if inner.is_empty() {
        return Some(Value::Array(Vec::new()));
    }
    let elements = split(inner, |_| true)?.into_iter();
    let values: Option<Vec<Value>> = elements.map(|text| value(text, depth)).collect();
    values.map(Value::Array)
}

/// The name that `text` begins with, if an equals sign follows.
fn key(text: &str) -> Option<&str> {
    let (name, _) = text.split_once('=')?;
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"_.:/-$@".contains(&b);
    (!name.is_empty() && name.bytes().all(is_plain)).then_some(name)
}

/// Cuts `text` at each comma outside of brackets behind which something begins.
/// `None` when the brackets do not match.
fn split(text: &str, begins: impl Fn(&str) -> bool) -> Option<Vec<&str>> {
    let mut parts = Vec::new();
    let mut from = 0;
    let mut depth = 0_u32;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.checked_sub(1)?,
            b',' if depth == 0 => {
                let rest = text.get(at + 1..)?.strip_prefix(' ');
                if rest.is_some_and(&begins) {
                    parts.push(text.get(from..at)?);
                    from = at + 2;
                }
            }
            _ => {}
        }
    }
    parts.push(text.get(from..)?);
    (depth == 0).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn assert_parsed(text: &str, expected: Value) {
        assert_eq!(parse(text), Some(expected), "{text}");
    }

    #[test]
    fn maps_and_lists_are_read() {
        assert_parsed("{}", json!({}));
        assert_parsed(
            "{bucketName=b, key=a/b=c, kmsKeyId=, x=null, tags=[{key=k, value=v}, {}], ids=[a, b]}",
            json!({
                "bucketName": "b", "key": "a/b=c", "kmsKeyId": "", "x": null,
                "tags": [{"key": "k", "value": "v"}, {}], "ids": ["a", "b"]
            }),
        );
    }

    #[test]
    fn commas_and_json_inside_a_value_are_part_of_it() {
        assert_parsed(
            r#"{expiration=Oct 2, 2019 11:12:29 PM, policy={"a": [1, 2], "b": "x=y"}}"#,
            json!({
                "expiration": "Oct 2, 2019 11:12:29 PM",
                "policy": r#"{"a": [1, 2], "b": "x=y"}"#
            }),
        );
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_not_read() {
        for text in [
            "{key=x, bucketName=forged, bucketName=b}",
            "{key=x}, bucketName=forged, y={z}",
            "{key=a{b}",
            "text",
            "{text}",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn maps_nested_too_deep_are_text() {
        let deep = |n: usize| format!("{}{}", "{a=".repeat(n), "}".repeat(n));
        let innermost = |n: usize| {
            let mut value = parse(&deep(n));
            while let Some(Value::Object(mut map)) = value {
                value = map.remove("a");
            }
            value
        };
        assert_eq!(innermost(10_000), Some(deep(9_976).into()));
    }
}
