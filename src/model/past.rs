//! The history replayed: every usable window is scored as if it were the
//! review, which is what calibrates the review.

use std::ops::Range;

use super::calibration::OwnList;
use super::first_use::WARM_UP;
use super::firsts::Firsts;
use super::level::Levels;
use super::newcomer;
use super::novelty::{GroupRates, Habit};
use super::peers::Peers;
use super::pooling::Pooling;
use super::ranking::Ranking;
use super::reading::{Candidate, Reading, combine};
use super::reckoning::{Among, PoolAge, PoolReckoning};
use super::replay::{Group, Replayed, group_rates};
use super::review::DayBits;
use super::rows::Rows;
use super::sequence::{ClassSteps, sequence_statistics};
use super::slate::{Ordinal, Slate};
use super::subject::Subject;
use super::{Parameters, Statistic, parallel};
use crate::event::Class;
use crate::stats::TIE;
use crate::stats::combine::{bits, final_p};

/// Everything the history says, ready to score a review.
pub(super) struct Past {
    /// Usable windows, by subject and time.
    pub(super) windows: Vec<PastWindow>,
    /// What each subject has learned by the end of the history.
    pub(super) habits: Vec<Habit>,
    /// What was new to each subject on which day of the history.
    pub(super) firsts: Vec<Firsts>,
    pub(super) rates: Vec<GroupRates>,
    pub(super) levels: Levels,
    pub(super) class_steps: ClassSteps,
    /// What windows of the review are ranked among …
    ranking: Ranking,
    /// … and those of newcomers.
    newcomers: Ranking,
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
    /// Whether nothing is learned from it: pools hold it, own lists do not.
    pub(super) is_hidden: bool,
}

