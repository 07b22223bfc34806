//! Cuts a text into the rows of a table.

use std::borrow::Cow;
use std::io::{self, Read};

use csv::{ReaderBuilder, StringRecord, Terminator};
use memchr::memchr;

use super::scan::{Cut, Marks, QUOTE, Scan};
use super::{Columns, Layout, Row};
use crate::ingest::coverage::SkipReason;
use crate::ingest::split::feed::Feed;

/// Stands at the beginning of texts, and of texts that were strung together.
pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// One cut of a table.
#[derive(Clone, Copy, Debug)]
pub(in crate::ingest) struct Piece<'t> {
    /// Offset of its first byte in the text.
    pub(in crate::ingest) offset: u64,
    /// What it is.
    pub(in crate::ingest) content: Content<'t>,
}

/// What a [`Piece`] is. Each is one record.
#[derive(Clone, Copy, Debug)]
pub(in crate::ingest) enum Content<'t> {
    /// A row.
    Row(Row<'t>),
    /// A row that cannot be used.
    Lost(SkipReason),
}

/// What was odd about the rows so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::ingest) struct Tally {
    /// Rows with fewer cells than columns; the others are taken for empty.
    pub(in crate::ingest) n_short: u64,
    /// Rows with more cells than columns; the last column has the rest.
    pub(in crate::ingest) n_long: u64,
    /// Lines behind broken rows that were taken for the rest of them.
    pub(in crate::ingest) n_passed_over: u64,
    /// Rows that were no Unicode and have U+FFFD in place of what was not.
    pub(in crate::ingest) n_repaired: u64,
    /// The text ends inside a quoted cell.
    pub(in crate::ingest) is_cut: bool,
}

/// The rows of a table, without its header and without rows that are empty or
/// repeat the header.
#[derive(Debug)]
pub(in crate::ingest) struct Rows<R> {
    feed: Feed<R>,
    layout: Layout,
    max_record: usize,
    parser: Parser,
    mode: Mode,
    /// Cells of the last row.
    n_usual: usize,
    /// Bytes that were gone over again after broken rows: at most one record
    /// and as many as the text had before, so that no text takes longer than
    /// one twice its size.
    n_looked_back: u64,
    tally: Tally,
}

/// How to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// With a row.
    Row,
    /// Behind a broken row, with the next line that looks like a row.
    Resync,
    /// Behind the end of the line, and then as given.
    SkipLine { is_resync: bool },
}

/// What one step came to.
enum Step {
    Again,
    End,
    Parsed(u64),
    Lost(u64, SkipReason),
}

impl<R: Read> Rows<R> {
    /// The rows of the text that `reader` delivers from its beginning. A row
    /// has at most `max_record` bytes.
    pub(in crate::ingest) fn new(reader: R, layout: Layout, max_record: usize) -> Self {
        let mut rows = Self {
            feed: Feed::new(reader, max_record),
            parser: Parser::new(layout.marks),
            n_usual: layout.columns.len(),
            layout,
            max_record,
            mode: Mode::Row,
            n_looked_back: 0,
            tally: Tally::default(),
        };
        rows.skip_header();
        rows
    }

    /// The columns.
    pub(in crate::ingest) fn columns(&self) -> &Columns {
        &self.layout.columns
    }

    /// What was odd so far.
    pub(in crate::ingest) fn tally(&self) -> Tally {
        self.tally
    }

    /// Bytes that were gone over again.
    #[cfg(test)]
    pub(super) fn n_looked_back(&self) -> u64 {
        self.n_looked_back
    }

