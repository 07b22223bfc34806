//! An explanation, `habitual.explanation/1`: the numbers that a p-value was
//! made of, or the habits of an identity.

use std::io::Write;

use serde::Serialize;

use super::rhythm::RhythmShape;
use super::{FindingShape, Text, WindowShape, finite, text, write_pretty};
use crate::event::{Class, Untrusted};
use crate::finding::{
    Among, AmountOf, ChannelReckoning, DayReckoning, Discovery, Explanation, FamilyReckoning,
    Habits, Measure, Moment, Names, PersonReckoning, Reckoning, StatisticReckoning, Story,
    TermReckoning, Tried, Used, ValuesOf, Watched, WholeReckoning,
};
use crate::report::explanation::Rank;

/// Everything in one document.
pub(in crate::report) fn write_explanation(
    explanation: &Explanation,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    write_pretty(&ExplanationShape::of(explanation), out)
}

#[derive(Serialize)]
struct ExplanationShape<'a> {
    schema: &'static str,
    kind: &'static str,
    history: WindowShape,
    review: WindowShape,
    period: &'static str,
    finding: FindingShape<'a>,
    arithmetic: Option<ArithmeticShape<'a>>,
    timeline: Vec<MomentShape<'a>>,
    habits: Option<HabitsShape<'a>>,
}

impl<'a> ExplanationShape<'a> {
    fn of(explanation: &'a Explanation) -> Self {
        let (kind, arithmetic, timeline, habits) = match &explanation.story {
            Story::Arithmetic {
                reckoning,
                names,
                timeline,
            } => (
                "finding",
                reckoning
                    .as_ref()
                    .map(|own| ArithmeticShape::of(own, names)),
                timeline.iter().map(MomentShape::of).collect(),
                None,
            ),
            Story::Habits(habits) => ("identity", None, Vec::new(), Some(HabitsShape::of(habits))),
        };
        Self {
            schema: "habitual.explanation/1",
            kind,
            history: WindowShape::of(explanation.history),
            review: WindowShape::of(explanation.review),
            period: explanation.period,
            finding: FindingShape::of(&explanation.finding),
            arithmetic,
            timeline,
            habits,
        }
    }
}

#[derive(Serialize)]
struct ArithmeticShape<'a> {
    pool: &'static str,
    n_pool: usize,
    days: Vec<DayShape<'a>>,
    terms: Vec<TermShape>,
    score: Option<f64>,
    whole: Option<WholeShape>,
    p_days: Option<f64>,
    p_review: Option<f64>,
    channel: &'static str,
    discovery: Option<DiscoveryShape>,
    person: Option<PersonShape<'a>>,
}

/// The name of a pool.
fn pool(class: Option<Class>) -> &'static str {
    class.map_or("organisation", Class::name)
}

fn some(x: f64) -> Option<f64> {
    finite(Some(x))
}

impl<'a> ArithmeticShape<'a> {
    fn of(own: &'a Reckoning, names: &'a Names) -> Self {
        let days = own.days.iter();
        let person = own.person.as_ref();
        Self {
            pool: pool(own.pool.class),
            n_pool: own.pool.n,
            days: days
                .map(|day| DayShape::of(day, names.day(day.ordinal)))
                .collect(),
            terms: own.terms.iter().map(TermShape::of).collect(),
            score: some(own.score),
            whole: own.whole.as_ref().map(WholeShape::of),
            p_days: some(own.p_days),
            p_review: some(own.p_review),
            channel: own.channel.name(),
            discovery: own.discovery.map(DiscoveryShape::of),
            person: person.map(|person| PersonShape::of(person, names)),
        }
    }
}

#[derive(Serialize)]
struct DiscoveryShape {
    place: usize,
    n: usize,
    at_place: usize,
    at_p: Option<f64>,
    q: Option<f64>,
}

impl DiscoveryShape {
    fn of(own: Discovery) -> Self {
        Self {
            place: own.place,
            n: own.n,
            at_place: own.at_place,
            at_p: some(own.at_p),
            q: some(own.q),
        }
    }
}

