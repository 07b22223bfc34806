//! A tree: one JSON value of a record whose fields only a mapping knows.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// A JSON value. Numbers are kept as text, objects in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tree<'a> {
    /// `null`.
    Null,
    /// A string, number or boolean.
    Scalar(Cow<'a, str>),
    /// An array.
    List(Vec<Tree<'a>>),
    /// An object; no key twice.
    Object(Vec<(Cow<'a, str>, Tree<'a>)>),
    /// A row of a table: canonical names of columns, and cells.
    Row(Vec<(&'a str, &'a str)>),
}

impl<'a> Tree<'a> {
    /// Reads `text`, which must not be nested deeper than `serde_json` allows.
    pub(super) fn parse(text: &'a str) -> serde_json::Result<Self> {
        serde_json::from_str(text)
    }

    /// The scalar's text.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Scalar(text) => Some(text),
            _ => None,
        }
    }

    /// The member `key`; if there is none, one whose key differs by case only.
    pub(super) fn member(&self, key: &str) -> Option<&Self> {
        let Self::Object(members) = self else {
            return None;
        };
        let exact = members.iter().find(|(own, _)| own == key);
        let found = exact.or_else(|| {
            let mut members = members.iter();
            members.find(|(own, _)| own.eq_ignore_ascii_case(key))
        });
        found.map(|(_, value)| value)
    }

    /// The members of an object.
    pub(super) fn members(&self) -> &[(Cow<'a, str>, Self)] {
        match self {
            Self::Object(members) => members,
            _ => &[],
        }
    }

    /// The elements of an array; of anything else, itself.
    pub(super) fn elements(&self) -> &[Self] {
        match self {
            Self::List(elements) => elements,
            Self::Null => &[],
            other => std::slice::from_ref(other),
        }
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Tree<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Tree::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Tree::Scalar(if value { "true" } else { "false" }.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Tree::Scalar(value.to_string().into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Tree::Scalar(value.to_string().into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(if value.is_finite() {
            Tree::Scalar(value.to_string().into())
        } else {
            Tree::Null
        })
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Tree::Scalar(text.into()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Tree::Scalar(text.to_owned().into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = seq.next_element()? {
            elements.push(element);
        }
        Ok(Tree::List(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members: Vec<(Cow<'de, str>, Tree<'de>)> = Vec::new();
        while let Some(Key(key)) = map.next_key()? {
            members.push((key, map.next_value()?));
        }
        // Objects of hostile size: sorting beats comparing each with each.
        let mut keys: Vec<&str> = members.iter().map(|(key, _)| key.as_ref()).collect();
        keys.sort_unstable();
        if keys.windows(2).any(|pair| pair.first() == pair.last()) {
            return Err(A::Error::custom("duplicate field"));
        }
        Ok(Tree::Object(members))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Tree<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(TreeVisitor)
    }
}

/// An object key, borrowed where it has no escape.
struct Key<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match from.deserialize_str(TreeVisitor)? {
            Tree::Scalar(text) => Ok(Self(text)),
            _ => Err(D::Error::custom("a key that is no text")),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::ingest::text::is_duplicate;

    #[test]
    fn values_keep_their_text_and_order() {
        let tree = Tree::parse(r#"{"b":1.50,"a":[true,null,"x\n"],"B":18446744073709551615}"#);
        let tree = tree.unwrap();
        let keys: Vec<_> = tree.members().iter().map(|(key, _)| key.as_ref()).collect();
        assert_eq!(keys, ["b", "a", "B"]);
        assert_eq!(tree.member("b").unwrap().text(), Some("1.5"));
        assert_eq!(
            tree.member("B").unwrap().text(),
            Some("18446744073709551615")
        );
        assert_eq!(tree.member("A").unwrap().elements().len(), 3);
        assert_eq!(tree.member("c"), None);
    }

    #[test]
    fn duplicate_keys_are_refused_at_any_depth() {
        let error = Tree::parse(r#"{"a":{"b":1,"b":2}}"#).unwrap_err();
        assert!(is_duplicate(&error));
    }

    #[test]
    fn depth_is_limited() {
        let deep = format!("{}{}", "[".repeat(1_000), "]".repeat(1_000));
        assert!(Tree::parse(&deep).is_err());
    }
}
