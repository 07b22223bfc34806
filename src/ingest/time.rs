//! Times as logs write them, to microseconds UTC.

pub(in crate::ingest) mod local;

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use serde::{Deserialize, Deserializer};

use super::text::{Loose, read};
use crate::event::Timestamp;

/// An optional time field: text in any accepted form, or an epoch number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Time(pub Option<Timestamp>);

impl Loose<'_> for Time {
    fn scalar(text: Cow<'_, str>) -> Self {
        Self(parse(&text))
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        read(from)
    }
}

/// Reads one time; `None` for what is no time or is ambiguous
/// (`01/02/2026 03:04`).
///
/// Accepts RFC 3339 and its relatives (space for `T`, no zone meaning UTC, an
/// offset without colon), ISO basic, an epoch in s, ms, µs or ns told apart by
/// magnitude, and the unambiguous locale forms. Digits beyond microseconds are
/// cut; second 60 becomes 59.999999. Whether the date is plausible is asked of
/// [`Timestamp::plausible`].
///
/// # Examples
///
/// ```
/// # use habitual::ingest::time::parse;
/// let time = parse("2026-11-07T19:03:11.5+01:00").unwrap_or_default();
/// assert_eq!(time.rfc3339(), "2026-11-07T18:03:11.500Z");
/// ```
#[must_use]
pub fn parse(text: &str) -> Option<Timestamp> {
    zulu(text.as_bytes()).or_else(|| other(text.trim()))
}

/// As [`parse`], without blanks around.
fn other(text: &str) -> Option<Timestamp> {
    zulu(text.as_bytes())
        .or_else(|| iso(text))
        .or_else(|| epoch(text))
        .or_else(|| locale(text))
}

const MICROS: i64 = 1_000_000;

/// The rest of one time's text while its fields are taken off the front.
struct Fields<'t>(&'t [u8]);

impl Fields<'_> {
    /// Exactly `n` digits.
    fn number(&mut self, n: usize) -> Option<u32> {
        let (digits, rest) = self.0.split_at_checked(n)?;
        let mut value = 0_u32;
        for digit in digits {
            if !digit.is_ascii_digit() {
                return None;
            }
            value = value
                .checked_mul(10)?
                .checked_add(u32::from(digit.wrapping_sub(b'0')))?;
        }
        self.0 = rest;
        Some(value)
    }

    /// One of `bytes`, if it is next.
    fn skip(&mut self, bytes: &[u8]) -> bool {
        match self.0.split_first() {
            Some((first, rest)) if bytes.contains(first) => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }

    /// A fraction of any length in microseconds, further digits cut.
    fn fraction(&mut self) -> Option<i64> {
        if !self.skip(b".,") {
            return Some(0);
        }
        let (mut micros, mut unit) = (0_i64, MICROS / 10);
        let n_digits = self.0.iter().take_while(|b| b.is_ascii_digit()).count();
        let (digits, rest) = self.0.split_at_checked(n_digits)?;
        for digit in digits {
            micros =
                micros.saturating_add(unit.saturating_mul(i64::from(digit.wrapping_sub(b'0'))));
            unit /= 10;
        }
        self.0 = rest;
        (n_digits > 0).then_some(micros)
    }

    /// `Z`, `+01:00`, `+0100`, `+01` or nothing (UTC), in seconds.
    fn offset(&mut self) -> Option<i64> {
        self.skip(b" ");
        if self.0.is_empty() || self.skip(b"Zz") {
            return Some(0);
        }
        let sign = if self.skip(b"+") {
            1
        } else if self.skip(b"-") {
            -1
        } else {
            return None;
        };
        let hours = self.number(2)?;
        self.skip(b":");
        let minutes = if self.0.is_empty() {
            0
        } else {
            self.number(2)?
        };
        (hours < 24 && minutes < 60)
            .then(|| sign * (i64::from(hours) * 3600 + i64::from(minutes) * 60))
    }
}

