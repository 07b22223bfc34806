//! Vault and OpenBao: two audit lines to one [`Event`](crate::event::Event).
//!
//! [`parse`] reads a line into an [`Entry`], [`Pairing`] brings the two lines
//! of a call together, and [`Exchange::event`] turns the call into an event.
//!
//! # What only the history tells
//!
//! No line says of which version a key/value store is, at which mount a display
//! name is to be split, or whether the peer of the listener is a balancer. A
//! parser sees one call, so it passes both readings on
//! ([`Ties`](crate::event::Ties)) and the ledger decides on the history:
//! whether 90 % of a store's paths begin with a verb of version 2, which mounts
//! were logged in to, whether one address carries nearly all calls of many.

mod actor;
mod alias;
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

pub use entry::{Entry, parse, salvage};
pub use exchange::Exchange;
pub use pairing::{Half, MAX_WAITING, Pairing};
