//! Events as the three products write them, in as many words as the story
//! needs: `ct("alice").does("s3:GetObject").at("2026-11-07T09:00:00Z")`.
//!
//! Everything that is not said is filled in plausibly and always the same, so
//! that equal sentences are equal records (and duplicates of each other).

use chrono::{DateTime, Days, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const ACCOUNT: &str = "111122223333";

/// Who wrote the record, and who acted.
#[derive(Clone, Debug)]
enum Actor {
    AwsUser(String),
    AwsRole { role: String, session: String },
    Okta(String),
    Vault(String),
}

/// One event, before it is written down.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    actor: Actor,
    action: String,
    resource: Option<String>,
    time: DateTime<Utc>,
    address: String,
    agent: String,
    region: String,
    key: Option<String>,
    is_denied: bool,
    /// Further fields, by JSON pointer.
    fields: Vec<(String, Value)>,
}

/// A CloudTrail event of an IAM user.
pub(crate) fn ct(user: &str) -> Event {
    Event::by(Actor::AwsUser(user.to_owned()), "sts:GetCallerIdentity")
}

/// A CloudTrail event of an assumed role.
pub(crate) fn ct_role(role: &str, session: &str) -> Event {
    let (role, session) = (role.to_owned(), session.to_owned());
    Event::by(Actor::AwsRole { role, session }, "sts:GetCallerIdentity")
}

/// An Okta event of a person, by login.
pub(crate) fn okta(login: &str) -> Event {
    Event::by(Actor::Okta(login.to_owned()), "user.session.start")
}

/// A Vault request and its response, by display name.
pub(crate) fn vault(name: &str) -> Event {
    Event::by(Actor::Vault(name.to_owned()), "read").on("secret/data/app")
}

impl Event {
    fn by(actor: Actor, action: &str) -> Self {
        Self {
            actor,
            action: action.to_owned(),
            resource: None,
            time: DateTime::UNIX_EPOCH,
            address: "198.51.100.7".to_owned(),
            agent: "aws-cli/2.17.0".to_owned(),
            region: "eu-west-1".to_owned(),
            key: None,
            is_denied: false,
            fields: Vec::new(),
        }
        .at("2026-11-01T09:00:00Z")
    }

    /// `service:Name` for CloudTrail, the event type for Okta, the operation
    /// for Vault.
    pub(crate) fn does(mut self, action: &str) -> Self {
        self.action = action.to_owned();
        self
    }

    /// An ARN for CloudTrail, an application for Okta, a path for Vault.
    pub(crate) fn on(mut self, resource: &str) -> Self {
        self.resource = Some(resource.to_owned());
        self
    }

    /// When, in RFC 3339.
    #[track_caller]
    pub(crate) fn at(mut self, time: &str) -> Self {
        self.time = DateTime::parse_from_rfc3339(time).unwrap().to_utc();
        self
    }

    /// So many seconds later.
    pub(crate) fn later(mut self, seconds: i64) -> Self {
        self.time += TimeDelta::seconds(seconds);
        self
    }

    /// So many days later.
    pub(crate) fn days_later(self, n_days: i64) -> Self {
        self.later(n_days * 86_400)
    }

    /// In which session, if the actor is a role.
    pub(crate) fn in_session(mut self, name: &str) -> Self {
        if let Actor::AwsRole { session, .. } = &mut self.actor {
            name.clone_into(session);
        }
        self
    }

    /// From which address.
    pub(crate) fn from(mut self, address: &str) -> Self {
        self.address = address.to_owned();
        self
    }

    /// With which program.
    pub(crate) fn with(mut self, agent: &str) -> Self {
        self.agent = agent.to_owned();
        self
    }

    /// In which AWS region.
    pub(crate) fn in_region(mut self, region: &str) -> Self {
        self.region = region.to_owned();
        self
    }

    /// With which AWS access key, Okta session or Vault accessor.
    pub(crate) fn using(mut self, key: &str) -> Self {
        self.key = Some(key.to_owned());
        self
    }

    /// And was refused.
    pub(crate) fn denied(mut self) -> Self {
        self.is_denied = true;
        self
    }

    /// And this field, by JSON pointer, has this value.
    pub(crate) fn set(mut self, pointer: &str, value: impl Into<Value>) -> Self {
        self.fields.push((pointer.to_owned(), value.into()));
        self
    }

    /// The same on `n_days` days, the first of them included.
    pub(crate) fn daily(&self, n_days: u64) -> Vec<Self> {
        (0..n_days)
            .map(|day| Self {
                time: self.time.checked_add_days(Days::new(day)).unwrap(),
                ..self.clone()
            })
            .collect()
    }

