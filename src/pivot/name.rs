//! Names under which one and the same thing is logged.

use std::borrow::Cow;

use crate::event::{Actor, KeyBasis, encode_component};

/// Whether the identity is a role itself.
pub(super) fn is_role(actor: &Actor<'_>) -> bool {
    matches!(
        actor.basis,
        KeyBasis::Role | KeyBasis::Compute | KeyBasis::Ci | KeyBasis::ServiceLinked
    )
}

/// What an identity is called in a report: `role/ci-deploy`.
pub(super) fn readable<'a>(actor: &'a Actor<'_>) -> Cow<'a, str> {
    if actor.display.is_empty() {
        Cow::Borrowed(&actor.key)
    } else if is_role(actor) {
        Cow::Owned(format!("role/{}", actor.display))
    } else {
        Cow::Borrowed(&actor.display)
    }
}

/// The names of a role session that has habits of its own, as a report writes
/// its name and its key.
pub(super) fn of_session(actor: &Actor<'_>) -> Option<[String; 2]> {
    let name = &actor.session.as_ref()?.name;
    Some([
        format!("{}/{name}", actor.display),
        format!("{}#{}", actor.key, encode_component(name)),
    ])
}

/// A role as it was written: with its account where it is an ARN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Role<'a> {
    pub(super) account: Option<&'a str>,
    pub(super) name: &'a str,
}

impl<'a> Role<'a> {
    /// The role that `text` names; `None` where it can name none.
    pub(super) fn of(text: &'a str) -> Option<Self> {
        let Some(arn) = text.strip_prefix("arn:") else {
            let name = text.rsplit_once("role/").map_or(text, |(_, name)| name);
            return some(None, name);
        };
        // `aws:iam::111122223333:role/path/name`, after `arn:`.
        let mut parts = arn.splitn(5, ':').skip(3);
        let account = parts.next().filter(|account| !account.is_empty());
        let rest = parts.next()?;
        if let Some(session) = rest.strip_prefix("assumed-role/") {
            return some(account, session.split('/').next()?);
        }
        some(account, rest.strip_prefix("role/")?.rsplit('/').next()?)
    }

    /// Whether both may be the same one: accounts count where both are told.
    pub(super) fn is_like(self, other: Self) -> bool {
        let differ = self.account.is_some() && other.account.is_some();
        self.name == other.name && !(differ && self.account != other.account)
    }
}

fn some<'a>(account: Option<&'a str>, name: &'a str) -> Option<Role<'a>> {
    (!name.is_empty()).then_some(Role { account, name })
}

/// The role that the actor is, by its ARN where that is logged.
pub(super) fn own_role<'a>(actor: &'a Actor<'_>) -> Option<Cow<'a, str>> {
    if let Some(native) = actor.native.as_deref()
        && native.contains(":assumed-role/")
        && let Some(Role {
            account: Some(account),
            name,
        }) = Role::of(native)
    {
        let partition = native.split(':').nth(1).unwrap_or("aws");
        return Some(format!("arn:{partition}:iam::{account}:role/{name}").into());
    }
    is_role(actor).then(|| readable(actor))
}

/// What follows the account in an ARN: `bucket/key` of
/// `arn:aws:s3:::bucket/key`; all of any other text.
pub(super) fn without_arn(text: &str) -> &str {
    text.strip_prefix("arn:")
        .and_then(|arn| arn.splitn(5, ':').nth(4))
        .unwrap_or(text)
}
