//! Lossy repair of one record's text, tried only where the exact text failed.

use std::borrow::Cow;

/// `text` with whatever a JSON reader refuses and a record can do without
/// replaced: [`lone_surrogates`] and [`huge_numbers`].
pub(super) fn readable(text: &str) -> Cow<'_, str> {
    match lone_surrogates(text) {
        Cow::Borrowed(text) => huge_numbers(text),
        Cow::Owned(text) => Cow::Owned(huge_numbers(&text).into_owned()),
    }
}

/// `text` with every number beyond any floating-point number (`1e400`) replaced
/// by null: it says nothing.
fn huge_numbers(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut kept = 0;
    let mut is_quoted = false;
    let mut is_escaped = false;
    let mut number = None;
    for (at, byte) in text.bytes().enumerate() {
        if is_quoted {
            is_quoted = is_escaped || byte != b'"';
            is_escaped = !is_escaped && byte == b'\\';
            continue;
        }
        is_quoted = byte == b'"';
        let is_part = byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E');
        match (number, is_part) {
            (None, true) if byte.is_ascii_digit() || byte == b'-' => number = Some(at),
            (Some(start), false) => {
                number = None;
                if text.get(start..at).is_some_and(is_huge) {
                    out.push_str(text.get(kept..start).unwrap_or_default());
                    out.push_str("null");
                    kept = at;
                }
            }
            _ => {}
        }
    }
    if kept == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(text.get(kept..).unwrap_or_default());
    Cow::Owned(out)
}

fn is_huge(number: &str) -> bool {
    number.parse::<f64>().is_ok_and(f64::is_infinite)
}

/// `text` with every escape of half a UTF-16 surrogate pair (`\ud83d` alone)
/// replaced by that of U+FFFD. Other text is returned as it is.
pub(super) fn lone_surrogates(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut kept = 0;
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| rest.find('\\')) {
        let escape = at + found;
        at = match (unit(text, escape), unit(text, escape + 6)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => escape + 12,
            (Some(0xd800..=0xdfff), _) => {
                out.push_str(text.get(kept..escape).unwrap_or_default());
                out.push_str("\\ufffd");
                kept = escape + 6;
                kept
            }
            // The escaped character may be longer than a byte in broken text.
            _ => text.ceil_char_boundary(escape + 2),
        };
    }
    if kept == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(text.get(kept..).unwrap_or_default());
    Cow::Owned(out)
}

/// The JSON object whose beginning is `text`, without what is incomplete at its
/// end. `None` when `text` is whole, is no object, or is nested too deep.
pub(super) fn close(text: &str) -> Option<String> {
    let mut closers = Vec::new();
    let mut end = 0;
    let (mut is_quoted, mut is_escaped, mut is_value) = (false, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_quoted => is_escaped = true,
            b'"' => {
                is_quoted = !is_quoted;
                // A key alone says nothing.
                if !is_quoted && is_value {
                    end = at + 1;
                }
            }
            _ if is_quoted => {}
            b'{' | b'[' => {
                closers.push(if byte == b'{' { '}' } else { ']' });
                is_value = byte == b'[';
                end = at + 1;
            }
            b'}' | b']' => {
                closers.pop();
                end = at + 1;
            }
            b':' => is_value = true,
            b',' => {
                is_value = closers.last() == Some(&']');
                end = at;
            }
            _ => {}
        }
        if closers.is_empty() || closers.len() > MAX_OPEN {
            return None;
        }
    }
    let mut closed = text
        .get(..end)
        .filter(|whole| !whole.is_empty())?
        .to_owned();
    closed.extend(closers.iter().rev());
    Some(closed)
}

/// Levels that are closed at most.
const MAX_OPEN: usize = 64;

/// The UTF-16 unit that `\uXXXX` at `at` stands for.
fn unit(text: &str, at: usize) -> Option<u16> {
    let hex = text.get(at..)?.strip_prefix("\\u")?.get(..4)?;
    u16::from_str_radix(hex, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_closed(text: &str, expected: Option<&str>) {
        assert_eq!(close(text).as_deref(), expected, "{text}");
        if let Some(text) = expected {
            assert!(serde_json::from_str::<serde_json::Value>(text).is_ok());
        }
    }

    #[test]
    fn a_cut_object_is_closed_behind_what_is_complete() {
        assert_closed(r#"{"a":"b","c":"d"#, Some(r#"{"a":"b"}"#));
        assert_closed(r#"{"a":"b","c"#, Some(r#"{"a":"b"}"#));
        assert_closed(r#"{"a":"b","c":"#, Some(r#"{"a":"b"}"#));
        assert_closed(r#"{"a":"b","c":12"#, Some(r#"{"a":"b"}"#));
        assert_closed(r#"{"a":12,"#, Some(r#"{"a":12}"#));
        assert_closed(r#"{"a":{"b":["c","d"#, Some(r#"{"a":{"b":["c"]}}"#));
        assert_closed(r#"{"a":"x\"}","b":{"#, Some(r#"{"a":"x\"}","b":{}}"#));
        assert_closed(r#"{"a":[{"b":1},{"#, Some(r#"{"a":[{"b":1},{}]}"#));
        assert_closed("{", Some("{}"));
    }

    #[test]
    fn what_is_no_beginning_of_an_object_stays_broken() {
        assert_closed("", None);
        assert_closed(r#"{"a":1}"#, None);
        assert_closed(r#"{"a":1}}"#, None);
        assert_closed("x", None);
        assert_closed(&"[".repeat(10_000), None);
    }

    #[track_caller]
    fn assert_repair(text: &str, expected: &str) {
        assert_eq!(lone_surrogates(text), expected);
    }

    #[test]
    fn numbers_beyond_all_numbers_say_nothing() {
        assert_eq!(
            readable(r#"{"a":1e400,"b":[-1E999,1e3,-0],"c":"1e400\"1e400"}"#),
            r#"{"a":null,"b":[null,1e3,-0],"c":"1e400\"1e400"}"#
        );
        assert!(matches!(
            readable(r#"{"a":1e30,"true":true}"#),
            Cow::Borrowed(_)
        ));
    }

    #[test]
    fn only_lone_halves_are_replaced() {
        assert_repair(r"a\ud83db", r"a\ufffdb");
        assert_repair(r"\udc00\ud83d", r"\ufffd\ufffd");
        assert_repair(r"\ud83d\ude00", r"\ud83d\ude00");
        assert_repair(r"\\ud83d", r"\\ud83d");
        assert_repair(r"\u0041\n", r"\u0041\n");
        assert_repair("\\é\\ud800", "\\é\\ufffd");
        assert_repair("\\", "\\");
    }
}
