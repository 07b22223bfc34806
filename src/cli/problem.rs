//! Input problems: the few ways in which readable flags and readable files
//! still give nothing to say. Each names the path, the cause and what to do.

use std::fmt;
use std::path::PathBuf;

use super::status::Status;
use super::windows::Windows;
use crate::backtest::TooShort;
use crate::case::Flaw;
use crate::event::{Timestamp, Window};
use crate::ingest::coverage::{Coverage, ProblemKind};

/// Paths that a message lists before it only counts them.
const PATHS_NAMED: usize = 3;

/// Why there is no result although nothing went wrong in the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputProblem {
    /// The paths hold no file that could be a log.
    NoFiles {
        /// As given.
        paths: Vec<PathBuf>,
        /// Things that were passed over: how many, and why.
        passed_over: Vec<(&'static str, u64)>,
    },
    /// Not one file could be opened.
    NothingReadable {
        /// As given.
        paths: Vec<PathBuf>,
        /// What the system said about the first of them.
        cause: String,
    },
    /// Not one record of a product that we know.
    NothingRecognised {
        /// As given.
        paths: Vec<PathBuf>,
        /// Files that were read.
        n_files: usize,
        /// Records in them.
        n_records: u64,
    },
    /// Nothing to learn from.
    NoEventsInHistory {
        /// The window.
        history: Window,
        /// Where there are events.
        found: Window,
    },
    /// Nothing to score.
    NoEventsInReview {
        /// The window.
        review: Window,
        /// Where there are events.
        found: Window,
    },
    /// Too short a time to learn from and to review.
    TooShortToTest(TooShort),
    /// Nobody has habits that a review could be held against.
    NobodyToTest {
        /// Identities that were met.
        n_identities: usize,
    },
    /// No case file.
    NotACase {
        /// As given.
        path: PathBuf,
        /// Why not.
        cause: String,
    },
    /// A case file that is not what was written.
    ChangedCase {
        /// As given.
        path: PathBuf,
        /// The first difference.
        flaw: Flaw,
    },
    /// A mapping that cannot be used.
    NoMapping {
        /// Its name or path, and why not.
        cause: String,
    },
    /// A mapping that made no event of its sample.
    NothingMapped {
        /// Why its records were left out.
        reasons: String,
    },
    /// `--strict`, and something was damaged.
    Damaged {
        /// Files with a problem of their own.
        n_files: usize,
        /// Records that could not be read.
        n_records: u64,
    },
}

impl InputProblem {
    /// The exit status it amounts to. A review without events is no failure:
    /// the feed may simply not have arrived.
    #[must_use]
    pub fn status(&self) -> Status {
        match self {
            Self::NoEventsInReview { .. } => Status::Incomplete,
            _ => Status::Failed,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoFiles { .. } => {
                "name the folder that holds the exported logs; links are not followed"
            }
            Self::NothingReadable { .. } => "check the paths and their permissions",
            Self::NothingRecognised { .. } => {
                "export CloudTrail, Okta System Log or Vault audit logs as JSON; \
                 `habitual inspect` says what each file was taken for"
            }
            Self::NoEventsInHistory { .. } => {
                "add older logs, or move the windows, as in --review 1d; \
                 `habitual inspect` recommends some"
            }
            Self::NoEventsInReview { .. } => {
                "add newer logs, or count back from the last event, as in --review 7d"
            }
            Self::TooShortToTest(_) => {
                "add older logs, or make the reviews shorter, as in --review 1d"
            }
            Self::NobodyToTest { .. } => {
                "add older logs: an identity needs six active days before a review"
            }
            Self::NotACase { .. } => "name the zip that `habitual case export` wrote",
            Self::ChangedCase { .. } => "take the case from whoever exported it",
            Self::NoMapping { .. } => "`habitual check-mapping github` prints one to begin with",
            Self::NothingMapped { .. } => {
                "check which records the mapping is for, and that the sample holds some"
            }
            Self::Damaged { .. } => {
                "`habitual inspect` lists them; leave out --strict to use everything else"
            }
        }
    }
}

