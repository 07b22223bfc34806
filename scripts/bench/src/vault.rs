//! Vault audit device: one day, a request and a response line for each call.

use crate::cast::{Cast, Identity, Kind, Sessions, is_awake};
use crate::rng::{Rng, hash, mix};
use crate::text::{self, DAY, put};

/// What a login is by, and how its display name begins.
struct Method {
    mount: &'static str,
    kind: &'static str,
    path: &'static str,
}

/// One call with everything both lines say.
struct Exchange<'a> {
    who: &'a Identity,
    method: Method,
    is_login: bool,
    operation: &'static str,
    path: String,
    is_denied: bool,
    id: String,
    token: u64,
}

/// Hands the `lines` of `day` to `take`, in order.
pub fn write(cast: &Cast, seed: u64, day: u64, lines: u64, mut take: impl FnMut(&[u8])) {
    let mut rng = Rng::new(seed, "vault", day);
    let clients: Vec<&Identity> = cast
        .identities
        .iter()
        .filter(|who| is_client(who))
        .collect();
    let mut line = Vec::with_capacity(4096);
    let exchanges = lines.div_ceil(2);
    for position in 0..exchanges {
        let at = text::START + day * DAY + position * DAY / exchanges;
        let who = loop {
            let chosen = clients[rng.skewed(clients.len())];
            if is_awake(&mut rng, chosen.office, at) {
                break chosen;
            }
        };
        let exchange = exchange(cast, &mut rng, who, at);
        let began = rng.below(900);
        for (kind, millis) in [("request", began), ("response", began + 2 + rng.below(90))] {
            line.clear();
            exchange.write(&mut line, &mut rng, kind, at, millis);
            take(&line);
        }
    }
}

fn is_client(who: &Identity) -> bool {
    match who.kind {
        Kind::Sso => who.seed.is_multiple_of(4),
        Kind::Role(Sessions::Pod | Sessions::Task | Sessions::Pipeline) => {
            who.seed.is_multiple_of(3)
        }
        _ => false,
    }
}

fn exchange<'a>(cast: &Cast, rng: &mut Rng, who: &'a Identity, at: u64) -> Exchange<'a> {
    let project = &cast.projects[who.project];
    let word = &project.words[rng.skewed(3)];
    let is_login = rng.happens(60);
    let (operation, path) = match rng.below(20) {
        _ if is_login => ("update", format!("auth/{}", method_of(who).path)),
        0..10 => ("read", format!("secret/data/{word}/prod/db")),
        10..13 => ("read", format!("database/creds/{word}")),
        13..16 => ("update", format!("transit/encrypt/{word}")),
        16..18 => ("update", format!("transit/decrypt/{word}")),
        18 => ("list", format!("secret/metadata/{word}/prod")),
        _ => ("update", "auth/token/renew-self".to_owned()),
    };
    Exchange {
        who,
        method: method_of(who),
        is_login,
        operation,
        path,
        is_denied: rng.happens(8),
        id: text::stable_uuid(rng.next()),
        token: mix(who.seed ^ (at / (6 * 3600))),
    }
}

fn method_of(who: &Identity) -> Method {
    let (mount, kind, path) = match who.kind {
        Kind::Sso => ("auth/oidc/", "oidc", "oidc/oidc/callback"),
        Kind::Role(Sessions::Pod) => ("auth/kubernetes/", "kubernetes", "kubernetes/login"),
        Kind::Role(Sessions::Pipeline) => ("auth/jwt/", "jwt", "jwt/login"),
        _ => ("auth/approle/", "approle", "approle/login"),
    };
    Method { mount, kind, path }
}

