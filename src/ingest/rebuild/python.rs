//! Values as Python prints them, which scripts save in place of JSON:
//! `{'type': 'Root', 'mfa': None}`.

use std::iter::Peekable;
use std::str::Chars;

/// Whether `text` begins like a dictionary, or a list of them or of texts.
pub(in crate::ingest) fn is_likely(text: &str) -> bool {
    let inner = text.trim_start();
    let inner = inner.strip_prefix('[').unwrap_or(inner).trim_start();
    let key = inner.strip_prefix('{').unwrap_or_default().trim_start();
    key.starts_with('\'') || inner.starts_with('\'')
}

/// The JSON of the value that `text` is, if it is made of what JSON has too.
pub(in crate::ingest) fn to_json(text: &str) -> Option<String> {
    let mut json = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\'' | '"' => {
                let content = quoted(&mut chars, char)?;
                json.push_str(&serde_json::Value::from(content).to_string());
            }
            '(' => json.push('['),
            ')' => json.push(']'),
            '{' | '}' | '[' | ']' | ',' | ':' => json.push(char),
            _ if char.is_whitespace() => json.push(' '),
            _ => json.push_str(&word(char, &mut chars)?),
        }
    }
    Some(json)
}

/// What stands before the next `quote`, its escapes read.
fn quoted(chars: &mut Peekable<Chars<'_>>, quote: char) -> Option<String> {
    let mut content = String::new();
    loop {
        match chars.next()? {
            '\\' => content.push(escaped(chars)?),
            char if char == quote => return Some(content),
            char => content.push(char),
        }
    }
}

/// What an escape stands for.
fn escaped(chars: &mut Peekable<Chars<'_>>) -> Option<char> {
    let n_digits = match chars.next()? {
        'n' => return Some('\n'),
        't' => return Some('\t'),
        'r' => return Some('\r'),
        'x' => 2,
        'u' => 4,
        'U' => 8,
        other => return Some(other),
    };
    let digits: String = chars.by_ref().take(n_digits).collect();
    let code = u32::from_str_radix(&digits, 16).ok()?;
    Some(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
}

/// A word or number that begins with `first`.
fn word(first: char, chars: &mut Peekable<Chars<'_>>) -> Option<String> {
    let mut word = String::from(first);
    let is_part = |char: &char| char.is_ascii_alphanumeric() || matches!(char, '.' | '-' | '+');
    while let Some(char) = chars.next_if(is_part) {
        word.push(char);
    }
    match word.as_str() {
        "None" | "nan" => Some("null".to_owned()),
        "True" => Some("true".to_owned()),
        "False" => Some("false".to_owned()),
        _ => word
            .parse::<f64>()
            .is_ok_and(f64::is_finite)
            .then_some(word),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_dictionary_is_an_object() {
        let text = r#"{'a': 'it\'s "x"', 'b': [None, True, 1.5, -2], 'c': {'d': "it's"}, 'e': ('\x41\u00e9\n',)}"#;
        assert!(is_likely(text));
        let json = to_json(text).unwrap_or_default().replace(",]", "]");
        let value: Option<Value> = serde_json::from_str(&json).ok();
        let expected = json!({
            "a": "it's \"x\"", "b": [null, true, 1.5, -2], "c": {"d": "it's"}, "e": ["Aé\n"],
        });
        assert_eq!(value, Some(expected));
    }

    #[test]
    fn what_json_does_not_have_is_none() {
        for text in [
            "{'a': datetime(2026, 1, 1)}",
            "{'a",
            "{'a': b'x'}",
            "{'a': '\\xzz'}",
        ] {
            assert_eq!(to_json(text), None, "{text}");
        }
        assert!(is_likely("['a']"));
        assert!(!is_likely("{\"a\": 1}") && !is_likely("{a='b'}") && is_likely("[{'a': 1}]"));
    }
}
