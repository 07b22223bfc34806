//! An atomic file takes the place of another in one step: until it is
//! committed the old one is untouched, and if it is dropped nothing is left.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use tempfile::NamedTempFile;

/// A file that is being written beside the path it will have.
///
/// Only its owner may read it (mode 0600, whatever the umask): reports name
/// people and what they did.
#[derive(Debug)]
pub struct AtomicFile {
    temporary: BufWriter<NamedTempFile>,
    path: PathBuf,
}

impl AtomicFile {
    /// Starts a file that will be at `path`, in the same folder, so that the
    /// last step is a rename and never a copy.
    ///
    /// # Errors
    ///
    /// When the folder does not exist or cannot be written.
    pub fn create(path: &Path) -> anyhow::Result<Self> {
        let folder = folder_of(path);
        let temporary = tempfile::Builder::new()
            .prefix(".habitual-")
            .suffix(".tmp")
            .tempfile_in(folder)
            .with_context(|| format!("creating a file in {folder:?}"))?;
        Ok(Self {
            temporary: BufWriter::new(temporary),
            path: path.to_owned(),
        })
    }

    /// Puts the file in its place, durably: its content reaches the disk
    /// before its name does, so that no crash can leave a name without
    /// content.
    ///
    /// # Errors
    ///
    /// When any step fails; the old file is then still there.
    pub fn commit(self) -> anyhow::Result<()> {
        let Self { temporary, path } = self;
        replace(temporary, &path).with_context(|| format!("writing {path:?}"))
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.temporary.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.temporary.flush()
    }
}

fn replace(temporary: BufWriter<NamedTempFile>, path: &Path) -> io::Result<()> {
    let temporary = temporary
        .into_inner()
        .map_err(io::IntoInnerError::into_error)?;
    temporary.as_file().sync_all()?;
    temporary.persist(path).map_err(|err| err.error)?;
    sync_folder(folder_of(path))
}

/// Makes the new name durable. Windows has no such operation and needs none.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}

fn folder_of(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn the_old_file_stays_until_the_new_one_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.html");
        fs::write(&path, "old").unwrap();

        let mut file = AtomicFile::create(&path).unwrap();
        file.write_all(b"new").unwrap();
        file.flush().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"old");

        file.commit().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(names(folder.path()), ["report.html"]);
    }

    #[test]
    fn a_file_that_is_given_up_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = AtomicFile::create(&folder.path().join("report.html")).unwrap();
        file.write_all(b"half").unwrap();
        drop(file);
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    fn a_missing_folder_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("missing");
        let err = AtomicFile::create(&missing.join("report.html")).unwrap_err();
        assert!(
            format!("{err:#}").contains(&format!("{missing:?}")),
            "{err:#}"
        );
    }

    #[test]
    fn a_name_alone_is_written_to_the_current_folder() {
        assert_eq!(folder_of(Path::new("report.html")), Path::new("."));
        assert_eq!(folder_of(Path::new("out/report.html")), Path::new("out"));
        assert_eq!(folder_of(Path::new("/report.html")), Path::new("/"));
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_read_it_even_if_everybody_could_read_the_old_one() {
        use std::os::unix::fs::PermissionsExt as _;

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.html");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
        AtomicFile::create(&path).unwrap().commit().unwrap();
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
}
