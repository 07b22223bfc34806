//! Calibration: what a statistic's value means for one identity, as a p-value.
//!
//! Each identity has an *own list*, the values of its past days. Each class has
//! a *pool*, the values of all its identities' days, scaled to be comparable.
//! The own list decides whenever it holds something as large; the pool says how
//! rare "never that large" is: *pool-sharpened conformal*, PSC.

use super::{KAPPA, TIE, length};

/// The unit in which an identity's values of a statistic enter the pool.
///
/// For a history window, `sum_own` and `n_own` leave that window out. Never
/// below 1, so that small values stay small.
///
/// # Formula
///
/// ```text
/// s = (Σ own + 5 pool mean) / (n + 5) + 1,      z = T / s
/// ```
///
/// # Source
///
/// Ours (`[calibration.scale]`).
///
/// # Examples
///
/// ```
/// # use habitual::stats::calibration::scale;
/// assert!((scale(0.0, 0, 2.5) - 3.5).abs() < 1e-12);
/// assert!((scale(6.0, 3, 2.0) - 3.0).abs() < 1e-12);
/// ```
#[must_use]
pub fn scale(sum_own: f64, n_own: usize, pool_mean: f64) -> f64 {
    (sum_own + KAPPA * pool_mean) / (length(n_own) + KAPPA) + 1.0
}

/// The shape of a pool beyond its largest few values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TailFit {
    /// How many values lie in the tail.
    pub n_tail: usize,
    /// Where it begins (u).
    pub threshold: f64,
    /// How heavy it is (ξ): 0 is exponential.
    pub xi: f64,
    /// Its scale (β).
    pub sigma: f64,
}

impl TailFit {
    /// Pools smaller than this have no tail.
    const POOL_MIN: usize = 60;
    /// Pools smaller than this are not trusted to be light-tailed.
    const POOL_LARGE: usize = 200;
    const XI_MIN_SMALL: f64 = 0.1;
    const XI_MAX: f64 = 0.5;
    /// A lighter tail is exponential as far as rounding can tell.
    const XI_EXPONENTIAL: f64 = 1e-3;
    const VARIANCE_MIN: f64 = 1e-9;

    /// The tail of values in ascending order; `None` for fewer than 60, or
    /// when the largest are all alike.
    ///
    /// # Formula
    ///
    /// ```text
    /// k = max(20, ⌊n/50⌋),  u = the (k+1)-th largest,  m, σ² = mean and
    /// population variance of the k excesses over u
    /// ξ = ½ (1 − m²/max(σ², 1e-9)) within [0, ½], from 0.1 on for n < 200
    /// β = m (1 − ξ)
    /// ```
    ///
    /// # Source
    ///
    /// Pickands (1975), "Statistical inference using extreme order statistics",
    /// Annals of Statistics 3(1), for the distribution; Hosking & Wallis
    /// (1987), Technometrics 29(3), for the moments. Limits measured, ours.
    #[must_use]
    pub fn new(ascending: &[f64]) -> Option<Self> {
        let n = ascending.len();
        if n < Self::POOL_MIN {
            return None;
        }
        let n_tail = (n / 50).max(20);
        let (body, tail) = ascending.split_at(n - n_tail);
        let threshold = *body.last()?;
        let k = length(n_tail);
        let mean = tail.iter().map(|z| z - threshold).sum::<f64>() / k;
        if mean <= 0.0 {
            return None;
        }
        let squares = tail.iter().map(|z| (z - threshold - mean).powi(2));
        let variance = (squares.sum::<f64>() / k).max(Self::VARIANCE_MIN);
        let xi_min = if n < Self::POOL_LARGE {
            Self::XI_MIN_SMALL
        } else {
            0.0
        };
        let xi = (0.5 * (1.0 - mean * mean / variance)).clamp(xi_min, Self::XI_MAX);
        Some(Self {
            n_tail,
            threshold,
            xi,
            sigma: mean * (1.0 - xi),
        })
    }

    /// The share of the tail that lies beyond `threshold + excess`.
    fn beyond(&self, excess: f64) -> f64 {
        let relative = excess / self.sigma;
        if self.xi > Self::XI_EXPONENTIAL {
            (1.0 + self.xi * relative).powf(-1.0 / self.xi)
        } else {
            (-relative).exp()
        }
    }
}

/// The scaled values of a class (or of the organisation), with their tail.
#[derive(Clone, Debug, Default)]
pub struct Pool {
    /// How many are zero: nearly all of most pools.
    n_zeros: usize,
    /// All others.
    ascending: Vec<f64>,
    fit: Option<TailFit>,
    is_counting: bool,
}

impl Pool {
    /// No probability from a tail is smaller.
    const PI_MIN: f64 = 1e-12;

