//! `habitual demo`: a small organisation with planted attacks, and its replay.

use std::io::Write;
use std::path::PathBuf;

use anyhow::bail;
use clap::{Args, Parser as _};

use super::status::Completion;
use super::terminal::Terminal;
use super::{Cli, Verb, replay};
use crate::demo::{self, DemoOptions};
use crate::report::sanitize::shell_word;

/// Where the logs are in the folder of the demo; beside them it holds the
/// truth about what was planted, which is no input.
const LOGS: [&str; 3] = ["cloudtrail", "okta", "vault"];

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
    demo::write(folder, &DemoOptions::default())?;

    let words = ["habitual", "replay", "--"].map(PathBuf::from);
    let logs = LOGS.map(|name| folder.join(name));
    let typed = Cli::try_parse_from(words.iter().chain(&logs))?;
    let Verb::Replay(args) = typed.verb else {
        bail!("the demo replays nothing")
    };
    let completion = replay::run(&args, terminal, stdout)?;
    say_next(&logs, terminal);
    Ok(completion)
}

fn say_next(logs: &[PathBuf], terminal: Terminal) {
    let words = logs.iter().map(|path| {
        // What cannot be written as it is can at least be seen.
        shell_word(&*path.to_string_lossy()).unwrap_or_else(|| format!("{path:?}"))
    });
    let words: Vec<String> = words.collect();
    let logs = words.join(" ");
    terminal.remarks.say(&format!(
        "\nNext, try\n\
         \x20 habitual inspect {logs}\n\
         \x20 habitual replay {logs} --all\n\
         \x20 habitual replay {logs} -f jsonl | head -3"
    ));
}
