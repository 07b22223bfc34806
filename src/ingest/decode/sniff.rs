//! What a file is, by its first bytes.

use super::utf16::ByteOrder;

/// What to do with a file, or with one layer of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// Text, of whatever kind; the splitter finds out.
    Text,
    /// Text in UTF-16.
    Utf16(ByteOrder),
    /// Gzip.
    Gzip,
    /// A known format that is not read, and what to do about it.
    Unsupported(&'static str),
}

/// Formats that are known by what they begin with.
const MAGIC: [(&[u8], Format); 8] = [
    (b"\x1f\x8b", Format::Gzip),
    (b"\xff\xfe", Format::Utf16(ByteOrder::Little)),
    (b"\xfe\xff", Format::Utf16(ByteOrder::Big)),
    (
        b"\x28\xb5\x2f\xfd",
        Format::Unsupported("zstd compression; unpack it first (zstd -d)"),
    ),
    (
        b"BZh",
        Format::Unsupported("bzip2 compression; unpack it first (bunzip2)"),
    ),
    (
        b"\xfd7zXZ\0",
        Format::Unsupported("xz compression; unpack it first (unxz)"),
    ),
    (
        b"PK\x03\x04",
        Format::Unsupported("zip archive; unpack it first (unzip)"),
    ),
    (
        b"PAR1",
        Format::Unsupported("Parquet, whatever its name says; export as JSON lines"),
    ),
];

const XML: Format = Format::Unsupported(
    "XML: a Vault device with format=jsonx, or an error page saved as a log; export as JSON",
);
const TAR: Format = Format::Unsupported("tar archive; unpack it first (tar -x)");

/// The format of the file that begins with `head`.
pub(super) fn format(head: &[u8]) -> Format {
    let magic = MAGIC.iter().find(|(magic, _)| head.starts_with(magic));
    if let Some((_, format)) = magic {
        return *format;
    }
    if head.get(257..262) == Some(b"ustar") {
        return TAR;
    }
    if let Some(order) = unmarked_utf16(head) {
        return Format::Utf16(order);
    }
    let text = head.trim_ascii_start();
    match text {
        [b'<', b'?' | b'!' | b'a'..=b'z' | b'A'..=b'Z', ..] => XML,
        _ => Format::Text,
    }
}

/// UTF-16 without its mark: of the characters at the beginning, which are mostly
/// Latin, one half is zero and the other is not.
fn unmarked_utf16(head: &[u8]) -> Option<ByteOrder> {
    let n_units = head.len() / 2;
    let n_zeros = |first: usize| {
        let half = head.iter().skip(first).step_by(2).take(n_units);
        half.filter(|byte| **byte == 0).count()
    };
    let is_most = |n: usize| n_units >= 2 && n * 10 > n_units * 6;
    match (n_zeros(0), n_zeros(1)) {
        (0, n) if is_most(n) => Some(ByteOrder::Little),
        (n, 0) if is_most(n) => Some(ByteOrder::Big),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_by_content() {
        assert_eq!(format(b"{\"Records\":[]}"), Format::Text);
        assert_eq!(format(b""), Format::Text);
        assert_eq!(format(b"<13>Nov 21 vault: {}"), Format::Text);
        assert_eq!(format(b"\n<?xml version"), XML);
        assert_eq!(format(b"\"Event name\",\"AWS region\",x\n"), Format::Text);
        assert_eq!(format(b"a,b,c\neventname,x,y"), Format::Text);
        assert!(matches!(format(b"PAR1\x15"), Format::Unsupported(_)));
    }

    #[test]
    fn utf16_is_told_without_its_mark() {
        assert_eq!(format(b"{\0\"\0a\0"), Format::Utf16(ByteOrder::Little));
        assert_eq!(format(b"\0{\0\"\0a"), Format::Utf16(ByteOrder::Big));
        // A block of zeros before the log, or a torn record.
        assert_eq!(format(&[0; 4096]), Format::Text);
        assert_eq!(format(b"\0\0\0\0{\"a\":1}"), Format::Text);
        assert_eq!(format(b"{\"a\":\0\0\0\0\0\0"), Format::Text);
    }
}
