use super::*;

#[derive(Default)]
struct List(Vec<String>, Mappings);

impl Sink for List {
    fn mappings(&self) -> &Mappings {
        &self.1
    }

    fn found(&mut self, found: Found<'_>) {
        self.0.push(match found {
            Found::Record(source, text) => format!("{} {}", source.name(), text.len()),
            Found::Mapped(mapping, _) => mapping.name.clone(),
            Found::Cut(_) => "cut".to_owned(),
            Found::Event(text) => format!("event {}", text.len()),
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
    assert_found(
        r#"{"schema":"habitual.event/1","actor":{},"message":"{}"}"#,
        &["event 55"],
    );
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
    assert_found(r#"{"log":"{\"a\":"}"#, &["cut"]);
    assert_found(r#"{"log":"{} x"}"#, &["malformed"]);
    assert_found(r#"{"log":"plain"}"#, &["unknown_type"]);
    assert_found(r#"{"_raw":"plain"}"#, &["unknown_type"]);
    assert_found(r#"[1,null]"#, &["unknown_type", "unknown_type"]);
    assert_found(r#"{"Records":[]}"#, &[]);
}

#[test]
fn rows_of_query_results_are_records() {
    let message = serde_json::to_string(OKTA).unwrap_or_default();
    let cells =
        format!(r#"{{"field":"@timestamp","value":"t"}},{{"field":"@message","value":{message}}}"#);
    assert_found(
        &format!(r#"{{"results":[[{cells}],[{{"field":"a","value":"b"}}]],"status":"Complete"}}"#),
        &["okta 44", "unknown_type"],
    );
    let columns = r#"[{"eventVersion":"1"},{"eventSource":"s"},{"eventName":"n"}]"#;
    assert_found(
        &format!(r#"{{"QueryResultRows":[{columns}]}}"#),
        &["cloudtrail 54"],
    );
    // Several wrappers with one key each are no row.
    let pages = format!(r#"[{{"records":[{OKTA}]}},{{"records":[{OKTA}]}}]"#);
    assert_found(&pages, &["okta 44", "okta 44"]);
    let messages = format!(r#"[{{"log":{message}}},{{"log":{message}}}]"#);
    assert_found(&messages, &["okta 44", "okta 44"]);
}

#[test]
fn subscription_data_is_unpacked_or_counted() {
    use base64::Engine as _;
    use std::io::Write as _;
    let pack = |text: &str| {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        let _ = gzip.write_all(text.as_bytes());
        base64::engine::general_purpose::STANDARD.encode(gzip.finish().unwrap_or_default())
    };
    let data = |data: &str| format!(r#"{{"awslogs":{{"data":"{data}"}}}}"#);
    let packed = pack(&format!(r#"{{"records":[{OKTA}]}}"#));
    assert_found(&data(&packed), &["okta 44"]);
    assert_found(&data(packed.trim_end_matches('=')), &["okta 44"]);
    assert_found(&data("?"), &["malformed"]);
    assert_found(&data("dGhpcyBpcyBubyBnemlwIHN0cmVhbQ=="), &["malformed"]);
    let cut = packed.get(..packed.len() / 8 * 4).unwrap_or_default();
    assert_found(&data(cut), &["truncated_record"]);
    assert_found(&data(&pack(&" ".repeat(1 << 20))), &["too_large"]);
}

#[test]
fn what_a_filter_has_read_of_a_cut_message_is_used() {
    let cut = r#"{\"eventType\":\"a\""#;
    assert_found(
        &format!(r#"{{"message":"{cut}","extractedFields":{OKTA}}}"#),
        &["okta 44"],
    );
    let whole = serde_json::to_string(OKTA).unwrap_or_default();
    assert_found(
        &format!(r#"{{"extractedFields":{{"a":1}},"message":{whole}}}"#),
        &["okta 44"],
    );
}

#[test]
fn the_original_goes_before_what_elastic_made_of_it() {
    let aws = r#""aws":{"cloudtrail":{"event_version":"1.08"}},"host":{"name":"h"}"#;
    assert_found(
        &format!(r#"{{"event":{{"action":"a"}},{aws}}}"#),
        &["elastic"],
    );
    let original = serde_json::to_string(OKTA).unwrap_or_default();
    assert_found(
        &format!(r#"{{"event":{{"original":{original}}},{aws}}}"#),
        &["okta 44"],
    );
    assert_found(r#"{"aws.cloudtrail.event_version":"1.05"}"#, &["elastic"]);
    assert_found(r#"{"aws":{"ec2":{}}}"#, &["unknown_type"]);
    let events = [
        r#"{"okta":{"event_type":"a"},"host":{}}"#,
        r#"{"okta.event_type":"a"}"#,
        r#"{"hashicorp_vault":{"audit":{"type":"request"}}}"#,
        r#"{"hashicorp_vault.audit.type":"request"}"#,
    ];
    for event in events {
        assert_found(event, &["elastic"]);
    }
    assert_found(r#"{"okta":{"a":"b"}}"#, &["unknown_type"]);
    assert_found(r#"{"hashicorp_vault":{"log":{}}}"#, &["unknown_type"]);
}

#[test]
fn entries_of_google_s_logging_are_opened() {
    assert_found(
        r#"{"jsonPayload":{"type":"request","request":{}},"timestamp":"t"}"#,
        &["logentry"],
    );
    assert_found(&format!(r#"{{"jsonPayload":{OKTA}}}"#), &["okta 44"]);
    assert_found(r#"{"jsonPayload":{"a":1}}"#, &["unknown_type"]);
}

#[test]
fn raw_text_with_something_before_its_json_is_a_prefixed_line() {
    let line = serde_json::to_string(&format!("<13>Nov 21 h t[1]: {OKTA}")).unwrap_or_default();
    assert_found(&format!(r#"{{"_raw":{line}}}"#), &["okta 44"]);
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
