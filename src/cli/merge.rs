//! `habitual merge`: one baseline out of several.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::learn::{refuse_seen, united};
use super::status::Completion;
use super::terminal::Terminal;
use super::usage::{Misuse, UsageError};
use crate::identity::IDENTITY_RULES_VERSION;
use crate::ledger::{Ledger, Roster};
use crate::state::baseline::{Content, Folder, Manifest};

/// Make one baseline out of several
#[derive(Clone, Debug, Args)]
#[command(
    long_about = "Make one baseline out of several that were learned apart, as if everything had \
                  been learned at once. Their order and grouping make no difference. No event \
                  may be in two of them.

Examples:
  habitual merge october november -o autumn
  habitual merge eu-west-1 us-east-1 ap-southeast-1 -o everywhere
  habitual baseline show autumn"
)]
pub struct MergeArgs {
    /// Folders of baselines
    #[arg(value_name = "BASELINE", required = true, num_args = 1..)]
    parts: Vec<PathBuf>,
    /// Folder to save the whole in, new or empty
    #[arg(short, long, value_name = "BASELINE")]
    output: PathBuf,
}

/// The plot: read each part, add it, write.
pub(super) fn run(args: &MergeArgs, terminal: Terminal) -> anyhow::Result<Completion> {
    let folder = Folder::at(&args.output);
    if folder.holds_baseline() {
        return Err(UsageError::from(Misuse::Occupied {
            folder: args.output.clone(),
            remedy: "name another folder",
        })
        .into());
    }
    let manifests = manifests(&args.parts)?;
    let lock = folder.lock()?;
    let roster = Arc::new(Roster::within(super::memory::default_limit()));
    let mut whole: Option<(Ledger, Manifest)> = None;
    for (part, manifest) in args.parts.iter().zip(manifests) {
        let ledger = Folder::at(part).ledger(&manifest, Arc::clone(&roster))?;
        whole = Some(match whole {
            None => (ledger, fresh(manifest)),
            Some((mut all, description)) => {
                Ledger::merge(&mut all, ledger);
                (all, united(&description, fresh(manifest)))
            }
        });
    }
    let Some((mut ledger, manifest)) = whole else {
        anyhow::bail!("there is nothing to merge");
    };
    ledger.settle();
    let written = folder.write(&Content::of(&ledger), &manifest, &lock)?;
    terminal.remarks.say(&format!(
        "Merged {} baselines: {} records of {} identities, {}..{}, in {:?}.",
        args.parts.len(),
        written.n_records,
        written.n_identities,
        written.window_start,
        written.window_end,
        args.output
    ));
    Ok(Completion::FULL)
}

/// What each part is, if they can be one.
fn manifests(parts: &[PathBuf]) -> anyhow::Result<Vec<Manifest>> {
    let mut known: Vec<Manifest> = Vec::with_capacity(parts.len());
    for part in parts {
        let manifest = Folder::at(part).manifest(IDENTITY_RULES_VERSION)?;
        for earlier in &known {
            if manifest.labels != earlier.labels {
                let folder = part.clone();
                return Err(UsageError::from(Misuse::LabelsDiffer { folder }).into());
            }
            refuse_seen(earlier, &manifest)?;
        }
        known.push(manifest);
    }
    Ok(known)
}

/// The description of a baseline that is not written yet.
fn fresh(manifest: Manifest) -> Manifest {
    Manifest {
        generation: 1,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        ..manifest
    }
}
