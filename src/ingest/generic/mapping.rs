//! A mapping: what the fields of a log that this program does not know mean,
//! as a user writes it down in a TOML file.

mod meaning;
mod when;

use std::fs::File;
use std::io::Read as _;

use anyhow::{Context as _, anyhow, bail};
use serde::Deserialize;

use super::path::Path;
use super::words::{Condition, Template};
use crate::event::Class;
use meaning::{Action, Credential, Outcomes};
pub(super) use when::{Time, TimeFormat};

/// The version of the language that is read.
const VERSION: u32 = 1;

/// Characters of one line of an error, which may quote the file.
const MAX_QUOTED: usize = 200;

/// No mapping is longer; of what is, the rest is not read.
const MAX_BYTES: u64 = 1 << 20;

/// What the fields of one kind of record mean.
///
/// Unknown keys in the file are errors: a misspelt one must not silently
/// disable a feature.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    version: u32,
    /// `github-audit`: prefix of its actions and identities.
    pub name: String,
    /// What it is called in a listing.
    #[serde(default)]
    pub title: String,
    /// What kind of file it is meant for.
    #[serde(default)]
    pub(super) format: Format,
    /// Where the array of records is in a document; empty where that is found.
    #[serde(default)]
    pub(super) records: String,
    #[serde(default)]
    detect: OneOrMore<Detect>,
    #[serde(default)]
    pub(super) filter: Filter,
    #[serde(default)]
    pub(super) explode: Explode,
    pub(super) time: Time,
    #[serde(default)]
    pub(super) id: Id,
    #[serde(default)]
    pub(super) tenant: Paths,
    pub(super) identity: Identity,
    pub(super) action: Action,
    #[serde(default)]
    pub(super) net: Net,
    #[serde(default)]
    pub(super) ua: Paths,
    #[serde(default)]
    pub(super) resource: Resources,
    #[serde(default)]
    pub(super) outcome: Outcomes,
    #[serde(default)]
    pub(super) credential: Credential,
    #[serde(default)]
    pub(super) session: Paths,
    #[serde(default)]
    pub(super) mfa: Mfa,
    #[serde(default)]
    pub(super) bytes: Bytes,
    #[serde(default)]
    pub(super) secrets: Secrets,
}

/// What kind of file a mapping is meant for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Format {
    /// JSON or delimited text.
    #[default]
    Auto,
    Jsonl,
    Json,
    Csv,
    Tsv,
}

impl Format {
    /// Whether rows of a table may be meant.
    pub(super) fn allows_tables(self) -> bool {
        matches!(self, Self::Auto | Self::Csv | Self::Tsv)
    }

    /// Whether JSON records may be meant.
    pub(super) fn allows_json(self) -> bool {
        matches!(self, Self::Auto | Self::Jsonl | Self::Json)
    }
}

/// One table or several.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMore<T> {
    One(Box<T>),
    More(Vec<T>),
}

impl<T> Default for OneOrMore<T> {
    fn default() -> Self {
        Self::More(Vec::new())
    }
}

impl<T> OneOrMore<T> {
    fn as_slice(&self) -> &[T] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::More(more) => more,
        }
    }
}

/// How its records are told from others; all must hold.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Detect {
    pub(super) has: Vec<Path>,
    #[serde(deserialize_with = "equals")]
    pub(super) equals: Vec<(Path, String)>,
    #[serde(rename = "where")]
    pub(super) conditions: Vec<Condition>,
}

/// Which records count.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Filter {
    /// All must hold.
    pub(super) keep_if: Vec<Condition>,
    /// None may hold.
    pub(super) drop_if: Vec<Condition>,
}

/// Records that hold several events.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Explode {
    /// Where the array is; empty for none.
    pub(super) path: String,
    /// The first step of paths into an element.
    #[serde(rename = "as")]
    pub(super) name: String,
}

/// Some ways to one value: the first that leads anywhere counts.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Paths {
    pub(super) path: Vec<Path>,
}

/// Which event it is.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Id {
    pub(super) path: Vec<Path>,
    /// For ids made of several values.
    pub(super) template: Option<Template>,
}

/// Who.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Identity {
    /// The first that leads anywhere counts.
    pub(super) key: Vec<Path>,
    #[serde(default)]
    pub(super) display: Vec<Path>,
    /// Other names of the same identity, to be linked by.
    #[serde(default)]
    pub(super) alias: Vec<Path>,
    #[serde(default)]
    pub(super) case: Case,
    #[serde(default)]
    pub(super) sub: Vec<Path>,
    #[serde(default)]
    pub(super) class: Classes,
    #[serde(default)]
    pub(super) impersonated_by: Vec<Path>,
}

/// What to do about letter case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Case {
    #[default]
    Keep,
    Lower,
}

/// What kind of identity.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Classes {
    #[serde(deserialize_with = "class")]
    pub(super) default: Option<Class>,
    /// The first whose condition holds gives the class; every one that holds
    /// may give a facet.
    pub(super) rules: Vec<ClassRule>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClassRule {
    pub(super) when: Condition,
    #[serde(default, deserialize_with = "class")]
    pub(super) class: Option<Class>,
    /// A profile of its own within the identity.
    #[serde(default)]
    pub(super) facet: Option<String>,
}

