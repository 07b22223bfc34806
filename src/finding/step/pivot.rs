//! Pivots: commands that follow a finding's identity and network over all
//! products, and that ask the raw logs who else did what leads it.

use super::{MICROS_PER_DAY, inputs, source_of, who};
use crate::event::{Source, Timestamp};
use crate::finding::Evidence;
use crate::finding::case::Case;
use crate::finding::shell::word;

/// What is asked of the raw records of a product: where a value of a dimension
/// is, and who is named.
struct Pivot {
    source: Source,
    dimension: &'static str,
    field: &'static str,
    who: &'static str,
}

const PIVOTS: &[Pivot] = &[
    Pivot {
        source: Source::CloudTrail,
        dimension: "network",
        field: ".sourceIPAddress?",
        who: ".userIdentity.arn",
    },
    Pivot {
        source: Source::CloudTrail,
        dimension: "action",
        field: ".eventName?",
        who: ".userIdentity.arn",
    },
    Pivot {
        source: Source::Okta,
        dimension: "network",
        field: ".client?.ipAddress?",
        who: ".actor.alternateId",
    },
    Pivot {
        source: Source::Okta,
        dimension: "action",
        field: ".eventType?",
        who: ".actor.alternateId",
    },
    Pivot {
        source: Source::Vault,
        dimension: "network",
        field: ".request?.remote_address?",
        who: ".auth.display_name",
    },
];

/// The command that lists everything that the identity did in the review, and
/// what of it is new.
pub(super) fn on_identity(case: &Case<'_>) -> Option<String> {
    let who = who(case)?;
    Some(format!(
        "habitual pivot --identity={who}{}",
        in_review(case)
    ))
}

/// The command that lists everything that came from the network that the
/// evidence holds.
pub(super) fn on_network(case: &Case<'_>, evidence: &[Evidence]) -> Option<String> {
    let lead = evidence.iter().find(|e| e.dimension == "network")?;
    let network = word(lead.values.first()?.as_raw())?;
    Some(format!("habitual pivot --ip={network}{}", in_review(case)))
}

/// The times of the review, and the inputs. The end need not be told where it
/// is that of the data.
fn in_review(case: &Case<'_>) -> String {
    let review = case.background.windows.1;
    let mut flags = vec![("--from", review.start)];
    if !case.background.are_windows_default {
        flags.push(("--to", review.end));
    }
    let flags: String = flags
        .into_iter()
        .filter(|(_, time)| time.plausible().is_some())
        .map(|(flag, time)| format!(" {flag} {}", time_word(time)))
        .collect();
    format!("{flags} {}", inputs(case))
}

/// A date where it is midnight.
fn time_word(time: Timestamp) -> String {
    if time.micros().rem_euclid(MICROS_PER_DAY) == 0 {
        time.date()
    } else {
        time.rfc3339()
    }
}

/// The command that counts, over everything that was read from the product,
/// who used the network or action that the evidence leads with. Whoever reads
/// it sees each caller with a number of records.
pub(super) fn who_else(case: &Case<'_>, evidence: &[Evidence]) -> Option<String> {
    let lead = evidence
        .iter()
        .find(|e| matches!(e.dimension, "network" | "action"))?;
    let value = lead.values.first()?.as_raw();
    let (path, _) = lead.records.first()?.as_raw().rsplit_once(':')?;
    let files = case.background.files;
    let file = files.iter().find(|f| f.path.as_raw() == path)?;
    let source = source_of(case, file)?;
    let pivot = PIVOTS
        .iter()
        .find(|p| p.source == source && p.dimension == lead.dimension)?;
    let start = match lead.dimension {
        "network" => addresses(value)?,
        _ => value.rsplit(':').next()?.to_owned(),
    };
    let start = serde_json::to_string(&start).ok()?;
    let filter = format!(
        "..|select({}|strings|startswith({start})){}",
        pivot.field, pivot.who
    );
    let folder = input_of(case, path).filter(|folder| !folder.starts_with('-'))?;
    Some(format!(
        "gzip -cdfr {} | jq -r {} | sort | uniq -c",
        word(folder)?,
        word(&filter)?
    ))
}

/// What every address of a network begins with, as it is written:
/// `192.0.2.` of `192.0.2.0/24`.
fn addresses(network: &str) -> Option<String> {
    let v4 = network.strip_suffix(".0/24").map(|net| format!("{net}."));
    v4.or_else(|| Some(format!("{}:", network.strip_suffix("::/48")?)))
}

/// The input, as it was given, that a file was found in.
pub(super) fn input_of<'a>(case: &Case<'a>, path: &str) -> Option<&'a str> {
    let inputs = case.background.inputs.iter().map(String::as_str);
    let holds = |input: &&str| {
        let rest = path.strip_prefix(input.trim_end_matches('/'));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    inputs.filter(holds).max_by_key(|input| input.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_found_by_what_their_addresses_begin_with() {
        assert_eq!(addresses("192.0.2.0/24").as_deref(), Some("192.0.2."));
        assert_eq!(
            addresses("2001:db8:bad::/48").as_deref(),
            Some("2001:db8:bad:")
        );
        assert_eq!(addresses("AS65551"), None);
        assert_eq!(addresses("10.1.0.0/16"), None);
        assert_eq!(addresses("vpce-1"), None);
    }
}
