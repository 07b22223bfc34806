#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::*;
use crate::event::Period;

/// A request as typed: `review`, `history`, `gap`; empty for a flag that was
/// not given.
fn request(review: &str, history: &str, gap: &str) -> WindowRequest {
    let span = |text: &str| (!text.is_empty()).then(|| parse_span(text).unwrap());
    WindowRequest {
        review: span(review),
        history: span(history),
        gap_seconds: if gap.is_empty() {
            0
        } else {
            parse_length(gap).unwrap()
        },
    }
}

fn show(window: Window) -> String {
    let side = |time: Timestamp| match time {
        Timestamp::MIN | Timestamp::MAX => String::new(),
        time => short(time),
    };
    format!("{}..{}", side(window.start), side(window.end))
}

/// Data from `first` to `last`, in a period that is chosen for it.
#[track_caller]
fn resolves(
    (review, history, gap): (&str, &str, &str),
    (first, last): (&str, &str),
    (expected_history, expected_review): (&str, &str),
) {
    let (first, last) = (parse_time(first).unwrap(), parse_time(last).unwrap());
    let period = Period::fitting(first, last);
    let windows = request(review, history, gap)
        .resolve(first, last, period.seconds())
        .map_err(|err| err.to_string())
        .unwrap();
    assert_eq!(
        (show(windows.history), show(windows.review)),
        (expected_history.to_owned(), expected_review.to_owned())
    );
}

const SIXTY_DAYS: (&str, &str) = ("2026-09-11T08:15Z", "2026-11-09T17:42:05Z");

#[test]
fn the_default_review_is_the_last_seven_days() {
    resolves(
        ("", "", ""),
        SIXTY_DAYS,
        ("2026-09-11..2026-11-03", "2026-11-03..2026-11-10"),
    );
}

#[test]
fn short_data_gives_its_last_quarter_to_the_review() {
    // 28 days touched: seven days, by either rule.
    resolves(
        ("", "", ""),
        ("2026-11-01T23:00Z", "2026-11-28T01:00Z"),
        ("2026-11-01..2026-11-22", "2026-11-22..2026-11-29"),
    );
    // 27 days: a quarter is 6 whole days.
    resolves(
        ("", "", ""),
        ("2026-11-01T23:00Z", "2026-11-27T01:00Z"),
        ("2026-11-01..2026-11-22", "2026-11-22..2026-11-28"),
    );
    // 13 days: 3.
    resolves(
        ("", "", ""),
        ("2026-11-01T12:00Z", "2026-11-13T13:00Z"),
        ("2026-11-01..2026-11-11", "2026-11-11..2026-11-14"),
    );
    // 65 minutes touch 14 periods of 5 minutes: 3 of them.
    resolves(
        ("", "", ""),
        ("2026-11-01T10:02Z", "2026-11-01T11:07Z"),
        (
            "2026-11-01T10:00:00Z..2026-11-01T10:55:00Z",
            "2026-11-01T10:55:00Z..2026-11-01T11:10:00Z",
        ),
    );
    // Two minutes: one of them.
    resolves(
        ("", "", ""),
        ("2026-11-01T10:02:59Z", "2026-11-01T10:03:00Z"),
        (
            "2026-11-01T10:02:00Z..2026-11-01T10:03:00Z",
            "2026-11-01T10:03:00Z..2026-11-01T10:04:00Z",
        ),
    );
}

#[test]
fn an_event_at_midnight_belongs_to_the_day_that_begins() {
    resolves(
        ("7d", "", ""),
        ("2026-09-11", "2026-11-10"),
        ("2026-09-11..2026-11-04", "2026-11-04..2026-11-11"),
    );
}

#[test]
fn a_length_of_review_counts_back_from_the_end_of_the_newest_period() {
    resolves(
        ("1d", "", ""),
        SIXTY_DAYS,
        ("2026-09-11..2026-11-09", "2026-11-09..2026-11-10"),
    );
    resolves(
        ("2w", "", ""),
        SIXTY_DAYS,
        ("2026-09-11..2026-10-27", "2026-10-27..2026-11-10"),
    );
}

