//! Why: the departures behind a score, in numbers (MODEL §10).
//!
//! The reading that set the p-value (a channel of the most unusual day, or the
//! review as a whole) gives each family its share; each family is then shown
//! by its strongest statistic on its strongest day.

use std::collections::BTreeMap;

use super::first_use::{marks_of, typed};
use super::level::{
    AMOUNTS, batch_window, decayed_share, denied_share, hours_in, list_share, others_of,
};
use super::novelty::{GroupRates, Habit};
use super::reading::Reading;
use super::review::{Term, new_marks};
use super::sequence::{ClassSteps, strangest};
use super::slate::Slate;
use super::subject::{Day, Subject};
use super::{Channel, Detail, Deviation, Family, NewSet, NewValue, Parameters, Statistic};
use crate::event::Class;
use crate::ledger::Dimension;
use crate::stats::combine::bits;
use crate::stats::novelty::{NoveltyType, share_rate};
use crate::stats::{CAP_FAMILY, CAP_REVIEW};

/// Families that say less than this are not worth a sentence: 1 in 16.
const MIN_BITS: f64 = 4.0;
/// Families that contribute less than this are not worth a sentence.
const MIN_SHARE: f64 = 0.03;
/// A deviation of 1 in 1,000 needs no other to be believed.
const PLAIN_BITS: f64 = 10.0;
/// At most so many deviations per identity.
const MAX_DEVIATIONS: usize = 10;

/// One scored day of the review with its reading.
pub(super) struct ReadDay<'s> {
    pub(super) day: &'s Day,
    pub(super) reading: &'s Reading,
}

/// What is needed to explain one subject.
pub(super) struct Explainer<'s> {
    pub(super) slate: &'s Slate,
    pub(super) parameters: &'s Parameters,
    pub(super) peers: &'s [usize],
    pub(super) subject: usize,
    /// What the identity knew when the review began.
    pub(super) habit: &'s Habit,
    pub(super) rates: &'s GroupRates,
    pub(super) class_steps: &'s ClassSteps,
}

