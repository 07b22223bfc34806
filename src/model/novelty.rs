//! First use: which values of a window are new, to whom, and how many new
//! values this identity usually meets (MODEL §4).

use super::adoption::{Fellow, fellows, is_adopted, is_witnessed};
use super::sequence::{ClassSteps, StepCounts};
use super::slate::{Ordinal, Slate};
use super::subject::{Day, Mark, Subject};
use super::{NewSet, Parameters, Statistic};
use crate::event::Class;
use crate::ledger::{Dimension, SlotSet};
use crate::stats::novelty::{
    Counts, NoveltyType, PSEUDO_LATERAL, PSEUDO_NEW, PSEUDO_PEER, PSEUDO_WORLD, RateInput,
    all_rate, fraction, group_discount, group_rate, personal_rate, share_rate, tail_bits,
    typed_rate,
};
use crate::stats::{RHO, STRENGTH, STRENGTH_ALL};

/// Dimensions in which first use is counted: all but hours and steps.
pub(super) const N_DIMENSIONS: usize = Dimension::Hour.index();

/// Of these, the ones that count among all new values; see
/// [`Dimension::is_counted`].
const N_COUNTED: usize = Dimension::Owner.index();

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
    /// Whether all networks of the window are new; `None` without a network.
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
        (mark.dimension, news)
    });
    TypedDay::of(news)
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
    /// Counts a day's values, in the order of its marks.
    pub(super) fn of(news: impl Iterator<Item = (Dimension, News)>) -> Self {
        let mut day = Self::default();
        let mut step = 1_u64;
        for (dimension, news) in news {
            let kind = news.kind;
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
            if dimension == Dimension::Network {
                let so_far = day.all_networks_new.unwrap_or(true);
                day.all_networks_new = Some(so_far && kind.is_some());
            }
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

/// Decayed and undecayed counts of one dimension, as of a day.
#[derive(Clone, Copy, Debug, Default)]
struct Tracked {
    dn: f64,
    dk: f64,
    dk_other: f64,
    dk_lateral: f64,
    dk_world: f64,
    n_distinct: u32,
    n_once: u32,
    n_atoms: u32,
}

/// What one identity has met so far: everything the next window is compared
/// with. Grows day by day, so any point of the history can be replayed.
#[derive(Clone, Debug, Default)]
pub(super) struct Habit {
    seen: Vec<u32>,
    dimensions: [Tracked; N_DIMENSIONS],
    /// Decayed windows with a network, and those with only new ones.
    origin_dn: f64,
    origin_dk: f64,
    /// Steps taken so far.
    steps: StepCounts,
    pub(super) n_days: usize,
}

impl Habit {
    pub(super) fn new(subject: &Subject) -> Self {
        Self {
            seen: vec![0; subject.atoms.len()],
            dimensions: [Tracked::default(); N_DIMENSIONS],
            origin_dn: 0.0,
            origin_dk: 0.0,
            steps: StepCounts::new(&subject.steps),
            n_days: 0,
        }
    }

    /// The same for another `version` of the subject, in which the atoms went
    /// to `moved` and the first `n_learned` days are those learned so far.
    pub(super) fn moved(&self, moved: &[usize], version: &Subject, n_learned: usize) -> Self {
        let mut seen = vec![0; version.atoms.len()];
        for (count, at) in self.seen.iter().zip(moved) {
            if let Some(own) = seen.get_mut(*at) {
                *own = *count;
            }
        }
        let mut steps = StepCounts::new(&version.steps);
        for day in version.history().iter().take(n_learned) {
            if version.learns_from(day.ordinal) {
                steps.learn(&version.steps, day);
            }
        }
        Self {
            seen,
            dimensions: self.dimensions,
            steps,
            ..*self
        }
    }

    /// Learns one more day. Only windows past the warm-up count for rates.
    pub(super) fn learn(&mut self, subject: &Subject, day: &Day, typed: &TypedDay) {
        let counts = self.n_days >= WARM_UP;
        self.n_days += 1;
        for at in &day.atoms {
            let Some(mark) = subject.atoms.get(*at as usize) else {
                continue;
            };
            let (Some(seen), Some(tracked)) = (
                self.seen.get_mut(*at as usize),
                self.dimensions.get_mut(mark.dimension.index()),
            ) else {
                continue;
            };
            match *seen {
                0 => {
                    tracked.n_distinct += 1;
                    tracked.n_once += 1;
                }
                1 => tracked.n_once -= 1,
                _ => {}
            }
            *seen += 1;
            tracked.n_atoms += 1;
        }
        self.steps.learn(&subject.steps, day);
        if counts {
            self.count(typed);
        }
    }

    fn count(&mut self, typed: &TypedDay) {
        for (tracked, day) in self.dimensions.iter_mut().zip(&typed.dimensions) {
            tracked.dn = tracked.dn * RHO + f64::from(day.n);
            tracked.dk = tracked.dk * RHO + f64::from(day.all());
            tracked.dk_other = tracked.dk_other * RHO + f64::from(day.of(NewSet::Other));
            tracked.dk_lateral = tracked.dk_lateral * RHO + f64::from(day.lateral);
            tracked.dk_world = tracked.dk_world * RHO + f64::from(day.world);
        }
        if let Some(all_new) = typed.all_networks_new {
            self.origin_dn = self.origin_dn * RHO + 1.0;
            self.origin_dk = self.origin_dk * RHO + f64::from(u8::from(all_new));
        }
    }

    /// Share of this dimension's values that is usually new, as of now.
    pub(super) fn rate(&self, dimension: Dimension, group: &GroupRates) -> f64 {
        let (Some(tracked), Some(rates)) = (
            self.dimensions.get(dimension.index()),
            group.dimensions.get(dimension.index()),
        ) else {
            return 0.5;
        };
        personal_rate(&RateInput {
            dn: tracked.dn,
            dk: tracked.dk,
            n_distinct: f64::from(tracked.n_distinct),
            n_once: f64::from(tracked.n_once),
            n_atoms: f64::from(tracked.n_atoms),
            q0: rates.all,
            d0: rates.discount,
        })
        .q
    }

    /// The same for the kinds of one set.
    pub(super) fn rate_of(&self, dimension: Dimension, set: NewSet, group: &GroupRates) -> f64 {
        let q = self.rate(dimension, group);
        let (Some(tracked), Some(rates)) = (
            self.dimensions.get(dimension.index()),
            group.dimensions.get(dimension.index()),
        ) else {
            return q;
        };
        let (dk_t, q0_t) = match set {
            NewSet::Other => (tracked.dk_other, rates.peer + rates.lateral),
            NewSet::Lateral => (tracked.dk_lateral, rates.lateral),
            NewSet::World => (tracked.dk_world, rates.world),
            NewSet::Foreign => (
                tracked.dk_lateral + tracked.dk_world,
                rates.lateral + rates.world,
            ),
        };
        typed_rate(q, dk_t, q0_t, tracked.dk, rates.all)
    }

    /// Share of all values that is usually new.
    pub(super) fn overall_rate(&self, group: &GroupRates) -> f64 {
        let counted = || self.dimensions.iter().take(N_COUNTED);
        let dk = counted().map(|tracked| tracked.dk).sum();
        let dn = counted().map(|tracked| tracked.dn).sum();
        all_rate(dk, dn, group.overall)
    }

    /// Surprise of each step of a day, none for the `excused` ones.
    pub(super) fn step_bits(
        &self,
        subject: &Subject,
        day: &Day,
        class: &ClassSteps,
        excused: u64,
    ) -> Vec<f64> {
        let class = class.get(subject.class);
        let mut bits = self.steps.bits(&subject.steps, day, class);
        for (at, bits) in bits.iter_mut().take(64).enumerate() {
            if excused >> at & 1 == 1 {
                *bits = 0.0;
            }
        }
        bits
    }

    /// Share of days on which every network is new.
    pub(super) fn origin_rate(&self, group: &GroupRates) -> f64 {
        share_rate(self.origin_dk, self.origin_dn, group.origin)
    }

    /// Fills in the first-use statistics of one window.
    pub(super) fn statistics(
        &self,
        parameters: &Parameters,
        typed: &TypedDay,
        group: &GroupRates,
        out: &mut [f64],
    ) {
        let counted = || typed.dimensions.iter().take(N_COUNTED);
        let n = counted().map(|day| day.n).sum();
        let k = counted().map(|day| day.all()).sum();
        for ((statistic, _), value) in parameters.statistics.iter().zip(out) {
            match statistic {
                Statistic::Novelty if k > 0 => {
                    *value = tail_bits(k, n, self.overall_rate(group), STRENGTH_ALL);
                }
                Statistic::Fraction => *value = fraction(k, n),
                Statistic::New(dimension, set) => {
                    let Some(day) = typed.dimensions.get(dimension.index()) else {
                        continue;
                    };
                    if day.of(*set) > 0 {
                        let q = self.rate_of(*dimension, *set, group);
                        *value = tail_bits(day.of(*set), day.n, q, STRENGTH);
                    }
                }
                _ => {}
            }
        }
    }
}

/// Sums over usable history windows, from which group rates are made.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Totals {
    dimensions: [Sums; N_DIMENSIONS],
    n_distinct: [f64; N_DIMENSIONS],
    n_once: [f64; N_DIMENSIONS],
    origin: Counts,
}

#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    n: f64,
    peer: f64,
    lateral: f64,
    world: f64,
}

