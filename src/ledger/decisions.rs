//! What was decided on the history, and is frozen for every later review.

use std::collections::{BTreeMap, BTreeSet};

use super::recreated::{Principals, canonical};
use super::remark::{self, Named, Remark, some};
use super::{Account, Chains, DistinctCount, IdentityRow, Ledger, TenantDecision};
use crate::event::{Class, KeyBasis, Period, Source};
use crate::identity::{RoleDecision, RoleMode, SessionStats, decide};

/// From this share of its access keys on, in percent, a role's sessions are
/// expected to be issued in sight.
pub(super) const CHAIN_PERCENT: u32 = 80;

/// Data-driven decisions about identities. They are computed on the history
/// and reused for the review, never recomputed: a changed rule looks exactly
/// like every identity turning malicious on one day.
#[derive(Clone, Debug, Default)]
pub struct Decisions {
    /// Per role key: which session names are identities of their own.
    pub roles: BTreeMap<Box<str>, RoleDecision>,
    /// Per tenant: its mounts, and whether addresses are those of callers.
    pub tenants: BTreeMap<Box<str>, TenantDecision>,
    /// Per role key: the share of its access keys whose caller is known, in
    /// percent.
    pub chain_percent: BTreeMap<Box<str>, u32>,
    /// Per role key: who took it on.
    callers: BTreeMap<Box<str>, BTreeSet<Box<str>>>,
    /// Per role key: every session name.
    sessions: BTreeMap<Box<str>, BTreeSet<Box<str>>>,
    /// What was issued in the history.
    chains: Chains,
    principals: Principals,
    names: BTreeSet<Named>,
}

impl Decisions {
    /// Decides on `history`.
    #[must_use]
    pub fn from_history(history: &Ledger) -> Self {
        let principals = Principals::of(history);
        let aliases = principals.aliases(&principals);
        let one = |key: &str| canonical(key, &aliases).unwrap_or_else(|| key.to_owned());
        let mut by_role: BTreeMap<String, Vec<&Account>> = BTreeMap::new();
        let mut own: BTreeMap<String, Vec<&Account>> = BTreeMap::new();
        for account in history.accounts() {
            match &account.row.session {
                Some(session) => by_role.entry(one(&session.role)).or_default().push(account),
                None => own.entry(one(&account.row.key)).or_default().push(account),
            }
        }
        let mut decisions = Self {
            names: remark::names(history).collect(),
            chains: history.chains().clone(),
            principals,
            tenants: history.tenants.decide(),
            ..Self::default()
        };
        for (role, sessions) in by_role {
            let own = own.get(&role).map(Vec::as_slice).unwrap_or_default();
            let names = sessions.iter().filter_map(|s| s.row.session.as_ref());
            let names = names.map(|session| session.name.clone()).collect();
            let decision = decide_role(history, own, &sessions);
            decisions.roles.insert(role.as_str().into(), decision);
            decisions.sessions.insert(role.into(), names);
        }
        let roles = Roles::of(history, history.chains());
        for role in history.chains().roles() {
            let (n_known, n_used) = roles.chain(role);
            let percent = n_known.saturating_mul(100).checked_div(n_used).unwrap_or(0);
            let callers = history.chains().callers(role);
            let key: Box<str> = one(role).into();
            decisions.chain_percent.insert(key.clone(), percent);
            let known = decisions.callers.entry(key).or_default();
            known.extend(callers.into_iter().map(Box::from));
        }
        decisions
    }

    /// Applies the decisions to a ledger of the review: sessions that are not
    /// stable become their role's.
    pub fn apply_to_review(&self, review: &mut Ledger) {
        let principals = self.principals.with(&Principals::of(review));
        let aliases = principals.aliases(&self.principals);
        let one = |key: &str| canonical(key, &aliases).unwrap_or_else(|| key.to_owned());
        let mut remarks: Vec<Remark> = principals.remarks().collect();
        remarks.extend(remark::lookalikes(&self.names, review));
        remarks.extend(self.chain_remarks(review, &one));
        review.unite_roles(&aliases);
        remarks.extend(self.new_sessions(review));
        remarks.sort();
        remarks.dedup();
        self.apply(review, |_| false);
        review.remarks = remarks;
    }

    /// The key of the identity that each row of `review` belongs to, before the
    /// decisions are applied to it.
    pub fn identity_of(&self, review: &Ledger) -> impl Fn(&IdentityRow) -> String {
        let principals = self.principals.with(&Principals::of(review));
        let aliases = principals.aliases(&self.principals);
        move |row| {
            let one = |key: &str| canonical(key, &aliases).unwrap_or_else(|| key.to_owned());
            if let Some(session) = &row.session {
                let role = one(&session.role);
                return if self.is_stable(&role, &session.name) {
                    one(&row.key)
                } else {
                    role
                };
            }
            let mounts = self.tenants.get(&row.tenant).map(|tenant| &tenant.mounts);
            let mounts = mounts.filter(|_| row.basis == KeyBasis::VaultDisplayName);
            let mounted = mounts.and_then(|mounts| mounts.resolve(&row.key));
            mounted.map_or_else(|| one(&row.key), |mounted| mounted.key)
        }
    }

