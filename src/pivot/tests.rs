#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::prelude::*;
use smallvec::smallvec;

use super::*;
use crate::event::*;

const DAY: i64 = 86_400;

/// An event on a day, from 203.0.113.7.
fn event(day: i64, name: &'static str, action: &'static str) -> Event<'static> {
    Event {
        source: Source::CloudTrail,
        native_id: format!("{day}-{name}-{action}").into(),
        time: Timestamp::from_seconds(1_794_000_000 + day * DAY),
        tenant: "111122223333".into(),
        region: None,
        actor: Actor {
            key: format!("aws:user:{name}").into(),
            display: name.into(),
            class: Class::Unknown,
            class_confidence: 0,
            basis: KeyBasis::User,
            sub: None,
            native: Some(format!("arn:aws:iam::111122223333:user/{name}").into()),
            session: None,
        },
        via: None,
        action: Action {
            service: "s3".into(),
            name: action.into(),
            verb: Verb::Read,
            sensitive: None,
        },
        resources: smallvec![],
        resources_total: 0,
        outcome: Outcome::Success,
        outcome_code: None,
        origin: Origin {
            address: Some("203.0.113.7".into()),
            network: Some("AS64500".into()),
            ..Origin::default()
        },
        mfa: Mfa::Unknown,
        credential: Credential {
            kind: CredentialKind::AccessKey,
            id: Some("AKIAEXAMPLE".into()),
            is_long_lived: true,
        },
        session: None,
        edges: smallvec![],
        ties: Ties::default(),
        minted: None,
        bytes_out: None,
        flags: Flags::none(),
        provenance: Provenance { file: 0, record: 1 },
        n_records: 1,
    }
}

/// An event of a role's session.
fn of_role(session: &'static str) -> Event<'static> {
    let mut event = event(0, "deploy", "s3:GetObject");
    let arn = format!("arn:aws:sts::111122223333:assumed-role/deploy/{session}");
    event.actor.key = "aws:role:AROA1".into();
    event.actor.basis = KeyBasis::Role;
    event.actor.native = Some(arn.into());
    event.actor.session = Some(Session {
        name: session.into(),
        is_email: false,
    });
    event
}

#[track_caller]
fn finds(kind: Kind, value: &str, event: &Event<'_>, expected: bool) {
    let target = Target::new(kind, value).unwrap();
    assert_eq!(target.matches(event), expected, "{} {value}", kind.name());
}

#[test]
fn addresses_are_found_by_themselves_and_by_their_networks() {
    let at = |address: &'static str| {
        let mut event = event(0, "alice", "s3:GetObject");
        event.origin.address = Some(address.into());
        event
    };
    for value in [
        "203.0.113.7",
        " 203.0.113.7 ",
        "203.0.113.0/24",
        "0.0.0.0/0",
        "AS64500",
    ] {
        finds(Kind::Ip, value, &at("203.0.113.7"), true);
    }
    for value in ["203.0.113.8", "203.0.114.0/24", "::/0", "AS6450"] {
        finds(Kind::Ip, value, &at("203.0.113.7"), false);
    }
    finds(Kind::Ip, "203.0.113.7", &at("::ffff:203.0.113.7"), true);
    finds(Kind::Ip, "2001:DB8:0::/32", &at("2001:db8::1"), true);
    finds(Kind::Ip, "2001:db8:1::/48", &at("2001:db8::1"), false);
    let error = Target::new(Kind::Ip, "203.0.113.0/33").unwrap_err();
    assert_eq!(error, TargetError::Cidr);
}

#[test]
fn what_cannot_be_an_address_is_refused() {
    for name in [
        "AS64500",
        "as64500",
        "vpce-0a1b",
        "private/111122223333/10.1.0.0/16",
        "cloudformation.amazonaws.com",
        "AWS Internal",
        "2001:db8::1",
    ] {
        assert!(Target::new(Kind::Ip, name).is_ok(), "{name}");
    }
    for text in [
        "x",
        "203.0.113",
        "203.0.113.999",
        "x/24",
        "AS",
        "2001:zz::1",
        "role/ci",
    ] {
        let error = Target::new(Kind::Ip, text).err();
        assert_eq!(error, Some(TargetError::Address), "{text}");
    }
}

#[test]
fn identities_are_found_by_all_of_their_names() {
    let user = event(0, "Alice", "s3:GetObject");
    for value in [
        "alice",
        "aws:user:Alice",
        "arn:aws:iam::111122223333:user/alice",
        "al*",
        "?lice",
    ] {
        finds(Kind::Identity, value, &user, true);
    }
    for value in ["lice", "alic", "role/alice"] {
        finds(Kind::Identity, value, &user, false);
    }
    let role = of_role("night/shift");
    for value in [
        "role/deploy",
        "deploy/night/shift",
        "aws:role:AROA1#night%2Fshift",
    ] {
        finds(Kind::Identity, value, &role, true);
    }
    let mut acted_on = event(0, "bob", "iam:DeleteUser");
    acted_on.ties.subjects.push(Subject {
        key: "aws:user:carol".into(),
        display: "carol".into(),
        basis: KeyBasis::User,
        class: Class::Unknown,
        class_confidence: 0,
    });
    finds(Kind::Identity, "carol", &acted_on, true);
}

