//! A baseline: what was learned, in a folder that anybody can read.
//!
//! ```text
//! baseline/
//!   manifest.json                  what this is, and the hash of every table
//!   manifest.6.json …              the generations before it
//!   identities-6f1c….parquet       one file per table, named by its content
//!   atoms-90ab….parquet
//!   lock                           held while somebody writes
//! ```
//!
//! Tables are written first and never changed. The new `manifest.json` takes
//! the place of the old one in one step, and that step is the whole change: a
//! crash before it leaves the old baseline, a crash after it the new one. What
//! no manifest names is removed by the next writer.
//!
//! Checksums find damage. They do not stop somebody who may write the folder.

mod folder;
mod lock;
mod manifest;
mod parquet;

#[cfg(test)]
mod tests;

pub use folder::{Content, Folder, KEPT_GENERATIONS};
pub use lock::{Lock, Locked};
pub use manifest::{InputFile, Labels, Manifest, SCHEMA, TableEntry};

use std::fmt;
use std::path::PathBuf;

/// A baseline that cannot be used.
#[derive(Debug)]
pub struct BaselineProblem {
    /// Where it is.
    pub folder: PathBuf,
    /// What is wrong.
    pub cause: Cause,
}

/// What is wrong with a baseline.
#[derive(Debug)]
pub enum Cause {
    /// There is none.
    Missing,
    /// It is not what was written.
    Damaged(anyhow::Error),
    /// It was written by a newer version, in a form that this one does not
    /// know.
    Newer {
        /// By which version.
        written_by: String,
    },
    /// Its identities were told apart by other rules.
    OtherRules {
        /// Version of these rules.
        theirs: u32,
        /// Version of ours.
        ours: u32,
    },
}

impl BaselineProblem {
    fn damaged(folder: PathBuf, problem: anyhow::Error) -> Self {
        let cause = Cause::Damaged(problem);
        Self { folder, cause }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self.cause {
            Cause::Missing => {
                "make one with: habitual learn PATH... -o BASELINE; the state of a nightly job \
                 with: habitual nightly PATH... --state STATE"
            }
            Cause::Damaged(_) => {
                "take an older generation (habitual baseline rollback) or learn it again"
            }
            Cause::Newer { .. } => "use that version, or learn it again with this one",
            Cause::OtherRules { .. } => "learn it again from the logs with this version",
        }
    }
}

impl fmt::Display for BaselineProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let folder = &self.folder;
        match &self.cause {
            Cause::Missing => write!(f, "no baseline in {folder:?}"),
            Cause::Damaged(problem) => {
                write!(f, "the baseline {folder:?} is damaged: {problem:#}")
            }
            Cause::Newer { written_by } => write!(
                f,
                "the baseline {folder:?} was written by habitual {written_by:?}, which is newer \
                 than {}",
                env!("CARGO_PKG_VERSION")
            ),
            Cause::OtherRules { theirs, ours } => write!(
                f,
                "the baseline {folder:?} tells identities apart by rules of version {theirs}, \
                 and this is version {ours}"
            ),
        }
    }
}

impl std::error::Error for BaselineProblem {}
