//! Lines that a container runtime cut into pieces: `TIME stdout P begin` and
//! then `TIME stdout F end`.

use std::collections::BTreeMap;

/// What a line of text is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Joined {
    /// A line of its own.
    Whole,
    /// A piece, kept until the last one comes.
    Piece,
    /// The last piece, behind those before it.
    Last(String),
    /// Pieces that are together longer than a record may be.
    TooLong,
}

/// The pieces of each stream that wait for their last.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    /// By stream: the text so far.
    open: BTreeMap<&'static str, String>,
}

impl Pieces {
    /// Takes a `line`; pieces of more than `max_bytes` are not kept.
    pub(super) fn join(&mut self, line: &str, max_bytes: usize) -> Joined {
        let Some((stream, is_last, rest)) = piece(line) else {
            return Joined::Whole;
        };
        let Some(mut text) = self.open.remove(stream) else {
            if is_last {
                return Joined::Whole;
            }
            self.open.insert(stream, rest.to_owned());
            return Joined::Piece;
        };
        if text.len().saturating_add(rest.len()) > max_bytes {
            return Joined::TooLong;
        }
        text.push_str(rest);
        if is_last {
            return Joined::Last(text);
        }
        self.open.insert(stream, text);
        Joined::Piece
    }

    /// How many wait in vain, now that the text has ended.
    pub(super) fn n_open(&self) -> usize {
        self.open.len()
    }
}

/// The stream, whether it is the last, and the text of the piece `line`.
fn piece(line: &str) -> Option<(&'static str, bool, &str)> {
    let (time, rest) = line.split_once(' ')?;
    let is_time = time.len() >= "2026-11-21T04:40:24Z".len() && time.contains('T');
    let (stream, rest) = rest.split_once(' ').filter(|_| is_time)?;
    let stream = ["stdout", "stderr"].into_iter().find(|s| *s == stream)?;
    match rest.split_once(' ')? {
        ("P", rest) => Some((stream, false, rest)),
        ("F", rest) => Some((stream, true, rest)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIME: &str = "2026-11-21T04:40:24.120Z";

    #[track_caller]
    fn assert_joined(lines: &[&str], expected: &[Joined]) {
        let mut pieces = Pieces::default();
        let lines = lines.iter().map(|line| format!("{TIME} {line}"));
        let joined: Vec<Joined> = lines.map(|line| pieces.join(&line, 9)).collect();
        assert_eq!(joined, expected);
    }

    #[test]
    fn pieces_are_joined_per_stream() {
        assert_joined(
            &["stdout P {\"a\"", "stderr F x", "stdout P :", "stdout F 1}"],
            &[
                Joined::Piece,
                Joined::Whole,
                Joined::Piece,
                Joined::Last("{\"a\":1}".to_owned()),
            ],
        );
    }

    #[test]
    fn other_lines_are_whole() {
        let whole = || Joined::Whole;
        assert_joined(
            &["stdout F {}", "stdout X {}", "other P {}", "P"],
            &[whole(), whole(), whole(), whole()],
        );
    }

    #[test]
    fn pieces_without_an_end_are_not_kept_for_ever() {
        assert_joined(
            &["stdout P 12345678", "stdout P 90", "stdout P x"],
            &[Joined::Piece, Joined::TooLong, Joined::Piece],
        );
    }
}
