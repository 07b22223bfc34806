//! Facts about the life of identities and of their credentials: sign-ins that
//! were pushed through, a missing second factor, a key that came back, use
//! after the end, and what a product itself says.

use std::collections::BTreeSet;

use super::{Detail, Draft, HABIT, Kind, first_event, silence};
use crate::event::{Citation, Period};
use crate::finding::case::Case;
use crate::finding::wording::{self, count, counted, number};
use crate::ledger::{Account, Dimension, Notable, NotableAct, Slot, SlotSet};
use crate::model::slate::Ordinal;

/// So many refused pushes are no slip of a finger.
const PUSHES: u32 = 3;
/// A key that was not used for so many days has been put away.
const PUT_AWAY: i64 = 30;
/// Days of use that make another key its successor.
const SUCCESSION: usize = 3;

/// What ends an identity's life.
const ENDS: [&str; 3] = [
    "user.lifecycle.deactivate",
    "user.lifecycle.suspend",
    "user.lifecycle.delete",
];
/// What begins it again.
const BEGINS_AGAIN: [&str; 3] = [
    "user.lifecycle.reactivate",
    "user.lifecycle.activate",
    "user.lifecycle.unsuspend",
];

/// Every such fact about one identity.
pub(super) fn drafts(case: &Case<'_>) -> Vec<Draft> {
    let found = [
        pushed(case),
        unproven(case),
        old_key(case),
        after_its_end(case),
        begun_again(case),
        marked_by_vendor(case),
        silence::stopped(case),
    ];
    found.into_iter().flatten().collect()
}

pub(super) fn said(kind: Kind, citation: Citation, sentence: String) -> Draft {
    Draft {
        kind,
        citation,
        detail: Detail::Said(sentence),
    }
}

/// Notable records of one kind in a period of the review.
fn notable<'a>(case: &Case<'a>, kind: Notable) -> Vec<(Slot, &'a NotableAct)> {
    let window = case.background.windows.1;
    let cells = case.present.iter().flat_map(|account| account.cells.iter());
    let acts = cells.flat_map(|(slot, cell)| {
        let acts = cell.rare().notable.iter();
        acts.map(move |act| (slot, act))
    });
    acts.filter(|(_, act)| act.kind == kind && window.contains(act.citation.time))
        .collect()
}

fn periods_before(case: &Case<'_>, kind: Notable, least: u32) -> usize {
    let cells = case.past.iter().flat_map(|account| account.cells.values());
    let did = cells.filter(|cell| {
        let acts = cell.rare().notable.iter();
        acts.filter(|act| act.kind == kind)
            .map(|a| a.n_events)
            .sum::<u32>()
            >= least
    });
    did.count()
}

/// Pushes that were refused until one was accepted.
fn pushed(case: &Case<'_>) -> Option<Draft> {
    let present = case.present?;
    let mut runs = notable(case, Notable::PushDenied)
        .into_iter()
        .filter(|(slot, act)| {
            let streams = present.cells.get(*slot).and_then(|cell| cell.streams());
            let last = streams.map_or(0, |streams| i64::from(streams.last_sign_in()));
            act.n_events >= PUSHES && last >= act.citation.time.seconds()
        });
    let (_, act) = runs.next()?;
    let n_before = number(periods_before(case, Notable::PushDenied, PUSHES));
    (n_before < HABIT).then(|| {
        let before = match n_before {
            0 => format!("no such run on {} before", case.active()),
            n => format!("such a run on {} of {} before", count(n), case.active()),
        };
        said(
            Kind::PushedThrough,
            act.citation.clone(),
            format!(
                "refused {} and then signed in all the same; {before}",
                counted(act.n_events, "pushed sign-in", "pushed sign-ins")
            ),
        )
    })
}

/// A sign-in without a second factor where there used to be one.
fn unproven(case: &Case<'_>) -> Option<Draft> {
    let window = case.background.windows.1;
    let strings = case.background.review.strings();
    let atoms = case.present?.atoms.iter();
    let bare = atoms.filter(|atom| atom.dimension == Dimension::Access);
    let mut found: Vec<(Citation, String)> = Vec::new();
    for atom in bare {
        let text = strings.text(atom.value);
        let Some(way) = text.strip_suffix("/nomfa") else {
            continue;
        };
        let with = days_with(case, &format!("{way}/mfa"));
        let without = days_with(case, text);
        let first = case.cited(&atom.first).find(|c| window.contains(c.time));
        if let Some(first) = first.filter(|_| with >= HABIT && without < HABIT) {
            let sentence = format!(
                "came in without a second factor; before, it proved one on {} of {} and had \
                 none on {}",
                count(with),
                case.active(),
                count(without)
            );
            found.push((first.clone(), sentence));
        }
    }
    found.sort();
    let (citation, sentence) = found.into_iter().next()?;
    Some(said(Kind::NoSecondFactor, citation, sentence))
}

/// History periods in which a way in was used.
fn days_with(case: &Case<'_>, access: &str) -> u32 {
    let id = case.background.history.strings().get(access);
    let atom = case.past.zip(id);
    let atom = atom.and_then(|(past, id)| past.atoms.get((Dimension::Access, id)));
    atom.map_or(0, |atom| atom.slots.len())
}

