//! `habitual replay`: learn from the history, score the review, rank who
//! deviates.

use std::collections::BTreeSet;
use std::io::Write;

use clap::Args;

use super::inputs::{DateArgs, InputArgs, Inputs, LabelArgs, LimitArgs};
use super::linkage::LinkArgs;
use super::manifest::{ManifestArgs, ManifestFile, Run};
use super::modelling::ModelArgs;
use super::outputs::{
    Destination, Format, Offer, Output, OutputArgs, announce, check_outputs,
    refuse_shared_destinations, write_outputs,
};
use super::selection::{Extent, Selection, SelectionArgs, severity_parser};
use super::status::{Completion, Input, Verdict};
use super::study::{Damage, Study};
use super::teams::PeersArgs;
use super::terminal::{Remarks, Terminal};
use super::usage::UsageError;
use super::windows::{PeriodArg, WindowArgs, WindowRequest};
use crate::finding::{self, Assessment, Budget, BuildInput, Finding, Severity};
use crate::ingest::coverage::Coverage;
use crate::model::{self, Parameters, Scores};
use crate::progress::{Charset, Progress};
use crate::report::{self, Parameter, Style};

/// Width of the summary, which may be mailed.
const SUMMARY_COLUMNS: u16 = 80;

/// What a report can be written as.
#[derive(Clone, Debug)]
pub(super) struct Report;

impl Offer for Report {
    const FORMATS: &'static [Format] = &Format::ALL;
}

/// Learn from the history, score the review, and rank who deviates
#[derive(Clone, Debug, Args)]
#[command(
    long_about = "Learn from the history, score the review, and rank who deviates, with the \
                  evidence.

Examples:
  habitual replay logs/
  habitual replay logs/ --review 2026-11-01..2026-11-08 --gap 2d
  habitual replay cloudtrail/ okta.json vault.log -f json -o report.json
  habitual replay logs/ --around 2026-11-20T03:00Z~2h --identity 'role/ci-*'
  habitual replay logs/ -q -f jsonl -o findings.jsonl --fail-on high
  habitual replay logs/ -f ocsf -o findings.ocsf.jsonl -f markdown -o ticket.md
  zcat audit.log.*.gz | habitual replay -"
)]
pub struct ReplayArgs {
    #[command(flatten)]
    inputs: InputArgs,
    #[command(flatten)]
    dates: DateArgs,
    #[command(flatten)]
    verdict: VerdictArgs,
    #[command(flatten)]
    windows: WindowArgs,
    #[command(flatten)]
    outputs: OutputArgs<Report>,
    #[command(flatten)]
    manifest: ManifestArgs,
    #[command(flatten)]
    selection: SelectionArgs,
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    labels: LabelArgs,
    #[command(flatten)]
    peers: PeersArgs,
    #[command(flatten)]
    links: LinkArgs,
    #[command(flatten)]
    limits: LimitArgs,
}

impl ReplayArgs {
    /// The same, with these outputs.
    pub(super) fn writing(self, outputs: OutputArgs<Report>) -> Self {
        Self { outputs, ..self }
    }
}

/// What makes the exit status other than 0.
#[derive(Clone, Debug, Args)]
pub(super) struct VerdictArgs {
    /// Exit with 10 if a finding is at least this severe
    ///
    /// Severities are low, medium, high and critical. Findings that --identity, --class and --source leave out do not count; those that only
    /// the alert budget, --min-severity or --top leave out of the list do.
    #[arg(
        long,
        value_name = "SEVERITY",
        value_parser = severity_parser(),
        hide_possible_values = true
    )]
    pub(super) fail_on: Option<Severity>,
    /// Fail, and write nothing, if any input is damaged
    ///
    /// Without it, damaged records and files are left out, counted, and make the exit status 3
    /// when a file or more than 1 % of the records are concerned.
    #[arg(long, hide_short_help = true)]
    strict: bool,
}

impl VerdictArgs {
    pub(super) fn damage(&self) -> Damage {
        if self.strict {
            Damage::Refuse
        } else {
            Damage::Count
        }
    }
}

