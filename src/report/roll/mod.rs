//! The roll: who is who in the given exports, which identities are one, and
//! which are not and why.

use std::io::Write;

use anyhow::{Context as _, bail};

use super::{Format, Style, json};
use crate::event::{Class, Source, Untrusted};
use crate::finding::LinkedIdentity;

mod piped;
mod table;

/// What a roll is written from.
#[derive(Clone, Debug)]
pub struct Roll {
    /// Every identity, in the order in which they are shown.
    pub identities: Vec<Listed>,
}

/// One identity.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Stable key.
    pub id: Untrusted,
    /// Readable name.
    pub name: Untrusted,
    /// What kind of identity, and how sure that is, 0 to 100.
    pub class: (Class, u8),
    /// Account, organisation or cluster.
    pub tenant: Untrusted,
    /// Products that recorded it.
    pub sources: Vec<Source>,
    /// The vendor's own name.
    pub native: Option<Untrusted>,
    /// Which rule produced the key.
    pub basis: &'static str,
    /// Its events.
    pub n_events: u64,
    /// Who is one with it, or likely to be.
    pub linked: Vec<LinkedIdentity>,
    /// Links that were sure enough and do not hold.
    pub refused: Vec<Refused>,
}

/// A link that does not hold.
#[derive(Clone, Debug)]
pub struct Refused {
    /// Stable key of whom it led to.
    pub id: Untrusted,
    /// Which rule.
    pub rule: &'static str,
    /// How sure it was, 0 to 1.
    pub confidence: f64,
    /// How often that was seen.
    pub n_evidence: u64,
    /// What was in the way, in words.
    pub reason: &'static str,
}

/// Writes a roll to `out` and flushes it.
///
/// # Errors
///
/// For a format that has no place for a roll, and when `out` fails.
pub fn write_roll(
    format: Format,
    roll: &Roll,
    style: &Style,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    match format {
        Format::Table if style.width.is_none() => piped::write(roll, style, out),
        Format::Table => table::write(roll, style, out),
        Format::Json => json::write_roll(roll, out),
        Format::Jsonl => json::write_roll_lines(roll, out),
        other => bail!(
            "identities cannot be written as {}; choose table, json or jsonl",
            other.name()
        ),
    }?;
    out.flush().context("writing the identities")
}
