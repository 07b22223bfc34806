//! Counting distinct things in bounded memory.

use smallvec::SmallVec;

/// Up to this many elements are counted exactly.
const EXACT_MAX: usize = 64;
/// Registers of the sketch beyond that: one standard error is 6.5 %.
const REGISTERS: usize = 256;

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DistinctCount {
    /// Sorted 32-bit halves of the hashes.
    Exact(SmallVec<[u32; 2]>),
    /// Register maxima.
    Sketch(Box<[u8; REGISTERS]>),
}

impl Default for DistinctCount {
    fn default() -> Self {
        Self::Exact(SmallVec::new())
    }
}

impl DistinctCount {
    /// Inserts an element by its hash; only the upper 32 bits are used, so
    /// that an element may be inserted by hash or by merging.
    pub fn insert(&mut self, hash: u64) {
        self.insert_short(short(hash));
    }

    /// Adds every element of `other`.
    pub fn merge(&mut self, other: &Self) {
        match other {
            Self::Exact(hashes) => {
                for hash in hashes {
                    self.insert_short(*hash);
                }
            }
            Self::Sketch(theirs) => {
                self.become_sketch();
                if let Self::Sketch(own) = self {
                    for (a, b) in own.iter_mut().zip(theirs.iter()) {
                        *a = (*a).max(*b);
                    }
                }
            }
        }
    }

    /// How many distinct elements, exactly or by estimate.
    #[must_use]
    pub fn count(&self) -> u32 {
        match self {
            Self::Exact(hashes) => u32::try_from(hashes.len()).unwrap_or(u32::MAX),
            Self::Sketch(registers) => estimate(registers),
        }
    }

    fn insert_short(&mut self, hash: u32) {
        match self {
            Self::Exact(hashes) => {
                if let Err(at) = hashes.binary_search(&hash) {
                    hashes.insert(at, hash);
                }
                if hashes.len() > EXACT_MAX {
                    self.become_sketch();
                }
            }
            Self::Sketch(registers) => raise(registers, hash),
        }
    }

    fn become_sketch(&mut self) {
        if let Self::Exact(hashes) = self {
            let mut registers = Box::new([0; REGISTERS]);
            for hash in hashes.iter() {
                raise(&mut registers, *hash);
            }
            *self = Self::Sketch(registers);
        }
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
