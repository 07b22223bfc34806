//! Steps: the sums behind a p-value, in the order in which they are done, each
//! with its numbers.

use super::Rank;
use super::person::{self, Shown};
use crate::finding::{
    ChannelReckoning, DayReckoning, Discovery, PoolAge, PoolReckoning, Reckoning,
    StatisticReckoning, WholeReckoning,
};
use crate::report::phrase::{count, counted, number};

/// One sum: what it gives, and how.
pub(super) struct Step {
    pub(super) title: String,
    pub(super) lines: Vec<String>,
}

/// Everything from the strongest statistic of the `day` that counts most to the
/// share of false alarms.
pub(super) fn of(own: &Reckoning, day: &DayReckoning, shown: &Shown<'_>) -> Vec<Step> {
    let mut steps = Vec::new();
    if let Some(lead) = strongest(day) {
        steps.push(statistic(day, lead));
        steps.extend(family(day, lead));
    }
    steps.push(scores(day));
    let label = shown.names.day(day.ordinal);
    steps.push(of_day(day, label));
    steps.push(of_days(own));
    steps.push(of_whole(own));
    steps.push(of_review(own));
    if let Some(all) = &own.person {
        steps.extend(person::steps(own, all, shown));
    }
    steps.extend(own.discovery.map(discovery));
    steps
}

/// The day that counts most: the least p-value, the earliest of equal ones.
pub(super) fn strongest_day(own: &Reckoning) -> Option<&DayReckoning> {
    own.days.iter().min_by(|a, b| a.p.total_cmp(&b.p))
}

fn strongest(day: &DayReckoning) -> Option<&StatisticReckoning> {
    let statistics = day.statistics.iter().rev();
    statistics.max_by(|a, b| a.bits.total_cmp(&b.bits))
}

/// `network (world)`.
pub(super) fn name(own: &StatisticReckoning) -> String {
    match own.statistic.set() {
        Some(set) => format!("{}, {set}", own.statistic.name()),
        None => own.statistic.name().to_owned(),
    }
}

fn statistic(day: &DayReckoning, lead: &StatisticReckoning) -> Step {
    let calibrated = &lead.calibrated;
    let (n, c) = (calibrated.n_own, calibrated.n_at_least);
    let scale = format!(
        "s = (sum of its own {} + 5 x pool mean {}) / ({n} + 5) + 1 = {}",
        digits(calibrated.sum_own),
        digits(calibrated.pool_mean),
        digits(calibrated.scale)
    );
    let rank = Rank::of(&calibrated.pool);
    let z = format!(
        "z = t / s = {} / {} = {}",
        digits(calibrated.t),
        digits(calibrated.scale),
        digits(rank.z)
    );
    let least = if calibrated.p <= calibrated.least {
        ", at least 2^(-4 t)"
    } else {
        ""
    };
    let p = format!(
        "w = ({n} + 1) / ({n} + 1/pi); p = ({c} + w) / ({n} + 1){least} = {}",
        digits(calibrated.p)
    );
    let capped = if calibrated.p < 1e-9 {
        ", p counted as 1e-9"
    } else {
        ""
    };
    let mut lines = vec![
        format!(
            "t = {}; {c} of {} of its own are as large",
            digits(calibrated.t),
            counted(number(n), "window"),
        ),
        scale,
        z,
    ];
    lines.extend(among(&rank, &day_pool(&day.pool), "windows"));
    lines.push(p);
    lines.push(format!("-log2 p = {} bits{capped}", digits(lead.bits)));
    Step {
        title: format!("{}, the strongest statistic", name(lead)),
        lines,
    }
}

/// Words for whose windows make up a pool.
fn pool(class: Option<&str>) -> String {
    class.map_or_else(
        || "the organisation".to_owned(),
        |class| format!("class {class}"),
    )
}

/// Words for the windows that a day is ranked among.
fn day_pool(own: &PoolReckoning) -> String {
    let whose = pool(own.class.map(|class| class.name()));
    format!("{whose}{}", which(own.age))
}

