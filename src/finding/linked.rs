//! Links: who is one with the identity of a case, or likely to be.

use super::case::{Case, readable_name};
use super::{LinkKind, LinkedIdentity, finding_id};
use crate::event::Untrusted;
use crate::ledger::Linked;

pub(super) fn of(case: &Case<'_>) -> Vec<LinkedIdentity> {
    let links = case.background.review.links();
    let linked = links.of(&case.subject.row.key);
    linked.iter().map(|linked| tell(case, linked)).collect()
}

fn tell(case: &Case<'_>, linked: &Linked<'_>) -> LinkedIdentity {
    let edge = linked.edge;
    let is_reviewed = || case.background.review.account(linked.account).is_some();
    let has_finding = !linked.is_merged && is_reviewed();
    LinkedIdentity {
        id: Untrusted::new(linked.row.key.clone()),
        name: readable_name(linked.row).into(),
        source: linked.row.source(),
        rule: edge.rule.name(),
        confidence: f64::from(edge.confidence) / 100.0,
        n_evidence: edge.evidence.n,
        seen: (edge.evidence.first, edge.evidence.last),
        kind: if linked.is_merged {
            LinkKind::Merged
        } else {
            LinkKind::Likely
        },
        finding_id: has_finding.then(|| finding_id(linked.account, case.background.windows.1)),
    }
}
