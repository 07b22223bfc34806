//! A study: the logs of one run, folded into a history and a review; or a
//! history that was saved, and a review.

use std::num::NonZeroUsize;
use std::sync::Arc;

use super::inputs::Inputs;
use super::problem::{check_populated, check_recognised, check_undamaged, events_found};
use super::windows::{PeriodArg, WindowRequest, Windows};
use crate::event::{Event, Period, Timestamp, Window};
use crate::ingest::coverage::{Coverage, Overflow};
use crate::ingest::raw::Raw;
use crate::ingest::{self, Fold, Intake};
use crate::ledger::{self, Decisions, Ledger, Roster};
use crate::progress::Progress;

/// What to do about damaged input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// Leave it out and count it.
    Count,
    /// Fail before anything is written.
    Refuse,
}

/// Everything that was read, ready to be scored.
#[derive(Debug)]
pub(super) struct Study {
    /// What was learned, with settled identities.
    pub(super) history: Ledger,
    /// What is to be scored, with the same identities.
    pub(super) review: Ledger,
    /// The windows of both.
    pub(super) windows: Windows,
    /// The account of the input.
    pub(super) coverage: Coverage,
}

impl Study {
    /// Reads `inputs` and puts every event into its window.
    ///
    /// # Errors
    ///
    /// When nothing can be read or recognised, when the windows make no sense
    /// for the data, and when one of them holds no event.
    pub(super) fn read(
        inputs: &Inputs,
        request: WindowRequest,
        period: PeriodArg,
        damage: Damage,
        progress: &Progress,
    ) -> anyhow::Result<Self> {
        let written = request.absolute();
        let roster = Arc::new(Roster::within(inputs.limits.memory));
        let empty = || Split::new(written, coarsest(period), &roster);
        let intake = read(
            inputs,
            written.map_or(Window::ALWAYS, hull),
            progress,
            empty,
        )?;
        let mut coverage = intake.coverage;
        check_recognised(&coverage, &inputs.paths)?;
        if damage == Damage::Refuse {
            check_undamaged(&coverage)?;
        }
        let split = Split::merged(intake.folds, empty());
        coverage.overflow = overflow(&[&split.history, &split.review]);
        let found = events_found(&coverage).unwrap_or(Window::ALWAYS);
        let period = match period {
            PeriodArg::Fixed(period) => period,
            PeriodArg::Auto => Period::fitting(found.start, found.end),
        };
        let windows = request.resolve(found.start, found.end, period.seconds())?;
        let (history, review) = split.into_windows(windows, period);
        let n_inside = history.n_records().saturating_add(review.n_records());
        let n_outside = coverage.n_used.saturating_sub(n_inside);
        coverage.n_used = n_inside;
        coverage.n_out_of_window = coverage.n_out_of_window.saturating_add(n_outside);
        check_populated(windows, history.n_records(), review.n_records(), found)?;

        Self::decided(history, review, windows, coverage, inputs)
    }

    /// Reads `inputs` as a review of what `known` says about the time before.
    ///
    /// # Errors
    ///
    /// When nothing can be read or recognised, and when the review overlaps
    /// with what was learned or holds no event.
    pub(super) fn against(
        known: Known,
        inputs: &Inputs,
        request: WindowRequest,
        damage: Damage,
        progress: &Progress,
    ) -> anyhow::Result<Self> {
        let Known {
            mut history,
            window,
            roster,
        } = known;
        let period = history.period();
        let after = request.absolute().map_or(
            Window {
                start: window.end,
                end: Timestamp::MAX,
            },
            |windows| windows.review,
        );
        let empty = || Within {
            window: after,
            ledger: Ledger::enrolling(period, Arc::clone(&roster)),
        };
        let intake = read(inputs, after, progress, empty)?;
        let mut coverage = intake.coverage;
        check_recognised(&coverage, &inputs.paths)?;
        if damage == Damage::Refuse {
            check_undamaged(&coverage)?;
        }
        let mut review = Within::merged(intake.folds, empty());
        let found = events_found(&coverage).unwrap_or(Window::ALWAYS);
        let windows = request.resolve(found.start, found.end, period.seconds())?;
        if request.absolute().is_none() {
            review = review.slice(windows.review);
        }
        history.align_samples(&mut review);
        review.coarsen(period);
        history.coarsen(review.period());
        coverage.overflow = overflow(&[&history, &review]);
        let n_outside = coverage.n_used.saturating_sub(review.n_records());
        coverage.n_used = review.n_records();
        coverage.n_out_of_window = coverage.n_out_of_window.saturating_add(n_outside);
        check_populated(windows, history.n_records(), review.n_records(), found)?;
        Self::decided(history, review, windows, coverage, inputs)
    }

