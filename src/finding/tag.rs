//! Tags: references to published frameworks, by rule from the evidence. The
//! rules are a table; an id is in it only as its publisher writes it.

mod name;

use std::collections::BTreeSet;

use super::case::Case;
use super::evidence::new_values;
use super::fact::{self, Kind};
use super::{Severity, Tags};
use crate::event::{Class, KeyBasis, Sensitive, Traits};
use crate::ledger::Dimension;
use crate::model::{Detail, Statistic, Verdict};
use crate::stats::novelty::NoveltyType;

pub use name::tag_name;

/// The version of MITRE ATT&CK that the technique ids belong to. Since this
/// version T1685.002 is what used to be T1562.008.
pub const ATTACK_VERSION: &str = "19";

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
}

/// Every sign must be there, and a new value must begin with one of `values`
/// if there are any.
struct Rule {
    signs: &'static [Sign],
    values: &'static [&'static str],
    attack: &'static [&'static str],
    owasp_nhi: &'static [&'static str],
    nist_csf: &'static [&'static str],
}

const fn rule(
    signs: &'static [Sign],
    values: &'static [&'static str],
    attack: &'static [&'static str],
    owasp_nhi: &'static [&'static str],
) -> Rule {
    Rule {
        signs,
        values,
        attack,
        owasp_nhi,
        nist_csf: &[],
    }
}

use Dimension::{
    Access, Account, Action, Area, Client, Edge, Error, Network, Place, Region, Scope, Tactic,
};
use Sign::{Ci, Fact, Level, LongLivedKey, New, Outsider, ReadsSecrets, Shared, WorldNew};
use Statistic as S;

#[rustfmt::skip]
const RULES: &[Rule] = &[
    // Somebody else seems to hold the credential.
    rule(&[New(Network)], &[], &["T1078.004"], &[]),
    rule(&[New(Place)], &[], &["T1078.004"], &[]),
    rule(&[New(Client)], &[], &["T1078.004"], &[]),
    rule(&[New(Access)], &[], &["T1078.004"], &[]),
    rule(&[New(Access)], &["console/", "cloudshell/", "login/"], &[], &["NHI10:2025"]),
    rule(&[WorldNew(Network)], &[], &[], &["NHI2:2025"]),
    rule(&[New(Network), LongLivedKey], &[], &[], &["NHI7:2025"]),
    rule(&[New(Region), LongLivedKey], &[], &[], &["NHI7:2025"]),
    rule(&[New(Network), Ci], &[], &[], &["NHI6:2025"]),
    rule(&[New(Region)], &[], &["T1078.004", "T1535"], &["NHI8:2025"]),
    rule(&[New(Account)], &[], &["T1078.004"], &["NHI8:2025"]),
    rule(&[Level(S::Hour)], &[], &["T1078.004"], &[]),
    rule(&[Level(S::HourWindow)], &[], &["T1078.004"], &[]),
    rule(&[Fact(Kind::Dormancy)], &[], &["T1078.004"], &["NHI1:2025"]),
    rule(&[Fact(Kind::Dormancy), LongLivedKey], &[], &[], &["NHI7:2025"]),
    rule(&[Fact(Kind::OldKey)], &[], &["T1078.004"], &["NHI1:2025", "NHI7:2025"]),
    rule(&[Fact(Kind::UsedAfterEnd)], &[], &["T1078.004"], &["NHI1:2025"]),
    rule(&[Fact(Kind::BroughtBack)], &[], &["T1078.004"], &["NHI1:2025"]),
    rule(&[Fact(Kind::PushedThrough)], &[], &["T1621"], &[]),
    rule(&[Fact(Kind::NoSecondFactor)], &[], &["T1078.004"], &[]),
    // One session in two places.
    rule(&[Level(S::SessionSplit)], &[], &["T1550.001", "T1550.004", "T1539"], &["NHI4:2025", "NHI7:2025"]),
    rule(&[Fact(Kind::RootUse)], &[], &["T1078.004"], &[]),
    rule(&[Shared], &[], &[], &["NHI9:2025"]),
    // Looking around.
    rule(&[Level(S::ListShare)], &[], &["T1580", "T1526"], &["NHI5:2025"]),
    rule(&[Level(S::DeniedShare)], &[], &["T1580"], &[]),
    rule(&[Level(S::DeniedRetry)], &[], &["T1580", "T1069.003"], &[]),
    rule(&[Level(S::DeniedThenSuccess)], &[], &[], &["NHI5:2025"]),
    rule(&[New(Error)], &["auth_failure/"], &["T1110"], &[]),
    rule(&[New(Action)], &["s3:ListBuckets", "s3:ListObjects"], &["T1619"], &[]),
    rule(&[New(Action)], &["iam:ListUsers", "iam:ListRoles", "iam:GetAccountAuthorizationDetails"], &["T1087.004"], &[]),
    rule(&[New(Action)], &["iam:ListGroups"], &["T1069.003"], &[]),
    rule(&[New(Action)], &["ec2:Describe", "rds:Describe", "eks:List"], &["T1580"], &[]),
    // Taking things.
    rule(&[New(Scope), ReadsSecrets], &[], &["T1555.006"], &["NHI5:2025"]),
    rule(&[New(Area), ReadsSecrets], &[], &["T1555.006"], &["NHI5:2025"]),
    rule(&[Level(S::SecretsDay)], &[], &["T1555.006", "T1552"], &["NHI2:2025", "NHI5:2025"]),
    rule(&[Level(S::BytesDay)], &[], &["T1530", "T1119"], &["NHI5:2025"]),
    rule(&[Level(S::TargetsDay)], &[], &["T1119"], &[]),
    rule(&[Level(S::TargetsHour)], &[], &["T1119"], &[]),
    rule(&[New(Action)], &["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "codeartifact:GetPackageVersionAsset", "codecommit:GitPull"], &["T1213.003"], &[]),
    rule(&[New(Edge)], &["share:"], &["T1537"], &["NHI5:2025"]),
    rule(&[Fact(Kind::SharedOutside)], &[], &["T1537"], &["NHI5:2025"]),
    Rule { nist_csf: &["DE.CM-06"], ..rule(&[Outsider, Level(S::EventsDay)], &[], &["T1199", "T1496"], &["NHI3:2025"]) },
    Rule { nist_csf: &["DE.CM-06"], ..rule(&[Outsider, Level(S::EventsHour)], &[], &["T1199", "T1496"], &["NHI3:2025"]) },
    // Reaching further.
    rule(&[New(Edge)], &["chain:"], &["T1550.001", "T1078.004"], &["NHI5:2025", "NHI9:2025"]),
    rule(&[New(Tactic)], &["retrieve>stage", "stage>share"], &["T1537", "T1020"], &["NHI5:2025"]),
    rule(&[New(Tactic)], &["access>privilege", "privilege>execute"], &["T1550.001", "T1098.001"], &["NHI9:2025"]),
    rule(&[New(Edge)], &["assume:"], &["T1550.001", "T1021.007"], &["NHI5:2025"]),
    rule(&[New(Edge)], &["mint:"], &["T1098.001"], &["NHI5:2025"]),
    rule(&[New(Edge)], &["grant:"], &["T1098.003"], &["NHI5:2025"]),
    rule(&[New(Edge)], &["invoke:lambda/"], &["T1648"], &[]),
    rule(&[New(Edge)], &["invoke:ssm/"], &["T1651"], &[]),
    rule(&[New(Action)], &["lambda:UpdateFunctionCode"], &["T1648"], &[]),
    rule(&[New(Action)], &["iam:CreateUser"], &["T1136.003"], &[]),
    rule(&[New(Action)], &["app.oauth2.as.consent.grant", "app.oauth2.admin.consent.grant", "app.oauth2.consent.grant"], &["T1528"], &["NHI3:2025"]),
    rule(&[Fact(Kind::CredentialCreated)], &[], &["T1098.001"], &["NHI5:2025"]),
    rule(&[Fact(Kind::PermissionGranted)], &[], &["T1098.003"], &["NHI5:2025"]),
    rule(&[Fact(Kind::TrustChanged)], &[], &["T1484.002"], &["NHI5:2025"]),
    rule(&[Fact(Kind::FactorChanged)], &[], &["T1556.006"], &[]),
    rule(&[Fact(Kind::AccessRevoked)], &[], &["T1531"], &[]),
    // Covering up.
    rule(&[Fact(Kind::LogTampering)], &[], &["T1685.002"], &[]),
];

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
        if is_machine(case) {
            add(&mut tags.owasp_nhi, rule.owasp_nhi);
        }
    }
    tags
}

