//! What the tests of the binary share: a private folder with a prepared
//! command, and logs that read as sentences.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

pub(crate) mod events;
pub(crate) mod house;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;

use events::Event;

/// A private folder, gone at the end of the test, and the command in it.
pub(crate) struct Sandbox {
    folder: TempDir,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// The folder, or a path in it.
    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Every path below the folder, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        let mut folders = vec![self.folder.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let name = path.strip_prefix(self.folder.path()).unwrap();
                names.push(name.to_str().unwrap().to_owned());
                if path.is_dir() {
                    folders.push(path);
                }
            }
        }
        names.sort();
        names
    }

    /// Writes a file and the folders it is in; gzipped if the name says so.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> &Self {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let bytes = bytes.as_ref();
        if name.ends_with(".gz") {
            let mut gzip = GzEncoder::new(fs::File::create(path).unwrap(), Compression::fast());
            gzip.write_all(bytes).unwrap();
            gzip.finish().unwrap();
        } else {
            fs::write(path, bytes).unwrap();
        }
        self
    }

    /// Writes a log with one record in each line.
    pub(crate) fn write_lines(&self, name: &str, events: &[Event]) -> &Self {
        self.write(name, events::lines(events))
    }

    /// Writes a log as one `{"Records": […]}` document, as CloudTrail does.
    pub(crate) fn write_records(&self, name: &str, events: &[Event]) -> &Self {
        self.write(name, events::records(events))
    }

    /// The command, in the folder and in an empty environment. Words are
    /// separated by spaces.
    pub(crate) fn habitual(&self, words: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_habitual"));
        command
            .env_clear()
            .env("LANG", "C.UTF-8")
            .current_dir(self.folder.path())
            .args(words.split_whitespace());
        command
    }
}

/// The folder of real logs beside the project, where there is one.
#[expect(clippy::print_stderr, reason = "a test that was skipped says so")]
pub(crate) fn real_logs() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found = root
        .ancestors()
        .skip(1)
        .take(3)
        .map(|folder| folder.join("shared/data"))
        .find(|folder| folder.is_dir());
    if found.is_none() {
        eprintln!("skipped: no real logs beside the project");
    }
    found
}
