//! Whom an identity is compared with: those of its class that behave alike
//! (MODEL §8).

use std::collections::BTreeMap;

use super::slate::Slate;
use super::subject::Subject;
use crate::event::Class;
use crate::ledger::Dimension;
use crate::stats::peers::hellinger;

/// Peers per identity.
const MAX_PEERS: usize = 10;
/// Less alike than this is no peer.
const MIN_SIMILARITY: f64 = 0.2;
/// Beyond this size of a class, only identities that share a value are
/// compared.
const EXACT_CLASS: usize = 2_000;
/// Candidates per identity in such a class.
const MAX_CANDIDATES: usize = 500;
/// Values with more users than this say too little to propose candidates.
const MAX_USERS: usize = 64;

/// Days per value of the two dimensions that peers are found by.
struct Behaviour {
    actions: Vec<(u32, f64)>,
    areas: Vec<(u32, f64)>,
}

impl Behaviour {
    fn of(slate: &Slate, subject: &Subject) -> Self {
        Self {
            actions: history_days(slate, subject, Dimension::Action),
            areas: history_days(slate, subject, Dimension::Area),
        }
    }

    fn similarity(&self, other: &Self) -> f64 {
        f64::midpoint(
            hellinger(&self.actions, &other.actions),
            hellinger(&self.areas, &other.areas),
        )
    }
}

/// How similar each of `others` is to a subject, whatever its class; the most
/// similar first.
pub(super) fn similarities(slate: &Slate, of: usize, others: &[usize]) -> Vec<(f64, usize)> {
    let Some(own) = slate.subjects.get(of) else {
        return Vec::new();
    };
    let own = Behaviour::of(slate, own);
    let others = others
        .iter()
        .filter_map(|at| Some((*at, slate.subjects.get(*at)?)));
    let mut similar: Vec<(f64, usize)> = others
        .map(|(at, other)| (own.similarity(&Behaviour::of(slate, other)), at))
        .collect();
    similar.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    similar
}

/// The peers of every subject, nearest first, learned from the history only.
///
/// # Formula
///
/// ```text
/// similarity = ½ hellinger(action) + ½ hellinger(area)
/// ```
///
/// Up to ten of the same class with a similarity of at least 0.2. Exact for
/// classes of up to 2,000 identities; beyond, candidates are those that share a
/// value with at most 64 users, at most 500 of them by number of shared values.
pub(super) fn find(slate: &Slate) -> Vec<Vec<usize>> {
    let subjects = slate.subjects.iter();
    let behaviour: Vec<Behaviour> = subjects.map(|own| Behaviour::of(slate, own)).collect();
    let mut classes: BTreeMap<Class, Vec<usize>> = BTreeMap::new();
    for (i, subject) in slate.subjects.iter().enumerate() {
        let has_peers = !matches!(
            subject.class,
            Class::Root | Class::CloudService | Class::Anonymous
        );
        if has_peers && !subject.history().is_empty() {
            classes.entry(subject.class).or_default().push(i);
        }
    }
    let mut peers = vec![Vec::new(); slate.subjects.len()];
    for members in classes.values() {
        let shared = (members.len() > EXACT_CLASS).then(|| shared_values(&behaviour, members));
        for i in members {
            let candidates = shared.as_ref().map_or_else(
                || members.clone(),
                |shared| candidates_of(&behaviour, *i, shared),
            );
            if let Some(own) = peers.get_mut(*i) {
                *own = nearest(&behaviour, *i, &candidates);
            }
        }
    }
    peers
}

fn nearest(behaviour: &[Behaviour], of: usize, candidates: &[usize]) -> Vec<usize> {
    let Some(own) = behaviour.get(of) else {
        return Vec::new();
    };
    let mut near: Vec<(f64, usize)> = candidates
        .iter()
        .filter(|other| **other != of)
        .filter_map(|other| {
            let theirs = behaviour.get(*other)?;
            let similarity = own.similarity(theirs);
            (similarity >= MIN_SIMILARITY).then_some((similarity, *other))
        })
        .collect();
    // Subjects are numbered by key, so ties end in the smaller key.
    near.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    near.truncate(MAX_PEERS);
    near.into_iter().map(|(_, other)| other).collect()
}

fn history_days(slate: &Slate, subject: &Subject, dimension: Dimension) -> Vec<(u32, f64)> {
    subject
        .atoms_of(dimension)
        .filter_map(|mark| {
            let n_days = mark.days.count_below(slate.n_history, &subject.hidden);
            (n_days > 0).then_some((mark.value, f64::from(n_days)))
        })
        .collect()
}

/// Members per value, for values few enough use to say something.
type SharedValues = BTreeMap<(bool, u32), Vec<usize>>;

fn shared_values(behaviour: &[Behaviour], members: &[usize]) -> SharedValues {
    let mut users = SharedValues::new();
    for i in members {
        let Some(own) = behaviour.get(*i) else {
            continue;
        };
        for value in values_of(own) {
            users.entry(value).or_default().push(*i);
        }
    }
    users.retain(|_, users| (2..=MAX_USERS).contains(&users.len()));
    users
}

fn candidates_of(behaviour: &[Behaviour], of: usize, shared: &SharedValues) -> Vec<usize> {
    let Some(own) = behaviour.get(of) else {
        return Vec::new();
    };
    let mut n_shared: BTreeMap<usize, u32> = BTreeMap::new();
    for user in values_of(own)
        .filter_map(|value| shared.get(&value))
        .flatten()
    {
        *n_shared.entry(*user).or_default() += 1;
    }
    let mut candidates: Vec<(usize, u32)> = n_shared.into_iter().collect();
    candidates.sort_unstable_by_key(|(user, n)| (std::cmp::Reverse(*n), *user));
    candidates.truncate(MAX_CANDIDATES);
    candidates.into_iter().map(|(user, _)| user).collect()
}

fn values_of(behaviour: &Behaviour) -> impl Iterator<Item = (bool, u32)> + '_ {
    let actions = behaviour.actions.iter().map(|(value, _)| (false, *value));
    actions.chain(behaviour.areas.iter().map(|(value, _)| (true, *value)))
}
