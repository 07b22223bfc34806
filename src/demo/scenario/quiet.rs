//! The ordinary changes: an analyst's day is lost to these.

use anyhow::Result;

use super::stage::{Fault, Stage};
use super::{LabelKind, Scenario};
use crate::demo::act::Habit;
use crate::demo::cast::Member;
use crate::demo::change::Change;

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
        upgrade,
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
];

fn burst(stage: &mut Stage<'_>) -> Result<()> {
    let history = stage.calendar.review().start;
    for day in (4..history).step_by(7) {
        stage.spell("report-batch", day..day + 1, Change::Busier(4000))?;
    }
    let days = stage.review_days(3, 4);
    stage.spell("report-batch", days, Change::Busier(4000))
}

fn shared(stage: &mut Stage<'_>) -> Result<()> {
    let days = stage.review_days(0, 7);
    stage.spell("shared-analytics", days, Change::Noted)
}

fn tries_once(stage: &mut Stage<'_>) -> Result<()> {
    let day = stage.review(2);
    let mut scene = stage.scene("farah.aziz", day, "10:40")?;
    scene.does("sagemaker:ListNotebookInstances")?;
    scene.does("sagemaker:ListModels")
}

fn adopts(stage: &mut Stage<'_>) -> Result<()> {
    let team = [
        "alice.berg",
        "bjorn.lie",
        "dana.novak",
        "emil.strand",
        "chen.wei",
    ];
    let habits = [
        "1 states:StartExecution refunds-flow|chargeback-flow",
        "1 states:DescribeExecution refunds-flow|chargeback-flow",
    ];
    for name in team {
        for habit in habits {
            let habit = Habit::parse(habit)?;
            let days = stage.review_days(1, 5);
            stage.spell(
                name,
                days,
                Change::Also {
                    habit,
                    per_mille: 500,
                },
            )?;
        }
    }
    Ok(())
}

fn microservice(stage: &mut Stage<'_>) -> Result<()> {
    let day = stage.review(1);
    let mut scene = stage.scene("ci-orders-deploy", day, "12:10")?;
    scene.does("s3:CreateBucket returns-documents")?;
    scene.does("secretsmanager:CreateSecret returns/prod/db")?;
    scene.does("ecs:CreateService returns-api")?;
    for (name, habit) in [
        (
            "orders-api",
            "1 secretsmanager:GetSecretValue returns/prod/db",
        ),
        (
            "orders-api",
            "1 s3:PutObject returns-documents/{date}/eu/{n}.pdf",
        ),
        (
            "karin.moe",
            "1 s3:GetObject returns-documents/{date}/eu/{n}.pdf",
        ),
    ] {
        let habit = Habit::parse(habit)?;
        let days = stage.review_days(1, 7);
        stage.spell(
            name,
            days,
            Change::Also {
                habit,
                per_mille: 700,
            },
        )?;
    }
    Ok(())
}

fn deploy_day(stage: &mut Stage<'_>) -> Result<()> {
    for days in [25, 11] {
        let day = stage.before(days);
        stage.spell("ci-mobile-deploy", day..day + 1, Change::Busier(500))?;
    }
    let days = stage.review_days(3, 4);
    stage.spell("ci-mobile-deploy", days, Change::Busier(500))
}

fn month_end(stage: &mut Stage<'_>) -> Result<()> {
    let days = stage.review_days(6, 7);
    stage.spell("billing-close", days, Change::Noted)
}

fn on_call(stage: &mut Stage<'_>) -> Result<()> {
    for days in [33, 31, 30, 18, 16, 15] {
        let day = stage.before(days);
        stage.spell("ingrid.dahl", day..day + 1, Change::Night)?;
    }
    for day in [1, 3] {
        let days = stage.review_days(day, day + 1);
        stage.spell("ingrid.dahl", days, Change::Night)?;
    }
    Ok(())
}

fn travel(stage: &mut Stage<'_>) -> Result<()> {
    let lisbon = stage.organisation.place("hotel-lisbon")?;
    let tokyo = stage.organisation.place("hotel-tokyo")?;
    let before = stage.before(27)..stage.before(24);
    stage.spell("liam.oneill", before, Change::Place(lisbon))?;
    let days = stage.review_days(1, 3);
    stage.spell("liam.oneill", days, Change::Place(tokyo))
}

fn moved(stage: &mut Stage<'_>) -> Result<()> {
    let flat = stage.organisation.place("new-flat")?;
    let days = stage.review_days(2, 7);
    stage.spell("ivan.petrov", days, Change::Place(flat))
}

fn vpn(stage: &mut Stage<'_>) -> Result<()> {
    let vpn = stage.organisation.place("vpn")?;
    for name in ["jonas.vik", "omar.diallo"] {
        let days = stage.review_days(2, 4);
        stage.spell(name, days, Change::Place(vpn))?;
    }
    Ok(())
}

fn upgrade(stage: &mut Stage<'_>) -> Result<()> {
    let staggered = [
        ("chen.wei", 0),
        ("petra.lund", 1),
        ("karin.moe", 2),
        ("gustav.holm", 3),
        ("hana.sato", 1),
    ];
    for (name, from) in staggered {
        let days = stage.review_days(from, 7);
        let change = Change::Agent {
            from: "chrome".into(),
            to: "chrome-next".into(),
        };
        stage.spell(name, days, change)?;
    }
    Ok(())
}

fn key_rotation(stage: &mut Stage<'_>) -> Result<()> {
    let days = stage.review_days(1, 7);
    stage.spell("svc-invoice-mail", days, Change::Credential(1))
}

fn fleet(stage: &mut Stage<'_>) -> Result<()> {
    let earlier = stage.before(17)..stage.review(2);
    stage.spell("search-indexer", earlier, Change::Fleet(1))?;
    let days = stage.review_days(2, 7);
    stage.spell("search-indexer", days, Change::Fleet(2))
}

fn new_hire(stage: &mut Stage<'_>) -> Result<()> {
    let before = 0..stage.review(0);
    stage.spell("rosa.blanco", before, Change::Away)?;
    let days = stage.review_days(0, 7);
    stage.spell("rosa.blanco", days, Change::Noted)
}

fn storm(stage: &mut Stage<'_>) -> Result<()> {
    for name in ["payments-api", "orders-api", "notify-api"] {
        let days = stage.review_days(2, 3);
        let change = Change::Refused {
            service: "kms",
            hours: 6..18,
        };
        stage.spell(name, days, change)?;
    }
    Ok(())
}

fn holiday(stage: &mut Stage<'_>) -> Result<()> {
    let days = stage.review_days(0, 7);
    stage.spell("quinn.aas", days.clone(), Change::Away)?;
    stage.absent("quinn.aas", days, Member::aws_key)
}

fn twice(stage: &mut Stage<'_>) -> Result<()> {
    let days = stage.review_days(0, 1);
    stage.faults.push(Fault::Twice {
        account: "444455556666",
        day: days.start,
    });
    stage.spell("search-indexer", days, Change::Noted)
}

fn missing_day(stage: &mut Stage<'_>) -> Result<()> {
    let days = stage.review_days(5, 6);
    stage.faults.push(Fault::NoVaultLog(days.start));
    stage.absent("checkout", days.clone(), Member::vault_key)?;
    stage.absent("search-api", days, Member::vault_key)
}
