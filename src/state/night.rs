//! What a nightly job remembers beside its baseline: the files that it read,
//! the events of the last days, what it reported, and what people said to it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::json;

use crate::ledger::Slot;
use crate::ledger::saved::{Kind, Layout, Row, SavedError, Table};
use crate::state::baseline::Manifest;

/// A file as it was when it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenFile {
    /// Its size.
    pub n_bytes: u64,
    /// Microseconds since 1970 of the last change to it.
    pub modified_us: i64,
    /// Time of its last event, in microseconds since 1970.
    pub last_us: Option<i64>,
}

/// A finding that was reported, or would have been.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Key of the identity.
    pub identity: String,
    /// Its name.
    pub name: String,
    /// The day.
    pub slot: Slot,
    /// Id of the finding.
    pub finding_id: String,
    /// Its severity.
    pub severity: String,
    /// The families of its evidence, joined with commas.
    pub families: String,
    /// How it relates to those before it.
    pub status: String,
    /// Its leading sentence.
    pub reason: String,
    /// Whether the day is held back from learning.
    pub is_held: bool,
    /// Whether somebody asked not to be told.
    pub is_suppressed: bool,
    /// Keys of the accounts whose day was held back.
    pub accounts: BTreeSet<String>,
}

/// Somebody looked at a finding: the day may be learned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledgement {
    /// Id of the finding.
    pub finding_id: String,
    /// Key of the identity.
    pub identity: String,
    /// The day.
    pub slot: Slot,
    /// Why it is all right.
    pub reason: String,
    /// Who says so.
    pub who: String,
}

/// Somebody does not want to be told about an identity for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// Pattern of names or keys.
    pub pattern: String,
    /// Family of evidence that it is about; all, if empty.
    pub family: String,
    /// Why.
    pub reason: String,
    /// Who says so.
    pub who: String,
    /// The first day that it is about.
    pub from: Slot,
    /// The first day that it is not about any more.
    pub until: Slot,
}

/// Everything a nightly job remembers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NightState {
    /// Files that were read, by path.
    pub files: BTreeMap<PathBuf, SeenFile>,
    /// Marks of the events of each of the last days, ascending.
    pub marks: BTreeMap<Slot, Vec<u64>>,
    /// Findings, by day and identity.
    pub alerts: Vec<Alert>,
    /// By finding id.
    pub acknowledgements: Vec<Acknowledgement>,
    /// In the order in which they were made.
    pub suppressions: Vec<Suppression>,
}

const FILES: Layout = Layout {
    name: "night_files",
    columns: &[
        ("path", Kind::Text),
        ("n_bytes", Kind::Count),
        ("modified_us", Kind::Time),
        ("last_us", Kind::Time),
    ],
};

const MARKS: Layout = Layout {
    name: "night_marks",
    columns: &[("slot", Kind::Slot), ("marks", Kind::Bytes)],
};

const ALERTS: Layout = Layout {
    name: "night_alerts",
    columns: &[
        ("identity", Kind::Text),
        ("name", Kind::Text),
        ("slot", Kind::Slot),
        ("finding_id", Kind::Text),
        ("severity", Kind::Text),
        ("families", Kind::Text),
        ("status", Kind::Text),
        ("reason", Kind::Text),
        ("is_held", Kind::Flag),
        ("is_suppressed", Kind::Flag),
        ("accounts", Kind::Text),
    ],
};

const ACKNOWLEDGEMENTS: Layout = Layout {
    name: "night_acknowledgements",
    columns: &[
        ("finding_id", Kind::Text),
        ("identity", Kind::Text),
        ("slot", Kind::Slot),
        ("reason", Kind::Text),
        ("who", Kind::Text),
    ],
};

const SUPPRESSIONS: Layout = Layout {
    name: "night_suppressions",
    columns: &[
        ("pattern", Kind::Text),
        ("family", Kind::Text),
        ("reason", Kind::Text),
        ("who", Kind::Text),
        ("from", Kind::Slot),
        ("until", Kind::Slot),
    ],
};

type Result<T> = std::result::Result<T, SavedError>;

impl NightState {
    /// The tables that it is saved as.
    pub const LAYOUTS: [Layout; 5] = [FILES, MARKS, ALERTS, ACKNOWLEDGEMENTS, SUPPRESSIONS];

    /// Whether `manifest` is that of a nightly job.
    #[must_use]
    pub fn is_in(manifest: &Manifest) -> bool {
        let mut tables = manifest.tables.iter();
        tables.any(|entry| entry.name == FILES.name)
    }

