//! The small languages inside a mapping besides paths: conditions, patterns
//! and templates.

use std::fmt::Write as _;

use anyhow::{Context as _, bail};
use regex::Regex;
use serde::Deserialize;

use super::path::Path;
use super::tree::Tree;
use crate::ingest::text::is_absent;

/// `stage in ResponseComplete,Panic`: something a record may satisfy.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Condition {
    path: Path,
    test: Test,
}

/// What is asked of the values at a path.
#[derive(Clone, Debug)]
enum Test {
    Is(String),
    IsNot(String),
    In(Vec<String>),
    Matches(Regex),
    Present,
    Absent,
    Less(f64),
    More(f64),
}

impl TryFrom<String> for Condition {
    type Error = anyhow::Error;

    fn try_from(text: String) -> anyhow::Result<Self> {
        let mut words = text.trim().splitn(3, char::is_whitespace);
        let path = Path::parse(words.next().unwrap_or_default())
            .with_context(|| format!("in the condition {text:?}"))?;
        let operator = words.next().unwrap_or_default();
        let value = words.next().unwrap_or_default().trim();
        let number = || {
            let number = value.parse::<f64>();
            number.with_context(|| format!("{value:?} is no number, in the condition {text:?}"))
        };
        let test = match operator {
            "==" => Test::Is(value.to_owned()),
            "!=" => Test::IsNot(value.to_owned()),
            "in" => Test::In(value.split(',').map(|one| one.trim().to_owned()).collect()),
            "matches" => Test::Matches(Regex::new(value)?),
            "present" => Test::Present,
            "absent" => Test::Absent,
            "<" => Test::Less(number()?),
            ">" => Test::More(number()?),
            _ => bail!("the condition {text:?} has none of == != in matches present absent < >"),
        };
        Ok(Self { path, test })
    }
}

impl Condition {
    /// Whether `record` satisfies it. Where a path leads to several values, one
    /// is enough, and none must be for what is denied.
    pub(super) fn holds(&self, record: &Tree<'_>) -> bool {
        let mut is_any = false;
        let mut is_present = false;
        self.path.visit(record, &mut |value| {
            let text = value.text().filter(|text| !is_absent(text));
            is_present |= text.is_some()
                || matches!(value, Tree::Object(_))
                || matches!(value, Tree::List(elements) if !elements.is_empty());
            is_any |= text.is_some_and(|text| self.test.fits(text));
        });
        match self.test {
            Test::Present => is_present,
            Test::Absent => !is_present,
            Test::IsNot(_) => !is_any,
            _ => is_any,
        }
    }
}

impl Test {
    fn fits(&self, text: &str) -> bool {
        let number = || text.parse::<f64>().ok();
        match self {
            Self::Is(value) | Self::IsNot(value) => text == value,
            Self::In(values) => values.iter().any(|value| value == text),
            Self::Matches(regex) => regex.is_match(text),
            Self::Less(limit) => number().is_some_and(|number| number < *limit),
            Self::More(limit) => number().is_some_and(|number| number > *limit),
            Self::Present | Self::Absent => true,
        }
    }
}

/// A pattern for a whole value, `*` being any run of characters, in any letter
/// case.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub(super) struct Glob(Box<str>);

impl From<String> for Glob {
    fn from(text: String) -> Self {
        Self(text.to_lowercase().into())
    }
}

impl Glob {
    /// How many characters must be there: what makes one pattern more specific
    /// than another.
    pub(super) fn weight(&self) -> usize {
        self.0.bytes().filter(|byte| *byte != b'*').count()
    }

    /// Whether `text`, which is in lower case, is of this pattern.
    pub(super) fn fits(&self, text: &str) -> bool {
        let mut parts = self.0.split('*');
        let first = parts.next().unwrap_or_default();
        let Some(mut rest) = text.strip_prefix(first) else {
            return false;
        };
        let Some(last) = parts.next_back() else {
            return rest.is_empty();
        };
        for part in parts {
            let Some((_, after)) = rest.split_once(part) else {
                return false;
            };
            rest = after;
        }
        rest.ends_with(last)
    }
}

/// `{verb}:{objectRef.resource}{/objectRef.subresource}`: text with values in
/// it. A placeholder that begins with `/`, `:` or `#` may be missing, with that
/// character; all others must be there. `|path` cuts a query off.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Template(Vec<Part>);

#[derive(Clone, Debug)]
enum Part {
    Text(Box<str>),
    Value {
        path: Path,
        before: Option<char>,
        is_path_only: bool,
    },
}

impl TryFrom<String> for Template {
    type Error = anyhow::Error;

