#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;

use super::draft::Content;
use super::lot::Lot;
use super::*;
use crate::event::Timestamp;
use crate::ledger::Dimension;
use crate::model::quarantine::QUARANTINE_P;
use crate::model::tests::{parameters, toy, toy_slate};

const DAY: i64 = 86_400;

/// Eight identities, 27 days of history and three of review.
fn trial() -> Trial {
    let slate = toy_slate(&toy());
    let at = |day: i32| Timestamp::from_seconds(slate.start_of(day).seconds());
    let end = Timestamp::from_seconds(slate.start_of(29).seconds() + DAY);
    let windows = (
        Window {
            start: at(0),
            end: at(27),
        },
        Window { start: at(27), end },
    );
    Trial::of(Prepared::of(slate, Acts::default(), windows, &parameters()))
}

/// What the review day of the identity at `rank` holds with `kind` planted in
/// it, and what it held before.
fn day_with(trial: &Trial, rank: usize, kind: Kind) -> Option<(Content, Content)> {
    let subject = trial.identities()[rank].subject;
    let own = &trial.slate().subjects[subject];
    let before = Content::of(own, &own.days[own.n_history]);
    let (content, _) = trial.planter(0).day(subject, own.n_history, kind)?;
    Some((content, before))
}

fn without(content: &Content, dimensions: &[Dimension]) -> BTreeSet<(Dimension, u32)> {
    let mut content = content.clone();
    content.replace(dimensions, []);
    content.values
}

#[test]
fn nothing_planted_changes_nothing() {
    let mut trial = trial();
    for rank in 0..trial.identities().len() {
        let own = trial.identities()[rank].clone();
        let scored = trial.score(rank, Plan::default()).unwrap();
        assert_eq!(
            Some(&scored.review.p_review),
            own.judgement.review().map(|r| &r.p_review)
        );
        assert_eq!(
            Some(&scored.review.terms),
            own.judgement.review().map(|r| &r.terms)
        );
        let ps = |days: &[DayScore]| days.iter().map(|day| day.p).collect::<Vec<_>>();
        assert_eq!(ps(&scored.days), ps(&own.days));
    }
}

#[test]
fn a_history_written_again_as_it_was_changes_nothing() {
    let mut trial = trial();
    for rank in 0..trial.identities().len() {
        let own = trial.identities()[rank].clone();
        let subject = &trial.slate().subjects[own.subject];
        let mut plan = Plan::default();
        for (at, day) in subject.days.iter().enumerate() {
            plan.draft.changed.insert(at, Content::of(subject, day));
        }
        let scored = trial.score(rank, plan).unwrap();
        let (p, before) = (
            scored.review.p_review,
            own.judgement.review().unwrap().p_review,
        );
        assert!((p - before).abs() < 1e-12, "{p} {before}");
    }
}

#[test]
fn everybody_is_as_before_once_a_plant_was_scored() {
    let mut trial = trial();
    let before = format!("{:?}", trial.slate().subjects);
    for kind in Kind::ATTACKS.into_iter().chain(Kind::CONTROLS) {
        for rank in 0..trial.identities().len() {
            trial.plant(rank, kind, 1);
        }
    }
    assert_eq!(format!("{:?}", trial.slate().subjects), before);
}

#[test]
fn the_same_seed_plants_the_same() {
    let mut trial = trial();
    let mut planted = |seed| {
        let scored = (0..8).filter_map(|rank| trial.plant(rank, Kind::ForeignDay, seed));
        scored.map(|p| p.review.p_review).collect::<Vec<_>>()
    };
    let (first, again, other) = (planted(0), planted(0), planted(1));
    assert!(!first.is_empty());
    assert_eq!(first, again);
    assert_ne!(first, other);
}

#[test]
fn a_foreign_day_is_a_day_of_somebody_else() {
    let trial = trial();
    let (content, before) = day_with(&trial, 0, Kind::ForeignDay).unwrap();
    assert_ne!(content, before);
    let own = trial.identities()[0].subject;
    let subjects = trial.slate().subjects.iter().enumerate();
    let mut others = subjects
        .filter(|(at, _)| *at != own)
        .flat_map(|(_, subject)| {
            let days = subject.days.iter();
            days.map(|day| Content::of(subject, day))
        });
    assert!(others.any(|day| day == content));
}

#[test]
fn a_fragment_adds_so_many_acts_and_comes_from_home() {
    let trial = trial();
    for n in [1, 2, 6] {
        let (content, before) = day_with(&trial, 0, Kind::Fragment(n)).unwrap();
        let added = content.values.difference(&before.values).count();
        assert_eq!(added, usize::from(n));
        assert!(before.values.is_subset(&content.values));
        let network = |of: &Content| of.of_dimension(Dimension::Network).collect::<Vec<_>>();
        assert_eq!(network(&content), network(&before));
        assert_eq!(
            content.amounts.n_events,
            before.amounts.n_events + u32::from(n)
        );
    }
}

