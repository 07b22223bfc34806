//! A record while it is put together.

use serde_json::{Map, Value};

/// A JSON object, filled by paths.
#[derive(Debug, Default)]
pub(super) struct Document(Map<String, Value>);

impl Document {
    /// Puts `value` at `path`, unless something is there or in the way.
    pub(super) fn set<'p>(&mut self, path: impl IntoIterator<Item = &'p str>, value: Value) {
        let mut path = path.into_iter().peekable();
        let mut object = &mut self.0;
        while let Some(key) = path.next() {
            if path.peek().is_none() {
                object.entry(key).or_insert(value);
                return;
            }
            let below = object
                .entry(key)
                .or_insert_with(|| Value::Object(Map::new()));
            let Value::Object(below) = below else {
                return;
            };
            object = below;
        }
    }

    /// Whether something is at `path`.
    pub(super) fn has<'p>(&self, path: impl IntoIterator<Item = &'p str>) -> bool {
        let mut path = path.into_iter();
        let first = path.next().and_then(|key| self.0.get(key));
        let last = path.fold(first, |value, key| value.and_then(|value| value.get(key)));
        last.is_some()
    }

    /// The value under a key of the record.
    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        self.0.get_mut(key)
    }

    /// The text under a key of the record.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        text(&self.0, key)
    }

    /// The record as JSON.
    pub(super) fn into_text(self) -> String {
        Value::Object(self.0).to_string()
    }
}

/// The text under `key`.
pub(super) fn text<'o>(object: &'o Map<String, Value>, key: &str) -> Option<&'o str> {
    object.get(key).and_then(Value::as_str)
}
