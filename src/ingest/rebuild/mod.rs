//! Rebuilding: from a record that an export took apart to the record as its
//! product wrote it.
//!
//! Lakes, consoles and search engines rename and flatten what they store. Each
//! such rendering is put together again as native JSON text and then read by
//! the product's own parser, so that every rule about identities, actions and
//! outcomes exists once.

mod case;
mod elastic;
mod java_map;
pub(super) mod ocsf;
pub(super) mod python;
mod struct_text;
pub(super) mod table;
mod timed;
pub(super) mod typed;

use super::coverage::SkipReason;
use super::fidelity::Fidelity;
use crate::event::{Flags, Source};

/// In what way a JSON record was taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rendering {
    /// The OCSF schema (Security Lake).
    Ocsf,
    /// A document of Elastic's pipelines that lost the original.
    Elastic,
    /// CloudTrail records with all names in lower case.
    LowerCase,
    /// A Vault entry in a record of Google's logging, which has its time.
    LogEntry,
    /// Fields named as the columns of a table are.
    Fields,
}

impl Rendering {
    /// The round in which such records count.
    pub(super) fn fidelity(self) -> Fidelity {
        match self {
            Self::Ocsf => Fidelity::Ocsf,
            Self::Elastic | Self::LowerCase | Self::LogEntry | Self::Fields => Fidelity::Columns,
        }
    }
}

/// A record put together again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rebuilt {
    /// Whose record it is.
    pub(super) source: Source,
    /// The record as the product would have written it.
    pub(super) text: String,
    /// Whether fields that the product logs are missing.
    pub(super) is_reduced: bool,
}

impl Rebuilt {
    /// Flags of the event that it gives.
    pub(super) fn flags(&self) -> Flags {
        if self.is_reduced {
            Flags::REDUCED_FIDELITY
        } else {
            Flags::none()
        }
    }
}

/// Puts the JSON record `text` together again.
pub(super) fn rebuild(rendering: Rendering, text: &str) -> Result<Rebuilt, SkipReason> {
    match rendering {
        Rendering::Ocsf => ocsf::rebuild(text),
        Rendering::Elastic => elastic::rebuild(text),
        Rendering::LowerCase => case::rebuild(text),
        Rendering::LogEntry => timed::of_log_entry(text),
        Rendering::Fields => table::fields::rebuild(text),
    }
}
