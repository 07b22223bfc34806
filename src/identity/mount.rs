//! Vault mounts: which auth mount a display name begins with.
//!
//! A token is called `<mount>-<name>`, with `-` for every slash in the mount,
//! and the mount's own name may hold dashes. So the name can be split only by
//! somebody who knows the mounts, and the longest that fits is taken.

use std::collections::BTreeMap;

use crate::event::{Class, encode_component};

/// The mounts that sign users in, and what their users are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoginMounts(BTreeMap<String, (Class, u8)>);

/// An identity whose mount is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MountedIdentity {
    /// Its key: `vault:<cluster>:<mount>:<name>`.
    pub key: String,
    /// What the users of the mount are.
    pub class: Class,
    /// How sure `class` is, 0 to 100.
    pub class_confidence: u8,
}

/// Words that stand in keys where a mount would.
const RESERVED: [&str; 5] = ["entity", "root", "dn", "token", "unauthenticated"];

impl LoginMounts {
    /// Adds the mount `path`, whose users are of this class. Of two classes
    /// that are claimed for one path the surer one counts, then the smaller.
    pub fn insert(&mut self, path: &str, class: Class, confidence: u8) {
        let path = path.to_lowercase();
        if RESERVED.contains(&path.as_str()) {
            return;
        }
        let known = self.0.entry(path).or_insert((class, confidence));
        let rank = |(class, confidence): (Class, u8)| (confidence, std::cmp::Reverse(class));
        if rank((class, confidence)) > rank(*known) {
            *known = (class, confidence);
        }
    }

    /// The identity behind the key of a display name,
    /// `vault:<cluster>:dn:<display name>`. `None` when the name begins with
    /// no known mount, or has nothing behind it.
    ///
    /// # Examples
    ///
    /// ```
    /// # use habitual::{event::Class, identity::LoginMounts};
    /// let mut mounts = LoginMounts::default();
    /// mounts.insert("team", Class::Human, 75);
    /// mounts.insert("team/oidc", Class::Human, 85);
    /// let bob = mounts.resolve("vault:prod:dn:team-oidc-bob").unwrap();
    /// assert_eq!(bob.key, "vault:prod:team%2Foidc:bob");
    /// ```
    #[must_use]
    pub fn resolve(&self, key: &str) -> Option<MountedIdentity> {
        let (cluster, name) = key.split_once(":dn:")?;
        let behind = |path: &str| {
            let prefix = encode_component(path).replace("%2F", "-");
            let rest = name.strip_prefix(prefix.as_str())?.strip_prefix('-')?;
            (!rest.is_empty()).then(|| rest.to_owned())
        };
        let (path, of_mount, rest) = self
            .0
            .iter()
            .filter_map(|(path, of_mount)| Some((path, of_mount, behind(path)?)))
            .max_by(|(a, ..), (b, ..)| (a.len(), b).cmp(&(b.len(), a)))?;
        let (class, class_confidence) = *of_mount;
        Some(MountedIdentity {
            key: format!("{cluster}:{}:{rest}", encode_component(path)),
            class,
            class_confidence,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn resolves(mounts: &[&str], name: &str, expected: Option<&str>) {
        let mut known = LoginMounts::default();
        for mount in mounts {
            known.insert(mount, Class::Human, 85);
        }
        let key = format!("vault:prod:dn:{}", encode_component(name));
        let found = known.resolve(&key).map(|identity| identity.key);
        assert_eq!(found.as_deref(), expected, "{mounts:?} {name}");
    }

    #[test]
    fn longest_known_mount_splits_the_name() {
        let both = ["team", "team-oidc"];
        resolves(&both, "team-oidc-bob", Some("vault:prod:team-oidc:bob"));
        resolves(&both, "team-alice", Some("vault:prod:team:alice"));
        resolves(&["team"], "team-oidc-bob", Some("vault:prod:team:oidc-bob"));
        resolves(&["a/b", "a"], "a-b-eve", Some("vault:prod:a%2Fb:eve"));
        resolves(&["OIDC"], "oidc-x:y", Some("vault:prod:oidc:x%3Ay"));
    }

    #[test]
    fn what_no_known_mount_begins_is_left_alone() {
        resolves(&[], "team-bob", None);
        resolves(&["team"], "teams-bob", None);
        resolves(&["team"], "team", None);
        resolves(&["team"], "team-", None);
        resolves(&["entity", "token"], "entity-bob", None);
        assert_eq!(LoginMounts::default().resolve("vault:prod:entity:x"), None);
    }

    #[test]
    fn claims_about_one_mount_settle_in_any_order() {
        let claims = [
            (Class::Human, 60),
            (Class::Workload, 85),
            (Class::Agent, 85),
        ];
        let settled = |claims: &mut dyn Iterator<Item = &(Class, u8)>| {
            let mut mounts = LoginMounts::default();
            for (class, confidence) in claims {
                mounts.insert("m", *class, *confidence);
            }
            mounts
        };
        let forward = settled(&mut claims.iter());
        assert_eq!(forward, settled(&mut claims.iter().rev()));
        let identity = forward.resolve("vault:c:dn:m-x");
        assert_eq!(identity.map(|i| i.class), Some(Class::Workload));
    }
}
