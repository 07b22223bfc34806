//! Who is who, decided on a history and applied to a review.

use super::*;
use crate::event::Minted;

/// Events of one identity at 9:00 of consecutive days.
struct Story {
    key: &'static str,
    native: &'static str,
    name: &'static str,
    session: Option<&'static str>,
    basis: KeyBasis,
}

const ROLE: Story = Story {
    key: "aws:role:AROA1",
    native: "arn:aws:sts::1:assumed-role/Deploy/x",
    name: "Deploy",
    session: None,
    basis: KeyBasis::Role,
};

const USER: Story = Story {
    key: "aws:user:AIDA1",
    native: "arn:aws:iam::1:user/ann",
    name: "ann",
    session: None,
    basis: KeyBasis::User,
};

impl Story {
    fn on(&self, day: u32, key: &'static str) -> Event<'static> {
        let mut event = event((1, 0, 0, 1, 0), day);
        event.time = Timestamp::from_seconds(1_790_000_000 + i64::from(day) * 86_400);
        event.native_id = Cow::Owned(format!("{} {:?} {day} {key}", self.key, self.session));
        event.actor.key = Cow::Borrowed(self.key);
        event.actor.display = Cow::Borrowed(self.name);
        event.actor.native = Some(Cow::Borrowed(self.native));
        event.actor.basis = self.basis;
        event.actor.session = self.session.map(|name| Session {
            name: Cow::Borrowed(name),
            is_email: false,
        });
        event.credential.id = Some(Cow::Borrowed(key));
        event
    }

    /// An event that issues the access key `key` of the role `role`.
    fn takes_on(&self, role: &'static str, key: &'static str, day: u32) -> Event<'static> {
        let mut event = self.on(day, "AKIA1");
        event.native_id = Cow::Owned(format!("{} mints {key}", self.key));
        event.minted = Some(Minted {
            role: Cow::Borrowed(role),
            credential: Cow::Borrowed(key),
        });
        event
    }
}

fn ledger(events: Vec<Event<'static>>) -> Ledger {
    let mut ledger = Ledger::new(Period::Day);
    ledger.coarsen(Period::Day);
    for event in events {
        ledger.observe(&event);
    }
    ledger
}

/// Both ledgers once the history has decided.
fn decided(history: Vec<Event<'static>>, review: Vec<Event<'static>>) -> (Ledger, Ledger) {
    let (mut history, mut review) = (ledger(history), ledger(review));
    let decisions = Decisions::from_history(&history);
    decisions.apply_to_history(&mut history);
    decisions.apply_to_review(&mut review);
    (history, review)
}

fn keys(ledger: &Ledger) -> Vec<&str> {
    let mut keys: Vec<_> = ledger.accounts().iter().map(|a| &*a.row.key).collect();
    keys.sort_unstable();
    keys
}

#[test]
fn recreated_role_is_judged_by_what_the_old_one_did() {
    let again = Story {
        key: "aws:role:AROA2",
        ..ROLE
    };
    let (history, review) = decided(vec![ROLE.on(1, "K1")], vec![again.on(9, "K2")]);
    assert_eq!(keys(&history), ["aws:role:AROA1"]);
    assert_eq!(keys(&review), ["aws:role:AROA1"]);
    let expected = Remark::Recreated {
        name: "arn:aws:sts::1:assumed-role/Deploy".into(),
        inherits: true,
    };
    assert_eq!(review.remarks(), [expected]);
    // The same where it was made anew within the history, whichever comes first.
    let (history, _) = decided(vec![again.on(1, "K1"), ROLE.on(2, "K2")], vec![]);
    assert_eq!(keys(&history), ["aws:role:AROA1"]);
    assert_eq!(history.accounts()[0].row.n_events, 2);
}

#[test]
fn user_deleted_and_made_anew_is_another_identity_and_is_told() {
    let again = Story {
        key: "aws:user:AIDA2",
        ..USER
    };
    let (history, review) = decided(vec![USER.on(1, "K")], vec![again.on(9, "K")]);
    assert_eq!(keys(&history), ["aws:user:AIDA1"]);
    assert_eq!(keys(&review), ["aws:user:AIDA2"]);
    let expected = Remark::Recreated {
        name: "arn:aws:iam::1:user/ann".into(),
        inherits: false,
    };
    assert_eq!(review.remarks(), [expected]);
}

