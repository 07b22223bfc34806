//! Gaps in what the products delivered, in sentences: they are told before any
//! finding, because silence in a log means nothing.

use super::Report;
use super::inspect::longest_silence;
use super::phrase::{counted, length, minute, product, seconds};
use crate::event::{Source, Timestamp, Window};
use crate::ingest::coverage::SourceCoverage;

/// Shorter silences at either end are not worth a sentence.
const DAY_SECONDS: i64 = 86_400;

/// From this on nobody counts hours.
const IN_DAYS_SECONDS: i64 = 4 * DAY_SECONDS;

/// What each product did not deliver: silences within its log, and a log that
/// begins or ends at another time than those of the other products.
pub(super) fn sentences(report: &Report<'_>) -> Vec<String> {
    let sources = || report.coverage.sources.iter();
    let inside = sources()
        .flat_map(|(source, covered)| covered.silences().into_iter().map(|gap| (*source, gap)));
    let inside = inside.map(|(source, gap)| {
        format!(
            "{} recorded nothing for {} from {}: silence there means nothing.",
            product(source),
            silence(gap),
            minute(gap.start),
        )
    });
    let first = sources().filter_map(|(_, covered)| covered.first).min();
    let last = sources().filter_map(|(_, covered)| covered.last).max();
    let ends = sources().flat_map(|(source, covered)| {
        [
            begins_late(report, *source, covered, first),
            ends_early(report, *source, covered, last),
        ]
    });
    inside.chain(ends.flatten()).collect()
}

/// Of a log that begins after the history does, which another one covers.
fn begins_late(
    report: &Report<'_>,
    source: Source,
    covered: &SourceCoverage,
    first: Option<Timestamp>,
) -> Option<String> {
    let start = first?.max(report.assessment.history.start);
    let missing = Window {
        start,
        end: covered.first?,
    };
    is_gap(source, covered, missing).then(|| {
        format!(
            "{} begins only on {}, {} after the others: less is known of it.",
            product(source),
            minute(missing.end),
            silence(missing),
        )
    })
}

/// Of a log that ends before the review does, which another one covers.
fn ends_early(
    report: &Report<'_>,
    source: Source,
    covered: &SourceCoverage,
    last: Option<Timestamp>,
) -> Option<String> {
    let missing = Window {
        start: covered.last?,
        end: last?.min(report.assessment.review.end),
    };
    is_gap(source, covered, missing).then(|| {
        format!(
            "{} ends on {}, {} before the others: nothing is known of it after that.",
            product(source),
            minute(missing.start),
            silence(missing),
        )
    })
}

/// How long it lasts, in hours or, if it lasts long, in days.
fn silence(gap: Window) -> String {
    match seconds(gap) {
        s if s >= IN_DAYS_SECONDS => counted(u64::try_from(s / DAY_SECONDS).unwrap_or(0), "day"),
        s => length(s),
    }
}

/// Whether so long a time without events is longer than a day, and than any
/// silence within the log.
fn is_gap(source: Source, covered: &SourceCoverage, missing: Window) -> bool {
    let usual = longest_silence(source, covered).map_or(0, |gap| {
        seconds(Window {
            start: gap.start,
            end: gap.end,
        })
    });
    seconds(missing) > DAY_SECONDS.max(usual)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::report::fixture::{assessment, coverage, report};

    const HOUR: i64 = 3_600;

    /// Okta recorded an event in each hour between two hours of the history
    /// and review, CloudTrail in all of them.
    #[track_caller]
    fn says(okta: (i64, i64), expected: &[&str]) {
        let assessment = assessment();
        let (start, end) = (assessment.history.start, assessment.review.end);
        let n_hours = (end.seconds() - start.seconds()) / HOUR;
        let hours = |from: i64, to: i64| {
            let hours = (from..to).map(|hour| (start.seconds() / HOUR + hour, 1));
            let at = |hour: i64| Timestamp::from_seconds(start.seconds() + hour * HOUR);
            SourceCoverage {
                n_events: u64::try_from(to - from).unwrap(),
                first: Some(at(from)),
                last: Some(at(to - 1)),
                hours: hours.collect(),
                ..SourceCoverage::default()
            }
        };
        let mut coverage = coverage();
        coverage.sources.clear();
        coverage
            .sources
            .insert(Source::CloudTrail, hours(0, n_hours));
        let okta = hours(okta.0, n_hours - okta.1);
        coverage.sources.insert(Source::Okta, okta);
        assert_eq!(sentences(&report(&assessment, &coverage)), expected);
    }

    #[test]
    fn a_log_that_begins_late_or_ends_early_is_named() {
        says((0, 0), &[]);
        says((24, 24), &[]);
        says(
            (30, 0),
            &[
                "Okta begins only on 2026-08-02 06:00Z, 30 hours after the others: less is known \
               of it.",
            ],
        );
        says(
            (0, 120),
            &[
                "Okta ends on 2026-11-02 23:00Z, 5 days before the others: nothing is known of it \
               after that.",
            ],
        );
    }
}
