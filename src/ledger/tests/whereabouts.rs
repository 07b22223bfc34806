//! From where events tell who may be whom.

use std::borrow::Cow;
use std::sync::Arc;

use super::super::whereabouts::Whereabouts;
use super::super::{Ledger, Roster};
use super::untied;
use crate::event::{Event, Flags, NetKind, Outcome, Period, Source, Verb};

/// Somebody is sent on to AWS.
fn sent_on() -> Event<'static> {
    let mut event = untied((1, 0, 0, 1, 0), 0);
    event.source = Source::Okta;
    event.action.name = Cow::Borrowed("user.authentication.sso");
    event.resources[0].kind = Cow::Borrowed("app");
    event.resources[0].id = Cow::Borrowed("AWS IAM Identity Center");
    at_home(event)
}

/// Somebody signs in to AWS.
fn sign_in() -> Event<'static> {
    let mut event = untied((1, 0, 0, 1, 0), 0);
    event.action.verb = Verb::Auth;
    at_home(event)
}

fn at_home(mut event: Event<'static>) -> Event<'static> {
    event.origin.address = Some(Cow::Borrowed("198.18.7.9"));
    event.outcome = Outcome::Success;
    event.flags = Flags::none();
    event
}

/// Hours and arrivals that it tells.
fn told(event: &Event<'_>) -> (usize, usize) {
    let mut all = Whereabouts::default();
    all.observe(event, 1);
    let stays = || all.iter().map(|(_, stay)| stay);
    (
        stays().map(|it| it.visits.len()).sum(),
        stays().map(|it| it.arrivals.len()).sum(),
    )
}

#[test]
fn being_sent_on_and_signing_in_are_arrivals() {
    assert_eq!(told(&sent_on()), (1, 1));
    assert_eq!(told(&sign_in()), (0, 1));
    let mut elsewhere = sent_on();
    elsewhere.resources[0].id = Cow::Borrowed("Mail");
    assert_eq!(told(&elsewhere), (1, 0));
    let mut call = sign_in();
    call.action.verb = Verb::Read;
    assert_eq!(told(&call), (0, 0));
}

/// An event made worthless in some way.
type Spoiled = fn(&mut Event<'static>);

#[test]
fn what_is_not_the_callers_own_address_tells_nothing() {
    let ways: [Spoiled; 7] = [
        |it| it.origin.net_kind = NetKind::Private,
        |it| it.origin.net_kind = NetKind::Anonymiser,
        |it| it.origin.net_kind = NetKind::Provider,
        |it| it.origin.net_kind = NetKind::VpcEndpoint,
        |it| it.origin.address = Some(Cow::Borrowed("cloudformation.amazonaws.com")),
        |it| it.outcome = Outcome::AuthFailure,
        |it| it.via = Some(Cow::Borrowed("sso.amazonaws.com")),
    ];
    for spoil in ways {
        for mut event in [sent_on(), sign_in()] {
            spoil(&mut event);
            assert_eq!(told(&event), (0, 0), "{event:?}");
        }
    }
}

#[test]
fn whereabouts_outlive_a_run() {
    let mut ledger = Ledger::new(Period::Day);
    for mut event in [sent_on(), sign_in()] {
        event.actor.session = None;
        ledger.observe(&event);
    }
    ledger.settle();
    let saved = ledger.save();
    for name in ["visits", "arrivals"] {
        let table = saved.tables.iter().find(|table| table.name == name);
        assert_ne!(table.unwrap().n_rows(), 0, "{name}");
    }
    let restored = Ledger::restore(&saved, Arc::new(Roster::new(99))).unwrap();
    assert_eq!(restored.save().tables, saved.tables);
}
