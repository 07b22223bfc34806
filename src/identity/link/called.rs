//! What identities are called, by themselves and by those who vouch for them.

use super::name::{self, normalise};
use super::{Evidence, LinkFile, Node, Rule};
use crate::event::{AliasKind, KeyBasis};

/// What an identity is called, and how sure it is that an Okta user of that
/// name is meant: of the whole name, and of its first part alone.
pub(super) struct Called {
    pub(super) name: String,
    pub(super) rule: Rule,
    pub(super) whole: u8,
    pub(super) local: Option<(Rule, u8)>,
    pub(super) evidence: Evidence,
}

/// What `node` is called by whoever vouches for it.
pub(super) fn names(node: &Node<'_>, file: &LinkFile) -> Vec<Called> {
    let called = |name: &str, rule, whole, local| Called {
        name: normalise(name),
        rule,
        whole,
        local,
        evidence: node.seen,
    };
    let component = |kind: &str| node.key.strip_prefix(kind).map(name::decode);
    let entry = file.directory.get(node.key);
    let of_key = match node.basis {
        KeyBasis::OnBehalfOf => entry.map(|it| called(&it.name, Rule::Directory, 97, None)),
        KeyBasis::Sso => component("aws:sso:")
            .map(|name| called(&name, Rule::SsoLogin, 97, Some((Rule::SsoLocal, 85)))),
        KeyBasis::SourceIdentity => {
            component("aws:srcid:").map(|name| called(&name, Rule::SourceIdentity, 92, None))
        }
        KeyBasis::User => Some(called(
            node.name,
            Rule::IamUser,
            85,
            Some((Rule::IamUser, 65)),
        )),
        KeyBasis::StableSession => node
            .session
            .map(|name| called(name, Rule::SessionName, 70, None)),
        KeyBasis::Federated => external(node, "aws:saml:").map(|(provider, subject)| {
            let is_okta = provider.to_lowercase().contains("okta");
            called(&subject, Rule::Saml, if is_okta { 95 } else { 85 }, None)
        }),
        _ => None,
    };
    let told = node.aliases.iter().filter_map(|(kind, name, evidence)| {
        let (rule, whole, local) = vouched(*kind)?;
        let evidence = *evidence;
        Some(Called {
            evidence,
            ..called(name, rule, whole, local)
        })
    });
    let told: Vec<Called> = told.collect();
    let by_convention = conventional(node).filter(|_| told.is_empty());
    of_key
        .into_iter()
        .chain(told)
        .chain(by_convention)
        .collect()
}

/// A rule, how sure it is of the whole name, and of the first part alone.
type Vouched = (Rule, u8, Option<(Rule, u8)>);

/// How sure a name in Vault's log is.
fn vouched(kind: AliasKind) -> Option<Vouched> {
    match kind {
        AliasKind::OktaUser => Some((Rule::VaultOkta, 97, Some((Rule::VaultOkta, 88)))),
        AliasKind::Federated => Some((Rule::VaultFederated, 95, None)),
        AliasKind::Claim => Some((Rule::VaultClaim, 95, None)),
        AliasKind::Directory => Some((Rule::VaultDirectory, 70, Some((Rule::VaultDirectory, 70)))),
        _ => None,
    }
}

/// The name behind that of the mount, for tokens whose login is not in the
/// logs: mounts are mostly called after their method. A child token begins
/// with `token`, whatever its parent called it.
fn conventional(node: &Node<'_>) -> Option<Called> {
    let is_vault = matches!(
        node.basis,
        KeyBasis::VaultEntity | KeyBasis::VaultMount | KeyBasis::VaultDisplayName
    );
    let (method, name) = node.name.split_once('-').filter(|_| is_vault)?;
    let kind = match method {
        "oidc" | "saml" => AliasKind::Federated,
        "okta" => AliasKind::OktaUser,
        "ldap" | "userpass" | "github" => AliasKind::Directory,
        _ => return None,
    };
    let (rule, whole, local) = vouched(kind)?;
    Some(Called {
        name: normalise(name),
        rule,
        whole,
        local,
        evidence: node.seen,
    })
}

/// Okta ids that `node` is called by.
pub(super) fn okta_ids(node: &Node<'_>, file: &LinkFile) -> Vec<(String, Rule, u8, Evidence)> {
    let entry = file.directory.get(node.key).into_iter();
    let ids = entry.flat_map(|entry| entry.ids.iter().cloned());
    let mut found: Vec<_> = ids.map(|id| (id, Rule::Directory, 99, node.seen)).collect();
    if let Some(id) = node.key.strip_prefix("aws:srcid:") {
        // Keys of this kind are in lower case, ids are not.
        let logged = Some(node.name).filter(|name| name.to_lowercase() == name::decode(id));
        let logged = logged.unwrap_or_default().to_owned();
        found.push((logged, Rule::SourceIdentity, 97, node.seen));
    }
    if let Some((provider, subject)) = external(node, "aws:oidc:")
        && provider.to_lowercase().contains("okta")
    {
        found.push((subject, Rule::OktaSubject, 98, node.seen));
    }
    let told = node.aliases.iter().filter_map(|(kind, name, evidence)| {
        let is_federated = *kind == AliasKind::Federated;
        is_federated.then(|| ((*name).to_owned(), Rule::VaultFederated, 98, *evidence))
    });
    found.extend(told);
    found
}

/// Provider and subject of somebody who signed in elsewhere.
fn external(node: &Node<'_>, kind: &str) -> Option<(String, String)> {
    let (provider, subject) = node.key.strip_prefix(kind)?.split_once('/')?;
    Some((name::decode(provider), name::decode(subject)))
}

/// The repository, `<owner>/<name>`, that the jobs behind a node run for.
pub(super) fn job(node: &Node<'_>) -> Option<String> {
    let of_role = node
        .key
        .split_once("/ci:")
        .map(|(_, repository)| repository.to_owned());
    let of_token = || {
        let (_, subject) = external(node, "aws:oidc:")?;
        Some(subject.strip_prefix("repo:")?.to_owned())
    };
    let repository = of_role.or_else(of_token)?;
    Some(name::decode(&repository).to_lowercase())
}
