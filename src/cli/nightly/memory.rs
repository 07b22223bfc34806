//! What earlier nights left: what they read, what they were told, and what was
//! learned.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::days::window;
use crate::cli::baseline::{self, labels_of};
use crate::cli::inputs::Inputs;
use crate::cli::problem::InputProblem;
use crate::cli::usage::{Misuse, UsageError};
use crate::event::{Period, Timestamp, Window};
use crate::identity::IDENTITY_RULES_VERSION;
use crate::ingest::coverage::{Coverage, FileProblem, ProblemKind};
use crate::ingest::{self, Listed};
use crate::ledger::{Ledger, Roster, Slot};
use crate::state::baseline::{Content, Folder, Lock, Manifest};
use crate::state::{NightState, SeenFile};

/// What earlier nights noted down, known before anything that was learned is
/// read.
pub(super) struct Notes {
    folder: Folder,
    lock: Lock,
    manifest: Manifest,
    state: NightState,
    /// As in [`Memory`].
    horizon: Option<Slot>,
}

/// The folder of a state with everything in it, held for writing.
pub(in crate::cli) struct Memory {
    folder: Folder,
    lock: Lock,
    manifest: Manifest,
    pub(in crate::cli) learned: Ledger,
    pub(in crate::cli) held: Ledger,
    pub(in crate::cli) state: NightState,
    pub(super) roster: Arc<Roster>,
    /// Days before this one are judged; none is, where there is none.
    pub(in crate::cli) horizon: Option<Slot>,
}

/// What there is to do in a night.
pub(super) struct Agenda {
    /// Files that were not read before, that have changed since, or that hold
    /// events of days that were not complete.
    pub(super) files: Vec<Listed>,
    /// Files of the last kind that are not found any more.
    pub(super) gone: Vec<PathBuf>,
}

impl Notes {
    /// Opens the state in the folder at `path`, or begins one.
    ///
    /// # Errors
    ///
    /// When it is damaged, or somebody else writes it.
    pub(super) fn open(path: &Path) -> anyhow::Result<Self> {
        let folder = Folder::at(path);
        let lock = folder.lock()?;
        let mut notes = Self {
            manifest: Manifest::new(IDENTITY_RULES_VERSION),
            state: NightState::default(),
            horizon: None,
            folder,
            lock,
        };
        if notes.folder.holds_baseline() {
            let manifest = notes.folder.manifest(IDENTITY_RULES_VERSION)?;
            if !NightState::is_in(&manifest) {
                let folder = path.to_owned();
                return Err(UsageError::from(Misuse::NoNightlyState { folder }).into());
            }
            let tables = NightState::LAYOUTS
                .iter()
                .map(|layout| notes.folder.extra(&manifest, layout));
            notes.state = NightState::restore(&tables.collect::<Result<Vec<_>, _>>()?)?;
            let end = manifest.window().map(|window| window.end);
            notes.horizon = end.map(|end| Period::Day.slot_of(end));
            notes.manifest = manifest;
        }
        Ok(notes)
    }

    /// Where they are.
    pub(super) fn folder(&self) -> &Folder {
        &self.folder
    }

    /// Takes the labels that the first night was given, or notes them down.
    ///
    /// # Errors
    ///
    /// When `inputs` have others.
    pub(super) fn adopt_labels(&mut self, inputs: &mut Inputs) -> anyhow::Result<()> {
        if self.folder.holds_baseline() {
            baseline::adopt_labels(inputs, &self.manifest)?;
        }
        self.manifest.labels = labels_of(inputs);
        Ok(())
    }

    /// What `inputs` leave to do; none, if nothing has changed.
    ///
    /// # Errors
    ///
    /// When there are no files and never were.
    pub(super) fn agenda(&self, inputs: &Inputs) -> anyhow::Result<Option<Agenda>> {
        let selection = ingest::Selection {
            follow: inputs.files.follow,
            settle: inputs.files.settle,
            delivered: None,
        };
        let mut files = ingest::list(&inputs.paths, &selection);
        if files.is_empty() && self.state.files.is_empty() {
            return Err(InputProblem::NoFiles {
                paths: inputs.paths.clone(),
                passed_over: Vec::new(),
            }
            .into());
        }
        let listed: BTreeSet<&PathBuf> = files.iter().map(|file| &file.path).collect();
        let open = self
            .state
            .files
            .iter()
            .filter(|(_, seen)| self.is_open(seen));
        let gone = open
            .map(|(path, _)| path)
            .filter(|path| !listed.contains(path));
        let gone: Vec<PathBuf> = gone.cloned().collect();
        files.retain(|file| self.unchanged(file).is_none_or(|seen| self.is_open(seen)));
        // With nothing but the open end of known files there is nothing new.
        let has_news = !gone.is_empty() || files.iter().any(|file| self.unchanged(file).is_none());
        Ok(has_news.then_some(Agenda { files, gone }))
    }

    /// What is known of a file, if it is as it was.
    fn unchanged(&self, file: &Listed) -> Option<&SeenFile> {
        let seen = self.state.files.get(&file.path)?;
        let is_same = (seen.n_bytes, seen.modified_us) == (file.n_bytes, file.modified_us);
        is_same.then_some(seen)
    }

