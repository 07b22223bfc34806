//! What values mean: patterns of actions and of credentials, values of outcomes.

use serde::Deserialize;

use super::{OneOrMore, one_of};
use crate::event::{CredentialKind, Outcome, Sensitive, Verb};
use crate::ingest::generic::path::Path;
use crate::ingest::generic::words::{Condition, Glob, Template};

/// What was attempted.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::ingest::generic) struct Action {
    #[serde(default)]
    pub(in crate::ingest::generic) path: Vec<Path>,
    /// The first that can be filled counts.
    #[serde(default)]
    template: OneOrMore<Template>,
    #[serde(default)]
    pub(in crate::ingest::generic) verb: Verbs,
    #[serde(default)]
    pub(in crate::ingest::generic) sensitive: Sensitives,
}

impl Action {
    /// Ways to write the action, in order.
    pub(in crate::ingest::generic) fn templates(&self) -> &[Template] {
        self.template.as_slice()
    }
}

/// Verbs by patterns of the action: of those that fit, the most specific.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::ingest::generic) struct Verbs {
    auth: Vec<Glob>,
    read: Vec<Glob>,
    list: Vec<Glob>,
    write: Vec<Glob>,
    delete: Vec<Glob>,
    permission: Vec<Glob>,
    credential: Vec<Glob>,
    admin: Vec<Glob>,
    eval: Vec<Glob>,
    #[serde(deserialize_with = "verb")]
    default: Option<Verb>,
}

impl Verbs {
    /// The verb of `action`, which is in lower case.
    pub(in crate::ingest::generic) fn of(&self, action: &str) -> Verb {
        most_specific(
            action,
            [
                (&self.credential, Verb::Credential),
                (&self.permission, Verb::Permission),
                (&self.admin, Verb::Admin),
                (&self.auth, Verb::Auth),
                (&self.delete, Verb::Delete),
                (&self.write, Verb::Write),
                (&self.list, Verb::List),
                (&self.read, Verb::Read),
                (&self.eval, Verb::Eval),
            ],
        )
        .or(self.default)
        .unwrap_or(Verb::Other)
    }
}

/// Sensitive actions by patterns of the action.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::ingest::generic) struct Sensitives {
    credential_created: Vec<Glob>,
    permission_granted: Vec<Glob>,
    log_tampering: Vec<Glob>,
    secret_read: Vec<Glob>,
    trust_changed: Vec<Glob>,
    shared_outside: Vec<Glob>,
    factor_changed: Vec<Glob>,
}

impl Sensitives {
    /// Why `action`, which is in lower case, is sensitive, if it is.
    pub(in crate::ingest::generic) fn of(&self, action: &str) -> Option<Sensitive> {
        most_specific(
            action,
            [
                (&self.log_tampering, Sensitive::LogTampering),
                (&self.credential_created, Sensitive::CredentialCreated),
                (&self.factor_changed, Sensitive::FactorChanged),
                (&self.trust_changed, Sensitive::TrustChanged),
                (&self.permission_granted, Sensitive::PermissionGranted),
                (&self.shared_outside, Sensitive::SharedOutside),
                (&self.secret_read, Sensitive::SecretRead),
            ],
        )
    }
}

/// The meaning with the most specific pattern that fits; of equals, the first.
fn most_specific<T, const N: usize>(action: &str, table: [(&Vec<Glob>, T); N]) -> Option<T> {
    let fitting = table.into_iter().filter_map(|(globs, meaning)| {
        let fitting = globs.iter().filter(|glob| glob.fits(action));
        Some((fitting.map(Glob::weight).max()?, meaning))
    });
    fitting
        .reduce(|best, next| if next.0 > best.0 { next } else { best })
        .map(|(_, meaning)| meaning)
}

