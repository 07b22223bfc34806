//! The quick way through a stream: records that are read as they stand, without
//! being cut out first.
//!
//! What is held of the stream is offered, from the next value on, to somebody
//! who may know the kind of record at one glance. Whatever is declined is cut
//! in the ordinary way. Nothing but time depends on what is offered.

use std::io::Read;

use super::feed::CHUNK_BYTES;
use super::{Mode, Splitter};
use crate::ingest::structure::RECORD_SEPARATOR;
use crate::ingest::text::valid_prefix;

/// How much is offered at once: its encoding is checked in one go, again after
/// each record that is declined.
const WINDOW_BYTES: usize = 64 * 1024;

/// For how many values nothing is offered after many that were declined.
const MAX_PAUSE: u32 = 63;

/// A record that was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ingest) struct Taken {
    /// How many bytes it is long.
    pub(in crate::ingest) n_bytes: usize,
    /// Offset of the last line break inside it.
    pub(in crate::ingest) line_break: Option<usize>,
}

/// Why no record was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ingest) enum Declined {
    /// The text ends inside of it.
    Cut,
    /// It is for others to look at.
    Odd,
}

/// How far one window was read.
#[derive(Clone, Copy, Debug)]
pub(in crate::ingest) struct Stretch {
    /// Where in the window the reading ended.
    pub(in crate::ingest) end: usize,
    /// Where the last line begins.
    line: Option<usize>,
    /// Why it did not go on.
    cause: Declined,
    has_records: bool,
}

impl Stretch {
    /// This stretch and the one behind it.
    pub(in crate::ingest) fn then(self, next: Self) -> Self {
        Self {
            line: next.line.or(self.line),
            has_records: self.has_records || next.has_records,
            ..next
        }
    }
}

/// A part of a stream that is held and begins between two records.
#[derive(Clone, Copy, Debug)]
pub(in crate::ingest) struct Window<'w> {
    text: &'w str,
    /// Its offset in the stream.
    begin: u64,
    /// How long a record may be.
    max_record: usize,
}

/// When to offer: seldom where it is in vain.
#[derive(Debug, Default)]
pub(super) struct Patience {
    pause: u32,
    n_left: u32,
}

impl Patience {
    /// Whether it is worth while now.
    fn is_over(&mut self) -> bool {
        let is_over = self.n_left == 0;
        self.n_left = self.n_left.saturating_sub(1);
        is_over
    }

    fn note(&mut self, is_success: bool) {
        self.n_left = if is_success { 0 } else { self.pause };
        self.pause = match self.n_left {
            _ if is_success => 0,
            n => (n * 2 + 1).min(MAX_PAUSE),
        };
    }
}

impl<R: Read> Splitter<R> {
    /// Lets `read` take records from the front of the stream, each offered with
    /// its offset and as much of what follows as is held. It ends early, and says
    /// so, when much is left and `is_enough`.
    pub(in crate::ingest) fn offer(
        &mut self,
        is_enough: impl Fn() -> bool,
        mut read: impl FnMut(u64, &str) -> Result<Taken, Declined>,
    ) -> bool {
        if !matches!(self.mode, Mode::Between) || !self.patience.is_over() {
            return false;
        }
        let mut has_records = false;
        let mut size = WINDOW_BYTES;
        let is_interrupted = loop {
            let window = self.window(size);
            let is_all = self.feed.unread().len() <= size;
            let stretch = window.read(0, usize::MAX, &mut read);
            self.pass(&stretch);
            has_records |= stretch.has_records;
            match stretch.cause {
                Declined::Odd => break false,
                Declined::Cut if stretch.end > 0 && is_all && self.feed.is_at_end() => break false,
                // The stream delivers less at a time than is offered at once.
                Declined::Cut if stretch.end > 0 && is_all => {
                    self.feed.fill();
                    size = WINDOW_BYTES;
                }
                Declined::Cut if stretch.end > 0 => size = WINDOW_BYTES,
                // Longer records are rare, and reading one twice must not cost much.
                Declined::Cut if size >= CHUNK_BYTES => break false,
                Declined::Cut if !is_all => size *= 2,
                Declined::Cut if self.feed.is_at_end() => break false,
                Declined::Cut => {
                    self.feed.fill();
                    size *= 2;
                }
            }
            if stretch.end > 0 && is_enough() && self.may_hold(CHUNK_BYTES) {
                break true;
            }
        };
        self.patience.note(has_records);
        is_interrupted
    }

    /// Lets `read` read a window of `size` bytes, or less at the end of the
    /// stream. False if that is not worth while, or nothing was read.
    pub(in crate::ingest) fn offer_window(
        &mut self,
        size: usize,
        read: impl FnOnce(Window<'_>) -> Stretch,
    ) -> bool {
        if !matches!(self.mode, Mode::Between) || !self.patience.is_over() {
            return false;
        }
        while self.feed.unread().len() < size && !self.feed.is_at_end() {
            self.feed.fill();
        }
        if !self.may_hold(size.min(CHUNK_BYTES)) {
            // Nothing was declined.
            self.patience.note(true);
            return false;
        }
        let stretch = read(self.window(size));
        self.pass(&stretch);
        self.patience.note(stretch.has_records);
        stretch.end > 0
    }

    /// Whether so many bytes are left, as far as is known.
    fn may_hold(&self, n_bytes: usize) -> bool {
        !self.feed.is_at_end() || self.feed.unread().len() >= n_bytes
    }

    /// At most `size` bytes of what is held.
    fn window(&self, size: usize) -> Window<'_> {
        let held = self.feed.unread();
        Window {
            text: valid_prefix(held.get(..size).unwrap_or(held)),
            begin: self.feed.position(),
            max_record: usize::try_from(self.max_record).unwrap_or(usize::MAX),
        }
    }

    /// Goes past what was read.
    fn pass(&mut self, stretch: &Stretch) {
        if let Some(line) = stretch.line {
            self.line = self.feed.position() + line as u64;
        }
        self.feed.consume(stretch.end);
    }
}

impl Window<'_> {
    /// How many bytes it has.
    pub(in crate::ingest) fn len(&self) -> usize {
        self.text.len()
    }

    /// Lets `read` take the records from offset `from` on, up to the first that
    /// ends at `until` or behind it.
    pub(in crate::ingest) fn read(
        &self,
        from: usize,
        until: usize,
        mut read: impl FnMut(u64, &str) -> Result<Taken, Declined>,
    ) -> Stretch {
        let mut stretch = Stretch {
            end: from,
            line: None,
            cause: Declined::Cut,
            has_records: false,
        };
        let bytes = self.text.as_bytes();
        while stretch.end < until
            && let Some(&byte) = bytes.get(stretch.end)
        {
            let at = stretch.end;
            match byte {
                b' ' | b'\t' | b'\r' | b',' | RECORD_SEPARATOR => stretch.end += 1,
                b'\n' => {
                    stretch.end += 1;
                    stretch.line = Some(stretch.end);
                }
                b'{' => {
                    let to = self
                        .text
                        .floor_char_boundary(at.saturating_add(self.max_record));
                    let rest = self.text.get(at..to).unwrap_or_default();
                    match read(self.begin + at as u64, rest) {
                        Ok(taken) => {
                            stretch.end += taken.n_bytes;
                            let line_break = taken.line_break.map(|line| at + line + 1);
                            stretch.line = line_break.or(stretch.line);
                            stretch.has_records = true;
                        }
                        Err(declined) => {
                            stretch.cause = declined;
                            return stretch;
                        }
                    }
                }
                _ => {
                    stretch.cause = Declined::Odd;
                    return stretch;
                }
            }
        }
        stretch
    }
}