    /// The next row, in order.
    pub(in crate::ingest) fn next(&mut self) -> Option<Piece<'_>> {
        loop {
            match self.step() {
                Step::Again => {}
                Step::End => return None,
                Step::Lost(offset, reason) => {
                    return Some(Piece {
                        offset,
                        content: Content::Lost(reason),
                    });
                }
                Step::Parsed(offset) => {
                    let row = Row {
                        columns: &self.layout.columns,
                        cells: &self.parser.cells,
                    };
                    return Some(Piece {
                        offset,
                        content: Content::Row(row),
                    });
                }
            }
        }
    }

    fn skip_header(&mut self) {
        let n_head = self.layout.n_head;
        while self.feed.unread().len() < n_head && !self.feed.is_at_end() {
            self.feed.fill();
        }
        self.feed.consume(n_head);
    }

    fn step(&mut self) -> Step {
        if let Mode::SkipLine { is_resync } = self.mode {
            self.skip_line(is_resync);
            return Step::Again;
        }
        while self.feed.unread().len() < BYTE_ORDER_MARK.len() && !self.feed.is_at_end() {
            self.feed.fill();
        }
        if self.feed.unread().starts_with(BYTE_ORDER_MARK) {
            self.feed.consume(BYTE_ORDER_MARK.len());
        }
        if self.feed.unread().is_empty() && self.feed.is_at_end() {
            return Step::End;
        }
        let mut scan = Scan::default();
        let cut = loop {
            let is_all = self.feed.is_at_end();
            match scan.run(self.feed.unread(), self.layout.marks, is_all) {
                Cut::More if scan.at <= self.max_record => self.feed.fill(),
                cut => break cut,
            }
        };
        match cut {
            Cut::Row if scan.at <= self.max_record => self.take_row(scan.at),
            Cut::More | Cut::Row if !scan.is_quoted() => self.lose(SkipReason::TooLarge, scan.at),
            Cut::More | Cut::Row => self.recover(SkipReason::TooLarge, scan.at),
            Cut::Broken => self.recover(SkipReason::Malformed, scan.at),
            Cut::Unclosed => {
                self.tally.is_cut = true;
                self.recover(SkipReason::TruncatedRecord, scan.at)
            }
        }
    }

    /// Uses the row of `n` bytes at the front.
    fn take_row(&mut self, n: usize) -> Step {
        let offset = self.feed.position();
        let bytes = self.feed.unread().get(..n).unwrap_or_default();
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        let is_parsed = self.parser.parse(bytes, &mut self.tally);
        // The row and its line end.
        self.feed.consume(n.saturating_add(1));
        let n_cells = self.parser.cells.len();
        let n_columns = self.layout.columns.len();
        if self.mode == Mode::Resync && n_cells != n_columns && n_cells != self.n_usual {
            self.tally.n_passed_over = self.tally.n_passed_over.saturating_add(1);
            return Step::Again;
        }
        self.mode = Mode::Row;
        if !is_parsed {
            return Step::Lost(offset, SkipReason::Malformed);
        }
        if self.parser.cells.iter().all(str::is_empty) || self.is_header() {
            return Step::Again;
        }
        self.n_usual = n_cells;
        self.fit(n_columns);
        Step::Parsed(offset)
    }

    /// Whether the row repeats the header, as in tables that were strung
    /// together. What was torn off the row before may stand in front of it.
    fn is_header(&self) -> bool {
        let mut cells = self.parser.cells.iter().map(str::trim);
        let mut names = self.layout.columns.iter().map(|(written, _)| written);
        let (Some(cell), Some(name)) = (cells.next(), names.next()) else {
            return false;
        };
        cell.ends_with(name) && cells.eq(names)
    }

    /// Makes the row no longer than the header.
    fn fit(&mut self, n_columns: usize) {
        let cells = &mut self.parser.cells;
        if cells.len() < n_columns {
            self.tally.n_short = self.tally.n_short.saturating_add(1);
        } else if cells.len() > n_columns {
            self.tally.n_long = self.tally.n_long.saturating_add(1);
            let last = n_columns.saturating_sub(1);
            let delimiter = char::from(self.layout.marks.delimiter).to_string();
            let rest: Vec<&str> = cells.iter().skip(last).collect();
            let rest = rest.join(&delimiter);
            cells.truncate(last);
            cells.push_field(&rest);
        }
    }

    /// Behind a row of which `n` bytes were looked at and that has no end:
    /// goes on at its second line, if the text may be looked at again.
    fn recover(&mut self, reason: SkipReason, n: usize) -> Step {
        let unread = self.feed.unread().get(..n).unwrap_or_default();
        let n_line = memchr(b'\n', unread).map(|at| at.saturating_add(1));
        let offset = self.feed.position();
        let is_first = self.mode == Mode::Row;
        let Some(n_line) = n_line else {
            return self.lose(reason, n);
        };
        let n_again = n.saturating_sub(n_line) as u64;
        let n_looked_back = self.n_looked_back.saturating_add(n_again);
        if n_looked_back > offset.saturating_add(self.max_record as u64) {
            return self.lose(reason, n);
        }
        self.n_looked_back = n_looked_back;
        self.feed.consume(n_line);
        self.mode = Mode::Resync;
        if is_first {
            Step::Lost(offset, reason)
        } else {
            Step::Again
        }
    }

    /// Leaves out the row of which `n` bytes were looked at, and the rest of
    /// the line they end in.
    fn lose(&mut self, reason: SkipReason, n: usize) -> Step {
        let offset = self.feed.position();
        let is_first = self.mode == Mode::Row;
        self.feed.consume(n);
        self.mode = Mode::SkipLine {
            is_resync: reason != SkipReason::TooLarge,
        };
        if is_first {
            Step::Lost(offset, reason)
        } else {
            Step::Again
        }
    }

    fn skip_line(&mut self, is_resync: bool) {
        let unread = self.feed.unread();
        if let Some(n) = memchr(b'\n', unread) {
            self.feed.consume(n.saturating_add(1));
        } else if self.feed.is_at_end() {
            self.feed.consume(unread.len());
        } else {
            self.feed.consume(unread.len());
            self.feed.fill();
            return;
        }
        self.mode = if is_resync { Mode::Resync } else { Mode::Row };
    }
}

/// The parser of single rows, given one after the other.
#[derive(Debug)]
pub(super) struct Parser {
    csv: csv::Reader<Gate>,
    /// The cells of the last row.
    pub(super) cells: StringRecord,
}

impl Parser {
    /// A parser that has seen nothing.
    pub(super) fn new(marks: Marks) -> Self {
        let csv = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(marks.delimiter)
            .quote(QUOTE)
            .escape(marks.escape())
            .terminator(Terminator::Any(b'\n'))
            .from_reader(Gate::default());
        Self {
            csv,
            cells: StringRecord::new(),
        }
    }

    /// Parses one whole row, given without its end.
    pub(super) fn parse(&mut self, row: &[u8], tally: &mut Tally) -> bool {
        self.cells.clear();
        if row.is_empty() {
            return true;
        }
        let text = String::from_utf8_lossy(row);
        if matches!(text, Cow::Owned(_)) {
            tally.n_repaired = tally.n_repaired.saturating_add(1);
        }
        let gate = self.csv.get_mut();
        gate.bytes.clear();
        gate.bytes.extend_from_slice(text.as_bytes());
        gate.bytes.push(b'\n');
        gate.n_taken = 0;
        self.csv.read_record(&mut self.cells).unwrap_or(false)
    }
}

/// Lets one row through at a time.
#[derive(Debug, Default)]
struct Gate {
    bytes: Vec<u8>,
    n_taken: usize,
}

impl Read for Gate {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self
            .bytes
            .get(self.n_taken..)
            .unwrap_or_default()
            .read(out)?;
        self.n_taken = self.n_taken.saturating_add(n);
        Ok(n)
    }
}
