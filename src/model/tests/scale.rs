//! Time and memory of large organisations. Run with
//! `cargo test --release --lib model::tests::scale -- --ignored --nocapture`.

#![allow(clippy::print_stderr, reason = "a measurement is there to be read")]

use std::fmt::Write;
use std::num::NonZeroUsize;
use std::time::Instant;

use super::super::{Parameters, score};
use super::organisation::{Order, Organisation};

/// Resident memory of this process, now and at its highest, in MiB.
fn memory() -> (u64, u64) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let of = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name));
        let number = line.and_then(|line| line.split_whitespace().nth(1));
        number.and_then(|n| n.parse::<u64>().ok()).unwrap_or(0) / 1_024
    };
    (of("VmRSS:"), of("VmHWM:"))
}

fn measure(n_identities: u32) {
    let organisation = Organisation {
        n_identities,
        n_days: 90,
    };
    let start = Instant::now();
    let (history, review, windows) = organisation.ledgers(Order::Forward);
    eprintln!(
        "{n_identities} identities: ledgers {:?}, {:?} MiB",
        start.elapsed(),
        memory()
    );
    let start = Instant::now();
    let parameters = Parameters {
        threads: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
        ..Parameters::default()
    };
    let scores = score(&history, &review, windows, &parameters);
    eprintln!(
        "score {:?}, {:?} MiB; {} windows, {} pseudo-reviews, {} identities",
        start.elapsed(),
        memory(),
        scores.n_pool,
        scores.n_pool_reviews,
        scores.identities.len()
    );
}

#[test]
#[ignore = "seconds to minutes, and only in release builds"]
fn of_five_thousand() {
    measure(5_000);
}

#[test]
#[ignore = "minutes, and only in release builds"]
fn of_fifty_thousand() {
    measure(50_000);
}

/// Everything that a report could say about an organisation of 1,000.
fn told(order: Order, threads: usize) -> String {
    let organisation = Organisation {
        n_identities: 1_000,
        n_days: 17,
    };
    let (history, review, windows) = organisation.ledgers(order);
    let parameters = Parameters {
        threads: NonZeroUsize::new(threads).unwrap_or(NonZeroUsize::MIN),
        ..Parameters::default()
    };
    let scores = score(&history, &review, windows, &parameters);
    let key = |at: usize| &scores.slate.subjects[at].row.key;
    let mut told = String::new();
    for identity in &scores.identities {
        let peers: Vec<_> = identity.peers.iter().map(|peer| key(*peer)).collect();
        let line = writeln!(
            told,
            "{} {:?} {:?} {:?} {:?} {:?} {peers:?}",
            key(identity.subject),
            identity.judgement,
            identity.n_usable,
            identity.verdicts,
            identity.days,
            identity.deviations,
        );
        assert!(line.is_ok());
    }
    told
}

#[test]
fn neither_threads_nor_the_order_of_accounts_change_a_score() {
    let one = told(Order::Forward, 1);
    assert!(one.lines().count() > 800);
    assert!(one == told(Order::Backward, 3));
}
