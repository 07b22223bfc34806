//! From the bytes of a file to the bytes of its content: compression and
//! encoding removed, size and ratio guarded, every problem noted instead of
//! raised.
//!
//! Formats are told by their first bytes, never by their names. The layers
//! deliver what is good and then end; what went wrong is in the [`Tracker`].

mod bzip2;
mod gunzip;
mod multi;
mod sniff;
mod utf16;
mod whole;
mod xz;
mod zstd;

use std::cell::{Cell, RefCell};
use std::io::{self, BufRead, BufReader, Chain, Cursor, ErrorKind, Read};
use std::rc::Rc;

use super::Limits;
use super::coverage::{FileProblem, ProblemKind};
use crate::event::Untrusted;

use gunzip::Gunzip;
use multi::Multi;
use sniff::Format;
pub(super) use whole::Whole;

pub(super) use sniff::{Codec, Content};

/// Compression inside compression that is removed.
const MAX_LAYERS: usize = 3;

/// How much of the beginning is looked at to tell the format.
const HEAD_BYTES: usize = 4096;

const BUFFER_BYTES: usize = 64 * 1024;

/// What the layers of one file have seen so far; shared by all of them, and by
/// all members of an archive.
#[derive(Debug, Default)]
pub(super) struct Tracker {
    n_disk: Cell<u64>,
    n_unpacked: Cell<u64>,
    n_decoded: Cell<u64>,
    is_exhausted: Cell<bool>,
    problems: RefCell<Vec<FileProblem>>,
}

impl Tracker {
    /// Bytes of the file that were used.
    pub(super) fn n_disk(&self) -> u64 {
        self.n_disk.get()
    }

    /// Bytes of text delivered.
    pub(super) fn n_decoded(&self) -> u64 {
        self.n_decoded.get()
    }

    /// Takes note of how much was used and delivered by a reader of its own.
    pub(super) fn reach(&self, n_disk: u64, n_decoded: u64) {
        self.n_disk.set(n_disk.max(self.n_disk.get()));
        self.n_decoded.set(n_decoded.max(self.n_decoded.get()));
    }

    /// Takes out what went wrong, in order.
    pub(super) fn take_problems(&self) -> Vec<FileProblem> {
        self.problems.take()
    }

    /// Notes what went wrong.
    pub(super) fn note(&self, kind: ProblemKind, detail: impl Into<String>) {
        self.problems.borrow_mut().push(FileProblem {
            kind,
            detail: Untrusted::from(detail.into()),
        });
    }

    /// Notes what went wrong, and how far into the file.
    pub(super) fn note_here(&self, kind: ProblemKind, what: &str) {
        self.note(kind, format!("{what} (byte {})", self.n_disk()));
    }

    /// Whether the file has unpacked to more than the limits allow.
    pub(super) fn is_exhausted(&self) -> bool {
        self.is_exhausted.get()
    }

    /// Counts bytes that a compressed layer or member came to.
    pub(super) fn count_unpacked(&self, n: usize) {
        let total = self.n_unpacked.get().saturating_add(n as u64);
        self.n_unpacked.set(total);
    }

    /// Whether more may be unpacked. That it may not is noted once.
    pub(super) fn may_unpack(&self, limits: &Limits) -> bool {
        if self.is_exhausted() {
            return false;
        }
        let n_unpacked = self.n_unpacked.get();
        let ratio_limit = self.n_disk().saturating_mul(limits.max_ratio);
        let detail = if n_unpacked > limits.max_decoded {
            format!("unpacks to more than {} bytes", limits.max_decoded)
        } else if n_unpacked > limits.ratio_floor && n_unpacked > ratio_limit {
            format!("unpacks to more than {} times its size", limits.max_ratio)
        } else {
            return true;
        };
        self.note(ProblemKind::TooLarge, detail);
        self.is_exhausted.set(true);
        false
    }
}

/// The content of a file, or of a member of an archive.
pub(super) struct Opened<'f> {
    /// The decoded bytes. Empty when the format cannot be read.
    pub(super) reader: Box<dyn BufRead + 'f>,
    /// The layers removed, outermost first: `gzip`, `UTF-16`.
    pub(super) layers: Vec<&'static str>,
    /// What the bytes are.
    pub(super) content: Content,
}

/// Opens the layers of `file`, whose bytes are counted in `tracker`.
pub(super) fn open<'f>(
    file: Box<dyn Read + 'f>,
    limits: &Limits,
    tracker: &Rc<Tracker>,
) -> Opened<'f> {
    #[cfg(any(test, fuzzing))]
    let file = Box::new(super::fuzzing::Stride::new(file, limits.stride));
    let disk = Disk {
        inner: BufReader::with_capacity(BUFFER_BYTES, file),
        tracker: Rc::clone(tracker),
    };
    open_layers(Box::new(disk), limits, tracker)
}

/// Opens the layers of one member of an archive, which is open itself.
pub(super) fn open_member<'f>(
    member: Box<dyn Read + 'f>,
    limits: &Limits,
    tracker: &Rc<Tracker>,
) -> Opened<'f> {
    let buffered = BufReader::with_capacity(BUFFER_BYTES, member);
    open_layers(Box::new(buffered), limits, tracker)
}