/// What the accounts of a person say together.
#[derive(Serialize)]
struct PersonShape<'a> {
    account: Text<'a>,
    others: Vec<OtherShape<'a>>,
    threshold: Option<f64>,
    n_pairs: usize,
    n_both: usize,
    again: Option<f64>,
    days: Vec<JointDayShape<'a>>,
    p_days: Option<f64>,
    p_whole: Option<f64>,
    p_review: Option<f64>,
}

impl<'a> PersonShape<'a> {
    fn of(own: &'a PersonReckoning, names: &'a Names) -> Self {
        let accounts = names.accounts.iter();
        let others = accounts.clone().skip(1).zip(&own.others);
        Self {
            account: Text(accounts.clone().next().map_or("", Untrusted::as_raw)),
            others: others
                .map(|(account, (_, reckoning))| OtherShape {
                    account: text(account),
                    arithmetic: reckoning
                        .as_ref()
                        .map(|reckoning| ArithmeticShape::of(reckoning, names)),
                })
                .collect(),
            threshold: some(own.threshold),
            n_pairs: own.pairs.n,
            n_both: own.pairs.n_both,
            again: some(own.pairs.again()),
            days: own
                .days
                .iter()
                .map(|day| JointDayShape {
                    date: Text(names.day(day.ordinal)),
                    ps: day.ps.iter().map(|(_, p)| some(*p)).collect(),
                    p: some(day.p),
                })
                .collect(),
            p_days: some(own.p_days),
            p_whole: finite(own.p_whole),
            p_review: some(own.p_review),
        }
    }
}

#[derive(Serialize)]
struct OtherShape<'a> {
    account: Text<'a>,
    arithmetic: Option<ArithmeticShape<'a>>,
}

#[derive(Serialize)]
struct JointDayShape<'a> {
    date: Text<'a>,
    ps: Vec<Option<f64>>,
    p: Option<f64>,
}

#[derive(Serialize)]
struct DayShape<'a> {
    date: Text<'a>,
    n_events: u32,
    pool: &'static str,
    pool_age: &'static str,
    n_pool: usize,
    statistics: Vec<StatisticShape>,
    families: Vec<FamilyShape>,
    echo: Option<f64>,
    channels: Vec<ChannelShape>,
    floor: Option<f64>,
    p: Option<f64>,
}

impl<'a> DayShape<'a> {
    fn of(day: &DayReckoning, label: &'a str) -> Self {
        Self {
            date: Text(label),
            n_events: day.n_events,
            pool: pool(day.pool.class),
            pool_age: day.pool.age.name(),
            n_pool: day.pool.n,
            statistics: day.statistics.iter().map(StatisticShape::of).collect(),
            families: day.families.iter().map(FamilyShape::of).collect(),
            echo: some(day.echo),
            channels: day.channels.iter().map(ChannelShape::of).collect(),
            floor: some(day.floor),
            p: some(day.p),
        }
    }
}

#[derive(Serialize)]
struct StatisticShape {
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
    p: Option<f64>,
    bits: Option<f64>,
}

