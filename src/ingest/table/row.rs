//! One row of a table.

use csv::StringRecord;

use super::Columns;

/// The characters a spreadsheet keeps of one cell.
const SPREADSHEET_CELL: usize = 32_767;

/// One row. It may have fewer cells than there are columns, never more.
#[derive(Clone, Copy, Debug)]
pub(in crate::ingest) struct Row<'r> {
    pub(super) columns: &'r Columns,
    pub(super) cells: &'r StringRecord,
}

impl<'r> Row<'r> {
    /// A row of these cells.
    pub(in crate::ingest) fn new(columns: &'r Columns, cells: &'r StringRecord) -> Self {
        Self { columns, cells }
    }

    /// How many cells it has.
    pub(in crate::ingest) fn len(&self) -> usize {
        self.cells.len()
    }

    /// The cell of the column with this canonical name, unless it is empty.
    pub(in crate::ingest) fn get(&self, canonical: &str) -> Option<&'r str> {
        let cell = self.at(self.columns.position(canonical)?);
        (!cell.is_empty()).then_some(cell)
    }

    /// The cell at `position`, empty where there is none.
    pub(in crate::ingest) fn at(&self, position: usize) -> &'r str {
        without_formula_escape(self.cells.get(position).unwrap_or_default())
    }

    /// Every cell that the row has, after the canonical name of its column.
    pub(in crate::ingest) fn iter(&self) -> impl Iterator<Item = (&'r str, &'r str)> {
        self.columns
            .iter()
            .zip(self.cells)
            .map(|((_, name), cell)| (name, without_formula_escape(cell)))
    }

    /// Whether some cell is exactly as long as a spreadsheet lets it be: what
    /// followed was cut off.
    pub(in crate::ingest) fn is_cut(&self) -> bool {
        self.cells.iter().any(|cell| {
            cell.len() >= SPREADSHEET_CELL && cell.encode_utf16().count() == SPREADSHEET_CELL
        })
    }
}

/// Exporters put an apostrophe before what a spreadsheet would take for a
/// formula.
fn without_formula_escape(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@']) => rest,
        _ => cell,
    }
}
