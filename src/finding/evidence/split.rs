//! Sentences about sessions and credentials that were in two places.

use super::{Told, cited};
use crate::event::Timestamp;
use crate::finding::case::Case;
use crate::finding::wording::{self, count, counted};
use crate::ledger::{Dimension, Use, is_split, short_hash, value_hash};
use crate::model::Deviation;

/// Sessions used from two networks in turns, or one after the other where
/// credentials do not travel.
pub(super) fn tell(case: &Case<'_>, deviation: &Deviation, (k, n): (u32, u32)) -> Option<Told> {
    let cell = case.cell(deviation.ordinal)?;
    let all = cell.streams()?.uses();
    let several = all
        .chunk_by(|a, b| a.credential == b.credential)
        .filter(|networks| networks.len() > 1);
    // In turns tells more than one after the other.
    let networks = several.max_by_key(|networks| is_split(networks))?;
    let places: Vec<String> = networks.iter().map(|one| place(case, one)).collect();
    let how = if is_split(networks) {
        "in turns"
    } else {
        "one after the other"
    };
    let (before_split, before) = earlier(case);
    let of_before = match before {
        0 => "no earlier session to compare with".to_owned(),
        n => format!(
            "{} of {} earlier did so, over {}",
            count(before_split),
            counted(n, "session", "sessions"),
            case.active()
        ),
    };
    let observed = format!(
        "{} of {} used from several networks",
        count(k),
        counted(n, "session", "sessions")
    );
    Some(Told {
        sentence: format!(
            "{observed}: one from {} {how}; {of_before}",
            wording::list(&places)
        ),
        observed,
        typical: of_before,
        novelty: None,
        values: places,
        cited: cited::of_networks(case, deviation.ordinal, &names(case, networks)),
    })
}

/// Sessions of the history that strayed, and all of them.
fn earlier(case: &Case<'_>) -> (u32, u32) {
    let days = case.subject.history().iter();
    let strayed = days.map(|day| case.subject.strayed(day));
    strayed.fold((0, 0), |(k, n), (day_k, day_n): (u32, u32)| {
        (k.saturating_add(day_k), n.saturating_add(day_n))
    })
}

/// `network 203.0.113.0/24 (10:02–10:40)`.
fn place(case: &Case<'_>, one: &Use) -> String {
    let name = names(case, std::slice::from_ref(one));
    let name = name.first().map_or_else(
        || "another network".to_owned(),
        |name| format!("network {}", wording::value(name)),
    );
    format!("{name} ({}–{} UTC)", clock(one.first), clock(one.last))
}

fn clock(second: u32) -> String {
    let time = Timestamp::from_seconds(second.into())
        .seconds()
        .rem_euclid(86_400);
    format!("{:02}:{:02}", time / 3_600, time % 3_600 / 60)
}

/// The names of the networks of some uses, as far as they are known.
fn names<'a>(case: &Case<'a>, uses: &[Use]) -> Vec<&'a str> {
    let strings = case.background.review.strings();
    let atoms = case.present.iter().flat_map(|account| account.atoms.iter());
    let networks = atoms.filter(|atom| atom.dimension == Dimension::Network);
    let is_meant = |name: &&str| {
        let hash = short_hash(value_hash(name));
        uses.iter().any(|one| one.network == hash)
    };
    networks
        .map(|atom| strings.text(atom.value))
        .filter(is_meant)
        .collect()
}
