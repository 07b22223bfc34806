//! Each story, as its records tell it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::read_back::default_demo;

/// The records that the labels of `scenario` cite; a Vault event has two.
#[track_caller]
pub(super) fn told(scenario: &str) -> Vec<Value> {
    let read = default_demo();
    let labels = read.demo.labels.iter();
    let ids: BTreeSet<&str> = labels
        .filter(|label| label.scenario == scenario)
        .flat_map(|label| label.event_ids.iter().map(String::as_str))
        .collect();
    let is_cited = |id: &Value| id.as_str().is_some_and(|id| ids.contains(id));
    let aws = read.cloudtrail().filter(|r| is_cited(&r["eventID"]));
    let okta = read.okta().filter(|r| is_cited(&r["uuid"]));
    let vault = read.vault().filter(|r| is_cited(&r["request"]["id"]));
    let records: Vec<Value> = aws.chain(okta).chain(vault).collect();
    assert!(!records.is_empty(), "{scenario} has no records");
    records
}

/// The distinct texts at `pointer` of the records that have it.
pub(super) fn texts(records: &[Value], pointer: &str) -> BTreeSet<String> {
    let found = records
        .iter()
        .filter_map(|record| record.pointer(pointer)?.as_str());
    found.map(str::to_owned).collect()
}

#[track_caller]
pub(super) fn assert_texts(scenario: &str, pointer: &str, expected: &[&str]) {
    let expected: BTreeSet<String> = expected.iter().map(|&text| text.to_owned()).collect();
    assert_eq!(
        texts(&told(scenario), pointer),
        expected,
        "{scenario} {pointer}"
    );
}

#[track_caller]
fn assert_all_from(scenario: &str, prefix: &str) {
    for record in told(scenario) {
        let address = [
            "/sourceIPAddress",
            "/client/ipAddress",
            "/request/remote_address",
        ]
        .iter()
        .find_map(|pointer| record.pointer(pointer)?.as_str())
        .unwrap();
        assert!(address.starts_with(prefix), "{scenario}: {address}");
    }
}

#[test]
fn foreign_networks_and_regions_are_those_of_the_story() {
    assert_all_from("S01", "198.19.61.");
    assert_texts("S03", "/awsRegion", &["ap-south-1"]);
    assert_texts("S18", "/awsRegion", &["eu-north-1"]);
    assert_all_from("S18", "198.19.44.");
    assert_all_from("S22", "192.0.2.");
    assert_all_from("S27", "2001:db8:bad::");
    assert_all_from("Q07", "2001:db8:81::");
    assert_all_from("Q08", "198.18.171.");
    assert_all_from("Q09", "198.51.100.");
}

#[test]
fn the_ci_role_ends_up_in_the_console() {
    let records = told("S01");
    assert!(texts(&records, "/eventName").contains("ConsoleLogin"));
    assert!(
        records
            .iter()
            .any(|r| r["sessionCredentialFromConsole"] == "true")
    );
}

#[test]
fn denied_attempts_end_in_a_success() {
    let records = told("S09");
    let puts = records.iter().filter(|r| r["eventName"] == "PutRolePolicy");
    let denied: Vec<bool> = puts.map(|r| r["errorCode"] == "AccessDenied").collect();
    assert!(denied.len() > 10);
    assert_eq!(
        denied.iter().position(|denied| !denied),
        Some(denied.len() - 1)
    );
}

#[test]
fn refused_pushes_come_before_the_accepted_one() {
    let records = told("S27");
    let kinds: Vec<&str> = records
        .iter()
        .filter_map(|r| r["eventType"].as_str())
        .collect();
    let refused: Vec<usize> = kinds
        .iter()
        .enumerate()
        .filter(|(_, kind)| **kind == "user.mfa.okta_verify.deny_push")
        .map(|(n, _)| n)
        .collect();
    assert_eq!(refused.len(), 9);
    let accepted = kinds
        .iter()
        .position(|kind| *kind == "user.authentication.auth_via_mfa");
    assert!(accepted > refused.last().copied());
}

#[test]
fn the_trail_is_stopped_and_the_key_is_silent_afterwards() {
    assert!(texts(&told("S26"), "/eventName").contains("StopLogging"));
    let by_key = default_demo()
        .cloudtrail()
        .filter(|record| record["userIdentity"]["userName"] == "svc-observability");
    let last = by_key.map(|record| record["eventTime"].to_string()).max();
    assert!(last.unwrap().starts_with("\"2026-11-13T23:"));
}

