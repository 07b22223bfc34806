#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::prelude::*;

use super::*;

const SEEN: Evidence = Evidence {
    n: 41,
    first: Timestamp::from_micros(0),
    last: Timestamp::from_micros(86_400_000_000),
};

pub(super) fn node(key: &'static str, basis: KeyBasis) -> Node<'static> {
    Node {
        key,
        name: key.rsplit([':', '/']).next().unwrap(),
        native: None,
        basis,
        class: Class::Human,
        session: None,
        aliases: Vec::new(),
        seen: SEEN,
        slots: vec![1, 2, 3],
        keys: Vec::new(),
        visits: Vec::new(),
        arrivals: Vec::new(),
    }
}

pub(super) fn okta(key: &'static str, login: &'static str) -> Node<'static> {
    Node {
        native: key.split('/').nth(1),
        aliases: vec![(AliasKind::Login, login, SEEN)],
        ..node(key, KeyBasis::OktaActor)
    }
}

pub(super) fn sso(key: &'static str) -> Node<'static> {
    node(key, KeyBasis::Sso)
}

pub(super) fn vault(key: &'static str, kind: AliasKind, name: &'static str) -> Node<'static> {
    Node {
        aliases: vec![(kind, name, SEEN)],
        ..node(key, KeyBasis::VaultEntity)
    }
}

pub(super) fn alice() -> Node<'static> {
    okta("okta:corp/00u1", "Alice@corp.example")
}

fn told(text: &str) -> LinkFile {
    LinkFile::parse(&format!("version = 1\n{text}")).unwrap()
}

