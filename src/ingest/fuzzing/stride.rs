//! A reader that delivers little at a time.

use std::io::{self, BufRead, Read};
use std::num::NonZeroUsize;

/// Delivers at most so many bytes of another reader at a time.
pub(in crate::ingest) struct Stride<R> {
    inner: R,
    most: usize,
}

impl<R> Stride<R> {
    /// At most `most` bytes of `inner`; without it, as many as it has.
    pub(in crate::ingest) fn new(inner: R, most: Option<NonZeroUsize>) -> Self {
        Self {
            inner,
            most: most.map_or(usize::MAX, NonZeroUsize::get),
        }
    }
}

impl<R: Read> Read for Stride<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = out.len().min(self.most);
        self.inner.read(out.get_mut(..n).unwrap_or_default())
    }
}

impl<R: BufRead> BufRead for Stride<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let held = self.inner.fill_buf()?;
        Ok(held.get(..self.most).unwrap_or(held))
    }

    fn consume(&mut self, n: usize) {
        self.inner.consume(n);
    }
}
