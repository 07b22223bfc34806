//! Discovery: from the paths that were given to the list of files to read.
//!
//! Folders are walked without opening anything that is no regular file, and
//! without following links unless that is asked for. The list is sorted by path,
//! so that a file's number does not depend on the order of arguments or of folder
//! entries.

mod name;
mod own;
mod settle;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::coverage::{PassReason, Sample, Tally};
use crate::event::{Provenance, Untrusted, Window};

pub(super) use name::pass_reason;
use settle::is_settled;

/// Which of the files that are found are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Symbolic links in folders are followed, wherever they lead; what is
    /// reached twice is read once.
    pub follow: bool,
    /// Files that were written to less than so long ago are left for a later
    /// run. This alone makes a run depend on the clock.
    pub settle: Option<Duration>,
    /// Files that CloudTrail delivered outside of this window, by the date in
    /// their names, are passed over.
    pub delivered: Option<Window>,
}

impl Selection {
    /// Whether `path` names a file that was delivered outside of the window.
    pub(super) fn is_elsewhen(&self, path: &Path) -> bool {
        let window = self.delivered.as_ref();
        window.is_some_and(|window| name::is_delivered_outside(path, window))
    }
}

/// One thing to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Input {
    /// Path as given or found.
    pub(super) path: PathBuf,
    /// How to open it.
    pub(super) kind: InputKind,
    /// Size when it was found; zero when it is not known.
    pub(super) n_bytes: u64,
}

impl Input {
    /// Whether CloudTrail delivered it, as its name says.
    pub(super) fn is_delivered(&self) -> bool {
        name::is_delivery(&self.path)
    }

    /// Whether it can be read more than once.
    pub(super) fn can_be_read_again(&self) -> bool {
        match self.kind {
            InputKind::Found | InputKind::Linked => true,
            InputKind::Named => fs::metadata(&self.path).is_ok_and(|meta| meta.is_file()),
            InputKind::Stdin | InputKind::Unreadable(_) => false,
        }
    }
}

/// How to open an [`Input`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum InputKind {
    /// Found in a folder: opened only as the regular file it was.
    Found,
    /// Found in a folder as a link to a regular file.
    Linked,
    /// Named by the user: may be a pipe or a link.
    Named,
    /// Standard input.
    Stdin,
    /// Cannot be read, with the system's message.
    Unreadable(String),
}

/// What there is to read.
#[derive(Debug, Default)]
pub(super) struct Discovery {
    /// Sorted by path, each once.
    pub(super) inputs: Vec<Input>,
    /// What was left out of folders.
    pub(super) passed_over: BTreeMap<PassReason, Tally>,
}

/// A file that would be read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listed {
    /// Path as found.
    pub path: PathBuf,
    /// Its size.
    pub n_bytes: u64,
    /// Microseconds since 1970 of the last change to it.
    pub modified_us: i64,
}

/// The files that [`read`](super::read) would read, by path. What cannot be
/// looked at is listed as empty: reading it says why.
#[must_use]
pub fn list(paths: &[PathBuf], selection: &Selection) -> Vec<Listed> {
    let inputs = discover(paths, selection).inputs.into_iter();
    inputs
        .map(|input| {
            let meta = fs::metadata(&input.path).ok();
            let modified = meta.map(|meta| {
                let micros = meta.mtime_nsec() / 1_000;
                meta.mtime()
                    .saturating_mul(1_000_000)
                    .saturating_add(micros)
            });
            Listed {
                path: input.path,
                n_bytes: input.n_bytes,
                modified_us: modified.unwrap_or_default(),
            }
        })
        .collect()
}