impl Totals {
    pub(super) fn add_window(&mut self, typed: &TypedDay) {
        for (sums, day) in self.dimensions.iter_mut().zip(&typed.dimensions) {
            sums.n += f64::from(day.n);
            sums.peer += f64::from(day.peer);
            sums.lateral += f64::from(day.lateral);
            sums.world += f64::from(day.world);
        }
        if let Some(all_new) = typed.all_networks_new {
            self.origin.n += 1.0;
            self.origin.k += f64::from(u8::from(all_new));
        }
    }

    /// Adds the distinct values of one identity's history.
    pub(super) fn add_values(&mut self, habit: &Habit) {
        for (at, tracked) in habit.dimensions.iter().enumerate() {
            if let (Some(distinct), Some(once)) =
                (self.n_distinct.get_mut(at), self.n_once.get_mut(at))
            {
                *distinct += f64::from(tracked.n_distinct);
                *once += f64::from(tracked.n_once);
            }
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        for (sums, more) in self.dimensions.iter_mut().zip(&other.dimensions) {
            sums.n += more.n;
            sums.peer += more.peer;
            sums.lateral += more.lateral;
            sums.world += more.world;
        }
        for (sum, more) in self.n_distinct.iter_mut().zip(other.n_distinct) {
            *sum += more;
        }
        for (sum, more) in self.n_once.iter_mut().zip(other.n_once) {
            *sum += more;
        }
        self.origin.n += other.origin.n;
        self.origin.k += other.origin.k;
    }

    fn counts(&self, at: usize, of: fn(&Sums) -> f64) -> Counts {
        let sums = self.dimensions.get(at).copied().unwrap_or_default();
        Counts {
            k: of(&sums),
            n: sums.n,
        }
    }

    fn overall(&self) -> Counts {
        let counted = || self.dimensions.iter().take(N_COUNTED);
        Counts {
            k: counted().map(|s| s.peer + s.lateral + s.world).sum(),
            n: counted().map(|s| s.n).sum(),
        }
    }
}

/// How often values are new to identities like this one.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct GroupRates {
    dimensions: [DimensionRates; N_DIMENSIONS],
    overall: f64,
    origin: f64,
}

