//! `habitual nightly`: read what is new, judge the days that are complete,
//! say what is new about them, and learn the rest.

mod days;
mod fold;
mod story;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

pub(super) use days::release;

use super::baseline::{adopt_labels, labels_of};
use super::inputs::{InputArgs, Inputs, LabelArgs, LimitArgs};
use super::modelling;
use super::outputs::{Destination, OutputArgs, announce, check_outputs, write_outputs};
use super::problem::check_undamaged;
use super::replay::{Assessed, ReplayConfig, Report, VerdictArgs, assess, write_report};
use super::selection::{Extent, IdentityPattern, Selection, SelectionArgs};
use super::status::Completion;
use super::study::{self, Damage, Study};
use super::terminal::Terminal;
use super::windows::{PeriodArg, WindowRequest, Windows, parse_time};
use crate::event::{Period, Timestamp, Window};
use crate::finding::{Assessment, Finding, Recurrence, Severity};
use crate::identity::IDENTITY_RULES_VERSION;
use crate::ingest::coverage::Coverage;
use crate::ingest::{self, Listed};
use crate::ledger::{Ledger, Roster, Slot};
use crate::progress::Progress;
use crate::state::baseline::{Content, Folder, Manifest};
use crate::state::{Alert, NightState, SeenFile};
use days::{Days, Judged, alerts, window};
use fold::{Before, Night};

/// Days that are judged in the first night.
const FIRST_DAYS: Slot = 7;
const DAY_US: i64 = 86_400_000_000;

/// Read what is new, judge the days that are complete, and say only what is
/// new
#[derive(Clone, Debug, Args)]
#[command(
    long_about = "For a nightly job: read the files that were not read before, judge the days \
                  that are complete, say only what is new about them, and learn the rest. With \
                  nothing new it prints nothing and ends with status 0.

A day is complete once the logs hold an event of a later day. Flagged days of at least medium \
                  severity are not learned until they are acknowledged. Events that arrive late \
                  are judged as if they had been there in time.

Examples:
  habitual nightly /var/log/cloudtrail --state /var/lib/habitual
  habitual nightly logs/ --state state -f jsonl -o new.jsonl --fail-on high
  habitual acknowledge 3cc5f7b4b0bf9372 --state state --reason 'a migration'
  habitual suppress 'role/ci-*' --state state --reason moving --for 14d"
)]
pub struct NightlyArgs {
    #[command(flatten)]
    inputs: InputArgs,
    /// Folder that remembers what was read and learned
    #[arg(long, value_name = "DIR")]
    state: PathBuf,
    /// Judge the days from this one on, in the first night [default: the last 7]
    #[arg(long, value_name = "DATE", value_parser = parse_time)]
    since: Option<Timestamp>,
    /// Days in which late events are still judged
    #[arg(long, value_name = "N", default_value = "10", value_parser = clap::value_parser!(u16).range(1..=60), hide_short_help = true)]
    late_days: u16,
    /// Days that are remembered
    #[arg(long, value_name = "N", default_value = "400", value_parser = clap::value_parser!(u16).range(14..), hide_short_help = true)]
    keep_days: u16,
    /// Learn flagged days as well
    #[arg(long, hide_short_help = true)]
    learn_anyway: bool,
    #[command(flatten)]
    verdict: VerdictArgs,
    #[command(flatten)]
    outputs: OutputArgs<Report>,
    #[command(flatten)]
    selection: SelectionArgs,
    #[command(flatten)]
    labels: LabelArgs,
    #[command(flatten)]
    limits: LimitArgs,
}

/// The plot: lock, see what is new, read it, judge, report, and only then
/// remember.
pub(super) fn run(
    args: &NightlyArgs,
    terminal: Terminal,
    stdout: &mut dyn Write,
) -> anyhow::Result<Completion> {
    let mut inputs = Inputs::new(&args.inputs, &args.limits, &args.labels)?;
    let outputs = args.outputs.resolve()?;
    check_outputs(&outputs, &inputs.paths, terminal)?;
    let folder = Folder::at(&args.state);
    let lock = folder.lock()?;
    let mut memory = Memory::read(&folder, &mut inputs)?;
    let fresh = memory.fresh(&inputs);
    if fresh.is_empty() {
        return Ok(Completion::FULL);
    }
    inputs.paths = fresh.iter().map(|file| file.path.clone()).collect();
    let parameters = modelling::parameters(&inputs);
    let config = ReplayConfig {
        inputs,
        windows: WindowRequest::default(),
        period: PeriodArg::Fixed(Period::Day),
        alerts_per_day: args.selection.alerts_per_day,
        selection: Selection::new(&args.selection),
        outputs,
        manifest: None,
        fail_on: args.verdict.fail_on,
        damage: args.verdict.damage(),
        parameters,
    };
    let night = memory.read_night(&config, &fresh, args, terminal)?;
    let told = memory.judge(&config, night, args)?;
    let completion = config.judge(&told.assessed.coverage, &told.assessed.assessment.findings);
    if told.has_news() {
        let completion =
            completion.once_written(write_outputs(&config.outputs, stdout, |output, out| {
                write_report(&config, &told.assessed, output, terminal, out)
            }))?;
        let all_to_files = !config
            .outputs
            .iter()
            .any(|o| o.destination == Destination::Stdout);
        if all_to_files || told.has_more_to_say() {
            terminal.remarks.say(&told.line());
        }
        announce(&config.outputs, terminal.remarks);
        memory.write(&folder, &config.inputs, &lock)?;
        return Ok(completion);
    }
    memory.write(&folder, &config.inputs, &lock)?;
    Ok(completion)
}