#[test]
fn a_length_that_is_no_whole_number_of_periods_is_filled_up() {
    resolves(
        ("36h", "", ""),
        SIXTY_DAYS,
        ("2026-09-11..2026-11-08", "2026-11-08..2026-11-10"),
    );
    resolves(
        ("7d", "36h", "12h"),
        SIXTY_DAYS,
        ("2026-10-31..2026-11-02", "2026-11-03..2026-11-10"),
    );
}

#[test]
fn a_length_of_history_counts_back_from_the_review() {
    resolves(
        ("7d", "30d", ""),
        SIXTY_DAYS,
        ("2026-10-04..2026-11-03", "2026-11-03..2026-11-10"),
    );
    resolves(
        ("7d", "30d", "2d"),
        SIXTY_DAYS,
        ("2026-10-02..2026-11-01", "2026-11-03..2026-11-10"),
    );
    // Longer than the data: what was asked for, all the same.
    resolves(
        ("7d", "90d", ""),
        SIXTY_DAYS,
        ("2026-08-05..2026-11-03", "2026-11-03..2026-11-10"),
    );
}

#[test]
fn a_review_that_is_counted_back_learns_nothing_from_before_a_written_start() {
    for (start, first_learned) in [
        ("2026-10-04T00:00:00Z", "2026-10-04"),
        ("2026-10-04T00:00:01Z", "2026-10-05"),
        ("2026-10-04T23:00:00Z", "2026-10-05"),
    ] {
        let history = format!("{first_learned}..2026-11-03");
        resolves(
            ("7d", &format!("{start}.."), ""),
            SIXTY_DAYS,
            (&history, "2026-11-03..2026-11-10"),
        );
    }
}

#[test]
fn the_gap_belongs_to_neither_window() {
    resolves(
        ("", "", "2d"),
        SIXTY_DAYS,
        ("2026-09-11..2026-11-01", "2026-11-03..2026-11-10"),
    );
    resolves(
        ("2026-11-05..2026-11-06", "", "2d"),
        SIXTY_DAYS,
        ("2026-09-11..2026-11-03", "2026-11-05..2026-11-06"),
    );
}

#[test]
fn written_times_are_taken_as_written() {
    resolves(
        ("2026-11-05T03:10Z..2026-11-05T04:20Z", "", ""),
        SIXTY_DAYS,
        (
            "2026-09-11..2026-11-05T03:10:00Z",
            "2026-11-05T03:10:00Z..2026-11-05T04:20:00Z",
        ),
    );
    resolves(
        ("2026-11-05..2027-01-01", "2026-01-01..2026-10-01", ""),
        SIXTY_DAYS,
        ("2026-01-01..2026-10-01", "2026-11-05..2027-01-01"),
    );
    resolves(
        ("2026-11-05T03:10Z..", "36h", ""),
        SIXTY_DAYS,
        (
            "2026-11-03T15:10:00Z..2026-11-05T03:10:00Z",
            "2026-11-05T03:10:00Z..2026-11-10",
        ),
    );
}

#[test]
fn an_open_side_reaches_to_the_data_or_to_the_other_window() {
    resolves(
        ("2026-11-05..", "2026-10-01..", ""),
        SIXTY_DAYS,
        ("2026-10-01..2026-11-05", "2026-11-05..2026-11-10"),
    );
    resolves(
        ("..2026-11-08", "..2026-11-01", "2d"),
        SIXTY_DAYS,
        ("2026-09-11..2026-11-01", "2026-11-03..2026-11-08"),
    );
    resolves(
        ("7d", "..2026-10-01", ""),
        SIXTY_DAYS,
        ("2026-09-11..2026-10-01", "2026-11-03..2026-11-10"),
    );
}

#[track_caller]
fn absolute(review: &str, history: &str, expected: Option<(&str, &str)>) {
    let windows = request(review, history, "").absolute();
    assert_eq!(
        windows.map(|windows| (show(windows.history), show(windows.review))),
        expected.map(|(history, review)| (history.to_owned(), review.to_owned()))
    );
}

