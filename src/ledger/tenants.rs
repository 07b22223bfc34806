//! What only all events of a tenant tell together: its mounts, and whether the
//! addresses in its log are those of its callers.
//!
//! Tallied per slot, so that a decision can be taken on the history alone, and
//! merged by sum, union and minimum like everything else here.

use std::collections::BTreeMap;

use smallvec::SmallVec;

use super::{DistinctCount, Slot, value_hash};
use crate::event::{Class, Event, Mount, Outcome, Source};
use crate::identity::LoginMounts;

/// The tallies of every tenant.
#[derive(Clone, Debug, Default)]
pub(super) struct Tenants(pub(super) BTreeMap<Box<str>, BTreeMap<Slot, Tally>>);

/// The tally of one tenant in one slot.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    /// Class and confidence of the users, by path and class.
    pub(super) logins: BTreeMap<(Box<str>, Class), u8>,
    pub(super) stores: BTreeMap<Box<str>, Store>,
    /// Direct events with an address.
    pub(super) n_events: u64,
    /// By address; empty where there are too many.
    pub(super) callers: BTreeMap<Box<str>, Caller>,
    /// There were more addresses than are kept, so none of them carries most.
    pub(super) is_crowded: bool,
}

/// Paths of a store that worked.
#[derive(Clone, Debug, Default)]
pub(super) struct Store {
    pub(super) paths: DistinctCount,
    /// Of these, paths that begin with a verb of a versioned store.
    pub(super) with_verb: DistinctCount,
}

/// One address.
#[derive(Clone, Debug, Default)]
pub(super) struct Caller {
    pub(super) n_events: u64,
    /// The network that the address is in.
    pub(super) network: Box<str>,
    /// Hashes of the identities behind it, the smallest few.
    pub(super) identities: SmallVec<[u64; 4]>,
}

/// What the history says about one tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TenantDecision {
    /// The mounts that sign users in.
    pub mounts: LoginMounts,
    /// Stores whose names have no verb in front of them, by mount.
    pub plain_stores: Vec<Box<str>>,
    /// The network of the address through which nearly all callers come: it
    /// is nobody's place.
    pub balancer: Option<Box<str>>,
}

/// Mounts of a kind kept per slot; a real tree has hundreds at most.
const MAX_MOUNTS: usize = 1_024;
/// Addresses kept per slot.
const MAX_ADDRESSES: usize = 256;
/// A store is versioned when so many of its paths begin with a verb, in
/// percent.
const VERSIONED_PERCENT: u64 = 90;
/// An address is a balancer's when it carries more than so many events, in
/// percent …
const BALANCER_PERCENT: u64 = 90;
/// … of more than so many identities.
const BALANCER_IDENTITIES: usize = 20;

impl Tenants {
    /// Takes note of an event of the identity with this `key`.
    pub(super) fn observe(&mut self, event: &Event<'_>, key: &str, slot: Slot) {
        let mount = event.ties.mount.as_ref();
        let is_call = event.source == Source::Vault && event.is_direct();
        let caller = event.origin.address.as_deref().filter(|_| is_call);
        if mount.is_none() && caller.is_none() {
            return;
        }
        self.change(&event.tenant, slot, |tally| {
            if let Some(mount) = mount.filter(|_| event.outcome == Outcome::Success) {
                tally.observe_mount(mount, event);
            }
            if let Some(address) = caller {
                let network = event.origin.network.as_deref().unwrap_or_default();
                tally.n_events = tally.n_events.saturating_add(1);
                tally.add_caller(address, 1, network, &[value_hash(key)]);
            }
        });
    }

    pub(super) fn merge(&mut self, other: Self) {
        for (tenant, slots) in other.0 {
            for (slot, tally) in slots {
                self.change(&tenant, slot, |own| own.merge(tally));
            }
        }
    }

