//! The two windows of a run: the history that is learned and the review that
//! is scored, from what the user wrote and what the data holds.
//!
//! Nothing here reads a clock: "the last 7 days" counts back from the newest
//! event.

mod args;
mod period;
mod span;

#[cfg(test)]
mod tests;

use std::fmt;

use crate::event::{Timestamp, Window};

pub(super) use args::period_parser;
pub use args::{PeriodArg, WindowArgs};
pub use span::{Span, SpanError, parse_around, parse_length, parse_span, parse_time};

pub(super) use period::{period_end, period_start};

use period::periods_between;

const DAY_SECONDS: i64 = 86_400;

/// The review when nobody asks for another.
const DEFAULT_REVIEW_DAYS: i64 = 7;

/// Data shorter than this many days gives its last quarter to the review.
const SHORT_DATA_DAYS: i64 = 4 * DEFAULT_REVIEW_DAYS;

/// The windows as the user asked for them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WindowRequest {
    /// What to score; `None` for the default.
    pub review: Option<Span>,
    /// What to learn; `None` for everything before the review.
    pub history: Option<Span>,
    /// Time left out between the two.
    pub gap_seconds: i64,
}

/// The windows of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    /// What is learned.
    pub history: Window,
    /// What is scored.
    pub review: Window,
}

impl WindowRequest {
    /// Whether the request makes sense, as far as that can be told before
    /// the data is read.
    ///
    /// # Errors
    ///
    /// [`WindowError`], which names the flag and says what to write instead.
    pub fn check(&self) -> Result<(), WindowError> {
        if let Some(Span::Absolute { start: None, .. }) = self.review
            && self.review_start().is_none()
        {
            return Err(WindowError::ReviewWithoutStart);
        }
        if let Some(review) = self.review.and_then(both_ends)
            && review.is_empty()
        {
            return Err(WindowError::ReviewEmpty { review });
        }
        if let Some(history) = self.history.and_then(both_ends)
            && history.is_empty()
        {
            return Err(WindowError::HistoryEmpty { history });
        }
        self.absolute()
            .map_or(Ok(()), |windows| self.validate(windows))
    }

    /// Both windows, when they do not depend on the data. A side that was
    /// left open reaches to the end of time.
    #[must_use]
    pub fn absolute(&self) -> Option<Windows> {
        let Some(Span::Absolute { end, .. }) = self.review else {
            return None;
        };
        let start = self.review_start()?;
        Some(Windows {
            history: self.history_before(self.before_gap(start)),
            review: Window {
                start,
                end: end.unwrap_or(Timestamp::MAX),
            },
        })
    }

    /// Both windows, for data whose first and last events are given and whose
    /// scored period is `period_seconds` long.
    ///
    /// A window that was written as two times is taken as written; a side
    /// left open ends with the period of the first or last event. A window
    /// that is counted back covers whole periods: the review of `7d` ends
    /// with the period of the newest event and starts 7 days earlier.
    ///
    /// # Errors
    ///
    /// [`WindowError`], when the windows overlap or one of them is empty.
    pub fn resolve(
        &self,
        first: Timestamp,
        last: Timestamp,
        period_seconds: i64,
    ) -> Result<Windows, WindowError> {
        self.check()?;
        let data = Window {
            start: period_start(first, period_seconds),
            end: period_end(last, period_seconds),
        };
        let mut windows = self
            .absolute()
            .unwrap_or_else(|| self.counted_back(data, first, last, period_seconds));
        if windows.history.start == Timestamp::MIN {
            if windows.history.end <= data.start {
                return Err(WindowError::NothingBefore {
                    history_end: windows.history.end,
                    first,
                });
            }
            windows.history.start = data.start;
        }
        if windows.review.end == Timestamp::MAX {
            if data.end <= windows.review.start {
                return Err(WindowError::NothingAfter {
                    review_start: windows.review.start,
                    last,
                });
            }
            windows.review.end = data.end;
        }
        self.validate(windows)?;
        Ok(windows)
    }

