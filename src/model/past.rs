//! The history replayed: every usable window is scored as if it were the
//! review, which is what calibrates the review.

use super::calibration::{Column, PoolColumn, Pooling};
use super::level::Levels;
use super::novelty::{
    GroupRates, Habit, Totals, TypedDay, WARM_UP, by_class, kind_of, marks_of, typed,
};
use super::sequence::{ClassSteps, sequence_statistics};
use super::slate::{Ordinal, Slate};
use super::subject::{Day, Subject};
use super::{ChannelCalibration, Family, Parameters};
use crate::event::Class;
use crate::stats::combine::{FamilyKind, FamilyScore, channels, family_bits, final_p};
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
    columns: Vec<Column>,
    channels: Vec<ChannelColumn>,
}

/// One usable window of the history.
pub(super) struct PastWindow {
    pub(super) subject: usize,
    /// Position in the subject's days.
    pub(super) day: usize,
    pub(super) ordinal: Ordinal,
    pub(super) typed: TypedDay,
    pub(super) reading: Reading,
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
        let mut windows = typed_windows(slate, peers);
        let rates = group_rates(slate, peers, &windows);
        let levels = Levels::new(slate, parameters);
        let class_steps = ClassSteps::of(slate);
        let group = Group {
            rates: &rates,
            levels: &levels,
            class_steps: &class_steps,
        };
        let habits = raw_statistics(slate, parameters, &group, &mut windows);
        let pooling = Pooling::of_windows(slate, windows.iter().map(|w| w.subject).collect());
        let columns = calibrate(&pooling, parameters, &mut windows);
        for window in &mut windows {
            let is_shared = shared.get(window.subject).copied().unwrap_or_default();
            let class = class_of(slate, window.subject);
            combine(parameters, class, is_shared, &mut window.reading);
        }
        let channels = calibrate_channels(&pooling, parameters, &mut windows);
        let mut past = Self {
            windows,
            habits,
            rates,
            levels,
            class_steps,
            pooling,
            columns,
            channels,
        };
        for at in 0..past.windows.len() {
            past.finish_window(at);
        }
        past
    }

    /// Hides each identity's most unusual windows from learning, except those
    /// that turned out to be a change of duty. Returns whether there were any.
    pub(super) fn quarantine(&self, slate: &mut Slate, peers: &[Vec<usize>]) -> bool {
        let mut any = false;
        for run in self.windows.chunk_by(|a, b| a.subject == b.subject) {
            let mut flagged: Vec<&PastWindow> = run
                .iter()
                .filter(|w| w.reading.p_final < QUARANTINE_P && !stayed(slate, peers, w))
                .collect();
            flagged.sort_by(|a, b| {
                a.reading
                    .p_final
                    .total_cmp(&b.reading.p_final)
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

    /// Scores a window of the review.
    pub(super) fn read(
        &self,
        slate: &Slate,
        parameters: &Parameters,
        window: &Candidate<'_>,
    ) -> Reading {
        let subject = window.subject;
        let mut reading = Reading {
            raw: vec![0.0; parameters.statistics.len()],
            ..Reading::default()
        };
        let (Some(own), Some(rates)) = (slate.subjects.get(subject), self.rates.get(subject))
        else {
            return reading;
        };
        self.levels
            .statistics(parameters, slate, own, window.day, &mut reading.raw);
        window
            .habit
            .statistics(parameters, window.typed, rates, &mut reading.raw);
        let excused = parameters.excused(window.typed);
        let steps = window
            .habit
            .step_bits(own, window.day, &self.class_steps, excused);
        sequence_statistics(parameters, &steps, &mut reading.raw);
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

    /// Scores of the history once more, under other weights.
    pub(super) fn reweigh(&mut self, slate: &Slate, parameters: &Parameters, shared: &[bool]) {
        for window in &mut self.windows {
            let is_shared = shared.get(window.subject).copied().unwrap_or_default();
            let class = class_of(slate, window.subject);
            combine(parameters, class, is_shared, &mut window.reading);
        }
        self.channels = calibrate_channels(&self.pooling, parameters, &mut self.windows);
        for at in 0..self.windows.len() {
            self.finish_window(at);
        }
    }

    /// What the statistics say of the history window at position `at` if its
    /// day had been `window`: up to the scores.
    pub(super) fn reread(
        &self,
        slate: &Slate,
        parameters: &Parameters,
        at: usize,
        subject: &Subject,
        window: &Candidate<'_>,
    ) -> Reading {
        let mut reading = Reading {
            raw: vec![0.0; parameters.statistics.len()],
            ..Reading::default()
        };
        let Some(rates) = self.rates.get(window.subject) else {
            return reading;
        };
        self.levels
            .statistics(parameters, slate, subject, window.day, &mut reading.raw);
        window
            .habit
            .statistics(parameters, window.typed, rates, &mut reading.raw);
        let original = |s: usize| {
            let own = self.windows.get(at)?;
            own.reading.raw.get(s).copied()
        };
        reading.p = self
            .columns
            .iter()
            .zip(&reading.raw)
            .enumerate()
            .map(|(s, (column, t))| {
                let original = original(s).unwrap_or_default();
                column.p_instead(&self.pooling, at, original, *t)
            })
            .collect();
        let class = class_of(slate, window.subject);
        combine(parameters, class, window.is_shared, &mut reading);
        reading
    }

    /// Position of the first usable window of `subject`.
    pub(super) fn first_window_of(&self, subject: usize) -> usize {
        self.windows.partition_point(|w| w.subject < subject)
    }

    /// Usable windows of `subject`.
    pub(super) fn windows_of(&self, subject: usize) -> &[PastWindow] {
        let from = self.windows.partition_point(|w| w.subject < subject);
        let to = self.windows.partition_point(|w| w.subject <= subject);
        self.windows.get(from..to).unwrap_or_default()
    }

    fn finish_window(&mut self, at: usize) {
        let Some(window) = self.windows.get_mut(at) else {
            return;
        };
        let scores = window.reading.scores;
        for ((p, channel), score) in window
            .reading
            .p_channels
            .iter_mut()
            .zip(&self.channels)
            .zip(scores)
        {
            *p = match channel {
                ChannelColumn::Pool(column) => column
                    .p(&self.pooling, window.subject, score)
                    .unwrap_or(1.0),
                ChannelColumn::Own(column) => column.p_of_window(&self.pooling, at, score),
            };
        }
        window.reading.p_final = final_p(
            window.reading.p_channels,
            self.pooling.n_pool(window.subject),
        );
    }
}

/// Whether what was new in a window came to stay: at least half of its values
/// that no peer knew were used again on two of the identity's next five active
/// days. A trip or a new duty is learned; an intrusion that is over is not.
fn stayed(slate: &Slate, peers: &[Vec<usize>], window: &PastWindow) -> bool {
    let (Some(subject), Some(peers)) = (
        slate.subjects.get(window.subject),
        peers.get(window.subject),
    ) else {
        return false;
    };
    let Some(day) = subject.days.get(window.day) else {
        return false;
    };
    let next: Vec<Ordinal> = subject
        .history()
        .iter()
        .skip(window.day.saturating_add(1))
        .take(STAY_DAYS)
        .map(|day| day.ordinal)
        .collect();
    let (mut n_new, mut n_stayed) = (0_usize, 0_usize);
    for mark in marks_of(subject, day) {
        let kind = kind_of(slate, peers, window.subject, mark, window.ordinal);
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

fn typed_windows(slate: &Slate, peers: &[Vec<usize>]) -> Vec<PastWindow> {
    let mut windows = Vec::new();
    for (i, subject) in slate.subjects.iter().enumerate() {
        let own_peers = peers.get(i).map(Vec::as_slice).unwrap_or_default();
        for (at, day) in learned_days(subject).skip(WARM_UP) {
            windows.push(PastWindow {
                subject: i,
                day: at,
                ordinal: day.ordinal,
                typed: typed(slate, own_peers, i, marks_of(subject, day), day.ordinal),
                reading: Reading::default(),
            });
        }
    }
    windows
}

fn group_rates(slate: &Slate, peers: &[Vec<usize>], windows: &[PastWindow]) -> Vec<GroupRates> {
    let mut totals = vec![Totals::default(); slate.subjects.len()];
    for window in windows {
        if let Some(own) = totals.get_mut(window.subject) {
            own.add_window(&window.typed);
        }
    }
    for (subject, own) in slate.subjects.iter().zip(&mut totals) {
        let mut habit = Habit::new(subject);
        for (_, day) in learned_days(subject) {
            habit.learn(subject, day, &TypedDay::default());
        }
        own.add_values(&habit);
    }
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

/// What identities of one kind have in common.
struct Group<'g> {
    rates: &'g [GroupRates],
    levels: &'g Levels,
    class_steps: &'g ClassSteps,
}

/// Fills in the raw statistics of every window; returns what each subject has
/// learned by the end.
fn raw_statistics(
    slate: &Slate,
    parameters: &Parameters,
    group: &Group<'_>,
    windows: &mut [PastWindow],
) -> Vec<Habit> {
    let mut windows = windows.iter_mut().peekable();
    let mut habits = Vec::with_capacity(slate.subjects.len());
    for (i, (subject, rates)) in slate.subjects.iter().zip(group.rates).enumerate() {
        let mut habit = Habit::new(subject);
        for (at, day) in learned_days(subject) {
            let window = windows.next_if(|w| w.subject == i && w.day == at);
            let Some(window) = window else {
                habit.learn(subject, day, &TypedDay::default());
                continue;
            };
            let mut raw = vec![0.0; parameters.statistics.len()];
            group
                .levels
                .statistics(parameters, slate, subject, day, &mut raw);
            habit.statistics(parameters, &window.typed, rates, &mut raw);
            let excused = parameters.excused(&window.typed);
            let steps = habit.step_bits(subject, day, group.class_steps, excused);
            sequence_statistics(parameters, &steps, &mut raw);
            window.reading.raw = raw;
            habit.learn(subject, day, &window.typed);
        }
        habits.push(habit);
    }
    habits
}

fn calibrate(
    pooling: &Pooling,
    parameters: &Parameters,
    windows: &mut [PastWindow],
) -> Vec<Column> {
    let columns: Vec<Column> = (0..parameters.statistics.len())
        .map(|s| {
            let values: Vec<f64> = windows
                .iter()
                .map(|w| w.reading.raw.get(s).copied().unwrap_or_default())
                .collect();
            Column::new(pooling, &values)
        })
        .collect();
    for (at, window) in windows.iter_mut().enumerate() {
        window.reading.p = columns
            .iter()
            .zip(&window.reading.raw)
            .map(|(column, t)| column.p_of_window(pooling, at, *t))
            .collect();
    }
    columns
}

fn calibrate_channels(
    pooling: &Pooling,
    parameters: &Parameters,
    windows: &mut [PastWindow],
) -> Vec<ChannelColumn> {
    (0..3)
        .map(|channel| {
            let values: Vec<f64> = windows
                .iter()
                .map(|w| w.reading.scores.get(channel).copied().unwrap_or_default())
                .collect();
            match parameters.channels {
                ChannelCalibration::Pool => ChannelColumn::Pool(PoolColumn::new(pooling, &values)),
                ChannelCalibration::OwnAndPool => ChannelColumn::Own(Column::new(pooling, &values)),
            }
        })
        .collect()
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
