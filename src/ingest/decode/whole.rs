//! Gzip files of modest size, unpacked in one go: faster than as a stream by a
//! quarter, and the text need not be moved again.
//!
//! Only what is sound from end to end is taken: one member, with the length and
//! the checksum that it says, and JSON inside. Everything else is for the stream,
//! which knows what to say about it.

use std::fs::File;
use std::io::{Read, Seek};

use libdeflater::Decompressor;

use super::sniff::{self, Content, Format};
use super::{HEAD_BYTES, Tracker};
use crate::ingest::Limits;

/// Larger files, packed or unpacked, are streamed.
const MAX_PACKED: usize = 4 << 20;
const MAX_TEXT: usize = 16 << 20;

const MAGIC: &[u8] = b"\x1f\x8b\x08";

/// Unpacks file after file, in the same memory.
#[derive(Default)]
pub(in crate::ingest) struct Whole {
    inflater: Option<Decompressor>,
    packed: Vec<u8>,
    text: Vec<u8>,
}

impl Whole {
    /// Unpacks `file` and gives the length of its text, which is then at the
    /// beginning of [`Whole::take_text`]. `None`, and the file at its
    /// beginning, if it is to be streamed.
    pub(in crate::ingest) fn unpack(
        &mut self,
        file: &mut File,
        limits: &Limits,
        tracker: &Tracker,
    ) -> Option<usize> {
        #[cfg(any(test, fuzzing))]
        if limits.stride.is_some() {
            return None;
        }
        let unpacked = self.read(file).and_then(|()| self.inflate());
        let is_within = |n: &usize| {
            let n = *n as u64;
            n <= limits.max_decoded && n <= limits.ratio_floor
        };
        let Some(n) = unpacked.filter(is_within) else {
            // What cannot be rewound is no file, and was not read.
            let _ = file.rewind();
            return None;
        };
        tracker.n_disk.set(self.packed.len() as u64);
        tracker.count_unpacked(n);
        tracker.n_decoded.set(n as u64);
        Some(n)
    }

    /// Takes the memory with the text out.
    pub(in crate::ingest) fn take_text(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.text)
    }

    /// Gives memory back, for the next text.
    pub(in crate::ingest) fn reuse(&mut self, text: Vec<u8>) {
        self.text = text;
    }

    /// Reads the whole file, if it is a regular one, small, and gzip.
    fn read(&mut self, file: &mut File) -> Option<()> {
        let meta = file.metadata().ok()?;
        let n_bytes = usize::try_from(meta.len()).ok()?;
        (meta.is_file() && n_bytes <= MAX_PACKED).then_some(())?;
        self.packed.clear();
        self.packed.reserve(n_bytes.saturating_add(1));
        for n in [MAGIC.len(), MAX_PACKED] {
            file.take(n as u64).read_to_end(&mut self.packed).ok()?;
            self.packed.starts_with(MAGIC).then_some(())?;
        }
        (self.packed.len() <= MAX_PACKED).then_some(())
    }

    /// Unpacks what was read.
    fn inflate(&mut self) -> Option<usize> {
        let (rest, length) = self.packed.split_last_chunk()?;
        // Another member, or what looks like one.
        let has_more = memchr::memmem::find(rest.get(1..)?, MAGIC).is_some();
        let n_bytes = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        (!has_more && n_bytes <= MAX_TEXT).then_some(())?;
        if self.text.len() < n_bytes {
            self.text = vec![0; n_bytes];
        }
        let text = self.text.get_mut(..n_bytes)?;
        let inflater = self.inflater.get_or_insert_default();
        let n_unpacked = inflater.gzip_decompress(&self.packed, text).ok()?;
        // Checksum and length were compared with those behind the compressed
        // data. If the file's last bytes say the length too, these are they.
        (n_unpacked == n_bytes && is_json(text)).then_some(n_bytes)
    }
}

/// Whether `text` is JSON at first sight, and no archive or the like at second.
fn is_json(text: &[u8]) -> bool {
    let head = text.get(..HEAD_BYTES).unwrap_or(text);
    (text.starts_with(b"{\"") || text.starts_with(b"[{\""))
        && sniff::format(head) == Format::Is(Content::Text)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use std::io::Write;

    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    /// Whether a file of `bytes` is unpacked in one go, and to `text`.
    #[track_caller]
    fn assert_whole(bytes: &[u8], limits: &Limits, text: Option<&[u8]>) {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file.rewind().unwrap();
        let mut whole = Whole::default();
        let tracker = Tracker::default();
        let n = whole.unpack(&mut file, limits, &tracker);
        let unpacked = n.map(|n| whole.take_text().get(..n).unwrap().to_vec());
        assert_eq!(unpacked.as_deref(), text);
        let counts = [tracker.n_disk(), tracker.n_decoded()];
        match text {
            Some(text) => assert_eq!(counts, [bytes.len() as u64, text.len() as u64]),
            None => {
                assert_eq!(counts, [0, 0]);
                let mut again = Vec::new();
                file.read_to_end(&mut again).unwrap();
                assert_eq!(again, bytes, "the stream begins at the beginning");
            }
        }
    }

    const JSON: &[u8] = br#"{"Records":[{"eventVersion":"1.08"}]}"#;

    #[test]
    fn one_sound_member_is_unpacked_in_one_go() {
        let limits = Limits::default();
        assert_whole(&gzip(JSON), &limits, Some(JSON));
        let lines = [JSON, b"\n"].concat().repeat(10_000);
        assert_whole(&gzip(&lines), &limits, Some(&lines));
    }

    #[test]
    fn whatever_is_odd_is_left_to_the_stream() {
        let limits = Limits::default();
        let sound = gzip(JSON);
        let leave = |bytes: &[u8]| assert_whole(bytes, &limits, None);
        leave(b"");
        leave(JSON);
        leave(&sound[..2]);
        leave(&sound[..sound.len() - 1]);
        leave(&[&*sound, &*sound].concat());
        leave(&[&*sound, &gzip(b"{}")].concat());
        leave(&[&*sound, b"\0\0\0\0"].concat());
        leave(&[&*sound, b"garbage!"].concat());
        for at in 0..sound.len() {
            let mut damaged = sound.clone();
            damaged[at] ^= 0xff;
            // A few bytes of the header say nothing.
            if !(4..10).contains(&at) {
                leave(&damaged);
            }
        }
        leave(&gzip(b"eventName,eventTime\n"));
        leave(&gzip(&gzip(JSON)));
        let utf16: Vec<u8> = JSON.iter().flat_map(|byte| [*byte, 0]).collect();
        leave(&gzip(&utf16));
    }

    #[test]
    fn more_than_is_allowed_is_left_to_the_stream() {
        let limits = Limits {
            max_decoded: JSON.len() as u64 - 1,
            ..Limits::default()
        };
        assert_whole(&gzip(JSON), &limits, None);
        let limits = Limits {
            ratio_floor: JSON.len() as u64 - 1,
            ..Limits::default()
        };
        assert_whole(&gzip(JSON), &limits, None);
        let zeros = [JSON, &vec![b' '; MAX_TEXT]].concat();
        assert_whole(&gzip(&zeros), &Limits::default(), None);
    }
}
