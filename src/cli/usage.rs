//! What a user can write wrongly beyond what the flag parser sees: flags that
//! are valid one by one and make no sense together.

use std::fmt;
use std::path::PathBuf;

use super::outputs::Format;
use super::windows::WindowError;
use crate::event::Window;
use crate::pivot::TargetError;

/// Flags that cannot be used together as they were given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UsageError {
    /// Two windows that cannot be.
    Windows(WindowError),
    /// Standard input named more than once.
    StdinTwice,
    /// Files chosen by windows that are not known yet.
    DatesWithoutWindow,
    /// Nothing that could be looked for.
    Target(TargetError),
    /// Times of which the first is not the earlier one.
    TimesEmpty {
        /// As they were written.
        window: Window,
    },
    /// Logs that would have to be read again and cannot be.
    DepthOfStream,
    /// A case without a finding, or without logs.
    NoFindingOrPath,
    /// A case of standard input.
    CaseOfStream,
    /// Two formats without a file.
    StdoutTwice {
        /// The first of them.
        first: Format,
        /// The second.
        second: Format,
    },
    /// A file name that does not say its format.
    UnknownExtension {
        /// The file.
        path: PathBuf,
    },
    /// Two outputs into one file.
    SameFile {
        /// The file.
        path: PathBuf,
    },
    /// An output that would replace an input.
    OutputIsInput {
        /// The file.
        path: PathBuf,
    },
    /// A configuration file that cannot be used.
    Configuration {
        /// The file.
        path: PathBuf,
        /// What is wrong in it.
        problem: String,
    },
    /// An environment variable that cannot be used.
    Variable {
        /// Its name.
        variable: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// A link file names identities that are not in the logs.
    UnknownIds {
        /// The first few.
        ids: Vec<String>,
        /// How many.
        n: usize,
    },
    /// A name or number that stands for nothing, or for several things.
    Unclear {
        /// Which, and what to write instead.
        problem: String,
    },
    /// Baselines, or a state, that cannot be used like this.
    Saved(Misuse),
    /// A history without times to begin and end.
    HistoryLength,
    /// A format that is not text, to a terminal.
    BinaryToTerminal {
        /// The format.
        format: Format,
    },
    /// A format that the verb does not write.
    NotOffered {
        /// The format.
        format: Format,
        /// What it does write.
        offered: &'static [Format],
    },
}

/// What cannot be done with a baseline or the state of a nightly job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misuse {
    /// A baseline is there already.
    Occupied {
        /// Where.
        folder: PathBuf,
        /// What to do instead.
        remedy: &'static str,
    },
    /// The folder is the state of a nightly job, which only that job writes.
    NightlyState {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder is a baseline, which knows nothing of nights.
    NoNightlyState {
        /// The folder.
        folder: PathBuf,
    },
    /// A file that would be learned from twice.
    LearnedTwice {
        /// As the baseline names it.
        path: String,
    },
    /// A label other than the one that a baseline was learned with.
    OtherLabel {
        /// Its flag.
        flag: &'static str,
        /// What it was.
        learned: Option<String>,
    },
    /// Baselines that were learned with different labels.
    LabelsDiffer {
        /// The one that differs from those before it.
        folder: PathBuf,
    },
}

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Windows(err) => err.fmt(f),
            Self::Target(err) => err.fmt(f),
            Self::TimesEmpty { window } => write!(
                f,
                "--from {} is not before --to {}; write the earlier time first, as in \
                 --from 2026-11-01 --to 2026-11-08",
                window.start.rfc3339(),
                window.end.rfc3339()
            ),
            Self::DepthOfStream => f.write_str(
                "--depth reads the logs once per step, which a pipe does not allow; name the files",
            ),
            Self::NoFindingOrPath => f.write_str(
                "name one or more findings, by rank or id, and then the logs, as in \
                 habitual case export 1 logs/ -o case.zip",
            ),
            Self::CaseOfStream => f.write_str(
                "a case needs the files that its records come from; name them instead of -",
            ),
            Self::StdinTwice => f.write_str("- (standard input) can be given only once"),
            Self::UnknownIds { ids, n } => {
                let named: Vec<String> = ids.iter().map(|id| format!("{id:?}")).collect();
                let more = match n.saturating_sub(ids.len()) {
                    0 => String::new(),
                    n => format!(" and {n} more"),
                };
                write!(
                    f,
                    "--links names identities that are not in these logs: {}{more}; `habitual \
                     identities` lists those that are",
                    named.join(", ")
                )
            }
            Self::Unclear { problem } => f.write_str(problem),
            Self::Saved(misuse) => misuse.fmt(f),
            Self::HistoryLength => {
                f.write_str("--history needs times here, as in --history ..2026-11-01")
            }
            Self::DatesWithoutWindow => f.write_str(
                "--path-dates needs a review that is given as dates, as in \
                 --review 2026-11-01..2026-11-08",
            ),
            Self::StdoutTwice { first, second } => {
                let ending = first.extension();
                let (first, second) = (first.name(), second.name());
                write!(
                    f,
                    "-f {first} and -f {second} would both go to standard output; give one of \
                     them a file, as in -f {first} -o report.{ending}"
                )
            }
            Self::UnknownExtension { path } => write!(
                f,
                "-o {path:?} does not say its format; write it before the file, as in \
                 -f jsonl -o {path:?}"
            ),
            Self::SameFile { path } => {
                write!(
                    f,
                    "-o {path:?} is given twice; every output needs its own file"
                )
            }
            Self::OutputIsInput { path } => write!(
                f,
                "-o {path:?} is one of the inputs and would be replaced; name another file"
            ),
            Self::Configuration { path, problem } => write!(f, "in {path:?}: {problem}"),
            Self::Variable { variable, problem } => write!(f, "in {variable}: {problem}"),
            Self::BinaryToTerminal { format } => {
                let format = format.name();
                write!(
                    f,
                    "-f {format} is not text; give it a file, as in -f {format} -o report.{format}"
                )
            }
            Self::NotOffered { format, offered } => {
                let offered: Vec<_> = offered.iter().map(|format| format.name()).collect();
                write!(
                    f,
                    "-f {} is not available here; choose one of {}",
                    format.name(),
                    offered.join(", ")
                )
            }
        }
    }
}

impl std::error::Error for UsageError {}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Occupied { folder, remedy } => {
                write!(f, "there is a baseline in {folder:?} already; {remedy}")
            }
            Self::NightlyState { folder } => write!(
                f,
                "{folder:?} is the state of a nightly job, which only `habitual nightly` adds to; \
                 name another folder"
            ),
            Self::NoNightlyState { folder } => write!(
                f,
                "{folder:?} is a baseline and not the state of a nightly job; name a new or an \
                 empty folder, or the state"
            ),
            Self::LearnedTwice { path } => write!(
                f,
                "{path:?} was learned from already, and would count twice; name only logs that \
                 the baseline has not seen"
            ),
            Self::OtherLabel { flag, learned } => write!(
                f,
                "{flag} differs from the one that was learned with: {:?}; leave it out, or learn \
                 again with it",
                learned.as_deref().unwrap_or("none")
            ),
            Self::LabelsDiffer { folder } => write!(
                f,
                "{folder:?} was learned with another --okta-org or --vault-cluster; learn it \
                 again with the same"
            ),
        }
    }
}

impl From<Misuse> for UsageError {
    fn from(misuse: Misuse) -> Self {
        Self::Saved(misuse)
    }
}

impl From<WindowError> for UsageError {
    fn from(err: WindowError) -> Self {
        Self::Windows(err)
    }
}
