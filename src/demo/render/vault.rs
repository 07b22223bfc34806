//! Vault audit device: a request line and a response line for each act.

use serde_json::{Map, Value, json};

use super::Sighting;
use crate::demo::act::End;
use crate::demo::calendar::{Millis, millis_text};
use crate::demo::cast::Sort;
use crate::demo::ids;

/// What Vault answers when the policy does not allow the request.
const DENIED: &str = "1 error occurred:\n\t* permission denied\n\n";

/// Both records of `sighting`, with their times: request and response.
pub(in crate::demo) fn render(sighting: &Sighting<'_>) -> [(Millis, Value); 2] {
    let is_login = sighting.act.deed.verb == "login";
    let answered = sighting.act.at + 2 + Millis::from(sighting.act.host % 9);
    let auth = auth(sighting);
    let before = if is_login {
        json!({ "token_type": "default" })
    } else {
        auth.clone()
    };
    let request = request(sighting, is_login);
    [
        (
            sighting.act.at,
            record(sighting, "request", sighting.act.at, before, &request, None),
        ),
        (
            answered,
            record(
                sighting,
                "response",
                answered,
                auth.clone(),
                &request,
                Some(response(sighting, is_login, auth)),
            ),
        ),
    ]
}

fn record(
    sighting: &Sighting<'_>,
    kind: &str,
    at: Millis,
    auth: Value,
    request: &Value,
    response: Option<Value>,
) -> Value {
    let mut record = json!({
        "time": millis_text(at),
        "type": kind,
        "auth": auth,
        "request": request,
    });
    if let Some(fields) = record.as_object_mut() {
        if let Some(response) = response {
            fields.insert("response".to_owned(), response);
        }
        match &sighting.act.end {
            End::Done => {}
            End::Denied => {
                fields.insert("error".to_owned(), json!(DENIED));
            }
            End::Failed(code) => {
                fields.insert("error".to_owned(), json!(&**code));
            }
        }
    }
    record
}

/// How a member authenticates: method, display name, metadata.
fn method(sighting: &Sighting<'_>) -> (&'static str, String, Value) {
    let member = sighting.member;
    match member.sort {
        Sort::Person => (
            "oidc/oidc/callback",
            format!("oidc-{}", member.email()),
            json!({ "role": member.project, "email": member.email() }),
        ),
        Sort::AppRole => (
            "approle/login",
            "approle".to_owned(),
            json!({ "role_name": member.name }),
        ),
        Sort::Ci => (
            "jwt/login",
            format!("jwt-{}", member.repository()),
            json!({ "role": member.name }),
        ),
        Sort::Kubernetes => (
            "kubernetes/login",
            format!("kubernetes-{}-{}", member.project, member.name),
            json!({
                "role": member.name,
                "service_account_name": member.name,
                "service_account_namespace": member.project,
                "service_account_uid": ids::uuid(&member.name),
            }),
        ),
        _ => (
            "aws/login",
            format!("aws-{}", member.name),
            json!({
                "account_id": &*member.account,
                "auth_type": "iam",
                "canonical_arn": format!("arn:aws:iam::{}:role/{}", member.account, member.name),
                "client_user_id": member.iam_id(),
            }),
        ),
    }
}

fn auth(sighting: &Sighting<'_>) -> Value {
    let (_, display_name, metadata) = method(sighting);
    let member = sighting.member;
    let policies = json!(["default", member.project]);
    let token = token_name(sighting, sighting.act.session.id);
    json!({
        "accessor": ids::hmac(&format!("accessor {token}")),
        "client_token": ids::hmac(&token),
        "display_name": display_name,
        "entity_id": member.entity_id(),
        "metadata": metadata,
        "policies": policies,
        "token_policies": policies,
        "policy_results": {
            "allowed": sighting.act.end != End::Denied,
            "granting_policies": [ { "name": member.project, "namespace_id": "root", "type": "acl" } ],
        },
        "token_type": "service",
        "token_ttl": 21_600,
    })
}

/// What the creation of a child token answers.
fn child(sighting: &Sighting<'_>, session: u64) -> Value {
    let (member, token) = (sighting.member, token_name(sighting, session));
    json!({
        "accessor": ids::hmac(&format!("accessor {token}")),
        "client_token": ids::hmac(&token),
        "display_name": "token",
        "entity_id": member.entity_id(),
        "policies": ["default", member.project],
        "token_policies": ["default", member.project],
        "token_type": "service",
        "token_ttl": 3_600,
    })
}

