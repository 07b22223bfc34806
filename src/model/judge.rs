//! From readings to a judgement of each identity, and their order.

use super::explain::{Explainer, ReadDay, strongest_day};
use super::past::Past;
use super::reading::Reading;
use super::review::{self, Block, DayBits, Term};
use super::slate::Slate;
use super::subject::Day;
use super::verdict;
use super::whole::{Whole, day_bits};
use super::{
    Abstention, Channel, DayScore, Family, IdentityScore, Judgement, Parameters, ReviewScore,
    Severity, Verdict,
};
use crate::ledger::Dimension;
use crate::stats::combine::{benjamini_hochberg, days_p, review_p, severity_level};
use crate::stats::novelty::NoveltyType;

/// Identities with fewer usable windows are listed below the ranking.
const MIN_USABLE: usize = 3;

/// Everything a judgement is made from.
pub(super) struct Judge<'s> {
    pub(super) slate: &'s Slate,
    pub(super) peers: &'s [Vec<usize>],
    pub(super) shared_keys: &'s [Option<Box<str>>],
    pub(super) parameters: &'s Parameters,
    pub(super) past: &'s Past,
    pub(super) shared: &'s [bool],
    pub(super) whole: &'s Whole,
}

impl Judge<'_> {
    /// Judges one identity by its review's readings.
    pub(super) fn identity(&self, subject: usize, readings: &[(usize, Reading)]) -> IdentityScore {
        let is_shared = self.shared.get(subject).copied().unwrap_or_default();
        let own = self.slate.subjects.get(subject);
        let days = self.read_days(subject, readings);
        let n_usable = self.past.windows_of(subject).len();
        let mut identity = IdentityScore {
            subject,
            judgement: Judgement::Abstained(Abstention::NoHistory),
            n_usable: u32::try_from(n_usable).unwrap_or(u32::MAX),
            verdicts: verdict::of(self.slate, self.past, subject, is_shared),
            days: days.iter().map(day_score).collect(),
            deviations: Vec::new(),
            peers: self.peers.get(subject).cloned().unwrap_or_default(),
            peer_key: self.shared_keys.get(subject).cloned().flatten(),
            together: None,
        };
        if own.is_none_or(|own| own.history().is_empty()) && identity.peers.is_empty() {
            return identity;
        }
        if is_shared && own.is_some_and(verdict::is_a_crowd) {
            identity.judgement = Judgement::Abstained(Abstention::Shared);
            return identity;
        }
        let terms = self.terms(subject, &days, is_shared);
        let score = self.review_score(subject, &days, &terms, &identity);
        identity.deviations = self
            .explainer(subject)
            .map_or_else(Vec::new, |e| e.deviations(&days, &terms, score.channel));
        identity.judgement = if n_usable < MIN_USABLE {
            Judgement::Thin(score)
        } else {
            Judgement::Ranked(score)
        };
        identity
    }

    pub(super) fn read_days<'d>(
        &'d self,
        subject: usize,
        readings: &'d [(usize, Reading)],
    ) -> Vec<ReadDay<'d>> {
        let own = self.slate.subjects.get(subject);
        let days = readings.iter().filter_map(|(at, reading)| {
            Some(ReadDay {
                day: own?.days.get(*at)?,
                reading,
            })
        });
        days.collect()
    }

    /// Scores another version of a review that was judged as `own`; also the
    /// scored days, and the family that leads.
    pub(super) fn another(
        &self,
        own: &IdentityScore,
        readings: &[(usize, Reading)],
    ) -> (ReviewScore, Vec<DayScore>, Option<Family>) {
        let days = self.read_days(own.subject, readings);
        let is_shared = self.shared.get(own.subject).copied().unwrap_or_default();
        let terms = self.terms(own.subject, &days, is_shared);
        let score = self.review_score(own.subject, &days, &terms, own);
        let explainer = self.explainer(own.subject);
        let shares = explainer.map(|e| e.shares(&days, &terms, score.channel));
        let leading = shares
            .into_iter()
            .flatten()
            .filter(|(_, share)| *share > 0.0);
        let leading = leading.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
        let days = days.iter().map(day_score).collect();
        (score, days, leading.map(|(family, _)| family))
    }

    pub(super) fn terms(&self, subject: usize, days: &[ReadDay<'_>], is_shared: bool) -> Vec<Term> {
        let (Some(own), Some(rates), Some(habit)) = (
            self.slate.subjects.get(subject),
            self.past.rates.get(subject),
            self.past.habits.get(subject),
        ) else {
            return Vec::new();
        };
        let block = Block {
            subject,
            own,
            days: days.iter().map(|day| day.day).collect(),
            as_of: self.slate.n_history,
            habit,
        };
        let bits: Vec<DayBits> = days
            .iter()
            .map(|day| day_bits(self.parameters, day.reading))
            .collect();
        let peers = self
            .peers
            .get(subject)
            .map(Vec::as_slice)
            .unwrap_or_default();
        review::terms(
            self.parameters,
            self.slate,
            peers,
            rates,
            &block,
            &bits,
            self.whole.has_networks && !is_shared,
        )
    }

    fn review_score(
        &self,
        subject: usize,
        days: &[ReadDay<'_>],
        terms: &[Term],
        identity: &IdentityScore,
    ) -> ReviewScore {
        let ps: Vec<f64> = days.iter().map(|day| day.reading.p_final).collect();
        let p_days = days_p(&ps);
        let score = review::score(terms);
        let p_whole = self.whole_of(subject);
        let p_whole = p_whole.and_then(|whole| whole.p(subject, score));
        let p_review = review_p(p_days, p_whole);
        let channel = if p_whole.is_some_and(|p| p < p_days) {
            Channel::Review
        } else {
            strongest_channel(days)
        };
        let blocks: Vec<&Day> = days.iter().map(|day| day.day).collect();
        ReviewScore {
            p_review,
            p_days,
            p_whole,
            score,
            terms: terms
                .iter()
                .map(|term| (term.name, term.weight * term.bits))
                .collect(),
            q_value: 1.0,
            channel,
            severity: self.severity(&blocks, p_review, identity),
        }
    }

    /// What ranks the review of `subject` as a whole: nothing does that of a
    /// newcomer, since pseudo-reviews are of those whose habits are known.
    pub(super) fn whole_of(&self, subject: usize) -> Option<&Whole> {
        (!self.past.is_newcomer(subject)).then_some(self.whole)
    }

    /// How severe the review of an identity is at a p-value of `p`.
    pub(super) fn severity_at(&self, identity: &IdentityScore, p: f64) -> Severity {
        let own = self.slate.subjects.get(identity.subject);
        let days: Vec<&Day> = own.map_or_else(Vec::new, |own| own.review().iter().collect());
        self.severity(&days, p, identity)
    }

    fn severity(&self, days: &[&Day], p: f64, identity: &IdentityScore) -> Severity {
        let subject = identity.subject;
        let peers = self
            .peers
            .get(subject)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let mut new = review::new_marks(self.slate, peers, subject, days, self.slate.n_history);
        new.retain(|(mark, _)| mark.dimension.is_counted());
        let n_peer = new
            .iter()
            .filter(|(_, kind)| *kind == NoveltyType::Peer)
            .count();
        let sensitive = self.slate.subjects.get(subject).map(|own| &own.sensitive);
        let is_sensitive = new.iter().any(|(mark, kind)| {
            *kind != NoveltyType::Peer
                && mark.dimension == Dimension::Action
                && sensitive.is_some_and(|values| values.contains(&mark.value))
        });
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let level = severity_level(
            p,
            identity.n_usable,
            is_sensitive,
            count(new.len()),
            count(n_peer),
        );
        let capped = identity
            .verdicts
            .iter()
            .any(|v| matches!(v, Verdict::New | Verdict::Thin | Verdict::Shared));
        Severity::from_level(level).min(if capped {
            Severity::Medium
        } else {
            Severity::Critical
        })
    }

    pub(super) fn explainer(&self, subject: usize) -> Option<Explainer<'_>> {
        Some(Explainer {
            slate: self.slate,
            parameters: self.parameters,
            peers: self.peers.get(subject)?,
            subject,
            habit: self.past.habits.get(subject)?,
            rates: self.past.rates.get(subject)?,
            class_steps: &self.past.class_steps,
        })
    }
}

