//! The selection: which findings the alert budget allows.

use super::{Budget, Finding, Severity};
use crate::event::Window;

/// From this p-value on a finding has a severity, and can be selected: one
/// ordinary review in a hundred.
const MAX_P: f64 = 0.01;
const SECONDS_PER_DAY: f64 = 86_400.0;

/// Gives every finding with a p-value its place, in the order given.
pub(super) fn number(findings: &mut [Finding]) {
    let ranked = findings.iter_mut().filter(|f| f.p_value.is_some());
    for (rank, finding) in (1..).zip(ranked) {
        finding.rank = Some(rank);
    }
}

/// Selects the first findings that have a severity, as many as the budget
/// allows for the length of the review. Returns how many of them are expected
/// if nothing happened.
///
/// # Formula
///
/// ```text
/// K        = ⌈ alerts per day · days of the review ⌉
/// expected = min(K, threshold · identities scored)
/// ```
///
/// The threshold is the largest p-value selected if the budget ran out, else
/// 1 %: no larger one has a severity. What is new only to the identity and not
/// to its peers may have none either, so that this is an upper bound.
pub(super) fn select(findings: &mut [Finding], budget: Budget, review: Window) -> f64 {
    let allowed = (budget.alerts_per_day * days(review)).ceil().max(0.0);
    let (mut n_scored, mut n_selected, mut largest) = (0.0, 0.0, 0.0_f64);
    for finding in findings {
        let Some(p) = finding.p_value else {
            continue;
        };
        n_scored += 1.0;
        let has_severity = p <= MAX_P && finding.severity > Severity::None;
        finding.is_selected = has_severity && n_selected < allowed;
        // Severe for a fact, whatever the score says: no budget leaves it out.
        if finding.severity > Severity::None && p > MAX_P {
            finding.is_selected = true;
            continue;
        }
        if finding.is_selected {
            n_selected += 1.0;
            largest = largest.max(p);
        }
    }
    let threshold = if n_selected < allowed { MAX_P } else { largest };
    (threshold * n_scored).min(allowed)
}

fn days(window: Window) -> f64 {
    let seconds = window
        .end
        .seconds()
        .saturating_sub(window.start.seconds())
        .max(0);
    #[expect(
        clippy::cast_precision_loss,
        reason = "a length of time in seconds is far below 2^53"
    )]
    let seconds = seconds as f64;
    seconds / SECONDS_PER_DAY
}
