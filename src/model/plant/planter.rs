//! The planter: what each kind of plant makes of an identity's days.

use std::collections::BTreeSet;

use super::draft::{Content, Draft, Value};
use super::kind::{Band, Kind};
use super::lot::Lot;
use crate::event::{Period, Sensitive};
use crate::ledger::{Dimension, Ledger};
use crate::model::first_use::WARM_UP;
use crate::model::peers::similarities;
use crate::model::slate::{Ordinal, Slate};
use crate::model::subject::{Day, Subject};

const DAY_SECONDS: i64 = 86_400;
/// A foreign day is at most this far away.
const NEAR_DAYS: i64 = 30;
/// Where an act comes from.
const ORIGIN: [Dimension; 5] = [
    Dimension::Network,
    Dimension::Client,
    Dimension::Access,
    Dimension::Region,
    Dimension::Place,
];
/// Secrets of a sweep.
const SWEEP: usize = 12;
/// Factor of a burst.
const BURST: u32 = 8;
/// Factor of a day of jobs, and how many days apart these are in the history.
const JOBS: u32 = 100;
const JOBS_EVERY: usize = 7;
/// Hours that a day is shifted by.
const SHIFT: u32 = 9;
/// Active days that a slow plant lasts.
const SLOW_DAYS: usize = 10;
/// A silence before an awakening, if the history is long enough; otherwise half
/// of the history, but not less than a holiday.
const SILENCE_DAYS: i64 = 120;
const HOLIDAY_DAYS: i64 = 14;
/// History days that must remain before a silence.
const LEFT_DAYS: usize = WARM_UP + 8;
/// Identities among which a swap chooses by similarity.
const CANDIDATES: usize = 40;
/// Peers of a rollout, beside the identity itself.
const ROLLOUT: usize = 3;

/// Sensitive actions of the organisation, as values of [`Dimension::Action`].
#[derive(Clone, Debug, Default)]
pub(in crate::model) struct Acts {
    any: Vec<u32>,
    secret_reads: Vec<u32>,
}

impl Acts {
    /// Those that anybody carried out.
    pub(in crate::model) fn of(slate: &Slate, ledgers: [&Ledger; 2]) -> Self {
        let (mut any, mut secret_reads) = (BTreeSet::new(), BTreeSet::new());
        for ledger in ledgers {
            let cells = ledger.accounts().iter().flat_map(|own| own.cells.values());
            for act in cells.flat_map(|cell| &cell.rare().sensitive) {
                let Some(action) = slate.number_of(ledger.strings().text(act.action)) else {
                    continue;
                };
                any.insert(action);
                if act.kind == Sensitive::SecretRead {
                    secret_reads.insert(action);
                }
            }
        }
        Self {
            any: any.into_iter().collect(),
            secret_reads: secret_reads.into_iter().collect(),
        }
    }
}

/// Drafts of one identity's review, and of its companions'.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// Of the identity itself.
    pub(super) draft: Draft,
    /// Of others, by subject.
    pub(super) companions: Vec<(usize, Draft)>,
    /// The periods that something was planted in.
    pub(super) planted: BTreeSet<Ordinal>,
}

/// Writes plants into copies.
pub(in crate::model) struct Planter<'s> {
    pub(in crate::model) slate: &'s Slate,
    pub(in crate::model) peers: &'s [Vec<usize>],
    pub(in crate::model) acts: &'s Acts,
    pub(in crate::model) seed: u64,
}

