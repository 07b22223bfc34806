//! Novelty: how many new values an identity usually meets, and how surprising
//! those of a window are (MODEL §4.2–4.4).

use super::first_use::{N_DIMENSIONS, TypedDay, WARM_UP};
use super::sequence::{ClassSteps, StepCounts};
use super::slate::Slate;
use super::subject::{Day, Subject};
use super::{NewSet, Parameters, Statistic};
use crate::event::Class;
use crate::ledger::Dimension;
use crate::stats::novelty::{
    Counts, PSEUDO_LATERAL, PSEUDO_NEW, PSEUDO_PEER, PSEUDO_WORLD, RateInput, all_rate, fraction,
    group_discount, group_rate, personal_rate, share_rate, tail_bits, typed_rate,
};
use crate::stats::{RHO, STRENGTH, STRENGTH_ALL};

/// Of the dimensions in which first use is counted, the ones that count among
/// all new values; see [`Dimension::is_counted`].
const N_COUNTED: usize = Dimension::Owner.index();

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
