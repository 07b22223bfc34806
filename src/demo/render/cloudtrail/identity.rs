//! `userIdentity`: who called, as each kind of caller is recorded.

use serde_json::{Value, json};

use super::Sighting;
use crate::demo::act::Act;
use crate::demo::calendar::{HOUR, Millis, SECOND, datetime, seconds_text};
use crate::demo::cast::{Member, Sort};
use crate::demo::ids;
use crate::event::encode_component;

/// The account the vendor calls from.
const VENDOR_ACCOUNT: &str = "777788889999";

/// The identity that CloudTrail records for `sighting`.
pub(super) fn of(sighting: &Sighting<'_>) -> Value {
    let mut identity = match (sighting.member.sort, sighting.act.deed.verb.as_str()) {
        (Sort::Ci, "AssumeRoleWithWebIdentity") => web_identity(sighting),
        (Sort::Vendor, "AssumeRole") => foreign_account(),
        (Sort::User, _) => user(sighting),
        (Sort::Root, _) => root(sighting),
        _ => session(sighting),
    };
    if let (Some(via), Some(fields)) = (&sighting.act.via, identity.as_object_mut()) {
        fields.insert("invokedBy".to_owned(), json!(&**via));
    }
    identity
}

/// Whether `act` is recorded under another identity than the member's own:
/// a login before there is a session.
pub(in crate::demo) fn is_before_session(sort: Sort, act: &Act) -> bool {
    matches!(
        (sort, act.deed.verb.as_str()),
        (Sort::Ci, "AssumeRoleWithWebIdentity") | (Sort::Vendor, "AssumeRole")
    )
}

fn web_identity(sighting: &Sighting<'_>) -> Value {
    let subject = subject(sighting.member);
    let provider = provider(sighting.member);
    json!({
        "type": "WebIdentityUser",
        "principalId": format!("{provider}:sts.amazonaws.com:{subject}"),
        "userName": subject,
        "identityProvider": provider,
    })
}

/// The key `habitual` derives from the token of a pipeline, which the pipeline
/// logs in with.
pub(in crate::demo) fn web_identity_key(member: &Member) -> String {
    let repository = format!("repo:{}", member.repository());
    let (provider, repository) = (provider(member), repository);
    let (provider, repository) = (encode_component(&provider), encode_component(&repository));
    format!("aws:oidc:{provider}/{repository}")
}

/// The subject of a pipeline's token.
fn subject(member: &Member) -> String {
    format!("repo:{}:ref:refs/heads/main", member.repository())
}

fn provider(member: &Member) -> String {
    let host = match member.sort {
        Sort::Ci => "token.actions.githubusercontent.com".to_owned(),
        _ => format!(
            "oidc.eks.eu-west-1.amazonaws.com/id/{}",
            ids::hex("cluster", 32).to_uppercase()
        ),
    };
    format!("arn:aws:iam::{}:oidc-provider/{host}", member.account)
}

fn foreign_account() -> Value {
    json!({
        "type": "AWSAccount",
        "principalId": format!("{}:collector", ids::iam("AROA", "vendor collector")),
        "accountId": VENDOR_ACCOUNT,
    })
}

fn user(sighting: &Sighting<'_>) -> Value {
    let member = sighting.member;
    json!({
        "type": "IAMUser",
        "principalId": member.iam_id(),
        "arn": format!("arn:aws:iam::{}:user/{}", member.account, member.name),
        "accountId": &*member.account,
        "accessKeyId": key_id("AKIA", &format!("{} {}", member.name, sighting.act.credential)),
        "userName": member.name,
    })
}

fn root(sighting: &Sighting<'_>) -> Value {
    let account = &*sighting.member.account;
    json!({
        "type": "Root",
        "principalId": account,
        "arn": format!("arn:aws:iam::{account}:root"),
        "accountId": account,
        "accessKeyId": "",
    })
}

