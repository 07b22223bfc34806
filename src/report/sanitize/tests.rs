#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::prelude::*;

use super::*;

#[track_caller]
fn shows(text: &str, expected: &str) {
    assert_eq!(terminal(text, Charset::Unicode), expected);
}

#[test]
fn terminal_controls_become_visible() {
    shows("plain text, ünïcode 名前", "plain text, ünïcode 名前");
    shows("\x1b[2J", "\\u{1b}[2J");
    shows("\x1b]52;c;aGk=\x07", "\\u{1b}]52;c;aGk=\\u{7}");
    shows("a\tb\r\nc\u{8}", "a\\u{9}b\\u{d}\\u{a}c\\u{8}");
    shows("\u{7f}\u{85}\u{9b}31m", "\\u{7f}\\u{85}\\u{9b}31m");
    shows("\u{202e}gpj.exe\u{2066}", "\\u{202e}gpj.exe\\u{2066}");
    shows("a\u{200b}b\u{feff}\u{ad}", "a\\u{200b}b\\u{feff}\\u{ad}");
    shows("\u{2028}\u{2029}", "\\u{2028}\\u{2029}");
    shows("\u{e0041}\u{e000}\u{378}", "\\u{e0041}\\u{e000}\\u{378}");
    shows("\u{3164}\u{fe0f}", "\\u{3164}\\u{fe0f}");
}

#[test]
fn a_tower_of_combining_marks_is_spelled_out() {
    shows("e\u{301}\u{302}\u{303}x", "e\u{301}\u{302}\\u{303}x");
}

#[test]
fn ascii_terminals_get_ascii() {
    assert_eq!(
        terminal("≥ 3 – ‘名’…", Charset::Ascii),
        ">= 3 - '\\u{540d}'..."
    );
}

#[track_caller]
fn cell(text: &str, expected: &str) {
    assert_eq!(csv_cell(text), expected);
}

#[test]
fn formulas_are_neutralised() {
    cell("=cmd|' /C calc'!A0", "\"'=cmd|' /C calc'!A0\"");
    cell("  =1+1", "\"'  =1+1\"");
    cell("\u{a0}\u{3000}@x", "\"'\u{a0}\u{3000}@x\"");
    cell("+1", "\"'+1\"");
    cell("-1", "\"'-1\"");
    cell("＝1", "\"'＝1\"");
    cell("\t=1", "\"'\\u{9}=1\"");
    cell("\r", "\"'\\u{d}\"");
    cell("a=b", "\"a=b\"");
    cell("say \"hi\"; a, b", "\"say \"\"hi\"\"; a, b\"");
    cell("", "\"\"");
}

#[track_caller]
fn word(text: &str, expected: Option<&str>) {
    assert_eq!(shell_word(text).as_deref(), expected);
}

#[test]
fn shell_words_cannot_break_out() {
    word("logs/2026-11.json.gz", Some("logs/2026-11.json.gz"));
    word("", Some("''"));
    word("a b", Some("'a b'"));
    word("$(reboot)", Some("'$(reboot)'"));
    word("it's; rm -rf ~", Some(r"'it'\''s; rm -rf ~'"));
    word("a\nb", None);
    word("a\u{202e}b", None);
}

/// What [`shell_word`] quoted, as a shell would read it.
fn unquote(word: &str) -> String {
    let inner = word.strip_prefix('\'').and_then(|w| w.strip_suffix('\''));
    inner.map_or_else(|| word.to_owned(), |w| w.replace(r"'\''", "'"))
}

proptest! {
    #[test]
    fn no_text_reaches_a_terminal_unseen(text in any::<String>()) {
        let shown = terminal(&text, Charset::Unicode);
        prop_assert!(!has_hidden(&shown));
        prop_assert!(terminal(&text, Charset::Ascii).bytes().all(|b| (b' '..=b'~').contains(&b)));
    }

    #[test]
    fn json_is_showable_and_exact(text in any::<String>()) {
        let document = serde_json::to_string_pretty(&[&text]).unwrap();
        let escaped = json_document(&document);
        prop_assert!(!has_hidden(&escaped.replace('\n', "")));
        let back: Vec<String> = serde_json::from_str(&escaped).unwrap();
        prop_assert_eq!(back, vec![text]);
    }

    #[test]
    fn shell_words_round_trip(text in r"[ -~]{0,40}") {
        if let Some(word) = shell_word(&text) {
            prop_assert_eq!(unquote(&word), redact(&text));
        }
    }
}
