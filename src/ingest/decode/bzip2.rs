//! Bzip2, whose parallel packers write one stream per block.

use std::io::{self, BufRead, Read};

use ::bzip2::bufread::BzDecoder;

use super::multi;

/// One bzip2 stream.
pub(super) struct Stream<R>(BzDecoder<R>);

impl<R: BufRead> multi::Stream<R> for Stream<R> {
    const NAME: &'static str = "bzip2 stream";

    fn begin(reader: R) -> io::Result<Self> {
        Ok(Self(BzDecoder::new(reader)))
    }

    fn into_inner(self) -> R {
        self.0.into_inner()
    }

    fn may_begin_with(byte: u8) -> bool {
        byte == b'B'
    }
}

impl<R: BufRead> Read for Stream<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.0.read(out)
    }
}
