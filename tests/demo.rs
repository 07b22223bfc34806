//! `habitual demo`: the example organisation, and what the program makes of
//! it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::LazyLock;

use habitual::demo::DemoOptions;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::support::Sandbox;

/// Ranks in which everything that was planted must be.
const FIRST: usize = 40;
/// Takeovers that do nothing but what their victims do: they need not be found.
const LIKE_THE_VICTIM: [&str; 2] = ["S20", "S25"];

/// The demo, written and replayed once for all tests here.
struct Demo {
    sandbox: Sandbox,
    printed: Vec<u8>,
    labels: Value,
    report: Value,
    /// The events of the planted labels, as they were read.
    planted: Vec<Value>,
    /// The same of the quiet labels.
    quiet: Vec<Value>,
}

static DEMO: LazyLock<Demo> = LazyLock::new(|| {
    let sandbox = Sandbox::new();
    let output = sandbox.habitual("demo corp -q").output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let words = "replay corp/cloudtrail corp/okta corp/vault -f json -q --threads 1";
    let replayed = sandbox.habitual(words).output().unwrap();
    assert_eq!(replayed.status.code(), Some(0), "{replayed:?}");
    let labels: Value =
        serde_json::from_slice(&fs::read(sandbox.path("corp/labels.json")).unwrap()).unwrap();
    let dumped = dumped(&sandbox);
    Demo {
        printed: output.stdout,
        planted: events_of("planted", &dumped, &labels),
        quiet: events_of("quiet", &dumped, &labels),
        labels,
        report: serde_json::from_slice(&replayed.stdout).unwrap(),
        sandbox,
    }
});

/// Every event of the demo, a line each, as it was read.
fn dumped(sandbox: &Sandbox) -> String {
    let words = "inspect corp/cloudtrail corp/okta corp/vault -q -f json --dump-events all.jsonl";
    let output = sandbox.habitual(words).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    fs::read_to_string(sandbox.path("all.jsonl")).unwrap()
}

/// Every event that a label of this kind names, once for each time it was read.
fn events_of(kind: &str, dumped: &str, labels: &Value) -> Vec<Value> {
    let told = labels["labels"].as_array().unwrap().iter();
    let told = told.filter(|label| label["kind"] == kind);
    let ids: BTreeSet<&str> = told
        .flat_map(|label| label["event_ids"].as_array().unwrap())
        .map(|id| id.as_str().unwrap())
        .collect();
    let events = dumped
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    events
        .filter(|event: &Value| ids.contains(event["native_id"].as_str().unwrap_or_default()))
        .collect()
}

impl Demo {
    /// The read events of a scenario whose action is `action`.
    #[track_caller]
    fn read(&self, scenario: &str, action: &str) -> Vec<&Value> {
        let labels = self.labels("planted").into_iter();
        let ids: Vec<&Value> = labels
            .filter(|label| label["scenario"] == scenario)
            .flat_map(|label| label["event_ids"].as_array().unwrap())
            .collect();
        let events = self.planted.iter();
        let read: Vec<&Value> = events
            .filter(|event| event["action"] == action && ids.contains(&&event["native_id"]))
            .collect();
        assert!(!read.is_empty(), "{scenario}: no {action}");
        read
    }

    fn findings(&self) -> &[Value] {
        self.report["findings"].as_array().unwrap()
    }

    /// The labels of a kind, `planted` or `quiet`.
    fn labels(&self, kind: &str) -> Vec<&Value> {
        let all = self.labels["labels"].as_array().unwrap().iter();
        all.filter(|label| label["kind"] == kind).collect()
    }

    /// Place in the ranking, from 1, of the identity of a label.
    fn place(&self, label: &Value) -> Option<usize> {
        let key = label["identity_key"].as_str().unwrap();
        let mut findings = self.findings().iter();
        let at = findings.position(|finding| keys(finding).any(|own| own == key))?;
        Some(at + 1)
    }
}

/// The keys of whom a finding is about: one person may have several accounts.
fn keys(finding: &Value) -> impl Iterator<Item = &str> {
    let identity = &finding["identity"];
    let linked = identity["linked"].as_array().into_iter().flatten();
    let merged = linked.filter(|other| other["kind"] == "merged");
    std::iter::once(identity)
        .chain(merged)
        .filter_map(|one| one["id"].as_str())
}

/// A hash of every file below the folder, by name.
fn contents(sandbox: &Sandbox) -> BTreeMap<String, [u8; 32]> {
    let names = sandbox.names().into_iter();
    names
        .filter(|name| sandbox.path(name).is_file())
        .map(|name| {
            let hash = Sha256::digest(fs::read(sandbox.path(&name)).unwrap()).into();
            (name, hash)
        })
        .collect()
}

