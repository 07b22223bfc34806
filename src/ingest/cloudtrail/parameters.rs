//! Request parameters: the values of known names, wherever they stand.
//!
//! Services nest their parameters as they like and differ in letter case, so a
//! parameter is known by its own name alone. Values of other names are read
//! past, except that anything in the form of an ARN names a resource.

mod names;
#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests;

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de};

use crate::ingest::cursor::{Cursor, Scalar};

use names::{NAMES, known, position};

/// How deep a value may stand.
const MAX_DEPTH: u8 = 6;
/// How many values are kept.
const MAX_VALUES: usize = 256;

/// The value of one known name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Value<'a> {
    /// The name, lower case.
    pub(super) name: &'static str,
    /// The value, scalars as their text.
    pub(super) text: Cow<'a, str>,
    /// 1 for a parameter of the call itself, more inside a structure.
    pub(super) depth: u8,
}

/// What was found in the parameters of one call.
#[derive(Debug, Default)]
pub(super) struct Parameters<'a> {
    /// Values of known names, in the order of the record.
    pub(super) values: Vec<Value<'a>>,
    /// Other values in the form of an ARN.
    pub(super) arns: Vec<Cow<'a, str>>,
    /// More values than are kept.
    pub(super) is_truncated: bool,
}

impl<'a> Parameters<'a> {
    /// The values of `name`, wherever they stand.
    pub(super) fn all<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s Cow<'a, str>> {
        self.values
            .iter()
            .filter(move |value| value.name == name)
            .map(|value| &value.text)
    }

    /// The value of the call's own parameter `name`.
    pub(super) fn own(&self, name: &str) -> Option<&Cow<'a, str>> {
        self.values
            .iter()
            .find(|value| value.name == name && value.depth == 1)
            .map(|value| &value.text)
    }

    fn keep(&mut self, name: Option<&'static str>, depth: u8, text: Cow<'a, str>) {
        let is_arn = text.starts_with("arn:aws");
        if text.is_empty() || (name.is_none() && !is_arn) {
            return;
        }
        if self.values.len().saturating_add(self.arns.len()) >= MAX_VALUES {
            self.is_truncated = true;
            return;
        }
        match name {
            Some(name) => self.values.push(Value { name, text, depth }),
            None => self.arns.push(text),
        }
    }
}

/// Collects one JSON value that stands under `name` at `depth`.
struct Collector<'p, 'a> {
    parameters: &'p mut Parameters<'a>,
    name: Option<&'static str>,
    depth: u8,
}

impl<'de> Visitor<'de> for Collector<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("parameters")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<(), E> {
        self.parameters
            .keep(self.name, self.depth, Cow::Borrowed(text));
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.parameters
            .keep(self.name, self.depth, Cow::Owned(text.to_owned()));
        Ok(())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.visit_str(if value { "true" } else { "false" })
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.visit_str(&value.to_string())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.visit_str(&value.to_string())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.visit_str(&value.to_string())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let Self {
            parameters,
            name,
            depth,
        } = self;
        while seq
            .next_element_seed(Collector {
                parameters: &mut *parameters,
                name,
                depth,
            })?
            .is_some()
        {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let depth = self.depth.saturating_add(1);
        let mut seen: Vec<Cow<'de, str>> = Vec::new();
        while let Some(Key(key)) = map.next_key::<Key<'de>>()? {
            if depth > MAX_DEPTH {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            if self.name == Some("requestitems") {
                // The keys are the tables.
                self.parameters.keep(self.name, depth, key.clone());
            }
            let name = known(&key);
            if name.is_some() && seen.contains(&key) {
                return Err(A::Error::custom("duplicate field in parameters"));
            }
            map.next_value_seed(Collector {
                parameters: &mut *self.parameters,
                name,
                depth,
            })?;
            if name.is_some() && seen.len() < NAMES.len() {
                seen.push(key);
            }
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Collector<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        if self.depth >= MAX_DEPTH {
            return IgnoredAny::deserialize(from).map(|_| ());
        }
        from.deserialize_any(self)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Parameters<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let mut parameters = Parameters::<'de>::default();
        Collector {
            parameters: &mut parameters,
            name: None,
            depth: 0,
        }
        .deserialize(from)?;
        Ok(parameters)
    }
}

impl<'t> Parameters<'t> {
    /// Collects the parameters in the object at `cursor`, as serde does.
    pub(super) fn collect(&mut self, cursor: &mut Cursor<'t>) -> Option<()> {
        self.collect_value(cursor, None, 0)
    }

