//! The structure of JSON text: where a value ends, how deep it goes and which
//! telling keys it has, found without reading what it says.
//!
//! A [`Scan`] goes over each byte once, can stop at any byte and go on later,
//! and never recurses: nesting is a counter and one bit per level. It is
//! deliberately lenient, because the text of every value that it delimits is
//! judged by `serde_json` afterwards. What it must be strict about is where a
//! damaged value ends, so that the damage costs only that value.

use super::keys::Keys;

/// Nesting that a [`Scan`] can follow exactly; one bit of a `u128` each.
pub(super) const MAX_DEPTH: u32 = 128;

/// Separates records in RFC 7464 text sequences.
pub(super) const RECORD_SEPARATOR: u8 = 0x1e;

/// The longest key that [`Keys`] knows.
const MAX_KEY_BYTES: usize = 32;

/// What a [`Scan`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The value goes on after the given bytes.
    More,
    /// The value ended with the byte just read.
    Done,
    /// The opening bracket of an array whose elements are records was just
    /// read; the object around it is only a wrapper.
    Stream,
    /// The value cannot be JSON. The next thing begins at this offset from the
    /// beginning of the value.
    Broken {
        /// Offset of the next thing.
        resume: u64,
    },
    /// The value is nested deeper than allowed.
    TooDeep,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Outside,
    InString,
    AfterBackslash,
}

/// The state of going over one JSON value.
#[derive(Clone, Debug)]
pub(super) struct Scan {
    depth: u64,
    max_depth: u64,
    /// Innermost container in the lowest bit; set for arrays.
    arrays: u128,
    place: Place,
    /// Keys whose arrays hold records; none where nothing is to be streamed.
    streams: Keys,
    expects_key: bool,
    key: Option<Key>,
    last_key: Keys,
    keys: Keys,
    /// The last byte outside strings that was not blank.
    last: u8,
    /// How far into its line the value began.
    column: u64,
    /// Blanks since the last line break, until something else comes.
    indent: Option<u64>,
    /// Offset of the last line break.
    line_break: Option<u64>,
    suspect: Option<u64>,
    offset: u64,
}

impl Scan {
    /// At the first byte of a value that begins `column` bytes into its line.
    pub(super) fn new(column: u64, max_depth: u32, may_stream: bool) -> Self {
        Self {
            depth: 0,
            max_depth: u64::from(max_depth.min(MAX_DEPTH)),
            arrays: 0,
            place: Place::Outside,
            streams: if may_stream {
                Keys::STREAMED
            } else {
                Keys::default()
            },
            expects_key: false,
            key: None,
            last_key: Keys::default(),
            keys: Keys::default(),
            last: 0,
            column,
            indent: None,
            line_break: None,
            suspect: None,
            offset: 0,
        }
    }

    /// Inside an object, behind the array whose elements were streamed.
    pub(super) fn inside_object(max_depth: u32) -> Self {
        Self {
            depth: 1,
            last: b']',
            ..Self::new(0, max_depth, true)
        }
    }

    /// How many bytes of the value were read so far.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// The telling keys at the top level of the value so far.
    pub(super) fn keys(&self) -> Keys {
        self.keys
    }

    /// The key whose array was found by [`Verdict::Stream`].
    pub(super) fn envelope(&self) -> Keys {
        self.last_key
    }

    /// Offset of the last line break inside the value.
    pub(super) fn line_break(&self) -> Option<u64> {
        self.line_break
    }

    /// Offset of the first line inside the value that looks like the beginning
    /// of the next record, although the grammar permits it.
    pub(super) fn suspect(&self) -> Option<u64> {
        self.suspect
    }

    /// Whether the value has ended.
    pub(super) fn is_done(&self) -> bool {
        self.depth == 0 && self.place == Place::Outside && self.offset > 0
    }

    /// Goes on to the end of the value however deep it is, or to an array under
    /// one of the keys `streams`.
    pub(super) fn go_on(&mut self, streams: Keys) {
        self.max_depth = u64::MAX;
        self.streams = streams;
    }

