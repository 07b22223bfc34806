//! The generic source: logs of any product, read as a mapping file says.
//!
//! A [`Mapping`] names the fields that hold time, identity, action and so on.
//! Some come with this program; users give others. A record that is no native
//! one belongs to the first mapping that detects it, the user's before ours.

mod detect;
mod mapping;
mod path;
mod time;
mod translate;
mod tree;
mod words;

#[cfg(test)]
mod tests;

use std::sync::{Arc, LazyLock};

use super::coverage::SkipReason;
use super::record::Context;
use super::text::skip_reason;
use crate::event::Event;

pub use mapping::Mapping;
pub use path::{Path, PathError};

use tree::Tree;

/// The mappings that come with this program: a short name, and the file.
const BUILT_IN: [(&str, &str); 6] = [
    ("github", include_str!("mappings/github.toml")),
    ("entra-signin", include_str!("mappings/entra_signin.toml")),
    ("entra-audit", include_str!("mappings/entra_audit.toml")),
    (
        "google-workspace",
        include_str!("mappings/google_workspace.toml"),
    ),
    ("gcp-audit", include_str!("mappings/gcp_audit.toml")),
    (
        "kubernetes-audit",
        include_str!("mappings/kubernetes_audit.toml"),
    ),
];

/// The mapping of tables whose columns have plain names.
const PLAIN_TABLE: &str = include_str!("mappings/table.toml");

static PARSED: LazyLock<Vec<(&'static str, Arc<Mapping>)>> = LazyLock::new(|| {
    // That each can be parsed is tested.
    let parsed = BUILT_IN.iter().filter_map(|(name, text)| {
        let mapping = Mapping::parse(text).ok()?;
        Some((*name, Arc::new(mapping)))
    });
    parsed.collect()
});

static TABLE: LazyLock<Option<Arc<Mapping>>> =
    LazyLock::new(|| Mapping::parse(PLAIN_TABLE).ok().map(Arc::new));

/// The mapping that comes with this program under `name`.
#[must_use]
pub fn built_in(name: &str) -> Option<Arc<Mapping>> {
    let found = PARSED.iter().find(|(own, _)| *own == name);
    found.map(|(_, mapping)| Arc::clone(mapping))
}

/// The names of the mappings that come with this program.
pub fn built_in_names() -> impl Iterator<Item = &'static str> {
    BUILT_IN.iter().map(|(name, _)| *name)
}

/// The text of the mapping that comes with this program under `name`.
#[must_use]
pub fn built_in_text(name: &str) -> Option<&'static str> {
    let found = BUILT_IN.iter().find(|(own, _)| *own == name);
    found.map(|(_, text)| *text)
}

/// The mappings of one run.
#[derive(Clone, Debug, Default)]
pub struct Mappings {
    /// Those that the user asked for, in that order.
    pub asked: Vec<Arc<Mapping>>,
}

impl Mappings {
    /// The mapping of the JSON object `text`, which is no native record.
    pub(super) fn of_record(&self, text: &str) -> Option<Arc<Mapping>> {
        let asked = self.asked.iter().map(|mapping| (mapping, true));
        let ours = PARSED.iter().map(|(_, mapping)| (mapping, false));
        let mut detector = detect::Detector::new(text);
        asked
            .chain(ours)
            .find(|(mapping, is_asked)| detector.is_of(mapping, *is_asked))
            .map(|(mapping, _)| Arc::clone(mapping))
    }

    /// The array of records that a mapping of the user's finds in `text`.
    pub(super) fn array_in<'t>(&self, text: &'t str) -> Option<&'t str> {
        let mut asked = self.asked.iter();
        asked.find_map(|mapping| detect::array_at(text, &mapping.records))
    }

    /// Whether a mapping of the user's asks for this column, given by its
    /// canonical name.
    pub(super) fn ask_for(&self, column: &str) -> bool {
        let tables = self.asked.iter().filter(|own| own.format.allows_tables());
        let mut paths = tables.flat_map(|own| own.paths());
        paths.any(|path| path.column() == column)
    }

    /// The mapping of tables with these columns.
    pub(super) fn of_table(&self, columns: &[&str]) -> Option<Arc<Mapping>> {
        let asked = self.asked.iter().map(|mapping| (mapping, true));
        let ours = PARSED.iter().map(|(_, mapping)| (mapping, false));
        asked
            .chain(ours)
            .find(|(mapping, is_asked)| detect::is_table_of(mapping, *is_asked, columns))
            .map(|(mapping, _)| Arc::clone(mapping))
            .or_else(|| {
                let table = TABLE.as_ref()?;
                detect::is_table_of(table, true, columns).then(|| Arc::clone(table))
            })
    }
}

impl Mapping {
    /// The events in the JSON object `text`.
    ///
    /// # Errors
    ///
    /// The reason why there is none.
    pub(super) fn parse_record(
        &self,
        text: &str,
        context: &mut Context<'_>,
    ) -> Result<Vec<Event<'static>>, SkipReason> {
        let record = Tree::parse(text).map_err(|error| skip_reason(&error))?;
        self.events(&record, context)
    }

    /// The events in a row of a table, given as canonical names of columns and
    /// cells.
    ///
    /// # Errors
    ///
    /// The reason why there is none.
    pub(super) fn parse_row<'t>(
        &self,
        cells: impl Iterator<Item = (&'t str, &'t str)>,
        context: &mut Context<'_>,
    ) -> Result<Vec<Event<'static>>, SkipReason> {
        self.events(&Tree::Row(cells.collect()), context)
    }
}
