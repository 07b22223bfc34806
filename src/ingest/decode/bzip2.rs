//! Bzip2, whose parallel packers write one stream per block.

use std::io::{self, BufRead, ErrorKind, Read};

use ::bzip2::{Decompress, Status};

use super::multi;

/// One bzip2 stream.
///
/// The crate's own reader drops what it unpacked in the call that meets damage;
/// this one delivers that first.
pub(super) struct Stream<R> {
    reader: R,
    unpacker: Decompress,
    /// How it ended, if it has.
    end: Option<io::Result<()>>,
}

impl<R: BufRead> multi::Stream<R> for Stream<R> {
    const NAME: &'static str = "bzip2 stream";

    fn begin(reader: R) -> io::Result<Self> {
        Ok(Self {
            reader,
            unpacker: Decompress::new(false),
            end: None,
        })
    }

    fn into_inner(self) -> R {
        self.reader
    }

    fn may_begin_with(byte: u8) -> bool {
        byte == b'B'
    }
}

impl<R: BufRead> Stream<R> {
    /// Unpacks what the reader holds next into `out`; how many bytes came of it.
    fn step(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let input = self.reader.fill_buf()?;
        let is_at_end = input.is_empty();
        let (n_in, n_out) = (self.unpacker.total_in(), self.unpacker.total_out());
        let status = self.unpacker.decompress(input, out);
        let since = |now: u64, before: u64| usize::try_from(now.saturating_sub(before));
        let n_read = since(self.unpacker.total_in(), n_in).unwrap_or_default();
        let n = since(self.unpacker.total_out(), n_out).unwrap_or_default();
        self.reader.consume(n_read);
        self.end = match status {
            Ok(Status::StreamEnd) => Some(Ok(())),
            Ok(_) if is_at_end && n == 0 => Some(Err(ErrorKind::UnexpectedEof.into())),
            Ok(_) => None,
            Err(error) => Some(Err(io::Error::new(ErrorKind::InvalidData, error))),
        };
        Ok(n)
    }
}

impl<R: BufRead> Read for Stream<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            // Nobody reads on behind the end.
            if let Some(end) = self.end.take() {
                return end.map(|()| 0);
            }
            let n = self.step(out)?;
            if n > 0 || out.is_empty() {
                return Ok(n);
            }
        }
    }
}
