//! Streams: in which order things were first done.

use super::*;

/// A step of one session, `second` seconds into a day.
fn step(session: &'static str, service: &'static str, verb: Verb, second: i64) -> Event<'static> {
    let mut event = event((1, 0, 0, 1, 0), 0);
    event.time = Timestamp::from_seconds(1_790_035_200 + second);
    event.native_id = Cow::Owned(format!("{session} {service} {second}"));
    event.session = Some(Cow::Borrowed(session));
    event.action = Action {
        service: Cow::Borrowed(service),
        name: Cow::Owned(format!("{service}:Do{verb:?}")),
        verb,
        sensitive: None,
    };
    event
}

fn ledger<'e>(events: impl IntoIterator<Item = &'e Event<'static>>) -> Ledger {
    let mut ledger = Ledger::new(Period::Day);
    for event in events {
        ledger.observe(event);
    }
    ledger.coarsen(Period::Day);
    ledger
}

/// What was derived in one dimension, in words.
fn derived(mut ledger: Ledger, dimension: Dimension) -> Vec<String> {
    ledger.settle();
    Decisions::from_history(&ledger).apply_to_review(&mut ledger);
    let strings = ledger.strings();
    let atoms = ledger.accounts().iter().flat_map(|own| own.atoms.iter());
    let atoms = atoms.filter(|atom| atom.dimension == dimension);
    let mut texts: Vec<String> = atoms.map(|a| strings.text(a.value).to_owned()).collect();
    texts.sort();
    texts
}

#[test]
fn steps_are_in_the_order_of_their_first_times() {
    let events = [
        step("a", "s3", Verb::Read, 100),
        step("a", "sqs", Verb::Write, 200),
        step("a", "s3", Verb::Read, 300),
        step("a", "iam", Verb::Permission, 400),
        step("b", "iam", Verb::Permission, 50),
    ];
    let bigrams = [
        "^ > iam/permission",
        "^ > s3/read",
        "s3/read > sqs/write",
        "sqs/write > iam/permission",
    ];
    assert_eq!(derived(ledger(&events), Dimension::Bigram), bigrams);
    assert_eq!(
        derived(ledger(events.iter().rev()), Dimension::Bigram),
        bigrams
    );
    assert_eq!(
        derived(ledger(&events), Dimension::Tactic),
        ["discover>privilege"]
    );
}

#[test]
fn calls_that_swap_places_within_a_second_are_one_step() {
    let morning = [
        step("a", "sqs", Verb::Write, 100),
        step("a", "s3", Verb::Read, 101),
        step("a", "kms", Verb::Write, 150),
    ];
    let evening = [
        step("a", "sqs", Verb::Write, 101),
        step("a", "s3", Verb::Read, 100),
        step("a", "kms", Verb::Write, 150),
    ];
    let bigrams = derived(ledger(&morning), Dimension::Bigram);
    assert_eq!(
        bigrams,
        [
            "^ > s3/read",
            "s3/read > sqs/write",
            "sqs/write > kms/write"
        ]
    );
    assert_eq!(bigrams, derived(ledger(&evening), Dimension::Bigram));
}

#[test]
fn three_tactics_are_an_order_of_their_own() {
    let mut share = step("a", "s3", Verb::Write, 300);
    share.action.name = Cow::Borrowed("s3:PutBucketPolicy");
    let mut copy = step("a", "s3", Verb::Write, 200);
    copy.action.name = Cow::Borrowed("s3:CopyObject");
    let mut read = step("a", "s3", Verb::Read, 100);
    read.action.name = Cow::Borrowed("s3:GetObject");
    let found = derived(ledger(&[share, copy, read]), Dimension::Tactic);
    assert_eq!(
        found,
        ["retrieve>stage", "retrieve>stage>share", "stage>share"]
    );
}

#[test]
fn which_steps_are_kept_depends_on_no_order() {
    let services: Vec<&'static str> = (0..100)
        .map(|n| &*Box::leak(format!("service-{n}").into_boxed_str()))
        .collect();
    let sessions: Vec<&'static str> = (0..100)
        .map(|n| &*Box::leak(format!("session-{n}").into_boxed_str()))
        .collect();
    let wide = services.iter().zip(0_i64..);
    let wide = wide.map(|(service, n)| step("wide", service, Verb::Read, n * 7 % 40));
    let many = sessions.iter().flat_map(|session| {
        let steps = services.iter().take(3).zip(0..);
        steps.map(|(service, n)| step(session, service, Verb::Read, n * 60))
    });
    let events: Vec<Event<'static>> = wide.chain(many).collect();
    let forward = ledger(&events);
    let (a, b) = events.split_at(130);
    let mut backward = ledger(b.iter().rev());
    backward.merge(ledger(a.iter().rev()));
    assert_eq!(dump(&forward), dump(&backward));
    let streams = forward.accounts()[0]
        .cells
        .values()
        .next()
        .unwrap()
        .streams();
    let n_steps = streams.unwrap().seconds_of(|_| true).count();
    assert!((63 * 3..=64 + 63 * 3).contains(&n_steps), "{n_steps}");
}

#[test]
fn session_in_two_places_is_split_and_one_that_moves_is_not() {
    let at = |session, network: &'static str, second| {
        let mut event = step(session, "s3", Verb::Read, second);
        event.origin.network = Some(Cow::Borrowed(network));
        event
    };
    let mut ledger = ledger(&[
        at("a", "office", 100),
        at("a", "cafe", 200),
        at("a", "office", 300),
        at("b", "office", 100),
        at("b", "cafe", 200),
        at("c", "office", 100),
    ]);
    ledger.settle();
    Decisions::from_history(&ledger).apply_to_history(&mut ledger);
    let cell = ledger.accounts()[0].cells.values().next().unwrap();
    assert_eq!(
        cell.sessions,
        Sessions {
            n: 3,
            n_split: 1,
            n_moved: 1
        }
    );
    assert!(cell.streams().is_none(), "the history forgets the rest");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(32) })]

    #[test]
    fn neither_order_nor_splitting_changes_what_is_derived(
        seeds in prop::collection::vec((0_u8..9, 0_u8..8, 0_u8..4, 0_u8..9, 0_u32..6_000), 1..60),
        cut in 0_usize..60,
        shuffle in any::<u64>(),
    ) {
        let numbered: Vec<(usize, Seed)> = seeds.into_iter().enumerate().collect();
        let mut shuffled = numbered.clone();
        shuffled.sort_by_key(|(i, _)| value_hash(&format!("{shuffle}{i}")));
        let (a, b) = shuffled.split_at(cut.min(shuffled.len()));
        let mut merged = folded(b);
        merged.merge(folded(a));
        let decided = |mut ledger: Ledger| {
            ledger.coarsen(Period::Day);
            ledger.settle();
            Decisions::from_history(&ledger).apply_to_history(&mut ledger);
            dump(&ledger)
        };
        prop_assert_eq!(decided(folded(&numbered)), decided(merged));
    }
}
