//! How a table is laid out: where its header is, what its columns are called,
//! and how its cells are separated.

use std::collections::BTreeSet;

use memchr::memchr;

use super::Columns;
use super::rows::{BYTE_ORDER_MARK, Parser, Tally};
use super::scan::{Cut, Marks, Scan};

/// What cells may be separated by, the likeliest first.
const DELIMITERS: [u8; 4] = *b",;\t|";

/// What no name of a column begins with: JSON, XML, zeros.
const NO_NAME: [u8; 5] = *b"{[<\0\x1e";

/// How many rows must agree on the number of columns.
const N_SAMPLE: usize = 20;

/// Of a table without a single known column: how many it must have.
const MIN_COLUMNS: usize = 3;

/// The longest name of a column.
const MAX_NAME: usize = 256;

/// The layout of one table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::ingest) struct Layout {
    pub(super) marks: Marks,
    pub(super) columns: Columns,
    /// Bytes up to and including the header.
    pub(super) n_head: usize,
    /// Of the first rows, how many are as long as the header; and the others.
    n_rows: (usize, usize),
    n_known: usize,
    /// Columns with JSON in one of the first rows.
    json: BTreeSet<usize>,
}

impl Layout {
    /// The layout of the text that begins with `head`, if it is a table: it has
    /// a column whose canonical name `is_known`, or its first rows are as long
    /// as what must then be its header.
    pub(in crate::ingest) fn of(head: &[u8], is_known: &dyn Fn(&str) -> bool) -> Option<Self> {
        let (n_before, hint) = preamble(head);
        let begin = head.get(n_before..).unwrap_or_default();
        if begin.first().is_none_or(|first| NO_NAME.contains(first)) {
            return None;
        }
        let delimiters = DELIMITERS
            .into_iter()
            .filter(|d| hint.is_none_or(|h| h == *d));
        let candidates = delimiters.flat_map(|delimiter| {
            [false, true].map(|has_escapes| Marks {
                delimiter,
                has_escapes,
            })
        });
        let mut best: Option<Self> = None;
        for marks in candidates {
            let layout = Self::read(begin, marks, n_before, is_known);
            best = match (best, layout) {
                (Some(best), Some(layout)) if layout.rank() > best.rank() => Some(layout),
                (None, layout) => layout,
                (best, _) => best,
            };
        }
        best.filter(Self::is_table)
    }

    /// The columns.
    pub(in crate::ingest) fn columns(&self) -> &Columns {
        &self.columns
    }

    /// Whether the column at `position` has JSON in one of the first rows.
    pub(in crate::ingest) fn has_json(&self, position: usize) -> bool {
        self.json.contains(&position)
    }

    /// Shows the cells of a column in the rows that `head`, the beginning that
    /// the layout is of, has whole.
    pub(in crate::ingest) fn sample(
        &self,
        head: &[u8],
        position: usize,
        see: &mut dyn FnMut(&str),
    ) {
        let mut parser = Parser::new(self.marks);
        let mut rest = head.get(self.n_head..).unwrap_or_default();
        while let Some((cells, n)) = row(rest, self.marks) {
            if parser.parse(cells, &mut Tally::default()) {
                see(parser.cells.get(position).unwrap_or_default());
            }
            rest = rest.get(n..).unwrap_or_default();
        }
    }

    /// What such a table is called: `CSV`, `TSV`.
    pub(in crate::ingest) fn name(&self) -> &'static str {
        if self.marks.delimiter == b'\t' {
            "TSV"
        } else {
            "CSV"
        }
    }

    /// The layout that `begin`, which `n_before` bytes stand before, would have
    /// with these marks.
    fn read(
        begin: &[u8],
        marks: Marks,
        n_before: usize,
        is_known: &dyn Fn(&str) -> bool,
    ) -> Option<Self> {
        let mut parser = Parser::new(marks);
        let (header, n_header) = row(begin, marks)?;
        if !parser.parse(header, &mut Tally::default()) {
            return None;
        }
        let columns = Columns::new(&parser.cells);
        let n_known = columns.iter().filter(|(_, name)| is_known(name)).count();
        let mut json = BTreeSet::new();
        let mut n_rows = (0, 0);
        let mut n_read = n_header;
        while n_rows.0 + n_rows.1 < N_SAMPLE
            && let Some((cells, n)) = row(begin.get(n_read..).unwrap_or_default(), marks)
        {
            n_read = n_read.saturating_add(n);
            parser.parse(cells, &mut Tally::default());
            let cells = parser.cells.iter().enumerate();
            json.extend(
                cells
                    .filter(|(_, cell)| cell.contains("{\""))
                    .map(|(at, _)| at),
            );
            match parser.cells.len() {
                0 => {}
                n if n == columns.len() => n_rows.0 += 1,
                _ => n_rows.1 += 1,
            }
        }
        Some(Self {
            marks,
            n_head: n_before.saturating_add(n_header),
            n_known,
            columns,
            n_rows,
            json,
        })
    }

    /// The better of two layouts knows more columns, and is agreed upon by more
    /// rows.
    fn rank(&self) -> (usize, usize, usize) {
        (self.n_known, self.n_rows.0, self.columns.len())
    }

    fn is_table(&self) -> bool {
        let are_names = self.columns.iter().all(|(written, _)| {
            written.len() <= MAX_NAME && !written.contains(['\n', '"', '<']) && !is_json(written)
        });
        let is_even = self.columns.len() >= MIN_COLUMNS && self.n_rows.0 > 0 && self.n_rows.1 == 0;
        are_names && (self.n_known > 0 || is_even)
    }
}

/// Whether a name holds the beginning of JSON. Splunk marks lists with `{}`.
fn is_json(name: &str) -> bool {
    name.replace("{}", "").contains('{') || name.starts_with('[')
}

/// The row at the front of `text` without its end, and its bytes with it. A row
/// that has no end in `text` is none.
fn row(text: &[u8], marks: Marks) -> Option<(&[u8], usize)> {
    let mut scan = Scan::default();
    if scan.run(text, marks, false) != Cut::Row {
        return None;
    }
    let row = text.get(..scan.at)?;
    let n = scan.at.saturating_add(1);
    Some((row.strip_suffix(b"\r").unwrap_or(row), n))
}

/// Bytes before the header: the byte order mark, blank lines, comments, and a
/// hint for spreadsheets (`sep=;`), which names the delimiter.
fn preamble(head: &[u8]) -> (usize, Option<u8>) {
    let mut n = if head.starts_with(BYTE_ORDER_MARK) {
        BYTE_ORDER_MARK.len()
    } else {
        0
    };
    let mut hint = None;
    while let Some(rest) = head.get(n..)
        && let Some(n_line) = memchr(b'\n', rest)
        && let Some(line) = rest.get(..n_line)
    {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match line.trim_ascii() {
            [] | [b'#', ..] => {}
            [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', rest @ ..] if rest.len() <= 1 => {
                // A tab was trimmed.
                hint = Some(rest.first().copied().unwrap_or(b'\t'));
            }
            _ => break,
        }
        n = n.saturating_add(n_line).saturating_add(1);
    }
    (n, hint)
}
