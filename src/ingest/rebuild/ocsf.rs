//! OCSF: the schema that security lakes translate every product's records to.
//!
//! A record is the product's when `metadata.product.name` says so. Which class
//! it has does not matter: the numbers of the classes changed between versions
//! (an API call is 3005 in 1.0.0-rc.2 and 6003 since), and all of them hold
//! records of the product. Fields without a place in the schema are under
//! `unmapped`, by the path that they had.

mod cloudtrail;
mod okta;
mod tree;

use serde_json::{Map, Value};

use super::Rebuilt;
use crate::event::{Source, Timestamp};
use crate::ingest::coverage::SkipReason;
use crate::ingest::members::members;
use crate::ingest::text::skip_reason;
use crate::ingest::time;

use tree::Tree;

/// The members of a record that say anything about an event. The rest
/// (observables, enrichments, raw copies) is passed over unread.
pub(in crate::ingest) const MEMBERS: [&str; 21] = [
    "actor",
    "api",
    "class_uid",
    "cloud",
    "dst_endpoint",
    "entity",
    "group",
    "http_request",
    "is_mfa",
    "message",
    "metadata",
    "mfa",
    "resources",
    "src_endpoint",
    "status",
    "status_id",
    "time",
    "time_dt",
    "unmapped",
    "user",
    "device",
];

/// Products by their name in `metadata.product.name`.
const PRODUCTS: [(&str, Source); 2] = [
    ("CloudTrail", Source::CloudTrail),
    ("Okta System Log", Source::Okta),
];

/// A row of a mapping: a path in the OCSF record, and the path of the
/// product's own record that it was made of.
type Row = (&'static str, &'static str);

/// Puts the OCSF record `text` together again as its product wrote it.
pub(super) fn rebuild(text: &str) -> Result<Rebuilt, SkipReason> {
    let record = Record::read(text)?;
    let product = record.text("metadata.product.name").unwrap_or_default();
    let source = PRODUCTS
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(product))
        .map(|(_, source)| *source)
        .ok_or(SkipReason::OtherProduct)?;
    let mut tree = Tree::default();
    tree.fill(record.get("unmapped"));
    match source {
        Source::CloudTrail => cloudtrail::fill(&record, &mut tree),
        Source::Okta => okta::fill(&record, &mut tree),
        Source::Vault | Source::Generic => return Err(SkipReason::OtherProduct),
    }
    Ok(Rebuilt {
        source,
        text: tree.into_value().to_string(),
        // Okta's results and targets are folded together; CloudTrail's fields
        // are all there, if need be under `unmapped`.
        is_reduced: source == Source::Okta,
    })
}

/// The telling members of an OCSF record.
struct Record(Map<String, Value>);

impl Record {
    fn read(text: &str) -> Result<Self, SkipReason> {
        let mut known = Map::new();
        for member in members(text) {
            if !MEMBERS.contains(&member.key) {
                continue;
            }
            let value = serde_json::from_str(member.value).map_err(|err| skip_reason(&err))?;
            if known.insert(member.key.to_owned(), value).is_some() {
                return Err(SkipReason::DuplicateKey);
            }
        }
        Ok(Self(known))
    }

    /// The value at `path`, unless it is a word for nothing.
    fn get(&self, path: &str) -> Option<&Value> {
        let mut names = path.split('.');
        let first = self.0.get(names.next()?)?;
        names
            .try_fold(first, |value, name| value.get(name))
            .filter(|value| !tree::is_nothing(value))
    }

    /// The text at `path`.
    fn text(&self, path: &str) -> Option<&str> {
        self.get(path)?.as_str()
    }

    /// Copies what the `rows` of a mapping name.
    fn copy(&self, rows: &[Row], tree: &mut Tree) {
        for (from, to) in rows {
            if let Some(value) = self.get(from) {
                tree.put(to, value.clone());
            }
        }
    }

    /// When it happened: `time` in milliseconds, unless no log can bear that
    /// date and another field knows better.
    fn time(&self) -> Option<Timestamp> {
        let time = instant(self.get("time"));
        let candidates = [time, instant(self.get("time_dt")), self.seconds()];
        let mut plausible = candidates.into_iter().flatten();
        plausible
            .find(|time| time.plausible().is_some())
            .or(time)
            .or_else(|| instant(self.get("time_dt")))
    }

    /// `time` as some translators write it.
    fn seconds(&self) -> Option<Timestamp> {
        let seconds = self.get("time")?.as_i64()?;
        Some(Timestamp::from_seconds(seconds))
    }
}

/// A time in milliseconds since the epoch, or in text.
fn instant(value: Option<&Value>) -> Option<Timestamp> {
    match value? {
        Value::Number(millis) => {
            let micros = millis.as_i64()?.checked_mul(1_000)?;
            Some(Timestamp::from_micros(micros))
        }
        Value::String(text) => time::parse(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
