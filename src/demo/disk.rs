//! The tree of files: where each vendor leaves its logs.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
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
    /// Makes `dir` ready: creates it, or removes the demo that is there.
    pub(super) fn create(
        dir: &Path,
        organisation: &'a Organisation,
        faults: &'a [Fault],
    ) -> Result<Self> {
        fs::create_dir_all(dir).with_context(|| format!("creating {}", dir.display()))?;
        clear(dir).with_context(|| format!("preparing {}", dir.display()))?;
        for folder in ["okta", "vault"] {
            fs::create_dir_all(dir.join(folder))
                .with_context(|| format!("creating {folder} in {}", dir.display()))?;
        }
        Ok(Self {
            dir: dir.to_owned(),
            organisation,
            faults,
            n_events: 0,
            n_files: 0,
        })
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
        let lines = self.okta_lines(&written)?;
        self.write_lines(&format!("okta/okta-system-log-{date}.jsonl"), &lines)?;
        let lines = self.vault_lines(&written)?;
        self.write_lines(&format!("vault/audit-{date}.log"), &lines)?;
        self.n_events += u64::try_from(written.len()).unwrap_or_default();
        Ok(written)
    }

    /// Writes the labels and the story.
    pub(super) fn write_truth(&mut self, labels: &Value, story: &str) -> Result<()> {
        let mut text = serde_json::to_string_pretty(labels).context("encoding the labels")?;
        text.push('\n');
        self.write(LABELS, text.as_bytes())?;
        self.write(README, story.as_bytes())
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

    fn okta_lines(&self, written: &[Written<'_>]) -> Result<Vec<String>> {
        of_product(written, Product::Okta)
            .map(|written| {
                Ok(serde_json::to_string(&okta::render(
                    &self.sighting(written)?,
                ))?)
            })
            .collect()
    }

    fn vault_lines(&self, written: &[Written<'_>]) -> Result<Vec<String>> {
        let mut lines: Vec<(Millis, String)> = Vec::new();
        for written in of_product(written, Product::Vault) {
            for (at, record) in vault::render(&self.sighting(written)?) {
                lines.push((at, serde_json::to_string(&record)?));
            }
        }
        lines.sort_by_key(|(at, _)| *at);
        Ok(lines.into_iter().map(|(_, line)| line).collect())
    }

    fn write_cloudtrail(
        &mut self,
        day: u32,
        midnight: Millis,
        written: &[Written<'_>],
    ) -> Result<()> {
        let mut slots: BTreeMap<Slot, Vec<String>> = BTreeMap::new();
        for written in of_product(written, Product::Aws) {
            let act = written.act;
            let slot = Slot {
                account: act.account.to_string(),
                region: cloudtrail::region(&act.deed.service, &act.region).to_owned(),
                number: (act.at - midnight) / (SLOT_HOURS * HOUR),
            };
            let record = cloudtrail::render(&self.sighting(written)?);
            slots
                .entry(slot)
                .or_default()
                .push(serde_json::to_string(&record)?);
        }
        for (slot, records) in &slots {
            let delivered = midnight + (slot.number + 1) * SLOT_HOURS * HOUR + 5 * MINUTE;
            let bytes = compressed(records)?;
            self.write_counted(&slot.path(midnight, delivered), &bytes)?;
            let is_twice = |fault: &Fault| matches!(fault, Fault::Twice { account, day: on } if *on == day && *account == slot.account);
            if self.faults.iter().any(is_twice) {
                self.write_counted(&slot.path(midnight, delivered + 10 * MINUTE), &bytes)?;
            }
        }
        Ok(())
    }

    fn write_lines(&mut self, path: &str, lines: &[String]) -> Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        let mut text = lines.join("\n");
        text.push('\n');
        self.write_counted(path, text.as_bytes())
    }

    fn write_counted(&mut self, path: &str, bytes: &[u8]) -> Result<()> {
        self.n_files += 1;
        self.write(path, bytes)
    }

    fn write(&self, path: &str, bytes: &[u8]) -> Result<()> {
        let path = self.dir.join(path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
        }
        fs::write(&path, bytes).with_context(|| format!("writing {}", path.display()))
    }
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

/// `{"Records":[…]}`, compressed without a time stamp so that the bytes depend
/// on nothing else.
fn compressed(records: &[String]) -> Result<Vec<u8>> {
    let mut gzip = GzBuilder::new()
        .mtime(0)
        .write(Vec::new(), Compression::fast());
    gzip.write_all(b"{\"Records\":[")?;
    gzip.write_all(records.join(",").as_bytes())?;
    gzip.write_all(b"]}")?;
    Ok(gzip.finish()?)
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
            bail!(
                "{} is not part of a demo; name another folder",
                name.display()
            );
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
