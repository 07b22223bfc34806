//! The page: one file that needs nothing else and asks for nothing. Its policy
//! allows our own style sheet and script by their hashes, and nothing beside
//! them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::markup::Markup;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// What a page is made of, beside its sections.
pub(in crate::report) struct Page<'a> {
    /// Of the window, and first in the banner.
    pub(in crate::report) title: &'a str,
    /// The answer in numbers, below the title; may be empty.
    pub(in crate::report) answer: &'a str,
    /// What was done, below that.
    pub(in crate::report) subtitle: &'a str,
}

/// One section of a page.
pub(in crate::report) struct Section {
    /// The fragment that leads to it.
    pub(in crate::report) id: &'static str,
    /// Its heading.
    pub(in crate::report) title: &'static str,
    /// What it holds.
    pub(in crate::report) body: Markup,
}

impl Page<'_> {
    /// The whole document.
    pub(in crate::report) fn document(&self, sections: &[Section]) -> String {
        let mut page = Markup::new();
        page.element("html", &[("lang", "en")], |m| {
            m.newline();
            self.head(m);
            m.element("body", &[], |m| {
                m.newline();
                m.line(
                    "a",
                    &[("class", "skip"), ("href", "#main")],
                    "Skip to the report",
                );
                self.banner(m, sections);
                m.element("main", &[("id", "main")], |m| {
                    sections.iter().for_each(|section| section.write(m));
                });
                m.element("footer", &[], |m| m.text(FOOTER));
                m.newline();
                m.verbatim("script", SCRIPT);
            });
        });
        format!("<!DOCTYPE html>\n{}\n", page.into_html())
    }

    fn head(&self, m: &mut Markup) {
        m.element("head", &[], |m| {
            m.newline();
            m.void("meta", &[("charset", "utf-8")]);
            m.newline();
            let policy = policy();
            m.void(
                "meta",
                &[
                    ("http-equiv", "Content-Security-Policy"),
                    ("content", &policy),
                ],
            );
            m.newline();
            for (name, content) in META {
                m.void("meta", &[("name", name), ("content", content)]);
                m.newline();
            }
            m.line("title", &[], &format!("{} — habitual", self.title));
            m.verbatim("style", STYLE);
        });
        m.newline();
    }

    fn banner(&self, m: &mut Markup, sections: &[Section]) {
        m.element("header", &[("class", "banner")], |m| {
            m.line("p", &[("class", "brand")], "habitual");
            m.line("h1", &[], self.title);
            if !self.answer.is_empty() {
                m.line("p", &[("class", "lead")], self.answer);
            }
            m.line("p", &[("class", "subtitle")], self.subtitle);
        });
        m.newline();
        m.element("nav", &[("aria-label", "Sections")], |m| {
            m.element("ul", &[], |m| {
                for section in sections {
                    m.element("li", &[], |m| {
                        m.line("a", &[("href", &format!("#{}", section.id))], section.title);
                    });
                }
            });
        });
        m.newline();
    }
}

impl Section {
    /// Bytes of its content.
    pub(in crate::report) fn len(&self) -> usize {
        self.body.len()
    }

    fn write(&self, m: &mut Markup) {
        let heading = format!("{}-title", self.id);
        let attributes = [("id", self.id), ("aria-labelledby", heading.as_str())];
        m.element("section", &attributes, |m| {
            m.newline();
            m.line("h2", &[("id", &heading)], self.title);
            m.append(&self.body);
        });
        m.newline();
    }
}

const META: [(&str, &str); 4] = [
    ("viewport", "width=device-width, initial-scale=1"),
    ("color-scheme", "light dark"),
    ("referrer", "no-referrer"),
    ("generator", concat!("habitual ", env!("CARGO_PKG_VERSION"))),
];

const FOOTER: &str = concat!(
    "Written by habitual ",
    env!("CARGO_PKG_VERSION"),
    " from the files named above. This page is complete: it asks no server for anything. Names and values in it \
     are quoted from logs, where anybody may have written them; characters that would not show appear as \\u{…}.",
);

/// The Content Security Policy of the page.
fn policy() -> String {
    format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
        hash_source(STYLE),
        hash_source(SCRIPT),
    )
}

/// How a policy names the content of an inline element.
fn hash_source(content: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(content)))
}
