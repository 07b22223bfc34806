//! What a record says about other records of the same action.

use super::fields::Record;
use crate::ingest::dedup::number;
use crate::ingest::retelling::{Claim, Side};

/// Reason of an addendum: the record corrects another one.
const UPDATED: &str = "UPDATED_DATA";
/// Reasons of an addendum: the record was delivered hours late.
const DELAYED: &[&str] = &["DELIVERY_DELAY", "SERVICE_OUTAGE"];

/// The claim of `record`, if other records may tell its action.
pub(super) fn claim(record: &Record<'_>) -> Option<Claim> {
    let own = record.event_id.get().unwrap_or_default();
    let shared = record
        .shared_event_id
        .get()
        .map(|id| (number(id), side(record)));
    let addendum = &record.addendum.value;
    let corrects = addendum
        .original_event_id
        .get()
        .filter(|original| addendum.reason.is(UPDATED) && *original != own)
        .map(Box::from);
    (shared.is_some() || corrects.is_some()).then(|| Claim {
        id: number(own),
        shared,
        corrects,
    })
}

fn side(record: &Record<'_>) -> Side {
    let identity = &record.user_identity.value;
    let (caller, recipient) = (&identity.account_id, &record.recipient_account_id);
    if identity.kind.is("AWSAccount") {
        Side::Owner
    } else if caller.is_present() && recipient.is_present() && caller != recipient {
        Side::Witness
    } else {
        Side::Caller
    }
}

/// Whether the record says that it was delivered hours late.
pub(super) fn is_delayed(record: &Record<'_>) -> bool {
    let reason = &record.addendum.value.reason;
    DELAYED.iter().any(|delayed| reason.is(delayed))
}
