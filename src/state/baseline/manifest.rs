//! The manifest: what a baseline is, and how to know that it is whole.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::event::{Period, Timestamp, Window};

/// Name and version of the form.
pub const SCHEMA: &str = "habitual.baseline/1";
/// The oldest reader that understands it.
const MIN_READER: u32 = 1;
/// What this reader understands.
const READER: u32 = 1;

/// What a baseline is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`SCHEMA`].
    pub schema: String,
    /// The oldest reader that understands it.
    pub min_reader: u32,
    /// The version that wrote it.
    pub tool_version: String,
    /// Version of the rules that make identity keys.
    pub identity_rules: u32,
    /// Counts up with every change.
    pub generation: u64,
    /// Length of a period, in seconds.
    pub period_seconds: i64,
    /// The longest that a period may get, in seconds.
    pub coarsest_seconds: i64,
    /// Start of the window that was learned.
    pub window_start: String,
    /// End of the window that was learned, exclusive.
    pub window_end: String,
    /// Microseconds since 1970 of the first and of the last event.
    pub span_us: Option<(i64, i64)>,
    /// Keys with a larger hash are not kept.
    pub threshold: u64,
    /// What the logs did not say.
    pub labels: Labels,
    /// Events that were learned.
    pub n_records: u64,
    /// Identities.
    pub n_identities: u64,
    /// Every file that was read, by path.
    pub inputs: Vec<InputFile>,
    /// Every table.
    pub tables: Vec<TableEntry>,
    /// SHA-256 of this manifest with this field empty, in hexadecimal.
    pub checksum: String,
}

/// What the logs did not say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Labels {
    /// Organisation that Okta logs belong to.
    pub okta_org: Option<String>,
    /// Cluster that Vault logs belong to.
    pub vault_cluster: Option<String>,
}

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputFile {
    /// Its path as given.
    pub path: String,
    /// How large it was.
    pub n_bytes: u64,
    /// SHA-256 of its bytes, in hexadecimal; none for a stream.
    pub sha256: Option<String>,
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableEntry {
    /// What it holds.
    pub name: String,
    /// The file that holds it, in the same folder.
    pub file: String,
    /// How many rows.
    pub n_rows: u64,
    /// How large the file is.
    pub n_bytes: u64,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
}

/// Why a text is no manifest that can be used.
#[derive(Debug)]
pub(super) enum Unusable {
    /// It is not what was written.
    Damaged(anyhow::Error),
    /// It was written by this newer version.
    Newer(String),
}

/// As much as every version's manifest says.
#[derive(Deserialize)]
struct Header {
    schema: String,
    min_reader: u32,
    tool_version: String,
}

impl Manifest {
    /// The window that was learned.
    #[must_use]
    pub fn window(&self) -> Option<Window> {
        let time = |text: &str| {
            let time = chrono::DateTime::parse_from_rfc3339(text).ok()?;
            Some(Timestamp::from_datetime(time.to_utc()))
        };
        Some(Window {
            start: time(&self.window_start)?,
            end: time(&self.window_end)?,
        })
    }

    /// The manifest as text, with its checksum.
    pub(super) fn write(&self) -> anyhow::Result<String> {
        let mut whole = self.clone();
        whole.checksum = self.digest()?;
        let mut text = serde_json::to_string_pretty(&whole)?;
        text.push('\n');
        Ok(text)
    }

    /// Reads a manifest and checks it.
    pub(super) fn read(text: &[u8]) -> Result<Self, Unusable> {
        let damaged = |err: serde_json::Error| Unusable::Damaged(err.into());
        let header: Header = serde_json::from_slice(text).map_err(damaged)?;
        if header.min_reader > READER && header.schema.starts_with("habitual.baseline/") {
            return Err(Unusable::Newer(header.tool_version));
        }
        let manifest: Self = serde_json::from_slice(text).map_err(damaged)?;
        manifest.check(text).map_err(Unusable::Damaged)?;
        Ok(manifest)
    }

    fn check(&self, text: &[u8]) -> anyhow::Result<()> {
        anyhow::ensure!(self.schema == SCHEMA, "its schema is {:?}", self.schema);
        let is_whole = self.checksum == self.digest()? && self.write()?.as_bytes() == text;
        anyhow::ensure!(is_whole, "manifest.json is not what was written");
        Ok(())
    }

    fn digest(&self) -> anyhow::Result<String> {
        let mut bare = self.clone();
        bare.checksum = String::new();
        Ok(hex_sha256(&serde_json::to_vec(&bare)?))
    }

    /// An empty manifest of this version.
    #[must_use]
    pub fn new(identity_rules: u32) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            min_reader: MIN_READER,
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            identity_rules,
            generation: 1,
            period_seconds: Period::Day.seconds(),
            coarsest_seconds: Period::Day.seconds(),
            window_start: String::new(),
            window_end: String::new(),
            span_us: None,
            threshold: u64::MAX,
            labels: Labels::default(),
            n_records: 0,
            n_identities: 0,
            inputs: Vec::new(),
            tables: Vec::new(),
            checksum: String::new(),
        }
    }

    /// Takes note of the window that was learned.
    pub fn set_window(&mut self, window: Window) {
        self.window_start = window.start.rfc3339();
        self.window_end = window.end.rfc3339();
    }
}

/// SHA-256 in hexadecimal.
pub(super) fn hex_sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
