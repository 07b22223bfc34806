//! Newcomers: what the first days of an identity are ranked among.
//!
//! To a newcomer everything is new, and says little. How little is measured on
//! those who are known: now and then in the history each of them is taken for a
//! newcomer. Its own past is forgotten, its company is that of its name and
//! team, as for somebody who begins, and its next days are read like the first
//! of a life. Real newcomers are too few for that, and those of the history's
//! first days met an organisation of which nothing was known either.

use std::collections::BTreeMap;

use super::first_use::{TypedDay, WARM_UP, marks_of, typed_since};
use super::novelty::Habit;
use super::pooling::Pooling;
use super::ranking::Ranking;
use super::replay::{Group, learned_days};
use super::rows::Rows;
use super::sequence::sequence_statistics;
use super::slate::Slate;
use super::subject::Day;
use super::{Parameters, parallel};
use crate::event::Class;

/// Times that an identity is taken for a newcomer.
const BEGINNINGS: usize = 4;
/// Of each class, about so many identities are: more say nothing new.
const IDENTITIES: usize = 2_000;

/// Everybody's days as a newcomer.
pub(super) fn ranking(
    slate: &Slate,
    peers: &[Vec<usize>],
    parameters: &Parameters,
    group: &Group<'_>,
) -> Ranking {
    let chosen = chosen(slate);
    let replayed = parallel::map_each(parameters.threads, &chosen, |at| {
        beginnings(slate, peers, parameters, group, *at)
    });
    let (mut subjects, mut rows) = (Vec::new(), Rows::default());
    for (subject, own) in chosen.iter().zip(replayed) {
        subjects.extend(std::iter::repeat_n(*subject, own.len()));
        rows.append(&own);
    }
    let pooling = Pooling::of_newcomers(slate, subjects).counting(parameters.counts_tails);
    Ranking::new(pooling, rows, parameters)
}

/// Subjects to take for newcomers, in order: of a large class every so many.
fn chosen(slate: &Slate) -> Vec<usize> {
    let mut members: BTreeMap<Class, Vec<usize>> = BTreeMap::new();
    for (at, subject) in slate.subjects.iter().enumerate() {
        members.entry(subject.class).or_default().push(at);
    }
    let members = members.into_values().flat_map(|members| {
        let step = members.len().div_ceil(IDENTITIES).max(1);
        members.into_iter().step_by(step)
    });
    let mut chosen: Vec<usize> = members.collect();
    chosen.sort_unstable();
    chosen
}

/// The statistics of one subject's days as a newcomer.
fn beginnings(
    slate: &Slate,
    peers: &[Vec<usize>],
    parameters: &Parameters,
    group: &Group<'_>,
    at: usize,
) -> Rows {
    let mut rows = Rows::default();
    let (Some(subject), Some(rates)) = (slate.subjects.get(at), group.rates.get(at)) else {
        return rows;
    };
    let own_peers = peers.get(at).map(Vec::as_slice).unwrap_or_default();
    let days: Vec<&Day> = learned_days(subject).map(|(_, day)| day).collect();
    let step = (days.len() / (BEGINNINGS + 1)).max(WARM_UP);
    let mut row = vec![0.0; parameters.statistics.len()];
    for beginning in (step..days.len()).step_by(step).take(BEGINNINGS) {
        let life = days.get(beginning..).unwrap_or_default();
        let life = life.get(..WARM_UP.min(life.len())).unwrap_or_default();
        let Some(since) = life.first().map(|day| day.ordinal) else {
            continue;
        };
        let mut habit = Habit::new(subject);
        for (age, day) in life.iter().enumerate() {
            let before = life.get(..age).unwrap_or_default();
            let marks = marks_of(subject, day);
            let typed = typed_since(slate, own_peers, at, marks, day.ordinal, Some(since));
            row.fill(0.0);
            let levels = group.levels;
            levels.statistics_among(parameters, slate, subject, day, before, &mut row);
            habit.statistics(parameters, &typed, rates, &mut row);
            let excused = parameters.excused(&typed);
            let steps = habit.step_bits(subject, day, group.class_steps, excused);
            sequence_statistics(parameters, &steps, &mut row);
            rows.push(&row);
            habit.learn(subject, day, &TypedDay::default());
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        reason = "a test fails by panicking"
    )]

    use super::*;
    use crate::model::past::Past;
    use crate::model::peers;
    use crate::model::tests::{parameters, toy, toy_slate};

    #[test]
    fn who_is_taken_for_a_newcomer_knows_what_its_peers_know_and_nothing_else() {
        let slate = toy_slate(&toy());
        let at = slate.subjects.len() - 1;
        let subject = &slate.subjects[at];
        let day = &subject.days[20];
        let kinds = |peers: &[usize], since| {
            let marks = marks_of(subject, day);
            let typed = typed_since(&slate, peers, at, marks, day.ordinal, since);
            let n: u32 = typed.dimensions.iter().map(|own| own.n).sum();
            let new: u32 = typed.dimensions.iter().map(|own| own.all()).sum();
            (n, new)
        };
        let (n, new) = kinds(&[], None);
        assert!(new < n, "{new} of {n}");
        assert_eq!(kinds(&[], Some(day.ordinal)), (n, n));
        // Its own days are others' habits, too, if somebody is like it.
        let everybody: Vec<usize> = (0..at).collect();
        let (_, unknown) = kinds(&everybody, Some(day.ordinal));
        assert!(unknown < n, "{unknown} of {n}");
        // Yesterday is remembered, and no day before that.
        let yesterday = subject.days[19].ordinal;
        let (_, remembered) = kinds(&[], Some(yesterday));
        assert!(new <= remembered && remembered < n, "{remembered} of {n}");
    }

    #[test]
    fn everybody_begins_several_times_over_and_has_no_past() {
        let slate = toy_slate(&toy());
        let parameters = parameters();
        let peers = peers::find(&slate, &parameters);
        let shared = vec![false; slate.subjects.len()];
        let past = Past::replay(&slate, &peers, &parameters, &shared);
        let n_of = |at: usize| {
            let subjects = past.ranking(true).pooling.subject_of.iter();
            subjects.filter(|own| **own == at).count()
        };
        for at in 0..slate.subjects.len() {
            let n_days = learned_days(&slate.subjects[at]).count();
            assert!(n_days > WARM_UP * (BEGINNINGS + 1), "{n_days}");
            assert_eq!(n_of(at), WARM_UP * BEGINNINGS);
            let own = past.ranking(true).calibrated(at, 0, 1.0).unwrap();
            assert_eq!((own.n_own, own.n_at_least), (0, 0));
        }
    }
}
