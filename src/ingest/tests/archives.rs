//! Archives: what they hold is read as if it were in a folder, and their traps
//! cost themselves only.

use std::io::{BufReader, Cursor};
use std::rc::Rc;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::hostile::{problem, problems};
use super::packed::{bzip2, xz, zstd};
use super::*;
use crate::ingest::archive::{Archive, MAX_MEMBERS, Tar, Zip};
use crate::ingest::coverage::PassReason;
use crate::ingest::decode::Tracker;
use crate::ingest::{Limits, Selection};

/// A tar archive of files.
pub(super) fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, content) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o600);
        builder.append_data(&mut header, name, *content).unwrap();
    }
    builder.into_inner().unwrap()
}

/// A zip archive of files.
pub(super) fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    zip_with(CompressionMethod::Deflated, members)
}

fn zip_with(method: CompressionMethod, members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    fill(&mut writer, method, members);
    writer.finish().unwrap().into_inner()
}

/// As written into a pipe: sizes follow the data.
fn zip_streamed(method: CompressionMethod, members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new_stream(Vec::new());
    fill(&mut writer, method, members);
    writer.finish().unwrap().into_inner()
}

fn fill<W: std::io::Write + std::io::Seek>(
    writer: &mut ZipWriter<W>,
    method: CompressionMethod,
    members: &[(&str, &[u8])],
) {
    for (name, content) in members {
        let options = SimpleFileOptions::default().compression_method(method);
        writer.start_file(*name, options).unwrap();
        writer.write_all(content).unwrap();
    }
}

fn passed(coverage: &Coverage) -> Vec<(PassReason, u64)> {
    let passed = coverage.passed_over.iter();
    passed.map(|(reason, tally)| (*reason, tally.n)).collect()
}

/// Three records, in three files of three kinds.
fn members() -> [(&'static str, Vec<u8>); 3] {
    [
        (
            "AWSLogs/a.json.gz",
            gzip(format!("{{\"Records\":[{}]}}", trail(1))),
        ),
        ("b.jsonl", trail(2).into_bytes()),
        ("c/c.zst", zstd(trail(3))),
    ]
}

#[track_caller]
fn assert_three(archive: Vec<u8>, layers: &str) {
    let (seen, coverage) = read_bytes(archive);
    let problems = &coverage.files[0].problems;
    assert_eq!((seen.n_events, problems.as_slice()), (3, &[][..]));
    let file = &coverage.files[0];
    assert_eq!(file.format, format!("CloudTrail Records, {layers}"));
    let names: Vec<_> = file
        .members
        .iter()
        .map(|m| (m.name.as_raw(), m.first_record))
        .collect();
    let expected = [("AWSLogs/a.json.gz", 1), ("b.jsonl", 2), ("c/c.zst", 3)];
    assert_eq!(names, expected);
}

/// R-IN-10
#[test]
fn members_are_read_like_files_in_every_kind_of_archive() {
    let members = members();
    let members: Vec<_> = members.iter().map(|(n, c)| (*n, c.as_slice())).collect();
    assert_three(tar(&members), "tar, gzip");
    assert_three(gzip(tar(&members)), "gzip, tar, gzip");
    assert_three(zstd(tar(&members)), "zstd, tar, gzip");
    assert_three(bzip2(tar(&members)), "bzip2, tar, gzip");
    assert_three(xz(tar(&members)), "xz, tar, gzip");
    for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
        assert_three(zip_with(method, &members), "zip, gzip");
        assert_three(zip_streamed(method, &members), "zip, gzip");
    }
    assert_three(gzip(zip(&members)), "gzip, zip, gzip");
}

#[test]
fn records_are_cited_by_member_and_number_in_it() {
    let many: Vec<String> = (0..5).map(trail).collect();
    let many = many.join("\n");
    let inner = tar(&[("x", b"\n"), ("y", many.as_bytes())]);
    let archive = zip(&[("first", trail(9).as_bytes()), ("in.tar", &inner)]);
    let sandbox = Sandbox::new().with("logs.zip", archive);
    let (seen, coverage) = sandbox.read();
    assert_eq!(seen.n_events, 6);
    let file = &coverage.files[0];
    let path = sandbox.path().join("logs.zip");
    let cited = |record| {
        file.cite(record)
            .replace(path.to_str().unwrap(), "logs.zip")
    };
    assert_eq!(cited(1), "logs.zip!first:1");
    assert_eq!(cited(2), "logs.zip!in.tar!y:1");
    assert_eq!(cited(6), "logs.zip!in.tar!y:5");
}

