//! `habitual` learns what every identity habitually does from exported audit
//! logs, then replays a later window and ranks who acted out of habit, with
//! the evidence.
//!
//! # The house
//!
//! Data flows one way:
//!
//! ```text
//! bytes ─ ingest ─▶ Event ─ ledger ─▶ Ledger ─ model ─▶ Scores ─ finding ─▶ Finding ─ report ─▶ bytes
//!                     ▲                  │ history and review are two ledgers
//!                  identity              └ decisions: taken on the history, frozen for the review
//! ```
//!
//! | room | what it is |
//! |---|---|
//! | [`event`] | the vocabulary: one event is one action attempted by one identity |
//! | [`identity`] | who is who: session names, mounts, classes |
//! | [`ingest`] | bytes to events; the only place that knows a vendor's field names |
//! | [`ledger`] | what was distinct: mergeable statistics per identity, slot and value |
//! | [`stats`] | mathematics on plain numbers; knows no logs |
//! | [`model`] | ledgers to scores: novelty, rhythm, volume, peers, calibration |
//! | [`backtest`] | how well the model would have worked on a history: plants, rates |
//! | [`finding`] | scores to findings: evidence, sentences, tags, next steps |
//! | [`case`] | case files: members and their hashes, written and verified |
//! | [`pivot`] | everything that one thing touched, and what to look at next |
//! | [`report`] | findings to bytes: one file per format, one encoder per sink |
//! | [`state`] | what outlives a run: files that appear whole or not at all |
//! | [`demo`] | the deterministic example organisation |
//! | [`cli`] | one file per verb; each `run` reads as the plot of that verb |
//! | [`progress`] | progress on standard error, hidden when nobody watches |
//!
//! Who may use whom (a test holds the code against this list):
//!
//! ```text
//! cli      -> everything below
//! report   -> finding, backtest, pivot, ingest::coverage, event
//! backtest -> model, ledger, stats, event
//! finding  -> model, ledger, ingest::coverage, stats, event
//! model    -> ledger, identity, stats, event
//! ledger   -> identity, event
//! ingest   -> identity, event
//! identity -> event
//! demo     -> event
//! pivot    -> event
//! case, stats, event, progress, state -> nothing of ours
//! ```
//!
//! # Invariants
//!
//! Most of them are absences.
//!
//! * Only [`ingest`] reads input; only [`report`], [`state`], [`demo`] and the
//!   process itself write. [`stats`], [`model`] and [`finding`] do no I/O and
//!   take no clock.
//! * An [`event::Event`] does not outlive its fold into the ledger: memory
//!   follows what was distinct, not what was logged. What a finding cites is
//!   kept per value.
//! * No event has a field that could hold a secret.
//! * History and review are never different code: both are ledgers, so whatever
//!   is scored can be learned, and whatever was learned can be scored again.
//!   That is how the model calibrates itself.
//! * Merging ledgers is associative and commutative: no order of files, split
//!   of input or number of threads changes a result.
//! * Every ordering ends in a unique key. No hash order, clock or randomness
//!   reaches an output.
//! * Text from a log is [`event::Untrusted`] where it is kept for people, and
//!   printed only through a sink's encoder (`report::sanitize`).
#![forbid(unsafe_code)]

pub mod backtest;
pub mod case;
pub mod cli;
pub mod demo;
pub mod event;
pub mod finding;
pub mod identity;
pub mod ingest;
pub mod ledger;
pub mod model;
pub mod pivot;
pub mod progress;
pub mod report;
pub mod state;
pub mod stats;
