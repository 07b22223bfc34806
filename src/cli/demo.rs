//! `habitual demo`: a small organisation with planted attacks, and its replay.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::{Args, Parser as _};

use super::choice::one_of;
use super::outputs::{OutputArgs, check_outputs};
use super::replay::Report;
use super::status::{Completion, Input, Verdict};
use super::terminal::Terminal;
use super::{Cli, Verb, replay};
use crate::demo::{self, DemoOptions, Difficulty, Scenarios};
use crate::report::sanitize::shell_word;

/// Where the logs are in the folder of the demo; beside them it holds the
/// truth about what was planted, which is no input.
const LOGS: [&str; 3] = ["cloudtrail", "okta", "vault"];

/// Where it is written if no folder is named.
const FOLDER: &str = "habitual-demo";

/// Write an example organisation with planted attacks; replay it
#[derive(Clone, Debug, Args)]
#[command(
    long_about = "Write a small example organisation with planted attacks, replay it, and say \
                  what to try next. The same files every time; nothing is downloaded.

Examples:
  habitual demo
  habitual demo -f html -o demo.html
  habitual demo /tmp/example
  habitual demo /tmp/larger --identities 200 --days 60 --seed 7
  habitual demo /tmp/hard --difficulty stealthy
  habitual demo /tmp/few --scenarios S01,S08,quiet"
)]
pub struct DemoArgs {
    /// Folder to write to, new or empty
    #[arg(value_name = "DIR", default_value = FOLDER)]
    folder: PathBuf,
    /// Members of the organisation, people and machines
    #[arg(long, value_name = "N", default_value_t = DemoOptions::default().identities)]
    identities: usize,
    /// Days of logs, 35 to 400; the last seven hold what is planted
    #[arg(long, value_name = "N", default_value_t = DemoOptions::default().days)]
    days: u32,
    /// Another number gives another organisation
    #[arg(long, value_name = "N", default_value_t = DemoOptions::default().seed)]
    seed: u64,
    /// How much the takeovers stand out: loud, moderate or stealthy
    #[arg(
        long,
        value_name = "LEVEL",
        default_value = Difficulty::Moderate.name(),
        value_parser = one_of(&DIFFICULTIES, Difficulty::name),
        hide_possible_values = true
    )]
    difficulty: Difficulty,
    /// Which stories happen: codes like S01,S08,Q03, or all, planted, quiet, none
    #[arg(
        long,
        value_name = "LIST",
        default_value = "all",
        hide_default_value = true
    )]
    scenarios: Scenarios,
    /// Write the files, and do not replay them
    #[arg(long, hide_short_help = true, conflicts_with_all = ["format", "output"])]
    no_replay: bool,
    #[command(flatten)]
    outputs: OutputArgs<Report>,
}

const DIFFICULTIES: [Difficulty; 3] =
    [Difficulty::Loud, Difficulty::Moderate, Difficulty::Stealthy];

impl DemoArgs {
    /// Whether what was typed is `habitual demo` and no more than outputs.
    fn is_plain(&self) -> bool {
        self.folder == Path::new(FOLDER) && self.options() == DemoOptions::default()
    }

    fn options(&self) -> DemoOptions {
        DemoOptions {
            seed: self.seed,
            identities: self.identities,
            days: self.days,
            difficulty: self.difficulty,
            scenarios: self.scenarios.clone(),
        }
    }
}

/// The plot: write the organisation, then run what a user would type.
pub(super) fn run(
    args: &DemoArgs,
    terminal: Terminal,
    stdout: &mut dyn Write,
) -> anyhow::Result<Completion> {
    let folder = &args.folder;
    check_outputs(&args.outputs.resolve()?, &[], terminal)?;
    let written = demo::write(folder, &args.options())?;
    if args.no_replay {
        let (n_events, n_files, folder) = (written.n_events, written.n_files, shown(folder));
        terminal.remarks.say(&format!(
            "{n_events} events in {n_files} files below {folder}"
        ));
        return Ok(Completion {
            input: Input::Complete,
            verdict: Verdict::Quiet,
        });
    }

    let words = ["habitual", "replay", "--"].map(PathBuf::from);
    let logs = LOGS.map(|name| folder.join(name));
    let typed = Cli::try_parse_from(words.iter().chain(&logs))?;
    let Verb::Replay(replay) = typed.verb else {
        bail!("the demo replays nothing")
    };
    let replay = replay.writing(args.outputs.clone());
    let completion = replay::run(&replay, &[], terminal, stdout)?;
    say_next(&logs, args.is_plain(), terminal);
    Ok(completion)
}

fn say_next(logs: &[PathBuf], is_plain: bool, terminal: Terminal) {
    let words: Vec<String> = logs.iter().map(|path| shown(path)).collect();
    let logs = words.join(" ");
    let page = match is_plain {
        true => "habitual demo -f html -o demo.html".to_owned(),
        false => format!("habitual replay {logs} -f html -o report.html"),
    };
    terminal.remarks.say(&format!(
        "\nNext, try\n\
         \x20 habitual inspect {logs}\n\
         \x20 habitual explain 1 {logs}\n\
         \x20 {page}\n\
         \x20 habitual replay {logs} -f jsonl | head -3"
    ));
}

/// `path` as a word of the shell.
fn shown(path: &Path) -> String {
    // What cannot be written as it is can at least be seen.
    shell_word(&*path.to_string_lossy()).unwrap_or_else(|| format!("{path:?}"))
}