/// Groups as lists of keys, whatever the order of the nodes.
#[track_caller]
pub(super) fn links(nodes: &[Node<'_>], file: &LinkFile) -> Linking {
    let linking = link(nodes, file);
    let backward: Vec<_> = nodes.iter().rev().cloned().collect();
    assert_eq!(link(&backward, file), linking);
    linking
}

#[track_caller]
fn merges(nodes: &[Node<'_>], rule: Rule, confidence: u8) {
    let linking = links(nodes, &LinkFile::default());
    assert_eq!(linking.groups.len(), 1, "{linking:#?}");
    assert_eq!(linking.groups[0].len(), nodes.len(), "{linking:#?}");
    let found = linking.merged.iter().find(|edge| edge.rule == rule);
    assert_eq!(found.unwrap().confidence, confidence);
    assert_eq!(found.unwrap().evidence, SEEN);
}

#[track_caller]
pub(super) fn only_likely(nodes: &[Node<'_>], rule: Rule, confidence: u8) {
    let linking = links(nodes, &LinkFile::default());
    assert!(linking.groups.is_empty(), "{linking:#?}");
    let found: Vec<_> = linking
        .likely
        .iter()
        .map(|e| (e.rule, e.confidence))
        .collect();
    assert_eq!(found, [(rule, confidence)]);
}

#[track_caller]
pub(super) fn apart(nodes: &[Node<'_>]) -> Linking {
    let linking = links(nodes, &LinkFile::default());
    assert!(linking.groups.is_empty(), "{linking:#?}");
    assert!(linking.likely.is_empty(), "{linking:#?}");
    linking
}

#[test]
fn one_person_is_one_in_three_products() {
    let vault = vault(
        "vault:p:entity:e1",
        AliasKind::Federated,
        "alice@corp.example",
    );
    let nodes = [alice(), sso("aws:sso:alice@corp.example"), vault];
    merges(&nodes, Rule::SsoLogin, 97);
    merges(&nodes, Rule::VaultFederated, 95);
}

#[test]
fn every_rule_has_its_confidence() {
    let with = |other: Node<'static>| [alice(), other];
    let entity = |kind, name| with(vault("vault:p:entity:e1", kind, name));
    merges(
        &entity(AliasKind::OktaUser, "alice@corp.example"),
        Rule::VaultOkta,
        97,
    );
    merges(
        &entity(AliasKind::Federated, "00u1"),
        Rule::VaultFederated,
        98,
    );
    merges(
        &entity(AliasKind::Claim, "ALICE@corp.example"),
        Rule::VaultClaim,
        95,
    );
    only_likely(&entity(AliasKind::OktaUser, "alice"), Rule::VaultOkta, 88);
    only_likely(
        &entity(AliasKind::Directory, "alice"),
        Rule::VaultDirectory,
        70,
    );
    only_likely(&with(sso("aws:sso:alice")), Rule::SsoLocal, 85);

    let saml = |key| with(node(key, KeyBasis::Federated));
    merges(&saml("aws:saml:Okta/alice@corp.example"), Rule::Saml, 95);
    only_likely(&saml("aws:saml:adfs/alice@corp.example"), Rule::Saml, 85);
    merges(
        &saml("aws:oidc:corp.okta.example/00u1"),
        Rule::OktaSubject,
        98,
    );

    let source = |key| with(node(key, KeyBasis::SourceIdentity));
    merges(
        &source("aws:srcid:alice@corp.example"),
        Rule::SourceIdentity,
        92,
    );
    merges(&source("aws:srcid:00u1"), Rule::SourceIdentity, 97);

    let user = |name| {
        with(Node {
            name,
            ..node("aws:user:AIDA1", KeyBasis::User)
        })
    };
    only_likely(&user("alice@corp.example"), Rule::IamUser, 85);
    only_likely(&user("alice"), Rule::IamUser, 65);
}

#[test]
fn name_that_a_caller_chose_never_merges() {
    let session = Node {
        session: Some("alice@corp.example"),
        ..node("aws:role:AROA1#alice@corp.example", KeyBasis::StableSession)
    };
    only_likely(&[alice(), session], Rule::SessionName, 70);
    // A child token may be called anything.
    let child = Node {
        name: "token-oidc-alice@corp.example",
        ..node(
            "vault:p:dn:token-oidc-alice@corp.example",
            KeyBasis::VaultDisplayName,
        )
    };
    apart(&[alice(), child]);
}

#[test]
fn session_name_of_64_letters_may_be_cut() {
    let login = "alice.with.a.very.long.name.indeed@department.of.something.corp.example";
    let cut = "aws:sso:alice.with.a.very.long.name.indeed@department.of.something.corp.";
    assert_eq!(cut.len(), 72);
    merges(
        &[okta("okta:corp/00u1", login), sso(cut)],
        Rule::SsoLogin,
        97,
    );
    apart(&[
        okta("okta:corp/00u1", login),
        sso("aws:sso:alice.with.a.very.long"),
    ]);
}

#[test]
fn machines_of_aws_are_those_that_vault_knows() {
    let role = |key| Node {
        native: Some("arn:aws:sts::111122223333:assumed-role/deploy/x"),
        class: Class::Workload,
        ..node(key, KeyBasis::Role)
    };
    let entity = |name| Node {
        class: Class::Workload,
        ..vault("vault:p:entity:e1", AliasKind::Principal, name)
    };
    let arn = "arn:aws:iam::111122223333:role/team/deploy";
    merges(
        &[role("aws:role:AROA1"), entity(arn)],
        Rule::AwsPrincipal,
        97,
    );
    merges(
        &[role("aws:role:AROA1"), entity("AROA1")],
        Rule::AwsPrincipal,
        99,
    );
    // Made anew under the same name: which of them is meant cannot be told.
    let linking = apart(&[role("aws:role:AROA1"), role("aws:role:AROA2"), entity(arn)]);
    assert_eq!(linking.conflicts.len(), 2);
    assert_eq!(linking.conflicts[0].1, Obstacle::Ambiguous);

    let arn = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Dev_0123456789abcdef/Alice@corp.example";
    let entity = vault("vault:p:entity:e1", AliasKind::RoleSession, arn);
    let alice = Node {
        native: Some(arn),
        ..sso("aws:sso:alice@corp.example")
    };
    merges(&[alice, entity.clone()], Rule::AwsSession, 97);
    // A role that anybody called so.
    apart(&[sso("aws:sso:alice@corp.example"), entity]);

    let job = node("aws:role:AROA1/ci:corp/app", KeyBasis::Ci);
    let entity = vault("vault:p:entity:e1", AliasKind::Repository, "Corp/app");
    merges(&[job.clone(), entity], Rule::Repository, 95);
    let called = |class, name| Node {
        class,
        ..vault("vault:p:entity:e1", AliasKind::Federated, name)
    };
    let entity = called(Class::Workload, "Corp/app");
    merges(&[job.clone(), entity], Rule::Repository, 95);
    apart(&[job.clone(), called(Class::Workload, "corp/app/main")]);
    apart(&[job, called(Class::Human, "corp/app")]);
}

#[test]
fn service_account_is_one_in_vault_and_in_its_cluster() {
    let pod = Node {
        name: "system:serviceaccount:shop:cart",
        ..node(
            "k8s:c/system%3Aserviceaccount%3Ashop%3Acart",
            KeyBasis::Mapping,
        )
    };
    let entity = vault("vault:p:entity:e1", AliasKind::ServiceAccount, "shop/cart");
    merges(&[pod, entity], Rule::ServiceAccount, 97);
}

#[test]
fn people_of_one_local_part_stay_apart() {
    let other = okta("okta:corp/00u2", "alice@partner.example");
    apart(&[alice(), other.clone(), sso("aws:sso:alice")]);
    let linking = links(
        &[alice(), other, sso("aws:sso:alice@partner.example")],
        &LinkFile::default(),
    );
    let expected = ["aws:sso:alice@partner.example", "okta:corp/00u2"].map(Box::from);
    assert_eq!(linking.groups, [BTreeSet::from(expected)]);
}

#[test]
fn names_that_look_alike_stay_apart() {
    // A Cyrillic and a full-width letter.
    apart(&[alice(), sso("aws:sso:аlice@corp.example")]);
    apart(&[alice(), sso("aws:sso:ａlice@corp.example")]);
}

#[test]
fn two_organisations_with_the_same_names_stay_apart() {
    let other = okta("okta:preview/00u9", "alice@corp.example");
    let linking = apart(&[alice(), other, sso("aws:sso:alice@corp.example")]);
    assert_eq!(linking.conflicts.len(), 2, "{linking:#?}");
    let one = |key| vault(key, AliasKind::Federated, "alice@corp.example");
    apart(&[one("vault:dev:entity:e1"), one("vault:prod:entity:e2")]);
}

#[test]
fn shared_entity_is_nobody() {
    let shared = Node {
        aliases: vec![
            (AliasKind::Claim, "alice@corp.example", SEEN),
            (AliasKind::Federated, "robert@corp.example", SEEN),
        ],
        ..node("vault:p:entity:e1", KeyBasis::VaultEntity)
    };
    let robert = okta("okta:corp/00u2", "robert@corp.example");
    assert_eq!(apart(&[alice(), robert, shared]).conflicts.len(), 2);
}

#[test]
fn renamed_user_keeps_both_names() {
    let mut renamed = alice();
    renamed
        .aliases
        .push((AliasKind::Login, "alice.jones@corp.example", SEEN));
    let (old, new) = (
        "aws:sso:alice@corp.example",
        "aws:sso:alice.jones@corp.example",
    );
    merges(&[renamed, sso(old), sso(new)], Rule::SsoLogin, 97);
}

#[test]
fn weakest_edge_gives_way() {
    // What the user says is surer than what Vault says.
    let entity = vault("vault:p:entity:e1", AliasKind::Claim, "robert@corp.example");
    let robert = okta("okta:corp/00u2", "robert@corp.example");
    let file = told("[[link]]\nids = [\"okta:corp/00u1\", \"vault:p:entity:e1\"]");
    let linking = links(&[alice(), robert.clone(), entity.clone()], &file);
    assert_eq!(linking.groups.len(), 1);
    assert!(linking.groups[0].contains("okta:corp/00u1"));
    let (edge, obstacle) = &linking.conflicts[0];
    assert_eq!(
        (edge.rule, *obstacle),
        (Rule::VaultClaim, Obstacle::OktaUsers)
    );

    let denied = told("[[deny]]\nids = [\"okta:corp/00u2\", \"vault:p:entity:e1\"]");
    let linking = links(&[robert, entity], &denied);
    assert!(linking.groups.is_empty());
    assert_eq!(linking.conflicts[0].1, Obstacle::Denied);
}

#[test]
fn root_provider_and_agents_are_nobody() {
    let mut root = sso("aws:sso:alice@corp.example");
    root.class = Class::Root;
    apart(&[alice(), root]);
    apart(&[alice(), sso("aws:sso:alice@corp.example|agent")]);
}

#[test]
fn entities_that_are_active_together_stay_apart() {
    let one = |key| vault(key, AliasKind::Claim, "alice@corp.example");
    let mut other = one("vault:p:entity:e2");
    let linking = links(
        &[alice(), one("vault:p:entity:e1"), other.clone()],
        &LinkFile::default(),
    );
    assert_eq!(linking.conflicts[0].1, Obstacle::VaultEntities);
    other.slots = vec![7];
    merges(
        &[alice(), one("vault:p:entity:e1"), other],
        Rule::VaultClaim,
        95,
    );
}

/// What a directory says of Alice.
fn listed(name: &str, external_id: &str) -> LinkFile {
    let text = format!(
        r#"{{"Users": [{{"IdentityStoreId": "d-1", "UserId": "u-1", "UserName": "{name}",
            "ExternalIds": [{{"Issuer": "https://idp.example", "Id": "{external_id}"}}]}}]}}"#
    );
    let mut file = LinkFile::default();
    file.add_directory(Directory::parse(&text).unwrap());
    file
}

