//! How far a baseline can be relied on (MODEL §7.7).

use super::Verdict;
use super::past::Past;
use super::slate::Slate;
use super::subject::{Day, Subject};
use crate::event::Class;
use crate::ledger::Dimension;

/// Fewer usable windows than this is a thin history.
pub(super) const FULL_SUPPORT: u32 = 8;
/// A shorter history than this is thin, however finely it is cut.
const MIN_SPAN_SECONDS: i64 = 14 * 86_400;
/// Share of days with interleaving origins from which an identity is shared.
const SHARED_DAYS: f64 = 0.3;
const SHARED_NETWORKS: usize = 3;
const SHARED_CLIENTS: usize = 2;
/// Sub-identities from which a shared identity is not judged at all.
const SHARED_SUBS: u32 = 10;
/// Days of the recent past that drift is looked for in.
const DRIFT_DAYS: usize = 14;
const DRIFT_MIN_NEW: u32 = 10;
const DRIFT_FACTOR: f64 = 3.0;
/// Standard deviation over mean from which volumes are bursty.
const BURSTY_RATIO: f64 = 1.5;

/// Every verdict that applies to `subject`, the leading one first.
pub(super) fn of(slate: &Slate, past: &Past, at: usize, is_shared: bool) -> Vec<Verdict> {
    let Some(subject) = slate.subjects.get(at) else {
        return Vec::new();
    };
    if subject.history().is_empty() {
        return vec![Verdict::New];
    }
    let n_usable = past.windows_of(at).len();
    let mut verdicts = Vec::new();
    let mut apply = |applies: bool, verdict| {
        if applies {
            verdicts.push(verdict);
        }
    };
    let is_short = span_seconds(slate, subject) < MIN_SPAN_SECONDS;
    apply(n_usable < FULL_SUPPORT as usize || is_short, Verdict::Thin);
    apply(is_shared, Verdict::Shared);
    apply(is_drifting(past, at), Verdict::Drifting);
    apply(is_bursty(subject), Verdict::Bursty);
    if verdicts.is_empty() {
        verdicts.push(Verdict::Stable);
    }
    verdicts
}

/// Whether several callers interleave behind one identity: on at least 30 % of
/// its history days it came from three networks with two kinds of client.
pub(super) fn is_shared(subject: &Subject) -> bool {
    if subject.class == Class::Human {
        return false;
    }
    let days = subject.history();
    let interleaving = days
        .iter()
        .filter(|day| count(subject, day, Dimension::Network) >= SHARED_NETWORKS)
        .filter(|day| count(subject, day, Dimension::Client) >= SHARED_CLIENTS)
        .count();
    !days.is_empty() && as_f64(interleaving) >= SHARED_DAYS * as_f64(days.len())
}

/// Whether a shared identity has too many callers to have habits.
pub(super) fn is_a_crowd(subject: &Subject) -> bool {
    let most = subject.history().iter().map(|day| day.amounts.n_subs).max();
    most.unwrap_or_default() >= SHARED_SUBS
}

fn count(subject: &Subject, day: &Day, dimension: Dimension) -> usize {
    day.atoms
        .iter()
        .filter_map(|at| subject.atoms.get(*at as usize))
        .filter(|mark| mark.dimension == dimension)
        .count()
}

fn span_seconds(slate: &Slate, subject: &Subject) -> i64 {
    let days = subject.history();
    let (Some(first), Some(last)) = (days.first(), days.last()) else {
        return 0;
    };
    let span = slate
        .start_of(last.ordinal)
        .seconds()
        .saturating_sub(slate.start_of(first.ordinal).seconds());
    span.saturating_add(slate.period.seconds())
}

/// New values of the last two weeks against those of the time before.
fn is_drifting(past: &Past, at: usize) -> bool {
    let windows = past.windows_of(at);
    let (before, recent) = windows.split_at(windows.len().saturating_sub(DRIFT_DAYS));
    let sums = |windows: &[super::past::PastWindow]| {
        windows.iter().fold((0, 0), |(k, n): (u32, u32), w| {
            (k.saturating_add(w.n_new), n.saturating_add(w.n_values))
        })
    };
    let ((k_before, n_before), (k, n)) = (sums(before), sums(recent));
    let usual = (f64::from(k_before) + 1.0) / (f64::from(n_before) + 20.0);
    !before.is_empty() && k >= DRIFT_MIN_NEW && f64::from(k) >= DRIFT_FACTOR * usual * f64::from(n)
}

fn is_bursty(subject: &Subject) -> bool {
    let xs: Vec<f64> = subject
        .history()
        .iter()
        .map(|day| f64::from(day.amounts.n_direct))
        .collect();
    if xs.len() < FULL_SUPPORT as usize {
        return false;
    }
    let n = as_f64(xs.len());
    let mean = xs.iter().sum::<f64>() / n;
    let variance = xs.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
    mean > 0.0 && variance.sqrt() >= BURSTY_RATIO * mean
}

fn as_f64(n: usize) -> f64 {
    u32::try_from(n).map_or(f64::from(u32::MAX), f64::from)
}
