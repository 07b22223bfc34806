//! A cursor reads forward over JSON text: what is wanted is taken out as slices
//! of the text, and the rest is gone past, every byte of it checked.
//!
//! It is the fast way to read records, and not the authority on them. What it
//! reads to the end, `serde_json` would read alike; whatever it does not need to
//! know (escapes in a wanted text, odd numbers, deep nesting) and whatever is
//! wrong it declines, and then `serde_json` decides. Hence no method says what
//! was the matter: `None` means "not by me".

mod block;

use crate::ingest::structure::MAX_DEPTH;

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

/// A value that is no string: what it says, and no more than that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scalar<'t> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number as it is written, without exponent.
    Number(&'t str),
    /// A string without escapes.
    Text(&'t str),
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
        let byte = self.text.as_bytes().get(self.at).copied();
        self.is_cut |= byte.is_none();
        byte
    }

    /// Whether `text` is at the cursor.
    #[inline]
    pub(super) fn is_at(&self, text: &str) -> bool {
        let rest = self.text.as_bytes().get(self.at..);
        rest.is_some_and(|rest| rest.starts_with(text.as_bytes()))
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
        self.open(b'{')?;
        if self.next_byte()? == b'}' {
            return self.close();
        }
        loop {
            self.expect(b'"')?;
            let key = self.rest_of_string()?;
            self.colon()?;
            member(self, key)?;
            match self.next_byte()? {
                b',' => self.at += 1,
                b'}' => return self.close(),
                _ => return None,
            }
            self.next_byte()?;
        }
    }

    /// Goes over the elements of the array at the cursor: `element` reads or
    /// skips each.
    #[inline]
    pub(super) fn array(&mut self, mut element: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.open(b'[')?;
        if self.next_byte()? == b']' {
            return self.close();
        }
        loop {
            element(self)?;
            match self.next_byte()? {
                b',' => self.at += 1,
                b']' => return self.close(),
                _ => return None,
            }
            self.next_byte()?;
        }
    }

    /// The value at the cursor if it is neither an object nor an array.
    #[inline]
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

    /// The string at the cursor, which has no escapes.
    #[inline]
    pub(super) fn string(&mut self) -> Option<&'t str> {
        self.expect(b'"')?;
        self.rest_of_string()
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
        self.open(b'{')?;
        if self.next_byte()? == b'}' {
            return self.close();
        }
        loop {
            self.expect(b'"')?;
            self.skip_rest_of_string()?;
            self.colon()?;
            self.skip()?;
            match self.next_byte()? {
                b',' => self.at += 1,
                b'}' => return self.close(),
                _ => return None,
            }
            self.next_byte()?;
        }
    }

    #[inline]
    fn open(&mut self, bracket: u8) -> Option<()> {
        self.expect(bracket)?;
        self.depth += 1;
        (self.depth <= self.max_depth).then_some(())
    }

    #[inline]
    fn close(&mut self) -> Option<()> {
        self.at += 1;
        self.depth -= 1;
        Some(())
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
        loop {
            let mark = self.mark()?;
            self.at += 1;
            match mark {
                b'"' => return Some(()),
                b'\\' => {
                    // Whether `\u` stands for a character depends on the next.
                    let is_simple = matches!(
                        self.peek()?,
                        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't'
                    );
                    is_simple.then_some(())?;
                    self.at += 1;
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
                self.is_cut = true;
                return None;
            }
        }
    }

    #[inline]
    fn word(&mut self, word: &str) -> Option<()> {
        if !self.is_at(word) {
            self.is_cut |= self.text.len() - self.at < word.len();
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
