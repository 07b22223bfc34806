//! What a record is that nothing here reads: said so that people know what they
//! have given, never used to decide anything.

use super::members::{elements, member, members};

/// Wrappers and lists that are gone into.
const MAX_LEVELS: usize = 6;

/// Field names that are shown of an object that is not known, and of each so
/// many characters.
const MAX_NAMES: usize = 8;
const MAX_NAME: usize = 40;

/// What is known by the fields that it must have. The first that fits counts.
const KNOWN: [(&[&str], &str); 21] = [
    (&["SchemaVersion", "ProductArn"], "Security Hub findings"),
    (
        &["schemaVersion", "service", "severity"],
        "GuardDuty findings",
    ),
    (
        &["SchemaVersion", "Service", "Severity"],
        "GuardDuty findings",
    ),
    (&["findingArn", "severity"], "findings of an AWS service"),
    (&["webaclId", "httpRequest"], "AWS WAF logs"),
    (&["srcaddr", "dstaddr"], "VPC flow logs"),
    (&["query_name", "query_type"], "Route 53 query logs"),
    (&["trailList"], "descriptions of trails"),
    (&["Version", "Statement"], "an IAM policy"),
    (&["terraform_version", "resources"], "Terraform state"),
    (&["log_id", "client_id"], "Auth0 logs"),
    (&["log_id", "data"], "Auth0 logs"),
    (&["log_id", "tenant_name"], "Auth0 logs"),
    (&["log_id", "type", "date"], "Auth0 logs"),
    (
        &["eventId", "actors", "targets"],
        "Okta's Events API, which the System Log replaced",
    ),
    (&["credentials", "profile", "lastLogin"], "Okta users"),
    (&["event_type_id", "actor_user_id"], "OneLogin events"),
    (&["access_device", "auth_device"], "Duo logs"),
    (
        &["CreationTime", "Workload", "Operation"],
        "Microsoft 365 audit logs",
    ),
    (
        &["lease_id", "lease_duration", "renewable"],
        "an answer of Vault",
    ),
    (&["rule", "agent", "full_log"], "Wazuh alerts"),
];

/// What the JSON value `text` is, for people.
pub(super) fn describe(text: &str) -> String {
    let mut value = text;
    for _ in 0..MAX_LEVELS {
        let has = |name: &&str| member(value, name).is_some();
        if let Some((_, what)) = KNOWN.iter().find(|(names, _)| names.iter().all(has)) {
            return format!("{what}: none of the logs that are read");
        }
        match inner(value) {
            Some(inner) => value = inner,
            None => break,
        }
    }
    let names: Vec<String> = members(value)
        .take(MAX_NAMES)
        .map(|member| member.key.chars().take(MAX_NAME).collect())
        .collect();
    match names.is_empty() {
        true => "no record of a known product".to_owned(),
        false => format!(
            "no record of a known product; the first has the fields {}",
            names.join(", ")
        ),
    }
}

/// What a list or a wrapper holds first.
fn inner(value: &str) -> Option<&str> {
    let object = |value: &&str| value.starts_with('{');
    if value.starts_with('[') {
        return elements(value).next();
    }
    let detail = member(value, "detail").filter(object);
    let list = || {
        let lists = members(value).filter(|member| member.value.starts_with('['));
        lists
            .filter_map(|list| elements(list.value).find(object))
            .next()
    };
    let is_small = members(value).count() <= 3;
    detail.or_else(|| is_small.then(list).flatten())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn is(text: &str, expected: &str) {
        assert!(describe(text).starts_with(expected), "{}", describe(text));
    }

    #[test]
    fn findings_and_logs_of_others_are_named() {
        let finding = r#"{"schemaVersion":"2.0","service":{},"severity":8}"#;
        is(finding, "GuardDuty findings: none");
        is(
            &format!(r#"{{"detail-type":"x","detail":{finding}}}"#),
            "GuardDuty findings",
        );
        let hub = r#"{"SchemaVersion":"2018-10-08","ProductArn":"arn:x"}"#;
        is(
            &format!(r#"{{"Findings":[{hub}],"NextToken":"x"}}"#),
            "Security Hub findings",
        );
        is(
            r#"[{"log_id":"9","type":"s","date":"d","client_id":"c"}]"#,
            "Auth0 logs",
        );
    }

    #[test]
    fn others_are_told_by_their_fields() {
        let unknown = r#"[{"a":1,"b":{"c":2}}]"#;
        assert_eq!(
            describe(unknown),
            "no record of a known product; the first has the fields a, b"
        );
        for text in ["[]", "1", "{}", "{\"a", ""] {
            assert_eq!(describe(text), "no record of a known product", "{text}");
        }
        let long = format!(r#"{{"{}":1}}"#, "é".repeat(1_000));
        assert!(describe(&long).len() < 200);
    }
}
