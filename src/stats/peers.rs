//! Peers: how alike the habits of two identities are.

use std::cmp::Ordering;

/// A distribution of days over values, ready to be compared with many others:
/// the square roots of the shares, by value.
#[derive(Clone, Debug, Default)]
pub struct Profile(Vec<(u32, f64)>);

impl Profile {
    /// The profile of (value id, days), ascending by id, each id once.
    #[must_use]
    pub fn new(days: &[(u32, f64)]) -> Self {
        let sum: f64 = days.iter().map(|value| value.1).sum();
        if sum <= 0.0 {
            return Self::default();
        }
        let root = |(value, days): &(u32, f64)| (*value, (days / sum).sqrt());
        Self(days.iter().map(root).collect())
    }

    /// The values, ascending.
    pub fn values(&self) -> impl Iterator<Item = u32> + '_ {
        self.0.iter().map(|(value, _)| *value)
    }

    /// The overlap with another distribution: see [`hellinger`].
    #[must_use]
    pub fn overlap(&self, other: &Self) -> f64 {
        let (mut left, mut right) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut overlap = 0.0;
        while let (Some(x), Some(y)) = (left.peek(), right.peek()) {
            match x.0.cmp(&y.0) {
                Ordering::Less => _ = left.next(),
                Ordering::Greater => _ = right.next(),
                Ordering::Equal => {
                    overlap += x.1 * y.1;
                    _ = left.next();
                    _ = right.next();
                }
            }
        }
        overlap
    }
}

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
    Profile::new(a).overlap(&Profile::new(b))
}

/// What an explicit key says by being shared, where `n_members` have it: the
/// fewer, the more.
///
/// # Formula
///
/// ```text
/// 1 / log2(1 + members)
/// ```
///
/// # Source
///
/// Ours (`[peers.key_weight]`), after the weighting of common neighbours by
/// Adamic & Adar (2003), "Friends and neighbors on the Web", Social Networks
/// 25(3).
#[must_use]
pub fn key_weight(n_members: usize) -> f64 {
    1.0 / (1.0 + super::length(n_members)).log2().max(1.0)
}
