//! Vault calls: halves are paired, and calls are used when it is their file's
//! turn.

use super::Worker;
use crate::event::Source;
use crate::ingest::Fold;
use crate::ingest::turns::MAX_HELD;
use crate::ingest::vault::{Entry, Exchange};

impl<F: Fold> Worker<'_, F> {
    /// Takes one half of a Vault exchange.
    pub(super) fn half(&mut self, entry: Entry) {
        self.file.count_event(Source::Vault);
        self.account.coverage.n_records += 1;
        self.file.n_waiting += 1;
        if let Some(exchange) = self.file.pairing.offer(entry) {
            self.file.n_waiting = self.file.n_waiting.saturating_sub(2);
            self.call(exchange);
        } else {
            let overdue = self.file.pairing.take_overdue();
            self.give_up(overdue);
        }
    }

    /// Uses a Vault call, or keeps it until it is the file's turn.
    pub(super) fn call(&mut self, call: Exchange) {
        self.file.coverage.observe_time(call.event().time);
        if self.file.has_turn || self.run.turns.has_come(self.file.position) {
            self.begin_turn();
            self.use_call(&call);
            return;
        }
        self.file.held.push(call);
        if self.file.held.len() >= MAX_HELD {
            self.run.turns.wait_for(self.file.position);
            self.begin_turn();
        }
    }

    /// Uses what was kept until now.
    pub(super) fn begin_turn(&mut self) {
        self.file.has_turn = true;
        let calls = std::mem::take(&mut self.file.held);
        self.use_calls(&calls);
    }

    /// Uses the calls of the file, or leaves them to the files before it, and
    /// then those that were left to it.
    pub(super) fn end_turn(&mut self, position: usize) {
        let calls = std::mem::take(&mut self.file.held);
        let Some(calls) = self.run.turns.park(position, calls) else {
            return;
        };
        let mut turn = Some((position, calls));
        while let Some((position, calls)) = turn {
            self.survive(|worker| worker.use_calls(&calls));
            turn = self.run.turns.pass(position);
        }
    }

    pub(super) fn use_calls(&mut self, calls: &[Exchange]) {
        for call in calls {
            self.use_call(call);
        }
    }

    pub(super) fn use_call(&mut self, call: &Exchange) {
        self.use_event(&call.event(), call.n_records().into(), None);
    }
}
