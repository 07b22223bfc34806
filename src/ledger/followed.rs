//! Followed: roles that nobody but one person, or one pipeline, took on in a
//! review. What was done as such a role is part of their story.
//!
//! Who took on a role is told by the calls that issued its access keys, never by
//! the name of a session, which its caller chooses. It holds for one review:
//! in the next one somebody else may take on the role.

use std::collections::{BTreeMap, BTreeSet};

use super::decisions::{CHAIN_PERCENT, Roles};
use super::{IdentityRow, Ledger, Links, SlotSet};
use crate::event::KeyBasis;
use crate::identity::link::{Edge, Evidence, Rule};

/// Roles followed from one to the next.
const MAX_DEPTH: usize = 16;

/// A role in the hands of one.
#[derive(Clone, Debug)]
pub(super) struct Followed {
    /// Key of the account that they belong to.
    pub(super) by: Box<str>,
    /// When they alone took it on in the history.
    pub(super) before: SlotSet,
    /// What tells it.
    pub(super) edge: Edge,
}

/// The roles of `review` that one alone took on, by key. The other links are
/// decided.
pub(super) fn decide(
    history: &Ledger,
    review: &Ledger,
    links: &Links,
) -> BTreeMap<Box<str>, Followed> {
    let mut chains = history.chains().clone();
    chains.merge(review.chains());
    let before = Roles::of(history, history.chains());
    let now = Roles::of(review, &chains);
    // Where keys are issued out of sight, somebody else may act.
    let is_in_sight = |role: &&str| {
        let share = |(known, used): (u32, u32), percent: u32| {
            known.saturating_mul(100) >= used.saturating_mul(percent)
        };
        share(before.chain(role), CHAIN_PERCENT) && share(now.chain(role), 100)
    };
    let mut followed: BTreeMap<Box<str>, Followed> = BTreeMap::new();
    for _ in 0..MAX_DEPTH {
        let hands = Hands {
            history,
            review,
            links,
            followed: &followed,
        };
        let roles = review.chains().roles().filter(is_in_sight);
        let found = roles.filter_map(|role| {
            let (_, n_keys) = now.chain(role);
            Some((Box::from(role), hands.follow(role, n_keys)?))
        });
        let found: Vec<(Box<str>, Followed)> = found.collect();
        if found.is_empty() {
            break;
        }
        followed.extend(found);
    }
    followed
}

/// Who has which roles, as far as that is known.
struct Hands<'h> {
    history: &'h Ledger,
    review: &'h Ledger,
    links: &'h Links,
    followed: &'h BTreeMap<Box<str>, Followed>,
}

impl Hands<'_> {
    /// Whoever alone took on `role`, with `n_keys` access keys, in every period
    /// of the review in which it was used.
    fn follow(&self, role: &str, n_keys: u32) -> Option<Followed> {
        let account = self.review.account(role)?;
        let is_free = !self.followed.contains_key(role) && !self.links.is_linked(role);
        let is_role = account.row.is_role() && account.row.basis != KeyBasis::ServiceLinked;
        if !is_free || !is_role {
            return None;
        }
        let chains = self.review.chains();
        let owners = chains.callers(role).into_iter();
        let owners: Option<BTreeSet<&str>> = owners.map(|caller| self.owner(caller)).collect();
        let owners = owners?;
        let by = owners.first().filter(|_| owners.len() == 1)?;
        let taken_on: SlotSet = chains.taken_on(role, |_| true).collect();
        let slots: Vec<i32> = account.cells.slots().collect();
        if !slots.iter().all(|slot| taken_on.contains(*slot)) {
            return None;
        }
        let mut keys: [Box<str>; 2] = [role.into(), (*by).into()];
        keys.sort();
        let start = |slot: i32| self.review.period().start_of(slot);
        Some(Followed {
            by: (*by).into(),
            before: self.alone_before(role, by),
            edge: Edge {
                keys,
                rule: Rule::Chain,
                confidence: 100,
                evidence: Evidence {
                    n: n_keys.into(),
                    first: start(*slots.first()?),
                    last: start(*slots.last()?),
                },
            },
        })
    }

    /// The account of whoever calls: of a person or a pipeline, or of those who
    /// have the calling role in hands.
    fn owner(&self, caller: &str) -> Option<&str> {
        if let Some(followed) = self.followed.get(caller) {
            return Some(&followed.by);
        }
        let row = &self.review.account(caller)?.row;
        is_somebody(row).then(|| self.links.account_of(&row.key))
    }

    /// When nobody but the account `by` took on `role` in the history.
    fn alone_before(&self, role: &str, by: &str) -> SlotSet {
        let is_theirs = |caller: &str| match self.followed.get(caller) {
            Some(followed) => followed.by.as_ref() == by,
            None => self.links.account_of(caller) == by,
        };
        let chains = self.history.chains();
        let others: SlotSet = chains.taken_on(role, |it| !is_theirs(it)).collect();
        let own = chains.taken_on(role, is_theirs);
        own.filter(|slot| !others.contains(*slot)).collect()
    }
}

/// Whether it is a person or a pipeline, and no role that anybody may take on.
fn is_somebody(row: &IdentityRow) -> bool {
    matches!(
        row.basis,
        KeyBasis::OnBehalfOf
            | KeyBasis::Sso
            | KeyBasis::SourceIdentity
            | KeyBasis::User
            | KeyBasis::Federated
            | KeyBasis::Ci
            | KeyBasis::OktaActor
    )
}