#[test]
fn directory_says_who_is_behind_an_id() {
    let idc = || node("aws:idc:d-1/u-1", KeyBasis::OnBehalfOf);
    apart(&[alice(), idc()]);
    let rule_of = |nodes: &[Node<'_>], file: &LinkFile| {
        let merged = links(nodes, file).merged;
        let merged = merged.iter();
        merged
            .map(|it| (it.rule, it.confidence))
            .collect::<Vec<_>>()
    };
    let by_id = rule_of(&[alice(), idc()], &listed("k4711", "00u1"));
    assert_eq!(by_id, [(Rule::Directory, 99)]);
    let by_name = rule_of(&[alice(), idc()], &listed("ALICE@corp.example", "-"));
    assert_eq!(by_name, [(Rule::Directory, 97)]);
    // Sessions are called by the user name, whatever it looks like.
    let session = rule_of(&[idc(), sso("aws:sso:k4711")], &listed("K4711", "-"));
    assert_eq!(session, [(Rule::Directory, 99)]);
    let other = node("aws:idc:d-2/u-1", KeyBasis::OnBehalfOf);
    assert_eq!(rule_of(&[alice(), other], &listed("k4711", "00u1")), []);
}

#[test]
fn sessions_with_access_keys_in_common_are_one() {
    let with = |key, basis, keys: &[(i32, u32)]| Node {
        keys: keys.to_vec(),
        ..node(key, basis)
    };
    let idc = |keys: &[(i32, u32)]| with("aws:idc:d-1/u-1", KeyBasis::OnBehalfOf, keys);
    let session = |keys: &[(i32, u32)]| with("aws:sso:k4711", KeyBasis::Sso, keys);
    let linking = links(
        &[idc(&[(1, 7), (2, 8), (3, 9)]), session(&[(1, 7), (3, 9)])],
        &LinkFile::default(),
    );
    let edge = &linking.merged[0];
    assert_eq!(
        (edge.rule, edge.confidence, edge.evidence.n),
        (Rule::AccessKey, 95, 2)
    );
    // Equal hashes of different days are an accident.
    apart(&[idc(&[(1, 7)]), session(&[(2, 7)])]);
    let other = with("aws:sso:k4712", KeyBasis::Sso, &[(1, 7)]);
    let linking = apart(&[idc(&[(1, 7)]), session(&[(1, 7)]), other]);
    assert_eq!(linking.conflicts.len(), 2);
}

