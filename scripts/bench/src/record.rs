//! One record of CloudTrail, its fields in the order CloudTrail writes them.

use crate::calls::Call;
use crate::cast::{Identity, Kind, Project};
use crate::rng::{Rng, mix};
use crate::text::{self, put};

/// One session of an identity, as records show it.
pub struct Session<'a> {
    pub who: &'a Identity,
    pub project: &'a Project,
    pub since: u64,
    pub name: String,
    pub key: String,
    pub address: &'a str,
    pub agent: &'static str,
    pub is_console: bool,
}

/// Everything one record says.
pub struct Sighting<'a> {
    pub session: &'a Session<'a>,
    pub call: &'a Call,
    pub account: &'a str,
    pub region: &'a str,
    pub at: u64,
    /// Which of the project's things it is about.
    pub thing: u64,
    /// Where the object's key comes from.
    pub key: u64,
}

impl Sighting<'_> {
    /// Appends the record, its fields in the order CloudTrail writes them.
    pub fn write(&self, out: &mut Vec<u8>, rng: &mut Rng) {
        let (who, call) = (self.session.who, self.call);
        let via = self.via();
        let version = ["1.11", "1.11", "1.09", "1.08"]
            [(mix(call.weight ^ call.name.len() as u64) % 4) as usize];
        put!(out, "{\"eventVersion\":\"", version, "\",\"userIdentity\":");
        self.write_identity(out, via);
        put!(out, ",\"eventTime\":\"");
        text::seconds(out, self.at);
        put!(
            out,
            "\",\"eventSource\":\"",
            &call.service,
            ".amazonaws.com\",\"eventName\":\"",
            &call.name
        );
        put!(
            out,
            "\",\"awsRegion\":\"",
            self.region,
            "\",\"sourceIPAddress\":\""
        );
        put!(
            out,
            via.unwrap_or(self.session.address),
            "\",\"userAgent\":\""
        );
        self.write_agent(out, via);
        put!(out, "\"");
        let is_refused = self.write_error(out, rng);
        put!(out, ",\"requestParameters\":");
        self.fill_or_null(out, rng, &call.request);
        put!(out, ",\"responseElements\":");
        self.fill_or_null(out, rng, if is_refused { &[] } else { &call.response });
        if !call.additional.is_empty() && !is_refused && !call.is_service_event {
            put!(out, ",\"additionalEventData\":");
            self.fill(out, rng, &call.additional);
        }
        put!(out, ",\"requestID\":\"");
        if call.service == "s3" {
            text::upper(out, rng, 16);
        } else {
            text::uuid(out, rng);
        }
        put!(out, "\",\"eventID\":\"");
        text::uuid(out, rng);
        put!(
            out,
            "\",\"readOnly\":",
            if call.reads { "true" } else { "false" }
        );
        if !call.resources.is_empty() {
            put!(out, ",\"resources\":");
            self.fill(out, rng, &call.resources);
        }
        self.write_tail(
            out,
            rng,
            via.is_some() || matches!(who.kind, Kind::Service | Kind::Linked),
        );
    }

    fn write_tail(&self, out: &mut Vec<u8>, rng: &mut Rng, is_internal: bool) {
        let call = self.call;
        let kind = match &*call.service {
            _ if call.is_service_event => "AwsServiceEvent",
            "signin" => "AwsConsoleSignIn",
            _ => "AwsApiCall",
        };
        put!(out, ",\"eventType\":\"", kind, "\",\"managementEvent\":");
        put!(
            out,
            if call.is_data { "false" } else { "true" },
            ",\"recipientAccountId\":\"",
            self.account,
            "\""
        );
        if call.is_service_event {
            put!(out, ",\"serviceEventDetails\":");
            self.fill(out, rng, &call.additional);
        }
        if self.session.who.kind == Kind::Foreign || is_internal && &*call.service == "sts" {
            put!(out, ",\"sharedEventID\":\"");
            text::uuid(out, rng);
            put!(out, "\"");
        }
        if self.session.who.has_endpoint && !is_internal {
            put!(
                out,
                ",\"vpcEndpointId\":\"vpce-",
                &text::stable_hex(self.session.project.seed, 17)
            );
            put!(out, "\",\"vpcEndpointAccountId\":\"", self.account, "\"");
        }
        put!(
            out,
            ",\"eventCategory\":\"",
            if call.is_data {
                "Data\""
            } else {
                "Management\""
            }
        );
        if !is_internal && !call.service.len().is_multiple_of(3) {
            put!(
                out,
                ",\"tlsDetails\":{\"tlsVersion\":\"TLSv1.3\",\"cipherSuite\":\"TLS_AES_128_GCM_SHA256\",\"clientProvidedHostHeader\":\""
            );
            put!(out, &call.service, ".", self.region, ".amazonaws.com\"}");
        }
        if self.session.is_console && !is_internal {
            put!(out, ",\"sessionCredentialFromConsole\":\"true\"");
        }
        put!(out, "}");
    }

    /// The service that calls on the identity's behalf: always the same for
    /// one identity and call.
    fn via(&self) -> Option<&'static str> {
        let chance = mix(self.session.who.seed ^ crate::rng::hash(&self.call.name)) % 160;
        match (self.session.who.kind, chance) {
            (Kind::Service | Kind::Foreign | Kind::Linked, _) => None,
            (_, 0..3) => Some("cloudformation.amazonaws.com"),
            (_, 3) => Some("athena.amazonaws.com"),
            (_, 4) => Some("secretsmanager.amazonaws.com"),
            _ => None,
        }
    }

    fn write_agent(&self, out: &mut Vec<u8>, via: Option<&str>) {
        if let Some(via) = via {
            put!(out, via);
            return;
        }
        if matches!(self.session.who.kind, Kind::Service | Kind::Linked) {
            put!(out, self.session.address);
            return;
        }
        let mut rest = self.session.agent;
        while let Some((before, after)) = rest.split_once('{') {
            put!(out, before, &self.call.service);
            if after.starts_with('c') {
                put!(out, ".");
                for (place, letter) in self.call.name.bytes().enumerate() {
                    if place > 0 && letter.is_ascii_uppercase() {
                        out.push(b'-');
                    }
                    out.push(letter.to_ascii_lowercase());
                }
            }
            rest = after.split_once('}').map_or("", |(_, rest)| rest);
        }
        put!(out, rest);
    }

    /// Whether the call failed, and if so, how. Some calls of some identities
    /// fail most of the time.
    fn write_error(&self, out: &mut Vec<u8>, rng: &mut Rng) -> bool {
        let who = self.session.who;
        let is_hopeless = mix(who.seed ^ crate::rng::hash(&self.call.name) << 1).is_multiple_of(60);
        let is_refused = rng.happens(if is_hopeless { 600 } else { 15 });
        if !is_refused || self.call.is_service_event {
            return false;
        }
        let (code, is_denial) = match rng.below(10) {
            0..6 if self.call.service == "ec2" => ("Client.UnauthorizedOperation", true),
            0..6 => ("AccessDenied", true),
            6 => ("ThrottlingException", false),
            7 if self.call.service == "s3" => ("NoSuchKey", false),
            7 | 8 => ("ResourceNotFoundException", false),
            _ => ("ValidationException", false),
        };
        put!(out, ",\"errorCode\":\"", code, "\",\"errorMessage\":\"");
        if is_denial {
            put!(out, "User: ");
            self.write_arn(out);
            put!(
                out,
                " is not authorized to perform: ",
                &self.call.service,
                ":",
                &self.call.name
            );
            put!(
                out,
                " because no identity-based policy allows the ",
                &self.call.service,
                ":",
                &self.call.name,
                " action"
            );
        } else {
            put!(
                out,
                "The request of \\\"",
                &self.call.name,
                "\\\" could not be served"
            );
        }
        put!(out, "\"");
        true
    }
}
