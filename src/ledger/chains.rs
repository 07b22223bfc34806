//! Chains: who took on which role.
//!
//! A record that issues a session names its caller, the role and the access key
//! of the session. What the session then does is folded before the caller can
//! be looked up, and under which of a million keys is not kept; but who takes on
//! a role, and for which share of its keys that can be seen, is.

use std::collections::{BTreeMap, BTreeSet};

use super::{DistinctCount, Slot, SlotSet, value_hash};
use crate::event::Minted;

/// Callers kept per role, those with the smallest hashes.
const CALLERS_PER_ROLE: usize = 64;
/// Roles followed from one to the next.
const MAX_DEPTH: usize = 16;

/// Who took on which role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chains {
    /// By role key.
    pub(super) roles: BTreeMap<Box<str>, RoleChain>,
}

/// Who took on one role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct RoleChain {
    /// Access keys that were issued for it.
    pub(super) minted: DistinctCount,
    /// When by whom; by the hash of the caller's key, so that which callers are
    /// kept does not depend on their order.
    pub(super) callers: BTreeMap<u64, Caller>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Caller {
    pub(super) key: Box<str>,
    pub(super) slots: SlotSet,
}

impl RoleChain {
    fn observe(&mut self, minted: &Minted<'_>, caller: &str, slot: Slot) {
        self.minted.insert(value_hash(&minted.credential));
        let hash = value_hash(caller);
        if let Some(known) = self.callers.get_mut(&hash) {
            return known.slots.insert(slot);
        }
        let slots = SlotSet::single(slot);
        let key = caller.into();
        self.insert(hash, Caller { key, slots });
    }

    fn merge(&mut self, other: &Self) {
        self.minted.merge(&other.minted);
        for (hash, caller) in &other.callers {
            self.add(*hash, caller);
        }
    }

    pub(super) fn add(&mut self, hash: u64, caller: &Caller) {
        match self.callers.get_mut(&hash) {
            Some(known) => known.slots.union(&caller.slots),
            None => self.insert(hash, caller.clone()),
        }
    }

    fn insert(&mut self, hash: u64, caller: Caller) {
        self.callers.insert(hash, caller);
        while self.callers.len() > CALLERS_PER_ROLE {
            self.callers.pop_last();
        }
    }
}

impl Chains {
    /// Takes note that `caller` had credentials issued in `slot`.
    pub(super) fn observe(&mut self, minted: &Minted<'_>, caller: &str, slot: Slot) {
        if *minted.role == *caller {
            return;
        }
        if let Some(chain) = self.roles.get_mut(minted.role.as_ref()) {
            return chain.observe(minted, caller, slot);
        }
        let mut chain = RoleChain::default();
        chain.observe(minted, caller, slot);
        self.roles.insert(minted.role.as_ref().into(), chain);
    }

    /// Whether anybody is known to have taken on `role`.
    pub(super) fn has(&self, role: &str) -> bool {
        self.roles.contains_key(role)
    }

    /// Drops all roles but some.
    pub(super) fn retain(&mut self, mut keeps: impl FnMut(&str) -> bool) {
        self.roles.retain(|role, _| keeps(role));
    }

    /// Gives roles that were made anew one key.
    pub(super) fn rename(&mut self, one: impl Fn(&str) -> Option<String>) {
        for (role, chain) in std::mem::take(&mut self.roles) {
            let role = one(&role).map_or(role, Into::into);
            let own = self.roles.entry(role).or_default();
            own.minted.merge(&chain.minted);
            for caller in chain.callers.into_values() {
                let key = one(&caller.key).map_or(caller.key, Into::into);
                let slots = caller.slots;
                own.add(value_hash(&key), &Caller { key, slots });
            }
        }
    }

    /// Adds what another part of the input holds.
    pub(super) fn merge(&mut self, other: &Self) {
        for (role, chain) in &other.roles {
            self.roles.entry(role.clone()).or_default().merge(chain);
        }
    }

