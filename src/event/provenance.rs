//! Which record an event came from, so that every finding can cite it.

use super::Timestamp;

/// Input file and record number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Provenance {
    /// Index into the run's sorted list of files.
    pub file: u32,
    /// Number of the record in that file, counted from 1.
    pub record: u32,
}

/// What evidence shows of one event.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Citation {
    /// When it happened.
    pub time: Timestamp,
    /// The product's own id.
    pub native_id: NativeId,
    /// Which record it is.
    pub provenance: Provenance,
}

/// A product's own id of an event, stored small: most are UUIDs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NativeId {
    /// `8-4-4-4-12` lower-case hexadecimal digits.
    Uuid([u8; 16]),
    /// Anything else, as logged, at most 128 bytes of it.
    Text(Box<str>),
}

impl NativeId {
    /// Keeps `text`, in 16 bytes if it is a canonical UUID.
    #[must_use]
    pub fn new(text: &str) -> Self {
        parse_uuid(text).map_or_else(|| Self::Text(clip(text, 128).into()), Self::Uuid)
    }
}

impl NativeId {
    /// Whether the product gave no id.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Text(text) if text.is_empty())
    }
}

impl std::fmt::Display for NativeId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Uuid(bytes) => {
                let hex = format!("{:032x}", u128::from_be_bytes(*bytes));
                let parts = [(0, 8), (8, 12), (12, 16), (16, 20), (20, 32)];
                let text = parts.map(|(from, to)| hex.get(from..to).unwrap_or_default());
                f.write_str(&text.join("-"))
            }
            Self::Text(text) => f.write_str(text),
        }
    }
}

fn parse_uuid(text: &str) -> Option<[u8; 16]> {
    let bytes: &[u8; 36] = text.as_bytes().try_into().ok()?;
    let part = |from: usize, to: usize| bytes.get(from..to).and_then(parse_hex);
    let is_divided = [8, 13, 18, 23]
        .iter()
        .all(|at| bytes.get(*at) == Some(&b'-'));
    if !is_divided {
        return None;
    }
    let high = part(0, 8)? << 32 | part(9, 13)? << 16 | part(14, 18)?;
    let low = part(19, 23)? << 48 | part(24, 36)?;
    Some((u128::from(high) << 64 | u128::from(low)).to_be_bytes())
}

/// The number that lower-case hexadecimal digits stand for, at most 16 of them.
fn parse_hex(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0, |value: u64, digit| match digit {
        b'0'..=b'9' => Some(value << 4 | u64::from(digit - b'0')),
        b'a'..=b'f' => Some(value << 4 | u64::from(digit - b'a' + 10)),
        _ => None,
    })
}

/// The longest prefix of `text` of at most `max` bytes.
fn clip(text: &str, max: usize) -> &str {
    text.get(..text.floor_char_boundary(max))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuid_round_trips_and_other_ids_are_kept() {
        for text in [
            "5d1a2c58-0000-4000-8000-00000000000f",
            "5D1A2C58-0000-4000-8000-00000000000f",
            "not a uuid",
            "",
        ] {
            assert_eq!(NativeId::new(text).to_string(), text);
        }
    }
}
