//! The names under which other products may know an identity.

use std::ops::Range;

use super::timeline::Timeline;
use super::{Slot, value_hash};
use crate::event::{Alias, AliasKind};

/// Names kept per identity, those with the smallest hashes. Real identities
/// have a few; who has more can be told from nobody by them.
const MAX_ALIASES: usize = 16;

/// One name, and in how many events of which slots it was told.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) kind: AliasKind,
    pub(super) name: Box<str>,
    pub(super) slots: Timeline<u32>,
}

/// Every name of one identity, in order of kind and name. Merges by sum and
/// union.
#[derive(Clone, Debug, Default)]
pub(super) struct Aliases(Vec<Told>);

impl Aliases {
    pub(super) fn iter(&self) -> impl Iterator<Item = &Told> {
        self.0.iter()
    }

    pub(super) fn observe(&mut self, alias: &Alias<'_>, slot: Slot) {
        self.add(alias.kind, &alias.name, slot, 1);
    }

    /// Adds that a name was told `n` times in `slot`.
    pub(super) fn add(&mut self, kind: AliasKind, name: &str, slot: Slot, n: u32) {
        if let Some(told) = self.entry(kind, name) {
            let own = told.slots.entry(slot);
            *own = own.saturating_add(n);
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        for theirs in other.0 {
            for (slot, n) in theirs.slots {
                self.add(theirs.kind, &theirs.name, slot, n);
            }
        }
    }

    /// The same in slots `ratio` times as long.
    pub(super) fn coarsen(&mut self, ratio: i32) {
        for told in &mut self.0 {
            for (slot, n) in std::mem::take(&mut told.slots) {
                let own = told.slots.entry(slot.div_euclid(ratio));
                *own = own.saturating_add(n);
            }
        }
    }

    /// What was told inside of `slots`.
    pub(super) fn between(&self, slots: &Range<Slot>) -> Self {
        let inside = self.iter().filter_map(|told| {
            let slots: Timeline<u32> = told.slots.between(slots).iter().copied().collect();
            (!slots.is_empty()).then(|| Told {
                slots,
                kind: told.kind,
                name: told.name.clone(),
            })
        });
        Self(inside.collect())
    }

    /// The entry of a name, made if it is new; `None` if there is no room.
    fn entry(&mut self, kind: AliasKind, name: &str) -> Option<&mut Told> {
        let own = &mut self.0;
        let find = |told: &Told| (told.kind, told.name.as_ref()).cmp(&(kind, name));
        let at = match own.binary_search_by(find) {
            Ok(at) => return own.get_mut(at),
            Err(at) => at,
        };
        let told = Told {
            kind,
            name: name.into(),
            slots: Timeline::default(),
        };
        own.insert(at, told);
        if own.len() > MAX_ALIASES {
            let largest = own.iter().enumerate().max_by_key(|(_, told)| rank(told));
            let largest = largest.map(|(at, _)| at)?;
            own.remove(largest);
        }
        let at = own.binary_search_by(find).ok()?;
        own.get_mut(at)
    }
}

/// By which names are kept: independent of the order in which they come.
fn rank(told: &Told) -> (u64, AliasKind) {
    (value_hash(&told.name), told.kind)
}
