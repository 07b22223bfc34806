//! Where scored periods begin and end.

use crate::event::Timestamp;

/// How many periods the data touches.
pub(super) fn periods_between(first: Timestamp, last: Timestamp, period_seconds: i64) -> i64 {
    let micros = period_end(last, period_seconds)
        .micros()
        .saturating_sub(period_start(first, period_seconds).micros());
    micros / micros_of(period_seconds)
}

/// Start of the period that `time` lies in.
pub(in crate::cli) fn period_start(time: Timestamp, period_seconds: i64) -> Timestamp {
    let into_period = time.micros().rem_euclid(micros_of(period_seconds));
    Timestamp::from_micros(time.micros().saturating_sub(into_period))
}

/// End of the period that `time` lies in: always later than `time`.
pub(in crate::cli) fn period_end(time: Timestamp, period_seconds: i64) -> Timestamp {
    let start = period_start(time, period_seconds).micros();
    Timestamp::from_micros(start.saturating_add(micros_of(period_seconds)))
}

/// At least one, so that it can divide.
fn micros_of(seconds: i64) -> i64 {
    seconds.saturating_mul(1_000_000).max(1)
}

#[cfg(test)]
mod tests {
    use super::super::span::parse_time;
    use super::*;

    fn at(text: &str) -> Timestamp {
        parse_time(text).unwrap_or_default()
    }

    #[test]
    fn a_period_ends_where_the_next_begins() {
        let midnight = at("2026-11-02");
        assert_eq!(period_start(midnight, 86_400), midnight);
        assert_eq!(period_end(midnight, 86_400), at("2026-11-03"));
        let before = Timestamp::from_micros(midnight.micros() - 1);
        assert_eq!(period_end(before, 86_400), midnight);
        assert_eq!(period_start(before, 86_400), at("2026-11-01"));
    }

    #[test]
    fn the_ends_of_time_do_not_overflow() {
        for time in [Timestamp::MIN, Timestamp::MAX] {
            assert!(period_start(time, 86_400) <= time);
            assert!(period_end(time, 86_400) >= time);
        }
    }
}