#[test]
fn keys_are_found_where_they_are_used_issued_and_acted_on() {
    let used = event(0, "alice", "s3:GetObject");
    finds(Kind::Key, "akiaexample", &used, true);
    finds(Kind::Key, "AKIAEXAMPL", &used, false);
    let mut issuing = event(0, "bob", "sts:AssumeRole");
    issuing.minted = Some(Minted {
        role: "aws:role:AROA1".into(),
        credential: "ASIAFRESH".into(),
    });
    finds(Kind::Key, "ASIAFRESH", &issuing, true);
    finds(Kind::Role, "AROA1", &issuing, true);
    let mut token = event(0, "app", "kv/read");
    token.credential.id = Some("15a67234c9437579".into());
    let hashed = "hmac-sha256:15a67234c94375790000000000000000";
    finds(Kind::Key, hashed, &token, true);
    // Python 3: hashlib.sha256(b"accessor").hexdigest()[:16]
    token.credential.id = Some("4fc565ab79d6764d".into());
    finds(Kind::Key, "accessor", &token, true);
}

#[test]
fn roles_are_found_acting_and_taken_on() {
    let acting = of_role("night");
    for value in [
        "deploy",
        "role/deploy",
        "AROA1",
        "arn:aws:iam::111122223333:role/path/deploy",
        "arn:aws:sts::111122223333:assumed-role/deploy/other",
    ] {
        finds(Kind::Role, value, &acting, true);
    }
    finds(
        Kind::Role,
        "arn:aws:iam::999999999999:role/deploy",
        &acting,
        false,
    );
    let mut taking = event(0, "alice", "sts:AssumeRole");
    taking.edges.push(Edge {
        kind: EdgeKind::Assume,
        target: "arn:aws:iam::111122223333:role/deploy".into(),
    });
    finds(Kind::Role, "deploy", &taking, true);
    finds(Kind::Role, "deployer", &taking, false);
}

#[test]
fn sessions_and_resources_are_found_by_name_and_arn() {
    let role = of_role("night");
    finds(Kind::Session, "night", &role, true);
    let arn = "arn:aws:sts::111122223333:assumed-role/deploy/night";
    finds(Kind::Session, arn, &role, true);
    let mut read = event(0, "alice", "s3:GetObject");
    read.resources.push(Resource {
        kind: "s3:object".into(),
        id: "payroll/2026/a.csv".into(),
        scope: "payroll/2026".into(),
    });
    for value in [
        "payroll/2026/a.csv",
        "arn:aws:s3:::payroll/2026/a.csv",
        "payroll/*",
    ] {
        finds(Kind::Resource, value, &read, true);
    }
    finds(Kind::Resource, "Payroll/*", &read, false);
}

const ALWAYS: Scope = Scope {
    window: Window::ALWAYS,
    max_rows: 100,
};

