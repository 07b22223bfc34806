//! Tables and rows that databases, notebooks and pipelines make of records: with
//! structures as text, or flattened.

use super::*;
use crate::event::Source;

const VAULT: &str = r#"{"time":"2026-11-07T09:01:01.5Z","type":"response","auth":{"display_name":"oidc-alice@corp.example","entity_id":"e1","policies":["default","dev"],"metadata":{"role":"dev"}},"request":{"id":"r1","operation":"update","mount_type":"oidc","path":"auth/oidc/login","remote_address":"203.0.113.7"},"response":{"data":{"error":"hmac-sha256:aa"}}}"#;

const OKTA: &str = r#"{"uuid":"u1","published":"2026-11-07T08:59:40.120Z","eventType":"user.session.start","actor":{"id":"00u1","type":"User","alternateId":"alice@corp.example"},"client":{"ipAddress":"203.0.113.7"},"outcome":{"result":"FAILURE","reason":"INVALID_CREDENTIALS"},"securityContext":{"isProxy":false},"debugContext":{"debugData":{"requestUri":"/a"}},"target":null}"#;

/// A table with the fields of `record` as columns, and structures as `nested`
/// writes them.
fn table(record: &Value, nested: &dyn Fn(&Value) -> String) -> String {
    let fields = record.as_object().unwrap();
    let header: Vec<&str> = fields.keys().map(String::as_str).collect();
    let cells = fields.values().map(|value| match value {
        Value::Null => String::new(),
        Value::Bool(is) => if *is { "True" } else { "False" }.to_owned(),
        Value::String(text) => text.clone(),
        other => nested(other),
    });
    csv(&header, [cells.collect()])
}

/// A value as Python prints it.
fn python(value: &Value) -> String {
    let text = value.to_string().replace('"', "'");
    let words = [("null", "None"), ("true", "True"), ("false", "False")];
    words
        .iter()
        .fold(text, |text, (json, python)| text.replace(json, python))
}

/// The leaves of a value by their paths, with `between` the names.
fn flat(value: &Value, between: &str) -> Value {
    fn add(value: &Value, path: &str, between: &str, out: &mut serde_json::Map<String, Value>) {
        match value {
            Value::Object(object) => object.iter().for_each(|(key, value)| {
                let path = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}{between}{key}")
                };
                add(value, &path, between, out);
            }),
            other => drop(out.insert(path.to_owned(), other.clone())),
        }
    }
    let mut out = serde_json::Map::new();
    add(value, "", between, &mut out);
    Value::Object(out)
}

/// What its events say, but for how well that is known.
#[track_caller]
fn says(content: &str) -> Vec<String> {
    let told = told(content);
    let lines = told.iter().flat_map(|told| told.lines());
    let lines = lines.take_while(|line| !line.trim_start().starts_with("flags"));
    lines.map(str::to_owned).collect()
}

#[test]
fn structures_in_cells_may_be_json_or_python() {
    for record in [VAULT, OKTA] {
        let value: Value = serde_json::from_str(record).unwrap();
        let expected = says(record);
        assert!(!expected.is_empty());
        assert_eq!(says(&table(&value, &Value::to_string)), expected);
        assert_eq!(says(&table(&value, &python)), expected);
        assert_eq!(says(&python(&value)), expected);
    }
    // The record's own, for how an identity is written says who it is.
    let value: Value = serde_json::from_str(&trail(1)).unwrap();
    let (key, _, _, coverage) = super::identity::actor(&table(&value, &python));
    assert!(key.starts_with("aws:user:"), "{key}");
    assert_eq!(coverage.n_used, 1);
}

#[test]
fn flattened_records_are_together_again() {
    for record in [VAULT, OKTA] {
        let value: Value = serde_json::from_str(record).unwrap();
        for between in [".", "_"] {
            let row = flat(&value, between);
            assert_eq!(says(&row.to_string()), says(record), "{row}");
        }
    }
    let value: Value = serde_json::from_str(&trail(1)).unwrap();
    let (key, ..) = super::identity::actor(&flat(&value, "_").to_string());
    assert!(key.starts_with("aws:user:"), "{key}");
}

#[test]
fn tables_of_others_are_not_taken_for_ours() {
    for other in [
        "time,type,request,status\n2026-11-07T09:00:00Z,access,GET /,200\n",
        "published,eventType,actor,score\n2026-11-07T09:00:00Z,view,alice,1\n",
    ] {
        let (_, coverage) = read_bytes(other);
        let sources = &coverage.sources;
        assert!(
            !sources.contains_key(&Source::Vault) && !sources.contains_key(&Source::Okta),
            "{other}"
        );
    }
}

#[test]
fn the_table_that_sentinel_fills_itself_is_the_system_log() {
    let row = json!({
        "TimeGenerated": "2026-11-07T08:59:40.120Z", "EventOriginalUid": "u1",
        "EventOriginalType": "user.session.start", "EventProduct": "Okta",
        "ActorUserId": "00u1", "ActorUsername": "alice@corp.example", "OriginalUserType": "User",
        "SrcIpAddr": "203.0.113.7", "OriginalOutcomeResult": "FAILURE",
        "EventOriginalResultDetails": "INVALID_CREDENTIALS", "SecurityContextIsProxy": false,
        "DebugData": {"requestUri": "/a"}, "Type": "OktaSystemLogs",
    });
    assert_eq!(says(&row.to_string()), says(OKTA));
    let mut normalised = row;
    normalised["OriginalOutcomeResult"] = Value::Null;
    normalised["EventResult"] = json!("Failure");
    assert_eq!(says(&normalised.to_string()), says(OKTA));
}

#[test]
fn typed_values_of_databases_are_plain_again() {
    let mut value: Value = serde_json::from_str(OKTA).unwrap();
    value["_id"] = json!({"$oid": "65"});
    value["published"] = json!({"$date": {"$numberLong": "1794041980120"}});
    assert_eq!(says(&value.to_string()), says(OKTA));
    let record = json!({"Item": {
        "eventVersion": {"S": "1.08"}, "eventTime": {"S": "2026-11-07T09:00:00Z"},
        "eventSource": {"S": "s3.amazonaws.com"}, "eventName": {"S": "ListBuckets"},
        "userIdentity": {"M": {"type": {"S": "IAMUser"}, "arn": {"S": "arn:aws:iam::1:user/a"}}},
    }});
    let (key, ..) = super::identity::actor(&record.to_string());
    assert!(key.starts_with("aws:user:"), "{key}");
}

#[test]
fn an_unknown_record_says_what_it_is() {
    let detail = |content: &str| {
        let (_, coverage) = read_bytes(content);
        format!("{:?}", coverage.files[0].problems[0].detail)
    };
    let finding = r#"{"schemaVersion":"2.0","service":{},"severity":8}"#;
    assert!(detail(&format!("{finding}\n{finding}")).contains("GuardDuty findings"));
    assert!(detail(r#"[{"colour":"red","size":1}]"#).contains("the fields colour, size"));
}
