//! Decisions about tenants: the same for any order, split and slot length.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::borrow::Cow;

use smallvec::smallvec;

use super::*;
use crate::event::{
    Action, Actor, Citation, Credential, EdgeKind, Flags, KeyBasis, Mfa, Origin, Period,
    Provenance, Resource, Subject, Ties, Timestamp, Verb, Window,
};
use crate::ledger::{Account, Decisions, Dimension, Ledger};

/// A read by the user of this name, `minute` minutes into the log.
fn read(user: &str, minute: i64) -> Event<'static> {
    Event {
        source: Source::Vault,
        native_id: Cow::Owned(format!("{user}-{minute}")),
        time: Timestamp::from_seconds(1_790_000_000 + minute * 60),
        tenant: Cow::Borrowed("prod"),
        region: None,
        actor: Actor {
            key: Cow::Owned(format!("vault:prod:dn:{user}")),
            display: Cow::Owned(user.to_owned()),
            class: Class::Unknown,
            class_confidence: 0,
            basis: KeyBasis::VaultDisplayName,
            sub: None,
            native: None,
            session: None,
        },
        via: None,
        action: Action {
            service: Cow::Borrowed("kv"),
            name: Cow::Borrowed("kv/read"),
            verb: Verb::Credential,
            sensitive: None,
        },
        resources: smallvec![],
        resources_total: 1,
        outcome: Outcome::Success,
        outcome_code: None,
        origin: Origin::default(),
        mfa: Mfa::Unknown,
        credential: Credential::default(),
        session: None,
        edges: smallvec![],
        minted: None,
        ties: Ties::default(),
        bytes_out: None,
        flags: Flags::none(),
        provenance: Provenance::default(),
        n_records: 2,
    }
}

/// A read of the name `path` in the store `secret`.
fn of_store(path: &str, minute: i64) -> Event<'static> {
    let (verb, name) = path.split_once('/').unwrap();
    let has_verb = verb == "data";
    let scope = format!("secret/{}", if has_verb { name } else { path });
    let mut event = read("alice", minute);
    event.resources.push(Resource {
        kind: Cow::Borrowed("vault:kv"),
        id: Cow::Owned(format!("secret/{path}")),
        scope: Cow::Owned(scope),
    });
    event.ties.mount = Some(Mount::Store {
        path: Cow::Borrowed("secret"),
        plain_scope: has_verb.then(|| format!("secret/{path}").into()),
    });
    event
}

fn from(address: &str, user: &str, minute: i64) -> Event<'static> {
    let mut event = read(user, minute);
    event.origin.address = Some(Cow::Owned(address.to_owned()));
    event.origin.network = Some(Cow::Owned(format!("net-{address}")));
    event
}

