//! Text: numbers, identifiers and times, appended to a buffer.

use crate::rng::{Rng, mix};

/// Appends the pieces as they stand.
macro_rules! put {
    ($out:expr, $($piece:expr),+ $(,)?) => {{
        $( $out.extend_from_slice(AsRef::<[u8]>::as_ref($piece)); )+
    }};
}
pub(crate) use put;

/// 2026-03-02T00:00:00Z, a Monday: the first instant of the corpus.
pub const START: u64 = 1_772_409_600;
/// Days that the corpus spans.
pub const DAYS: u64 = 35;
/// Seconds of a day.
pub const DAY: u64 = 86_400;

const HEX: &[u8; 16] = b"0123456789abcdef";
const UPPER: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Appends `number` in decimal.
pub fn number(out: &mut Vec<u8>, number: u64) {
    padded(out, number, 1);
}

/// Appends `number` with at least `width` digits.
pub fn padded(out: &mut Vec<u8>, mut number: u64, width: usize) {
    let mut digits = [b'0'; 20];
    let mut start = digits.len();
    while number > 0 || digits.len() - start < width {
        start -= 1;
        digits[start] = b'0' + (number % 10) as u8;
        number /= 10;
    }
    out.extend_from_slice(&digits[start..]);
}

/// Appends `n` characters of `alphabet` (a power of two in length).
fn letters(out: &mut Vec<u8>, rng: &mut Rng, n: usize, alphabet: &[u8]) {
    let width = alphabet.len().trailing_zeros();
    let per_draw = (64 / width) as usize;
    let mut left = n;
    while left > 0 {
        let mut bits = rng.next();
        for _ in 0..left.min(per_draw) {
            out.push(alphabet[bits as usize & (alphabet.len() - 1)]);
            bits >>= width;
        }
        left -= left.min(per_draw);
    }
}

/// Appends `n` hexadecimal digits.
pub fn hex(out: &mut Vec<u8>, rng: &mut Rng, n: usize) {
    letters(out, rng, n, HEX);
}

/// Appends `n` capital letters and digits.
pub fn upper(out: &mut Vec<u8>, rng: &mut Rng, n: usize) {
    letters(out, rng, n, UPPER);
}

/// Appends `n` characters of base64.
pub fn base64(out: &mut Vec<u8>, rng: &mut Rng, n: usize) {
    letters(out, rng, n, BASE64);
}

/// `n` hexadecimal digits that are always the same for `seed`.
pub fn stable_hex(seed: u64, n: usize) -> String {
    stable(seed, n, HEX)
}

/// `n` capital letters and digits that are always the same for `seed`.
pub fn stable_upper(seed: u64, n: usize) -> String {
    stable(seed, n, UPPER)
}

/// A mixed-case identifier that is always the same for `seed`.
pub fn stable_mixed(seed: u64, n: usize) -> String {
    stable(seed, n, &BASE64[..32])
}

fn stable(seed: u64, n: usize, alphabet: &[u8]) -> String {
    let mut out = Vec::with_capacity(n);
    letters(&mut out, &mut Rng::new(seed, "stable", 0), n, alphabet);
    out.iter().map(|&byte| char::from(byte)).collect()
}

/// A UUID that is always the same for `seed`.
pub fn stable_uuid(seed: u64) -> String {
    let mut out = Vec::with_capacity(36);
    uuid(&mut out, &mut Rng::new(mix(seed), "uuid", 0));
    out.iter().map(|&byte| char::from(byte)).collect()
}

/// Appends a random (version 4) UUID.
pub fn uuid(out: &mut Vec<u8>, rng: &mut Rng) {
    hex(out, rng, 8);
    out.push(b'-');
    hex(out, rng, 4);
    out.extend_from_slice(b"-4");
    hex(out, rng, 3);
    out.extend_from_slice(b"-a");
    hex(out, rng, 3);
    out.push(b'-');
    hex(out, rng, 12);
}

/// Year, month and day of a time in seconds.
pub fn date(at: u64) -> (u64, u64, u64) {
    // Howard Hinnant's civil_from_days, for days after 1970.
    let days = at / DAY + 719_468;
    let era = days / 146_097;
    let of_era = days % 146_097;
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}

/// Appends `2026-03-02T09:05:00` without a zone.
fn moment(out: &mut Vec<u8>, at: u64) {
    let (year, month, day) = date(at);
    padded(out, year, 4);
    out.push(b'-');
    padded(out, month, 2);
    out.push(b'-');
    padded(out, day, 2);
    out.push(b'T');
    padded(out, at % DAY / 3600, 2);
    out.push(b':');
    padded(out, at % 3600 / 60, 2);
    out.push(b':');
    padded(out, at % 60, 2);
}

/// Appends `2026-03-02T09:05:00Z`.
pub fn seconds(out: &mut Vec<u8>, at: u64) {
    moment(out, at);
    out.push(b'Z');
}

/// Appends `2026-03-02T09:05:00.123Z`.
pub fn millis(out: &mut Vec<u8>, at: u64, millis: u64) {
    moment(out, at);
    out.push(b'.');
    padded(out, millis, 3);
    out.push(b'Z');
}

/// Appends `Mar 2, 2026, 9:05:00 AM`.
pub fn console_time(out: &mut Vec<u8>, at: u64) {
    let (year, month, day) = date(at);
    let hour = at % DAY / 3600;
    out.extend_from_slice(MONTHS[month as usize - 1].as_bytes());
    out.push(b' ');
    number(out, day);
    out.extend_from_slice(b", ");
    number(out, year);
    out.extend_from_slice(b", ");
    number(
        out,
        if hour.is_multiple_of(12) {
            12
        } else {
            hour % 12
        },
    );
    out.push(b':');
    padded(out, at % 3600 / 60, 2);
    out.push(b':');
    padded(out, at % 60, 2);
    out.extend_from_slice(if hour < 12 { b" AM" } else { b" PM" });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn written(write: impl Fn(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).expect("text is UTF-8")
    }

    #[test]
    fn times_are_written_as_the_products_write_them() {
        assert_eq!(written(|out| seconds(out, START)), "2026-03-02T00:00:00Z");
        let leap_day = 1_709_165_105;
        assert_eq!(
            written(|out| millis(out, leap_day, 7)),
            "2024-02-29T00:05:05.007Z"
        );
        assert_eq!(
            written(|out| console_time(out, leap_day)),
            "Feb 29, 2024, 12:05:05 AM"
        );
    }

    #[test]
    fn numbers_are_padded() {
        assert_eq!(written(|out| number(out, 0)), "0");
        assert_eq!(written(|out| padded(out, 42, 5)), "00042");
    }
}
