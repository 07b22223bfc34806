//! The model against the reference path of `fixtures/model_vectors.json`:
//! eight identities over thirty days, with every intermediate number.
#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod adoption;
mod company;
mod organisation;
mod places;
mod runs;
mod scale;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::Value;

use super::first_use::{marks_of, typed};
use super::novelty::Habit;
use super::past::Past;
use super::peers::Peers;
use super::pooling::Pooling;
use super::reading::{Candidate, Reading, combine};
use super::slate::Slate;
use super::subject::{Amounts, Subject};
use super::*;
use crate::event::{Class, KeyBasis, Period, Traits};
use crate::ledger::{Dimension, IdentityRow};

/// Days 0 to 26 are history.
const HISTORY: i32 = 27;
/// Day 0 is a Monday: the fifth day of 1970.
const FIRST_MONDAY: i32 = 4;

pub(super) fn toy() -> Value {
    let text = include_str!("../../fixtures/model_vectors.json");
    serde_json::from_str::<Value>(text).unwrap()["toy"].take()
}

/// The families and weights of the reference path.
pub(super) fn parameters() -> Parameters {
    use NewSet::{Lateral as L, Other as O, World as W};
    use Statistic as S;
    Parameters {
        lone: vec![Family::Volume, Family::Breadth, Family::Failure],
        statistics: vec![
            (S::Novelty, Family::Novelty),
            (S::Fraction, Family::Fraction),
            (S::New(Dimension::Action, O), Family::What),
            (S::New(Dimension::Action, L), Family::What),
            (S::New(Dimension::Action, W), Family::What),
            (S::New(Dimension::Scope, O), Family::Target),
            (S::New(Dimension::Scope, L), Family::Target),
            (S::New(Dimension::Network, L), Family::From),
            (S::New(Dimension::Network, W), Family::From),
            (S::SequenceMean, Family::Sequence),
            (S::SequenceTop3, Family::Sequence),
            (S::Hour, Family::Hour),
            (S::EventsDay, Family::Volume),
        ],
        weights: vec![
            (Family::Novelty, 0.25),
            (Family::Fraction, 0.25),
            (Family::What, 0.10),
            (Family::Target, 0.10),
            (Family::From, 0.40),
            (Family::Sequence, 0.12),
            (Family::Hour, 0.12),
        ],
        rhythm: Rhythm::Week,
        day_types: DayTypes::Always,
        level_step: 0.0,
        discounts_echoes: false,
        channels: ChannelCalibration::OwnAndPool,
        counts_tails: false,
        bounds_tails: false,
        weighing: Weighing::Default,
        learned: Learned::default(),
        quarantines_history: false,
        ..Parameters::default()
    }
}

fn vector_name(statistic: Statistic) -> String {
    match statistic {
        Statistic::New(dimension, set) => {
            let set = match set {
                NewSet::Other => "O",
                NewSet::Lateral => "L",
                NewSet::World => "W",
                NewSet::Foreign => "F",
            };
            format!("{}.{set}", dimension.name())
        }
        Statistic::EventsDay => "events".into(),
        other => other.name().into(),
    }
}

fn texts(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v.as_str().unwrap())
        .collect()
}

/// The day's steps, each with the one before it.
fn bigrams(window: &Value) -> Vec<Box<str>> {
    let tokens = texts(&window["tokens"]);
    let before = std::iter::once("^").chain(tokens.iter().copied());
    let pairs = before.zip(&tokens).filter(|(a, b)| a != *b);
    pairs.map(|(a, b)| format!("{a} > {b}").into()).collect()
}

pub(super) fn toy_slate(toy: &Value) -> Slate {
    let windows = toy["windows"].as_array().unwrap();
    let dimensions = [Dimension::Action, Dimension::Scope, Dimension::Network];
    let values: BTreeSet<Box<str>> = windows
        .iter()
        .flat_map(|w| dimensions.iter().flat_map(|d| texts(&w[d.name()])))
        .map(Into::into)
        .chain(windows.iter().flat_map(bigrams))
        .collect();
    let values: Vec<Box<str>> = values.into_iter().collect();
    let number = |text: &str| values.iter().position(|v| v.as_ref() == text).unwrap() as u32;
    let mut subjects: BTreeMap<&str, (subject::Builder, i32)> = BTreeMap::new();
    for window in windows {
        let day = window["day"].as_i64().unwrap() as i32;
        let (builder, n_history) = subjects
            .entry(window["identity"].as_str().unwrap())
            .or_default();
        *n_history += i32::from(day < HISTORY);
        for dimension in dimensions {
            for text in texts(&window[dimension.name()]) {
                builder.mark(dimension, number(text), day);
            }
        }
        for bigram in bigrams(window) {
            builder.mark(Dimension::Bigram, number(&bigram), day);
        }
        let n_events = window["n_events"].as_u64().unwrap() as u32;
        let hours = window["hours"].as_array().unwrap();
        let hours = hours
            .iter()
            .fold(0, |bits, hour| bits | 1 << hour.as_u64().unwrap());
        builder.day(
            day,
            Amounts {
                n_events,
                n_direct: n_events,
                hours,
                ..Amounts::default()
            },
        );
    }
    let subjects: Vec<Subject> = subjects
        .into_iter()
        .map(|(name, (builder, n_history))| {
            let class = match toy["classes"][name].as_str().unwrap() {
                "human" => Class::Human,
                _ => Class::Workload,
            };
            let row = row(name, class);
            let mut subject = builder
                .finish(Some(&row), None, n_history as usize, HISTORY)
                .unwrap();
            subject.class = class;
            subject
        })
        .collect();
    let slots = (0..30).map(|day| FIRST_MONDAY + day).collect();
    Slate::of(Period::Day, slots, HISTORY, values, subjects)
}

