#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::*;
use crate::event::{Class, Mfa, NetKind, Outcome, Sensitive, Verb};
use crate::ingest::record::Notes;

/// The events of one record, as the mapping that detects it says.
#[track_caller]
fn read(name: &str, record: &str) -> Result<Vec<Event<'static>>, SkipReason> {
    let mapping = Mappings::default().of_record(record).unwrap();
    assert_eq!(mapping.name, built_in(name).unwrap().name);
    mapping.parse_record(record, &mut context(&mut Notes::default()))
}

#[track_caller]
fn read_one(name: &str, record: &str) -> Event<'static> {
    let mut events = read(name, record).unwrap();
    assert_eq!(events.len(), 1);
    events.pop().unwrap()
}

fn context(notes: &mut Notes) -> Context<'_> {
    Context {
        provenance: crate::event::Provenance::default(),
        okta_org: "o",
        vault_cluster: "c",
        notes,
    }
}

#[test]
fn every_mapping_that_is_built_in_can_be_parsed() {
    for (name, text) in BUILT_IN {
        let mapping = Mapping::parse(text).map_err(|error| format!("{name}: {error:#}"));
        assert!(mapping.is_ok(), "{:?}", mapping.err());
        assert!(built_in(name).is_some());
    }
    assert!(TABLE.is_some());
}

#[test]
fn github_membership_is_a_permission_and_its_bot_a_service() {
    let record = r#"{"@timestamp":1793955660000,"action":"org.add_member","actor":"Alice","actor_id":41,
        "actor_ip":"203.0.113.7","actor_location":{"country_code":"NO"},"org":"acme","user":"bob",
        "_document_id":"d1","user_agent":"Mozilla/5.0 (X11) Firefox/144.0","hashed_token":"s3cret=",
        "programmatic_access_type":"Personal access token"}"#;
    let event = read_one("github", record);
    assert_eq!(event.time.rfc3339(), "2026-11-06T09:01:00Z");
    assert_eq!(event.actor.key, "generic:github:acme/41|token");
    assert_eq!(event.actor.display, "Alice");
    assert_eq!(event.actor.class, Class::Human);
    assert_eq!(event.action.name, "github:org.add_member");
    assert_eq!(event.action.verb, Verb::Permission);
    assert_eq!(event.action.sensitive, Some(Sensitive::PermissionGranted));
    assert_eq!(event.origin.network.as_deref(), Some("203.0.113.0/24"));
    assert_eq!(event.origin.country.as_deref(), Some("NO"));
    assert_eq!(event.native_id, "d1");
    let ids: Vec<_> = event.resources.iter().map(|r| r.id.as_ref()).collect();
    assert_eq!(ids, ["acme", "bob"]);
    // The token's hash is no secret of ours to show, but still tells tokens apart.
    let credential = event.credential.id.unwrap();
    assert!(credential.starts_with("sha256:") && !credential.contains("s3cret"));

    let bot = record.replace("\"Alice\"", "\"dependabot[bot]\"");
    assert_eq!(read_one("github", &bot).actor.class, Class::ServiceAccount);
    let call = record.replace("org.add_member", "api.request");
    assert_eq!(read("github", &call).unwrap_err(), SkipReason::Filtered);
}

#[test]
fn github_s_older_exports_are_recognised() {
    let record =
        r#"{"actor":"alice","org":"acme","action":"repo.create","created_at":1793955660000}"#;
    let event = read_one("github", record);
    assert_eq!(event.time.rfc3339(), "2026-11-06T09:01:00Z");
    assert_eq!(event.actor.key, "generic:github:acme/alice");
    let other = r#"{"actor":"alice","action":"repo.create","created_at":1793955660000}"#;
    assert!(Mappings::default().of_record(other).is_none());
}