#[test]
fn the_demo_is_the_same_every_time_and_may_be_written_again() {
    let demo = &*DEMO;
    let before = contents(&demo.sandbox);
    assert!(before.len() > 100, "{} files", before.len());
    // Into the folder of the first one, which is recognised as a demo.
    habitual::demo::write(&demo.sandbox.path("corp"), &DemoOptions::default()).unwrap();
    assert_eq!(contents(&demo.sandbox), before);
    let printed = String::from_utf8(demo.printed.clone()).unwrap();
    assert!(printed.contains("svc-observability"), "{printed}");
}

#[test]
fn what_was_planted_is_found() {
    let demo = &*DEMO;
    let mut best: BTreeMap<&str, usize> = BTreeMap::new();
    let mut scenarios: BTreeSet<&str> = BTreeSet::new();
    for label in demo.labels("planted") {
        let scenario = label["scenario"].as_str().unwrap();
        scenarios.insert(scenario);
        if let Some(place) = demo.place(label) {
            let best = best.entry(scenario).or_insert(place);
            *best = place.min(*best);
        }
    }
    assert!(scenarios.len() >= 25, "{scenarios:?}");
    for scenario in scenarios {
        if LIKE_THE_VICTIM.contains(&scenario) {
            continue;
        }
        let place = best.get(scenario);
        assert!(
            place.is_some_and(|place| *place <= FIRST),
            "{scenario}: {place:?}"
        );
    }
}

#[test]
fn a_finding_about_what_was_planted_cites_it() {
    let demo = &*DEMO;
    let mut told: BTreeMap<usize, Vec<&Value>> = BTreeMap::new();
    for label in demo.labels("planted") {
        if let Some(place) = demo.place(label).filter(|place| *place <= FIRST) {
            let ids = label["event_ids"].as_array().unwrap();
            told.entry(place).or_default().extend(ids);
        }
    }
    let n_found = told.len();
    let cites = |(place, told): (&usize, &Vec<&Value>)| {
        let evidence = demo.findings()[place - 1]["evidence"].as_array().unwrap();
        let mut cited = evidence
            .iter()
            .flat_map(|e| e["event_ids"].as_array().unwrap());
        cited.any(|id| told.contains(&id))
    };
    let n_cited = told.iter().filter(|one| cites(*one)).count();
    // One is nothing but a volume, of which the first events are cited; they
    // are everyday ones, as is the first link of a new chain of roles.
    assert!(n_found >= 14, "{n_found}");
    assert!(n_cited + 2 >= n_found, "{n_cited} of {n_found}");
}

#[test]
fn the_negative_controls_are_not_selected() {
    let demo = &*DEMO;
    let quiet = demo.labels("quiet");
    for control in ["S23", "S24"] {
        let labels: Vec<_> = quiet.iter().filter(|l| l["scenario"] == control).collect();
        assert!(!labels.is_empty(), "{control}");
        for label in labels {
            let place = demo.place(label).unwrap();
            let finding = &demo.findings()[place - 1];
            assert_eq!(finding["is_selected"], false, "{control}: {finding:#}");
        }
    }
}

#[test]
fn the_labels_are_true() {
    let demo = &*DEMO;
    assert_eq!(demo.labels["schema"], "habitual.demo-labels/1");
    for window in ["start", "end"] {
        let time = demo.report["review"][window].as_str().unwrap();
        let date = demo.labels["review"][window].as_str().unwrap();
        assert_eq!(time, format!("{date}T00:00:00Z"));
    }
    let keys: BTreeSet<&str> = demo.findings().iter().flat_map(keys).collect();
    let quiet = demo.labels("quiet").into_iter();
    // What was silent all week is in no report.
    for label in quiet.filter(|label| label["event_ids"][0].is_string()) {
        let key = label["identity_key"].as_str().unwrap();
        assert!(keys.contains(key), "{label:#}");
    }
    for label in demo.labels("planted") {
        let key = label["identity_key"].as_str().unwrap();
        assert!(keys.contains(key), "{label:#}");
        let days = label["days"].as_array().unwrap();
        let is_reviewed = |day: &Value| {
            let review = &demo.labels["review"];
            review["start"].as_str() <= day.as_str() && day.as_str() < review["end"].as_str()
        };
        assert!(
            !days.is_empty() && days.iter().all(is_reviewed),
            "{label:#}"
        );
        for field in ["title", "what", "identity_name"] {
            assert!(!label[field].as_str().unwrap().is_empty(), "{label:#}");
        }
    }
}

