//! `habitual pivot`: everything that one thing touched, as one timeline.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

use clap::{Args, value_parser};

use super::identities::read_all;
use super::inputs::{InputArgs, Inputs, LabelArgs, LimitArgs};
use super::linkage::{LinkArgs, Linkage};
use super::outputs::{Format, Offer, Output, OutputArgs, announce, check_outputs, write_outputs};
use super::problem::{check_recognised, events_found};
use super::status::{Completion, Input, Verdict};
use super::study;
use super::terminal::Terminal;
use super::usage::UsageError;
use super::windows::{Span, WindowError, WindowRequest, parse_around, parse_time};
use crate::event::{Event, Period, Timestamp, Window};
use crate::finding::readable_name;
use crate::ingest::Fold;
use crate::ingest::coverage::Coverage;
use crate::ledger::IdentityRow;
use crate::pivot::{Followed, Kind, Known, Scope, Target, TargetError, Trail, next_of};
use crate::progress::Progress;
use crate::report::sanitize;
use crate::report::{PivotReport, write_pivot};

/// Trails of one run, however deep.
const MAX_TRAILS: usize = 25;

/// What a pivot can be written as.
#[derive(Clone, Debug)]
struct Pivot;

impl Offer for Pivot {
    const FORMATS: &'static [Format] = &[Format::Table, Format::Json, Format::Jsonl, Format::Csv];
}

/// Show everything that one thing touched, in all products
#[derive(Clone, Debug, Args)]
#[command(
    override_usage = "habitual pivot [OPTIONS] --<KIND> <VALUE> <PATH>...",
    long_about = "Show everything that one identity, address, key, session, role or resource \
                  touched, as one timeline over all products: who, from where, with what, what \
                  of it is new, and which commands follow it further.

Examples:
  habitual pivot --key AKIAIOSFODNN7EXAMPLE logs/
  habitual pivot --ip 203.0.113.0/24 logs/ --around 2026-11-20T03:00Z~2h
  habitual pivot --identity 'role/ci-*' logs/ --from 2026-11-09 -o lines.csv
  habitual pivot --role arn:aws:iam::111122223333:role/admin logs/ --depth 2
  habitual pivot --resource 'secret/data/payments/*' logs/ -f jsonl | head"
)]
pub struct PivotArgs {
    #[command(flatten)]
    inputs: InputArgs,
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    times: TimeArgs,
    #[command(flatten)]
    outputs: OutputArgs<Pivot>,
    #[command(flatten)]
    labels: LabelArgs,
    #[command(flatten)]
    links: LinkArgs,
    #[command(flatten)]
    limits: LimitArgs,
}

/// What to look for: one of these.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "What to look for")]
#[group(required = true, multiple = false)]
struct TargetArgs {
    /// Who acted or was acted on, as in 'role/ci-*'
    ///
    /// A name, key or ARN. All of it is compared, whatever its case; * stands for anything and ? for
    /// one character.
    #[arg(long, value_name = "PATTERN")]
    identity: Option<String>,
    /// An address or network, as in 203.0.113.0/24
    ///
    /// Or its name, as in AS64500.
    #[arg(long, value_name = "ADDRESS|CIDR")]
    ip: Option<String>,
    /// An access key id, API token id or Vault accessor
    ///
    /// Its use, the call that issued it and what was done to it. Accessors are found as they are
    /// and as Vault hashes them.
    #[arg(long, value_name = "ID")]
    key: Option<String>,
    /// A session: its id, its name or its ARN
    #[arg(long, value_name = "ID", hide_short_help = true)]
    session: Option<String>,
    /// A role, acting or taken on: its name or ARN
    #[arg(long, value_name = "NAME|ARN")]
    role: Option<String>,
    /// What was acted on, as in 'secret/data/prod/*'
    ///
    /// Its name, path or ARN. Upper and lower case differ.
    #[arg(long, value_name = "PATTERN")]
    resource: Option<String>,
}

