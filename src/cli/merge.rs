//! `habitual merge`: one baseline out of several.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::learn::united;
use super::status::Completion;
use super::terminal::Terminal;
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
        anyhow::bail!(
            "there is a baseline in {:?} already; name another folder",
            args.output
        );
    }
    let lock = folder.lock()?;
    let roster = Arc::new(Roster::within(super::memory::default_limit()));
    let mut whole: Option<(Ledger, Manifest)> = None;
    for part in &args.parts {
        let part = Folder::at(part);
        let manifest = part.manifest(IDENTITY_RULES_VERSION)?;
        let ledger = part.ledger(&manifest, Arc::clone(&roster))?;
        whole = Some(match whole {
            None => (ledger, fresh(manifest)),
            Some((mut all, description)) => {
                anyhow::ensure!(
                    manifest.labels == description.labels,
                    "{:?} was learned with another --okta-org or --vault-cluster",
                    part.path()
                );
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

/// The description of a baseline that is not written yet.
fn fresh(manifest: Manifest) -> Manifest {
    Manifest {
        generation: 1,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        ..manifest
    }
}