#[test]
fn every_record_of_the_demo_is_accounted_for() {
    let coverage = &DEMO.report["coverage"];
    assert_eq!(coverage["adds_up"], true);
    assert_eq!(coverage["is_incomplete"], false);
    assert_eq!(coverage["n_skipped"], 0);
    assert!(
        coverage["n_duplicate"].as_u64().unwrap() > 0,
        "some were delivered twice"
    );
}

#[test]
fn a_folder_of_somebody_else_is_left_alone() {
    let sandbox = Sandbox::new();
    sandbox.write("mine/labels.json", r#"{"schema":"something else"}"#);
    let output = sandbox.habitual("demo mine").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("mine"), "{said}");
    assert_eq!(sandbox.names(), ["mine", "mine/labels.json"]);
}

#[test]
fn every_planted_event_is_read_once_as_the_labelled_identitys() {
    let demo = &*DEMO;
    let mut read: BTreeMap<&str, (&str, &str)> = BTreeMap::new();
    for event in &demo.planted {
        let [id, key, time] = [&event["native_id"], &event["actor"]["key"], &event["time"]]
            .map(|value| value.as_str().unwrap());
        assert!(read.insert(id, (key, &time[..10])).is_none(), "{id} twice");
    }
    for label in demo.labels("planted") {
        let days = label["days"].as_array().unwrap();
        for id in label["event_ids"].as_array().unwrap() {
            let (key, day) = read[id.as_str().unwrap()];
            assert_eq!(label["identity_key"], key, "{label:#}");
            assert!(days.iter().any(|known| *known == day), "{day}: {label:#}");
        }
        let n_ids = label["event_ids"].as_array().unwrap().len();
        assert_eq!(label["n_events"], n_ids);
    }
}

/// Of each scenario: an action, the way to a field of the event, and what is in
/// it. What the story is about must survive the vendors' form.
const READ: &[(&str, &str, &str, &str)] = &[
    (
        "S01",
        "signin:ConsoleLogin",
        "/net/network",
        "198.19.61.0/24",
    ),
    ("S02", "iam:ListUsers", "/verb", "list"),
    ("S03", "ec2:RunInstances", "/region", "ap-south-1"),
    ("S04", "sts:AssumeRole", "/edges/0/kind", "assume"),
    (
        "S04",
        "bedrock:InvokeAgent",
        "/edges/0/target",
        "bedrock-agent/AGENT",
    ),
    (
        "S04",
        "bedrock-agentcore:InvokeAgentRuntime",
        "/edges/0/kind",
        "invoke",
    ),
    (
        "S04",
        "user.account.reset_password",
        "/edges/0/kind",
        "mint",
    ),
    (
        "S05",
        "ecr:BatchGetImage",
        "/resources/0/kind",
        "repository",
    ),
    (
        "S05",
        "codecommit:GitPull",
        "/resources/0/id",
        ":codecommit:",
    ),
    ("S06", "iam:ListRoles", "/service", "iam"),
    ("S07", "sys/control-group/authorize", "/verb", "permission"),
    (
        "S08",
        "secretsmanager:GetSecretValue",
        "/resources/0/scope",
        "/prod/",
    ),
    ("S09", "iam:PutRolePolicy", "/outcome", "denied"),
    (
        "S10",
        "ssm:GetParametersByPath",
        "/sensitive",
        "secret_read",
    ),
    (
        "S10",
        "secretsmanager:BatchGetSecretValue",
        "/resources/1/kind",
        "secret",
    ),
    ("S10", "kv/read", "/net/network", "198.19.52.0/24"),
    (
        "S11",
        "ec2:ModifySnapshotAttribute",
        "/edges/0/target",
        "999988887777",
    ),
    ("S11", "s3:PutBucketPolicy", "/edges/0/kind", "share"),
    ("S11", "transit/export", "/sensitive", "secret_read"),
    ("S12", "kv/list", "/verb", "list"),
    ("S13", "ce:GetCostAndUsage", "/outcome", "success"),
    ("S14", "kv/read", "/sensitive", "secret_read"),
    (
        "S15",
        "organizations:ListAccounts",
        "/service",
        "organizations",
    ),
    (
        "S16",
        "app.oauth2.as.consent.grant",
        "/edges/0/target",
        "app/MailMerge Pro",
    ),
    (
        "S17",
        "ssm:SendCommand",
        "/edges/0/target",
        "ssm/AWS-RunShellScript",
    ),
    (
        "S17",
        "iam:UpdateAssumeRolePolicy",
        "/sensitive",
        "trust_changed",
    ),
    (
        "S17",
        "auth/token/create-orphan",
        "/sensitive",
        "credential_created",
    ),
    ("S18", "s3:ListBuckets", "/region", "eu-north-1"),
    ("S19", "iam:CreateAccessKey", "/edges/0/kind", "mint"),
    (
        "S20",
        "user.session.context.change",
        "/flags/0",
        "vendor_risk",
    ),
    ("S20", "user.authentication.sso", "/net/country", "Spain"),
    ("S21", "sts:AssumeRole", "/edges/0/target", ":role/"),
    ("S21", "auth/token/create", "/edges/0/kind", "mint"),
    ("S22", "s3:GetObject", "/net/network", "192.0.2.0/24"),
    ("S25", "s3:GetObject", "/net/network", "198.18.32.0/24"),
    (
        "S26",
        "cloudtrail:StopLogging",
        "/sensitive",
        "log_tampering",
    ),
    (
        "S27",
        "user.mfa.okta_verify.deny_push",
        "/outcome",
        "auth_failure",
    ),
];