impl Exchange<'_> {
    fn write(&self, out: &mut Vec<u8>, rng: &mut Rng, line: &str, at: u64, millis: u64) {
        put!(out, "{\"time\":\"");
        text::millis(out, at, millis);
        put!(out, "\",\"type\":\"", line, "\",\"auth\":");
        if self.is_login && line == "request" {
            put!(out, "{\"token_type\":\"default\"}");
        } else {
            self.auth(out);
        }
        self.request(out, rng);
        if line == "response" {
            put!(out, ",\"response\":");
            self.response(out, rng);
        }
        if self.is_denied {
            put!(
                out,
                ",\"error\":\"1 error occurred:\\n\\t* permission denied\\n\\n\""
            );
        }
        put!(out, "}");
    }

    fn auth(&self, out: &mut Vec<u8>) {
        let who = self.who;
        let policy = who.name.split(['@', '-']).next().unwrap_or_default();
        put!(
            out,
            "{\"client_token\":\"hmac-sha256:",
            &text::stable_hex(self.token, 64),
            "\",\"accessor\":\"hmac-sha256:",
            &text::stable_hex(!self.token, 64),
            "\",\"display_name\":\"",
            self.method.kind,
            "-",
            &who.name
        );
        put!(
            out,
            "\",\"policies\":[\"default\",\"",
            policy,
            "\",\"",
            policy,
            "-read\"],\"token_policies\":[\"default\",\"",
            policy,
            "\",\"",
            policy,
            "-read\"],\"policy_results\":{\"allowed\":",
            if self.is_denied { "false" } else { "true" },
            ",\"granting_policies\":[{\"name\":\"",
            policy,
            "\",\"namespace_id\":\"root\",\"type\":\"acl\"}]},\"metadata\":{\"role\":\"",
            policy,
            "\",\"role_name\":\"",
            &who.name
        );
        put!(
            out,
            "\"},\"entity_id\":\"",
            &text::stable_uuid(hash(&who.name)),
            "\",\"token_type\":\"service\",\"token_ttl\":21600,\"token_issue_time\":\"2026-03-02T00:00:00Z\"}"
        );
    }

    fn request(&self, out: &mut Vec<u8>, rng: &mut Rng) {
        let who = self.who;
        put!(out, ",\"request\":{\"id\":\"", &self.id);
        if !self.is_login {
            put!(
                out,
                "\",\"client_id\":\"",
                &text::stable_uuid(hash(&who.name))
            );
        }
        put!(
            out,
            "\",\"operation\":\"",
            self.operation,
            "\",\"mount_point\":\"",
            self.mount().0,
            "\",\"mount_type\":\"",
            self.mount().1
        );
        put!(
            out,
            "\",\"mount_accessor\":\"",
            self.mount().1,
            "_",
            &text::stable_hex(hash(self.mount().0), 8),
            "\",\"mount_running_version\":\"v1.19.0+builtin.vault\",\"mount_class\":\"",
            if self.is_login { "auth" } else { "secret" }
        );
        if !self.is_login {
            put!(
                out,
                "\",\"client_token\":\"hmac-sha256:",
                &text::stable_hex(self.token, 64),
                "\",\"client_token_accessor\":\"hmac-sha256:",
                &text::stable_hex(!self.token, 64)
            );
        }
        put!(
            out,
            "\",\"namespace\":{\"id\":\"root\"},\"path\":\"",
            &self.path,
            "\""
        );
        if self.operation == "update" {
            put!(
                out,
                ",\"data\":{\"",
                if self.is_login { "role" } else { "plaintext" },
                "\":\"hmac-sha256:"
            );
            text::hex(out, rng, 64);
            put!(out, "\"}");
        }
        put!(
            out,
            ",\"remote_address\":\"",
            &who.addresses[0],
            "\",\"remote_port\":"
        );
        text::number(out, 32_768 + self.token % 28_000);
        put!(out, "}");
    }

    fn response(&self, out: &mut Vec<u8>, rng: &mut Rng) {
        put!(out, "{");
        if self.is_login && !self.is_denied {
            put!(out, "\"auth\":");
            self.auth(out);
            put!(out, ",");
        }
        put!(
            out,
            "\"mount_point\":\"",
            self.mount().0,
            "\",\"mount_type\":\"",
            self.mount().1,
            "\""
        );
        if !self.is_denied {
            put!(
                out,
                ",\"data\":{\"data\":{\"password\":\"hmac-sha256:",
                &text::stable_hex(hash(&self.path), 64),
                "\"},\"metadata\":{\"created_time\":\"hmac-sha256:"
            );
            text::hex(out, rng, 64);
            put!(out, "\",\"destroyed\":false,\"version\":3}}");
        }
        put!(out, "}");
    }

    fn mount(&self) -> (&'static str, &'static str) {
        match self.path.split('/').next() {
            Some("secret") => ("secret/", "kv"),
            Some("database") => ("database/", "database"),
            Some("transit") => ("transit/", "transit"),
            _ if self.is_login => (self.method.mount, self.method.kind),
            _ => ("auth/token/", "token"),
        }
    }
}
