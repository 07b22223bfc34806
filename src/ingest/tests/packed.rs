//! Compressed files: every codec delivers all of its streams, and tells damage
//! the same way.

use std::io::Read;

use super::archives::tar;
use super::hostile::problem;
use super::*;
use crate::ingest::{Limits, decode};

pub(super) fn zstd(content: impl AsRef<[u8]>) -> Vec<u8> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
    encoder.include_checksum(true).unwrap();
    encoder.write_all(content.as_ref()).unwrap();
    encoder.finish().unwrap()
}

pub(super) fn bzip2(content: impl AsRef<[u8]>) -> Vec<u8> {
    let mut encoder = bzip2::read::BzEncoder::new(content.as_ref(), bzip2::Compression::fast());
    let mut packed = Vec::new();
    encoder.read_to_end(&mut packed).unwrap();
    packed
}

pub(super) fn xz(content: impl AsRef<[u8]>) -> Vec<u8> {
    let mut encoder = liblzma::read::XzEncoder::new(content.as_ref(), 1);
    let mut packed = Vec::new();
    encoder.read_to_end(&mut packed).unwrap();
    packed
}

type Pack = fn(&[u8]) -> Vec<u8>;

const CODECS: [(&str, Pack); 4] = [
    ("gzip", |b| gzip(b)),
    ("zstd", |b| zstd(b)),
    ("bzip2", |b| bzip2(b)),
    ("xz", |b| xz(b)),
];

fn records(numbers: std::ops::Range<u32>) -> Vec<u8> {
    numbers
        .map(|n| trail(n) + "\n")
        .collect::<String>()
        .into_bytes()
}

/// R-IN-9
#[test]
fn all_streams_of_a_file_are_read() {
    for (name, pack) in CODECS {
        let packed = [pack(&records(0..3)), pack(b""), pack(&records(3..5))].concat();
        let (seen, coverage) = read_bytes(packed);
        assert_eq!(seen.n_events, 5, "{name}");
        let file = &coverage.files[0];
        assert_eq!(file.problems, [], "{name}");
        assert_eq!(file.format, format!("CloudTrail JSON lines, {name}"));
    }
}

#[test]
fn frames_and_padding_that_hold_nothing_are_passed() {
    let skippable = [b"\x5a\x2a\x4d\x18\x04\0\0\0".as_slice(), b"zero"].concat();
    let packed = [
        skippable.clone(),
        zstd(records(0..2)),
        skippable,
        zstd(records(2..3)),
    ];
    let (seen, coverage) = read_bytes(packed.concat());
    assert_eq!((seen.n_events, coverage.files[0].problems.len()), (3, 0));
    let padded = [xz(records(0..2)), vec![0; 8], xz(records(2..3)), vec![0; 4]];
    let (seen, coverage) = read_bytes(padded.concat());
    assert_eq!((seen.n_events, coverage.files[0].problems.len()), (3, 0));
}

/// R-IN-9
#[test]
fn a_stream_cut_in_the_middle_keeps_the_records_before() {
    for (name, pack) in CODECS {
        // Bzip2 delivers whole blocks of 100 kB.
        let packed = pack(&records(0..3000));
        let (seen, coverage) = read_bytes(&packed[..packed.len() * 3 / 4]);
        assert!(seen.n_events > 100, "{name}: {}", seen.n_events);
        let (kind, detail) = problem(&coverage);
        assert_eq!(kind, ProblemKind::Truncated, "{name}");
        let end = format!("(byte {})", packed.len() * 3 / 4);
        assert!(detail.ends_with(&end), "{name}: {detail}");
    }
}

/// R-IN-9
#[test]
fn damage_in_a_stream_is_corrupt_and_behind_it_is_garbage() {
    for (name, pack) in CODECS {
        let good = pack(&records(0..3));
        let mut bad = pack(&records(0..3));
        let middle = bad.len() / 2;
        bad[middle] ^= 0xff;
        bad[middle + 1] ^= 0xff;
        let (_, coverage) = read_bytes(&bad);
        assert_eq!(problem(&coverage).0, ProblemKind::Corrupt, "{name}");
        let first = &good[..1];
        for garbage in [
            b"garbage".as_slice(),
            &[first, b" it begins like a stream but is none"].concat(),
        ] {
            let (seen, coverage) = read_bytes([&good, garbage].concat());
            assert_eq!(seen.n_events, 3, "{name}");
            assert_eq!(problem(&coverage).0, ProblemKind::TrailingGarbage, "{name}");
        }
    }
}

