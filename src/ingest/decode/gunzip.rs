//! Gzip of any number of members.

use std::io::{self, BufRead, ErrorKind, Read};
use std::rc::Rc;

use flate2::{Decompress, FlushDecompress, Status};

use super::Tracker;
use crate::ingest::coverage::ProblemKind;

/// Base-two logarithm of the window that gzip looks back in.
const WINDOW_BITS: u8 = 15;

/// One member.
struct Member<R> {
    reader: R,
    inflate: Decompress,
    has_ended: bool,
}

impl<R> Member<R> {
    /// The member that `reader` begins with.
    fn new(reader: R) -> Self {
        Self {
            reader,
            inflate: Decompress::new_gzip(WINDOW_BITS),
            has_ended: false,
        }
    }
}

impl<R: BufRead> Read for Member<R> {
    /// What was unpacked before the damage is delivered first, however much is
    /// asked for at once: the damage is found again by the next read.
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while !self.has_ended {
            let input = self.reader.fill_buf()?;
            let (read, written) = (self.inflate.total_in(), self.inflate.total_out());
            let status = self.inflate.decompress(input, out, FlushDecompress::None);
            let so_far = |total: u64, before| usize::try_from(total.saturating_sub(before));
            let n_read = so_far(self.inflate.total_in(), read).unwrap_or_default();
            let n = so_far(self.inflate.total_out(), written).unwrap_or_default();
            self.reader.consume(n_read);
            self.has_ended = matches!(status, Ok(Status::StreamEnd));
            match status {
                _ if n > 0 => return Ok(n),
                Err(_) => return Err(io::Error::other("the gzip stream is damaged")),
                Ok(Status::StreamEnd) => {}
                Ok(_) if n_read == 0 => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(_) => {}
            }
        }
        Ok(0)
    }
}

/// Delivers all members one after the other, as far as they are good, and
/// notes why it stopped where that was not the end.
pub(super) struct Gunzip<R> {
    /// The current member; absent after the end.
    member: Option<Member<R>>,
    is_first: bool,
    /// Whether the current member has delivered anything.
    has_delivered: bool,
    tracker: Rc<Tracker>,
}

impl<R: BufRead> Gunzip<R> {
    /// Unpacks `reader`.
    pub(super) fn new(reader: R, tracker: Rc<Tracker>) -> Self {
        Self {
            member: Some(Member::new(reader)),
            is_first: true,
            has_delivered: false,
            tracker,
        }
    }

    /// Begins the next member, if there is one.
    fn next_member(&mut self) -> io::Result<()> {
        let Some(mut reader) = self.member.take().map(|member| member.reader) else {
            return Ok(());
        };
        match reader.fill_buf()?.first() {
            None => return Ok(()),
            Some(0x1f) => self.member = Some(Member::new(reader)),
            Some(_) => self.note(
                ProblemKind::TrailingGarbage,
                "bytes that are no gzip member",
            ),
        }
        self.is_first = false;
        self.has_delivered = false;
        Ok(())
    }

    fn fail(&mut self, error: &io::Error) {
        self.member = None;
        if error.kind() == ErrorKind::UnexpectedEof {
            self.note(ProblemKind::Truncated, "the gzip stream ends early");
        } else if self.is_first || self.has_delivered {
            self.note(ProblemKind::Corrupt, &error.to_string());
        } else {
            self.note(
                ProblemKind::TrailingGarbage,
                "bytes that are no gzip member",
            );
        }
    }

    fn note(&self, kind: ProblemKind, what: &str) {
        self.tracker.note_here(kind, what);
    }
}

impl<R: BufRead> Read for Gunzip<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        while let Some(member) = &mut self.member {
            match member.read(out) {
                Ok(0) => self.next_member()?,
                Ok(n) => {
                    self.has_delivered = true;
                    return Ok(n);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => self.fail(&error),
            }
        }
        Ok(0)
    }
}