/// What earlier nights left.
struct Memory {
    manifest: Option<Manifest>,
    learned: Ledger,
    held: Ledger,
    state: NightState,
    roster: Arc<Roster>,
    /// Days before this one are judged.
    horizon: Option<Slot>,
}

/// A night that was read.
struct Read {
    night: Night,
    coverage: Coverage,
}

impl Memory {
    fn read(folder: &Folder, inputs: &mut Inputs) -> anyhow::Result<Self> {
        let roster = Arc::new(Roster::within(inputs.limits.memory));
        let empty = || Ledger::enrolling(Period::Day, Arc::clone(&roster)).uncited();
        if !folder.holds_baseline() {
            return Ok(Self {
                manifest: None,
                learned: empty(),
                held: empty(),
                state: NightState::default(),
                horizon: None,
                roster,
            });
        }
        let manifest = folder.manifest(IDENTITY_RULES_VERSION)?;
        adopt_labels(inputs, &manifest)?;
        let tables: Result<Vec<_>, _> = NightState::LAYOUTS
            .iter()
            .map(|layout| folder.extra(&manifest, layout))
            .collect();
        let end = manifest.window().map(|window| window.end);
        Ok(Self {
            learned: folder.ledger(&manifest, Arc::clone(&roster))?,
            held: folder.held(&manifest, Arc::clone(&roster))?,
            state: NightState::restore(&tables?)?,
            horizon: end.map(|end| Period::Day.slot_of(end)),
            manifest: Some(manifest),
            roster,
        })
    }

    /// The files that were not read before, that have changed since, or that
    /// hold events of days that were not complete.
    fn fresh(&self, inputs: &Inputs) -> Vec<Listed> {
        let selection = ingest::Selection {
            follow: inputs.files.follow,
            settle: inputs.files.settle,
            delivered: None,
        };
        let horizon = self.horizon.map(|slot| Period::Day.start_of(slot).micros());
        let is_done = |file: &Listed| {
            self.state.files.get(&file.path).is_some_and(|seen| {
                let is_same = (seen.n_bytes, seen.modified_us) == (file.n_bytes, file.modified_us);
                is_same
                    && seen
                        .last_us
                        .is_none_or(|last| horizon.is_some_and(|h| last < h))
            })
        };
        let all = ingest::list(&inputs.paths, &selection);
        let fresh: Vec<Listed> = all.into_iter().filter(|file| !is_done(file)).collect();
        // With nothing but the open end of known files there is nothing new.
        let is_known = |file: &Listed| {
            self.state.files.get(&file.path).is_some_and(|seen| {
                (seen.n_bytes, seen.modified_us) == (file.n_bytes, file.modified_us)
            })
        };
        if fresh.iter().all(is_known) {
            Vec::new()
        } else {
            fresh
        }
    }

