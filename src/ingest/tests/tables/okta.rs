//! The System Log as its console exports it.

use super::*;

/// A sign-in, as the API and as the console export it.
fn okta() -> (String, String) {
    let event = json!({
        "uuid": "9a1f0000-0000-11ef-8000-000000000001", "published": "2026-11-07T08:59:40.120Z",
        "eventType": "user.authentication.sso", "version": "0", "severity": "INFO",
        "actor": {"id": "00u1", "type": "User", "alternateId": "Alice@Corp.example", "displayName": "Alice A"},
        "client": {
            "userAgent": {"rawUserAgent": "Mozilla/5.0 (Macintosh)", "os": "Mac OS X", "browser": "CHROME"},
            "ipAddress": "203.0.113.7", "geographicalContext": {"country": "Norway"}
        },
        "authenticationContext": {"externalSessionId": "idx1"},
        "securityContext": {"asNumber": 64500, "isProxy": false},
        "outcome": {"result": "SUCCESS"},
        "target": [
            {"id": "0oa9", "type": "AppInstance", "alternateId": "AWS", "displayName": "AWS"},
            {"id": "0ua9", "type": "AppUser", "alternateId": "alice@corp.example", "displayName": "Alice A"}
        ],
        "transaction": {"type": "WEB", "id": "tx1"}
    });
    let paths = [
        ("timestamp", "published"),
        ("uuid", "uuid"),
        ("event_type", "eventType"),
        ("actor.id", "actor.id"),
        ("actor.type", "actor.type"),
        ("actor.alternate_id", "actor.alternateId"),
        ("actor.display_name", "actor.displayName"),
        (
            "client.user_agent.raw_user_agent",
            "client.userAgent.rawUserAgent",
        ),
        ("client.user_agent.os", "client.userAgent.os"),
        ("client.user_agent.browser", "client.userAgent.browser"),
        ("client.ip_address", "client.ipAddress"),
        (
            "client.geographical_context.country",
            "client.geographicalContext.country",
        ),
        ("outcome.result", "outcome.result"),
        ("outcome.reason", "outcome.reason"),
        ("target0.id", "target.0.id"),
        ("target0.type", "target.0.type"),
        ("target0.alternate_id", "target.0.alternateId"),
        ("target0.display_name", "target.0.displayName"),
        ("target1.id", "target.1.id"),
        ("target1.type", "target.1.type"),
        ("target1.alternate_id", "target.1.alternateId"),
        ("target1.display_name", "target.1.displayName"),
        ("transaction.id", "transaction.id"),
        ("transaction.type", "transaction.type"),
        (
            "authentication_context.external_session_id",
            "authenticationContext.externalSessionId",
        ),
        ("security_context.as_number", "securityContext.asNumber"),
        ("security_context.is_proxy", "securityContext.isProxy"),
    ];
    let header: Vec<&str> = paths.iter().map(|(name, _)| *name).collect();
    let cells = paths
        .iter()
        .map(|(_, path)| cell(&event, path, &Value::to_string));
    (event.to_string(), csv(&header, [cells.collect()]))
}

#[test]
fn the_console_of_okta_tells_what_its_api_tells() {
    let (event, table) = okta();
    let without_flags = |told: BTreeSet<String>| {
        let lines: Vec<String> = told
            .iter()
            .flat_map(|told| told.lines())
            .map(str::to_owned)
            .collect();
        let end = lines
            .iter()
            .position(|line| line.trim_start().starts_with("flags"))
            .unwrap();
        lines[..end].to_vec()
    };
    assert_eq!(without_flags(told(&table)), without_flags(told(&event)));

    let (seen, coverage) = Sandbox::new()
        .with("api", event)
        .with("console", table)
        .read();
    assert_eq!((seen.n_events, coverage.n_duplicate), (1, 1));
    assert_eq!(coverage.files[1].format, "Okta CSV");
}