    /// The same in slots `ratio` times as long.
    pub(super) fn coarsen(&mut self, ratio: i32) {
        for (tenant, slots) in std::mem::take(&mut self.0) {
            for (slot, tally) in slots {
                self.change(&tenant, slot.div_euclid(ratio), |own| own.merge(tally));
            }
        }
    }

    /// The slots of `[start, end)`.
    pub(super) fn between(&self, start: Slot, end: Slot) -> Self {
        let within = |slots: &BTreeMap<Slot, Tally>| -> BTreeMap<Slot, Tally> {
            let slots = slots.range(start..end);
            slots.map(|(slot, tally)| (*slot, tally.clone())).collect()
        };
        let tenants = self.0.iter();
        Self(
            tenants
                .map(|(t, slots)| (t.clone(), within(slots)))
                .collect(),
        )
    }

    /// What is decided about each tenant.
    pub(super) fn decide(&self) -> BTreeMap<Box<str>, TenantDecision> {
        let decide = |slots: &BTreeMap<Slot, Tally>| {
            let mut all = Tally::default();
            for tally in slots.values() {
                all.merge(tally.clone());
            }
            all.decide()
        };
        let tenants = self.0.iter();
        tenants
            .map(|(t, slots)| (t.clone(), decide(slots)))
            .collect()
    }

    /// Changes the tally of a tenant in a slot, which is made if it is new.
    fn change(&mut self, tenant: &str, slot: Slot, change: impl FnOnce(&mut Tally)) {
        if let Some(slots) = self.0.get_mut(tenant) {
            return change(slots.entry(slot).or_default());
        }
        let mut tally = Tally::default();
        change(&mut tally);
        self.0
            .insert(tenant.into(), BTreeMap::from([(slot, tally)]));
    }
}

impl Tally {
    fn observe_mount(&mut self, mount: &Mount<'_>, event: &Event<'_>) {
        match mount {
            Mount::Login {
                path,
                class,
                class_confidence,
            } => self.add_login((path.as_ref().into(), *class), *class_confidence),
            Mount::Store { path, plain_scope } => {
                let mut store = Store::default();
                for resource in &event.resources {
                    let hash = value_hash(&resource.id);
                    store.paths.insert(hash);
                    if plain_scope.is_some() {
                        store.with_verb.insert(hash);
                    }
                }
                self.add_store(path, &store);
            }
        }
    }

    fn merge(&mut self, other: Self) {
        for (login, confidence) in other.logins {
            self.add_login(login, confidence);
        }
        for (path, store) in other.stores {
            self.add_store(&path, &store);
        }
        self.n_events = self.n_events.saturating_add(other.n_events);
        self.is_crowded |= other.is_crowded;
        for (address, caller) in other.callers {
            let Caller {
                n_events,
                network,
                identities,
            } = caller;
            self.add_caller(&address, n_events, &network, &identities);
        }
        if self.is_crowded {
            self.callers.clear();
        }
    }

    pub(super) fn add_login(&mut self, login: (Box<str>, Class), confidence: u8) {
        let known = self.logins.entry(login).or_default();
        *known = confidence.max(*known);
        if self.logins.len() > MAX_MOUNTS {
            self.logins.pop_last();
        }
    }

    pub(super) fn add_store(&mut self, path: &str, store: &Store) {
        if let Some(known) = self.stores.get_mut(path) {
            known.paths.merge(&store.paths);
            known.with_verb.merge(&store.with_verb);
            return;
        }
        self.stores.insert(path.into(), store.clone());
        if self.stores.len() > MAX_MOUNTS {
            self.stores.pop_last();
        }
    }

    pub(super) fn add_caller(
        &mut self,
        address: &str,
        n_events: u64,
        network: &str,
        identities: &[u64],
    ) {
        if self.is_crowded {
            return;
        }
        if let Some(known) = self.callers.get_mut(address) {
            return known.add(n_events, identities);
        }
        let mut caller = Caller {
            network: network.into(),
            ..Caller::default()
        };
        caller.add(n_events, identities);
        self.callers.insert(address.into(), caller);
        if self.callers.len() > MAX_ADDRESSES {
            self.is_crowded = true;
            self.callers.clear();
        }
    }