pub(super) fn row(name: &str, class: Class) -> IdentityRow {
    IdentityRow {
        key: name.into(),
        name: name.into(),
        class,
        class_confidence: 90,
        basis: KeyBasis::Role,
        tenant: "toy".into(),
        native: None,
        session: None,
        traits: Traits::default(),
        sources: 1,
        n_events: 0,
    }
}

#[track_caller]
fn close(found: f64, expected: &Value, what: &str) {
    let expected = expected.as_f64().unwrap();
    let tolerance = 1e-12 + 1e-9 * expected.abs();
    assert!(
        (found - expected).abs() <= tolerance,
        "{what}: {found} instead of {expected}"
    );
}

/// Compares the statistics, p-values, families and channels of one window.
fn check(parameters: &Parameters, reading: &Reading, expected: &Value) {
    let at = format!("{} day {}", expected["identity"], expected["day"]);
    for (i, (statistic, _)) in parameters.statistics.iter().enumerate() {
        let name = vector_name(*statistic);
        close(
            reading.raw[i],
            &expected["T"][&name],
            &format!("{at} T {name}"),
        );
        close(
            reading.p[i],
            &expected["p"][&name],
            &format!("{at} p {name}"),
        );
    }
    let names = [
        (Family::Novelty, "NOV"),
        (Family::Fraction, "FRAC"),
        (Family::What, "WHAT"),
        (Family::Target, "TARGET"),
        (Family::From, "FROM"),
        (Family::Sequence, "SEQ"),
        (Family::Hour, "HOUR"),
        (Family::Volume, "VOL"),
    ];
    for (family, name) in names {
        let bits = reading
            .families
            .iter()
            .find(|(own, _)| *own == family)
            .unwrap()
            .1;
        close(
            bits,
            &expected["family_bits"][name],
            &format!("{at} bits {name}"),
        );
    }
    let channels = reading.scores.iter().zip(&reading.p_channels);
    for (i, (score, p)) in channels.enumerate() {
        close(*score, &expected["S"][i], &format!("{at} S{i}"));
        close(*p, &expected["p_channel"][i], &format!("{at} p of S{i}"));
    }
    close(
        reading.p_final,
        &expected["p_final"],
        &format!("{at} final p"),
    );
}

#[test]
fn every_window_of_the_reference_path_is_reproduced() {
    let toy = toy();
    let mut slate = toy_slate(&toy);
    let parameters = parameters();
    let peers = reference_peers(&slate, &toy);
    let shared = vec![false; slate.subjects.len()];
    let company = Peers {
        near: peers.clone(),
        by_key: vec![Vec::new(); slate.subjects.len()],
        shared_keys: vec![None; slate.subjects.len()],
    };
    let past = Past::replay(&slate, &company, &parameters, &shared);
    let history = toy["history"].as_array().unwrap();
    assert_eq!(past.windows.len(), history.len());
    for expected in history {
        let window = past.windows.iter().position(|w| {
            slate.subjects[w.subject].row.key.as_ref() == expected["identity"].as_str().unwrap()
                && i64::from(w.ordinal) == expected["day"].as_i64().unwrap()
        });
        let reading = past.reading(&slate, &parameters, &shared, window.unwrap());
        check(&parameters, &reading, expected);
    }
    check_review(&mut slate, &peers, &parameters, &past, &toy);
}

/// The reference finds peers by scope where we use area, which the toy lacks.
fn reference_peers(slate: &Slate, toy: &Value) -> Vec<Vec<usize>> {
    let position = |name: &str| {
        slate
            .subjects
            .iter()
            .position(|s| s.row.key.as_ref() == name)
    };
    let peers_of = |s: &Subject| texts(&toy["peers"][s.row.key.as_ref()]);
    slate
        .subjects
        .iter()
        .map(|s| peers_of(s).into_iter().filter_map(position).collect())
        .collect()
}