/// A lasting credential that comes back after another one took over.
fn old_key(case: &Case<'_>) -> Option<Draft> {
    let period = case.slate().period;
    let keys = all_keys(case);
    let review = period.slot_of(case.background.windows.1.start);
    let mut returns: Vec<(Slot, String)> = Vec::new();
    for (own, used) in &keys {
        let slots: Vec<Slot> = used.iter().collect();
        for pair in slots.windows(2) {
            let [last, again] = *pair else { continue };
            let n_days = days_between(period, last, again);
            let successor = keys.iter().filter(|(other, _)| other != own);
            let between = successor.map(|(_, slots)| {
                let inside = slots.between(last.saturating_add(1), again);
                usize::try_from(inside.len()).unwrap_or_default()
            });
            let n_between = between.max().unwrap_or_default();
            if again >= review && n_days >= PUT_AWAY && n_between >= SUCCESSION {
                let sentence = format!(
                    "used a long-lived credential again that it had put away for {}, while \
                     another one was in use on {}",
                    counted(u64::try_from(n_days).unwrap_or_default(), "day", "days"),
                    wording::active(number(n_between), period)
                );
                returns.push((again, sentence));
            }
        }
    }
    returns.sort();
    let (slot, sentence) = returns.into_iter().next()?;
    let ordinal = case.slate().slots.iter().rposition(|own| *own == slot)?;
    let citation = first_event(case, Ordinal::try_from(ordinal).ok()?)?;
    Some(said(Kind::OldKey, citation, sentence))
}

/// Every lasting credential with its use in history and review.
fn all_keys(case: &Case<'_>) -> Vec<(u32, SlotSet)> {
    let mut keys: Vec<(u32, SlotSet)> = Vec::new();
    let accounts = [case.past, case.present].into_iter().flatten();
    for (hash, slots) in accounts.flat_map(|account: &Account| account.keys.iter()) {
        match keys.iter_mut().find(|(own, _)| *own == hash) {
            Some((_, own)) => own.union(slots),
            None => keys.push((hash, slots.clone())),
        }
    }
    keys
}

fn days_between(period: Period, from: Slot, to: Slot) -> i64 {
    let day = |slot| period.start_of(slot).seconds().div_euclid(86_400);
    day(to).saturating_sub(day(from))
}

/// The latest of some acts on the identity, by time, and who did it.
struct Undergone {
    slot: Slot,
    what: String,
    citation: Option<Citation>,
}

fn undergone(case: &Case<'_>, names: &[&str]) -> Option<Undergone> {
    let sides = [
        (case.background.history, case.past),
        (case.background.review, case.present),
    ];
    let mut latest: Option<Undergone> = None;
    for (ledger, account) in sides {
        for atom in account.iter().flat_map(|account| account.atoms.iter()) {
            let text = ledger.strings().text(atom.value);
            let act = text.strip_prefix("undergo:");
            let act = act.filter(|act| {
                atom.dimension == Dimension::Edge && names.iter().any(|name| act.starts_with(name))
            });
            let (Some(act), Some(slot)) = (act, atom.slots.iter().last()) else {
                continue;
            };
            if latest.as_ref().is_none_or(|own| own.slot < slot) {
                let what = act.split(" by ").next().unwrap_or(act);
                latest = Some(Undergone {
                    slot,
                    what: wording::value(what),
                    citation: ledger.cited(&atom.first).next().cloned(),
                });
            }
        }
    }
    latest
}

/// Use of an identity that somebody had put an end to.
fn after_its_end(case: &Case<'_>) -> Option<Draft> {
    let end = undergone(case, &ENDS)?;
    if undergone(case, &BEGINS_AGAIN).is_some_and(|again| again.slot >= end.slot) {
        return None;
    }
    let slot_of = |at: Ordinal| {
        let at = usize::try_from(at).ok()?;
        case.slate().slots.get(at).copied()
    };
    let mut days = case.subject.review().iter();
    let after = days.find(|day| {
        day.amounts.n_direct > 0 && slot_of(day.ordinal).is_some_and(|slot| slot > end.slot)
    })?;
    let sentence = format!(
        "was used {} after {} had put an end to it",
        counted(
            u64::try_from(days_between(
                case.slate().period,
                end.slot,
                slot_of(after.ordinal)?
            ))
            .unwrap_or_default(),
            "day",
            "days"
        ),
        end.what
    );
    Some(said(
        Kind::UsedAfterEnd,
        first_event(case, after.ordinal)?,
        sentence,
    ))
}

/// An identity that was brought back and is used.
fn begun_again(case: &Case<'_>) -> Option<Draft> {
    let again = undergone(case, &BEGINS_AGAIN)?;
    let end = undergone(case, &ENDS).filter(|end| end.slot <= again.slot)?;
    let citation = again.citation?;
    let is_here = case.background.windows.1.contains(citation.time);
    is_here.then(|| {
        let sentence = format!(
            "was brought back by {} after {} had put an end to it",
            again.what, end.what
        );
        said(Kind::BroughtBack, citation, sentence)
    })
}

/// What the product's own risk engine says.
fn marked_by_vendor(case: &Case<'_>) -> Option<Draft> {
    let marks = notable(case, Notable::VendorVerdict);
    let first = marks.iter().map(|(_, act)| &act.citation).min()?.clone();
    let n_before = number(periods_before(case, Notable::VendorVerdict, 1));
    let strings = case.background.review.strings();
    let names: BTreeSet<String> = marks
        .iter()
        .map(|(_, act)| wording::value(strings.text(act.action)))
        .collect();
    let names: Vec<String> = names.into_iter().take(super::ACTIONS_SHOWN).collect();
    let n = marks
        .iter()
        .fold(0_u32, |n, (_, act)| n.saturating_add(act.n_events));
    (n_before < HABIT).then(|| {
        let sentence = format!(
            "was marked by the product itself {} ({}); before on {} of {}",
            counted(n, "time", "times"),
            names.join(", "),
            count(n_before),
            case.active()
        );
        said(Kind::VendorVerdict, first, sentence)
    })
}
