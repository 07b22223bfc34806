//! Zstandard: frames, some of which are to be skipped, in bounded memory.

use std::io::{self, BufRead, Read};

use ::zstd::stream::read::Decoder;

use super::multi;

/// The largest window, as a power of two: 128 MiB, which every decoder takes.
const MAX_WINDOW_LOG: u32 = 27;

/// One frame.
pub(super) struct Frame<R: BufRead>(Decoder<'static, R>);

impl<R: BufRead> multi::Stream<R> for Frame<R> {
    const NAME: &'static str = "zstd frame";

    fn begin(reader: R) -> io::Result<Self> {
        let mut decoder = Decoder::with_buffer(reader)?.single_frame();
        decoder.window_log_max(MAX_WINDOW_LOG)?;
        Ok(Self(decoder))
    }

    fn into_inner(self) -> R {
        self.0.finish()
    }

    /// Of frames, and of frames to be skipped.
    fn may_begin_with(byte: u8) -> bool {
        matches!(byte, 0x28 | 0x50..=0x5f)
    }

    fn refusal(error: &io::Error) -> Option<&'static str> {
        error.to_string().contains("too much memory").then_some(
            "zstd with a window of more than 128 MiB; unpack it first (zstd -d --long=31)",
        )
    }
}

impl<R: BufRead> Read for Frame<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.0.read(out)
    }
}
