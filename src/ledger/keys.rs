//! Long-lived credentials of an identity, and when each was used.

use super::{Slot, SlotSet, short_hash, value_hash};

/// Credentials kept per identity: those with the smallest hashes.
const MAX_KEYS: usize = 16;

/// The slots in which each long-lived credential was used, by a hash of its
/// public id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keys(Vec<(u32, SlotSet)>);

impl Keys {
    /// Takes note that the credential with this id was used.
    pub(super) fn observe(&mut self, id: &str, slot: Slot) {
        self.entry(short_hash(value_hash(id)), |slots| slots.insert(slot));
    }

    /// Adds what another part of the input holds.
    pub(super) fn merge(&mut self, other: &Self) {
        for (hash, theirs) in &other.0 {
            self.entry(*hash, |slots| slots.union(theirs));
        }
    }

    /// The same in slots `ratio` times as long.
    pub(super) fn coarsen(&mut self, ratio: i32) {
        for (_, slots) in &mut self.0 {
            *slots = slots.coarsened(ratio);
        }
    }

    /// The slots of `[start, end)`.
    pub(super) fn between(&self, start: Slot, end: Slot) -> Self {
        let keys = self.0.iter();
        let inside = keys.map(|(hash, slots)| (*hash, slots.between(start, end)));
        Self(inside.filter(|(_, slots)| !slots.is_empty()).collect())
    }

    /// Each credential's hash, and when it was used.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &SlotSet)> {
        self.0.iter().map(|(hash, slots)| (*hash, slots))
    }

    pub(super) fn entry(&mut self, hash: u32, change: impl FnOnce(&mut SlotSet)) {
        match self.0.binary_search_by_key(&hash, |(own, _)| *own) {
            Ok(at) => {
                if let Some((_, slots)) = self.0.get_mut(at) {
                    change(slots);
                }
            }
            Err(at) if at < MAX_KEYS => {
                let mut slots = SlotSet::default();
                change(&mut slots);
                self.0.insert(at, (hash, slots));
                self.0.truncate(MAX_KEYS);
            }
            Err(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_keys_are_kept_depends_on_no_order() {
        let ids: Vec<String> = (0..40).map(|n| format!("AKIA{n}")).collect();
        let folded = |order: &mut dyn Iterator<Item = &String>| {
            let mut whole = Keys::default();
            for id in order {
                let mut part = Keys::default();
                part.observe(id, 7);
                whole.merge(&part);
            }
            whole
        };
        let forward = folded(&mut ids.iter());
        assert_eq!(forward, folded(&mut ids.iter().rev()));
        assert_eq!(forward.iter().count(), MAX_KEYS);
    }
}
