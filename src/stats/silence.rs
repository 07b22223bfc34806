//! Silence: whether an identity that is active nearly every day has stopped.
//!
//! Advisory: shown in a list of its own, never part of a p-value. The silence
//! of everything is a gap in coverage, not behaviour, and not seen here.

use super::{STRENGTH_SILENCE, beta_binomial};

/// The share of days on which an identity is active: (active + ½) / (covered +
/// 1), so that never and always stay possible to contradict.
///
/// # Source
///
/// Jeffreys (1946), "An invariant form for the prior probability", Proceedings
/// of the Royal Society A 186: the mean under his prior.
#[must_use]
pub fn active_rate(active: u32, covered: u32) -> f64 {
    (f64::from(active) + 0.5) / (f64::from(covered) + 1.0)
}

/// Surprise, in bits, of an identity being active on no more than `active`
/// of `covered` days when it used to be on a share `rate` of them.
///
/// 0 when no day is covered; `active` above `covered` counts as `covered`; at
/// most [`super::CAP_BITS`].
///
/// # Formula
///
/// ```text
/// K ~ BetaBinomial(covered, 20 rate, 20 (1 − rate))
/// bits = −log2( ½ P[K = active] + P[K < active] )
/// ```
///
/// # Source
///
/// Ours (`[silence.bits]`); the distribution is that of
/// [`super::novelty::tail_bits`], counted from the other end.
///
/// # Examples
///
/// ```
/// # use habitual::stats::silence::silence_bits;
/// // One day, silent, where 99 % are active: 1 %, halved for the tie.
/// assert!((silence_bits(0, 1, 0.99) - 7.643_856).abs() < 1e-6);
/// assert_eq!(silence_bits(0, 0, 0.99), 0.0);
/// ```
#[must_use]
pub fn silence_bits(active: u32, covered: u32, rate: f64) -> f64 {
    if covered == 0 {
        return 0.0;
    }
    let silent = covered.saturating_sub(active);
    beta_binomial::upper_tail_bits(silent, covered, 1.0 - rate, STRENGTH_SILENCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rate_is_never_zero_or_one() {
        assert!((active_rate(0, 9) - 0.05).abs() < 1e-12);
        assert!((active_rate(9, 9) - 0.95).abs() < 1e-12);
        assert!((active_rate(0, 0) - 0.5).abs() < 1e-12);
    }
}
