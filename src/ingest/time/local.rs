//! Dates with slashes, which say nothing until it is known whether the day or
//! the month comes first. One table has one order, so its rows tell together.

use chrono::NaiveDateTime;

use crate::event::Timestamp;

/// What comes first in dates such as `04/02/2026`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ingest) enum DateOrder {
    /// The day.
    DayFirst,
    /// The month.
    MonthFirst,
}

/// What the times of one column have told of their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::ingest) struct DateOrders {
    /// By a number that can be no month.
    proven: Signs,
    /// By the form that browsers give to times in one part of the world.
    by_form: Signs,
}

/// Whether something speaks for an order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Signs {
    is_day_first: bool,
    is_month_first: bool,
}

impl Signs {
    fn add(&mut self, order: DateOrder) {
        match order {
            DateOrder::DayFirst => self.is_day_first = true,
            DateOrder::MonthFirst => self.is_month_first = true,
        }
    }

    /// The order, if there are signs of one alone.
    fn order(self) -> Option<DateOrder> {
        match (self.is_day_first, self.is_month_first) {
            (true, false) => Some(DateOrder::DayFirst),
            (false, true) => Some(DateOrder::MonthFirst),
            _ => None,
        }
    }
}

impl DateOrders {
    /// Learns from one cell.
    pub(in crate::ingest) fn observe(&mut self, cell: &str) {
        let reads = |order| parse(cell, order).is_some();
        match (reads(DateOrder::DayFirst), reads(DateOrder::MonthFirst)) {
            (true, false) => self.proven.add(DateOrder::DayFirst),
            (false, true) => self.proven.add(DateOrder::MonthFirst),
            (true, true) => {
                if let Some(order) = form(cell) {
                    self.by_form.add(order);
                }
            }
            (false, false) => {}
        }
    }

    /// The order, if the cells agree on one.
    pub(in crate::ingest) fn order(self) -> Option<DateOrder> {
        if self.proven == Signs::default() {
            return self.by_form.order();
        }
        self.proven.order()
    }
}

/// The order that the form of a time speaks for: `4/2/2026, 9:45:54 PM` is
/// American, and nobody there writes `04/02/2026, 21:45:54`.
fn form(cell: &str) -> Option<DateOrder> {
    let (date, clock) = cell.trim().split_once(", ")?;
    let is_padded = date.len() == "04/02/2026".len();
    if clock.ends_with(" AM") || clock.ends_with(" PM") {
        return (!is_padded).then_some(DateOrder::MonthFirst);
    }
    let is_24_hours = clock.bytes().all(|byte| !byte.is_ascii_alphabetic());
    (is_padded && is_24_hours).then_some(DateOrder::DayFirst)
}

/// Reads a time with seconds whose date has slashes, as UTC.
pub(in crate::ingest) fn parse(cell: &str, order: DateOrder) -> Option<Timestamp> {
    let cell = cell.trim();
    let is_date = cell.as_bytes().first().is_some_and(u8::is_ascii_digit) && cell.len() <= 40;
    let forms = match order {
        DateOrder::DayFirst => ["%d/%m/%Y", "%d/%m/%Y,"],
        DateOrder::MonthFirst => ["%m/%d/%Y", "%m/%d/%Y,"],
    };
    let clocks = ["%H:%M:%S%.f", "%I:%M:%S%.f %p"];
    is_date.then_some(())?;
    forms.iter().find_map(|date| {
        clocks.iter().find_map(|clock| {
            let form = format!("{date} {clock}");
            let local = NaiveDateTime::parse_from_str(cell, &form).ok()?;
            Some(Timestamp::from_datetime(local.and_utc()))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(cell: &str, order: DateOrder, expected: &str) {
        let time = parse(cell, order).map_or_else(|| "none".to_owned(), Timestamp::rfc3339);
        assert_eq!(time, expected, "{cell}");
    }

    #[test]
    fn dates_are_read_in_the_order_that_is_known() {
        use DateOrder::{DayFirst, MonthFirst};
        reads("21/04/2026, 09:45:54.000", DayFirst, "2026-04-21T09:45:54Z");
        reads("04/02/2026 09:45:54", DayFirst, "2026-02-04T09:45:54Z");
        reads(
            "4/2/2026, 9:45:54.500 PM",
            MonthFirst,
            "2026-04-02T21:45:54.500Z",
        );
        reads("04/21/2026, 9:45:54 am", MonthFirst, "2026-04-21T09:45:54Z");
        reads("21/04/2026, 09:45:54.000", MonthFirst, "none");
        reads("21/04/2026 09:45", DayFirst, "none");
        reads("2026-04-21T09:45:54Z", DayFirst, "none");
    }

    #[test]
    fn order_is_known_when_no_cell_contradicts_another() {
        let order = |cells: &[&str]| {
            let mut orders = DateOrders::default();
            cells.iter().for_each(|cell| orders.observe(cell));
            orders.order()
        };
        let plain = "04/02/2026, 09:45:54.000";
        assert_eq!(order(&["04/02/2026 09:45:54", "x", ""]), None);
        assert_eq!(order(&[plain, "x", ""]), Some(DateOrder::DayFirst));
        let american = "4/2/2026, 9:45:54.000 PM";
        assert_eq!(order(&[american]), Some(DateOrder::MonthFirst));
        assert_eq!(order(&[american, plain]), None);
        let day = "21/04/2026, 09:45:54.000";
        assert_eq!(order(&[plain, day]), Some(DateOrder::DayFirst));
        let month = "04/21/2026, 09:45:54.000";
        assert_eq!(order(&[month, plain]), Some(DateOrder::MonthFirst));
        assert_eq!(order(&[month, day]), None);
    }
}
