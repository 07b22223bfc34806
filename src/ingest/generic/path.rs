//! Paths: how a mapping says where in a record a value is.
//!
//! `a.b`, `a\.b` (one key), `a[0]`, `a[-1]`, `a[*]`, `target[type=User].id`,
//! `properties->status.errorCode` (the text of `properties` is JSON itself).

use std::fmt;

use super::tree::Tree;
use crate::ingest::table::canonical;

/// Elements of an array that `[*]` and filters look at.
const MAX_ELEMENTS: usize = 256;

/// One way to a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    steps: Vec<Step>,
    /// As written.
    written: Box<str>,
    /// In a table: the canonical name of the column.
    column: Box<str>,
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// The member with this key.
    Key(Box<str>),
    /// The element at this place, from the end if negative.
    At(i64),
    /// Every element.
    Each,
    /// The elements whose member has this text.
    Where(Box<str>, Box<str>),
    /// The JSON value in a text.
    Inside,
}

/// Why a path cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathError(&'static str);

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for PathError {}

impl Path {
    /// Reads a path.
    ///
    /// # Errors
    ///
    /// [`PathError`], when it is empty or a bracket is not closed or understood.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        let mut steps = Vec::new();
        let mut key = String::new();
        let mut rest = text;
        let end_key = |key: &mut String, steps: &mut Vec<Step>| {
            if !key.is_empty() {
                steps.push(Step::Key(std::mem::take(key).into()));
            }
        };
        while let Some(c) = rest.chars().next() {
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
            match c {
                '\\' => {
                    let escaped = rest.chars().next();
                    let escaped = escaped.ok_or(PathError("a path ends with a backslash"))?;
                    key.push(escaped);
                    rest = rest.get(escaped.len_utf8()..).unwrap_or_default();
                }
                '.' => end_key(&mut key, &mut steps),
                '-' if rest.starts_with('>') => {
                    end_key(&mut key, &mut steps);
                    steps.push(Step::Inside);
                    rest = rest.get(1..).unwrap_or_default();
                }
                '[' => {
                    end_key(&mut key, &mut steps);
                    let (inner, after) = rest
                        .split_once(']')
                        .ok_or(PathError("a bracket of a path is not closed"))?;
                    steps.push(bracket(inner)?);
                    rest = after;
                }
                c => key.push(c),
            }
        }
        end_key(&mut key, &mut steps);
        if steps.is_empty() {
            return Err(PathError("a path is empty"));
        }
        let column = text.split("->").next().unwrap_or_default();
        Ok(Self {
            steps,
            written: text.into(),
            column: canonical(column).into(),
        })
    }

    /// As written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// The canonical name of the column that is meant, in a table.
    #[must_use]
    pub fn column(&self) -> &str {
        &self.column
    }

    /// The key that a record must have for the path to lead anywhere.
    #[must_use]
    pub fn first_key(&self) -> Option<&str> {
        match self.steps.first() {
            Some(Step::Key(key)) => Some(key),
            _ => None,
        }
    }

    /// Calls `visit` with every value that the path leads to, in order.
    pub(super) fn visit(&self, tree: &Tree<'_>, visit: &mut dyn FnMut(&Tree<'_>)) {
        let Tree::Row(cells) = tree else {
            return follow(&self.steps, tree, visit);
        };
        let inside = self.steps.iter().position(|step| *step == Step::Inside);
        let steps = inside.and_then(|at| self.steps.get(at..));
        if let Some((_, cell)) = cells.iter().find(|(name, _)| *name == &*self.column) {
            let cell = Tree::Scalar((*cell).into());
            follow(steps.unwrap_or_default(), &cell, visit);
        }
    }
}

fn bracket(inner: &str) -> Result<Step, PathError> {
    if inner == "*" {
        return Ok(Step::Each);
    }
    if let Some((key, value)) = inner.split_once('=') {
        return Ok(Step::Where(key.into(), value.into()));
    }
    let at = inner.parse();
    at.map(Step::At).map_err(|_| {
        PathError(
            "a bracket of a path is neither a number, nor *, nor a condition like [type=User]",
        )
    })
}

fn follow(steps: &[Step], tree: &Tree<'_>, visit: &mut dyn FnMut(&Tree<'_>)) {
    let Some((step, rest)) = steps.split_first() else {
        return visit(tree);
    };
    match step {
        Step::Key(key) => {
            if let Some(member) = tree.member(key) {
                follow(rest, member, visit);
            }
        }
        Step::At(at) => {
            let elements = tree.elements();
            let index = if *at < 0 {
                let back = usize::try_from(at.unsigned_abs()).ok();
                back.and_then(|back| elements.len().checked_sub(back))
            } else {
                usize::try_from(*at).ok()
            };
            if let Some(element) = index.and_then(|index| elements.get(index)) {
                follow(rest, element, visit);
            }
        }
        Step::Each => {
            for element in tree.elements().iter().take(MAX_ELEMENTS) {
                follow(rest, element, visit);
            }
        }
        Step::Where(key, value) => {
            for element in tree.elements().iter().take(MAX_ELEMENTS) {
                if element.member(key).and_then(Tree::text) == Some(value) {
                    follow(rest, element, visit);
                }
            }
        }
        Step::Inside => {
            let text = tree.text().map(str::trim_start).unwrap_or_default();
            if !text.starts_with(['{', '[']) {
                return;
            }
            if let Ok(inner) = Tree::parse(text) {
                follow(rest, &inner, visit);
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[track_caller]
    fn leads_to(path: &str, record: &str, expected: &[&str]) {
        let tree = Tree::parse(record).unwrap();
        let mut found = Vec::new();
        Path::parse(path).unwrap().visit(&tree, &mut |value| {
            found.extend(value.text().map(str::to_owned));
        });
        assert_eq!(found, expected, "{path}");
    }

    #[test]
    fn paths_lead_to_values() {
        let record = r#"{"a":{"b":"1"},"a.b":"2","list":["x","y","z"],
            "target":[{"type":"App","id":"3"},{"type":"User","id":"4"}],
            "text":"{\"in\":{\"side\":5}}","plain":"no","@timestamp":"t"}"#;
        leads_to("a.b", record, &["1"]);
        leads_to("A.B", record, &["1"]);
        leads_to(r"a\.b", record, &["2"]);
        leads_to("list[0]", record, &["x"]);
        leads_to("list[-1]", record, &["z"]);
        leads_to("list[3]", record, &[]);
        leads_to("list[-4]", record, &[]);
        leads_to("list[*]", record, &["x", "y", "z"]);
        leads_to("target[type=User].id", record, &["4"]);
        leads_to("text->in.side", record, &["5"]);
        leads_to("plain->x", record, &[]);
        leads_to("@timestamp", record, &["t"]);
        leads_to("a[0].b", record, &["1"]);
        leads_to("missing.x", record, &[]);
    }

    #[test]
    fn in_a_table_a_path_is_a_column() {
        let row = Tree::Row(vec![
            ("sourceipaddress", "::1"),
            ("more", r#"{"a":{"b":1}}"#),
        ]);
        let mut found = Vec::new();
        for path in ["Source IP address", "more->a.b", "a.b"] {
            Path::parse(path).unwrap().visit(&row, &mut |value| {
                found.extend(value.text().map(str::to_owned));
            });
        }
        assert_eq!(found, ["::1", "1"]);
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for text in ["", ".", "a[", "a[x]", "a\\"] {
            assert!(Path::parse(text).is_err(), "{text}");
        }
    }
}