/// R-IN-10, and the skip list of folders.
#[test]
fn what_is_no_log_is_passed_over_in_archives_too() {
    let mut builder = tar::Builder::new(Vec::new());
    let mut add = |kind, name: &str, content: &[u8]| {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(content.len() as u64);
        header.set_link_name("/etc/passwd").unwrap();
        builder.append_data(&mut header, name, content).unwrap();
    };
    add(tar::EntryType::Regular, "log", trail(1).as_bytes());
    add(tar::EntryType::Symlink, "link", b"");
    add(tar::EntryType::Link, "hard", b"");
    add(tar::EntryType::Block, "device", b"");
    add(tar::EntryType::Fifo, "pipe", b"");
    add(tar::EntryType::Directory, "folder", b"");
    add(tar::EntryType::Regular, "empty", b"");
    add(tar::EntryType::Regular, "._log", b"\0\x05\x16\x07");
    add(tar::EntryType::Regular, "__MACOSX/x", b"x");
    add(
        tar::EntryType::Regular,
        "AWSLogs/111122223333/Config/eu-west-1/x.json",
        b"x",
    );
    let (seen, coverage) = read_bytes(builder.into_inner().unwrap());
    assert_eq!(seen.n_events, 1);
    assert_eq!(coverage.files[0].problems, []);
    let expected = [
        (PassReason::Empty, 1),
        (PassReason::Symlink, 2),
        (PassReason::NotAFile, 2),
        (PassReason::SideFile, 2),
        (PassReason::OtherAwsLog, 1),
    ];
    assert_eq!(passed(&coverage), expected);
    let sample = &coverage.passed_over[&PassReason::Empty].samples[0];
    assert!(sample.detail.as_raw().ends_with("log!empty"));
}

#[test]
fn names_longer_than_a_header_are_read_from_their_extensions() {
    let long = format!("{}/log.json", "d".repeat(150));
    let (_, coverage) = read_bytes(tar(&[(&long, trail(1).as_bytes())]));
    assert_eq!(coverage.files[0].members[0].name.as_raw(), long);
    let mut builder = tar::Builder::new(Vec::new());
    let attributes = [("path", long.as_bytes()), ("mtime", b"1.5")];
    builder.append_pax_extensions(attributes).unwrap();
    let archive = [
        builder.into_inner().unwrap()[..1024].to_vec(),
        tar(&[("short", trail(1).as_bytes())]),
    ];
    let (_, coverage) = read_bytes(archive.concat());
    assert_eq!(coverage.files[0].problems, []);
    assert_eq!(coverage.files[0].members[0].name.as_raw(), long);
}

/// A zip archive with bits of the first member's header changed.
fn patched(archive: &[u8], at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut archive = archive.to_vec();
    archive[at..at + bytes.len()].copy_from_slice(bytes);
    archive
}

/// R-IN-10
#[test]
fn encrypted_members_and_unknown_packings_are_counted() {
    let archive = zip(&[("a", trail(1).as_bytes()), ("b", trail(2).as_bytes())]);
    for (at, bytes, reason) in [
        (6, [1, 0], PassReason::Encrypted),
        (8, [14, 0], PassReason::UnknownPacking),
    ] {
        let (seen, coverage) = read_bytes(patched(&archive, at, &bytes));
        assert_eq!(seen.n_events, 1);
        assert_eq!(passed(&coverage), [(reason, 1)]);
        let (kind, detail) = problem(&coverage);
        assert_eq!(kind, ProblemKind::Unsupported);
        assert!(detail.contains("unpack it first"), "{detail}");
    }
}

