//! Golden scenarios: a small organisation, one story each, and what the
//! program has to say about it.
//!
//! `fixtures/scenarios/<name>/story.md` tells who did what. Its lists are read
//! here and hold: who must rank first, what must be stated as a fact, who must
//! not be listed. A test adds the events, and the words that must be found.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod chains;
mod harness;
mod linked;
mod loud;
mod order;
mod quiet;
