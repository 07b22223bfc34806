//! The tree of files: where each vendor leaves its logs.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};
use serde_json::Value;

use super::act::{Act, Product};
use super::calendar::{Calendar, HOUR, MINUTE, Millis, datetime};
use super::cast::Organisation;
use super::render::{Sighting, cloudtrail, okta, vault};
use super::scenario::Fault;
use super::{ids, label};

/// Hours of events in one CloudTrail file.
const SLOT_HOURS: Millis = 8;
/// What a demo consists of, and nothing else.
const FOLDERS: [&str; 3] = ["cloudtrail", "okta", "vault"];
const LABELS: &str = "labels.json";
const README: &str = "README.txt";

/// An act that is in the logs, and its event id.
pub(super) struct Written<'a> {
    /// The act.
    pub act: &'a Act,
    /// The id the product gave it.
    pub id: String,
}

/// A demo being written.
pub(super) struct Tree<'a> {
    dir: PathBuf,
    organisation: &'a Organisation,
    faults: &'a [Fault],
    n_events: u64,
    n_files: u64,
}

/// One CloudTrail file: account, region, and eight hours of a day.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Slot {
    account: String,
    region: String,
    number: Millis,
}

impl<'a> Tree<'a> {
    /// Logs for `dir`, which [`prepare`] has made ready.
    pub(super) fn of(dir: &Path, organisation: &'a Organisation, faults: &'a [Fault]) -> Self {
        Self {
            dir: dir.to_owned(),
            organisation,
            faults,
            n_events: 0,
            n_files: 0,
        }
    }

    /// Writes all logs of `day`; `acts` are in order of time. Returns what was
    /// delivered.
    pub(super) fn write_day<'s>(
        &mut self,
        day: u32,
        calendar: Calendar,
        seed: u64,
        acts: &'s [Act],
    ) -> Result<Vec<Written<'s>>> {
        let is_lost = |act: &Act| {
            act.deed.product == Product::Vault
                && self
                    .faults
                    .iter()
                    .any(|fault| matches!(fault, Fault::NoVaultLog(lost) if *lost == day))
        };
        let written: Vec<Written<'s>> = acts
            .iter()
            .enumerate()
            .filter(|(_, act)| !is_lost(act))
            .map(|(n, act)| Written {
                act,
                id: label::event_id(seed, day, n),
            })
            .collect();
        let date = calendar.date(day);
        self.write_cloudtrail(day, calendar.midnight(day), &written)?;
        self.write_okta(&format!("okta/okta-system-log-{date}.jsonl"), &written)?;
        self.write_vault(&format!("vault/audit-{date}.log"), &written)?;
        self.n_events += u64::try_from(written.len()).unwrap_or_default();
        Ok(written)
    }

    /// How many distinct events have been written.
    pub(super) fn n_events(&self) -> u64 {
        self.n_events
    }

    /// How many log files have been written.
    pub(super) fn n_files(&self) -> u64 {
        self.n_files
    }

    fn sighting<'s>(&'s self, written: &'s Written<'_>) -> Result<Sighting<'s>> {
        Sighting::new(self.organisation, written.act, &written.id)
            .with_context(|| format!("event {} refers to nothing", written.id))
    }

    fn write_okta(&mut self, path: &str, written: &[Written<'_>]) -> Result<()> {
        let mut lines = self.lines(path);
        for written in of_product(written, Product::Okta) {
            lines.write(&okta::render(&self.sighting(written)?))?;
        }
        self.n_files += lines.close()?;
        Ok(())
    }

    /// Requests and responses in order of time, as they were answered.
    fn write_vault(&mut self, path: &str, written: &[Written<'_>]) -> Result<()> {
        let mut lines = self.lines(path);
        let mut pending: Vec<(Millis, Value)> = Vec::new();
        for written in of_product(written, Product::Vault) {
            let [(asked, request), response] = vault::render(&self.sighting(written)?);
            let n_due = pending.partition_point(|(at, _)| *at <= asked);
            for (_, record) in pending.drain(..n_due) {
                lines.write(&record)?;
            }
            lines.write(&request)?;
            let place = pending.partition_point(|(at, _)| *at <= response.0);
            pending.insert(place, response);
        }
        for (_, record) in pending {
            lines.write(&record)?;
        }
        self.n_files += lines.close()?;
        Ok(())
    }

    /// Acts are in order of time, so the files of one part of a day are done
    /// when the next part begins.
    fn write_cloudtrail(
        &mut self,
        day: u32,
        midnight: Millis,
        written: &[Written<'_>],
    ) -> Result<()> {
        let mut open: BTreeMap<Slot, Delivery> = BTreeMap::new();
        let mut current = 0;
        for written in of_product(written, Product::Aws) {
            let act = written.act;
            let number = (act.at - midnight) / (SLOT_HOURS * HOUR);
            if number != current {
                self.deliver(day, midnight, std::mem::take(&mut open))?;
                current = number;
            }
            let slot = Slot {
                account: act.account.to_string(),
                region: cloudtrail::region(&act.deed.service, &act.region).to_owned(),
                number,
            };
            let record = cloudtrail::render(&self.sighting(written)?);
            open.entry(slot)
                .or_insert_with(Delivery::new)
                .add(&serde_json::to_string(&record)?)?;
        }
        self.deliver(day, midnight, open)
    }

    /// Writes the files of some slots, some of them twice.
    fn deliver(
        &mut self,
        day: u32,
        midnight: Millis,
        slots: BTreeMap<Slot, Delivery>,
    ) -> Result<()> {
        for (slot, delivery) in slots {
            let delivered = midnight + (slot.number + 1) * SLOT_HOURS * HOUR + 5 * MINUTE;
            let bytes = delivery.finish()?;
            self.write_counted(&slot.path(midnight, delivered), &bytes)?;
            let is_twice = |fault: &Fault| matches!(fault, Fault::Twice { account, day: on } if *on == day && *account == slot.account);
            if self.faults.iter().any(is_twice) {
                self.write_counted(&slot.path(midnight, delivered + 10 * MINUTE), &bytes)?;
            }
        }
        Ok(())
    }

    fn lines(&self, path: &str) -> Lines {
        Lines {
            path: self.dir.join(path),
            file: None,
        }
    }

    fn write_counted(&mut self, path: &str, bytes: &[u8]) -> Result<()> {
        self.n_files += 1;
        write(&self.dir.join(path), bytes)
    }
}

/// Makes `dir` ready: creates it, or removes the demo that is there.
pub(super) fn prepare(dir: &Path) -> Result<()> {
    fs::create_dir_all(dir).with_context(|| format!("creating {dir:?}"))?;
    clear(dir).with_context(|| format!("preparing {dir:?}"))?;
    for folder in ["okta", "vault"] {
        fs::create_dir_all(dir.join(folder))
            .with_context(|| format!("creating {folder} in {dir:?}"))?;
    }
    Ok(())
}

/// Writes the labels and the story.
pub(super) fn write_truth(dir: &Path, labels: &Value, story: &str) -> Result<()> {
    let mut text = serde_json::to_string_pretty(labels).context("encoding the labels")?;
    text.push('\n');
    write(&dir.join(LABELS), text.as_bytes())?;
    write(&dir.join(README), story.as_bytes())
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("creating {folder:?}"))?;
    }
    fs::write(path, bytes).with_context(|| format!("writing {path:?}"))
}

