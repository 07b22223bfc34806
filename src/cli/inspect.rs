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
use crate::event::{Class, Period, Untrusted, Window};
use crate::identity::settle;
use crate::ingest::coverage::Coverage;
use crate::ingest::{DigestCheck, Limits, Selection, verify_digests};
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
    /// Hold CloudTrail's log files against the hashes in its digest files
    ///
    /// And each digest against the hash in the next one. The digests' signatures are not checked:
    /// they are in the bucket beside the files, not in them. Reads the log files once more; those
    /// inside of archives are not looked at.
    #[arg(long)]
    verify_digests: bool,
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
    /// Whether log files are held against CloudTrail's digests.
    pub verifies: bool,
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
            verifies: args.verify_digests,
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
    let is_doubted = found.digests.as_ref().is_some_and(|it| !it.holds());
    let completion = Completion {
        input: if is_doubted {
            Input::Incomplete
        } else {
            Input::of(&found.coverage)
        },
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
    let mut notes = found.coverage.trail.remarks();
    notes.extend(found.digests.iter().flat_map(remarks));
    let inspection = report::Inspection {
        coverage: &found.coverage,
        identities: found.identities.clone(),
        recommended: found.recommended.clone(),
        gaps: found.gaps.clone(),
        notes,
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
    digests: Option<DigestCheck>,
}

impl Found {
    /// Reads everything, whatever its time. The events to dump are in the
    /// spools.
    fn read(config: &InspectConfig, progress: &Progress) -> anyhow::Result<(Self, Vec<Spool>)> {
        let roster = Arc::new(Roster::within(config.inputs.limits.memory));
        let empty = || Ledger::enrolling(Period::Day, Arc::clone(&roster)).uncited();
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
            digests: config.verifies.then(|| verify(&config.inputs)),
        };
        Ok((found, spools))
    }
}

fn verify(inputs: &Inputs) -> DigestCheck {
    let selection = Selection {
        follow: inputs.files.follow,
        settle: inputs.files.settle,
        delivered: None,
    };
    let limits = Limits {
        max_decoded: inputs.limits.max_decompressed,
        max_ratio: inputs.limits.max_ratio,
        ..Limits::default()
    };
    verify_digests(&inputs.paths, &selection, &limits)
}

/// What came of the digests, as finished sentences.
fn remarks(check: &DigestCheck) -> Vec<Untrusted> {
    if check.n_digests == 0 {
        return vec!["There is no digest file here: no log file was verified.".into()];
    }
    let plain = format!(
        "Digests read: {}. Log files that are as their digest says: {}; digests that are as the \
         next one says: {}. Signatures were not checked, so this shows no change by somebody who \
         could rewrite the digests too.",
        check.n_digests, check.n_unchanged, check.n_chained
    );
    let named = [
        (&check.changed, "NOT as their digest says"),
        (&check.broken, "digests NOT as the next one says"),
        (&check.unreadable, "not readable to their end"),
        (&check.missing, "listed and not here"),
        (&check.unlisted, "here and in no digest that was read"),
    ];
    let named = named.into_iter().filter_map(|(names, what)| {
        let first = names.first()?.as_raw();
        Some(format!("Files {what}: {}, such as {first}.", names.len()))
    });
    let all = std::iter::once(plain).chain(named);
    all.map(Untrusted::from).collect()
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
