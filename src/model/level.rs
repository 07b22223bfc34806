//! Levels: when, how much, how many different things, how many refusals
//! (MODEL §5.2–5.5).
//!
//! A history window is compared with all other history windows but the later ones
//! of its own pseudo-review ([`Slate::cut`]), a review window with the history and
//! the review windows absorbed before it. Only the
//! first window ever that has any of something is compared with the earlier
//! ones in the history, too, as it is in the review: so that how often a class
//! has first times is what a first time is ranked with, and not a rate of zero
//! of the identity's own.

use chrono::{Datelike, Weekday};
use smallvec::SmallVec;

use super::slate::{Ordinal, Slate};
use super::subject::{Amounts, Day, Subject};
use super::{DayTypes, Parameters, Rhythm, Statistic};
use crate::event::{Class, Timestamp};
use crate::ledger::Dimension;
use crate::stats::hour::{Smoother, kernel};
use crate::stats::novelty::{share_rate, tail_bits as share_tail};
use crate::stats::volume::{DayType, has_day_types, moments, tail_bits};
use crate::stats::{OWN_WINDOWS, RHO, STRENGTH};

/// A batch window is assumed when six hours hold this share of all activity.
const WINDOW_SHARE: f64 = 0.8;
/// Hours of a batch window.
const WINDOW_HOURS: usize = 6;
/// A day whose hours are less than twice as improbable as usual is an ordinary
/// day, however exactly the others repeat each other.
const HOUR_MATERIAL: f64 = 1.0;
/// How the error dimension names a refusal.
const REFUSED: &str = "denied/";
/// What a class never did must still be able to surprise.
const LEAST_MEAN: f64 = 1e-3;
/// Share of active hours outside the window, before anything is known.
const OUTSIDE_PRIOR: f64 = 0.05;

/// Reads one amount of a day.
pub(super) type AmountOf = fn(&Amounts) -> u64;

/// The statistics that are an amount, and the amount.
pub(super) const AMOUNTS: [(Statistic, AmountOf); 8] = [
    (Statistic::EventsDay, |a| a.n_direct as u64),
    (Statistic::EventsHour, |a| a.max_hour_events as u64),
    (Statistic::BytesDay, |a| a.bytes_units),
    (Statistic::TargetsDay, |a| a.n_targets as u64),
    (Statistic::TargetsHour, |a| a.max_hour_targets as u64),
    (Statistic::SecretsDay, |a| a.n_secrets as u64),
    (Statistic::DeniedRetry, |a| a.n_denied_privileged as u64),
    (Statistic::DeniedThenSuccess, |a| {
        a.n_denied_then_success as u64
    }),
];

/// What identities of one class do on the average day.
#[derive(Clone, Debug, Default)]
struct Norm {
    /// Mean and population variance of each of [`AMOUNTS`].
    amounts: [(f64, f64); AMOUNTS.len()],
    /// Day-hours per hour of the rhythm.
    hours: Vec<f64>,
    list_share: f64,
    denied_share: f64,
    split_share: f64,
}

/// Norms of every class, and what is needed to compute levels.
#[derive(Clone, Debug)]
pub(super) struct Levels {
    norms: Vec<(Class, Norm)>,
    rhythm: Rhythm,
    day_types: DayTypes,
    kernel: Vec<f64>,
}

/// k of n.
pub(super) type Share = (u32, u32);

pub(super) fn list_share(amounts: &Amounts) -> Share {
    (amounts.n_listed, amounts.n_targets.max(amounts.n_listed))
}

pub(super) fn denied_share(subject: &Subject, day: &Day) -> Share {
    let n_actions = day
        .atoms
        .iter()
        .filter_map(|at| subject.atoms.get(*at as usize))
        .filter(|mark| mark.dimension == Dimension::Action)
        .count();
    let n = u32::try_from(n_actions).unwrap_or(u32::MAX);
    (
        day.amounts.n_denied_actions,
        n.max(day.amounts.n_denied_actions),
    )
}

/// Whether every kind of refusal of a day befell several identities at once.
fn is_excused(slate: &Slate, subject: &Subject, day: &Day) -> bool {
    let mut refusals = day
        .atoms
        .iter()
        .filter_map(|at| subject.atoms.get(*at as usize))
        .filter(|mark| mark.dimension == Dimension::Error)
        .filter(|mark| slate.value(mark.value).starts_with(REFUSED))
        .peekable();
    refusals.peek().is_some() && refusals.all(|mark| slate.is_storm(mark.value, day.ordinal))
}

