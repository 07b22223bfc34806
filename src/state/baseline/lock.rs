//! One writer at a time.

use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
#[cfg(unix)]
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// The name of the file that is locked.
pub(super) const NAME: &str = "lock";

/// The right to write a folder. The system takes it back when the process
/// ends, however it ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Somebody else is writing.
#[derive(Debug)]
pub struct Locked {
    folder: PathBuf,
    holder: String,
}

impl Lock {
    /// Locks `folder`, which exists.
    ///
    /// # Errors
    ///
    /// [`Locked`] at the root of the chain when another process holds it; any
    /// other failure to open the file.
    pub fn acquire(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join(NAME);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        options
            .mode(0o600)
            // Nothing is written where a link of somebody else points to.
            .custom_flags(libc::O_NOFOLLOW);
        let mut file = options
            .open(&path)
            .with_context(|| format!("opening {path:?}"))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // Only for the message; it may be half written.
                let _ = file.take(32).read_to_string(&mut holder);
                let folder = folder.to_owned();
                return Err(Locked { folder, holder }.into());
            }
            Err(TryLockError::Error(err)) => {
                return Err(err).with_context(|| format!("locking {path:?}"));
            }
        }
        sign(&mut file).with_context(|| format!("writing {path:?}"))?;
        Ok(Self { _file: file })
    }
}

/// Says in the file who holds it.
fn sign(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    write!(file, "{}", std::process::id())
}

impl fmt::Display for Locked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is being written by another run", self.folder)?;
        if self.holder.parse::<u32>().is_ok() {
            write!(f, " (process {})", self.holder)?;
        }
        Ok(())
    }
}

impl std::error::Error for Locked {}
