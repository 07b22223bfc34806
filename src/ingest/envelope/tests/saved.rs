//! What scripts and tools save of records that they fetched.

use super::*;

#[test]
fn lists_under_any_name_are_opened_where_they_hold_records() {
    let text = serde_json::to_string(OKTA).unwrap_or_default();
    for list in [
        format!(r#"{{"total":1,"okta_events":[{OKTA}]}}"#),
        format!(r#"{{"alerts":[{{"Records":[{OKTA}]}}]}}"#),
        format!(r#"{{"u1":{OKTA},"meta":{{}}}}"#),
    ] {
        assert_found(&list, &["okta 44"]);
    }
    let two = format!(r#"{{"alice":[{OKTA}],"bob":[{OKTA},1]}}"#);
    assert_found(&two, &["okta 44", "okta 44", "unknown_type"]);
    // What a stranger wrote is nobody's record.
    for other in [
        format!(r#"{{"n":1,"query":{OKTA}}}"#),
        format!(r#"{{"arguments":[{text}]}}"#),
        format!(r#"{{"a":{{"b":[{OKTA}]}},"n":1}}"#),
        format!(r#"{{"mixed":[1,{OKTA}]}}"#),
    ] {
        assert_found(&other, &["unknown_type"]);
    }
}

#[test]
fn records_are_found_in_what_tools_print() {
    let text = serde_json::to_string(OKTA).unwrap_or_default();
    let bytes: Vec<String> = OKTA.bytes().map(|byte| byte.to_string()).collect();
    let typed = r#"{"kvlistValue":{"values":[{"key":"eventType","value":{"stringValue":"a"}},{"key":"published","value":{"stringValue":"t"}},{"key":"actor","value":{"kvlistValue":{"values":[]}}}]}}"#;
    let content = format!(r#"{{"mimeType":"application/json","text":{text}}}"#);
    for (wrapped, length) in [
        (
            format!(r#"{{"__CURSOR":"s","MESSAGE":[{}]}}"#, bytes.join(",")),
            44,
        ),
        (format!(r#"{{"_time":1,"_raw":{OKTA}}}"#), 44),
        (format!(r#"{{"timeUnixNano":"1","body":{typed}}}"#), 44),
        (format!(r#"{{"_1":{OKTA}}}"#), 44),
        (
            format!(r#"{{"input":{{"message":{text}}},"expected":{{"a":1}}}}"#),
            44,
        ),
        (
            format!(r#"{{"log":{{"entries":[{{"response":{{"content":{content}}}}}]}}}}"#),
            44,
        ),
        (
            r#"{"columns":["eventType","published","actor"],"index":[0],"data":[["a","t",{}]]}"#
                .to_owned(),
            44,
        ),
        (
            "{'eventType': 'a', 'published': 't', 'actor': {}}".to_owned(),
            49,
        ),
    ] {
        let found = format!("okta {length}");
        assert_found(&wrapped, &[&found]);
    }
    for nothing in [
        r#"{"MESSAGE":[1,2,300]}"#,
        r#"{"MESSAGE":[120,121]}"#,
        "{'a': b'c'}",
    ] {
        assert_found(nothing, &["unknown_type"]);
    }
}

#[test]
fn an_action_without_a_time_is_no_unknown_record() {
    let record = r#"{"eventName":"n","eventSource":"s","userIdentity":{}}"#;
    assert_found(record, &["cloudtrail 53"]);
    assert_found(r#"{"eventName":"n","eventSource":"s"}"#, &["unknown_type"]);
}
