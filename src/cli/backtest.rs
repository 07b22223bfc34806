//! `habitual backtest`: how well this would have worked on your history.

use std::io::Write;
use std::sync::Arc;

use clap::{Args, value_parser};

use super::inputs::{DateArgs, InputArgs, Inputs, LabelArgs, LimitArgs};
use super::modelling::ModelArgs;
use super::outputs::{Format, Offer, Output, OutputArgs, announce, check_outputs, write_outputs};
use super::problem::{InputProblem, check_recognised, check_undamaged};
use super::status::{Completion, Input, Verdict};
use super::study::{self, Whole};
use super::terminal::Terminal;
use super::usage::UsageError;
use super::windows::{PeriodArg, Span, parse_length, parse_span, period_parser, whole_periods};
use crate::backtest::{self, Outcome, Plan};
use crate::event::{Period, Timestamp, Window};
use crate::ingest::coverage::Coverage;
use crate::ledger::{Ledger, Roster};
use crate::model::Parameters;
use crate::progress::Progress;
use crate::report;

/// What a backtest can be written as.
#[derive(Clone, Debug)]
struct Report;

impl Offer for Report {
    const FORMATS: &'static [Format] = &[Format::Table, Format::Json, Format::Html];
}

/// Say how well this would have worked on your history
#[derive(Clone, Debug, Args)]
#[command(
    long_about = "Say how well this would have worked on your history. Takeovers are planted into \
                  copies of reviews, one at a time, to see how many are found; and ordinary \
                  reviews are counted, to see how often they raise an alarm. Nothing is read but \
                  the logs, and nothing needs to be labelled.

The first 60 % of the time are only learned from. What follows is reviewed week by week, each week
held against everything before it. What really happened in these weeks is taken for ordinary life:
an attack in them counts as a false alarm. Every account is judged alone, whoever else it is one
with.

Examples:
  habitual backtest logs/
  habitual backtest logs/ --history 2026-01-01..2026-07-01
  habitual backtest logs/ -f html -o backtest.html
  habitual backtest logs/ --plants 100000 --seed 7 -f json -o backtest.json"
)]
pub struct BacktestArgs {
    #[command(flatten)]
    inputs: InputArgs,
    #[command(flatten)]
    dates: DateArgs,
    #[command(flatten)]
    windows: TestWindowArgs,
    #[command(flatten)]
    outputs: OutputArgs<Report>,
    #[command(flatten)]
    effort: EffortArgs,
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    labels: LabelArgs,
    #[command(flatten)]
    limits: LimitArgs,
}

/// What to test on.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Windows")]
struct TestWindowArgs {
    /// What to test on: START..END, or a length [default: everything]
    ///
    /// Times are UTC, RFC 3339 or a date, and the end is not included; either side may be left
    /// out. A length counts back from the newest event.
    #[arg(long, value_name = "WINDOW", value_parser = parse_span)]
    history: Option<Span>,
    /// Length of each review [default: 7d]
    ///
    /// Of data that spans fewer than 18 days, the last 40 % are one review.
    #[arg(long, value_name = "LENGTH", value_parser = parse_length)]
    review: Option<i64>,
    /// Length of one scored period: auto, day, hour, 5m or 1m
    #[arg(
        long,
        value_name = "PERIOD",
        default_value = "auto",
        value_parser = period_parser(),
        hide_possible_values = true,
        hide_short_help = true
    )]
    period: PeriodArg,
}

/// How much to try.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Effort")]
struct EffortArgs {
    /// Reviews to test, the last N
    ///
    /// Each takes about as long as a replay does after reading.
    #[arg(long, value_name = "N", default_value = "8", value_parser = value_parser!(u32).range(1..))]
    reviews: u32,
    /// Plants to score, at most
    ///
    /// Identities are drawn by hash until this is reached, and everything is planted in each of
    /// them. 1,000 plants take about a second.
    #[arg(long, value_name = "N", default_value = "20000", value_parser = value_parser!(u32).range(1..))]
    plants: u32,
    /// Draw other identities and partners
    #[arg(long, value_name = "N", default_value = "0")]
    seed: u64,
    /// Fail, and write nothing, if any input is damaged
    #[arg(long, hide_short_help = true)]
    strict: bool,
}

/// What a backtest needs to know.
#[derive(Clone, Debug)]
struct BacktestConfig {
    inputs: Inputs,
    history: Option<Span>,
    period: PeriodArg,
    review_seconds: Option<i64>,
    effort: EffortArgs,
    parameters: Parameters,
    outputs: Vec<Output>,
}

impl BacktestConfig {
    fn new(args: &BacktestArgs) -> Result<Self, UsageError> {
        let inputs = Inputs::new(&args.inputs, &args.limits, &args.labels)?;
        let is_known = matches!(
            args.windows.history,
            Some(Span::Absolute {
                start: Some(_),
                end: Some(_)
            })
        );
        let parameters = args.model.parameters(&inputs);
        Ok(Self {
            inputs: inputs.by_date(args.dates, is_known)?,
            history: args.windows.history,
            period: args.windows.period,
            review_seconds: args.windows.review,
            effort: args.effort,
            parameters,
            outputs: args.outputs.resolve()?,
        })
    }

    /// What is read: everything inside the history that was asked for.
    fn span(&self) -> Window {
        match self.history {
            Some(Span::Absolute { start, end }) => Window {
                start: start.unwrap_or(Timestamp::MIN),
                end: end.unwrap_or(Timestamp::MAX),
            },
            _ => Window::ALWAYS,
        }
    }
}

