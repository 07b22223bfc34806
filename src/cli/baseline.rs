//! `habitual baseline`: what is in a saved baseline, and going back to an
//! older one.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use clap::{Args, Subcommand};

use super::inputs::Inputs;
use super::status::Completion;
use super::study::Known;
use super::terminal::Terminal;
use super::usage::{Misuse, UsageError};
use crate::event::{Untrusted, Window};
use crate::identity::IDENTITY_RULES_VERSION;
use crate::ingest;
use crate::ingest::coverage::FileCoverage;
use crate::ledger::Roster;
use crate::report::sanitize;
use crate::state::baseline::{Folder, InputFile, Labels, Manifest};

/// Show what a saved baseline holds, or go back to an older one
#[derive(Clone, Debug, Args)]
#[command(
    long_about = "Show what a saved baseline holds, check it, or go back to an older generation.

Examples:
  habitual baseline show baseline
  habitual baseline list baseline
  habitual baseline rollback baseline"
)]
pub struct BaselineArgs {
    #[command(subcommand)]
    deed: Deed,
}

#[derive(Clone, Debug, Subcommand)]
enum Deed {
    /// Check every byte, and say what was learned from what
    Show {
        /// Folder of the baseline
        #[arg(value_name = "BASELINE")]
        folder: PathBuf,
    },
    /// List the generations that can be gone back to
    List {
        /// Folder of the baseline
        #[arg(value_name = "BASELINE")]
        folder: PathBuf,
    },
    /// Make an older generation the one in force
    Rollback {
        /// Folder of the baseline
        #[arg(value_name = "BASELINE")]
        folder: PathBuf,
        /// Which one [default: the one before the newest]
        #[arg(long, value_name = "GENERATION")]
        to: Option<u64>,
    },
}

/// The plot: one of three deeds.
pub(super) fn run(
    args: &BaselineArgs,
    terminal: Terminal,
    stdout: &mut dyn Write,
) -> anyhow::Result<Completion> {
    let written = match &args.deed {
        Deed::Show { folder } => show(folder, terminal, stdout),
        Deed::List { folder } => list(folder, stdout),
        Deed::Rollback { folder, to } => {
            roll_back(folder, *to, terminal)?;
            Ok(())
        }
    };
    Completion::FULL.once_written(written)
}

fn show(folder: &Path, terminal: Terminal, out: &mut dyn Write) -> anyhow::Result<()> {
    let folder = Folder::at(folder);
    let manifest = folder.manifest(IDENTITY_RULES_VERSION)?;
    folder.check(&manifest)?;
    folder.ledger(&manifest, Arc::new(Roster::within(u64::MAX)))?;
    warn_if_exposed(&folder, terminal);
    writeln!(out, "{}", described(&manifest))?;
    writeln!(out)?;
    for table in &manifest.tables {
        writeln!(out, "{:>12} rows  {}", table.n_rows, table.file)?;
    }
    let charset = terminal.text_charset();
    if !manifest.inputs.is_empty() {
        writeln!(out, "\nLearned from")?;
    }
    for input in &manifest.inputs {
        let path = sanitize::terminal(&Untrusted::new(input.path.as_str()), charset);
        writeln!(out, "{:>12} bytes {path}", input.n_bytes)?;
    }
    Ok(())
}

/// What a baseline is, in two lines.
fn described(manifest: &Manifest) -> String {
    format!(
        "Generation {}, written by habitual {}: {} identities and {} records\nfrom {} to {}, every \
         byte checked.",
        manifest.generation,
        manifest.tool_version,
        manifest.n_identities,
        manifest.n_records,
        manifest.window_start,
        manifest.window_end,
    )
}

fn list(folder: &Path, out: &mut dyn Write) -> anyhow::Result<()> {
    let folder = Folder::at(folder);
    let current = folder.manifest(IDENTITY_RULES_VERSION)?;
    for generation in folder.generations()? {
        let manifest = folder.generation(generation)?;
        writeln!(out, "{}", line(&manifest, ""))?;
    }
    writeln!(out, "{}", line(&current, "  in force"))?;
    Ok(())
}

