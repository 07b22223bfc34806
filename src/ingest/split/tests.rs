#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{self, Read};

use proptest::prelude::*;

use super::*;

/// Delivers at most so many bytes at a time.
struct Drip<'b>(&'b [u8], usize);

impl Read for Drip<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.1.min(out.len()).min(self.0.len());
        let (now, later) = self.0.split_at(n);
        out.get_mut(..n).unwrap_or_default().copy_from_slice(now);
        self.0 = later;
        Ok(n)
    }
}

fn cut(bytes: &[u8], chunk: usize, max_record: usize) -> (Vec<String>, Shape) {
    let mut splitter = Splitter::new(Drip(bytes, chunk), max_record, 8);
    let mut pieces = Vec::new();
    while let Some(piece) = splitter.next() {
        let text = match piece.content {
            Content::Value(text, _) => format!("value {}", String::from_utf8_lossy(text)),
            Content::Text(text) => format!("text {}", String::from_utf8_lossy(text)),
            Content::LongText => "long text".to_owned(),
            Content::Lost(reason) => reason.name().to_owned(),
        };
        pieces.push(format!("{} {text}", piece.offset));
    }
    (pieces, splitter.shape())
}

#[track_caller]
fn assert_pieces(text: &str, expected: &[&str]) {
    assert_eq!(cut(text.as_bytes(), usize::MAX, 64).0, expected);
}

#[test]
fn values_are_cut_however_they_are_strung_together() {
    assert_pieces(
        "{}{\"a\":1} ,\t{}",
        &["0 value {}", "2 value {\"a\":1}", "12 value {}"],
    );
    assert_pieces(
        "[{},\n \"x\",null,[{}]]",
        &[
            "1 value {}",
            "6 value \"x\"",
            "10 unknown_type",
            "16 value {}",
        ],
    );
    assert_pieces(
        "{\"n\":[0],\"Events\":[{},{}],\"Records\":[{}]}{}",
        &["19 value {}", "22 value {}", "37 value {}", "41 value {}"],
    );
    assert_pieces(
        "[info] {\"a\":1}\n\"x\" y\n{}",
        &["0 text [info] {\"a\":1}", "15 text \"x\" y", "21 value {}"],
    );
}

#[test]
fn a_torn_line_gives_back_the_lines_it_swallowed() {
    assert_pieces(
        "{\"a\":\n{\"b\":1}\n{\"c\":1}\n",
        &["0 malformed", "6 value {\"b\":1}", "14 value {\"c\":1}"],
    );
    assert_pieces(
        "[{\"a\":[\n{\"b\":1}\n",
        &["1 malformed", "8 value {\"b\":1}"],
    );
}

#[test]
fn a_torn_envelope_line_leaves_nothing_open() {
    let (pieces, shape) = cut(b"{\"Records\":[{\"a\":\"x\n{\"Records\":[{}]}\n", 99, 64);
    assert_eq!(pieces, ["12 malformed", "32 value {}"]);
    assert!(!shape.is_cut);
}

#[test]
fn memory_is_bounded_by_the_record_limit() {
    const LIMIT: usize = 1 << 20;
    let record = format!("{{\"a\":\"{}\"}},", "x".repeat(500));
    let envelope =
        io::Cursor::new("{\"Records\":[").chain(Repeat(record.into_bytes(), 0).take(64 << 20));
    let huge = io::Cursor::new("{\"a\":\"").chain(io::repeat(b'x').take(64 << 20));
    let blank = io::Cursor::new("[").chain(io::repeat(b' ').take(64 << 20));
    let line = io::repeat(b'x').take(64 << 20);
    let readers: [Box<dyn Read>; 4] = [
        Box::new(envelope),
        Box::new(huge),
        Box::new(blank),
        Box::new(line),
    ];
    for reader in readers {
        let mut splitter = Splitter::new(reader, LIMIT, 8);
        let mut most = 0;
        while splitter.next().is_some() {
            most = most.max(splitter.feed.n_buffered());
        }
        assert!(most.max(splitter.feed.n_buffered()) <= LIMIT + 2 * feed::CHUNK_BYTES);
    }
}

/// The same bytes over and over.
struct Repeat(Vec<u8>, usize);

impl Read for Repeat {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        for slot in &mut *out {
            *slot = *self.0.get(self.1).unwrap_or(&b' ');
            self.1 = (self.1 + 1) % self.0.len();
        }
        Ok(out.len())
    }
}

proptest! {
    #[test]
    fn pieces_do_not_depend_on_how_bytes_arrive(
        text in r#"(\{|\}|\[|\]|"|,|:|\\|\n|[ a1]|\{"a":1\}|"Records":\[|"records":\[\{|"hits":\{"hits":\[|\u{0}|\u{1e}|\u{feff}|é){0,60}"#,
        chunk in 1..9_usize,
        limit in 4..40_usize,
    ) {
        let whole = cut(text.as_bytes(), usize::MAX, limit);
        prop_assert_eq!(cut(text.as_bytes(), chunk, limit), whole);
    }
}

#[test]
fn looking_back_costs_no_more_than_the_text_itself() {
    let torn = format!("{}{}\0", "{\"a\":[\n".repeat(3), "1,".repeat(4000));
    let text = torn.repeat(40);
    let mut splitter = Splitter::new(text.as_bytes(), 10_000, 128);
    while splitter.next().is_some() {}
    let n_bytes = text.len() as u64;
    assert!(splitter.n_looked_back > 10_000, "it does look back");
    assert!(
        splitter.n_looked_back <= n_bytes + 10_000,
        "{} of {n_bytes}",
        splitter.n_looked_back
    );
}