/// Hours of the day in a bit set.
pub(super) fn hours_in(bits: u32) -> impl Iterator<Item = usize> {
    (0..24_usize).filter(move |hour| bits >> hour & 1 == 1)
}

impl Levels {
    pub(super) fn new(slate: &Slate, parameters: &Parameters) -> Self {
        let rhythm = parameters.rhythm;
        let norms = Class::ALL
            .into_iter()
            .map(|class| (class, norm_of(slate, class, rhythm)))
            .collect();
        Self {
            norms,
            rhythm,
            day_types: parameters.day_types,
            kernel: kernel(rhythm.hours()),
        }
    }

    fn norm(&self, class: Class) -> Option<&Norm> {
        self.norms
            .iter()
            .find(|(own, _)| *own == class)
            .map(|(_, norm)| norm)
    }

    /// Fills in the level statistics of one day of `subject`.
    pub(super) fn statistics(
        &self,
        parameters: &Parameters,
        slate: &Slate,
        subject: &Subject,
        day: &Day,
        out: &mut [f64],
    ) {
        let others = others_of(slate, subject, day.ordinal);
        self.statistics_among(parameters, slate, subject, day, &others, out);
    }

    /// The same, held against `others` of its days, oldest first.
    pub(super) fn statistics_among(
        &self,
        parameters: &Parameters,
        slate: &Slate,
        subject: &Subject,
        day: &Day,
        others: &[&Day],
        out: &mut [f64],
    ) {
        let Some(norm) = self.norm(subject.class) else {
            return;
        };
        let day_types = self.day_types_of(slate, others);
        let today = day_types.of(slate.start_of(day.ordinal));
        let is_excused = is_excused(slate, subject, day);
        for ((statistic, _), value) in parameters.statistics.iter().zip(out) {
            let amount = AMOUNTS.iter().position(|(own, _)| own == statistic);
            *value = match (statistic, amount) {
                (
                    Statistic::DeniedShare | Statistic::DeniedRetry | Statistic::DeniedThenSuccess,
                    _,
                ) if is_excused => 0.0,
                (_, Some(at)) => amount_bits(
                    at,
                    day,
                    others,
                    norm,
                    |d| day_types.of(slate.start_of(d.ordinal)),
                    today,
                ),
                (Statistic::Hour, _) => self.hour_bits(slate, norm, day, others),
                (Statistic::HourWindow, _) => window_bits(day, others),
                (Statistic::ListShare, _) => {
                    share_bits(day, others, norm.list_share, |d| list_share(&d.amounts))
                }
                (Statistic::DeniedShare, _) => {
                    share_bits(day, others, norm.denied_share, |d| denied_share(subject, d))
                }
                (Statistic::SessionSplit, _) => {
                    share_bits(day, others, norm.split_share, |d| subject.strayed(d))
                }
                _ => continue,
            };
            if parameters.level_step > 0.0 {
                *value = (*value / parameters.level_step).round() * parameters.level_step;
            }
        }
    }

    /// Surprise of a day's hours. On the hours of the day, what the identity's
    /// days usually have of it is taken off: an ordinary day then says nothing,
    /// and a clockwork identity is not strange for being a minute late.
    fn hour_bits(&self, slate: &Slate, norm: &Norm, day: &Day, others: &[&Day]) -> f64 {
        let mut own = vec![0.0; self.rhythm.hours()];
        for other in others {
            count_hours(&mut own, slate, other, self.rhythm);
        }
        let smoother = Smoother::new(&own, &norm.hours, &self.kernel);
        let bits = smoother.mean_bits(&rhythm_hours(slate, day, self.rhythm));
        if self.rhythm == Rhythm::Week {
            return bits;
        }
        if others.is_empty() {
            // No day of its own to be beyond.
            return 0.0;
        }
        // On the hours of the day every day asks for the same few.
        let of_hour: Vec<f64> = (0..own.len()).map(|hour| smoother.bits(hour)).collect();
        let mean_bits = |other: &Day| {
            let bits = hours_in(other.amounts.hours).filter_map(|hour| of_hour.get(hour));
            let n_hours = other.amounts.hours.count_ones().max(1);
            bits.sum::<f64>() / f64::from(n_hours)
        };
        let usual: f64 =
            others.iter().map(|other| mean_bits(other)).sum::<f64>() / length(others.len());
        let excess = bits - usual;
        if excess < HOUR_MATERIAL { 0.0 } else { excess }
    }

