//! Combination: one p-value of a day from those of its statistics, one of a
//! review from those of its days, and what they are worth.
//!
//! Statistics form *families*, families feed three *channels*, and the most
//! unusual channel decides. At every step the number of chances is paid for.

use super::{CAP_FAMILY, CAP_REVIEW, P_CLIP, length};

/// How often a pool must be larger than 1/p for that p to be believed.
const FLOOR_POOL_FACTOR: f64 = 10.0;

/// A p-value in bits: −log2 p, p within [`P_CLIP`] and 1.
#[must_use]
pub fn bits(p: f64) -> f64 {
    // Adding zero turns −0 into 0.
    -p.clamp(P_CLIP, 1.0).log2() + 0.0
}

/// What a family says, in bits: its strongest statistic, less the price of
/// having several.
///
/// `ps` holds one p-value for each statistic enabled in this deployment, never
/// only those that moved. 0 for an empty family.
///
/// # Formula
///
/// ```text
/// B = max(0, max bits(p) − log2 m)         m = number of statistics
/// ```
///
/// # Source
///
/// Bonferroni's inequality (`[combine.family]`): the statistics of a family
/// depend on each other too much to be added.
///
/// # Examples
///
/// ```
/// # use habitual::stats::combine::family_bits;
/// // log2 100 − log2 2 = log2 50
/// assert!((family_bits(&[0.01, 1.0]) - 50_f64.log2()).abs() < 1e-12);
/// ```
#[must_use]
pub fn family_bits(ps: &[f64]) -> f64 {
    let strongest = ps.iter().copied().map(bits).fold(0.0, f64::max);
    if ps.is_empty() {
        0.0
    } else {
        (strongest - length(ps.len()).log2()).max(0.0)
    }
}

/// Which channels a family feeds beside takeover.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FamilyKind {
    /// Fragment.
    Plain,
    /// None: the fraction of new atoms says nothing about a few foreign acts.
    Fraction,
    /// Fragment and burst: volume, breadth, failure.
    Amount,
}

/// One family of a day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FamilyScore {
    /// What it says, see [`family_bits`].
    pub bits: f64,
    /// Its weight in the takeover channel.
    pub weight: f64,
    /// Which other channels it feeds.
    pub kind: FamilyKind,
}

/// The three scores of a day, to be calibrated each.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Channels {
    /// Somebody else drives this identity.
    pub takeover: f64,
    /// A few foreign acts inside an ordinary day.
    pub fragment: f64,
    /// One amount far out of range.
    pub burst: f64,
}

/// The channel scores of a day's families, summed in the order given.
///
/// # Formula
///
/// ```text
/// takeover = Σ weight min(bits, 12)
/// fragment = Σ bits over all but the fraction
/// burst    = max bits over the amounts
/// ```
///
/// # Source
///
/// Ours (`[combine.channels]`): no single rule wins on every kind of intrusion.
#[must_use]
pub fn channels(families: &[FamilyScore]) -> Channels {
    let mut channels = Channels::default();
    for family in families {
        channels.takeover += family.weight * family.bits.min(CAP_FAMILY);
        if family.kind != FamilyKind::Fraction {
            channels.fragment += family.bits;
        }
        if family.kind == FamilyKind::Amount {
            channels.burst = channels.burst.max(family.bits);
        }
    }
    channels
}

/// The p-value of a day from those of its three channels.
///
/// A pool of `n_pool` windows cannot support less than 1 in 10 `n_pool`.
///
/// # Formula
///
/// ```text
/// p = max( min(1, 3 min p), 1 / (10 n_pool) )
/// ```
///
/// # Source
///
/// Bonferroni's inequality; the floor is ours (`[combine.final_p]`).
///
/// # Examples
///
/// ```
/// # use habitual::stats::combine::final_p;
/// assert!((final_p([0.01, 0.5, 1.0], 1_000) - 0.03).abs() < 1e-12);
/// assert!((final_p([1e-7, 0.2, 1.0], 1_000) - 1e-4).abs() < 1e-12);
/// ```
#[must_use]
pub fn final_p(ps: [f64; 3], n_pool: usize) -> f64 {
    let best = ps.into_iter().fold(1.0, f64::min);
    let floor = 1.0 / (FLOOR_POOL_FACTOR * length(n_pool.max(1)));
    (3.0 * best).min(1.0).max(floor)
}

/// The p-value of the best of several days, as if they were independent; 1 for
/// no days.
///
/// # Formula
///
/// ```text
/// p = 1 − (1 − min p)^m
/// ```
///
/// # Source
///
/// Šidák (1967), "Rectangular confidence regions for the means of multivariate
/// normal distributions", JASA 62.
///
/// # Examples
///
/// ```
/// # use habitual::stats::combine::days_p;
/// // 1 − 0.99³
/// assert!((days_p(&[0.3, 0.01, 0.9]) - 0.029_701).abs() < 1e-12);
/// ```
#[must_use]
pub fn days_p(ps: &[f64]) -> f64 {
    let best = ps.iter().copied().fold(1.0, f64::min);
    if ps.is_empty() || best >= 1.0 {
        return 1.0;
    }
    -libm::expm1(length(ps.len()) * libm::log1p(-best))
}

