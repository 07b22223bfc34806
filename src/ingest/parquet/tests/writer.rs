//! Writes JSON rows as Parquet, after any schema.

use std::sync::Arc;

use parquet::basic::{Compression, Encoding, GzipLevel, LogicalType, Type as Physical, ZstdLevel};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::{ByteArray, Int96};
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::Type;
use serde_json::{Value, json};

/// How to write a file.
#[derive(Clone, Copy)]
pub(crate) struct How {
    pub(crate) codec: Compression,
    pub(crate) version: WriterVersion,
    pub(crate) encoding: Option<Encoding>,
    pub(crate) rows_per_group: usize,
}

impl Default for How {
    fn default() -> Self {
        Self {
            codec: Compression::UNCOMPRESSED,
            version: WriterVersion::PARQUET_1_0,
            encoding: None,
            rows_per_group: 1000,
        }
    }
}

pub(crate) fn zstd() -> Compression {
    Compression::ZSTD(ZstdLevel::default())
}

pub(crate) fn gzip() -> Compression {
    Compression::GZIP(GzipLevel::default())
}

/// `rows` as a file whose schema is the message type `schema`.
pub(crate) fn write(schema: &str, rows: &[Value], how: How) -> Vec<u8> {
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let mut properties = WriterProperties::builder()
        .set_compression(how.codec)
        .set_writer_version(how.version)
        .set_data_page_size_limit(512);
    if let Some(encoding) = how.encoding {
        properties = properties
            .set_dictionary_enabled(false)
            .set_encoding(encoding);
    }
    let properties = Arc::new(properties.build());
    let mut file = SerializedFileWriter::new(Vec::new(), Arc::clone(&schema), properties).unwrap();
    for rows in rows.chunks(how.rows_per_group) {
        let mut leaves = Vec::new();
        add_leaves(&schema, &mut leaves);
        for row in rows {
            let mut at = 0;
            for field in schema.get_fields() {
                shred(
                    field,
                    row.get(field.name()),
                    Place::default(),
                    &mut leaves,
                    &mut at,
                );
            }
        }
        let mut group = file.next_row_group().unwrap();
        for leaf in leaves {
            let mut column = group.next_column().unwrap().unwrap();
            leaf.write(column.untyped());
            column.close().unwrap();
        }
        group.close().unwrap();
    }
    file.into_inner().unwrap()
}

/// The values of one column.
struct Leaf {
    defs: Vec<i16>,
    reps: Vec<i16>,
    values: Vec<Value>,
}

#[derive(Clone, Copy, Default)]
struct Place {
    def: i16,
    /// The repetition level of the next value, ...
    rep: i16,
    /// ... and of the values after it.
    depth: i16,
}

fn add_leaves(field: &Type, leaves: &mut Vec<Leaf>) {
    if field.is_primitive() {
        leaves.push(Leaf {
            defs: Vec::new(),
            reps: Vec::new(),
            values: Vec::new(),
        });
    } else {
        field
            .get_fields()
            .iter()
            .for_each(|field| add_leaves(field, leaves));
    }
}

fn shred(field: &Type, value: Option<&Value>, place: Place, leaves: &mut [Leaf], at: &mut usize) {
    let value = value.filter(|value| !value.is_null());
    let start = *at;
    if super::super::shape::is_repeated(field) {
        let empty = Vec::new();
        let items = value.and_then(Value::as_array).unwrap_or(&empty);
        if items.is_empty() {
            return absent(field, place, leaves, at);
        }
        for (n, item) in items.iter().enumerate() {
            *at = start;
            let place = Place {
                def: place.def + 1,
                rep: if n == 0 { place.rep } else { place.depth + 1 },
                depth: place.depth + 1,
            };
            present(field, item, place, leaves, at);
        }
        return;
    }
    let is_optional = field.is_optional();
    match value {
        None => absent(field, place, leaves, at),
        Some(value) => {
            let def = place.def + i16::from(is_optional);
            present(field, value, Place { def, ..place }, leaves, at);
        }
    }
}

fn absent(field: &Type, place: Place, leaves: &mut [Leaf], at: &mut usize) {
    if field.is_primitive() {
        leaves[*at].defs.push(place.def);
        leaves[*at].reps.push(place.rep);
        *at += 1;
    } else {
        for field in field.get_fields() {
            absent(field, place, leaves, at);
        }
    }
}

fn present(field: &Type, value: &Value, place: Place, leaves: &mut [Leaf], at: &mut usize) {
    if field.is_primitive() {
        let leaf = &mut leaves[*at];
        leaf.defs.push(place.def);
        leaf.reps.push(place.rep);
        leaf.values.push(value.clone());
        *at += 1;
        return;
    }
    let wrapped = match field.get_basic_info().logical_type_ref() {
        Some(LogicalType::List) => {
            let items = value.as_array().unwrap().iter();
            Some(json!({"list": items.map(|item| json!({"element": item})).collect::<Vec<_>>()}))
        }
        Some(LogicalType::Map) => {
            let pairs = value.as_object().unwrap().iter();
            let pairs = pairs.map(|(key, value)| json!({"key": key, "value": value}));
            Some(json!({"key_value": pairs.collect::<Vec<_>>()}))
        }
        _ => None,
    };
    let value = wrapped.as_ref().unwrap_or(value);
    for field in field.get_fields() {
        shred(field, value.get(field.name()), place, leaves, at);
    }
}

impl Leaf {
    fn write(&self, column: &mut ColumnWriter<'_>) {
        let (defs, reps) = (Some(&*self.defs), Some(&*self.reps));
        let values = self.values.iter();
        let written = match column {
            ColumnWriter::BoolColumnWriter(column) => {
                let values: Vec<bool> = values.map(|v| v.as_bool().unwrap()).collect();
                column.write_batch(&values, defs, reps)
            }
            ColumnWriter::Int32ColumnWriter(column) => {
                let values: Vec<i32> = values
                    .map(|v| i32::try_from(v.as_i64().unwrap()).unwrap())
                    .collect();
                column.write_batch(&values, defs, reps)
            }
            ColumnWriter::Int64ColumnWriter(column) => {
                let values: Vec<i64> = values.map(|v| v.as_i64().unwrap()).collect();
                column.write_batch(&values, defs, reps)
            }
            ColumnWriter::Int96ColumnWriter(column) => {
                let values: Vec<Int96> = values.map(int96).collect();
                column.write_batch(&values, defs, reps)
            }
            ColumnWriter::DoubleColumnWriter(column) => {
                let values: Vec<f64> = values.map(|v| v.as_f64().unwrap()).collect();
                column.write_batch(&values, defs, reps)
            }
            ColumnWriter::ByteArrayColumnWriter(column) => {
                let values: Vec<ByteArray> = values
                    .map(|v| ByteArray::from(v.as_str().unwrap()))
                    .collect();
                column.write_batch(&values, defs, reps)
            }
            _ => unreachable!("{:?}", Physical::FLOAT),
        };
        written.unwrap();
    }
}

/// Milliseconds since the epoch as a day and nanoseconds of it.
fn int96(millis: &Value) -> Int96 {
    let millis = millis.as_i64().unwrap();
    let day = u32::try_from(millis.div_euclid(86_400_000) + 2_440_588).unwrap();
    let nanos = u64::try_from(millis.rem_euclid(86_400_000)).unwrap() * 1_000_000;
    let mut value = Int96::new();
    value.set_data((nanos & 0xffff_ffff) as u32, (nanos >> 32) as u32, day);
    value
}
