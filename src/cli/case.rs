//! `habitual case`: a finding with everything that it rests on, in one file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use clap::{Args, Subcommand};

use super::inputs::{InputArgs, Inputs, LabelArgs, LimitArgs};
use super::linkage::{LinkArgs, Linkage};
use super::outputs::{Destination, Format, Output, check_outputs, write_file};
use super::problem::InputProblem;
use super::replay::{Assessed, ReplayConfig, assess};
use super::selection::Selection;
use super::status::{Completion, Input, Verdict};
use super::study::{self, Damage, Study};
use super::terminal::Terminal;
use super::usage::UsageError;
use super::windows::{WindowArgs, WindowRequest};
use crate::case::{Bounds, Case, RecordEntry, SourceEntry, verify};
use crate::event::{Event, Provenance, Source, Window};
use crate::finding::{Finding, LinkKind};
use crate::ingest::Fold;
use crate::ingest::coverage::Coverage;
use crate::ingest::raw::{self, Raw, RawRecord};
use crate::model::Parameters;
use crate::pivot::{Kind, Target};
use crate::progress::Progress;
use crate::report::{self, Style, sanitize};

/// Records of one case file, and their bytes.
const MAX_RECORDS: usize = 50_000;
const MAX_BYTES: usize = 512 << 20;
/// Columns of the table, which may be printed.
const TABLE_COLUMNS: u16 = 100;

/// Export a finding with all it rests on, or check such a file
#[derive(Clone, Debug, Args)]
#[command(
    long_about = "Export a finding with all that it rests on into one file, or check such a file.

Examples:
  habitual case export 1 logs/ -o case.zip
  habitual case export 03c7a5886d45095a logs/ -o case.zip --all-records
  habitual case verify case.zip"
)]
pub struct CaseArgs {
    #[command(subcommand)]
    job: Job,
}

#[derive(Clone, Debug, Subcommand)]
enum Job {
    Export(Box<ExportArgs>),
    Verify(VerifyArgs),
}

/// Write findings, the records behind them and all hashes into a zip
#[derive(Clone, Debug, Args)]
#[command(
    override_usage = "habitual case export [OPTIONS] --output <FILE> <FINDING>... <PATH>...",
    long_about = "Write findings, the records behind them and all hashes into a zip.

FINDING is a rank, or a finding's id or the beginning of it, as `habitual replay` prints them with \
                  the same windows. The raw records are as they were logged, secrets included.

Examples:
  habitual case export 1 logs/ -o case.zip
  habitual case export 1 2 logs/ -o case.zip --review 2026-11-01..2026-11-08
  habitual case export 03c7a588 logs/ -o case.zip --all-records"
)]
struct ExportArgs {
    #[command(flatten)]
    inputs: InputArgs,
    /// The zip to write; replaced in one step, and only you can read it
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Add every record of these identities in the review, not only those that are cited
    #[arg(long)]
    all_records: bool,
    #[command(flatten)]
    windows: WindowArgs,
    #[command(flatten)]
    labels: LabelArgs,
    #[command(flatten)]
    links: LinkArgs,
    #[command(flatten)]
    limits: LimitArgs,
}

/// Check that a case file is what was written
#[derive(Clone, Debug, Args)]
#[command(
    long_about = "Check that a case file is what was written: every member against the hash in \
                  its manifest. Exits with 1 and names the first member that differs. Who can \
                  change members can also change the manifest, so compare its own hash, which \
                  is printed, with the one that `habitual case export` printed.

