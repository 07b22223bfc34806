#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod growth;
mod quiet;
mod read_back;
mod staged;
mod stories;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::Value;

use super::*;
use read_back::{ReadBack, dates_by_id, default_demo, files, short, short_demo, written};

#[track_caller]
fn assert_has(record: &Value, pointers: &[&str]) {
    for pointer in pointers {
        let value = record.pointer(pointer);
        assert!(
            value.is_some_and(|value| !value.is_null()),
            "{pointer} is missing in {record}"
        );
    }
}

#[test]
fn the_same_options_give_the_same_bytes_even_over_an_earlier_demo() {
    let dir = tempfile::tempdir().unwrap();
    let earlier = format!("{{\"schema\":\"{}\"}}", label::SCHEMA);
    fs::write(dir.path().join("labels.json"), earlier).unwrap();
    fs::create_dir(dir.path().join("okta")).unwrap();
    fs::write(dir.path().join("okta/stale.jsonl"), "{}").unwrap();
    let demo = write(dir.path(), &short(2, Difficulty::Moderate)).unwrap();
    let again = ReadBack::of(dir.path(), demo);
    assert_eq!(again.digest, short_demo(Difficulty::Moderate).digest);
    assert_eq!(
        again.demo.labels,
        short_demo(Difficulty::Moderate).demo.labels
    );
}

#[test]
fn the_number_of_processors_leaves_no_trace() {
    let dir = tempfile::tempdir().unwrap();
    let options = short(2, Difficulty::Moderate);
    disk::prepare(dir.path()).unwrap();
    let part = write_days(dir.path(), &options, 0..options.days).unwrap();
    let whole = short_demo(Difficulty::Moderate);
    let demo = Demo {
        labels: Vec::new(),
        n_events: part.n_events,
        n_files: part.n_files,
    };
    let at_once = ReadBack::of(dir.path(), demo);
    assert!(at_once.texts == whole.texts, "other bytes");
    assert_eq!(at_once.demo.n_events, whole.demo.n_events);
    assert_eq!(at_once.demo.n_files, whole.demo.n_files);
}

#[test]
fn another_seed_gives_other_bytes() {
    let other = written(&short(3, Difficulty::Moderate));
    assert_ne!(other.digest, short_demo(Difficulty::Moderate).digest);
}

#[test]
fn every_cloudtrail_record_has_the_fields_of_its_kind() {
    let read = default_demo();
    for record in read.cloudtrail() {
        assert_has(
            &record,
            &[
                "/eventVersion",
                "/userIdentity/type",
                "/eventTime",
                "/eventSource",
                "/eventName",
                "/awsRegion",
                "/sourceIPAddress",
                "/userAgent",
                "/eventID",
                "/eventType",
                "/readOnly",
                "/recipientAccountId",
                "/eventCategory",
            ],
        );
        if record["userIdentity"]["type"] == "AssumedRole" {
            assert_has(
                &record,
                &[
                    "/userIdentity/principalId",
                    "/userIdentity/accessKeyId",
                    "/userIdentity/sessionContext/sessionIssuer/arn",
                    "/userIdentity/sessionContext/attributes/creationDate",
                ],
            );
        }
    }
}

#[test]
fn every_okta_record_has_the_fields_of_a_log_event() {
    let read = default_demo();
    for record in read.okta() {
        assert_has(
            &record,
            &[
                "/uuid",
                "/published",
                "/eventType",
                "/actor/id",
                "/actor/type",
                "/actor/alternateId",
                "/client/ipAddress",
                "/client/userAgent/rawUserAgent",
                "/outcome/result",
                "/transaction/id",
                "/securityContext/asNumber",
            ],
        );
    }
}

#[test]
fn every_vault_request_has_one_response_and_secrets_are_hashed() {
    let read = default_demo();
    let mut pairs: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for record in read.vault() {
        let fields = ["/time", "/request/path", "/request/operation"];
        assert_has(&record, &fields);
        assert_has(&record, &["/request/mount_type", "/request/remote_address"]);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        if let Some(token) = record.pointer("/auth/client_token") {
            assert!(text(token).starts_with("hmac-sha256:"));
        }
        let kinds = pairs.entry(text(&record["request"]["id"])).or_default();
        kinds.push(text(&record["type"]));
    }
    assert!(
        pairs
            .values()
            .all(|kinds| kinds == &["request", "response"])
    );
}

