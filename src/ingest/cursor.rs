//! A cursor reads forward over JSON text: what is wanted is taken out as slices
//! of the text, and the rest is gone past, every byte of it checked.
//!
//! It is the fast way to read records, and not the authority on them. What it
//! reads to the end, `serde_json` would read alike; whatever it does not need to
//! know (escapes in a key, odd numbers, deep nesting) and whatever is wrong it
//! declines, and then `serde_json` decides. Hence no method says what
//! was the matter: `None` means "not by me".

mod block;
mod order;
mod scalar;

use crate::ingest::structure::MAX_DEPTH;

pub(super) use order::{Key, Order};
pub(super) use scalar::Scalar;

/// Nesting beyond which the cursor declines. Real records have less than ten
/// levels.
const DEEPEST: u32 = 32;

/// A place in a text, and what lies behind it.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'t> {
    text: &'t str,
    at: usize,
    depth: u32,
    max_depth: u32,
    line_break: Option<usize>,
    is_cut: bool,
}

impl<'t> Cursor<'t> {
    /// At the beginning of `text`, of which values nested deeper than
    /// `max_depth` are declined.
    pub(super) fn new(text: &'t str, max_depth: u32) -> Self {
        Self {
            text,
            at: 0,
            depth: 0,
            max_depth: max_depth.min(DEEPEST).min(MAX_DEPTH),
            line_break: None,
            is_cut: false,
        }
    }

    /// How many bytes were read.
    pub(super) fn offset(&self) -> usize {
        self.at
    }

    /// What was not read yet.
    #[inline]
    pub(super) fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Goes past `n_bytes` that are known to be a value on one line.
    pub(super) fn pass(&mut self, n_bytes: usize) {
        self.at += n_bytes;
    }

    /// Offset of the last line break that was read.
    pub(super) fn line_break(&self) -> Option<usize> {
        self.line_break
    }

    /// Whether the cursor declined because the text ended.
    pub(super) fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// The byte at the cursor.
    #[inline]
    pub(super) fn peek(&mut self) -> Option<u8> {
        match self.text.as_bytes().get(self.at) {
            Some(byte) => Some(*byte),
            None => self.cut(),
        }
    }

    #[cold]
    fn cut<T>(&mut self) -> Option<T> {
        self.is_cut = true;
        None
    }

    /// Goes past `byte`, or declines.
    #[inline]
    fn expect(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then_some(())?;
        self.at += 1;
        Some(())
    }

    /// Goes past blanks to the next byte.
    #[inline]
    fn next_byte(&mut self) -> Option<u8> {
        loop {
            match self.peek()? {
                b' ' | b'\t' | b'\r' => {}
                b'\n' => self.line_break = Some(self.at),
                byte => return Some(byte),
            }
            self.at += 1;
        }
    }

    /// Goes over the members of the object at the cursor: `member` is told each
    /// key and reads or skips its value.
    #[inline]
    pub(super) fn object(
        &mut self,
        mut member: impl FnMut(&mut Self, &'t str) -> Option<()>,
    ) -> Option<()> {
        let mut has_more = self.open_object()?;
        while has_more {
            let key = self.rest_of_string()?;
            self.colon()?;
            member(self, key)?;
            has_more = self.next_member()?;
        }
        Some(())
    }

    /// As [`Cursor::object`], each key being told by its position in `order`.
    #[inline]
    pub(super) fn object_in<const N: usize>(
        &mut self,
        order: &mut Order<N>,
        mut member: impl FnMut(&mut Self, usize, &'t str) -> Option<()>,
    ) -> Option<()> {
        let mut last = None;
        let mut has_more = self.open_object()?;
        while has_more {
            let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
            let expected = order.expected(last);
            let known = expected.and_then(|(at, key)| Some((at, key.len_at(rest)?)));
            let (at, key) = match known {
                Some((at, len)) => {
                    self.at += len;
                    self.next_byte()?;
                    (at, order.name(at))
                }
                None => {
                    let key = self.rest_of_string()?;
                    self.colon()?;
                    (order.find(last, key), key)
                }
            };
            last = Some(at);
            member(self, at, key)?;
            has_more = self.next_member()?;
        }
        Some(())
    }

    /// Goes to the first key of the object at the cursor, behind its quote;
    /// false where there is none.
    #[inline]
    fn open_object(&mut self) -> Option<bool> {
        self.open(b'{')?;
        if self.next_byte()? == b'}' {
            self.close();
            return Some(false);
        }
        self.expect(b'"').map(|()| true)
    }

    /// Goes to the next key, behind its quote, or out of the object.
    #[inline]
    fn next_member(&mut self) -> Option<bool> {
        match self.next_byte()? {
            b',' => {
                self.at += 1;
                self.next_byte()?;
                self.expect(b'"').map(|()| true)
            }
            b'}' => {
                self.close();
                Some(false)
            }
            _ => None,
        }
    }

    /// Goes over the elements of the array at the cursor: `element` reads or
    /// skips each.
    #[inline]
    pub(super) fn array(&mut self, mut element: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.open(b'[')?;
        if self.next_byte()? == b']' {
            self.close();
            return Some(());
        }
        loop {
            element(self)?;
            match self.next_byte()? {
                b',' => self.at += 1,
                b']' => {
                    self.close();
                    return Some(());
                }
                _ => return None,
            }
            self.next_byte()?;
        }
    }

    /// Goes past the value at the cursor, whatever it is.
    pub(super) fn skip(&mut self) -> Option<()> {
        match self.peek()? {
            b'"' => {
                self.at += 1;
                self.skip_rest_of_string()
            }
            b'{' => self.skip_object(),
            b'[' => self.array(Self::skip),
            _ => self.scalar().map(|_| ()),
        }
    }

    fn skip_object(&mut self) -> Option<()> {
        let mut has_more = self.open_object()?;
        while has_more {
            self.skip_rest_of_string()?;
            self.colon()?;
            self.skip()?;
            has_more = self.next_member()?;
        }
        Some(())
    }

    #[inline]
    fn open(&mut self, bracket: u8) -> Option<()> {
        self.expect(bracket)?;
        self.depth += 1;
        (self.depth <= self.max_depth).then_some(())
    }

    #[inline]
    fn close(&mut self) {
        self.at += 1;
        self.depth -= 1;
    }

    /// Goes from a key to its value.
    #[inline]
    fn colon(&mut self) -> Option<()> {
        (self.next_byte()? == b':').then_some(())?;
        self.at += 1;
        self.next_byte().map(|_| ())
    }
}
