//! Cuts a stream of bytes into candidate records: JSON values however they are
//! strung together (lines, pretty print, back to back, arrays, big envelopes)
//! and lines of text around them.
//!
//! Memory is bounded by one record: arrays and the envelopes `Records` and
//! `Events` are streamed element by element, other envelopes when they are larger
//! than a record may be, and any other value of that size is passed over without
//! being kept. What comes out does not depend on how the
//! bytes arrive.

pub(super) mod feed;
mod frame;
mod offer;

use std::io::{self, Empty, Read};

use super::coverage::SkipReason;
use super::envelope;
use super::keys::Keys;
use super::structure::{MAX_DEPTH, RECORD_SEPARATOR, Scan, Verdict};

use feed::Feed;
use frame::{Frame, Frames};
use offer::Patience;
pub(super) use offer::{Declined, Stretch, Taken, Window};

/// How far is looked ahead to tell an array from a text line.
const LOOKAHEAD_BYTES: usize = 4096;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// One cut of the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece<'b> {
    /// Offset of its first byte in the stream.
    pub(super) offset: u64,
    /// What it is.
    pub(super) content: Content<'b>,
}

/// What a [`Piece`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content<'b> {
    /// A whole JSON value, and the telling keys if it is an object.
    Value(&'b [u8], Keys),
    /// A line of text that does not begin like JSON, without its end.
    Text(&'b [u8]),
    /// A line of text longer than the record limit.
    LongText,
    /// A value that cannot be used.
    Lost(SkipReason),
}

/// How the stream was strung together, for people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Shape {
    /// The key of the first envelope whose elements were streamed.
    pub(super) envelope: Option<&'static str>,
    /// The elements of an array were streamed.
    pub(super) has_array: bool,
    /// The stream ended inside an envelope, an array or a value.
    pub(super) is_cut: bool,
    /// There were zeros or closing brackets between records.
    pub(super) has_debris: bool,
}

/// Cuts what `reader` delivers.
#[derive(Debug)]
pub(super) struct Splitter<R> {
    feed: Feed<R>,
    max_record: u64,
    max_depth: u32,
    /// Offset in the stream of the current line.
    line: u64,
    /// Bytes that were gone over again: at most one record and as many as the
    /// stream had before, so that no text takes longer than one twice its size.
    n_looked_back: u64,
    frames: Frames,
    mode: Mode,
    patience: Patience,
    shape: Shape,
}

#[derive(Debug)]
enum Mode {
    /// Before the next thing.
    Between,
    /// Inside a value that began at `start` and is kept.
    Value(Scan),
    /// Inside a value that is not kept and began at this offset.
    Skip(Scan, u64),
    /// Inside an envelope, behind its array; `Scan` began at this offset.
    Rest(Scan, u64),
    /// Inside a text line that began at `start`; so much of it was searched.
    Text(usize),
    /// Inside the remainder of a line that is not kept.
    SkipLine(After),
    /// Behind a broken record of several lines that began at this column: the
    /// next begins on a line of its own, no deeper.
    Resync(u64),
}

#[derive(Clone, Copy, Debug)]
enum After {
    Between,
    Resync(u64),
}

/// What one step came to.
enum Step {
    Again,
    More,
    End,
    Found(Found),
}

struct Found {
    offset: u64,
    kind: Kind,
}

enum Kind {
    Value(usize, Keys),
    Text(usize),
    LongText,
    Lost(SkipReason),
}

impl Splitter<Empty> {
    /// Cuts the first `n` bytes of `text` into records of at most `max_record`
    /// bytes and `max_depth` levels.
    pub(super) fn whole(text: Vec<u8>, n: usize, max_record: usize, max_depth: u32) -> Self {
        Self::of(Feed::whole(text, n, io::empty()), max_record, max_depth)
    }
}

impl<R: Read> Splitter<R> {
    /// Cuts `reader`'s bytes into records of at most `max_record` bytes and
    /// `max_depth` levels.
    pub(super) fn new(reader: R, max_record: usize, max_depth: u32) -> Self {
        Self::of(Feed::new(reader, max_record), max_record, max_depth)
    }

    fn of(feed: Feed<R>, max_record: usize, max_depth: u32) -> Self {
        Self {
            feed,
            max_record: max_record as u64,
            max_depth: max_depth.min(MAX_DEPTH),
            line: 0,
            n_looked_back: 0,
            frames: Frames::default(),
            mode: Mode::Between,
            patience: Patience::default(),
            shape: Shape::default(),
        }
    }

