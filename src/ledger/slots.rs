//! Sets of slots. A *slot* is one scored period: a UTC day, or a shorter
//! period where the data spans only hours.

use smallvec::{SmallVec, smallvec};

/// Number of a slot: its start in seconds since the epoch, divided by the
/// slot's length.
pub type Slot = i32;

const WORD_BITS: i32 = 64;

/// Slots that a saved set may span: minutes of two years.
const MAX_SPREAD: i32 = 1 << 20;

/// A set of slots, as a bitmap that starts at its smallest member.
///
/// Two words (128 slots) are stored inline. A set holds its own base, so one
/// implausible date costs memory only where it occurs.
///
/// # Examples
///
/// ```
/// # use habitual::ledger::SlotSet;
/// let mut set = SlotSet::default();
/// set.insert(20_000);
/// set.insert(19_990);
/// assert_eq!(set.iter().collect::<Vec<_>>(), [19_990, 20_000]);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SlotSet {
    /// Number of the first word: slot / 64, rounded down.
    base: i32,
    words: SmallVec<[u64; 2]>,
}

impl SlotSet {
    /// The set of one slot.
    #[must_use]
    pub fn single(slot: Slot) -> Self {
        let mut set = Self::default();
        set.insert(slot);
        set
    }

    /// The set of `slots`; `None` if they are so far apart that the bitmap
    /// would be a waste, which no logs are.
    #[must_use]
    pub fn of_saved(slots: &[Slot]) -> Option<Self> {
        let (first, last) = (slots.iter().min()?, slots.iter().max()?);
        let is_near = last.checked_sub(*first)? <= MAX_SPREAD;
        is_near.then(|| slots.iter().copied().collect())
    }

    /// Adds `slot`.
    #[inline]
    pub fn insert(&mut self, slot: Slot) {
        if !self.contains(slot) {
            self.add(slot);
        }
    }

    fn add(&mut self, slot: Slot) {
        let (word, bit) = split(slot);
        if self.words.is_empty() {
            self.base = word;
            self.words = smallvec![0];
        }
        if word < self.base {
            let missing = usize::try_from(self.base - word).unwrap_or_default();
            self.words.insert_many(0, std::iter::repeat_n(0, missing));
            self.base = word;
        }
        let at = usize::try_from(word - self.base).unwrap_or_default();
        if at >= self.words.len() {
            self.words.resize(at + 1, 0);
        }
        if let Some(bits) = self.words.get_mut(at) {
            *bits |= bit;
        }
    }

    /// Takes `slot` out.
    pub fn remove(&mut self, slot: Slot) {
        let (word, bit) = split(slot);
        let at = usize::try_from(word.saturating_sub(self.base));
        if let Some(bits) = at.ok().and_then(|at| self.words.get_mut(at)) {
            *bits &= !bit;
        }
    }

    /// Whether `slot` is a member.
    #[inline]
    #[must_use]
    pub fn contains(&self, slot: Slot) -> bool {
        let (word, bit) = split(slot);
        self.word(word) & bit != 0
    }

    /// Adds every member of `other`.
    pub fn union(&mut self, other: &Self) {
        if self.words.is_empty() {
            self.clone_from(other);
            return;
        }
        for (word, bits) in other.numbered() {
            if bits != 0 {
                // Makes room; the slot itself is a member of the word below.
                self.insert(word * WORD_BITS + lowest(bits));
                let at = usize::try_from(word - self.base).unwrap_or_default();
                if let Some(own) = self.words.get_mut(at) {
                    *own |= bits;
                }
            }
        }
    }

