//! Callers that were met before, by the very text of their identity.
//!
//! That text is a third of a record and repeats as long as a session lasts. A
//! record whose identity begins like a known one is compared with it; where it
//! is the same, so is everything that was read in it, and where it ends.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use super::fields::{
    Claims, InScopeOf, OnBehalfOf, SessionAttributes, SessionContext, SessionIssuer, UserIdentity,
    WebIdFederationData,
};
use crate::ingest::text::{Bool, Text};

/// How much of an identity chooses the places where it may be: as far as the
/// name of the session.
const PREFIX_BYTES: usize = 128;

/// Longer identities are not kept.
const MAX_BYTES: usize = 4096;

const N_SETS: usize = 256;

/// How many identities that begin alike are kept.
const N_WAYS: usize = 4;

/// The callers that are kept.
#[derive(Debug, Default)]
pub(in crate::ingest) struct Callers {
    sets: Vec<Set>,
    n_kept: u64,
}

/// The places of identities that begin alike.
#[derive(Debug, Default)]
struct Set {
    callers: [Option<Box<Caller>>; N_WAYS],
    /// The place that is taken next.
    next: usize,
    /// Hash of the last identity that was not kept: it is when it comes again.
    candidate: u64,
}

#[derive(Debug)]
struct Caller {
    text: Box<str>,
    /// From where to where each field is in the text; at its beginning is none.
    parts: [(u16, u16); N_TEXTS],
    has_mfa: Bool,
    number: u64,
}

impl Callers {
    /// Reads the identity that `text` begins with into `identity`, if it is that
    /// of a known caller: gives the number of the caller, which no other ever
    /// has, and the length of the identity.
    pub(super) fn recall<'t>(
        &self,
        text: &'t str,
        identity: &mut UserIdentity<'t>,
    ) -> Option<(u64, usize)> {
        let callers = &self.sets.get(set_of(text))?.callers;
        let mut callers = callers.iter().flatten();
        let caller = callers.find(|caller| text.as_bytes().starts_with(caller.text.as_bytes()))?;
        let (fields, has_mfa) = fields(identity);
        for (field, (from, to)) in fields.into_iter().zip(caller.parts) {
            if to > 0 {
                *field = Text::borrowed(text.get(usize::from(from)..usize::from(to))?);
            }
        }
        *has_mfa = caller.has_mfa;
        Some((caller.number, caller.text.len()))
    }

    /// Keeps the caller whose `identity` was read in `text`, if it was met
    /// before.
    pub(super) fn meet<'t>(&mut self, text: &'t str, identity: &mut UserIdentity<'t>) {
        if text.len() > MAX_BYTES || text.contains('\n') {
            return;
        }
        if self.sets.is_empty() {
            self.sets.resize_with(N_SETS, Set::default);
        }
        let Some(set) = self.sets.get_mut(set_of(text)) else {
            return;
        };
        let candidate = FixedState::default().hash_one(text);
        if set.candidate != candidate {
            set.candidate = candidate;
            return;
        }
        let (fields, has_mfa) = fields(identity);
        let mut parts = [(0, 0); N_TEXTS];
        for (part, field) in parts.iter_mut().zip(fields) {
            let Some(found) = part_of(text, field) else {
                return;
            };
            *part = found;
        }
        self.n_kept += 1;
        let caller = Caller {
            text: text.into(),
            parts,
            has_mfa: *has_mfa,
            number: self.n_kept,
        };
        if let Some(place) = set.callers.get_mut(set.next) {
            *place = Some(Box::new(caller));
        }
        set.next = (set.next + 1) % N_WAYS;
    }
}

/// The set of the identity that `text` begins with.
fn set_of(text: &str) -> usize {
    let head = text.as_bytes();
    let head = head.get(..PREFIX_BYTES).unwrap_or(head);
    // The identity of a service is short, and what follows is another time.
    let end = memchr::memchr(b'}', head).unwrap_or(head.len());
    let hash = FixedState::default().hash_one(head.get(..end));
    usize::try_from(hash % N_SETS as u64).unwrap_or_default()
}

/// How many texts there are in an identity.
const N_TEXTS: usize = 22;