#[test]
fn sizes_of_64_bits_are_read() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for n in 1..3 {
        let options = SimpleFileOptions::default().large_file(true);
        writer.start_file(format!("{n}"), options).unwrap();
        writer.write_all(trail(n).as_bytes()).unwrap();
    }
    let archive = writer.finish().unwrap().into_inner();
    assert_eq!(archive[18..26], [0xff; 8], "it has a zip64 field");
    let (seen, coverage) = read_bytes(archive);
    assert_eq!((seen.n_events, coverage.files[0].problems.len()), (2, 0));
}

/// R-IN-9
#[test]
fn damage_is_told_under_the_name_of_the_member() {
    let good = trail(1);
    let cut = &gzip(trail(2))[..100];
    let packed = zip_with(
        CompressionMethod::Stored,
        &[
            ("good", good.as_bytes()),
            ("cut.gz", cut),
            ("text", b"plain"),
            ("last", trail(3).as_bytes()),
        ],
    );
    for archive in [
        packed.clone(),
        tar(&[
            ("good", good.as_bytes()),
            ("cut.gz", cut),
            ("text", b"plain"),
            ("last", trail(3).as_bytes()),
        ]),
    ] {
        let (seen, coverage) = read_bytes(archive);
        assert_eq!(seen.n_events, 2);
        let told = problems(&coverage);
        assert_eq!(told.len(), 2, "{told:?}");
        assert_eq!(told[0].0, ProblemKind::Truncated);
        assert!(told[0].1.starts_with("cut.gz: "), "{}", told[0].1);
        assert_eq!(told[1].0, ProblemKind::Unrecognised);
        assert!(told[1].1.starts_with("text: "), "{}", told[1].1);
    }
    let data = 30 + "good".len();
    let (_, coverage) = read_bytes(patched(&packed, data + 1, b"?"));
    assert!(problems(&coverage).iter().any(|(kind, detail)| {
        *kind == ProblemKind::Corrupt && detail.starts_with("good: the checksum")
    }));
}

/// R-IN-9
#[test]
fn an_archive_cut_anywhere_keeps_what_is_before_and_says_so() {
    let members = [("a", trail(1).into_bytes()), ("b", trail(2).into_bytes())];
    let members: Vec<_> = members.iter().map(|(n, c)| (*n, c.as_slice())).collect();
    let archives = [
        (zip(&members), 30),
        (zip_streamed(CompressionMethod::Stored, &members), 30),
        (zip_streamed(CompressionMethod::Deflated, &members), 30),
        (tar(&members), 512),
    ];
    for (archive, from) in archives {
        let (whole, _) = read_bytes(&archive);
        assert_eq!(whole.n_events, 2);
        for n in (from..archive.len()).step_by(13) {
            let (seen, coverage) = read_bytes(&archive[..n]);
            let is_told = !coverage.files[0].problems.is_empty();
            assert!(is_told || seen.n_events == 2, "cut at {n}");
        }
    }
}

/// R-IN-9: how bytes arrive changes nothing.
#[test]
fn members_are_the_same_however_bytes_arrive() {
    let members = members();
    let members: Vec<_> = members.iter().map(|(n, c)| (*n, c.as_slice())).collect();
    let list = |archive: &mut dyn Archive| {
        let mut found = Vec::new();
        while let Some(member) = archive.next_member() {
            let mut data = Vec::new();
            archive.read_to_end(&mut data).unwrap();
            found.push((member, data));
        }
        found
    };
    let limits = Limits::default();
    for capacity in [1, 3, 4096] {
        let tracker = Rc::new(Tracker::default());
        let archives = [
            zip(&members),
            zip_streamed(CompressionMethod::Stored, &members),
            zip_streamed(CompressionMethod::Deflated, &members),
        ];
        for bytes in archives {
            let reader = BufReader::with_capacity(capacity, bytes.as_slice());
            let mut archive = Zip::new(reader, &limits, Rc::clone(&tracker));
            let found = list(&mut archive);
            let data: Vec<_> = found.iter().map(|(_, data)| data.as_slice()).collect();
            let expected: Vec<_> = members.iter().map(|(_, data)| *data).collect();
            assert_eq!(data, expected);
        }
        let bytes = tar(&members);
        let reader = BufReader::with_capacity(capacity, bytes.as_slice());
        let found = list(&mut Tar::new(reader, Rc::clone(&tracker)));
        assert_eq!(found.len(), 3);
        assert_eq!(tracker.take_problems(), []);
    }
}

