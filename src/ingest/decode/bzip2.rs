//! Bzip2, whose parallel packers write one stream per block.

use std::io::{self, BufRead, ErrorKind, Read};
use std::ops::Range;

use ::bzip2::{Decompress, Status};

use super::multi;

/// How much is unpacked at once.
const STEP_BYTES: usize = 4096;

/// One bzip2 stream.
///
/// What is unpacked in the call that meets damage inside a block is lost. So each
/// call unpacks little, and up to the same places however much is read at once.
pub(super) struct Stream<R> {
    reader: R,
    unpacker: Decompress,
    /// What was unpacked since the last full step ...
    step: Box<[u8]>,
    /// ... and which part of that was not delivered yet.
    ready: Range<usize>,
    /// How it ended, if it has.
    end: Option<io::Result<()>>,
}

impl<R: BufRead> multi::Stream<R> for Stream<R> {
    const NAME: &'static str = "bzip2 stream";

    fn begin(reader: R) -> io::Result<Self> {
        Ok(Self {
            reader,
            unpacker: Decompress::new(false),
            step: vec![0; STEP_BYTES].into(),
            ready: 0..0,
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
    /// Unpacks what the reader holds next, as far as the step goes.
    fn unpack(&mut self) -> io::Result<()> {
        let from = self.ready.end % STEP_BYTES;
        let input = self.reader.fill_buf()?;
        let is_at_end = input.is_empty();
        let (n_in, n_out) = (self.unpacker.total_in(), self.unpacker.total_out());
        let out = self.step.get_mut(from..).unwrap_or_default();
        let status = self.unpacker.decompress(input, out);
        let since = |now: u64, before: u64| usize::try_from(now.saturating_sub(before));
        let n_read = since(self.unpacker.total_in(), n_in).unwrap_or_default();
        let n = since(self.unpacker.total_out(), n_out).unwrap_or_default();
        self.reader.consume(n_read);
        self.ready = from..from.saturating_add(n);
        self.end = match status {
            Ok(Status::StreamEnd) => Some(Ok(())),
            Ok(_) if is_at_end && n == 0 => Some(Err(ErrorKind::UnexpectedEof.into())),
            Ok(_) => None,
            Err(error) => Some(Err(io::Error::new(ErrorKind::InvalidData, error))),
        };
        Ok(())
    }
}

impl<R: BufRead> Read for Stream<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.ready.is_empty() {
            // Nobody reads on behind the end.
            if let Some(end) = self.end.take() {
                return end.map(|()| 0);
            }
            self.unpack()?;
        }
        let mut ready = self.step.get(self.ready.clone()).unwrap_or_default();
        let n = ready.read(out)?;
        self.ready.start = self.ready.start.saturating_add(n);
        Ok(n)
    }
}