impl Slot {
    /// The path of the file delivered at `delivered`.
    fn path(&self, midnight: Millis, delivered: Millis) -> String {
        let Self {
            account, region, ..
        } = self;
        let day = datetime(midnight).format("%Y/%m/%d");
        let time = datetime(delivered).format("%Y%m%dT%H%MZ");
        let unique = ids::file(&format!("{account}{region}{time}"));
        format!(
            "cloudtrail/AWSLogs/{account}/CloudTrail/{region}/{day}/{account}_CloudTrail_{region}_{time}_{unique}.json.gz"
        )
    }
}

fn of_product<'s, 'a>(
    written: &'s [Written<'a>],
    product: Product,
) -> impl Iterator<Item = &'s Written<'a>> {
    written
        .iter()
        .filter(move |written| written.act.deed.product == product)
}

/// A file of JSON lines, which exists if there are any.
struct Lines {
    path: PathBuf,
    file: Option<BufWriter<File>>,
}

impl Lines {
    fn write(&mut self, record: &Value) -> Result<()> {
        let failed = || format!("writing {:?}", self.path);
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(BufWriter::new(
                File::create(&self.path).with_context(failed)?,
            )),
        };
        serde_json::to_writer(&mut *file, record).with_context(failed)?;
        file.write_all(b"\n").with_context(failed)
    }

    /// How many files there are now: one or none.
    fn close(self) -> Result<u64> {
        let Some(mut file) = self.file else {
            return Ok(0);
        };
        file.flush()
            .with_context(|| format!("writing {:?}", self.path))?;
        Ok(1)
    }
}

/// A `{"Records":[…]}` in the making, compressed without a time stamp so that
/// the bytes depend on nothing else.
struct Delivery {
    gzip: GzEncoder<Vec<u8>>,
    is_empty: bool,
}

impl Delivery {
    fn new() -> Self {
        Self {
            gzip: GzBuilder::new()
                .mtime(0)
                .write(Vec::new(), Compression::fast()),
            is_empty: true,
        }
    }

    fn add(&mut self, record: &str) -> Result<()> {
        let before: &[u8] = if self.is_empty {
            b"{\"Records\":["
        } else {
            b","
        };
        self.is_empty = false;
        self.gzip.write_all(before)?;
        Ok(self.gzip.write_all(record.as_bytes())?)
    }

    fn finish(mut self) -> Result<Vec<u8>> {
        self.gzip.write_all(b"]}")?;
        Ok(self.gzip.finish()?)
    }
}

/// Removes an earlier demo from `dir`.
///
/// Refuses to touch a folder that holds anything else.
fn clear(dir: &Path) -> Result<()> {
    if fs::read_dir(dir)?.next().is_none() {
        return Ok(());
    }
    let labels = fs::read_to_string(dir.join(LABELS)).unwrap_or_default();
    let schema = serde_json::from_str::<Value>(&labels)
        .ok()
        .and_then(|labels| Some(labels.get("schema")?.as_str()? == label::SCHEMA));
    if schema != Some(true) {
        bail!("the folder is not empty and holds no earlier demo; name another one");
    }
    for entry in fs::read_dir(dir)? {
        let name = entry?.file_name();
        let known = FOLDERS.into_iter().chain([LABELS, README]);
        if !known.into_iter().any(|known| name == known) {
            bail!("{name:?} is not part of a demo; name another folder");
        }
    }
    for folder in FOLDERS {
        let folder = dir.join(folder);
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
    }
    Ok(())
}
