//! Tags: references to published frameworks, by rule from the evidence. The
//! rules are a table, `frameworks.toml`; this is what its signs mean.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::case::Case;
use super::evidence::new_values;
use super::fact::{self, Kind};
use super::framework::{self, RuleText};
use super::{Severity, Tags};
use crate::event::{Class, KeyBasis, Sensitive, Traits};
use crate::ledger::Dimension;
use crate::model::{Detail, Statistic, Verdict};
use crate::stats::novelty::NoveltyType;

/// Something that the evidence shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sign {
    /// A new value.
    New(Dimension),
    /// A value that is new to everybody.
    WorldNew(Dimension),
    /// A level out of its range.
    Level(Statistic),
    /// A fact.
    Fact(Kind),
    /// Secrets were read in the review.
    ReadsSecrets,
    /// It uses a key that lives until somebody revokes it.
    LongLivedKey,
    /// A CI job.
    Ci,
    /// Another account, seen from the resource's owner.
    Outsider,
    /// Several callers.
    Shared,
    /// An AI agent.
    Agent,
}

/// Every sign must be there, and a new value must begin with one of `values`
/// if there are any.
#[derive(Debug)]
struct Rule {
    signs: Vec<Sign>,
    values: &'static [String],
    attack: &'static [String],
    owasp_nhi: &'static [String],
    nist_csf: &'static [String],
    owasp_agentic: &'static [String],
}

impl Rule {
    /// The rule that the table states, if every sign of it exists.
    fn read(text: &'static RuleText) -> Option<Self> {
        let signs = text.signs.iter().map(|name| Sign::from_name(name));
        Some(Self {
            signs: signs.collect::<Option<_>>()?,
            values: &text.values,
            attack: &text.attack,
            owasp_nhi: &text.owasp_nhi,
            nist_csf: &text.nist_csf,
            owasp_agentic: &text.owasp_agentic,
        })
    }
}

static RULES: LazyLock<Vec<Rule>> =
    LazyLock::new(|| framework::rules().iter().filter_map(Rule::read).collect());

/// The statistics that a rule can name.
const LEVELS: [Statistic; 15] = [
    Statistic::SequenceMean,
    Statistic::SequenceTop3,
    Statistic::SessionSplit,
    Statistic::Hour,
    Statistic::HourWindow,
    Statistic::EventsDay,
    Statistic::EventsHour,
    Statistic::BytesDay,
    Statistic::TargetsDay,
    Statistic::TargetsHour,
    Statistic::SecretsDay,
    Statistic::ListShare,
    Statistic::DeniedShare,
    Statistic::DeniedRetry,
    Statistic::DeniedThenSuccess,
];

impl Sign {
    /// The sign of that name in the table.
    fn from_name(name: &str) -> Option<Self> {
        let dimension = |name: &str| Dimension::ALL.into_iter().find(|d| d.name() == name);
        Some(match name.split_once(':') {
            Some(("new", of)) => New(dimension(of)?),
            Some(("world", of)) => WorldNew(dimension(of)?),
            Some(("level", of)) => Level(LEVELS.into_iter().find(|s| s.name() == of)?),
            Some(("fact", of)) => Fact(Kind::ALL.into_iter().find(|kind| kind.name() == of)?),
            _ => match name {
                "reads_secrets" => ReadsSecrets,
                "long_lived_key" => LongLivedKey,
                "ci" => Ci,
                "outsider" => Outsider,
                "shared" => Shared,
                "agent" => Agent,
                _ => return None,
            },
        })
    }
}

use Sign::{Agent, Ci, Fact, Level, LongLivedKey, New, Outsider, ReadsSecrets, Shared, WorldNew};

/// The tags of a case. What stays within habit shows no technique, except by
/// its facts.
pub(super) fn tags(case: &Case<'_>, severity: Severity, facts: &[fact::Draft]) -> Tags {
    let signs = signs(case, severity, facts);
    let values = new_texts(case);
    let mut tags = Tags {
        nist_csf: nist(case),
        ..Tags::default()
    };
    for rule in RULES.iter().filter(|rule| applies(rule, &signs, &values)) {
        add(&mut tags.attack, rule.attack);
        add(&mut tags.nist_csf, rule.nist_csf);
        add(&mut tags.owasp_agentic, rule.owasp_agentic);
        if is_machine(case) {
            add(&mut tags.owasp_nhi, rule.owasp_nhi);
        }
    }
    tags
}

