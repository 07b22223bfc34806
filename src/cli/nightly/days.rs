//! Day by day: each is scored against everything before it, and learned
//! unless it was flagged.
//!
//! The result is a function of the events alone. When events of a day arrive
//! after that day was judged, the days from then on are judged again, as if
//! the events had been there in time.

use std::collections::{BTreeMap, BTreeSet};

use crate::cli::linkage::Linkage;
use crate::event::{Period, Timestamp, Window};
use crate::finding::{Assessment, Finding, LinkKind, Severity};
use crate::ledger::{Decisions, IdentityRow, Ledger, Slot};
use crate::state::{Acknowledgement, Alert};

/// Flagged days of at least this severity are not learned before somebody has
/// looked at them.
const HELD_FROM: Severity = Severity::Medium;

/// What is known, and what is to be judged.
pub(super) struct Days<'d> {
    /// Days that were learned.
    pub(super) learned: Ledger,
    /// Flagged identities of days that were not.
    pub(super) held: Ledger,
    /// Events that are to be judged.
    pub(super) events: Ledger,
    /// Days of which somebody said that they are all right.
    pub(super) acknowledged: &'d [Acknowledgement],
    /// Whether flagged days are held back at all.
    pub(super) holds_back: bool,
    /// Who is one with whom, which every day decides on the days before it.
    pub(super) linkage: &'d Linkage,
}

/// A day that was judged.
pub(super) struct Judged {
    pub(super) slot: Slot,
    pub(super) assessment: Assessment,
    /// By key of the identity whose day is held back, the keys of its accounts
    /// on that day: whoever drives one of them may well drive all.
    pub(super) held: BTreeMap<String, BTreeSet<String>>,
}

/// The time of the days from `start` to before `end`.
pub(super) fn window(start: Slot, end: Slot) -> Window {
    Window {
        start: Period::Day.start_of(start),
        end: Period::Day.start_of(end),
    }
}

impl Days<'_> {
    /// Takes back what was learned and held of the days from `start` on, to
    /// be judged again.
    pub(super) fn rewind(&mut self, start: Slot) {
        let before = Window {
            start: Timestamp::MIN,
            end: Period::Day.start_of(start),
        };
        let after = Window {
            start: before.end,
            end: Timestamp::MAX,
        };
        for own in [&mut self.learned, &mut self.held] {
            self.events.merge(own.slice(after));
            *own = own.clone().into_uncited_slice(before);
        }
        self.events.settle();
    }

    /// Learns the days before `end` without judging them.
    pub(super) fn learn_until(&mut self, end: Slot) {
        let before = Window {
            start: Timestamp::MIN,
            end: Period::Day.start_of(end),
        };
        self.learned.merge(self.events.slice(before));
        self.learned.settle();
        self.events = self.events.slice(Window {
            start: before.end,
            end: Timestamp::MAX,
        });
    }

    /// Judges the days from `start` to before `end`, one after the other, with
    /// what `assess` says about a review against a history.
    pub(super) fn judge(
        &mut self,
        start: Slot,
        end: Slot,
        assess: impl Fn(Ledger, Ledger, (Window, Window)) -> Assessment,
    ) -> Vec<Judged> {
        let mut judged = Vec::new();
        for slot in start..end {
            let day = self.events.slice(window(slot, slot.saturating_add(1)));
            if day.n_records() > 0 {
                judged.extend(self.judge_day(slot, day, &assess));
            }
        }
        let rest = Window {
            start: Period::Day.start_of(end),
            end: Timestamp::MAX,
        };
        self.events = self.events.slice(rest);
        judged
    }

    fn judge_day(
        &mut self,
        slot: Slot,
        day: Ledger,
        assess: &impl Fn(Ledger, Ledger, (Window, Window)) -> Assessment,
    ) -> Option<Judged> {
        let Some((first, _)) = self.learned.span() else {
            // The first day of all has nothing to be compared with.
            self.learned.merge(day);
            return None;
        };
        let (mut history, mut review) = (self.learned.clone(), day.clone());
        history.align_samples(&mut review);
        let decisions = Decisions::from_history(&history);
        decisions.apply_to_history(&mut history);
        decisions.apply_to_review(&mut review);
        let links = self.linkage.among_known(&history, &review);
        links.attach(&mut history);
        links.attach(&mut review);
        let windows = (
            window(Period::Day.slot_of(first), slot),
            window(slot, slot.saturating_add(1)),
        );
        let assessment = assess(history, review, windows);
        let held = assessment.findings.iter();
        let held = held.filter(|finding| self.is_held(finding, slot));
        let mut held: BTreeMap<String, BTreeSet<String>> = held
            .map(|finding| (finding.identity.id.as_raw().to_owned(), BTreeSet::new()))
            .collect();
        let identity_of = decisions.identity_of(&day);
        let is_held = |row: &IdentityRow| held.contains_key(links.account_of(&identity_of(row)));
        let (rest, taken) = day.divide(is_held);
        for account in taken.accounts() {
            let key = identity_of(&account.row);
            if let Some(accounts) = held.get_mut(links.account_of(&key)) {
                accounts.insert(key);
            }
        }
        self.learned.merge(rest);
        self.learned.settle();
        self.held.merge(taken);
        Some(Judged {
            slot,
            assessment,
            held,
        })
    }

    fn is_held(&self, finding: &Finding, slot: Slot) -> bool {
        let id = finding.identity.id.as_raw();
        let is_known = |own: &Acknowledgement| own.identity == id && own.slot == slot;
        self.holds_back
            && finding.is_selected
            && finding.severity >= HELD_FROM
            && !self.acknowledged.iter().any(is_known)
    }
}

