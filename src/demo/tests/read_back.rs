//! A demo read back from the disk, as its tests look at it.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::demo::{Demo, DemoOptions, Difficulty, write};

/// A demo that has been read back.
pub(super) struct ReadBack {
    pub(super) demo: Demo,
    /// Decompressed CloudTrail files, Okta files, Vault files.
    pub(super) texts: [Vec<String>; 3],
    pub(super) paths: Vec<String>,
    pub(super) digest: String,
}

impl ReadBack {
    pub(super) fn of(dir: &Path, demo: Demo) -> Self {
        let mut hash = Sha256::new();
        let mut texts = [vec![], vec![], vec![]];
        let mut paths = Vec::new();
        for file in files(dir) {
            let path = file
                .strip_prefix(dir)
                .unwrap()
                .to_string_lossy()
                .into_owned();
            let bytes = fs::read(&file).unwrap();
            hash.update(path.as_bytes());
            hash.update(&bytes);
            if path.starts_with("cloudtrail") {
                let mut text = String::new();
                let mut gzip = flate2::read::GzDecoder::new(bytes.as_slice());
                gzip.read_to_string(&mut text).unwrap();
                texts[0].push(text);
            } else {
                let product = 1 + usize::from(path.starts_with("vault"));
                texts[product].push(String::from_utf8(bytes).unwrap());
            }
            paths.push(path);
        }
        // The labels and the README are no logs.
        texts[1].retain(|text| text.starts_with("{\"actor\""));
        let digest = format!("{:?}", hash.finalize());
        Self {
            demo,
            texts,
            paths,
            digest,
        }
    }

    /// The records of every CloudTrail file, redelivered ones included.
    pub(super) fn cloudtrail(&self) -> impl Iterator<Item = Value> {
        self.texts[0].iter().flat_map(|text| {
            let mut document: Value = serde_json::from_str(text).unwrap();
            std::mem::take(document["Records"].as_array_mut().unwrap())
        })
    }

    pub(super) fn okta(&self) -> impl Iterator<Item = Value> {
        lines(&self.texts[1])
    }

    pub(super) fn vault(&self) -> impl Iterator<Item = Value> {
        lines(&self.texts[2])
    }
}

pub(super) fn lines(texts: &[String]) -> impl Iterator<Item = Value> {
    let lines = texts.iter().flat_map(|text| text.lines());
    lines.map(|line| serde_json::from_str(line).unwrap())
}

/// The default demo, written once for all tests.
pub(super) fn default_demo() -> &'static ReadBack {
    static DEMO: OnceLock<ReadBack> = OnceLock::new();
    DEMO.get_or_init(|| written(&DemoOptions::default()))
}

/// A shorter demo of each difficulty, written once for all tests.
pub(super) fn short_demo(difficulty: Difficulty) -> &'static ReadBack {
    static DEMOS: [OnceLock<ReadBack>; 3] = [const { OnceLock::new() }; 3];
    let number = match difficulty {
        Difficulty::Loud => 0,
        Difficulty::Moderate => 1,
        Difficulty::Stealthy => 2,
    };
    DEMOS[number].get_or_init(|| written(&short(2, difficulty)))
}

pub(super) fn written(options: &DemoOptions) -> ReadBack {
    let dir = tempfile::tempdir().unwrap();
    let demo = write(dir.path(), options).unwrap();
    ReadBack::of(dir.path(), demo)
}

pub(super) fn short(seed: u64, difficulty: Difficulty) -> DemoOptions {
    DemoOptions {
        seed,
        days: 35,
        difficulty,
        ..DemoOptions::default()
    }
}

pub(super) fn files(dir: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            all.push(path);
        }
    }
    all.sort();
    all
}

/// Every event's id with the date it happened on.
pub(super) fn dates_by_id(read: &ReadBack) -> BTreeMap<String, String> {
    let day = |record: &Value, time: &str| record[time].as_str().unwrap()[..10].to_owned();
    let id = |value: &Value| value.as_str().unwrap().to_owned();
    let aws = read
        .cloudtrail()
        .map(|record| (id(&record["eventID"]), day(&record, "eventTime")));
    let okta = read
        .okta()
        .map(|record| (id(&record["uuid"]), day(&record, "published")));
    let vault = read
        .vault()
        .map(|record| (id(&record["request"]["id"]), day(&record, "time")));
    aws.chain(okta).chain(vault).collect()
}
