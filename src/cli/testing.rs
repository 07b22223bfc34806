//! Findings for the tests of this module.

use crate::event::{Class, Source, Timestamp, Untrusted, Window};
use crate::finding::{
    Channel, Finding, FindingIdentity, PeerGroup, Severity, Support, Tags, Verdict,
};

/// A finding of which only the identity and the severity matter.
pub(super) fn finding(name: &str, class: Class, source: Source, severity: Severity) -> Finding {
    Finding {
        finding_id: String::new(),
        rank: None,
        identity: FindingIdentity {
            id: Untrusted::new(format!("id:{name}")),
            name: name.into(),
            class,
            tenant: Untrusted::default(),
            sources: vec![source],
            native: Some(("arn", Untrusted::new(format!("arn:aws:iam::1:{name}")))),
            basis: "test",
            linked: Vec::new(),
        },
        review: Window {
            start: Timestamp::from_seconds(0),
            end: Timestamp::from_seconds(1),
        },
        p_value: None,
        q_value: None,
        severity,
        is_selected: Severity::None < severity,
        recurrence: None,
        facts: Vec::new(),
        channel: Channel::Review,
        support: Support {
            active_days: 0,
            usable_days: 0,
            n_events: 0,
            verdict: Verdict::New,
            verdicts: Vec::new(),
        },
        abstained: None,
        days: Vec::new(),
        evidence: Vec::new(),
        peers: PeerGroup {
            group: String::new(),
            size: 0,
            nearest: Vec::new(),
        },
        tags: Tags::default(),
        next_steps: Vec::new(),
        rhythm: None,
    }
}