fn applies(rule: &Rule, signs: &BTreeSet<Sign>, values: &[(Dimension, &str)]) -> bool {
    let of_rule = |dimension| rule.signs.contains(&New(dimension));
    let begins = |text: &str| rule.values.iter().any(|start| text.starts_with(start));
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
    if case.sources().len() > 1 {
        tags.push("DE.AE-03");
    }
    tags
}

/// OWASP's list is about identities that are no person.
fn is_machine(case: &Case<'_>) -> bool {
    case.subject.class.is_service_like() || case.subject.row.basis == KeyBasis::Account
}

fn add(tags: &mut Vec<&'static str>, more: &[&'static str]) {
    for tag in more {
        if !tags.contains(tag) {
            tags.push(tag);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As published: ATT&CK v19, OWASP NHI Top 10 2025, NIST CSF 2.0. Withdrawn
    /// and renamed ids (T1562.008, DE.CM-01 to -07 for behaviour, DE.AE-05) are
    /// left out on purpose.
    const PUBLISHED: &[&str] = &[
        "T1020",
        "T1021.007",
        "T1069.003",
        "T1078.004",
        "T1087.004",
        "T1098.001",
        "T1098.003",
        "T1110",
        "T1119",
        "T1136.003",
        "T1199",
        "T1213.003",
        "T1484.002",
        "T1496",
        "T1526",
        "T1528",
        "T1530",
        "T1531",
        "T1535",
        "T1537",
        "T1539",
        "T1550.001",
        "T1550.004",
        "T1552",
        "T1555.006",
        "T1556.006",
        "T1580",
        "T1619",
        "T1621",
        "T1648",
        "T1651",
        "T1685.002",
        "NHI1:2025",
        "NHI2:2025",
        "NHI3:2025",
        "NHI4:2025",
        "NHI5:2025",
        "NHI6:2025",
        "NHI7:2025",
        "NHI8:2025",
        "NHI9:2025",
        "NHI10:2025",
        "DE.CM-06",
    ];

    #[test]
    fn every_id_is_published() {
        for rule in RULES {
            for id in rule
                .attack
                .iter()
                .chain(rule.owasp_nhi)
                .chain(rule.nist_csf)
            {
                assert!(PUBLISHED.contains(id), "{id}");
                assert!(tag_name(id).is_some(), "{id}");
            }
        }
    }

    #[test]
    fn monitoring_has_a_name() {
        for id in ["DE.CM-03", "DE.CM-09", "DE.AE-02", "DE.AE-03"] {
            assert!(tag_name(id).is_some(), "{id}");
        }
    }

    #[test]
    fn rule_about_values_names_their_dimension() {
        for rule in RULES.iter().filter(|rule| !rule.values.is_empty()) {
            let names_one = rule.signs.iter().any(|sign| matches!(sign, New(_)));
            assert!(names_one, "{:?}", rule.values);
        }
    }
}