/// How it ended.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::ingest::generic) struct Outcomes {
    pub(in crate::ingest::generic) path: Vec<Path>,
    /// Where the code for a failure is, if not at `path`.
    pub(in crate::ingest::generic) code: Vec<Path>,
    /// The first whose condition holds counts, before any value.
    pub(in crate::ingest::generic) rules: Vec<OutcomeRule>,
    success: Vec<Value>,
    denied: Vec<Value>,
    auth_failure: Vec<Value>,
    challenge: Vec<Value>,
    throttled: Vec<Value>,
    failure: Vec<Value>,
    #[serde(deserialize_with = "outcome")]
    pub(in crate::ingest::generic) default: Option<Outcome>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::ingest::generic) struct OutcomeRule {
    pub(in crate::ingest::generic) when: Condition,
    #[serde(deserialize_with = "outcome")]
    pub(in crate::ingest::generic) outcome: Option<Outcome>,
}

impl Outcomes {
    /// What `value` means. What is listed wins over what lies in a range.
    pub(in crate::ingest::generic) fn of(&self, value: &str) -> Option<Outcome> {
        let table = [
            (&self.success, Outcome::Success),
            (&self.denied, Outcome::Denied),
            (&self.auth_failure, Outcome::AuthFailure),
            (&self.challenge, Outcome::Challenge),
            (&self.throttled, Outcome::Throttled),
            (&self.failure, Outcome::Error),
        ];
        let find = |fits: fn(&Value, &str) -> bool| {
            let mut rows = table.iter();
            rows.find(|(values, _)| values.iter().any(|own| fits(own, value)))
                .map(|(_, outcome)| *outcome)
        };
        find(Value::is).or_else(|| find(Value::holds))
    }
}

/// A value, or a range of numbers: `"400..499"`, both ends in it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
enum Value {
    Word(String),
    Range(i64, i64),
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        let range = text.split_once("..");
        let range = range.and_then(|(from, to)| {
            let to = to.trim().trim_start_matches('=');
            Some(Self::Range(from.trim().parse().ok()?, to.parse().ok()?))
        });
        range.unwrap_or(Self::Word(text))
    }
}

impl Value {
    fn is(&self, text: &str) -> bool {
        matches!(self, Self::Word(word) if word.eq_ignore_ascii_case(text))
    }

    fn holds(&self, text: &str) -> bool {
        let number = text.parse::<i64>();
        matches!((self, number), (Self::Range(from, to), Ok(n)) if (*from..=*to).contains(&n))
    }
}

/// With what.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::ingest::generic) struct Credential {
    pub(in crate::ingest::generic) kind: Vec<Path>,
    pub(in crate::ingest::generic) id: Vec<Path>,
    access_key: Vec<Glob>,
    session_key: Vec<Glob>,
    api_token: Vec<Glob>,
    oauth: Vec<Glob>,
    bearer: Vec<Glob>,
    web_session: Vec<Glob>,
}

impl Credential {
    /// What a credential of this `kind` is, and whether it lives long.
    pub(in crate::ingest::generic) fn of(&self, kind: &str) -> (CredentialKind, bool) {
        let kind = kind.to_lowercase();
        let found = most_specific(
            &kind,
            [
                (&self.access_key, (CredentialKind::AccessKey, true)),
                (&self.api_token, (CredentialKind::ApiToken, true)),
                (&self.oauth, (CredentialKind::Oauth, false)),
                (&self.bearer, (CredentialKind::Bearer, false)),
                (&self.session_key, (CredentialKind::SessionKey, false)),
                (&self.web_session, (CredentialKind::WebSession, false)),
            ],
        );
        found.unwrap_or_default()
    }
}

fn verb<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Verb>, D::Error> {
    one_of(from, &Verb::ALL, Verb::name)
}

fn outcome<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Outcome>, D::Error> {
    one_of(
        from,
        &[
            Outcome::Success,
            Outcome::Denied,
            Outcome::AuthFailure,
            Outcome::Challenge,
            Outcome::Throttled,
            Outcome::Error,
            Outcome::Unknown,
        ],
        Outcome::name,
    )
}
