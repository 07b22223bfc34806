//! Measures: what is told without a terminal, one measure per line, its fields
//! separated by tabs.

use std::io::{self, Write};

use super::Style;

/// A header and the lines below it.
pub(super) struct Measures {
    lines: Vec<String>,
    style: Style,
}

impl Measures {
    /// None yet, in these columns.
    pub(super) fn of(columns: &[&str], style: Style) -> Self {
        Self {
            lines: vec![columns.join("\t")],
            style,
        }
    }

    /// One line; every field may hold logged text.
    pub(super) fn line(&mut self, fields: &[&str]) {
        let fields: Vec<String> = fields.iter().map(|field| self.style.text(*field)).collect();
        self.lines.push(fields.join("\t"));
    }

    /// One line in the columns `section`, `name`, `measure`, `value`.
    pub(super) fn value(&mut self, section: &str, name: &str, measure: &str, value: impl ToString) {
        self.line(&[section, name, measure, &value.to_string()]);
    }

    /// Writes them all.
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut text = self.lines.join("\n");
        text.push('\n');
        out.write_all(text.as_bytes())
    }
}
