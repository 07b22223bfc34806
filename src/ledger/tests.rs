//! What must not change the ledger: the order of the events, how they are
//! split, and at which point slots were coarsened.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod order;
mod saved;
mod whereabouts;
mod who;

use std::borrow::Cow;
use std::fmt::Write;

use proptest::prelude::*;
use smallvec::smallvec;

use super::*;
use crate::event::{
    Action, Actor, Alias, AliasKind, Class, Client, Credential, CredentialKind, Event, Flags,
    Interface, KeyBasis, Mfa, Minted, Mount, NetKind, Origin, Outcome, Provenance, Resource,
    Session, Source, Subject, Ties, Verb,
};

/// Numbers from which one event is made.
type Seed = (u8, u8, u8, u8, u32);

fn event(seed: Seed, record: u32) -> Event<'static> {
    let mut event = untied(seed, record);
    if seed.1 >= 4 {
        tie(&mut event, seed);
    }
    event
}

/// Adds what an event may be tied to.
fn tie(event: &mut Event<'static>, (who, what, whence, how, _): Seed) {
    event.source = Source::Vault;
    event.origin.address = Some(Cow::Owned(format!("203.0.{whence}.9")));
    let subject = |n: u8| Subject {
        key: Cow::Owned(format!(
            "aws:role:{}{}",
            ["R", "S"][usize::from(n % 2)],
            n % 3
        )),
        display: Cow::Owned(format!("somebody-{n}")),
        basis: KeyBasis::Role,
        class: Class::Workload,
        class_confidence: n,
    };
    event.ties = Ties {
        transaction: (how % 3 != 0).then(|| Cow::Owned(format!("request-{}", whence + how % 3))),
        subjects: (0..who % 3).map(|n| subject(n + how)).collect(),
        mount: (how % 2 == 0).then(|| Mount::Store {
            path: Cow::Owned(format!("kv-{}", whence % 2)),
            plain_scope: (who % 2 == 0).then(|| Cow::Owned(format!("data/raw-{}", what % 3))),
        }),
        forwarded: (who % 4 != 0).then(|| Cow::Owned(format!("198.51.{how}.0/24"))),
        aliases: (0..what % 3)
            .map(|n| Alias {
                kind: AliasKind::ALL[usize::from(how % 2)],
                name: Cow::Owned(format!("name-{}", whence + n)),
            })
            .collect(),
    };
    event.minted = (how % 4 == 1).then(|| Minted {
        role: Cow::Owned(format!("aws:role:M{}", whence % 2)),
        credential: Cow::Owned(format!("ASIA-{what}-{how}")),
    });
}

fn untied(seed: Seed, record: u32) -> Event<'static> {
    let (who, what, whence, how, minute) = seed;
    let name = [
        "s3:GetObject",
        "iam:PutRolePolicy",
        "kv/read",
        "s3:ListBuckets",
    ][usize::from(what % 4)];
    let verb = [Verb::Read, Verb::Permission, Verb::Credential, Verb::List][usize::from(what % 4)];
    let session = (who % 3 == 0).then(|| Session {
        name: Cow::Owned(format!("session-{}", who % 7)),
        is_email: false,
    });
    Event {
        source: Source::CloudTrail,
        native_id: Cow::Owned(format!("event-{seed:?}")),
        time: Timestamp::from_seconds(1_790_000_000 + i64::from(minute) * 61),
        tenant: Cow::Borrowed("111122223333"),
        region: Some(Cow::Owned(format!("region-{}", whence % 3))),
        actor: Actor {
            key: Cow::Owned(format!("aws:role:R{}", who % 3)),
            display: Cow::Owned(format!("role-{}", who % 3)),
            class: Class::Workload,
            class_confidence: 50,
            basis: KeyBasis::Role,
            sub: None,
            native: None,
            session,
        },
        via: None,
        action: Action {
            service: Cow::Borrowed("s3"),
            name: Cow::Borrowed(name),
            verb,
            sensitive: None,
        },
        resources: smallvec![Resource {
            kind: Cow::Borrowed("s3:object"),
            id: Cow::Owned(format!("arn:aws:s3:::lake/{how}")),
            scope: Cow::Borrowed("lake/raw"),
        }],
        resources_total: 1,
        outcome: if how % 4 == 0 {
            Outcome::Denied
        } else {
            Outcome::Success
        },
        outcome_code: None,
        origin: Origin {
            address: None,
            net_kind: NetKind::Public,
            network: Some(Cow::Owned(format!("203.0.{whence}.0/24"))),
            country: None,
            client: Client {
                family: Cow::Borrowed("aws_cli"),
                product: None,
                major: Some(2),
            },
            interface: Interface::Api,
        },
        mfa: Mfa::Unknown,
        credential: Credential {
            kind: CredentialKind::SessionKey,
            id: Some(Cow::Owned(format!("ASIA{how}"))),
            is_long_lived: how % 3 == 2,
        },
        session: (who % 2 == 1).then(|| Cow::Owned(format!("session-{}", how % 3))),
        edges: smallvec![],
        minted: None,
        bytes_out: Some(u64::from(how)),
        flags: if how % 5 == 3 {
            Flags::VENDOR_RISK
        } else {
            Flags::none()
        },
        provenance: Provenance { file: 0, record },
        n_records: 1,
        ties: Ties::default(),
    }
}