/// Moves the held day of the `accounts` of one identity to what is learned;
/// whether there was any.
pub(in crate::cli) fn release(
    learned: &mut Ledger,
    held: &mut Ledger,
    accounts: &BTreeSet<String>,
    slot: Slot,
) -> bool {
    let day = held.slice(window(slot, slot.saturating_add(1)));
    let decisions = Decisions::from_history(learned);
    let identity_of = decisions.identity_of(&day);
    let is_it = |row: &IdentityRow| accounts.contains(&identity_of(row));
    let (_, released) = day.divide(is_it);
    if released.accounts().is_empty() {
        return false;
    }
    let others = held.clone();
    let (mut rest, theirs) = others.divide(is_it);
    let before = window(Slot::MIN, slot);
    let after = window(slot.saturating_add(1), Slot::MAX);
    rest.merge(theirs.slice(before));
    rest.merge(theirs.slice(after));
    *held = rest;
    learned.merge(released);
    learned.settle();
    true
}

/// The alerts of a day that was judged.
pub(super) fn alerts(judged: &Judged, is_suppressed: impl Fn(&Finding) -> bool) -> Vec<Alert> {
    let listed = judged.assessment.findings.iter();
    let listed = listed.filter(|f| f.is_selected && f.severity > Severity::None);
    listed
        .map(|finding| {
            let mut families: Vec<&str> = finding.evidence.iter().map(|e| e.family).collect();
            families.sort_unstable();
            families.dedup();
            let id = finding.identity.id.as_raw();
            let held = judged.held.get(id);
            let linked = finding.identity.linked.iter();
            let linked = linked.filter(|it| it.kind == LinkKind::Merged);
            let linked = || linked.map(|it| it.id.as_raw().to_owned()).collect();
            let reason = finding.evidence.first().map(|e| e.sentence.as_raw());
            Alert {
                identity: id.to_owned(),
                name: finding.identity.name.as_raw().to_owned(),
                slot: judged.slot,
                finding_id: finding.finding_id.clone(),
                severity: finding.severity.name().to_owned(),
                families: families.join(","),
                status: String::new(),
                reason: reason.unwrap_or_default().to_owned(),
                is_held: held.is_some(),
                is_suppressed: is_suppressed(finding),
                accounts: held.cloned().unwrap_or_else(linked),
            }
        })
        .collect()
}
