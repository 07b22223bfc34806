//! The same records in the tables they are exported to.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::*;
use crate::event::Flags;
use crate::ingest::Fold;

/// Remembers everything that an event says.
#[derive(Debug, Default)]
struct Told(BTreeSet<String>);

impl Fold for Told {
    fn observe(&mut self, event: &Event<'_>) {
        let mut event = event.clone();
        event.provenance = Provenance::default();
        self.0.insert(format!("{event:#?}"));
    }

    fn observe_duplicate(&mut self, _: &Event<'_>) {}
}

/// What the events of one file say.
#[track_caller]
fn told(content: impl AsRef<[u8]>) -> BTreeSet<String> {
    let sandbox = Sandbox::new().with("log", content);
    let paths = [sandbox.path().to_owned()];
    let intake = read(&paths, &Options::default(), &|_| {}, Told::default).unwrap();
    let told: BTreeSet<String> = intake.folds.into_iter().flat_map(|fold| fold.0).collect();
    assert_eq!(
        told.len() as u64,
        intake.coverage.n_used,
        "{:#?}",
        intake.coverage
    );
    told
}

const ACCOUNT: &str = "111122223333";

/// A person's session, a denied user, a sign-in.
fn three() -> [Value; 3] {
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

fn json_lines() -> String {
    three().iter().fold(String::new(), |mut lines, record| {
        writeln!(lines, "{record}").unwrap();
        lines
    })
}

/// A value as Presto renders it. `is_lower` is for keys.
fn struct_text(value: &Value, is_lower: bool) -> String {
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
fn cell(record: &Value, path: &str, nested: &dyn Fn(&Value) -> String) -> String {
    match record.pointer(&format!("/{}", path.replace('.', "/"))) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(value @ (Value::Object(_) | Value::Array(_))) => nested(value),
        Some(value) => value.to_string(),
    }
}

fn csv(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
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
fn athena() -> String {
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
fn lake() -> String {
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

fn columns(columns: &[(&str, &str)]) -> String {
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
fn splunk() -> String {
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

const CONSOLE: [(&str, &str); 13] = [
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
fn whole(header: &[&str]) -> String {
    let row = |record: &Value| {
        let mut row = vec!["2026-11-07 18:10:00.000".to_owned(); header.len() - 1];
        row.push(record.to_string());
        row
    };
    csv(header, three().iter().map(row))
}

fn tables() -> Vec<(&'static str, String, &'static str)> {
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

#[test]
fn full_renderings_tell_what_the_records_tell() {
    let expected = told(json_lines());
    for (name, table, _) in tables().into_iter().filter(|(name, ..)| *name != "console") {
        let told = told(&table);
        for (told, expected) in told.iter().zip(&expected) {
            assert_eq!(told, expected, "{name}\n{table}");
        }
        assert_eq!(told.len(), 3, "{name}\n{table}");
    }
}

#[test]
fn every_table_repeats_the_records_and_the_fullest_counts() {
    for (name, table, format) in tables() {
        let (seen, coverage) = read_bytes(&table);
        assert_eq!(
            (seen.n_events, coverage.n_used),
            (3, 3),
            "{name}\n{coverage:#?}\n{table}"
        );
        assert_eq!(coverage.files[0].format, format);
        assert!(coverage.files[0].problems.is_empty(), "{coverage:#?}");
        assert_eq!(coverage.files[0].n_decoded, table.len() as u64);
    }
    let mut sandbox = Sandbox::new().with("records", json_lines());
    for (name, table, _) in tables() {
        sandbox = sandbox.with(name, table);
    }
    let expected = sandbox.read();
    assert_eq!((expected.0.n_events, expected.1.n_duplicate), (3, 27));
    assert_eq!(expected.1.conflicts.n, 0);
    for threads in [2, 5] {
        let options = Options {
            threads,
            ..Options::default()
        };
        assert_eq!(read_all(&[sandbox.path().to_owned()], &options), expected);
    }
}

#[test]
fn a_fuller_table_counts_whatever_the_order_of_files() {
    // The summary comes first in every order, and is not used.
    let sandbox = Sandbox::new()
        .with("a console", columns(&CONSOLE))
        .with("b athena", athena());
    let (seen, coverage) = sandbox.read();
    assert_eq!((seen.n_events, coverage.n_duplicate), (3, 3));
    assert_eq!(coverage.conflicts.n, 0);
    assert_eq!(
        (coverage.files[0].n_events, coverage.files[1].n_events),
        (3, 3)
    );
}

#[test]
fn the_watcher_is_told_of_every_table_once() {
    let sandbox = Sandbox::new().with("a", athena()).with("b", json_lines());
    let last = std::sync::Mutex::new(Progress::default());
    let watch = |progress: Progress| *last.lock().unwrap() = progress;
    read(
        &[sandbox.path().to_owned()],
        &Options::default(),
        &watch,
        Seen::default,
    )
    .unwrap();
    let last = *last.lock().unwrap();
    assert_eq!(
        (last.n_files, last.n_bytes, last.n_records),
        (2, last.n_bytes_total, 6)
    );
}

#[test]
fn encodings_and_line_ends_make_no_difference() {
    let table = athena();
    let expected = told(&table);
    let utf16: Vec<u8> = [0xfeff]
        .into_iter()
        .chain(table.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let semicolons = {
        let mut reader = csv::Reader::from_reader(table.as_bytes());
        let mut writer = csv::WriterBuilder::new()
            .delimiter(b';')
            .from_writer(Vec::new());
        writer.write_record(reader.headers().unwrap()).unwrap();
        for record in reader.records() {
            writer.write_record(&record.unwrap()).unwrap();
        }
        [b"sep=;\r\n".to_vec(), writer.into_inner().unwrap()].concat()
    };
    for (name, bytes) in [
        ("UTF-16LE", utf16),
        ("CRLF", table.replace('\n', "\r\n").into_bytes()),
        ("mark", format!("\u{feff}{table}").into_bytes()),
        ("sep=;", semicolons),
        ("gzip", gzip(&table)),
        ("comment", format!("# query 1\n\n{table}").into_bytes()),
    ] {
        assert_eq!(told(bytes), expected, "{name}");
    }
    let (_, coverage) = read_bytes(gzip(table));
    assert_eq!(coverage.files[0].format, "CloudTrail Athena CSV, gzip");
}

/// One row of an Athena table with these cells besides the usual.
fn row(cells: &[(&str, &str)]) -> String {
    let usual = [
        ("eventtime", "2026-11-07T18:03:11Z"),
        ("eventsource", "s3.amazonaws.com"),
        ("eventname", "GetObject"),
        ("eventid", "5d1a2c58-0000-4000-8000-000000000001"),
    ];
    let usual = usual
        .iter()
        .filter(|(name, _)| cells.iter().all(|(own, _)| own != name));
    let all: Vec<(&str, &str)> = usual.chain(cells).copied().collect();
    let header: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
    csv(
        &header,
        [all.iter().map(|(_, cell)| (*cell).to_owned()).collect()],
    )
}

/// Remembers who acted, where, and how well that is known.
#[derive(Debug, Default)]
struct Actors(Vec<(String, String, Flags)>);

impl Fold for Actors {
    fn observe(&mut self, event: &Event<'_>) {
        self.0.push((
            event.actor.key.to_string(),
            event.tenant.to_string(),
            event.flags,
        ));
    }

    fn observe_duplicate(&mut self, _: &Event<'_>) {}
}

#[track_caller]
fn actor(table: &str) -> (String, String, Flags, Coverage) {
    let sandbox = Sandbox::new().with("log", table);
    let paths = [sandbox.path().to_owned()];
    let intake = read(&paths, &Options::default(), &|_| {}, Actors::default).unwrap();
    let mut actors = intake.folds.into_iter().flat_map(|fold| fold.0);
    let (key, tenant, flags) = actors.next().unwrap();
    (key, tenant, flags, intake.coverage)
}

#[test]
fn a_session_name_cannot_pass_for_another_principal() {
    let identity = "{type=AssumedRole, principalid=AROAEXAMPLE1:a, arn=evil}, \
        arn=arn:aws:sts::111122223333:assumed-role/Dev/a, arn=evil}, accountid=111122223333, \
        invokedby=null, accesskeyid=ASIAEXAMPLE1, username=null, onbehalfof=null, \
        sessioncontext={attributes={mfaauthenticated=false, creationdate=2026-11-07T18:00:00Z}, \
        sessionissuer={type=Role, principalid=AROAEXAMPLE1, \
        arn=arn:aws:iam::111122223333:role/team/Dev, accountid=111122223333, username=Dev}, \
        ec2roledelivery=null, webidfederationdata=null}}";
    let record = json!({
        "eventVersion": "1.08", "eventTime": "2026-11-07T18:03:11Z", "eventSource": "s3.amazonaws.com",
        "eventName": "GetObject", "eventID": "5d1a2c58-0000-4000-8000-000000000001",
        "userIdentity": {
            "type": "AssumedRole", "principalId": "AROAEXAMPLE1:a, arn=evil}",
            "arn": "arn:aws:sts::111122223333:assumed-role/Dev/a, arn=evil}",
            "accountId": "111122223333", "accessKeyId": "ASIAEXAMPLE1",
            "sessionContext": {
                "attributes": {"mfaAuthenticated": "false", "creationDate": "2026-11-07T18:00:00Z"},
                "sessionIssuer": {
                    "type": "Role", "principalId": "AROAEXAMPLE1", "userName": "Dev",
                    "arn": "arn:aws:iam::111122223333:role/team/Dev", "accountId": "111122223333"
                }
            }
        }
    });
    let (key, tenant, ..) = actor(&row(&[("useridentity", identity)]));
    let (expected, expected_tenant, ..) = actor(&record.to_string());
    assert_eq!((key, tenant), (expected, expected_tenant));
}

#[test]
fn the_identity_may_be_in_columns_of_its_own() {
    let arn = "arn:aws:iam::111122223333:user/bob";
    for (type_, id, name) in [
        (
            "userIdentity.type",
            "userIdentity.principalId",
            "userIdentity.arn",
        ),
        (
            "useridentity_type",
            "useridentity_principalid",
            "useridentity_arn",
        ),
        ("type", "principalId", "arn"),
        ("none", "principalId", "none2"),
        ("none", "none2", "arn"),
    ] {
        let table = row(&[(type_, "IAMUser"), (id, "AIDAEXAMPLE2"), (name, arn)]);
        let (key, ..) = actor(&table);
        let expected = if id == "none2" {
            "aws:user:111122223333/bob"
        } else {
            "aws:user:AIDAEXAMPLE2"
        };
        assert_eq!(key, expected, "{table}");
    }
}

#[test]
fn a_console_row_without_a_type_is_not_the_act_of_a_service() {
    let console = |name: &str, key: &str| {
        row(&[
            ("User name", name),
            ("AWS access key", key),
            ("Recipient account ID", ACCOUNT),
        ])
    };
    let (key, tenant, flags, _) = actor(&console("bob", "AKIAEXAMPLE2"));
    assert_eq!(
        (key.as_str(), tenant.as_str()),
        ("aws:user:111122223333/bob", ACCOUNT)
    );
    assert!(flags.has(Flags::REDUCED_FIDELITY));
    assert_eq!(
        actor(&console("alice", "ASIAEXAMPLE1")).0,
        "aws:unknown:111122223333/alice"
    );
    assert_eq!(actor(&console("root", "")).0, "aws:root:111122223333");
    assert_eq!(actor(&console("", "")).0, "aws:service:s3.amazonaws.com");
}

#[test]
fn an_identity_that_cannot_be_read_is_nobody_in_particular() {
    let (key, _, flags, _) = actor(&row(&[("useridentity", "{type=AssumedRole, arn")]));
    assert_eq!(key, "aws:unknown:/");
    assert!(flags.has(Flags::REDUCED_FIDELITY.with(Flags::TRUNCATED)));
}

#[test]
fn what_a_spreadsheet_did_is_told_and_not_trusted() {
    let (_, tenant, _, coverage) = actor(&row(&[
        ("recipientaccountid", "1.11122E+11"),
        ("useridentity_accountid", "11122223333"),
        ("useridentity_arn", "arn:aws:iam::011122223333:user/bob"),
    ]));
    assert_eq!(tenant, "011122223333");
    let problem = &coverage.files[0].problems[0];
    assert_eq!(problem.kind, ProblemKind::Damaged);
    assert_eq!(
        problem.detail,
        "account ids in scientific notation: 1".into()
    );
    assert!(coverage.is_incomplete());

    let (_, tenant, _, coverage) = actor(&row(&[("recipientaccountid", "11122223333")]));
    assert_eq!(tenant, "11122223333");
    let detail = &coverage.files[0].problems[0].detail;
    assert_eq!(*detail, "account ids without their first digits: 1".into());

    let long = "x".repeat(32_767);
    let (.., flags, coverage) = actor(&row(&[("responseelements", &long), ("x", "y"), ("X", "z")]));
    assert!(flags.has(Flags::TRUNCATED));
    let detail = &coverage.files[0].problems[0].detail;
    let expected =
        "rows with a cell cut at 32,767 characters: 1, columns with the name of another: 1";
    assert_eq!(*detail, expected.into());
}

#[test]
fn a_time_that_a_spreadsheet_rewrote_is_refused() {
    let (_, coverage) = read_bytes(row(&[("eventtime", "11/7/2026 18:03")]));
    assert_skipped(&coverage, &[(SkipReason::NoTime, 1)]);
    let detail = &coverage.files[0].problems[0].detail;
    assert_eq!(*detail, "times that cannot be told for certain: 1".into());
}

#[test]
fn every_row_is_accounted_for() {
    let table = athena();
    let (header, rest) = table.split_once('\n').unwrap();
    let (first, rest) = rest.split_once('\n').unwrap();
    let text = format!("{header}\n{first}\n,,,\n\n1,\"torn\n{header}\nfootnote\n{rest}2,\"cut");
    let (seen, coverage) = read_bytes(text);
    assert_eq!((seen.n_events, coverage.n_records), (3, 6));
    let expected = [
        (SkipReason::Malformed, 1),
        (SkipReason::TruncatedRecord, 1),
        (SkipReason::UnknownType, 1),
    ];
    assert_skipped(&coverage, &expected);
    let kinds: Vec<_> = coverage.files[0]
        .problems
        .iter()
        .map(|problem| problem.kind)
        .collect();
    assert_eq!(kinds, [ProblemKind::Truncated, ProblemKind::Damaged]);
    let records: Vec<u32> = seen
        .citations
        .iter()
        .map(|citation| citation.record)
        .collect();
    assert_eq!(records, [1, 4, 5]);
}

#[test]
fn a_row_larger_than_a_record_is_skipped_and_counted() {
    let table = athena();
    let options = Options {
        limits: crate::ingest::Limits {
            max_record: 4096,
            ..crate::ingest::Limits::default()
        },
        ..Options::default()
    };
    let huge = format!("{table}1,{}\n", "x".repeat(10_000));
    let sandbox = Sandbox::new().with("log", huge);
    let (seen, coverage) = read_all(&[sandbox.path().to_owned()], &options);
    assert_eq!(seen.n_events, 3);
    assert_skipped(&coverage, &[(SkipReason::TooLarge, 1)]);
}

#[test]
fn an_unknown_table_says_what_it_holds() {
    let (_, coverage) = read_bytes("alpha,beta,gamma\n1,2,3\n4,5,6\n");
    let problem = &coverage.files[0].problems[0];
    assert_eq!(problem.kind, ProblemKind::Unrecognised);
    assert_eq!(
        problem.detail,
        "a table whose columns are not known: alpha, beta, gamma".into()
    );
    assert_eq!(coverage.n_records, 0);
    // Known columns, but not enough of them.
    let (_, coverage) = read_bytes("eventname,eventtime,colour\na,b,c\n");
    assert_eq!(
        coverage.files[0].problems[0].kind,
        ProblemKind::Unrecognised
    );
}

#[test]
fn text_that_only_looks_like_a_table_is_read_as_text() {
    let record = trail(1);
    let (seen, _) = read_bytes(format!("message\n{record}\n{}", trail(2)));
    assert_eq!(seen.n_events, 2);
    let (seen, _) = read_bytes(format!("a,b,c\nd,e,f\n{record}"));
    assert_eq!(seen.n_events, 1);
}

#[test]
fn rows_of_every_kind_of_record_are_unwrapped() {
    let rows = [
        trail(1),
        vault(1, "request"),
        format!("<13>Nov 21 04:40:24 h t[1]: {}", trail(2)),
        r#"{"@level":"info","@message":"m"}"#.to_owned(),
        "no record".to_owned(),
        trail(3)[..80].to_owned(),
    ];
    let table = csv(
        &["_time", "_raw"],
        rows.map(|row| vec!["t".to_owned(), row]),
    );
    let (seen, coverage) = read_bytes(table);
    assert_eq!((seen.n_events, coverage.n_records), (3, 6));
    let expected = [
        (SkipReason::TruncatedRecord, 1),
        (SkipReason::UnknownType, 1),
        (SkipReason::OperationalLine, 1),
    ];
    assert_skipped(&coverage, &expected);
    assert_eq!(coverage.files[0].format, "CloudTrail and Vault CSV");
}

/// A sign-in, as the API and as the console export it.
fn okta() -> (String, String) {
    let event = json!({
        "uuid": "9a1f0000-0000-11ef-8000-000000000001", "published": "2026-11-07T08:59:40.120Z",
        "eventType": "user.authentication.sso", "version": "0", "severity": "INFO",
        "actor": {"id": "00u1", "type": "User", "alternateId": "Alice@Corp.example", "displayName": "Alice A"},
        "client": {
            "userAgent": {"rawUserAgent": "Mozilla/5.0 (Macintosh)", "os": "Mac OS X", "browser": "CHROME"},
            "ipAddress": "203.0.113.7", "geographicalContext": {"country": "Norway"}
        },
        "authenticationContext": {"externalSessionId": "idx1"},
        "securityContext": {"asNumber": 64500, "isProxy": false},
        "outcome": {"result": "SUCCESS"},
        "target": [
            {"id": "0oa9", "type": "AppInstance", "alternateId": "AWS", "displayName": "AWS"},
            {"id": "0ua9", "type": "AppUser", "alternateId": "alice@corp.example", "displayName": "Alice A"}
        ],
        "transaction": {"type": "WEB", "id": "tx1"}
    });
    let paths = [
        ("timestamp", "published"),
        ("uuid", "uuid"),
        ("event_type", "eventType"),
        ("actor.id", "actor.id"),
        ("actor.type", "actor.type"),
        ("actor.alternate_id", "actor.alternateId"),
        ("actor.display_name", "actor.displayName"),
        (
            "client.user_agent.raw_user_agent",
            "client.userAgent.rawUserAgent",
        ),
        ("client.user_agent.os", "client.userAgent.os"),
        ("client.user_agent.browser", "client.userAgent.browser"),
        ("client.ip_address", "client.ipAddress"),
        (
            "client.geographical_context.country",
            "client.geographicalContext.country",
        ),
        ("outcome.result", "outcome.result"),
        ("outcome.reason", "outcome.reason"),
        ("target0.id", "target.0.id"),
        ("target0.type", "target.0.type"),
        ("target0.alternate_id", "target.0.alternateId"),
        ("target0.display_name", "target.0.displayName"),
        ("target1.id", "target.1.id"),
        ("target1.type", "target.1.type"),
        ("target1.alternate_id", "target.1.alternateId"),
        ("target1.display_name", "target.1.displayName"),
        ("transaction.id", "transaction.id"),
        ("transaction.type", "transaction.type"),
        (
            "authentication_context.external_session_id",
            "authenticationContext.externalSessionId",
        ),
        ("security_context.as_number", "securityContext.asNumber"),
        ("security_context.is_proxy", "securityContext.isProxy"),
    ];
    let header: Vec<&str> = paths.iter().map(|(name, _)| *name).collect();
    let cells = paths
        .iter()
        .map(|(_, path)| cell(&event, path, &Value::to_string));
    (event.to_string(), csv(&header, [cells.collect()]))
}

#[test]
fn the_console_of_okta_tells_what_its_api_tells() {
    let (event, table) = okta();
    let without_flags = |told: BTreeSet<String>| {
        let lines: Vec<String> = told
            .iter()
            .flat_map(|told| told.lines())
            .map(str::to_owned)
            .collect();
        let end = lines
            .iter()
            .position(|line| line.trim_start().starts_with("flags"))
            .unwrap();
        lines[..end].to_vec()
    };
    assert_eq!(without_flags(told(&table)), without_flags(told(&event)));

    let (seen, coverage) = Sandbox::new()
        .with("api", event)
        .with("console", table)
        .read();
    assert_eq!((seen.n_events, coverage.n_duplicate), (1, 1));
    assert_eq!(coverage.files[1].format, "Okta CSV");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn a_table_with_any_bytes_changed_is_accounted_for(
        changes in proptest::collection::vec((0_usize..6000, proptest::sample::select(b"\",;\n\r{}=\\\0\xffa".to_vec())), 0..20),
        which in 0_usize..9,
    ) {
        let mut table = tables()[which].1.clone().into_bytes();
        for (at, byte) in changes {
            let at = at % table.len();
            table[at] = byte;
        }
        // Checks that the account adds up.
        read_bytes(table);
    }
}
