//! What to look at next: the values of a trail that lead elsewhere.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::known::Known;
use super::target::{Kind, Target};
use super::trail::{Mark, Trail, ValueOf};
use super::value::Dimension;
use crate::event::Timestamp;

/// Things that one trail leads to.
pub const FAN_OUT: usize = 8;
/// Of these, at most so many of one kind.
const MAX_OF_KIND: usize = 3;

/// One thing to pivot on next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Next {
    /// What kind of thing.
    pub kind: Kind,
    /// Its value, as events hold it.
    pub value: String,
    /// What people call it.
    pub label: String,
    /// Whether it is new.
    pub mark: Option<Mark>,
    /// Events that it shares with the trail.
    pub n: u64,
}

/// Where a trail leads, most telling first: credentials that were issued, then
/// what is new, then what was used most, and new resources last. Usual ones lead
/// nowhere.
#[must_use]
pub fn next_of(trail: &Trail, known: &Known, since: Option<Timestamp>) -> Vec<Next> {
    let mut values: Vec<ValueOf> = Dimension::ALL
        .into_iter()
        .filter(|dimension| dimension.kind().is_some())
        .flat_map(|dimension| trail.values(dimension, known, since))
        .filter(|v| v.dimension != Dimension::Resource || is_new(v.mark))
        .collect();
    values.sort_by(|a, b| order(a).cmp(&order(b)));
    let own = trail.target();
    let mut seen: BTreeSet<(Kind, String)> = [(own.kind, own.value.clone())].into();
    let mut next: Vec<Next> = Vec::new();
    for value in values {
        let Some(kind) = value.dimension.kind() else {
            continue;
        };
        let n_of_kind = next.iter().filter(|next| next.kind == kind).count();
        let is_own = kind == own.kind && is_same(own, &value);
        if n_of_kind < MAX_OF_KIND && !is_own && seen.insert((kind, value.value.clone())) {
            next.push(Next {
                kind,
                value: value.value,
                label: value.label,
                mark: value.mark,
                n: value.tally.n,
            });
        }
        if next.len() == FAN_OUT {
            break;
        }
    }
    next
}

fn is_new(mark: Option<Mark>) -> bool {
    matches!(mark, Some(Mark::New | Mark::NewToIt))
}

type Order<'v> = (bool, bool, Option<Mark>, Dimension, Reverse<u64>, &'v str);

fn order(value: &ValueOf) -> Order<'_> {
    (
        value.dimension != Dimension::IssuedKey,
        value.dimension == Dimension::Resource,
        value.mark,
        value.dimension,
        Reverse(value.tally.n),
        &value.value,
    )
}

/// Whether the value is what the trail is about.
fn is_same(own: &Target, value: &ValueOf) -> bool {
    own.value == value.value || own.value.eq_ignore_ascii_case(&value.label)
}