#[test]
fn windows_are_known_before_reading_when_the_review_start_is_written() {
    absolute(
        "2026-11-01..2026-11-08",
        "",
        Some(("..2026-11-01", "2026-11-01..2026-11-08")),
    );
    absolute(
        "2026-11-01..",
        "30d",
        Some(("2026-10-02..2026-11-01", "2026-11-01..")),
    );
    absolute(
        "..2026-11-08",
        "..2026-11-01",
        Some(("..2026-11-01", "2026-11-01..2026-11-08")),
    );
    absolute("", "", None);
    absolute("7d", "", None);
    absolute("7d", "..2026-11-01", None);
    absolute("", "2026-10-01..2026-11-01", None);
}

#[test]
fn what_is_known_before_reading_still_holds_after_it() {
    let (first, last) = (
        parse_time(SIXTY_DAYS.0).unwrap(),
        parse_time(SIXTY_DAYS.1).unwrap(),
    );
    for (review, history, gap) in [
        ("2026-11-01..2026-11-08", "", ""),
        ("2026-11-01T05:00Z..", "36h", "90m"),
        ("..2026-11-08", "2026-10-01..2026-11-01", "1d"),
    ] {
        let request = request(review, history, gap);
        let before = request.absolute().unwrap();
        let after = request.resolve(first, last, 86_400).unwrap();
        assert_eq!(before.history.end, after.history.end);
        assert_eq!(before.review.start, after.review.start);
        assert!(before.history.start <= after.history.start);
        assert!(after.review.end <= before.review.end);
    }
}

/// Checked without data.
#[track_caller]
fn refused((review, history, gap): (&str, &str, &str), expected: &str) {
    let err = request(review, history, gap).check().unwrap_err();
    assert_eq!(err.to_string(), expected);
}

#[test]
fn impossible_requests_are_refused_before_reading() {
    refused(
        ("2026-11-08..2026-11-01", "", ""),
        "--review 2026-11-08..2026-11-01 is empty; the first time must be the earlier one, \
         as in --review 2026-11-01..2026-11-08",
    );
    refused(
        ("2026-11-01..2026-11-01", "", ""),
        "--review 2026-11-01..2026-11-01 is empty; the first time must be the earlier one, \
         as in --review 2026-11-01..2026-11-08",
    );
    refused(
        ("7d", "2026-11-08T01:00Z..2026-11-01", ""),
        "--history 2026-11-08T01:00:00Z..2026-11-01 is empty; the first time must be the \
         earlier one, as in --history 2026-11-01..2026-11-08",
    );
    refused(
        ("..2026-11-08", "", ""),
        "--review has an end but no start; write both, as in --review 2026-11-01..2026-11-08, \
         or say where the history ends, as in --history ..2026-11-01",
    );
    refused(
        ("2026-11-01..", "..2026-11-05", ""),
        "--history ends at 2026-11-05, after the review starts at 2026-11-01; end it earlier, \
         as in --history ..2026-11-01, or start the review later, as in --review 2026-11-05..",
    );
    refused(
        ("2026-11-01..", "2026-11-03..", ""),
        "--history starts at 2026-11-03, but the review, or the --gap before it, starts at \
         2026-11-01; start the history earlier or the review later",
    );
}

#[test]
fn a_history_must_end_before_the_gap() {
    let refused = |gap| request("2026-11-05..", "..2026-11-03", gap).check().err();
    assert_eq!(refused("2d"), None);
    let err = refused("49h").unwrap().to_string();
    assert!(
        err.starts_with("--history ends at 2026-11-03, inside the --gap before the review at"),
        "{err}"
    );
    assert!(err.contains("--history ..2026-11-02T23:00:00Z"), "{err}");
    assert!(err.ends_with("--review 2026-11-05T01:00:00Z.."), "{err}");
}

