//! CloudTrail: one record of a `{"Records":[…]}` file.

mod composite;
mod identity;
mod request;

pub(in crate::demo) use identity::{is_before_session, web_identity_key};
pub(in crate::demo) use request::is_data_event;

use serde::Serialize;
use serde_json::{Value, json};

use super::Sighting;
use crate::demo::act::End;
use crate::demo::calendar::seconds_text;
use crate::demo::cast::Sort;
use crate::demo::ids;

/// A record, its fields in the order CloudTrail writes them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::demo) struct Record {
    event_version: &'static str,
    user_identity: Value,
    event_time: String,
    event_source: String,
    event_name: String,
    aws_region: String,
    #[serde(rename = "sourceIPAddress")]
    source_ip_address: String,
    user_agent: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<String>,
    request_parameters: Value,
    response_elements: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    additional_event_data: Option<Value>,
    #[serde(rename = "requestID")]
    request_id: String,
    #[serde(rename = "eventID")]
    event_id: String,
    read_only: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    resources: Option<Value>,
    event_type: &'static str,
    management_event: bool,
    recipient_account_id: String,
    event_category: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_credential_from_console: Option<&'static str>,
}

/// The record of `sighting`.
pub(in crate::demo) fn render(sighting: &Sighting<'_>) -> Record {
    let (act, deed) = (sighting.act, &sighting.act.deed);
    let asked = request::of(sighting);
    let is_data = request::is_data_event(&deed.service, &deed.verb);
    let is_sign_in = deed.service == "signin";
    let user_identity = identity::of(sighting);
    let (error_code, error_message) = error(sighting, &user_identity);
    Record {
        event_version: "1.11",
        user_identity,
        event_time: seconds_text(act.at),
        event_source: format!("{}.amazonaws.com", deed.service),
        event_name: deed.verb.clone(),
        aws_region: region(&deed.service, &act.region).to_owned(),
        source_ip_address: act
            .via
            .as_deref()
            .map_or_else(|| sighting.address(), str::to_owned),
        user_agent: agent(sighting),
        error_code,
        error_message,
        request_parameters: asked.parameters,
        response_elements: response(sighting),
        additional_event_data: additional(sighting, is_data),
        request_id: ids::hex(sighting.id, 16).to_uppercase(),
        event_id: sighting.id.to_owned(),
        read_only: request::is_read(&deed.verb),
        resources: asked.resources,
        event_type: if is_sign_in {
            "AwsConsoleSignIn"
        } else {
            "AwsApiCall"
        },
        management_event: !is_data,
        recipient_account_id: act.account.to_string(),
        event_category: if is_data { "Data" } else { "Management" },
        session_credential_from_console: (is_from_console(sighting) && !is_sign_in)
            .then_some("true"),
    }
}

/// The region an act is recorded in: global services have one.
pub(in crate::demo) fn region<'a>(service: &str, home: &'a str) -> &'a str {
    match service {
        "iam" | "organizations" | "signin" | "route53" | "cloudfront" | "ce" | "account"
        | "support" => "us-east-1",
        _ => home,
    }
}

fn is_from_console(sighting: &Sighting<'_>) -> bool {
    sighting.agent.starts_with("Mozilla/") && sighting.act.via.is_none()
}

/// The user agent; the command line names its command, which makes the raw
/// text nearly endless.
fn agent(sighting: &Sighting<'_>) -> String {
    if let Some(via) = &sighting.act.via {
        return via.to_string();
    }
    let deed = &sighting.act.deed;
    sighting.agent.replace(
        "{command}",
        &format!("{}.{}", deed.service, deed.verb).to_lowercase(),
    )
}

fn error(sighting: &Sighting<'_>, caller: &Value) -> (Option<String>, Option<String>) {
    let deed = &sighting.act.deed;
    match &sighting.act.end {
        End::Done => (None, None),
        End::Denied => {
            let code = match deed.service.as_str() {
                "ec2" => "Client.UnauthorizedOperation",
                _ => "AccessDenied",
            };
            let arn = caller
                .get("arn")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let message = format!(
                "User: {arn} is not authorized to perform: {}:{} because no identity-based policy allows the action",
                deed.service, deed.verb
            );
            (Some(code.to_owned()), Some(message))
        }
        End::Failed(code) => (
            Some(code.to_string()),
            Some("The request failed".to_owned()),
        ),
    }
}

fn response(sighting: &Sighting<'_>) -> Value {
    if sighting.act.end != End::Done {
        return Value::Null;
    }
    let target = sighting.act.target.as_str();
    match sighting.act.deed.verb.as_str() {
        "ConsoleLogin" => json!({ "ConsoleLogin": "Success" }),
        "AssumeRole" | "AssumeRoleWithWebIdentity" => identity::minted(sighting),
        "CreateUser" => {
            json!({ "user": { "userName": target, "userId": ids::iam("AIDA", target) } })
        }
        "CreateAccessKey" => json!({ "accessKey": {
            "userName": target,
            "accessKeyId": ids::iam("AKIA", sighting.id).get(..20),
            "status": "Active",
        } }),
        _ => composite::answered(sighting),
    }
}

fn additional(sighting: &Sighting<'_>, is_data: bool) -> Option<Value> {
    let deed = &sighting.act.deed;
    if deed.verb == "ConsoleLogin" {
        let mfa = if sighting.member.sort == Sort::Root {
            "Yes"
        } else {
            "No"
        };
        return Some(json!({
            "LoginTo": "https://console.aws.amazon.com/console/home",
            "MobileVersion": "No",
            "MFAUsed": mfa,
        }));
    }
    let is_object_read = is_data && deed.is("s3", "GetObject") && sighting.act.end == End::Done;
    if !is_object_read {
        return composite::additional(sighting);
    }
    let size = size_of(&sighting.act.target);
    Some(json!({ "bytesTransferredIn": 0, "bytesTransferredOut": size }))
}

/// The size of an object in bytes, always the same: what is built weighs many
/// times what is written.
fn size_of(key: &str) -> u64 {
    let built = [".tar", ".apk", ".ipa"];
    let scale = if built.iter().any(|end| key.ends_with(end)) {
        40
    } else {
        1
    };
    (ids::hash(key) % 900_000 + 2_000) * scale
}
