//! The flags about windows, as typed.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::{Span, WindowError, WindowRequest, parse_around, parse_length, parse_span};
use crate::event::Period;

/// Which time to learn and which to score.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Windows")]
pub struct WindowArgs {
    /// What to score: START..END, or a length [default: 7d]
    ///
    /// Times are UTC, RFC 3339 or a date, and the end is not included. A length, as in 7d, 36h or
    /// 20m, counts back from the newest event. The default is the last 7 days in the data, or the
    /// last quarter of it when it spans fewer than 28 days. The windows used are always printed.
    #[arg(long, value_name = "WINDOW", value_parser = parse_span, allow_hyphen_values = true)]
    pub review: Option<Span>,
    /// What to learn [default: everything before the review]
    ///
    /// START..END, where either side may be left out, or a length that counts back from the
    /// start of the review.
    #[arg(long, value_name = "WINDOW", value_parser = parse_span, allow_hyphen_values = true)]
    pub history: Option<Span>,
    /// Score the time around a moment, as in 2026-11-20T03:00Z~2h
    ///
    /// The margin may also be written with ± or +-.
    #[arg(
        long,
        value_name = "TIME~LENGTH",
        value_parser = parse_around,
        conflicts_with = "review",
        hide_short_help = true
    )]
    pub around: Option<Span>,
    /// What to leave out between the two, as in 2d
    ///
    /// So that a suspected intrusion does not train its own baseline.
    #[arg(long, value_name = "LENGTH", value_parser = parse_length, allow_hyphen_values = true)]
    pub gap: Option<i64>,
    /// Length of one scored period: auto, day, hour, 5m or 1m
    ///
    /// auto is a day, or the longest of these of which the data spans at least 12.
    #[arg(
        long,
        value_name = "PERIOD",
        default_value = "auto",
        value_parser = period_parser(),
        hide_possible_values = true,
        hide_short_help = true
    )]
    pub period: PeriodArg,
}

/// `--period`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeriodArg {
    /// Chosen for the data, by [`Period::fitting`].
    Auto,
    /// This one.
    Fixed(Period),
}

const PERIODS: [(&str, PeriodArg); 5] = [
    ("auto", PeriodArg::Auto),
    ("day", PeriodArg::Fixed(Period::Day)),
    ("hour", PeriodArg::Fixed(Period::Hour)),
    ("5m", PeriodArg::Fixed(Period::FiveMinutes)),
    ("1m", PeriodArg::Fixed(Period::Minute)),
];

pub(in crate::cli) fn period_parser() -> impl TypedValueParser<Value = PeriodArg> {
    PossibleValuesParser::new(PERIODS.map(|(name, _)| name)).try_map(|text| {
        PERIODS
            .into_iter()
            .find(|(name, _)| *name == text)
            .map(|(_, period)| period)
            .ok_or("unknown period")
    })
}

impl WindowRequest {
    /// What the flags amount to.
    ///
    /// # Errors
    ///
    /// [`WindowError`], as far as it can be told before the data is read.
    pub fn new(args: &WindowArgs) -> Result<Self, WindowError> {
        let request = Self {
            review: args.review.or(args.around),
            history: args.history,
            gap_seconds: args.gap.unwrap_or(0),
        };
        request.check()?;
        Ok(request)
    }
}
