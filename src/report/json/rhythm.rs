//! The shape of when an identity is active.

use serde::Serialize;

use crate::finding::{ActivePeriod, Rhythm, WeekHour};

#[derive(Serialize)]
pub(super) struct RhythmShape {
    period_seconds: i64,
    history: Vec<PeriodShape>,
    history_hours: Vec<HourShape>,
    review_hours: Vec<HourShape>,
}

impl RhythmShape {
    pub(super) fn of(rhythm: &Rhythm) -> Self {
        Self {
            period_seconds: rhythm.period_seconds,
            history: rhythm.history.iter().map(PeriodShape::of).collect(),
            history_hours: rhythm.history_hours.iter().map(HourShape::of).collect(),
            review_hours: rhythm.review_hours.iter().map(HourShape::of).collect(),
        }
    }
}

#[derive(Serialize)]
struct PeriodShape {
    start: String,
    n_events: u64,
}

impl PeriodShape {
    fn of(period: &ActivePeriod) -> Self {
        Self {
            start: period.start.rfc3339(),
            n_events: period.n_events,
        }
    }
}

#[derive(Serialize)]
struct HourShape {
    /// 0 for Monday 00:00 to 01:00 UTC, up to 167.
    hour_of_week: u8,
    n_days: u32,
    n_events: u64,
}

impl HourShape {
    fn of(hour: &WeekHour) -> Self {
        Self {
            hour_of_week: hour.hour,
            n_days: hour.n_days,
            n_events: hour.n_events,
        }
    }
}
