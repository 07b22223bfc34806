//! From the bytes of a file to the bytes of its text: compression and encoding
//! removed, size and ratio guarded, every problem noted instead of raised.
//!
//! Formats are told by their first bytes, never by their names. The layers
//! deliver what is good and then end; what went wrong is in the [`Tracker`].

mod gunzip;
mod sniff;
mod utf16;
mod whole;

use std::cell::{Cell, RefCell};
use std::io::{self, BufRead, BufReader, Chain, Cursor, ErrorKind, Read};
use std::rc::Rc;

use super::Limits;
use super::coverage::{FileProblem, ProblemKind};
use crate::event::Untrusted;

use gunzip::Gunzip;
use sniff::Format;
pub(super) use whole::Whole;

/// Compression inside compression that is removed.
const MAX_LAYERS: usize = 3;

/// How much of the beginning is looked at to tell the format.
const HEAD_BYTES: usize = 4096;

const BUFFER_BYTES: usize = 64 * 1024;

/// What the layers of one file have seen so far; shared by all of them.
#[derive(Debug, Default)]
pub(super) struct Tracker {
    n_disk: Cell<u64>,
    n_decoded: Cell<u64>,
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

    /// Takes out what went wrong, in order.
    pub(super) fn take_problems(&self) -> Vec<FileProblem> {
        self.problems.take()
    }

    fn note(&self, kind: ProblemKind, detail: impl Into<String>) {
        self.problems.borrow_mut().push(FileProblem {
            kind,
            detail: Untrusted::from(detail.into()),
        });
    }
}

/// The text of a file.
pub(super) struct Text {
    /// The decoded bytes. Empty when the format cannot be read.
    pub(super) reader: Box<dyn Read>,
    /// The layers removed, outermost first: `gzip`, `UTF-16`.
    pub(super) layers: Vec<&'static str>,
}

/// Opens the layers of `file`, whose bytes are counted in `tracker`.
pub(super) fn open(file: Box<dyn Read>, limits: &Limits, tracker: &Rc<Tracker>) -> Text {
    let disk = Disk {
        inner: BufReader::with_capacity(BUFFER_BYTES, file),
        tracker: Rc::clone(tracker),
    };
    let mut layers = Vec::new();
    let (mut head, mut reader) = peek(Box::new(disk));
    loop {
        let format = sniff::format(&head);
        match format {
            Format::Gzip if layers.len() < MAX_LAYERS => {
                layers.push("gzip");
                let guarded = Guard {
                    inner: Gunzip::new(reader, Rc::clone(tracker)),
                    limits: *limits,
                    n_decoded: 0,
                    tracker: Rc::clone(tracker),
                };
                let unpacked = Box::new(BufReader::with_capacity(BUFFER_BYTES, guarded));
                (head, reader) = peek(unpacked);
            }
            Format::Gzip => {
                let detail = format!("gzip nested more than {MAX_LAYERS} times");
                return refuse(tracker, detail, layers);
            }
            Format::Unsupported(name) => return refuse(tracker, name, layers),
            Format::Utf16(order) => {
                layers.push("UTF-16");
                reader = Box::new(BufReader::new(utf16::Utf16::new(reader, order)));
                break;
            }
            Format::Text => break,
        }
    }
    let reader = Box::new(Counted {
        inner: reader,
        tracker: Rc::clone(tracker),
    });
    Text { reader, layers }
}

fn refuse(tracker: &Tracker, what: impl Into<String>, layers: Vec<&'static str>) -> Text {
    tracker.note(ProblemKind::Unsupported, what);
    Text {
        reader: Box::new(io::empty()),
        layers,
    }
}

/// The first bytes of `reader`, and a reader that still delivers them.
fn peek(mut reader: Box<dyn BufRead>) -> (Vec<u8>, Box<dyn BufRead>) {
    let mut head = Vec::with_capacity(HEAD_BYTES);
    let mut limited = (&mut reader).take(HEAD_BYTES as u64);
    // The layers note their errors themselves and then end.
    let _ = limited.read_to_end(&mut head);
    let again: Chain<Cursor<Vec<u8>>, Box<dyn BufRead>> = Cursor::new(head.clone()).chain(reader);
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
    n_decoded: u64,
    tracker: Rc<Tracker>,
}

impl<R: Read> Read for Guard<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let limits = &self.limits;
        let ratio_limit = self.tracker.n_disk().saturating_mul(limits.max_ratio);
        let detail = if self.n_decoded > limits.max_decoded {
            format!("unpacks to more than {} bytes", limits.max_decoded)
        } else if self.n_decoded > limits.ratio_floor && self.n_decoded > ratio_limit {
            format!("unpacks to more than {} times its size", limits.max_ratio)
        } else {
            let n = self.inner.read(out)?;
            self.n_decoded = self.n_decoded.saturating_add(n as u64);
            return Ok(n);
        };
        if self.n_decoded < u64::MAX {
            self.tracker.note(ProblemKind::TooLarge, detail);
            // Noted once; from here on the layer has ended.
            self.n_decoded = u64::MAX;
        }
        Ok(0)
    }
}

/// Counts the text that is delivered.
struct Counted<R> {
    inner: R,
    tracker: Rc<Tracker>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(out)?;
        let n_decoded = &self.tracker.n_decoded;
        n_decoded.set(n_decoded.get().saturating_add(n as u64));
        Ok(n)
    }
}
