//! The containers around the current record whose elements are streamed.

use crate::ingest::keys::Keys;

/// How many containers may be streamed inside each other; a deeper one is
/// taken for a record.
const MAX_FRAMES: usize = 12;

/// One container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Frame {
    Array,
    /// An array whose elements are arrays, each of them one record.
    Rows,
    Object,
}

impl Frame {
    /// The array under the envelope's `key`.
    pub(super) fn under(key: Keys) -> Self {
        if key.has_any(Keys::OF_ROWS) {
            Self::Rows
        } else {
            Self::Array
        }
    }
}

/// The open containers, outermost first.
#[derive(Debug, Default)]
pub(super) struct Frames {
    open: Vec<Frame>,
    /// Offset of the line on which the outermost one was opened.
    line: u64,
}

impl Frames {
    pub(super) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// Whether an envelope (`hits.hits` is the deepest) may be opened.
    pub(super) fn has_room(&self) -> bool {
        self.open.len() + 3 <= MAX_FRAMES
    }

    /// Whether the outermost container was opened on the line at `line`.
    pub(super) fn began_on(&self, line: u64) -> bool {
        !self.is_empty() && self.line == line
    }

    /// Whether an array that begins here is a record.
    pub(super) fn holds_rows(&self) -> bool {
        self.open.last() == Some(&Frame::Rows)
    }

    /// Opens a container on the line at `line`.
    pub(super) fn push(&mut self, frame: Frame, line: u64) {
        if self.is_empty() {
            self.line = line;
        }
        self.open.push(frame);
    }

    /// Closes the innermost container if it is an array. True when an object
    /// is around it.
    pub(super) fn close_array(&mut self) -> bool {
        self.close(&[Frame::Array, Frame::Rows])
    }

    /// Closes the innermost container if it is an object. True when another
    /// object is around it.
    pub(super) fn close_object(&mut self) -> bool {
        self.close(&[Frame::Object])
    }

    /// Forgets all containers: the document is broken.
    pub(super) fn clear(&mut self) {
        self.open.clear();
    }

    fn close(&mut self, frames: &[Frame]) -> bool {
        if self.open.last().is_some_and(|last| frames.contains(last)) {
            self.open.pop();
            return self.open.last() == Some(&Frame::Object);
        }
        false
    }
}
