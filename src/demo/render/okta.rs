//! Okta System Log: one `LogEvent` a line.

use serde_json::{Value, json};

use super::Sighting;
use crate::demo::act::End;
use crate::demo::calendar::{MINUTE, millis_text};
use crate::demo::cast::Sort;
use crate::demo::ids;

/// The end of everybody's login.
const AT_DOMAIN: &str = "@corp.example";

/// The record of `sighting`.
pub(in crate::demo) fn render(sighting: &Sighting<'_>) -> Value {
    let (act, address) = (sighting.act, sighting.address());
    let session = ids::okta("idx", &act.session.id.to_string());
    let (result, reason) = outcome(&act.end);
    json!({
        "uuid": sighting.id,
        "published": millis_text(act.at),
        "eventType": act.deed.verb,
        "version": "0",
        "severity": if act.end == End::Done { "INFO" } else { "WARN" },
        "displayMessage": message(&act.deed.verb),
        "actor": actor(sighting),
        "client": client(sighting, &address),
        "authenticationContext": {
            "authenticationStep": 0,
            "rootSessionId": session,
            "externalSessionId": session,
        },
        "securityContext": {
            "asNumber": sighting.place.as_number,
            "asOrg": format!("{} Net", sighting.place.city),
            "isp": format!("{} net", sighting.place.city.to_lowercase()),
            "isProxy": false,
        },
        "outcome": { "result": result, "reason": reason },
        "target": targets(sighting),
        "transaction": { "type": "WEB", "id": transaction(sighting), "detail": {} },
        "debugContext": { "debugData": {
            "requestUri": "/api/v1/authn",
            "deviceFingerprint": ids::hex(&format!("{}{}", sighting.member.name, act.agent), 32),
        } },
        "request": { "ipChain": [ { "ip": address, "version": version(&address), "source": null } ] },
    })
}

fn actor(sighting: &Sighting<'_>) -> Value {
    let member = sighting.member;
    let is_app = member.sort == Sort::OktaApp;
    json!({
        "id": member.okta_id(),
        "type": if is_app { "PublicClientApp" } else { "User" },
        "alternateId": if is_app { member.name.clone() } else { member.email() },
        "displayName": member.title,
    })
}

fn client(sighting: &Sighting<'_>, address: &str) -> Value {
    let id = (sighting.member.sort == Sort::OktaApp).then(|| sighting.member.okta_id());
    json!({
        "userAgent": {
            "rawUserAgent": sighting.agent,
            "os": system(sighting.agent),
            "browser": browser(sighting.agent),
        },
        "zone": "null",
        "device": if id.is_some() { "Unknown" } else { "Computer" },
        "id": id,
        "ipAddress": address,
        "geographicalContext": {
            "city": sighting.place.city,
            "country": sighting.place.country,
        },
    })
}

fn system(agent: &str) -> &'static str {
    match agent {
        _ if agent.contains("Mac OS X") => "Mac OS X",
        _ if agent.contains("Windows") => "Windows 10",
        _ if agent.contains("Linux") => "Linux",
        _ => "Unknown",
    }
}

fn browser(agent: &str) -> &'static str {
    match agent {
        _ if agent.contains("Edg/") => "EDGE",
        _ if agent.contains("Firefox/") => "FIREFOX",
        _ if agent.contains("Chrome/") => "CHROME",
        _ => "UNKNOWN",
    }
}

fn version(address: &str) -> &'static str {
    if address.contains(':') { "V6" } else { "V4" }
}

/// What Okta writes beside the event type.
fn message(kind: &str) -> &'static str {
    match kind {
        "user.session.start" => "User login to Okta",
        "user.authentication.auth_via_mfa" => "Authentication of user via MFA",
        "user.authentication.sso" => "User single sign on to app",
        "policy.evaluate_sign_on" => "Evaluation of sign-on policy",
        "user.mfa.okta_verify.deny_push" => "User rejected Okta push verify",
        "user.mfa.factor.activate" => "Activate factor for user",
        "app.oauth2.token.grant.access_token" | "app.oauth2.as.token.grant.access_token" => {
            "OAuth2 access token is granted"
        }
        "app.oauth2.as.consent.grant" => "User grants consent to app",
        "user.session.context.change" => "Session context changed",
        "security.session.detect_client_roaming" => "Session roaming detected",
        "user.account.reset_password" => "Fired when the user's Okta password is reset",
        "user.account.unlock" => "Unlock user account",
        _ => "Event",
    }
}

fn outcome(end: &End) -> (&'static str, Option<&str>) {
    match end {
        End::Done => ("SUCCESS", None),
        End::Denied => ("DENY", Some("ACCESS_DENIED")),
        End::Failed(code) => ("FAILURE", Some(code)),
    }
}

/// One click makes several events: those of a session within a quarter of a
/// minute belong together.
fn transaction(sighting: &Sighting<'_>) -> String {
    let slot = sighting.act.at / (MINUTE / 4);
    ids::okta("tx", &format!("{} {slot}", sighting.act.session.id))
}

fn targets(sighting: &Sighting<'_>) -> Value {
    let name = sighting.act.target.as_str();
    if name.is_empty() {
        return Value::Null;
    }
    let kind = match sighting.act.deed.verb.as_str() {
        "user.authentication.sso"
        | "app.oauth2.as.consent.grant"
        | "application.user_membership.add" => "AppInstance",
        "user.authentication.auth_via_mfa"
        | "user.mfa.factor.activate"
        | "user.mfa.okta_verify.deny_push" => "AuthenticatorEnrollment",
        "group.user_membership.add" => "UserGroup",
        "app.oauth2.token.grant.access_token" | "app.oauth2.as.token.grant.access_token" => {
            "access_token"
        }
        _ => "User",
    };
    let prefix = match kind {
        "AppInstance" => "0oa",
        "UserGroup" => "00g",
        "User" => "00u",
        _ => "aut",
    };
    let mut targets = vec![json!({
        "id": ids::okta(prefix, name.strip_suffix(AT_DOMAIN).unwrap_or(name)),
        "type": kind,
        "alternateId": name,
        "displayName": name,
    })];
    if kind == "AppInstance" {
        targets.push(json!({
            "id": ids::okta("0ua", &format!("{name}{}", sighting.member.name)),
            "type": "AppUser",
            "alternateId": sighting.member.email(),
            "displayName": sighting.member.title,
        }));
    }
    Value::Array(targets)
}
