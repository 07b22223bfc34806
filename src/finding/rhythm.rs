//! Rhythm: when an identity is active, as plain numbers to draw.

use std::collections::BTreeMap;

use super::case::Case;
use super::{ActivePeriod, HoursOfWeek, Rhythm, WeekHour};
use crate::event::Period;
use crate::ledger::Account;

const SECONDS_PER_DAY: i64 = 86_400;
const DAYS_PER_WEEK: i64 = 7;
/// 1970-01-01 was a Thursday, three days after a Monday.
const EPOCH_WEEKDAY: i64 = 3;

/// When the identity of `case` was active, in the history and in the review.
pub(super) fn of(case: &Case<'_>) -> Rhythm {
    let slate = case.slate();
    let history = case.subject.history().iter().map(|day| ActivePeriod {
        start: slate.start_of(day.ordinal),
        n_events: day.amounts.n_events.into(),
    });
    Rhythm {
        period_seconds: slate.period.seconds(),
        history: history.collect(),
        history_hours: hours_of_week(case.past, case.background.history.period()),
        review_hours: hours_of_week(case.present, case.background.review.period()),
    }
}

/// The direct activity of `account`, whose slots are `period` long, by hour of
/// the week.
fn hours_of_week(account: Option<&Account>, period: Period) -> HoursOfWeek {
    // Slots come in order of time, so a day that was counted for an hour was
    // the last one counted for it.
    let mut hours: BTreeMap<u8, (WeekHour, i64)> = BTreeMap::new();
    let cells = account.into_iter().flat_map(|account| account.cells.iter());
    for (slot, cell) in cells {
        let day = period.start_of(slot).seconds().div_euclid(SECONDS_PER_DAY);
        for tally in &cell.hours {
            let hour = hour_of_week(day, tally.hour);
            let empty = WeekHour {
                hour,
                n_days: 0,
                n_events: 0,
            };
            let (own, last_day) = hours.entry(hour).or_insert((empty, i64::MIN));
            own.n_events = own.n_events.saturating_add(tally.n_events.into());
            if *last_day != day {
                own.n_days = own.n_days.saturating_add(1);
                *last_day = day;
            }
        }
    }
    hours.into_values().map(|(hour, _)| hour).collect()
}

/// 0 for Monday 00:00 to 01:00 UTC, 167 for Sunday 23:00 to 24:00; `day`
/// counts from the epoch.
fn hour_of_week(day: i64, hour: u8) -> u8 {
    let weekday = day.saturating_add(EPOCH_WEEKDAY).rem_euclid(DAYS_PER_WEEK);
    u8::try_from(weekday.saturating_mul(24).saturating_add(hour.into())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_begin_on_monday() {
        // 1970-01-01 was a Thursday; 2026-11-02 (20,759 days later) a Monday.
        assert_eq!(hour_of_week(0, 0), 3 * 24);
        assert_eq!(hour_of_week(20_759, 0), 0);
        assert_eq!(hour_of_week(20_759, 23), 23);
        assert_eq!(hour_of_week(20_765, 23), 167);
        assert_eq!(hour_of_week(-1, 5), 2 * 24 + 5);
    }
}
