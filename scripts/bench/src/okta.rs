//! Okta System Log: one day, one `LogEvent` a line.

use crate::cast::{Cast, Identity, Kind, is_awake};
use crate::rng::{Rng, mix};
use crate::text::{self, DAY, put};

/// Event type, message, what it is done to, and how common it is.
const EVENTS: [(&str, &str, &str, u64); 14] = [
    (
        "user.authentication.sso",
        "User single sign on to app",
        "AppInstance",
        400,
    ),
    ("user.session.start", "User login to Okta", "", 120),
    (
        "policy.evaluate_sign_on",
        "Evaluation of sign-on policy",
        "PolicyEntity",
        180,
    ),
    (
        "user.authentication.auth_via_mfa",
        "Authentication of user via MFA",
        "AuthenticatorEnrollment",
        120,
    ),
    (
        "user.authentication.verify",
        "Verify user identity",
        "AuthenticatorEnrollment",
        60,
    ),
    ("user.session.end", "User logout from Okta", "", 20),
    (
        "app.oauth2.token.grant.access_token",
        "OAuth2 access token is granted",
        "access_token",
        40,
    ),
    (
        "app.oauth2.token.grant.id_token",
        "OIDC id token is granted",
        "id_token",
        30,
    ),
    (
        "user.session.access_admin_app",
        "User accessing Okta admin app",
        "AppInstance",
        6,
    ),
    (
        "group.user_membership.add",
        "Add user to group membership",
        "UserGroup",
        8,
    ),
    (
        "user.account.update_profile",
        "Update user profile for Okta",
        "User",
        6,
    ),
    (
        "user.mfa.factor.activate",
        "Activate factor for user",
        "AuthenticatorEnrollment",
        4,
    ),
    (
        "application.user_membership.add",
        "Add user to application membership",
        "AppInstance",
        4,
    ),
    (
        "user.account.reset_password",
        "User reset password for Okta",
        "User",
        2,
    ),
];
const APPS: [&str; 12] = [
    "AWS IAM Identity Center",
    "Mail",
    "Chat",
    "Code",
    "Tickets",
    "Wiki",
    "Payroll",
    "CRM",
    "Monitoring",
    "Video",
    "Design",
    "Vault",
];
const CITIES: [(&str, &str, &str, u64); 6] = [
    ("Oslo", "Norway", "NO", 64_500),
    ("Berlin", "Germany", "DE", 64_501),
    ("Lisbon", "Portugal", "PT", 64_502),
    ("Dublin", "Ireland", "IE", 64_503),
    ("Denver", "United States", "US", 64_504),
    ("Sydney", "Australia", "AU", 64_505),
];

/// Hands the `lines` of `day` to `take`, in order.
pub fn write(cast: &Cast, seed: u64, day: u64, lines: u64, mut take: impl FnMut(&[u8])) {
    let mut rng = Rng::new(seed, "okta", day);
    let people: Vec<&Identity> = cast
        .identities
        .iter()
        .filter(|identity| identity.kind == Kind::Sso)
        .collect();
    let mut line = Vec::with_capacity(4096);
    for position in 0..lines {
        let at = text::START + day * DAY + position * DAY / lines;
        let who = loop {
            let chosen = people[rng.skewed(people.len())];
            if is_awake(&mut rng, chosen.office, at) || rng.happens(50) {
                break chosen;
            }
        };
        line.clear();
        event(&mut line, &mut rng, who, at);
        take(&line);
    }
}

