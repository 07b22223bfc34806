//! Phrases that only the page needs: it has the room to spell things out.

use crate::event::Window;
use crate::finding::{Assessment, Finding, Severity, Verdict};
use crate::report::phrase::{expected, length, levels, minute, one_in, seconds, span_noun};

const SECONDS_PER_DAY: i64 = 86_400;

/// `2026-11-09 00:00Z to 2026-11-16 00:00Z, 7 days`.
pub(super) fn span(of: Window) -> String {
    format!(
        "{} to {}, {}",
        minute(of.start),
        minute(of.end),
        length(seconds(of))
    )
}

/// What was judged, after "in": `the 7 days from 2026-11-09`.
pub(super) fn review(assessment: &Assessment) -> String {
    let review = assessment.review;
    let is_midnight = review.start.seconds().rem_euclid(SECONDS_PER_DAY) == 0;
    let start = if is_midnight {
        review.start.date()
    } else {
        minute(review.start)
    };
    format!("the {} from {start}", length(seconds(review)))
}

/// What was compared with what.
pub(super) fn compared(assessment: &Assessment) -> String {
    format!(
        "Each identity compared with its own habits of the {} before, per {}. All times are UTC.",
        length(seconds(assessment.history)),
        assessment.period,
    )
}

/// How many of which severity, against what chance alone would bring; empty
/// where none has any.
pub(super) fn tally(assessment: &Assessment, listed: &[&Finding]) -> String {
    let levels = levels(listed);
    if levels.is_empty() {
        return levels;
    }
    format!(
        "{levels}; about {} expected by chance alone.",
        expected(assessment.expected_by_chance),
    )
}

/// `high`, or `within habit`.
pub(super) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::None => "within habit",
        other => other.name(),
    }
}

/// A p-value in words, as it is read by somebody who has never met one.
pub(super) fn strangeness(p: f64) -> &'static str {
    match p {
        p if p <= 1e-5 => "Extremely unusual for it",
        p if p <= 1e-4 => "Very unusual for it",
        p if p <= 1e-3 => "Unusual for it",
        p if p <= 1e-2 => "Somewhat unusual for it",
        _ => "Within its habits",
    }
}

/// The odds as a number, after [`strangeness`].
pub(super) fn odds(finding: &Finding, p: f64) -> String {
    format!(
        ": {} ordinary {} of the same identity looks at least this unusual (p = {}).",
        one_in(p),
        span_noun(finding.review),
        probability(p),
    )
}

/// Two digits, and as many zeros before them as can be counted.
fn probability(p: f64) -> String {
    let text = format!("{p:.1e}");
    // Through text, so that rounding is exact and the same everywhere.
    match text.parse::<f64>() {
        Ok(rounded) if rounded >= 1e-6 => rounded.to_string(),
        _ => text,
    }
}

/// What a verdict means for whoever reads the odds.
pub(super) fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Stable => "Its baseline is stable.",
        Verdict::Thin => "Little history: take this as a hint; its severity ends at medium.",
        Verdict::Shared => {
            "Several callers seem to share it, so that its habits are those of many."
        }
        Verdict::Drifting => "Its habits were changing already before the review.",
        Verdict::Bursty => "Its volume varies much by itself: amounts say less than usual.",
        Verdict::New => "No history of its own: judged by its peers alone.",
    }
}

/// What a piece of evidence compares, in words.
pub(super) fn dimension(name: &str) -> &str {
    match name {
        "action" => "Actions",
        "service" => "Services",
        "error" => "Errors",
        "scope" => "Resources",
        "area" => "Top-level resources",
        "account" => "Accounts",
        "network" => "Network",
        "client" => "Program",
        "access" => "Way of access",
        "region" => "Region",
        "place" => "Place",
        "edge" => "Relations",
        "hour" | "hour.window" => "Time of day",
        "novelty" | "fraction" => "New things altogether",
        "events.day" => "Amount of activity",
        "events.hour" => "Activity in one hour",
        "bytes.day" => "Data received",
        "targets.day" => "Number of resources",
        "targets.hour" => "Resources in one hour",
        "secrets.day" => "Secrets read",
        "list.share" => "Looking around",
        "denied.share" | "denied.retry" => "Refusals",
        "denied.then_success" => "Refused, then granted",
        "sequence.mean" | "sequence.top3" | "tactic" => "Order of steps",
        "owner" => "What belongs to others",
        "sensitive" => "Sensitive actions",
        "session.split" => "Sessions from two places",
        "other" => "Smaller departures",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_have_two_digits() {
        for (p, expected) in [
            (9.285e-5, "0.000093"),
            (0.005, "0.005"),
            (1.0, "1"),
            (3.14e-9, "3.1e-9"),
        ] {
            assert_eq!(probability(p), expected);
        }
    }

    #[test]
    fn odds_are_words_and_a_number() {
        for (p, expected) in [
            (1e-5, "Extremely unusual for it"),
            (1.1e-5, "Very unusual for it"),
            (1e-3, "Unusual for it"),
            (0.01, "Somewhat unusual for it"),
            (0.011, "Within its habits"),
        ] {
            assert_eq!(strangeness(p), expected, "{p}");
        }
    }
}
