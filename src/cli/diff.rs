//! `habitual diff`: what two runs say differently.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use serde::Deserialize;

use super::status::Completion;
use super::terminal::Terminal;
use crate::event::Untrusted;
use crate::report::sanitize;

/// Say what two runs say differently
#[derive(Clone, Debug, Args)]
#[command(
    long_about = "Say what two runs say differently: which identities deviate only in the second, \
                  only in the first, or otherwise. Each line: new, gone or changed; the severity \
                  in both; the chance in both; the identity; the reason.

Examples:
  habitual replay logs/ -f jsonl -o before.jsonl
  habitual replay logs/ --gap 2d -f jsonl -o after.jsonl
  habitual diff before.jsonl after.jsonl"
)]
pub struct DiffArgs {
    /// Findings of a run, as -f jsonl writes them
    #[arg(value_name = "RUN_A")]
    before: PathBuf,
    /// Findings of another run
    #[arg(value_name = "RUN_B")]
    after: PathBuf,
}

/// As much of a finding as is compared.
#[derive(Deserialize)]
struct Line {
    identity: Identity,
    p_value: Option<f64>,
    severity: String,
    is_selected: bool,
    #[serde(default)]
    evidence: Vec<Evidence>,
}

#[derive(Deserialize)]
struct Identity {
    id: String,
    name: String,
}

#[derive(Deserialize)]
struct Evidence {
    sentence: String,
}

/// The plot: read both, hold them against each other, write a line for each
/// difference.
pub(super) fn run(
    args: &DiffArgs,
    terminal: Terminal,
    stdout: &mut dyn Write,
) -> anyhow::Result<Completion> {
    let before = selected(&args.before)?;
    let after = selected(&args.after)?;
    let mut lines = Vec::new();
    for (id, line) in &after {
        match before.get(id) {
            None => lines.push(("new", None, Some(line))),
            Some(old) if old.severity != line.severity => {
                lines.push(("changed", Some(old), Some(line)));
            }
            Some(_) => {}
        }
    }
    let gone = before.iter().filter(|(id, _)| !after.contains_key(*id));
    lines.extend(gone.map(|(_, line)| ("gone", Some(line), None)));
    let text: String = lines
        .iter()
        .map(|(what, a, b)| shown(what, *a, *b, terminal))
        .collect();
    Completion::FULL.once_written(stdout.write_all(text.as_bytes()).map_err(Into::into))
}

fn shown(what: &str, before: Option<&Line>, after: Option<&Line>, terminal: Terminal) -> String {
    let charset = terminal.text_charset();
    let text = |text: &str| sanitize::terminal(&Untrusted::new(text), charset);
    let severity = |line: Option<&Line>| line.map_or("-".to_owned(), |line| text(&line.severity));
    let chance = |line: Option<&Line>| {
        let p = line.and_then(|line| line.p_value);
        p.map_or("-".to_owned(), |p| format!("{p:.2e}"))
    };
    let told = after.or(before);
    let name = told
        .map(|line| text(&line.identity.name))
        .unwrap_or_default();
    let reason = told.and_then(|line| line.evidence.first());
    let reason = reason
        .map(|evidence| text(&evidence.sentence))
        .unwrap_or_default();
    format!(
        "{what}\t{}\t{}\t{}\t{}\t{name}\t{reason}\n",
        severity(before),
        severity(after),
        chance(before),
        chance(after)
    )
}

/// No finding is longer; what is, ends where it cannot be read.
const MAX_LINE: u64 = 64 << 20;

/// The findings of a run that were listed, by identity.
fn selected(path: &Path) -> anyhow::Result<BTreeMap<String, Line>> {
    let file = File::open(path).with_context(|| format!("reading {path:?}"))?;
    let mut all = BTreeMap::new();
    let mut reader = BufReader::new(file);
    let mut line = String::new();
    for number in 1_u64.. {
        line.clear();
        let read = (&mut reader).take(MAX_LINE).read_line(&mut line);
        if read.with_context(|| format!("reading {path:?}"))? == 0 {
            break;
        }
        if line.trim().is_empty() {
            continue;
        }
        let read: Line = serde_json::from_str(&line).with_context(|| {
            format!("{path:?}, line {number}: no finding; write them with -f jsonl")
        })?;
        if read.is_selected {
            all.insert(read.identity.id.clone(), read);
        }
    }
    Ok(all)
}
