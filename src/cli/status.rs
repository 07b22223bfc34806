//! The exit status: what a script learns from a run.
//!
//! "Found something", "failed" and "used wrongly" never share a number, and
//! the verdict is decided before anything is printed.

use std::error::Error;
use std::io;

use super::problem::InputProblem;
use super::usage::UsageError;
use super::windows::WindowError;
use crate::ingest::coverage::Coverage;
use crate::state::baseline::{BaselineProblem, Locked};

/// How the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Done.
    Done,
    /// Failed: there is no trustworthy result.
    Failed,
    /// Used wrongly.
    Usage,
    /// Done, but the input was incomplete.
    Incomplete,
    /// Done, with findings at or above `--fail-on`.
    Findings,
    /// Another run holds the baseline.
    Locked,
    /// The baseline is missing, damaged or newer.
    NoBaseline,
    /// [`Status::Incomplete`] and [`Status::Findings`].
    IncompleteFindings,
}

impl Status {
    /// Its number. These are an interface: they never change.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Incomplete => 3,
            Self::Findings => 10,
            Self::Locked => 11,
            Self::NoBaseline => 12,
            Self::IncompleteFindings => 13,
        }
    }
}

/// Whether everything that was given could be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// All of it.
    Complete,
    /// Something was unreadable, cut off or damaged.
    Incomplete,
}

impl Input {
    /// What the account of the input says.
    #[must_use]
    pub fn of(coverage: &Coverage) -> Self {
        if coverage.is_incomplete() {
            Self::Incomplete
        } else {
            Self::Complete
        }
    }
}

/// What `--fail-on` says about the findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing that severe, or the question was not asked.
    Quiet,
    /// At least one finding is that severe.
    Reached,
}

/// How a run that got to its end is to be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Completion {
    /// What was read.
    pub input: Input,
    /// What was found.
    pub verdict: Verdict,
}

impl Completion {
    /// Nothing was missing and nothing was asked.
    pub const FULL: Self = Self {
        input: Input::Complete,
        verdict: Verdict::Quiet,
    };

    /// The exit status it amounts to.
    #[must_use]
    pub fn status(self) -> Status {
        match (self.input, self.verdict) {
            (Input::Complete, Verdict::Quiet) => Status::Done,
            (Input::Complete, Verdict::Reached) => Status::Findings,
            (Input::Incomplete, Verdict::Quiet) => Status::Incomplete,
            (Input::Incomplete, Verdict::Reached) => Status::IncompleteFindings,
        }
    }

    /// This completion, unless its output was lost. A reader that has seen
    /// enough (`| head`) is no loss, and does not change what was decided.
    ///
    /// # Errors
    ///
    /// Any other failure to write.
    pub fn once_written(self, written: anyhow::Result<()>) -> anyhow::Result<Self> {
        match written {
            Err(err) if !is_broken_pipe(&err) => Err(err),
            _ => Ok(self),
        }
    }
}

/// The exit status that an error amounts to.
#[must_use]
pub fn status_of(err: &anyhow::Error) -> Status {
    if err.is::<UsageError>() {
        Status::Usage
    } else if err.is::<Locked>() {
        Status::Locked
    } else if err.is::<BaselineProblem>() {
        Status::NoBaseline
    } else if let Some(problem) = err.downcast_ref::<InputProblem>() {
        problem.status()
    } else if let Some(problem) = err.downcast_ref::<WindowError>() {
        match problem {
            WindowError::NothingBefore { .. } => Status::Failed,
            WindowError::NothingAfter { .. } => Status::Incomplete,
            _ => Status::Usage,
        }
    } else if is_broken_pipe(err) {
        Status::Done
    } else {
        Status::Failed
    }
}

/// Whether the run failed only because the reader of our output went away.
///
/// Neither `csv::Error` nor `serde_json::Error` exposes the I/O error it wraps
/// through `source()`, so each has to be asked by name.
#[must_use]
pub fn is_broken_pipe(err: &anyhow::Error) -> bool {
    err.chain()
        .filter_map(io_kind)
        .any(|kind| kind == io::ErrorKind::BrokenPipe)
}

pub(super) fn io_kind(cause: &(dyn Error + 'static)) -> Option<io::ErrorKind> {
    if let Some(err) = cause.downcast_ref::<io::Error>() {
        return Some(err.kind());
    }
    if let Some(err) = cause.downcast_ref::<serde_json::Error>() {
        return err.io_error_kind();
    }
    match cause.downcast_ref::<csv::Error>()?.kind() {
        csv::ErrorKind::Io(err) => Some(err.kind()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::io::Write;

    use anyhow::Context as _;

    use super::*;

    #[test]
    fn the_codes_are_those_of_the_manual() {
        let codes = [
            Status::Done,
            Status::Failed,
            Status::Usage,
            Status::Incomplete,
            Status::Findings,
            Status::IncompleteFindings,
        ]
        .map(Status::code);
        assert_eq!(codes, [0, 1, 2, 3, 10, 13]);
    }

    #[track_caller]
    fn judged(input: Input, verdict: Verdict, expected: Status) {
        assert_eq!(Completion { input, verdict }.status(), expected);
    }

    #[test]
    fn incomplete_input_and_a_verdict_both_show() {
        judged(Input::Complete, Verdict::Quiet, Status::Done);
        judged(Input::Complete, Verdict::Reached, Status::Findings);
        judged(Input::Incomplete, Verdict::Quiet, Status::Incomplete);
        judged(
            Input::Incomplete,
            Verdict::Reached,
            Status::IncompleteFindings,
        );
    }

    /// A sink whose reader is gone, or whose disk is full.
    struct Broken(io::ErrorKind);

    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Err(self.0.into())
        }
    }

    fn failures(kind: io::ErrorKind) -> [anyhow::Error; 3] {
        let plain = Broken(kind).write_all(b"x").context("writing the table");
        let json = serde_json::to_writer(Broken(kind), &1).context("writing JSON");
        let csv = (|| {
            let mut writer = csv::Writer::from_writer(Broken(kind));
            writer.write_record(["x"])?;
            writer.flush()?;
            Ok(())
        })();
        [
            plain.unwrap_err(),
            json.unwrap_err(),
            csv.map_err(|err: csv::Error| anyhow::Error::new(err).context("writing CSV"))
                .unwrap_err(),
        ]
    }

    #[test]
    fn a_closed_pipe_is_recognised_under_every_writer() {
        for err in failures(io::ErrorKind::BrokenPipe) {
            assert!(is_broken_pipe(&err), "{err:?}");
            assert_eq!(status_of(&err), Status::Done);
        }
        for err in failures(io::ErrorKind::StorageFull) {
            assert!(!is_broken_pipe(&err), "{err:?}");
            assert_eq!(status_of(&err), Status::Failed);
        }
    }

    #[test]
    fn a_closed_pipe_keeps_the_verdict_and_a_full_disk_does_not() {
        let completion = Completion {
            input: Input::Complete,
            verdict: Verdict::Reached,
        };
        for err in failures(io::ErrorKind::BrokenPipe) {
            assert_eq!(completion.once_written(Err(err)).unwrap(), completion);
        }
        for err in failures(io::ErrorKind::StorageFull) {
            assert!(completion.once_written(Err(err)).is_err());
        }
        assert_eq!(completion.once_written(Ok(())).unwrap(), completion);
    }
}
