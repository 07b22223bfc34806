//! The bytes of a Parquet file, read here and there.

use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes that can be read in any order.
trait Seekable: Read + Seek + Send {}
impl<T: Read + Seek + Send> Seekable for T {}

/// A file, or what a stream delivered; shared by the columns that read it.
#[derive(Clone)]
pub(in crate::ingest) struct Source {
    bytes: Arc<Mutex<Box<dyn Seekable>>>,
    n_bytes: u64,
}

impl Source {
    /// A file.
    pub(in crate::ingest) fn of_file(file: std::fs::File) -> io::Result<Self> {
        let n_bytes = file.metadata()?.len();
        Ok(Self::new(file, n_bytes))
    }

    /// Bytes in memory.
    pub(in crate::ingest) fn of_bytes(bytes: Vec<u8>) -> Self {
        let n_bytes = bytes.len() as u64;
        Self::new(Cursor::new(bytes), n_bytes)
    }

    fn new(bytes: impl Seekable + 'static, n_bytes: u64) -> Self {
        Self {
            bytes: Arc::new(Mutex::new(Box::new(bytes))),
            n_bytes,
        }
    }

    /// How many bytes there are.
    pub(in crate::ingest) fn n_bytes(&self) -> u64 {
        self.n_bytes
    }

    /// At most `n` bytes from `at` on.
    pub(super) fn read_at(&self, at: u64, n: u64) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        let mut bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        bytes.seek(SeekFrom::Start(at))?;
        bytes.by_ref().take(n).read_to_end(&mut out)?;
        Ok(out)
    }

    /// `n` bytes from `at` on, or an error where the file is shorter.
    pub(super) fn read_exactly(&self, at: u64, n: u64) -> io::Result<Vec<u8>> {
        let out = self.read_at(at, n)?;
        if out.len() as u64 == n {
            Ok(out)
        } else {
            Err(io::ErrorKind::UnexpectedEof.into())
        }
    }
}