#[test]
fn link_file_is_held_against_itself() {
    let refused = |text: &str| LinkFile::parse(text).unwrap_err();
    assert_eq!(refused("version = 2"), LinkFileError::Version(2));
    assert!(matches!(
        refused("version = 1\nx = 2"),
        LinkFileError::Shape(_)
    ));
    assert!(matches!(refused("links"), LinkFileError::Shape(_)));
    let alone = "version = 1\n[[deny]]\nids = [\"a\", \"a\"]";
    assert_eq!(refused(alone), LinkFileError::Alone("deny", 1));
    let both = "version = 1\n[[link]]\nids = [\"a\", \"b\"]\n[[link]]\nids = [\"b\", \"c\"]\n\
                [[deny]]\nids = [\"c\", \"a\"]";
    let pair = ["a", "c"].map(Box::from);
    assert_eq!(refused(both), LinkFileError::Contradiction(pair));
    let class = "version = 1\n[[class]]\nid = \"a\"\nclass = \"root\"";
    assert_eq!(refused(class), LinkFileError::UnknownClass("root".into()));
    let file = told("[[class]]\nid = \"a\"\nclass = \"agent\"\n[[link]]\nids = [\"b\", \"c\"]");
    assert_eq!(file.class("a"), Some(Class::Agent));
    assert_eq!(file.ids(), BTreeSet::from(["a", "b", "c"]));
}

