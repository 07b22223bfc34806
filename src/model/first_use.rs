//! First use: which values of a window are new, and to whom (MODEL §4.1).

use super::NewSet;
use super::adoption::{Fellow, fellows, is_adopted, is_witnessed};
use super::arrival::Arrival;
use super::slate::{Ordinal, Slate};
use super::subject::{Day, Mark, Subject};
use crate::event::Class;
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
    /// Whether all of them are, and somebody has arrived there.
    pub(super) has_arrived: bool,
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
    let has_habits = since.is_none() && own.n_history >= WARM_UP;
    if !has_habits && is_known_to(slate, peers, mark, as_of) {
        return None;
    }
    let fellows = fellows(slate, peers, |peer| days_of(peer, mark));
    if is_adopted(slate, &fellows, subject, mark) {
        return None;
    }
    if is_begun(slate, peers, &fellows, as_of) {
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

/// Whether one of `peers` used a value before `as_of`.
fn is_known_to(slate: &Slate, peers: &[usize], mark: &Mark, as_of: Ordinal) -> bool {
    let mut peers = peers.iter().filter_map(|peer| slate.subjects.get(*peer));
    peers.any(|peer| {
        let first = days_of(peer, mark).and_then(|days| first_of(peer, days, as_of));
        first.is_some_and(|first| first < as_of)
    })
}

fn days_of<'s>(subject: &'s Subject, mark: &Mark) -> Option<&'s SlotSet> {
    Some(&subject.mark(mark.dimension, mark.value)?.days)
}

/// Whether one of the `fellows` among `peers` began to use something before
/// `as_of`, or so many on that day that it may be a rollout.
fn is_begun(slate: &Slate, peers: &[usize], fellows: &[Fellow<'_>], as_of: Ordinal) -> bool {
    let mut n_today = 0;
    for fellow in fellows {
        match first_of(fellow.subject, fellow.days, as_of) {
            Some(first) if first < as_of => return true,
            Some(_) => n_today += 1,
            None => {}
        }
    }
    is_rollout(slate, peers, n_today, as_of)
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
    let fellows = fellows(slate, peers, |peer| peer.steps.days_of(token));
    is_witnessed(slate, &fellows, subject, days) || is_begun(slate, peers, &fellows, as_of)
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
    let news = marks.map(|mark| {
        let news = News::of(slate, peers, subject, mark, as_of, since);
        (mark, news)
    });
    let class = slate.subjects.get(subject).map(|own| own.class);
    TypedDay::of(slate, class.unwrap_or(Class::Unknown), news)
}

/// What is new about a value on one day.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct News {
    /// To whom it is new, if it is.
    kind: Option<NoveltyType>,
    /// Whether it is a step to a token that is new, but known to peers.
    is_step_of_peers: bool,
}

impl News {
    /// Of a `mark` of `subject` on the day `as_of`; see [`typed_since`].
    pub(super) fn of(
        slate: &Slate,
        peers: &[usize],
        subject: usize,
        mark: &Mark,
        as_of: Ordinal,
        since: Option<Ordinal>,
    ) -> Self {
        if mark.dimension == Dimension::Bigram {
            let is_step_of_peers = is_step_of_peers(slate, peers, subject, mark, as_of, since);
            return Self {
                kind: None,
                is_step_of_peers,
            };
        }
        let is_counted = mark.dimension.index() < N_DIMENSIONS;
        let kind = || kind_since(slate, peers, subject, mark, as_of, since);
        Self {
            kind: is_counted.then(kind).flatten(),
            is_step_of_peers: false,
        }
    }
}

impl TypedDay {
    /// Counts the values of a day of somebody of `class`, in the order of its
    /// marks.
    pub(super) fn of<'m>(
        slate: &Slate,
        class: Class,
        news: impl Iterator<Item = (&'m Mark, News)>,
    ) -> Self {
        let mut day = Self::default();
        let mut arrival = Arrival::default();
        let mut step = 1_u64;
        for (mark, news) in news {
            let (dimension, kind) = (mark.dimension, news.kind);
            if dimension == Dimension::Bigram {
                day.peer_steps |= if news.is_step_of_peers { step } else { 0 };
                step <<= 1;
            }
            let Some(counts) = day.dimensions.get_mut(dimension.index()) else {
                continue;
            };
            counts.n += 1;
            match kind {
                None => {}
                Some(NoveltyType::Peer) => counts.peer += 1,
                Some(NoveltyType::Lateral) => counts.lateral += 1,
                Some(NoveltyType::World) => counts.world += 1,
            }
            arrival.see(slate, mark, kind.is_none());
            if dimension == Dimension::Network {
                let so_far = day.all_networks_new.unwrap_or(true);
                day.all_networks_new = Some(so_far && kind.is_some());
            }
        }
        if arrival.is_of(class) {
            day.has_arrived = day.all_networks_new == Some(true);
            day.all_networks_new = day.all_networks_new.map(|_| false);
        }
        day
    }
}

/// The marks of one day.
pub(super) fn marks_of<'s>(subject: &'s Subject, day: &'s Day) -> impl Iterator<Item = &'s Mark> {
    day.atoms
        .iter()
        .filter_map(|at| subject.atoms.get(*at as usize))
}
