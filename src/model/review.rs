//! The review as a whole: statistics that no single day can show (MODEL §0,
//! A1–A3).
//!
//! Most takeovers last days. The history is therefore also cut into
//! *pseudo-reviews* of the review's length, counted back from it, each with
//! first use frozen at its start; the review's score is ranked among theirs.

use std::collections::BTreeSet;

use super::arrival::Arrival;
use super::first_use::{TypedDay, kind_of, marks_of, typed};
use super::novelty::{GroupRates, Habit};
use super::slate::{Ordinal, Slate};
use super::subject::{Day, Mark, Subject};
use super::{Family, NewSet, Parameters, ReviewTerm};
use crate::ledger::Dimension;
use crate::stats::STRENGTH;
use crate::stats::combine::review_score;
use crate::stats::hour::review_bits;
use crate::stats::novelty::tail_bits;
use crate::stats::volume::amount_bits;

/// What the days of a block say already, in bits of their own p-values.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct DayBits {
    pub(super) hour: f64,
    pub(super) events_hour: f64,
    pub(super) events_day: f64,
    pub(super) targets_day: f64,
    pub(super) takeover: f64,
}

/// One term of the review score: what it is called, which family explains it,
/// its weight and its bits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Term {
    pub(super) name: &'static str,
    pub(super) family: Family,
    pub(super) weight: f64,
    pub(super) bits: f64,
}

/// A run of days that is judged as one.
pub(super) struct Block<'s> {
    pub(super) subject: usize,
    pub(super) own: &'s Subject,
    pub(super) days: Vec<&'s Day>,
    /// First use is seen from here.
    pub(super) as_of: Ordinal,
    /// What the identity had learned by then.
    pub(super) habit: &'s Habit,
}

/// The review score of a block: Σ weight · min(bits, 14).
pub(super) fn score(terms: &[Term]) -> f64 {
    let pairs: Vec<(f64, f64)> = terms.iter().map(|term| (term.weight, term.bits)).collect();
    review_score(&pairs)
}

/// The terms of a block's score.
///
/// # Formula
///
/// ```text
/// R = .5 origin.days + .25 hour.review + .25 events.hour.review
///   + .25 scope.review(O) + .1 scope.review(L) + .1 action.review + .1 amount.review
///   + .3 sensitive.review
/// ```
///
/// each term at most 14 bits. For classes that run by themselves
/// `action.review` weighs .25, and half the largest daily takeover score is
/// added.
pub(super) fn terms(
    parameters: &Parameters,
    slate: &Slate,
    peers: &[usize],
    group: &GroupRates,
    block: &Block<'_>,
    bits: &[DayBits],
    weighs_origin: bool,
) -> Vec<Term> {
    let subject = block.own;
    let largest = |of: fn(&DayBits) -> f64| bits.iter().map(of).fold(0.0, f64::max);
    let union = Union::of(slate, peers, subject, block);
    let tail = |dimension, set| union.tail_bits(block.habit, group, dimension, set);
    let hours: Vec<f64> = bits.iter().map(|day| day.hour).collect();
    let bits_of = |term: ReviewTerm| match term {
        ReviewTerm::OriginDays if weighs_origin => origin_bits(slate, peers, group, block),
        ReviewTerm::OriginDays => 0.0,
        ReviewTerm::Hour => review_bits(&hours),
        ReviewTerm::EventsHour => largest(|day| day.events_hour),
        ReviewTerm::Scope => tail(Dimension::Scope, Some(NewSet::Other)),
        ReviewTerm::ScopeLateral => tail(Dimension::Scope, Some(NewSet::Lateral)),
        ReviewTerm::Action => tail(Dimension::Action, None),
        ReviewTerm::Amount => largest(|day| amount_bits(day.events_day, day.targets_day)),
        ReviewTerm::Sensitive => tail(Dimension::Sensitive, None),
        ReviewTerm::Takeover => largest(|day| day.takeover),
    };
    let weights = parameters.review_weights(subject.class);
    let weighed = ReviewTerm::ALL.into_iter().zip(weights);
    weighed
        .map(|(term, weight)| Term {
            name: term.name(),
            family: term.family(),
            weight,
            bits: bits_of(term),
        })
        .collect()
}

/// Days on which every network is new and nobody arrived, as seen from the
/// block's start.
fn origin_bits(slate: &Slate, peers: &[usize], group: &GroupRates, block: &Block<'_>) -> f64 {
    let (k, n) = days_from_nowhere(slate, peers, block);
    tail_bits(k, n, block.habit.origin_rate(group), STRENGTH)
}

