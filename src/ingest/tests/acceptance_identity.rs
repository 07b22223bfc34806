//! Who is who in CloudTrail, from bytes to decided ledgers.

use serde_json::{Value, json};

use super::*;
use crate::event::{Class, Period};
use crate::ledger::{Account, Decisions, Dimension, Ledger, Remark};

/// A fold that learns.
struct Learned(Ledger);

impl Fold for Learned {
    fn observe(&mut self, event: &Event<'_>) {
        self.0.observe(event);
    }

    fn observe_duplicate(&mut self, event: &Event<'_>) {
        self.0.observe_duplicate(event);
    }
}

/// What is learned of these records, and what became of them.
fn learn(records: &[Value]) -> (Ledger, Coverage) {
    let sandbox = Sandbox::new().with("log.json", json!({"Records": records}).to_string());
    let make = || Learned(Ledger::new(Period::Day));
    let paths = [sandbox.path().to_owned()];
    let intake = read(&paths, &Options::default(), &|_: Progress| {}, make).unwrap();
    let mut whole = Ledger::new(Period::Day);
    for Learned(part) in intake.folds {
        whole.merge(part);
    }
    whole.coarsen(Period::Day);
    whole.settle();
    (whole, intake.coverage)
}

/// Both ledgers once the history has decided.
fn decided(history: &[Value], review: &[Value]) -> (Ledger, Ledger) {
    let (mut history, mut review) = (learn(history).0, learn(review).0);
    let decisions = Decisions::from_history(&history);
    decisions.apply_to_history(&mut history);
    decisions.apply_to_review(&mut review);
    (history, review)
}

fn keys(ledger: &Ledger) -> BTreeSet<&str> {
    ledger.accounts().iter().map(|a| &*a.row.key).collect()
}

/// A call on this day of November 2026 by `identity`.
fn call(day: u32, identity: Value) -> Value {
    json!({
        "eventVersion": "1.08", "eventTime": format!("2026-11-{day:02}T09:00:00Z"),
        "eventSource": "s3.amazonaws.com", "eventName": "GetObject",
        "awsRegion": "eu-west-1", "sourceIPAddress": "203.0.113.7",
        "userAgent": "aws-cli/2.18.5", "userIdentity": identity,
        "requestParameters": {"bucketName": "payroll", "key": "2026/10/all.csv"},
        "recipientAccountId": "111122223333"
    })
}

fn user(id: &str) -> Value {
    json!({
        "type": "IAMUser", "principalId": id, "userName": "bob", "accountId": "111122223333",
        "arn": "arn:aws:iam::111122223333:user/bob", "accessKeyId": "AKIAEXAMPLE1"
    })
}

/// A session of the role with this id and name.
fn session(id: &str, role: &str, name: &str, key: &str) -> Value {
    json!({
        "type": "AssumedRole", "principalId": format!("{id}:{name}"), "accessKeyId": key,
        "arn": format!("arn:aws:sts::111122223333:assumed-role/{role}/{name}"),
        "accountId": "111122223333",
        "sessionContext": {"sessionIssuer": {
            "type": "Role", "principalId": id, "userName": role,
            "arn": format!("arn:aws:iam::111122223333:role/{role}")
        }}
    })
}

/// The record by which `identity` takes on a role.
fn assume(day: u32, identity: Value, role_id: &str, name: &str, key: &str) -> Value {
    let mut record = call(day, identity);
    record["eventSource"] = json!("sts.amazonaws.com");
    record["eventName"] = json!("AssumeRole");
    record["requestParameters"] = json!({
        "roleArn": "arn:aws:iam::111122223333:role/X", "roleSessionName": name
    });
    record["responseElements"] = json!({
        "credentials": {"accessKeyId": key, "secretAccessKey": "CANARY", "sessionToken": "CANARY"},
        "assumedRoleUser": {"assumedRoleId": format!("{role_id}:{name}")}
    });
    record
}

#[test]
fn versions_are_two_integers() {
    let of = |version: &str| {
        let mut record = call(1, user("AIDA1"));
        record["eventVersion"] = json!(version);
        record["requestID"] = json!(version);
        record
    };
    let (_, coverage) = learn(&["1.02", "1.9", "1.10", "1.11", "2.0"].map(of));
    assert_eq!(coverage.n_used, 4);
    assert_skipped(&coverage, &[(SkipReason::UnsupportedVersion, 1)]);
}

