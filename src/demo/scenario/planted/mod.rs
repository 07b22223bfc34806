//! The takeovers.

mod campaign;
mod origin;
mod privilege;
mod reach;
mod volume;

use anyhow::Result;

use super::stage::Stage;
use super::{LabelKind, Scenario};

/// A planted scenario, about these members of the cast.
const fn plant(
    code: &'static str,
    title: &'static str,
    what: &'static str,
    cast: &'static [&'static str],
    direct: fn(&mut Stage<'_>) -> Result<()>,
) -> Scenario {
    Scenario {
        code,
        title,
        what,
        kind: LabelKind::Planted,
        cast,
        direct,
    }
}

/// In the order of their codes.
pub(super) const SCENARIOS: &[Scenario] = &[
    plant(
        "S01",
        "CI role used from a workstation",
        "The deployment role of payments is used by hand, from a home network, with the command line and the console.",
        &["ci-payments-deploy"],
        origin::workstation,
    ),
    plant(
        "S02",
        "Access key leaves its routine",
        "The key of the old order system stops doing sts, s3, sqs and reads secrets, tables and users in a burst.",
        &["svc-legacy-orders"],
        reach::off_routine,
    ),
    plant(
        "S03",
        "Batch bot at odd hours in a new region",
        "The nightly job runs in the afternoon, in ap-south-1.",
        &["nightly-etl"],
        origin::odd_hours,
    ),
    plant(
        "S04",
        "AI agent forms new relations",
        "The order planner takes on roles, calls agents and functions and looks up entities it never dealt with; the helpdesk agent obtains tokens for new applications and resets passwords.",
        &["agent-order-planner", "agent-helpdesk"],
        reach::relations,
    ),
    plant(
        "S05",
        "Build role downloads artefacts in bulk",
        "The build role of the shared libraries pulls images, packages, repositories and builds of all teams.",
        &["ci-artifacts-build"],
        volume::artefacts,
    ),
    plant(
        "S06",
        "AI agent uses tools outside its chain",
        "The support assistant, which calls a model, its knowledge base and one function, looks at roles, instances and secrets.",
        &["agent-support-assistant"],
        reach::outside_its_chain,
    ),
    plant(
        "S07",
        "Approval without a release",
        "The release bot approves a production stage that it did not start, and replaces code.",
        &["release-bot"],
        privilege::approves,
    ),
    plant(
        "S08",
        "Secrets outside its project",
        "The secrets synchronizer of payments reads secrets of payroll and finance.",
        &["secrets-sync"],
        reach::other_project,
    ),
    plant(
        "S09",
        "Privileged actions retried after denials",
        "The reporting service tries to extend its own permissions until it succeeds.",
        &["reporting-api"],
        privilege::retries,
    ),
    plant(
        "S10",
        "CI role reads secrets from a new runner",
        "The deployment role of the web site reads secrets of all teams, from a runner in another network.",
        &["ci-web-deploy"],
        origin::new_runner,
    ),
    plant(
        "S11",
        "AI agent retrieves, exports and shares",
        "The insights agent exports tables, copies data and shares it with an account outside.",
        &["agent-insights"],
        campaign::exfiltrates,
    ),
    plant(
        "S12",
        "Narrow database account enumerates",
        "The database maintenance role lists buckets, secrets, roles and Vault paths.",
        &["db-maintenance"],
        reach::enumerates,
    ),
    plant(
        "S13",
        "Third party far above its volume",
        "The cost vendor's role makes many times its usual number of calls on two days.",
        &["vendor-cloudcost"],
        volume::above_contract,
    ),
    plant(
        "S14",
        "Routine reads become bulk secret retrieval",
        "The billing worker reads scores of different secrets within an hour.",
        &["billing-worker"],
        volume::bulk_secrets,
    ),
    plant(
        "S15",
        "AI agent's token calls unfamiliar endpoints",
        "The session of the reviewing agent, still at work, lists runtimes, tables, accounts, parameters and keys.",
        &["agent-code-review"],
        reach::unfamiliar_endpoints,
    ),
    plant(
        "S16",
        "Consent to an application, then AWS",
        "A seller grants consent to an unknown application; soon after it is used, and her account enters AWS and Vault.",
        &["sara.lind"],
        campaign::consents,
    ),
    plant(
        "S17",
        "CI role moves on",
        "The infrastructure role, from its usual runner, takes on many roles, opens their trust, runs commands on instances and creates keys.",
        &["ci-infra-deploy"],
        privilege::moves_on,
    ),
    plant(
        "S18",
        "API key from a new region",
        "The warehouse key is used from another continent, in eu-north-1.",
        &["svc-warehouse-sync"],
        origin::new_region,
    ),
    plant(
        "S19",
        "Privileged session creates access paths",
        "An administrator's session creates a user, a key, an identity provider and wide trust.",
        &["marco.rossi"],
        privilege::access_paths,
    ),
    plant(
        "S20",
        "One session from two networks",
        "A developer's session is used from a foreign network while the developer works on.",
        &["tomas.eide"],
        origin::two_networks,
    ),
    plant(
        "S21",
        "Unusual chain of privileges",
        "A deployment role becomes the auditor and then the administrator on duty; a broker's token creates a token that creates a token.",
        &[
            "ci-search-deploy",
            "config-auditor",
            "ops-admin",
            "deploy-broker",
        ],
        privilege::chain,
    ),
    plant(
        "S22",
        "Dormant key awakens",
        "A key idle for weeks is used again, from a rented server.",
        &["svc-old-report"],
        campaign::awakens,
    ),
    plant(
        "S25",
        "Mimicry inside the range",
        "A data engineer's access is used from the usual place with the usual client, a little more each day. Hard to find, and said to be.",
        &["ulf.brandt"],
        campaign::mimics,
    ),
    plant(
        "S26",
        "Log tampering",
        "The monitoring key stops the trail and deletes flow logs, and is silent afterwards.",
        &["svc-observability"],
        privilege::tampers,
    ),
    plant(
        "S27",
        "Account takeover of a person",
        "Pushes are refused until one is accepted; a new device is enrolled; AWS and Vault follow from the same new network, at night.",
        &["nadia.haug"],
        campaign::takeover,
    ),
];