    /// Roles taken on by others than before, or out of sight.
    fn chain_remarks(&self, review: &Ledger, one: &impl Fn(&str) -> String) -> Vec<Remark> {
        let mut remarks = Vec::new();
        let mut chains = self.chains.clone();
        chains.merge(review.chains());
        let roles = Roles::of(review, &chains);
        for role in review.chains().roles() {
            let Some(known) = self.callers.get(one(role).as_str()) else {
                continue;
            };
            let callers = review.chains().callers(role);
            let new: BTreeSet<Box<str>> = callers
                .into_iter()
                .filter(|caller| !known.contains(one(caller).as_str()))
                .map(|caller| roles.name(caller))
                .collect();
            if !new.is_empty() && !known.is_empty() {
                let (callers, n) = some(new);
                let role = roles.name(role);
                remarks.push(Remark::NewCallers { role, callers, n });
            }
        }
        let in_sight = self.chain_percent.iter();
        for (role, _) in in_sight.filter(|(_, percent)| **percent >= CHAIN_PERCENT) {
            let (n_known, n_keys) = roles.chain(role);
            let n_missing = n_keys.saturating_sub(n_known);
            if n_missing > 0 {
                remarks.push(Remark::ChainMissing {
                    role: roles.name(role),
                    n_missing,
                    n_keys,
                });
            }
        }
        remarks
    }

    /// Session names that roles with sessions of their own never had.
    fn new_sessions(&self, review: &Ledger) -> Vec<Remark> {
        let mut by_role: BTreeMap<&str, (&str, BTreeSet<Box<str>>)> = BTreeMap::new();
        for session in review
            .accounts()
            .iter()
            .filter_map(|a| a.row.session.as_ref())
        {
            let is_per_session = self
                .roles
                .get(&session.role)
                .is_some_and(|decision| decision.mode == RoleMode::PerSession);
            let known = self.sessions.get(&session.role);
            if is_per_session && known.is_some_and(|known| !known.contains(&session.name)) {
                let (_, names) = by_role
                    .entry(&session.role)
                    .or_insert((&session.role_name, BTreeSet::new()));
                names.insert(session.name.clone());
            }
        }
        let remark = |(role, names): (&str, BTreeSet<Box<str>>)| {
            let (sessions, n) = some(names);
            let role = role.into();
            Remark::NewSessions { role, sessions, n }
        };
        by_role.into_values().map(remark).collect()
    }

    /// Applies the decisions to the history. A role with stable sessions also
    /// keeps what they did, so that a new session name is compared with the
    /// whole role.
    pub fn apply_to_history(&self, history: &mut Ledger) {
        history.unite_roles(&self.principals.aliases(&self.principals));
        self.apply(history, |role| {
            self.roles
                .get(role)
                .is_some_and(|d| d.mode == RoleMode::PerSession)
        });
        for account in &mut history.accounts {
            account.forget_streams();
        }
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
        self.apply_to_tenants(ledger);
        ledger.derive();
    }

    /// Gives everything that has two readings the one that was decided on.
    fn apply_to_tenants(&self, ledger: &mut Ledger) {
        let undecided = TenantDecision::default();
        for mut account in ledger.take_accounts() {
            let tenant = self.tenants.get(&account.row.tenant);
            if account.row.sources().any(|source| source == Source::Vault) {
                let decision = tenant.unwrap_or(&undecided);
                account.read_as(decision, &mut ledger.strings, &mut ledger.citations);
                name_by_mount(&mut account, decision);
            }
            for cell in account.cells.values_mut() {
                cell.count_transactions();
            }
            ledger.merge_account(account);
        }
    }

    fn is_stable(&self, role: &str, session: &str) -> bool {
        self.roles
            .get(role)
            .is_some_and(|d| d.mode == RoleMode::PerSession && d.stable.contains(session))
    }
}

/// Names an identity by its mount, if that is known: the mount tells its class.
fn name_by_mount(account: &mut Account, decision: &TenantDecision) {
    if account.row.basis != KeyBasis::VaultDisplayName {
        return;
    }
    if let Some(identity) = decision.mounts.resolve(&account.row.key) {
        account.row.key = identity.key.into();
        account.row.basis = KeyBasis::VaultMount;
        account.row.class = identity.class;
        account.row.class_confidence = identity.class_confidence;
    }
}

/// The roles of one ledger, whether they are identities or have sessions that
/// are.
pub(super) struct Roles<'l> {
    /// What was issued, here or before.
    chains: &'l Chains,
    /// Access keys by role key, of roles for which credentials were issued.
    used: BTreeMap<&'l str, DistinctCount>,
    /// Readable names by role key.
    names: BTreeMap<&'l str, &'l str>,
}

impl<'l> Roles<'l> {
    pub(super) fn of(ledger: &'l Ledger, chains: &'l Chains) -> Self {
        let keys = chains.roles();
        let mut used: BTreeMap<_, _> = keys.map(|key| (key, DistinctCount::default())).collect();
        let mut names: BTreeMap<&str, &str> = BTreeMap::new();
        for account in ledger.accounts() {
            let row = &account.row;
            let (key, name) = match &row.session {
                Some(session) => (session.role.as_ref(), session.role_name.as_ref()),
                None => (row.key.as_ref(), row.name.as_ref()),
            };
            if let Some(used) = used.get_mut(key) {
                used.merge(&credentials(account));
            }
            let known = names.entry(key).or_insert(name);
            *known = name.min(*known);
        }
        Self {
            chains,
            used,
            names,
        }
    }

    /// The readable name of the identity with this key.
    fn name(&self, key: &str) -> Box<str> {
        self.names.get(key).copied().unwrap_or(key).into()
    }

    /// Of the access keys of `role`, how many were issued in sight, and how
    /// many there are.
    pub(super) fn chain(&self, role: &str) -> (u32, u32) {
        self.used.get(role).map_or((0, 0), |used| {
            (self.chains.n_known(role, used), used.count())
        })
    }
}

/// Decides on the role whose `own` accounts and `sessions` these are.
fn decide_role(history: &Ledger, own: &[&Account], sessions: &[&Account]) -> RoleDecision {
    let all = own.iter().chain(sessions).copied();
    let keys = remark::credentials(all);
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
    remark::credentials(std::iter::once(account))
}
