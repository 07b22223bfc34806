//! Log files of CloudTrail against the hashes in its digests, and each digest
//! against the hash in the one after it.
//!
//! Whoever can change log files and digests alike can make them fit: that they
//! do not, only the signatures of the digests could say, and these are not in
//! the files but beside them in the bucket. They are not checked.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::path::PathBuf;
use std::rc::Rc;

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::coverage::{is_log_file, stem};
use super::decode::{self, Tracker};
use super::discover::{self, Discovery};
use super::text::{Nested, Text};
use super::{Limits, Selection};
use crate::event::Untrusted;

/// A digest lists the files of one hour; larger ones are none.
const MAX_DIGEST_BYTES: u64 = 64 << 20;
const CHUNK: usize = 1 << 16;
/// What the names of digests hold.
const DIGEST: &str = "_CloudTrail-Digest_";

/// What became of the files that digests list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DigestCheck {
    /// Digests that were read.
    pub n_digests: usize,
    /// Log files that are as their digest says.
    pub n_unchanged: usize,
    /// Log files that are here and are not as their digest says, by name.
    pub changed: BTreeSet<Untrusted>,
    /// Listed log files that are not here, by name.
    pub missing: BTreeSet<Untrusted>,
    /// Log files that no digest lists, by name.
    pub unlisted: BTreeSet<Untrusted>,
    /// Digests that are as the next one says.
    pub n_chained: usize,
    /// Digests that are not as the next one says, by name.
    pub broken: BTreeSet<Untrusted>,
    /// Files that could not be read to their end, by name.
    pub unreadable: BTreeSet<Untrusted>,
}

impl DigestCheck {
    /// Whether nothing speaks against the files that are here.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.changed.is_empty() && self.broken.is_empty() && self.unreadable.is_empty()
    }
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct DigestDocument<'a> {
    #[serde(borrow)]
    digest_start_time: Text<'a>,
    #[serde(rename = "previousDigestS3Object")]
    previous: Text<'a>,
    previous_digest_hash_value: Text<'a>,
    log_files: Option<Vec<Nested<LogFile<'a>>>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct LogFile<'a> {
    #[serde(borrow, rename = "s3Object")]
    object: Text<'a>,
    hash_value: Text<'a>,
}

/// Hashes by the name of a file. Two of one name must both fit.
type Hashes = BTreeMap<String, BTreeSet<String>>;

/// Holds the log files among `paths` against the digests among them. Files are
/// known by their names; members of archives are not looked into.
#[must_use]
pub fn verify_digests(paths: &[PathBuf], selection: &Selection, limits: &Limits) -> DigestCheck {
    let mut check = DigestCheck::default();
    let (mut here, mut listed, mut previous) = (Hashes::new(), Hashes::new(), Hashes::new());
    let Discovery { inputs, .. } = discover::discover(paths, selection);
    for input in &inputs {
        let path = input.path.to_string_lossy();
        let name = stem(&path).to_owned();
        let is_digest = name.contains(DIGEST);
        if !is_digest && !is_log_file(&name) {
            continue;
        }
        let read = discover::open(input).and_then(|file| hashed(file, limits, is_digest));
        let Ok((hash, text)) = read else {
            check.unreadable.insert(name.into());
            continue;
        };
        if is_digest {
            check.n_digests += 1;
            if note(&text, &mut listed, &mut previous).is_none() {
                check.unreadable.insert(name.clone().into());
            }
        }
        here.entry(name).or_default().insert(hash);
    }
    check.compare(&here, &listed, &previous);
    check
}

impl DigestCheck {
    fn compare(&mut self, here: &Hashes, listed: &Hashes, previous: &Hashes) {
        for (name, expected) in listed {
            match here.get(name) {
                Some(found) if found == expected => self.n_unchanged += 1,
                Some(_) => drop(self.changed.insert(name.clone().into())),
                None => drop(self.missing.insert(name.clone().into())),
            }
        }
        for (name, expected) in previous {
            match here.get(name) {
                Some(found) if found == expected => self.n_chained += 1,
                Some(_) => drop(self.broken.insert(name.clone().into())),
                None => {}
            }
        }
        let logs = here.keys().filter(|name| !name.contains(DIGEST));
        let unlisted = logs.filter(|name| !listed.contains_key(*name));
        self.unlisted = unlisted.map(|name| name.clone().into()).collect();
        // One that could not be read is here all the same.
        self.missing = self.missing.difference(&self.unreadable).cloned().collect();
    }
}

