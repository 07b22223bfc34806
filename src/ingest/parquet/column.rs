//! Columns: the values of one leaf of the schema, one after the other.

use std::sync::Arc;

use parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type as Physical};
use parquet::column::page::PageReader;
use parquet::column::reader::ColumnReaderImpl;
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, DoubleType, FixedLenByteArray,
    FixedLenByteArrayType, FloatType, Int32Type, Int64Type, Int96, Int96Type,
};
use parquet::schema::types::{ColumnDescPtr, ColumnDescriptor};

use super::Refusal;
use super::budget::Share;
use super::page::Pages;
use super::text::RowText;
use crate::event::Timestamp;

/// Rows that are decoded at a time.
const BATCH: usize = 1024;
/// Rows of a column with lists in them, any of which may be long.
const REPEATED_BATCH: usize = 64;

/// Where a value stands: how much of its path is there, and which list it
/// continues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Level {
    pub(super) def: i16,
    pub(super) rep: i16,
}

/// One column, at one of its values.
pub(super) trait Cursor {
    /// Where the current value stands; `None` behind the last one.
    fn level(&self) -> Option<Level>;

    /// Writes the current value, which must be there.
    fn write(&self, out: &mut RowText);

    /// Goes to the next value.
    fn advance(&mut self) -> Result<(), Refusal>;
}

/// The column that `column` describes and `pages` hold, at its first value.
pub(super) fn open(column: &ColumnDescPtr, pages: Pages) -> Result<Box<dyn Cursor>, Refusal> {
    let column = Arc::clone(column);
    match column.physical_type() {
        Physical::BOOLEAN => typed::<BoolType>(column, pages, |value, out| {
            out.push(if *value { "true" } else { "false" });
        }),
        Physical::INT32 => {
            let print = print_i32(&column);
            typed::<Int32Type>(column, pages, print)
        }
        Physical::INT64 => {
            let print = print_i64(&column);
            typed::<Int64Type>(column, pages, print)
        }
        Physical::INT96 => typed::<Int96Type>(column, pages, print_i96),
        Physical::FLOAT => typed::<FloatType>(column, pages, |value, out| {
            out.number(f64::from(*value));
        }),
        Physical::DOUBLE => typed::<DoubleType>(column, pages, |value, out| out.number(*value)),
        Physical::BYTE_ARRAY => {
            let print = print_bytes(&column);
            typed::<ByteArrayType>(column, pages, print)
        }
        Physical::FIXED_LEN_BYTE_ARRAY => {
            let print = print_fixed(&column);
            typed::<FixedLenByteArrayType>(column, pages, print)
        }
    }
}

fn typed<T: DataType>(
    column: ColumnDescPtr,
    pages: Pages,
    print: fn(&T::T, &mut RowText),
) -> Result<Box<dyn Cursor>, Refusal> {
    let share = pages.share();
    let pages: Box<dyn PageReader> = Box::new(pages);
    let mut cursor = Typed::<T> {
        max_def: column.max_def_level(),
        max_rep: column.max_rep_level(),
        reader: ColumnReaderImpl::new(column, pages),
        share,
        defs: Vec::new(),
        reps: Vec::new(),
        values: Vec::new(),
        n_levels: 0,
        at: 0,
        at_value: 0,
        print,
    };
    cursor.load()?;
    Ok(Box::new(cursor))
}

struct Typed<T: DataType> {
    reader: ColumnReaderImpl<T>,
    share: Arc<Share>,
    max_def: i16,
    max_rep: i16,
    defs: Vec<i16>,
    reps: Vec<i16>,
    /// The values that are there.
    values: Vec<T::T>,
    /// How many values were decoded, absent ones included.
    n_levels: usize,
    at: usize,
    at_value: usize,
    print: fn(&T::T, &mut RowText),
}

impl<T: DataType> Typed<T> {
    /// Decodes the next rows.
    fn load(&mut self) -> Result<(), Refusal> {
        self.share.release();
        self.defs.clear();
        self.reps.clear();
        self.values.clear();
        (self.at, self.at_value) = (0, 0);
        let batch = if self.max_rep > 0 {
            REPEATED_BATCH
        } else {
            BATCH
        };
        let (_, _, n_levels) = self.reader.read_records(
            batch,
            (self.max_def > 0).then_some(&mut self.defs),
            (self.max_rep > 0).then_some(&mut self.reps),
            &mut self.values,
        )?;
        self.n_levels = n_levels;
        Ok(())
    }
}

