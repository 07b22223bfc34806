//! The days of one pseudo-review, and those that nothing is learned from: what
//! they are held against, and what holds them.

use super::*;
use crate::event::Timestamp;
use crate::model::calibration::Column;
use crate::model::level::others_of;

/// Windows of each subject, in runs of five.
const N: usize = 20;

/// Every subject of the toy has `N` windows.
fn pooling(slate: &Slate) -> Pooling {
    let n = slate.subjects.len();
    Pooling::of_windows(slate, (0..n * N).map(|window| window / N).collect())
}

/// A day's bits of every window: 1 but for `high`, which have 20.
fn values(slate: &Slate, high: std::ops::Range<usize>) -> Vec<f64> {
    let n = slate.subjects.len() * N;
    let value = |window| if high.contains(&window) { 20.0 } else { 1.0 };
    (0..n).map(value).collect()
}

#[test]
fn a_week_does_not_excuse_itself() {
    let slate = toy_slate(&toy());
    let runs: Vec<i64> = (0..slate.subjects.len() * N)
        .map(|window| (window % N / 5) as i64)
        .collect();
    let apart = pooling(&slate).in_runs(runs);
    let p = |pooling: &Pooling, values: &[f64]| {
        let column = Column::new(pooling, values, false);
        column.p_of_window(pooling, 7, 20.0, |window| values[window])
    };
    // Days 5 to 9 are one week, in which much happens every day …
    let week = values(&slate, 5..10);
    // … as it does on none of the fifteen other days of this identity.
    assert!(p(&pooling(&slate), &week) > 4.0 / 20.0);
    assert!(p(&apart, &week) < 1.0 / 16.0);
    // What happened in other weeks, too, does.
    let weeks = values(&slate, 0..10);
    assert!(p(&apart, &weeks) > 5.0 / 16.0);
}

#[test]
fn a_pool_holds_what_an_own_list_does_not() {
    let slate = toy_slate(&toy());
    let values = values(&slate, 7..8);
    let is_hidden: Vec<bool> = (0..values.len()).map(|window| window == 7).collect();
    let open = pooling(&slate);
    let hidden = pooling(&slate).hiding(is_hidden);
    let calibrated = |pooling: &Pooling, subject, t| {
        let column = Column::new(pooling, &values, false);
        column.calibrated(pooling, subject, t).unwrap()
    };
    assert_eq!(calibrated(&open, 0, 20.0).n_own, N);
    assert_eq!(calibrated(&open, 0, 20.0).n_at_least, 1);
    assert_eq!(calibrated(&hidden, 0, 20.0).n_own, N - 1);
    assert_eq!(calibrated(&hidden, 0, 20.0).n_at_least, 0);
    for pooling in [open, hidden] {
        let rank = calibrated(&pooling, 1, 15.0).pool;
        assert_eq!((rank.n, rank.n_at_least), (values.len(), 1));
    }
}

#[test]
fn a_replay_keeps_the_windows_that_nothing_is_learned_from() {
    let mut slate = toy_slate(&toy());
    let parameters = parameters();
    let company = Peers {
        near: vec![Vec::new(); slate.subjects.len()],
        by_key: vec![Vec::new(); slate.subjects.len()],
        shared_keys: Vec::new(),
    };
    let shared = vec![false; slate.subjects.len()];
    let replay = |slate: &Slate| Past::replay(slate, &company, &parameters, &shared);
    let before = replay(&slate);
    let day = before.windows_of(0)[5].ordinal;
    slate.subjects[0].hidden.insert(day);
    let after = replay(&slate);
    let n = before.windows_of(0).len();
    assert_eq!(after.windows_of(0).len(), n);
    let hidden = after.windows_of(0).iter().filter(|own| own.is_hidden);
    assert_eq!(hidden.map(|own| own.ordinal).collect::<Vec<_>>(), [day]);
    assert_eq!(after.habits[0].n_days + 1, before.habits[0].n_days);
    let n_own = |past: &Past| past.ranking(false).calibrated(0, 0, 1.0).unwrap().n_own;
    assert_eq!(n_own(&after) + 1, n_own(&before));
}

#[test]
fn levels_do_not_know_the_rest_of_their_week() {
    let mut slate = toy_slate(&toy());
    let known = |slate: &Slate, day: i32| {
        let others = others_of(slate, &slate.subjects[0], day);
        others.iter().map(|day| day.ordinal).collect::<Vec<i32>>()
    };
    let days: Vec<i32> = slate.subjects[0].days.iter().map(|d| d.ordinal).collect();
    let day = *days.iter().find(|day| (15..18).contains(*day)).unwrap();
    let expected = |from: i32| -> Vec<i32> {
        let known = days.iter().copied();
        known
            .filter(|own| *own < day || (*own >= from && *own < HISTORY))
            .collect()
    };
    assert_eq!(known(&slate, day), expected(day + 1));
    // Weeks end with days 26, 19, 12 …
    let end = Timestamp::from_seconds(i64::from(FIRST_MONDAY + HISTORY) * 86_400);
    slate.cut(end, 7 * 86_400);
    assert_eq!(slate.run_of(20), slate.run_of(26));
    assert!(slate.run_of(19) < slate.run_of(20));
    assert_eq!(known(&slate, day), expected(20));
}

#[test]
fn a_calibration_goes_only_so_far_beyond_a_tail() {
    let slate = toy_slate(&toy());
    let pooling = pooling(&slate);
    // Always as much, so that a little more was never met.
    let values = vec![1.0; slate.subjects.len() * N];
    let bits = |is_tail, t| {
        let column = Column::new(&pooling, &values, is_tail);
        -column.p_of_new(&pooling, 0, t).log2()
    };
    assert!(bits(false, 1.2) > 5.0);
    assert!(bits(true, 1.2) <= 4.8 + 1e-9);
    // What is rare by the identity's own measure stays so.
    assert!((bits(true, 20.0) - bits(false, 20.0)).abs() < 1e-12);
}
