//! What reading Vault and OpenBao must come to, from files to the ledger.

use serde_json::{Value, json};

use super::*;
use crate::event::Class;
use crate::ingest::Limits;

/// One half of a read of a secret: call `n`, at minute `n`.
fn half(n: u32, side: &str) -> Value {
    json!({
        "time": format!("2026-11-07T{:02}:{:02}:00.5Z", n / 60 % 24, n % 60), "type": side,
        "auth": {"accessor": "hmac-sha256:aa01", "display_name": "oidc-alice",
                 "entity_id": "e1", "policies": ["default"]},
        "request": {"id": format!("id-{n}"), "operation": "read", "mount_point": "secret/",
                    "mount_type": "kv", "path": "secret/data/payroll/db",
                    "remote_address": "203.0.113.7"},
        "response": if side == "response" { json!({"data": {"x": "hmac-sha256:bb"}}) } else { json!(null) },
    })
}

fn changed<const N: usize>(mut line: Value, changes: [(&str, Value); N]) -> Value {
    for (pointer, value) in changes {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        line.pointer_mut(parent).unwrap()[name] = value;
    }
    line
}

fn both(n: u32) -> [Value; 2] {
    [half(n, "request"), half(n, "response")]
}

#[test]
fn request_and_response_in_two_rotated_files_given_in_either_order_are_one_event() {
    let [request, response] = both(1);
    let sandbox = Sandbox::new()
        .with("audit.log.1", request.to_string())
        .with("audit.log", response.to_string());
    let paths = ["audit.log.1", "audit.log"].map(|name| sandbox.path().join(name));
    let (forward, coverage) = Book::read(&paths, &Options::default());
    assert_eq!((coverage.n_used, coverage.n_unpaired), (2, 0));
    assert!(forward.event().contains("outcome: Success"));
    let reversed = [paths[1].clone(), paths[0].clone()];
    let (backward, _) = Book::read(&reversed, &Options::default());
    assert_eq!(forward.events.len(), backward.events.len());
}

#[test]
fn request_denied_on_both_of_its_lines_is_one_denial() {
    let error = json!("1 error occurred:\n\t* permission denied\n\n");
    let lines = both(1).map(|line| changed(line, [("/error", error.clone())]));
    let (book, _) = Book::of_lines(&lines);
    assert!(book.event().contains("outcome: Denied"));
    let account = book.ledger.account("vault:default:entity:e1").unwrap();
    let n_denied: u32 = account.cells.values().map(|cell| cell.n_denied).sum();
    assert_eq!(n_denied, 1);
}

#[test]
fn failed_login_with_its_error_in_the_response_data_only_is_an_auth_failure() {
    let lines = both(1).map(|line| {
        let is_response = line["type"] == "response";
        let data = json!({"data": {"error": "hmac-sha256:cc"}});
        changed(
            line,
            [
                ("/auth", json!({"token_type": "default"})),
                ("/request/path", json!("auth/userpass/login/hunter2")),
                ("/request/mount_point", json!("auth/userpass/")),
                ("/request/mount_type", json!("userpass")),
                ("/request/operation", json!("update")),
                ("/response", if is_response { data } else { json!(null) }),
            ],
        )
    });
    let (book, coverage) = Book::of_lines(&lines);
    assert!(book.event().contains("outcome: AuthFailure"));
    assert!(!book.text(&coverage).contains("hunter2"));
}

#[test]
fn two_audit_devices_with_other_accessors_count_no_call_twice() {
    let device = |accessor: &str| {
        let lines = [1, 2, 3].into_iter().flat_map(both);
        let lines = lines.map(|line| changed(line, [("/auth/accessor", json!(accessor))]));
        lines
            .map(|line| line.to_string() + "\n")
            .collect::<String>()
    };
    let sandbox = Sandbox::new()
        .with("file.log", device("hmac-sha256:aa"))
        .with("syslog.log", device("hmac-sha256:bb"));
    let (book, coverage) = Book::read(&[sandbox.path().to_owned()], &Options::default());
    assert_eq!(book.events.len(), 3);
    assert_eq!((coverage.n_used, coverage.n_duplicate), (6, 6));
    let account = book.ledger.account("vault:default:entity:e1").unwrap();
    let n: u32 = account.cells.values().map(|cell| cell.n_events).sum();
    assert_eq!(n, 3);
}

