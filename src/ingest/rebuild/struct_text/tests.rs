#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::prelude::*;
use serde_json::json;

use super::*;

const PERSON: &[Key] = &[
    Key("type", Shape::Word),
    Key("principalId", Shape::Principal),
    Key("arn", Shape::Arn),
    Key("accountId", Shape::Account),
    Key("userName", Shape::Text),
    Key("session", Shape::Struct(SESSION)),
    Key("tags", Shape::Map),
    Key("list", Shape::List(SESSION)),
];
const SESSION: &[Key] = &[
    Key("begin", Shape::Time),
    Key("arn", Shape::Arn),
    Key("userName", Shape::Text),
];

#[track_caller]
fn reads(text: &str, expected: Value) {
    let read = parse(text, Shape::Struct(PERSON));
    assert_eq!(read, Some(expected), "{text}");
}

#[test]
fn keys_are_spelt_as_the_product_spells_them_and_null_is_absent() {
    reads("{}", json!({}));
    reads(
        "{type=User, principalid=null, accountid=111122223333, username=-, session=null}",
        json!({"type": "User", "accountId": "111122223333"}),
    );
    reads(
        "{ACCOUNTID=anonymous, tags={}, list=[], session={}}",
        json!({"accountId": "anonymous", "tags": {}, "list": [], "session": {}}),
    );
    reads(
        "{session={begin=2026-11-07 18:00:00.000, arn=null}, username=b}",
        json!({"session": {"begin": "2026-11-07T18:00:00Z"}, "userName": "b"}),
    );
    reads(
        "{list=[{arn=arn:x}, {username=a, b}, {}], type=T}",
        json!({"list": [{"arn": "arn:x"}, {"userName": "a, b"}, {}], "type": "T"}),
    );
}

#[test]
fn nothing_inside_a_value_opens_or_closes_anything() {
    let arn = "arn:aws:sts::111122223333:assumed-role/Dev";
    for session in [
        "a",
        "a, arn=evil}",
        "a}, type=Root",
        "a, accountid=",
        "a, accountid=999999999999, ",
        "{a={b}}",
        "a}}",
        "a, arn=arn:x",
        "a, arn=arn:aws:iam::999999999999:role/a",
        "a, b=c, username=d",
    ] {
        reads(
            &format!(
                "{{type=AssumedRole, principalid=AROA:{session}, arn={arn}/{session}, \
                 accountid=111122223333, username=null, \
                 session={{begin=null, arn=arn:aws:iam::111122223333:role/Dev, username=Dev}}}}"
            ),
            json!({
                "type": "AssumedRole",
                "principalId": format!("AROA:{session}"),
                "arn": format!("{arn}/{session}"),
                "accountId": "111122223333",
                "session": {"arn": "arn:aws:iam::111122223333:role/Dev", "userName": "Dev"},
            }),
        );
    }
    reads(
        "{session={begin=null, arn=null, username=x}, begin=y}}, username=z}",
        json!({"session": {"userName": "x}, begin=y}"}, "userName": "z"}),
    );
}

