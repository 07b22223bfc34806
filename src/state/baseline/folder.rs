//! The folder of a baseline: reading it whole, and replacing it in one step.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Write as _};
#[cfg(unix)]
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;

use super::lock::{self, Lock};
use super::manifest::{Unusable, hex_sha256};
use super::{BaselineProblem, Cause, Manifest, TableEntry, parquet};
use crate::event::{Period, Timestamp};
use crate::ledger::saved::{Layout, SavedLedger, TABLES, Table};
use crate::ledger::{Ledger, Roster};
use crate::state::AtomicFile;

/// Generations that are kept beside the newest, to go back to.
pub const KEPT_GENERATIONS: usize = 7;

/// The manifest in force.
const MANIFEST: &str = "manifest.json";
/// The largest manifest: some 300,000 input files.
const MAX_MANIFEST: u64 = 64 << 20;

/// What is written.
#[derive(Debug)]
pub struct Content<'c> {
    /// What was learned.
    pub ledger: &'c Ledger,
    /// What is held back from learning.
    pub held: Option<&'c Ledger>,
    /// What is kept beside.
    pub extra: Vec<Table>,
}

impl<'c> Content<'c> {
    /// A ledger and nothing else.
    #[must_use]
    pub fn of(ledger: &'c Ledger) -> Self {
        Self {
            ledger,
            held: None,
            extra: Vec::new(),
        }
    }
}

/// Names of the tables of what is held back, in the order of [`TABLES`].
const HELD: [&str; TABLES.len()] = [
    "held_identities",
    "held_samples",
    "held_atoms",
    "held_days",
    "held_rhythm",
    "held_attempts",
    "held_sensitive",
    "held_notable",
    "held_sequences",
    "held_uses",
    "held_keys",
    "held_aliases",
    "held_roles",
    "held_chains",
    "held_callers",
    "held_tenants",
    "held_logins",
    "held_stores",
    "held_addresses",
    "held_records",
    "held_overflow",
    "held_visits",
    "held_arrivals",
];

/// Tables that baselines of this version need not have: the first ones had
/// none.
const LATER: [&str; 2] = ["visits", "arrivals"];