/// Everything observable about a ledger, in one order.
fn dump(ledger: &Ledger) -> String {
    let mut out = format!("{:?} {:?}\n", ledger.period(), ledger.span());
    writeln!(out, "{:?}\n{:?}", ledger.tenants, ledger.chains()).unwrap();
    let mut accounts: Vec<&Account> = ledger.accounts().iter().collect();
    accounts.sort_by(|a, b| a.row.key.cmp(&b.row.key));
    for account in accounts {
        writeln!(
            out,
            "{:?} {:?} {:?}",
            account.row, account.keys, account.aliases
        )
        .unwrap();
        let text = |id: StringId| ledger.strings().text(id);
        let cited = |first: &First| ledger.cited(first).cloned().collect::<Vec<_>>();
        let mut atoms: Vec<_> = account
            .atoms
            .iter()
            .map(|atom| (atom.dimension, text(atom.value), atom))
            .collect();
        atoms.sort_by_key(|(d, v, _)| (*d, *v));
        for (dimension, value, atom) in atoms {
            let slots: Vec<Slot> = atom.slots.iter().collect();
            writeln!(
                out,
                " {dimension:?} {value} {slots:?} {} {:?}",
                atom.n_events,
                cited(&atom.first)
            )
            .unwrap();
        }
        for (slot, cell) in account.cells.iter() {
            let mut cell = cell.clone();
            let (first, denied) = (cited(&cell.first), cited(&cell.rare().first_denied));
            writeln!(out, " {slot} {first:?} {denied:?}").unwrap();
            cell.for_each_first(|first| *first = First::NONE);
            let streams = cell.streams.take().map(|own| own.dump(ledger.strings()));
            let rare = cell.rare.take().unwrap_or_default();
            let attempts = rare.attempts.iter();
            let mut attempts: Vec<_> = attempts
                .map(|a| (text(a.action), a.first_denial, a.last_success))
                .collect();
            attempts.sort();
            let acts = rare.sensitive.iter();
            let mut acts: Vec<_> = acts
                .map(|a| (text(a.action), a.kind, a.n_events, &a.citation))
                .collect();
            acts.sort();
            let notable = rare.notable.iter();
            let mut notable: Vec<_> = notable
                .map(|a| (a.kind, text(a.action), a.n_events, &a.citation))
                .collect();
            notable.sort();
            let rare = (
                &notable,
                rare.n_denied,
                rare.n_denied_privileged,
                &rare.denied_actions,
                &rare.secrets,
            );
            writeln!(out, " {cell:?} {rare:?} {attempts:?} {acts:?} {streams:?}").unwrap();
        }
    }
    out
}

fn folded(seeds: &[(usize, Seed)]) -> Ledger {
    let mut ledger = Ledger::new(Period::Day);
    for (record, seed) in seeds {
        ledger.observe(&event(*seed, u32::try_from(*record).unwrap()));
    }
    ledger
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn neither_order_nor_splitting_changes_a_ledger(
        seeds in prop::collection::vec((0_u8..9, 0_u8..8, 0_u8..4, 0_u8..9, 0_u32..60_000), 1..60),
        cut in 0_usize..60,
        shuffle in any::<u64>(),
    ) {
        let numbered: Vec<(usize, Seed)> = seeds.into_iter().enumerate().collect();
        let whole = folded(&numbered);
        let mut shuffled = numbered.clone();
        shuffled.sort_by_key(|(i, _)| value_hash(&format!("{shuffle}{i}")));
        let (a, b) = shuffled.split_at(cut.min(shuffled.len()));
        let mut merged = folded(b);
        merged.merge(folded(a));
        prop_assert_eq!(dump(&whole), dump(&merged));
    }

    #[test]
    fn slices_of_a_ledger_hold_each_event_once(
        seeds in prop::collection::vec((0_u8..9, 0_u8..8, 0_u8..4, 0_u8..9, 0_u32..60_000), 1..60),
        border in 0_u32..60_000,
    ) {
        let numbered: Vec<(usize, Seed)> = seeds.into_iter().enumerate().collect();
        let mut whole = folded(&numbered);
        whole.coarsen(Period::Day);
        let slot = Period::Day.slot_of(event((0, 0, 0, 0, border), 0).time);
        let middle = Period::Day.start_of(slot);
        let before = whole.slice(Window { start: Timestamp::from_seconds(0), end: middle });
        let after = whole.slice(Window { start: middle, end: Timestamp::from_seconds(4_000_000_000) });
        prop_assert_eq!(before.n_records() + after.n_records(), numbered.len() as u64);
        for part in [&before, &after] {
            for account in part.accounts() {
                for atom in account.atoms.iter() {
                    for slot in atom.slots.iter() {
                        prop_assert!(account.cells.get(slot).is_some());
                    }
                }
            }
        }
    }
}

