//! The header of a page.

use parquet::basic::Encoding;

use super::thrift::{STRUCT, Thrift};

/// What stands before a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// Bytes of the header itself.
    pub(super) n_bytes: u64,
    /// Bytes of the page as it is stored, ...
    pub(super) n_packed: usize,
    /// ... and unpacked.
    pub(super) n_unpacked: usize,
    /// What the page holds.
    pub(super) kind: Kind,
}

/// What a page holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Values.
    Data(Data),
    /// Values, their levels apart and never packed.
    Data2(Data2),
    /// So many distinct values, to which pages refer by number.
    Dictionary(u32),
    /// Nothing to read.
    Index,
}

/// Values and their encodings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Data {
    pub(super) n_values: u32,
    pub(super) encoding: Encoding,
    pub(super) def_encoding: Encoding,
    pub(super) rep_encoding: Encoding,
}

/// The second form of a page of values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Data2 {
    pub(super) data: Data,
    pub(super) n_nulls: u32,
    pub(super) n_rows: u32,
    pub(super) n_def_bytes: u32,
    pub(super) n_rep_bytes: u32,
    pub(super) is_packed: bool,
}

/// Encodings by their number in the format.
const ENCODINGS: [(i32, Encoding); 9] = [
    (0, Encoding::PLAIN),
    (2, Encoding::PLAIN_DICTIONARY),
    (3, Encoding::RLE),
    #[expect(deprecated, reason = "old files have levels in it")]
    (4, Encoding::BIT_PACKED),
    (5, Encoding::DELTA_BINARY_PACKED),
    (6, Encoding::DELTA_LENGTH_BYTE_ARRAY),
    (7, Encoding::DELTA_BYTE_ARRAY),
    (8, Encoding::RLE_DICTIONARY),
    (9, Encoding::BYTE_STREAM_SPLIT),
];

impl Header {
    /// The header that `bytes` begin with.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut thrift = Thrift::new(bytes);
        let mut numbers = [None; 4];
        let (mut data, mut dictionary, mut data2) = (None, None, None);
        thrift.fields(|thrift, number, kind| {
            match number {
                1..=3 => {
                    let slot = numbers.get_mut(usize::try_from(number).ok()?)?;
                    *slot = Some(thrift.number(kind)?);
                }
                5 if kind == STRUCT => data = Some(data_header(thrift)?),
                7 if kind == STRUCT => dictionary = Some(first_number(thrift)?),
                8 if kind == STRUCT => data2 = Some(data2_header(thrift)?),
                _ => return Some(false),
            }
            Some(true)
        })?;
        let [_, kind, n_unpacked, n_packed] = numbers;
        Some(Self {
            n_bytes: (bytes.len() - thrift.n_left()) as u64,
            n_packed: usize::try_from(n_packed?).ok()?,
            n_unpacked: usize::try_from(n_unpacked?).ok()?,
            kind: match kind? {
                0 => Kind::Data(data?),
                1 => Kind::Index,
                2 => Kind::Dictionary(dictionary?),
                3 => Kind::Data2(data2?),
                _ => return None,
            },
        })
    }

    /// How many values the page holds, absent ones included.
    pub(super) fn n_values(&self) -> u32 {
        match &self.kind {
            Kind::Data(data) => data.n_values,
            Kind::Data2(data) => data.data.n_values,
            Kind::Dictionary(n_values) => *n_values,
            Kind::Index => 0,
        }
    }
}

impl Data {
    /// What of the page `body` follows its levels.
    pub(super) fn skip_levels<'b>(
        &self,
        body: &'b [u8],
        max_rep: i16,
        max_def: i16,
    ) -> Option<&'b [u8]> {
        let mut rest = body;
        for (max, encoding) in [(max_rep, self.rep_encoding), (max_def, self.def_encoding)] {
            if max > 0 {
                rest = skip_levels(rest, self.n_values, max, encoding)?;
            }
        }
        Some(rest)
    }
}

impl Data2 {
    /// Bytes of the levels, which come first.
    pub(super) fn n_level_bytes(&self) -> usize {
        let n = u64::from(self.n_def_bytes) + u64::from(self.n_rep_bytes);
        usize::try_from(n).unwrap_or(usize::MAX)
    }
}

fn skip_levels(body: &[u8], n_values: u32, max: i16, encoding: Encoding) -> Option<&[u8]> {
    if encoding == Encoding::RLE {
        let (length, rest) = body.split_first_chunk::<4>()?;
        return rest.get(usize::try_from(u32::from_le_bytes(*length)).ok()?..);
    }
    let n_bits = u64::from(16 - max.unsigned_abs().leading_zeros()) * u64::from(n_values);
    body.get(usize::try_from(n_bits.div_ceil(8)).ok()?..)
}

fn encoding(thrift: &mut Thrift<'_>, kind: u8) -> Option<Encoding> {
    let number = thrift.number(kind)?;
    let known = ENCODINGS.iter().find(|(known, _)| *known == number);
    known.map(|(_, encoding)| *encoding)
}

fn count(thrift: &mut Thrift<'_>, kind: u8) -> Option<u32> {
    u32::try_from(thrift.number(kind)?).ok()
}

fn first_number(thrift: &mut Thrift<'_>) -> Option<u32> {
    let mut first = None;
    thrift.fields(|thrift, number, kind| {
        if number == 1 {
            first = Some(count(thrift, kind)?);
        }
        Some(number == 1)
    })?;
    first
}

fn data_header(thrift: &mut Thrift<'_>) -> Option<Data> {
    let mut n_values = None;
    let mut encodings = [None; 5];
    thrift.fields(|thrift, number, kind| {
        match number {
            1 => n_values = Some(count(thrift, kind)?),
            2..=4 => {
                let slot = encodings.get_mut(usize::try_from(number).ok()?)?;
                *slot = Some(encoding(thrift, kind)?);
            }
            _ => return Some(false),
        }
        Some(true)
    })?;
    let [_, _, encoding, def_encoding, rep_encoding] = encodings;
    Some(Data {
        n_values: n_values?,
        encoding: encoding?,
        def_encoding: def_encoding?,
        rep_encoding: rep_encoding?,
    })
}

fn data2_header(thrift: &mut Thrift<'_>) -> Option<Data2> {
    let mut counts = [None; 7];
    let mut encoded = None;
    let mut is_packed = true;
    thrift.fields(|thrift, number, kind| {
        match number {
            1..=3 | 5 | 6 => {
                let slot = counts.get_mut(usize::try_from(number).ok()?)?;
                *slot = Some(count(thrift, kind)?);
            }
            4 => encoded = Some(encoding(thrift, kind)?),
            7 => is_packed = Thrift::boolean(kind)?,
            _ => return Some(false),
        }
        Some(true)
    })?;
    let [_, n_values, n_nulls, n_rows, _, n_def_bytes, n_rep_bytes] = counts;
    Some(Data2 {
        data: Data {
            n_values: n_values?,
            encoding: encoded?,
            def_encoding: Encoding::RLE,
            rep_encoding: Encoding::RLE,
        },
        n_nulls: n_nulls?,
        n_rows: n_rows?,
        n_def_bytes: n_def_bytes?,
        n_rep_bytes: n_rep_bytes?,
        is_packed,
    })
}