/// Days on which every network is new, and in none of which the person arrived
/// on any day of the block; and days with a network.
pub(super) fn days_from_nowhere(slate: &Slate, peers: &[usize], block: &Block<'_>) -> (u32, u32) {
    let read = |day: &&Day| origin_of(slate, peers, (block.subject, block.own), day, block.as_of);
    let days: Vec<TypedDay> = block.days.iter().map(read).collect();
    let networks = |day| {
        let marks = marks_of(block.own, day);
        let marks = marks.filter(|mark| mark.dimension == Dimension::Network);
        marks.map(|mark| mark.value)
    };
    let read = || block.days.iter().zip(&days);
    let arrived = read().filter(|(_, typed)| typed.has_arrived);
    let arrived: BTreeSet<u32> = arrived.flat_map(|(day, _)| networks(day)).collect();
    let last = block.days.last().map_or(block.as_of, |day| day.ordinal);
    let has_arrived = |network: u32| {
        arrived.contains(&network) || has_arrived_elsewhere(slate, block, network, last)
    };
    read().fold((0, 0), |(k, n), (day, typed)| {
        let is_from_nowhere = |all_new| all_new && !networks(day).any(has_arrived);
        let counted = typed.all_networks_new.map(is_from_nowhere);
        let k = k + u32::from(counted == Some(true));
        (k, n + u32::from(counted.is_some()))
    })
}

/// Where a subject came from on a day, as seen from `as_of`.
fn origin_of(
    slate: &Slate,
    peers: &[usize],
    (at, own): (usize, &Subject),
    day: &Day,
    as_of: Ordinal,
) -> TypedDay {
    let marks = marks_of(own, day).filter(|mark| Arrival::sees(mark.dimension));
    typed(slate, peers, at, marks, as_of)
}

/// Whether another account of the person arrived in `network` between the start
/// of the block and its `last` day.
fn has_arrived_elsewhere(slate: &Slate, block: &Block<'_>, network: u32, last: Ordinal) -> bool {
    let mut others = slate.elsewhere.others(block.subject, network);
    others.any(|(other, days)| {
        let Some(own) = slate.subjects.get(other) else {
            return false;
        };
        let days = days.iter().filter(|day| (block.as_of..=last).contains(day));
        let days = days.filter_map(|day| {
            let at = own.days.binary_search_by_key(&day, |own| own.ordinal);
            own.days.get(at.ok()?)
        });
        let mut read = days.map(|day| origin_of(slate, &[], (other, own), day, block.as_of));
        read.any(|typed| typed.has_arrived)
    })
}

/// The distinct values of a whole block.
struct Union {
    typed: TypedDay,
}

impl Union {
    fn of(slate: &Slate, peers: &[usize], subject: &Subject, block: &Block<'_>) -> Self {
        let marks = marks_of_block(subject, &block.days)
            .into_iter()
            .filter(|mark| {
                matches!(
                    mark.dimension,
                    Dimension::Scope | Dimension::Action | Dimension::Sensitive
                )
            });
        Self {
            typed: typed(slate, peers, block.subject, marks, block.as_of),
        }
    }

    fn tail_bits(
        &self,
        habit: &Habit,
        group: &GroupRates,
        dimension: Dimension,
        set: Option<NewSet>,
    ) -> f64 {
        let Some(counts) = self.typed.dimensions.get(dimension.index()) else {
            return 0.0;
        };
        let (k, q) = match set {
            Some(set) => (counts.of(set), habit.rate_of(dimension, set, group)),
            None => (counts.all(), habit.rate(dimension, group)),
        };
        tail_bits(k, counts.n, q, STRENGTH)
    }
}

/// Every distinct value of `days`, in order.
pub(super) fn marks_of_block<'s>(subject: &'s Subject, days: &[&Day]) -> Vec<&'s Mark> {
    let atoms: BTreeSet<u32> = days
        .iter()
        .flat_map(|day| day.atoms.iter().copied())
        .collect();
    atoms
        .into_iter()
        .filter_map(|at| subject.atoms.get(at as usize))
        .collect()
}

/// Every value of `days` that is new as seen from `as_of`, with its kind.
pub(super) fn new_marks<'s>(
    slate: &'s Slate,
    peers: &[usize],
    subject: usize,
    days: &[&Day],
    as_of: Ordinal,
) -> Vec<(&'s Mark, crate::stats::novelty::NoveltyType)> {
    let Some(own) = slate.subjects.get(subject) else {
        return Vec::new();
    };
    marks_of_block(own, days)
        .into_iter()
        .filter(|mark| mark.dimension < Dimension::Hour)
        .filter_map(|mark| Some((mark, kind_of(slate, peers, subject, mark, as_of)?)))
        .collect()
}
