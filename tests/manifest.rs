//! `replay --manifest`: what is recorded about a run, and that it is the same
//! for the same run.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::support::Sandbox;

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    let demo = "demo corp -q --days 35";
    sandbox.habitual(demo).assert().success();
    sandbox
}

#[track_caller]
fn manifest(sandbox: &Sandbox, words: &str) -> Value {
    sandbox.habitual(words).assert().success();
    serde_json::from_slice(&fs::read(sandbox.path("m.json")).unwrap()).unwrap()
}

fn sha256(bytes: &[u8]) -> String {
    let digits = Sha256::digest(bytes);
    digits.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_run_is_recorded_so_that_it_can_be_checked_and_repeated() {
    let sandbox = sandbox();
    let words = "replay corp/okta corp/vault -q -f csv -o a.csv -f json -o b.json --manifest m.json \
                 --okta-org token=hunter2hunter2";
    let found = manifest(&sandbox, words);
    assert_eq!(found["schema"], "habitual.manifest/1");
    assert_eq!(found["exit_status"], 0);
    assert_eq!(found["parameters"]["alerts_per_day"], 5.0);
    let outputs = found["outputs"].as_array().unwrap();
    assert_eq!(outputs.len(), 2);
    for output in outputs {
        let bytes = fs::read(sandbox.path(output["path"].as_str().unwrap())).unwrap();
        assert_eq!(output["sha256"], sha256(&bytes));
        assert_eq!(output["n_bytes"], bytes.len());
    }
    let report: Value = serde_json::from_slice(&fs::read(sandbox.path("b.json")).unwrap()).unwrap();
    assert_eq!(
        found["counts"]["n_records"],
        report["coverage"]["n_records"]
    );
    assert_eq!(found["counts"]["n_selected"], report["n_selected"]);
    let line = found["command_line"].as_str().unwrap();
    assert!(
        line.contains("replay corp/okta corp/vault -q -f csv"),
        "{line}"
    );
    assert!(!found.to_string().contains("hunter2"), "{found}");

    let first = fs::read(sandbox.path("m.json")).unwrap();
    manifest(&sandbox, words);
    assert!(first == fs::read(sandbox.path("m.json")).unwrap());
}

#[test]
fn inputs_are_hashed_on_request() {
    let sandbox = sandbox();
    let words = "replay corp/vault corp/okta -q -f csv --manifest m.json";
    let plain = manifest(&sandbox, words);
    let hashed = manifest(&sandbox, &format!("{words} --hash-inputs"));
    let inputs = hashed["inputs"].as_array().unwrap();
    assert!(inputs.len() > 1);
    for (input, plain) in inputs.iter().zip(plain["inputs"].as_array().unwrap()) {
        let bytes = fs::read(sandbox.path(input["path"].as_str().unwrap())).unwrap();
        assert_eq!(input["sha256"], sha256(&bytes));
        assert_eq!(input["n_bytes"], bytes.len());
        assert_eq!(plain["sha256"], Value::Null);
    }
}

#[test]
fn a_manifest_takes_the_place_of_nothing_else() {
    let sandbox = sandbox();
    for words in [
        "replay corp -o a.json --manifest a.json",
        "replay corp --hash-inputs",
    ] {
        sandbox.habitual(words).assert().code(2);
    }
}
