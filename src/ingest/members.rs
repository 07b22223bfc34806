//! The parts of one JSON value, as slices of its text: members of an object,
//! elements of an array, the content of a string.

use std::borrow::Cow;

use super::repair;
use super::structure::delimit;

/// One member of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Member<'t> {
    /// The key between its quotes, not unescaped.
    pub(super) key: &'t str,
    /// The text of the value.
    pub(super) value: &'t str,
}

/// The members of the object `text`. Ends where the text stops being one.
pub(super) fn members(text: &str) -> impl Iterator<Item = Member<'_>> {
    let mut rest = text.trim_start().strip_prefix('{').unwrap_or_default();
    std::iter::from_fn(move || {
        let key;
        (key, rest) = take_value(skip(rest))?;
        let key = key.strip_prefix('"')?.strip_suffix('"')?;
        let value;
        (value, rest) = take_value(skip(rest).strip_prefix(':')?.trim_start())?;
        Some(Member { key, value })
    })
}

/// The elements of the array `text`. Ends where the text stops being one.
pub(super) fn elements(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text.trim_start().strip_prefix('[').unwrap_or_default();
    std::iter::from_fn(move || {
        let element;
        (element, rest) = take_value(skip(rest))?;
        Some(element)
    })
}

/// The value of the member `key` of the object `text`.
pub(super) fn member<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    members(text)
        .find(|member| member.key == key)
        .map(|member| member.value)
}

/// The value of the member `key`, if it is of the kind that begins with `open`.
pub(super) fn member_of_kind<'t>(text: &'t str, key: &str, open: char) -> Option<&'t str> {
    member(text, key).filter(|value| value.starts_with(open))
}

/// The content of the JSON string `text`; `None` when it is none.
pub(super) fn string(text: &str) -> Option<Cow<'_, str>> {
    let inner = text.strip_prefix('"')?.strip_suffix('"')?;
    if !inner.contains('\\') {
        return Some(Cow::Borrowed(inner));
    }
    serde_json::from_str(text)
        .or_else(|_| serde_json::from_str(&repair::lone_surrogates(text)))
        .ok()
        .map(Cow::Owned)
}

fn skip(text: &str) -> &str {
    text.trim_start_matches(|c: char| c == ',' || c.is_ascii_whitespace())
}

/// The value that `text` begins with, and what follows it.
fn take_value(text: &str) -> Option<(&str, &str)> {
    let n = match text.as_bytes().first()? {
        b'{' | b'[' | b'"' => delimit(text.as_bytes())?.0,
        _ => text.find([',', ':', ']', '}', ' ', '\t', '\r', '\n'])?,
    };
    (n > 0).then_some(())?;
    text.split_at_checked(n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_members(text: &str, expected: &[(&str, &str)]) {
        let found: Vec<_> = members(text).map(|m| (m.key, m.value)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn objects_come_apart_into_members() {
        assert_members("{}", &[]);
        assert_members(
            " { \"a\" : 1 , \"b\":[2,{}],\n\"c\":\"x\\\"}\" }",
            &[("a", "1"), ("b", "[2,{}]"), ("c", "\"x\\\"}\"")],
        );
        assert_members(r#"{"a":null,"b":"#, &[("a", "null")]);
        assert_members(r#"{1:2}"#, &[]);
        assert_members("[1]", &[]);
    }

    #[test]
    fn arrays_come_apart_into_elements() {
        let found: Vec<_> = elements(r#"[1, "a,]",{"b":[]} ,[] ]"#).collect();
        assert_eq!(found, ["1", "\"a,]\"", "{\"b\":[]}", "[]"]);
    }

    #[test]
    fn strings_are_unescaped_even_with_half_a_character() {
        assert_eq!(string(r#""a\"b""#).as_deref(), Some("a\"b"));
        assert_eq!(string(r#""a\ud83d!""#).as_deref(), Some("a\u{fffd}!"));
        assert_eq!(string("1"), None);
    }
}