/// Words for which windows of its members a pool holds.
pub(super) fn which(age: PoolAge) -> &'static str {
    match age {
        PoolAge::Any => "",
        PoolAge::First => ", the first 8 of each identity",
        PoolAge::Newcomer => ", of days on which each is taken for a newcomer",
    }
}

/// Where a value stands in a pool, and the sum that makes a share of it.
fn among(rank: &Rank, pool: &str, what: &str) -> Vec<String> {
    let behind = rank.n.saturating_add(1);
    let pi = digits(rank.pi);
    let head = format!("among {} {what} of {pool}:", count(number(rank.n)));
    let Some(tail) = rank.tail else {
        let sum = if rank.has_tail {
            format!(
                "(({} as large + {} larger) / 2 + 1/2) / {behind}",
                rank.n_at_least, rank.n_above
            )
        } else {
            format!("({} as large + 1) / {behind}", rank.n_at_least)
        };
        return vec![format!("{head} pi = {sum} = {pi}")];
    };
    let y = (rank.z - tail.threshold) / tail.beta;
    let excess = format!(
        "{head} beyond the {} largest; y = ({} - {}) / {} = {}",
        tail.n,
        digits(rank.z),
        digits(tail.threshold),
        digits(tail.beta),
        digits(y)
    );
    // Lighter tails count as exponential, and none gives less than 1e-12.
    let share = if tail.xi > 1e-3 {
        let xi = digits(tail.xi);
        format!("(1 + {xi} y)^(-1/{xi})")
    } else {
        "exp(-y)".to_owned()
    };
    let least = if rank.pi <= 1e-12 {
        " (the least there is)"
    } else {
        ""
    };
    let counted = match rank.n_at_least {
        0 => String::new(),
        n => format!(", at least {} / {behind} for those as large", number(n)),
    };
    vec![
        excess,
        format!(
            "pi = {} / {behind} x {share}{counted} = {pi}{least}",
            tail.n
        ),
    ]
}

fn family(day: &DayReckoning, lead: &StatisticReckoning) -> Option<Step> {
    let own = day.families.iter().find(|own| own.family == lead.family)?;
    Some(Step {
        title: format!("family {}", own.family.name()),
        lines: vec![format!(
            "its strongest {} - log2 {} (so many statistics are in it) = {} bits",
            digits(own.strongest),
            own.n_statistics,
            digits(own.bits)
        )],
    })
}

fn scores(day: &DayReckoning) -> Step {
    let pool = day_pool(&day.pool);
    let mut lines = Vec::new();
    for channel in &day.channels {
        lines.push(format!(
            "{} = {}",
            sum_of(channel, day),
            digits(channel.score)
        ));
        match &channel.rank {
            Some(rank) if channel.score > 0.0 => {
                lines.extend(among(&Rank::of(rank), &pool, "windows"));
            }
            _ => lines.push(format!("p = {}", digits(channel.p))),
        }
    }
    Step {
        title: "three channels".to_owned(),
        lines,
    }
}

fn sum_of(channel: &ChannelReckoning, day: &DayReckoning) -> String {
    match channel.channel.name() {
        "takeover" => "takeover: the sum of what families add".to_owned(),
        "fragment" if day.echo > 0.0 => format!(
            "fragment: the sum of their bits, without fraction, less {} that what and order both say",
            digits(day.echo)
        ),
        "fragment" => "fragment: the sum of their bits, without fraction".to_owned(),
        name => format!("{name}: the most bits of one marked *"),
    }
}

fn of_day(day: &DayReckoning, label: &str) -> Step {
    let n_pool = day.pool.n;
    let least = day.channels.iter().map(|own| own.p).fold(1.0, f64::min);
    Step {
        title: label.to_owned(),
        lines: vec![format!(
            "p = 3 x {} (three channels), at least 1 / (10 x {n_pool}) and at most 1: {}",
            digits(least),
            digits(day.p)
        )],
    }
}

