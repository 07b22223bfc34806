#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{Cursor, Read as _, Write as _};

use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::*;

fn case() -> Case {
    let mut case = Case::new("habitual 0", String::new());
    case.add("report.json", b"{}\n".to_vec());
    case.add("records/00001.json", b"{\"a\": 1}".to_vec());
    case
}

fn checked(bytes: Vec<u8>) -> anyhow::Result<Checked> {
    verify(Cursor::new(bytes), &Bounds::default())
}

/// The members of a zip, in order.
fn members(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
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

fn packed(members: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        zip.start_file(name.as_str(), SimpleFileOptions::DEFAULT)
            .unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn a_case_is_what_was_written_and_the_same_every_time() {
    let written = case().write().unwrap();
    assert_eq!(written.bytes, case().write().unwrap().bytes);
    let checked = checked(written.bytes).unwrap();
    assert_eq!((checked.n_members, checked.flaw), (2, None));
    assert_eq!(checked.manifest_sha256, written.manifest_sha256);
}

#[test]
fn the_first_member_that_differs_is_named() {
    let whole = members(&case().write().unwrap().bytes);
    let flaw = |members: &[(String, Vec<u8>)]| checked(packed(members)).unwrap().flaw;
    assert_eq!(flaw(&whole), None, "packing is no difference");
    let mut changed = whole.clone();
    changed[2].1[0] = b'[';
    assert_eq!(
        flaw(&changed),
        Some(Flaw::Changed("records/00001.json".to_owned()))
    );
    changed[1].1.push(b' ');
    assert_eq!(
        flaw(&changed),
        Some(Flaw::Changed("report.json".to_owned()))
    );
    assert_eq!(
        flaw(&whole[..2]),
        Some(Flaw::Missing("records/00001.json".to_owned()))
    );
    let mut more = whole;
    more.push(("x\u{1b}[2J".to_owned(), Vec::new()));
    let surplus = flaw(&more).unwrap();
    assert_eq!(surplus, Flaw::Surplus("x\u{1b}[2J".to_owned()));
    assert!(!surplus.to_string().contains('\u{1b}'));
}

#[test]
fn what_is_no_case_or_too_much_is_refused() {
    let refuses = |bytes: Vec<u8>, bounds: &Bounds| verify(Cursor::new(bytes), bounds).is_err();
    let bounds = Bounds::default();
    assert!(refuses(b"no zip".to_vec(), &bounds));
    assert!(refuses(packed(&[("a".to_owned(), Vec::new())]), &bounds));
    let manifest = |text: &str| packed(&[("manifest.json".to_owned(), text.into())]);
    assert!(refuses(manifest("{"), &bounds));
    assert!(refuses(
        manifest(r#"{"schema":"other/1","members":[]}"#),
        &bounds
    ));
    let twice = r#"{"schema":"habitual.case/1","members":[
        {"name":"a","n_bytes":0,"sha256":""},{"name":"a","n_bytes":0,"sha256":""}]}"#;
    assert!(refuses(manifest(twice), &bounds));
    let whole = || case().write().unwrap().bytes;
    for tight in [
        Bounds {
            max_members: 2,
            ..bounds
        },
        Bounds {
            max_manifest: 10,
            ..bounds
        },
        Bounds {
            max_unpacked: 10,
            ..bounds
        },
    ] {
        assert!(refuses(whole(), &tight), "{tight:?}");
    }
}

#[test]
fn every_damaged_byte_is_noticed_or_means_nothing() {
    let whole = case().write().unwrap().bytes;
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x55;
        if let Ok(checked) = checked(damaged.clone())
            && checked.flaw.is_none()
        {
            let read = |bytes: &[u8]| members(bytes);
            assert_eq!(read(&damaged), read(&whole), "byte {at}");
        }
    }
}

#[test]
fn two_members_of_one_name_are_refused() {
    let mut twice = case();
    twice.add("report.json", Vec::new());
    assert!(twice.write().is_err());
    let mut own = case();
    own.add("manifest.json", Vec::new());
    assert!(own.write().is_err());
}
