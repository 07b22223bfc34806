//! The saved form of a ledger: plain tables, whatever they are stored in.
//!
//! A ledger is its tables and the other way round: nothing that a later merge
//! or score could ask for is left out, except the citations, which name files
//! of one run. The rows come in the order of their keys, so equal ledgers have
//! equal tables, byte for byte, however they were read and merged.
//!
//! | table | a row is | columns that are keys |
//! |---|---|---|
//! | `identities` | who | `identity` |
//! | `samples` | a dimension of which only a sample of values is kept | `identity`, `dimension` |
//! | `atoms` | a value that an identity used, and on which days | `identity`, `dimension`, `value` |
//! | `days` | how much an identity did on a day | `identity`, `slot` |
//! | `rhythm` | the same for an hour of that day | `identity`, `slot`, `hour` |
//! | `attempts` | a privileged action that was attempted on a day | `identity`, `slot`, `action` |
//! | `sensitive` | a sensitive action that succeeded on a day | `identity`, `slot`, `kind`, `action` |
//! | `notable` | what the product itself said of a day | `identity`, `slot`, `kind`, `action` |
//! | `sequences` | when a step was first taken in a stream of a day | `identity`, `slot`, `stream`, `step` |
//! | `uses` | from where a credential was used on a day | `identity`, `slot`, `credential`, `network` |
//! | `keys` | on which days a lasting credential was used | `identity`, `credential` |
//! | `aliases` | how often a name was told that other products may know it by | `identity`, `kind`, `name`, `slot` |
//! | `roles` | a role of which only some sessions are kept apart | `role` |
//! | `chains` | keys that were issued for a role | `role` |
//! | `callers` | who took on a role, and on which days | `role`, `caller` |
//! | `tenants` | what a tenant shows of its mounts and balancers on a day | `tenant`, `slot` |
//! | `logins`, `stores`, `addresses` | one mount or address of these | `tenant`, `slot`, name |
//! | `records` | records read | `slot` |
//! | `overflow` | identities that had no room | - |
//! | `visits` | in which hours somebody used the identity provider from an address | `identity`, `slot`, `day`, `address` |
//! | `arrivals` | being sent on to a product, or signing in there | all |
//!
//! `slot` counts periods since 1970: with daily periods it is the day, as in
//! `DATE '1970-01-01' + slot`. Columns that end in `_set` hold what was
//! distinct, as [`DistinctCount::to_bytes`](super::DistinctCount::to_bytes)
//! writes it; the column without the ending is how many that were.

mod column;
mod read;
mod rows;
mod write;

pub use column::{Column, Kind, NewRow, Row, Table, Texts};
pub use rows::{Layout, TABLES};

use crate::event::{Period, Timestamp};

/// A ledger as plain tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedLedger {
    /// Length of one slot.
    pub period: Period,
    /// The longest that a slot may get.
    pub coarsest: Period,
    /// Time of the first and of the last event.
    pub span: Option<(Timestamp, Timestamp)>,
    /// Keys with a larger hash are not kept.
    pub threshold: u64,
    /// In the order of [`TABLES`].
    pub tables: Vec<Table>,
}

/// Why tables are no ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedError {
    table: &'static str,
    problem: String,
}

impl SavedError {
    fn new(table: &'static str, problem: impl Into<String>) -> Self {
        Self {
            table,
            problem: problem.into(),
        }
    }
}

impl std::fmt::Display for SavedError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "table {}: {}", self.table, self.problem)
    }
}

impl std::error::Error for SavedError {}