/// What a replay needs to know.
#[derive(Clone, Debug)]
pub struct ReplayConfig {
    /// What to read.
    pub inputs: Inputs,
    /// What to learn and what to score.
    pub windows: WindowRequest,
    /// How long one scored period is.
    pub period: PeriodArg,
    /// Findings that somebody can follow up per day of the review.
    pub alerts_per_day: f64,
    /// What to list.
    pub selection: Selection,
    /// What to write, and where.
    pub outputs: Vec<Output>,
    /// Where what was run is written.
    pub manifest: Option<ManifestFile>,
    /// The severity that makes the exit status 10.
    pub fail_on: Option<Severity>,
    /// What to do about damaged input.
    pub damage: Damage,
    /// How the model is set.
    pub parameters: Parameters,
}

impl ReplayConfig {
    /// What the flags amount to.
    ///
    /// # Errors
    ///
    /// [`UsageError`], when they do not make sense together.
    pub fn new(args: &ReplayArgs) -> Result<Self, UsageError> {
        let inputs = Inputs::new(&args.inputs, &args.limits, &args.labels)?.linked(&args.links);
        let windows = WindowRequest::new(&args.windows)?;
        let parameters = Parameters {
            teams: args.peers.teams(),
            ..args.model.parameters(&inputs)
        };
        Ok(Self {
            inputs: inputs.by_date(args.dates, windows.absolute().is_some())?,
            windows,
            period: args.windows.period,
            alerts_per_day: args.selection.alerts_per_day,
            selection: Selection::new(&args.selection),
            outputs: args.outputs.resolve()?,
            manifest: ManifestFile::new(&args.manifest),
            fail_on: args.verdict.fail_on,
            damage: args.verdict.damage(),
            parameters,
        })
    }

    /// Everything that will be written.
    fn all_outputs(&self) -> Vec<Output> {
        let manifest = self.manifest.as_ref().map(ManifestFile::as_output);
        self.outputs.iter().cloned().chain(manifest).collect()
    }

    /// The parameters in effect that can change a result.
    fn parameters(&self) -> Vec<(&'static str, Parameter)> {
        use Parameter::{Count, Flag, Name, Names, Number};
        let limits = &self.inputs.limits;
        let labels = &self.inputs.labels;
        let selection = &self.selection;
        let count = |n: usize| Count(u64::try_from(n).unwrap_or(u64::MAX));
        let mmdb = self.inputs.mmdb.iter();
        let mmdb = mmdb.map(|path| path.to_string_lossy().into_owned());
        vec![
            ("alerts_per_day", Number(self.alerts_per_day)),
            ("all", Flag(selection.extent == Extent::All)),
            ("top", selection.top.map_or(Name(None), count)),
            (
                "min_severity",
                Name(Some(selection.min_severity.name().to_owned())),
            ),
            ("okta_org", Name(labels.okta_org.clone())),
            ("vault_cluster", Name(labels.vault_cluster.clone())),
            ("mmdb", Names(mmdb.collect())),
            ("memory_limit", Count(limits.memory)),
            ("max_decompressed", Count(limits.max_decompressed)),
            ("max_ratio", Count(limits.max_ratio)),
            ("max_record", count(limits.max_record)),
            ("strict", Flag(self.damage == Damage::Refuse)),
        ]
    }

    /// What findings are built from.
    pub(super) fn build_input<'a>(
        &self,
        study: &'a Study,
        scores: &'a Scores,
        inputs: &'a [String],
    ) -> BuildInput<'a> {
        BuildInput {
            scores,
            history: &study.history,
            review: &study.review,
            windows: (study.windows.history, study.windows.review),
            are_windows_default: self.windows == WindowRequest::default()
                && self.period == PeriodArg::Auto,
            files: &study.coverage.files,
            insights: &study.coverage.trail.insights,
            inputs,
            budget: Budget {
                alerts_per_day: self.alerts_per_day,
            },
        }
    }

    /// The report on `assessed` that was asked for.
    fn report<'a>(&self, assessed: &'a Assessed) -> report::Report<'a> {
        report::Report {
            assessment: &assessed.assessment,
            coverage: &assessed.coverage,
            selection: match self.selection.extent {
                Extent::Deviating => report::Selection::Selected,
                Extent::All => report::Selection::All,
            },
            top: self.selection.top,
            inputs: self.inputs.shown(),
        }
    }

    /// What was read and what was found, before anything is listed or left
    /// out.
    pub(super) fn judge(&self, coverage: &Coverage, findings: &[Finding]) -> Completion {
        let is_reached = self.fail_on.is_some_and(|severity| {
            findings
                .iter()
                .any(|finding| severity <= finding.severity && self.selection.concerns(finding))
        });
        Completion {
            input: Input::of(coverage),
            verdict: if is_reached {
                Verdict::Reached
            } else {
                Verdict::Quiet
            },
        }
    }
}

