//! `habitual nightly`: read what is new, judge the days that are complete,
//! say what is new about them, and learn the rest.

mod days;
mod fold;
mod memory;
mod story;
mod told;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::PathBuf;

use clap::Args;

pub(super) use days::release;
pub(super) use memory::Memory;

use super::baseline::warn_if_exposed;
use super::inputs::{InputArgs, Inputs, LabelArgs, LimitArgs};
use super::linkage::LinkArgs;
use super::modelling;
use super::outputs::{Output, OutputArgs, check_outputs};
use super::problem::check_undamaged;
use super::replay::{ReplayConfig, Report, VerdictArgs, assess};
use super::selection::{Extent, Selection, SelectionArgs};
use super::status::Completion;
use super::study::{self, Damage, Study};
use super::terminal::Terminal;
use super::windows::{PeriodArg, WindowRequest, Windows, parse_time};
use crate::event::{Period, Timestamp, Window};
use crate::ingest::Listed;
use crate::ingest::coverage::Coverage;
use crate::ledger::{Ledger, Slot};
use crate::progress::Progress;
use days::Days;
use fold::{Before, Counts, Night};
use memory::{Agenda, Notes};
use told::{Account, Told};

/// Days that are judged in the first night.
const FIRST_DAYS: Slot = 7;
const DAY_US: i64 = 86_400_000_000;

/// Judge the days that are complete, and say only what is new
#[derive(Clone, Debug, Args)]
#[command(
    long_about = "For a nightly job: read the files that were not read before, judge the days \
                  that are complete, say only what is new about them, and learn the rest. With \
                  nothing new it prints nothing and ends with status 0.

A day is complete once the logs hold an event of a later day. Flagged days of at least medium \
                  severity are not learned until they are acknowledged; of a person, that is the \
                  day of all accounts. Events that arrive late are judged as if they had been \
                  there in time.

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
    links: LinkArgs,
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
    let mut inputs = Inputs::new(&args.inputs, &args.limits, &args.labels)?.linked(&args.links);
    let outputs = args.outputs.resolve()?;
    check_outputs(&outputs, &inputs.paths, terminal)?;
    let mut notes = Notes::open(&args.state)?;
    warn_if_exposed(notes.folder(), terminal);
    notes.adopt_labels(&mut inputs)?;
    let Some(agenda) = notes.agenda(&inputs)? else {
        return Ok(Completion::FULL);
    };
    inputs.paths = agenda.files.iter().map(|file| file.path.clone()).collect();
    // The list is made; what is written to from now on is read as it is.
    inputs.files.settle = None;
    let config = args.config(inputs, outputs);
    let mut memory = notes.recall(config.inputs.limits.memory)?;
    let read = Read::of(agenda, &memory, &config, args, terminal)?;
    memory.remember_files(&read.agenda, &read.coverage);
    let told = judge(&mut memory, &config, read, args)?;
    let completion = told.say(&config, terminal, stdout)?;
    memory.write()?;
    Ok(completion)
}

impl NightlyArgs {
    /// What a replay of the fresh files would be asked for.
    fn config(&self, inputs: Inputs, outputs: Vec<Output>) -> ReplayConfig {
        ReplayConfig {
            parameters: modelling::parameters(&inputs),
            inputs,
            windows: WindowRequest::default(),
            period: PeriodArg::Fixed(Period::Day),
            alerts_per_day: self.selection.alerts_per_day,
            selection: Selection::new(&self.selection),
            outputs,
            manifest: None,
            fail_on: self.verdict.fail_on,
            damage: self.verdict.damage(),
        }
    }
}

/// A night that was read.
struct Read {
    agenda: Agenda,
    /// Files that earlier nights read as they are, and their bytes.
    again: (usize, u64),
    /// Events that were not known.
    events: Ledger,
    /// Their marks.
    marks: BTreeMap<Slot, BTreeSet<u64>>,
    counts: Counts,
    coverage: Coverage,
}

impl Read {
    /// Reads the files on the `agenda`, except for the events that are known.
    fn of(
        agenda: Agenda,
        memory: &Memory,
        config: &ReplayConfig,
        args: &NightlyArgs,
        terminal: Terminal,
    ) -> anyhow::Result<Self> {
        let newest = agenda.files.iter().map(|file| file.modified_us).max();
        let is_known = |file: &Listed| memory.state.files.contains_key(&file.path);
        let again = agenda.files.iter().filter(|file| is_known(file));
        let again = (again.clone().count(), again.map(|file| file.n_bytes).sum());
        let before = Before {
            horizon: memory.horizon.map(|slot| Period::Day.start_of(slot)),
            marks: &memory.state.marks,
            oldest: memory
                .horizon
                .map(|slot| slot.saturating_sub(args.late_days.into())),
            reread: (0..)
                .zip(&agenda.files)
                .filter(|(_, file)| is_known(file))
                .map(|(number, _)| number)
                .collect(),
            latest: newest.map(|us| Timestamp::from_micros(us.saturating_add(DAY_US))),
        };
        let progress = Progress::new(terminal.progress);
        let empty = || Night::new(&before, &memory.roster);
        let intake = study::read(&config.inputs, Window::ALWAYS, &progress, empty)?;
        let mut night = empty();
        for part in intake.folds {
            night.merge(part);
        }
        night.ledger.settle();
        night.ledger.coarsen(Period::Day);
        if config.damage == Damage::Refuse {
            check_undamaged(&intake.coverage)?;
        }
        Ok(Self {
            agenda,
            again,
            events: night.ledger,
            marks: night.marks,
            counts: night.counts,
            coverage: intake.coverage,
        })
    }
}

/// Judges the days that are complete, and those before them of which events
/// came late.
fn judge(
    memory: &mut Memory,
    config: &ReplayConfig,
    read: Read,
    args: &NightlyArgs,
) -> anyhow::Result<Told> {
    let newest = read.marks.keys().next_back().copied();
    let end = newest.max(memory.horizon).unwrap_or_default();
    let first = read.marks.keys().next().copied().unwrap_or(end);
    let mut start = first.min(end);
    let (learned, held) = memory.take_ledgers();
    let mut days = Days {
        learned,
        held,
        events: read.events,
        acknowledged: &memory.state.acknowledgements,
        holds_back: !args.learn_anyway,
        linkage: &config.inputs.linkage,
    };
    match memory.horizon {
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
            coverage: read.coverage.clone(),
        };
        assess(config, study).assessment
    });
    (memory.learned, memory.held) = (days.learned, days.held);
    let before = memory.horizon.replace(end);
    let n_missing = memory.remember_marks(read.marks, before, args.late_days.into());
    memory.forget(args.keep_days.into());
    let account = Account {
        coverage: read.coverage,
        counts: read.counts,
        again: read.again,
        n_missing,
        gone: read.agenda.gone,
    };
    let days = (start, before.unwrap_or(end), end);
    let told = Told::of(&mut memory.state, judged, days, account)?;
    let has_all = config.selection.extent == Extent::All;
    Ok(told.without_ongoing(has_all))
}