impl TargetArgs {
    /// The one that was given.
    fn resolve(&self) -> Result<Target, UsageError> {
        let given = [
            (Kind::Identity, &self.identity),
            (Kind::Ip, &self.ip),
            (Kind::Key, &self.key),
            (Kind::Session, &self.session),
            (Kind::Role, &self.role),
            (Kind::Resource, &self.resource),
        ];
        let given = given
            .into_iter()
            .find_map(|(kind, v)| Some((kind, v.as_ref()?)));
        let (kind, value) = given.ok_or(UsageError::Target(TargetError::Empty))?;
        Target::new(kind, value).map_err(UsageError::Target)
    }
}

/// When, how much and how far.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Timeline")]
struct TimeArgs {
    /// Show what happened from this time on
    ///
    /// What was first used since then is marked as new. Without it everything is shown, and the
    /// marks are for what was first used in the review that `habitual replay` would score.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    from: Option<Timestamp>,
    /// Show what happened before this time
    #[arg(long, value_name = "TIME", value_parser = parse_time, hide_short_help = true)]
    to: Option<Timestamp>,
    /// Show the time around a moment, as in 2026-11-20T03:00Z~2h
    #[arg(
        long,
        value_name = "TIME~LENGTH",
        value_parser = parse_around,
        hide_short_help = true,
        conflicts_with_all = ["from", "to"]
    )]
    around: Option<Span>,
    /// List at most N events; all of them are counted
    ///
    /// The first ones after --from; without it, the last ones.
    #[arg(long, value_name = "N", default_value = "100", value_parser = value_parser!(u32).range(1..=1_000_000), hide_short_help = true)]
    rows: u32,
    /// Follow what it leads to, N steps in all
    ///
    /// Every step reads the logs once more. At most 25 things are followed.
    #[arg(long, value_name = "N", default_value = "1", value_parser = value_parser!(u32).range(1..=5))]
    depth: u32,
}

impl TimeArgs {
    fn window(&self) -> Result<Window, UsageError> {
        let (start, end) = match self.around {
            Some(Span::Absolute { start, end }) => (start, end),
            _ => (self.from, self.to),
        };
        let window = Window {
            start: start.unwrap_or(Timestamp::MIN),
            end: end.unwrap_or(Timestamp::MAX),
        };
        if window.is_empty() {
            return Err(UsageError::TimesEmpty { window });
        }
        Ok(window)
    }
}

/// What a pivot needs to know.
struct PivotConfig {
    inputs: Inputs,
    outputs: Vec<Output>,
    target: Target,
    scope: Scope,
    depth: u32,
}

impl PivotConfig {
    fn new(args: &PivotArgs) -> Result<Self, UsageError> {
        let inputs = Inputs::new(&args.inputs, &args.limits, &args.labels)?;
        if args.times.depth > 1 && !inputs.paths.iter().all(|path| is_readable_again(path)) {
            return Err(UsageError::DepthOfStream);
        }
        Ok(Self {
            inputs: Inputs {
                linkage: Linkage::new(&args.links),
                ..inputs
            },
            outputs: args.outputs.resolve()?,
            target: args.target.resolve()?,
            scope: Scope {
                window: args.times.window()?,
                max_rows: usize::try_from(args.times.rows).unwrap_or(usize::MAX),
            },
            depth: args.times.depth,
        })
    }
}