/// The plot: configure, try the outputs, read and score, judge, write.
pub(super) fn run(
    args: &ReplayArgs,
    words: &[String],
    terminal: Terminal,
    stdout: &mut dyn Write,
) -> anyhow::Result<Completion> {
    let mut config = ReplayConfig::new(args)?;
    config.manifest = config.manifest.map(|manifest| manifest.of(words));
    let outputs = config.all_outputs();
    refuse_shared_destinations(&outputs)?;
    check_outputs(&outputs, &config.inputs.paths, terminal)?;

    let study = Study::read(
        &config.inputs,
        config.windows,
        config.period,
        config.damage,
        &Progress::new(terminal.progress),
    )?;
    report_on(&config, study, terminal, stdout)
}

/// Scores what was read, judges it, and writes the reports.
pub(super) fn report_on(
    config: &ReplayConfig,
    study: Study,
    terminal: Terminal,
    stdout: &mut dyn Write,
) -> anyhow::Result<Completion> {
    let mut assessed = assess(config, study);

    let completion = config.judge(&assessed.coverage, &assessed.assessment.findings);
    narrow(&config.selection, &mut assessed.assessment);
    completion.once_written(write_outputs(&config.outputs, stdout, |output, out| {
        write_report(config, &assessed, output, terminal, out)
    }))?;
    if let Some(manifest) = &config.manifest {
        let run = Run {
            parameters: config.parameters(),
            outputs: &config.outputs,
            exit_status: completion.status().code(),
        };
        manifest.write(&config.report(&assessed), run)?;
    }
    summarise(config, &assessed, terminal)?;
    announce(&config.outputs, terminal.remarks);
    if let Some(manifest) = &config.manifest {
        manifest.announce(terminal.remarks);
    }
    Ok(completion)
}

/// Says in a few lines what was found, when every report went to a file.
fn summarise(config: &ReplayConfig, assessed: &Assessed, terminal: Terminal) -> anyhow::Result<()> {
    let has_stdout = config
        .outputs
        .iter()
        .any(|output| output.destination == Destination::Stdout);
    if has_stdout || terminal.remarks == Remarks::Silent {
        return Ok(());
    }
    let mut text = Vec::new();
    let style = Style {
        width: Some(SUMMARY_COLUMNS),
        color: false,
        ascii: terminal.charset == Charset::Ascii,
    };
    report::write_summary(&config.report(assessed), &style, &mut text)?;
    terminal
        .remarks
        .say(String::from_utf8_lossy(&text).trim_end());
    Ok(())
}

/// Drops what nobody asked for. A fact stays as long as its identity is asked
/// for, however severe its finding is.
fn narrow(selection: &Selection, assessment: &mut Assessment) {
    let concerned = assessment.findings.iter().filter(|f| selection.concerns(f));
    let concerned: BTreeSet<String> = concerned
        .map(|f| f.identity.id.as_raw().to_owned())
        .collect();
    let facts = &mut assessment.facts;
    facts.retain(|fact| concerned.contains(fact.identity_id.as_raw()));
    selection.narrow(&mut assessment.findings);
}

/// An assessment, with the account of the input it rests on.
#[derive(Clone, Debug)]
pub(super) struct Assessed {
    pub(super) assessment: Assessment,
    pub(super) coverage: Coverage,
}

/// Scores the review against the history.
pub(super) fn assess(config: &ReplayConfig, study: Study) -> Assessed {
    let windows = (study.windows.history, study.windows.review);
    let scores = model::score(&study.history, &study.review, windows, &config.parameters);
    let inputs = config.inputs.shown();
    let mut assessment = finding::build(&config.build_input(&study, &scores, &inputs));
    let coverage = study.coverage;
    assessment.cautions.extend(coverage.trail.cautions());
    Assessed {
        assessment,
        coverage,
    }
}

