//! `habitual inspect`: what is in these exports, before anything is learned.

use std::io::Write;

use anyhow::bail;
use clap::Args;

use super::inputs::{InputArgs, Inputs, LabelArgs, LimitArgs};
use super::outputs::{Format, Offer, Output, OutputArgs, announce, check_outputs, write_outputs};
use super::problem::check_recognised;
use super::status::{Completion, Input, Verdict};
use super::terminal::Terminal;
use super::usage::UsageError;
use crate::ingest::coverage::Coverage;
use crate::progress::Progress;

/// What an inspection can be written as.
#[derive(Clone, Debug)]
struct Inspection;

impl Offer for Inspection {
    const FORMATS: &'static [Format] = &[Format::Table, Format::Json];
}

/// Say what is in these exports, and recommend windows
#[derive(Clone, Debug, Args)]
#[command(
    long_about = "Say what is in these exports: formats, records, time range per source, \
                  identities, gaps, and what was skipped and why; and recommend windows.

Examples:
  habitual inspect logs/
  habitual inspect cloudtrail/ okta.json vault.log -f json -o inspection.json
  zcat audit.log.*.gz | habitual inspect -"
)]
pub struct InspectArgs {
    #[command(flatten)]
    inputs: InputArgs,
    #[command(flatten)]
    outputs: OutputArgs<Inspection>,
    #[command(flatten)]
    labels: LabelArgs,
    #[command(flatten)]
    limits: LimitArgs,
}

/// What an inspection needs to know.
#[derive(Clone, Debug)]
pub struct InspectConfig {
    /// What to read.
    pub inputs: Inputs,
    /// What to write, and where.
    pub outputs: Vec<Output>,
}

impl InspectConfig {
    /// What the flags amount to.
    ///
    /// # Errors
    ///
    /// [`UsageError`], when they do not make sense together.
    pub fn new(args: &InspectArgs) -> Result<Self, UsageError> {
        Ok(Self {
            inputs: Inputs::new(&args.inputs, &args.limits, &args.labels)?,
            outputs: args.outputs.resolve()?,
        })
    }
}

/// The plot: configure, try the outputs, read, write.
pub(super) fn run(
    args: &InspectArgs,
    terminal: Terminal,
    stdout: &mut dyn Write,
) -> anyhow::Result<Completion> {
    let config = InspectConfig::new(args)?;
    check_outputs(&config.outputs, &config.inputs.paths, terminal)?;

    let coverage = read(&config.inputs, &Progress::new(terminal.progress))?;
    let completion = Completion {
        input: Input::of(&coverage),
        verdict: Verdict::Quiet,
    };
    completion.once_written(write_outputs(&config.outputs, stdout, |output, out| {
        write_inspection(&coverage, output, terminal, out)
    }))?;
    announce(&config.outputs, terminal.remarks);
    // What was skipped and why has been said; now the status may say it too.
    check_recognised(&coverage, &config.inputs.paths)?;
    Ok(completion)
}

/// Reads the logs.
fn read(_inputs: &Inputs, _progress: &Progress) -> anyhow::Result<Coverage> {
    bail!("reading is not joined yet")
}

/// Writes what was found.
fn write_inspection(
    _coverage: &Coverage,
    _output: &Output,
    _terminal: Terminal,
    _out: &mut dyn Write,
) -> anyhow::Result<()> {
    bail!("inspections are not joined yet")
}
