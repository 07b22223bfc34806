//! Words of a shell command, quoted so that nothing a log holds can be more
//! than one word.

use std::sync::LazyLock;

use regex::Regex;

#[expect(
    clippy::expect_used,
    reason = "the pattern is a literal, compiled in tests"
)]
static HIDDEN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[\p{C}\p{Zl}\p{Zp}]").expect("hidden pattern is valid"));

/// `text` as one word of a POSIX shell command, in single quotes where it
/// needs them.
///
/// `None` for text with control, formatting or unassigned characters: a
/// command that looks different from what it does must not be suggested.
pub(super) fn word(text: &str) -> Option<String> {
    (!HIDDEN.is_match(text)).then(|| quoted(text))
}

/// `text` as one word, whatever is in it.
pub(crate) fn quoted(text: &str) -> String {
    let is_bare = !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"/._-:@%+,".contains(&b));
    if is_bare {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn plain_words_stay_and_the_rest_is_quoted() {
        assert_eq!(word("role/ci-deploy").unwrap(), "role/ci-deploy");
        assert_eq!(word("a b").unwrap(), "'a b'");
        assert_eq!(word("it's").unwrap(), r"'it'\''s'");
        assert_eq!(word("$(reboot)").unwrap(), "'$(reboot)'");
        assert_eq!(word("").unwrap(), "''");
        assert_eq!(word("münchen").unwrap(), "'münchen'");
    }

    #[test]
    fn hidden_characters_are_never_suggested() {
        for text in [
            "a\u{1b}[2J",
            "a\nb",
            "a\u{202e}b",
            "a\u{200b}",
            "a\u{9b}",
            "a\u{2028}",
        ] {
            assert_eq!(word(text), None, "{text:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_shell_reads_back_the_exact_text(text in r#"[ -~é]{0,24}|[-'"$`\\;&|<>(){}*?~#! ]{0,12}"#) {
            let script = format!("printf %s {}", word(&text).unwrap());
            let output = Command::new("sh").arg("-c").arg(script).output().unwrap();
            prop_assert_eq!(String::from_utf8(output.stdout).unwrap(), text);
        }
    }
}
