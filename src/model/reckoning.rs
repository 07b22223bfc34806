//! A reckoning: every number that a judgement was made of, in the order in
//! which they are combined, so that it can be done again by hand (MODEL §6,
//! §7, §0 A1–A3).

use super::calibration::Calibrated;
use super::explain::Explainer;
use super::first_use::{TypedDay, marks_of, typed};
use super::judge::Judge;
use super::person::PersonReckoning;
use super::reading::Reading;
use super::slate::Ordinal;
use super::subject::Day;
use super::{Channel, Detail, Family, IdentityScore, ReviewScore, Statistic};
use crate::event::Class;
use crate::ledger::Dimension;
use crate::stats::calibration::PoolRank;
use crate::stats::combine::bits;
use crate::stats::{CAP_FAMILY, CAP_REVIEW};

/// How one identity's p-value came about.
#[derive(Clone, Debug)]
pub struct Reckoning {
    /// What it is ranked among where the review begins.
    pub pool: PoolReckoning,
    /// Each active period of the review.
    pub days: Vec<DayReckoning>,
    /// The terms of the review score R.
    pub terms: Vec<TermReckoning>,
    /// R = Σ contribution.
    pub score: f64,
    /// R among pseudo-reviews; `None` where there are none.
    pub whole: Option<WholeReckoning>,
    /// Of the days: 1 − (1 − min p)^n.
    pub p_days: f64,
    /// min(1, 2 min(`p_days`, p of R)); `p_days` where R has none.
    pub p_review: f64,
    /// What set it.
    pub channel: Channel,
    /// The false discovery rate; `None` for an account of a person that does
    /// not lead.
    pub discovery: Option<Discovery>,
    /// How it goes on to the person whose leading account this is.
    pub person: Option<Box<PersonReckoning>>,
}

/// Windows that others are ranked among.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolReckoning {
    /// The class whose windows they are; `None` for the whole organisation.
    pub class: Option<Class>,
    /// Which of its windows.
    pub age: PoolAge,
    /// How many.
    pub n: usize,
}

/// Which windows of its members a pool holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolAge {
    /// All of them.
    Any,
    /// The first eight of each: it ranks beginners.
    First,
    /// Days on which they are taken for newcomers: it ranks newcomers.
    Newcomer,
}

impl PoolAge {
    /// The name used in machine output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::First => "first",
            Self::Newcomer => "newcomer",
        }
    }
}

/// One period.
#[derive(Clone, Debug)]
pub struct DayReckoning {
    /// Number of the period.
    pub ordinal: Ordinal,
    /// What it is ranked among.
    pub pool: PoolReckoning,
    /// Events.
    pub n_events: u32,
    /// Those that are not zero.
    pub statistics: Vec<StatisticReckoning>,
    /// Every family, in summation order.
    pub families: Vec<FamilyReckoning>,
    /// What action and order say both, and the fragment score counts once.
    pub echo: f64,
    /// Takeover, fragment and burst.
    pub channels: Vec<ChannelReckoning>,
    /// 1 / (10 windows of the pool): no p-value is smaller.
    pub floor: f64,
    /// max(min(1, 3 min p), floor).
    pub p: f64,
}

/// One statistic of one period.
#[derive(Clone, Debug)]
pub struct StatisticReckoning {
    /// Which.
    pub statistic: Statistic,
    /// The family it belongs to.
    pub family: Family,
    /// What was counted.
    pub measure: Measure,
    /// Among its own past, all windows that could be scored.
    pub own: Among,
    /// Among the pasts of its peers.
    pub peers: Among,
    /// Among everybody's.
    pub organisation: Among,
    /// How its p-value came about.
    pub calibrated: Calibrated,
    /// −log2 p.
    pub bits: f64,
}

/// What a statistic counted, before it was made a surprise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Measure {
    /// An amount.
    Amount {
        /// Of the period.
        x: u64,
        /// Median of its own past.
        median: u64,
        /// Largest of its own past.
        max: u64,
        /// Largest of its peers, if it has any.
        peers_max: Option<u64>,
    },
    /// A share, of values that are new or of acts of one kind.
    Share {
        /// How many.
        k: u32,
        /// Of how many.
        n: u32,
        /// The share that is usual.
        usual: f64,
    },
    /// A surprise that is no count.
    Surprise,
}

/// A value among others of its kind.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Among {
    /// How many others.
    pub n: usize,
    /// Of these, at least as large.
    pub n_at_least: usize,
    /// The largest.
    pub max: f64,
}

