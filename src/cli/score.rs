//! `habitual score`: a review against a saved baseline.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::baseline::{adopt_labels, warn_if_exposed};
use super::inputs::{InputArgs, Inputs, LabelArgs, LimitArgs};
use super::linkage::LinkArgs;
use super::modelling;
use super::outputs::{OutputArgs, check_outputs};
use super::replay::{ReplayConfig, Report, VerdictArgs, report_on};
use super::selection::{Selection, SelectionArgs};
use super::status::Completion;
use super::study::{Known, Study};
use super::terminal::Terminal;
use super::windows::{PeriodArg, Span, WindowRequest, parse_span};
use crate::progress::Progress;
use crate::state::baseline::Folder;

/// Score a review against a saved baseline, and rank who deviates
#[derive(Clone, Debug, Args)]
#[command(
    long_about = "Score a review against a saved baseline, and rank who deviates. The same as a \
                  replay of the logs that the baseline was learned from and these.

Examples:
  habitual score logs/2026-11-02/ --baseline baseline
  habitual score logs/ --baseline baseline --review 2026-11-02..2026-11-03
  habitual score logs/ --baseline baseline -f jsonl -o out.jsonl"
)]
pub struct ScoreArgs {
    #[command(flatten)]
    inputs: InputArgs,
    /// Folder of the baseline
    #[arg(long, value_name = "BASELINE")]
    baseline: PathBuf,
    /// What to score: START..END, or a length [default: everything after the baseline]
    #[arg(long, value_name = "WINDOW", value_parser = parse_span)]
    review: Option<Span>,
    #[command(flatten)]
    verdict: VerdictArgs,
    #[command(flatten)]
    outputs: OutputArgs<Report>,
    #[command(flatten)]
    selection: SelectionArgs,
    #[command(flatten)]
    labels: LabelArgs,
    #[command(flatten)]
    links: LinkArgs,
    #[command(flatten)]
    limits: LimitArgs,
}

/// The plot: read the baseline, read the review, then as a replay does.
pub(super) fn run(
    args: &ScoreArgs,
    terminal: Terminal,
    stdout: &mut dyn Write,
) -> anyhow::Result<Completion> {
    let inputs = Inputs::new(&args.inputs, &args.limits, &args.labels)?.linked(&args.links);
    let outputs = args.outputs.resolve()?;
    check_outputs(&outputs, &inputs.paths, terminal)?;
    let parameters = modelling::parameters(&inputs);
    let mut config = ReplayConfig {
        inputs,
        windows: WindowRequest::default(),
        period: PeriodArg::Auto,
        alerts_per_day: args.selection.alerts_per_day,
        selection: Selection::new(&args.selection),
        outputs,
        manifest: None,
        fail_on: args.verdict.fail_on,
        damage: args.verdict.damage(),
        parameters,
    };
    warn_if_exposed(&Folder::at(&args.baseline), terminal);
    let known = against(&args.baseline, args.review, &mut config)?;
    let study = Study::against(
        known,
        &config.inputs,
        config.windows,
        config.damage,
        &Progress::new(terminal.progress),
    )?;
    report_on(&config, study, terminal, stdout)
}

/// Reads the baseline in `folder`, and makes `config` a review against it:
/// everything after it, unless another `review` is asked for.
///
/// # Errors
///
/// `BaselineProblem`, labels that differ, and windows that make no sense.
pub(super) fn against(
    folder: &Path,
    review: Option<Span>,
    config: &mut ReplayConfig,
) -> anyhow::Result<Known> {
    let (known, manifest) = Known::read(folder, &config.inputs)?;
    adopt_labels(&mut config.inputs, &manifest)?;
    let after = Span::Absolute {
        start: Some(known.window.end),
        end: None,
    };
    config.windows = WindowRequest {
        review: Some(review.unwrap_or(after)),
        history: Some(Span::Absolute {
            start: Some(known.window.start),
            end: Some(known.window.end),
        }),
        gap_seconds: 0,
    };
    config
        .windows
        .check()
        .map_err(super::usage::UsageError::Windows)?;
    config.period = PeriodArg::Fixed(known.history.period());
    Ok(known)
}
