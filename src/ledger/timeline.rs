//! One thing per slot, in order of time.

use std::ops::Range;

use super::Slot;

/// A map from slots, for the few that an identity was active in.
#[derive(Clone, Debug)]
pub struct Timeline<T> {
    entries: Vec<(Slot, T)>,
}

impl<T> Default for Timeline<T> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
        }
    }
}

impl<T> Timeline<T> {
    /// How many slots hold something.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether no slot holds anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What `slot` holds.
    #[must_use]
    pub fn get(&self, slot: Slot) -> Option<&T> {
        let at = self.find(slot).ok()?;
        self.entries.get(at).map(|(_, value)| value)
    }

    /// Slots and what they hold, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Slot, &T)> {
        self.entries.iter().map(|(slot, value)| (*slot, value))
    }

    /// The slots that hold something, in order.
    pub fn slots(&self) -> impl Iterator<Item = Slot> {
        self.entries.iter().map(|(slot, _)| *slot)
    }

    /// What the slots hold, in order.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.entries.iter().map(|(_, value)| value)
    }

    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.entries.iter_mut().map(|(_, value)| value)
    }

    /// The entries inside `slots`.
    pub(super) fn between(&self, slots: &Range<Slot>) -> &[(Slot, T)] {
        let from = self
            .entries
            .partition_point(|(slot, _)| *slot < slots.start);
        let to = self.entries.partition_point(|(slot, _)| *slot < slots.end);
        self.entries.get(from..to).unwrap_or_default()
    }

    /// Drops everything outside of `slots`.
    pub(super) fn retain(&mut self, slots: &Range<Slot>) {
        self.entries.retain(|(slot, _)| slots.contains(slot));
        self.entries.shrink_to_fit();
    }

    fn find(&self, slot: Slot) -> Result<usize, usize> {
        self.entries.binary_search_by_key(&slot, |(slot, _)| *slot)
    }
}

impl<T: Default> Timeline<T> {
    /// What `slot` holds, made if there is nothing yet.
    pub(super) fn entry(&mut self, slot: Slot) -> &mut T {
        let at = self.find(slot).unwrap_or_else(|at| {
            if self.entries.len() == self.entries.capacity() {
                // Most have one or two: no room for four.
                self.entries.reserve_exact(1 + self.entries.len() / 4);
            }
            self.entries.insert(at, (slot, T::default()));
            at
        });
        #[expect(clippy::indexing_slicing, reason = "found or inserted above")]
        &mut self.entries[at].1
    }
}

impl<T> FromIterator<(Slot, T)> for Timeline<T> {
    /// The entries come in order.
    fn from_iter<I: IntoIterator<Item = (Slot, T)>>(entries: I) -> Self {
        Self {
            entries: entries.into_iter().collect(),
        }
    }
}

impl<T> IntoIterator for Timeline<T> {
    type Item = (Slot, T);
    type IntoIter = std::vec::IntoIter<(Slot, T)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}
