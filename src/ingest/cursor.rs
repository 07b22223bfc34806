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

    #[inline]
    fn rest_bytes(&self) -> &'t [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
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
        match self.peek()? {
            byte if byte > b' ' => Some(byte),
            _ => self.pass_blanks(),
        }
    }

    #[cold]
    fn pass_blanks(&mut self) -> Option<u8> {
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
            let key = self.key()?;
            member(self, key)?;
            has_more = self.next_member()?;
        }
        Some(())
    }

    /// Reads a key, from behind its quote to its value: it and its position in
    /// `order`.
    #[inline]
    pub(super) fn key_in<const N: usize>(
        &mut self,
        order: &mut Order<N>,
        last: Option<usize>,
    ) -> Option<(usize, &'t str)> {
        let expected = order.expected(last);
        if let Some((at, key)) = expected
            && let Some(len) = key.len_at(self.rest_bytes())
        {
            self.at += len;
            self.next_byte()?;
            return Some((at, order.name(at)));
        }
        let key = self.key()?;
        Some((order.find(last, key), key))
    }

    /// Takes members out as long as each has the key that is expected, one of the
    /// first `T`, and a text without escapes, and another member follows. Each
    /// text goes where `texts` has room for it, the empty ones too, and `note` is
    /// told which it is. From behind the quote of a key to behind that of
    /// another; gives the last key.
    #[inline]
    pub(super) fn expected_texts<const N: usize, const T: usize>(
        &mut self,
        order: &Order<N>,
        mut last: Option<usize>,
        texts: &mut [&'t str; T],
        mut note: impl FnMut(usize),
    ) -> Option<usize> {
        while let Some((at, key)) = order.expected(last)
            && let Some(place) = texts.get_mut(at)
            && let Some((text, end)) = self.inner_text(key)
        {
            *place = text;
            note(at);
            self.at = end;
            last = Some(at);
        }
        last
    }

    /// The text without escapes of the member `key`, if it is at the cursor and
    /// another one follows at once, and where the key of that begins.
    #[inline]
    fn inner_text(&self, key: &order::Key) -> Option<(&'t str, usize)> {
        let rest = self.rest_bytes();
        let n_key = key.len_at(rest)?;
        let (quote, body) = rest.get(n_key..)?.split_first()?;
        let n = block::first_mark(body)?;
        let is_inner = *quote == b'"' && body.get(n..)?.first_chunk() == Some(b"\",\"");
        is_inner.then_some(())?;
        let from = self.at + n_key + 1;
        Some((self.text.get(from..from + n)?, from + n + 3))
    }

    /// Takes members out as long as each has a text without escapes and is
    /// followed at once by another or by the end of the object: `member` is told
    /// key and text. From behind the quote of a key to behind that of another, or
    /// out of the object; false there.
    #[inline]
    pub(super) fn texts(
        &mut self,
        mut member: impl FnMut(&'t str, &'t str) -> Option<()>,
    ) -> Option<bool> {
        loop {
            let rest = self.rest();
            let Some((key, text)) = plain_member(rest) else {
                return Some(true);
            };
            let end = self.at + key.len() + text.len() + 3;
            match self.text.as_bytes().get(end..)?.first_chunk::<3>() {
                Some(b"\",\"") => self.at = end + 3,
                Some([b'"', b'}', _]) => {
                    self.at = end + 1;
                    self.close();
                    member(key, text)?;
                    return Some(false);
                }
                _ => return Some(true),
            }
            member(key, text)?;
        }
    }

    /// Reads a key, from behind its quote to its value.
    #[inline]
    pub(super) fn key(&mut self) -> Option<&'t str> {
        let key = self.rest_of_string()?;
        self.colon()?;
        Some(key)
    }

    /// Goes to the first key of the object at the cursor, behind its quote;
    /// false where there is none.
    #[inline]
    pub(super) fn open_object(&mut self) -> Option<bool> {
        self.open(b'{')?;
        if self.next_byte()? == b'}' {
            self.close();
            return Some(false);
        }
        self.expect(b'"').map(|()| true)
    }

    /// Goes to the next key, behind its quote, or out of the object.
    #[inline]
    pub(super) fn next_member(&mut self) -> Option<bool> {
        if self.rest_bytes().first_chunk() == Some(b",\"") {
            self.at += 2;
            return Some(true);
        }
        self.close_or_next()
    }

    /// As [`Cursor::next_member`], whatever is next.
    fn close_or_next(&mut self) -> Option<bool> {
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
            b't' => self.word("true"),
            b'f' => self.word("false"),
            b'n' => self.word("null"),
            _ => self.scalar().map(|_| ()),
        }
    }

    fn skip_object(&mut self) -> Option<()> {
        let mut has_more = self.open_object()?;
        while has_more && self.texts(|_, _| Some(()))? {
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
        if let Some([b':', byte]) = self.rest_bytes().first_chunk()
            && *byte > b' '
        {
            self.at += 1;
            return Some(());
        }
        (self.next_byte()? == b':').then_some(())?;
        self.at += 1;
        self.next_byte().map(|_| ())
    }
}

/// Key and text of the member whose key `rest` begins with, behind its quote, if
/// nothing is between them and neither has an escape.
#[inline]
fn plain_member(rest: &str) -> Option<(&str, &str)> {
    let n_key = block::first_mark(rest.as_bytes())?;
    let (key, rest) = rest.split_at_checked(n_key)?;
    let rest = rest.strip_prefix("\":\"")?;
    let n_text = block::first_mark(rest.as_bytes())?;
    Some((key, rest.get(..n_text)?))
}
