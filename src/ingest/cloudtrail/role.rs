//! A role session: who stands behind it, as far as one record can tell.
//!
//! The rules are tried in order, and the first that applies makes the key. Two
//! are not here because they need other records: the caller who assumed the
//! role (it would come between the service-linked and the compute rule; who
//! takes on which role is kept in the ledger's chains instead), and whether the
//! session name recurs, for which the name is handed on.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use super::fields::{Record, UserIdentity};
use super::principal::{Principal, identity_center, key, unresolved};
use crate::event::{Class, KeyBasis, Session, encode_component};
use crate::identity::{SSO_ROLE, SessionShape, is_email_shaped, session_shape};
use crate::ingest::text::part;

#[expect(
    clippy::expect_used,
    reason = "the pattern is a literal, compiled in tests"
)]
static SSO_PATTERN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("^AWSReservedSSO_(.+)_[0-9a-f]{16}$").expect("SSO role pattern is valid")
});

const SSO_PATH: &str = "/aws-reserved/sso.amazonaws.com/";
const SERVICE_PATH: &str = "/aws-service-role/";
const SERVICE_NAME: &str = "AWSServiceRoleFor";

/// Issuer types (`inScopeOf.issuerType`) that give credentials to machines.
const COMPUTE_ISSUERS: &[&str] = &[
    "AWS::Lambda::",
    "AWS::EC2::Instance",
    "AWS::ECS::",
    "AWS::EKS::",
    "AWS::Batch::",
    "AWS::SageMaker::",
    "AWS::Glue::",
    "AWS::CodeBuild::",
];

/// Token issuers behind web-identity sessions: part of the name, and what runs
/// there.
const WEB_ISSUERS: &[(&str, Kind)] = &[
    ("oidc.eks", Kind::Compute),
    ("token.actions.githubusercontent.com", Kind::Ci),
    ("gitlab.com", Kind::Ci),
    ("app.terraform.io", Kind::Ci),
    ("oidc.circleci.com", Kind::Ci),
    ("agent.buildkite.com", Kind::Ci),
];

/// What runs behind a role.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Compute,
    Ci,
}

/// A role and one session of it.
struct RoleSession<'a> {
    /// Unique id of the role; absent in exports that drop `principalId`.
    id: Option<Cow<'a, str>>,
    /// Name without path.
    name: Cow<'a, str>,
    /// ARN with path.
    arn: Option<Cow<'a, str>>,
    /// Session name.
    session: Option<Cow<'a, str>>,
}

impl<'a> RoleSession<'a> {
    fn of(identity: &UserIdentity<'a>) -> Self {
        let issuer = &identity.session_context.value.session_issuer.value;
        let principal = identity.principal_id.cloned();
        let id = principal
            .as_ref()
            .map(|id| part(id, |id| id.split(':').next().unwrap_or_default()))
            .filter(|id| !id.is_empty())
            .or_else(|| issuer.principal_id.cloned());
        let own = identity.arn.cloned();
        // arn:<partition>:sts::<account>:assumed-role/<role>/<session>
        let own_part = |n| {
            own.as_ref()
                .map(|arn| part(arn, |arn| arn.splitn(3, '/').nth(n).unwrap_or_default()))
                .filter(|found| !found.is_empty())
        };
        let in_principal = principal
            .as_ref()
            .map(|id| part(id, |id| id.split_once(':').map_or("", |(_, name)| name)))
            .filter(|name| !name.is_empty());
        Self {
            id,
            name: issuer
                .user_name
                .cloned()
                .or_else(|| own_part(1))
                .unwrap_or_default(),
            arn: issuer.arn.cloned(),
            session: in_principal.or_else(|| own_part(2)),
        }
    }

    /// The key of the role.
    fn key(&self, account: &str) -> String {
        match &self.id {
            Some(id) => key("role", &[id]),
            None => key("role", &[account, &self.name]),
        }
    }

