//! What a statistic counted, and its places among its own past, its peers and
//! everybody.

use serde::Serialize;

use super::some;
use crate::finding::{Among, Measure, StatisticReckoning};
use crate::report::explanation::Rank;

#[derive(Serialize)]
pub(super) struct StatisticShape {
    name: &'static str,
    set: Option<&'static str>,
    family: &'static str,
    measure: MeasureShape,
    own: AmongShape,
    peers: AmongShape,
    organisation: AmongShape,
    t: Option<f64>,
    n_own: usize,
    n_at_least: usize,
    sum_own: Option<f64>,
    pool_mean: Option<f64>,
    scale: Option<f64>,
    rank: RankShape,
    least_p: Option<f64>,
    p: Option<f64>,
    bits: Option<f64>,
}

impl StatisticShape {
    pub(super) fn of(own: &StatisticReckoning) -> Self {
        let calibrated = &own.calibrated;
        Self {
            name: own.statistic.name(),
            set: own.statistic.set(),
            family: own.family.name(),
            measure: MeasureShape::of(own.measure),
            own: AmongShape::of(own.own),
            peers: AmongShape::of(own.peers),
            organisation: AmongShape::of(own.organisation),
            t: some(calibrated.t),
            n_own: calibrated.n_own,
            n_at_least: calibrated.n_at_least,
            sum_own: some(calibrated.sum_own),
            pool_mean: some(calibrated.pool_mean),
            scale: some(calibrated.scale),
            rank: RankShape::of(&Rank::of(&calibrated.pool)),
            least_p: some(calibrated.least),
            p: some(calibrated.p),
            bits: some(own.bits),
        }
    }
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum MeasureShape {
    Amount {
        observed: u64,
        median: u64,
        max: u64,
        peers_max: Option<u64>,
    },
    Share {
        k: u32,
        n: u32,
        usual: Option<f64>,
    },
    Surprise,
}

impl MeasureShape {
    fn of(measure: Measure) -> Self {
        match measure {
            Measure::Amount {
                x,
                median,
                max,
                peers_max,
            } => Self::Amount {
                observed: x,
                median,
                max,
                peers_max,
            },
            Measure::Share { k, n, usual } => Self::Share {
                k,
                n,
                usual: some(usual),
            },
            Measure::Surprise => Self::Surprise,
        }
    }
}

#[derive(Serialize)]
struct AmongShape {
    n: usize,
    n_at_least: usize,
    max: Option<f64>,
}

impl AmongShape {
    fn of(among: Among) -> Self {
        Self {
            n: among.n,
            n_at_least: among.n_at_least,
            max: some(among.max),
        }
    }
}

/// A value among those of a pool.
#[derive(Serialize)]
pub(super) struct RankShape {
    z: Option<f64>,
    n: usize,
    n_at_least: usize,
    n_above: usize,
    has_tail: bool,
    tail: Option<TailShape>,
    pi: Option<f64>,
}

#[derive(Serialize)]
struct TailShape {
    n: usize,
    threshold: Option<f64>,
    xi: Option<f64>,
    beta: Option<f64>,
}

impl RankShape {
    pub(super) fn of(rank: &Rank) -> Self {
        Self {
            z: some(rank.z),
            n: rank.n,
            n_at_least: rank.n_at_least,
            n_above: rank.n_above,
            has_tail: rank.has_tail,
            tail: rank.tail.map(|tail| TailShape {
                n: tail.n,
                threshold: some(tail.threshold),
                xi: some(tail.xi),
                beta: some(tail.beta),
            }),
            pi: some(rank.pi),
        }
    }
}