fn trail(scope: Scope, events: &[Event<'_>]) -> Trail {
    let mut trail = Trail::new(Target::new(Kind::Key, "AKIAEXAMPLE").unwrap(), scope);
    for event in events {
        trail.observe(event);
    }
    trail
}

fn known(events: &[Event<'_>]) -> Known {
    let mut known = Known::default();
    for event in events {
        known.observe(event);
    }
    known
}

#[test]
fn what_is_new_to_it_is_told_from_what_is_new_to_everybody() {
    let own = [
        event(0, "alice", "s3:GetObject"),
        event(10, "alice", "s3:GetObject"),
        event(10, "alice", "s3:PutObject"),
        event(11, "alice", "s3:DeleteBucket"),
    ];
    let mut other = event(1, "bob", "s3:PutObject");
    other.credential.id = None;
    let everything: Vec<Event<'_>> = own.iter().cloned().chain([other]).collect();
    let since = Some(Timestamp::from_seconds(1_794_000_000 + 5 * DAY));
    let trail = trail(ALWAYS, &own);
    let known = known(&everything);
    let marks: Vec<_> = trail
        .values(Dimension::Action, &known, since)
        .into_iter()
        .map(|v| (v.value, v.mark.unwrap()))
        .collect();
    let expected = [
        ("s3:DeleteBucket".to_owned(), Mark::New),
        ("s3:PutObject".to_owned(), Mark::NewToIt),
        ("s3:GetObject".to_owned(), Mark::Usual),
    ];
    assert_eq!(marks, expected);
    let news: Vec<_> = trail
        .rows()
        .map(|(row, ..)| trail.news_of(row, &known, since))
        .collect();
    let action = vec![Dimension::Action];
    assert_eq!(news, [vec![], vec![], action.clone(), action]);
    assert!(
        trail.values(Dimension::Action, &known, None)[0]
            .mark
            .is_none()
    );
}

#[test]
fn earlier_events_tell_what_is_usual_and_are_not_listed() {
    let start = Timestamp::from_seconds(1_794_000_000 + 5 * DAY);
    let scope = Scope {
        window: Window {
            start,
            end: start.saturating_add_seconds(5 * DAY),
        },
        ..ALWAYS
    };
    let days = [0, 6, 7, 12].map(|day| event(day, "alice", "s3:GetObject"));
    let trail = trail(scope, &days);
    assert_eq!(
        (trail.total().n, trail.total().n_before, trail.n_after()),
        (2, 1, 1)
    );
    assert_eq!(trail.rows().count(), 2);
    let actions = trail.values(Dimension::Action, &known(&days), Some(start));
    assert_eq!(actions[0].mark, Some(Mark::Usual));
}

#[test]
fn rows_are_bounded_and_what_is_left_out_is_counted() {
    let days: Vec<_> = (0..500)
        .map(|day| event(day, "alice", "s3:GetObject"))
        .collect();
    let days_of = |scope| {
        let trail = trail(scope, &days);
        assert_eq!(trail.total().n, 500);
        assert_eq!(trail.n_unlisted(), 490);
        let first = trail.rows().next().unwrap().0.time;
        (first.seconds() - 1_794_000_000) / DAY
    };
    let last = Scope {
        max_rows: 10,
        ..ALWAYS
    };
    assert_eq!(days_of(last), 490, "without a start the end matters");
    let window = Window {
        start: Timestamp::from_seconds(1),
        end: Timestamp::MAX,
    };
    assert_eq!(days_of(Scope { window, ..last }), 0);
}

#[test]
fn the_first_record_that_tells_an_event_is_cited() {
    let told = |file| Event {
        provenance: Provenance { file, record: 7 },
        ..event(0, "alice", "s3:GetObject")
    };
    let mut one = trail(ALWAYS, &[told(2)]);
    let mut two = trail(ALWAYS, &[]);
    two.observe_duplicate(&told(1));
    one.merge(two);
    let rows: Vec<_> = one.rows().map(|(_, n, record)| (n, record.file)).collect();
    assert_eq!(rows, [(1, 1)]);
    assert_eq!(one.total().n, 1);
}

#[test]
fn a_trail_leads_to_issued_keys_and_new_things_first_and_never_to_itself() {
    let mut issuing = event(10, "alice", "sts:AssumeRole");
    issuing.minted = Some(Minted {
        role: "aws:role:AROA1".into(),
        credential: "ASIAFRESH".into(),
    });
    let events = [event(0, "alice", "s3:GetObject"), issuing];
    let since = Some(Timestamp::from_seconds(1_794_000_000 + 5 * DAY));
    let next = next_of(&trail(ALWAYS, &events), &known(&events), since);
    let next: Vec<_> = next.iter().map(|n| (n.kind, n.value.as_str())).collect();
    let expected = [
        (Kind::Key, "ASIAFRESH"),
        (Kind::Identity, "aws:user:alice"),
        (Kind::Ip, "203.0.113.7"),
    ];
    assert_eq!(next, expected);
}

fn names() -> impl Strategy<Value = Vec<(u8, u16, i64)>> {
    prop::collection::vec((0_u8..3, 0_u16..400, 0_i64..9), 0..120)
}

/// Events from numbers: who, what, when.
fn events(seeds: &[(u8, u16, i64)]) -> Vec<Event<'static>> {
    let event = |(record, (who, what, day)): (usize, &(u8, u16, i64))| {
        let who = ["alice", "bob", "carol"][usize::from(*who)];
        let mut event = event(*day, who, "");
        event.action.name = format!("s3:Call{what}").into();
        event.native_id = format!("id-{record}").into();
        event.provenance.record = u32::try_from(record).unwrap();
        event
    };
    seeds.iter().enumerate().map(event).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_order_or_split_of_the_input_changes_a_trail(seeds in names(), cut in 0_usize..120) {
        let events = events(&seeds);
        let scope = Scope { max_rows: 5, ..ALWAYS };
        let since = Some(Timestamp::from_seconds(1_794_000_000 + 4 * DAY));
        let bounded = |events: &[Event<'_>]| {
            let mut known = Known::within(20);
            events.iter().for_each(|event| known.observe(event));
            known
        };
        let (head, tail) = events.split_at(cut.min(events.len()));
        let mut parts = trail(scope, tail);
        parts.merge(trail(scope, head));
        let mut merged = bounded(tail);
        merged.merge(bounded(head));
        let (whole, all) = (trail(scope, &events), bounded(&events));
        for dimension in Dimension::ALL {
            prop_assert_eq!(
                parts.values(dimension, &merged, since),
                whole.values(dimension, &all, since)
            );
        }
        prop_assert_eq!(parts.total(), whole.total());
        prop_assert!(parts.rows().eq(whole.rows()));
    }
}