    /// The path of the role, where the issuer's ARN tells it.
    fn path(&self) -> Option<&str> {
        let resource = self.arn.as_deref()?.splitn(6, ':').nth(5)?;
        resource.strip_prefix("role")
    }

    /// Readable name.
    fn display(&self) -> Cow<'a, str> {
        if self.name.is_empty() {
            self.id.clone().unwrap_or_default()
        } else {
            self.name.clone()
        }
    }
}

/// The identity behind a role session.
pub(super) fn session<'a>(record: &Record<'a>, account: &str) -> Principal<'a> {
    let identity = &record.user_identity.value;
    let role = RoleSession::of(identity);
    if role.id.is_none() && role.name.is_empty() {
        return unresolved(identity, account, Class::Unknown);
    }
    on_behalf_of(identity, &role)
        .or_else(|| sso(&role, account))
        .or_else(|| source_identity(identity, &role))
        .or_else(|| service_linked(&role, account))
        .or_else(|| machine(record, &role, account))
        .unwrap_or_else(|| plain(role, account))
}

/// A call shown with the role itself.
pub(super) fn itself<'a>(identity: &UserIdentity<'a>, account: &str) -> Principal<'a> {
    let role = RoleSession::of(identity);
    let class = (Class::Workload, 80);
    let display = identity.user_name.cloned().unwrap_or(role.display());
    Principal::new(role.key(account), KeyBasis::Role, class, display)
}

/// A session name for the history to decide on.
pub(super) fn candidate(name: Cow<'_, str>) -> Session<'_> {
    Session {
        is_email: is_email_shaped(&name),
        name,
    }
}

fn on_behalf_of<'a>(identity: &UserIdentity<'a>, role: &RoleSession<'a>) -> Option<Principal<'a>> {
    let mut principal = identity_center(identity)?;
    if let Some(session) = role.session.clone() {
        principal.display = session;
    }
    principal.sub = Some(role.display());
    Some(principal)
}

/// One person is one identity across accounts and permission sets: the key
/// holds neither.
fn sso<'a>(role: &RoleSession<'a>, account: &str) -> Option<Principal<'a>> {
    let session = role.session.clone()?;
    if !role.name.starts_with(SSO_ROLE) {
        return None;
    }
    let set = SSO_PATTERN.captures(&role.name)?.get(1)?.as_str();
    if !role.path().is_none_or(|path| path.starts_with(SSO_PATH)) {
        return None;
    }
    let key = key("sso", &[&session.to_lowercase()]);
    let mut principal = Principal::new(key, KeyBasis::Sso, (Class::Human, 95), session);
    principal.sub = Some(format!("{account}/{set}").into());
    Some(principal)
}

/// `sourceIdentity` survives role chaining.
fn source_identity<'a>(
    identity: &UserIdentity<'a>,
    role: &RoleSession<'a>,
) -> Option<Principal<'a>> {
    let source = identity.session_context.value.source_identity.cloned()?;
    let class = if is_email_shaped(&source) {
        Class::Human
    } else {
        Class::Federated
    };
    let key = key("srcid", &[&source.to_lowercase()]);
    let session = role.session.as_deref().unwrap_or_default();
    let mut principal = Principal::new(key, KeyBasis::SourceIdentity, (class, 90), source);
    principal.sub = Some(format!("{}/{session}", role.name).into());
    Some(principal)
}

fn service_linked<'a>(role: &RoleSession<'a>, account: &str) -> Option<Principal<'a>> {
    let is_linked = role
        .path()
        .is_some_and(|path| path.starts_with(SERVICE_PATH))
        || role.name.starts_with(SERVICE_NAME);
    is_linked.then(|| {
        let class = (Class::CloudService, 95);
        let mut principal = Principal::new(
            role.key(account),
            KeyBasis::ServiceLinked,
            class,
            role.display(),
        );
        principal.sub.clone_from(&role.session);
        principal
    })
}

