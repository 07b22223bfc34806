//! `habitual` learns what every identity habitually does from exported audit
//! logs, then replays a later window and ranks who acted out of habit, with
//! the evidence.
#![forbid(unsafe_code)]

pub mod demo;
pub mod cli;
pub mod event;
pub mod finding;
pub mod identity;
pub mod ingest;
pub mod ledger;
pub mod model;
pub mod report;
pub mod progress;
pub mod state;
pub mod stats;
