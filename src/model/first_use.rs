//! First use: which values of a window are new, and to whom (MODEL §4.1).

use super::NewSet;
use super::adoption::{is_adopted, is_witnessed};
use super::arrival::Arrival;
use super::slate::{Ordinal, Slate};
use super::subject::{Day, Mark, Subject};
use crate::ledger::{Dimension, SlotSet};
use crate::stats::novelty::NoveltyType;

/// Dimensions in which first use is counted: all but hours and steps.
pub(super) const N_DIMENSIONS: usize = Dimension::Hour.index();

/// The first active days of an identity are not counted as windows, because
/// everything is new in them.
pub(super) const WARM_UP: usize = 3;

/// That many peers first using a value on one day may be a rollout.
const ROLLOUT: usize = 3;

/// Distinct values of one window in one dimension, and the new ones by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Typed {
    pub(super) n: u32,
    pub(super) peer: u32,
    pub(super) lateral: u32,
    pub(super) world: u32,
}

impl Typed {
    pub(super) fn all(self) -> u32 {
        self.peer + self.lateral + self.world
    }

    pub(super) fn of(self, set: NewSet) -> u32 {
        match set {
            NewSet::Other => self.peer + self.lateral,
            NewSet::Lateral => self.lateral,
            NewSet::World => self.world,
            NewSet::Foreign => self.lateral + self.world,
        }
    }
}

/// Distinct and new values of one window, per dimension.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct TypedDay {
    pub(super) dimensions: [Typed; N_DIMENSIONS],
    /// Whether all networks of the window are new, and nobody [arrived](Arrival)
    /// there; `None` without a network.
    pub(super) all_networks_new: Option<bool>,
    /// Which of its steps go to a token that is new but known to peers: one bit
    /// for each of the first 64, in their order.
    pub(super) peer_steps: u64,
}

/// To whom a value is new on `as_of`; `None` if the identity knows it, or if it
/// is a failure that befalls several identities at once, a network that another
/// account of the person knows, or what its team takes up. A newcomer has the
/// habits of its peers: what one of them knows, it knows.
pub(super) fn kind_of(
    slate: &Slate,
    peers: &[usize],
    subject: usize,
    mark: &Mark,
    as_of: Ordinal,
) -> Option<NoveltyType> {
    kind_since(slate, peers, subject, mark, as_of, None)
}

/// The same, of a subject that is taken for a newcomer of the period `since`.
fn kind_since(
    slate: &Slate,
    peers: &[usize],
    subject: usize,
    mark: &Mark,
    as_of: Ordinal,
    since: Option<Ordinal>,
) -> Option<NoveltyType> {
    let own = slate.subjects.get(subject)?;
    if is_known(own, &mark.days, as_of, since) {
        return None;
    }
    let is_network = mark.dimension == Dimension::Network;
    if is_network && slate.elsewhere.knows(slate, subject, mark.value, as_of) {
        return None;
    }
    if mark.dimension == Dimension::Error && slate.is_storm(mark.value, as_of) {
        return None;
    }
    if is_adopted(slate, peers, subject, mark) {
        return None;
    }
    let has_habits = since.is_none() && own.n_history >= WARM_UP;
    let mut same_day = 0;
    for peer in peers.iter().filter_map(|peer| slate.subjects.get(*peer)) {
        match first_use(peer, mark.dimension, mark.value, as_of) {
            Some(first) if first < as_of => {
                return has_habits.then_some(NoveltyType::Peer);
            }
            Some(_) => same_day += 1,
            None => {}
        }
    }
    if is_rollout(slate, peers, same_day, as_of) {
        return Some(NoveltyType::Peer);
    }
    let mut others = slate.other_users(subject, mark.dimension, mark.value, as_of);
    if others.any(|(_, first)| first < as_of) {
        Some(NoveltyType::Lateral)
    } else {
        Some(NoveltyType::World)
    }
}

/// Whether `own` used something on any of `days` before `as_of` that may be
/// learned from, and not before `since`.
fn is_known(own: &Subject, days: &SlotSet, as_of: Ordinal, since: Option<Ordinal>) -> bool {
    match since {
        None => days
            .first_outside(&own.hidden)
            .is_some_and(|first| first < as_of),
        Some(since) => days
            .iter()
            .any(|day| day >= since && day < as_of && !own.hidden.contains(day)),
    }
}