/// Writes one report. A file is written as if nobody watched.
pub(super) fn write_report(
    config: &ReplayConfig,
    assessed: &Assessed,
    output: &Output,
    terminal: Terminal,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    report::write(
        output.format,
        &config.report(assessed),
        &output.style(terminal),
        out,
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use clap::Parser as _;

    use super::*;
    use crate::cli::testing::finding;
    use crate::cli::{Cli, Verb};
    use crate::event::{Class, Source};
    use crate::ingest::coverage::{SkipReason, Tally};

    fn config(flags: &str) -> Result<ReplayConfig, UsageError> {
        let words = ["habitual", "replay"].into_iter();
        let cli = Cli::try_parse_from(words.chain(flags.split_whitespace())).unwrap();
        let args = match cli.verb {
            Verb::Replay(args) => Some(args),
            _ => None,
        };
        ReplayConfig::new(&args.unwrap())
    }

    #[test]
    fn everything_has_a_default() {
        let config = config("logs").unwrap();
        assert_eq!(config.windows, WindowRequest::default());
        assert_eq!(config.period, PeriodArg::Auto);
        assert!((config.alerts_per_day - 5.0).abs() < 1e-12);
        assert_eq!(config.inputs.limits.max_decompressed, 16 << 30);
        assert_eq!(config.inputs.limits.max_ratio, 200);
        assert_eq!(config.inputs.limits.max_record, 16 << 20);
        assert_eq!(config.fail_on, None);
        assert_eq!(config.damage, Damage::Count);
    }

    #[test]
    fn memory_can_be_limited() {
        let config = config("logs --memory-limit 64MiB").unwrap();
        assert_eq!(config.inputs.limits.memory, 64 << 20);
    }

    #[test]
    fn around_is_a_review() {
        let around = config("logs --around 2026-11-20T03:00Z~2h").unwrap();
        let review = config("logs --review 2026-11-20T01:00Z..2026-11-20T05:00Z").unwrap();
        assert_eq!(around.windows, review.windows);
    }

    #[track_caller]
    fn refused(flags: &str, expected: &UsageError) {
        assert_eq!(config(flags).unwrap_err(), *expected);
    }

    #[test]
    fn flags_that_make_no_sense_together_are_refused() {
        refused("- -", &UsageError::StdinTwice);
        refused(
            "logs -f json -f csv",
            &UsageError::StdoutTwice {
                first: Format::Json,
                second: Format::Csv,
            },
        );
        assert!(matches!(
            config("logs --review ..2026-11-01"),
            Err(UsageError::Windows(_))
        ));
    }

    /// Five events between these times.
    #[track_caller]
    fn judges(flags: &str, expected: Verdict) {
        let findings = [
            finding("role/ci", Class::Workload, Source::Vault, Severity::High),
            finding("alice", Class::Human, Source::Okta, Severity::Low),
        ];
        let completion = config(flags)
            .unwrap()
            .judge(&Coverage::default(), &findings);
        assert_eq!(completion.verdict, expected);
        assert_eq!(completion.input, Input::Complete);
    }

    #[test]
    fn fail_on_counts_the_severity_itself_and_above() {
        judges("logs", Verdict::Quiet);
        judges("logs --fail-on critical", Verdict::Quiet);
        judges("logs --fail-on high", Verdict::Reached);
        judges("logs --fail-on low", Verdict::Reached);
    }

    #[test]
    fn fail_on_asks_about_the_identities_asked_for_however_few_are_listed() {
        judges("logs --fail-on high --top 0", Verdict::Reached);
        judges(
            "logs --fail-on high --min-severity critical",
            Verdict::Reached,
        );
        judges("logs --fail-on high --identity alice", Verdict::Quiet);
        judges("logs --fail-on high --class human", Verdict::Quiet);
        judges("logs --fail-on low --source okta", Verdict::Reached);
    }

    #[test]
    fn damaged_input_shows_in_the_judgement() {
        let mut coverage = Coverage {
            n_records: 100,
            ..Coverage::default()
        };
        let mut judged = |n| {
            let tally = Tally {
                n,
                ..Tally::default()
            };
            coverage.skipped.insert(SkipReason::Malformed, tally);
            config("logs").unwrap().judge(&coverage, &[]).input
        };
        assert_eq!(judged(1), Input::Complete);
        assert_eq!(judged(2), Input::Incomplete);
    }
}
