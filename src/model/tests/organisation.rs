//! An organisation of any size, made of events: teams of people and machines
//! with repertoires of their own, the same in every run.

use std::borrow::Cow;

use smallvec::smallvec;

use crate::event::{
    Action, Actor, Class, Client, Credential, CredentialKind, Event, Flags, Interface, KeyBasis,
    Mfa, NetKind, Origin, Outcome, Period, Provenance, Resource, Source, Ties, Timestamp, Verb,
    Window,
};
use crate::ledger::{Decisions, Ledger};

/// Monday, 2026-06-01.
pub(super) const START: i64 = 1_780_272_000;
pub(super) const DAY: i64 = 86_400;
/// Identities that do the same work.
const TEAM: u32 = 20;
/// Days of the review, after those of the history.
pub(super) const REVIEW_DAYS: u32 = 7;
/// Verbs of the organisation's programs.
pub(super) const ACTIONS: [(&str, &str, Verb); 8] = [
    ("s3", "s3:GetObject", Verb::Read),
    ("s3", "s3:PutObject", Verb::Write),
    ("s3", "s3:ListBuckets", Verb::List),
    ("dynamodb", "dynamodb:GetItem", Verb::Read),
    ("dynamodb", "dynamodb:Query", Verb::Read),
    ("sqs", "sqs:SendMessage", Verb::Write),
    ("iam", "iam:GetRole", Verb::Read),
    ("kms", "kms:Decrypt", Verb::Read),
];

/// An organisation.
#[derive(Clone, Copy)]
pub(super) struct Organisation {
    pub(super) n_identities: u32,
    /// History and review together.
    pub(super) n_days: u32,
}

/// A sequence of numbers that a seed determines (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u32) -> u32 {
        (self.next() % u64::from(n.max(1))) as u32
    }

    /// Small numbers more often than large ones.
    fn skewed(&mut self, n: u32) -> u32 {
        self.below(n).min(self.below(n))
    }

    fn in_a_thousand(&mut self, n: u32) -> bool {
        self.below(1_000) < n
    }
}

impl Organisation {
    /// History and review, settled, with their windows. The identities are met
    /// in the order of `turn`: the first, the second … or the other way round.
    pub(super) fn ledgers(self, order: Order) -> (Ledger, Ledger, (Window, Window)) {
        let border = self.n_days - REVIEW_DAYS;
        let (mut history, mut review) = (Ledger::new(Period::Day), Ledger::new(Period::Day));
        for turn in 0..self.n_identities {
            let who = match order {
                Order::Forward => turn,
                Order::Backward => self.n_identities - 1 - turn,
            };
            for day in 0..self.n_days {
                let ledger = if day < border {
                    &mut history
                } else {
                    &mut review
                };
                act(who, day, |event| ledger.observe(event));
            }
        }
        settled(history, review, self.n_days)
    }
}

/// Both ledgers as they are scored, with their windows; the review is the last
/// of `n_days`.
pub(super) fn settled(
    history: Ledger,
    mut review: Ledger,
    n_days: u32,
) -> (Ledger, Ledger, (Window, Window)) {
    let at = |day: u32| Timestamp::from_seconds(START + DAY * i64::from(day));
    let window = |start, end| Window { start, end };
    let border = at(n_days - REVIEW_DAYS);
    let windows = (window(at(0), border), window(border, at(n_days)));
    let mut history = history.into_uncited_slice(windows.0);
    for ledger in [&mut history, &mut review] {
        ledger.settle();
        ledger.coarsen(Period::Day);
    }
    let decisions = Decisions::from_history(&history);
    decisions.apply_to_history(&mut history);
    decisions.apply_to_review(&mut review);
    (history, review, windows)
}

/// In which order the identities are met.
#[derive(Clone, Copy)]
pub(super) enum Order {
    Forward,
    Backward,
}

