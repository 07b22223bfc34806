//! The command line: one file per verb, each with its arguments and a `run`
//! that reads as the plot of that verb. The flags that verbs share are groups
//! of their own.
//!
//! `…Args` is what the user typed, checked flag by flag. What the program
//! needs is made of it once (`…Config`, [`inputs::Inputs`],
//! [`windows::WindowRequest`], …) and passed on; after that no text is a date.

pub mod inputs;
pub mod linkage;
pub mod outputs;
pub mod problem;
pub mod selection;
pub mod status;
pub mod teams;
mod terminal;
pub mod usage;
pub mod windows;

mod acknowledge;
mod backtest;
mod baseline;
mod case;
mod check_mapping;
mod choice;
mod config;
mod demo;
mod diff;
mod dump;
mod errors;
mod explain;
mod identities;
mod inspect;
mod learn;
mod manifest;
mod manual;
mod memory;
mod merge;
mod modelling;
mod nightly;
mod overview;
mod pivot;
mod replay;
mod schema;
mod score;
mod study;

#[cfg(test)]
mod testing;

use std::fmt::Write as _;
use std::io::{self, Write};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use clap::{Parser, Subcommand};

pub use acknowledge::{AcknowledgeArgs, SuppressArgs};
pub use backtest::BacktestArgs;
pub use baseline::BaselineArgs;
pub use case::CaseArgs;
pub use check_mapping::CheckMappingArgs;
pub use config::{Answer, ConfigArgs, parse};
pub use demo::DemoArgs;
pub use diff::DiffArgs;
pub use dump::{Dump, DumpArgs};
pub use errors::ErrorsArgs;
pub use explain::ExplainArgs;
pub use identities::IdentitiesArgs;
pub use inspect::{InspectArgs, InspectConfig};
pub use learn::LearnArgs;
pub use manifest::{ManifestArgs, ManifestFile};
pub use manual::{CompletionsArgs, ManArgs};
pub use merge::MergeArgs;
pub use nightly::NightlyArgs;
pub use pivot::PivotArgs;
pub use replay::{ReplayArgs, ReplayConfig};
pub use schema::SchemaArgs;
pub use score::ScoreArgs;
pub use status::{Completion, Status, is_broken_pipe, status_of};
pub use study::Damage;
pub use terminal::{Environment, Stream};

use problem::InputProblem;
use terminal::{Terminal, TerminalArgs};
use usage::UsageError;

use crate::report::sanitize;
use crate::state::baseline::BaselineProblem;

/// Learns what every identity in your audit logs habitually does, and ranks
/// who acted out of habit
#[derive(Debug, Parser)]
#[command(
    name = "habitual",
    version,
    about = "Learns what every identity in your audit logs habitually does, and ranks who acted \
             out of habit",
    long_about = "Learns what every identity habitually does from exported AWS CloudTrail, Okta \
                  System Log and HashiCorp Vault audit logs, then replays a later window and \
                  ranks who acted out of habit, with the evidence. Offline; the same input \
                  gives the same output.

Examples:
  habitual demo
  habitual inspect logs/
  habitual replay logs/
  habitual replay logs/ --review 7d -f csv -o findings.csv
  habitual pivot --key AKIAIOSFODNN7EXAMPLE logs/
  habitual learn logs/2026-10/ -o baseline
  habitual score logs/2026-11-20/ --baseline baseline",
    after_help = "Try `habitual demo` first. Every verb has more flags and examples in --help.",
    after_long_help = EXIT_STATUS,
    max_term_width = 100,
    arg_required_else_help = true,
    disable_help_subcommand = true
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
    /// What is shown while doing it.
    #[command(flatten)]
    pub terminal: TerminalArgs,
    /// End without a result after so long, as in 2h
    ///
    /// For jobs that must not meet the next one. What is being written then stays unseen, and the
    /// exit status is 1.
    #[arg(long, global = true, value_name = "LENGTH", value_parser = windows::parse_length, hide_short_help = true, help_heading = "Limits")]
    pub timeout: Option<i64>,
    /// Where settings are read from.
    #[command(flatten)]
    pub settings: config::FileArgs,
    /// What was typed, with the settings that were not.
    #[arg(skip)]
    pub words: Vec<String>,
}

const EXIT_STATUS: &str = "\
Exit status:
   0  done
   1  failed: there is no trustworthy result
   2  used wrongly
   3  done, but the input was incomplete
  10  done, with findings at or above --fail-on
  11  another run holds the baseline
  12  the baseline is missing, damaged or newer
  13  both 3 and 10
 130  interrupted (143: terminated)
Any other status means failure.";