    /// Reads on in `bytes`, which follow those read before.
    pub(super) fn advance(&mut self, bytes: &[u8]) -> Verdict {
        let start = self.offset;
        let mut rest = bytes;
        while let Some((&byte, tail)) = rest.split_first() {
            if self.place != Place::Outside {
                let n = self.advance_string(rest);
                rest = rest.get(n..).unwrap_or_default();
                self.offset = start + (bytes.len() - rest.len()) as u64;
                match self.place {
                    Place::Outside if self.depth == 0 => return Verdict::Done,
                    Place::InString if !rest.is_empty() => {
                        // Stopped at a line break, which no string may hold.
                        let resume = self.offset + 1;
                        return Verdict::Broken { resume };
                    }
                    _ => continue,
                }
            }
            let offset = start + (bytes.len() - rest.len()) as u64;
            self.offset = offset + 1;
            rest = tail;
            if let Some(verdict) = self.step(byte, offset) {
                return verdict;
            }
        }
        Verdict::More
    }

    /// Reads one byte outside strings.
    fn step(&mut self, byte: u8, offset: u64) -> Option<Verdict> {
        match byte {
            b' ' | b'\t' | b'\r' => {
                if let Some(indent) = &mut self.indent {
                    *indent += 1;
                }
                return None;
            }
            b'\n' => {
                self.line_break = Some(offset);
                self.indent = Some(0);
                return None;
            }
            // Neither occurs in JSON: the value was torn.
            0 | RECORD_SEPARATOR => {
                self.offset = offset;
                return Some(Verdict::Broken { resume: offset });
            }
            b'"' => {
                self.place = Place::InString;
                self.key = (self.expects_key && self.depth == 1).then(Key::default);
                self.expects_key = false;
            }
            b'{' | b'[' => {
                if let Some(verdict) = self.open(byte, offset) {
                    return Some(verdict);
                }
            }
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                self.arrays >>= 1;
                if self.depth == 0 {
                    return Some(Verdict::Done);
                }
            }
            b',' => self.expects_key = self.depth == 1 && !self.is_in_array(),
            _ => {}
        }
        self.last = byte;
        self.indent = None;
        None
    }

    fn open(&mut self, byte: u8, offset: u64) -> Option<Verdict> {
        if byte == b'{' && self.depth > 0 && self.indent.is_some() {
            let is_shallower = self.indent.is_some_and(|indent| indent <= self.column);
            // Beyond the depth that is followed, grammar cannot be judged.
            let may_continue = if self.depth > u64::from(MAX_DEPTH) {
                !is_shallower
            } else {
                self.last == b':' || matches!(self.last, b',' | b'[') && self.is_in_array()
            };
            if !may_continue {
                self.offset = offset;
                return Some(Verdict::Broken { resume: offset });
            }
            if is_shallower {
                self.suspect.get_or_insert(offset);
            }
        }
        if byte == b'[' && self.is_record_array() {
            return Some(Verdict::Stream);
        }
        self.depth = self.depth.saturating_add(1);
        self.arrays = self.arrays << 1 | u128::from(byte == b'[');
        self.expects_key = self.depth == 1 && byte == b'{';
        self.last = byte;
        self.indent = None;
        (self.depth > self.max_depth).then_some(Verdict::TooDeep)
    }

    fn is_in_array(&self) -> bool {
        self.arrays & 1 == 1
    }

    /// Whether the bracket about to be opened holds records: it stands under a
    /// wrapper's key, in an object with no mark of a native record before it.
    fn is_record_array(&self) -> bool {
        self.depth == 1
            && self.last == b':'
            && !self.is_in_array()
            && self.last_key.has_any(self.streams)
            && !self.keys.has_any(Keys::HALLMARKS)
    }

    /// Reads on inside a string and returns how many bytes belong to it,
    /// including the closing quote. Stops in front of a line break.
    fn advance_string(&mut self, bytes: &[u8]) -> usize {
        let mut read = 0;
        while let Some(rest) = bytes.get(read..).filter(|rest| !rest.is_empty()) {
            if self.place == Place::AfterBackslash {
                self.place = Place::InString;
                if rest.first() == Some(&b'\n') {
                    return read;
                }
                read += 1;
                continue;
            }
            let end = memchr::memchr3(b'"', b'\\', b'\n', rest);
            let n = end.unwrap_or(rest.len());
            if let Some(key) = &mut self.key {
                key.extend(rest.get(..n).unwrap_or_default());
            }
            read += n;
            match rest.get(n) {
                Some(b'"') => {
                    self.place = Place::Outside;
                    self.end_string();
                    return read + 1;
                }
                Some(b'\\') => {
                    self.place = Place::AfterBackslash;
                    if let Some(key) = &mut self.key {
                        key.extend(b"\\");
                    }
                    read += 1;
                }
                _ => return read,
            }
        }
        read
    }

    fn end_string(&mut self) {
        self.last = b'"';
        self.indent = None;
        if let Some(key) = self.key.take() {
            self.last_key = key.known();
            self.keys = self.keys.with(self.last_key);
        }
    }
}

