//! A case: one scored identity with everything that is said about it.

use std::collections::BTreeSet;

use super::fact::silence::Presence;
use super::wording::{self, count, counted, number};
use super::{BuildInput, FindingDay, FindingIdentity, PeerGroup, Support, Verdict};
use crate::event::{Citation, Provenance, Source, Untrusted, Window};
use crate::ingest::coverage::{FileCoverage, Insight};
use crate::ledger::{Account, Atom, Cell, Dimension, First, IdentityRow, Ledger};
use crate::model::slate::{Ordinal, Slate};
use crate::model::subject::{Mark, Subject};
use crate::model::{IdentityScore, Scores};

/// Peers named in a finding.
const NEAREST: usize = 5;

/// What is the same for every identity of a run.
pub(super) struct Background<'a> {
    pub(super) scores: &'a Scores,
    pub(super) history: &'a Ledger,
    pub(super) review: &'a Ledger,
    pub(super) windows: (Window, Window),
    pub(super) are_windows_default: bool,
    pub(super) files: &'a [FileCoverage],
    pub(super) inputs: &'a [String],
    /// What CloudTrail itself found unusual in the review, and where it says so.
    pub(super) insights: Vec<(&'a Insight, Provenance)>,
    /// Time from the first to the last period of the history, in seconds.
    pub(super) covered_seconds: i64,
    /// Identities with any history.
    pub(super) n_known: u32,
    /// Who was active when.
    pub(super) presence: Presence<'a>,
    /// Keys of everybody who has a finding.
    pub(super) reviewed: BTreeSet<&'a str>,
}

impl<'a> Background<'a> {
    pub(super) fn new(input: BuildInput<'a>) -> Self {
        let slate = &input.scores.slate;
        let known = slate.subjects.iter().filter(|s| !s.history().is_empty());
        let links = input.review.links();
        let accounts = input.review.accounts().iter();
        let insights = input.insights.kept.iter();
        let insights = insights
            .filter(|(insight, _)| input.windows.1.contains(insight.time))
            .map(|(insight, record)| (insight, *record));
        Self {
            scores: input.scores,
            history: input.history,
            review: input.review,
            windows: input.windows,
            are_windows_default: input.are_windows_default,
            files: input.files,
            inputs: input.inputs,
            insights: insights.collect(),
            covered_seconds: covered_seconds(slate),
            n_known: number(known.count()),
            presence: Presence::of(slate),
            reviewed: accounts.map(|it| links.account_of(&it.row.key)).collect(),
        }
    }

    pub(super) fn slate(&self) -> &'a Slate {
        &self.scores.slate
    }

    /// One case per scored account, in the order of the scores; those of one
    /// person one after the other.
    pub(super) fn cases(&self) -> Vec<Case<'_>> {
        let subjects = &self.slate().subjects;
        let identities = self.scores.identities.iter();
        let accounts = identities.flat_map(|lead| {
            let others = lead.together.iter().flat_map(|it| &it.others);
            std::iter::once((false, lead)).chain(others.map(|other| (true, other)))
        });
        accounts
            .filter_map(|(follows, score)| {
                let subject = subjects.get(score.subject)?;
                Some(Case {
                    background: self,
                    score,
                    subject,
                    past: self.history.account(&subject.row.key),
                    present: self.review.account(&subject.row.key),
                    follows,
                })
            })
            .collect()
    }

    /// How far back the history reaches: `92 days`.
    pub(super) fn covered(&self) -> String {
        wording::length(self.covered_seconds)
    }

    /// `path:record` of a citation.
    pub(super) fn record(&self, citation: &Citation) -> Untrusted {
        let number = citation.provenance.record;
        let record = self.file(citation).map(|file| file.cite(number));
        record.unwrap_or_else(|| format!("?:{number}")).into()
    }

    pub(super) fn file(&self, citation: &Citation) -> Option<&'a FileCoverage> {
        let at = usize::try_from(citation.provenance.file).ok()?;
        self.files.get(at)
    }

    /// Start of a period as days are labelled.
    pub(super) fn label(&self, ordinal: Ordinal) -> String {
        let slate = self.slate();
        wording::label(slate.start_of(ordinal), slate.period)
    }
}

fn covered_seconds(slate: &Slate) -> i64 {
    let n = usize::try_from(slate.n_history).unwrap_or_default();
    let slots = slate.slots.get(..n).unwrap_or_default();
    let (Some(first), Some(last)) = (slots.first(), slots.last()) else {
        return 0;
    };
    let start = |slot: i32| slate.period.start_of(slot).seconds();
    start(*last)
        .saturating_sub(start(*first))
        .saturating_add(slate.period.seconds())
}

/// One scored identity.
#[derive(Clone, Copy)]
pub(super) struct Case<'a> {
    pub(super) background: &'a Background<'a>,
    pub(super) score: &'a IdentityScore,
    pub(super) subject: &'a Subject,
    /// Its account in the history.
    pub(super) past: Option<&'a Account>,
    /// Its account in the review.
    pub(super) present: Option<&'a Account>,
    /// Whether it is another account of the person of the case before.
    pub(super) follows: bool,
}

