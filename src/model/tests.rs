//! The model against the reference path of `fixtures/model_vectors.json`:
//! eight identities over thirty days, with every intermediate number.
#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::novelty::{Habit, marks_of, typed};
use super::past::{Candidate, Past, Reading};
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

/// The families of the reference path, without the sequence.
pub(super) fn parameters() -> Parameters {
    use NewSet::{Lateral as L, Other as O, World as W};
    use Statistic as S;
    Parameters {
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
            (S::Hour, Family::Hour),
            (S::EventsDay, Family::Volume),
        ],
        rhythm: Rhythm::Week,
        day_types: DayTypes::Always,
        level_step: 0.0,
        channels: ChannelCalibration::OwnAndPool,
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

pub(super) fn toy_slate(toy: &Value) -> Slate {
    let windows = toy["windows"].as_array().unwrap();
    let dimensions = [Dimension::Action, Dimension::Scope, Dimension::Network];
    let values: BTreeSet<&str> = windows
        .iter()
        .flat_map(|w| dimensions.iter().flat_map(|d| texts(&w[d.name()])))
        .collect();
    let values: Vec<Box<str>> = values.into_iter().map(Into::into).collect();
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

fn row(name: &str, class: Class) -> IdentityRow {
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

/// Compares the statistics, p-values and families of one window.
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
}

#[test]
fn every_window_of_the_reference_path_is_reproduced() {
    let toy = toy();
    let mut slate = toy_slate(&toy);
    let parameters = parameters();
    let peers = reference_peers(&slate, &toy);
    let shared = vec![false; slate.subjects.len()];
    let past = Past::replay(&slate, &peers, &parameters, &shared);
    let history = toy["history"].as_array().unwrap();
    assert_eq!(past.windows.len(), history.len());
    for expected in history {
        let window = past.windows.iter().find(|w| {
            slate.subjects[w.subject].row.key.as_ref() == expected["identity"].as_str().unwrap()
                && i64::from(w.ordinal) == expected["day"].as_i64().unwrap()
        });
        check(&parameters, &window.unwrap().reading, expected);
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

/// Absorbs what the reference absorbs: its p-values also know the sequence.
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
