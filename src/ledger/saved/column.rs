//! Tables of typed columns.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::SavedError;
use crate::ledger::SlotSet;

/// What the values of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text, or nothing.
    Text,
    /// A number below 2^32.
    Small,
    /// A number below 2^64.
    Count,
    /// Number of a period.
    Slot,
    /// Microseconds since 1970, or nothing.
    Time,
    /// Numbers of periods, ascending.
    Slots,
    /// Bytes.
    Bytes,
    /// Yes or no.
    Flag,
}

/// The values of one column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    /// [`Kind::Text`].
    Text(Texts),
    /// [`Kind::Small`].
    Small(Vec<u32>),
    /// [`Kind::Count`].
    Count(Vec<u64>),
    /// [`Kind::Slot`].
    Slot(Vec<i32>),
    /// [`Kind::Time`].
    Time(Vec<Option<i64>>),
    /// [`Kind::Slots`].
    Slots(Vec<SlotSet>),
    /// [`Kind::Bytes`].
    Bytes(Vec<Box<[u8]>>),
    /// [`Kind::Flag`].
    Flag(Vec<bool>),
}

impl Column {
    /// An empty column.
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        match kind {
            Kind::Text => Self::Text(Texts::default()),
            Kind::Small => Self::Small(Vec::new()),
            Kind::Count => Self::Count(Vec::new()),
            Kind::Slot => Self::Slot(Vec::new()),
            Kind::Time => Self::Time(Vec::new()),
            Kind::Slots => Self::Slots(Vec::new()),
            Kind::Bytes => Self::Bytes(Vec::new()),
            Kind::Flag => Self::Flag(Vec::new()),
        }
    }

    /// How many values there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Text(texts) => texts.len(),
            Self::Small(values) => values.len(),
            Self::Count(values) => values.len(),
            Self::Slot(values) => values.len(),
            Self::Time(values) => values.len(),
            Self::Slots(values) => values.len(),
            Self::Bytes(values) => values.len(),
            Self::Flag(values) => values.len(),
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Texts, each stored once.
#[derive(Clone, Default)]
pub struct Texts {
    codes: Vec<u32>,
    dictionary: Vec<Box<str>>,
    index: HashMap<Box<str>, u32, RandomState>,
}

/// The code of nothing.
const NOTHING: u32 = u32::MAX;

impl Texts {
    /// Adds a text, or nothing.
    pub fn push(&mut self, text: Option<&str>) {
        let code = text.map_or(NOTHING, |text| self.code(text));
        self.codes.push(code);
    }

    fn code(&mut self, text: &str) -> u32 {
        // Most rows have the identity of the row before.
        let last = self.codes.last().copied().unwrap_or(NOTHING);
        let same =
            |code: &u32| self.dictionary.get(*code as usize).map(AsRef::as_ref) == Some(text);
        if let Some(code) = Some(last).filter(same) {
            return code;
        }
        if let Some(code) = self.index.get(text) {
            return *code;
        }
        let code = u32::try_from(self.dictionary.len()).unwrap_or(NOTHING);
        self.dictionary.push(text.into());
        self.index.insert(text.into(), code);
        code
    }

    /// The text of a row.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<&str> {
        let code = self.codes.get(row)?;
        self.dictionary.get(*code as usize).map(AsRef::as_ref)
    }

    /// The text of each row.
    pub fn iter(&self) -> impl Iterator<Item = Option<&str>> {
        (0..self.len()).map(|row| self.get(row))
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }
}

impl std::fmt::Debug for Texts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl PartialEq for Texts {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Texts {}

/// A table: columns of equal length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// What it is called.
    pub name: &'static str,
    /// Its columns, in order.
    pub columns: Vec<(&'static str, Column)>,
}

impl Table {
    /// How many rows there are.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.columns.first().map_or(0, |(_, column)| column.len())
    }

    /// A row at a time.
    ///
    /// # Errors
    ///
    /// When the columns are of different length.
    pub fn rows(&self) -> Result<impl Iterator<Item = Row<'_>>, SavedError> {
        let n_rows = self.n_rows();
        if let Some((name, _)) = self.columns.iter().find(|(_, c)| c.len() != n_rows) {
            let problem = format!("column {name} has another length than the first");
            return Err(SavedError::new(self.name, problem));
        }
        Ok((0..n_rows).map(|at| Row {
            table: self,
            at,
            column: 0,
        }))
    }

    /// Adds a row, value by value.
    pub fn row(&mut self) -> NewRow<'_> {
        NewRow {
            table: self,
            column: 0,
        }
    }
}

/// A row that is read from left to right.
pub struct Row<'t> {
    table: &'t Table,
    at: usize,
    column: usize,
}

/// A row that is written from left to right.
pub struct NewRow<'t> {
    table: &'t mut Table,
    column: usize,
}

