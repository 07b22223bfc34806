//! Sentences about levels: hours of activity, amounts and shares.

use super::cited;
use super::{SHOWN, Told};
use crate::event::Period;
use crate::finding::case::Case;
use crate::finding::wording::{self, count, counted, number};
use crate::ledger::{Attempt, Cell};
use crate::model::{Detail, Deviation, Statistic};

/// An hour is usual from this share of active periods on: one in three.
const USUAL_IN: u32 = 3;

/// Spans of hours that one sentence names, the rarest first.
const SPANS_SHOWN: usize = 2;

/// Activity at hours that are not the identity's own, each with the history
/// periods that had activity near it.
pub(super) fn hours(
    case: &Case<'_>,
    deviation: &Deviation,
    hours: &[(u8, u32)],
    n_days: u32,
) -> Told {
    let all: Vec<u8> = hours.iter().map(|(hour, _)| *hour).collect();
    let spans = spans(hours);
    let near: Vec<String> = spans
        .iter()
        .take(SPANS_SHOWN)
        .enumerate()
        .map(|(i, (span, n))| match i {
            0 => format!(
                "{span} UTC (within an hour of it on {} of {})",
                count(*n),
                active(case, n_days)
            ),
            _ => format!("{span} UTC (on {} of {})", count(*n), count(n_days)),
        })
        .collect();
    let more = match number(spans.len().saturating_sub(SPANS_SHOWN)) {
        0 => String::new(),
        1 => ", and once more at a less rare hour".to_owned(),
        n => format!(", and {} times more at less rare hours", count(n)),
    };
    let usual = usual_hours(case);
    let only: Vec<String> = spans
        .iter()
        .take(SPANS_SHOWN)
        .map(|(span, _)| span.clone())
        .collect();
    Told {
        observed: format!("active {} UTC", wording::list(&only)),
        typical: usual.clone(),
        sentence: format!(
            "active at {}{more}; its usual hours: {usual}",
            wording::list(&near),
        ),
        novelty: None,
        values: all.iter().map(|hour| format!("{hour:02}:00")).collect(),
        cited: cited::of_hours(case, deviation.ordinal, &all),
    }
}

/// Neighbouring hours that were equally usual as one span, with how usual.
fn spans(hours: &[(u8, u32)]) -> Vec<(String, u32)> {
    let mut spans = Vec::new();
    for run in hours.chunk_by(|a, b| a.1 == b.1) {
        let same: Vec<u8> = run.iter().map(|(hour, _)| *hour).collect();
        let near = run.first().map_or(0, |(_, n)| *n);
        spans.extend(wording::hours(&same).into_iter().map(|span| (span, near)));
    }
    spans
}

fn active(case: &Case<'_>, n: u32) -> String {
    wording::active(n, case.slate().period)
}

/// `08:00–18:00 UTC`: the hours in which it was active in a third of its
/// history or more.
fn usual_hours(case: &Case<'_>) -> String {
    let history = case.subject.history();
    let n_at = |hour: u8| {
        history
            .iter()
            .filter(|day| day.amounts.hours >> hour & 1 == 1)
            .count()
    };
    let usual: Vec<u8> = (0..24)
        .filter(|hour| {
            let n = number(n_at(*hour));
            n > 0 && n.saturating_mul(USUAL_IN) >= case.n_active()
        })
        .collect();
    if usual.is_empty() {
        no_fixed_hours(case, n_at)
    } else {
        format!("{} UTC", wording::list(&wording::hours(&usual)))
    }
}

/// Hours named of who has no usual ones.
const BUSIEST: usize = 2;

/// `no fixed ones; most often 09:00 (5 of 22 active days) and 14:00 (4)`.
fn no_fixed_hours(case: &Case<'_>, n_at: impl Fn(u8) -> usize) -> String {
    let mut hours: Vec<(usize, u8)> = (0..24).map(|hour| (n_at(hour), hour)).collect();
    hours.retain(|(n, _)| *n > 0);
    hours.sort_by_key(|(n, hour)| (std::cmp::Reverse(*n), *hour));
    let named = hours.iter().take(BUSIEST).enumerate();
    let named: Vec<String> = named
        .map(|(nth, (n, hour))| match nth {
            0 => format!(
                "{hour:02}:00 UTC ({} of {})",
                count(number(*n)),
                case.active()
            ),
            _ => format!("{hour:02}:00 UTC ({})", count(number(*n))),
        })
        .collect();
    match named.as_slice() {
        [] => format!("none known from {}", case.active()),
        named => format!("no fixed ones, most often {}", wording::list(named)),
    }
}

