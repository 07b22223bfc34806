//! Recall: how much of what was planted is found, and how soon.

use std::collections::BTreeMap;

use super::outcome::{ALARM_RATES, BUDGETS, Recall, Scope, Share};
use super::record::{Own, Place, Records, Tried};
use super::rules::N_RULES;
use crate::event::Class;
use crate::model::Family;
use crate::model::plant::{Group, Kind};
use crate::stats::fit::n_allowed;

/// Recall of every kind that could be planted, over all classes and by class.
pub(super) fn by_kind(records: &Records) -> Vec<Recall> {
    let scopes = Kind::ATTACKS.map(Scope::Kind);
    let of = |scope: Scope, tried: &Tried| scope == Scope::Kind(tried.kind);
    let thresholds = Thresholds::of(&records.own);
    let mut recalls = Vec::new();
    for scope in scopes {
        recalls.extend(recall(records, &thresholds, scope, None, of));
        for class in Class::ALL {
            recalls.extend(recall(records, &thresholds, scope, Some(class), of));
        }
    }
    recalls
}

/// Recall of every group of kinds, over all classes.
pub(super) fn by_group(records: &Records) -> Vec<Recall> {
    let groups = [
        Group::Foreign,
        Group::Fragment,
        Group::Origin,
        Group::Amount,
        Group::Time,
    ];
    let of = |scope: Scope, tried: &Tried| scope == Scope::Group(tried.kind.group());
    let thresholds = Thresholds::of(&records.own);
    let recall = |group| recall(records, &thresholds, Scope::Group(group), None, of);
    groups.into_iter().filter_map(recall).collect()
}

/// What has to be exceeded for an alarm at each of the rates.
struct Thresholds {
    reviews: [Option<Place>; ALARM_RATES.len()],
    /// Of the periods, at the first rate.
    day: f64,
    rules: [f64; N_RULES],
}

impl Thresholds {
    /// From reviews in which nothing was planted: at most the share of them
    /// may be as unusual. Of fewer than 1/rate reviews, none.
    fn of(own: &[Own]) -> Self {
        let mut places: Vec<Place> = own.iter().map(|own| own.place).collect();
        places.sort_by(Place::order);
        let mut days: Vec<f64> = own
            .iter()
            .flat_map(|own| own.days.iter().copied())
            .collect();
        days.sort_by(f64::total_cmp);
        let [rate, _] = ALARM_RATES;
        let mut rules = [f64::NEG_INFINITY; N_RULES];
        for (at, threshold) in rules.iter_mut().enumerate() {
            let mut scores: Vec<f64> = own
                .iter()
                .filter_map(|own| own.rules.get(at).copied())
                .collect();
            scores.sort_by(|a, b| b.total_cmp(a));
            if let Some(score) = scores.get(n_allowed(rate, scores.len())) {
                *threshold = *score;
            }
        }
        Self {
            reviews: ALARM_RATES.map(|rate| places.get(n_allowed(rate, places.len())).copied()),
            day: days
                .get(n_allowed(rate, days.len()))
                .copied()
                .unwrap_or(0.0),
            rules,
        }
    }

    fn are_exceeded(&self, place: &Place) -> [bool; ALARM_RATES.len()] {
        let exceeds = |threshold: Option<Place>| threshold.is_some_and(|t| place.order(&t).is_lt());
        self.reviews.map(exceeds)
    }

    /// Whether a plant is found at the first rate.
    fn is_found(&self, tried: &Tried) -> bool {
        let [found, _] = self.are_exceeded(&tried.place);
        found
    }

    /// Active periods until a plant is found: on a planted period, or else when
    /// the review ends.
    fn delay(&self, tried: &Tried) -> u32 {
        let alarm = tried.days.iter().find(|(_, p)| *p < self.day);
        alarm.map_or(tried.n_until_end, |(since, _)| *since)
    }
}

fn recall(
    records: &Records,
    thresholds: &Thresholds,
    scope: Scope,
    class: Option<Class>,
    of: impl Fn(Scope, &Tried) -> bool,
) -> Option<Recall> {
    let is_asked = |tried: &&Tried| {
        let own = records.class_of(tried.who);
        of(scope, tried) && class.is_none_or(|class| own == Some(class))
    };
    let mut recall = Recall {
        scope,
        class,
        at_rates: [Share::default(); ALARM_RATES.len()],
        at_budgets: [Share::default(); BUDGETS.len()],
        by_rules: [Share::default(); N_RULES],
        median_delay: None,
        mean_rank: None,
        mean_ranked: None,
        leading: None,
    };
    let (mut delays, mut ranks, mut ranked) = (Vec::new(), Vec::new(), Vec::new());
    let mut leading: BTreeMap<Family, u64> = BTreeMap::new();
    for tried in records.tried.iter().filter(is_asked) {
        let found = thresholds.are_exceeded(&tried.place);
        add(&mut recall.at_rates, found);
        add(&mut recall.at_budgets, tried.is_finding);
        let rules = tried.rules.iter().zip(&thresholds.rules);
        for (share, (score, threshold)) in recall.by_rules.iter_mut().zip(rules) {
            share.add(score > threshold);
        }
        if thresholds.is_found(tried) {
            delays.push(f64::from(thresholds.delay(tried)));
        }
        ranks.push(number(tried.rank));
        ranked.push(number(tried.n_ranked));
        if let Some(family) = tried.leading {
            *leading.entry(family).or_default() += 1;
        }
    }
    let n = super::length(ranks.len());
    recall.median_delay = median(&mut delays);
    recall.mean_rank = mean(&ranks);
    recall.mean_ranked = mean(&ranked);
    recall.leading = leading
        .into_iter()
        .max_by(|a, b| a.1.cmp(&b.1).then(b.0.cmp(&a.0)))
        .map(|(family, k)| (family, Share { k, n }));
    (n > 0).then_some(recall)
}

fn add<const N: usize>(shares: &mut [Share; N], counts: [bool; N]) {
    for (share, counts) in shares.iter_mut().zip(counts) {
        share.add(counts);
    }
}

fn number(n: usize) -> f64 {
    u32::try_from(n).map_or(f64::from(u32::MAX), f64::from)
}

fn mean(xs: &[f64]) -> Option<f64> {
    (!xs.is_empty()).then(|| xs.iter().sum::<f64>() / number(xs.len()))
}

/// The middle one, or the mean of the two in the middle.
fn median(xs: &mut [f64]) -> Option<f64> {
    xs.sort_by(f64::total_cmp);
    let half = xs.len() / 2;
    let upper = *xs.get(half)?;
    if xs.len() % 2 == 1 {
        return Some(upper);
    }
    Some(f64::midpoint(*xs.get(half.checked_sub(1)?)?, upper))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_lies_in_the_middle() {
        assert_eq!(median(&mut []), None);
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&mut [4.0, 1.0, 2.0, 3.0]), Some(2.5));
    }
}