Examples:
  habitual case verify case.zip"
)]
struct VerifyArgs {
    /// The zip
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

pub(super) fn run(
    args: &CaseArgs,
    terminal: Terminal,
    stdout: &mut dyn Write,
) -> anyhow::Result<Completion> {
    match &args.job {
        Job::Export(args) => export(args, terminal),
        Job::Verify(args) => check(args, stdout),
    }
}

/// The plot: hold the file against its manifest and say how it ended.
fn check(args: &VerifyArgs, stdout: &mut dyn Write) -> anyhow::Result<Completion> {
    let path = &args.file;
    let file = File::open(path).with_context(|| format!("opening {path:?}"))?;
    if file.metadata().is_ok_and(|meta| meta.is_dir()) {
        return Err(InputProblem::NotACase {
            path: path.clone(),
            cause: "it is a folder".to_owned(),
        }
        .into());
    }
    let checked = verify(BufReader::new(file), &Bounds::default());
    let checked = checked.map_err(|err| InputProblem::NotACase {
        path: path.clone(),
        cause: format!("{err:#}"),
    })?;
    if let Some(flaw) = checked.flaw {
        let path = path.clone();
        return Err(InputProblem::ChangedCase { path, flaw }.into());
    }
    let done = Completion::FULL;
    done.once_written(
        writeln!(
            stdout,
            "{} members are as they were written; manifest sha256 {}",
            checked.n_members, checked.manifest_sha256
        )
        .context("writing the result"),
    )
}

/// What an export needs to know.
struct ExportConfig {
    replay: ReplayConfig,
    findings: Vec<String>,
    output: Output,
    all_records: bool,
}

impl ExportConfig {
    fn new(args: &ExportArgs) -> Result<Self, UsageError> {
        let mut inputs = args.inputs.clone();
        let is_finding = |path: &&PathBuf| is_finding(path);
        let n_findings = inputs.paths.iter().take_while(is_finding).count();
        let findings: Vec<PathBuf> = inputs.paths.drain(..n_findings).collect();
        if findings.is_empty() || inputs.paths.is_empty() {
            return Err(UsageError::NoFindingOrPath);
        }
        if inputs.paths.iter().any(|path| path == Path::new("-")) {
            return Err(UsageError::CaseOfStream);
        }
        let name = |path: PathBuf| path.to_string_lossy().to_lowercase();
        Ok(Self {
            replay: ReplayConfig {
                inputs: Inputs::new(&inputs, &args.limits, &args.labels)?.linked(&args.links),
                windows: WindowRequest::new(&args.windows)?,
                period: args.windows.period,
                alerts_per_day: 5.0,
                selection: Selection::everything(),
                outputs: Vec::new(),
                manifest: None,
                parameters: Parameters::default(),
                fail_on: None,
                damage: Damage::Count,
            },
            findings: findings.into_iter().map(name).collect(),
            output: Output {
                format: Format::Json,
                destination: Destination::File(args.output.clone()),
            },
            all_records: args.all_records,
        })
    }
}

/// A rank, or at least four digits of an id, unless it is a file.
fn is_finding(path: &Path) -> bool {
    let text = path.to_str().unwrap_or_default();
    let is_rank = text.parse::<u32>().is_ok();
    let is_id = (4..=16).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit());
    (is_rank || is_id) && !path.exists()
}

/// The plot: replay, choose the findings, find their records, read these once
/// more as they are, hash everything, write.
fn export(args: &ExportArgs, terminal: Terminal) -> anyhow::Result<Completion> {
    let config = ExportConfig::new(args)?;
    let inputs = &config.replay.inputs;
    check_outputs(
        std::slice::from_ref(&config.output),
        &inputs.paths,
        terminal,
    )?;
    let study = Study::read(
        inputs,
        config.replay.windows,
        config.replay.period,
        config.replay.damage,
        &Progress::new(terminal.progress),
    )?;
    let mut assessed = assess(&config.replay, study);
    refuse_source(&args.output, &assessed.coverage)?;
    choose(&mut assessed, &config.findings)?;

    let acts = Acts::read(&config, &assessed, terminal)?;
    let cited = acts.cited(&assessed);
    let raw = acts.raw(&config, &cited, terminal)?;
    let program = concat!("habitual ", env!("CARGO_PKG_VERSION"));
    let mut case = Case::new(program, command(&config, &assessed));
    case.findings = ids(&assessed);
    case.sources = sources(&assessed.coverage);
    add_reports(&mut case, &config, &assessed)?;
    add_records(&mut case, &assessed.coverage, &acts, &cited, raw);
    let written = case.write()?;
    let path = &args.output;
    write_file(path, |out| {
        out.write_all(&written.bytes).context("writing the case")
    })
    .with_context(|| format!("-o {path:?}"))?;
    terminal.remarks.say(&format!(
        "wrote {path:?} (findings: {}, records: {}; manifest sha256 {})",
        case.findings.len(),
        case.records.len(),
        written.manifest_sha256
    ));
    Ok(Completion {
        input: Input::of(&assessed.coverage),
        verdict: Verdict::Quiet,
    })
}

/// A case must not take the place of what it is about.
fn refuse_source(output: &Path, coverage: &Coverage) -> Result<(), UsageError> {
    let Ok(output) = output.canonicalize() else {
        return Ok(());
    };
    let mut sources = coverage
        .files
        .iter()
        .map(|file| Path::new(file.path.as_raw()));
    if sources.any(|source| source.canonicalize().is_ok_and(|source| source == output)) {
        return Err(UsageError::OutputIsInput { path: output });
    }
    Ok(())
}