    /// The windows when the review counts back from the newest event. Every
    /// boundary that is not written out falls between two periods.
    fn counted_back(
        &self,
        data: Window,
        first: Timestamp,
        last: Timestamp,
        period_seconds: i64,
    ) -> Windows {
        let seconds = match self.review {
            Some(Span::Length { seconds }) => seconds,
            _ => default_review_seconds(first, last, period_seconds),
        };
        let start = period_start(data.end.saturating_add_seconds(-seconds), period_seconds);
        let mut history = self.history_before(period_start(self.before_gap(start), period_seconds));
        if history.start != Timestamp::MIN {
            let start = period_start(history.start, period_seconds);
            let is_written = matches!(self.history, Some(Span::Absolute { .. }));
            history.start = if is_written && start < history.start {
                // What lies before it is not to be learned.
                period_end(start, period_seconds)
            } else {
                start
            };
        }
        history.end = period_start(history.end, period_seconds);
        Windows {
            history,
            review: Window {
                start,
                end: data.end,
            },
        }
    }

    /// Where the review starts, if that was written: either in `--review`, or
    /// by a history that ends before a review with an open start.
    fn review_start(&self) -> Option<Timestamp> {
        match (self.review?, self.history) {
            (
                Span::Absolute {
                    start: Some(start), ..
                },
                _,
            ) => Some(start),
            (Span::Absolute { .. }, Some(Span::Absolute { end: Some(end), .. })) => {
                Some(end.saturating_add_seconds(self.gap_seconds))
            }
            _ => None,
        }
    }

    fn before_gap(&self, review_start: Timestamp) -> Timestamp {
        review_start.saturating_add_seconds(self.gap_seconds.saturating_neg())
    }

    /// The history, which ends at `limit` unless it was written otherwise.
    fn history_before(&self, limit: Timestamp) -> Window {
        match self.history {
            None => Window {
                start: Timestamp::MIN,
                end: limit,
            },
            Some(Span::Length { seconds }) => Window {
                start: limit.saturating_add_seconds(seconds.saturating_neg()),
                end: limit,
            },
            Some(Span::Absolute { start, end }) => Window {
                start: start.unwrap_or(Timestamp::MIN),
                end: end.unwrap_or(limit),
            },
        }
    }

    fn validate(&self, windows: Windows) -> Result<(), WindowError> {
        let Windows { history, review } = windows;
        if review.is_empty() {
            return Err(WindowError::ReviewEmpty { review });
        }
        if self.before_gap(review.start) < history.end {
            return Err(WindowError::Overlap {
                history_end: history.end,
                review_start: review.start,
                latest_end: self.before_gap(review.start),
            });
        }
        if history.is_empty() {
            return Err(match self.history.and_then(both_ends) {
                Some(history) => WindowError::HistoryEmpty { history },
                None => WindowError::HistoryTooLate {
                    history_start: history.start,
                    latest_end: history.end,
                },
            });
        }
        Ok(())
    }
}

/// The whole periods that the time from the `first` to the `last` event
/// touches.
pub(super) fn whole_periods(first: Timestamp, last: Timestamp, period_seconds: i64) -> Window {
    Window {
        start: period_start(first, period_seconds),
        end: period_end(last, period_seconds),
    }
}

fn both_ends(span: Span) -> Option<Window> {
    match span {
        Span::Absolute {
            start: Some(start),
            end: Some(end),
        } => Some(Window { start, end }),
        _ => None,
    }
}

/// Seven days, or the last quarter of the periods when the data touches fewer
/// than 28 days; at least one period.
fn default_review_seconds(first: Timestamp, last: Timestamp, period_seconds: i64) -> i64 {
    if periods_between(first, last, DAY_SECONDS) >= SHORT_DATA_DAYS {
        return DEFAULT_REVIEW_DAYS * DAY_SECONDS;
    }
    let quarter = periods_between(first, last, period_seconds) / 4;
    quarter.max(1).saturating_mul(period_seconds)
}

