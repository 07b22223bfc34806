//! Frameworks: published lists of techniques and weaknesses, as a table that
//! comes with the program. It holds names, former ids and the rules by which a
//! finding is tagged; nothing about them is code.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

const TABLE: &str = include_str!("frameworks.toml");

/// The table. That it can be read is tested; without it there are no tags.
static READ: LazyLock<Table> = LazyLock::new(|| toml::from_str(TABLE).unwrap_or_default());

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    editions: BTreeMap<String, String>,
    names: BTreeMap<String, String>,
    formerly: BTreeMap<String, String>,
    tags: TagTable,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct TagTable {
    rules: Vec<RuleText>,
}

/// A rule as it is written in the table.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleText {
    pub(super) signs: Vec<String>,
    #[serde(default)]
    pub(super) values: Vec<String>,
    #[serde(default)]
    pub(super) attack: Vec<String>,
    #[serde(default)]
    pub(super) owasp_nhi: Vec<String>,
    #[serde(default)]
    pub(super) nist_csf: Vec<String>,
    #[serde(default)]
    pub(super) owasp_agentic: Vec<String>,
}

/// The rules by which findings are tagged.
pub(super) fn rules() -> &'static [RuleText] {
    &READ.tags.rules
}

/// What the publisher calls it: `T1078.004` is "Cloud Accounts".
#[must_use]
pub fn name(id: &str) -> Option<&'static str> {
    READ.names.get(id).map(String::as_str)
}

/// The same with the technique that it is part of: "Valid Accounts: Cloud
/// Accounts".
#[must_use]
pub fn full_name(id: &str) -> Option<String> {
    let own = name(id)?;
    let whole = id
        .split_once('.')
        .and_then(|(technique, _)| name(technique));
    Some(match whole {
        Some(whole) => format!("{whole}: {own}"),
        None => own.to_owned(),
    })
}

/// The id that it had in earlier editions, if it was another.
#[must_use]
pub fn former(id: &str) -> Option<&'static str> {
    READ.formerly.get(id).map(String::as_str)
}

/// The version of MITRE ATT&CK that the technique ids belong to.
#[must_use]
pub fn attack_version() -> &'static str {
    READ.editions.get("attack").map_or("", String::as_str)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn the_table_can_be_read() {
        let table: Table = toml::from_str(TABLE).unwrap();
        assert!(table.tags.rules.len() > 40);
        assert_eq!(attack_version(), "19");
        assert_eq!(name("T1078.004"), Some("Cloud Accounts"));
        let full = full_name("T1078.004");
        assert_eq!(full.as_deref(), Some("Valid Accounts: Cloud Accounts"));
        let monitored = full_name("DE.AE-03");
        assert_eq!(monitored.as_deref(), name("DE.AE-03"));
        assert_eq!(former("T1685.002"), Some("T1562.008"));
        assert_eq!(former("T1078.004"), None);
    }

    /// Withdrawn and renamed ids (T1562.008, DE.CM-01 for behaviour, DE.AE-05)
    /// have no name here, on purpose.
    #[test]
    fn every_id_in_a_rule_has_its_published_name() {
        for rule in rules() {
            let ids = [
                &rule.attack,
                &rule.owasp_nhi,
                &rule.nist_csf,
                &rule.owasp_agentic,
            ];
            assert!(ids.iter().any(|ids| !ids.is_empty()), "{:?}", rule.signs);
            for id in ids.into_iter().flatten() {
                assert!(name(id).is_some(), "{id}");
                assert!(!READ.formerly.values().any(|former| former == id), "{id}");
                let (technique, _) = id.split_once('.').unwrap_or((id, ""));
                assert!(!id.starts_with('T') || name(technique).is_some(), "{id}");
            }
        }
    }
}
