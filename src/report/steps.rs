//! Next steps: which of them are commands, what those show, and how they are
//! laid out so that they can be pasted.

use super::layout::{shell_words, width, wrap, wrap_command};

/// Programs that steps call. Other steps are sentences.
const PROGRAMS: [&str; 9] = [
    "habitual", "aws", "vault", "okta", "jq", "gzip", "find", "grep", "duckdb",
];

/// Whether a step is a command line.
pub(super) fn is_command(step: &str) -> bool {
    let program = step.split(' ').next().unwrap_or_default();
    PROGRAMS.contains(&program)
}

/// Beginnings of the commands that are suggested, and what they show.
const PURPOSES: [(&str, &str); 10] = [
    (
        "habitual pivot --identity",
        "Everything it did in the review, in all products",
    ),
    (
        "habitual pivot --ip",
        "Everything that came from that network",
    ),
    (
        "habitual explain",
        "How the number comes about, to the last digit",
    ),
    ("habitual replay", "Everything that is told about it"),
    ("find ", RECORD),
    ("grep ", RECORD),
    ("jq ", RECORD),
    ("gzip -cd <", RECORD),
    ("gzip -cdfr", "Who else did so, by number of records"),
    ("aws iam list-access-keys", "Which keys it has"),
];
const RECORD: &str = "The first cited record, as it was logged";

/// What a suggested command shows, for somebody who has never run it.
pub(super) fn purpose(command: &str) -> Option<&'static str> {
    let mut known = PURPOSES.iter();
    let (_, purpose) = known.find(|(start, _)| command.starts_with(start))?;
    Some(purpose)
}

/// A step on lines that fit; `None` for a command that cannot be broken so.
pub(super) fn lines(step: &str, room: usize) -> Option<Vec<String>> {
    if is_command(step) {
        wrap_command(step, room)
    } else {
        Some(wrap(step, room))
    }
}

/// As [`lines`], but a word that is too long sticks out rather than being
/// broken: it could not be pasted.
pub(super) fn whole_lines(step: &str, room: usize) -> Vec<String> {
    let longest = shell_words(step).into_iter().map(width).max();
    // The backslash and the space before it.
    let room = room.max(longest.unwrap_or_default().saturating_add(2));
    lines(step, room).unwrap_or_else(|| vec![step.to_owned()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_no_commands() {
        assert!(is_command("jq -c . < a"));
        assert!(!is_command("ask whether 192.0.2.0/24 is a known office"));
        assert_eq!(
            purpose("gzip -cdfr logs | jq -r .x"),
            Some("Who else did so, by number of records")
        );
        assert_eq!(purpose("duckdb"), None);
    }

    #[test]
    fn a_long_word_sticks_out_whole() {
        let step = "jq -r 'a very long filter' logs | sort";
        assert_eq!(lines(step, 20), None);
        assert_eq!(
            whole_lines(step, 20),
            ["jq -r \\", "'a very long filter' \\", "logs | sort"]
        );
        assert_eq!(
            whole_lines("ask the owner of it", 10),
            ["ask the", "owner of", "it"]
        );
    }
}