/// R-IN-8
#[test]
fn bombs_of_every_codec_are_stopped() {
    let options = Options {
        limits: Limits {
            ratio_floor: 1 << 20,
            ..Limits::default()
        },
        ..Options::default()
    };
    let capped = Options {
        limits: Limits {
            max_decoded: 1 << 20,
            ..Limits::default()
        },
        ..Options::default()
    };
    for (name, pack) in CODECS {
        let bomb = pack(&vec![b' '; 8 << 20]);
        let sandbox = Sandbox::new().with("bomb", bomb).with("good", trail(1));
        for options in [&options, &capped] {
            let (seen, coverage) = read_all(&[sandbox.path().to_owned()], options);
            assert_eq!(seen.n_events, 1, "{name}");
            assert_eq!(problem(&coverage).0, ProblemKind::TooLarge, "{name}");
            assert!(coverage.files[0].n_decoded < 2 << 20, "{name}");
        }
    }
}

#[test]
fn three_layers_of_any_kind_are_removed_and_a_fourth_is_not() {
    let three = xz(bzip2(zstd(trail(1))));
    let (seen, coverage) = read_bytes(&three);
    assert_eq!(seen.n_events, 1);
    assert_eq!(
        coverage.files[0].format,
        "CloudTrail JSON lines, xz, bzip2, zstd"
    );
    let (seen, coverage) = read_bytes(gzip(&three));
    assert_eq!(seen.n_events, 0);
    let (kind, detail) = problem(&coverage);
    assert_eq!(kind, ProblemKind::Unsupported);
    assert_eq!(detail, "zstd nested more than 3 times");
}

/// R-IN-8: the memory that a stream asks for is bounded.
#[test]
fn windows_and_dictionaries_beyond_the_limit_are_refused() {
    use liblzma::stream::{Check, Filters, LzmaOptions, Stream};
    // The dictionary that the header claims is what counts.
    let mut small = LzmaOptions::new_preset(0).unwrap();
    small.dict_size(1 << 20);
    let mut claim = Filters::new();
    claim.lzma2(&small);
    let stream = Stream::new_stream_encoder(&claim, Check::Crc32).unwrap();
    let mut packed = Vec::new();
    let record = trail(1);
    liblzma::read::XzEncoder::new_stream(record.as_bytes(), stream)
        .read_to_end(&mut packed)
        .unwrap();
    // The block header: size, flags, filter id, size of properties, dictionary.
    assert_eq!(packed[14..16], [0x21, 1]);
    packed[16] = 34;
    let mut checksum = flate2::Crc::new();
    let end = 12 + (usize::from(packed[12]) + 1) * 4;
    checksum.update(&packed[12..end - 4]);
    packed[end - 4..end].copy_from_slice(&checksum.sum().to_le_bytes());
    let (_, coverage) = read_bytes(packed);
    let (kind, detail) = problem(&coverage);
    assert_eq!(kind, ProblemKind::Unsupported);
    assert!(detail.contains("128 MiB"), "{detail}");

    let mut packed = Vec::new();
    let mut encoder = zstd::Encoder::new(&mut packed, 1).unwrap();
    encoder.window_log(28).unwrap();
    encoder.write_all(trail(1).as_bytes()).unwrap();
    encoder.finish().unwrap();
    let (_, coverage) = read_bytes(packed);
    let (kind, detail) = problem(&coverage);
    assert_eq!(kind, ProblemKind::Unsupported);
    assert!(detail.contains("128 MiB"), "{detail}");
}

/// Delivers one byte at a time.
struct Drip<'b>(&'b [u8]);

impl Read for Drip<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let n = out.len().min(1);
        self.0.read(&mut out[..n])
    }
}

/// R-IN-9: how bytes arrive changes nothing, of what is good or of what is not.
#[test]
fn layers_deliver_the_same_however_bytes_arrive() {
    let text = records(0..4);
    let mut inputs: Vec<Vec<u8>> = CODECS
        .iter()
        .map(|(_, pack)| [pack(&text), pack(&text)].concat())
        .collect();
    inputs.push(gzip(zstd(xz(&text))));
    let utf16 = String::from_utf8(text).unwrap();
    inputs.push(utf16.encode_utf16().flat_map(u16::to_be_bytes).collect());
    let open = |reader: Box<dyn Read + '_>| {
        let tracker = std::rc::Rc::new(decode::Tracker::default());
        let mut opened = decode::open(reader, &Limits::default(), &tracker);
        let mut text = Vec::new();
        opened.reader.read_to_end(&mut text).unwrap();
        (text, tracker.take_problems(), tracker.n_disk())
    };
    for input in &inputs {
        for n in (0..input.len()).step_by(17).chain([input.len()]) {
            let part = &input[..n];
            assert_eq!(open(Box::new(Drip(part))), open(Box::new(part)), "{n}");
        }
    }
}

/// Formats are told by content only.
#[test]
fn names_tell_nothing() {
    let archive = tar(&[("x.json", &gzip(trail(2)))]);
    let sandbox = Sandbox::new()
        .with("a.json", zstd(trail(1)))
        .with("b.gz", archive)
        .with("c.zip", trail(3));
    let (seen, coverage) = sandbox.read();
    assert_eq!((seen.n_events, coverage.is_incomplete()), (3, false));
}
