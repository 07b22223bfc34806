//! Case files: a finding with everything that it rests on, in one zip that can
//! be checked without the logs.
//!
//! [`Case`] collects members and writes them, with a manifest that holds the
//! SHA-256 of each. [`verify()`] holds such a file against its manifest. It tells
//! whether anything was changed by accident; who could write the members could
//! also write the manifest, so its own hash belongs elsewhere, as in a ticket.

mod verify;
mod write;

#[cfg(test)]
mod tests;

pub use verify::{Bounds, Checked, Flaw, verify};
pub use write::{Case, RecordEntry, SourceEntry, Written};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The schema of the manifest.
const SCHEMA: &str = "habitual.case/1";
/// The member that lists all others.
const MANIFEST: &str = "manifest.json";

/// One member, as the manifest lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct MemberEntry {
    name: String,
    n_bytes: u64,
    sha256: String,
}

/// The SHA-256 of some bytes, as 64 hexadecimal digits.
fn sha256(bytes: &[u8]) -> String {
    hex(Sha256::digest(bytes).as_ref())
}

/// Bytes as lower-case hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