/// The folder that a baseline is, or will be, in.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// The folder at `path`.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Whether there is a baseline in it.
    #[must_use]
    pub fn holds_baseline(&self) -> bool {
        fs::symlink_metadata(self.0.join(MANIFEST)).is_ok() || self.has_generations()
    }

    /// Whether there are generations to go back to.
    fn has_generations(&self) -> bool {
        self.generations().is_ok_and(|all| !all.is_empty())
    }

    /// Makes the folder if there is none, only for its owner, and takes the
    /// right to write it.
    ///
    /// # Errors
    ///
    /// When it cannot be made, holds something else, or somebody else is
    /// writing it.
    pub fn lock(&self) -> anyhow::Result<Lock> {
        let folder = &self.0;
        if !folder.exists() {
            let mut builder = fs::DirBuilder::new();
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            match builder.create(folder) {
                // Another run was faster.
                Err(err) if err.kind() == io::ErrorKind::AlreadyExists => {}
                made => made.with_context(|| format!("making the folder {folder:?}"))?,
            }
        } else if !self.holds_baseline() && !self.is_empty()? {
            anyhow::bail!(
                "{folder:?} is there and holds no baseline; name a new or an empty folder"
            );
        }
        Lock::acquire(folder)
    }

    fn is_empty(&self) -> anyhow::Result<bool> {
        let names = self.names()?;
        Ok(names.iter().all(|name| name == lock::NAME || is_ours(name)))
    }

    /// Whether others than the owner may look into the folder, or would find
    /// a file of ours there that they may read.
    #[must_use]
    pub fn is_exposed(&self) -> bool {
        let is_open = |path: &Path| fs::metadata(path).is_ok_and(|meta| grants_others(&meta));
        let is_ours = |name: &String| {
            is_ours(name) || name == MANIFEST || name == lock::NAME || generation_of(name).is_some()
        };
        let mut ours = self.names().unwrap_or_default();
        ours.retain(is_ours);
        let is_any_open = || ours.iter().any(|name| is_open(&self.0.join(name)));
        !ours.is_empty() && (is_open(&self.0) || is_any_open())
    }

    fn names(&self) -> anyhow::Result<Vec<String>> {
        let read = || -> io::Result<Vec<String>> {
            let entries = fs::read_dir(&self.0)?;
            entries
                .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
                .collect()
        };
        read().with_context(|| format!("reading the folder {:?}", self.0))
    }

    /// Reads the manifest in force.
    ///
    /// # Errors
    ///
    /// [`BaselineProblem`].
    pub fn manifest(&self, identity_rules: u32) -> Result<Manifest, BaselineProblem> {
        let manifest = match self.read_manifest(MANIFEST) {
            Err(BaselineProblem {
                cause: Cause::Missing,
                ..
            }) if self.has_generations() => {
                return Err(self.damaged(anyhow::anyhow!("its {MANIFEST} is gone")));
            }
            read => read?,
        };
        if manifest.identity_rules != identity_rules {
            let (theirs, ours) = (manifest.identity_rules, identity_rules);
            return Err(self.problem(Cause::OtherRules { theirs, ours }));
        }
        Ok(manifest)
    }

    fn read_manifest(&self, name: &str) -> Result<Manifest, BaselineProblem> {
        let text = match read_bounded(&self.0.join(name), MAX_MANIFEST) {
            Ok(text) => text,
            Err(err) if err.kind() == io::ErrorKind::NotFound => {
                return Err(self.problem(Cause::Missing));
            }
            Err(err) => return Err(self.damaged(err.into())),
        };
        Manifest::read(&text).map_err(|unusable| match unusable {
            Unusable::Damaged(problem) => self.damaged(problem),
            Unusable::Newer(written_by) => self.problem(Cause::Newer { written_by }),
        })
    }

    /// Whether every table of `manifest` is there as it was written.
    ///
    /// # Errors
    ///
    /// [`BaselineProblem`].
    pub fn check(&self, manifest: &Manifest) -> Result<(), BaselineProblem> {
        for entry in &manifest.tables {
            self.encoded(entry).map_err(|problem| {
                let problem = problem.context(entry.file.clone());
                self.damaged(problem)
            })?;
        }
        Ok(())
    }

    /// Reads what `manifest` describes, every byte of it checked.
    ///
    /// # Errors
    ///
    /// [`BaselineProblem`].
    pub fn ledger(
        &self,
        manifest: &Manifest,
        roster: Arc<Roster>,
    ) -> Result<Ledger, BaselineProblem> {
        self.ledger_named(manifest, roster, &TABLES.map(|layout| layout.name))
    }

    /// Reads what is held back from learning; an empty ledger, if nothing is.
    ///
    /// # Errors
    ///
    /// [`BaselineProblem`].
    pub fn held(
        &self,
        manifest: &Manifest,
        roster: Arc<Roster>,
    ) -> Result<Ledger, BaselineProblem> {
        if !manifest.tables.iter().any(|entry| entry.name == HELD[0]) {
            return Ok(Ledger::enrolling(Period::Day, roster).uncited());
        }
        self.ledger_named(manifest, roster, &HELD)
    }

    fn ledger_named(
        &self,
        manifest: &Manifest,
        roster: Arc<Roster>,
        names: &[&str],
    ) -> Result<Ledger, BaselineProblem> {
        let read = || -> anyhow::Result<Ledger> {
            let period = |seconds| {
                let mut all = Period::ALL.into_iter();
                let found = all.find(|period| period.seconds() == seconds);
                found.with_context(|| format!("no period has {seconds} seconds"))
            };
            let tables = TABLES.iter().zip(names);
            let is_there = |name: &str| manifest.tables.iter().any(|entry| entry.name == name);
            let tables = tables.map(|(layout, name)| {
                if LATER.contains(&layout.name) && !is_there(name) {
                    return Ok(layout.empty());
                }
                self.table(manifest, name, layout)
            });
            let saved = SavedLedger {
                period: period(manifest.period_seconds)?,
                coarsest: period(manifest.coarsest_seconds)?,
                span: manifest.span_us.map(|(first, last)| {
                    (Timestamp::from_micros(first), Timestamp::from_micros(last))
                }),
                threshold: manifest.threshold,
                tables: tables.collect::<anyhow::Result<_>>()?,
            };
            Ok(Ledger::restore(&saved, roster)?)
        };
        read().map_err(|problem| self.damaged(problem))
    }

    /// Reads what is kept beside the ledger as a table of `layout`; an empty
    /// table, if `manifest` names none.
    ///
    /// # Errors
    ///
    /// [`BaselineProblem`].
    pub fn extra(&self, manifest: &Manifest, layout: &Layout) -> Result<Table, BaselineProblem> {
        if !manifest
            .tables
            .iter()
            .any(|entry| entry.name == layout.name)
        {
            return Ok(layout.empty());
        }
        let table = self.table(manifest, layout.name, layout);
        table.map_err(|problem| self.damaged(problem))
    }

    fn table(&self, manifest: &Manifest, name: &str, layout: &Layout) -> anyhow::Result<Table> {
        let entry = manifest.tables.iter().find(|entry| entry.name == name);
        let entry = entry.with_context(|| format!("it has no table {name}"))?;
        let encoded = self.encoded(entry);
        let decode = |encoded| parquet::decode(layout, entry.n_rows, encoded);
        let table = encoded.and_then(decode);
        table.with_context(|| entry.file.clone())
    }

    /// The bytes of a table as they were written.
    fn encoded(&self, entry: &TableEntry) -> anyhow::Result<Vec<u8>> {
        anyhow::ensure!(is_ours(&entry.file), "it is no name of a table");
        let encoded = read_bounded(&self.0.join(&entry.file), entry.n_bytes)?;
        let is_whole = hex_sha256(&encoded) == entry.sha256;
        anyhow::ensure!(is_whole, "it is not what was written");
        Ok(encoded)
    }

    /// Writes `content`, which takes the place of what was there in one step.
    /// `manifest` says what it is; its tables, counts and generation are
    /// filled in.
    ///
    /// # Errors
    ///
    /// When anything cannot be written; the old baseline is then still there.
    pub fn write(
        &self,
        content: &Content<'_>,
        manifest: &Manifest,
        _lock: &Lock,
    ) -> anyhow::Result<Manifest> {
        let ledger = content.ledger;
        let saved = ledger.save();
        let mut manifest = manifest.clone();
        manifest.period_seconds = saved.period.seconds();
        manifest.coarsest_seconds = saved.coarsest.seconds();
        manifest.span_us = saved
            .span
            .map(|(first, last)| (first.micros(), last.micros()));
        manifest.threshold = saved.threshold;
        manifest.n_records = ledger.n_records();
        manifest.n_identities = u64::try_from(ledger.accounts().len())?;
        manifest.inputs.sort();
        manifest.inputs.dedup();
        let held = content.held.map(Ledger::save);
        let held = held.iter().flat_map(|held| &held.tables).zip(HELD);
        let tables = saved.tables.iter().chain(&content.extra);
        let tables = tables.map(|table| (table, table.name)).chain(held);
        let tables = tables.map(|(table, name)| self.write_table(name, table));
        manifest.tables = tables.collect::<anyhow::Result<_>>()?;
        self.put_in_force(manifest)
    }

    fn write_table(&self, name: &str, table: &Table) -> anyhow::Result<TableEntry> {
        let encoded = parquet::encode(table)?;
        let sha256 = hex_sha256(&encoded);
        let short = sha256.get(..HASH_DIGITS).unwrap_or_default();
        let file = format!("{name}-{short}.parquet");
        let n_bytes = u64::try_from(encoded.len())?;
        // The same content may be there already, or what a crash left of it.
        let there = read_bounded(&self.0.join(&file), n_bytes);
        if !there.is_ok_and(|own| own == encoded) {
            self.write_file(&file, &encoded)?;
        }
        Ok(TableEntry {
            name: name.to_owned(),
            file,
            n_rows: u64::try_from(table.n_rows())?,
            n_bytes,
            sha256,
        })
    }

    /// Keeps the manifest in force under the name of its generation.
    fn keep_generation(&self, next: &mut Manifest) -> anyhow::Result<()> {
        let old = match self.read_manifest(MANIFEST) {
            Ok(old) => old,
            Err(problem) => match problem.cause {
                Cause::Missing => return Ok(()),
                _ => return Err(problem.into()),
            },
        };
        next.generation = old.generation.saturating_add(1);
        self.write_file(&generation_name(old.generation), old.write()?.as_bytes())
    }

    /// Makes `manifest` the one in force, as the next generation.
    fn put_in_force(&self, mut manifest: Manifest) -> anyhow::Result<Manifest> {
        self.keep_generation(&mut manifest)?;
        self.write_file(MANIFEST, manifest.write()?.as_bytes())?;
        // The change is made. What cannot be removed now, the next writer removes.
        let _ = self.sweep();
        Ok(manifest)
    }

    fn write_file(&self, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
        let path = self.0.join(name);
        let mut file = AtomicFile::create(&path)?;
        let written = file.write_all(bytes);
        written.with_context(|| format!("writing {path:?}"))?;
        file.commit()
    }

    /// The generations that can be gone back to, oldest first.
    ///
    /// # Errors
    ///
    /// When the folder cannot be read.
    pub fn generations(&self) -> anyhow::Result<Vec<u64>> {
        let names = self.names()?;
        let mut all: Vec<u64> = names
            .iter()
            .filter_map(|name| generation_of(name))
            .collect();
        all.sort_unstable();
        Ok(all)
    }

    /// Reads the manifest of an older generation.
    ///
    /// # Errors
    ///
    /// [`BaselineProblem`].
    pub fn generation(&self, generation: u64) -> Result<Manifest, BaselineProblem> {
        self.read_manifest(&generation_name(generation))
    }

    /// Makes an older generation the one in force again, as a new one.
    ///
    /// # Errors
    ///
    /// When there is no such generation, or it is damaged.
    pub fn roll_back(&self, generation: u64, _lock: &Lock) -> anyhow::Result<Manifest> {
        let manifest = self.read_manifest(&generation_name(generation))?;
        self.put_in_force(manifest)
    }

    /// Removes generations beyond those that are kept, and what no manifest
    /// names.
    fn sweep(&self) -> anyhow::Result<()> {
        let generations = self.generations()?;
        let n_beyond = generations.len().saturating_sub(KEPT_GENERATIONS);
        for old in generations.iter().take(n_beyond) {
            remove(&self.0.join(generation_name(*old)))?;
        }
        let mut named = BTreeSet::new();
        let kept = generations.iter().skip(n_beyond);
        let kept = kept.map(|generation| generation_name(*generation));
        for name in kept.chain(std::iter::once(MANIFEST.to_owned())) {
            // Nobody knows what one that cannot be read names: all stays.
            let manifest = self.read_manifest(&name)?;
            named.extend(manifest.tables.into_iter().map(|table| table.file));
        }
        for name in self.names()? {
            if is_ours(&name) && !named.contains(&name) {
                remove(&self.0.join(name))?;
            }
        }
        Ok(())
    }

    fn problem(&self, cause: Cause) -> BaselineProblem {
        let folder = self.0.clone();
        BaselineProblem { folder, cause }
    }

    fn damaged(&self, problem: anyhow::Error) -> BaselineProblem {
        BaselineProblem::damaged(self.0.clone(), problem)
    }
}

