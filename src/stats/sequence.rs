//! Sequence: whether the steps of a day follow each other as they usually do.
//!
//! A *bigram* is a token after the token before it (its context). Counts are
//! days, not events: a step taken ten thousand times in a day counts once.

use super::{P_CLIP, length};

/// Day counts behind the probability of one bigram "x after c".
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BigramCounts {
    /// Own days with x after c.
    pub n_cx: f64,
    /// Own days summed over everything that followed c.
    pub n_c: f64,
    /// Distinct own followers of c.
    pub d_c: f64,
    /// Own days with x.
    pub n_x: f64,
    /// Own days summed over all tokens.
    pub n: f64,
    /// Distinct own tokens.
    pub d: f64,
    /// Identity-days of the class with x.
    pub g_x: f64,
    /// Identity-days of the class summed over all tokens.
    pub g: f64,
    /// Distinct tokens of the class, not counting the slot for unseen ones.
    pub v: f64,
}

/// Surprise, in bits, of meeting token x after context c.
///
/// A context or token nobody ever used is a legitimate question: the class's
/// distribution keeps one slot for it. At most −log2 1e-9 ≈ 29.9.
///
/// # Formula
///
/// ```text
/// p_g    = (G(x) + 1/V) / (G + 1)               V = distinct class tokens + 1
/// p_1    = (N(x) + D p_g) / (N + D)             D at least 1
/// p(x|c) = (N(c,x) + D(c) p_1) / (N(c) + D(c))  D(c) at least 1
/// bits   = −log2 max(p(x|c), 1e-9)
/// ```
///
/// # Source
///
/// Witten & Bell (1991), "The zero-frequency problem", IEEE Transactions on
/// Information Theory 37(4), method C, on two levels; see Chen & Goodman
/// (1999), Computer Speech & Language 13(4). `[sequence.bits]`.
///
/// # Examples
///
/// ```
/// # use habitual::stats::sequence::{BigramCounts, bigram_bits};
/// // Nothing known at all: the one slot for the unseen has probability 1.
/// assert_eq!(bigram_bits(&BigramCounts::default()), 0.0);
/// // x after c on all of 19 days; x is the only token, so p = (19 + p_1) / 20,
/// // p_1 = (19 + p_g) / 20, p_g = (0 + 1/2) / (0 + 1).
/// let usual = BigramCounts {
///     n_cx: 19.0, n_c: 19.0, d_c: 1.0, n_x: 19.0, n: 19.0, d: 1.0, g_x: 0.0, g: 0.0, v: 1.0,
/// };
/// assert!((bigram_bits(&usual) - (1.0 / 0.998_75_f64).log2()).abs() < 1e-12);
/// ```
#[must_use]
pub fn bigram_bits(counts: &BigramCounts) -> f64 {
    let distinct = counts.d.max(1.0);
    let followers = counts.d_c.max(1.0);
    let p_class = (counts.g_x + 1.0 / (counts.v + 1.0)) / (counts.g + 1.0);
    let p_token = (counts.n_x + distinct * p_class) / (counts.n + distinct);
    let p = (counts.n_cx + followers * p_token) / (counts.n_c + followers);
    -p.clamp(P_CLIP, 1.0).log2() + 0.0 // −0 is no surprise either
}

/// Mean surprise of a day's distinct bigrams; 0 for a day without any.
#[must_use]
pub fn mean_bits(bits: &[f64]) -> f64 {
    if bits.is_empty() {
        0.0
    } else {
        bits.iter().sum::<f64>() / length(bits.len())
    }
}

/// Sum of the three largest surprises of a day's distinct bigrams; all of them
/// when there are fewer.
#[must_use]
pub fn top3_bits(bits: &[f64]) -> f64 {
    let mut top = [0.0_f64; 3];
    for &value in bits {
        let mut carried = value;
        for place in &mut top {
            if carried > *place {
                std::mem::swap(place, &mut carried);
            }
        }
    }
    top.iter().sum()
}
