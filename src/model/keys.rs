//! Explicit keys: what a name, a role or the user says about who belongs
//! together (MODEL §8).

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;

use super::slate::Slate;
use super::subject::Subject;
use crate::event::Class;
use crate::identity::SSO_ROLE;
use crate::stats::peers::key_weight;

/// A key that more identities of a class have says nothing.
const MAX_MEMBERS: usize = 200;
/// Two names alike in all but one part may be chance.
const MIN_NAMES: usize = 3;
/// Longer names, and names of more parts, have no shape.
const MAX_NAME: usize = 256;
const MAX_PARTS: usize = 8;
/// What separates the parts of a name.
const SEPARATORS: [char; 4] = ['-', '_', '.', '/'];
/// How the role of a permission set is called behind the set.
const SSO_SUFFIX: usize = "_0123456789abcdef".len();

/// Teams that the user has told us of, in the order that they were told in.
#[derive(Clone, Debug, Default)]
pub struct Teams(Vec<(Regex, Box<str>)>);

impl Teams {
    /// Adds: identities whose name, key or native name match belong to `team`.
    pub fn add(&mut self, pattern: Regex, team: &str) {
        self.0.push((pattern, team.into()));
    }

    /// How many patterns there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The teams of an identity.
    fn of<'t>(&'t self, subject: &'t Subject) -> impl Iterator<Item = &'t str> {
        let row = &subject.row;
        let shown = readable(subject, &row.name);
        let matches = move |pattern: &Regex| {
            let native = row.native.as_deref();
            let texts = [row.key.as_ref(), row.name.as_ref(), shown.as_str()];
            texts.into_iter().chain(native).any(|t| pattern.is_match(t))
        };
        let rules = self.0.iter();
        rules
            .filter(move |(pattern, _)| matches(pattern))
            .map(|(_, team)| team.as_ref())
    }
}

/// A key: what it is called, and whom it may be shared with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    class: Class,
    /// Names are compared within a tenant.
    tenant: Option<Box<str>>,
    /// As shown: `role/ci-*`, `team payments`.
    text: Box<str>,
}

/// The keys of every subject, those that say something.
#[derive(Debug, Default)]
pub(super) struct Keys {
    /// Numbers of keys, ascending, by subject.
    of: Vec<Vec<usize>>,
    keys: Vec<Shared>,
}

/// A key that several subjects have.
#[derive(Debug)]
struct Shared {
    text: Box<str>,
    weight: f64,
    /// Ascending.
    members: Vec<usize>,
}

impl Keys {
    /// The keys that 2 to 200 subjects of one class have.
    pub(super) fn new(slate: &Slate, teams: &Teams) -> Self {
        let mut members: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
        for (at, subject) in slate.subjects.iter().enumerate() {
            for key in keys_of(subject, teams) {
                members.entry(key).or_default().push(at);
            }
        }
        let mut keys = Self {
            of: vec![Vec::new(); slate.subjects.len()],
            keys: Vec::new(),
        };
        for (key, members) in members {
            let least = if key.tenant.is_some() { MIN_NAMES } else { 2 };
            if !(least..=MAX_MEMBERS).contains(&members.len()) {
                continue;
            }
            for member in &members {
                if let Some(own) = keys.of.get_mut(*member) {
                    own.push(keys.keys.len());
                }
            }
            keys.keys.push(Shared {
                text: key.text,
                weight: key_weight(members.len()),
                members,
            });
        }
        keys
    }

    fn of(&self, subject: usize) -> impl Iterator<Item = (usize, &Shared)> {
        let own = self.of.get(subject).map(Vec::as_slice).unwrap_or_default();
        own.iter()
            .filter_map(|key| Some((*key, self.keys.get(*key)?)))
    }

    /// Subjects that share a key with `subject`, one for each key.
    pub(super) fn sharing(&self, subject: usize) -> impl Iterator<Item = usize> {
        self.of(subject).flat_map(|(_, key)| &key.members).copied()
    }

    /// Weight of the keys that `other` has too, among all of `subject`'s.
    pub(super) fn similarity(&self, subject: usize, other: usize) -> f64 {
        let theirs = self.of.get(other).map(Vec::as_slice).unwrap_or_default();
        let (mut shared, mut all) = (0.0, 0.0);
        for (at, key) in self.of(subject) {
            all += key.weight;
            if theirs.binary_search(&at).is_ok() {
                shared += key.weight;
            }
        }
        if all > 0.0 { shared / all } else { 0.0 }
    }