/// The plot: configure, try the outputs, read, test, write.
pub(super) fn run(
    args: &BacktestArgs,
    terminal: Terminal,
    stdout: &mut dyn Write,
) -> anyhow::Result<Completion> {
    let config = BacktestConfig::new(args)?;
    check_outputs(&config.outputs, &config.inputs.paths, terminal)?;

    let (outcome, coverage) = test(&config, terminal)?;

    let completion = Completion {
        input: Input::of(&coverage),
        verdict: Verdict::Quiet,
    };
    let tested = report::Backtest {
        outcome: &outcome,
        coverage: &coverage,
        inputs: config.inputs.shown(),
    };
    completion.once_written(write_outputs(&config.outputs, stdout, |output, out| {
        report::write_backtest(output.format, &tested, &output.style(terminal), out)
    }))?;
    announce(&config.outputs, terminal.remarks);
    Ok(completion)
}

/// What was read, in slots of one period.
struct Tested {
    ledger: Ledger,
    data: Window,
    coverage: Coverage,
}

/// Reads everything and tests on it.
fn test(config: &BacktestConfig, terminal: Terminal) -> anyhow::Result<(Outcome, Coverage)> {
    let tested = read(config, terminal)?;
    let plan = Plan {
        data: tested.data,
        period: tested.ledger.period(),
        review_seconds: config.review_seconds,
        max_reviews: usize::try_from(config.effort.reviews).unwrap_or(usize::MAX),
        max_plants: usize::try_from(config.effort.plants).unwrap_or(usize::MAX),
        seed: config.effort.seed,
        parameters: config.parameters.clone(),
    };
    let outcome = backtest::run(&tested.ledger, &plan).map_err(InputProblem::TooShortToTest)?;
    if outcome.sampling.n_reviews == 0 {
        let n_identities = outcome.unwatched.len();
        return Err(InputProblem::NobodyToTest { n_identities }.into());
    }
    Ok((outcome, tested.coverage))
}

/// Reads all inputs into one ledger.
fn read(config: &BacktestConfig, terminal: Terminal) -> anyhow::Result<Tested> {
    let roster = Arc::new(Roster::within(config.inputs.limits.memory));
    let coarsest = study::coarsest(config.period);
    let empty = || Ledger::enrolling(coarsest, Arc::clone(&roster));
    let progress = Progress::new(terminal.progress);
    let intake = study::read(&config.inputs, config.span(), &progress, || Whole(empty()))?;
    let mut coverage = intake.coverage;
    check_recognised(&coverage, &config.inputs.paths)?;
    if config.effort.strict {
        check_undamaged(&coverage)?;
    }
    let mut ledger = empty();
    for part in intake.folds {
        ledger.merge(part.0);
    }
    ledger.settle();
    coverage.overflow = study::overflow(&[&ledger]);
    let Some((start, end)) = ledger.span().filter(|_| ledger.n_records() > 0) else {
        return Err(InputProblem::NobodyToTest { n_identities: 0 }.into());
    };
    ledger.coarsen(match config.period {
        PeriodArg::Fixed(period) => period,
        PeriodArg::Auto => Period::fitting(start, end),
    });
    let data = data_window(config.history, Window { start, end }, ledger.period());
    let ledger = ledger.into_uncited_slice(data);
    let n_outside = coverage.n_used.saturating_sub(ledger.n_records());
    coverage.n_used = ledger.n_records();
    coverage.n_out_of_window = coverage.n_out_of_window.saturating_add(n_outside);
    Ok(Tested {
        ledger,
        data,
        coverage,
    })
}

/// Whole periods that cover what was found, within what was asked for.
fn data_window(asked: Option<Span>, found: Window, period: Period) -> Window {
    let mut data = whole_periods(found.start, found.end, period.seconds());
    if let Some(Span::Length { seconds }) = asked {
        let start = data.end.saturating_add_seconds(seconds.saturating_neg());
        let start = whole_periods(start, start, period.seconds()).start;
        data.start = data.start.max(start);
    }
    data
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use clap::Parser as _;

    use super::*;
    use crate::cli::{Cli, Verb};

    fn config(flags: &str) -> Result<BacktestConfig, UsageError> {
        let words = ["habitual", "backtest"].into_iter();
        let cli = Cli::try_parse_from(words.chain(flags.split_whitespace())).unwrap();
        let args = match cli.verb {
            Verb::Backtest(args) => Some(args),
            _ => None,
        };
        BacktestConfig::new(&args.unwrap())
    }

    #[test]
    fn everything_has_a_default() {
        let config = config("logs").unwrap();
        assert_eq!(config.review_seconds, None);
        assert_eq!(config.effort.reviews, 8);
        assert_eq!(config.effort.plants, 20_000);
        assert_eq!(config.effort.seed, 0);
        assert_eq!(config.span(), Window::ALWAYS);
    }

    #[test]
    fn only_what_was_asked_for_is_read() {
        let config = config("logs --history 2026-01-01.. --review 3d").unwrap();
        assert_eq!(config.span().start.date(), "2026-01-01");
        assert_eq!(config.review_seconds, Some(3 * 86_400));
        let dates = super::tests::config("logs --history 30d --path-dates");
        assert_eq!(dates.unwrap_err(), UsageError::DatesWithoutWindow);
    }

    #[test]
    fn a_length_counts_back_whole_periods() {
        let at = |day: i64| Timestamp::from_seconds(day * 86_400);
        let found = Window {
            start: at(0),
            end: at(89).saturating_add_seconds(60),
        };
        let data = data_window(
            Some(Span::Length {
                seconds: 30 * 86_400,
            }),
            found,
            Period::Day,
        );
        assert_eq!((data.start, data.end), (at(60), at(90)));
        let all = data_window(None, found, Period::Day);
        assert_eq!((all.start, all.end), (at(0), at(90)));
    }
}
