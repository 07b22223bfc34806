//! Meetings: somebody is sent on to a product by the identity provider, and a
//! moment later somebody signs in there from the same address.
//!
//! That proves nothing, for many share an address and whoever watches can
//! choose the moment. So it makes a link likely at most, and only where it
//! happened often, on several days, with nobody else.

use std::collections::{BTreeMap, BTreeSet};

use super::{Evidence, Node};
use crate::event::{KeyBasis, Source, Timestamp};

/// Seconds from being sent on to signing in, at most …
const MAX_AFTER: i64 = 120;
/// … and by how much clocks may differ.
const MAX_BEFORE: i64 = 5;
/// Seconds before and after, in which others count as being at the address.
const NEARBY: i64 = 15 * 60;
/// An address that more users have on a day is nobody's own.
const MAX_USERS: usize = 25;
/// Meetings, and days with one, that it takes.
const MIN_MEETINGS: u64 = 3;
const MIN_DAYS: usize = 2;
/// The surest that it gets, in percent.
const SUREST: f64 = 80.0;
/// How sure it is at most when there are too few, in percent.
const OF_FEW: u8 = 40;
/// How sure it is when somebody else was met nearly as often, in percent.
const OF_SEVERAL: u8 = 30;

/// Hours that a user of the identity provider worked from one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Visit {
    /// Days since 1970, UTC.
    pub day: i32,
    /// A hash of the address.
    pub address: u32,
    /// A hash of the network that the address is in.
    pub network: u32,
    /// One bit per hour of that day.
    pub hours: u32,
}

/// Being sent on to a product by the identity provider; or signing in there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Arrival {
    /// When.
    pub at: Timestamp,
    /// A hash of the address.
    pub address: u32,
    /// A hash of the network that the address is in.
    pub network: u32,
    /// The product.
    pub to: Source,
}

/// How sure it is, in percent, and how often they met.
pub(super) type Met = (u8, Evidence);

/// Whom every identity met: per key and key of an Okta user.
#[derive(Debug, Default)]
pub(super) struct Meetings<'a>(BTreeMap<&'a str, BTreeMap<&'a str, Met>>);

impl<'a> Meetings<'a> {
    pub(super) fn of(nodes: &[&Node<'a>]) -> Self {
        let is_user = |node: &&&Node<'a>| node.basis == KeyBasis::OktaActor;
        let users: Vec<&Node<'a>> = nodes.iter().filter(is_user).copied().collect();
        let crowd = Crowd::of(&users);
        let sent = sent_on(&users);
        let others = nodes.iter().filter(|node| may_be_met(node));
        let met = others.filter_map(|node| {
            let met = whom(node, &sent, &crowd);
            (!met.is_empty()).then_some((node.key, met))
        });
        Self(met.collect())
    }

    /// The Okta users that the identity with this key met, and how sure it is
    /// that each is it.
    pub(super) fn with(&self, key: &str) -> impl Iterator<Item = (&'a str, Met)> {
        let met = self.0.get(key).into_iter().flatten();
        met.map(|(user, met)| (*user, *met))
    }
}

/// Whether it can be one person: a role that many take on cannot.
fn may_be_met(node: &Node<'_>) -> bool {
    let is_role = matches!(
        node.basis,
        KeyBasis::Role | KeyBasis::Compute | KeyBasis::Ci | KeyBasis::OktaActor
    );
    !is_role && !node.class.is_service_like() && !node.arrivals.is_empty()
}

/// Okta users who were sent on, by product and network, in order of time.
type SentOn<'a> = BTreeMap<(Source, u32), Vec<(Arrival, &'a str)>>;

fn sent_on<'a>(users: &[&Node<'a>]) -> SentOn<'a> {
    let mut sent = SentOn::new();
    for user in users {
        for arrival in &user.arrivals {
            let of = sent.entry((arrival.to, arrival.network)).or_default();
            of.push((*arrival, user.key));
        }
    }
    sent.values_mut().for_each(|of| of.sort_unstable());
    sent
}

/// Who is at which address.
#[derive(Default)]
struct Crowd<'a>(BTreeMap<(u32, i32), Vec<(&'a str, u32)>>);

