//! Vault and OpenBao: two audit lines to one [`Event`](crate::event::Event).
//!
//! [`parse`] reads a line into an [`Entry`], [`Pairing`] brings the two lines
//! of a call together, and [`Exchange::event`] turns the call into an event.
//! Nothing here needs the history: mounts are taken as logged, or by the
//! conventions of their names, and the version of a key/value store is told by
//! the path.

mod actor;
mod entry;
mod exchange;
mod outcome;
mod pairing;
mod record;
mod route;
mod semantics;
mod shape;
#[cfg(test)]
mod tests;

pub use entry::{Entry, parse};
pub use exchange::Exchange;
pub use pairing::{Half, Pairing};