fn line(manifest: &Manifest, note: &str) -> String {
    format!(
        "{:>6}  {}..{}  {} identities  {} records{note}",
        manifest.generation,
        manifest.window_start,
        manifest.window_end,
        manifest.n_identities,
        manifest.n_records,
    )
}

fn roll_back(folder: &Path, to: Option<u64>, terminal: Terminal) -> anyhow::Result<()> {
    let folder = Folder::at(folder);
    let lock = folder.lock()?;
    let generation = match to {
        Some(generation) => generation,
        None => {
            let last = folder.generations()?.last().copied();
            last.ok_or_else(|| UsageError::Unclear {
                problem: "there is no older generation; `habitual baseline list` shows which \
                          there are"
                    .to_owned(),
            })?
        }
    };
    let manifest = folder.roll_back(generation, &lock)?;
    terminal.remarks.say(&format!(
        "Generation {generation} is in force again, as generation {}.",
        manifest.generation
    ));
    Ok(())
}

impl Known {
    /// Reads the baseline in `folder`.
    ///
    /// # Errors
    ///
    /// `BaselineProblem`.
    pub(super) fn read(folder: &Path, inputs: &Inputs) -> anyhow::Result<(Self, Manifest)> {
        let folder = Folder::at(folder);
        let manifest = folder.manifest(IDENTITY_RULES_VERSION)?;
        let roster = Arc::new(Roster::within(inputs.limits.memory));
        let history = folder.ledger(&manifest, Arc::clone(&roster))?;
        let window = manifest.window().context("its window is none")?;
        let known = Self {
            history,
            window,
            roster,
        };
        Ok((known, manifest))
    }
}

/// Warns when others than the owner may look into `folder`.
pub(super) fn warn_if_exposed(folder: &Folder, terminal: Terminal) {
    if folder.is_exposed() {
        let path = folder.path();
        let word = sanitize::shell_word(&*path.to_string_lossy());
        let remedy = word.map_or_else(String::new, |word| {
            format!("; close it with: chmod -R go= {word}")
        });
        let warning = format!("warning: others may look into {path:?}{remedy}");
        terminal.remarks.say(&warning);
    }
}

/// The labels of `inputs` as a manifest has them.
pub(super) fn labels_of(inputs: &Inputs) -> Labels {
    Labels {
        okta_org: inputs.labels.okta_org.clone(),
        vault_cluster: inputs.labels.vault_cluster.clone(),
    }
}

/// Takes the labels of a baseline where the user gave none.
///
/// # Errors
///
/// When the user gave others: the same identities would get other keys.
pub(super) fn adopt_labels(inputs: &mut Inputs, manifest: &Manifest) -> Result<(), UsageError> {
    let pairs = [
        (
            "--okta-org",
            &mut inputs.labels.okta_org,
            &manifest.labels.okta_org,
        ),
        (
            "--vault-cluster",
            &mut inputs.labels.vault_cluster,
            &manifest.labels.vault_cluster,
        ),
    ];
    for (flag, own, theirs) in pairs {
        match (&own, theirs) {
            (Some(_), _) if *own != *theirs => {
                let learned = theirs.clone();
                return Err(Misuse::OtherLabel { flag, learned }.into());
            }
            _ => own.clone_from(theirs),
        }
    }
    Ok(())
}

/// The files with events inside of `window`, with the hash of their bytes.
///
/// # Errors
///
/// When one of them cannot be read again: without its hash, nobody would notice
/// that it is learned twice.
pub(super) fn input_files(
    files: &[FileCoverage],
    window: Window,
) -> anyhow::Result<Vec<InputFile>> {
    let is_used = |file: &&FileCoverage| {
        let span = file.first.zip(file.last);
        span.is_some_and(|(first, last)| first < window.end && window.start <= last)
    };
    let of = |file: &FileCoverage| {
        let path = file.path.as_raw();
        let content = match path {
            "-" => None,
            path => {
                ingest::sha256_of(Path::new(path)).with_context(|| format!("reading {path:?}"))?
            }
        };
        Ok(InputFile {
            path: path.to_owned(),
            n_bytes: file.n_bytes,
            sha256: content.map(|(_, sha256)| sha256),
        })
    };
    files.iter().filter(is_used).map(of).collect()
}