fn ids(assessed: &Assessed) -> Vec<String> {
    let findings = assessed.assessment.findings.iter();
    findings.map(|finding| finding.finding_id.clone()).collect()
}

/// Leaves the findings that were asked for.
fn choose(assessed: &mut Assessed, asked: &[String]) -> Result<(), UsageError> {
    let findings = &mut assessed.assessment.findings;
    let mut chosen = BTreeSet::new();
    for word in asked {
        let rank = word.parse::<u32>().ok();
        let ranked = findings.iter().filter(|f| rank.is_some() && f.rank == rank);
        let mut found: Vec<&Finding> = ranked.collect();
        if found.is_empty() {
            found.extend(
                findings
                    .iter()
                    .filter(|f| f.finding_id.starts_with(word.as_str())),
            );
        }
        match found.as_slice() {
            [one] => chosen.insert(one.finding_id.clone()),
            [] => {
                return Err(UsageError::Unclear {
                    problem: format!(
                        "no finding {word}: this replay has {}; give the windows of the replay \
                         that named it",
                        findings.len()
                    ),
                });
            }
            many => {
                return Err(UsageError::Unclear {
                    problem: format!(
                        "{word} is the beginning of {} findings; write more of it",
                        many.len()
                    ),
                });
            }
        };
    }
    findings.retain(|finding| chosen.contains(&finding.finding_id));
    let identities: BTreeSet<&str> = findings.iter().map(|f| f.identity.id.as_raw()).collect();
    let facts = &mut assessed.assessment.facts;
    facts.retain(|fact| identities.contains(fact.identity_id.as_raw()));
    Ok(())
}

/// Further accounts of the identity of a finding.
fn accounts(finding: &Finding) -> BTreeSet<String> {
    let linked = finding.identity.linked.iter();
    let merged = linked.filter(|linked| linked.kind == LinkKind::Merged);
    merged.map(|linked| linked.id.as_raw().to_owned()).collect()
}

/// What the identities did in the review, by record.
struct Acts {
    targets: Vec<Target>,
    found: BTreeMap<Provenance, Act>,
}

struct Act {
    source: Source,
    event_id: String,
}

impl Acts {
    /// Reads the review once more.
    fn read(
        config: &ExportConfig,
        assessed: &Assessed,
        terminal: Terminal,
    ) -> anyhow::Result<Self> {
        let findings = assessed.assessment.findings.iter();
        let targets: Vec<Target> = findings
            .map(|f| {
                let target = Target::exactly(Kind::Identity, f.identity.id.as_raw());
                target.with(accounts(f))
            })
            .collect();
        let empty = || Self {
            targets: targets.clone(),
            found: BTreeMap::new(),
        };
        let progress = Progress::new(terminal.progress);
        let inputs = &config.replay.inputs;
        let review = assessed.assessment.review;
        let intake = study::read(inputs, review, &progress, empty)?;
        let mut all = empty();
        for part in intake.folds {
            all.found.extend(part.found);
        }
        Ok(all)
    }

    fn note(&mut self, event: &Event<'_>) {
        if self.targets.iter().any(|target| target.matches(event)) {
            self.found.insert(
                event.provenance,
                Act {
                    source: event.source,
                    event_id: event.native_id.clone().into_owned(),
                },
            );
        }
    }

    /// Records that the findings cite.
    fn cited(&self, assessed: &Assessed) -> BTreeSet<Provenance> {
        let evidence = assessed
            .assessment
            .findings
            .iter()
            .flat_map(|f| &f.evidence);
        let cited = evidence.flat_map(|evidence| &evidence.records);
        let facts = assessed.assessment.facts.iter().map(|fact| &fact.record);
        let cited: BTreeSet<&str> = cited.chain(facts).map(|record| record.as_raw()).collect();
        let records = self.found.keys().copied();
        records
            .filter(|record| cited.contains(cite(&assessed.coverage, *record).as_str()))
            .collect()
    }

    /// The records as they were logged: those that are cited, or all.
    fn raw(
        &self,
        config: &ExportConfig,
        cited: &BTreeSet<Provenance>,
        terminal: Terminal,
    ) -> anyhow::Result<BTreeMap<Provenance, RawRecord>> {
        let is_wanted = |record: &Provenance| config.all_records || cited.contains(record);
        let wanted = self.found.iter().filter(|(record, _)| is_wanted(record));
        let calls = wanted
            .clone()
            .filter(|(_, act)| act.source == Source::Vault);
        let calls = calls.map(|(_, act)| act.event_id.clone());
        let calls: BTreeSet<String> = calls.filter(|id| !id.is_empty()).collect();
        let wanted: BTreeSet<Provenance> = wanted.map(|(record, _)| *record).collect();
        ensure!(
            wanted.len() <= MAX_RECORDS,
            "{} records are too many for a case; leave out --all-records, or narrow the review, \
             as in --around 2026-11-20T03:00Z~2h",
            wanted.len()
        );
        let raw = Arc::new(Raw::new(wanted, calls, MAX_BYTES));
        let progress = Progress::new(terminal.progress);
        let inputs = &config.replay.inputs;
        let kept = Some(Arc::clone(&raw));
        study::read_keeping(inputs, Window::ALWAYS, kept, &progress, || Nothing)?;
        raw.take()
            .context("the records are too large for a case; leave out --all-records")
    }
}

