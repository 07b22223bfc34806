//! The history replayed: every usable window is scored as if it were the
//! review, which is what calibrates the review.

use std::ops::Range;

use super::calibration::{Calibrated, Column, OwnList, PoolColumn, Pooling};
use super::level::Levels;
use super::novelty::{
    GroupRates, Habit, Totals, TypedDay, WARM_UP, by_class, kind_of, marks_of, typed,
};
use super::reckoning::Among;
use super::review::DayBits;
use super::rows::Rows;
use super::sequence::{ClassSteps, sequence_statistics};
use super::slate::{Ordinal, Slate};
use super::subject::{Day, Subject};
use super::{ChannelCalibration, Family, Parameters, Statistic, parallel};
use crate::event::Class;
use crate::stats::TIE;
use crate::stats::calibration::PoolRank;
use crate::stats::combine::{FamilyKind, FamilyScore, bits, channels, family_bits, final_p};
use crate::stats::novelty::NoveltyType;

/// A history window with a final p-value below this is not learned from.
pub(super) const QUARANTINE_P: f64 = 1e-3;
/// At most this share of an identity's windows is taken out.
const QUARANTINE_SHARE: f64 = 0.02;
/// Active days in which new values must be met again …
const STAY_DAYS: usize = 5;
/// … so often, to be called a change of duty.
const STAY_AGAIN: usize = 2;

/// Everything the history says, ready to score a review.
pub(super) struct Past {
    /// Usable windows, by subject and time.
    pub(super) windows: Vec<PastWindow>,
    /// What each subject has learned by the end of the history.
    pub(super) habits: Vec<Habit>,
    pub(super) rates: Vec<GroupRates>,
    pub(super) levels: Levels,
    pub(super) class_steps: ClassSteps,
    pub(super) pooling: Pooling,
    /// Raw statistics of every window.
    rows: Rows,
    columns: Vec<Column>,
    channels: Vec<ChannelColumn>,
}

/// One usable window of the history. There may be millions.
#[derive(Clone, Debug)]
pub(super) struct PastWindow {
    pub(super) subject: usize,
    /// Position in the subject's days.
    pub(super) day: usize,
    pub(super) ordinal: Ordinal,
    /// Distinct values.
    pub(super) n_values: u32,
    /// Of these, new ones.
    pub(super) n_new: u32,
    /// Takeover, fragment, burst.
    pub(super) scores: [f64; 3],
    pub(super) p_final: f64,
}

/// A window of the review that is to be scored.
pub(super) struct Candidate<'a> {
    pub(super) subject: usize,
    pub(super) day: &'a Day,
    /// What the identity had learned before.
    pub(super) habit: &'a Habit,
    pub(super) typed: &'a TypedDay,
    /// Whether several callers interleave behind the identity.
    pub(super) is_shared: bool,
}

/// What the statistics of one window say.
#[derive(Clone, Debug, Default)]
pub(super) struct Reading {
    /// Raw statistics, in the order of [`Parameters::statistics`].
    pub(super) raw: Vec<f64>,
    /// Their p-values.
    pub(super) p: Vec<f64>,
    pub(super) families: Vec<(Family, f64)>,
    /// Takeover, fragment, burst.
    pub(super) scores: [f64; 3],
    pub(super) p_channels: [f64; 3],
    pub(super) p_final: f64,
}

impl Reading {
    /// What a family says; 0 if it is not enabled.
    fn bits(&self, family: Family) -> f64 {
        let mut own = self.families.iter().filter(|(own, _)| *own == family);
        own.next().map_or(0.0, |(_, bits)| *bits)
    }
}

enum ChannelColumn {
    Pool(PoolColumn),
    Own(Column),
}

