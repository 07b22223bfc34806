//! Encoders for markup that somebody else renders: Markdown in a ticket, text
//! objects of Slack, messages and addresses in SARIF.
//!
//! What these sinks obey is shown, like everything else that is obeyed: links
//! are defanged (`https[:]//`), a mention appears as `\u{40}here`.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::{Charset, Logged, push_escaped, terminal};

/// Addresses that a renderer would turn into links by itself.
#[expect(clippy::expect_used, reason = "a literal pattern, compiled by a test")]
static ADDRESS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)://|\bwww\.|\bmailto:").expect("valid pattern"));

/// Characters that mean something in CommonMark, in its GitHub and GitLab
/// dialects, or in formulas there.
const MARKDOWN: &str = "\\`*_{}[]<>|~&!#$^";

/// For running text in Markdown: nothing in it is a link, an image, HTML, a
/// mention, emphasis or the end of a table cell.
#[must_use]
pub fn markdown<T: Logged + ?Sized>(text: &T) -> String {
    let shown = without_mentions(&defanged(&terminal(text, Charset::Unicode)));
    let mut escaped = String::with_capacity(shown.len());
    for character in shown.chars() {
        if MARKDOWN.contains(character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

/// For a value in Markdown: a code span, in a table as well as outside of it.
#[must_use]
pub fn markdown_code<T: Logged + ?Sized>(text: &T) -> String {
    let shown = terminal(text, Charset::Unicode).replace('|', "\\u{7c}");
    let longest = longest_run(&shown, '`');
    let fence = "`".repeat(longest.saturating_add(1));
    // A span of blanks is none, and one blank on either side is taken off.
    if shown.trim().is_empty() {
        return format!("{fence}\"{shown}\"{fence}");
    }
    if longest > 0 || shown.starts_with(' ') || shown.ends_with(' ') {
        return format!("{fence} {shown} {fence}");
    }
    format!("{fence}{shown}{fence}")
}

/// Lines in a fenced code block of Markdown: commands, to be copied as they
/// are. Lines with hidden characters belong elsewhere.
#[must_use]
pub fn markdown_block(lines: &[String]) -> String {
    let shown: Vec<String> = lines
        .iter()
        .map(|line| terminal(line, Charset::Unicode))
        .collect();
    let longest = shown.iter().map(|line| longest_run(line, '`')).max();
    let fence = "`".repeat(longest.unwrap_or_default().max(2).saturating_add(1));
    format!("{fence}sh\n{}\n{fence}", shown.join("\n"))
}

/// For a `plain_text` object of Slack, of at most `limit` characters before
/// the three that Slack wants escaped are.
#[must_use]
pub fn slack<T: Logged + ?Sized>(text: &T, limit: usize) -> String {
    let shown = without_mentions(&defanged(&terminal(text, Charset::Unicode)));
    escaped_for_slack(&cut(&shown, limit))
}

/// For a value in a `mrkdwn` object of Slack: a code span, of at most `limit`
/// characters. There is no escape for a backtick in it.
#[must_use]
pub fn slack_code<T: Logged + ?Sized>(text: &T, limit: usize) -> String {
    let shown = terminal(text, Charset::Unicode).replace('`', "\\u{60}");
    let shown = if shown.trim().is_empty() {
        format!("\"{shown}\"")
    } else {
        cut(&shown, limit)
    };
    format!("`{}`", escaped_for_slack(&shown))
}

/// For the text of a SARIF message: no embedded link (SARIF 2.1.0, 3.11.6) and
/// no placeholder (3.11.5).
#[must_use]
pub fn sarif_message<T: Logged + ?Sized>(text: &T) -> String {
    let shown = defanged(&terminal(text, Charset::Unicode));
    let mut escaped = String::with_capacity(shown.len());
    for character in shown.chars() {
        match character {
            '\\' | '[' | ']' => escaped.push('\\'),
            '{' | '}' => escaped.push(character),
            _ => {}
        }
        escaped.push(character);
    }
    escaped
}

/// A path as a relative reference (RFC 3986): nothing in it is a scheme, a
/// query, a fragment or the name of a host.
#[must_use]
pub fn uri_path<T: Logged + ?Sized>(text: &T) -> String {
    let text = super::exact(text);
    let mut uri = String::with_capacity(text.len());
    // Two slashes at the beginning would name a host.
    let text = match text.strip_prefix("//") {
        Some(rest) => format!("/{}", rest.trim_start_matches('/')),
        None => text.into_owned(),
    };
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

fn defanged(text: &str) -> String {
    ADDRESS
        .replace_all(text, |found: &Captures<'_>| {
            let found = found.get(0).map_or("", |all| all.as_str());
            match found {
                "://" => "[:]//".to_owned(),
                // The sign at its end: a full stop or a colon.
                name => {
                    let (name, sign) = name.split_at(name.len().saturating_sub(1));
                    format!("{name}[{sign}]")
                }
            }
        })
        .into_owned()
}

/// `@` spelled out where it would call somebody: at the beginning of a word.
fn without_mentions(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut is_in_word = false;
    for character in text.chars() {
        if character == '@' && !is_in_word {
            push_escaped(&mut shown, character);
        } else {
            shown.push(character);
        }
        is_in_word = character.is_alphanumeric();
    }
    shown
}

/// The length of the longest run of `wanted`.
fn longest_run(text: &str, wanted: char) -> usize {
    text.split(|c| c != wanted)
        .map(str::len)
        .max()
        .unwrap_or_default()
}

/// At most `limit` characters, the last one a mark if something was cut off.
fn cut(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let head = text.chars().take(limit.saturating_sub(1));
    head.chain(['…']).collect()
}

fn escaped_for_slack(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_shows_what_it_would_obey() {
        assert_eq!(markdown("a|b *c* [d](e)"), r"a\|b \*c\* \[d\](e)");
        assert_eq!(
            markdown("![x](https://a.example/p.png)"),
            r"\!\[x\](https\[:\]//a.example/p.png)"
        );
        assert_eq!(markdown("@here a@b.example"), r"\\u\{40\}here a@b.example");
        assert_eq!(markdown("WWW.x.example"), r"WWW\[.\]x.example");
        assert_eq!(markdown("a\nb"), r"a\\u\{a\}b");
        assert_eq!(markdown("<b>&amp;"), r"\<b\>\&amp;");
    }

    #[test]
    fn a_code_span_holds_whatever_it_is_given() {
        assert_eq!(markdown_code("a"), "`a`");
        assert_eq!(markdown_code("a``b"), "``` a``b ```");
        assert_eq!(markdown_code("`"), "`` ` ``");
        assert_eq!(markdown_code(" "), "`\" \"`");
        assert_eq!(markdown_code("a|b"), "`a\\u{7c}b`");
        assert_eq!(
            slack_code("a`b<!channel>", 99),
            "`a\\u{60}b&lt;!channel&gt;`"
        );
    }

    #[test]
    fn a_block_of_code_is_closed_by_nothing_in_it() {
        let lines = ["a ``` b".to_owned(), "c".to_owned()];
        assert_eq!(markdown_block(&lines), "````sh\na ``` b\nc\n````");
    }

    #[test]
    fn slack_calls_nobody_and_links_nothing() {
        assert_eq!(
            slack("<!channel> <https://x.example|y>", 99),
            "&lt;!channel&gt; &lt;https[:]//x.example|y&gt;"
        );
        assert_eq!(slack("@here", 99), "\\u{40}here");
        assert_eq!(slack("abcdef", 4), "abc…");
        assert_eq!(slack("&&&&", 4), "&amp;&amp;&amp;&amp;");
    }

    #[test]
    fn a_message_of_sarif_has_neither_links_nor_placeholders() {
        assert_eq!(sarif_message("[a](1) {0} \\"), r"\[a\](1) {{0}} \\");
    }

    #[test]
    fn a_path_is_no_address() {
        assert_eq!(uri_path("logs/a b.json"), "logs/a%20b.json");
        assert_eq!(uri_path("//host/a"), "/host/a");
        assert_eq!(uri_path("///host/a"), "/host/a");
        assert_eq!(uri_path("https://x?y#z"), "https%3A//x%3Fy%23z");
        assert_eq!(uri_path("é"), "%C3%A9");
    }
}
