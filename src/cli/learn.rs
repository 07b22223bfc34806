//! `habitual learn`: what is habit, saved for later.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::baseline::{adopt_labels, input_files, labels_of, warn_if_exposed};
use super::inputs::{InputArgs, Inputs, LabelArgs, LimitArgs};
use super::problem::{InputProblem, check_recognised, check_undamaged, events_found};
use super::status::{Completion, Input, Verdict};
use super::study::{self, Damage, Known, Within};
use super::terminal::Terminal;
use super::usage::{Misuse, UsageError};
use super::windows::{PeriodArg, Span, parse_span, period_end, period_start};
use crate::event::{Period, Timestamp, Window};
use crate::identity::IDENTITY_RULES_VERSION;
use crate::ingest::coverage::Coverage;
use crate::ledger::{Ledger, Roster};
use crate::progress::Progress;
use crate::state::NightState;
use crate::state::baseline::{Content, Folder, Manifest};

/// Learn what is habit, and save it
#[derive(Clone, Debug, Args)]
#[command(
    long_about = "Learn what is habit from logs, and save it as a baseline: a folder of Parquet \
                  tables that `score` compares later logs with, and that any tool can read.

Examples:
  habitual learn logs/2026-10/ -o baseline
  habitual learn logs/2026-11-01/ -o baseline --update
  habitual learn logs/ --history ..2026-11-01 -o baseline
  habitual score logs/2026-11-02/ --baseline baseline"
)]
pub struct LearnArgs {
    #[command(flatten)]
    inputs: InputArgs,
    /// Folder to save the baseline in
    #[arg(short, long, value_name = "BASELINE")]
    output: PathBuf,
    /// Add to the baseline that is there
    ///
    /// Nothing may be learned twice: name only logs that it has not seen.
    #[arg(long)]
    update: bool,
    /// What to learn: START..END, either side may be left out [default: everything]
    #[arg(long, value_name = "WINDOW", value_parser = parse_span)]
    history: Option<Span>,
    /// Length of one period: day, hour, 5m or 1m
    #[arg(
        long,
        value_name = "PERIOD",
        default_value = "day",
        value_parser = super::windows::period_parser(),
        hide_possible_values = true,
        hide_short_help = true
    )]
    period: PeriodArg,
    /// Fail, and write nothing, if any input is damaged
    #[arg(long, hide_short_help = true)]
    strict: bool,
    #[command(flatten)]
    labels: LabelArgs,
    #[command(flatten)]
    limits: LimitArgs,
}

/// The plot: lock, read what is there, learn, write.
pub(super) fn run(args: &LearnArgs, terminal: Terminal) -> anyhow::Result<Completion> {
    let mut inputs = Inputs::new(&args.inputs, &args.limits, &args.labels)?;
    let folder = Folder::at(&args.output);
    if folder.holds_baseline() && !args.update {
        return Err(UsageError::from(Misuse::Occupied {
            folder: args.output.clone(),
            remedy: "add to it with --update, or name another folder",
        })
        .into());
    }
    let window = history(args.history)?;
    let lock = folder.lock()?;
    warn_if_exposed(&folder, terminal);
    let known = if folder.holds_baseline() {
        let (known, manifest) = Known::read(folder.path(), &inputs)?;
        if NightState::is_in(&manifest) {
            let folder = args.output.clone();
            return Err(UsageError::from(Misuse::NightlyState { folder }).into());
        }
        adopt_labels(&mut inputs, &manifest)?;
        Some((known, manifest))
    } else {
        None
    };
    let damage = if args.strict {
        Damage::Refuse
    } else {
        Damage::Count
    };
    let progress = Progress::new(terminal.progress);
    let learned = Learned::read(&inputs, window, args.period, damage, &progress)?;
    let mut manifest = learned.manifest(&inputs)?;
    let mut ledger = learned.ledger;
    if let Some((known, old)) = known {
        refuse_seen(&old, &manifest)?;
        manifest = united(&old, manifest);
        let mut all = known.history;
        all.merge(ledger);
        all.settle();
        ledger = all;
    }
    let written = folder.write(&Content::of(&ledger), &manifest, &lock)?;
    terminal.remarks.say(&format!(
        "Learned {} records of {} identities, {}..{}, in {:?} (generation {}).",
        written.n_records,
        written.n_identities,
        written.window_start,
        written.window_end,
        args.output,
        written.generation
    ));
    Ok(Completion {
        input: Input::of(&learned.coverage),
        verdict: Verdict::Quiet,
    })
}