    fn day_types_of(&self, slate: &Slate, others: &[&Day]) -> DayTypeRule {
        if self.day_types == DayTypes::Always {
            return DayTypeRule::Apart;
        }
        let past: Vec<(f64, DayType)> = others
            .iter()
            .map(|day| {
                let start = slate.start_of(day.ordinal);
                (f64::from(day.amounts.n_direct), day_type(start))
            })
            .collect();
        if has_day_types(&past) {
            DayTypeRule::Apart
        } else {
            DayTypeRule::Alike
        }
    }
}

/// Whether weekdays and weekends of one identity are compared apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum DayTypeRule {
    Apart,
    Alike,
}

impl DayTypeRule {
    fn of(self, start: Timestamp) -> DayType {
        match self {
            Self::Apart => day_type(start),
            Self::Alike => DayType::Weekday,
        }
    }
}

fn day_type(start: Timestamp) -> DayType {
    match weekday(start) {
        Weekday::Sat | Weekday::Sun => DayType::Weekend,
        _ => DayType::Weekday,
    }
}

fn weekday(start: Timestamp) -> Weekday {
    chrono::DateTime::from_timestamp(start.seconds(), 0).map_or(Weekday::Mon, |t| t.weekday())
}

/// The windows a window is compared with, oldest first: at most 128.
pub(super) fn others_of<'s>(slate: &Slate, subject: &'s Subject, ordinal: Ordinal) -> Vec<&'s Day> {
    let end = if slate.is_review(ordinal) {
        ordinal
    } else {
        slate.n_history
    };
    let run = slate.run_of(ordinal);
    let is_ahead = |day: &Day| day.ordinal > ordinal && slate.run_of(day.ordinal) == run;
    let mut others: Vec<&Day> = subject
        .days
        .iter()
        .rev()
        .filter(|day| {
            day.ordinal < end && day.ordinal != ordinal && subject.learns_from(day.ordinal)
        })
        .filter(|day| !is_ahead(day))
        .take(OWN_WINDOWS)
        .collect();
    others.reverse();
    others
}

fn amount_bits(
    at: usize,
    day: &Day,
    others: &[&Day],
    norm: &Norm,
    type_of: impl Fn(&Day) -> DayType,
    today: DayType,
) -> f64 {
    let (Some((_, amount)), Some((mu_group, v_group))) = (AMOUNTS.get(at), norm.amounts.get(at))
    else {
        return 0.0;
    };
    let x = amount(&day.amounts);
    if x == 0 {
        return 0.0;
    }
    let others = known_of(others, day.ordinal, |other| amount(&other.amounts) == 0);
    let past: SmallVec<[(f64, DayType); OWN_WINDOWS]> = others
        .iter()
        .map(|other| (as_f64(amount(&other.amounts)), type_of(other)))
        .collect();
    let moments = moments(&past, today, *mu_group, *v_group);
    tail_bits(x, moments.mu, moments.v)
}

/// Of the windows that a window is compared with, those that it can know of: if
/// it is the first that is not empty, the earlier ones.
///
/// If a habit begins in the history, its later days would otherwise excuse its
/// first one.
fn known_of<'o, 's>(
    others: &'o [&'s Day],
    ordinal: Ordinal,
    is_empty: impl Fn(&Day) -> bool,
) -> &'o [&'s Day] {
    let earlier = others.partition_point(|other| other.ordinal < ordinal);
    let earlier = others.get(..earlier).unwrap_or_default();
    if !earlier.is_empty() && earlier.iter().all(|other| is_empty(other)) {
        earlier
    } else {
        others
    }
}

fn share_bits(day: &Day, others: &[&Day], usual: f64, share_of: impl Fn(&Day) -> Share) -> f64 {
    let (k, n) = share_of(day);
    if k == 0 {
        return 0.0;
    }
    let others = known_of(others, day.ordinal, |other| share_of(other).0 == 0);
    let (dk, dn) = decayed_share(others.iter().map(|other| share_of(other)));
    share_tail(k, n, share_rate(dk, dn, usual), STRENGTH)
}

/// Decayed sums of k and of n, oldest first.
pub(super) fn decayed_share(past: impl Iterator<Item = Share>) -> (f64, f64) {
    past.fold((0.0, 0.0), |(dk, dn), (k, n)| {
        (dk * RHO + f64::from(k), dn * RHO + f64::from(n))
    })
}