#[test]
fn one_person_in_two_accounts_with_three_permission_sets_is_one_identity() {
    let sso = |account: &str, set: &str, name: &str| {
        let role = format!("AWSReservedSSO_{set}_0123456789abcdef");
        let mut identity = session(&format!("AROA{account}{set}"), &role, name, "ASIA1");
        identity["accountId"] = json!(account);
        identity["sessionContext"]["sessionIssuer"]["arn"] = json!(format!(
            "arn:aws:iam::{account}:role/aws-reserved/sso.amazonaws.com/{role}"
        ));
        call(1, identity)
    };
    let (ledger, _) = learn(&[
        sso("111122223333", "Admin", "alice@corp.example"),
        sso("444455556666", "Dev", "Alice@corp.example"),
        sso("444455556666", "ReadOnly", "alice@corp.example"),
    ]);
    assert_eq!(
        keys(&ledger),
        BTreeSet::from(["aws:sso:alice@corp.example"])
    );
}

#[test]
fn generated_session_names_are_one_identity_and_recurring_ones_are_each() {
    let generated = |n: u32| {
        let name = format!("botocore-session-{}", 1_700_000_000 + n);
        call(
            1 + n % 5,
            session("AROAGEN", "Gen", &name, &format!("ASIAGEN{n}")),
        )
    };
    let named = |day: u32, name: &str| {
        call(
            day,
            session("AROAETL", "Etl", name, &format!("ASIA{name}{day}")),
        )
    };
    let mut history: Vec<Value> = (0..500).map(generated).collect();
    for day in 1..=3 {
        history.extend([named(day, "loader"), named(day, "cleaner")]);
    }
    let (history, review) = decided(
        &history,
        &[named(9, "loader"), named(9, "victim@corp.example")],
    );
    let own = ["aws:role:AROAETL#cleaner", "aws:role:AROAETL#loader"];
    let expected = [own[0], own[1], "aws:role:AROAETL", "aws:role:AROAGEN"];
    assert_eq!(keys(&history), BTreeSet::from(expected));
    // A new name is judged as the role, and no colleague's is believed.
    assert_eq!(keys(&review), BTreeSet::from([own[1], "aws:role:AROAETL"]));
    assert!(matches!(
        review.remarks(),
        [Remark::NewSessions { role, n: 1, .. }] if &**role == "Etl"
    ));
}

#[test]
fn far_end_of_two_hops_through_another_account_is_the_first_caller() {
    let mut first = assume(1, user("AIDABOB"), "AROAHUB", "hop", "ASIAHUB");
    first["recipientAccountId"] = json!("444455556666");
    first["userIdentity"]["accountId"] = json!("444455556666");
    let hub = session("AROAHUB", "Hub", "hop", "ASIAHUB");
    let second = assume(9, hub, "AROALEAF", "job-7", "ASIALEAF");
    let leaf = call(9, session("AROALEAF", "Leaf", "job-7", "ASIALEAF"));
    let (ledger, _) = learn(&[leaf, second, first]);
    let origins = ledger.chains().origins("aws:role:AROALEAF");
    assert_eq!(origins, BTreeSet::from(["aws:user:AIDABOB"]));
}

#[test]
fn sessions_of_one_name_are_joined_by_access_key() {
    let history = [
        assume(1, user("AIDABOB"), "AROADEP", "deploy", "ASIA1"),
        call(1, session("AROADEP", "Dep", "deploy", "ASIA1")),
    ];
    // Under the same name at the same time, one session was issued and one not.
    let review = [
        assume(9, user("AIDABOB"), "AROADEP", "deploy", "ASIA2"),
        call(9, session("AROADEP", "Dep", "deploy", "ASIA2")),
        call(9, session("AROADEP", "Dep", "deploy", "ASIASTOLEN")),
    ];
    let (_, judged) = decided(&history, &review);
    assert!(matches!(
        judged.remarks(),
        [Remark::ChainMissing {
            n_missing: 1,
            n_keys: 2,
            ..
        }]
    ));
    let (_, judged) = decided(&history, &review[..2]);
    assert_eq!(judged.remarks(), []);
}

#[test]
fn refused_attempt_to_take_on_a_role_issues_nothing() {
    let mut refused = assume(1, user("AIDABOB"), "AROADEP", "deploy", "ASIA1");
    refused["errorCode"] = json!("AccessDenied");
    refused["responseElements"] = Value::Null;
    let (ledger, _) = learn(&[refused]);
    assert_eq!(ledger.chains().callers("aws:role:AROADEP"), BTreeSet::new());
    assert_eq!(
        ledger.accounts()[0].cells.len(),
        1,
        "it is an attempt all the same"
    );
}