    /// The same in slots `ratio` times as long.
    pub(super) fn coarsen(&mut self, ratio: i32) {
        for caller in self
            .roles
            .values_mut()
            .flat_map(|chain| chain.callers.values_mut())
        {
            caller.slots = caller.slots.coarsened(ratio);
        }
    }

    /// The callers of `[start, end)`. The keys stay all of them: a session may
    /// have been issued before.
    pub(super) fn between(&self, start: Slot, end: Slot) -> Self {
        let mut part = self.clone();
        for chain in part.roles.values_mut() {
            for caller in chain.callers.values_mut() {
                caller.slots = caller.slots.between(start, end);
            }
            chain.callers.retain(|_, caller| !caller.slots.is_empty());
        }
        part
    }

    /// Keys of the roles for which credentials were issued.
    pub(super) fn roles(&self) -> impl Iterator<Item = &str> {
        self.roles.keys().map(AsRef::as_ref)
    }

    /// Of the access keys in `used`, how many were issued for `role` where it
    /// can be seen. Exact for few, an estimate for many.
    pub(super) fn n_known(&self, role: &str, used: &DistinctCount) -> u32 {
        let Some(chain) = self.roles.get(role) else {
            return 0;
        };
        let mut all = used.clone();
        all.merge(&chain.minted);
        let both = used.count().saturating_add(chain.minted.count());
        both.saturating_sub(all.count()).min(used.count())
    }

    /// Roles taken on one after the other within a slot: who took on the
    /// first one, alone as far as is known; the first role, the second one, and
    /// the slots.
    ///
    /// Which of several callers went on from a role to the next cannot be told,
    /// so a role that several take on in a slot makes no chain.
    pub(super) fn hops(&self) -> Vec<(&str, &str, &str, SlotSet)> {
        let mut hops = Vec::new();
        for (second, chain) in &self.roles {
            for middle in chain.callers.values() {
                let first = role_of(&middle.key);
                let Some(before) = self.roles.get(first).filter(|_| first != &**second) else {
                    continue;
                };
                for caller in before.callers.values() {
                    let alone = |slot: &Slot| {
                        let mut all = before.callers.values();
                        caller.slots.contains(*slot)
                            && all.all(|c| c.key == caller.key || !c.slots.contains(*slot))
                    };
                    let slots: SlotSet = middle.slots.iter().filter(alone).collect();
                    if !slots.is_empty() {
                        hops.push((&*caller.key, first, &**second, slots));
                    }
                }
            }
        }
        hops
    }

    /// When `role` was taken on by those callers that `is_meant` names.
    pub(super) fn taken_on(
        &self,
        role: &str,
        is_meant: impl Fn(&str) -> bool,
    ) -> impl Iterator<Item = Slot> {
        let chain = self.roles.get(role).into_iter();
        let callers = chain.flat_map(|chain| chain.callers.values());
        callers
            .filter(move |caller| is_meant(&caller.key))
            .flat_map(|caller| caller.slots.iter())
    }

    /// Keys of those who took on `role`.
    #[must_use]
    pub fn callers(&self, role: &str) -> BTreeSet<&str> {
        let chain = self.roles.get(role).into_iter();
        chain
            .flat_map(|chain| chain.callers.values())
            .map(|caller| caller.key.as_ref())
            .collect()
    }

    /// Keys of those at the far end of the chains that lead to `role`: callers,
    /// or callers of the roles that called, that nobody is known to have taken
    /// on.
    #[must_use]
    pub fn origins(&self, role: &str) -> BTreeSet<&str> {
        let mut origins = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut next = self.callers(role);
        for _ in 0..MAX_DEPTH {
            let mut farther = BTreeSet::new();
            for caller in next {
                let taken_on = role_of(caller);
                let callers = self.callers(taken_on);
                if callers.is_empty() {
                    origins.insert(caller);
                } else if seen.insert(taken_on) {
                    farther.extend(callers);
                }
            }
            next = farther;
        }
        // What is farther than that is named as far as it was followed.
        origins.extend(next);
        origins
    }
}

