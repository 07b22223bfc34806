//! `habitual inspect`: what is in these exports, before anything is learned.

use std::io::Write;
use std::sync::Arc;

use clap::Args;

use super::dump::{Dump, DumpArgs, Dumped};
use super::inputs::{InputArgs, Inputs, LabelArgs, LimitArgs};
use super::outputs::{
    Format, Offer, Output, OutputArgs, announce, check_outputs, refuse_shared_destinations,
    write_outputs,
};
use super::problem::{check_recognised, events_found};
use super::status::{Completion, Input, Verdict};
use super::study::{self, Whole};
use super::terminal::Terminal;
use super::usage::UsageError;
use super::windows::WindowRequest;
use crate::event::{Class, Period, Window};
use crate::identity::settle;
use crate::ingest::coverage::Coverage;
use crate::ledger::{Decisions, Ledger, Roster};
use crate::progress::Progress;
use crate::report::{self, ClassCount, Gap, Recommended, Spool};

/// What an inspection can be written as.
#[derive(Clone, Debug)]
struct Inspection;

impl Offer for Inspection {
    const FORMATS: &'static [Format] = &[Format::Table, Format::Json, Format::Jsonl];
}

/// Say what is in these exports, and recommend windows
#[derive(Clone, Debug, Args)]
#[command(
    long_about = "Say what is in these exports: formats, records, time range per source, \
                  identities, gaps, and what was skipped and why; and recommend windows.

Examples:
  habitual inspect logs/
  habitual inspect cloudtrail/ okta.json vault.log -f json -o inspection.json
  habitual inspect logs/ --dump-events events.parquet
  zcat audit.log.*.gz | habitual inspect -"
)]
pub struct InspectArgs {
    #[command(flatten)]
    inputs: InputArgs,
    #[command(flatten)]
    outputs: OutputArgs<Inspection>,
    #[command(flatten)]
    dump: DumpArgs,
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
    /// Where the events go besides.
    pub dump: Option<Dump>,
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
            dump: Dump::new(&args.dump),
        })
    }

    /// Everything that will be written.
    fn all_outputs(&self) -> Vec<Output> {
        let dump = self.dump.as_ref().map(Dump::as_output);
        self.outputs.iter().cloned().chain(dump).collect()
    }
}

/// The plot: configure, try the outputs, read, write.
pub(super) fn run(
    args: &InspectArgs,
    terminal: Terminal,
    stdout: &mut dyn Write,
) -> anyhow::Result<Completion> {
    let config = InspectConfig::new(args)?;
    let outputs = config.all_outputs();
    refuse_shared_destinations(&outputs)?;
    check_outputs(&outputs, &config.inputs.paths, terminal)?;

    let (found, spools) = Found::read(&config, &Progress::new(terminal.progress))?;
    let completion = Completion {
        input: Input::of(&found.coverage),
        verdict: Verdict::Quiet,
    };
    if let Some(dump) = &config.dump {
        dump.write(spools)?;
    }
    completion.once_written(write_outputs(&config.outputs, stdout, |output, out| {
        write_inspection(&config, &found, output, terminal, out)
    }))?;
    announce(&config.outputs, terminal.remarks);
    if let Some(dump) = &config.dump {
        dump.announce(terminal.remarks);
    }
    // What was skipped and why has been said; now the status may say it too.
    check_recognised(&found.coverage, &config.inputs.paths)?;
    Ok(completion)
}

/// Writes what was found.
fn write_inspection(
    config: &InspectConfig,
    found: &Found,
    output: &Output,
    terminal: Terminal,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let inspection = report::Inspection {
        coverage: &found.coverage,
        identities: found.identities.clone(),
        recommended: found.recommended.clone(),
        gaps: found.gaps.clone(),
        notes: found.coverage.trail.remarks(),
        inputs: config.inputs.shown(),
    };
    report::write_inspection(output.format, &inspection, &output.style(terminal), out)
}

/// What there is to say about the input.
struct Found {
    coverage: Coverage,
    identities: Vec<ClassCount>,
    recommended: Option<Recommended>,
    gaps: Vec<Gap>,
}

impl Found {
    /// Reads everything, whatever its time. The events to dump are in the
    /// spools.
    fn read(config: &InspectConfig, progress: &Progress) -> anyhow::Result<(Self, Vec<Spool>)> {
        let roster = Arc::new(Roster::within(config.inputs.limits.memory));
        let empty = || Ledger::enrolling(Period::Day, Arc::clone(&roster));
        let intake = study::read(&config.inputs, Window::ALWAYS, progress, || Dumped {
            fold: Whole(empty()),
            spool: config.dump.as_ref().map(Dump::spool),
        })?;
        let mut coverage = intake.coverage;
        let mut ledger = empty();
        let mut spools = Vec::new();
        for part in intake.folds {
            ledger.merge(part.fold.0);
            spools.extend(part.spool);
        }
        ledger.settle();
        coverage.overflow = study::overflow(&[&ledger]);
        Decisions::from_history(&ledger).apply_to_review(&mut ledger);
        let found = Self {
            identities: by_class(&ledger),
            recommended: recommend(&coverage),
            gaps: gaps(&coverage),
            coverage,
        };
        Ok((found, spools))
    }
}

fn by_class(ledger: &Ledger) -> Vec<ClassCount> {
    let counted = Class::ALL.into_iter().map(|class| {
        let rows = ledger.accounts().iter().map(|account| &account.row);
        let (n_identities, n_events) = rows
            .filter(|row| row.n_events > 0)
            .filter(|row| {
                settle(
                    row.basis,
                    row.class,
                    row.class_confidence,
                    row.traits,
                    &row.name,
                )
                .0 == class
            })
            .fold((0_u64, 0_u64), |(n, events), row| {
                (n + 1, events.saturating_add(row.n_events))
            });
        ClassCount {
            class,
            n_identities,
            n_events,
        }
    });
    counted.filter(|count| count.n_identities > 0).collect()
}

/// The windows that `replay` would use without any flag.
fn recommend(coverage: &Coverage) -> Option<Recommended> {
    let found = events_found(coverage)?;
    let period = Period::fitting(found.start, found.end);
    let windows = WindowRequest::default()
        .resolve(found.start, found.end, period.seconds())
        .ok()?;
    let count = |window: Window| {
        let seconds = window.end.seconds().saturating_sub(window.start.seconds());
        seconds.div_euclid(period.seconds()).max(1)
    };
    let (n_review, n_history) = (count(windows.review), count(windows.history));
    let unit = match period {
        Period::FiveMinutes => "periods of 5 minutes".to_owned(),
        other => format!("{}s", other.name()),
    };
    Some(Recommended {
        history: windows.history,
        review: windows.review,
        period: period.name(),
        reason: format!("The last {n_review} {unit} against the {n_history} before them."),
    })
}

fn gaps(coverage: &Coverage) -> Vec<Gap> {
    coverage
        .sources
        .iter()
        .flat_map(|(source, found)| {
            found.silences().into_iter().map(|window| Gap {
                source: *source,
                start: window.start,
                end: window.end,
                n_hours: u64::try_from(
                    window.end.seconds().saturating_sub(window.start.seconds()) / 3_600,
                )
                .unwrap_or_default(),
            })
        })
        .collect()
}