/// Refused once the data is known.
#[track_caller]
fn unresolvable(
    (review, history, gap): (&str, &str, &str),
    (first, last): (&str, &str),
    expected: &str,
) {
    let (first, last) = (parse_time(first).unwrap(), parse_time(last).unwrap());
    let request = request(review, history, gap);
    assert_eq!(request.check(), Ok(()));
    let err = request.resolve(first, last, 86_400).unwrap_err();
    assert_eq!(err.to_string(), expected);
}

#[test]
fn windows_that_hold_no_data_are_refused() {
    unresolvable(
        ("90d", "", ""),
        SIXTY_DAYS,
        "nothing to learn from: the history ends at 2026-08-12, but the first event is at \
         2026-09-11T08:15:00Z; add older logs, or make the review or the gap shorter, as in \
         --review 1d",
    );
    unresolvable(
        ("", "", ""),
        ("2026-11-01T10:00Z", "2026-11-01T11:00Z"),
        "nothing to learn from: the history ends at 2026-11-01, but the first event is at \
         2026-11-01T10:00:00Z; add older logs, or make the review or the gap shorter, as in \
         --review 1d",
    );
    unresolvable(
        ("2026-12-01..", "", ""),
        SIXTY_DAYS,
        "nothing to score: --review starts at 2026-12-01, but the last event is at \
         2026-11-09T17:42:05Z; add newer logs, or count back from the last event, as in \
         --review 7d",
    );
}

#[test]
fn a_relative_review_may_not_reach_into_a_written_history() {
    unresolvable(
        ("", "..2026-11-05", ""),
        SIXTY_DAYS,
        "--history ends at 2026-11-05, after the review starts at 2026-11-03; end it earlier, \
         as in --history ..2026-11-03, or start the review later, as in --review 2026-11-05..",
    );
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    fn span() -> impl Strategy<Value = Option<Span>> {
        let side =
            prop::option::of((1_780_000_000..1_800_000_000_i64).prop_map(Timestamp::from_seconds));
        prop::option::of(prop_oneof![
            (1..20_000_000_i64).prop_map(|seconds| Span::Length { seconds }),
            (side.clone(), side).prop_map(|(start, end)| Span::Absolute { start, end }),
        ])
    }

    proptest! {
        #[test]
        fn windows_never_overlap_and_are_never_empty(
            review in span(),
            history in span(),
            gap_seconds in prop_oneof![Just(0), 0..500_000_i64],
            first in 1_780_000_000..1_800_000_000_i64,
            length in 0..20_000_000_i64,
            period in prop::sample::select(&Period::ALL),
        ) {
            let request = WindowRequest { review, history, gap_seconds };
            let (first, last) = (
                Timestamp::from_seconds(first),
                Timestamp::from_seconds(first + length),
            );
            if let Ok(windows) = request.resolve(first, last, period.seconds()) {
                prop_assert!(!windows.history.is_empty());
                prop_assert!(!windows.review.is_empty());
                prop_assert!(
                    windows.history.end.saturating_add_seconds(gap_seconds) <= windows.review.start
                );
            }
        }

        #[test]
        fn whatever_is_counted_back_falls_between_two_periods(
            seconds in 1..20_000_000_i64,
            history_seconds in 1..20_000_000_i64,
            gap_seconds in 0..500_000_i64,
            first in 1_780_000_000..1_800_000_000_i64,
            length in 0..20_000_000_i64,
            period in prop::sample::select(&Period::ALL),
        ) {
            let request = WindowRequest {
                review: Some(Span::Length { seconds }),
                history: Some(Span::Length { seconds: history_seconds }),
                gap_seconds,
            };
            let (first, last) = (
                Timestamp::from_seconds(first),
                Timestamp::from_seconds(first + length),
            );
            let windows = request.resolve(first, last, period.seconds()).unwrap();
            prop_assert!(windows.review.contains(last));
            for time in [
                windows.history.start,
                windows.history.end,
                windows.review.start,
                windows.review.end,
            ] {
                prop_assert_eq!(time.seconds().rem_euclid(period.seconds()), 0);
            }
        }
    }
}