impl fmt::Display for InputProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFiles { paths, passed_over } => {
                write!(f, "no files to read in {}", listed(paths))?;
                let reasons: Vec<_> = passed_over
                    .iter()
                    .map(|(reason, n)| format!("{n} {reason}"))
                    .collect();
                if !reasons.is_empty() {
                    write!(f, "; passed over: {}", reasons.join(", "))?;
                }
                Ok(())
            }
            Self::NothingReadable { paths, cause } => {
                write!(f, "nothing could be read in {}: {cause}", listed(paths))
            }
            Self::NothingRecognised {
                paths,
                n_files,
                n_records,
            } => write!(
                f,
                "nothing recognised in {}: {} and {}, but no CloudTrail, Okta System Log or \
                 Vault audit event",
                listed(paths),
                counted(*n_files, "file"),
                counted(*n_records, "record"),
            ),
            Self::NoEventsInHistory { history, found } => write_missing(
                f,
                "no events to learn from in the history",
                *history,
                *found,
            ),
            Self::NoEventsInReview { review, found } => {
                write_missing(f, "no events to score in the review", *review, *found)
            }
            Self::TooShortToTest(short) => short.fmt(f),
            Self::NobodyToTest { n_identities } => write!(
                f,
                "nobody to test on: none of {n_identities} identities has enough history before a \
                 review"
            ),
            Self::NotACase { path, cause } => write!(f, "{path:?} is no case: {cause}"),
            Self::ChangedCase { path, flaw } => write!(f, "{path:?}: {flaw}"),
            Self::NoMapping { cause } => write!(f, "in the mapping: {cause}"),
            Self::NothingMapped { reasons } => write!(f, "no event came of it: {reasons}"),
            Self::Damaged { n_files, n_records } => write!(
                f,
                "--strict: {} and {} could not be read completely",
                counted(*n_files, "file"),
                counted(*n_records, "record"),
            ),
        }
    }
}

impl std::error::Error for InputProblem {}

fn write_missing(
    f: &mut fmt::Formatter<'_>,
    what: &str,
    window: Window,
    found: Window,
) -> fmt::Result {
    write!(
        f,
        "{what} {}..{}; the events found are from {} to {}",
        window.start.rfc3339(),
        window.end.rfc3339(),
        found.start.rfc3339(),
        found.end.rfc3339()
    )
}

/// File names are hostile: quoted, and with their controls spelled out.
fn listed(paths: &[PathBuf]) -> String {
    let named: Vec<_> = paths
        .iter()
        .take(PATHS_NAMED)
        .map(|path| format!("{path:?}"))
        .collect();
    let n_more = paths.len().saturating_sub(PATHS_NAMED);
    if n_more == 0 {
        named.join(", ")
    } else {
        format!("{} and {n_more} more", named.join(", "))
    }
}

fn counted(n: impl fmt::Display, noun: &str) -> String {
    let n = n.to_string();
    let plural = if n == "1" { "" } else { "s" };
    format!("{n} {noun}{plural}")
}

/// Whether anything was read that a product of ours wrote.
///
/// # Errors
///
/// The [`InputProblem`] that explains why not.
pub fn check_recognised(coverage: &Coverage, paths: &[PathBuf]) -> Result<(), InputProblem> {
    let paths = || paths.to_vec();
    if coverage.files.is_empty() {
        let passed_over = coverage.passed_over.iter();
        return Err(InputProblem::NoFiles {
            paths: paths(),
            passed_over: passed_over
                .map(|(reason, tally)| (reason.name(), tally.n))
                .collect(),
        });
    }
    if coverage.files.iter().any(|file| 0 < file.n_events) {
        return Ok(());
    }
    let causes: Vec<_> = coverage
        .files
        .iter()
        .filter_map(|file| {
            let mut problems = file.problems.iter();
            problems.find(|problem| problem.kind == ProblemKind::Unreadable)
        })
        .collect();
    match causes.first() {
        Some(first) if causes.len() == coverage.files.len() => Err(InputProblem::NothingReadable {
            paths: paths(),
            cause: first.detail.as_raw().escape_debug().to_string(),
        }),
        _ => Err(InputProblem::NothingRecognised {
            paths: paths(),
            n_files: coverage.files.len(),
            n_records: coverage.n_records,
        }),
    }
}

