#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod document;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::*;
use crate::event::{Class, Untrusted};
use crate::finding::{Assessment, Finding, Severity};
use crate::ingest::coverage::Coverage;
use crate::report::fixture::{assessment, coverage, evidence, finding, quiet_assessment, report};
use crate::report::tests::hostile::run_of;
use crate::report::{Selection, sanitize};
use document::{Document, Tag};

fn page(report: &Report<'_>) -> String {
    let mut out = Vec::new();
    write(report, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn page_of(assessment: &Assessment, coverage: &Coverage) -> String {
    page(&report(assessment, coverage))
}

fn usual_page() -> String {
    page_of(&assessment(), &coverage())
}

/// The page of a run with `text` in every field that a log can reach.
fn page_full_of(text: &str) -> String {
    let (assessment, coverage) = run_of(text);
    let mut report = report(&assessment, &coverage);
    report.inputs = vec![text.to_owned()];
    page(&report)
}

/// What is tried on readers of pages: markup, and ways into it.
const PAYLOADS: [&str; 40] = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg/onload=alert(1)//",
    "<iframe src=javascript:alert(1)>",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    "<a href=javascript:alert(1)>x</a>",
    "<math><mtext><style><img title=\"</style><img src=x onerror=alert(1)>\">",
    "<style>*{display:none}</style>",
    "<style>@import url(//evil.example/x.css)</style>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content=0;url=//evil.example/>",
    "<form action=//evil.example/><button>go</button></form>",
    "<object data=//evil.example/></object>",
    "<embed src=//evil.example/>",
    "<video src=x onerror=alert(1)></video>",
    "<template><script>alert(1)</script></template>",
    "<noscript><img src=x onerror=alert(1)></noscript>",
    "<textarea><script>alert(1)</script>",
    "<title></title><script>alert(1)</script>",
    "<plaintext>",
    "<xmp>",
    "<!-- open",
    "<![CDATA[ open",
    "<?xml version=\"1.0\"?>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "onmouseover=alert(1) x=",
    "{{constructor.constructor('alert(1)')()}}",
    "${alert(1)}",
    "expression(alert(1))",
    "url(//evil.example/x)",
    "\u{202e}<script>alert(1)</script>\u{2066}",
    "\u{0}<script\u{0}>alert(1)</script>",
    "\u{1b}]8;;http://evil.example/\u{7}x<b>\u{9b}31m\u{feff}\u{2028}",
];

/// Ways out of where a text stands.
const WAYS_OUT: [&str; 5] = [
    "",
    "\">",
    "'>",
    "</script></style></title>",
    "--></details></td>",
];

#[test]
fn no_payload_becomes_markup() {
    let harmless = Document::of(&page_full_of("harmless"));
    // A step with hidden characters is left out, which is said.
    let hidden = Document::of(&page_full_of("harmless\u{200b}"));
    for payload in PAYLOADS {
        for way_out in WAYS_OUT {
            let text = format!("{way_out}{payload}");
            let document = Document::of(&page_full_of(&text));
            let expected = if sanitize::has_hidden(&text) {
                &hidden
            } else {
                &harmless
            };
            assert_eq!(document.tags, expected.tags, "{text:?}");
            let shown = sanitize::terminal(&text, sanitize::Charset::Unicode);
            assert!(document.text.contains(&shown), "{text:?}");
            assert!(
                !sanitize::has_hidden(&document.text.replace('\n', "")),
                "{text:?}"
            );
        }
    }
}

#[test]
fn policy_allows_our_own_style_and_script_and_nothing_else() {
    let document = Document::of(&usual_page());
    let hash = |name| {
        let content = document.raw_of(name);
        assert_eq!(content.len(), 1, "one {name}");
        format!("'sha256-{}'", STANDARD.encode(Sha256::digest(content[0])))
    };
    let expected = format!(
        "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
        hash("style"),
        hash("script"),
    );
    let policies: Vec<&Tag> = document.with("http-equiv").collect();
    assert_eq!(policies.len(), 1);
    assert_eq!(policies[0].value("content"), Some(&*expected));
}

#[test]
fn page_asks_for_nothing_and_styles_nothing_inline() {
    let document = Document::of(&page_full_of("x"));
    for tag in &document.tags {
        let loads = [
            "link", "img", "iframe", "object", "embed", "form", "base", "video", "use",
        ];
        assert!(!loads.contains(&&*tag.name), "{tag:?}");
        for (name, value) in &tag.attributes {
            assert!(
                !name.starts_with("on") && name != "style" && name != "src",
                "{tag:?}"
            );
            assert!(name != "href" || value.starts_with('#'), "{tag:?}");
        }
    }
}

#[test]
fn style_and_script_cannot_end_early() {
    for content in [include_str!("style.css"), include_str!("script.js")] {
        let lower = content.to_ascii_lowercase();
        assert!(!lower.contains("</s") && !lower.contains("<!--"));
        // The policy hashes what a parser sees, and a parser drops these.
        assert!(!content.contains('\r'));
    }
}

#[test]
fn links_lead_somewhere() {
    let document = Document::of(&usual_page());
    let ids: Vec<&str> = document
        .tags
        .iter()
        .filter_map(|tag| tag.value("id"))
        .collect();
    for link in document.tags.iter().filter_map(|tag| tag.value("href")) {
        assert!(ids.contains(&link.trim_start_matches('#')), "{link}");
    }
    let mut unique = ids.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), ids.len(), "an id twice");
}

