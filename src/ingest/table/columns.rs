//! The columns of a table, known by their canonical names.

use std::collections::BTreeMap;

/// How much of a header is shown to people.
const MAX_DESCRIPTION: usize = 200;

/// The columns of a table, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::ingest) struct Columns {
    /// As written, and canonical.
    names: Vec<(String, String)>,
    /// The first column of each canonical name.
    positions: BTreeMap<String, usize>,
}

impl Columns {
    /// The columns that a header names.
    pub(in crate::ingest) fn new<'h>(header: impl IntoIterator<Item = &'h str>) -> Self {
        let names: Vec<(String, String)> = header
            .into_iter()
            .map(|name| (name.trim().to_owned(), canonical(name)))
            .collect();
        let mut positions = BTreeMap::new();
        for (position, (_, name)) in names.iter().enumerate() {
            positions.entry(name.clone()).or_insert(position);
        }
        Self { names, positions }
    }

    /// How many there are.
    pub(in crate::ingest) fn len(&self) -> usize {
        self.names.len()
    }

    /// Where the column with this canonical name is: the first, if several have
    /// it.
    pub(in crate::ingest) fn position(&self, canonical: &str) -> Option<usize> {
        self.positions.get(canonical).copied()
    }

    /// Every column: its name as written, and its canonical name.
    pub(in crate::ingest) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.names
            .iter()
            .map(|(written, canonical)| (written.as_str(), canonical.as_str()))
    }

    /// Columns that are not read because an earlier one has their name. What
    /// Sentinel renames, it keeps under the old name with a `_` behind it.
    pub(in crate::ingest) fn n_duplicate(&self) -> usize {
        let names = self.names.iter().enumerate();
        let duplicates = names.filter(|(at, (written, name))| {
            self.position(name) != Some(*at) && !written.ends_with('_')
        });
        duplicates.count()
    }

    /// The names as written, for people: the first of them if they are many.
    pub(in crate::ingest) fn describe(&self) -> String {
        let mut text = String::new();
        for (written, _) in &self.names {
            if text.len().saturating_add(written.len()) > MAX_DESCRIPTION {
                text.push_str(", …");
                break;
            }
            if !text.is_empty() {
                text.push_str(", ");
            }
            text.push_str(written);
        }
        text
    }
}

/// A column name in lower case, letters and digits only.
pub(in crate::ingest) fn canonical(name: &str) -> String {
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}
