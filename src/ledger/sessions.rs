//! Bounding the role sessions that are kept apart.
//!
//! A role may be used under a new session name on every call. Only the names
//! with the smallest hashes are kept apart, which is a function of the set of
//! names and so does not depend on their order; all others are the role's.

use super::{Account, Ledger, value_hash};

/// Session names kept apart per role.
const SESSIONS_PER_ROLE: usize = 512;

/// What is known about the sessions of one role.
#[derive(Clone, Debug)]
pub(super) struct RoleSessions {
    pub(super) n_sessions: usize,
    /// Names with a larger hash belong to the role.
    pub(super) threshold: u64,
}

impl Ledger {
    /// Whether the session `name` of `role` still has an account of its own.
    pub(super) fn keeps_session(&self, role: &str, name: &str) -> bool {
        self.roles
            .get(role)
            .is_none_or(|sessions| value_hash(name) <= sessions.threshold)
    }

    /// Counts a new session and thins them out when there are far too many.
    pub(super) fn after_new_session(&mut self, role: &str) {
        let sessions = self.roles.entry(role.into()).or_insert(RoleSessions {
            n_sessions: 0,
            threshold: u64::MAX,
        });
        sessions.n_sessions = sessions.n_sessions.saturating_add(1);
        if sessions.n_sessions > SESSIONS_PER_ROLE * 2 {
            self.thin(role);
        }
    }

    /// Leaves exactly the identities, every role the sessions, and every identity
    /// the values, that may be kept. To be called once everything is merged.
    pub fn settle(&mut self) {
        self.settle_identities();
        let mut roles: Vec<Box<str>> = self
            .accounts
            .iter()
            .filter_map(|account| Some(account.row.session.as_ref()?.role.clone()))
            .collect();
        roles.sort_unstable();
        let crowded: Vec<_> = roles
            .chunk_by(|a, b| a == b)
            .filter(|same| same.len() > SESSIONS_PER_ROLE)
            .filter_map(|same| same.first().cloned())
            .collect();
        for role in crowded {
            self.thin(&role);
        }
        self.settle_values();
    }

    fn thin(&mut self, role: &str) {
        let mut hashes: Vec<u64> = self
            .accounts
            .iter()
            .filter_map(|account| session_hash(account, role))
            .collect();
        hashes.sort_unstable();
        let Some(threshold) = hashes.get(SESSIONS_PER_ROLE - 1).copied() else {
            return;
        };
        let accounts = self.take_accounts();
        let mut residue = Vec::new();
        for account in accounts {
            if session_hash(&account, role).is_some_and(|hash| hash > threshold) {
                residue.push(account);
            } else {
                self.insert(account);
            }
        }
        for account in residue {
            self.fold_into_role(account);
        }
        self.roles.insert(
            role.into(),
            RoleSessions {
                n_sessions: SESSIONS_PER_ROLE,
                threshold,
            },
        );
    }

    /// Adds a session's account to its role's.
    pub(super) fn fold_into_role(&mut self, mut account: Account) {
        if let Some(session) = account.row.session.take() {
            account.row.key = session.role;
            account.row.name = session.role_name;
        }
        self.merge_account(account);
    }
}

fn session_hash(account: &Account, role: &str) -> Option<u64> {
    let session = account.row.session.as_ref()?;
    (session.role.as_ref() == role).then(|| value_hash(&session.name))
}
