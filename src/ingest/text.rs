//! Field types that accept what real exports hold instead of what schemas say.
//!
//! A wrong shape never fails a record: it reads as absent. Borrowing is kept
//! wherever the JSON text allows it, which is wherever it has no escape.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

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

/// Whether `text` is one of the words that exports write for nothing.
#[must_use]
pub fn is_absent(text: &str) -> bool {
    matches!(text, "" | "-" | "null" | "None" | "n/a")
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

    fn parse(text: &str) -> Option<bool> {
        let is = |words: [&str; 3]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
        match (is(["true", "yes", "1"]), is(["false", "no", "0"])) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        }
    }
}

/// An optional count: a JSON integer, a float without fraction, or decimal
/// text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count(pub Option<u64>);

impl Count {
    fn parse(text: &str) -> Option<u64> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        if fraction.bytes().any(|digit| digit != b'0') {
            return None;
        }
        whole.parse().ok()
    }
}

/// A nested object: given as an object, or as text that holds one. Anything
/// else reads as the default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Nested<T> {
    /// The object.
    pub value: T,
    /// It was text that began like an object but was none: cut or redacted.
    pub is_damaged: bool,
}

/// A list that may be null, a single object, or absent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List<T>(pub Vec<T>);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// A place that may hold a scalar or something else, which is skipped.
struct ScalarVisitor<F>(F);

impl<'de, F, T> Visitor<'de> for ScalarVisitor<F>
where
    F: FnOnce(Cow<'de, str>) -> T,
    T: Default,
{
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a scalar")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<T, E> {
        Ok((self.0)(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<T, E> {
        Ok((self.0)(Cow::Owned(text.to_owned())))
    }

    fn visit_bool<E>(self, value: bool) -> Result<T, E> {
        Ok((self.0)(Cow::Borrowed(if value {
            "true"
        } else {
            "false"
        })))
    }

    fn visit_u64<E>(self, value: u64) -> Result<T, E> {
        Ok((self.0)(Cow::Owned(value.to_string())))
    }

    fn visit_i64<E>(self, value: i64) -> Result<T, E> {
        Ok((self.0)(Cow::Owned(value.to_string())))
    }

    fn visit_f64<E>(self, value: f64) -> Result<T, E> {
        Ok((self.0)(Cow::Owned(value.to_string())))
    }

    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(T::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<T, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(T::default())
    }
}

/// Reads any JSON value as text and turns it into a value; `T::default()` when
/// it is null, an object or an array.
///
/// # Errors
///
/// Only when the JSON itself is broken.
pub fn scalar<'de, D, T>(from: D, make: impl FnOnce(Cow<'de, str>) -> T) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default,
{
    from.deserialize_any(ScalarVisitor(make))
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        scalar(from, Text::<'de>::from)
    }
}

impl<'de> Deserialize<'de> for Bool {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        scalar(from, |text| Self(Self::parse(&text)))
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        scalar(from, |text| Self(Self::parse(&text)))
    }
}

struct NestedVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de> + Default> Visitor<'de> for NestedVisitor<T> {
    type Value = Nested<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Ok(Nested {
            value: T::deserialize(MapAccessDeserializer::new(map))?,
            is_damaged: false,
        })
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
        let text = text.trim();
        if !text.starts_with('{') {
            return Ok(Nested::default());
        }
        // A reader hands out nothing borrowed, so the value may outlive `text`.
        match T::deserialize(&mut serde_json::Deserializer::from_reader(text.as_bytes())) {
            Ok(value) => Ok(Nested {
                value,
                is_damaged: false,
            }),
            Err(error) if is_duplicate(&error) => Err(E::custom(error)),
            Err(_) => Ok(Nested {
                value: T::default(),
                is_damaged: true,
            }),
        }
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Nested::default())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Nested::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Nested::default())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Nested::default())
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Nested::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Nested::default())
    }
}

impl<'de, T: Deserialize<'de> + Default> Deserialize<'de> for Nested<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(NestedVisitor(PhantomData))
    }
}

/// Reads one element; what is no object becomes `None`.
struct Element<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de> + Default> DeserializeSeed<'de> for Element<T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<T, D::Error> {
        Nested::<T>::deserialize(from).map(|nested| nested.value)
    }
}

struct ListVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de> + Default> Visitor<'de> for ListVisitor<T> {
    type Value = List<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        let mut seq = seq;
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(Element(PhantomData))? {
            items.push(item);
        }
        Ok(List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let item = T::deserialize(MapAccessDeserializer::new(map))?;
        Ok(List(vec![item]))
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(List::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(List::default())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(List::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(List::default())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(List::default())
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(List::default())
    }
}

impl<'de, T: Deserialize<'de> + Default> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(ListVisitor(PhantomData))
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
    fn nested_object_may_be_text() {
        type N<'a> = Nested<Sample<'a>>;
        let read = |json| serde_json::from_str::<N<'_>>(json).unwrap();
        assert_eq!(read(r#"{"text":"a"}"#).value.text.get(), Some("a"));
        assert_eq!(read(r#""{\"text\":\"a\"}""#).value.text.get(), Some("a"));
        assert!(read(r#""{\"text\":\"a""#).is_damaged);
        assert!(!read(r#""HIDDEN""#).is_damaged);
        for json in ["null", "[1]", "true", "-1", "1.5", "\"\""] {
            assert_eq!(read(json), N::default(), "{json}");
        }
    }

    #[test]
    fn list_may_be_null_or_a_single_object() {
        let read = |json| serde_json::from_str::<List<Sample<'_>>>(json).unwrap().0;
        assert_eq!(read("null").len(), 0);
        assert_eq!(read("\"x\"").len(), 0);
        assert_eq!(read(r#"[{"text":"a"},{"text":"b"}]"#).len(), 2);
        assert_eq!(read(r#"{"text":"a"}"#).len(), 1);
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
