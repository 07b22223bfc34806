//! What every record parser is given and gives back besides the event.

use std::collections::BTreeMap;

use super::retelling::Claim;
use crate::event::Provenance;

/// What a record does not say about itself.
#[derive(Debug)]
pub struct Context<'c> {
    /// Which record it is.
    pub provenance: Provenance,
    /// The name given to the Okta organisation.
    pub okta_org: &'c str,
    /// The name given to the Vault cluster.
    pub vault_cluster: &'c str,
    /// Where remarks go that do not stop the record.
    pub notes: &'c mut Notes,
}

/// Values of closed vocabularies that a parser did not know, counted by a label
/// that holds no logged text.
#[derive(Debug, Default)]
pub struct Notes {
    counts: BTreeMap<&'static str, u64>,
    claim: Option<Claim>,
    n_delayed: u64,
}

impl Notes {
    /// Counts one more unknown value of the field `label`.
    pub fn unknown(&mut self, label: &'static str) {
        let count = self.counts.entry(label).or_default();
        *count = count.saturating_add(1);
    }

    /// Counts the values that `other` has counted.
    pub(super) fn add_counts(&mut self, other: &Self) {
        for (label, n) in &other.counts {
            let count = self.counts.entry(label).or_default();
            *count = count.saturating_add(*n);
        }
    }

    /// The record was delivered late, by its own account.
    pub(super) fn delayed(&mut self) {
        self.n_delayed = self.n_delayed.saturating_add(1);
    }

    /// How many records were delivered late.
    pub(super) fn n_delayed(&self) -> u64 {
        self.n_delayed
    }

    /// Other records may tell the same action as the one that is read.
    pub(super) fn claim(&mut self, claim: Option<Claim>) {
        self.claim = claim;
    }

    /// What the last record said about others of the same action.
    pub(super) fn take_claim(&mut self) -> Option<Claim> {
        self.claim.take()
    }

    /// The counts by label.
    #[must_use]
    pub fn into_counts(self) -> BTreeMap<String, u64> {
        self.counts
            .into_iter()
            .map(|(label, n)| (label.to_owned(), n))
            .collect()
    }
}
