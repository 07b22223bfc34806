//! Where a row ends: the grammar of quotes, strictly.

use memchr::{memchr, memchr2};

/// How cells are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Marks {
    /// Stands between two cells.
    pub(super) delimiter: u8,
    /// Whether a backslash takes the meaning from the next character of a
    /// quoted cell.
    pub(super) has_escapes: bool,
}

impl Marks {
    /// What takes the meaning from the next character, if anything does.
    pub(super) fn escape(self) -> Option<u8> {
        self.has_escapes.then_some(ESCAPE)
    }
}

/// Stands around cells that hold anything else.
pub(super) const QUOTE: u8 = b'"';

const ESCAPE: u8 = b'\\';

/// Looks for the end of the row that begins at the front of the bytes. Can go
/// on when there are more bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Scan {
    /// So many bytes were looked at.
    pub(super) at: usize,
    place: Place,
}

#[derive(Clone, Copy, Debug, Default)]
enum Place {
    /// At the beginning of a cell.
    #[default]
    Start,
    /// Inside a cell without quotes.
    Plain,
    /// Inside a quoted cell.
    Quoted,
    /// Behind a quote inside a quoted cell.
    Closed,
}

/// What a look at the bytes came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// The row goes on behind the bytes.
    More,
    /// The row ends with the bytes before `at`, which may be its line end.
    Row,
    /// A quoted cell goes on behind its quote.
    Broken,
    /// The text ends inside a quoted cell.
    Unclosed,
}

impl Scan {
    /// Whether it is inside a quoted cell.
    pub(super) fn is_quoted(self) -> bool {
        matches!(self.place, Place::Quoted | Place::Closed)
    }

    /// Looks on in `bytes`, which begin with the row. With `is_all` no more
    /// bytes follow.
    pub(super) fn run(&mut self, bytes: &[u8], marks: Marks, is_all: bool) -> Cut {
        while let Some((first, rest)) = bytes.get(self.at..).and_then(<[u8]>::split_first) {
            let (n, place) = match self.place {
                Place::Start if *first == QUOTE => (1, Place::Quoted),
                Place::Start | Place::Plain => match plain(bytes, self.at, marks) {
                    (n, Some(b'\n')) => return self.end(n),
                    (n, Some(_)) => (n + 1, Place::Start),
                    (n, None) => (n, Place::Plain),
                },
                Place::Quoted if *first == ESCAPE && marks.has_escapes => match rest {
                    [] if !is_all => return Cut::More,
                    _ => (2, Place::Quoted),
                },
                Place::Quoted if *first == QUOTE => (1, Place::Closed),
                Place::Quoted => (quoted(bytes, self.at, marks), Place::Quoted),
                Place::Closed => match (*first, rest.first()) {
                    (QUOTE, _) => (1, Place::Quoted),
                    (b'\n', _) => return self.end(0),
                    (b'\r', None) if !is_all => return Cut::More,
                    (b'\r', None | Some(b'\n')) => (1, Place::Closed),
                    (delimiter, _) if delimiter == marks.delimiter => (1, Place::Start),
                    _ => return Cut::Broken,
                },
            };
            self.at = self.at.saturating_add(n).min(bytes.len());
            self.place = place;
        }
        match self.place {
            _ if !is_all => Cut::More,
            Place::Quoted => Cut::Unclosed,
            Place::Start | Place::Plain | Place::Closed => Cut::Row,
        }
    }

    fn end(&mut self, n: usize) -> Cut {
        self.at = self.at.saturating_add(n);
        Cut::Row
    }
}

/// How far a cell without quotes goes from `at` on, and what ends it.
fn plain(bytes: &[u8], at: usize, marks: Marks) -> (usize, Option<u8>) {
    let rest = bytes.get(at..).unwrap_or_default();
    match memchr2(marks.delimiter, b'\n', rest) {
        Some(n) => (n, rest.get(n).copied()),
        None => (rest.len(), None),
    }
}

/// How far a quoted cell goes from `at` on before anything that matters.
fn quoted(bytes: &[u8], at: usize, marks: Marks) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    let next = if marks.has_escapes {
        memchr2(QUOTE, ESCAPE, rest)
    } else {
        memchr(QUOTE, rest)
    };
    next.unwrap_or(rest.len())
}
