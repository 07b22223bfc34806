//! Parquet: files of columns, told by the mark `PAR1` at their beginning,
//! whatever their names say (`x.gz.parquet` is no gzip file).
//!
//! Each row is written as JSON text and unwrapped like any other record. Only
//! the columns that say anything about events are read; what is decoded at a
//! time is bounded, whatever the file promises.

mod budget;
mod column;
mod delta;
mod footer;
mod header;
mod page;
mod shape;
mod source;
mod text;
mod thrift;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use parquet::errors::ParquetError;
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use parquet::schema::types::Type;

use super::Limits;
use super::coverage::ProblemKind;
use super::fidelity::Fidelity;
use super::keys::Keys;
use super::rebuild::ocsf;

use budget::Budget;
use column::Cursor;
use page::{Extent, Pages};
use shape::Node;
use text::RowText;

pub(super) use source::Source;

/// Why a file, or the rest of it, is not read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// What kind of problem it is.
    pub(super) kind: ProblemKind,
    /// The cause, for people.
    pub(super) detail: String,
}

impl Refusal {
    fn new(kind: ProblemKind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: detail.into(),
        }
    }

    fn corrupt(detail: impl Into<String>) -> Self {
        Self::new(ProblemKind::Corrupt, detail)
    }

    fn truncated(detail: impl Into<String>) -> Self {
        Self::new(ProblemKind::Truncated, detail)
    }

    fn unsupported(detail: impl Into<String>) -> Self {
        Self::new(ProblemKind::Unsupported, detail)
    }
}

impl From<ParquetError> for Refusal {
    fn from(error: ParquetError) -> Self {
        match error {
            ParquetError::General(detail) | ParquetError::EOF(detail) => Self::corrupt(detail),
            other => Self::corrupt(other.to_string()),
        }
    }
}

impl From<std::io::Error> for Refusal {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::UnexpectedEof => Self::truncated("it ends early"),
            _ => Self::new(ProblemKind::Unreadable, error.to_string()),
        }
    }
}

/// What the rows of a file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Content {
    /// OCSF records.
    Ocsf,
    /// Events that this program dumped.
    Events,
    /// Records as JSON has them, or texts that hold them.
    Json,
    /// CloudTrail as Athena and Glue write it: no name has a capital.
    LowerCase,
}

/// Columns of which a file must have all, and what its rows then are.
const CONTENTS: [(Keys, Content); 10] = [
    (Keys::CLASS_UID.with(Keys::METADATA), Content::Ocsf),
    (Keys::EVENT_VERSION.with(Keys::EVENT_SOURCE), Content::Json),
    (
        Keys::LOWER_SOURCE.with(Keys::LOWER_NAME),
        Content::LowerCase,
    ),
    (Keys::EVENT_TYPE.with(Keys::PUBLISHED), Content::Json),
    (Keys::TYPE.with(Keys::REQUEST), Content::Json),
    (Keys::CLOUDTRAIL_EVENT, Content::Json),
    (Keys::RAW, Content::Json),
    (Keys::EVENT_ORIGINAL, Content::Json),
    (Keys::TEXT, Content::Json),
    (Keys::SCHEMA, Content::Events),
];

impl Content {
    fn of(schema: &Type) -> Option<Self> {
        let keys = schema
            .get_fields()
            .iter()
            .map(|field| Keys::named(field.name().as_bytes()))
            .fold(Keys::default(), Keys::with);
        let mut contents = CONTENTS.iter();
        let found = contents.find(|(needed, _)| keys.has(*needed));
        found.map(|(_, content)| *content)
    }

    fn wants(self, column: &str) -> bool {
        match self {
            Self::Ocsf => ocsf::MEMBERS.contains(&column),
            Self::Events | Self::Json | Self::LowerCase => true,
        }
    }
}

/// A row.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Row<'t> {
    /// As JSON text.
    Text(&'t str),
    /// Larger than a record may be.
    TooLarge,
}

/// The rows of a Parquet file.
pub(super) struct Table {
    source: Source,
    metadata: ParquetMetaData,
    content: Content,
    shape: Node,
    /// Positions of the columns that are read.
    wanted: Vec<usize>,
    limits: Limits,
    /// Number of the next row group.
    next_group: usize,
    /// The row group that is being read.
    group: Group,
    text: RowText,
    n_decoded: u64,
}

/// A row group that is being read.
#[derive(Default)]
struct Group {
    columns: Vec<Box<dyn Cursor>>,
    /// Rows that are still to come.
    n_rows: u64,
}

/// What an empty row counts for: a page of a few bytes may hold millions.
const MIN_ROW_BYTES: usize = 64;

impl Table {
    /// Reads the footer of `source`, and nothing else yet.
    pub(super) fn open(source: Source, limits: &Limits) -> Result<Self, Refusal> {
        guarded(|| Self::open_unguarded(source, limits))
    }