fn ledger(events: &[Event<'_>]) -> Ledger {
    let mut ledger = Ledger::new(Period::Day);
    for event in events {
        ledger.observe(event);
    }
    ledger
}

/// The ledger after it was decided on itself.
fn decided(events: &[Event<'_>]) -> Ledger {
    let mut ledger = ledger(events);
    Decisions::from_history(&ledger).apply_to_history(&mut ledger);
    ledger
}

fn values(ledger: &Ledger, account: &Account, dimension: Dimension) -> Vec<String> {
    let atoms = account.atoms.keys();
    let own = atoms.filter(|(own, _)| *own == dimension);
    let mut texts: Vec<String> = own
        .map(|(_, value)| ledger.strings().text(*value).to_owned())
        .collect();
    texts.sort();
    texts
}

fn scopes(ledger: &Ledger) -> Vec<String> {
    let alice = ledger.account("vault:prod:dn:alice").unwrap();
    values(ledger, alice, Dimension::Scope)
}

#[test]
fn store_of_nearly_only_verbs_is_versioned() {
    let mut events: Vec<_> = (0..9)
        .map(|n| of_store(&format!("data/app{}", char::from(b'a' + n)), 0))
        .collect();
    events.push(of_store("other/x", 0));
    let found = scopes(&decided(&events));
    assert_eq!(found.len(), 10);
    assert!(found.contains(&"secret/appa".to_owned()), "{found:?}");
    // A tenth of the paths may lack the verb, and not one more.
    events.push(of_store("another/y", 0));
    let found = scopes(&decided(&events));
    assert!(found.contains(&"secret/data/appa".to_owned()), "{found:?}");
    assert!(found.contains(&"secret/other/x".to_owned()), "{found:?}");
}

#[test]
fn review_is_read_as_the_history_was() {
    let history = ledger(&[of_store("data/x", 0), of_store("team/y", 0)]);
    let decisions = Decisions::from_history(&history);
    let mut review = ledger(&[of_store("data/x", 0)]);
    decisions.apply_to_review(&mut review);
    assert_eq!(scopes(&review), ["secret/data/x"]);
    // A store that the history does not know is read by its paths.
    let mut review = ledger(&[of_store("data/x", 0)]);
    Decisions::default().apply_to_review(&mut review);
    assert_eq!(scopes(&review), ["secret/x"]);
}

/// `n` users through one address, and one more user from elsewhere.
fn balanced(n: usize) -> Vec<Event<'static>> {
    let mut events: Vec<_> = (0..n)
        .map(|user| from("10.0.0.1", &format!("user{user}"), 0))
        .collect();
    events.push(from("203.0.113.7", "eve", 0));
    events
}

fn networks(ledger: &Ledger, user: &str) -> Vec<String> {
    let account = ledger.account(&format!("vault:prod:dn:{user}")).unwrap();
    values(ledger, account, Dimension::Network)
}

#[test]
fn address_of_nearly_all_calls_of_many_is_nobody_s_place() {
    let ledger = decided(&balanced(21));
    assert_eq!(networks(&ledger, "user3"), [""; 0]);
    assert_eq!(networks(&ledger, "eve"), ["net-203.0.113.7"]);
    // Twenty may share an office.
    let ledger = decided(&balanced(20));
    assert_eq!(networks(&ledger, "user3"), ["net-10.0.0.1"]);
}

#[test]
fn address_of_many_calls_but_not_of_most_is_a_place() {
    let mut events = balanced(21);
    events.push(from("203.0.113.8", "mallory", 0));
    events.push(from("203.0.113.9", "trent", 0));
    assert_eq!(networks(&decided(&events), "user3"), ["net-10.0.0.1"]);
}

#[test]
fn proxy_s_word_counts_behind_a_balancer_only() {
    let told = |n: usize| {
        let mut events = balanced(n);
        let mut event = from("10.0.0.1", "user3", 0);
        event.ties.forwarded = Some(Cow::Borrowed("198.51.100.0/24"));
        events.push(event);
        networks(&decided(&events), "user3")
    };
    assert_eq!(told(30), ["198.51.100.0/24"]);
    assert_eq!(told(5), ["net-10.0.0.1"]);
}

#[test]
fn more_addresses_than_are_kept_are_no_balancer() {
    let mut events = balanced(30);
    for n in 0..300 {
        events.push(from(&format!("198.51.100.{n}"), "eve", 0));
    }
    assert_eq!(networks(&decided(&events), "user3"), ["net-10.0.0.1"]);
}

fn login(path: &str, class: Class, minute: i64) -> Event<'static> {
    let mut event = read("someone", minute);
    event.ties.mount = Some(Mount::Login {
        path: Cow::Owned(path.to_owned()),
        class,
        class_confidence: 85,
    });
    event
}

#[test]
fn display_name_is_split_at_the_longest_mount_of_the_history() {
    let events = [
        read("team-oidc-bob", 0),
        read("team-alice", 0),
        login("team", Class::Workload, 0),
        login("team-oidc", Class::Human, 0),
    ];
    let ledger = decided(&events);
    let bob = ledger.account("vault:prod:team-oidc:bob").unwrap();
    assert_eq!(bob.row.class, Class::Human);
    assert_eq!(bob.row.basis, KeyBasis::VaultMount);
    let alice = ledger.account("vault:prod:team:alice").unwrap();
    assert_eq!(alice.row.class, Class::Workload);
    assert!(ledger.account("vault:prod:dn:someone").is_some());
}

#[test]
fn mount_that_only_the_review_knows_changes_no_key() {
    let history = ledger(&[read("team-bob", 0)]);
    let decisions = Decisions::from_history(&history);
    let mut review = ledger(&[read("team-bob", 0), login("team", Class::Human, 0)]);
    decisions.apply_to_review(&mut review);
    assert!(review.account("vault:prod:dn:team-bob").is_some());
}

#[test]
fn a_failed_login_teaches_no_mount() {
    let mut probe = login("team", Class::Human, 0);
    probe.outcome = Outcome::AuthFailure;
    let ledger = decided(&[read("team-bob", 0), probe]);
    assert!(ledger.account("vault:prod:dn:team-bob").is_some());
}

/// A bit of everything, spread over days.
fn mixture() -> Vec<Event<'static>> {
    let mut events = Vec::new();
    for day in 0..4 {
        let minute = day * 1_440;
        events.extend(balanced(25).into_iter().map(|mut event| {
            event.time = event.time.saturating_add_seconds(minute * 60);
            event
        }));
        events.push(of_store("data/x", minute));
        events.push(of_store("top/y", minute + 7));
        events.push(login("team", Class::Human, minute));
        events.push(read("team-bob", minute + 90));
    }
    events
}

fn shown(ledger: &Ledger) -> Vec<String> {
    let mut lines = Vec::new();
    for account in ledger.accounts() {
        for dimension in Dimension::ALL {
            for value in values(ledger, account, dimension) {
                lines.push(format!("{} {dimension:?} {value}", account.row.key));
            }
        }
    }
    lines.sort();
    lines
}

