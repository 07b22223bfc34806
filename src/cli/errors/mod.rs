//! `habitual errors`: what an error means, by the id that came with it.
//!
//! The texts are a table that comes with the program. An id stands for a kind
//! of error and never changes its meaning; which error has which id, the
//! errors themselves say.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::sync::LazyLock;

use anyhow::Context as _;
use clap::Args;
use serde::Deserialize;

use super::problem::InputProblem;
use super::status::{Completion, io_kind};
use super::usage::{Misuse, UsageError};
use super::windows::WindowError;
use crate::state::baseline::{BaselineProblem, Cause, Locked};

const TABLE: &str = include_str!("ids.toml");

/// Width that texts are filled to.
const WIDTH: usize = 80;

/// The table. That it can be read is tested; without it nothing is explained.
static READ: LazyLock<Table> = LazyLock::new(|| toml::from_str(TABLE).unwrap_or_default());

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    error: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    title: String,
    status: u8,
    meaning: String,
    remedy: String,
}

/// Say what an error means, and what to do about it
#[derive(Clone, Debug, Args)]
#[command(
    long_about = "Say what an error means, and what to do about it, by the id that was \
                        printed with it. Without an id, list them all.

Examples:
  habitual errors
  habitual errors E0203
  habitual errors | grep baseline"
)]
pub struct ErrorsArgs {
    /// Which one
    #[arg(value_name = "ID", value_parser = known)]
    id: Option<&'static str>,
}

fn known(id: &str) -> Result<&'static str, String> {
    entry(id).map_or_else(
        || Err("there is no such error; `habitual errors` lists them".to_owned()),
        |entry| Ok(entry.id.as_str()),
    )
}

fn entry(id: &str) -> Option<&'static Entry> {
    READ.error
        .iter()
        .find(|entry| entry.id.eq_ignore_ascii_case(id))
}

/// The plot: print one, or a line for each.
pub(super) fn run(args: &ErrorsArgs, stdout: &mut dyn Write) -> anyhow::Result<Completion> {
    let text = match args.id.and_then(entry) {
        Some(entry) => told(entry),
        None => READ.error.iter().fold(String::new(), |mut text, entry| {
            let _ = writeln!(text, "{}  {}", entry.id, entry.title);
            text
        }),
    };
    Completion::FULL.once_written(
        stdout
            .write_all(text.as_bytes())
            .and_then(|()| stdout.flush())
            .context("writing what errors mean"),
    )
}

fn told(entry: &Entry) -> String {
    let Entry {
        id,
        title,
        status,
        meaning,
        remedy,
    } = entry;
    format!(
        "{id}: {title} (exit status {status})\n\n{}\n{}",
        filled(meaning),
        filled(remedy)
    )
}

/// `text` in lines of at most [`WIDTH`] characters.
fn filled(text: &str) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut n_chars = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if n_chars > 0 && n_chars + 1 + length > WIDTH {
            filled.push('\n');
            n_chars = 0;
        } else if n_chars > 0 {
            filled.push(' ');
            n_chars += 1;
        }
        filled.push_str(word);
        n_chars += length;
    }
    filled.push('\n');
    filled
}

/// The id of an error, where it is of a known kind.
pub(super) fn id_of(err: &anyhow::Error) -> Option<&'static str> {
    if let Some(usage) = err.downcast_ref() {
        Some(of_usage(usage))
    } else if let Some(problem) = err.downcast_ref() {
        Some(of_input(problem))
    } else if let Some(problem) = err.downcast_ref() {
        Some(of_windows(problem))
    } else if let Some(problem) = err.downcast_ref::<BaselineProblem>() {
        Some(of_baseline(&problem.cause))
    } else if err.is::<Locked>() {
        Some("E0305")
    } else {
        err.chain().find_map(io_kind).and_then(of_system)
    }
}

fn of_usage(usage: &UsageError) -> &'static str {
    use UsageError as U;
    match usage {
        U::Windows(_) | U::HistoryLength => "E0101",
        U::Target(_) => "E0102",
        U::TimesEmpty { .. } => "E0103",
        U::StdinTwice | U::DepthOfStream | U::CaseOfStream => "E0104",
        U::DatesWithoutWindow => "E0105",
        U::UnknownIds { .. } => "E0106",
        U::NoFindingOrPath => "E0107",
        U::StdoutTwice { .. } | U::SameFile { .. } => "E0108",
        U::UnknownExtension { .. } => "E0109",
        U::OutputIsInput { .. } => "E0110",
        U::NotOffered { .. } => "E0111",
        U::BinaryToTerminal { .. } => "E0112",
        U::Configuration { .. } => "E0113",
        U::Variable { .. } => "E0114",
        U::Unclear { .. } => "E0115",
        U::Saved(misuse) => of_misuse(misuse),
    }
}

