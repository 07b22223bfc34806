//! Peers: how alike the habits of two identities are.

use std::cmp::Ordering;

/// The overlap of two distributions of days over values, from 0 (nothing in
/// common) to 1 (the same shares).
///
/// Each side lists (value id, days), ascending by id, each id once. A side
/// without days has nothing in common with anybody.
///
/// # Formula
///
/// ```text
/// Σ_v √( a(v)/Σa · b(v)/Σb )
/// ```
///
/// # Source
///
/// Bhattacharyya (1943), "On a measure of divergence between two statistical
/// populations", Bulletin of the Calcutta Mathematical Society 35; one minus
/// the squared Hellinger distance.
///
/// # Examples
///
/// ```
/// # use habitual::stats::peers::hellinger;
/// let a = [(1, 3.0), (2, 1.0)];
/// let b = [(1, 1.0), (2, 3.0)];
/// // 2 √(¾ · ¼)
/// assert!((hellinger(&a, &b) - 0.75_f64.sqrt()).abs() < 1e-12);
/// ```
#[must_use]
pub fn hellinger(a: &[(u32, f64)], b: &[(u32, f64)]) -> f64 {
    let sum = |side: &[(u32, f64)]| side.iter().map(|value| value.1).sum::<f64>();
    let (sum_a, sum_b) = (sum(a), sum(b));
    if sum_a <= 0.0 || sum_b <= 0.0 {
        return 0.0;
    }
    let (mut left, mut right) = (a.iter().peekable(), b.iter().peekable());
    let mut overlap = 0.0;
    while let (Some(x), Some(y)) = (left.peek(), right.peek()) {
        match x.0.cmp(&y.0) {
            Ordering::Less => _ = left.next(),
            Ordering::Greater => _ = right.next(),
            Ordering::Equal => {
                overlap += ((x.1 / sum_a) * (y.1 / sum_b)).sqrt();
                _ = left.next();
                _ = right.next();
            }
        }
    }
    overlap
}