    /// The id that the product gives it, by which a report cites it.
    pub(crate) fn id(&self) -> String {
        match &self.actor {
            Actor::Vault(_) => self.uuid("request"),
            _ => self.uuid("event"),
        }
    }

    /// The UTC day it happens on, as `2026-11-07`.
    pub(crate) fn date(&self) -> String {
        self.time.date_naive().to_string()
    }

    /// The product that writes it down.
    pub(crate) fn source(&self) -> &'static str {
        match &self.actor {
            Actor::AwsUser(_) | Actor::AwsRole { .. } => "cloudtrail",
            Actor::Okta(_) => "okta",
            Actor::Vault(_) => "vault",
        }
    }

    /// The records that the product writes: two for Vault, else one.
    pub(crate) fn records(&self) -> Vec<Value> {
        let mut records = match &self.actor {
            Actor::AwsUser(user) => vec![self.cloudtrail(&json!({
                "type": "IAMUser",
                "principalId": unique("AIDA", user),
                "arn": format!("arn:aws:iam::{ACCOUNT}:user/{user}"),
                "accountId": ACCOUNT,
                "accessKeyId": self.key.clone().unwrap_or_else(|| unique("AKIA", user)),
                "userName": user,
            }))],
            Actor::AwsRole { role, session } => vec![self.cloudtrail(&self.role(role, session))],
            Actor::Okta(login) => vec![self.okta(login)],
            Actor::Vault(name) => self.vault(name),
        };
        for record in &mut records {
            for (pointer, value) in &self.fields {
                put(record, pointer, value.clone());
            }
        }
        records
    }

    fn role(&self, role: &str, session: &str) -> Value {
        let id = unique("AROA", role);
        json!({
            "type": "AssumedRole",
            "principalId": format!("{id}:{session}"),
            "arn": format!("arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{session}"),
            "accountId": ACCOUNT,
            "accessKeyId": self.key.clone().unwrap_or_else(|| unique("ASIA", session)),
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role",
                    "principalId": id,
                    "arn": format!("arn:aws:iam::{ACCOUNT}:role/{role}"),
                    "accountId": ACCOUNT,
                    "userName": role,
                },
                "attributes": {
                    "creationDate": self.time(),
                    "mfaAuthenticated": "false",
                },
            },
        })
    }

    fn cloudtrail(&self, identity: &Value) -> Value {
        let (service, name) = self.action.split_once(':').unwrap();
        let is_read_only = ["Get", "List", "Describe", "Head"]
            .iter()
            .any(|verb| name.starts_with(verb));
        let mut record = json!({
            "eventVersion": "1.11",
            "userIdentity": identity,
            "eventTime": self.time(),
            "eventSource": format!("{service}.amazonaws.com"),
            "eventName": name,
            "awsRegion": self.region,
            "sourceIPAddress": self.address,
            "userAgent": self.agent,
            "requestParameters": null,
            "responseElements": null,
            "requestID": self.uuid("request"),
            "eventID": self.uuid("event"),
            "readOnly": is_read_only,
            "eventType": "AwsApiCall",
            "managementEvent": true,
            "recipientAccountId": ACCOUNT,
            "eventCategory": "Management",
        });
        if let Some(arn) = &self.resource {
            record["resources"] = json!([{"accountId": ACCOUNT, "ARN": arn}]);
            if let Some(object) = arn.strip_prefix("arn:aws:s3:::") {
                let (bucket, key) = object.split_once('/').unwrap_or((object, ""));
                record["requestParameters"] = json!({"bucketName": bucket, "key": key});
            }
        }
        if self.is_denied {
            record["errorCode"] = json!("AccessDenied");
            record["errorMessage"] = json!("not authorized to perform this action");
        }
        record
    }

    fn okta(&self, login: &str) -> Value {
        let name = login.split('@').next().unwrap_or(login);
        let result = if self.is_denied { "DENY" } else { "SUCCESS" };
        let target = self.resource.as_ref().map(|app| {
            json!([{
                "id": unique("0oa", app),
                "type": "AppInstance",
                "alternateId": app,
                "displayName": app,
                "detailEntry": null,
            }])
        });
        json!({
            "actor": {
                "id": unique("00u", login),
                "type": "User",
                "alternateId": login,
                "displayName": name,
            },
            "client": {
                "userAgent": {"rawUserAgent": self.agent, "os": "Linux", "browser": "FIREFOX"},
                "zone": "null",
                "device": "Computer",
                "id": null,
                "ipAddress": self.address,
                "geographicalContext": null,
            },
            "authenticationContext": {
                "authenticationStep": 0,
                "externalSessionId": self.key.clone().unwrap_or_else(|| unique("102", login)),
            },
            "displayMessage": self.action,
            "eventType": self.action,
            "outcome": {"result": result, "reason": null},
            "published": self.time.to_rfc3339_opts(SecondsFormat::Millis, true),
            "securityContext": {
                "asNumber": null, "asOrg": null, "isp": null, "domain": null, "isProxy": null,
            },
            "severity": "INFO",
            "debugContext": {"debugData": {}},
            "legacyEventType": null,
            "transaction": {"type": "WEB", "id": self.uuid("transaction"), "detail": {}},
            "uuid": self.uuid("event"),
            "version": "0",
            "request": {"ipChain": [{"ip": self.address, "version": "V4", "source": null}]},
            "target": target,
        })
    }

    fn vault(&self, name: &str) -> Vec<Value> {
        let accessor = self.key.clone().unwrap_or_else(|| hmac(name));
        let path = self.resource.as_deref().unwrap_or_default();
        let request = json!({
            "time": self.time(),
            "type": "request",
            "auth": {
                "client_token": hmac(&accessor),
                "accessor": accessor,
                "display_name": name,
                "policies": ["default", "app"],
                "token_policies": ["default", "app"],
                "entity_id": uuid(&["entity", name]),
                "token_type": "service",
            },
            "request": {
                "id": self.uuid("request"),
                "client_id": uuid(&["entity", name]),
                "operation": self.action,
                "mount_type": if path.starts_with("secret/") { "kv" } else { "system" },
                "client_token": hmac(&accessor),
                "client_token_accessor": accessor,
                "namespace": {"id": "root"},
                "path": path,
                "remote_address": self.address,
                "remote_port": 40_000,
            },
        });
        let mut response = request.clone();
        response["type"] = json!("response");
        response["response"] = json!({});
        if self.is_denied {
            response["error"] = json!("1 error occurred:\n\t* permission denied\n\n");
        }
        vec![request, response]
    }

    fn time(&self) -> String {
        self.time.to_rfc3339_opts(SecondsFormat::Secs, true)
    }

    /// An id that follows from everything the sentence says.
    fn uuid(&self, kind: &str) -> String {
        uuid(&[kind, &format!("{self:?}")])
    }
}

