//! The findings: who, when, how it differs from habit, how sure, and what to
//! do next; each can be folded away.

use super::evidence;
use super::markup::Markup;
use super::page::Section;
use super::phrase;
use super::summary::{LeftOut, badge};
use super::{NAME, Subject, when};
use crate::event::Untrusted;
use crate::finding::{Finding, framework};
use crate::report::phrase::{
    active, class, counted, minute, number, one_in, percent, products, tenant,
};
use crate::report::sanitize::{self, Charset, Logged};
use crate::report::{days_in_evidence, leading, safe_steps, steps};

/// Findings that are unfolded from the beginning.
const UNFOLDED: usize = 3;
/// Departures in the answer to "what".
const CHANGES: usize = 3;
/// Days named in a sentence.
const DAYS_NAMED: usize = 7;

/// How much is told of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// Everything.
    Full,
    /// The sentences, without drawings, values and citations.
    Short,
}

/// The section, within `room` bytes, and what had to be left out for it.
pub(super) fn section(subject: &Subject<'_>, room: usize) -> (Option<Section>, LeftOut) {
    if subject.listed.is_empty() {
        return (None, LeftOut::default());
    }
    let (articles, left_out) = articles(subject, room);
    let mut m = Markup::new();
    m.element("p", &[("class", "tools"), ("hidden", "")], |m| {
        for (id, text) in [("unfold", "Unfold all"), ("fold", "Fold all")] {
            m.line("button", &[("type", "button"), ("id", id)], text);
        }
    });
    m.newline();
    articles.iter().for_each(|article| m.append(article));
    let section = Section {
        id: "findings",
        title: "Findings",
        body: m,
    };
    (Some(section), left_out)
}

/// Every finding in short if there is room, the first ones in full as far as
/// there is.
fn articles(subject: &Subject<'_>, room: usize) -> (Vec<Markup>, LeftOut) {
    let mut used = 0_usize;
    let mut articles: Vec<Markup> = Vec::new();
    for (idx, finding) in subject.listed.iter().enumerate() {
        let short = article(subject, idx, finding, Detail::Short);
        if used.saturating_add(short.len()) > room {
            break;
        }
        used += short.len();
        articles.push(short);
    }
    let n_untold = subject.listed.len() - articles.len();
    let mut n_short = articles.len();
    for (idx, (kept, finding)) in articles.iter_mut().zip(&subject.listed).enumerate() {
        let full = article(subject, idx, finding, Detail::Full);
        let with_it = (used - kept.len()).saturating_add(full.len());
        if with_it > room {
            break;
        }
        used = with_it;
        *kept = full;
        n_short -= 1;
    }
    (articles, LeftOut { n_short, n_untold })
}

fn article(subject: &Subject<'_>, idx: usize, finding: &Finding, detail: Detail) -> Markup {
    let mut m = Markup::new();
    let item = idx.to_string();
    let level = (finding.severity as u8).to_string();
    let attributes = [
        ("class", "finding"),
        ("data-item", &item),
        ("data-level", &level),
    ];
    m.element("article", &attributes, |m| {
        let open = [("open", "")];
        let state: &[_] = if idx < UNFOLDED { &open } else { &[] };
        m.element("details", state, |m| {
            m.newline();
            m.element("summary", &[], |m| head(m, finding));
            m.newline();
            let id = format!("finding-{item}");
            m.element("div", &[("class", "body"), ("id", &id)], |m| {
                body(m, subject, finding, detail);
            });
        });
    });
    m.newline();
    m
}

fn head(m: &mut Markup, finding: &Finding) {
    let rank = finding
        .rank
        .map_or_else(String::new, |rank| rank.to_string());
    m.element("span", &[("class", "rank")], |m| m.text(&rank));
    badge(m, finding.severity);
    m.element("h3", &[], |m| m.logged(&finding.identity.name, NAME));
    if let Some(p) = finding.p_value {
        m.element("span", &[("class", "odds")], |m| m.text(&one_in(p)));
    }
    if let Some(lead) = leading(finding) {
        m.element("span", &[("class", "reason")], |m| {
            evidence::observed(m, lead);
        });
    }
}