/// The form of most times, `2026-11-07T09:01:00Z`, at one glance.
fn zulu(text: &[u8]) -> Option<Timestamp> {
    const FORM: &[u8; 20] = b"dddd-dd-ddTdd:dd:ddZ";
    let text: &[u8; 20] = text.try_into().ok()?;
    let is_digit = |form: u8| form == b'd';
    let fits = text.iter().zip(FORM).fold(true, |fits, (byte, form)| {
        fits & (byte == form || is_digit(*form) && byte.is_ascii_digit())
    });
    fits.then_some(())?;
    let two = |at: usize| {
        let digit = |at: usize| text.get(at).map_or(0, |byte| u32::from(byte & 0x0f));
        digit(at) * 10 + digit(at + 1)
    };
    let (hour, minute, second) = (two(11), two(14), two(17));
    (hour < 24 && minute < 60 && second < 60).then_some(())?;
    let year = i32::try_from(two(0) * 100 + two(2)).ok()?;
    let days = NaiveDate::from_ymd_opt(year, two(5), two(8))?.to_epoch_days();
    let seconds = i64::from(hour * 3600 + minute * 60 + second);
    Some(Timestamp::from_seconds(i64::from(days) * 86_400 + seconds))
}

/// RFC 3339, ISO without zone and ISO basic.
fn iso(text: &str) -> Option<Timestamp> {
    let mut fields = Fields(text.as_bytes());
    let year = fields.number(4)?;
    let is_extended = fields.skip(b"-");
    let month = fields.number(2)?;
    if is_extended != fields.skip(b"-") {
        return None;
    }
    let day = fields.number(2)?;
    if !fields.skip(b"Tt ") {
        return None;
    }
    let hour = fields.number(2)?;
    let has_colon = fields.skip(b":");
    let minute = fields.number(2)?;
    if has_colon != fields.skip(b":") {
        return None;
    }
    let second = fields.number(2)?;
    let micros = fields.fraction()?;
    let offset = fields.offset()?;
    if !fields.0.is_empty() {
        return None;
    }
    let (second, micros) = if second == 60 {
        (59, MICROS - 1)
    } else {
        (second, micros)
    };
    let local = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?
        .and_hms_opt(hour, minute, second)?;
    let seconds = local.and_utc().timestamp().checked_sub(offset)?;
    seconds
        .checked_mul(MICROS)?
        .checked_add(micros)
        .map(Timestamp::from_micros)
}

/// The magnitude from which an epoch is not in seconds; times 1000 for each
/// finer unit.
const MAX_SECONDS: i64 = 100_000_000_000;

/// A count of s, ms, µs or ns since the epoch, as decimal text.
fn epoch(text: &str) -> Option<Timestamp> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let are_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !are_digits(whole) || !are_digits(fraction) {
        return None;
    }
    let count = whole.parse::<i64>().ok()?;
    let micros = if count < MAX_SECONDS {
        count
            .checked_mul(MICROS)?
            .checked_add(decimal(fraction, 6))?
    } else if count < MAX_SECONDS * 1000 {
        count.checked_mul(1000)?.checked_add(decimal(fraction, 3))?
    } else if count < MAX_SECONDS * MICROS {
        count
    } else {
        count / 1000
    };
    Some(Timestamp::from_micros(micros))
}

/// The first `n` digits of a fraction as a whole number.
fn decimal(fraction: &str, n: usize) -> i64 {
    fraction
        .bytes()
        .chain(std::iter::repeat(b'0'))
        .take(n)
        .fold(0_i64, |value, digit| {
            value
                .saturating_mul(10)
                .saturating_add(i64::from(digit.wrapping_sub(b'0')))
        })
}

