//! Chance, from a seed: integers only, so that every machine draws the same.

/// Spreads the bits of `x` (the finaliser of `SplitMix64`).
pub fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

/// FNV-1a of `text`, spread.
pub fn hash(text: &str) -> u64 {
    let folded = text.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    });
    mix(folded)
}

/// A `SplitMix64` generator.
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    /// The generator of one purpose, such as one file of the corpus.
    pub fn new(seed: u64, purpose: &str, number: u64) -> Self {
        Self(mix(mix(seed ^ hash(purpose)) ^ number))
    }

    /// The next 64 bits.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    /// A number below `n`; 0 when `n` is 0.
    pub fn below(&mut self, n: u64) -> u64 {
        let wide = u128::from(self.next()) * u128::from(n);
        (wide >> 64) as u64
    }

    /// A position in a list of `n`.
    pub fn index(&mut self, n: usize) -> usize {
        self.below(n as u64) as usize
    }

    /// A position in a list of `n`, the first being the commonest.
    pub fn skewed(&mut self, n: usize) -> usize {
        let bound = self.index(n) + 1;
        self.index(bound)
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low + 1)
    }

    /// Whether something of `per_mille` in a thousand happens.
    pub fn happens(&mut self, per_mille: u64) -> bool {
        self.below(1000) < per_mille
    }

    /// A number from `low` to `low * ratio`, its logarithm uniform.
    ///
    /// Made of square roots and products, which IEEE 754 defines to the last
    /// bit; `exp` and `ln` differ between machines.
    pub fn log_uniform(&mut self, low: f64, ratio: f64) -> u64 {
        let (mut value, mut factor) = (low, ratio);
        let bits = self.next();
        for bit in 0..24 {
            factor = factor.sqrt();
            if bits >> bit & 1 == 1 {
                value *= factor;
            }
        }
        value as u64
    }
}