#[test]
fn maps_hold_any_keys_and_values() {
    let read = |text| parse(text, Shape::Map);
    assert_eq!(
        read(r#"{bucketName=b, key=a/b, x.y:z-1=, n=null, Host=h=1, q=a, b}"#),
        Some(json!({"bucketName": "b", "key": "a/b", "Host": "h=1", "q": "a, b"}))
    );
    assert_eq!(
        read(r#"{set={"items":[{"id":"i, x=1"}]}, in={a={b=c}, d=[1]}, list=[i-1, i-2]}"#),
        Some(json!({
            "set": {"items": [{"id": "i, x=1"}]},
            "in": {"a": {"b": "c"}, "d": [1]},
            "list": "[i-1, i-2]"
        }))
    );
    assert_eq!(read("{a=1, a=2}"), Some(json!({"a": "1"})));
}

#[test]
fn what_is_no_struct_text_is_refused() {
    for text in [
        "",
        "{",
        "}",
        "x",
        "{x=1}",
        "{type=User",
        "{type=User}}",
        "{type=User,accountid=1}",
        "{type=User, type=Role}",
        "{\"type\":\"User\"}",
        "{'type': 'User'}",
    ] {
        assert_eq!(parse(text, Shape::Struct(PERSON)), None, "{text}");
    }
}

#[test]
fn hostile_text_is_given_up_in_time() {
    let n = 200_000;
    for text in [
        format!("{{a={{b=, {}", "a={b=, ".repeat(n)),
        "{a=".repeat(n),
        format!("{{{}", "a={, ".repeat(n)),
        format!("{{{}", "a=[[, ".repeat(n)),
        format!("{{{}", "a={\"b\":[\"c\", ".repeat(n)),
    ] {
        assert_eq!(parse(&text, Shape::Map), None);
    }
    let text = format!("{{principalid=x:{}}}", ", arn=arn:x".repeat(n));
    assert_eq!(parse(&text, Shape::Struct(PERSON)), None);
    let text = format!("{{username={}", "}, type=A".repeat(n));
    assert_eq!(parse(&text, Shape::Struct(PERSON)), None);
}

/// As query engines render it.
fn rendered(value: &Value, keys: &[Key]) -> String {
    let members = keys.iter().map(|Key(name, shape)| {
        let value = value.get(name).map(|value| match (value, shape) {
            (Value::Object(_), Shape::Struct(keys)) => rendered(value, keys),
            (Value::Object(map), _) => {
                let members = map
                    .iter()
                    .map(|(key, value)| format!("{key}={}", value.as_str().unwrap()));
                format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
            }
            (Value::Array(items), Shape::List(keys)) => {
                let items = items.iter().map(|item| rendered(item, keys));
                format!("[{}]", items.collect::<Vec<_>>().join(", "))
            }
            (value, _) => value.as_str().unwrap().to_owned(),
        });
        let value = value.unwrap_or_else(|| "null".to_owned());
        format!("{}={value}", name.to_lowercase())
    });
    format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
}

fn object(members: Vec<(&str, Option<Value>)>) -> Value {
    let members = members.into_iter();
    members
        .filter_map(|(key, value)| Some((key.to_owned(), value?)))
        .collect()
}

/// Text with everything that means something elsewhere, but not a whole member
/// that could stand where the text stands, no border between two objects, and
/// nothing that stands for no value.
fn text() -> impl Strategy<Value = Value> {
    "[a-z][a-z{}=, :/]{0,12}[a-z]"
        .prop_filter("a border", |text| !text.contains("}, {"))
        .prop_filter("no value", |text| !is_absent(text))
        .prop_map(Value::String)
}

fn session() -> impl Strategy<Value = Value> {
    let arn = "arn:[a-z/:]{1,9}".prop_map(Value::String);
    let time = Just(json!("2026-11-07T18:00:00Z"));
    let parts = (
        prop::option::of(time),
        prop::option::of(arn),
        prop::option::of(text()),
    );
    parts.prop_map(|(begin, arn, name)| {
        object(vec![("begin", begin), ("arn", arn), ("userName", name)])
    })
}

proptest! {
    #[test]
    fn what_is_rendered_is_read(
        kind in prop::option::of("[A-Z][A-Za-z:]{0,9}"),
        account in "[0-9]{12}",
        name in prop::option::of(text()),
        id in text(),
        session in prop::option::of(session()),
        tags in prop::collection::btree_map("[a-z.:/-]{1,6}", "[a-z0-9: ]{0,3}[a-z0-9]", 0..4),
        list in prop::collection::vec(session(), 0..4),
    ) {
        let id = id.as_str().unwrap();
        let value = object(vec![
            ("type", kind.map(Value::String)),
            ("principalId", Some(json!(format!("AROA:{id}")))),
            ("arn", Some(json!(format!("arn:aws:sts::1:assumed-role/r/{id}")))),
            ("accountId", Some(json!(account))),
            ("userName", name),
            ("session", session),
            ("tags", Some(json!(tags))),
            ("list", Some(Value::Array(list))),
        ]);
        prop_assert_eq!(parse(&rendered(&value, PERSON), Shape::Struct(PERSON)), Some(value));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[{}\\[\\]=, a\":é]{0,60}") {
        for shape in [Shape::Struct(PERSON), Shape::Map, Shape::List(SESSION)] {
            parse(&text, shape);
            parse(&format!("{{type=User, tags={text}, session={{arn={text}}}}}"), shape);
        }
    }
}
