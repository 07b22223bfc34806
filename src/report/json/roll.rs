//! Who is who, `habitual.identity/1` per identity and `habitual.identities/1`
//! around all of them.

use serde::Serialize;

use super::{LinkedShape, Text, finite, text};
use crate::report::roll::{Listed, Refused, Roll};

#[derive(Serialize)]
pub(super) struct RollShape<'a> {
    schema: &'static str,
    identities: Vec<ListedShape<'a>>,
}

impl<'a> RollShape<'a> {
    pub(super) fn of(roll: &'a Roll) -> Self {
        Self {
            schema: "habitual.identities/1",
            identities: roll.identities.iter().map(ListedShape::of).collect(),
        }
    }
}

#[derive(Serialize)]
pub(super) struct ListedShape<'a> {
    schema: &'static str,
    id: Text<'a>,
    name: Text<'a>,
    class: &'static str,
    class_confidence: f64,
    tenant: Text<'a>,
    sources: Vec<&'static str>,
    native: Option<Text<'a>>,
    basis: &'static str,
    n_events: u64,
    linked: Vec<LinkedShape<'a>>,
    refused: Vec<RefusedShape<'a>>,
}

impl<'a> ListedShape<'a> {
    pub(super) fn of(listed: &'a Listed) -> Self {
        Self {
            schema: "habitual.identity/1",
            id: text(&listed.id),
            name: text(&listed.name),
            class: listed.class.0.name(),
            class_confidence: f64::from(listed.class.1) / 100.0,
            tenant: text(&listed.tenant),
            sources: listed.sources.iter().map(|source| source.name()).collect(),
            native: listed.native.as_ref().map(text),
            basis: listed.basis,
            n_events: listed.n_events,
            linked: listed.linked.iter().map(LinkedShape::of).collect(),
            refused: listed.refused.iter().map(RefusedShape::of).collect(),
        }
    }
}

#[derive(Serialize)]
struct RefusedShape<'a> {
    id: Text<'a>,
    rule: &'static str,
    confidence: Option<f64>,
    n_evidence: u64,
    reason: &'static str,
}

impl<'a> RefusedShape<'a> {
    fn of(refused: &'a Refused) -> Self {
        Self {
            id: text(&refused.id),
            rule: refused.rule,
            confidence: finite(Some(refused.confidence)),
            n_evidence: refused.n_evidence,
            reason: refused.reason,
        }
    }
}
