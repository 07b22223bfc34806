//! Objects and lists where an export may have put something else.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess};

use super::{Loose, read};

/// A nested object: given as an object, or as text that holds one. Anything
/// else reads as the default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Nested<T> {
    /// The object.
    pub value: T,
    /// It was text that began like an object but was none: cut or redacted.
    pub is_damaged: bool,
}

impl<'de, T: Deserialize<'de> + Default> Loose<'de> for Nested<T> {
    fn scalar(text: Cow<'de, str>) -> Self {
        let text = text.trim();
        if !text.starts_with('{') {
            return Self::default();
        }
        // A reader hands out nothing borrowed, so the value may outlive `text`.
        let mut reader = serde_json::Deserializer::from_reader(text.as_bytes());
        T::deserialize(&mut reader).map_or_else(
            |_| Self {
                value: T::default(),
                is_damaged: true,
            },
            |value| Self {
                value,
                is_damaged: false,
            },
        )
    }

    fn object<A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(|value| Self {
            value,
            is_damaged: false,
        })
    }
}

impl<'de, T: Deserialize<'de> + Default> Deserialize<'de> for Nested<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        read(from)
    }
}

/// The longest list kept. A record of any of the products has room for fewer
/// elements that say something.
const MAX_ITEMS: usize = 4096;

/// A list of objects that may be null, a single object, text that holds either,
/// or absent. Elements beyond the first few thousand are not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List<T>(pub Vec<T>);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de> + Default> Loose<'de> for List<T> {
    fn scalar(text: Cow<'de, str>) -> Self {
        let text = text.trim();
        if !text.starts_with(['[', '{']) {
            return Self::default();
        }
        let mut reader = serde_json::Deserializer::from_reader(text.as_bytes());
        Self::deserialize(&mut reader).unwrap_or_default()
    }

    fn object<A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(|item| Self(vec![item]))
    }

    fn array<A: SeqAccess<'de>>(mut seq: A) -> Result<Self, A::Error> {
        let mut items = Vec::new();
        while items.len() < MAX_ITEMS {
            let Some(item) = seq.next_element::<Nested<T>>()? else {
                return Ok(Self(items));
            };
            items.push(item.value);
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self(items))
    }
}

impl<'de, T: Deserialize<'de> + Default> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        read(from)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::super::Text;
    use super::*;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Sample<'a> {
        #[serde(borrow)]
        text: Text<'a>,
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
    fn a_list_of_millions_is_kept_in_part_and_read_to_its_end() {
        let json = format!("[{}{{}}]", "{},".repeat(3 * MAX_ITEMS));
        let read = serde_json::from_str::<List<Sample<'_>>>(&json).unwrap().0;
        assert_eq!(read.len(), MAX_ITEMS);
        let broken = json.replace("{}]", "{]");
        assert!(serde_json::from_str::<List<Sample<'_>>>(&broken).is_err());
    }

    #[test]
    fn list_may_be_null_a_single_object_or_text() {
        let read = |json| serde_json::from_str::<List<Sample<'_>>>(json).unwrap().0;
        assert_eq!(read("null").len(), 0);
        assert_eq!(read("\"x\"").len(), 0);
        assert_eq!(read(r#"[{"text":"a"},{"text":"b"}]"#).len(), 2);
        assert_eq!(read(r#"{"text":"a"}"#).len(), 1);
        assert_eq!(read(r#""[{\"text\":\"a\"},{}]""#).len(), 2);
        assert_eq!(read(r#""[{\"text\":""#).len(), 0);
    }
}
