//! The end of reading: what the threads found is put together, and what waited
//! for another file is settled.

use super::{Account, Spare, Told};
use crate::event::Provenance;
use crate::ingest::coverage::FileCoverage;
use crate::ingest::fidelity::Fidelity;
use crate::ingest::vault::{Exchange, Half, Pairing};
use crate::ingest::{Fold, Intake, Run};

/// Puts what the threads came to together, and joins the Vault exchanges whose halves
/// are in different files.
pub(in crate::ingest) fn merge<F: Fold>(run: &Run<'_>, mut parts: Vec<Spare<F>>) -> Intake<F> {
    let mut halves: Vec<_> = parts
        .iter_mut()
        .flat_map(|part| part.halves.drain(..))
        .collect();
    halves.sort_by_key(|(file, _)| *file);
    let waiting = parts
        .iter_mut()
        .flat_map(|part| part.waiting.drain(..))
        .collect();
    let mut files: Vec<_> = parts
        .iter_mut()
        .flat_map(|part| part.files.drain(..))
        .collect();
    files.sort_by_key(|(file, _)| *file);
    files.dedup_by(|((again, _), more), ((file, _), known)| {
        let is_same = again == file;
        if is_same {
            known.merge(std::mem::take(more));
        }
        is_same
    });

    let mut account = Account::default();
    let mut folds = Vec::new();
    for part in parts {
        let (coverage, fold) = part.into_parts();
        account.merge(coverage);
        folds.push(fold);
    }
    let mut joint = Joint {
        files: files.into_iter().map(|(_, coverage)| coverage).collect(),
        account,
    };
    if let Some(fold) = folds.first_mut() {
        joint.join(run, halves, fold);
        joint.settle(run, waiting, fold);
    }
    let mut coverage = joint.account.into_coverage();
    coverage.files = joint.files;
    coverage.prove_silence();
    Intake { folds, coverage }
}

/// The account of the whole run while the last exchanges are joined.
pub(super) struct Joint {
    files: Vec<FileCoverage>,
    pub(super) account: Account,
}

impl Joint {
    fn join<F: Fold>(&mut self, run: &Run<'_>, halves: Vec<(u32, Vec<Half>)>, fold: &mut F) {
        let mut pairing = Pairing::new();
        let mut n_waiting = 0_u64;
        for entry in halves.into_iter().flat_map(|(_, halves)| halves) {
            n_waiting += 1;
            if let Some(exchange) = pairing.offer(entry) {
                n_waiting = n_waiting.saturating_sub(2);
                self.use_exchange(run, &exchange, 2, fold);
            }
        }
        let alone = pairing.into_unpaired();
        self.account.settle_repeats(n_waiting, alone.len());
        self.account.coverage.n_unpaired += alone.len() as u64;
        for entry in alone {
            self.use_exchange(run, &Exchange::from_half(entry), 1, fold);
        }
    }

    fn use_exchange<F: Fold>(
        &mut self,
        run: &Run<'_>,
        exchange: &Exchange,
        n_records: u64,
        fold: &mut F,
    ) {
        let event = exchange.event();
        let Provenance { file, .. } = event.provenance;
        if let Some(coverage) = usize::try_from(file)
            .ok()
            .and_then(|at| self.files.get_mut(at))
        {
            coverage.observe_time(event.time);
        }
        let told = Told {
            event: &event,
            n_records,
            text: None,
            fidelity: Fidelity::Original,
        };
        told.count(run, &mut self.account, fold);
    }
}
