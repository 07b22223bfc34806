//! Values that hold no others: strings, numbers, `true`, `false` and `null`.

use std::borrow::Cow;

use super::{Cursor, block};

/// Longer numbers are declined: they may not fit what they are read into.
const MAX_NUMBER_BYTES: usize = 15;

/// A value that is neither an object nor an array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::ingest) enum Scalar<'t> {
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
    /// Goes past `null`, if it is at the cursor.
    #[inline]
    pub(in crate::ingest) fn null(&mut self) -> bool {
        let bytes = self.text.as_bytes();
        let is_null = bytes.get(self.at..self.at + 4) == Some(b"null");
        self.at += if is_null { 4 } else { 0 };
        is_null
    }

    /// Goes past `true` or `false`, if it is at the cursor.
    #[inline]
    pub(in crate::ingest) fn bool(&mut self) -> Option<bool> {
        let rest = self.rest_bytes();
        let value = rest.starts_with(b"true");
        (value || rest.starts_with(b"false")).then_some(())?;
        self.at += if value { 4 } else { 5 };
        Some(value)
    }

    /// Whether the value at the cursor may begin like `text`: it may where an
    /// escape is in the way.
    #[inline]
    pub(in crate::ingest) fn may_be_at<const N: usize>(&self, text: &[u8; N]) -> bool {
        match self.rest_bytes().first_chunk() {
            Some(head) => head == text || head.contains(&b'\\'),
            None => true,
        }
    }

    /// The value at the cursor if it is neither an object nor an array.
    pub(in crate::ingest) fn scalar(&mut self) -> Option<Scalar<'t>> {
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
    pub(in crate::ingest) fn plain_string(&mut self) -> Option<&'t str> {
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

    /// The text up to the closing quote.
    #[inline]
    pub(super) fn rest_of_string(&mut self) -> Option<&'t str> {
        let rest = self.rest();
        let Some(n) = block::first_mark(rest.as_bytes()) else {
            self.at += rest.len();
            return self.cut();
        };
        let (text, rest) = rest.split_at_checked(n)?;
        rest.starts_with('"').then_some(())?;
        self.at += n + 1;
        Some(text)
    }

    #[inline]
    pub(super) fn skip_rest_of_string(&mut self) -> Option<()> {
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
        let rest = self.rest_bytes();
        let n = match block::first_mark(rest) {
            Some(n) => n,
            None => rest.len(),
        };
        self.at += n;
        match rest.get(n) {
            Some(mark) => Some(*mark),
            None => self.cut(),
        }
    }

    #[inline]
    pub(super) fn word(&mut self, word: &str) -> Option<()> {
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