    /// A pool of finite scaled values, in any order.
    #[must_use]
    pub fn new(mut values: Vec<f64>) -> Self {
        values.sort_unstable_by(f64::total_cmp);
        let fit = TailFit::new(&values);
        let n_values = values.len();
        values.retain(|value| *value != 0.0);
        values.shrink_to_fit();
        Self {
            n_zeros: n_values - values.len(),
            ascending: values,
            fit,
            is_counting: false,
        }
    }

    /// A pool that also counts where it has a tail: what some of its windows
    /// reach is never said to be rarer than that.
    #[must_use]
    pub fn counting(values: Vec<f64>) -> Self {
        Self {
            is_counting: true,
            ..Self::new(values)
        }
    }

    /// How many values it holds.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.n_zeros + self.ascending.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The fitted tail, if the pool has one.
    #[must_use]
    pub const fn fit(&self) -> Option<&TailFit> {
        self.fit.as_ref()
    }

    /// How many values are at least `z`, ties included.
    fn n_at_least(&self, z: f64) -> usize {
        let n_zeros = if z - TIE > 0.0 { 0 } else { self.n_zeros };
        n_at_least(&self.ascending, z) + n_zeros
    }

    /// How many values are larger than `z`, ties left out.
    fn n_above(&self, z: f64) -> usize {
        let others = &self.ascending;
        let n_others = others.len() - others.partition_point(|&value| value <= z + TIE);
        n_others + if z + TIE < 0.0 { self.n_zeros } else { 0 }
    }

    /// The probability π that a window of the pool is at least as large as the
    /// scaled value `z`. An empty pool answers 1.
    ///
    /// # Formula
    ///
    /// ```text
    /// no tail:       π = (#{≥ z} + 1) / (n + 1)
    /// tail, z > u:   π = k/(n+1) (1 + ξ(z−u)/β)^(−1/ξ)     at least 1e-12
    ///                    (exp(−(z−u)/β) when ξ ≤ 1e-3)
    /// tail, z ≤ u:   π = (#{> z} + ½ #{= z} + ½) / (n + 1)
    /// counting:      at least #{≥ z} / (n + 1)
    /// ```
    ///
    /// Values within [`TIE`] are equal; the letters are those of [`TailFit`].
    ///
    /// # Source
    ///
    /// As for [`TailFit::new`] (`[calibration.pool_tail]`).
    ///
    /// # Examples
    ///
    /// ```
    /// # use habitual::stats::calibration::Pool;
    /// let pool = Pool::new(vec![3.0, 1.0, 2.0, 0.0]);
    /// // Two of four are at least 2: (2 + 1) / (4 + 1).
    /// assert!((pool.tail(2.0) - 0.6).abs() < 1e-12);
    /// ```
    #[must_use]
    pub fn tail(&self, z: f64) -> f64 {
        self.tail_beside(z, false)
    }

    /// The same for a value that may be one of the pool's own, and is then not
    /// counted as another one that reaches `z`.
    #[must_use]
    pub fn tail_beside(&self, z: f64, is_own: bool) -> f64 {
        let n = length(self.len()) + 1.0;
        match self.fit {
            None => (length(self.n_at_least(z)) + 1.0) / n,
            Some(fit) if z > fit.threshold => {
                let share = fit.beyond(z - fit.threshold);
                let pi = (length(fit.n_tail) / n * share).max(Self::PI_MIN);
                let reached = self.n_at_least(z).saturating_sub(usize::from(is_own));
                if self.is_counting {
                    pi.max(length(reached) / n)
                } else {
                    pi
                }
            }
            Some(_) => {
                let (at_least, above) = (self.n_at_least(z), self.n_above(z));
                // #{> z} + ½ #{= z} is the mean of #{≥ z} and #{> z}.
                (f64::midpoint(length(at_least), length(above)) + 0.5) / n
            }
        }
    }
}

/// Where a scaled value stands in a [`Pool`]: all that [`Pool::tail`] is
/// computed from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PoolRank {
    /// The scaled value.
    pub z: f64,
    /// Values in the pool.
    pub n: usize,
    /// Of these, at least as large, ties included.
    pub n_at_least: usize,
    /// Of these, larger.
    pub n_above: usize,
    /// The tail of the pool, if it has one.
    pub fit: Option<TailFit>,
    /// π, see [`Pool::tail`].
    pub pi: f64,
}

impl Pool {
    /// Where `z` stands, and what that amounts to.
    #[must_use]
    pub fn rank(&self, z: f64) -> PoolRank {
        PoolRank {
            z,
            n: self.len(),
            n_at_least: self.n_at_least(z),
            n_above: self.n_above(z),
            fit: self.fit,
            pi: self.tail(z),
        }
    }
}

/// How many values of an ascending list are at least `t`, ties within [`TIE`]
/// included.
#[must_use]
pub fn n_at_least(ascending: &[f64], t: f64) -> usize {
    ascending.len() - ascending.partition_point(|&value| value < t - TIE)
}

