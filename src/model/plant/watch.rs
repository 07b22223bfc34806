//! How well one identity can be watched: takeovers planted in its own recent
//! past, and which of them would be noticed.

use super::{Kind, Trial};
use crate::event::Window;
use crate::ledger::Ledger;
use crate::model::{Judgement, Parameters, Severity};

/// Times that each kind is planted, with other partners and days.
const SEEDS: u64 = 5;

/// How well one identity can be watched.
#[derive(Clone, Debug)]
pub struct Watch {
    /// What was learned, and the part of the past that plants were tried in.
    pub windows: (Window, Window),
    /// No p-value of its reviews can be smaller: that is what the windows and
    /// pseudo-reviews of its pools support. `None` where it was not ranked.
    pub least_p: Option<f64>,
    /// Each kind that could be planted, in the order of reports; none where the
    /// identity was not ranked by then.
    pub tried: Vec<Tried>,
}

/// What became of one kind of plant.
#[derive(Clone, Debug)]
pub struct Tried {
    /// What was planted.
    pub kind: Kind,
    /// How often.
    pub n: usize,
    /// How often the review then was a departure from habit: p at most 1 %.
    pub n_noticed: usize,
    /// The p-value in the middle.
    pub median_p: f64,
}

/// Tries every kind of takeover on the identity `key` in the last part of
/// `history`, as long as the review was. `windows` are history and review;
/// `None` where the history is too short to be cut.
#[must_use]
pub fn watch(
    history: &Ledger,
    windows: (Window, Window),
    key: &str,
    parameters: &Parameters,
) -> Option<Watch> {
    let windows = last_part(windows)?;
    let (before, recent) = (history.slice(windows.0), history.slice(windows.1));
    let mut trial = Trial::new(&before, &recent, windows, parameters);
    let subjects = &trial.slate().subjects;
    let rank = trial.identities().iter().position(|own| {
        let subject = subjects.get(own.subject);
        subject.is_some_and(|subject| *subject.row.key == *key)
            && matches!(own.judgement, Judgement::Ranked(_))
    });
    let least_p = rank.and_then(|rank| trial.least_p(rank));
    let tried = rank.map_or_else(Vec::new, |rank| {
        let kinds = Kind::ATTACKS.into_iter();
        kinds
            .filter_map(|kind| tried(&mut trial, rank, kind))
            .collect()
    });
    Some(Watch {
        windows,
        least_p,
        tried,
    })
}

fn tried(trial: &mut Trial, rank: usize, kind: Kind) -> Option<Tried> {
    let planted = (0..SEEDS).filter_map(|seed| trial.plant(rank, kind, seed));
    let mut reviews: Vec<(f64, Severity)> = planted
        .map(|planted| (planted.review.p_review, planted.review.severity))
        .collect();
    reviews.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let is_noticed = |review: &&(f64, Severity)| review.1 > Severity::None;
    Some(Tried {
        kind,
        n: reviews.len(),
        n_noticed: reviews.iter().filter(is_noticed).count(),
        median_p: reviews.get(reviews.len() / 2)?.0,
    })
}

/// The end of the history, as long as the review was, and what lies before it.
fn last_part((history, review): (Window, Window)) -> Option<(Window, Window)> {
    let length = review.end.seconds().saturating_sub(review.start.seconds());
    let cut = history.end.saturating_add_seconds(length.saturating_neg());
    let is_long = history.start.saturating_add_seconds(length) < cut;
    is_long.then_some((
        Window {
            end: cut,
            ..history
        },
        Window {
            start: cut,
            ..history
        },
    ))
}
