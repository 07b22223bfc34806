//! Remarks: what the comparison of history and review says about who is who,
//! beside the identities themselves.

use std::collections::{BTreeMap, BTreeSet};

use super::{Account, DistinctCount, Ledger};
use crate::identity::skeleton;

/// Names given with one remark.
const MAX_NAMES: usize = 5;

/// One remark. Names are as logged.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Remark {
    /// A principal was deleted and made anew under the same name.
    Recreated {
        /// The name.
        name: Box<str>,
        /// Whether the new one is judged by what the old one did.
        inherits: bool,
    },
    /// Two names that people cannot tell apart.
    Lookalikes {
        /// The names, in order.
        names: [Box<str>; 2],
    },
    /// A role was taken on by callers who never did so in the history.
    NewCallers {
        /// Name of the role.
        role: Box<str>,
        /// Names of the callers, the first few.
        callers: Vec<Box<str>>,
        /// How many.
        n: usize,
    },
    /// Session names that a role never had, which are judged as the role.
    NewSessions {
        /// Name of the role.
        role: Box<str>,
        /// The session names, the first few.
        sessions: Vec<Box<str>>,
        /// How many.
        n: usize,
    },
    /// A role nearly all of whose sessions were issued in sight has sessions
    /// that were not.
    ChainMissing {
        /// Name of the role.
        role: Box<str>,
        /// Access keys without a record that issued them, ...
        n_missing: u32,
        /// ... of so many.
        n_keys: u32,
    },
}

/// The first few of `names`, and how many there are.
pub(super) fn some(names: BTreeSet<Box<str>>) -> (Vec<Box<str>>, usize) {
    let n = names.len();
    (names.into_iter().take(MAX_NAMES).collect(), n)
}

/// Names among both ledgers that look alike and are not the same: by the look
/// of their letters, or by letter case alone among identities of one kind.
pub(super) fn lookalikes(history: &BTreeSet<Named>, review: &Ledger) -> Vec<Remark> {
    let mut by_look: BTreeMap<String, BTreeSet<Named>> = BTreeMap::new();
    for named in history.iter().cloned().chain(names(review)) {
        by_look
            .entry(skeleton(&named.name))
            .or_default()
            .insert(named);
    }
    by_look
        .into_values()
        .flat_map(|alike| {
            let alike: Vec<Named> = alike.into_iter().collect();
            let differ = |a: &Named, b: &Named| {
                a.name != b.name
                    && (a.kind == b.kind || a.name.to_lowercase() != b.name.to_lowercase())
            };
            alike
                .windows(2)
                .filter_map(|pair| match pair {
                    [a, b] if differ(a, b) => Some(Remark::Lookalikes {
                        names: [a.name.clone(), b.name.clone()],
                    }),
                    _ => None,
                })
                .collect::<Vec<_>>()
        })
        .collect()
}

/// The name of an identity and what kind of identity bears it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Named {
    name: Box<str>,
    kind: Box<str>,
}

/// Every name in `ledger`.
pub(super) fn names(ledger: &Ledger) -> impl Iterator<Item = Named> + '_ {
    ledger.accounts().iter().map(|account| {
        let row = &account.row;
        // `aws:user` of the tenant: names are unique there in any letter case.
        let end = row
            .key
            .match_indices(':')
            .nth(1)
            .map_or(row.key.len(), |(at, _)| at);
        Named {
            name: row.name.clone(),
            kind: format!("{}/{}", row.key.get(..end).unwrap_or_default(), row.tenant).into(),
        }
    })
}

/// Access keys that `accounts` used.
pub(super) fn credentials<'a>(accounts: impl Iterator<Item = &'a Account>) -> DistinctCount {
    let mut all = DistinctCount::default();
    for cell in accounts.flat_map(|account| account.cells.values()) {
        all.merge(&cell.credentials);
    }
    all
}