/// The p-value of a statistic `t`, given that `n_at_least` of the identity's
/// `n_own` own values are at least as large (see [`n_at_least`]) and that the
/// pool gives such a value the probability `pi` (see [`Pool::tail`]).
///
/// 1 when `t` is 0. Without own values the pool decides; where own values are
/// as large, they do; where none is, the pool sharpens "never in n days".
///
/// # Formula
///
/// ```text
/// w = (n + 1) / (n + 1/π)        π at least 1e-15
/// p = min(1, (c + w) / (n + 1))  c = n_at_least
/// ```
///
/// # Source
///
/// Vovk, Gammerman & Shafer (2005), "Algorithmic Learning in a Random World",
/// chapter 2, is the case π = 1; the weight w is ours (`[calibration.psc]`).
///
/// # Examples
///
/// ```
/// # use habitual::stats::calibration::psc;
/// // Never in 19 days, and unremarkable in the pool: (0 + 1) / 20.
/// assert!((psc(3.0, 19, 0, 1.0) - 0.05).abs() < 1e-12);
/// // No own days: the pool alone.
/// assert!((psc(3.0, 0, 0, 0.01) - 0.01).abs() < 1e-12);
/// ```
#[must_use]
pub fn psc(t: f64, n_own: usize, n_at_least: usize, pi: f64) -> f64 {
    const PI_MIN: f64 = 1e-15;
    if t <= 0.0 {
        return 1.0;
    }
    let n = length(n_own);
    let weight = (n + 1.0) / (n + 1.0 / pi.max(PI_MIN));
    ((length(n_at_least) + weight) / (n + 1.0)).min(1.0)
}

/// The least p-value of a statistic that is `t` bits of a tail probability.
///
/// A pool says how much rarer such a value is than the identity's own rates and
/// moments make it: they are drawn towards those of its class, and are careful.
/// But where a class hardly ever has any of something, or always as much, its
/// pool ends abruptly, and what lies beyond seems as rare as one likes. What one
/// day in six has by the identity's own measure is not the event of a century.
///
/// # Formula
///
/// ```text
/// p ≥ 2^(−4 t)
/// ```
///
/// # Source
///
/// Ours. Measured: between three and six times the bits it makes no difference to
/// what is found; without a bound, identities with a short history are called
/// unusual three times as often as they should be.
///
/// # Examples
///
/// ```
/// # use habitual::stats::calibration::least_p;
/// assert!((least_p(2.0) - 1.0 / 256.0).abs() < 1e-12);
/// ```
#[must_use]
pub fn least_p(t: f64) -> f64 {
    const SHARPEST: f64 = 4.0;
    (-SHARPEST * t).exp2().min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_within_the_tolerance_count_as_reached() {
        let own = [0.0, 1.0, 2.5 - 5e-10, 2.5];
        assert_eq!(n_at_least(&own, 2.5), 2);
        assert_eq!(n_at_least(&own, 2.6), 0);
        assert_eq!(n_at_least(&own, -1.0), 4);
        assert_eq!(n_at_least(&[], 1.0), 0);
    }

    #[test]
    fn what_a_counting_pool_reaches_is_no_rarer_than_that() {
        // A hundred values of which five are large: the tail that is fitted to
        // the largest twenty thinks them rarer than they are.
        let values: Vec<f64> = [vec![0.0; 95], vec![9.0; 5]].concat();
        let (fitted, counting) = (Pool::new(values.clone()), Pool::counting(values));
        assert!(fitted.tail(9.0) < 4.0 / 101.0);
        assert!((counting.tail(9.0) - 5.0 / 101.0).abs() < 1e-12);
        // One of the five has four others beside it.
        assert!((counting.tail_beside(9.0, true) - 4.0 / 101.0).abs() < 1e-12);
        // Where nothing is as large, the tail is all there is.
        assert!((counting.tail(30.0) - fitted.tail(30.0)).abs() < 1e-15);
    }

    #[test]
    fn zeros_count_though_they_are_not_kept() {
        let values = vec![0.0, 3.0, 0.0, 1.0, 0.0, 3.0];
        let pool = Pool::new(values.clone());
        assert_eq!((pool.len(), pool.ascending.len()), (6, 3));
        for z in [-1.0, 0.0, TIE / 2.0, 0.5, 1.0, 3.0, 4.0] {
            let rank = pool.rank(z);
            let n_of = |is: &dyn Fn(f64) -> bool| values.iter().filter(|v| is(**v)).count();
            assert_eq!(rank.n_at_least, n_of(&|v| v >= z - TIE), "{z}");
            assert_eq!(rank.n_above, n_of(&|v| v > z + TIE), "{z}");
        }
    }

    #[test]
    fn empty_pool_knows_nothing() {
        assert!((Pool::default().tail(7.0) - 1.0).abs() < 1e-12);
    }
}
