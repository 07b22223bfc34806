//! The link file: what the user knows better than any rule.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use serde::Deserialize;

use super::Directory;
use crate::event::Class;

/// The version of the format.
const VERSION: u32 = 1;

/// No link file is longer; of what is, the rest is not read.
const MAX_BYTES: u64 = 64 << 20;

/// What the user says about who is who.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkFile {
    links: Vec<Vec<Box<str>>>,
    denied: BTreeSet<[Box<str>; 2]>,
    classes: BTreeMap<Box<str>, Class>,
    /// What directories say, which goes without ids in the logs.
    pub(super) directory: Directory,
}

/// Why a link file makes no sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkFileError {
    /// What the system said.
    Unreadable(String),
    /// Not TOML, or not of this shape.
    Shape(String),
    /// Another version of the format.
    Version(u32),
    /// An entry that names fewer than two identities.
    Alone(&'static str, usize),
    /// Two identities that are linked and denied.
    Contradiction([Box<str>; 2]),
    /// An identity with two classes.
    TwoClasses(Box<str>),
    /// No class that an identity can be given.
    UnknownClass(String),
}

impl fmt::Display for LinkFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(err) => f.write_str(err),
            Self::Shape(err) => write!(
                f,
                "it has tables [[link]], [[deny]] and [[class]] and begins with version = 1: {err}"
            ),
            Self::Version(version) => {
                write!(f, "version {version} is not known; write version = 1")
            }
            Self::Alone(kind, nth) => write!(f, "[[{kind}]] number {nth} needs at least two ids"),
            Self::Contradiction([a, b]) => {
                write!(
                    f,
                    "{a:?} and {b:?} are linked and denied; remove one of both"
                )
            }
            Self::TwoClasses(id) => write!(f, "{id:?} has two classes; remove one of them"),
            Self::UnknownClass(class) => write!(
                f,
                "{class:?} is no class; write human, service_account, workload, federated, agent \
                 or unknown"
            ),
        }
    }
}

impl std::error::Error for LinkFileError {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shape {
    version: u32,
    #[serde(default)]
    link: Vec<LinkShape>,
    #[serde(default)]
    deny: Vec<LinkShape>,
    #[serde(default)]
    class: Vec<ClassShape>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LinkShape {
    ids: Vec<String>,
    /// For whoever reads the file.
    #[serde(default, rename = "label")]
    _label: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClassShape {
    id: String,
    class: String,
}

impl LinkFile {
    /// Reads the text of a link file.
    ///
    /// # Errors
    ///
    /// When it is not of the expected shape, or contradicts itself.
    pub fn parse(text: &str) -> Result<Self, LinkFileError> {
        let shape: Shape =
            toml::from_str(text).map_err(|err| LinkFileError::Shape(err.message().to_owned()))?;
        if shape.version != VERSION {
            return Err(LinkFileError::Version(shape.version));
        }
        let links = several("link", shape.link)?;
        let denied = several("deny", shape.deny)?;
        let denied: BTreeSet<_> = denied.iter().flat_map(|ids| pairs(ids)).collect();
        if let Some(pair) = contradiction(&links, &denied) {
            return Err(LinkFileError::Contradiction(pair));
        }
        let mut classes = BTreeMap::new();
        for ClassShape { id, class } in shape.class {
            let named = Class::ALL.into_iter().find(|known| known.name() == class);
            let named = named.filter(|named| named.is_scored() && *named != Class::Root);
            let named = named.ok_or(LinkFileError::UnknownClass(class))?;
            if classes.insert(id.as_str().into(), named).is_some() {
                return Err(LinkFileError::TwoClasses(id.into()));
            }
        }
        Ok(Self {
            links,
            denied,
            classes,
            directory: Directory::default(),
        })
    }

    /// Reads a link file.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or [`LinkFile::parse`] refuses it.
    pub fn load(path: &Path) -> Result<Self, LinkFileError> {
        let mut text = String::new();
        let read = File::open(path).and_then(|file| file.take(MAX_BYTES).read_to_string(&mut text));
        read.map_err(|err| LinkFileError::Unreadable(err.to_string()))?;
        Self::parse(&text)
    }

    /// Adds what a directory says.
    pub fn add_directory(&mut self, directory: Directory) {
        self.directory.add(directory);
    }

    /// Whether any directory is part of it.
    #[must_use]
    pub fn has_directory(&self) -> bool {
        !self.directory.is_empty()
    }

    /// Every identity that is named, in order.
    #[must_use]
    pub fn ids(&self) -> BTreeSet<&str> {
        let linked = self.links.iter().flatten();
        let denied = self.denied.iter().flatten();
        let classed = self.classes.keys();
        linked
            .chain(denied)
            .chain(classed)
            .map(AsRef::as_ref)
            .collect()
    }

    /// The class that an identity is given.
    #[must_use]
    pub fn class(&self, key: &str) -> Option<Class> {
        self.classes.get(key).copied()
    }

    /// Identities that are one, by pairs of which each has the first of its
    /// entry.
    pub(super) fn linked_pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.links.iter().flat_map(|ids| {
            let first = ids.first().map(AsRef::as_ref).unwrap_or_default();
            ids.iter().skip(1).map(move |id| (first, id.as_ref()))
        })
    }

    /// Whether two identities must stay apart.
    pub(super) fn denies(&self, a: &str, b: &str) -> bool {
        !self.denied.is_empty() && self.denied.contains(&pair(a, b))
    }
}

fn several(
    kind: &'static str,
    entries: Vec<LinkShape>,
) -> Result<Vec<Vec<Box<str>>>, LinkFileError> {
    let entries = entries.into_iter().enumerate().map(|(idx, entry)| {
        let ids: BTreeSet<Box<str>> = entry.ids.into_iter().map(Into::into).collect();
        if ids.len() < 2 {
            return Err(LinkFileError::Alone(kind, idx + 1));
        }
        Ok(ids.into_iter().collect())
    });
    entries.collect()
}

/// Two identities that are linked, be it through others, and denied.
fn contradiction(
    links: &[Vec<Box<str>>],
    denied: &BTreeSet<[Box<str>; 2]>,
) -> Option<[Box<str>; 2]> {
    let mut groups: Vec<BTreeSet<&str>> = Vec::new();
    for ids in links {
        let mut group: BTreeSet<&str> = ids.iter().map(AsRef::as_ref).collect();
        for other in groups
            .extract_if(.., |other| !other.is_disjoint(&group))
            .collect::<Vec<_>>()
        {
            group.extend(other);
        }
        groups.push(group);
    }
    let is_linked = |[a, b]: &&[Box<str>; 2]| {
        let mut groups = groups.iter();
        groups.any(|group| group.contains(a.as_ref()) && group.contains(b.as_ref()))
    };
    denied.iter().find(is_linked).cloned()
}

fn pairs(ids: &[Box<str>]) -> Vec<[Box<str>; 2]> {
    let mut pairs = Vec::new();
    for (idx, a) in ids.iter().enumerate() {
        pairs.extend(ids.iter().skip(idx + 1).map(|b| pair(a, b)));
    }
    pairs
}

/// Both in order.
fn pair(a: &str, b: &str) -> [Box<str>; 2] {
    let (a, b) = if a <= b { (a, b) } else { (b, a) };
    [a.into(), b.into()]
}
