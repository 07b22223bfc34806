//! The footer: where everything in a Parquet file is, by the file's own
//! account. It is screened before anything is built from it, because a few
//! bytes of it can promise a tower of groups or billions of columns.

use parquet::file::metadata::{
    ParquetMetaData, ParquetMetaDataOptions, ParquetMetaDataReader, ParquetStatisticsPolicy,
};

use super::Refusal;
use super::source::Source;
use super::thrift::{LIST, STRUCT, Thrift};

/// The largest footer that is read. Built, it takes some fifty times that; one
/// row group of a security lake takes 30 KB.
const MAX_FOOTER: u64 = 8 << 20;

/// Levels of groups inside groups. OCSF has eight.
const MAX_NESTING: usize = 24;

/// The mark that a Parquet file begins and ends with, ...
pub(in crate::ingest) const MAGIC: &[u8] = b"PAR1";
/// ... and how an encrypted one ends.
const ENCRYPTED: &[u8] = b"PARE";

/// Length of the footer's length and of the mark behind it.
const TAIL: u64 = 8;

/// Reads the footer of `source`.
pub(super) fn read(source: &Source) -> Result<ParquetMetaData, Refusal> {
    let footer = raw(source)?;
    screen(&footer).ok_or_else(|| Refusal::corrupt("its footer is none"))?;
    let mut options = ParquetMetaDataOptions::new();
    options.set_column_stats_policy(ParquetStatisticsPolicy::SkipAll);
    options.set_encoding_stats_policy(ParquetStatisticsPolicy::SkipAll);
    options.set_size_stats_policy(ParquetStatisticsPolicy::SkipAll);
    let metadata = ParquetMetaDataReader::decode_metadata_with_options(&footer, Some(&options))?;
    Ok(metadata)
}

/// The bytes of the footer.
fn raw(source: &Source) -> Result<Vec<u8>, Refusal> {
    let n_bytes = source.n_bytes();
    let Some(at) = n_bytes.checked_sub(TAIL) else {
        return Err(Refusal::truncated("it ends before its footer"));
    };
    let tail = source.read_exactly(at, TAIL)?;
    let Some((length, mark)) = tail.split_first_chunk::<4>() else {
        return Err(Refusal::truncated("it ends before its footer"));
    };
    if mark == ENCRYPTED {
        return Err(Refusal::unsupported("Parquet with an encrypted footer"));
    }
    if mark != MAGIC {
        return Err(Refusal::truncated("it does not end with a footer"));
    }
    let length = u64::from(u32::from_le_bytes(*length));
    if length > MAX_FOOTER {
        let detail = format!("its footer has more than {MAX_FOOTER} bytes");
        return Err(Refusal::corrupt(detail));
    }
    let Some(start) = at.checked_sub(length) else {
        return Err(Refusal::corrupt("its footer is longer than the file"));
    };
    Ok(source.read_exactly(start, length)?)
}

/// Looks through a footer for promises that it cannot keep.
fn screen(footer: &[u8]) -> Option<()> {
    let mut has_schema = false;
    let mut thrift = Thrift::new(footer);
    thrift.fields(|thrift, number, kind| {
        if number == 2 && kind == LIST {
            has_schema = true;
            screen_schema(thrift)?;
            return Some(true);
        }
        Some(false)
    })?;
    has_schema.then_some(())
}

/// The schema is a tree written as a list: every element says how many of the
/// following are below it.
fn screen_schema(thrift: &mut Thrift<'_>) -> Option<()> {
    let (kind, n_elements) = thrift.list()?;
    if kind != STRUCT {
        return None;
    }
    // How many children are still to come, from the root down.
    let mut open: Vec<usize> = Vec::new();
    for element in 0..n_elements {
        let mut n_children = 0;
        thrift.fields(|thrift, number, kind| {
            if number == 5 {
                n_children = usize::try_from(thrift.number(kind)?).ok()?;
                return Some(true);
            }
            Some(false)
        })?;
        if element > 0 {
            let siblings = open.last_mut()?;
            *siblings = siblings.checked_sub(1)?;
        }
        if n_children > 0 {
            open.push(n_children);
        }
        while open.last() == Some(&0) {
            open.pop();
        }
        if open.len() > MAX_NESTING || n_children > n_elements {
            return None;
        }
    }
    open.is_empty().then_some(())
}