impl Planter<'_> {
    /// Plants `kind` into the review of `subject`; `None` where it cannot be.
    pub(super) fn plan(&self, subject: usize, kind: Kind) -> Option<Plan> {
        let own = self.slate.subjects.get(subject)?;
        let lot = self.lot(own, kind);
        let n_review = own.review().len();
        let at = own.n_history.saturating_add(lot.below(n_review));
        if n_review == 0 {
            return None;
        }
        match kind {
            Kind::Swap(band) => self.swap(subject, own, band),
            Kind::Slow => self.slow(subject, own),
            Kind::Awakening => self.awakening(own, at),
            Kind::Holiday => self.holiday(own),
            Kind::Jobs => jobs(own, at),
            Kind::Rollout => self.rollout(subject, own, at),
            _ => {
                let mut plan = Plan::default();
                let (content, sensitive) = self.day(subject, at, kind)?;
                plan.put(own, at, content)?;
                plan.draft.sensitive = sensitive;
                Some(plan)
            }
        }
    }

    fn lot(&self, own: &Subject, kind: Kind) -> Lot {
        Lot::new(self.seed, &own.row.key).and(crate::ledger::value_hash(kind.name()))
    }

    /// What one day of `subject` holds with `kind` planted in it, and which of
    /// its actions are sensitive then; `None` for kinds that take several days,
    /// and where it cannot be.
    pub(super) fn day(
        &self,
        subject: usize,
        at: usize,
        kind: Kind,
    ) -> Option<(Content, BTreeSet<u32>)> {
        let own = self.slate.subjects.get(subject)?;
        let day = own.days.get(at)?;
        let ordinal = u64::from(day.ordinal.unsigned_abs());
        let lot = self.lot(own, kind).and(ordinal);
        let mut content = Content::of(own, day);
        let mut sensitive = BTreeSet::new();
        match kind {
            Kind::ForeignDay => content = self.foreign(subject, day, lot)?.2,
            Kind::PeerDay => content = self.peer(subject, day, lot)?,
            Kind::Fragment(n) => self.fragment(subject, day, usize::from(n), lot, &mut content)?,
            Kind::Sensitive => sensitive = self.sensitive(subject, lot, &mut content)?,
            Kind::Sweep => self.sweep(subject, lot, &mut content)?,
            Kind::ForeignOrigin => {
                let has_network = |foreign: &Content| foreign.of_dimension(ORIGIN[0]).count() > 0;
                let (_, _, foreign) = self.foreign(subject, day, lot)?;
                if !has_network(&content) || !has_network(&foreign) {
                    return None;
                }
                content.replace(&ORIGIN, foreign.values);
            }
            Kind::UnseenOrigin => {
                content.of_dimension(Dimension::Network).next()?;
                let unseen = self.slate.unseen(0);
                content.replace(&[Dimension::Network], [(Dimension::Network, unseen)]);
            }
            Kind::Split => {
                let sessions = &mut content.amounts.sessions;
                if sessions.n == 0 || content.amounts.n_direct < 2 {
                    return None;
                }
                sessions.n_split = sessions.n_split.saturating_add(1).min(sessions.n);
                let unseen = (Dimension::Network, self.slate.unseen(0));
                content.values.insert(unseen);
            }
            Kind::Burst => scale(&mut content, BURST)?,
            Kind::Shift => self.shift(&mut content)?,
            _ => return None,
        }
        (content != Content::of(own, day)).then_some((content, sensitive))
    }

    /// A subject with `kind` planted in one of its days, and where its atoms
    /// went.
    pub(in crate::model) fn version(
        &self,
        subject: usize,
        at: usize,
        kind: Kind,
    ) -> Option<(Subject, Vec<usize>)> {
        let (content, sensitive) = self.day(subject, at, kind)?;
        let mut draft = Draft {
            sensitive,
            ..Draft::default()
        };
        draft.changed.insert(at, content);
        let drafted = draft.apply(self.slate, self.slate.subjects.get(subject)?);
        Some((drafted.subject, drafted.moved))
    }

    /// Another identity, one of its days near `day`, and what that holds.
    fn foreign(&self, subject: usize, day: &Day, lot: Lot) -> Option<(usize, usize, Content)> {
        let other = lot.first(self.slate.subjects.len(), |other| {
            other != subject && !self.near(other, day).is_empty()
        })?;
        self.content_of(other, day, lot)
    }

    fn peer(&self, subject: usize, day: &Day, lot: Lot) -> Option<Content> {
        let peers = self.peers.get(subject)?;
        let is_near = |at: usize| {
            let peer = peers.get(at);
            peer.is_some_and(|peer| !self.near(*peer, day).is_empty())
        };
        let at = lot.first(peers.len(), is_near)?;
        let (_, _, content) = self.content_of(*peers.get(at)?, day, lot)?;
        Some(content)
    }

    fn content_of(&self, other: usize, day: &Day, lot: Lot) -> Option<(usize, usize, Content)> {
        let theirs = self.slate.subjects.get(other)?;
        let near = self.near(other, day);
        let at = near.start.saturating_add(lot.and(1).below(near.len()));
        Some((other, at, Content::of(theirs, theirs.days.get(at)?)))
    }

    /// Positions of the days of `other` that lie near `day`.
    fn near(&self, other: usize, day: &Day) -> std::ops::Range<usize> {
        let Some(theirs) = self.slate.subjects.get(other) else {
            return 0..0;
        };
        let time = self.seconds(day.ordinal);
        let reach = NEAR_DAYS * DAY_SECONDS;
        let before = |limit: i64| {
            theirs
                .days
                .partition_point(|own| self.seconds(own.ordinal) < limit)
        };
        before(time.saturating_sub(reach))..before(time.saturating_add(reach + 1))
    }

    fn seconds(&self, ordinal: Ordinal) -> i64 {
        self.slate.start_of(ordinal).seconds()
    }

    /// Acts of one other identity up to `ordinal` that `content` lacks.
    fn acts_of(&self, other: usize, ordinal: Ordinal, content: &Content) -> Vec<Value> {
        let Some(theirs) = self.slate.subjects.get(other) else {
            return Vec::new();
        };
        let acts = theirs.atoms.iter().filter(|mark| is_act(mark.dimension));
        acts.filter(|mark| mark.days.first().is_some_and(|first| first <= ordinal))
            .map(|mark| (mark.dimension, mark.value))
            .filter(|value| !content.values.contains(value))
            .collect()
    }

    fn fragment(
        &self,
        subject: usize,
        day: &Day,
        n: usize,
        lot: Lot,
        content: &mut Content,
    ) -> Option<()> {
        let other = lot.first(self.slate.subjects.len(), |other| {
            other != subject
                && !self.near(other, day).is_empty()
                && self.acts_of(other, day.ordinal, content).len() >= n
        })?;
        let acts = lot
            .and(2)
            .shuffled(self.acts_of(other, day.ordinal, content));
        for act in acts.into_iter().take(n) {
            self.add(subject, other, act, content);
        }
        Some(())
    }

    /// Adds one act of `other` to a day, with the service or area it implies.
    fn add(&self, own: usize, other: usize, act: Value, content: &mut Content) {
        let text = self.slate.value(act.1);
        let wider = match act.0 {
            Dimension::Action => Some(Dimension::Service),
            Dimension::Scope => Some(Dimension::Area),
            _ => None,
        };
        if let (Some(wider), Some(theirs)) = (wider, self.slate.subjects.get(other)) {
            let implied = theirs.atoms_of(wider).map(|mark| mark.value);
            let implied = implied.filter(|value| text.starts_with(self.slate.value(*value)));
            content.values.extend(implied.map(|value| (wider, value)));
        }
        let theirs = self.slate.subjects.get(other);
        let mut sensitive = theirs
            .into_iter()
            .flat_map(|own| own.atoms_of(Dimension::Sensitive));
        if act.0 == Dimension::Action && sensitive.any(|mark| mark.value == act.1) {
            content.values.insert((Dimension::Sensitive, act.1));
        }
        if act.0 == Dimension::Scope {
            // Nobody is his own owner.
            let own = self.slate.subjects.get(own).map(|own| &own.row.key);
            let is_other = |owner: &u32| own.is_none_or(|key| self.slate.value(*owner) != &**key);
            let owner = self.slate.owner_of(act.1).filter(is_other);
            content
                .values
                .extend(owner.map(|owner| (Dimension::Owner, owner)));
        }
        content.values.insert(act);
        count(content, 1, u32::from(act.0 == Dimension::Scope));
    }

    fn sensitive(&self, subject: usize, lot: Lot, content: &mut Content) -> Option<BTreeSet<u32>> {
        let lacks = |action: &u32| !content.values.contains(&(Dimension::Action, *action));
        let others: Vec<u32> = self.acts.any.iter().copied().filter(lacks).collect();
        let drawn: BTreeSet<u32> = lot.shuffled(others).into_iter().take(2).collect();
        for action in &drawn {
            let user = self.a_user_of(*action)?;
            self.add(subject, user, (Dimension::Action, *action), content);
        }
        (drawn.len() == 2).then_some(drawn)
    }

    fn a_user_of(&self, action: u32) -> Option<usize> {
        let uses = |own: &Subject| own.atoms_of(Dimension::Action).any(|m| m.value == action);
        self.slate.subjects.iter().position(uses)
    }

    /// Secrets that others read: the action, and scopes of days on which
    /// secrets were read.
    fn sweep(&self, subject: usize, lot: Lot, content: &mut Content) -> Option<()> {
        let action = *self
            .acts
            .secret_reads
            .get(lot.below(self.acts.secret_reads.len()))?;
        let reader = lot.first(self.slate.subjects.len(), |other| {
            let theirs = self.slate.subjects.get(other);
            theirs.is_some_and(|own| own.atoms_of(Dimension::Action).any(|m| m.value == action))
        })?;
        let theirs = self.slate.subjects.get(reader)?;
        let reading = theirs.days.iter().filter(|day| day.amounts.n_secrets > 0);
        let scopes: BTreeSet<u32> = reading
            .flat_map(|day| {
                Content::of(theirs, day)
                    .of_dimension(Dimension::Scope)
                    .collect::<Vec<_>>()
            })
            .collect();
        self.add(subject, reader, (Dimension::Action, action), content);
        let before = content.amounts;
        let scopes = lot.shuffled(scopes.into_iter().collect());
        for scope in scopes.into_iter().take(SWEEP) {
            self.add(subject, reader, (Dimension::Scope, scope), content);
        }
        content.amounts = before;
        let n = u32::try_from(SWEEP).unwrap_or_default();
        count(content, n, n);
        let secrets = &mut content.amounts.n_secrets;
        *secrets = secrets.saturating_add(n);
        Some(())
    }

    fn shift(&self, content: &mut Content) -> Option<()> {
        let hours = content.amounts.hours;
        if self.slate.period != Period::Day || hours == 0 {
            return None;
        }
        content.amounts.hours = (hours << SHIFT | hours >> (24 - SHIFT)) & 0x00ff_ffff;
        let later: Vec<Value> = content
            .of_dimension(Dimension::Hour)
            .filter_map(|hour| self.slate.value(hour).parse::<u32>().ok())
            .filter_map(|hour| self.slate.number_of(&format!("{:02}", (hour + SHIFT) % 24)))
            .map(|hour| (Dimension::Hour, hour))
            .collect();
        content.replace(&[Dimension::Hour], later);
        Some(())
    }

    /// Every review day is a day of the review of another identity.
    fn swap(&self, subject: usize, own: &Subject, band: Band) -> Option<Plan> {
        let active = |other: usize| {
            let theirs = self.slate.subjects.get(other);
            theirs.is_some_and(|own| !own.review().is_empty() && !own.history().is_empty())
        };
        let all = (0..self.slate.subjects.len()).filter(|other| *other != subject);
        let others: Vec<usize> = all.filter(|other| active(*other)).collect();
        // One lot for all bands, so that they are ends of one list.
        let mut drawn = Lot::new(self.seed, &own.row.key).shuffled(others);
        drawn.truncate(CANDIDATES);
        let near = similarities(self.slate, subject, &drawn);
        let (_, other) = *match band {
            Band::Similar => near.first(),
            Band::Middling => near.get(near.len() / 2),
            Band::Dissimilar => near.last(),
        }?;
        let theirs = self.slate.subjects.get(other)?;
        let mut plan = Plan::default();
        let foreign = theirs.review().iter().cycle();
        for (at, day) in (own.n_history..own.days.len()).zip(foreign) {
            plan.put(own, at, Content::of(theirs, day))?;
        }
        Some(plan)
    }

    /// One act of one other identity on each of the last ten active days.
    fn slow(&self, subject: usize, own: &Subject) -> Option<Plan> {
        let lot = self.lot(own, Kind::Slow);
        let first = own.days.len().checked_sub(SLOW_DAYS)?;
        let today = own.days.last()?.ordinal;
        let known: BTreeSet<Value> = own.atoms.iter().map(|m| (m.dimension, m.value)).collect();
        let known = Content {
            values: known,
            ..Content::default()
        };
        let other = lot.first(self.slate.subjects.len(), |other| {
            other != subject && self.acts_of(other, today, &known).len() >= SLOW_DAYS
        })?;
        let acts = lot.and(2).shuffled(self.acts_of(other, today, &known));
        let mut plan = Plan::default();
        for (at, act) in (first..own.days.len()).zip(acts) {
            let mut content = Content::of(own, own.days.get(at)?);
            self.add(subject, other, act, &mut content);
            plan.put(own, at, content)?;
        }
        Some(plan)
    }

    /// One own day after a silence that reaches back into the history.
    fn awakening(&self, own: &Subject, at: usize) -> Option<Plan> {
        let day = own.days.get(at)?;
        let (now, first) = (
            self.seconds(day.ordinal),
            self.seconds(own.days.first()?.ordinal),
        );
        let silence = (SILENCE_DAYS * DAY_SECONDS).min(now.saturating_sub(first) / 2);
        let mut plan = self.silent(own, now.saturating_sub(silence), silence)?;
        let n_left = own.n_history.saturating_sub(plan.draft.removed.len());
        let days = own.n_history..own.days.len();
        plan.draft.removed.extend(days.filter(|other| *other != at));
        let earlier = self.lot(own, Kind::Awakening).and(1).below(n_left);
        let content = Content::of(own, own.days.get(earlier)?);
        plan.put(own, at, content)?;
        Some(plan)
    }

    fn holiday(&self, own: &Subject) -> Option<Plan> {
        let back = own.review().first()?;
        let length = HOLIDAY_DAYS * DAY_SECONDS;
        let since = self.seconds(back.ordinal).saturating_sub(length);
        let mut plan = self.silent(own, since, length)?;
        plan.planted.insert(back.ordinal);
        (!plan.draft.removed.is_empty()).then_some(plan)
    }

    /// No history days from `since` on.
    fn silent(&self, own: &Subject, since: i64, length: i64) -> Option<Plan> {
        let left = own
            .history()
            .partition_point(|day| self.seconds(day.ordinal) < since);
        if left < LEFT_DAYS || length < HOLIDAY_DAYS * DAY_SECONDS {
            return None;
        }
        let mut plan = Plan::default();
        plan.draft.removed = (left..own.n_history).collect();
        Some(plan)
    }

    /// An action and a scope that nobody used before, taken up by the identity
    /// and three of its peers on one day.
    fn rollout(&self, subject: usize, own: &Subject, at: usize) -> Option<Plan> {
        let new = [Dimension::Action, Dimension::Scope].map(|dimension| {
            let nth = u32::from(dimension == Dimension::Scope);
            (dimension, self.slate.unseen(nth))
        });
        let with = |own: &Subject, at: usize| {
            let mut content = Content::of(own, own.days.get(at)?);
            content.values.extend(new);
            count(&mut content, 2, 1);
            Some(content)
        };
        let mut plan = Plan::default();
        plan.put(own, at, with(own, at)?)?;
        let today = own.days.get(at)?.ordinal;
        for peer in self.peers.get(subject)? {
            let theirs = self.slate.subjects.get(*peer)?;
            let same = theirs.days.binary_search_by_key(&today, |day| day.ordinal);
            if let Some(content) = same.ok().and_then(|at| Some((at, with(theirs, at)?))) {
                let mut draft = Draft::default();
                draft.changed.insert(content.0, content.1);
                plan.companions.push((*peer, draft));
            }
        }
        plan.companions.truncate(ROLLOUT);
        (plan.companions.len() == ROLLOUT).then_some(plan)
    }
}