fn dimensions(account: &Account) -> BTreeSet<Dimension> {
    account
        .atoms
        .keys()
        .map(|(dimension, _)| *dimension)
        .collect()
}

#[test]
fn deployment_by_the_provider_teaches_no_network_client_hour_or_rate() {
    let mut forwarded = call(1, user("AIDA1"));
    forwarded["userIdentity"]["invokedBy"] = json!("cloudformation.amazonaws.com");
    forwarded["sourceIPAddress"] = json!("cloudformation.amazonaws.com");
    forwarded["userAgent"] = json!("cloudformation.amazonaws.com");
    let (ledger, _) = learn(&[forwarded]);
    let account = &ledger.accounts()[0];
    assert_eq!(&*account.row.key, "aws:user:AIDA1");
    let learned = dimensions(account);
    assert!(learned.contains(&Dimension::Action) && learned.contains(&Dimension::Scope));
    for absent in [
        Dimension::Network,
        Dimension::Client,
        Dimension::Hour,
        Dimension::Access,
    ] {
        assert!(!learned.contains(&absent), "{absent:?}");
    }
    assert!(account.cells.values().all(|cell| cell.n_direct == 0));
}

#[test]
fn failed_sign_in_of_nobody_has_no_baseline() {
    let mut record = call(
        1,
        json!({
            "type": "IAMUser", "accountId": "111122223333", "accessKeyId": "",
            "userName": "HIDDEN_DUE_TO_SECURITY_REASONS"
        }),
    );
    record["eventSource"] = json!("signin.amazonaws.com");
    record["eventName"] = json!("ConsoleLogin");
    record["errorMessage"] = json!("No username found in supplied account");
    record["responseElements"] = json!({"ConsoleLogin": "Failure"});
    let mut known = record.clone();
    known["userIdentity"]["userName"] = json!("bob");
    known["errorMessage"] = json!("Failed authentication");
    let (ledger, coverage) = learn(&[record, known]);
    assert_eq!(coverage.n_used, 2);
    let hidden = ledger.account("aws:hidden:111122223333").unwrap();
    assert!(hidden.atoms.is_empty() && hidden.cells.is_empty());
    assert!(!hidden.row.class.is_scored());
    let known = ledger.account("aws:user:111122223333/bob").unwrap();
    assert_eq!(dimensions(known), BTreeSet::from([Dimension::Error]));
    assert_ne!(known.row.class, Class::Anonymous);
}

#[test]
fn user_deleted_and_made_anew_is_two_identities_and_a_remark() {
    let (history, review) = decided(&[call(1, user("AIDA1"))], &[call(9, user("AIDA2"))]);
    assert_eq!(keys(&history), BTreeSet::from(["aws:user:AIDA1"]));
    assert_eq!(keys(&review), BTreeSet::from(["aws:user:AIDA2"]));
    assert!(matches!(
        review.remarks(),
        [Remark::Recreated {
            inherits: false,
            ..
        }]
    ));
}

#[test]
fn no_secret_of_an_issued_credential_is_kept() {
    let record = assume(1, user("AIDABOB"), "AROADEP", "deploy", "ASIA1");
    let (ledger, coverage) = learn(&[record]);
    assert!(!format!("{ledger:?}{coverage:?}").contains("CANARY"));
}

#[test]
fn overlapping_exports_put_each_event_into_one_window() {
    let day = |day: u32| call(day, user("AIDA1"));
    let file = |days: std::ops::RangeInclusive<u32>| {
        json!({"Records": days.map(day).collect::<Vec<_>>()}).to_string()
    };
    let sandbox = Sandbox::new()
        .with("history.json", file(1..=8))
        .with("review.json", file(8..=10));
    let border = Timestamp::from_seconds(1_793_491_200 + 7 * 86_400);
    let within = |start, end| {
        let options = Options {
            span: Window { start, end },
            ..Options::default()
        };
        read_all(&[sandbox.path().to_owned()], &options).0.events
    };
    let history = within(Timestamp::MIN, border);
    let review = within(border, Timestamp::MAX);
    assert_eq!((history.len(), review.len()), (7, 3));
    assert!(history.is_disjoint(&review));
}