#[test]
fn elided_list_and_full_list_count_as_many_resources() {
    let of_list = |keys: Value| {
        let line = changed(
            half(1, "response"),
            [
                ("/request/operation", json!("list")),
                ("/request/path", json!("secret/metadata/")),
                ("/response", json!({"data": {"keys": keys}})),
            ],
        );
        Book::of_lines(&[line]).0.event().to_owned()
    };
    assert!(of_list(json!(4)).contains("resources_total: 4"));
    assert_eq!(of_list(json!(4)), of_list(json!(["a", "b", "c", "d"])));
}

#[test]
fn device_that_logs_raw_leaves_no_secret_in_any_result_or_error() {
    let canary = "CANARY7f3a";
    let raw = |line: Value| {
        let mut line = changed(
            line,
            [
                ("/auth/client_token", json!(format!("hvs.{canary}"))),
                ("/auth/accessor", json!(canary)),
                ("/request/client_token", json!(format!("hvs.{canary}"))),
                ("/request/data", json!({"password": canary, "x": [canary]})),
                (
                    "/request/headers",
                    json!({"x-vault-token": [canary], "x-forwarded-for": [canary]}),
                ),
                ("/error", json!(format!("bad value {canary}"))),
            ],
        );
        line["response"] = json!({
            "data": {"data": {"password": canary}, "error": canary},
            "auth": {"client_token": canary, "accessor": canary},
            "wrap_info": {"token": canary}, "secret": {"lease_id": canary}});
        line.to_string()
    };
    let whole = both(1).map(raw);
    // The same in a line that breaks, one that ends early and one that lacks
    // its time.
    let broken = whole[0].replace("\"id\":", "\"id\"");
    let cut = format!("<13>1 {}", whole[1].get(..whole[1].len() - 40).unwrap());
    let timeless = whole[1].replace("\"time\"", "\"tame\"");
    let lines = [whole[0].clone(), whole[1].clone(), broken, cut, timeless];
    let (book, coverage) = Book::of_lines(&lines);
    assert!(coverage.n_skipped() > 0);
    assert!(!book.text(&coverage).contains(canary));
}

#[test]
fn every_syslog_prefix_is_passed_and_other_lines_are_counted() {
    let [request, response] = both(1);
    for prefix in [
        "<13>Nov 21 04:40:24 vault-0 vault[812]: ",
        "<86>1 2026-11-21T04:40:24.120Z vault-0 openbao 812 - - ",
        "@cee: ",
        "000001a4 ",
        "2026-11-21T04:40:24.120Z stdout F ",
    ] {
        let (book, coverage) =
            Book::of_lines(&[format!("{prefix}{request}"), format!("{prefix}{response}")]);
        assert_eq!(coverage.n_used, 2, "{prefix}");
        assert!(book.event().contains("outcome: Success"), "{prefix}");
    }
    // Frames that are counted in octets need no line between them.
    let frame = |line: &Value| {
        let message = format!("<13>1 - vault - - - {line}");
        format!("{} {message}", message.len())
    };
    let (book, _) = Book::of_lines(&[format!("{}{}", frame(&request), frame(&response))]);
    assert!(book.event().contains("n_records: 2"));

    let operational = r#"{"@level":"info","@message":"core: vault is unsealed"}"#;
    let text = "==> Vault server started! Log data will stream in below:";
    let lines = [
        operational,
        text,
        &request.to_string(),
        &response.to_string(),
    ];
    let (book, coverage) = Book::of_lines(&lines);
    assert_eq!(book.events.len(), 1);
    assert_skipped(&coverage, &[(SkipReason::OperationalLine, 2)]);
}

#[test]
fn lines_that_a_container_runtime_broke_in_pieces_are_joined() {
    let [request, response] = both(1).map(|line| line.to_string());
    let (head, tail) = request.split_at(100);
    let (middle, tail) = tail.split_at(100);
    let t = "2026-11-21T04:40:24.120Z";
    let (book, coverage) = Book::of_lines(&[
        format!("{t} stdout P {head}"),
        format!("{t} stderr F ==> something else"),
        format!("{t} stdout P {middle}"),
        format!("{t} stdout F {tail}"),
        format!("{t} stdout F {response}"),
    ]);
    assert!(book.event().contains("n_records: 2"));
    assert_skipped(&coverage, &[(SkipReason::OperationalLine, 1)]);
}

