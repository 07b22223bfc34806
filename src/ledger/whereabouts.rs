//! Whereabouts: from which addresses people worked at which hours, and when
//! they were sent on from one product to another.
//!
//! Who is sent on to a product by the identity provider, and who signs in there
//! from the same address a moment later, may be one. What that is worth depends
//! on who else was at that address, so of every user of the provider the hours
//! at each address are kept.

use std::net::IpAddr;
use std::ops::Range;

use super::timeline::Timeline;
use super::{Slot, short_hash, value_hash};
use crate::event::{Event, NetKind, Outcome, Source, Timestamp, Verb};
use crate::identity::link::{Arrival, Visit};

/// Addresses kept per identity and slot, and arrivals: those with the smallest
/// hashes. Who has more can be told from nobody by them.
const MAX_PER_SLOT: usize = 32;

/// What somebody who uses an application of the identity provider is sent on
/// to, by what is part of the application's name.
const DESTINATIONS: [(&str, Source); 4] = [
    ("aws", Source::CloudTrail),
    ("amazon", Source::CloudTrail),
    ("identity center", Source::CloudTrail),
    ("vault", Source::Vault),
];

/// Where an identity was, by slot; of most nothing is known. Merges by union.
#[derive(Clone, Debug, Default)]
pub(super) struct Whereabouts(Option<Box<Timeline<Stay>>>);

/// Where an identity was in one slot. Both lists are sorted.
#[derive(Clone, Debug, Default)]
pub(super) struct Stay {
    /// Hours at each address.
    pub(super) visits: Vec<Visit>,
    /// When it was sent on to a product, or came to one.
    pub(super) arrivals: Vec<Arrival>,
}

impl Whereabouts {
    pub(super) fn iter(&self) -> impl Iterator<Item = (Slot, &Stay)> {
        self.0.iter().flat_map(|own| own.iter())
    }

    fn stay_mut(&mut self, slot: Slot) -> &mut Stay {
        self.0.get_or_insert_default().entry(slot)
    }

    /// Takes note of where `event` came from, if that can tell anybody.
    pub(super) fn observe(&mut self, event: &Event<'_>, slot: Slot) {
        if event.source != Source::Okta && !is_sign_in(event) {
            return;
        }
        let Some((address, network)) = address(event) else {
            return;
        };
        let second = event.time.seconds();
        let to = if event.source == Source::Okta {
            let hour = u32::try_from(second.rem_euclid(86_400) / 3_600).unwrap_or_default();
            self.add_visit(
                slot,
                Visit {
                    day: i32::try_from(second.div_euclid(86_400)).unwrap_or_default(),
                    address,
                    network,
                    hours: 1 << hour,
                },
            );
            sent_on_to(event)
        } else {
            Some(event.source)
        };
        let arrival = to.map(|to| Arrival {
            at: Timestamp::from_seconds(second),
            address,
            network,
            to,
        });
        if let Some(arrival) = arrival {
            self.add_arrival(slot, arrival);
        }
    }

    pub(super) fn add_visit(&mut self, slot: Slot, visit: Visit) {
        let visits = &mut self.stay_mut(slot).visits;
        match visits.binary_search_by_key(&(visit.address, visit.day), |v| (v.address, v.day)) {
            Ok(at) => {
                if let Some(own) = visits.get_mut(at) {
                    own.hours |= visit.hours;
                }
            }
            Err(at) => visits.insert(at, visit),
        }
        visits.truncate(MAX_PER_SLOT);
    }