fn body(m: &mut Markup, subject: &Subject<'_>, finding: &Finding, detail: Detail) {
    m.newline();
    brief(m, subject, finding);
    next(m, subject, finding);
    m.element("div", &[("class", "columns")], |m| {
        m.element("div", &[("class", "why")], |m| {
            m.line("h4", &[], "How it differs from its habits");
            evidence::list(m, finding, detail);
        });
        m.newline();
        m.element("div", &[("class", "beside")], |m| {
            if detail == Detail::Full {
                when::draw(m, subject, finding);
            }
            peers(m, finding);
            tags(m, finding);
        });
    });
    m.newline();
    if detail == Detail::Full {
        evidence::cited(m, finding);
    }
}

/// The answers to the first questions.
fn brief(m: &mut Markup, subject: &Subject<'_>, finding: &Finding) {
    m.element("dl", &[("class", "brief")], |m| {
        entry(m, "Who", |m| who(m, finding));
        entry(m, "When", |m| m.text(&time(finding)));
        entry(m, "What changed", |m| what(m, finding));
        entry(m, "How sure", |m| {
            if let Some(p) = finding.p_value {
                m.element("b", &[], |m| m.text(phrase::strangeness(p)));
                m.text(&phrase::odds(finding, p));
            }
            m.text(&sure(subject, finding));
        });
    });
    m.newline();
}

fn entry(m: &mut Markup, name: &str, inside: impl FnOnce(&mut Markup)) {
    m.element("div", &[], |m| {
        m.element("dt", &[], |m| m.text(name));
        m.element("dd", &[], inside);
    });
    m.newline();
}

fn who(m: &mut Markup, finding: &Finding) {
    let identity = &finding.identity;
    m.element("b", &[], |m| m.logged(&identity.name, NAME));
    m.text(&format!(", {}", class(finding)));
    if let Some(tenant) = tenant(finding) {
        m.text(" in ");
        m.logged(tenant, NAME);
    }
    let products = products(finding);
    if !products.is_empty() {
        m.text(&format!(", seen by {products}"));
    }
    m.element("span", &[("class", "key-line")], |m| {
        let native = identity.native.as_ref().map(|(_, name)| name);
        m.element("code", &[], |m| {
            m.logged(native.unwrap_or(&identity.id), NAME)
        });
    });
}

/// The first sign, and the periods concerned.
fn time(finding: &Finding) -> String {
    let first = finding.first_sign();
    let days = days_in_evidence(finding);
    let mut named = days
        .iter()
        .take(DAYS_NAMED)
        .copied()
        .collect::<Vec<_>>()
        .join(", ");
    let n_more = days.len().saturating_sub(DAYS_NAMED);
    if n_more > 0 {
        named.push_str(&format!(" and {n_more} more"));
    }
    match (first, days.is_empty()) {
        (Some(first), false) => format!("First sign {}. Unusual on {named}.", minute(first)),
        (Some(first), true) => format!("First sign {}.", minute(first)),
        (None, false) => format!("Unusual on {named}."),
        (None, true) => "No single moment stands out.".to_owned(),
    }
}

/// The foremost departures, each with what is usual.
fn what(m: &mut Markup, finding: &Finding) {
    if finding.evidence.is_empty() {
        return m.text("No single habit stands out; small departures add up.");
    }
    for evidence in finding.evidence.iter().take(CHANGES) {
        m.element("span", &[("class", "change")], |m| {
            m.element("b", &[], |m| evidence::observed(m, evidence));
            if !evidence.typical.is_empty() {
                m.text("; before: ");
                m.logged(&evidence.typical, NAME);
            }
        });
    }
    let n_more = finding.evidence.len().saturating_sub(CHANGES);
    if n_more > 0 {
        let more = counted(number(n_more), "more departure");
        m.element("span", &[("class", "change")], |m| {
            m.text(&format!("and {more}, below"));
        });
    }
}

