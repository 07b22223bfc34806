//! What earlier nights left: what they read, what they were told, and what was
//! learned.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use super::days::window;
use crate::cli::baseline::{self, labels_of};
use crate::cli::inputs::Inputs;
use crate::event::{Period, Timestamp, Window};
use crate::identity::IDENTITY_RULES_VERSION;
use crate::ingest::coverage::Coverage;
use crate::ingest::{self, Listed};
use crate::ledger::{Ledger, Roster, Slot};
use crate::state::baseline::{Content, Folder, Lock, Manifest};
use crate::state::{NightState, SeenFile};

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

impl Memory {
    /// Opens the state in the folder at `path`, or begins one, with room for
    /// identities within so many bytes of `memory`.
    ///
    /// # Errors
    ///
    /// When it is damaged, or somebody else writes it.
    pub(super) fn open(path: &Path, memory: u64) -> anyhow::Result<Self> {
        let folder = Folder::at(path);
        let lock = folder.lock()?;
        let roster = Arc::new(Roster::within(memory));
        if !folder.holds_baseline() {
            let empty = || Ledger::enrolling(Period::Day, Arc::clone(&roster)).uncited();
            return Ok(Self {
                manifest: Manifest::new(IDENTITY_RULES_VERSION),
                learned: empty(),
                held: empty(),
                state: NightState::default(),
                horizon: None,
                folder,
                lock,
                roster,
            });
        }
        let manifest = folder.manifest(IDENTITY_RULES_VERSION)?;
        let tables = NightState::LAYOUTS
            .iter()
            .map(|layout| folder.extra(&manifest, layout));
        let end = manifest.window().map(|window| window.end);
        Ok(Self {
            learned: folder.ledger(&manifest, Arc::clone(&roster))?,
            held: folder.held(&manifest, Arc::clone(&roster))?,
            state: NightState::restore(&tables.collect::<Result<Vec<_>, _>>()?)?,
            horizon: end.map(|end| Period::Day.slot_of(end)),
            manifest,
            folder,
            lock,
            roster,
        })
    }

    /// Opens the state that is in the folder at `path`.
    ///
    /// # Errors
    ///
    /// When there is none, it is damaged, or somebody else writes it.
    pub(in crate::cli) fn existing(path: &Path) -> anyhow::Result<Self> {
        // Nothing is made where nothing is.
        Folder::at(path).manifest(IDENTITY_RULES_VERSION)?;
        Self::open(path, u64::MAX)
    }

    /// Takes the labels that the first night was given, or remembers them.
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

    /// The files that were not read before, that have changed since, or that
    /// hold events of days that were not complete.
    pub(super) fn fresh(&self, inputs: &Inputs) -> Vec<Listed> {
        let selection = ingest::Selection {
            follow: inputs.files.follow,
            settle: inputs.files.settle,
            delivered: None,
        };
        let mut fresh = ingest::list(&inputs.paths, &selection);
        fresh.retain(|file| self.unchanged(file).is_none_or(|seen| self.is_open(seen)));
        // With nothing but the open end of known files there is nothing new.
        if fresh.iter().all(|file| self.unchanged(file).is_some()) {
            fresh.clear();
        }
        fresh
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

    /// Remembers files as they were listed, and what was read of them.
    pub(super) fn remember_files(&mut self, listed: &[Listed], coverage: &Coverage) {
        for (file, found) in listed.iter().zip(&coverage.files) {
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
        let empty = || Ledger::enrolling(Period::Day, Arc::clone(&self.roster)).uncited();
        (
            std::mem::replace(&mut self.learned, empty()),
            std::mem::replace(&mut self.held, empty()),
        )
    }

    /// Remembers the marks of the last `late_days` of the days that are judged.
    pub(super) fn remember_marks(&mut self, marks: BTreeMap<Slot, BTreeSet<u64>>, late_days: Slot) {
        let Some(end) = self.horizon else {
            return;
        };
        for (slot, new) in marks.into_iter().filter(|(slot, _)| *slot < end) {
            let own = self.state.marks.entry(slot).or_default();
            own.extend(new);
            own.sort_unstable();
            own.dedup();
        }
        let oldest = end.saturating_sub(late_days);
        self.state.marks.retain(|slot, _| oldest <= *slot);
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
                let empty = Ledger::enrolling(Period::Day, Arc::clone(&self.roster));
                *own = std::mem::replace(own, empty).into_uncited_slice(kept);
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
