//! Notable records: what a product itself says about an identity, beside what
//! the identity did.

use super::StringId;
use crate::event::{Citation, Event, Flags};

/// The refusal of a sign-in that somebody else may have begun.
const PUSH_DENIED: &str = "user.mfa.okta_verify.deny_push";

/// Why a record is notable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Notable {
    /// The owner of a second factor refused a sign-in.
    PushDenied,
    /// The product's own risk engine spoke.
    VendorVerdict,
}

impl Notable {
    /// Every reason.
    pub const ALL: [Self; 2] = [Self::PushDenied, Self::VendorVerdict];

    /// The lower-case name used in machine output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PushDenied => "push_denied",
            Self::VendorVerdict => "vendor_verdict",
        }
    }

    /// Why `event` is notable, if it is.
    pub(super) fn of(event: &Event<'_>) -> Option<Self> {
        if event.action.name == PUSH_DENIED {
            Some(Self::PushDenied)
        } else if event.flags.has(Flags::VENDOR_RISK) {
            Some(Self::VendorVerdict)
        } else {
            None
        }
    }
}

/// Notable records of one kind and action in a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotableAct {
    /// Why.
    pub kind: Notable,
    /// The action's name in the ledger's string table.
    pub action: StringId,
    /// How many.
    pub n_events: u32,
    /// The first one.
    pub citation: Citation,
}

/// Adds to a list that is ascending by kind and action within one ledger.
pub(super) fn merge(acts: &mut Vec<NotableAct>, act: NotableAct) {
    let key = |act: &NotableAct| (act.kind, act.action);
    match acts.binary_search_by_key(&key(&act), key) {
        Ok(at) => {
            if let Some(own) = acts.get_mut(at) {
                own.n_events = own.n_events.saturating_add(act.n_events);
                own.citation = own.citation.clone().min(act.citation);
            }
        }
        Err(at) => acts.insert(at, act),
    }
}
