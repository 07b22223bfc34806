//! Whom an identity is compared with: those of its class that have the same
//! keys or behave alike (MODEL §8).

use std::collections::BTreeMap;

use super::keys::Keys;
use super::slate::Slate;
use super::subject::Subject;
use super::{Parameters, parallel};
use crate::event::Class;
use crate::ledger::Dimension;
use crate::stats::peers::{Profile, Profiles};

/// Peers per identity.
const MAX_PEERS: usize = 10;
/// Less alike than this is no peer.
const MIN_SIMILARITY: f64 = 0.2;
/// Beyond this size of a class, only identities that share something are
/// compared.
const EXACT_CLASS: usize = 2_000;
/// Candidates per identity in such a class.
const MAX_CANDIDATES: usize = 500;
/// Values with more users than this say too little to propose candidates.
const MAX_USERS: usize = 64;
/// Services by which identities of a large class are put beside each other …
const SERVICES: usize = 4;
/// … and how many neighbours on either side are candidates.
const NEIGHBOURS: usize = 32;

/// The peers of every subject.
pub(super) struct Peers {
    /// Nearest first.
    pub(super) near: Vec<Vec<usize>>,
    /// Those that it would have if nothing were known of how it behaves.
    pub(super) by_key: Vec<Vec<usize>>,
    /// The explicit key that they have in common, where it is why they are
    /// peers.
    pub(super) shared_keys: Vec<Option<Box<str>>>,
}

/// Days per value of the two dimensions that peers are found by.
struct Behaviour {
    actions: Profile,
    areas: Profile,
}

impl Behaviour {
    fn of(slate: &Slate, subject: &Subject) -> Self {
        Self {
            actions: Profile::new(&history_days(slate, subject, Dimension::Action)),
            areas: Profile::new(&history_days(slate, subject, Dimension::Area)),
        }
    }

    fn similarity(&self, other: &Self) -> f64 {
        f64::midpoint(
            self.actions.overlap(&other.actions),
            self.areas.overlap(&other.areas),
        )
    }
}

/// What peers are found by.
struct Search<'s> {
    slate: &'s Slate,
    keys: Keys,
    behaviour: Vec<Behaviour>,
}

/// How alike each of `others` behaves to a subject, whatever its class; the
/// most similar first.
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

/// The peers of every subject, learned from the history only.
///
/// # Formula
///
/// ```text
/// explicit = Σ weights of shared keys / Σ weights of own keys
/// behaviour = ½ hellinger(action) + ½ hellinger(area)
/// similarity = max(explicit, behaviour)
/// ```
///
/// Up to ten of the same class with a similarity of at least 0.2. Exact for
/// classes of up to 2,000 identities; see [`Company::candidates`] for others. A
/// subject without history has no behaviour and is nobody's peer, but may have
/// peers by its keys.
pub(super) fn find(slate: &Slate, parameters: &Parameters) -> Peers {
    let threads = parameters.threads;
    let search = Search {
        slate,
        keys: Keys::new(slate, &parameters.teams),
        behaviour: parallel::map_each(threads, &slate.subjects, |subject| {
            Behaviour::of(slate, subject)
        }),
    };
    let companies = companies(&search);
    let near = parallel::map(threads, slate.subjects.len(), |at| {
        let class = slate.subjects.get(at).map(|subject| subject.class);
        let company = class.and_then(|class| companies.get(&class));
        company.map_or_else(Vec::new, |company| nearest(at, company.alike(&search, at)))
    });
    let by_key = parallel::map(threads, slate.subjects.len(), |at| {
        let mut sharing: Vec<usize> = search.keys.sharing(at).collect();
        sharing.sort_unstable();
        sharing.dedup();
        sharing.retain(|other| search.has_history(*other));
        let alike = |other| (search.keys.similarity(at, other), other);
        nearest(at, sharing.into_iter().map(alike))
    });
    let leading = |(at, near): (usize, &Vec<usize>)| search.keys.leading(at, near).map(Into::into);
    let shared_keys = near.iter().enumerate().map(leading).collect();
    Peers {
        near,
        by_key,
        shared_keys,
    }
}

/// The most similar of those that are alike enough.
fn nearest(of: usize, alike: impl IntoIterator<Item = (f64, usize)>) -> Vec<usize> {
    let mut near: Vec<(f64, usize)> = alike
        .into_iter()
        .filter(|(similarity, other)| *other != of && *similarity >= MIN_SIMILARITY)
        .collect();
    // Subjects are numbered by key, so ties end in the smaller key.
    near.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    // Into a list of its own: that of all candidates is long.
    let near = near.iter().take(MAX_PEERS);
    near.map(|(_, other)| *other).collect()
}

impl Search<'_> {
    fn similarity(&self, of: usize, other: usize) -> Option<f64> {
        let (own, theirs) = (self.behaviour.get(of)?, self.behaviour.get(other)?);
        Some(own.similarity(theirs).max(self.keys.similarity(of, other)))
    }

    fn has_history(&self, of: usize) -> bool {
        let subject = self.slate.subjects.get(of);
        subject.is_some_and(|subject| !subject.history().is_empty())
    }

    /// Actions and areas of a subject.
    fn values(&self, of: usize) -> impl Iterator<Item = (bool, u32)> + '_ {
        let own = self.behaviour.get(of).into_iter();
        own.flat_map(|own| {
            let actions = own.actions.values().map(|value| (false, value));
            actions.chain(own.areas.values().map(|value| (true, value)))
        })
    }

    /// The services that a subject uses on most days.
    fn services(&self, of: usize) -> Vec<u32> {
        let subject = self.slate.subjects.get(of);
        let mut days = subject.map_or_else(Vec::new, |subject| {
            history_days(self.slate, subject, Dimension::Service)
        });
        days.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        days.truncate(SERVICES);
        let mut services: Vec<u32> = days.into_iter().map(|(service, _)| service).collect();
        services.sort_unstable();
        services
    }
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

