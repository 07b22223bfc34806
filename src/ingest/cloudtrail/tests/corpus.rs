//! Real logs, where they are at hand: every native record becomes an event or
//! is left out for a stated reason that is no damage.
#![allow(clippy::print_stderr, reason = "a skipped test says so")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::*;

/// The folder of real logs, above the crate.
fn data() -> Option<PathBuf> {
    let found = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .take(4)
        .map(|folder| folder.join("shared/data"))
        .find(|folder| folder.is_dir());
    if found.is_none() {
        eprintln!("skipped: no shared/data above the crate");
    }
    found
}

fn files(folder: &Path, into: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, into);
        } else if path
            .extension()
            .is_some_and(|ext| ext == "json" || ext == "jsonl")
        {
            into.push(path);
        }
    }
}

/// Native records inside `value`, whatever wraps them.
fn native(value: &Value, into: &mut Vec<Value>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| native(item, into)),
        Value::Object(object) => {
            let embedded = object.get("CloudTrailEvent").and_then(Value::as_str);
            if let Some(record) = embedded.and_then(|text| serde_json::from_str(text).ok()) {
                into.push(record);
            } else if object.contains_key("eventVersion") || object.contains_key("eventSource") {
                into.push(value.clone());
            } else {
                for inner in ["Records", "detail", "data"] {
                    if let Some(inner) = object.get(inner) {
                        native(inner, into);
                    }
                }
            }
        }
        _ => {}
    }
}

fn records(folder: &Path, each: &mut dyn FnMut(&Path, &str)) {
    let mut paths = Vec::new();
    files(folder, &mut paths);
    for path in paths {
        let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        for value in serde_json::Deserializer::from_str(&text).into_iter::<Value>() {
            let Ok(value) = value else { break };
            let mut found = Vec::new();
            native(&value, &mut found);
            for record in found {
                each(&path, &record.to_string());
            }
        }
    }
}

fn has_time(text: &str) -> bool {
    let record: Value = serde_json::from_str(text).unwrap();
    let time = |field: &str| record.get(field).map(Value::to_string);
    [time("eventTime"), time("@timestamp")]
        .iter()
        .flatten()
        .any(|time| time.contains(|c: char| c.is_ascii_digit()))
}

fn has_action(text: &str) -> bool {
    text.contains("\"eventName\":") && text.contains("\"eventSource\":")
}

#[test]
fn every_real_record_is_an_event_or_rightly_left_out() {
    let Some(data) = data() else { return };
    for set in [
        "invictus-aws_dataset",
        "stratus-detonation",
        "otrf-aws",
        "panther-analysis",
        "streamalert",
        "plaso",
        "trailscraper",
        "cloudgrep",
        "sneller",
    ] {
        let mut n_events = 0_u32;
        let mut skipped: BTreeMap<SkipReason, Vec<String>> = BTreeMap::new();
        records(&data.join(set), &mut |_, text| match parse_text(text) {
            Ok(_) => n_events += 1,
            Err(reason) => skipped.entry(reason).or_default().push(text.to_owned()),
        });
        let counts: Vec<_> = skipped.iter().map(|(r, s)| (r.name(), s.len())).collect();
        eprintln!("{set}: {n_events} events, skipped {counts:?}");
        assert!(n_events > 0, "{set}");
        for (reason, samples) in &skipped {
            let is_right = match reason {
                // Hand-written examples of rules leave these out.
                SkipReason::NoTime => samples.iter().all(|text| !has_time(text)),
                SkipReason::NoAction => samples.iter().all(|text| !has_action(text)),
                reason => !reason.is_damage(),
            };
            assert!(is_right, "{set}: {reason:?} {}", samples[0]);
        }
    }
}

#[test]
fn identities_of_a_real_trail_are_its_principals() {
    let Some(data) = data() else { return };
    let mut keys: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut n_direct = 0_u32;
    records(&data.join("invictus-aws_dataset"), &mut |_, text| {
        let event = parse_text(text).unwrap();
        n_direct += u32::from(event.is_direct());
        keys.entry(event.actor.key.to_string())
            .or_default()
            .insert(event.actor.native.as_deref().unwrap_or("").to_owned());
    });
    let arns: BTreeSet<_> = keys
        .values()
        .flatten()
        .filter(|name| name.starts_with("arn:"))
        .collect();
    assert_eq!(arns.len(), 13);
    let n_of = |kind: &str| keys.keys().filter(|key| key.starts_with(kind)).count();
    // Two of the ARNs are sessions of one role.
    assert_eq!((n_of("aws:user:"), n_of("aws:role:")), (3, 9));
    assert_eq!(keys.len(), 12 + n_of("aws:service:"));
    for (key, natives) in &keys {
        eprintln!("{key} {natives:?}");
        let n_arns = natives
            .iter()
            .filter(|name| name.starts_with("arn:"))
            .count();
        let is_user = key.starts_with("aws:user:") || key.starts_with("aws:root:");
        assert!(!is_user || n_arns == 1, "{key} {natives:?}");
    }
    let named = |name: &str| {
        keys.values()
            .filter(|natives| natives.iter().any(|native| native.ends_with(name)))
            .count()
    };
    assert_eq!(named("user/bert-jan"), 1);
    assert_eq!(named("user/benjamin"), 1);
    assert!(n_direct > 2_000, "{n_direct}");
}