impl Past {
    /// Replays the history of every subject.
    pub(super) fn replay(
        slate: &Slate,
        peers: &Peers,
        parameters: &Parameters,
        shared: &[bool],
    ) -> Self {
        let threads = parameters.threads;
        let firsts = parallel::map(threads, slate.subjects.len(), |at| {
            let own = peers.near.get(at).map(Vec::as_slice);
            Firsts::of(slate, own.unwrap_or_default(), at)
        });
        let rates = group_rates(slate, &peers.near, parameters, &firsts);
        let levels = Levels::new(slate, parameters);
        let class_steps = ClassSteps::of(slate);
        let group = Group {
            rates: &rates,
            levels: &levels,
            class_steps: &class_steps,
        };
        let replayed = parallel::map(threads, slate.subjects.len(), |at| {
            let own_peers = peers.near.get(at).map(Vec::as_slice);
            let own_peers = own_peers.unwrap_or_default();
            let firsts = firsts.get(at)?;
            Some(Replayed::of(
                slate, own_peers, parameters, &group, firsts, at,
            ))
        });
        let (mut windows, mut rows, mut habits) = (Vec::new(), Rows::default(), Vec::new());
        for own in replayed.into_iter().flatten() {
            windows.extend(own.windows);
            rows.append(&own.rows);
            habits.push(own.habit);
        }
        let pooling = Pooling::of_windows(slate, windows.iter().map(|w| w.subject).collect())
            .in_runs(windows.iter().map(|w| slate.run_of(w.ordinal)).collect())
            .hiding(windows.iter().map(|w| w.is_hidden).collect())
            .counting(parameters.counts_tails);
        let newcomers = newcomer::ranking(slate, &peers.by_key, parameters, &group);
        let mut past = Self {
            windows,
            habits,
            firsts,
            ranking: Ranking::new(pooling, rows, parameters),
            newcomers,
            rates,
            levels,
            class_steps,
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
        let own_peers = peers.get(subject).map(Vec::as_slice).unwrap_or_default();
        let firsts = Firsts::of(slate, own_peers, subject);
        let own = Replayed::of(slate, own_peers, parameters, &group, &firsts, subject);
        let list = |at: usize| {
            let column = own.rows.column(at).into_iter().zip(&own.windows);
            let learned = column.filter(|(_, window)| !window.is_hidden);
            OwnList::of(&learned.map(|(t, _)| t).collect::<Vec<f64>>())
        };
        let lists = (0..parameters.statistics.len()).map(list).collect();
        (own.habit, lists)
    }

    /// Puts other lists in the place of those of `subject`; returns the latter.
    pub(super) fn replace(&mut self, subject: usize, lists: Vec<OwnList>) -> Vec<OwnList> {
        self.ranking.replace(subject, lists)
    }

    /// Scores every window under the weights of `parameters`, and ranks it
    /// among all others.
    pub(super) fn reweigh(&mut self, slate: &Slate, parameters: &Parameters, shared: &[bool]) {
        let is_shared = |subject: usize| shared.get(subject).copied().unwrap_or_default();
        let scores = self.ranking.rank(slate, parameters, is_shared);
        for (window, scores) in self.windows.iter_mut().zip(scores) {
            window.scores = scores;
        }
        // Nobody knows yet of a newcomer whether it is shared.
        self.newcomers.rank(slate, parameters, |_| false);
        let ps = parallel::map(parameters.threads, self.windows.len(), |at| {
            let window = self.windows.get(at)?;
            let ps = self.ranking.p_channels(at, window.scores);
            Some(final_p(ps, self.ranking.n_pool(window.subject)))
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
        let Some(window) = self.windows.get(at) else {
            return Reading::default();
        };
        let is_shared = shared.get(window.subject).copied().unwrap_or_default();
        let class = class_of(slate, window.subject);
        let mut reading = self.ranking.window(parameters, at, class, is_shared);
        reading.p_channels = self.ranking.p_channels(at, reading.scores);
        reading.p_final = window.p_final;
        reading
    }

    /// What the review score takes from a window of the history.
    pub(super) fn day_bits(&self, parameters: &Parameters, at: usize) -> DayBits {
        let of = |statistic| {
            let column = parameters.position(statistic);
            let p = column.and_then(|s| self.ranking.p_of_window(at, s));
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
        let is_newcomer = window.habit.n_days < WARM_UP;
        let mut reading = Reading {
            raw: self.raw(slate, parameters, own, rates, window),
            is_newcomer,
            ..Reading::default()
        };
        let ranking = self.ranking(is_newcomer);
        reading.p = ranking.p_of_new(subject, &reading.raw);
        combine(parameters, own.class, window.is_shared, &mut reading);
        reading.p_channels = ranking.p_channels_of_new(subject, reading.scores);
        reading.p_final = final_p(reading.p_channels, ranking.n_pool(subject));
        reading
    }

    /// What windows are ranked among: newcomers among themselves.
    pub(super) fn ranking(&self, is_newcomer: bool) -> &Ranking {
        if is_newcomer {
            &self.newcomers
        } else {
            &self.ranking
        }
    }

    /// The windows that one of `subject` is ranked among.
    pub(super) fn pool(&self, subject: usize, is_newcomer: bool) -> PoolReckoning {
        let pooling = &self.ranking(is_newcomer).pooling;
        PoolReckoning {
            class: pooling.class_of(subject),
            age: match (is_newcomer, pooling.is_beginner(subject)) {
                (true, _) => PoolAge::Newcomer,
                (false, true) => PoolAge::First,
                (false, false) => PoolAge::Any,
            },
            n: pooling.n_pool(subject),
        }
    }

    /// Whether a subject is a newcomer where the review begins.
    pub(super) fn is_newcomer(&self, subject: usize) -> bool {
        let habit = self.habits.get(subject);
        habit.is_none_or(|habit| habit.n_days < WARM_UP)
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
        reading.p = self.ranking.p_instead(at, &reading.raw);
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

    /// `t` of statistic number `at` among the windows of those `whose` they are.
    pub(super) fn among(&self, at: usize, t: f64, whose: impl Fn(usize) -> bool) -> Among {
        let own = self.windows.iter().enumerate();
        let own = own.filter(|(_, window)| whose(window.subject));
        own.fold(Among::default(), |among, (window, _)| {
            let value = self.ranking.value(window, at);
            Among {
                n: among.n + 1,
                n_at_least: among.n_at_least + usize::from(value >= t - TIE),
                max: among.max.max(value),
            }
        })
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
}

pub(super) fn class_of(slate: &Slate, subject: usize) -> Class {
    let own = slate.subjects.get(subject);
    own.map_or(Class::Anonymous, |own| own.class)
}