impl Past {
    /// Replays the history of every subject.
    pub(super) fn replay(
        slate: &Slate,
        peers: &[Vec<usize>],
        parameters: &Parameters,
        shared: &[bool],
    ) -> Self {
        let threads = parameters.threads;
        let rates = group_rates(slate, peers, parameters);
        let levels = Levels::new(slate, parameters);
        let class_steps = ClassSteps::of(slate);
        let group = Group {
            rates: &rates,
            levels: &levels,
            class_steps: &class_steps,
        };
        let replayed = parallel::map(threads, slate.subjects.len(), |at| {
            Replayed::of(slate, peers, parameters, &group, at)
        });
        let (mut windows, mut rows, mut habits) = (Vec::new(), Rows::default(), Vec::new());
        for own in replayed {
            windows.extend(own.windows);
            rows.append(&own.rows);
            habits.push(own.habit);
        }
        let pooling = Pooling::of_windows(slate, windows.iter().map(|w| w.subject).collect());
        let columns = parallel::map(threads, parameters.statistics.len(), |at| {
            Column::new(&pooling, &rows.column(at))
        });
        let mut past = Self {
            windows,
            habits,
            rates,
            levels,
            class_steps,
            pooling,
            rows,
            columns,
            channels: Vec::new(),
        };
        past.reweigh(slate, parameters, shared);
        past
    }

    /// What `subject` has learned of its history as it is now, and its own list
    /// of each statistic.
    pub(super) fn relearned(
        &self,
        slate: &Slate,
        peers: &[Vec<usize>],
        parameters: &Parameters,
        subject: usize,
    ) -> (Habit, Vec<OwnList>) {
        let group = Group {
            rates: &self.rates,
            levels: &self.levels,
            class_steps: &self.class_steps,
        };
        let own = Replayed::of(slate, peers, parameters, &group, subject);
        let lists = (0..self.columns.len()).map(|at| OwnList::of(&own.rows.column(at)));
        (own.habit, lists.collect())
    }

    /// Puts other lists in the place of those of `subject`; returns the latter.
    pub(super) fn replace(&mut self, subject: usize, lists: Vec<OwnList>) -> Vec<OwnList> {
        let columns = self.columns.iter_mut().zip(lists);
        columns
            .map(|(column, list)| column.replace(subject, list))
            .collect()
    }

    /// Scores every window under the weights of `parameters`, and ranks it
    /// among all others.
    pub(super) fn reweigh(&mut self, slate: &Slate, parameters: &Parameters, shared: &[bool]) {
        let threads = parameters.threads;
        let scores = parallel::map(threads, self.windows.len(), |at| {
            self.reading(slate, parameters, shared, at).scores
        });
        for (window, scores) in self.windows.iter_mut().zip(scores) {
            window.scores = scores;
        }
        self.channels = parallel::map(threads, 3, |channel| {
            let values: Vec<f64> = self
                .windows
                .iter()
                .map(|w| w.scores.get(channel).copied().unwrap_or_default())
                .collect();
            match parameters.channels {
                ChannelCalibration::Pool => {
                    ChannelColumn::Pool(PoolColumn::new(&self.pooling, &values))
                }
                ChannelCalibration::OwnAndPool => {
                    ChannelColumn::Own(Column::new(&self.pooling, &values))
                }
            }
        });
        let ps = parallel::map(threads, self.windows.len(), |at| {
            let window = self.windows.get(at)?;
            let ps = self.p_channels(window, at);
            Some(final_p(ps, self.pooling.n_pool(window.subject)))
        });
        for (window, p_final) in self.windows.iter_mut().zip(ps) {
            window.p_final = p_final.unwrap_or(1.0);
        }
    }