#[test]
fn the_dormant_key_was_active_and_then_idle_for_weeks() {
    let days: BTreeSet<String> = default_demo()
        .cloudtrail()
        .filter(|record| record["userIdentity"]["userName"] == "svc-old-report")
        .map(|record| record["eventTime"].as_str().unwrap()[..10].to_owned())
        .collect();
    let days: Vec<&str> = days.iter().map(String::as_str).collect();
    let (last, before) = days.split_last().unwrap();
    assert_eq!(*last, "2026-11-13");
    assert!(before.len() >= 10 && before.last() < Some(&"2026-10-17"));
}

#[test]
fn rotation_changes_the_key_but_not_the_user() {
    let records: Vec<Value> = default_demo()
        .cloudtrail()
        .filter(|record| record["userIdentity"]["userName"] == "svc-invoice-mail")
        .collect();
    assert_eq!(texts(&records, "/userIdentity/principalId").len(), 1);
    assert_eq!(texts(&records, "/userIdentity/accessKeyId").len(), 2);
    assert_eq!(texts(&told("Q11"), "/userIdentity/accessKeyId").len(), 1);
}

#[test]
fn the_storm_is_made_of_denials_of_several_services() {
    let records = told("Q14");
    assert!(
        records
            .iter()
            .all(|record| record["errorCode"] == "AccessDenied")
    );
    assert!(records.len() >= 60, "{}", records.len());
    assert_eq!(
        texts(&records, "/userIdentity/sessionContext/sessionIssuer/arn").len(),
        3
    );
}

#[test]
fn at_least_four_of_a_team_adopt_the_service() {
    let records = told("Q02");
    assert!(texts(&records, "/userIdentity/principalId").len() >= 4);
    assert_texts("Q02", "/eventSource", &["states.amazonaws.com"]);
}

#[test]
fn nobody_new_has_a_history() {
    let mut dates = default_demo()
        .okta()
        .filter(|record| record["actor"]["alternateId"] == "rosa.blanco@corp.example")
        .map(|record| record["published"].to_string());
    assert!(dates.all(|date| date.as_str() >= "\"2026-11-09"));
}

fn calls_of_aws(records: &[Value]) -> usize {
    records
        .iter()
        .filter(|record| record.get("eventName").is_some())
        .count()
}

/// The records of `scenario` whose name or path begins with `call`.
#[track_caller]
fn calls(scenario: &str, call: &str) -> Vec<Value> {
    let names = ["/eventName", "/eventType", "/request/path"];
    let is_it = |record: &Value, pointer: &str| {
        let name = record.pointer(pointer).and_then(Value::as_str);
        name.is_some_and(|name| name.starts_with(call))
    };
    let found: Vec<Value> = told(scenario)
        .into_iter()
        .filter(|record| names.iter().any(|pointer| is_it(record, pointer)))
        .collect();
    assert!(!found.is_empty(), "{scenario}: no {call}");
    found
}

#[track_caller]
fn assert_named(scenario: &str, call: &str, pointer: &str, expected: &str) {
    let found = texts(&calls(scenario, call), pointer);
    assert!(
        found.iter().any(|text| text.contains(expected)),
        "{scenario} {call} {pointer}: {found:?}"
    );
}

#[test]
fn the_planner_reaches_roles_agents_and_functions_it_never_did() {
    assert_named(
        "S04",
        "AssumeRole",
        "/requestParameters/roleArn",
        ":role/finance-reader",
    );
    assert_named(
        "S04",
        "InvokeAgent",
        "/requestParameters/agentId",
        "AGENTHRDESK",
    );
    let arn = "/requestParameters/agentRuntimeArn";
    assert_named("S04", "InvokeAgentRuntime", arn, ":runtime/payroll_helper-");
    assert_named(
        "S04",
        "Invoke",
        "/requestParameters/functionName",
        "salary-lookup",
    );
    assert_named(
        "S04",
        "identity/entity/name/",
        "/request/mount_type",
        "identity",
    );
    let grants = calls("S04", "app.oauth2.as.token.grant.access_token");
    assert!(texts(&grants, "/actor/type").contains("PublicClientApp"));
}

