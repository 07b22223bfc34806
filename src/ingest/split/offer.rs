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
struct Stretch {
    n_bytes: usize,
    /// Where the last line begins.
    line: Option<usize>,
    end: Declined,
    has_records: bool,
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
    /// its offset and as much of what follows as is held.
    pub(in crate::ingest) fn offer(
        &mut self,
        mut read: impl FnMut(u64, &str) -> Result<Taken, Declined>,
    ) {
        if !matches!(self.mode, Mode::Between) || !self.patience.is_over() {
            return;
        }
        let mut has_records = false;
        let mut window = WINDOW_BYTES;
        loop {
            let held = self.feed.unread();
            let is_all = held.len() <= window;
            let text = valid_prefix(held.get(..window).unwrap_or(held));
            let stretch = self.stretch(text, &mut read);
            let begin = self.feed.position();
            if let Some(line) = stretch.line {
                self.line = begin + line as u64;
            }
            self.feed.consume(stretch.n_bytes);
            has_records |= stretch.has_records;
            match stretch.end {
                Declined::Odd => break,
                Declined::Cut if stretch.n_bytes > 0 && is_all && self.feed.is_at_end() => break,
                // The stream delivers less at a time than is offered at once.
                Declined::Cut if stretch.n_bytes > 0 && is_all => {
                    self.feed.fill();
                    window = WINDOW_BYTES;
                }
                Declined::Cut if stretch.n_bytes > 0 => window = WINDOW_BYTES,
                // Longer records are rare, and reading one twice must not cost much.
                Declined::Cut if window >= CHUNK_BYTES => break,
                Declined::Cut if !is_all => window *= 2,
                Declined::Cut if self.feed.is_at_end() => break,
                Declined::Cut => {
                    self.feed.fill();
                    window *= 2;
                }
            }
        }
        self.patience.note(has_records);
    }

    /// Reads the records in `text`, which is next in the stream.
    fn stretch(
        &self,
        text: &str,
        read: &mut impl FnMut(u64, &str) -> Result<Taken, Declined>,
    ) -> Stretch {
        let limit = usize::try_from(self.max_record).unwrap_or(usize::MAX);
        let begin = self.feed.position();
        let mut stretch = Stretch {
            n_bytes: 0,
            line: None,
            end: Declined::Cut,
            has_records: false,
        };
        while let Some(&byte) = text.as_bytes().get(stretch.n_bytes) {
            let from = stretch.n_bytes;
            match byte {
                b' ' | b'\t' | b'\r' | b',' | RECORD_SEPARATOR => stretch.n_bytes += 1,
                b'\n' => {
                    stretch.n_bytes += 1;
                    stretch.line = Some(stretch.n_bytes);
                }
                b'{' => {
                    let to = text.floor_char_boundary(from.saturating_add(limit));
                    let rest = text.get(from..to).unwrap_or_default();
                    match read(begin + from as u64, rest) {
                        Ok(taken) => {
                            stretch.n_bytes += taken.n_bytes;
                            let line_break = taken.line_break.map(|at| from + at + 1);
                            stretch.line = line_break.or(stretch.line);
                            stretch.has_records = true;
                        }
                        Err(declined) => {
                            stretch.end = declined;
                            return stretch;
                        }
                    }
                }
                _ => {
                    stretch.end = Declined::Odd;
                    return stretch;
                }
            }
        }
        stretch
    }
}
