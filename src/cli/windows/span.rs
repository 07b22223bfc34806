//! A span is what a user writes for a window: two times, a length, or a time
//! with a margin.

use std::fmt;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime};

use crate::event::Timestamp;

/// One hundred years: longer than anything, short enough to add to any time.
const LONGEST_SECONDS: i64 = 100 * 366 * 86_400;

/// A window as written, before the data is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// `START..END`, half-open; either side may be left out, not both.
    Absolute {
        /// First instant inside.
        start: Option<Timestamp>,
        /// First instant after.
        end: Option<Timestamp>,
    },
    /// `7d`: counted back from something else.
    Length {
        /// How long.
        seconds: i64,
    },
}

/// Why a text is not a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpanError {
    /// Neither `START..END` nor a length.
    NotASpan,
    /// Nothing on either side of `..`.
    NoEnds,
    /// Not a date or time.
    NotATime,
    /// The calendar has no such day.
    NoSuchDay,
    /// A date that no such log can bear.
    Implausible,
    /// Not a number and a unit.
    NotALength,
    /// A length of nothing.
    Zero,
    /// Longer than a century.
    TooLong,
    /// Not a time, a separator and a length.
    NotAround,
}

impl fmt::Display for SpanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotASpan => {
                "write START..END, as in 2026-11-01..2026-11-08 (the end is not included), \
                 or a length, as in 7d, 36h or 20m"
            }
            Self::NoEnds => "give at least one side of .., as in 2026-11-01.. or ..2026-11-01",
            Self::NotATime => {
                "write a UTC date, as in 2026-11-07, or a time, as in 2026-11-07T09:30:00Z"
            }
            Self::NoSuchDay => "the calendar has no such day",
            Self::Implausible => "only dates from 2006 to 2099 occur in these logs",
            Self::NotALength => {
                "write a whole number and a unit (s, m, h, d or w), as in 7d, 36h or 20m"
            }
            Self::Zero => "a length must be more than nothing, as in 7d, 36h or 20m",
            Self::TooLong => "a length must be less than a century, as in 7d, 36h or 20m",
            Self::NotAround => {
                "write a time and a margin, as in 2026-11-20T03:00Z~2h or 2026-11-20T03:00Z±2h"
            }
        })
    }
}

impl std::error::Error for SpanError {}

/// Reads `START..END` or a length.
///
/// # Errors
///
/// [`SpanError`], which says what to write instead.
pub fn parse_span(text: &str) -> Result<Span, SpanError> {
    if let Some((start, end)) = text.split_once("..") {
        let (start, end) = (parse_side(start)?, parse_side(end)?);
        return match (start, end) {
            (None, None) => Err(SpanError::NoEnds),
            _ => Ok(Span::Absolute { start, end }),
        };
    }
    match parse_length(text) {
        Ok(seconds) => Ok(Span::Length { seconds }),
        Err(SpanError::NotALength) => Err(SpanError::NotASpan),
        Err(err) => Err(err),
    }
}

fn parse_side(text: &str) -> Result<Option<Timestamp>, SpanError> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    parse_time(text).map(Some)
}

/// Reads `TIME±LENGTH`, with `+-` or `~` for keyboards without `±`.
///
/// # Errors
///
/// [`SpanError`], which says what to write instead.
pub fn parse_around(text: &str) -> Result<Span, SpanError> {
    let (time, margin) = ["±", "+-", "~"]
        .into_iter()
        .find_map(|separator| text.rsplit_once(separator))
        .ok_or(SpanError::NotAround)?;
    let (time, seconds) = (parse_time(time)?, parse_length(margin)?);
    Ok(Span::Absolute {
        start: Some(time.saturating_add_seconds(-seconds)),
        end: Some(time.saturating_add_seconds(seconds)),
    })
}