/// The thing that is asked for; an identity with every account that is one with
/// it. That takes a reading of its own, so not of what can be read only once.
fn with_accounts(config: &PivotConfig, progress: &Progress) -> anyhow::Result<Target> {
    let target = config.target.clone();
    let is_readable = config
        .inputs
        .paths
        .iter()
        .all(|path| is_readable_again(path));
    if target.kind != Kind::Identity || config.inputs.linkage.is_off() || !is_readable {
        return Ok(target);
    }
    let (ledger, links, _) = read_all(&config.inputs, progress)?;
    let rows = || ledger.accounts().iter().map(|account| &account.row);
    let is_meant = |row: &&IdentityRow| {
        let names = [&row.key, &row.name].map(AsRef::as_ref).into_iter();
        let mut names = names.chain(row.native.as_deref());
        names.any(|name| target.is(name)) || target.is(&readable_name(row))
    };
    let persons: BTreeSet<&str> = rows()
        .filter(is_meant)
        .map(|row| links.account_of(&row.key))
        .collect();
    let is_of_them = |row: &&IdentityRow| persons.contains(links.account_of(&row.key));
    let accounts = rows().filter(|row| is_of_them(row) && !is_meant(row));
    let accounts = accounts.map(|row| row.key.to_string()).collect();
    Ok(target.with(accounts))
}

/// Standard input and pipes are gone once they were read. What does not exist
/// is told when it is read.
fn is_readable_again(path: &Path) -> bool {
    path != Path::new("-")
        && std::fs::metadata(path).map_or(true, |meta| meta.is_file() || meta.is_dir())
}

/// The plot: configure, try the outputs, read, follow, write.
pub(super) fn run(
    args: &PivotArgs,
    terminal: Terminal,
    stdout: &mut dyn Write,
) -> anyhow::Result<Completion> {
    let config = PivotConfig::new(args)?;
    check_outputs(&config.outputs, &config.inputs.paths, terminal)?;

    let found = Found::read(&config, terminal)?;
    check_recognised(&found.coverage, &config.inputs.paths)?;
    let completion = Completion {
        input: Input::of(&found.coverage),
        verdict: Verdict::Quiet,
    };
    let report = PivotReport {
        trails: &found.trails,
        known: &found.known,
        since: found.since,
        window: config.scope.window,
        coverage: &found.coverage,
        inputs: config.inputs.shown(),
    };
    completion.once_written(write_outputs(&config.outputs, stdout, |output, out| {
        write_pivot(output.format, &report, &output.style(terminal), out)
    }))?;
    say_how_much(&found, terminal);
    announce(&config.outputs, terminal.remarks);
    Ok(completion)
}

/// What was found, with the account of the input.
struct Found {
    trails: Vec<Followed>,
    known: Known,
    since: Option<Timestamp>,
    coverage: Coverage,
}

impl Found {
    fn read(config: &PivotConfig, terminal: Terminal) -> anyhow::Result<Self> {
        let progress = || Progress::new(terminal.progress);
        let first = [with_accounts(config, &progress())?];
        let (known, trails, coverage) = read_trails(config, &first, true, &progress())?;
        let followed = trails.into_iter().map(|trail| Followed {
            trail,
            depth: 1,
            parent: None,
        });
        let mut found = Self {
            trails: followed.collect(),
            known,
            since: since(config.scope.window, &coverage),
            coverage,
        };
        for depth in 2..=config.depth {
            let (parents, targets) = found.leads(depth);
            if targets.is_empty() {
                break;
            }
            let (_, trails, _) = read_trails(config, &targets, false, &progress())?;
            let followed = trails.into_iter().zip(parents);
            found
                .trails
                .extend(followed.map(|(trail, parent)| Followed {
                    trail,
                    depth,
                    parent: Some(parent),
                }));
        }
        Ok(found)
    }

    /// Where the trails of the step before `depth` lead, and which of them do:
    /// every thing once, and no more than there is room for.
    fn leads(&self, depth: u32) -> (Vec<usize>, Vec<Target>) {
        let known = self.trails.iter().map(|f| f.trail.target());
        let mut seen: BTreeSet<(Kind, String)> = known.map(|t| (t.kind, t.value.clone())).collect();
        let (mut parents, mut targets) = (Vec::new(), Vec::new());
        for (at, followed) in self.trails.iter().enumerate() {
            if followed.depth.saturating_add(1) != depth {
                continue;
            }
            for next in next_of(&followed.trail, &self.known, self.since) {
                let is_room = self.trails.len().saturating_add(targets.len()) < MAX_TRAILS;
                if is_room && seen.insert((next.kind, next.value.clone())) {
                    parents.push(at);
                    targets.push(Target::exactly(next.kind, &next.value));
                }
            }
        }
        (parents, targets)
    }
}

