//! Accounts by key.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use super::Account;

/// Positions of the accounts of a ledger. The keys are the accounts' own.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    positions: HashTable<u32>,
    hasher: RandomState,
}

impl Index {
    /// Where the account with this key is.
    pub(super) fn find(&self, key: &str, accounts: &[Account]) -> Option<usize> {
        let is_it = |at: &u32| key_of(accounts, *at) == key;
        let at = self.positions.find(self.hasher.hash_one(key), is_it)?;
        usize::try_from(*at).ok()
    }

    /// Takes note of the last of the accounts.
    pub(super) fn push(&mut self, accounts: &[Account]) {
        let Ok(at) = u32::try_from(accounts.len().saturating_sub(1)) else {
            return;
        };
        let hasher = &self.hasher;
        let hash_of = |at: &u32| hasher.hash_one(key_of(accounts, *at));
        self.positions.insert_unique(hash_of(&at), at, hash_of);
    }

    /// Takes note of all accounts anew.
    pub(super) fn rebuild(&mut self, accounts: &[Account]) {
        self.positions.clear();
        for n in 1..=accounts.len() {
            self.push(accounts.get(..n).unwrap_or_default());
        }
    }
}

fn key_of(accounts: &[Account], at: u32) -> &str {
    accounts
        .get(at as usize)
        .map_or("", |account| &account.row.key)
}
