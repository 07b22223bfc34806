//! `case`: a finding taken along with everything it rests on, and checked
//! again without the logs.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read as _, Write as _};
use std::process::Output;
use std::sync::LazyLock;

use serde_json::Value;
use sha2::{Digest as _, Sha256};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::support::Sandbox;
use crate::support::events::{lines, vault};
use crate::support::house::{on_review_day, write_accounts_and_an_odd_day};

/// Seven weeks of some accounts, in three shapes of file; one of them works
/// from elsewhere in the last week.
static LOGS: LazyLock<Sandbox> = LazyLock::new(|| {
    let sandbox = Sandbox::new();
    write_accounts_and_an_odd_day(&sandbox);
    let reads = vault("app").does("read").on("secret/data/a");
    let reads = reads.at(&on_review_day(-30, "09:00:00")).daily(31);
    sandbox.write("logs/audit.log", lines(&reads));
    sandbox
});

#[track_caller]
fn ends(words: &str, status: i32) -> Output {
    let output = LOGS.habitual(words).output().unwrap();
    assert_eq!(output.status.code(), Some(status), "{words}: {output:?}");
    output
}

fn said(words: &str, status: i32) -> String {
    String::from_utf8(ends(words, status).stderr).unwrap()
}

type Members = BTreeMap<String, Vec<u8>>;

fn members(name: &str) -> Members {
    let bytes = fs::read(LOGS.path(name)).unwrap();
    let mut zip = ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..zip.len())
        .map(|at| {
            let mut member = zip.by_index(at).unwrap();
            let name = member.name().unwrap().into_owned();
            let mut bytes = Vec::new();
            member.read_to_end(&mut bytes).unwrap();
            (name, bytes)
        })
        .collect()
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

