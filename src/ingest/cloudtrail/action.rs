//! What was attempted: service, name and kind of action.

use std::borrow::Cow;

use super::fields::Record;
use super::memo::Recall;
use super::{edge, resource, sensitive};
use crate::event::{Action, Sensitive, Verb};
use crate::ingest::text::part;

/// Suffixes of `eventSource` that name no service.
const HOST_SUFFIXES: &[&str] = &[".amazonaws.com.cn", ".amazonaws.com", ".amazon.com"];

/// First words of event names that read.
const READS: &[&str] = &[
    "Get", "Describe", "BatchGet", "Head", "Lookup", "Search", "Select", "Query", "Scan", "Check",
    "Test", "Preview", "Estimate", "Simulate", "Validate", "Verify",
];

/// First words of event names that remove.
const DELETES: &[&str] = &[
    "Delete",
    "BatchDelete",
    "Remove",
    "Terminate",
    "Deregister",
    "Disassociate",
    "Detach",
    "Revoke",
    "Cancel",
    "Purge",
];

/// Services whose `awsRegion` says where AWS keeps them, not where the caller
/// acted.
const GLOBAL_SERVICES: &[&str] = &[
    "iam",
    "cloudfront",
    "organizations",
    "route53",
    "route53domains",
    "signin",
    "sso",
    "account",
    "billing",
    "budgets",
    "ce",
    "globalaccelerator",
    "health",
    "shield",
    "support",
    "trustedadvisor",
    "waf",
];

/// Events by which somebody signs in.
const LOGINS: &[&str] = &[
    "ConsoleLogin",
    "CheckMfa",
    "CredentialChallenge",
    "CredentialVerification",
    "UserAuthentication",
    "Authenticate",
    "Federate",
];

/// The call, by its own names.
#[derive(Clone, Debug)]
pub(super) struct Call<'a> {
    /// `s3`, `signin`, lower case.
    pub(super) service: Cow<'a, str>,
    /// `GetObject`, without the date of the API.
    pub(super) name: Cow<'a, str>,
    /// Both: `s3:GetObject`.
    pub(super) action: Cow<'a, str>,
    /// What is known of it beside its name.
    pub(super) row: Option<&'static sensitive::Row>,
    /// Whether it is a sign-in.
    pub(super) is_login: bool,
    /// Whether the service is in no region.
    pub(super) is_global: bool,
    /// Which of its parameters name resources.
    pub(super) resources: Cow<'a, [&'static resource::Row]>,
    /// Which of its parameters make it a relation.
    pub(super) relations: Cow<'a, [&'static edge::Row]>,
}

impl<'a> Call<'a> {
    /// The call of `record`, if it names one.
    pub(super) fn of(record: &Record<'a>, recall: &mut Recall<'a>) -> Option<Self> {
        let source = &record.event_source;
        let name = &record.event_name;
        recall.call(source.get()?, name.get()?, || {
            Some(Self::named(source.cloned()?, name.cloned()?))
        })
    }

    /// The call `name` of the service `source`.
    fn named(source: Cow<'a, str>, name: Cow<'a, str>) -> Self {
        let mut service = part(&source, strip_host);
        if service.bytes().any(|b| b.is_ascii_uppercase()) {
            service = service.to_ascii_lowercase().into();
        }
        let name = part(&name, strip_api_date);
        Self {
            action: format!("{service}:{name}").into(),
            row: sensitive::find(&service, &name),
            is_login: is_login(&service, &name),
            is_global: GLOBAL_SERVICES.contains(&&*service),
            resources: resource::rows(&service).into(),
            relations: edge::rows(&service, &name).into(),
            service,
            name,
        }
    }

    /// Whether the call is a sign-in.
    pub(super) fn is_login(&self) -> bool {
        self.is_login
    }