/// What the odds rest on.
fn sure(subject: &Subject<'_>, finding: &Finding) -> String {
    let support = &finding.support;
    let verdicts: Vec<&str> = if support.verdicts.is_empty() {
        vec![phrase::verdict(support.verdict)]
    } else {
        support
            .verdicts
            .iter()
            .map(|v| phrase::verdict(*v))
            .collect()
    };
    let mut text = format!(
        " {} What is usual is known from {} on {}.",
        verdicts.join(" "),
        counted(support.n_events, "event"),
        active(support.active_days.into(), subject.report.assessment.period),
    );
    if let Some(q) = finding.q_value {
        text.push_str(&format!(
            " Of everything ranked down to here, {} is expected to be a false alarm.",
            percent(q),
        ));
    }
    text
}

fn peers(m: &mut Markup, finding: &Finding) {
    let peers = &finding.peers;
    m.line("h4", &[], "Compared with");
    m.element("p", &[], |m| {
        if peers.size == 0 {
            return m.text("No similar identity: only its own past and the organisation.");
        }
        let n = counted(peers.size.into(), "peer");
        m.text(&format!("Its own past, everybody, and {n} ("));
        m.logged(&peers.group.replace('_', " "), NAME);
        m.text(")");
        for (idx, name) in peers.nearest.iter().enumerate() {
            m.text(if idx == 0 { ", nearest: " } else { ", " });
            m.logged(name, NAME);
        }
        m.text(".");
    });
    m.newline();
}

fn tags(m: &mut Markup, finding: &Finding) {
    let tags = &finding.tags;
    let lists = [
        (
            format!("MITRE ATT&CK v{}", framework::attack_version()),
            &tags.attack,
        ),
        ("OWASP Non-Human Identities".to_owned(), &tags.owasp_nhi),
        ("NIST CSF 2.0".to_owned(), &tags.nist_csf),
        ("OWASP Agentic Applications".to_owned(), &tags.owasp_agentic),
    ];
    if lists.iter().all(|(_, ids)| ids.is_empty()) {
        return;
    }
    m.line("h4", &[], "Frameworks");
    m.element("dl", &[("class", "tags")], |m| {
        for (name, ids) in lists.iter().filter(|(_, ids)| !ids.is_empty()) {
            m.line("dt", &[], name);
            for id in ids.iter() {
                m.element("dd", &[], |m| {
                    m.element("code", &[], |m| m.text(*id));
                    m.text(" ");
                    m.text(&framework::full_name(id).unwrap_or_default());
                });
                m.newline();
            }
        }
    });
    m.newline();
}

/// Steps, each to be copied whole. One that cannot be shown exactly as it is
/// is not shown.
fn next(m: &mut Markup, subject: &Subject<'_>, finding: &Finding) {
    let shown = |step: &&Untrusted| sanitize::terminal(*step, Charset::Unicode) == step.raw();
    let safe: Vec<&str> = safe_steps(finding)
        .filter(shown)
        .map(Untrusted::as_raw)
        .collect();
    let look = subject.report.look_command(finding);
    m.line("h4", &[], "What to do next");
    m.element("ol", &[("class", "steps")], |m| {
        for step in safe
            .iter()
            .copied()
            .chain(safe.is_empty().then_some(&*look))
        {
            m.element("li", &[], |m| {
                if steps::is_command(step) {
                    if let Some(purpose) = steps::purpose(step) {
                        m.line("p", &[("class", "purpose")], purpose);
                    }
                    m.element("pre", &[("tabindex", "0")], |m| {
                        m.element("code", &[], |m| m.text(step));
                    });
                } else {
                    m.element("p", &[], |m| m.logged(step, usize::MAX));
                }
            });
            m.newline();
        }
    });
    m.newline();
    let n_hidden = number(finding.next_steps.len().saturating_sub(safe.len()));
    if n_hidden > 0 {
        let text = format!(
            "{} left out: a value in it holds characters that do not show.",
            counted(n_hidden, "step"),
        );
        m.line("p", &[("class", "note")], &text);
    }
}