/// One record in each line.
pub(crate) fn lines(events: &[Event]) -> String {
    let records = events.iter().flat_map(Event::records);
    records.map(|record| format!("{record}\n")).collect()
}

/// One document, as CloudTrail delivers it.
pub(crate) fn records(events: &[Event]) -> String {
    let records: Vec<_> = events.iter().flat_map(Event::records).collect();
    json!({"Records": records}).to_string()
}

/// Sets the field at `pointer`, and the objects on the way to it.
fn put(record: &mut Value, pointer: &str, value: Value) {
    let mut field = record;
    for name in pointer.trim_start_matches('/').split('/') {
        if !field.is_object() {
            *field = json!({});
        }
        field = &mut field[name];
    }
    *field = value;
}

fn hash(parts: &[&str]) -> [u8; 32] {
    Sha256::digest(parts.join("\0")).into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An id of 20 characters, as AWS and Okta give them.
fn unique(prefix: &str, name: &str) -> String {
    let letters = hash(&[prefix, name]).map(|byte| char::from(b'A' + byte % 26));
    let rest = letters.iter().take(20_usize.saturating_sub(prefix.len()));
    format!("{prefix}{}", rest.collect::<String>())
}

fn uuid(parts: &[&str]) -> String {
    let digits = hex(&hash(parts));
    format!(
        "{}-{}-{}-{}-{}",
        &digits[..8],
        &digits[8..12],
        &digits[12..16],
        &digits[16..20],
        &digits[20..32]
    )
}

fn hmac(text: &str) -> String {
    format!("hmac-sha256:{}", hex(&hash(&["hmac", text])))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::PathBuf;

    use super::super::{Sandbox, real_logs};
    use super::*;

    #[test]
    fn a_sentence_says_what_is_in_the_record() {
        let [record] = ct("alice")
            .does("s3:GetObject")
            .on("arn:aws:s3:::payroll/2026/11.csv")
            .at("2026-11-07T09:00:00Z")
            .from("203.0.113.9")
            .with("curl/8")
            .in_region("us-east-1")
            .using("AKIAEXAMPLE")
            .denied()
            .set("/additionalEventData/bytesTransferredOut", 12)
            .records()
            .try_into()
            .unwrap();
        assert_eq!(record["eventSource"], "s3.amazonaws.com");
        assert_eq!(record["eventName"], "GetObject");
        assert_eq!(record["readOnly"], true);
        assert_eq!(record["requestParameters"]["bucketName"], "payroll");
        assert_eq!(record["requestParameters"]["key"], "2026/11.csv");
        assert_eq!(record["eventTime"], "2026-11-07T09:00:00Z");
        assert_eq!(record["sourceIPAddress"], "203.0.113.9");
        assert_eq!(record["userAgent"], "curl/8");
        assert_eq!(record["awsRegion"], "us-east-1");
        assert_eq!(record["userIdentity"]["accessKeyId"], "AKIAEXAMPLE");
        assert_eq!(record["errorCode"], "AccessDenied");
        assert_eq!(record["additionalEventData"]["bytesTransferredOut"], 12);
    }

    #[test]
    fn a_role_is_one_identity_over_its_sessions() {
        let issuer = |session| {
            let record = ct_role("ci", session).records().remove(0);
            let identity = &record["userIdentity"];
            (
                identity["sessionContext"]["sessionIssuer"]["principalId"].clone(),
                identity["accessKeyId"].clone(),
            )
        };
        let ((first, first_key), (second, second_key)) = (issuer("run-1"), issuer("run-2"));
        assert_eq!(first, second);
        assert_ne!(first_key, second_key);
    }

    #[test]
    fn vault_writes_the_request_and_its_response() {
        let [request, response] = vault("approle-ci")
            .does("update")
            .on("sys/policies/acl/x")
            .denied()
            .records()
            .try_into()
            .unwrap();
        assert_eq!(request["request"]["id"], response["request"]["id"]);
        assert_eq!(request["error"], Value::Null);
        assert!(
            response["error"]
                .as_str()
                .unwrap()
                .contains("permission denied")
        );
    }

    #[test]
    fn equal_sentences_are_equal_records_and_others_have_ids_of_their_own() {
        let id = |event: &Event| event.records()[0]["eventID"].clone();
        let event = ct("alice").does("s3:GetObject");
        assert_eq!(id(&event), id(&event.clone()));
        let days = event.daily(30);
        let ids: BTreeSet<_> = days.iter().map(|day| id(day).to_string()).collect();
        assert_eq!(ids.len(), 30);
        assert_eq!(days[29].time(), "2026-11-30T09:00:00Z");
    }

    #[test]
    fn a_file_is_gzipped_when_its_name_says_so() {
        use std::io::Read as _;

        let sandbox = Sandbox::new();
        let events = ct("alice").daily(2);
        sandbox
            .write_lines("a/plain.jsonl", &events)
            .write_records("a/packed.json.gz", &events);
        assert_eq!(sandbox.names(), ["a", "a/packed.json.gz", "a/plain.jsonl"]);
        let plain = fs::read_to_string(sandbox.path("a/plain.jsonl")).unwrap();
        assert_eq!(plain.lines().count(), 2);
        let packed = fs::File::open(sandbox.path("a/packed.json.gz")).unwrap();
        let mut text = String::new();
        flate2::read::GzDecoder::new(packed)
            .read_to_string(&mut text)
            .unwrap();
        let document: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(document["Records"].as_array().unwrap().len(), 2);
    }

    /// The names of fields that real records have, two levels deep.
    fn names(record: &Value, into: &mut BTreeSet<String>) {
        for (name, value) in record.as_object().into_iter().flatten() {
            into.insert(name.clone());
            for inner in value.as_object().into_iter().flatten() {
                into.insert(format!("{name}.{}", inner.0));
            }
        }
    }

    /// Every field of `event` occurs in one of the files of real logs.
    #[track_caller]
    fn is_true_to(event: &Event, real: &[PathBuf]) {
        let mut known = BTreeSet::new();
        for path in real {
            let text = fs::read_to_string(path).unwrap();
            for line in text.lines() {
                names(&serde_json::from_str(line).unwrap_or_default(), &mut known);
            }
        }
        let mut ours = BTreeSet::new();
        for record in event.records() {
            names(&record, &mut ours);
        }
        let invented: Vec<_> = ours.difference(&known).collect();
        assert!(invented.is_empty(), "{real:?} has no {invented:?}");
    }

    #[test]
    fn the_fields_are_those_of_real_logs() {
        let Some(real) = real_logs() else { return };
        let files =
            |names: &[&str]| -> Vec<_> { names.iter().map(|name| real.join(name)).collect() };
        let cloudtrail = files(&["panther-analysis/cloudtrail.jsonl"]);
        is_true_to(&ct("alice").does("iam:ListUsers").denied(), &cloudtrail);
        is_true_to(&ct_role("ci", "run").on("arn:aws:s3:::b/k"), &cloudtrail);
        is_true_to(
            &okta("alice@example.com").on("payroll"),
            &files(&["panther-analysis/okta.jsonl"]),
        );
        is_true_to(
            &vault("approle-ci").denied(),
            &files(&[
                "vault/hashicorp-education_learn-vault-monitoring/vault-audit.log",
                "vault/samgabrail_vault-monitoring/vault-audit.log",
            ]),
        );
    }
}