fn applies(rule: &Rule, signs: &BTreeSet<Sign>, values: &[(Dimension, &str)]) -> bool {
    let of_rule = |dimension| rule.signs.contains(&New(dimension));
    let begins = |text: &str| {
        rule.values
            .iter()
            .any(|start| text.starts_with(start.as_str()))
    };
    let mut wanted = values.iter().filter(|(d, _)| of_rule(*d));
    rule.signs.iter().all(|sign| signs.contains(sign))
        && (rule.values.is_empty() || wanted.any(|(_, text)| begins(text)))
}

fn signs(case: &Case<'_>, severity: Severity, facts: &[fact::Draft]) -> BTreeSet<Sign> {
    let mut signs: BTreeSet<Sign> = facts.iter().map(|draft| Fact(draft.kind)).collect();
    let row = &case.subject.row;
    let mut note = |applies: bool, sign| {
        if applies {
            signs.insert(sign);
        }
    };
    note(row.traits.has(Traits::LONG_LIVED_KEY), LongLivedKey);
    note(row.basis == KeyBasis::Ci, Ci);
    note(row.basis == KeyBasis::Account, Outsider);
    note(case.score.verdicts.contains(&Verdict::Shared), Shared);
    note(case.subject.class == Class::Agent, Agent);
    note(reads_secrets(case), ReadsSecrets);
    if severity == Severity::None {
        return signs;
    }
    for deviation in &case.score.deviations {
        match (&deviation.detail, new_values(deviation)) {
            (_, Some((dimension, values))) => {
                signs.insert(New(dimension));
                if values.iter().any(|v| v.kind == NoveltyType::World) {
                    signs.insert(WorldNew(dimension));
                }
            }
            (Detail::NewOverall { .. }, _) => {}
            _ => {
                signs.insert(Level(deviation.statistic));
            }
        }
    }
    signs
}

fn reads_secrets(case: &Case<'_>) -> bool {
    let cells = case
        .present
        .iter()
        .flat_map(|account| account.cells.values());
    let mut acts = cells.flat_map(|cell| &cell.rare().sensitive);
    acts.any(|act| act.kind == Sensitive::SecretRead)
}

fn new_texts<'a>(case: &Case<'a>) -> Vec<(Dimension, &'a str)> {
    let slate = case.slate();
    case.score
        .deviations
        .iter()
        .filter_map(new_values)
        .flat_map(|(d, values)| values.iter().map(move |v| (d, slate.value(v.value))))
        .collect()
}

/// NIST CSF 2.0: what kind of monitoring it was, and how it was analysed.
fn nist(case: &Case<'_>) -> Vec<&'static str> {
    let monitored = match case.subject.class {
        Class::Human | Class::Root => "DE.CM-03",
        _ => "DE.CM-09",
    };
    let mut tags = vec![monitored, "DE.AE-02"];
    if case.sources().len() > 1 || case.follows {
        tags.push(SEVERAL_SOURCES);
    }
    tags
}

/// Several sources are read together.
const SEVERAL_SOURCES: &str = "DE.AE-03";

/// OWASP's list is about identities that are no person.
fn is_machine(case: &Case<'_>) -> bool {
    case.subject.class.is_service_like() || case.subject.row.basis == KeyBasis::Account
}

impl Tags {
    /// Adds those of another account of the same person.
    pub(super) fn merge(&mut self, other: &Self) {
        let lists = [
            (&mut self.attack, &other.attack),
            (&mut self.owasp_nhi, &other.owasp_nhi),
            (&mut self.nist_csf, &other.nist_csf),
            (&mut self.owasp_agentic, &other.owasp_agentic),
        ];
        for (own, others) in lists {
            for tag in others {
                if !own.contains(tag) {
                    own.push(tag);
                }
            }
        }
    }
}

fn add(tags: &mut Vec<&'static str>, more: &'static [String]) {
    for tag in more {
        if !tags.contains(&tag.as_str()) {
            tags.push(tag);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_of_the_table_is_understood() {
        for text in framework::rules() {
            assert!(Rule::read(text).is_some(), "{:?}", text.signs);
        }
        assert_eq!(RULES.len(), framework::rules().len());
        assert_eq!(Sign::from_name("new:nothing"), None);
        assert_eq!(Sign::from_name("level:novelty"), None);
    }

    #[test]
    fn rule_about_values_names_their_dimension() {
        for rule in RULES.iter().filter(|rule| !rule.values.is_empty()) {
            let names_one = rule.signs.iter().any(|sign| matches!(sign, New(_)));
            assert!(names_one, "{:?}", rule.values);
        }
    }
}