/// One family of one period.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FamilyReckoning {
    /// Which.
    pub family: Family,
    /// Statistics in it, which are paid for.
    pub n_statistics: usize,
    /// Bits of the strongest one.
    pub strongest: f64,
    /// max(0, strongest − log2 n); 0 where a shared identity blurs it.
    pub bits: f64,
    /// Weight in the takeover score.
    pub weight: f64,
    /// weight · min(bits, 12).
    pub contribution: f64,
    /// Whether it feeds the fragment score.
    pub is_fragment: bool,
    /// Whether it may set the burst score.
    pub is_lone: bool,
}

/// One channel of one period.
#[derive(Clone, Debug)]
pub struct ChannelReckoning {
    /// Which.
    pub channel: Channel,
    /// Its score.
    pub score: f64,
    /// Among the scores of the pool, where the pool alone ranks it.
    pub rank: Option<PoolRank>,
    /// Its p-value.
    pub p: f64,
}

/// One term of the review score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TermReckoning {
    /// Its name.
    pub name: &'static str,
    /// Its weight.
    pub weight: f64,
    /// Its bits.
    pub bits: f64,
    /// weight · min(bits, 14).
    pub contribution: f64,
}

/// The review score among pseudo-reviews.
#[derive(Clone, Debug)]
pub struct WholeReckoning {
    /// The class of the pseudo-reviews; `None` for the whole organisation.
    pub pool: Option<Class>,
    /// The rank among them.
    pub rank: PoolRank,
    /// 1 / (10 pseudo-reviews): no p-value is smaller.
    pub floor: f64,
    /// max(p of the rank, floor).
    pub p: f64,
}

/// How a q-value came about: p at the place where p · n / place is smallest,
/// among this place and all behind it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Discovery {
    /// Its own place by p-value, from 1.
    pub place: usize,
    /// Identities with a p-value.
    pub n: usize,
    /// The place that sets q.
    pub at_place: usize,
    /// The p-value there.
    pub at_p: f64,
    /// q = `at_p` · n / `at_place`, at most 1.
    pub q: f64,
}

impl Judge<'_> {
    /// How the `score` of one account came about.
    pub(super) fn reckoning(
        &self,
        subject: usize,
        score: &ReviewScore,
        readings: &[(usize, Reading)],
    ) -> Option<Reckoning> {
        let is_shared = self.shared.get(subject).copied().unwrap_or_default();
        let own = self.slate.subjects.get(subject)?;
        let read = self.read_days(subject, readings);
        let terms = self.terms(subject, &read, is_shared);
        let days = readings.iter().filter_map(|(at, reading)| {
            let day = own.days.get(*at)?;
            self.day_reckoning(subject, day, reading)
        });
        Some(Reckoning {
            pool: self.past.pool(subject, self.past.is_newcomer(subject)),
            days: days.collect(),
            terms: terms
                .iter()
                .map(|term| TermReckoning {
                    name: term.name,
                    weight: term.weight,
                    bits: term.bits,
                    contribution: term.weight * term.bits.min(CAP_REVIEW),
                })
                .collect(),
            score: score.score,
            whole: self
                .whole_of(subject)
                .and_then(|whole| whole.reckoning(subject, score.score)),
            p_days: score.p_days,
            p_review: score.p_review,
            channel: score.channel,
            discovery: None,
            person: None,
        })
    }

    fn day_reckoning(&self, subject: usize, day: &Day, reading: &Reading) -> Option<DayReckoning> {
        let families = self.families(subject, reading);
        let said = |family| {
            let mut own = families.iter().filter(|own| own.family == family);
            own.next().map_or(0.0, |own| own.bits)
        };
        let echo = if self.parameters.discounts_echoes {
            said(Family::What).min(said(Family::Sequence))
        } else {
            0.0
        };
        let channels = [Channel::Takeover, Channel::Fragment, Channel::Burst];
        let among = self.past.ranking(reading.is_newcomer);
        let ranks = among.channel_ranks(subject, reading.scores);
        let scored = reading.scores.into_iter().zip(reading.p_channels);
        let pool = self.past.pool(subject, reading.is_newcomer);
        Some(DayReckoning {
            ordinal: day.ordinal,
            pool,
            n_events: day.amounts.n_events,
            statistics: self.statistics(subject, day, reading)?,
            families,
            echo,
            channels: channels
                .into_iter()
                .zip(scored.zip(ranks))
                .map(|(channel, ((score, p), rank))| ChannelReckoning {
                    channel,
                    score,
                    rank,
                    p,
                })
                .collect(),
            floor: 1.0
                / (10.0 * u32::try_from(pool.n.max(1)).map_or(f64::from(u32::MAX), f64::from)),
            p: reading.p_final,
        })
    }

    fn families(&self, subject: usize, reading: &Reading) -> Vec<FamilyReckoning> {
        let parameters = self.parameters;
        let own = self.slate.subjects.get(subject);
        let class = own.map_or(Class::Anonymous, |own| own.class);
        let of = |family: Family| {
            let statistics = parameters.statistics.iter().zip(&reading.p);
            statistics.filter(move |((_, own), _)| *own == family)
        };
        let families = reading.families.iter();
        families
            .map(|(family, said)| {
                let weight = parameters.weight(*family, class);
                FamilyReckoning {
                    family: *family,
                    n_statistics: of(*family).count(),
                    strongest: of(*family).map(|(_, p)| bits(*p)).fold(0.0, f64::max),
                    bits: *said,
                    weight,
                    contribution: weight * said.min(CAP_FAMILY),
                    is_fragment: *family != Family::Fraction,
                    is_lone: parameters.lone.contains(family),
                }
            })
            .collect()
    }

    fn statistics(
        &self,
        subject: usize,
        day: &Day,
        reading: &Reading,
    ) -> Option<Vec<StatisticReckoning>> {
        let own = self.slate.subjects.get(subject)?;
        let peers = self.peers.get(subject)?;
        let marks = marks_of(own, day);
        let typed = typed(self.slate, peers, subject, marks, day.ordinal);
        let explainer = self.explainer(subject)?;
        let among = self.past.ranking(reading.is_newcomer);
        let statistics = self.parameters.statistics.iter().zip(&reading.raw);
        let said = statistics.enumerate().filter(|(_, (_, t))| **t > 0.0);
        let of = said.filter_map(|(at, ((statistic, family), t))| {
            let calibrated = among.calibrated(subject, at, *t)?;
            Some(StatisticReckoning {
                statistic: *statistic,
                family: *family,
                measure: measure(&explainer, *statistic, day, &typed),
                own: self.past.among(at, *t, |of| of == subject),
                peers: self.past.among(at, *t, |of| peers.contains(&of)),
                organisation: self.past.among(at, *t, |of| of != subject),
                bits: bits(calibrated.p),
                calibrated,
            })
        });
        Some(of.collect())
    }
}

