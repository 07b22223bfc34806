//! What must hold for every input, not only for the vectors.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::stats::CAP_BITS;
use crate::stats::calibration::{Pool, n_at_least, psc, scale};
use crate::stats::hour::{Smoother, hour_bits, kernel};
use crate::stats::novelty::{RateInput, all_rate, personal_rate, typed_rate};
use crate::stats::sequence::{BigramCounts, bigram_bits};
use crate::stats::volume::{DayType, moments};
use crate::stats::{combine, novelty, peers, sequence, silence, volume};

/// The same cases in every run, and nothing written beside the sources.
fn repeatable() -> ProptestConfig {
    ProptestConfig {
        rng_seed: RngSeed::Fixed(20_261_107),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Rounding that may separate two equal numbers of bits.
const SLACK: f64 = 1e-9;

fn assert_bits(bits: f64) -> Result<(), TestCaseError> {
    prop_assert!((0.0..=CAP_BITS).contains(&bits), "{bits} bits");
    Ok(())
}

/// Positive numbers of every size.
fn magnitude(smallest: f64, largest: f64) -> impl Strategy<Value = f64> {
    (smallest.ln()..largest.ln()).prop_map(f64::exp)
}

proptest! {
    #![proptest_config(repeatable())]

    #[test]
    fn more_new_values_are_never_less_surprising(
        n in 1_u32..400, k in 0_u32..400, q in 1e-4..0.9999, strength in 1.0..20.0,
    ) {
        let (fewer, more) = (
            novelty::tail_bits(k, n, q, strength),
            novelty::tail_bits(k + 1, n, q, strength),
        );
        assert_bits(fewer)?;
        assert_bits(more)?;
        prop_assert!(fewer <= more + SLACK, "{fewer} bits, then {more}");
    }

    #[test]
    fn who_meets_new_values_more_often_is_surprised_less(
        n in 1_u32..400, k in 1_u32..400, q in 1e-4..0.9, more in 0.0..0.0999,
    ) {
        let strict = novelty::tail_bits(k, n, q, 8.0);
        let lenient = novelty::tail_bits(k, n, q + more, 8.0);
        prop_assert!(lenient <= strict + SLACK, "{strict} bits, then {lenient}");
    }

    #[test]
    fn tail_and_silence_are_the_two_ends_of_one_distribution(
        m in 1_u32..200, a in 0_u32..200, rate in 0.01..0.99,
    ) {
        let a = a.min(m);
        // ½P[K = a] + P[K > a] and ½P[K = a] + P[K < a] sum to 1.
        let above = novelty::tail_bits(a, m, rate, 20.0);
        let below = silence::silence_bits(a, m, rate);
        assert_bits(below)?;
        if a > 0 && above < 50.0 && below < 50.0 {
            prop_assert!(((-above).exp2() + (-below).exp2() - 1.0).abs() < SLACK);
        }
    }

    #[test]
    fn larger_counts_are_never_less_surprising(
        x in 0_u64..5_000_000, mu in magnitude(1e-3, 1e6), spread in magnitude(1e-3, 1e6),
    ) {
        let v = mu * (1.0 + spread);
        let (less, more) = (volume::tail_bits(x, mu, v), volume::tail_bits(x + 1, mu, v));
        assert_bits(less)?;
        prop_assert!(less <= more + SLACK, "{less} bits, then {more}");
    }

    #[test]
    fn volume_agrees_with_the_plain_sum(
        x in 1_u32..300, mu in magnitude(1e-2, 1e2), spread in magnitude(1e-2, 1e2),
    ) {
        let v = mu * (1.0 + spread);
        let expected = plain_upper_tail(x, mu, v);
        let got = (-volume::tail_bits(u64::from(x), mu, v)).exp2();
        prop_assert!((got - expected).abs() < 1e-10, "{got} is not {expected}");
    }

    #[test]
    fn volume_is_defined_for_every_count_and_moment(
        x in any::<u64>(), mu in magnitude(1e-12, 1e18), v in magnitude(1e-12, 1e36),
    ) {
        assert_bits(volume::tail_bits(x, mu, v))?;
    }

    #[test]
    fn moments_allow_a_negative_binomial(
        days in prop::collection::vec((0.0..1e9, any::<bool>()), 0..60),
        mu in 0.0..1e6, v in 0.0..1e12,
    ) {
        let days: Vec<(f64, DayType)> = days
            .into_iter()
            .map(|(x, end)| (x, if end { DayType::Weekend } else { DayType::Weekday }))
            .collect();
        for target in [DayType::Weekday, DayType::Weekend] {
            let m = moments(&days, target, mu, v);
            prop_assert!(m.mu >= 0.0 && m.v > m.mu && m.v.is_finite());
        }
    }

    #[test]
    fn rates_stay_within_their_limits(
        dn in 0.0..1e5, share in 0.0..=1.0, k in 0.0..1e5, once in 0.0..=1.0,
        more in 1.0..50.0, q0 in 1e-7..0.9, d0 in 0.0..=1.0, part in 0.0..=1.0,
    ) {
        let dk = dn * share;
        let rate = personal_rate(&RateInput {
            dn, dk, n_distinct: k, n_once: k * once, n_atoms: k * more, q0, d0,
        });
        let limits = crate::stats::Q_MIN..=crate::stats::Q_MAX;
        prop_assert!(limits.contains(&rate.q));
        prop_assert!(limits.contains(&typed_rate(rate.q, dk * part, q0 * part, dk, q0)));
        prop_assert!(limits.contains(&all_rate(dk, dn, q0)));
    }

    #[test]
    fn seeing_a_step_once_more_never_makes_it_stranger(
        n_cx in 0.0..50.0, others in 0.0..500.0, d_c in 1.0..20.0, n_x in 0.0..50.0, rest in 0.0..500.0,
    ) {
        let before = BigramCounts {
            n_cx, n_c: n_cx + others, d_c, n_x, n: n_x + rest, d: 5.0, g_x: 1.0, g: 40.0, v: 9.0,
        };
        let after = BigramCounts {
            n_cx: n_cx + 1.0, n_c: before.n_c + 1.0, n_x: n_x + 1.0, n: before.n + 1.0, ..before
        };
        let (stranger, nearer) = (bigram_bits(&before), bigram_bits(&after));
        assert_bits(stranger)?;
        prop_assert!(nearer <= stranger + SLACK);
    }

    #[test]
    fn three_largest_are_found_in_any_order(bits in prop::collection::vec(0.0..60.0, 0..12)) {
        let mut sorted = bits.clone();
        sorted.sort_by(|a: &f64, b| b.total_cmp(a));
        let expected: f64 = sorted.iter().take(3).sum();
        prop_assert!((sequence::top3_bits(&bits) - expected).abs() < SLACK);
    }

    #[test]
    fn a_smoothed_profile_leaves_a_day_out_as_if_it_had_not_been(
        own in prop::collection::vec(0_u8..20, 24), day in prop::collection::btree_set(0_usize..24, 1..8),
    ) {
        let kernel = kernel(24);
        let group = [3.0; 24];
        let own: Vec<f64> = own.into_iter().map(f64::from).collect();
        let day: Vec<usize> = day.into_iter().collect();
        let plain: Vec<f64> = day.iter().map(|&slot| hour_bits(&own, &group, slot, &kernel)).collect();
        let mut smoother = Smoother::new(&own, &group, &kernel);
        smoother.observe(&day);
        let left_out = smoother.mean_bits_left_out(&day);
        assert_bits(left_out)?;
        prop_assert!((left_out - sequence::mean_bits(&plain)).abs() < SLACK);
        prop_assert!(smoother.mean_bits(&day) <= left_out + SLACK);
    }

    #[test]
    fn larger_statistics_never_have_larger_p(
        own in prop::collection::vec(0.0..30.0, 0..128), t in 0.0..40.0, step in 0.0..5.0, rate in 0.01_f64..3.0,
    ) {
        let mut own = own;
        own.sort_by(f64::total_cmp);
        let p = |t: f64| psc(t, own.len(), n_at_least(&own, t), (-rate * t).exp());
        prop_assert!((0.0..=1.0).contains(&p(t)) && p(t) > 0.0);
        prop_assert!(p(t + step) <= p(t));
    }

    #[test]
    fn own_days_as_large_never_lower_p(n in 1_usize..128, c in 0_usize..128, pi in 1e-15..1.0) {
        let c = c.min(n - 1);
        prop_assert!(psc(1.0, n, c, pi) <= psc(1.0, n, c + 1, pi));
    }

    #[test]
    fn pools_answer_with_a_probability(
        values in prop::collection::vec(0.0..50.0, 0..400), z in 0.0..1e6, sum in 0.0..1e4,
    ) {
        let mean = values.iter().sum::<f64>() / crate::stats::length(values.len().max(1));
        let unit = scale(sum, values.len(), mean);
        prop_assert!(unit >= 1.0);
        let pool = Pool::new(values);
        let (near, far) = (pool.tail(z / unit), pool.tail(z));
        prop_assert!(near > 0.0 && near <= 1.0);
        // No more than half a step apart where the ranks hand over to the tail.
        prop_assert!(far <= near + 1.0 / crate::stats::length(pool.len() + 1));
    }

    #[test]
    fn combination_never_leaves_the_unit_interval(
        ps in prop::collection::vec(0.0..=1.0, 1..12), three in any::<[u16; 3]>(), n_pool in 0_usize..200_000,
    ) {
        let days = combine::days_p(&ps);
        let smallest = ps.iter().copied().fold(1.0, f64::min);
        prop_assert!(days >= smallest - SLACK && days <= 1.0);
        prop_assert!((0.0..=1.0).contains(&combine::review_p(days, Some(smallest))));
        let three = three.map(|p| f64::from(p) / f64::from(u16::MAX));
        let p = combine::final_p(three, n_pool);
        prop_assert!(p > 0.0 && p <= 1.0);
        assert_bits(combine::family_bits(&ps))?;
        for (q, p) in combine::benjamini_hochberg(&ps).into_iter().zip(&ps) {
            prop_assert!(q >= *p && q <= 1.0);
        }
    }

    #[test]
    fn likeness_is_symmetric_and_full_only_with_oneself(
        a in prop::collection::btree_map(0_u32..30, 1_u16..500, 1..20),
        b in prop::collection::btree_map(0_u32..30, 1_u16..500, 1..20),
    ) {
        let list = |side: std::collections::BTreeMap<u32, u16>| -> Vec<(u32, f64)> {
            side.into_iter().map(|(id, days)| (id, f64::from(days))).collect()
        };
        let (a, b) = (list(a), list(b));
        let likeness = peers::hellinger(&a, &b);
        prop_assert!((0.0..=1.0 + SLACK).contains(&likeness));
        prop_assert!((likeness - peers::hellinger(&b, &a)).abs() < SLACK);
        prop_assert!((peers::hellinger(&a, &a) - 1.0).abs() < SLACK);
    }
}

/// ½ P[X = x] + P[X > x] of the negative binomial, summed from 0 upward.
fn plain_upper_tail(x: u32, mu: f64, v: f64) -> f64 {
    let (p, r) = (mu / v, mu * mu / (v - mu));
    let (mut probability, mut below) = ((r * p.ln()).exp(), 0.0);
    for j in 0..x {
        below += probability;
        probability *= (1.0 - p) * (f64::from(j) + r) / (f64::from(j) + 1.0);
    }
    1.0 - below - probability / 2.0
}