/// Forms that people and dashboards write, UTC unless they say otherwise.
fn locale(text: &str) -> Option<Timestamp> {
    const LOCAL: [&str; 3] = [
        "%b %d, %Y %I:%M:%S %p",
        "%b %d, %Y, %I:%M:%S %p",
        "%b %d, %Y @ %H:%M:%S%.f",
    ];
    const ZONED: &str = "%d/%b/%Y:%H:%M:%S %z";
    let utc = LOCAL
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
        .map(|local| local.and_utc());
    let zoned = || DateTime::parse_from_str(text, ZONED).ok();
    utc.or_else(|| zoned().map(|time| time.to_utc()))
        .map(Timestamp::from_datetime)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(text: &str, expected: &str) {
        let time = parse(text).map_or_else(|| "none".to_owned(), Timestamp::rfc3339);
        assert_eq!(time, expected, "{text}");
    }

    #[test]
    fn iso_forms_are_read_to_the_microsecond() {
        reads("2026-11-07T09:01:00Z", "2026-11-07T09:01:00Z");
        reads("2026-11-07t09:01:00.5z", "2026-11-07T09:01:00.500Z");
        reads(
            "2026-11-07T09:01:00.123456789Z",
            "2026-11-07T09:01:00.123456Z",
        );
        reads("2026-11-07 18:30:15.000", "2026-11-07T18:30:15Z");
        reads("20131102T010628Z", "2013-11-02T01:06:28Z");
        reads("2026-11-07T10:00:00+0100", "2026-11-07T09:00:00Z");
        reads("2026-11-07T10:00:00-01:30", "2026-11-07T11:30:00Z");
        reads("2026-06-30T23:59:60Z", "2026-06-30T23:59:59.999999Z");
        reads("2026-06-30 23:59:60.5+00:00", "2026-06-30T23:59:59.999999Z");
        reads("2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z");
        reads("2026-11-07T09:01:00.1Z", "2026-11-07T09:01:00.100Z");
        reads(
            "2026-11-07T09:01:00.1234567890Z",
            "2026-11-07T09:01:00.123456Z",
        );
        reads("2026-11-07 09:01:00 +0100", "2026-11-07T08:01:00Z");
    }

    #[test]
    fn the_usual_form_is_read_like_its_relatives() {
        for text in [
            "2026-11-07T09:01:00Z",
            "1969-12-31T23:59:59Z",
            "2024-02-29T00:00:00Z",
            "2023-02-29T00:00:00Z",
            "0000-01-01T00:00:00Z",
            "9999-12-31T23:59:59Z",
            "2026-11-07T24:00:00Z",
            "2026-11-07T09:60:00Z",
            "2026-06-30T23:59:60Z",
            "2026-00-07T09:01:00Z",
            "2026-11-d7T09:01:00Z",
            "2026-11-07 09:01:00Z",
        ] {
            assert_eq!(parse(text), iso(text), "{text}");
        }
        assert!(zulu(b"2026-11-07T09:01:00Z").is_some());
    }

    #[test]
    fn epoch_unit_is_told_by_magnitude() {
        reads("1424476529.0", "2015-02-20T23:55:29Z");
        reads("1424476529.25", "2015-02-20T23:55:29.250Z");
        reads("1717000000000", "2024-05-29T16:26:40Z");
        reads("1717000000000001", "2024-05-29T16:26:40.000001Z");
        reads("1717000000000001999", "2024-05-29T16:26:40.000001Z");
        reads("99999999999", "5138-11-16T09:46:39Z");
        reads("100000000000", "1973-03-03T09:46:40Z");
        reads("99999999999999", "5138-11-16T09:46:39.999Z");
        reads("100000000000000", "1973-03-03T09:46:40Z");
        reads("99999999999999999", "5138-11-16T09:46:39.999999Z");
        reads("100000000000000000", "1973-03-03T09:46:40Z");
    }

    #[test]
    fn unambiguous_locale_forms_are_read() {
        reads("Nov 7, 2026 10:00:02 AM", "2026-11-07T10:00:02Z");
        reads("Nov 7, 2026 @ 10:00:02.000", "2026-11-07T10:00:02Z");
        reads("07/Nov/2026:10:00:02 +0100", "2026-11-07T09:00:02Z");
        reads("07/Nov/2026:10:00:02 +0000", "2026-11-07T10:00:02Z");
        reads("Nov 7, 2026 12:00:02 AM", "2026-11-07T00:00:02Z");
        reads("Nov 7, 2026 @ 22:00:02.250", "2026-11-07T22:00:02.250Z");
    }

    #[test]
    fn ambiguous_and_impossible_times_are_refused() {
        for text in [
            "",
            "-",
            "-0",
            "yesterday",
            "01/02/2026 03:04",
            "Nov  7 09:01:00",
            "2023-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-11-07T24:00:00Z",
            "2026-11-07T10:00:00+24:00",
            "2026-11-07T10:00:00.Z",
            "2026-11-07T10:00:00Zjunk",
            "2026-1107T10:00:00Z",
            "99999999999999999999",
            "1.2.3",
            "２０２６-11-07T10:00:00Z",
        ] {
            reads(text, "none");
        }
    }

    #[test]
    fn field_takes_numbers_and_text() {
        let time = |json: &str| serde_json::from_str::<Time>(json).ok().and_then(|t| t.0);
        assert_eq!(time("1424476529.5"), parse("2015-02-20T23:55:29.5Z"));
        assert_eq!(time("\"1424476529\""), parse("2015-02-20T23:55:29Z"));
        assert_eq!(time("null"), None);
        assert_eq!(time("{\"a\":1}"), None);
    }
}
