//! Facts: acts that are worth knowing whatever the ranking says.

use super::markup::{Markup, scrolling};
use super::page::Section;
use super::{NAME, Subject, TEXT};
use crate::finding::Fact;
use crate::report::phrase::minute;

pub(super) fn section(subject: &Subject<'_>) -> Option<Section> {
    let facts = &subject.report.assessment.facts;
    if facts.is_empty() {
        return None;
    }
    let mut m = Markup::new();
    let text = "Acts worth knowing whoever did them and whatever the ranking says: logging, \
                credentials, permissions, trust. They are no part of any number above.";
    m.line("p", &[], text);
    scrolling(&mut m, "Facts", |m| {
        m.element("table", &[("class", "facts")], |m| {
            m.element("thead", &[], |m| {
                m.element("tr", &[], |m| {
                    for title in ["When", "Who", "What", "Event"] {
                        m.line("th", &[("scope", "col")], title);
                    }
                });
            });
            m.element("tbody", &[], |m| facts.iter().for_each(|fact| row(m, fact)));
        });
    });
    m.newline();
    Some(Section {
        id: "facts",
        title: "Facts",
        body: m,
    })
}

fn row(m: &mut Markup, fact: &Fact) {
    m.element("tr", &[], |m| {
        m.line("td", &[("class", "time")], &minute(fact.time));
        m.element("th", &[("scope", "row")], |m| {
            m.logged(&fact.identity, NAME)
        });
        m.element("td", &[], |m| m.logged(&fact.sentence, TEXT));
        m.element("td", &[("class", "source")], |m| {
            m.element("code", &[], |m| m.logged(&fact.event_id, NAME));
            m.text(" ");
            m.element("code", &[], |m| m.logged(&fact.record, TEXT));
        });
    });
    m.newline();
}