/// Absorbs what the reference absorbs.
fn check_review(
    slate: &mut Slate,
    peers: &[Vec<usize>],
    parameters: &Parameters,
    past: &Past,
    toy: &Value,
) {
    let mut habits: BTreeMap<usize, Habit> = BTreeMap::new();
    let expected = toy["review"].as_array().unwrap();
    for day in HISTORY..30 {
        let today: Vec<&Value> = expected
            .iter()
            .filter(|w| w["day"].as_i64() == Some(i64::from(day)))
            .collect();
        let mut learned = Vec::new();
        for window in today {
            let name = window["identity"].as_str().unwrap();
            let at = slate
                .subjects
                .iter()
                .position(|s| s.row.key.as_ref() == name)
                .unwrap();
            let subject = &slate.subjects[at];
            let own = subject.days.iter().find(|d| d.ordinal == day).unwrap();
            let typed = typed(slate, &peers[at], at, marks_of(subject, own), day);
            let habit = habits.entry(at).or_insert_with(|| past.habits[at].clone());
            let window_now = Candidate {
                subject: at,
                day: own,
                habit,
                typed: &typed,
                is_shared: false,
            };
            let reading = past.read(slate, parameters, &window_now);
            check(parameters, &reading, window);
            if !window["quarantined"].as_bool().unwrap() {
                learned.push((at, typed));
            }
        }
        for (at, typed) in learned {
            let subject = &mut slate.subjects[at];
            let own = subject.days.iter().find(|d| d.ordinal == day).unwrap();
            habits.get_mut(&at).unwrap().learn(subject, own, &typed);
            subject.hidden.remove(day);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn more_evidence_never_lowers_a_score(
        ps in prop::collection::vec(1e-9_f64..1.0, 60),
        at in 0_usize..60,
        smaller in 0.0_f64..1.0,
    ) {
        let parameters = Parameters::default();
        let n = parameters.statistics.len();
        let scores = |ps: &[f64]| {
            let mut reading = Reading { p: ps.to_vec(), ..Reading::default() };
            combine(&parameters, Class::Human, false, &mut reading);
            reading.scores
        };
        let before = ps[..n].to_vec();
        let mut after = before.clone();
        after[at % n] *= smaller;
        for (before, after) in scores(&before).into_iter().zip(scores(&after)) {
            prop_assert!(after >= before - 1e-9, "{before} {after}");
        }
    }
}

#[test]
fn beginners_are_ranked_among_first_windows() {
    let slate = toy_slate(&toy());
    let last = slate.subjects.len() - 1;
    let n_windows = |subject| if subject == last { 3 } else { 20 };
    let subject_of = (0..=last).flat_map(|subject| vec![subject; n_windows(subject)]);
    let mut pooling = Pooling::of_windows(&slate, subject_of.collect());
    let n_all = 20 * last + 3;
    assert_eq!(pooling.n_pool(last), n_all, "too few to part them");
    let n_first = 8 * last + 3;
    pooling.part_beginners(n_first);
    assert_eq!(pooling.n_pool(last), n_first);
    assert_eq!(pooling.n_pool(0), n_all);
}

/// A day with these steps of one stream.
fn walked(builder: &mut subject::Builder, day: i32, values: &[&str], steps: &[&str]) {
    for step in steps {
        let at = values.iter().position(|value| value == step).unwrap();
        builder.mark(Dimension::Bigram, at as u32, day);
    }
    builder.day(day, Amounts::default());
}

/// What one more day with a step, and one more step of another day, change of
/// the surprise of the last day.
#[test]
fn step_seen_once_more_surprises_less_and_a_foreign_one_adds() {
    let values = ["^ > a", "a > b", "b > c", "b > x", "x > c"];
    let usual = ["^ > a", "a > b", "b > c"];
    let top = |seen: i32, last: &[&str]| {
        let mut builder = subject::Builder::default();
        for day in 0..20 {
            let odd = ["^ > a", "a > b", "b > x"];
            walked(
                &mut builder,
                day,
                &values,
                if day < seen { &odd } else { &usual },
            );
        }
        walked(&mut builder, 20, &values, last);
        let subject = builder.finish(Some(&row("one", Class::Workload)), None, 20, 20);
        let slots = (0..21).collect();
        let texts = values.iter().map(|text| Box::from(*text)).collect();
        let slate = Slate::of(Period::Day, slots, 20, texts, vec![subject.unwrap()]);
        let subject = &slate.subjects[0];
        let mut habit = Habit::new(subject);
        for day in subject.history() {
            habit.learn(subject, day, &first_use::TypedDay::default());
        }
        let class = sequence::ClassSteps::of(&slate);
        let bits = habit.step_bits(subject, &subject.days[20], &class, 0);
        crate::stats::sequence::top3_bits(&bits)
    };
    let odd = ["^ > a", "a > b", "b > x"];
    for seen in 0..15 {
        assert!(top(seen + 1, &odd) < top(seen, &odd), "{seen}");
    }
    let foreign = ["^ > a", "a > b", "b > c", "b > x", "x > c"];
    assert!(top(0, &foreign) > top(0, &usual) + 10.0);
}