fn sha256(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The text of a log, unpacked.
fn decoded(path: &str) -> Vec<u8> {
    let bytes = fs::read(LOGS.path(path)).unwrap();
    if !path.ends_with(".gz") {
        return bytes;
    }
    let mut text = Vec::new();
    flate2::read::GzDecoder::new(bytes.as_slice())
        .read_to_end(&mut text)
        .unwrap();
    text
}

#[test]
fn a_case_holds_the_records_byte_for_byte_and_the_hash_of_everything() {
    ends("case export 1 logs -o bytes.zip -q", 0);
    let members = members("bytes.zip");
    let manifest = json(&members["manifest.json"]);
    let findings = String::from_utf8(members["findings.jsonl"].clone()).unwrap();
    assert_eq!(findings.lines().count(), 1);
    assert!(findings.contains("svc-labels"));
    assert!(String::from_utf8_lossy(&members["table.txt"]).contains("svc-labels"));
    assert_eq!(
        json(&members["report.json"])["findings"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    for member in manifest["members"].as_array().unwrap() {
        let bytes = &members[member["name"].as_str().unwrap()];
        assert_eq!(member["sha256"], sha256(bytes));
        assert_eq!(member["n_bytes"], bytes.len());
    }
    let records = manifest["records"].as_array().unwrap();
    assert!(!records.is_empty() && records.iter().all(|record| record["is_cited"] == true));
    for record in records {
        let (path, _) = record["cited"].as_str().unwrap().rsplit_once(':').unwrap();
        let bytes = &members[record["member"].as_str().unwrap()];
        let at = usize::try_from(record["offset"].as_u64().unwrap()).unwrap();
        assert_eq!(record["is_exact"], true);
        assert_eq!(&decoded(path)[at..at + bytes.len()], bytes);
        assert_eq!(json(bytes)["eventID"], record["event_id"]);
    }
    let sources = manifest["sources"].as_array().unwrap();
    assert_eq!(sources.len(), 3);
    for source in sources {
        let bytes = fs::read(LOGS.path(source["path"].as_str().unwrap())).unwrap();
        assert_eq!(source["sha256"], sha256(&bytes));
    }
    // The command gives the same finding again.
    let command = manifest["command"]
        .as_str()
        .unwrap()
        .strip_prefix("habitual ")
        .unwrap();
    let (flags, paths) = command.split_once(" -- ").unwrap();
    let again = ends(&format!("{flags} {paths} -f jsonl -q"), 0).stdout;
    let again = String::from_utf8(again).unwrap();
    // Its windows are told now, and so they are in the commands it suggests.
    let but_steps = |line: &str| {
        let mut finding = json(line.as_bytes());
        finding["next_steps"].take();
        finding
    };
    let first = again.lines().next().unwrap();
    assert_eq!(but_steps(first), but_steps(&findings));
}

#[test]
fn all_records_are_those_of_the_review_and_both_halves_of_a_vault_call() {
    let of = |words: &str| {
        ends(&format!("case export {words} -q"), 0);
        let members = members(words.rsplit(' ').next().unwrap());
        let manifest = json(&members["manifest.json"]);
        manifest["records"].as_array().unwrap().clone()
    };
    let cited = of("1 logs -o cited.zip");
    let all = of("1 logs --all-records -o all.zip");
    assert!(all.len() > cited.len());
    let in_odd = |records: &[Value]| {
        let paths = records
            .iter()
            .map(|record| record["cited"].as_str().unwrap());
        paths
            .filter(|path| path.starts_with("logs/odd.json.gz"))
            .count()
    };
    assert_eq!(in_odd(&all), 8);
    let report = ends("replay logs -f jsonl -q", 0).stdout;
    let report = String::from_utf8(report).unwrap();
    let mut findings = report.lines().map(|line| json(line.as_bytes()));
    let app = findings.find(|f| f["identity"]["sources"] == serde_json::json!(["vault"]));
    let id = app.unwrap()["finding_id"].as_str().unwrap().to_owned();
    let halves = of(&format!("{id} logs --all-records -o vault.zip"));
    // One of the halves stands for the event, and the other is beside it.
    let calls = halves.iter().filter(|half| half["event_id"] != "");
    let n_calls = calls.count();
    assert!(n_calls > 0 && halves.len() == 2 * n_calls, "{halves:?}");
}

#[test]
fn a_case_is_the_same_every_time_and_private() {
    ends("case export 1 logs -o one.zip -q --threads 1", 0);
    ends("case export 1 logs -o three.zip -q --threads 3", 0);
    let read = |name: &str| fs::read(LOGS.path(name)).unwrap();
    assert!(read("one.zip") == read("three.zip"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(LOGS.path("one.zip"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn verifying_names_the_first_member_that_differs() {
    let exported = said("case export 1 logs -o whole.zip", 0);
    let verified = String::from_utf8(ends("case verify whole.zip", 0).stdout).unwrap();
    let hash = verified.trim().rsplit(' ').next().unwrap().to_owned();
    assert!(exported.contains(&hash), "{exported} {verified}");
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, mut bytes) in members("whole.zip") {
        if name == "table.txt" {
            bytes[0] ^= 1;
        }
        zip.start_file(name, SimpleFileOptions::DEFAULT).unwrap();
        zip.write_all(&bytes).unwrap();
    }
    LOGS.write("changed.zip", zip.finish().unwrap().into_inner());
    let changed = said("case verify changed.zip", 1);
    assert!(changed.contains("\"table.txt\" is not what was written"));
    assert!(changed.contains("E0210"), "{changed}");
    LOGS.write("none.zip", "no zip at all");
    let none = said("case verify none.zip", 1);
    assert_eq!(none.matches("not a zip file").count(), 1, "{none}");
    assert!(none.contains("E0209"), "{none}");
    let folder = said("case verify logs", 1);
    assert!(folder.contains("it is a folder"), "{folder}");
    let missing = said("case verify missing.zip", 1);
    assert!(missing.contains("E0403"), "{missing}");
}

#[test]
fn findings_that_are_not_there_are_told_and_nothing_is_written() {
    assert!(said("case export 4000 logs -o x.zip", 2).contains("no finding 4000"));
    assert!(said("case export 0000000000000000 logs -o x.zip", 2).contains("no finding"));
    assert!(said("case export logs -o x.zip", 2).contains("name one or more findings"));
    assert!(said("case export 1 -o x.zip", 2).contains("name one or more findings"));
    assert!(said("case export 1 - -o x.zip", 2).contains("instead of -"));
    assert!(said("case export 1 logs -o logs/trail.jsonl", 2).contains("one of the inputs"));
    assert!(!LOGS.path("x.zip").exists());
}
