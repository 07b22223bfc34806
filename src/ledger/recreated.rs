//! Principals that were deleted and made anew: another unique id under the same
//! name.
//!
//! A role that infrastructure code makes again is the same workload, and is
//! judged by what the old one did. A user is not: whoever made the new one is
//! somebody with a new password.

use std::collections::{BTreeMap, BTreeSet};

use super::remark::Remark;
use super::{Account, Ledger};

const ROLE: &str = "aws:role:";
const USER: &str = "aws:user:";

/// Unique ids by name of the principal.
#[derive(Clone, Debug, Default)]
pub(super) struct Principals {
    roles: BTreeMap<Box<str>, BTreeSet<Box<str>>>,
    users: BTreeMap<Box<str>, BTreeSet<Box<str>>>,
}

impl Principals {
    /// The principals of `ledger`.
    pub(super) fn of(ledger: &Ledger) -> Self {
        let mut principals = Self::default();
        for account in ledger.accounts() {
            let Some(native) = account.row.native.as_deref() else {
                continue;
            };
            let (of_kind, id, name) = if let Some(id) = id(&account.row.key, ROLE) {
                (&mut principals.roles, id, role_name(native))
            } else if let Some(id) = id(&account.row.key, USER) {
                (&mut principals.users, id, Some(native))
            } else {
                continue;
            };
            if let Some(name) = name.filter(|name| name.starts_with("arn:")) {
                let ids = of_kind.entry(name.into()).or_default();
                ids.insert(id.into());
            }
        }
        principals
    }

    /// Adds those of another ledger.
    pub(super) fn with(&self, other: &Self) -> Self {
        let mut both = self.clone();
        for (own, theirs) in [
            (&mut both.roles, &other.roles),
            (&mut both.users, &other.users),
        ] {
            for (name, ids) in theirs {
                let own = own.entry(name.clone()).or_default();
                own.extend(ids.iter().cloned());
            }
        }
        both
    }

    /// Per unique id of a recreated role, the id that stands for all of them:
    /// the smallest one that `known` knows.
    pub(super) fn aliases(&self, known: &Self) -> BTreeMap<Box<str>, Box<str>> {
        let mut aliases = BTreeMap::new();
        for (name, ids) in self.roles.iter().filter(|(_, ids)| ids.len() > 1) {
            let first_known = known.roles.get(name).and_then(|ids| ids.first());
            let Some(one) = first_known.or_else(|| ids.first()) else {
                continue;
            };
            let others = ids.iter().filter(|id| *id != one);
            aliases.extend(others.map(|id| (id.clone(), one.clone())));
        }
        aliases
    }

    /// What there is to say about principals with several ids.
    pub(super) fn remarks(&self) -> impl Iterator<Item = Remark> + '_ {
        let kinds = [(&self.roles, true), (&self.users, false)];
        kinds.into_iter().flat_map(|(principals, inherits)| {
            principals
                .iter()
                .filter(|(_, ids)| ids.len() > 1)
                .map(move |(name, _)| Remark::Recreated {
                    name: name.clone(),
                    inherits,
                })
        })
    }
}

/// The key of a role, or of a part of one, under the id that stands for it.
pub(super) fn canonical(key: &str, aliases: &BTreeMap<Box<str>, Box<str>>) -> Option<String> {
    let id = id(key, ROLE)?;
    let one = aliases.get(id)?;
    let rest = key.get(ROLE.len().saturating_add(id.len())..)?;
    Some(format!("{ROLE}{one}{rest}"))
}

impl Ledger {
    /// Gives recreated roles one key.
    pub(super) fn unite_roles(&mut self, aliases: &BTreeMap<Box<str>, Box<str>>) {
        if aliases.is_empty() {
            return;
        }
        self.chains.rename(|key| canonical(key, aliases));
        let (renamed, kept): (Vec<Account>, Vec<Account>) = self
            .take_accounts()
            .into_iter()
            .partition(|account| canonical(&account.row.key, aliases).is_some());
        for account in kept {
            self.insert(account);
        }
        for mut account in renamed {
            if let Some(key) = canonical(&account.row.key, aliases) {
                account.row.key = key.into();
            }
            if let Some(session) = &mut account.row.session
                && let Some(role) = canonical(&session.role, aliases)
            {
                session.role = role.into();
            }
            self.merge_account(account);
        }
    }
}

/// The unique id in a `key` of this kind; a name of account and role is none.
fn id<'k>(key: &'k str, kind: &str) -> Option<&'k str> {
    let rest = key.strip_prefix(kind)?;
    let id = rest.split(['/', '#', '|']).next()?;
    id.starts_with(|c: char| c.is_ascii_uppercase())
        .then_some(id)
}

/// The role in the ARN of a session or of itself: everything before the session
/// name.
fn role_name(arn: &str) -> Option<&str> {
    let (service, _) = arn.split_once(":assumed-role/")?;
    let rest = arn.get(service.len()..)?;
    let end = rest
        .match_indices('/')
        .nth(1)
        .map_or(rest.len(), |(at, _)| at);
    arn.get(..service.len().checked_add(end)?)
}
