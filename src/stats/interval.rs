//! How sure a share is.

use super::float;

/// The Wilson score interval of k of n at 95 %: from, to; all of it for n = 0.
///
/// # Formula
///
/// ```text
/// (p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n)      z = 1.959964
/// ```
///
/// # Source
///
/// Wilson (1927), "Probable inference, the law of succession, and statistical
/// inference", JASA 22(158).
///
/// # Examples
///
/// ```
/// # use habitual::stats::interval::wilson;
/// let (from, to) = wilson(0, 10);
/// assert!(from.abs() < 1e-12 && (to - 0.277_53).abs() < 1e-5);
/// ```
#[must_use]
pub fn wilson(k: u64, n: u64) -> (f64, f64) {
    const Z: f64 = 1.959_963_984_540_054;
    if n == 0 {
        return (0.0, 1.0);
    }
    let (n, p) = (float(n), float(k.min(n)) / float(n));
    let z2 = Z * Z;
    let middle = p + z2 / (2.0 * n);
    let half = Z * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z2 / n;
    (
        ((middle - half) / scale).max(0.0),
        ((middle + half) / scale).min(1.0),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn interval(k: u64, n: u64, from: f64, to: f64) {
        let (low, high) = wilson(k, n);
        assert!((low - from).abs() < 1e-4, "{low} instead of {from}");
        assert!((high - to).abs() < 1e-4, "{high} instead of {to}");
    }

    #[test]
    fn intervals_are_those_of_the_textbook() {
        interval(15, 148, 0.0624, 0.1605); // Newcombe (1998), table I
        interval(0, 20, 0.0, 0.1611);
        interval(1, 29, 0.0061, 0.1718);
        interval(81, 263, 0.2553, 0.3662);
        interval(10, 10, 0.7225, 1.0);
        interval(0, 0, 0.0, 1.0);
    }
}
