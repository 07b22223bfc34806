//! `habitual check-mapping`: what a mapping makes of a sample of the log that it
//! was written for.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;

use super::inputs::MappingArg;
use super::problem::InputProblem;
use super::status::{Completion, Input, Verdict};
use super::terminal::Terminal;
use super::usage::UsageError;
use crate::event::{Event, Mfa, NetKind, Outcome, Source, Verb};
use crate::ingest::coverage::Coverage;
use crate::ingest::generic::{self, Mappings};
use crate::ingest::{self, Fold};
use crate::report;

/// Events that are shown.
const N_SHOWN: usize = 5;

/// Show what a mapping makes of a sample of logs
#[derive(Clone, Debug, Args)]
#[command(
    long_about = "Show what a mapping makes of a sample of logs: its first events, normalised, and \
                  how often each field was found. Give the mapping alone to print one that is \
                  built in, as a beginning for your own.

Examples:
  habitual check-mapping github > mine.toml
  habitual check-mapping mine.toml sample.jsonl
  habitual check-mapping kubernetes-audit audit.log.gz"
)]
pub struct CheckMappingArgs {
    /// The mapping: a file of yours, or the name of one that is built in
    #[arg(value_name = "NAME|FILE")]
    mapping: String,
    /// Logs to try it on
    #[arg(value_name = "SAMPLE")]
    sample: Vec<PathBuf>,
}

/// A field of an event, and whether this event has it.
type Field = (&'static str, fn(&Event<'_>) -> bool);

/// The fields, as the sections of a mapping file name them.
const FIELDS: [Field; 15] = [
    ("time", |_| true),
    ("id", |event| !event.native_id.is_empty()),
    ("tenant", |event| event.tenant != ingest::UNNAMED_TENANT),
    ("identity.key", |event| event.actor.native.is_some()),
    ("identity.display", |event| {
        Some(&event.actor.display) != event.actor.native.as_ref()
    }),
    ("identity.sub", |event| event.actor.sub.is_some()),
    ("action", |event| !event.action.name.is_empty()),
    ("action.verb", |event| event.action.verb != Verb::Other),
    ("net.ip", |event| event.origin.net_kind != NetKind::None),
    ("net.country", |event| event.origin.country.is_some()),
    ("ua", |event| !event.origin.client.family.is_empty()),
    ("resource", |event| !event.resources.is_empty()),
    ("outcome", |event| event.outcome != Outcome::Unknown),
    ("credential", |event| event.credential.id.is_some()),
    ("session", |event| {
        event.session.is_some() || event.mfa == Mfa::Yes
    }),
];

/// The plot: read the mapping, read the sample, show both.
pub(super) fn run(
    args: &CheckMappingArgs,
    _: Terminal,
    stdout: &mut dyn Write,
) -> anyhow::Result<Completion> {
    if args.sample.is_empty() {
        let Some(text) = generic::built_in_text(&args.mapping) else {
            let problem = format!(
                "no logs to try {:?} on: name a file that holds some",
                args.mapping
            );
            return Err(UsageError::Unclear { problem }.into());
        };
        let written = stdout.write_all(text.as_bytes());
        written.context("writing the mapping")?;
        return Ok(done(Input::Complete));
    }
    let mapping = MappingArg::new(&args.mapping);
    let MappingArg(mapping) = mapping.map_err(|err| InputProblem::NoMapping {
        cause: format!("{:#}", anyhow::Error::from(err)),
    })?;
    let options = ingest::Options {
        mappings: Mappings {
            asked: vec![mapping],
        },
        ..ingest::Options::default()
    };
    let intake = ingest::read(&args.sample, &options, &|_| {}, Tried::default)?;
    let mut tried = Tried::default();
    for part in intake.folds {
        tried = part;
    }
    if tried.n_events == 0 {
        let reasons = reasons(&intake.coverage);
        return Err(InputProblem::NothingMapped { reasons }.into());
    }
    tried
        .write(&intake.coverage, stdout)
        .context("writing what was found")?;
    Ok(done(Input::of(&intake.coverage)))
}

fn done(input: Input) -> Completion {
    Completion {
        input,
        verdict: Verdict::Quiet,
    }
}

/// What came of the sample. There is one thread, so order is that of the files.
#[derive(Debug, Default)]
struct Tried {
    first: Vec<String>,
    n_events: u64,
    n_filled: [u64; FIELDS.len()],
}

impl Fold for Tried {
    fn observe(&mut self, event: &Event<'_>) {
        if event.source != Source::Generic {
            return;
        }
        self.n_events = self.n_events.saturating_add(1);
        if self.first.len() < N_SHOWN
            && let Ok(line) = report::event_line(event)
        {
            self.first.push(line);
        }
        for (n, (_, has)) in self.n_filled.iter_mut().zip(FIELDS) {
            *n = n.saturating_add(u64::from(has(event)));
        }
    }

    fn observe_duplicate(&mut self, _: &Event<'_>) {}
}

impl Tried {
    fn write(&self, coverage: &Coverage, out: &mut dyn Write) -> std::io::Result<()> {
        for line in &self.first {
            writeln!(out, "{line}")?;
        }
        writeln!(out, "\nField             Found in")?;
        for (n, (name, _)) in self.n_filled.iter().zip(FIELDS) {
            let percent = n.saturating_mul(100) / self.n_events.max(1);
            writeln!(
                out,
                "{name:<16}  {percent:>3} %  {n} of {} events",
                self.n_events
            )?;
        }
        if coverage.n_skipped() > 0 {
            writeln!(out, "\nLeft out: {}", reasons(coverage))?;
        }
        Ok(())
    }
}

/// Why records, or whole files, were left out.
fn reasons(coverage: &Coverage) -> String {
    let records = coverage.skipped.iter();
    let records = records.map(|(reason, tally)| format!("{} {}", tally.n, reason.name()));
    let problems = coverage.files.iter().flat_map(|file| &file.problems);
    let problems = problems.map(|problem| problem.kind.describe().0.to_owned());
    let all: Vec<String> = records.chain(problems).collect();
    if all.is_empty() {
        "there was no record".to_owned()
    } else {
        all.join(", ")
    }
}
