//! `habitual demo`: a small organisation with planted attacks, and its replay.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::{Args, Parser as _};

use super::status::Completion;
use super::terminal::Terminal;
use super::{Cli, Verb, replay};

/// Write an example organisation with planted attacks, and replay it
#[derive(Clone, Debug, Args)]
#[command(
    long_about = "Write a small example organisation with planted attacks, replay it, and say \
                  what to try next. The same files every time; nothing is downloaded.

Examples:
  habitual demo
  habitual demo /tmp/example
  habitual demo --ascii --color never"
)]
pub struct DemoArgs {
    /// Folder to write to, new or empty
    #[arg(value_name = "DIR", default_value = "habitual-demo")]
    folder: PathBuf,
}

/// The plot: write the organisation, then run what a user would type.
pub(super) fn run(
    args: &DemoArgs,
    terminal: Terminal,
    stdout: &mut dyn Write,
) -> anyhow::Result<Completion> {
    let folder = &args.folder;
    create_folder(folder)?;
    write_organisation(folder)?;

    let words = [Path::new("habitual"), Path::new("replay"), Path::new("--")];
    let typed = Cli::try_parse_from(words.into_iter().chain([folder.as_path()]))?;
    let Verb::Replay(args) = typed.verb else {
        bail!("the demo replays nothing")
    };
    let completion = replay::run(&args, terminal, stdout)?;
    say_next(folder, terminal);
    Ok(completion)
}

/// A folder of our own: what is in it is replayed, so nothing else may be.
fn create_folder(folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("creating {folder:?}"))?;
    let mut entries = fs::read_dir(folder).with_context(|| format!("reading {folder:?}"))?;
    if entries.next().is_some() {
        bail!("{folder:?} is not empty; name a new folder, as in habitual demo /tmp/example");
    }
    Ok(())
}

/// Writes the logs of the example organisation.
fn write_organisation(_folder: &Path) -> anyhow::Result<()> {
    bail!("the example organisation is not joined yet")
}

fn say_next(folder: &Path, terminal: Terminal) {
    terminal.remarks.say(&format!(
        "\nThe logs are in {folder:?}. Next, try\n\
         \x20 habitual inspect {folder:?}\n\
         \x20 habitual replay {folder:?} -f html -o report.html\n\
         \x20 habitual replay {folder:?} --all -f jsonl | head -3"
    ));
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn the_folder_must_be_new_or_empty() {
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("a/b");
        create_folder(&folder).unwrap();
        create_folder(&folder).unwrap();
        fs::write(folder.join("mine"), "precious").unwrap();
        let err = create_folder(&folder).unwrap_err().to_string();
        assert!(
            err.starts_with(&format!("{folder:?} is not empty")),
            "{err}"
        );
    }
}
