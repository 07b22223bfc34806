//! Three records, and every table that tells them.

use std::fmt::Write as _;

use super::*;

pub(super) const ACCOUNT: &str = "111122223333";

/// A person's session, a denied user, a sign-in.
pub(super) fn three() -> [Value; 3] {
    let session = |name: &str| {
        json!({
            "type": "AssumedRole",
            "principalId": format!("AROAEXAMPLE1:{name}"),
            "arn": format!("arn:aws:sts::{ACCOUNT}:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/{name}"),
            "accountId": ACCOUNT,
            "accessKeyId": "ASIAEXAMPLE1",
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role",
                    "principalId": "AROAEXAMPLE1",
                    "arn": format!("arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_0123456789abcdef"),
                    "accountId": ACCOUNT,
                    "userName": "AWSReservedSSO_Admin_0123456789abcdef"
                },
                "attributes": {"creationDate": "2026-11-07T18:00:00Z", "mfaAuthenticated": "false"}
            }
        })
    };
    let user = json!({
        "type": "IAMUser",
        "principalId": "AIDAEXAMPLE2",
        "arn": format!("arn:aws:iam::{ACCOUNT}:user/ops/bob"),
        "accountId": ACCOUNT,
        "accessKeyId": "AKIAEXAMPLE2",
        "userName": "bob"
    });
    let signed_in = json!({
        "type": "IAMUser",
        "principalId": "AIDAEXAMPLE3",
        "arn": format!("arn:aws:iam::{ACCOUNT}:user/carol"),
        "accountId": ACCOUNT,
        "userName": "carol"
    });
    let common = |n: u32, identity: Value, rest: Value| {
        let mut record = json!({
            "eventVersion": "1.11",
            "userIdentity": identity,
            "eventTime": format!("2026-11-07T18:03:1{n}Z"),
            "awsRegion": "eu-west-1",
            "sourceIPAddress": "203.0.113.7",
            "userAgent": "[aws-cli/2.18.5 md/awscrt#0.22.0, \"quoted\"; lang/python#3.12.6]",
            "requestID": format!("7E{n}EXAMPLE"),
            "eventID": format!("5d1a2c58-0000-4000-8000-00000000000{n}"),
            "eventType": "AwsApiCall",
            "recipientAccountId": ACCOUNT
        });
        record
            .as_object_mut()
            .unwrap()
            .extend(rest.as_object().unwrap().clone());
        record
    };
    [
        common(
            1,
            session("alice@corp.example"),
            json!({
                "eventSource": "s3.amazonaws.com",
                "eventName": "GetObject",
                "requestParameters": {"bucketName": "payroll-example", "key": "2026/10/all.csv", "Host": "payroll-example.s3.eu-west-1.amazonaws.com"},
                "additionalEventData": {"bytesTransferredOut": 48211},
                "readOnly": true,
                "managementEvent": false,
                "eventCategory": "Data",
                "resources": [
                    {"type": "AWS::S3::Object", "ARN": "arn:aws:s3:::payroll-example/2026/10/all.csv"},
                    {"accountId": ACCOUNT, "type": "AWS::S3::Bucket", "ARN": "arn:aws:s3:::payroll-example"}
                ]
            }),
        ),
        common(
            2,
            user,
            json!({
                "eventSource": "iam.amazonaws.com",
                "eventName": "CreateAccessKey",
                "errorCode": "AccessDenied",
                "errorMessage": "User: bob is not authorized to perform: iam:CreateAccessKey, \"at all\"",
                "requestParameters": {"userName": "dora"},
                "readOnly": false,
                "managementEvent": true,
                "eventCategory": "Management"
            }),
        ),
        common(
            3,
            signed_in,
            json!({
                "eventSource": "signin.amazonaws.com",
                "eventName": "ConsoleLogin",
                "eventType": "AwsConsoleSignIn",
                "responseElements": {"ConsoleLogin": "Success"},
                "additionalEventData": {"LoginTo": "https://console.aws.amazon.com/", "MFAUsed": "Yes"},
                "readOnly": false,
                "managementEvent": true,
                "eventCategory": "Management"
            }),
        ),
    ]
}

pub(super) fn json_lines() -> String {
    three().iter().fold(String::new(), |mut lines, record| {
        writeln!(lines, "{record}").unwrap();
        lines
    })
}