/// A machine or a CI job: it proves itself by what issued the credential, or
/// shows by the shape of the session name.
fn machine<'a>(
    record: &Record<'a>,
    role: &RoleSession<'a>,
    account: &str,
) -> Option<Principal<'a>> {
    let identity = &record.user_identity.value;
    let kind = kind(record, role)?;
    let mut key = role.key(account);
    let scope = &identity.in_scope_of.value;
    let holders = [scope.credentials_issued_to.get(), scope.source_arn.get()];
    if let Some(function) = holders.into_iter().flatten().find_map(function_name) {
        key.push_str("/fn:");
        key.push_str(&encode_component(function));
    }
    let web = &identity.session_context.value.web_id_federation_data.value;
    if let Some(repository) = web.attributes.subject.get().and_then(ci_repository) {
        key.push_str("/ci:");
        key.push_str(&repository);
    }
    let basis = match kind {
        Kind::Compute => KeyBasis::Compute,
        Kind::Ci => KeyBasis::Ci,
    };
    let mut principal = Principal::new(key, basis, (Class::Workload, 90), role.display());
    principal.sub.clone_from(&role.session);
    Some(principal)
}

fn kind(record: &Record<'_>, role: &RoleSession<'_>) -> Option<Kind> {
    let identity = &record.user_identity.value;
    let context = &identity.session_context.value;
    let issuer = identity.in_scope_of.value.issuer_type.get();
    let is_issued = issuer.is_some_and(|issuer| {
        COMPUTE_ISSUERS
            .iter()
            .any(|compute| issuer.starts_with(compute))
    });
    let user_agent = record.user_agent.get().unwrap_or_default();
    let web = &context.web_id_federation_data.value.federated_provider;
    let by_web = || issuer_kind(web.get()?);
    let by_shape = || match session_shape(role.session.as_deref().unwrap_or_default()) {
        SessionShape::Compute | SessionShape::Service => Some(Kind::Compute),
        SessionShape::Ci => Some(Kind::Ci),
        _ => None,
    };
    if context.ec2_role_delivery.is_present() || is_issued || is_function(user_agent) {
        return Some(Kind::Compute);
    }
    by_web().or_else(by_shape)
}

/// Whether the program with this user agent runs in a function.
pub(super) fn is_function(user_agent: &str) -> bool {
    user_agent.contains("exec-env/AWS_Lambda_")
}

fn issuer_kind(provider: &str) -> Option<Kind> {
    WEB_ISSUERS
        .iter()
        .find(|(issuer, _)| provider.contains(issuer))
        .map(|(_, kind)| *kind)
}

/// Whether a token of `provider` proves a CI job.
pub(super) fn is_ci_issuer(provider: &str) -> bool {
    issuer_kind(provider) == Some(Kind::Ci)
}

/// `<owner>/<repository>` of `repo:<owner>/<repository>:<branch or run>`, each
/// encoded.
fn ci_repository(subject: &str) -> Option<String> {
    let path = subject.strip_prefix("repo:")?.split(':').next()?;
    let (owner, repository) = path.split_once('/')?;
    Some(format!(
        "{}/{}",
        encode_component(owner),
        encode_component(repository)
    ))
}

/// The role itself, its session name handed on if it may prove stable.
fn plain<'a>(role: RoleSession<'a>, account: &str) -> Principal<'a> {
    let class = (Class::Workload, 50);
    let mut principal = Principal::new(role.key(account), KeyBasis::Role, class, role.display());
    principal.sub.clone_from(&role.session);
    principal.session = role
        .session
        .filter(|name| session_shape(name).may_be_stable());
    principal
}

/// `report` of `arn:aws:lambda:eu-west-1:111122223333:function:report:live`.
fn function_name(arn: &str) -> Option<&str> {
    let mut parts = arn.split(':').skip(2);
    let is_function = parts.next() == Some("lambda") && parts.nth(2) == Some("function");
    parts.next().filter(|name| is_function && !name.is_empty())
}
