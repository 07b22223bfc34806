//! Proposals: which two identities the rules say may be one.

use std::collections::{BTreeMap, BTreeSet};

use super::name::{self, Principal, normalise};
use super::{Edge, Evidence, LinkFile, Node, Rule};
use crate::event::{AliasKind, KeyBasis};

/// What an identity is called, and how sure it is that an Okta user of that
/// name is meant: of the whole name, and of its first part alone.
struct Called {
    name: String,
    rule: Rule,
    whole: u8,
    local: Option<(Rule, u8)>,
    evidence: Evidence,
}

/// Proposes edges: those that stand, and those that fit several identities
/// equally well. At most one edge between two identities, the surest.
pub(super) fn edges(nodes: &[&Node<'_>], file: &LinkFile) -> (Vec<Edge>, Vec<Edge>) {
    let index = Index::of(nodes);
    let mut proposals = Proposals::default();
    for node in nodes {
        proposals.add_one_of(node, index.okta_users(node));
        proposals.add_one_of(node, index.aws_principals(node));
        proposals.add_one_of(node, index.aws_sessions(node));
        proposals.add_one_of(node, index.service_accounts(node));
        for (key, rule, confidence, evidence) in index.repositories(node) {
            proposals.add(edge(node, key, rule, confidence, evidence));
        }
    }
    for (a, b) in file.linked_pairs() {
        let find = |key: &str| nodes.iter().find(|node| node.key == key);
        if let (Some(a), Some(b)) = (find(a), find(b)) {
            proposals.add(edge(a, b.key, Rule::Told, 100, a.seen.min(b.seen)));
        }
    }
    let edges = proposals.edges.into_values().collect();
    (edges, proposals.ambiguous)
}

/// A node at the other end, why, and how sure.
type Proposal<'a> = (&'a str, Rule, u8, Evidence);

#[derive(Default)]
struct Proposals {
    edges: BTreeMap<[Box<str>; 2], Edge>,
    ambiguous: Vec<Edge>,
}

impl Proposals {
    /// Adds the edges of a node that can belong to one other only. Where the
    /// surest ones lead to several, none of them counts.
    fn add_one_of(&mut self, node: &Node<'_>, proposed: Vec<Proposal<'_>>) {
        let surest = proposed.iter().map(|(_, _, sure, _)| *sure).max();
        let ends = proposed
            .iter()
            .filter(|(_, _, sure, _)| Some(*sure) == surest);
        let ends: BTreeSet<&str> = ends.map(|(key, ..)| *key).collect();
        for (key, rule, confidence, evidence) in proposed {
            let edge = edge(node, key, rule, confidence, evidence);
            if ends.len() < 2 {
                self.add(edge);
            } else if !self.ambiguous.contains(&edge) {
                self.ambiguous.push(edge);
            }
        }
    }

    fn add(&mut self, edge: Edge) {
        let rank = |edge: &Edge| (edge.confidence, std::cmp::Reverse(edge.rule), edge.evidence);
        match self.edges.get_mut(&edge.keys) {
            Some(known) if rank(known) >= rank(&edge) => {}
            Some(known) => *known = edge,
            None => {
                self.edges.insert(edge.keys.clone(), edge);
            }
        }
    }
}

fn edge(node: &Node<'_>, key: &str, rule: Rule, confidence: u8, evidence: Evidence) -> Edge {
    let mut keys: [Box<str>; 2] = [node.key.into(), key.into()];
    keys.sort();
    Edge {
        keys,
        rule,
        confidence,
        evidence,
    }
}

