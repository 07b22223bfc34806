//! Pages: the pieces that a column is stored in, each compressed by itself.
//!
//! A page says how large it is, how many values it holds and how they are
//! encoded, and may lie about all of it: a few bytes can promise billions of
//! values. So nothing is unpacked or decoded before it is known to fit.

use std::io::Read;
use std::sync::Arc;

use parquet::basic::{Compression, Encoding};
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};

use super::budget::{Budget, Share};
use super::delta;
use super::header::{Data, Header, Kind};
use super::source::Source;

/// How much of a column is looked at for the header of a page. Statistics in
/// it may hold long texts, hence the second try.
const HEADER_BYTES: [u64; 2] = [4 << 10, 1 << 20];

/// The largest page, unpacked. Writers aim at 1 MB; some write a whole row
/// group of a column in one.
const MAX_PAGE: usize = 128 << 20;

/// Bytes that one value takes besides its text: its levels and its place in a
/// list.
const BYTES_PER_VALUE: usize = 40;

/// The pages of one column in one row group.
pub(super) struct Pages {
    source: Source,
    at: u64,
    n_left: u64,
    codec: Compression,
    max_def: i16,
    max_rep: i16,
    share: Arc<Share>,
    /// The header of the next page, if it was asked for.
    next: Option<Header>,
}

/// Where a column is, and what it is.
pub(super) struct Extent {
    pub(super) start: u64,
    pub(super) n_bytes: u64,
    pub(super) codec: Compression,
    pub(super) max_def: i16,
    pub(super) max_rep: i16,
}

impl Pages {
    /// The pages in `extent`; what they hold in memory is taken from `budget`.
    pub(super) fn new(source: Source, extent: &Extent, budget: &Arc<Budget>) -> Self {
        Self {
            source,
            at: extent.start,
            n_left: extent.n_bytes,
            codec: extent.codec,
            max_def: extent.max_def,
            max_rep: extent.max_rep,
            share: Arc::new(Share::new(budget)),
            next: None,
        }
    }

    /// This column's share of the budget.
    pub(super) fn share(&self) -> Arc<Share> {
        Arc::clone(&self.share)
    }

    /// The header of the next page, which stays the next one.
    fn header(&mut self) -> Result<Option<&Header>> {
        if self.next.is_none() && self.n_left > 0 {
            let header = self.read_header()?;
            self.at = self.at.saturating_add(header.n_bytes);
            self.n_left = self.n_left.saturating_sub(header.n_bytes);
            self.next = Some(header);
        }
        Ok(self.next.as_ref())
    }

    fn read_header(&self) -> Result<Header> {
        for window in HEADER_BYTES {
            let window = window.min(self.n_left);
            let bytes = self.source.read_at(self.at, window)?;
            if let Some(header) = Header::read(&bytes) {
                return check(header, self.n_left);
            }
        }
        Err(error("the header of a page is none"))
    }

    /// The bytes of the page with this `header`.
    fn body(&mut self, header: &Header) -> Result<Vec<u8>> {
        let n_packed = header.n_packed as u64;
        let packed = self.source.read_exactly(self.at, n_packed)?;
        self.at = self.at.saturating_add(n_packed);
        self.n_left = self.n_left.saturating_sub(n_packed);
        let (n_plain, is_packed) = match &header.kind {
            Kind::Data2(data) => (data.n_level_bytes(), data.is_packed),
            _ => (0, true),
        };
        if !is_packed {
            return Ok(packed);
        }
        let split = packed.split_at_checked(n_plain);
        let (plain, packed) = split.ok_or_else(|| error("a page is shorter than its levels"))?;
        let n_unpacked = header.n_unpacked.checked_sub(n_plain);
        let n_unpacked = n_unpacked.ok_or_else(|| error("a page is shorter than its levels"))?;
        let mut body = plain.to_vec();
        if n_unpacked > 0 {
            body.extend(unpack(self.codec, packed, n_unpacked)?);
        }
        Ok(body)
    }

    /// Takes from the budget what the page will hold.
    fn charge(&self, header: &Header) -> Result<()> {
        let values = usize::try_from(header.n_values()).unwrap_or(usize::MAX);
        let is_whole = matches!(header.kind, Kind::Dictionary(_));
        // Of flat columns, a few rows are decoded at a time.
        let n_decoded = if is_whole || self.max_rep > 0 {
            values.saturating_mul(BYTES_PER_VALUE)
        } else {
            0
        };
        let cost = header.n_unpacked.saturating_add(n_decoded) as u64;
        let fits = if is_whole {
            self.share.keep(cost)
        } else {
            self.share.take(cost)
        };
        fits.ok_or_else(|| error("a row group needs more memory than is allowed"))
    }