    /// Reads the files, except for the events that are known.
    fn read_night(
        &mut self,
        config: &ReplayConfig,
        fresh: &[Listed],
        args: &NightlyArgs,
        terminal: Terminal,
    ) -> anyhow::Result<Read> {
        let numbers = (0_u32..).zip(fresh);
        let newest = fresh.iter().map(|file| file.modified_us).max();
        let before = Arc::new(Before {
            horizon: self.horizon.map(|slot| Period::Day.start_of(slot)),
            marks: std::mem::take(&mut self.state.marks),
            oldest: self
                .horizon
                .map(|slot| slot.saturating_sub(args.late_days.into())),
            reread: numbers
                .filter(|(_, file)| self.state.files.contains_key(&file.path))
                .map(|(number, _)| number)
                .collect(),
            latest: newest.map(|us| Timestamp::from_micros(us.saturating_add(DAY_US))),
        });
        let progress = Progress::new(terminal.progress);
        let roster = Arc::clone(&self.roster);
        let intake = study::read(&config.inputs, Window::ALWAYS, &progress, || {
            Night::new(&before, &roster)
        })?;
        let mut night = Night::new(&before, &roster);
        for part in intake.folds {
            night.merge(part);
        }
        night.ledger.settle();
        night.ledger.coarsen(Period::Day);
        if config.damage == Damage::Refuse {
            check_undamaged(&intake.coverage)?;
        }
        for (file, found) in fresh.iter().zip(&intake.coverage.files) {
            let seen = SeenFile {
                n_bytes: file.n_bytes,
                modified_us: file.modified_us,
                last_us: found.last.map(Timestamp::micros),
            };
            self.state.files.insert(file.path.clone(), seen);
        }
        self.state.marks = before.marks.clone();
        Ok(Read {
            night,
            coverage: intake.coverage,
        })
    }

    /// Judges the days that are complete, and those before them of which
    /// events came late.
    fn judge(
        &mut self,
        config: &ReplayConfig,
        read: Read,
        args: &NightlyArgs,
    ) -> anyhow::Result<Told> {
        let Read { night, coverage } = read;
        let newest = night.marks.keys().next_back().copied();
        let end = newest.max(self.horizon).unwrap_or_default();
        let first = night.marks.keys().next().copied().unwrap_or(end);
        let counts = Counts::of(&night);
        let acknowledged = std::mem::take(&mut self.state.acknowledgements);
        let empty = Ledger::enrolling(Period::Day, Arc::clone(&self.roster));
        let mut days = Days {
            learned: std::mem::replace(&mut self.learned, empty.clone()),
            held: std::mem::replace(&mut self.held, empty),
            events: night.ledger,
            acknowledged: &acknowledged,
            holds_back: !args.learn_anyway,
        };
        let mut start = first.min(end);
        match self.horizon {
            Some(horizon) if start < horizon => days.rewind(start),
            Some(_) => {}
            None => {
                let since = args.since.map(|time| Period::Day.slot_of(time));
                start = since
                    .unwrap_or(end.saturating_sub(FIRST_DAYS))
                    .clamp(start, end);
                days.learn_until(start);
            }
        }
        let judged = days.judge(start, end, |history, review, windows| {
            let study = Study {
                history,
                review,
                windows: Windows {
                    history: windows.0,
                    review: windows.1,
                },
                coverage: coverage.clone(),
            };
            assess(config, study).assessment
        });
        (self.learned, self.held) = (days.learned, days.held);
        self.state.acknowledgements = acknowledged.clone();
        self.remember_marks(night.marks, end, args);
        let before = self.horizon.unwrap_or(end);
        self.horizon = Some(end);
        self.forget(args);
        let has_all = config.selection.extent == Extent::All;
        let told = self.tell(judged, (start, before, end), coverage, counts)?;
        Ok(told.without_ongoing(has_all))
    }

    fn remember_marks(
        &mut self,
        marks: BTreeMap<Slot, BTreeSet<u64>>,
        end: Slot,
        args: &NightlyArgs,
    ) {
        for (slot, new) in marks.into_iter().filter(|(slot, _)| *slot < end) {
            let own = self.state.marks.entry(slot).or_default();
            own.extend(new);
            own.sort_unstable();
            own.dedup();
        }
        let oldest = end.saturating_sub(args.late_days.into());
        self.state.marks.retain(|slot, _| oldest <= *slot);
    }

    /// Forgets the days that are beyond what is kept.
    fn forget(&mut self, args: &NightlyArgs) {
        let Some(end) = self.horizon else {
            return;
        };
        let oldest = end.saturating_sub(args.keep_days.into());
        let is_older = |ledger: &Ledger| {
            let first = ledger.span().map(|(first, _)| Period::Day.slot_of(first));
            first.is_some_and(|first| first < oldest)
        };
        let kept = Window {
            start: Period::Day.start_of(oldest),
            end: Timestamp::MAX,
        };
        for own in [&mut self.learned, &mut self.held] {
            if is_older(own) {
                *own = own.slice(kept);
            }
        }
        self.state.alerts.retain(|alert| oldest <= alert.slot);
    }

