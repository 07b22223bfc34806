//! `habitual completions` and `habitual man`: what a shell and a manual know
//! about the flags, made of the flags themselves.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Command, CommandFactory as _};
use clap_complete::Shell;
use clap_mangen::Man;

use super::Cli;
use super::outputs::write_file;
use super::status::Completion;
use super::terminal::Terminal;

/// Print completions for a shell
#[derive(Clone, Debug, Args)]
#[command(
    long_about = "Print completions for a shell, for its start-up file or the folder that it reads \
                  completions from.

Examples:
  habitual completions bash > habitual.bash
  habitual completions zsh > ~/.zfunc/_habitual
  habitual completions fish > ~/.config/fish/completions/habitual.fish"
)]
pub struct CompletionsArgs {
    /// Which shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

/// Print the manual page, or write those of every verb
#[derive(Clone, Debug, Args)]
#[command(
    long_about = "Print the manual page, or write it and those of every verb to a folder.

Examples:
  habitual man | man -l -
  habitual man ~/.local/share/man/man1
  habitual man > habitual.1"
)]
pub struct ManArgs {
    /// Folder to write the pages to; it is made if need be
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

/// The plot: print them.
pub(super) fn complete(
    args: &CompletionsArgs,
    stdout: &mut dyn Write,
) -> anyhow::Result<Completion> {
    // The generator expects that writing cannot fail, so it writes to memory.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "habitual", &mut script);
    Completion::FULL.once_written(
        stdout
            .write_all(&script)
            .and_then(|()| stdout.flush())
            .context("writing the completions"),
    )
}

/// The plot: print one page, or write them all.
pub(super) fn man(
    args: &ManArgs,
    terminal: Terminal,
    stdout: &mut dyn Write,
) -> anyhow::Result<Completion> {
    let Some(folder) = &args.folder else {
        let written = Man::new(Cli::command()).render(stdout);
        let written = written.and_then(|()| stdout.flush());
        return Completion::FULL.once_written(written.context("writing the manual page"));
    };
    fs::create_dir_all(folder).with_context(|| format!("making the folder {folder:?}"))?;
    let pages = pages();
    for (name, command) in &pages {
        let path = folder.join(name);
        let page = Man::new(command.clone());
        write_file(&path, |out| {
            page.render(out).context("writing a manual page")
        })
        .with_context(|| format!("{path:?}"))?;
    }
    let said = format!("wrote {} pages to {folder:?}", pages.len());
    terminal.remarks.say(&said);
    Ok(Completion::FULL)
}

/// The page of the program and that of each verb, with their file names.
fn pages() -> Vec<(String, Command)> {
    let mut program = Cli::command();
    program.build();
    let verbs: Vec<(String, Command)> = program
        .get_subcommands()
        .map(|verb| {
            let name = format!("habitual-{}", verb.get_name());
            (format!("{name}.1"), verb.clone().display_name(name))
        })
        .collect();
    std::iter::once(("habitual.1".to_owned(), program.clone()))
        .chain(verbs)
        .collect()
}
