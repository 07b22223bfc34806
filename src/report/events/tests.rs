#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use serde_json::Value;
use smallvec::smallvec;

use super::line::Line;
use super::parquet::COLUMNS;
use super::*;
use crate::event::{
    Action, Actor, Alias, AliasKind, Class, Client, Credential, CredentialKind, Edge, EdgeKind,
    Event, Flags, Interface, KeyBasis, Mfa, Minted, Mount, NetKind, Origin, Outcome, Provenance,
    Resource, Sensitive, Session, Source, Subject, Ties, Timestamp, Verb,
};

/// An event with something in every field.
fn event(seconds: i64, id: &str) -> Event<'_> {
    Event {
        source: Source::CloudTrail,
        native_id: id.into(),
        time: Timestamp::from_micros(1_794_074_591_000_000 + seconds * 1_000_000 + 5),
        tenant: "111122223333".into(),
        region: Some("eu-west-1".into()),
        actor: Actor {
            key: "aws:role:AROA%3A1".into(),
            display: "deploy\u{1b}[31m".into(),
            class: Class::Workload,
            class_confidence: 95,
            basis: KeyBasis::Role,
            sub: Some("sub".into()),
            native: Some("arn:aws:iam::1:role/deploy".into()),
            session: Some(Session {
                name: "alice@corp.example".into(),
                is_email: true,
            }),
        },
        via: Some("cloudformation.amazonaws.com".into()),
        action: Action {
            service: "s3".into(),
            name: "s3:GetObject".into(),
            verb: Verb::Read,
            sensitive: Some(Sensitive::SecretRead),
        },
        resources: smallvec![Resource {
            kind: "s3:object".into(),
            id: "arn:aws:s3:::b/k".into(),
            scope: "b".into(),
        }],
        resources_total: 7,
        outcome: Outcome::Denied,
        outcome_code: Some("AccessDenied".into()),
        origin: Origin {
            address: Some("203.0.113.7".into()),
            net_kind: NetKind::Public,
            network: Some("203.0.113.0/24".into()),
            country: Some("Norway".into()),
            client: Client {
                family: "aws_cli".into(),
                product: Some("aws-cli".into()),
                major: Some(2),
            },
            interface: Interface::Api,
        },
        mfa: Mfa::No,
        credential: Credential {
            kind: CredentialKind::AccessKey,
            id: Some("AKIAEXAMPLE".into()),
            is_long_lived: true,
        },
        session: Some("session".into()),
        edges: smallvec![Edge {
            kind: EdgeKind::Assume,
            target: "arn:aws:iam::1:role/x".into(),
        }],
        bytes_out: Some(u64::MAX),
        minted: Some(Minted {
            role: "aws:role:AROA".into(),
            credential: "ASIAEXAMPLE".into(),
        }),
        ties: Ties {
            transaction: Some("t".into()),
            subjects: smallvec![Subject {
                key: "aws:user:x".into(),
                display: "x".into(),
                basis: KeyBasis::User,
                class: Class::Human,
                class_confidence: 80,
            }],
            mount: Some(Mount::Store {
                path: "kv".into(),
                plain_scope: Some("kv/data/a".into()),
            }),
            forwarded: Some("10.0.0.0/24".into()),
            aliases: smallvec![Alias {
                kind: AliasKind::Claim,
                name: "x@corp.example".into(),
            }],
        },
        flags: Flags::DRY_RUN.with(Flags::TRUNCATED),
        provenance: Provenance {
            file: 3,
            record: 12,
        },
        n_records: 2,
    }
}