impl<'t> Row<'t> {
    fn next(&mut self) -> Result<&'t Column, SavedError> {
        let column = self.table.columns.get(self.column);
        self.column = self.column.saturating_add(1);
        let (_, column) = column.ok_or_else(|| self.error("has too few columns"))?;
        Ok(column)
    }

    /// An error about this row.
    pub fn error(&self, problem: &str) -> SavedError {
        let row = self.at.saturating_add(1);
        SavedError::new(self.table.name, format!("row {row} {problem}"))
    }

    fn wrong(&self) -> SavedError {
        let name = self.column.checked_sub(1);
        let name = name.and_then(|at| self.table.columns.get(at));
        let name = name.map_or("?", |(name, _)| name);
        self.error(&format!("has no valid {name}"))
    }

    /// Text of the next column, or nothing.
    ///
    /// # Errors
    ///
    /// When the next column is of another kind, or has nothing that can be taken.
    pub fn maybe_text(&mut self) -> Result<Option<&'t str>, SavedError> {
        match self.next()? {
            Column::Text(texts) => Ok(texts.get(self.at)),
            _ => Err(self.wrong()),
        }
    }

    /// Text of the next column.
    ///
    /// # Errors
    ///
    /// When the next column is of another kind, or has nothing that can be taken.
    pub fn text(&mut self) -> Result<&'t str, SavedError> {
        self.maybe_text()?.ok_or_else(|| self.wrong())
    }

    /// What the text of the next column is the name of.
    pub(super) fn named<T: Copy>(
        &mut self,
        all: &[T],
        name: impl Fn(T) -> &'static str,
    ) -> Result<T, SavedError> {
        let text = self.text()?;
        let found = all.iter().find(|one| name(**one) == text);
        found.copied().ok_or_else(|| self.wrong())
    }

    pub(super) fn small<T: TryFrom<u32>>(&mut self) -> Result<T, SavedError> {
        let value = match self.next()? {
            Column::Small(values) => values.get(self.at).copied(),
            _ => None,
        };
        let value = value.and_then(|value| T::try_from(value).ok());
        value.ok_or_else(|| self.wrong())
    }

    /// Number of the next column.
    ///
    /// # Errors
    ///
    /// When the next column is of another kind, or has nothing that can be taken.
    pub fn count(&mut self) -> Result<u64, SavedError> {
        match self.next()? {
            Column::Count(values) => values.get(self.at).copied(),
            _ => None,
        }
        .ok_or_else(|| self.wrong())
    }

    /// Period of the next column.
    ///
    /// # Errors
    ///
    /// When the next column is of another kind, or has nothing that can be taken.
    pub fn slot(&mut self) -> Result<i32, SavedError> {
        match self.next()? {
            Column::Slot(values) => values.get(self.at).copied(),
            _ => None,
        }
        .ok_or_else(|| self.wrong())
    }

    /// Time of the next column, or nothing.
    ///
    /// # Errors
    ///
    /// When the next column is of another kind, or has nothing that can be taken.
    pub fn time(&mut self) -> Result<Option<i64>, SavedError> {
        match self.next()? {
            Column::Time(values) => values.get(self.at).copied(),
            _ => None,
        }
        .ok_or_else(|| self.wrong())
    }

    /// Periods of the next column.
    ///
    /// # Errors
    ///
    /// When the next column is of another kind, or has nothing that can be taken.
    pub fn slots(&mut self) -> Result<&'t SlotSet, SavedError> {
        match self.next()? {
            Column::Slots(values) => values.get(self.at),
            _ => None,
        }
        .ok_or_else(|| self.wrong())
    }

    /// Bytes of the next column.
    ///
    /// # Errors
    ///
    /// When the next column is of another kind, or has nothing that can be taken.
    pub fn bytes(&mut self) -> Result<&'t [u8], SavedError> {
        match self.next()? {
            Column::Bytes(values) => values.get(self.at).map(AsRef::as_ref),
            _ => None,
        }
        .ok_or_else(|| self.wrong())
    }

    /// Whether the next column says yes.
    ///
    /// # Errors
    ///
    /// When the next column is of another kind, or has nothing that can be taken.
    pub fn flag(&mut self) -> Result<bool, SavedError> {
        match self.next()? {
            Column::Flag(values) => values.get(self.at).copied(),
            _ => None,
        }
        .ok_or_else(|| self.wrong())
    }
}

impl NewRow<'_> {
    fn next(&mut self) -> Option<&mut Column> {
        let column = self.table.columns.get_mut(self.column)?;
        self.column = self.column.saturating_add(1);
        Some(&mut column.1)
    }

    /// Writes a text, or nothing.
    pub fn maybe_text(mut self, text: Option<&str>) -> Self {
        if let Some(Column::Text(texts)) = self.next() {
            texts.push(text);
        }
        self
    }

    /// Writes a text.
    pub fn text(self, text: &str) -> Self {
        self.maybe_text(Some(text))
    }

    /// Small number of the next column.
    ///
    /// # Errors
    ///
    /// When the next column is of another kind, or has nothing that can be taken.
    pub fn small(mut self, value: impl Into<u32>) -> Self {
        if let Some(Column::Small(values)) = self.next() {
            values.push(value.into());
        }
        self
    }

    /// Writes a number.
    pub fn count(mut self, value: u64) -> Self {
        if let Some(Column::Count(values)) = self.next() {
            values.push(value);
        }
        self
    }

    /// Writes a period.
    pub fn slot(mut self, value: i32) -> Self {
        if let Some(Column::Slot(values)) = self.next() {
            values.push(value);
        }
        self
    }

    /// Writes a time, or nothing.
    pub fn time(mut self, value: Option<i64>) -> Self {
        if let Some(Column::Time(values)) = self.next() {
            values.push(value);
        }
        self
    }

    /// Writes periods.
    pub fn slots(mut self, value: &SlotSet) -> Self {
        if let Some(Column::Slots(values)) = self.next() {
            values.push(value.clone());
        }
        self
    }

    /// Writes bytes.
    pub fn bytes(mut self, value: impl Into<Box<[u8]>>) -> Self {
        if let Some(Column::Bytes(values)) = self.next() {
            values.push(value.into());
        }
        self
    }

    /// Writes yes or no.
    pub fn flag(mut self, value: bool) -> Self {
        if let Some(Column::Flag(values)) = self.next() {
            values.push(value);
        }
        self
    }
}
