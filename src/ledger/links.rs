//! Links: which accounts are one identity, decided on the history and frozen
//! for the review.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::followed::{self, Followed};
use super::{Account, IdentityRow, Ledger, Slot};
use crate::event::{Class, KeyBasis, Source};
use crate::identity::link::{self, Edge, Evidence, LinkFile, Linking, Node, Obstacle};

/// Which accounts are one, and which may be.
#[derive(Clone, Debug, Default)]
pub struct Links {
    linking: Linking,
    /// Per key of a member, the key of the account that it belongs to.
    one: BTreeMap<Box<str>, Box<str>>,
    /// Who everybody is that is linked or may be.
    known: BTreeMap<Box<str>, IdentityRow>,
    /// Per key of an account, the edges with an end in it.
    edges: BTreeMap<Box<str>, Vec<Edge>>,
    classes: BTreeMap<Box<str>, Class>,
    /// Roles that one of them alone took on in the review, by key.
    followed: BTreeMap<Box<str>, Followed>,
}

/// One identity that is linked to an account.
#[derive(Clone, Copy, Debug)]
pub struct Linked<'l> {
    /// Its row, as it is without the link.
    pub row: &'l IdentityRow,
    /// Key of the account that it belongs to: the same one, if they are
    /// merged.
    pub account: &'l str,
    /// Why.
    pub edge: &'l Edge,
    /// Whether they are one, or only likely to be.
    pub is_merged: bool,
}

impl Links {
    /// Decides on `history`, whose identities are settled. Who is in `review`
    /// alone is joined to nobody, but may be told as likely.
    #[must_use]
    pub fn decide(history: &Ledger, review: &Ledger, file: &LinkFile) -> Self {
        let mut nodes: Vec<Node<'_>> = nodes(history).collect();
        let mut linking = link::link(&nodes, file);
        let is_new = |key: &str| history.account(key).is_none();
        nodes.extend(self::nodes(review).filter(|node| is_new(node.key)));
        let both = link::link(&nodes, file);
        let edges = both.merged.into_iter().chain(both.likely);
        let with_new = edges.filter(|edge| edge.keys.iter().any(|key| is_new(key)));
        linking.likely.extend(with_new);
        linking.likely.sort();
        linking.likely.dedup();
        let mut links = Self {
            one: canonical(&linking.groups),
            ..Self::default()
        };
        links.take_rows(history, &linking);
        links.take_rows(review, &linking);
        links.followed = followed::decide(history, review, &links);
        let edges = links.followed.values().map(|it| it.edge.clone());
        let edges: Vec<Edge> = edges.collect();
        links.take_ends(review, &edges);
        for edge in linking.merged.iter().chain(&linking.likely).chain(&edges) {
            let ends = edge
                .keys
                .each_ref()
                .map(|key| Box::from(links.account_of(key)));
            for end in BTreeSet::from(ends) {
                links.edges.entry(end).or_default().push(edge.clone());
            }
        }
        let ids = file.ids().into_iter();
        let classes = ids.filter_map(|id| Some((links.account_of(id).into(), file.class(id)?)));
        links.classes = classes.collect();
        links.linking = linking;
        links
    }

    /// Keeps who is at the ends of edges.
    fn take_rows(&mut self, ledger: &Ledger, linking: &Linking) {
        let edges = linking.merged.iter().chain(&linking.likely);
        let given_way = linking.conflicts.iter().map(|(edge, _)| edge);
        self.take_ends(ledger, edges.chain(given_way));
    }

    fn take_ends<'e>(&mut self, ledger: &Ledger, edges: impl IntoIterator<Item = &'e Edge>) {
        for key in edges.into_iter().flat_map(|edge| &edge.keys) {
            if !self.known.contains_key(key)
                && let Some(account) = ledger.account(key)
            {
                self.known.insert(key.clone(), account.row.clone());
            }
        }
    }

    /// The key of the account that the identity with this key belongs to.
    #[must_use]
    pub fn account_of<'k>(&'k self, key: &'k str) -> &'k str {
        let followed = self.followed.get(key).map(|followed| &followed.by);
        followed.or(self.one.get(key)).map_or(key, AsRef::as_ref)
    }

    /// Whether the identity with this key is one with another.
    #[must_use]
    pub fn is_linked(&self, key: &str) -> bool {
        self.one.contains_key(key)
    }

    /// Whether what the identity with this key did in a period of the history
    /// belongs to the account that it is part of now: a role passes from hand to
    /// hand.
    #[must_use]
    pub fn is_theirs(&self, key: &str, slot: Slot) -> bool {
        let followed = self.followed.get(key);
        followed.is_none_or(|followed| followed.before.contains(slot))
    }

    /// Who is linked to the account with this key: first those that are one
    /// with it, then those that may be, each surest first.
    #[must_use]
    pub fn of(&self, account: &str) -> Vec<Linked<'_>> {
        let edges = self
            .edges
            .get(account)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let mut surest: BTreeMap<&str, Linked<'_>> = BTreeMap::new();
        for edge in edges {
            for key in edge.keys.iter().filter(|key| key.as_ref() != account) {
                let of = self.account_of(key);
                let is_merged = of == account;
                let reaches =
                    is_merged || edge.other(key).map(|key| self.account_of(key)) == Some(account);
                let Some(row) = self.known.get(key).filter(|_| reaches) else {
                    continue;
                };
                let linked = Linked {
                    row,
                    account: of,
                    edge,
                    is_merged,
                };
                let known = surest.entry(key.as_ref()).or_insert(linked);
                if rank(&linked) > rank(known) {
                    *known = linked;
                }
            }
        }
        let mut all: Vec<_> = surest.into_values().collect();
        all.sort_by(|a, b| {
            rank(b)
                .cmp(&rank(a))
                .then_with(|| a.row.key.cmp(&b.row.key))
        });
        all
    }

    /// Edges that were sure enough and joined nothing, and why.
    #[must_use]
    pub fn conflicts(&self) -> &[(Edge, Obstacle)] {
        &self.linking.conflicts
    }

    /// Who is at an end of an edge.
    #[must_use]
    pub fn row(&self, key: &str) -> Option<&IdentityRow> {
        self.known.get(key)
    }

    /// Whether no two accounts are one identity.
    #[must_use]
    pub fn joins_nobody(&self) -> bool {
        self.one.is_empty() && self.followed.is_empty()
    }

    /// Lets a ledger know its links. Its accounts stay apart: each has habits
    /// of its own.
    pub fn attach(self: &Arc<Self>, ledger: &mut Ledger) {
        for account in &mut ledger.accounts {
            let is_role = self.followed.contains_key(&account.row.key);
            let class = self.classes.get(self.account_of(&account.row.key));
            if let Some(class) = class.filter(|_| !is_role) {
                account.row.class = *class;
                account.row.class_confidence = 100;
            }
        }
        ledger.links = Arc::clone(self);
    }

    /// Makes one account of those that are one identity, for whoever lists
    /// them.
    pub fn apply(self: &Arc<Self>, ledger: &mut Ledger) {
        for mut account in ledger.take_accounts() {
            let whole = self
                .one
                .get(&account.row.key)
                .and_then(|key| self.known.get(key));
            if let Some(whole) = whole {
                account.row.become_part_of(whole);
            }
            if let Some(class) = self.classes.get(&account.row.key) {
                account.row.class = *class;
                account.row.class_confidence = 100;
            }
            ledger.merge_account(account);
        }
        ledger.links = Arc::clone(self);
    }
}