    /// The state as tables.
    #[must_use]
    pub fn save(&self) -> Vec<Table> {
        let [
            mut files,
            mut marks,
            mut alerts,
            mut acknowledgements,
            mut suppressions,
        ] = Self::LAYOUTS.map(|layout| layout.empty());
        for (path, file) in &self.files {
            let row = files.row().text(&path.to_string_lossy());
            row.count(file.n_bytes)
                .time(Some(file.modified_us))
                .time(file.last_us);
        }
        for (slot, own) in &self.marks {
            let bytes: Vec<u8> = own.iter().flat_map(|mark| mark.to_le_bytes()).collect();
            marks.row().slot(*slot).bytes(bytes);
        }
        for alert in &self.alerts {
            let row = alerts
                .row()
                .text(&alert.identity)
                .text(&alert.name)
                .slot(alert.slot);
            row.text(&alert.finding_id)
                .text(&alert.severity)
                .text(&alert.families)
                .text(&alert.status)
                .text(&alert.reason)
                .flag(alert.is_held)
                .flag(alert.is_suppressed)
                .text(&joined(&alert.accounts));
        }
        for own in &self.acknowledgements {
            let row = acknowledgements
                .row()
                .text(&own.finding_id)
                .text(&own.identity);
            row.slot(own.slot).text(&own.reason).text(&own.who);
        }
        for own in &self.suppressions {
            let row = suppressions.row().text(&own.pattern).text(&own.family);
            row.text(&own.reason)
                .text(&own.who)
                .slot(own.from)
                .slot(own.until);
        }
        vec![files, marks, alerts, acknowledgements, suppressions]
    }

    /// The state that was saved as `tables`, in the order of
    /// [`Self::LAYOUTS`].
    ///
    /// # Errors
    ///
    /// When the tables are not those of a state.
    pub fn restore(tables: &[Table]) -> Result<Self> {
        let mut state = Self::default();
        for table in tables {
            for row in table.rows()? {
                state.restore_row(table.name, row)?;
            }
        }
        Ok(state)
    }

    fn restore_row(&mut self, table: &str, mut row: Row<'_>) -> Result<()> {
        if table == FILES.name {
            let path = row.text()?.into();
            let file = SeenFile {
                n_bytes: row.count()?,
                modified_us: row.time()?.unwrap_or_default(),
                last_us: row.time()?,
            };
            self.files.insert(path, file);
        } else if table == MARKS.name {
            let slot = row.slot()?;
            let (marks, _) = row.bytes()?.as_chunks::<8>();
            let mut marks: Vec<u64> = marks.iter().map(|mark| u64::from_le_bytes(*mark)).collect();
            marks.sort_unstable();
            self.marks.insert(slot, marks);
        } else if table == ALERTS.name {
            self.alerts.push(Alert {
                identity: row.text()?.to_owned(),
                name: row.text()?.to_owned(),
                slot: row.slot()?,
                finding_id: row.text()?.to_owned(),
                severity: row.text()?.to_owned(),
                families: row.text()?.to_owned(),
                status: row.text()?.to_owned(),
                reason: row.text()?.to_owned(),
                is_held: row.flag()?,
                is_suppressed: row.flag()?,
                accounts: listed(&mut row)?,
            });
        } else if table == ACKNOWLEDGEMENTS.name {
            self.acknowledgements.push(Acknowledgement {
                finding_id: row.text()?.to_owned(),
                identity: row.text()?.to_owned(),
                slot: row.slot()?,
                reason: row.text()?.to_owned(),
                who: row.text()?.to_owned(),
            });
        } else {
            self.suppressions.push(Suppression {
                pattern: row.text()?.to_owned(),
                family: row.text()?.to_owned(),
                reason: row.text()?.to_owned(),
                who: row.text()?.to_owned(),
                from: row.slot()?,
                until: row.slot()?,
            });
        }
        Ok(())
    }
}

/// A list as JSON: keys are made of logged text, which may hold anything.
fn joined(keys: &BTreeSet<String>) -> String {
    json!(keys).to_string()
}

fn listed(row: &mut Row<'_>) -> Result<BTreeSet<String>> {
    serde_json::from_str(row.text()?).map_err(|_| row.error("holds no list of keys"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn a_key_cannot_pass_for_several() {
        let alert = Alert {
            identity: "okta:default/00u1".to_owned(),
            name: "alice".to_owned(),
            slot: 20_000,
            finding_id: "3cc5f7b4b0bf9372".to_owned(),
            severity: "high".to_owned(),
            families: "what".to_owned(),
            status: "new".to_owned(),
            reason: "new action".to_owned(),
            is_held: true,
            is_suppressed: false,
            accounts: BTreeSet::from(["okta:default/00u1\naws:user:root".to_owned()]),
        };
        let state = NightState {
            alerts: vec![alert.clone()],
            ..NightState::default()
        };
        let restored = NightState::restore(&state.save()).unwrap();
        assert_eq!(restored.alerts, [alert]);
    }
}