fn day_score(day: &ReadDay<'_>) -> DayScore {
    DayScore {
        ordinal: day.day.ordinal,
        p: day.reading.p_final,
        n_events: day.day.amounts.n_events,
        scores: day.reading.scores,
        p_channels: day.reading.p_channels,
        families: day.reading.families.clone(),
    }
}

/// The most unusual channel of the most unusual day. Beyond what its pool can
/// support, channels do not differ; then one that adds families up tells more
/// than the largest of them.
fn strongest_channel(days: &[ReadDay<'_>]) -> Channel {
    let channels = [Channel::Takeover, Channel::Fragment, Channel::Burst];
    let of_day = |day: &ReadDay<'_>| {
        let least = day.reading.p_final / 3.0;
        let supported = |p: f64| p.max(least);
        let ps = day.reading.p_channels.into_iter().zip(channels);
        let strongest = ps.min_by(|(p, channel), (other_p, other)| {
            let is_lone = |channel: &Channel| *channel == Channel::Burst;
            supported(*p)
                .total_cmp(&supported(*other_p))
                .then(is_lone(channel).cmp(&is_lone(other)))
                .then(p.total_cmp(other_p))
        });
        strongest.map(|(_, channel)| channel)
    };
    let strongest = strongest_day(days).and_then(of_day);
    strongest.unwrap_or(Channel::Takeover)
}

