//! What a team takes up together, and what nobody can make it seem to.

use std::borrow::Cow;

use smallvec::smallvec;

use super::super::*;
use super::organisation::{ACTIONS, DAY, REVIEW_DAYS, START, event, settled};
use crate::event::{Class, Event, KeyBasis, Minted, Period, Sensitive, Verb};

const N_DAYS: u32 = 27;
const FIRST: u32 = N_DAYS - REVIEW_DAYS;
/// Names of one shape make peers; the first is the one that is looked at.
const TEAM: [&str; 7] = [
    "ci-a-deploy",
    "ci-b-deploy",
    "ci-c-deploy",
    "ci-d-deploy",
    "ci-e-deploy",
    "ci-f-deploy",
    "ci-g-deploy",
];
const HOME: &str = "10.0.0.0/24";
const ELSEWHERE: &str = "203.0.113.0/24";

/// Something new that members of the team begin with in the review.
#[derive(Clone, Copy)]
struct Novelty {
    /// How many others begin, two days after the first.
    n_others: usize,
    /// Where the others do it from.
    network: &'static str,
    sensitive: Option<Sensitive>,
    /// Who takes on the roles of all others, if it is one.
    caller: Option<&'static str>,
    names: [&'static str; 7],
}

const NOVELTY: Novelty = Novelty {
    n_others: 0,
    network: HOME,
    sensitive: None,
    caller: None,
    names: TEAM,
};

fn act(who: u32, names: [&'static str; 7], day: u32, n: u32) -> Event<'static> {
    let name = names[who as usize];
    let time = START + DAY * i64::from(day) + 36_000 + i64::from(n);
    let action = ACTIONS[n as usize % 4];
    let scope = format!("bucket-of-{name}/a");
    let mut event = event(who, action, scope, HOME.to_owned(), time, n);
    event.actor.key = Cow::Owned(format!("aws:role:{name}"));
    event.actor.display = Cow::Borrowed(name);
    event.actor.basis = KeyBasis::Role;
    event.actor.class = Class::Workload;
    event.outcome = crate::event::Outcome::Success;
    event
}

/// How unusual the day is on which the first begins with `novelty`; `None`: on
/// which it does something known instead.
fn surprise(novelty: Option<Novelty>) -> f64 {
    let (mut history, mut review) = (Ledger::new(Period::Day), Ledger::new(Period::Day));
    let Novelty {
        n_others,
        network,
        sensitive,
        caller,
        names,
    } = novelty.unwrap_or(NOVELTY);
    for (who, day) in (0..7).flat_map(|who| (0..N_DAYS).map(move |day| (who, day))) {
        let ledger = if day < FIRST {
            &mut history
        } else {
            &mut review
        };
        for n in 0..3 {
            ledger.observe(&act(who, names, day, n));
        }
        let begins = if who == 0 { FIRST } else { FIRST + 2 };
        if who as usize <= n_others && day == begins {
            let mut event = act(who, names, day, 9);
            if novelty.is_some() {
                event.action.service = Cow::Borrowed("ecs");
                event.action.name = Cow::Borrowed("ecs:RunTask");
                event.action.verb = Verb::Write;
                event.action.sensitive = sensitive;
                event.origin.network = Some(Cow::Borrowed(if who == 0 { HOME } else { network }));
            }
            ledger.observe(&event);
        }
        if let (Some(caller), 1..) = (caller, who) {
            let mut event = act(who, names, day, 10);
            event.minted = Some(Minted {
                role: event.actor.key.clone(),
                credential: Cow::Owned(format!("{who}-{day}")),
            });
            event.actor.key = Cow::Borrowed(caller);
            event.actor.display = Cow::Borrowed(caller);
            event.resources = smallvec![];
            ledger.observe(&event);
        }
    }
    let (history, review, windows) = settled(history, review, N_DAYS);
    let scores = score(&history, &review, windows, &Parameters::default());
    let is_first =
        |i: &&IdentityScore| scores.slate.subjects[i.subject].row.name.as_ref() == names[0];
    let first = scores.identities.iter().find(is_first).unwrap();
    first.days[0].scores.iter().sum()
}

#[test]
fn what_three_peers_take_up_within_a_week_surprises_nobody() {
    let with = |n_others| {
        surprise(Some(Novelty {
            n_others,
            ..NOVELTY
        }))
    };
    let by_others: Vec<f64> = (0..=6).map(with).collect();
    assert!(
        by_others.is_sorted_by(|fewer, more| fewer >= more),
        "{by_others:?}"
    );
    assert!(by_others[2] > 1.0, "two are no team: {by_others:?}");
    let ordinary = surprise(None);
    assert!(by_others[3] < ordinary + 1.0, "{ordinary} {by_others:?}");
}

#[test]
fn credentials_used_from_the_thiefs_network_are_no_witnesses() {
    let alone = surprise(Some(NOVELTY));
    let thief = Novelty {
        n_others: 6,
        network: ELSEWHERE,
        ..NOVELTY
    };
    assert!((surprise(Some(thief)) - alone).abs() < 1e-9);
}

#[test]
fn roles_that_one_caller_takes_on_are_one_witness() {
    let calls = Novelty {
        caller: Some("aws:user:caller"),
        ..NOVELTY
    };
    let alone = surprise(Some(calls));
    let all = Novelty {
        n_others: 6,
        ..calls
    };
    assert!(alone > 1.0);
    assert!((surprise(Some(all)) - alone).abs() < 1e-9);
}

#[test]
fn nobody_adopts_power_over_others() {
    let grants = Novelty {
        sensitive: Some(Sensitive::PermissionGranted),
        ..NOVELTY
    };
    let all = Novelty {
        n_others: 6,
        ..grants
    };
    let once = surprise(Some(grants));
    assert!(once > 1.0);
    // The service that it is a call of is as new to all of them.
    assert!(surprise(Some(all)) > 0.5 * once);
}
