//! Who is met, how often, and by whom else.

use super::super::meeting::{Meetings, OF_FEW};
use super::*;
use crate::event::Source;

const HOME: u32 = 1;
const OFFICE: u32 = 2;

/// At 09:00 on some day, and how much later.
fn at(day: i64, later: i64) -> Timestamp {
    Timestamp::from_seconds(day * 86_400 + 9 * 3_600 + later)
}

fn arrival(day: i64, later: i64, address: u32) -> Arrival {
    Arrival {
        at: at(day, later),
        address,
        network: address / 10,
        to: Source::CloudTrail,
    }
}

/// Sent on to AWS at these times, each a day and seconds after nine.
fn sent(user: Node<'static>, times: &[(i64, i64)], address: u32) -> Node<'static> {
    let arrivals = times
        .iter()
        .map(|(day, later)| arrival(*day, *later, address));
    let visit = |(day, later): &(i64, i64)| Visit {
        day: i32::try_from(*day).unwrap_or_default(),
        address,
        network: address / 10,
        hours: 1 << (9 + later / 3_600),
    };
    Node {
        arrivals: arrivals.collect(),
        visits: times.iter().map(visit).collect(),
        ..user
    }
}

/// Signs in half a minute after these times.
fn comes(node: Node<'static>, times: &[(i64, i64)], address: u32) -> Node<'static> {
    let arrivals = times.iter();
    let arrivals = arrivals.map(|(day, later)| arrival(*day, later + 30, address));
    Node {
        arrivals: arrivals.collect(),
        ..node
    }
}

fn bob() -> Node<'static> {
    okta("okta:corp/00u2", "robert@corp.example")
}

/// A session whose name tells nothing.
fn session() -> Node<'static> {
    sso("aws:sso:k4711")
}

fn days(n: i64) -> Vec<(i64, i64)> {
    (0..n).map(|day| (day, 0)).collect()
}

/// How sure it is that both are one who met at these times.
fn sure_of(times: &[(i64, i64)]) -> u8 {
    let (user, other) = (sent(alice(), times, HOME), comes(session(), times, HOME));
    let met = Meetings::of(&[&user, &other]);
    met.with(other.key).next().map_or(0, |(_, (sure, _))| sure)
}

#[test]
fn many_meetings_make_it_likely_and_never_more() {
    let times = days(60);
    let nodes = [sent(alice(), &times, HOME), comes(session(), &times, HOME)];
    only_likely(&nodes, Rule::Meeting, 79);
    // 80 (1 - e^-1.5).
    assert_eq!(sure_of(&days(3)), 62);
}

#[test]
fn few_meetings_or_those_of_one_day_tell_nothing() {
    assert_eq!(sure_of(&days(2)), OF_FEW);
    let one_day: Vec<_> = (0..9).map(|n| (0, n * 600)).collect();
    assert_eq!(sure_of(&one_day), OF_FEW);
    const { assert!(OF_FEW < LIKELY) };
}

#[test]
fn a_moment_too_early_or_too_late_is_no_meeting() {
    let came = |later: i64| {
        let times = days(9);
        let user = sent(alice(), &times, HOME);
        let arrivals = times.iter();
        let arrivals = arrivals.map(|(day, _)| arrival(*day, later, HOME));
        let other = Node {
            arrivals: arrivals.collect(),
            ..session()
        };
        let nodes = [user, other];
        links(&nodes, &LinkFile::default()).likely.len()
    };
    assert_eq!([-6, -5, 120, 121].map(came), [0, 1, 1, 0]);
}

#[test]
fn the_more_share_an_address_the_less_it_tells() {
    let times = days(6);
    let sure_among = |others: &'static [&'static str]| {
        let other = session();
        let colleagues = others.iter().map(|key| {
            let user = sent(okta(key, "somebody"), &times, OFFICE);
            Node {
                arrivals: Vec::new(),
                ..user
            }
        });
        let mut nodes: Vec<Node<'_>> = colleagues.collect();
        nodes.push(sent(alice(), &times, OFFICE));
        nodes.push(comes(other, &times, OFFICE));
        let met = Meetings::of(&nodes.iter().collect::<Vec<_>>());
        met.with("aws:sso:k4711").next().map_or(0, |(_, met)| met.0)
    };
    assert_eq!(sure_among(&[]), 76);
    // Each counts for a third: 80 (1 - e^-1).
    assert_eq!(sure_among(&["okta:corp/00u3", "okta:corp/00u4"]), 50);
}

