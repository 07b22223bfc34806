//! A reader that can be looked into without reading.

use std::io::{self, BufRead, Read};

/// Delivers what `inner` does, and shows it before.
pub(super) struct Ahead<R> {
    inner: R,
    /// What was shown and not delivered: from `start` on.
    shown: Vec<u8>,
    start: usize,
}

impl<R: BufRead> Ahead<R> {
    /// Nothing was looked at yet.
    pub(super) fn new(inner: R) -> Self {
        Self {
            inner,
            shown: Vec::new(),
            start: 0,
        }
    }

    /// The next `n` bytes; fewer only at the end.
    pub(super) fn look(&mut self, n: usize) -> io::Result<&[u8]> {
        self.shown.drain(..self.start);
        self.start = 0;
        let n_missing = n.saturating_sub(self.shown.len());
        (&mut self.inner)
            .take(n_missing as u64)
            .read_to_end(&mut self.shown)?;
        Ok(&self.shown)
    }
}

impl<R: BufRead> Read for Ahead<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.fill_buf()?.read(out)?;
        self.consume(n);
        Ok(n)
    }
}

impl<R: BufRead> BufRead for Ahead<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        match self.shown.get(self.start..) {
            Some(shown) if !shown.is_empty() => Ok(shown),
            _ => self.inner.fill_buf(),
        }
    }

    fn consume(&mut self, n: usize) {
        if self.start < self.shown.len() {
            self.start = self.start.saturating_add(n).min(self.shown.len());
        } else {
            self.inner.consume(n);
        }
    }
}