/// Documents of Elastic's that lost the original say the same in other places.
#[test]
fn elastic_documents_without_their_original_are_read() {
    let github = read_one(
        "github",
        r#"{"@timestamp":"2026-11-06T09:01:00.000Z","event":{"action":"org.add_member","id":"d1"},
        "github":{"category":"org","org":"acme","hashed_token":"s3cret="},"client":{"geo":{"country_iso_code":"NO"}},
        "user":{"name":"alice","target":{"name":"bob"}},"user_agent":{"original":"Mozilla/5.0"}}"#,
    );
    assert_eq!(github.actor.key, "generic:github:acme/alice");
    assert_eq!(github.action.name, "github:org.add_member");
    assert_eq!(github.origin.country.as_deref(), Some("NO"));
    let ids: Vec<_> = github.resources.iter().map(|r| r.id.as_ref()).collect();
    assert_eq!(ids, ["acme", "bob"]);
    assert!(!format!("{github:?}").contains("s3cret"));

    let google = read_one(
        "gcp-audit",
        r#"{"@timestamp":"2026-11-06T09:01:00Z","event":{"action":"SetIamPolicy","id":"i1"},
        "service":{"name":"cloudresourcemanager.googleapis.com"},"cloud":{"project":{"id":"p1"}},
        "client":{"user":{"email":"ci@p1.iam.gserviceaccount.com"}},"source":{"ip":"203.0.113.7"},
        "gcp":{"audit":{"resource_name":"projects/p1","status":{"code":7}}}}"#,
    );
    assert_eq!(
        google.actor.key,
        "generic:gcp-audit:p1/ci@p1.iam.gserviceaccount.com"
    );
    assert_eq!(google.actor.class, Class::ServiceAccount);
    assert_eq!(
        google.action.name,
        "gcp-audit:cloudresourcemanager.googleapis.com:SetIamPolicy"
    );
    assert_eq!(
        (google.action.verb, google.outcome),
        (Verb::Permission, Outcome::Denied)
    );
    assert_eq!(google.resources[0].id, "projects/p1");

    let workspace = read_one(
        "google-workspace",
        r#"{"@timestamp":"2026-11-06T09:01:00Z","event":{"action":"login_failure","id":"1","provider":"login"},
        "google_workspace":{"actor":{"type":"USER"},"kind":"admin#reports#activity"},"organization":{"id":"C1"},
        "source":{"ip":"203.0.113.7","user":{"id":"42","email":"alice@corp.example"}}}"#,
    );
    assert_eq!(workspace.actor.key, "generic:google-workspace:C1/42");
    assert_eq!(
        workspace.action.name,
        "google-workspace:login:login_failure"
    );
    assert_eq!(workspace.outcome, Outcome::AuthFailure);

    let signin = read_one(
        "entra-signin",
        r#"{"@timestamp":"2026-11-06T09:01:00Z","client":{"ip":"203.0.113.7"},"event":{"action":"Sign-in activity"},
        "azure":{"tenant_id":"t1","signinlogs":{"category":"SignInLogs","properties":{"id":"s1",
        "app_display_name":"Azure Portal","user_id":"U-1","user_principal_name":"alice@corp.example",
        "status":{"error_code":50126}}}}}"#,
    );
    assert_eq!(signin.actor.key, "generic:entra-signin:t1/u-1");
    assert_eq!(signin.actor.class, Class::Human);
    assert_eq!(signin.action.name, "entra-signin:signin:Azure Portal");
    assert_eq!(signin.outcome, Outcome::AuthFailure);

    let audit = read_one(
        "entra-audit",
        r#"{"@timestamp":"2026-11-06T09:01:00Z","event":{"action":"Add owner to application","outcome":"success"},
        "azure":{"tenant_id":"t1","auditlogs":{"properties":{"id":"a1","activity_display_name":"Add owner to application",
        "initiated_by":{"user":{"id":"u-1","userPrincipalName":"alice@corp.example"}},
        "target_resources":{"0":{"id":"app-1"}}}}}}"#,
    );
    assert_eq!(audit.actor.key, "generic:entra-audit:t1/u-1");
    assert_eq!(
        (audit.action.verb, audit.outcome),
        (Verb::Permission, Outcome::Success)
    );
    assert_eq!(audit.resources[0].id, "app-1");
}

