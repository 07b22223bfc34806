//! Proposals: which two identities the rules say may be one.

use std::collections::{BTreeMap, BTreeSet};

use super::called::{job, names, okta_ids};
use super::meeting::Meetings;
use super::name::{self, Principal, normalise};
use super::{Edge, Evidence, LIKELY, LinkFile, Node, Rule};
use crate::event::{AliasKind, KeyBasis, encode_component};

/// How sure the first part of a login is, with the meetings of both.
const SUPPORTED: u8 = 93;

/// Proposes edges: those that stand, and those that fit several identities
/// equally well. At most one edge between two identities, the surest.
pub(super) fn edges(nodes: &[&Node<'_>], file: &LinkFile) -> (Vec<Edge>, Vec<Edge>) {
    let index = Index::of(nodes);
    let mut proposals = Proposals::default();
    for node in nodes {
        proposals.add_one_of(node, index.okta_users(node, file));
        proposals.add_one_of(node, index.aws_principals(node));
        proposals.add_one_of(node, index.aws_sessions(node));
        proposals.add_one_of(node, index.service_accounts(node));
        proposals.add_one_of(node, index.of_directory(node, file));
        proposals.add_one_of(node, index.with_keys_of(node));
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
    /// SSO sessions by the access keys that they used, and when.
    sso_keys: BTreeMap<(i32, u32), BTreeSet<&'a str>>,
    meetings: Meetings<'a>,
}

impl<'a> Index<'a> {
    fn of(nodes: &[&Node<'a>]) -> Self {
        let mut index = Self {
            meetings: Meetings::of(nodes),
            ..Self::default()
        };
        for node in nodes {
            index.keys.insert(node.key);
            match node.basis {
                KeyBasis::OktaActor => index.add_okta(node),
                KeyBasis::Sso => {
                    for key in &node.keys {
                        index.sso_keys.entry(*key).or_default().insert(node.key);
                    }
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
    fn okta_users(&self, node: &Node<'_>, file: &LinkFile) -> Vec<Proposal<'a>> {
        if node.basis == KeyBasis::OktaActor {
            return Vec::new();
        }
        let mut found = Vec::new();
        for (id, rule, confidence, evidence) in okta_ids(node, file) {
            let user = self.ids.get(id.as_str());
            found.extend(user.map(|user| (*user, rule, confidence, evidence)));
        }
        for called in names(node, file) {
            if name::is_address(&called.name) {
                let users = self.users_called(&called.name);
                let told = |user| (user, called.rule, called.whole, called.evidence);
                found.extend(users.into_iter().map(told));
            } else if let Some((rule, sure)) = called.local {
                let users = self.locals.get(called.name.as_str());
                let users = users.filter(|_| name::local(&called.name).is_some());
                let told = |user: &&'a str| {
                    let sure = self.supported(node.key, user, rule).unwrap_or(sure);
                    (*user, rule, sure, called.evidence)
                };
                found.extend(users.into_iter().flatten().map(told));
            }
        }
        if found.is_empty() {
            let met = self.meetings.with(node.key);
            found.extend(met.map(|(user, (sure, evidence))| (user, Rule::Meeting, sure, evidence)));
        }
        found
    }

    /// How sure the first part of a login is of an SSO session that the user of
    /// this login keeps meeting.
    fn supported(&self, key: &str, user: &str, rule: Rule) -> Option<u8> {
        let mut met = self.meetings.with(key);
        let (_, (sure, _)) = met.find(|(it, _)| *it == user)?;
        (rule == Rule::SsoLocal && sure >= LIKELY).then_some(SUPPORTED)
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

    /// The SSO session that the directory says a user of it is.
    fn of_directory(&self, node: &Node<'_>, file: &LinkFile) -> Vec<Proposal<'a>> {
        let entry = file
            .directory
            .get(node.key)
            .filter(|it| !it.name.is_empty());
        let key = entry.map(|it| format!("aws:sso:{}", encode_component(&it.name)));
        let session = key.and_then(|key| self.keys.get(key.as_str()));
        let told = |key: &&'a str| (*key, Rule::Directory, 99, node.seen);
        session.iter().copied().map(told).collect()
    }

    /// SSO sessions that used access keys of an Identity Center user, each in
    /// one period.
    fn with_keys_of(&self, node: &Node<'_>) -> Vec<Proposal<'a>> {
        if node.basis != KeyBasis::OnBehalfOf {
            return Vec::new();
        }
        let mut n_common: BTreeMap<&'a str, u64> = BTreeMap::new();
        for session in node.keys.iter().filter_map(|key| self.sso_keys.get(key)) {
            for key in session {
                *n_common.entry(key).or_default() += 1;
            }
        }
        let told = |(key, n)| (key, Rule::AccessKey, 95, Evidence { n, ..node.seen });
        n_common.into_iter().map(told).collect()
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
            let key = format!("aws:sso:{}", encode_component(&session));
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
        // Mounts for jobs mostly call their users by the repository.
        let told = told.filter(|(kind, name, _)| match kind {
            AliasKind::Repository => true,
            AliasKind::Federated => node.class.is_service_like() && name::is_repository(name),
            _ => false,
        });
        let of = |(_, repository, evidence): &(AliasKind, &str, Evidence)| {
            let jobs = self.jobs.get(&repository.to_lowercase());
            let evidence = *evidence;
            let told = move |key: &&'a str| (*key, Rule::Repository, 95, evidence);
            jobs.into_iter().flatten().map(told).collect::<Vec<_>>()
        };
        told.flat_map(of).collect()
    }
}
