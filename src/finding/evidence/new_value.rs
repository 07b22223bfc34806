//! Sentences about values that an identity never used before.

use super::cited::{self, Cited};
use super::{SHOWN, Told, noun};
use crate::event::Period;
use crate::finding::Novelty;
use crate::finding::case::Case;
use crate::finding::wording::{self, count, counted, number};
use crate::ledger::Dimension;
use crate::model::subject::Mark;
use crate::model::{Detail, Deviation, NewValue};
use crate::stats::novelty::NoveltyType;

/// Why a value is known to peers although none had used it before.
const TOGETHER: &str = "but at least 3 peers began at the same time";
/// Usual values that are named.
const USUAL: usize = 3;

/// What a deviation says that is about new values of one dimension.
pub(super) fn tell(case: &Case<'_>, deviation: &Deviation) -> Option<Told> {
    let Detail::NewValues {
        dimension,
        k,
        n,
        usual_share,
        values,
        ..
    } = &deviation.detail
    else {
        return None;
    };
    let cited = match dimension {
        Dimension::Tactic => cited::of_tactics(case, deviation.ordinal, values),
        Dimension::Owner => cited::of_owners(case, values),
        Dimension::Sensitive => cited::of_values(case, Dimension::Action, values),
        _ => cited::of_values(case, *dimension, values),
    };
    let strongest = values.iter().map(|value| value.kind).max()?;
    let (sentence, observed) = match values.as_slice() {
        [only] => (
            of_one(case, *dimension, only, &cited),
            observed_one(case, *dimension, only),
        ),
        several => {
            let noun = noun::of(*dimension);
            (
                of_several(case, *dimension, several, (*k, *n), *usual_share),
                format!("{} of {} {} new", count(*k), count(*n), noun.many),
            )
        }
    };
    let texts = values
        .iter()
        .map(|v| case.slate().value(v.value).to_owned());
    Some(Told {
        observed,
        typical: typical(case, *dimension),
        sentence,
        novelty: Some(novelty(strongest)),
        values: texts.collect(),
        cited,
    })
}

/// What a deviation says that is about new values of any kind.
pub(super) fn overall(case: &Case<'_>, (k, n): (u32, u32), usual_share: f64, cited: Cited) -> Told {
    let usual = wording::about(usual_share);
    Told {
        observed: format!("{} of {} values new", count(k), count(n)),
        typical: format!("{usual} new"),
        sentence: format!(
            "{} of the {} distinct actions, resources, networks and the like in the review are \
             new to it after {}{}",
            count(k),
            count(n),
            case.active(),
            usually((k, n), usual_share)
        ),
        novelty: None,
        values: Vec::new(),
        cited,
    }
}

fn novelty(kind: NoveltyType) -> Novelty {
    match kind {
        NoveltyType::Peer => Novelty::Peer,
        NoveltyType::Lateral => Novelty::Lateral,
        NoveltyType::World => Novelty::World,
    }
}

fn observed_one(case: &Case<'_>, dimension: Dimension, new: &NewValue) -> String {
    let text = noun::value(case, dimension, case.slate().value(new.value));
    match dimension {
        // Their values name what they are.
        Dimension::Network => format!("new {text}"),
        Dimension::Access | Dimension::Error | Dimension::Edge | Dimension::Owner => {
            format!("new: {text}")
        }
        _ => format!("new {} {text}", noun::of(dimension).one),
    }
}

/// `from network 198.18.7.0/24 on 1 of 5 active days of the review (214 events);
/// never used by it on 44 active days before; 0 of 9 peers and 3 of 40 other
/// identities have used it`.
fn of_one(case: &Case<'_>, dimension: Dimension, new: &NewValue, cited: &Cited) -> String {
    let text = noun::value(case, dimension, case.slate().value(new.value));
    let meaning = meaning(case, new).map_or_else(String::new, |why| format!(" ({why})"));
    let used = review_days(case, dimension, new.value);
    let all = wording::active(number(case.subject.review().len()), case.slate().period);
    // Events are counted per value, so only for a value of the review alone.
    let events = match seen_before(case, dimension, new.value) {
        0 if dimension.is_counted() && cited.n_events > 0 => {
            format!(" ({})", counted(cited.n_events, "event", "events"))
        }
        _ => String::new(),
    };
    format!(
        "{}{text}{meaning} on {} of {all} of the review{events}; {}; {}",
        noun::opening(dimension),
        count(used),
        never(case, dimension, new.value),
        others(case, dimension, new),
    )
}