#[test]
fn the_original_goes_before_what_elastic_made_of_it() {
    let document = r#"{"@timestamp":"2026-11-06T09:01:00Z","event":{"action":"a.b","original":"{}"},
        "github":{"category":"a"},"user":{"name":"alice"}}"#;
    assert!(Mappings::default().of_record(document).is_none());
}

#[test]
fn entra_interrupts_are_challenges_and_not_failures() {
    let record = |code: u32| {
        format!(
            r#"{{"id":"s1","createdDateTime":"2026-11-07T09:01:00Z","userPrincipalName":"Alice@corp.example",
            "userId":"U-1","appDisplayName":"Azure Portal","ipAddress":"203.0.113.7","status":{{"errorCode":{code}}},
            "location":{{"countryOrRegion":"NO"}},"clientAppUsed":"Browser",
            "authenticationDetails":[{{"authenticationStepResultDetail":"MFA completed in Azure AD"}}]}}"#
        )
    };
    let expected = [
        (0, Outcome::Success),
        (50126, Outcome::AuthFailure),
        (53003, Outcome::Denied),
        (50074, Outcome::Challenge),
        (90_094, Outcome::Error),
    ];
    for (code, outcome) in expected {
        let event = read_one("entra-signin", &record(code));
        assert_eq!(event.outcome, outcome, "{code}");
    }
    let event = read_one("entra-signin", &record(0));
    assert_eq!(event.actor.key, "generic:entra-signin:default/u-1");
    assert_eq!(event.action.name, "entra-signin:signin:Azure Portal");
    assert_eq!((event.action.verb, event.mfa), (Verb::Auth, Mfa::Yes));
}

#[test]
fn entra_diagnostic_records_keep_their_fields_in_properties() {
    let event = read_one(
        "entra-signin",
        r#"{"time":"2026-11-07T09:01:05Z","category":"ManagedIdentitySignInLogs","resultType":"0",
        "properties":{"id":"s2","createdDateTime":"2026-11-07T09:01:00Z","servicePrincipalId":"sp-1",
        "servicePrincipalName":"vm-7","appDisplayName":"vm-7","resourceDisplayName":"Azure Key Vault",
        "ipAddress":"10.0.0.4","status":{"errorCode":0}}}"#,
    );
    assert_eq!(event.actor.class, Class::Workload);
    assert_eq!(event.actor.key, "generic:entra-signin:default/sp-1");
    assert_eq!(event.origin.net_kind, NetKind::Private);
    assert_eq!(event.resources[0].id, "Azure Key Vault");

    let event = read_one(
        "entra-audit",
        r#"{"id":"a1","activityDateTime":"2026-11-07T09:01:00Z","activityDisplayName":"Add member to role",
        "result":"failure","resultReason":"x","initiatedBy":{"app":null,"user":{"id":"U-1",
        "userPrincipalName":"alice@corp.example","ipAddress":"203.0.113.7"}},
        "targetResources":[{"type":"User","id":"U-2"},{"type":"Role","id":"R-1"}]}"#,
    );
    assert_eq!(event.actor.class, Class::Human);
    assert_eq!(event.action.sensitive, Some(Sensitive::PermissionGranted));
    assert_eq!(event.outcome, Outcome::Error);
    assert_eq!(event.resources.len(), 2);
}

#[test]
fn a_user_of_a_diagnostic_record_is_a_person() {
    let class = |category: &str, properties: &str| {
        let record = format!(
            r#"{{"time":"2026-11-07T09:01:05Z"{category},"properties":{{"id":"s3",
            "createdDateTime":"2026-11-07T09:01:00Z","appDisplayName":"Azure Portal",
            "status":{{"errorCode":0}},{properties}}}}}"#
        );
        read_one("entra-signin", &record).actor.class
    };
    let user = r#""userId":"u-1","userPrincipalName":"alice@corp.example""#;
    let service = r#""servicePrincipalId":"sp-1""#;
    let signed_in = r#","category":"SignInLogs""#;
    assert_eq!(class(signed_in, user), Class::Human);
    assert_eq!(
        class(r#","category":"NonInteractiveUserSignInLogs""#, user),
        Class::Human
    );
    assert_eq!(
        class(r#","category":"ServicePrincipalSignInLogs""#, service),
        Class::ServiceAccount
    );
    let graph = r#"{"id":"s4","createdDateTime":"2026-11-07T09:01:00Z","servicePrincipalId":"sp-1",
        "appDisplayName":"vm-7","status":{"errorCode":0}}"#;
    let actor = read_one("entra-signin", graph).actor;
    assert_eq!(actor.class, Class::ServiceAccount);
}