impl StatisticShape {
    fn of(own: &StatisticReckoning) -> Self {
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
struct RankShape {
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
    fn of(rank: &Rank) -> Self {
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

#[derive(Serialize)]
struct FamilyShape {
    name: &'static str,
    n_statistics: usize,
    strongest_bits: Option<f64>,
    bits: Option<f64>,
    weight: Option<f64>,
    contribution: Option<f64>,
    is_fragment: bool,
    is_lone: bool,
}

impl FamilyShape {
    fn of(own: &FamilyReckoning) -> Self {
        Self {
            name: own.family.name(),
            n_statistics: own.n_statistics,
            strongest_bits: some(own.strongest),
            bits: some(own.bits),
            weight: some(own.weight),
            contribution: some(own.contribution),
            is_fragment: own.is_fragment,
            is_lone: own.is_lone,
        }
    }
}

#[derive(Serialize)]
struct ChannelShape {
    name: &'static str,
    score: Option<f64>,
    rank: Option<RankShape>,
    p: Option<f64>,
}

impl ChannelShape {
    fn of(own: &ChannelReckoning) -> Self {
        let rank = own.rank.as_ref().map(Rank::of);
        Self {
            name: own.channel.name(),
            score: some(own.score),
            rank: rank.as_ref().map(RankShape::of),
            p: some(own.p),
        }
    }
}

#[derive(Serialize)]
struct TermShape {
    name: &'static str,
    weight: Option<f64>,
    bits: Option<f64>,
    contribution: Option<f64>,
}

impl TermShape {
    fn of(term: &TermReckoning) -> Self {
        Self {
            name: term.name,
            weight: some(term.weight),
            bits: some(term.bits),
            contribution: some(term.contribution),
        }
    }
}

#[derive(Serialize)]
struct WholeShape {
    pool: &'static str,
    rank: RankShape,
    floor: Option<f64>,
    p: Option<f64>,
}

impl WholeShape {
    fn of(own: &WholeReckoning) -> Self {
        Self {
            pool: pool(own.pool),
            rank: RankShape::of(&Rank::of(&own.rank)),
            floor: some(own.floor),
            p: some(own.p),
        }
    }
}

#[derive(Serialize)]
struct MomentShape<'a> {
    time: String,
    dimension: &'static str,
    what: Text<'a>,
    n_events: u64,
    event_id: Text<'a>,
    record: Text<'a>,
}

impl<'a> MomentShape<'a> {
    fn of(moment: &'a Moment) -> Self {
        Self {
            time: moment.time.rfc3339(),
            dimension: moment.dimension,
            what: text(&moment.what),
            n_events: moment.n_events,
            event_id: text(&moment.event_id),
            record: text(&moment.record),
        }
    }
}

#[derive(Serialize)]
struct HabitsShape<'a> {
    values: Vec<ValuesShape<'a>>,
    amounts: Vec<AmountShape>,
    rhythm: RhythmShape,
    watch: Option<WatchShape>,
}

impl<'a> HabitsShape<'a> {
    fn of(habits: &'a Habits) -> Self {
        Self {
            values: habits.values.iter().map(ValuesShape::of).collect(),
            amounts: habits.amounts.iter().map(AmountShape::of).collect(),
            rhythm: RhythmShape::of(&habits.rhythm),
            watch: habits.watch.as_ref().map(WatchShape::of),
        }
    }
}

#[derive(Serialize)]
struct ValuesShape<'a> {
    dimension: &'static str,
    n: u32,
    n_once: u32,
    n_new: u32,
    usual: Vec<UsedShape<'a>>,
    new: Vec<UsedShape<'a>>,
}

impl<'a> ValuesShape<'a> {
    fn of(own: &'a ValuesOf) -> Self {
        Self {
            dimension: own.dimension,
            n: own.n,
            n_once: own.n_once,
            n_new: own.n_new,
            usual: own.usual.iter().map(UsedShape::of).collect(),
            new: own.new.iter().map(UsedShape::of).collect(),
        }
    }
}

#[derive(Serialize)]
struct UsedShape<'a> {
    value: Text<'a>,
    n_days: u32,
    n_review_days: u32,
    n_events: u64,
}

impl<'a> UsedShape<'a> {
    fn of(used: &'a Used) -> Self {
        Self {
            value: text(&used.value),
            n_days: used.n_days,
            n_review_days: used.n_review_days,
            n_events: used.n_events,
        }
    }
}

#[derive(Serialize)]
struct AmountShape {
    name: &'static str,
    median: u64,
    max: u64,
    review_max: Option<u64>,
}

impl AmountShape {
    fn of(amount: &AmountOf) -> Self {
        Self {
            name: amount.name,
            median: amount.median,
            max: amount.max,
            review_max: amount.review_max,
        }
    }
}

#[derive(Serialize)]
struct WatchShape {
    history: WindowShape,
    review: WindowShape,
    least_p: Option<f64>,
    tried: Vec<TriedShape>,
}

#[derive(Serialize)]
struct TriedShape {
    name: &'static str,
    group: &'static str,
    n: usize,
    n_noticed: usize,
    median_p: Option<f64>,
}

impl WatchShape {
    fn of(watch: &Watched) -> Self {
        let tried = watch.tried.iter().map(|own: &Tried| TriedShape {
            name: own.kind.name(),
            group: own.kind.group().name(),
            n: own.n,
            n_noticed: own.n_noticed,
            median_p: some(own.median_p),
        });
        Self {
            history: WindowShape::of(watch.windows.0),
            review: WindowShape::of(watch.windows.1),
            least_p: finite(watch.least_p),
            tried: tried.collect(),
        }
    }
}
