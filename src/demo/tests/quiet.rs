//! Ordinary changes that came with larger organisations, as their records tell
//! them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::read_back::default_demo;
use super::stories::{assert_texts, texts, told};

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
    assert_eq!(names.len(), 1, "{names:?}");
    let new = names.first().unwrap();
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
    let mut by_day: BTreeMap<String, usize> = BTreeMap::new();
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
