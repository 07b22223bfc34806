//! What an Okta event acted on, and the relations that this forms.
//!
//! The position of a target carries no meaning, so everything is chosen by
//! type and sorted.

use std::borrow::Cow;

use smallvec::SmallVec;

use super::actor::{USER_CONFIDENCE, Who, is_email_shaped, key};
use super::event_types::Meaning;
use super::known;
use super::record::{LogEvent, Principal};
use crate::event::{Class, Edge, EdgeKind, KeyBasis, Outcome, Resource, Subject, Verb};

/// At most this many resources and edges are kept of one event.
const MAX_KEPT: usize = 64;

/// What a target is to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// A user, known by id.
    User,
    /// A group, known by name.
    Group,
    /// An application, known by name.
    App,
    /// Anything else with a stable name.
    Named,
    /// One-time things, whose very names may be secrets.
    Transient,
}

/// Target types: our word for the kind, and what it is to us.
const TYPES: &[(&str, &str, Role)] = &[
    ("User", "user", Role::User),
    ("AppUser", "app_user", Role::Transient),
    ("AppInstance", "app", Role::App),
    ("PublicClientApp", "app", Role::App),
    ("UserGroup", "group", Role::Group),
    ("Group", "group", Role::Group),
    ("AppGroup", "group", Role::Group),
    ("AuthenticatorEnrollment", "factor", Role::Named),
    ("Authenticator", "factor", Role::Named),
    ("Factor", "factor", Role::Named),
    ("PolicyEntity", "policy", Role::Named),
    ("Policy", "policy", Role::Named),
    ("PolicyRule", "policy_rule", Role::Named),
    ("Rule", "policy_rule", Role::Named),
    ("Zone", "zone", Role::Named),
    ("NetworkZone", "zone", Role::Named),
    ("IdentityProvider", "idp", Role::Named),
    ("IDP", "idp", Role::Named),
    ("LogStream", "log_stream", Role::Named),
    ("EventHook", "hook", Role::Named),
    ("InlineHook", "hook", Role::Named),
    ("AuthorizationServer", "auth_server", Role::Named),
    ("ROLE", "role", Role::Named),
    ("Role", "role", Role::Named),
    ("CUSTOM_ROLE", "role", Role::Named),
    ("RESOURCE_SET", "resource_set", Role::Named),
    ("Token", "token", Role::Named),
    ("URL Pattern", "url_pattern", Role::Named),
    ("access_token", "token", Role::Transient),
    ("id_token", "token", Role::Transient),
    ("refresh_token", "token", Role::Transient),
    ("code", "code", Role::Transient),
];

/// Kind of every target type that [`TYPES`] does not hold.
const OTHER: &str = "other";

/// What the targets of one event come to.
#[derive(Default)]
pub(super) struct Targets<'a> {
    pub(super) resources: SmallVec<[Resource<'a>; 2]>,
    pub(super) n_resources: u32,
    pub(super) edges: SmallVec<[Edge<'a>; 1]>,
    /// Users whose timeline shows the event too.
    pub(super) subjects: SmallVec<[Subject<'a>; 1]>,
    /// A user other than the actor is among them.
    pub(super) has_other_user: bool,
}

/// Reads the targets of an event of this `meaning` by this actor.
pub(super) fn targets<'a>(
    log: &LogEvent<'a>,
    org: &str,
    meaning: &Meaning,
    who: &Who<'a>,
    outcome: Outcome,
) -> Targets<'a> {
    let mut targets = Targets::default();
    // What was refused changed nothing for anybody.
    let is_done_to = outcome == Outcome::Success && meaning.verb.is_privileged();
    for target in &log.target.0 {
        let Some((kind, role)) = classify(target) else {
            continue;
        };
        let is_other_user = role == Role::User && is_other(target, who);
        targets.has_other_user |= is_other_user;
        if is_other_user && is_done_to {
            targets.subjects.extend(subject(target, org));
        }
        if role != Role::Transient {
            targets.resources.push(resource(target, kind, role));
        }
        let may_relate = match role {
            Role::User => is_other_user && meaning.edge != Some(EdgeKind::Invoke),
            Role::Group => matches!(meaning.edge, Some(EdgeKind::Grant | EdgeKind::Touch)),
            Role::App => meaning.edge != Some(EdgeKind::Mint),
            Role::Named | Role::Transient => false,
        };
        if let Some(kind) = meaning.edge.filter(|_| may_relate)
            && let Some(target) = far_end(target, role, org)
        {
            targets.edges.push(Edge { kind, target });
        }
    }
    add_granted_role(&mut targets, log, meaning);
    add_impersonation(&mut targets, who);
    put_in_order(&mut targets);
    targets
}

