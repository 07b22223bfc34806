//! Ledgers to scores: how unusual each identity's review is *for that
//! identity*, as a calibrated probability (MODEL).
//!
//! The plot is [`score`]: lay history and review side by side ([`slate`]),
//! find peers, replay the history as if every day of it were the review
//! ([`past`]), score the review day by day and as a whole, explain. Nothing in
//! here reads a file, a clock or a vendor's field name.
//!
//! # Departures from the reference document, and why
//!
//! * Breadth counts distinct resources by native id, not by template:
//!   enumerating generated ids is breadth.
//! * `denied.then_success` watches privileged actions only, so that a cell
//!   need not remember every action of the day.
//! * The review score's terms use the bits of each day's calibrated p-values.

mod calibration;
mod explain;
mod judgement;
mod level;
mod novelty;
mod past;
mod peers;
mod review;
mod score;
pub mod slate;
mod statistic;
mod verdict;

#[cfg(test)]
mod tests;

pub use judgement::{Channel, Severity, Verdict};
pub use score::{
    Abstention, DayScore, Detail, Deviation, IdentityScore, Judgement, NewValue, ReviewScore,
    Scores,
};
pub use statistic::{ChannelCalibration, DayTypes, Family, NewSet, Parameters, Rhythm, Statistic};

use std::collections::BTreeMap;

use calibration::{PoolColumn, Pooling};
use explain::{Explainer, ReadDay};
use novelty::{Habit, WARM_UP, marks_of, typed};
use past::{Past, QUARANTINE_P, Reading};
use review::{Block, DayBits, Term};
use slate::{Day, Ordinal, Slate};

use crate::event::Window;
use crate::ledger::{Dimension, Ledger};
use crate::stats::combine::{benjamini_hochberg, bits, days_p, review_p, severity_level};
use crate::stats::novelty::NoveltyType;

/// Identities with fewer usable windows are listed below the ranking.
const MIN_USABLE: usize = 3;
/// A class of reviews calibrates itself from this many pseudo-reviews.
const CLASS_REVIEWS: usize = 100;

/// Scores `review` against `history`.
///
/// Both ledgers have slots of one length and hold settled identities
/// (`Decisions`). `window` is the review's window: its length is that of the
/// pseudo-reviews.
#[must_use]
pub fn score(history: &Ledger, review: &Ledger, window: Window, parameters: &Parameters) -> Scores {
    let mut slate = Slate::new(history, review);
    let peers = peers::find(&slate);
    let parameters = observed(parameters, &slate);
    let shared: Vec<bool> = slate.subjects.iter().map(verdict::is_shared).collect();
    let mut past = Past::replay(&slate, &peers, &parameters, &shared);
    if parameters.quarantines_history && past.quarantine(&mut slate) {
        past = Past::replay(&slate, &peers, &parameters, &shared);
    }
    let readings = read_review(&mut slate, &peers, &parameters, &past, &shared);
    let whole = Whole::calibrate(&slate, &peers, &past, &parameters, &shared, window);
    let judge = Judge {
        slate: &slate,
        peers: &peers,
        parameters: &parameters,
        past: &past,
        shared: &shared,
        whole: &whole,
    };
    let mut identities: Vec<IdentityScore> = readings
        .iter()
        .map(|(subject, days)| judge.identity(*subject, days))
        .collect();
    rank(&mut identities);
    Scores {
        n_pool: past.windows.len(),
        n_pool_reviews: whole.n_blocks,
        identities,
        slate,
    }
}

/// The parameters without statistics of dimensions that the history never saw:
/// they would be paid for and could never speak.
fn observed(parameters: &Parameters, slate: &Slate) -> Parameters {
    let mut observed = parameters.clone();
    observed
        .statistics
        .retain(|(statistic, _)| match statistic {
            Statistic::New(dimension, _) => slate.is_observed(*dimension),
            _ => true,
        });
    observed
}

/// One review day's reading, by position in the subject's days.
type Readings = BTreeMap<usize, Vec<(usize, Reading)>>;

