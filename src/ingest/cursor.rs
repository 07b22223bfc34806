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

use std::borrow::Cow;

use crate::ingest::structure::MAX_DEPTH;

pub(super) use order::{Key, Order};

/// Nesting beyond which the cursor declines. Real records have less than ten
/// levels.
const DEEPEST: u32 = 32;

/// Longer numbers are declined: they may not fit what they are read into.
const MAX_NUMBER_BYTES: usize = 15;

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

/// A value that is neither an object nor an array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Scalar<'t> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number as it is written, without exponent.
    Number(&'t str),
    /// A string, borrowed where it has no escapes.
    Text(Cow<'t, str>),
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

    /// Goes past `null`, if it is at the cursor.
    #[inline]
    pub(super) fn null(&mut self) -> bool {
        let bytes = self.text.as_bytes();
        let is_null = bytes.get(self.at..self.at + 4) == Some(b"null");
        self.at += if is_null { 4 } else { 0 };
        is_null
    }

    /// Whether the value at the cursor may begin like `text`: it may where an
    /// escape is in the way.
    #[inline]
    pub(super) fn may_be_at(&self, text: &str) -> bool {
        let bytes = self.text.as_bytes();
        let head = bytes.get(self.at..).unwrap_or_default();
        let head = head.get(..text.len()).unwrap_or(head);
        head == text.as_bytes() || head.contains(&b'\\')
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

    /// The value at the cursor if it is neither an object nor an array.
    pub(super) fn scalar(&mut self) -> Option<Scalar<'t>> {
        match self.peek()? {
            b'"' => self.string().map(Scalar::Text),
            b'n' => self.word("null").map(|()| Scalar::Null),
            b't' => self.word("true").map(|()| Scalar::Bool(true)),
            b'f' => self.word("false").map(|()| Scalar::Bool(false)),
            b'-' | b'0'..=b'9' => self.number().map(Scalar::Number),
            _ => None,
        }
    }

    /// The string at the cursor, if it has no escapes; else nothing was read.
    #[inline]
    pub(super) fn plain_string(&mut self) -> Option<&'t str> {
        let from = self.at;
        if self.text.as_bytes().get(from) == Some(&b'"') {
            self.at += 1;
            if let Some(text) = self.rest_of_string() {
                return Some(text);
            }
            self.at = from;
        }
        None
    }

    /// The string at the cursor.
    fn string(&mut self) -> Option<Cow<'t, str>> {
        self.at += 1;
        let from = self.at;
        match self.rest_of_string() {
            Some(text) => Some(Cow::Borrowed(text)),
            None if self.is_cut => None,
            None => {
                self.at = from;
                self.rest_of_escaped().map(Cow::Owned)
            }
        }
    }

    /// The text of a string with escapes, from behind its quote.
    #[cold]
    fn rest_of_escaped(&mut self) -> Option<String> {
        let from = self.at.checked_sub(1)?;
        while self.mark()? != b'"' {
            // A backslash and what it escapes; what else it is, is not ours to
            // judge.
            self.at += 2;
        }
        self.at += 1;
        serde_json::from_str(self.text.get(from..self.at)?).ok()
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

    /// The text up to the closing quote.
    #[inline]
    fn rest_of_string(&mut self) -> Option<&'t str> {
        let from = self.at;
        (self.mark()? == b'"').then_some(())?;
        let text = self.text.get(from..self.at)?;
        self.at += 1;
        Some(text)
    }

    #[inline]
    fn skip_rest_of_string(&mut self) -> Option<()> {
        let from = self.at;
        loop {
            let mark = self.mark()?;
            self.at += 1;
            match mark {
                b'"' => return Some(()),
                b'\\' if matches!(self.peek()?, b'"' | b'\\' | b'/' | b'n' | b'r' | b't') => {
                    self.at += 1;
                }
                b'\\' => {
                    self.at = from;
                    return self.rest_of_escaped().map(|_| ());
                }
                _ => return None,
            }
        }
    }

    /// Goes to the next quote, backslash or control character.
    #[inline]
    fn mark(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        loop {
            let rest = bytes.get(self.at..).unwrap_or_default();
            let (marks, n) = match rest.first_chunk() {
                Some(block) => (block::marks(*block), block::BYTES),
                None => (block::marks_by_byte(rest), rest.len()),
            };
            if marks != 0 {
                self.at += marks.trailing_zeros() as usize;
                return self.peek();
            }
            self.at += n;
            if n < block::BYTES {
                return self.cut();
            }
        }
    }

    #[inline]
    fn word(&mut self, word: &str) -> Option<()> {
        let rest = self.text.as_bytes().get(self.at..)?;
        if !rest.starts_with(word.as_bytes()) {
            self.is_cut |= rest.len() < word.len();
            return None;
        }
        self.at += word.len();
        Some(())
    }

    fn number(&mut self) -> Option<&'t str> {
        let from = self.at;
        if self.peek()? == b'-' {
            self.at += 1;
        }
        let first = self.at;
        let is_zero = self.peek()? == b'0';
        let n_digits = self.digits()?;
        // `007` is no number.
        (n_digits == 1 || n_digits > 1 && !is_zero && first < self.at).then_some(())?;
        if self.peek()? == b'.' {
            self.at += 1;
            (self.digits()? > 0).then_some(())?;
        }
        if matches!(self.peek()?, b'e' | b'E') {
            return None;
        }
        self.text
            .get(from..self.at)
            .filter(|number| number.len() <= MAX_NUMBER_BYTES)
    }

    /// Goes past digits and counts them.
    fn digits(&mut self) -> Option<usize> {
        let from = self.at;
        while self.peek()?.is_ascii_digit() {
            self.at += 1;
        }
        Some(self.at - from)
    }
}
