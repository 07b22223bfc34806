//! What must not change: order, splitting, packing, copies, threads and the
//! calendar leave the findings alone.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::support::Sandbox;
use crate::support::events::{Event, ct, ct_role, lines, okta, records, vault};
use crate::support::house::{
    Chance, HISTORY_DAYS, REVIEW, REVIEW_DAYS, Routine, account, approle, batch, ci, on_review_day,
    person, service,
};

/// A few members of the house, and some of them out of habit.
static EVENTS: LazyLock<Vec<Event>> = LazyLock::new(|| {
    let routines = [
        ci("payments"),
        ci("orders"),
        service("payments"),
        batch("etl", 2),
        account("svc-labels", 11),
        account("svc-mailer", 15),
        approle("billing"),
        person("alice@example.com"),
        person("bjorn@example.com"),
    ];
    let mut events: Vec<Event> = routines.iter().flat_map(Routine::always).collect();
    events.extend(strange());
    events
});

fn strange() -> Vec<Event> {
    let at = |time: &str| on_review_day(1, time);
    let mut events = vec![
        ct_role("ci-payments", "jdoe")
            .does("iam:ListRoles")
            .from("203.0.113.77")
            .at(&at("20:14:00")),
        ct("svc-labels")
            .does("cloudtrail:StopLogging")
            .at(&at("11:40:00")),
        okta("alice@example.com")
            .from("203.0.113.9")
            .with("curl/8.5.0")
            .at(&at("02:11:00")),
    ];
    events.extend((0..40).map(|i| {
        vault("approle-billing")
            .from("192.0.2.90")
            .on(&format!("secret/data/other/{i}"))
            .at(&at("09:05:00"))
            .later(i * 7)
    }));
    events.extend((0..30).map(|i| {
        ct("svc-mailer")
            .does("s3:GetObject")
            .on(&format!("arn:aws:s3:::elsewhere/{i}"))
            .denied()
            .at(&at("15:30:00"))
            .later(i)
    }));
    events
}

/// The events by the product that writes them.
fn by_source(events: &[Event]) -> BTreeMap<&'static str, Vec<Event>> {
    let mut sources: BTreeMap<&str, Vec<Event>> = BTreeMap::new();
    for event in events {
        sources
            .entry(event.source())
            .or_default()
            .push(event.clone());
    }
    sources
}