/// The role of a session: a session has its role's key before a `#`.
pub(crate) fn role_of(caller: &str) -> &str {
    caller.split('#').next().unwrap_or(caller)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minted<'a>(role: &'a str, credential: &'a str) -> Minted<'a> {
        Minted {
            role: role.into(),
            credential: credential.into(),
        }
    }

    fn chains(facts: &[(&str, &str, &str)]) -> Chains {
        let mut chains = Chains::default();
        for (caller, role, key) in facts {
            chains.observe(&minted(role, key), caller, 7);
        }
        chains
    }

    #[test]
    fn far_end_of_two_hops_is_the_first_caller() {
        let chains = chains(&[("alice", "A", "K1"), ("A", "B", "K2"), ("A#job", "B", "K3")]);
        assert_eq!(chains.callers("B"), BTreeSet::from(["A", "A#job"]));
        assert_eq!(chains.origins("B"), BTreeSet::from(["alice"]));
        assert_eq!(
            chains.origins("C"),
            BTreeSet::new(),
            "no parent is invented"
        );
    }

    #[test]
    fn second_hop_is_that_of_the_only_one_who_made_the_first() {
        let mut chains = chains(&[("alice", "A", "K1"), ("A", "B", "K2"), ("A#job", "C", "K3")]);
        let slots = SlotSet::single(7);
        assert_eq!(
            chains.hops(),
            [
                ("alice", "A", "B", slots.clone()),
                ("alice", "A", "C", slots)
            ]
        );
        chains.observe(&minted("A", "K4"), "bob", 7);
        assert_eq!(chains.hops(), [], "it may have been either of them");
    }

    #[test]
    fn roles_that_take_on_each_other_end() {
        let circle = chains(&[("A", "B", "K1"), ("B", "A", "K2"), ("A", "A", "K3")]);
        assert_eq!(circle.origins("A"), BTreeSet::new());
        let with_way_in = chains(&[("A", "B", "K1"), ("B", "A", "K2"), ("ann", "A", "K3")]);
        assert_eq!(with_way_in.origins("B"), BTreeSet::from(["ann"]));
        let names: Vec<String> = (0..40).map(|n| format!("R{n:02}")).collect();
        let mut long = Chains::default();
        for pair in names.windows(2) {
            long.observe(&minted(&pair[1], "K"), &pair[0], 7);
        }
        assert_eq!(
            long.origins("R39").len(),
            1,
            "followed so far and no farther"
        );
    }

    #[test]
    fn merging_in_any_order_gives_the_same() {
        let facts: Vec<(String, String)> = (0..300)
            .map(|n| (format!("caller-{n}"), format!("ASIA{n}")))
            .collect();
        let fold = |order: &mut dyn Iterator<Item = usize>| {
            let mut whole = Chains::default();
            for at in order {
                let mut part = Chains::default();
                let (caller, key) = &facts[at];
                part.observe(&minted("R", key), caller, 7);
                whole.merge(&part);
            }
            whole
        };
        let forward = fold(&mut (0..facts.len()));
        assert_eq!(forward, fold(&mut (0..facts.len()).rev()));
        assert_eq!(forward.callers("R").len(), CALLERS_PER_ROLE);
    }

    #[test]
    fn keys_are_known_by_what_was_issued_not_by_session_name() {
        let chains = chains(&[("alice", "R", "K1"), ("bob", "R", "K2"), ("eve", "S", "K3")]);
        let mut used = DistinctCount::default();
        for key in ["K1", "K3", "K4"] {
            used.insert(value_hash(key));
        }
        assert_eq!(chains.n_known("R", &used), 1);
        assert_eq!(chains.n_known("T", &used), 0);
    }

    #[test]
    fn window_keeps_its_callers_and_every_key() {
        let mut chains = chains(&[("alice", "R", "K1")]);
        chains.observe(&minted("R", "K2"), "bob", 9);
        let part = chains.between(8, 10);
        assert_eq!(part.callers("R"), BTreeSet::from(["bob"]));
        let mut used = DistinctCount::default();
        used.insert(value_hash("K1"));
        assert_eq!(part.n_known("R", &used), 1, "issued before the window");
    }
}
