//! A manifest: what a run was given and what it wrote, `habitual.manifest/1`, so
//! that somebody else can do it again and see that it is the same. There is no
//! clock in it: the same run gives the same manifest.

use std::io::Write;

use serde::Serialize;
use serde_json::{Value, json};

use super::json::{Text, WindowShape, text, write_pretty};
use super::sanitize::{redact, shell_word};
use super::{Format, Report, alert};
use crate::event::Window;
use crate::finding::framework;

/// What a manifest is written from.
#[derive(Clone, Debug)]
pub struct Manifest<'a> {
    /// What was found, and what was read for it.
    pub report: &'a Report<'a>,
    /// The version of the rules by which identities are told apart.
    pub identity_rules: u32,
    /// The words of the command, with the settings that were not typed.
    pub words: &'a [String],
    /// The parameters in effect, defaults included.
    pub parameters: Vec<(&'static str, Parameter)>,
    /// Of every file that was read, its digest in the order of the coverage;
    /// `None` where it was not asked for or there is no such file.
    pub digests: Vec<Option<String>>,
    /// The files that were written.
    pub outputs: Vec<Written>,
    /// How the run ends.
    pub exit_status: u8,
}

/// The value of a parameter.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Parameter {
    /// A number of things or bytes.
    Count(u64),
    /// Any other number.
    Number(f64),
    /// A switch.
    Flag(bool),
    /// A name.
    Name(Option<String>),
    /// Several of them.
    Names(Vec<String>),
}

/// A file that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Where.
    pub path: String,
    /// As what.
    pub format: Format,
    /// How long it is, and its SHA-256 in hexadecimal digits; `None` for a
    /// device or a pipe.
    pub content: Option<(u64, String)>,
}

/// Writes the manifest.
///
/// # Errors
///
/// When `out` fails.
pub fn write_manifest(manifest: &Manifest<'_>, out: &mut dyn Write) -> anyhow::Result<()> {
    let assessment = manifest.report.assessment;
    let coverage = manifest.report.coverage;
    let value = json!({
        "schema": "habitual.manifest/1",
        "tool": {
            "name": alert::PRODUCT,
            "version": alert::VERSION,
            "identity_rules": manifest.identity_rules,
            "attack_version": framework::attack_version(),
        },
        "command": manifest.words.iter().map(|word| Text(word)).collect::<Vec<_>>(),
        "command_line": command_line(manifest.words),
        "windows": windows(assessment.history, assessment.review, assessment.period),
        "parameters": parameters(manifest),
        "inputs": inputs(manifest),
        "counts": {
            "n_records": coverage.n_records,
            "n_used": coverage.n_used,
            "n_duplicate": coverage.n_duplicate,
            "n_out_of_window": coverage.n_out_of_window,
            "n_skipped": coverage.n_skipped(),
            "n_scored": assessment.n_scored,
            "n_selected": assessment.findings.iter().filter(|f| f.is_selected).count(),
            "n_listed": manifest.report.listed().len(),
        },
        "outputs": manifest.outputs.iter().map(output).collect::<Vec<_>>(),
        "exit_status": manifest.exit_status,
    });
    write_pretty(&value, out)
}

/// The words as a shell would take them. One that cannot be shown is left out
/// as `…`; it is in the list.
fn command_line(words: &[String]) -> String {
    let quoted = words
        .iter()
        .map(|word| shell_word(word).unwrap_or_else(|| "…".to_owned()));
    quoted.collect::<Vec<_>>().join(" ")
}

fn windows(history: Window, review: Window, period: &str) -> Value {
    json!({
        "history": WindowShape::of(history),
        "review": WindowShape::of(review),
        "period": period,
    })
}

fn parameters(manifest: &Manifest<'_>) -> Value {
    let parameters = manifest.parameters.iter().map(|(name, parameter)| {
        let value = match parameter {
            Parameter::Name(Some(text)) => json!(redact(text)),
            Parameter::Names(texts) => json!(texts.iter().map(|t| redact(t)).collect::<Vec<_>>()),
            other => json!(other),
        };
        ((*name).to_owned(), value)
    });
    Value::Object(parameters.collect())
}

fn inputs(manifest: &Manifest<'_>) -> Vec<Value> {
    let files = manifest.report.coverage.files.iter();
    let digests = manifest.digests.iter().map(Option::as_ref);
    files
        .zip(digests.chain(std::iter::repeat(None)))
        .map(|(file, sha256)| {
            json!({
                "path": text(&file.path),
                "format": Text(&file.format),
                "n_bytes": file.n_bytes,
                "n_records": file.n_records,
                "n_events": file.n_events,
                "sha256": sha256,
            })
        })
        .collect()
}

fn output(written: &Written) -> Value {
    let (n_bytes, sha256) = match &written.content {
        Some((n, sha256)) => (Some(n), Some(sha256)),
        None => (None, None),
    };
    json!({
        "path": Text(&written.path),
        "format": written.format.name(),
        "n_bytes": n_bytes,
        "sha256": sha256,
    })
}