    /// What the statistics of a window of the history say.
    pub(super) fn reading(
        &self,
        slate: &Slate,
        parameters: &Parameters,
        shared: &[bool],
        at: usize,
    ) -> Reading {
        let raw = self.rows.dense(at, parameters.statistics.len());
        let p = self
            .columns
            .iter()
            .zip(&raw)
            .map(|(column, t)| column.p_of_window(&self.pooling, at, *t))
            .collect();
        let mut reading = Reading {
            raw,
            p,
            ..Reading::default()
        };
        if let Some(window) = self.windows.get(at) {
            let is_shared = shared.get(window.subject).copied().unwrap_or_default();
            let class = class_of(slate, window.subject);
            combine(parameters, class, is_shared, &mut reading);
            reading.p_channels = self.p_channels(window, at);
            reading.p_final = window.p_final;
        }
        reading
    }

    /// What the review score takes from a window of the history.
    pub(super) fn day_bits(&self, parameters: &Parameters, at: usize) -> DayBits {
        let of = |statistic| {
            let column = parameters.position(statistic);
            let p = column.and_then(|s| {
                let t = self.rows.get(at, s);
                Some(self.columns.get(s)?.p_of_window(&self.pooling, at, t))
            });
            bits(p.unwrap_or(1.0))
        };
        DayBits {
            hour: of(Statistic::Hour),
            events_hour: of(Statistic::EventsHour),
            events_day: of(Statistic::EventsDay),
            targets_day: of(Statistic::TargetsDay),
            takeover: self.windows.get(at).map_or(0.0, |window| window.scores[0]),
        }
    }