/// A session of a role.
fn session(sighting: &Sighting<'_>) -> Value {
    let (member, act) = (sighting.member, sighting.act);
    let (role, path) = role(sighting);
    let (id, account, name) = (
        member.iam_id_of(act),
        &*member.account,
        session_name(sighting),
    );
    let mut context = json!({
        "sessionIssuer": {
            "type": "Role",
            "principalId": id,
            "arn": format!("arn:aws:iam::{account}:role/{path}{role}"),
            "accountId": account,
            "userName": role,
        },
        "attributes": {
            "creationDate": seconds_text(act.session.since),
            "mfaAuthenticated": "false",
        },
    });
    if let Some(fields) = context.as_object_mut() {
        match member.sort {
            Sort::Ci | Sort::Irsa => {
                let web = json!({ "federatedProvider": provider(member), "attributes": {} });
                fields.insert("webIdFederationData".to_owned(), web);
            }
            Sort::Ec2 => {
                fields.insert("ec2RoleDelivery".to_owned(), json!("2.0"));
            }
            _ => {}
        }
    }
    let mut identity = json!({
        "type": "AssumedRole",
        "principalId": format!("{id}:{name}"),
        "arn": format!("arn:aws:sts::{account}:assumed-role/{role}/{name}"),
        "accountId": account,
        "accessKeyId": session_key(sighting),
        "sessionContext": context,
    });
    if let (Sort::Lambda, Some(fields)) = (member.sort, identity.as_object_mut()) {
        let arn = format!(
            "arn:aws:lambda:{}:{account}:function:{}",
            act.region, member.name
        );
        let scope = json!({
            "sourceArn": arn,
            "sourceAccount": account,
            "issuerType": "AWS::Lambda::Function",
            "credentialsIssuedTo": arn,
        });
        fields.insert("inScopeOf".to_owned(), scope);
    }
    identity
}

/// Role name and path.
fn role(sighting: &Sighting<'_>) -> (String, &'static str) {
    let member = sighting.member;
    if let Some(desk) = &member.desk {
        let suffix = ids::hex(&member.iam_id(), 16);
        let role = format!("AWSReservedSSO_{}_{suffix}", desk.permission);
        return (role, "aws-reserved/sso.amazonaws.com/eu-west-1/");
    }
    let path = match member.sort {
        Sort::ServiceLinked => "aws-service-role/autoscaling.amazonaws.com/",
        _ => "",
    };
    (member.shown_name_of(sighting.act), path)
}

/// The name of the session, as each kind of caller chooses it.
pub(super) fn session_name(sighting: &Sighting<'_>) -> String {
    let (member, session) = (sighting.member, sighting.act.session);
    let fleet = session.fleet.to_string();
    let begun = session.since / SECOND;
    match member.sort {
        Sort::Person => member.email(),
        Sort::Ci => "GitHubActions".to_owned(),
        Sort::Ec2 => format!("i-{}", ids::hex(&fleet, 17)),
        Sort::Ecs => ids::hex(&fleet, 32),
        Sort::Lambda => member.name.clone(),
        Sort::Vendor => format!("aws-go-sdk-{begun}{:09}", session.id % 1_000_000_000),
        Sort::ServiceLinked => "AutoScaling".to_owned(),
        _ => sdk_name(session.since),
    }
}

/// The name of the session that an `AssumeRole` of `sighting` opens: for
/// another role the one that the client's library makes up.
pub(super) fn issued_name(sighting: &Sighting<'_>) -> String {
    if sighting.act.target.is_empty() {
        session_name(sighting)
    } else {
        sdk_name(sighting.act.at)
    }
}

fn sdk_name(begun: Millis) -> String {
    format!("botocore-session-{}", begun / SECOND)
}

fn session_key(sighting: &Sighting<'_>) -> String {
    key_id("ASIA", &sighting.act.session.id.to_string())
}

/// Access key ids are one character shorter than unique ids.
fn key_id(prefix: &str, name: &str) -> String {
    let mut id = ids::iam(prefix, name);
    id.truncate(20);
    id
}

/// What `AssumeRole` and its kin answer.
pub(super) fn minted(sighting: &Sighting<'_>) -> Value {
    let (act, target) = (sighting.act, sighting.act.target.as_str());
    let (role, id, key) = if target.is_empty() {
        (
            sighting.member.name.as_str(),
            sighting.member.iam_id(),
            session_key(sighting),
        )
    } else {
        let issued = act.issues.map(|session| session.to_string());
        (
            target,
            ids::iam("AROA", target),
            key_id("ASIA", issued.as_deref().unwrap_or(sighting.id)),
        )
    };
    let name = issued_name(sighting);
    let expires = datetime(act.at + HOUR);
    json!({
        "credentials": {
            "accessKeyId": key,
            "expiration": expires.format("%b %-d, %Y %-I:%M:%S %p").to_string(),
        },
        "assumedRoleUser": {
            "assumedRoleId": format!("{id}:{name}"),
            "arn": format!("arn:aws:sts::{}:assumed-role/{role}/{name}", act.account),
        },
    })
}