/// Reads a whole number with a unit: `s`, `m`, `h`, `d` or `w`.
///
/// # Errors
///
/// [`SpanError`], which says what to write instead.
pub fn parse_length(text: &str) -> Result<i64, SpanError> {
    let text = text.trim();
    let unit = text.chars().next_back().ok_or(SpanError::NotALength)?;
    let unit_seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        'w' => 604_800,
        _ => return Err(SpanError::NotALength),
    };
    let digits = text.strip_suffix(unit).unwrap_or_default();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(SpanError::NotALength);
    }
    let count: i64 = digits.parse().map_err(|_| SpanError::TooLong)?;
    match count.checked_mul(unit_seconds) {
        Some(0) => Err(SpanError::Zero),
        Some(seconds) if seconds <= LONGEST_SECONDS => Ok(seconds),
        _ => Err(SpanError::TooLong),
    }
}

/// Reads a date (its midnight) or RFC 3339. Seconds may be left out, and a
/// time without a zone is UTC.
///
/// # Errors
///
/// [`SpanError::NotATime`], [`SpanError::NoSuchDay`] or
/// [`SpanError::Implausible`].
pub fn parse_time(text: &str) -> Result<Timestamp, SpanError> {
    let text = text.trim();
    // Chrono would read `2026-1-5` too; the shape is checked so that a typing
    // error does not become another date.
    let has_date_shape = text.len() >= 10
        && text.bytes().take(10).enumerate().all(|(idx, byte)| {
            if matches!(idx, 4 | 7) {
                byte == b'-'
            } else {
                byte.is_ascii_digit()
            }
        });
    if !has_date_shape {
        return Err(SpanError::NotATime);
    }
    if text.get(..10).and_then(parse_date).is_none() {
        return Err(SpanError::NoSuchDay);
    }
    parse_date(text)
        .or_else(|| parse_zoned(text))
        .or_else(|| parse_naive(text))
        .ok_or(SpanError::NotATime)?
        .plausible()
        .ok_or(SpanError::Implausible)
}

fn parse_date(text: &str) -> Option<Timestamp> {
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    Some(Timestamp::from_datetime(
        date.and_time(NaiveTime::MIN).and_utc(),
    ))
}

fn parse_zoned(text: &str) -> Option<Timestamp> {
    let time = DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M%:z"))
        .ok()?;
    Some(Timestamp::from_datetime(time.to_utc()))
}