impl Fold for Acts {
    fn observe(&mut self, event: &Event<'_>) {
        self.note(event);
    }

    fn observe_duplicate(&mut self, event: &Event<'_>) {
        self.note(event);
    }
}

/// Only the records matter.
struct Nothing;

impl Fold for Nothing {
    fn observe(&mut self, _: &Event<'_>) {}

    fn observe_duplicate(&mut self, _: &Event<'_>) {}
}

/// `path:record`, as reports cite it.
fn cite(coverage: &Coverage, record: Provenance) -> String {
    let file = usize::try_from(record.file).ok();
    let file = file.and_then(|at| coverage.files.get(at));
    file.map_or_else(String::new, |file| file.cite(record.record))
}

/// The command that gives the same findings again, whatever is added to the
/// logs later.
fn command(config: &ExportConfig, assessed: &Assessed) -> String {
    let window = |window: Window| format!("{}..{}", window.start.rfc3339(), window.end.rfc3339());
    let inputs = config.replay.inputs.shown();
    let inputs: Option<Vec<String>> = inputs.iter().map(sanitize::shell_word).collect();
    let inputs = inputs.unwrap_or_else(|| vec!["PATH...".to_owned()]);
    // A link file is told by what it says, not by its name.
    let link = match &config.replay.inputs.linkage {
        Linkage::Off => " --no-links".to_owned(),
        Linkage::By(file) => {
            let links = [" --links FILE"].map(|it| if file.ids().is_empty() { "" } else { it });
            let directory = [" --directory FILE"];
            let directory = directory.map(|it| if file.has_directory() { it } else { "" });
            [links, directory].concat().concat()
        }
    };
    format!(
        "habitual replay{link} --history {} --review {} --period {} -- {}",
        window(assessed.assessment.history),
        window(assessed.assessment.review),
        assessed.assessment.period,
        inputs.join(" ")
    )
}

fn add_reports(case: &mut Case, config: &ExportConfig, assessed: &Assessed) -> anyhow::Result<()> {
    let report = report::Report {
        assessment: &assessed.assessment,
        coverage: &assessed.coverage,
        selection: report::Selection::All,
        top: None,
        inputs: config.replay.inputs.shown(),
    };
    for (name, format, width) in [
        ("report.json", Format::Json, None),
        ("findings.jsonl", Format::Jsonl, None),
        ("table.txt", Format::Table, Some(TABLE_COLUMNS)),
    ] {
        let style = Style {
            width,
            ..Style::default()
        };
        let mut bytes = Vec::new();
        report::write(format, &report, &style, &mut bytes)?;
        case.add(name, bytes);
    }
    Ok(())
}

fn add_records(
    case: &mut Case,
    coverage: &Coverage,
    acts: &Acts,
    cited: &BTreeSet<Provenance>,
    raw: BTreeMap<Provenance, RawRecord>,
) {
    for (number, (provenance, record)) in (1_u32..).zip(raw) {
        let is_json = record.bytes.starts_with(b"{");
        let extension = if is_json { "json" } else { "txt" };
        let member = format!("records/{number:05}.{extension}");
        let act = acts.found.get(&provenance);
        case.records.push(RecordEntry {
            member: member.clone(),
            cited: cite(coverage, provenance),
            event_id: act.map(|act| act.event_id.clone()).unwrap_or_default(),
            offset: record.offset,
            is_exact: record.is_exact,
            is_cited: cited.contains(&provenance),
        });
        case.add(&member, record.bytes);
    }
}

/// Every file that was read, with its hash.
fn sources(coverage: &Coverage) -> Vec<SourceEntry> {
    let files = coverage.files.iter();
    files
        .map(|file| SourceEntry {
            path: file.path.as_raw().to_owned(),
            n_bytes: file.n_bytes,
            sha256: raw::sha256_of(Path::new(file.path.as_raw())).ok(),
        })
        .collect()
}
