//! The ordinary changes: an analyst's day is lost to these.
//!
//! Each is told of somebody in the named cast. In a larger organisation it
//! happens to others in the same week, too, and it has happened before: no
//! review is the first time anything ever happened.

mod feed;
mod machines;
mod people;
mod recur;
mod upgrades;

use anyhow::Result;

use super::stage::Stage;
use super::{LabelKind, Scenario};
use feed::{missing_day, twice};
use machines::{
    burst, deploy_day, fleet, key_rotation, microservice, migrates, month_end, quarter_end,
    renamed, shared, storm,
};
use people::{adopts, creates, holiday, moved, new_hire, on_call, travel, tries_once, vpn};
use upgrades::{browsers, command_lines, libraries};

/// A quiet scenario.
const fn quiet(
    code: &'static str,
    title: &'static str,
    what: &'static str,
    direct: fn(&mut Stage<'_>) -> Result<()>,
) -> Scenario {
    Scenario {
        code,
        title,
        what,
        kind: LabelKind::Quiet,
        cast: &[],
        direct,
    }
}

/// In the order of their codes.
pub(super) const SCENARIOS: &[Scenario] = &[
    quiet(
        "S23",
        "Bursty batch",
        "The report batch runs hundreds of jobs instead of five, as it does now and then.",
        burst,
    ),
    quiet(
        "S24",
        "Shared account",
        "Many networks and clients share one key, as always.",
        shared,
    ),
    quiet(
        "Q01",
        "A new service tried once",
        "A data engineer looks at SageMaker once.",
        tries_once,
    ),
    quiet(
        "Q02",
        "A team adopts a service",
        "The developers of payments start to use Step Functions in the same week.",
        adopts,
    ),
    quiet(
        "Q03",
        "A new microservice",
        "The orders team creates a bucket and a secret, and its services begin to use them.",
        microservice,
    ),
    quiet(
        "Q04",
        "Deploy day",
        "The mobile pipeline runs many times on release day, as in earlier fortnights.",
        deploy_day,
    ),
    quiet(
        "Q05",
        "Month-end batch",
        "The close runs at length in the middle and at the end of the month.",
        month_end,
    ),
    quiet(
        "Q06",
        "On-call night",
        "An engineer is called at night, as in earlier on-call weeks.",
        on_call,
    ),
    quiet(
        "Q07",
        "Travel",
        "A developer who travels now and then works two days from a hotel.",
        travel,
    ),
    quiet(
        "Q08",
        "Home moved",
        "A developer works from a new home.",
        moved,
    ),
    quiet(
        "Q09",
        "Shared VPN egress",
        "Somebody who never did uses the VPN that others use every day.",
        vpn,
    ),
    quiet(
        "Q10",
        "Browser upgrade",
        "A new browser version rolls through.",
        browsers,
    ),
    quiet(
        "Q11",
        "Access key rotation",
        "A key is replaced by a new one of the same user.",
        key_rotation,
    ),
    quiet(
        "Q12",
        "Instances replaced",
        "A fleet is replaced: new instances, new role sessions.",
        fleet,
    ),
    quiet(
        "Q13",
        "New hire",
        "A developer starts on the first day of the review.",
        new_hire,
    ),
    quiet(
        "Q14",
        "Error storm",
        "An expired key policy refuses several services for half a day.",
        storm,
    ),
    quiet("Q15", "Holiday", "An engineer is away all week.", holiday),
    quiet(
        "Q16",
        "Delivered twice",
        "All CloudTrail files of one account and day come twice.",
        twice,
    ),
    quiet(
        "Q17",
        "Missing day",
        "The Vault log of one day is missing.",
        missing_day,
    ),
    quiet(
        "Q18",
        "A bucket and a role created",
        "An administrator makes a bucket and a role for a new purpose, as now and then before.",
        creates,
    ),
    quiet(
        "Q19",
        "Quarter-end batch",
        "The invoices of the quarter go out: twelve times as many as on other days.",
        quarter_end,
    ),
    quiet(
        "Q20",
        "Command line upgrade",
        "A new version of the command line rolls through.",
        command_lines,
    ),
    quiet(
        "Q21",
        "Library upgrade",
        "Functions are built again with a new version of their library.",
        libraries,
    ),
    quiet(
        "Q22",
        "Renamed role",
        "A role is made anew under another name and does what the old one did.",
        renamed,
    ),
    quiet(
        "Q23",
        "Region migration",
        "A service moves to another region.",
        migrates,
    ),
];