fn event(out: &mut Vec<u8>, rng: &mut Rng, who: &Identity, at: u64) {
    let mut drawn = rng.below(1000);
    let (kind, message, target, _) = EVENTS
        .into_iter()
        .find(|&(.., weight)| {
            let is_here = drawn < weight;
            drawn = drawn.saturating_sub(weight);
            is_here
        })
        .unwrap_or(EVENTS[0]);
    let home = CITIES[(who.seed % 6) as usize];
    let (city, country, code, as_number) = if rng.happens(3) {
        CITIES[rng.index(6)]
    } else {
        home
    };
    let address = &who.addresses[rng.skewed(who.addresses.len())];
    let session = text::stable_mixed(mix(who.seed ^ (at / (8 * 3600))), 22);
    let shown = shown(&who.name);
    let agent = who.agents[0];
    let is_failure = rng.happens(15);

    put!(
        out,
        "{\"actor\":{\"id\":\"00u",
        &text::stable_mixed(who.seed, 17),
        "\",\"type\":\"User\",\"alternateId\":\"",
        &who.name,
        "\",\"displayName\":\"",
        &shown,
        "\",\"detailEntry\":null}"
    );
    put!(
        out,
        ",\"client\":{\"userAgent\":{\"rawUserAgent\":\"",
        agent,
        "\",\"os\":\"Mac OS X\",\"browser\":\"CHROME\"},\"zone\":\"null\",\"device\":\"Computer\",\"id\":null,\"ipAddress\":\"",
        address
    );
    put!(
        out,
        "\",\"geographicalContext\":{\"city\":\"",
        city,
        "\",\"state\":\"",
        city,
        "\",\"country\":\"",
        country,
        "\",\"postalCode\":null,\"geolocation\":{\"lat\":"
    );
    text::number(out, 30 + as_number % 30);
    put!(out, ".5,\"lon\":");
    text::number(out, as_number % 40);
    put!(
        out,
        ".25}}},\"device\":null,\"authenticationContext\":{\"authenticationProvider\":null,\"credentialProvider\":null,\"credentialType\":null,\"issuer\":null,\"interface\":null,\"authenticationStep\":0,\"rootSessionId\":\"idx",
        &session,
        "\",\"externalSessionId\":\"idx",
        &session,
        "\"}"
    );
    put!(
        out,
        ",\"displayMessage\":\"",
        message,
        "\",\"eventType\":\"",
        kind
    );
    put!(
        out,
        "\",\"outcome\":{\"result\":\"",
        if is_failure {
            "FAILURE\",\"reason\":\"INVALID_CREDENTIALS\"}"
        } else {
            "SUCCESS\",\"reason\":null}"
        }
    );
    put!(out, ",\"published\":\"");
    text::millis(out, at, rng.below(1000));
    put!(out, "\",\"securityContext\":{\"asNumber\":");
    text::number(out, as_number);
    put!(
        out,
        ",\"asOrg\":\"",
        city,
        " net\",\"isp\":\"",
        city,
        " net\",\"domain\":\"",
        code,
        ".example\",\"isProxy\":false},\"severity\":\"",
        if is_failure { "WARN" } else { "INFO" }
    );
    put!(
        out,
        "\",\"debugContext\":{\"debugData\":{\"authnRequestId\":\""
    );
    text::hex(out, rng, 32);
    put!(
        out,
        "\",\"deviceFingerprint\":\"",
        &text::stable_hex(who.seed, 32),
        "\",\"dtHash\":\""
    );
    text::hex(out, rng, 64);
    put!(out, "\",\"requestId\":\"");
    let request = {
        let mut id = Vec::new();
        text::hex(&mut id, rng, 32);
        id
    };
    put!(
        out,
        &request,
        "\",\"requestUri\":\"/idp/idx/identify\",\"risk\":\"{level=LOW}\",\"behaviors\":\"{New Geo-Location=NEGATIVE, New Device=NEGATIVE, New IP=NEGATIVE, New State=NEGATIVE, New Country=NEGATIVE, Velocity=NEGATIVE, New City=NEGATIVE}\",\"threatSuspected\":\"false\",\"url\":\"/idp/idx/identify?\"}},\"legacyEventType\":\"core.user_auth.login_success\",\"transaction\":{\"type\":\"WEB\",\"id\":\"",
        &request,
        "\",\"detail\":{}},\"uuid\":\""
    );
    text::uuid(out, rng);
    put!(
        out,
        "\",\"version\":\"0\",\"request\":{\"ipChain\":[{\"ip\":\"",
        address,
        "\",\"geographicalContext\":{\"city\":\"",
        city,
        "\",\"state\":\"",
        city,
        "\",\"country\":\"",
        country,
        "\",\"postalCode\":null,\"geolocation\":{\"lat\":60.5,\"lon\":10.25}},\"version\":\"",
        if address.contains(':') { "V6" } else { "V4" },
        "\",\"source\":null}]},\"target\":"
    );
    targets(out, rng, who, target, &shown);
    put!(out, "}");
}

fn targets(out: &mut Vec<u8>, rng: &mut Rng, who: &Identity, kind: &str, shown: &str) {
    if kind.is_empty() {
        put!(out, "null");
        return;
    }
    // Everybody has a few applications.
    let app = APPS[(who.seed as usize % 7 + rng.skewed(6)) % APPS.len()];
    put!(
        out,
        "[{\"id\":\"0oa",
        &text::stable_mixed(crate::rng::hash(app), 17),
        "\",\"type\":\"",
        kind,
        "\",\"alternateId\":\"",
        app,
        "\",\"displayName\":\"",
        app,
        "\",\"detailEntry\":null}"
    );
    if kind == "AppInstance" {
        put!(
            out,
            ",{\"id\":\"0ua",
            &text::stable_mixed(who.seed ^ crate::rng::hash(app), 17),
            "\",\"type\":\"AppUser\",\"alternateId\":\"",
            &who.name,
            "\",\"displayName\":\"",
            shown,
            "\",\"detailEntry\":null}"
        );
    }
    put!(out, "]");
}

/// `Nadia Haug` of `nadia.haug@corp.example`.
fn shown(email: &str) -> String {
    let login = email.split('@').next().unwrap_or_default();
    let word = |word: &str| {
        let (head, tail) = word.split_at(word.len().min(1));
        head.to_uppercase() + tail
    };
    login.split('.').map(word).collect::<Vec<_>>().join(" ")
}