/// Why the two windows cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowError {
    /// `--review ..END`, and nothing says where it starts.
    ReviewWithoutStart,
    /// The review ends before it starts.
    ReviewEmpty {
        /// As it was written.
        review: Window,
    },
    /// The history ends before it starts.
    HistoryEmpty {
        /// As it was written.
        history: Window,
    },
    /// The history starts where the review, or the gap before it, starts
    /// already.
    HistoryTooLate {
        /// Where the history starts.
        history_start: Timestamp,
        /// Where it has to end.
        latest_end: Timestamp,
    },
    /// The history reaches into the review, or into the gap before it.
    Overlap {
        /// Where the history ends.
        history_end: Timestamp,
        /// Where the review starts.
        review_start: Timestamp,
        /// Where the history has to end at the latest.
        latest_end: Timestamp,
    },
    /// No data lies before the review.
    NothingBefore {
        /// Where the history ends.
        history_end: Timestamp,
        /// The first event.
        first: Timestamp,
    },
    /// No data lies in a review that is open to the end.
    NothingAfter {
        /// Where the review starts.
        review_start: Timestamp,
        /// The last event.
        last: Timestamp,
    },
}

impl fmt::Display for WindowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::ReviewWithoutStart => f.write_str(
                "--review has an end but no start; write both, as in \
                 --review 2026-11-01..2026-11-08, or say where the history ends, as in \
                 --history ..2026-11-01",
            ),
            Self::ReviewEmpty { review } => write_empty(f, "--review", review),
            Self::HistoryEmpty { history } => write_empty(f, "--history", history),
            Self::HistoryTooLate {
                history_start,
                latest_end,
            } => write!(
                f,
                "--history starts at {}, but the review, or the --gap before it, starts at {}; \
                 start the history earlier or the review later",
                short(history_start),
                short(latest_end)
            ),
            Self::Overlap {
                history_end,
                review_start,
                latest_end,
            } => {
                let (end, start) = (short(history_end), short(review_start));
                let gap_seconds = review_start.seconds().saturating_sub(latest_end.seconds());
                if latest_end == review_start {
                    write!(
                        f,
                        "--history ends at {end}, after the review starts at {start}"
                    )?;
                } else {
                    write!(
                        f,
                        "--history ends at {end}, inside the --gap before the review at {start}"
                    )?;
                }
                write!(
                    f,
                    "; end it earlier, as in --history ..{}, or start the review later, as in \
                     --review {}..",
                    short(latest_end),
                    short(history_end.saturating_add_seconds(gap_seconds))
                )
            }
            Self::NothingBefore { history_end, first } => write!(
                f,
                "nothing to learn from: the history ends at {}, but the first event is at {}; \
                 add older logs, or make the review or the gap shorter, as in --review 1d",
                short(history_end),
                short(first)
            ),
            Self::NothingAfter { review_start, last } => write!(
                f,
                "nothing to score: --review starts at {}, but the last event is at {}; add newer \
                 logs, or count back from the last event, as in --review 7d",
                short(review_start),
                short(last)
            ),
        }
    }
}

impl std::error::Error for WindowError {}

fn write_empty(f: &mut fmt::Formatter<'_>, flag: &str, window: Window) -> fmt::Result {
    let (start, end) = (short(window.start), short(window.end));
    write!(
        f,
        "{flag} {start}..{end} is empty; the first time must be the earlier one, as in \
         {flag} 2026-11-01..2026-11-08"
    )
}

/// A time as a user would write it: midnight is a date.
fn short(time: Timestamp) -> String {
    if time.micros().rem_euclid(DAY_SECONDS * 1_000_000) == 0 {
        time.date()
    } else {
        time.rfc3339()
    }
}
