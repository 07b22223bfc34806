//! Joint evidence: one p-value of a day from those of the several sources that
//! recorded one person.
//!
//! A departure that one source shows alone costs what looking at several
//! sources costs, and no more; departures that several show on one day add up.

use super::combine::days_p;
use super::length;

/// Only a p-value below this adds to the others (τ).
pub const JOINT_P: f64 = 0.05;

/// How much likelier it is that one more source departs once one has, than it
/// is alone; `n_pairs` pairs of sources were in use on one day of ordinary
/// life, and in `n_both` of them both departed.
///
/// 2 where nothing is known; never below 1, and never so large that the second
/// departure is certain.
///
/// # Formula
///
/// ```text
/// a = (both + 2) / (τ² pairs + 1)     within [1, 1/τ]
/// ```
///
/// # Source
///
/// Ours: a ratio of counts. Whoever travels departs in every source at once, so
/// sources must not be taken as independent; 2.1 was measured on six simulated
/// organisations.
///
/// # Examples
///
/// ```
/// # use habitual::stats::joint::again;
/// assert!((again(4, 1_200) - 1.5).abs() < 1e-12);
/// assert!((again(0, 0) - 2.0).abs() < 1e-12);
/// ```
#[must_use]
pub fn again(n_both: usize, n_pairs: usize) -> f64 {
    let expected = JOINT_P * JOINT_P * length(n_pairs);
    ((length(n_both) + 2.0) / (expected + 1.0)).clamp(1.0, 1.0 / JOINT_P)
}

/// The p-value of one day of a person from those of the sources in use on it.
///
/// `again` is what [`again()`] learned. Where no source departs, this is the
/// best of them, paid for by their number; one source is what it is.
///
/// # Formula
///
/// ```text
/// w   = Σ max(0, ln(τ / p))
/// p   = Σ_k C(m, k) τ (τ a)^(k−1) (1 − τ)^(m−k) · P[Gamma(k) ≥ w]      k = 1 … m,  w > 0
/// p   = 1 − (1 − min p)^m                                              w = 0
/// ```
///
/// with `a = again` and `P[Gamma(k) ≥ w] = e^(−w) Σ_{j<k} w^j / j!`; at least
/// `(1 − (1 − min p)^m) (τ a)^(n−1)` where n sources depart, as if they departed equally
/// far whenever they do: then only that they do is news.
///
/// # Source
///
/// Soft-thresholding of Zhang, Tong, Landers & Wu (2020), "TFisher: a powerful
/// truncation and weighting procedure for combining p-values", Annals of
/// Applied Statistics 14(1), for `a = 1`; the factor and the floor are ours.
///
/// # Examples
///
/// ```
/// # use habitual::stats::joint::joint_p;
/// // Alone it is what it is.
/// assert!((joint_p(&[0.001], 1.0) - 0.001).abs() < 1e-12);
/// // Two weak departures on one day are a strong one.
/// assert!(joint_p(&[0.01, 0.01], 1.0) < 0.005);
/// // The quiet of a second source takes little more than half of a strong one.
/// assert!(joint_p(&[1e-4, 0.7], 1.0) < 2.5e-4);
/// ```
#[must_use]
pub fn joint_p(ps: &[f64], again: f64) -> f64 {
    let beyond = |p: &f64| libm::log(JOINT_P / p.max(f64::MIN_POSITIVE)).max(0.0);
    let sum: f64 = ps.iter().map(beyond).sum();
    if sum <= 0.0 {
        return days_p(ps);
    }
    let m = ps.len();
    let (mut total, mut tail, mut power) = (0.0, 0.0, libm::exp(-sum));
    // C(m, k) τ (τ a)^(k−1) (1 − τ)^(m−k), for k = 1 at first.
    let mut chance = length(m) * JOINT_P * libm::pow(1.0 - JOINT_P, length(m) - 1.0);
    for k in 1..=m {
        tail += power;
        total += chance * tail;
        power *= sum / length(k);
        chance *= length(m - k) / length(k + 1) * JOINT_P * again / (1.0 - JOINT_P);
    }
    let n_departing = ps.iter().filter(|p| **p < JOINT_P).count();
    let others = libm::pow(JOINT_P * again, length(n_departing) - 1.0);
    total.max(days_p(ps) * others).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn is(ps: &[f64], again: f64, expected: f64) {
        let p = joint_p(ps, again);
        assert!((p - expected).abs() < 1e-5 * expected, "{p} for {expected}");
    }

    #[test]
    fn two_sources_by_hand() {
        // w = ln 5 + ln 5, e^-w = 1/25.
        let w = 25_f64.ln();
        is(
            &[0.01, 0.01],
            1.0,
            (2.0 * 0.05 * 0.95 + 0.0025 * (1.0 + w)) / 25.0,
        );
        is(
            &[0.01, 0.01],
            3.0,
            (2.0 * 0.05 * 0.95 + 0.0075 * (1.0 + w)) / 25.0,
        );
        is(&[0.2, 0.3], 3.0, 1.0 - 0.8 * 0.8);
    }

    #[test]
    fn strong_departures_count_as_one_and_that_there_are_others() {
        is(&[1e-6, 1e-6, 1e-6], 2.0, 3e-6 * 0.1 * 0.1);
        is(&[1e-6, 1e-6], 2.0, 2e-6 * 0.1);
    }

    #[test]
    fn nothing_jumps_where_departures_begin() {
        let (below, above) = (
            joint_p(&[JOINT_P - 1e-12, 0.5, 1.0], 1.0),
            joint_p(&[JOINT_P, 0.5, 1.0], 1.0),
        );
        assert!((below - above).abs() < 1e-9, "{below} {above}");
    }

    /// Under independence, on a grid that is finer where sources depart.
    #[test]
    fn nominal_where_two_sources_are_independent() {
        let n = 1_000_u32;
        // p = u³ has the weight 3u².
        let at = |i: u32| (f64::from(i) + 0.5) / f64::from(n);
        for alpha in [0.1, 0.01, 1e-3] {
            let mut share = 0.0;
            for (u, v) in (0..n).flat_map(|i| (0..n).map(move |j| (at(i), at(j)))) {
                if joint_p(&[u.powi(3), v.powi(3)], 1.0) <= alpha {
                    share += 9.0 * u * u * v * v / f64::from(n * n);
                }
            }
            assert!(share < 1.02 * alpha, "{share} at {alpha}");
            assert!(share > 0.9 * alpha, "{share} at {alpha}");
        }
    }
}
