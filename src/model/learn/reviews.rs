//! Pseudo-reviews as examples: the weights of the terms in the review score.

use std::collections::BTreeMap;

use super::days::School;
use super::{Columns, Example, Lesson, Weighed, classes_of, drawn};
use crate::event::{Class, Timestamp};
use crate::model::first_use::WARM_UP;
use crate::model::novelty::Habit;
use crate::model::plant::{Kind, day_lot};
use crate::model::reading::Reading;
use crate::model::review::{self, Block, DayBits};
use crate::model::slate::{Ordinal, run_of};
use crate::model::subject::{Day, Subject};
use crate::model::whole::day_bits;
use crate::model::{Parameters, ReviewTerm};
use crate::stats::CAP_REVIEW;

/// What is planted in one day of a review.
const KINDS: [Kind; 8] = [
    Kind::ForeignDay,
    Kind::PeerDay,
    Kind::Fragment(6),
    Kind::ForeignOrigin,
    Kind::UnseenOrigin,
    Kind::Sensitive,
    Kind::Burst,
    Kind::Shift,
];

/// A run of usable windows as long as a review: positions, and the period it
/// begins with.
struct Run {
    windows: Vec<usize>,
    start: Ordinal,
}

/// Learns the weights of terms from reviews of `length` seconds counted back
/// from `end`; those that are adopted are in force in `parameters` afterwards.
pub(in crate::model) fn learn_reviews(
    school: &School<'_>,
    parameters: &mut Parameters,
    (end, length): (Timestamp, i64),
    has_networks: bool,
) -> Vec<Lesson> {
    let examples = examples(school, parameters, (end, length), has_networks);
    let columns = Columns {
        score: Weighed::Review,
        names: ReviewTerm::ALL.iter().map(|term| term.name()).collect(),
        is_fitted: vec![true; ReviewTerm::ALL.len()],
    };
    let scopes = classes_of(&examples).into_iter().map(Some);
    let mut lessons = Vec::new();
    for class in std::iter::once(None).chain(scopes) {
        let before = parameters.clone();
        let in_force = |class: Class| before.review_weights(class).to_vec();
        let Some((lesson, weights)) = columns.learn(&examples, class, &in_force) else {
            continue;
        };
        if let (true, Ok(weights)) = (lesson.is_adopted, weights.try_into()) {
            parameters.learned.review.push((class, weights));
        }
        lessons.push(lesson);
    }
    lessons
}

fn examples(
    school: &School<'_>,
    parameters: &Parameters,
    (end, length): (Timestamp, i64),
    has_networks: bool,
) -> Vec<Example> {
    let mut runs: Vec<(usize, Run)> = Vec::new();
    for at in 0..school.slate.subjects.len() {
        runs.extend(
            runs_of(school, at, end, length)
                .into_iter()
                .map(|run| (at, run)),
        );
    }
    let numbered = runs.iter().enumerate();
    let numbered = numbered.filter_map(|(nth, (at, run))| {
        Some((day_lot(school.slate.subjects.get(*at)?, run.start), nth))
    });
    let chosen = drawn(numbered.collect(), KINDS.len());
    let mut examples = Vec::new();
    for (_, (at, run)) in runs
        .iter()
        .enumerate()
        .filter(|(nth, _)| chosen.contains(nth))
    {
        let weighs_origin = has_networks && !school.shared.get(*at).copied().unwrap_or_default();
        let Some(subject) = school.slate.subjects.get(*at) else {
            continue;
        };
        let mut add = |kind, bits: Vec<f64>| {
            examples.push(Example {
                subject: *at,
                class: subject.class,
                ordinal: run.start,
                kind,
                bits,
            });
        };
        Lectured::of(school, parameters, *at, run, weighs_origin, &mut add);
    }
    examples
}

/// One run of a subject, and what it had learned by its start.
struct Lectured<'s> {
    school: &'s School<'s>,
    parameters: &'s Parameters,
    at: usize,
    run: &'s Run,
    weighs_origin: bool,
}

impl Lectured<'_> {
    fn of(
        school: &School<'_>,
        parameters: &Parameters,
        at: usize,
        run: &Run,
        weighs_origin: bool,
        add: &mut impl FnMut(Option<Kind>, Vec<f64>),
    ) -> Option<()> {
        let own = school.slate.subjects.get(at)?;
        let lectured = Lectured {
            school,
            parameters,
            at,
            run,
            weighs_origin,
        };
        let lot = usize::try_from(day_lot(own, run.start)).unwrap_or_default();
        let first = *run.windows.first()?;
        let target = *run.windows.get(lot.checked_rem(run.windows.len())?)?;
        let (mut at_start, mut at_target) = (None, None);
        school.visit(at, &[first, target], |window, habit| {
            if window == first {
                at_start = Some(habit.clone());
            }
            if window == target {
                at_target = Some(habit.clone());
            }
        });
        let (at_start, at_target) = (at_start?, at_target?);
        if at_start.n_days < WARM_UP {
            return None;
        }
        add(None, lectured.bits(own, &at_start, None)?);
        let day = school.past.windows.get(target)?.day;
        for kind in KINDS {
            let Some((version, moved)) = school.planter().version(at, day, kind) else {
                continue;
            };
            let habit = at_target.moved(&moved, &version, day);
            let reading = school.reread(parameters, target, &version, &habit)?;
            let planted = Some((target, &reading));
            add(Some(kind), lectured.bits(&version, &at_start, planted)?);
        }
        Some(())
    }

    /// Capped bits of every term, with one window read otherwise.
    fn bits(
        &self,
        own: &Subject,
        habit: &Habit,
        planted: Option<(usize, &Reading)>,
    ) -> Option<Vec<f64>> {
        let (mut days, mut bits): (Vec<&Day>, Vec<DayBits>) = (Vec::new(), Vec::new());
        for window in &self.run.windows {
            let past = self.school.past.windows.get(*window)?;
            days.push(own.days.get(past.day)?);
            bits.push(match planted.filter(|(at, _)| at == window) {
                Some((_, reading)) => day_bits(self.parameters, reading),
                None => self.school.past.day_bits(self.parameters, *window),
            });
        }
        let block = Block {
            subject: self.at,
            own,
            days,
            as_of: self.run.start,
            habit,
        };
        let terms = review::terms(
            self.parameters,
            self.school.slate,
            self.school.peers_of(self.at),
            self.school.past.rates.get(self.at)?,
            &block,
            &bits,
            self.weighs_origin,
        );
        Some(terms.iter().map(|term| term.bits.min(CAP_REVIEW)).collect())
    }
}

/// The usable windows of one subject, cut into runs counted back from `end`.
fn runs_of(school: &School<'_>, at: usize, end: Timestamp, length: i64) -> Vec<Run> {
    let slate = school.slate;
    let mut runs: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    let windows = school.past.windows_of(at).iter();
    let windows = windows.zip(school.past.range_of(at));
    for (own, window) in windows.filter(|(own, _)| !own.is_hidden) {
        let run = run_of(slate.start_of(own.ordinal), end, length);
        runs.entry(run).or_default().push(window);
    }
    let first_in = |run: i64| {
        let start = end.saturating_add_seconds(run.saturating_sub(1).saturating_mul(length));
        let n_history = usize::try_from(slate.n_history).unwrap_or_default();
        let slots = slate.slots.get(..n_history).unwrap_or_default();
        let first = slots.partition_point(|slot| slate.period.start_of(*slot) < start);
        Ordinal::try_from(first).unwrap_or(Ordinal::MAX)
    };
    runs.into_iter()
        .map(|(run, windows)| Run {
            windows,
            start: first_in(run),
        })
        .collect()
}