/// The p-value of a review: the better of its days' and of the `other` one
/// that sees the review as a whole, paid for twice; the days' alone when there
/// is no other.
///
/// # Examples
///
/// ```
/// # use habitual::stats::combine::review_p;
/// assert!((review_p(0.03, Some(0.2)) - 0.06).abs() < 1e-12);
/// assert!((review_p(0.03, None) - 0.03).abs() < 1e-12);
/// ```
#[must_use]
pub fn review_p(days_p: f64, other: Option<f64>) -> f64 {
    other.map_or(days_p, |other| (2.0 * days_p.min(other)).min(1.0))
}

/// The review score R from (weight, bits) of its terms, summed in the order
/// given: Σ weight · min(bits, 14).
///
/// # Source
///
/// Ours (`[combine.review_p]`, amendment A2): most takeovers last days.
#[must_use]
pub fn review_score(terms: &[(f64, f64)]) -> f64 {
    terms
        .iter()
        .map(|&(weight, bits)| weight * bits.min(CAP_REVIEW))
        .sum()
}

/// For each p-value, the false discovery rate of the list that ends with it.
///
/// The results are in the order of `ps`; among ties the earlier stands first.
///
/// # Formula
///
/// ```text
/// q_(i) = min over j ≥ i of p_(j) m / j       p_(1) ≤ p_(2) ≤ … ≤ p_(m)
/// ```
///
/// # Source
///
/// Benjamini & Hochberg (1995), "Controlling the false discovery rate", JRSS B
/// 57(1), as adjusted p-values.
///
/// # Examples
///
/// ```
/// # use habitual::stats::combine::benjamini_hochberg;
/// let q = benjamini_hochberg(&[0.9, 0.1]);
/// assert!((q[0] - 0.9).abs() < 1e-12);
/// assert!((q[1] - 0.2).abs() < 1e-12);
/// ```
#[must_use]
pub fn benjamini_hochberg(ps: &[f64]) -> Vec<f64> {
    let mut order: Vec<(usize, f64)> = ps.iter().copied().enumerate().collect();
    order.sort_by(|a, b| a.1.total_cmp(&b.1)); // stable: ties keep their order
    let m = length(ps.len());
    let mut smallest = 1.0_f64;
    for (rank, entry) in order.iter_mut().enumerate().rev() {
        smallest = smallest.min(entry.1 * (m / length(rank + 1)));
        entry.1 = smallest;
    }
    order.sort_unstable_by_key(|entry| entry.0);
    order.into_iter().map(|entry| entry.1).collect()
}

/// How severe a finding is: 0 none, 1 low, 2 medium, 3 high, 4 critical.
///
/// `support` counts the usable windows behind it, `sensitive_new` says whether
/// a sensitive action is among the lateral or world-new atoms, `n_new_peer` of
/// the `n_new` new atoms are known to peers.
///
/// # Formula
///
/// ```text
/// one level each for p ≤ 1e-2, 1e-3, 1e-4, 1e-5
/// not none:  +1 if sensitive_new;   then −1 if all new atoms are peer-known
/// at most critical;  at most medium with support < 8
/// ```
///
/// # Source
///
/// Ours (`[combine.severity]`).
///
/// # Examples
///
/// ```
/// # use habitual::stats::combine::severity_level;
/// assert_eq!(severity_level(1e-3, 60, true, 3, 1), 3);
/// assert_eq!(severity_level(1e-3, 60, false, 3, 3), 1);
/// ```
#[must_use]
pub fn severity_level(
    p: f64,
    support: u32,
    sensitive_new: bool,
    n_new: u32,
    n_new_peer: u32,
) -> u8 {
    const LEVELS: [(f64, u8); 4] = [(1e-5, 4), (1e-4, 3), (1e-3, 2), (1e-2, 1)];
    const CRITICAL: u8 = 4;
    const MEDIUM: u8 = 2;
    const SUPPORT_FULL: u32 = 8;

    let mut level = LEVELS
        .iter()
        .find(|(limit, _)| p <= *limit)
        .map_or(0, |&(_, level)| level);
    if level > 0 && sensitive_new {
        level += 1;
    }
    if level > 0 && n_new > 0 && n_new == n_new_peer {
        level -= 1;
    }
    level.min(if support < SUPPORT_FULL {
        MEDIUM
    } else {
        CRITICAL
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn review_score_caps_each_term() {
        // ½ · 14 + ¼ · 4
        assert!((review_score(&[(0.5, 30.0), (0.25, 4.0)]) - 8.0).abs() < 1e-12);
    }

    #[test]
    fn no_days_and_no_statistics_say_nothing() {
        assert!((days_p(&[]) - 1.0).abs() < 1e-12);
        assert!(family_bits(&[]).abs() < 1e-12);
    }
}
