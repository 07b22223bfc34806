//! Words for numbers, times and logged values, as sentences use them.

use crate::event::{Period, Timestamp};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Bytes in one unit of the model's byte counts.
const UNIT_BYTES: u64 = 65_536;
/// The longest part of a logged value that a sentence quotes.
const MAX_VALUE: usize = 96;

/// How many things there are in memory, as a count.
pub(super) fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// `1204331` as `1,204,331`.
pub(super) fn count(n: impl Into<u64>) -> String {
    let digits = n.into().to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `1 event`, `2 events`.
pub(super) fn counted(n: impl Into<u64>, one: &str, many: &str) -> String {
    let n = n.into();
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// Units of 64 KiB in binary units: `31.4 GiB`. A part of a unit counts as a
/// whole one, so small amounts read `at most`.
pub(super) fn byte_units(n_units: u64) -> String {
    const NAMES: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if n_units <= 1 {
        return if n_units == 0 {
            "0 B"
        } else {
            "at most 64 KiB"
        }
        .to_owned();
    }
    let (mut whole, mut tenths, mut name) = (n_units.saturating_mul(UNIT_BYTES), 0, "B");
    for next in NAMES {
        if whole < 1024 {
            break;
        }
        tenths = whole % 1024 * 10 / 1024;
        whole /= 1024;
        name = next;
    }
    if whole >= 100 || tenths == 0 {
        format!("{} {name}", count(whole))
    } else {
        format!("{whole}.{tenths} {name}")
    }
}

/// A share as whole per cent.
pub(super) fn percent(share: f64) -> String {
    if share < 0.005 {
        "under 1%".to_owned()
    } else {
        format!("{:.0}%", share * 100.0)
    }
}

/// A share that is only estimated.
pub(super) fn about(share: f64) -> String {
    let percent = percent(share);
    if percent.starts_with("under") {
        percent
    } else {
        format!("about {percent}")
    }
}

/// One period, in words: `day`, `5-minute period`.
pub(super) fn period(period: Period) -> &'static str {
    match period {
        Period::Minute => "minute",
        Period::FiveMinutes => "5-minute period",
        Period::Hour => "hour",
        Period::Day => "day",
    }
}

/// `44 active days`.
pub(super) fn active(n: u32, of: Period) -> String {
    let one = period(of);
    counted(n, &format!("active {one}"), &format!("active {one}s"))
}

/// `2026-11-03`, or `2026-11-03T12:05Z` where periods are shorter than a day.
pub(super) fn label(start: Timestamp, of: Period) -> String {
    match (of, start.rfc3339().get(..16)) {
        (Period::Minute | Period::FiveMinutes | Period::Hour, Some(minute)) => {
            format!("{minute}Z")
        }
        _ => start.date(),
    }
}

/// A length of time: `92 days`, `37 hours`, `55 minutes`.
pub(super) fn length(seconds: i64) -> String {
    let (n, one) = match seconds {
        s if s >= 2 * DAY => (s / DAY, "day"),
        s if s >= 2 * HOUR => (s / HOUR, "hour"),
        s => (s / MINUTE, "minute"),
    };
    counted(u64::try_from(n).unwrap_or(0), one, &format!("{one}s"))
}

/// `A`, `A and B`, `A, B and C`.
pub(super) fn list(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// A logged value inside a sentence: clipped, and in quotes unless it is
/// plainly one word, so that no value can pass for a part of the sentence.
pub(super) fn value(text: &str) -> String {
    let end = text.floor_char_boundary(MAX_VALUE);
    let clipped = text.get(..end).unwrap_or_default();
    let ellipsis = if end < text.len() { "…" } else { "" };
    let is_word = !clipped.is_empty()
        && clipped
            .chars()
            .all(|c| c.is_alphanumeric() || "._-/:@+*{}=#%~$!".contains(c))
        && !clipped.ends_with(':');
    if is_word {
        format!("{clipped}{ellipsis}")
    } else {
        let escaped = clipped.replace('\\', "\\\\").replace('"', "\\\"");
        format!("\"{escaped}{ellipsis}\"")
    }
}

/// Hours of the day, ascending, as spans: `03:00`, `08:00–18:00`.
pub(super) fn hours(hours: &[u8]) -> Vec<String> {
    hours
        .chunk_by(|a, b| a.checked_add(1) == Some(*b))
        .filter_map(|run| Some((*run.first()?, *run.last()?)))
        .map(|(first, last)| {
            if first == last {
                format!("{first:02}:00")
            } else {
                format!("{first:02}:00–{:02}:00", last.saturating_add(1))
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!(count(999_u32), "999");
        assert_eq!(count(1_900_u32), "1,900");
        assert_eq!(count(1_204_331_u64), "1,204,331");
        assert_eq!(counted(1_u32, "event", "events"), "1 event");
        assert_eq!(counted(0_u32, "event", "events"), "0 events");
        assert_eq!(percent(0.004), "under 1%");
        assert_eq!(percent(0.023), "2%");
    }

    #[test]
    fn byte_units_read_as_bytes() {
        assert_eq!(byte_units(0), "0 B");
        assert_eq!(byte_units(1), "at most 64 KiB");
        assert_eq!(byte_units(2), "128 KiB");
        assert_eq!(byte_units(24), "1.5 MiB");
        assert_eq!(byte_units(31 * 16_384), "31 GiB");
        assert_eq!(byte_units(u64::MAX), "16,383 PiB");
    }

    #[test]
    fn spans_of_time_use_the_largest_fitting_unit() {
        assert_eq!(length(92 * DAY), "92 days");
        assert_eq!(length(37 * HOUR), "37 hours");
        assert_eq!(length(55 * MINUTE), "55 minutes");
        assert_eq!(length(MINUTE), "1 minute");
    }

    #[test]
    fn periods_shorter_than_a_day_are_named_by_their_start() {
        let noon = Timestamp::from_seconds(1_793_707_500);
        assert_eq!(label(noon, Period::Day), "2026-11-03");
        assert_eq!(label(noon, Period::Minute), "2026-11-03T12:05Z");
        assert_eq!(active(1, Period::Minute), "1 active minute");
        assert_eq!(
            active(31, Period::FiveMinutes),
            "31 active 5-minute periods"
        );
    }

    #[test]
    fn no_value_passes_for_a_part_of_the_sentence() {
        assert_eq!(value("s3:GetObject"), "s3:GetObject");
        assert_eq!(value("x; 9 of 9 peers"), "\"x; 9 of 9 peers\"");
        assert_eq!(value("say \"hi\""), "\"say \\\"hi\\\"\"");
        assert_eq!(value(""), "\"\"");
        assert_eq!(value("a:"), "\"a:\"");
        assert_eq!(value(&"é".repeat(60)), format!("{}…", "é".repeat(48)));
    }

    #[test]
    fn neighbouring_hours_are_one_span() {
        assert_eq!(hours(&[3]), ["03:00"]);
        assert_eq!(hours(&[0, 8, 9, 10, 23]), ["00:00", "08:00–11:00", "23:00"]);
        assert_eq!(hours(&[22, 23]), ["22:00–24:00"]);
    }
}
