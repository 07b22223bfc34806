//! Records that wait until everything is read, because another record may tell
//! the same action better.

use super::{Account, Joint, Told, Worker, cloudtrail, rebuild};
use crate::event::{Event, Flags, Provenance, Source};
use crate::ingest::coverage::SkipReason;
use crate::ingest::envelope::Found;
use crate::ingest::fidelity::Fidelity;
use crate::ingest::record::{Context, Notes};
use crate::ingest::retelling::Claim;
use crate::ingest::{Fold, Run};

/// A record that waits in memory.
#[derive(Debug)]
pub(super) struct Waiting {
    text: Box<str>,
    provenance: Provenance,
    flags: Flags,
    fidelity: Fidelity,
}

impl<F: Fold> Worker<'_, F> {
    /// Takes note of the claim that the record `text` of `event` makes. True if
    /// the record is dealt with: it waits, or it is known not to count.
    pub(super) fn waits(&mut self, claim: &Claim, event: &Event<'_>, text: &str) -> bool {
        let retellings = &self.run.retellings;
        let fidelity = self.file.round;
        retellings.register(claim, fidelity);
        if !claim.must_wait() {
            return false;
        }
        let provenance = self.file.next_provenance();
        let is_beaten = retellings.is_beaten(claim, fidelity);
        let is_left = self.file.can_wait
            && (retellings.is_left(provenance, fidelity)
                || !is_beaten && !retellings.hold(text.len()));
        if is_left {
            retellings.leave(provenance, fidelity);
            self.file.leave_to(Fidelity::Retold);
            return true;
        }
        self.file.count_event(Source::CloudTrail);
        self.file.coverage.observe_time(event.time);
        self.account.coverage.n_records += 1;
        if is_beaten {
            count_beaten(self.run, &mut self.account, event);
        } else {
            self.waiting.push(Waiting {
                text: text.into(),
                provenance,
                flags: self.file.flags,
                fidelity,
            });
        }
        true
    }

    /// Settles what was left until everything was read; passes over the rest.
    pub(super) fn found_again(&mut self, found: Found<'_>) {
        let provenance = self.file.next_provenance();
        let is_left = |fidelity| self.run.retellings.is_left(provenance, fidelity);
        let is_settled = match found {
            Found::Record(Source::CloudTrail, text) => {
                is_left(Fidelity::Original)
                    && self.settle_left(Fidelity::Original, Flags::none(), text)
            }
            Found::Apart(rendering, text) => {
                is_left(rendering.fidelity())
                    && rebuild::rebuild(rendering, text).is_ok_and(|rebuilt| {
                        self.settle_left(rendering.fidelity(), rebuilt.flags(), &rebuilt.text)
                    })
            }
            Found::Record(..)
            | Found::Mapped(..)
            | Found::Event(_)
            | Found::Cut(_)
            | Found::Context(..)
            | Found::Skip(_) => false,
        };
        if !is_settled {
            self.file.pass_over(1);
        }
    }

    /// Settles a record put together again that was left until everything was
    /// read, or passes over it.
    pub(super) fn rebuilt_again(&mut self, fidelity: Fidelity, flags: Flags, text: &str) {
        let provenance = self.file.next_provenance();
        let is_settled = self.run.retellings.is_left(provenance, fidelity)
            && self.settle_left(fidelity, flags, text);
        if !is_settled {
            self.file.pass_over(1);
        }
    }

    fn settle_left(&mut self, fidelity: Fidelity, flags: Flags, text: &str) -> bool {
        let provenance = self.file.next_provenance();
        let Some((event, claim)) = parse(text, provenance, flags)
            .ok()
            .filter(|(_, claim)| claim.must_wait())
        else {
            return false;
        };
        self.file.count_event(Source::CloudTrail);
        self.file.coverage.observe_time(event.time);
        self.account.coverage.n_records += 1;
        let told = Told {
            event: &event,
            n_records: 1,
            text: Some(text),
            fidelity,
        };
        settle(self.run, &mut self.account, &mut self.fold, &claim, &told);
        true
    }
}

impl Joint {
    /// Settles the records that waited in memory.
    pub(super) fn settle<F: Fold>(
        &mut self,
        run: &Run<'_>,
        mut waiting: Vec<Waiting>,
        fold: &mut F,
    ) {
        waiting.sort_by_key(|record| record.provenance);
        for record in waiting {
            // It was parsed before.
            if let Ok((event, claim)) = parse(&record.text, record.provenance, record.flags) {
                let told = Told {
                    event: &event,
                    n_records: 1,
                    text: Some(&record.text),
                    fidelity: record.fidelity,
                };
                settle(run, &mut self.account, fold, &claim, &told);
            }
        }
    }
}

/// Uses a record, whose turn has come, if it tells its action best.
fn settle<F: Fold>(
    run: &Run<'_>,
    account: &mut Account,
    fold: &mut F,
    claim: &Claim,
    told: &Told<'_, '_>,
) {
    if run.retellings.counts(claim, told.fidelity, &run.dedup) {
        told.count(run, account, fold);
    } else {
        count_beaten(run, account, told.event);
    }
}

/// Counts a record of an action that another record tells better. It is not
/// cited: the one that counts names the caller.
fn count_beaten(run: &Run<'_>, account: &mut Account, event: &Event<'_>) {
    if run.options.span.contains(event.time) {
        account.coverage.n_duplicate += 1;
        account.coverage.trail.n_retold += 1;
    } else {
        account.coverage.n_out_of_window += 1;
    }
}

/// Parses a record once more. What is odd about it was noted the first time.
fn parse(
    text: &str,
    provenance: Provenance,
    flags: Flags,
) -> Result<(Event<'_>, Claim), SkipReason> {
    let mut notes = Notes::default();
    let mut context = Context {
        provenance,
        okta_org: "",
        vault_cluster: "",
        notes: &mut notes,
    };
    let mut event = cloudtrail::parse(text, &mut context)?;
    event.flags = event.flags.with(flags);
    let claim = notes.take_claim().ok_or(SkipReason::Internal)?;
    Ok((event, claim))
}
