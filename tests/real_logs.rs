//! Logs that nobody here wrote: every record of them is accounted for, and an
//! attack in them is seen. Skipped where they are not beside the project.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use serde_json::Value;

use crate::support::{Sandbox, real_logs};

/// What becomes of the records of one set.
struct Account<'a> {
    n_records: u64,
    n_used: u64,
    n_duplicate: u64,
    /// By reason.
    skipped: &'a [(&'a str, u64)],
    /// Events by source.
    events: &'a [(&'a str, u64)],
    /// How `inspect` ends: 3 where licences and notes are among the files, 1
    /// where there is nothing else.
    status: i32,
}

/// A document that the command prints about a set, with this exit status.
#[track_caller]
fn document(words: &str, set: &str, status: i32) -> Option<Value> {
    let path = real_logs()?.join(set);
    let output = Sandbox::new().habitual(words).arg(path).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{set}: {said}");
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

#[track_caller]
fn accounts_for(set: &str, expected: &Account<'_>) {
    let Some(document) = document("inspect -f json -q", set, expected.status) else {
        return;
    };
    let coverage = &document["coverage"];
    let n = |field: &str| coverage[field].as_u64().unwrap();
    let pairs = |list: &str, name: &str, n: &str| -> Vec<(String, u64)> {
        let items = coverage[list].as_array().unwrap().iter();
        items
            .map(|item| {
                (
                    item[name].as_str().unwrap().to_owned(),
                    item[n].as_u64().unwrap(),
                )
            })
            .collect()
    };
    let owned = |pairs: &[(&str, u64)]| -> Vec<(String, u64)> {
        pairs
            .iter()
            .map(|(name, n)| ((*name).to_owned(), *n))
            .collect()
    };
    assert_eq!(n("n_records"), expected.n_records, "{set}: records");
    assert_eq!(n("n_used"), expected.n_used, "{set}: used");
    assert_eq!(n("n_duplicate"), expected.n_duplicate, "{set}: duplicate");
    assert_eq!(
        pairs("skipped", "reason", "n"),
        owned(expected.skipped),
        "{set}"
    );
    assert_eq!(
        pairs("sources", "source", "n_events"),
        owned(expected.events),
        "{set}"
    );
    let sum = n("n_used") + n("n_duplicate") + n("n_out_of_window") + n("n_skipped");
    assert_eq!(sum, expected.n_records, "{set}: nothing is lost");
    assert_eq!(coverage["adds_up"], true, "{set}");
}

#[test]
fn every_record_of_real_cloudtrail_is_accounted_for() {
    let plain = |n| Account {
        n_records: n,
        n_used: n,
        n_duplicate: 0,
        skipped: &[],
        events: &[],
        status: 3,
    };
    let all = |events| Account { events, ..plain(0) };
    let of = |n, events| Account {
        n_records: n,
        n_used: n,
        ..all(events)
    };
    accounts_for("invictus-aws_dataset", &of(2900, &[("cloudtrail", 2900)]));
    accounts_for("stratus-detonation", &of(310, &[("cloudtrail", 310)]));
    // Once unpacked, and once in a zip archive.
    accounts_for(
        "otrf-aws",
        &Account {
            n_used: 103,
            n_duplicate: 103,
            ..of(206, &[("cloudtrail", 103)])
        },
    );
    accounts_for("plaso", &of(6, &[("cloudtrail", 6)]));
    accounts_for(
        "trailscraper",
        &Account {
            n_used: 3,
            n_duplicate: 4,
            skipped: &[("unknown_type", 1)],
            ..of(8, &[("cloudtrail", 3)])
        },
    );
    accounts_for(
        "cloudgrep",
        &Account {
            n_used: 2,
            skipped: &[("truncated_record", 1)],
            ..of(3, &[("cloudtrail", 2)])
        },
    );
    accounts_for(
        "sneller",
        &Account {
            n_used: 726,
            skipped: &[("insight", 274)],
            status: 0,
            ..of(1000, &[("cloudtrail", 726)])
        },
    );
}

#[test]
fn every_record_of_real_mixtures_is_accounted_for() {
    // The verdicts beside the events, and events cut down to what a rule reads or
    // in lower case.
    accounts_for(
        "panther-analysis",
        &Account {
            n_records: 1360,
            n_used: 439,
            n_duplicate: 97,
            // Calls that an endpoint let through have events of their own.
            skipped: &[
                ("unknown_type", 804),
                ("no_time", 12),
                ("network_activity", 8),
            ],
            events: &[("cloudtrail", 389), ("okta", 47), ("generic", 3)],
            status: 3,
        },
    );
    // Rule tests: each event is wrapped; some were cut down to a few fields.
    accounts_for(
        "streamalert",
        &Account {
            n_records: 57,
            n_used: 40,
            n_duplicate: 2,
            // Of some, what tells of somebody is blanked: the time, the version.
            skipped: &[("no_time", 14), ("insight", 1)],
            events: &[("cloudtrail", 39), ("okta", 1)],
            status: 3,
        },
    );
}

#[test]
fn every_record_of_real_vault_logs_is_accounted_for() {
    let of = |n_records, n_used, skipped, events| Account {
        n_records,
        n_used,
        n_duplicate: 0,
        skipped,
        events,
        status: 0,
    };
    accounts_for(
        "vault/hashicorp-education_learn-vault-monitoring",
        &of(1397, 1397, &[], &[("vault", 699)]),
    );
    accounts_for(
        "vault/samgabrail_vault-monitoring",
        &of(186, 185, &[("internal", 1)], &[("vault", 93)]),
    );
    accounts_for(
        "vault/ParleSec_DIDentity",
        &of(38, 36, &[("internal", 2)], &[("vault", 19)]),
    );
    // It starts with 43,074 NUL bytes.
    accounts_for(
        "vault/testdrivenio_vault-consul-docker",
        &of(108, 108, &[], &[("vault", 54)]),
    );
}

#[test]
fn the_attacker_of_a_real_intrusion_ranks_above_the_bystander() {
    let words = "replay -f json -q --history ..2023-07-10T12:24Z --review 2023-07-10T12:24Z..";
    let Some(report) = document(words, "invictus-aws_dataset/CloudTrail", 0) else {
        return;
    };
    let findings = report["findings"].as_array().unwrap();
    let rank = |name: &str| {
        let mut of = findings.iter().filter(|f| f["identity"]["name"] == name);
        of.next().unwrap()["rank"].as_u64().unwrap()
    };
    assert_eq!(rank("bert-jan"), 1);
    assert!(rank("bert-jan") < rank("benjamin"));
    let facts = report["facts"].as_array().unwrap();
    assert!(facts.len() >= 4, "{facts:#?}");
    assert!(facts.iter().all(|fact| fact["identity"] == "bert-jan"));
    let cautions = report["cautions"].to_string();
    assert!(
        cautions.contains("history covers only 42 minutes"),
        "{cautions}"
    );
    let severe = findings
        .iter()
        .filter(|f| f["severity"] == "high" || f["severity"] == "critical");
    assert_eq!(severe.count(), 0, "42 minutes carry no such claim");
}

#[test]
fn real_vault_logs_are_judged_or_say_why_not() {
    let set = "vault/hashicorp-education_learn-vault-monitoring";
    let Some(report) = document("replay -f json -q", set, 0) else {
        return;
    };
    let findings = report["findings"].as_array().unwrap();
    assert!(!findings.is_empty());
    for finding in findings {
        let is_judged = finding["p_value"].is_number();
        assert_eq!(is_judged, finding["abstained"].is_null(), "{finding:#}");
    }
    assert!(!report["cautions"].as_array().unwrap().is_empty());
}