/// The administrator role that a grant names outside its targets.
fn add_granted_role<'a>(targets: &mut Targets<'a>, log: &LogEvent<'a>, meaning: &Meaning) {
    let granted = &log.debug_context.value.debug_data.value.privilege_granted;
    if meaning.verb == Verb::Permission
        && let Some(role) = granted.cloned()
    {
        targets.resources.push(Resource {
            kind: "role".into(),
            scope: format!("role/{role}").into(),
            id: role,
        });
    }
}

fn add_impersonation<'a>(targets: &mut Targets<'a>, who: &Who<'a>) {
    if let Some(user) = &who.impersonated {
        targets.edges.push(Edge {
            kind: EdgeKind::Assume,
            target: user.key.clone(),
        });
        targets.subjects.push(user.clone());
    }
}

fn put_in_order(targets: &mut Targets<'_>) {
    let Targets {
        resources,
        edges,
        subjects,
        ..
    } = targets;
    resources.sort_by(|a, b| (&a.kind, &a.id, &a.scope).cmp(&(&b.kind, &b.id, &b.scope)));
    resources.dedup();
    targets.n_resources = u32::try_from(resources.len()).unwrap_or(u32::MAX);
    resources.truncate(MAX_KEPT);
    edges.sort_by(|a, b| (a.kind, &a.target).cmp(&(b.kind, &b.target)));
    edges.dedup();
    edges.truncate(MAX_KEPT);
    subjects.sort_by(|a, b| (&a.key, &a.display).cmp(&(&b.key, &b.display)));
    subjects.dedup_by(|again, first| again.key == first.key);
    subjects.truncate(MAX_KEPT);
}

fn classify(target: &Principal<'_>) -> Option<(&'static str, Role)> {
    let logged = known(&target.kind)?;
    let row = TYPES.iter().find(|(name, ..)| *name == logged);
    Some(row.map_or((OTHER, Role::Named), |(_, kind, role)| (*kind, *role)))
}

/// Whether a user is somebody else than the actor.
fn is_other(target: &Principal<'_>, who: &Who<'_>) -> bool {
    match (known(&target.id), who.id.as_deref()) {
        (Some(target), Some(actor)) => target != actor,
        _ => user_name(target).is_some_and(|login| !login.eq_ignore_ascii_case(&who.actor.display)),
    }
}

/// A user's login, unless it may be something else that was typed for it.
fn user_name<'a>(user: &Principal<'a>) -> Option<Cow<'a, str>> {
    user.alternate_id
        .cloned()
        .filter(|login| is_email_shaped(login))
}

/// The user as somebody to whom something was done; only users of whom the id
/// is known have a timeline.
fn subject<'a>(user: &Principal<'a>, org: &str) -> Option<Subject<'a>> {
    let id = known(&user.id)?;
    Some(Subject {
        key: key(org, id).into(),
        display: user_name(user).or_else(|| user.id.cloned())?,
        basis: KeyBasis::OktaActor,
        class: Class::Human,
        class_confidence: USER_CONFIDENCE,
    })
}

/// The name a thing keeps over time, else its id.
fn stable_name<'a>(target: &Principal<'a>) -> Option<Cow<'a, str>> {
    [&target.display_name, &target.alternate_id, &target.id]
        .into_iter()
        .find(|text| known(text).is_some())
        .and_then(|text| text.cloned())
}

fn resource<'a>(target: &Principal<'a>, kind: &'static str, role: Role) -> Resource<'a> {
    let known_id = || target.id.cloned().filter(|_| known(&target.id).is_some());
    let (id, name) = if role == Role::User {
        let login = user_name(target);
        let id = known_id();
        let name = id.clone().or_else(|| login.clone());
        (login.or(id), name)
    } else if kind == OTHER {
        (known_id(), None)
    } else {
        let name = stable_name(target);
        (name.clone(), name)
    };
    Resource {
        kind: kind.into(),
        id: id.unwrap_or_default(),
        scope: name.map_or(Cow::Borrowed(""), |name| format!("{kind}/{name}").into()),
    }
}

/// The other end of a relation: an identity key for users, a name for the rest.
fn far_end<'a>(target: &Principal<'a>, role: Role, org: &str) -> Option<Cow<'a, str>> {
    match role {
        Role::User => known(&target.id).map(|id| key(org, id).into()),
        Role::Group => stable_name(target).map(|name| format!("group/{name}").into()),
        Role::App => stable_name(target).map(|name| format!("app/{name}").into()),
        Role::Named | Role::Transient => None,
    }
}