#[test]
fn an_event_in_a_kubernetes_list_needs_no_kind_of_its_own() {
    let item = |kind: &str| {
        format!(
            r#"{{{kind}"auditID":"a-1","stage":"ResponseComplete","verb":"get",
            "requestURI":"/api/v1/secrets","user":{{"username":"alice"}}}}"#
        )
    };
    let mappings = Mappings::default();
    let name = |text: &str| mappings.of_record(text).map(|mapping| mapping.name.clone());
    let kubernetes = Some("kubernetes-audit".to_owned());
    assert_eq!(name(&item("")), kubernetes);
    let own = r#""kind":"Event","apiVersion":"audit.k8s.io/v1","#;
    assert_eq!(name(&item(own)), kubernetes);
    assert_eq!(name(&item(r#""kind":"Pod","#)), None);
}

#[test]
fn a_principal_of_an_organisation_is_one_in_all_of_its_logs() {
    let key = |log: &str| {
        let record = format!(
            r#"{{"protoPayload":{{"@type":"type.googleapis.com/google.cloud.audit.AuditLog",
            "authenticationInfo":{{"principalEmail":"alice@corp.example"}},
            "serviceName":"cloudresourcemanager.googleapis.com","methodName":"SetIamPolicy"}},
            "insertId":"i","timestamp":"2026-11-07T09:01:00Z","logName":"organizations/7/logs/{log}",
            "resource":{{"type":"organization","labels":{{"organization_id":"7"}}}}}}"#
        );
        read_one("gcp-audit", &record).actor.key.into_owned()
    };
    assert_eq!(key("activity"), "generic:gcp-audit:7/alice@corp.example");
    assert_eq!(key("activity"), key("data_access"));
}

#[test]
fn one_google_activity_holds_several_events() {
    let events = read(
        "google-workspace",
        r#"{"kind":"admin#reports#activity","id":{"time":"2026-11-07T09:01:00.5Z","uniqueQualifier":"-9",
        "applicationName":"login","customerId":"C0"},"actor":{"email":"Alice@corp.example","profileId":"11"},
        "ipAddress":"203.0.113.7","events":[{"name":"login_failure","parameters":[{"name":"login_type","value":"x"}]},
        {"name":"login_success","parameters":[{"name":"is_second_factor","boolValue":true}]}]}"#,
    )
    .unwrap();
    let names: Vec<_> = events.iter().map(|e| e.action.name.as_ref()).collect();
    assert_eq!(
        names,
        [
            "google-workspace:login:login_failure",
            "google-workspace:login:login_success"
        ]
    );
    let outcomes: Vec<_> = events.iter().map(|e| e.outcome).collect();
    assert_eq!(outcomes, [Outcome::AuthFailure, Outcome::Success]);
    assert_ne!(events[0].native_id, events[1].native_id);
    assert_eq!(events[1].mfa, Mfa::Yes);
    // Two events, but one record.
    let n_records: Vec<_> = events.iter().map(|e| e.n_records).collect();
    assert_eq!(n_records, [1, 0]);
}

