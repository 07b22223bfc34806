//! How a stream comes apart, held against a JSON parser that takes no part in
//! it.

use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use super::Stride;
use crate::ingest::coverage::SkipReason;
use crate::ingest::members::{elements, members, string};
use crate::ingest::split::{Content, Shape, Splitter};
use crate::ingest::structure::{MAX_DEPTH, delimit};

/// Bytes of one record.
const MAX_RECORD: usize = 1024;

/// Keys whose arrays are streamed, so that their values are no pieces.
const STREAMED: [&[u8]; 2] = [b"Records", b"Events"];

/// Cuts a stream, at once and little by little.
///
/// # Panics
///
/// When the two are cut otherwise, when pieces overlap or are out of order, or
/// when a stream of nothing but JSON objects does not come apart into them.
pub fn stream(bytes: &[u8]) {
    let whole = cut(bytes, None);
    for stride in [1, 61] {
        let again = cut(bytes, std::num::NonZeroUsize::new(stride));
        assert_eq!(whole, again, "{stride} at a time");
    }
    let mut end = 0;
    for piece in &whole.0 {
        assert!(piece.from >= end, "{:?} begins inside another", piece);
        end = piece.from.saturating_add(piece.content.len());
    }
    assert!(end <= bytes.len());
    if let Some(objects) = objects(bytes).filter(|found| found.iter().all(|text| is_cut(text))) {
        let found = whole.0.iter().map(|piece| (&piece.kind, &*piece.content));
        let expected = objects.into_iter().map(|text| (&Kind::Value, text));
        assert!(found.eq(expected), "{:?}", whole.0);
    }
}

/// Takes a value apart.
///
/// # Panics
///
/// When its members, elements or content are not those that a JSON parser
/// sees.
pub fn value(text: &str) {
    if let Ok(expected) = serde_json::from_str::<String>(text.trim()) {
        assert_eq!(string(text.trim()).as_deref(), Some(&*expected));
    }
    if let Ok(expected) = serde_json::from_str::<Vec<Value>>(text) {
        let found: Result<Vec<Value>, _> = elements(text).map(serde_json::from_str).collect();
        assert_eq!(found.ok(), Some(expected));
    }
    if let Ok(expected) = serde_json::from_str::<Map<String, Value>>(text) {
        let found: Option<Map<String, Value>> = members(text)
            .map(|member| {
                let key = string(&format!("\"{}\"", member.key))?.into_owned();
                Some((key, serde_json::from_str(member.value).ok()?))
            })
            .collect();
        assert_eq!(found, Some(expected));
        let trimmed = text.trim();
        assert_eq!(
            delimit(trimmed.as_bytes()).map(|(n, _)| n),
            Some(trimmed.len())
        );
    }
}

/// One cut, in words.
#[derive(Debug, PartialEq, Eq)]
struct Piece {
    from: usize,
    kind: Kind,
    content: Vec<u8>,
}

#[derive(Debug, PartialEq, Eq)]
enum Kind {
    Value,
    Text,
    LongText,
    Lost(SkipReason),
}

fn cut(bytes: &[u8], stride: Option<std::num::NonZeroUsize>) -> (Vec<Piece>, Shape) {
    let reader = Stride::new(bytes, stride);
    let mut splitter = Splitter::new(reader, MAX_RECORD, MAX_DEPTH);
    let mut pieces = Vec::new();
    while let Some(piece) = splitter.next() {
        let (kind, content) = match piece.content {
            Content::Value(text, _) => (Kind::Value, text),
            Content::Text(text) => (Kind::Text, text),
            Content::LongText => (Kind::LongText, &b""[..]),
            Content::Lost(reason) => (Kind::Lost(reason), &b""[..]),
        };
        pieces.push(Piece {
            from: usize::try_from(piece.offset).unwrap_or(usize::MAX),
            kind,
            content: content.to_owned(),
        });
    }
    (pieces, splitter.shape())
}

/// The objects that `bytes` are made of, if they are made of nothing else and
/// none is an envelope.
fn objects(bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let is_streamed = |key: &&[u8]| memchr::memmem::find(bytes, key).is_some();
    if STREAMED.iter().any(is_streamed) {
        return None;
    }
    let mut found = Vec::new();
    let mut rest = without_blanks(bytes);
    while !rest.is_empty() {
        let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<IgnoredAny>();
        values.next()?.ok()?;
        let (object, after) = rest.split_at_checked(values.byte_offset())?;
        object.starts_with(b"{").then_some(())?;
        found.push(object);
        rest = without_blanks(after);
    }
    Some(found)
}

/// What follows the blanks of JSON, which are fewer than those of ASCII.
fn without_blanks(bytes: &[u8]) -> &[u8] {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
    let n_blanks = bytes.iter().take_while(|byte| is_blank(byte)).count();
    bytes.get(n_blanks..).unwrap_or_default()
}

/// Whether the splitter has no excuse not to cut this object out.
fn is_cut(object: &[u8]) -> bool {
    object.len() <= MAX_RECORD
        && serde_json::from_slice::<Value>(object).is_ok()
        && delimit(object).is_some()
}
