//! Gzip of any number of members.

use std::io::{self, BufRead, ErrorKind, Read};
use std::rc::Rc;

use flate2::bufread::GzDecoder;

use super::Tracker;
use crate::ingest::coverage::ProblemKind;

/// Delivers all members one after the other, as far as they are good, and
/// notes why it stopped where that was not the end.
pub(super) struct Gunzip<R> {
    /// The current member; absent after the end.
    member: Option<GzDecoder<R>>,
    is_first: bool,
    /// Whether the current member has delivered anything.
    has_delivered: bool,
    tracker: Rc<Tracker>,
}

impl<R: BufRead> Gunzip<R> {
    /// Unpacks `reader`.
    pub(super) fn new(reader: R, tracker: Rc<Tracker>) -> Self {
        Self {
            member: Some(GzDecoder::new(reader)),
            is_first: true,
            has_delivered: false,
            tracker,
        }
    }

    /// Begins the next member, if there is one.
    fn next_member(&mut self) -> io::Result<()> {
        let Some(mut reader) = self.member.take().map(GzDecoder::into_inner) else {
            return Ok(());
        };
        match reader.fill_buf()?.first() {
            None => return Ok(()),
            Some(0x1f) => self.member = Some(GzDecoder::new(reader)),
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