#[test]
fn decisions_do_not_depend_on_order_or_split() {
    let events = mixture();
    let whole = shown(&decided(&events));
    assert!(
        whole
            .iter()
            .any(|line| line.starts_with("vault:prod:team:bob"))
    );
    for n in [1, 17, 60] {
        let (a, b) = events.split_at(n);
        let reversed: Vec<_> = b.iter().rev().cloned().collect();
        let mut joined = ledger(&reversed);
        joined.merge(ledger(a));
        Decisions::from_history(&joined).apply_to_history(&mut joined);
        assert_eq!(shown(&joined), whole, "{n}");
    }
}

#[test]
fn what_lies_outside_the_history_decides_nothing() {
    let mut events = vec![of_store("data/x", 0)];
    events.push(of_store("plain/y", 3 * 1_440));
    let whole = ledger(&events);
    let day = |n: i64| Timestamp::from_seconds((1_790_000_000 / 86_400 + n) * 86_400);
    let mut whole = whole;
    whole.coarsen(Period::Day);
    let history = whole.slice(Window {
        start: day(0),
        end: day(1),
    });
    let mut of_history = history.clone();
    Decisions::from_history(&history).apply_to_history(&mut of_history);
    assert_eq!(scopes(&of_history), ["secret/x"]);
    let mut of_all = whole.clone();
    Decisions::from_history(&whole).apply_to_history(&mut of_all);
    assert_eq!(scopes(&of_all), ["secret/data/x", "secret/plain/y"]);
}

#[test]
fn logged_separators_forge_no_reading() {
    let mut event = of_store("data/x", 0);
    event.ties.mount = Some(Mount::Store {
        path: Cow::Borrowed("se\u{1f}cret"),
        plain_scope: Some(Cow::Borrowed("secret/data\u{1f}/x")),
    });
    assert_eq!(scopes(&decided(&[event])), ["secret/x"]);
    assert!(Reading::of("\u{1f}a\u{1f}b\u{1f}c\u{1f}d").is_none());
    assert!(Reading::of("\u{1f}a").is_none());
    assert!(Reading::of("plain").is_none());
}

fn click(transaction: &str, minute: i64) -> Event<'static> {
    let mut event = read("alice", minute);
    event.source = Source::Okta;
    event.actor.key = Cow::Borrowed("okta:corp/alice");
    event.ties.transaction = Some(Cow::Owned(transaction.to_owned()));
    event
}

#[test]
fn events_of_one_transaction_count_once_in_any_order() {
    let events = [
        click("tx1", 0),
        click("tx1", 0),
        click("tx2", 1),
        click("tx1", 1),
        read("alice", 0),
    ];
    for rotation in 0..events.len() {
        let mut rotated = events.to_vec();
        rotated.rotate_left(rotation);
        let (a, b) = rotated.split_at(2);
        let mut ledger = ledger(a);
        ledger.merge(self::ledger(b));
        ledger.coarsen(Period::Day);
        Decisions::from_history(&ledger).apply_to_history(&mut ledger);
        let cells = &ledger.account("okta:corp/alice").unwrap().cells;
        let n: u32 = cells.values().map(|cell| cell.n_events).sum();
        assert_eq!(n, 2);
        let hourly = cells.values().flat_map(|cell| &cell.hours);
        assert_eq!(hourly.map(|hour| hour.n_events).sum::<u32>(), 2);
    }
}

#[test]
fn what_was_done_to_somebody_is_on_their_timeline_and_in_no_amount() {
    let mut reset = click("tx1", 0);
    reset.action.name = Cow::Borrowed("user.mfa.factor.reset_all");
    reset.ties.subjects.push(Subject {
        key: Cow::Borrowed("okta:corp/bob"),
        display: Cow::Borrowed("bob@corp.example"),
        basis: KeyBasis::OktaActor,
        class: Class::Human,
        class_confidence: 85,
    });
    let mut ledger = ledger(&[reset.clone()]);
    ledger.observe_duplicate(&reset);
    Decisions::from_history(&ledger).apply_to_history(&mut ledger);
    let bob = ledger.account("okta:corp/bob").unwrap();
    let kind = EdgeKind::Undergo.name();
    let expected = format!("{kind}:user.mfa.factor.reset_all by okta:corp/alice");
    assert_eq!(values(&ledger, bob, Dimension::Edge), [expected]);
    assert_eq!(values(&ledger, bob, Dimension::Action), [""; 0]);
    assert_eq!(bob.row.name.as_ref(), "bob@corp.example");
    assert_eq!(bob.row.n_events, 0);
    let cell = bob.cells.values().next().unwrap();
    assert_eq!((cell.n_events, cell.n_direct), (0, 0));
    let cited: Vec<&Citation> = cell.first.iter().collect();
    assert_eq!(cited, [&reset.citation()]);
    assert_eq!(ledger.n_records(), 2);
}