    fn decide(&self) -> TenantDecision {
        let mut mounts = LoginMounts::default();
        for ((path, class), confidence) in &self.logins {
            mounts.insert(path, *class, *confidence);
        }
        let plain = self
            .stores
            .iter()
            .filter(|(_, store)| !store.is_versioned());
        TenantDecision {
            mounts,
            plain_stores: plain.map(|(path, _)| path.clone()).collect(),
            balancer: self.balancer(),
        }
    }

    fn balancer(&self) -> Option<Box<str>> {
        let most = self.n_events.saturating_mul(BALANCER_PERCENT);
        let found = self.callers.values().find(|caller| {
            caller.n_events.saturating_mul(100) > most
                && caller.identities.len() > BALANCER_IDENTITIES
        })?;
        Some(found.network.clone()).filter(|network| !network.is_empty())
    }
}

impl Store {
    fn is_versioned(&self) -> bool {
        let needed = u64::from(self.paths.count()).saturating_mul(VERSIONED_PERCENT);
        u64::from(self.with_verb.count()).saturating_mul(100) >= needed
    }
}

impl Caller {
    fn add(&mut self, n_events: u64, identities: &[u64]) {
        self.n_events = self.n_events.saturating_add(n_events);
        for identity in identities {
            if let Err(at) = self.identities.binary_search(identity) {
                self.identities.insert(at, *identity);
            }
        }
        self.identities.truncate(BALANCER_IDENTITIES + 1);
    }
}

/// Stands between the readings of a value that no log holds.
const SEPARATOR: char = '\u{1f}';

/// Values that have two readings until the history has decided.
pub(super) enum Reading<'t> {
    /// A name in the store `mount`.
    Name {
        mount: &'t str,
        versioned: &'t str,
        plain: &'t str,
    },
    /// A network, or the one that a proxy tells of.
    Network { direct: &'t str, forwarded: &'t str },
}

impl<'t> Reading<'t> {
    /// The text under which both readings are kept.
    pub(super) fn write(&self, buffer: &mut String) {
        buffer.clear();
        let parts: &[&str] = match self {
            Self::Name {
                mount,
                versioned,
                plain,
            } => &[mount, versioned, plain],
            Self::Network { direct, forwarded } => &[direct, forwarded],
        };
        for part in parts {
            buffer.push(SEPARATOR);
            buffer.extend(part.chars().filter(|c| *c != SEPARATOR));
        }
    }

    /// The readings that `text` stands for, if it is such a text.
    pub(super) fn of(text: &'t str) -> Option<Self> {
        let mut parts = text.strip_prefix(SEPARATOR)?.split(SEPARATOR);
        match (parts.next()?, parts.next()?, parts.next(), parts.next()) {
            (mount, versioned, Some(plain), None) => Some(Self::Name {
                mount,
                versioned,
                plain,
            }),
            (direct, forwarded, None, _) => Some(Self::Network { direct, forwarded }),
            _ => None,
        }
    }
}

impl TenantDecision {
    /// The one reading of a value; `None` for a value that says nothing.
    pub(super) fn read<'t>(&self, reading: &Reading<'t>) -> Option<&'t str> {
        match reading {
            Reading::Name {
                mount,
                versioned,
                plain,
            } => {
                let is_plain = self.plain_stores.iter().any(|own| own.as_ref() == *mount);
                Some(if is_plain { plain } else { versioned })
            }
            Reading::Network { direct, forwarded } if self.is_balancer(direct) => {
                Some(forwarded).filter(|text| !text.is_empty()).copied()
            }
            Reading::Network { direct, .. } => Some(direct),
        }
    }

    /// Whether `network` is where callers come through and not where they are.
    pub(super) fn is_balancer(&self, network: &str) -> bool {
        self.balancer.as_deref() == Some(network)
    }
}

#[cfg(test)]
mod tests;