/// Hours outside the window that holds nearly all activity; 0 if there is no
/// such window.
fn window_bits(day: &Day, others: &[&Day]) -> f64 {
    let Some(inside) = batch_window(others) else {
        return 0.0;
    };
    let outside = |d: &Day| {
        (
            (d.amounts.hours & !inside).count_ones(),
            d.amounts.hours.count_ones(),
        )
    };
    share_bits(day, others, OUTSIDE_PRIOR, outside)
}

/// The six busiest hours and their neighbours, if those six hold at least
/// 80 % of all day-hours.
pub(super) fn batch_window(others: &[&Day]) -> Option<u32> {
    let mut counts = [0_u32; 24];
    for hour in others.iter().flat_map(|day| hours_in(day.amounts.hours)) {
        if let Some(count) = counts.get_mut(hour) {
            *count += 1;
        }
    }
    let total: u32 = counts.iter().sum();
    let mut busiest: Vec<(u32, usize)> = counts.into_iter().zip(0..).collect();
    busiest.sort_unstable_by_key(|(count, hour)| (std::cmp::Reverse(*count), *hour));
    busiest.truncate(WINDOW_HOURS);
    let held: u32 = busiest.iter().map(|(count, _)| count).sum();
    if total == 0 || f64::from(held) < WINDOW_SHARE * f64::from(total) {
        return None;
    }
    let core = busiest
        .iter()
        .filter(|(count, _)| *count > 0)
        .fold(0_u32, |bits, (_, hour)| bits | 1 << hour);
    Some(core | rotate_day(core, 1) | rotate_day(core, 23))
}

/// A 24-bit set of hours, `by` hours later.
fn rotate_day(hours: u32, by: u32) -> u32 {
    (hours << by | hours >> (24 - by)) & 0x00ff_ffff
}

fn rhythm_hours(slate: &Slate, day: &Day, rhythm: Rhythm) -> SmallVec<[usize; 24]> {
    let offset = match rhythm {
        Rhythm::Day => 0,
        Rhythm::Week => weekday(slate.start_of(day.ordinal)).num_days_from_monday() as usize * 24,
    };
    hours_in(day.amounts.hours)
        .map(|hour| offset + hour)
        .collect()
}

fn count_hours(counts: &mut [f64], slate: &Slate, day: &Day, rhythm: Rhythm) {
    for hour in rhythm_hours(slate, day, rhythm) {
        if let Some(count) = counts.get_mut(hour) {
            *count += 1.0;
        }
    }
}

fn norm_of(slate: &Slate, class: Class, rhythm: Rhythm) -> Norm {
    let mut norm = Norm {
        hours: vec![0.0; rhythm.hours()],
        ..Norm::default()
    };
    let days: Vec<(&Subject, &Day)> = slate
        .subjects
        .iter()
        .filter(|subject| subject.class == class)
        .flat_map(|subject| subject.history().iter().map(move |day| (subject, day)))
        .filter(|(subject, day)| subject.learns_from(day.ordinal))
        .collect();
    for (_, day) in &days {
        count_hours(&mut norm.hours, slate, day, rhythm);
    }
    for ((_, amount), moments) in AMOUNTS.iter().zip(&mut norm.amounts) {
        *moments = mean_and_variance(days.iter().map(|(_, day)| as_f64(amount(&day.amounts))));
    }
    let listed = days.iter().map(|(_, day)| list_share(&day.amounts));
    norm.list_share = smoothed_share(listed);
    norm.denied_share =
        smoothed_share(days.iter().map(|(subject, day)| denied_share(subject, day)));
    norm.split_share = smoothed_share(days.iter().map(|(subject, day)| subject.strayed(day)));
    norm
}

/// Share of a class, with one success in a hundred tries before any data.
fn smoothed_share(shares: impl Iterator<Item = Share>) -> f64 {
    let (k, n) = shares.fold((0.0, 0.0), |(sum_k, sum_n), (k, n)| {
        (sum_k + f64::from(k), sum_n + f64::from(n))
    });
    (k + 1.0) / (n + 100.0)
}

fn mean_and_variance(xs: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let n = xs.clone().fold(0.0, |n, _| n + 1.0);
    if n == 0.0 {
        return (0.0, 0.0);
    }
    let mean = xs.clone().sum::<f64>() / n;
    let variance = xs.map(|x| (x - mean).powi(2)).sum::<f64>() / n;
    (mean.max(LEAST_MEAN), variance)
}

fn length(n: usize) -> f64 {
    u32::try_from(n).map_or(f64::from(u32::MAX), f64::from)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts beyond 2^53 do not occur, and would not matter"
)]
fn as_f64(count: u64) -> f64 {
    count as f64
}