/// What one identity does on one day: nothing on most days, otherwise a dozen
/// things from the repertoire of its team and its own, rarely something new.
fn act(who: u32, day: u32, mut tell: impl FnMut(&Event<'static>)) {
    let mut numbers = Numbers(u64::from(who) << 32 | u64::from(day));
    if !numbers.in_a_thousand(400) {
        return;
    }
    let team = who / TEAM;
    let begin = 6 + who % 12;
    let n_events = 6 + numbers.below(10);
    for n in 0..n_events {
        let hour = begin + numbers.skewed(4);
        let action = ACTIONS[(team + numbers.skewed(5)) as usize % ACTIONS.len()];
        let scope = match numbers.below(1_000) {
            0..4 => format!("fresh-{who}-{day}/a"),
            4..20 => format!("team-{}/shared-{}", numbers.below(2_000), numbers.below(9)),
            20..600 => format!("team-{team}/shared-{}", name(numbers.skewed(40))),
            _ => format!("team-{team}/own-{who}-{}", name(numbers.skewed(40))),
        };
        let network = match numbers.below(1_000) {
            0..3 => format!("203.{}.{}.0/24", who % 250, day),
            3..300 => format!("198.18.{}.0/24", who % 250),
            _ => format!("10.{}.{}.0/24", team / 250, team % 250),
        };
        let time = START + DAY * i64::from(day) + i64::from(hour % 24) * 3_600 + i64::from(n) * 60;
        tell(&event(who, action, scope, network, time, n));
    }
}

/// Letters, so that no template takes them for a counter.
fn name(n: u32) -> String {
    let letter = |n: u32| char::from(b'a' + (n % 26) as u8);
    [letter(n / 26), letter(n)].iter().collect()
}

/// One event of an identity.
pub(super) fn event(
    who: u32,
    (service, action, verb): (&'static str, &'static str, Verb),
    scope: String,
    network: String,
    time: i64,
    n: u32,
) -> Event<'static> {
    let class = match who % 3 {
        0 => Class::Workload,
        1 => Class::ServiceAccount,
        _ => Class::Human,
    };
    Event {
        source: Source::CloudTrail,
        native_id: Cow::Owned(format!("{who}-{time}-{n}")),
        time: Timestamp::from_seconds(time),
        tenant: Cow::Borrowed("111122223333"),
        region: Some(Cow::Borrowed("eu-west-1")),
        actor: Actor {
            key: Cow::Owned(format!("aws:user:{who:06}")),
            display: Cow::Owned(format!("user{who:06}")),
            class,
            class_confidence: 95,
            basis: KeyBasis::User,
            sub: None,
            native: None,
            session: None,
        },
        via: None,
        action: Action {
            service: Cow::Borrowed(service),
            name: Cow::Borrowed(action),
            verb,
            sensitive: None,
        },
        resources: smallvec![Resource {
            kind: Cow::Borrowed("s3:object"),
            id: Cow::Owned(format!("arn:aws:s3:::{scope}")),
            scope: Cow::Owned(scope),
        }],
        resources_total: 1,
        outcome: if (who + n).is_multiple_of(97) {
            Outcome::Denied
        } else {
            Outcome::Success
        },
        outcome_code: None,
        origin: Origin {
            address: None,
            net_kind: NetKind::Public,
            network: Some(Cow::Owned(network)),
            country: None,
            client: Client {
                family: Cow::Borrowed(["aws_cli", "boto3", "terraform"][(who % 3) as usize]),
                product: None,
                major: Some(2),
            },
            interface: Interface::Api,
        },
        mfa: Mfa::Unknown,
        credential: Credential {
            kind: CredentialKind::SessionKey,
            id: None,
            is_long_lived: false,
        },
        session: None,
        edges: smallvec![],
        minted: None,
        bytes_out: Some(u64::from(n) * 40_000),
        flags: Flags::none(),
        provenance: Provenance { file: 0, record: n },
        n_records: 1,
        ties: Ties::default(),
    }
}