/// Where from.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Net {
    pub(super) ip: Vec<Path>,
    pub(super) country: Vec<Path>,
    pub(super) asn: Vec<Path>,
}

/// On what.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Resources {
    pub(super) items: Vec<ResourceItem>,
    /// How many parts of an id, between slashes, are its scope; 2 by default.
    pub(super) scope_segments: Option<usize>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ResourceItem {
    pub(super) kind: String,
    pub(super) id: Path,
}

/// Whether a second factor was proven.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Mfa {
    pub(super) path: Vec<Path>,
    pub(super) yes: Vec<String>,
}

/// How much.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Bytes {
    /// Part of the language; no statistic asks for it yet.
    #[serde(rename = "in")]
    _received: Vec<Path>,
    #[serde(rename = "out")]
    pub(super) sent: Vec<Path>,
}

/// What must never be shown.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Secrets {
    /// Values at these paths leave the reader as a hash, if at all.
    pub(super) never_output: Vec<Path>,
}

impl Mapping {
    /// Reads a mapping file.
    ///
    /// # Errors
    ///
    /// When it is no TOML, has a key that is not known or lacks one that is
    /// needed, or when something in it cannot be understood.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let mapping: Self = toml::from_str(text)?;
        if mapping.version != VERSION {
            bail!(
                "it is of version {}, and this program reads version {VERSION}",
                mapping.version
            );
        }
        let is_name_char = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if mapping.name.is_empty() || !mapping.name.chars().all(is_name_char) {
            bail!("its name must be made of letters, digits, - _ .");
        }
        if mapping.time.path.is_empty() {
            bail!("it does not say where the time is: time.path");
        }
        if mapping.identity.key.is_empty() {
            bail!("it does not say who acts: identity.key");
        }
        if mapping.action.path.is_empty() && mapping.action.templates().is_empty() {
            bail!("it does not say what is done: action.path or action.template");
        }
        if !mapping.explode.path.is_empty() {
            Path::parse(&mapping.explode.path).context("in explode.path")?;
        }
        Ok(mapping)
    }

    /// Reads the mapping file at `path`.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, and as [`Mapping::parse`].
    pub fn load(path: &std::path::Path) -> anyhow::Result<Self> {
        let mut text = String::new();
        let read = File::open(path).and_then(|file| file.take(MAX_BYTES).read_to_string(&mut text));
        read.map_err(|error| {
            let names: Vec<_> = super::built_in_names().collect();
            anyhow!(
                "no mapping of that name comes with this program ({}), and as a file: {error}",
                names.join(", ")
            )
        })?;
        Self::parse(&text).map_err(|error| anyhow!("{}", short(&format!("{error:#}"))))
    }

    /// The ways in which its records are told from others: one must fit.
    pub(super) fn detect(&self) -> &[Detect] {
        self.detect.as_slice()
    }

    /// Where the values without which there is no event are.
    pub(super) fn paths(&self) -> impl Iterator<Item = &Path> {
        let needed = [&self.time.path, &self.identity.key, &self.action.path];
        needed.into_iter().flatten()
    }

    /// What it is called in a listing.
    #[must_use]
    pub fn shown(&self) -> &str {
        if self.title.is_empty() {
            &self.name
        } else {
            &self.title
        }
    }
}

impl<'de> Deserialize<'de> for Path {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text)
            .map_err(|error| serde::de::Error::custom(format_args!("{error}: {text:?}")))
    }
}

fn equals<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<(Path, String)>, D::Error> {
    let table = std::collections::BTreeMap::<String, String>::deserialize(from)?;
    let paths = table.into_iter().map(|(path, value)| {
        let path = Path::parse(&path).map_err(serde::de::Error::custom)?;
        Ok((path, value))
    });
    paths.collect()
}

/// Reads one of `all` by its name.
fn one_of<'de, D: serde::Deserializer<'de>, T: Copy>(
    from: D,
    all: &[T],
    name: fn(T) -> &'static str,
) -> Result<Option<T>, D::Error> {
    let text = String::deserialize(from)?;
    let found = all.iter().find(|one| name(**one) == text);
    found.copied().map(Some).ok_or_else(|| {
        let names: Vec<_> = all.iter().map(|one| name(*one)).collect();
        serde::de::Error::custom(format_args!("{text:?} is none of {}", names.join(", ")))
    })
}

fn class<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Class>, D::Error> {
    one_of(from, &Class::ALL, Class::name)
}

/// An error in lines that people can read, whatever they quote.
fn short(error: &str) -> String {
    let lines = error.trim().lines().map(|line| {
        let shown = line.chars().take(MAX_QUOTED);
        shown
            .map(|c| if c.is_control() { '\u{fffd}' } else { c })
            .collect()
    });
    lines.collect::<Vec<String>>().join("\n")
}
