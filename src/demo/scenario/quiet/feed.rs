//! Ordinary faults of the delivery.

use anyhow::Result;

use crate::demo::cast::Member;
use crate::demo::change::Change;
use crate::demo::scenario::{Fault, Stage};

pub(super) fn twice(stage: &mut Stage<'_>) -> Result<()> {
    let days = stage.review_days(0, 1);
    stage.faults.push(Fault::Twice {
        account: "444455556666",
        day: days.start,
    });
    stage.spell("search-indexer", days, Change::Noted)
}

pub(super) fn missing_day(stage: &mut Stage<'_>) -> Result<()> {
    let days = stage.review_days(5, 6);
    stage.faults.push(Fault::NoVaultLog(days.start));
    stage.absent("checkout", days.clone(), Member::vault_key)?;
    stage.absent("search-api", days, Member::vault_key)
}