/// Takes note of the hashes in the digest `text`; `None` if it is none.
fn note(text: &[u8], listed: &mut Hashes, previous: &mut Hashes) -> Option<()> {
    let digest: DigestDocument<'_> = serde_json::from_slice(text).ok()?;
    digest.digest_start_time.get()?;
    let add = |hashes: &mut Hashes, object: &Text<'_>, hash: &Text<'_>| {
        if let (Some(object), Some(hash)) = (object.get(), hash.get()) {
            let own = hashes.entry(stem(object).to_owned()).or_default();
            own.insert(hash.to_lowercase());
        }
    };
    for file in digest.log_files.iter().flatten() {
        add(listed, &file.value.object, &file.value.hash_value);
    }
    add(
        previous,
        &digest.previous,
        &digest.previous_digest_hash_value,
    );
    Some(())
}

/// The SHA-256 of what `file` unpacks to, and that itself if it is wanted.
fn hashed(file: std::fs::File, limits: &Limits, is_wanted: bool) -> io::Result<(String, Vec<u8>)> {
    let tracker = Rc::new(Tracker::default());
    let mut reader = decode::open(Box::new(file), limits, &tracker).reader;
    let (mut hash, mut text) = (Sha256::new(), Vec::new());
    let mut chunk = vec![0; CHUNK];
    loop {
        let n = reader.read(&mut chunk)?;
        let Some(read) = chunk.get(..n).filter(|read| !read.is_empty()) else {
            break;
        };
        hash.update(read);
        if is_wanted {
            text.extend_from_slice(read);
        }
        if text.len() as u64 > MAX_DIGEST_BYTES {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
    }
    if !tracker.take_problems().is_empty() {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let digits = hash.finalize();
    let digits = digits.iter().map(|byte| format!("{byte:02x}"));
    Ok((digits.collect(), text))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::fs;
    use std::path::Path;

    use tempfile::TempDir;

    use super::*;

    const LOG: &str = "111122223333_CloudTrail_eu-west-1_20261107T0900Z_0123456789abcdef.json";

    fn digest_name(hour: u32) -> String {
        format!("111122223333{DIGEST}eu-west-1_main_eu-west-1_20261107T{hour:02}0000Z.json")
    }

    fn sha256(text: &str) -> String {
        let digits = Sha256::digest(text);
        digits.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// One log file and two digests, of which the second is of an hour without
    /// events.
    fn folder() -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        let log = r#"{"Records":[]}"#;
        let first = serde_json::json!({
            "digestStartTime": "2026-11-07T09:00:00Z",
            "logFiles": [{"s3Object": format!("AWSLogs/{LOG}.gz"), "hashValue": sha256(log)}],
        });
        let second = serde_json::json!({
            "digestStartTime": "2026-11-07T10:00:00Z",
            "previousDigestS3Object": format!("AWSLogs/{}.gz", digest_name(10)),
            "previousDigestHashValue": sha256(&first.to_string()),
            "logFiles": [],
        });
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write(LOG, log);
        write(&digest_name(10), &first.to_string());
        write(&digest_name(11), &second.to_string());
        folder
    }

    fn check(folder: &Path) -> DigestCheck {
        verify_digests(
            &[folder.to_owned()],
            &Selection::default(),
            &Limits::default(),
        )
    }

    #[test]
    fn untouched_files_hold() {
        let folder = folder();
        let found = check(folder.path());
        let counts = (found.n_digests, found.n_unchanged, found.n_chained);
        assert_eq!(counts, (2, 1, 1));
        assert!(found.holds() && found.missing.is_empty() && found.unlisted.is_empty());
    }

    #[test]
    fn whatever_was_touched_is_named() {
        let folder = folder();
        let touch = |name: &str| {
            let path = folder.path().join(name);
            let text = fs::read_to_string(&path).unwrap();
            fs::write(path, text + " ").unwrap();
        };
        let named = |names: &BTreeSet<Untrusted>| -> Vec<String> {
            names.iter().map(|name| name.as_raw().to_owned()).collect()
        };
        touch(LOG);
        let found = check(folder.path());
        assert_eq!(named(&found.changed), [LOG]);
        assert!(!found.holds());
        touch(&digest_name(10));
        assert_eq!(named(&check(folder.path()).broken), [digest_name(10)]);
        fs::rename(
            folder.path().join(LOG),
            folder.path().join(LOG.replace("0123", "9999")),
        )
        .unwrap();
        let found = check(folder.path());
        assert_eq!(named(&found.missing), [LOG]);
        assert_eq!(named(&found.unlisted), [LOG.replace("0123", "9999")]);
    }

    /// R-IN-10: what a digest lists are names, never paths to open.
    #[test]
    fn listed_paths_lead_nowhere() {
        let folder = folder();
        let outside = tempfile::tempdir().unwrap();
        let stranger = LOG.replace("0123", "7777");
        let target = outside.path().join(&stranger);
        fs::write(&target, r#"{"Records":[]}"#).unwrap();
        std::os::unix::fs::symlink(&target, folder.path().join(&stranger)).unwrap();
        let file = |object: &str| serde_json::json!({"s3Object": object, "hashValue": "00"});
        let path = target.to_string_lossy();
        let digest = serde_json::json!({
            "digestStartTime": "2026-11-07T12:00:00Z",
            "logFiles": [file("/etc/passwd"), file(&path), file("../../x"), file(""), 7, null,
                {"s3Object": {"a": 1}}],
        });
        fs::write(folder.path().join(digest_name(13)), digest.to_string()).unwrap();
        let found = check(folder.path());
        let missing: Vec<_> = found.missing.iter().map(Untrusted::as_raw).collect();
        assert_eq!(missing, [stranger.as_str(), "passwd", "x"]);
        assert!(found.unreadable.is_empty());
        assert_eq!(found.n_unchanged, 1, "the others are as they were");
    }

    #[test]
    fn two_hashes_of_one_name_cannot_both_hold_and_a_loop_ends() {
        let folder = folder();
        let twice = serde_json::json!({
            "digestStartTime": "2026-11-07T12:00:00Z",
            "digestS3Object": digest_name(13),
            "previousDigestS3Object": digest_name(13),
            "previousDigestHashValue": "00",
            "logFiles": [{"s3Object": LOG, "hashValue": "00"}, {"s3Object": LOG, "hashValue": "11"}],
        });
        fs::write(folder.path().join(digest_name(13)), twice.to_string()).unwrap();
        let found = check(folder.path());
        let names = |names: &BTreeSet<Untrusted>| {
            names
                .iter()
                .map(|n| n.as_raw().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(names(&found.changed), [LOG]);
        assert_eq!(names(&found.broken), [digest_name(13)]);
    }

    #[test]
    fn however_many_files_are_listed_all_are_looked_for() {
        let folder = folder();
        let name = |n: u32| LOG.replace("0123456789abcdef", &format!("{n:016}"));
        let files = (0..5_000).map(|n| serde_json::json!({"s3Object": name(n), "hashValue": "00"}));
        let digest = serde_json::json!({
            "digestStartTime": "2026-11-07T12:00:00Z",
            "logFiles": files.collect::<Vec<_>>(),
        });
        fs::write(folder.path().join(digest_name(13)), digest.to_string()).unwrap();
        assert_eq!(check(folder.path()).missing.len(), 5_000);
    }

    #[test]
    fn what_is_no_digest_is_not_read_as_one() {
        let folder = folder();
        fs::write(folder.path().join(digest_name(11)), "[]").unwrap();
        let found = check(folder.path());
        assert_eq!((found.unreadable.len(), found.n_chained), (1, 0));
    }
}