    /// What is new about the days that were judged.
    fn tell(
        &mut self,
        judged: Vec<Judged>,
        (start, before, end): (Slot, Slot, Slot),
        coverage: Coverage,
        counts: Counts,
    ) -> anyhow::Result<Told> {
        let known = self.state.alerts.clone();
        self.state.alerts.retain(|alert| alert.slot < start);
        let suppressed = self.suppressed()?;
        for day in &judged {
            let own = alerts(day, |finding| suppressed(finding, day.slot));
            self.state.alerts.extend(own);
        }
        story::tell(&mut self.state.alerts);
        let is_told = |alert: &&Alert| {
            let is_same = |own: &Alert| {
                (&own.finding_id, &own.severity) == (&alert.finding_id, &alert.severity)
            };
            !known.iter().any(is_same)
        };
        let news: Vec<&Alert> = self.state.alerts.iter().filter(is_told).collect();
        let news: Vec<&Alert> = news
            .into_iter()
            .filter(|alert| start <= alert.slot)
            .collect();
        let resolved = story::resolved(&self.state.alerts, before, end);
        let review = window(start, end);
        let mut told = Told::new(judged, &news, resolved, review, coverage, counts);
        // Facts of days that are judged again were told.
        let from = Period::Day.start_of(before.max(start));
        let facts = &mut told.assessed.assessment.facts;
        facts.retain(|fact| from <= fact.time);
        Ok(told)
    }

    /// Whether somebody does not want to be told of a finding of a day.
    fn suppressed(&self) -> anyhow::Result<impl Fn(&Finding, Slot) -> bool + use<>> {
        let mut patterns = Vec::new();
        for own in &self.state.suppressions {
            let pattern = IdentityPattern::new(&own.pattern)?;
            patterns.push((pattern, own.family.clone(), own.from..own.until));
        }
        Ok(move |finding: &Finding, slot: Slot| {
            // Nobody knows in advance what a critical finding will be about.
            finding.severity < Severity::Critical
                && patterns.iter().any(|(pattern, family, days)| {
                    let names = [finding.identity.id.as_raw(), finding.identity.name.as_raw()];
                    days.contains(&slot)
                        && names.iter().any(|name| pattern.matches(name))
                        && (family.is_empty()
                            || finding.evidence.first().is_some_and(|e| e.family == family))
                })
        })
    }

    fn write(
        &mut self,
        folder: &Folder,
        inputs: &Inputs,
        lock: &crate::state::baseline::Lock,
    ) -> anyhow::Result<()> {
        let mut manifest = self
            .manifest
            .take()
            .unwrap_or_else(|| Manifest::new(IDENTITY_RULES_VERSION));
        manifest.labels = labels_of(inputs);
        if let (Some((first, _)), Some(end)) = (self.learned.span(), self.horizon) {
            manifest.set_window(window(Period::Day.slot_of(first), end));
        }
        let content = Content {
            ledger: &self.learned,
            held: Some(&self.held),
            extra: self.state.save(),
        };
        folder.write(&content, &manifest, lock)?;
        Ok(())
    }
}

/// What a night read beside the files' own counts.
#[derive(Clone, Copy, Debug)]
struct Counts {
    late: u64,
    too_late: u64,
    implausible: u64,
}

impl Counts {
    fn of(night: &Night) -> Self {
        Self {
            late: night.n_late,
            too_late: night.n_too_late,
            implausible: night.n_implausible,
        }
    }
}

/// What a night has to say.
struct Told {
    assessed: Assessed,
    n_by_status: BTreeMap<&'static str, usize>,
    n_suppressed: usize,
    resolved: Vec<String>,
    counts: Counts,
    n_days: usize,
}

impl Told {
    fn new(
        judged: Vec<Judged>,
        news: &[&Alert],
        resolved: Vec<String>,
        review: Window,
        coverage: Coverage,
        counts: Counts,
    ) -> Self {
        let n_days = judged.len();
        let n_suppressed = news.iter().filter(|alert| alert.is_suppressed).count();
        let mut n_by_status = BTreeMap::new();
        let mut assessment = together(judged, review);
        assessment.findings.retain_mut(|finding| {
            let is_it = |alert: &&&Alert| alert.finding_id == finding.finding_id;
            let alert = news.iter().find(is_it).filter(|alert| !alert.is_suppressed);
            finding.recurrence = alert.and_then(|alert| Recurrence::from_name(&alert.status));
            if let Some(recurrence) = finding.recurrence {
                *n_by_status.entry(recurrence.name()).or_default() += 1;
            }
            alert.is_some()
        });
        Self {
            assessed: Assessed {
                assessment,
                coverage,
            },
            n_by_status,
            n_suppressed,
            resolved,
            counts,
            n_days,
        }
    }

    /// What goes on as before is no news, unless somebody asks for everything.
    fn without_ongoing(mut self, has_all: bool) -> Self {
        let findings = &mut self.assessed.assessment.findings;
        findings.retain(|f| has_all || f.recurrence != Some(Recurrence::Ongoing));
        self
    }

