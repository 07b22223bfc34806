//! Text in base64, possibly of gzip: what streams deliver as the data of their
//! records, and what functions are given of a log subscription.

use std::io::{ErrorKind, Read};

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use flate2::read::MultiGzDecoder;

use crate::ingest::coverage::SkipReason;

/// The most that one of them unpacks to; functions are given 6 MB at most.
const MAX_UNPACKED: usize = 16 << 20;

/// How many times its size one may unpack to, as for files; and what is always
/// allowed.
const MAX_RATIO: usize = 200;
const RATIO_FLOOR: usize = 64 << 10;

/// Standard base64, with or without its padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

const GZIP: &[u8] = b"\x1f\x8b";

/// How gzip, and JSON objects and arrays of them, begin in base64.
const BEGINNINGS: [&str; 6] = ["H4sI", "eyJ", "eyA", "ewo", "ew0", "W3s"];

/// Whether `data` begins like something packed. So do JSON web tokens.
pub(super) fn is_likely(data: &str) -> bool {
    let data = data.trim_start();
    BEGINNINGS.iter().any(|begin| data.starts_with(begin))
}

/// The text that `data` stands for, if it is no longer than `room`; and how many
/// bytes were unpacked to learn that.
pub(super) fn unpack(data: &str, room: usize) -> (Result<String, SkipReason>, usize) {
    let Ok(packed) = BASE64.decode(data.trim()) else {
        return (Err(SkipReason::Malformed), data.len());
    };
    let mut text = Vec::new();
    let outcome = if packed.starts_with(GZIP) {
        gunzip(&packed, room, &mut text)
    } else {
        text = packed;
        Ok(())
    };
    let n = text.len();
    let text = outcome.map(|()| {
        String::from_utf8(text)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    });
    (text, n)
}

fn gunzip(packed: &[u8], room: usize, text: &mut Vec<u8>) -> Result<(), SkipReason> {
    let most = packed
        .len()
        .saturating_mul(MAX_RATIO)
        .clamp(RATIO_FLOOR, MAX_UNPACKED)
        .min(room);
    let decoder = MultiGzDecoder::new(packed);
    match decoder.take(most as u64 + 1).read_to_end(text) {
        Ok(n) if n > most => Err(SkipReason::TooLarge),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Err(SkipReason::TruncatedRecord),
        Err(_) => Err(SkipReason::Malformed),
    }
}