/// The nodes by what they are looked up by. Every value is in order of keys.
#[derive(Default)]
struct Index<'a> {
    /// Okta users by login.
    logins: BTreeMap<String, BTreeSet<&'a str>>,
    /// Okta users by the first part of their login.
    locals: BTreeMap<String, BTreeSet<&'a str>>,
    /// Okta users by id.
    ids: BTreeMap<&'a str, &'a str>,
    keys: BTreeSet<&'a str>,
    /// Roles and users by principal.
    principals: BTreeMap<Principal<'a>, BTreeSet<&'a str>>,
    /// Roles that Identity Center is known to give. Their names alone prove
    /// nothing: anybody may call a role so.
    sso_roles: BTreeSet<Principal<'a>>,
    /// Role sessions by their ARN.
    sessions: BTreeMap<&'a str, &'a str>,
    /// Service accounts of clusters whose own log was read, by name.
    pods: BTreeMap<&'a str, BTreeSet<&'a str>>,
    /// Jobs of continuous integration by repository.
    jobs: BTreeMap<String, BTreeSet<&'a str>>,
}

impl<'a> Index<'a> {
    fn of(nodes: &[&Node<'a>]) -> Self {
        let mut index = Self::default();
        for node in nodes {
            index.keys.insert(node.key);
            match node.basis {
                KeyBasis::OktaActor => index.add_okta(node),
                KeyBasis::Sso => {
                    index
                        .sso_roles
                        .extend(node.native.and_then(name::principal));
                }
                KeyBasis::StableSession => {
                    index
                        .sessions
                        .extend(node.native.map(|arn| (arn, node.key)));
                }
                KeyBasis::Role | KeyBasis::Compute | KeyBasis::Ci | KeyBasis::User => {
                    index.add_principal(node);
                }
                KeyBasis::Mapping => {
                    index.pods.entry(node.name).or_default().insert(node.key);
                }
                _ => {}
            }
            if let Some(repository) = job(node) {
                index.jobs.entry(repository).or_default().insert(node.key);
            }
        }
        index
    }

    fn add_okta(&mut self, node: &Node<'a>) {
        let logins = node
            .aliases
            .iter()
            .filter(|(kind, ..)| *kind == AliasKind::Login);
        for (_, login, _) in logins {
            let login = normalise(login);
            if let Some(local) = name::local(&login) {
                self.locals
                    .entry(local.to_owned())
                    .or_default()
                    .insert(node.key);
            }
            self.logins.entry(login).or_default().insert(node.key);
        }
        self.ids.extend(node.native.map(|id| (id, node.key)));
    }

    /// A part of a role (a function, a repository) is not the role.
    fn add_principal(&mut self, node: &Node<'a>) {
        let is_whole = !node.key.contains(['/', '#', '|']);
        let principal = node.native.and_then(name::principal);
        if let Some(principal) = principal.filter(|_| is_whole) {
            self.principals
                .entry(principal)
                .or_default()
                .insert(node.key);
        }
    }

    /// Okta users whom `node` may be.
    fn okta_users(&self, node: &Node<'_>) -> Vec<Proposal<'a>> {
        if node.basis == KeyBasis::OktaActor {
            return Vec::new();
        }
        let mut found = Vec::new();
        for (id, rule, confidence, evidence) in okta_ids(node) {
            let user = self.ids.get(id.as_str());
            found.extend(user.map(|user| (*user, rule, confidence, evidence)));
        }
        for called in names(node) {
            if name::is_address(&called.name) {
                let users = self.users_called(&called.name);
                let told = |user| (user, called.rule, called.whole, called.evidence);
                found.extend(users.into_iter().map(told));
            } else if let Some((rule, sure)) = called.local {
                let users = self.locals.get(called.name.as_str());
                let users = users.filter(|_| name::local(&called.name).is_some());
                let told = |user: &&'a str| (*user, rule, sure, called.evidence);
                found.extend(users.into_iter().flatten().map(told));
            }
        }
        found
    }

    fn users_called(&self, name: &str) -> BTreeSet<&'a str> {
        let exact = self.logins.get(name);
        let cut = self.logins.range(name.to_owned()..);
        let cut = cut.take_while(|(login, _)| name::may_be_cut(name) && login.starts_with(name));
        exact
            .into_iter()
            .chain(cut.map(|(_, users)| users))
            .flatten()
            .copied()
            .collect()
    }

    /// AWS principals that were given the tokens of a Vault entity.
    fn aws_principals(&self, node: &Node<'_>) -> Vec<Proposal<'a>> {
        let told = |kind| node.aliases.iter().filter(move |told| told.0 == kind);
        let mut found = Vec::new();
        for (_, text, evidence) in told(AliasKind::Principal) {
            let ids = ["aws:role:", "aws:user:"].map(|kind| format!("{kind}{text}"));
            let by_id = ids.iter().filter_map(|key| self.keys.get(key.as_str()));
            found.extend(by_id.map(|key| (*key, Rule::AwsPrincipal, 99, *evidence)));
            let by_arn = name::principal(text).and_then(|who| self.principals.get(&who));
            let by_arn = by_arn.into_iter().flatten();
            found.extend(by_arn.map(|key| (*key, Rule::AwsPrincipal, 97, *evidence)));
        }
        found
    }

    /// Sessions, and the people behind them, that were given the tokens of a
    /// Vault entity.
    fn aws_sessions(&self, node: &Node<'_>) -> Vec<Proposal<'a>> {
        let sessions = node.aliases.iter();
        let sessions = sessions.filter(|(kind, ..)| *kind == AliasKind::RoleSession);
        let key_of = |arn: &str| {
            if !self.sso_roles.contains(&name::principal(arn)?) {
                return self.sessions.get(arn).copied();
            }
            let session = name::session_of(arn)?.to_lowercase();
            let key = format!("aws:sso:{}", crate::event::encode_component(&session));
            self.keys.get(key.as_str()).copied()
        };
        sessions
            .filter_map(|(_, arn, evidence)| Some((key_of(arn)?, Rule::AwsSession, 97, *evidence)))
            .collect()
    }

    /// The service account, by its cluster's own log, behind a Vault entity.
    fn service_accounts(&self, node: &Node<'_>) -> Vec<Proposal<'a>> {
        let pods = node.aliases.iter();
        let pods = pods.filter(|(kind, ..)| *kind == AliasKind::ServiceAccount);
        pods.filter_map(|(_, pod, evidence)| {
            let name = format!("system:serviceaccount:{}", pod.replace('/', ":"));
            Some((self.pods.get(name.as_str())?, evidence))
        })
        .flat_map(|(keys, evidence)| {
            let told = |key: &&'a str| (*key, Rule::ServiceAccount, 97, *evidence);
            keys.iter().map(told)
        })
        .collect()
    }

    /// Jobs in AWS of the repository whose jobs a Vault entity stands for.
    fn repositories(&self, node: &Node<'_>) -> Vec<Proposal<'a>> {
        let told = node.aliases.iter();
        let told = told.filter(|(kind, ..)| *kind == AliasKind::Repository);
        let of = |(_, repository, evidence): &(AliasKind, &str, Evidence)| {
            let jobs = self.jobs.get(&repository.to_lowercase());
            let evidence = *evidence;
            let told = move |key: &&'a str| (*key, Rule::Repository, 95, evidence);
            jobs.into_iter().flatten().map(told).collect::<Vec<_>>()
        };
        told.flat_map(of).collect()
    }
}

/// What `node` is called by whoever vouches for it.
fn names(node: &Node<'_>) -> Vec<Called> {
    let called = |name: &str, rule, whole, local| Called {
        name: normalise(name),
        rule,
        whole,
        local,
        evidence: node.seen,
    };
    let component = |kind: &str| node.key.strip_prefix(kind).map(name::decode);
    let of_key = match node.basis {
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
fn okta_ids(node: &Node<'_>) -> Vec<(String, Rule, u8, Evidence)> {
    let mut found = Vec::new();
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
fn job(node: &Node<'_>) -> Option<String> {
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