/// Finds what `paths` name. A path that does not exist becomes an input that
/// cannot be read.
pub(super) fn discover(paths: &[PathBuf], selection: &Selection) -> Discovery {
    let mut walk = Walk {
        selection: *selection,
        inputs: BTreeMap::new(),
        passed_over: BTreeMap::new(),
    };
    for path in paths {
        walk.name(path);
    }
    let mut passed_over: BTreeMap<PassReason, Tally> = BTreeMap::new();
    for (path, reason) in walk.passed_over.into_values() {
        passed_over.entry(reason).or_default().observe(Sample {
            provenance: Provenance::default(),
            detail: clipped(&path.to_string_lossy()),
        });
    }
    let mut inputs: Vec<Input> = walk.inputs.into_values().collect();
    inputs.sort_by(|a, b| bytes(&a.path).cmp(bytes(&b.path)));
    Discovery {
        inputs,
        passed_over,
    }
}

/// Opens `input`, which must not have become something else since.
pub(super) fn open(input: &Input) -> io::Result<File> {
    let follow = match input.kind {
        InputKind::Found => libc::O_NOFOLLOW,
        InputKind::Linked => 0,
        InputKind::Named | InputKind::Stdin | InputKind::Unreadable(_) => {
            return File::open(&input.path);
        }
    };
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NONBLOCK | follow | libc::O_CLOEXEC)
        .open(&input.path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("no longer a regular file"));
    }
    Ok(file)
}

/// Files and what is left out, by true path, so that each counts once however
/// often and by whatever route it was named. Of several routes the first in
/// order of bytes is shown.
struct Walk {
    selection: Selection,
    inputs: BTreeMap<PathBuf, Input>,
    passed_over: BTreeMap<PathBuf, (PathBuf, PassReason)>,
}

impl Walk {
    /// A path the user gave.
    fn name(&mut self, path: &Path) {
        if path.as_os_str() == "-" {
            return self.read(path, path, InputKind::Stdin, 0);
        }
        let shown: PathBuf = path.components().collect();
        let found = fs::metadata(path).and_then(|meta| Ok((meta, fs::canonicalize(path)?)));
        match found {
            Ok((meta, real)) if meta.is_dir() => self.folder(&shown, real),
            Ok((meta, real)) if meta.is_file() => {
                self.file(&shown, &real, &meta, InputKind::Named);
            }
            Ok((meta, real)) if meta.file_type().is_fifo() => {
                self.read(&shown, &real, InputKind::Named, meta.len());
            }
            Ok((_, real)) => {
                let cause = io::Error::other("a device or socket, not a file");
                self.unreadable(&shown, &real, &cause);
            }
            Err(error) => self.unreadable(&shown, &shown, &error),
        }
    }

    /// Walks a folder without recursion: trees may be deep. Folders are walked
    /// in the order of their shown paths, so that which of two routes to one is
    /// shown does not depend on the order of entries.
    fn folder(&mut self, shown: &Path, real: PathBuf) {
        let mut open = BTreeMap::from([(bytes(shown).to_vec(), (shown.to_owned(), real))]);
        let mut walked = BTreeSet::new();
        while let Some((_, (shown, real))) = open.pop_first() {
            // Links make several routes to one folder, and loops.
            let id = fs::metadata(&real).map(|meta| (meta.dev(), meta.ino()));
            if id.is_ok_and(|id| !walked.insert(id)) {
                continue;
            }
            let entries = fs::read_dir(&real).and_then(Iterator::collect::<io::Result<Vec<_>>>);
            let entries = match entries {
                Ok(entries) => entries,
                Err(error) => {
                    self.unreadable(&shown, &real, &error);
                    continue;
                }
            };
            for entry in entries {
                let name = entry.file_name();
                let (shown, real) = (shown.join(&name), real.join(&name));
                if let Some(folder) = self.entry(&shown, real) {
                    open.insert(bytes(&shown).to_vec(), (shown, folder));
                }
            }
        }
    }

