//! A roll without a terminal: a header, then one line per identity and per
//! link of it, fields separated by tabs. Absent is empty.

use std::io::Write;

use anyhow::Context as _;

use super::{Listed, Roll};
use crate::report::Style;

const HEADER: [&str; 11] = [
    "identity",
    "name",
    "class",
    "tenant",
    "sources",
    "n_events",
    "link",
    "linked_to",
    "rule",
    "confidence",
    "n_evidence",
];

/// Columns that tell the link.
const OF_LINK: usize = 5;

/// Writes the header and every identity.
pub(super) fn write(roll: &Roll, style: &Style, out: &mut dyn Write) -> anyhow::Result<()> {
    writeln!(out, "{}", HEADER.join("\t")).context("writing the identities")?;
    for listed in &roll.identities {
        let own = own(listed, style).join("\t");
        let mut links = links(listed, style);
        if links.is_empty() {
            links.push(vec![String::new(); OF_LINK]);
        }
        for link in links {
            let line = format!("{own}\t{}\n", link.join("\t"));
            out.write_all(line.as_bytes())
                .context("writing the identities")?;
        }
    }
    Ok(())
}

fn own(listed: &Listed, style: &Style) -> Vec<String> {
    let sources: Vec<&str> = listed.sources.iter().map(|source| source.name()).collect();
    vec![
        style.text(&listed.id),
        style.text(&listed.name),
        listed.class.0.name().to_owned(),
        style.text(&listed.tenant),
        sources.join(","),
        listed.n_events.to_string(),
    ]
}

fn links(listed: &Listed, style: &Style) -> Vec<Vec<String>> {
    let linked = listed.linked.iter().map(|linked| {
        vec![
            linked.kind.name().to_owned(),
            style.text(&linked.id),
            linked.rule.to_owned(),
            format!("{:.2}", linked.confidence),
            linked.n_evidence.to_string(),
        ]
    });
    let refused = listed.refused.iter().map(|refused| {
        vec![
            format!("refused: {}", refused.reason),
            style.text(&refused.id),
            refused.rule.to_owned(),
            format!("{:.2}", refused.confidence),
            refused.n_evidence.to_string(),
        ]
    });
    linked.chain(refused).collect()
}
