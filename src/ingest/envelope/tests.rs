use super::*;

#[derive(Default)]
struct List(Vec<String>);

impl Sink for List {
    fn found(&mut self, found: Found<'_>) {
        self.0.push(match found {
            Found::Record(source, text) => format!("{} {}", source.name(), text.len()),
            Found::Skip(reason) | Found::Context(reason, _) => reason.name().to_owned(),
            Found::Apart(rendering, _) => format!("{rendering:?}").to_lowercase(),
        });
    }
}

#[track_caller]
fn assert_found(text: &str, expected: &[&str]) {
    let mut list = List::default();
    let keys = delimit(text.as_bytes()).map_or_else(Keys::default, |(_, keys)| keys);
    unwrap(text, keys, &mut list);
    assert_eq!(list.0, expected, "{text}");
}

const OKTA: &str = r#"{"eventType":"a","published":"t","actor":{}}"#;

#[test]
fn natives_are_recognised_before_wrappers() {
    assert_found(OKTA, &["okta 44"]);
    assert_found(
        r#"{"records":[1],"eventType":"a","published":"t","actor":{}}"#,
        &["okta 58"],
    );
    assert_found(r#"{"type":"request","request":{}}"#, &["vault 31"]);
    assert_found(r#"{"type":"request","request":"GET /"}"#, &["unknown_type"]);
    assert_found(r#"{"type":"query","request":{}}"#, &["unknown_type"]);
    assert_found(r#"{"class_uid":6003,"metadata":{},"actor":{}}"#, &["ocsf"]);
}

#[test]
fn records_without_capitals_are_recognised() {
    let lower = r#"{"eventsource":"s","eventname":"n","useridentity":{}}"#;
    assert_found(lower, &["lowercase"]);
    assert_found(r#"{"eventsource":"s","eventname":"n"}"#, &["unknown_type"]);
}

#[test]
fn wrappers_are_opened_six_deep() {
    let wrap = |n: usize| {
        (0..n).fold(OKTA.to_owned(), |inner, _| {
            format!(r#"{{"records":[{inner}]}}"#)
        })
    };
    assert_found(&wrap(6), &["okta 44"]);
    assert_found(&wrap(7), &["unknown_type"]);
}

#[test]
fn text_that_looks_like_a_record_and_is_none_is_counted() {
    assert_found(r#"{"log":"{\"a\":"}"#, &["truncated_record"]);
    assert_found(r#"{"log":"{} x"}"#, &["malformed"]);
    assert_found(r#"{"log":"plain"}"#, &["unknown_type"]);
    assert_found(r#"{"_raw":"plain"}"#, &["unknown_type"]);
    assert_found(r#"[1,null]"#, &["unknown_type", "unknown_type"]);
    assert_found(r#"{"Records":[]}"#, &[]);
}

#[test]
fn arrays_are_found_in_cut_envelopes() {
    let found = |text: &str| record_array(text.as_bytes()).map(|a| (a.n_bytes, a.n_objects));
    assert_eq!(found(r#"{"a":[1],"events": [{"x"#), Some((20, 1)));
    assert_eq!(found(r#"{"hits":{"total":1,"hits":[{"#), Some((27, 2)));
    assert_eq!(found(r#"{"a":{"events":[{"#), None);
    assert_eq!(found(r#"{"events":{"a"#), None);
}

#[test]
fn data_of_a_rule_test_is_opened_when_it_is_known() {
    let test = |data: &str| format!(r#"{{"data":{data},"log":"a:b","trigger_rules":["x"]}}"#);
    assert_found(&test(OKTA), &["okta 44"]);
    assert_found(&test(&format!(r#"{{"Records":[{OKTA}]}}"#)), &["okta 44"]);
    let bridged = format!(r#"{{"detail-type":"x","detail":{OKTA}}}"#);
    assert_found(&test(&bridged), &["okta 44"]);
    for data in [r#"{"records":[1]}"#, r#"{"a":1}"#, "[1]", "\"x\""] {
        assert_found(&test(data), &["unknown_type"]);
    }
    assert_found(&test(&test(OKTA)), &["unknown_type"]);
}

#[test]
fn a_record_in_a_string_may_be_too_deep() {
    let deep = format!(r#"{{\"a\":{}1"#, "[".repeat(1000));
    assert_found(&format!(r#"{{"message":"{deep}"}}"#), &["too_deep"]);
}
