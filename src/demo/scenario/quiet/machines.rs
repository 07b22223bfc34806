//! Ordinary changes of machines.

use anyhow::Result;

use super::recur::{self, Recurring, Turn, first_free, recurs};
use crate::demo::act::{Habit, Product};
use crate::demo::cast::{Member, Rhythm, Sort};
use crate::demo::change::Change;
use crate::demo::ids;
use crate::demo::scenario::Stage;

/// Services whose policies expire.
const GUARDED: [&str; 8] = [
    "kms",
    "secretsmanager",
    "sqs",
    "dynamodb",
    "s3",
    "glue",
    "athena",
    "ecr",
];
/// Days from one quarter's end to the next.
const QUARTER: u32 = 91;

pub(super) fn burst(stage: &mut Stage<'_>) -> Result<()> {
    let history = stage.calendar.review().start;
    for day in (4..history).step_by(7) {
        stage.spell("report-batch", day..day + 1, Change::Busier(4000))?;
    }
    let days = stage.review_days(3, 4);
    stage.spell("report-batch", days, Change::Busier(4000))?;
    let story = Recurring {
        common: 1,
        befalls: |member| {
            matches!(member.rhythm, Rhythm::Window { .. }) && member.sort != Sort::Vendor
        },
        with_cast: false,
        change: |stage, turn| busier_every(stage, turn, 5, 3000),
    };
    recurs(stage, &story)
}

/// Much more is done on the day of `turn`, and was on days before, so many days
/// apart, give or take.
fn busier_every(stage: &mut Stage<'_>, turn: &Turn, apart: u32, percent: u32) -> Result<()> {
    let mut day = turn.day;
    loop {
        recur::spell(stage, turn.who, day..day + 1, Change::Busier(percent));
        let gap = apart + stage.rng.below(apart / 4 + 1);
        match day.checked_sub(gap) {
            Some(earlier) => day = earlier,
            None => return Ok(()),
        }
    }
}

pub(super) fn shared(stage: &mut Stage<'_>) -> Result<()> {
    let days = stage.review_days(0, 7);
    stage.spell("shared-analytics", days, Change::Noted)
}

pub(super) fn microservice(stage: &mut Stage<'_>) -> Result<()> {
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
        let change = Change::Also {
            habit,
            per_mille: 700,
        };
        stage.spell(name, days, change)?;
    }
    let story = Recurring {
        common: 1,
        befalls: |member| matches!(member.sort, Sort::Ecs | Sort::Irsa | Sort::Lambda),
        with_cast: false,
        // It goes on for good, whether it began in the history or the review.
        change: |stage, turn| {
            let week = stage.calendar.date(turn.day).format("%y%m%d");
            for line in [
                format!("1 secretsmanager:GetSecretValue {{project}}/prod/new{week}"),
                format!("1 s3:PutObject {{project}}-new{week}/{{date}}/eu/{{n}}.json"),
            ] {
                let change = Change::Also {
                    habit: Habit::parse(&line)?,
                    per_mille: 700,
                };
                let days = turn.day..stage.calendar.days;
                recur::spell(stage, turn.who, days, change);
            }
            Ok(())
        },
    };
    recurs(stage, &story)
}

pub(super) fn deploy_day(stage: &mut Stage<'_>) -> Result<()> {
    for days in [25, 11] {
        let day = stage.before(days);
        stage.spell("ci-mobile-deploy", day..day + 1, Change::Busier(500))?;
    }
    let days = stage.review_days(3, 4);
    stage.spell("ci-mobile-deploy", days, Change::Busier(500))?;
    let story = Recurring {
        common: 1,
        befalls: |member| member.sort == Sort::Ci,
        with_cast: false,
        change: |stage, turn| busier_every(stage, turn, 14, 500),
    };
    recurs(stage, &story)
}

pub(super) fn month_end(stage: &mut Stage<'_>) -> Result<()> {
    let days = stage.review_days(6, 7);
    stage.spell("billing-close", days, Change::Noted)?;
    let story = Recurring {
        common: 1,
        befalls: |member| matches!(member.rhythm, Rhythm::Monthly { .. }),
        with_cast: false,
        change: |stage, turn| {
            if !turn.is_past {
                let days = stage.review_days(6, 7);
                recur::spell(stage, turn.who, days, Change::Noted);
            }
            Ok(())
        },
    };
    recurs(stage, &story)
}