/// What to do.
#[derive(Clone, Debug, Subcommand)]
pub enum Verb {
    #[command(after_long_help = EXIT_STATUS)]
    #[allow(
        missing_docs,
        reason = "documented at the arguments, which are its help text"
    )]
    Replay(Box<ReplayArgs>),
    #[allow(
        missing_docs,
        reason = "documented at the arguments, which are its help text"
    )]
    Inspect(InspectArgs),
    #[command(after_long_help = EXIT_STATUS)]
    #[allow(
        missing_docs,
        reason = "documented at the arguments, which are its help text"
    )]
    Backtest(Box<BacktestArgs>),
    #[allow(
        missing_docs,
        reason = "documented at the arguments, which are its help text"
    )]
    Identities(Box<IdentitiesArgs>),
    #[allow(
        missing_docs,
        reason = "documented at the arguments, which are its help text"
    )]
    Pivot(Box<PivotArgs>),
    #[allow(
        missing_docs,
        reason = "documented at the arguments, which are its help text"
    )]
    Explain(Box<ExplainArgs>),
    #[allow(
        missing_docs,
        reason = "documented at the arguments, which are its help text"
    )]
    Case(Box<CaseArgs>),
    #[allow(
        missing_docs,
        reason = "documented at the arguments, which are its help text"
    )]
    Demo(DemoArgs),
    #[allow(
        missing_docs,
        reason = "documented at the arguments, which are its help text"
    )]
    CheckMapping(CheckMappingArgs),
    #[allow(
        missing_docs,
        reason = "documented at the arguments, which are its help text"
    )]
    Learn(Box<LearnArgs>),
    #[command(after_long_help = EXIT_STATUS)]
    #[allow(
        missing_docs,
        reason = "documented at the arguments, which are its help text"
    )]
    Score(Box<ScoreArgs>),
    #[allow(
        missing_docs,
        reason = "documented at the arguments, which are its help text"
    )]
    Merge(MergeArgs),
    #[command(after_long_help = EXIT_STATUS)]
    #[allow(
        missing_docs,
        reason = "documented at the arguments, which are its help text"
    )]
    Nightly(Box<NightlyArgs>),
    #[allow(
        missing_docs,
        reason = "documented at the arguments, which are its help text"
    )]
    Acknowledge(AcknowledgeArgs),
    #[allow(
        missing_docs,
        reason = "documented at the arguments, which are its help text"
    )]
    Suppress(SuppressArgs),
    #[allow(
        missing_docs,
        reason = "documented at the arguments, which are its help text"
    )]
    Diff(DiffArgs),
    #[allow(
        missing_docs,
        reason = "documented at the arguments, which are its help text"
    )]
    Baseline(BaselineArgs),
    #[allow(
        missing_docs,
        reason = "documented at the arguments, which are its help text"
    )]
    Config(ConfigArgs),
    #[allow(
        missing_docs,
        reason = "documented at the arguments, which are its help text"
    )]
    Schema(SchemaArgs),
    #[allow(
        missing_docs,
        reason = "documented at the arguments, which are its help text"
    )]
    Errors(ErrorsArgs),
    #[allow(
        missing_docs,
        reason = "documented at the arguments, which are its help text"
    )]
    Completions(CompletionsArgs),
    #[allow(
        missing_docs,
        reason = "documented at the arguments, which are its help text"
    )]
    Man(ManArgs),
}

/// Does what was asked, and says how it ended. Results go to `stdout`.
///
/// # Errors
///
/// Whatever leaves no trustworthy result; [`status_of`] and [`describe`] say
/// what it means for the process and for people.
pub fn run(
    cli: &Cli,
    environment: &Environment,
    stdout: &mut dyn Write,
) -> anyhow::Result<Completion> {
    let terminal = Terminal::new(&cli.terminal, environment);
    match &cli.verb {
        Verb::Replay(args) => replay::run(args, &cli.words, terminal, stdout),
        Verb::Inspect(args) => inspect::run(args, terminal, stdout),
        Verb::Identities(args) => identities::run(args, terminal, stdout),
        Verb::Pivot(args) => pivot::run(args, terminal, stdout),
        Verb::Explain(args) => explain::run(args, terminal, stdout),
        Verb::Case(args) => case::run(args, terminal, stdout),
        Verb::Backtest(args) => backtest::run(args, terminal, stdout),
        Verb::Demo(args) => demo::run(args, terminal, stdout),
        Verb::CheckMapping(args) => check_mapping::run(args, terminal, stdout),
        Verb::Learn(args) => learn::run(args, terminal),
        Verb::Score(args) => score::run(args, terminal, stdout),
        Verb::Merge(args) => merge::run(args, terminal),
        Verb::Nightly(args) => nightly::run(args, terminal, stdout),
        Verb::Acknowledge(args) => acknowledge::acknowledge(args, environment, terminal),
        Verb::Suppress(args) => acknowledge::suppress(args, environment, terminal, stdout),
        Verb::Diff(args) => diff::run(args, terminal, stdout),
        Verb::Baseline(args) => baseline::run(args, terminal, stdout),
        Verb::Config(args) => config::run(args, &cli.settings, environment, stdout),
        Verb::Schema(args) => schema::run(args, stdout),
        Verb::Errors(args) => errors::run(args, stdout),
        Verb::Completions(args) => manual::complete(args, stdout),
        Verb::Man(args) => manual::man(args, terminal, stdout),
    }
}

