//! Slack: the payload of one message in Block Kit, within its limits, for a
//! webhook. Nothing is sent: `curl --data @FILE`. Logged text is in `plain_text`
//! objects or code spans, so that it calls nobody and links nothing.

use std::io::Write;

use serde_json::{Value, json};

use super::alert;
use super::json::write_pretty;
use super::phrase::{self, counted, expected, levels, number, one_in};
use super::sanitize::{slack, slack_code};
use super::{Report, leading, safe_steps};
use crate::finding::Finding;

/// Findings in one message.
const SHOWN: usize = 10;
/// Characters of a title; Slack allows 150 in a header, escapes included.
const TITLE: usize = 100;
/// Characters of a sentence; Slack allows 3,000 in a text, and an escape is at
/// most six characters long.
const SENTENCE: usize = 450;

/// Bytes of all blocks together. Beyond about 13,000 Slack answers
/// `msg_blocks_too_long`, whatever it allows for each of them.
const MESSAGE: usize = 12_000;

/// Writes the payload.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> anyhow::Result<()> {
    let findings = report.listed();
    let title = title(report, &findings);
    let mut blocks = vec![
        json!({"type": "header", "text": plain(&slack(&title, TITLE))}),
        context(&[plain(&windows(report))]),
    ];
    let mut n_shown = 0;
    let mut n_bytes = size(&blocks);
    for finding in findings.iter().take(SHOWN) {
        let mut own = vec![json!({"type": "divider"})];
        own.extend(finding_blocks(finding));
        n_bytes = n_bytes.saturating_add(size(&own));
        if n_bytes > MESSAGE && n_shown > 0 {
            break;
        }
        blocks.extend(own);
        n_shown += 1;
    }
    if let Some(n) = findings.len().checked_sub(n_shown).filter(|n| *n > 0) {
        let more = format!("and {}", counted(number(n), "more finding"));
        blocks.push(context(&[plain(&more)]));
    }
    write_pretty(&json!({"text": title, "blocks": blocks}), out)
}

/// Bytes of blocks as they are sent.
fn size(blocks: &[Value]) -> usize {
    blocks.iter().map(|block| block.to_string().len()).sum()
}

/// Our own words and numbers alone: this is the text of a notification.
fn title(report: &Report<'_>, findings: &[&Finding]) -> String {
    let levels = levels(findings);
    let counts = if levels.is_empty() {
        levels
    } else {
        format!(" ({levels})")
    };
    format!(
        "{}{counts}, {} expected by chance",
        counted(number(findings.len()), "finding"),
        expected(report.assessment.expected_by_chance)
    )
}

fn windows(report: &Report<'_>) -> String {
    let assessment = report.assessment;
    let incomplete = if report.coverage.is_incomplete() {
        "; the input was incomplete"
    } else {
        ""
    };
    format!(
        "review {} against {}; {} used{incomplete}",
        phrase::window(assessment.review),
        phrase::window(assessment.history),
        counted(report.coverage.n_used, "event"),
    )
}

fn finding_blocks(finding: &Finding) -> Vec<Value> {
    let identity = &finding.identity;
    let sentence = match leading(finding) {
        Some(lead) => slack(&lead.sentence, SENTENCE),
        None => slack(&alert::description(finding), SENTENCE),
    };
    let odds = finding.p_value.map_or_else(String::new, |p| {
        format!(
            ", {} of its {}",
            one_in(p),
            phrase::span_noun(finding.review)
        )
    });
    let first = finding.first_sign().map_or_else(String::new, |time| {
        format!(", first {}", phrase::minute(time))
    });
    let line = format!(
        "*{}* {} {}{odds}{first}",
        finding.severity.name(),
        slack_code(&identity.name, TITLE),
        phrase::class(finding),
    );
    let mut blocks = vec![
        json!({"type": "section", "text": mrkdwn(&line)}),
        json!({"type": "section", "text": plain(&sentence)}),
    ];
    // A command that is cut off, or changed, is none.
    let step = safe_steps(finding).next().filter(|step| {
        let raw = step.as_raw();
        raw.chars().count() <= SENTENCE
            && !raw.contains('`')
            && super::sanitize::exact(*step) == raw
    });
    if let Some(step) = step {
        blocks.push(context(&[mrkdwn(&slack_code(step, SENTENCE))]));
    }
    blocks
}

fn context(elements: &[Value]) -> Value {
    json!({"type": "context", "elements": elements})
}

/// Shown as it is; it must be encoded.
fn plain(text: &str) -> Value {
    json!({"type": "plain_text", "text": text, "emoji": false})
}

/// With marks of ours; what is logged in it must be encoded. `verbatim` keeps
/// Slack from linking names and addresses by itself.
fn mrkdwn(text: &str) -> Value {
    json!({"type": "mrkdwn", "text": text, "verbatim": true})
}
