//! Hour: whether an identity is active when it usually is.
//!
//! Time runs in a circle of *slots*: the 168 hours of the week, or the 24 of
//! the day. A day-hour counts once, however many events it holds.

use std::f64::consts::LN_2;

use super::{capped, length};

/// Pseudo-hours with which the class speaks.
const GROUP_WEIGHT: f64 = 2.0;

/// The weights with which activity in one slot speaks for its neighbours, by
/// distance around the circle; their sum is 1.
///
/// # Formula
///
/// ```text
/// K(δ) ∝ exp(−δ²/2)        δ = min(d, period − d),  d = 0 .. period
/// ```
///
/// # Source
///
/// Ours (`[hour.kernel]`): a Gaussian of one hour, wrapped by distance.
///
/// # Examples
///
/// ```
/// # use habitual::stats::hour::kernel;
/// let week = kernel(168);
/// assert!((week[0] - 0.398_942).abs() < 1e-6);
/// assert_eq!(week[1], week[167]);
/// ```
#[must_use]
pub fn kernel(period: usize) -> Vec<f64> {
    let weights: Vec<f64> = (0..period)
        .map(|d| {
            let distance = length(d.min(period - d));
            (-distance * distance / 2.0).exp()
        })
        .collect();
    let sum: f64 = weights.iter().sum();
    weights.into_iter().map(|weight| weight / sum).collect()
}

/// Surprise, in bits, of activity in `slot`.
///
/// `own` and `group` hold the day-hours of the identity and of its class by
/// slot, `kernel` is [`kernel`] of their common length. Without own history the
/// class decides, without any history all slots are alike.
/// [`Smoother`] answers the same question repeatedly.
///
/// # Formula
///
/// ```text
/// p(s) = ( Σ_u c(u) K(s−u) + 2 (C(s)+1) / (N_C+period) ) / (N + 2)
/// bits = −log2 p(s)
/// ```
///
/// c, N: `own` and its sum; C, N_C: `group` and its sum.
///
/// # Source
///
/// Ours (`[hour.bits]`).
///
/// # Examples
///
/// ```
/// # use habitual::stats::hour::{hour_bits, kernel};
/// // Nothing known: one slot in 24.
/// let none = [0.0; 24];
/// let bits = hour_bits(&none, &none, 9, &kernel(24));
/// assert!((bits - 24_f64.log2()).abs() < 1e-12);
/// ```
#[must_use]
pub fn hour_bits(own: &[f64], group: &[f64], slot: usize, kernel: &[f64]) -> f64 {
    let smooth = around(kernel, slot).zip(own).map(|(k, c)| k * c).sum();
    let n_own = own.iter().sum();
    let n_group: f64 = group.iter().sum();
    let count = group.get(slot).copied().unwrap_or(0.0);
    bits_of(
        smooth,
        n_own,
        (count + 1.0) / (n_group + length(kernel.len())),
    )
}

/// Mean surprise of a review's hours, scaled so that reviews of different
/// length compare: Σ bits / √m over its m active days; 0 without any.
///
/// # Source
///
/// Ours (`hour.review`): the sum of m like numbers spreads as √m.
#[must_use]
pub fn review_bits(days: &[f64]) -> f64 {
    if days.is_empty() {
        0.0
    } else {
        days.iter().sum::<f64>() / length(days.len()).sqrt()
    }
}

/// The hour profile of one identity, smoothed once: [`hour_bits`] for many
/// slots and days.
#[derive(Clone, Debug)]
pub struct Smoother<'k> {
    kernel: &'k [f64],
    /// Σ_u c(u) K(s−u) by slot.
    smooth: Vec<f64>,
    /// The class's probability by slot.
    p_group: Vec<f64>,
    n_own: f64,
}

impl<'k> Smoother<'k> {
    /// The profile of day-hours `own` within a class of day-hours `group`.
    ///
    /// Missing slots count 0, slots beyond the kernel's period are ignored.
    #[must_use]
    pub fn new(own: &[f64], group: &[f64], kernel: &'k [f64]) -> Self {
        let period = kernel.len();
        let n_group: f64 = group.iter().take(period).sum();
        let counts = group.iter().copied().chain(std::iter::repeat(0.0));
        let mut smoother = Self {
            kernel,
            smooth: vec![0.0; period],
            p_group: counts
                .take(period)
                .map(|count| (count + 1.0) / (n_group + length(period)))
                .collect(),
            n_own: 0.0,
        };
        for (slot, &count) in own.iter().enumerate().take(period) {
            if count > 0.0 {
                smoother.add(slot, count);
            }
        }
        smoother
    }

    /// Learns the distinct active slots of one more day.
    pub fn observe(&mut self, slots: &[usize]) {
        for &slot in slots {
            if slot < self.kernel.len() {
                self.add(slot, 1.0);
            }
        }
    }

    /// Surprise, in bits, of activity in `slot`.
    #[must_use]
    pub fn bits(&self, slot: usize) -> f64 {
        self.bits_without(slot, &[])
    }

    /// Mean surprise of a day's distinct slots; 0 for a day without any.
    #[must_use]
    pub fn mean_bits(&self, slots: &[usize]) -> f64 {
        self.mean_bits_without(slots, &[])
    }

    /// Mean surprise of a day that is itself part of the profile, judged by
    /// the other days.
    #[must_use]
    pub fn mean_bits_left_out(&self, slots: &[usize]) -> f64 {
        self.mean_bits_without(slots, slots)
    }

    fn add(&mut self, slot: usize, count: f64) {
        for (sum, weight) in self.smooth.iter_mut().zip(around(self.kernel, slot)) {
            *sum += count * weight;
        }
        self.n_own += count;
    }

    fn mean_bits_without(&self, slots: &[usize], left_out: &[usize]) -> f64 {
        if slots.is_empty() {
            return 0.0;
        }
        let bits = slots.iter().map(|&slot| self.bits_without(slot, left_out));
        bits.sum::<f64>() / length(slots.len())
    }

    /// The surprise of `slot` had the day with slots `left_out` not been.
    fn bits_without(&self, slot: usize, left_out: &[usize]) -> f64 {
        let own_part: f64 = left_out
            .iter()
            .filter_map(|other| self.kernel.get(other.abs_diff(slot)))
            .sum();
        let smooth = self.smooth.get(slot).copied().unwrap_or(0.0) - own_part;
        let n_own = self.n_own - length(left_out.len());
        let p_group = self.p_group.get(slot).copied().unwrap_or(0.0);
        bits_of(smooth.max(0.0), n_own.max(0.0), p_group)
    }
}

/// −log2 of the own share after two pseudo-hours of the class.
fn bits_of(smooth: f64, n_own: f64, p_group: f64) -> f64 {
    let p = (smooth + GROUP_WEIGHT * p_group) / (n_own + GROUP_WEIGHT);
    capped(-p.ln() / LN_2)
}

/// The kernel's weights for the slots 0, 1, 2 ... as seen from `slot`.
fn around(kernel: &[f64], slot: usize) -> impl Iterator<Item = f64> + '_ {
    let period = kernel.len();
    let start = if period == 0 {
        0
    } else {
        (period - slot % period) % period
    };
    let (end, begin) = kernel.split_at(start);
    begin.iter().chain(end).copied()
}