#[test]
fn the_address_of_a_whole_office_tells_nothing() {
    let times = days(60);
    let keys: Vec<String> = (10..36).map(|n| format!("okta:corp/00u{n}")).collect();
    // At another hour: what counts is that it is nobody's own.
    let later: Vec<_> = times.iter().map(|(day, _)| (*day, 5 * 3_600)).collect();
    let mut crowd = Vec::new();
    for key in &keys {
        let user = sent(okta("okta:corp/00u9", "somebody"), &later, OFFICE);
        crowd.push(Node {
            key,
            native: None,
            arrivals: Vec::new(),
            ..user
        });
    }
    let linked = |n_others: usize| {
        let pair = [
            sent(alice(), &times, OFFICE),
            comes(session(), &times, OFFICE),
        ];
        let nodes: Vec<Node<'_>> = crowd.iter().take(n_others).cloned().chain(pair).collect();
        links(&nodes, &LinkFile::default()).likely.len()
    };
    assert_eq!((linked(24), linked(25)), (1, 0));
}

#[test]
fn whoever_chooses_their_times_gets_nowhere() {
    // Another user is sent on whenever Alice is, from her address.
    let times = days(60);
    let other = sent(bob(), &times, HOME);
    apart(&[
        sent(alice(), &times, HOME),
        other.clone(),
        comes(session(), &times, HOME),
    ]);
    // Nor does it part what her name joins.
    let session = comes(sso("aws:sso:alice@corp.example"), &times, HOME);
    let linking = links(
        &[sent(alice(), &times, HOME), other, session],
        &LinkFile::default(),
    );
    assert_eq!(linking.groups.len(), 1);
    assert!(linking.groups[0].contains("okta:corp/00u1"));
    assert!(linking.likely.is_empty(), "{linking:#?}");
}

#[test]
fn two_people_behind_one_address_stay_two() {
    let (early, late) = (
        days(30),
        days(30)
            .iter()
            .map(|(day, _)| (*day, 7_200))
            .collect::<Vec<_>>(),
    );
    let nodes = [
        sent(alice(), &early, HOME),
        sent(bob(), &late, HOME),
        comes(session(), &early, HOME),
        comes(sso("aws:sso:k4712"), &late, HOME),
    ];
    let linking = links(&nodes, &LinkFile::default());
    assert!(linking.groups.is_empty());
    let pairs: Vec<_> = linking
        .likely
        .iter()
        .map(|edge| edge.keys.clone())
        .collect();
    let own = |session: &str, user: &str| [session, user].map(Box::from);
    assert_eq!(
        pairs,
        [
            own("aws:sso:k4711", "okta:corp/00u1"),
            own("aws:sso:k4712", "okta:corp/00u2")
        ]
    );
}

#[test]
fn a_neighbouring_address_counts_for_half() {
    let times = days(6);
    let nodes = [sent(alice(), &times, 11), comes(session(), &times, 12)];
    // 80 (1 - e^-1.5).
    only_likely(&nodes, Rule::Meeting, 62);
}

#[test]
fn a_first_name_is_surer_of_whom_it_keeps_meeting() {
    let times = days(9);
    let named = || sso("aws:sso:alice");
    only_likely(&[alice(), named()], Rule::SsoLocal, 85);
    let nodes = [sent(alice(), &times, HOME), comes(named(), &times, HOME)];
    let linking = links(&nodes, &LinkFile::default());
    assert_eq!(linking.merged[0].rule, Rule::SsoLocal);
    assert_eq!(linking.merged[0].confidence, 93);
    // Of whom it meets and is not called after, nothing is told.
    let nodes = [
        alice(),
        sent(bob(), &times, HOME),
        comes(named(), &times, HOME),
    ];
    only_likely(&nodes, Rule::SsoLocal, 85);
}

#[test]
fn machines_and_roles_of_many_meet_nobody() {
    let times = days(30);
    let role = Node {
        basis: KeyBasis::Role,
        ..comes(session(), &times, HOME)
    };
    apart(&[sent(alice(), &times, HOME), role]);
    let in_vault = vault("vault:p:entity:e1", AliasKind::Principal, "arn");
    let mut elsewhere = comes(in_vault, &times, HOME);
    // Sent on to AWS, it was not Vault that they came to.
    for own in &mut elsewhere.arrivals {
        own.to = Source::Vault;
    }
    apart(&[sent(alice(), &times, HOME), elsewhere]);
}
