//! Checking a case file, which anybody may have written: nothing is unpacked to
//! the disk, and no more is read than the bounds allow.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{Read, Seek};

use anyhow::{Context as _, anyhow, bail, ensure};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use zip::ZipArchive;

use super::{MANIFEST, MemberEntry, SCHEMA, hex, sha256};

/// What is too much for a case file.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Members.
    pub max_members: usize,
    /// Bytes of the manifest.
    pub max_manifest: u64,
    /// Bytes of all members, unpacked.
    pub max_unpacked: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            max_members: 100_000,
            max_manifest: 256 << 20,
            max_unpacked: 4 << 30,
        }
    }
}

/// What checking came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Members that are as the manifest says, up to the first that is not.
    pub n_members: usize,
    /// SHA-256 of the manifest.
    pub manifest_sha256: String,
    /// The first difference, in the order of the manifest.
    pub flaw: Option<Flaw>,
}

/// How a case file differs from its manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// A member is not there.
    Missing(String),
    /// A member has other bytes.
    Changed(String),
    /// A member that the manifest does not list.
    Surplus(String),
}

impl Flaw {
    /// The name of the member; as hostile as any.
    #[must_use]
    pub fn member(&self) -> &str {
        match self {
            Self::Missing(name) | Self::Changed(name) | Self::Surplus(name) => name,
        }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let member = self.member();
        match self {
            Self::Missing(_) => write!(f, "{member:?} is missing"),
            Self::Changed(_) => write!(f, "{member:?} is not what was written"),
            Self::Surplus(_) => write!(f, "{member:?} was added"),
        }
    }
}

#[derive(Deserialize)]
struct Manifest {
    schema: String,
    members: Vec<MemberEntry>,
}

/// Holds a case file against its manifest.
///
/// # Errors
///
/// When it is no case file, or too much for the `bounds`.
pub fn verify(file: impl Read + Seek, bounds: &Bounds) -> anyhow::Result<Checked> {
    // The error of a zip tells its cause in its own words already.
    let mut zip = ZipArchive::new(file).map_err(|err| anyhow!("not a zip file: {err}"))?;
    ensure!(
        zip.len() <= bounds.max_members,
        "more than {} members",
        bounds.max_members
    );
    let manifest = read_manifest(&mut zip, bounds)?;
    let manifest_sha256 = sha256(&manifest);
    let manifest: Manifest = serde_json::from_slice(&manifest).context("reading the manifest")?;
    ensure!(
        manifest.schema == SCHEMA,
        "a manifest of another version or program"
    );
    let listed: BTreeMap<&str, &MemberEntry> = manifest
        .members
        .iter()
        .map(|m| (m.name.as_str(), m))
        .collect();
    ensure!(
        listed.len() == manifest.members.len(),
        "a member is listed twice"
    );
    let mut n_left = bounds.max_unpacked;
    let mut n_members = 0;
    let mut flaw = None;
    for member in &manifest.members {
        flaw = differs(&mut zip, member, &mut n_left)?;
        if flaw.is_some() {
            break;
        }
        n_members += 1;
    }
    let surplus = || {
        let names = zip.file_names().map(|name| match name {
            Ok(name) => name.into_owned(),
            Err(_) => "(a name that cannot be read)".to_owned(),
        });
        let is_surplus = |name: &String| name != MANIFEST && !listed.contains_key(name.as_str());
        names.filter(is_surplus).min()
    };
    let flaw = flaw.or_else(|| surplus().map(Flaw::Surplus));
    Ok(Checked {
        n_members,
        manifest_sha256,
        flaw,
    })
}

fn read_manifest<R: Read + Seek>(
    zip: &mut ZipArchive<R>,
    bounds: &Bounds,
) -> anyhow::Result<Vec<u8>> {
    let Ok(member) = zip.by_name(MANIFEST) else {
        bail!("no case file: it has no {MANIFEST}");
    };
    let mut bytes = Vec::new();
    let limit = bounds.max_manifest.saturating_add(1);
    member
        .take(limit)
        .read_to_end(&mut bytes)
        .context("reading the manifest")?;
    ensure!(
        (bytes.len() as u64) < limit,
        "a manifest of more than {} bytes",
        bounds.max_manifest
    );
    Ok(bytes)
}

/// How a member differs from what is listed. No more of it is read than that
/// and one byte.
fn differs<R: Read + Seek>(
    zip: &mut ZipArchive<R>,
    listed: &MemberEntry,
    n_left: &mut u64,
) -> anyhow::Result<Option<Flaw>> {
    let changed = || Ok(Some(Flaw::Changed(listed.name.clone())));
    let Ok(member) = zip.by_name(&listed.name) else {
        let is_there = zip.index_for_name(&listed.name).is_some();
        let name = listed.name.clone();
        return Ok(Some(if is_there {
            Flaw::Changed(name)
        } else {
            Flaw::Missing(name)
        }));
    };
    ensure!(
        listed.n_bytes <= *n_left,
        "the members are too large together"
    );
    *n_left = n_left.saturating_sub(listed.n_bytes);
    let mut hash = Sha256::new();
    let mut n_bytes = 0_u64;
    let mut member = member.take(listed.n_bytes.saturating_add(1));
    let mut buffer = vec![0; 64 << 10];
    loop {
        let Ok(n) = member.read(&mut buffer) else {
            return changed();
        };
        if n == 0 {
            break;
        }
        n_bytes = n_bytes.saturating_add(n as u64);
        hash.update(buffer.get(..n).unwrap_or_default());
    }
    if n_bytes == listed.n_bytes && hex(&hash.finalize()) == listed.sha256 {
        Ok(None)
    } else {
        changed()
    }
}