/// Merged before likely, then the surer, then the better evidence.
fn rank(linked: &Linked<'_>) -> (bool, u8, u64) {
    let edge = linked.edge;
    (linked.is_merged, edge.confidence, edge.evidence.n)
}

/// Per member of a group its Okta user, else its smallest key.
fn canonical(groups: &[BTreeSet<Box<str>>]) -> BTreeMap<Box<str>, Box<str>> {
    let of_group = |group: &BTreeSet<Box<str>>| {
        let okta = group.iter().find(|key| key.starts_with("okta:"));
        let one = okta.or_else(|| group.first()).cloned().unwrap_or_default();
        let members = group.iter().cloned();
        members.map(|key| (key, one.clone())).collect::<Vec<_>>()
    };
    groups.iter().flat_map(of_group).collect()
}

fn nodes(ledger: &Ledger) -> impl Iterator<Item = Node<'_>> {
    ledger
        .accounts()
        .iter()
        .filter_map(|account| node(ledger, account))
}

fn node<'l>(ledger: &'l Ledger, account: &'l Account) -> Option<Node<'l>> {
    let row = &account.row;
    let period = ledger.period();
    let evidence = |n: u64, first: i32, last: i32| Evidence {
        n,
        first: period.start_of(first),
        last: period.start_of(last),
    };
    let slots: Vec<i32> = account.cells.slots().collect();
    let (first, last) = (*slots.first()?, *slots.last()?);
    let n_keys = super::remark::credentials(std::iter::once(account)).count();
    let n_slots = u32::try_from(slots.len()).unwrap_or(u32::MAX);
    // Every sign-in to AWS has its own key; elsewhere periods are counted.
    let n_seen = if n_keys > 0 { n_keys } else { n_slots };
    let aliases = account.aliases.iter().filter_map(|told| {
        let n = told.slots.values().map(|n| u64::from(*n)).sum();
        let (first, last) = (told.slots.slots().next()?, told.slots.slots().last()?);
        Some((told.kind, told.name.as_ref(), evidence(n, first, last)))
    });
    let stays = || account.whereabouts.iter().map(|(_, stay)| stay);
    let mut arrivals: Vec<_> = stays().flat_map(|it| &it.arrivals).copied().collect();
    arrivals.sort_unstable();
    Some(Node {
        key: &row.key,
        name: &row.name,
        native: row.native.as_deref(),
        basis: row.basis,
        class: row.class,
        session: row.session.as_ref().map(|session| session.name.as_ref()),
        aliases: aliases.collect(),
        seen: evidence(n_seen.into(), first, last),
        slots,
        keys: keys(account),
        visits: stays().flat_map(|it| &it.visits).copied().collect(),
        arrivals,
    })
}

/// The access keys of an Identity Center user or of an SSO session, and when
/// each was used.
fn keys(account: &Account) -> Vec<(i32, u32)> {
    if !matches!(account.row.basis, KeyBasis::OnBehalfOf | KeyBasis::Sso) {
        return Vec::new();
    }
    let cells = account.cells.iter();
    let keys = cells.flat_map(|(slot, cell)| {
        let hashes = cell.credentials.hashes().iter();
        hashes.map(move |hash| (slot, *hash))
    });
    keys.collect()
}

impl IdentityRow {
    /// Makes this the row of an identity that is a part of another.
    fn become_part_of(&mut self, whole: &Self) {
        self.key.clone_from(&whole.key);
        self.name.clone_from(&whole.name);
        self.tenant.clone_from(&whole.tenant);
        self.native.clone_from(&whole.native);
        self.session.clone_from(&whole.session);
        self.basis = whole.basis;
    }

    /// The product that recorded it, the first of several.
    #[must_use]
    pub fn source(&self) -> Option<Source> {
        self.sources().next()
    }
}