/// Scores the review in order of time; after each period the unremarkable
/// windows of it are learned.
fn read_review(
    slate: &mut Slate,
    peers: &[Vec<usize>],
    parameters: &Parameters,
    past: &Past,
    shared: &[bool],
) -> Readings {
    let mut habits: BTreeMap<usize, Habit> = BTreeMap::new();
    let mut readings = Readings::new();
    for (_, windows) in review_periods(slate) {
        let mut today = Vec::with_capacity(windows.len());
        for (subject, at) in windows {
            let (Some(own), Some(before)) = (slate.subjects.get(subject), past.habits.get(subject))
            else {
                continue;
            };
            let Some(day) = own.days.get(at) else {
                continue;
            };
            let own_peers = peers.get(subject).map(Vec::as_slice).unwrap_or_default();
            let typed = typed(slate, own_peers, subject, marks_of(own, day), day.ordinal);
            let habit = habits.entry(subject).or_insert_with(|| before.clone());
            let is_shared = shared.get(subject).copied().unwrap_or_default();
            let reading = past.read(slate, parameters, subject, day, habit, &typed, is_shared);
            today.push((subject, at, typed, reading));
        }
        for (subject, at, typed, reading) in today {
            let is_learned = reading.p_final >= QUARANTINE_P;
            if let (true, Some(own), Some(habit)) = (
                is_learned,
                slate.subjects.get_mut(subject),
                habits.get_mut(&subject),
            ) && let Some(day) = own.days.get(at)
            {
                habit.learn(own, day, &typed);
                own.hidden.remove(day.ordinal);
            }
            readings.entry(subject).or_default().push((at, reading));
        }
    }
    readings
}

/// Subject and day position of every review window, by period.
fn review_periods(slate: &Slate) -> BTreeMap<Ordinal, Vec<(usize, usize)>> {
    let mut periods: BTreeMap<Ordinal, Vec<(usize, usize)>> = BTreeMap::new();
    for (i, subject) in slate.subjects.iter().enumerate() {
        for (at, day) in subject.days.iter().enumerate().skip(subject.n_history) {
            periods.entry(day.ordinal).or_default().push((i, at));
        }
    }
    periods
}

/// Calibration of the review as a whole.
struct Whole {
    pooling: Pooling,
    column: PoolColumn,
    n_blocks: usize,
    /// Whether anybody's network was ever seen.
    has_networks: bool,
}

impl Whole {
    /// Cuts every history into pseudo-reviews of the review's length and scores
    /// them.
    fn calibrate(
        slate: &Slate,
        peers: &[Vec<usize>],
        past: &Past,
        parameters: &Parameters,
        shared: &[bool],
        window: Window,
    ) -> Self {
        let has_networks = parameters
            .position(Statistic::New(Dimension::Network, NewSet::World))
            .is_some();
        let (mut owners, mut scores) = (Vec::new(), Vec::new());
        for (i, subject) in slate.subjects.iter().enumerate() {
            let own_peers = peers.get(i).map(Vec::as_slice).unwrap_or_default();
            let weighs_origin = has_networks && !shared.get(i).copied().unwrap_or_default();
            let Some(rates) = past.rates.get(i) else {
                continue;
            };
            let mut habit = Habit::new(subject);
            let mut learned = 0;
            for (start, days) in pseudo_reviews(slate, past, i, window) {
                for day in subject
                    .history()
                    .iter()
                    .take_while(|day| day.ordinal < start)
                    .skip(learned)
                {
                    learned += 1;
                    if subject.learns_from(day.ordinal) {
                        let typed = typed(slate, own_peers, i, marks_of(subject, day), day.ordinal);
                        habit.learn(subject, day, &typed);
                    }
                }
                if habit.n_days < WARM_UP {
                    continue;
                }
                let bits: Vec<DayBits> = days
                    .iter()
                    .map(|(_, reading)| day_bits(parameters, reading))
                    .collect();
                let block = Block {
                    subject: i,
                    days: days.into_iter().map(|(day, _)| day).collect(),
                    as_of: start,
                    habit: &habit,
                };
                owners.push(i);
                scores.push(review::score(&review::terms(
                    slate,
                    own_peers,
                    rates,
                    &block,
                    &bits,
                    weighs_origin,
                )));
            }
        }
        let n_blocks = scores.len();
        let pooling = Pooling::new(slate, owners, CLASS_REVIEWS);
        let column = PoolColumn::new(&pooling, &scores);
        Self {
            pooling,
            column,
            n_blocks,
            has_networks,
        }
    }

    /// Probability of a review score among pseudo-reviews, never below what
    /// their number can support.
    fn p(&self, subject: usize, score: f64) -> Option<f64> {
        let n = u32::try_from(self.pooling.n_pool(subject)).unwrap_or(u32::MAX);
        let floor = 1.0 / (10.0 * f64::from(n.max(1)));
        self.column
            .p(&self.pooling, subject, score)
            .map(|p| p.max(floor))
    }
}

