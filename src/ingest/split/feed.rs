//! The part of a stream that is held in memory: what was read and not yet
//! consumed, addressed by offset in the stream.

use std::io::{ErrorKind, Read};

/// How many bytes are asked for at a time: as fast as whole files, measured
/// with gzip, and small.
pub(super) const CHUNK_BYTES: usize = 256 * 1024;

/// A reader and what it has delivered.
#[derive(Debug)]
pub(in crate::ingest) struct Feed<R> {
    reader: R,
    /// How much is expected to be held at most, not counting a chunk.
    capacity: usize,
    buffer: Vec<u8>,
    /// Offset in the stream of the buffer's first byte.
    base: u64,
    /// The part of the buffer that was not consumed.
    start: usize,
    end: usize,
    is_at_end: bool,
}

impl<R: Read> Feed<R> {
    /// Nothing was read of `reader` yet.
    pub(in crate::ingest) fn new(reader: R, capacity: usize) -> Self {
        Self {
            reader,
            capacity,
            buffer: Vec::new(),
            base: 0,
            start: 0,
            end: 0,
            is_at_end: false,
        }
    }

    /// `buffer` holds everything, in its first `n` bytes.
    pub(super) fn whole(buffer: Vec<u8>, n: usize, nothing: R) -> Self {
        Self {
            end: n.min(buffer.len()),
            buffer,
            is_at_end: true,
            ..Self::new(nothing, 0)
        }
    }

    /// The memory that was used, for another stream.
    pub(super) fn into_buffer(self) -> Vec<u8> {
        self.buffer
    }

    /// Whether the reader has delivered everything.
    pub(in crate::ingest) fn is_at_end(&self) -> bool {
        self.is_at_end
    }

    /// What was read and not consumed.
    pub(in crate::ingest) fn unread(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// At most `n` bytes from `offset` on, consumed or not, if still held.
    pub(super) fn at(&self, offset: u64, n: usize) -> &[u8] {
        let from = self.index(offset);
        let to = self.end.min(from.saturating_add(n));
        self.buffer.get(from..to).unwrap_or_default()
    }

    /// Offset in the stream of the first byte that was not consumed.
    pub(in crate::ingest) fn position(&self) -> u64 {
        self.base + self.start as u64
    }

    /// Consumes `n` bytes.
    pub(in crate::ingest) fn consume(&mut self, n: usize) {
        self.start = self.start.saturating_add(n).min(self.end);
    }

    /// Consumes up to `offset` in the stream and returns how many bytes.
    pub(super) fn consume_to(&mut self, offset: u64) -> usize {
        let from = self.start;
        self.start = self.index(offset).clamp(from, self.end);
        self.start - from
    }

    /// Reads on behind what was not consumed, which moves to the front. An
    /// error of the reader is an end.
    pub(in crate::ingest) fn fill(&mut self) {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.base = self.position();
            self.end -= self.start;
            self.start = 0;
        }
        if self.buffer.len() - self.end < CHUNK_BYTES / 2 {
            let most = self.end.max(self.capacity).saturating_add(CHUNK_BYTES);
            let doubled = self.end.saturating_mul(2);
            self.buffer.resize(doubled.clamp(CHUNK_BYTES, most), 0);
        }
        let room = self.buffer.get_mut(self.end..).unwrap_or_default();
        match self.reader.read(room) {
            Ok(0) => self.is_at_end = true,
            Ok(n) => self.end = self.end.saturating_add(n).min(self.buffer.len()),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => self.is_at_end = true,
        }
    }

    /// How many bytes are held at the moment.
    #[cfg(test)]
    pub(super) fn n_buffered(&self) -> usize {
        self.buffer.len()
    }

    fn index(&self, offset: u64) -> usize {
        usize::try_from(offset.saturating_sub(self.base)).unwrap_or(usize::MAX)
    }
}
