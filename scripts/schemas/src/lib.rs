//! Holds every record that `habitual` writes against its schema: our own as
//! `habitual schema` prints them, those of other products as `fixtures/schemas`
//! has them. Run by `scripts/check.sh`, which builds the command first.
#![cfg(test)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::Value;
use tempfile::TempDir;

const LOGS: [&str; 3] = ["corp/cloudtrail", "corp/okta", "corp/vault"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The command: `$HABITUAL`, or what the tests of the command have built.
fn habitual(folder: &Path, words: &[&str]) -> String {
    let built = root().join("target/debug/habitual");
    let program = std::env::var_os("HABITUAL").map_or(built, PathBuf::from);
    let output = Command::new(program)
        .env_clear()
        .current_dir(folder)
        .args(words)
        .output()
        .expect("the command is built: cargo test --test tests");
    assert!(output.status.success(), "{words:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The demo, written once.
static DEMO: LazyLock<TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    habitual(folder.path(), &["demo", "corp", "-q", "--days", "35"]);
    folder
});

/// What a verb writes about the demo's logs.
fn written(words: &[&str]) -> String {
    let words: Vec<&str> = words.iter().copied().chain(LOGS).collect();
    habitual(DEMO.path(), &words)
}

struct Validator {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Validator {
    fn new(schema: Value) -> Self {
        let mut schemas = Schemas::new();
        let mut compiler = Compiler::new();
        compiler.enable_format_assertions();
        compiler.add_resource("urn:schema", schema).unwrap();
        let index = compiler.compile("urn:schema", &mut schemas).unwrap();
        Self { schemas, index }
    }

    /// One of ours. Readers should ignore what they do not know, but nothing may
    /// be written that the schema does not describe.
    fn ours(record: &str) -> Self {
        let text = habitual(Path::new("."), &["schema", record]);
        let mut schema: Value = serde_json::from_str(&text).unwrap();
        close(&mut schema);
        Self::new(schema)
    }

    /// One of those in `fixtures/schemas`.
    fn foreign(name: &str) -> Self {
        let text = fs::read_to_string(root().join("fixtures/schemas").join(name)).unwrap();
        Self::new(serde_json::from_str(&text).unwrap())
    }

    #[track_caller]
    fn accepts(&self, value: &Value) {
        if let Err(error) = self.schemas.validate(value, self.index) {
            panic!("{error:#}\n{value:#}");
        }
    }

    #[track_caller]
    fn accepts_lines(&self, text: &str) {
        assert!(text.lines().count() > 3, "{text}");
        for line in text.lines() {
            self.accepts(&serde_json::from_str(line).unwrap());
        }
    }

    #[track_caller]
    fn refuses(&self, value: &Value) {
        assert!(self.schemas.validate(value, self.index).is_err());
    }
}

/// Allows no property that is not described.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            if fields.get("properties").is_some_and(Value::is_object) {
                let closed = Value::Bool(false);
                fields.entry("additionalProperties").or_insert(closed);
            }
            fields.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

#[test]
fn findings_are_as_described() {
    let validator = Validator::ours("finding");
    let text = written(&["replay", "-q", "-f", "jsonl"]);
    validator.accepts_lines(&text);
    let mut finding: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    finding["p_value"] = Value::from(1.5);
    validator.refuses(&finding);
    finding["p_value"] = Value::Null;
    finding["new"] = Value::Null;
    validator.refuses(&finding);
}

#[test]
fn reports_are_as_described() {
    let report = written(&["replay", "-q", "-f", "json"]);
    Validator::ours("report").accepts(&serde_json::from_str(&report).unwrap());
}

#[test]
fn inspections_are_as_described() {
    let validator = Validator::ours("inspection");
    for format in ["json", "jsonl"] {
        let inspection = written(&["inspect", "-q", "-f", format]);
        validator.accepts(&serde_json::from_str(&inspection).unwrap());
    }
}

#[test]
fn explanations_are_as_described() {
    let schema = Validator::ours("explanation");
    for target in ["1", "role/ci-web-deploy", "svc-old-report"] {
        let words = ["explain", target, "-q", "-f", "json"];
        let explanation: Value = serde_json::from_str(&written(&words)).unwrap();
        schema.accepts(&explanation);
    }
}

#[test]
fn events_are_as_described() {
    written(&["inspect", "-q", "--dump-events", "events.jsonl"]);
    let events = fs::read_to_string(DEMO.path().join("events.jsonl")).unwrap();
    Validator::ours("event").accepts_lines(&events);
}

#[test]
fn manifests_are_as_described() {
    let words = "replay -q -f csv -o a.csv -f ocsf --manifest m.json --hash-inputs";
    written(&words.split(' ').collect::<Vec<_>>());
    let manifest = fs::read_to_string(DEMO.path().join("m.json")).unwrap();
    Validator::ours("manifest").accepts(&serde_json::from_str(&manifest).unwrap());
}

#[test]
fn pivots_are_as_described() {
    let validator = Validator::ours("pivot");
    let pivot = |format: &str| written(&["pivot", "-q", "--identity=*dana*", "-f", format]);
    validator.accepts_lines(&pivot("jsonl"));
    let mut document: Value = serde_json::from_str(&pivot("json")).unwrap();
    validator.accepts(&document);
    document["trails"][0]["events"][0]["time"] = Value::from("yesterday");
    validator.refuses(&document);
}

#[test]
fn cases_are_as_described() {
    written(&["case", "export", "1", "-q", "-o", "case.zip"]);
    let zip = fs::read(DEMO.path().join("case.zip")).unwrap();
    // The manifest is the first member, behind a header of 30 bytes, its name
    // and whatever is extra.
    let length = |at: usize| usize::from(u16::from_le_bytes([zip[at], zip[at + 1]]));
    let member = &zip[30 + length(26) + length(28)..];
    let manifest = flate2::read::DeflateDecoder::new(member);
    let documents = serde_json::Deserializer::from_reader(manifest);
    let mut manifest: Value = documents.into_iter().next().unwrap().unwrap();
    let validator = Validator::ours("case");
    validator.accepts(&manifest);
    manifest["members"][0]["sha256"] = Value::from("abc");
    validator.refuses(&manifest);
}

#[test]
fn ocsf_is_as_its_schema_wants_it() {
    let validator = Validator::foreign("ocsf-1.5.0-detection-finding.json");
    let selected = written(&["replay", "-q", "-f", "ocsf"]);
    validator.accepts_lines(&selected);
    let all = written(&["replay", "-q", "-f", "ocsf", "--all"]);
    assert!(all.lines().count() > selected.lines().count());
    validator.accepts_lines(&all);
    let mut event: Value = serde_json::from_str(all.lines().next().unwrap()).unwrap();
    event["severity_id"] = Value::from(7);
    validator.refuses(&event);
}

#[test]
fn sarif_is_as_its_schema_wants_it() {
    let validator = Validator::foreign("sarif-2.1.0.json");
    for all in [&["--all"][..], &[]] {
        let words: Vec<&str> = ["replay", "-q", "-f", "sarif"]
            .iter()
            .chain(all)
            .copied()
            .collect();
        let mut log: Value = serde_json::from_str(&written(&words)).unwrap();
        validator.accepts(&log);
        log["runs"][0]["results"][0]["level"] = Value::from("fatal");
        validator.refuses(&log);
    }
}
