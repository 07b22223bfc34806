//! What is cited: the earliest records that show a departure.

use std::collections::BTreeSet;

use crate::event::{Citation, Timestamp};
use crate::finding::case::Case;
use crate::ledger::{Atom, Cell, Dimension, First, is_step};
use crate::model::NewValue;
use crate::model::slate::Ordinal;

/// Records cited for one departure.
const MAX_CITED: usize = 5;

/// Cited records, earliest first, and how many events there were.
#[derive(Default)]
pub(super) struct Cited {
    pub(super) citations: Vec<Citation>,
    pub(super) n_events: u64,
    /// When they began, where none of the cited records is one of them.
    since: Option<Timestamp>,
}

impl Cited {
    fn new(mut citations: Vec<Citation>, n_events: u64) -> Self {
        citations.sort();
        citations.dedup();
        citations.truncate(MAX_CITED);
        Self {
            citations,
            n_events,
            since: None,
        }
    }

    /// When the first of the events happened, as far as that is known.
    pub(super) fn first_time(&self) -> Option<Timestamp> {
        let first = self.citations.first().map(|citation| citation.time);
        self.since.or(first)
    }
}

fn all(case: &Case<'_>, first: &First) -> Vec<Citation> {
    case.cited(first).cloned().collect()
}

/// The first events of a period.
pub(super) fn of_period(case: &Case<'_>, ordinal: Ordinal) -> Cited {
    case.cell(ordinal).map_or_else(Cited::default, |cell| {
        Cited::new(all(case, &cell.first), cell.n_events.into())
    })
}

/// The first refusals of a period.
pub(super) fn of_refusals(case: &Case<'_>, ordinal: Ordinal) -> Cited {
    case.cell(ordinal).map_or_else(Cited::default, |cell| {
        let rare = cell.rare();
        Cited::new(all(case, &rare.first_denied), rare.n_denied.into())
    })
}

/// The first events at some hours of a period, as far as they are among those
/// that the ledger cites; else the first of the period, and when the hours began.
pub(super) fn of_hours(case: &Case<'_>, ordinal: Ordinal, hours: &[u8]) -> Cited {
    let Some(cell) = case.cell(ordinal) else {
        return Cited::default();
    };
    let tallies = cell.hours.iter().filter(|t| hours.contains(&t.hour));
    let n_events = tallies.map(|tally| u64::from(tally.n_events)).sum();
    let is_meant = |citation: &&Citation| {
        hours.contains(&hour_of(citation.time)) && is_in(case, ordinal, citation)
    };
    let of_atom = |atom: &Atom| -> Vec<Citation> {
        case.cited(&atom.first).filter(is_meant).cloned().collect()
    };
    let names = hours.iter().map(|hour| format!("{hour:02}"));
    let atoms = names.filter_map(|hour| case.atom(Dimension::Hour, &hour));
    let mut citations: Vec<Citation> = atoms.flat_map(of_atom).collect();
    if citations.is_empty() {
        // On another day these hours came first; other values may tell.
        let atoms = case.present.iter().flat_map(|account| account.atoms.iter());
        citations = atoms.flat_map(of_atom).collect();
        citations.extend(case.cited(&cell.first).filter(is_meant).cloned());
    }
    if citations.is_empty() {
        let start = case.slate().start_of(ordinal);
        let later = |hour: &u8| {
            let n_hours = i64::from(*hour) - i64::from(hour_of(start));
            start.saturating_add_seconds(n_hours.max(0) * 3_600)
        };
        return Cited {
            since: hours.iter().map(later).min(),
            ..Cited::new(all(case, &cell.first), n_events)
        };
    }
    Cited::new(citations, n_events)
}

/// 0 to 23, UTC.
fn hour_of(time: Timestamp) -> u8 {
    let hour = time.seconds().rem_euclid(86_400) / 3_600;
    u8::try_from(hour).unwrap_or_default()
}

/// The events at which some steps were first taken in a period, as far as they
/// are among those that the ledger cites; else the first of the period.
pub(super) fn of_steps(case: &Case<'_>, ordinal: Ordinal, steps: &[&str]) -> Cited {
    let Some((cell, streams)) = case.cell(ordinal).and_then(|c| Some((c, c.streams()?))) else {
        return of_period(case, ordinal);
    };
    let strings = case.background.review.strings();
    let is_meant = |token: &str| steps.iter().any(|step| is_step(token, step));
    let seconds = streams.seconds_of(|token| is_meant(strings.text(token)));
    of_seconds(case, ordinal, cell, &seconds.map(i64::from).collect())
}