/// Thin identities take the place of one whose p-value is this many times
/// theirs: their first days are held against those of others, and nothing of
/// their own bears it out. Placing them behind everybody hid the takeovers of
/// new identities, and those are what an intruder creates; without a discount
/// they came before takeovers of identities whose habits are known.
const THIN_DISCOUNT: f64 = 10.0;

/// Orders identities for the report and fills in their q-values: by p, thin
/// ones by a larger one, then review score, then key; those without a p-value
/// come last.
pub(super) fn rank(identities: &mut [IdentityScore]) {
    let place = |identity: &IdentityScore| match &identity.judgement {
        Judgement::Ranked(review) => (review.p_review, review.score),
        Judgement::Thin(review) => (THIN_DISCOUNT * review.p_review, review.score),
        Judgement::Abstained(_) => (f64::INFINITY, 0.0),
    };
    identities.sort_by(|a, b| {
        let ((p, score), (other_p, other_score)) = (place(a), place(b));
        p.total_cmp(&other_p)
            .then(other_score.total_cmp(&score))
            .then(a.subject.cmp(&b.subject))
    });
    let ps: Vec<f64> = identities
        .iter()
        .filter_map(|i| i.judgement.review())
        .map(|r| r.p_review)
        .collect();
    let qs = benjamini_hochberg(&ps);
    let scored = identities
        .iter_mut()
        .filter_map(|identity| match &mut identity.judgement {
            Judgement::Ranked(score) | Judgement::Thin(score) => Some(score),
            Judgement::Abstained(_) => None,
        });
    for (score, q) in scored.zip(qs) {
        score.q_value = q;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::subject::Amounts;
    use crate::stats::combine::final_p;

    fn strongest(ps: [f64; 3]) -> Channel {
        let day = Day {
            ordinal: 0,
            atoms: Vec::new(),
            amounts: Amounts::default(),
        };
        let reading = Reading {
            p_channels: ps,
            p_final: final_p(ps, 1_000),
            ..Reading::default()
        };
        strongest_channel(&[ReadDay {
            day: &day,
            reading: &reading,
        }])
    }

    #[test]
    fn what_no_pool_supports_decides_nothing() {
        // 1 in 10,000 is the least: 1 in 30,000 for each channel.
        assert_eq!(strongest([0.1, 1e-3, 1e-4]), Channel::Burst);
        assert_eq!(strongest([0.1, 1e-3, 1e-9]), Channel::Burst);
        assert_eq!(strongest([0.1, 1e-6, 1e-9]), Channel::Fragment);
        assert_eq!(strongest([1e-5, 1e-6, 1e-9]), Channel::Fragment);
        assert_eq!(strongest([1e-5, 1e-3, 1e-3]), Channel::Takeover);
    }

    fn placed(
        subject: usize,
        judgement: impl Fn(ReviewScore) -> Judgement,
        p: f64,
    ) -> IdentityScore {
        IdentityScore {
            subject,
            judgement: judgement(ReviewScore {
                p_review: p,
                p_days: p,
                p_whole: None,
                score: 0.0,
                terms: Vec::new(),
                q_value: 1.0,
                channel: Channel::Takeover,
                severity: Severity::None,
            }),
            n_usable: 0,
            verdicts: Vec::new(),
            days: Vec::new(),
            deviations: Vec::new(),
            peers: Vec::new(),
            peer_key: None,
            together: None,
        }
    }

    #[test]
    fn thin_identity_is_placed_where_its_p_value_would_be_ten_times_as_large() {
        let abstained = |_| Judgement::Abstained(Abstention::NoHistory);
        let mut identities = [
            placed(0, abstained, 1.0),
            placed(1, Judgement::Ranked, 1.0),
            placed(2, Judgement::Thin, 0.5),
            placed(3, Judgement::Thin, 1e-3),
            placed(4, Judgement::Ranked, 5e-3),
            placed(5, Judgement::Thin, 1e-4),
        ];
        rank(&mut identities);
        let order: Vec<usize> = identities.iter().map(|i| i.subject).collect();
        assert_eq!(order, [5, 4, 3, 1, 2, 0]);
        // Its p-value stays what it is, and so do the q-values.
        let least = identities[0].judgement.review();
        let (p, q) = least.map(|r| (r.p_review, r.q_value)).unwrap_or_default();
        assert!(
            (p - 1e-4).abs() < 1e-12 && (q - 5e-4).abs() < 1e-12,
            "{p} {q}"
        );
    }
}