#[test]
fn an_origin_is_all_that_an_origin_changes() {
    let trial = trial();
    let (content, before) = day_with(&trial, 0, Kind::UnseenOrigin).unwrap();
    let networks: Vec<u32> = content.of_dimension(Dimension::Network).collect();
    assert_eq!(networks, [trial.slate().unseen(0)]);
    assert_eq!(trial.slate().value(networks[0]), "");
    assert_eq!(
        without(&content, &[Dimension::Network]),
        without(&before, &[Dimension::Network])
    );
    assert_eq!(content.amounts, before.amounts);
    if let Some((content, before)) = day_with(&trial, 0, Kind::ForeignOrigin) {
        assert_eq!(
            without(&content, &[Dimension::Network]),
            without(&before, &[Dimension::Network])
        );
        assert_ne!(content.values, before.values);
    }
}

#[test]
fn amounts_and_hours_change_as_they_say() {
    let trial = trial();
    let (content, before) = day_with(&trial, 0, Kind::Burst).unwrap();
    assert_eq!(content.amounts.n_direct, 8 * before.amounts.n_direct);
    assert_eq!(content.values, before.values);
    let (content, before) = day_with(&trial, 0, Kind::Shift).unwrap();
    assert_eq!(
        content.amounts.hours.count_ones(),
        before.amounts.hours.count_ones()
    );
    for hour in (0..24).filter(|hour| before.amounts.hours >> hour & 1 == 1) {
        assert_eq!(content.amounts.hours >> ((hour + 9) % 24) & 1, 1);
    }
}

#[test]
fn slow_is_one_new_act_a_day_on_ten_days() {
    let trial = trial();
    let (subject, plan) = (0..8)
        .find_map(|at| Some((at, trial.planter(0).plan(at, Kind::Slow)?)))
        .unwrap();
    let own = &trial.slate().subjects[subject];
    assert_eq!(plan.planted.len(), 10);
    assert!(plan.rewrites_history(own.n_history));
    let acts: BTreeSet<_> = plan
        .draft
        .changed
        .iter()
        .flat_map(|(at, content)| {
            let before = Content::of(own, &own.days[*at]).values;
            let new: Vec<_> = content.values.difference(&before).copied().collect();
            assert_eq!(new.len(), 1);
            new
        })
        .collect();
    assert_eq!(acts.len(), 10);
}

#[test]
fn a_silence_takes_history_days_out() {
    let mut trial = trial();
    let mut n = 0;
    for rank in 0..trial.identities().len() {
        let own = trial.identities()[rank].subject;
        let n_history = trial.slate().subjects[own].n_history;
        let Some(planted) = trial.plant(rank, Kind::Awakening, 0) else {
            continue;
        };
        n += 1;
        assert!(planted.subject.n_history < n_history);
        assert_eq!(planted.subject.review().len(), 1);
        let history = planted.subject.history();
        let (back, last) = (
            planted.subject.review()[0].ordinal,
            history.last().unwrap().ordinal,
        );
        assert!(back - last >= 13, "{last} to {back}");
    }
    assert!(n > 0);
}

#[test]
fn a_swap_takes_the_ends_of_one_list() {
    let trial = trial();
    let days = |band| {
        let own = &trial.slate().subjects[0];
        let plan = trial.planter(0).plan(0, Kind::Swap(band)).unwrap();
        assert_eq!(plan.draft.changed.len(), own.review().len());
        plan.draft.changed.into_values().collect::<Vec<_>>()
    };
    assert_ne!(days(Band::Similar), days(Band::Dissimilar));
}

#[test]
fn a_lot_finds_whatever_fits() {
    let lot = Lot::new(7, "somebody");
    assert_eq!(lot.first(1_000, |at| at == 321), Some(321));
    assert_eq!(lot.first(1_000, |_| false), None);
    assert_eq!(lot.first(0, |_| true), None);
    let drawn = lot.shuffled((0..50).collect());
    assert_ne!(drawn, (0..50).collect::<Vec<_>>());
    assert_eq!(drawn.into_iter().collect::<BTreeSet<_>>().len(), 50);
}

#[test]
fn what_was_learned_on_one_day_is_known_on_the_next() {
    let mut trial = trial();
    let (mut n_compared, mut n_calmer) = (0, 0);
    for rank in 0..trial.identities().len() {
        let subject = trial.identities()[rank].subject;
        let own = trial.slate().subjects[subject].clone();
        if own.review().len() < 2 {
            continue;
        }
        let with = |days: &[usize]| {
            let mut plan = Plan::default();
            for at in days {
                let mut content = Content::of(&own, &own.days[*at]);
                content
                    .values
                    .insert((Dimension::Action, trial.slate().unseen(0)));
                plan.draft.changed.insert(*at, content);
            }
            plan
        };
        let (first, second) = (own.n_history, own.n_history + 1);
        let (once, twice) = (with(&[second]), with(&[first, second]));
        let once = trial.score(rank, once).unwrap();
        let twice = trial.score(rank, twice).unwrap();
        if twice.days[0].p < QUARANTINE_P {
            continue;
        }
        n_compared += 1;
        assert!(twice.days[1].scores[1] <= once.days[1].scores[1]);
        n_calmer += i32::from(twice.days[1].scores[1] < once.days[1].scores[1]);
    }
    assert!(n_compared > 0 && n_calmer > 0, "{n_compared} {n_calmer}");
}