#[derive(Clone, Copy, Debug, Default)]
struct DimensionRates {
    all: f64,
    peer: f64,
    lateral: f64,
    world: f64,
    discount: f64,
}

impl GroupRates {
    /// Shrinks the peers' rates to the class's, and those to the
    /// organisation's (`[novelty.group_rate]`).
    pub(super) fn new(organisation: &Totals, class: &Totals, peers: &Totals) -> Self {
        let rate = |pseudo, at, of: fn(&Sums) -> f64| {
            group_rate(
                pseudo,
                organisation.counts(at, of),
                class.counts(at, of),
                peers.counts(at, of),
            )
            .peers
        };
        let mut rates = Self {
            overall: group_rate(
                PSEUDO_NEW,
                organisation.overall(),
                class.overall(),
                peers.overall(),
            )
            .peers,
            origin: group_rate(PSEUDO_NEW, organisation.origin, class.origin, peers.origin).peers,
            ..Self::default()
        };
        for (at, own) in rates.dimensions.iter_mut().enumerate() {
            *own = DimensionRates {
                all: rate(PSEUDO_NEW, at, |s| s.peer + s.lateral + s.world),
                peer: rate(PSEUDO_PEER, at, |s| s.peer),
                lateral: rate(PSEUDO_LATERAL, at, |s| s.lateral),
                world: rate(PSEUDO_WORLD, at, |s| s.world),
                discount: group_discount(
                    class.n_once.get(at).copied().unwrap_or_default(),
                    class.n_distinct.get(at).copied().unwrap_or_default(),
                ),
            };
        }
        rates
    }
}

/// Totals per class, in the order of [`Class::ALL`].
pub(super) fn by_class(slate: &Slate, totals: &[Totals]) -> Vec<(Class, Totals)> {
    Class::ALL
        .into_iter()
        .map(|class| {
            let mut sum = Totals::default();
            for (subject, own) in slate.subjects.iter().zip(totals) {
                if subject.class == class {
                    sum.add(own);
                }
            }
            (class, sum)
        })
        .collect()
}