pub(super) fn quarter_end(stage: &mut Stage<'_>) -> Result<()> {
    let days = stage.review_days(5, 7);
    for quarter in (0..=days.start / QUARTER).rev() {
        let start = days.start - quarter * QUARTER;
        stage.spell("svc-invoice-mail", start..start + 2, Change::Busier(1200))?;
    }
    let story = Recurring {
        common: 1,
        befalls: |member| matches!(member.sort, Sort::Irsa | Sort::User),
        with_cast: false,
        change: |stage, turn| {
            if turn.is_past {
                return Ok(());
            }
            busier_every(stage, turn, QUARTER, 800)
        },
    };
    recurs(stage, &story)
}

pub(super) fn key_rotation(stage: &mut Stage<'_>) -> Result<()> {
    let days = stage.review_days(1, 7);
    stage.spell("svc-invoice-mail", days, Change::Credential(1))?;
    let story = Recurring {
        common: 1,
        befalls: |member| member.sort == Sort::User,
        with_cast: false,
        change: another_credential,
    };
    recurs(stage, &story)
}

/// Another key, or a role made anew, from the day of `turn` on.
fn another_credential(stage: &mut Stage<'_>, turn: &Turn) -> Result<()> {
    let generation = 1 + turn.day;
    let days = turn.lasting(stage);
    recur::spell(stage, turn.who, days, Change::Credential(generation));
    Ok(())
}

pub(super) fn renamed(stage: &mut Stage<'_>) -> Result<()> {
    let role = first_free(stage, &["backup-job", "notify-api"]);
    let days = stage.review_days(2, 7);
    stage.spell(role, days, Change::Credential(2))?;
    let story = Recurring {
        common: 1,
        befalls: |member| matches!(member.sort, Sort::Irsa | Sort::Ecs),
        with_cast: false,
        change: another_credential,
    };
    recurs(stage, &story)
}

pub(super) fn migrates(stage: &mut Stage<'_>) -> Result<()> {
    let service = first_free(stage, &["thumbnailer", "notify-api", "search-indexer"]);
    let days = stage.review_days(1, 7);
    stage.spell(service, days, Change::Region("eu-central-1".into()))?;
    let story = Recurring {
        common: 1,
        befalls: |member| {
            let is_service = matches!(member.sort, Sort::Irsa | Sort::Ecs | Sort::Ec2);
            is_service && &*member.region != "eu-central-1"
        },
        with_cast: false,
        change: |stage, turn| {
            let days = turn.lasting(stage);
            let change = Change::Region("eu-central-1".into());
            recur::spell(stage, turn.who, days, change);
            Ok(())
        },
    };
    recurs(stage, &story)
}

pub(super) fn fleet(stage: &mut Stage<'_>) -> Result<()> {
    let earlier = stage.before(17)..stage.review(2);
    stage.spell("search-indexer", earlier, Change::Fleet(1))?;
    let days = stage.review_days(2, 7);
    stage.spell("search-indexer", days, Change::Fleet(2))?;
    let story = Recurring {
        common: 1,
        befalls: |member| member.sort == Sort::Ec2,
        with_cast: true,
        change: |stage, turn| {
            let days = turn.lasting(stage);
            let generation = ids::mix(u64::from(turn.day));
            recur::spell(stage, turn.who, days, Change::Fleet(generation));
            Ok(())
        },
    };
    recurs(stage, &story)
}

pub(super) fn storm(stage: &mut Stage<'_>) -> Result<()> {
    for name in ["payments-api", "orders-api", "notify-api"] {
        let days = stage.review_days(2, 3);
        let change = Change::Refused {
            service: "kms",
            hours: 6..18,
        };
        stage.spell(name, days, change)?;
    }
    let story = Recurring {
        common: 1,
        befalls: |member| member.desk.is_none() && guarded(member).is_some(),
        with_cast: true,
        change: |stage, turn| {
            let member = stage.organisation.members.get(turn.who);
            if let Some(service) = member.and_then(guarded) {
                let first = stage.rng.between(0, 14);
                let change = Change::Refused {
                    service,
                    hours: first..first + 9,
                };
                let days = turn.some_days(stage, 1);
                recur::spell(stage, turn.who, days, change);
            }
            Ok(())
        },
    };
    recurs(stage, &story)
}

/// A service that `member` needs and whose policy may expire.
fn guarded(member: &Member) -> Option<&'static str> {
    let used = |service: &&str| {
        let is_it =
            |habit: &Habit| habit.deed.product == Product::Aws && habit.deed.service == **service;
        member.menu.iter().any(is_it)
    };
    GUARDED.into_iter().find(used)
}