#[test]
fn sessions_of_a_recreated_role_stay_apart_under_its_first_id() {
    let session = |key, session| Story {
        key,
        session: Some(session),
        ..ROLE
    };
    let old = session("aws:role:AROA1", "etl");
    let new = session("aws:role:AROA2", "etl");
    let history = vec![old.on(1, "K1"), old.on(2, "K2"), old.on(3, "K3")];
    let (history, review) = decided(history, vec![new.on(9, "K4")]);
    assert_eq!(keys(&history), ["aws:role:AROA1", "aws:role:AROA1#etl"]);
    assert_eq!(keys(&review), ["aws:role:AROA1#etl"]);
}

#[test]
fn new_session_name_is_told_and_opens_no_baseline() {
    let etl = Story {
        session: Some("etl"),
        ..ROLE
    };
    let new = Story {
        session: Some("victim@corp.example"),
        ..ROLE
    };
    let history = (1..=3).map(|day| etl.on(day, "K1")).collect();
    let (_, review) = decided(history, vec![etl.on(9, "K2"), new.on(9, "K3")]);
    assert_eq!(keys(&review), ["aws:role:AROA1", "aws:role:AROA1#etl"]);
    let expected = Remark::NewSessions {
        role: "Deploy".into(),
        sessions: vec!["victim@corp.example".into()],
        n: 1,
    };
    assert_eq!(review.remarks(), [expected]);
}

#[test]
fn names_that_look_alike_are_told() {
    let twin = Story {
        key: "aws:user:AIDA7",
        native: "arn:aws:iam::1:user/\u{430}nn",
        name: "\u{430}nn",
        ..USER
    };
    let (_, review) = decided(vec![USER.on(1, "K")], vec![twin.on(9, "K")]);
    let expected = Remark::Lookalikes {
        names: ["ann".into(), "\u{430}nn".into()],
    };
    assert_eq!(review.remarks(), [expected]);
    // The same person in another product writes another case; that is nothing.
    let elsewhere = Story {
        key: "okta:corp/00u1",
        native: "00u1",
        name: "Ann",
        ..USER
    };
    let (_, review) = decided(vec![USER.on(1, "K")], vec![elsewhere.on(9, "K")]);
    assert_eq!(review.remarks(), []);
}

const R: &str = "aws:role:AROA1";

#[test]
fn role_taken_on_by_somebody_new_is_told() {
    let bob = Story {
        key: "aws:user:AIDA9",
        native: "arn:aws:iam::1:user/bob",
        name: "bob",
        ..USER
    };
    let history = vec![USER.takes_on(R, "ASIA1", 1), ROLE.on(1, "ASIA1")];
    let review = |who: &Story| vec![who.takes_on(R, "ASIA2", 9), ROLE.on(9, "ASIA2")];
    let (_, known) = decided(history.clone(), review(&USER));
    assert_eq!(known.remarks(), []);
    let (_, new) = decided(history, review(&bob));
    let expected = Remark::NewCallers {
        role: "Deploy".into(),
        callers: vec!["bob".into()],
        n: 1,
    };
    assert_eq!(new.remarks(), [expected]);
}

#[test]
fn session_of_a_role_in_sight_that_nobody_was_given_is_told() {
    let history = vec![USER.takes_on(R, "ASIA1", 1), ROLE.on(1, "ASIA1")];
    // One session goes on from the history, the other came from nowhere.
    let review = vec![ROLE.on(9, "ASIA1"), ROLE.on(9, "ASIA7")];
    let (_, seen) = decided(history.clone(), review.clone());
    let expected = Remark::ChainMissing {
        role: "Deploy".into(),
        n_missing: 1,
        n_keys: 2,
    };
    assert_eq!(seen.remarks(), [expected]);
    // Where sessions were not issued in sight before, it says nothing.
    let mut out_of_sight = history;
    out_of_sight.extend([ROLE.on(2, "ASIA3"), ROLE.on(3, "ASIA4")]);
    let (_, seen) = decided(out_of_sight, review);
    assert_eq!(seen.remarks(), []);
}

#[test]
fn chains_do_not_depend_on_how_events_were_split() {
    let facts = vec![
        USER.takes_on(R, "ASIA1", 1),
        ROLE.on(1, "ASIA1"),
        USER.takes_on(R, "ASIA2", 5),
    ];
    let whole = ledger(facts.clone());
    let mut parts = Ledger::new(Period::Day);
    for fact in facts.into_iter().rev() {
        parts.merge(ledger(vec![fact]));
    }
    assert_eq!(whole.chains(), parts.chains());
    assert_eq!(whole.chains().callers(R).len(), 1);
}
