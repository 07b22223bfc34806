//! What a file is, by its first bytes. Its name is never asked.

use super::utf16::ByteOrder;
use crate::ingest::archive::is_tar_header;

/// What to do with a file, or with one layer of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// No layer: content.
    Is(Content),
    /// Text in UTF-16.
    Utf16(ByteOrder),
    /// Compressed.
    Packed(Codec),
    /// A known format that is not read, and what to do about it.
    Refused(&'static str),
}

/// What is inside all layers: it decides who reads on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ingest) enum Content {
    /// JSON, log lines or a table, of whatever kind; who reads it finds out.
    Text,
    /// Parquet.
    Parquet,
    /// A zip archive.
    Zip,
    /// A tar archive.
    Tar,
}

/// A compression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ingest) enum Codec {
    /// Members of RFC 1952.
    Gzip,
    /// Zstandard frames.
    Zstd,
    /// Bzip2 streams.
    Bzip2,
    /// Xz streams.
    Xz,
}

impl Codec {
    /// The name, for people.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
        }
    }
}

/// Formats that are known by what they begin with.
const MAGIC: [(&[u8], Format); 9] = [
    (b"\x1f\x8b", Format::Packed(Codec::Gzip)),
    (b"\x28\xb5\x2f\xfd", Format::Packed(Codec::Zstd)),
    (b"BZh", Format::Packed(Codec::Bzip2)),
    (b"\xfd7zXZ\0", Format::Packed(Codec::Xz)),
    (b"\xff\xfe", Format::Utf16(ByteOrder::Little)),
    (b"\xfe\xff", Format::Utf16(ByteOrder::Big)),
    (b"PK\x03\x04", Format::Is(Content::Zip)),
    // Without members.
    (b"PK\x05\x06", Format::Is(Content::Zip)),
    (b"PAR1", Format::Is(Content::Parquet)),
];

const JSONX: Format =
    Format::Refused("XML, as a Vault audit device with format=jsonx writes it; use format=json");
const PAGE: Format = Format::Refused(
    "XML or HTML, such as an error page that was saved as a log; download it again",
);
const SEARCH: Format =
    Format::Refused("XML, as a Splunk search gives it; export it as JSON, CSV or raw events");
const YAML: Format =
    Format::Refused("YAML, as the AWS CLI prints it; run the command again with --output json");
const OTHER_YAML: Format = Format::Refused("YAML; write the log as JSON, as in yq -o json FILE");
const DRAWN_TABLE: Format =
    Format::Refused("a table, as the AWS CLI draws it; run the command again with --output json");

/// What the AWS CLI's answers hold, and so how they begin as YAML.
const CLI_KEYS: [&str; 7] = [
    "Events",
    "Records",
    "NextToken",
    "QueryResultRows",
    "events",
    "results",
    "searchedLogStreams",
];

/// Keys of records, of which one in YAML has two at least, and in how many lines
/// they are looked for.
const YAML_KEYS: [&[u8]; 6] = [
    b"eventVersion",
    b"eventSource",
    b"eventType",
    b"published",
    b"entity_id",
    b"mount_type",
];
const MAX_YAML_LINES: usize = 60;

/// The format of the file that begins with `head`.
pub(super) fn format(head: &[u8]) -> Format {
    let magic = MAGIC.iter().find(|(magic, _)| head.starts_with(magic));
    if let Some((_, format)) = magic {
        return *format;
    }
    if let [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] = head {
        // A frame to be skipped: parallel packers begin with one.
        return Format::Packed(Codec::Zstd);
    }
    if is_tar_header(head) {
        return Format::Is(Content::Tar);
    }
    if let Some(order) = unmarked_utf16(head) {
        return Format::Utf16(order);
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let text = text.trim_ascii_start();
    match text {
        [b'<', b'?' | b'!' | b'a'..=b'z' | b'A'..=b'Z', ..] => markup(text),
        _ if is_yaml(text) => YAML,
        _ if is_yaml_record(text) => OTHER_YAML,
        _ if is_drawn(text) => DRAWN_TABLE,
        _ => Format::Is(Content::Text),
    }
}

fn markup(text: &[u8]) -> Format {
    let has = |sign: &[u8]| memchr::memmem::find(text, sign).is_some();
    match () {
        () if has(b"<json:") => JSONX,
        () if has(b"<results preview=") => SEARCH,
        () => PAGE,
    }
}

/// UTF-16 without its mark: it begins with a Latin character, and of the units
/// at the beginning more than 30 % have a zero on the same side, but hardly any
/// on the other.
fn unmarked_utf16(head: &[u8]) -> Option<ByteOrder> {
    let n_units = head.len() / 2;
    let n_zeros = |first: usize| {
        let half = head.iter().skip(first).step_by(2).take(n_units);
        half.filter(|byte| **byte == 0).count()
    };
    let (left, right) = (n_zeros(0), n_zeros(1));
    let is_many = |n: usize| n_units >= 2 && n * 10 > n_units * 3;
    match head {
        [b'\t'..=b'~', 0, ..] if is_many(right) && left * 10 < right => Some(ByteOrder::Little),
        [0, b'\t'..=b'~', ..] if is_many(left) && right * 10 < left => Some(ByteOrder::Big),
        _ => None,
    }
}

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == b'\n')
        .map(<[u8]>::trim_ascii_end)
}

