//! Where persons are: what counts as arriving somewhere, and what as a session
//! that strayed.

use super::*;
use crate::ledger::Sessions;
use crate::model::elsewhere::Elsewhere;
use crate::model::review::{Block, days_from_nowhere};
use crate::model::subject::Builder;

/// First day of the review.
const REVIEW: i32 = 10;
const HOME: (Dimension, &str) = (Dimension::Network, "home");
const HOTEL: (Dimension, &str) = (Dimension::Network, "hotel");
const SIGN_IN: (Dimension, &str) = (Dimension::Access, "login/password/mfa");
const API: (Dimension, &str) = (Dimension::Access, "api/session_key/mfa");
/// Every value, sorted: their numbers are their places.
const TEXTS: [&str; 4] = ["api/session_key/mfa", "home", "hotel", "login/password/mfa"];

/// A day's values.
type Values<'a> = &'a [(Dimension, &'static str)];

/// Somebody who was at home for all of the history, and then did as the days of
/// the `review` say.
fn person(class: Class, review: &[Values<'_>], sessions: Sessions) -> Subject {
    let mut builder = Builder::default();
    let mut mark = |(dimension, text): (Dimension, &str), day| {
        let value = TEXTS.iter().position(|own| *own == text).unwrap();
        builder.mark(dimension, value as u32, day);
    };
    for day in 0..REVIEW {
        [HOME, SIGN_IN, API]
            .into_iter()
            .for_each(|it| mark(it, day));
    }
    for (values, day) in review.iter().zip(REVIEW..) {
        values.iter().for_each(|value| mark(*value, day));
    }
    let amounts = Amounts {
        sessions,
        ..Amounts::default()
    };
    (0..REVIEW).for_each(|day| builder.day(day, Amounts::default()));
    (REVIEW..)
        .zip(review)
        .for_each(|(day, _)| builder.day(day, amounts));
    let n_history = REVIEW as usize;
    let subject = builder.finish(Some(&row("vera", class)), None, n_history, REVIEW);
    let mut subject = subject.unwrap();
    subject.class = class;
    subject
}

/// Days from nowhere, and days with a network, of the first of `accounts` that
/// are one person's.
fn from_nowhere(accounts: &[&[Values<'_>]]) -> (u32, u32) {
    let n_days = REVIEW + accounts.iter().map(|days| days.len()).max().unwrap() as i32;
    let accounts = accounts.iter();
    let subjects = accounts.map(|days| person(Class::Human, days, Sessions::default()));
    let texts = TEXTS.into_iter().map(Box::from).collect();
    let slots = (0..n_days).collect();
    let mut slate = Slate::of(Period::Day, slots, REVIEW, texts, subjects.collect());
    let hotel = slate.number_of("hotel").unwrap();
    if let Some(there) = slate
        .subjects
        .get(1)
        .and_then(|own| own.mark(HOTEL.0, hotel))
    {
        slate.elsewhere = Elsewhere::knowing((0, hotel), (1, there.days.clone()));
    }
    let own = &slate.subjects[0];
    let block = Block {
        subject: 0,
        own,
        days: own.days[REVIEW as usize..].iter().collect(),
        as_of: REVIEW,
        habit: &Habit::new(own),
    };
    days_from_nowhere(&slate, &[], &block)
}

#[test]
fn who_arrived_is_there_for_the_rest_of_the_review() {
    let (signed_in, went_on): (Values<'_>, Values<'_>) = (&[HOTEL, SIGN_IN], &[HOTEL, API]);
    assert_eq!(from_nowhere(&[&[signed_in]]), (0, 1));
    assert_eq!(from_nowhere(&[&[signed_in, went_on]]), (0, 2));
    assert_eq!(from_nowhere(&[&[went_on, signed_in]]), (0, 2));
    // The sign-in may be in another product.
    let okta: &[Values<'_>] = &[&[HOME, SIGN_IN], signed_in];
    assert_eq!(from_nowhere(&[&[went_on, &[HOME, SIGN_IN]], okta]), (0, 2));
}

#[test]
fn who_never_signed_in_there_has_not_arrived() {
    let went_on: Values<'_> = &[HOTEL, API];
    let at_home: Values<'_> = &[HOME, SIGN_IN];
    assert_eq!(from_nowhere(&[&[went_on]]), (1, 1));
    // A sign-in at home is none in the hotel, in no product.
    assert_eq!(from_nowhere(&[&[at_home, went_on]]), (1, 2));
    let both: Values<'_> = &[HOME, HOTEL, SIGN_IN];
    assert_eq!(from_nowhere(&[&[both, went_on]]), (1, 2));
    assert_eq!(from_nowhere(&[&[went_on], &[both]]), (1, 1));
    assert_eq!(from_nowhere(&[&[went_on], &[went_on]]), (1, 1));
}

#[test]
fn a_session_strays_where_nobody_ever_was_or_where_none_can_go() {
    let moved = Sessions {
        n: 2,
        n_split: 0,
        n_moved: 1,
    };
    let strayed = |class, today: Values<'_>| {
        let own = person(class, &[today], moved);
        own.strayed(own.days.last().unwrap())
    };
    assert_eq!(strayed(Class::Human, &[HOME]), (0, 2));
    assert_eq!(strayed(Class::Human, &[HOME, HOTEL]), (1, 2));
    assert_eq!(strayed(Class::Workload, &[HOME]), (1, 2));
    // In turns is in two places at once, wherever they are.
    let split = Sessions {
        n_split: 1,
        n_moved: 0,
        ..moved
    };
    let own = person(Class::Human, &[&[HOME]], split);
    assert_eq!(own.strayed(own.days.last().unwrap()), (1, 2));
    let own = person(Class::Human, &[&[HOTEL]], Sessions::default());
    assert_eq!(own.strayed(own.days.last().unwrap()), (0, 0));
}
