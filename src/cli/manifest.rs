//! The manifest of a run: `--manifest`.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;

use super::outputs::{Destination, Format, Output, write_file};
use super::terminal::Remarks;
use crate::identity::IDENTITY_RULES_VERSION;
use crate::ingest;
use crate::ingest::coverage::Coverage;
use crate::report::{Manifest, Parameter, Report, Written, write_manifest};

/// What is recorded about a run.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct ManifestArgs {
    /// Also write what was run, read and written, as JSON
    ///
    /// Version, command, windows, parameters, files with their sizes, counts, outputs with their
    /// SHA-256 and the exit status: schema habitual.manifest/1. Secrets are left out. There is no
    /// clock in it: the same run gives the same manifest.
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub manifest: Option<PathBuf>,
    /// Note the SHA-256 of every input in the manifest
    ///
    /// Reads the files once more. Members of archives have none of their own.
    #[arg(long, requires = "manifest", hide_short_help = true)]
    pub hash_inputs: bool,
}

/// A manifest to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestFile {
    path: PathBuf,
    inputs: Hashing,
    words: Vec<String>,
}

/// Whether inputs are hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hashing {
    Done,
    Omitted,
}

/// What a run was asked to do, for its manifest.
#[derive(Clone, Debug)]
pub(super) struct Run<'a> {
    /// The parameters in effect.
    pub(super) parameters: Vec<(&'static str, Parameter)>,
    /// What was written beside the manifest.
    pub(super) outputs: &'a [Output],
    /// How it ends.
    pub(super) exit_status: u8,
}

impl ManifestFile {
    /// The manifest that was asked for.
    pub(super) fn new(args: &ManifestArgs) -> Option<Self> {
        Some(Self {
            path: args.manifest.clone()?,
            inputs: if args.hash_inputs {
                Hashing::Done
            } else {
                Hashing::Omitted
            },
            words: Vec::new(),
        })
    }

    /// The manifest of this command.
    pub(super) fn of(self, words: &[String]) -> Self {
        Self {
            words: words.to_vec(),
            ..self
        }
    }

    /// The same as an output, to be tried and compared with the others.
    pub(super) fn as_output(&self) -> Output {
        Output {
            format: Format::Json,
            destination: Destination::File(self.path.clone()),
        }
    }

    /// Writes it, after everything else.
    pub(super) fn write(&self, report: &Report<'_>, run: Run<'_>) -> anyhow::Result<()> {
        let manifest = Manifest {
            report,
            identity_rules: IDENTITY_RULES_VERSION,
            words: &self.words,
            parameters: run.parameters,
            digests: match self.inputs {
                Hashing::Done => digests(report.coverage),
                Hashing::Omitted => Vec::new(),
            },
            outputs: written(run.outputs)?,
            exit_status: run.exit_status,
        };
        let path = &self.path;
        write_file(path, |out| write_manifest(&manifest, out))
            .with_context(|| format!("--manifest {path:?}"))
    }

    /// Says that it was written.
    pub(super) fn announce(&self, remarks: Remarks) {
        remarks.say(&format!("wrote {:?} (manifest)", self.path));
    }
}

/// The digests of the files that were read. A member of an archive, and standard
/// input, are no files.
fn digests(coverage: &Coverage) -> Vec<Option<String>> {
    let files = coverage.files.iter();
    files
        .map(|file| {
            let found = ingest::sha256_of(Path::new(file.path.as_raw()))
                .ok()
                .flatten();
            found.map(|(_, sha256)| sha256)
        })
        .collect()
}

fn written(outputs: &[Output]) -> anyhow::Result<Vec<Written>> {
    let files = outputs
        .iter()
        .filter_map(|output| match &output.destination {
            Destination::File(path) => Some((path, output.format)),
            Destination::Stdout => None,
        });
    files
        .map(|(path, format)| {
            Ok(Written {
                path: path.to_string_lossy().into_owned(),
                format,
                content: ingest::sha256_of(path)
                    .with_context(|| format!("reading {path:?} again"))?,
            })
        })
        .collect()
}
