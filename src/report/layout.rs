//! Layout: text measured in terminal columns. It must be encoded already
//! ([`super::sanitize::terminal`]); nothing here makes it safe.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns that `text` takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// `text` in at most `max` columns, with `mark` where something was cut off.
pub(super) fn truncate(text: &str, max: usize, mark: &str) -> String {
    if width(text) <= max {
        return text.to_owned();
    }
    let (head, _) = split_at_width(text, max.saturating_sub(width(mark)));
    let mark = if width(mark) <= max { mark } else { "" };
    format!("{}{mark}", head.trim_end())
}

/// `text` within `max` columns, its end kept: what tells paths apart.
pub(super) fn truncate_start(text: &str, max: usize, mark: &str) -> String {
    if width(text) <= max {
        return text.to_owned();
    }
    let mark = if width(mark) <= max { mark } else { "" };
    let room = max.saturating_sub(width(mark));
    let fits = |at: &usize| text.get(*at..).is_some_and(|tail| width(tail) <= room);
    let mut starts = text.char_indices().map(|(at, _)| at);
    let tail = starts.find(fits).and_then(|at| text.get(at..));
    format!("{mark}{}", tail.unwrap_or_default())
}

/// `text` followed by spaces up to `columns`.
pub(super) fn pad(text: &str, columns: usize) -> String {
    let missing = columns.saturating_sub(width(text));
    format!("{text}{:missing$}", "")
}

/// `text` broken between words into lines of at most `max` columns; a longer
/// word is broken inside.
pub(super) fn wrap(text: &str, max: usize) -> Vec<String> {
    let max = max.max(2);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let mut word = word;
        let joined = width(&line) + 1 + width(word);
        if !line.is_empty() && joined > max {
            lines.push(std::mem::take(&mut line));
        }
        while line.is_empty() && width(word) > max {
            let (head, tail) = split_at_width(word, max);
            lines.push(head.to_owned());
            word = tail;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// As [`wrap`], but at most `max_lines`, the last one marked if cut.
pub(super) fn wrap_at_most(text: &str, max: usize, max_lines: usize, mark: &str) -> Vec<String> {
    let mut lines = wrap(text, max);
    if lines.len() > max_lines {
        lines.truncate(max_lines);
        if let Some(last) = lines.last_mut() {
            // A word is left out whole: a cut number is a wrong one.
            while width(last) + width(mark) > max {
                match last.rfind(' ') {
                    Some(at) => last.truncate(at),
                    None => {
                        *last = truncate(last, max.saturating_sub(width(mark)), "");
                        break;
                    }
                }
            }
            last.push_str(mark);
        }
    }
    lines
}

/// A shell command broken between words, so that it can still be pasted:
/// every line but the last ends in ` \`. `None` if a word is too long.
pub(super) fn wrap_command(command: &str, max: usize) -> Option<Vec<String>> {
    if width(command) <= max {
        return Some(vec![command.to_owned()]);
    }
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in shell_words(command) {
        let room = max.saturating_sub(2);
        if width(word) > room {
            return None;
        }
        if line.is_empty() {
            line.push_str(word);
        } else if width(&line) + 1 + width(word) <= room {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(format!("{line} \\"));
            line = word.to_owned();
        }
    }
    lines.push(line);
    Some(lines)
}

/// The words of `command`, split at spaces outside quotes.
pub(super) fn shell_words(command: &str) -> Vec<&str> {
    let mut quote = None;
    let mut is_escaped = false;
    command
        .split(|c: char| {
            let was_escaped = std::mem::take(&mut is_escaped);
            match (quote, c) {
                _ if was_escaped => return false,
                (None, '\\') => is_escaped = true,
                (None, '\'' | '"') => quote = Some(c),
                (Some(open), _) if open == c => quote = None,
                _ => {}
            }
            quote.is_none() && c == ' '
        })
        .collect()
}

/// The longest head of `text` within `max` columns, and the rest. A combining
/// mark stays with its letter. At least one character is taken.
fn split_at_width(text: &str, max: usize) -> (&str, &str) {
    let mut columns = 0;
    for (at, character) in text.char_indices() {
        columns += character.width().unwrap_or(0);
        if columns > max && at > 0 {
            return text.split_at(at);
        }
    }
    (text, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truncation_counts_columns() {
        assert_eq!(truncate("abcdef", 6, "…"), "abcdef");
        assert_eq!(truncate("abcdefg", 6, "…"), "abcde…");
        assert_eq!(truncate("名前名前", 6, "…"), "名前…");
        assert_eq!(truncate("abcdefg", 6, "..."), "abc...");
        assert_eq!(truncate_start("abcdef", 6, "…"), "abcdef");
        assert_eq!(truncate_start("abcdefg", 6, "…"), "…cdefg");
        assert_eq!(truncate_start("名前名前", 6, "…"), "…名前");
        assert_eq!(truncate_start("abc", 2, "..."), "bc");
        assert_eq!(truncate("e\u{301}e\u{301}e\u{301}", 2, "…"), "e\u{301}…");
    }

    #[test]
    fn lines_break_between_words_where_possible() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("a verylongword b", 6), ["a", "verylo", "ngword", "b"]);
        assert_eq!(wrap("", 10), [""]);
        assert_eq!(
            wrap_at_most("one two three four", 8, 2, "…"),
            ["one two", "three…"]
        );
        assert_eq!(
            wrap_at_most("at most 3,100 of them", 13, 1, "..."),
            ["at most..."]
        );
        assert_eq!(wrap_at_most("abcdefgh ijk", 8, 1, "…"), ["abcdefg…"]);
    }

    #[test]
    fn wrapped_commands_can_still_be_pasted() {
        assert_eq!(
            wrap_command("cmd --name 'a b c' logs", 20).as_deref(),
            Some(&["cmd --name 'a b c' \\".to_owned(), "logs".to_owned()][..])
        );
        assert_eq!(wrap_command("cmd averylongword", 10), None);
        assert_eq!(
            wrap_command(r"cmd 'it'\''s a' b 'c d'", 18).as_deref(),
            Some(&[r"cmd 'it'\''s a' \".to_owned(), "b 'c d'".to_owned()][..])
        );
    }
}