    /// The next piece; `None` at the end. An error of the reader is an end: the
    /// decoder below has kept the cause.
    pub(super) fn next(&mut self) -> Option<Piece<'_>> {
        let found = loop {
            match self.step() {
                Step::Again => {}
                Step::More => self.feed.fill(),
                Step::End => return None,
                Step::Found(found) => break found,
            }
        };
        let bytes = |n: usize| self.feed.at(found.offset, n);
        let content = match found.kind {
            Kind::Value(n, keys) => Content::Value(bytes(n), keys),
            Kind::Text(n) => Content::Text(bytes(n)),
            Kind::LongText => Content::LongText,
            Kind::Lost(reason) => Content::Lost(reason),
        };
        Some(Piece {
            offset: found.offset,
            content,
        })
    }

    /// The memory that was used, for another stream.
    pub(super) fn into_buffer(self) -> Vec<u8> {
        self.feed.into_buffer()
    }

    /// How the stream was strung together so far.
    pub(super) fn shape(&self) -> Shape {
        self.shape
    }

    fn step(&mut self) -> Step {
        match std::mem::replace(&mut self.mode, Mode::Between) {
            Mode::Between => self.between(),
            Mode::Value(scan) => self.value(scan),
            Mode::Skip(scan, origin) => self.skip_value(scan, origin),
            Mode::Rest(scan, origin) => self.rest(scan, origin),
            Mode::Text(searched) => self.text(searched),
            Mode::SkipLine(after) => self.skip_line(after),
            Mode::Resync(column) => self.resync(column),
        }
    }

    fn between(&mut self) -> Step {
        let Some(&byte) = self.feed.unread().first() else {
            if !self.feed.is_at_end() {
                return Step::More;
            }
            self.shape.is_cut |= !self.frames.is_empty();
            return Step::End;
        };
        match byte {
            b'\n' => {
                self.feed.consume(1);
                self.line = self.feed.position();
            }
            b' ' | b'\t' | b'\r' | b',' | RECORD_SEPARATOR => self.feed.consume(1),
            0 | b'}' => {
                self.shape.has_debris = true;
                self.feed.consume(1);
            }
            b']' => {
                self.shape.has_debris |= self.frames.is_empty();
                self.feed.consume(1);
                self.close_array();
            }
            b'{' => self.begin_value(),
            b'[' => return self.bracket(),
            b'"' => return self.quote(),
            0xef => return self.byte_order_mark(),
            _ => self.begin_text(),
        }
        Step::Again
    }

    fn begin_value(&mut self) {
        let column = self.feed.position().saturating_sub(self.line);
        self.mode = Mode::Value(Scan::new(column, self.max_depth, self.frames.has_room()));
    }

    /// Text between records; inside an array, where none belongs, only up to the
    /// next element.
    fn begin_text(&mut self) {
        self.mode = Mode::Text(0);
    }

    /// An array of records, or a text line that begins with a bracket?
    fn bracket(&mut self) -> Step {
        let is_row = self.frames.holds_rows();
        if is_row || !self.frames.is_empty() && !self.frames.has_room() {
            self.begin_value();
            return Step::Again;
        }
        let ahead = self.feed.unread();
        let next = ahead
            .iter()
            .skip(1)
            .find(|byte| !byte.is_ascii_whitespace());
        match next {
            None if !self.feed.is_at_end() && ahead.len() < LOOKAHEAD_BYTES => return Step::More,
            Some(b'{' | b'[' | b'"' | b']') | None => self.open_array(),
            Some(_) if !self.frames.is_empty() => self.open_array(),
            Some(_) => self.begin_text(),
        }
        Step::Again
    }

    fn open_array(&mut self) {
        self.shape.has_array = true;
        self.frames.push(Frame::Array, self.line);
        self.feed.consume(1);
    }

    /// A JSON string that may hold a record, or a text line?
    fn quote(&mut self) -> Step {
        match self.feed.unread().get(1) {
            None if !self.feed.is_at_end() => return Step::More,
            Some(b'{') => self.begin_value(),
            _ if !self.frames.is_empty() => self.begin_value(),
            _ => self.begin_text(),
        }
        Step::Again
    }

    fn byte_order_mark(&mut self) -> Step {
        let ahead = self.feed.unread();
        if ahead.starts_with(BYTE_ORDER_MARK) {
            self.feed.consume(BYTE_ORDER_MARK.len());
        } else if BYTE_ORDER_MARK.starts_with(ahead) && !self.feed.is_at_end() {
            return Step::More;
        } else {
            self.begin_text();
        }
        Step::Again
    }

    fn close_array(&mut self) {
        if self.frames.close_array() {
            self.mode = Mode::Rest(Scan::inside_object(self.max_depth), self.feed.position());
        }
    }

    fn value(&mut self, mut scan: Scan) -> Step {
        let origin = self.feed.position();
        match self.advance(&mut scan, origin, self.max_record + 1) {
            Verdict::Stream => self.open_envelope(&scan, origin),
            _ if scan.offset() > self.max_record => self.too_large(scan, origin),
            Verdict::Done => {
                let n = self.feed.consume_to(origin + scan.offset());
                self.note_line(&scan, origin);
                Step::Found(Found {
                    offset: origin,
                    kind: Kind::Value(n, scan.keys()),
                })
            }
            Verdict::Broken { resume } => {
                let suspect = self.suspect(&scan, origin);
                self.broken(&scan, origin, suspect.unwrap_or(resume))
            }
            Verdict::TooDeep => match self.suspect(&scan, origin) {
                Some(resume) => self.broken(&scan, origin, resume),
                None => self.skip_from(scan, origin, SkipReason::TooDeep, Keys::default()),
            },
            Verdict::More if self.feed.is_at_end() => self.cut(&scan, origin),
            Verdict::More => {
                self.mode = Mode::Value(scan);
                Step::More
            }
        }
    }

    /// Streams the array whose bracket was just read.
    fn open_envelope(&mut self, scan: &Scan, origin: u64) -> Step {
        self.feed.consume_to(origin + scan.offset());
        self.note_line(scan, origin);
        let key = scan.envelope();
        self.shape.envelope.get_or_insert(envelope::name_of(key));
        self.frames.push(Frame::Object, self.line);
        self.frames.push(Frame::under(key), self.line);
        Step::Again
    }

    /// Where the next record may have begun inside the broken one, unless too
    /// much was gone over again already.
    fn suspect(&mut self, scan: &Scan, origin: u64) -> Option<u64> {
        let suspect = scan.suspect()?;
        let n_again = scan.offset().saturating_sub(suspect);
        let n_looked_back = self.n_looked_back.saturating_add(n_again);
        let n_allowed = origin.saturating_add(self.max_record);
        (n_looked_back <= n_allowed).then_some(())?;
        self.n_looked_back = n_looked_back;
        Some(suspect)
    }

    /// The record ends before the next thing, at `resume` from its beginning.
    fn broken(&mut self, scan: &Scan, origin: u64, resume: u64) -> Step {
        self.resume(scan, origin, resume);
        lost(origin, SkipReason::Malformed)
    }

    /// Goes on at `resume` from the beginning of a broken record.
    fn resume(&mut self, scan: &Scan, origin: u64, resume: u64) {
        let is_in_string = resume > scan.offset();
        let was_on_one_line = scan.line_break().is_none();
        let column = origin.saturating_sub(self.line);
        if self.frames.began_on(self.line) {
            // The document ends with the line that is broken; if it does not,
            // its other elements are as well found without it.
            self.frames.clear();
        }
        self.note_line(scan, origin);
        self.feed.consume_to(origin + resume);
        if is_in_string {
            self.line = self.feed.position();
            if !was_on_one_line {
                self.mode = Mode::Resync(column);
            }
        }
    }

    /// The stream ended inside the value.
    fn cut(&mut self, scan: &Scan, origin: u64) -> Step {
        if let Some(resume) = self.suspect(scan, origin) {
            return self.broken(scan, origin, resume);
        }
        self.shape.is_cut = true;
        self.feed.consume_to(origin + scan.offset());
        lost(origin, SkipReason::TruncatedRecord)
    }

    /// Streams the value's records if it is an envelope, else passes it over, as
    /// far as to an array of records.
    fn too_large(&mut self, scan: Scan, origin: u64) -> Step {
        let n = usize::try_from(scan.offset()).unwrap_or(usize::MAX);
        let prefix = self.feed.unread().get(..n).unwrap_or_default();
        let may_stream = self.frames.has_room() && !scan.keys().has_any(Keys::HALLMARKS);
        if may_stream && let Some(array) = envelope::record_array(prefix) {
            self.shape.envelope.get_or_insert(array.key);
            for _ in 0..array.n_objects {
                self.frames.push(Frame::Object, self.line);
            }
            let key = Keys::named(array.key.as_bytes());
            self.frames.push(Frame::under(key), self.line);
            self.feed.consume(array.n_bytes);
            return Step::Again;
        }
        let reason = if scan.keys().has(Keys::CONFIGURATION_ITEMS) {
            SkipReason::OtherAwsLog
        } else {
            SkipReason::TooLarge
        };
        let streams = if may_stream && reason == SkipReason::TooLarge {
            Keys::ENVELOPES
        } else {
            Keys::default()
        };
        self.skip_from(scan, origin, reason, streams)
    }

    fn skip_from(
        &mut self,
        mut scan: Scan,
        origin: u64,
        reason: SkipReason,
        streams: Keys,
    ) -> Step {
        self.feed.consume_to(origin + scan.offset());
        scan.go_on(streams);
        self.mode = Mode::Skip(scan, origin);
        lost(origin, reason)
    }

    fn skip_value(&mut self, mut scan: Scan, origin: u64) -> Step {
        if scan.is_done() {
            self.note_line(&scan, origin);
            return Step::Again;
        }
        let verdict = self.advance(&mut scan, origin, u64::MAX);
        self.feed.consume_to(origin + scan.offset());
        match verdict {
            Verdict::More if self.feed.is_at_end() => self.shape.is_cut = true,
            Verdict::More => {
                self.mode = Mode::Skip(scan, origin);
                return Step::More;
            }
            Verdict::Broken { resume } => self.resume(&scan, origin, resume),
            Verdict::Stream => return self.open_envelope(&scan, origin),
            Verdict::Done | Verdict::TooDeep => self.note_line(&scan, origin),
        }
        Step::Again
    }

    fn rest(&mut self, mut scan: Scan, origin: u64) -> Step {
        let verdict = self.advance(&mut scan, origin, u64::MAX);
        self.feed.consume_to(origin + scan.offset());
        self.note_line(&scan, origin);
        match verdict {
            Verdict::Done => {
                if self.frames.close_object() {
                    self.mode =
                        Mode::Rest(Scan::inside_object(self.max_depth), self.feed.position());
                }
                Step::Again
            }
            Verdict::Stream => {
                self.frames.push(Frame::under(scan.envelope()), self.line);
                Step::Again
            }
            Verdict::Broken { resume } => {
                self.frames.clear();
                self.feed.consume_to(origin + resume);
                lost(origin, SkipReason::Malformed)
            }
            Verdict::TooDeep => {
                self.frames.close_object();
                scan.go_on(Keys::default());
                self.mode = Mode::Skip(scan, origin);
                lost(origin, SkipReason::TooDeep)
            }
            Verdict::More if self.feed.is_at_end() => Step::Again,
            Verdict::More => {
                self.mode = Mode::Rest(scan, origin);
                Step::More
            }
        }
    }

    fn text(&mut self, searched: usize) -> Step {
        let offset = self.feed.position();
        let is_element = !self.frames.is_empty();
        let unread = self.feed.unread();
        let limit = usize::try_from(self.max_record).unwrap_or(usize::MAX);
        let n_seen = unread.len().min(limit.saturating_add(1));
        let tail = unread.get(searched..n_seen).unwrap_or_default();
        let ends = |byte: &u8| matches!(byte, b'\n' | b',' | b']' | b'}' | b'{' | b'[');
        let end = if is_element {
            tail.iter().position(ends)
        } else {
            memchr::memchr(b'\n', tail)
        };
        let n = match end {
            Some(at) => searched + at,
            None if n_seen > limit => {
                self.mode = Mode::SkipLine(After::Between);
                return found(offset, Kind::LongText);
            }
            None if !self.feed.is_at_end() => {
                self.mode = Mode::Text(n_seen);
                return Step::More;
            }
            None => n_seen,
        };
        self.feed.consume(n);
        if is_element {
            return lost(offset, SkipReason::UnknownType);
        }
        found(offset, Kind::Text(n))
    }

    fn skip_line(&mut self, after: After) -> Step {
        if let Some(at) = memchr::memchr(b'\n', self.feed.unread()) {
            self.feed.consume(at + 1);
            self.line = self.feed.position();
            if let After::Resync(column) = after {
                self.mode = Mode::Resync(column);
            }
            return Step::Again;
        }
        self.feed.consume(self.feed.unread().len());
        if self.feed.is_at_end() {
            return Step::Again;
        }
        self.mode = Mode::SkipLine(after);
        Step::More
    }

    /// At the beginning of a line, or in its indentation.
    fn resync(&mut self, column: u64) -> Step {
        match self.feed.unread().first() {
            Some(b' ' | b'\t') => {
                self.feed.consume(1);
                self.mode = Mode::Resync(column);
            }
            Some(b'{') if self.feed.position().saturating_sub(self.line) <= column => {}
            Some(_) => self.mode = Mode::SkipLine(After::Resync(column)),
            None if self.feed.is_at_end() => {}
            None => {
                self.mode = Mode::Resync(column);
                return Step::More;
            }
        }
        Step::Again
    }

    /// Lets `scan` read what is held, up to `limit` bytes from `origin`.
    fn advance(&self, scan: &mut Scan, origin: u64, limit: u64) -> Verdict {
        let n = usize::try_from(limit.saturating_sub(scan.offset())).unwrap_or(usize::MAX);
        scan.advance(self.feed.at(origin + scan.offset(), n))
    }

    fn note_line(&mut self, scan: &Scan, origin: u64) {
        if let Some(line_break) = scan.line_break() {
            self.line = origin + line_break + 1;
        }
    }
}

fn found(offset: u64, kind: Kind) -> Step {
    Step::Found(Found { offset, kind })
}

fn lost(offset: u64, reason: SkipReason) -> Step {
    found(offset, Kind::Lost(reason))
}

#[cfg(test)]
mod tests;
