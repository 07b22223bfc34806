//! Identifiers as the vendors shape them, made from names: nothing is stored,
//! and the same name always has the same identifier.

use std::fmt::Write as _;

/// A well-spread hash of `text` (FNV-1a, then mixed).
pub(super) fn hash(text: &str) -> u64 {
    let fnv = text.bytes().fold(0xCBF2_9CE4_8422_2325_u64, |h, byte| {
        (h ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    });
    mix(fnv)
}

/// The finalizer of `SplitMix64`: every bit of the result depends on all of
/// `z`.
pub(super) fn mix(z: u64) -> u64 {
    let z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ z >> 31
}

/// `n` hexadecimal digits.
pub(super) fn hex(name: &str, n: usize) -> String {
    spelled(name, n, b"0123456789abcdef")
}

/// An IAM unique id or access key id: `prefix` and 17 characters of base 32.
pub(super) fn iam(prefix: &str, name: &str) -> String {
    let tail = spelled(name, 17, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567");
    format!("{prefix}{tail}")
}

/// An Okta id: `prefix` and 17 letters or digits.
pub(super) fn okta(prefix: &str, name: &str) -> String {
    let tail = spelled(name, 17, b"abcdefghijklmnopqrstuvwxyz0123456789");
    format!("{prefix}{tail}")
}

/// The 16 characters that make a CloudTrail file name unique.
pub(super) fn file(name: &str) -> String {
    spelled(
        name,
        16,
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    )
}

/// A version 4 UUID.
pub(super) fn uuid(name: &str) -> String {
    let high = hash(name);
    uuid_from(high, mix(high ^ 0x5555_5555_5555_5555))
}

/// A version 4 UUID of 122 given bits.
pub(super) fn uuid_from(high: u64, low: u64) -> String {
    format!(
        "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
        high >> 32,
        high >> 16 & 0xFFFF,
        high & 0xFFF,
        low >> 52,
        low & 0xFFFF_FFFF_FFFF,
    )
}

/// A value as an audit device hashes it.
pub(super) fn hmac(value: &str) -> String {
    let mut out = String::from("hmac-sha256:");
    let mut word = hash(value);
    for _ in 0..4 {
        // Writing to a String cannot fail.
        let _ = write!(out, "{word:016x}");
        word = mix(word.wrapping_add(1));
    }
    out
}

fn spelled(name: &str, n: usize, alphabet: &[u8]) -> String {
    let mut word = hash(name);
    let size = u64::try_from(alphabet.len()).unwrap_or(1);
    (0..n)
        .map(|_| {
            word = mix(word.wrapping_add(0x9E37_79B9));
            let place = usize::try_from(word % size).unwrap_or_default();
            alphabet.get(place).map_or('0', |&byte| char::from(byte))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_have_the_shape_of_their_vendor() {
        assert_eq!(iam("AROA", "x").len(), 21);
        assert_eq!(okta("00u", "x").len(), 20);
        assert_eq!(file("x").len(), 16);
        assert_eq!(hmac("x").len(), 12 + 64);
        let uuid = uuid("x");
        assert_eq!(uuid.len(), 36);
        assert_eq!(uuid.match_indices('-').count(), 4);
    }

    #[test]
    fn different_names_have_different_identifiers() {
        let all: std::collections::BTreeSet<String> =
            (0..500).map(|n| uuid(&format!("name-{n}"))).collect();
        assert_eq!(all.len(), 500);
    }
}