    fn try_from(text: String) -> anyhow::Result<Self> {
        let mut parts = Vec::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            if !before.is_empty() {
                parts.push(Part::Text(before.into()));
            }
            let Some((inner, after)) = after.split_once('}') else {
                bail!("a brace of the template {text:?} is not closed");
            };
            let before = inner
                .chars()
                .next()
                .filter(|c| matches!(c, '/' | ':' | '#'));
            let inner = inner.strip_prefix(['/', ':', '#']).unwrap_or(inner);
            let (inner, is_path_only) = match inner.strip_suffix("|path") {
                Some(inner) => (inner, true),
                None => (inner, false),
            };
            parts.push(Part::Value {
                path: Path::parse(inner).with_context(|| format!("in the template {text:?}"))?,
                before,
                is_path_only,
            });
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.into()));
        }
        if parts.is_empty() {
            bail!("a template is empty");
        }
        Ok(Self(parts))
    }
}

impl Template {
    /// The text with the values of `record`; `None` if a value is missing.
    pub(super) fn fill(&self, record: &Tree<'_>) -> Option<String> {
        let mut filled = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => filled.push_str(text),
                Part::Value {
                    path,
                    before,
                    is_path_only,
                } => match (first_text(std::slice::from_ref(path), record), before) {
                    (Some(value), _) => {
                        let value = if *is_path_only {
                            value.split('?').next().unwrap_or_default()
                        } else {
                            &value
                        };
                        filled.extend(before);
                        // Writing to a string cannot fail.
                        let _ = filled.write_str(value);
                    }
                    (None, Some(_)) => {}
                    (None, None) => return None,
                },
            }
        }
        Some(filled)
    }
}

/// The first text that one of `paths` leads to.
pub(super) fn first_text(paths: &[Path], record: &Tree<'_>) -> Option<String> {
    paths.iter().find_map(|path| {
        let mut found = None;
        path.visit(record, &mut |value| {
            if found.is_none() {
                let text = value.text().filter(|text| !is_absent(text));
                found = text.map(str::to_owned);
            }
        });
        found
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    const RECORD: &str = r#"{"a":"x","n":"7","list":["p","q"],"empty":"","none":null,
        "o":{"k":"v"},"uri":"/api?x=1"}"#;

    #[track_caller]
    fn holds(condition: &str, expected: bool) {
        let record = Tree::parse(RECORD).unwrap();
        let condition = Condition::try_from(condition.to_owned()).unwrap();
        assert_eq!(condition.holds(&record), expected);
    }

    #[test]
    fn conditions_hold_or_not() {
        holds("a == x", true);
        holds("a == y", false);
        holds("a != y", true);
        holds("missing == y", false);
        holds("missing != y", true);
        holds("a in y, x", true);
        holds("a matches ^[w-z]$", true);
        holds("n < 8", true);
        holds("n > 7", false);
        holds("a > 1", false);
        holds("list[*] == q", true);
        holds("list[*] != q", false);
        holds("empty present", false);
        holds("none absent", true);
        holds("o present", true);
        holds("list present", true);
    }

    #[test]
    fn what_is_no_condition_is_refused() {
        for text in ["", "a", "a ~ b", "a matches (", "n < many"] {
            assert!(Condition::try_from(text.to_owned()).is_err(), "{text}");
        }
    }

    #[track_caller]
    fn fits(pattern: &str, text: &str, expected: bool) {
        let glob = Glob::from(pattern.to_owned());
        assert_eq!(glob.fits(text), expected, "{pattern} {text}");
    }

    #[test]
    fn patterns_are_for_whole_values() {
        fits("git.clone", "git.clone", true);
        fits("git.clone", "git.clone2", false);
        fits("*.login*", "org.login_failed", true);
        fits("*.LOGIN", "org.login", true);
        fits("a*b*c", "a-b-b-c", true);
        fits("a*b*c", "a-c-b", false);
        fits("*", "", true);
        fits("ab*ba", "aba", false);
    }

    #[track_caller]
    fn fills(template: &str, expected: Option<&str>) {
        let record = Tree::parse(RECORD).unwrap();
        let template = Template::try_from(template.to_owned()).unwrap();
        assert_eq!(template.fill(&record).as_deref(), expected);
    }

    #[test]
    fn templates_are_filled_or_fail() {
        fills("{a}:{o.k}", Some("x:v"));
        fills("{a}{/o.k}{/missing}", Some("x/v"));
        fills("{a}:{missing}", None);
        fills("{a}:{uri|path}", Some("x:/api"));
        assert!(Template::try_from("{a".to_owned()).is_err());
        assert!(Template::try_from(String::new()).is_err());
    }
}
