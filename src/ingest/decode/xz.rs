//! Xz: streams with zeros between them, in bounded memory.

use std::io::{self, BufRead, Read};

use liblzma::bufread::XzDecoder;

use super::multi;

/// What one stream may need to be unpacked: twice that of `xz -9`.
const MAX_MEMORY: u64 = 128 << 20;

/// One xz stream.
pub(super) struct Stream<R>(XzDecoder<R>);

impl<R: BufRead> multi::Stream<R> for Stream<R> {
    const NAME: &'static str = "xz stream";

    fn begin(reader: R) -> io::Result<Self> {
        let stream = liblzma::stream::Stream::new_stream_decoder(MAX_MEMORY, 0)?;
        Ok(Self(XzDecoder::new_stream(reader, stream)))
    }

    fn into_inner(self) -> R {
        self.0.into_inner()
    }

    fn may_begin_with(byte: u8) -> bool {
        byte == 0xfd
    }

    fn is_padding(byte: u8) -> bool {
        byte == 0
    }

    fn refusal(error: &io::Error) -> Option<&'static str> {
        let cause = error.get_ref()?.downcast_ref::<liblzma::stream::Error>()?;
        (*cause == liblzma::stream::Error::MemLimit)
            .then_some("xz with a dictionary of more than 128 MiB; unpack it first (unxz)")
    }
}

impl<R: BufRead> Read for Stream<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.0.read(out)
    }
}
