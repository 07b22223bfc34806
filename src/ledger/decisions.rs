//! What was decided on the history, and is frozen for every later review.

use std::collections::{BTreeMap, BTreeSet};

use super::{Account, DistinctCount, Ledger};
use crate::event::{Class, KeyBasis, Period};
use crate::identity::{RoleDecision, RoleMode, SessionStats, decide};

/// Data-driven decisions about identities. They are computed on the history
/// and reused for the review, never recomputed: a changed rule looks exactly
/// like every identity turning malicious on one day.
#[derive(Clone, Debug, Default)]
pub struct Decisions {
    /// Per role key: which session names are identities of their own.
    pub roles: BTreeMap<Box<str>, RoleDecision>,
}

impl Decisions {
    /// Decides on `history`.
    #[must_use]
    pub fn from_history(history: &Ledger) -> Self {
        let mut by_role: BTreeMap<&str, Vec<&Account>> = BTreeMap::new();
        for account in history.accounts() {
            if let Some(session) = &account.row.session {
                by_role.entry(&session.role).or_default().push(account);
            }
        }
        let roles = by_role
            .into_iter()
            .map(|(role, sessions)| (role.into(), decide_role(history, role, &sessions)))
            .collect();
        Self { roles }
    }

    /// Applies the decisions to a ledger of the review: sessions that are not
    /// stable become their role's.
    pub fn apply_to_review(&self, review: &mut Ledger) {
        self.apply(review, |_| false);
    }

    /// Applies the decisions to the history. A role with stable sessions also
    /// keeps what they did, so that a new session name is compared with the
    /// whole role.
    pub fn apply_to_history(&self, history: &mut Ledger) {
        self.apply(history, |role| {
            self.roles
                .get(role)
                .is_some_and(|d| d.mode == RoleMode::PerSession)
        });
    }

    fn apply(&self, ledger: &mut Ledger, keeps_aggregate: impl Fn(&str) -> bool) {
        let accounts = ledger.take_accounts();
        let mut folded = Vec::new();
        for mut account in accounts {
            let Some(session) = account.row.session.clone() else {
                ledger.insert(account);
                continue;
            };
            if self.is_stable(&session.role, &session.name) {
                if keeps_aggregate(&session.role) {
                    folded.push(account.clone());
                }
                account.row.basis = KeyBasis::StableSession;
                (account.row.class, account.row.class_confidence) = if session.is_email {
                    (Class::Human, 80)
                } else {
                    (Class::Federated, 60)
                };
                ledger.insert(account);
            } else {
                folded.push(account);
            }
        }
        for account in folded {
            ledger.fold_into_role(account);
        }
    }

    fn is_stable(&self, role: &str, session: &str) -> bool {
        self.roles
            .get(role)
            .is_some_and(|d| d.mode == RoleMode::PerSession && d.stable.contains(session))
    }
}

fn decide_role(history: &Ledger, role: &str, sessions: &[&Account]) -> RoleDecision {
    let mut keys = DistinctCount::default();
    let own = history.account(role).into_iter();
    for cell in own
        .chain(sessions.iter().copied())
        .flat_map(|a| a.cells.values())
    {
        keys.merge(&cell.credentials);
    }
    let stats: Vec<_> = sessions
        .iter()
        .filter_map(|account| {
            Some(SessionStats {
                name: &account.row.session.as_ref()?.name,
                n_days: n_days(account, history.period()),
                n_keys: credentials(account).count(),
            })
        })
        .collect();
    decide(&stats, keys.count())
}

fn n_days(account: &Account, period: Period) -> u32 {
    let ratio = period.ratio_to(Period::Day);
    let days: BTreeSet<i32> = account
        .cells
        .slots()
        .map(|slot| slot.div_euclid(ratio))
        .collect();
    u32::try_from(days.len()).unwrap_or(u32::MAX)
}

fn credentials(account: &Account) -> DistinctCount {
    let mut all = DistinctCount::default();
    for cell in account.cells.values() {
        all.merge(&cell.credentials);
    }
    all
}
