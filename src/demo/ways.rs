//! Ways: what makes the days of one member different from those of another
//! with the same job.

use super::ids;

/// Days after which slow changes are back where they were, at least.
const SHORTEST_DRIFT: u64 = 60;

/// How regularly, how much and how flawlessly a member acts.
#[derive(Clone, Debug)]
pub(super) struct Ways {
    /// Of a thousand days on which it could act, those on which it does.
    pub active: u32,
    /// Whether it works on each day of the week, Monday first, as far as it is
    /// a working day.
    pub weekdays: [bool; 7],
    /// Of a thousand weekend days, those that a person works.
    pub weekends: u32,
    /// Hours by which a person's day begins earlier or later.
    pub wanders: u32,
    /// Of a thousand calls, those that are refused.
    pub refused: u32,
    /// How much more (or less) is done on the last day than on the first, in
    /// percent of the usual per 90 days.
    pub trend: i32,
    /// By how many percent a habit's share rises and falls over months; above
    /// 100 habits come and go.
    pub drift: u32,
}

impl Ways {
    /// A person of the cast.
    pub(super) const PERSON: Self = Self {
        active: 1000,
        weekdays: [true; 7],
        weekends: 70,
        wanders: 0,
        refused: 10,
        trend: 0,
        drift: 30,
    };
    /// A machine of the cast.
    pub(super) const MACHINE: Self = Self {
        refused: 0,
        drift: 0,
        ..Self::PERSON
    };

    /// The share that the habit at `place` in the list of `name` has on `day`,
    /// out of `weight` on average.
    pub(super) fn share(&self, name: &str, place: usize, weight: u32, day: u32) -> u32 {
        if self.drift == 0 {
            return weight;
        }
        let own = ids::mix(ids::hash(name) ^ u64::try_from(place).unwrap_or_default());
        let period = SHORTEST_DRIFT + own % 120;
        let phase = (own >> 16) % period;
        let turn = (u64::from(day) + phase) % period;
        // 0 to 100 and back to 0 in one period.
        let height = 200 * turn.min(period - turn) / period;
        let height = u32::try_from(height).unwrap_or_default();
        let up = self.drift * 2 * height / 100;
        weight * (100 + up).saturating_sub(self.drift) / 100
    }

    /// Percent of the usual amount, `before_last` days before the last one.
    pub(super) fn amount(&self, before_last: u32) -> u32 {
        let past = i64::from(self.trend) * i64::from(before_last) / 90;
        u32::try_from((100 - past).clamp(30, 250)).unwrap_or(100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_rises_and_falls_around_its_weight() {
        let ways = Ways {
            drift: 60,
            ..Ways::PERSON
        };
        let shares: Vec<u32> = (0..400).map(|day| ways.share("x", 3, 100, day)).collect();
        assert!(shares.iter().all(|share| (40..=160).contains(share)));
        assert!(shares.iter().any(|share| *share < 50));
        assert!(shares.iter().any(|share| *share > 150));
        let steepest = shares.windows(2).map(|pair| pair[0].abs_diff(pair[1]));
        assert!(steepest.max() <= Some(5), "slowly");
        assert_eq!(Ways::MACHINE.share("x", 3, 100, 77), 100);
    }

    #[test]
    fn a_trend_ends_at_the_usual_amount() {
        let grows = Ways {
            trend: 40,
            ..Ways::MACHINE
        };
        assert_eq!([0, 45, 90].map(|day| grows.amount(day)), [100, 80, 60]);
        assert_eq!(Ways::MACHINE.amount(300), 100);
    }
}
