//! Field types that accept what real exports hold instead of what schemas say.
//!
//! A wrong shape never fails a record: it reads as absent. Borrowing is kept
//! wherever the JSON text allows it, which is wherever it has no escape.

mod loose;
mod nested;

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};

pub use loose::{Loose, read};
pub use nested::{List, Nested};

use super::coverage::SkipReason;

/// The longest text kept of one field, in bytes.
pub const MAX_TEXT: usize = 1024;

/// An optional text field: absent when missing, null, no scalar, or one of the
/// words that exports write for nothing. Numbers and booleans read as their
/// text. At most [`MAX_TEXT`] bytes are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text<'a>(Option<Cow<'a, str>>);

impl<'a> Text<'a> {
    /// The text, if any.
    #[must_use]
    pub fn get(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// The text, if any, cheap to copy where it was borrowed.
    #[must_use]
    pub fn cloned(&self) -> Option<Cow<'a, str>> {
        self.0.clone()
    }

    /// The text of a field that holds `text`.
    #[must_use]
    #[inline]
    pub fn borrowed(text: &'a str) -> Self {
        if is_absent(text) {
            return Self(None);
        }
        if text.len() > MAX_TEXT {
            return Self(Some(clip(Cow::Borrowed(text), MAX_TEXT)));
        }
        Self(Some(Cow::Borrowed(text)))
    }

    /// The same text, borrowed from this one.
    #[must_use]
    pub fn lend(&self) -> Text<'_> {
        Text(self.get().map(Cow::Borrowed))
    }

    /// The same text, borrowed from nothing.
    #[must_use]
    pub fn owned(&self) -> Text<'static> {
        Text(self.get().map(|text| Cow::Owned(text.to_owned())))
    }

    /// The text, if any.
    #[must_use]
    pub fn into_option(self) -> Option<Cow<'a, str>> {
        self.0
    }

    /// Whether there is a text.
    #[must_use]
    pub fn is_present(&self) -> bool {
        self.0.is_some()
    }

    /// Whether the text is `word`, in any ASCII letter case.
    #[must_use]
    pub fn is(&self, word: &str) -> bool {
        self.get()
            .is_some_and(|text| text.eq_ignore_ascii_case(word))
    }
}

impl<'a> From<Cow<'a, str>> for Text<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        if is_absent(&text) {
            Self(None)
        } else {
            Self(Some(clip(text, MAX_TEXT)))
        }
    }
}

/// Whether `text` is one of the words, all short, that exports write for
/// nothing.
#[must_use]
#[inline]
pub fn is_absent(text: &str) -> bool {
    matches!(text, "" | "-" | "null" | "None" | "n/a")
}

/// The longest beginning of `bytes` that is UTF-8.
pub(super) fn valid_prefix(bytes: &[u8]) -> &str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => bytes
            .get(..error.valid_up_to())
            .and_then(|valid| std::str::from_utf8(valid).ok())
            .unwrap_or_default(),
    }
}

/// The longest prefix of `text` of at most `max` bytes.
#[must_use]
pub fn clip(text: Cow<'_, str>, max: usize) -> Cow<'_, str> {
    if text.len() <= max {
        return text;
    }
    let end = text.floor_char_boundary(max);
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.get(..end).unwrap_or_default()),
        Cow::Owned(mut text) => {
            text.truncate(end);
            Cow::Owned(text)
        }
    }
}

/// A part of `text`, borrowed where `text` is.
///
/// `part` chooses from the text itself, so that the borrow can be passed on.
#[must_use]
pub fn part<'a>(text: &Cow<'a, str>, part: impl Fn(&str) -> &str) -> Cow<'a, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(part(text)),
        Cow::Owned(text) => Cow::Owned(part(text).to_owned()),
    }
}

/// An optional boolean: JSON, `"true"`, `"Yes"`, `1`, in any letter case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bool(pub Option<bool>);

impl Bool {
    /// Whether it is present and true.
    #[must_use]
    pub fn is_true(self) -> bool {
        self.0 == Some(true)
    }

    pub(super) fn parse(text: &str) -> Self {
        let is = |words: [&str; 3]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
        match (is(["true", "yes", "1"]), is(["false", "no", "0"])) {
            (true, _) => Self(Some(true)),
            (_, true) => Self(Some(false)),
            _ => Self(None),
        }
    }
}

/// An optional count: a JSON integer, a float without fraction, or decimal
/// text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count(pub Option<u64>);

