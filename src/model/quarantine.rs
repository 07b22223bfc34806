//! What is too unusual to be learned from, unless it has come to stay (MODEL
//! §9).

use super::first_use::{kind_of, marks_of};
use super::past::{Past, PastWindow};
use super::slate::{Ordinal, Slate};
use crate::stats::novelty::NoveltyType;

/// A history window with a final p-value below this is not learned from.
pub(super) const QUARANTINE_P: f64 = 1e-3;
/// At most this share of an identity's windows is taken out.
const QUARANTINE_SHARE: f64 = 0.02;
/// Active days in which new values must be met again …
const STAY_DAYS: usize = 5;
/// … so often, to be called a change of duty.
const STAY_AGAIN: usize = 2;

impl Past {
    /// Hides each identity's most unusual windows from learning, except those
    /// that turned out to be a change of duty. Returns whether there were any.
    pub(super) fn quarantine(&self, slate: &mut Slate, peers: &[Vec<usize>]) -> bool {
        let mut any = false;
        for run in self.windows.chunk_by(|a, b| a.subject == b.subject) {
            let mut flagged: Vec<&PastWindow> = run
                .iter()
                .filter(|w| w.p_final < QUARANTINE_P && !stayed(slate, peers, w))
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
}

/// Whether what was new in a window of the history came to stay.
fn stayed(slate: &Slate, peers: &[Vec<usize>], window: &PastWindow) -> bool {
    let peers = peers.get(window.subject).map(Vec::as_slice);
    let own = slate.subjects.get(window.subject);
    let last = own.and_then(|own| own.n_history.checked_sub(1));
    last.is_some_and(|last| {
        let peers = peers.unwrap_or_default();
        came_to_stay(slate, peers, window.subject, window.day, last)
    })
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