    /// Settles who is who in both ledgers, as the history says.
    ///
    /// # Errors
    ///
    /// When a link file names identities that neither of them knows.
    fn decided(
        mut history: Ledger,
        mut review: Ledger,
        windows: Windows,
        coverage: Coverage,
        inputs: &Inputs,
    ) -> anyhow::Result<Self> {
        let decisions = Decisions::from_history(&history);
        both(
            inputs.limits.threads,
            || decisions.apply_to_history(&mut history),
            || decisions.apply_to_review(&mut review),
        );
        inputs.linkage.apply(&mut history, &mut review)?;
        Ok(Self {
            history,
            review,
            windows,
            coverage,
        })
    }
}

/// What a baseline says.
#[derive(Debug)]
pub(super) struct Known {
    /// What was learned, before anything is decided on it.
    pub(super) history: Ledger,
    /// The time that was learned.
    pub(super) window: Window,
    /// The identities, whose limit those of the review share.
    pub(super) roster: Arc<Roster>,
}

/// The events inside of one window.
pub(super) struct Within {
    pub(super) window: Window,
    pub(super) ledger: Ledger,
}

impl Within {
    /// All parts in one ledger.
    pub(super) fn merged(parts: Vec<Self>, all: Self) -> Ledger {
        let mut ledger = all.ledger;
        let parts = parts.into_iter().map(|part| part.ledger);
        merge_all(&mut ledger, parts.collect());
        ledger
    }
}

impl Fold for Within {
    fn observe(&mut self, event: &Event<'_>) {
        if self.window.contains(event.time) {
            self.ledger.observe(event);
        }
    }

    fn observe_duplicate(&mut self, event: &Event<'_>) {
        if self.window.contains(event.time) {
            self.ledger.observe_duplicate(event);
        }
    }
}

/// Reads `inputs` into folds made by `make`.
///
/// # Errors
///
/// When reading itself fails; what is wrong with single files is in the
/// coverage.
pub(super) fn read<F: Fold>(
    inputs: &Inputs,
    span: Window,
    progress: &Progress,
    make: impl Fn() -> F + Sync,
) -> anyhow::Result<Intake<F>> {
    read_keeping(inputs, span, None, progress, make)
}

/// As [`read`], and keeps the records that are wanted `raw`.
pub(super) fn read_keeping<F: Fold>(
    inputs: &Inputs,
    span: Window,
    raw: Option<Arc<Raw>>,
    progress: &Progress,
    make: impl Fn() -> F + Sync,
) -> anyhow::Result<Intake<F>> {
    let options = ingest::Options {
        threads: inputs.limits.threads.get(),
        limits: ingest::Limits {
            max_record: inputs.limits.max_record,
            max_decoded: inputs.limits.max_decompressed,
            max_ratio: inputs.limits.max_ratio,
            ..ingest::Limits::default()
        },
        span,
        selection: ingest::Selection {
            follow: inputs.files.follow,
            settle: inputs.files.settle,
            delivered: inputs.files.by_date.then_some(span),
        },
        okta_org: inputs.labels.okta_org.clone(),
        vault_cluster: inputs.labels.vault_cluster.clone(),
        mappings: inputs.mappings.clone(),
        geography: inputs.geography()?,
        raw,
    };
    let watch = |p: ingest::Progress| progress.reach(p.n_bytes, p.n_bytes_total);
    ingest::read(&inputs.paths, &options, &watch, make)
}