/// What the token of a session is made from.
fn token_name(sighting: &Sighting<'_>, session: u64) -> String {
    format!("{} {session}", sighting.member.name)
}

fn request(sighting: &Sighting<'_>, is_login: bool) -> Value {
    let path = if is_login {
        format!("auth/{}", method(sighting).0)
    } else {
        sighting.act.target.clone()
    };
    let (mount, kind) = mount_of(&path);
    let operation = if is_login {
        "update"
    } else {
        &sighting.act.deed.verb
    };
    let token = token_name(sighting, sighting.act.session.id);
    let mut request = json!({
        "id": sighting.id,
        "operation": operation,
        "mount_point": mount,
        "mount_type": kind,
        "mount_class": if mount.starts_with("auth/") { "auth" } else { "secret" },
        "mount_accessor": format!("{kind}_{}", ids::hex(mount, 8)),
        "namespace": { "id": "root" },
        "path": path,
        "remote_address": sighting.address(),
        "remote_port": 32_768 + sighting.act.host * 97 % 28_000,
    });
    if let Some(fields) = request.as_object_mut() {
        if !is_login {
            fields.insert("client_id".to_owned(), json!(sighting.member.entity_id()));
            fields.insert("client_token".to_owned(), json!(ids::hmac(&token)));
        }
        if operation == "update" {
            fields.insert("data".to_owned(), written(&path, sighting.id));
        }
    }
    request
}

/// What an update sends: keys in clear, values hashed.
fn written(path: &str, id: &str) -> Value {
    let key = match path {
        _ if path.ends_with("login") => "role",
        _ if path.starts_with("transit/encrypt") => "plaintext",
        _ if path.starts_with("transit/") => "ciphertext",
        _ if path.starts_with("sys/policies") => "policy",
        _ if path.starts_with("sys/control-group") => "accessor",
        _ if path.starts_with("auth/token/create") => "policies",
        _ => "data",
    };
    json!({ key: ids::hmac(&format!("{path}{id}")) })
}

fn response(sighting: &Sighting<'_>, is_login: bool, auth: Value) -> Value {
    let path = sighting.act.target.as_str();
    let (mount, kind) = mount_of(path);
    let mut response = Map::new();
    if is_login {
        response.insert("auth".to_owned(), auth);
    } else {
        response.insert("mount_point".to_owned(), json!(mount));
        response.insert("mount_type".to_owned(), json!(kind));
        if let Some(session) = sighting.act.issues {
            response.insert("auth".to_owned(), child(sighting, session));
        }
        if sighting.act.end == End::Done {
            response.insert("data".to_owned(), answered(sighting, path));
        }
    }
    Value::Object(response)
}

fn answered(sighting: &Sighting<'_>, path: &str) -> Value {
    let hashed = ids::hmac(path);
    match (sighting.act.deed.verb.as_str(), path) {
        ("list", _) => json!({ "keys": [hashed, ids::hmac(&format!("{path} 2"))] }),
        (_, path) if path.starts_with("secret/") => json!({
            "data": { "password": hashed },
            "metadata": { "version": 3, "destroyed": false },
        }),
        (_, path) if path.starts_with("database/") => {
            json!({ "username": hashed, "password": ids::hmac(sighting.id) })
        }
        _ => json!({ "result": hashed }),
    }
}

/// Mount and its type, by the first segments of a path.
const MOUNTS: [(&str, &str); 13] = [
    ("auth/oidc/", "oidc"),
    ("auth/approle/", "approle"),
    ("auth/kubernetes/", "kubernetes"),
    ("auth/aws/", "aws"),
    ("auth/jwt/", "jwt"),
    ("auth/token/", "token"),
    ("secret/", "kv"),
    ("database/", "database"),
    ("transit/", "transit"),
    ("identity/", "identity"),
    ("pki/", "pki"),
    ("aws/", "aws"),
    ("sys/", "system"),
];

fn mount_of(path: &str) -> (&'static str, &'static str) {
    MOUNTS
        .into_iter()
        .find(|(mount, _)| path.starts_with(mount))
        .unwrap_or(("sys/", "system"))
}