    /// Hides each identity's most unusual windows from learning, except those
    /// that turned out to be a change of duty. Returns whether there were any.
    pub(super) fn quarantine(&self, slate: &mut Slate, peers: &[Vec<usize>]) -> bool {
        let mut any = false;
        for run in self.windows.chunk_by(|a, b| a.subject == b.subject) {
            let mut flagged: Vec<&PastWindow> = run
                .iter()
                .filter(|w| w.p_final < QUARANTINE_P && !self.stayed(slate, peers, w))
                .collect();
            flagged.sort_by(|a, b| {
                a.p_final
                    .total_cmp(&b.p_final)
                    .then(a.ordinal.cmp(&b.ordinal))
            });
            #[expect(
                clippy::cast_precision_loss,
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "2 % of a count of windows"
            )]
            let most = ((run.len() as f64 * QUARANTINE_SHARE) as usize).max(1);
            for window in flagged.into_iter().take(most) {
                if let Some(subject) = slate.subjects.get_mut(window.subject) {
                    subject.hidden.insert(window.ordinal);
                    any = true;
                }
            }
        }
        any
    }

    /// Whether what was new in a window of the history came to stay.
    fn stayed(&self, slate: &Slate, peers: &[Vec<usize>], window: &PastWindow) -> bool {
        let peers = peers.get(window.subject).map(Vec::as_slice);
        let own = slate.subjects.get(window.subject);
        let last = own.and_then(|own| own.n_history.checked_sub(1));
        last.is_some_and(|last| {
            let peers = peers.unwrap_or_default();
            came_to_stay(slate, peers, window.subject, window.day, last)
        })
    }

    /// Scores a window of the review.
    pub(super) fn read(
        &self,
        slate: &Slate,
        parameters: &Parameters,
        window: &Candidate<'_>,
    ) -> Reading {
        let subject = window.subject;
        let (Some(own), Some(rates)) = (slate.subjects.get(subject), self.rates.get(subject))
        else {
            return Reading::default();
        };
        let mut reading = Reading {
            raw: self.raw(slate, parameters, own, rates, window),
            ..Reading::default()
        };
        reading.p = self
            .columns
            .iter()
            .zip(&reading.raw)
            .map(|(column, t)| column.p_of_new(&self.pooling, subject, *t))
            .collect();
        combine(parameters, own.class, window.is_shared, &mut reading);
        let p_of = |(channel, score): (&ChannelColumn, &f64)| match channel {
            ChannelColumn::Pool(column) => column.p(&self.pooling, subject, *score).unwrap_or(1.0),
            ChannelColumn::Own(column) => column.p_of_new(&self.pooling, subject, *score),
        };
        for (p, channel) in reading
            .p_channels
            .iter_mut()
            .zip(self.channels.iter().zip(&reading.scores))
        {
            *p = p_of(channel);
        }
        reading.p_final = final_p(reading.p_channels, self.pooling.n_pool(subject));
        reading
    }

    /// What the statistics say of the history window at position `at` if its
    /// day had been `window`, of another version of its `subject`: up to the
    /// scores.
    pub(super) fn reread(
        &self,
        slate: &Slate,
        parameters: &Parameters,
        at: usize,
        subject: &Subject,
        window: &Candidate<'_>,
    ) -> Reading {
        let Some(rates) = self.rates.get(window.subject) else {
            return Reading::default();
        };
        let mut reading = Reading {
            raw: self.raw(slate, parameters, subject, rates, window),
            ..Reading::default()
        };
        let original = self.rows.dense(at, parameters.statistics.len());
        reading.p = self
            .columns
            .iter()
            .zip(original.iter().zip(&reading.raw))
            .map(|(column, (original, t))| column.p_instead(&self.pooling, at, *original, *t))
            .collect();
        combine(parameters, subject.class, window.is_shared, &mut reading);
        reading
    }

    /// Raw statistics of a window of a version of its subject.
    fn raw(
        &self,
        slate: &Slate,
        parameters: &Parameters,
        subject: &Subject,
        rates: &GroupRates,
        window: &Candidate<'_>,
    ) -> Vec<f64> {
        let mut raw = vec![0.0; parameters.statistics.len()];
        self.levels
            .statistics(parameters, slate, subject, window.day, &mut raw);
        window
            .habit
            .statistics(parameters, window.typed, rates, &mut raw);
        let excused = parameters.excused(window.typed);
        let steps = window
            .habit
            .step_bits(subject, window.day, &self.class_steps, excused);
        sequence_statistics(parameters, &steps, &mut raw);
        raw
    }

    /// How statistic number `at` of a new window of `subject` becomes a p-value.
    pub(super) fn calibrated(&self, subject: usize, at: usize, t: f64) -> Option<Calibrated> {
        self.columns.get(at)?.calibrated(&self.pooling, subject, t)
    }

    /// `t` of statistic number `at` among the windows of those `whose` they are.
    pub(super) fn among(&self, at: usize, t: f64, whose: impl Fn(usize) -> bool) -> Among {
        let own = self.windows.iter().enumerate();
        let own = own.filter(|(_, window)| whose(window.subject));
        own.fold(Among::default(), |among, (window, _)| {
            let value = self.rows.get(window, at);
            Among {
                n: among.n + 1,
                n_at_least: among.n_at_least + usize::from(value >= t - TIE),
                max: among.max.max(value),
            }
        })
    }

    /// Where the channel scores of a new window of `subject` stand in its pool.
    pub(super) fn channel_ranks(&self, subject: usize, scores: [f64; 3]) -> Vec<Option<PoolRank>> {
        let channels = self.channels.iter().zip(scores);
        let rank = |(channel, score): (&ChannelColumn, f64)| match channel {
            ChannelColumn::Pool(column) => column.rank(&self.pooling, subject, score),
            ChannelColumn::Own(_) => None,
        };
        channels.map(rank).collect()
    }

    /// Positions of the usable windows of `subject`.
    pub(super) fn range_of(&self, subject: usize) -> Range<usize> {
        let from = self.windows.partition_point(|w| w.subject < subject);
        let to = self.windows.partition_point(|w| w.subject <= subject);
        from..to
    }

    /// Usable windows of `subject`.
    pub(super) fn windows_of(&self, subject: usize) -> &[PastWindow] {
        self.windows.get(self.range_of(subject)).unwrap_or_default()
    }

    /// p-values of a history window's scores, once the channels are calibrated.
    fn p_channels(&self, window: &PastWindow, at: usize) -> [f64; 3] {
        let mut ps = [1.0; 3];
        for ((p, channel), score) in ps.iter_mut().zip(&self.channels).zip(window.scores) {
            *p = match channel {
                ChannelColumn::Pool(column) => column
                    .p(&self.pooling, window.subject, score)
                    .unwrap_or(1.0),
                ChannelColumn::Own(column) => column.p_of_window(&self.pooling, at, score),
            };
        }
        ps
    }
}

