//! Relations that a call forms: to a role taken on, to another principal's
//! credentials or permissions, to another tenant, to what it sets running.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;
use smallvec::SmallVec;

use super::action::Call;
use super::arn::{function_name, last_segment};
use super::fields::Record;
use super::principal::key;
use crate::event::{Edge, EdgeKind, Sensitive};
use crate::ingest::text::{MAX_TEXT, clip, part};

/// How many edges of one event are kept.
const MAX_EDGES: usize = 16;

/// What a parameter names at the other end of an edge.
#[derive(Clone, Copy, Debug)]
enum Target {
    /// A user, role or group of the account: kind of its key.
    Named(&'static str),
    /// A principal or policy, by ARN or id.
    Whole,
    /// Something that runs: prefix of its name.
    Runs(&'static str),
}

/// Service, event names, kind, parameter, target. Of the rows of one kind, the
/// first whose parameter is there makes the edge.
#[derive(Debug)]
pub(super) struct Row(
    &'static str,
    &'static [&'static str],
    EdgeKind,
    &'static str,
    Target,
);

use EdgeKind::{Assume, Grant, Invoke, Mint, Touch};
use Target::{Named, Runs, Whole};

#[rustfmt::skip]
const ROWS: &[Row] = &[
    Row("sts", &["AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"], Assume, "rolearn", Whole),
    Row("sts", &["AssumeRoot"], Assume, "targetprincipal", Whole),
    Row("sts", &["GetFederationToken"], Mint, "name", Named("fed")),
    Row("rolesanywhere", &["CreateSession"], Assume, "rolearn", Whole),
    Row("iam", CREDENTIALS, Mint, "username", Named("user")),
    Row("iam", GRANTS, Grant, "username", Named("user")),
    Row("iam", GRANTS, Grant, "rolename", Named("role")),
    Row("iam", GRANTS, Grant, "groupname", Named("group")),
    Row("iam", GRANTS, Grant, "policyarn", Whole),
    Row("kms", &["CreateGrant"], Grant, "granteeprincipal", Whole),
    Row("sso", &["CreateAccountAssignment"], Grant, "principalid", Whole),
    Row("eks", &["CreateAccessEntry", "AssociateAccessPolicy"], Grant, "principalarn", Whole),
    Row("iam", &["*"], Touch, "username", Named("user")),
    Row("iam", &["*"], Touch, "rolename", Named("role")),
    Row("iam", &["*"], Touch, "groupname", Named("group")),
    Row("lambda", &["Invoke", "InvokeAsync", "InvokeWithResponseStream"], Invoke, "functionname", Runs("lambda")),
    Row("states", &["StartExecution", "StartSyncExecution"], Invoke, "statemachinearn", Runs("states")),
    Row("bedrock", &["InvokeModel", "InvokeModelWithResponseStream", "Converse", "ConverseStream"], Invoke, "modelid", Runs("bedrock")),
    Row("bedrock", &["InvokeAgent", "InvokeInlineAgent"], Invoke, "agentid", Runs("bedrock-agent")),
    Row("bedrock-agentcore", &["InvokeAgentRuntime"], Invoke, "agentruntimearn", Runs("bedrock-agentcore")),
    Row("ssm", &["SendCommand", "StartSession", "StartAutomationExecution"], Invoke, "documentname", Runs("ssm")),
    Row("codebuild", &["StartBuild"], Invoke, "projectname", Runs("codebuild")),
];

const CREDENTIALS: &[&str] = &[
    "CreateAccessKey",
    "UpdateAccessKey",
    "CreateLoginProfile",
    "UpdateLoginProfile",
    "CreateServiceSpecificCredential",
    "ResetServiceSpecificCredential",
    "UploadSSHPublicKey",
    "UploadSigningCertificate",
];

const GRANTS: &[&str] = &[
    "AttachUserPolicy",
    "AttachRolePolicy",
    "AttachGroupPolicy",
    "PutUserPolicy",
    "PutRolePolicy",
    "PutGroupPolicy",
    "AddUserToGroup",
    "AddRoleToInstanceProfile",
    "CreatePolicyVersion",
    "SetDefaultPolicyVersion",
    "DeleteUserPermissionsBoundary",
    "DeleteRolePermissionsBoundary",
    "UpdateAssumeRolePolicy",
];

/// The rows for a call.
pub(super) fn rows(service: &str, name: &str) -> Vec<&'static Row> {
    let names = |row: &Row| row.1.iter().any(|known| *known == "*" || *known == name);
    let fits = |row: &&Row| row.0 == service && names(row);
    ROWS.iter().filter(fits).collect()
}

