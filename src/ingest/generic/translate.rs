//! From one record to its events, as a mapping says.

use std::borrow::Cow;

use sha2::{Digest, Sha256};
use smallvec::SmallVec;

use super::mapping::{Case, Mapping};
use super::path::Path;
use super::time;
use super::tree::Tree;
use super::words::first_text;
use crate::event::{
    Action, Actor, Class, Client, Credential, Edge, EdgeKind, Event, Flags, Interface, KeyBasis,
    Mfa, NetKind, Origin, Outcome, Resource, Source, Ties, encode_component,
};
use crate::ingest::UNNAMED_TENANT;
use crate::ingest::coverage::SkipReason;
use crate::ingest::net::Network;
use crate::ingest::record::Context;
use crate::ingest::text::{MAX_TEXT, clip};
use crate::ingest::user_agent::UserAgent;

/// Events that one record may hold.
const MAX_EVENTS: usize = 1024;
/// Resources kept of one event.
const MAX_RESOURCES: usize = 64;
/// Parts of an id that are its scope, where the mapping does not say.
const SCOPE_SEGMENTS: usize = 2;

impl Mapping {
    /// The events of `record`, at least one.
    ///
    /// # Errors
    ///
    /// The reason why it holds none.
    pub(super) fn events(
        &self,
        record: &Tree<'_>,
        context: &mut Context<'_>,
    ) -> Result<Vec<Event<'static>>, SkipReason> {
        let filter = &self.filter;
        let is_kept = filter
            .keep_if
            .iter()
            .all(|condition| condition.holds(record));
        if !is_kept
            || filter
                .drop_if
                .iter()
                .any(|condition| condition.holds(record))
        {
            return Err(SkipReason::Filtered);
        }
        let Ok(path) = Path::parse(&self.explode.path) else {
            return Ok(vec![self.event(record, None, context)?]);
        };
        let mut events = Vec::new();
        let mut first_problem = SkipReason::NoAction;
        let mut n_elements = 0;
        path.visit(record, &mut |array| {
            for element in array.elements() {
                if n_elements >= MAX_EVENTS {
                    return;
                }
                let whole = self.with_element(record, element);
                match self.event(&whole, Some(n_elements), context) {
                    Ok(mut event) => {
                        event.n_records = u32::from(events.is_empty());
                        events.push(event);
                    }
                    Err(problem) if events.is_empty() && n_elements == 0 => first_problem = problem,
                    Err(_) => {}
                }
                n_elements += 1;
            }
        });
        if n_elements == 0 {
            // Stored one by one.
            return Ok(vec![self.event(record, None, context)?]);
        }
        if events.is_empty() {
            return Err(first_problem);
        }
        Ok(events)
    }

    /// The record with one element of its array under the name that the
    /// mapping gives it.
    fn with_element<'t>(&self, record: &Tree<'t>, element: &Tree<'t>) -> Tree<'t> {
        let mut members = record.members().to_vec();
        members.push((self.explode.name.clone().into(), element.clone()));
        Tree::Object(members)
    }

    fn event(
        &self,
        record: &Tree<'_>,
        element: Option<usize>,
        context: &mut Context<'_>,
    ) -> Result<Event<'static>, SkipReason> {
        let written = first_text(&self.time.path, record).ok_or(SkipReason::NoTime)?;
        let time = time::read(&written, &self.time, context.notes)
            .ok_or(SkipReason::NoTime)?
            .plausible()
            .ok_or(SkipReason::ImplausibleTime)?;
        let action = self.action(record).ok_or(SkipReason::NoAction)?;
        let tenant = self.text(&self.tenant.path, record);
        let tenant = tenant.unwrap_or_else(|| UNNAMED_TENANT.to_owned());
        let actor = self.actor(record, &tenant);
        let (outcome, outcome_code) = self.outcome(record);
        let (resources, resources_total) = self.resources(record);
        let impersonator = self.text(&self.identity.impersonated_by, record);
        Ok(Event {
            source: Source::Generic,
            native_id: self.id(record, element).into(),
            time,
            region: None,
            via: None,
            outcome,
            outcome_code: outcome_code.map(Cow::Owned),
            origin: self.origin(record, &tenant, action.verb == crate::event::Verb::Auth),
            mfa: self.mfa(record),
            credential: self.credential(record),
            session: self.text(&self.session.path, record).map(Cow::Owned),
            edges: impersonator.map(impersonation).into_iter().collect(),
            bytes_out: first_text(&self.bytes.sent, record).and_then(|text| text.parse().ok()),
            minted: None,
            ties: Ties::default(),
            flags: Flags::none(),
            provenance: context.provenance,
            n_records: 1,
            tenant: tenant.into(),
            actor,
            action,
            resources,
            resources_total,
        })
    }

    /// The text at the first of `paths` that leads anywhere, bounded, and
    /// hashed where it must not be shown.
    fn text(&self, paths: &[Path], record: &Tree<'_>) -> Option<String> {
        paths.iter().find_map(|path| {
            let text = first_text(std::slice::from_ref(path), record)?;
            if self.secrets.never_output.contains(path) {
                return Some(hashed(&text));
            }
            Some(clip(text.into(), MAX_TEXT).into_owned())
        })
    }

    fn id(&self, record: &Tree<'_>, element: Option<usize>) -> String {
        let template = self.id.template.as_ref();
        let id = template
            .and_then(|template| template.fill(record))
            .map(|id| clip(id.into(), MAX_TEXT).into_owned())
            .or_else(|| self.text(&self.id.path, record));
        match (id, element) {
            (Some(id), Some(element)) => format!("{id}#{element}"),
            (Some(id), None) => id,
            (None, _) => String::new(),
        }
    }

    fn actor(&self, record: &Tree<'_>, tenant: &str) -> Actor<'static> {
        let identity = &self.identity;
        let id = self
            .text(&identity.key, record)
            .map(|id| match identity.case {
                Case::Keep => id,
                Case::Lower => id.to_lowercase(),
            });
        let prefix = format!("generic:{}:{}", self.name, encode_component(tenant));
        let Some(id) = id else {
            return Actor {
                key: format!("{prefix}/unresolved").into(),
                display: "unresolved".into(),
                class: Class::Anonymous,
                class_confidence: 50,
                basis: KeyBasis::Unresolved,
                sub: None,
                native: None,
                session: None,
            };
        };
        let rules = identity.class.rules.iter();
        let holding: Vec<_> = rules.filter(|rule| rule.when.holds(record)).collect();
        let ruled = holding.iter().find_map(|rule| rule.class);
        let (class, class_confidence) = match (ruled, identity.class.default) {
            (Some(class), _) => (class, 85),
            (None, Some(class)) => (class, 70),
            (None, None) => (Class::Unknown, 50),
        };
        let mut key = format!("{prefix}/{}", encode_component(&id));
        for facet in holding.iter().filter_map(|rule| rule.facet.as_deref()) {
            key.push('|');
            key.push_str(&encode_component(facet));
        }
        let display = self.text(&identity.display, record);
        let native = self.text(&identity.alias, record);
        Actor {
            key: key.into(),
            display: display.unwrap_or_else(|| id.clone()).into(),
            class,
            class_confidence,
            basis: KeyBasis::Mapping,
            sub: self.text(&identity.sub, record).map(Cow::Owned),
            native: Some(native.unwrap_or(id).into()),
            session: None,
        }
    }

    fn action(&self, record: &Tree<'_>) -> Option<Action<'static>> {
        let rules = &self.action;
        let mut templates = rules.templates().iter();
        let name = templates
            .find_map(|template| template.fill(record))
            .map(|name| clip(name.into(), MAX_TEXT).into_owned())
            .or_else(|| self.text(&rules.path, record))?;
        let folded = name.to_lowercase();
        Some(Action {
            service: self.name.clone().into(),
            name: format!("{}:{name}", self.name).into(),
            verb: rules.verb.of(&folded),
            sensitive: rules.sensitive.of(&folded),
        })
    }

    fn origin(&self, record: &Tree<'_>, tenant: &str, is_login: bool) -> Origin<'static> {
        let network = match self.text(&self.net.ip, record) {
            Some(text) => Network::of(text.into(), tenant, None),
            None => Network::default(),
        };
        let asn = first_text(&self.net.asn, record).and_then(|text| text.parse::<u32>().ok());
        let agent = self.text(&self.ua.path, record).unwrap_or_default();
        let agent = UserAgent::of(&agent);
        Origin {
            network: match asn {
                Some(asn) if matches!(network.kind, NetKind::Public | NetKind::Hosting) => {
                    Some(format!("AS{asn}").into())
                }
                _ => network.value,
            },
            address: network.address,
            net_kind: network.kind,
            country: self.text(&self.net.country, record).map(Cow::Owned),
            client: Client {
                family: agent.client.family.into_owned().into(),
                product: agent.client.product.map(|p| p.into_owned().into()),
                major: agent.client.major,
            },
            interface: if is_login {
                Interface::Login
            } else {
                agent.interface
            },
        }
    }

    fn resources(&self, record: &Tree<'_>) -> (SmallVec<[Resource<'static>; 2]>, u32) {
        let n_segments = self
            .resource
            .scope_segments
            .unwrap_or(SCOPE_SEGMENTS)
            .max(1);
        let mut kept = SmallVec::new();
        let mut total = 0_u32;
        for item in &self.resource.items {
            let is_secret = self.secrets.never_output.contains(&item.id);
            item.id.visit(record, &mut |value| {
                let Some(text) = value.text().filter(|t| !crate::ingest::text::is_absent(t)) else {
                    return;
                };
                total = total.saturating_add(1);
                if kept.len() < MAX_RESOURCES {
                    let id = if is_secret {
                        hashed(text)
                    } else {
                        clip(text.into(), MAX_TEXT).into_owned()
                    };
                    let segments = id.split('/').filter(|part| !part.is_empty());
                    let scope: Vec<&str> = segments.take(n_segments).collect();
                    kept.push(Resource {
                        kind: item.kind.clone().into(),
                        scope: scope.join("/").into(),
                        id: id.into(),
                    });
                }
            });
        }
        (kept, total)
    }

    fn outcome(&self, record: &Tree<'_>) -> (Outcome, Option<String>) {
        let outcomes = &self.outcome;
        let value = self.text(&outcomes.path, record);
        let mut rules = outcomes.rules.iter();
        let ruled = rules
            .find(|rule| rule.when.holds(record))
            .and_then(|rule| rule.outcome);
        let outcome = ruled
            .or_else(|| outcomes.of(value.as_deref()?))
            .or(outcomes.default)
            .unwrap_or(Outcome::Success);
        let code = self.text(&outcomes.code, record).or(value);
        (outcome, code.filter(|_| outcome != Outcome::Success))
    }

    fn mfa(&self, record: &Tree<'_>) -> Mfa {
        let mut is_proven = false;
        for path in &self.mfa.path {
            path.visit(record, &mut |value| {
                is_proven |= value.text().is_some_and(|text| {
                    self.mfa
                        .yes
                        .iter()
                        .any(|yes| yes.eq_ignore_ascii_case(text))
                });
            });
        }
        if is_proven { Mfa::Yes } else { Mfa::Unknown }
    }

    fn credential(&self, record: &Tree<'_>) -> Credential<'static> {
        let kind = first_text(&self.credential.kind, record);
        let (kind, is_long_lived) = kind
            .map(|kind| self.credential.of(&kind))
            .unwrap_or_default();
        Credential {
            kind,
            id: self.text(&self.credential.id, record).map(Cow::Owned),
            is_long_lived,
        }
    }
}

/// Somebody else acted as this identity.
fn impersonation(by: String) -> Edge<'static> {
    Edge {
        kind: EdgeKind::Assume,
        target: by.into(),
    }
}

/// What stands for a value that must not be shown: equal values stay equal.
fn hashed(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    let hex: String = digest
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("sha256:{hex}")
}