/// The window that --history asks for.
fn history(asked: Option<Span>) -> Result<Window, UsageError> {
    match asked {
        Some(Span::Absolute { start, end }) => Ok(Window {
            start: start.unwrap_or(Timestamp::MIN),
            end: end.unwrap_or(Timestamp::MAX),
        }),
        Some(Span::Length { .. }) => Err(UsageError::HistoryLength),
        None => Ok(Window::ALWAYS),
    }
}

/// A file may be named by several runs, but each time of it is learned from
/// only once.
pub(super) fn refuse_seen(old: &Manifest, new: &Manifest) -> Result<(), UsageError> {
    let windows = old.window().zip(new.window());
    if !windows.is_some_and(|(a, b)| a.start < b.end && b.start < a.end) {
        return Ok(());
    }
    let seen = new.inputs.iter().find(|file| {
        let mut known = old.inputs.iter();
        file.sha256.is_some() && known.any(|own| own.sha256 == file.sha256)
    });
    seen.map_or(Ok(()), |file| {
        let path = file.path.clone();
        Err(Misuse::LearnedTwice { path }.into())
    })
}

/// What describes both.
pub(super) fn united(old: &Manifest, new: Manifest) -> Manifest {
    let mut all = new;
    all.inputs.extend(old.inputs.iter().cloned());
    if let (Some(a), Some(b)) = (old.window(), all.window()) {
        all.set_window(Window {
            start: a.start.min(b.start),
            end: a.end.max(b.end),
        });
    }
    all
}

/// What was learned.
struct Learned {
    ledger: Ledger,
    window: Window,
    coverage: Coverage,
}

impl Learned {
    fn read(
        inputs: &Inputs,
        window: Window,
        period: PeriodArg,
        damage: Damage,
        progress: &Progress,
    ) -> anyhow::Result<Self> {
        let roster = Arc::new(Roster::within(inputs.limits.memory));
        let coarsest = study::coarsest(period);
        let empty = || Within {
            window,
            ledger: Ledger::enrolling(coarsest, Arc::clone(&roster)).uncited(),
        };
        let intake = study::read(inputs, window, progress, empty)?;
        let mut coverage = intake.coverage;
        check_recognised(&coverage, &inputs.paths)?;
        if damage == Damage::Refuse {
            check_undamaged(&coverage)?;
        }
        let mut ledger = Within::merged(intake.folds, empty());
        coverage.overflow = study::overflow(&[&ledger]);
        let found = events_found(&coverage).unwrap_or(Window::ALWAYS);
        let Some((first, last)) = ledger.span() else {
            let history = window;
            return Err(InputProblem::NoEventsInHistory { history, found }.into());
        };
        let period = match period {
            PeriodArg::Fixed(period) => period,
            PeriodArg::Auto => Period::fitting(found.start, found.end),
        };
        ledger.coarsen(period.max(ledger.period()));
        let window = whole_periods(window, first, last, ledger.period());
        Ok(Self {
            ledger,
            window,
            coverage,
        })
    }

    fn manifest(&self, inputs: &Inputs) -> anyhow::Result<Manifest> {
        let mut manifest = Manifest::new(IDENTITY_RULES_VERSION);
        manifest.labels = labels_of(inputs);
        manifest.inputs = input_files(&self.coverage.files, self.window)?;
        manifest.set_window(self.window);
        Ok(manifest)
    }
}

/// The window, of which a side that was left open ends with the period of the
/// first or last event.
fn whole_periods(window: Window, first: Timestamp, last: Timestamp, period: Period) -> Window {
    Window {
        start: if window.start == Timestamp::MIN {
            period_start(first, period.seconds())
        } else {
            window.start
        },
        end: if window.end == Timestamp::MAX {
            period_end(last, period.seconds())
        } else {
            window.end
        },
    }
}