fn at(mut event: Event<'_>, file: u32, record: u32) -> Event<'_> {
    event.provenance = Provenance { file, record };
    event
}

fn dump(spools: Vec<Spool>) -> String {
    let mut out = Vec::new();
    write_events(DumpFormat::Jsonl, spools, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn spool() -> Spool {
    Spool::new(Path::new("."))
}

#[test]
fn a_line_says_everything_that_the_event_says() {
    let mut spool = spool();
    spool.add(&event(0, "id"));
    assert_eq!(
        dump(vec![spool]),
        concat!(
            r#"{"schema":"habitual.event/1","source":"cloudtrail","native_id":"id","#,
            r#""time":"2026-11-07T18:03:11.000005Z","tenant":"111122223333","region":"eu-west-1","#,
            r#""actor":{"key":"aws:role:AROA%3A1","sub":"sub","class":"workload","class_confidence":0.95,"#,
            r#""key_basis":"role","display":"deploy\u001b[31m","native":"arn:aws:iam::1:role/deploy","#,
            r#""session_name":"alice@corp.example","session_is_email":true},"via":"cloudformation.amazonaws.com","#,
            r#""action":"s3:GetObject","service":"s3","verb":"read","sensitive":"secret_read","#,
            r#""resources":[{"kind":"s3:object","id":"arn:aws:s3:::b/k","scope":"b"}],"resources_total":7,"#,
            r#""outcome":"denied","outcome_code":"AccessDenied","#,
            r#""net":{"addr":"203.0.113.7","kind":"public","network":"203.0.113.0/24","country":"Norway"},"#,
            r#""ua":{"family":"aws_cli","product":"aws-cli","version":"2"},"interface":"api","mfa":"no","#,
            r#""credential":{"kind":"access_key","id":"AKIAEXAMPLE","long_lived":true},"session":"session","#,
            r#""edges":[{"kind":"assume","target":"arn:aws:iam::1:role/x"}],"bytes_out":18446744073709551615,"#,
            r#""minted":{"role":"aws:role:AROA","credential":"ASIAEXAMPLE"},"#,
            r#""ties":{"transaction":"t","subjects":[{"key":"aws:user:x","class":"human","class_confidence":0.8,"key_basis":"user","display":"x"}],"#,
            r#""mount":{"kind":"store","path":"kv","plain_scope":"kv/data/a"},"forwarded":"10.0.0.0/24","#,
            r#""aliases":[{"kind":"claim","name":"x@corp.example"}]},"#,
            r#""flags":["truncated","dry_run"],"n_records":2,"origin":{"file_index":3,"record_index":12}}"#,
            "\n"
        )
    );
}

#[test]
fn secrets_are_left_out_of_a_line() {
    let secret = "hvs.CAESIJ1234567890abcdefghijklmnopqrstuvwxyz";
    let mut event = event(0, "id");
    event.actor.display = secret.into();
    event.session = Some(secret.into());
    let mut spool = spool();
    spool.add(&event);
    assert!(!dump(vec![spool]).contains("1234567890abcdef"));
}

#[test]
fn every_field_of_a_line_is_a_column() {
    let mut spool = spool();
    spool.add(&event(0, "id"));
    let line: Value = serde_json::from_str(&dump(vec![spool])).unwrap();
    let mut paths = Vec::new();
    for (name, value) in line.as_object().unwrap() {
        match value {
            Value::Object(fields) if !matches!(name.as_str(), "ties" | "minted") => {
                paths.extend(fields.keys().map(|field| format!("{name}.{field}")));
            }
            _ => paths.push(name.clone()),
        }
    }
    paths.sort();
    let mut columns: Vec<String> = COLUMNS.iter().map(|(path, _)| (*path).to_owned()).collect();
    columns.sort();
    assert_eq!(paths, columns);
}

/// The same events, however they are spread over spools and runs.
#[test]
fn order_is_that_of_time_whatever_was_kept_where() {
    let folder = tempfile::tempdir().unwrap();
    let ids: Vec<String> = (0..200).map(|n| format!("id{n}")).collect();
    let events = |spools: &mut Vec<Spool>| {
        for (n, id) in ids.iter().enumerate() {
            let seconds = i64::try_from(n * 37 % 50).unwrap();
            let n_spools = spools.len();
            spools
                .get_mut(n % n_spools)
                .unwrap()
                .add(&event(seconds, id));
        }
    };
    let mut expected = None;
    for (n_spools, max_kept) in [(1, usize::MAX), (1, 0), (3, 5_000), (7, 1_500)] {
        let mut spools: Vec<Spool> = (0..n_spools)
            .map(|_| Spool::keeping(folder.path(), max_kept))
            .collect();
        events(&mut spools);
        let text = dump(spools);
        assert_eq!(text.lines().count(), 200);
        let expected = expected.get_or_insert_with(|| text.clone());
        assert_eq!(&text, expected);
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn an_event_is_written_once_and_cites_its_first_record() {
    let (mut one, mut other) = (spool(), spool());
    one.add(&at(event(0, "id"), 5, 1));
    other.add_repeat(&at(event(0, "id"), 2, 9));
    one.add_repeat(&at(event(0, "id"), 7, 1));
    // The same once more, by its own account.
    other.add(&at(event(0, "id"), 3, 3));
    // Repeats of what is told in other words.
    other.add_repeat(&at(event(0, "other"), 1, 1));
    let text = dump(vec![one, other]);
    let origins: Vec<&str> = text
        .lines()
        .map(|line| line.split("\"origin\":").nth(1).unwrap())
        .collect();
    assert_eq!(
        origins,
        [
            r#"{"file_index":2,"record_index":9}}"#,
            r#"{"file_index":3,"record_index":3}}"#
        ]
    );
}

#[test]
fn a_spool_that_cannot_be_kept_fails_the_dump() {
    let mut spool = Spool::keeping(Path::new("/nowhere/at/all"), 0);
    spool.add(&event(0, "id"));
    spool.add(&event(1, "id"));
    let failed = write_events(DumpFormat::Jsonl, vec![spool], &mut Vec::new());
    assert!(failed.is_err());
}

#[test]
fn equal_events_give_equal_parquet_and_none_a_file_without_rows() {
    let write = |n: i64| {
        let mut spool = spool();
        (0..n).for_each(|n| spool.add(&event(n, "id")));
        let mut out = Vec::new();
        write_events(DumpFormat::Parquet, vec![spool], &mut out).unwrap();
        out
    };
    assert_eq!(write(3), write(3));
    let empty = write(0);
    assert!(empty.starts_with(b"PAR1") && empty.ends_with(b"PAR1"));
}

#[test]
fn a_line_ends_its_object() {
    let line = Line {
        body: r#"{"a":1"#,
        origin: Provenance::default(),
    };
    let value: Value = serde_json::from_str(&line.to_string()).unwrap();
    assert_eq!(value["origin"]["record_index"], 0);
}