/// All fields of an identity.
fn fields<'i, 't>(
    identity: &'i mut UserIdentity<'t>,
) -> ([&'i mut Text<'t>; N_TEXTS], &'i mut Bool) {
    let UserIdentity {
        kind,
        principal_id,
        arn,
        account_id,
        access_key_id,
        user_name,
        invoked_by,
        identity_provider,
        credential_id,
        on_behalf_of,
        in_scope_of,
        session_context,
    } = identity;
    let OnBehalfOf {
        user_id,
        identity_store_arn,
    } = &mut on_behalf_of.value;
    let InScopeOf {
        source_arn,
        issuer_type,
        credentials_issued_to,
    } = &mut in_scope_of.value;
    let SessionContext {
        attributes,
        session_issuer,
        web_id_federation_data,
        source_identity,
        ec2_role_delivery,
    } = &mut session_context.value;
    let SessionAttributes {
        creation_date,
        mfa_authenticated,
    } = &mut attributes.value;
    let SessionIssuer {
        principal_id: issuer_id,
        arn: issuer_arn,
        user_name: issuer_name,
    } = &mut session_issuer.value;
    let WebIdFederationData {
        federated_provider,
        attributes: Claims { subject },
    } = &mut web_id_federation_data.value;
    let texts = [
        kind,
        principal_id,
        arn,
        account_id,
        access_key_id,
        user_name,
        invoked_by,
        identity_provider,
        credential_id,
        user_id,
        identity_store_arn,
        source_arn,
        issuer_type,
        credentials_issued_to,
        source_identity,
        ec2_role_delivery,
        creation_date,
        issuer_id,
        issuer_arn,
        issuer_name,
        federated_provider,
        subject,
    ];
    (texts, mfa_authenticated)
}

/// From where to where `field` is in `text`; nowhere if it is absent, `None` if
/// it is no part of the text, as what was escaped.
fn part_of(text: &str, field: &Text<'_>) -> Option<(u16, u16)> {
    let Some(value) = field.get() else {
        return Some((0, 0));
    };
    let from = value.as_ptr().addr().checked_sub(text.as_ptr().addr())?;
    let to = from.checked_add(value.len())?;
    (text.get(from..to)? == value).then_some(())?;
    Some((from.try_into().ok()?, to.try_into().ok()?))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    const IDENTITY: &str = r#"{"type":"AssumedRole","arn":"arn:aws:sts::1:assumed-role/r/s","accountId":"-","sessionContext":{"sessionIssuer":{"userName":"r"},"attributes":{"mfaAuthenticated":"true"}}}"#;

    fn read(text: &str) -> UserIdentity<'_> {
        serde_json::from_str(text).unwrap()
    }

    /// That knows the identity of `text`.
    fn acquainted(text: &str) -> Callers {
        let mut callers = Callers::default();
        for _ in 0..2 {
            callers.meet(text, &mut read(text));
        }
        callers
    }

    fn is_known(callers: &Callers, text: &str) -> bool {
        callers.recall(text, &mut UserIdentity::default()).is_some()
    }

    #[test]
    fn a_caller_met_twice_is_read_as_before() {
        let record = format!("{IDENTITY},\"eventTime\":\"x\"");
        let mut once = Callers::default();
        once.meet(IDENTITY, &mut read(IDENTITY));
        assert!(!is_known(&once, &record));
        let callers = acquainted(IDENTITY);
        let mut identity = UserIdentity::default();
        assert_eq!(
            callers.recall(&record, &mut identity),
            Some((1, IDENTITY.len()))
        );
        assert_eq!(format!("{identity:?}"), format!("{:?}", read(IDENTITY)));
    }

    #[test]
    fn one_byte_more_or_less_is_another_caller() {
        let callers = acquainted(IDENTITY);
        for at in 0..IDENTITY.len() {
            let mut other = IDENTITY.as_bytes().to_vec();
            other[at] ^= 1;
            let other = String::from_utf8(other).unwrap();
            assert!(!is_known(&callers, &other), "{at}");
            assert!(!is_known(&callers, &IDENTITY[..at]), "{at}");
            assert!(at == 0 || !is_known(&callers, &IDENTITY[at..]), "{at}");
        }
    }

    #[test]
    fn what_is_not_in_the_text_as_it_stands_is_not_kept() {
        let long = IDENTITY.replace("/r/s", &"/r/s".repeat(MAX_BYTES / 4));
        let lines = IDENTITY.replace(",\"arn", ",\n\"arn");
        let escaped = IDENTITY.replace("/r/s", "/r\\/s");
        for text in [&long, &lines, &escaped] {
            assert!(!is_known(&acquainted(text), text), "{text}");
        }
        // Beyond what is kept of one field, the rest is cut again.
        let clipped = IDENTITY.replace("/r/s", &"/r/s".repeat(300));
        let mut identity = UserIdentity::default();
        acquainted(&clipped)
            .recall(&clipped, &mut identity)
            .unwrap();
        assert_eq!(identity.arn, read(&clipped).arn);
    }

    #[test]
    fn no_more_are_kept_than_there_is_room_for() {
        let mut callers = Callers::default();
        for n in 0..4 * N_SETS * N_WAYS {
            let text = IDENTITY.replace("/s", &format!("/{n}"));
            for _ in 0..2 {
                callers.meet(&text, &mut read(&text));
            }
            assert!(is_known(&callers, &text));
        }
        let n_kept: usize = callers
            .sets
            .iter()
            .map(|set| set.callers.iter().flatten().count())
            .sum();
        assert!(n_kept <= N_SETS * N_WAYS);
    }
}