    fn has_news(&self) -> bool {
        let assessment = &self.assessed.assessment;
        let is_silent = assessment.findings.is_empty() && assessment.facts.is_empty();
        !is_silent || self.has_more_to_say()
    }

    /// Whether there is anything that no list of findings says.
    fn has_more_to_say(&self) -> bool {
        let n_lost = self.counts.too_late.saturating_add(self.counts.implausible);
        n_lost > 0 || !self.resolved.is_empty() || self.n_suppressed > 0
    }

    /// Everything in a line.
    fn line(&self) -> String {
        let review = self.assessed.assessment.review;
        let mut parts: Vec<String> = ["new", "changed", "ongoing"]
            .iter()
            .filter_map(|status| Some((self.n_by_status.get(status)?, status)))
            .map(|(n, status)| format!("{n} {status}"))
            .collect();
        let counted = [
            (self.resolved.len(), "resolved"),
            (self.n_suppressed, "suppressed"),
            (
                usize::try_from(self.counts.late).unwrap_or(usize::MAX),
                "late events",
            ),
            (
                usize::try_from(self.counts.too_late).unwrap_or(usize::MAX),
                "events too late to be judged",
            ),
            (
                usize::try_from(self.counts.implausible).unwrap_or(usize::MAX),
                "events from the future",
            ),
        ];
        parts.extend(
            counted
                .iter()
                .filter(|(n, _)| *n > 0)
                .map(|(n, what)| format!("{n} {what}")),
        );
        format!(
            "{} day{} to {}: {}.",
            self.n_days,
            if self.n_days == 1 { "" } else { "s" },
            review.end.date(),
            parts.join(", ")
        )
    }
}

/// One assessment of several days, the most surprising finding first.
fn together(judged: Vec<Judged>, review: Window) -> Assessment {
    let mut days = judged.into_iter().map(|day| day.assessment);
    let Some(mut all) = days.next() else {
        return Assessment::empty(review);
    };
    for day in days {
        all.findings.extend(day.findings);
        all.facts.extend(day.facts);
        all.n_scored = all.n_scored.saturating_add(day.n_scored);
        all.expected_by_chance += day.expected_by_chance;
        for caution in day.cautions {
            if !all.cautions.contains(&caution) {
                all.cautions.push(caution);
            }
        }
    }
    all.review = review;
    all.findings.sort_by(|a, b| {
        let p = |finding: &Finding| finding.p_value.unwrap_or(f64::INFINITY);
        p(a).total_cmp(&p(b))
            .then_with(|| a.finding_id.cmp(&b.finding_id))
    });
    for (rank, finding) in (1..).zip(&mut all.findings) {
        finding.rank = finding.p_value.map(|_| rank);
    }
    all
}

/// The folder of a state, with everything in it, for the verbs that change
/// what people said.
pub(super) struct Opened {
    folder: Folder,
    lock: crate::state::baseline::Lock,
    manifest: Manifest,
    pub(super) learned: Ledger,
    pub(super) held: Ledger,
    pub(super) state: NightState,
}

impl Opened {
    /// Opens the state in `folder` for writing.
    ///
    /// # Errors
    ///
    /// When there is none, it is damaged, or somebody else writes it.
    pub(super) fn at(folder: &Path) -> anyhow::Result<Self> {
        let folder = Folder::at(folder);
        let manifest = folder.manifest(IDENTITY_RULES_VERSION)?;
        let lock = folder.lock()?;
        let roster = Arc::new(Roster::within(u64::MAX));
        let tables: Result<Vec<_>, _> = NightState::LAYOUTS
            .iter()
            .map(|layout| folder.extra(&manifest, layout))
            .collect();
        Ok(Self {
            learned: folder.ledger(&manifest, Arc::clone(&roster))?,
            held: folder.held(&manifest, roster)?,
            state: NightState::restore(&tables?)?,
            manifest,
            folder,
            lock,
        })
    }

    /// The first day that is not judged yet.
    pub(super) fn horizon(&self) -> Slot {
        let window = self.manifest.window();
        window.map_or(0, |window| Period::Day.slot_of(window.end))
    }

    /// Writes everything back.
    ///
    /// # Errors
    ///
    /// When it cannot be written; the old state is then still there.
    pub(super) fn write(self) -> anyhow::Result<()> {
        let content = Content {
            ledger: &self.learned,
            held: Some(&self.held),
            extra: self.state.save(),
        };
        self.folder.write(&content, &self.manifest, &self.lock)?;
        Ok(())
    }
}
