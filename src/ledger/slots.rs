//! Sets of slots. A *slot* is one scored period: a UTC day, or a shorter
//! period where the data spans only hours.

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
#[derive(Clone, Debug)]
pub struct SlotSet(Words);

/// Words of a bitmap; there are very many of them. The `base` is the number of
/// the first word: slot / 64, rounded down.
#[derive(Clone, Debug)]
enum Words {
    Few { base: i32, bits: [u64; 2] },
    Many { base: i32, bits: Box<[u64]> },
}

impl Default for SlotSet {
    fn default() -> Self {
        let bits = [0; 2];
        Self(Words::Few { base: 0, bits })
    }
}

impl PartialEq for SlotSet {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for SlotSet {}

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
        if let Some(bits) = self.room_for(word) {
            *bits |= bit;
        }
    }

    /// The word with this number, made if there is none yet.
    fn room_for(&mut self, word: i32) -> Option<&mut u64> {
        if let Words::Few { base, bits } = &mut self.0 {
            if *bits == [0; 2] {
                *base = word;
            } else if word == *base - 1 && bits[1] == 0 {
                *base = word;
                *bits = [0, bits[0]];
            }
        }
        let (base, known) = self.words();
        let n_before = usize::try_from(base.saturating_sub(word)).unwrap_or_default();
        let at = usize::try_from(word.saturating_sub(base)).unwrap_or_default();
        if n_before > 0 || at >= known.len() {
            // Not a word at a time.
            let n_wanted = (at + 1).max(known.len() + known.len() / 4);
            let n_behind = n_wanted.saturating_sub(known.len());
            let zeros = |n| std::iter::repeat_n(0, n);
            let bits = zeros(n_before).chain(known.iter().copied());
            self.0 = Words::Many {
                base: base.min(word),
                bits: bits.chain(zeros(n_behind)).collect(),
            };
        }
        self.word_mut(word)
    }

    /// Takes `slot` out.
    pub fn remove(&mut self, slot: Slot) {
        let (word, bit) = split(slot);
        if let Some(bits) = self.word_mut(word) {
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
        for (word, bits) in other.numbered().filter(|(_, bits)| *bits != 0) {
            if let Some(own) = self.room_for(word) {
                *own |= bits;
            }
        }
    }

    /// Number of members.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.words().1.iter().map(|bits| bits.count_ones()).sum()
    }

    /// Whether there is no member.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words().1.iter().all(|bits| *bits == 0)
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
        let (base, words) = self.words();
        let at = usize::try_from(word.saturating_sub(base)).ok();
        let bits = at.and_then(|at| words.get(at));
        bits.copied().unwrap_or_default()
    }

    #[inline]
    fn word_mut(&mut self, word: i32) -> Option<&mut u64> {
        let (base, words) = match &mut self.0 {
            Words::Few { base, bits } => (*base, bits.as_mut_slice()),
            Words::Many { base, bits } => (*base, &mut **bits),
        };
        let at = usize::try_from(word.saturating_sub(base)).ok()?;
        words.get_mut(at)
    }

    /// The number of the first word, and all of them.
    #[inline]
    fn words(&self) -> (i32, &[u64]) {
        match &self.0 {
            Words::Few { base, bits } => (*base, bits),
            Words::Many { base, bits } => (*base, bits),
        }
    }

    fn numbered(&self) -> impl Iterator<Item = (i32, u64)> + '_ {
        let (base, words) = self.words();
        (base..).zip(words.iter().copied())
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
            let backwards: SlotSet = a.iter().rev().copied().collect();
            prop_assert_eq!(&backwards, &x);
            let mut without = x.clone();
            b.iter().for_each(|slot| without.remove(*slot));
            prop_assert_eq!(without, a.difference(&b).copied().collect());
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
    fn a_set_is_small() {
        assert_eq!(size_of::<SlotSet>(), 24);
    }

    #[test]
    fn a_slice_holds_its_start_and_not_its_end() {
        assert_eq!(set(&[1, 5, 9]).between(1, 9), set(&[1, 5]));
    }
}