/// The identities that none of the `ledgers` had room for.
pub(super) fn overflow(ledgers: &[&Ledger]) -> Overflow {
    let mut all = ledger::Overflow::default();
    for ledger in ledgers {
        all.merge(ledger.overflow());
    }
    Overflow {
        n_identities: all.n_identities(),
        n_events: all.n_events,
    }
}

/// Slots never need to be longer than the period that is asked for.
pub(super) fn coarsest(period: PeriodArg) -> Period {
    match period {
        PeriodArg::Fixed(period) => period,
        PeriodArg::Auto => Period::Day,
    }
}

fn hull(windows: Windows) -> Window {
    Window {
        start: windows.history.start.min(windows.review.start),
        end: windows.history.end.max(windows.review.end),
    }
}

/// The events of one worker: apart, where the windows are known before the
/// data is read; otherwise together, to be cut between two slots later.
struct Split {
    windows: Option<Windows>,
    history: Ledger,
    review: Ledger,
}

impl Split {
    fn new(windows: Option<Windows>, coarsest: Period, roster: &Arc<Roster>) -> Self {
        let ledger = || Ledger::enrolling(coarsest, Arc::clone(roster));
        Self {
            windows,
            history: match windows {
                // Only what is reviewed is cited.
                Some(_) => ledger().uncited(),
                None => ledger(),
            },
            review: ledger(),
        }
    }

    fn merged(parts: Vec<Self>, mut all: Self) -> Self {
        let threads = NonZeroUsize::new(parts.len()).unwrap_or(NonZeroUsize::MIN);
        let (histories, reviews): (Vec<_>, Vec<_>) = parts
            .into_iter()
            .map(|part| (part.history, part.review))
            .unzip();
        both(
            threads,
            || merge_all(&mut all.history, histories),
            || merge_all(&mut all.review, reviews),
        );
        all.history.align_samples(&mut all.review);
        all
    }

    /// Both ledgers, with slots of one `period`.
    fn into_windows(mut self, windows: Windows, period: Period) -> (Ledger, Ledger) {
        if self.windows.is_none() {
            self.review = self.history.slice(windows.review);
            self.history = self.history.into_uncited_slice(windows.history);
        }
        let period = period.max(self.history.period()).max(self.review.period());
        self.history.coarsen(period);
        self.review.coarsen(period);
        (self.history, self.review)
    }

    fn ledger_for(&mut self, event: &Event<'_>) -> Option<&mut Ledger> {
        match self.windows {
            None => Some(&mut self.history),
            Some(windows) if windows.history.contains(event.time) => Some(&mut self.history),
            Some(windows) if windows.review.contains(event.time) => Some(&mut self.review),
            Some(_) => None,
        }
    }
}

impl Fold for Split {
    fn observe(&mut self, event: &Event<'_>) {
        if let Some(ledger) = self.ledger_for(event) {
            ledger.observe(event);
        }
    }

    fn observe_duplicate(&mut self, event: &Event<'_>) {
        if let Some(ledger) = self.ledger_for(event) {
            ledger.observe_duplicate(event);
        }
    }
}

/// Adds all `parts` of the input to `ledger`, which is empty.
fn merge_all(ledger: &mut Ledger, mut parts: Vec<Ledger>) {
    if let Some(last) = parts.pop() {
        *ledger = last;
    }
    for part in parts {
        ledger.merge(part);
    }
    ledger.settle();
}

/// Does two things that have nothing to do with each other: at the same time,
/// if there may be two `threads`.
fn both(threads: NonZeroUsize, one: impl FnOnce() + Send, other: impl FnOnce()) {
    if threads == NonZeroUsize::MIN {
        one();
        return other();
    }
    std::thread::scope(|scope| {
        let one = scope.spawn(one);
        other();
        if let Err(panic) = one.join() {
            std::panic::resume_unwind(panic);
        }
    });
}

/// Everything in one ledger, for an inspection.
pub(super) struct Whole(pub(super) Ledger);

impl Fold for Whole {
    fn observe(&mut self, event: &Event<'_>) {
        self.0.observe(event);
    }

    fn observe_duplicate(&mut self, event: &Event<'_>) {
        self.0.observe_duplicate(event);
    }
}