/// Names as somebody may choose them to be taken for Alice: hers in other
/// cases, widths and scripts, with something around it, or anything at all.
fn forged_name() -> impl Strategy<Value = String> {
    let altered = prop_oneof![
        Just("alice@corp.example"),
        Just("ALICE@CORP.EXAMPLE"),
        Just("CORP\\alice@corp.example"),
        Just("alice_corp.example#EXT#@corp.onmicrosoft.com"),
        Just("аlice@corp.example"),
        Just("ａlice@corp.example"),
        Just("alice@corp.example\u{200b}"),
        Just("00u1"),
        Just("alice"),
    ];
    let around = ("[ -~]{0,4}", altered, "[ -~]{0,4}");
    prop_oneof![
        around.prop_map(|(before, name, after)| format!("{before}{name}{after}")),
        "\\PC{1,70}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn whoever_chooses_a_name_joins_nobody_and_parts_nobody(name in forged_name()) {
        let honest = [
            alice(),
            okta("okta:corp/00u2", "bob@corp.example"),
            sso("aws:sso:alice@corp.example"),
            vault("vault:v:entity:1", AliasKind::Federated, "alice@corp.example"),
        ];
        let expected = links(&honest, &LinkFile::default());
        prop_assert_eq!(expected.groups.len(), 1);
        let forged = [
            Node {
                name: &name,
                ..node("aws:user:AIDAFORGED", KeyBasis::User)
            },
            Node {
                session: Some(&name),
                ..node("aws:role:AROAFORGED#forged", KeyBasis::StableSession)
            },
            Node {
                aliases: vec![(AliasKind::Directory, &name, SEEN)],
                ..node("vault:v:entity:forged", KeyBasis::VaultEntity)
            },
            Node {
                name: &name,
                ..node("aws:role:AROAFORGED", KeyBasis::Role)
            },
        ];
        for forged in forged {
            let key = forged.key;
            let nodes: Vec<Node<'_>> = honest.iter().cloned().chain([forged]).collect();
            let linking = links(&nodes, &LinkFile::default());
            prop_assert_eq!(&linking.groups, &expected.groups, "{}", key);
            prop_assert_eq!(&linking.merged, &expected.merged, "{}", key);
        }
    }
}
