//! Links: who is one with the identity of a case, or likely to be.

use super::case::{Case, readable_name};
use super::{LinkKind, LinkedIdentity, finding_id};
use crate::event::Untrusted;
use crate::ledger::{Linked, Links};

/// Who is one with the account of this key, or likely to be, with the findings
/// that those have of their own.
pub(super) fn of(case: &Case<'_>) -> Vec<LinkedIdentity> {
    let background = case.background;
    let all = background.review.links().of(&case.person().key);
    all.iter()
        .map(|linked| LinkedIdentity {
            finding_id: (!linked.is_merged && background.reviewed.contains(linked.account))
                .then(|| finding_id(linked.account, background.windows.1)),
            ..tell(linked)
        })
        .collect()
}

/// Who is one with the account of this key, or likely to be.
#[must_use]
pub fn linked(links: &Links, key: &str) -> Vec<LinkedIdentity> {
    links.of(key).iter().map(tell).collect()
}

fn tell(linked: &Linked<'_>) -> LinkedIdentity {
    let edge = linked.edge;
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
        finding_id: None,
    }
}
