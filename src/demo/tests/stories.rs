//! Each story, as its records tell it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::read_back::default_demo;

/// The records that the labels of `scenario` cite; a Vault event has two.
#[track_caller]
fn told(scenario: &str) -> Vec<Value> {
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
fn texts(records: &[Value], pointer: &str) -> BTreeSet<String> {
    let found = records
        .iter()
        .filter_map(|record| record.pointer(pointer)?.as_str());
    found.map(str::to_owned).collect()
}

#[track_caller]
fn assert_texts(scenario: &str, pointer: &str, expected: &[&str]) {
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

/// The CloudTrail records of the role called `name`.
fn of_role(name: &str) -> Vec<Value> {
    let issuer = "/userIdentity/sessionContext/sessionIssuer/userName";
    let is_it = |record: &Value| record.pointer(issuer).is_some_and(|role| role == name);
    default_demo().cloudtrail().filter(is_it).collect()
}

/// First and last date of `records`.
#[track_caller]
fn span(records: &[Value]) -> (String, String) {
    let times = texts(records, "/eventTime");
    let date = |time: Option<&String>| time.unwrap()[..10].to_owned();
    (date(times.first()), date(times.last()))
}

#[test]
fn a_renamed_role_has_another_id_and_takes_over_on_one_day() {
    let told = told("Q22");
    let issuer = "/userIdentity/sessionContext/sessionIssuer";
    let names = texts(&told, &format!("{issuer}/userName"));
    let [new] = Vec::from_iter(&names)[..] else {
        panic!("{names:?}")
    };
    let old = new.strip_suffix("-r2").unwrap();
    let (before, after) = (of_role(old), of_role(new));
    assert_eq!(span(&before).1, "2026-11-10");
    assert_eq!(span(&after).0, "2026-11-11");
    let id = format!("{issuer}/principalId");
    assert_ne!(texts(&before, &id), texts(&after, &id));
    assert_eq!(texts(&after, &id).len(), 1);
    let labels = &default_demo().demo.labels;
    let label = labels.iter().find(|label| label.scenario == "Q22").unwrap();
    let id = texts(&after, &id).pop_first().unwrap();
    assert_eq!(label.identity_key, format!("aws:role:{id}"));
    assert_eq!(label.identity_name, *new);
}

#[test]
fn a_service_moves_to_another_region() {
    assert_texts("Q23", "/awsRegion", &["eu-central-1"]);
    let told = told("Q23");
    let names = texts(&told, "/userIdentity/sessionContext/sessionIssuer/userName");
    let earlier = of_role(names.first().unwrap());
    assert!(texts(&earlier, "/awsRegion").contains("eu-west-1"));
}

#[test]
fn a_bucket_and_a_role_are_made_as_they_were_before() {
    let expected = [
        "AttachRolePolicy",
        "CreateBucket",
        "CreateRole",
        "PutBucketTagging",
    ];
    assert_texts("Q18", "/eventName", &expected);
    let made = default_demo().cloudtrail().filter(|record| {
        let role = &record["requestParameters"]["roleName"];
        record["eventName"] == "CreateRole"
            && role
                .as_str()
                .is_some_and(|role| role.starts_with("platform-audit-2026w"))
    });
    assert!(made.count() >= 2, "once before, and in the review");
}

#[test]
fn the_quarter_ends_with_many_times_as_many_mails() {
    let mails = default_demo()
        .cloudtrail()
        .filter(|record| record["eventName"] == "SendRawEmail");
    let mut by_day: std::collections::BTreeMap<String, usize> = std::collections::BTreeMap::new();
    for mail in mails {
        let date = mail["eventTime"].as_str().unwrap()[..10].to_owned();
        *by_day.entry(date).or_default() += 1;
    }
    let last = by_day["2026-11-14"];
    let before = by_day.range(.."2026-11-14".to_owned()).map(|(_, n)| *n);
    assert!(before.max().unwrap() * 5 < last, "{by_day:?}");
}

#[test]
fn versions_go_up_over_the_weeks_and_once_more_in_the_review() {
    let next = |scenario, version: &str| {
        let told = told(scenario);
        let agents = ["/userAgent", "/client/userAgent/rawUserAgent"];
        let agents: Vec<String> = agents.iter().flat_map(|at| texts(&told, at)).collect();
        assert!(!agents.is_empty());
        for agent in agents {
            assert!(agent.contains(version), "{scenario}: {agent}");
        }
    };
    next("Q10", "Chrome/143.");
    next("Q20", "aws-cli/2.28.");
    next("Q21", "Boto3/1.41.");
    let agents: BTreeSet<String> = default_demo()
        .okta()
        .filter(|record| record["published"].as_str() < Some("2026-11-09"))
        .map(|record| record["client"]["userAgent"]["rawUserAgent"].to_string())
        .collect();
    for version in ["Chrome/141.", "Chrome/142.", "Firefox/143.", "Firefox/144."] {
        let is_used = agents.iter().any(|agent| agent.contains(version));
        assert!(is_used, "{version}: {agents:?}");
    }
    assert!(!agents.iter().any(|agent| agent.contains("Chrome/143.")));
}

#[test]
fn people_travelled_before() {
    let is_abroad = |record: &&Value| {
        let address = record["client"]["ipAddress"].as_str().unwrap();
        address.starts_with("2001:db8:20") && record["published"].as_str() < Some("2026-11-09")
    };
    let records: Vec<Value> = default_demo().okta().collect();
    let abroad = records.iter().filter(is_abroad);
    let travellers: BTreeSet<String> = abroad.map(|r| r["actor"]["id"].to_string()).collect();
    assert!(travellers.len() >= 2, "{travellers:?}");
}