/// Whether what was new in the window of `subject` at position `at` came to
/// stay, as far as can be seen on the one at `last`: at least half of its values
/// that no peer knew were used again on two of the identity's next five active
/// days. A trip or a new duty is learned; an intrusion that is over is not.
pub(super) fn came_to_stay(
    slate: &Slate,
    peers: &[usize],
    subject: usize,
    at: usize,
    last: usize,
) -> bool {
    let Some(own) = slate.subjects.get(subject) else {
        return false;
    };
    let Some(day) = own.days.get(at) else {
        return false;
    };
    let last = last.min(at.saturating_add(STAY_DAYS));
    let next = own.days.get(at.saturating_add(1)..=last);
    let next: Vec<Ordinal> = next.unwrap_or_default().iter().map(|d| d.ordinal).collect();
    if next.len() < STAY_AGAIN {
        return false;
    }
    let (mut n_new, mut n_stayed) = (0_usize, 0_usize);
    for mark in marks_of(own, day) {
        let kind = kind_of(slate, peers, subject, mark, day.ordinal);
        if mark.dimension.is_counted() && kind.is_some_and(|kind| kind != NoveltyType::Peer) {
            n_new += 1;
            let again = next.iter().filter(|day| mark.days.contains(**day)).count();
            n_stayed += usize::from(again >= STAY_AGAIN);
        }
    }
    n_new > 0 && n_stayed.saturating_mul(2) >= n_new
}

/// Days a subject may learn from, in order, with their position.
fn learned_days(subject: &Subject) -> impl Iterator<Item = (usize, &Day)> {
    subject
        .history()
        .iter()
        .enumerate()
        .filter(|(_, day)| subject.learns_from(day.ordinal))
}

/// What a subject's days are counted as: usable windows, behind the warm-up.
fn usable_days(subject: &Subject) -> impl Iterator<Item = (usize, &Day)> {
    learned_days(subject).skip(WARM_UP)
}

/// What identities of one kind have in common.
struct Group<'g> {
    rates: &'g [GroupRates],
    levels: &'g Levels,
    class_steps: &'g ClassSteps,
}

/// The history of one subject, before it is calibrated.
struct Replayed {
    windows: Vec<PastWindow>,
    rows: Rows,
    habit: Habit,
}

impl Replayed {
    fn of(
        slate: &Slate,
        peers: &[Vec<usize>],
        parameters: &Parameters,
        group: &Group<'_>,
        at: usize,
    ) -> Self {
        let mut own = Self {
            windows: Vec::new(),
            rows: Rows::default(),
            habit: Habit::default(),
        };
        let (Some(subject), Some(rates)) = (slate.subjects.get(at), group.rates.get(at)) else {
            return own;
        };
        own.habit = Habit::new(subject);
        let own_peers = peers.get(at).map(Vec::as_slice).unwrap_or_default();
        let mut row = vec![0.0; parameters.statistics.len()];
        for (n, (position, day)) in learned_days(subject).enumerate() {
            if n < WARM_UP {
                own.habit.learn(subject, day, &TypedDay::default());
                continue;
            }
            let typed = typed(slate, own_peers, at, marks_of(subject, day), day.ordinal);
            row.fill(0.0);
            group
                .levels
                .statistics(parameters, slate, subject, day, &mut row);
            own.habit.statistics(parameters, &typed, rates, &mut row);
            let excused = parameters.excused(&typed);
            let steps = own
                .habit
                .step_bits(subject, day, group.class_steps, excused);
            sequence_statistics(parameters, &steps, &mut row);
            own.rows.push(&row);
            own.habit.learn(subject, day, &typed);
            own.windows.push(PastWindow {
                subject: at,
                day: position,
                ordinal: day.ordinal,
                n_values: typed.dimensions.iter().map(|own| own.n).sum(),
                n_new: typed.dimensions.iter().map(|own| own.all()).sum(),
                scores: [0.0; 3],
                p_final: 1.0,
            });
        }
        own
    }
}