#[test]
fn artefacts_are_named_and_their_bytes_counted() {
    assert_named(
        "S05",
        "BatchGetImage",
        "/requestParameters/repositoryName",
        "orders-api",
    );
    assert_named(
        "S05",
        "GetDownloadUrlForLayer",
        "/requestParameters/layerDigest",
        "sha256:",
    );
    assert_named(
        "S05",
        "GitPull",
        "/additionalEventData/repositoryName",
        "orders-api",
    );
    assert_named(
        "S05",
        "GetPackageVersionAsset",
        "/requestParameters/package",
        "",
    );
    let bytes = |record: &Value| record["additionalEventData"]["bytesTransferredOut"].as_u64();
    let sent: u64 = calls("S05", "GetObject").iter().filter_map(bytes).sum();
    assert!(sent > 500_000_000, "{sent}");
}

#[test]
fn the_release_bot_approves_what_it_did_not_start() {
    let stage = "/requestParameters/stageName";
    assert_named(
        "S07",
        "PutApprovalResult",
        "/requestParameters/result/status",
        "Approved",
    );
    assert_eq!(
        texts(&calls("S07", "PutApprovalResult"), stage),
        BTreeSet::from(["Production".to_owned()])
    );
    assert!(!texts(&told("S07"), "/eventName").contains("StartPipelineExecution"));
    assert_named(
        "S07",
        "sys/control-group/authorize",
        "/request/operation",
        "update",
    );
    let bot = default_demo().cloudtrail().filter(|record| {
        record["userIdentity"]["sessionContext"]["sessionIssuer"]["userName"] == "release-bot"
            && record["eventTime"].as_str() < Some("2026-11-09")
    });
    let history: Vec<Value> = bot.collect();
    let mut last = "";
    for name in history
        .iter()
        .filter_map(|record| record["eventName"].as_str())
    {
        assert!(
            name != "PutApprovalResult" || last == "StartPipelineExecution",
            "{last}"
        );
        last = name;
    }
    assert!(!texts(&history, stage).contains("Production"));
}