/// Why an action is sensitive, if it is.
fn meaning(case: &Case<'_>, new: &NewValue) -> Option<&'static str> {
    let action = case.slate().value(new.value);
    let acts = case
        .present?
        .cells
        .values()
        .flat_map(|cell| &cell.rare().sensitive);
    let strings = case.background.review.strings();
    let mut acts = acts.filter(|act| new.is_sensitive && strings.text(act.action) == action);
    acts.next()
        .map(|act| crate::finding::fact::meaning(act.kind))
}

/// Periods of the review that hold a value.
fn review_days(case: &Case<'_>, dimension: Dimension, value: u32) -> u32 {
    case.mark(dimension, value).map_or(0, |mark| {
        number(
            mark.days
                .iter()
                .filter(|at| case.slate().is_review(*at))
                .count(),
        )
    })
}

/// Periods of the history that hold a value.
fn history_days(case: &Case<'_>, mark: &Mark) -> u32 {
    number(
        mark.days
            .iter()
            .filter(|at| !case.slate().is_review(*at))
            .count(),
    )
}

/// History periods that hold a value. A value counts as new although there
/// are some if nothing was learned from them.
fn seen_before(case: &Case<'_>, dimension: Dimension, value: u32) -> u32 {
    let mark = case.mark(dimension, value);
    mark.map_or(0, |mark| history_days(case, mark))
}

fn never(case: &Case<'_>, dimension: Dimension, value: u32) -> String {
    let did = noun::did(dimension, case.slate().value(value));
    match seen_before(case, dimension, value) {
        0 if case.n_active() == 0 => "it is new itself, without a day of history".to_owned(),
        0 => format!("never {did} by it on {} before", case.active()),
        n => format!(
            "{did} by it before on only {} of {}, set aside as unusual",
            count(n),
            case.active()
        ),
    }
}

/// How many peers and others used a value before.
fn others(case: &Case<'_>, dimension: Dimension, new: &NewValue) -> String {
    let did = noun::did(dimension, case.slate().value(new.value));
    let who = |have: &str| case.who_else(new.n_peers, new.n_others, have);
    match new.kind {
        NoveltyType::World if case.n_others() > 0 => {
            let covered = case.background.covered();
            format!("nobody else {did} it: {}", who(&format!("in {covered}")))
        }
        NoveltyType::Peer if new.n_peers == 0 => {
            let before = who(&format!("had {did} it"));
            format!("{before}, {TOGETHER}")
        }
        NoveltyType::Peer => {
            let since = peers_since(case, dimension, new.value);
            let since = since.map_or_else(String::new, |day| format!(", the first peer on {day}"));
            format!("{}{since}", who(&format!("have {did} it")))
        }
        NoveltyType::World | NoveltyType::Lateral => who(&format!("have {did} it")),
    }
}

/// The first history period in which a peer used a value.
fn peers_since(case: &Case<'_>, dimension: Dimension, value: u32) -> Option<String> {
    let peers = case.score.peers.iter();
    let peers = peers.filter_map(|peer| case.slate().subjects.get(*peer));
    let firsts = peers.filter_map(|peer| {
        let key = (dimension, value);
        let at = peer
            .atoms
            .binary_search_by_key(&key, |m| (m.dimension, m.value));
        peer.atoms.get(at.ok()?)?.days.first_outside(&peer.hidden)
    });
    let first = firsts.min().filter(|at| !case.slate().is_review(*at))?;
    Some(case.background.label(first))
}

/// `4 of 6 networks are new to it (0 of 44 active days): A, B (0 of 9 peers, 0
/// of 40 other identities); C (0 of 9 peers, 3 of 40 other identities) and 1
/// more; usually about 2% are`.
fn of_several(
    case: &Case<'_>,
    dimension: Dimension,
    values: &[NewValue],
    (k, n): (u32, u32),
    usual_share: f64,
) -> String {
    let many = noun::of(dimension).many;
    let how_many = match (k == n, n) {
        (true, 2) => format!("both {many}"),
        (true, _) => format!("all {} {many}", count(n)),
        (false, _) => format!("{} of {} {many}", count(k), count(n)),
    };
    let seen = values.iter().map(|v| seen_before(case, dimension, v.value));
    let seen = match seen.max() {
        None | Some(0) if case.n_active() == 0 => "as it is new itself".to_owned(),
        None | Some(0) => format!("0 of {}", case.active()),
        Some(most) => format!(
            "at most {} of {}, set aside as unusual",
            count(most),
            case.active()
        ),
    };
    let shown = values.get(..SHOWN.min(values.len())).unwrap_or_default();
    let groups: Vec<String> = shown
        .chunk_by(|a, b| a.kind == b.kind)
        .map(|group| of_group(case, dimension, group))
        .collect();
    let more = match number(values.len().saturating_sub(SHOWN)) {
        0 => String::new(),
        n => format!(" and {} more", count(n)),
    };
    format!(
        "{how_many} are new to it ({seen}): {}{more}{}",
        groups.join("; "),
        usually((k, n), usual_share),
    )
}

/// `; usually about 2% are`, where that is fewer than now.
fn usually((k, n): (u32, u32), usual_share: f64) -> String {
    if f64::from(k) > usual_share * f64::from(n) {
        format!("; usually {} are", wording::about(usual_share))
    } else {
        String::new()
    }
}

/// Values of one kind of novelty, and who else used them.
fn of_group(case: &Case<'_>, dimension: Dimension, group: &[NewValue]) -> String {
    let texts: Vec<String> = group
        .chunk_by(|a, b| meaning(case, a) == meaning(case, b))
        .map(|alike| of_alike(case, dimension, alike))
        .collect();
    let most = |of: fn(&NewValue) -> u32| {
        let most = group.iter().map(of).max().unwrap_or_default();
        let is_same = group.iter().all(|new| of(new) == most);
        (if is_same { "" } else { "up to " }, most)
    };
    let (peers, others) = (most(|v| v.n_peers), most(|v| v.n_others));
    let parts = [
        case.of_peers(peers.1)
            .map(|text| format!("{}{text}", peers.0)),
        case.of_others(others.1)
            .map(|text| format!("{}{text}", others.0)),
    ];
    let is_together = group
        .iter()
        .all(|new| new.kind == NoveltyType::Peer && new.n_peers == 0);
    let together = is_together.then(|| TOGETHER.to_owned());
    let parts: Vec<String> = parts.into_iter().flatten().chain(together).collect();
    if parts.is_empty() {
        texts.join(", ")
    } else {
        format!("{} ({})", texts.join(", "), parts.join(", "))
    }
}

/// Values that mean the same, and what they mean if that is sensitive.
fn of_alike(case: &Case<'_>, dimension: Dimension, alike: &[NewValue]) -> String {
    let texts: Vec<String> = alike
        .iter()
        .map(|new| noun::value(case, dimension, case.slate().value(new.value)))
        .collect();
    let texts = texts.join(", ");
    match (
        alike.first().and_then(|new| meaning(case, new)),
        alike.len(),
    ) {
        (None, _) => texts,
        (Some(meaning), 1) => format!("{texts} [{meaning}]"),
        (Some(meaning), _) => format!("{texts} [each {meaning}]"),
    }
}

/// The values of a dimension that the identity uses most, with their days.
fn typical(case: &Case<'_>, dimension: Dimension) -> String {
    let marks = case
        .subject
        .atoms
        .iter()
        .filter(|m| m.dimension == dimension);
    let mut usual: Vec<(u32, &str)> = marks
        .map(|mark| (history_days(case, mark), case.slate().value(mark.value)))
        .filter(|(n, _)| *n > 0)
        .collect();
    usual.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
    let n_more = number(usual.len().saturating_sub(USUAL));
    let named: Vec<String> = usual
        .iter()
        .take(USUAL)
        .map(|(n, text)| {
            let text = noun::value(case, dimension, text);
            format!("{text} on {} of {}", count(*n), days_of(case))
        })
        .collect();
    match (named.is_empty(), n_more) {
        (true, _) => format!("no {} in {}", noun::of(dimension).one, case.active()),
        (false, 0) => named.join(", "),
        (false, n) => format!("{} and {} more", named.join(", "), count(n)),
    }
}

/// `44 days`.
fn days_of(case: &Case<'_>) -> String {
    let period: Period = case.slate().period;
    let one = wording::period(period);
    counted(case.n_active(), one, &format!("{one}s"))
}