    fn open_unguarded(source: Source, limits: &Limits) -> Result<Self, Refusal> {
        let metadata = footer::read(&source)?;
        let schema = metadata.file_metadata().schema();
        let content = Content::of(schema)
            .ok_or_else(|| Refusal::unsupported("Parquet without a column of a known product"))?;
        let (shape, wanted) = shape::of_rows(schema, |name| content.wants(name));
        let table = Self {
            source,
            content,
            shape,
            wanted,
            limits: *limits,
            next_group: 0,
            group: Group::default(),
            text: RowText::new(limits.max_record),
            n_decoded: 0,
            metadata,
        };
        table.check_codecs()?;
        Ok(table)
    }

    /// In which round the rows count.
    pub(super) fn fidelity(&self) -> Fidelity {
        match self.content {
            Content::Ocsf => Fidelity::Ocsf,
            Content::Events => Fidelity::Normalised,
            Content::Json => Fidelity::Original,
            Content::LowerCase => Fidelity::Columns,
        }
    }

    /// Bytes of the rows so far, as text.
    pub(super) fn n_decoded(&self) -> u64 {
        self.n_decoded
    }

    /// The next row. After a refusal there are no more.
    pub(super) fn next_row(&mut self) -> Option<Result<Row<'_>, Refusal>> {
        let has_row = guarded(|| self.write_row());
        match has_row {
            Ok(false) => None,
            Ok(true) => Some(Ok(self.text.get().map_or(Row::TooLarge, Row::Text))),
            Err(refusal) => {
                self.group = Group::default();
                self.next_group = usize::MAX;
                Some(Err(refusal))
            }
        }
    }

    /// Writes the next row. False when there is none.
    fn write_row(&mut self) -> Result<bool, Refusal> {
        while self.group.n_rows == 0 {
            let Some(metadata) = self.metadata.row_groups().get(self.next_group) else {
                return Ok(false);
            };
            self.next_group += 1;
            // The old one first: both may be large.
            self.group = Group::default();
            self.group = self.open_group(metadata)?;
        }
        self.group.n_rows -= 1;
        self.text.clear();
        let is_row = self
            .shape
            .write_row(&mut self.group.columns, &mut self.text)?;
        if !is_row {
            return Err(Refusal::corrupt("a row group has fewer rows than it says"));
        }
        let n_bytes = self.text.n_bytes().max(MIN_ROW_BYTES);
        self.n_decoded = self.n_decoded.saturating_add(n_bytes as u64);
        self.check_ratio()?;
        Ok(true)
    }

    fn open_group(&self, metadata: &RowGroupMetaData) -> Result<Group, Refusal> {
        let n_rows = u64::try_from(metadata.num_rows())
            .map_err(|_| Refusal::corrupt("a row group has less than no rows"))?;
        let budget = Arc::new(Budget::default());
        let mut columns = Vec::new();
        for position in &self.wanted {
            let column = metadata
                .columns()
                .get(*position)
                .ok_or_else(|| Refusal::corrupt("a row group lacks a column"))?;
            let description = column.column_descr_ptr();
            let first = column.dictionary_page_offset().filter(|at| *at > 0);
            let start = first.map_or(column.data_page_offset(), |first| {
                first.min(column.data_page_offset())
            });
            let outside = || Refusal::corrupt("a column lies outside the file");
            let extent = Extent {
                start: u64::try_from(start).map_err(|_| outside())?,
                n_bytes: u64::try_from(column.compressed_size()).map_err(|_| outside())?,
                codec: column.compression(),
                max_def: description.max_def_level(),
                max_rep: description.max_rep_level(),
            };
            if extent.start.saturating_add(extent.n_bytes) > self.source.n_bytes() {
                return Err(outside());
            }
            let pages = Pages::new(self.source.clone(), &extent, &budget);
            columns.push(column::open(&description, pages)?);
        }
        Ok(Group { columns, n_rows })
    }

    fn check_codecs(&self) -> Result<(), Refusal> {
        let groups = self.metadata.row_groups().iter();
        let mut columns = groups.flat_map(|group| {
            let columns = self.wanted.iter();
            columns.filter_map(|position| group.columns().get(*position))
        });
        let unread = columns.find_map(|column| page::unread_codec(column.compression()));
        unread.map_or(Ok(()), |codec| Err(Refusal::unsupported(codec)))
    }

    /// Ends a file that unpacks to more than the limits allow.
    fn check_ratio(&self) -> Result<(), Refusal> {
        let limits = &self.limits;
        let ratio_limit = self.source.n_bytes().saturating_mul(limits.max_ratio);
        let detail = if self.n_decoded > limits.max_decoded {
            format!("unpacks to more than {} bytes", limits.max_decoded)
        } else if self.n_decoded > limits.ratio_floor && self.n_decoded > ratio_limit {
            format!("unpacks to more than {} times its size", limits.max_ratio)
        } else {
            return Ok(());
        };
        Err(Refusal::new(ProblemKind::TooLarge, detail))
    }
}

/// Does work that a damaged file may make panic.
fn guarded<T>(work: impl FnOnce() -> Result<T, Refusal>) -> Result<T, Refusal> {
    let outcome = catch_unwind(AssertUnwindSafe(work));
    outcome.unwrap_or_else(|_| Err(Refusal::corrupt("its pages are damaged")))
}

#[cfg(test)]
pub(super) mod tests;