impl Cli {
    /// How long the run may take.
    #[must_use]
    pub fn limit(&self) -> Option<Duration> {
        let seconds = self.timeout?.unsigned_abs();
        Some(Duration::from_secs(seconds))
    }
}

/// The status that `work` ends with, or that of a failure once the time is up.
/// Then the caller has to end the process, as a signal would: what is being
/// written is written aside, and takes the place of nothing.
pub fn within(limit: Duration, work: impl FnOnce() -> Status + Send + 'static) -> Status {
    let (done, status) = mpsc::channel();
    let worker = thread::Builder::new().stack_size(STACK_BYTES);
    let worker = worker.spawn(move || {
        let _ = done.send(work());
    });
    let status = worker.map(|_| status.recv_timeout(limit));
    let cause = match status {
        Ok(Ok(status)) => return status,
        Ok(Err(RecvTimeoutError::Timeout)) => "not done within --timeout; nothing was replaced",
        Ok(Err(RecvTimeoutError::Disconnected)) | Err(_) => "the run could not be ended",
    };
    // Nothing is left to do if stderr is gone as well.
    let _ = writeln!(io::stderr(), "habitual: {cause}");
    Status::Failed
}

/// Of a thread that does all the work: as a main thread has.
const STACK_BYTES: usize = 8 << 20;

/// An error for people: the whole chain in a line, and what to do next.
#[must_use]
pub fn describe(err: &anyhow::Error) -> String {
    let mut text = format!("habitual: {err:#}\n");
    let remedy = err
        .downcast_ref::<InputProblem>()
        .map(InputProblem::hint)
        .or_else(|| Some(err.downcast_ref::<BaselineProblem>()?.hint()));
    if let Some(remedy) = remedy {
        let _ = writeln!(text, "  hint: {remedy}");
    }
    if let Some(id) = errors::id_of(err) {
        let _ = writeln!(text, "  more: habitual errors {id}");
    }
    if err.is::<UsageError>() {
        text.push_str("\nFor more information, try '--help'.\n");
    }
    legible(&text)
}

/// `text` without anything that a terminal would obey: messages quote paths,
/// settings files and mappings, and these may come from anywhere.
#[must_use]
pub fn legible(text: &str) -> String {
    let lines = text.split('\n');
    let lines = lines.map(|line| sanitize::terminal(line, sanitize::Charset::Unicode));
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use anyhow::Context as _;
    use clap::CommandFactory as _;

    use super::windows::WindowError;
    use super::*;

    #[test]
    fn the_flags_do_not_contradict_each_other() {
        Cli::command().debug_assert();
    }

    #[track_caller]
    fn says(err: &anyhow::Error, status: Status, expected: &str) {
        assert_eq!(describe(err), expected);
        assert_eq!(status_of(err), status);
    }

    #[test]
    fn an_error_is_one_line_and_what_to_do_about_it() {
        let plain = anyhow::anyhow!("no space left").context("writing \"report.csv\"");
        says(
            &plain,
            Status::Failed,
            "habitual: writing \"report.csv\": no space left\n",
        );
        let usage = UsageError::Windows(WindowError::ReviewWithoutStart);
        let text = format!(
            "habitual: {usage}\n  more: habitual errors E0101\n\nFor more information, try '--help'.\n"
        );
        says(&usage.into(), Status::Usage, &text);
        let nothing = InputProblem::NoFiles {
            paths: vec!["logs".into()],
            passed_over: Vec::new(),
        };
        let wrapped = Err::<(), _>(nothing).context("reading").map_err(|err| {
            says(
                &err,
                Status::Failed,
                "habitual: reading: no files to read in \"logs\"\n  \
                 hint: name the folder that holds the exported logs; links are not followed\n  \
                 more: habitual errors E0201\n",
            );
        });
        assert!(wrapped.is_err());
    }
}
