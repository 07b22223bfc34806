//! `habitual backtest`: the promises held against the example organisation.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::LazyLock;

use clap::Parser as _;
use habitual::cli::{Cli, Environment, Stream, run};
use habitual::demo::DemoOptions;
use serde_json::Value;

use crate::support::Sandbox;
use crate::support::events::{Event, ct};

/// The week of the planted attacks is left out.
const WORDS: &str = "backtest habitual-demo/cloudtrail habitual-demo/okta habitual-demo/vault \
                     --history ..2026-11-09";

static DEMO: LazyLock<Sandbox> = LazyLock::new(|| {
    let sandbox = Sandbox::new();
    let path = sandbox.path("habitual-demo");
    habitual::demo::write(&path, &DemoOptions::default()).unwrap();
    sandbox
});

/// What a terminal of so many columns shows.
fn shown(words: &str, columns: u16) -> String {
    let words = words.replace(
        "habitual-demo",
        DEMO.path("habitual-demo").to_str().unwrap(),
    );
    let words = ["habitual"].into_iter().chain(words.split_whitespace());
    let environment = Environment {
        variables: [("NO_COLOR", "1".to_owned())].into(),
        stdout: Stream::Terminal {
            columns: Some(columns),
        },
        stderr: Stream::Elsewhere,
    };
    let mut out = Vec::new();
    run(&Cli::parse_from(words), &environment, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn json(words: &str) -> Value {
    let output = DEMO.habitual(words).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_docs_show_what_a_backtest_of_the_demo_prints() {
    let printed = shown(WORDS, 80);
    assert!(printed.lines().all(|line| line.chars().count() <= 80));
    let page = include_str!("../docs/backtest.md");
    let blocks = page.split("```text\n").skip(1);
    let mut quotes = blocks.filter_map(|block| block.split("```").next());
    let quote = quotes
        .find(|quote| quote.starts_with("Backtest on "))
        .unwrap();
    let (quote, _) = quote.split_once("[…").unwrap();
    assert!(quote.lines().count() > 30, "{quote}");
    assert!(
        printed.starts_with(quote),
        "docs/backtest.md quotes other lines than\n{printed}"
    );
}

#[test]
fn the_document_adds_up_and_threads_change_nothing() {
    let few = format!("{WORDS} --reviews 1 --plants 100 -q -f json");
    let document = json(&format!("{few} --threads 1"));
    assert_eq!(document, json(&format!("{few} --threads 4")));
    assert_eq!(document["schema"], "habitual.backtest/1");
    let sampling = &document["sampling"];
    assert_eq!(sampling["n_planted_reviews"], 4);
    assert!(sampling["n_plants"].as_u64().unwrap() <= 100);
    let overall = &document["alarms"][0];
    assert_eq!(overall["of"], "all");
    assert_eq!(overall["reviews"]["0.01"]["n"], sampling["n_reviews"]);
    assert_eq!(overall["periods"]["0.01"]["n"], sampling["n_periods"]);
    let other = json(&format!("{few} --seed 1"));
    assert_eq!(other["alarms"], document["alarms"]);
    assert_ne!(other["recall"], document["recall"]);
    let review = &document["reviews"][0];
    assert_eq!(review["history"]["end"], review["review"]["start"]);
    assert_eq!(review["review"]["end"], "2026-11-09T00:00:00Z");
}

#[test]
fn a_pipe_gets_one_measure_per_line() {
    let words = format!("{WORDS} --reviews 1 --plants 100 -q");
    let output = DEMO.habitual(&words).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("section\tname\tclass\tmeasure\tk\tn\tvalue\n"));
    assert!(text.lines().all(|line| line.split('\t').count() == 7));
    let find = |start: &str| text.lines().any(|line| line.starts_with(start));
    assert!(find("criterion\thonest_rates\t\t"));
    assert!(find("recall\tforeign-day\t\tat_0.01\t"));
    assert!(find("periods\tall\t\tat_0.01\t"));
}

#[track_caller]
fn refuses(events: &[Event], flags: &str, says: &str) {
    let sandbox = Sandbox::new();
    sandbox.write_records("logs.json", events);
    let words = format!("backtest logs.json -q {flags}");
    let output = sandbox.habitual(&words).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(output.stdout.is_empty());
    assert!(told.contains(says), "{told}");
    assert!(told.contains("hint: add older logs"), "{told}");
}

#[test]
fn too_little_is_no_backtest() {
    let once = ct("alice").at("2026-11-01T09:00:00Z");
    refuses(&once.daily(1), "", "too little to test on");
    refuses(
        &once.daily(2),
        "--period day",
        "cover 2 periods of one day, and 3 are needed",
    );
    refuses(
        &once.daily(10),
        "--review 7d --period day",
        "and 18 are needed",
    );
    refuses(
        &once.daily(5),
        "--period day",
        "none of 1 identities has enough history",
    );
}

#[test]
fn one_identity_alone_is_tested_as_far_as_it_goes() {
    let sandbox = Sandbox::new();
    let bob = ct("bob\u{1b}[31m").at("2026-10-01T09:00:00Z");
    let events: Vec<Event> = bob
        .daily(40)
        .into_iter()
        .chain(bob.later(3_600).daily(40))
        .collect();
    sandbox.write_records("logs.json", &events);
    let output = sandbox.habitual("backtest logs.json -q").output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("reviews\tall\t\tat_0.01\t0\t2\t0"), "{text}");
    assert!(!text.contains('\u{1b}'), "{text}");
    assert!(
        text.contains("criterion\tbetter_than_counting\t\tunknown"),
        "{text}"
    );
}
