//! Volume: whether an identity does more of something in a day than it does on
//! its other days. Any count will do: events, bytes, distinct targets.

use std::f64::consts::{LN_2, PI};

use super::gamma::{beta_fraction, deviance, stirling_error};
use super::{CAP_BITS, KAPPA, capped, float, length};

/// Part of the bits of breadth that is taken off the bits of amount.
const BREADTH_DISCOUNT: f64 = 0.7;

/// From this ratio of weekday and weekend means on, they are told apart.
const DAY_TYPE_FACTOR: f64 = 2.0;

/// Below this r the upper tail is always computed as such.
const R_TINY: f64 = 1e-6;

/// The two kinds of day an identity may treat differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DayType {
    /// Monday to Friday.
    Weekday,
    /// Saturday and Sunday.
    Weekend,
}

/// Mean and variance of a count per day, leaning on the class.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments {
    /// Mean over all days.
    pub mu_all: f64,
    /// Variance over all days, each around the mean of its type.
    pub v_all: f64,
    /// Mean over days of the target type.
    pub mu: f64,
    /// Variance over days of the target type: always above `mu`.
    pub v: f64,
}

/// What an identity's days `xs` say about a day of type `target`.
///
/// The class's mean `mu_group` and population variance `v_group` count as five
/// days; without own days they are the answer. The group must be the class,
/// never the organisation: its variance would wash out over the history and
/// make quiet identities look bursty in the review.
///
/// # Formula
///
/// ```text
/// mu_all = (Σ x + 5 mu_group) / (n + 5)
/// mu_τ   = (Σ_{h∈τ} x + 5 mu_all) / (n_τ + 5)
/// v_all  = (Σ (x − mu_τ(h))² + 5 max(v_group, mu_group)) / (n + 5)
/// v_τ    = (Σ_{h∈τ} (x − mu_τ)² + 5 max(v_all, mu_all)) / (n_τ + 5)
///          at least 1.0001 mu_τ + 1e-9
/// ```
///
/// # Source
///
/// Ours (`[volume.moments]`): method of moments with nested shrinkage.
///
/// # Examples
///
/// ```
/// # use habitual::stats::volume::{DayType, moments};
/// let days = [(7.0, DayType::Weekday)];
/// let m = moments(&days, DayType::Weekday, 10.0, 200.0);
/// // (7 + 5 · 10) / 6 = 9.5, then (7 + 5 · 9.5) / 6.
/// assert!((m.mu_all - 9.5).abs() < 1e-12);
/// assert!((m.mu - 54.5 / 6.0).abs() < 1e-12);
/// ```
#[must_use]
pub fn moments(xs: &[(f64, DayType)], target: DayType, mu_group: f64, v_group: f64) -> Moments {
    let mu_all = shrunk_mean(xs.iter().map(|day| day.0), mu_group);
    let of_type = |wanted: DayType| xs.iter().filter(move |day| day.1 == wanted);
    let mu_weekday = shrunk_mean(of_type(DayType::Weekday).map(|day| day.0), mu_all);
    let mu_weekend = shrunk_mean(of_type(DayType::Weekend).map(|day| day.0), mu_all);
    let mu_of = |day_type| match day_type {
        DayType::Weekday => mu_weekday,
        DayType::Weekend => mu_weekend,
    };
    let square = |day: &(f64, DayType)| (day.0 - mu_of(day.1)).powi(2);

    let v_all = shrunk_mean(xs.iter().map(square), v_group.max(mu_group));
    let v = shrunk_mean(of_type(target).map(square), v_all.max(mu_all));
    let mu = mu_of(target);
    Moments {
        mu_all,
        v_all,
        mu,
        v: v.max(smallest_variance(mu)),
    }
}

/// Whether an identity's weekdays and weekends differ enough to be judged
/// apart: the larger mean is at least twice the smaller.
///
/// An identity without days of both types has one type. Callers then pass the
/// same [`DayType`] for every day to [`moments`].
#[must_use]
pub fn has_day_types(xs: &[(f64, DayType)]) -> bool {
    let mean = |wanted: DayType| {
        let of_type = || xs.iter().filter(move |day| day.1 == wanted);
        let n = of_type().count();
        (n > 0).then(|| of_type().map(|day| day.0).sum::<f64>() / length(n))
    };
    match (mean(DayType::Weekday), mean(DayType::Weekend)) {
        (Some(a), Some(b)) => a.max(b) > 0.0 && a.max(b) >= DAY_TYPE_FACTOR * a.min(b),
        _ => false,
    }
}