    /// The page that `header` begins.
    fn page(&self, header: Header, body: Vec<u8>) -> Result<Page> {
        Ok(match header.kind {
            Kind::Index => return Err(error("an index page among pages of values")),
            Kind::Dictionary(n_values) => Page::DictionaryPage {
                buf: body.into(),
                num_values: n_values,
                encoding: Encoding::PLAIN,
                is_sorted: false,
            },
            Kind::Data(data) => {
                let values = data.skip_levels(&body, self.max_rep, self.max_def);
                let values = values.ok_or_else(|| error("the levels of a page are cut"))?;
                check_values(&data, values)?;
                Page::DataPage {
                    buf: body.into(),
                    num_values: data.n_values,
                    encoding: data.encoding,
                    def_level_encoding: data.def_encoding,
                    rep_level_encoding: data.rep_encoding,
                    statistics: None,
                }
            }
            Kind::Data2(data) => {
                let values = body.get(data.n_level_bytes()..).unwrap_or_default();
                check_values(&data.data, values)?;
                Page::DataPageV2 {
                    buf: body.into(),
                    num_values: data.data.n_values,
                    encoding: data.data.encoding,
                    num_nulls: data.n_nulls,
                    num_rows: data.n_rows,
                    def_levels_byte_len: data.n_def_bytes,
                    rep_levels_byte_len: data.n_rep_bytes,
                    is_compressed: data.is_packed,
                    statistics: None,
                }
            }
        })
    }
}

/// Whether a page fits into the column, and what it promises into itself.
fn check(header: Header, n_left: u64) -> Result<Header> {
    let n_left = n_left.saturating_sub(header.n_bytes);
    if header.n_packed as u64 > n_left {
        return Err(error("a page is longer than its column"));
    }
    if header.n_unpacked > MAX_PAGE || header.n_packed > MAX_PAGE {
        return Err(error("a page is larger than is allowed"));
    }
    // A value of a dictionary takes a byte at least: one bit is no value.
    let n_unpacked = u32::try_from(header.n_unpacked).unwrap_or(u32::MAX);
    if matches!(header.kind, Kind::Dictionary(n) if n > n_unpacked) {
        return Err(error("a dictionary promises more values than it has bytes"));
    }
    Ok(header)
}

/// Encodings that say once more how many values there are.
fn check_values(data: &Data, values: &[u8]) -> Result<()> {
    match data.encoding {
        Encoding::DELTA_LENGTH_BYTE_ARRAY if !delta::holds_at_most(values, data.n_values) => {
            Err(error("a page promises more lengths than values"))
        }
        // Values that are made of their predecessors: a page of a megabyte
        // can spell out a terabyte.
        Encoding::DELTA_BYTE_ARRAY => Err(error(
            "DELTA_BYTE_ARRAY pages are not read; write them with version 1 pages",
        )),
        _ => Ok(()),
    }
}

/// Unpacks to exactly `n` bytes.
fn unpack(codec: Compression, packed: &[u8], n: usize) -> Result<Vec<u8>> {
    let limit = (n as u64).saturating_add(1);
    let mut body = Vec::new();
    match codec {
        Compression::UNCOMPRESSED => body.extend_from_slice(packed),
        Compression::SNAPPY => {
            if snap::raw::decompress_len(packed).ok() != Some(n) {
                return Err(error("a page unpacks to another size than it says"));
            }
            let mut decoder = snap::raw::Decoder::new();
            body = decoder.decompress_vec(packed).map_err(|_| broken())?;
        }
        Compression::GZIP(_) => {
            let decoder = flate2::read::MultiGzDecoder::new(packed);
            let mut limited = decoder.take(limit);
            limited.read_to_end(&mut body).map_err(|_| broken())?;
        }
        Compression::ZSTD(_) => {
            body = zstd::bulk::decompress(packed, n).map_err(|_| broken())?;
        }
        Compression::BROTLI(_) => {
            let decoder = brotli::Decompressor::new(packed, BROTLI_BUFFER);
            let mut limited = decoder.take(limit);
            limited.read_to_end(&mut body).map_err(|_| broken())?;
        }
        Compression::LZO | Compression::LZ4 | Compression::LZ4_RAW => return Err(broken()),
    }
    if body.len() == n {
        Ok(body)
    } else {
        Err(error("a page unpacks to another size than it says"))
    }
}

const BROTLI_BUFFER: usize = 4096;

/// The name of a codec that is not read.
pub(super) fn unread_codec(codec: Compression) -> Option<&'static str> {
    match codec {
        Compression::LZO => Some("Parquet with LZO pages"),
        Compression::LZ4 | Compression::LZ4_RAW => Some("Parquet with LZ4 pages"),
        _ => None,
    }
}

fn broken() -> ParquetError {
    error("a page is damaged")
}

fn error(detail: &str) -> ParquetError {
    ParquetError::General(detail.to_owned())
}

impl PageReader for Pages {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        loop {
            if self.header()?.is_none() {
                return Ok(None);
            }
            let Some(header) = self.next.take() else {
                return Ok(None);
            };
            self.charge(&header)?;
            let body = self.body(&header)?;
            if !matches!(header.kind, Kind::Index) {
                return self.page(header, body).map(Some);
            }
        }
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        let header = self.header()?;
        Ok(header.map(|header| PageMetadata {
            num_rows: match &header.kind {
                Kind::Data2(data) => usize::try_from(data.n_rows).ok(),
                _ => None,
            },
            num_levels: usize::try_from(header.n_values()).ok(),
            is_dict: matches!(header.kind, Kind::Dictionary(_)),
        }))
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.get_next_page().map(|_| ())
    }
}

impl Iterator for Pages {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Result<Page>> {
        self.get_next_page().transpose()
    }
}