#[test]
fn labels_name_events_that_exist_on_the_days_they_name() {
    let read = default_demo();
    let demo = &read.demo;
    let dates = dates_by_id(read);
    let mut planted = BTreeSet::new();
    for label in &demo.labels {
        for id in &label.event_ids {
            let date = dates.get(id);
            assert!(
                date.is_some_and(|date| label.days.contains(date)),
                "{}: {id} on {date:?}",
                label.scenario
            );
        }
        let is_planted = label.kind == LabelKind::Planted;
        assert!(label.event_ids.len() <= if is_planted { 1000 } else { 50 });
        let n_ids = u64::try_from(label.event_ids.len()).unwrap();
        if is_planted {
            assert_eq!(n_ids, label.n_events, "{}", label.scenario);
            assert!(n_ids > 0 && label.difficulty == Some(Difficulty::Moderate));
            let is_new = label.event_ids.iter().all(|id| planted.insert(id));
            assert!(is_new, "{}: an event is told twice", label.scenario);
        } else {
            assert!(n_ids <= label.n_events && label.difficulty.is_none());
        }
    }
}

#[test]
fn every_story_is_told_and_lies_in_the_review() {
    for difficulty in [Difficulty::Loud, Difficulty::Stealthy] {
        assert_told_in_review(&short_demo(difficulty).demo);
    }
    assert_told_in_review(&default_demo().demo);
}

#[track_caller]
fn assert_told_in_review(demo: &Demo) {
    let told: BTreeSet<&str> = demo.labels.iter().map(|label| label.scenario).collect();
    for scenario in scenario::all() {
        assert!(
            told.contains(scenario.code),
            "{} is not told",
            scenario.code
        );
    }
    for label in &demo.labels {
        assert!(!label.days.is_empty(), "{} has no day", label.scenario);
        for day in &label.days {
            let in_review = ("2026-11-09"..="2026-11-15").contains(&day.as_str());
            assert!(in_review, "{} on {day}", label.scenario);
        }
    }
}

#[test]
fn no_identity_is_both_taken_over_and_quiet() {
    let demo = &default_demo().demo;
    let keys = |kind| -> BTreeSet<&str> {
        let labels = demo.labels.iter().filter(|label| label.kind == kind);
        labels.map(|label| label.identity_key.as_str()).collect()
    };
    let both: Vec<&str> = keys(LabelKind::Planted)
        .intersection(&keys(LabelKind::Quiet))
        .copied()
        .collect();
    assert!(both.is_empty(), "{both:?}");
}

#[test]
fn there_are_nearly_as_many_quiet_stories_as_planted_ones() {
    let n = |kind| {
        scenario::all()
            .filter(|scenario| scenario.kind == kind)
            .count()
    };
    assert!(n(LabelKind::Quiet) * 4 >= n(LabelKind::Planted) * 3);
}

#[test]
fn the_identities_of_one_takeover_name_each_other() {
    let labels = &default_demo().demo.labels;
    let of = |code| labels.iter().filter(move |label| label.scenario == code);
    for (code, n) in [("S16", 3), ("S20", 3), ("S21", 4), ("S27", 3), ("S01", 1)] {
        assert_eq!(of(code).count(), n, "{code}");
        for label in of(code) {
            let mut keys: Vec<&str> = of(code).map(|l| l.identity_key.as_str()).collect();
            keys.retain(|key| *key != label.identity_key);
            assert_eq!(label.others, keys, "{code}");
        }
    }
}