/// The subjects of one class that may be peers, and in a large class what
/// proposes them.
#[derive(Default)]
struct Company {
    members: Vec<usize>,
    /// Actions and areas of the members, in a company that is not large.
    actions: Profiles,
    areas: Profiles,
    /// Members per value, for values few enough use to say something.
    rare: BTreeMap<(bool, u32), Vec<usize>>,
    /// Members by their most frequent services.
    alike: BTreeMap<Vec<u32>, Vec<usize>>,
}

/// The company of each class that has peers.
fn companies(search: &Search<'_>) -> BTreeMap<Class, Company> {
    let mut companies: BTreeMap<Class, Company> = BTreeMap::new();
    for (at, subject) in search.slate.subjects.iter().enumerate() {
        let has_peers = !matches!(
            subject.class,
            Class::Root | Class::CloudService | Class::Anonymous
        );
        if has_peers {
            let company = companies.entry(subject.class).or_default();
            if !subject.history().is_empty() {
                company.members.push(at);
            }
        }
    }
    for company in companies.values_mut() {
        if company.is_large() {
            company.index(search);
        } else {
            let members = company.members.iter();
            let members = members.filter_map(|at| search.behaviour.get(*at));
            company.actions = Profiles::new(members.clone().map(|own| &own.actions));
            company.areas = Profiles::new(members.map(|own| &own.areas));
        }
    }
    companies
}

impl Company {
    fn is_large(&self) -> bool {
        self.members.len() > EXACT_CLASS
    }

    fn index(&mut self, search: &Search<'_>) {
        let mut users: Vec<((bool, u32), usize)> = Vec::new();
        for member in &self.members {
            users.extend(search.values(*member).map(|value| (value, *member)));
            let alike = self.alike.entry(search.services(*member)).or_default();
            alike.push(*member);
        }
        users.sort_unstable();
        for run in users.chunk_by(|a, b| a.0 == b.0) {
            if let (Some((value, _)), 2..=MAX_USERS) = (run.first(), run.len()) {
                let users = run.iter().map(|(_, user)| *user).collect();
                self.rare.insert(*value, users);
            }
        }
    }

    /// How alike to `of` each of those is that it is compared with: everybody
    /// in a class of up to 2,000, else the candidates.
    fn alike(&self, search: &Search<'_>, of: usize) -> Vec<(f64, usize)> {
        if self.is_large() {
            let candidates = self.candidates(search, of).into_iter();
            let alike = |other| Some((search.similarity(of, other)?, other));
            return candidates.filter_map(alike).collect();
        }
        let Some(own) = search.behaviour.get(of) else {
            return Vec::new();
        };
        let actions = self.actions.overlaps(&own.actions);
        let areas = self.areas.overlaps(&own.areas);
        let behaviour = actions.into_iter().zip(areas);
        let behaviour = behaviour.map(|(actions, areas)| f64::midpoint(actions, areas));
        let mut alike: Vec<_> = behaviour.zip(self.members.iter().copied()).collect();
        for other in search.keys.sharing(of) {
            let at = self.members.binary_search(&other).ok();
            if let Some((similarity, _)) = at.and_then(|at| alike.get_mut(at)) {
                *similarity = similarity.max(search.keys.similarity(of, other));
            }
        }
        alike
    }

    /// Whom `of` is compared with in a large class: those that share a key or a
    /// value of at most 64 users, and up to 64 neighbours with the same four
    /// most frequent services; at most 500, by how much they share, then by
    /// key.
    fn candidates(&self, search: &Search<'_>, of: usize) -> Vec<usize> {
        let is_member = |at: &usize| self.members.binary_search(at).is_ok();
        let by_key = search.keys.sharing(of).filter(is_member);
        let values = search.values(of).filter_map(|value| self.rare.get(&value));
        let mut sharing: Vec<usize> = by_key.chain(values.flatten().copied()).collect();
        sharing.sort_unstable();
        let mut counted: Vec<(usize, usize)> = sharing
            .chunk_by(|a, b| a == b)
            .filter_map(|run| Some((run.len(), *run.first()?)))
            .collect();
        for neighbour in self.neighbours(search, of) {
            if sharing.binary_search(neighbour).is_err() {
                counted.push((0, *neighbour));
            }
        }
        counted.sort_unstable_by_key(|(n, other)| (std::cmp::Reverse(*n), *other));
        counted.truncate(MAX_CANDIDATES);
        counted.into_iter().map(|(_, other)| other).collect()
    }

    /// Those next to `of` in the order of keys among those that use the same
    /// services.
    fn neighbours(&self, search: &Search<'_>, of: usize) -> &[usize] {
        let services = search.services(of);
        let alike = if services.is_empty() {
            None
        } else {
            self.alike.get(&services)
        };
        let alike = alike.map(Vec::as_slice).unwrap_or_default();
        let at = alike.partition_point(|other| *other < of);
        let from = at.saturating_sub(NEIGHBOURS);
        let to = at
            .saturating_add(NEIGHBOURS)
            .saturating_add(1)
            .min(alike.len());
        alike.get(from..to).unwrap_or_default()
    }
}
