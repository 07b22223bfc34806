//! Discovery: from the paths that were given to the list of files to read.
//!
//! Folders are walked without following links and without opening anything
//! that is no regular file. The list is sorted by path, so that a file's number
//! does not depend on the order of arguments or of folder entries.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File, FileType, OpenOptions};
use std::io;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::{Component, Path, PathBuf};

use super::coverage::{PassReason, Sample, Tally};
use crate::event::{Provenance, Untrusted};

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
    /// Whether it can be read more than once.
    pub(super) fn can_be_read_again(&self) -> bool {
        match self.kind {
            InputKind::Found => true,
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

/// Finds what `paths` name. A path that does not exist becomes an input that
/// cannot be read.
pub(super) fn discover(paths: &[PathBuf]) -> Discovery {
    let mut walk = Walk::default();
    for path in paths {
        walk.name(path);
    }
    let mut passed_over: BTreeMap<PassReason, Tally> = BTreeMap::new();
    for (path, reason) in walk.passed_over.into_values() {
        passed_over.entry(reason).or_default().observe(Sample {
            provenance: Provenance::default(),
            detail: clipped(&path),
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
    if input.kind != InputKind::Found {
        return File::open(&input.path);
    }
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NONBLOCK | libc::O_NOFOLLOW | libc::O_CLOEXEC)
        .open(&input.path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("no longer a regular file"));
    }
    Ok(file)
}

/// Files and what is left out, by true path, so that each counts once however
/// often and by whatever route it was named. Of several routes the first in
/// order of bytes is shown.
#[derive(Default)]
struct Walk {
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
            Ok((meta, real)) if meta.is_file() && meta.len() == 0 => {
                self.pass_over(&shown, &real, PassReason::Empty);
            }
            Ok((meta, real)) if meta.is_file() || meta.file_type().is_fifo() => {
                self.read(&shown, &real, InputKind::Named, meta.len());
            }
            Ok((_, real)) => {
                let kind = InputKind::Unreadable("a device or socket, not a file".to_owned());
                self.read(&shown, &real, kind, 0);
            }
            Err(error) => {
                let kind = InputKind::Unreadable(error.to_string());
                self.read(&shown, &shown, kind, 0);
            }
        }
    }

    /// Walks a folder without recursion: trees may be deep.
    fn folder(&mut self, shown: &Path, real: PathBuf) {
        let mut open = vec![(shown.to_owned(), real)];
        while let Some((shown, real)) = open.pop() {
            let entries = match fs::read_dir(&real) {
                Ok(entries) => entries,
                Err(error) => {
                    let kind = InputKind::Unreadable(error.to_string());
                    self.read(&shown, &real, kind, 0);
                    continue;
                }
            };
            for entry in entries {
                let entry = match entry {
                    Ok(entry) => entry,
                    Err(error) => {
                        let kind = InputKind::Unreadable(error.to_string());
                        self.read(&shown, &real, kind, 0);
                        break;
                    }
                };
                let name = entry.file_name();
                let (shown, real) = (shown.join(&name), real.join(&name));
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() => open.push((shown, real)),
                    Ok(kind) => self.entry(&shown, &real, kind),
                    Err(error) => {
                        let kind = InputKind::Unreadable(error.to_string());
                        self.read(&shown, &real, kind, 0);
                    }
                }
            }
        }
    }

    /// Something in a folder that is no folder.
    fn entry(&mut self, shown: &Path, real: &Path, kind: FileType) {
        let reason = if kind.is_symlink() {
            Some(PassReason::Symlink)
        } else if !kind.is_file() {
            Some(PassReason::NotAFile)
        } else if is_side_file(real) {
            Some(PassReason::SideFile)
        } else if is_other_aws_log(real) {
            Some(PassReason::OtherAwsLog)
        } else {
            None
        };
        let n_bytes = fs::symlink_metadata(real).map_or(0, |meta| meta.len());
        match reason {
            Some(reason) => self.pass_over(shown, real, reason),
            None if n_bytes == 0 => self.pass_over(shown, real, PassReason::Empty),
            None => self.read(shown, real, InputKind::Found, n_bytes),
        }
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

/// Files that exporters leave next to their logs.
fn is_side_file(path: &Path) -> bool {
    let name = path.file_name().map_or(&b""[..], OsStr::as_encoded_bytes);
    matches!(name, b".DS_Store" | b"aws-logs-write-test" | b"_SUCCESS")
        || [&b".csv.metadata"[..], b".crc", b"sign.json"]
            .iter()
            .any(|end| name.ends_with(end))
        || path.components().any(|part| part.as_os_str() == "__MACOSX")
}

/// Folders of other services next to CloudTrail's, as a beginning of the name.
const OTHER_AWS_LOGS: [&str; 8] = [
    "Config",
    "vpcflowlogs",
    "elasticloadbalancing",
    "WAFLogs",
    "GuardDuty",
    "route53",
    "network-firewall",
    "CloudFront",
];

/// Whether `path` is `…/AWSLogs/[organisation/]account/<another service>/…`.
fn is_other_aws_log(path: &Path) -> bool {
    let folders = path.parent().map(Path::components).into_iter().flatten();
    let mut below = folders
        .filter_map(|part| match part {
            Component::Normal(name) => name.to_str(),
            _ => None,
        })
        .skip_while(|name| *name != "AWSLogs")
        .skip(1)
        .skip_while(|name| name.starts_with("o-"));
    let is_account = |name: &str| name.len() == 12 && name.bytes().all(|b| b.is_ascii_digit());
    below.next().is_some_and(is_account)
        && below.next().is_some_and(|service| {
            OTHER_AWS_LOGS
                .iter()
                .any(|other| service.starts_with(other))
        })
}

fn bytes(path: &Path) -> &[u8] {
    path.as_os_str().as_encoded_bytes()
}

/// At most 200 bytes of `path`, as text.
fn clipped(path: &Path) -> Untrusted {
    let text = path.to_string_lossy();
    let end = text.floor_char_boundary(200);
    Untrusted::from(text.get(..end).unwrap_or_default())
}

#[cfg(test)]
mod tests;