#[test]
fn gcp_refusals_are_in_the_status_or_in_the_authorisation() {
    let record = |rest: &str| {
        format!(
            r#"{{"insertId":"i1","logName":"projects/p/logs/x","timestamp":"2026-11-07T09:01:00.123456789Z",
            "receiveTimestamp":"2026-11-07T09:05:00Z","resource":{{"labels":{{"project_id":"p"}}}},
            "protoPayload":{{"@type":"type.googleapis.com/google.cloud.audit.AuditLog",
            "serviceName":"iam.googleapis.com","methodName":"google.iam.admin.v1.CreateServiceAccountKey",
            "resourceName":"projects/-/serviceAccounts/1","authenticationInfo":{{"principalEmail":"ci@p.iam.gserviceaccount.com",
            "serviceAccountDelegationInfo":[{{"firstPartyPrincipal":{{"principalEmail":"alice@corp.example"}}}}]}},
            "requestMetadata":{{"callerIp":"private"}}{rest}}}}}"#
        )
    };
    let event = read_one("gcp-audit", &record(""));
    assert_eq!(event.outcome, Outcome::Success);
    assert_eq!(event.actor.class, Class::ServiceAccount);
    assert_eq!(event.action.sensitive, Some(Sensitive::CredentialCreated));
    assert_eq!(event.origin.net_kind, NetKind::None);
    assert_eq!(event.edges[0].target, "alice@corp.example");
    assert_eq!(event.time.rfc3339(), "2026-11-07T09:01:00.123456Z");
    let denied = record(r#","status":{"code":7}"#);
    assert_eq!(read_one("gcp-audit", &denied).outcome, Outcome::Denied);
    let refused = record(r#","authorizationInfo":[{"granted":true},{"granted":false}]"#);
    assert_eq!(read_one("gcp-audit", &refused).outcome, Outcome::Denied);
}

#[test]
fn kubernetes_counts_the_last_stage_and_believes_the_last_address() {
    let record = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a1",
        "stage":"ResponseComplete","requestURI":"/api/v1/namespaces/x/secrets/s","verb":"get",
        "user":{"username":"system:serviceaccount:x:api","uid":"u1","extra":{"authentication.kubernetes.io/credential-id":["JTI=1"]}},
        "sourceIPs":["6.6.6.6","10.1.2.3"],"userAgent":"kubectl/v1.34.1","objectRef":{"resource":"secrets","namespace":"x","name":"s"},
        "responseStatus":{"code":200},"requestReceivedTimestamp":"2026-11-07T09:01:00.000001Z"}"#;
    let event = read_one("kubernetes-audit", record);
    assert_eq!(event.actor.class, Class::Workload);
    assert_eq!(
        event.actor.key,
        "generic:kubernetes-audit:default/system%3Aserviceaccount%3Ax%3Aapi"
    );
    assert_eq!(event.action.name, "kubernetes-audit:get:secrets");
    assert_eq!(event.action.verb, Verb::Credential);
    assert_eq!(event.action.sensitive, Some(Sensitive::SecretRead));
    assert_eq!(event.origin.address.as_deref(), Some("10.1.2.3"));
    assert_eq!(event.credential.id.as_deref(), Some("JTI=1"));
    let received = record.replace("ResponseComplete", "RequestReceived");
    assert_eq!(
        read("kubernetes-audit", &received).unwrap_err(),
        SkipReason::Filtered
    );
    let forbidden = record.replace("\"code\":200", "\"code\":403");
    assert_eq!(
        read_one("kubernetes-audit", &forbidden).outcome,
        Outcome::Denied
    );
}

#[test]
fn native_records_and_other_objects_have_no_mapping() {
    let none = [
        r#"{"a":1}"#,
        r#"{"action":"x","@timestamp":1}"#,
        r#"{"kind":"Event","apiVersion":"v1","stage":"x","verb":"y","auditID":"z"}"#,
    ];
    for record in none {
        assert!(Mappings::default().of_record(record).is_none(), "{record}");
    }
}

const BILLING: &str = r#"
version = 1
name = "billing-app"
format = "csv"
[time]
path = ["When"]
format = "strptime:%d/%m/%Y %H:%M:%S"
zone = "Europe/Oslo"
[identity]
key = ["User"]
case = "lower"
[action]
path = ["What"]
[net]
ip = ["From"]
[outcome]
path = ["Status"]
denied = ["403", "denied"]
failure = ["400..599"]
default = "success"
"#;

