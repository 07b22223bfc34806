//! Writing a case file: the same members give the same bytes.

use std::io::{Cursor, Write};

use anyhow::{Context as _, ensure};
use serde::Serialize;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::{MANIFEST, MemberEntry, SCHEMA, sha256};

/// What a case file holds, and where it comes from.
#[derive(Clone, Debug, Default)]
pub struct Case {
    /// The program's name and version.
    pub program: String,
    /// The command that gives the same findings again.
    pub command: String,
    /// Ids of the findings.
    pub findings: Vec<String>,
    /// Every file that was read.
    pub sources: Vec<SourceEntry>,
    /// Where the raw records come from.
    pub records: Vec<RecordEntry>,
    members: Vec<(String, Vec<u8>)>,
}

/// A file that was read.
#[derive(Clone, Debug, Serialize)]
pub struct SourceEntry {
    /// Path as it was given or found.
    pub path: String,
    /// Bytes on disk.
    pub n_bytes: u64,
    /// Of these bytes; absent where they could not be read again.
    pub sha256: Option<String>,
}

/// A record as it was logged.
#[derive(Clone, Debug, Serialize)]
pub struct RecordEntry {
    /// The member that holds it.
    pub member: String,
    /// `path:record`, as reports cite it.
    pub cited: String,
    /// The product's own id of the event.
    pub event_id: String,
    /// Offset in the decoded text of the file, or of the archive's member.
    pub offset: u64,
    /// Whether the bytes are those of the file. If not, the record was put
    /// together from what the file holds there.
    pub is_exact: bool,
    /// Whether a finding cites it.
    pub is_cited: bool,
}

/// A case file, with the hash of its manifest.
#[derive(Clone, Debug)]
pub struct Written {
    /// The zip.
    pub bytes: Vec<u8>,
    /// SHA-256 of the manifest.
    pub manifest_sha256: String,
}

#[derive(Serialize)]
struct Manifest<'c> {
    schema: &'static str,
    program: &'c str,
    command: &'c str,
    findings: &'c [String],
    members: Vec<MemberEntry>,
    records: &'c [RecordEntry],
    sources: &'c [SourceEntry],
}

impl Case {
    /// A case without members.
    #[must_use]
    pub fn new(program: &str, command: String) -> Self {
        Self {
            program: program.to_owned(),
            command,
            ..Self::default()
        }
    }

    /// Adds a member.
    pub fn add(&mut self, name: &str, bytes: Vec<u8>) {
        self.members.push((name.to_owned(), bytes));
    }

    /// The zip: the manifest first, then the members in the order in which
    /// they were added.
    ///
    /// # Errors
    ///
    /// When two members have one name, or one cannot be packed.
    pub fn write(&self) -> anyhow::Result<Written> {
        let mut names: Vec<&str> = self.members.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        let is_unique = names.windows(2).all(|pair| pair.first() != pair.last());
        ensure!(
            is_unique && !names.contains(&MANIFEST),
            "two members of one name"
        );
        let manifest = self.manifest().context("writing the manifest")?;
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        // No clock and no owner: neither would be the same again.
        let options = SimpleFileOptions::DEFAULT
            .compression_method(CompressionMethod::Deflated)
            .unix_permissions(0o600);
        let own = (MANIFEST, manifest.as_slice());
        let members = self
            .members
            .iter()
            .map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
        for (name, bytes) in std::iter::once(own).chain(members) {
            zip.start_file(name, options).context("packing a member")?;
            zip.write_all(bytes).context("packing a member")?;
        }
        Ok(Written {
            bytes: zip.finish().context("packing the case")?.into_inner(),
            manifest_sha256: sha256(&manifest),
        })
    }

    fn manifest(&self) -> anyhow::Result<Vec<u8>> {
        let members = self.members.iter().map(|(name, bytes)| MemberEntry {
            name: name.clone(),
            n_bytes: bytes.len() as u64,
            sha256: sha256(bytes),
        });
        let mut bytes = serde_json::to_vec_pretty(&Manifest {
            schema: SCHEMA,
            program: &self.program,
            command: &self.command,
            findings: &self.findings,
            members: members.collect(),
            records: &self.records,
            sources: &self.sources,
        })?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}
