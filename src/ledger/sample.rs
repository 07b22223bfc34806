//! Bounding the values that are kept per identity and dimension.
//!
//! Whoever can invent names (of objects, sessions, user agents) could fill the
//! memory with them. Beyond a limit only the values with the smallest hashes
//! are kept, and all others are ignored in the history *and* in the review: an
//! unbiased sample, which costs recall in that dimension and raises no false
//! alarm. Which values are kept is a function of the set of values, so it
//! depends neither on their order nor on how the input was split.

use smallvec::SmallVec;

use super::{Account, Dimension, Ledger, StringId, Strings, value_hash};

/// Values kept per identity and dimension.
const VALUES_PER_DIMENSION: usize = 4_096;

/// What an account ignores.
#[derive(Clone, Debug, Default)]
pub(super) struct Sample {
    /// Values of these dimensions with a larger hash are ignored.
    pub(super) thresholds: SmallVec<[(Dimension, u64); 1]>,
    /// Number of atoms at which to look for excess again.
    next_look: usize,
}

impl Sample {
    /// Whether values of `dimension` are still all kept.
    fn is_whole(&self, dimension: Dimension) -> bool {
        !self.thresholds.iter().any(|(own, _)| *own == dimension)
    }

    /// Whether the value with this hash is kept.
    fn keeps(&self, dimension: Dimension, hash: u64) -> bool {
        !self
            .thresholds
            .iter()
            .any(|(own, threshold)| *own == dimension && hash > *threshold)
    }

    pub(super) fn lower(&mut self, dimension: Dimension, threshold: u64) {
        match self
            .thresholds
            .iter_mut()
            .find(|(own, _)| *own == dimension)
        {
            Some((_, own)) => *own = threshold.min(*own),
            None => self.thresholds.push((dimension, threshold)),
        }
    }
}

impl Account {
    /// Dimensions of which only a sample of the values is kept.
    pub fn sampled(&self) -> impl Iterator<Item = Dimension> + '_ {
        let thresholds = self.sample.iter().flat_map(|sample| &sample.thresholds);
        thresholds.map(|(dimension, _)| *dimension)
    }

    /// Whether `value` is one of those that are kept.
    pub(super) fn keeps(&self, dimension: Dimension, value: &str) -> bool {
        self.sample.as_ref().is_none_or(|sample| {
            sample.is_whole(dimension) || sample.keeps(dimension, value_hash(value))
        })
    }

    /// Thins values out if there may be far too many; whether it did.
    pub(super) fn bound(&mut self, strings: &Strings) -> bool {
        let n_atoms = self.atoms.len();
        if n_atoms < 2 * VALUES_PER_DIMENSION {
            return false;
        }
        let next_look = self.sample.as_ref().map_or(0, |sample| sample.next_look);
        if n_atoms < next_look {
            return false;
        }
        self.thin(strings);
        let next_look = self.atoms.len().saturating_mul(2);
        self.sample.get_or_insert_default().next_look = next_look;
        true
    }

    /// Leaves every dimension exactly the values it may keep.
    pub(super) fn thin(&mut self, strings: &Strings) {
        for dimension in Dimension::ALL {
            let own = self.atoms.iter().filter(|atom| atom.dimension == dimension);
            let mut hashes: Vec<u64> = own.map(|atom| strings.hash(atom.value)).collect();
            if hashes.len() > VALUES_PER_DIMENSION {
                hashes.sort_unstable();
                if let Some(threshold) = hashes.get(VALUES_PER_DIMENSION - 1) {
                    let sample = self.sample.get_or_insert_default();
                    sample.lower(dimension, *threshold);
                }
            }
        }
        self.drop_ignored(|value| strings.hash(value));
    }

    /// Ignores what `other` ignores.
    pub(super) fn ignore_like(
        &mut self,
        other: Option<&Sample>,
        hash_of: impl Fn(StringId) -> u64,
    ) {
        for (dimension, threshold) in other.iter().flat_map(|other| &other.thresholds) {
            let sample = self.sample.get_or_insert_default();
            sample.lower(*dimension, *threshold);
        }
        if self.sampled().next().is_some() {
            self.drop_ignored(hash_of);
        }
    }

    fn drop_ignored(&mut self, hash_of: impl Fn(StringId) -> u64) {
        if let Some(sample) = &self.sample {
            self.atoms
                .retain(|atom| sample.keeps(atom.dimension, hash_of(atom.value)));
        }
    }
}

impl Ledger {
    /// Leaves every identity exactly the values it may keep.
    pub(super) fn settle_values(&mut self) {
        self.memo.clear();
        for account in &mut self.accounts {
            if account.atoms.len() > VALUES_PER_DIMENSION {
                account.thin(&self.strings);
            }
        }
    }

    /// Makes both ledgers ignore the same values of the same identities: what
    /// is not learned must not be scored, and the other way round.
    pub fn align_samples(&mut self, other: &mut Self) {
        self.memo.clear();
        other.memo.clear();
        for account in &mut self.accounts {
            let Some(theirs) = other
                .index
                .find(&account.row.key, &other.accounts)
                .and_then(|at| other.accounts.get_mut(at))
            else {
                continue;
            };
            let (own_strings, their_strings) = (&self.strings, &other.strings);
            theirs.ignore_like(account.sample.as_deref(), |value| their_strings.hash(value));
            account.ignore_like(theirs.sample.as_deref(), |value| own_strings.hash(value));
        }
    }
}