#[test]
fn beginning_of_a_cut_line_is_used_and_its_outcome_unknown() {
    let [request, response] = both(1).map(|line| {
        // As the product orders them; a relay keeps the beginning.
        format!(
            r#"<13>vault: {{"time":{},"type":{},"auth":{},"request":{},"response":{{"data":{{"data":{{"pass"#,
            line["time"], line["type"], line["auth"], line["request"]
        )
    });
    let (book, coverage) = Book::of_lines(&[&response]);
    assert_eq!((coverage.n_used, coverage.n_salvaged), (1, 1));
    let event = book.event();
    assert!(event.contains("outcome: Unknown"), "{event}");
    assert!(event.contains("vault:default:entity:e1"), "{event}");
    assert!(event.contains(r#"name: "kv/read""#), "{event}");
    // The other half pairs with it.
    let (book, coverage) = Book::of_lines(&[half(1, "request").to_string(), response]);
    assert!(book.event().contains("n_records: 2"));
    assert_eq!(coverage.n_salvaged, 1);
    // What ends before the path says too little.
    let early = request.split("\"path\"").next().unwrap().to_owned();
    let (book, coverage) = Book::of_lines(&[early, half(2, "request").to_string()]);
    assert_eq!(book.events.len(), 1);
    assert_skipped(&coverage, &[(SkipReason::TruncatedRecord, 1)]);
}

#[test]
fn times_of_no_one_six_and_nine_digits_sort() {
    let times = ["00Z", "00.000001Z", "00.000002999Z", "00.5Z"];
    let lines: Vec<Value> = times
        .iter()
        .zip(1..)
        .map(|(time, n)| {
            let time = json!(format!("2026-11-07T09:01:{time}"));
            changed(half(n, "response"), [("/time", time)])
        })
        .collect();
    let mut shuffled = lines.clone();
    shuffled.reverse();
    let text: Vec<String> = shuffled.iter().map(ToString::to_string).collect();
    let (seen, _) = read_bytes(text.join("\n"));
    let order: Vec<&str> = seen.events.iter().map(|(_, id, _)| id.as_str()).collect();
    assert_eq!(order, ["id-1", "id-2", "id-3", "id-4"]);
}

/// A call by a token without an entity.
fn of_name(n: u32, display_name: &str) -> Value {
    changed(
        half(n, "response"),
        [("/auth", json!({"display_name": display_name}))],
    )
}

/// A login to the mount that is given.
fn login(n: u32, mount: &str, kind: &str, display_name: &str) -> Value {
    changed(
        half(n, "response"),
        [
            ("/auth", json!({"display_name": display_name})),
            ("/request/path", json!(format!("auth/{mount}/login"))),
            ("/request/mount_point", json!(format!("auth/{mount}/"))),
            ("/request/mount_type", json!(kind)),
            ("/request/operation", json!("update")),
            (
                "/response",
                json!({"auth": {"display_name": display_name, "accessor": "x"}}),
            ),
        ],
    )
}

#[test]
fn display_name_is_split_right_where_team_oidc_and_team_are_both_mounted() {
    let (book, _) = Book::of_lines(&[
        login(1, "team", "ldap", "team-carol"),
        login(2, "team-oidc", "oidc", "team-oidc-alice"),
        login(3, "ci/runner", "approle", "ci-runner-build"),
        of_name(4, "team-oidc-bob"),
        of_name(5, "team-dave"),
        of_name(6, "ci-runner-build"),
        of_name(7, "teams-eve"),
    ]);
    let class = |key: &str| book.ledger.account(key).map(|account| account.row.class);
    assert_eq!(class("vault:default:team-oidc:bob"), Some(Class::Human));
    assert_eq!(class("vault:default:team:dave"), Some(Class::Human));
    assert_eq!(
        class("vault:default:ci%2Frunner:build"),
        Some(Class::ServiceAccount)
    );
    assert!(class("vault:default:dn:teams-eve").is_some());
    assert!(class("vault:default:team-oidc:alice").is_some());
}

#[test]
fn store_is_versioned_by_the_paths_of_its_history_and_others_are_not() {
    let read = |n: u32, mount: &str, path: &str| {
        changed(
            half(n, "response"),
            [
                ("/request/path", json!(format!("{mount}/{path}"))),
                ("/request/mount_point", json!(format!("{mount}/"))),
            ],
        )
    };
    let (book, _) = Book::of_lines(&[
        read(1, "secret", "data/app"),
        read(2, "secret", "metadata/app"),
        read(3, "old", "data/app"),
        read(4, "old", "team/app"),
        changed(
            read(5, "older", "metadata/app"),
            [("/request/mount_type", json!("generic"))],
        ),
    ]);
    let scopes = book.values("vault:default:entity:e1", Dimension::Scope);
    assert_eq!(
        scopes,
        [
            "old/data/app",
            "old/team/app",
            "older/metadata/app",
            "secret/app"
        ]
    );
}

#[test]
fn behind_a_balancer_the_client_s_own_address_counts_where_it_is_in_clear() {
    let call = |n: u32, header: Value| {
        changed(
            of_name(n, &format!("user-{n}")),
            [
                ("/request/remote_address", json!("10.0.0.1")),
                ("/request/headers", json!({"x-forwarded-for": header})),
            ],
        )
    };
    let mut lines: Vec<Value> = (0..30)
        .map(|n| call(n, json!(["hmac-sha256:aa"])))
        .collect();
    lines.push(call(99, json!(["198.51.100.7, 10.0.0.9"])));
    let (book, _) = Book::of_lines(&lines);
    let networks = |n: u32| book.values(&format!("vault:default:dn:user-{n}"), Dimension::Network);
    assert_eq!(networks(3), [""; 0]);
    assert_eq!(networks(99), ["198.51.100.0/24"]);
    // A header that anybody can send moves nobody who calls directly.
    let (book, _) = Book::of_lines(&lines.split_off(25));
    let networks = book.values("vault:default:dn:user-99", Dimension::Network);
    assert_eq!(networks, ["private/default/10.0.0.0/16"]);
}

/// Reads a log of which at most `max_waiting` lines may wait.
fn read_bounded(
    files: &[(&str, Vec<Value>)],
    max_waiting: usize,
    threads: usize,
) -> (Book, Coverage) {
    let mut sandbox = Sandbox::new();
    for (name, lines) in files {
        let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
        sandbox = sandbox.with(name, lines.join("\n"));
    }
    let limits = Limits {
        max_waiting,
        ..Limits::default()
    };
    let options = Options {
        limits,
        threads,
        ..Options::default()
    };
    Book::read(&[sandbox.path().to_owned()], &options)
}

#[test]
fn response_that_comes_after_its_request_was_given_up_makes_no_second_event() {
    // 40 requests that stay open for an hour, far more than may wait.
    let requests = (0..40).map(|n| half(n, "request"));
    let responses = (0..40).map(|n| {
        changed(
            half(n, "response"),
            [("/time", json!("2026-11-07T02:00:00Z"))],
        )
    });
    let lines: Vec<Value> = requests.chain(responses).collect();
    let (book, coverage) = read_bounded(&[("log", lines.clone())], 8, 1);
    assert_eq!(book.events.len(), 40);
    assert_eq!(coverage.n_records, 80);
    assert!(coverage.n_duplicate > 0, "{coverage:#?}");
    assert_eq!(coverage.n_used + coverage.n_duplicate, 80);
    // With room enough every pair is found, however late it is.
    let (book, coverage) = read_bounded(&[("log", lines)], 200, 1);
    assert_eq!((book.events.len(), coverage.n_used), (40, 80));
    assert_eq!(coverage.n_unpaired, 0);
}

#[test]
fn which_lines_are_given_up_does_not_depend_on_threads() {
    let files: Vec<(String, Vec<Value>)> = (0..6_u32)
        .map(|file| {
            let own = (0..50).map(|n| half(file * 40 + n, "request"));
            let late = (0..20).map(|n| half(file * 31 + n, "response"));
            (format!("audit.{file}"), own.chain(late).collect())
        })
        .collect();
    let files: Vec<(&str, Vec<Value>)> = files
        .iter()
        .map(|(name, lines)| (name.as_str(), lines.clone()))
        .collect();
    let (one, of_one) = read_bounded(&files, 16, 1);
    for threads in [2, 5] {
        let (many, of_many) = read_bounded(&files, 16, threads);
        assert_eq!(one.events, many.events);
        let figures = |c: &Coverage| (c.n_used, c.n_duplicate, c.n_unpaired);
        assert_eq!(figures(&of_one), figures(&of_many));
    }
}

#[test]
fn log_of_requests_alone_is_bounded_and_every_request_an_event() {
    let requests: Vec<Value> = (0..500).map(|n| half(n, "request")).collect();
    let (book, coverage) = read_bounded(&[("log", requests)], 10, 1);
    assert_eq!(book.events.len(), 500);
    assert_eq!((coverage.n_used, coverage.n_unpaired), (500, 500));
    assert!(
        book.events
            .iter()
            .all(|event| event.contains("outcome: Unknown"))
    );
}