    /// Whether a file holds events of days that are not judged yet.
    fn is_open(&self, file: &SeenFile) -> bool {
        let horizon = self.horizon.map(|slot| Period::Day.start_of(slot).micros());
        let is_judged = |last: i64| horizon.is_some_and(|horizon| last < horizon);
        file.last_us.is_some_and(|last| !is_judged(last))
    }

    /// Reads what was learned, with room for identities within so many bytes
    /// of `memory`.
    ///
    /// # Errors
    ///
    /// When it is damaged.
    pub(super) fn recall(self, memory: u64) -> anyhow::Result<Memory> {
        let roster = Arc::new(Roster::within(memory));
        let (learned, held) = if self.folder.holds_baseline() {
            (
                self.folder.ledger(&self.manifest, Arc::clone(&roster))?,
                self.folder.held(&self.manifest, Arc::clone(&roster))?,
            )
        } else {
            (empty(&roster), empty(&roster))
        };
        Ok(Memory {
            folder: self.folder,
            lock: self.lock,
            manifest: self.manifest,
            learned,
            held,
            state: self.state,
            roster,
            horizon: self.horizon,
        })
    }
}

/// A ledger of days with nothing in it.
fn empty(roster: &Arc<Roster>) -> Ledger {
    Ledger::enrolling(Period::Day, Arc::clone(roster)).uncited()
}

impl Memory {
    /// Opens the state that is in the folder at `path`.
    ///
    /// # Errors
    ///
    /// When there is none, it is damaged, or somebody else writes it.
    pub(in crate::cli) fn existing(path: &Path) -> anyhow::Result<Self> {
        // Nothing is made where nothing is.
        Folder::at(path).manifest(IDENTITY_RULES_VERSION)?;
        Notes::open(path)?.recall(u64::MAX)
    }

    /// Remembers the files on the `agenda`, and what was read of them.
    pub(super) fn remember_files(&mut self, agenda: &Agenda, coverage: &Coverage) {
        for path in &agenda.gone {
            self.state.files.remove(path);
        }
        for (file, found) in agenda.files.iter().zip(&coverage.files) {
            let is_unread = |problem: &FileProblem| problem.kind == ProblemKind::Unreadable;
            if found.problems.iter().any(is_unread) {
                // Whether it can be read later, no time of change would tell.
                self.state.files.remove(&file.path);
                continue;
            }
            let seen = SeenFile {
                n_bytes: file.n_bytes,
                modified_us: file.modified_us,
                last_us: found.last.map(Timestamp::micros),
            };
            self.state.files.insert(file.path.clone(), seen);
        }
    }

    /// What was learned and what is held back, which leaves both empty.
    pub(super) fn take_ledgers(&mut self) -> (Ledger, Ledger) {
        (
            std::mem::replace(&mut self.learned, empty(&self.roster)),
            std::mem::replace(&mut self.held, empty(&self.roster)),
        )
    }

    /// Remembers the `marks` of a night, of judged days for `late_days`; how
    /// many events of days that were not judged `before` were read in an
    /// earlier night and are not among them.
    pub(super) fn remember_marks(
        &mut self,
        marks: BTreeMap<Slot, BTreeSet<u64>>,
        before: Option<Slot>,
        late_days: Slot,
    ) -> u64 {
        let mut n_missing = 0_u64;
        if let Some(before) = before {
            for (slot, known) in self.state.marks.split_off(&before) {
                let found = marks.get(&slot);
                let is_found = |mark: &u64| found.is_some_and(|found| found.contains(mark));
                let missing = known.iter().filter(|mark| !is_found(mark)).count();
                n_missing = n_missing.saturating_add(u64::try_from(missing).unwrap_or(u64::MAX));
            }
        }
        for (slot, new) in marks {
            let own = self.state.marks.entry(slot).or_default();
            own.extend(new);
            own.sort_unstable();
            own.dedup();
        }
        let oldest = self.horizon.map(|end| end.saturating_sub(late_days));
        self.state
            .marks
            .retain(|slot, _| oldest.is_none_or(|oldest| oldest <= *slot));
        n_missing
    }

    /// Forgets the days before the last `keep_days`.
    pub(super) fn forget(&mut self, keep_days: Slot) {
        let Some(end) = self.horizon else {
            return;
        };
        let oldest = end.saturating_sub(keep_days);
        let kept = Window {
            start: Period::Day.start_of(oldest),
            end: Timestamp::MAX,
        };
        let (mut learned, mut held) = self.take_ledgers();
        for own in [&mut learned, &mut held] {
            let is_older = own.span().is_some_and(|(first, _)| first < kept.start);
            if is_older {
                let all = std::mem::replace(own, empty(&self.roster));
                *own = all.into_uncited_slice(kept);
            }
        }
        (self.learned, self.held) = (learned, held);
        self.state.alerts.retain(|alert| oldest <= alert.slot);
    }

    /// Writes everything back.
    ///
    /// # Errors
    ///
    /// When it cannot be written; the old state is then still there.
    pub(in crate::cli) fn write(mut self) -> anyhow::Result<()> {
        if let (Some((first, _)), Some(end)) = (self.learned.span(), self.horizon) {
            self.manifest
                .set_window(window(Period::Day.slot_of(first), end));
        }
        let content = Content {
            ledger: &self.learned,
            held: Some(&self.held),
            extra: self.state.save(),
        };
        self.folder.write(&content, &self.manifest, &self.lock)?;
        Ok(())
    }
}
