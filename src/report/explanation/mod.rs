//! Explanations: how a p-value came about, number by number, and what is usual
//! for an identity (`habitual.explanation/1`).

use std::io::Write;

use anyhow::{Context as _, bail};

use super::{Format, Style, json};
use crate::finding::{Explanation, PoolRank, Story};

mod arithmetic;
mod habits;
mod person;
mod piped;
mod steps;

/// Writes an explanation to `out` and flushes it. `inputs` are the paths as
/// given, for the commands that are suggested.
///
/// # Errors
///
/// For a format that has no place for an explanation, and when `out` fails.
pub fn write_explanation(
    format: Format,
    explanation: &Explanation,
    style: &Style,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    match format {
        Format::Table if style.width.is_none() => piped::write(explanation, style, out),
        Format::Table => match &explanation.story {
            Story::Arithmetic { .. } => arithmetic::write(explanation, style, out),
            Story::Habits(habits) => habits::write(explanation, habits, style, out),
        },
        Format::Json => json::write_explanation(explanation, out),
        other => bail!(
            "an explanation cannot be written as {}; choose table or json",
            other.name()
        ),
    }?;
    out.flush().context("writing the explanation")
}

/// A value among those of a pool.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rank {
    pub(super) z: f64,
    pub(super) n: usize,
    pub(super) n_at_least: usize,
    pub(super) n_above: usize,
    /// Only where `z` lies in it.
    pub(super) tail: Option<Tail>,
    pub(super) pi: f64,
    /// Whether the pool has a tail: then ties count half outside of it.
    pub(super) has_tail: bool,
}

/// The tail that a value lies in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tail {
    pub(super) n: usize,
    pub(super) threshold: f64,
    pub(super) xi: f64,
    pub(super) beta: f64,
}

impl Rank {
    pub(super) fn of(rank: &PoolRank) -> Self {
        let tail = rank.fit.filter(|fit| rank.z > fit.threshold);
        Self {
            z: rank.z,
            n: rank.n,
            n_at_least: rank.n_at_least,
            n_above: rank.n_above,
            tail: tail.map(|fit| Tail {
                n: fit.n_tail,
                threshold: fit.threshold,
                xi: fit.xi,
                beta: fit.sigma,
            }),
            pi: rank.pi,
            has_tail: rank.fit.is_some(),
        }
    }
}
