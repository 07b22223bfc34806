//! Scores to findings: what a person reads about one identity.

mod record;

pub use record::*;
