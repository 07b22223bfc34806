//! JSON values of which we keep the shape, or a few words, and nothing else.
//!
//! A device with `log_raw=true` writes secrets in clear. Nothing under `data`
//! therefore ever becomes text of ours: these types have no field for it.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::ingest::text::Text;

/// What a type makes of each kind of JSON value; nothing, unless it says so.
trait FromAny<'de>: Default {
    fn from_scalar(_: Cow<'de, str>) -> Self {
        Self::default()
    }

    fn from_list<A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }

    fn from_object<A: MapAccess<'de>>(mut object: A) -> Result<Self, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }
}

struct AnyVisitor<T>(PhantomData<T>);

impl<'de, T: FromAny<'de>> Visitor<'de> for AnyVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<T, E> {
        Ok(T::from_scalar(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<T, E> {
        Ok(T::from_scalar(Cow::Owned(text.to_owned())))
    }

    fn visit_bool<E>(self, value: bool) -> Result<T, E> {
        Ok(T::from_scalar(Cow::Borrowed(if value {
            "true"
        } else {
            "false"
        })))
    }

    fn visit_u64<E>(self, value: u64) -> Result<T, E> {
        Ok(T::from_scalar(Cow::Owned(value.to_string())))
    }

    fn visit_i64<E>(self, value: i64) -> Result<T, E> {
        Ok(T::from_scalar(Cow::Owned(value.to_string())))
    }

    fn visit_f64<E>(self, value: f64) -> Result<T, E> {
        Ok(T::from_scalar(Cow::Owned(value.to_string())))
    }

    fn visit_unit<E: Error>(self) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<T, A::Error> {
        T::from_list(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<T, A::Error> {
        T::from_object(object)
    }
}

/// How much one value of a payload holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Extent {
    /// It is not null.
    is_present: bool,
    /// Entries of a list or object, or the number that list elision puts in
    /// its place.
    n_entries: Option<u32>,
}

impl<'de> FromAny<'de> for Extent {
    fn from_scalar(text: Cow<'de, str>) -> Self {
        Self {
            is_present: true,
            n_entries: text.parse().ok(),
        }
    }

    fn from_list<A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        let mut n = 0_u32;
        while list.next_element::<IgnoredAny>()?.is_some() {
            n = n.saturating_add(1);
        }
        Ok(Self {
            is_present: true,
            n_entries: Some(n),
        })
    }

    fn from_object<A: MapAccess<'de>>(mut object: A) -> Result<Self, A::Error> {
        let mut n = 0_u32;
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
            n = n.saturating_add(1);
        }
        Ok(Self {
            is_present: true,
            n_entries: Some(n),
        })
    }
}

impl<'de> Deserialize<'de> for Extent {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(AnyVisitor(PhantomData))
    }
}

/// What a response carried, without what it said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Payload {
    /// There was a payload, even an empty one.
    pub(super) is_present: bool,
    /// It held an error text.
    pub(super) has_error: bool,
    /// How many keys it listed.
    pub(super) n_keys: Option<u32>,
}

impl<'de> FromAny<'de> for Payload {
    fn from_scalar(_: Cow<'de, str>) -> Self {
        Self {
            is_present: true,
            ..Self::default()
        }
    }

    fn from_object<A: MapAccess<'de>>(mut object: A) -> Result<Self, A::Error> {
        let mut payload = Self {
            is_present: true,
            ..Self::default()
        };
        while let Some((key, extent)) = object.next_entry::<Text<'de>, Extent>()? {
            match key.get() {
                Some("error") => payload.has_error = extent.is_present,
                Some("keys") => payload.n_keys = extent.n_entries,
                _ => {}
            }
        }
        Ok(payload)
    }
}

impl<'de> Deserialize<'de> for Payload {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(AnyVisitor(PhantomData))
    }
}

/// A list of words: policies, the values of one header.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Words<'a>(Vec<Text<'a>>);

impl Words<'_> {
    /// The words that are present.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(Text::get)
    }
}

impl<'de> FromAny<'de> for Words<'de> {
    fn from_scalar(text: Cow<'de, str>) -> Self {
        Self(vec![Text::from(text)])
    }

    fn from_list<A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        let mut words = Vec::new();
        while let Some(word) = list.next_element()? {
            words.push(word);
        }
        Ok(Self(words))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Words<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(AnyVisitor::<Words<'de>>(PhantomData))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[track_caller]
    fn payload(json: &str, is_present: bool, has_error: bool, n_keys: Option<u32>) {
        let expected = Payload {
            is_present,
            has_error,
            n_keys,
        };
        assert_eq!(serde_json::from_str::<Payload>(json).unwrap(), expected);
    }

    #[test]
    fn payload_keeps_only_its_shape() {
        payload("null", false, false, None);
        payload("{}", true, false, None);
        payload("\"hmac-sha256:aa\"", true, false, None);
        payload("[1]", false, false, None);
        payload(r#"{"error":"hmac-sha256:aa"}"#, true, true, None);
        payload(r#"{"error":null}"#, true, false, None);
        payload(r#"{"data":{"error":"x","keys":[1]}}"#, true, false, None);
    }

    #[test]
    fn elided_and_full_lists_have_the_same_length() {
        let full = r#"{"keys":["a","b","c","d"],"key_info":{"a":{}}}"#;
        payload(full, true, false, Some(4));
        payload(r#"{"keys":4,"key_info":1}"#, true, false, Some(4));
        payload(r#"{"keys":-4}"#, true, false, None);
        payload(r#"{"keys":null}"#, true, false, None);
    }

    #[test]
    fn words_may_be_one_or_none() {
        let words = |json: &str| {
            let words: Words<'_> = serde_json::from_str(json).unwrap();
            words.iter().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(words(r#"["a",null,{"b":1},2]"#), ["a", "2"]);
        assert_eq!(words(r#""a""#), ["a"]);
        assert_eq!(words("null"), [""; 0]);
        assert_eq!(words(r#"{"a":1}"#), [""; 0]);
    }
}
