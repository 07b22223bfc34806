//! What spreadsheets do to logs: it is found and counted, and what cannot be
//! trusted is left out.

use crate::ingest::table::{Row, Tally};
use crate::ingest::time;

/// Digits of an account id.
const ACCOUNT_DIGITS: usize = 12;

/// Fewest digits of a number that may be an account id without its zeros.
const MIN_DIGITS: usize = 9;

/// How often each kind of damage was met in one table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::ingest) struct Damage {
    n_scientific: u64,
    n_short_ids: u64,
    n_local_times: u64,
    n_cut: u64,
}

impl Damage {
    /// Looks at a row as a whole.
    pub(super) fn check_row(&mut self, row: &Row<'_>) {
        count(&mut self.n_cut, row.is_cut());
    }

    /// Looks at the time of an event.
    pub(super) fn check_time(&mut self, cell: &str) {
        count(&mut self.n_local_times, time::parse(cell).is_none());
    }

    /// The account id in `cell`, unless its digits are lost. Zeros that are
    /// missing in front are put back where another cell of `row` has them.
    pub(super) fn account(&mut self, cell: &str, row: &Row<'_>) -> Option<String> {
        let id = cell.strip_suffix(".0").unwrap_or(cell);
        let is_number = id.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number && is_scientific(id) {
            count(&mut self.n_scientific, true);
            return None;
        }
        if !is_number || !(MIN_DIGITS..ACCOUNT_DIGITS).contains(&id.len()) {
            return Some(id.to_owned());
        }
        let padded = format!("{id:0>ACCOUNT_DIGITS$}");
        if row.iter().any(|(_, other)| other.contains(&padded)) {
            return Some(padded);
        }
        count(&mut self.n_short_ids, true);
        Some(id.to_owned())
    }

    /// What was wrong with a table, for people; nothing if nothing was.
    pub(in crate::ingest) fn describe(&self, tally: &Tally, n_duplicate_columns: u64) -> String {
        [
            (self.n_scientific, "account ids in scientific notation"),
            (self.n_short_ids, "account ids without their first digits"),
            (self.n_local_times, "times that cannot be told for certain"),
            (self.n_cut, "rows with a cell cut at 32,767 characters"),
            (tally.n_short, "rows with too few cells"),
            (tally.n_long, "rows with too many cells"),
            (
                tally.n_passed_over,
                "lines that seem to belong to broken rows",
            ),
            (n_duplicate_columns, "columns with the name of another"),
        ]
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, what)| format!("{what}: {n}"))
        .collect::<Vec<_>>()
        .join(", ")
    }
}

fn count(n: &mut u64, holds: bool) {
    *n = n.saturating_add(u64::from(holds));
}

/// `1.11122E+11`.
fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else {
        return false;
    };
    let is_number = |text: &str, extra: &[u8]| {
        let is_in = |byte: u8| byte.is_ascii_digit() || extra.contains(&byte);
        !text.is_empty() && text.bytes().all(is_in)
    };
    is_number(mantissa, b".,") && is_number(exponent, b"+")
}