#[test]
fn the_new_runner_reads_secrets_in_both_stores() {
    assert_all_from("S10", "198.19.52.");
    let list = calls("S10", "BatchGetSecretValue");
    assert_eq!(
        list[0]["requestParameters"]["secretIdList"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let path = calls("S10", "GetParametersByPath");
    assert_eq!(path[0]["requestParameters"]["withDecryption"], true);
    assert_named(
        "S10",
        "secret/data/",
        "/auth/display_name",
        "jwt-corp-example/web",
    );
}

#[test]
fn the_insights_agent_shares_with_a_stranger_after_it_has_exported() {
    let records = told("S11");
    let at = |name: &str| {
        let is_it = |record: &Value| record["eventName"] == name;
        records.iter().position(is_it).unwrap()
    };
    let order = [
        "Retrieve",
        "ExportTableToPointInTime",
        "CopyObject",
        "ModifySnapshotAttribute",
        "PutBucketPolicy",
    ];
    assert!(order.map(at).is_sorted());
    let source = "/requestParameters/x-amz-copy-source";
    assert_named("S11", "CopyObject", source, "lake-curated/sales/");
    let added = "/requestParameters/createVolumePermission/add/items/0/userId";
    assert_named("S11", "ModifySnapshotAttribute", added, "999988887777");
    let principal = "/requestParameters/bucketPolicy/Statement/0/Principal/AWS";
    assert_named("S11", "PutBucketPolicy", principal, "999988887777");
    assert_named("S11", "transit/export/", "/request/mount_type", "transit");
}

#[test]
fn the_reviewing_agents_token_is_the_same_before_and_after() {
    let keys = texts(&told("S15"), "/userIdentity/accessKeyId");
    assert_eq!(keys.len(), 1);
    let key = keys.first().unwrap();
    let usual = default_demo()
        .cloudtrail()
        .filter(|record| record["userIdentity"]["accessKeyId"] == key.as_str());
    let n_told = calls_of_aws(&told("S15"));
    assert_eq!(usual.count(), n_told + 4);
    let services = texts(&told("S15"), "/eventSource");
    assert!(services.len() >= 8, "{services:?}");
}

#[test]
fn consent_comes_before_the_first_use_and_that_before_aws() {
    let app = "/target/0/displayName";
    assert_named("S16", "app.oauth2.as.consent.grant", app, "MailMerge Pro");
    let time = |record: &Value| {
        let time = ["published", "eventTime"].map(|field| record[field].as_str());
        time.into_iter().flatten().next().unwrap().to_owned()
    };
    let consent = time(&calls("S16", "app.oauth2.as.consent.grant")[0]);
    let used = calls("S16", "user.authentication.sso");
    assert!(used[0]["target"][0]["displayName"] == "MailMerge Pro" && consent < time(&used[0]));
    assert!(time(&used[0]) < time(&calls("S16", "ConsoleLogin")[0]));
    let earlier = default_demo()
        .okta()
        .filter(|record| record["target"][0]["displayName"] == "MailMerge Pro");
    assert!(earlier.map(|record| time(&record)).all(|at| at >= consent));
}

#[test]
fn the_infrastructure_role_stays_at_its_runner_while_it_moves_on() {
    assert_all_from("S17", "198.18.141.");
    assert_named(
        "S17",
        "UpdateAssumeRolePolicy",
        "/requestParameters/policyDocument",
        "sts:AssumeRole",
    );
    assert_named(
        "S17",
        "SendCommand",
        "/requestParameters/documentName",
        "AWS-RunShellScript",
    );
    assert_named(
        "S17",
        "CreateAccessKey",
        "/responseElements/accessKey/accessKeyId",
        "AKIA",
    );
    assert_named(
        "S17",
        "auth/token/create-orphan",
        "/request/operation",
        "update",
    );
}

#[test]
fn each_of_three_sessions_is_used_from_two_networks_at_once() {
    for (name, address, time, records) in [
        (
            "/userIdentity/accessKeyId",
            "/sourceIPAddress",
            "/eventTime",
            default_demo().cloudtrail().collect::<Vec<_>>(),
        ),
        (
            "/authenticationContext/externalSessionId",
            "/client/ipAddress",
            "/published",
            default_demo().okta().collect(),
        ),
        (
            "/auth/accessor",
            "/request/remote_address",
            "/time",
            default_demo().vault().collect(),
        ),
    ] {
        let sessions = texts(&told("S20"), name);
        assert_eq!(sessions.len(), 1, "{name}");
        let text =
            |record: &Value, pointer: &str| Some(record.pointer(pointer)?.as_str()?.to_owned());
        let of_session = records
            .iter()
            .filter(|record| text(record, name).as_ref() == sessions.first());
        let (thief, own): (Vec<&Value>, Vec<&Value>) = of_session.partition(|record| {
            text(record, address).is_some_and(|at| at.starts_with("198.19.61."))
        });
        let times = |records: &[&Value]| -> BTreeSet<String> {
            records
                .iter()
                .filter_map(|record| text(record, time))
                .collect()
        };
        let (thief, own) = (times(&thief), times(&own));
        assert!(
            own.first() < thief.first() && thief.first() < own.last(),
            "{name}: {own:?} {thief:?}"
        );
    }
}

#[test]
fn each_hop_of_the_chain_uses_the_key_that_the_one_before_was_given() {
    let hops = calls("S21", "AssumeRole");
    let mut issued = hops.iter().filter_map(|record| {
        record
            .pointer("/responseElements/credentials/accessKeyId")?
            .as_str()
    });
    let roles = ["config-auditor", "ops-admin"];
    for role in roles {
        let key = issued.next().unwrap();
        let by_role: Vec<Value> = told("S21")
            .into_iter()
            .filter(|record| {
                record.pointer("/userIdentity/sessionContext/sessionIssuer/userName")
                    == Some(&role.into())
            })
            .collect();
        assert_eq!(
            texts(&by_role, "/userIdentity/accessKeyId"),
            BTreeSet::from([key.to_owned()])
        );
        let session = hops.iter().find(|record| {
            record.pointer("/responseElements/credentials/accessKeyId") == Some(&key.into())
        });
        let assumed = session.unwrap()["responseElements"]["assumedRoleUser"]["assumedRoleId"]
            .as_str()
            .unwrap();
        assert_eq!(
            texts(&by_role, "/userIdentity/principalId"),
            BTreeSet::from([assumed.to_owned()])
        );
    }
    let created = calls("S21", "auth/token/create");
    let child = texts(&created, "/response/auth/accessor");
    assert_eq!(child.len(), 2, "a child and its child");
    assert!(child.is_subset(&texts(&told("S21"), "/auth/accessor")));
}

#[test]
fn mimicry_stays_at_home_with_the_usual_client_in_working_hours() {
    assert_all_from("S25", "198.18.32.");
    let records = told("S25");
    assert_eq!(texts(&records, "/userAgent").len(), 1);
    let days: BTreeSet<String> = texts(&records, "/eventTime")
        .iter()
        .map(|at| at[..10].to_owned())
        .collect();
    assert_eq!(days.len(), 5);
}