#[test]
fn headings_come_in_order_and_headers_know_their_scope() {
    for page in [usual_page(), page_of(&quiet_assessment(), &coverage())] {
        let document = Document::of(&page);
        let levels: Vec<u32> = document
            .tags
            .iter()
            .filter_map(Tag::heading_level)
            .collect();
        assert_eq!(levels[0], 1);
        assert_eq!(levels.iter().filter(|level| **level == 1).count(), 1);
        assert!(
            levels.windows(2).all(|pair| pair[1] <= pair[0] + 1),
            "{levels:?}"
        );
        for header in document.tags.iter().filter(|tag| tag.name == "th") {
            assert!(header.value("scope").is_some(), "{header:?}");
        }
        for drawing in document.tags.iter().filter(|tag| tag.name == "svg") {
            let says = drawing
                .value("aria-label")
                .is_some_and(|label| !label.is_empty());
            assert!(
                says || drawing.value("aria-hidden") == Some("true"),
                "{drawing:?}"
            );
        }
    }
}

#[test]
fn nothing_waits_for_a_script() {
    let assessment = assessment();
    let document = Document::of(&usual_page());
    let listed = assessment.findings.iter().filter(|f| f.is_selected);
    for finding in listed {
        for evidence in &finding.evidence {
            let cited = evidence.records.iter().chain(&evidence.event_ids);
            for text in cited.chain([&evidence.sentence, &evidence.observed, &evidence.typical]) {
                assert!(document.text.contains(text.as_raw()), "{text:?}");
            }
        }
        for step in &finding.next_steps {
            assert!(document.text.contains(step.as_raw()), "{step:?}");
        }
        for tag in &finding.tags.attack {
            assert!(document.text.contains(tag), "{tag}");
        }
    }
    for text in [
        "silence there means nothing",
        "cloudtrail:StopLogging: never by this identity",
        "5 networks and 4 clients interleave",
        "1,204,331 = 1,190,000 used + 12,000 duplicate + 2,000 out of window + 331 skipped",
        "In the review it was active at 02:00, at which it never was on 44 active days.",
        "Cloud Accounts",
    ] {
        assert!(document.text.contains(text), "{text}");
    }
    // Only what a script alone can do waits for it.
    let hidden: Vec<&str> = document
        .with("hidden")
        .filter_map(|tag| tag.value("class"))
        .collect();
    assert_eq!(hidden, ["tools", "tools"]);
}

#[test]
fn same_run_gives_the_same_bytes() {
    assert_eq!(usual_page(), usual_page());
}

/// `n` findings, each with `n_evidence` pieces that quote `text`.
fn large_run(n: u32, n_evidence: usize, text: &str) -> Assessment {
    let finding_at = |rank: u32| -> Finding {
        let name = format!("{text}{rank}");
        let mut draft = finding(&name, Class::Workload)
            .ranked(rank, 1e-4, Severity::High)
            .next(&["habitual replay logs/"])
            .rhythm();
        for at in 0..n_evidence {
            let mut proof = evidence("network", 0.1, "2026-11-03T02:10:44Z", text);
            let record = format!("{text}/{rank}-{at}.json.gz:112");
            proof.records = vec![Untrusted::new(record); 3];
            proof.values = vec![Untrusted::new(text); 20];
            draft = draft.evidence(proof);
        }
        draft.done()
    };
    let mut assessment = assessment();
    assessment.findings = (1..=n).map(finding_at).collect();
    assessment
}

#[track_caller]
fn fits(assessment: &Assessment) -> Document {
    let page = page_of(assessment, &coverage());
    assert!(page.len() <= BYTES, "{} bytes", page.len());
    Document::of(&page)
}

#[test]
fn five_hundred_findings_fit() {
    let path = "logs/AWSLogs/111122223333/CloudTrail/eu-west-1/2026/11/03/111122223333_CloudTrail";
    let document = fits(&large_run(500, 8, path));
    let n_told = document
        .tags
        .iter()
        .filter(|tag| tag.name == "article")
        .count();
    assert_eq!(n_told, 500);
    assert!(document.text.contains("told in short below"));
    assert!(!document.text.contains("left out below"));
}

#[test]
fn longest_names_and_most_findings_fit() {
    let document = fits(&large_run(1_000, 3, &"\u{202e}".repeat(400)));
    assert!(document.text.contains("left out below"));
    assert!(document.text.contains("left out of this table"));
}

#[test]
fn everybody_can_be_listed() {
    let (assessment, coverage) = (assessment(), coverage());
    let mut report = report(&assessment, &coverage);
    report.selection = Selection::All;
    let document = Document::of(&page(&report));
    assert!(document.text.contains("within habit"));
    assert!(document.text.contains("bob@example.com"));
}

#[test]
fn quiet_run_says_so_and_who_came_closest() {
    let document = Document::of(&page_of(&quiet_assessment(), &coverage()));
    assert!(
        document
            .text
            .contains("Nothing stands out in the 7 days from 2026-11-01")
    );
    assert!(
        document
            .text
            .contains("Closest to standing out, but no finding")
    );
}