/// What `statistic` counted on `day`.
fn measure(
    explainer: &Explainer<'_>,
    statistic: Statistic,
    day: &Day,
    typed: &TypedDay,
) -> Measure {
    match statistic {
        Statistic::New(dimension, set) => {
            let own = typed.dimensions.get(dimension.index());
            let usual = explainer.habit.rate_of(dimension, set, explainer.rates);
            own.map_or(Measure::Surprise, |own| Measure::Share {
                k: own.of(set),
                n: own.n,
                usual,
            })
        }
        Statistic::Novelty | Statistic::Fraction => {
            let counted = Dimension::ALL.into_iter().filter(|own| own.is_counted());
            let counted = counted.filter_map(|own| typed.dimensions.get(own.index()));
            let (k, n) = counted.fold((0, 0), |(k, n), own| (k + own.all(), n + own.n));
            let usual = explainer.habit.overall_rate(explainer.rates);
            Measure::Share { k, n, usual }
        }
        _ => match explainer.detail(statistic, day, &[]) {
            Some(Detail::Amount {
                x,
                median,
                max,
                peers_max,
                ..
            }) => Measure::Amount {
                x,
                median,
                max,
                peers_max,
            },
            Some(Detail::Share { k, n, usual_share }) => Measure::Share {
                k,
                n,
                usual: usual_share,
            },
            _ => Measure::Surprise,
        },
    }
}

/// The place that sets the q-value of `p` among `all`.
pub(super) fn discovery(p: f64, all: &[IdentityScore]) -> Discovery {
    let mut ps: Vec<f64> = all
        .iter()
        .filter_map(|own| own.judgement.review())
        .map(|review| review.p_review)
        .collect();
    ps.sort_unstable_by(f64::total_cmp);
    let n = ps.len();
    // Equal ones share their q: the last of them has the least.
    let place = ps.partition_point(|own| *own < p).saturating_add(1);
    let as_f64 = |n: usize| u32::try_from(n).map_or(f64::from(u32::MAX), f64::from);
    let behind = (place..).zip(ps.iter().skip(place.saturating_sub(1)));
    let shares = behind.map(|(at, own)| (at, *own, own * (as_f64(n) / as_f64(at))));
    let least = shares.min_by(|a, b| a.2.total_cmp(&b.2));
    let (at_place, at_p, q) = least.unwrap_or((place, p, 1.0));
    Discovery {
        place,
        n,
        at_place,
        at_p,
        q: q.min(1.0),
    }
}