fn open_layers<'f>(
    outside: Box<dyn BufRead + 'f>,
    limits: &Limits,
    tracker: &Rc<Tracker>,
) -> Opened<'f> {
    let mut layers = Vec::new();
    let (mut head, mut reader) = peek(outside);
    let content = loop {
        match sniff::format(&head) {
            Format::Packed(codec) if layers.len() < MAX_LAYERS => {
                layers.push(codec.name());
                let guarded = Guard {
                    inner: unpack(codec, reader, tracker),
                    limits: *limits,
                    tracker: Rc::clone(tracker),
                };
                let unpacked = BufReader::with_capacity(BUFFER_BYTES, guarded);
                (head, reader) = peek(Box::new(unpacked));
            }
            Format::Packed(codec) => {
                let name = codec.name();
                let detail = format!("{name} nested more than {MAX_LAYERS} times");
                return refuse(tracker, detail, layers);
            }
            Format::Refused(name) => return refuse(tracker, name, layers),
            Format::Utf16(order) => {
                layers.push("UTF-16");
                let text = utf16::Utf16::new(reader, order);
                (head, reader) = peek(Box::new(BufReader::new(text)));
                match sniff::format(&head) {
                    Format::Refused(name) => return refuse(tracker, name, layers),
                    _ => break Content::Text,
                }
            }
            Format::Is(content) => break content,
        }
    };
    if content == Content::Text {
        reader = Box::new(Counted {
            inner: reader,
            tracker: Rc::clone(tracker),
        });
    }
    #[cfg(any(test, fuzzing))]
    let reader = Box::new(super::fuzzing::Stride::new(reader, limits.stride));
    Opened {
        reader,
        layers,
        content,
    }
}

fn unpack<'f>(
    codec: Codec,
    packed: Box<dyn BufRead + 'f>,
    tracker: &Rc<Tracker>,
) -> Box<dyn Read + 'f> {
    let tracker = Rc::clone(tracker);
    match codec {
        Codec::Gzip => Box::new(Gunzip::new(packed, tracker)),
        Codec::Zstd => Box::new(Multi::<_, zstd::Frame<_>>::new(packed, tracker)),
        Codec::Bzip2 => Box::new(Multi::<_, bzip2::Stream<_>>::new(packed, tracker)),
        Codec::Xz => Box::new(Multi::<_, xz::Stream<_>>::new(packed, tracker)),
    }
}

fn refuse<'f>(tracker: &Tracker, what: impl Into<String>, layers: Vec<&'static str>) -> Opened<'f> {
    tracker.note(ProblemKind::Unsupported, what);
    Opened {
        reader: Box::new(io::empty()),
        layers,
        content: Content::Text,
    }
}

/// The first bytes of `reader`, and a reader that still delivers them.
fn peek<'f>(mut reader: Box<dyn BufRead + 'f>) -> (Vec<u8>, Box<dyn BufRead + 'f>) {
    let mut head = Vec::with_capacity(HEAD_BYTES);
    let mut limited = (&mut reader).take(HEAD_BYTES as u64);
    // The layers note their errors themselves and then end.
    let _ = limited.read_to_end(&mut head);
    let again: Chain<Cursor<Vec<u8>>, Box<dyn BufRead + 'f>> =
        Cursor::new(head.clone()).chain(reader);
    (head, Box::new(again))
}

/// The file itself: counts what is used of it, and ends at an error.
struct Disk<R> {
    inner: BufReader<R>,
    tracker: Rc<Tracker>,
}

impl<R: Read> Read for Disk<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.fill_buf()?.read(out)?;
        self.consume(n);
        Ok(n)
    }
}

impl<R: Read> BufRead for Disk<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.inner.buffer().is_empty() {
            match self.inner.fill_buf() {
                Ok(_) => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    self.tracker
                        .note(ProblemKind::Unreadable, error.to_string());
                    return Ok(&[]);
                }
            }
        }
        Ok(self.inner.buffer())
    }

    fn consume(&mut self, n: usize) {
        self.inner.consume(n);
        let n_disk = &self.tracker.n_disk;
        n_disk.set(n_disk.get().saturating_add(n as u64));
    }
}

/// Ends a layer that unpacks to more than the limits allow.
struct Guard<R> {
    inner: R,
    limits: Limits,
    tracker: Rc<Tracker>,
}

impl<R: Read> Read for Guard<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if !self.tracker.may_unpack(&self.limits) {
            return Ok(0);
        }
        let n = self.inner.read(out)?;
        self.tracker.count_unpacked(n);
        Ok(n)
    }
}

/// Counts the text that is delivered.
struct Counted<R> {
    inner: R,
    tracker: Rc<Tracker>,
}

impl<R: BufRead> Read for Counted<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(out)?;
        self.count(n);
        Ok(n)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, n: usize) {
        self.inner.consume(n);
        self.count(n);
    }
}

impl<R> Counted<R> {
    fn count(&self, n: usize) {
        let n_decoded = &self.tracker.n_decoded;
        n_decoded.set(n_decoded.get().saturating_add(n as u64));
    }
}
