//! The gamma function, where plain differences of its logarithm are too
//! coarse.
//!
//! ln Γ(10⁶) is about 1.3 · 10⁷, so a probability put together from three such
//! numbers keeps eight digits. The functions here subtract what is large on
//! paper instead of in floating point.

use std::f64::consts::PI;

/// From here on Stirling's series, cut after z⁻¹³, is exact to 1e-16.
const LARGE: f64 = 12.0;

/// ln Γ(z) for z > 0.
pub(super) fn ln_gamma(z: f64) -> f64 {
    libm::lgamma(z)
}

/// ln Γ(z + d) − ln Γ(z), for z > 0 and z + d > 0.
///
/// # Formula
///
/// ```text
/// (z + d − ½) ln(1 + d/z) + d ln z − d + σ(z + d) − σ(z)
/// ```
///
/// with σ of [`stirling_error`]; for small arguments the plain difference.
pub(super) fn ln_gamma_ratio(z: f64, d: f64) -> f64 {
    if z < LARGE || z + d < LARGE {
        return ln_gamma(z + d) - ln_gamma(z);
    }
    (z + d - 0.5) * libm::log1p(d / z) + d * z.ln() - d + stirling_error(z + d) - stirling_error(z)
}

/// What Stirling's formula lacks: σ(z) = ln Γ(z) − (z − ½) ln z + z − ½ ln 2π,
/// for z > 0.
///
/// # Source
///
/// Loader (2000), "Fast and accurate computation of binomial probabilities",
/// equation 4 (his δ); the series is DLMF 5.11.1.
pub(super) fn stirling_error(z: f64) -> f64 {
    if z < LARGE {
        return ln_gamma(z) - (z - 0.5) * z.ln() + z - 0.5 * (2.0 * PI).ln();
    }
    /// Bernoulli numbers over 2m (2m − 1), the highest power first.
    const SERIES: [f64; 7] = [
        1.0 / 156.0,
        -691.0 / 360_360.0,
        1.0 / 1188.0,
        -1.0 / 1680.0,
        1.0 / 1260.0,
        -1.0 / 360.0,
        1.0 / 12.0,
    ];
    let inverse_square = 1.0 / (z * z);
    let sum = SERIES
        .iter()
        .fold(0.0, |sum, coefficient| sum * inverse_square + coefficient);
    sum / z
}

/// How far an observed count lies from an expected one:
/// x ln(x/m) − (x − m), never negative; `difference` is x − m.
///
/// The difference is passed because the caller knows it without cancellation.
///
/// # Source
///
/// Loader (2000), as above, equation 5 and its series (his `bd0`).
pub(super) fn deviance(x: f64, mean: f64, difference: f64) -> f64 {
    let relative = difference / (x + mean);
    if relative.abs() >= 0.1 {
        return x * (x / mean).ln() - difference;
    }
    let square = relative * relative;
    let mut sum = difference * relative;
    let mut power = 2.0 * x * relative;
    let mut odd = 3.0;
    loop {
        power *= square;
        let next = sum + power / odd;
        // Each term is below 1 % of the one before.
        if next.total_cmp(&sum).is_eq() {
            return sum;
        }
        sum = next;
        odd += 2.0;
    }
}

/// The continued fraction of the incomplete beta function: the value F with
/// I_y(a, b) = F · y^a (1−y)^b / (a B(a, b)).
///
/// Short for y below (a + 1) / (a + b + 2): a few dozen steps, O(√max(a, b)) at
/// worst.
///
/// # Source
///
/// DLMF 8.17.22, evaluated by the modified method of Lentz: Press et al.,
/// "Numerical Recipes", section 6.4.
pub(super) fn beta_fraction(a: f64, b: f64, y: f64) -> f64 {
    /// Stands in for a denominator that happens to vanish.
    const TINY: f64 = 1e-300;
    /// Steps after which the value is taken as it is; never met in practice.
    const MAX_STEPS: u32 = 100_000;
    let nonzero = |value: f64| if value.abs() < TINY { TINY } else { value };

    let mut c = 1.0;
    let mut d = 1.0 / nonzero(1.0 - (a + b) * y / (a + 1.0));
    let mut fraction = d;
    for step in 1..MAX_STEPS {
        let m = f64::from(step);
        let even = m * (b - m) * y / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / nonzero(1.0 + even * d);
        c = nonzero(1.0 + even / c);
        fraction *= d * c;
        let odd = -(a + m) * (a + b + m) * y / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / nonzero(1.0 + odd * d);
        c = nonzero(1.0 + odd / c);
        let factor = d * c;
        fraction *= factor;
        if (factor - 1.0).abs() < 1e-15 {
            break;
        }
    }
    fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_close(got: f64, expected: f64) {
        let error = (got - expected).abs();
        assert!(
            error <= 1e-13 * expected.abs().max(1.0),
            "{got} is not {expected}"
        );
    }

    // Expected values: mpmath 1.3 with 40 digits, loggamma and betainc.

    #[test]
    fn ratio_is_exact_for_large_and_small_arguments() {
        assert_close(ln_gamma_ratio(1e6, 0.024), 0.331_572_241_679_140_7);
        assert_close(ln_gamma_ratio(100_001.0, 7.0), 80.590_758_247_791_86);
        assert_close(ln_gamma_ratio(3.0, -1.5), -0.813_929_418_195_190_5);
    }

    #[test]
    fn stirling_error_is_exact_on_both_sides_of_the_border() {
        assert_close(stirling_error(0.001), 2.542_270_467_967_094_7);
        assert_close(stirling_error(11.75), 0.007_090_489_790_127_791);
        assert_close(stirling_error(12.0), 0.006_942_840_107_209_53);
        assert_close(stirling_error(1_000.0), 0.000_083_333_330_555_556_35);
    }

    #[test]
    fn deviance_agrees_on_both_sides_of_the_series() {
        // 11 ln(11/9) − 2 and 11.1 ln(11.1/9) − 2.1 lie around the border.
        assert_close(deviance(11.0, 9.0, 2.0), 11.0 * (11.0_f64 / 9.0).ln() - 2.0);
        assert_close(deviance(10.9, 9.0, 1.9), 10.9 * (10.9_f64 / 9.0).ln() - 1.9);
        assert_close(deviance(5.0, 5.0, 0.0), 0.0);
    }

    #[test]
    fn fraction_gives_the_incomplete_beta_function() {
        // I_½(2, 1) = ¼ = F · ½² · ½ / (2 · ½), so F = 2.
        assert_close(beta_fraction(2.0, 1.0, 0.5), 2.0);
        assert_close(beta_fraction(5.0, 0.5, 0.5), 1.860_912_745_403_089_5);
        assert_close(beta_fraction(1_000.0, 3.0, 0.99), 121.734_552_872_277_42);
    }
}
