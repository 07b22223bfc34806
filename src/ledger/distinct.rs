//! Counting distinct things in bounded memory.

/// Up to this many elements are counted exactly.
const EXACT_MAX: usize = 64;
/// Registers of the sketch beyond that: one standard error is 6.5 %.
const REGISTERS: usize = 256;
/// The largest rank that a register holds.
const RANK_MAX: u8 = 25;
/// The first byte of a saved sketch; other states are saved in fours of bytes.
const SKETCH_TAG: u8 = 1;

/// How many distinct elements were inserted, identified by stable 64-bit
/// hashes.
///
/// Exact up to 64 elements, a 256-register `HyperLogLog` beyond. The state is a
/// function of the *set* of inserted hashes alone, so merging is associative
/// and commutative: exact if the union has at most 64 elements, else the
/// register maxima of all of them.
///
/// # Source
///
/// Flajolet, Fusy, Gandouet, Meunier (2007), "HyperLogLog: the analysis of a
/// near-optimal cardinality estimation algorithm", with linear counting for
/// small estimates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DistinctCount(State);

/// Elements kept in place of a pointer.
const INLINE: usize = 3;

/// Sorted upper halves of the hashes, or register maxima.
#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    /// The first `n` of these.
    Few { n: u8, hashes: [u32; INLINE] },
    /// More than [`INLINE`].
    #[expect(
        clippy::box_collection,
        reason = "most counts are small: 16 bytes for each"
    )]
    Exact(Box<Vec<u32>>),
    /// More than [`EXACT_MAX`].
    Sketch(Box<[u8; REGISTERS]>),
}

impl Default for State {
    fn default() -> Self {
        DistinctCount::NONE.0
    }
}

impl DistinctCount {
    /// Nothing inserted.
    pub(super) const NONE: Self = Self(State::Few {
        n: 0,
        hashes: [0; INLINE],
    });

    /// Inserts an element by its hash; only the upper 32 bits are used, so
    /// that an element may be inserted by hash or by merging.
    pub fn insert(&mut self, hash: u64) {
        self.insert_short(short(hash));
    }

    /// Adds every element of `other`.
    pub fn merge(&mut self, other: &Self) {
        match &other.0 {
            State::Sketch(theirs) => {
                if let State::Sketch(own) = self.sketch() {
                    for (a, b) in own.iter_mut().zip(theirs.iter()) {
                        *a = (*a).max(*b);
                    }
                }
            }
            State::Few { .. } | State::Exact(_) => {
                for hash in other.hashes() {
                    self.insert_short(*hash);
                }
            }
        }
    }

    /// How many distinct elements, exactly or by estimate.
    #[must_use]
    pub fn count(&self) -> u32 {
        match &self.0 {
            State::Sketch(registers) => estimate(registers),
            State::Few { .. } | State::Exact(_) => {
                u32::try_from(self.hashes().len()).unwrap_or(u32::MAX)
            }
        }
    }

    /// The state as bytes: each hash that is counted exactly, lowest byte first;
    /// or a one and the registers.
    #[must_use]
    pub fn to_bytes(&self) -> Box<[u8]> {
        match &self.0 {
            State::Sketch(registers) => {
                let tag = std::iter::once(SKETCH_TAG);
                tag.chain(registers.iter().copied()).collect()
            }
            State::Few { .. } | State::Exact(_) => {
                let hashes = self.hashes().iter();
                hashes.flat_map(|hash| hash.to_le_bytes()).collect()
            }
        }
    }

