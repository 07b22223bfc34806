#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use super::outcome::{Cut, Scope};
use super::record::{Own, Place, Tried, Who};
use super::*;
use crate::event::Class;
use crate::model::Verdict;

fn who(name: &str, class: Class) -> Who {
    Who {
        key: name.into(),
        name: name.into(),
        class,
        reason: None,
        was_ranked: true,
        has_one_event_days: false,
    }
}

/// A review with this p-value, one active day, and this many new values.
fn own(who: usize, p: f64, n_new: f64) -> Own {
    Own {
        who,
        place: Place { p, score: 0.0 },
        days: vec![p],
        n_usable: 40,
        burstiness: Some(p),
        rules: [n_new, 0.0, 0.0],
        verdict: Verdict::Stable,
        is_finding: [p <= 0.01; 3],
    }
}

fn tried(who: usize, kind: Kind, p: f64, n_new: f64) -> Tried {
    Tried {
        who,
        kind,
        place: Place { p, score: 0.0 },
        rank: 1,
        n_ranked: 200,
        is_finding: [p <= 0.01; 3],
        was_finding: false,
        days: vec![(0, 1.0), (1, p)],
        n_until_end: 3,
        rules: [n_new, 0.0, 0.0],
        leading: Some(Family::From),
    }
}

/// Two hundred ordinary reviews, p from 0.5 % to 100 %, new values as many as
/// the review's number from the end.
fn records(tried: Vec<Tried>) -> Records {
    let mut records = Records::default();
    records.who = vec![who("alice", Class::Human), who("role/ci", Class::Workload)];
    records.own = (1..=200_u32)
        .map(|n| {
            own(
                usize::from(n % 2 == 0),
                f64::from(n) / 200.0,
                f64::from(201 - n),
            )
        })
        .collect();
    records.tried = tried;
    records
}

#[test]
fn a_plant_is_found_if_at_most_one_in_a_hundred_own_reviews_is_as_strange() {
    // Two of 200 may be: the threshold is the third, 1.5 %.
    let plants = vec![
        tried(0, Kind::ForeignDay, 0.014, 0.0),
        tried(1, Kind::ForeignDay, 0.015, 199.0),
        tried(1, Kind::Burst, 0.004, 198.0),
    ];
    let recalls = recall::by_kind(&records(plants));
    let of = |kind, class| {
        let mut recalls = recalls.iter();
        recalls
            .find(|r| r.scope == Scope::Kind(kind) && r.class == class)
            .unwrap()
    };
    let foreign = of(Kind::ForeignDay, None);
    assert_eq!(
        foreign.at_rates,
        [Share { k: 1, n: 2 }, Share { k: 0, n: 2 }]
    );
    // Of first-seen counts, the third largest is 198.
    assert_eq!(foreign.by_rules[0], Share { k: 1, n: 2 });
    assert_eq!(of(Kind::Burst, None).by_rules[0], Share { k: 0, n: 1 });
    assert_eq!(
        of(Kind::ForeignDay, Some(Class::Human)).at_rates[0],
        Share { k: 1, n: 1 }
    );
    assert_eq!(
        of(Kind::ForeignDay, Some(Class::Workload)).at_rates[0],
        Share { k: 0, n: 1 }
    );
    // Stricter than each of 200 reviews, it is told at 0.1 %.
    assert_eq!(of(Kind::Burst, None).at_rates[1], Share { k: 1, n: 1 });
    assert_eq!(
        of(Kind::Burst, None).leading,
        Some((Family::From, Share { k: 1, n: 1 }))
    );
}

#[test]
fn the_delay_ends_with_an_alarm_or_with_the_review() {
    // The day's threshold is 1.5 % as well: the second planted day is below.
    let on_a_day = records(vec![tried(0, Kind::ForeignDay, 0.004, 0.0)]);
    assert_eq!(recall::by_kind(&on_a_day)[0].median_delay, Some(1.0));
    let mut late = tried(0, Kind::ForeignDay, 0.004, 0.0);
    late.days = vec![(0, 0.5)];
    let at_the_end = records(vec![late]);
    assert_eq!(recall::by_kind(&at_the_end)[0].median_delay, Some(3.0));
}

#[test]
fn observed_rates_are_counted_by_cut() {
    let rates = quiet::rates(&records(Vec::new()));
    assert_eq!(rates[0].cut, Cut::All);
    let expected = [20, 6, 2, 0, 0].map(|k| Share { k, n: 200 });
    assert_eq!(rates[0].days, expected);
    assert_eq!(rates[0].reviews, expected);
    let steadiest = rates.iter().find(|r| r.cut == Cut::Burstiness(1)).unwrap();
    assert_eq!(steadiest.days[0], Share { k: 20, n: 40 });
    let band = rates
        .iter()
        .find(|r| matches!(r.cut, Cut::History(..)))
        .unwrap();
    assert_eq!(band.cut, Cut::History(31, Some(60)));
}

#[test]
fn a_failed_criterion_says_what_failed() {
    let mut records = records(vec![tried(0, Kind::Rollout, 0.004, 0.0)]);
    for own in &mut records.own {
        if own.who == 1 {
            own.days = vec![0.005; 2];
        }
    }
    let rates = quiet::rates(&records);
    let groups = recall::by_group(&records);
    let criteria = criteria::all(&records, &groups, &rates, &quiet::controls(&records));
    let told = |name| criteria.iter().find(|c| c.name == name).unwrap();
    assert_eq!(told("honest_rates").holds, Some(false));
    assert!(told("honest_rates").sentence.contains("workload 100.00 %"));
    assert_eq!(told("better_than_counting").holds, None);
    assert_eq!(told("controls_quiet").holds, Some(false));
    assert_eq!(told("nobody_loud").holds, Some(false));
    assert_eq!(told("nobody_loud").sentence.split(' ').next(), Some("1"));
}

#[test]
fn who_cannot_be_watched_is_told_with_the_reason() {
    let quiet_plants = (0..8)
        .map(|_| tried(1, Kind::Fragment(1), 0.5, 0.0))
        .collect();
    let mut records = records(quiet_plants);
    records.who[0].has_one_event_days = true;
    let unwatched = quiet::unwatched(&records);
    let told: Vec<_> = unwatched
        .iter()
        .map(|u| (u.name.as_raw(), u.reason))
        .collect();
    assert_eq!(
        told,
        [
            ("alice", Reason::OneEventDays),
            ("role/ci", Reason::NeverFound)
        ]
    );
    records.who[1].reason = Some(Reason::Thin);
    assert_eq!(quiet::unwatched(&records)[0].reason, Reason::Thin);
}