/// Digits of a hash in the name of a file.
const HASH_DIGITS: usize = 16;

fn generation_name(generation: u64) -> String {
    format!("manifest.{generation}.json")
}

fn generation_of(name: &str) -> Option<u64> {
    let digits = name.strip_prefix("manifest.")?.strip_suffix(".json")?;
    digits.parse().ok()
}

/// Whether a file was made by a writer of baselines, finished or not.
fn is_ours(name: &str) -> bool {
    let is_temporary = name.starts_with(".habitual-") && name.ends_with(".tmp");
    let table = name
        .strip_suffix(".parquet")
        .and_then(|stem| stem.rsplit_once('-'));
    let is_table = table.is_some_and(|(table, hash)| {
        let is_hash = hash.len() == HASH_DIGITS && hash.bytes().all(|b| b.is_ascii_hexdigit());
        is_hash && table.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
    });
    (is_table || is_temporary) && !name.contains(['/', '\\'])
}

#[cfg(unix)]
fn grants_others(meta: &fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&meta.permissions()) & 0o077 != 0
}

/// Elsewhere permissions are not numbers.
#[cfg(not(unix))]
fn grants_others(_: &fs::Metadata) -> bool {
    false
}

fn remove(path: &Path) -> anyhow::Result<()> {
    fs::remove_file(path).with_context(|| format!("removing {path:?}"))
}

/// The bytes of a file that is at most so large.
fn read_bounded(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut options = OpenOptions::new();
    options.read(true);
    // What took the place of a file may never say anything.
    #[cfg(unix)]
    options.custom_flags(libc::O_NONBLOCK);
    let file = options.open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    let mut bytes = Vec::new();
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > most {
        return Err(io::Error::other("it is larger than it should be"));
    }
    Ok(bytes)
}