impl Plan {
    fn put(&mut self, own: &Subject, at: usize, content: Content) -> Option<()> {
        self.planted.insert(own.days.get(at)?.ordinal);
        self.draft.changed.insert(at, content);
        Some(())
    }

    /// Whether anything before the review is different.
    pub(super) fn rewrites_history(&self, n_history: usize) -> bool {
        let mut days = self.draft.changed.keys().chain(&self.draft.removed);
        days.any(|at| *at < n_history)
    }
}

/// Dimensions in which an act differs from another, wherever it comes from.
fn is_act(dimension: Dimension) -> bool {
    matches!(
        dimension,
        Dimension::Action | Dimension::Scope | Dimension::Edge
    )
}

/// Counts `n` more direct events on `n_targets` further resources, in some hour
/// in which the identity was active anyway.
fn count(content: &mut Content, n: u32, n_targets: u32) {
    let amounts = &mut content.amounts;
    amounts.n_events = amounts.n_events.saturating_add(n);
    amounts.n_direct = amounts.n_direct.saturating_add(n);
    amounts.max_hour_events = amounts.max_hour_events.max(n);
    amounts.n_targets = amounts.n_targets.saturating_add(n_targets);
    amounts.max_hour_targets = amounts.max_hour_targets.max(n_targets);
}

/// So many times the events and bytes, on the same resources.
fn scale(content: &mut Content, factor: u32) -> Option<()> {
    let amounts = &mut content.amounts;
    if amounts.n_direct == 0 {
        return None;
    }
    amounts.n_events = amounts.n_events.saturating_mul(factor);
    amounts.n_direct = amounts.n_direct.saturating_mul(factor);
    amounts.max_hour_events = amounts.max_hour_events.saturating_mul(factor);
    amounts.bytes_units = amounts.bytes_units.saturating_mul(u64::from(factor));
    Some(())
}

/// A day of many jobs, as there were some before.
fn jobs(own: &Subject, at: usize) -> Option<Plan> {
    let mut plan = Plan::default();
    let before = (0..own.n_history).rev().step_by(JOBS_EVERY);
    for other in before.chain([at]) {
        let mut content = Content::of(own, own.days.get(other)?);
        if scale(&mut content, JOBS).is_some() {
            plan.draft.changed.insert(other, content);
        }
    }
    plan.planted.insert(own.days.get(at)?.ordinal);
    plan.draft.changed.contains_key(&at).then_some(plan)
}
