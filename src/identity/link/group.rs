//! Groups: who is one, given the edges and what must not be.
//!
//! Edges are taken from the surest to the least sure. An edge that would join
//! what must stay apart is therefore the weakest on the way between the two.

use std::collections::BTreeSet;

use super::{Edge, LIKELY, LinkFile, Linking, MERGED, Node, Obstacle, Rule};
use crate::event::{AliasKind, KeyBasis};

/// Joins `nodes`, which come in order of their keys, by `edges`.
pub(super) fn group(nodes: &[&Node<'_>], mut edges: Vec<Edge>, file: &LinkFile) -> Linking {
    edges.sort_by(|a, b| b.confidence.cmp(&a.confidence).then_with(|| a.cmp(b)));
    let mut forest = Forest::new(nodes.len());
    let mut linking = Linking::default();
    let place = |key: &str| {
        let at = nodes.binary_search_by_key(&key, |node| node.key);
        at.unwrap_or(usize::MAX)
    };
    let mut weaker = Vec::new();
    for edge in edges {
        let [a, b] = edge.keys.each_ref().map(|key| place(key));
        if edge.confidence < MERGED {
            weaker.push(edge);
        } else if let Some((a, b)) = forest.apart(a, b) {
            match obstacle(&forest.nodes(a, nodes), &forest.nodes(b, nodes), file) {
                Some(obstacle) => linking.conflicts.push((edge, obstacle)),
                None => {
                    forest.join(a, b);
                    linking.merged.push(edge);
                }
            }
        } else {
            linking.merged.push(edge);
        }
    }
    let is_denied = |edge: &Edge| file.denies(&edge.keys[0], &edge.keys[1]);
    // That two met does not speak against what is known of either.
    let is_idle = |edge: &Edge| {
        let [a, b] = edge.keys.each_ref().map(|key| place(key));
        let is_open = forest.apart(a, b).is_some_and(|(a, b)| {
            obstacle(&forest.nodes(a, nodes), &forest.nodes(b, nodes), file).is_none()
        });
        edge.rule == Rule::Meeting && !is_open
    };
    linking.likely = weaker
        .into_iter()
        .filter(|edge| edge.confidence >= LIKELY && !is_denied(edge) && !is_idle(edge))
        .collect();
    linking.groups = forest.groups(nodes);
    linking
}

/// What forbids that the identities on either side are one.
fn obstacle(these: &[&Node<'_>], those: &[&Node<'_>], file: &LinkFile) -> Option<Obstacle> {
    let pairs = these
        .iter()
        .flat_map(|a| those.iter().map(move |b| (*a, *b)));
    pairs.filter_map(|(a, b)| between(a, b, file)).min()
}

fn between(a: &Node<'_>, b: &Node<'_>, file: &LinkFile) -> Option<Obstacle> {
    let both = |basis: KeyBasis| a.basis == basis && b.basis == basis;
    if file.denies(a.key, b.key) {
        Some(Obstacle::Denied)
    } else if both(KeyBasis::OktaActor) {
        Some(Obstacle::OktaUsers)
    } else if both(KeyBasis::User) {
        Some(Obstacle::IamUsers)
    } else if both(KeyBasis::VaultEntity) && are_two_entities(a, b) {
        Some(Obstacle::VaultEntities)
    } else if is_person(a) && is_machine(b) || is_machine(a) && is_person(b) {
        Some(Obstacle::Machine)
    } else {
        None
    }
}

/// Whether two entities of one cluster were in use at the same time by the
/// same kind of sign-in: Vault itself tells them apart.
fn are_two_entities(a: &Node<'_>, b: &Node<'_>) -> bool {
    let cluster = |node: &Node<'_>| node.key.split(":entity:").next().map(str::to_owned);
    let kinds = |node: &Node<'_>| -> BTreeSet<AliasKind> {
        node.aliases.iter().map(|(kind, ..)| *kind).collect()
    };
    cluster(a) == cluster(b)
        && !kinds(a).is_disjoint(&kinds(b))
        && a.slots
            .iter()
            .any(|slot| b.slots.binary_search(slot).is_ok())
}

fn is_person(node: &Node<'_>) -> bool {
    matches!(
        node.basis,
        KeyBasis::OktaActor | KeyBasis::Sso | KeyBasis::OnBehalfOf
    )
}

fn is_machine(node: &Node<'_>) -> bool {
    matches!(
        node.basis,
        KeyBasis::Role | KeyBasis::Compute | KeyBasis::Ci
    )
}

/// A union-find forest over positions, with the members of every tree.
struct Forest {
    roots: Vec<usize>,
    members: Vec<Vec<usize>>,
}

impl Forest {
    fn new(n: usize) -> Self {
        Self {
            roots: (0..n).collect(),
            members: (0..n).map(|at| vec![at]).collect(),
        }
    }

    /// The roots of both, if they are not one yet.
    fn apart(&self, a: usize, b: usize) -> Option<(usize, usize)> {
        let (a, b) = (*self.roots.get(a)?, *self.roots.get(b)?);
        (a != b).then_some((a, b))
    }

    /// The nodes of a tree.
    fn nodes<'n, 'a>(&self, root: usize, nodes: &[&'n Node<'a>]) -> Vec<&'n Node<'a>> {
        let members = self.members(root).iter();
        members.filter_map(|at| nodes.get(*at).copied()).collect()
    }

    fn members(&self, root: usize) -> &[usize] {
        self.members
            .get(root)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// The smaller tree joins the larger one, so that the whole takes
    /// `O(n log n)`.
    fn join(&mut self, a: usize, b: usize) {
        let is_larger = self.members(a).len() >= self.members(b).len();
        let (root, other) = if is_larger { (a, b) } else { (b, a) };
        let moved = self.members.get_mut(other).map(std::mem::take);
        for at in moved.into_iter().flatten() {
            if let Some(own) = self.roots.get_mut(at) {
                *own = root;
            }
            if let Some(members) = self.members.get_mut(root) {
                members.push(at);
            }
        }
    }

    /// The keys of every tree of at least two, in order.
    fn groups(&self, nodes: &[&Node<'_>]) -> Vec<BTreeSet<Box<str>>> {
        let keys = |members: &Vec<usize>| -> BTreeSet<Box<str>> {
            let members = members.iter().filter_map(|at| nodes.get(*at));
            members.map(|node| node.key.into()).collect()
        };
        let several = self.members.iter().filter(|members| members.len() > 1);
        let mut groups: Vec<_> = several.map(keys).collect();
        groups.sort();
        groups
    }
}