    /// The key that says most about why `peers` are those of `subject`: shared
    /// by more than half of them, by the most, then the one with the greater
    /// weight.
    pub(super) fn leading(&self, subject: usize, peers: &[usize]) -> Option<&str> {
        let n_sharing = |key: &Shared| {
            let shares = |peer: &&usize| key.members.binary_search(peer).is_ok();
            peers.iter().filter(shares).count()
        };
        self.of(subject)
            .map(|(_, key)| (n_sharing(key), key))
            .filter(|(n, _)| n.saturating_mul(2) > peers.len())
            .max_by(|(n, a), (m, b)| {
                let by_weight = a.weight.total_cmp(&b.weight);
                n.cmp(m).then(by_weight).then_with(|| b.text.cmp(&a.text))
            })
            .map(|(_, key)| key.text.as_ref())
    }
}

/// Every key of one subject, each once.
fn keys_of(subject: &Subject, teams: &Teams) -> BTreeSet<Key> {
    let key = |tenant: Option<&str>, text: String| Key {
        class: subject.class,
        tenant: tenant.map(Into::into),
        text: text.into(),
    };
    let row = &subject.row;
    let mut keys: BTreeSet<Key> = teams
        .of(subject)
        .map(|team| key(None, format!("team {team}")))
        .collect();
    keys.extend(permission_set(subject).map(|set| key(None, format!("permission set {set}"))));
    keys.extend(ci_owner(&row.key).map(|owner| key(None, format!("CI of {owner}"))));
    if subject.class != Class::Human {
        let shapes = shapes(&row.name).into_iter();
        keys.extend(shapes.map(|shape| key(Some(&row.tenant), readable(subject, &shape))));
    }
    keys
}

/// A name, or the shape of one, as reports show it.
fn readable(subject: &Subject, name: &str) -> String {
    if subject.row.is_role() {
        format!("role/{name}")
    } else {
        name.to_owned()
    }
}

/// The permission set that an identity works through: the role's name tells.
fn permission_set(subject: &Subject) -> Option<&str> {
    let native = subject.row.native.as_deref()?;
    let (_, role) = native.split_once(SSO_ROLE)?;
    let role = role.split('/').next()?;
    let set = role.get(..role.len().checked_sub(SSO_SUFFIX)?)?;
    (!set.is_empty()).then_some(set)
}

/// The owner of the repository in the key of a CI job:
/// `…/ci:<owner>/<repository>`, or an encoded `repo:<owner>/<repository>`.
fn ci_owner(key: &str) -> Option<&str> {
    let owner = match key.split_once("/ci:") {
        Some((_, repository)) => repository.split('/').next(),
        None => key
            .split_once("/repo%3A")
            .and_then(|(_, repository)| repository.split_once("%2F"))
            .map(|(owner, _)| owner),
    };
    owner.filter(|owner| !owner.is_empty())
}

/// The shapes of a name: `ci-web-deploy` is one of `ci-*-deploy`, `ci-web-*`,
/// `*-web-deploy` and `ci-*`. What remains of the name has a letter.
fn shapes(name: &str) -> BTreeSet<String> {
    let parts: Vec<&str> = name.split_inclusive(SEPARATORS).collect();
    if name.len() > MAX_NAME || !(2..=MAX_PARTS).contains(&parts.len()) {
        return BTreeSet::new();
    }
    let separator = |part: &str| {
        let last = part.char_indices().next_back();
        let last = last.filter(|(_, c)| SEPARATORS.contains(c));
        last.map_or("", |(at, _)| part.get(at..).unwrap_or_default())
            .to_owned()
    };
    let mut shapes: BTreeSet<String> = (0..parts.len())
        .map(|gap| {
            let kept = parts.iter().enumerate().map(|(at, part)| {
                if at == gap {
                    format!("*{}", separator(part))
                } else {
                    (*part).to_owned()
                }
            });
            kept.collect()
        })
        .collect();
    shapes.extend(parts.first().map(|first| format!("{first}*")));
    shapes.retain(|shape| shape.contains(char::is_alphabetic));
    shapes
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn a_name_has_the_shapes_of_its_parts() {
        let of = |name| shapes(name).into_iter().collect::<Vec<_>>();
        assert_eq!(
            of("ci-web-deploy"),
            ["*-web-deploy", "ci-*", "ci-*-deploy", "ci-web-*"]
        );
        assert_eq!(of("worker_17"), ["worker_*"]);
        assert_eq!(of("admin"), [""; 0]);
        assert_eq!(of("2024-11"), [""; 0]);
        assert_eq!(of(&"a-".repeat(200)), [""; 0]);
    }

    #[test]
    fn the_owner_of_a_repository_is_in_the_key() {
        assert_eq!(
            ci_owner("aws:role:AROAEXAMPLE2/ci:corp/web%23x"),
            Some("corp")
        );
        assert_eq!(
            ci_owner("aws:oidc:token.actions.githubusercontent.com/repo%3Ao%2Fr"),
            Some("o")
        );
        assert_eq!(ci_owner("aws:role:AROAEXAMPLE2"), None);
        assert_eq!(ci_owner("aws:role:AROAEXAMPLE2/ci:"), None);
    }
}