#[test]
fn every_takeover_is_read_as_what_it_is() {
    for (scenario, action, pointer, expected) in READ {
        let read = DEMO.read(scenario, action);
        let found: BTreeSet<&str> = read
            .iter()
            .filter_map(|event| event.pointer(pointer)?.as_str())
            .collect();
        assert!(
            found.iter().any(|text| text.contains(expected)),
            "{scenario} {action} {pointer}: {found:?}"
        );
    }
    let told: BTreeSet<&str> = READ.iter().map(|row| row.0).collect();
    for label in DEMO.labels("planted") {
        assert!(told.contains(label["scenario"].as_str().unwrap()));
    }
}

#[test]
fn the_sessions_of_a_chain_are_those_that_were_issued() {
    let issued: BTreeSet<&str> = DEMO
        .read("S21", "sts:AssumeRole")
        .iter()
        .filter_map(|event| event.pointer("/minted/credential")?.as_str())
        .collect();
    let used: BTreeSet<&str> = DEMO
        .read("S21", "iam:PutRolePolicy")
        .into_iter()
        .chain(DEMO.read("S21", "iam:ListRoles"))
        .filter_map(|event| event["session"].as_str())
        .collect();
    assert_eq!(issued.len(), 2);
    assert_eq!(used, issued);
}

#[test]
fn an_unknown_scenario_is_refused_before_anything_is_written() {
    let sandbox = Sandbox::new();
    let output = sandbox
        .habitual("demo corp --scenarios S01,S99")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("\"S99\"") && said.contains("S01 S02"),
        "{said}"
    );
    assert!(sandbox.names().is_empty());
}

#[test]
fn ordinary_days_alone_may_be_written_and_not_replayed() {
    let sandbox = Sandbox::new();
    let words = "demo calm --days 35 --identities 75 --scenarios quiet --no-replay";
    let output = sandbox.habitual(words).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains(" events in "), "{said}");
    let labels: Value =
        serde_json::from_slice(&fs::read(sandbox.path("calm/labels.json")).unwrap()).unwrap();
    let mut labels = labels["labels"].as_array().unwrap().iter();
    assert!(labels.len() > 20);
    assert!(labels.all(|label| label["kind"] == "quiet"));
    let story = fs::read_to_string(sandbox.path("calm/README.txt")).unwrap();
    assert!(!story.contains("should be found"), "{story}");
    assert!(story.contains("There are 10 more"), "{story}");
}

/// Of an ordinary change: a field of every event that tells it, and what it
/// begins with.
const READ_QUIET: &[(&str, &str, &str)] = &[
    ("Q02", "/service", "states"),
    ("Q07", "/net/addr", "2001:db8:81::"),
    ("Q08", "/net/addr", "198.18.171."),
    ("Q09", "/net/addr", "198.51.100."),
    ("Q14", "/outcome", "denied"),
    ("Q23", "/region", "eu-central-1"),
];

#[test]
fn every_event_of_an_ordinary_change_is_read_as_the_labelled_identitys() {
    let demo = &*DEMO;
    let by_id: BTreeMap<&str, &Value> = demo
        .quiet
        .iter()
        .map(|event| (event["native_id"].as_str().unwrap(), event))
        .collect();
    for label in demo.labels("quiet") {
        let scenario = label["scenario"].as_str().unwrap();
        for id in label["event_ids"].as_array().unwrap() {
            let event = by_id[id.as_str().unwrap()];
            assert_eq!(label["identity_key"], event["actor"]["key"], "{label:#}");
            let day = &event["time"].as_str().unwrap()[..10];
            let days = label["days"].as_array().unwrap();
            assert!(days.iter().any(|known| *known == day), "{day}: {label:#}");
            for (_, field, expected) in READ_QUIET.iter().filter(|(of, ..)| *of == scenario) {
                let value = event.pointer(field).and_then(Value::as_str);
                assert!(
                    value.is_some_and(|value| value.starts_with(expected)),
                    "{scenario} {event:#}"
                );
            }
        }
    }
}
