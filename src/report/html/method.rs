//! Method and limits, in plain words.

use super::Subject;
use super::markup::Markup;
use super::page::Section;
use crate::report::phrase::span_noun;

const METHOD: [&str; 5] = [
    "Every identity is compared with its own past, never with one threshold for all. Peers and the \
     whole organisation are context: something new to everybody weighs more than something that its \
     peers do every day.",
    "Days and distinct values count, not events. An address used ten thousand times on one day is \
     one fact about that day; amounts are looked at separately.",
    "Each day is looked at in a few respects: what was done, to what, from where and with which \
     program, at what hours, how much, how broadly, with which refusals, and to whom it formed new \
     relations.",
    "Each respect is turned into a probability by its place among the identity's own days before, \
     helped by days of similar identities where its own are too few. Respects and days are combined, \
     and the result is held against the past once more.",
    "A severity follows from that probability. It is one step higher where something sensitive was \
     done that is new to the identity, one lower where all that is new is usual among its peers, and \
     never above medium where there is little history.",
];

const LIMITS: [&str; 6] = [
    "Unusual is not malicious. This page says what is unusual, for whom and how sure that is; whether \
     it is wrong, somebody has to find out. A person who changes teams deviates, too.",
    "What was not logged cannot be seen, and what an attacker does exactly as the identity always did \
     can hardly be.",
    "If an intruder was active in the history already, the history has learned from them. A window \
     that ends before the suspicion helps (--history, --gap).",
    "One person's identities in several products are judged apart.",
    "Identities that share a credential, and those with little history, are marked: their numbers \
     mean less.",
    "No rules and no lists of known bad addresses are used.",
];

pub(super) fn section(subject: &Subject<'_>) -> Section {
    let mut m = Markup::new();
    let chance = format!(
        "“1 in N” means: of N ordinary {} of the same identity, one looks at least this unusual by \
         chance. It is not the probability of an attack.",
        span_noun(subject.report.assessment.review),
    );
    m.line("h3", &[], "How a number comes about");
    m.element("ul", &[("class", "text")], |m| {
        m.line("li", &[], &chance);
        METHOD.iter().for_each(|text| m.line("li", &[], *text));
    });
    m.newline();
    m.line("h3", &[], "What it cannot say");
    m.element("ul", &[("class", "text")], |m| {
        LIMITS.iter().for_each(|text| m.line("li", &[], *text));
    });
    m.newline();
    Section {
        id: "method",
        title: "Method and limits",
        body: m,
    }
}
