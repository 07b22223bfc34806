//! What CloudTrail Insights says of an identity: it names callers by their ARN.

use super::{Draft, Kind, life};
use crate::event::{Citation, NativeId, encode_component};
use crate::finding::case::Case;
use crate::finding::wording::{self, counted, number};
use crate::ledger::IdentityRow;
use crate::model::SSO_ROLE;

/// That Insights named the identity in the review, at the first time.
pub(super) fn named(case: &Case<'_>) -> Option<Draft> {
    let row = &case.subject.row;
    let insights = case.background.insights.iter();
    let mut own = insights.filter(|(insight, _)| {
        let mut callers = insight.callers.iter();
        callers.any(|caller| is_of(caller.as_raw(), row))
    });
    let (first, record) = own.next()?;
    let error = first.error.as_ref().map_or_else(String::new, |error| {
        format!(" ending in {}", wording::value(error.as_raw()))
    });
    let more = match number(own.count()) {
        0 => String::new(),
        n => format!(", and {} more", counted(n, "time", "times")),
    };
    let sentence = format!(
        "was named by CloudTrail Insights for an unusual rate of {}{error}{more}",
        wording::value(first.action.as_raw())
    );
    let citation = Citation {
        time: first.time,
        native_id: NativeId::new(first.id.as_raw()),
        provenance: *record,
    };
    Some(life::said(Kind::VendorVerdict, citation, sentence))
}

/// Whether `caller` is the ARN of an identity: its own, one of its role's, or
/// one of its sessions'.
fn is_of(caller: &str, row: &IdentityRow) -> bool {
    if row.native.as_deref() == Some(caller) {
        return true;
    }
    let Some(role) = Role::of(caller) else {
        return false;
    };
    let session = role.session.unwrap_or_default();
    if role.name.starts_with(SSO_ROLE) {
        let person = row.key.strip_prefix("aws:sso:");
        return person == Some(&*encode_component(&session.to_lowercase()));
    }
    let own = row.native.as_deref().and_then(Role::of);
    let is_role = own.is_some_and(|own| (own.account, own.name) == (role.account, role.name));
    let is_session = row.session.as_ref().is_none_or(|own| *own.name == *session);
    row.key.starts_with("aws:role:") && is_role && is_session
}

/// A role, or a session of one, as an ARN names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Role<'a> {
    account: &'a str,
    name: &'a str,
    session: Option<&'a str>,
}

impl<'a> Role<'a> {
    /// Of `arn:aws:sts::<account>:assumed-role/<name>/<session>` and
    /// `arn:aws:iam::<account>:role/<path>/<name>`.
    fn of(arn: &'a str) -> Option<Self> {
        let mut parts = arn.splitn(6, ':').skip(4);
        let (account, resource) = (parts.next()?, parts.next()?);
        if let Some(path) = resource.strip_prefix("role/") {
            return Some(Self {
                account,
                name: path.rsplit('/').next().unwrap_or(path),
                session: None,
            });
        }
        let (name, session) = resource.strip_prefix("assumed-role/")?.split_once('/')?;
        Some(Self {
            account,
            name,
            session: Some(session),
        })
    }
}
