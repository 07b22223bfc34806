//! The mathematics of the model, on plain numbers; knows no logs.
//!
//! A *statistic* is a non-negative number about one identity and one day:
//! larger is more unusual, and most are *surprise in bits*, −log2 of the
//! probability that the identity's own habit gives to a day at least this
//! extreme. [`calibration`] turns statistics into p-values and [`combine`]
//! turns many p-values into one.
//!
//! Every function is pure and total: for finite arguments in its documented
//! range the result is finite, and sums run in the order given.

pub mod calibration;
pub mod combine;
pub mod fit;
pub mod hour;
pub mod interval;
pub mod joint;
pub mod novelty;
pub mod peers;
pub mod sequence;
pub mod silence;
pub mod volume;

mod beta_binomial;
mod gamma;

#[cfg(test)]
mod tests;

/// Memory per active day (ρ): what happened one active day ago weighs 0.98 of
/// what happened today. Half-life 34 active days, so that a monthly job keeps
/// its memory and a holiday costs nothing.
pub const RHO: f64 = 0.98;

/// Pseudo-observations with which the group speaks in a personal rate, mean or
/// scale (κ). Five active days of one's own outweigh the group.
pub const KAPPA: f64 = 5.0;

/// Pseudo-atoms with which the group speaks in the rate of all dimensions
/// together (κ_all): these days hold more atoms.
pub const KAPPA_ALL: f64 = 20.0;

/// Strength S of the beta-binomial of one dimension: how far the rate of new
/// values may differ from day to day. Larger is stricter.
pub const STRENGTH: f64 = 8.0;

/// Strength of the beta-binomial of all dimensions together (S_all).
pub const STRENGTH_ALL: f64 = 12.0;

/// Strength of the beta-binomial behind [`silence`].
pub const STRENGTH_SILENCE: f64 = 20.0;

/// No statistic says more than this many bits.
pub const CAP_BITS: f64 = 60.0;

/// No family adds more than this many bits to the takeover channel.
pub const CAP_FAMILY: f64 = 12.0;

/// No term adds more than this many bits to the review score.
pub const CAP_REVIEW: f64 = 14.0;

/// The smallest p-value of a statistic that [`combine`] believes.
pub const P_CLIP: f64 = 1e-9;

/// Two scores closer than this are equal (rounding must not break ties).
pub const TIE: f64 = 1e-9;

/// The smallest personal rate of new values.
pub const Q_MIN: f64 = 1e-4;

/// The largest personal rate of new values.
pub const Q_MAX: f64 = 0.9999;

/// Length of an identity's own list: its most recent usable history windows.
pub const OWN_WINDOWS: usize = 128;

/// The largest number of windows in a pool.
pub const POOL_WINDOWS: usize = 100_000;

/// A count as a floating-point number.
#[expect(
    clippy::cast_precision_loss,
    reason = "exact below 2^53; beyond it the 53 leading bits are all the statistics need"
)]
const fn float(count: u64) -> f64 {
    count as f64
}

/// The length of a list as a floating-point number.
const fn length(len: usize) -> f64 {
    float(len as u64)
}

/// `x` within `[0, CAP_BITS]`; an undefined value is no surprise.
const fn capped(bits: f64) -> f64 {
    if bits.is_nan() {
        0.0
    } else {
        bits.clamp(0.0, CAP_BITS)
    }
}