impl Count {
    pub(super) fn parse(text: &str) -> Self {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        if fraction.bytes().any(|digit| digit != b'0') {
            return Self(None);
        }
        Self(whole.parse().ok())
    }
}

impl<'de> Loose<'de> for Text<'de> {
    fn scalar(text: Cow<'de, str>) -> Self {
        Self::from(text)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        read::<D, Text<'de>>(from)
    }
}

impl Loose<'_> for Bool {
    fn scalar(text: Cow<'_, str>) -> Self {
        Self::parse(&text)
    }
}

impl<'de> Deserialize<'de> for Bool {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        read(from)
    }
}

impl Loose<'_> for Count {
    fn scalar(text: Cow<'_, str>) -> Self {
        Self::parse(&text)
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        read(from)
    }
}

/// Why a record is skipped whose JSON is broken, or whose fields are not each
/// other's only ones. A wrong shape inside an object is no error, so what is
/// left is a record that is no object.
#[must_use]
pub fn skip_reason(error: &serde_json::Error) -> SkipReason {
    if is_duplicate(error) {
        SkipReason::DuplicateKey
    } else if is_too_deep(error) {
        SkipReason::TooDeep
    } else if error.is_eof() {
        SkipReason::TruncatedRecord
    } else if error.is_data() {
        SkipReason::UnknownType
    } else {
        SkipReason::Malformed
    }
}

/// Whether a JSON error says that a field occurs twice.
#[must_use]
pub fn is_duplicate(error: &serde_json::Error) -> bool {
    error.is_data() && error.to_string().starts_with("duplicate field")
}

/// Whether a JSON error says that the nesting is too deep.
#[must_use]
pub fn is_too_deep(error: &serde_json::Error) -> bool {
    error.is_syntax() && error.to_string().starts_with("recursion limit exceeded")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[derive(Debug, Default, PartialEq, serde::Deserialize)]
    #[serde(default)]
    struct Sample<'a> {
        #[serde(borrow)]
        text: Text<'a>,
        flag: Bool,
        count: Count,
    }

    fn sample(json: &str) -> Sample<'_> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn text_is_borrowed_unless_escaped() {
        let plain = sample(r#"{"text":"alice"}"#).text.into_option();
        assert!(matches!(plain, Some(Cow::Borrowed("alice"))));
        let escaped = sample(r#"{"text":"a\"b"}"#).text.into_option();
        assert!(matches!(escaped, Some(Cow::Owned(text)) if text == "a\"b"));
    }

    #[test]
    fn words_for_nothing_and_wrong_shapes_are_absent() {
        for json in [
            "{}",
            r#"{"text":null}"#,
            r#"{"text":""}"#,
            r#"{"text":"-"}"#,
            r#"{"text":"null"}"#,
            r#"{"text":["x"],"flag":{},"count":[1]}"#,
            r#"{"text":{"x":1},"flag":"maybe","count":"many"}"#,
            r#"{"flag":7,"count":-1}"#,
            r#"{"count":1.5}"#,
        ] {
            assert_eq!(sample(json), Sample::default(), "{json}");
        }
    }

    #[test]
    fn scalars_are_read_in_each_other_s_clothes() {
        let read = sample(r#"{"text":123456789012,"flag":"Yes","count":"48211"}"#);
        assert_eq!(read.text.get(), Some("123456789012"));
        assert!(read.flag.is_true());
        assert_eq!(read.count, Count(Some(48_211)));
        let read = sample(r#"{"text":true,"flag":0,"count":2.0}"#);
        assert_eq!(read.text.get(), Some("true"));
        assert_eq!(read.flag, Bool(Some(false)));
        assert_eq!(read.count, Count(Some(2)));
    }

    #[test]
    fn long_text_is_cut_on_a_character() {
        let json = format!("{{\"text\":\"x{}\"}}", "é".repeat(MAX_TEXT));
        assert_eq!(sample(&json).text.get().map(str::len), Some(MAX_TEXT - 1));
    }

    #[test]
    fn error_causes_are_told_apart() {
        let error = serde_json::from_str::<Sample<'_>>(r#"{"text":"a","text":"b"}"#).unwrap_err();
        assert!(is_duplicate(&error));
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        let error = serde_json::from_str::<serde_json::Value>(&deep).unwrap_err();
        assert!(is_too_deep(&error));
    }
}
