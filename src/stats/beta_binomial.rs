//! The beta-binomial distribution: how many of n values are special when the
//! rate itself varies from day to day.

use std::f64::consts::LN_2;

use super::capped;
use super::gamma::{ln_gamma, ln_gamma_ratio};

/// Neither shape parameter is smaller.
const SHAPE_MIN: f64 = 1e-6;

/// Surprise, in bits, of at least `k` of `n`, counting the tie as one half:
/// −log2(½ `P[K = k]` + `P[K > k]`), at most [`super::CAP_BITS`].
///
/// `k` above `n` counts as `n`.
///
/// # Formula
///
/// ```text
/// K ~ BetaBinomial(n, α = q S, β = (1 − q) S),   both at least 1e-6
/// P[K = j+1] / P[K = j] = (n−j)(j+α) / ((j+1)(n−j−1+β))
/// ```
///
/// ln P[K = k] is computed once, the tail is summed relative to it: nothing
/// underflows, however far out k lies.
///
/// # Source
///
/// Skellam (1948), "A probability distribution derived from the binomial
/// distribution ...", JRSS B 10(2); the half tie is Lancaster's (1961) mid-p.
pub(super) fn upper_tail_bits(k: u32, n: u32, q: f64, strength: f64) -> f64 {
    let alpha = (q * strength).max(SHAPE_MIN);
    let beta = ((1.0 - q) * strength).max(SHAPE_MIN);
    let k = k.min(n);
    let ln_p = ln_probability(f64::from(k), f64::from(n), alpha, beta);
    let relative = relative_tail(k, n, alpha, beta);
    capped(-(ln_p + relative.ln()) / LN_2)
}

/// ln P[K = k].
fn ln_probability(k: f64, n: f64, alpha: f64, beta: f64) -> f64 {
    ln_gamma_ratio(k + 1.0, alpha - 1.0) + ln_gamma_ratio(n - k + 1.0, beta - 1.0)
        - ln_gamma_ratio(n + 1.0, alpha + beta - 1.0)
        + ln_gamma(alpha + beta)
        - ln_gamma(alpha)
        - ln_gamma(beta)
}

/// (½ `P[K = k]` + `P[K > k]`) / `P[K = k]`.
fn relative_tail(k: u32, n: u32, alpha: f64, beta: f64) -> f64 {
    /// A term smaller than this part of the sum changes nothing.
    const NEGLIGIBLE: f64 = 1e-17;
    let total = f64::from(n);
    let (mut term, mut sum) = (1.0, 0.5);
    for j in k..n {
        let j = f64::from(j);
        let left = total - j;
        let ratio = left * (j + alpha) / ((j + 1.0) * (left - 1.0 + beta));
        term *= ratio;
        sum += term;
        // With β < 1 the mass can sit at j = n: no early end.
        if beta >= 1.0 && ratio < 1.0 && term < NEGLIGIBLE * sum {
            break;
        }
    }
    sum
}