/// A value as Presto renders it. `is_lower` is for keys.
pub(super) fn struct_text(value: &Value, is_lower: bool) -> String {
    match value {
        Value::Object(map) => {
            let members = map.iter().map(|(key, value)| {
                let key = if is_lower {
                    key.to_lowercase()
                } else {
                    key.clone()
                };
                format!("{key}={}", struct_text(value, is_lower))
            });
            format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
        }
        Value::Array(items) => {
            let items = items.iter().map(|item| struct_text(item, is_lower));
            format!("[{}]", items.collect::<Vec<_>>().join(", "))
        }
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The cell for `path` in `record`: a scalar as it is, a structure as `nested`
/// writes it.
pub(super) fn cell(record: &Value, path: &str, nested: &dyn Fn(&Value) -> String) -> String {
    match record.pointer(&format!("/{}", path.replace('.', "/"))) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(value @ (Value::Object(_) | Value::Array(_))) => nested(value),
        Some(value) => value.to_string(),
    }
}

pub(super) fn csv(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(header).unwrap();
    for row in rows {
        writer.write_record(row).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

/// The columns of the table that a trail's documentation declares.
const DDL: [&str; 22] = [
    "eventVersion",
    "userIdentity",
    "eventTime",
    "eventSource",
    "eventName",
    "awsRegion",
    "sourceIPAddress",
    "userAgent",
    "errorCode",
    "errorMessage",
    "requestParameters",
    "responseElements",
    "additionalEventData",
    "requestID",
    "eventID",
    "resources",
    "eventType",
    "readOnly",
    "recipientAccountId",
    "sharedEventID",
    "vpcEndpointId",
    "eventCategory",
];

/// Structs are text and what differs by service is JSON.
pub(super) fn athena() -> String {
    let header: Vec<String> = DDL.iter().map(|name| name.to_lowercase()).collect();
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let row = |record: &Value| {
        let cell = |name: &&str| {
            let is_struct = matches!(*name, "userIdentity" | "resources");
            let nested = |value: &Value| {
                if is_struct {
                    struct_text(value, true)
                } else {
                    value.to_string()
                }
            };
            cell(record, name, &nested)
        };
        DDL.iter().map(cell).collect()
    };
    csv(&header, three().iter().map(row))
}

/// Everything is struct text, and times have no zone.
pub(super) fn lake() -> String {
    let row = |record: &Value| {
        let cell = |name: &&str| {
            let cell = cell(record, name, &|value| struct_text(value, false));
            if *name == "eventTime" || *name == "userIdentity" {
                cell.replace('T', " ").replace("Z", ".000")
            } else {
                cell
            }
        };
        DDL.iter().map(cell).collect()
    };
    csv(&DDL, three().iter().map(row))
}

const SENTINEL: [(&str, &str); 32] = [
    ("TenantId", "none"),
    ("TimeGenerated", "eventTime"),
    ("AwsEventId", "eventID"),
    ("EventVersion", "eventVersion"),
    ("EventSource", "eventSource"),
    ("EventName", "eventName"),
    ("EventTypeName", "eventType"),
    ("UserIdentityType", "userIdentity.type"),
    ("UserIdentityPrincipalid", "userIdentity.principalId"),
    ("UserIdentityArn", "userIdentity.arn"),
    ("UserIdentityAccountId", "userIdentity.accountId"),
    ("UserIdentityAccessKeyId", "userIdentity.accessKeyId"),
    ("UserIdentityUserName", "userIdentity.userName"),
    ("UserIdentityInvokedBy", "userIdentity.invokedBy"),
    (
        "SessionMfaAuthenticated",
        "userIdentity.sessionContext.attributes.mfaAuthenticated",
    ),
    (
        "SessionCreationDate",
        "userIdentity.sessionContext.attributes.creationDate",
    ),
    (
        "SessionIssuerArn",
        "userIdentity.sessionContext.sessionIssuer.arn",
    ),
    (
        "SessionIssuerPrincipalId",
        "userIdentity.sessionContext.sessionIssuer.principalId",
    ),
    (
        "SessionIssuerUserName",
        "userIdentity.sessionContext.sessionIssuer.userName",
    ),
    ("AWSRegion", "awsRegion"),
    ("SourceIpAddress", "sourceIPAddress"),
    ("UserAgent", "userAgent"),
    ("ErrorCode", "errorCode"),
    ("ErrorMessage", "errorMessage"),
    ("RequestParameters", "requestParameters"),
    ("ResponseElements", "responseElements"),
    ("AdditionalEventData", "additionalEventData"),
    ("ReadOnly", "readOnly"),
    ("ManagementEvent", "managementEvent"),
    ("Resources", "resources"),
    ("RecipientAccountId", "recipientAccountId"),
    ("Type", "none"),
];

pub(super) fn columns(columns: &[(&str, &str)]) -> String {
    let header: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let row = |record: &Value| {
        let cells = columns.iter().map(|(name, path)| match *name {
            "Type" => "AWSCloudTrail".to_owned(),
            "ReadOnly" => cell(record, path, &Value::to_string)
                .replace('t', "T")
                .replace('f', "F"),
            _ => cell(record, path, &Value::to_string),
        });
        cells.collect()
    };
    csv(&header, three().iter().map(row))
}

/// Every leaf in a column of its own, lists with one line per element.
pub(super) fn splunk() -> String {
    fn leaves(value: &Value, path: &str, found: &mut Vec<(String, String)>) {
        let below = |key: &str| {
            if path.is_empty() {
                key.to_owned()
            } else {
                format!("{path}.{key}")
            }
        };
        match value {
            Value::Object(map) => map
                .iter()
                .for_each(|(key, value)| leaves(value, &below(key), found)),
            Value::Array(items) => {
                for item in items {
                    leaves(item, &format!("{path}{{}}"), found);
                }
            }
            Value::String(text) => found.push((path.to_owned(), text.clone())),
            other => found.push((path.to_owned(), other.to_string())),
        }
    }
    let rows = three().map(|record| {
        let mut found = Vec::new();
        leaves(&record, "", &mut found);
        // Extracted twice, as search engines do.
        found.push((
            "eventName".to_owned(),
            record["eventName"].as_str().unwrap().to_owned(),
        ));
        found
    });
    let names: BTreeSet<&str> = rows
        .iter()
        .flatten()
        .map(|(name, _)| name.as_str())
        .collect();
    let names: Vec<&str> = names.into_iter().collect();
    let row = |row: &Vec<(String, String)>| {
        let cell = |name: &&str| {
            let values = row
                .iter()
                .filter(|(own, _)| own == name)
                .map(|(_, value)| value.as_str());
            values.collect::<Vec<_>>().join("\n")
        };
        names.iter().map(cell).collect::<Vec<String>>()
    };
    csv(&names, rows.iter().map(row))
}

pub(super) const CONSOLE: [(&str, &str); 13] = [
    ("User name", "userIdentity.userName"),
    ("AWS access key", "userIdentity.accessKeyId"),
    ("Event time", "eventTime"),
    ("Event source", "eventSource"),
    ("Event name", "eventName"),
    ("AWS region", "awsRegion"),
    ("Source IP address", "sourceIPAddress"),
    ("User agent", "userAgent"),
    ("Error code", "errorCode"),
    ("Request ID", "requestID"),
    ("Event ID", "eventID"),
    ("Read-only", "readOnly"),
    ("Recipient account ID", "recipientAccountId"),
];

/// The rows in columns that hold the whole record.
pub(super) fn whole(header: &[&str]) -> String {
    let row = |record: &Value| {
        let mut row = vec!["2026-11-07 18:10:00.000".to_owned(); header.len() - 1];
        row.push(record.to_string());
        row
    };
    csv(header, three().iter().map(row))
}

pub(super) fn tables() -> Vec<(&'static str, String, &'static str)> {
    vec![
        ("Athena", athena(), "CloudTrail Athena CSV"),
        ("Lake", lake(), "CloudTrail Lake CSV"),
        ("Sentinel", columns(&SENTINEL), "CloudTrail Sentinel CSV"),
        ("Splunk", splunk(), "CloudTrail flattened CSV"),
        ("console", columns(&CONSOLE), "CloudTrail console CSV"),
        (
            "event column",
            whole(&["EventId", "EventName", "CloudTrailEvent"]),
            "CloudTrail CSV",
        ),
        ("raw column", whole(&["_time", "_raw"]), "CloudTrail CSV"),
        ("one column", whole(&["_raw"]), "CloudTrail CSV"),
        (
            "message column",
            whole(&["@timestamp", "@message"]),
            "CloudTrail CSV",
        ),
    ]
}