/// Reads the trails of all `targets`, and what anybody used if `is_known` is
/// wanted.
fn read_trails(
    config: &PivotConfig,
    targets: &[Target],
    is_known: bool,
    progress: &Progress,
) -> anyhow::Result<(Known, Vec<Trail>, Coverage)> {
    let empty = || Trails {
        trails: targets
            .iter()
            .map(|target| Trail::new(target.clone(), config.scope))
            .collect(),
        known: is_known.then(Known::default),
    };
    let intake = study::read(&config.inputs, Window::ALWAYS, progress, empty)?;
    let mut all = empty();
    for part in intake.folds {
        for (own, other) in all.trails.iter_mut().zip(part.trails) {
            own.merge(other);
        }
        if let (Some(own), Some(other)) = (&mut all.known, part.known) {
            own.merge(other);
        }
    }
    Ok((all.known.unwrap_or_default(), all.trails, intake.coverage))
}

/// From when on something is new: the start that was asked for, or else that of
/// the review that would be scored; `None` where no event lies before it.
fn since(window: Window, coverage: &Coverage) -> Option<Timestamp> {
    let found = events_found(coverage)?;
    let start = if window.start == Timestamp::MIN {
        let period = Period::fitting(found.start, found.end).seconds();
        let windows = WindowRequest::default().resolve(found.start, found.end, period);
        windows.map_err(|_: WindowError| ()).ok()?.review.start
    } else {
        window.start
    };
    (found.start < start).then_some(start)
}

/// The trails of one worker.
struct Trails {
    trails: Vec<Trail>,
    known: Option<Known>,
}

impl Fold for Trails {
    fn observe(&mut self, event: &Event<'_>) {
        for trail in &mut self.trails {
            trail.observe(event);
        }
        if let Some(known) = &mut self.known {
            known.observe(event);
        }
    }

    fn observe_duplicate(&mut self, event: &Event<'_>) {
        for trail in &mut self.trails {
            trail.observe_duplicate(event);
        }
    }
}

/// Says what was found in a line: a timeline alone does not tell what it
/// leaves out.
fn say_how_much(found: &Found, terminal: Terminal) {
    let Some(asked) = found.trails.first().map(|followed| &followed.trail) else {
        return;
    };
    let charset = terminal.text_charset();
    let value = sanitize::terminal(&asked.target().value, charset);
    let what = format!("{} {value}", asked.target().kind.name());
    let total = asked.total();
    let remarks = terminal.remarks;
    if asked.is_empty() {
        let hint = match asked.target().kind {
            Kind::Identity | Kind::Resource if !asked.target().value.contains('*') => {
                "; all of the name is compared, so try it with a * on both sides"
            }
            _ => "",
        };
        let (n, from) = (found.coverage.n_records, found.coverage.files.len());
        return remarks.say(&format!(
            "habitual: nothing in these logs touched {what} (records read: {n}, files: {from}){hint}"
        ));
    }
    if total.n == 0 {
        let (n_before, n_after) = (total.n_before, asked.n_after());
        return remarks.say(&format!(
            "habitual: nothing found of {what} in the times asked for: {n_before} events before, \
             {n_after} after"
        ));
    }
    let n_unlisted: u64 = found.trails.iter().map(|f| f.trail.n_unlisted()).sum();
    if n_unlisted > 0 && terminal.columns.is_none() {
        remarks.say(&format!(
            "habitual: {n_unlisted} more events are counted but not listed; see --rows"
        ));
    }
}
