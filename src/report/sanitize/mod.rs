//! Encoders: one per sink, each taking text that an attacker may have written
//! to text that the sink shows and does not obey.
//!
//! Every encoder hides secrets first ([`redact()`]), so that none can be
//! forgotten. What is left is shown completely: a character that a terminal
//! would obey or not show at all appears as `\u{1b}`. Removing ANSI sequences
//! would not be enough; there are 8-bit controls, bidirectional overrides,
//! zero-width and tag characters.

mod markup;
mod redact;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::LazyLock;

use regex::Regex;

use crate::event::Untrusted;
use crate::finding::shell;

pub use markup::{
    markdown, markdown_block, markdown_code, sarif_message, slack, slack_code, uri_path,
};
pub use redact::redact;

/// Text that is, or quotes, something logged.
///
/// Implemented for our own strings too, because sentences of ours quote logs.
pub trait Logged {
    /// The text, unsafe to print.
    fn raw(&self) -> &str;
}

impl Logged for Untrusted {
    fn raw(&self) -> &str {
        self.as_raw()
    }
}

impl Logged for str {
    fn raw(&self) -> &str {
        self
    }
}

impl Logged for String {
    fn raw(&self) -> &str {
        self
    }
}

/// Which characters a terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    /// Every visible character.
    Unicode,
    /// U+0020 to U+007E.
    Ascii,
}

/// Controls, format characters (bidirectional, zero width, tags), line and
/// paragraph separators, private use, unassigned, and whatever else is
/// invisible by default.
#[expect(clippy::expect_used, reason = "a literal pattern, compiled by a test")]
static HIDDEN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]").expect("valid pattern")
});

/// Combining marks: two on one letter are a language, a tower of them
/// overwrites the lines around it.
#[expect(clippy::expect_used, reason = "a literal pattern, compiled by a test")]
static MARK: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\p{M}").expect("valid pattern"));

/// Combining marks shown in a row; the next ones are spelled out.
const MARKS_IN_A_ROW: u32 = 2;

/// Whether `text` holds a character that a terminal obeys or does not show.
#[must_use]
pub fn has_hidden<T: Logged + ?Sized>(text: &T) -> bool {
    !is_plain_ascii(text.raw()) && HIDDEN.is_match(text.raw())
}

/// For a terminal, or a file that somebody will `cat`: secrets redacted, every
/// hidden character in its visible `\u{1b}` form. The result is one line.
#[must_use]
pub fn terminal<T: Logged + ?Sized>(text: &T, charset: Charset) -> String {
    let text = redact(text.raw());
    if is_plain_ascii(&text) {
        return text.into_owned();
    }
    let mut shown = String::with_capacity(text.len());
    let mut n_marks = 0_u32;
    for character in text.chars() {
        let mut buffer = [0; 4];
        let encoded: &str = character.encode_utf8(&mut buffer);
        n_marks = if !character.is_ascii() && MARK.is_match(encoded) {
            n_marks.saturating_add(1)
        } else {
            0
        };
        if n_marks > MARKS_IN_A_ROW || (!is_plain_ascii(encoded) && HIDDEN.is_match(encoded)) {
            push_escaped(&mut shown, character);
        } else if charset == Charset::Ascii && !character.is_ascii() {
            match ascii_form(character) {
                Some(form) => shown.push_str(form),
                None => push_escaped(&mut shown, character),
            }
        } else {
            shown.push(character);
        }
    }
    shown
}

/// For columns that carry text as it is (JSON values before encoding,
/// Parquet): secrets redacted, nothing else changed.
#[must_use]
pub fn exact<T: Logged + ?Sized>(text: &T) -> Cow<'_, str> {
    redact(text.raw())
}

/// For a finished JSON document: hidden characters as `\uXXXX`, so that it can
/// be shown in a terminal while a parser gets the original back.
///
/// Hidden characters other than the line feeds of the layout occur in a JSON
/// document only inside strings, where this escape is valid.
#[must_use]
pub fn json_document(document: &str) -> Cow<'_, str> {
    if document
        .bytes()
        .all(|byte| matches!(byte, b'\n' | b' '..=b'~'))
    {
        return Cow::Borrowed(document);
    }
    HIDDEN.replace_all(document, |found: &regex::Captures<'_>| {
        let hidden = found.get(0).map_or("", |all| all.as_str());
        if hidden == "\n" {
            return hidden.to_owned();
        }
        hidden.encode_utf16().fold(String::new(), |mut text, unit| {
            // Writing to a `String` cannot fail.
            let _ = write!(text, "\\u{unit:04x}");
            text
        })
    })
}

/// Characters that make a spreadsheet take a cell for a formula, as OWASP
/// lists them ("CSV injection"), with their full-width forms.
const FORMULA_STARTS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// For a text cell of a CSV file: always quoted, with a leading `'` where a
/// spreadsheet would otherwise run it, and visible as in [`terminal`].
#[must_use]
pub fn csv_cell<T: Logged + ?Sized>(text: &T) -> String {
    let raw = redact(text.raw());
    let first = raw
        .chars()
        .find(|c| FORMULA_STARTS.contains(c) || !c.is_whitespace());
    let prefix = match first {
        Some(c) if FORMULA_STARTS.contains(&c) => "'",
        _ => "",
    };
    let shown = terminal(&*raw, Charset::Unicode).replace('"', "\"\"");
    format!("\"{prefix}{shown}\"")
}

/// For text and for quoted attribute values of HTML: secrets redacted, visible
/// as in [`terminal`], and nothing that a parser takes for markup. Never for
/// a script, a style or a URL.
#[must_use]
pub fn html<T: Logged + ?Sized>(text: &T) -> String {
    let shown = terminal(text, Charset::Unicode);
    let mut html = String::with_capacity(shown.len());
    for character in shown.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            // A quote of old browsers, and of some filters.
            '`' => html.push_str("&#96;"),
            other => html.push(other),
        }
    }
    html
}

/// One word of a POSIX shell command, in single quotes where it needs them.
///
/// `None` for text with hidden characters: a command that looks different from
/// what it does must not be suggested.
#[must_use]
pub fn shell_word<T: Logged + ?Sized>(text: &T) -> Option<String> {
    let text = redact(text.raw());
    (!has_hidden(&*text)).then(|| shell::quoted(&text))
}

fn is_plain_ascii(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

fn push_escaped(shown: &mut String, character: char) {
    // Writing to a `String` cannot fail.
    let _ = write!(shown, "\\u{{{:x}}}", u32::from(character));
}

/// How a terminal without Unicode shows the punctuation that our own sentences
/// use.
fn ascii_form(character: char) -> Option<&'static str> {
    Some(match character {
        '…' => "...",
        '–' | '—' | '−' | '·' => "-",
        '×' => "x",
        '≥' => ">=",
        '≤' => "<=",
        '→' => "->",
        '‘' | '’' => "'",
        '“' | '”' => "\"",
        _ => return None,
    })
}