/// R-IN-8, R-IN-10: all members share one account.
#[test]
fn many_small_bombs_are_one_bomb() {
    let spaces = vec![b' '; 1 << 20];
    let names: Vec<String> = (0..8).map(|n| n.to_string()).collect();
    let mut members: Vec<(&str, &[u8])> = names
        .iter()
        .map(|name| (name.as_str(), spaces.as_slice()))
        .collect();
    let record = trail(1);
    members.push(("record", record.as_bytes()));
    let options = Options {
        limits: Limits {
            ratio_floor: 3 << 20,
            ..Limits::default()
        },
        ..Options::default()
    };
    for archive in [zip(&members), gzip(tar(&members))] {
        let sandbox = Sandbox::new().with("bomb", archive).with("good", trail(2));
        let (seen, coverage) = read_all(&[sandbox.path().to_owned()], &options);
        assert_eq!(seen.n_events, 1);
        let told = problems(&coverage);
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0].0, ProblemKind::TooLarge);
        assert!(coverage.files[0].n_decoded <= 4 << 20);
    }
}

/// R-IN-10
#[test]
fn an_archive_inside_an_archive_is_opened_once() {
    let one = zip(&[("x", trail(1).as_bytes())]);
    let two = tar(&[("x.zip", &one)]);
    assert_eq!(read_bytes(&two).0.n_events, 1);
    let (seen, coverage) = read_bytes(zip(&[("x.tar", &two), ("y", trail(2).as_bytes())]));
    assert_eq!(seen.n_events, 1);
    let (kind, detail) = problem(&coverage);
    assert_eq!(kind, ProblemKind::Unsupported);
    assert!(
        detail.starts_with("x.tar!x.zip: archives inside"),
        "{detail}"
    );
}

#[test]
fn text_that_looks_like_a_tar_archive_is_text() {
    let filler = "x".repeat(200);
    let text = trail(1).replace("GetObject", &format!("Get{filler}"));
    let at = text.find(&filler).unwrap();
    let offset = 257 - at;
    let mut text = text.into_bytes();
    text[at + offset..at + offset + 5].copy_from_slice(b"ustar");
    assert_eq!(&text[257..262], b"ustar");
    assert_eq!(read_bytes(text).0.n_events, 1);
}

#[test]
fn dates_in_the_names_of_members_count_like_those_of_files() {
    let name =
        |day| format!("111122223333_CloudTrail_eu-west-1_202611{day}T0005Z_abcdefghijklmnop.json");
    let (early, inside) = (name("01"), name("07"));
    let archive = tar(&[
        (&early, trail(1).as_bytes()),
        (&inside, trail(2).as_bytes()),
    ]);
    let sandbox = Sandbox::new()
        .with("logs.tar", archive)
        .with(&early, trail(3))
        .with(&inside, trail(4));
    let span = Window {
        start: Timestamp::from_seconds(1_794_009_600),
        end: Timestamp::from_seconds(1_794_096_000),
    };
    let options = Options {
        span,
        selection: Selection {
            delivered: Some(span),
            ..Selection::default()
        },
        ..Options::default()
    };
    let (seen, coverage) = read_all(&[sandbox.path().to_owned()], &options);
    assert_eq!(seen.n_events, 2);
    assert_eq!(passed(&coverage), [(PassReason::OtherDate, 2)]);
}

/// R-IN-10
#[test]
fn so_many_members_are_looked_at_and_no_more() {
    let mut header = tar::Header::new_gnu();
    header.set_path("empty").unwrap();
    header.set_size(0);
    header.set_cksum();
    let n = usize::try_from(MAX_MEMBERS).unwrap();
    let archive = [
        header.as_bytes().repeat(n),
        tar(&[("x", trail(1).as_bytes())]),
    ]
    .concat();
    let (seen, coverage) = read_bytes(archive);
    assert_eq!(seen.n_events, 0);
    assert_eq!(passed(&coverage), [(PassReason::Empty, 100_000)]);
    assert_eq!(problem(&coverage).0, ProblemKind::TooLarge);
}
