//! What must not change the ledger: the order of the events, how they are
//! split, and at which point slots were coarsened.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod who;

use std::borrow::Cow;
use std::fmt::Write;

use proptest::prelude::*;
use smallvec::smallvec;

use super::*;
use crate::event::{
    Action, Actor, Class, Client, Credential, CredentialKind, Flags, Interface, KeyBasis, Mfa,
    NetKind, Origin, Outcome, Provenance, Resource, Session, Source, Ties,
};

/// Numbers from which one event is made.
type Seed = (u8, u8, u8, u8, u32);

fn event(seed: Seed, record: u32) -> Event<'static> {
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
            is_long_lived: false,
        },
        session: None,
        edges: smallvec![],
        minted: None,
        bytes_out: Some(u64::from(how)),
        flags: Flags::none(),
        provenance: Provenance { file: 0, record },
        n_records: 1,
        ties: Ties::default(),
    }
}

/// Everything observable about a ledger, in one order.
fn dump(ledger: &Ledger) -> String {
    let mut out = format!("{:?} {:?}\n", ledger.period(), ledger.span());
    let mut accounts: Vec<&Account> = ledger.accounts().iter().collect();
    accounts.sort_by(|a, b| a.row.key.cmp(&b.row.key));
    for account in accounts {
        writeln!(out, "{:?}", account.row).unwrap();
        let text = |id: StringId| ledger.strings().text(id);
        let mut atoms: Vec<_> = account
            .atoms
            .iter()
            .map(|((d, v), atom)| (*d, text(*v), atom))
            .collect();
        atoms.sort_by_key(|(d, v, _)| (*d, *v));
        for (dimension, value, atom) in atoms {
            let slots: Vec<Slot> = atom.slots.iter().collect();
            writeln!(
                out,
                " {dimension:?} {value} {slots:?} {} {:?}",
                atom.n_events, atom.first
            )
            .unwrap();
        }
        for (slot, cell) in &account.cells {
            let mut cell = cell.clone();
            let mut attempts: Vec<_> = cell
                .attempts
                .drain(..)
                .map(|a| (text(a.action).to_owned(), a.first_denial, a.last_success))
                .collect();
            attempts.sort();
            writeln!(out, " {slot} {cell:?} {attempts:?}").unwrap();
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
                #[expect(clippy::iter_over_hash_type, reason = "each atom by itself")]
                for atom in account.atoms.values() {
                    for slot in atom.slots.iter() {
                        prop_assert!(account.cells.contains_key(&slot));
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
        .keys()
        .filter(|(d, _)| *d == Dimension::Scope)
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
