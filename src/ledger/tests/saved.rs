//! A ledger is its tables, and saving it in parts changes nothing.

use std::sync::Arc;

use super::*;
use crate::ledger::saved::{Column, SavedLedger};

fn saved(mut ledger: Ledger) -> SavedLedger {
    ledger = ledger.into_uncited_slice(Window::ALWAYS);
    ledger.coarsen(Period::Day);
    ledger.settle();
    ledger.save()
}

fn restored(saved: &SavedLedger) -> Ledger {
    Ledger::restore(saved, Arc::new(Roster::new(1_000_000))).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn parts_saved_and_merged_in_any_grouping_are_the_whole(
        seeds in prop::collection::vec((0_u8..9, 0_u8..8, 0_u8..4, 0_u8..9, 0_u32..60_000), 1..60),
        cuts in (0_usize..60, 0_usize..60),
        order in prop::sample::select(vec![[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]),
    ) {
        let numbered: Vec<(usize, Seed)> = seeds.into_iter().enumerate().collect();
        let whole = saved(folded(&numbered));
        prop_assert_eq!(&saved(restored(&whole)), &whole);
        let (a, b) = (cuts.0.min(cuts.1).min(numbered.len()), cuts.0.max(cuts.1).min(numbered.len()));
        let parts = [&numbered[..a], &numbered[a..b], &numbered[b..]];
        let parts = parts.map(|part| saved(folded(part)));
        let mut merged = restored(&parts[order[0]]);
        for part in &order[1..] {
            merged.merge(restored(&parts[*part]));
        }
        prop_assert_eq!(saved(merged), whole);
    }

    #[test]
    fn what_is_learned_after_restoring_is_what_is_learned_at_once(
        seeds in prop::collection::vec((0_u8..9, 0_u8..8, 0_u8..4, 0_u8..9, 0_u32..60_000), 2..60),
        cut in 1_usize..60,
    ) {
        let numbered: Vec<(usize, Seed)> = seeds.into_iter().enumerate().collect();
        let (before, after) = numbered.split_at(cut.min(numbered.len()));
        let mut later = restored(&saved(folded(before)));
        for (record, seed) in after {
            later.observe(&event(*seed, u32::try_from(*record).unwrap()));
        }
        prop_assert_eq!(saved(later), saved(folded(&numbered)));
    }
}

#[test]
fn sessions_and_values_beyond_their_bounds_are_the_same_in_parts() {
    let session = |i: u32| {
        let mut event = event((0, 0, 0, 0, i), i);
        event.actor.session = Some(Session {
            name: Cow::Owned(format!("job-{i}")),
            is_email: false,
        });
        event.resources[0].scope =
            Cow::Owned(format!("bucket-{}x/a", i.wrapping_mul(2_654_435_761)));
        event
    };
    let fold = |range: std::ops::Range<u32>| {
        let mut ledger = Ledger::new(Period::Day);
        range.for_each(|i| ledger.observe(&session(i)));
        saved(ledger)
    };
    let whole = fold(0..9_000);
    let mut merged = restored(&fold(6_000..9_000));
    merged.merge(restored(&fold(0..100)));
    merged.merge(restored(&fold(100..6_000)));
    assert_eq!(saved(merged), whole);
}

#[test]
fn tables_that_are_no_ledger_are_refused_with_their_place() {
    let whole = saved(folded(&[(1, (0, 5, 1, 1, 7)), (2, (3, 1, 1, 4, 900))]));
    let table = |name: &str| whole.tables.iter().position(|t| t.name == name).unwrap();
    let refusal = |change: &dyn Fn(&mut SavedLedger)| {
        let mut broken = whole.clone();
        change(&mut broken);
        let roster = Arc::new(Roster::new(9));
        Ledger::restore(&broken, roster).unwrap_err().to_string()
    };
    let hours = refusal(&|saved| {
        if let Column::Small(hours) = &mut saved.tables[table("rhythm")].columns[2].1 {
            hours[0] = 24;
        }
    });
    assert_eq!(hours, "table rhythm: row 1 is of an hour that no day has");
    let set = refusal(&|saved| {
        if let Column::Bytes(sets) = &mut saved.tables[table("rhythm")].columns[6].1 {
            sets[0] = Box::from([1, 2, 3]);
        }
    });
    assert_eq!(set, "table rhythm: row 1 has an invalid set");
    let length = refusal(&|saved| {
        if let Column::Slot(slots) = &mut saved.tables[table("days")].columns[1].1 {
            slots.pop();
        }
    });
    assert_eq!(
        length,
        "table days: column slot has another length than the first"
    );
    let stranger = refusal(&|saved| {
        saved.tables[0]
            .columns
            .iter_mut()
            .for_each(|(_, c)| *c = Column::Text(Default::default()))
    });
    assert!(stranger.contains("is of no identity"), "{stranger}");
}