fn parse_naive(text: &str) -> Option<Timestamp> {
    let text = text.strip_suffix(['Z', 'z']).unwrap_or(text);
    ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"]
        .into_iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .map(|time| Timestamp::from_datetime(time.and_utc()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[track_caller]
    fn time(text: &str, expected: &str) {
        assert_eq!(
            parse_time(text).map(Timestamp::rfc3339),
            Ok(expected.to_owned())
        );
    }

    #[test]
    fn times_are_dates_or_rfc_3339_and_utc_unless_they_say_otherwise() {
        time("2026-11-07", "2026-11-07T00:00:00Z");
        time(" 2026-11-07 ", "2026-11-07T00:00:00Z");
        time("2026-11-07T09:30:15Z", "2026-11-07T09:30:15Z");
        time("2026-11-07t09:30:15z", "2026-11-07T09:30:15Z");
        time("2026-11-07T09:30:15.25Z", "2026-11-07T09:30:15.250Z");
        time("2026-11-07T09:30:15+02:00", "2026-11-07T07:30:15Z");
        time("2026-11-07T09:30:15", "2026-11-07T09:30:15Z");
        time("2026-11-07T09:30Z", "2026-11-07T09:30:00Z");
        time("2026-11-07T09:30", "2026-11-07T09:30:00Z");
        time("2026-11-07T09:30-05:00", "2026-11-07T14:30:00Z");
        time("2024-02-29", "2024-02-29T00:00:00Z");
    }

    #[track_caller]
    fn no_time(text: &str, expected: SpanError) {
        assert_eq!(parse_time(text), Err(expected));
    }

    #[test]
    fn what_is_not_a_time_is_refused() {
        for text in [
            "",
            "yesterday",
            "2026",
            "2026-11",
            "2026-1-5",
            "07.11.2026",
            "2026-11-07T25:00Z",
            "2026-11-07T",
            "2026-11-07Z",
            "2026-11-07T09",
            "1780000000",
            "２０２６-11-07",
        ] {
            no_time(text, SpanError::NotATime);
        }
    }

    #[test]
    fn a_day_that_the_calendar_lacks_is_called_that() {
        for text in [
            "2026-02-29",
            "2026-11-31",
            "2026-13-01",
            "2026-02-30T10:00Z",
        ] {
            no_time(text, SpanError::NoSuchDay);
        }
        no_time("2026-02-28T25:00Z", SpanError::NotATime);
    }

    #[test]
    fn implausible_dates_are_refused_on_both_sides() {
        time("2006-01-01", "2006-01-01T00:00:00Z");
        time("2099-12-31", "2099-12-31T00:00:00Z");
        no_time("2005-12-31", SpanError::Implausible);
        no_time("2100-01-01", SpanError::Implausible);
        no_time("9999-12-31", SpanError::Implausible);
    }

    #[track_caller]
    fn length(text: &str, expected: Result<i64, SpanError>) {
        assert_eq!(parse_length(text), expected);
    }

    #[test]
    fn lengths_are_a_number_and_a_unit() {
        length("90s", Ok(90));
        length("20m", Ok(1_200));
        length("36h", Ok(129_600));
        length("7d", Ok(604_800));
        length("2w", Ok(1_209_600));
        length("36600d", Ok(LONGEST_SECONDS));
    }

    #[test]
    fn what_is_not_a_length_is_refused() {
        for text in [
            "", "d", "7", "7 d", "-7d", "+7d", "7D", "1.5d", "7days", "7dd", "d7", "7µ",
        ] {
            length(text, Err(SpanError::NotALength));
        }
        length("0d", Err(SpanError::Zero));
        length("36601d", Err(SpanError::TooLong));
        length("99999999999999999999d", Err(SpanError::TooLong));
        length("9223372036854775807w", Err(SpanError::TooLong));
    }

    fn absolute(start: Option<&str>, end: Option<&str>) -> Result<Span, SpanError> {
        let time = |text: &str| parse_time(text).unwrap();
        Ok(Span::Absolute {
            start: start.map(time),
            end: end.map(time),
        })
    }

    #[track_caller]
    fn span(text: &str, expected: Result<Span, SpanError>) {
        assert_eq!(parse_span(text), expected);
    }

    #[test]
    fn spans_have_two_ends_one_end_or_a_length() {
        let (first, second) = (Some("2026-11-01"), Some("2026-11-08T12:00Z"));
        span("2026-11-01..2026-11-08T12:00Z", absolute(first, second));
        span("2026-11-01 .. 2026-11-08T12:00Z", absolute(first, second));
        span("2026-11-01..", absolute(first, None));
        span("..2026-11-08T12:00Z", absolute(None, second));
        span("7d", Ok(Span::Length { seconds: 604_800 }));
    }

    #[test]
    fn what_is_not_a_span_is_refused() {
        span("", Err(SpanError::NotASpan));
        span("2026-11-01", Err(SpanError::NotASpan));
        span("last week", Err(SpanError::NotASpan));
        span("2026-11-01-2026-11-08", Err(SpanError::NotASpan));
        span("..", Err(SpanError::NoEnds));
        span(" .. ", Err(SpanError::NoEnds));
        span("2026-11-01..7d", Err(SpanError::NotATime));
        span("2026-11-01...2026-11-08", Err(SpanError::NotATime));
        span("0d", Err(SpanError::Zero));
    }

    #[test]
    fn a_margin_reaches_both_ways() {
        let expected = absolute(Some("2026-11-20T01:00Z"), Some("2026-11-20T05:00Z"));
        for text in [
            "2026-11-20T03:00Z±2h",
            "2026-11-20T03:00Z+-2h",
            "2026-11-20T03:00Z~2h",
            "2026-11-20T04:00+01:00+-120m",
            "2026-11-20T03:00:00Z ± 2h",
        ] {
            assert_eq!(parse_around(text), expected, "{text}");
        }
    }

    #[test]
    fn a_margin_needs_both_parts() {
        assert_eq!(parse_around("2026-11-20T03:00Z"), Err(SpanError::NotAround));
        assert_eq!(parse_around("~2h"), Err(SpanError::NotATime));
        assert_eq!(
            parse_around("2026-11-20T03:00Z~"),
            Err(SpanError::NotALength)
        );
        assert_eq!(parse_around("2026-11-20~0h"), Err(SpanError::Zero));
    }
}