impl<'a> Case<'a> {
    pub(super) fn slate(&self) -> &'a Slate {
        self.background.slate()
    }

    /// Active periods in the history.
    pub(super) fn n_active(&self) -> u32 {
        number(self.subject.history().len())
    }

    /// `44 active days`, of the history.
    pub(super) fn active(&self) -> String {
        wording::active(self.n_active(), self.slate().period)
    }

    pub(super) fn n_peers(&self) -> u32 {
        number(self.score.peers.len())
    }

    /// Other identities with any history.
    pub(super) fn n_others(&self) -> u32 {
        let is_known = u32::from(!self.subject.history().is_empty());
        self.background.n_known.saturating_sub(is_known)
    }

    /// `0 of 9 peers`; `None` where there is no peer.
    pub(super) fn of_peers(&self, n: u32) -> Option<String> {
        let all = self.n_peers();
        (all > 0).then(|| format!("{} of {}", count(n), counted(all, "peer", "peers")))
    }

    /// `3 of 40 other identities`; `None` where there is no other.
    pub(super) fn of_others(&self, n: u32) -> Option<String> {
        let all = self.n_others();
        let others = counted(all, "other identity", "other identities");
        (all > 0).then(|| format!("{} of {others}", count(n)))
    }

    /// `0 of 9 peers and 3 of 40 other identities have used it`, for `have used
    /// it`.
    pub(super) fn who_else(&self, n_peers: u32, n_others: u32, have: &str) -> String {
        match (self.of_peers(n_peers), self.of_others(n_others)) {
            (Some(peers), Some(others)) => format!("{peers} and {others} {have}"),
            (Some(peers), None) => format!("{peers} {have}"),
            (None, Some(others)) => format!("it has no peers; {others} {have}"),
            (None, None) => "nobody to compare it with".to_owned(),
        }
    }

    /// Who it is: itself, or the identity that it is an account of.
    pub(super) fn person(&self) -> &'a IdentityRow {
        let own = &self.subject.row;
        let links = self.background.review.links();
        links.row(links.account_of(&own.key)).unwrap_or(own)
    }

    /// The periods in which the identity used a value.
    pub(super) fn mark(&self, dimension: Dimension, value: u32) -> Option<&'a Mark> {
        let marks = &self.subject.atoms;
        let at = marks.binary_search_by_key(&(dimension, value), |m| (m.dimension, m.value));
        marks.get(at.ok()?)
    }

    /// What the review's ledger holds about a value.
    pub(super) fn atom(&self, dimension: Dimension, text: &str) -> Option<&'a Atom> {
        let id = self.background.review.strings().get(text)?;
        self.present?.atoms.get((dimension, id))
    }

    /// Events of the review that are cited, earliest first.
    pub(super) fn cited<'f>(&'f self, first: &'f First) -> impl Iterator<Item = &'f Citation> {
        self.background.review.cited(first)
    }

    /// Amounts of one period of the review.
    pub(super) fn cell(&self, ordinal: Ordinal) -> Option<&'a Cell> {
        let slot = self.slate().slots.get(usize::try_from(ordinal).ok()?)?;
        self.present?.cells.get(*slot).map(AsRef::as_ref)
    }

    /// Products that recorded it, in the history or in the review.
    pub(super) fn sources(&self) -> Vec<Source> {
        let accounts = [self.past, self.present];
        let is_of = |source: &Source| {
            let mut accounts = accounts.iter().flatten();
            accounts.any(|account| account.row.sources().any(|own| own == *source))
        };
        Source::ALL.into_iter().filter(is_of).collect()
    }

    pub(super) fn identity(&self) -> FindingIdentity {
        let row = self.person();
        let native = row.native.as_deref();
        FindingIdentity {
            id: Untrusted::new(row.key.clone()),
            name: readable_name(row).into(),
            class: self.subject.class,
            tenant: Untrusted::new(row.tenant.clone()),
            sources: self.sources(),
            native: native.map(|native| (native_kind(&row.key, native), native.into())),
            basis: row.basis.name(),
            linked: super::linked::of(self),
        }
    }

    pub(super) fn support(&self) -> Support {
        let history = self.subject.history();
        let n_events = history.iter().map(|day| u64::from(day.amounts.n_events));
        let verdicts = self.score.verdicts.clone();
        Support {
            active_days: self.n_active(),
            usable_days: self.score.n_usable,
            n_events: n_events.sum(),
            verdict: verdicts.first().copied().unwrap_or(Verdict::Stable),
            verdicts,
        }
    }

    pub(super) fn days(&self) -> Vec<FindingDay> {
        let is_judged = self.score.judgement.review().is_some();
        self.score
            .days
            .iter()
            .map(|day| FindingDay {
                start: self.slate().start_of(day.ordinal),
                label: self.background.label(day.ordinal),
                p_value: is_judged.then_some(day.p),
                n_events: day.n_events.into(),
            })
            .collect()
    }

    pub(super) fn peer_group(&self) -> PeerGroup {
        let subjects = &self.slate().subjects;
        let nearest = self.score.peers.iter().take(NEAREST);
        let group = match &self.score.peer_key {
            Some(key) => key.to_string(),
            None if self.score.peers.is_empty() => "no similar identity".to_owned(),
            None => {
                let class = self.subject.class.name();
                format!("{class} identities with similar actions and resources")
            }
        };
        PeerGroup {
            group,
            size: self.n_peers(),
            nearest: nearest
                .filter_map(|peer| subjects.get(*peer))
                .map(|peer| readable_name(&peer.row).into())
                .collect(),
        }
    }
}

/// A role by its name with what it is in front of it; a role session as
/// `role/session`; anybody else by name, else by key.
#[must_use]
pub fn readable_name(row: &IdentityRow) -> String {
    if row.name.is_empty() {
        row.key.to_string()
    } else if row.is_role() {
        format!("role/{}", row.name)
    } else {
        row.name.to_string()
    }
}

/// What kind of name a product's own name of an identity is.
fn native_kind(key: &str, native: &str) -> &'static str {
    match key.split(':').next() {
        _ if native.starts_with("arn:") => "arn",
        Some("okta") => "okta_id",
        Some("vault") => "entity_id",
        _ => "principal_id",
    }
}