/// Whether everything was read, for `--strict`.
///
/// # Errors
///
/// [`InputProblem::Damaged`].
pub fn check_undamaged(coverage: &Coverage) -> Result<(), InputProblem> {
    let n_files = coverage
        .files
        .iter()
        .filter(|file| !file.problems.is_empty())
        .count();
    let n_records = coverage
        .skipped
        .iter()
        .filter(|(reason, _)| reason.is_damage())
        .fold(0_u64, |sum, (_, tally)| sum.saturating_add(tally.n));
    if n_files == 0 && n_records == 0 {
        Ok(())
    } else {
        Err(InputProblem::Damaged { n_files, n_records })
    }
}

/// Whether both windows hold events, given how many each holds.
///
/// # Errors
///
/// [`InputProblem::NoEventsInHistory`] or [`InputProblem::NoEventsInReview`].
pub fn check_populated(
    windows: Windows,
    n_history: u64,
    n_review: u64,
    found: Window,
) -> Result<(), InputProblem> {
    let Windows { history, review } = windows;
    match (n_history, n_review) {
        (_, 0) => Err(InputProblem::NoEventsInReview { review, found }),
        (0, _) => Err(InputProblem::NoEventsInHistory { history, found }),
        _ => Ok(()),
    }
}

/// The first and the last event, whatever window they are in. Both ends are
/// events: this is no half-open window.
#[must_use]
pub fn events_found(coverage: &Coverage) -> Option<Window> {
    let first: Option<Timestamp> = coverage.files.iter().filter_map(|file| file.first).min();
    let last = coverage.files.iter().filter_map(|file| file.last).max();
    Some(Window {
        start: first?,
        end: last?,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::cli::windows::parse_time;
    use crate::ingest::coverage::{FileCoverage, FileProblem, PassReason, SkipReason, Tally};

    fn window(start: &str, end: &str) -> Window {
        Window {
            start: parse_time(start).unwrap(),
            end: parse_time(end).unwrap(),
        }
    }

    fn file(n_events: u64, problem: Option<ProblemKind>) -> FileCoverage {
        let problem = problem.map(|kind| FileProblem {
            kind,
            detail: "Permission denied (os error 13)\x1b[2J".into(),
        });
        FileCoverage {
            n_events,
            problems: problem.into_iter().collect(),
            ..FileCoverage::default()
        }
    }

    fn read(files: Vec<FileCoverage>) -> Coverage {
        Coverage {
            n_records: 7,
            files,
            ..Coverage::default()
        }
    }

    #[track_caller]
    fn recognised(coverage: &Coverage, expected: Result<(), &str>) {
        let paths: Vec<PathBuf> = ["logs", "b\x1b[2J"].map(PathBuf::from).to_vec();
        let found = check_recognised(coverage, &paths).map_err(|problem| problem.to_string());
        assert_eq!(found, expected.map_err(str::to_owned));
    }

    #[test]
    fn one_event_is_enough() {
        let unreadable = file(0, Some(ProblemKind::Unreadable));
        recognised(
            &read(vec![unreadable, file(0, None), file(1, None)]),
            Ok(()),
        );
    }

    #[test]
    fn an_empty_folder_is_named_with_what_was_passed_over() {
        let mut coverage = read(Vec::new());
        recognised(
            &coverage,
            Err("no files to read in \"logs\", \"b\\u{1b}[2J\""),
        );
        let three = Tally {
            n: 3,
            ..Tally::default()
        };
        coverage.passed_over.insert(PassReason::Symlink, three);
        recognised(
            &coverage,
            Err("no files to read in \"logs\", \"b\\u{1b}[2J\"; passed over: 3 symlink"),
        );
    }

    #[test]
    fn unreadable_files_give_the_cause() {
        let unreadable = file(0, Some(ProblemKind::Unreadable));
        recognised(
            &read(vec![unreadable.clone(), unreadable.clone()]),
            Err("nothing could be read in \"logs\", \"b\\u{1b}[2J\": \
                 Permission denied (os error 13)\\u{1b}[2J"),
        );
        recognised(
            &read(vec![unreadable, file(0, None)]),
            Err(
                "nothing recognised in \"logs\", \"b\\u{1b}[2J\": 2 files and 7 records, but no \
                 CloudTrail, Okta System Log or Vault audit event",
            ),
        );
    }

    #[test]
    fn files_of_something_else_are_counted() {
        let mut coverage = read(vec![file(0, Some(ProblemKind::Unrecognised))]);
        coverage.n_records = 1;
        recognised(
            &coverage,
            Err(
                "nothing recognised in \"logs\", \"b\\u{1b}[2J\": 1 file and 1 record, but no \
                 CloudTrail, Okta System Log or Vault audit event",
            ),
        );
    }

    #[test]
    fn many_paths_are_counted() {
        let paths = |n: usize| vec![PathBuf::from("a"); n];
        assert_eq!(listed(&paths(3)), "\"a\", \"a\", \"a\"");
        assert_eq!(listed(&paths(5)), "\"a\", \"a\", \"a\" and 2 more");
    }

    #[test]
    fn an_empty_window_says_where_the_events_are() {
        let found = window("2026-11-01T08:00Z", "2026-11-03T09:30Z");
        let windows = Windows {
            history: window("2026-09-01", "2026-12-01"),
            review: window("2026-12-01", "2026-12-08"),
        };
        let check = |n_history, n_review| check_populated(windows, n_history, n_review, found);
        assert_eq!(check(1, 1), Ok(()));

        let problem = check(7, 0).unwrap_err();
        assert_eq!(
            problem.to_string(),
            "no events to score in the review 2026-12-01T00:00:00Z..2026-12-08T00:00:00Z; \
             the events found are from 2026-11-01T08:00:00Z to 2026-11-03T09:30:00Z"
        );
        assert_eq!(problem.status(), Status::Incomplete);

        let problem = check(0, 7).unwrap_err();
        assert!(problem.to_string().starts_with("no events to learn from"));
        assert_eq!(problem.status(), Status::Failed);
    }

    #[test]
    fn strict_counts_damage_and_nothing_else() {
        let mut coverage = read(vec![file(5, None)]);
        let two = Tally {
            n: 2,
            ..Tally::default()
        };
        coverage.skipped.insert(SkipReason::Digest, two.clone());
        assert_eq!(check_undamaged(&coverage), Ok(()));
        coverage.skipped.insert(SkipReason::Malformed, two);
        assert_eq!(
            check_undamaged(&coverage).unwrap_err().to_string(),
            "--strict: 0 files and 2 records could not be read completely"
        );
        let truncated = read(vec![file(5, Some(ProblemKind::Truncated))]);
        assert_eq!(
            check_undamaged(&truncated).unwrap_err().to_string(),
            "--strict: 1 file and 0 records could not be read completely"
        );
    }

    #[test]
    fn the_events_found_reach_over_all_files() {
        let between = |start: &str, end: &str| {
            let window = window(start, end);
            FileCoverage {
                first: Some(window.start),
                last: Some(window.end),
                ..FileCoverage::default()
            }
        };
        let coverage = read(vec![
            between("2026-11-03", "2026-11-04"),
            file(0, None),
            between("2026-11-01", "2026-11-02"),
        ]);
        assert_eq!(
            events_found(&coverage),
            Some(window("2026-11-01", "2026-11-04"))
        );
        assert_eq!(events_found(&read(vec![file(0, None)])), None);
    }
}