fn of_misuse(misuse: &Misuse) -> &'static str {
    use Misuse as M;
    match misuse {
        M::Occupied { .. } | M::NightlyState { .. } | M::NoNightlyState { .. } => "E0116",
        M::LearnedTwice { .. } => "E0117",
        M::OtherLabel { .. } | M::LabelsDiffer { .. } => "E0118",
    }
}

/// Of windows that make no sense for the events that were found.
fn of_windows(problem: &WindowError) -> &'static str {
    match problem {
        WindowError::NothingBefore { .. } => "E0204",
        WindowError::NothingAfter { .. } => "E0205",
        _ => "E0101",
    }
}

fn of_input(problem: &InputProblem) -> &'static str {
    use InputProblem as P;
    match problem {
        P::NoFiles { .. } => "E0201",
        P::NothingReadable { .. } => "E0202",
        P::NothingRecognised { .. } => "E0203",
        P::NoEventsInHistory { .. } => "E0204",
        P::NoEventsInReview { .. } => "E0205",
        P::TooShortToTest(_) => "E0206",
        P::NobodyToTest { .. } => "E0207",
        P::Damaged { .. } => "E0208",
        P::NotACase { .. } => "E0209",
        P::ChangedCase { .. } => "E0210",
        P::NoMapping { .. } => "E0211",
        P::NothingMapped { .. } => "E0212",
    }
}

fn of_baseline(cause: &Cause) -> &'static str {
    match cause {
        Cause::Missing => "E0301",
        Cause::Damaged(_) => "E0302",
        Cause::Newer { .. } => "E0303",
        Cause::OtherRules { .. } => "E0304",
    }
}

/// What the system said; not what is wrong with the bytes that it gave.
fn of_system(kind: io::ErrorKind) -> Option<&'static str> {
    use io::ErrorKind as K;
    match kind {
        K::StorageFull | K::QuotaExceeded => Some("E0401"),
        K::PermissionDenied => Some("E0402"),
        K::NotFound => Some("E0403"),
        K::InvalidData | K::InvalidInput | K::UnexpectedEof => None,
        _ => Some("E0404"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::path::PathBuf;

    use super::*;
    use crate::cli::status::status_of;
    use crate::event::Timestamp;
    use crate::state::baseline::Lock;

    /// Every id that this file gives away.
    fn given() -> Vec<&'static str> {
        let ids = include_str!("mod.rs").split('"').skip(1).step_by(2);
        ids.filter(|id| id.len() == 5 && id.starts_with("E0"))
            .collect()
    }

    #[test]
    fn every_id_is_explained_once_and_in_order() {
        let table: Table = toml::from_str(TABLE).unwrap();
        let ids: Vec<&str> = table.error.iter().map(|entry| entry.id.as_str()).collect();
        assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
        for id in given() {
            assert!(ids.contains(&id), "{id} is given and not explained");
        }
        for id in ids {
            assert!(given().contains(&id), "{id} is explained and never given");
        }
        for entry in &table.error {
            let text = told(entry);
            assert!(
                text.lines().all(|line| line.chars().count() <= WIDTH),
                "{text}"
            );
        }
    }

    #[test]
    fn the_status_that_is_told_is_the_one_that_is_returned() {
        let folder = PathBuf::from("b");
        let room = tempfile::tempdir().unwrap();
        let _held = Lock::acquire(room.path()).unwrap();
        let baseline = |cause| BaselineProblem {
            folder: folder.clone(),
            cause,
        };
        let system = |kind| anyhow::Error::from(io::Error::from(kind)).context("writing");
        let errors: Vec<anyhow::Error> = vec![
            UsageError::StdinTwice.into(),
            UsageError::DatesWithoutWindow.into(),
            UsageError::HistoryLength.into(),
            WindowError::ReviewWithoutStart.into(),
            WindowError::NothingBefore {
                history_end: Timestamp::MIN,
                first: Timestamp::MAX,
            }
            .into(),
            WindowError::NothingAfter {
                review_start: Timestamp::MAX,
                last: Timestamp::MIN,
            }
            .into(),
            InputProblem::NobodyToTest { n_identities: 1 }.into(),
            InputProblem::Damaged {
                n_files: 1,
                n_records: 0,
            }
            .into(),
            baseline(Cause::Missing).into(),
            baseline(Cause::OtherRules { theirs: 1, ours: 2 }).into(),
            Lock::acquire(room.path()).unwrap_err(),
            system(io::ErrorKind::StorageFull),
            system(io::ErrorKind::PermissionDenied),
            system(io::ErrorKind::TimedOut),
        ];
        for err in errors {
            let entry = entry(id_of(&err).unwrap()).unwrap();
            assert_eq!(entry.status, status_of(&err).code(), "{err:#}");
        }
        assert_eq!(id_of(&anyhow::anyhow!("something else")), None);
    }

    #[test]
    fn the_page_of_errors_names_each() {
        let page = include_str!("../../../docs/errors.md");
        for entry in &READ.error {
            let line = format!("| {} | {} | {} |", entry.id, entry.status, entry.title);
            assert!(page.contains(&line), "docs/errors.md lacks: {line}");
        }
    }
}
