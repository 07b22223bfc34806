//! An explanation, `habitual.explanation/1`: the numbers that a p-value was
//! made of, or the habits of an identity.

mod habits;
mod measure;

use std::io::Write;

use serde::Serialize;

use super::{FindingShape, Text, WindowShape, finite, text, write_pretty};
use crate::event::{Class, Untrusted};
use crate::finding::{
    ChannelReckoning, DayReckoning, Discovery, Explanation, FamilyReckoning, Moment, Names,
    PersonReckoning, Reckoning, Story, TermReckoning, WholeReckoning,
};
use crate::report::explanation::Rank;
use habits::HabitsShape;
use measure::{RankShape, StatisticShape};

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