impl Explainer<'_> {
    /// The departures of a review: those beyond doubt first, the most telling
    /// ones leading; then by contribution.
    pub(super) fn deviations(
        &self,
        days: &[ReadDay<'_>],
        terms: &[Term],
        channel: Channel,
    ) -> Vec<Deviation> {
        let shares = self.shares(days, terms, channel);
        let mut deviations: Vec<Deviation> = Family::ALL
            .into_iter()
            .filter(|family| *family != Family::Fraction)
            .flat_map(|family| {
                self.of_family(
                    family,
                    days,
                    shares.get(&family).copied().unwrap_or_default(),
                )
            })
            .filter(|d| d.share >= MIN_SHARE || d.bits >= MIN_BITS)
            .collect();
        deviations.sort_by(|a, b| {
            (is_plain(b).cmp(&is_plain(a)))
                .then(telling(b.family, is_plain(b)).cmp(&telling(a.family, is_plain(a))))
                .then(b.share.total_cmp(&a.share))
                .then(b.bits.total_cmp(&a.bits))
                .then(a.family.cmp(&b.family))
                .then(a.statistic.cmp(&b.statistic))
        });
        // "Many things are new" says nothing beside the things themselves.
        if deviations
            .iter()
            .any(|d| matches!(d.detail, Detail::NewValues { .. }))
        {
            deviations.retain(|d| !matches!(d.detail, Detail::NewOverall { .. }));
        }
        deviations.truncate(MAX_DEVIATIONS);
        deviations
    }

    /// Share of each family in the reading that set the p-value.
    pub(super) fn shares(
        &self,
        days: &[ReadDay<'_>],
        terms: &[Term],
        channel: Channel,
    ) -> BTreeMap<Family, f64> {
        let mut parts: BTreeMap<Family, f64> = BTreeMap::new();
        let own = self.slate.subjects.get(self.subject);
        let class = own.map_or(Class::Anonymous, |own| own.class);
        if channel == Channel::Review {
            for term in terms {
                *parts.entry(term.family).or_default() += term.weight * term.bits.min(CAP_REVIEW);
            }
        } else {
            let strongest = strongest_day(days);
            for (family, bits) in strongest.iter().flat_map(|day| &day.reading.families) {
                let part = match (channel, family) {
                    (Channel::Takeover, _) => {
                        self.parameters.weight(*family, class) * bits.min(CAP_FAMILY)
                    }
                    (Channel::Fragment, Family::Fraction) => 0.0,
                    (Channel::Burst, family) if self.parameters.lone.contains(family) => *bits,
                    (Channel::Burst, _) => 0.0,
                    _ => *bits,
                };
                parts.insert(*family, part);
            }
            if channel == Channel::Burst {
                let most = parts.values().copied().fold(0.0, f64::max);
                parts.retain(|_, part| *part >= most);
            }
        }
        let total: f64 = parts.values().sum();
        parts
            .into_iter()
            .map(|(family, part)| (family, if total > 0.0 { part / total } else { 0.0 }))
            .collect()
    }

    /// The deviations of one family: its strongest statistic, and for new
    /// values each dimension that is as telling.
    fn of_family(&self, family: Family, days: &[ReadDay<'_>], share: f64) -> Vec<Deviation> {
        let mut best: BTreeMap<&'static str, (f64, Statistic, usize)> = BTreeMap::new();
        for (at, day) in days.iter().enumerate() {
            let statistics = self.parameters.statistics.iter().zip(&day.reading.p);
            for ((statistic, _), p) in statistics.filter(|((_, own), _)| *own == family) {
                let entry = best
                    .entry(statistic.name())
                    .or_insert((0.0, *statistic, at));
                if bits(*p) > entry.0 {
                    *entry = (bits(*p), *statistic, at);
                }
            }
        }
        let mut ranked: Vec<(f64, Statistic, usize)> = best
            .into_values()
            .filter(|(bits, _, _)| *bits > 0.0)
            .collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let lead = ranked.first().map_or(0.0, |(bits, _, _)| *bits);
        // A second dimension that says as much deserves its own sentence; it
        // explains the same bits, so it carries no share of its own.
        ranked.retain(|(bits, statistic, _)| {
            *bits >= lead || *bits >= MIN_BITS && is_own_story(*statistic)
        });
        ranked
            .into_iter()
            .enumerate()
            .filter_map(|(rank, (bits, statistic, at))| {
                let day = days.get(at)?.day;
                Some(Deviation {
                    statistic,
                    family,
                    ordinal: day.ordinal,
                    bits,
                    share: if rank == 0 { share } else { 0.0 },
                    detail: self.detail(statistic, day, days)?,
                })
            })
            .collect()
    }

    pub(super) fn detail(
        &self,
        statistic: Statistic,
        day: &Day,
        days: &[ReadDay<'_>],
    ) -> Option<Detail> {
        let subject = self.slate.subjects.get(self.subject)?;
        if matches!(statistic, Statistic::SequenceMean | Statistic::SequenceTop3) {
            return self.steps(subject, day);
        }
        if let Some((_, amount)) = AMOUNTS.iter().find(|(own, _)| *own == statistic) {
            return Some(self.amount(subject, day, *amount));
        }
        match statistic {
            Statistic::New(dimension, set) => self.new_values(dimension, set, days),
            Statistic::Novelty | Statistic::Fraction => self.overall(days),
            Statistic::Hour | Statistic::HourWindow => self.hours(subject, day),
            Statistic::ListShare => Some(self.share(subject, day, |_, d| list_share(&d.amounts))),
            Statistic::DeniedShare => Some(self.share(subject, day, denied_share)),
            Statistic::SessionSplit => Some(self.share(subject, day, Subject::strayed)),
            _ => None,
        }
    }

    /// The steps of a day that surprise most, if any does by itself.
    fn steps(&self, subject: &Subject, day: &Day) -> Option<Detail> {
        let marks = marks_of(subject, day);
        let typed = typed(self.slate, self.peers, self.subject, marks, day.ordinal);
        let excused = self.parameters.excused(&typed);
        let bits = self
            .habit
            .step_bits(subject, day, self.class_steps, excused);
        let steps = strangest(self.slate, subject, day, &bits);
        (!steps.is_empty()).then_some(Detail::Steps { steps })
    }

    /// The values of one dimension that are new as seen from the start of the
    /// review, over all its days.
    fn new_values(
        &self,
        dimension: Dimension,
        set: NewSet,
        days: &[ReadDay<'_>],
    ) -> Option<Detail> {
        let blocks: Vec<&Day> = days.iter().map(|day| day.day).collect();
        let subject = self.slate.subjects.get(self.subject)?;
        let as_of = self.slate.n_history;
        let n = super::review::marks_of_block(subject, &blocks)
            .iter()
            .filter(|mark| mark.dimension == dimension)
            .count();
        let mut values: Vec<NewValue> =
            new_marks(self.slate, self.peers, self.subject, &blocks, as_of)
                .into_iter()
                .filter(|(mark, _)| mark.dimension == dimension)
                .filter(|(_, kind)| set != NewSet::Foreign || *kind != NoveltyType::Peer)
                .map(|(mark, kind)| self.new_value(subject, dimension, mark.value, kind))
                .collect();
        if values.is_empty() {
            return None;
        }
        let k = number(values.len());
        if dimension == Dimension::Tactic {
            values = self.longest(values);
        }
        values.sort_by_key(|v| {
            (
                std::cmp::Reverse(v.kind),
                !v.is_sensitive,
                v.n_others,
                v.value,
            )
        });
        Some(Detail::NewValues {
            dimension,
            set,
            k,
            n: number(n),
            usual_share: self.habit.rate(dimension, self.rates),
            values,
        })
    }

    /// Orders of tactics without those that another one holds.
    fn longest(&self, values: Vec<NewValue>) -> Vec<NewValue> {
        let text = |value: &NewValue| self.slate.value(value.value).to_owned();
        let all: Vec<String> = values.iter().map(text).collect();
        let is_part = |own: &str| {
            let mut others = all.iter().filter(|other| other.len() > own.len());
            others.any(|other| other.starts_with(own) || other.ends_with(own))
        };
        let mut values = values;
        values.retain(|value| !is_part(self.slate.value(value.value)));
        values
    }

    fn new_value(
        &self,
        subject: &Subject,
        dimension: Dimension,
        value: u32,
        kind: NoveltyType,
    ) -> NewValue {
        let as_of = self.slate.n_history;
        let users = self
            .slate
            .other_users(self.subject, dimension, value, as_of);
        let before: Vec<usize> = users
            .filter(|(_, first)| *first < as_of)
            .map(|(user, _)| user)
            .collect();
        let n_peers = before
            .iter()
            .filter(|user| self.peers.contains(user))
            .count();
        NewValue {
            value,
            kind,
            n_peers: number(n_peers),
            n_others: number(before.len()),
            is_sensitive: dimension == Dimension::Action && subject.sensitive.contains(&value),
        }
    }

    fn overall(&self, days: &[ReadDay<'_>]) -> Option<Detail> {
        let blocks: Vec<&Day> = days.iter().map(|day| day.day).collect();
        let subject = self.slate.subjects.get(self.subject)?;
        let n = super::review::marks_of_block(subject, &blocks)
            .iter()
            .filter(|mark| mark.dimension.is_counted())
            .count();
        let k = new_marks(
            self.slate,
            self.peers,
            self.subject,
            &blocks,
            self.slate.n_history,
        )
        .iter()
        .filter(|(mark, _)| mark.dimension.is_counted())
        .count();
        (k > 0).then(|| Detail::NewOverall {
            k: number(k),
            n: number(n),
            usual_share: self.habit.overall_rate(self.rates),
        })
    }

    fn hours(&self, subject: &Subject, day: &Day) -> Option<Detail> {
        let others = others_of(self.slate, subject, day.ordinal);
        let outside = batch_window(&others).map_or(0, |inside| day.amounts.hours & !inside);
        let near = |hour: usize| {
            let wanted = [hour, (hour + 1) % 24, (hour + 23) % 24];
            let hits = others
                .iter()
                .filter(|other| wanted.iter().any(|h| other.amounts.hours >> h & 1 == 1));
            number(hits.count())
        };
        let mut hours: Vec<(u8, u32)> = hours_in(day.amounts.hours)
            .map(|hour| (u8::try_from(hour).unwrap_or_default(), near(hour)))
            .collect();
        hours.sort_by_key(|(hour, n_days)| (*n_days, *hour));
        let n_days = number(others.len());
        let rarest = hours.first()?.1;
        if outside == 0 && rarest.saturating_mul(4) > n_days {
            // Surprising in sum, but no hour of it is unusual by itself.
            return None;
        }
        hours.retain(|(hour, n_days)| {
            *n_days <= rarest.saturating_mul(2) || outside >> hour & 1 == 1
        });
        Some(Detail::Hours { hours, n_days })
    }

    fn amount(
        &self,
        subject: &Subject,
        day: &Day,
        amount: fn(&super::subject::Amounts) -> u64,
    ) -> Detail {
        let mut past: Vec<u64> = others_of(self.slate, subject, day.ordinal)
            .iter()
            .map(|other| amount(&other.amounts))
            .collect();
        past.sort_unstable();
        let peers_max = self
            .peers
            .iter()
            .filter_map(|peer| self.slate.subjects.get(*peer))
            .flat_map(|peer| peer.history())
            .map(|d| amount(&d.amounts))
            .max();
        Detail::Amount {
            x: amount(&day.amounts),
            n_windows: number(past.len()),
            median: past.get(past.len() / 2).copied().unwrap_or_default(),
            max: past.last().copied().unwrap_or_default(),
            peers_max,
        }
    }

    fn share(
        &self,
        subject: &Subject,
        day: &Day,
        of: impl Fn(&Subject, &Day) -> (u32, u32),
    ) -> Detail {
        let (k, n) = of(subject, day);
        let others = others_of(self.slate, subject, day.ordinal);
        let (dk, dn) = decayed_share(others.iter().map(|other| of(subject, other)));
        Detail::Share {
            k,
            n,
            usual_share: share_rate(dk, dn, 0.01),
        }
    }
}

/// The most unusual day, the earliest of equal ones.
pub(super) fn strongest_day<'d, 's>(days: &'d [ReadDay<'s>]) -> Option<&'d ReadDay<'s>> {
    days.iter().min_by(|a, b| {
        a.reading
            .p_final
            .total_cmp(&b.reading.p_final)
            .then(a.day.ordinal.cmp(&b.day.ordinal))
    })
}

/// Whether a deviation is beyond doubt by itself. How far beyond says little:
/// the bits of a family count up to [`CAP_FAMILY`] only.
fn is_plain(deviation: &Deviation) -> bool {
    deviation.bits >= PLAIN_BITS && deviation.share >= MIN_SHARE
}

/// How much a family tells a person, among those that are beyond doubt: what
/// was done where comes before how much of it.
fn telling(family: Family, is_plain: bool) -> u8 {
    match family {
        _ if !is_plain => 0,
        Family::From => 6,
        Family::What | Family::Relation | Family::Sensitive => 5,
        Family::Target => 4,
        Family::Failure | Family::Extra | Family::Credential | Family::Sequence => 3,
        Family::Hour => 2,
        Family::Breadth => 1,
        Family::Volume | Family::Novelty | Family::Fraction => 0,
    }
}

/// Whether a statistic tells something its family's leading one does not.
fn is_own_story(statistic: Statistic) -> bool {
    !matches!(
        statistic,
        Statistic::New(Dimension::Service | Dimension::Area, _)
            | Statistic::Novelty
            | Statistic::Fraction
    )
}

fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