/// What an amount counts, and whether in an hour.
struct Measure {
    one: &'static str,
    many: &'static str,
    is_hourly: bool,
}

fn measure(statistic: Statistic) -> Option<Measure> {
    let (one, many, is_hourly) = match statistic {
        Statistic::EventsDay => ("event", "events", false),
        Statistic::EventsHour => ("event", "events", true),
        Statistic::BytesDay => ("received", "received", false),
        Statistic::TargetsDay => (
            "distinct resource touched",
            "distinct resources touched",
            false,
        ),
        Statistic::TargetsHour => (
            "distinct resource touched",
            "distinct resources touched",
            true,
        ),
        Statistic::SecretsDay => ("distinct secret read", "distinct secrets read", false),
        Statistic::DeniedRetry => (
            "refusal of a privileged action",
            "refusals of privileged actions",
            false,
        ),
        Statistic::DeniedThenSuccess => (
            "privileged action refused, then carried out,",
            "privileged actions refused, then carried out,",
            false,
        ),
        _ => return None,
    };
    Some(Measure {
        one,
        many,
        is_hourly,
    })
}

/// An amount against those of the identity's own past and of its peers.
pub(super) fn amount(case: &Case<'_>, deviation: &Deviation) -> Option<Told> {
    let Detail::Amount {
        x,
        n_windows,
        median,
        max,
        peers_max,
    } = deviation.detail
    else {
        return None;
    };
    let statistic = deviation.statistic;
    let measure = measure(statistic)?;
    let quantity = |x: u64| match statistic {
        Statistic::BytesDay => wording::byte_units(x),
        _ => count(x),
    };
    let what = if x == 1 { measure.one } else { measure.many };
    let actions = actions(case, deviation);
    let observed = format!("{} {what} in one {}", quantity(x), unit(case, &measure));
    let days = active(case, n_windows);
    let (past, compared) = match (n_windows, max) {
        (0, _) => (
            "nothing to compare with".to_owned(),
            "no earlier one to compare with".to_owned(),
        ),
        (1, 0) => ("none".to_owned(), format!("none on its {days} before")),
        (_, 0) => (
            "none".to_owned(),
            format!("none on any of its {days} before"),
        ),
        _ => {
            let past = format!("usually {}, at most {}", quantity(median), quantity(max));
            let compared = format!("on its {days} before {past}");
            (past, compared)
        }
    };
    let peers = peers_maximum(case, peers_max, quantity);
    let hour = busiest_hour(case, deviation, &measure);
    let within = hour.map_or_else(String::new, |hour| {
        format!(" ({hour:02}:00–{:02}:00 UTC)", hour.saturating_add(1))
    });
    let cited = match statistic {
        Statistic::DeniedRetry | Statistic::DeniedThenSuccess => {
            cited::of_refusals(case, deviation.ordinal)
        }
        _ => match hour {
            Some(hour) => cited::of_hours(case, deviation.ordinal, &[hour]),
            None => cited::of_period(case, deviation.ordinal),
        },
    };
    Some(Told {
        sentence: format!("{observed}{within}{}; {compared}; {peers}", named(&actions),),
        observed,
        typical: past,
        novelty: None,
        values: actions,
        cited,
    })
}

fn peers_maximum(case: &Case<'_>, most: Option<u64>, quantity: impl Fn(u64) -> String) -> String {
    let n = case.n_peers();
    let peers = counted(n, "peer", "peers");
    match most {
        None => "no peers to compare with".to_owned(),
        Some(0) if n == 1 => "none by its one peer".to_owned(),
        Some(0) => format!("none by its {peers}"),
        Some(most) => format!("its {peers} at most {}", quantity(most)),
    }
}

