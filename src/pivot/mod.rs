//! Pivots: everything that one thing touched, over all products, and what to
//! look at next.
//!
//! A [`Trail`] is a fold of the events that a [`Target`] matches: it keeps some
//! of them for the timeline and counts all of them. What merges is a sum, a
//! minimum or the first of an order, so no order of reading shows. [`Known`]
//! remembers when anybody first used a value, which tells what is new to the
//! thing from what is new to everybody.

mod known;
mod name;
mod next;
mod target;
mod trail;
mod value;

#[cfg(test)]
mod tests;

pub use known::Known;
pub use next::{FAN_OUT, Next, next_of};
pub use target::{Kind, Target, TargetError};
pub use trail::{Followed, Mark, Row, Scope, Tallied, Tally, Trail, ValueOf};
pub use value::{Dimension, each_value};