/// How often values are new to each subject, its peers and its class.
fn group_rates(slate: &Slate, peers: &[Vec<usize>], parameters: &Parameters) -> Vec<GroupRates> {
    let totals = parallel::map(parameters.threads, slate.subjects.len(), |at| {
        totals_of(slate, peers, at)
    });
    let mut organisation = Totals::default();
    for own in &totals {
        organisation.add(own);
    }
    let classes = by_class(slate, &totals);
    slate
        .subjects
        .iter()
        .zip(peers)
        .map(|(subject, peers)| {
            let mut of_peers = Totals::default();
            for peer in peers.iter().filter_map(|peer| totals.get(*peer)) {
                of_peers.add(peer);
            }
            let class = classes.iter().find(|(class, _)| *class == subject.class);
            GroupRates::new(
                &organisation,
                class.map_or(&organisation, |(_, totals)| totals),
                &of_peers,
            )
        })
        .collect()
}

/// The distinct and the new values of one subject's history.
fn totals_of(slate: &Slate, peers: &[Vec<usize>], at: usize) -> Totals {
    let mut totals = Totals::default();
    let Some(subject) = slate.subjects.get(at) else {
        return totals;
    };
    let own_peers = peers.get(at).map(Vec::as_slice).unwrap_or_default();
    for (_, day) in usable_days(subject) {
        let marks = marks_of(subject, day);
        totals.add_window(&typed(slate, own_peers, at, marks, day.ordinal));
    }
    let mut habit = Habit::new(subject);
    for (_, day) in learned_days(subject) {
        habit.learn(subject, day, &TypedDay::default());
    }
    totals.add_values(&habit);
    totals
}

fn class_of(slate: &Slate, subject: usize) -> Class {
    let own = slate.subjects.get(subject);
    own.map_or(Class::Anonymous, |own| own.class)
}

/// Families and channel scores from the p-values of the statistics. Of a
/// shared identity, where it came from and from how many places says nothing.
pub(super) fn combine(
    parameters: &Parameters,
    class: Class,
    is_shared: bool,
    reading: &mut Reading,
) {
    let mut scores = Vec::with_capacity(Family::ALL.len());
    reading.families.clear();
    for family in Family::ALL {
        let ps: Vec<f64> = parameters
            .statistics
            .iter()
            .zip(&reading.p)
            .filter(|((_, own), _)| *own == family)
            .map(|(_, p)| *p)
            .collect();
        if ps.is_empty() {
            continue;
        }
        let is_blurred = matches!(family, Family::From | Family::Credential);
        let bits = if is_shared && is_blurred {
            0.0
        } else {
            family_bits(&ps)
        };
        let kind = match family {
            Family::Fraction => FamilyKind::Fraction,
            family if parameters.lone.contains(&family) => FamilyKind::Amount,
            _ => FamilyKind::Plain,
        };
        scores.push(FamilyScore {
            bits,
            weight: parameters.weight(family, class),
            kind,
        });
        reading.families.push((family, bits));
    }
    let channels = channels(&scores);
    let echo = if parameters.discounts_echoes {
        reading
            .bits(Family::What)
            .min(reading.bits(Family::Sequence))
    } else {
        0.0
    };
    let fragment = (channels.fragment - echo).max(0.0);
    reading.scores = [channels.takeover, fragment, channels.burst];
}
