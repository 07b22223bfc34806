//! Times that only a mapping can read: patterns, and clocks on a wall.

use chrono::{LocalResult, NaiveDate, NaiveDateTime, TimeDelta, TimeZone as _};
use chrono_tz::Tz;

use super::mapping::{Time, TimeFormat};
use crate::event::Timestamp;
use crate::ingest::record::Notes;
use crate::ingest::time;

const MICROS: i64 = 1_000_000;

/// How far clocks are ever set forward: a day was skipped in the Pacific.
const MAX_GAP_MINUTES: i64 = 24 * 60;

/// Reads `text` as `rules` say.
pub(super) fn read(text: &str, rules: &Time, notes: &mut Notes) -> Option<Timestamp> {
    match &rules.format {
        TimeFormat::Auto | TimeFormat::Rfc3339 if rules.zone.0 != Tz::UTC && !names_zone(text) => {
            let local = time::parse(text)?;
            let local = chrono::DateTime::from_timestamp_micros(local.micros())?.naive_utc();
            in_zone(local, rules.zone.0, notes)
        }
        TimeFormat::Auto => time::parse(text),
        TimeFormat::Rfc3339 => time::parse(text).filter(|_| text.contains('-')),
        TimeFormat::EpochSeconds => epoch(text, MICROS),
        TimeFormat::EpochMillis => epoch(text, 1_000),
        TimeFormat::Pattern(pattern) => {
            if let Ok(time) = chrono::DateTime::parse_from_str(text, pattern) {
                return Some(Timestamp::from_micros(time.timestamp_micros()));
            }
            let local = NaiveDateTime::parse_from_str(text, pattern)
                .ok()
                .or_else(|| {
                    let date = NaiveDate::parse_from_str(text, pattern).ok();
                    date.and_then(|date| date.and_hms_opt(0, 0, 0))
                })?;
            in_zone(local, rules.zone.0, notes)
        }
    }
}

/// Whether a time says where its clock hangs: `Z`, an offset, or an epoch.
fn names_zone(text: &str) -> bool {
    let text = text.trim();
    let is_epoch = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    let clock = text
        .find(':')
        .and_then(|at| text.get(at..))
        .unwrap_or_default();
    is_epoch || clock.ends_with(['Z', 'z']) || clock.contains(['+', '-'])
}

fn epoch(text: &str, micros: i64) -> Option<Timestamp> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let whole = whole.parse::<i64>().ok()?.checked_mul(micros)?;
    let unit = micros.to_string().len() - 1;
    let fraction: String = fraction
        .chars()
        .chain("000000".chars())
        .take(unit)
        .collect();
    let fraction = fraction.parse::<i64>().ok()?;
    whole.checked_add(fraction).map(Timestamp::from_micros)
}

/// A time on the walls of `zone`. In autumn the earlier of two; in spring, what
/// the clocks skip is shifted forward.
fn in_zone(local: NaiveDateTime, zone: Tz, notes: &mut Notes) -> Option<Timestamp> {
    let found = match zone.from_local_datetime(&local) {
        LocalResult::Single(time) => time,
        LocalResult::Ambiguous(earlier, _) => {
            notes.unknown("generic.time.ambiguous");
            earlier
        }
        LocalResult::None => {
            notes.unknown("generic.time.skipped");
            let before = (1..=MAX_GAP_MINUTES / 15).find_map(|n| {
                let gap = TimeDelta::minutes(n * 15);
                let before = zone.from_local_datetime(&local.checked_sub_signed(gap)?);
                Some((before.earliest()?, gap))
            });
            let (before, gap) = before?;
            before.checked_add_signed(gap)?
        }
    };
    Some(Timestamp::from_micros(found.timestamp_micros()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(text: &str, format: &str, zone: &str, expected: Option<&str>) {
        let rules: Time = toml::from_str(&format!(
            "path = [\"t\"]\nformat = {format:?}\nzone = {zone:?}"
        ))
        .unwrap();
        let time = read(text, &rules, &mut Notes::default());
        assert_eq!(time.map(Timestamp::rfc3339).as_deref(), expected, "{text}");
    }

    #[test]
    fn times_are_read_as_the_mapping_says() {
        let plain = Some("2026-11-07T09:01:00Z");
        reads("2026-11-07T09:01:00Z", "auto", "Europe/Oslo", plain);
        reads("2026-11-07 10:01:00", "auto", "Europe/Oslo", plain);
        reads(
            "07/11/2026 10:01:00",
            "strptime:%d/%m/%Y %H:%M:%S",
            "Europe/Oslo",
            plain,
        );
        reads("1794042060", "epoch_s", "UTC", plain);
        reads("1794042060000", "epoch_ms", "UTC", plain);
        reads(
            "1794042060.5",
            "epoch_s",
            "UTC",
            Some("2026-11-07T09:01:00.500Z"),
        );
        reads(
            "07/11/2026",
            "strptime:%d/%m/%Y",
            "UTC",
            Some("2026-11-07T00:00:00Z"),
        );
        reads("07/11/2026 10:01", "auto", "UTC", None);
        reads("1794042060", "rfc3339", "UTC", None);
    }

    #[test]
    fn clocks_that_are_set_back_or_forward_have_one_reading() {
        // 25 October 2026, 03:00 becomes 02:00: the earlier 02:30.
        let format = "strptime:%Y-%m-%d %H:%M";
        reads(
            "2026-10-25 02:30",
            format,
            "Europe/Oslo",
            Some("2026-10-25T00:30:00Z"),
        );
        // 29 March 2026, 02:00 becomes 03:00.
        reads(
            "2026-03-29 02:30",
            format,
            "Europe/Oslo",
            Some("2026-03-29T01:30:00Z"),
        );
    }
}