/// The bytes of a key, as far as a known key can go.
#[derive(Clone, Copy, Debug, Default)]
struct Key {
    bytes: [u8; MAX_KEY_BYTES],
    len: usize,
}

impl Key {
    fn extend(&mut self, more: &[u8]) {
        let end = self.len.saturating_add(more.len());
        if let Some(room) = self.bytes.get_mut(self.len..end) {
            room.copy_from_slice(more);
        }
        self.len = end;
    }

    fn known(&self) -> Keys {
        self.bytes
            .get(..self.len)
            .map_or_else(Keys::default, Keys::named)
    }
}

/// Whether the JSON value that `text` begins with is nested too deep.
pub(super) fn is_too_deep(text: &[u8]) -> bool {
    Scan::new(0, MAX_DEPTH, false).advance(text) == Verdict::TooDeep
}

/// Length and telling keys of the one JSON value that `text` begins with;
/// `None` when it does not end.
pub(super) fn delimit(text: &[u8]) -> Option<(usize, Keys)> {
    let mut scan = Scan::new(0, MAX_DEPTH, false);
    match scan.advance(text) {
        Verdict::Done => Some((usize::try_from(scan.offset()).ok()?, scan.keys())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[track_caller]
    fn assert_verdict(text: &str, expected: Verdict, offset: u64) {
        for chunk in [1, 2, 3, text.len().max(1)] {
            let mut scan = Scan::new(0, MAX_DEPTH, true);
            let mut verdict = Verdict::More;
            for piece in text.as_bytes().chunks(chunk) {
                verdict = scan.advance(piece);
                if verdict != Verdict::More {
                    break;
                }
            }
            assert_eq!(
                (verdict, scan.offset()),
                (expected, offset),
                "chunks of {chunk}"
            );
        }
    }

    #[test]
    fn values_end_where_their_last_bracket_closes() {
        assert_verdict(r#"{"a":{"b":[1,2]}} x"#, Verdict::Done, 17);
        assert_verdict(r#"{"a":"}\"]\\"}{"#, Verdict::Done, 14);
        assert_verdict(r#"[[],{}]"#, Verdict::Done, 7);
        assert_verdict(r#""a\"b"x"#, Verdict::Done, 6);
        assert_verdict(r#"{"a":"#, Verdict::More, 5);
    }

    #[test]
    fn damage_ends_at_the_next_record() {
        let in_string = Verdict::Broken { resume: 8 };
        assert_verdict("{\"a\":\"b\n{\"c\":1}", in_string, 7);
        assert_verdict("{\"a\":1\n{\"c\":1}", Verdict::Broken { resume: 7 }, 7);
        assert_verdict("{\"a\":1,\n{\"c\":1}", Verdict::Broken { resume: 8 }, 8);
        assert_verdict("{\"a\":1\0\0{\"c\":1}", Verdict::Broken { resume: 6 }, 6);
        assert_verdict("{\"a\":[\n{\"c\":1},\n{}]}", Verdict::Done, 20);
        assert_verdict("{\"a\":\\\"\\\n", Verdict::Broken { resume: 9 }, 8);
    }

    #[test]
    fn wrapped_records_stream_only_outside_native_records() {
        assert_verdict(r#"{"n":[1],"Records": [{"#, Verdict::Stream, 21);
        assert_verdict(r#"{"eventName":"x","Records":[]}"#, Verdict::Done, 30);
        assert_verdict(r#"{"x":{"Records":[]}}"#, Verdict::Done, 20);
        assert_verdict(r#"{"x":["Records",[]]}"#, Verdict::Done, 20);
    }

    #[test]
    fn depth_is_limited_on_both_sides() {
        let deep = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert_verdict(&deep(128), Verdict::Done, 256);
        assert_verdict(&deep(129), Verdict::TooDeep, 129);
    }

    #[test]
    fn keys_count_only_at_the_top_level() {
        let (_, keys) = delimit(br#"{"a":{"eventName":1},"type":"eventSource"}"#).unwrap();
        assert_eq!(keys, Keys::TYPE);
    }
}