/// The edges that the call of `record` forms in the account `tenant`.
pub(super) fn edges<'a>(
    record: &Record<'a>,
    call: &Call<'_>,
    sensitive: Option<Sensitive>,
    tenant: &str,
) -> SmallVec<[Edge<'a>; 1]> {
    let mut edges: SmallVec<[Edge<'a>; 1]> = SmallVec::new();
    if let Some(edge) = relation(record, call, tenant) {
        edges.push(edge);
    }
    if matches!(
        sensitive,
        Some(Sensitive::SharedOutside | Sensitive::TrustChanged)
    ) {
        share(record, tenant, &mut edges);
    }
    edges
}

/// The edge to another principal, or to what is set running. A look at oneself
/// or a key of one's own is no relation; a permission of one's own is.
fn relation<'a>(record: &Record<'a>, call: &Call<'_>, tenant: &str) -> Option<Edge<'a>> {
    let parameters = &record.request_parameters.value;
    let Row(_, _, kind, parameter, target) = call
        .relations
        .iter()
        .find(|row| parameters.own(row.3).is_some())?;
    let value = clip(parameters.own(parameter)?.clone(), MAX_TEXT);
    let own_name = record.user_identity.value.user_name.get();
    if own_name == Some(&*value) && matches!(kind, Mint | Touch) {
        return None;
    }
    let target = match *target {
        Named(kind) => key(kind, &[tenant, &value]).into(),
        Whole => value,
        Runs("lambda") => format!("lambda/{}", function_name(&value)).into(),
        Runs(prefix) => format!("{prefix}/{}", runnable(&value)).into(),
    };
    Some(Edge {
        kind: *kind,
        target,
    })
}

/// The name of what runs, given by name or ARN, without version.
fn runnable(value: &str) -> &str {
    let name = match value.strip_prefix("arn:") {
        Some(arn) if !arn.contains('/') => return arn.rsplit(':').next().unwrap_or(arn),
        _ => last_segment(value),
    };
    name.split(':').next().unwrap_or(name)
}

/// Parameters that name whom something is shared with, in the form of an
/// account, an ARN, or a word for everybody.
const GRANTEES: &[&str] = &[
    "userid",
    "group",
    "valuestoadd",
    "principal",
    "principals",
    "aws",
    "x-amz-acl",
];

/// Parameters that hold a policy as text.
const POLICIES: &[&str] = &["policy", "policydocument"];

#[expect(
    clippy::expect_used,
    reason = "the pattern is a literal, compiled in tests"
)]
static POLICY_ACCOUNT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?:arn:aws[a-z-]*:(?:iam|sts)::|")(\d{12})(?::|")"#)
        .expect("policy account pattern is valid")
});

#[expect(
    clippy::expect_used,
    reason = "the pattern is a literal, compiled in tests"
)]
static POLICY_EVERYBODY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#""(?:AWS|Principal)"\s*:\s*\[?\s*"\*""#)
        .expect("policy principal pattern is valid")
});

fn share<'a>(record: &Record<'a>, tenant: &str, edges: &mut SmallVec<[Edge<'a>; 1]>) {
    let parameters = &record.request_parameters.value;
    for value in GRANTEES.iter().flat_map(|name| parameters.all(name)) {
        if let Some(grantee) = grantee(value) {
            add(edges, tenant, grantee);
        }
    }
    for policy in POLICIES.iter().flat_map(|name| parameters.all(name)) {
        if POLICY_EVERYBODY.is_match(policy) {
            add(edges, tenant, Cow::Borrowed("everybody"));
        }
        for found in POLICY_ACCOUNT.captures_iter(policy) {
            if let Some(account) = found.get(1) {
                add(edges, tenant, Cow::Owned(account.as_str().to_owned()));
            }
        }
    }
}

/// The account that `value` stands for, or everybody.
fn grantee<'a>(value: &Cow<'a, str>) -> Option<Cow<'a, str>> {
    let account = part(value, |value| match value.strip_prefix("arn:") {
        Some(rest) => rest.split(':').nth(3).unwrap_or_default(),
        None => value,
    });
    if account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit()) {
        return Some(account);
    }
    let is_everybody = matches!(
        &**value,
        "*" | "all" | "public-read" | "public-read-write" | "authenticated-read"
    );
    is_everybody.then_some(Cow::Borrowed("everybody"))
}

fn add<'a>(edges: &mut SmallVec<[Edge<'a>; 1]>, tenant: &str, target: Cow<'a, str>) {
    let edge = Edge {
        kind: EdgeKind::Share,
        target,
    };
    if edge.target != tenant && !edges.contains(&edge) && edges.len() < MAX_EDGES {
        edges.push(edge);
    }
}
