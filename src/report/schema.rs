//! Schemas: what every record that we publish looks like, as JSON Schema
//! 2020-12. They come with the program, so that they fit its version. Fields
//! may be added within a major version; readers should ignore what they do not
//! know.

use anyhow::Context as _;
use serde_json::{Map, Value};

/// A record that is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schema {
    /// `habitual.finding/1`: a line of `-f jsonl`.
    Finding,
    /// `habitual.report/1`: `replay -f json`.
    Report,
    /// `habitual.inspection/1`: `inspect -f json`.
    Inspection,
    /// `habitual.event/1`: a line of `inspect --dump-events`.
    Event,
    /// `habitual.explanation/1`: `explain -f json`.
    Explanation,
    /// `habitual.manifest/1`: `replay --manifest`.
    Manifest,
    /// `habitual.pivot/1`: `pivot -f json`, or a line of `pivot -f jsonl`.
    Pivot,
    /// `habitual.case/1`: `manifest.json` in a case file.
    Case,
}

/// A part of more than one of them.
const COVERAGE: &str = include_str!("schemas/coverage.json");

impl Schema {
    /// Every schema, in display order.
    pub const ALL: [Self; 8] = [
        Self::Finding,
        Self::Report,
        Self::Inspection,
        Self::Event,
        Self::Explanation,
        Self::Manifest,
        Self::Pivot,
        Self::Case,
    ];

    /// The name used in flags.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Finding => "finding",
            Self::Report => "report",
            Self::Inspection => "inspection",
            Self::Event => "event",
            Self::Explanation => "explanation",
            Self::Manifest => "manifest",
            Self::Pivot => "pivot",
            Self::Case => "case",
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::Finding => include_str!("schemas/finding.json"),
            Self::Report => include_str!("schemas/report.json"),
            Self::Inspection => include_str!("schemas/inspection.json"),
            Self::Event => include_str!("schemas/event.json"),
            Self::Explanation => include_str!("schemas/explanation.json"),
            Self::Manifest => include_str!("schemas/manifest.json"),
            Self::Pivot => include_str!("schemas/pivot.json"),
            Self::Case => include_str!("schemas/case.json"),
        }
    }

    /// The schemas that it refers to.
    fn parts(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Report => &[
                ("coverage", COVERAGE),
                ("finding", include_str!("schemas/finding.json")),
            ],
            Self::Explanation => &[
                ("arithmetic", include_str!("schemas/arithmetic.json")),
                ("finding", include_str!("schemas/finding.json")),
            ],
            Self::Inspection | Self::Pivot => &[("coverage", COVERAGE)],
            Self::Finding | Self::Event | Self::Manifest | Self::Case => &[],
        }
    }

    /// The schema as one document, with everything it refers to in `$defs`.
    ///
    /// # Errors
    ///
    /// None with the schemas that come with this program, as a test holds.
    pub fn document(self) -> anyhow::Result<String> {
        let mut schema: Map<String, Value> =
            serde_json::from_str(self.text()).context("reading a schema")?;
        let mut parts = Map::new();
        for (name, text) in self.parts() {
            let part = serde_json::from_str(text).context("reading a schema")?;
            parts.insert((*name).to_owned(), part);
        }
        if !parts.is_empty() {
            schema.insert("$defs".to_owned(), Value::Object(parts));
        }
        serde_json::to_string_pretty(&schema).context("encoding a schema")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(fields) => {
                found.extend(fields.get("$ref").and_then(Value::as_str));
                fields.values().for_each(|value| references(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }

    #[test]
    fn every_schema_is_one_document() {
        for schema in Schema::ALL {
            let document: Value = serde_json::from_str(&schema.document().unwrap()).unwrap();
            let id = format!("urn:habitual:{}:1", schema.name());
            assert_eq!(document["$id"].as_str(), Some(&*id));
            let mut found = Vec::new();
            references(&document, &mut found);
            for reference in found {
                let mut parts = document["$defs"].as_object().unwrap().values();
                assert!(parts.any(|part| part["$id"] == reference), "{reference}");
            }
        }
    }
}