    /// Something in a folder. Its true path if it is a folder itself.
    fn entry(&mut self, shown: &Path, real: PathBuf) -> Option<PathBuf> {
        match fs::symlink_metadata(&real) {
            Ok(meta) if meta.is_symlink() => return self.link(shown, &real),
            Ok(meta) if meta.is_dir() && own::is_baseline(&real) => {
                self.pass_over(shown, &real, PassReason::OwnOutput);
            }
            Ok(meta) if meta.is_dir() => return Some(real),
            Ok(meta) => self.file(shown, &real, &meta, InputKind::Found),
            Err(error) => self.unreadable(shown, &real, &error),
        }
        None
    }

    /// A link in a folder. Where it leads to, if that is a folder.
    fn link(&mut self, shown: &Path, link: &Path) -> Option<PathBuf> {
        let target = fs::canonicalize(link).and_then(|real| Ok((fs::metadata(&real)?, real)));
        match target {
            Ok((meta, real)) if self.selection.follow && meta.is_dir() => return Some(real),
            Ok((meta, real)) if self.selection.follow => {
                self.file(shown, &real, &meta, InputKind::Linked);
            }
            // Links that lead nowhere, or in a circle, are no input either.
            _ => self.pass_over(shown, link, PassReason::Symlink),
        }
        None
    }

    /// Something that is no folder.
    fn file(&mut self, shown: &Path, real: &Path, meta: &Metadata, kind: InputKind) {
        match self.reason_against(shown, real, meta, &kind) {
            Some(reason) => self.pass_over(shown, real, reason),
            None => self.read(shown, real, kind, meta.len()),
        }
    }

    fn reason_against(
        &self,
        shown: &Path,
        real: &Path,
        meta: &Metadata,
        kind: &InputKind,
    ) -> Option<PassReason> {
        if !meta.is_file() {
            return Some(PassReason::NotAFile);
        }
        // What the user names is read, whatever it is called.
        if *kind != InputKind::Named {
            let by_name = pass_reason(real).or_else(|| pass_reason(shown));
            if by_name.is_some() {
                return by_name;
            }
        }
        let age = self.selection.settle;
        if meta.len() == 0 {
            Some(PassReason::Empty)
        } else if *kind != InputKind::Named && self.selection.is_elsewhen(shown) {
            Some(PassReason::OtherDate)
        } else if age.is_some_and(|age| !is_settled(meta, age)) {
            Some(PassReason::Unsettled)
        } else if *kind == InputKind::Found && own::is_report(real, meta) {
            Some(PassReason::OwnOutput)
        } else {
            None
        }
    }

    fn unreadable(&mut self, shown: &Path, real: &Path, cause: &io::Error) {
        let kind = InputKind::Unreadable(cause.to_string());
        self.read(shown, real, kind, 0);
    }

    fn read(&mut self, shown: &Path, real: &Path, kind: InputKind, n_bytes: u64) {
        self.passed_over.remove(real);
        let input = Input {
            path: shown.to_owned(),
            kind,
            n_bytes,
        };
        match self.inputs.get_mut(real) {
            Some(known) if bytes(&known.path) <= bytes(shown) => {}
            Some(known) => *known = input,
            None => {
                self.inputs.insert(real.to_owned(), input);
            }
        }
    }

    fn pass_over(&mut self, shown: &Path, real: &Path, reason: PassReason) {
        // A file that is also named is read, whatever its name.
        if self.inputs.contains_key(real) {
            return;
        }
        let path = shown.to_owned();
        match self.passed_over.get(real) {
            Some((known, _)) if bytes(known) <= bytes(shown) => {}
            _ => {
                self.passed_over.insert(real.to_owned(), (path, reason));
            }
        }
    }
}

fn bytes(path: &Path) -> &[u8] {
    path.as_os_str().as_encoded_bytes()
}

/// At most 200 bytes of the path `text`.
pub(super) fn clipped(text: &str) -> Untrusted {
    let end = text.floor_char_boundary(200);
    Untrusted::from(text.get(..end).unwrap_or_default())
}

#[cfg(test)]
mod tests;
