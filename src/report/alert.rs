//! An alert: what other products want to know about a finding, in their words
//! and on their scales. Nothing here is a new measurement.

use crate::event::Timestamp;
use crate::finding::{Evidence, Finding, Severity, Verdict};

/// The name under which this program appears.
pub(super) const PRODUCT: &str = "habitual";

/// Its version.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Bits of surprise that are 100 on a scale of risk: one in a million.
const MOST_BITS: f64 = 20.0;

/// What happened, in a line. It quotes the identity's name.
pub(super) fn title(finding: &Finding) -> String {
    let name = finding.identity.name.as_raw();
    match (finding.p_value, finding.severity) {
        (None, _) => format!("{name} could not be judged"),
        (Some(_), Severity::None) => format!("{name} kept to its habits"),
        _ => format!("{name} departs from its habits"),
    }
}

/// Why, every reason a sentence. It quotes logged text.
pub(super) fn description(finding: &Finding) -> String {
    let sentences: Vec<&str> = finding
        .evidence
        .iter()
        .map(|evidence| evidence.sentence.as_raw())
        .collect();
    match &finding.abstained {
        Some(reason) if sentences.is_empty() => reason.clone(),
        _ if sentences.is_empty() => "no single habit stands out".to_owned(),
        _ => sentences.join(". "),
    }
}

/// Surprise on a scale from 0 to 100, which one in a million reaches.
///
/// # Formula
///
/// ```text
/// score = min(100, 5 · -log2(p))
/// ```
///
/// Ours: the threshold of a severity, one in a hundred, is 33.
pub(super) fn risk_score(finding: &Finding) -> u8 {
    let bits = finding.surprise_bits().unwrap_or_default();
    let share = (bits / MOST_BITS).clamp(0.0, 1.0);
    // Through text: the rounding is exact, and there is no cast.
    format!("{:.0}", share * 100.0).parse().unwrap_or_default()
}

/// How far the baseline behind a finding can be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Confidence {
    Low,
    Medium,
    High,
}

impl Confidence {
    pub(super) fn of(finding: &Finding) -> Self {
        match finding.support.verdict {
            Verdict::New | Verdict::Thin | Verdict::Shared => Self::Low,
            Verdict::Drifting | Verdict::Bursty => Self::Medium,
            Verdict::Stable => Self::High,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Low => "Low",
            Self::Medium => "Medium",
            Self::High => "High",
        }
    }
}

/// When what is unusual began, or else the beginning of the review.
pub(super) fn first_sign(finding: &Finding) -> Timestamp {
    finding.first_sign().unwrap_or(finding.review.start)
}

/// The earliest cited event, or else the beginning of the review.
pub(super) fn first_time(finding: &Finding) -> Timestamp {
    let times = finding.evidence.iter().filter_map(|e| e.first_time);
    times.min().unwrap_or(finding.review.start)
}

/// The latest of the first cited events, or else the end of the review.
pub(super) fn last_time(finding: &Finding) -> Timestamp {
    let times = finding.evidence.iter().filter_map(|e| e.first_time);
    times.max().unwrap_or(finding.review.end)
}

/// When a piece of evidence was first seen.
pub(super) fn time_of(finding: &Finding, evidence: &Evidence) -> Timestamp {
    let day = finding.days.iter().find(|day| day.label == evidence.day);
    evidence
        .first_time
        .or(day.map(|day| day.start))
        .unwrap_or(finding.review.start)
}

/// Milliseconds since the epoch.
pub(super) fn millis(time: Timestamp) -> i64 {
    time.micros().div_euclid(1_000)
}

/// A technique of ATT&CK without the part after the dot, and whether there is
/// one.
pub(super) fn technique(id: &str) -> (&str, Option<&str>) {
    match id.split_once('.') {
        Some((technique, _)) => (technique, Some(id)),
        None => (id, None),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::event::Class;
    use crate::report::fixture::finding;

    #[track_caller]
    fn scores(p: f64, expected: u8) {
        let finding = finding("a", Class::Human).ranked(1, p, Severity::Low);
        assert_eq!(risk_score(&finding.done()), expected);
    }

    #[test]
    fn the_scale_of_risk_ends_at_one_in_a_million() {
        scores(1.0, 0);
        scores(0.5, 5);
        scores(0.01, 33);
        scores(1e-6, 100);
        scores(1e-300, 100);
        assert_eq!(risk_score(&finding("a", Class::Human).done()), 0);
    }

    #[test]
    fn a_technique_and_its_sub_technique_are_told_apart() {
        assert_eq!(technique("T1078.004"), ("T1078", Some("T1078.004")));
        assert_eq!(technique("T1110"), ("T1110", None));
    }
}