#[test]
fn a_second_record_of_an_event_changes_at_most_its_citation() {
    let seed = (1, 0, 0, 1, 100);
    let mut once = Ledger::new(Period::Day);
    once.observe(&event(seed, 7));
    let mut twice = Ledger::new(Period::Day);
    twice.observe(&event(seed, 9));
    twice.observe_duplicate(&event(seed, 7));
    assert_eq!(dump(&once), dump(&twice));
    // The same where another thread met the second record.
    let mut elsewhere = Ledger::new(Period::Day);
    elsewhere.observe_duplicate(&event(seed, 7));
    let mut merged = Ledger::new(Period::Day);
    merged.observe(&event(seed, 9));
    merged.merge(elsewhere);
    assert_eq!(dump(&once), dump(&merged));
}

#[test]
fn a_role_keeps_a_bounded_number_of_sessions_whatever_their_order() {
    let session = |i: u32| {
        let mut event = event((0, 0, 0, 0, i), i);
        event.actor.session = Some(Session {
            name: Cow::Owned(format!("job-{i}")),
            is_email: false,
        });
        event
    };
    let fold = |order: &mut dyn Iterator<Item = u32>| {
        let mut ledger = Ledger::new(Period::Day);
        for i in order {
            ledger.observe(&session(i));
        }
        ledger.settle();
        ledger
    };
    let forward = fold(&mut (0..3_000));
    let backward = fold(&mut (0..3_000).rev());
    assert_eq!(forward.accounts().len(), 513);
    assert_eq!(dump(&forward), dump(&backward));
}

#[test]
fn an_identity_keeps_a_bounded_number_of_values_whatever_their_order() {
    let named = |i: u32| {
        let mut event = event((1, 0, 0, 1, 7), i);
        event.native_id = Cow::Owned(format!("{i}"));
        event.resources[0].scope =
            Cow::Owned(format!("bucket-{}x/a", i.wrapping_mul(2_654_435_761)));
        event
    };
    let fold = |order: &mut dyn Iterator<Item = u32>| {
        let mut ledger = Ledger::new(Period::Day);
        for i in order {
            ledger.observe(&named(i));
        }
        ledger
    };
    let mut forward = fold(&mut (0..20_000));
    forward.settle();
    let mut backward = fold(&mut (10_000..20_000).rev());
    backward.merge(fold(&mut (0..10_000)));
    backward.settle();
    let account = &forward.accounts()[0];
    let n_scopes = account
        .atoms
        .iter()
        .filter(|atom| atom.dimension == Dimension::Scope)
        .count();
    assert_eq!(n_scopes, 4_096);
    assert_eq!(
        account.sampled().collect::<Vec<_>>(),
        [Dimension::Scope, Dimension::Area]
    );
    assert_eq!(
        account.cells.values().map(|c| c.n_events).sum::<u32>(),
        20_000
    );
    assert_eq!(dump(&forward), dump(&backward));
}

/// One event of each of `n` users.
fn users(n: u32) -> Vec<Event<'static>> {
    let user = |i: u32| {
        let mut event = event((1, 0, 0, 1, i), i);
        event.actor.key = Cow::Owned(format!("aws:user:{i}"));
        event
    };
    (0..n).map(user).collect()
}

fn enrolled<'e>(
    roster: &Arc<Roster>,
    events: impl IntoIterator<Item = &'e Event<'static>>,
) -> Ledger {
    let mut ledger = Ledger::enrolling(Period::Day, Arc::clone(roster));
    for event in events {
        ledger.observe(event);
    }
    ledger
}

// R-RS-1, R-RS-3
#[test]
fn beyond_the_limit_the_same_identities_are_kept_whatever_their_order() {
    let events = users(3_000);
    let mut forward = enrolled(&Arc::new(Roster::new(200)), &events);
    forward.settle();
    let roster = Arc::new(Roster::new(200));
    let (a, b) = events.split_at(1_700);
    let mut backward = enrolled(&roster, b.iter().rev());
    backward.merge(enrolled(&roster, a.iter().rev()));
    backward.settle();

    assert_eq!(forward.accounts().len(), 200);
    assert_eq!(dump(&forward), dump(&backward));
    for ledger in [&forward, &backward] {
        let overflow = ledger.overflow();
        assert_eq!(overflow.n_events, 2_800);
        assert!(overflow.n_identities().abs_diff(2_800) < 140);
        assert_eq!(ledger.n_records(), 3_000);
    }
}

