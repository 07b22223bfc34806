//! Who acted, in tables that say it in ways of their own.

use super::*;

/// One row of an Athena table with these cells besides the usual.
pub(super) fn row(cells: &[(&str, &str)]) -> String {
    let usual = [
        ("eventtime", "2026-11-07T18:03:11Z"),
        ("eventsource", "s3.amazonaws.com"),
        ("eventname", "GetObject"),
        ("eventid", "5d1a2c58-0000-4000-8000-000000000001"),
    ];
    let usual = usual
        .iter()
        .filter(|(name, _)| cells.iter().all(|(own, _)| own != name));
    let all: Vec<(&str, &str)> = usual.chain(cells).copied().collect();
    let header: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
    csv(
        &header,
        [all.iter().map(|(_, cell)| (*cell).to_owned()).collect()],
    )
}

/// Remembers who acted, where, and how well that is known.
#[derive(Debug, Default)]
struct Actors(Vec<(String, String, Flags)>);

impl Fold for Actors {
    fn observe(&mut self, event: &Event<'_>) {
        self.0.push((
            event.actor.key.to_string(),
            event.tenant.to_string(),
            event.flags,
        ));
    }

    fn observe_duplicate(&mut self, _: &Event<'_>) {}
}

#[track_caller]
pub(super) fn actor(table: &str) -> (String, String, Flags, Coverage) {
    let sandbox = Sandbox::new().with("log", table);
    let paths = [sandbox.path().to_owned()];
    let intake = read(&paths, &Options::default(), &|_| {}, Actors::default).unwrap();
    let mut actors = intake.folds.into_iter().flat_map(|fold| fold.0);
    let (key, tenant, flags) = actors.next().unwrap();
    (key, tenant, flags, intake.coverage)
}

#[test]
fn a_session_name_cannot_pass_for_another_principal() {
    let identity = "{type=AssumedRole, principalid=AROAEXAMPLE1:a, arn=evil}, \
        arn=arn:aws:sts::111122223333:assumed-role/Dev/a, arn=evil}, accountid=111122223333, \
        invokedby=null, accesskeyid=ASIAEXAMPLE1, username=null, onbehalfof=null, \
        sessioncontext={attributes={mfaauthenticated=false, creationdate=2026-11-07T18:00:00Z}, \
        sessionissuer={type=Role, principalid=AROAEXAMPLE1, \
        arn=arn:aws:iam::111122223333:role/team/Dev, accountid=111122223333, username=Dev}, \
        ec2roledelivery=null, webidfederationdata=null}}";
    let record = json!({
        "eventVersion": "1.08", "eventTime": "2026-11-07T18:03:11Z", "eventSource": "s3.amazonaws.com",
        "eventName": "GetObject", "eventID": "5d1a2c58-0000-4000-8000-000000000001",
        "userIdentity": {
            "type": "AssumedRole", "principalId": "AROAEXAMPLE1:a, arn=evil}",
            "arn": "arn:aws:sts::111122223333:assumed-role/Dev/a, arn=evil}",
            "accountId": "111122223333", "accessKeyId": "ASIAEXAMPLE1",
            "sessionContext": {
                "attributes": {"mfaAuthenticated": "false", "creationDate": "2026-11-07T18:00:00Z"},
                "sessionIssuer": {
                    "type": "Role", "principalId": "AROAEXAMPLE1", "userName": "Dev",
                    "arn": "arn:aws:iam::111122223333:role/team/Dev", "accountId": "111122223333"
                }
            }
        }
    });
    let (key, tenant, ..) = actor(&row(&[("useridentity", identity)]));
    let (expected, expected_tenant, ..) = actor(&record.to_string());
    assert_eq!((key, tenant), (expected, expected_tenant));
}

#[test]
fn the_identity_may_be_in_columns_of_its_own() {
    let arn = "arn:aws:iam::111122223333:user/bob";
    for (type_, id, name) in [
        (
            "userIdentity.type",
            "userIdentity.principalId",
            "userIdentity.arn",
        ),
        (
            "useridentity_type",
            "useridentity_principalid",
            "useridentity_arn",
        ),
        ("type", "principalId", "arn"),
        ("none", "principalId", "none2"),
        ("none", "none2", "arn"),
    ] {
        let table = row(&[(type_, "IAMUser"), (id, "AIDAEXAMPLE2"), (name, arn)]);
        let (key, ..) = actor(&table);
        let expected = if id == "none2" {
            "aws:user:111122223333/bob"
        } else {
            "aws:user:AIDAEXAMPLE2"
        };
        assert_eq!(key, expected, "{table}");
    }
}

#[test]
fn a_console_row_without_a_type_is_not_the_act_of_a_service() {
    let console = |name: &str, key: &str| {
        row(&[
            ("User name", name),
            ("AWS access key", key),
            ("Recipient account ID", ACCOUNT),
        ])
    };
    let (key, tenant, flags, _) = actor(&console("bob", "AKIAEXAMPLE2"));
    assert_eq!(
        (key.as_str(), tenant.as_str()),
        ("aws:user:111122223333/bob", ACCOUNT)
    );
    assert!(flags.has(Flags::REDUCED_FIDELITY));
    assert_eq!(
        actor(&console("alice", "ASIAEXAMPLE1")).0,
        "aws:unknown:111122223333/alice"
    );
    assert_eq!(actor(&console("root", "")).0, "aws:root:111122223333");
    assert_eq!(actor(&console("", "")).0, "aws:service:s3.amazonaws.com");
}

#[test]
fn an_identity_that_cannot_be_read_is_nobody_in_particular() {
    let (key, _, flags, _) = actor(&row(&[("useridentity", "{type=AssumedRole, arn")]));
    assert_eq!(key, "aws:unknown:/");
    assert!(flags.has(Flags::REDUCED_FIDELITY.with(Flags::TRUNCATED)));
}