/// `hour`, or the period where that is shorter.
fn unit(case: &Case<'_>, measure: &Measure) -> &'static str {
    match case.slate().period {
        Period::Day if measure.is_hourly => wording::period(Period::Hour),
        period => wording::period(period),
    }
}

/// The hour of an hourly amount on a day of several hours.
fn busiest_hour(case: &Case<'_>, deviation: &Deviation, measure: &Measure) -> Option<u8> {
    let is_day = case.slate().period == Period::Day;
    let cell = case
        .cell(deviation.ordinal)
        .filter(|_| is_day && measure.is_hourly)?;
    let tallies = cell.hours.iter().map(|tally| match deviation.statistic {
        Statistic::TargetsHour => (tally.targets.count(), tally.hour),
        _ => (tally.n_events, tally.hour),
    });
    // Of equally busy hours, the first.
    let busiest = tallies.max_by_key(|(n, hour)| (*n, std::cmp::Reverse(*hour)));
    busiest.map(|(_, hour)| hour)
}

/// The privileged actions behind refusals, by name.
fn actions(case: &Case<'_>, deviation: &Deviation) -> Vec<String> {
    let is_behind: fn(&Attempt) -> bool = match deviation.statistic {
        Statistic::DeniedRetry => |attempt| attempt.first_denial.is_some(),
        Statistic::DeniedThenSuccess => |attempt| {
            let both = attempt.first_denial.zip(attempt.last_success);
            both.is_some_and(|(denied, granted)| denied < granted)
        },
        _ => return Vec::new(),
    };
    let attempts = case.cell(deviation.ordinal).map_or(&[][..], attempts);
    let strings = case.background.review.strings();
    let mut names: Vec<String> = attempts
        .iter()
        .filter(|attempt| is_behind(attempt))
        .map(|attempt| strings.text(attempt.action).to_owned())
        .collect();
    names.sort_unstable();
    names
}

fn attempts(cell: &Cell) -> &[Attempt] {
    &cell.rare().attempts
}

/// `: a, b and 2 more`.
fn named(actions: &[String]) -> String {
    if actions.is_empty() {
        return String::new();
    }
    let shown: Vec<String> = actions
        .iter()
        .take(SHOWN)
        .map(|action| wording::value(action))
        .collect();
    let more = match number(actions.len().saturating_sub(SHOWN)) {
        0 => String::new(),
        n => format!(" and {} more", count(n)),
    };
    format!(": {}{more}", shown.join(", "))
}

/// `; usually about 2%, over 44 active days`. A share that is no larger than
/// usual is strange for being so over so many: then the number is the story.
fn usually(case: &Case<'_>, usual: &str, is_more: bool) -> String {
    if is_more {
        format!("; usually {usual}, over {}", case.active())
    } else {
        "; its share is usual, over so many it is not".to_owned()
    }
}

/// A share against the identity's own usual one.
pub(super) fn share(
    case: &Case<'_>,
    deviation: &Deviation,
    (k, n): (u32, u32),
    usual_share: f64,
) -> Told {
    let usual = wording::about(usual_share);
    let seen = f64::from(k) / f64::from(n.max(1));
    let is_more = seen > usual_share;
    let percent = wording::percent(seen);
    let (k, n) = (count(k), count(n));
    let period = wording::period(case.slate().period);
    let denied = deviation.statistic == Statistic::DeniedShare;
    let (observed, sentence, cited) = if denied {
        (
            format!("{k} of {n} distinct actions refused"),
            format!(
                "{k} of its {n} distinct actions ({percent}) refused in one {period}{}",
                usually(case, &usual, is_more)
            ),
            cited::of_refusals(case, deviation.ordinal),
        )
    } else {
        (
            format!("{k} of {n} distinct resources listed"),
            format!(
                "listed the contents of {k} of the {n} distinct resources it touched in one {period} \
                 ({percent}){}",
                usually(case, &usual, is_more)
            ),
            cited::of_period(case, deviation.ordinal),
        )
    };
    Told {
        observed,
        typical: usual,
        sentence,
        novelty: None,
        values: Vec::new(),
        cited,
    }
}