    /// The whole action.
    pub(super) fn action(&self, record: &Record<'a>) -> Action<'a> {
        let (verb, sensitive) = self.meaning(record);
        Action {
            name: self.action.clone(),
            service: self.service.clone(),
            verb,
            sensitive,
        }
    }

    fn meaning(&self, record: &Record<'_>) -> (Verb, Option<Sensitive>) {
        if let Some(row) = self.row {
            return (row.2, row.3);
        }
        let decrypts = || {
            let parameters = &record.request_parameters.value;
            parameters
                .own("withdecryption")
                .is_some_and(|value| value == "true")
        };
        if self.service == "ssm" && self.name.starts_with("GetParameter") && decrypts() {
            return (Verb::Credential, Some(Sensitive::SecretRead));
        }
        let verb = match (by_name(&self.name), record.read_only.0) {
            (Verb::List, Some(true)) => Verb::List,
            (_, Some(true)) => Verb::Read,
            (Verb::Delete, Some(false)) => Verb::Delete,
            (_, Some(false)) => Verb::Write,
            (verb, None) => verb,
        };
        (verb, None)
    }
}

fn is_login(service: &str, name: &str) -> bool {
    matches!(service, "signin" | "sso" | "sso-oauth") && LOGINS.contains(&name)
}

fn by_name(name: &str) -> Verb {
    let starts = |words: &[&str]| words.iter().any(|word| name.starts_with(word));
    if name.starts_with("List") {
        Verb::List
    } else if starts(READS) {
        Verb::Read
    } else if starts(DELETES) {
        Verb::Delete
    } else {
        Verb::Write
    }
}

fn strip_host(source: &str) -> &str {
    HOST_SUFFIXES
        .iter()
        .find_map(|suffix| source.strip_suffix(suffix))
        .filter(|service| !service.is_empty())
        .unwrap_or(source)
}

/// `name` without a date of the API at its end: `CreateFunction20150331v2`,
/// `UpdateDistribution2020_05_31`.
fn strip_api_date(name: &str) -> &str {
    let digits = |c: char| c.is_ascii_digit();
    let trimmed = name.trim_end_matches(digits);
    let undated = match trimmed.strip_suffix('v') {
        Some(head) if trimmed.len() < name.len() && head.ends_with(digits) => head,
        _ => name,
    };
    let stem = undated.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_');
    let tail = undated.strip_prefix(stem).unwrap_or_default();
    let date_len = match tail.len() {
        n if n >= 10 && is_date(tail.get(n.saturating_sub(10)..), "dddd_dd_dd") => 10,
        n if n >= 8 && is_date(tail.get(n.saturating_sub(8)..), "dddddddd") => 8,
        _ => return name,
    };
    undated
        .get(..undated.len().saturating_sub(date_len))
        .filter(|rest| !rest.is_empty())
        .unwrap_or(name)
}

fn is_date(text: Option<&str>, form: &str) -> bool {
    text.is_some_and(|text| {
        text.len() == form.len()
            && text
                .bytes()
                .zip(form.bytes())
                .all(|(byte, form)| match form {
                    b'd' => byte.is_ascii_digit(),
                    form => byte == form,
                })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn undated(name: &str, expected: &str) {
        assert_eq!(strip_api_date(name), expected);
    }

    #[test]
    fn date_of_the_api_is_no_part_of_the_name() {
        undated("CreateFunction20150331", "CreateFunction");
        undated("AddPermission20150331v2", "AddPermission");
        undated("UpdateDistribution2020_05_31", "UpdateDistribution");
        undated("GetObject", "GetObject");
        undated("ListObjectsV2", "ListObjectsV2");
        undated("Invokev2", "Invokev2");
        undated("20150331", "20150331");
        undated("Probe1234567", "Probe1234567");
        undated("é20150331", "é");
        undated("v", "v");
    }

    #[track_caller]
    fn verb(json: &str, expected: Verb) {
        let record: Record<'_> = serde_json::from_str(json).unwrap_or_default();
        let verb = Call::of(&record, &mut Recall::default()).map(|call| call.meaning(&record).0);
        assert_eq!(verb, Some(expected), "{json}");
    }

    #[test]
    fn verb_is_told_by_table_then_read_only_then_name() {
        verb(
            r#"{"eventSource":"s3.amazonaws.com","eventName":"GetObject"}"#,
            Verb::Read,
        );
        verb(
            r#"{"eventSource":"s3.amazonaws.com.cn","eventName":"ListBuckets","readOnly":"true"}"#,
            Verb::List,
        );
        verb(
            r#"{"eventSource":"x.amazonaws.com","eventName":"GetAndBurn","readOnly":false}"#,
            Verb::Write,
        );
        verb(
            r#"{"eventSource":"x.amazonaws.com","eventName":"DeleteIt","readOnly":false}"#,
            Verb::Delete,
        );
        verb(
            r#"{"eventSource":"x.amazonaws.com","eventName":"StartThing","readOnly":true}"#,
            Verb::Read,
        );
        verb(
            r#"{"eventSource":"x.amazonaws.com","eventName":"StartThing"}"#,
            Verb::Write,
        );
        verb(
            r#"{"eventSource":"kms.amazonaws.com","eventName":"Decrypt","readOnly":true}"#,
            Verb::Credential,
        );
        verb(
            r#"{"eventSource":"ssm.amazonaws.com","eventName":"GetParameter","readOnly":true,"requestParameters":{"withDecryption":true}}"#,
            Verb::Credential,
        );
        verb(
            r#"{"eventSource":"ssm.amazonaws.com","eventName":"GetParameter","readOnly":true,"requestParameters":{"withDecryption":false}}"#,
            Verb::Read,
        );
        verb(
            r#"{"eventSource":"iam.amazonaws.com","eventName":"AttachUserPolicy"}"#,
            Verb::Permission,
        );
    }
}
