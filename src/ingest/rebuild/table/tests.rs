#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use serde_json::json;

use super::*;
use crate::ingest::table::{Content, Rows};

/// The records of a table, with whether they are reduced, and its plan.
fn rebuilt(text: &str) -> (Plan, Vec<(Value, bool)>) {
    let layout = Layout::of(text.as_bytes(), &knows).unwrap();
    let mut plan = Plan::of(&layout, text.as_bytes()).unwrap();
    let mut rows = Rows::new(text.as_bytes(), layout, 1 << 20);
    let mut records = Vec::new();
    while let Some(piece) = rows.next() {
        if let (Content::Row(row), Plan::Columns(assembly)) = (piece.content, &mut plan) {
            let rebuilt = assembly.rebuild(&row).unwrap();
            records.push((
                serde_json::from_str(&rebuilt.text).unwrap(),
                rebuilt.is_reduced,
            ));
        }
    }
    (plan, records)
}

#[track_caller]
fn rebuilds(text: &str, expected: &Value) -> Plan {
    let (plan, records) = rebuilt(text);
    let (record, _) = records.first().unwrap();
    assert_eq!(record, expected, "{text}");
    plan
}

#[test]
fn an_index_of_elastics_is_put_together() {
    let plan = rebuilds(
        "@timestamp,event.provider,event.action,event.id,event.type,cloud.region,source.ip,\
         user_agent.original,aws.cloudtrail.user_identity.type,aws.cloudtrail.user_identity.arn,\
         user.id,aws.cloudtrail.user_identity.session_context.mfa_authenticated,\
         aws.cloudtrail.request_parameters,message\n\
         \"Nov 7, 2026 @ 18:03:11.000\",s3.amazonaws.com,GetObject,e-1,info,eu-west-1,203.0.113.7,\
         aws-cli,IAMUser,arn:aws:iam::111122223333:user/bob,AIDA1,true,\"{bucketName=b, key=a/b}\",m\n",
        &json!({
            "eventTime": "Nov 7, 2026 @ 18:03:11.000", "eventSource": "s3.amazonaws.com",
            "eventName": "GetObject", "eventID": "e-1", "awsRegion": "eu-west-1",
            "sourceIPAddress": "203.0.113.7", "userAgent": "aws-cli",
            "userIdentity": {
                "type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/bob", "principalId": "AIDA1",
                "sessionContext": {"attributes": {"mfaAuthenticated": "true"}}
            },
            "requestParameters": {"bucketName": "b", "key": "a/b"}
        }),
    );
    assert_eq!(plan.dialect(), "Elastic");
}

#[test]
fn parameters_may_be_json_struct_text_or_columns() {
    let table = |columns: &str, cells: &str| {
        format!("eventTime,eventSource,eventName,{columns}\nt,s,n,{cells}\n")
    };
    let record = |parameters: Value| json!({"eventTime": "t", "eventSource": "s", "eventName": "n", "requestParameters": parameters});
    rebuilds(
        &table("requestparameters", "\"{\"\"a\"\": 1}\""),
        &record(json!("{\"a\": 1}")),
    );
    rebuilds(
        &table("requestparameters", "\"{a=1, b=null}\""),
        &record(json!({"a": "1"})),
    );
    rebuilds(
        &table(
            "requestParameters.a,requestParameters.s{}.id,requestParameters.s{}.n.x",
            "1,\"i\nj\",-",
        ),
        &record(json!({"a": "1", "s": {"id": ["i", "j"]}})),
    );
}

const OKTA_ROW: &str =
    "2026-11-07T08:59:40.120Z,u-1,user.session.start,00u1,User,alice@corp.example";

#[test]
fn times_may_name_their_zone() {
    rebuilds(
        "eventTime,eventSource,eventName,arn,creationDate\n\
         2026-11-07 18:03:11.000 UTC,s,n,x,2026-11-07 18:00:00.000 UTC\n",
        &json!({
            "eventTime": "2026-11-07 18:03:11.000", "eventSource": "s", "eventName": "n",
            "userIdentity": {
                "arn": "x",
                "sessionContext": {"attributes": {"creationDate": "2026-11-07T18:00:00Z"}}
            }
        }),
    );
}

#[test]
fn okta_columns_have_as_many_names_as_there_are_writers() {
    let record = json!({
        "published": "2026-11-07T08:59:40.120Z", "uuid": "u-1", "eventType": "user.session.start",
        "actor": {"id": "00u1", "type": "User", "alternateId": "alice@corp.example"}
    });
    for header in [
        "timestamp,uuid,event_type,actor.id,actor.type,actor.alternate_id",
        "published,uuid,eventType,actor.id,actor.type,actor.alternateId",
        "Published,UUID,Event Type,Actor ID,Actor Type,Actor Alternate ID",
        "@timestamp,okta.uuid,okta.event_type,okta.actor.id,okta.actor.type,okta.actor.alternate_id",
    ] {
        let plan = rebuilds(&format!("{header}\n{OKTA_ROW}\n"), &record);
        assert_eq!(plan.fidelity(), Fidelity::Summary);
    }
}

