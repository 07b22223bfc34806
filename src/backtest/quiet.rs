//! The quiet side: how often ordinary life raises an alarm, where, and what
//! nothing can be said about.

use std::collections::{BTreeMap, BTreeSet};

use super::outcome::{
    BUDGETS, Control, Cut, Loudest, NOMINAL_RATES, Rates, Reason, Share, Unwatched,
};
use super::record::{Own, Records, Tried};
use crate::event::{Class, Untrusted};
use crate::model::plant::Kind;

/// The rate that identities are compared at.
const ALARM: f64 = 0.01;
/// Bands of usable history windows.
const BANDS: [(u32, Option<u32>); 6] = [
    (3, Some(7)),
    (8, Some(15)),
    (16, Some(30)),
    (31, Some(60)),
    (61, Some(120)),
    (121, None),
];
/// An identity in which so many plants were tried, and none found, cannot be
/// watched.
const TRIED_ENOUGH: u32 = 8;

/// Observed rates: overall, by class, by length of the history, by burstiness.
pub(super) fn rates(records: &Records) -> Vec<Rates> {
    let mut rates = vec![rates_of(Cut::All, records.own.iter())];
    for class in Class::ALL {
        let own = records.own.iter();
        let own = own.filter(|own| records.class_of(own.who) == Some(class));
        rates.push(rates_of(Cut::Class(class), own));
    }
    for (from, to) in BANDS {
        let holds = |own: &&Own| from <= own.n_usable && to.is_none_or(|to| own.n_usable <= to);
        rates.push(rates_of(
            Cut::History(from, to),
            records.own.iter().filter(holds),
        ));
    }
    let fifths = fifths(&records.own);
    for nth in 1..=5_u8 {
        let own = records.own.iter().zip(&fifths);
        let own = own
            .filter(|(_, fifth)| **fifth == Some(nth))
            .map(|(own, _)| own);
        rates.push(rates_of(Cut::Burstiness(nth), own));
    }
    rates.retain(|rates| rates.cut == Cut::All || rates.reviews.iter().any(|share| share.n > 0));
    rates
}

fn rates_of<'r>(cut: Cut, own: impl Iterator<Item = &'r Own>) -> Rates {
    let mut rates = Rates {
        cut,
        days: [Share::default(); NOMINAL_RATES.len()],
        reviews: [Share::default(); NOMINAL_RATES.len()],
    };
    for own in own {
        for (share, nominal) in rates.reviews.iter_mut().zip(NOMINAL_RATES) {
            share.add(own.place.p <= nominal);
        }
        for p in &own.days {
            for (share, nominal) in rates.days.iter_mut().zip(NOMINAL_RATES) {
                share.add(*p <= nominal);
            }
        }
    }
    rates
}

/// The fifth of each review by burstiness, 1 the steadiest.
fn fifths(own: &[Own]) -> Vec<Option<u8>> {
    let numbered = own.iter().enumerate();
    let mut order: Vec<(f64, usize)> = numbered
        .filter_map(|(at, own)| Some((own.burstiness?, at)))
        .collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut fifths = vec![None; own.len()];
    let n = order.len().max(1);
    for (place, (_, at)) in order.into_iter().enumerate() {
        let nth = place.saturating_mul(5) / n + 1;
        if let Some(fifth) = fifths.get_mut(at) {
            *fifth = u8::try_from(nth).ok();
        }
    }
    fifths
}

/// Alarms at 1 % among its own periods, per identity.
pub(super) fn alarms(records: &Records) -> BTreeMap<usize, Share> {
    let mut alarms: BTreeMap<usize, Share> = BTreeMap::new();
    for own in &records.own {
        let share = alarms.entry(own.who).or_default();
        for p in &own.days {
            share.add(*p <= ALARM);
        }
    }
    alarms
}

/// The identity with the most alarms, and what the loudest tenth raises.
pub(super) fn loudest(records: &Records) -> Option<Loudest> {
    let mut alarms: Vec<(usize, Share)> = alarms(records).into_iter().collect();
    alarms.sort_by_key(|(who, share)| (std::cmp::Reverse(share.k), share.n, *who));
    let n = alarms.iter().map(|(_, share)| share.k).sum();
    let top = alarms.len().div_ceil(10);
    let k = alarms.iter().take(top).map(|(_, share)| share.k).sum();
    let (who, days) = alarms.first().filter(|(_, share)| share.k > 0)?;
    Some(Loudest {
        name: Untrusted::from(records.who.get(*who)?.name.to_string()),
        days: *days,
        of_top_tenth: Share { k, n },
    })
}

/// Findings within each of the budgets, nothing planted.
pub(super) fn findings(records: &Records) -> [Share; BUDGETS.len()] {
    let mut findings = [Share::default(); BUDGETS.len()];
    for own in &records.own {
        for (share, is_finding) in findings.iter_mut().zip(own.is_finding) {
            share.add(is_finding);
        }
    }
    findings
}

/// What the controls raised.
pub(super) fn controls(records: &Records) -> Vec<Control> {
    let control = |kind: Kind| {
        let mut raised = Share::default();
        for tried in records.tried.iter().filter(|tried| tried.kind == kind) {
            let is_finding = tried.is_finding.first().copied().unwrap_or_default();
            raised.add(is_finding && !tried.was_finding);
        }
        Control { kind, raised }
    };
    Kind::CONTROLS.into_iter().map(control).collect()
}

/// Who cannot be watched, by reason and key.
pub(super) fn unwatched(records: &Records) -> Vec<Unwatched> {
    let mut tried: BTreeMap<usize, (u32, u32)> = BTreeMap::new();
    let is_attack = |tried: &&Tried| Kind::ATTACKS.contains(&tried.kind);
    for plant in records.tried.iter().filter(is_attack) {
        let (n, k) = tried.entry(plant.who).or_default();
        *n += 1;
        *k += u32::from(plant.is_finding.contains(&true));
    }
    let never: BTreeSet<usize> = tried
        .into_iter()
        .filter(|(_, (n, k))| *n >= TRIED_ENOUGH && *k == 0)
        .map(|(who, _)| who)
        .collect();
    let numbered = records.who.iter().enumerate();
    let mut unwatched: Vec<Unwatched> = numbered
        .filter_map(|(at, who)| {
            let one_event = who.has_one_event_days.then_some(Reason::OneEventDays);
            let never = never.contains(&at).then_some(Reason::NeverFound);
            let reason = who.reason.or(one_event).or(never)?;
            Some(Unwatched {
                id: Untrusted::from(who.key.to_string()),
                name: Untrusted::from(who.name.to_string()),
                class: who.class,
                reason,
            })
        })
        .collect();
    unwatched.sort_by(|a, b| {
        let by_reason = a.reason.cmp(&b.reason);
        by_reason.then_with(|| a.id.as_raw().cmp(b.id.as_raw()))
    });
    unwatched
}
