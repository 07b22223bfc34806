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
const FIRST: usize = 20;

/// The demo, written and replayed once for all tests here.
struct Demo {
    sandbox: Sandbox,
    printed: Vec<u8>,
    labels: Value,
    report: Value,
}

static DEMO: LazyLock<Demo> = LazyLock::new(|| {
    let sandbox = Sandbox::new();
    let output = sandbox.habitual("demo corp -q").output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let words = "replay corp/cloudtrail corp/okta corp/vault -f json -q --threads 1";
    let replayed = sandbox.habitual(words).output().unwrap();
    assert_eq!(replayed.status.code(), Some(0), "{replayed:?}");
    Demo {
        printed: output.stdout,
        labels: serde_json::from_slice(&fs::read(sandbox.path("corp/labels.json")).unwrap())
            .unwrap(),
        report: serde_json::from_slice(&replayed.stdout).unwrap(),
        sandbox,
    }
});

impl Demo {
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
        let mut findings = self.findings().iter();
        let at = findings.position(|f| f["identity"]["id"] == label["identity_key"])?;
        Some(at + 1)
    }
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
    assert!(scenarios.len() >= 14, "{scenarios:?}");
    for scenario in scenarios {
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
    let (mut n_found, mut n_cited) = (0, 0);
    for label in demo.labels("planted") {
        let Some(place) = demo.place(label).filter(|place| *place <= FIRST) else {
            continue;
        };
        let told = label["event_ids"].as_array().unwrap();
        let evidence = demo.findings()[place - 1]["evidence"].as_array().unwrap();
        let mut cited = evidence
            .iter()
            .flat_map(|e| e["event_ids"].as_array().unwrap());
        n_found += 1;
        n_cited += u32::from(cited.any(|id| told.contains(id)));
    }
    // One is nothing but a volume, of which the first events are cited; they
    // are everyday ones.
    assert!(n_found >= 14, "{n_found}");
    assert!(n_cited + 1 >= n_found, "{n_cited} of {n_found}");
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
    let keys: BTreeSet<&str> = demo
        .findings()
        .iter()
        .map(|finding| finding["identity"]["id"].as_str().unwrap())
        .collect();
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
fn ordinary_days_alone_may_be_written_and_not_replayed() {
    let sandbox = Sandbox::new();
    let words = "demo calm --days 35 --identities 74 --scenarios quiet --no-replay";
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