#[test]
fn targets_are_collected_however_many_there_are() {
    let targets = |columns: &str, cells: &str| {
        let header = "timestamp,uuid,event_type,actor.id,actor.type,actor.alternate_id";
        let (_, records) = rebuilt(&format!("{header},{columns}\n{OKTA_ROW},{cells}\n"));
        records.first().unwrap().0.get("target").cloned()
    };
    assert_eq!(
        targets(
            "target1.id,target0.id,target0.alternate_id,target12.type",
            "b,a,x,T"
        ),
        Some(json!([{"id": "a", "alternateId": "x"}, {"id": "b"}, {"type": "T"}]))
    );
    assert_eq!(
        targets("target{}.id,target{}.type", "\"a\nb\",\"T\nU\""),
        Some(json!([{"id": "a", "type": "T"}, {"id": "b", "type": "U"}]))
    );
    // Which of the two has the name cannot be told.
    assert_eq!(
        targets("target{}.id,target{}.displayName", "\"a\nb\",\"only one\""),
        Some(json!([{"id": "a"}, {"id": "b"}]))
    );
    assert_eq!(targets("target0.id,target99999.id", "-,a"), None);
}

#[test]
fn a_rendering_is_full_if_it_has_what_identities_and_actions_are_made_of() {
    let fidelity = |header: &str| rebuilt(&format!("{header}\n")).0.fidelity();
    let full = "eventtime,eventsource,eventname,eventid,awsregion,sourceipaddress,useragent,\
                errorcode,requestparameters,useridentity";
    assert_eq!(fidelity(full), Fidelity::Columns);
    for name in full.split(',').skip(3) {
        let header = full.replace(name, "other");
        assert_eq!(fidelity(&header), Fidelity::Summary, "{header}");
    }
    assert_eq!(
        fidelity("eventtime,eventsource,cloudtrailevent"),
        Fidelity::Original
    );
}

#[test]
fn what_makes_no_record_is_not_read() {
    let is_known = |text: &str| {
        let layout = Layout::of(text.as_bytes(), &knows);
        layout.is_some_and(|layout| Plan::of(&layout, text.as_bytes()).is_some())
    };
    assert!(is_known("eventtime,eventsource,eventname\n"));
    assert!(!is_known("eventtime,eventname,user\n"));
    assert!(!is_known("time,user,action,message\nt,u,a,m\n"));
    assert!(is_known(
        "time,user,action,message\nt,u,a,\"{\"\"b\"\":1}\"\n"
    ));
    assert!(!is_known("message\n{\"b\":1}\n"));
}

#[test]
fn account_ids_are_checked_against_the_rest_of_the_row() {
    let id = |cell: &str, arn: &str| {
        let (plan, records) = rebuilt(&format!(
            "eventTime,eventSource,eventName,recipientAccountId,arn\nt,s,n,{cell},{arn}\n"
        ));
        let id = records
            .first()
            .unwrap()
            .0
            .get("recipientAccountId")
            .cloned();
        (
            id.map(|id| id.as_str().unwrap().to_owned()),
            plan.damage() == {
                let mut times = Damage::default();
                times.check_time("t");
                times
            },
        )
    };
    let arn = "arn:aws:iam::001122223333:user/a";
    assert_eq!(id("111122223333", arn), (Some("111122223333".into()), true));
    assert_eq!(
        id("111122223333.0", arn),
        (Some("111122223333".into()), true)
    );
    assert_eq!(id("1122223333", arn), (Some("001122223333".into()), true));
    assert_eq!(id("1122223334", arn), (Some("1122223334".into()), false));
    assert_eq!(id("1.11122E+11", arn), (None, false));
    assert_eq!(id("\"1,11122E+11\"", arn), (None, false));
    assert_eq!(id("anonymous", arn), (Some("anonymous".into()), true));
    assert_eq!(id("1", arn), (Some("1".into()), true));
}

#[test]
fn every_name_leads_to_one_field() {
    for product in PRODUCTS {
        let names: Vec<String> = product.fields.iter().flat_map(Field::names).collect();
        let unique: BTreeSet<&String> = names.iter().collect();
        assert_eq!(names.len(), unique.len());
        let leaves = product.leaves.iter().map(|(path, _)| path);
        for path in leaves.chain(product.ecs.iter().map(|(_, path)| path)) {
            assert!(
                product.fields.iter().any(|field| field.0 == *path),
                "{path}"
            );
        }
        for path in product
            .needed
            .iter()
            .chain(product.whole)
            .copied()
            .flatten()
        {
            let is_field = product.fields.iter().any(|field| field.0 == *path);
            assert!(is_field || path.ends_with(".*"), "{path}");
        }
    }
}

#[test]
fn one_row_tells_for_all_whether_the_day_or_the_month_comes_first() {
    let times = |rows: &[&str]| {
        let rows: Vec<String> = rows.iter().map(|t| format!("\"{t}\",s,n\n")).collect();
        let head = "\"TimeGenerated [UTC]\",EventSource,EventName\n";
        let (plan, records) = rebuilt(&format!("{head}{}", rows.concat()));
        let times = records.into_iter().map(|(record, _)| {
            let time = record["eventTime"].as_str().unwrap_or_default();
            time.to_owned()
        });
        (
            times.collect::<Vec<_>>(),
            plan.damage() == Damage::default(),
        )
    };
    let ambiguous = "04/02/2026, 09:45:54.000";
    let (read, is_sound) = times(&[ambiguous, "21/02/2026, 10:00:00.000"]);
    assert_eq!(read, ["2026-02-04T09:45:54Z", "2026-02-21T10:00:00Z"]);
    assert!(is_sound);
    let (read, is_sound) = times(&["4/2/2026, 9:45:54.000 PM", "4/21/2026, 1:00:00.000 AM"]);
    assert_eq!(read, ["2026-04-02T21:45:54Z", "2026-04-21T01:00:00Z"]);
    assert!(is_sound);
    let (read, is_sound) = times(&["04/02/2026 09:45:54", "05/02/2026 10:00:00"]);
    assert_eq!(
        read.first().map(String::as_str),
        Some("04/02/2026 09:45:54")
    );
    assert!(!is_sound);
}
