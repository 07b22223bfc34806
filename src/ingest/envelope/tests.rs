mod saved;

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

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// Gzip in base64.
fn pack(text: &str) -> String {
    use std::io::Write as _;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let _ = gzip.write_all(text.as_bytes());
    base64(&gzip.finish().unwrap_or_default())
}

#[test]
fn subscription_data_is_unpacked_or_counted() {
    let data = |data: &str| format!(r#"{{"awslogs":{{"data":"{data}"}}}}"#);
    let packed = pack(&format!(r#"{{"records":[{OKTA}]}}"#));
    assert_found(&data(&packed), &["okta 44"]);
    assert_found(&data(packed.trim_end_matches('=')), &["okta 44"]);
    assert_found(&data("?"), &["malformed"]);
    assert_found(&data("dGhpcyBpcyBubyBnemlwIHN0cmVhbQ=="), &["unknown_type"]);
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
fn fields_of_a_search_stand_for_its_documents() {
    let hit = |source: &str, fields: &str| {
        let hit = format!(r#"{{"_index":"i","_source":{source},"fields":{fields}}}"#);
        format!(r#"{{"hits":{{"hits":[{hit}]}}}}"#)
    };
    let original = serde_json::to_string(OKTA).unwrap_or_default();
    let fields = format!(r#"{{"event.original":[{original}],"okta.event_type":["a"]}}"#);
    assert_found(&hit("{}", &fields), &["okta 44"]);
    assert_found(&hit(OKTA, r#"{"okta.event_type":["a"]}"#), &["okta 44"]);
    assert_found(&hit("{}", r#"{"okta.event_type":["a"]}"#), &["elastic"]);
}

#[test]
fn records_that_wazuh_keeps_are_opened() {
    let record = r#"{"eventVersion":"1","eventSource":"s","eventName":"n","source":"cloudtrail"}"#;
    let found = format!("cloudtrail {}", record.len());
    let archived = format!(r#"{{"integration":"aws","aws":{record}}}"#);
    assert_found(&archived, &[&found]);
    let full = serde_json::to_string(&archived).unwrap_or_default();
    assert_found(
        &format!(r#"{{"rule":{{"id":"80202"}},"data":{{"integration":"aws","aws":{record}}}}}"#),
        &[&found],
    );
    assert_found(&format!(r#"{{"message":{full}}}"#), &[&found]);
    let other = r#"{"data":{"aws":{"source":"guardduty","id":"1"}}}"#;
    assert_found(other, &["unknown_type"]);
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
    assert_eq!(found(r#"{"meta":[],"data": [{"x"#), Some((20, 1)));
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
    for data in [
        r#"{"records":[1]}"#,
        r#"{"a":1}"#,
        "[1,2]",
        "\"x\"",
        "\"{\"",
    ] {
        assert_found(&test(data), &["unknown_type"]);
    }
}

#[test]
fn a_record_in_a_string_may_be_too_deep() {
    let deep = format!(r#"{{\"a\":{}1"#, "[".repeat(1000));
    assert_found(&format!(r#"{{"message":"{deep}"}}"#), &["too_deep"]);
}

/// What others hand records on in, by the names that they use: as an object, as
/// text, in lists.
#[test]
fn records_are_found_where_shippers_carry_them() {
    let text = serde_json::to_string(OKTA).unwrap_or_default();
    for wrapped in [
        format!(r#"{{"_id":"1","service":"okta","attributes":{OKTA},"message":"User login"}}"#),
        format!(r#"{{"data":[{{"id":"1","attributes":{{"attributes":{OKTA},"tags":["a"]}}}}]}}"#),
        format!(r#"{{"messages":[{{"map":{{"_raw":{text},"_messagetime":"1"}}}}]}}"#),
        format!(r#"{{"Messages":[{{"MessageId":"1","Body":{text}}}]}}"#),
        format!(r#"{{"Records":[{{"EventSource":"aws:sns","Sns":{{"Message":{text}}}}}]}}"#),
        format!(r#"{{"__CURSOR":"s","MESSAGE":{text}}}"#),
        format!(r#"{{"log_processed":{OKTA},"stream":"stdout"}}"#),
        format!(r#"{{"insertId":"1","textPayload":{text}}}"#),
        format!(r#"{{"@timestamp":"2026-11-07 09:00:00.000","@message":{OKTA}}}"#),
        format!(r##"{{"@rawstring":{text},"#repo":"r"}}"##),
        format!(r#"{{"version":"1.1","host":"h","short_message":"s","full_message":{text}}}"#),
        format!(r#"{{"user":"u","source_json":{OKTA}}}"#),
        format!(
            r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{{"body":{{"stringValue":{text}}}}}]}}]}}]}}"#
        ),
        format!(
            r#"{{"data":{{"result":[{{"stream":{{}},"values":[["1794042000000000000",{text}]]}}]}}}}"#
        ),
        format!(r#"{{"body":{{"eventType":"com.okta.event_hook","data":{{"events":[{OKTA}]}}}}}}"#),
    ] {
        assert_found(&wrapped, &["okta 44"]);
    }
}

#[test]
fn carriers_that_carry_nothing_leave_no_trace() {
    for object in [
        r#"{"data":[{"a":1},{"b":2}],"text":"{\"a\":"}"#,
        r#"{"text":"{ x","raw":"eyJhbGciOiJIUzI1NiJ9.e30.x","values":[["1",2]]}"#,
        r#"{"attributes":{"message":{"data":{"log":{"event":{"body":{"json":{}}}}}}}}"#,
    ] {
        assert_found(object, &["unknown_type"]);
    }
    // What stands beside a record is counted, before it and behind it.
    assert_found(
        &format!(r#"{{"data":[1,{OKTA},2]}}"#),
        &["unknown_type", "okta 44", "unknown_type"],
    );
    // Elsewhere stands what strangers wrote.
    let text = serde_json::to_string(OKTA).unwrap_or_default();
    assert_found(&format!(r#"{{"user_agent":{text}}}"#), &["unknown_type"]);
    for before in ["x ", "[INFO] ", "{} x "] {
        let line = serde_json::to_string(&format!("{before}{OKTA}")).unwrap_or_default();
        assert_found(&format!(r#"{{"text":{line}}}"#), &["unknown_type"]);
    }
}

#[test]
fn data_of_streams_is_unpacked() {
    let records = |data: &str| format!(r#"{{"records":[{{"recordId":"1","data":"{data}"}}]}}"#);
    assert_found(&records(&base64(OKTA.as_bytes())), &["okta 44"]);
    let lines = format!("{OKTA}\n{OKTA}\n");
    assert_found(&records(&base64(lines.as_bytes())), &["okta 44", "okta 44"]);
    let subscription = format!(r#"{{"messageType":"DATA_MESSAGE","logEvents":[{OKTA}]}}"#);
    assert_found(&records(&pack(&subscription)), &["okta 44"]);
    assert_found(
        &format!(
            r#"{{"eventVersion":"1.0","eventSource":"aws:kinesis","eventName":"aws:kinesis:record","kinesis":{{"data":"{}"}}}}"#,
            pack(&subscription)
        ),
        &["okta 44"],
    );
    for source in ["s3", "dynamodb"] {
        assert_found(
            &format!(
                r#"{{"eventVersion":"1.1","eventSource":"aws:{source}","eventName":"n","{source}":{{}}}}"#
            ),
            &["notification"],
        );
    }
}

/// R-IN-8: sizes multiply once.
#[test]
fn nothing_packed_is_opened_inside_of_what_was_packed() {
    let data = |data: &str| format!(r#"{{"records":[{{"data":"{data}"}}]}}"#);
    assert_found(&data(&pack(&data(&pack(OKTA)))), &["unknown_type"]);
    let awslogs = |data: &str| format!(r#"{{"awslogs":{{"data":"{data}"}}}}"#);
    assert_found(&awslogs(&pack(&awslogs(&pack(OKTA)))), &["unknown_type"]);
    assert_found(&data(&pack(&" ".repeat(1 << 20))), &["unknown_type"]);
}

#[test]
fn lists_of_columns_and_rows_are_records() {
    let names = ["eventVersion", "eventSource", "eventName"];
    let columns = names.map(|name| format!(r#"{{"name":"{name}","type":"string"}}"#));
    let cells = r#"["1","s","n"],["1","s"]"#;
    let found = ["cloudtrail 54", "unknown_type"];
    let of_objects = format!(r#""columns":[{}],"rows":[{cells}]"#, columns.join(","));
    assert_found(&format!("{{{of_objects}}}"), &found);
    assert_found(
        &format!(r#"{{"tables":[{{"name":"PrimaryResult",{of_objects}}}]}}"#),
        &found,
    );
    assert_found(
        &format!(r#"{{"preview":false,"fields":{names:?},"rows":[{cells}]}}"#),
        &found,
    );
    let datum = |text: &str| format!(r#"{{"VarCharValue":"{text}"}}"#);
    let row = |cells: &[&str]| {
        let cells: Vec<String> = cells.iter().map(|cell| datum(cell)).collect();
        format!(r#"{{"Data":[{}]}}"#, cells.join(","))
    };
    let rows = [row(&names), row(&["1", "s", "n"])].join(",");
    let athena = format!(r#"{{"ResultSet":{{"Rows":[{rows}]}},"UpdateCount":0}}"#);
    assert_found(&athena, &["cloudtrail 54"]);
    assert_found(r#"{"columns":["a"],"rows":[[1],[2]]}"#, &["unknown_type"]);
    assert_found(r#"{"columns":["a"],"rows":[1]}"#, &["unknown_type"]);
}

#[test]
fn fields_named_like_columns_are_records() {
    for object in [
        r#"{"eventVersion":"1.08","eventSource":"s3.amazonaws.com","eventName":"n","eventTime":"t","userIdentity.type":"IAMUser"}"#,
        r#"{"TimeGenerated":"t","EventSource":"s3.amazonaws.com","EventName":"n"}"#,
        r#"{"event_time":"t","event_source":"s3.amazonaws.com","event_name":"n","user_identity":{}}"#,
        r#"{"published_t":"t","eventType_s":"e","actor_id_s":"1","actor_alternateId_s":"a"}"#,
        r#"{"eventsource":"s3.amazonaws.com","eventname":"n","eventtime":"t","useridentity":"{type=IAMUser}"}"#,
    ] {
        assert_found(object, &["fields"]);
    }
    for other in [
        r#"{"event_time":"t","event_source":"app","event_name":"n"}"#,
        r#"{"timestamp":"t","event_type":"e","actor_id":"1"}"#,
        r#"{"event_name":"n"}"#,
    ] {
        assert_found(other, &["unknown_type"]);
    }
}

#[test]
fn records_of_other_products_are_found_in_their_wrappers() {
    let kubernetes = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"1","stage":"ResponseComplete","verb":"get","user":{"username":"u"}}"#;
    let text = serde_json::to_string(kubernetes).unwrap_or_default();
    let github = r#"{"actor":"a","org":"o","action":"repo.create","created_at":1}"#;
    for (wrapped, found) in [
        (
            format!(r#"{{"event":{{"action":"get"}},"kubernetes":{{"audit":{kubernetes}}}}}"#),
            "kubernetes-audit",
        ),
        (
            format!(
                r#"{{"event":{{"kind":"event"}},"host":{{}},"kubernetes":{{"audit":{kubernetes}}}}}"#
            ),
            "kubernetes-audit",
        ),
        (
            format!(r#"{{"event":{kubernetes},"sourcetype":"k","time":1}}"#),
            "kubernetes-audit",
        ),
        (
            format!(r#"{{"category":"kube-audit","properties":{{"log":{text},"pod":"p"}}}}"#),
            "kubernetes-audit",
        ),
        (
            format!(r#"{{"integration":"github","github":{github}}}"#),
            "github",
        ),
        (
            format!(r#"{{"rule":{{"id":"91102"}},"data":{{"github":{github}}}}}"#),
            "github",
        ),
    ] {
        assert_found(&wrapped, &[found]);
    }
}

#[test]
fn what_else_a_lake_stores_is_known() {
    let record = |category: &str| {
        format!(r#"{{"eventVersion":"1","eventCategory":"{category}","eventData":{{}}}}"#)
    };
    assert_found(&record("ActivityAuditLog"), &["other_product"]);
    assert_found(&record("ConfigurationItem"), &["other_aws_log"]);
}