    fn collect_value(
        &mut self,
        cursor: &mut Cursor<'t>,
        name: Option<&'static str>,
        depth: u8,
    ) -> Option<()> {
        match cursor.peek()? {
            _ if depth >= MAX_DEPTH => cursor.skip(),
            b'"' => self.collect_text(cursor, name, depth),
            b'{' => self.collect_members(cursor, name, depth.saturating_add(1)),
            b'[' => cursor.array(|cursor| self.collect_value(cursor, name, depth)),
            _ if name.is_none() => cursor.skip(),
            _ => {
                let text = match cursor.scalar()? {
                    Scalar::Null => return Some(()),
                    Scalar::Bool(true) => Cow::Borrowed("true"),
                    Scalar::Bool(false) => Cow::Borrowed("false"),
                    Scalar::Number(number) if number.contains('.') => return None,
                    Scalar::Number(number) => Cow::Borrowed(number),
                    Scalar::Text(text) => text,
                };
                self.keep(name, depth, text);
                Some(())
            }
        }
    }

    #[inline]
    fn collect_text(
        &mut self,
        cursor: &mut Cursor<'t>,
        name: Option<&'static str>,
        depth: u8,
    ) -> Option<()> {
        let may_be_arn = cursor.may_be_at(b"\"arn:aws");
        if let Some(text) = cursor.plain_string() {
            if name.is_some() || may_be_arn {
                self.keep(name, depth, Cow::Borrowed(text));
            }
            return Some(());
        }
        if name.is_none() && !may_be_arn {
            return cursor.skip();
        }
        if let Scalar::Text(text) = cursor.scalar()? {
            self.keep(name, depth, text);
        }
        Some(())
    }

    fn collect_members(
        &mut self,
        cursor: &mut Cursor<'t>,
        around: Option<&'static str>,
        depth: u8,
    ) -> Option<()> {
        let mut seen = [false; NAMES.len()];
        let mut has_more = cursor.open_object()?;
        while has_more
            && cursor.texts(|key, text| {
                let name = self.name(key, around, depth, &mut seen)?;
                if depth < MAX_DEPTH && (name.is_some() || text.starts_with("arn:aws")) {
                    self.keep(name, depth, Cow::Borrowed(text));
                }
                Some(())
            })?
        {
            let key = cursor.key()?;
            let name = self.name(key, around, depth, &mut seen)?;
            self.collect_value(cursor, name, depth)?;
            has_more = cursor.next_member()?;
        }
        Some(())
    }

    /// The known name that `key` is, of a member of an object that stands under
    /// the name `around` and has `seen` others; declines what it has twice.
    #[inline]
    fn name(
        &mut self,
        key: &'t str,
        around: Option<&'static str>,
        depth: u8,
        seen: &mut [bool; NAMES.len()],
    ) -> Option<Option<&'static str>> {
        if around == Some("requestitems") {
            self.keep(around, depth, Cow::Borrowed(key));
        }
        let Some(at) = position(key) else {
            return Some(None);
        };
        // The same name twice may be in another letter case.
        let is_second = std::mem::replace(seen.get_mut(at)?, true);
        (!is_second).then(|| NAMES.get(at).copied())
    }
}

/// An object key, borrowed where it has no escape.
pub(super) struct Key<'a>(pub(super) Cow<'a, str>);

struct KeyVisitor;

impl<'de> Visitor<'de> for KeyVisitor {
    type Value = Key<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Key(Cow::Borrowed(text)))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Key(Cow::Owned(text.to_owned())))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Key<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_str(KeyVisitor)
    }
}