    /// The count with this state; `None` if no count has it.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        if let Some((&SKETCH_TAG, registers)) = bytes.split_first()
            && let Ok(registers) = <[u8; REGISTERS]>::try_from(registers)
        {
            let is_valid = registers.iter().all(|rank| *rank <= RANK_MAX);
            return is_valid.then(|| Self(State::Sketch(Box::new(registers))));
        }
        let (hashes, rest) = bytes.as_chunks::<4>();
        let hashes: Vec<u32> = hashes
            .iter()
            .map(|four| u32::from_le_bytes(*four))
            .collect();
        let is_valid =
            rest.is_empty() && hashes.len() <= EXACT_MAX && hashes.is_sorted_by(|a, b| a < b);
        is_valid.then(|| {
            let mut all = Self::NONE;
            hashes.iter().for_each(|hash| all.insert_short(*hash));
            all
        })
    }

    /// What is counted exactly: the upper halves of the hashes.
    pub(super) fn hashes(&self) -> &[u32] {
        match &self.0 {
            State::Few { n, hashes } => hashes.get(..usize::from(*n)).unwrap_or_default(),
            State::Exact(hashes) => hashes,
            State::Sketch(_) => &[],
        }
    }

    fn insert_short(&mut self, hash: u32) {
        if let State::Sketch(registers) = &mut self.0 {
            return raise(registers, hash);
        }
        let known = self.hashes();
        let Err(at) = known.binary_search(&hash) else {
            return;
        };
        if known.len() >= EXACT_MAX {
            if let State::Sketch(registers) = self.sketch() {
                raise(registers, hash);
            }
            return;
        }
        match &mut self.0 {
            State::Few { n, hashes } if usize::from(*n) < INLINE => {
                *n += 1;
                hashes.copy_within(at..INLINE - 1, at + 1);
                if let Some(place) = hashes.get_mut(at) {
                    *place = hash;
                }
            }
            State::Few { hashes, .. } => {
                let mut hashes = hashes.to_vec();
                hashes.insert(at, hash);
                self.0 = State::Exact(Box::new(hashes));
            }
            State::Exact(hashes) => hashes.insert(at, hash),
            State::Sketch(_) => {}
        }
    }

    /// The state, which is now a sketch.
    fn sketch(&mut self) -> &mut State {
        if !matches!(self.0, State::Sketch(_)) {
            let mut registers = Box::new([0; REGISTERS]);
            for hash in self.hashes() {
                raise(&mut registers, *hash);
            }
            self.0 = State::Sketch(registers);
        }
        &mut self.0
    }
}

fn short(hash: u64) -> u32 {
    u32::try_from(hash >> 32).unwrap_or_default()
}

/// The lower 8 bits choose the register, the upper 24 give the rank.
fn raise(registers: &mut [u8; REGISTERS], hash: u32) {
    let rank = u8::try_from((hash & !0xff).leading_zeros().min(24) + 1).unwrap_or(25);
    if let Some(register) = registers.get_mut((hash & 0xff) as usize) {
        *register = (*register).max(rank);
    }
}

fn estimate(registers: &[u8; REGISTERS]) -> u32 {
    const M: f64 = 256.0;
    let inverse: f64 = registers
        .iter()
        .map(|r| f64::from(-i32::from(*r)).exp2())
        .sum();
    let raw = 0.7213 / (1.0 + 1.079 / M) * M * M / inverse;
    let empty = registers.iter().filter(|r| **r == 0).count();
    let corrected = if raw <= 2.5 * M && empty > 0 {
        M * (M / f64::from(u32::try_from(empty).unwrap_or(1))).ln()
    } else {
        raw
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a finite positive estimate below 2^32"
    )]
    let rounded = corrected.round() as u32;
    rounded.max(u32::try_from(EXACT_MAX).unwrap_or_default() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::value_hash;

    fn counted(range: std::ops::Range<u32>) -> DistinctCount {
        let mut count = DistinctCount::default();
        for i in range {
            count.insert(value_hash(&i.to_string()));
        }
        count
    }

    #[test]
    fn is_exact_up_to_64_and_close_beyond() {
        assert_eq!(counted(0..64).count(), 64);
        assert!(counted(0..65).count() > 64);
        for n in [200_u32, 1_000, 20_000] {
            let error = (f64::from(counted(0..n).count()) / f64::from(n) - 1.0).abs();
            assert!(error < 0.2, "{n}: off by {error}");
        }
    }

    #[test]
    fn bytes_give_the_same_state_and_nothing_else_does() {
        for n in [0, 1, 3, 4, 64, 65, 5_000] {
            let count = counted(0..n);
            assert_eq!(DistinctCount::from_bytes(&count.to_bytes()), Some(count));
        }
        let exact = counted(0..5).to_bytes();
        let descending: Vec<u8> = exact.rchunks(4).flatten().copied().collect();
        let mut high = counted(0..100).to_bytes();
        high[7] = RANK_MAX + 1;
        for bytes in [&exact[..7], &descending, &high[..], &high[..256], &[0; 260]] {
            assert_eq!(DistinctCount::from_bytes(bytes), None, "{bytes:?}");
        }
    }

    #[test]
    fn merging_in_any_grouping_gives_the_same_state() {
        let parts = [
            counted(0..40),
            counted(30..90),
            counted(80..100),
            counted(0..3),
        ];
        let merged = |order: &[usize]| {
            let mut all = DistinctCount::default();
            for i in order {
                all.merge(&parts[*i]);
            }
            all
        };
        assert_eq!(merged(&[0, 1, 2, 3]), merged(&[3, 2, 1, 0]));
        assert_eq!(merged(&[1, 3, 0, 2]), counted(0..100));
    }
}