/// The findings of the logs in `sandbox`, a line each.
#[track_caller]
fn findings(sandbox: &Sandbox, words: &str) -> String {
    let output = sandbox
        .habitual(&format!("replay -f jsonl -q {words}"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    String::from_utf8(output.stdout).unwrap()
}

/// One JSON value for each line.
fn parsed(findings: &str) -> Vec<Value> {
    let parse = |line| serde_json::from_str(line).unwrap();
    findings.lines().map(parse).collect()
}

/// Findings without `path:record`, which tells where a record happens to be,
/// and the suggested commands, which repeat the paths.
fn without_places(findings: &str) -> Vec<Value> {
    let mut findings = parsed(findings);
    for finding in &mut findings {
        finding["next_steps"] = json!(null);
        for fact in finding["facts"].as_array_mut().unwrap() {
            fact["record"] = json!(null);
        }
        for evidence in finding["evidence"].as_array_mut().unwrap() {
            evidence["records"] = json!(evidence["records"].as_array().unwrap().len());
        }
    }
    findings
}

/// The logs as they are by default: a file for each product.
fn plain() -> Sandbox {
    let sandbox = Sandbox::new();
    for (source, events) in by_source(&EVENTS) {
        sandbox.write_lines(&format!("logs/{source}.jsonl"), &events);
    }
    sandbox
}

static PLAIN: LazyLock<String> = LazyLock::new(|| findings(&plain(), &format!("logs {REVIEW}")));

/// Other files with the same records say the same, places aside.
#[track_caller]
fn says_the_same(sandbox: &Sandbox) {
    let found = findings(sandbox, &format!("logs {REVIEW}"));
    let (found, plain) = (without_places(&found), without_places(&PLAIN));
    assert_eq!(found.len(), plain.len());
    for (found, plain) in found.iter().zip(&plain) {
        assert_eq!(found, plain);
    }
}

#[test]
fn there_is_something_that_could_change() {
    let findings = parsed(&PLAIN);
    assert_eq!(findings.len(), 9);
    let n_evidence = |finding: &Value| finding["evidence"].as_array().unwrap().len();
    assert!(findings.iter().map(n_evidence).sum::<usize>() >= 15);
    assert!(findings.iter().filter(|f| f["is_selected"] == true).count() >= 4);
}

#[test]
fn the_order_of_records_in_a_file_does_not_matter() {
    let sandbox = Sandbox::new();
    for (source, events) in by_source(&EVENTS) {
        let text = lines(&events);
        let mut shuffled: Vec<&str> = text.lines().collect();
        Chance::of(source).shuffle(&mut shuffled);
        sandbox.write(&format!("logs/{source}.jsonl"), shuffled.join("\n"));
    }
    says_the_same(&sandbox);
}

#[test]
fn records_may_be_split_over_files() {
    let sandbox = Sandbox::new();
    for (source, events) in by_source(&EVENTS) {
        let text = lines(&events);
        let mut parts = vec![String::new(); 7];
        let mut chance = Chance::of(source);
        for line in text.lines() {
            let part = usize::try_from(chance.below(7)).unwrap();
            parts[part] += &format!("{line}\n");
        }
        for (n, part) in parts.iter().enumerate() {
            sandbox.write(&format!("logs/{n}/{source}-{n}.log"), part);
        }
    }
    says_the_same(&sandbox);
}

#[test]
fn files_may_be_packed() {
    let sandbox = Sandbox::new();
    for (source, events) in by_source(&EVENTS) {
        sandbox.write_lines(&format!("logs/{source}.jsonl.gz"), &events);
    }
    says_the_same(&sandbox);
}

/// Only the places that are cited change, and they name the member.
#[test]
fn files_may_be_members_of_an_archive() {
    let sandbox = Sandbox::new();
    let mut archive = tar::Builder::new(Vec::new());
    for (source, events) in by_source(&EVENTS) {
        let text = lines(&events);
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        let name = format!("{source}.jsonl");
        archive
            .append_data(&mut header, name, text.as_bytes())
            .unwrap();
    }
    let archive = zstd::encode_all(archive.into_inner().unwrap().as_slice(), 1).unwrap();
    sandbox.write("logs/all", archive);
    says_the_same(&sandbox);
    let cited: Vec<String> = parsed(&findings(&sandbox, &format!("logs {REVIEW}")))
        .iter()
        .flat_map(|finding| finding["evidence"].as_array().unwrap().clone())
        .flat_map(|evidence| evidence["records"].as_array().unwrap().clone())
        .map(|record| record.as_str().unwrap().to_owned())
        .collect();
    assert!(!cited.is_empty());
    for record in cited {
        let (member, number) = record.rsplit_once(':').unwrap();
        assert!(
            member.starts_with("logs/all!") && member.ends_with(".jsonl"),
            "{record}"
        );
        assert!(number.parse::<u32>().is_ok_and(|n| n > 0), "{record}");
    }
}

#[test]
fn records_may_stand_in_an_array_or_an_envelope() {
    let sandbox = Sandbox::new();
    let mut sources = by_source(&EVENTS);
    sandbox.write("logs/cloudtrail.json", records(&sources["cloudtrail"]));
    let array: Vec<Value> = sources["okta"].iter().flat_map(Event::records).collect();
    sandbox.write(
        "logs/okta.json",
        serde_json::to_string_pretty(&array).unwrap(),
    );
    sandbox.write_lines("logs/vault.log", &sources.remove("vault").unwrap());
    says_the_same(&sandbox);
}

#[test]
fn every_file_may_come_twice() {
    let sandbox = plain();
    for (source, events) in by_source(&EVENTS) {
        sandbox.write_lines(&format!("logs/zz-copy/{source}.jsonl"), &events);
    }
    says_the_same(&sandbox);
}

#[test]
fn neither_threads_nor_the_order_of_arguments_change_a_byte() {
    let sandbox = plain();
    let paths = [
        "logs/vault.jsonl",
        "logs/okta.jsonl",
        "logs/cloudtrail.jsonl",
    ];
    let found = |words: &str| findings(&sandbox, &format!("{words} {REVIEW}"));
    for n in [1, 2, 8] {
        assert_eq!(found(&format!("logs --threads {n}")), *PLAIN, "{n} threads");
    }
    let mut reordered = paths;
    reordered.reverse();
    let one = found(&paths.join(" "));
    let other = found(&reordered.join(" "));
    // Suggested commands repeat the arguments as they were typed.
    assert_eq!(other.replace(&reordered.join(" "), &paths.join(" ")), one);
}

/// Every date of a text, `n_days` later.
fn shifted(text: &str, n_days: i64) -> String {
    let mut dates = BTreeMap::new();
    let at = |day: i64| ct("x").at("2026-10-01T00:00:00Z").days_later(day).date();
    for day in 0..60 {
        dates.insert(at(day), at(day + n_days));
    }
    let mut moved = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("2026-") {
        let end = start + 10;
        moved.push_str(&rest[..start]);
        let date = &rest[start..end];
        moved.push_str(dates.get(date).map_or(date, String::as_str));
        rest = &rest[end..];
    }
    moved + rest
}

#[test]
fn weeks_later_only_the_times_are_others() {
    let sandbox = Sandbox::new();
    for (source, events) in by_source(&EVENTS) {
        let later = shifted(&lines(&events), 35);
        sandbox.write(&format!("logs/{source}.jsonl"), later);
    }
    let found = findings(&sandbox, "logs --review 2026-12-21..2026-12-24");
    // The review is hashed into it, and commands name it.
    let without_id = |finding: Value| {
        let id = finding["finding_id"].as_str().unwrap();
        let text = finding.to_string().replace(id, "ID");
        serde_json::from_str::<Value>(&text).unwrap()
    };
    let expected: Vec<Value> = parsed(&shifted(&PLAIN, 35));
    let expected: Vec<Value> = expected.into_iter().map(without_id).collect();
    let found: Vec<Value> = parsed(&found).into_iter().map(without_id).collect();
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found, expected);
    }
    assert_eq!(found.len(), expected.len());
}