/// The events that ended some orders of tactics in a period, likewise.
pub(super) fn of_tactics(case: &Case<'_>, ordinal: Ordinal, values: &[NewValue]) -> Cited {
    let Some((cell, streams)) = case.cell(ordinal).and_then(|c| Some((c, c.streams()?))) else {
        return of_period(case, ordinal);
    };
    let strings = case.background.review.strings();
    let texts = values.iter().map(|value| case.slate().value(value.value));
    let seconds = texts.flat_map(|text| {
        let tactics: Vec<&str> = text.split('>').collect();
        streams.ends_of(&tactics, strings)
    });
    of_seconds(case, ordinal, cell, &seconds.map(i64::from).collect())
}

/// The first uses of what some owners chiefly use.
pub(super) fn of_owners(case: &Case<'_>, values: &[NewValue]) -> Cited {
    let slate = case.slate();
    let is_theirs = |scope: u32| {
        let owner = slate.owner_of(scope);
        values.iter().any(|value| owner == Some(value.value))
    };
    let marks = case.subject.atoms.iter();
    let scopes = marks.filter(|mark| mark.dimension == Dimension::Scope && is_theirs(mark.value));
    let atoms: Vec<&Atom> = scopes
        .filter_map(|mark| case.atom(Dimension::Scope, slate.value(mark.value)))
        .collect();
    let window = case.background.windows.1;
    let cited = atoms.iter().flat_map(|atom| case.cited(&atom.first));
    let cited = cited
        .filter(|citation| window.contains(citation.time))
        .cloned();
    let n_events = atoms.iter().map(|atom| u64::from(atom.n_events)).sum();
    Cited::new(cited.collect(), n_events)
}

/// The first events of some actions that happened in these seconds; else the
/// first of the period.
fn of_seconds(case: &Case<'_>, ordinal: Ordinal, cell: &Cell, seconds: &BTreeSet<i64>) -> Cited {
    let atoms = case.present.iter().flat_map(|account| account.atoms.iter());
    let actions = atoms.filter(|atom| atom.dimension == Dimension::Action);
    let cited = actions.flat_map(|atom| case.cited(&atom.first).cloned().collect::<Vec<_>>());
    let citations: Vec<Citation> = cited
        .filter(|citation| seconds.contains(&citation.time.seconds()))
        .collect();
    if citations.is_empty() {
        return of_period(case, ordinal);
    }
    Cited::new(citations, cell.n_events.into())
}

/// The first events from some networks, as far as they are in this period; else
/// the first of the period.
pub(super) fn of_networks(case: &Case<'_>, ordinal: Ordinal, networks: &[&str]) -> Cited {
    let Some(cell) = case.cell(ordinal) else {
        return Cited::default();
    };
    let atoms = networks
        .iter()
        .filter_map(|network| case.atom(Dimension::Network, network));
    let cited = atoms.flat_map(|atom| case.cited(&atom.first).cloned().collect::<Vec<_>>());
    let citations: Vec<Citation> = cited.filter(|c| is_in(case, ordinal, c)).collect();
    if citations.is_empty() {
        return of_period(case, ordinal);
    }
    Cited::new(citations, cell.n_events.into())
}

fn is_in(case: &Case<'_>, ordinal: Ordinal, citation: &Citation) -> bool {
    let period = case.slate().period;
    let slot = usize::try_from(ordinal).ok();
    let slot = slot.and_then(|at| case.slate().slots.get(at));
    slot == Some(&period.slot_of(citation.time))
}

/// The first uses of new values: all that is known of a single one, the first
/// of each of several.
pub(super) fn of_values(case: &Case<'_>, dimension: Dimension, values: &[NewValue]) -> Cited {
    let window = case.background.windows.1;
    let per_value = if values.len() == 1 { MAX_CITED } else { 1 };
    let (mut citations, mut n_events) = (Vec::new(), 0_u64);
    let mut periods: BTreeSet<Ordinal> = BTreeSet::new();
    for value in values {
        if let Some(mark) = case.mark(dimension, value.value) {
            periods.extend(mark.days.iter().filter(|at| case.slate().is_review(*at)));
        }
        let Some(atom) = case.atom(dimension, case.slate().value(value.value)) else {
            continue;
        };
        n_events = n_events.saturating_add(atom.n_events.into());
        let cited = case.cited(&atom.first);
        let inside = cited.filter(|c| window.contains(c.time));
        // Only the foremost values are written out, so only they are cited.
        if citations.len() < MAX_CITED {
            citations.extend(inside.take(per_value).cloned());
        }
    }
    let cells = || periods.iter().filter_map(|at| case.cell(*at));
    if citations.is_empty() {
        citations.extend(
            cells()
                .filter_map(|cell| case.cited(&cell.first).next())
                .cloned(),
        );
    }
    // An event may hold several of the values.
    let most = cells().map(|cell| u64::from(cell.n_events)).sum();
    Cited::new(citations, n_events.min(most))
}