    pub(super) fn add_arrival(&mut self, slot: Slot, arrival: Arrival) {
        let arrivals = &mut self.stay_mut(slot).arrivals;
        if let Err(at) = arrivals.binary_search(&arrival) {
            arrivals.insert(at, arrival);
        }
        if arrivals.len() > MAX_PER_SLOT {
            let rank = |own: &Arrival| value_hash(&own.at.seconds().to_string());
            let last = (0..arrivals.len()).max_by_key(|at| {
                let own = arrivals.get(*at);
                (own.map(rank), *at)
            });
            last.map(|at| arrivals.remove(at));
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        for (slot, stay) in other.0.into_iter().flat_map(|own| *own) {
            self.add(slot, stay);
        }
    }

    fn add(&mut self, slot: Slot, stay: Stay) {
        for visit in stay.visits {
            self.add_visit(slot, visit);
        }
        for arrival in stay.arrivals {
            self.add_arrival(slot, arrival);
        }
    }

    /// The same in slots `ratio` times as long.
    pub(super) fn coarsen(&mut self, ratio: i32) {
        for (slot, stay) in self.0.take().into_iter().flat_map(|own| *own) {
            self.add(slot.div_euclid(ratio), stay);
        }
    }

    /// What is known of `slots`.
    pub(super) fn between(&self, slots: &Range<Slot>) -> Self {
        let own = self.0.as_ref();
        let inside = own.map(|own| own.between(slots).iter().cloned().collect());
        Self(
            inside
                .filter(|own: &Timeline<Stay>| !own.is_empty())
                .map(Box::new),
        )
    }
}

/// Whether somebody signed in, to a product that does not tell who they are to
/// the identity provider.
fn is_sign_in(event: &Event<'_>) -> bool {
    let is_sign_in =
        event.action.verb == Verb::Auth || event.action.name == "sts:AssumeRoleWithSAML";
    matches!(event.source, Source::CloudTrail | Source::Vault)
        && is_sign_in
        && event.outcome == Outcome::Success
}

/// The product that a user of the identity provider was sent on to.
fn sent_on_to(event: &Event<'_>) -> Option<Source> {
    if event.action.name != "user.authentication.sso" {
        return None;
    }
    let applications = event.resources.iter().filter(|it| it.kind == "app");
    let mut names = applications.map(|it| it.id.to_lowercase());
    names.find_map(|name| {
        let mut known = DESTINATIONS.iter();
        known.find_map(|(part, to)| name.contains(part).then_some(*to))
    })
}

/// Hashes of the address that a call succeeded from and of its network, if
/// it is the caller's own: no service's, no anonymiser's, no private one.
fn address(event: &Event<'_>) -> Option<(u32, u32)> {
    let origin = &event.origin;
    let is_own = matches!(origin.net_kind, NetKind::Public | NetKind::Hosting)
        && event.is_direct()
        && event.outcome == Outcome::Success;
    let text = origin.address.as_deref().filter(|_| is_own)?;
    let address: IpAddr = text.parse().ok()?;
    let address = address.to_canonical();
    Some((hash_of(&address.to_string()), prefix_hash(address)))
}

/// A hash of the network that an address is in: of its /24 or /48.
fn prefix_hash(address: IpAddr) -> u32 {
    let prefix = match address {
        IpAddr::V4(v4) => u64::from(u32::from(v4) >> 8),
        IpAddr::V6(v6) => u64::try_from(u128::from(v6) >> 80).unwrap_or_default() | 1 << 63,
    };
    hash_of(&prefix.to_string())
}

fn hash_of(text: &str) -> u32 {
    short_hash(value_hash(text))
}

/// A hash of a network by its name, where that is a prefix: the same for every
/// address in it.
#[must_use]
pub fn network_hash(name: &str) -> Option<u32> {
    let (address, n_bits) = name.split_once('/')?;
    let address: IpAddr = address.parse().ok()?;
    let n_expected = if address.is_ipv4() { "24" } else { "48" };
    (n_bits == n_expected).then(|| prefix_hash(address))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrival(second: i64) -> Arrival {
        Arrival {
            at: Timestamp::from_seconds(second),
            address: 7,
            network: 7,
            to: Source::Vault,
        }
    }

    fn visit(address: u32, hours: u32) -> Visit {
        Visit {
            day: 3,
            address,
            network: 7,
            hours,
        }
    }

    /// Every slot, told in the order given.
    fn told(seconds: impl Iterator<Item = u32>) -> Vec<(Slot, usize, Vec<Arrival>)> {
        let mut all = Whereabouts::default();
        for n in seconds {
            let mut part = Whereabouts::default();
            part.add_arrival(1, arrival(n.into()));
            part.add_visit(1, visit(n, 1 << (n % 24)));
            all.merge(part);
        }
        let stays = all.iter();
        stays
            .map(|(slot, stay)| (slot, stay.visits.len(), stay.arrivals.clone()))
            .collect()
    }

    #[test]
    fn what_is_kept_depends_on_no_order() {
        let forward = told(0..200);
        assert_eq!(forward, told((0..200).rev()));
        assert_eq!(forward[0].1, MAX_PER_SLOT);
        assert_eq!(forward[0].2.len(), MAX_PER_SLOT);
    }

    #[test]
    fn networks_are_known_by_any_address_in_them() {
        let hash = |text: &str| text.parse().ok().map(prefix_hash);
        assert_eq!(network_hash("203.0.113.0/24"), hash("203.0.113.77"));
        assert_eq!(network_hash("2001:db8:1::/48"), hash("2001:db8:1:2::3"));
        assert_ne!(network_hash("203.0.113.0/24"), hash("203.0.114.77"));
        for name in [
            "AS64500",
            "vpce-0a1b",
            "10.0.0.0/16",
            "private/1/10.1.0.0/16",
        ] {
            assert_eq!(network_hash(name), None, "{name}");
        }
    }

    #[test]
    fn hours_at_one_address_add_up_and_longer_slots_hold_both() {
        let mut all = Whereabouts::default();
        all.add_visit(2, visit(9, 1));
        all.add_visit(3, visit(9, 4));
        assert_eq!(all.between(&(2..3)).iter().count(), 1);
        all.coarsen(24);
        let stays: Vec<_> = all.iter().collect();
        assert_eq!(stays[0].1.visits, [visit(9, 5)]);
    }
}