fn of_days(own: &Reckoning) -> Step {
    let least = own.days.iter().map(|day| day.p).fold(1.0, f64::min);
    Step {
        title: "the days together".to_owned(),
        lines: vec![format!(
            "p = 1 - (1 - {})^{} = {}",
            digits(least),
            own.days.len(),
            digits(own.p_days)
        )],
    }
}

fn of_whole(own: &Reckoning) -> Step {
    let terms = own.terms.iter().filter(|term| term.contribution > 0.0);
    let mut lines: Vec<String> = terms
        .map(|term| {
            let capped = if term.bits > 14.0 {
                " (14 at most)"
            } else {
                ""
            };
            format!(
                "{} x {} bits{capped} = {}  {}",
                digits(term.weight),
                digits(term.bits),
                digits(term.contribution),
                term.name
            )
        })
        .collect();
    lines.push(format!("R = the sum of these = {}", digits(own.score)));
    match &own.whole {
        Some(whole) => lines.extend(of_rank(whole)),
        None => lines.push("there are no pseudo-reviews to rank it among".to_owned()),
    }
    Step {
        title: "the review as a whole".to_owned(),
        lines,
    }
}

fn of_rank(own: &WholeReckoning) -> Vec<String> {
    let pool = pool(own.pool.map(|class| class.name()));
    let rank = Rank::of(&own.rank);
    let mut lines = if rank.z > 0.0 {
        among(&rank, &pool, "pseudo-reviews")
    } else {
        Vec::new()
    };
    lines.push(format!(
        "p = pi, at least 1 / (10 x {}): {}",
        rank.n,
        digits(own.p)
    ));
    lines
}

fn of_review(own: &Reckoning) -> Step {
    let line = match &own.whole {
        Some(whole) => format!(
            "p = 2 x the smaller of {} and {}, at most 1: {}",
            digits(own.p_days),
            digits(whole.p),
            digits(own.p_review)
        ),
        None => format!("p = {}, that of the days", digits(own.p_review)),
    };
    Step {
        title: "p of the review".to_owned(),
        lines: vec![line],
    }
}

fn discovery(q: Discovery) -> Step {
    Step {
        title: "false alarms to expect (Benjamini-Hochberg)".to_owned(),
        lines: vec![
            format!(
                "place {} of {} by p; of all places from there on, {} gives the least p x {} / place:",
                count(number(q.place)),
                counted(number(q.n), "judged identity"),
                count(number(q.at_place)),
                q.n
            ),
            format!(
                "q = {} x {} / {} = {}",
                digits(q.at_p),
                q.n,
                q.at_place,
                digits(q.q)
            ),
        ],
    }
}

/// A number to six digits: enough to do the sum again.
pub(super) fn digits(x: f64) -> String {
    if x == 0.0 {
        return "0".to_owned();
    }
    if !(1e-3..1e6).contains(&x.abs()) {
        let text = format!("{x:.5e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        return format!("{}e{exponent}", shortest(mantissa));
    }
    let n_whole = if x.abs() < 1.0 {
        0
    } else {
        (1_usize..6)
            .find(|n| x.abs() < 10_f64.powi(i32::try_from(*n).unwrap_or(6)))
            .unwrap_or(6)
    };
    shortest(&format!("{x:.*}", 6_usize.saturating_sub(n_whole))).to_owned()
}

/// A number without the zeros that say nothing.
fn shortest(text: &str) -> &str {
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_six_digits() {
        for (x, expected) in [
            (0.0, "0"),
            (0.5, "0.5"),
            (12.345_678, "12.3457"),
            (0.012_345_67, "0.012346"),
            (3.0, "3"),
            (1e-5, "1e-5"),
            (3.355_7e-5, "3.3557e-5"),
            (123_456.7, "123457"),
        ] {
            assert_eq!(digits(x), expected);
        }
    }
}