/// Surprise, in bits, of a day with a count of at least `x` where mean `mu`
/// and variance `v` are usual.
///
/// 0 when `x` or `mu` is 0; at most [`CAP_BITS`]. A variance not above the mean
/// is raised to just above it.
///
/// # Formula
///
/// ```text
/// X ~ negative binomial,  p = mu/v,  r = mu²/(v − mu)
/// bits = −log2( ½ P[X = x] + P[X > x] )
/// P[X ≥ x] = I_{1−p}(x, r) = F P[X = x]
/// ```
///
/// F is the continued fraction of the incomplete beta function; P\[X = x\] comes
/// from deviances, which keep their digits at a million events. Where the
/// fraction is long (near the mean and below), the answer is one minus the lower
/// part, computed likewise.
///
/// # Source
///
/// Loader (2000), "Fast and accurate computation of binomial probabilities";
/// DLMF 8.17.22; Lancaster (1961), JASA 56, for the half tie.
///
/// # Examples
///
/// ```
/// # use habitual::stats::volume::tail_bits;
/// // Mean 5, variance 10: fifty events are about one day in 70 billion.
/// assert!((tail_bits(50, 5.0, 10.0) - 35.992_675).abs() < 1e-5);
/// assert_eq!(tail_bits(0, 5.0, 10.0), 0.0);
/// ```
#[must_use]
pub fn tail_bits(x: u64, mu: f64, v: f64) -> f64 {
    if x == 0 || mu <= 0.0 {
        return 0.0;
    }
    let x = float(x);
    let v = v.max(smallest_variance(mu));
    let p = mu / v;
    let q = (v - mu) / v;
    let r = mu * (mu / (v - mu));
    let ln_p_x = ln_probability(x, mu, p, q, r);
    // Each end has a continued fraction that is short where the other is long.
    // The tail of a tiny r is too small a rest to be taken from one.
    if r < R_TINY || q < (x + 1.0) / (x + r + 2.0) {
        let tail = beta_fraction(x, r, q) - 0.5;
        return capped(-(ln_p_x + tail.ln()) / LN_2);
    }
    let below = q * ((x + r) / r) * beta_fraction(r, x + 1.0, p) - 0.5;
    capped(-libm::log1p(-(ln_p_x + below.ln()).exp()) / LN_2)
}

/// The amount that breadth does not explain: bits of `events` beyond 0.7 times
/// the bits of distinct `targets`, at least 0. More of the same, not more of
/// the new.
///
/// # Source
///
/// Ours (`amount.review`); the factor was measured on planted bursts.
#[must_use]
pub fn amount_bits(events: f64, targets: f64) -> f64 {
    (events - BREADTH_DISCOUNT * targets).clamp(0.0, CAP_BITS)
}

/// ln P[X = x], x > 0.
fn ln_probability(x: f64, mu: f64, p: f64, q: f64, r: f64) -> f64 {
    let n = x + r;
    // x − n q and n p − r are the same number; n may dwarf both.
    let difference = p * (x - mu);
    let root = 0.5 * ((r / n) / (2.0 * PI * x)).ln();
    root + stirling_error(n)
        - stirling_error(r)
        - stirling_error(x)
        - deviance(x, n * q, difference)
        - deviance(r, n * p, -difference)
}

/// A negative binomial is wider than a Poisson distribution, if barely.
fn smallest_variance(mu: f64) -> f64 {
    1.0001 * mu + 1e-9
}

/// The mean of `xs` after five more of value `prior`.
fn shrunk_mean(xs: impl Iterator<Item = f64>, prior: f64) -> f64 {
    let (n, sum) = xs.fold((0.0, 0.0), |(n, sum), x| (n + 1.0, sum + x));
    (sum + KAPPA * prior) / (n + KAPPA)
}

#[cfg(test)]
mod tests {
    use super::DayType::{Weekday, Weekend};
    use super::*;

    #[test]
    fn day_types_are_told_apart_from_a_factor_of_two() {
        assert!(has_day_types(&[(10.0, Weekday), (5.0, Weekend)]));
        assert!(!has_day_types(&[(10.0, Weekday), (5.1, Weekend)]));
        assert!(has_day_types(&[(0.0, Weekday), (1.0, Weekend)]));
        assert!(!has_day_types(&[(0.0, Weekday), (0.0, Weekend)]));
        assert!(!has_day_types(&[(10.0, Weekday), (99.0, Weekday)]));
        assert!(!has_day_types(&[]));
    }

    #[test]
    fn amount_is_what_breadth_leaves() {
        assert!((amount_bits(20.0, 10.0) - 13.0).abs() < 1e-12);
        assert!(amount_bits(5.0, 10.0).abs() < 1e-12);
    }
}
