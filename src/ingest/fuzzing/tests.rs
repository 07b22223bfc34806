#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::io::{self, Read as _, Write as _};

use super::*;
use crate::event::Source;
use crate::ingest::tests::{gzip, trail, vault};

#[track_caller]
fn assert_holds(bytes: &[u8]) {
    file(bytes);
    copied(bytes);
    packed(bytes);
    stream(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        line(text);
        value(text);
        for source in Source::ALL {
            record(source, text);
        }
        mapped(text);
        mapping(text);
        time(text);
        address(text);
        user_agent(text);
    }
}

/// Small inputs of every kind.
fn seeds() -> Vec<Vec<u8>> {
    let okta = concat!(
        r#"{"uuid":"1","published":"2026-11-07T09:00:00.000Z","eventType":"user.session.start","#,
        r#""version":"0","severity":"INFO","displayMessage":"User login to Okta","#,
        r#""actor":{"id":"00u1","type":"User","alternateId":"a@b.example","displayName":"A"},"#,
        r#""client":{"ipAddress":"198.51.100.7","userAgent":{"rawUserAgent":"Mozilla/5.0"}},"#,
        r#""outcome":{"result":"SUCCESS","reason":null},"#,
        r#""target":[{"id":"0oa1","type":"AppInstance","displayName":"App"}],"#,
        r#""debugContext":{"debugData":{"requestUri":"/","behaviors":"{New IP=POSITIVE}"}}}"#
    );
    let utf16 = |text: String| text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mapping = crate::ingest::generic::built_in_names()
        .next()
        .and_then(crate::ingest::generic::built_in_text);
    vec![
        trail(1).into_bytes(),
        format!("{{\"Records\":[{},\n{}]}}\n", trail(1), trail(2)).into_bytes(),
        format!("{}\n{}\r\n<13>x {}\n", trail(3), trail(3), trail(4)).into_bytes(),
        format!("{}\n{}\n", vault(1, "request"), vault(1, "response")).into_bytes(),
        format!("{okta}\n[{okta},{okta}]").into_bytes(),
        format!(
            "{{\"events\":[{okta}]}}{{\"message\":{}}}",
            crate::ingest::tests::quoted(okta)
        )
        .into_bytes(),
        format!(
            r#"{{"data":[{{"attributes":{okta}}},1]}}{{"columns":["eventName","a"],"rows":[["n",1],2]}}"#
        )
        .into_bytes(),
        concat!(
            r#"{"records":[{"data":"eyJSZWNvcmRzIjpbMV19"},{"data":"H4sIAAAAAAAA"}]}"#,
            r#"{"event_time":"2026-11-07T09:00:00Z","event_source":"s3.amazonaws.com","event_name":"n"}"#
        )
        .into(),
        gzip(format!("{}\n{}", trail(5), trail(6))),
        utf16(trail(7)),
        tar(trail(8).as_bytes()).unwrap(),
        gzip(tar(&gzip(trail(8))).unwrap()),
        zip(trail(9).as_bytes()).unwrap(),
        zstd::encode_all(trail(10).as_bytes(), 1).unwrap(),
        TABLE.as_bytes().to_vec(),
        format!("{}\n---\n{okta}", mapping.unwrap_or_default()).into_bytes(),
        ELASTIC.as_bytes().to_vec(),
        b"2026-11-07T19:03:11.5+01:00".to_vec(),
        b"[2001:db8::1%eth0]:443".to_vec(),
        b"[aws-cli/2.18.5 md/command#s3.cp] exec-env/CloudShell".to_vec(),
        b"<86>1 2026-11-21T04:40:24.120Z vault-0 vault 812 - - {\"time\":".to_vec(),
    ]
}

const ELASTIC: &str = concat!(
    r#"{"@timestamp":"2026-11-07T09:00:00.000Z","okta":{"event_type":"user.session.start","#,
    r#""actor":{"id":"00u1","alternate_id":"a@b.example"},"debug_context":{"debug_data":{"#,
    r#""flattened":{"risk":"{level=HIGH}"},"risk_behaviors":["New IP"]}}},"okta.uuid":"1"}"#,
    r#"{"@timestamp":"2026-11-07T09:00:00Z","hashicorp_vault":{"audit":{"type":"request","#,
    r#""request":{"id":"r","path":"secret/data/a","operation":"read"}}}}"#,
    r#"{"jsonPayload":{"type":"response","request":{"id":"r"}},"timestamp":"2026-11-07T09:00:01Z"}"#,
);

const TABLE: &str = concat!(
    "eventversion,useridentity,eventtime,eventsource,eventname,sourceipaddress,eventid\r\n",
    "1.08,\"{type=IAMUser, arn=arn:aws:iam::111122223333:user/a, username=a, invokedby=null}\",",
    "2026-11-07T09:00:00Z,s3.amazonaws.com,GetObject,198.51.100.7,1\r\n",
    "1.08,\"{type=IAMUser, username=\"\"b\"\"}\",2026-11-07T09:00:00Z,s3.amazonaws.com,GetObject,,2\r\n"
);

/// An archive with one member.
fn tar(content: &[u8]) -> io::Result<Vec<u8>> {
    let mut header = tar::Header::new_ustar();
    header.set_size(content.len() as u64);
    header.set_mode(0o644);
    header.set_cksum();
    let mut archive = tar::Builder::new(Vec::new());
    archive.append_data(&mut header, "a.json", content)?;
    archive.into_inner()
}

