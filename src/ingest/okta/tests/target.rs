//! What was acted on.

use super::*;

#[test]
fn order_of_targets_changes_nothing() {
    let targets = [
        user("00u2", "bob@corp.example"),
        sso()["target"][0].clone(),
        json!({"id": "00g1", "type": "UserGroup", "displayName": "Admins"}),
    ];
    let record = |order: [usize; 3]| {
        let list: Vec<_> = order.iter().map(|i| targets[*i].clone()).collect();
        event(&with([
            event_type("group.user_membership.add"),
            ("/target", json!(list)),
        ]))
    };
    let (a, b) = (record([0, 1, 2]), record([2, 0, 1]));
    assert_eq!(a.resources, b.resources);
    assert_eq!(a.edges, b.edges);
    assert_eq!(
        edges(&a),
        [
            "grant:app/AWS IAM Identity Center",
            "grant:group/Admins",
            "grant:okta:corp/00u2"
        ]
    );
}

#[test]
fn administrator_s_act_reaches_the_user_it_hits() {
    let reset = event(&with([
        event_type("user.mfa.factor.reset_all"),
        ("/target", json!([user("00u2", "bob@corp.example")])),
    ]));
    assert_eq!(edges(&reset), ["mint:okta:corp/00u2"]);
    assert_eq!(reset.action.sensitive, Some(Sensitive::FactorChanged));
    assert_eq!(scopes(&reset), ["user/00u2"]);
    assert_eq!(reset.resources[0].id, "bob@corp.example");
    let subject = &reset.ties.subjects[0];
    assert_eq!(
        (&*subject.key, &*subject.display),
        ("okta:corp/00u2", "bob@corp.example")
    );

    let itself = |name| {
        let target = json!([user("00u1example", "Alice@Corp.example")]);
        event(&with([event_type(name), ("/target", target)]))
    };
    assert_eq!(edges(&itself("user.mfa.factor.reset_all")), [""; 0]);
    let own_reset = itself("user.account.reset_password");
    assert_eq!(own_reset.action.sensitive, None);
}

#[test]
fn granted_role_is_a_resource_and_the_grantee_an_edge() {
    let grant = event(&with([
        event_type("user.account.privilege.grant"),
        ("/target", json!([user("00u2", "bob@corp.example")])),
        (
            "/debugContext/debugData/privilegeGranted",
            json!("Super administrator"),
        ),
    ]));
    assert_eq!(scopes(&grant), ["role/Super administrator", "user/00u2"]);
    assert_eq!(edges(&grant), ["grant:okta:corp/00u2"]);
    assert_eq!(grant.action.sensitive, Some(Sensitive::PermissionGranted));
}

#[test]
fn many_targets_are_counted_and_cut() {
    let targets: Vec<_> = (0..100)
        .map(|i| user(&format!("00u{i:03}"), "x@corp.example"))
        .collect();
    let event = event(&with([
        event_type("group.user_membership.add"),
        ("/target", json!(targets)),
    ]));
    assert_eq!(event.resources_total, 100);
    assert_eq!(event.resources.len(), 64);
    assert_eq!(event.edges.len(), 64);
}
