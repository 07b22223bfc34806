//! The data of a log subscription as functions are given it: base64 of gzip of
//! the subscription's JSON.

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

/// The text that `data` stands for.
pub(super) fn unpack(data: &str) -> Result<String, SkipReason> {
    let packed = BASE64
        .decode(data.trim())
        .map_err(|_| SkipReason::Malformed)?;
    let most = packed
        .len()
        .saturating_mul(MAX_RATIO)
        .clamp(RATIO_FLOOR, MAX_UNPACKED);
    let mut text = Vec::new();
    let decoder = MultiGzDecoder::new(packed.as_slice());
    let outcome = decoder.take(most as u64 + 1).read_to_end(&mut text);
    match outcome {
        Ok(n) if n > most => Err(SkipReason::TooLarge),
        Ok(_) => Ok(String::from_utf8_lossy(&text).into_owned()),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Err(SkipReason::TruncatedRecord),
        Err(_) => Err(SkipReason::Malformed),
    }
}
