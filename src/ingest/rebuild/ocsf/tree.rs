//! A record that is being put together from its paths.

use serde_json::{Map, Value};

use crate::ingest::text::is_absent;

/// Names in one path. No product nests its records half as deep, and a path of
/// a million dots must not become a million objects.
const MAX_PATH: usize = 16;

/// A JSON object that grows field by field. What is there stays.
#[derive(Debug, Default)]
pub(super) struct Tree(Map<String, Value>);

impl Tree {
    /// Takes over the fields that the schema has no place for: an object whose
    /// keys are paths, or text that holds one.
    pub(super) fn fill(&mut self, unmapped: Option<&Value>) {
        match unmapped {
            Some(Value::Object(fields)) => {
                for (path, value) in fields {
                    self.put(path, value.clone());
                }
            }
            Some(Value::String(text)) => {
                if let Ok(fields @ Value::Object(_)) = serde_json::from_str(text) {
                    self.fill(Some(&fields));
                }
            }
            _ => {}
        }
    }

    /// Puts `value` at `path`, unless something is there, or the value is a
    /// word for nothing.
    pub(super) fn put(&mut self, path: &str, value: Value) {
        let names: Vec<&str> = path.split('.').take(MAX_PATH + 1).collect();
        let Some((last, parents)) = names.split_last() else {
            return;
        };
        if names.len() > MAX_PATH || is_nothing(&value) {
            return;
        }
        let mut object = &mut self.0;
        for name in parents {
            let child = object
                .entry(*name)
                .or_insert_with(|| Value::Object(Map::new()));
            match child {
                Value::Object(inner) => object = inner,
                _ => return,
            }
        }
        object.entry(*last).or_insert(value);
    }

    /// Puts `text` at `path`, unless something is there.
    pub(super) fn put_text(&mut self, path: &str, text: impl Into<String>) {
        self.put(path, Value::String(text.into()));
    }

    /// Whether something is at `path`.
    pub(super) fn has(&self, path: &str) -> bool {
        let mut names = path.split('.');
        let first = names.next().and_then(|name| self.0.get(name));
        first
            .and_then(|first| names.try_fold(first, |value, name| value.get(name)))
            .is_some()
    }

    /// The object itself.
    pub(super) fn into_value(self) -> Value {
        Value::Object(self.0)
    }
}

/// Whether a value says nothing. Two quotes are what a translator makes of an
/// empty identifier.
pub(super) fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => is_absent(text) || text == "''",
        _ => false,
    }
}