/// The usable windows of one subject's history, cut into runs of the review's
/// length counted back from its start; oldest first, each with the first period
/// inside.
fn pseudo_reviews<'s>(
    slate: &'s Slate,
    past: &'s Past,
    subject: usize,
    window: Window,
) -> Vec<(Ordinal, Vec<(&'s Day, &'s Reading)>)> {
    let Some(own) = slate.subjects.get(subject) else {
        return Vec::new();
    };
    let length = window
        .end
        .seconds()
        .saturating_sub(window.start.seconds())
        .max(slate.period.seconds());
    let mut runs: BTreeMap<i64, Vec<(&Day, &Reading)>> = BTreeMap::new();
    for w in past.windows_of(subject) {
        let Some(day) = own.days.get(w.day) else {
            continue;
        };
        let before = window
            .start
            .seconds()
            .saturating_sub(slate.start_of(w.ordinal).seconds());
        // Runs further back have larger numbers; the newest is run 0.
        let run = before.saturating_sub(1).div_euclid(length);
        runs.entry(-run).or_default().push((day, &w.reading));
    }
    runs.into_iter()
        .map(|(run, days)| {
            let start = window
                .start
                .saturating_add_seconds(run.saturating_sub(1).saturating_mul(length));
            let slots = slate
                .slots
                .get(..usize::try_from(slate.n_history).unwrap_or_default())
                .unwrap_or_default();
            let first = slots.partition_point(|slot| slate.period.start_of(*slot) < start);
            (Ordinal::try_from(first).unwrap_or(Ordinal::MAX), days)
        })
        .collect()
}

fn day_bits(parameters: &Parameters, reading: &Reading) -> DayBits {
    let of = |statistic| {
        let p = parameters
            .position(statistic)
            .and_then(|at| reading.p.get(at));
        bits(p.copied().unwrap_or(1.0))
    };
    DayBits {
        hour: of(Statistic::Hour),
        events_hour: of(Statistic::EventsHour),
        events_day: of(Statistic::EventsDay),
        targets_day: of(Statistic::TargetsDay),
        takeover: reading.scores.first().copied().unwrap_or_default(),
    }
}

/// Everything a judgement is made from.
struct Judge<'s> {
    slate: &'s Slate,
    peers: &'s [Vec<usize>],
    parameters: &'s Parameters,
    past: &'s Past,
    shared: &'s [bool],
    whole: &'s Whole,
}

