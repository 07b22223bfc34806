//! JSON values of which we keep the shape, or a few words, and nothing else.
//!
//! A device with `log_raw=true` writes secrets in clear. Nothing under `data`
//! therefore ever becomes text of ours: these types have no field for it.

use std::borrow::Cow;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess};

use crate::ingest::text::{Loose, Text, read};

/// How much one value of a payload holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Extent {
    /// It is not null.
    is_present: bool,
    /// Entries of a list or object, or the number that list elision puts in
    /// its place.
    n_entries: Option<u32>,
}

impl<'de> Loose<'de> for Extent {
    fn scalar(text: Cow<'de, str>) -> Self {
        Self {
            is_present: true,
            n_entries: text.parse().ok(),
        }
    }

    fn array<A: SeqAccess<'de>>(mut seq: A) -> Result<Self, A::Error> {
        let mut n = 0_u32;
        while seq.next_element::<IgnoredAny>()?.is_some() {
            n = n.saturating_add(1);
        }
        Ok(Self {
            is_present: true,
            n_entries: Some(n),
        })
    }

    fn object<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut n = 0_u32;
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
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
        read(from)
    }
}

/// What a response carried, without what it said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Payload {
    /// There was a payload, even an empty one.
    pub(super) is_present: bool,
    /// It held an error text.
    pub(super) has_error: bool,
    /// It was put away under a single-use token instead of being handed out.
    pub(super) is_wrapped: bool,
    /// How many keys it listed.
    pub(super) n_keys: Option<u32>,
}

impl<'de> Loose<'de> for Payload {
    fn scalar(_: Cow<'de, str>) -> Self {
        Self {
            is_present: true,
            ..Self::default()
        }
    }

    fn object<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut payload = Self {
            is_present: true,
            ..Self::default()
        };
        let mut n_described = None;
        while let Some((key, extent)) = map.next_entry::<Text<'de>, Extent>()? {
            match key.get() {
                Some("error") => payload.has_error = extent.is_present,
                Some("keys") => payload.n_keys = extent.n_entries,
                Some("key_info") => n_described = extent.n_entries,
                _ => {}
            }
        }
        payload.n_keys = payload.n_keys.or(n_described);
        Ok(payload)
    }
}

impl<'de> Deserialize<'de> for Payload {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        read(from)
    }
}

/// The longest list of words kept.
const MAX_WORDS: usize = 1024;

/// A list of words: policies, the values of one header. Words beyond the first
/// thousand are not kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Words<'a>(Vec<Text<'a>>);

impl Words<'_> {
    /// The words that are present.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(Text::get)
    }
}

impl<'de> Loose<'de> for Words<'de> {
    fn scalar(text: Cow<'de, str>) -> Self {
        Self(vec![Text::from(text)])
    }

    fn array<A: SeqAccess<'de>>(mut seq: A) -> Result<Self, A::Error> {
        let mut words = Vec::new();
        while words.len() < MAX_WORDS {
            let Some(word) = seq.next_element()? else {
                return Ok(Self(words));
            };
            words.push(word);
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self(words))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Words<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        read::<D, Words<'de>>(from)
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
            is_wrapped: false,
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
        payload(r#"{"key_info":{"a":{},"b":{}}}"#, true, false, Some(2));
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

    #[test]
    fn a_list_of_millions_of_words_is_kept_in_part() {
        let json = format!("[{}\"last\"]", "\"\",".repeat(2 * MAX_WORDS));
        let words = serde_json::from_str::<Words<'_>>(&json).unwrap();
        assert_eq!((words.0.len(), words.iter().count()), (MAX_WORDS, 0));
    }
}