/// An archive with one member.
fn zip(content: &[u8]) -> io::Result<Vec<u8>> {
    let mut archive = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
    archive.start_file("a.json", zip::write::SimpleFileOptions::default())?;
    archive.write_all(content)?;
    Ok(archive.finish()?.into_inner())
}

/// What is put into inputs: marks that mean something to some layer.
const WORDS: [&[u8]; 24] = [
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b"\\",
    b"\n",
    b"\0",
    b",",
    b":",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xff",
    b"\x1e",
    b"\\ud83d",
    b"1e999",
    b"-9223372036854775808",
    b"{\"Records\":[",
    b"\"Events\":[",
    b"\"eventVersion\":\"1.08\",",
    b"\x1f\x8b\x08",
    b"null",
    b"\\u0000",
    b"9999999999999",
];

/// A small generator (splitmix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let z = usize::try_from((z ^ (z >> 31)) & 0xffff_ffff).unwrap_or_default();
        z % n.max(1)
    }

    fn range(&mut self, n: usize) -> std::ops::Range<usize> {
        let from = self.below(n + 1);
        let most = if self.below(2) == 0 { 4 } else { n };
        from..n.min(from + self.below(most))
    }

    /// One of the seeds, changed in a few places.
    fn broken(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = seeds[self.below(seeds.len())].clone();
        for _ in 0..=self.below(4) {
            let range = self.range(bytes.len());
            match self.below(6) {
                0 => drop(bytes.drain(range)),
                1 => {
                    let part = bytes[range].to_vec();
                    let at = self.below(bytes.len() + 1);
                    bytes.splice(at..at, part);
                }
                2 => {
                    let other = &seeds[self.below(seeds.len())];
                    let part = other[self.range(other.len())].to_vec();
                    bytes.splice(range, part);
                }
                3 => {
                    let word = WORDS[self.below(WORDS.len())].to_vec();
                    bytes.splice(range.start..range.start, word);
                }
                4 if range.start < bytes.len() => {
                    bytes[range.start] ^= 1 << self.below(8);
                }
                _ => bytes.truncate(range.end.max(1)),
            }
        }
        bytes
    }
}

#[track_caller]
fn assert_holds_of_broken(seed: u64, rounds: usize) {
    let seeds = seeds();
    let mut chance = Chance(seed);
    for _ in 0..rounds {
        let bytes = chance.broken(&seeds);
        if std::panic::catch_unwind(|| assert_holds(&bytes)).is_err() {
            unreachable!("b\"{}\"", bytes.escape_ascii());
        }
    }
}

#[test]
fn all_that_must_hold_does_so_of_ordinary_logs() {
    for seed in seeds() {
        assert_holds(&seed);
    }
}

#[test]
fn all_that_must_hold_does_so_of_broken_logs() {
    assert_holds_of_broken(1, 300);
}

#[test]
#[ignore = "takes as long as it is given; the targets in fuzz/ are better at it"]
fn all_that_must_hold_does_so_of_many_broken_logs() {
    let seed = std::env::var("HABITUAL_FUZZ_SEED").ok();
    let seed = seed.and_then(|seed| seed.parse().ok());
    assert_holds_of_broken(seed.unwrap_or(2), 20_000);
}

/// R-IN-9: damages a compressed log in many places, one after the other.
#[track_caller]
fn assert_holds_of_damaged(packed: &[u8]) {
    let n = packed.len();
    for at in (10..n.saturating_sub(4)).step_by((n / 60).max(1)) {
        let mut bytes = packed.to_vec();
        bytes[at..at + 3].fill(0xfe);
        file(&bytes);
    }
}

fn many_lines() -> String {
    (0..300).map(|n| trail(n) + "\n").collect()
}

#[test]
fn damage_costs_the_same_however_much_is_read_at_once() {
    let text = many_lines();
    assert_holds_of_damaged(&gzip(&text));
    assert_holds_of_damaged(&zip(text.as_bytes()).unwrap());
    assert_holds_of_damaged(&zstd::encode_all(text.as_bytes(), 1).unwrap());
}

#[test]
fn damage_to_bzip2_and_xz_costs_the_same_however_much_is_read_at_once() {
    let text = many_lines();
    let mut bzip2 = bzip2::read::BzEncoder::new(text.as_bytes(), bzip2::Compression::fast());
    let mut xz = liblzma::read::XzEncoder::new(text.as_bytes(), 1);
    let mut packed = Vec::new();
    bzip2.read_to_end(&mut packed).unwrap();
    assert_holds_of_damaged(&packed);
    packed.clear();
    xz.read_to_end(&mut packed).unwrap();
    assert_holds_of_damaged(&packed);
}

/// R-IN-9: found by the target `file`.
#[test]
fn bzip2_that_is_damaged_late_costs_the_same_however_much_is_read_at_once() {
    file(include_bytes!("findings/damaged.bz2"));
}

#[test]
#[should_panic(expected = "of no record")]
fn an_event_that_cannot_be_is_told() {
    let mut notes = crate::ingest::record::Notes::default();
    let mut context = crate::ingest::record::Context {
        provenance: crate::event::Provenance::default(),
        okta_org: "",
        vault_cluster: "",
        notes: &mut notes,
    };
    let text = trail(1);
    if let Ok(mut event) = crate::ingest::cloudtrail::parse(&text, &mut context) {
        event.n_records = 0;
        check::event(&event);
    }
}

/// Blanks of ASCII that are none of JSON's.
#[test]
fn a_form_feed_is_text() {
    for found in ["\x0c", "\x0c{}\x0b", "\x1f", "\u{85}{}"] {
        assert_holds(found.as_bytes());
    }
}