#[test]
fn keys_are_those_of_the_records() {
    let read = default_demo();
    let demo = &read.demo;
    let mut roles = BTreeSet::new();
    for record in read.cloudtrail() {
        let principal = record["userIdentity"]["principalId"].as_str().unwrap();
        let (id, session) = principal.split_once(':').unwrap_or((principal, ""));
        roles.insert(format!("aws:sso:{session}"));
        roles.insert(format!("aws:role:{id}"));
        roles.insert(format!("aws:role:{id}/fn:{session}"));
        roles.insert(format!("aws:user:{id}"));
        let text = |field: &str| record["userIdentity"][field].as_str();
        if let (Some(provider), Some(subject)) = (text("identityProvider"), text("userName")) {
            let provider = provider.replace(':', "%3A").replace('/', "%2F");
            let repository = subject.split(":ref:").next().unwrap().replace(':', "%3A");
            let repository = repository.replace('/', "%2F");
            roles.insert(format!("aws:oidc:{provider}/{repository}"));
        }
    }
    for record in read.okta() {
        roles.insert(format!(
            "okta:default/{}",
            record["actor"]["id"].as_str().unwrap()
        ));
    }
    for record in read.vault() {
        if let Some(id) = record["auth"]["entity_id"].as_str() {
            roles.insert(format!("vault:default:entity:{id}"));
        }
    }
    for label in &demo.labels {
        assert!(roles.contains(&label.identity_key), "{label:?}");
    }
}

#[test]
fn the_default_organisation_is_of_the_promised_size() {
    let read = default_demo();
    let demo = &read.demo;
    let organisation = Organisation::new(DemoOptions::default().identities, 1).unwrap();
    let scored = organisation
        .members
        .iter()
        .filter(|member| !member.is_background())
        .count();
    assert_eq!(scored, DemoOptions::default().identities);
    assert!(
        (40_000..=100_000).contains(&demo.n_events),
        "{} events",
        demo.n_events
    );
    let n_logs = read.paths.len() - ["README.txt", "labels.json"].len();
    assert_eq!(demo.n_files, u64::try_from(n_logs).unwrap());
    let distinct = dates_by_id(read).len();
    assert_eq!(demo.n_events, u64::try_from(distinct).unwrap());
}

#[test]
fn more_identities_leave_the_cast_as_it_is() {
    let cast = Organisation::new(0, 1).unwrap();
    let larger = Organisation::new(120, 1).unwrap();
    let names: BTreeSet<&str> = larger.members.iter().map(|m| m.name.as_str()).collect();
    assert_eq!(names.len(), larger.members.len(), "names are unique");
    assert_eq!(larger.members.len(), 121, "with one background role");
    for (member, same) in cast.members.iter().zip(&larger.members) {
        assert_eq!(member.name, same.name);
    }
}

#[test]
fn difficulty_changes_the_volume_of_what_is_planted() {
    let events = |difficulty| short_demo(difficulty).demo.n_events;
    let [loud, moderate, stealthy] =
        [Difficulty::Loud, Difficulty::Moderate, Difficulty::Stealthy].map(events);
    assert!(loud > moderate + 500, "{loud} {moderate}");
    assert!(moderate > stealthy + 300, "{moderate} {stealthy}");
}

#[test]
fn records_come_twice_on_one_day_and_the_vault_log_of_another_is_missing() {
    let read = default_demo();
    let mut seen = BTreeSet::new();
    let mut repeated = BTreeSet::new();
    for record in read.cloudtrail() {
        if !seen.insert(record["eventID"].to_string()) {
            repeated.insert(record["eventTime"].as_str().unwrap()[..10].to_owned());
        }
    }
    assert_eq!(repeated, BTreeSet::from(["2026-11-09".to_owned()]));
    let has = |path: &str| read.paths.iter().any(|known| known == path);
    assert!(has("vault/audit-2026-11-13.log"));
    assert!(!has("vault/audit-2026-11-14.log"));
}

#[test]
fn a_folder_with_anything_else_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("thesis.txt"), "mine").unwrap();
    assert!(write(dir.path(), &DemoOptions::default()).is_err());
    fs::write(dir.path().join("labels.json"), "{\"labels\":[]}").unwrap();
    assert!(write(dir.path(), &DemoOptions::default()).is_err());
    assert_eq!(files(dir.path()).len(), 2);
}

#[test]
fn too_few_days_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let options = DemoOptions {
        days: 34,
        ..DemoOptions::default()
    };
    assert!(write(dir.path(), &options).is_err());
}
