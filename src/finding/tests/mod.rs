//! What a person reads, from the first event to the sentence.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod guidance;
mod organisation;
mod sentences;
mod whole;
