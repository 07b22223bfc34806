//! A translator of CloudTrail to OCSF, written after the published mappings,
//! one version at a time.

use serde_json::{Map, Value, json};

pub(super) const VERSIONS: [&str; 5] = ["1.0.0-rc.2", "1.0.0", "1.1.0", "1.3.0", "1.5.0"];

/// `native` as OCSF of this `version`.
pub(super) fn translate(version: &str, native: &Value) -> Value {
    let mut left = native.as_object().unwrap().clone();
    let mut ocsf =
        json!({"class_name":"API Activity","observables":[{"name":"x"}],"severity_id":1});
    let is_first = version == "1.0.0-rc.2";
    let is_login = native["eventName"] == "ConsoleLogin";
    ocsf["class_uid"] = json!(match (is_login, is_first) {
        (true, _) => 3002,
        (false, true) => 3005,
        (false, false) => 6003,
    });
    ocsf["metadata"] =
        json!({"version":version,"product":{"name":"CloudTrail","vendor_name":"AWS"}});
    for (from, to) in rows(version) {
        if let Some(value) = take(&mut left, from) {
            put(&mut ocsf, to, value);
        }
    }
    times(&mut ocsf, &mut left, is_first);
    data(&mut ocsf, &mut left);
    principal(&mut ocsf, &mut left, is_first);
    resources(&mut ocsf, &mut left, version);
    let source = take(&mut left, "sourceIPAddress").unwrap();
    let is_service = source.as_str().unwrap().ends_with(".amazonaws.com");
    let place = if is_service {
        "src_endpoint.domain"
    } else {
        "src_endpoint.ip"
    };
    put(&mut ocsf, place, source);
    if let Some(used) = take(&mut left, "additionalEventData.MFAUsed") {
        put(
            &mut ocsf,
            if is_first { "mfa" } else { "is_mfa" },
            json!(used == "Yes"),
        );
    }
    if ocsf["api"]["request"]["uid"].is_null() {
        put(&mut ocsf, "api.request.uid", json!("''"));
    }
    put(&mut ocsf, "status", json!("Success"));
    if native.get("errorCode").is_some() || native["responseElements"]["ConsoleLogin"] == "Failure"
    {
        ocsf["status"] = json!("Failure");
    }
    let mut flat = Map::new();
    flatten("", &Value::Object(left), &mut flat);
    ocsf["unmapped"] = Value::Object(flat);
    ocsf
}

fn rows(version: &str) -> Vec<(&'static str, &'static str)> {
    let mut rows = vec![
        ("eventID", "metadata.uid"),
        ("eventVersion", "metadata.product.version"),
        ("eventCategory", "metadata.product.feature.name"),
        ("eventSource", "api.service.name"),
        ("eventName", "api.operation"),
        ("requestID", "api.request.uid"),
        ("errorCode", "api.response.error"),
        ("errorMessage", "api.response.message"),
        ("awsRegion", "cloud.region"),
        ("userAgent", "http_request.user_agent"),
        ("vpcEndpointId", "src_endpoint.uid"),
        ("userIdentity.type", "actor.user.type"),
        ("userIdentity.userName", "actor.user.name"),
        ("userIdentity.accessKeyId", "actor.user.credential_uid"),
        ("userIdentity.invokedBy", "actor.invoked_by"),
        ("userIdentity.identityProvider", "actor.idp.name"),
        (
            "userIdentity.sessionContext.sessionIssuer.arn",
            "actor.session.issuer",
        ),
        ("additionalEventData.LoginTo", "dst_endpoint.svc_name"),
    ];
    let (account, mfa) = match version {
        "1.0.0-rc.2" => ("actor.user.account_uid", "actor.session.mfa"),
        _ => ("actor.user.account.uid", "actor.session.is_mfa"),
    };
    rows.push(("userIdentity.accountId", account));
    rows.push((
        "userIdentity.sessionContext.attributes.mfaAuthenticated",
        mfa,
    ));
    if version != "1.0.0-rc.2" {
        rows.push(("eventType", "metadata.event_code"));
    }
    if version == "1.5.0" {
        rows.push(("recipientAccountId", "cloud.account.uid"));
    }
    rows
}

fn times(ocsf: &mut Value, left: &mut Map<String, Value>, is_first: bool) {
    let millis = |text: &Value| {
        let time = chrono::DateTime::parse_from_rfc3339(text.as_str().unwrap()).unwrap();
        json!(time.timestamp_millis())
    };
    let local = |text: &Value| json!(text.as_str().unwrap().replace('Z', ".000+00:00"));
    let time = take(left, "eventTime").unwrap();
    ocsf["time"] = millis(&time);
    if !is_first {
        ocsf["time_dt"] = local(&time);
    }
    if let Some(begin) = take(left, "userIdentity.sessionContext.attributes.creationDate") {
        if is_first {
            put(ocsf, "actor.session.created_time", millis(&begin));
        } else {
            put(ocsf, "actor.session.created_time_dt", local(&begin));
        }
    }
}

fn data(ocsf: &mut Value, left: &mut Map<String, Value>) {
    for (from, to) in [
        ("requestParameters", "api.request.data"),
        ("responseElements", "api.response.data"),
    ] {
        let value = take(left, from).filter(|value| !value.is_null());
        put(
            ocsf,
            to,
            json!(value.map_or(String::new(), |value| value.to_string())),
        );
    }
}

fn principal(ocsf: &mut Value, left: &mut Map<String, Value>, is_first: bool) {
    let (arn, id) = if is_first {
        ("actor.user.uuid", "actor.user.uid")
    } else {
        ("actor.user.uid", "actor.user.uid_alt")
    };
    for (from, to) in [("userIdentity.arn", arn), ("userIdentity.principalId", id)] {
        if let Some(value) = take(left, from) {
            put(ocsf, to, value);
        }
    }
}

fn resources(ocsf: &mut Value, left: &mut Map<String, Value>, version: &str) {
    let Some(Value::Array(entries)) = take(left, "resources") else {
        return;
    };
    let account = match version {
        "1.0.0-rc.2" => "account_uid",
        "1.5.0" => "owner.account.uid",
        _ => "account.uid",
    };
    let entries = entries.iter().map(|entry| {
        let mut resource = json!({"uid": entry["ARN"], "type": entry["type"]});
        put(&mut resource, account, entry["accountId"].clone());
        resource
    });
    ocsf["resources"] = entries.collect();
}

fn take(object: &mut Map<String, Value>, path: &str) -> Option<Value> {
    match path.split_once('.') {
        None => object.remove(path),
        Some((name, rest)) => take(object.get_mut(name)?.as_object_mut()?, rest),
    }
}

fn put(object: &mut Value, path: &str, value: Value) {
    let place = path.split('.').fold(object, |place, name| &mut place[name]);
    *place = value;
}

/// Every leaf by its path, as text.
fn flatten(path: &str, value: &Value, flat: &mut Map<String, Value>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let dot = if path.is_empty() { "" } else { "." };
                flatten(&format!("{path}{dot}{name}"), value, flat);
            }
        }
        Value::String(text) => {
            flat.insert(path.to_owned(), json!(text));
        }
        Value::Null => {
            flat.insert(path.to_owned(), json!(""));
        }
        other => {
            flat.insert(path.to_owned(), json!(other.to_string()));
        }
    }
}
