//! Compressed files that are several streams, one after the other.

use std::io::{self, BufRead, ErrorKind, Read};
use std::rc::Rc;

use super::Tracker;
use crate::ingest::coverage::ProblemKind;

/// One stream of a compressed format.
pub(super) trait Stream<R>: Read + Sized {
    /// What one is called: `bzip2 stream`.
    const NAME: &'static str;

    /// Begins to unpack the stream that `reader` begins with.
    fn begin(reader: R) -> io::Result<Self>;

    /// The reader, behind the stream if that has ended.
    fn into_inner(self) -> R;

    /// Whether a stream may begin with `byte`.
    fn may_begin_with(byte: u8) -> bool;

    /// Whether `byte` may stand between streams.
    fn is_padding(byte: u8) -> bool {
        let _ = byte;
        false
    }

    /// What to say of an error that is a limit of ours and no damage.
    fn refusal(error: &io::Error) -> Option<&'static str> {
        let _ = error;
        None
    }
}

/// Delivers all streams one after the other, as far as they are good, and notes
/// why it stopped where that was not the end.
pub(super) struct Multi<R, S> {
    place: Place<R, S>,
    is_first: bool,
    /// Whether the current stream has delivered anything.
    has_delivered: bool,
    tracker: Rc<Tracker>,
}

enum Place<R, S> {
    Between(R),
    Inside(S),
    Ended,
}

impl<R: BufRead, S: Stream<R>> Multi<R, S> {
    /// Unpacks `reader`, which begins with a stream.
    pub(super) fn new(reader: R, tracker: Rc<Tracker>) -> Self {
        Self {
            place: Place::Between(reader),
            is_first: true,
            has_delivered: false,
            tracker,
        }
    }

    /// Begins the next stream, if there is one.
    fn begin(&mut self, mut reader: R) -> io::Result<()> {
        let next = loop {
            match reader.fill_buf()?.first().copied() {
                Some(byte) if S::is_padding(byte) => reader.consume(1),
                next => break next,
            }
        };
        match next {
            None => {}
            Some(byte) if S::may_begin_with(byte) => {
                self.has_delivered = false;
                match S::begin(reader) {
                    Ok(stream) => self.place = Place::Inside(stream),
                    Err(error) => self.fail(&error),
                }
            }
            Some(_) => self.note_garbage(),
        }
        Ok(())
    }

    fn fail(&mut self, error: &io::Error) {
        let name = S::NAME;
        if let Some(refusal) = S::refusal(error) {
            self.tracker.note(ProblemKind::Unsupported, refusal);
        } else if error.kind() == ErrorKind::UnexpectedEof {
            let what = format!("the {name} ends early");
            self.tracker.note_here(ProblemKind::Truncated, &what);
        } else if self.is_first || self.has_delivered {
            let what = format!("damaged {name}: {error}");
            self.tracker.note_here(ProblemKind::Corrupt, &what);
        } else {
            self.note_garbage();
        }
    }

    fn note_garbage(&self) {
        let what = format!("bytes that are no {}", S::NAME);
        self.tracker.note_here(ProblemKind::TrailingGarbage, &what);
    }
}

impl<R: BufRead, S: Stream<R>> Read for Multi<R, S> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        loop {
            match std::mem::replace(&mut self.place, Place::Ended) {
                Place::Ended => return Ok(0),
                Place::Between(reader) => self.begin(reader)?,
                Place::Inside(mut stream) => match stream.read(out) {
                    Ok(0) => {
                        self.is_first = false;
                        self.place = Place::Between(stream.into_inner());
                    }
                    Ok(n) => {
                        self.has_delivered = true;
                        self.place = Place::Inside(stream);
                        return Ok(n);
                    }
                    Err(error) if error.kind() == ErrorKind::Interrupted => {
                        self.place = Place::Inside(stream);
                    }
                    Err(error) => self.fail(&error),
                },
            }
        }
    }
}