    /// Number of members.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.words.iter().map(|bits| bits.count_ones()).sum()
    }

    /// Whether there is no member.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|bits| *bits == 0)
    }

    /// Smallest member.
    #[must_use]
    pub fn first(&self) -> Option<Slot> {
        self.numbered()
            .find(|(_, bits)| *bits != 0)
            .map(|(word, bits)| word * WORD_BITS + lowest(bits))
    }

    /// Smallest member that `mask` does not hold.
    #[must_use]
    pub fn first_outside(&self, mask: &Self) -> Option<Slot> {
        self.numbered()
            .map(|(word, bits)| (word, bits & !mask.word(word)))
            .find(|(_, bits)| *bits != 0)
            .map(|(word, bits)| word * WORD_BITS + lowest(bits))
    }

    /// Number of members below `end` that `mask` does not hold.
    #[must_use]
    pub fn count_below(&self, end: Slot, mask: &Self) -> u32 {
        let (last, bit) = split(end);
        self.numbered()
            .filter(|(word, _)| *word <= last)
            .map(|(word, bits)| {
                let below = if word == last { bits & (bit - 1) } else { bits };
                (below & !mask.word(word)).count_ones()
            })
            .sum()
    }

    /// Members, ascending.
    pub fn iter(&self) -> impl Iterator<Item = Slot> + '_ {
        self.numbered().flat_map(|(word, bits)| {
            let without_lowest = |bits: &u64| Some(bits & bits.wrapping_sub(1));
            let left = std::iter::successors(Some(bits), without_lowest);
            let left = left.take_while(|bits| *bits != 0);
            left.map(move |bits| word * WORD_BITS + lowest(bits))
        })
    }

    /// The set of slots `ratio` times as long.
    #[must_use]
    pub fn coarsened(&self, ratio: i32) -> Self {
        let mut set = Self::default();
        for slot in self.iter() {
            set.insert(slot.div_euclid(ratio));
        }
        set
    }

    /// Members of `[start, end)`.
    #[must_use]
    pub fn between(&self, start: Slot, end: Slot) -> Self {
        let mut set = Self::default();
        for slot in self.iter().filter(|slot| (start..end).contains(slot)) {
            set.insert(slot);
        }
        set
    }

    #[inline]
    fn word(&self, word: i32) -> u64 {
        usize::try_from(word.saturating_sub(self.base))
            .ok()
            .and_then(|at| self.words.get(at))
            .copied()
            .unwrap_or_default()
    }

    fn numbered(&self) -> impl Iterator<Item = (i32, u64)> + '_ {
        (self.base..).zip(self.words.iter().copied())
    }
}

impl FromIterator<Slot> for SlotSet {
    fn from_iter<I: IntoIterator<Item = Slot>>(slots: I) -> Self {
        let mut set = Self::default();
        for slot in slots {
            set.insert(slot);
        }
        set
    }
}

#[inline]
fn split(slot: Slot) -> (i32, u64) {
    (slot.div_euclid(WORD_BITS), 1 << slot.rem_euclid(WORD_BITS))
}

/// Position of the lowest set bit.
fn lowest(bits: u64) -> i32 {
    i32::try_from(bits.trailing_zeros()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn set(slots: &[Slot]) -> SlotSet {
        slots.iter().copied().collect()
    }

    proptest! {
        #[test]
        fn behaves_like_a_set_of_numbers(
            a in prop::collection::btree_set(-500_i32..500, 0..40),
            b in prop::collection::btree_set(-500_i32..500, 0..40),
            end in -500_i32..500,
        ) {
            let (x, y): (SlotSet, SlotSet) = (a.iter().copied().collect(), b.iter().copied().collect());
            prop_assert_eq!(x.iter().collect::<Vec<_>>(), a.iter().copied().collect::<Vec<_>>());
            prop_assert_eq!(x.first(), a.first().copied());
            let outside: BTreeSet<_> = a.difference(&b).copied().collect();
            prop_assert_eq!(x.first_outside(&y), outside.first().copied());
            let below = outside.iter().filter(|s| **s < end).count();
            prop_assert_eq!(x.count_below(end, &y) as usize, below);
            let mut both = x.clone();
            both.union(&y);
            prop_assert_eq!(both.iter().collect::<Vec<_>>(), a.union(&b).copied().collect::<Vec<_>>());
            let coarse: BTreeSet<_> = a.iter().map(|s| s.div_euclid(24)).collect();
            prop_assert_eq!(x.coarsened(24).iter().collect::<Vec<_>>(), coarse.into_iter().collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_slice_holds_its_start_and_not_its_end() {
        assert_eq!(set(&[1, 5, 9]).between(1, 9), set(&[1, 5]));
    }
}
