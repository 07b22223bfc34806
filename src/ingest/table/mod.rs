//! A table: rows of cells under a header, as spreadsheets, query engines and
//! consoles export them.
//!
//! [`Layout::of`] finds the header and how cells are separated by looking at
//! the beginning of a text; [`Rows`] then cuts the text into [`Row`]s, one at a
//! time, in memory that one row bounds. This module knows no product: what a
//! column means is for `rebuild` to say.
//!
//! ```text
//! let layout = Layout::of(head, &|name| name == "eventname")?;
//! let mut rows = Rows::new(reader, layout, max_record);
//! while let Some(piece) = rows.next() {
//!     match piece.content {
//!         Content::Row(row) => row.get("eventname"),   // Option<&str>
//!         Content::Lost(reason) => …                   // counts as one record
//!     }
//! }
//! rows.tally();                                         // ragged rows and the like
//! ```
//!
//! Columns are known by their canonical name: `Source IP address`,
//! `sourceIPAddress` and `source_ip_address` are all `sourceipaddress`.
//!
//! # Broken rows
//!
//! A quote that is never closed would make one cell of the rest of the file,
//! and a lenient parser does so without a word. Here a quote inside a quoted
//! cell must be doubled or end the cell; a row that breaks this, or is longer
//! than a record may be, is counted as lost, and reading goes on at the next
//! line that has as many cells as the header or the row before.

mod columns;
mod layout;
mod row;
mod rows;
mod scan;
#[cfg(test)]
mod tests;

use std::io::{Cursor, Read};

pub(super) use columns::{Columns, canonical};
pub(super) use layout::Layout;
pub(super) use row::Row;
pub(super) use rows::{Content, Rows, Tally};

/// How much of the beginning is looked at to find the layout: twenty rows of
/// audit records, as a rule.
const HEAD_BYTES: u64 = 64 * 1024;

/// The first bytes of `reader`, and a reader that still delivers them.
pub(super) fn peek<'r>(mut reader: Box<dyn Read + 'r>) -> (Vec<u8>, Box<dyn Read + 'r>) {
    let mut head = Vec::new();
    // The layers below note their errors themselves and then end.
    let _ = (&mut reader).take(HEAD_BYTES).read_to_end(&mut head);
    let again = Cursor::new(head.clone()).chain(reader);
    (head, Box::new(again))
}