impl Judge<'_> {
    fn identity(&self, subject: usize, readings: &[(usize, Reading)]) -> IdentityScore {
        let is_shared = self.shared.get(subject).copied().unwrap_or_default();
        let own = self.slate.subjects.get(subject);
        let days: Vec<ReadDay<'_>> = readings
            .iter()
            .filter_map(|(at, reading)| {
                Some(ReadDay {
                    day: own?.days.get(*at)?,
                    reading: reading.clone(),
                })
            })
            .collect();
        let n_usable = self.past.windows_of(subject).len();
        let mut identity = IdentityScore {
            subject,
            judgement: Judgement::Abstained(Abstention::NoHistory),
            n_usable: u32::try_from(n_usable).unwrap_or(u32::MAX),
            verdicts: verdict::of(self.slate, self.past, subject, is_shared),
            days: days.iter().map(day_score).collect(),
            deviations: Vec::new(),
            peers: self.peers.get(subject).cloned().unwrap_or_default(),
        };
        if own.is_none_or(|own| own.history().is_empty()) {
            return identity;
        }
        if is_shared && own.is_some_and(verdict::is_a_crowd) {
            identity.judgement = Judgement::Abstained(Abstention::Shared);
            return identity;
        }
        let terms = self.terms(subject, &days, is_shared);
        let score = self.review_score(subject, &days, &terms, &identity);
        identity.deviations = self
            .explainer(subject)
            .map_or_else(Vec::new, |e| e.deviations(&days, &terms, score.channel));
        identity.judgement = if n_usable < MIN_USABLE {
            Judgement::Thin(score)
        } else {
            Judgement::Ranked(score)
        };
        identity
    }

    fn terms(&self, subject: usize, days: &[ReadDay<'_>], is_shared: bool) -> Vec<Term> {
        let (Some(rates), Some(habit)) =
            (self.past.rates.get(subject), self.past.habits.get(subject))
        else {
            return Vec::new();
        };
        let block = Block {
            subject,
            days: days.iter().map(|day| day.day).collect(),
            as_of: self.slate.n_history,
            habit,
        };
        let bits: Vec<DayBits> = days
            .iter()
            .map(|day| day_bits(self.parameters, &day.reading))
            .collect();
        let peers = self
            .peers
            .get(subject)
            .map(Vec::as_slice)
            .unwrap_or_default();
        review::terms(
            self.slate,
            peers,
            rates,
            &block,
            &bits,
            self.whole.has_networks && !is_shared,
        )
    }

    fn review_score(
        &self,
        subject: usize,
        days: &[ReadDay<'_>],
        terms: &[Term],
        identity: &IdentityScore,
    ) -> ReviewScore {
        let ps: Vec<f64> = days.iter().map(|day| day.reading.p_final).collect();
        let p_days = days_p(&ps);
        let score = review::score(terms);
        let p_whole = self.whole.p(subject, score);
        let p_review = review_p(p_days, p_whole);
        let channel = if p_whole.is_some_and(|p| p < p_days) {
            Channel::Review
        } else {
            strongest_channel(days)
        };
        ReviewScore {
            p_review,
            p_days,
            p_whole,
            score,
            terms: terms
                .iter()
                .map(|term| (term.name, term.weight * term.bits))
                .collect(),
            q_value: 1.0,
            channel,
            severity: self.severity(subject, days, p_review, identity),
        }
    }

    fn severity(
        &self,
        subject: usize,
        days: &[ReadDay<'_>],
        p: f64,
        identity: &IdentityScore,
    ) -> Severity {
        let blocks: Vec<&Day> = days.iter().map(|day| day.day).collect();
        let peers = self
            .peers
            .get(subject)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let new = review::new_marks(self.slate, peers, subject, &blocks, self.slate.n_history);
        let n_peer = new
            .iter()
            .filter(|(_, kind)| *kind == NoveltyType::Peer)
            .count();
        let sensitive = self.slate.subjects.get(subject).map(|own| &own.sensitive);
        let is_sensitive = new.iter().any(|(mark, kind)| {
            *kind != NoveltyType::Peer
                && mark.dimension == Dimension::Action
                && sensitive.is_some_and(|values| values.contains(&mark.value))
        });
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let level = severity_level(
            p,
            identity.n_usable,
            is_sensitive,
            count(new.len()),
            count(n_peer),
        );
        let capped = identity
            .verdicts
            .iter()
            .any(|v| matches!(v, Verdict::Thin | Verdict::Shared));
        Severity::from_level(level).min(if capped {
            Severity::Medium
        } else {
            Severity::Critical
        })
    }

    fn explainer(&self, subject: usize) -> Option<Explainer<'_>> {
        Some(Explainer {
            slate: self.slate,
            parameters: self.parameters,
            peers: self.peers.get(subject)?,
            subject,
            habit: self.past.habits.get(subject)?,
            rates: self.past.rates.get(subject)?,
        })
    }
}

fn day_score(day: &ReadDay<'_>) -> DayScore {
    DayScore {
        ordinal: day.day.ordinal,
        p: day.reading.p_final,
        n_events: day.day.amounts.n_events,
        scores: day.reading.scores,
        p_channels: day.reading.p_channels,
        families: day.reading.families.clone(),
    }
}

fn strongest_channel(days: &[ReadDay<'_>]) -> Channel {
    let strongest = days.iter().min_by(|a, b| {
        a.reading
            .p_final
            .total_cmp(&b.reading.p_final)
            .then(a.day.ordinal.cmp(&b.day.ordinal))
    });
    let channels = [Channel::Takeover, Channel::Fragment, Channel::Burst];
    strongest
        .and_then(|day| {
            let ps = day.reading.p_channels.into_iter().zip(channels);
            ps.min_by(|a, b| a.0.total_cmp(&b.0))
                .map(|(_, channel)| channel)
        })
        .unwrap_or(Channel::Takeover)
}

/// Orders identities for the report and fills in their q-values: ranked, then
/// thin, then those without a p-value; each by p, then review score, then the
/// best day's scores, then key.
fn rank(identities: &mut [IdentityScore]) {
    let group = |identity: &IdentityScore| match identity.judgement {
        Judgement::Ranked(_) => 0,
        Judgement::Thin(_) => 1,
        Judgement::Abstained(_) => 2,
    };
    identities.sort_by(|a, b| {
        let p = |i: &IdentityScore| i.judgement.review().map_or(1.0, |r| r.p_review);
        let score = |i: &IdentityScore| i.judgement.review().map_or(0.0, |r| r.score);
        group(a)
            .cmp(&group(b))
            .then(p(a).total_cmp(&p(b)))
            .then(score(b).total_cmp(&score(a)))
            .then(a.subject.cmp(&b.subject))
    });
    let ps: Vec<f64> = identities
        .iter()
        .filter_map(|i| i.judgement.review())
        .map(|r| r.p_review)
        .collect();
    let qs = benjamini_hochberg(&ps);
    let scored = identities
        .iter_mut()
        .filter_map(|identity| match &mut identity.judgement {
            Judgement::Ranked(score) | Judgement::Thin(score) => Some(score),
            Judgement::Abstained(_) => None,
        });
    for (score, q) in scored.zip(qs) {
        score.q_value = q;
    }
}