impl<'a> Crowd<'a> {
    fn of(users: &[&Node<'a>]) -> Self {
        let mut crowd = Self::default();
        for user in users {
            for visit in &user.visits {
                let there = crowd.0.entry((visit.address, visit.day)).or_default();
                there.push((user.key, visit.hours));
            }
        }
        crowd
    }

    /// How many users were at any of `addresses` around that time; `None` if
    /// one of these is nobody's own. An hour counts as a whole.
    fn near(&self, addresses: [u32; 2], at: Timestamp) -> Option<usize> {
        let mut near: BTreeSet<&str> = BTreeSet::new();
        for second in [at.seconds() - NEARBY, at.seconds() + NEARBY] {
            let day = i32::try_from(second.div_euclid(86_400)).ok()?;
            let hour = u32::try_from(second.rem_euclid(86_400) / 3_600).ok()?;
            for address in addresses {
                let there = self.0.get(&(address, day));
                let there = there.map(Vec::as_slice).unwrap_or_default();
                let all: BTreeSet<&str> = there.iter().map(|(user, _)| *user).collect();
                if all.len() > MAX_USERS {
                    return None;
                }
                let then = there.iter().filter(|(_, hours)| hours & (1 << hour) != 0);
                near.extend(then.map(|(user, _)| *user));
            }
        }
        Some(near.len().max(1))
    }
}

/// What speaks for one Okta user.
#[derive(Default)]
struct Sum {
    weight: f64,
    times: Vec<Timestamp>,
}

/// Whom one identity met. Every sign-in and every being sent on counts once.
fn whom<'a>(node: &Node<'_>, sent: &SentOn<'a>, crowd: &Crowd<'_>) -> BTreeMap<&'a str, Met> {
    let mut sums: BTreeMap<&str, Sum> = BTreeMap::new();
    let mut taken: BTreeSet<(Arrival, &str)> = BTreeSet::new();
    for own in &node.arrivals {
        let users = sent.get(&(own.to, own.network));
        let users = users.map(Vec::as_slice).unwrap_or_default();
        let seconds = own.at.seconds();
        let from = users.partition_point(|(it, _)| it.at.seconds() < seconds - MAX_AFTER);
        let then = users.get(from..).unwrap_or_default().iter();
        let then = then.take_while(|(it, _)| it.at.seconds() <= seconds + MAX_BEFORE);
        let mut met: BTreeSet<&str> = BTreeSet::new();
        for (theirs, user) in then {
            if met.contains(user) || !taken.insert((*theirs, user)) {
                continue;
            }
            met.insert(user);
            let Some(k) = crowd.near([own.address, theirs.address], theirs.at) else {
                continue;
            };
            let nearness = if own.address == theirs.address {
                1.0
            } else {
                0.5
            };
            let sum = sums.entry(user).or_default();
            sum.weight += nearness / u32::try_from(k).map_or(f64::INFINITY, f64::from);
            sum.times.push(theirs.at);
        }
    }
    let rated = sums.iter().filter_map(|(user, sum)| {
        let rivals = sums.iter().filter(|(other, _)| *other != user);
        let mut rivals = rivals.map(|(_, rival)| rival.weight);
        let has_rival = rivals.any(|weight| weight > sum.weight / 2.0);
        Some((*user, (sure(sum, has_rival), sum.evidence()?)))
    });
    rated.collect()
}

/// `c = 0.80 (1 − e^(−w/2))` of the summed weights w, in whole percent.
fn sure(sum: &Sum, has_rival: bool) -> u8 {
    let percent = SUREST * (1.0 - libm::exp(-sum.weight / 2.0));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "within 0 and 80"
    )]
    let percent = percent as u8;
    let days: BTreeSet<i64> = sum.times.iter().map(|at| at.seconds() / 86_400).collect();
    let is_few = sum.evidence().is_none_or(|it| it.n < MIN_MEETINGS) || days.len() < MIN_DAYS;
    match (has_rival, is_few) {
        (true, _) => percent.min(OF_SEVERAL),
        (false, true) => percent.min(OF_FEW),
        (false, false) => percent,
    }
}

impl Sum {
    fn evidence(&self) -> Option<Evidence> {
        Some(Evidence {
            n: u64::try_from(self.times.len()).ok()?,
            first: *self.times.iter().min()?,
            last: *self.times.iter().max()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{alice, apart, links, okta, only_likely, sso, vault};
    use super::super::{LIKELY, LinkFile, Rule};
    use super::*;
    use crate::event::AliasKind;

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
        assert!(OF_FEW < LIKELY);
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
}
