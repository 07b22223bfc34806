//! Settling: files that are still being written are left for a later run.
//!
//! This is the only place that reads the wall clock, and only when asked to: a
//! file's age is the clock's time less the file's. Whoever wants the same result
//! twice does not ask.

use std::fs::Metadata;
use std::time::{Duration, SystemTime};

/// Whether the file was last written to at least `age` ago. A file from the
/// future, or one whose time is unknown, was not.
pub(super) fn is_settled(meta: &Metadata, age: Duration) -> bool {
    let modified = meta.modified().ok();
    let elapsed = modified.and_then(|time| SystemTime::now().duration_since(time).ok());
    elapsed.is_some_and(|elapsed| age <= elapsed)
}