impl<T: DataType> Cursor for Typed<T> {
    fn level(&self) -> Option<Level> {
        (self.at < self.n_levels).then(|| Level {
            def: self.defs.get(self.at).copied().unwrap_or(self.max_def),
            rep: self.reps.get(self.at).copied().unwrap_or_default(),
        })
    }

    fn write(&self, out: &mut RowText) {
        match self.values.get(self.at_value) {
            Some(value) => (self.print)(value, out),
            None => out.push("null"),
        }
    }

    fn advance(&mut self) -> Result<(), Refusal> {
        if self.level().is_some_and(|level| level.def == self.max_def) {
            self.at_value += 1;
        }
        self.at += 1;
        if self.at >= self.n_levels && self.n_levels > 0 {
            self.load()?;
        }
        Ok(())
    }
}

fn print_i32(column: &ColumnDescriptor) -> fn(&i32, &mut RowText) {
    match (column.logical_type_ref(), column.converted_type()) {
        (Some(LogicalType::Date), _) | (_, ConvertedType::DATE) => |days, out| {
            let seconds = i64::from(*days).saturating_mul(86_400);
            out.text(Timestamp::from_seconds(seconds).date().as_bytes());
        },
        (Some(LogicalType::Decimal(_)), _) | (_, ConvertedType::DECIMAL) => {
            |_, out| out.push("null")
        }
        (_, ConvertedType::UINT_8 | ConvertedType::UINT_16 | ConvertedType::UINT_32) => {
            |value, out| out.push(&value.cast_unsigned().to_string())
        }
        _ => |value, out| out.push(&value.to_string()),
    }
}

fn print_i64(column: &ColumnDescriptor) -> fn(&i64, &mut RowText) {
    match (column.logical_type_ref(), column.converted_type()) {
        (Some(LogicalType::Timestamp(time)), _) => match time.unit {
            TimeUnit::MILLIS => |value, out| moment(value.saturating_mul(1_000), out),
            TimeUnit::MICROS => |value, out| moment(*value, out),
            TimeUnit::NANOS => |value, out| moment(value.div_euclid(1_000), out),
        },
        (_, ConvertedType::TIMESTAMP_MILLIS) => {
            |value, out| moment(value.saturating_mul(1_000), out)
        }
        (_, ConvertedType::TIMESTAMP_MICROS) => |value, out| moment(*value, out),
        (Some(LogicalType::Decimal(_)), _) | (_, ConvertedType::DECIMAL) => {
            |_, out| out.push("null")
        }
        (_, ConvertedType::UINT_64) => |value, out| out.push(&value.cast_unsigned().to_string()),
        _ => |value, out| out.push(&value.to_string()),
    }
}

fn moment(micros: i64, out: &mut RowText) {
    out.text(Timestamp::from_micros(micros).rfc3339().as_bytes());
}

/// Julian day of 1970-01-01.
const EPOCH_DAY: i64 = 2_440_588;
const MICROS_PER_DAY: i64 = 86_400_000_000;

/// Nanoseconds of a day, and the day.
fn print_i96(value: &Int96, out: &mut RowText) {
    let [low, high, day] = value.data() else {
        return out.push("null");
    };
    let nanos = i64::from(*low) | i64::from(*high) << 32;
    let days = i64::from(*day).saturating_sub(EPOCH_DAY);
    let micros = days.saturating_mul(MICROS_PER_DAY);
    moment(micros.saturating_add(nanos.div_euclid(1_000)), out);
}

fn print_bytes(column: &ColumnDescriptor) -> fn(&ByteArray, &mut RowText) {
    match column.converted_type() {
        ConvertedType::DECIMAL => |_, out| out.push("null"),
        _ => |value, out| out.text(value.data()),
    }
}

fn print_fixed(column: &ColumnDescriptor) -> fn(&FixedLenByteArray, &mut RowText) {
    match column.logical_type_ref() {
        Some(LogicalType::Uuid) => |value, out| match value.data().first_chunk::<16>() {
            Some(uuid) => {
                let id = crate::event::NativeId::Uuid(*uuid);
                out.text(id.to_string().as_bytes());
            }
            None => out.push("null"),
        },
        _ => |_, out| out.push("null"),
    }
}