#[test]
fn every_deviation_cites_records_of_the_review() {
    let in_review: BTreeSet<String> = {
        let days: Vec<String> = (0..REVIEW_DAYS).map(|n| on_review_day(n, "")).collect();
        let is_reviewed = |event: &&Event| days.iter().any(|day| day.starts_with(&event.date()));
        EVENTS.iter().filter(is_reviewed).map(Event::id).collect()
    };
    let mut n_cited = 0;
    for finding in parsed(&PLAIN) {
        for evidence in finding["evidence"].as_array().unwrap() {
            let ids = evidence["event_ids"].as_array().unwrap();
            assert!(!ids.is_empty(), "{evidence:#}");
            assert_eq!(ids.len(), evidence["records"].as_array().unwrap().len());
            for id in ids {
                n_cited += 1;
                assert!(in_review.contains(id.as_str().unwrap()), "{evidence:#}");
            }
            let first = evidence["first_time"].as_str().unwrap();
            assert!(finding["review"]["start"].as_str().unwrap() <= first);
            assert!(first < finding["review"]["end"].as_str().unwrap());
        }
    }
    assert!(n_cited >= 20, "{n_cited}");
}

#[test]
fn probabilities_are_probabilities_and_ranks_are_in_order() {
    let mut last = 0.0;
    for (finding, rank) in parsed(&PLAIN).iter().zip(1..) {
        assert_eq!(finding["rank"], rank);
        let p = finding["p_value"].as_f64().unwrap();
        assert!(0.0 < p && p <= 1.0, "{p}");
        assert!(last <= p, "rank {rank}");
        last = p;
        let q = finding["q_value"].as_f64().unwrap();
        assert!(p <= q && q <= 1.0, "{q}");
        for day in finding["days"].as_array().unwrap() {
            let p = day["p_value"].as_f64().unwrap();
            assert!(0.0 < p && p <= 1.0, "{p}");
        }
        for evidence in finding["evidence"].as_array().unwrap() {
            let (bits, share) = (&evidence["bits"], &evidence["share"]);
            assert!(bits.as_f64().unwrap() >= 0.0, "{evidence:#}");
            assert!(
                (0.0..=1.0).contains(&share.as_f64().unwrap()),
                "{evidence:#}"
            );
        }
    }
}

/// What a sentence counts of the identity itself: everything before peers and
/// others come in.
fn own_part(sentence: &str) -> &str {
    let ends = [
        "nobody else",
        " of 1 peer",
        " peers",
        "it has no peers",
        "; its ",
        "no peers",
    ];
    let end = ends.iter().filter_map(|end| sentence.find(end)).min();
    let own = &sentence[..end.unwrap_or(sentence.len())];
    // A count of peers stands before the word.
    own.trim_end_matches(|c: char| c != ';' && c != '(')
}

#[test]
fn a_noisy_stranger_changes_nobody_elses_own_counts() {
    let sandbox = plain();
    let noisy = (0..HISTORY_DAYS + REVIEW_DAYS).flat_map(|day| {
        (0..20_u32).map(move |i| {
            ct("noisy")
                .from(&format!("198.18.{}.{i}", day % 200))
                .with(&format!("tool-{}/1.0", i % 5))
                .does(
                    ["ec2:RunInstances", "glue:StartJobRun", "ec2:StopInstances"][(i % 3) as usize],
                )
                .at("2026-10-05T00:10:00Z")
                .days_later(day)
                .later(i64::from(i) * 4_000)
        })
    });
    let noisy: Vec<Event> = noisy.collect();
    sandbox.write_lines("logs/noisy.jsonl", &noisy);
    let own = |findings: &str| {
        let mut own = BTreeMap::new();
        for finding in parsed(findings) {
            let name = finding["identity"]["name"].as_str().unwrap().to_owned();
            for evidence in finding["evidence"].as_array().unwrap() {
                let dimension = evidence["dimension"].as_str().unwrap().to_owned();
                let sentence = own_part(evidence["sentence"].as_str().unwrap());
                // Which days are set aside as unusual depends on everybody, so
                // the usual amounts do, and the choice of hours.
                let counts = match evidence["values"].as_array().unwrap().as_slice() {
                    [] => evidence["observed"].as_str().unwrap(),
                    _ => sentence,
                };
                let counted = (evidence["n_events"].clone(), counts.to_owned());
                own.insert((name.clone(), dimension), counted);
            }
        }
        own
    };
    let before = own(&PLAIN);
    let after = own(&findings(&sandbox, &format!("logs {REVIEW}")));
    let shared: Vec<_> = before
        .keys()
        .filter(|key| after.contains_key(*key))
        .collect();
    assert!(shared.len() >= 10, "{shared:?}");
    for key in shared {
        assert_eq!(before[key], after[key], "{key:?}");
    }
}
