//! Silence: identities that were active nearly every day and have stopped
//! (MODEL §5.8). The silence of a whole log is a gap in it, so a day counts
//! only if somebody else of the same log was seen on it.

use std::collections::BTreeMap;

use super::life::said;
use super::{Draft, Kind, first_event};
use crate::event::Period;
use crate::finding::case::Case;
use crate::finding::wording::{self, count, counted};
use crate::ledger::IdentityRow;
use crate::model::slate::{Ordinal, Slate};
use crate::model::subject::{Day, Subject};
use crate::stats::silence::{active_rate, silence_bits};

/// Whoever is active on this share of days stops being so only for a reason.
const STEADY: f64 = 0.8;
/// Silence that is less surprising than 1 in 1,000 is not told.
const SILENT_BITS: f64 = 10.0;

/// How many identities of each log were active in each period; a log is a
/// tenant's records of one product.
pub(in crate::finding) struct Presence<'a>(BTreeMap<(&'a str, &'static str), Vec<u32>>);

/// Covered days, and those on which an identity was active.
pub(in crate::finding) struct Silence {
    n_active: u32,
    n_covered: u32,
    pub(in crate::finding) n_before: u32,
    pub(in crate::finding) n_covered_before: u32,
}

impl<'a> Presence<'a> {
    pub(in crate::finding) fn of(slate: &'a Slate) -> Self {
        let mut logs: BTreeMap<(&str, &str), Vec<u32>> = BTreeMap::new();
        for subject in &slate.subjects {
            for log in logs_of(&subject.row) {
                let counts = logs
                    .entry(log)
                    .or_insert_with(|| vec![0; slate.slots.len()]);
                for day in &subject.days {
                    if let Some(n) = at_mut(counts, day.ordinal) {
                        *n = n.saturating_add(1);
                    }
                }
            }
        }
        Self(logs)
    }

    /// How silent an identity is, if it has stopped being active.
    pub(in crate::finding) fn silence(&self, slate: &Slate, subject: &Subject) -> Option<Silence> {
        let covered = self.covered(slate, subject);
        let last = subject.days.last()?.ordinal;
        // A pause that has ended is no silence.
        if covered.last().is_none_or(|day| *day <= last) {
            return None;
        }
        let n_before = covered.partition_point(|day| !slate.is_review(*day));
        let active = |days: &[Day]| {
            let days = days.iter();
            wording::number(
                days.filter(|day| covered.binary_search(&day.ordinal).is_ok())
                    .count(),
            )
        };
        let silence = Silence {
            n_active: active(subject.review()),
            n_covered: wording::number(covered.len().saturating_sub(n_before)),
            n_before: active(subject.history()),
            n_covered_before: wording::number(n_before),
        };
        let rate = active_rate(silence.n_before, silence.n_covered_before);
        let bits = silence_bits(silence.n_active, silence.n_covered, rate);
        let is_steady = f64::from(silence.n_before) >= STEADY * f64::from(silence.n_covered_before);
        (is_steady && bits >= SILENT_BITS).then_some(silence)
    }

    /// Days since the identity was first seen on which somebody else of one of
    /// its logs was active, in order.
    fn covered(&self, slate: &Slate, subject: &Subject) -> Vec<Ordinal> {
        let first = subject.days.first().map_or(0, |day| day.ordinal);
        let mut own = vec![0_u32; slate.slots.len()];
        for day in &subject.days {
            if let Some(n) = at_mut(&mut own, day.ordinal) {
                *n = 1;
            }
        }
        let logs: Vec<&Vec<u32>> = logs_of(&subject.row)
            .filter_map(|log| self.0.get(&log))
            .collect();
        let is_covered = |at: usize| {
            let own = own.get(at).copied().unwrap_or_default();
            logs.iter()
                .any(|counts| counts.get(at).is_some_and(|n| *n > own))
        };
        let days = (0..slate.slots.len()).filter(|at| is_covered(*at));
        days.filter_map(|at| Ordinal::try_from(at).ok())
            .filter(|day| *day >= first)
            .collect()
    }
}

fn logs_of(row: &IdentityRow) -> impl Iterator<Item = (&str, &'static str)> {
    row.sources()
        .map(|source| (row.tenant.as_ref(), source.name()))
}

fn at_mut(counts: &mut [u32], day: Ordinal) -> Option<&mut u32> {
    counts.get_mut(usize::try_from(day).ok()?)
}

/// An identity that was active nearly every day and has stopped within the
/// review.
pub(super) fn stopped(case: &Case<'_>) -> Option<Draft> {
    let last = case.subject.review().last()?;
    let silence = case
        .background
        .presence
        .silence(case.slate(), case.subject)?;
    let sentence = format!(
        "stopped being active after {}: active on {} of {} in the review, before on {} of {}",
        case.background.label(last.ordinal),
        count(silence.n_active),
        periods(silence.n_covered, case.slate().period),
        count(silence.n_before),
        periods(silence.n_covered_before, case.slate().period)
    );
    let citation = first_event(case, last.ordinal)?;
    Some(said(Kind::Stopped, citation, sentence))
}

/// `7 covered days`.
fn periods(n: u32, period: Period) -> String {
    let one = wording::period(period);
    counted(n, &format!("covered {one}"), &format!("covered {one}s"))
}