#[test]
fn beyond_the_limit_those_acted_on_and_roles_taken_on_are_the_same_whatever_their_order() {
    let mut events = users(900);
    for (i, event) in events.iter_mut().enumerate() {
        event.ties.subjects = smallvec![Subject {
            key: Cow::Owned(format!("okta:corp/{i}")),
            display: Cow::Borrowed("somebody"),
            basis: KeyBasis::OktaActor,
            class: Class::Human,
            class_confidence: 90,
        }];
        event.minted = Some(Minted {
            role: Cow::Owned(format!("aws:role:M{i}")),
            credential: Cow::Owned(format!("ASIA{i}")),
        });
    }
    let mut forward = enrolled(&Arc::new(Roster::new(300)), &events);
    forward.settle();
    let roster = Arc::new(Roster::new(300));
    let (a, b) = events.split_at(400);
    let mut backward = enrolled(&roster, b.iter().rev());
    backward.merge(enrolled(&roster, a.iter().rev()));
    backward.settle();

    assert_eq!(
        forward.accounts().len() + forward.chains().roles().count(),
        300
    );
    let n_subjects = forward.accounts().iter().filter(|a| a.row.n_events == 0);
    assert!(n_subjects.count() > 60, "whoever acted on them");
    assert_eq!(dump(&forward), dump(&backward));
    let overflows = [&forward, &backward].map(|ledger| {
        let overflow = ledger.overflow();
        (overflow.n_events, overflow.n_identities())
    });
    assert_eq!(overflows[0], overflows[1]);
}

#[test]
fn memory_follows_the_identities_that_are_kept() {
    let mut events = users(3_000);
    for (i, event) in events.iter_mut().enumerate() {
        event.resources[0].scope = Cow::Owned(format!("bucket-{i}x"));
    }
    let ledger = enrolled(&Arc::new(Roster::new(200)), &events);
    assert!(ledger.accounts().len() <= 250);
    assert!(ledger.strings().len() < 2 * 250 + 100);
}

// R-RS-2
#[test]
fn who_is_kept_is_not_changed_by_those_who_are_not() {
    let mut events = users(3_000);
    let noisy = || {
        let mut ledger = enrolled(&Arc::new(Roster::new(200)), &events);
        ledger.settle();
        ledger
    };
    let with_noise = noisy();
    let keys: Vec<_> = with_noise
        .accounts()
        .iter()
        .map(|a| a.row.key.clone())
        .collect();
    events.retain(|event| keys.iter().any(|key| **key == *event.actor.key));
    let quiet = enrolled(&Arc::new(Roster::new(200)), &events);
    assert_eq!(quiet.overflow().n_events, 0);
    let accounts = |ledger: &Ledger| {
        let dump = dump(ledger);
        dump.split_once('\n')
            .map(|(_, accounts)| accounts.to_owned())
    };
    assert_eq!(accounts(&with_noise), accounts(&quiet));
}

#[test]
fn a_history_and_its_review_keep_the_same_identities() {
    let events = users(3_000);
    let roster = Arc::new(Roster::new(200));
    let (a, b) = events.split_at(2_000);
    let mut history = enrolled(&roster, a.iter().chain(b.iter().take(100)));
    let mut review = enrolled(&roster, b.iter().chain(a.iter().take(100)));
    history.settle();
    review.settle();
    let keys: std::collections::BTreeSet<_> = [&history, &review]
        .into_iter()
        .flat_map(|ledger| ledger.accounts().iter().map(|a| a.row.key.clone()))
        .collect();
    assert_eq!(keys.len(), 200);
    for event in a.iter().take(100).chain(b.iter().take(100)) {
        let is_in = |ledger: &Ledger| ledger.account(&event.actor.key).is_some();
        assert_eq!(is_in(&history), is_in(&review));
    }
}

// R-RS-5: every ledger draws its own seeds.
#[test]
fn no_seed_reaches_a_ledger() {
    let events: Vec<(usize, Seed)> = (0..500_u32)
        .map(|i| {
            (
                (i as usize),
                (
                    (i % 9) as u8,
                    (i % 7) as u8,
                    (i % 4) as u8,
                    (i % 5) as u8,
                    i * 91,
                ),
            )
        })
        .collect();
    assert_eq!(dump(&folded(&events)), dump(&folded(&events)));
}

#[test]
fn what_there_are_many_of_is_small() {
    assert!(size_of::<Atom>() <= 72);
    assert!(size_of::<Cell>() <= 152);
    assert!(size_of::<Account>() <= 256);
    assert!(size_of::<DistinctCount>() <= 16);
}