/// Whether the first line is a key of an answer of the AWS CLI and a colon.
fn is_yaml(text: &[u8]) -> bool {
    let first = lines(text).find(|line| *line != b"---").unwrap_or_default();
    let first = first.strip_prefix(b"- ").unwrap_or(first);
    CLI_KEYS.iter().any(|key| {
        let rest = first.strip_prefix(key.as_bytes());
        rest.is_some_and(|rest| rest == b":" || rest.starts_with(b": "))
    })
}

/// Whether every line of a block has a key, and one of them is a record's.
fn is_yaml_record(text: &[u8]) -> bool {
    fn key(line: &[u8]) -> Option<&[u8]> {
        let line = line.strip_prefix(b"- ").unwrap_or(line).trim_ascii_start();
        let (key, rest) = line.split_at_checked(memchr::memchr(b':', line)?)?;
        let is_key = !key.is_empty()
            && key
                .iter()
                .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        let ends = rest.get(1).is_none_or(|next| *next == b' ');
        (is_key && ends).then_some(key)
    }
    let block = lines(text).filter(|line| *line != b"---").take(4);
    let n_keys = block.map(key).try_fold(0, |n, key| key.map(|_| n + 1));
    let all = lines(text).take(MAX_YAML_LINES).filter_map(key);
    n_keys == Some(4) && all.filter(|key| YAML_KEYS.contains(key)).count() > 1
}

/// Whether the text begins with a frame of dashes and a line between bars.
fn is_drawn(text: &[u8]) -> bool {
    let mut lines = lines(text);
    let is_frame = |line: &[u8]| line.len() > 3 && line.iter().all(|b| matches!(b, b'-' | b'+'));
    lines.next().is_some_and(is_frame)
        && lines
            .next()
            .is_some_and(|line| line.starts_with(b"|") && line.ends_with(b"|"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: Format = Format::Is(Content::Text);

    #[test]
    fn formats_are_told_by_content() {
        assert_eq!(format(b"{\"Records\":[]}"), TEXT);
        assert_eq!(format(b""), TEXT);
        assert_eq!(format(b"<13>Nov 21 vault: {}"), TEXT);
        assert_eq!(format(b"\n<?xml version"), PAGE);
        assert_eq!(format(b"\xef\xbb\xbf<!DOCTYPE html>"), PAGE);
        assert_eq!(format(b"<json:object xmlns:json=\"x\">"), JSONX);
        assert_eq!(format(b"\"Event name\",\"AWS region\",x\n"), TEXT);
        assert_eq!(format(b"a,b,c\neventname,x,y"), TEXT);
        assert_eq!(format(b"PAR1\x15"), Format::Is(Content::Parquet));
        assert_eq!(
            format(b"\x50\x2a\x4d\x18\x04\0\0\0"),
            Format::Packed(Codec::Zstd)
        );
    }

    #[test]
    fn other_outputs_of_the_aws_cli_are_known() {
        assert_eq!(format(b"Events:\n- AccessKeyId: ASIA\n"), YAML);
        assert_eq!(format(b"---\n- Events:\r\n  - AccessKeyId: x\n"), YAML);
        assert_eq!(format(b"NextToken: abc\nEvents:\n"), YAML);
        let record = b"eventName: a\neventSource: s3\neventTime: x\neventType: y\n";
        assert_eq!(format(record), OTHER_YAML);
        assert_eq!(format(b"time: a\nlevel: b\nmsg: c\neventType: d\n"), TEXT);
        let search = b"<?xml version='1.0'?>\n<results preview='0'>";
        assert_eq!(format(search), SEARCH);
        assert_eq!(format(b"Events {\"a\":1}\n"), TEXT);
        let drawn = b"---------------\n|LookupEvents |\n+-------------+\n";
        assert_eq!(format(drawn), DRAWN_TABLE);
        assert_eq!(format(b"-----\n{\"a\":1}\n"), TEXT);
    }

    /// R-IN-7, and the 30 % of the format document.
    #[test]
    fn utf16_is_told_without_its_mark() {
        assert_eq!(format(b"{\0\"\0a\0"), Format::Utf16(ByteOrder::Little));
        assert_eq!(format(b"\0{\0\"\0a"), Format::Utf16(ByteOrder::Big));
        // Mostly Cyrillic, and one letter whose other byte is zero.
        let text = "{\"имя\":\"Алиса Ā из бухгалтерии\",\"id\":1}\n".repeat(20);
        let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(format(&units), Format::Utf16(ByteOrder::Little));
        // A block of zeros before the log, or a torn record.
        assert_eq!(format(&[0; 4096]), TEXT);
        assert_eq!(format(b"\0\0\0\0{\"a\":1}"), TEXT);
        assert_eq!(format(b"{\"a\":\0\0\0\0\0\0"), TEXT);
        assert_eq!(format(b"{\"a\"}\0"), TEXT);
    }
}