/// Whether `n` of `peers` are enough to call what they begin with on one day a
/// rollout. A few who are taken over at once do not excuse each other.
fn is_rollout(slate: &Slate, peers: &[usize], n: usize, day: Ordinal) -> bool {
    if n < ROLLOUT {
        return false;
    }
    let peers = peers.iter().filter_map(|peer| slate.subjects.get(*peer));
    let n_active = peers.filter(|peer| peer.is_active(day)).count();
    n.saturating_mul(2) > n_active
}

/// First use of a value by `subject`, up to `as_of`.
fn first_use(
    subject: &Subject,
    dimension: Dimension,
    value: u32,
    as_of: Ordinal,
) -> Option<Ordinal> {
    first_of(subject, &subject.mark(dimension, value)?.days, as_of)
}

/// The first of the days of `subject`, up to `as_of`.
fn first_of(subject: &Subject, days: &SlotSet, as_of: Ordinal) -> Option<Ordinal> {
    let first = days
        .first_outside(&subject.hidden)
        .filter(|first| *first <= as_of);
    first.or_else(|| days.contains(as_of).then_some(as_of))
}

/// Whether a step goes to a token that is new to the identity on `as_of` and
/// that a peer used before, or several begin with on the same day.
fn is_step_of_peers(
    slate: &Slate,
    peers: &[usize],
    subject: usize,
    mark: &Mark,
    as_of: Ordinal,
    since: Option<Ordinal>,
) -> bool {
    let Some(own) = slate.subjects.get(subject) else {
        return false;
    };
    let is_before = |days: &SlotSet| is_known(own, days, as_of, since);
    if is_before(&mark.days) {
        return false;
    }
    let Some((token, days)) = own.steps.token_of(own, mark.value) else {
        return false;
    };
    if is_before(days) {
        return false;
    }
    if is_witnessed(slate, peers, subject, days, |peer| {
        peer.steps.days_of(token)
    }) {
        return true;
    }
    let others = peers.iter().filter_map(|peer| slate.subjects.get(*peer));
    let first = others.filter_map(|peer| first_of(peer, peer.steps.days_of(token)?, as_of));
    let (before, today): (Vec<Ordinal>, Vec<Ordinal>) = first.partition(|at| *at < as_of);
    !before.is_empty() || is_rollout(slate, peers, today.len(), as_of)
}

/// Counts the new values among `marks` as seen from `as_of`.
pub(super) fn typed<'m>(
    slate: &Slate,
    peers: &[usize],
    subject: usize,
    marks: impl Iterator<Item = &'m Mark>,
    as_of: Ordinal,
) -> TypedDay {
    typed_since(slate, peers, subject, marks, as_of, None)
}

/// The same, of a subject that is taken for a newcomer of the period `since`.
pub(super) fn typed_since<'m>(
    slate: &Slate,
    peers: &[usize],
    subject: usize,
    marks: impl Iterator<Item = &'m Mark>,
    as_of: Ordinal,
    since: Option<Ordinal>,
) -> TypedDay {
    let mut day = TypedDay::default();
    let mut arrival = Arrival::default();
    let mut step = 1_u64;
    for mark in marks {
        if mark.dimension == Dimension::Bigram {
            if is_step_of_peers(slate, peers, subject, mark, as_of, since) {
                day.peer_steps |= step;
            }
            step <<= 1;
        }
        let Some(counts) = day.dimensions.get_mut(mark.dimension.index()) else {
            continue;
        };
        counts.n += 1;
        let kind = kind_since(slate, peers, subject, mark, as_of, since);
        match kind {
            None => {}
            Some(NoveltyType::Peer) => counts.peer += 1,
            Some(NoveltyType::Lateral) => counts.lateral += 1,
            Some(NoveltyType::World) => counts.world += 1,
        }
        arrival.see(slate, mark, kind.is_none());
        if mark.dimension == Dimension::Network {
            let so_far = day.all_networks_new.unwrap_or(true);
            day.all_networks_new = Some(so_far && kind.is_some());
        }
    }
    let class = slate.subjects.get(subject).map(|own| own.class);
    if class.is_some_and(|class| arrival.is_of(class)) {
        day.all_networks_new = day.all_networks_new.map(|_| false);
    }
    day
}

/// The marks of one day.
pub(super) fn marks_of<'s>(subject: &'s Subject, day: &'s Day) -> impl Iterator<Item = &'s Mark> {
    day.atoms
        .iter()
        .filter_map(|at| subject.atoms.get(*at as usize))
}