#[test]
fn a_table_is_read_by_the_columns_that_its_mapping_names() {
    let mappings = Mappings {
        asked: vec![Arc::new(Mapping::parse(BILLING).unwrap())],
    };
    let mapping = mappings
        .of_table(&["when", "user", "what", "from", "status"])
        .unwrap();
    assert_eq!(mapping.name, "billing-app");
    let mut notes = Notes::default();
    let row = |status: &'static str| {
        [
            ("when", "07/11/2026 10:01:00"),
            ("user", "Alice"),
            ("what", "refund"),
            ("from", "203.0.113.7"),
            ("status", status),
        ]
    };
    for (status, expected) in [
        ("403", Outcome::Denied),
        ("404", Outcome::Error),
        ("DENIED", Outcome::Denied),
        ("200", Outcome::Success),
    ] {
        let events = mapping.parse_row(row(status).into_iter(), &mut context(&mut notes));
        let event = events.unwrap().pop().unwrap();
        assert_eq!(event.outcome, expected, "{status}");
        assert_eq!(event.time.rfc3339(), "2026-11-07T09:01:00Z");
        assert_eq!(event.actor.key, "generic:billing-app:default/alice");
    }
    // It has none of these columns, and it is for tables only.
    assert!(mappings.of_table(&["a", "b", "c"]).is_none());
    assert!(
        mappings
            .of_record(r#"{"When":"x","User":"y","What":"z"}"#)
            .is_none()
    );
}

#[test]
fn a_table_with_plain_names_needs_no_mapping() {
    let mappings = Mappings::default();
    let mapping = mappings
        .of_table(&["timestamp", "username", "operation", "clientip"])
        .unwrap();
    assert_eq!(mapping.name, "table");
    assert!(mappings.of_table(&["timestamp", "operation"]).is_none());
}

#[track_caller]
fn refused(text: &str, because: &str) {
    let error = format!("{:#}", Mapping::parse(text).unwrap_err());
    assert!(error.contains(because), "{error}");
}

#[test]
fn what_is_wrong_with_a_mapping_is_said() {
    refused(&BILLING.replace("[net]", "[nett]"), "nett");
    refused(
        &BILLING.replace("case = \"lower\"", "Case = \"lower\""),
        "Case",
    );
    refused(&BILLING.replace("version = 1", "version = 2"), "version 2");
    refused(&BILLING.replace("\"billing-app\"", "\"a/b\""), "name");
    refused(&BILLING.replace("Europe/Oslo", "Oslo"), "no time zone");
    refused(&BILLING.replace("[\"User\"]", "[]"), "identity.key");
    refused(&BILLING.replace("[\"When\"]", "[]"), "time.path");
    refused(&BILLING.replace("path = [\"What\"]", ""), "action");
    refused(&BILLING.replace("[\"From\"]", "[\"a[\"]"), "bracket");
    refused(&BILLING.replace("\"success\"\n", "\"fine\"\n"), "fine");
    refused(
        &BILLING.replace("strptime:%d/%m", "strptime:%Q"),
        "strptime",
    );
}

#[test]
fn a_mapping_that_was_asked_for_takes_what_it_can_read() {
    let text = r#"
version = 1
name = "app"
records = "data.rows"
[time]
path = ["t"]
[identity]
key = ["who"]
[action]
path = ["what"]
"#;
    let mappings = Mappings {
        asked: vec![Arc::new(Mapping::parse(text).unwrap())],
    };
    assert!(
        mappings
            .of_record(r#"{"t":1,"who":"a","what":"b"}"#)
            .is_some()
    );
    assert!(mappings.of_record(r#"{"t":1,"who":"a"}"#).is_none());
    let rows = mappings.array_in(r#"{"x":1,"data":{"rows":[{"t":1}]}}"#);
    assert_eq!(rows, Some(r#"[{"t":1}]"#));
}

#[test]
fn a_hostile_name_forges_no_delimiter() {
    let record = r#"{"@timestamp":1793955660000,"action":"org.add_member","actor":"x","actor_id":"41|token",
        "org":"acme/42"}"#;
    let event = read_one("github", record);
    assert_eq!(event.actor.key, "generic:github:acme%2F42/41%7Ctoken");
}
