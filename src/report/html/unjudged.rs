//! Not judged: identities that nothing could be said about, and why.

use std::collections::BTreeMap;

use super::markup::Markup;
use super::page::Section;
use super::{NAME, Subject, TEXT};
use crate::finding::Finding;
use crate::report::phrase::{class, count, counted, number};

/// Reasons shown.
const REASONS: usize = 30;
/// Names shown over all reasons.
const NAMES: usize = 300;

pub(super) fn section(subject: &Subject<'_>) -> Option<Section> {
    let findings = subject.report.assessment.findings.iter();
    let mut groups: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in findings.filter(|f| f.p_value.is_none()) {
        let reason = finding.abstained.as_deref().unwrap_or("no reason given");
        groups.entry(reason).or_default().push(finding);
    }
    if groups.is_empty() {
        return None;
    }
    let n: usize = groups.values().map(Vec::len).sum();
    let mut m = Markup::new();
    let text = format!(
        "{} active in the review without a number: where the history cannot carry one, there is \
         none. That says nothing for or against them.",
        counted(number(n), "identity"),
    );
    m.line("p", &[], &text);
    let mut n_left = NAMES;
    m.element("dl", &[("class", "unjudged")], |m| {
        for (reason, group) in groups.iter().take(REASONS) {
            m.element("dt", &[], |m| {
                m.logged(*reason, TEXT);
                m.text(&format!(" ({})", count(number(group.len()))));
            });
            m.element("dd", &[], |m| names(m, group, n_left));
            m.newline();
            n_left = n_left.saturating_sub(group.len());
        }
    });
    m.newline();
    let n_more = groups.len().saturating_sub(REASONS);
    if n_more > 0 {
        let text = format!("And {}.", counted(number(n_more), "more reason"));
        m.line("p", &[("class", "note")], &text);
    }
    Some(Section {
        id: "unjudged",
        title: "Not judged",
        body: m,
    })
}

fn names(m: &mut Markup, group: &[&Finding], n_left: usize) {
    for (idx, finding) in group.iter().take(n_left).enumerate() {
        if idx > 0 {
            m.text(", ");
        }
        m.logged(&finding.identity.name, NAME);
        m.text(&format!(" ({})", class(finding)));
    }
    let n_more = group.len().saturating_sub(n_left);
    if n_more > 0 {
        m.text(&format!("{} more", count(number(n_more))));
    }
}
