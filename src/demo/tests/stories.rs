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
